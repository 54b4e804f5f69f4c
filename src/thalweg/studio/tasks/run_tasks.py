"""The tasks of runs: each works for a short time, and the run stays in the memory of the worker."""

from typing import Any

import numpy as np

from thalweg.errors import OutputError, SettingsError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.interrupts import Cancelled
from thalweg.landscape.numbers_in_words import spoken
from thalweg.landscape.runs.path import FEWEST_POINTS, evenly
from thalweg.landscape.runs.presets import title_of
from thalweg.network.formulas.activations import Array
from thalweg.studio.runs.live_run import LiveRun
from thalweg.studio.runs.measured_steps import gradient_of_step
from thalweg.studio.runs.open_runs import OpenRuns
from thalweg.studio.runs.run_recipe import ReadInPython, run_in_python
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import Task, TaskRun
from thalweg.tracing.update import MEMORY
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.stepping.stepped_run import SteppedRun

Plain = dict[str, Any]
# Seconds that an advance works, if it has so many steps to make.
SECONDS = 0.03
# Weights of a network that a page looks into: it gets each of them up to eight times.
MOST_WEIGHTS = 300_000
_EMPTY = ("theta", "slots", "scales")


class RunTasks:
    """The tasks, for some runs.

    Parameters
    ----------
    runs : OpenRuns
    read_in_python : callable
        From the id of a table, and how it is read, to the Python that reads it.
    """

    def __init__(self, runs: OpenRuns, read_in_python: ReadInPython) -> None:
        self._runs, self._read_in_python = runs, read_in_python

    @property
    def by_name(self) -> dict[str, Task]:
        """The tasks by their names."""
        return {
            "start-runs": self.start, "ready": self.ready, "advance": self.advance, "at": self.at,
            "fork": self.fork, "path": self.path, "keep": self.keep, "open": self.open,
            "recipe": self.recipe, "inside": self.inside,
        }  # fmt: skip

    def start(self, run: TaskRun) -> Packet:
        """Runs from one start; those that are there already are where they were."""
        asked = run.asked.head

        def tell(what: str) -> None:
            if run.cancellation.asked:
                raise Cancelled
            run.tell(Packet({"what": what}))

        found = self._runs.start(
            asked["table"], asked["choices"], asked["settings"], asked["rules"], tell
        )
        return Packet({"runs": [_listed(each) for each in found]})

    def ready(self, run: TaskRun) -> Packet:
        """Load a run, with what its first step needs; the points after one that the asker has."""
        live = self._runs.run(run.asked.head["run"])
        live.warm_up()
        points = live.measured.columns(run.asked.head["after"])
        return Packet({**live.as_dict(), "failed": None}, points)

    def advance(self, run: TaskRun) -> Packet:
        """Make steps for a short time; the points after one that the asker has."""
        asked = run.asked.head
        live, failed = self._runs.run(asked["run"]), None
        if asked["steps"]:
            try:
                live = self._runs.advance(
                    asked["run"], asked["steps"], asked.get("seconds", SECONDS)
                )
            except OutputError as why:  # the run goes on; it is only not kept
                failed = why.as_dict(as_option)
        return Packet({**live.as_dict(), "failed": failed}, live.measured.columns(asked["after"]))

    def at(self, run: TaskRun) -> Packet:
        """The state after a step."""
        asked = run.asked.head
        live = self._runs.run(asked["run"])
        found = live.at(asked["step"])
        state = found.run.standing.state
        arrays = {name: getattr(state, name) for name in _EMPTY}
        told = {"run": asked["run"], "step": found.step, "losses": _losses(live, found.step)}
        found.leave()
        return Packet(told, {key: each for key, each in arrays.items() if each is not None})

    def fork(self, run: TaskRun) -> Packet:
        """A run that begins with the state of another one, or anew at a point."""
        asked, theta = run.asked.head, run.asked.arrays.get("theta")
        step = asked.get("step") or 0
        if asked.get("anew"):
            found = self._runs.run(asked["run"]).at(step)
            theta = found.theta.copy()
            found.leave()
        live = self._runs.fork(asked["run"], step, asked.get("rule"), asked.get("rate"), theta)
        return Packet({"runs": [_listed(live)]})

    def path(self, run: TaskRun) -> Packet:
        """The recorded θ, thinned; with those before a fork, and of so many bytes, if asked."""
        asked = run.asked.head
        live = self._runs.run(asked["run"])
        thetas, steps = self._runs.way_of(asked["run"]) if asked.get("whole") else live.points()
        most = asked.get("bytes", thetas.nbytes) // max(1, thetas[0].nbytes)
        kept = evenly(len(thetas), max(FEWEST_POINTS, most))
        told = {"diverged": live.state == "diverged", "why": live.why, "title": title_of_run(live)}
        return Packet(told, {"theta": thetas[kept], "step": steps[kept].astype(np.int32)})

    def keep(self, run: TaskRun) -> Packet:
        """Write runs to the disk, and close them if that is asked, whichever of them fails."""
        asked, failed = run.asked.head, list[OutputError]()
        for each in asked["runs"]:
            try:
                if asked.get("close"):
                    self._runs.close(each)
                else:
                    self._runs.keep(each)
            except OutputError as why:
                failed.append(why)
        if failed:
            raise failed[0]
        return Packet({})

    def open(self, run: TaskRun) -> Packet:
        """Runs that are on the disk."""
        return Packet({"runs": [_listed(self._runs.run(each)) for each in run.asked.head["runs"]]})

    def recipe(self, run: TaskRun) -> Packet:
        """The Python that makes a run again, up to a step, or up to where it is."""
        live = self._runs.run(run.asked.head["run"])
        own, step = live.definition, run.asked.head.get("step", live.step)
        live.require_step(step)
        table = self._read_in_python(own.table, own.choices)
        return Packet({"python": run_in_python(own, step, table, self._runs.theta_of(own))})

    def inside(self, run: TaskRun) -> Packet:
        """A row there and back; θ before and after the next step, and its gradient."""
        asked = run.asked.head
        live, rows = self._runs.run(asked["run"]), self._runs.rows_of(asked["run"])
        n_weights = live.stepped.member.architecture.n_parameters
        if n_weights > MOST_WEIGHTS:
            raise SettingsError(
                f"A network of {n_weights:,} weights is too large to be looked into here",
                why=f"A page gets all of them several times, and takes {MOST_WEIGHTS:,} at most",
                fix="take fewer hidden units, or use thalweg trace with a fitted model",
            )
        found = live.at(asked["step"])
        member, theta = found.member, found.theta.copy()
        if asked.get("row") is not None and not asked.get("pick"):
            place = rows.place_of(asked["row"])
        else:
            place = rows.picked(asked.get("pick") or "worst", member.architecture, theta)
        traced = rows.traced(place, member.architecture, found.course.objective, theta)
        arrays, memory = {"theta": theta, "row_gradient": traced.gradient}, list[str]()
        optimizer = parse_optimizer(live.definition.last_rule)
        if not isinstance(optimizer, Lbfgs):
            memory = list(MEMORY[optimizer.rule])
            arrays |= _step(found, len(memory))
        found.leave()
        told = {
            "run": asked["run"], "step": asked["step"], "row": rows.number_of(place),
            "rows": rows.n_rows, "beside": list(rows.beside(place)),
            "trace": rows.facts(traced, place),
            "rule": live.definition.last_rule, "rate": _losses(live, asked["step"])["rate"],
            "memory": memory,
        }  # fmt: skip
        return Packet(told, arrays)


