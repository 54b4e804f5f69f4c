"""Checkpoints: however a run ends, it resumes to the same bits, or the file is refused."""

import errno
import io
import json
import platform
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from itertools import product

import llvmlite.binding
import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from descents import CASES, LOSS, Clock, in_slices_of, problem, same
from faulty import OPERATIONS, Faulty, os_error
from killed import descend as descend_by_task
from killed import outcome
from places import HELPERS
from slow_cases import slow_but
from thalweg import files, load_table
from thalweg.counter_based_random import generator
from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import CheckpointError, CheckpointWarning, OutputError, SettingsError, Status
from thalweg.files import write_atomic
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, choose
from thalweg.network.reference_engine import ReferenceEngine
from thalweg.sealed_container import read_sealed, seal
from thalweg.training import checkpoint as checkpoint_module
from thalweg.training.callbacks import MOMENTS, Callback, EpochPath, StopWhen
from thalweg.training.checkpoint import Checkpoint, surroundings
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.progress import Log, ShownProgress
from thalweg.training.train import train

WITHOUT, HELD_OUT = {}, {"rows": np.arange(20, 60), "held_out": np.arange(20)}


def member(
    text="adam:lr=0.05,schedule=cosine", batch_size=8, epochs=6, rows=None, held_out=None, **more
):
    architecture, theta, data = problem()
    settings = Settings(parse_optimizer(text), batch_size, epochs, **more)
    return Member(architecture, theta, data, LOSS, 0.1, settings, rows, held_out)


def descend(one, path=None, *callbacks, engine=None, clock=None, progress=None, **kept):
    return train(
        one.architecture, one.theta, one.data, one.loss, one.alpha, one.settings,
        rows=one.rows, held_out=one.held_out, callbacks=callbacks, engine=engine,
        checkpoint=Checkpoint(path, **kept) if path else None, progress=progress,
        clock=clock or time.monotonic,
    )  # fmt: skip


class StopAt(Callback):
    """Asks for the end before a step."""

    def __init__(self, step):
        self.step = step

    def step_begin(self, moment):
        return moment.step == self.step


# What a case keeps of its own (memory of the rule, patience, rate, noise, average) once each,
# by turns with rows held out and without.
TAKEN_UP = {
    ("all rows", "no judge"), ("one row", "judge"), ("patience", "judge"),
    ("plateau", "no judge"), ("dropout", "no judge"), ("cut", "judge"),
    ("average over all rows", "judge"), ("average", "no judge"), ("scales", "judge"),
}  # fmt: skip
JUDGES = {"no judge": WITHOUT, "judge": HELD_OUT}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("case", "judge"),
    slow_but(TAKEN_UP, product([name for name in CASES if name != "diverging"], JUDGES)),
)
@given(st.data())
@settings_of_hypothesis(max_examples=6)
def test_taken_up_at_any_step_it_comes_to_the_same_bits(case, judge, tmp_path_factory, draw):
    held_out = JUDGES[judge]
    batch_size, text, more = CASES[case]
    one = member(text, batch_size, 9, **held_out, **more)
    whole = descend(one)
    steps = whole.history[-1]["steps"]
    path = tmp_path_factory.mktemp("run") / "kept"
    for step in sorted(draw.draw(st.sets(st.integers(1, steps - 1), max_size=4))):
        stopped = descend(one, path, StopAt(step))
        assert stopped.status is Status.STOPPED
        done, n = read_sealed(path)[0]["place"], steps // len(whole.history)
        assert done["epochs"] * n + done["within"] == step
    engine = in_slices_of(draw.draw(st.integers(1, 100)))
    assert same(descend(one, path, engine=engine), whole)
    # And once more: there is nothing left to do.
    counting = in_slices_of(10**4)
    assert same(descend(one, path, engine=counting), whole)
    assert sum(counting.calls) <= steps  # the best epoch, once more


def passing(engine):
    """An engine that passes for the one that it is derived from, whose bits it has."""
    type(engine).__name__ = type(engine).__base__.__name__
    return engine


