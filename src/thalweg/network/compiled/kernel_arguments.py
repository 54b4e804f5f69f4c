"""What kernels are given: a network, data and scratch memory, as numbers, arrays and addresses."""

from typing import Any, NamedTuple, TypeVar

import numpy as np
from llvmlite import ir
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import DTypeLike, NDArray

from thalweg.network.compiled.code_types import (
    Builder,
    Context,
    Floats,
    Kind,
    Target,
    Typed,
    Values,
)
from thalweg.network.compiled.vector_code import LINE

Element = TypeVar("Element", bound=np.generic)

# Sums may be reordered.
OPTIONS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc"}}
# The smallest distance in bytes between the beginnings of two arrays of scratch memory. A compiled
# loop that writes close behind what it reads takes one element at a time, and sums in another
# order: the last bits would then depend on the layout of memory.
APART = 512
# Functions that only kernels call need no entry from Python. (They use loops over elements instead
# of NumPy expressions, because Numba compiles each of those anew: both halve the compile time.)
INSIDE = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


class BinnedInputs(NamedTuple):
    """Inputs that are bins of numbers (``binned_layer``), as addresses and sizes.

    They are an array, whose address kernels are given (``Net.bins``).

    First the parts of a kernel: ``place``, ``sums`` and ``slopes``; their loops; and matrix
    products. Then the numbers of the table: ``at``, ``output``, ``starts`` (one more than columns),
    ``middles``, ``below`` and ``above``; and scratch memory: ``lines`` and ``outputs`` with a row
    for each column and an element for each sample, a ``table`` with a line of two halves for each
    bin, the same for all ``others``, ``nothing`` for a line of zeros, ``flat`` with a row for each
    sample, ``wide`` with a row of ``width`` numbers for each unit, and ``one``. ``half`` is in
    bytes. More rows of ``lines``, those of the line of zeros, fill up the last columns that are
    gathered together.
    """

    place: int
    sums: int
    slopes: int
    prefixes: int
    gather: int
    scatter: int
    rises: int
    product: int
    transpose: int
    at: int
    output: int
    starts: int
    middles: int
    below: int
    above: int
    lines: int
    outputs: int
    table: int
    others: int
    nothing: int
    flat: int
    wide: int
    one: int
    first: int
    n_bins: int
    n_columns: int
    half: int
    width: int


class Net(NamedTuple):
    """A network and its objective, as numbers. Arrays have an element a layer.

    Formulas and products are addresses; 0 if one is not needed. ``bins`` is the address of
    ``BinnedInputs``, or empty. The type says which of the two, so that kernels are compiled for
    each: the code for bins would slow the steps of a small network by 4 %. ``constants`` has an
    element an output if each has a constant of its own in the loss; else it is empty. ``units`` are
    those of a loss that a person wrote; else empty.
    """

    sizes: Any
    weights: Any
    biases: Any
    values: Any
    slopes: Any
    in_place: Any
    below_one: int
    product: int
    transpose: int
    height: int
    height_and_slope: int
    joined: int
    risen: int
    mask: int
    threshold: Any
    constant: float
    constants: Any
    units: Any
    penalty: float
    l1: float
    mean_weight: float
    dropout: float
    bins: tuple[()] | tuple[int] = ()


class PerNet(NamedTuple):
    """In what networks differ that are alike but for their inputs; a row each, as in ``Net``."""

    sizes: Any
    weights: Any
    biases: Any
    n_parameters: Any


class Samples(NamedTuple):
    """The data: X (n_samples, n_features), Y (n_samples, n_outputs), weights (n_samples,)."""

    X: Any
    Y: Any
    weights: Any


