"""What the compiled engine hands to its kernels, if many inputs are bins of numbers."""

import threading
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.network.compiled.binned.binned_layer import TOGETHER, loops
from thalweg.network.compiled.code_types import Floats
from thalweg.network.compiled.kernel_arguments import BinnedInputs, Net, whole, zeros
from thalweg.network.compiled.products import product_of
from thalweg.network.compiled.vector_code import padded
from thalweg.network.made_inputs import InBins


class Scratch(NamedTuple):
    """Memory for the bins of one chunk of samples, as `BinnedInputs` describes it."""

    lines: NDArray[np.intp]
    outputs: Floats
    table: Floats
    others: Floats
    nothing: Floats
    flat: Floats
    wide: Floats
    one: Floats


def with_bins(net: Net, inputs: InBins, step: int, threads: int = 1) -> tuple[Net, Any]:
    """The network for these inputs, and what must live as long as it is used.

    ``step`` is that of the bench; each of several threads has memory for fields of its own.
    """
    dtype = inputs.output.dtype
    size, n_inputs, units = dtype.itemsize, int(net.sizes[0]), int(net.sizes[1])
    n_columns, n_bins = len(inputs.starts) - 1, int(inputs.starts[-1])
    half, width = padded(units, size), padded(n_inputs, size)
    lines = whole(n_bins, size), whole(n_inputs - n_bins, size)
    scratch = _scratch((n_columns, step, *lines, half, whole(units, size), width), dtype)
    told = (
        np.ascontiguousarray(inputs.at),
        np.ascontiguousarray(inputs.output),
        np.ascontiguousarray(inputs.starts, np.intp),
        _middles(inputs),
        np.ascontiguousarray(inputs.below, dtype),
        np.ascontiguousarray(inputs.above, dtype),
    )
    product = product_of(dtype).address  # no layer of bins is multiplied as a whole
    addresses = [*(each.address for each in loops(dtype)), product, net.transpose]
    addresses += [each.__array_interface__["data"][0] for each in (*told, *scratch)]
    bins = BinnedInputs._make((*addresses, inputs.first, n_bins, n_columns, half * size, width))
    stored = np.tile(np.array(bins, net.sizes.dtype), threads)
    place = stored.__array_interface__["data"][0]
    return net._replace(bins=(place,)), (told, scratch, stored)


def _middles(inputs: InBins) -> NDArray[np.intp]:
    """The last bin of each column that is not 0 for a number below it, or else its first."""
    bins, first = np.arange(len(inputs.above)), inputs.starts[:-1]
    last = np.maximum.reduceat(np.where(inputs.above != 0, bins, 0), first)
    return np.ascontiguousarray(np.maximum(last, first), np.intp)


_OWN = threading.local()


def _scratch(sizes: tuple[int, ...], dtype: DTypeLike) -> Scratch:
    """Scratch memory; a thread keeps its last."""
    key = sizes, np.dtype(dtype)
    if getattr(_OWN, "key", None) != key:
        _OWN.key, _OWN.scratch = key, _new_scratch(sizes, dtype)
    found: Scratch = _OWN.scratch
    return found


def _new_scratch(sizes: tuple[int, ...], dtype: DTypeLike) -> Scratch:
    columns, step, n_bins, n_others, half, units, width = sizes
    together = -(-columns // TOGETHER) * TOGETHER
    made = Scratch(
        lines=zeros(np.intp, together, step),
        outputs=zeros(dtype, together, step),
        table=zeros(dtype, n_bins, 2, half),
        others=zeros(dtype, n_others, 2, half),
        nothing=zeros(dtype, 2, half),
        flat=zeros(dtype, step, half),
        wide=zeros(dtype, units + 1, width),
        one=np.ones(1, dtype),
    )
    made.lines[columns:] = made.nothing.ctypes.data - made.table.ctypes.data
    return made