def test_it_goes_on_where_it_was_and_does_not_begin_anew(tmp_path):
    one, path, calls = member(), tmp_path / "kept", []
    descend(one, path, StopAt(19))

    kind = type(choose())

    class Watched(kind):
        def steps(self, *arguments):
            calls.append((len(arguments[6]), arguments[7], arguments[3].step))
            return super().steps(*arguments)

    diary = []
    note = {
        name: lambda self, moment: diary.append((moment.epoch, moment.step))
        for name in ("train_begin", "epoch_begin")
    }
    descend(one, path, type("Diary", (Callback,), note)(), engine=passing(Watched()))
    assert calls[0] == (5, 3, 19)
    assert sum(count for count, _, _ in calls[:4]) == 48 - 19
    assert diary == [(2, 19), (4, 24), (5, 32), (6, 40)]


@pytest.mark.parametrize("name", [name for name in MOMENTS if name != "train_end"])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_exception_in_a_callback_loses_nothing(tmp_path, name, error):
    one, path = member(), tmp_path / "kept"

    def fail(self, moment):
        if moment.epoch >= 3:
            raise error

    failing = type("Fail", (Callback,), {name: fail})()
    whole = descend(one)
    if name == "train_begin":
        descend(one, path, StopAt(24))
    if error is KeyboardInterrupt:
        assert descend(one, path, failing).status is Status.INTERRUPTED
    else:
        with pytest.raises(error):
            descend(one, path, failing)
    place = read_sealed(path)[0]["place"]
    reached = {"epoch_begin": 16, "step_begin": 16, "step_end": 17, "improved": 32}.get(name, 24)
    assert place["epochs"] * 8 + place["within"] == reached
    assert same(descend(one, path), whole)


def test_progress_goes_on_where_it_was(tmp_path):
    one, path, stream = member(), tmp_path / "kept", io.StringIO()
    descend(one, path, StopWhen(lambda moment: moment.epoch == 4))
    with ShownProgress("Training", 6, Log(stream)) as progress:
        descend(one, path, progress=progress)
    assert stream.getvalue().startswith("Training: 6 epochs, loss ")


def test_progress_that_fails_loses_nothing(tmp_path):
    class Full:
        def epoch(self, record):
            if record["epoch"] == 4:
                raise OSError("no room")

    one, path = member(**HELD_OUT), tmp_path / "kept"
    with pytest.raises(OSError, match="no room"):
        descend(one, path, progress=Full())
    assert read_sealed(path)[0]["place"]["epochs"] == 4
    assert same(descend(one, path), descend(one))


def test_ctrl_c_inside_a_step_leaves_the_last_checkpoint(tmp_path):
    class Struck(ReferenceEngine):
        count = 0

        def loss_and_gradient(self, *arguments):
            Struck.count += 1
            if Struck.count == 21:
                raise KeyboardInterrupt
            return super().loss_and_gradient(*arguments)

    one, path = member(**HELD_OUT), tmp_path / "kept"
    descent = descend(one, path, engine=passing(Struck()), every_epochs=1)
    assert descent.status is Status.INTERRUPTED
    assert read_sealed(path)[0]["place"]["epochs"] == len(descent.history) == 4
    readable = {"engine": choose("reference")}
    assert same(descend(one, path, **readable), descend(one, **readable))


@pytest.mark.parametrize("held_out", [WITHOUT, HELD_OUT], ids=["no judge", "judge"])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_ctrl_c_where_theta_has_moved_and_an_error_behind_it_leave_the_last_checkpoint(
    tmp_path, held_out, error
):
    kind = type(choose())

    class Struck(kind):
        count = 0

        def steps(self, *arguments):
            ran = super().steps(*arguments)
            self.count += 1
            if self.count == 4:
                raise KeyboardInterrupt  # θ is an epoch further than what is known of it
            return ran

    def fail(self, moment):
        raise error

    one, path = member(**held_out), tmp_path / "kept"
    failing = type("Fail", (Callback,), {"train_end": fail, "epoch_begin": lambda *_: None})()
    descend(one, path, StopWhen(lambda moment: moment.epoch == 1))
    before = path.read_bytes()
    with pytest.raises(error):
        descend(one, path, failing, engine=passing(Struck()))
    assert path.read_bytes() == before
    assert same(descend(one, path), descend(one))


def test_a_descent_that_diverged_diverges_again(tmp_path):
    one, path = member("sgd:lr=1e80", epochs=50), tmp_path / "kept"
    whole = descend(one)
    assert whole.status is Status.DIVERGED
    assert same(descend(one, path, engine=in_slices_of(3), every_seconds=0), whole)
    assert same(descend(one, path), whole)


