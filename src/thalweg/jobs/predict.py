"""The job of ``thalweg predict``: predictions of a saved model for each row of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from thalweg.data.column_names import listed
from thalweg.data.read import Table
from thalweg.data.schema.ranges import Beyond, summary
from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.drifting.known_likeness import known_likeness
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.drift.drift_sentences import many_unlike
from thalweg.evaluation.drift.row_drift import UNLIKE as UNLIKE_AT
from thalweg.interrupts import Cancellation
from thalweg.jobs.offsets.table_offsets import of_each_row, of_rows, rows_named_in_fix
from thalweg.jobs.parts.model_table import checked_features, prepared
from thalweg.jobs.parts.outside_range import outside_in_words, outside_range
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.predictions.how_sure import HowSure, SureFacts
from thalweg.jobs.predictions.predicted_rows import (
    PredictedRows,
    Row,
    predicted,
    require_csv,
    require_digits,
    words_of,
    write_predictions,
)
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.running.table_of_model import TableOfModel
from thalweg.jobs.targets.opened_model import open_model
from thalweg.jobs.targets.predicted_targets import joined
from thalweg.jobs.targets.tables_of_targets import notes_together, quiet_run
from thalweg.persistence.model_file import ModelFile, read_model
from thalweg.persistence.rebuilt import Model
from thalweg.wording import parameter, rows_counted_as_in_file

# The column of cells that no training row was like.
OUTSIDE = "outside"
# The column of outlier p.
UNLIKE = "unlike"


@dataclass(frozen=True, kw_only=True)
class PredictRequest(TableOfModel):
    """A saved model, and a table to predict; the output is a CSV file.

    Attributes
    ----------
    target : str, optional
        One of several targets; None: all of them.
    unknown : {"warn", "error", "ignore"}, optional
        What to do about levels that the model was not fitted on.
    threshold : float, optional
        The probability above which the positive class is called, instead of the model's own.
    ids : sequence of str
        Columns of the table that stand unchanged before each prediction.
    label : mapping of str to str
        What is written for classes.
    digits : int, optional
        Decimals of probabilities, and significant digits of predicted numbers.
    interval : float, optional
        For numbers: the level of an interval for each row, such as 0.9.
    sets : float, optional
        For classes: the level of a set of classes for each row, such as 0.9.
    abstain : float, optional
        For classes: what no answer costs, if a wrong one costs 1.
    outside : bool
        Whether a last column names the cells of a row that no training row was like.
    unlike : bool
        Whether a column has the outlier p of each row, and a note says if many rows are unlike.
    """

    target: str | None = None
    unknown: str | None = None
    threshold: float | None = None
    ids: Sequence[str] = ()
    label: Mapping[str, str] = field(default_factory=dict)
    digits: int | None = None
    interval: float | None = None
    sets: float | None = None
    abstain: float | None = None
    outside: bool = False
    unlike: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class PredictOutcome(Outcome):
    """Predictions; the plain data contains them if no file was written.

    Attributes
    ----------
    columns : list of str
        "prediction", and for each class ``p_LABEL``; "low" and "high", or "set", if they are asked
        for; before them "row", if rows are left out, and
        the columns that are carried along; "unlike" and "outside" last, if they are asked for.
    rows : list of tuple
    written : bool
        Whether they were written to a file.
    """

    columns: list[str]
    rows: list[Row]
    written: bool

    def csv(self) -> bytes:
        """The predictions as CSV (`csv_bytes`)."""
        return self.made.csv()

    @property
    def made(self) -> PredictedRows:
        """The predictions as rows of a table."""
        return PredictedRows(self.columns, self.rows)

    def told_result(self) -> dict[str, Any]:
        """The result, with the predictions unless they were written to a file."""
        result = dict(self.result or {})
        if not self.written:
            result["predictions"] = self.made.as_dicts()
        return result


def predict(
    request: PredictRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> PredictOutcome:
    """Predict every row of a table."""
    with JobRun("predict", listener, cancellation) as run:
        output = request.output
        check_outputs(
            {"output": output}, [request.model, request.table], overwrite=request.overwrite
        )
        require_csv("output", output)
        require_digits(request.digits)
        made, told = _all_predictions(run, request)
        run.require_wanted()
        run.tell(result={"rows": len(made.rows), "file": output, **told})
        if output is not None:
            write_predictions(run, output, made, overwrite=request.overwrite)
        return run.settle(
            PredictOutcome, columns=made.columns, rows=made.rows, written=output is not None
        )


def _all_predictions(run: JobRun, request: PredictRequest) -> tuple[PredictedRows, dict[str, Any]]:
    """The predictions of the target, or of all, and what is said of them."""
    file = read_model(request.model, several=True)
    if not file.targets or request.target is not None:
        file = open_model(request.model, request.target, is_column=False)
        made, threshold, sure = _predictions(run, request, file)
        return made, {"threshold": threshold, **sure}
    names, found, told = file.targets, list[PredictedRows](), list[dict[str, Any]]()
    said: dict[str, list[str]] = {}
    data: dict[str, Any] | None = None
    shared = replace(request, outside=False, unlike=False)
    for name in names:
        # What is said of rows, and not of a target, stands once behind the others.
        asked = request if name == names[-1] else shared
        quiet = quiet_run(run)
        made, threshold, sure = _predictions(quiet, asked, file.of_target(name))
        said[name], data = quiet.listener.said, data or quiet.outcome.data
        found.append(made)
        told.append({"target": name, "threshold": threshold, **sure})
    run.say(*notes_together(said))
    run.tell(data=data)
    return joined(names, found, request.ids), {"targets": told}


def _predictions(
    run: JobRun, request: PredictRequest, file: ModelFile
) -> tuple[PredictedRows, float | None, SureFacts]:
    """The predictions, the threshold of the positive class, and the facts of `HowSure`."""
    model = of_rows(file.model)
    if request.unknown is not None:
        model.set_params(unknown=request.unknown)
    if request.threshold is not None:
        _set_threshold(model, request.threshold)
    words = words_of(request.label, model)
    sure = HowSure(request.interval, request.sets, request.abstain)
    sure.require(model, words)
    if request.unlike:
        known_likeness(model._known)  # before the table is read
    table = request.reading.table(
        request.table, need_target=False, target=file.target, drop_row=request.drop_row,
        ids=request.ids,
    )  # fmt: skip
    with rows_counted_as_in_file(table.kept), rows_named_in_fix(of_target=False):
        table = prepared(table, model, request.empty, request.number, request.missing)
        X = checked_features(model, table)
        matrix = model.schema_.take(X).matrix
        outside = outside_range(model, X, matrix)
        _note(run, table, file, outside)
        made = predicted(model, X, digits=request.digits, words=words, abstain=request.abstain)
        made, facts, notes = sure.added(made, model, X, digits=request.digits, words=words)
        run.say(*notes)
        if request.unlike:
            p = known_likeness(model._known).outlier_p(np.asarray(matrix, dtype=np.float64))
            made = made.with_last(UNLIKE, p.tolist())
            n_unlike = int(np.count_nonzero(p <= UNLIKE_AT))
            facts["unlike"] = {"rows": n_unlike, "p": UNLIKE_AT}
            if note := many_unlike(n_unlike, len(p)):
                run.say(note)
        if request.outside:
            made = made.with_last(OUTSIDE, outside_in_words(model, X, matrix, outside))
        made = made.with_ids(table.ids, table.kept)
    return made, getattr(model, "threshold_", None), facts


def _set_threshold(model: Model, threshold: float) -> None:
    """Call rows by another threshold than that of the model."""
    if getattr(model, "threshold_", None) is None:
        what = "several classes" if isinstance(model, ThalwegClassifier) else "numbers"
        raise SettingsError(
            f"{parameter('threshold')} is for two classes, and the model predicts {what}",
            fix=f"leave out {parameter('threshold')}",
        )
    if not 0 <= threshold <= 1:
        raise SettingsError(
            f"{parameter('threshold', threshold)} is not a probability",
            fix="give a number from 0 to 1, such as 0.3",
        )
    assert isinstance(model, ThalwegClassifier)
    model._decide(Threshold(float(threshold), "given"))


def _note(run: JobRun, table: Table, file: ModelFile, outside: list[Beyond]) -> None:
    schema = file.model.schema_
    unit = file.target_notation.unit if file.target_notation else ""
    offset = file.model._known.offset
    aside = {*schema.given_names, *table.ids.columns, offset and offset.column, *file.other_targets}
    ignored = [name for name in table.frame.columns if name not in aside]
    notes = list(table.notes)
    if ignored:
        notes.append(f"Ignored, because the model does not predict from them: {listed(ignored)}.")
    if outside:
        notes.append(summary(outside, len(table.frame)))
    if offset is not None:
        notes.append(of_each_row(file.model))
    if unit:
        notes.append(f'Predictions are in "{unit}", the unit of the target "{file.target}".')
    data = {
        "name": table.name,
        "unit": unit,
        "rows": len(table.frame),
        "columns": list(table.frame.columns),
        "ignored": ignored,
        "out_of_range": [each.as_dict() for each in outside],
    }
    run.read(data, notes)
