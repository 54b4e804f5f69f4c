"""Error messages for cells that do not fit their column, and how to fix them."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST, Cell, Unread, is_moment, number_of, trimmed
from thalweg.data.dates.date_cells import (
    DateReader,
    changes_clocks,
    date_as_text,
    without_offset,
    zone_of,
)
from thalweg.data.dates.date_decision import readings_of
from thalweg.data.dates.date_grammar import looks_like_date
from thalweg.data.dates.date_reading import COUNTS, GRAINS, ORDERS, DateReading
from thalweg.data.fixes.column_errors import ColumnError, Remedy, fix_of_each
from thalweg.data.fixes.table_syntax import cells_in_python, in_zone
from thalweg.data.notation.as_said import options, readings
from thalweg.data.notation.column_notation import ColumnNotation
from thalweg.data.notation.durations import duration_of
from thalweg.data.notation.missing_words import may_be_word, say_missing_later
from thalweg.data.notation.number_notation import PLAIN, NumberNotation
from thalweg.data.notation.read_number import Uncertain
from thalweg.data.notation.said_columns import leave_out, say_category, say_how, say_number
from thalweg.data.notation.written_number import Written, written
from thalweg.errors import CellTypeError, DataError
from thalweg.wording import counted, parameter, row_number, shown

# Texts that a message names.
_MOST_TEXTS = 5

# Besides the first, one error lists this many problems, and the number of the others.
_MOST = 6


def require_moderate(name: str, numbers: NDArray[Any], cells: NDArray[Any]) -> None:
    """Raise a DataError if a number is infinite or above `LARGEST` in size."""
    if not len(numbers) or numbers.dtype.kind in "biu":
        return
    low, high = float(numbers.min()), float(numbers.max())
    if low >= -LARGEST and high <= LARGEST:
        return
    with np.errstate(invalid="ignore"):
        # A float64 limit: NumPy would convert a Python float to float32 for a float32 column.
        wrong = np.flatnonzero(np.abs(numbers) > np.float64(LARGEST))
    if len(wrong):
        raise too_large(name, row_number(int(wrong[0]) + 1), cells[wrong[0]])


def too_large(name: str, row: int, cell: Cell) -> DataError:
    """The error for a number that is infinite or far too large."""
    return DataError(
        f"A number that is infinite or far too large: {_large(cell)}",
        where=f'column "{name}", row {row}',
        why=f"Numbers must be finite, and not above {LARGEST:g} in size",
        fix="correct the cell, or leave it empty if the value is not known",
    )


def _large(cell: Cell) -> str:
    """A cell with such a number, as it stands there; a long one shortened."""
    return f"{float(cell):g}" if isinstance(cell, float | np.floating) else shown(cell)


def misfit(name: str, kind: str, row: int, cell: Cell) -> DataError:
    """The error for a cell that does not fit its column, or any column.

    Parameters
    ----------
    name : str
    kind : str
        "" if it is not known yet.
    row : int
        Counted from 1.
    cell : object
    """
    where = f'column "{name}", row {row}'
    value = number_of(cell)
    if value is not None and kind == "boolean":
        return DataError(
            f"{value:g} instead of true or false",
            where=where,
            why="When the model was fitted, this column had only true and false",
            fix="write true or false, or 1 or 0, or leave the cell empty if the value is not known",
        )
    wanted = "true or false" if kind == "boolean" else "text" if kind == "category" else "a number"
    if isinstance(cell, str):
        return _text_instead(name, kind, where, cell, wanted)
    sort = cell.sort if isinstance(cell, Unread) else type(cell).__name__
    what = f"A cell of type {sort} instead of {wanted}: {shown(cell)}"
    if isinstance(cell, datetime.timedelta | np.timedelta64):
        return DataError(
            what,
            where=where,
            why="A duration is a number only in some unit, which the table does not tell",
            fix="replace it with a number, such as pd.to_timedelta("
            f"{cells_in_python(name)}).total_seconds(); or {leave_out(name)}",
        )
    if is_moment(cell):
        return DataError(
            what,
            where=where,
            why="When the model was fitted, this column held no dates"
            if kind
            else "Dates and other values are mixed in one column",
            fix="write the same type of value in all cells of the column; or " + leave_out(name),
        )
    return CellTypeError(
        what,
        where=where,
        why="A cell holds a number, true or false, or text. Python says: float() argument must be "
        f"a string or a real number, not {sort}",
        fix=_without_the_type(name, cell),
    )


def _without_the_type(name: str, cell: Cell) -> str:
    """The fix for cells of a type that no column has; of bytes that are a text, how to read it."""
    if isinstance(cell, bytes):
        try:
            cell.decode()
        except UnicodeDecodeError:
            pass
        else:
            column = f"pd.Series({cells_in_python(name)}, dtype=object)"
            return f'give text, such as {column}.str.decode("utf-8"); or {leave_out(name)}'
    return f"{leave_out(name)}, or encode it as numbers"


def _text_instead(name: str, kind: str, where: str, cell: str, wanted: str) -> DataError:
    """The error for a text; in a column of numbers it may be a word for a missing value."""
    word = trimmed(cell)
    is_word = kind in ("number", "boolean") and may_be_word(word)
    fix = "correct the cell, or leave it empty if the value is not known"
    also = f"; or, if the text means that, say so: {say_missing_later(name, cell)}"
    return ColumnError(
        f"Text instead of {wanted}: {shown(cell)}",
        where=where,
        why=f"When the model was fitted, this column had only {wanted.removeprefix('a ')}"
        + ("s" if kind == "number" else ""),
        fix=fix + (also if is_word else ""),
        remedies=[Remedy(said={"missing": [word]}, cell=cell)] if is_word else [],
        column=name if is_word else "",
    )


def counted_texts(texts: Sequence[str], counts: Sequence[int]) -> str:
    """The most common of some texts, and in how many rows each is; equal texts are one."""
    total: Counter[str] = Counter()
    for text, count in zip(texts, counts, strict=True):
        total[text] += count
    order = sorted(total, key=lambda text: (-total[text], text))
    said = [f"{shown(text)} in {counted(total[text], 'row')}" for text in order[:_MOST_TEXTS]]
    more = len(order) - len(said)
    return ", ".join(said) + (f" and {more:,} more" if more else "")


def is_date_cell(cell: Cell) -> bool:
    """Whether a cell is a date or a time, or a text that looks like one."""
    return looks_like_date(cell) if isinstance(cell, str) else date_as_text(cell) is not None


def date_for_number(name: str, row: int, cell: Cell, notation: NumberNotation | None) -> DataError:
    """The error for a column of dates that is said to hold numbers."""
    text = cell if isinstance(cell, str) else date_as_text(cell)
    return DataError(
        f"A date instead of a number: {shown(text)}",
        where=f'column "{name}", row {row}',
        why=f"{parameter('number')} says that the column holds numbers, and it holds none",
        fix=f"leave out {say_number(name, notation.example if notation else '')}: the cells are "
        "then read as dates; or write numbers, such as the days since the first date",
    )


def truth_for_number(name: str, notation: NumberNotation) -> DataError:
    """The error for a column of true and false whose numbers are said to be written somehow."""
    return DataError(
        "True and false instead of written numbers",
        where=f'column "{name}"',
        why=f"{parameter('number')} says that its numbers are written as {notation.example}",
        fix=f"name the column without an example, {say_number(name)}: true is then 1 and false is "
        "0; or leave the option out, and the column is one of true and false",
    )


def duration(name: str, row: int, text: str) -> DataError:
    """The error for a column of durations."""
    found = duration_of(text)
    return DataError(
        f"A duration, which is not read: {shown(text)}",
        where=f'column "{name}", row {row}',
        why="A duration is a number only in some unit, which the table does not tell",
        fix=f"{leave_out(name)}; or write numbers in one unit{found.in_words if found else ''}; if "
        f"the cells are names of groups, {say_category(name)}",
    )


def no_features(n_rows: int) -> DataError:
    """The error for a table without a feature, in which scikit-learn's checks look for words."""
    return DataError(
        f"The table has no feature columns: 0 feature(s) (shape=({n_rows}, 0)) while a minimum of "
        "1 is required",
        why="A prediction needs at least one feature",
        fix="give a table with at least one column besides the target",
    )


