"""Input checks that all engines share: sizes, dtypes and row numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Method, Order, Rows, State
from thalweg.network.formulas.activations import Array

_DTYPES = (np.dtype(np.float64), np.dtype(np.float32))


def checked_inputs(
    architecture: Architecture, theta: Array, data: Data, rows: Rows | None
) -> Rows | None:
    """What prediction needs: θ and columns that fit the network, in one dtype.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,), or (n_thetas, n_parameters) for losses
    data : Data
    rows : ndarray of int, or None for all

    Returns
    -------
    ndarray of intp, or None
        The rows.

    Raises
    ------
    SettingsError
    """
    if theta.dtype not in _DTYPES:
        raise SettingsError(
            f"There is no engine for {theta.dtype}", fix="compute in float64 or float32"
        )
    dtypes = theta.dtype, data.X.dtype, data.Y.dtype, data.weights.dtype
    if not dtypes[0] == dtypes[1] == dtypes[2] or dtypes[3] != np.float64:
        raise SettingsError(
            f"θ is {dtypes[0]} and the data {dtypes[1]}, {dtypes[2]}, {dtypes[3]}",
            why="The engine computes in one dtype, with weights in float64",
            fix="make the data by Data.of, in the dtype of θ",
        )
    if theta.shape[-1] != architecture.n_parameters or data.X.shape[1] != architecture.sizes[0]:
        raise SettingsError(
            f"θ of {theta.shape[-1]} and rows of {data.X.shape[1]} numbers do not fit the network",
            why=f"It has {architecture.n_parameters} parameters and {architecture.sizes[0]} inputs",
            fix="give θ and the columns that belong to this architecture",
        )
    return None if rows is None else _numbers(rows, len(data.X))


def checked_each(architectures: Sequence[Architecture], thetas: Sequence[Array]) -> None:
    """What several networks side by side need: θs that fit, in one dtype, and like layers.

    Raises
    ------
    SettingsError
    """
    dtypes = {theta.dtype for theta in thetas}
    if len(dtypes) != 1 or not dtypes.issubset(_DTYPES):
        raise SettingsError(
            f"Networks in {', '.join(sorted(map(str, dtypes)))}",
            why="The engine computes in one dtype, float64 or float32",
            fix="give θs of one of them",
        )
    first, wanted = architectures[0], [each.n_parameters for each in architectures]
    if [theta.size for theta in thetas] != wanted:
        raise SettingsError(
            f"θs of {[theta.size for theta in thetas]} numbers do not fit the networks",
            why=f"They have {wanted} parameters",
            fix="give a θ each, of its own architecture",
        )
    for each in architectures:
        if each.sizes[1:] != first.sizes[1:] or each.activations != first.activations:
            raise SettingsError(
                f"Networks of {first.sizes} and {each.sizes} cannot be predicted side by side",
                why="They may only differ in the number of their inputs",
                fix="predict each by itself",
            )


def checked_side(X: Array, n_inputs: int, dtype: DTypeLike) -> None:
    """What their rows need: the inputs of all side by side, in the dtype of θ."""
    if X.dtype != dtype or X.shape[1] != n_inputs:
        raise SettingsError(
            f"Rows of {X.shape[1]} numbers in {X.dtype} do not fit",
            why=f"The networks have {n_inputs} inputs together, in {dtype}",
            fix="give the inputs of all side by side, in the dtype of θ",
        )


def checked(architecture: Architecture, theta: Array, data: Data, rows: Rows | None) -> Rows | None:
    """What a loss needs beside: targets that fit the outputs, and at least one row."""
    outputs, lengths = architecture.sizes[-1], {len(data.X), len(data.Y), len(data.weights)}
    if data.Y.shape[1] != outputs:
        raise SettingsError(
            f"Targets of {data.Y.shape[1]} columns do not fit {outputs} outputs",
            fix="give one column an output",
        )
    if len(lengths) > 1:
        raise SettingsError(
            f"{len(data.X)} rows, {len(data.Y)} targets and {len(data.weights)} weights",
            fix="give as many of each",
        )
    rows = checked_inputs(architecture, theta, data, rows)
    if not len(data.X if rows is None else rows):
        raise SettingsError("There is no row to take a mean over", fix="give at least one")
    return rows


def checked_order(
    architecture: Architecture, method: Method, state: State, data: Data, order: Order
) -> Rows:
    """What steps need beside: memory that belongs to the rule, and whole passages."""
    rows = checked(architecture, state.theta, data, order.rows)
    assert rows is not None  # an order always has rows
    expected = (method.rule.n_slots, architecture.n_parameters)
    if state.slots.shape != expected or state.slots.dtype != state.theta.dtype:
        raise SettingsError(
            f"The rule {method.rule.name} keeps {expected} numbers in {state.theta.dtype}, and the "
            f"state has {state.slots.shape} in {state.slots.dtype}",
            fix="begin with State.at(theta, rule), with the rule that then steps",
        )
    n_scales = architecture.sizes[0] if method.scales else 0
    shape = (1 + method.rule.n_slots, n_scales)
    if n_scales and (state.scales is None or state.scales.shape != shape):
        raise SettingsError(
            f"The method has scales of inputs, and the state has not the {shape} numbers for them",
            fix="begin with State.begin(architecture, method, theta)",
        )
    if order.batch_size < 1 or order.length < 0 or len(rows) % (order.length or len(rows)):
        raise SettingsError(
            f"{len(rows)} rows are not whole passages of {order.length} in batches of "
            f"{order.batch_size}",
            fix="give one passage behind the other, in batches of at least one row",
        )
    return rows


def _numbers(rows: ArrayLike, n_samples: int) -> Rows:
    rows = np.asarray(rows)
    if rows.dtype.kind not in "iu" or rows.ndim != 1:
        raise SettingsError(
            f"Rows are told by their numbers, not by {rows.dtype} of shape {rows.shape}",
            fix="give numbers of rows, counted from 0, such as np.flatnonzero(mask)",
        )
    rows = rows.astype(np.intp, copy=False)
    # As an unsigned number, a negative one is very large.
    if len(rows) and rows.view(np.uintp).max() >= n_samples:
        raise SettingsError(
            f"Row {rows[rows.view(np.uintp).argmax()]} is not one of {n_samples}",
            fix="give numbers of rows, counted from 0",
        )
    return rows
