"""The job of ``thalweg check``: look for problems of a table that silently spoil models."""

from dataclasses import dataclass, field

from thalweg.data.doctor.table_check import Diagnosis, check_table
from thalweg.interrupts import Cancellation
from thalweg.jobs.job_run import JobRun
from thalweg.jobs.listener import Listener
from thalweg.jobs.outcome import Outcome
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.wording import parameter

# With more columns the check takes long enough for a line at its start.
_MANY = 10_000


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """A table to check.

    Attributes
    ----------
    table : str
    target, group : str, optional
        The columns of the target and of the groups.
    test : str, optional
        Another table, with the held-out rows.
    columns : Columns
        Columns to leave out, and what other columns hold.
    task : {"auto", "classification", "regression"}
    reading : Reading
        How both tables are read.
    """

    table: str
    target: str | None = None
    group: str | None = None
    test: str | None = None
    columns: Columns = field(default_factory=Columns)
    task: str = "auto"
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckOutcome(Outcome):
    """The findings; ``passed`` is False if one of them is severe.

    Attributes
    ----------
    name : str
        The name of the table.
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
        n_columns = whole.frame.shape[1]
        if n_columns > _MANY:
            run.say(f"Checking {n_columns:,} columns; this may take minutes.")
        notes = [*whole.notes, *(against.notes if against else ())]
        target = whole.target_name
        if target is None:
            notes.append(
                f"Without {parameter('target')}, the checks that need a target are left out."
            )
        found = check_table(
            whole.frame.assign(**{str(name): each for name, each in whole.dropped.items()}),
            target,
            group=request.group,
            test=None if against is None else against.frame,
            drop_missing=request.columns.drop_missing,
            drop_row=request.columns.drop_row,
            drop=list(whole.dropped.columns),
            task=request.task,
            spelling=run.listener.spell,
            **said.as_settings(),
        )
        notes += found.notes
        data = {
            "name": whole.name,
            "rows": found.n_rows,
            "columns": list(whole.frame.columns),
            "target": target,
            "group": request.group,
            "test": None if against is None else against.name,
        }
        run.read(data, notes)
        run.tell(result=found.as_dict(), passed=not found.is_severe)
        return run.settle(CheckOutcome, name=whole.name, diagnosis=found)
