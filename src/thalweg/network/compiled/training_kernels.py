"""The compiled kernels: whole runs of training steps without a return to Python.

A batch of more than ``CHUNK`` rows is processed in chunks, whose gradients are added.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from thalweg.network.compiled.chunk_passes import (
    backward,
    forward,
    gather,
    height,
    place_columns,
)
from thalweg.network.compiled.code_types import Floats, Places
from thalweg.network.compiled.jit_cache import compiled_kernel
from thalweg.network.compiled.kernel_arguments import (
    INSIDE,
    OPTIONS,
    Bench,
    Draw,
    Net,
    PerNet,
    Samples,
    address,
    call,
    lying_at,
    one_of,
)
from thalweg.network.compiled.subnormals import as_before, flushing
from thalweg.network.compiled.team.barrier import TURN, claim, entered, meet, own, place_of
from thalweg.network.formulas.input_scales import LEAST

# Rows that are processed together: enough to fill vectors, few enough for the caches.
CHUNK = 512
# The tasks of ``steps``.
HEIGHT, GRADIENT, DESCENT = 0, 1, 2


class Motion(NamedTuple):
    """How θ moves: addresses of the rule, and θ in stretches of one factor and decay each.

    Threads divide a stretch by ``grains``: whole rows of W, so that each moves what it computed.
    """

    terms: int
    move: int
    constants: Any
    clip: float
    scales: float
    starts: Any
    stops: Any
    factors: Any
    decays: Any
    grains: Any


@njit(**INSIDE)
def _set_constant(net: Net, bench: Bench) -> None:
    """The constant of a loss for each sample, or the units of one that a person wrote."""
    n = net.units.size
    if n:
        # They stay in float64 whatever the dtype: the row is at least a cache line long.
        units = lying_at(address(bench.constant), net.units, n)
        for k in range(n):
            units[k] = net.units[k]
    else:
        for i in range(bench.constant.size):
            bench.constant[i] = net.constant


@njit(**INSIDE)
def penalty(net: Net, theta: Floats, gradient: Floats, slope: int, team: Any) -> float:
    """½ penalty ‖W‖² + l1 Σ |W|; where ``slope`` is set, its slope is added to the gradient."""
    squares, sizes = 0.0, 0.0
    number = theta.dtype.type
    ridge, lasso = number(net.penalty), number(net.l1)
    for layer in range(net.weights.size):
        begin, n = net.weights[layer] * theta.itemsize, net.sizes[layer] * net.sizes[layer + 1]
        if place_of(team) == 0:
            # As in ``place_inputs``: an index that might be below 0 blocks vectors.
            W = lying_at(address(theta) + begin, theta, n)
            for i in range(n):
                squares += W[i] * W[i]
                sizes += abs(W[i])
        if slope:
            first, end = own(team, n, net.sizes[layer])
            begin += first * theta.itemsize
            V = lying_at(address(theta) + begin, theta, end - first)
            dW = lying_at(address(gradient) + begin, theta, end - first)
            for i in range(end - first):
                dW[i] += ridge * V[i] + lasso * np.sign(V[i])
    return 0.5 * net.penalty * squares + net.l1 * sizes


@njit(**INSIDE)
def batch(
    net: Net, theta: Floats, table: Samples, rows: Places, first: int, last: int, bench: Bench,
    draw: Draw, slope: int, here: int, team: Any,
) -> Any:  # fmt: skip
    """L over rows ``first … last`` of an order, and where ``slope`` is set dL/dθ on the bench.

    ``here`` says that these rows are on the bench already. Returns L, which is the leader's alone,
    and the rows' weight.
    """
    total, weight = 0.0, 0.0
    n = last - first
    scale = 1.0 / (n * net.mean_weight)
    for begin in range(first, last, CHUNK):
        end = min(begin + CHUNK, last)
        if not here:
            weight += gather(net, table, rows, begin, end, scale, bench, team)
        forward(net, theta, bench, end - begin, draw, begin - first, n, team)
        meet(team)
        if place_of(team) == 0:
            total += height(net, bench, end - begin, slope)
        if slope:
            gradient = bench.gradient if begin == first else bench.part
            backward(net, theta, gradient, bench, end - begin, draw, begin - first, n, team)
            if begin > first:
                ours, end = own(team, theta.size, TURN)
                at, size = ours * theta.itemsize, end - ours
                into = lying_at(address(bench.gradient) + at, theta, size)
                more = lying_at(address(bench.part) + at, theta, size)
                for i in range(size):
                    into[i] += more[i]
    if n > CHUNK:
        meet(team)
    if net.penalty != 0.0 or net.l1 != 0.0:
        total += penalty(net, theta, bench.gradient, slope, team)
    meet(team)
    if slope and net.risen and place_of(team) == 0:
        last = net.weights.size - 1
        for i in range(net.weights[last] + net.sizes[last], net.biases[last]):
            bench.gradient[i] = 0  # these weights are held (``held_weights``)
    return total, weight


@njit(**INSIDE)
def _norm(gradient: Floats) -> float:
    # In float64: the square of a float32 may overflow.
    squares = 0.0
    for i in range(gradient.size):
        number = np.float64(gradient[i])
        squares += number * number
    return np.sqrt(squares)


@njit(**INSIDE)
def _scale(array: Floats, factor: float) -> None:
    for i in range(array.size):
        array[i] *= factor


@njit(**INSIDE)
def _to_scaled(
    n_units: int, theta: Floats, gradient: Floats, s: Floats, slopes: Floats, team: Any
) -> None:
    """``input_scales.to_scaled``: W1 and its gradient become V and its gradient."""
    all_of, size = s.size, theta.itemsize
    first, end = own(team, all_of, TURN)
    n, of_s = end - first, lying_at(address(s) + first * size, s, end - first)
    sums = lying_at(address(slopes) + first * size, s, n)
    for j in range(n):
        sums[j] = 0
    for unit in range(n_units):
        begin = (unit * all_of + first) * size
        W = lying_at(address(theta) + begin, theta, n)
        dW = lying_at(address(gradient) + begin, theta, n)
        for j in range(n):
            W[j] /= of_s[j]
            sums[j] += W[j] * dW[j]
            dW[j] *= of_s[j]
    meet(team)


@njit(**INSIDE)
def _from_scaled(n_units: int, theta: Floats, s: Floats, team: Any) -> None:
    """``input_scales.from_scaled``: V becomes W1."""
    all_of, size = s.size, theta.itemsize
    least = theta.dtype.type(LEAST)
    meet(team)
    first, end = own(team, all_of, TURN)
    n, of_s = end - first, lying_at(address(s) + first * size, s, end - first)
    for j in range(n):
        of_s[j] = max(of_s[j], least)
    for unit in range(n_units):
        W = lying_at(address(theta) + (unit * all_of + first) * size, theta, n)
        for j in range(n):
            W[j] *= of_s[j]


@njit(**INSIDE)
def _memory(n_slots: int, unused: int, first: int, apart: int) -> Any:
    """Addresses of the memory of a rule, in rows; memory that it does not have is not touched."""
    a, b, c = unused, unused, unused
    if n_slots > 0:
        a = first
    if n_slots > 1:
        b = first + apart
    if n_slots > 2:
        c = first + 2 * apart
    return a, b, c


@njit(**INSIDE)
def _move_scales(
    motion: Motion, scales: Floats, slopes: Floats, terms: Floats, step: int, rate: float
) -> None:
    """One step of the rule for the scales of the inputs, whose memory is below them.

    The first stretch is that of W1, whose factor holds for the scales, too.
    """
    n = scales.shape[1]
    own = rate * motion.factors[0] * motion.scales
    call(None, motion.terms, (step, own, address(motion.constants), address(terms)))
    s, g, row = address(scales), address(slopes), n * scales.itemsize
    a, b, c = _memory(scales.shape[0] - 1, g, s + row, row)
    call(None, motion.move, (s, g, a, b, c, address(terms), n))


@njit(**INSIDE)
def _move(
    motion: Motion, theta: Floats, slots: Floats, gradient: Floats, terms: Floats, step: int,
    rate: float, team: Any,
) -> None:  # fmt: skip
    """One step of the rule, stretch by stretch of θ."""
    number, size = theta.dtype.type, theta.itemsize
    # Each thread has a line for its terms.
    place = address(terms) + place_of(team) * TURN * terms.itemsize
    for i in range(motion.starts.size):
        first, end = own(team, motion.stops[i] - motion.starts[i], motion.grains[i])
        at, n = (motion.starts[i] + first) * size, end - first
        own_rate = rate * motion.factors[i]
        claim(team, address(theta) + at, n * size)  # others read it in their passes
        if motion.decays[i] != 0.0:
            stretch = lying_at(address(theta) + at, theta, n)
            _scale(stretch, number(1.0 - own_rate * motion.decays[i]))
        call(None, motion.terms, (step, own_rate, address(motion.constants), place))
        g = address(gradient) + at
        a, b, c = _memory(slots.shape[0], g, address(slots) + at, theta.size * size)
        call(None, motion.move, (address(theta) + at, g, a, b, c, place, n))


def steps(
    net: Net, motion: Motion, thetas: Floats, slots: Floats, scales: Floats, done: int,
    seed: np.uint64, table: Samples, rows: Places, batch_size: int, length: int, rates: Floats,
    first: int, bench: Bench, losses: Floats, norms: Floats, task: int, team: Any,
) -> Any:  # fmt: skip
    """One batch a rate: its loss, its ‖gradient‖, and, with the task ``DESCENT``, a step.

    With ``GRADIENT`` the gradient is left on the bench and θ is not moved; with ``HEIGHT`` only the
    loss is computed, and each batch has its own θ. One kernel serves all three, because each would
    take seconds to compile. Batches are those of ``Order.batch``, from batch ``first`` on: a
    passage has ``length`` rows. ``done`` counts the earlier steps that moved θ. Returns the number
    of processed batches, and ``done``.

    ``team`` is empty, or several threads call this at once, each with its place (``team.barrier``).
    What the leader's call returns holds; then no other thread writes any more.
    """
    before, looked = flushing(), 0
    # One function inside another would be optimised twice: a second of the time to compile.
    now = entered(team)
    leads = place_of(now) == 0
    if leads:
        _set_constant(net, bench)
    n_batches = -(-length // batch_size)
    # If every batch is the same chunk of rows, it stays on the bench.
    only = length == rows.size and n_batches == 1 and length <= CHUNK
    weight = 0.0
    for i in range(rates.size if place_of(now) >= 0 else 0):
        passage, place = (first + i) // n_batches, (first + i) % n_batches
        start = passage * length % rows.size
        begin, here = start + place * batch_size, only and i > 0
        end = min(begin + batch_size, start + length)
        draw = Draw(1 if net.dropout > 0.0 else 0, seed, np.uint64(done))
        theta, slope = thetas[i if task == HEIGHT else 0], task > HEIGHT
        loss, found = batch(net, theta, table, rows, begin, end, bench, draw, slope, here, now)
        weight = weight if here else found
        if leads:
            losses[i], norms[i] = loss, _norm(bench.gradient) if slope else 0.0
        meet(now)
        looked = i + 1
        if slope and not (np.isfinite(losses[i]) and np.isfinite(norms[i])):
            break
        if task == DESCENT and weight > 0.0:
            done += 1
            if norms[i] > motion.clip:
                ours, to = own(now, theta.size, TURN)
                at = address(bench.gradient) + ours * theta.itemsize
                _scale(lying_at(at, theta, to - ours), theta.dtype.type(motion.clip / norms[i]))
                meet(now)
            # The whole bench is not passed on: to copy it takes 6 % of a step of a 9-15-1 network.
            if motion.scales != 0.0:
                _to_scaled(net.sizes[1], theta, bench.gradient, scales[0], bench.scale_slopes, now)
            _move(motion, theta, slots, bench.gradient, bench.terms, done, rates[i], now)
            if motion.scales != 0.0:
                if leads:
                    _move_scales(motion, scales, bench.scale_slopes, bench.terms, done, rates[i])
                _from_scaled(net.sizes[1], theta, scales[0], now)
    if place_of(now) >= 0:
        meet(now)
    as_before(before)
    return looked, done


def predict(
    net: Net, each: PerNet, thetas: Places, X: Floats, rows: Places, first: int, last: int,
    bench: Bench, output: Floats,
) -> None:  # fmt: skip
    """The last layer's output of rows ``first … last``, into the same rows of ``output``.

    For each network, whose θ is at the address in ``thetas``; the inputs of all are side by side
    in X. ``output`` is (n_networks, n_rows, n_outputs).
    """
    draw = Draw(0, np.uint64(0), np.uint64(0))
    start = bench.starts[bench.starts.size - 1]
    left = 0
    for number in range(thetas.size):
        one = one_of(net, each, number)
        theta = lying_at(thetas[number], X, each.n_parameters[number])
        for begin in range(first, last, CHUNK):
            n = min(CHUNK, last - begin)
            place_columns(one, X, left, rows, begin, begin + n, bench)
            forward(one, theta, bench, n, draw, 0, n, ())
            for i in range(n):
                for k in range(output.shape[2]):
                    output[number, begin + i, k] = bench.A[start + k * bench.step + i]
        left += one.sizes[0]


steps, predict = (compiled_kernel(each, **OPTIONS) for each in (steps, predict))
