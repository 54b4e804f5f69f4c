"""What a lesson is about: a network that is trained on a table, or a saved one and a table."""

import math
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from thalweg.data.fixes.named_rows import rows_named
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.parameters.parameter import Settings
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.any_estimator.row_origin import Origin, which_rows
from thalweg.evaluation.decisions.cost_thresholds import checked_costs
from thalweg.evaluation.splits import holdout_split
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.jobs.evaluate import target_and_task
from thalweg.jobs.parts.choosing_rows import out_of_fold
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.model_table import checked_features, prepared, refuse_empty, rows_of
from thalweg.jobs.parts.rows_of_fit import origin_of
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.parts.training_table import TrainingRequest, TrainingTable, read_training_table
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.sections.asked_sections import require_both_costs
from thalweg.jobs.targets.opened_model import open_model
from thalweg.jobs.traces.trace_subject import article_settings, without_missing
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.row.traced_row import row_with_large_loss
from thalweg.reporting.lessons.threshold_tasks import FEWEST
from thalweg.wording import counted, parameter, rows_counted_as_in_file

# The share of the rows that a lesson on thresholds keeps for one look at the end.
TESTED = 0.3
# A row whose loss is larger has hardly a slope that could be seen.
_LARGEST = 3.0
# What a saved model knows of its columns.
_OF_FIT = ("positive", "drop", "category", "text", "date", "drop_missing")


@dataclass(frozen=True, kw_only=True)
class SubjectRequest:
    """A table, and a model if one is saved.

    Attributes
    ----------
    model : str, optional
    table : str, optional
        Without one it is the bundled one.
    row : str, optional
        The number of the row, from 1.
    missed, alarm : float, optional
        What a missed positive row and a false alarm cost, of the lesson on thresholds.
    columns, reading, empty, seed
        As of `thalweg trace`.
    """

    model: str | None = None
    table: str | None = None
    row: str | None = None
    missed: float | None = None
    alarm: float | None = None
    columns: Columns = field(default_factory=Columns)
    reading: Reading = field(default_factory=Reading)
    empty: Sequence[str] = ()
    seed: int = 0


def subject_of(
    run: JobRun,
    request: SubjectRequest,
    settings: Settings,
    *,
    answers: bool,
    columns: bool = False,
    article: bool = False,
) -> Subject:
    """The subject of a lesson.

    Parameters
    ----------
    run : JobRun
    request : SubjectRequest
    settings : mapping
        Of the network that is trained if there is no model.
    answers : bool
        Whether the lesson is about the answers for rows that the model was not trained on.
    columns : bool
        Whether it needs the columns alone: nothing is said of the network, as the lesson trains
        its own.
    article : bool, default False
        Whether that network is the article's, and the row one of `row_with_large_loss`.
    """
    if answers:
        refuse_row(request.row)
    costs = _costs(request, answers=answers)
    if request.model is not None:
        return replace(_saved(run, request, answers=answers, article=article), costs=costs)
    asked = TrainingRequest(
        table=request.table or "wisconsin", columns=request.columns, reading=request.reading,
        task="classification", evaluated=False, seed=request.seed,
    )  # fmt: skip
    refuse_empty(request.empty)
    read = read_training_table(run, asked)
    _require_two_classes(read)
    if article:
        read = without_missing(run, read)
        settings = {**article_settings(len(read.y)), **settings}
    named = _named_row(request.row, read.table, len(read.y))
    rows = np.arange(len(read.y))
    tested = rows[:0]
    if answers:
        rows, tested = holdout_split(
            read.matrix, read.y, fraction=TESTED, seed=request.seed, groups=read.groups
        )
        _require_rows_of_each_class(read, tested)
    with nullcontext() if columns else run.training():
        unfitted = estimator_for(read, settings, request.seed)
        model = cast(ThalwegClassifier, unfitted.fit(read.table.frame.iloc[rows], read.y[rows]))
    run.require_wanted()
    if not columns:
        run.say(_trained(model, len(rows), len(tested), read.table.name))
    choosing = test = None
    if answers:
        choosing = out_of_fold(model)
        frame, y = read.table.frame.iloc[tested], read.y[tested]
        test = answers_of(read.task.truth(y), read.task.ask(model, frame))
    return replace(_subject(model, read, named, choosing, test, article=article), costs=costs)


