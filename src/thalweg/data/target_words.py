"""The rows whose target is a word for a missing value; a number is one however it is written."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.notation.missing_words import MissingWords, rows_left_out
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.emptied_table import is_word, no_cell_holds
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.target_kind import find_target
from thalweg.errors import DataError


def target_words(
    alone: GivenTable, both: Callable[[], GivenTable], said: SaidColumns
) -> NDArray[np.bool_]:
    """Which cells of a target are words for a missing value.

    Parameters
    ----------
    alone, both, said
        As for `thalweg.data.target_kind.find_target`.
    """
    [name] = alone.all_names()
    words = said.missing.words(name)
    cells = alone.column(0).values
    plain = np.fromiter((cell in words for cell in cells), np.bool_, len(cells))
    perhaps = np.fromiter(map(words.perhaps, cells), np.bool_, len(cells))
    if (plain == perhaps).all():
        return plain
    found = find_target(alone, both, said)
    if isinstance(found, DataError):
        return perhaps
    if found.kind == "empty":
        found = Column(name, "number")
    return np.fromiter(map(is_word(words, found), cells), np.bool_, len(cells))


def rows_with_target(
    whole: pd.DataFrame, target: str, missing: MissingWords
) -> tuple[pd.DataFrame, list[str]]:
    """The rows whose target is no word for a missing value, and a note about the others."""
    if not missing.words(target):
        return whole, []
    others = [name for name in whole.columns if name != target]
    unknown = target_words(
        table_of(whole[[target]]),
        lambda: table_of(whole[[*others, target]]),
        SaidColumns(missing=missing),
    )
    if not unknown.any():
        alone = MissingWords.of({target: missing.of_column.get(target, ())})
        return whole, no_cell_holds(alone, table_of(whole[[target]]), [])
    if unknown.all():
        raise DataError(
            "Every cell of the target is a word for a missing value",
            where=f'column "{target}"',
            fix="name another target, or other words",
        )
    left = whole[~unknown].reset_index(drop=True)
    return left, [rows_left_out(target, int(unknown.sum()))]
