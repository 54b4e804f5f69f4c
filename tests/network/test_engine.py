import inspect
import os
import subprocess
import sys
import threading
import warnings
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core import config
from threadpoolctl import threadpool_info, threadpool_limits

from thalweg.errors import EngineWarning, SettingsError
from thalweg.network import engine
from thalweg.network.blas import one_blas_thread
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.engine import (
    Data,
    Engine,
    Objective,
    Order,
    State,
    choose,
)
from thalweg.network.formulas.rules import rule
from thalweg.network.reference_engine import ReferenceEngine

CALLS = ["loss_and_gradient", "losses", "predict", "predictor", "steps"]


def test_the_seam_has_five_calls():
    assert (
        sorted(
            name
            for name in vars(Engine)
            if name in dir(ReferenceEngine) and not name.startswith("_")
        )
        == CALLS
    )
    assert sorted(name for name in vars(ReferenceEngine) if not name.startswith("_")) == CALLS


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", [ReferenceEngine, CompiledEngine])
def test_an_engine_is_called_as_the_seam_says(name, kind):
    seam, engine = getattr(Engine, name), getattr(kind, name)
    assert inspect.signature(engine) == inspect.signature(seam)
    # What is promised at the seam is promised by the engine.
    assert inspect.getdoc(seam).startswith(inspect.getdoc(engine))


def test_the_compiled_engine_is_chosen_where_numba_compiles():
    assert isinstance(choose(), CompiledEngine)
    assert isinstance(choose("compiled"), CompiledEngine)


@pytest.fixture
def _asked_anew(monkeypatch):
    """Nobody has asked yet; afterwards it is said already, if there is something to say."""
    engine._can_compile.cache_clear()
    yield
    # Before the next answer, which every later test of this process would live by.
    monkeypatch.undo()
    engine._can_compile.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        choose()


@pytest.mark.usefixtures("_asked_anew")
def test_where_numba_may_not_compile_the_readable_engine_is_chosen(monkeypatch):
    monkeypatch.setattr(config, "DISABLE_JIT", 1)
    with pytest.warns(EngineWarning) as caught:
        chosen = [choose(), choose()]
    assert {type(each) for each in chosen} == {ReferenceEngine}
    (said,) = caught
    assert str(said.message) == (
        "Numba is told not to compile (NUMBA_DISABLE_JIT), so the reference engine computes, about "
        "ten times slower. Fix: unset NUMBA_DISABLE_JIT."
    )
    assert said.filename == __file__
    with pytest.raises(SettingsError, match="Fix: unset NUMBA_DISABLE_JIT, or take 'reference'"):
        choose("compiled")


def test_choose():
    assert isinstance(choose("reference"), ReferenceEngine)
    with pytest.raises(SettingsError, match="no engine 'gpu'"):
        choose("gpu")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_data_takes_the_dtype_of_its_inputs(dtype):
    X = np.arange(6, dtype=dtype).reshape(2, 3).T
    data = Data.of(X, np.array([[0], [1], [1]]), np.array([1, 2, 3]))
    assert data.X.flags.c_contiguous
    assert data.X.dtype == data.Y.dtype == dtype
    assert data.weights.dtype == np.float64
    assert (data.X.tolist(), data.Y.tolist()) == (X.tolist(), [[0], [1], [1]])
    assert data.weights.tolist() == [1, 2, 3]


def test_data_without_targets_and_weights():
    data = Data.of(np.zeros((3, 2)))
    assert data.Y.shape == (3, 0)
    assert data.weights.tolist() == [1, 1, 1]


def test_the_objective_over_weighted_rows():
    objective = Objective.over("squared_error", 3.0, np.array([0.0, 1.0, 5.0]))
    assert objective == Objective("squared_error", penalty=3 / 6, mean_weight=6 / 3)


@settings(deadline=None)
@given(n=st.integers(1, 40), size=st.integers(1, 50), step=st.integers(0, 200))
def test_an_order_goes_round_and_keeps_the_short_batch(n, size, step):
    rows = np.random.default_rng(0).permutation(n)
    order = Order(rows, size)
    once = [order.batch(i).tolist() for i in range(order.n_batches)]
    assert list(chain(*once)) == rows.tolist()
    assert all(len(batch) == size for batch in once[:-1])
    assert 1 <= len(once[-1]) <= size
    assert order.batch(step).tolist() == once[step % len(once)]


