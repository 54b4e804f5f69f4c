"""The tasks of runs: each works for a short time, and the run stays in the memory of the worker."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from thalweg.errors import OutputError
from thalweg.landscape.numbers_in_words import spoken
from thalweg.landscape.runs.presets import title_of
from thalweg.studio.runs.live_run import LiveRun
from thalweg.studio.runs.open_runs import OpenRuns
from thalweg.studio.runs.run_recipe import run_in_python
from thalweg.studio.tasks.inside_task import inside_task
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import Task, TaskRun

Plain = dict[str, Any]
# Seconds that an advance works, if it has so many steps to make.
SECONDS = 0.03
_EMPTY = ("theta", "slots", "scales")


def run_tasks(
    runs: OpenRuns, table_in_python: Callable[[str, Mapping[str, Any]], list[str]]
) -> dict[str, Task]:
    """The tasks, for these runs.

    Parameters
    ----------
    runs : OpenRuns
    table_in_python : callable
        From the id of a table, and how it is read, to the lines of Python that read it.
    """

    def start(run: TaskRun) -> Packet:
        """Runs from one start; those that are there already are where they were."""
        asked = run.asked.head

        def tell(what: str) -> None:
            run.tell(Packet({"what": what}))

        found = runs.start(
            asked["table"], asked["choices"], asked["settings"], asked["rules"], tell
        )
        return Packet({"runs": [_listed(each) for each in found]})

    def advance(run: TaskRun) -> Packet:
        """Make steps for a short time; the points after one that the asker has."""
        asked = run.asked.head
        live, failed = runs.run(asked["run"]), None
        if asked["steps"]:
            try:
                live = runs.advance(asked["run"], asked["steps"], asked.get("seconds", SECONDS))
            except OutputError as why:  # the run goes on; it is only not kept
                failed = why.as_dict()
        return Packet({**live.as_dict(), "failed": failed}, live.measured.columns(asked["after"]))

    def at(run: TaskRun) -> Packet:
        """The state after a step."""
        asked = run.asked.head
        live = runs.run(asked["run"])
        found = live.at(asked["step"])
        state = found.run.standing.state
        arrays = {name: getattr(state, name) for name in _EMPTY}
        told = {"run": asked["run"], "step": found.step, "losses": _losses(live, found.step)}
        found.leave()
        return Packet(told, {key: each for key, each in arrays.items() if each is not None})

    def fork(run: TaskRun) -> Packet:
        """A run that begins with the state of another one."""
        asked = run.asked.head
        theta = asked.get("theta")
        live = runs.fork(
            asked["run"], asked.get("step") or 0, asked.get("rule"), asked.get("rate"),
            None if theta is None else np.array(theta, float),
        )  # fmt: skip
        return Packet({"runs": [_listed(live)]})

    def path(run: TaskRun) -> Packet:
        """The recorded θ, thinned."""
        thetas, steps = runs.run(run.asked.head["run"]).points()
        return Packet({}, {"theta": thetas, "step": steps.astype(np.int32)})

    def keep(run: TaskRun) -> Packet:
        """Write runs to the disk."""
        for each in run.asked.head["runs"]:
            runs.keep(each)
        return Packet({})

    def recipe(run: TaskRun) -> Packet:
        """The Python that makes a run again, up to a step, or up to where it is."""
        live = runs.run(run.asked.head["run"])
        own, step = live.definition, run.asked.head.get("step", live.step)
        live.require_step(step)
        load = table_in_python(own.table, own.choices)
        return Packet({"python": run_in_python(own, step, load, runs.theta_of(own))})

    return {
        "inside": inside_task(runs), "start-runs": start, "advance": advance, "at": at, "fork": fork, "path": path,
        "keep": keep, "recipe": recipe,
    }  # fmt: skip


def _listed(live: LiveRun) -> Plain:
    """A run as a page lists it."""
    own, before = live.definition, live.definition.before
    title = title_of(own.name, own.rule) if before is None and not own.theta else ""
    told = title or spoken(own.last_rule)  # the name of a rule may be that of a preset too
    if before is not None:
        told += f", from step {own.first}"
    elif own.theta is not None:
        told += ", from a point"
    return {
        **live.as_dict(), "id": own.id, "name": own.name, "title": told, "rule": own.last_rule,
        "first": own.first, "parent": None if before is None else before.id,
        "layers": len(live.stepped.member.architecture.sizes) - 1, "table": own.table,
        "choices": own.choices, "settings": own.settings, "about": list(live.about),
    }  # fmt: skip


def _losses(live: LiveRun, step: int) -> Plain:
    """What was measured at a step; null where it was not."""
    columns = live.measured.columns(step - 1)
    told: Plain = {}
    for key in ("train", "valid", "whole", "rate"):
        value = float(columns[key][0]) if len(columns[key]) else np.nan
        told[key] = value if np.isfinite(value) else None
    return told
