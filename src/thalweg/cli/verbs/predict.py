"""``thalweg predict``: a CSV of predictions, a line for each row of a table."""

import re
from typing import TYPE_CHECKING, Any

from thalweg.cli import options
from thalweg.cli.empty import Empty, with_empty
from thalweg.cli.outcome import Outcome, write_data
from thalweg.cli.reading import MaxMemory, Reading, check_outputs, features_for, reading_of
from thalweg.data.formats.guarded import guarded
from thalweg.endings import TABLE_OF_TEXT, check_ending
from thalweg.files import write_atomic
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.data.read import Table


def predict(
    model: options.Model,
    table: options.Table,
    separator: options.Separator = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    empty: Empty = None,
    max_memory: MaxMemory = None,
    unknown: options.Unknown = None,
    output: options.PredictionsTo = "-",
    force: options.Force = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Predict every row of a table, as CSV.

    A line holds the label and the probability of each class, or the number. Columns are found by
    their names; the target need not be there, and columns that the model does not know are left
    aside.
    """
    reading = reading_of(locals())
    with Outcome("predict", as_json=as_json, quiet=quiet) as outcome:
        check_outputs({"-o": output}, [model, table], force=force)
        if output != "-":
            check_ending(output, "A CSV", TABLE_OF_TEXT, flag="-o")
        columns, rows = _predictions(outcome, model, table, reading, unknown, empty)
        outcome.result = {"rows": len(rows), "file": None if output == "-" else output}
        if output != "-":
            write_atomic(output, csv_bytes(columns, rows), overwrite=force)
            outcome.say(f"Wrote {counted(len(rows), 'prediction')} to {output}.")
        elif as_json:
            outcome.result["predictions"] = [dict(zip(columns, row, strict=True)) for row in rows]
        else:
            write_data(csv_bytes(columns, rows))


def _predictions(
    outcome: Outcome,
    path: str,
    source: str,
    reading: Reading,
    unknown: str | None,
    empty: list[str] | None,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of the columns; for each row the label and the probabilities, or the value."""
    from thalweg.data.read import load_table
    from thalweg.persistence.model_file import read_model

    file = read_model(path)
    if unknown is not None:
        file.model.set_params(unknown=unknown)
    table = load_table(source, need_target=False, target=file.target, **reading)
    table = with_empty(table, empty, file.model.schema_.names)
    X = features_for(file.model, table)
    _note(outcome, table, file.model, X)
    if not hasattr(file.model, "classes_"):
        return ["prediction"], [(value,) for value in file.model.predict(X).tolist()]
    probability = file.model.predict_proba(X)
    labels = file.model.called(probability).tolist()
    probabilities = probability.tolist()
    columns = ["prediction", *(f"p_{label}" for label in file.model.classes_.tolist())]
    return columns, [(label, *row) for label, row in zip(labels, probabilities, strict=True)]


def _note(outcome: Outcome, table: "Table", model: Any, X: Any) -> None:
    from thalweg.data.names import listed
    from thalweg.data.schema.ranges import beyond, summary
    from thalweg.estimators.tables import seen_range

    schema = model.schema_
    ignored = [name for name in table.frame.columns if name not in schema.names]
    outside = beyond(schema.names, schema.take(X).matrix, *seen_range(model))
    notes = list(table.notes)
    if ignored:
        notes.append(f"Left aside, since the model was not fitted on them: {listed(ignored)}.")
    if outside:
        notes.append(summary(outside, len(table.frame)))
    outcome.data = {
        "name": table.name,
        "rows": len(table.frame),
        "columns": list(table.frame.columns),
        "ignored": ignored,
        "out_of_range": [each.as_dict() for each in outside],
        "notes": notes,
    }
    for note in notes:
        outcome.say(note)


def csv_bytes(columns: list[str], rows: list[tuple[Any, ...]]) -> bytes:
    """A CSV in UTF-8 (RFC 4180, but for plain line feeds), safe to open in a spreadsheet.

    Probabilities have as many digits as it takes to read the same float again.
    """
    lines = [map(_cell, columns), *((_cell(label), *map(repr, row)) for label, *row in rows)]
    return "".join(f"{','.join(line)}\n" for line in lines).encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str:
    """A label or a name as a cell; in quotes also where it holds what others part cells by."""
    text = guarded(str(value))
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",;|\t\r\n]', text) else text
