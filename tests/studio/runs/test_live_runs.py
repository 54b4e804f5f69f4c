"""Live runs: the bits of the library, back to any step, forked, and kept on the disk."""

import random
import re
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from

import thalweg
from thalweg.data.read import load_table
from thalweg.errors import DataError, OutputError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.path import record
from thalweg.landscape.runs.presets import ARTICLE, entries
from thalweg.landscape.runs.rates_of_table import rates_of
from thalweg.sealed_container import seal, unseal
from thalweg.studio.runs import open_runs, run_files, shared_start
from thalweg.studio.runs.live_run import LiveRun
from thalweg.studio.runs.open_runs import OpenRuns
from thalweg.studio.runs.run_recipe import ReadTable, run_in_python
from thalweg.studio.runs.shared_start import SharedStart, all_settings
from thalweg.studio.workspace import kept_runs
from thalweg.training.callbacks import StepPath
from thalweg.training.descent import network_memory
from thalweg.training.train import train

TABLE = load_table("wisconsin")
SOME = replace(TABLE, frame=TABLE.frame[:150], target=TABLE.target[:150])
SMALL = {"steps": 20, "hidden": [4]}
RULES = (
    "sgd:lr=0.5", "adam:lr=0.02", "sgd:lr=0.1,momentum=0.9,average=2,schedule=cosine",
    "nesterov:lr=0.1,scales=4,schedule=plateau(patience=1)",
)  # fmt: skip
# What is the same for all tests: encoded rows.
STARTS = OrderedDict()


class InMemory:
    """The disk of a test."""

    def __init__(self):
        self.files = {}

    def read(self, run, name):
        return self.files.get((run, name))

    def write(self, run, name, data):
        self.files[run, name] = data


def opened(store=None, clock=lambda: 0.0):
    tables = {"all": TABLE, "some": SOME}
    runs = OpenRuns(
        store or InMemory(), lambda name, choices: tables[name.removeprefix("sample:")], clock
    )
    runs._starts = STARTS
    return runs


def started(runs, rules=("adam:lr=0.02",), table="some", **settings):
    return runs.start(f"sample:{table}", {}, {**SMALL, **settings}, rules)


def by_library(rule, steps=20, hidden=(4,), table=SOME, **more):
    """The path of the same run, by the landscape's own functions."""
    member, _ = member_of(table, hidden=hidden, steps=steps, held_out=0.2, **more)
    [entry] = entries([rule])
    run, last = with_own_batches(member, entry)
    return record(run, last_step=last)


def same_path(live, path):
    thetas, steps = live.points()
    expected = path.points() if isinstance(path, LiveRun) else (path.thetas, path.steps)
    assert np.array_equal(steps, expected[1])
    assert thetas.tobytes() == expected[0].tobytes()
    return True


@given(sampled_from(RULES), lists(integers(1, 17), min_size=1, max_size=4))
def test_a_run_has_the_path_of_the_landscape_however_it_is_cut(rule, cuts):
    require_same_path(rule, cuts)


def test_the_named_runs_have_the_paths_of_the_landscape():
    names = [*ARTICLE, "one-row"]
    member, _ = member_of(SOME, hidden=(4,), steps=20, held_out=0.2)
    rates = rates_of(member).rates
    for live, entry in zip(started(opened(), names), entries(names), strict=True):
        run, last = with_own_batches(member, entry.at(rates))
        while live.state == "open":
            live.advance(7)
        assert same_path(live, record(run, last_step=last))


def require_same_path(rule, cuts):
    [live] = started(opened(), [rule])
    number = 0
    while live.state == "open":
        live.advance(cuts[number % len(cuts)])
        number += 1
    assert same_path(live, by_library(rule))


def test_a_table_that_was_written_anew_has_new_runs_and_no_rows_for_the_old_ones():
    tables, state = [TABLE], ["a"]
    runs = OpenRuns(InMemory(), lambda name, choices: tables[0], state_of=lambda table: state[0])
    asked = ("open", {}, {"steps": 5, "hidden": [2]})
    [old] = runs.start(*asked, ["adam:lr=0.02"])
    assert "699 rows" in old.about[0]
    assert len(runs.rows_of(old.definition.id).matrix) == 699
    tables[0], state[0] = SOME, "b"
    [new] = runs.start(*asked, ["adam:lr=0.03"])
    assert "150 rows" in new.about[0]
    assert len(runs.rows_of(new.definition.id).matrix) == 150
    with pytest.raises(DataError, match="written anew after this run began"):
        runs.rows_of(old.definition.id)
    assert runs.start_of(old.definition) is old.start  # its ground is still of its rows