def test_time_that_was_up_may_be_given_again(tmp_path):
    one, path = member(time_limit=2.5), tmp_path / "kept"
    engine = in_slices_of(3)
    whole = descend(member())
    runs = 0
    while (found := descend(one, path, engine=engine, clock=Clock())).status is Status.TIME_LIMIT:
        runs += 1
        assert runs < 40
    assert runs > 5
    assert same(found, whole)
    assert same(descend(replace(one, settings=replace(one.settings, time_limit=None)), path), whole)


def test_patience_goes_on_counting_where_it_was(tmp_path):
    # No epoch after the first lowers the loss by that much.
    one, path = member(epochs=50, patience=3, tol=10.0), tmp_path / "kept"
    descend(one, path, StopAt(3 * 8))
    taken_up = descend(one, path)
    assert (taken_up.status, len(taken_up.history)) == (Status.PATIENCE, 4)


def test_what_has_ended_is_not_written_again(tmp_path, monkeypatch):
    one, path, counted = member(), tmp_path / "kept", Saves()
    descend(one, path)
    monkeypatch.setattr(files, "filesystem", counted)
    assert descend(one, path).status is Status.MAX_EPOCHS
    assert counted.count == 0


def test_what_was_taken_up_and_has_not_moved_is_not_written_again(tmp_path, monkeypatch):
    def fail(self, moment):
        raise ZeroDivisionError

    one, path, counted = member(), tmp_path / "kept", Saves()
    descend(one, path, StopAt(19))
    monkeypatch.setattr(files, "filesystem", counted)
    with pytest.raises(ZeroDivisionError):
        descend(one, path, type("Fails", (Callback,), {"train_begin": fail})())
    assert counted.count == 0


# When it is written


class Saves(Faulty):
    """Counts the files that were put in their place."""

    def __init__(self):
        super().__init__(0, lambda: None)

    @property
    def count(self):
        return self.done.count("sync")


@pytest.mark.parametrize(
    ("kept", "clock", "saves"),
    [
        ({"every_seconds": 1e9}, 1.0, 1),
        ({"every_seconds": 0}, 1.0, 18),
        ({"every_seconds": 1e9, "every_epochs": 1}, 1.0, 6),
        ({"every_seconds": 1e9, "every_epochs": 4}, 1.0, 2),
        ({"every_seconds": 1e9, "every_epochs": 100}, 1.0, 1),
        # The clock is looked at twice a slice, and once more where something was written:
        # 1; 2, 3; 4, 5 and 6; 7, 8; 9, 10 …, and of 30 seconds 1; 6, 11; 16, 21; 26, 31 …
        ({"every_seconds": 2.5}, 1.0, 9),
        ({}, 5.0, 6),
    ],
)
def test_it_is_written_as_often_as_was_said_and_at_the_end(
    tmp_path, monkeypatch, kept, clock, saves
):
    counted = Saves()
    monkeypatch.setattr(files, "filesystem", counted)
    engine = in_slices_of(3)
    descend(member(), tmp_path / "kept", engine=engine, clock=Clock(clock), **kept)
    assert counted.count == saves


def test_slices_end_where_a_checkpoint_is_due(tmp_path):
    engine = in_slices_of(10**4)
    descend(member(epochs=10), tmp_path / "kept", engine=engine, every_epochs=4)
    assert engine.calls[:3] == [32, 32, 16]


def test_taken_up_between_two_checkpoints_the_next_is_due_where_it_was(tmp_path):
    one, path, engine = member(epochs=12), tmp_path / "kept", in_slices_of(10**4)
    descend(one, path, StopAt(6 * 8), every_epochs=4)
    descend(one, path, engine=engine, every_epochs=4)
    # Two epochs are left of the second four.
    assert engine.calls[:2] == [16, 32]


def test_equal_runs_make_equal_files(tmp_path):
    for name in ("one", "other"):
        descend(member(), tmp_path / name, StopWhen(lambda moment: moment.epoch == 3))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize(
    "kept", [{"every_seconds": -1}, {"every_seconds": np.nan}, {"every_epochs": 0}]
)
def test_how_often_must_have_a_meaning(kept):
    with pytest.raises(SettingsError, match=next(iter(kept))):
        Checkpoint("kept", **kept)


