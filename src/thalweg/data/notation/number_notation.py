"""How the numbers of a column are written: marks, unit, bounds; and how a cell is read by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from thalweg.data.notation.units import unit_key
from thalweg.data.notation.written_number import NumberReading, Written, written
from thalweg.errors import DataError, SettingsError

DECIMALS = ("", ".", ",")
THOUSANDS = ("", ",", ".", " ", "'")
# The mark that is left for decimals where the other one stands between thousands.
_OTHER = {".": ",", ",": "."}
_MARKS = {".": "point", ",": "comma", " ": "space", "'": "apostrophe"}
# Longer units are none (`units.may_be_unit`, and a currency in front).
LONGEST_UNIT = 40


@dataclass(frozen=True)
class NumberNotation:
    """The notation of a column of numbers.

    Attributes
    ----------
    decimal : {"", ".", ","}
        The decimal mark; "" where no cell has one.
    thousands : {"", ",", ".", " ", "'"}
        What stands between thousands; "" where no cell has it.
    unit : str
        A currency, per cent or a unit, as it is written; "" where there is none.
    before : bool
        Whether the unit stands before the number.
    bounded : bool
        Whether cells such as ``<0.5`` and ``>200`` are read as their bound.
    """

    decimal: str = ""
    thousands: str = ""
    unit: str = ""
    before: bool = False
    bounded: bool = False

    name: ClassVar[str] = "number"

    @property
    def example(self) -> str:
        """How 1234.56 (1234, where there are no decimals) is written so; it says all of this."""
        digits = f"1{self.thousands}234" + (f"{self.decimal}56" if self.decimal else "")
        return ("<" if self.bounded else "") + self.dressed(digits)

    @property
    def shown(self) -> str:
        """An invented number, written so: files and reports keep it, and no cell of the table."""
        return self.example.removeprefix("<")

    def dressed(self, digits: str) -> str:
        """Digits with the unit of the notation before or behind them."""
        if not self.unit:
            return digits
        if not self.before:
            return f"{digits} {self.unit}"
        money, _, rest = self.unit.partition(" ")
        gap = " " if money.isalpha() else ""
        return f"{money}{gap}{digits}" + (f" {rest}" if rest else "")

    @property
    def words(self) -> str:
        """The notation in words, for a person."""
        said = [f"numbers such as {self.shown}"]
        if self.thousands:
            said.append(f"{_MARKS[self.thousands]} between thousands")
        if self.decimal:
            said.append(f"decimal {_MARKS[self.decimal]}")
        if self.unit:
            said.append(f'unit "{self.unit}"')
        if self.bounded:
            said.append("a bound such as < or > is read as its number, and has a column of its own")
        return ", ".join(said)

    @property
    def is_plain(self) -> bool:
        """Whether Python writes numbers so, too."""
        return self.decimal in ("", ".") and not (self.thousands or self.unit or self.bounded)

    def as_data(self) -> dict[str, Any]:
        """The notation as plain data; what is empty or false is left out."""
        return {"of": self.name, **{key: value for key, value in vars(self).items() if value}}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "NumberNotation":
        """The notation of what `as_data` gave; a DataError where that has no meaning."""
        # Earlier files also hold a cell of the column, which is nobody's business.
        told = {key: value for key, value in data.items() if key not in ("of", "cell")}
        kinds = {key: type(value) for key, value in vars(PLAIN).items()}
        sound = all(key in kinds and type(value) is kinds[key] for key, value in told.items())
        if sound:
            made = cls(**told)
            sound = made.decimal in DECIMALS and made.thousands in THOUSANDS
            sound = sound and (made.decimal != made.thousands or not made.decimal)
            sound = sound and len(made.unit) <= LONGEST_UNIT
        if not sound:
            raise DataError("The notation of a column of numbers makes no sense")
        return made

    # --- one cell ------------------------------------------------------------------------------

    def allows(self, reading: NumberReading) -> bool:
        """Whether a reading has no mark but those of the notation."""
        return reading.decimal in ("", self.decimal) and reading.thousands in ("", self.thousands)

    def chosen(self, cell: Written) -> NumberReading | None:
        """The reading of a cell: the one that the notation allows, or the only one that it has."""
        allowed = [each for each in cell.readings if self.allows(each)]
        if len(allowed) == 1:
            return allowed[0]
        return cell.readings[0] if cell.is_sure else None

    def fits_unit(self, cell: Written) -> bool:
        """Whether a cell has the unit of the column, or none; a bare number is of that unit."""
        return not cell.unit or unit_key(cell.unit) == unit_key(self.unit)


# Of numbers that came as numbers, or as Python writes them.
PLAIN = NumberNotation(decimal=".")


def completed(notation: NumberNotation) -> NumberNotation:
    """The notation with the decimal mark that follows from what stands between thousands."""
    if notation.decimal or notation.thousands not in _OTHER:
        return notation
    told = {**vars(notation), "decimal": _OTHER[notation.thousands]}
    return NumberNotation(**told)


def notation_of(example: str) -> NumberNotation:
    """The notation that an example shows, such as ``1.234,56`` or ``<1 234,5 mg/l``.

    Raises
    ------
    SettingsError
        If it is no written number, or may be read in two ways.
    """
    cell = written(example)
    fix = "write an example with thousands and decimals, such as 1,234.56 or 1.234,56"
    if cell is None:
        raise SettingsError(f'"{example}" is no example of a written number', fix=fix)
    if not cell.is_sure:
        raise SettingsError(
            f'"{example}" does not show what its mark means',
            why=" or ".join(f"{each.value:g}" for each in cell.readings) + " may be meant",
            fix=fix,
        )
    reading = cell.readings[0]
    return completed(
        NumberNotation(reading.decimal, reading.thousands, cell.unit, cell.before, cell.bound != 0)
    )