def test_lbfgs_has_the_path_of_the_landscape():
    [live] = started(opened(), ["lbfgs"], batch_size=10**6)
    while live.state == "open":
        live.advance(7)
    assert same_path(live, by_library("lbfgs", batch_size=10**6))
    twelve = live.at(12)
    thetas, steps = live.points()
    assert np.array_equal(twelve.theta, thetas[list(steps).index(12)])
    assert list(live.measured.columns()["step"]) == list(range(live.step))
    twelve.leave()


def test_the_article_has_four_descents_from_one_start():
    runs = opened().start("sample:all", {}, {"steps": 12}, ARTICLE)
    assert [each.definition.name for each in runs] == list(ARTICLE)
    assert len({each.stepped.theta.tobytes() for each in runs}) == 1
    assert runs[0].stepped.member.architecture.sizes == (10, 15, 1)  # one says what is missing
    assert runs[1].definition.rule != "sgd:lr={large}"


def test_steps_are_measured_where_they_begin():
    [live] = started(opened(), ["adam:lr=0.02"])
    live.advance(11)
    told = live.measured.columns()
    assert list(told["step"]) == list(range(11))
    path = StepPath()
    run, shared = live.stepped.member, live.stepped.course
    train(
        run.architecture, run.theta, run.data, run.loss, run.alpha, run.settings,
        rows=run.rows, held_out=run.held_out, callbacks=[path],
    )  # fmt: skip
    for step in range(11):
        state = live.at(step).run.standing.state
        assert np.array_equal(state.theta, path.points[step])
        assert told["valid"][step] == shared.held_out_loss(state)
        assert told["whole"][step] == pytest.approx(shared.training_loss(state))
    # The norm of the whole gradient is that of its layers together.
    norms = [record["gradient_norm"] for record in live.stepped.run.standing.history]
    whole = np.sqrt((told["gradient"].astype(float) ** 2).sum(axis=1))
    n = live.stepped.course.n_batches
    assert whole[:n].mean() == pytest.approx(norms[0], rel=1e-6)
    assert [len(each) for each in live.measured.columns(after=7).values()] == [3] * 6


@given(sampled_from(RULES), integers(0, 30), integers(0, 30))
def test_a_run_goes_on_from_its_file_with_equal_bits(rule, reached, back):
    store = InMemory()
    [whole] = started(opened(), [rule])
    whole.advance(1000)
    runs = opened(store)
    [live] = started(runs, [rule])
    live.advance(reached)
    runs.keep(live.definition.id)
    again = opened(store).run(live.definition.id)
    assert again.step == live.step
    assert again.state == live.state
    again.advance(1000)
    assert same_path(again, whole)
    for key, column in again.measured.columns().items():
        assert column.tobytes() == whole.measured.columns()[key].tobytes()
    step = min(back, whole.step)
    for part in ("theta", "slots"):
        one, other = (getattr(each.at(step).run.standing.state, part) for each in (again, whole))
        assert one.tobytes() == other.tobytes()


def test_a_fork_keeps_the_memory_and_changes_the_rate():
    runs = opened()
    [live] = started(runs)
    live.advance(20)
    fork = runs.fork(live.definition.id, 12, rate=0.1)
    assert (fork.step, fork.definition.first) == (12, 12)
    assert np.array_equal(fork.stepped.theta, live.at(12).theta)
    assert np.array_equal(
        fork.stepped.run.standing.state.slots, live.at(12).run.standing.state.slots
    )
    fork.advance(5)
    assert list(fork.measured.columns()["step"]) == [12, 13, 14, 15, 16]
    assert set(fork.measured.columns()["rate"]) == {0.1}
    assert fork.definition.before == live.definition
    other = runs.fork(fork.definition.id, 15, rule="sgd:lr=0.3")
    other.advance(4)
    assert (other.step, list(other.points()[1])) == (19, [15, 16, 17, 18, 19])
    with pytest.raises(SettingsError, match="has not been at step 24"):
        runs.fork(live.definition.id, 24, rate=0.2)
    with pytest.raises(SettingsError, match="lies before it"):
        runs.fork(fork.definition.id, 3, rate=0.2)
    with pytest.raises(SettingsError, match="same run"):
        runs.fork(live.definition.id, 3, rate=0.02)