def misread(
    name: str, kind: str, notation: ColumnNotation | None, row: int, cell: Cell
) -> DataError:
    """The error for a cell of a later table that its column cannot read."""
    if isinstance(notation, DateReading):
        return no_date(name, row, cell, notation)
    said = written(cell) if isinstance(cell, str) and kind == "number" else None
    if said is None:
        return misfit(name, kind, row, cell)
    known = notation if isinstance(notation, NumberNotation) else PLAIN
    where = f'column "{name}", row {row}'
    if not known.fits_unit(said):
        of_unit = f'"{known.unit}"' if known.unit else "none"
        example = _with_unit(said)
        return ColumnError(
            f"A number with another unit than the model knows: {shown(cell)}",
            where=where,
            why=f"When the model was fitted, the unit of this column was {of_unit}",
            fix="write the number in that unit; if it is in that unit already, say how the column "
            f"is written: {say_how(name, example)}",
            remedies=[Remedy(said={"number": example})],
            column=name,
        )
    if said.bound and not known.bounded:
        return DataError(
            f"A bound instead of a number: {shown(cell)}",
            where=where,
            why="When the model was fitted, this column had no bounds, and what one means for the "
            "target was not learned",
            fix="leave the cell empty if the value is not known, or fit on a table with bounds",
        )
    values = " or ".join(f"{each.value:.15g}" for each in said.readings)
    return ColumnError(
        f"{cell.strip()} may be {values}",
        where=where,
        why=f"The model was fitted on {_known(known)}, which do not tell",
        fix=f"say how this column is written: {options(name, cell, (), known, say_how)}",
        remedies=_remedies(cell, (), known),
        column=name,
    )


