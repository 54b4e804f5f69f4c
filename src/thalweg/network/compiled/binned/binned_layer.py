"""The first layer where many inputs are bins of numbers: sums are read from tables.

One bin of a number, the one that it is in, has an output of its own. The output of every other bin
depends only on whether it lies below or above that one (``InBins``). So with bin b and output o of
a number, its part of a unit's sum needs two weights, however many bins it has::

    z     += P[b] + o W[b]      P[b]  = Σ_{k<b} below[k] W[k] + Σ_{k>b} above[k] W[k]
    dW[k]  = Σ_{rows with b=k} o dz + below[k] Σ_{b>k} G[b] + above[k] Σ_{b<k} G[b]
    G[b]   = Σ_{rows with this b} dz

Here the units of a sample lie side by side: P[b] and W[b] are a line of the table, as are G[b] and
dW[b]. Of a line, a few vectors of a few columns at a time fit into the fastest cache.

The outputs are measured from the median: ``below`` is 0 for all bins below the median's, ``above``
for all above it. So P is 0 in the median's bin, the ``middle``, and grows from bin to bin on both
sides of it; G is summed up towards it.

The loops are compiled when the first network needs them, and called by address, with addresses and
distances in bytes.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import DTypeLike

from thalweg.network.compiled.code_types import (
    Builder,
    Context,
    Floats,
    Kind,
    Target,
    Typed,
    Values,
)
from thalweg.network.compiled.jit_cache import compiled_loop, filled, once
from thalweg.network.compiled.kernel_arguments import INSIDE, Bench, Net, address, call, lying_at
from thalweg.network.compiled.vector_code import CONTRACT, LINE, WORD, Vectors

# Columns that are gathered together: sums are read and written once for all of them.
TOGETHER = 4
# Bytes of a place in the table.
PLACE = 8
# Bytes of a line that are processed together: of four columns of 32 bins they are 32 KiB, as much
# as the fastest cache has on most machines.
PIECE = 2 * LINE

# The sizes and intrinsics that ``_compiled`` fills in.
SIZE: int = 0
LOOKUP: Any = None
LOOKUP_ONE: Any = None
DEPOSIT: Any = None
DEPOSIT_ONE: Any = None
ADD_LINE: Any = None


# --- inner kernels -------------------------------------------------------------------------------


def _vectors(dtype: DTypeLike, width: int) -> int:
    """Vectors in so many bytes."""
    size = np.dtype(dtype).itemsize
    return width // (size * Vectors(ir.IRBuilder(), dtype).lanes)


def _lookup(dtype: DTypeLike, width: int) -> Any:
    """z += P[b] + o W[b] of one sample over ``TOGETHER`` columns, for ``width`` bytes of units."""

    @intrinsic
    def lookup(
        context: Context, z: Kind, lines: Kind, lines_step: Kind, outputs: Kind,
        outputs_step: Kind, table: Kind, half: Kind,
    ) -> Any:  # fmt: skip
        def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
            z, lines, lines_step, outputs, outputs_step, table, half = values
            block, found = Vectors(bl, dtype), []
            for j in range(TOGETHER):
                at = bl.add(table, block.load(block.row(lines, lines_step, j), WORD))
                output = block.load(block.row(outputs, outputs_step, j), block.number)
                found.append((at, bl.add(at, half), block.spread(output)))
            for v in range(_vectors(dtype, width)):
                parts = []
                for prefix, weights, output in found:
                    weight = block.load(block.offset(weights, v), block.vector)
                    parts.append(block.fused(block.load(block.offset(prefix, v), block.vector),
                                        output, weight))  # fmt: skip
                while len(parts) > 1:
                    pairs = zip(parts[::2], parts[1::2], strict=True)
                    parts = [bl.fadd(a, b, flags=CONTRACT) for a, b in pairs]
                into = block.offset(z, v)
                moved = bl.fadd(block.load(into, block.vector), parts[0], flags=CONTRACT)
                bl.store(moved, block.pointer(into), align=block.size)
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 7), generate

    return lookup


def _deposit(dtype: DTypeLike, width: int) -> Any:
    """G[b] += dz and dW[b] += o dz of one number, for ``width`` bytes of units."""

    @intrinsic
    def deposit(
        context: Context, slopes: Kind, line: Kind, output: Kind, table: Kind, half: Kind
    ) -> Any:
        def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
            slopes, line, output, table, half = values
            block, moved = Vectors(bl, dtype), []
            sums = bl.add(table, block.load(line, WORD))
            weights = bl.add(sums, half)
            factor = block.spread(block.load(output, block.number))
            for v in range(_vectors(dtype, width)):
                slope = block.load(block.offset(slopes, v), block.vector)
                into, beside = block.offset(sums, v), block.offset(weights, v)
                more = bl.fadd(block.load(into, block.vector), slope, flags=CONTRACT)
                moved.append((into, more))
                old = block.load(beside, block.vector)
                moved.append((beside, block.fused(old, factor, slope)))
            for into, more in moved:
                bl.store(more, block.pointer(into), align=block.size)
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 5), generate

    return deposit


def _add_line(dtype: DTypeLike) -> Any:
    """c = a + (a number at an address) b, for a `LINE` of numbers."""

    @intrinsic
    def add_line(context: Context, c: Kind, a: Kind, factor: Kind, b: Kind) -> Any:
        def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
            c, a, factor, b = values
            block = Vectors(bl, dtype)
            one = block.spread(block.load(factor, block.number))
            for v in range(_vectors(dtype, LINE)):
                old, more = (block.load(block.offset(at, v), block.vector) for at in (a, b))
                into = block.pointer(block.offset(c, v))
                bl.store(block.fused(old, one, more), into, align=block.size)
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 4), generate

    return add_line


# --- loops that are called by address ------------------------------------------------------------


def _place(
    at: Any, output: Any, starts: Any, columns: int, row: int, line: int, lines: Any, outputs: Any,
    step: int, i: int,
) -> None:  # fmt: skip
    """Sample i on the bench: where the line of each of its numbers begins, and the output there."""
    for j in range(columns):
        lines[j * step + i] = (starts[j] + at[row * columns + j]) * line
        outputs[j * step + i] = output[row * columns + j]


def _gather(
    lines: int, outputs: int, step: int, columns: int, table: int, half: int, width: int,
    sums: int, n: int,
) -> None:  # fmt: skip
    """z += P[b] + o W[b] over all columns, for the units of each sample."""
    for first in range(0, width, PIECE):
        two = width - first > LINE
        for j in range(0, columns, TOGETHER):  # the last are filled up with zeros
            for i in range(n):
                z, place = sums + i * half + first, j * step + i
                of_lines, of_outputs = lines + place * PLACE, outputs + place * SIZE
                if two:
                    LOOKUP(z, of_lines, step * PLACE, of_outputs, step * SIZE, table + first, half)
                else:
                    LOOKUP_ONE(
                        z, of_lines, step * PLACE, of_outputs, step * SIZE, table + first, half
                    )


def _scatter(
    lines: int, outputs: int, step: int, columns: int, table: int, half: int, width: int,
    slopes: int, n: int,
) -> None:  # fmt: skip
    """G[b] += dz and dW[b] += o dz."""
    for first in range(0, width, PIECE):
        two = width - first > LINE
        for j in range(columns):
            for i in range(n):
                d, place = slopes + i * half + first, j * step + i
                line, output = lines + place * PLACE, outputs + place * SIZE
                if two:
                    DEPOSIT(d, line, output, table + first, half)
                else:
                    DEPOSIT_ONE(d, line, output, table + first, half)


def _prefixes(
    table: int, half: int, width: int, starts: Any, middles: Any, columns: int, below: int,
    above: int, nothing: int,
) -> None:  # fmt: skip
    """P of every bin into the first half of its line; W is in the second half."""
    line = 2 * half
    for j in range(columns):
        first, end, middle = starts[j], starts[j + 1], middles[j]
        own = table + middle * line
        for at in range(0, width, LINE):
            ADD_LINE(own + at, nothing, below, nothing)
        for k in range(middle + 1, end):
            own = table + k * line
            for at in range(0, width, LINE):
                last = own - line + at
                ADD_LINE(own + at, last, below + (k - 1) * SIZE, last + half)
        for k in range(middle - 1, first - 1, -1):
            own = table + k * line
            for at in range(0, width, LINE):
                last = own + line + at
                ADD_LINE(own + at, last, above + (k + 1) * SIZE, last + half)


def _rises(
    table: int, half: int, width: int, starts: Any, middles: Any, columns: int, below: int,
    above: int, one: int,
) -> None:  # fmt: skip
    """What G in the first half of each line adds to dW, in the second half, of other bins."""
    line = 2 * half
    for j in range(columns):
        first, end, middle = starts[j], starts[j + 1], middles[j]
        for k in range(end - 2, middle - 1, -1):
            own = table + k * line
            for at in range(0, width, LINE):
                last = own + line + at
                ADD_LINE(own + half + at, own + half + at, below + k * SIZE, last)
                if k > middle:
                    ADD_LINE(own + at, own + at, one, last)
        for k in range(first + 1, middle + 1):
            own = table + k * line
            for at in range(0, width, LINE):
                last = own - line + at
                ADD_LINE(own + half + at, own + half + at, above + k * SIZE, last)
                if k < middle:
                    ADD_LINE(own + at, own + at, one, last)


@once
def loops(dtype: DTypeLike) -> tuple[Any, ...]:
    """The five loops of a dtype, compiled, in the order of ``kernel_arguments.BinnedInputs``."""
    number = types.float64 if np.dtype(dtype) == np.float64 else types.float32
    row, places, size = types.CPointer(number), types.CPointer(types.intp), types.intp
    over_bins = types.void(size, size, size, places, places, size, size, size, size)
    over_rows = types.void(*(size,) * 9)
    placing = types.void(
        types.CPointer(types.uint8), row, places, size, size, size, places, row, size, size
    )
    signatures = {
        _place: placing,
        _prefixes: over_bins,
        _gather: over_rows,
        _scatter: over_rows,
        _rises: over_bins,
    }
    return tuple(_compiled(each, signature, dtype) for each, signature in signatures.items())


def _compiled(template: Any, signature: Any, dtype: DTypeLike) -> Any:
    meanings = {
        "SIZE": int(np.dtype(dtype).itemsize),
        "LOOKUP": _lookup(dtype, PIECE),
        "LOOKUP_ONE": _lookup(dtype, LINE),
        "DEPOSIT": _deposit(dtype, PIECE),
        "DEPOSIT_ONE": _deposit(dtype, LINE),
        "ADD_LINE": _add_line(dtype),
    }
    name = f"binned{template.__name__}_{np.dtype(dtype).name}"
    return compiled_loop(filled(template, meanings, name), signature)


# --- parts of the kernels ------------------------------------------------------------------------


@njit(**INSIDE)
def place_bins(net: Net, row: int, i: int, bench: Bench) -> None:
    """Lay the numbers of a row of the table on the bench, as sample i."""
    bins = net.bins
    call(
        None, bins.place,
        (bins.at, bins.output, bins.starts, bins.n_columns, row, 2 * bins.half, bins.lines,
         bins.outputs, bench.step, i),
    )  # fmt: skip


@njit(**INSIDE)
def binned_sums(net: Net, theta: Floats, bench: Bench, Z: int, whole: int) -> None:
    """Z = W X of the first layer, over the samples on the bench."""
    bins, size, units = net.bins, theta.itemsize, net.sizes[1]
    half, line = bins.half, 2 * bins.half // size
    n_others = net.sizes[0] - bins.n_bins
    _spread_out(net, theta)
    own = bins.table + half
    call(None, net.transpose, (own, line, bins.wide, bins.width, units, bins.n_bins))
    call(
        None, bins.prefixes,
        (bins.table, half, units * size, bins.starts, bins.middles, bins.n_columns, bins.below,
         bins.above, bins.nothing),
    )  # fmt: skip
    if n_others:
        beside = bins.wide + bins.n_bins * size
        call(None, net.transpose, (bins.others, line, beside, bins.width, units, n_others))
        x, x_step = address(bench.X), bench.X.shape[1]
        call(
            None, net.product,
            (bins.flat, line // 2, x, x_step, 1, bins.others, line, whole, units, n_others),
        )  # fmt: skip
    else:
        _clear(theta, bins.flat, whole * line // 2)
    call(
        None, bins.gather,
        (bins.lines, bins.outputs, bench.step, bins.n_columns, bins.table, half, units * size,
         bins.flat, whole),
    )  # fmt: skip
    call(None, net.transpose, (Z, bench.step, bins.flat, line // 2, whole, units))


@njit(**INSIDE)
def _spread_out(net: Net, theta: Floats) -> None:
    """Copy W to where whole squares can be read: the bins first, then all other inputs."""
    bins, size, n_inputs = net.bins, theta.itemsize, net.sizes[0]
    left, end = bins.first, bins.first + bins.n_bins
    for unit in range(net.sizes[1]):
        W = address(theta) + (net.weights[0] + unit * n_inputs) * size
        own = bins.wide + unit * bins.width * size
        _copy(theta, W + left * size, own, bins.n_bins)
        _copy(theta, W, own + bins.n_bins * size, left)
        _copy(theta, W + end * size, own + end * size, n_inputs - end)


@njit(**INSIDE)
def _copy(like: Floats, out: int, into: int, n: int) -> None:
    """Copy n numbers between two addresses."""
    # As in ``place_inputs``: an index that might be below 0 blocks vectors.
    read, written = lying_at(out, like, n), lying_at(into, like, n)
    for i in range(n):
        written[i] = read[i]


@njit(**INSIDE)
def _clear(like: Floats, at: int, n: int) -> None:
    """Set n numbers at an address to 0."""
    numbers = lying_at(at, like, n)
    for i in range(n):
        numbers[i] = 0


@njit(**INSIDE)
def binned_slopes(net: Net, gradient: Floats, bench: Bench, n: int, D: int) -> None:
    """dW = dZ Xᵀ of the first layer."""
    bins, size, units, n_inputs = net.bins, gradient.itemsize, net.sizes[1], net.sizes[0]
    half, line, step = bins.half, 2 * bins.half // size, bench.step
    call(None, net.transpose, (bins.flat, line // 2, D, step, units, n))
    _clear(gradient, bins.table, bins.n_bins * line)
    call(
        None, bins.scatter,
        (bins.lines, bins.outputs, step, bins.n_columns, bins.table, half, units * size, bins.flat,
         n),
    )  # fmt: skip
    call(
        None, bins.rises,
        (bins.table, half, units * size, bins.starts, bins.middles, bins.n_columns, bins.below,
         bins.above, bins.one),
    )  # fmt: skip
    own = bins.table + half
    call(None, net.transpose, (bins.wide, bins.width, own, line, bins.n_bins, units))
    dW, left = address(gradient) + net.weights[0] * size, bins.first
    for unit in range(units):
        into = dW + (unit * n_inputs + left) * size
        _copy(gradient, bins.wide + unit * bins.width * size, into, bins.n_bins)
    x, x_step = address(bench.X), bench.X.shape[1]
    if left:
        call(None, net.product, (dW, n_inputs, D, step, 1, x, x_step, units, left, n))
    right = n_inputs - bins.n_bins - left
    if right:
        into, beside = dW + (left + bins.n_bins) * size, x + left * size
        call(None, net.product, (into, n_inputs, D, step, 1, beside, x_step, units, right, n))
