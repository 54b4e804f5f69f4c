"""Whether cells go with the notation that a person named; and which notations they go with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import leave_out
from thalweg.data.notation.units import unit_key
from thalweg.data.notation.written_number import Written, written
from thalweg.errors import DataError
from thalweg.wording import shown

# How to say an option: of a column and an example.
Say = Callable[[str, str], str]


def contradicts(cell: Written, notation: NumberNotation) -> bool:
    """Whether a cell of one reading has a mark in another role than the notation."""
    reading = cell.readings[0]
    marks = {reading.decimal: "decimal", reading.thousands: "thousands"}
    for mark, role in marks.items():
        known = mark in (".", ",") and mark in (notation.decimal, notation.thousands)
        if known and getattr(notation, role) != mark:
            return True
    return bool(reading.decimal and notation.decimal and reading.decimal != notation.decimal)


def _goes_with(cell: Written, notation: NumberNotation) -> bool:
    if notation.unit and not notation.fits_unit(cell):
        return False
    if cell.is_sure:
        return not contradicts(cell, notation)
    return notation.chosen(cell) is not None


def readings(text: str, others: Iterable[str], unit: NumberNotation) -> list[tuple[float, str]]:
    """The values that a cell may have, each with an example of numbers that are written so.

    Parameters
    ----------
    text : str
        The cell.
    others : iterable of str
        Further cells of the column, which have to be written in that way, too.
    unit : NumberNotation
        Its unit alone counts.
    """
    cell = written(text)
    assert cell is not None
    cells = [cell, *(each for other in others if (each := written(other)) is not None)]
    found = []
    for decimal, thousands in ((".", ","), (",", ".")):
        notation = NumberNotation(decimal, thousands, unit.unit, unit.before)
        reading = notation.chosen(cell)
        if reading is not None and all(_goes_with(each, notation) for each in cells):
            found.append((reading.value, notation.example))
    return sorted(found, key=lambda each: -abs(each[0]))


def options(name: str, text: str, others: Iterable[str], unit: NumberNotation, say: Say) -> str:
    """The options with which all cells can be read, each with the value that it gives a cell.

    Parameters
    ----------
    name : str
        Of the column.
    text, others, unit
        As in `readings`.
    say : callable
        How to say an option.

    Returns
    -------
    str
        "" if no option goes with all cells.
    """
    found = readings(text, others, unit)
    return ", ".join(f"for {value:.15g} {say(name, example)}" for value, example in found)


def require_as_said(
    name: str,
    texts: Sequence[str],
    row_of: Callable[[str], int],
    said: NumberNotation,
    say: Say,
) -> None:
    """Raise a DataError if a cell contradicts the notation that a person named.

    Parameters
    ----------
    name : str
        Of the column.
    texts : sequence of str
        Its texts; those that are no written numbers do not count.
    row_of : callable
        The first row of a text.
    said : NumberNotation
    say : callable
        How to say an option.
    """
    cells = [(text, cell) for text in texts if (cell := written(text)) is not None]
    wrong = [text for text, cell in cells if not _goes_with(cell, said)]
    if not wrong:
        return
    text = min(wrong, key=row_of)
    units = {unit_key(cell.unit): cell for _, cell in cells if cell.unit}
    unit = said
    if len(units) == 1:
        [of_cells] = units.values()
        unit = replace(said, unit=of_cells.unit, before=of_cells.before)
    fix = options(name, text, [each for each, _ in cells], unit, say)
    raise DataError(
        f"A number that is not written as you say: {shown(text)}",
        where=f'column "{name}", row {row_of(text)}',
        why=f"You say that this column holds numbers such as {said.example}",
        fix=f"say how the column is written: {fix}"
        if fix
        else f"write the numbers of the column in one way; or {leave_out(name)}",
    )
