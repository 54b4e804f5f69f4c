"""How several targets, and the errors of their predictions, go together: correlations of pairs.

Of two labels, coded 0 and 1, Pearson's correlation is φ. The error of a label is its code minus its
probability; of a number, the number minus its prediction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.evaluation.answers import Answers
from thalweg.wording import counted

Floats = NDArray[np.float64]
# With more targets the correlations are not kept: they grow with the square of the number.
MOST_TARGETS = 20
# So many pairs are named.
_PAIRS = 3
# With fewer test rows the normal tail of r says nothing.
_FEWEST = 30


@dataclass(frozen=True, eq=False)
class Together:
    """Correlations of pairs of targets on the same rows, and of their errors.

    Parameters
    ----------
    names : tuple of str
    targets, errors : ndarray of shape (n_targets, n_targets)
        NaN where one of the two does not vary.
    n_rows : float
        Of the test rows: as how many independent ones they count.
    of_labels : bool
    """

    names: tuple[str, ...]
    targets: Floats
    errors: Floats
    n_rows: float
    of_labels: bool

    def as_dict(self) -> dict[str, Any]:
        """As plain data, with None for NaN."""
        return {
            "names": list(self.names), "targets": _plain(self.targets),
            "errors": _plain(self.errors), "rows": float(self.n_rows), "labels": self.of_labels,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Together":
        """The same from plain data."""

        def back(rows: Sequence[Sequence[float | None]]) -> Floats:
            return np.array([[np.nan if x is None else x for x in row] for row in rows], np.float64)

        return cls(
            tuple(plain["names"]), back(plain["targets"]), back(plain["errors"]),
            float(plain["rows"]), bool(plain["labels"]),
        )  # fmt: skip

    def sentences(self) -> list[str]:
        """The strongest pairs of targets, and whether errors go together, in words."""
        what = "φ" if self.of_labels else "Pearson's r"
        pairs = _strongest(self.targets)
        if not pairs:
            return []
        named = [f"{self.names[i]} and {self.names[j]} {r:+.2f}" for r, i, j in pairs[:_PAIRS]]
        of = "" if len(pairs) <= _PAIRS else f" (the {_PAIRS} strongest of {len(pairs)} pairs)"
        found = [f"The targets on these rows, {what}: {'; '.join(named)}{of}."]
        return [*found, *self._of_errors()]

    def _of_errors(self) -> list[str]:
        pairs = _strongest(self.errors)
        if not pairs or self.n_rows < _FEWEST:
            return []
        # Bonferroni over the pairs. If errors were independent, r would have the variance
        # 1 / (n - 1) whatever their distributions are (Pitman 1937, by permutations).
        level = float(-_quantile(0.025 / len(pairs)))
        limit = level / float(np.sqrt(self.n_rows - 1))
        beyond = [each for each in pairs if abs(each[0]) > limit]
        if not beyond:
            return [
                f"No correlation of their errors is beyond ±{limit:.2f}, which independent errors "
                f"may have at random ({counted(len(pairs), 'pair')})."
            ]
        # With more digits where r would be rounded to the limit that it is beyond.
        sizes = [abs(r) for r, _, _ in beyond[:_PAIRS]]
        digits = next(n for n in range(2, 17) if n == 16 or round(min(sizes), n) > round(limit, n))
        named = [
            f"{self.names[i]} and {self.names[j]} {r:+.{digits}f}" for r, i, j in beyond[:_PAIRS]
        ]
        return [f"Their errors go together, r beyond ±{limit:.{digits}f}: {'; '.join(named)}."]


def _quantile(p: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf(p))


def _strongest(matrix: Floats) -> list[tuple[float, int, int]]:
    """The known pairs by falling size of their correlation."""
    i, j = np.triu_indices(len(matrix), 1)
    known = np.isfinite(matrix[i, j])
    pairs = [(float(matrix[a, b]), int(a), int(b)) for a, b in zip(i[known], j[known], strict=True)]
    return sorted(pairs, key=lambda each: (-abs(each[0]), each[1], each[2]))


def _plain(matrix: Floats) -> list[list[float | None]]:
    return [[float(x) if np.isfinite(x) else None for x in row] for row in matrix]


def together_of(answered: Mapping[str, Answers], *, of_labels: bool) -> Together | None:
    """The correlations on the test rows; None with more than `MOST_TARGETS` targets.

    Parameters
    ----------
    answered : mapping of str to Answers
        By target, all of the same rows.
    of_labels : bool
    """
    if len(answered) > MOST_TARGETS:
        return None
    first = next(iter(answered.values()))
    weights = np.ones(len(first)) if first.weights is None else first.weights
    truths = np.column_stack([np.asarray(each.truth, np.float64) for each in answered.values()])
    predicted = np.column_stack([_predicted(each) for each in answered.values()])
    return Together(
        tuple(answered), correlations(truths, weights), correlations(truths - predicted, weights),
        _independent(first), of_labels,
    )  # fmt: skip


def _independent(answers: Answers) -> float:
    """As how many independent rows some rows count: groups, or rows of equal weight."""
    if answers.groups is not None:
        return float(len(np.unique(answers.groups)))
    return float(answers.effective_n)


def _predicted(answers: Answers) -> Floats:
    """The probability of the positive class, or the number, of each row."""
    found = np.asarray(answers.answer, np.float64)
    return found if found.ndim == 1 else np.asarray(found[:, -1])


def correlations(values: Floats, weights: Floats) -> Floats:
    """Weighted correlations of columns, NaN where one does not vary.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
    weights : ndarray of shape (n_rows,)
    """
    share = weights / weights.sum()
    centred = values - share @ values
    covariance = (centred * share[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = covariance / np.outer(spread, spread)
    # Rounding leaves a spread of about 1e-16 in a column of one value.
    constant = spread <= 1e-12 * np.maximum(np.abs(values).max(axis=0), 1.0)
    found[constant], found[:, constant] = np.nan, np.nan
    return np.asarray(np.clip(found, -1.0, 1.0))
