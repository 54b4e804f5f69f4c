"""Several threads in one network: the bits of one thread, and no dead end whatever happens."""

import os
import sys
import time
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from thalweg.errors import Status
from thalweg.network.architecture import Architecture
from thalweg.network.compiled import compiled_engine, training_kernels
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.compiled.team import barrier, team_threads
from thalweg.network.compiled.team.barrier import N_BYTES, Team, entered, meet, own, place_of
from thalweg.network.compiled.team.last_layer import FEW
from thalweg.network.compiled.team.team_threads import Pace, begin, in_blocks, worthwhile
from thalweg.network.engine import Data, Method, Noise, Objective, Order, State
from thalweg.network.reference_engine import ReferenceEngine
from thalweg.parallel_map import is_working, spread
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.many import train_many

ENGINE = CompiledEngine()
WANTS_SEVERAL = Pace.wants_several  # the others are not asked
SIZES = (2, 3, 5, 7, 16)
LOSSES = ["squared_error", "softmax_cross_entropy", "huber:delta=1", "ordinal"]
RULES = ["adam", "sgd", "nesterov", "adagrad", "rmsprop"]


def rest(seconds=10.0):
    """Wait until no helper works; whether none does."""
    until = time.monotonic() + seconds
    while is_working() and time.monotonic() < until:
        time.sleep(0.001)
    return not is_working()


class Boards:
    """The boards of all calls: how many threads took part in each."""

    def __init__(self):
        self.boards, self.asked = [], []

    def begin(self, kernel, size, *others):
        team, board = begin(kernel, size, *others)
        self.boards.append(board)
        self.asked.append(size)
        return team, board

    @property
    def sizes(self):
        return [1 if board is None else -int(board[0]) for board in self.boards]


@pytest.fixture(scope="module")
def boards():
    """Every call is shared out among as many threads as asked, however small it is."""
    patch, found = pytest.MonkeyPatch(), Boards()
    patch.setattr(compiled_engine, "worthwhile", lambda threads, *_, **__: threads)
    patch.setattr(compiled_engine, "begin", found.begin)
    patch.setattr(team_threads.Pace, "wants_several", lambda self: True)
    architecture, _, data = problem(3, (4,), 1, 20)
    descend(architecture, data, threads=2)
    assert rest(120)
    assert team_threads._ready
    yield found
    patch.undo()


def problem(n_in, hidden, n_out, n_rows, loss="squared_error", seed=0, dtype=np.float32):
    """An architecture, θ and data."""
    rng = np.random.default_rng(seed)
    architecture = Architecture.dense(n_in, hidden, n_out, "silu" if seed % 2 else "relu")
    theta = rng.standard_normal(architecture.n_parameters) / np.sqrt(max(architecture.sizes))
    X = rng.standard_normal((n_rows, n_in)).astype(dtype)
    if loss == "softmax_cross_entropy":
        Y = np.eye(n_out)[rng.integers(0, n_out, n_rows)]
    elif loss == "ordinal":
        Y = np.arange(n_out)[None] < rng.integers(0, n_out + 1, (n_rows, 1))
    else:
        Y = rng.standard_normal((n_rows, n_out))
    weights = rng.uniform(0, 2, n_rows) * (rng.random(n_rows) > 0.1)
    weights[0] = 1.0
    return architecture, theta.astype(dtype), Data.of(X, Y.astype(dtype), weights)


def descend(
    architecture, data, *, threads, theta=None, objective=None, method=None, batch_size=8,
    n_steps=4, rate=1e-2, length=0,
):  # fmt: skip
    """All that some steps leave: their state, losses and norms."""
    theta = np.full(architecture.n_parameters, 0.1, np.float32) if theta is None else theta
    method = method or Method.of("adam")
    state = State.begin(architecture, method, theta, 5)
    objective = objective or Objective("squared_error")
    order = Order(np.random.default_rng(1).permutation(len(data.X)), batch_size, length)
    rates = np.full(n_steps, rate)
    ran = ENGINE.steps(architecture, objective, method, state, data, order, rates, 1, threads)
    scales = b"" if state.scales is None else state.scales.tobytes()
    return (
        state.theta.tobytes(), state.slots.tobytes(), scales, state.step,
        ran.losses.tobytes(), ran.gradient_norms.tobytes(), ran.status,
    )  # fmt: skip


