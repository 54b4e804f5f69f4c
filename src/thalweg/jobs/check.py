"""The table doctor: what makes models wrong that nobody notices."""

from dataclasses import dataclass, field

from thalweg.data.doctor.table_check import Diagnosis, check_table
from thalweg.interrupts import Cancellation
from thalweg.jobs.job_run import JobRun
from thalweg.jobs.listener import Listener
from thalweg.jobs.outcome import Outcome
from thalweg.jobs.parts.table_source import Columns, Reading


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """A table to look at.

    Attributes
    ----------
    table : str
    target, group : str, optional
        Columns with a part of their own.
    test : str, optional
        Another table, of rows that judge.
    columns : Columns
        Those to leave out, and what others hold.
    reading : Reading
        How both are read.
    """

    table: str
    target: str | None = None
    group: str | None = None
    test: str | None = None
    columns: Columns = field(default_factory=Columns)
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckOutcome(Outcome):
    """What the doctor found; ``passed`` is False where something severe is among it.

    Attributes
    ----------
    name : str
        Of the table.
    diagnosis : Diagnosis
    """

    name: str
    diagnosis: Diagnosis


def check(
    request: CheckRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> CheckOutcome:
    """Check a table."""
    with JobRun("check", listener, cancellation) as run:
        read = request.reading.whole
        drop, said = request.columns.drop, request.columns.said
        whole = read(request.table, target=request.target, drop=drop, group=request.group)
        against = None if request.test is None else read(request.test)
        run.require_wanted()
        notes = [*whole.notes, *(against.notes if against else ())]
        target = whole.target_name
        if target is None:
            notes.append("Without --target what concerns the target is not checked.")
        told = check_table(
            whole.frame,
            target,
            group=request.group,
            test=None if against is None else against.frame,
            **said.as_settings(),
        )
        notes += told.notes
        data = {
            "name": whole.name,
            "rows": told.n_rows,
            "columns": list(whole.frame.columns),
            "target": target,
            "group": request.group,
            "test": None if against is None else against.name,
            "notes": notes,
        }
        run.read(data, notes)
        run.tell(result=told.as_dict(), passed=not told.is_severe)
        return run.settle(CheckOutcome, name=whole.name, diagnosis=told)
