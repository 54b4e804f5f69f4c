"""``thalweg fit`` of several targets: one network, and the evaluation of each target."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.targets.decided_targets import decide_targets
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.shapes import RefitData, VerdictData
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.several.joint_fits import JointFits, require_both_classes
from thalweg.evaluation.several.targets_together import Together, together_of
from thalweg.jobs.fitting.evaluated_fit import (
    judged_on_test,
    of_model_before_refit,
    require_storable_fit,
    shown_of,
    with_all_sections,
)
from thalweg.jobs.fitting.fit_outcome import FitOutcome
from thalweg.jobs.fitting.job_checkpoints import JobCheckpoints
from thalweg.jobs.parts.writing import write_page
from thalweg.jobs.predictions.held_out_rows import HeldOutRows
from thalweg.jobs.predictions.predicted_rows import write_predictions
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.sections.about_models import for_model_file
from thalweg.jobs.targets.facts_of_targets import facts_of_model
from thalweg.jobs.targets.joint_estimator import joint_estimator
from thalweg.jobs.targets.predicted_targets import joined
from thalweg.jobs.targets.tables_of_targets import TargetTables, read_target_tables
from thalweg.persistence.targets.evaluated_target import EvaluatedTarget
from thalweg.wording import counted, parameter

if TYPE_CHECKING:
    from thalweg.jobs.fit import FitRequest
    from thalweg.persistence.rebuilt import Model


@dataclass(frozen=True, eq=False)
class FittedTargets:
    """A model of several targets, and what was found of each.

    Attributes
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    tables : TargetTables
    evaluated : mapping of str to verdict
    shown : mapping of str to dict
        What a report shows of each, besides its evaluation.
    together : Together or None
    again : dict or None
        If the model was trained on all rows after the evaluation.
    """

    model: "Model"
    tables: TargetTables
    evaluated: Mapping[str, VerdictData]
    shown: Mapping[str, dict[str, Any]]
    together: Together | None
    again: RefitData | None = None

    @property
    def for_file(self) -> list[EvaluatedTarget]:
        """The evaluations as a model file keeps them."""
        return [
            EvaluatedTarget(for_model_file(self.evaluated[name]), self.shown[name], table.notation)
            for name, table in zip(self.tables.names, self.tables.tables, strict=True)
        ]


def fit_targets(run: JobRun, request: "FitRequest") -> FitOutcome:
    """Train one network for several targets, evaluate it, and write the requested files."""
    _refuse(request)
    tables = read_target_tables(run, request, "fit")
    run.require_wanted()
    model = joint_estimator(tables, request.settings, request.seed, request.estimator)
    if request.output is not None:
        for table in tables.tables:
            require_storable_fit(model, table)
    held_out = [HeldOutRows(table) for table in tables.tables] if request.predictions else []
    JobCheckpoints(request.checkpoint).give(run, model)
    found = _evaluated(run, request, model, tables, held_out)
    if request.refit:
        found = _refitted(run, request, found)
    together = found.together
    result: dict[str, Any] = {
        "file": None, "report": None, "predictions": None, "refit": found.again,
        "model": facts_of_model(found.model),
        "judgements": [{"target": name, **each} for name, each in found.evaluated.items()],
        "together": None if together is None else together.as_dict(),
    }  # fmt: skip
    sentences = tuple(together.sentences()) if together else ()
    outcome = run.settle(
        FitOutcome, result=result, model=found.model, evaluated=found.evaluated, together=sentences
    )
    page = None if request.report is None else _page(request, found)
    if request.output is not None:
        _save(request, found)
        result["file"] = request.output
        run.say(f"Saved this model as {request.output}.")
    if request.report is not None and page is not None:
        write_page(run, request.report, page, overwrite=request.overwrite)
        result["report"] = request.report
    if request.predictions is not None:
        made = joined(tables.names, [each.rows() for each in held_out], request.columns.ids)
        write_predictions(run, request.predictions, made, overwrite=request.overwrite)
        result["predictions"] = request.predictions
    JobCheckpoints(request.checkpoint).remove()
    return run.settle(FitOutcome, result=dict(result)) if _is_written(request) else outcome


def _is_written(request: "FitRequest") -> bool:
    return bool(request.output or request.report or request.predictions)


def _refuse(request: "FitRequest") -> None:
    """Refuse what is of one target."""
    for name, given in (("landscape", request.landscape), ("rows", request.rows)):
        if given:
            raise SettingsError(
                f"{parameter(name)} is of one target, and {len(request.columns.targets)} are named",
                why="A report of several targets has an overview, and no row or landscape",
                fix=f"leave out {parameter(name)}; thalweg report MODEL with "
                f"{parameter('target', request.columns.targets[0])} makes the report of one",
            )


def _evaluated(
    run: JobRun,
    request: "FitRequest",
    model: "Model",
    tables: TargetTables,
    held_out: list[HeldOutRows],
) -> FittedTargets:
    """The model, fitted on one part of the table, and each target evaluated on the other."""
    fits, strata = JointFits(lambda seed: model, tables.Y), tables.strata
    verdicts: dict[str, Verdict] = {}
    judged: dict[str, VerdictData] = {}
    thresholds: dict[str, Any] = {}
    for t, (name, table) in enumerate(zip(tables.names, tables.tables, strict=True)):

        def on_test(fitted: JudgedModel, test: np.ndarray, t: int = t) -> None:
            view = cast(Any, fitted).view
            request.sections.decide(view)
            if held_out:
                held_out[t].add(view, test)

        one = fits.one(name, request.seed)
        if table.task.kind.of_classes and strata is not None:
            _require_classes(table.y, strata, name)
        verdict = judged_on_test(run, cast("Model", one), table, request, on_test, strata)
        verdicts[name] = verdict
        judged[name] = with_all_sections(verdict, table, one.view, request)
        thresholds[name] = one.view._known.threshold
        run.require_wanted()
    if isinstance(model, ThalwegClassifier) and request.sections.missed is not None:
        decide_targets(model, thresholds)
    shown = {
        name: shown_of(table, verdicts[name])
        for name, table in zip(tables.names, tables.tables, strict=True)
    }
    answered = {name: each.answers for name, each in verdicts.items()}
    together = together_of(answered, of_labels=tables.of_classes)
    return FittedTargets(model, tables, judged, shown, together)


def _require_classes(y: np.ndarray, strata: np.ndarray, name: str) -> None:
    """Raise if a class of a target has one row only, which can be on one side only."""
    for label in np.unique(y):
        if np.sum(y == label) < 2:
            require_both_classes(y, np.flatnonzero(y != label), name, "test")


def _refitted(run: JobRun, request: "FitRequest", found: FittedTargets) -> FittedTargets:
    """The model with the same settings, trained on all rows."""
    if run.cancelled():
        run.say("Cancelled before the model was trained on all rows: the evaluated one is kept.")
        return found
    tables, first = found.tables, found.tables.first
    model = joint_estimator(tables, request.settings, request.seed, request.estimator)
    every = JudgedTable.of(
        first.table.frame, first.y, first.matrix, (), first.groups, first.times, first.weights
    )
    rows = np.arange(len(every.y))
    n_rows = every.n_rows(rows)
    run.say(f"Training again, on all {counted(n_rows, 'row')}.")
    JobCheckpoints(request.checkpoint).give(run, model, refit=True)
    fits = JointFits(lambda seed: model, tables.Y)
    with run.training(), warnings.catch_warnings():
        every.fit(fits.one(tables.names[0], request.seed), rows)
    if isinstance(model, ThalwegClassifier) and request.sections.missed is not None:
        views = {name: model.for_target(name) for name in tables.names}
        for view in views.values():
            request.sections.decide(view)
        decide_targets(model, {name: view._known.threshold for name, view in views.items()})
    again: RefitData = {"n_rows": n_rows}
    judged = {name: of_model_before_refit(each, again) for name, each in found.evaluated.items()}
    return replace(found, model=model, evaluated=judged, again=again)


def _save(request: "FitRequest", found: FittedTargets) -> None:
    from thalweg.persistence.model_file import save_model

    assert request.output is not None
    save_model(
        found.model, request.output, overwrite=request.overwrite,
        weight_notation=found.tables.first.weight_notation, roles=request.columns.roles,
        evaluations=found.for_file, together=found.together,
        missing_aside=request.columns.missing_aside,
    )  # fmt: skip


def _page(request: "FitRequest", found: FittedTargets) -> bytes:
    from thalweg.jobs.recipes.report_recipes import recipes_of_fit
    from thalweg.jobs.targets.pages_of_targets import overview_page

    units = {
        name: table.notation.unit
        for name, table in zip(found.tables.names, found.tables.tables, strict=True)
        if table.notation is not None and table.notation.unit
    }
    return overview_page(
        found.model, found.evaluated, found.shown, found.together,
        units=units, model_file=request.output or "model.safetensors",
        recipes=recipes_of_fit(request),
    )  # fmt: skip
