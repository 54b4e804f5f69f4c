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
from numba import carray, njit, types
from numba.extending import intrinsic
from numpy.typing import DTypeLike

from thalweg.network.compiled.code_types import (
    Builder,
    Context,
    Floats,
    Kind,
    Places,
    Target,
    Typed,
    Values,
)
from thalweg.network.compiled.jit_cache import compiled_loop, filled, once
from thalweg.network.compiled.kernel_arguments import (
    INSIDE,
    BinnedInputs,
    address,
    call,
    filled_up,
    lying_at,
)
from thalweg.network.compiled.vector_code import CONTRACT, LINE, WORD, Vectors

# Columns that are gathered together: sums are read and written once for all of them.
TOGETHER = 4
# Where the fields ``table``, ``others``, ``nothing``, ``flat`` and ``wide`` are.
N_FIELDS = len(BinnedInputs._fields)
TABLE = BinnedInputs._fields.index("table")
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
    at: Any, output: Any, starts: Any, columns: int, rows: Any, has_rows: int, first: int,
    last: int, line: int, lines: Any, outputs: Any, step: int, whole: int,
) -> None:  # fmt: skip
    """Lay the numbers of rows ``first … last`` of an order on the bench, as ``place_inputs`` does.

    Of each it is where its line begins, and the output of its bin.
    """
    for i in range(whole):
        number = min(first + i, last - 1)
        row = rows[number] if has_rows else number
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


# --- the parts of a kernel -----------------------------------------------------------------------


@njit(**INSIDE)
def fields_of(b: Any) -> BinnedInputs:
    """The fields of an array of them."""
    return BinnedInputs(
        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
        b[14], b[15], b[16], b[17], b[18], b[19], b[20], b[21], b[22], b[23], b[24], b[25], b[26],
        b[27],
    )  # fmt: skip


@njit(**INSIDE)
def _copy(like: Floats, out: int, into: int, n: int) -> None:
    """Copy n numbers between two addresses."""
    # As in ``place_inputs``: an index that might be below 0 blocks vectors.
    read, written = lying_at(out, like, n), lying_at(into, like, n)
    for i in range(n):
        written[i] = read[i]


@njit(**INSIDE)
def _clear(like: Floats, at: int, step: int, rows: int, width: int) -> None:
    """Set rows of whole lines of numbers to 0: those of other units belong to other threads."""
    n = filled_up(width, LINE // like.itemsize)
    for row in range(rows):
        numbers = lying_at(at + row * step, like, n)
        for i in range(n):
            numbers[i] = 0


@njit(**INSIDE)
def _spread_out(b: BinnedInputs, W: Floats, units: int, n_inputs: int) -> None:
    """Copy W to where whole squares can be read: the bins first, then all other inputs."""
    size, end = W.itemsize, b.first + b.n_bins
    for unit in range(units):
        out, own = address(W) + unit * n_inputs * size, b.wide + unit * b.width * size
        _copy(W, out + b.first * size, own, b.n_bins)
        _copy(W, out, own + b.n_bins * size, b.first)
        _copy(W, out + end * size, own + end * size, n_inputs - end)


@njit(**INSIDE)
def own_fields(place: int, number: int, first: int, like: Places, size: int) -> Any:
    """The address of the fields for the units from ``first`` on, which begin a line.

    Each thread has memory for its own behind those of all; those of the leader are these.
    """
    n = N_FIELDS
    mine = place + number * n * PLACE
    if number > 0:
        base, own = lying_at(place, like, n), lying_at(mine, like, n)
        for i in range(n):
            own[i] = base[i]
        b = fields_of(base)
        own[TABLE] += first * size
        own[TABLE + 1] += first * size
        own[TABLE + 3] += first * size
        own[TABLE + 4] += first * b.width * size
    return mine


def _sums(
    bins: Any, weights: Any, x: int, x_step: int, Z: int, step: int, whole: int, units: int,
    n_inputs: int,
) -> None:  # fmt: skip
    """Z = W X of the first layer, over the samples on the bench."""
    b, W = fields_of(bins), carray(weights, (units * n_inputs,))
    half, line, n_others = b.half, 2 * b.half // SIZE, n_inputs - b.n_bins
    _spread_out(b, W, units, n_inputs)
    call(None, b.transpose, (b.table + half, line, b.wide, b.width, units, b.n_bins))
    of_bins = b.starts, b.middles, b.n_columns, b.below, b.above, b.nothing
    call(None, b.prefixes, (b.table, half, units * SIZE, *of_bins))
    if n_others:
        beside = b.wide + b.n_bins * SIZE
        call(None, b.transpose, (b.others, line, beside, b.width, units, n_others))
        over = b.flat, line // 2, x, x_step, 1, b.others, line, whole, units, n_others, 0
        call(None, b.product, over)
    else:
        _clear(W, b.flat, half, whole, units)
    where = b.lines, b.outputs, step, b.n_columns, b.table, half
    call(None, b.gather, (*where, units * SIZE, b.flat, whole))
    call(None, b.transpose, (Z, step, b.flat, line // 2, whole, units))


def _slopes(
    bins: Any, slopes: Any, x: int, x_step: int, D: int, step: int, n: int, units: int,
    n_inputs: int,
) -> None:  # fmt: skip
    """dW = dZ Xᵀ of the first layer."""
    b, dW = fields_of(bins), carray(slopes, (units * n_inputs,))
    half, line, n_others = b.half, 2 * b.half // SIZE, n_inputs - b.n_bins
    call(None, b.transpose, (b.flat, line // 2, D, step, units, n))
    _clear(dW, b.table, half, 2 * b.n_bins, units)
    where = b.lines, b.outputs, step, b.n_columns, b.table, half
    call(None, b.scatter, (*where, units * SIZE, b.flat, n))
    of_bins = b.starts, b.middles, b.n_columns, b.below, b.above, b.one
    call(None, b.rises, (b.table, half, units * SIZE, *of_bins))
    call(None, b.transpose, (b.wide, b.width, b.table + half, line, b.n_bins, units))
    into, end = address(dW), b.first + b.n_bins
    for unit in range(units):
        own = b.wide + unit * b.width * SIZE
        _copy(dW, own, into + (unit * n_inputs + b.first) * SIZE, b.n_bins)
    if not n_others:
        return
    call(None, b.product, (b.wide, b.width, D, step, 1, x, x_step, units, n_others, n, 0))
    for unit in range(units):
        own, row = b.wide + unit * b.width * SIZE, into + unit * n_inputs * SIZE
        _copy(dW, own, row, b.first)
        _copy(dW, own + b.first * SIZE, row + end * SIZE, n_inputs - end)


@once
def loops(dtype: DTypeLike) -> tuple[Any, ...]:
    """The parts of a kernel and their loops of a dtype, in the order of ``BinnedInputs``."""
    number = types.float64 if np.dtype(dtype) == np.float64 else types.float32
    row, places, size = types.CPointer(number), types.CPointer(types.intp), types.intp
    bytes_ = types.CPointer(types.uint8)
    of_layer = types.void(places, row, *(size,) * 7)
    over_bins = types.void(size, size, size, places, places, size, size, size, size)
    over_rows = types.void(*(size,) * 9)
    placing = types.void(
        *(bytes_, row, places, size, places, size, size, size, size, places, row, size, size)
    )
    signatures = {
        _place: placing,
        _sums: of_layer,
        _slopes: of_layer,
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