def test_lbfgs_cannot_be_kept(tmp_path):
    with pytest.raises(SettingsError, match=r"inside SciPy.*another rule"):
        descend(member("lbfgs", None), tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["no folder/kept", "."])
def test_where_nothing_can_be_written_is_said_at_once(tmp_path, path):
    with pytest.raises(OutputError):
        descend(member(), tmp_path / path)


# What is refused


def others():
    """For each thing that a run depends on: another run, and how the difference is told."""
    one = member(**HELD_OUT)
    data, settings, theta = one.data, one.settings, one.theta.copy()
    X, Y, weights = data.X.copy(), data.Y.copy(), data.weights.copy()
    X[3, 1], Y[3, 0], weights[3] = X[3, 1] + 1e-12, 1 - Y[3, 0], weights[3] * 2
    theta[0] = np.nextafter(theta[0], 9)
    small = {"data": Data.of(data.X.astype("f"), data.Y, data.weights), "theta": theta.astype("f")}
    wide = Architecture.dense(3, (6,), 1, "tanh")
    relu = Architecture.dense(3, (5,), 1, "relu")
    sizes = {"architecture": wide, "theta": initial_theta(wide, "he", generator(0, "weights"))}
    adam = "adam:lr=0.05,schedule=cosine"
    hashes = "[0-9a-f]{8}… → [0-9a-f]{8}…"
    changes = {
        "inputs": ({"data": replace(data, X=X)}, f"in 1: inputs: {hashes}"),
        "targets": ({"data": replace(data, Y=Y)}, f"in 1: targets: {hashes}"),
        "weights": (
            {"data": replace(data, weights=weights)},
            f"in 1: sample weights: {hashes}",
        ),
        "rows": ({"rows": np.arange(21, 60)}, f"in 1: training rows: {hashes}"),
        "their order": ({"rows": one.rows[::-1].copy()}, f"in 1: training rows: {hashes}"),
        "judges": ({"held_out": np.arange(19)}, f"in 1: held-out rows: {hashes}"),
        "no judges": ({"held_out": None}, "in 1: held-out rows: [0-9a-f]{8}… → none"),
        "start": ({"theta": theta}, f"in 1: starting point: {hashes}"),
        "loss": ({"loss": "squared_error"}, f"in 1: loss: {LOSS} → squared_error"),
        "alpha": ({"alpha": 0.2}, "in 1: alpha: 0.1 → 0.2"),
        "dtype": (small, "in 4: dtype: float64 → float32; inputs"),
        "width": (sizes, r"sizes: \(3, 5, 1\) → \(3, 6, 1\)"),
        "activation": (
            {"architecture": relu},
            r"in 1: activations: \('tanh', 'identity'\) → \('relu', 'identity'\)",
        ),
    }
    for name, value, told in (
        ("optimizer", parse_optimizer("sgd:lr=0.5"), f"optimizer: {adam} → sgd:lr=0.5"),
        ("batch_size", None, "batch size: 8 → None"),
        ("max_epochs", 7, "max epochs: 6 → 7"),
        ("stop_after", 3, "stop after: None → 3"),
        ("patience", 9, "patience: None → 9"),
        ("tol", 1e-9, "tol: 0.0 → 1e-09"),
        ("seed", 1, "seed: 0 → 1"),
        ("l1", 0.5, "l1: 0.0 → 0.5"),
        ("dropout", 0.25, "dropout: 0.0 → 0.25"),
        ("label_smoothing", 0.125, "label smoothing: 0.0 → 0.125"),
    ):
        changes[name] = {"settings": replace(settings, **{name: value})}, f"in 1: {told}"
    return {name: (replace(one, **change), told) for name, (change, told) in changes.items()}


OTHERS = others()


def test_every_setting_is_one_that_a_run_depends_on_but_for_the_time_limit():
    assert set(vars(member().settings)) <= {*OTHERS, "time_limit"}


@pytest.mark.parametrize("name", OTHERS)
def test_another_run_is_refused_with_what_differs(tmp_path, name):
    path, (other, told) = tmp_path / "kept", OTHERS[name]
    descend(member(**HELD_OUT), path, StopAt(19))
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=f"one of another run .*{told}") as refused:
        descend(other, path)
    assert str(path) in str(refused.value)
    assert "delete it to start anew" in refused.value.fix
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_all_differences_are_listed(tmp_path):
    path = tmp_path / "kept"
    descend(member(), path, StopAt(19))
    other = member("sgd:lr=1", epochs=9, seed=4)
    told = (
        r"It differs in 3: max epochs: 6 → 9; "
        r"optimizer: adam:lr=0.05,schedule=cosine → sgd:lr=1; seed: 0 → 4\."
    )
    with pytest.raises(CheckpointError, match=told):
        descend(other, path)


