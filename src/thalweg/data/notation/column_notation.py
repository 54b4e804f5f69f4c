"""How the texts of a column are read, where that is not as Python writes them; as plain data, too.

A column of a schema has one of these, or none. The model file keeps it, `fit` and `check` say it,
and every later table is read by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from thalweg.data.dates.date_reading import DateReading
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.errors import DataError

_WORDS = {
    "yes/no": "yes and no",
    "yes/no in several spellings": "yes and no, whatever the capitals",
    "codes": "codes with a leading 0 or an E in them: names, not numbers",
}


@dataclass(frozen=True)
class WordNotation:
    """Words that have something in common.

    Attributes
    ----------
    of : {"yes/no", "yes/no in several spellings", "codes"}
        With yes and no, capitals do not count. "codes": names, though they read as numbers.
    """

    of: str

    @property
    def is_yes_no(self) -> bool:
        """Whether capitals do not count."""
        return self.of.startswith("yes/no")

    @property
    def words(self) -> str:
        """The notation in words, for a person."""
        return _WORDS[self.of]

    def as_data(self) -> dict[str, Any]:
        """The notation as plain data."""
        return {"of": self.of}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "WordNotation":
        """The notation of what `as_data` gave; a DataError where that has no meaning."""
        if set(data) != {"of"}:
            raise DataError("The notation of a column of words has nothing but its name")
        return cls(data["of"])


ColumnNotation: TypeAlias = NumberNotation | WordNotation | DateReading

YES_NO, CODES = WordNotation("yes/no"), WordNotation("codes")
YES_NO_FOLDED = WordNotation("yes/no in several spellings")


def is_yes_no(notation: ColumnNotation | None) -> bool:
    """Whether a column holds words for yes and no."""
    return isinstance(notation, WordNotation) and notation.is_yes_no


# By the name that plain data has.
_BY_NAME: dict[str, type[NumberNotation] | type[WordNotation] | type[DateReading]] = {
    NumberNotation.name: NumberNotation,
    DateReading.name: DateReading,
    **dict.fromkeys(_WORDS, WordNotation),
}
# The kinds of column that each of them may belong to.
KINDS_OF: dict[str, frozenset[str]] = {
    NumberNotation.name: frozenset({"number"}),
    DateReading.name: frozenset({"date"}),
    **dict.fromkeys(_WORDS, frozenset({"category"})),
}


def notation_from_data(data: Any, kind: str) -> ColumnNotation:
    """The notation of a column of this kind, from what `as_data` gave.

    Raises
    ------
    DataError
        If it has no meaning, or belongs to a column of another kind.
    """
    name = data.get("of") if isinstance(data, Mapping) else None
    if not isinstance(name, str) or name not in _BY_NAME or kind not in KINDS_OF[name]:
        raise DataError(
            "The notation of a column in a schema is one of "
            f"{', '.join(sorted(_BY_NAME))}, and belongs to its kind"
        )
    return _BY_NAME[name].from_data(data)
