"""Checks of rows: duplicates, too few rows, groups, and rows that are also in the test table."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import but_for, repeats, repeats_in_words, row_groups
from thalweg.data.cells import trimmed, whole_text
from thalweg.data.column_names import listed, may_be_groups, says_birth, says_whose
from thalweg.data.column_roles import is_missing
from thalweg.data.dates.date_cells import moment_text
from thalweg.data.doctor.column_checks import one_spelling, rows_respelled, same_words
from thalweg.data.doctor.examined_table import Examined, Look
from thalweg.data.doctor.findings import Finding, FixByOptions
from thalweg.data.doctor.total_rows import TOTAL_ROW, is_total, total_rows
from thalweg.data.fixes.named_rows import leaving_out
from thalweg.data.fixes.table_syntax import column_in_python, key_of, keys_of
from thalweg.data.schema.ranges import beyond, summary
from thalweg.errors import DataError
from thalweg.shell_words import in_shell
from thalweg.wording import counted, row_number, row_numbers, rows_counted_as_in_file

DUPLICATES = "duplicate rows"
# The check that asks for a split in time order.
TIME_ORDER = "time order"
# The verbs that hold rows out, and have the options for how.
_VERBS = "thalweg fit, thalweg tune and thalweg evaluate"
_FEW = 50
_ROWS_A_COLUMN = 10
# A fifth of so many different rows is 6, the fewest that show a difference between two models.
_FEWEST_DIFFERENT = 30
# Rows that are compared together.
_AT_ONCE = 5000
_MOST_NAMED = 20  # rows of which a person leaves out each by its number
_FAR = 0.25  # of the range of a column


def too_few(seen: Examined) -> Iterator[Finding]:
    """Too few rows to learn from, or for so many columns."""
    n_columns = len([look for look in seen.looks if look.kind not in ("", "empty", "identifier")])
    if seen.n_rows < _FEW:
        yield Finding(
            "few rows", "caution", f"A table with only {counted(seen.n_rows, 'row')}",
            counted(n_columns, "column"),
            "A fifth of them as held-out rows says very little: intervals will be wide",
            "judge by repeated cross-validation (thalweg evaluate), and collect more rows",
        )  # fmt: skip
    elif seen.n_rows < _ROWS_A_COLUMN * n_columns:
        yield Finding(
            "few rows", "caution",
            f"{counted(seen.n_rows, 'row')} for {counted(n_columns, 'column')}: "
            f"{seen.n_rows / n_columns:.1f} each",
            "the whole table", "With so many columns, some fit the target at random",
            "leave out columns that cannot matter, collect more rows, and trust only "
            "cross-validation",
        )  # fmt: skip


def _n_different(matrix: NDArray[np.float64]) -> int:
    """The number of different rows, up to `_FEWEST_DIFFERENT`; in the memory of some rows."""
    known = matrix[:0]
    for first in range(0, len(matrix), _AT_ONCE):
        rows = np.concatenate([known, matrix[first : first + _AT_ONCE]])
        known = rows[np.unique(row_groups(rows), return_index=True)[1]]
        if len(known) >= _FEWEST_DIFFERENT:
            break
    return min(len(known), _FEWEST_DIFFERENT)


def too_few_different(seen: Examined) -> Iterator[Finding]:
    """Many rows, and few of them different in the features: a test set is a few cases."""
    if seen.groups is not None or any(look.refusal for look in seen.looks):
        return
    n_different = _n_different(seen.matrix)
    if not 1 < n_different < _FEWEST_DIFFERENT or 2 * n_different >= seen.n_rows:
        return
    yield Finding(
        "few different rows", "caution",
        f"Only {n_different} of {counted(seen.n_rows, 'row')} are different in the features",
        "the whole table",
        "Equal rows stay together, so a test set has only some of these, and may be less than a "
        "fifth of the rows",
        "judge by cross-validation over all rows (thalweg evaluate), or add a column in which the "
        "rows differ",
    )  # fmt: skip


def totals(seen: Examined) -> Iterator[Finding]:
    """Rows of sums and means among the cases."""
    every = [*seen.looks, *(look for look in (seen.target_look, seen.groups) if look)]
    numbers = {look.name: look.values for look in every if look.kind == "number"}
    found = total_rows({look.name: look.different for look in every} | seen.dropped, numbers)
    if found:
        rows = row_numbers(np.array([each.row for each in found]))
        fixes = FixByOptions.without_rows(rows)
        yield Finding.of(TOTAL_ROW, is_total(found), (found[0].column,), rows=rows, fixes=fixes)


def duplicates(seen: Examined) -> Iterator[Finding]:
    """Rows whose features equal those of an earlier row, whatever their targets."""
    if not seen.contents.shape[1]:
        return
    again = repeats(seen.contents)
    if again.any():
        share = again.mean()
        is_whole = seen.complete is seen.contents or (repeats(seen.complete) == again).all()
        apart = [] if is_whole else seen.identifiers
        if len(apart) == len(seen.looks):  # nothing was compared
            return
        rows = row_numbers(again)
        keeping_one = _keeping_one(seen, again, apart, rows)
        yield Finding(
            DUPLICATES, "caution" if share >= 0.01 else "note",
            f"{repeats_in_words(int(again.sum()), apart)} ({share:.1%})",
            f"first row {row_number(int(np.argmax(again)) + 1):,}",
            "If one is a training row and the other a held-out row, the judgement is too good; "
            "thalweg keeps equal rows on one side of a split, other programs do not",
            f"if they are one case entered twice, keep one: {keeping_one}; "
            "if they are different cases with equal values, keep all",
            rows=rows, fixes=FixByOptions.without_rows(rows),
        )  # fmt: skip


def _keeping_one(
    seen: Examined, again: NDArray[np.bool_], apart: list[str], rows: Sequence[int]
) -> str:
    """How to leave out rows that equal an earlier one: with their numbers, if they are few."""
    leave = leaving_out(rows, DUPLICATES)
    if again.sum() <= _MOST_NAMED:
        return leave
    compared = [look for look in seen.looks if look.name not in apart]
    # pandas compares cells as they are written: yes is not Yes, and 1.50 is not 1.5.
    # Numbers that are no texts are written as they are read.
    is_plain = all(look.different.plain for look in compared)
    codes = [] if is_plain else [look.different.codes for look in compared]
    is_same = is_plain or (repeats(np.column_stack(codes).astype(float)) == again).all()
    alike = "" if is_same else ", once equal values are written alike"
    names = [look.name for look in compared]
    return (
        f"leave the others out with {leave}, or "
        f"X.drop_duplicates(subset={keys_of(names)!r}) in Python{alike}"
    )


def contradictions(seen: Examined) -> Iterator[Finding]:
    """Rows with equal features and different classes."""
    target = seen.target
    if target is None or target.numbers is not None or target.refusal is not None:
        return
    if not seen.contents.shape[1]:
        return
    known = target.known
    labels = np.unique(target.labels[known].astype(str), return_inverse=True)[1]
    wrong, unlike = _never_right(seen.contents[known], labels)
    if wrong:
        rows = row_numbers(np.flatnonzero(known)[unlike])
        share = wrong / known.sum()
        told_apart = _never_right(seen.complete[known], labels)[0] < wrong
        apart = seen.identifiers if told_apart else []
        if len(apart) == len(seen.looks):  # nothing was compared
            return
        why = "A model sees of an identifier only whether a cell is filled. " if apart else ""
        yield Finding(
            "contradictions", "caution" if share >= 0.01 else "note",
            f"Rows of different classes that are equal in all features{but_for(apart)}",
            f"first row {rows[0]:,}",
            f"{why}Any model of these features alone will be wrong in at least "
            f"{counted(wrong, 'row')} ({share:.1%})",
            "check whether a column that distinguishes them is missing"
            f"{' or taken for an identifier' if apart else ''}, or labels are wrong", rows=rows,
        )  # fmt: skip


def _never_right(X: NDArray[np.float64], labels: NDArray[np.intp]) -> tuple[int, NDArray[np.bool_]]:
    """In how many rows any model of these features is wrong; the rows with an unlike equal one."""
    groups = row_groups(X)
    counts = np.zeros((groups.max(initial=-1) + 1, labels.max(initial=-1) + 1), dtype=np.int64)
    np.add.at(counts, (groups, labels), 1)
    wrong = int((counts.sum(axis=1) - counts.max(axis=1, initial=0)).sum())
    at = np.flatnonzero((counts > 0).sum(axis=1) > 1)
    return wrong, np.isin(groups, at)


def groups_of_rows(seen: Examined) -> Iterator[Finding]:
    """Rows that belong together, such as visits of one patient."""
    groups = seen.groups
    if groups is None:
        yield from _whose_rows(seen)
        return
    lacking = np.flatnonzero(groups.labels == "")
    if len(lacking):
        error = is_missing("group", groups.name, lacking, seen.n_rows)
        rows = row_numbers(lacking)
        fixes = (FixByOptions({"drop_missing": [groups.name]}),)
        yield Finding.of("group missing", error, (groups.name,), rows=rows, fixes=fixes)
    names = list(dict.fromkeys(whole_text(trimmed(text)) for text in groups.texts if text))
    if alike := same_words(names):
        said = "; ".join(listed(group) for group in alike[:3])
        yield Finding(
            "spelling", "caution", f"Groups that differ only by their spelling: {said}",
            groups.where,
            "Each counts as a group of its own, so rows of one case can be in training and in test",
            f"if they are one, {one_spelling(groups, alike)}", (groups.name,),
            rows_respelled(groups.trimmed_labels, alike),
        )  # fmt: skip
    whose = groups.trimmed_labels[groups.trimmed_labels != ""]
    counts = np.unique(whose, return_counts=True)[1]
    if seen.test_groups is not None:
        known = set(seen.test_groups.texts) - {""}
        both = [text for text in dict.fromkeys(groups.texts) if text in known]
        if both:
            with rows_counted_as_in_file(seen.test_kept):
                rows = row_numbers(np.isin(seen.test_groups.labels, np.array(both, object)))
            yield Finding(
                "groups on both sides", "severe",
                f"{counted(len(both), 'group is', 'groups are')} in both the table and the test "
                f"table: {listed(both, 4)}", groups.where,
                "The model has already seen these groups, so the judgement is too good",
                "keep all rows of a group in one of the two tables", (groups.name,), rows,
            )  # fmt: skip
        return
    if len(counts) and counts.max() > 1:
        yield Finding(
            "groups", "caution",
            f"{counted(len(counts), 'group')} of up to {counts.max():,} rows, {len(whose):,} rows "
            "in all", groups.where,
            "A split by rows puts rows of one group on both sides, so the judgement is too good",
            f"use --group {in_shell(groups.name)} with {_VERBS}, and "
            "fit(X, y, groups=…) with scikit-learn's GroupKFold in Python", (groups.name,),
        )  # fmt: skip


def rows_in_time(seen: Examined) -> Iterator[Finding]:
    """Dates, by which later rows can be told from earlier ones; dates of birth cannot do that."""
    owner = seen.groups or next(_may_say_whose(seen), None)
    for look in seen.looks:
        dates = look.column.dates if look.column else None
        if dates is None or dates.grain == "time" or len(np.unique(look.known)) < 2:
            continue
        if says_birth(look.name):
            continue
        first, last = (moment_text(dates, float(end(look.known))) for end in (np.min, np.max))
        said = (
            f"say --time-column {in_shell(look.name)} to {_VERBS}, and "
            f"fit(X, y, time_column={key_of(look.name)!r}) in Python"
        )
        yield Finding(
            TIME_ORDER, "caution" if owner is None else "note", f"Dates from {first} to {last}",
            look.where,
            "A random split puts later rows among those that teach: if the model is to predict "
            "later rows, the judgement can be too good",
            f"if so, {said}"
            if owner is None
            else f"rows are split by groups or in time order, not both. Split by groups "
            f'("{owner.name}") if the model is to predict new groups; only if it is to predict '
            f"later rows of the same groups, {said}, in place of the groups",
            (look.name,), fixes=(FixByOptions({"time": look.name}),) if owner is None else (),
        )  # fmt: skip


def _may_say_whose(seen: Examined) -> Iterator[Look]:
    """Columns whose name and content may say which rows belong together."""
    for look in seen.looks:
        if look.kind not in ("category", "number", "identifier") or not says_whose(look.name):
            continue  # without the texts of all its cells
        if may_be_groups(look.name, len(set(look.texts) - {""}), int(look.counts.sum())):
            yield look


def _whose_rows(seen: Examined) -> Iterator[Finding]:
    """If no group is named: columns that may say which rows belong together."""
    for look in _may_say_whose(seen):
        yield Finding(
            "groups", "caution",
            f"Rows that may belong together: {len(set(look.texts) - {''}):,} different values in "
            f"{counted(int(look.counts.sum()), 'row')}", look.where,
            "If rows with one value are of one patient or case, a split by rows puts them on "
            "both sides, so the judgement is too good",
            f"if so, use --group {in_shell(look.name)} with {_VERBS}, "
            f"and fit(X.drop(columns={key_of(look.name)!r}), y, "
            f"groups={column_in_python(look.name)}) in "
            "Python",
            (look.name,), fixes=(FixByOptions({"group": look.name}),),
        )  # fmt: skip


def overlap(seen: Examined) -> Iterator[Finding]:
    """Rows that are in both the table and the test table."""
    with rows_counted_as_in_file(seen.test_kept):
        found = list(_overlap(seen))
    yield from found


def _overlap(seen: Examined) -> Iterator[Finding]:
    if seen.test is None:
        return
    why = "A model that is fitted on the table cannot predict the test table"
    # Also those that have a problem of their own: the option that is printed is then enough.
    if absent := [look.name for look in seen.looks if look.name not in seen.test.names]:
        yield Finding(
            "different tables", "severe",
            f"Columns that the test table does not have: {listed(absent)}",
            f"it has {listed(seen.test.names)}", why,
            "add them to it under these names, or leave them out of the other table: "
            + " ".join(f"--drop {in_shell(name)}" for name in absent), tuple(absent),
        )  # fmt: skip
        return
    if not seen.matrix.shape[1]:
        return
    try:
        taken = seen.schema.take(seen.test)
    except DataError as error:
        yield replace(Finding.of("different tables", error, (), "the test table"), why=why)
        return
    n_rows, test = seen.n_rows, np.asarray(taken.matrix, dtype=np.float64)
    groups = row_groups(np.concatenate((seen.matrix, test)))
    both = np.isin(groups[n_rows:], groups[:n_rows])
    if both.any():
        # Coarse measurements make some rows equal; within the table equally often.
        usual = float(repeats(seen.matrix).mean())
        share = float(both.mean())
        apart = but_for(seen.identifiers)
        alike = f" (equal in all features{apart})" if apart else ""
        yield Finding(
            "rows on both sides", "severe" if share > 2 * usual + 0.01 else "caution",
            f"Test rows that are in the table, too{alike}: "
            f"{int(both.sum()):,} of {len(test):,} ({share:.1%})",
            f"first row {row_number(int(np.argmax(both)) + 1):,} of the test table",
            f"The model has already seen these rows; within the table {usual:.1%} of the rows "
            "equal an earlier row", "leave these rows out of one of the two tables",
            rows=row_numbers(both),
        )  # fmt: skip
    for each in taken.unseen:
        yield Finding(
            "unseen levels", "caution",
            f"{counted(each.count, 'test row')} with levels that the table does not have: "
            f"{listed(each.examples)}",
            f'column "{each.column}", first row {row_number(each.row):,}',
            "They count as some other level", "check whether they are spelled as in the table",
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
    # In any two tables, some rows of one are slightly outside the range of the other.
    widths = dict(zip(seen.schema.names, _FAR * (ends[1] - ends[0]), strict=True))
    found = [
        replace(each, row=row_number(each.row))
        for each in beyond(seen.schema.names, test, ends[0], ends[1], seen.schema.dates)
        if each.distance > widths[each.column]
    ]
    if found:
        yield Finding(
            "out of range", "note", summary(found, len(test), far=_FAR), "the test table",
            "Predictions outside the range of the training rows cannot be trusted",
            "check whether both tables have the same units",
            tuple(dict.fromkeys(each.column for each in found)),
        )  # fmt: skip
