"""The compiled engine: calls the Numba kernels for architectures, data and optimizers."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import Status
from thalweg.network.architecture import Architecture
from thalweg.network.checks import (
    checked,
    checked_each,
    checked_inputs,
    checked_order,
    checked_side,
)
from thalweg.network.compiled import training_kernels
from thalweg.network.compiled.binned.binned_inputs import with_bins
from thalweg.network.compiled.formula_loops import maker
from thalweg.network.compiled.kernel_arguments import (
    Bench,
    Net,
    PerNet,
    Samples,
    opened,
    whole,
    zeros,
)
from thalweg.network.compiled.one_row import Side, predict_one, scratch_of, side_of
from thalweg.network.compiled.products import product_of, transpose_of
from thalweg.network.compiled.team.barrier import TURN
from thalweg.network.compiled.team.team_threads import begin, gated, in_blocks, pace_of, worthwhile
from thalweg.network.compiled.training_kernels import CHUNK, DESCENT, GRADIENT, HEIGHT, Motion
from thalweg.network.compiled.vector_code import padded
from thalweg.network.compiled.wide.blocked_products import blocked_of, is_wide, room_of
from thalweg.network.engine import (
    Data,
    Method,
    Noise,
    Objective,
    Order,
    Rows,
    State,
    Steps,
)
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.dropout_mask import dropout_threshold
from thalweg.network.formulas.losses import loss
from thalweg.network.formulas.rules import four
from thalweg.parallel_map import spread, usable_cores

# From so many multiply-adds on, predictions are divided among the cores, ...
SHARED_OUT = 2**26
# ... and losses, whose chunks are small calls of threads that are new. From here on two threads
# took 0.6 to 0.9 of the time of one, and up to 1.4 at a tenth of it.
LOSSES_SHARED_OUT = 2**31

# Bytes of inputs that are encoded at a time, if they are encoded on demand.
WINDOW = 2**22

_ALL = np.empty(0, np.intp)
_PLAIN = Objective("squared_error")


class CompiledEngine:
    """The five calls of ``engine.Engine``, compiled.

    ``step_seconds`` and ``work_per_second`` (multiply-adds) are upper bounds of the cost of a
    step, from which the caller chooses the number of steps in a call.
    """

    step_seconds = 2e-6
    work_per_second = 1e10

    def predict(
        self, architecture: Architecture, theta: Array, data: Data, rows: Rows | None = None
    ) -> Array:
        """The last layer's output, shape (n_rows, n_outputs); a row's bits depend on it alone."""
        rows = checked_inputs(architecture, theta, data, rows)
        if data.is_made:
            every = np.arange(len(data.X)) if rows is None else rows
            at_once = max(1, WINDOW // (data.X.shape[1] * theta.itemsize))
            parts = [every[first : first + at_once] for first in range(0, len(every), at_once)]
            made = [self.predict(architecture, theta, Data.of(data.X[part])) for part in parts]
            return np.concatenate(made or [np.empty((0, architecture.sizes[-1]), theta.dtype)])
        chosen = _ALL if rows is None else opened(rows)
        n = len(data.X) if rows is None else len(rows)
        output = np.empty((1, n, architecture.sizes[-1]), theta.dtype)

        def part(first: int, last: int) -> None:
            _predict((architecture,), (theta,), data.X, chosen, first, last, output)

        if n * architecture.n_parameters <= SHARED_OUT:
            part(0, n)  # for one row, threads would take as long as the network
            return output[0]
        cores = usable_cores()
        share = -(-n // cores)
        spread(lambda first: part(first, min(first + share, n)), range(0, n, share), cores)
        return output[0]

    def predictor(
        self, architectures: Sequence[Architecture], thetas: Sequence[Array]
    ) -> Callable[[Array], Array]:
        """What several networks give for a few rows, as a function of the rows."""
        checked_each(architectures, thetas)
        several, dtype = tuple(architectures), thetas[0].dtype
        lying = [np.ascontiguousarray(theta) for theta in thetas]
        n_inputs, n_outputs = sum(each.sizes[0] for each in several), several[0].sizes[-1]

        @cache
        def side() -> Side:
            return side_of([_net(each, _PLAIN, dtype) for each in several], lying)

        def predict(X: Array) -> Array:
            checked_side(X, n_inputs, dtype)
            output = np.empty((len(lying), len(X), n_outputs), dtype)
            if len(X) == 1:
                predict_one(side(), opened(X), scratch_of(side(), dtype), output)
            else:
                _predict(several, lying, X, _ALL, 0, len(X), output)
            return output

        return predict

    def losses(
        self, architecture: Architecture, objective: Objective, thetas: Array, data: Data,
        rows: Rows | None = None, noise: Noise | None = None, threads: int = 1,
    ) -> NDArray[np.float64]:  # fmt: skip
        """L at each of many θ, shape (n_thetas, n_parameters) -> (n_thetas,)."""
        rows = checked(architecture, thetas, data, rows)
        every = np.arange(len(data.X)) if rows is None else rows
        # L is the mean over chunks, weighted by their lengths, so each chunk is loaded once for
        # all θ. Dropout, however, depends on the position among all rows.
        size = len(every) if noise else CHUNK
        parts = [every[first : first + size] for first in range(0, len(every), size)]

        def heights(part: Rows) -> NDArray[np.float64]:
            return _look(architecture, objective, thetas, data, part, noise, HEIGHT)[0]

        work = len(every) * architecture.n_parameters * len(thetas)
        found = np.zeros(len(thetas))
        # Added in the order of the rows, so that no bit depends on the threads.
        of_parts = spread(heights, parts, threads if work > LOSSES_SHARED_OUT else 1)
        for part, each in zip(parts, of_parts, strict=True):
            found += each * (len(part) / len(every))
        return found

    def loss_and_gradient(
        self, architecture: Architecture, objective: Objective, theta: Array, data: Data,
        rows: Rows | None = None, noise: Noise | None = None,
    ) -> tuple[float, Array]:  # fmt: skip
        """L and dL/dθ, shape (n_parameters,)."""
        rows = checked(architecture, theta, data, rows)
        heights, bench = _look(architecture, objective, theta[None], data, rows, noise, GRADIENT)
        return float(heights[0]), bench.gradient.copy()

    def steps(
        self, architecture: Architecture, objective: Objective, method: Method, state: State,
        data: Data, order: Order, rates: NDArray[np.float64], first: int, threads: int = 1,
    ) -> Steps:  # fmt: skip
        """One step a rate, from batch ``first`` of the order on; moves ``state`` in place."""
        rows = checked_order(architecture, method, state, data, order)
        if data.is_made and not data.in_bins:
            return self._in_windows(
                architecture, objective, method, state, data, order, rates, first, threads
            )
        dtype = state.theta.dtype
        length = order.length or len(rows)
        batch_size = min(order.batch_size, length)
        net = _net(architecture, objective, dtype)
        size = worthwhile(threads, architecture.sizes, batch_size, len(rates), in_bins=data.in_bins)
        motion = _motion(architecture, method, dtype, by_blocks=size > 1)
        bench = _bench(architecture.sizes, dtype, batch_size, size)
        net, table, _alive = _ready(net, data, bench, size)
        losses, norms = np.empty(len(rates)), np.empty(len(rates))
        theta, slots = np.ascontiguousarray(state.theta), np.ascontiguousarray(state.slots)
        scales = _none(dtype) if state.scales is None else state.scales
        arguments = (
            net, motion, theta[None], slots, scales, state.step, np.uint64(state.seed), table,
            opened(rows), batch_size, length, opened(rates), first, bench, losses, norms, DESCENT,
        )  # fmt: skip
        team: Any = ()
        board: Any = None
        pace, begun = pace_of(architecture.sizes, batch_size, size), perf_counter()
        if size > 1 and pace.wants_several():
            kernel, kind = partial(training_kernels.steps, *arguments), (dtype.char, data.in_bins)
            team, board = begin(kernel, size, bench.room.nbytes // size, kind)
        with gated(board):
            looked, state.step = training_kernels.steps(*arguments, team)
        pace.took(bool(team), (perf_counter() - begun) / max(looked, 1))
        if theta is not state.theta or slots is not state.slots:
            state.theta[:], state.slots[:] = theta, slots
        losses, norms = losses[:looked], norms[:looked]
        finite = not looked or (np.isfinite(losses[-1]) and np.isfinite(norms[-1]))
        return Steps(Status.RUNNING if finite else Status.DIVERGED, losses, norms)

    def _in_windows(
        self, architecture: Architecture, objective: Objective, method: Method, state: State,
        data: Data, order: Order, rates: NDArray[np.float64], first: int, threads: int,
    ) -> Steps:  # fmt: skip
        """The same steps over inputs that are made for some batches at a time."""
        n_batches, done = order.n_batches, 0
        at_once = max(1, WINDOW // (order.batch_size * data.X.shape[1] * data.X.dtype.itemsize))
        losses, norms = np.empty(len(rates)), np.empty(len(rates))
        status = Status.RUNNING
        while done < len(rates) and status is Status.RUNNING:
            # None crosses the end of a passage, where a batch may be short.
            count = min(at_once, len(rates) - done, n_batches - (first + done) % n_batches)
            rows = np.concatenate([order.batch(first + done + i) for i in range(count)])
            own = Order(np.arange(len(rows)), order.batch_size)
            ran = self.steps(
                architecture, objective, method, state, data.part(rows), own,
                rates[done : done + count], 0, threads,
            )  # fmt: skip
            looked = done + len(ran.losses)
            losses[done:looked], norms[done:looked] = ran.losses, ran.gradient_norms
            status, done = ran.status, looked
        return Steps(status, losses[:done], norms[:done])


def _predict(
    architectures: tuple[Architecture, ...],
    thetas: Sequence[Array],
    X: Array,
    rows: Rows,
    first: int,
    last: int,
    output: Array,
) -> None:
    """Rows ``first … last`` of the output of networks that are alike but for their inputs."""
    net, each, sizes = _nets(architectures, X.dtype)
    bench = _bench(sizes, X.dtype, last - first)
    lying = [np.ascontiguousarray(theta) for theta in thetas]
    places = np.array([theta.__array_interface__["data"][0] for theta in lying])
    training_kernels.predict(net, each, places, opened(X), rows, first, last, bench, output)


def _look(
    architecture: Architecture,
    objective: Objective,
    thetas: Array,
    data: Data,
    rows: Rows | None,
    noise: Noise | None,
    task: int,
) -> tuple[NDArray[np.float64], Bench]:
    """The height at each θ, and the bench: with the task ``GRADIENT``, the first one's is there."""
    chosen = np.arange(len(data.X)) if rows is None else opened(rows)
    if data.is_made and not data.in_bins:
        data, chosen = data.part(chosen), np.arange(len(chosen))
    net = _net(architecture, objective if noise else replace(objective, dropout=0.0), thetas.dtype)
    motion = _motion(architecture, Method.of("sgd"), thetas.dtype)
    bench = _bench(architecture.sizes, thetas.dtype, len(chosen))
    net, table, _alive = _ready(net, data, bench)
    n, (seed, step) = len(chosen), noise or (0, 0)
    heights = np.empty(len(thetas))
    training_kernels.steps(
        net, motion, opened(thetas), _none(thetas.dtype), _none(thetas.dtype), step,
        np.uint64(seed), table, chosen, n, n, np.zeros(len(thetas)), 0, bench, heights,
        heights.copy(), task, (),
    )  # fmt: skip
    return heights, bench


