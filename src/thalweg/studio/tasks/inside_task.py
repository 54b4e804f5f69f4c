"""The task `inside`: a row through the network of a run at a step, and back, and the step itself."""

import numpy as np

from thalweg.network.formulas.activations import Array
from thalweg.studio.runs.live_run import LiveRun
from thalweg.studio.runs.measured_steps import gradient_of_step
from thalweg.studio.runs.open_runs import OpenRuns
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import Task, TaskRun
from thalweg.tracing.update import MEMORY
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.stepping.stepped_run import SteppedRun


def inside_task(runs: OpenRuns) -> Task:
    """The task, for these runs."""

    def inside(run: TaskRun) -> Packet:
        """The trace of a row; θ before the next step and after it, and the gradient of that step."""
        asked = run.asked.head
        live, rows = runs.run(asked["run"]), runs.rows_of(asked["run"])
        found = live.at(asked["step"])
        member, state = found.member, found.run.standing.state
        theta = state.theta.copy()
        if asked.get("row") is not None and not asked.get("pick"):
            place = rows.place_of(asked["row"])
        else:
            place = rows.picked(asked.get("pick") or "worst", member.architecture, theta)
        course = found.run.course
        traced = rows.traced(place, member.architecture, course.objective, theta)
        arrays = {"theta": theta, "row_gradient": traced.gradient}
        memory: tuple[str, ...] = ()
        optimizer = parse_optimizer(live.definition.last_rule)
        if not isinstance(optimizer, Lbfgs):
            memory = MEMORY[optimizer.rule]
            arrays |= _step(found, memory)
        found.leave()
        return Packet(
            {
                "run": asked["run"], "step": asked["step"], "row": rows.number_of(place),
                "rows": rows.n_rows, "trace": rows.facts(traced, place),
                "rule": live.definition.last_rule, "rate": _rate(live, asked["step"]),
                "memory": list(memory),
            },
            arrays,
        )  # fmt: skip

    return inside


def _rate(live: LiveRun, step: int) -> float | None:
    """The rate of the step that comes next, if it was made."""
    rates = live.measured.columns(step - 1)["rate"]
    return float(rates[0]) if len(rates) and np.isfinite(rates[0]) else None


def _step(found: SteppedRun, memory: tuple[str, ...]) -> dict[str, Array]:
    """The step that comes next: its gradient, the memory before it, and θ after it."""
    state, theta = found.run.standing.state, found.theta
    arrays = {"gradient": gradient_of_step(found.run)}
    if state.slots.ndim == 2 and state.slots.shape == (len(memory), len(theta)):
        arrays["slots"] = state.slots.copy()
    with np.errstate(all="ignore"):
        made = found.advance(1)
    if made and np.isfinite(found.theta).all():
        arrays["next"] = found.theta.copy()
    return arrays
