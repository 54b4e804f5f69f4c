"""Abstention: answer only where the model is sure enough, and the errors among the surest rows.

*Chow's rule.* Let an error cost 1 and no answer d. A row is answered if its expected error is not
above that: 1 - max p ≤ d, of two classes min(p, 1 - p) ≤ d. Chow 1970, "On optimum recognition
error and reject tradeoff", IEEE Transactions on Information Theory 16:41-46.

*Risk and coverage.* The risk at the coverage c is the share of errors among the surest share c of
the rows. Rows of equal sureness are in no order, so their errors are spread evenly over them. The
AURC is the area under this line (Geifman & El-Yaniv 2017, "Selective classification for deep neural
networks"; there its sum over the rows). Within G equally sure rows with E errors, after N rows with
e errors, the area is [E + (e - N E / G) ln((N + G) / N)] / n.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.decisions.decision_shapes import AbstentionData, RiskCoverageData
from thalweg.evaluation.decisions.operating_point import share_among, share_of
from thalweg.evaluation.dependent_rows import Codes, group_codes, rows_of_mean
from thalweg.evaluation.judging.intervals import Estimate, proportion
from thalweg.evaluation.judging.multiclass_metrics import checked_classes
from thalweg.evaluation.judging.two_class_metrics import checked_rows

# Points of the line that is drawn.
POINTS = 100

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Abstention:
    """Chow's rule on some rows.

    Parameters
    ----------
    price : float
        What no answer costs, if an error costs 1.
    how : str
        What kind of rows these are, as in `Answers`.
    n_samples, n_answered, n_wrong : int
        Rows, those that are answered, and of those the wrong ones.
    answered : Estimate
        The share of the rows that is answered, with Wilson's interval.
    wrong : Estimate
        The share of errors among them; NaN if none is answered.
    cost : float
        The cost of a row: 1 for each error, ``price`` for each without an answer.
    """

    price: float
    how: How
    n_samples: int
    n_answered: int
    n_wrong: int
    answered: Estimate
    wrong: Estimate
    cost: float

    def as_dict(self) -> AbstentionData:
        """The numbers as plain data for JSON."""
        return {
            "price": self.price,
            "how": self.how,
            "n_samples": self.n_samples,
            "n_answered": self.n_answered,
            "n_wrong": self.n_wrong,
            "answered": self.answered.as_dict(),
            "wrong": self.wrong.as_dict(),
            "cost": self.cost,
        }


@dataclass(frozen=True)
class RiskCoverage:
    """The share of errors among the surest rows.

    Parameters
    ----------
    how : str
        What kind of rows these are, as in `Answers`.
    n_samples : int
    coverage : tuple of float
        The shares of the rows that are answered: each ends after rows of equal sureness.
    risk : tuple of Estimate
        The share of errors among them, with Wilson's interval.
    aurc : float
        The area under the line of all rows.
    """

    how: How
    n_samples: int
    coverage: tuple[float, ...]
    risk: tuple[Estimate, ...]
    aurc: float

    def as_dict(self) -> RiskCoverageData:
        """The line as plain data for JSON."""
        return {
            "how": self.how,
            "n_samples": self.n_samples,
            "coverage": [*self.coverage],
            "risk": [each.as_dict() for each in self.risk],
            "aurc": self.aurc,
        }


def abstain(answers: Answers, price: float) -> Abstention:
    """Answer the rows whose expected error is not above the price of no answer.

    Parameters
    ----------
    answers : Answers
        Of two or more classes, with calibrated probabilities.
    price : float
        From 0 to 1: what no answer costs, if an error costs 1. From 0.5 on (of two classes) every
        row is answered.

    Returns
    -------
    Abstention

    Raises
    ------
    DataError
        If targets or probabilities are invalid.
    SettingsError
        If the price is not from 0 to 1.
    """
    if not 0 <= price <= 1:
        raise SettingsError(
            f"The price of no answer is {price}",
            why="It is measured in errors, and no answer costs no more than an error",
            fix="give a number from 0 to 1, such as 0.1: ten rows without an answer for one error",
        )
    doubt, wrong, weights, groups = _by_doubt(answers)
    return _answered(doubt <= price, wrong, (weights, groups), float(price), answers.how)


def doubt_of(probability: Floats) -> Floats:
    """The expected error of the most probable class: 1 - max p, of two classes min(p, 1 - p).

    Parameters
    ----------
    probability : ndarray of shape (n_samples, n_classes)

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    of_two = probability.shape[1] == 2
    doubt: Floats = probability.min(axis=1) if of_two else 1 - probability.max(axis=1)
    return doubt


