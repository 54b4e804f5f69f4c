"""The classes of a target that is read in batches, whatever type each file gives them."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import pandas as pd

from thalweg.data.cells import trimmed, whole_text
from thalweg.data.column_roles import labels_of
from thalweg.data.larger.column_cells import ColumnCells
from thalweg.errors import DataError

# What makes a label of its text, by the type of labels.
LABEL_OF: dict[str, Callable[[str], Any]] = {
    "": str, "bool": "True".__eq__, "int": int, "float": float,
}  # fmt: skip


def found_labels(target: ColumnCells) -> tuple[dict[str, str], dict[str, int]]:
    """The label of each text of the target, and how many rows each label has.

    The files may give whole numbers in one, floats in another and texts in a third.

    Raises
    ------
    DataError
        Some files have true and false, and others numbers; or there is one class alone.
    """
    if bool in target.types and target.types & {int, float}:
        raise _two_types(target.name)
    cells, rows = target.found()
    values = [_in_one_type(cell, target.types) for cell in cells.values]
    of_table = pd.Series(values, name=target.name, dtype=object)
    found = labels_of(of_table, n_rows=int(rows.sum()))[0].tolist()
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for cell, label, n in zip(cells.values, found, rows.tolist(), strict=True):
        counts[label] += int(n)
        labels |= dict.fromkeys(_texts_of(cell), label)
    return labels, dict(sorted(counts.items()))


def _in_one_type(cell: Any, types: Collection[type]) -> Any:
    """A cell of the target in the type that all files have in common: whole 1.0 is 1 as a text."""
    if float not in types or not set(types) <= {int, float, str}:
        return cell
    if isinstance(cell, float):
        cell += 0.0  # -0.0 and 0.0 are one label
    return whole_text(trimmed(str(cell))) if str in types else float(cell)


def _texts_of(cell: Any) -> set[str]:
    """The texts that a cell has in any file: 0, 0.0 and -0.0 are one of `ColumnCells.found`."""
    texts = {trimmed(str(cell))}
    if type(cell) in (int, float):
        texts |= {str(float(cell)), str(cell if cell else -0.0)}
        if float(cell).is_integer():
            texts.add(str(int(cell)))
    return texts


def type_of_labels(target: ColumnCells) -> str:
    """What the labels are by the type of the column in the files; "" for texts."""
    kinds = {each.__name__ for each in target.types}
    (kind,) = kinds if len(kinds) == 1 else ("float" if kinds == {"int", "float"} else "",)
    return kind if kind in LABEL_OF else ""


def _two_types(name: str) -> DataError:
    return DataError(
        "The target is true and false in one file, and a number in another",
        where=f'column "{name}"',
        why="Whether True and 1 are one class or two is not known",
        fix="write it with the same type in all files",
    )
