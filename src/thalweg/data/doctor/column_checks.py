"""Checks of one column at a time: is it what it seems, and can anything be learned from it."""

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from thalweg.data.cells import LARGEST, is_date, is_moment, level_of, number_of
from thalweg.data.dates.date_reading import say_date
from thalweg.data.doctor.findings import Examined, Finding, Look, dropping
from thalweg.data.encoding.levels import MOST_OUTPUTS
from thalweg.data.names import listed
from thalweg.data.notation.said_columns import say_category
from thalweg.data.notation.written_number import written
from thalweg.data.person_columns import says_whose
from thalweg.wording import amount, counted

# Numbers that stand for "not known" in many a table. Anything else far away is an outlier.
SENTINELS = frozenset(
    {-1.0, -9.0}
    | {float(f"{sign}{digit * n}") for n in range(2, 10) for digit in "89" for sign in ("", "-")}
    | {float("9" * n + last) for n in range(1, 4) for last in "678"}  # 97, 98, 998, …
)
# Levels that say "not known" in words, but are no empty cells to a schema. "None" is not among
# them: it often says that there is none.
_WORDS = frozenset(
    {
        *("-", "--", "---", ".", "#n/a", "#na", "<na>", "n.a.", "n/k", "nil", "unk", "unknown"),
        *("missing", "undefined", "no data", "not available", "not known", "not recorded"),
    }
)
_ID_NAME = re.compile(
    r"(?:^|[\s_.-])(?:id|ids|uuid|guid|index|idx|key|pk|rowid|row|no|nr|num|number|record|code)$",
    re.IGNORECASE,
)
_FEW_ROWS = 20  # below, any column may have nothing but different cells
_FEW_OTHERS = 10


def unreadable(seen: Examined) -> Iterator[Finding]:
    """Columns that `fit` would refuse: mixed types, dates, numbers in a dress, infinite ones."""
    for look in seen.looks:
        if look.refusal is None:
            continue
        told = look.refusal
        yield Finding(
            _why_refused(look), "severe", told.what, told.where or look.where, told.why, told.fix,
            (look.name,),
        )  # fmt: skip


def _why_refused(look: Look) -> str:
    """The check that a column belongs to which a schema refuses."""
    cells = look.different.cells
    words = [cell for cell in cells if number_of(cell) is None]
    texts = [cell for cell in words if isinstance(cell, str)]
    if any(map(is_moment, words)) or (texts and all(map(is_date, texts))):
        return "dates"
    if not words:
        large = any(abs(number_of(cell) or 0) > LARGEST for cell in cells)
        return "infinite" if large else "mixed types"
    dressed = len(texts) == len(words) and all(map(written, texts))
    return "numbers as text" if dressed else "mixed types"


def constant(seen: Examined) -> Iterator[Finding]:
    """Columns that say the same in every row, or nothing."""
    nearly = []
    for look in seen.looks:
        if look.kind == "empty":
            yield Finding(
                "empty", "caution", "A column without a single known cell", look.where,
                "Nothing can be learned from it, and it will not be looked at in later tables",
                dropping([look.name]), (look.name,),
            )  # fmt: skip
        elif look.kind not in ("", "identifier"):
            most = int(np.unique(look.known, return_counts=True)[1].max())
            if most == seen.n_rows:
                yield Finding(
                    "constant", "caution", "A column that is the same in every row",
                    f'{look.where}, "{look.texts[0][:40]}" throughout',
                    "Nothing can be learned from it", dropping([look.name]), (look.name,),
                )  # fmt: skip
            elif most < len(look.known) and seen.n_rows - most < _FEW_OTHERS <= seen.n_rows / 100:
                nearly.append(look.name)
    if nearly:
        yield Finding(
            "constant", "note",
            f"{counted(len(nearly), 'column is', 'columns are')} the same in all but less than "
            f"{_FEW_OTHERS} rows",
            _places(nearly), "So few rows teach little, and which they are is chance",
            "keep them if these rows matter, else leave them out", tuple(nearly),
        )  # fmt: skip


def missing(seen: Examined) -> Iterator[Finding]:
    """Columns with more holes than cells."""
    half = [
        look.name
        for look in seen.looks
        if look.kind not in ("", "empty") and 2 * len(look.known) < seen.n_rows
    ]
    if half:
        yield Finding(
            "missing", "note",
            f"{counted(len(half), 'column is', 'columns are')} missing in more than half of the "
            "rows", _places(half),
            "A hole counts as the median, and that it is one is told to the model",
            "find out why cells are missing: if only because of how the table was made, leave the "
            "columns out", tuple(half),
        )  # fmt: skip