def surest(answers: Answers, share: float) -> Abstention:
    """Answer the surest share of the rows; with it all rows that are as sure as the last one.

    Parameters
    ----------
    answers : Answers
        Of two or more classes.
    share : float
        Above 0, up to 1.

    Returns
    -------
    Abstention
        Its price is the expected error of the least sure row that is answered.
    """
    if not 0 < share <= 1:
        raise SettingsError(
            f"The share of answered rows is {share}", fix="give a number above 0, up to 1, as 0.8"
        )
    doubt, wrong, weights, groups = _by_doubt(answers)
    reached = np.cumsum(weights) >= share * weights.sum() * (1 - 1e-12)
    last = float(doubt[np.argmax(reached)])
    return _answered(doubt <= last, wrong, (weights, groups), last, answers.how)


def risk_coverage(answers: Answers) -> RiskCoverage:
    """The errors among the surest rows, for every share of rows.

    Parameters
    ----------
    answers : Answers
        Of two or more classes.

    Returns
    -------
    RiskCoverage
        The same for every order of the rows; at most 100 points.
    """
    doubt, wrong, weights, groups = _by_doubt(answers)
    ends = np.append(np.flatnonzero(np.diff(doubt)), len(doubt) - 1)
    covered, errors, squares = (
        np.cumsum(each)[ends] for each in (weights, weights * wrong, weights**2)
    )
    total = float(covered[-1])
    wanted = np.arange(1, POINTS + 1) / POINTS * total * (1 - 1e-12)
    drawn = np.unique(np.searchsorted(covered, wanted))
    # Kish's effective number of the covered rows.
    n = covered**2 / squares
    if groups is not None:
        for k in drawn:
            first = ends[k] + 1
            n[k] = rows_of_mean(wrong[:first], weights[:first], groups[:first])
    share = np.where(errors == covered, 1.0, errors / covered)
    return RiskCoverage(
        answers.how,
        len(doubt),
        tuple((covered[drawn] / total).tolist()),
        tuple(proportion(float(share[k] * n[k]), float(n[k])) for k in drawn),
        _area(covered, errors),
    )


def _area(covered: Floats, errors: Floats) -> float:
    """The AURC, from the rows and errors up to the end of each group of equally sure rows."""
    before, earlier = (np.concatenate([[0.0], each[:-1]]) for each in (covered, errors))
    group, wrong = covered - before, errors - earlier
    with np.errstate(divide="ignore"):
        logs = np.where(before > 0, np.log1p(group / np.where(before > 0, before, 1.0)), 0.0)
    areas = wrong + (earlier - before * wrong / group) * logs
    return float(np.sum(areas) / covered[-1])


def _by_doubt(answers: Answers) -> tuple[Floats, NDArray[np.bool_], Floats, Codes | None]:
    """The expected error, whether it is wrong, weight and group of each row; surest first."""
    if answers.answer.ndim == 1:
        truth, p = checked_rows(answers.truth, answers.answer)
        doubt, wrong = np.minimum(p, 1 - p), (p > 0.5) != truth
    else:
        codes, probability = checked_classes(answers.truth, answers.answer)
        if not len(codes):
            raise DataError("There is no row to evaluate", fix="pass at least one row")
        called = np.argmax(probability, axis=1)
        doubt, wrong = doubt_of(probability), called != codes
    weights = answers.counts() / answers.counts().max()
    groups = group_codes(answers.groups)
    order = np.lexsort((*(() if groups is None else (groups,)), weights, wrong, doubt))
    return doubt[order], wrong[order], weights[order], None if groups is None else groups[order]


def _answered(
    answered: NDArray[np.bool_],
    wrong: NDArray[np.bool_],
    marks: tuple[Floats, Codes | None],
    price: float,
    how: How,
) -> Abstention:
    shares = share_of(answered, *marks), share_among(answered, wrong, *marks)
    errors = 0.0 if np.isnan(shares[1].value) else shares[0].value * shares[1].value
    return Abstention(
        price,
        how,
        len(wrong),
        int(answered.sum()),
        int(wrong[answered].sum()),
        *shares,
        cost=errors + price * (1 - shares[0].value),
    )
