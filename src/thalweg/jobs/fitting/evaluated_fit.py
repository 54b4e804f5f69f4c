"""A model that is trained on one part of a table and evaluated on the other, with its sections."""

import warnings
from typing import TYPE_CHECKING, cast

import numpy as np

from thalweg.data.schema.matching import unseen_in_words
from thalweg.errors import UnseenLevelWarning
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.judged_test_set import Verdict, judge_on_holdout
from thalweg.evaluation.judging.shapes import RefitData, VerdictData
from thalweg.evaluation.model_protocol import JudgedModel, fitted_model
from thalweg.evaluation.section_shapes import with_model
from thalweg.evaluation.section_texts.verdict_texts import of_model_before
from thalweg.evaluation.verdict_sections import sections_of_verdict, with_sections
from thalweg.jobs.fitting.job_checkpoints import JobCheckpoints
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.summary_facts import Facts
from thalweg.jobs.parts.training_table import TrainingTable
from thalweg.jobs.predictions.held_out_rows import OnTest
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.sections.about_models import about_fitted_model
from thalweg.wording import counted, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.jobs.fit import FitRequest
    from thalweg.persistence.rebuilt import Model


def require_storable_fit(model: "Model", table: TrainingTable) -> None:
    """Refuse before training a table and settings of which no model could be saved."""
    from thalweg.persistence.storable import require_storable

    labels = list(set(table.y.tolist())) if table.task.kind.of_classes else None
    require_storable(model, table.schema, table.table.target_name, labels)


def judged_on_test(
    run: JobRun,
    model: JudgedModel,
    table: TrainingTable,
    request: "FitRequest",
    on_test: OnTest,
    strata: np.ndarray | None = None,
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
            strata=strata,
            on_test=on_test,
        )
    _warn_of_unseen(cast("Model", fitted_model(model)), table)
    return verdict


def with_all_sections(
    verdict: Verdict, table: TrainingTable, model: "Model", request: "FitRequest"
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


def refitted(
    run: JobRun, request: "FitRequest", judged: "Model", table: TrainingTable
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
    JobCheckpoints(request.checkpoint).give(run, model, refit=True)
    with run.training():
        every.fit(model, rows)
    request.sections.decide(model)
    return model, {"n_rows": n_rows}


def of_model_before_refit(judged: VerdictData, again: RefitData) -> VerdictData:
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


def shown_of(table: TrainingTable, verdict: Verdict) -> Facts:
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
        "target": facts.get("answer", facts["target"]),
        **of_target,
        "notes": facts["notes"],
        "columns": column_facts(schema.names, schema.kinds, table.matrix, schema.levels),
    }
    return {"table": summary, "curves": verdict.shown.as_dict() if verdict.shown else None}
