"""The columns of a model in a table of any type: as numbers, and copies that do without some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError
from thalweg.estimators.importance.importance_of_fit import owned_columns
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.parameters.resolved_parameters import COLUMNS
from thalweg.evaluation.any_estimator.wrapped_estimator import copy_of
from thalweg.evaluation.importance.column_groups import Columns
from thalweg.evaluation.importance.moved_tables import AnyTable


@dataclass(frozen=True, eq=False)
class TableView:
    """A table as numbers.

    Parameters
    ----------
    names : tuple of str
        The columns of the model.
    places : tuple of int
        Where they are in the table that was given.
    matrix : ndarray of float64, shape (n_rows, n_inputs)
    own : ndarray of float64, shape (n_rows, n_columns)
        A number for each column of the model.
    n_levels : sequence of int
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    matrix: np.ndarray
    own: np.ndarray
    n_levels: Sequence[int]

    @classmethod
    def of_network(cls, network: NetworkEstimator, X: Any) -> "TableView":
        """As a model of thalweg reads it."""
        schema = network.schema_
        matrix = np.array(read_for_predict(network, X), dtype=np.float64)
        first = [int(own[0]) for own in owned_columns(schema)]
        given, by_name = AnyTable(X).names, schema.named and hasattr(X, "columns")
        places = tuple(
            given.index(name) if by_name else j for j, name in enumerate(schema.given_names)
        )
        levels = [schema.n_levels[j] for j in first]
        return cls(schema.given_names, places, matrix, matrix[:, first], levels)

    @classmethod
    def of_table(cls, X: Any, *, needed: bool) -> "TableView":
        """Of any table; as the numbers of its rows alone, if it cannot be read and need not be."""
        names = AnyTable(X).names
        places = tuple(range(len(names)))
        try:
            table = table_of(X)
            schema = infer_schema(table)
            matrix = schema.matrix(table)
        except DataError as error:
            if needed:
                raise DataError(
                    f"The groups of columns cannot be found: {error.what}",
                    where=error.where,
                    why="The model may read the table, but its columns cannot be compared",
                    fix="give groups=None, or clean the table",
                ) from error
            numbers = np.arange(rows_in(X), dtype=np.float64)[:, np.newaxis]
            return cls(names, places, numbers, numbers[:, [0] * len(names)], (0,) * len(names))
        return cls(names, places, matrix, matrix[:, places], schema.n_levels[: len(names)])


@dataclass(frozen=True, eq=False)
class WithoutColumns:
    """Copies of an estimator that are not fitted, for tables that lack some columns."""

    estimator: Any
    names: tuple[str, ...]

    def __call__(self, columns: Columns) -> Any:
        """A copy whose parameters no longer name these columns."""
        copy = copy_of(self.estimator)
        if not isinstance(copy, NetworkEstimator):
            return copy
        gone = {self.names[j] for j in columns}
        for name, value in copy.get_params(deep=False).items():
            if name in COLUMNS and value is not None:
                copy.set_params(**{name: _but(value, gone)})
        return copy


def _but(value: Any, gone: set[str]) -> Any:
    """Names of columns, or a mapping from names, without some."""
    if isinstance(value, Mapping):
        return {name: each for name, each in value.items() if str(name) not in gone} or None
    if isinstance(value, str):
        return None if value in gone else value
    return [name for name in value if str(name) not in gone] or None


def rows_in(X: Any) -> int:
    """The number of rows of any table."""
    shape = getattr(X, "shape", None)
    return int(shape[0]) if shape is not None and len(shape) else len(X)
