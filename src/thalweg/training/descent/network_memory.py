"""Refuse networks that cannot fit into memory, before any is made."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from thalweg.data.formats.budget import of_bytes, usable_memory
from thalweg.errors import SettingsError
from thalweg.wording import counted, parameter

# What Python needs for one network beside its parameters, in bytes: a low estimate.
_NETWORK = 4096


def require_memory_for(
    sizes: Sequence[int],
    dtype: DTypeLike,
    *,
    n_networks: int = 1,
    n_folds: int = 1,
    named: str = "hidden_layer_sizes",
) -> None:
    """Refuse networks whose parameters cannot fit into memory.

    It is a lower bound: θ and two arrays of the optimizer for each network. All networks of a fit
    are in memory at the same time.

    Parameters
    ----------
    sizes : sequence of int
        Units of each layer, the inputs first.
    dtype : data type
        Of θ.
    n_networks, n_folds : int, default 1
        Networks on each fold, and folds.
    named : str, default "hidden_layer_sizes"
        What the user calls the hidden layers.

    Raises
    ------
    SettingsError
        With the memory that they would take.
    """
    n_theta = sum((n_from + 1) * n_to for n_from, n_to in pairwise(map(int, sizes)))
    one = _NETWORK + 3 * n_theta * np.dtype(dtype).itemsize
    needed, (memory, whose) = n_folds * n_networks * one, usable_memory()
    if needed <= memory:
        return
    folds = f" on each of {n_folds} folds" if n_folds > 1 else ""
    if n_folds * one > memory:
        given = parameter(named, tuple(sizes[1:-1]))
        fix = f"give fewer units in {parameter(named)}"
    else:
        given = parameter("n_ensemble", n_networks)
        fix = f"give a smaller {parameter('n_ensemble')}"
    raise SettingsError(
        f"The networks would take {of_bytes(needed)} of memory or more, but there are only "
        f"{of_bytes(memory)} {whose}",
        where=f"{given}: {counted(n_networks, 'network')}{folds}, each with {n_theta:,} "
        "parameters or more",
        fix=fix,
    )
