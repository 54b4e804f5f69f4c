"""Finds the rows of a table that a saved model was fitted on, by the hash of its training data."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from thalweg.data.canonical_rows import data_hash
from thalweg.data.read import Table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError
from thalweg.evaluation.splits import holdout_split
from thalweg.jobs.parts.model_table import features_for
from thalweg.wording import counted, parameter

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
    strata = labels if hasattr(model, "classes_") else np.full(len(labels), "any")
    for rows in _parts(model, table, strata):
        texts = [str(label) for label in labels[rows]]
        if data_hash(schema.names, schema.codings, matrix[rows], texts) == model.data_hash_:
            return rows
    return None


def repeatable_rows(model: "Model", table: Table) -> np.ndarray | None:
    """`fitted_rows`; None also if they had weights, which a model file does not contain."""
    return None if model._known.weights_hash else fitted_rows(model, table)


def rows_trained_on(file: "ModelFile", table: Table, y: np.ndarray) -> int | None:
    """How many of the rows of a table trained a saved model; None if it is not known.

    Parameters
    ----------
    file : ModelFile
    table : Table
        As `prepared` gives it.
    y : ndarray
        The target with the labels or numbers of the model.

    Raises
    ------
    DataError
        If these are all rows that the model was refitted on: its judgement is of the model before,
        and no row of the table can judge it.
    """
    found = None
    with suppress(DataError):  # a table that cannot be read as that of the fit is another one
        found = fitted_rows(file.model, table, y)
    if found is None:
        return None
    if len(found) == len(y) and file.judgement is not None and "refit" in file.judgement:
        raise DataError(
            "The model was refitted on all of these rows, so none of them can evaluate it",
            where=table.name,
            why=f"{parameter('refit')} of fit trained it on the test rows, too",
            fix="give rows that are not in this table; thalweg show prints the evaluation of the "
            "model before, and thalweg evaluate with the TABLE alone evaluates its settings",
        )
    return len(found)


def on_training_rows(n_trained: int | None, n_rows: int) -> str:
    """What rows that may have trained a model say about new rows, as a sentence."""
    if n_trained is None:
        return "The numbers hold for new rows only if the model was not trained on these rows."
    which = "all" if n_trained == n_rows else f"{n_trained:,}"
    return (
        f"CAUTION: the model was trained on {which} of these {counted(n_rows, 'row')}, so the "
        "numbers do not say how good it is on new rows."
    )


def _parts(model: "Model", table: Table, labels: np.ndarray) -> Iterator[np.ndarray]:
    """The sets of rows that the model may have been fitted on.

    ``fit`` splits a table by the kinds and levels of its columns over all rows, among which may be
    levels that the model was not fitted on; and by the columns that were declared categories.
    """
    yield np.arange(len(labels))
    frame = table.frame[list(model.schema_.given_names)]
    with suppress(DataError):  # it may take what was said of the columns to read them
        yield holdout_split(infer_schema(frame).matrix(frame), labels, seed=model.seed_)[0]
    matrix = infer_schema(frame, said=model.schema_.said).matrix(frame)
    yield holdout_split(matrix, labels, seed=model.seed_)[0]
