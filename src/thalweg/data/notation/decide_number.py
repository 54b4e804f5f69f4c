"""Decide how the numbers of a column are written, from all of its texts; or what stands against it.

A text such as ``1,5`` or ``1,234,567`` has one reading, and proves what its marks mean. ``1,234``
has two. It takes what the column proves, else what other columns of the table prove of this very
mark. Where nothing proves it, a person is asked: both readings, and the option that says which.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from thalweg.data.fixes.column_errors import ColumnError, Remedy
from thalweg.data.notation.as_said import require_as_said
from thalweg.data.notation.number_notation import NumberNotation, completed
from thalweg.data.notation.said_columns import leave_out, say_number
from thalweg.data.notation.units import unit_key
from thalweg.data.notation.written_number import Written, written
from thalweg.errors import DataError
from thalweg.wording import shown

# What a mark in doubt may be.
# What somebody decides who says what a mark in doubt is.
_HABITS = {".": "decimal points", ",": "decimal commas"}
# Where a text stands first, counted from 1.
RowOf = Callable[[str], int]


@dataclass(frozen=True)
class Proof:
    """What texts that have one reading say of the marks.

    Attributes
    ----------
    decimals, thousands : dict of str to str
        Of each mark a text that proves it.
    """

    decimals: dict[str, str]
    thousands: dict[str, str]

    @classmethod
    def of(cls, cells: Sequence[tuple[str, Written]]) -> "Proof":
        """What these texts prove."""
        decimals: dict[str, str] = {}
        thousands: dict[str, str] = {}
        for text, cell in cells:
            if cell.is_sure:
                reading = cell.readings[0]
                if reading.decimal:
                    decimals.setdefault(reading.decimal, text)
                if reading.thousands:
                    thousands.setdefault(reading.thousands, text)
        return cls(decimals, thousands)

    def conflict(self) -> tuple[str, str] | None:
        """Two texts that cannot stand in one notation."""
        if len(self.decimals) == 2:
            one, other = self.decimals.values()
            return one, other
        if len(self.thousands) > 1:
            one, other, *_ = self.thousands.values()
            return one, other
        for mark, text in self.thousands.items():
            if mark in self.decimals:
                return text, self.decimals[mark]
        return None

    @property
    def notation(self) -> NumberNotation:
        """The marks that are proven."""
        decimal, thousands = next(iter(self.decimals), ""), next(iter(self.thousands), "")
        return completed(NumberNotation(decimal, thousands))


@dataclass(frozen=True)
class Decided:
    """How the numbers of a column are written, as far as it can be told.

    Attributes
    ----------
    notation : NumberNotation
        Without the mark that is in doubt.
    doubt : str
        The mark that two readings of the same text disagree about, "" where there is none.
    text : str
        The first text that is in doubt.
    row : int
        Its row.
    """

    notation: NumberNotation
    doubt: str = ""
    text: str = ""
    row: int = 0

    def settled(self, decimals: frozenset[str], thousands: frozenset[str]) -> "Decided":
        """What other columns make of the doubt: only what they say of this very mark counts."""
        mark = self.doubt
        if (mark in decimals) == (mark in thousands):
            return self
        if mark in decimals:
            return Decided(completed(replace(self.notation, decimal=mark)))
        return Decided(completed(replace(self.notation, thousands=mark)))


def decide_number(name: str, texts: Sequence[str], row_of: RowOf, *, bare: bool = False) -> Decided:
    """Decide how a column of written numbers is to be read.

    Parameters
    ----------
    name : str
        Of the column.
    texts : sequence of str
        The different texts, none of them missing, each a written number.
    row_of : callable
        The first row of a text.
    bare : bool
        Whether a number without a unit is of the unit of the others.

    Raises
    ------
    DataError
        If two texts contradict each other about a mark, or are of different units.
    """
    cells = [(text, cell) for text in texts if (cell := written(text)) is not None]
    _require_one_unit(name, [pair for pair in cells if pair[1].unit or not bare], row_of)
    proof = Proof.of(cells)
    if pair := proof.conflict():
        raise _contradicted(name, pair, row_of)
    unit, before = _usual_unit(cells)
    bounded = any(cell.bound for _, cell in cells)
    notation = replace(proof.notation, unit=unit, before=before, bounded=bounded)
    open_marks = {text: cell.mark for text, cell in cells if notation.chosen(cell) is None}
    if not open_marks:
        return Decided(notation)
    text = min(open_marks, key=row_of)
    mark = open_marks[text]
    for other, its_mark in open_marks.items():
        if its_mark != mark:
            raise _contradicted(name, (text, other), row_of)
    # Where the other mark is known to stand before decimals, this one stands between thousands.
    if notation.decimal and not notation.thousands:
        return Decided(replace(notation, thousands=mark))
    if notation.thousands and not notation.decimal:
        return Decided(replace(notation, decimal=mark))
    return Decided(notation, mark, text, row_of(text))


def decide_as_said(
    name: str, texts: Sequence[str], row_of: RowOf, said: NumberNotation
) -> NumberNotation:
    """The notation that a person named, with the unit of the column and its bounds.

    Raises
    ------
    DataError
        If two texts are of different units, or one contradicts the notation.
    """
    cells = [(text, cell) for text in texts if (cell := written(text)) is not None]
    require_as_said(name, texts, row_of, said, say_number)
    dressed = [pair for pair in cells if pair[1].unit]
    _require_one_unit(name, dressed, row_of)
    bounded = said.bounded or any(cell.bound for _, cell in cells)
    if said.unit or not dressed:
        return replace(said, bounded=bounded)
    unit, before = _usual_unit(dressed)
    return replace(said, unit=unit, before=before, bounded=bounded)


def in_doubt(name: str, decided: Decided, *, all_read: bool = True) -> DataError:
    """The error for a text that may be two numbers: both readings, and the options.

    Where not all columns can be read, one of the others may tell.
    """
    text, row, notation = decided.text, decided.row, decided.notation
    cell = written(text)
    assert cell is not None
    readings = sorted(cell.readings, key=lambda each: -abs(each.value))
    values = " or ".join(_plainly(each.value) for each in readings)
    mark = readings[0].thousands
    other = "." if mark == "," else ","
    examples = [
        replace(notation, decimal=decimal, thousands=thousands).example
        for decimal, thousands in ((other, mark), (mark, other))
    ]
    return ColumnError(
        f"{text.strip()} may be {values}",
        where=f'column "{name}", row {row}',
        why=f"No cell of the column tells whether the {_name_of(mark)} stands between thousands or "
        f"before decimals, and no other column {'' if all_read else 'that can be read '}does",
        fix=f"say how the column is written: for {_plainly(readings[0].value)} "
        f"{say_number(name, examples[0])}, for {_plainly(readings[-1].value)} "
        f"{say_number(name, examples[1])}",
        remedies=[
            Remedy(_HABITS[decimal], {"number": example}, decimal == ",")
            for decimal, example in zip((other, mark), examples, strict=True)
        ],
    )


def _usual_unit(cells: Sequence[tuple[str, Written]]) -> tuple[str, bool]:
    """The most common spelling of the unit, such as Tage beside 1 Tag, and its place."""
    counts = Counter((cell.unit, cell.before) for _, cell in cells if cell.unit)
    return min(counts, key=lambda each: (-counts[each], each), default=("", False))


def _require_one_unit(name: str, cells: Sequence[tuple[str, Written]], row_of: RowOf) -> None:
    keys = {unit: unit_key(unit) for unit in {cell.unit for _, cell in cells}}
    if len(set(keys.values())) < 2:
        return
    first: dict[str, str] = {}
    for text, cell in cells:
        key = keys[cell.unit]
        first[key] = min(first.get(key, text), text, key=row_of)
    one, other = sorted(first.values(), key=row_of)[:2]
    bare = "" in first and len(first) == 2
    fix = f"{leave_out(name)}; or write one unit throughout"
    if bare:
        fix = (
            f"if a cell without a unit is of the same unit, say so: {say_number(name)}; if not, "
            f"{leave_out(name)}"
        )
    raise ColumnError(
        "A number with a unit beside one without" if bare else "Two units in one column",
        where=f'column "{name}", row {row_of(one)} holds {shown(one)}, row {row_of(other)} '
        f"{shown(other)}",
        why="Numbers of different units cannot be compared",
        fix=fix,
        remedies=[Remedy(said={"number": None})] if bare else [],
    )


def _contradicted(name: str, pair: tuple[str, str], row_of: RowOf) -> DataError:
    one, other = sorted(pair, key=row_of)
    return DataError(
        "Two ways to write numbers in one column",
        where=f'column "{name}", row {row_of(one)} holds {shown(one)}, row {row_of(other)} '
        f"{shown(other)}",
        why="A mark that stands before decimals in one cell and between thousands in another "
        "makes other cells uncertain",
        fix=f"{leave_out(name)}; or write the numbers of the column in one way",
    )


def _plainly(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _name_of(mark: str) -> str:
    return {",": "comma", ".": "point"}[mark]
