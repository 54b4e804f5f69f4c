"""Rows of totals and means: found by a word such as "Summe", and proven by arithmetic."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.fixes.named_rows import leaving_out
from thalweg.data.notation.yes_no import folded
from thalweg.data.schema.column_floats import Distinct, distinct
from thalweg.errors import DataError
from thalweg.wording import listed_rows, row_number, row_numbers, shown

Floats = NDArray[np.float64]

# The check that names such rows.
TOTAL_ROW = "total row"
# Words of rows that sum up the rows above, in the languages of many tables.
_TOTALS = (
    "total totals subtotal sum sums mean means average avg overall all "
    "summe gesamt gesamtsumme insgesamt zwischensumme mittel mittelwert durchschnitt schnitt "
    "somme moyenne ensemble totaux suma media promedio totales totale somma soma média totais "
    "totaal som gemiddelde summa totalt medel medelvärde genomsnitt gjennomsnitt alt "
    "razem łącznie średnia ogółem ort mw toplam ortalama celkem součet průměr yhteensä összesen "
    "σ ø итого всего сумма среднее 合計 平均 总计 合计"
)
TOTAL_WORDS = frozenset(_TOTALS.split())
# Words of other rows at the end of a table, such as those below a row of means.
_FOOTERS: dict[str, Callable[[Floats], tuple[float, ...]]] = {
    **dict.fromkeys(("n", "anzahl", "count"), lambda above: (float(len(above)),)),
    **dict.fromkeys(("min", "minimum"), lambda above: (float(above.min()),)),
    **dict.fromkeys(("max", "maximum"), lambda above: (float(above.max()),)),
}
# The same, but of rounded cells they differ from what they were before these were rounded.
_INEXACT: dict[str, Callable[[Floats], tuple[float, ...]]] = {
    **dict.fromkeys(("median", "mediana", "médiane"), lambda above: (float(np.median(above)),)),
    **dict.fromkeys(
        (
            *("sd", "std", "stdev", "deviation", "stabw", "standardabweichung", "écart"),
            *("desviación", "deviazione", "desvio", "standaardafwijking"),
        ),
        lambda above: (float(above.std()), float(above.std(ddof=1))),
    ),
}
_STATISTICS = {**_FOOTERS, **_INEXACT}
_WORD = re.compile(r"[^\W\d_]+")
# A word that so many rows have is a level, whatever the arithmetic of one of them.
_MOST = 100
# A mean that is rounded this much, in standard deviations, proves nothing.
_COARSE = 0.1


@dataclass(frozen=True)
class TotalRow:
    """A row that is no case.

    Attributes
    ----------
    row : int
        From 0.
    column, word : str
        The cell that says so; "" of a row below the last such one that holds at most one cell.
    sums, means, others : tuple of str
        The columns in which it is the sum, the mean, or what its word says, of the rows above.
    """

    row: int
    column: str
    word: str
    sums: tuple[str, ...]
    means: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The proof, as a sentence."""
        said = [
            f"the {what} of the rows above it in {_some(names)}"
            for what, names in (
                ("sum", self.sums),
                ("mean", self.means),
                (f'"{self.word}"', self.others),
            )
            if names
        ]
        return f"It is {' and '.join(said)}, and a model takes it for one more case"


def _some(names: tuple[str, ...]) -> str:
    named = ", ".join(f'"{name}"' for name in names[:3])
    return f"{named} and {len(names) - 3} more" if len(names) > 3 else named


def is_total(found: list[TotalRow]) -> DataError:
    """What is wrong with a table that has such rows; the fix leaves them out."""
    first, rows = found[0], [each.row for each in found]
    them = "them" if rows[1:] else "it"
    leave = leaving_out(row_numbers(np.array(rows)), TOTAL_ROW)
    several = f" Also {listed_rows([row_number(r + 1) - 1 for r in rows[1:]])}" if rows[1:] else ""
    notes = [row_number(each.row + 1) - 1 for each in found if not each.word]
    several += f" ({listed_rows(notes)}: at most one cell)" if notes else ""
    return DataError(
        f"A row of totals among the cases: {shown(first.word)}",
        where=f'column "{first.column}", row {row_number(first.row + 1):,}',
        why=f"{first.why}.{several}" if several else first.why,
        fix=f"leave {them} out with {leave}, or delete {them} from the table",
    )


