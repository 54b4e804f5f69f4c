"""Flushes subnormal floating-point numbers to zero while a kernel runs.

A weight that only decays gets closer and closer to 0, and its moments with it. Below 1e-38
(float32) or 2e-308, numbers are subnormal and lose digits, and many processors are slow with them:
late epochs would take ten times as long. So the processor is told to treat them as 0. Its earlier
setting is restored afterwards, because it applies to the whole thread.
"""

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.cgutils import alloca_once
from numba.extending import intrinsic

from thalweg.network.compiled.code_types import Builder, Context, Kind, Target, Typed, Values

_MACHINE = platform.machine().lower()
_IS_X86, _IS_ARM = _MACHINE in ("x86_64", "amd64"), _MACHINE in ("arm64", "aarch64")
# On other processors nothing is changed.
KNOWN = _IS_X86 or _IS_ARM
_INT, _WORD = ir.IntType(64), ir.IntType(32)
# Flush to zero, and denormals are zeros: two bits of MXCSR; in FPCR one bit means both.
_X86, _ARM = 0x8040, 1 << 24


def _get(builder: Builder) -> Any:
    """What the processor was told about floats."""
    if _IS_X86:
        place = alloca_once(builder, _WORD)
        _call_x86(builder, "st", place)
        return builder.zext(builder.load(place), _INT)
    if _IS_ARM:
        kind = ir.FunctionType(_INT, [])
        return builder.call(_declared(builder, "llvm.aarch64.get.fpcr", kind), [])
    return ir.Constant(_INT, 0)


def _set(builder: Builder, state: ir.Value) -> None:
    if _IS_X86:
        place = alloca_once(builder, _WORD)
        builder.store(builder.trunc(state, _WORD), place)
        _call_x86(builder, "ld", place)
    elif _IS_ARM:
        kind = ir.FunctionType(ir.VoidType(), [_INT])
        builder.call(_declared(builder, "llvm.aarch64.set.fpcr", kind), [state])


def _call_x86(builder: Builder, verb: str, place: ir.Value) -> None:
    byte = ir.IntType(8).as_pointer()
    function = _declared(
        builder, f"llvm.x86.sse.{verb}mxcsr", ir.FunctionType(ir.VoidType(), [byte])
    )
    builder.call(function, [builder.bitcast(place, byte)])


def _declared(builder: Builder, name: str, kind: ir.Type) -> Any:
    known = builder.module.globals
    return known[name] if name in known else ir.Function(builder.module, kind, name)


@intrinsic
def flushing(context: Context) -> Any:
    """Begin; returns what ``as_before`` wants."""

    def generate(target: Target, builder: Builder, signature: Typed, values: Values) -> Any:
        state = _get(builder)
        bits = _ARM if _IS_ARM else _X86
        _set(builder, builder.or_(state, ir.Constant(_INT, bits)))
        return state

    return types.int64(), generate


@intrinsic
def as_before(context: Context, state: Kind) -> Any:
    """End."""

    def generate(target: Target, builder: Builder, signature: Typed, values: Values) -> Any:
        _set(builder, values[0])
        return target.get_dummy_value()

    return types.void(types.int64), generate
