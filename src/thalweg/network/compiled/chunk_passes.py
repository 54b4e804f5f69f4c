"""The compiled forward and backward pass over one chunk of rows.

Everything is compiled once for each dtype and serves every architecture: depth and widths are
passed as arrays, formulas and matrix products as addresses (``formula_loops``, ``products``). Here
a unit is a row over the samples of a chunk, so that a formula runs along contiguous memory. X also
has one row for each sample, as the gradient of the first layer needs it.

The names are those of ``reference_engine``: W, b, Z, A, and D for dA, which becomes dZ in place.

With a ``team`` of several threads (``team.barrier``) each computes its own units. They meet where
one reads what others wrote. The loss is left to the leader.
"""

from typing import Any

import numpy as np
from numba import njit

from thalweg.network.compiled.binned.binned_layer import (
    N_FIELDS,
    PLACE,
    fields_of,
    own_fields,
)
from thalweg.network.compiled.code_types import Floats, Places
from thalweg.network.compiled.formula_loops import scalar
from thalweg.network.compiled.kernel_arguments import (
    INSIDE,
    Bench,
    BinnedInputs,
    Draw,
    Net,
    Samples,
    address,
    call,
    filled_up,
    lying_at,
)
from thalweg.network.compiled.team.barrier import (
    by_threads,
    is_shared,
    meet,
    own,
    place_of,
    room_in,
)
from thalweg.network.compiled.team.last_layer import FEW, in_turns
from thalweg.network.compiled.vector_code import LINE
from thalweg.network.formulas.dropout_mask import layer_key

_layer_key = scalar(layer_key, np.float64)


@njit(**INSIDE)
def _place_of_bins(net: Net) -> Any:
    """The address of the inputs that are bins of numbers."""
    return (*net.bins, 0)[0]  # Numba types this for an empty tuple, too


@njit(**INSIDE)
def _bins_of(net: Net) -> BinnedInputs:
    """The inputs that are bins of numbers."""
    return fields_of(lying_at(_place_of_bins(net), net.sizes, N_FIELDS))


