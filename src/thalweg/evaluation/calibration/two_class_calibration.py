"""The calibration of two classes, all parts of it, and which of them so many rows allow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.calibration.calibration_shapes import TwoClassCalibrationData
from thalweg.evaluation.calibration.probability_rows import ProbabilityRows, probability_rows
from thalweg.evaluation.calibration.reliability_curve import (
    Decomposition,
    ReliabilityCurve,
    reliability,
)
from thalweg.evaluation.calibration.smooth_calibration import (
    SmoothCalibration,
    smooth_calibration,
)
from thalweg.evaluation.calibration.weak_calibration import (
    WeakCalibration,
    large_scale,
    weak_calibration,
)
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount, whole_rows, words_of_two

# Rows of each class: fewer allow O/E alone; up to the second number, a caution is given.
# Van Calster et al. 2016, J Clin Epidemiol 74:167-176, ask for 200 for a flexible curve.
FEWEST, ENOUGH = 20, 100
_OF_GROUPS = (
    "The band of the curve, and what calibrated probabilities would show, take rows as "
    "independent; rows of one group are not, so they may show more."
)


@dataclass(frozen=True, eq=False)
class TwoClassCalibration:
    """How far probabilities of two classes agree with the truth.

    Parameters
    ----------
    how : str
        How the predictions came about, as in `Answers`.
    n_rows, n_positive, n_negative : float
        The (effective) numbers of rows.
    observed_by_expected : Estimate
        O/E, the number of positive rows by the sum of the probabilities.
    weak : WeakCalibration, optional
    curve : ReliabilityCurve, optional
    brier, log_loss : Decomposition, optional
    smooth : SmoothCalibration, optional
        None if the logits have no logistic regression, such as one with separated classes.
    refused : str, optional
        Why the parts above are None, and what to do.
    caution : str, optional
        What so few rows cannot show, and what rows that depend on each other do not show.
    """

    how: How
    n_rows: float
    n_positive: float
    n_negative: float
    observed_by_expected: Estimate
    weak: WeakCalibration | None = None
    curve: ReliabilityCurve | None = None
    brier: Decomposition | None = None
    log_loss: Decomposition | None = None
    smooth: SmoothCalibration | None = None
    refused: str | None = None
    caution: str | None = None

    def as_dict(self) -> TwoClassCalibrationData:
        """Plain data for JSON."""
        weak, curve, brier, log_loss, smooth = (
            self.weak, self.curve, self.brier, self.log_loss, self.smooth
        )  # fmt: skip
        return {
            "n_rows": self.n_rows,
            "n_positive": self.n_positive,
            "n_negative": self.n_negative,
            "observed_by_expected": self.observed_by_expected.as_dict(),
            "weak": None if weak is None else weak.as_dict(),
            "curve": None if curve is None else curve.as_dict(),
            "brier": None if brier is None else brier.as_dict(),
            "log_loss": None if log_loss is None else log_loss.as_dict(),
            "smooth": None if smooth is None else smooth.as_dict(),
            "refused": self.refused,
            "caution": self.caution,
        }


def two_class_calibration(
    answers: Answers, seed: int = 0, classes: Sequence[str] = ()
) -> TwoClassCalibration:
    """The calibration of probabilities of the positive class.

    Parameters
    ----------
    answers : Answers
        For two classes.
    seed : int, default 0
        Of the draws of calibrated predictions.
    classes : sequence of str, optional
        Their names in what is refused, the negative one first.

    Returns
    -------
    TwoClassCalibration
        The same for every order of the rows.
    """
    return of_rows(probability_rows(answers), answers.how, seed, classes)


def too_few(answers: Answers, classes: Sequence[str] = ()) -> str | None:
    """Why no test is made of these rows, if there are too few of a class; None if there are not."""
    rows = probability_rows(answers)
    said = f"{_both(rows, classes)} are too few: {FEWEST} of each are needed"
    return said if _are_too_few(rows) else None


def _are_too_few(rows: ProbabilityRows) -> bool:
    return min(rows.n_positive, rows.n_negative) < FEWEST


def of_rows(
    rows: ProbabilityRows, how: How, seed: int, classes: Sequence[str] = ()
) -> TwoClassCalibration:
    """The calibration of rows in order."""
    positive, negative = rows.n_positive, rows.n_negative
    ratio, both = large_scale(rows)[1], _both(rows, classes)
    if _are_too_few(rows):
        return TwoClassCalibration(how, rows.n, positive, negative, ratio, refused=_refusal(both))
    curve, brier, log_loss = reliability(rows, seed)
    found = TwoClassCalibration(
        how, rows.n, positive, negative, ratio, weak_calibration(rows), curve, brier, log_loss,
        smooth_calibration(rows, seed),
    )  # fmt: skip
    return with_reservations(found, classes)


def with_reservations(
    found: TwoClassCalibration, classes: Sequence[str] = ()
) -> TwoClassCalibration:
    """A calibration with the texts on rows that are too few, or that depend on each other.

    They follow from the numbers. Where rows depend on each other, the MCB has no p-value.

    Parameters
    ----------
    found : TwoClassCalibration
        Its own ``caution`` counts for nothing, and its ``refused`` only whether there is one.
    classes : sequence of str, optional
        Their names, the negative one first.
    """
    both = _both(found, classes)
    if found.refused is not None or found.brier is None:
        return replace(found, refused=_refusal(both), caution=None)
    few = [_caution(both)] if min(found.n_positive, found.n_negative) < ENOUGH else []
    dependent = [_OF_GROUPS] if math.isnan(found.brier.p_value) else []
    return replace(found, caution=" ".join(few + dependent) or None)


def _both(rows: ProbabilityRows | TwoClassCalibration, classes: Sequence[str]) -> str:
    """The rows of both classes, with their names."""
    negative, positive = words_of_two(classes)
    return f"{_rows(rows.n_positive)} {positive} and {_rows(rows.n_negative)} {negative} rows"


def _refusal(both: str) -> str:
    return (
        f"Of {both} only the ratio of observed to expected is given: slope and curve need "
        f"{FEWEST} of each. "
        "Fix: evaluate on more rows, such as all of the table by cross-validation."
    )


def _caution(both: str) -> str:
    return (
        f"Only gross miscalibration can be seen in {both}: {ENOUGH} of each are the least for "
        f"more, and {2 * ENOUGH} are usual."
    )


def _rows(n: float) -> str:
    """A number of rows; an effective one is rounded down, and named as such."""
    alike = "" if float(n).is_integer() else "effectively "
    return f"{alike}{amount(float(whole_rows(n)), 12)}"
