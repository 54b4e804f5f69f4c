"""`HeldOutResiduals`: how far the predictions for held-out rows were wrong, network by network.

They are all that a model needs for its intervals. They are sorted, and identify no row.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.conformal.conformal_ranks import (
    coverage_floor,
    fewest_rows,
    highest_level,
    rows_as_fraction,
)
from thalweg.evaluation.conformal.equal_masses import Floats, kept_values, mass_of, unit_weights
from thalweg.evaluation.conformal.group_draw import one_of_each_group
from thalweg.wording import counted, parameter

# A file that names more would take the memory of this many values.
MOST_VALUES = 10_000_000


@dataclass(frozen=True, eq=False)
class HeldOutResiduals:
    """The absolute residuals |y - prediction| of held-out rows, sorted within each network.

    Parameters
    ----------
    values : ndarray of float64
        The residuals of the first network, descending, then those of the second one, and so on.
    sizes : ndarray of int64, shape (n_networks,)
        How many of them each network has.
    n : float
        The number of held-out rows, or of groups; Kish's effective number of rows with weights
        that are not whole numbers.
    mass : float
        The rows that each value stands for: 1, more if there are too many to keep them all, or
        1 / ``repeats``.
    repeats : int
        How often all rows were divided into folds.

    Notes
    -----
    With repeats, each row has several held-out networks. Each row still counts once: each of its
    residuals has the mass 1 / repeats, and n remains the number of rows. A number y is then left
    out if the mean of the p-values from all divisions is at most α, and twice the mean of p-values
    is a p-value however they depend on each other (Vovk & Wang 2020, "Combining p-values via
    averaging", Biometrika 107:791-808). To count residuals as rows would claim more rows than there
    are.
    """

    values: Floats
    sizes: NDArray[np.int64]
    n: float
    mass: float = 1.0
    repeats: int = 1

    @property
    def n_networks(self) -> int:
        """The number of networks."""
        return len(self.sizes)

    def floor(self, confidence_level: float) -> float:
        """The coverage that is guaranteed; see `coverage_floor`."""
        n_folds = max(1, self.n_networks // self.repeats)
        return coverage_floor(self.n, n_folds, confidence_level, self.repeats)

    def refusal(
        self,
        confidence_level: float,
        *,
        name: str = "confidence_level",
        grouped: bool = False,
    ) -> SettingsError | None:
        """Why all intervals of this level are infinite: too few rows; None if they are finite.

        ``name`` is the parameter that the error names; ``grouped`` says that one row of each group
        was drawn, so groups were counted.
        """
        needed, has = fewest_rows(confidence_level), rows_as_fraction(self.n)
        if has >= needed:
            return None
        level = highest_level(self.n)
        possible = f"give {parameter(name, level)} or less, or " if level else ""
        return SettingsError(
            f"{counted(needed, held_out_unit(grouped))} are needed for intervals at "
            f"{100 * confidence_level:g} %; there are {round(float(has), 1):,g}",
            why="With fewer, every interval would be infinite",
            fix=f"{possible}fit on a table with more {'groups' if grouped else 'rows'}",
        )

    def pooled(self) -> "HeldOutResiduals":
        """The same residuals as of a single network."""
        size = np.array([len(self.values)], dtype=np.int64)
        return replace(self, values=np.sort(self.values)[::-1], sizes=size)

    def as_arrays(self) -> dict[str, np.ndarray]:
        """The arrays for a file."""
        rows = np.array([self.n, self.mass, self.repeats], dtype=np.float64)
        return {"residuals": self.values, "sizes": self.sizes, "rows": rows}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "HeldOutResiduals":
        """HeldOutResiduals from the arrays of a file; a ValueError if they are not valid."""
        require_arrays(arrays, {"residuals": np.float64, "sizes": np.int64, "rows": np.float64})
        values, sizes, rows = arrays["residuals"], arrays["sizes"], arrays["rows"]
        require_lists(values, sizes, ascending=False)
        if rows.shape != (3,) or not np.isfinite(rows).all():
            raise ValueError("the rows of its residuals are not three finite numbers")
        n, mass, repeats = rows.tolist()
        if values[values < 0].size:
            raise ValueError("a residual is below 0")
        if not (n > 0 and 1e-6 <= mass <= 1e9 and n <= len(values) * mass * (1 + 1e-6)):
            raise ValueError("its residuals do not stand for as many rows as they name")
        if not (repeats == math.floor(repeats) and 1 <= repeats <= len(sizes)):
            raise ValueError("the repeats of its residuals are not those of its networks")
        return cls(values, sizes, n, mass, int(repeats))


def held_out_unit(grouped: bool) -> str:
    """What conformal prediction counts: held-out rows, or groups if one row of each was drawn."""
    return "held-out group" if grouped else "held-out row"


def require_arrays(arrays: Mapping[str, np.ndarray], kinds: Mapping[str, type]) -> None:
    """Raise a ValueError unless these and no other arrays are there, with their types."""
    if set(arrays) != set(kinds):
        raise ValueError(f"its arrays are not {', '.join(sorted(kinds))}")
    for name, kind in kinds.items():
        if arrays[name].dtype != kind or arrays[name].ndim != 1:
            raise ValueError(f"its array {name} is not a list of {np.dtype(kind)}")


def require_lists(values: np.ndarray, sizes: np.ndarray, *, ascending: bool) -> None:
    """Raise a ValueError unless ``values`` are finite sorted lists of these sizes."""
    if not len(sizes) or (sizes < 0).any() or (sizes > MOST_VALUES).any():
        raise ValueError("the sizes of its lists are not valid")
    if int(sizes.sum()) != len(values) or not np.isfinite(values).all():
        raise ValueError("its lists do not have their sizes, or not finite numbers")
    steps = np.diff(values) if ascending else -np.diff(values)
    within = np.ones(len(values), dtype=bool)
    within[np.cumsum(sizes)[:-1][np.cumsum(sizes)[:-1] < len(values)]] = False
    if (steps[within[1:]] < 0).any():
        raise ValueError("its lists are not sorted")


def residuals_of(
    answers: Answers, sigma: Floats | None = None, *, repeats: int = 1, seed: int = 0
) -> HeldOutResiduals:
    """The residuals of predictions for held-out rows.

    Parameters
    ----------
    answers : Answers
        Numbers. ``folds`` says which network predicted each row, 0 … n_networks - 1; without folds
        it is one model. With repeats, each row is there once for each division into folds. With
        groups, one random row of each group counts, in each division. Rows with a NaN as prediction
        are left out.
    sigma : ndarray of shape (n_samples,), optional
        A scale of each row, above 0, from models that have not seen the row: the residuals are
        divided by it.
    repeats : int, default 1
        Divisions into the same number of folds; their networks follow each other.
    seed : int, default 0
        Of the draw from the groups.

    Returns
    -------
    HeldOutResiduals
        The same for every order of the rows.

    Raises
    ------
    DataError
        If no row has a prediction, or a scale is not above 0.
    """
    errors = _errors(answers, sigma)
    n_networks = 1 if errors.folds is None else int(errors.folds.max()) + 1
    found = one_of_each_group(errors, seed, repeats=repeats)
    networks = np.zeros(len(found), dtype=np.intp) if found.folds is None else found.folds
    weights, n = unit_weights(found.weights, len(found))
    mass = mass_of(weights, networks, n_networks)
    lists = [
        -kept_values(-found.answer[networks == k], weights[networks == k], mass)
        for k in range(n_networks)
    ]
    sizes = np.array([len(each) for each in lists], dtype=np.int64)
    return HeldOutResiduals(np.concatenate(lists), sizes, n / repeats, mass / repeats, repeats)


def _errors(answers: Answers, sigma: Floats | None) -> Answers:
    """Answers whose numbers are the absolute residuals, divided by their scale if there is one.

    They have no targets: these would tell rows with equal residuals apart, and so change which row
    of a group is drawn.
    """
    if sigma is not None:
        wrong = ~(np.isfinite(sigma) & (sigma > 0))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise DataError(
                f"A scale of the residuals is {sigma[row]}, not a number above 0",
                where=f"row {row + 1}",
                fix="give a scale above 0 for every row",
            )
    errors = np.abs(answers.truth - answers.answer)
    if sigma is not None:
        errors = errors / sigma
    known = ~np.isnan(errors)
    if not known.any():
        raise DataError(
            "No held-out row has a prediction", fix="predict some rows that the model has not seen"
        )
    return replace(answers, truth=np.zeros(len(errors)), answer=errors).rows(known)
