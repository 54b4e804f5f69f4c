"""The job of ``thalweg evaluate``: evaluate a saved model, or settings by cross-validation."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from thalweg.data.column_names import listed
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.data.schema.ranges import summary
from thalweg.errors import DataError, UnseenLevelWarning
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.any_estimator.row_origin import Origin, which_rows
from thalweg.evaluation.judged_table import said_of_weights
from thalweg.evaluation.judged_test_set import plain_verdict
from thalweg.evaluation.judging.conclusion_sentences import cannot_judge
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.model_protocol import subject_fact
from thalweg.evaluation.section_shapes import with_model
from thalweg.evaluation.subgroups.named_groups import kept_rows
from thalweg.evaluation.task_judging import (
    OneNumber,
    SeveralClasses,
    Task,
    TwoClasses,
)
from thalweg.evaluation.verdict_sections import (
    BesideAnswers,
    sections_of_answers,
    with_sections,
)
from thalweg.interrupts import Cancellation
from thalweg.jobs.fitting.cluster_client import require_address, require_one_target
from thalweg.jobs.fitting.evaluated_folds import by_folds
from thalweg.jobs.offsets.table_offsets import (
    answer_name,
    kind_of_answers,
    later_beside_rates,
    named_in_rates,
)
from thalweg.jobs.parts.known_roles import groups_of_rows, may_lack_of, role_notes
from thalweg.jobs.parts.model_table import (
    Features,
    checked_features,
    prepared,
    rows_of,
    target_numbers,
)
from thalweg.jobs.parts.outside_range import outside_range
from thalweg.jobs.parts.row_weights import later_weights, with_values
from thalweg.jobs.parts.rows_of_fit import origin_of, refuse_refitted
from thalweg.jobs.parts.summary_facts import Facts, table_facts, weight_notes
from thalweg.jobs.parts.table_options import Reading
from thalweg.jobs.parts.training_table import TrainingRequest
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.predictions.held_out_rows import require_used
from thalweg.jobs.predictions.known_classes import places_of_classes
from thalweg.jobs.predictions.predicted_columns import predicted
from thalweg.jobs.predictions.predicted_rows import (
    PredictedRows,
    places_in_file,
    require_csv,
    with_truth,
    write_predictions,
)
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.sections.about_models import about_saved_model
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.jobs.targets.evaluated_targets import (
    OneEvaluated,
    evaluated_by_folds,
    evaluated_on_rows,
)
from thalweg.jobs.targets.opened_model import open_model, opened_targets, require_one_level
from thalweg.wording import counted, parameter, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile
    from thalweg.persistence.rebuilt import Model


@dataclass(frozen=True, kw_only=True)
class EvaluateRequest(TrainingRequest):
    """A table, and training settings to evaluate on it by cross-validation.

    Attributes
    ----------
    folds, repeats : int
        The number of folds, and how often the cross-validation is repeated.
    predictions : str, optional
        The CSV file for the predictions of all test rows.
    overwrite : bool
    scheduler : str, optional
        The address of the scheduler of a Dask cluster, which fits the networks.
    """

    folds: int = 5
    repeats: int = 3
    predictions: str | None = None
    overwrite: bool = False
    scheduler: str | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluateModelRequest:
    """A saved model, and a table that it was not trained on.

    Attributes
    ----------
    model, table : str
    target : str, optional
        The column that the model predicts, if it has another name here; or one of several targets.
    targets : sequence of str
        Several of the targets of a model; empty: all, unless ``target`` names one.
    empty : sequence of str
        Columns of the model that the table lacks.
    number : mapping of str to str or None
        How the numbers of columns are written in the table, where the model does not know it.
    missing : list of str, or mapping, optional
        Words for a missing value besides those of the model.
    drop_missing : sequence of str
        The target, if rows without one are left out.
    drop_row : sequence of str
        Rows to leave out, such as ``"3,17-19"``.
    group, weight : str, optional
        The columns of the table that say which rows belong together, and how much each row counts;
        by default those that the model was fitted with, if the table has them.
    reading : Reading
    seed : int
        The seed of the bootstrap intervals.
    ids : sequence of str
        Columns of the table that stand unchanged before each prediction.
    predictions : str, optional
        The CSV file for the predictions of the rows that are evaluated.
    overwrite : bool
    sections : AskedSections
        What is asked of the evaluation.
    rows : bool
        Whether some rows are explained, with their cells.
    """

    model: str
    table: str
    target: str | None = None
    targets: Sequence[str] = ()
    empty: Sequence[str] = ()
    number: Mapping[str, str | None] = field(default_factory=dict)
    missing: MissingColumns = None
    drop_missing: Sequence[str] = ()
    drop_row: Sequence[str] = ()
    group: str | None = None
    weight: str | None = None
    reading: Reading = field(default_factory=Reading)
    seed: int = 0
    ids: Sequence[str] = ()
    predictions: str | None = None
    overwrite: bool = False
    sections: AskedSections = field(default_factory=AskedSections)
    rows: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class EvaluateOutcome(Outcome):
    """An evaluation.

    Attributes
    ----------
    judgement : dict or None
        As in `thalweg.evaluation.judged_test_set.Verdict.as_dict`; None for several targets.
    evaluated : mapping of str to verdict
        Of several targets, that of each.
    together : tuple of str
        How several targets go together, in sentences.
    """

    judgement: VerdictData | None
    evaluated: Mapping[str, VerdictData] = field(default_factory=dict)
    together: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class OnRows:
    """A saved model, evaluated on the rows of a table.

    Attributes
    ----------
    judgement : dict
        With its sections.
    predicted : PredictedRows
    file : ModelFile
    task : Task
    answers : Answers
        Of the rows that the judgement is from.
    table : Table
        With its features alone; ``facts`` is its summary, ``matrix`` its numbers, ``y`` the target.
    facts : dict
    matrix : ndarray of float64, shape (n_samples, n_features)
    """

    judgement: VerdictData
    predicted: PredictedRows
    file: "ModelFile"
    task: Task
    answers: Answers
    table: Table
    facts: Facts
    matrix: np.ndarray
    y: np.ndarray


def evaluate(
    request: EvaluateRequest | EvaluateModelRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> EvaluateOutcome:
    """Evaluate training settings, or a saved model."""
    with JobRun("evaluate", listener, cancellation, request.seed) as run:
        file = request.predictions
        _check_output(request)
        targets = _several(request)
        if targets is not None:
            return _of_targets(run, request, targets)
        if isinstance(request, EvaluateModelRequest):
            found = on_rows(run, request)
            judgement, made = found.judgement, found.predicted
        else:
            judgement, made = by_folds(run, request)
        run.require_wanted()
        run.tell(result={"judgement": judgement, "predictions": file})
        if file is not None:
            write_predictions(run, file, made, overwrite=request.overwrite)
        return run.settle(EvaluateOutcome, judgement=judgement)


def _several(request: EvaluateRequest | EvaluateModelRequest) -> "Sequence[ModelFile] | None":
    """The files of several targets, each as of one; empty for settings; None for one target."""
    if isinstance(request, EvaluateRequest):
        require_address(request.scheduler)
        require_one_target(request.scheduler, request.columns.targets)
        return [] if request.columns.targets else None
    return opened_targets(request.model, request.target, request.targets)


def _of_targets(
    run: JobRun, request: EvaluateRequest | EvaluateModelRequest, files: "Sequence[ModelFile]"
) -> EvaluateOutcome:
    """The evaluation of several targets."""
    if isinstance(request, EvaluateModelRequest):
        ids = request.ids

        def on_one(quiet: JobRun, file: "ModelFile") -> OneEvaluated:
            one = on_rows(quiet, replace(request, target=file.target, targets=()), file)
            return OneEvaluated(one.judgement, one.predicted, one.facts, one.answers)

        found = evaluated_on_rows(run, files, on_one)
    else:
        ids, found = request.columns.ids, evaluated_by_folds(run, request)
    run.require_wanted()
    file = request.predictions
    run.tell(result={**found.as_dict(), "predictions": file})
    if file is not None:
        write_predictions(run, file, found.joined(ids), overwrite=request.overwrite)
    return run.settle(
        EvaluateOutcome, judgement=None, evaluated=found.evaluated, together=found.sentences
    )


def _check_output(request: EvaluateRequest | EvaluateModelRequest) -> None:
    """Check before anything is computed whether the predictions can be written."""
    if isinstance(request, EvaluateModelRequest):
        inputs, ids, columns = [request.table, request.model], request.ids, None
    else:
        inputs, ids, columns = [request.table], request.columns.ids, request.columns
    check_outputs({"predictions": request.predictions}, inputs, overwrite=request.overwrite)
    require_csv("predictions", request.predictions)
    require_used(ids, request.predictions, columns)


def on_rows(run: JobRun, request: EvaluateModelRequest, file: "ModelFile | None" = None) -> OnRows:
    """The evaluation of a saved model on a table, with its sections and predictions.

    Parameters
    ----------
    run, request : JobRun and EvaluateModelRequest
    file : ModelFile, optional
        Of one target, if it was opened.
    """
    request.sections.check({})
    request.sections.require_nothing_compared()
    file = file or open_model(request.model, request.target)
    require_one_level(request.rows, file.levels)
    schema = file.model.schema_
    table = request.reading.table(
        request.table, target=file.column(request.target),
        missing=file.words(request.missing),
        drop_missing=request.drop_missing, drop_row=request.drop_row, ids=request.ids,
        group=request.group, weight_column=request.weight, if_there=file.roles,
        inputs=(*schema.given_names, *(may_lack := may_lack_of(file))), may_lack=may_lack,
    )  # fmt: skip
    with rows_counted_as_in_file(table.kept):
        return _judged(run, request, file, table)


def _judged(run: JobRun, request: EvaluateModelRequest, file: "ModelFile", table: Table) -> OnRows:
    """The evaluation of a saved model on a table that is read."""
    model, said = file.model, SaidColumns.of(request.number, missing=request.missing)
    whole, table = table, prepared(table, model, request.empty, request.number, request.missing)
    groups = request.sections.beside(whole, table, model.schema_, said)
    read, said = later_weights(whole, file, said), SaidColumns.of(request.number)
    table, weights = with_values(table, read), None if read is None else read.values
    y, asked = target_and_task(file, table, said)
    request.sections.check_task(asked, str(table.target_name))
    request.sections.decide(model)
    task = asked.of(model)
    X = checked_features(model, table, None if task.kind.of_classes else y)
    matrix = model.schema_.matrix(X, unknown="ignore")  # the prediction warns
    origin = origin_of(file, table, y)
    refuse_refitted(file, table, origin)
    positive = str(task.positive) if isinstance(task, TwoClasses) else None
    seen = replace(table, frame=table.frame[list(model.schema_.given_names)], positive=positive)
    values = None if task.kind.of_classes else y
    facts = table_facts(seen, matrix, values, file.target_notation, weights)
    if (offset := model._known.offset) is not None:
        facts["weights"] = named_in_rates(facts["weights"], offset, model._known.outputs.loss)
        facts["answer"] = answer_name(model, str(table.target_name))
    beside = [summary(outside, len(y))] if (outside := outside_range(model, X, matrix)) else []
    weighted = [*(read.notes if read else ()), *weight_notes(facts["weights"])]
    notes = [*table.notes, *beside, *weighted, *role_notes(table, file)]
    of_rows = {"rows_used": len(origin.used), "trained_on": origin.n_trained}
    facts = run.read({**facts, **of_rows, "out_of_range": [e.as_dict() for e in outside]}, notes)
    kind = kind_of_answers(offset, facts)
    made = with_truth(predicted(model, X), y.tolist(), kind)
    table = later_beside_rates(model, table)
    made = made.with_ids(table.ids, places_in_file(table.kept, np.arange(len(y)))).at(origin.used)
    judgement, answers = _on_used(request, model, task, X, y, weights, origin, groups, table)
    return OnRows(
        judgement=judgement, predicted=made, file=file, task=task, answers=answers, table=seen,
        facts=facts, matrix=matrix, y=y,
    )  # fmt: skip


def _on_used(
    request: EvaluateModelRequest,
    model: "Model",
    task: Task,
    X: Features,
    y: np.ndarray,
    weights: np.ndarray | None,
    origin: Origin,
    asked: BesideAnswers,
    table: Table,
) -> tuple[VerdictData, Answers]:
    """The evaluation on the rows of a table that did not train the model, and their answers."""
    used, truth, whole = origin.used, task.truth(y), pd.DataFrame(X)
    marks = weights, groups_of_rows(table)
    X = rows_of(X, used)
    weights, groups = (None if mark is None else mark[used] for mark in marks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenLevelWarning)  # told with the predictions
        answers = answers_of(truth[used], task.ask(model, X), weights, groups=groups)
        judgement = task.judge(answers, model, seed=request.seed)
        verdict = plain_verdict(
            task.kind.name,
            f"A saved model, evaluated on {counted(len(answers), 'row')}{said_of_weights(answers)}",
            {**task.facts(), **subject_fact(model)},
            judgement,
            " ".join([*cannot_judge(len(answers), judgement.n_effective), which_rows(origin)]),
            sizes={"n_test": len(answers)},
        )
        kept = kept_rows(len(used), weights)
        rows, seed = replace(answers, how=origin.how), request.seed
        X, values = pd.DataFrame(X).iloc[kept], asked.at(used[kept])
        found = sections_of_answers(rows, task, model, X, seed, asked=values)
    of_file = places_in_file(table.kept, np.arange(len(y))) if request.rows else None
    said = of_file, answer_name(model, str(table.target_name))
    about = about_saved_model(model, whole, y, used, origin.how, seed, *marks, *said)
    return with_sections(verdict, with_model(found, about)), rows


def _as_missing(target: str, words: Sequence[str]) -> str:
    """The options that leave out the rows of some words of the target."""
    said = [f"{target}={word}" for word in words]
    return parameter("missing", said if said[1:] else said[0])


def target_and_task(file: "ModelFile", table: Table, said: SaidColumns) -> tuple[np.ndarray, Task]:
    """The target with the labels or numbers of the model, and the task."""
    model, target = file.model, str(table.target_name)
    if not isinstance(model, ThalwegClassifier):
        return target_numbers(file, table, said), OneNumber()
    texts = np.asarray(table.target, dtype=object)
    labels = [str(label) for label in model.classes_.tolist()]
    places = places_of_classes(labels, sorted(set(texts)))
    unknown = sorted(set(texts) - set(places))
    if unknown:
        none = len(unknown) == len(set(texts))
        raise DataError(
            f"The target has classes that the model does not know: {listed(unknown, 5)}",
            where=f'column "{target}"; the model knows {listed(labels, 6)}',
            fix="write the classes as the model knows them, or name the right column with "
            f"{parameter('target')}"
            if none
            else f"leave these rows out with {_as_missing(target, unknown)}",
        )
    y = model.classes_[[places[text] for text in texts]]
    if len(labels) > 2:
        return y, SeveralClasses(model.classes_)
    place = int(model.classes_[1] == model.positive_)
    return y, TwoClasses(model.classes_[place], model.classes_[1 - place])
