"""The job of ``thalweg fit``: train on a table, and evaluate on held-out rows."""

from dataclasses import dataclass

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.quantiles.levels_of_loss import levels_of_loss
from thalweg.interrupts import Cancellation
from thalweg.jobs.fitting.evaluated_fit import (
    judged_on_test,
    of_model_before_refit,
    refitted,
    require_storable_fit,
    shown_of,
    with_all_sections,
)
from thalweg.jobs.fitting.fit_outcome import FitOutcome
from thalweg.jobs.fitting.job_checkpoints import JobCheckpoints
from thalweg.jobs.fitting.larger_fit import fit_larger, why_larger
from thalweg.jobs.fitting.written_fit import EvaluatedFit, check_files, write_files
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.summary_facts import model_facts
from thalweg.jobs.parts.training_table import (
    TrainingRequest,
    read_training_table,
)
from thalweg.jobs.predictions.held_out_rows import HeldOutRows, nothing_kept
from thalweg.jobs.recipes.report_recipes import recipes_of_fit
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.targets.fitted_targets import fit_targets
from thalweg.jobs.targets.opened_model import require_one_level
from thalweg.training.checkpoint import Checkpoint
from thalweg.wording import parameter


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
    checkpoint : Checkpoint, optional
        Where the state of the fit is written; if the file is there, the job goes on from it.
    cache : str, optional
        The folder of the shards of a table that is larger than memory.
    """

    output: str | None = None
    report: str | None = None
    landscape: bool = False
    no_what_if: bool = False
    predictions: str | None = None
    refit: bool = False
    rows: bool = False
    overwrite: bool = False
    checkpoint: Checkpoint | None = None
    cache: str | None = None


def fit(
    request: FitRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> FitOutcome:
    """Train a network on a table, evaluate it, and write the requested files.

    A cancellation ends the training with the best epoch so far, which is evaluated and written.
    """
    with JobRun("fit", listener, cancellation, request.seed) as run:
        check_request(request)
        if (why := why_larger(request)) is not None:
            return fit_larger(run, request, why)
        if request.cache is not None:
            run.say(f"The table is fitted in memory: {parameter('cache')} is not used.")
        if request.columns.targets:
            return fit_targets(run, request)
        table = read_training_table(run, request)
        run.require_wanted()
        model = estimator_for(table, request.settings, request.seed, request.estimator)
        if request.output is not None:
            require_storable_fit(model, table)
        held_out = HeldOutRows(table)
        kept = held_out.add if request.predictions else nothing_kept

        def on_test(fitted: JudgedModel, test: np.ndarray) -> None:
            request.sections.decide(fitted)
            kept(fitted, test)

        JobCheckpoints(request.checkpoint).give(run, model)
        verdict = judged_on_test(run, model, table, request, on_test)
        judged, again = with_all_sections(verdict, table, model, request), None
        if request.refit:
            model, again = refitted(run, request, model, table)
            judged = of_model_before_refit(judged, again) if again else judged
        result = {
            "file": None, "report": None, "predictions": None, "refit": again,
            "model": model_facts(model), "judgement": judged,
        }  # fmt: skip
        outcome = run.settle(FitOutcome, result=result, model=model)
        found = EvaluatedFit(model, table, judged, shown_of(table, verdict), held_out)
        outcome = write_files(run, request, found, outcome, recipes_of_fit(request))
        JobCheckpoints(request.checkpoint).remove()
        return outcome


def check_request(request: FitRequest) -> None:
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
    require_one_level(request.rows, levels_of_loss(str(request.settings.get("loss", ""))))
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
    check_files(request)