def test_another_engine_is_another_run(tmp_path):
    path = tmp_path / "kept"
    descend(member(), path, StopAt(19), engine=choose("compiled"))
    with pytest.raises(CheckpointError, match="engine: CompiledEngine → ReferenceEngine"):
        descend(member(), path, engine=choose("reference"))


def test_another_version_of_thalweg_is_another_run(tmp_path):
    path, header, arrays = kept(tmp_path)
    header["thalweg"] = "0.0.9"
    write_atomic(path, seal(header, arrays), overwrite=True)
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=r"in 1: thalweg: 0\.0\.9 → "):
        descend(member(), path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["numpy", "numba", "processor"])
def test_other_surroundings_are_said_and_it_goes_on(tmp_path, name):
    path, header, arrays = kept(tmp_path)
    assert header["surroundings"] == surroundings()
    header["surroundings"][name] = "another"
    write_atomic(path, seal(header, arrays), overwrite=True)
    here = re.escape(f"elsewhere: {name}: another → {surroundings()[name]}. ")
    with pytest.warns(CheckpointWarning, match=f"{re.escape(str(path))} .*{here}") as said:
        again = descend(member(), path)
    assert len(said) == 1
    assert said[0].filename == __file__
    assert same(again, descend(member()))
    # What was written since was written here, and that is no difference.
    assert same(descend(member(), path), again)


def test_surroundings_are_the_libraries_and_the_processor(monkeypatch):
    found = surroundings()
    assert found["numpy"] == np.__version__
    assert found["numba"] == numba.__version__
    assert found["processor"].split()[0] == llvmlite.binding.get_host_cpu_name()
    assert found["processor"].split()[1:] == np.show_config("dicts")["SIMD Extensions"]["found"]
    monkeypatch.setattr(checkpoint_module, "version", without_numba)
    bare = surroundings.__wrapped__()
    assert (bare["numba"], bare["processor"].split()[0]) == ("none", platform.machine())


def without_numba(name):
    if name == "numba":
        raise PackageNotFoundError(name)
    return version(name)


def kept(tmp_path, step=19, **how):
    """A checkpoint in the middle of a run: its path, header and arrays."""
    path = tmp_path / "kept"
    descend(member(**how), path, StopAt(step))
    return path, *read_sealed(path)


@given(st.data())
@settings_of_hypothesis(max_examples=60)
def test_a_damaged_file_is_refused_and_left(tmp_path_factory, draw):
    path, *_ = kept(tmp_path_factory.mktemp("damage"))
    sound = path.read_bytes()
    at = draw.draw(st.integers(0, len(sound) - 1))
    damage = draw.draw(st.sampled_from(["flip", "cut", "more"]))
    bad = {
        "flip": sound[:at]
        + bytes([sound[at] ^ 1 << draw.draw(st.integers(0, 7))])
        + sound[at + 1 :],
        "cut": sound[:at],
        "more": sound + b"\0",
    }[damage]
    path.write_bytes(bad)
    with pytest.raises(CheckpointError, match="cannot be resumed") as refused:
        descend(member(), path)
    assert "model" not in str(refused.value)
    assert path.read_bytes() == bad


@pytest.mark.parametrize(
    "foreign", [b"", b"PK\x03\x04", b"\x80\x04K\x01.", b"a,b\n1,2\n", b"\x93NUMPY"]
)
def test_a_foreign_file_is_refused_and_left(tmp_path, foreign):
    path = tmp_path / "table"
    path.write_bytes(foreign)
    with pytest.raises(CheckpointError, match="cannot be resumed"):
        descend(member(), path)
    assert path.read_bytes() == foreign


def test_a_model_file_is_refused(tmp_path):
    path = tmp_path / "model"
    write_atomic(path, seal({"kind": "classifier", "format": 1}, {}))
    with pytest.raises(CheckpointError, match="another kind: classifier"):
        descend(member(), path)


