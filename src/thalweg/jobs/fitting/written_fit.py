"""The files of an evaluated fit: the model, its report, and the predictions of the test rows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from thalweg.endings import MODEL, PAGE, TABLE_OF_TEXT, check_ending
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.jobs.fitting.fit_outcome import FitOutcome
from thalweg.jobs.fitting.job_checkpoints import JobCheckpoints
from thalweg.jobs.parts.summary_facts import Facts
from thalweg.jobs.parts.training_table import TrainingTable
from thalweg.jobs.parts.writing import check_outputs, write_page
from thalweg.jobs.predictions.held_out_rows import HeldOutRows, require_used
from thalweg.jobs.predictions.predicted_rows import write_predictions
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.sections.about_models import for_model_file
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.jobs.fit import FitRequest
    from thalweg.persistence.rebuilt import Model
    from thalweg.reporting.tuning.shown_search import ShownSearch

Kind = TypeVar("Kind", bound=FitOutcome)


class EvaluatedFit(NamedTuple):
    """What the files of a fit are made of.

    Attributes
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    table : TrainingTable
    judged : dict
        The evaluation with its sections.
    shown : dict
        What a report shows beside it.
    held_out : HeldOutRows
    search : ShownSearch or None
        The search that gave the model.
    """

    model: "Model"
    table: TrainingTable
    judged: VerdictData
    shown: Facts
    held_out: HeldOutRows
    search: "ShownSearch | None" = None


def check_files(request: "FitRequest") -> None:
    """Check before training whether the files can be written."""
    outputs = {
        "output": request.output, "report": request.report, "predictions": request.predictions,
    }  # fmt: skip
    require_used(request.columns.ids, request.predictions, request.columns)
    check_outputs(outputs, [request.table], overwrite=request.overwrite)
    JobCheckpoints(request.checkpoint).require_free(outputs, request.table)
    written = {
        "output": ("A model", MODEL), "report": ("A report", PAGE),
        "predictions": ("A CSV", TABLE_OF_TEXT),
    }  # fmt: skip
    for name, path in outputs.items():
        if path is not None:
            check_ending(path, *written[name], flag=parameter(name))


def write_files(
    run: JobRun,
    request: "FitRequest",
    fit: EvaluatedFit,
    outcome: Kind,
    recipes: Mapping[str, str],
) -> Kind:
    """Write what the request asks for; ``recipes`` make the report again."""
    kind, page = type(outcome), None
    if request.report is not None:
        page = _page(request, fit, recipes)
    if request.output is not None:
        from thalweg.persistence.model_file import save_model

        save_model(
            fit.model, request.output, overwrite=request.overwrite,
            target=fit.table.table.target_name, judgement=for_model_file(fit.judged),
            report=fit.shown, target_notation=fit.table.notation,
            weight_notation=fit.table.weight_notation, roles=request.columns.roles,
            missing_aside=request.columns.missing_aside,
        )  # fmt: skip
        outcome = run.settle(kind, result={**(outcome.result or {}), "file": request.output})
        run.say(f"Saved this model as {request.output}.")
    if request.report is not None and page is not None:
        write_page(run, request.report, page, overwrite=request.overwrite)
        outcome = run.settle(kind, result={**(outcome.result or {}), "report": request.report})
    if request.predictions is not None:
        made = fit.held_out.rows()
        write_predictions(run, request.predictions, made, overwrite=request.overwrite)
        said = {"predictions": request.predictions}
        outcome = run.settle(kind, result={**(outcome.result or {}), **said})
    return outcome


def _page(request: "FitRequest", fit: EvaluatedFit, recipes: Mapping[str, str]) -> bytes:
    """The page, made before any file is written: a landscape may take long and be interrupted."""
    from thalweg.jobs.report import landscape_part, page_bytes

    table, part = fit.table, dict[str, object]()
    if request.landscape:
        part = {"landscape": landscape_part(fit.model, table.table, table.y)}
    return page_bytes(
        fit.model, fit.judged, fit.shown | part, notation=table.notation,
        what_if=not request.no_what_if, recipes=recipes, search=fit.search,
    )  # fmt: skip
