"""What is said of a cell that does not fit its column, and of many such cells at once."""

import datetime
import shlex
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST, Cell, Unread, is_moment, number_of
from thalweg.data.notation.date_cells import date_as_text
from thalweg.data.notation.date_grammar import looks_like_date
from thalweg.data.notation.date_reading import COUNTS, GRAINS, ORDERS, DateReading
from thalweg.errors import CellTypeError, DataError
from thalweg.wording import shown

# So many complaints stand in one error, the rest as a number.
_MOST = 6


def require_moderate(name: str, numbers: NDArray[Any], cells: NDArray[Any]) -> None:
    """Raise a DataError at the first number that is infinite or above `LARGEST` in size."""
    if not len(numbers) or numbers.dtype.kind in "biu":
        return
    low, high = float(numbers.min()), float(numbers.max())
    if low >= -LARGEST and high <= LARGEST:
        return
    with np.errstate(invalid="ignore"):
        # A limit of 64 bits: a plain float would be made one of 32 for a column of these.
        wrong = np.flatnonzero(np.abs(numbers) > np.float64(LARGEST))
    if len(wrong):
        raise too_large(name, int(wrong[0]) + 1, cells[wrong[0]])


def too_large(name: str, row: int, cell: Cell) -> DataError:
    """The error for a number that is infinite or far too large."""
    said = shown(cell) if isinstance(cell, str) else f"{float(number_of(cell) or 0):g}"
    return DataError(
        f"A number that is infinite or far too large: {said}",
        where=f'column "{name}", row {row}',
        why=f"Numbers must be finite, and not above {LARGEST:g} in size",
        fix="correct the cell, or leave it empty if the value is not known",
    )


def misfit(name: str, kind: str, row: int, cell: Cell) -> DataError:
    """The error for a cell that does not fit its column, or no column at all.

    Parameters
    ----------
    name : str
    kind : str
        "" where it is not known yet.
    row : int
        Counted from 1.
    cell : object
    """
    where = f'column "{name}", row {row}'
    drop = f"leave the column out (--drop {shlex.quote(name)} on the command line)"
    value = number_of(cell)
    if value is not None and kind == "boolean":
        return DataError(
            f"{value:g} instead of true or false",
            where=where,
            why="When the model was fitted, this column held only true and false",
            fix="write true or false, or 1 or 0, or leave the cell empty if not known",
        )
    wanted = "true or false" if kind == "boolean" else "text" if kind == "category" else "a number"
    if isinstance(cell, str):
        return DataError(
            f"Text instead of {wanted}: {shown(cell)}",
            where=where,
            why=f"When the model was fitted, this column held only {wanted.removeprefix('a ')}"
            + ("s" if kind == "number" else ""),
            fix="correct the cell, or leave it empty if the value is not known",
        )
    sort = cell.sort if isinstance(cell, Unread) else type(cell).__name__
    what = f"A cell of type {sort} instead of {wanted}: {shown(cell)}"
    if is_moment(cell):
        return DataError(
            what, where=where, why=_NO_DATE, fix=f"{_mend_dates(name, cell)}; or {drop}"
        )
    return CellTypeError(
        what,
        where=where,
        why="A cell holds a number, true or false, or text. Python says: float() argument must be "
        f"a string or a real number, not {sort}",
        fix=f"{drop}, or code it as numbers",
    )


def written_dates(name: str, row: int, cell: str) -> DataError:
    """The error for a column of dates that are written as text."""
    return DataError(
        f"A column of dates: {shown(cell)}",
        where=f'column "{name}", row {row}',
        why=_NO_DATE,
        fix=f"{_mend_dates(name, cell)}; or leave the "
        f"column out (--drop {shlex.quote(name)} on the command line); if they are names of "
        f"groups, {say_category(name)}",
    )


def say_category(name: str) -> str:
    """How to say that a column is a category."""
    return (
        f'say so: X[{name!r}] = X[{name!r}].astype("category"), or --category '
        f"{shlex.quote(name)} on the command line"
    )


