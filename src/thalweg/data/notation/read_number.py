"""Read the cells of a later table by the notation of a column: the same one, or another if proven.

A cell that has one reading is that number, whatever the notation. One that has two is what the
notation says. Where other cells of the table contradict the notation, such a cell is refused.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from thalweg.data.cells import Cell, is_missing_text, is_nothing, number_of
from thalweg.data.notation.as_said import contradicts
from thalweg.data.notation.decide_number import Proof
from thalweg.data.notation.number_notation import NumberNotation, completed
from thalweg.data.notation.written_number import written


class Uncertain(Exception):
    """A cell has two readings, and another cell of its column contradicts the notation.

    Attributes
    ----------
    text, other : str
        The two cells.
    """

    def __init__(self, text: str, other: str) -> None:
        super().__init__(text)
        self.text = text
        self.other = other


@dataclass(frozen=True)
class NumberReader:
    """Makes a float of a cell of a column of written numbers; it can be pickled.

    Attributes
    ----------
    notation : NumberNotation
    """

    notation: NumberNotation

    def __call__(self, cell: Cell) -> float | None:
        """The number; NaN of a missing cell, None of what cannot be read."""
        if not isinstance(cell, str):
            return number_of(cell)
        if is_missing_text(cell):
            return math.nan
        said = written(cell)
        if said is None:
            value = number_of(cell)  # an infinite number has an error of its own
            return None if value is None or isinstance(value, bool) else value
        if not self.notation.fits_unit(said) or (said.bound and not self.notation.bounded):
            return None
        chosen = self.notation.chosen(said)
        return None if chosen is None else chosen.value

    def for_table(self, cells: Iterable[Cell]) -> "NumberReader":
        """The reader of these cells of one table, which may prove what the notation leaves open.

        Raises
        ------
        Uncertain
            If a cell has two readings, and another one contradicts the notation.
        """
        found = [
            (cell, said) for cell in cells if isinstance(cell, str) and (said := written(cell))
        ]
        open_cells = [pair for pair in found if not pair[1].is_sure]
        if not open_cells:
            return self
        proof = Proof.of(found)
        for text, said in found:
            if said.is_sure and contradicts(said, self.notation):
                raise Uncertain(open_cells[0][0], text)
        if proof.conflict():
            return self
        return NumberReader(_filled(self.notation, proof, [text for text, _ in open_cells]))


def bound_of(cell: Cell) -> float:
    """-1 where a cell says ``<0.5``, 1 where it says ``>200``, else 0; NaN if it is missing."""
    if not isinstance(cell, str):
        return math.nan if is_nothing(cell) else 0.0
    if is_missing_text(cell):
        return math.nan
    said = written(cell)
    return float(said.bound) if said else 0.0


def _filled(notation: NumberNotation, proof: Proof, open_texts: Sequence[str]) -> NumberNotation:
    """The notation with the marks that a table proves, where it has none of its own."""
    proven = proof.notation
    decimal = notation.decimal or proven.decimal
    thousands = notation.thousands or proven.thousands
    marks = {cell.mark for text in open_texts if (cell := written(text)) is not None}
    if len(marks) == 1:
        mark = marks.pop()
        if proven.decimal and proven.decimal != mark and not thousands:
            thousands = mark
    if decimal == thousands:
        return notation
    return completed(replace(notation, decimal=decimal, thousands=thousands))


def as_numbers(cells: Sequence[Cell], notation: NumberNotation) -> list[Cell]:
    """Cells written in a notation that a person named, as numbers; what it cannot read stays.

    A bound stays a text, in which its number has one reading.
    """
    read = NumberReader(replace(notation, bounded=True))
    return [_as_number(cell, read) for cell in cells]


def _as_number(cell: Cell, read: NumberReader) -> Cell:
    said = written(cell) if isinstance(cell, str) else None
    value = None if said is None else read(cell)
    if said is None or value is None:
        return cell
    if not said.bound:
        return value
    return f"{'<' if said.bound < 0 else '>'}{value:.6f}"
