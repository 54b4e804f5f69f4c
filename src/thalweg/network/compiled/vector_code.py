"""Writes code with the vectors of this machine, which no compiler finds by itself."""

import platform
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils
from numpy.typing import DTypeLike

from thalweg.network.compiled.code_types import Builder

# Bytes of the widest vector of any machine: rows are padded to whole vectors of this size.
LINE = 64

WORD, SHORT = ir.IntType(64), ir.IntType(32)
CONTRACT = ("contract",)


def registers() -> tuple[int, int]:
    """Bytes in a vector register, and how many of them may hold sums."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 64, 24
    if features.get("avx"):
        return 32, 12
    return 16, 24 if platform.machine().lower() in ("arm64", "aarch64") else 12


def lanes_of(dtype: DTypeLike) -> int:
    """How many numbers a vector holds."""
    return registers()[0] // int(np.dtype(dtype).itemsize)


def padded(length: int, itemsize: int) -> Any:
    """Room for a row of that length: an odd number of lines.

    Vectors may then cross the end of a row, and neighbouring rows do not compete for the same
    cache lines.
    """
    lines = -(-length * itemsize // LINE)
    return (lines | 1) * (LINE // itemsize)


def claim_line(builder: Builder, address: ir.Value) -> None:
    """Ask for a line that will be written, and do not wait for it; any address will do."""
    kind = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer(), SHORT, SHORT, SHORT])
    fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    at = builder.inttoptr(address, ir.IntType(8).as_pointer())
    write, near, data = (ir.Constant(SHORT, n) for n in (1, 3, 1))
    builder.call(fetch, [at, write, near, data])


class Vectors:
    """Loads, spreads and adds vectors of one dtype, by addresses."""

    def __init__(self, builder: Builder, dtype: DTypeLike) -> None:
        self.builder, self.size = builder, np.dtype(dtype).itemsize
        self.number = ir.FloatType() if self.size == 4 else ir.DoubleType()
        self.lanes = lanes_of(dtype)
        self.vector = ir.VectorType(self.number, self.lanes)

    def load(self, address: ir.Value, kind: ir.Type) -> Any:
        """What lies at an address."""
        pointer = self.builder.inttoptr(address, kind.as_pointer())
        return self.builder.load(pointer, align=self.size)

    def spread(self, value: ir.Value) -> Any:
        """One number in every lane."""
        kind = ir.VectorType(value.type, self.lanes)
        nothing = ir.Constant(kind, ir.Undefined)
        first = self.builder.insert_element(nothing, value, ir.Constant(SHORT, 0))
        zeros = ir.Constant(ir.VectorType(SHORT, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(first, nothing, zeros)

    def offset(self, address: ir.Value, count: int) -> Any:
        """The address ``count`` vectors further on."""
        return self.builder.add(address, ir.Constant(WORD, count * self.lanes * self.size))

    def pointer(self, address: ir.Value) -> Any:
        """An address as a pointer to a vector."""
        return self.builder.inttoptr(address, self.vector.as_pointer())

    def row(self, start: ir.Value, step: ir.Value, index: int) -> Any:
        """The address so many steps on."""
        return self.builder.add(start, self.builder.mul(step, ir.Constant(WORD, index)))

    def fused(self, sums: ir.Value, a: ir.Value, b: ir.Value) -> Any:
        """Sums + a b."""
        product = self.builder.fmul(a, b, flags=CONTRACT)
        return self.builder.fadd(sums, product, flags=CONTRACT)