def totals_of(frame: pd.DataFrame, numbers: Mapping[str, Floats]) -> list[TotalRow]:
    """The rows of totals of a table whose columns of numbers are known, as `total_rows` finds."""
    is_number = pd.api.types.is_numeric_dtype
    cells = {name: frame[name] for name in frame.columns if not is_number(frame[name].dtype)}
    different = {name: distinct(each.to_numpy(dtype=object)) for name, each in cells.items()}
    return total_rows(different, numbers)


def total_rows(cells: Mapping[str, Distinct], numbers: Mapping[str, Floats]) -> list[TotalRow]:
    """The rows that are sums or means of the rows above them.

    Such a row has a word for a sum or a mean, and in at least half of the columns of numbers in
    which it has a value, this is the sum or the mean of all rows above, or of those since the last
    such row. A word whose rows are not all proven is a level like any other. Below such a row, and
    at the end of the table, rows of `n`, `SD`, `Median`, `Min` and `Max` count, too, if all of
    their numbers agree, but for the rounding of the cells; and rows below the last one, to the end
    of the table, that hold one cell at most.

    Parameters
    ----------
    cells : mapping of str to Distinct
        The cells of each column.
    numbers : mapping of str to ndarray of float64, shape (n_rows,)
        The columns of numbers, NaN for a missing value.
    """
    found: dict[int, TotalRow] = {}
    end: int | None = None
    for name, different in cells.items():
        rows = np.flatnonzero(np.isin(different.codes, _total_places(different)))
        if not 0 < len(rows) <= _MOST:
            continue
        end = _end_of_rows(cells, numbers) if end is None else end
        words = {
            row: str(different.cells[int(different.codes[row])]).strip() for row in rows.tolist()
        }
        rejected: set[str] = set()
        while True:
            left = {row: word for row, word in words.items() if word not in rejected and row < end}
            proven, wrong = _proven_rows(name, left, end, numbers)
            if not wrong:
                break
            rejected |= wrong
        found = {each.row: each for each in proven} | found
    told = [found[row] for row in sorted(found)]
    if told and told[-1].row + 1 == end:  # footnotes
        told += [TotalRow(row, "", "", (), ()) for row in range(end, _n_rows(cells))]
    return told


def _proven_rows(
    name: str, words: Mapping[int, str], end: int, numbers: Mapping[str, Floats]
) -> tuple[list[TotalRow], set[str]]:
    """The rows of a column's words that are proven; and words of which a row is not."""
    proven: list[TotalRow] = []
    wrong: set[str] = set()
    for row, word in words.items():
        if word in wrong:
            continue
        before = [each.row for each in proven]
        # SD or Max elsewhere may be a level or a name.
        below = row - 1 in before
        ends = all(later in words for later in range(row + 1, end))
        told = _proven(row, name, word, numbers, before) if _is_of_total(word) else None
        if told is None and (below or ends):
            told = _proven_footer(row, name, word, numbers, before, 1 if below else 2)
        if told is None:
            wrong.add(word)
        else:
            proven.append(told)
    return proven, wrong


def _is_of_total(word: str) -> bool:
    """Whether it is a word of sums and means, and not only one such as the N of ``N-010``."""
    return bool(_ends_of(word) & TOTAL_WORDS)


def _ends_of(cell: str) -> set[str]:
    """The first and the last word of a cell."""
    words = _WORD.findall(folded(cell))
    return {words[0], words[-1]} if words else set()


def _n_rows(cells: Mapping[str, Distinct]) -> int:
    return max((len(each.codes) for each in cells.values()), default=0)


def _end_of_rows(cells: Mapping[str, Distinct], numbers: Mapping[str, Floats]) -> int:
    """The number of rows without those at the end that hold one cell at most, and no number."""
    n_rows = _n_rows(cells)
    texts = {name: each for name, each in cells.items() if name not in numbers}
    for row in range(n_rows - 1, -1, -1):
        held = [each.cells[code] for each in texts.values() if (code := int(each.codes[row])) >= 0]
        n_held = sum(not isinstance(cell, str) or bool(cell.strip()) for cell in held)
        if n_held > 1 or any(not np.isnan(values[row]) for values in numbers.values()):
            return row + 1
    return 0


_NO_WORD = "0123456789.,-+ "
# Cells that are joined at a time.
_AT_ONCE = 1 << 12


def _are_plain_numbers(cells: Sequence[Any]) -> bool:
    """Whether no cell has a letter: far quicker than to look at each of them."""
    try:
        parts = ("".join(cells[n : n + _AT_ONCE]) for n in range(0, len(cells), _AT_ONCE))
        return not any(part.strip(_NO_WORD) for part in parts)
    except TypeError:  # a cell is no text
        return False


