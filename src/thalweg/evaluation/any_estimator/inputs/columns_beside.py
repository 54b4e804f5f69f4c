"""Columns beside the answers, by their names in a table or by their values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.errors import DataError
from thalweg.evaluation.any_estimator.evaluation import By
from thalweg.evaluation.any_estimator.inputs.given_inputs import columns_by_name
from thalweg.evaluation.subgroups.named_groups import require_no_dates


@dataclass(frozen=True, eq=False)
class _Columns:
    """From names or values of columns to columns beside the answers."""

    X: Any
    n_rows: int
    places: np.ndarray

    def __call__(self, by: By) -> dict[str, np.ndarray]:
        named = columns_by_name(by)
        if not isinstance(named, Mapping):
            named = {name: _column(self.X, name) for name in named}
        found = {name: np.asarray(unmasked(values)) for name, values in named.items()}
        for name, values in found.items():
            if values.shape != (self.n_rows,):
                size = f"{len(values):,} values" if values.ndim == 1 else f"shape {values.shape}"
                raise DataError(
                    "A column of groups and the table do not match",
                    where=f'column "{name}": {size}, {self.n_rows:,} rows',
                    fix="pass one value for every row of the table",
                )
            require_no_dates(str(name), values)
        return {str(name): values[self.places] for name, values in found.items()}


def columns_for(
    X: Any, n_rows: int, places: np.ndarray
) -> Callable[[By], Mapping[str, np.ndarray]]:
    """From names or values of columns to columns beside the answers; it can be pickled."""
    return _Columns(X, n_rows, places)


def _column(X: Any, name: str) -> Any:
    names = [] if getattr(X, "columns", None) is None else [str(each) for each in X.columns]
    if name not in names:
        raise DataError(
            f'The table has no column "{name}"',
            where=f"its columns are {', '.join(names[:8])}" if names else "it has no names",
            fix='name a column of the table, or pass its values: by={"NAME": values}',
        )
    return X[next(each for each in X.columns if str(each) == name)]
