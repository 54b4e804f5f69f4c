"""Further words for a missing value that a person names, such as ``k.A.`` or ``-999``."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.cells import Cell, is_date, number_of, trimmed
from thalweg.data.fixes.table_syntax import without_cells
from thalweg.data.notation.number_notation import PLAIN, NumberNotation
from thalweg.data.notation.units import unit_key
from thalweg.data.notation.written_number import Written, written
from thalweg.data.notation.yes_no import are_yes_no, folded
from thalweg.errors import DataError, SettingsError
from thalweg.shell_words import in_shell
from thalweg.wording import counted, listed_rows, parameter

# Words for every column, or of each column its own.
MissingColumns: TypeAlias = Mapping[str, str | Sequence[str]] | Sequence[str] | None
# Stands for every column where single columns are named, too.
EVERY = "*"
# No cell that says "not known" is longer.
_LONGEST = 64
# Up to so many different words among numbers may all mean "not known".
_FEW_WORDS = 3
# Texts that mostly mean "not known", but that are levels unless somebody says so. Without "None",
# which often means that there is none of something.
USUAL_WORDS = frozenset(
    {
        *("-", "--", "---", "\u2013", "\u2014", ".", "..", "#n/a", "#na", "<na>", "n.a.", "n/k"),
        *("nil", "unk", "unknown", "missing", "undefined", "no data", "not available", "not known"),
        *("not recorded", "k.a.", "k. a.", "keine angabe", "keine angaben", "unbekannt"),
        *("n.v.", "n.d.", "n.r.", "inconnu", "desconocido", "sconosciuto", "onbekend"),
        *("refused", "declined", "don't know", "don\u2019t know", "dont know", "do not know"),
        *("fehlt", "fehlend", "weiss nicht", "wei\u00df nicht".casefold(), "keine daten"),
        *("ne sait pas", "sans r\u00e9ponse", "s/d", "s/i", "sin dato", "sin datos", "no sabe"),
        *("no contesta", "no sabe/no contesta", "ns/nc"),
    }
)
# The same, but also codes of other things: only where no other level is such a code.
_USUAL_CODES = frozenset({"nc", "nsp"})


@dataclass(frozen=True)
class WordsOfColumn:
    """The words for a missing value in one column.

    Attributes
    ----------
    texts : frozenset of str
        Without capitals and spaces around them.
    numbers : frozenset of float
        Those that are numbers: -999 is also -999.0, and the cell of a column of numbers.
    written : tuple of Written
        The same ones with all of their readings and their units.
    """

    texts: frozenset[str]
    numbers: frozenset[float]
    written: tuple[Written, ...] = ()

    @classmethod
    def of(cls, words: Iterable[str]) -> "WordsOfColumn":
        """What these words say."""
        texts = frozenset(map(folded, words))
        read = {number_of(text) for text in texts}
        numbers = {each for each in read if each is not None and not isinstance(each, bool)}
        said = [each for each in map(written, sorted(texts)) if each and not each.bound]
        for each in said:
            numbers |= set() if each.unit else _values(each, PLAIN)
        return cls(texts, frozenset(each for each in numbers if each == each), tuple(said))

    def __bool__(self) -> bool:
        return bool(self.texts)

    def __contains__(self, cell: Cell) -> bool:
        """Whether a cell is a word in every kind of column: a number without a unit is."""
        if self._is_plain(cell):
            return True
        said = self._written(cell)
        return said is not None and said.is_sure and not said.unit and self._match(said, None)

    def perhaps(self, cell: Cell) -> bool:
        """Whether a cell is a word in one of its readings, in a column of numbers."""
        said = self._written(cell)
        return cell in self or (said is not None and self._match(said, None))

    def by(self, notation: NumberNotation | None) -> Callable[[Cell], bool]:
        """Tells whether a cell is a word in a column of numbers that are written so."""
        how = PLAIN if notation is None else notation

        def holds(cell: Cell) -> bool:
            said = self._written(cell)
            if said is None or folded(cell) in self.texts:
                return self._is_plain(cell)
            return self._match(said, how)

        return holds

    def _is_plain(self, cell: Cell) -> bool:
        if isinstance(cell, str) and folded(cell) in self.texts:
            return True
        if not self.numbers:
            return False
        value = number_of(cell)
        return not isinstance(value, bool) and value in self.numbers

    def _written(self, cell: Cell) -> Written | None:
        said = written(cell) if self.written and isinstance(cell, str) else None
        return None if said is None or said.bound else said

    def _match(self, cell: Written, notation: NumberNotation | None) -> bool:
        """Whether a written number is one of the words; without a notation, in any reading."""
        values = _values(cell, notation)
        unit = unit_key(cell.unit or (notation.unit if notation else ""))
        return any(
            (not word.unit or unit_key(word.unit) == unit) and values & _values(word, notation)
            for word in self.written
        )


def _values(cell: Written, notation: NumberNotation | None) -> set[float]:
    """The number that the notation makes of a text, or all that it may be."""
    chosen = notation.chosen(cell) if notation is not None else None
    return {each.value for each in ([chosen] if chosen else cell.readings)}


@dataclass(frozen=True)
class MissingWords(StoredFields):
    """The words for a missing value, besides those that always are.

    Attributes
    ----------
    everywhere : tuple of str
        Of every column, sorted.
    of_column : mapping of str to tuple of str
        Of single columns, besides.
    """

    everywhere: tuple[str, ...] = ()
    of_column: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, given: "MissingColumns | MissingWords") -> "MissingWords":
        """What the parameter of an estimator says.

        Raises
        ------
        SettingsError
            A word is none, empty, or too long.
        """
        if isinstance(given, MissingWords):
            return given
        if not isinstance(given, Mapping):
            given = {EVERY: given or ()}
        found = {str(name): _words(words) for name, words in given.items()}
        everywhere = found.pop(EVERY, ())
        return cls(everywhere, {name: words for name, words in found.items() if words})

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.of_column)

    def as_setting(self) -> list[str] | dict[str, list[str]]:
        """The parameter that says the same, as plain data."""
        if not self.of_column:
            return list(self.everywhere)
        every = {EVERY: list(self.everywhere)} if self.everywhere else {}
        return {**every, **{name: list(words) for name, words in self.of_column.items()}}

    def but(self, name: str | None) -> "MissingWords":
        """The words without those of one column alone."""
        return MissingWords(
            self.everywhere, {key: each for key, each in self.of_column.items() if key != name}
        )

    def and_of(self, other: "MissingWords") -> "MissingWords":
        """The words of both."""
        names = dict.fromkeys([*self.of_column, *other.of_column])
        both = {
            name: [*self.of_column.get(name, ()), *other.of_column.get(name, ())] for name in names
        }
        return MissingWords.of({EVERY: [*self.everywhere, *other.everywhere], **both})

    def all_of(self, name: str | None) -> tuple[str, ...]:
        """The words of one column as texts, those of every column among them."""
        return (*self.everywhere, *self.of_column.get(str(name), ()))

    def words(self, name: str | None) -> WordsOfColumn:
        """The words of one column."""
        return self._by_name.get(str(name), self._by_name[EVERY])

    @cached_property
    def _by_name(self) -> dict[str, WordsOfColumn]:
        found = {
            name: WordsOfColumn.of([*self.everywhere, *words])
            for name, words in self.of_column.items()
        }
        return {**found, EVERY: WordsOfColumn.of(self.everywhere)}

    def emptied(self, cells: pd.Series, holds: Callable[[Cell], bool] | None = None) -> pd.Series:
        """The column with missing values where it has one of its words, or as ``holds`` tells."""
        words = self.words(str(cells.name))
        if not words:
            return cells
        is_word = words.__contains__ if holds is None else holds
        found = np.fromiter(map(is_word, cells), np.bool_, len(cells))
        if not found.any():
            return cells
        return cells.astype(object).where(~found, None)

    def held_by(self, columns: Iterable[pd.Series]) -> frozenset[str]:
        """The words of every column that some cell of these is, in one of its readings."""
        if not self.everywhere:
            return frozenset()
        cells = {cell for column in columns for cell in column.map(str)}
        of_word = {word: WordsOfColumn.of([word]) for word in self.everywhere}
        return frozenset(word for word, its in of_word.items() if any(map(its.perhaps, cells)))

    @property
    def notes(self) -> list[str]:
        """What counts as missing, a sentence, for a person."""
        said = [f"{_quoted(self.everywhere)} in every column"] if self.everywhere else []
        said += [f'{_quoted(words)} in "{name}"' for name, words in self.of_column.items()]
        return [f"Also read as missing: {'; '.join(said)}."] if said else []


def missing_from_data(data: Any) -> MissingWords:
    """The words of what `MissingWords.as_setting` gave; a DataError where that has no meaning."""
    of_all = {EVERY: data} if isinstance(data, list) else data
    sound = isinstance(of_all, Mapping) and all(
        isinstance(name, str)
        and isinstance(words, list)
        and all(isinstance(word, str) and may_be_word(word) for word in words)
        for name, words in of_all.items()
    )
    if not sound:
        raise DataError("The words for a missing value in a schema are texts in lists")
    return MissingWords.of(data)


def _words(given: Any) -> tuple[str, ...]:
    words = [given] if isinstance(given, str | int | float) else list(given or ())
    texts = sorted({trimmed(str(word)) for word in words})
    wrong = [text for text in texts if not may_be_word(text)]
    if wrong:
        raise SettingsError(
            f"{parameter('missing', wrong[0]) if wrong[0] else 'The empty text'} is no word for a "
            "missing value",
            why="An empty cell is missing anyway"
            if not wrong[0]
            else f"It has more than {_LONGEST} characters",
            fix="name words as they are in the cells, such as k.A. or -999",
        )
    return tuple(texts)


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def may_be_word(text: str) -> bool:
    """Whether a text is short enough to be a word for a missing value."""
    return 0 < len(text) <= _LONGEST


def few_words(texts: Iterable[str]) -> list[str]:
    """All words among numbers or dates, if they may mean "not known"; none if they are too many."""
    words = sorted(set(texts))
    few = len(words) <= max(_FEW_WORDS, len(usual_words(words)))
    # A number with another word behind it, such as "1 day" among days, is known.
    are_words = all(may_be_word(text) and written(text) is None for text in words)
    return words if few and are_words else []


def usual_words(texts: Iterable[str]) -> list[str]:
    """Those of some texts that mostly mean "not known"."""
    every = list(texts)
    codes = [text for text in every if re.fullmatch("[A-Z]{2,3}", trimmed(text))]
    alone = all(folded(text) in _USUAL_CODES for text in codes)
    usual = USUAL_WORDS | {folded(text) for text in codes if alone}
    return [text for text in every if folded(text) in usual]


def perhaps_missing(texts: Sequence[str]) -> list[str]:
    """The levels that may mean "not known", beside nothing but yes and no, numbers or dates."""
    unknown = usual_words(texts)
    others = [text for text in texts if text not in unknown]
    if not unknown or not others:
        return []
    plain = all(number_of(text) is not None or is_date(text) for text in others)
    return unknown if plain or are_yes_no(others) else []


def say_missing(name: str, words: Sequence[str]) -> str:
    """How to say that words of a column mean a missing value."""
    return say_missing_all({name: words}).partition(": ")[2]


def say_missing_all(found: Mapping[str, Sequence[str]]) -> str:
    """How to say it of the words of several columns at once."""
    flags = " ".join(
        f"--missing {in_shell(f'{name}={word}')}" for name in found for word in found[name]
    )
    said = {name: list(words) for name, words in found.items()}
    return f"say that they are missing: {flags} on the command line, missing={said!r} in Python"


def without_words(missing: MissingWords, name: str, cells: Iterable[Cell]) -> str:
    """How to leave out the words that cells of a column are, so that these count; "" if none is."""
    held = set(cells)

    def of_these(words: Sequence[str]) -> tuple[str, ...]:
        return tuple(w for w in words if any(map(WordsOfColumn.of([w]).perhaps, held)))

    everywhere, alone = of_these(missing.everywhere), of_these(missing.of_column.get(name, ()))
    texts = [*everywhere, *(f"{name}={word}" for word in alone)]
    if not texts:
        return ""
    flags = " ".join(f"--missing {in_shell(text)}" for text in texts)
    said = MissingWords(everywhere, {name: alone} if alone else {}).as_setting()
    return f"leave out {flags} on the command line, missing={said!r} in Python"


def say_missing_later(name: str, cell: str) -> str:
    """How to say it of a column of a later table, for which a model has no parameter."""
    flag = in_shell(f"{name}={trimmed(cell)}")
    return f"--missing {flag} on the command line, {without_cells({name: [cell]})} in Python"


def rows_left_out(name: str, rows: Sequence[int] | NDArray[np.intp]) -> str:
    """The note about rows, from 0, whose target is a word for a missing value."""
    return (
        f'Left out {counted(len(rows), "row")} whose target "{name}" is a word for a missing '
        f"value: {listed_rows(rows)}."
    )


def rows_without(role: str, name: str, rows: Sequence[int] | NDArray[np.intp]) -> str:
    """The note about rows, from 0, that are left out because a column of theirs is empty."""
    return (
        f'Left out {counted(len(rows), "row")} without a {role}: "{name}" is missing in '
        f"{listed_rows(rows)}."
    )
