"""Training settings, evaluated on a table by cross-validation, with sections and predictions."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from thalweg.estimators.importance.importance_of_folds import FoldModels
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.section_shapes import with_model
from thalweg.evaluation.verdict_sections import (
    LEVEL,
    has_scaled_intervals,
    sections_of_verdict,
    with_sections,
)
from thalweg.interrupts import heeding
from thalweg.jobs.fitting.cluster_client import connected
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.training_table import TrainingTable, read_training_table
from thalweg.jobs.predictions.held_out_rows import HeldOutRows
from thalweg.jobs.predictions.predicted_rows import PredictedRows
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.sections.about_models import about_fold_models

if TYPE_CHECKING:
    from thalweg.jobs.evaluate import EvaluateRequest
    from thalweg.persistence.rebuilt import Model


def by_folds(run: JobRun, request: "EvaluateRequest") -> tuple[VerdictData, PredictedRows]:
    """The evaluation of training settings by cross-validation, and the predictions."""
    table = read_training_table(run, request)
    run.require_wanted()
    settings = {**request.settings, "unknown": "ignore"}
    found = judged_by_folds(
        run, request, table,
        lambda member: estimator_for(table, settings, member, request.estimator),
    )  # fmt: skip
    return found.judgement, found.predicted


class JudgedByFolds(NamedTuple):
    """The evaluation of a cross-validation.

    Attributes
    ----------
    judgement : dict
        With its sections.
    predicted : PredictedRows
    verdict : Verdict
    """

    judgement: VerdictData
    predicted: PredictedRows
    verdict: Verdict


def judged_by_folds(
    run: JobRun,
    request: "EvaluateRequest",
    table: TrainingTable,
    make: Callable[[int], JudgedModel],
    strata: np.ndarray | None = None,
    *,
    says: bool = True,
) -> JudgedByFolds:
    """The evaluation of models of one target by cross-validation.

    ``make`` and ``strata`` are as in `judge_by_folds`; ``says``: whether the progress is said.
    """
    folds, repeats, done = request.folds, request.repeats, 0
    held_out, models, last = HeldOutRows(table, folds), FoldModels(table.table.frame, folds), None
    own = np.full((len(table.y), 2), np.nan)

    def on_fold(judged: JudgedModel, test: np.ndarray) -> None:
        nonlocal done, last
        model = getattr(judged, "view", judged)  # of one of several targets
        last = model
        models.add(model, test)
        request.sections.decide(model)
        if request.predictions:
            held_out.add(model, test)
        if has_scaled_intervals(model) and np.isnan(own[test]).all():  # the first repetition
            rows = table.table.frame.iloc[test]
            own[test] = cast("Model", model).predict_interval(rows, LEVEL)
        done += 1
        run.require_wanted()
        if says and done % folds == 0:
            run.say(f"Repetition {done // folds} of {repeats} is done.")

    with heeding(run.cancellation), connected(request.scheduler) as client:
        verdict = judge_by_folds(
            make,
            table.table.frame,
            table.y,
            task=table.task,
            seed=request.seed,
            matrix=table.matrix,
            n_levels=table.schema.n_levels,
            n_folds=folds,
            n_repeats=repeats,
            groups=table.groups,
            times=table.times,
            sample_weight=table.weights,
            margin=request.sections.margin,
            trees=not request.sections.no_trees,
            strata=strata,
            on_fold=on_fold,
            client=client,
        )
    scaled = own if has_scaled_intervals(last) else None
    found = sections_of_verdict(verdict, table.task, last, None, request.seed, table.beside, scaled)
    found = with_model(found, about_fold_models(table, models, verdict, request.seed))
    return JudgedByFolds(with_sections(verdict.as_dict(), found), held_out.rows(), verdict)