class Bench(NamedTuple):
    """Scratch memory for one chunk.

    A row of Y, Z, A, D and of the one-row arrays has one element for each sample and is ``step``
    long, ``padded`` for whole vectors: elements beyond the last sample have the share 0. X, and T
    for a transposed A, have one row for each sample. Layers follow each other in Z and A
    (``starts``). ``room`` is for the copies of wide products (``blocked_products``).
    """

    step: int
    starts: Any
    X: Any
    XT: Any
    Y: Any
    share: Any
    constant: Any
    top: Any
    Z: Any
    A: Any
    D: Any
    T: Any
    gradient: Any
    part: Any
    terms: Any
    scale_slopes: Any
    room: Any


class Draw(NamedTuple):
    """Which masks of dropout (``engine.Noise``): none where ``on`` is 0."""

    on: int
    seed: Any
    step: Any


def zeros(dtype: DTypeLike, *shape: int) -> Floats:
    """Scratch memory that begins at a cache line, and is at least `APART` long."""
    size = np.dtype(dtype).itemsize
    length = int(np.prod(shape))
    room = np.zeros(max(length * size, APART) + LINE, np.uint8)
    # A vector that begins in the middle of a cache line takes two lines.
    first = -room.ctypes.data % LINE
    return room[first : first + length * size].view(dtype).reshape(shape)


def whole(length: int, itemsize: int) -> int:
    """Filled up to whole vectors."""
    line = LINE // itemsize
    return -(-length // line) * line


@intrinsic
def call(context: Context, result: Kind, where: Kind, arguments: Kind) -> Any:
    """Call what lies at an address; the result has the type of the first argument."""

    def generate(target: Target, builder: Builder, signature: Typed, values: Values) -> Any:
        unpacked = cgutils.unpack_tuple(builder, values[2])
        nothing = signature.return_type == types.none
        returns = ir.VoidType() if nothing else target.get_value_type(signature.return_type)
        function = ir.FunctionType(returns, [each.type for each in unpacked])
        called = builder.call(builder.inttoptr(values[1], function.as_pointer()), unpacked)
        return target.get_dummy_value() if nothing else called

    return result(result, where, arguments), generate


@njit(**INSIDE)
def address(array: Floats) -> Any:
    """The address of the first element, as a signed number: unsigned ones would become floats."""
    return np.intp(array.ctypes.data)


@intrinsic
def _pointer(context: Context, where: Kind, like: Kind) -> Any:
    """An address as a pointer to numbers such as those of an array."""

    def generate(target: Target, builder: Builder, signature: Typed, values: Values) -> Any:
        return builder.inttoptr(values[0], target.get_value_type(signature.return_type))

    return types.CPointer(like.dtype)(where, like), generate


@njit(**INSIDE)
def lying_at(where: int, like: Floats, n: int) -> Any:
    """The n numbers at an address, of the dtype of an array."""
    return carray(_pointer(where, like), (n,))


@njit(**INSIDE)
def one_of(net: Net, each: PerNet, number: int) -> Net:
    """One of several networks."""
    return Net(
        each.sizes[number], each.weights[number], each.biases[number], net.values, net.slopes,
        net.in_place, net.below_one, net.product, net.transpose, net.height,
        net.height_and_slope, net.joined, net.risen, net.mask,
        net.threshold, net.constant, net.constants, net.units, net.penalty, net.l1,
        net.mean_weight, net.dropout, net.bins,
    )  # fmt: skip


@njit(**INSIDE)
def filled_up(n: int, line: int) -> Any:
    """n filled up to whole vectors."""
    return (n + line - 1) // line * line


def opened(array: NDArray[Element]) -> NDArray[Element]:
    """The array in one piece and of the one type that kernels are compiled for.

    To Numba a read-only array has another type; the kernels do not write to any array that passes
    through here.
    """
    array = np.ascontiguousarray(array)
    return array if array.flags.writeable else np.asarray(_Unlocked(array))


class _Unlocked:
    """Lends an array's memory without its lock."""

    def __init__(self, array: NDArray[Element]) -> None:
        interface = array.__array_interface__
        self.array = array
        self.__array_interface__ = {**interface, "data": (interface["data"][0], False)}
