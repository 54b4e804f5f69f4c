"""Finds the rows of a table that a saved model was fitted on, by the hashes that its file keeps.

The file takes every training row for one, and about 22 % of all other rows. So a test of the number
of such rows says whether a table has training rows.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr, bdtrc

from thalweg.data.canonical_rows import RowDigests, data_hash
from thalweg.data.read import Table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import How
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.splits import holdout_split
from thalweg.jobs.parts.known_roles import groups_of_rows
from thalweg.jobs.parts.model_table import features_for
from thalweg.jobs.parts.row_weights import weights_of
from thalweg.jobs.parts.training_table import time_order
from thalweg.wording import amount, counted, parameter

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile
    from thalweg.persistence.rebuilt import Model

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
    """

    n_rows: int
    away: np.ndarray | None
    seeming: Seeming | None = None

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


def fitted_rows(model: "Model", table: Table, y: np.ndarray | None = None) -> np.ndarray | None:
    """All rows or the training part of ``fit``; None if the model was fitted on neither.

    ``y`` is the target as the model knows it; by default the labels of the table as text.
    """
    schema = model.schema_
    matrix = schema.matrix(features_for(model, table), unknown="ignore")
    labels = np.asarray(table.target if y is None else y, dtype=object)
    for rows in _parts(model, table, _strata(model, labels)):
        texts = [str(label) for label in labels[rows]]
        if data_hash(schema.names, schema.codings, matrix[rows], texts) == model.data_hash_:
            return rows
    return None


def repeatable_rows(model: "Model", table: Table) -> np.ndarray | None:
    """`fitted_rows`; None also if they had weights, which a model file does not contain."""
    return None if model._known.weights_hash else fitted_rows(model, table)


def origin_of(file: "ModelFile", table: Table, y: np.ndarray) -> Origin:
    """Which rows of a table trained a saved model, as far as its file can tell.

    The order of the rows does not matter, nor whether others are among them or some are left out.

    Parameters
    ----------
    file : ModelFile
    table : Table
        As `prepared` gives it, with its groups, times and weights.
    y : ndarray
        The target with the labels or numbers of the model.
    """
    model, n_rows = file.model, len(y)
    digests = model._known.row_digests
    try:
        if digests is None:
            continued = model._known.also in ("epochs", "batches")  # its hash is of the last rows
            found = None if continued else fitted_rows(model, table, y)
            return Origin(n_rows, found)
        matrix = model.schema_.matrix(features_for(model, table), unknown="ignore")
    except DataError:  # a table that cannot be read as that of the fit is another one
        return Origin(n_rows, None)
    labels = np.asarray(y, dtype=object)
    hashes = digests.of_rows(matrix)
    with suppress(DataError):
        for rows in _parts(model, table, _strata(model, labels)):
            if digests.are(hashes[rows], labels[rows]):
                return Origin(n_rows, rows)
    return _by_number(hashes, digests)


def _by_number(hashes: np.ndarray, digests: RowDigests) -> Origin:
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


def refuse_refitted(file: "ModelFile", table: Table, origin: Origin) -> None:
    """Raise a DataError if these are all rows that the model was refitted on.

    Its judgement is of the model before, and no row of the table can judge it.
    """
    whole = origin.exact and origin.n_trained == origin.n_rows
    if whole and file.judgement is not None and "refit" in file.judgement:
        raise DataError(
            "The model was refitted on all of these rows, so none of them can evaluate it",
            where=table.name,
            why=f"{parameter('refit')} of fit trained it on the test rows, too",
            fix="give rows that are not in this table; thalweg show prints the evaluation of the "
            "model before, and thalweg evaluate with the TABLE alone evaluates its settings",
        )


def which_rows(origin: Origin) -> str:
    """Which rows of a table are used and what they say about new rows, in sentences."""
    n, used = origin.n_rows, len(origin.left)
    if origin.away is None:
        return (
            "These are rows whose origin is not known: the numbers hold for new rows only if the "
            "model was not trained on these rows."
        )
    if not used:
        which = (
            f"the model was trained on all of these {counted(n, 'row')}"
            if origin.exact
            else f"the model file takes each of these {counted(n, 'row')} for one that the model "
            "was trained on"
        )
        return f"CAUTION: {which}, so the numbers do not say how good it is on new rows."
    if origin.seeming is not None:
        return _by_seeming(origin.seeming, used, len(origin.away))
    if not len(origin.away):
        return "The model was trained on none of these rows."
    return (
        f"The model was trained on {len(origin.away):,} of these {counted(n, 'row')}. Only the "
        f"other {used:,} are used."
    )


def _by_seeming(found: Seeming, used: int, n_away: int) -> str:
    """Which rows are used, where the number of rows that seem known decides it."""
    share = f"{amount(100 * found.by_chance, 2)} %"
    by_chance = amount(found.by_chance * found.n_rows, 2)
    if not n_away:
        if not found.n_seeming:
            return "The model was trained on none of these rows."
        return (
            f"There is no sign that the model was trained on some of these "
            f"{counted(found.n_rows, 'row')}: its file takes {found.n_seeming:,} for training "
            f"rows, and about {by_chance} ({share}) if all are new. At most {found.at_most:,} can "
            "be training rows, with 95 % confidence."
        )
    takes = (
        f"its file takes {found.n_seeming:,} for training rows, and about {by_chance} ({share}) if "
        "all were new"
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


def _strata(model: "Model", labels: np.ndarray) -> np.ndarray:
    return labels if hasattr(model, "classes_") else np.full(len(labels), "any")


def _parts(model: "Model", table: Table, labels: np.ndarray) -> Iterator[np.ndarray]:
    """The sets of rows that the model may have been fitted on.

    ``fit`` splits a table by the kinds and levels of its columns over all rows, among which may be
    levels that the model was not fitted on; and by the columns that were declared categories; by
    groups, or in time order.
    """
    yield np.arange(len(labels))
    frame = table.frame[list(model.schema_.given_names)]
    split = _split_of(model, table, labels)
    with suppress(DataError, SettingsError):  # it may take what was said of the columns
        yield split(infer_schema(frame).matrix(frame))
    yield split(infer_schema(frame, said=model.schema_.said).matrix(frame))


def _split_of(
    model: "Model", table: Table, labels: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """The training part of a table as numbers, as ``fit`` makes it."""
    groups, times, weights = groups_of_rows(table), None, None
    with suppress(DataError):
        times = time_order(table, model.schema_.said)
    with suppress(DataError):
        weights = None if table.weights is None else weights_of(table.weights, table.said)
    if times is not None:
        groups = None

    def split(matrix: np.ndarray) -> np.ndarray:
        if groups is None and times is None and weights is None:
            return holdout_split(matrix, labels, seed=model.seed_)[0]
        whole = JudgedTable.of(table.frame, labels, matrix, (), groups, times, weights)
        return whole.places(whole.holdout(whole.y, 0.2, model.seed_)[0])

    return split
