"""What ``thalweg fit`` does with a table that is larger than memory: one network, on shards."""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from thalweg.data.formats.any_format import Format
from thalweg.data.larger.column_cells import ColumnCells, DatesError
from thalweg.data.larger.found_table import MOST_CLASSES, FoundTable
from thalweg.data.larger.table_files import (
    require_rows,
    require_target,
    rows_of_batch,
)
from thalweg.data.target_kind import CLASSIFICATION, REGRESSION, is_number, number_target
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.larger.fit_of_file import (
    LargerTable,
    budget_of_fit,
    larger_than_memory,
    require_one_target,
)
from thalweg.estimators.larger.refused_settings import IN_MEMORY, SUCH_A_TABLE
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.parameter import CLASSIFIER, REGRESSOR
from thalweg.estimators.parameters.rows.class_parameters import CLASS_LOSSES
from thalweg.estimators.parameters.simpler_model import NETWORK
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.jobs.fitting.fit_outcome import FitOutcome
from thalweg.jobs.parts.estimator import require_settings_of
from thalweg.jobs.parts.summary_facts import Facts, model_facts
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.persistence.model_file import save_model
from thalweg.shell_words import command_of
from thalweg.training.progress import ProgressStep
from thalweg.wording import amount, counted, counted_classes, parameter

if TYPE_CHECKING:
    from thalweg.jobs.fit import FitRequest
    from thalweg.persistence.rebuilt import Model

_NOT_EVALUATED = (
    "No row was held out for a test: the held-out loss chose the epoch, and is a little too good."
)


def why_larger(request: "FitRequest") -> str | None:
    """Why a table is fitted on shards, a sentence; None if it is fitted in memory."""
    reading, table = request.reading, request.table
    if not os.path.isdir(table) and (reading.max_memory is None or not os.path.isfile(table)):
        return None
    return larger_than_memory(table, reading.max_memory, _form(request))


def _form(request: "FitRequest") -> Format:
    reading = request.reading
    return Format(
        reading.separator, reading.decimal, reading.encoding, reading.sheet, reading.header_row
    )


def fit_larger(run: JobRun, request: "FitRequest", why: str) -> FitOutcome:
    """Train one network on a table that is larger than memory, and write the model."""
    _require_apt(request)
    output = request.output
    beside = os.path.dirname(os.path.abspath(output)) if output is not None else None
    table = LargerTable(
        request.table, require_one_target(request.columns.target),
        budget_of_fit(request.reading.max_memory), request.cache, beside,
        tuple(request.columns.drop), _form(request),
    )  # fmt: skip
    model = _estimator(run, request, table)  # where there is no table, it is said alone
    run.say(why)
    run.tell(goes_on_from=request.cache)
    of_classes = isinstance(model, ThalwegClassifier)
    try:
        with run.training():
            fitted, found = table.fit(
                model, of_classes=of_classes, say=lambda text: run.say(f"{text}.")
            )
    except DatesError as error:
        what, where, why, fix = error.unspelled
        dropped = parameter("drop", error.column)
        raise DataError(what, where=where, why=why, fix=f"{fix}: {dropped}") from None
    model._adopt(fitted)
    name = os.path.basename(os.path.normpath(request.table))
    run.read(_facts(name, found, model), [*found.schema.notes, _NOT_EVALUATED])
    result: dict[str, Any] = {
        "file": None, "report": None, "predictions": None, "refit": None,
        "model": model_facts(model), "judgement": None,
    }  # fmt: skip
    outcome = run.settle(FitOutcome, result=result, model=model)
    if output is not None:
        save_model(model, output, overwrite=request.overwrite, target=table.target)
        outcome = run.settle(FitOutcome, result={**result, "file": output})
        words = command_of(["thalweg", "evaluate", output, "other.csv"])
        run.say(f"Saved this model as {output}.", f"Evaluate it on rows that are not here: {words}")
    return outcome


def _require_apt(request: "FitRequest") -> None:
    """Raise a SettingsError for what is asked beside the model."""
    columns = request.columns
    asked: dict[str, object] = {
        "group": columns.group, "time_column": columns.time, "weight_column": columns.weight,
        "exposure": columns.exposure, "offset": columns.offset,
        "drop_missing": columns.drop_missing, "drop_row": columns.drop_row, "id": columns.ids,
        "target": columns.targets, "report": request.report, "predictions": request.predictions,
        "refit": request.refit, "landscape": request.landscape, "rows": request.rows,
        "checkpoint": request.checkpoint,
        "estimator": None if request.estimator == NETWORK else request.estimator,
    }  # fmt: skip
    sections = request.sections
    asked |= {
        name: value
        for name, value in vars(sections).items()
        if value != getattr(AskedSections(), name)
    }
    for name, value in asked.items():
        if value:
            raise SettingsError(
                f"{parameter(name)} is not for {SUCH_A_TABLE}",
                why="Such a table is read in passes: one network is trained on it, with one "
                "target, and it is not evaluated",
                fix=f"leave {parameter(name)} out, or {IN_MEMORY}",
            )


