"""Numbers that `thalweg.evaluate` is given, and the table as numbers."""

from typing import Any

import numpy as np

from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.comparing.margin_rule import require_margin


def seed_given(seed: int, random_state: int | None) -> int:
    """The seed, which has two names."""
    if random_state is not None and seed not in (0, random_state):
        raise SettingsError(
            "seed and random_state are two names of the same number",
            where=f"seed={seed}, random_state={random_state}",
            fix="give one of them",
        )
    found = seed if random_state is None else random_state
    if isinstance(found, bool) or not isinstance(found, int | np.integer) or found < 0:
        raise SettingsError(f"The seed is {found!r}", fix="give a whole number from 0 on")
    return int(found)


def check_numbers(repeats: int, folds: int, margin: float | None) -> None:
    """Raise unless repetitions and folds are whole numbers, large enough, and a margin is one."""
    require_margin(margin)
    for name, number, least in (("repeats", repeats, 1), ("folds", folds, 2)):
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
            raise SettingsError(f"{name} is {number!r}", fix=f"give a whole number from {least} on")


def n_rows_of(X: Any) -> int:
    """The number of rows of a table of any type."""
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0])
    try:
        return len(X)
    except TypeError as error:
        raise DataError(
            f"A {type(X).__name__} is no table", fix="pass an array or a DataFrame"
        ) from error


def matrix_of(X: Any, n_rows: int, *, needed: bool) -> dict[str, Any]:
    """The table as numbers, for the baselines and to find equal rows."""
    try:
        table = table_of(X)
        schema = infer_schema(table)
        return {"matrix": schema.matrix(table), "n_levels": schema.n_levels}
    except DataError as error:
        if needed:
            raise DataError(
                f"The baselines cannot read the table: {error.what}",
                where=error.where,
                why="The model may read it, but they need numbers, categories or dates",
                fix="evaluate with baselines=None",
            ) from error
        return {"matrix": np.arange(n_rows, dtype=np.float64)[:, np.newaxis], "n_levels": ()}
