"""A table to train on: its columns as numbers, its target, and the task that follows."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from thalweg.data.canonical_rows import repeats_in_words
from thalweg.data.column_names import listed, may_be_groups, says_birth
from thalweg.data.dates.time_windows import TimeOrder, require_times
from thalweg.data.doctor.column_checks import same_words
from thalweg.data.doctor.numbered_rows import warn_of_numbered_rows
from thalweg.data.fixes.column_errors import ColumnError, in_one
from thalweg.data.label_types import default_positive
from thalweg.data.notation.codes import codes_among_classes, may_be_months
from thalweg.data.notation.missing_words import MissingWords, say_missing
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.data.schema.emptied_table import no_cell_holds
from thalweg.data.schema.find_columns import notes_of_choices
from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.data.target_kind import (
    REGRESSION,
    NumericTarget,
    number_target,
    taken_for_a_number,
)
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.offsets.offset_of_fit import OffsetOfFit, rate_name
from thalweg.estimators.parameters.parameter import Settings
from thalweg.estimators.parameters.rows.class_parameters import CLASS_LOSSES, ORDINAL
from thalweg.estimators.parameters.simpler_model import NETWORK
from thalweg.evaluation.task_judging import Task, task_of
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.evaluation.verdict_sections import BesideAnswers
from thalweg.jobs.offsets.amounts_of_table import require_amounts_of_table
from thalweg.jobs.offsets.table_offsets import (
    beside_rates,
    named_in_rates,
    rates_of_table,
    taken_apart,
    with_weights,
)
from thalweg.jobs.parts.known_roles import groups_of_rows
from thalweg.jobs.parts.row_weights import RowWeights, all_cells, weights_of
from thalweg.jobs.parts.summary_facts import Facts, table_facts, weight_notes
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.parts.totals import beside_totals, warn_of_totals
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.wording import counted, parameter, rows_counted_as_in_file


@dataclass(frozen=True, kw_only=True)
class TrainingRequest:
    """A table to train on, and the settings.

    Attributes
    ----------
    table : str
        A file, the name of a bundled table, or "-" for standard input.
    columns : Columns
    reading : Reading
    task : {"auto", "classification", "regression"}
    settings : mapping
        Parameters of the estimator that are not at their defaults.
    seed : int
    estimator : {"network", "logistic", "ridge"}
        What is trained: a network, or the simpler model.
    evaluated : bool
        Whether rows are split for an evaluation, so that notes say how.
    sections : AskedSections
        What is asked of the evaluation.
    """

    table: str
    columns: Columns = field(default_factory=Columns)
    reading: Reading = field(default_factory=Reading)
    task: str = "auto"
    settings: Settings = field(default_factory=dict)
    seed: int = 0
    estimator: str = NETWORK
    evaluated: bool = True
    sections: AskedSections = field(default_factory=AskedSections)


@dataclass(frozen=True, eq=False)
class TrainingTable:
    """A table to train on.

    Attributes
    ----------
    table : Table
    schema : Schema
    matrix : ndarray of float64, shape (n_samples, n_features)
        The features as numbers, NaN for a missing value.
    y : ndarray, shape (n_samples,)
        The target: labels or numbers.
    task : Task
    groups : ndarray of str, shape (n_samples,), or None
        The group of each row, if a column says which rows belong together.
    times : TimeOrder or None
        The time of each row, if a column orders them.
    weights : ndarray of float64, shape (n_samples,), or None
        How much each row counts, if a column says it.
    facts : dict
        The summary of the table, as plain data.
    notation : NumberNotation or None
        How the numbers of the target are written, unless they are plain or classes.
    weight_notation : NumberNotation or None
        How the weights are written, if a cell or a person tells it.
    beside : BesideAnswers
        What is asked of the sections, with the columns of groups.
    offset : OffsetOfFit or None
        If rows have exposures or offsets: target and weights are then those of rates.
    """

    table: Table
    schema: Schema
    matrix: np.ndarray
    y: np.ndarray
    task: Task
    groups: np.ndarray | None
    times: TimeOrder | None
    weights: np.ndarray | None
    facts: Facts
    notation: NumberNotation | None = None
    weight_notation: NumberNotation | None = None
    beside: BesideAnswers = field(default_factory=BesideAnswers)
    offset: OffsetOfFit | None = None


def read_training_table(run: JobRun, request: TrainingRequest) -> TrainingTable:
    """The table, with its features as numbers and the task of its target.

    Parameters
    ----------
    run : JobRun
        To report the data that was read.
    request : TrainingRequest
    """
    columns, asked = request.columns, request.sections
    asked.check(request.settings)
    table = request.reading.table(
        request.table, target=columns.target, positive=columns.positive, drop=columns.drop,
        group=columns.group, time_column=columns.time, weight_column=columns.weight,
        missing=columns.missing, drop_missing=columns.drop_missing, drop_row=columns.drop_row,
        ids=asked.ids_too(columns.ids, columns.drop), may_lack=columns.may_lack,
    )  # fmt: skip
    whole, table = table, replace(table, ids=table.ids[list(columns.ids)])
    with rows_counted_as_in_file(table.kept):
        found = _understood(run, request, table)
        beside = asked.beside(whole, table, found.schema, columns.said)
    asked.check_task(found.task, str(table.target_name))
    return replace(found, beside=beside)


def _understood(run: JobRun, request: TrainingRequest, table: Table) -> TrainingTable:
    """The table with what its columns are."""
    columns, target, said = request.columns, str(table.target_name), request.columns.said
    table, apart = taken_apart(table, columns)
    table = replace(table, said=_of_features(said, columns, table))

    target_as_numbers = partial(_as_numbers, request, table, said, request.task)
    try:
        schema = infer_schema(table.frame, said=table.said)
    except DataError as error:
        values = _values_if_read(target_as_numbers)
        error = _and_also(error, target, target_as_numbers)
        error = _and_also(error, columns.weight, lambda: _weights(table, said))
        raise beside_totals(error, table, values) from error
    matrix = schema.matrix(table.frame)
    table = replace(table, said=schema.pinned(table.said))
    read = _weights(table, said)
    weights = None if read is None else read.values
    notes = [*table.notes, *schema.notes, *_unheld(table, schema), *_months(schema, matrix)]
    notes += notes_of_choices(zip(schema.columns, matrix.T, strict=True), said)
    labels = np.asarray(table.target, dtype=object)
    try:
        of_numbers = target_as_numbers()
    except DataError as error:
        raise beside_totals(error, table) from error
    values, offset = None if of_numbers is None else of_numbers.values, None
    if values is not None:
        require_amounts_of_table(table, values, request.settings)
    if apart is not None:
        found = rates_of_table(apart, values, weights, request.settings, said)
        values, offset, notes = found.values, found.offset, [*notes, *found.notes]
        table, weights = with_weights(beside_rates(table, offset, found.sizes), found)
    warn_of_totals(table, schema, matrix, values)
    warn_of_numbered_rows(table.frame, schema, matrix)
    if of_numbers is not None:
        notes += of_numbers.notes(target)
        notes += [taken_for_a_number(of_numbers.values)] if request.task == "auto" else []
    if values is None:
        notes += [*_unseen_grades(request.settings, labels), *_of_codes(target, labels)]
    y = labels if values is None else values
    asked = task_of(y, table.positive, regression=values is not None)
    if asked.kind is TWO_CLASSES and table.positive is None:
        positive, why = default_positive(list(set(y)))
        table = replace(table, positive=str(positive))
        named = f"{parameter('positive')} names another"
        notes.append(f'The positive class is "{positive}", {why}; {named}.')
    notation = None if of_numbers is None else of_numbers.notation
    facts = table_facts(table, matrix, values, notation, weights)
    facts |= _in_rates(target, offset, facts["weights"], request.settings)
    times = time_order(table, said)
    notes += _on_splits(table, schema, facts, columns, times) if request.evaluated else []
    notes += [*(read.notes if read else ()), *weight_notes(facts["weights"])]
    facts = run.read(facts, notes)
    return TrainingTable(
        table, schema, matrix, y, asked, groups_of_rows(table), times, weights, facts, notation,
        None if read is None else read.notation, offset=offset,
    )  # fmt: skip


def _as_numbers(
    request: TrainingRequest, table: Table, said: SaidColumns, task: str
) -> NumericTarget | None:
    """The target as numbers; None if it is classes. A loss of numbers says that it is numbers."""
    of_numbers = request.settings.get("loss", ORDINAL) not in CLASS_LOSSES
    if task == "auto" and of_numbers:
        with suppress(DataError, SettingsError):  # of labels, the loss is refused later
            return _as_numbers(request, table, said, REGRESSION)
    labels = np.asarray(table.target, dtype=object)
    return number_target(
        labels.tolist() if table.target_cells is None else table.target_cells,
        str(table.target_name),
        task=task, positive=table.positive, said=said, features=table.frame,
    )  # fmt: skip


def _of_features(said: SaidColumns, columns: Columns, table: Table) -> SaidColumns:
    """What is said of features alone."""
    dropped = columns.time if columns.time not in table.frame.columns else None
    said = said.but(str(table.target_name)).but(dropped).but(columns.group).but(columns.weight)
    return said.but(columns.exposure).but(columns.offset)


def _weights(table: Table, said: SaidColumns) -> RowWeights | None:
    """The weights of the rows, if a column says them; other columns may prove how it is written."""
    if table.weights is None:
        return None
    name = str(table.weights.name)
    own = {name: said.number[name]} if name in said.number else {}
    known = replace(table.said, number={**table.said.number, **own}, missing=said.missing)
    return weights_of(table.weights, known, all_cells(table))


def _in_rates(
    target: str, offset: OffsetOfFit | None, weights: Facts | None, settings: Settings
) -> Facts:
    """What the weights and the answer are called, if they are of rates."""
    text = str(settings.get("loss", "squared_error"))
    found = {"weights": named_in_rates(weights, offset, text)}
    return found if offset is None else found | {"answer": rate_name(target, offset, text)}


def _unseen_grades(settings: Settings, labels: np.ndarray) -> list[str]:
    """That named grades are in no row, a sentence or none."""
    there = {str(label) for label in labels.tolist()}
    odd = [str(each) for each in settings.get("grades") or () if str(each) not in there]
    return [f"No row has {listed(odd, 6)}, which {parameter('grades')} names."] if odd else []


def _of_codes(target: str, labels: np.ndarray) -> list[str]:
    """A note on classes far from the others, such as 99 beside 1 to 5, or none."""
    codes = codes_among_classes(sorted(set(labels)))
    if not codes:
        return []
    return [
        f'The target "{target}" has {listed(codes)} as a class, far from the others. If it means '
        f'"not known", leave its rows out: {say_missing(target, codes)}.'
    ]


def _on_splits(
    table: Table, schema: Schema, facts: Facts, columns: Columns, times: TimeOrder | None
) -> list[str]:
    """How the rows are split for an evaluation, as text."""
    names = [] if table.groups is None else table.groups.unique().tolist()
    kept = _kept_together(facts, names, schema) if columns.time is None else []
    whose = [] if columns.group else _whose_rows(table.frame, columns.time)
    by_groups = bool(columns.group or whose)
    order = random_folds(schema, by_groups) if times is None else [_in_time_order(times)]
    return [*kept, *whose, *order]


def _values_if_read(read_target: Callable[[], NumericTarget | None]) -> np.ndarray | None:
    """A numeric target, if it can be read: another error is told already."""
    with suppress(DataError, SettingsError):
        found = read_target()
        return None if found is None else found.values
    return None


def _and_also(error: DataError, name: str | None, read: Callable[[], object]) -> DataError:
    """The error about features, and about another column if that cannot be read either."""
    if not error.problems:
        return error
    try:
        read()
    except ColumnError as also:
        return in_one([*error.problems, (str(name), also)])
    except DataError:  # it comes when the features can be read
        return error
    return error


def time_order(table: Table, said: SaidColumns) -> TimeOrder | None:
    """The times of the rows of a table, if a column orders them; dates are read as it is said."""
    if table.times is None:
        return None
    name = str(table.times.name)
    frame = table.times.to_frame(name)
    dates = {key: form for key, form in said.date.items() if key == name}
    words = MissingWords.of({name: said.missing.all_of(name)})
    schema = infer_schema(frame, said=SaidColumns(date=dates, missing=words))
    values = schema.matrix(frame)[:, 0]
    fix = f"leave these rows out with {parameter('drop_missing', name)}, or fill it in"
    require_times(name, schema.kinds[0], values, fix)
    return TimeOrder(name, values, schema.columns[0].dates)


def _in_time_order(times: TimeOrder) -> str:
    """How rows are split in time order, as text."""
    first, last = (times.text(float(end)) for end in (times.values.min(), times.values.max()))
    return (
        f'The rows are ordered by "{times.name}", from {first} to {last}: test rows are later than '
        "training rows, and so are the held-out rows of early stopping."
    )


def random_folds(schema: Schema, by_groups: bool = False) -> list[str]:
    """That rows with dates are split at random, as text; with groups, one has to choose."""
    instead = f" in place of {parameter('group')}" if by_groups else ""
    return [
        f'"{column.name}" is a date, and rows are split at random: if later rows are to be '
        f"predicted, the judgement can be too good. {parameter('time_column', column.name)}"
        f"{instead} splits in time order."
        for column in schema.columns
        if column.dates is not None and column.dates.grain != "time" and not says_birth(column.name)
    ][:1]


def _unheld(table: Table, schema: Schema) -> list[str]:
    """The words for a missing value that no cell holds, as text."""
    every = tuple(each for each in schema.missing.everywhere if each not in table.words_aside)
    words = replace(schema.missing, everywhere=every)
    return no_cell_holds(words, table_of(table.frame), schema.given)


def _months(schema: Schema, matrix: np.ndarray) -> list[str]:
    """Numbers that read as years with months, in words."""
    return [
        f'"{column.name}" is read as a number, though its cells may be months, such as '
        f"{np.nanmin(matrix[:, j]):.0f}; {parameter('category', column.name)} reads them as names."
        for j, column in enumerate(schema.columns)
        if column.kind == "number" and may_be_months(matrix[:, j])
    ]


def _kept_together(facts: Facts, names: list[str], schema: Schema) -> list[str]:
    """Which rows stay on one side of the split into training and test, as text."""
    n_equal, groups = facts["equal_rows"], facts["groups"]
    if groups is None:
        apart = [column.name for column in schema.columns if column.kind == "identifier"]
        equal = (
            f"{repeats_in_words(n_equal, apart)}; equal rows stay together, in training or in test."
        )
        return [equal] if n_equal else []
    said = [
        f'The rows belong to {counted(groups["count"], "group")} ("{groups["name"]}", up to '
        f"{counted(groups['largest'], 'row')} each). Each group stays together in training, early "
        "stopping or test. Intervals of the evaluation count groups, not rows."
    ]
    if alike := same_words(names):
        # A report keeps these notes, and the names of groups may be those of patients.
        n_alike = counted(sum(map(len, alike)), "group")
        said.append(
            f'{n_alike} of "{groups["name"]}" differ only by their spelling, and count as '
            f"different ones; thalweg check with {parameter('group', groups['name'])} names them. "
            "If they are one, write them in one way: the evaluation is too good if rows of one "
            "case are in training and in test."
        )
    return said


def _whose_rows(frame: pd.DataFrame, time: str | None) -> list[str]:
    """Notes on columns that may say which rows belong together, if no group is named."""
    instead = "" if time is None else f" in place of {parameter('time_column')}"
    found = {name: frame[name].nunique() for name in frame.columns}
    return [
        f'"{name}" has {n_different:,} different values in {counted(len(frame), "row")}. If rows '
        f"with the same value belong to one patient or case, say {parameter('group', name)}"
        f"{instead}: otherwise they are in training and in test, and the evaluation is too good."
        for name, n_different in found.items()
        if may_be_groups(name, n_different, int(frame[name].notna().sum()))
    ]