def _estimator(run: JobRun, request: "FitRequest", table: LargerTable) -> "Model":
    """An unfitted classifier or regressor, by the target."""
    kind = REGRESSOR if _is_of_numbers(run, request, table) else CLASSIFIER
    require_settings_of(kind, request.settings, table.target)
    said = request.columns.said.but(table.target).as_settings()
    settings: dict[str, Any] = {**said, **request.settings}
    if kind == REGRESSOR:
        return ThalwegRegressor(**settings, random_state=request.seed)
    return ThalwegClassifier(
        **settings, random_state=request.seed, positive=request.columns.positive
    )


def _is_of_numbers(run: JobRun, request: "FitRequest", table: LargerTable) -> bool:
    """Whether the target is a number, by the rule for every table."""
    positive, task = request.columns.positive, request.task
    if task == "auto" and request.settings.get("loss") is not None:
        task = CLASSIFICATION if request.settings["loss"] in CLASS_LOSSES else REGRESSION
    if task == CLASSIFICATION or positive is not None:
        return False
    if task == REGRESSION:
        return True
    files = table.files
    require_target(table.target, files.names, files.paths[0])
    seen = ColumnCells(table.target, most_texts=MOST_CLASSES, kept=MOST_CLASSES)
    n_rows = 0

    def passed(name: str, done: int, total: int) -> None:
        run.listener.progress(ProgressStep.of_rows(name, done, total))
        run.require_wanted()

    rows = rows_of_batch(1, table.max_memory)
    for batch in files.batches([table.target], rows, "Reading the target", passed):
        n_rows += len(batch.frame)
        cells = batch.frame[table.target]
        if cells.dtype.kind == "f" and is_number(cells.dropna().to_numpy(np.float64)):
            return True
        seen.see(cells.dropna())
        if seen.is_identifier:
            return False
    require_rows(n_rows, files)
    found = [*seen.found()[0].values]
    return number_target(found, table.target, task=task) is not None


def _facts(name: str, found: FoundTable, model: "Model") -> Facts:
    """The summary of the table, as plain data."""
    ends = None
    if found.labels is None:
        (outputs,) = (network.outputs for network in model.members_)
        ends = {end: getattr(outputs, end) for end in ("low", "high")}
    return {
        "name": name, "rows": found.n_rows, "columns": list(found.schema.given_names),
        "target": found.target, "classes": found.counts or None, "range": ends, "shards": True,
        "held_out_loss": _held_out_loss(found, model),
    }  # fmt: skip


def _held_out_loss(found: FoundTable, model: "Model") -> Facts:
    """The loss of the best epoch with its name, and what a constant has, where both are known."""
    value = float(model.history_[model.best_epoch_ - 1]["valid_loss"] or 0.0)
    outputs = model.members_[0].outputs
    if found.labels is not None:
        is_plain = model.loss == "cross_entropy" and not model.label_smoothing
        if not is_plain or model.class_weight is not None:
            return {"name": "loss", "value": value, "constant": None, "of": ""}
        shares = np.array([*found.counts.values()]) / sum(found.counts.values())
        entropy = -float(shares @ np.log(shares))
        return {"name": "log-loss", "value": value, "constant": entropy, "of": "the class shares"}
    if not isinstance(outputs, Values) or outputs.loss != "squared_error":
        return {"name": "loss", "value": value, "constant": None, "of": ""}
    # The network has half the squared error of a target that is divided by its deviation.
    variance = outputs.scale**2
    error = 2 * value * variance
    return {"name": "squared error", "value": error, "constant": variance, "of": "always the mean"}


def larger_lines(facts: Facts) -> list[tuple[str, str]]:
    """The summary of a table that was fitted on shards, as text."""
    if facts["classes"] is None:
        ends = facts["range"]
        said = f"a number from {amount(ends['low'], 6)} to {amount(ends['high'], 6)}"
    else:
        said = counted_classes(facts["classes"])
    loss = facts["held_out_loss"]
    beside = ""
    if loss["constant"] is not None:
        where = "training" if facts["classes"] is None else "all"
        beside = f"; {loss['of']} {amount(loss['constant'], 4)} on {where} rows"
    rows, columns = counted(facts["rows"], "row"), counted(len(facts["columns"]), "column")
    return [
        ("Table", f"{facts['name']}: {rows}, {columns}; fitted on shards"),
        ("Target", f"{facts['target']}: {said}"),
        (
            "Held-out",
            f"{loss['name']} {amount(loss['value'], 4)} in the best epoch, which it chose{beside}",
        ),
    ]
