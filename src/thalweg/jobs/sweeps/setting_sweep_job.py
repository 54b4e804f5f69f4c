"""The job of ``thalweg sweep --over``: the losses of an estimator over one setting."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from thalweg.endings import check_ending
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Setting, spelled
from thalweg.estimators.parameters.parameter_table import BY_NAME
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.training_table import (
    TrainingRequest,
    TrainingTable,
    read_training_table,
)
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.recipes.command_words import option_words, setting_words
from thalweg.jobs.recipes.report_recipes import said_words
from thalweg.jobs.recipes.request_in_python import request_in_python
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.sweeps.curve_in_python import curve_in_python
from thalweg.reporting.sweeps.saved_sweep import FORMS
from thalweg.reporting.sweeps.shown_curve import ShownCurve
from thalweg.shell_words import command_of
from thalweg.tuning.curves.asked_values import POINTS
from thalweg.tuning.curves.setting_sweep import PointDone, SettingSweep, setting_sweep
from thalweg.wording import counted, parameter


@dataclass(frozen=True, kw_only=True)
class SettingSweepRequest(TrainingRequest):
    """A sweep over one setting.

    Attributes
    ----------
    over : mapping
        The name of the setting, and a pair ``(low, high)`` or a list of values.
    points : int
        How many values a range has.
    output : str, optional
        The file to write; the ending of its name decides the format.
    dark, overwrite : bool
    """

    over: Mapping[str, Any]
    points: int = POINTS
    output: str | None = None
    dark: bool = False
    overwrite: bool = False
    evaluated: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class SettingSweepOutcome(Outcome):
    """A sweep over one setting.

    Attributes
    ----------
    shown : ShownCurve
    """

    shown: ShownCurve


def setting_sweep_job(
    request: SettingSweepRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> SettingSweepOutcome:
    """Fit the estimator for each value, and write the curve if a file is named.

    Ctrl-C and a cancellation end it with the values that are finished, which are shown and written.
    """
    with JobRun("sweep", listener, cancellation, request.seed) as run:
        form = ""
        if request.output is not None:
            flag = parameter("output")
            form = check_ending(request.output, "A sweep", FORMS, flag=flag, bare=False)
        check_outputs({"output": request.output}, [request.table], overwrite=request.overwrite)
        table = read_training_table(run, request)
        if table.offset is not None:
            raise SettingsError(
                "A sweep takes no exposures and no offsets",
                fix="leave them out; thalweg evaluate compares settings on rates",
            )
        sweep = _sweep(run, request, table)
        try:
            with run.training():
                sweep.run()
        except KeyboardInterrupt:
            if sweep.n_done:
                _end(run, request, table, sweep, form)
            raise
        return _end(run, request, table, sweep, form)


def _sweep(run: JobRun, request: SettingSweepRequest, table: TrainingTable) -> SettingSweep:
    model = estimator_for(table, request.settings, request.seed, request.estimator)

    def hear(done: PointDone) -> None:
        run.stage("values", done.done, done.total)
        if done.done == 1:
            left = counted(done.total - 1, "more value takes", "more values take")
            run.say(
                f"The first value is done: {left} at most about {_duration(done.seconds_left)}."
            )

    return setting_sweep(
        model, table.table.frame, table.y, table.weights, over=request.over, points=request.points,
        groups=table.groups, time_column=None if table.times is None else table.times.values,
        listener=hear,
    )  # fmt: skip


def _end(
    run: JobRun, request: SettingSweepRequest, table: TrainingTable, sweep: SettingSweep, form: str
) -> SettingSweepOutcome:
    """Show what is finished, and write it."""
    kind = "" if request.estimator == "network" else f", {request.estimator}"
    curve = sweep.curve(f"{table.table.name}: {table.table.target_name}{kind}")
    if (further := sweep.further()) is not None:
        curve = replace(curve, further=_command(request, further))
    shown = ShownCurve(curve, recipes_of_setting_sweep(request, table))
    run.tell(result={"file": request.output, "curve": shown.as_dict()})
    outcome = run.settle(SettingSweepOutcome, shown=shown)
    if request.output is not None:
        page = shown.rendered(form, dark=request.dark)
        write_atomic(request.output, page, overwrite=request.overwrite)
        run.say(f"Wrote {request.output}{': open it in a browser' if form == '.html' else ''}.")
    return outcome


def recipes_of_setting_sweep(request: SettingSweepRequest, table: TrainingTable) -> dict[str, str]:
    """What makes the sweep again; nothing where the table is standard input."""
    if request.table == "-":
        return {}
    model = estimator_for(table, request.settings, request.seed, request.estimator)
    python = curve_in_python(request, table, model, request.over, request.points)
    if python is None:
        python = request_in_python(request, "setting_sweep_job", output="sweep.html")
    return {"command": f"{_command(request)} -o sweep.html", "python": python}


def _command(request: SettingSweepRequest, over: tuple[float, float] | None = None) -> str:
    """The command of the same sweep, or of one over another range, for a shell."""
    ((name, given),) = request.over.items()
    more = {
        "points": None if request.points == POINTS else request.points,
        "task": None if request.task == "auto" else request.task,
        "seed": request.seed or None,
    }
    words = [*said_words(request.columns), *said_words(request.reading), *option_words(more)]
    values = over_text(name, given if over is None else over)
    return command_of(
        ["thalweg", "sweep", request.table, "--over", values, *words,
         *setting_words(request.settings)]
    )  # fmt: skip


def over_text(name: str, given: Any) -> str:
    """A setting and its values, as ``--over`` takes them."""
    if isinstance(given, tuple):
        return f"{name}={given[0]:g}..{given[1]:g}"
    return f"{name}={','.join(_value_text(name, each) for each in given)}"


def _value_text(name: str, value: Setting) -> str:
    if isinstance(value, list | tuple) and value:
        return "x".join(map(str, value))
    return spelled(BY_NAME[name], value)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return counted(round(seconds / 60), "minute")
