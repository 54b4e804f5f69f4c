"""The job of ``thalweg fit``: train on a table, and evaluate on held-out rows."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from thalweg.data.schema.matching import unseen_in_words
from thalweg.endings import MODEL, PAGE, TABLE_OF_TEXT, check_ending
from thalweg.errors import SettingsError, UnseenLevelWarning
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.judged_test_set import Verdict, judge_on_holdout
from thalweg.evaluation.judging.shapes import RefitData, VerdictData
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.section_shapes import with_model
from thalweg.evaluation.section_texts.verdict_texts import of_model_before
from thalweg.evaluation.verdict_sections import sections_of_verdict, with_sections
from thalweg.interrupts import Cancellation
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.summary_facts import Facts, model_facts
from thalweg.jobs.parts.training_table import (
    TrainingRequest,
    TrainingTable,
    read_training_table,
)
from thalweg.jobs.parts.writing import check_outputs, write_page
from thalweg.jobs.predictions.held_out_rows import HeldOutRows, OnTest, nothing_kept, require_used
from thalweg.jobs.predictions.predicted_rows import write_predictions
from thalweg.jobs.recipes.report_recipes import recipes_of_fit
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.sections.about_models import about_fitted_model, for_model_file
from thalweg.wording import counted, parameter, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


@dataclass(frozen=True, kw_only=True)
class FitRequest(TrainingRequest):
    """A table to train on, the settings, and the files to write.

    Attributes
    ----------
    output, report : str, optional
        Files to write: the evaluated model, and its report.
    landscape : bool
        Whether the report shows the training run on its loss landscape.
    no_what_if : bool
        Whether the report does not hold the model, so that no reader can try rows, and no drawing
        of its weights.
    predictions : str, optional
        The CSV file for the predictions of the test rows.
    refit : bool
        Whether the model is trained again on all rows after its evaluation. That one is saved.
    rows : bool
        Whether the report explains some rows, with their cells; the model file never has them.
    overwrite : bool
    """

    output: str | None = None
    report: str | None = None
    landscape: bool = False
    no_what_if: bool = False
    predictions: str | None = None
    refit: bool = False
    rows: bool = False
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class FitOutcome(Outcome):
    """An evaluated model.

    Attributes
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    """

    model: "Model"


def fit(
    request: FitRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> FitOutcome:
    """Train a network on a table, evaluate it, and write the requested files.

    A cancellation ends the training with the best epoch so far, which is evaluated and written.
    """
    with JobRun("fit", listener, cancellation, request.seed) as run:
        _check_outputs(request)
        table = read_training_table(run, request)
        run.require_wanted()
        model = estimator_for(table, request.settings, request.seed, request.estimator)
        if request.output is not None:
            _require_storable(model, table)
        held_out = HeldOutRows(table)
        kept = held_out.add if request.predictions else nothing_kept

        def on_test(fitted: JudgedModel, test: np.ndarray) -> None:
            request.sections.decide(fitted)
            kept(fitted, test)

        verdict = _judged(run, model, table, request, on_test)
        judged, again = _with_sections(verdict, table, model, request), None
        if request.refit:
            model, again = _refitted(run, request, model, table)
            judged = _of_model_before(judged, again) if again else judged
        result = {
            "file": None, "report": None, "predictions": None, "refit": again,
            "model": model_facts(model), "judgement": judged,
        }  # fmt: skip
        outcome = run.settle(FitOutcome, result=result, model=model)
        shown = _shown(table, verdict)
        page = None
        if request.report is not None:
            page = _page(request, model, table, judged, shown)
        if request.output is not None:
            from thalweg.persistence.model_file import save_model

            save_model(
                model, request.output, overwrite=request.overwrite,
                target=table.table.target_name, judgement=for_model_file(judged), report=shown,
                target_notation=table.notation, weight_notation=table.weight_notation,
                roles=request.columns.roles,
            )  # fmt: skip
            outcome = run.settle(FitOutcome, result={**result, "file": request.output})
            run.say(f"Saved this model as {request.output}.")
        if request.report is not None and page is not None:
            write_page(run, request.report, page, overwrite=request.overwrite)
            outcome = _written(run, outcome, report=request.report)
        if request.predictions is not None:
            made = held_out.rows()
            write_predictions(run, request.predictions, made, overwrite=request.overwrite)
            outcome = _written(run, outcome, predictions=request.predictions)
        return outcome


def _written(run: JobRun, outcome: FitOutcome, **file: str) -> FitOutcome:
    """The outcome with a further file that is written."""
    return run.settle(FitOutcome, result={**(outcome.result or {}), **file})


def _check_outputs(request: FitRequest) -> None:
    """Check before training whether the files can be written."""
    if request.no_what_if and request.report is None:
        raise SettingsError(
            f"{parameter('no_what_if')} is about the report, and no report is asked for",
            fix=f"name a file for the report with {parameter('report')}, or leave it out",
        )
    if request.landscape and request.report is None:
        raise SettingsError(
            f"{parameter('landscape')} draws in the report, and no report is asked for",
            fix=f"name a file for the report with {parameter('report')}, or see thalweg landscape",
        )
    if request.rows and request.report is None:
        raise SettingsError(
            f"{parameter('rows')} shows cells of rows in the report, and no report is asked for",
            fix=f"name a file for the report with {parameter('report')}, or leave out "
            f"{parameter('rows')}",
        )
    if request.landscape and request.columns.group is not None:
        raise SettingsError(
            f"{parameter('landscape')} repeats the training, and cannot repeat one by groups "
            f'("{request.columns.group}")',
            fix="leave out one of the two",
        )
    if request.landscape and request.columns.time is not None:
        raise SettingsError(
            f"{parameter('landscape')} repeats the training, and cannot repeat it in time order "
            f'("{request.columns.time}")',
            fix="leave out one of the two",
        )
    columns = request.columns
    if weights := columns.weight or columns.exposure or columns.offset:
        weights = weights if request.landscape else ""
    if weights:
        raise SettingsError(
            f"{parameter('landscape')} repeats the training, and cannot repeat one with weights of "
            f'rows ("{weights}")',
            fix="leave out one of the two",
        )
    outputs = {
        "output": request.output, "report": request.report, "predictions": request.predictions,
    }  # fmt: skip
    require_used(request.columns.ids, request.predictions)
    check_outputs(outputs, [request.table], overwrite=request.overwrite)
    written = {
        "output": ("A model", MODEL), "report": ("A report", PAGE),
        "predictions": ("A CSV", TABLE_OF_TEXT),
    }  # fmt: skip
    for name, path in outputs.items():
        if path is not None:
            check_ending(path, *written[name], flag=parameter(name))


def _require_storable(model: "Model", table: TrainingTable) -> None:
    """Refuse before training a table and settings of which no model could be saved."""
    from thalweg.persistence.storable import require_storable

    labels = list(set(table.y.tolist())) if table.task.kind.of_classes else None
    require_storable(model, table.schema, table.table.target_name, labels)


def _judged(
    run: JobRun, model: "Model", table: TrainingTable, request: FitRequest, on_test: OnTest
) -> Verdict:
    """Fit the model on one part of the table, and evaluate it on the other."""
    with warnings.catch_warnings(), run.training():
        # It would count rows within the held-out part, where a user cannot look them up.
        warnings.simplefilter("ignore", UnseenLevelWarning)
        verdict = judge_on_holdout(
            model,
            table.table.frame,
            table.y,
            task=table.task,
            seed=request.seed,
            margin=request.sections.margin,
            trees=not request.sections.no_trees,
            matrix=table.matrix,
            n_levels=table.schema.n_levels,
            groups=table.groups,
            times=table.times,
            sample_weight=table.weights,
            on_test=on_test,
        )
    _warn_of_unseen(model, table)
    return verdict


def _with_sections(
    verdict: Verdict, table: TrainingTable, model: "Model", request: FitRequest
) -> VerdictData:
    """The verdict with its sections, by the model that was evaluated."""
    seed = request.seed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenLevelWarning)  # told already
        found = sections_of_verdict(
            verdict, table.task, model, table.table.frame, seed, table.beside
        )
    about = about_fitted_model(model, table, verdict, seed, with_cells=request.rows)
    return with_sections(verdict.as_dict(), with_model(found, about))


def _refitted(
    run: JobRun, request: FitRequest, judged: "Model", table: TrainingTable
) -> tuple["Model", RefitData | None]:
    """A model with the same settings, trained on all rows; the one that was judged if cancelled."""
    if run.cancelled():
        run.say("Cancelled before the model was trained on all rows: the evaluated one is kept.")
        return judged, None
    model = estimator_for(table, request.settings, request.seed, request.estimator)
    every = JudgedTable.of(
        table.table.frame, table.y, table.matrix, (), table.groups, table.times, table.weights
    )
    rows = np.arange(len(every.y))
    n_rows = every.n_rows(rows)
    run.say(f"Training again, on all {counted(n_rows, 'row')}.")
    with run.training():
        every.fit(model, rows)
    request.sections.decide(model)
    return model, {"n_rows": n_rows}


def _of_model_before(judged: VerdictData, again: RefitData) -> VerdictData:
    """The judgement of a model, beside one that was trained on all rows after it."""
    n_rows = f"{again['n_rows']:,}"
    plain = {
        **judged,
        "how": f"The model before the refit on all {n_rows} rows: t{judged['how'][1:]}",
        "sentence": f"{judged['sentence']} {of_model_before(judged['n_train'], again['n_rows'])}",
        "refit": again,
    }
    return cast(VerdictData, plain)


def _warn_of_unseen(model: "Model", table: TrainingTable) -> None:
    """Warn of levels that only held-out rows have, with their row numbers in the table."""
    if unseen := model.schema_.take(table.table.frame).unseen:
        with rows_counted_as_in_file(table.table.kept):
            said = unseen_in_words(unseen)
        warnings.warn(
            "Some levels occur only in held-out rows, and in no training row, so they count as "
            f"other levels ({said}). Fix: none is needed if the cells are "
            "correct; more rows of these levels, or merging them with others, would help.",
            UnseenLevelWarning,
            stacklevel=2,
        )


def _shown(table: TrainingTable, verdict: Verdict) -> Facts:
    """What a report shows besides the evaluation: a summary of the table, and the curves."""
    from thalweg.reporting.page.report_page import column_facts

    facts, schema = table.facts, table.schema
    of_target = (
        {"target_range": facts["range"]}
        if facts["classes"] is None
        else {"class_counts": facts["classes"]}
    )
    summary = {
        "name": facts["name"],
        "target": facts["target"],
        **of_target,
        "notes": facts["notes"],
        "columns": column_facts(schema.names, schema.kinds, table.matrix, schema.levels),
    }
    return {"table": summary, "curves": verdict.shown.as_dict() if verdict.shown else None}


def _page(
    request: FitRequest, model: "Model", table: TrainingTable, judged: VerdictData, shown: Facts
) -> bytes:
    """The page, made before any file is written: a landscape may take long and be interrupted."""
    from thalweg.jobs.report import landscape_part, page_bytes

    part = {"landscape": landscape_part(model, table.table, table.y)} if request.landscape else {}
    return page_bytes(
        model, judged, shown | part, notation=table.notation, what_if=not request.no_what_if,
        recipes=recipes_of_fit(request),
    )  # fmt: skip
