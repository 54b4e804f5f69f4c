"""The job of ``thalweg sweep``: the held-out loss over learning rate × units."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from thalweg.endings import check_ending
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.parts.table_options import Columns, Reading, column_notes
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.recipes.command_words import option_words
from thalweg.jobs.recipes.request_in_python import request_in_python
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.reporting.sweeps.saved_sweep import FORMS
from thalweg.reporting.sweeps.shown_sweep import ShownSweep
from thalweg.reporting.sweeps.shown_sweep import sweep as swept
from thalweg.shell_words import command_of
from thalweg.wording import parameter


@dataclass(frozen=True, kw_only=True)
class SweepRequest:
    """A sweep.

    Attributes
    ----------
    table : str
    columns, reading
        For the table.
    settings : mapping
        Those of ``rates units seeds optimizer activation alpha batch_size steps`` that are not at
        their defaults.
    seed : int
    output : str, optional
        The file to write; the ending of its name decides the format.
    dark, overwrite : bool
    """

    table: str
    columns: Columns = field(default_factory=Columns)
    reading: Reading = field(default_factory=Reading)
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    output: str | None = None
    dark: bool = False
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class SweepOutcome(Outcome):
    """A sweep.

    Attributes
    ----------
    shown : ShownSweep
    """

    shown: ShownSweep


def recipes_of_sweep(request: SweepRequest) -> dict[str, str]:
    """What makes the sweep again; nothing where the table is standard input."""
    if request.table == "-":
        return {}
    python = request_in_python(request, "sweep", output="sweep.html")
    return {"command": f"{_command(request)} -o sweep.html", "python": python}


def _command(request: SweepRequest) -> str:
    """The command that makes the sweep again, for a shell."""
    said = {**vars(request.columns), **vars(request.reading)}
    del said["stdin"]
    settings = {
        name: ",".join(f"{each:g}" for each in value) if name in ("rates", "units") else value
        for name, value in request.settings.items()
    }
    seed = {"seed": request.seed or None}
    words = option_words({**said, **settings, **seed})
    return command_of(["thalweg", "sweep", request.table, *words])


def sweep(
    request: SweepRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> SweepOutcome:
    """Train all networks of a sweep, and write its map if a file is named.

    A cancellation ends it with an error: a part of a map is not what was asked for.
    """
    with JobRun("sweep", listener, cancellation, request.seed) as run:
        output, form = request.output, ""
        if output is not None:
            form = check_ending(output, "A sweep", FORMS, flag=parameter("output"), bare=False)
        check_outputs({"output": output}, [request.table], overwrite=request.overwrite)
        columns = request.columns
        table = request.reading.table(
            request.table, target=columns.target, positive=columns.positive, drop=columns.drop,
            missing=columns.missing, drop_missing=columns.drop_missing, drop_row=columns.drop_row,
        )  # fmt: skip
        table = replace(table, said=columns.said.but(table.target_name))
        data = {"name": table.name, "rows": len(table.frame), "target": table.target_name}
        run.read(data, [*table.notes, *column_notes(table)])
        shown = swept(
            table, seed=request.seed, **request.settings,
            watch=lambda done, total: run.stage("networks", done, total),
        )  # fmt: skip
        run.tell(result={"file": output, "sweep": shown.as_dict()})
        outcome = run.settle(SweepOutcome, shown=shown)
        if output is not None:
            page = replace(shown, recipes=recipes_of_sweep(request)).rendered(
                form, dark=request.dark
            )
            write_atomic(output, page, overwrite=request.overwrite)
            run.say(f"Wrote {output}{': open it in a browser' if form == '.html' else ''}.")
        return outcome