def test_a_run_begins_at_a_given_point():
    store = InMemory()
    runs = opened(store)
    [live] = started(runs)
    theta = np.linspace(-1, 1, live.stepped.theta.size)
    fork = runs.fork(live.definition.id, 0, theta=theta)
    assert np.array_equal(fork.stepped.theta, theta)
    fork.advance(9)
    runs.keep(fork.definition.id)
    again = opened(store).run(fork.definition.id)
    assert again.step == 9
    assert np.array_equal(again.stepped.theta, fork.stepped.theta)
    with pytest.raises(SettingsError, match="none of this network"):
        runs.fork(live.definition.id, 0, theta=theta[1:])


@pytest.mark.parametrize("way", ["plain", "rate", "rule", "point"])
def test_the_python_of_a_run_gives_its_bits(way):
    runs = opened()
    [live] = started(runs, seed=5, alpha=0.1)
    live.advance(20)
    if way in ("rate", "rule"):
        given = {"rate": 0.5} if way == "rate" else {"rule": "rmsprop:lr=0.01"}
        live = runs.fork(live.definition.id, 11, **given)
    elif way == "point":
        live = runs.fork(live.definition.id, 0, theta=np.linspace(-1, 1, live.stepped.theta.size))
    live.advance(26 - live.step)
    assert same_by_python(live, runs.theta_of(live.definition))


def same_by_python(live, theta=None):
    """The program of a run gives its weights, by public names alone."""
    text = run_in_python(live.definition, live.step, ReadTable("table = given", {}), theta)
    modules = {each for each in text.splitlines() if re.match("import|from", each)}
    assert "import thalweg" in modules <= {"import thalweg", "import base64", "import numpy as np"}
    assert set(re.findall(r"thalweg\.(\w+)", text)) <= set(thalweg.__all__)
    told = {"given": SOME}
    exec(compile(text, "recipe", "exec"), told)
    assert told["theta"].tobytes() == live.stepped.theta.tobytes()
    return True


def test_a_run_that_diverges_says_where_and_what_to_do():
    store = InMemory()
    runs = opened(store)
    [live] = started(runs, ["sgd:lr=1e150"])
    live = runs.advance(live.definition.id, 1000, 1.0)
    assert live.state == "diverged"
    bad = live.divergence
    assert (bad.layer, bad.quantity) != (0, "")
    assert bad.rate == 0.1
    assert np.isfinite(live.stepped.theta).all()
    again = opened(store).run(live.definition.id)
    assert again.as_dict() == live.as_dict()
    assert np.array_equal(again.stepped.theta, live.stepped.theta)


def test_a_damaged_file_is_of_no_use_and_the_run_begins_anew():
    store = InMemory()
    runs = opened(store)
    [live] = started(runs)
    live.advance(13)
    run = live.definition.id
    runs.keep(run)
    good = store.files[run, "state"]
    for bad in (b"", good[:-1], good[:100] + b"x" + good[101:], b"\x00" * 5000):
        store.files[run, "state"] = bad
        assert opened(store).run(run).step == 0
    store.files[run, "run.json"] = b'{"table": 1}'
    with pytest.raises(DataError, match="no run of a studio"):
        opened(store).run(run)
    with pytest.raises(DataError, match="no such run"):
        opened(store).run("0" * 64)


def test_a_run_is_written_at_most_once_a_second():
    store, now = InMemory(), [0.0]
    writes = []
    store.write = lambda run, name, data: (
        writes.append(name) or store.files.update({(run, name): data})
    )
    runs = opened(store, clock=lambda: now[0])
    [live] = started(runs, steps=400)
    for step in range(30):
        now[0] = step * 0.1
        runs.advance(live.definition.id, 1, 0.03)
    assert writes.count("state") == 3
    runs.keep(live.definition.id)
    runs.keep(live.definition.id)
    assert writes.count("state") == 4


def test_a_worker_that_is_killed_twenty_times_loses_a_second_at_most():
    store, now, draws = InMemory(), [0.0], random.Random(7)
    [whole] = started(opened(), ["adam:lr=0.02"], steps=240)
    whole.advance(10**6)
    [live] = started(runs := opened(store, lambda: now[0]), ["adam:lr=0.02"], steps=240)
    run, kills = live.definition.id, sorted(draws.sample(range(5, 235), 20))
    made = {0: 0.0}  # at which second a step was made first
    while live.state == "open":
        now[0] += 0.05
        live = runs.advance(run, 1, 0.03)
        made.setdefault(live.step, now[0])
        if kills and live.step >= kills[0]:
            kills.pop(0)
            before = live.step
            runs = opened(store, lambda: now[0])
            live = runs.run(run)
            assert made[before] - made[live.step] <= 1.0 + 1e-9
            made = {step: second for step, second in made.items() if step <= live.step}
    assert not kills
    assert same_path(live, whole)
    for key, column in live.measured.columns().items():
        assert column.tobytes() == whole.measured.columns()[key].tobytes()