def test_a_newer_format_is_distinguished(tmp_path):
    path, header, arrays = kept(tmp_path)
    header["format"], header["thalweg"] = 2, "9.9"
    write_atomic(path, seal(header, arrays), overwrite=True)
    with pytest.raises(CheckpointError, match=r"format 2, and format 1 is known.*thalweg 9\.9"):
        descend(member(), path)


def changed(header, keys, value):
    for key in keys[:-1]:
        header = header[key]
    if value is None:
        del header[keys[-1]]
    else:
        header[keys[-1]] = value


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["kind"], None),
        (["format"], "1"),
        (["format"], None),
        (["place"], None),
        (["place"], [1]),
        (["place"], ["ahead", "best_epoch", "epochs", "steps", "within"]),
        (["run"], None),
        (["run"], "all"),
        (["run", "loss"], 3),
        (["surroundings"], None),
        (["surroundings"], "here"),
        (["surroundings", "numpy"], 2),
        (["thalweg"], None),
        (["thalweg"], 1),
        (["more"], 1),
        *[(["place", name], value)
          for name in ("epochs", "within", "best_epoch", "ahead")
          for value in (None, -1, 2**53, 1.0, True, "1", [1])],
        (["place", "epochs"], 1),
        (["place", "epochs"], 7),
        (["place", "within"], 0),
        (["place", "within"], 2),
        (["place", "within"], 8),
        (["place", "best_epoch"], 3),
        (["place", "ahead"], 2),
        (["place", "more"], 1),
        (["place", "steps"], 19),
        (["place", "steps", "state"], None),
        (["place", "steps", "state"], -1),
        (["place", "steps", "state"], 0.5),
        (["place", "steps", "state"], 2**53),
        (["place", "steps", "start"], None),
        (["place", "steps", "other"], 1),
    ],
)  # fmt: skip
def test_a_header_that_makes_no_sense_is_refused(tmp_path, keys, value):
    path, header, arrays = kept(tmp_path)
    changed(header, keys, value)
    write_atomic(path, seal(header, arrays), overwrite=True)
    with pytest.raises(CheckpointError):
        descend(member(), path)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    "name", ["state/theta", "best/slots", "start/theta", "history", "losses", "norms", "best_loss"]
)
@pytest.mark.parametrize("how", ["gone", "float32", "flat", "longer"])
def test_arrays_that_do_not_fit_are_refused(tmp_path, name, how):
    path, header, arrays = kept(tmp_path)
    array = arrays.pop(name)
    if how != "gone":
        arrays[name] = {
            "float32": array.astype("f"),
            "flat": array[None],
            "longer": np.concatenate([array, array]),
        }[how]
    write_atomic(path, seal(header, arrays), overwrite=True)
    with pytest.raises(CheckpointError, match="arrays are not those"):
        descend(member(), path)


def test_an_array_too_many_is_refused(tmp_path):
    path, header, arrays = kept(tmp_path)
    write_atomic(path, seal(header, {**arrays, "more": np.zeros(1)}), overwrite=True)
    with pytest.raises(CheckpointError, match="arrays are not those"):
        descend(member(), path)