def _none(dtype: np.dtype[np.floating]) -> Array:
    """No memory of a rule."""
    return np.empty((0, 0), dtype)


def _ready(net: Net, data: Data, bench: Bench, threads: int = 1) -> tuple[Net, Samples, Any]:
    """The network and the table for the kernels, and what must live as long as they are used."""
    X, alive = data.X, None
    if data.in_bins:
        net, alive = with_bins(net, X, bench.step, threads)
        X = X.others
    return net, Samples(opened(X), opened(data.Y), opened(data.weights)), alive


@lru_cache(maxsize=256)
def _net(architecture: Architecture, objective: Objective, dtype: np.dtype[np.floating]) -> Net:
    # This is compiled first of all, and prints the message.
    product = (blocked_of if is_wide(architecture.sizes, dtype) else product_of)(dtype)
    transpose = transpose_of(dtype)
    make, formula = maker(dtype), loss(objective.loss)
    offsets = np.array([block.offset for block in architecture.blocks])
    # A loss may change the outputs in place; that is safe only for the identity.
    in_place = [each.in_place for each in architecture.formulas]
    in_place[-1] = architecture.activations[-1] == "identity"
    loops = np.array(
        [make.activation(*each) for each in zip(architecture.activations, in_place, strict=True)]
    )
    one = architecture.n_layers > 1 and architecture.sizes[-1] == 1
    height, height_and_slope = make.loss(objective.loss)
    return Net(
        sizes=np.array(architecture.sizes),
        weights=offsets[::2].copy(),
        biases=offsets[1::2].copy(),
        values=loops[:, 0].copy(),
        slopes=loops[:, 1].copy(),
        in_place=np.array(in_place, np.int64),
        below_one=make.below_one(architecture.activations[-2]) if one else 0,
        product=product.address,
        transpose=transpose.address,
        height=height,
        height_and_slope=height_and_slope,
        joined=make.joined() if formula.coupled else 0,
        risen=make.risen() if formula.rising else 0,
        mask=make.mask() if objective.dropout else 0,
        threshold=dropout_threshold(objective.dropout),
        constant=float(formula.constant),
        constants=np.array(formula.constants),
        units=np.array(formula.units if formula.written else (), np.float64),
        penalty=float(objective.penalty),
        l1=float(objective.l1),
        mean_weight=float(objective.mean_weight),
        dropout=float(objective.dropout),
    )


