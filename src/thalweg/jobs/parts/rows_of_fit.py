"""Finds the rows of a table that a saved model was fitted on, by the hashes that its file keeps.

The file takes every training row for one, and about 22 % of all other rows. So a test of the number
of such rows says whether a table has training rows.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from thalweg.data.canonical_rows import data_hash
from thalweg.data.read import Table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.any_estimator.row_origin import Origin, by_number
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.splits import holdout_split
from thalweg.jobs.parts.known_roles import groups_of_rows
from thalweg.jobs.parts.model_table import features_for
from thalweg.jobs.parts.row_weights import weights_of
from thalweg.jobs.parts.training_table import time_order
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile
    from thalweg.persistence.rebuilt import Model


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


def repeatable_rows(model: "Model", table: Table, y: np.ndarray | None = None) -> np.ndarray | None:
    """`fitted_rows`; None also if they had weights, which a model file does not contain."""
    return None if model._known.weights_hash else fitted_rows(model, table, y)


def origin_of(file: "ModelFile", table: Table, y: np.ndarray) -> Origin:
    """Which rows of a table trained a saved model, as far as its file can tell.

    The order of the rows does not matter, nor whether others are among them or some are left out.

    Parameters
    ----------
    file : ModelFile
    table : Table
        As `prepared` gives it, with its groups and times, and its weights as numbers.
    y : ndarray
        The target with the labels or numbers of the model.
    """
    model, n_rows = file.model, len(y)
    digests = model._known.row_digests
    try:
        if digests is None:
            # Its hash is of the last rows, or of none.
            continued = model._known.also in ("epochs", "batches", "weights")
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
    return by_number(hashes, digests)


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
        weights = None if table.weights is None else weights_of(table.weights, table.said).values
    if times is not None:
        groups = None

    def split(matrix: np.ndarray) -> np.ndarray:
        if groups is None and times is None and weights is None:
            return holdout_split(matrix, labels, seed=model.seed_)[0]
        whole = JudgedTable.of(table.frame, labels, matrix, (), groups, times, weights)
        return whole.places(whole.holdout(whole.y, 0.2, model.seed_)[0])

    return split
