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

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def fitted_rows(model: "Model", table: Table) -> np.ndarray | None:
    """All rows or the training part of ``fit``; None if the model was fitted on neither.

    None also if the rows of the fit had weights, which a model file does not contain.
    """
    if model._known.weights_hash:
        return None
    schema = model.schema_
    matrix = schema.matrix(features_for(model, table), unknown="ignore")
    labels = np.asarray(table.target, dtype=object)
    for rows in _parts(model, table, labels):
        texts = [str(label) for label in labels[rows]]
        if data_hash(schema.names, schema.codings, matrix[rows], texts) == model.data_hash_:
            return rows
    return None


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
