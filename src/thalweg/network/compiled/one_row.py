"""Fast prediction of a single row by several networks.

The bits are the same as for the row among others (``passes.forward``). But here the units of a
layer are stored one after the other, so that a formula runs along them, and a kernel gets no more
than it needs: passing everything that training needs would take longer than a small network does.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import DTypeLike, NDArray

from thalweg.network.compiled.code_types import Floats
from thalweg.network.compiled.jit_cache import compiled_kernel
from thalweg.network.compiled.kernel_arguments import (
    APART,
    INSIDE,
    OPTIONS,
    Net,
    address,
    call,
    filled_up,
    lying_at,
)
from thalweg.network.compiled.products import single_of
from thalweg.network.compiled.vector_code import LINE
from thalweg.network.formulas.activations import Array


class Side(NamedTuple):
    """Networks side by side that are alike but for their inputs.

    ``sizes``, ``weights`` and ``biases`` have one row for each network and one column for each
    layer, as in ``Net``; ``places`` has the address of each θ, ``n_parameters`` its length. For the
    layers of all networks: ``values`` and ``in_place``, and where in the scratch memory the inputs
    and every layer's A begin (``starts``); its Z is ``to_z`` further on.
    """

    sizes: NDArray[np.int64]
    weights: NDArray[np.int64]
    biases: NDArray[np.int64]
    places: NDArray[np.int64]
    n_parameters: NDArray[np.int64]
    values: NDArray[np.int64]
    in_place: NDArray[np.int64]
    starts: NDArray[np.int64]
    to_z: int
    single: int


def side_of(nets: Sequence[Net], thetas: Sequence[Array]) -> Side:
    """Networks side by side, with θs in one piece: whoever keeps this keeps those, too."""
    dtype = thetas[0].dtype
    line = LINE // dtype.itemsize
    sizes = np.array([net.sizes for net in nets])
    # After each layer there is room for a vector that may be read.
    rooms = (sizes.max(axis=0) // line + 2) * line
    return Side(
        sizes=sizes,
        weights=np.array([net.weights for net in nets]),
        biases=np.array([net.biases for net in nets]),
        places=np.array([theta.ctypes.data for theta in thetas]),
        n_parameters=np.array([theta.size for theta in thetas]),
        values=nets[0].values,
        in_place=nets[0].in_place,
        starts=np.concatenate(([0], np.cumsum(rooms)[:-1])),
        to_z=int(rooms.sum()) + APART // dtype.itemsize,
        single=single_of(dtype).address,
    )


def scratch_of(side: Side, dtype: DTypeLike) -> Array:
    """Memory for one call."""
    return np.zeros(2 * side.to_z, dtype)


@njit(**INSIDE)
def _forward(side: Side, number: int, X: Floats, left: int, scratch: Floats) -> None:
    """From the inputs of one network, the columns of X from ``left`` on, to its last layer."""
    theta = lying_at(side.places[number], X, side.n_parameters[number])
    size, start = theta.itemsize, address(scratch)
    for j in range(side.sizes[number, 0]):
        scratch[j] = X[0, left + j]
    for layer in range(side.values.size):
        n_in, n_out = side.sizes[number, layer], side.sizes[number, layer + 1]
        before, here = start + side.starts[layer] * size, side.starts[layer + 1]
        z = here if side.in_place[layer] else here + side.to_z
        W = address(theta) + side.weights[number, layer] * size
        call(None, side.single, (start + z * size, W, n_in, before, n_out, n_in))
        first = side.biases[number, layer]
        for unit in range(n_out):
            scratch[z + unit] += theta[first + unit]
        whole = filled_up(n_out, LINE // size)
        nothing = theta.dtype.type(0)
        call(None, side.values[layer], (start + z * size, start + here * size, nothing, whole))


def predict_one(side: Side, X: Floats, scratch: Floats, output: Floats) -> None:
    """The last layer's output of the one row of X, (n_networks, 1, n_outputs)."""
    last = side.starts[side.starts.size - 1]
    left = 0
    for number in range(side.places.size):
        _forward(side, number, X, left, scratch)
        for k in range(output.shape[2]):
            output[number, 0, k] = scratch[last + k]
        left += side.sizes[number, 0]


predict_one = compiled_kernel(predict_one, **OPTIONS)