def test_the_default_run_has_the_weights_of_a_fit():
    store = InMemory()
    runs = opened(store)
    settings = {"preset": "default", "hidden": [5], "seed": 3}
    [live] = runs.start("sample:some", {}, settings, ["default"])
    live.advance(40)
    runs.keep(live.definition.id)
    live = opened(store).run(live.definition.id)
    assert live.step == 40
    live.advance(10**6)
    model = ThalwegClassifier(
        hidden_layer_sizes=(5,), early_stopping="hold-out", n_ensemble=1, random_state=3
    )
    model.fit(SOME.frame, SOME.target)
    assert live.stepped.outcome().theta.tobytes() == model.members_[0].theta.tobytes()
    assert live.state == "ended"
    assert np.isfinite(live.measured.columns()["valid"]).any()
    assert same_by_python(live)


FORGERIES = {
    "no place": lambda header, arrays: header.pop("place"),
    "no places": lambda header, arrays: header.update(places=[]),
    "many places": lambda header, arrays: header.update(
        places={str(n): header["place"] for n in range(100)}
    ),
    "a place elsewhere": lambda header, arrays: header["places"].update({"999": header["place"]}),
    "no number": lambda header, arrays: header["places"].update({"x": header["place"]}),
    "another step": lambda header, arrays: header.update(step=12),
    "a step beyond": lambda header, arrays: header.update(step=10**6),
    "no step": lambda header, arrays: header.update(step="13"),
    "another version": lambda header, arrays: header.update(thalweg="0.0.1"),
    "another run": lambda header, arrays: header["run"].update(loss="squared_error"),
    "an infinite count": lambda header, arrays: header["place"].update(epochs=2**60),
    "negative counts": lambda header, arrays: header["place"].update(within=-1),
    "no counts": lambda header, arrays: header.update(place={"steps": []}),
    "no interval": lambda header, arrays: header.update(every=0),
    "no weights": lambda header, arrays: arrays.pop("place/state/theta"),
    "other weights": lambda header, arrays: arrays.update(
        {"place/state/theta": arrays["place/state/theta"][1:]}
    ),
    "NaN": lambda header, arrays: arrays["place/state/theta"].fill(np.nan),
    "no history": lambda header, arrays: arrays.pop("history"),
    "a flat history": lambda header, arrays: arrays.update(history=np.zeros(3)),
    "a false history": lambda header, arrays: arrays["history"].fill(2.0),
    "fewer points": lambda header, arrays: arrays.update(
        {"measured/train": arrays["measured/train"][1:]}
    ),
    "points astray": lambda header, arrays: arrays["measured/step"].fill(0),
    "text as points": lambda header, arrays: arrays.update(
        {"measured/train": np.zeros(3, np.uint8)}
    ),
    "no path": lambda header, arrays: arrays.pop("path/thetas"),
    "a short path": lambda header, arrays: arrays.update({"path/counts": np.arange(2)}),
    "a path backwards": lambda header, arrays: arrays.update(
        {"path/steps": arrays["path/steps"][::-1].copy()}
    ),
    "more arrays": lambda header, arrays: arrays.update({"path/x": np.zeros(3)}),
}


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_file_is_of_no_use_and_the_run_begins_anew(forgery):
    store = InMemory()
    runs = opened(store)
    [live] = started(runs)
    live.advance(13)
    run = live.definition.id
    runs.keep(run)
    header, arrays = unseal(store.files[run, "state"])
    FORGERIES[forgery](header, arrays)
    store.files[run, "state"] = seal(header, arrays)
    again = opened(store).run(run)
    assert again.step == 0
    again.advance(13)
    assert same_path(again, live)
    assert list(again.measured.columns()["step"]) == list(range(13))


def test_a_run_that_only_lies_in_a_worker_does_not_write_over_that_of_another():
    store = InMemory()
    here, there = opened(store), opened(store)
    [live] = started(here)
    run = live.definition.id
    there.advance(run, 9, 1.0)
    here.close(run)
    assert here.run(run).step == there.run(run).step == 9
    here.advance(run, 4, 1.0)
    here.close(run)
    assert opened(store).run(run).step == 13