# --- bits ----------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    n_in=st.integers(1, 40), hidden=st.lists(st.integers(1, 50), max_size=3),
    n_out=st.integers(2, 6), one=st.booleans(), loss=st.sampled_from(LOSSES),
    rule=st.sampled_from(RULES), n_rows=st.integers(1, 90), batch_size=st.integers(1, 90),
    dropout=st.sampled_from([0.0, 0.0, 0.3]), penalty=st.sampled_from([0.0, 0.1]),
    clip=st.sampled_from([np.inf, 0.05]), decay=st.sampled_from([0.0, 0.1]),
    scales=st.sampled_from([0.0, 6.0]), threads=st.sampled_from(SIZES), seed=st.integers(0, 9),
)  # fmt: skip
def test_bits_do_not_depend_on_the_threads(
    boards, n_in, hidden, n_out, one, loss, rule, n_rows, batch_size, dropout, penalty, clip,
    decay, scales, threads, seed,
):  # fmt: skip
    n_out = 1 if one and loss not in ("softmax_cross_entropy", "ordinal") else n_out
    architecture, theta, data = problem(n_in, tuple(hidden), n_out, n_rows, loss, seed)
    factors = tuple(1.0 + (i % 3) for i in range(len(architecture.blocks))) if seed % 3 else ()
    method = replace(Method.of(rule), clip=clip, decay=decay, scales=scales, factors=factors)
    objective = Objective(loss, penalty=penalty, l1=penalty / 7, dropout=dropout)
    alike = partial(
        descend, architecture, data, theta=theta, objective=objective, method=method,
        batch_size=batch_size,
    )  # fmt: skip
    assert alike(threads=threads) == alike(threads=1)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("threads", SIZES)
@pytest.mark.parametrize(
    ("sizes", "n_rows", "batch_size"),
    [
        ((9, (15,), 1), 100, 100),
        ((20, (130, 70, 33), 3), 1300, 1300),  # in chunks
        ((5, (200,), 100), 64, 33),
        ((70, (1100, 700), 1), 40, 20),  # wide: with copies
    ],
)
def test_bits_of_larger_networks(boards, sizes, n_rows, batch_size, threads):
    architecture, theta, data = problem(*sizes, n_rows)
    objective = Objective("squared_error", penalty=1e-3, l1=1e-4)
    method = replace(Method.of("adam"), scales=6.0)
    alike = partial(
        descend, architecture, data, theta=theta, objective=objective, method=method,
        batch_size=batch_size, n_steps=2,
    )  # fmt: skip
    one = alike(threads=1)
    assert alike(threads=threads) == one
    assert boards.asked[-1] == threads
    core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    if core is not None and threads == 3:
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {core})  # threads inherit it
        try:
            assert alike(threads=threads) == one
        finally:
            os.sched_setaffinity(0, before)


@pytest.mark.parametrize("n_out", [1, FEW, FEW + 1])
def test_a_last_layer_in_turns_has_the_bits_of_the_product(boards, n_out):
    architecture, theta, data = problem(5, (33, 21), n_out, 50)
    alike = partial(descend, architecture, data, theta=theta, batch_size=50, n_steps=1)
    assert len({alike(threads=threads) for threads in (1, *SIZES)}) == 1


def test_all_threads_took_part(boards):
    architecture, theta, data = problem(9, (15,), 1, 50)
    boards.boards.clear()
    for _ in range(10):
        descend(architecture, data, theta=theta, threads=3, n_steps=50)
    assert max(boards.sizes) == 3


@pytest.mark.parametrize("threads", SIZES)
def test_divergence_is_seen_by_all(boards, threads):
    architecture, theta, data = problem(5, (17, 5), 1, 40)
    alike = partial(
        descend, architecture, data, theta=theta, method=Method.of("sgd"), rate=1e3, n_steps=200
    )
    one = alike(threads=1)
    assert one[-1] is Status.DIVERGED
    assert alike(threads=threads) == one
    assert rest()


# --- the gate and the barrier --------------------------------------------------------------------


@njit(nogil=True)
def _meetings(cells, n, team):
    """Each writes its cell; behind the barrier it must see the same in all. Returns the faults."""
    now = entered(team)
    place = place_of(now)
    if place < 0:
        return -1
    faults = 0
    for i in range(1, n + 1):
        cells[64 * place] = i
        meet(now)
        for other in range(now.size):
            faults += cells[64 * other] != i
        meet(now)
    return faults


@njit(nogil=True)
def _shares(n, unit, team):
    return own(team, n, unit)