@lru_cache(maxsize=64)
def _nets(
    architectures: tuple[Architecture, ...], dtype: np.dtype[np.floating]
) -> tuple[Net, PerNet, tuple[int, ...]]:
    """Networks that are alike but for their inputs, and the sizes of the widest."""
    nets = [_net(architecture, _PLAIN, dtype) for architecture in architectures]
    each = PerNet(
        sizes=np.array([net.sizes for net in nets]),
        weights=np.array([net.weights for net in nets]),
        biases=np.array([net.biases for net in nets]),
        n_parameters=np.array([architecture.n_parameters for architecture in architectures]),
    )
    return nets[0], each, max(architecture.sizes for architecture in architectures)


_OWN = threading.local()
# Training rows and held-out rows alternate; a search or a landscape may come in between.
BENCHES = 4


def _bench(
    sizes: tuple[int, ...], dtype: np.dtype[np.floating], n_rows: int, threads: int = 1
) -> Bench:
    """Scratch memory for a chunk of so many rows; a thread keeps its last few."""
    if not hasattr(_OWN, "benches"):
        _OWN.benches = {}
    benches: dict[Any, Bench] = _OWN.benches
    n = min(max(n_rows, 1), CHUNK)
    key = (sizes, dtype, n, n_rows > CHUNK, threads)
    if key not in benches:
        if len(benches) == BENCHES:
            del benches[next(iter(benches))]
        benches[key] = _new_bench(sizes, np.dtype(dtype), n, n_rows > CHUNK, threads)
    return benches[key]


