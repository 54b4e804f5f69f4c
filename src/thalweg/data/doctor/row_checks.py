"""Checks of rows: the same ones twice, too few of them, and what is on both sides of a split."""

import shlex
from collections.abc import Iterator

import numpy as np

from thalweg.data.canonical_rows import repeats, repeats_in_words, row_groups
from thalweg.data.dates.date_cells import moment_text
from thalweg.data.doctor.findings import Examined, Finding
from thalweg.data.names import listed
from thalweg.data.person_columns import may_be_groups
from thalweg.data.schema.ranges import beyond, summary
from thalweg.errors import DataError
from thalweg.wording import counted

_FEW = 50
_ROWS_A_COLUMN = 10
_FAR = 0.25  # of the range of a column


def too_few(seen: Examined) -> Iterator[Finding]:
    """Too few rows to learn from, or for so many columns."""
    n_columns = len([look for look in seen.looks if look.kind not in ("", "empty", "identifier")])
    if seen.n_rows < _FEW:
        yield Finding(
            "few rows", "caution", f"A table of {counted(seen.n_rows, 'row')}",
            counted(n_columns, "column"),
            "A fifth of them to judge on says next to nothing: intervals will be wide",
            "judge by cross-validation that is repeated (thalweg evaluate), and gather more rows",
        )  # fmt: skip
    elif seen.n_rows < _ROWS_A_COLUMN * n_columns:
        yield Finding(
            "few rows", "caution",
            f"{counted(seen.n_rows, 'row')} for {counted(n_columns, 'column')}: "
            f"{seen.n_rows / n_columns:.1f} each",
            "the whole table", "With so many columns some fit the target by chance",
            "leave out columns that cannot matter, gather more rows, and trust cross-validation "
            "only",
        )  # fmt: skip


def duplicates(seen: Examined) -> Iterator[Finding]:
    """Rows that stand in the table more than once, whatever their target."""
    if not seen.contents.shape[1]:
        return
    again = repeats(seen.contents)
    if again.any():
        share = again.mean()
        yield Finding(
            "duplicate rows", "caution" if share >= 0.01 else "note",
            f"{repeats_in_words(int(again.sum()))} ({share:.1%})",
            f"first row {int(np.argmax(again)) + 1:,}",
            "Where one is trained on and the other judged, the judgement is too good; thalweg "
            "keeps equal rows on one side, other programs do not",
            "if they are the same case entered twice, keep one: X.drop_duplicates(); if they are "
            "different cases that measure alike, leave them",
        )  # fmt: skip


def contradictions(seen: Examined) -> Iterator[Finding]:
    """Rows with the same features and another class."""
    target = seen.target
    if target is None or target.numbers is not None or not seen.contents.shape[1]:
        return
    known = target.known
    groups = row_groups(seen.contents[known])
    names, codes = np.unique(target.labels[known].astype(str), return_inverse=True)
    counts = np.zeros((groups.max(initial=-1) + 1, len(names)), dtype=np.int64)
    np.add.at(counts, (groups, codes), 1)
    wrong = int((counts.sum(axis=1) - counts.max(axis=1, initial=0)).sum())
    if wrong:
        at = np.flatnonzero((counts > 0).sum(axis=1) > 1)
        row = int(np.flatnonzero(known)[np.isin(groups, at)][0]) + 1
        share = wrong / known.sum()
        yield Finding(
            "contradictions", "caution" if share >= 0.01 else "note",
            "Rows of the same features and different classes", f"first row {row:,}",
            f"Whatever the model, at least {counted(wrong, 'row')} ({share:.1%}) will be wrong",
            "see whether a column is missing that tells them apart, or labels are mistaken",
        )  # fmt: skip


def groups_of_rows(seen: Examined) -> Iterator[Finding]:
    """Rows that belong together, as visits of one patient do."""
    groups = seen.groups
    if groups is None:
        yield from _whose_rows(seen)
        return
    counts = groups.counts[groups.counts > 0]
    if seen.test_groups is not None:
        both = [text for text in dict.fromkeys(groups.texts) if text in set(seen.test_groups.texts)]
        if both:
            yield Finding(
                "groups on both sides", "severe",
                f"{counted(len(both), 'group is', 'groups are')} in the table and in the one to "
                f"judge on: "
                f"{listed(both, 4)}", groups.where,
                "What was learned of these groups is asked again: the judgement is too good",
                "keep all rows of a group on one side", (groups.name,),
            )  # fmt: skip
        return
    if len(counts) and counts.max() > 1:
        yield Finding(
            "groups", "caution",
            f"{counted(len(counts), 'group')} of up to {counts.max():,} rows in {seen.n_rows:,}",
            groups.where,
            "A split by rows puts rows of one group on both sides, and the judgement is too good",
            f"say --group {shlex.quote(groups.name)} to thalweg fit and thalweg evaluate, and "
            "fit(X, y, groups=…) in Python, judged by scikit-learn's GroupKFold", (groups.name,),
        )  # fmt: skip