def dressed_numbers(name: str, row: int, cell: str, dress: tuple[str, str]) -> DataError:
    """The error for a column of numbers that wear a unit, a currency or thousands separators."""
    prefix, suffix = dress
    mends = f"X[{name!r}]"
    if prefix:
        mends += f".str.removeprefix({prefix!r})"
    if suffix:
        mends += f".str.removesuffix({suffix!r})"
    if not (prefix or suffix):
        mends += '.str.replace(",", "")'
    return DataError(
        f"Text instead of a number: {shown(cell)}",
        where=f'column "{name}", row {row}',
        why="Every cell of this column is a number with something around it or in it; read as "
        "names of groups they would lose their order",
        fix=f"keep the number alone, as in X[{name!r}] = {mends}.astype(float); or leave the "
        f"column out (--drop {shlex.quote(name)} on the command line); if they are names of "
        f"groups, {say_category(name)}",
    )


_NO_DATE = (
    "What of a date matters (its age, its season, its weekday, its hour) cannot be told from it"
)


def _mend_dates(name: str, cell: Cell) -> str:
    """What makes numbers of a column of such cells, whatever library the table X is of."""
    # Only an array of NumPy has such cells, and its columns have no names.
    of_array = isinstance(cell, np.generic) and name[1:].isdecimal()
    cells = f"X[:, {name[1:]}]" if of_array else f"X[{name!r}]"
    if isinstance(cell, datetime.time):
        made = f"[None if pd.isna(t) else t.hour + t.minute / 60 for t in {cells}]"
    elif isinstance(cell, datetime.timedelta | np.timedelta64):
        made = f"pd.to_timedelta(list({cells})).total_seconds()"
    else:
        times = f"pd.to_datetime(list({cells}), utc=True)"
        if isinstance(cell, pd.Period):
            times = f'pd.PeriodIndex(list({cells})).to_timestamp().tz_localize("UTC")'
        made = (
            '(times - pd.Timestamp("2000-01-01", tz="UTC")).days, times.month or times.hour, where '
            f"times = {times}"
        )
    return f"put numbers that mean something in its place, as {made}"


def together(problems: Sequence[DataError]) -> DataError:
    """One error that tells of several."""
    first, *others = problems
    if not others:
        return first
    told = [f"{each.what} ({each.where})" if each.where else each.what for each in others[:_MOST]]
    more = f"; and {len(others) - _MOST} more" if len(others) > _MOST else ""
    why = f"{first.why.removesuffix('.')}. " if first.why else ""
    return type(first)(
        first.what, where=first.where, why=f"{why}Besides: {'; '.join(told)}{more}", fix=first.fix
    )


def no_date(name: str, row: int, cell: Any, reading: DateReading) -> DataError:
    """The error for a cell that a column of dates cannot take."""
    where = f'column "{name}", row {row}'
    drop = f"leave the column out (--drop {shlex.quote(name)} on the command line)"
    text = cell if isinstance(cell, str) else date_as_text(cell)
    if text is None or not (looks_like_date(text) or is_moment(cell)):
        why = f"When the model was fitted, this column held {GRAINS[reading.grain]}"
        return DataError(
            f"No date: {shown(cell)}",
            where=where,
            why=why,
            fix=f"correct the cell, or leave it empty if the date is not known; or {drop}"
            if reading.form not in COUNTS
            else "correct the cell, or leave it empty if the date is not known",
        )
    said = [GRAINS[reading.grain]]
    if reading.form:
        said.append(ORDERS.get(reading.form) or COUNTS.get(reading.form) or reading.form)
    said.append(f"in the time zone {reading.zone}" if reading.zone else "without a time zone")
    return DataError(
        f"A date that does not exist, or does not go with the column: {shown(text)}",
        where=where,
        why=f"When the model was fitted, this column held {', '.join(said)}",
        fix="write the date as in 2024-12-31"
        + ("T13:45:00Z" if reading.zone else "")
        + ", or leave the cell empty if it is not known",
    )
