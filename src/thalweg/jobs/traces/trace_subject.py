"""What `thalweg trace` follows: a model, saved or trained first, and a table to take rows from."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from thalweg.data.cells import missing_cells, trimmed
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.notation.yes_no import as_known
from thalweg.data.read import Table
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.article_network import ARTICLE_SETTINGS
from thalweg.estimators.parameters.parameter import Settings
from thalweg.jobs.offsets.table_offsets import answers_in_rates
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.model_table import Features, features_for, prepared, target_numbers
from thalweg.jobs.parts.table_options import Reading
from thalweg.jobs.parts.training_table import (
    TrainingRequest,
    TrainingTable,
    read_training_table,
)
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.targets.opened_model import open_model
from thalweg.persistence.model_file import ModelFile
from thalweg.persistence.rebuilt import Model
from thalweg.reporting.trace.targets.largest_loss import LargestLoss, largest_loss
from thalweg.reporting.trace.targets.traced_target import StrangeLabel, no_target, numbers_of_rows
from thalweg.wording import counted, parameter, row_number, rows_counted_as_in_file


class TraceSubject(NamedTuple):
    """A model, and a table to take rows from.

    Attributes
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    X : DataFrame, array or None
        The features of the table; None without a table.
    known : sequence or None
        The target of each row: labels as texts, or numbers; None where it is not known. None if the
        table has no target.
    name : str
        Of the table.
    kept : ndarray or None
        The rows of the file, if some are left out.
    target : str or None
        The column of the targets.
    """

    model: Model
    X: Features | None
    known: Sequence[str | float | None] | None
    name: str
    kept: np.ndarray | None = None
    target: str | None = None

    def targets(self, rows: Sequence[int]) -> list[Any] | None:
        """The targets of rows, counted from 0, if all of them are known."""
        found = [self.known[row] for row in rows] if self.known else [None]
        known = [each for each in found if each is not None]
        return known if len(known) == len(found) else None


@contextmanager
def labels_named_in_fix(subject: TraceSubject) -> Iterator[None]:
    """Inside the block, an error about a label says which option makes it a missing value."""
    try:
        yield
    except StrangeLabel as error:
        if subject.target is None:
            raise
        what, where, why, fix = error.unspelled
        missing = parameter("missing", f"{subject.target}={error.label}")
        said = f"{fix}; if it means that the target is not known, give {missing}"
        raise DataError(what, where=where, why=why, fix=said) from error


def row_to_learn_from(subject: TraceSubject, whole: np.ndarray) -> LargestLoss:
    """The row with the largest loss among those whose target the model knows.

    If no row has a target, the predicted classes stand for them; of numbers that is an error.

    Parameters
    ----------
    subject : TraceSubject
    whole : ndarray of shape (n_rows, n_columns)
        The cells of the table as numbers.
    """
    model, known = subject.model, subject.known or [None] * len(whole)
    classes = getattr(model, "classes_", None)
    labels = None if classes is None else {str(label) for label in classes.tolist()}
    there = [
        row
        for row, each in enumerate(known)
        if each is not None and (labels is None or str(each) in labels)
    ]
    numbers = np.full(len(whole), np.nan)
    if there:
        rows = [row_number(row + 1) for row in there]
        taken = [known[row] for row in there]
        numbers[there] = numbers_of_rows(model, np.array(taken), whole[there], rows)
    elif labels is None:
        raise no_target(subject.name)
    elif subject.targets(range(len(whole))) is None:
        numbers = numbers_of_rows(model, None, whole, range(1, len(whole) + 1))
    else:  # labels that the model does not know: the first one is named
        taken = [each for each in known if each is not None]
        numbers_of_rows(model, np.array(taken), whole, range(1, len(whole) + 1))
    return largest_loss(model, whole, numbers)


def trained_subject(
    run: JobRun, asked: TrainingRequest, settings: Settings, seed: int, *, article: bool = False
) -> TraceSubject:
    """A network, trained on all rows of a table.

    Parameters
    ----------
    run : JobRun
    asked : TrainingRequest
        The table, without settings.
    settings : mapping
        Those that are not at their defaults.
    seed : int
    article : bool
        Whether it is the article's network, on the rows without a missing cell.
    """
    read = read_training_table(run, asked)
    if article:
        read = without_missing(run, read)
        settings = {**article_settings(len(read.y)), **settings}
    table, y = read.table, read.y
    with run.training():
        model = estimator_for(read, settings, seed).fit(table.frame, y)
    run.say(f"Trained on all {counted(len(y), 'row')} of {table.name}; seed {seed}.")
    return TraceSubject(model, table.frame, y.tolist(), table.name, table.kept, table.target_name)


def article_settings(n_rows: int) -> Settings:
    """The settings of the article's network on so many rows."""
    return {**ARTICLE_SETTINGS, "batch_size": n_rows}