def identifiers(seen: Examined) -> Iterator[Finding]:
    """Columns that name a row and say nothing about it."""
    for look in seen.looks:
        if look.kind == "identifier" and look.name not in seen.text:
            n_levels = int((look.counts > 0).sum())
            yield Finding(
                "identifier", "caution",
                f"Text that nearly always differs: {n_levels:,} different in "
                f"{counted(len(look.known), 'row')}", look.where,
                "Names, numbers and free text of single rows mean nothing for new ones; of this "
                "column nothing will count but whether a cell is filled",
                f"if they are names of groups, say so: {say_category(look.name)}; else make "
                f"columns of what matters in it, or {dropping([look.name])}", (look.name,),
            )  # fmt: skip
        elif look.kind == "number" and (reason := _number_of_row(look, seen.n_rows)):
            yield Finding(
                "identifier", "severe", f"A column that looks like an identifier: {reason}",
                look.where,
                "A model can learn single rows by their number, and which rows were entered first; "
                "neither holds for new rows",
                f"if it numbers the rows, {dropping([look.name])}; if it measures something, keep "
                "it", (look.name,),
            )  # fmt: skip


def _number_of_row(look: Look, n_rows: int) -> str:
    """Why a column of numbers looks like an identifier; "" where it does not."""
    values = look.known
    if len(values) < max(_FEW_ROWS, 0.95 * n_rows) or (values != np.floor(values)).any():
        return ""
    n_different = len(look.different.cells)
    named = bool(_ID_NAME.search(look.name)) or re.search(r"[a-z]I[Dd]$", look.name) is not None
    named = named or says_whose(look.name)
    if n_different == len(values):
        if values.max() - values.min() == len(values) - 1:
            return f"{len(values):,} whole numbers, one after the other"
        if (np.diff(values) > 0).all():
            return "whole numbers that rise from row to row"
        if named:
            return "whole numbers, each one once, under such a name"
    if named and n_different > 0.9 * len(values) and np.abs(values).max() > 1000:
        return "whole numbers, nearly each one once, under such a name"
    return ""


def sentinels(seen: Examined) -> Iterator[Finding]:
    """Numbers that stand for "not known"."""
    for look in seen.looks:
        if look.kind != "number":
            continue
        for value in _sentinels_of(look):
            count = int((look.known == value).sum())
            row = int(np.flatnonzero(look.values == value)[0]) + 1
            rest = look.known[~np.isin(look.known, list(SENTINELS | {0.0}))]
            yield Finding(
                "sentinel", "caution",
                f"{level_of(value)} stands apart, and may mean that it is not known",
                f"{look.where}, {counted(count, 'row')}, first row {row:,}; the others run from "
                f"{amount(rest.min(), 6)} to {amount(rest.max(), 6)}",
                "A model takes it for a measurement",
                f"if so, empty these cells in the file, or in pandas: X[{look.name!r}] = "
                f"pd.to_numeric(X[{look.name!r}], errors='coerce')"
                f".replace({level_of(value)}, float('nan'))", (look.name,),
            )  # fmt: skip


def _sentinels_of(look: Look) -> list[float]:
    """The numbers at the ends of a column that no measurement of it would be."""
    values, counts = np.unique(look.known, return_counts=True)
    rest = values[~np.isin(values, list(SENTINELS))]
    if len(rest) < 5:
        return []
    found = []
    width = rest[-1] - rest[0]
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        if value not in SENTINELS or count < 2:
            continue
        gap = rest[0] - value if value < rest[0] else value - rest[-1]
        if value == -1.0:
            # Apart from whole numbers that count something.
            whole = (rest == np.floor(rest)).all()
            apart = rest[0] >= 0 and whole and rest[-1] >= 20
        else:
            apart = gap > width
        if apart:
            found.append(value)
    return found + _zeros_of(look, rest)


def _zeros_of(look: Look, rest: np.ndarray) -> list[float]:
    """Zero, where all that was measured lies far above it."""
    measured = look.known[look.known > 0]
    zeros = int((look.known == 0).sum())
    different = np.unique(measured)
    if rest[0] < 0 or zeros < max(3, 0.005 * len(look.values)) or len(different) < _FEW_ROWS:
        return []
    # Far from zero as measurements go, and no count that begins at 1.
    apart = different[0] >= max(0.25 * np.median(measured), 5 * np.diff(different).min())
    return [0.0] if apart and zeros < len(measured) else []