def test_a_state_starts_at_a_copy():
    theta = np.ones(3, np.float32)
    state = State.at(theta, rule("adam"))
    state.theta += 1
    assert theta.tolist() == [1, 1, 1]
    assert (state.slots.shape, state.slots.dtype, state.step) == ((2, 3), np.float32, 0)
    assert not np.any(state.slots)


def blas_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def limit(threads):
    """What `blas_threads` gives then: nothing where no BLAS can be told, as on macOS."""
    return {threads} if blas_threads() else set()


@pytest.fixture
def two_threads():
    with threadpool_limits(2, "blas"):
        assert blas_threads() == limit(2)
        yield


@pytest.mark.usefixtures("two_threads")
def test_blas_is_held_to_one_thread_until_the_outermost_hold_ends():
    with one_blas_thread():
        assert blas_threads() == limit(1)
        with one_blas_thread():
            assert blas_threads() == limit(1)
        assert blas_threads() == limit(1)
    assert blas_threads() == limit(2)
    with one_blas_thread():
        assert blas_threads() == limit(1)
    assert blas_threads() == limit(2)


@pytest.mark.usefixtures("two_threads")
def test_the_hold_ends_with_an_exception_too():
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        raise ZeroDivisionError
    assert blas_threads() == limit(2)


@pytest.mark.usefixtures("two_threads")
def test_the_hold_outlives_the_first_of_two_threads_to_leave():
    seen, events = [], [threading.Event() for _ in range(4)]
    first_in, second_in, first_out, second_out = events

    def first():
        with one_blas_thread():
            first_in.set()
            assert second_in.wait(10)
        first_out.set()
        # Alive to the end: the hold began in this thread and ends in the other.
        assert second_out.wait(10)

    def second():
        assert first_in.wait(10)
        with one_blas_thread():
            second_in.set()
            assert first_out.wait(10)
            seen.append(blas_threads())
        seen.append(blas_threads())
        second_out.set()

    workers = [threading.Thread(target=first), threading.Thread(target=second)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert seen == [limit(1), limit(2)]


@pytest.mark.usefixtures("two_threads")
def test_many_threads_leave_the_limits_as_they_were():
    def work():
        for _ in range(50):
            with one_blas_thread():
                pass

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert blas_threads() == limit(2)


@pytest.mark.usefixtures("two_threads")
def test_a_hold_keeps_no_other_thread_from_setting_limits_afterwards():
    held, done = threading.Event(), threading.Event()

    def work():
        with one_blas_thread():
            pass
        held.set()
        done.wait(10)

    worker = threading.Thread(target=work)
    worker.start()
    held.wait(10)
    with threadpool_limits(1, "blas"):
        seen = blas_threads()
    done.set()
    worker.join()
    assert seen == limit(1)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("said", ["0", "x", "", "-1", "2.5"])
def test_a_number_of_threads_that_numba_cannot_use_is_refused_by_its_name(said):
    done = with_threads(said)
    assert done.stdout.startswith(
        f"NUMBA_NUM_THREADS is not a number of threads (the environment variable is '{said}'). "
        "Fix: unset NUMBA_NUM_THREADS"
    )
    assert done.stderr == ""


def test_a_sound_number_of_threads_is_numbas_own():
    assert with_threads(" 2 ").stdout == "2\n"


def with_threads(said):
    line = (
        "from thalweg.network import engine\n"
        "try:\n"
        "    engine.cannot_compile(); import numba; print(numba.config.NUMBA_NUM_THREADS)\n"
        "except engine.SettingsError as error: print(error)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", line], env={**os.environ, "NUMBA_NUM_THREADS": said},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_no_protocol_is_asked_about_an_array(monkeypatch):
    """It takes 30 µs to look for the attributes of one: longer than a step of a small network."""
    monkeypatch.setattr(engine, "InBins", None)  # to ask it would raise
    assert not Data.of(np.ones((3, 2))).in_bins


def test_numba_that_finds_no_memory_is_not_taken_for_a_wrong_one(monkeypatch):
    def failing(name):
        raise ImportError("_helperlib.so: failed to map segment from shared object")

    monkeypatch.setattr(engine, "_loaded", failing)
    monkeypatch.setattr(engine, "address_space_limit", lambda: 1024 * 10**6)
    assert engine.cannot_compile() == (
        "There is not enough memory to load Numba (the limit of this process is 1024 MB (ulimit "
        "-v))",
        "allow more (ulimit -v unlimited)",
    )
    monkeypatch.setattr(engine, "address_space_limit", lambda: None)
    assert engine.cannot_compile()[1] == "pip install --upgrade numba"