def _remedies(text: str, others: Sequence[str], notation: NumberNotation) -> list[Remedy]:
    """The options that `options` says, as data."""
    found = readings(text, others, notation)
    return [Remedy(f"{value:.15g}", {"number": example}) for value, example in found]


def uncertain(name: str, notation: NumberNotation, found: Uncertain, row: int) -> DataError:
    """The error for a cell of two readings beside one that contradicts the notation."""
    said = written(found.text)
    assert said is not None
    values = " or ".join(f"{each.value:.15g}" for each in said.readings)
    said_by = options(name, found.text, [found.other], notation, say_how)
    return ColumnError(
        f"{found.text.strip()} may be {values}",
        where=f'column "{name}", row {row}',
        why=f"The model was fitted on {_known(notation)}, and "
        f"{shown(found.other)} in this column is written in another way",
        fix=f"say how this column is written: {said_by}"
        if said_by
        else "write the numbers of the column in one way",
        remedies=_remedies(found.text, [found.other], notation),
        column=name,
    )


def _known(notation: NumberNotation) -> str:
    """The numbers that a model was fitted on, with an example."""
    if notation == PLAIN:
        return "numbers with a decimal point or without decimals"
    return f"numbers such as {notation.shown}"


def _with_unit(cell: Written) -> str:
    """An example of numbers with the unit of a cell."""
    reading = cell.readings[0]
    european = cell.is_sure and (reading.decimal == "," or reading.thousands == ".")
    decimal, thousands = (",", ".") if european else (".", ",")
    return NumberNotation(decimal, thousands, cell.unit, cell.before).example


def together(problems: Sequence[DataError]) -> DataError:
    """One error that reports several problems, with the fix of each."""
    first, *others = problems
    if not others:
        return first
    said = [f"{each.what} ({each.where})" if each.where else each.what for each in others[:_MOST]]
    more = f"; and {len(others) - _MOST} more" if len(others) > _MOST else ""
    what, where, why, _ = first.unspelled
    why = f"{why.removesuffix('.')}. " if why else ""
    fix = fix_of_each(problems)
    return type(first)(what, where=where, why=f"{why}Also: {'; '.join(said)}{more}", fix=fix)