def _listed(live: LiveRun) -> Plain:
    """A run as a page lists it."""
    own, before = live.definition, live.definition.before
    return {
        **live.as_dict(), "id": own.id, "name": own.name, "title": title_of_run(live),
        "rule": own.last_rule,
        "first": own.first, "parent": None if before is None else before.id,
        "layers": len(live.stepped.member.architecture.sizes) - 1, "table": own.table,
        "choices": own.choices, "settings": own.settings, "about": list(live.about),
    }  # fmt: skip


def title_of_run(live: LiveRun) -> str:
    """What readers call a run."""
    own = live.definition
    title = title_of(own.name, own.rule) if own.before is None and not own.theta else ""
    told = title or spoken(own.last_rule)  # the name of a rule may be that of a preset too
    if own.before is not None:
        told += f", from step {own.first}"
    elif own.theta is not None:
        told += ", from a point"
    return told


def _losses(live: LiveRun, step: int) -> Plain:
    """What was measured at a step; null where it was not."""
    columns = live.measured.columns(step - 1)
    told: Plain = {}
    for key in ("train", "valid", "whole", "rate"):
        value = float(columns[key][0]) if len(columns[key]) else np.nan
        told[key] = value if np.isfinite(value) else None
    return told


def _step(found: SteppedRun, n_slots: int) -> dict[str, Array]:
    """The step that comes next: its gradient, the memory before it, and θ after it."""
    arrays, slots = {"gradient": gradient_of_step(found.run)}, found.run.standing.state.slots
    if slots.shape == (n_slots, len(found.theta)):
        arrays["slots"] = slots.copy()
    with np.errstate(all="ignore"):
        made = found.advance(1)
    if made and np.isfinite(found.theta).all():
        arrays["next"] = found.theta.copy()
    return arrays
