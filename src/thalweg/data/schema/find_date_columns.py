"""Finds the columns of dates in a table that a model is fitted on."""

from typing import Any

import numpy as np

from thalweg.data.cells import is_missing_text, number_of
from thalweg.data.dates.date_cells import (
    date_as_text,
    datetimes_in_zone,
    far_row,
    grain_of_datetimes,
    named_zone,
    whole_as_text,
    without_offset,
)
from thalweg.data.dates.date_decision import TextColumn, decide_dates
from thalweg.data.dates.date_grammar import looks_like_date
from thalweg.data.dates.date_numbers import Floats
from thalweg.data.dates.date_reading import COUNTS, DateReading, say_date
from thalweg.data.dates.date_texts import count_moments
from thalweg.data.schema.column_floats import Distinct, distinct
from thalweg.data.schema.given_table import Cells
from thalweg.data.schema.misfit_messages import far_date
from thalweg.errors import DataError
from thalweg.wording import parameter, row_number, shown

# Texts that are looked at before a whole column is read as dates.
_LOOKED_AT = 200


def find_dates(
    name: str, cells: Cells, different: Distinct, weights: Floats, form: str = ""
) -> DateReading | None:
    """Find out whether a column holds dates, and how they are written.

    Parameters
    ----------
    name : str
    cells : Cells
    different : Distinct
        Its different cells.
    weights : ndarray of float64, shape (n_rows,)
    form : str
        How its dates are read, if somebody has said it.

    Returns
    -------
    DateReading or None

    Raises
    ------
    DataError
        As `decide_dates` does, or where cells are no dates although somebody has said so.
    """
    if cells.values.dtype.kind == "M" and form not in COUNTS:
        moments = datetimes_in_zone(cells.values, cells.zone, cells.zone)
        assert moments is not None
        if np.isnan(moments).all():
            return None
        row = far_row(moments)
        if row is not None:
            raise far_date(name, row_number(row), cells.values[row - 1])
        # Cells that are dates are in no form, but later tables may be texts.
        return DateReading(form, grain_of_datetimes(cells.values, moments), cells.zone)
    if form in COUNTS:
        if cells.values.dtype.kind == "M":
            different = distinct(cells.without_datetimes().values)  # on their own clock
        return _counted(name, different, form)
    if not form and not _may_be_dates(different.cells):
        return None
    known, texts, zone = _texts(different, by_format="%" in form)
    there = different.codes >= 0
    sums = np.bincount(different.codes[there], weights[there]).astype(np.float64)
    rows = different.first_rows()[known]
    found = decide_dates(TextColumn(name, texts, sums[known], rows), form)
    if found is None or not zone:
        return found
    return DateReading(found.form, found.grain, zone, found.two_digits)


def _may_be_dates(cells: list[Any]) -> bool:
    """Whether one of some cells, spread over all of them, is a date or looks like one."""
    some = cells[:: max(1, len(cells) // _LOOKED_AT)]
    return any(
        looks_like_date(cell) if isinstance(cell, str) else date_as_text(cell) is not None
        for cell in some
    )


def _texts(different: Distinct, *, by_format: bool) -> tuple[list[int], list[str], str]:
    """The places of cells that are not missing, as texts, and the named zone of all of them."""
    if all(isinstance(cell, str) for cell in different.cells):
        filled = [i for i, cell in enumerate(different.cells) if not is_missing_text(cell)]
        return filled, [different.cells[place] for place in filled], ""
    zone = named_zone(different.cells)
    known: list[int] = []
    texts: list[str] = []
    for place, cell in enumerate(different.cells):
        if isinstance(cell, str):
            if is_missing_text(cell):
                continue
            text = cell
        else:
            date = date_as_text(cell)
            digits = whole_as_text(cell) if by_format and date is None else None
            # What is neither is no date, even if its text looks like one, as of a duration.
            text = date or digits or f"{cell!r} ({type(cell).__name__})"
        known.append(place)
        texts.append(without_offset(text) if zone else text)
    return known, texts, zone


def _counted(name: str, different: Distinct, form: str) -> DateReading:
    """Numbers that count days or seconds."""
    read = [number_of(cell) for cell in different.cells]
    for place, value in enumerate(read):
        if value is None or isinstance(value, bool):
            raise _no_count(name, different, place, form)
    counts = np.array(read, dtype=np.float64)
    moments = count_moments(form, counts)
    outside = np.isnan(moments) & ~np.isnan(counts)
    if outside.any():
        rows = [different.row(int(place)) for place in np.flatnonzero(outside)]
        raise _no_count(name, different, int(np.flatnonzero(outside)[np.argmin(rows)]), form)
    moments = moments[~np.isnan(moments)]
    has_clock = bool((moments != np.floor(moments)).any())
    return DateReading(form, "moment" if has_clock else "day")


def _no_count(name: str, different: Distinct, place: int, form: str) -> DataError:
    cell = different.cells[place]
    text = date_as_text(cell)
    return DataError(
        f"This is none of {COUNTS[form]}: {shown(cell if text is None else text)}",
        where=f'column "{name}", row {different.row(place)}',
        why=f"{parameter('date', {name: form})} says that the column holds them, of the years 1 to "
        "9999",
        fix="correct the cell, leave it empty if the date is not known, or name another form"
        if text is None
        else f"if all cells are dates already, leave out {say_date(name, form)}",
    )