def _new_bench(
    sizes: tuple[int, ...], dtype: np.dtype[np.floating], n: int, chunks: bool, threads: int = 1
) -> Bench:
    size = dtype.itemsize
    rooms = [whole(units, size) for units in sizes]
    step, room = padded(n, size), whole(n, size)
    starts = np.cumsum([0, *rooms[1:]]) * step
    n_parameters = sum(a * b + b for a, b in pairwise(sizes))

    made = partial(zeros, dtype)
    # The leader's first.
    own_room = room_of(dtype) if is_wide(sizes, dtype) else made(0)
    rooms_of_all = made(threads * own_room.size)
    rooms_of_all.reshape(threads, -1)[:] = own_room
    return Bench(
        step=step,
        starts=starts[:-1].copy(),
        X=made(room, padded(sizes[0], size)),
        XT=made(rooms[0], step),
        Y=made(sizes[-1], step),
        share=made(step),
        constant=made(step),
        top=made(step),
        Z=made(starts[-1]),
        A=made(starts[-1]),
        D=made(2 * max(rooms[1:]) * step),
        T=made(room * threads, padded(max(sizes[1:-1], default=0), size)),
        gradient=made(n_parameters),
        part=made(n_parameters if chunks else 0),
        terms=np.zeros(threads * TURN),
        scale_slopes=made(sizes[0]),
        room=rooms_of_all,
    )


def _motion(
    architecture: Architecture, method: Method, dtype: np.dtype[np.floating], *,
    by_blocks: bool = False,
) -> Motion:  # fmt: skip
    terms, move = maker(dtype).rule(method.rule.name)
    found, grains = method.stretches(architecture), [1]
    if by_blocks:
        found, grains = in_blocks(found, architecture)
    stretches = np.array(found)
    return Motion(
        terms=terms,
        move=move,
        constants=np.array(four(method.constants)),
        clip=float(method.clip),
        scales=float(method.scales),
        starts=stretches[:, 0].astype(np.int64),
        stops=stretches[:, 1].astype(np.int64),
        factors=stretches[:, 2].copy(),
        decays=stretches[:, 3].copy(),
        grains=np.resize(np.array(grains, np.int64), len(stretches)),
    )
