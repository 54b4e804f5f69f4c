"""The job of ``thalweg export``: a saved model as a file of another language, and its check."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from thalweg.data.column_roles import without_named
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.read import Table
from thalweg.export.export_contract import contract_lines, named, printed_lines
from thalweg.export.running.export_runtimes import require_runtime
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.exports.checked_export import ExportCheck, check_export
from thalweg.jobs.exports.written_export import carried, ending_of, seal_of, writer_of
from thalweg.jobs.offsets.table_offsets import of_rows
from thalweg.jobs.parts.model_table import Features, features_for, prepared
from thalweg.jobs.parts.table_options import Reading
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.targets.opened_model import open_model
from thalweg.wording import printable, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """A saved model, the file to write, and a table to check it on.

    Attributes
    ----------
    model, output : str
    target : str, optional
        Which of several targets, or of several quantiles.
    check : str, optional
        A table on whose rows the file is compared with the model.
    empty : sequence of str
        Columns of the model that this table lacks.
    number : mapping of str to str or None
        How the numbers of its columns are written, where the model does not know it.
    missing : list of str, or mapping, optional
        Words for a missing value in it besides those of the model.
    drop_row : sequence of str
        Rows of it to leave out.
    reading : Reading
    opset : int, optional
        Of an ONNX file.
    overwrite : bool
    """

    model: str
    output: str
    target: str | None = None
    check: str | None = None
    empty: Sequence[str] = ()
    number: Mapping[str, str | None] = field(default_factory=dict)
    missing: MissingColumns = None
    drop_row: Sequence[str] = ()
    reading: Reading = field(default_factory=Reading)
    opset: int | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class ExportOutcome(Outcome):
    """What was written; ``passed`` is False if the check found too large a difference.

    Attributes
    ----------
    lines : list of str
        What the file takes and gives, and its contract.
    check : ExportCheck or None
    """

    lines: list[str]
    check: ExportCheck | None


def export(
    request: ExportRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> ExportOutcome:
    """Write a saved model in another language, and compare it with the model if that is asked."""
    with JobRun("export", listener, cancellation) as run:
        inputs = [request.model, *([request.check] if request.check else [])]
        check_outputs({"output": request.output}, inputs, overwrite=request.overwrite)
        ending, writer = ending_of(request.output), writer_of(request.output, request.opset)
        runtime = require_runtime(ending) if request.check is not None else None
        file = open_model(request.model, request.target, is_column=False)
        model = of_rows(file.model)
        made = carried(model, seal_of(request.model), file.target)
        data = writer(made)
        found = None  # before anything is written: a table that cannot be read leaves no file
        if request.check is not None and runtime is not None:
            X = _rows_of(request, model)
            found = check_export(runtime, data, ending, model, made, X)
        run.require_wanted()
        write_atomic(request.output, data, overwrite=request.overwrite)
        run.say(f"Wrote the model to {request.output} ({len(data):,} bytes).")
        lines = [printable(line) for line in printed_lines(made)]
        contract = [printable(line) for line in contract_lines(made, named)]
        result = {
            "model": request.model, "file": request.output, "bytes": len(data),
            "inputs": [{"name": each.name, "kind": each.kind} for each in made.inputs],
            "answers": list(made.answer_names), "contract": contract, "check": None,
        }  # fmt: skip
        if found is None:
            run.tell(result=result)
        else:
            told = {**asdict(found), "passed": found.passed}
            run.tell(result={**result, "check": told}, passed=found.passed)
        return run.settle(ExportOutcome, lines=lines, check=found)


def _rows_of(request: ExportRequest, model: "Model") -> Features:
    """The rows that the answers are compared on."""
    assert request.check is not None
    whole = request.reading.whole(request.reading.opened(request.check))
    frame, kept, _ = without_named(whole.frame, request.drop_row)
    table = Table(whole.name, frame, None, None, None, whole.notes, kept=kept)
    with rows_counted_as_in_file(kept):
        known = prepared(table, model, request.empty, request.number, request.missing)
        return features_for(model, known)
