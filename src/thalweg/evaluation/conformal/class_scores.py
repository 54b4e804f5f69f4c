"""Sets of classes: every class whose p-value is above α, each class with its own share of errors.

For a new row x and each class y,

    p_y(x) = (1 + Σₖ #{i held out from network k: yᵢ = y, p̂ₖ,y(xᵢ) ≤ p̂ₖ,y(x)}) / (n_y + 1),

where n_y rows of class y were held out, and p̂ₖ,y is the probability of y from network k. Each
network is compared with itself. (The mean of several networks is less extreme than each of them. If
it were compared with the scores of single networks, the sets would miss too many rows where classes
are nearly separable.) If each row was held out from r networks, each count has the mass 1/r, and
n_y remains the number of rows. One network gives split conformal prediction.

The set {y: p_y(x) > α} contains the true class of about 1 - α of the new rows *of each class*.
(Without the classes, one of ten rows may be positive, and most of the positive ones be missed.)
Only ranks count, so a monotone recalibration of a network changes no set.

Vovk 2015, "Cross-conformal predictors", Annals of Mathematics and Artificial Intelligence 74:9-28.
Vovk 2012, "Conditional validity of inductive conformal predictors", section 4 (Mondrian, by class).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.conformal.conformal_ranks import (
    alpha_of,
    fewest_rows,
    highest_level,
    rows_as_fraction,
)
from thalweg.evaluation.conformal.equal_masses import Floats, kept_values, mass_of, unit_weights
from thalweg.evaluation.conformal.group_draw import one_of_each_group
from thalweg.evaluation.conformal.residual_store import (
    held_out_unit,
    require_arrays,
    require_lists,
)
from thalweg.wording import counted, parameter

Sets = NDArray[np.bool_]
_OF_DRAWN = "whose drawn row is of"


@dataclass(frozen=True, eq=False)
class ClassScores:
    """The probabilities of their own class of held-out rows, sorted by network and class.

    Parameters
    ----------
    values : ndarray of float64
        Of the first network: the probabilities of the first class for its rows, ascending, then
        those of the second one, and so on. Then those of the second network, and so on.
    sizes : ndarray of int64, shape (n_networks, n_classes)
        How many of them each network and class has.
    n : ndarray of float64, shape (n_classes,)
        The held-out rows (or groups) of each class; Kish's effective number with weights that are
        not whole numbers.
    masses : ndarray of float64, shape (n_classes,)
        The predictions that each value of a class stands for: 1, or more if there are too many to
        keep. A prediction counts as 1 / ``repeats`` of a row.
    repeats : int, default 1
        How often all rows were divided into folds.
    """

    values: Floats
    sizes: NDArray[np.int64]
    n: Floats
    masses: Floats
    repeats: int = 1

    @property
    def n_networks(self) -> int:
        """The number of networks."""
        return len(self.sizes)

    @property
    def n_classes(self) -> int:
        """The number of classes."""
        return len(self.n)

    def lists(self) -> list[list[Floats]]:
        """The sorted probabilities of each network and class."""
        lists = np.split(self.values, np.cumsum(self.sizes)[:-1])
        return [lists[k : k + self.n_classes] for k in range(0, len(lists), self.n_classes)]

    def of_all_rows(self) -> list[Floats] | None:
        """For each class, the sorted scores of its rows, each once; None if some are not kept.

        With repeats, they are those of the first division into folds.
        """
        first = self.lists()[: self.n_networks // self.repeats]
        of_class = [np.sort(np.concatenate(lists)) for lists in zip(*first, strict=True)]
        whole = np.array([len(scores) for scores in of_class]) == self.n
        return of_class if whole.all() and (self.masses == 1).all() else None

    def p_values(self, probabilities: Floats) -> Floats:
        """The p-value of each class for each new row.

        Parameters
        ----------
        probabilities : ndarray of shape (n_networks, n_samples, n_classes)
            Of each network, in the order of the scores; (n_samples, n_classes) for one network.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            From 1 / (n_y + 1) to 1.
        """
        counts = self._counts(probabilities)
        rows = self.masses * counts / self.repeats
        return np.minimum(1.0, (1 + rows) / (self.n + 1))

    def sets(
        self,
        probabilities: Floats,
        confidence_level: float = 0.9,
        labels: Sequence[Label] | NDArray[np.generic] | None = None,
        *,
        grouped: bool = False,
        outside: str = "",
    ) -> Sets:
        """Which classes each new row may have.

        Parameters
        ----------
        probabilities : as in `p_values`
        confidence_level : float, default 0.9
            The share of rows of each class for which the set should contain it.
        labels : sequence of labels, optional
            For messages.
        grouped, outside : optional
            As for `refusal`.

        Returns
        -------
        ndarray of bool, shape (n_samples, n_classes)
            A row may be False throughout: each class is too improbable for it. That is about the
            probabilities alone, and not about how like the training rows the row is.

        Raises
        ------
        SettingsError
            If a class has too few held-out rows for this level; its name is in ``labels``.
        """
        counts = self._counts(probabilities)
        refused = self.refusal(confidence_level, labels, grouped=grouped, outside=outside)
        if refused is not None:
            raise refused
        return np.asarray(counts > self.least_counts(confidence_level))

    def least_counts(self, confidence_level: float) -> NDArray[np.int64]:
        """A class is in the set of a row if more values than this are not above its probability.

        Shape (n_classes,).
        """
        alpha, found = alpha_of(confidence_level), []
        # p > α compares fractions: the least count of rows at which it holds.
        for mass, n in zip(self.masses, self.n, strict=True):
            one = rows_as_fraction(mass) / self.repeats
            passed = (alpha * (rows_as_fraction(n) + 1) - 1) / one
            # count > passed, where count is whole
            found.append(passed.numerator // passed.denominator)
        return np.array(found, dtype=np.int64)

    def refusal(
        self,
        confidence_level: float,
        labels: Sequence[Label] | NDArray[np.generic] | None = None,
        *,
        name: str = "confidence_level",
        grouped: bool = False,
        outside: str = "",
    ) -> SettingsError | None:
        """Why there are no sets of this level: a class with too few rows; None if there are.

        Parameters
        ----------
        confidence_level, labels
            As for `sets`.
        name : str
            The parameter that the error names.
        grouped : bool, default False
            Whether one row of each group was drawn: then groups were counted.
        outside : str
            Of which rows the counted ones are, such as " outside one of the folds".
        """
        needed, rarest = fewest_rows(confidence_level), int(np.argmin(self.n))
        has = rows_as_fraction(self.n[rarest])
        if has >= needed:
            return None
        rare = f"class {rarest + 1}" if labels is None else f"class {labels[rarest]}"
        level = highest_level(min(self.n.tolist()))
        possible = f"give {parameter(name, level)} or less, or " if level else ""
        units = f"{counted(needed, held_out_unit(grouped))} {_OF_DRAWN if grouped else 'of'} {rare}"
        drawn = " (one row of each group is drawn)" if grouped else ""
        more = f"groups with rows of {rare}" if grouped else f"rows of {rare}"
        return SettingsError(
            f"{units} are needed for sets at {100 * confidence_level:g} %; there are "
            f"{round(float(has), 1):,g}{outside}{drawn}",
            why="With fewer, every set would contain this class, whatever the row is",
            fix=f"{possible}fit on a table with more {more}",
        )

    def as_arrays(self) -> dict[str, np.ndarray]:
        """The arrays for a file."""
        return {
            "scores": self.values,
            "sizes": self.sizes.reshape(-1),
            "rows": self.n,
            "masses": self.masses,
            "repeats": np.array([self.repeats], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "ClassScores":
        """Scores from the arrays of a file; a ValueError if they are not valid."""
        kinds = dict.fromkeys(("scores", "rows", "masses"), np.float64)
        require_arrays(arrays, {**kinds, "sizes": np.int64, "repeats": np.int64})
        values, sizes = arrays["scores"], arrays["sizes"]
        n, masses, repeats = arrays["rows"], arrays["masses"], arrays["repeats"]
        require_lists(values, sizes, ascending=True)
        if not (len(n) == len(masses) >= 2 and len(sizes) % len(n) == 0):
            raise ValueError("its scores are not those of two or more classes")
        if values[(values < 0) | (values > 1)].size:
            raise ValueError("a score is not from 0 to 1")
        if not ((n >= 0) & (masses >= 1e-6) & (masses <= 1e9)).all():
            raise ValueError("the rows or masses of its scores are not valid")
        sizes = sizes.reshape(-1, len(n))
        if len(repeats) != 1 or not 1 <= repeats[0] <= len(sizes):
            raise ValueError("the repeats of its scores are not those of its networks")
        if not (n * repeats[0] <= sizes.sum(axis=0) * masses * (1 + 1e-6)).all():
            raise ValueError("its scores do not stand for as many rows as they name")
        return cls(values, sizes, n, masses, int(repeats[0]))

    def _counts(self, probabilities: Floats) -> NDArray[np.intp]:
        """How many values of a class are not above the probability from the same network.

        Shape (n_samples, n_classes).
        """
        each = probabilities[np.newaxis] if probabilities.ndim == 2 else probabilities
        if each.ndim != 3 or (len(each), each.shape[2]) != self.sizes.shape:
            raise DataError(
                "The probabilities do not match the networks and classes",
                where=f"shape {probabilities.shape}, {counted(self.n_networks, 'network')}, "
                f"{self.n_classes} classes",
                fix="give those of each network, with one column for each class",
            )
        counts = np.zeros(each.shape[1:], dtype=np.intp)
        for of_network, new in zip(self.lists(), each, strict=True):
            for y, scores in enumerate(of_network):
                counts[:, y] += np.searchsorted(scores, new[:, y], side="right")
        return counts


def class_probabilities(answers: Answers) -> tuple[NDArray[np.intp], Floats]:
    """The class of each row as 0 … n_classes - 1, and a column of probabilities for each class."""
    codes = answers.truth.astype(np.intp)
    if answers.answer.ndim == 1:
        return codes, np.stack((1 - answers.answer, answers.answer), axis=1)
    return codes, answers.answer


def class_scores_of(answers: Answers, *, repeats: int = 1, seed: int = 0) -> ClassScores:
    """The scores of predictions for held-out rows.

    Parameters
    ----------
    answers : Answers
        Of two or more classes; ``folds`` and groups as in `residuals_of`. Without folds it is one
        model, or the mean of several. Rows with a NaN as probability are left out.
    repeats : int, default 1
        As in `residuals_of`.
    seed : int, default 0
        Of the draw from the groups.

    Returns
    -------
    ClassScores
        The same for every order of the rows. The columns are those of the answers; of two classes
        the negative one is first.
    """
    n_networks = 1 if answers.folds is None else int(answers.folds.max()) + 1
    known = ~np.isnan(answers.answer.reshape(len(answers), -1)).any(axis=1)
    found = one_of_each_group(answers.rows(known), seed, repeats=repeats)
    networks = np.zeros(len(found), dtype=np.intp) if found.folds is None else found.folds
    codes, probabilities = class_probabilities(found)
    n_classes = probabilities.shape[1]
    of_class, n, masses = [], np.zeros(n_classes), np.ones(n_classes)
    for y in range(n_classes):
        own = np.flatnonzero(codes == y)
        given = None if found.weights is None else found.weights[own]
        weights, total = unit_weights(given, len(own))
        n[y] = total / repeats
        if len(own):  # all networks share the room of one list
            masses[y] = mass_of(weights, np.zeros(len(own), dtype=np.intp), 1)
        scores, of_network = probabilities[own, y], networks[own]
        of_class.append([
            kept_values(scores[of_network == k], weights[of_network == k], masses[y])
            for k in range(n_networks)
        ])  # fmt: skip
    lists = [of_class[y][k] for k in range(n_networks) for y in range(n_classes)]
    sizes = np.array([len(each) for each in lists], dtype=np.int64).reshape(n_networks, n_classes)
    return ClassScores(np.concatenate(lists), sizes, n, masses, repeats)
