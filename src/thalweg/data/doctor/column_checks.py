"""Checks of single columns: constants, identifiers, sentinel codes, dates as numbers, spelling."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST, is_date, is_moment, level_of, number_of
from thalweg.data.column_names import listed
from thalweg.data.dates.date_reading import say_date
from thalweg.data.doctor.examined_table import Examined, Look, dropping
from thalweg.data.doctor.findings import Finding, FixByOptions
from thalweg.data.doctor.numbered_rows import FEW_ROWS, WHY, rounded_alike, why_numbered
from thalweg.data.encoding.levels import MOST_OUTPUTS
from thalweg.data.fixes.column_errors import ColumnError, odd_row, say_odd_row
from thalweg.data.fixes.named_rows import all_in_json, in_ranges
from thalweg.data.fixes.table_syntax import column_in_python
from thalweg.data.notation.codes import SENTINELS, codes_among_classes, is_apart
from thalweg.data.notation.durations import duration_among
from thalweg.data.notation.missing_words import (
    perhaps_missing,
    say_missing,
    say_missing_all,
    usual_words,
)
from thalweg.data.notation.said_columns import say_category
from thalweg.data.notation.written_number import written
from thalweg.data.notation.yes_no import are_yes_no
from thalweg.wording import amount, counted, row_numbers

_FEW_OTHERS = 10
_MOST_NAMED = 20  # rows, or stretches of rows, in a fix


def unreadable(seen: Examined) -> Iterator[Finding]:
    """Columns that `fit` refuses: mixed types, dates, numbers with units, infinite numbers."""
    odd = odd_row([look.refusal for look in (*seen.looks, seen.target_look) if look])
    for look in seen.looks:
        if look.refusal is None:
            continue
        check = _why_refused(look)
        rows = rows_refused(look)
        fixes = FixByOptions.of_error(look.name, look.refusal) or (FixByOptions.without(look.name),)
        found = Finding.of(check, look.refusal, (look.name,), look.where, rows, fixes)
        of_row = isinstance(look.refusal, ColumnError) and look.refusal.row == odd
        yield replace(found, fix=found.fix + say_odd_row(odd)) if of_row else found


def rows_refused(look: Look) -> tuple[int, ...]:
    """The rows whose cells do not fit the others, if a column is refused for these cells."""
    why, cells = _why_refused(look), look.different.cells
    if why == "infinite":
        wrong = [abs(number_of(cell) or 0) > LARGEST for cell in cells]
    elif why == "mixed types":
        texts = [cell for cell in cells if isinstance(cell, str) and number_of(cell) is None]
        is_fit = is_date if any(map(is_date, texts)) else written
        wrong = [
            number_of(cell) is None and not (isinstance(cell, str) and is_fit(cell))
            for cell in cells
        ]
        if not any(wrong):  # numbers, and true or false: the rarer of them
            is_truth = np.array([isinstance(number_of(cell), bool) for cell in cells])
            several = 2 * look.counts[is_truth].sum() > look.counts.sum()
            wrong = list(is_truth ^ several)
    else:  # such as two readings of all cells
        return ()
    return row_numbers(np.array([*wrong, False])[look.different.codes])


def _why_refused(look: Look) -> str:
    """The name of the check for a column that a schema refuses."""
    cells = look.different.cells
    words = [cell for cell in cells if number_of(cell) is None]
    texts = [cell for cell in words if isinstance(cell, str)]
    if duration_among(texts) is not None:
        return "duration"
    if any(map(is_moment, words)) or (texts and all(map(is_date, texts))):
        return "dates"
    if not words:
        if any(abs(number_of(cell) or 0) > LARGEST for cell in cells):
            return "infinite"
        is_truth = {isinstance(number_of(cell), bool) for cell in cells}
        return "mixed types" if len(is_truth) > 1 else "numbers as text"
    are_written = len(texts) == len(words) and all(map(written, texts))
    return "numbers as text" if are_written else "mixed types"


def constant(seen: Examined) -> Iterator[Finding]:
    """Columns that are the same in every row or in nearly all, or without any value."""
    nearly = []
    for look in seen.looks:
        if look.kind == "empty":
            yield Finding(
                "empty", "caution", "A column without any value", look.where,
                "Nothing can be learned from it, and it will be ignored in later tables",
                dropping([look.name]), (look.name,), fixes=(FixByOptions.without(look.name),),
            )  # fmt: skip
        elif look.kind not in ("", "identifier"):
            most = int(np.unique(look.known, return_counts=True)[1].max())
            if most == seen.n_rows:
                if rounded_alike(look):
                    continue  # `identifiers` says so: the cells differ
                yield Finding(
                    "constant", "caution", "A column that is the same in every row",
                    f'{look.where}, "{look.texts[0][:40]}" in every row',
                    "Nothing can be learned from it", dropping([look.name]), (look.name,),
                    fixes=(FixByOptions.without(look.name),),
                )  # fmt: skip
            elif most < len(look.known) and seen.n_rows - most < _FEW_OTHERS <= seen.n_rows / 100:
                nearly.append(look.name)
    if nearly:
        yield Finding(
            "constant", "note",
            f"{counted(len(nearly), 'column is', 'columns are')} the same in all but fewer than "
            f"{_FEW_OTHERS} rows",
            _places(nearly), "A model learns little from so few rows, and most of it is noise",
            "keep them if these rows matter, otherwise leave them out", tuple(nearly),
            fixes=(FixByOptions.without(*nearly),),
        )  # fmt: skip


def missing(seen: Examined) -> Iterator[Finding]:
    """Columns with more missing values than values."""
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
            "A missing value counts as the median, and an indicator tells the model that it is "
            "missing",
            "find out why values are missing: if only because of how the table was made, leave "
            "the columns out", tuple(half), fixes=(FixByOptions.without(*half),),
        )  # fmt: skip


def identifiers(seen: Examined) -> Iterator[Finding]:
    """Columns that identify single rows and say nothing else about them."""
    for look in seen.looks:
        if look.texts_among_numbers is not None:
            continue  # `mixed` says so
        if look.kind == "identifier" and look.name not in seen.text:
            filled = np.array([text != "" for text in look.texts])
            yield Finding(
                "identifier", "caution",
                f"Text that differs in nearly every row: {int((look.counts[filled] > 0).sum()):,} "
                f"different in {counted(int(look.counts[filled].sum()), 'row')}", look.where,
                "Names, numbers and free text of single rows mean nothing for new rows; only "
                "whether a cell of this column is filled will count",
                f"if they are names of groups, {say_category(look.name)}; otherwise make columns "
                f"of what matters in it, or {dropping([look.name])}", (look.name,),
                fixes=(FixByOptions.without(look.name), FixByOptions({"category": [look.name]})),
            )  # fmt: skip
        elif look.kind == "number" and (reason := _numbered(look, seen.n_rows)):
            yield Finding(
                "identifier", "severe", f"A column that looks like an identifier: {reason}",
                look.where, WHY,
                f"if it numbers the rows, {dropping([look.name])}; if it measures something, keep "
                "it", (look.name,), fixes=(FixByOptions.without(look.name),),
            )  # fmt: skip
        elif lost := rounded_alike(look):
            yield lost


def _numbered(look: Look, n_rows: int) -> str:
    return why_numbered(look.name, look.known, n_rows, lambda: len(look.different.cells))


def sentinels(seen: Examined) -> Iterator[Finding]:
    """Numbers that may mean "not known"."""
    for look in seen.numbers:
        for value in _sentinels_of(look):
            rows = row_numbers(look.values == value)
            rest = look.known[~np.isin(look.known, list({*SENTINELS, value}))]
            yield Finding(
                "sentinel", "caution",
                f"{level_of(value)} is far from the other values, and may mean \"not known\"",
                f"{look.where}, {counted(len(rows), 'row')}, first row {rows[0]:,}; the others "
                f"are from {amount(rest.min(), 6)} to {amount(rest.max(), 6)}",
                "A model takes it for a measured value",
                f"if so, say that it is missing: {say_missing(look.name, [str(level_of(value))])}",
                (look.name,), rows,
                (FixByOptions({"missing": {look.name: [str(level_of(value))]}}),),
            )  # fmt: skip
    target = seen.target
    if target is None or target.numbers is not None or target.refusal is not None:
        return
    if codes := codes_among_classes(target.classes):
        others = sorted(float(label) for label in target.classes if label not in codes)
        rows = row_numbers(np.isin(target.labels, np.array(codes, object)))
        yield Finding(
            "sentinel", "caution",
            f'{listed(codes)} as a class is far from the other values, and may mean "not known"',
            f'column "{target.name}", {counted(len(rows), "row")}, first row {rows[0]:,}; the '
            f"other classes are from {amount(others[0], 6)} to {amount(others[-1], 6)}",
            "A model learns it as a class of its own",
            f"if so, say that it is missing, and leave these rows out: "
            f"{say_missing(target.name, codes)}", (target.name,), rows,
            (FixByOptions({"missing": {target.name: list(codes)}}),),
        )  # fmt: skip


def _sentinels_of(look: Look) -> list[float]:
    """The sentinel numbers that are too far from the other numbers of a column."""
    values, counts = np.unique(look.known, return_counts=True)
    rest = values[~np.isin(values, list(SENTINELS))]
    if len(rest) < 2:
        return []
    pairs = zip(values.tolist(), counts.tolist(), strict=True)
    found = [v for v, n in pairs if v in SENTINELS and n > 1 and is_apart(v, rest)]
    return found + _zeros_of(look, rest)


def _zeros_of(look: Look, rest: np.ndarray) -> list[float]:
    """Zero, if all other values are far above it."""
    measured = look.known[look.known > 0]
    zeros = int((look.known == 0).sum())
    different = np.unique(measured)
    if rest[0] < 0 or zeros < max(3, 0.005 * len(look.values)) or len(different) < FEW_ROWS:
        return []
    # Far above zero for measured values, and not counts, which begin at 1.
    apart = different[0] >= max(0.25 * np.median(measured), 5 * np.diff(different).min())
    return [0.0] if apart and zeros < len(measured) else []


def words_for_missing(seen: Examined) -> Iterator[Finding]:
    """Levels that are words for "not known"."""
    found = {}
    is_word = np.zeros(seen.n_rows, np.bool_)
    for look in seen.looks:
        if look.kind == "category" and (words := usual_words(look.texts)):
            found[look.name] = words
            is_word |= np.isin(look.labels, np.array(words, object))
    target = seen.target
    is_read = target is not None and target.numbers is None and target.refusal is None
    if target is not None and is_read and (words := usual_words(target.classes)):
        found[target.name] = words
        is_word |= np.isin(target.labels, np.array(words, object))
    if found:
        every = list(dict.fromkeys(word for words in found.values() for word in words))
        said, names = listed(every, 8), tuple(found)
        yield Finding(
            "word for missing", "note", f'Levels that may mean "not known": {said}',
            _places(list(names)), "They are levels like any other, not missing values",
            f"keep them if that is intended; otherwise {say_missing_all(found)}", names,
            row_numbers(is_word),
            (FixByOptions({"missing": {name: list(words) for name, words in found.items()}}),),
        )  # fmt: skip


_NO_LETTERS = r"[\s_-]+"  # in which two spellings may differ


def spellings(seen: Examined) -> Iterator[Finding]:
    """Levels that differ only by their spelling."""
    for look in seen.looks:
        if look.kind == "category" and (
            groups := same_words(look.column.levels if look.column else ())
        ):
            said = "; ".join(listed(group) for group in groups[:3])
            cure = yes_no_but_for(look.name, list(look.column.levels if look.column else ()))
            yield Finding(
                "spelling", "caution", f"Levels that differ only by their spelling: {said}",
                look.where, "Each is learned as a separate level",
                f"{cure}{one_spelling(look, groups)}; or {dropping([look.name])}",
                (look.name,), rows_respelled(look.trimmed_labels, groups),
                (FixByOptions.without(look.name),),
            )  # fmt: skip


def one_spelling(look: Look, groups: list[list[str]]) -> str:
    """The cure for spellings: what to write instead in the file, and in which rows."""
    said = []
    labels = look.trimmed_labels
    for usual, others in _usual_first(labels, groups)[:3]:
        rows = in_ranges(row_numbers(np.isin(labels, others)))
        more = f" and more: {all_in_json('spelling')}" if len(rows) > _MOST_NAMED else ""
        row = "row" if len(rows) == 1 and rows[0].isdecimal() else "rows"
        said.append(f'"{usual}" in {row} {", ".join(rows[:_MOST_NAMED])}{more}')
    return (
        f"use one spelling in all rows of the file, such as {'; '.join(said)}; in Python "
        f"{column_in_python(look.name)}{_joined_by(groups)}"
    )


def _joined_by(groups: list[list[str]]) -> str:
    """What gives all texts of each group one spelling, in pandas."""
    if all(len({text.strip().lower() for text in group}) == 1 for group in groups):
        return ".str.strip().str.lower()"
    return f'.str.casefold().str.replace(r"{_NO_LETTERS}", "", regex=True)'


def rows_respelled(labels: NDArray[Any], groups: list[list[str]]) -> tuple[int, ...]:
    """The rows whose text is not the most common spelling."""
    others = [text for _, rare in _usual_first(labels, groups) for text in rare]
    return row_numbers(np.isin(labels, np.array(others, labels.dtype)))


def _usual_first(labels: NDArray[Any], groups: list[list[str]]) -> list[tuple[str, list[str]]]:
    """Of each group of spellings the most common one, and the others."""
    counted_so = [sorted(group, key=lambda text: -int((labels == text).sum())) for group in groups]
    return [(usual, others) for usual, *others in counted_so]


def yes_no_but_for(name: str, texts: list[str]) -> str:
    """The cure for spellings of yes and no that words for "not known" keep apart; "" for others."""
    words = perhaps_missing(texts)
    if not words or not are_yes_no([text for text in texts if text not in words]):
        return ""
    mean = "mean" if len(words) > 1 else "means"
    return (
        f'if {listed(words)} {mean} "not known", say so: {say_missing(name, words)}; '
        "the others are then yes and no, whose capitals do not count; or "
    )


def same_words(texts: tuple[str, ...] | list[str]) -> list[list[str]]:
    """Groups of texts that differ only by capitals, spaces, hyphens and underscores."""
    groups: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        groups[re.sub(_NO_LETTERS, "", text.casefold())].append(text)
    return [group for key, group in groups.items() if key and len(group) > 1]


def many_levels(seen: Examined) -> Iterator[Finding]:
    """Categories with so many levels that not each has an output."""
    for look in seen.looks:
        n_levels = len(look.column.levels) if look.column else 0
        if n_levels > MOST_OUTPUTS:
            rows = len(look.known) / n_levels
            yield Finding(
                "many levels", "caution" if rows < 5 else "note",
                f"A category of {n_levels:,} levels, with {rows:.1f} rows each on average",
                look.where,
                f"Only the {MOST_OUTPUTS - 1} most common have an output each; the others share "
                "the same outputs, and besides how common they are only a target code tells them "
                "apart, where the target clearly differs between them",
                "join similar levels, such as towns to regions, or add columns of numbers for what "
                "they differ by", (look.name,),
            )  # fmt: skip


def numbers_that_are_dates(seen: Examined) -> Iterator[Finding]:
    """Whole numbers such as 20240131."""
    for look in seen.looks:
        if look.kind != "number":
            continue
        day, month = look.known % 100, look.known // 100 % 100
        year = look.known // 10_000
        if (
            (look.known == np.floor(look.known)).all()
            and ((day >= 1) & (day <= 31) & (month >= 1) & (month <= 12)).all()
            and ((year >= 1900) & (year <= 2100)).all()
            and len(np.unique(look.known)) >= 5
        ):
            yield Finding(
                "dates", "caution", f"Numbers that read as dates: {look.known[0]:.0f}", look.where,
                "Such a number jumps by 70 from 31 January to 1 February, which is one day",
                f"say that they are dates: {say_date(look.name, '%Y%m%d')}", (look.name,),
                fixes=(FixByOptions({"date": {look.name: "%Y%m%d"}}),),
            )  # fmt: skip


def twins(seen: Examined) -> Iterator[Finding]:
    """Columns with the same content."""
    by_content: dict[bytes, list[Look]] = defaultdict(list)
    for look in seen.looks:
        if look.column and look.kind != "identifier" and len(np.unique(look.known)) > 1:
            content = look.values + 0.0
            if look.kind == "category":
                # Codes by first appearance, so that a column with renamed levels is the same.
                _, first, codes = np.unique(look.values, return_index=True, return_inverse=True)
                content = np.argsort(np.argsort(first))[codes].astype(np.int64)
            by_content[look.kind.encode() + content.tobytes()].append(look)
    for same in by_content.values():
        if len(same) > 1:
            names = [look.name for look in same]
            yield Finding(
                "twin columns", "caution", f"Columns with the same content: {listed(names)}",
                f"columns {listed(names)}", "All but one of them add nothing",
                dropping(names[1:]), tuple(names), fixes=(FixByOptions.without(*names[1:]),),
            )  # fmt: skip


def _places(names: list[str]) -> str:
    return f"column{'s'[: len(names) - 1]} {listed(names, 6)}"