def team_of(place, size, looks=20):
    """A team with a board of its own."""
    board = np.zeros(N_BYTES // 8, np.int64)
    return Team(place, size, board.ctypes.data, team_threads._rest(), looks, 0), board


# Who waits keeps its core busy: three on two cores, or two on a shared one, take their time for
# each meeting.
@pytest.mark.parametrize(
    ("size", "n_meetings", "n_teams"),
    [(2, 60, 8), (3, 60, 8)]
    + [pytest.param(n, 300, 20, marks=pytest.mark.slow) for n in (2, 3, 16)],
)
def test_nobody_leaves_a_meeting_before_all_came(size, n_meetings, n_teams):
    cells, found = np.zeros(64 * size, np.int64), []
    kernel = partial(_meetings, cells, n_meetings)
    kernel(team_of(0, 1)[0])  # compiled
    team_threads._ready.add((os.getpid(), "meetings"))
    for _ in range(n_teams):
        team, _board = begin(lambda team: found.append(kernel(team)), size, 0, "meetings")
        found.append(kernel(team))
        assert rest()
    assert len(found) == n_teams * size
    assert set(found) <= {0, -1}  # outside is who came too late
    assert found.count(0) > n_teams


@given(n=st.integers(0, 300), unit=st.integers(1, 70), size=st.integers(1, 20))
def test_shares_lie_side_by_side(n, unit, size):
    shares = [_shares(n, unit, team_of(place, size)[0]) for place in range(size)]
    ends = [0, *(end for _, end in shares)]
    assert [first for first, _ in shares] == ends[:-1]
    assert ends[-1] == n
    assert all(end % unit == 0 or end == n for end in ends)
    units = [-(-(end - first) // unit) for first, end in shares]
    assert max(units) - min(units) <= 1


def test_nobody_waits_for_ever_at_the_gate():
    kernel = partial(_meetings, np.zeros(64 * 4, np.int64), 5)
    team, board = team_of(0, 4)
    assert kernel(team) == 0  # the others never come
    assert board[0] == -1
    for place in (1, 2):  # too late
        assert kernel(team._replace(place=place)) == -1
    team, board = team_of(1, 2)
    assert kernel(team) == -1  # the leader never comes
    assert board[0] == -1
    assert kernel(team._replace(place=0)) == 0  # it came at last, and is alone


# --- what may happen to a thread -----------------------------------------------------------------


@pytest.fixture
def alike(boards):
    """The steps of a small network, as a function of the threads."""
    architecture, theta, data = problem(9, (15,), 1, 50)
    return partial(descend, architecture, data, theta=theta)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError])
@pytest.mark.parametrize("many", [0, 1])
def test_threads_that_cannot_start_are_done_without(alike, boards, many, error, monkeypatch):
    started, start = [], team_threads._thread.start_new_thread

    def refuse(*arguments):
        if len(started) == many:
            raise error("can't start new thread")
        started.append(start(*arguments))

    monkeypatch.setattr(team_threads, "_thread", SimpleNamespace(start_new_thread=refuse))
    assert alike(threads=4) == alike(threads=1)
    assert boards.sizes[-1] <= many + 1
    assert rest()


def test_threads_that_die_or_come_too_late_are_done_without(alike, boards, monkeypatch):
    run = team_threads._Helper.run

    def strange(self):
        if self.team.place == 1:
            kernel, self.kernel = self.kernel, None

            def fail(team):
                raise MemoryError

            def come_late(team):
                while self.board[0] >= 0:  # the leader did not go yet
                    time.sleep(0.001)
                return kernel(team)

            self.kernel = fail if dies else come_late
        run(self)

    monkeypatch.setattr(team_threads._Helper, "run", strange)
    for dies in (True, False):  # noqa: B007 ``strange`` reads it
        assert alike(threads=2) == alike(threads=1)
        assert boards.sizes[-1] == 1
        assert alike(threads=3) == alike(threads=1)
        assert rest()


def test_an_interrupt_before_the_leader_goes_in_leaves_nobody_behind(alike, boards, monkeypatch):
    kernel, main = training_kernels.steps, []

    def interrupted(*arguments):
        if arguments[-1] and arguments[-1].place == 0:
            main.append(arguments)
            raise KeyboardInterrupt
        return kernel(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(training_kernels, "steps", interrupted)
        with pytest.raises(KeyboardInterrupt):
            alike(threads=3)
    assert boards.boards[-1][0] == barrier.CLOSED, "others wait for the leader"
    assert rest()
    assert alike(threads=3) == alike(threads=1)


@pytest.mark.parametrize(
    "slices", [30, *(pytest.param(n, marks=pytest.mark.slow) for n in (10**4, 10**5))]
)
def test_slices_come_to_no_dead_end(alike, slices):
    one = alike(threads=1)
    assert all(alike(threads=2 + i % 3) == one for i in range(slices))


# --- when it pays --------------------------------------------------------------------------------


def test_few_threads_for_small_steps(monkeypatch):
    monkeypatch.setattr(team_threads, "all_cores", lambda: 8)
    ask = partial(worthwhile, in_bins=False)
    assert ask(8, (9, 15, 1), 500, 10**4) == 1
    assert ask(2, (50, 256, 256, 1), 256, 100) == 2
    assert ask(1, (50, 256, 256, 1), 256, 100) == 1
    assert ask(8, (50, 256, 256, 1), 256, 1) == 1  # too short a call
    assert ask(64, (50, 2000, 2000, 1), 512, 100) == 8  # no more than cores
    # 3 · 256 · (50 · 128 + 128 · 128 + 128) multiply-adds, of which each wants 2²².
    assert ask(8, (50, 128, 128, 1), 256, 100) == 3 * 256 * 22912 // 2**22 == 4
    assert ask(8, (5000, 64, 1), 256, 100) > ask(8, (5000, 64, 1), 256, 100) - 1 > 0
    assert worthwhile(8, (5000, 64, 1), 256, 1000, in_bins=True) == 1
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert ask(8, (50, 2000, 2000, 1), 512, 100) == 1


def test_the_faster_way_is_taken_and_the_other_is_looked_at_now_and_then():
    pace, taken = Pace(), []
    for call in range(200):
        several = WANTS_SEVERAL(pace)
        taken.append(several)
        # From the hundredth call on another program wants the core.
        pace.took(several, (0.6 if call < 100 else 5.0) if several else 1.0)
    assert taken[:2] == [True, False]
    assert 90 < sum(taken[:100]) < 98
    assert 1 <= sum(taken[104:]) <= 8
    pace = Pace()
    pace.took(True, 9.0)  # the first call had to read the kernel from the cache
    pace.took(False, 1.0)
    pace.took(True, 0.6)
    assert WANTS_SEVERAL(pace)


def test_a_clear_answer_is_asked_for_less_often():
    pace, other = Pace(), []
    for call in range(1000):
        several = WANTS_SEVERAL(pace)
        pace.took(several, 0.6 if several else 1.0)
        if not several:
            other.append(call)
    assert other[0] == 1  # the first look
    apart = np.diff(other[1:])
    assert list(apart[:3]) == [32, 64, 128]
    assert set(apart[3:]) == {128}
    pace.took(True, 9.0)  # another program came
    assert not WANTS_SEVERAL(pace)
    assert pace.between == team_threads.CALLS_BETWEEN_LOOKS


@pytest.mark.parametrize("dropout", [0.0, 0.25])
@pytest.mark.parametrize("n_rows", [512, 513, 2600])
def test_threads_change_no_bit_of_a_loss(n_rows, dropout, monkeypatch):
    architecture, theta, data = problem(5, (7,), 3, n_rows, "softmax_cross_entropy")
    objective = Objective("softmax_cross_entropy", penalty=0.1, dropout=dropout)
    thetas, noise = np.stack([theta, 2 * theta]), Noise(3, 4) if dropout else None
    asked = []

    def spread_out(function, items, threads):
        asked.append(threads)
        return spread(function, items, threads)

    monkeypatch.setattr(compiled_engine, "spread", spread_out)
    given_ = architecture, objective, thetas, data, np.arange(n_rows)[::-1], noise
    alone = ENGINE.losses(*given_)
    assert len(alone) == 2
    assert asked == [1]
    assert ENGINE.losses(*given_, threads=3).tobytes() == alone.tobytes()
    assert asked[-1] == 1  # so small a work stays in one thread
    monkeypatch.setattr(compiled_engine, "LOSSES_SHARED_OUT", 0)
    for threads in SIZES:
        assert ENGINE.losses(*given_, threads=threads).tobytes() == alone.tobytes()
        assert asked[-1] == threads
    right = ReferenceEngine().losses(*given_, threads=2)
    np.testing.assert_allclose(alone, right, rtol=1e-5)


def test_a_run_evaluates_with_the_threads_of_its_steps():
    asked = []

    class Asked(ReferenceEngine):
        def losses(self, *arguments):
            asked.append(arguments[-1])
            return super().losses(*arguments)

    architecture, theta, data = problem(5, (7,), 1, 100)
    settings_of = Settings(parse_optimizer("adam"), 50, 2)
    member = Member(architecture, theta, data, "squared_error", 0.0, settings_of)
    train_many([member], 3, engine=Asked())
    assert asked == [3]  # the last look
    asked.clear()
    train_many([replace(member, held_out=np.arange(20))], 3, engine=Asked())
    assert set(asked) == {3}
    assert len(asked) >= 2


def test_blocks_keep_their_stretch():
    architecture = Architecture.dense(3, (4,), 2, "relu")
    method = replace(Method.of("adam"), decay=0.1, factors=(1.0, 1.0, 2.0, 2.0))
    blocks, grains = in_blocks(method.stretches(architecture), architecture)
    assert grains == [3, 1, 4, 1]
    assert [tuple(each) for each in blocks] == [
        (0, 12, 1.0, 0.1), (12, 16, 1.0, 0.0), (16, 24, 2.0, 0.1), (24, 26, 2.0, 0.0),
    ]  # fmt: skip
    assert barrier.LOOKS > barrier.LOOKS_WHERE_CORES_ARE_FEW