def test_a_full_disk_is_tried_again_after_a_second():
    store, now, tried = InMemory(), [0.0], []
    runs = opened(store, clock=lambda: now[0])
    [live] = started(runs, steps=400)

    def full(run, name, data):
        tried.append(now[0])
        raise OutputError("It cannot be written", why="the disk is full")

    store.write = full
    for step in range(25):
        now[0] = step * 0.1
        with suppress(OutputError):
            runs.advance(live.definition.id, 1, 0.03)
    assert live.step == 25
    assert len(tried) == 3


@pytest.mark.parametrize("rule", ["adam:lr=0.02", "sgd:lr=0.1,average=2"])
def test_a_run_that_is_too_large_is_refused_before_it_is_copied_and_no_other_one(rule, monkeypatch):
    store = InMemory()
    runs = opened(store)
    [live] = started(runs, [rule], hidden=[30], steps=40)
    run, sizes = live.definition.id, []
    runs.advance(run, 40, 10.0)
    monkeypatch.setattr(run_files, "require_small", lambda name, size: sizes.append(size))
    runs._written.clear()
    runs.keep(run)
    written = len(store.files[run, "state"])
    assert 0.5 * written < sizes[0] <= written
    monkeypatch.undo()
    monkeypatch.setattr(kept_runs, "MOST_BYTES", sizes[0] - 1)
    monkeypatch.setattr(run_files, "seal", None)
    runs._written.clear()
    with pytest.raises(OutputError, match="too large to be kept"):
        runs.keep(run)


def test_no_batches_are_said_of_runs_that_may_take_all_rows():
    start = SharedStart.of(load_table("wisconsin", labels=True), all_settings({}))
    assert start.about[-1] == "Network 10-15-1 (relu), 181 weights; 408 steps of each run; seed 0."


def test_a_run_that_cannot_be_written_keeps_no_other_from_beginning(monkeypatch):
    monkeypatch.setattr(open_runs, "MOST_OPEN", 1)
    store = InMemory()
    runs, write = opened(store), store.write

    def full(run, name, data):
        if name == "state":
            raise OutputError("It cannot be written", why="the disk is full")
        write(run, name, data)

    store.write = full
    [first] = started(runs)
    with suppress(OutputError):
        runs.advance(first.definition.id, 3, 0.03)
    [second] = started(runs, rules=("adam:lr=0.03",))
    assert runs.run(second.definition.id) is second
    assert runs.run(first.definition.id).step == 0  # its steps can be made again


def test_rates_that_take_too_long_to_find_are_asked_for(monkeypatch):
    monkeypatch.setattr(shared_start, "SECONDS_FOR_RATES", 0.0)
    runs = opened()
    with pytest.raises(SettingsError, match="would take about") as error:
        started(runs, rules=("sgd",))
    assert "sgd:lr=0.1" in str(error.value)
    [live] = started(runs, rules=("sgd:lr=0.1",))
    assert live.definition.rule == "sgd:lr=0.1"


@pytest.mark.parametrize("rule", [RULES[1], RULES[3]])
def test_a_run_that_was_warmed_up_stands_at_its_start_and_has_equal_bits(rule):
    runs = opened()
    [live] = started(runs, [rule])
    live.warm_up()
    assert (live.step, live.measured.steps, len(live.points()[0])) == (0, [], 1)
    live.advance(3)
    live.warm_up()  # its steps are loaded by themselves
    live.advance(20)
    assert same_path(live, by_library(rule))


def test_runs_that_do_not_fit_into_memory_together_are_refused(monkeypatch):
    store = InMemory()
    rules = [f"adam:lr=0.0{n}" for n in range(1, 9)]
    monkeypatch.setattr(network_memory, "available_memory", lambda: 20_000)  # one fits
    one = started(opened(store), rules[:1])[0]
    with pytest.raises(SettingsError, match="only 20 KB are available") as told:
        started(opened(store), rules)
    assert "give fewer units in hidden" in told.value.fix
    assert list(store.files) == [(one.definition.id, "run.json")]  # nothing is kept of them
    monkeypatch.setattr(network_memory, "available_memory", lambda: 5_000)
    with pytest.raises(SettingsError, match="only 5 KB are available"):
        opened(store).run(one.definition.id)
