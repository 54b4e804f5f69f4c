"""Matrix products of wide networks: blocks of A and B are copied to where the caches hold them.

``products`` reads B where it lies: for each block of rows, a strip of columns over all k. With
k = 1024 such a strip is larger than the first cache, each of its rows lies in another page, and
rows of A that are a power of two apart compete for the same cache lines. Here k is divided into
pieces. For each piece strips of B are copied to where the second cache holds them, and blocks of A
to where the first one does; each block meets all strips, and the sums that were begun in earlier
pieces are loaded from C (Goto & van de Geijn 2008, with A and B exchanged). A sum that was
stored and loaded is the same number, so every sum has the same order and the same bits as in
``products``, which still does all shapes where copies do not pay.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
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
from thalweg.network.compiled.kernel_arguments import call, zeros
from thalweg.network.compiled.products import ProductCode, most_rows, product_of
from thalweg.network.compiled.vector_code import (
    LINE,
    SHORT,
    WORD,
    claim_line,
    lanes_of,
    registers,
)
from thalweg.network.compiled.wide.second_cache import second_cache

# The longest piece of k (in float32 with AVX-512 a strip of B then takes 64 KiB, and a block of A
# 32 KiB); shorter ones pass C through the caches more often. The least and most bytes of copies,
# and their share of the second cache.
PIECE, TOGETHER, SHARE_OF_CACHE = 512, (768 * 2**10, 1536 * 2**10), 0.75
# Blocks of A that are copied together: where its columns are contiguous, whole lines are read.
BLOCKS = 8
# From so many bytes of A on, a copy pays where columns of A are contiguous, and where its rows are.
LARGE, LARGE_BY_ROWS = 2**21, 2**20
# With fewer columns of C, copies of rows of A are used too seldom: reading them needs none.
MANY_COLUMNS = 256
# Fewer rows or a shorter sum are no work for copies.
LEAST = 32
# Vectors of columns in a strip.
STRIP = 2
# Bytes of a word in front of the copies.
WORD_SIZE = 8


def _most() -> int:
    """Rows of a block: the sums of 14, two vectors of B and a number of A fill 32 registers."""
    return 14 if registers()[1] >= 24 else most_rows(STRIP)


def _step_of(dtype: DTypeLike) -> int:
    """Bytes from one k to the next in a block of A: whole vectors."""
    lanes = lanes_of(dtype)
    return -(-_most() // lanes) * lanes * int(np.dtype(dtype).itemsize)


def copies_of(dtype: DTypeLike) -> tuple[int, int]:
    """The most blocks of A, and strips of B, of which there are copies at a time."""
    least, most = TOGETHER
    together = min(max(least, int(SHARE_OF_CACHE * second_cache())), most)
    of_strip = PIECE * STRIP * lanes_of(dtype) * int(np.dtype(dtype).itemsize)
    return BLOCKS, max(1, (together - BLOCKS * PIECE * _step_of(dtype)) // of_strip)


def room_of(dtype: DTypeLike) -> Floats:
    """Memory for the copies; in front what ``blocked`` reads there.

    That is the address of the plain product, which serves other shapes (to compile it into
    ``blocked`` once more would double the time to compile), and the copies that there is room for:
    compiled code is kept, and may come from a machine with another cache.
    """
    size, (blocks, strips) = int(np.dtype(dtype).itemsize), copies_of(dtype)
    in_k = strips * STRIP * lanes_of(dtype) * size + blocks * _step_of(dtype)
    room = zeros(dtype, (PIECE * in_k + (strips + blocks + 1) * LINE) // size)
    room[: LINE // size].view(np.int64)[:3] = product_of(dtype).address, blocks, strips
    return room


def is_wide(sizes: Sequence[int], dtype: DTypeLike) -> bool:
    """Whether weights between two of the layers are so many that copies of them pay."""
    size = int(np.dtype(dtype).itemsize)
    return any(n_in * n_out * size >= LARGE for n_in, n_out in pairwise(sizes))


@intrinsic
def _word_at(context: Context, where: Kind) -> Any:
    """The whole number at an address."""

    def generate(target: Target, builder: Builder, signature: Typed, values: Values) -> Any:
        return builder.load(builder.inttoptr(values[0], WORD.as_pointer()))

    return types.intp(where), generate


class _CopiesCode(ProductCode):
    """Writes the loops over copies."""

    def begun(self, more: ir.Value, places: list[list[Any]], columns: ir.Value) -> list[list[Any]]:
        """The sums so far: 0 in the first piece of k, else what lies in C."""
        bl = self.builder
        nothing = ir.Constant(self.vector, [0.0] * self.lanes)
        first, load, part, full, after = (
            bl.block, *(bl.append_basic_block(name) for name in ("more", "part", "full", "begun"))
        )  # fmt: skip
        whole = bl.icmp_signed(">=", columns, ir.Constant(WORD, STRIP * self.lanes))
        bl.cbranch(more, load, after)
        bl.position_at_end(load)
        bl.cbranch(whole, full, part)
        bl.position_at_end(full)
        of_full = [[self.load(at, self.vector) for at in row] for row in places]
        bl.branch(after)
        bl.position_at_end(part)
        of_part = [
            [
                self.load_part(at, bl.sub(columns, ir.Constant(WORD, v * self.lanes)))
                for v, at in enumerate(row)
            ]
            for row in places
        ]
        bl.branch(after)
        bl.position_at_end(after)
        sums = [[bl.phi(self.vector) for _ in row] for row in places]
        for i, row in enumerate(sums):
            for v, each in enumerate(row):
                each.add_incoming(nothing, first)
                each.add_incoming(of_full[i][v], full)
                each.add_incoming(of_part[i][v], part)
        return sums

    def load_part(self, address: ir.Value, count: ir.Value) -> Any:
        """The first ``count`` numbers at an address; 0 in the other lanes, which are not read."""
        flags = ir.VectorType(ir.IntType(1), self.lanes)
        kind = ir.FunctionType(self.vector, [self.vector.as_pointer(), SHORT, flags, self.vector])
        name = f"llvm.masked.load.v{self.lanes}f{8 * self.size}.p0"
        masked = cgutils.get_or_insert_function(self.builder.module, kind, name)
        nothing = ir.Constant(self.vector, [0.0] * self.lanes)
        at, size = self.pointer(address), ir.Constant(SHORT, self.size)
        return self.builder.call(masked, [at, size, self.there(count), nothing])

    def put(self, value: ir.Value, address: ir.Value) -> None:
        """Store a vector."""
        self.builder.store(value, self.pointer(address), align=self.size)


def _heights() -> list[int]:
    """Rows of whole blocks, and powers of two of which the last one is put together."""
    return [_most(), *(each for each in (8, 4, 2, 1) if each < _most())]


def _inner(dtype: DTypeLike) -> Any:
    """``inner(rows, c, c_step, a, b, k, columns, more)`` over copies of A and B."""
    size, step = int(np.dtype(dtype).itemsize), _step_of(dtype)

    @intrinsic
    def inner(
        context: Context, rows: Kind, c: Kind, c_step: Kind, a: Kind, b: Kind, k: Kind,
        columns: Kind, more: Kind,
    ) -> Any:  # fmt: skip
        def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
            block = _CopiesCode(bl, dtype)
            rows, c, c_step, a, b, k, columns, more = values
            further = bl.icmp_signed("!=", more, ir.Constant(WORD, 0))
            steps = [ir.Constant(WORD, n) for n in (size, step, STRIP * block.lanes * size)]
            end = bl.append_basic_block("end")
            switch = bl.switch(rows, end)
            for count in _heights():
                case = bl.append_basic_block(f"rows{count}")
                switch.add_case(ir.Constant(WORD, count), case)
                bl.position_at_end(case)
                places = block.places(c, c_step, count, STRIP)
                beside = bl.add(c, steps[2])
                for row in block.places(beside, c_step, count, STRIP):
                    for at in row:
                        claim_line(bl, at)
                begun = block.begun(further, places, columns)
                arguments = [a, steps[0], steps[1], b, steps[2], k]
                sums = block.sums(arguments, count, STRIP, begun)
                block.store(sums, c, c_step, columns)
                bl.branch(end)
            bl.position_at_end(end)
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 8), generate

    return inner


def _strip(dtype: DTypeLike) -> Any:
    """``strip(to, b, b_step, k, columns)``: copy a strip of B; whole vectors are read."""

    @intrinsic
    def strip(context: Context, to: Kind, b: Kind, b_step: Kind, k: Kind, columns: Kind) -> Any:
        def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
            block = _CopiesCode(bl, dtype)
            to, b, b_step, k, columns = values
            width = ir.Constant(WORD, block.lanes * block.size)
            # Nothing is read beyond the row: where a vector is missing, the one before is taken.
            shifts = [ir.Constant(WORD, 0)]
            for v in range(1, STRIP):
                there = bl.icmp_signed(">", columns, ir.Constant(WORD, v * block.lanes))
                shifts.append(bl.select(there, bl.add(shifts[-1], width), shifts[-1]))
            line = ir.Constant(WORD, STRIP * block.lanes * block.size)
            with cgutils.for_range(bl, k) as loop:
                source = bl.add(b, bl.mul(loop.index, b_step))
                goal = bl.add(to, bl.mul(loop.index, line))
                for v, shift in enumerate(shifts):
                    vector = block.load(bl.add(source, shift), block.vector)
                    block.put(vector, block.offset(goal, v))
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 5), generate

    return strip


def _column(dtype: DTypeLike) -> Any:
    """``column(to, a, rows)``: copy a column of a block of A, if it is contiguous."""
    step = _step_of(dtype)

    @intrinsic
    def column(context: Context, to: Kind, a: Kind, rows: Kind) -> Any:
        def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
            block = _CopiesCode(bl, dtype)
            to, a, rows = values
            vectors = range(step // (block.lanes * block.size))
            whole = bl.icmp_signed(">=", rows, ir.Constant(WORD, step // block.size))
            with bl.if_else(whole, likely=True) as (then, otherwise):
                with then:
                    for v in vectors:
                        block.put(block.load(block.offset(a, v), block.vector), block.offset(to, v))
                with otherwise:
                    for v in vectors:
                        left = bl.sub(rows, ir.Constant(WORD, v * block.lanes))
                        block.put(block.load_part(block.offset(a, v), left), block.offset(to, v))
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 3), generate

    return column


def _square(dtype: DTypeLike) -> Any:
    """``square(to, a, row_step, rows)``: copy a square of A whose rows are contiguous, transposed.

    A row that is missing is another copy of the last.
    """
    step = _step_of(dtype)

    @intrinsic
    def square(context: Context, to: Kind, a: Kind, row_step: Kind, rows: Kind) -> Any:
        def generate(target: Target, bl: Builder, signature: Typed, values: Values) -> Any:
            block = _CopiesCode(bl, dtype)
            to, a, row_step, rows = values
            last = bl.sub(rows, ir.Constant(WORD, 1))
            for v in range(step // (block.lanes * block.size)):
                tops = []
                for i in range(v * block.lanes, (v + 1) * block.lanes):
                    number = ir.Constant(WORD, i)
                    there = bl.icmp_signed("<", number, last)
                    tops.append(bl.add(a, bl.mul(row_step, bl.select(there, number, last))))
                for i, column in enumerate(block.transposed(tops)):
                    goal = bl.add(to, ir.Constant(WORD, i * step))
                    block.put(column, block.offset(goal, v))
            return target.get_dummy_value()

        return types.void(*(types.intp,) * 4), generate

    return square


# What ``blocked_of`` fills in.
COPY_COLUMNS: Any = None
COPY_ROWS: Any = None
LAST: Any = None
INNER: Any = None
OF_B: Any = None
COLUMN: Any = None
SQUARE: Any = None
SIZE: int = 0
LANES: int = 0
MOST: int = 0
STEP: int = 0


def blocked(
    c: int, c_step: int, a: int, row_step: int, k_step: int, b: int, b_step: int, rows: int,
    columns: int, k: int, room: int,
) -> None:  # fmt: skip
    """``products.product``; ``room`` is the address of a ``room_of`` the dtype."""
    by_columns = row_step == 1 and rows * k * SIZE >= LARGE
    by_rows = k_step == 1 and columns >= MANY_COLUMNS and rows * k * SIZE >= LARGE_BY_ROWS
    if rows < LEAST or k < max(LEAST, LANES) or not (by_columns or by_rows):
        plain = c, c_step, a, row_step, k_step, b, b_step, rows, columns, k, room
        call(None, _word_at(room), plain)
        return
    c_step, b_step, row_step, k_step = c_step * SIZE, b_step * SIZE, row_step * SIZE, k_step * SIZE
    blocks, strips = _word_at(room + WORD_SIZE), _word_at(room + 2 * WORD_SIZE)
    width, high = STRIP * LANES, blocks * MOST
    # Columns in groups that differ by a strip at most.
    n_strips = (columns + width - 1) // width
    n_groups = (n_strips + strips - 1) // strips
    pieces = (k + PIECE - 1) // PIECE
    begin = 0
    for piece in range(pieces):
        here = (k - begin + pieces - piece - 1) // (pieces - piece)
        # An odd number of lines, so that copies do not compete for places in the caches.
        of_strip, of_block = here * width * SIZE + LINE, here * STEP + LINE
        copies = room + LINE + strips * (PIECE * width * SIZE + LINE)
        for group in range(n_groups):
            left_end = n_strips * group // n_groups * width
            right_end = min(n_strips * (group + 1) // n_groups * width, columns)
            to = room + LINE
            for first in range(left_end, right_end, width):
                OF_B(to, b + begin * b_step + first * SIZE, b_step, here, columns - first)
                to += of_strip
            for top in range(0, rows, high):
                at, end = a + begin * k_step, min(top + high, rows)
                if by_columns:
                    COPY_COLUMNS(copies, of_block, at, k_step, top, end, rows, here)
                else:
                    COPY_ROWS(copies, of_block, at, row_step, top, end, rows, here)
                block = copies
                for low in range(top, end, MOST):
                    height, strip = min(MOST, rows - low), room + LINE
                    for first in range(left_end, right_end, width):
                        goal, left = c + low * c_step + first * SIZE, columns - first
                        if height == MOST:
                            INNER(height, goal, c_step, block, strip, here, left, begin)
                        else:
                            LAST(height, goal, c_step, block, strip, here, left, begin)
                        strip += of_strip
                    block += of_block
        begin += here


def last(rows: int, c: int, c_step: int, a: int, b: int, k: int, columns: int, more: int) -> None:
    """``inner`` for the last rows, in powers of two."""
    part = 8
    while part:
        if rows & part:
            INNER(part, c, c_step, a, b, k, columns, more)
            c += part * c_step
            a += part * SIZE
        part //= 2


def copy_columns(
    copies: int, apart: int, a: int, k_step: int, top: int, end: int, rows: int, k: int
) -> None:
    """Copy blocks of A whose columns are contiguous: whole columns of all blocks, one by one."""
    for i in range(k):
        to = copies + i * STEP
        for low in range(top, end, MOST):
            COLUMN(to, a + i * k_step + low * SIZE, rows - low)
            to += apart


def copy_rows(
    copies: int, apart: int, a: int, row_step: int, top: int, end: int, rows: int, k: int
) -> None:
    """Copy blocks of A whose rows are contiguous: one block after the other, in squares."""
    to = copies
    for low in range(top, end, MOST):
        for first in range(0, k, LANES):
            # The last square may contain columns of the one before.
            i = min(first, k - LANES)
            here = a + low * row_step + i * SIZE
            SQUARE(to + i * STEP, here, row_step, min(MOST, rows - low))
        to += apart


@once
def blocked_of(dtype: DTypeLike) -> Any:
    """``blocked`` of a dtype, compiled; it has an ``address``."""
    name = f"blocked_{np.dtype(dtype).name}"
    meanings: dict[str, Any] = {
        "INNER": _inner(dtype),
        "OF_B": _strip(dtype),
        "COLUMN": _column(dtype),
        "SQUARE": _square(dtype),
        "SIZE": int(np.dtype(dtype).itemsize),
        "LANES": lanes_of(dtype),
        "MOST": _most(),
        "STEP": _step_of(dtype),
    }
    inside = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    for each in (copy_columns, copy_rows, last):
        own = filled(each, dict(meanings), f"{each.__name__}_of_{name}")
        meanings[each.__name__.upper()] = inside(own)
    function = filled(blocked, meanings, name)
    return compiled_loop(function, types.void(*(types.intp,) * 11), said=True)
