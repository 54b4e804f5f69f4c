"""Matrix products for the compiled kernels, in the SIMD width of this machine.

One inner kernel does all the work. For C = A B it computes a block of some rows and a few vectors
of columns, and keeps that block in registers. For every row of B it adds (one number of A,
repeated) times (a vector of B). Nothing has to be copied first, as in BLAS: B and C are rows along
which vectors run, and A is only read one number at a time, so its layout does not matter. An
element of C is the sum over k in order, whatever its position: the same bits in every batch.

The block is as large as the registers allow (Goto & van de Geijn 2008, "Anatomy of
high-performance matrix multiplication", ACM TOMS 34(3)). It is written with LLVM's own vectors,
since no compiler keeps an array of sums in registers by itself.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import DTypeLike

from thalweg.network.compiled.code_types import Body, Builder, Context, Kind, Target, Typed, Values
from thalweg.network.compiled.jit_cache import compiled_loop, filled, named, once
from thalweg.network.compiled.vector_code import (
    CONTRACT,
    SHORT,
    WORD,
    Vectors,
    lanes_of,
    registers,
)

# Bytes within which a shuffle is cheap on any machine.
_PIECE = 16


class ProductCode(Vectors):
    """Writes the inner kernel: some rows of C, a few vectors of columns."""

    def sums(
        self, arguments: Values, rows: int, vectors: int, begun: list[list[Any]] | None = None
    ) -> list[list[Any]]:
        """The loop over k, from 0 or from sums that were begun; returns the vectors of C."""
        bl = self.builder
        a, row_step, k_step, b, b_step, k = arguments
        before, loop, after = bl.block, bl.append_basic_block("k"), bl.append_basic_block("sums")
        steps = [bl.mul(row_step, ir.Constant(WORD, row)) for row in range(rows)]
        bl.branch(loop)
        bl.position_at_end(loop)
        done, at_a, at_b = (bl.phi(WORD) for _ in range(3))
        zero = ir.Constant(self.vector, [0.0] * self.lanes)
        old = [[bl.phi(self.vector) for _ in range(vectors)] for _ in range(rows)]
        of_b = [self.load(self.offset(at_b, v), self.vector) for v in range(vectors)]
        new = []
        for row in range(rows):
            one = self.spread(self.load(bl.add(at_a, steps[row]), self.number))
            products = [bl.fmul(one, of_b[v], flags=CONTRACT) for v in range(vectors)]
            new.append([bl.fadd(old[row][v], products[v], flags=CONTRACT) for v in range(vectors)])
        for phi, start, step in (
            (done, ir.Constant(WORD, 0), ir.Constant(WORD, 1)), (at_a, a, k_step), (at_b, b, b_step)
        ):  # fmt: skip
            phi.add_incoming(start, before)
            phi.add_incoming(bl.add(phi, step), loop)
        for row in range(rows):
            for v in range(vectors):
                old[row][v].add_incoming(begun[row][v] if begun else zero, before)
                old[row][v].add_incoming(new[row][v], loop)
        bl.cbranch(bl.icmp_signed("<", done.incomings[1][0], k), loop, after)
        bl.position_at_end(after)
        return new

    def places(self, c: ir.Value, c_step: ir.Value, rows: int, vectors: int) -> list[list[Any]]:
        """The addresses of the vectors of C."""
        return [
            [self.offset(self.row(c, c_step, row), v) for v in range(vectors)]
            for row in range(rows)
        ]

    def store(self, new: list[list[Any]], c: ir.Value, c_step: ir.Value, columns: ir.Value) -> None:
        """Write as many columns as there are, and not a number beyond."""
        bl = self.builder
        whole = bl.icmp_signed(">=", columns, ir.Constant(WORD, len(new[0]) * self.lanes))
        places = self.places(c, c_step, len(new), len(new[0]))
        # Writing part of a vector is slow on many machines.
        with bl.if_else(whole, likely=True) as (then, otherwise):
            with then:
                for values, addresses in zip(new, places, strict=True):
                    for value, address in zip(values, addresses, strict=True):
                        bl.store(value, self.pointer(address), align=self.size)
            with otherwise:
                self.store_part(new, places, columns)

    def store_part(self, new: list[list[Any]], places: list[list[Any]], columns: ir.Value) -> None:
        """The same where the last vectors are not full."""
        bl = self.builder
        flags = ir.VectorType(ir.IntType(1), self.lanes)
        kind = ir.FunctionType(ir.VoidType(), [self.vector, self.vector.as_pointer(), SHORT, flags])
        name = f"llvm.masked.store.v{self.lanes}f{8 * self.size}.p0"
        masked = cgutils.get_or_insert_function(bl.module, kind, name)
        for v in range(len(new[0])):
            there = self.there(bl.sub(columns, ir.Constant(WORD, v * self.lanes)))
            for row in range(len(new)):
                pointer = self.pointer(places[row][v])
                bl.call(masked, [new[row][v], pointer, ir.Constant(SHORT, self.size), there])

    def there(self, count: ir.Value) -> Any:
        """Which lanes are among the first ``count``."""
        lane = ir.Constant(ir.VectorType(WORD, self.lanes), list(range(self.lanes)))
        return self.builder.icmp_signed("<", lane, self.spread(count))

    def transposed(self, tops: list[Any]) -> list[Any]:
        """The columns of a square, as many as a vector has lanes; ``tops`` are where rows begin.

        Pieces of 16 bytes are read directly to their destination, which is done in parallel with
        other work; within them the halves of ever smaller squares are swapped (Eklundh 1972).
        """
        piece = min(self.lanes, _PIECE // self.size)
        of_piece = ir.VectorType(self.number, piece)
        firsts = range(0, self.lanes, piece)
        rows = []
        for column in firsts:
            for row in range(piece):
                starts = [tops[first + row] for first in firsts]
                shift = ir.Constant(WORD, column * self.size)
                rows.append(
                    self.side_by_side(
                        [self.load(self.builder.add(at, shift), of_piece) for at in starts]
                    )
                )
        half = piece // 2
        kind = ir.VectorType(SHORT, self.lanes)
        while half:
            places = range(self.lanes)
            upper = [c if not c & half else self.lanes + c - half for c in places]
            lower = [c + half if not c & half else self.lanes + c for c in places]
            for i in (i for i in places if not i & half):
                x, y = rows[i], rows[i + half]
                rows[i] = self.builder.shuffle_vector(x, y, ir.Constant(kind, upper))
                rows[i + half] = self.builder.shuffle_vector(x, y, ir.Constant(kind, lower))
            half //= 2
        return rows

    def rows_of(self, start: ir.Value, step: ir.Value) -> list[Any]:
        """Where the rows of a square begin."""
        return [self.row(start, step, i) for i in range(self.lanes)]

    def side_by_side(self, parts: list[Any]) -> Any:
        """Vectors one behind the other; a power of two of them."""
        while len(parts) > 1:
            places = ir.VectorType(SHORT, 2 * parts[0].type.count)
            order = ir.Constant(places, list(range(places.count)))
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [self.builder.shuffle_vector(x, y, order) for x, y in pairs]
        return parts[0]

    def add_product(self, sums: ir.Value, column: ir.Value, address: ir.Value) -> None:
        """sums += column · (the number at an address), as ``sums`` does it."""
        bl = self.builder
        product = bl.fmul(self.spread(self.load(address, self.number)), column, flags=CONTRACT)
        bl.store(bl.fadd(bl.load(sums), product, flags=CONTRACT), sums)


def most_rows(vectors: int) -> int:
    """Rows of C whose sums fit into registers; beyond 16 there is nothing left to gain."""
    return min(16, registers()[1] // vectors)


def _inner(dtype: DTypeLike, vectors: int) -> Any:
    """``inner(rows, …)``: any number of rows that fits, with addresses, and strides in bytes."""
    most = most_rows(vectors)

    @intrinsic
    def inner(
        context: Context, rows: Kind, c: Kind, c_step: Kind, a: Kind, row_step: Kind,
        k_step: Kind, b: Kind, b_step: Kind, k: Kind, columns: Kind,
    ) -> Any:  # fmt: skip
        def generate(target: Target, builder: Builder, signature: Typed, values: Values) -> Any:
            block = ProductCode(builder, dtype)
            end = builder.append_basic_block("end")
            cases = [builder.append_basic_block(f"rows{count}") for count in range(1, most + 1)]
            switch = builder.switch(values[0], end)
            for count, case in enumerate(cases, 1):
                switch.add_case(ir.Constant(WORD, count), case)
                builder.position_at_end(case)
                sums = block.sums(values[3:9], count, vectors)
                block.store(sums, values[1], values[2], values[9])
                builder.branch(end)
            builder.position_at_end(end)
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 10), generate

    return inner


def _strip(dtype: DTypeLike, vectors: int, user: str) -> Any:
    """A few vectors of columns, all rows of C in blocks of about the same height.

    Each user compiles its own, under a name of its own (``jit_cache.named``).
    """
    inner, most = _inner(dtype, vectors), most_rows(vectors)

    def strip(
        c: int, c_step: int, a: int, row_step: int, k_step: int, b: int, b_step: int, rows: int,
        columns: int, k: int,
    ) -> None:  # fmt: skip
        blocks = -(-rows // most)
        first = 0
        for block in range(blocks):
            here = -(-(rows - first) // (blocks - block))
            at_c, at_a = c + first * c_step, a + first * row_step
            inner(here, at_c, c_step, at_a, row_step, k_step, b, b_step, k, columns)
            first += here

    function = named(strip, f"strip_{user}_{vectors}")
    return njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)


def _square(dtype: DTypeLike) -> Any:
    """``square(t, t_step, a, a_step)``: as many rows as a vector has lanes, transposed."""

    @intrinsic
    def square(context: Context, t: Kind, t_step: Kind, a: Kind, a_step: Kind) -> Any:
        def generate(target: Target, builder: Builder, signature: Typed, values: Values) -> Any:
            block = ProductCode(builder, dtype)
            t, t_step, a, a_step = values

            for i, column in enumerate(block.transposed(block.rows_of(a, a_step))):
                at = block.row(t, t_step, i)
                builder.store(column, block.pointer(at), align=block.size)
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 4), generate

    return square


def _upright(dtype: DTypeLike, squares: int) -> Any:
    """``upright(c, a, row_step, b, k)``: lanes of sums are rows of C.

    It is for C and B of one contiguous column, where vectors along a row would contain one number
    each: whole squares of A are read and transposed. The sum over k is that of ``inner``, to the
    last bit.
    """
    size, lanes = int(np.dtype(dtype).itemsize), lanes_of(dtype)

    @intrinsic
    def upright(context: Context, c: Kind, a: Kind, row_step: Kind, b: Kind, k: Kind) -> Any:
        def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
            c, a, row_step, b, k = values
            one = ir.Constant(WORD, size)
            block = ProductCode(bl, dtype)
            tops = [block.row(a, row_step, lanes * i) for i in range(squares)]
            sums = [cgutils.alloca_once(bl, block.vector) for _ in tops]
            for each in sums:
                bl.store(ir.Constant(block.vector, [0.0] * lanes), each)
            n, wide = bl.sdiv(k, ir.Constant(WORD, lanes)), ir.Constant(WORD, lanes)
            with cgutils.for_range(bl, n) as loop:
                done = bl.mul(loop.index, wide)
                for top, own in zip(tops, sums, strict=True):
                    here = bl.add(top, bl.mul(done, ir.Constant(WORD, size)))
                    for i, column in enumerate(block.transposed(block.rows_of(here, row_step))):
                        place = bl.add(done, ir.Constant(WORD, i))
                        block.add_product(own, column, bl.add(b, bl.mul(place, one)))
            with cgutils.for_range_slice(bl, bl.mul(n, wide), k, ir.Constant(WORD, 1)) as (i, _):
                for top, own in zip(tops, sums, strict=True):
                    here = bl.add(top, bl.mul(i, ir.Constant(WORD, size)))
                    column = ir.Constant(block.vector, ir.Undefined)
                    for lane in range(lanes):
                        number = block.load(block.row(here, row_step, lane), block.number)
                        column = bl.insert_element(column, number, ir.Constant(SHORT, lane))
                    block.add_product(own, column, bl.add(b, bl.mul(i, one)))
            for number, own in enumerate(sums):
                bl.store(bl.load(own), block.pointer(block.offset(c, number)), align=size)
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 5), generate

    return upright


# The sizes that ``_compiled`` chooses. Few rows take many vectors, so that sums need not wait.
MANY: Any = None
TWO: Any = None
ONE: Any = None
SQUARE: Any = None
UPRIGHT: Any = None
SIZE: int = 0
LANES: int = 0
FEW: int = 0


def product(
    c: int, c_step: int, a: int, row_step: int, k_step: int, b: int, b_step: int, rows: int,
    columns: int, k: int, room: int,
) -> None:  # fmt: skip
    """C (rows, columns) = A (rows, k) B (k, columns), for ``_compiled`` to fill in.

    Parameters
    ----------
    c, a, b : int
        Addresses of the first elements. A[r, i] is at ``r * row_step + i * k_step`` elements after
        a; rows of C and B are contiguous, ``c_step`` and ``b_step`` elements apart. Rows of B must
        have room for whole vectors (``padded``); in C only the columns are written.
    rows, columns, k : int
        k ≥ 1.
    room : int
        Not used here: ``blocked_products`` has memory for copies there.
    """
    c_step, b_step, row_step, k_step = c_step * SIZE, b_step * SIZE, row_step * SIZE, k_step * SIZE
    first = 0
    while rows <= FEW and columns - first > 7 * LANES:
        at = first * SIZE
        MANY(c + at, c_step, a, row_step, k_step, b + at, b_step, rows, columns - first, k)
        first += 8 * LANES
    while columns - first > LANES:
        at = first * SIZE
        TWO(c + at, c_step, a, row_step, k_step, b + at, b_step, rows, columns - first, k)
        first += 2 * LANES
    if first < columns:
        at = first * SIZE
        ONE(c + at, c_step, a, row_step, k_step, b + at, b_step, rows, columns - first, k)


def single(c: int, a: int, a_step: int, b: int, rows: int, k: int) -> None:
    """``product`` where C and B have one column, for ``_compiled`` to fill in.

    Both are contiguous; after B there must be room for one more vector that is read.
    """
    a_step = a_step * SIZE
    first = 0
    while rows - first >= 2 * LANES:
        UPRIGHT(c + first * SIZE, a + first * a_step, a_step, b, k)
        first += 2 * LANES
    if first < rows:
        ONE(c + first * SIZE, SIZE, a + first * a_step, a_step, SIZE, b, SIZE, rows - first, 1, k)


def transpose(t: int, t_step: int, a: int, a_step: int, rows: int, columns: int) -> None:
    """T (columns, rows) = Aᵀ, for ``_compiled`` to fill in; addresses and steps as in ``product``.

    Whole squares of lanes are read and written: T and A must have room for them.
    """
    t_step, a_step = t_step * SIZE, a_step * SIZE
    for row in range(0, rows, LANES):
        for column in range(0, columns, LANES):
            into, out = t + column * t_step + row * SIZE, a + row * a_step + column * SIZE
            SQUARE(into, t_step, out, a_step)


@once
def product_of(dtype: DTypeLike) -> Any:
    """``product`` of a dtype, compiled; it has an ``address``."""
    return _compiled(product, 11, dtype)


@once
def transpose_of(dtype: DTypeLike) -> Any:
    """``transpose`` of a dtype, compiled."""
    return _compiled(transpose, 6, dtype)


@once
def single_of(dtype: DTypeLike) -> Any:
    """``single`` of a dtype, for whoever asks for one row: no fit waits for it to be compiled."""
    return _compiled(single, 6, dtype)


def _compiled(template: Body, n_arguments: int, dtype: DTypeLike) -> Any:
    """A template with its names filled in; of these, only those it uses are compiled."""
    name = f"{template.__name__}_{np.dtype(dtype).name}"
    meanings = {
        "MANY": _strip(dtype, 8, name),
        "TWO": _strip(dtype, 2, name),
        "ONE": _strip(dtype, 1, name),
        "SQUARE": _square(dtype),
        "UPRIGHT": _upright(dtype, 2),
        "SIZE": int(np.dtype(dtype).itemsize),
        "LANES": lanes_of(dtype),
        "FEW": registers()[1] // 8,
    }
    function = filled(template, meanings, name)
    signature = types.void(*(types.intp,) * n_arguments)
    return compiled_loop(function, signature, said=template is product)