def _bins_of_team(net: Net, size: int, team: Any) -> Any:
    first, end = own(team, net.sizes[1], LINE // size)
    place = own_fields(_place_of_bins(net), place_of(team), first, net.sizes, size)
    return place, first, end


def _own_bins(net: Net, size: int, team: Any) -> Any:
    """The fields for this thread's units, and which these are: whole lines of the table."""


by_threads(_own_bins, _bins_of_team, lambda net, size, team: (_place_of_bins(net), 0, net.sizes[1]))


@njit(**INSIDE)
def place_inputs(
    net: Net, inputs: Floats, left: int, rows: Places, first: int, last: int, bench: Bench,
    team: Any,
) -> None:  # fmt: skip
    """Lay inputs on the bench, a sample a row and a sample a column.

    The network's inputs are the columns from ``left`` on. Without ``rows``, the numbers
    ``first … last`` are those of the table. The last row fills up the last vector, so that
    everything that is finite for it is finite there, too.
    """
    n, n_inputs = last - first, net.sizes[0]
    if len(net.bins):
        n_inputs -= _bins_of(net).n_bins
    begin, width, size = address(inputs), inputs.shape[1], inputs.itemsize
    begun, ended = own(team, filled_up(n, LINE // size), LINE // size)
    for i in range(begun, ended):
        number = min(first + i, last - 1)
        row = rows[number] if rows.size else number
        # To the compiler a column counted from ``left`` might be below 0, which blocks vectors.
        source = lying_at(begin + (row * width + left) * size, inputs, n_inputs)
        for j in range(n_inputs):
            bench.X[i, j] = source[j]
    if len(net.bins):
        b = _bins_of(net)
        order = address(rows), rows.size, first + begun, last
        there = b.at, b.output, b.starts, b.n_columns
        lines, outputs = b.lines + begun * PLACE, b.outputs + begun * size
        here = 2 * b.half, lines, outputs, bench.step, ended - begun
        call(None, b.place, (*there, *order, *here))
        return
    if begun < n:
        width, to = bench.X.shape[1], address(bench.XT) + begun * size
        at, count = address(bench.X) + begun * width * size, min(ended, n) - begun
        call(None, net.transpose, (to, bench.step, at, width, count, n_inputs))


@njit(**INSIDE)
def place_columns(
    net: Net, inputs: Floats, left: int, rows: Places, first: int, last: int, bench: Bench
) -> None:
    """``place_inputs`` for ``forward`` alone, which wants a sample a column.

    Rows of the table need not be copied first if whole squares can be read directly: values beside
    the inputs are written where no product reads.
    """
    n, n_inputs, width, size = last - first, net.sizes[0], inputs.shape[1], inputs.itemsize
    line = LINE // size
    begin = first * width + left
    end = begin + (n - 1) * width + filled_up(n_inputs, line)
    if not rows.size and n % line == 0 and end <= inputs.size:
        at = address(inputs) + begin * size
        call(None, net.transpose, (address(bench.XT), bench.step, at, width, n, n_inputs))
    else:
        place_inputs(net, inputs, left, rows, first, last, bench, ())


@njit(**INSIDE)
def gather(
    net: Net, table: Samples, rows: Places, first: int, last: int, scale: float, bench: Bench,
    team: Any,
) -> Any:  # fmt: skip
    """Lay rows ``first … last`` of an order on the bench; returns their weight."""
    place_inputs(net, table.X, 0, rows, first, last, bench, team)
    n = last - first
    total = 0.0
    for i in range(filled_up(n, LINE // bench.X.itemsize)):
        row = rows[min(first + i, last - 1)]
        weight = table.weights[row] if i < n else 0.0
        if place_of(team) == 0:
            for j in range(table.Y.shape[1]):
                bench.Y[j, i] = table.Y[row, j]
            bench.share[i] = weight * scale
        total += weight
    return total


@njit(**INSIDE)
def forward(
    net: Net, theta: Floats, bench: Bench, n: int, draw: Draw, place: int, width: int, team: Any
) -> None:
    """From the n samples on the bench to the last layer; fills Z and A.

    ``place`` and ``width`` tell dropout the position of the chunk in its batch, and their width.
    """
    size, step = theta.itemsize, bench.step
    whole = filled_up(n, LINE // size)
    before = address(bench.XT)
    last = net.values.size - 1
    for layer in range(last + 1):
        n_in, n_out = net.sizes[layer], net.sizes[layer + 1]
        first, end = own(team, n_out, 1)
        W = address(theta) + (net.weights[layer] + first * n_in) * size
        start = bench.starts[layer] + first * step
        A = address(bench.A) + start * size
        Z = A if net.in_place[layer] else address(bench.Z) + start * size
        meet(team)
        if is_shared(team) and 0 < layer == last and n_out <= FEW:
            first, end = in_turns(net, theta, bench, whole, before, team)
        elif layer == 0 and len(net.bins):
            x, x_step = address(bench.X), bench.X.shape[1]
            fields, begun, ended = _own_bins(net, size, team)
            if begun < ended:
                W = address(theta) + (net.weights[layer] + begun * n_in) * size
                to = address(bench.A if net.in_place[layer] else bench.Z) + begun * step * size
                of_layer = fields, W, x, x_step, to, step, whole, ended - begun, n_in
                call(None, _bins_of(net).sums, of_layer)
            meet(team)
        elif first < end:
            room = address(bench.room) + room_in(team)
            product = (Z, step, W, n_in, 1, before, step, end - first, whole, n_in, room)
            call(None, net.product, product)
        for unit in range(first, end):
            at, b = (unit - first) * step * size, theta[net.biases[layer] + unit]
            call(None, net.values[layer], (Z + at, A + at, b, whole))
        if draw.on and layer < last:
            _drop(net, address(bench.A) + bench.starts[layer] * size, first, end, whole, bench,
                  layer, draw, place, width)  # fmt: skip
            _fill_up(bench, start, end - first, n, whole)
        before = address(bench.A) + bench.starts[layer] * size


@njit(**INSIDE)
def _fill_up(bench: Bench, first: int, units: int, n: int, whole: int) -> None:
    """The last sample fills up the last vector, as in ``place_inputs``: it has another mask there.

    Numbers that are finite under one mask may not be so under another, and infinity times 0 is NaN.
    """
    for row in range(first, first + units * bench.step, bench.step):
        for i in range(row + n, row + whole):
            bench.A[i] = bench.A[row + n - 1]


@njit(**INSIDE)
def _drop(
    net: Net, A: int, first: int, end: int, n: int, bench: Bench, layer: int, draw: Draw,
    place: int, width: int,
) -> None:  # fmt: skip
    """Dropout of some outputs of a layer, or of their gradient: the same mask for both."""
    key = _layer_key(draw.seed, draw.step, np.uint64(layer))
    stays = 1.0 / (1.0 - net.dropout)
    for unit in range(first, end):
        row = A + unit * bench.step * bench.A.itemsize
        call(None, net.mask, (row, unit * width + place, key, net.threshold, stays, n))


@njit(**INSIDE)
def _rising_height(net: Net, bench: Bench, whole: int, slope: int) -> float:
    """``height`` where outputs rise: up to the cumulative logits, and down again to the slopes."""
    step = bench.step * bench.A.itemsize
    first = bench.starts[bench.starts.size - 1]
    outputs, targets = address(bench.A) + first * bench.A.itemsize, address(bench.Y)
    gap, top, share = address(bench.constant), address(bench.top), address(bench.share)
    # D holds the cumulative logits until slopes replace them.
    for i in range(whole):
        bench.constant[i] = np.inf
        bench.top[i] = bench.A[first + i]
        bench.D[i] = bench.A[first + i]
    for k in range(1, net.sizes[-1]):
        call(None, net.risen, (top, outputs + k * step, address(bench.D) + k * step, whole))
    for i in range(whole):
        bench.top[i] = 0
    total = 0.0
    for k in range(net.sizes[-1] - 1, -1, -1):
        y, c = targets + k * step, address(bench.D) + k * step
        z = outputs + k * step if k > 0 else gap
        total += call(0.0, net.height, (z, y, c, share, whole))
        if slope:
            call(None, net.height_and_slope, (z, y, c, share, top, whole))
    return total


@njit(**INSIDE)
def height(net: Net, bench: Bench, n: int, slope: int) -> float:
    """Σ share ℓ over the samples on the bench, after ``forward``; the penalty is not in it.

    With ``slope`` also the slope in the last A, at the head of D, where ``backward`` begins.

    If the outputs exclude each other, the largest is subtracted from them first, as the bodies of
    such losses require.
    """
    step, whole = bench.step * bench.A.itemsize, filled_up(n, LINE // bench.A.itemsize)
    if net.risen:
        return _rising_height(net, bench, whole, slope)
    first = bench.starts[bench.starts.size - 1]
    outputs, targets = address(bench.A) + first * bench.A.itemsize, address(bench.Y)
    top, constant = address(bench.top), address(bench.constant)
    if net.joined:
        for i in range(whole):
            bench.top[i] = bench.A[first + i]
            bench.constant[i] = 0
        for k in range(1, net.sizes[-1]):
            call(None, net.joined, (top, constant, outputs + k * step, whole))
        for k in range(net.sizes[-1]):
            start = first + k * bench.step
            for i in range(whole):
                bench.A[start + i] -= bench.top[i]
    total = 0.0
    for k in range(net.sizes[-1]):
        z, y, d = outputs + k * step, targets + k * step, address(bench.D) + k * step
        share = address(bench.share)
        if net.constants.size:
            for i in range(whole):
                bench.constant[i] = net.constants[k]
        if slope:
            total += call(0.0, net.height_and_slope, (z, y, constant, share, d, whole))
        else:
            total += call(0.0, net.height, (z, y, constant, share, whole))
    return total


@njit(**INSIDE)
def _weights(
    net: Net, gradient: Floats, bench: Bench, n: int, layer: int, D: int, T: int, t_step: int,
    team: Any,
) -> None:  # fmt: skip
    """dW = dZ Aᵀ of one layer."""
    n_in, n_out, size = net.sizes[layer], net.sizes[layer + 1], gradient.itemsize
    first, end = own(team, n_out, 1)
    dW = address(gradient) + (net.weights[layer] + first * n_in) * size
    if layer == 0 and len(net.bins):
        place, first, end = _own_bins(net, size, team)
        if first < end:
            dW = address(gradient) + (net.weights[layer] + first * n_in) * size
            rows = D + first * bench.step * size
            of_layer = place, dW, T, t_step, rows, bench.step, n, end - first, n_in
            call(None, _bins_of(net).slopes, of_layer)
    elif first < end:
        rows, room = D + first * bench.step * size, address(bench.room) + room_in(team)
        product = (dW, n_in, rows, bench.step, 1, T, t_step, end - first, n_in, n, room)
        call(None, net.product, product)


@njit(**INSIDE)
def _slopes(
    net: Net, gradient: Floats, bench: Bench, n: int, layer: int, D: int, first: int, end: int
) -> None:
    """dZ = dA f'(Z) in place, and db, of some units."""
    size, step = gradient.itemsize, bench.step * gradient.itemsize
    zero = gradient.dtype.type(0)
    Z = address(bench.A if net.in_place[layer] else bench.Z) + bench.starts[layer] * size
    for unit in range(first, end):
        arguments = (Z + unit * step, D + unit * step, n)
        gradient[net.biases[layer] + unit] = call(zero, net.slopes[layer], arguments)


@njit(**INSIDE)
def _below_one(
    net: Net, theta: Floats, gradient: Floats, bench: Bench, n: int, D: int, following: int,
    team: Any,
) -> None:  # fmt: skip
    """dW of a last layer of one unit, and dZ and db of the layer below it, in one passage."""
    layer = net.slopes.size - 1
    size, step = theta.itemsize, bench.step * theta.itemsize
    zero = theta.dtype.type(0)
    A = address(bench.A) + bench.starts[layer - 1] * size
    Z = A if net.in_place[layer - 1] else address(bench.Z) + bench.starts[layer - 1] * size
    first, end = own(team, net.sizes[layer], 1)
    for unit in range(first, end):
        row, weight = unit * step, net.weights[layer] + unit
        dot = address(gradient) + weight * size
        arguments = (Z + row, A + row, D, theta[weight], following + row, dot, n)
        gradient[net.biases[layer - 1] + unit] = call(zero, net.below_one, arguments)


@njit(**INSIDE)
def backward(
    net: Net, theta: Floats, gradient: Floats, bench: Bench, n: int, draw: Draw, place: int,
    width: int, team: Any,
) -> None:  # fmt: skip
    """The gradient in θ over the samples on the bench, after ``height`` with its slope."""
    size, step = theta.itemsize, bench.step
    whole = filled_up(n, LINE // size)
    D, following = address(bench.D), address(bench.D) + bench.D.size // 2 * size
    last = net.slopes.size - 1
    one = net.below_one and not draw.on
    for layer in range(last, -1, -1):
        n_in, n_out = net.sizes[layer], net.sizes[layer + 1]
        first, end = own(team, n_out, 1)
        if layer == last:  # the leader just wrote all of D
            first, end = 0, n_out if place_of(team) == 0 else 0
        if draw.on and layer < last:
            _drop(net, D, first, end, whole, bench, layer, draw, place, width)
        if not (one and layer == last - 1):
            _slopes(net, gradient, bench, whole, layer, D, first, end)
        if one and layer == last:
            meet(team)
            _below_one(net, theta, gradient, bench, whole, D, following, team)
            D, following = following, D
            continue
        T, t_step = address(bench.X), bench.X.shape[1]
        if layer > 0:
            A, t_step = address(bench.A) + bench.starts[layer - 1] * size, bench.T.shape[1]
            # Each thread makes its own: that is faster than to read what others wrote.
            T = address(bench.T) + place_of(team) * (whole * t_step * size)
            call(None, net.transpose, (T, t_step, A, step, n_in, n))
        meet(team)
        _weights(net, gradient, bench, n, layer, D, T, t_step, team)
        if layer > 0:
            first, end = own(team, n_in, 1)
            if first < end:
                W = address(theta) + (net.weights[layer] + first) * size
                rows, room = following + first * step * size, address(bench.room) + room_in(team)
                product = (rows, step, W, 1, n_in, D, step, end - first, whole, n_out, room)
                call(None, net.product, product)
            D, following = following, D
    meet(team)
