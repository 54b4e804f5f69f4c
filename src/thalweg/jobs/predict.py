"""The job of ``thalweg predict``: predictions of a saved model for each row of a table."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thalweg.data.column_names import listed
from thalweg.data.formats.formula_injection import guarded
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.read import Table
from thalweg.data.schema.ranges import summary
from thalweg.endings import TABLE_OF_TEXT, check_ending
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.job_run import JobRun
from thalweg.jobs.listener import Listener
from thalweg.jobs.outcome import Outcome
from thalweg.jobs.parts.model_table import Features, checked_features, prepared
from thalweg.jobs.parts.outside_range import outside_range
from thalweg.jobs.parts.table_options import Reading
from thalweg.jobs.parts.writing import check_outputs
from thalweg.persistence.model_file import ModelFile, read_model
from thalweg.persistence.rebuilt import Model
from thalweg.wording import counted, parameter, printable, rows_counted_as_in_file

# Codes that a terminal obeys, and halves of characters, which no label needs; line ends and tabs
# stand in quotes. Or a text that reads like such a code as it is written; with backslashes before.
_CONTROLS = re.compile(
    r"(\\*)(?:([\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff])"
    r"|(?=x[01789][0-9a-f]|ud[89a-f][0-9a-f]{2}))"
)
# A label and the probability of each class; or a number.
Row = tuple[str | float, ...]


@dataclass(frozen=True, kw_only=True)
class PredictRequest:
    """A saved model, and a table to predict.

    Attributes
    ----------
    model, table : str
    empty : sequence of str
        Columns of the model that the table lacks: all of their values count as missing.
    number : mapping of str to str or None
        Columns of numbers, each with an example of how its numbers are written in the table.
    missing : list of str, or mapping, optional
        Words for a missing value besides those of the model.
    drop_row : sequence of str
        Rows to leave out, such as ``"3,17-19"``; then each prediction has the number of its row.
    unknown : {"warn", "error", "ignore"}, optional
        What to do about levels that the model was not fitted on.
    reading : Reading
    output : str, optional
        The CSV file to write.
    overwrite : bool
    """

    model: str
    table: str
    empty: Sequence[str] = ()
    number: Mapping[str, str | None] = field(default_factory=dict)
    missing: MissingColumns = None
    drop_row: Sequence[str] = ()
    unknown: str | None = None
    reading: Reading = field(default_factory=Reading)
    output: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class PredictOutcome(Outcome):
    """Predictions; the plain data contains them if no file was written.

    Attributes
    ----------
    columns : list of str
        "prediction", and for each class ``p_LABEL``; first "row", if rows are left out.
    rows : list of tuple
    written : bool
        Whether they were written to a file.
    """

    columns: list[str]
    rows: list[Row]
    written: bool

    def csv(self) -> bytes:
        """The predictions as CSV (`csv_bytes`)."""
        return csv_bytes(self.columns, self.rows)

    def told_result(self) -> dict[str, Any]:
        """The result, with the predictions unless they were written to a file."""
        result = dict(self.result or {})
        if not self.written:
            result["predictions"] = [dict(zip(self.columns, r, strict=True)) for r in self.rows]
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
        if output is not None:
            check_ending(output, "A CSV", TABLE_OF_TEXT, flag=parameter("output"))
        columns, rows = _predictions(run, request)
        run.require_wanted()
        run.tell(result={"rows": len(rows), "file": output})
        if output is not None:
            write_atomic(output, csv_bytes(columns, rows), overwrite=request.overwrite)
            run.say(f"Wrote {counted(len(rows), 'prediction')} to {output}.")
        return run.settle(PredictOutcome, columns=columns, rows=rows, written=output is not None)


def _predictions(run: JobRun, request: PredictRequest) -> tuple[list[str], list[Row]]:
    """The column names; and for each row the label and the probabilities, or the number."""
    file = read_model(request.model)
    model = file.model
    if request.unknown is not None:
        model.set_params(unknown=request.unknown)
    table = request.reading.table(
        request.table, need_target=False, target=file.target, drop_row=request.drop_row
    )
    with rows_counted_as_in_file(table.kept):
        table = prepared(table, model, request.empty, request.number, request.missing)
        X = checked_features(model, table)
        _note(run, table, file, X)
        columns, rows = _answers(model, X)
    if table.kept is None:
        return columns, rows
    numbered = zip(table.kept.tolist(), rows, strict=True)
    return ["row", *columns], [(place + 1, *row) for place, row in numbered]


def _answers(model: Model, X: Features) -> tuple[list[str], list[Row]]:
    """The column names and the rows of all predictions."""
    if not isinstance(model, ThalwegClassifier):
        return ["prediction"], [(value,) for value in model.predict(X).tolist()]
    probability = model.predict_proba(X)
    labels = model.called(probability).tolist()
    probabilities = probability.tolist()
    columns = ["prediction", *(f"p_{label}" for label in model.classes_.tolist())]
    return columns, [(label, *row) for label, row in zip(labels, probabilities, strict=True)]


def _note(run: JobRun, table: Table, file: ModelFile, X: Features) -> None:
    model, schema = file.model, file.model.schema_
    unit = file.target_notation.unit if file.target_notation else ""
    ignored = [name for name in table.frame.columns if name not in schema.given_names]
    outside = outside_range(model, X, schema.take(X).matrix)
    notes = list(table.notes)
    if ignored:
        notes.append(f"Ignored, because the model was not fitted on them: {listed(ignored)}.")
    if outside:
        notes.append(summary(outside, len(table.frame)))
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


def csv_bytes(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """CSV in UTF-8 (RFC 4180, but with plain line feeds), safe to open in a spreadsheet.

    Probabilities have enough digits to read the same float again.
    """
    n_names = 2 if [*columns[:1]] == ["row"] else 1  # the row's number, if any, and the prediction
    lines: list[Iterable[str]] = [map(_cell, columns)]
    for row in rows:
        lines.append((*map(_cell, row[:n_names]), *map(repr, row[n_names:])))
    return "".join(f"{','.join(line)}\n" for line in lines).encode("utf-8", "backslashreplace")


def _escaped(found: re.Match[str]) -> str:
    """A code as text. Backslashes before it are doubled, so that no two labels become one."""
    return 2 * found[1] + printable(found[2] or "")


def _cell(value: str | float) -> str:
    """A label or a name as a cell; in quotes if it contains any common separator."""
    text = guarded(_CONTROLS.sub(_escaped, str(value)))
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",;|\t\r\n]', text) else text