def _costs(request: SubjectRequest, *, answers: bool) -> tuple[float, float] | None:
    """The two costs that were given, checked; None for none."""
    given = [name for name in ("missed", "alarm") if getattr(request, name) is not None]
    if given and not answers:
        listed = ", ".join(map(parameter, given))
        raise SettingsError(
            "This lesson is not about costs", where=listed,
            fix=f"leave out {listed}, or take the lesson threshold",
        )  # fmt: skip
    require_both_costs(request.missed, request.alarm)
    if request.missed is None or request.alarm is None:
        return None
    return checked_costs(request.missed, request.alarm)


def _require_rows_of_each_class(read: TrainingTable, tested: np.ndarray) -> None:
    """Refuse a class with so few rows that the test set has too few, before anything is trained."""
    labels = np.array([str(each) for each in read.y.tolist()])
    for name in sorted(set(labels.tolist())):
        n, n_tested = int((labels == name).sum()), int((labels[tested] == name).sum())
        if min(n_tested, n - n_tested) < FEWEST:
            needed = max(n + 1, math.ceil(FEWEST / TESTED))
            raise DataError(
                f'The class "{name}" has {counted(n, "row")}',
                where=read.table.name,
                why=f"The test set of the lesson has {n_tested} of them; with fewer than "
                f"{FEWEST} it would show nothing but luck",
                fix=f'give a table with {needed} or more rows of the class "{name}", or a target '
                f"with {parameter('target')} of which each class has so many",
            )


def _require_two_classes(read: TrainingTable) -> None:
    if read.task.kind is not TWO_CLASSES:
        raise DataError(
            f'The target "{read.table.target_name}" has '
            f"{counted(len(set(read.y.tolist())), 'class', 'classes')}, and this lesson is about "
            "two",
            where=read.table.name,
            fix=f"name a target of two classes with {parameter('target')}",
        )


def _trained(model: ThalwegClassifier, n: int, n_tested: int, name: str) -> str:
    """What was trained on which rows, and which rows were not trained on."""
    if not n_tested:
        return f"Trained a network on {counted(n, 'row')} of {name}."
    return (
        f"Trained {counted(len(model.members_), 'network')} on {counted(n, 'row')} of {name}, each "
        "without a part of them: the answers for these held-out parts choose the line. "
        f"{counted(n_tested, 'further row')} took no part: they test the line."
    )


def refuse_row(row: str | None) -> None:
    """Refuse a row where a lesson is about all of them."""
    if row is not None:
        raise SettingsError(
            "This lesson is about all rows", where=parameter("row", row),
            fix=f"leave out {parameter('row')}",
        )  # fmt: skip


def _subject(
    model: ThalwegClassifier, read: TrainingTable, named: int | None,
    choosing: Answers | None, test: Answers | None, *, article: bool,
) -> Subject:  # fmt: skip
    """The subject of a table that a network was trained on."""
    labels = np.array([str(each) for each in read.y.tolist()])
    frame = read.table.frame
    row = _row(named, model, frame, labels, article=article)
    return Subject(
        model, frame, labels, read.table.name, row, choosing=choosing, test=test,
        kept=read.table.kept,
    )  # fmt: skip