def words_for_missing(seen: Examined) -> Iterator[Finding]:
    """Levels that say in words that nothing is known."""
    found = [
        (look.name, text)
        for look in seen.looks
        if look.kind == "category"
        for text in look.texts
        if text.casefold() in _WORDS
    ]
    if found:
        words = listed(dict.fromkeys(text for _, text in found), 8)
        names = tuple(dict.fromkeys(name for name, _ in found))
        yield Finding(
            "word for missing", "note", f'Levels that may mean "not known": {words}',
            _places(list(names)), "They are levels like any other, and no missing cells",
            "leave them if that is meant; else empty these cells", names,
        )  # fmt: skip


def spellings(seen: Examined) -> Iterator[Finding]:
    """Levels that differ by their spelling alone."""
    for look in seen.looks:
        if look.kind == "category" and (
            groups := same_words(look.column.levels if look.column else ())
        ):
            told = "; ".join(listed(group) for group in groups[:3])
            yield Finding(
                "spelling", "caution", f"Levels that differ by their spelling alone: {told}",
                look.where, "Each is learned as a group of its own",
                f'write one of them throughout, as with X[{look.name!r}].str.strip().str.lower()',
                (look.name,),
            )  # fmt: skip


def same_words(texts: tuple[str, ...] | list[str]) -> list[list[str]]:
    """Texts that are the same but for capitals, spaces, hyphens and underscores."""
    groups: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        groups[re.sub(r"[\s_-]+", "", text.casefold())].append(text)
    return [group for key, group in groups.items() if key and len(group) > 1]


def many_levels(seen: Examined) -> Iterator[Finding]:
    """Categories of more levels than get an output each."""
    for look in seen.looks:
        n_levels = len(look.column.levels) if look.column else 0
        if n_levels > MOST_OUTPUTS:
            rows = len(look.known) / n_levels
            yield Finding(
                "many levels", "caution" if rows < 5 else "note",
                f"A category of {n_levels:,} levels, {rows:.1f} rows each in the mean", look.where,
                f"The {MOST_OUTPUTS - 1} commonest are told apart; the others count as one, and by "
                "how common they are",
                "join levels that mean alike, as towns to regions, or give what they differ by as "
                "numbers", (look.name,),
            )  # fmt: skip


def numbers_that_are_dates(seen: Examined) -> Iterator[Finding]:
    """Whole numbers such as 20240131."""
    for look in seen.looks:
        if look.kind != "number" or len(np.unique(look.known)) < 5:
            continue
        day, month = look.known % 100, look.known // 100 % 100
        year = look.known // 10_000
        if (
            (look.known == np.floor(look.known)).all()
            and ((day >= 1) & (day <= 31) & (month >= 1) & (month <= 12)).all()
            and ((year >= 1900) & (year <= 2100)).all()
        ):
            yield Finding(
                "dates", "caution", f"Numbers that read as dates: {look.known[0]:.0f}", look.where,
                "From 31 January to 1 February such a number jumps by 70, and nothing else does",
                f"say that they are dates: {say_date(look.name, '%Y%m%d')}",
                (look.name,),
            )  # fmt: skip


def twins(seen: Examined) -> Iterator[Finding]:
    """Columns that hold the same."""
    by_content: dict[bytes, list[Look]] = defaultdict(list)
    for look in seen.looks:
        if look.column and look.kind != "identifier" and len(np.unique(look.known)) > 1:
            # Codes by first appearance: renamed levels are the same column, too.
            _, first, codes = np.unique(look.values, return_index=True, return_inverse=True)
            order = np.argsort(np.argsort(first))[codes]
            content = order.astype(np.int64) if look.kind == "category" else look.values + 0.0
            by_content[look.kind.encode() + content.tobytes()].append(look)
    for same in by_content.values():
        if len(same) > 1:
            names = [look.name for look in same]
            yield Finding(
                "twin columns", "caution", f"Columns that hold the same: {listed(names)}",
                f"columns {listed(names)}", "What the one says, the other adds nothing to",
                dropping(names[1:]), tuple(names),
            )  # fmt: skip


def _places(names: list[str]) -> str:
    return f"column{'s'[: len(names) - 1]} {listed(names, 6)}"