def _total_places(different: Distinct) -> list[int]:
    """Which distinct cells are words of totals, as in ``Summe:`` or ``Grand total``."""
    if _are_plain_numbers(different.cells):
        return []
    return [
        place
        for place, cell in enumerate(different.cells)
        if isinstance(cell, str)
        and len(cell) <= 40
        and cell.strip(_NO_WORD)  # most cells are plain numbers, and folding costs ten times this
        and _ends_of(cell) & (TOTAL_WORDS | _STATISTICS.keys())
    ]


def _proven(
    row: int, column: str, word: str, numbers: Mapping[str, Floats], before: list[int]
) -> TotalRow | None:
    """The row, if its numbers are sums or means of those above; None if they are not."""
    above = np.setdiff1d(np.arange(row), before)
    since = above[above > before[-1]] if before else above
    sums, means, told = [], [], 0
    for name, values in numbers.items():
        value = float(values[row])
        if np.isnan(value):
            continue
        told += 1
        parts = [values[rows][~np.isnan(values[rows])] for rows in (above, since)]
        if any(_is_sum(value, part) for part in parts):
            sums.append(name)
        elif any(_is_mean(value, part) for part in parts):
            means.append(name)
    proofs = len(sums) + len(means)
    if not proofs or 2 * proofs < told:
        return None
    return TotalRow(row, column, word, tuple(sums), tuple(means))


def _proven_footer(
    row: int,
    column: str,
    word: str,
    numbers: Mapping[str, Floats],
    before: list[int],
    at_least: int,
) -> TotalRow | None:
    """The row, if all of its numbers, at least so many, are what its word says of those above."""
    above = np.setdiff1d(np.arange(row), before)
    key = next((each for each in _WORD.findall(folded(word)) if each in _STATISTICS), "")
    told = [name for name, values in numbers.items() if not np.isnan(values[row])]
    if not key or len(told) < at_least:
        return None
    for name in told:
        values = numbers[name]
        parts = values[above][~np.isnan(values[above])]
        if len(parts) < 2:
            return None
        value = float(values[row])
        # No statistic changes by more than the cells do when they are rounded.
        finest = 0.5 * 10.0 ** -_decimals(parts)
        slack = _half_a_digit(value)
        slack += finest if key in _INEXACT or slack < finest else 0.0
        slack *= 1 + 1e-9
        if all(abs(value - each) > slack for each in _STATISTICS[key](parts)):
            return None
    return TotalRow(row, column, word, (), (), tuple(told))


def _decimals(values: Floats) -> int:
    """With how many decimals numbers are written, at most."""
    return next((n for n in range(15) if (np.round(values, n) == values).all()), 15)


def _half_a_digit(value: float) -> float:
    """How much a written number may be rounded."""
    _, _, decimals = f"{value!r}".partition(".")
    digits = 0 if decimals == "0" or "e" in decimals else len(decimals)
    return 0.5 * 10.0**-digits


def _before_rounding(value: float, above: Floats) -> float:
    """How far a mean may be from that of the cells, if it was computed before these were rounded.

    Only with more digits than all cells: then it is no case. The means differ by half of the cells'
    last digit / sqrt(3 n), and seldom by thrice that.
    """
    finest = 0.5 * 10.0 ** -_decimals(above)
    is_finer = _half_a_digit(value) < finest
    return 3.0 * finest / (3 * len(above)) ** 0.5 if is_finer else 0.0


def _is_sum(value: float, above: Floats) -> bool:
    if np.count_nonzero(above) < 2:
        return False
    total = float(above.sum())
    # Sums of rounded numbers differ from rounded sums; of whole ones they do not.
    whole = value == int(value) and (above == np.floor(above)).all()
    slack = 0.0 if whole else _half_a_digit(value) * len(above) ** 0.5
    slack += _before_rounding(value, above) * len(above)
    return abs(value - total) <= slack + 1e-9 * float(np.abs(above).sum())


def _is_mean(value: float, above: Floats) -> bool:
    if len(above) < 2 or float(np.ptp(above)) == 0.0:
        return False
    slack = _half_a_digit(value)
    wider = slack + _before_rounding(value, above)
    off = abs(value - float(above.mean())) - 1e-9 * float(np.abs(above).max())
    return any(off <= each <= _COARSE * float(above.std()) for each in (slack, wider))
