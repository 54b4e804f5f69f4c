"""What is asked of single rows of a table: why, what if, and what would change the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.fixes.named_rows import rows_named
from thalweg.data.schema.given_table import table_of
from thalweg.errors import SettingsError
from thalweg.estimators.explaining.base_rows import (
    MOST_BACKGROUND,
    TYPICAL,
    Base,
    background_rows,
    other_row,
    typical_row,
)
from thalweg.estimators.explaining.cell_texts import own_cells, written_cells
from thalweg.estimators.explaining.changed_rows import read_changed, require_own_columns
from thalweg.estimators.explaining.explained_rows import Method
from thalweg.jobs.explaining.cells_to_set import cells_to_set
from thalweg.jobs.explaining.typed_columns import columns_of
from thalweg.jobs.parts.model_table import Features, rows_of
from thalweg.reporting.explaining.contribution_words import explanation_text
from thalweg.reporting.explaining.counterfactual_goals import AlreadyThere
from thalweg.reporting.explaining.counterfactuals import Counterfactuals, counterfactuals_of
from thalweg.reporting.explaining.explanation import Explanation, explanation_of
from thalweg.reporting.explaining.what_if import ReadRows, WhatIf, what_if_of
from thalweg.reporting.trace.table_rows import table_rows
from thalweg.wording import as_printed, parameter

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

_WIDTH = 80


_FEWER_ROWS = (
    f"give a table that has {MOST_BACKGROUND} of its rows; or leave out {parameter('background')} "
    f"and give one row to compare with, such as {parameter('against', 1)}"
)


@dataclass(frozen=True, kw_only=True)
class AskedRows:
    """What is asked of rows.

    Attributes
    ----------
    row : str
        ``"23"`` or ``"3,17-19"``, from 1.
    against : str, optional
        The number of another row of the table to compare with.
    background : str, optional
        A table whose mean is compared with.
    method : {"path", "shapley"}
    set : mapping of str to str, or sequence of str
        A cell for each column to change; or texts such as ``"age=50"``.
    change : sequence of str
        Columns that may change, each also several with commas between them.
    to : str, optional
        The class that the answer should become.
    below, above : float, optional
        What a predicted number should be below, or above.
    """

    row: str
    against: str | None = None
    background: str | None = None
    method: Method = "path"
    set: Mapping[str, str] | Sequence[str] = field(default_factory=dict)
    change: Sequence[str] = ()
    to: str | None = None
    below: float | None = None
    above: float | None = None


@dataclass(frozen=True, eq=False)
class ExplainedTableRows:
    """The answers to what is asked of rows.

    Attributes
    ----------
    explanation : Explanation
    what_if : WhatIf or None
    counterfactuals : list of Counterfactuals
        One for each row, if columns may change.
    caution : str
        What a reader must know first; "" where there is nothing.
    written : list of dict
        The cells of each row as a person can write them into the table.
    """

    explanation: Explanation
    what_if: WhatIf | None
    counterfactuals: list[Counterfactuals]
    caution: str = ""
    written: list[dict[str, str]] = field(default_factory=list)

    def text(self, *, ascii: bool = False) -> str:
        """All of it for a terminal of 80 columns."""
        parts = [fill(self.caution, _WIDTH)] if self.caution else []
        for place in range(len(self.explanation)):
            parts.append(explanation_text(self.explanation, place, ascii=ascii))
            if self.what_if is not None:
                parts.append(self.what_if.text(place))
            if self.counterfactuals:
                parts.append(self.counterfactuals[place].text())
        return "\n\n".join(parts)

    def frame(self) -> pd.DataFrame:
        """The contributions, a line for each row and column."""
        return self.explanation.to_frame()

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "explanation": self.explanation.as_dict(),
            "what_if": None if self.what_if is None else self.what_if.as_dict(),
            "caution": self.caution,
            "counterfactuals": [each.as_dict() for each in self.counterfactuals],
        }


def explained_table_rows(
    model: "Model",
    X: Features,
    kept: NDArray[np.intp] | None,
    asked: AskedRows,
    background: Base | None = None,
    target: str = "",
    caution: str = "",
) -> ExplainedTableRows:
    """Answer what is asked of some rows of a table.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    X : DataFrame or ndarray
        The features of the whole table: how a cell is written may only show in other rows.
    kept : ndarray of int, or None
        The rows of the file that the table has, from 0; None: all.
    asked : AskedRows
    background : Base, optional
        The rows of the table ``asked.background`` (`base_of_table`).
    target : str
        The name of the target, "" if it is not known.
    caution : str
        Of the model, as an evaluation shows it.

    Raises
    ------
    DataError, SettingsError
        For rows that are not there, columns that the model does not have, and as `model.explain`,
        `model.what_if` and `model.counterfactuals`.
    """
    places = places_of_rows(asked.row, "row", len(X), kept)
    schema = model.schema_
    cells_asked = cells_to_set(asked.set, schema.given_names)
    if cells_asked:
        require_own_columns(schema, cells_asked, "set")
    change = columns_of(asked.change, schema.given_names)
    if change:
        require_own_columns(schema, change, "change")
    _require_a_change(asked, change)
    base = _base(model, X, kept, asked, background)
    own = table_rows(model, X, places)
    cells = own_cells(schema, table_of(rows_of(X, places)))
    read = ReadRows(own.matrix, cells)
    explanation = explanation_of(model, own.matrix, cells, own.rows, base, asked.method, target)
    what_if = None
    if cells_asked:
        new = _as_changed(model, X, places, cells_asked)
        what_if = what_if_of(model, read, new, list(cells_asked), own.rows, target)
    found = _all_counterfactuals(model, read, own.rows, asked, change, target)
    rows = zip(explanation.texts, explanation.data, strict=True)
    written = [written_cells(schema, texts, cells) for texts, cells in rows]
    return ExplainedTableRows(explanation, what_if, found, caution, written)


def _all_counterfactuals(
    model: "Model",
    read: ReadRows,
    rows: Sequence[int],
    asked: AskedRows,
    change: Sequence[str],
    target: str,
) -> list[Counterfactuals]:
    """The changes for each row; of several rows, those whose answer is so already have none."""
    if not change:
        return []
    labels = [str(each) for each in getattr(model, "classes_", ())]
    to = None if asked.to is None else as_printed(asked.to, labels)
    found: list[Counterfactuals] = []
    there: list[AlreadyThere] = []
    for place, row in enumerate(rows):
        one = ReadRows(read.matrix[[place]], read.cells[[place]])
        try:
            made = counterfactuals_of(
                model, one, row, change, to=to, below=asked.below, above=asked.above, target=target
            )
        except AlreadyThere as error:
            there.append(error)
            made = Counterfactuals([], [], [], [*change], error.goal, row, 0, 0, is_there=True)
        found.append(made)
    if len(there) == len(rows):
        raise there[0]
    return found


def _require_a_change(asked: AskedRows, change: Sequence[str]) -> None:
    for name in ("to", "below", "above"):
        if getattr(asked, name) is not None and not change:
            raise SettingsError(
                f"{parameter(name)} says what an answer should become by a change, and none is "
                "asked for",
                fix=f"name the columns that may change with {parameter('change')}",
            )


def places_of_rows(
    text: str, name: str, n_rows: int, kept: NDArray[np.intp] | None
) -> NDArray[np.intp]:
    """Rows as the file counts them, from 1, as positions in the table, from 0."""
    if kept is None:
        return rows_named(text, n_rows, name, once=True)
    of_file = rows_named(text, int(kept[-1]) + 1, name, once=True)
    places = np.searchsorted(kept, of_file)
    gone = of_file[kept[places] != of_file]
    if len(gone):
        raise SettingsError(
            f"Row {gone[0] + 1:,} is left out of the table",
            where=parameter(name, text),
            fix="name another row",
        )
    return places


def _base(
    model: "Model",
    X: Features,
    kept: NDArray[np.intp] | None,
    asked: AskedRows,
    background: Base | None,
) -> Base:
    if background is not None:
        return background
    if asked.against is None:
        return Base(typical_row(model._known), TYPICAL)
    places = places_of_rows(asked.against, "against", len(X), kept)
    other = table_rows(model, X, places)
    base = other_row(other.matrix)
    return base._replace(name=f"row {other.rows[0]:,}")


def require_one_base(asked: AskedRows) -> None:
    """Raise a SettingsError if two things to compare with are given."""
    if asked.against is not None and asked.background is not None:
        raise SettingsError(
            f"{parameter('against')} and {parameter('background')} are both given",
            why="An answer is compared with one base",
            fix=f"leave out {parameter('against')} or {parameter('background')}",
        )


def base_of_table(model: "Model", X: Features) -> Base:
    """The mean of all rows of a table; messages number its rows, and not those of another one."""
    return background_rows(table_rows(model, X, np.arange(len(X))).matrix, _FEWER_ROWS)


def _as_changed(
    model: "Model", X: Features, places: NDArray[np.intp], cells: Mapping[str, str]
) -> ReadRows:
    """Some rows with other cells, as the model reads them in their table."""
    schema = model.schema_

    def read(changes: Mapping[str, Any]) -> ReadRows:
        other = _changed(X, places, changes, schema.given_names)
        matrix = table_rows(model, other, places).matrix
        return ReadRows(matrix, own_cells(schema, table_of(rows_of(other, places))))

    def spell(name: str, cell: Any) -> str:
        return parameter("set", f"{name}={'' if cell is None else cell}")

    examples = {name: _example(X, int(places[0]), name, schema.given_names) for name in cells}
    return read_changed(read, cells, spell, examples)


def _example(X: Features, place: int, name: str, names: Sequence[str]) -> Any:
    """A cell of a column that is not empty, that of a row if it can be."""
    column = X[name] if isinstance(X, pd.DataFrame) else pd.Series(X[:, list(names).index(name)])
    there = column.iloc[[place, *range(len(column))]].dropna()
    return None if there.empty else there.iloc[0]


def _changed(
    X: Features, places: NDArray[np.intp], cells: Mapping[str, str], names: Sequence[str]
) -> Features:
    """The whole table, in which these columns of some rows have other cells."""
    if isinstance(X, pd.DataFrame):
        changed = X.astype(dict.fromkeys(cells, object))
        for name, cell in cells.items():
            changed.iloc[places, list(changed.columns).index(name)] = cell
        return changed
    made = X.astype(object)
    for name, cell in cells.items():
        made[places, list(names).index(name)] = cell
    return made