def _saved(run: JobRun, request: SubjectRequest, *, answers: bool, article: bool) -> Subject:
    """A saved model of two classes, and a table."""
    assert request.model is not None
    _refuse_columns_of_fit(request.columns)
    file = open_model(request.model, request.columns.target)
    model = file.model
    if not (isinstance(model, ThalwegClassifier) and model.positive_ is not None):
        raise DataError(
            "This lesson is about two classes, and this model is not",
            where=request.model,
            fix="name a model of two classes, or TABLE alone",
        )
    if request.table is None:
        raise SettingsError("A model alone has no rows", fix="name MODEL and TABLE")
    whole = request.reading.table(
        request.table, target=file.column(request.columns.target),
        missing=file.words(request.columns.missing), drop_row=request.columns.drop_row,
        if_there=file.roles, inputs=model.schema_.given_names,
    )  # fmt: skip
    with rows_counted_as_in_file(whole.kept):
        table = prepared(
            whole, model, request.empty, request.columns.number, request.columns.missing
        )
        y, task = target_and_task(file, table, SaidColumns.of(request.columns.number))
        X = checked_features(model, table)
        labels = np.array([str(each) for each in np.asarray(y).tolist()])
        run.read({"name": table.name, "rows": len(labels)}, table.notes)
        choosing = test = None
        if answers:
            origin = origin_of(file, table, y)
            left = origin.left
            if len(left) < len(labels):
                raise DataError(
                    "The model was trained on rows of this table, or may have been",
                    where=table.name,
                    why=f"{_known_rows(origin)} The lesson opens TABLE as a test set, once",
                    fix="give rows that it was not trained on, or name TABLE alone: a network is "
                    "then trained on a part of it",
                )
            choosing = out_of_fold(model)
            test = answers_of(task.truth(y), task.ask(model, rows_of(X, left)))
        named = _named_row(request.row, table, len(labels))
        row = _row(named, model, X, labels, article=article)
    return Subject(model, X, labels, table.name, row, choosing=choosing, test=test, kept=table.kept)


def _known_rows(origin: Origin) -> str:
    """Which rows trained the model, in the words of `evaluate`, without what it does with them."""
    said = which_rows(origin).removeprefix("CAUTION: ")
    said = said.split(", so the numbers")[0].split(" Only the other")[0].rstrip(".")
    return f"{said[:1].upper()}{said[1:]}."


def _row(
    named: int | None, model: ThalwegClassifier, X: Any, labels: np.ndarray, *, article: bool
) -> int:
    """The position of the row that was named; else of one with a large loss that is not huge."""
    if named is not None:
        return named
    if article:
        return row_with_large_loss(model, X, labels)
    p = np.asarray(model.predict_proba(X))
    classes = [str(each) for each in model.classes_.tolist()]
    own = np.array([classes.index(label) if label in classes else 0 for label in labels])
    losses = -np.log(np.maximum(p[np.arange(len(own)), own], 1e-300))
    return int(np.argmax(np.where(losses <= _LARGEST, losses, -1.0)))


def _named_row(text: str | None, table: Table, n_rows: int) -> int | None:
    """The position of the row that was named, if one was; asked before a network is trained."""
    if text is None:
        return None
    kept = np.arange(n_rows) if table.kept is None else table.kept
    places = {int(number): place for place, number in enumerate(kept)}
    found = rows_named(text, max(places) + 1, "row", once=True).tolist()
    if len(found) == 1 and found[0] not in places:
        raise SettingsError(
            f"Row {found[0] + 1:,} is left out of the table", where=parameter("row", text),
            fix="name another row",
        )  # fmt: skip
    if len(found) != 1:
        raise SettingsError(
            "A lesson is about one row of the table", where=parameter("row", text),
            fix="name one, such as 17",
        )  # fmt: skip
    return places[found[0]]


def _refuse_columns_of_fit(columns: Columns) -> None:
    """Refuse what only a network that is trained first can use."""
    unfit = [name for name in _OF_FIT if getattr(columns, name)]
    if unfit:
        raise SettingsError(
            "A saved model has its own columns and positive class: "
            f"{', '.join(map(parameter, unfit))} cannot be used here",
            fix="name MODEL and TABLE without that, or TABLE alone",
        )