@pytest.mark.parametrize("place", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_a_history_that_does_not_count_is_refused(tmp_path, place):
    path, header, arrays = kept(tmp_path)
    arrays["history"][place] += 1
    write_atomic(path, seal(header, arrays), overwrite=True)
    with pytest.raises(CheckpointError, match=r"numbered from 1 on|follow from its epochs"):
        descend(member(), path)


@pytest.mark.parametrize("how", [WITHOUT, HELD_OUT], ids=["no judge", "judge"])
def test_the_history_comes_back_as_it_was(tmp_path, how):
    path = tmp_path / "kept"
    stopped = descend(member(**how), path, StopWhen(lambda moment: moment.epoch == 4))
    at_once = type("AtOnce", (Callback,), {"train_begin": lambda self, moment: True})()
    again = descend(member(**how), path, at_once)
    assert same(again, stopped)
    assert [[type(value) for value in record.values()] for record in again.history] == [
        [type(value) for value in record.values()] for record in stopped.history
    ]


# Disks that fail, and processes that are killed


@pytest.mark.parametrize("saved", [0, 2])
@pytest.mark.parametrize("operation", range(1, 12))
def test_a_disk_that_fails_is_an_error_and_the_last_checkpoint_stays(
    tmp_path, monkeypatch, saved, operation
):
    one, path = member(), tmp_path / "kept"
    whole = descend(one)
    if saved:
        descend(one, path, StopWhen(lambda moment: moment.epoch == saved))
    before = path.read_bytes() if saved else None
    faulty = Faulty(operation, os_error(errno.ENOSPC))
    monkeypatch.setattr(files, "filesystem", faulty)
    with pytest.raises(OutputError, match="free some space"):
        descend(one, path, every_epochs=1)
    monkeypatch.undo()
    assert len(faulty.asked) >= operation
    if operation <= 3:  # the folder was tried, and nothing run
        assert (path.read_bytes() if path.exists() else None) == before
    assert same(descend(one, path), whole)
    assert set(faulty.asked) <= set(OPERATIONS)


def breast(folder, epochs, held_out, **settings):
    """A task on the bundled table for ``killed``."""
    table = load_table("wisconsin")
    matrix = infer_schema(table.frame).matrix(table.frame)
    y = (table.target == "malignant").to_numpy(float)
    rows = canonical_rows(matrix, y, np.ones(len(y)))
    X = fit_encoder(rows.X, rows.weights).encode(rows.X)
    architecture = Architecture.dense(X.shape[1], (16, 8), 1, "relu")
    training = np.arange(len(X)) % 5 > 0
    np.savez(
        folder / "data.npz", X=X, Y=rows.y[:, None], weights=rows.weights,
        theta=initial_theta(architecture, "he", generator(0, "weights")),
        rows=np.flatnonzero(training), held_out=np.flatnonzero(~training),
    )  # fmt: skip
    task = {
        "hidden": [16, 8],
        "held_out": held_out,
        "settings": {"batch_size": 32, "max_epochs": epochs, **settings},
    }
    (folder / "task.json").write_text(json.dumps(task))


def killed_until_done(folder, seed, kills, inside):
    """Run it, kill it so many times (some inside a save), and let it end: what it came to."""
    random = np.random.default_rng(seed)
    strikes = random.permutation([True] * inside + [False] * (kills - inside))
    for strike in [*strikes.tolist(), None]:
        # A slice of some steps or of some epochs; every slice is kept.
        seconds = random.choice([1e-5, 1e-4, 5e-4])
        # Three operations try the folder, and a save is some eight.
        operation = int(random.integers(12, 60)) if strike else 0
        process = subprocess.Popen(
            [sys.executable, HELPERS / "killed.py", folder, str(seconds), str(operation)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with process:
            if strike is False:
                for _ in range(random.integers(1, 8)):
                    assert process.stdout.readline().strip().isdecimal()
                time.sleep(random.uniform(0, 0.02))
                process.kill()
            *_, last = ["", *process.stdout]
        if strike is not None:
            assert process.returncode == -signal.SIGKILL
    assert process.returncode == 0
    return last.strip()


# Once inside a save; and once inside and twice outside, each time in a process of its own.
@pytest.mark.parametrize("kills", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_killed_it_comes_to_the_same_bits(tmp_path, kills):
    breast(tmp_path, 250, True, optimizer="adam:lr=0.005,schedule=cosine", dropout=0.1)
    whole = outcome(descend_by_task(tmp_path))
    assert killed_until_done(tmp_path, 1, kills=kills, inside=1) == whole


@pytest.mark.slow
@pytest.mark.parametrize(
    ("held_out", "settings"),
    [
        (True, {"optimizer": "adam:lr=0.005,schedule=cosine", "dropout": 0.2}),
        (False, {"optimizer": "sgd:lr=0.05,momentum=0.9,schedule=warm_restarts", "patience": 900}),
        (True, {"optimizer": "nadam:lr=0.002,schedule=plateau", "label_smoothing": 0.1}),
    ],
    ids=["adam", "momentum", "plateau"],
)  # fmt: skip
def test_killed_twenty_times_it_comes_to_the_same_bits(tmp_path, held_out, settings):
    breast(tmp_path, 1500, held_out, **settings)
    whole = outcome(descend_by_task(tmp_path))
    assert killed_until_done(tmp_path, 2, kills=20, inside=5) == whole


def test_a_path_is_of_what_was_run_here(tmp_path):
    one, path = member(), tmp_path / "kept"
    descend(one, path, StopAt(19))
    trail = EpochPath()
    descend(one, path, trail)
    assert trail.epochs == [2, 3, 4, 5, 6]