def without_missing(run: JobRun, read: TrainingTable) -> TrainingTable:
    """The rows in which no cell is missing, as the article takes them."""
    table, filled = read.table, [column.kind != "empty" for column in read.schema.columns]
    missing = np.isnan(np.asarray(read.matrix, np.float64)[:, filled])
    whole: np.ndarray = np.logical_not(missing.any(axis=1))
    n_left = int(np.count_nonzero(~whole))
    if not n_left:
        return read
    if not whole.any():
        raise DataError(
            "Every row has a missing cell",
            where=table.name,
            why=f"{parameter('preset', 'article')} leaves out rows with a missing cell, as the "
            "article does",
            fix=f"leave out {parameter('preset', 'article')}, or columns with {parameter('drop')}",
        )
    run.say(
        f"As in the article, rows with a missing cell are left out: {n_left:,} of "
        f"{counted(len(whole), 'row')}."
    )
    kept = np.arange(len(whole)) if table.kept is None else np.asarray(table.kept)
    frame = table.frame.loc[whole].reset_index(drop=True)
    return replace(read, table=replace(table, frame=frame, kept=kept[whole]), y=read.y[whole])


def saved_subject(
    run: JobRun,
    path: str,
    source: str,
    target: str | None,
    reading: Reading,
    empty: Sequence[str],
    number: Mapping[str, str | None] | None = None,
    missing: MissingColumns = None,
    drop_row: Sequence[str] = (),
) -> TraceSubject:
    """A model from a file, and the table to take rows from."""
    file = open_model(path, target)
    # Read every column, the target too: no target can be found from one row with one class.
    table = reading.table(source, need_target=False, target="", drop_row=drop_row)
    with rows_counted_as_in_file(table.kept):
        table = prepared(table, file.model, empty, number, missing)
        X = features_for(file.model, table)
        known = _targets(file, table, target, number, missing)
    notes = [*table.notes, *answers_in_rates(file.model), *_rates_of(file, target)]
    run.read({"name": table.name, "rows": len(table.frame)}, notes)
    return TraceSubject(file.model, X, known, table.name, table.kept, file.column(target))


def _rates_of(file: ModelFile, target: str | None) -> list[str]:
    """What the target of each row was divided by, a sentence or none."""
    offset = file.model._known.offset
    if offset is None or offset.kind != "exposure" or offset.column is None:
        return []
    return [f'The target of a row is its "{file.column(target)}" divided by "{offset.column}".']


def _targets(
    file: ModelFile,
    table: Table,
    target: str | None,
    number: Mapping[str, str | None] | None,
    missing: MissingColumns = None,
) -> list[str | None] | list[float | None] | None:
    """The target of each row, None where the cell is missing; None without such a column."""
    name = file.column(target)
    if name not in table.frame.columns:
        if target is not None:
            raise SettingsError(
                f'There is no column "{target}"', where=table.name, fix="name one that is there"
            )
        return None
    cells = file.words(missing).emptied(table.frame[name])
    absent = missing_cells(cells)
    classes = getattr(file.model, "classes_", None)
    if classes is not None:
        texts = [None if m else trimmed(str(c)) for c, m in zip(cells, absent, strict=True)]
        return as_known(texts, classes)
    there = np.flatnonzero(~np.asarray(absent, dtype=bool))
    found: list[float | None] = [None] * len(cells)
    if len(there):
        own = replace(
            table, frame=table.frame.iloc[there], target=cells.iloc[there], target_name=name,
            target_cells=None,
        )  # fmt: skip
        values = target_numbers(file, own, SaidColumns.of(number))
        for place, value in zip(there.tolist(), values.tolist(), strict=True):
            found[place] = value
    return found