def far_date(name: str, row: int, cell: Cell) -> DataError:
    """The error for a date outside the years that are read."""
    return DataError(
        f"A date outside the years 1 to 9999: {shown(str(cell))}",
        where=f'column "{name}", row {row}',
        why="Such a date is mostly a number that was taken for a date",
        fix="correct the cell, or leave it empty if the date is not known",
    )


def no_date(name: str, row: int, cell: Any, reading: DateReading) -> DataError:
    """The error for a cell that a column of dates cannot take."""
    where = f'column "{name}", row {row}'
    text = cell if isinstance(cell, str) else date_as_text(cell)
    if text is None or not (looks_like_date(text) or is_moment(cell)):
        fix = "correct the cell, or leave it empty if the date is not known"
        also = ""
        if isinstance(cell, str) and may_be_word(trimmed(cell)):
            also = f"; or, if the text means that, say so: {say_missing_later(name, cell)}"
        return ColumnError(
            f"No date: {shown(cell)}",
            where=where,
            why=f"When the model was fitted, this column held {GRAINS[reading.grain]}",
            fix=f"{fix}{also}; or leave out the row if it is no case: "
            f"--drop-row {row} on the command line",
        )
    said = [GRAINS[reading.grain]]
    if reading.form:
        said.append(ORDERS.get(reading.form) or COUNTS.get(reading.form) or reading.form)
    said.append(f"in the time zone {reading.zone}" if reading.zone else "without a time zone")
    why = f"When the model was fitted, this column held {', '.join(said)}"
    example = _EXAMPLES["moment" if reading.zone else reading.grain] + ("Z" if reading.zone else "")
    fix = f"write the date as in {example}, or leave the cell empty if it is not known"
    its = _its_zone(cell, text)
    if bool(its) == bool(reading.zone) or not _only_its_zone(text, reading):
        several = "" if reading.form else readings_of(text)
        what = (
            f"A date that can be read in several orders: {shown(text)} is {several}"
            if several
            else f"A date that does not exist, or does not go with the column: {shown(text)}"
        )
        return DataError(what, where=where, why=why, fix=fix)
    what = f"A time {f'in the time zone {its}' if its else 'without a time zone'}: {shown(text)}"
    if not isinstance(cell, str):
        changes = bool(reading.zone) and changes_clocks(reading.zone)
        fix = (
            f"if they are times of {reading.zone}, give them this zone"
            if reading.zone
            else "if the clock times are right, take the zone away"
        )
        fix += "; hours that occur twice or never become missing cells" if changes else ""
        fix += f": {in_zone(name, reading.zone, changes=changes)}"
    return DataError(
        what, where=where, why=f"The time zone does not go with the column. {why}", fix=fix
    )


# How a person writes a date, by what the cells of its column tell.
_EXAMPLES = {
    "month": "2024-12",
    "day": "2024-12-31",
    "moment": "2024-12-31T13:45:00",
    "time": "13:45:00",
}


def _its_zone(cell: Any, text: str) -> str:
    """The time zone of a cell, as a name or an offset; "" if it has none."""
    if isinstance(cell, str):
        return text.removeprefix(without_offset(text))
    return zone_of(getattr(cell, "tzinfo", None))


def _only_its_zone(text: str, reading: DateReading) -> bool:
    """Whether nothing but its time zone, or that it has none, keeps a cell from its column."""
    without = DateReader(replace(reading, zone=""))(without_offset(text))
    return without is not None and without == without


def reversed_beside(
    name: str, notation: NumberNotation, text: str, row: int, other: str, proof: str
) -> DataError:
    """The error for a cell of two readings beside a column in the reverse notation."""
    said = written(text)
    assert said is not None
    values = " or ".join(f"{each.value:.15g}" for each in said.readings)
    return ColumnError(
        f"{text.strip()} may be {values}",
        where=f'column "{name}", row {row}',
        why=f"The model was fitted on {_known(notation)}, but {shown(proof)} in the column "
        f'"{other}" of this table is written in the other way',
        fix=f"say how this column is written: {options(name, text, (), notation, say_how)}",
        remedies=_remedies(text, (), notation),
        column=name,
    )
