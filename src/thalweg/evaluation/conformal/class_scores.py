"""Sets of classes: every class whose p-value is above α, each class with its own share of errors.

For a new row x and each class y,

    p_y(x) = (1 + #{i: yᵢ = y, p̂_y(xᵢ) ≤ p̂_y(x)}) / (n_y + 1),

where the n_y rows of class y are held-out ones, and p̂_y is the predicted probability of y. The set
{y: p_y(x) > α} contains the true class of about 1 - α of the new rows *of each class*. (Without the
classes, one of ten rows may be positive, and most of the positive ones be missed.) Only ranks
count, so a monotone recalibration changes no set.

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
from thalweg.evaluation.conformal.residual_store import require_arrays, require_lists
from thalweg.wording import counted, parameter

Sets = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ClassScores:
    """The probabilities of their own class of held-out rows, sorted within each class.

    Parameters
    ----------
    values : ndarray of float64
        The probabilities of the first class for its rows, ascending, then those of the second one,
        and so on.
    sizes : ndarray of int64, shape (n_classes,)
        How many of them each class has.
    n : ndarray of float64, shape (n_classes,)
        The held-out rows (or groups) of each class; Kish's effective number with weights that are
        not whole numbers.
    masses : ndarray of float64, shape (n_classes,)
        The rows that each value of a class stands for: 1, or more if there are too many to keep.
    """

    values: Floats
    sizes: NDArray[np.int64]
    n: Floats
    masses: Floats

    @property
    def n_classes(self) -> int:
        """The number of classes."""
        return len(self.sizes)

    def lists(self) -> list[Floats]:
        """The sorted probabilities of each class."""
        return np.split(self.values, np.cumsum(self.sizes)[:-1])

    def p_values(self, probabilities: Floats) -> Floats:
        """The p-value of each class for each new row.

        Parameters
        ----------
        probabilities : ndarray of shape (n_samples, n_classes)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            From 1 / (n_y + 1) to 1.
        """
        self._require_columns(probabilities)
        shares = [
            np.minimum(1.0, (1 + mass * count) / (n + 1))
            for count, mass, n in zip(self._counts(probabilities), self.masses, self.n, strict=True)
        ]
        return np.stack(shares, axis=1)

    def sets(
        self,
        probabilities: Floats,
        confidence_level: float = 0.9,
        labels: Sequence[Label] | NDArray[np.generic] | None = None,
    ) -> Sets:
        """Which classes each new row may have.

        Parameters
        ----------
        probabilities : ndarray of shape (n_samples, n_classes)
        confidence_level : float, default 0.9
            The share of rows of each class for which the set should contain it.
        labels : sequence of labels, optional
            For messages.

        Returns
        -------
        ndarray of bool, shape (n_samples, n_classes)
            A row may be False throughout: it is unlike the rows of every class.

        Raises
        ------
        SettingsError
            If a class has too few held-out rows for this level; its name is in ``labels``.
        """
        self._require_columns(probabilities)
        refused = self.refusal(confidence_level, labels)
        if refused is not None:
            raise refused
        alpha = alpha_of(confidence_level)
        # p > α compares fractions: the least count of rows at which it holds.
        found = np.empty(probabilities.shape, dtype=bool)
        counts = self._counts(probabilities)
        for y, (count, mass, n) in enumerate(zip(counts, self.masses, self.n, strict=True)):
            passed = (alpha * (rows_as_fraction(n) + 1) - 1) / rows_as_fraction(mass)
            # count > passed, where count is whole
            found[:, y] = count > passed.numerator // passed.denominator
        return found

    def refusal(
        self,
        confidence_level: float,
        labels: Sequence[Label] | NDArray[np.generic] | None = None,
        *,
        name: str = "confidence_level",
        unit: str = "held-out row",
    ) -> SettingsError | None:
        """Why there are no sets of this level: a class with too few rows; None if there are.

        ``name`` is the parameter that the error names, and ``unit`` what was counted.
        """
        needed, rarest = fewest_rows(confidence_level), int(np.argmin(self.n))
        has = rows_as_fraction(self.n[rarest])
        if has >= needed:
            return None
        rare = f"class {rarest + 1}" if labels is None else f"class {labels[rarest]}"
        level = highest_level(min(self.n.tolist()))
        possible = f"give {parameter(name, level)} or less, or " if level else ""
        return SettingsError(
            f"{counted(needed, unit)} of {rare} are needed for sets at "
            f"{100 * confidence_level:g} %; there are {round(float(has), 1):,g}",
            why="With fewer rows, every set would contain this class, whatever the row is",
            fix=f"{possible}fit on a table with more rows of {rare}",
        )

    def as_arrays(self) -> dict[str, np.ndarray]:
        """The arrays for a file."""
        return {"scores": self.values, "sizes": self.sizes, "rows": self.n, "masses": self.masses}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "ClassScores":
        """Scores from the arrays of a file; a ValueError if they are not valid."""
        kinds = dict.fromkeys(("scores", "rows", "masses"), np.float64)
        require_arrays(arrays, {**kinds, "sizes": np.int64})
        values, sizes = arrays["scores"], arrays["sizes"]
        n, masses = arrays["rows"], arrays["masses"]
        require_lists(values, sizes, ascending=True)
        if not len(n) == len(masses) == len(sizes) >= 2:
            raise ValueError("its scores are not those of two or more classes")
        if values[(values < 0) | (values > 1)].size:
            raise ValueError("a score is not from 0 to 1")
        if not ((n >= 0) & (masses >= 1e-6) & (masses <= 1e9)).all():
            raise ValueError("the rows or masses of its scores are not valid")
        if not (n <= sizes * masses * (1 + 1e-6)).all():
            raise ValueError("its scores do not stand for as many rows as they name")
        return cls(values, sizes, n, masses)

    def _counts(self, probabilities: Floats) -> list[NDArray[np.intp]]:
        """For each class, how many of its values are not above the probability of each new row."""
        return [
            np.searchsorted(scores, probabilities[:, y], side="right")
            for y, scores in enumerate(self.lists())
        ]

    def _require_columns(self, probabilities: Floats) -> None:
        if probabilities.ndim != 2 or probabilities.shape[1] != self.n_classes:
            raise DataError(
                "The probabilities do not match the classes",
                where=f"shape {probabilities.shape}, {self.n_classes} classes",
                fix="give one column for each class",
            )


def class_probabilities(answers: Answers) -> tuple[NDArray[np.intp], Floats]:
    """The class of each row as 0 … n_classes - 1, and a column of probabilities for each class."""
    codes = answers.truth.astype(np.intp)
    if answers.answer.ndim == 1:
        return codes, np.stack((1 - answers.answer, answers.answer), axis=1)
    return codes, answers.answer


def class_scores_of(answers: Answers, *, seed: int = 0) -> ClassScores:
    """The scores of predictions for held-out rows.

    Parameters
    ----------
    answers : Answers
        Of two or more classes. Rows with a NaN as probability are left out. With groups, one random
        row of each group counts.
    seed : int, default 0
        Of the draw from the groups.

    Returns
    -------
    ClassScores
        The same for every order of the rows. The columns are those of the answers; of two classes
        the negative one is first.
    """
    known = ~np.isnan(answers.answer.reshape(len(answers), -1)).any(axis=1)
    found = one_of_each_group(answers.rows(known), seed)
    codes, probabilities = class_probabilities(found)
    n_classes = probabilities.shape[1]
    lists, n, masses = [], np.zeros(n_classes), np.ones(n_classes)
    for y in range(n_classes):
        own = np.flatnonzero(codes == y)
        given = None if found.weights is None else found.weights[own]
        weights, n[y] = unit_weights(given, len(own))
        if len(own):
            masses[y] = mass_of(weights, np.zeros(len(own), dtype=np.intp), 1)
        lists.append(kept_values(probabilities[own, y], weights, masses[y]))
    sizes = np.array([len(each) for each in lists], dtype=np.int64)
    return ClassScores(np.concatenate(lists), sizes, n, masses)
