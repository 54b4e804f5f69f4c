"""What the cells of a column are that is read in batches: its different texts, with exact counts.

A kind is found from the different cells of a column and how many rows have each
(`thalweg.data.schema.kinds`), so it does not need the rows. Of a column of very many numerals a
part is enough: those with the smallest checksums, and one of every form. What is kept depends on
the cells alone, and not on their order.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.schema.given_table import Cells
from thalweg.errors import DataError
from thalweg.wording import parameter

# With more different texts than this that are no plain numerals, a column is an identifier.
MOST_TEXTS = 1_000_000
# So many plain numerals are kept of a column that has more, at least.
NUMERALS_KEPT = 1_000
# About the memory of a text that is kept, in bytes, beside its characters.
OF_A_TEXT = 150

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_DIGIT = re.compile(r"[0-9]")


class ColumnCells:
    """The different cells of one column, as far as they tell its kind.

    Parameters
    ----------
    name : str
    most_texts, kept : int
        As `MOST_TEXTS` and `NUMERALS_KEPT`.

    Attributes
    ----------
    is_identifier : bool
        Whether there are more texts than are kept.
    is_cut : bool
        Whether there are more numerals.
    declared : bool
        Whether the table says that the column is a category.
    types : set of type
        Of all cells. `found` does not tell them: 0, 0.0 and False are one cell there.
    """

    def __init__(
        self, name: str, *, most_texts: int = MOST_TEXTS, kept: int = NUMERALS_KEPT
    ) -> None:
        self.name, self._most, self._kept = name, most_texts, kept
        self._words: Counter[Any] = Counter()
        self._numerals: Counter[str] = Counter()
        self._forms: dict[str, str] = {}
        self.is_cut = self.is_identifier = False
        self._n_numerals = 0
        self.declared = False
        self.types: set[type] = set()
        self._of_words = 0

    def see(self, cells: pd.Series, where: str = "") -> None:
        """Take the cells of a batch; ``where`` is the file that has them, for errors."""
        if cells.dtype.kind == "M":
            raise of_dates(self.name, where)
        self.declared |= isinstance(cells.dtype, pd.CategoricalDtype)
        values = cells.to_numpy(dtype=object)
        codes, different = pd.factorize(values)
        counts = np.bincount(codes[codes >= 0], minlength=len(different)).tolist()
        self.types.update(map(type, different.tolist()))
        for cell, count in zip(different.tolist(), counts, strict=True):
            if isinstance(cell, str) and _PLAIN.fullmatch(cell):
                self._see_numeral(cell, count)
            elif not self.is_identifier:
                self._see_word(cell, count)
        if len(self._numerals) > 2 * self._kept:
            self._cut()

    def _see_word(self, cell: Any, count: int) -> None:
        if cell not in self._words:
            self._of_words += OF_A_TEXT + (len(cell) if isinstance(cell, str) else 0)
        self._words[cell] += count
        if len(self._words) > self._most:
            self.is_identifier, self._of_words = True, 0
            self._words.clear()

    def _see_numeral(self, cell: str, count: int) -> None:
        self._n_numerals += count
        self._numerals[cell] += count
        form = _DIGIT.sub("9", cell)
        # The smallest of each form, whichever comes first.
        if cell < self._forms.get(form, "~"):
            self._forms[form] = cell

    def _cut(self) -> None:
        """Keep the numerals with the smallest checksums."""
        self.is_cut = True
        order = sorted(self._numerals, key=_checksum)
        self._numerals = Counter({cell: self._numerals[cell] for cell in order[: self._kept]})

    @property
    def held(self) -> int:
        """About the memory of what is kept, in bytes."""
        return self._of_words + OF_A_TEXT * len(self._numerals)

    @property
    def n_different(self) -> int:
        """How many different cells there are; at least so many, if not all numerals are kept."""
        return len(self._words) + len(self._numerals)

    def found(self) -> tuple[Cells, NDArray[np.float64]]:
        """The cells that stand for the column, sorted, and how many rows each stands for."""
        numerals = self._numerals
        if self.is_cut or len(numerals) > self._kept:
            self._cut()
            numerals = self._numerals.copy()
            numerals.update(dict.fromkeys(set(self._forms.values()) - set(numerals), 1))
            first = min(numerals)
            numerals[first] += self._n_numerals - sum(numerals.values())
        # 1 and True are one key of a dict, but arrays of objects keep what came first: sorted by
        # type, they are in one order however they came.
        both = [*self._words.items(), *numerals.items()]
        both.sort(key=lambda each: (type(each[0]).__name__, str(each[0])))
        values = np.empty(len(both), dtype=object)
        values[:] = [cell for cell, _ in both]
        if not both:
            values = np.array([np.nan])
        counts = np.array([float(count) for _, count in both] or [1.0], dtype=np.float64)
        return Cells(values, self.declared, rows=counts), counts


def _checksum(cell: str) -> tuple[int, str]:
    return zlib.crc32(cell.encode()), cell


class DatesError(DataError):
    """A column of dates; a verb says how it is left out."""

    column: str


def of_dates(name: str, file: str = "") -> DatesError:
    """The error for a column of dates, or of times of day, where a file may be the first of it."""
    error = DatesError(
        "A column of dates or times of day, in a table that is fitted on shards",
        where=f'column "{name}"' + (f" of {file}" if file else ""),
        why="Neither is read for such a fit yet",
        fix="write it as a number when the file is made, such as days since 1970-01-01 or "
        "hours since midnight, or leave "
        "the column out",
    )
    error.column = name
    return error


def require_held(columns: Iterable[ColumnCells], most: int) -> None:
    """Raise a DataError if the different texts of all columns would take more memory than this."""
    columns = list(columns)
    if sum(each.held for each in columns) > most:
        worst = max(columns, key=lambda each: each.held)
        raise DataError(
            f"The different texts of the table do not fit into {most:,} bytes",
            where=f'column "{worst.name}" has {worst.n_different:,} or more',
            why="A quarter of the memory that is allowed may be taken by them",
            fix=f"allow more memory ({parameter('max_memory')}); if only whether a cell is filled "
            f"counts, say {parameter('text', [worst.name])}; or leave the column out",
        )
