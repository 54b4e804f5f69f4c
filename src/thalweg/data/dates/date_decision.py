"""Decides from all cells of a column whether it holds dates, and how they are written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import trimmed
from thalweg.data.dates.date_grammar import MONTH, NO_DATE, NO_ZONE, NUMERIC, TIME, Said
from thalweg.data.dates.date_numbers import Floats, date_text, days_of, is_possible
from thalweg.data.dates.date_reading import COUNTS, ORDERS, DateReading, say_date
from thalweg.data.dates.date_texts import (
    in_order,
    numbers_in_order,
    said_in_form,
    zone_of_minutes,
)
from thalweg.data.fixes.column_errors import ColumnError, Remedy
from thalweg.data.notation.missing_words import few_words, say_missing
from thalweg.errors import DataError
from thalweg.shell_words import in_shell
from thalweg.wording import counted, parameter, row_number, shown

Flags = NDArray[np.bool_]

# Up to so many different dates beside other texts make a category, as with numerals.
FEW_DATES = 8
# Cells that are dates to one that is not, at least: else the column holds codes or words.
RARE = 4


@dataclass(frozen=True, eq=False)
class TextColumn:
    """The different texts of a column, none of them missing.

    Parameters
    ----------
    name : str
    texts : sequence of str
    weights : ndarray of float64
        Of all rows that hold each text.
    rows : ndarray of int
        The first row of each, counted from 1.
    """

    name: str
    texts: Sequence[str]
    weights: Floats
    rows: NDArray[np.integer]

    def first(self, which: Flags) -> int:
        """The place of the text among these that stands in the first row."""
        places = np.flatnonzero(which)
        return int(places[np.argmin(self.rows[places])])

    def number(self, place: int) -> str:
        """The number of the first row of a text, in a message."""
        return f"{row_number(int(self.rows[place])):,}"

    def where(self, place: int) -> str:
        """Where a text is found first."""
        return f'column "{self.name}", row {self.number(place)}'

    def is_rare(self, which: Flags) -> bool:
        """Whether these texts are few beside the others."""
        return RARE * float(self.weights[which].sum()) <= float(self.weights[~which].sum())


def decide_dates(column: TextColumn, form: str = "") -> DateReading | None:
    """Find out whether the texts of a column are dates, and how they are written.

    Parameters
    ----------
    column : TextColumn
    form : str
        How dates are read, if somebody has said it: one of `ORDERS`, or a format.

    Returns
    -------
    DateReading or None
        None where the column holds no dates, or codes that only look like dates.

    Raises
    ------
    DataError
        Where several readings are possible, a date does not exist, or cells do not go together.
    """
    if not len(column.texts):
        return None
    said = said_in_form(column.texts, form)
    odd = said.kind == NO_DATE
    if odd.all() and not form:
        return None
    if odd.any():
        if not form and (np.sum(~odd) <= FEW_DATES or not column.is_rare(odd)):
            return None
        raise _other_text(column, odd, form)
    is_time, is_month = said.kind == TIME, said.kind == MONTH
    order = form if form in ORDERS else ""
    if not order and (said.kind == NUMERIC).any():
        found = _order(column, said)
        if found is None:
            return None
        order = found
    year, month, day, _ = in_order(said, order)
    wrong = np.where(is_time, said.nanoseconds < 0, ~is_possible(year, month, day))
    wrong |= said.nanoseconds < 0
    if wrong.any():
        # A month above 12 is a number in a code, such as 2024-17.
        if not form and ((wrong & is_month).any() or not column.is_rare(wrong)):
            return None
        raise _impossible(column, wrong, said, order)
    for some, words in ((is_time, "a time alone"), (is_month, "a month alone")):
        if some.any() and not some.all():
            raise _mixture(column, some, words)
    grain = "time" if is_time.any() else "month" if is_month.any() else "day"
    if grain == "day" and said.nanoseconds.any():  # midnight is a day
        grain = "moment"
    zone = _zone(column, said)
    # Full stops are day.month.year without being told so; the order is kept all the same.
    return DateReading(form or order, grain, zone, bool(said.two_digits.any()))


def _order(column: TextColumn, said: Said) -> str | None:
    """The one order of three numbers that makes a date of all cells, or nearly all."""
    numeric = said.kind == NUMERIC
    orders = ["dmy", "mdy"]
    if (numeric & said.dashed & said.two_digits).any() and not (numeric & ~said.two_digits).any():
        orders.append("ymd")
    wrong = {order: numeric & ~is_possible(*numbers_in_order(said, order)) for order in orders}
    possible = [order for order in orders if not wrong[order].any()]
    if len(possible) == 1 or (possible and said.dotted[numeric].all()):
        return possible[0]
    if possible:
        raise _ambiguous(column, said, possible)
    best = min(orders, key=lambda order: float(column.weights[wrong[order]].sum()))
    if not column.is_rare(wrong[best]):
        proofs = [numeric & ~wrong[order] & _only(wrong, order) for order in orders]
        shown_by = [proof for proof in proofs if proof.any()]
        if len(shown_by) > 1:
            none = np.logical_and.reduce(list(wrong.values()))
            if column.is_rare(none):
                raise _two_orders(column, *(column.first(proof) for proof in shown_by[:2]))
        return None
    place = column.first(wrong[best])
    others = [order for order in orders if order != best and not wrong[order][place]]
    if others:
        proof = numeric & ~wrong[best] & wrong[others[0]]
        if proof.any():
            raise _two_orders(column, column.first(proof), place)
    return best


def _only(wrong: dict[str, Flags], order: str) -> Flags:
    """Which cells no other order makes a date of."""
    others = [each for name, each in wrong.items() if name != order]
    found: Flags = np.logical_and.reduce(others)
    return found


def _zone(column: TextColumn, said: Said) -> str:
    """The one zone of all cells; empty where none is named."""
    zones = np.unique(said.east)
    if len(zones) > 1:
        one, other = (column.first(said.east == each) for each in zones[:2])
        raise mixed_zones(column, *sorted((one, other), key=lambda place: column.rows[place]))
    east = int(zones[0])
    if east != NO_ZONE and abs(east) > 14 * 60 + 59:
        raise _impossible(column, said.east == east, said, "")
    return "" if east == NO_ZONE else zone_of_minutes(east)


# --- messages -----------------------------------------------------------------------------------


def _or_drop(name: str) -> str:
    return f"leave the column out (--drop {in_shell(name)} on the command line)"


def readings_of(text: str) -> str:
    """The dates that a text may be, by the order of its numbers; "" if it is not several."""
    said = said_in_form([text], "")
    if said.kind[0] != NUMERIC:
        return ""
    found = {order: numbers_in_order(said, order) for order in ("dmy", "mdy")}
    days = {order: days_of(*each) for order, each in found.items() if is_possible(*each)[0]}
    if len({float(day[0]) for day in days.values()}) < 2:
        return ""
    return _as_readings({order: float(day[0]) for order, day in days.items()})


def _as_readings(days: dict[str, float]) -> str:
    return " or ".join(f"{date_text(day)} as {ORDERS[order]}" for order, day in days.items())


def _ambiguous(column: TextColumn, said: Said, possible: list[str]) -> DataError:
    numeric = said.kind == NUMERIC
    days = {
        order: days_of(*(np.where(numeric, each, 1) for each in numbers_in_order(said, order)))
        for order in possible
    }
    differ = numeric & (days[possible[0]] != days[possible[1]])
    place = column.first(differ if differ.any() else numeric)
    readings = _as_readings({order: float(days[order][place]) for order in possible})
    return ColumnError(
        f"Dates that can be read in {counted(len(possible), 'order')}: "
        f"{shown(column.texts[place])} is {readings}",
        where=column.where(place),
        why="Every cell of this column allows both"
        if len(possible) == 2
        else "Every cell of this column allows all of them",
        fix=f"say which it is: {say_date(column.name, *possible)}",
        remedies=[Remedy(ORDERS[order], {"date": order}, order == "dmy") for order in possible],
    )


def _two_orders(column: TextColumn, one: int, other: int) -> DataError:
    first, second = sorted((one, other), key=lambda place: column.rows[place])
    return DataError(
        f"Dates in two orders in one column: {shown(column.texts[first])} and "
        f"{shown(column.texts[second])}",
        where=column.where(second),
        why=f"Row {column.number(first)} is a date only in one order of day and month, and "
        "this one only in the other, so cells that allow both cannot be read",
        fix=f"write all dates of this column in one order, as in 2024-12-31; or "
        f"{_or_drop(column.name)}",
    )


def _impossible(column: TextColumn, wrong: Flags, said: Said, order: str) -> DataError:
    place = column.first(wrong)
    is_clock = said.nanoseconds[place] < 0 or abs(said.east[place]) == -(NO_ZONE // 2)
    in_words = f"the column is read as {ORDERS[order]}; " if order else ""
    what = "time" if is_clock else "date"
    return DataError(
        f"A {what} that does not exist: {shown(column.texts[place])}",
        where=column.where(place),
        why=f"The other cells of this column are dates: {in_words}no calendar or clock has this one"
        if len(column.texts) > 1
        else "No calendar or clock has it",
        fix="correct the cell, or leave it empty if the date is not known; or "
        f"{_or_drop(column.name)}",
    )


def _mixture(column: TextColumn, some: Flags, words: str) -> DataError:
    place, other = column.first(some), column.first(~some)
    return DataError(
        f"{words.capitalize()} in a column of dates: {shown(column.texts[place])}",
        where=column.where(place),
        why=f"Row {column.number(other)} holds {shown(column.texts[other])}, which tells more",
        fix="write the same parts of a date in all cells, or leave a cell empty where they are "
        f"not known; or {_or_drop(column.name)}",
    )


def _other_text(column: TextColumn, odd: Flags, form: str) -> DataError:
    place = column.first(odd)
    if form:
        said = COUNTS.get(form) or ORDERS.get(form) or f"the format {form}"
        return DataError(
            f"Text that is no date: {shown(column.texts[place])}",
            where=column.where(place),
            why=f"{parameter('date', {column.name: form})} says that the column holds dates "
            f"in {said}",
            fix="correct the cell, leave it empty if the date is not known, or name another form",
        )
    words = few_words(trimmed(column.texts[each]) for each in np.flatnonzero(odd).tolist())
    so = say_missing(column.name, words)
    if_missing = f'if they mean "not known", say so: {so}; if not, '
    return ColumnError(
        f"Text instead of a date: {shown(column.texts[place])}",
        where=column.where(place),
        why=f"Of the different cells of this column {np.sum(~odd):,} are dates, and "
        f"{counted(int(odd.sum()), 'is', 'are')} other text",
        fix=f"{if_missing if words else ''}correct these cells, or leave them empty where the date "
        f"is not known; or {_or_drop(column.name)}",
        remedies=[Remedy(said={"missing": words})] if words else [],
    )


def mixed_zones(column: TextColumn, one: int, other: int) -> DataError:
    """The error for cells of two time zones, or with and without one."""
    return DataError(
        f"Dates of several time zones in one column: {shown(column.texts[one])} and "
        f"{shown(column.texts[other])}",
        where=column.where(other),
        why=f"Row {column.number(one)} and this one are not on the same clock",
        fix="write all times of this column in one zone, as in 2024-12-31T12:45:00Z; or "
        f"{_or_drop(column.name)}",
    )
