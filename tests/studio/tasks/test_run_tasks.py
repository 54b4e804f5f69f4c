"""The tasks of runs, as a worker does them: the next step of a weight, the Python of a step."""

from contextlib import suppress

import numpy as np
import pytest

from studio.runs.test_live_runs import InMemory, opened
from thalweg.errors import OutputError, SettingsError
from thalweg.interrupts import Cancellation
from thalweg.studio.runs.run_recipe import ReadTable
from thalweg.studio.tasks import run_tasks
from thalweg.studio.tasks.run_tasks import RunTasks
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import TaskRun

SMALL = {"steps": 20, "hidden": [4]}


class Asked:
    """A question, without a pipe, that nobody cancels."""

    def __init__(self, **head):
        self.asked, self.cancellation = Packet(head), Cancellation()

    def tell(self, packet):
        """Nobody listens."""


@pytest.fixture(scope="module")
def tasks():
    made = RunTasks(opened(), lambda table, choices: ReadTable("table = None", {})).by_name

    def ask(task: str, **head):
        run: TaskRun = Asked(task=task, **head)
        return made[task](run)

    return ask


def started(ask, rule, **settings):
    found = ask(
        "start-runs", table="sample:some", choices={}, settings=SMALL | settings, rules=[rule]
    ).head["runs"]
    run = found[0]["id"]
    ask("advance", run=run, steps=12, seconds=1e9, after=-1)
    return run


@pytest.mark.parametrize("rule", ["sgd:lr=0.5", "adam:lr=0.02", "sgd:lr=0.1,momentum=0.9"])
def test_inside_tells_the_step_that_comes_next(tasks, rule):
    run = started(tasks, rule)
    found = tasks("inside", run=run, step=5, row=7)
    arrays = found.arrays
    assert np.array_equal(arrays["theta"], tasks("at", run=run, step=5).arrays["theta"])
    assert np.array_equal(arrays["next"], tasks("at", run=run, step=6).arrays["theta"])
    assert (found.head["row"], found.head["rows"]) == (7, 150)
    if rule == "sgd:lr=0.5":
        assert np.array_equal(arrays["next"], arrays["theta"] - 0.5 * arrays["gradient"])
    if rule.startswith("adam"):
        assert found.head["memory"] == ["m", "v"]
        assert arrays["slots"].shape == (2, len(arrays["theta"]))
    # The newest step, too, has one that comes next; it is not made by looking.
    assert "next" in tasks("inside", run=run, step=12, pick="near").arrays
    assert tasks("advance", run=run, steps=0, after=-1).head["step"] == 12


def test_lbfgs_has_no_step_of_one_weight(tasks):
    run = started(tasks, "lbfgs", batch_size=105)
    found = tasks("inside", run=run, step=3, pick="worst")
    assert set(found.arrays) == {"theta", "row_gradient"}
    assert found.head["memory"] == []


def test_the_python_of_a_step_ends_there(tasks):
    run = started(tasks, "adam:lr=0.01")
    begin = "theta = thalweg.theta_of_run(table, 'adam:lr=0.01', "
    assert f"{begin}5, " in tasks("recipe", run=run, step=5).head["python"]
    assert f"{begin}12, " in tasks("recipe", run=run).head["python"]
    with pytest.raises(SettingsError, match="has not been at step 13"):
        tasks("recipe", run=run, step=13)


def test_the_network_of_a_fit_is_looked_into_and_a_very_large_one_refused(monkeypatch):
    runs = opened()
    ask = RunTasks(runs, lambda table, choices: ReadTable("", {})).by_name
    made = ask["start-runs"](
        Asked(table="sample:some", choices={}, settings={"preset": "default"}, rules=["default"])
    )
    run = made.head["runs"][0]["id"]
    found = ask["inside"](Asked(run=run, step=0, pick="worst"))
    n_weights = len(found.arrays["theta"])
    assert set(found.arrays) == {"theta", "row_gradient", "gradient", "slots", "next"}
    assert all(each.shape[-1] == n_weights for each in found.arrays.values())
    monkeypatch.setattr(run_tasks, "MOST_WEIGHTS", n_weights - 1)
    with pytest.raises(SettingsError, match="too large to be looked into") as told:
        ask["inside"](Asked(run=run, step=0, pick="worst"))
    assert "trace" in told.value.fix


def test_a_run_that_cannot_be_written_keeps_no_other_from_being_written():
    store = InMemory()
    tasks, write = (
        RunTasks(opened(store), lambda table, choices: ReadTable("", {})).by_name,
        store.write,
    )
    runs = [
        started(lambda task, **head: tasks[task](Asked(task=task, **head)), rule)
        for rule in ("adam:lr=0.02", "adam:lr=0.03")
    ]

    def full(run, name, data):
        if run == runs[0]:
            raise OutputError("It cannot be written", why="It is too large")
        write(run, name, data)

    store.files.clear()
    store.write = full
    for run in runs:
        with suppress(OutputError):
            tasks["advance"](Asked(run=run, steps=1, seconds=0.0, after=-1))
    with pytest.raises(OutputError, match="cannot be written"):
        tasks["keep"](Asked(runs=runs))
    assert list(store.files) == [(runs[1], "state")]
