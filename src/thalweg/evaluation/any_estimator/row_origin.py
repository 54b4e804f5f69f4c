"""Which rows of a table trained a model of thalweg, and what that says about an evaluation.

A model keeps remainders of hashes of its rows. It takes every training row for one, and about 22 %
of all other rows. So a test of the number of such rows says whether a table has training rows.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtr, bdtrc

from thalweg.data.canonical_rows import RowDigests
from thalweg.evaluation.answers import How
from thalweg.wording import amount, counted

# A table has training rows if new rows would seem known so often with this probability at most.
_SURE = 1e-6
# With this probability or less, rows that seem known are left out to be safe.
_SAFE = 0.01
_CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Seeming:
    """How many rows of a table a model file takes for training rows.

    Parameters
    ----------
    n_rows : int
    n_seeming : int
    n_distinct, n_seeming_distinct : int
        The same, with equal rows counted once: these seem known independently of each other.
    by_chance : float
        The probability that a row which is none of the training rows seems known.

    Notes
    -----
    Of N distinct rows, of which t are training rows, t + Bin(N - t, q) seem known, with
    q = ``by_chance``, because a hash is independent of all else in a row.
    """

    n_rows: int
    n_seeming: int
    n_distinct: int
    n_seeming_distinct: int
    by_chance: float

    @property
    def p_value(self) -> float:
        """P(Bin(N, q) ≥ the number that seem known): small if there are training rows."""
        return float(bdtrc(self.n_seeming_distinct - 1, self.n_distinct, self.by_chance))

    @property
    def about(self) -> int:
        """The estimated number of training rows: (h - q n) / (1 - q)."""
        q = self.by_chance
        found = round((self.n_seeming - q * self.n_rows) / (1 - q))
        return min(max(found, 1), self.n_seeming)

    @property
    def at_most(self) -> int:
        """A bound for the number of distinct training rows, with 95 % confidence.

        The largest t for which so few known rows have a probability of 5 % or more; 0 if none has.
        """
        n, h, q = self.n_distinct, self.n_seeming_distinct, self.by_chance

        def too_many(t: int) -> bool:
            return bool(bdtr(h - t, n - t, q) < 1 - _CONFIDENCE)

        return max(0, bisect_left(range(h + 1), True, key=too_many) - 1)


@dataclass(frozen=True, eq=False)
class Origin:
    """What a model file knows of the rows of a table.

    Parameters
    ----------
    n_rows : int
    away : ndarray of int, or None
        The positions of the rows that are not used, because they trained the model or may have;
        None if the file cannot tell.
    seeming : Seeming, or None
        How ``away`` was decided; None if the table is that of the fit, so that its training rows
        are known exactly, and if the file has no hashes.
    behind_steps : bool
        Whether steps of a pipeline made the rows, so that a row which is not known may still be a
        training row.
    """

    n_rows: int
    away: np.ndarray | None
    seeming: Seeming | None = None
    behind_steps: bool = False

    @property
    def exact(self) -> bool:
        """Whether the table is that of the fit, or its training part."""
        return self.away is not None and self.seeming is None

    @property
    def n_trained(self) -> int | None:
        """How many of the rows trained the model, or about how many; None if it is not known."""
        if self.away is None or self.seeming is None:
            return None if self.away is None else len(self.away)
        if not len(self.away):
            return 0
        return self.seeming.about if self.seeming.p_value <= _SURE else None

    @property
    def left(self) -> np.ndarray:
        """The positions of the other rows; of all rows if nothing is known."""
        return np.setdiff1d(np.arange(self.n_rows), [] if self.away is None else self.away)

    @property
    def used(self) -> np.ndarray:
        """The positions of the rows of an evaluation: all, if each of them trained the model."""
        return self.left if len(self.left) else np.arange(self.n_rows)

    @property
    def how(self) -> How:
        """What kind of rows the `used` ones are."""
        if self.away is None:
            return "origin unknown"
        return "test" if len(self.left) else "training"


def by_number(hashes: np.ndarray, digests: RowDigests) -> Origin:
    """Whether there are training rows, by the number of rows that seem known."""
    n_rows, known, distinct = len(hashes), digests.know(hashes), np.unique(hashes)
    found = Seeming(
        n_rows, int(known.sum()), len(distinct), int(digests.know(distinct).sum()),
        digests.by_chance,
    )  # fmt: skip
    p_value = found.p_value
    if known.all() and p_value > _SURE:  # too few rows to tell
        return Origin(n_rows, None, found)
    return Origin(n_rows, np.flatnonzero(known & (p_value <= _SAFE)), found)


def origin_by_hashes(
    matrix: np.ndarray, y: np.ndarray, digests: RowDigests | None, *, same: bool
) -> Origin:
    """Which rows trained a model, by the hashes that it keeps.

    Parameters
    ----------
    matrix : ndarray of float, shape (n_rows, n_features)
        As the model reads the table.
    y : ndarray, shape (n_rows,)
    digests : RowDigests or None
    same : bool
        Whether the hash of the whole table is that of the fit.
    """
    n_rows = len(y)
    if same or digests is None:
        return Origin(n_rows, np.arange(n_rows) if same else None)
    hashes = digests.of_rows(matrix)
    if digests.are(hashes, y):
        return Origin(n_rows, np.arange(n_rows))
    return by_number(hashes, digests)


def which_rows(origin: Origin, knows: str = "its file") -> str:
    """Which rows of a table are used and what they say about new rows, in sentences.

    ``knows`` is what has the hashes of the rows: the file of the model, or "it", the model.
    """
    n, used = origin.n_rows, len(origin.left)
    if origin.away is None and origin.behind_steps:
        return (
            "The model knows none of these rows after the steps of the pipeline. That does not "
            "show that they are new, because what a step computes can depend on the other rows in "
            "the last bits: the numbers hold for new rows only if the model was not trained on "
            "these rows."
        )
    if origin.away is None:
        return (
            "These are rows whose origin is not known: the numbers hold for new rows only if the "
            "model was not trained on these rows."
        )
    if not used:
        holder = "the model" if knows == "it" else "the model file"
        which = (
            f"the model was trained on all of these {counted(n, 'row')}"
            if origin.exact
            else f"{holder} takes each of these {counted(n, 'row')} for one that the model "
            "was trained on"
        )
        return f"CAUTION: {which}, so the numbers do not say how good it is on new rows."
    if origin.seeming is not None:
        return _by_seeming(origin.seeming, used, len(origin.away), knows)
    if not len(origin.away):
        return "The model was trained on none of these rows."
    return (
        f"The model was trained on {len(origin.away):,} of these {counted(n, 'row')}. Only the "
        f"other {used:,} are used."
    )


def _by_seeming(found: Seeming, used: int, n_away: int, knows: str) -> str:
    """Which rows are used, where the number of rows that seem known decides it."""
    share = f"{amount(100 * found.by_chance, 2)} %"
    by_chance = amount(found.by_chance * found.n_rows, 2)
    holder = f"{knows} keeps of its training rows"
    if not n_away:
        if not found.n_seeming:
            return "The model was trained on none of these rows."
        return (
            f"There is no sign that the model was trained on some of these "
            f"{counted(found.n_rows, 'row')}: the short hashes that {holder} fit "
            f"{found.n_seeming:,} of them, and would fit about {by_chance} ({share}) at random if "
            f"all were new. At most {found.at_most:,} can "
            "be training rows, with 95 % confidence."
        )
    takes = (
        f"the short hashes that {holder} fit {found.n_seeming:,} of them, and would fit about "
        f"{by_chance} ({share}) at random if all were new"
    )
    n_rows = counted(found.n_rows, "row")
    why = (
        f"About {found.about:,} of these {n_rows} equal a row that the model was trained on, as "
        f"training rows or as new rows like them: {takes}."
        if found.p_value <= _SURE
        else f"Some of these {n_rows} may be training rows of the model or equal one: {takes} (p = "
        f"{amount(found.p_value, 2)})."
    )
    return (
        f"{why} Only the other {used:,} are used: the model was trained on none of them. So about "
        f"{share} of new rows are left out, whatever is in them."
    )


def origin_for(estimator: Any, X: Any, y: np.ndarray) -> Origin | None:
    """What a fitted estimator knows of rows; None if it cannot tell.

    Parameters
    ----------
    estimator : object
        A model of thalweg, a search that refitted one, or a Pipeline that ends with one.
    X, y : table and ndarray
        As the estimator takes them.
    """
    asks = getattr(estimator, "_origin_of", None)
    if asks is not None:
        found = asks(X, y)
        assert isinstance(found, Origin)
        return found if found.away is not None or found.seeming is not None else None
    best = getattr(estimator, "best_estimator_", None)
    if best is not None:
        return origin_for(best, X, y)
    steps = getattr(estimator, "steps", None)
    if not isinstance(steps, list) or not hasattr(estimator, "named_steps"):
        return None
    last = steps[-1][1]
    if not _leads_to_own(last):
        return None
    found = origin_for(last, estimator[:-1].transform(X) if len(steps) > 1 else X, y)
    # What a step computes may depend on the other rows in the last bits. So only known rows count.
    if found is None or found.away is None or len(found.away):
        return found
    return Origin(found.n_rows, None, behind_steps=True)


def _leads_to_own(estimator: Any) -> bool:
    best = getattr(estimator, "best_estimator_", None)
    return hasattr(estimator, "_origin_of") or (best is not None and _leads_to_own(best))