def rows_in_time(seen: Examined) -> Iterator[Finding]:
    """Dates, by which later rows can be told from earlier ones."""
    for look in seen.looks:
        dates = look.column.dates if look.column else None
        if dates is None or dates.grain == "time" or len(np.unique(look.known)) < 2:
            continue
        first, last = (moment_text(dates, float(end(look.known))) for end in (np.min, np.max))
        yield Finding(
            "time order", "caution", f"Dates from {first} to {last}", look.where,
            "A random split puts later rows among those that teach: if the model is to predict "
            "later rows, the judgement can be too good",
            f"if so, say --time-column {shlex.quote(look.name)} to thalweg fit and thalweg "
            f"evaluate, and fit(X, y, time_column={look.name!r}) in Python", (look.name,),
        )  # fmt: skip


def _whose_rows(seen: Examined) -> Iterator[Finding]:
    """Columns that by name and content say which rows go together, where no group is named."""
    for look in seen.looks:
        n_different, n_known = len(set(look.texts) - {""}), int(look.counts.sum())
        if look.kind in ("category", "number", "identifier") and may_be_groups(
            look.name, n_different, n_known
        ):
            yield Finding(
                "groups", "caution",
                f"Rows that may go together: {n_different:,} different in "
                f"{counted(n_known, 'row')}", look.where,
                "If rows of one value are of one patient or case, a split by rows puts them on "
                "both sides, and the judgement is too good",
                f"if so, say --group {shlex.quote(look.name)} to thalweg fit and thalweg evaluate, "
                f"and fit(X.drop(columns={look.name!r}), y, groups=X[{look.name!r}]) in Python",
                (look.name,),
            )  # fmt: skip


def overlap(seen: Examined) -> Iterator[Finding]:
    """Rows that are in the table and in the one to judge on."""
    if seen.test is None or not seen.matrix.shape[1]:
        return
    why = "What is learned from the one table cannot be asked of the other"
    if absent := [name for name in seen.schema.names if name not in seen.test.names]:
        yield Finding(
            "different tables", "severe",
            f"Columns that the table to judge on lacks: {listed(absent)}",
            f"it has {listed(seen.test.names)}", why,
            "add them to it under these names, or leave them out of the other: "
            + " ".join(f"--drop {shlex.quote(name)}" for name in absent), tuple(absent),
        )  # fmt: skip
        return
    try:
        taken = seen.schema.take(seen.test)
    except DataError as told:
        yield Finding(
            "different tables", "severe", told.what, told.where or "the table to judge on",
            why, told.fix,
        )  # fmt: skip
        return
    n_rows, test = seen.n_rows, np.asarray(taken.matrix, dtype=np.float64)
    groups = row_groups(np.concatenate((seen.matrix, test)))
    both = np.isin(groups[n_rows:], groups[:n_rows])
    if both.any():
        # Where measurements are coarse, rows are equal by chance: as often within the table.
        usual = float(repeats(seen.matrix).mean())
        share = float(both.mean())
        yield Finding(
            "rows on both sides", "severe" if share > 2 * usual + 0.01 else "caution",
            "Rows to judge on that are in the table, too: "
            f"{int(both.sum()):,} of {len(test):,} ({share:.1%})",
            f"first row {int(np.argmax(both)) + 1:,} of the second table",
            f"What was learned is asked again; within the table {usual:.1%} of the rows equal "
            "another", "leave these rows out of one of the two",
        )  # fmt: skip
    for each in taken.unseen:
        yield Finding(
            "unseen levels", "caution",
            f"{counted(each.count, 'row')} to judge on with levels that the table has not: "
            f"{listed(each.examples)}", f'column "{each.column}", first row {each.row:,}',
            "They count as some other level", "see whether they are spelled as in the table",
            (each.column,),
        )  # fmt: skip
    yield from _out_of_range(seen, test)


def _out_of_range(seen: Examined, test: np.ndarray) -> Iterator[Finding]:
    with np.errstate(all="ignore"):
        there = ~np.isnan(seen.matrix).all(axis=0)
    ends = np.full((2, seen.matrix.shape[1]), np.nan)
    is_number = np.array([column.kind in ("number", "date") for column in seen.schema.columns])
    use = there & is_number
    ends[0, use] = np.nanmin(seen.matrix[:, use], axis=0)
    ends[1, use] = np.nanmax(seen.matrix[:, use], axis=0)
    # Some rows in any table lie a little beyond another.
    widths = dict(zip(seen.schema.names, _FAR * (ends[1] - ends[0]), strict=True))
    found = [
        each
        for each in beyond(seen.schema.names, test, ends[0], ends[1], seen.schema.dates)
        if each.distance > widths[each.column]
    ]
    if found:
        yield Finding(
            "out of range", "note", summary(found, len(test)), "the table to judge on",
            "A network is not to be trusted where it has seen nothing",
            "see whether both tables have the same units",
            tuple(dict.fromkeys(each.column for each in found)),
        )  # fmt: skip
