"""The data of the network drawing: which units and weights are drawn, within a size limit."""

from collections.abc import Sequence
from itertools import pairwise
from math import isnan, isqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thalweg.network.architecture import Architecture

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model
    from thalweg.reporting.page.report_shapes import NetworkData

# The number of weights that a page may contain; a larger network is cut to its first columns. A
# page that says much else has room for fewer.
_MOST_WEIGHTS, _FEW_WEIGHTS = 10_000, 7_000
_FEWEST_UNITS = 8
# Inputs allowed for each drawn column, because numbers have bins.
_MOST_BINNED = 6
# Drawn at first: the first columns, and in a hidden layer the units with the largest path shares.
FIRST_COLUMNS = 40
FIRST_UNITS = 16
# Digits of a weight in the page.
_DIGITS = 6

Floats = NDArray[np.floating]


def drawing(network: "NetworkData", *, few: bool = False) -> dict[str, Any]:
    """Prepare a network for drawing.

    Columns are in the order of the table. If not all fit, the first ones are kept: the size of its
    weights does not say how useful a column is.

    Parameters
    ----------
    network : mapping
        ``sizes activations inputs columns theta logit_of encoding``, as in a report.
    few : bool, default False
        Whether the page has less room than that of an evaluation alone.

    Returns
    -------
    dict
        ``sizes activations logit_of``; ``units``: for each layer the numbers (from 0) of the
        units in the page, with the inputs as layer 0; of a column all inputs or none;
        ``inputs``: their names; ``encoding``; ``weights`` and ``biases`` of later layers;
        ``columns``: the inputs as they are drawn, a number with its bins as one (`input_groups`):
        their ``names``; ``parts``: the inputs of each; ``weights`` to the units of layer 1
        (`merged`); the ``total`` of such columns, in the page or not;
        ``first``: for each layer the indices that are drawn at first, with the columns as layer 0.
    """
    sizes = tuple(network["sizes"])
    architecture = Architecture(sizes, tuple(network["activations"]))
    layers = architecture.layers(np.asarray(network["theta"], dtype=np.float64))
    weights, biases = [W for W, _ in layers], [b[:, 0] for _, b in layers]
    encoding = {key: np.array(values, float) for key, values in network["encoding"].items()}
    # An input with scale 0 is 0 in every row, however large its weights are.
    heard = weights[0].copy()
    heard[:, np.flatnonzero(encoding["scale"] == 0)] = 0
    shares = path_shares([heard, *weights[1:]])
    most = _most_units(sizes, _FEW_WEIGHTS if few else _MOST_WEIGHTS)
    groups = input_groups(network["columns"], are_bins(network))
    kept_groups = _first_groups(groups, most)
    units = [np.sort(np.concatenate(kept_groups)), *(_with_most(s, most) for s in shares[1:])]
    kept = [W[np.ix_(b, a)] for W, a, b in zip(weights, units, units[1:], strict=False)]
    encoded = units[0][units[0] < len(encoding["center"])]
    first = [_with_most(s[own], FIRST_UNITS) for s, own in zip(shares, units, strict=True)]
    return {
        "sizes": list(sizes),
        "activations": list(network["activations"]),
        "logit_of": network["logit_of"],
        "units": [layer.tolist() for layer in units],
        "inputs": [network["inputs"][i] for i in units[0]],
        "encoding": {key: _rounded(values[encoded]) for key, values in encoding.items()},
        "weights": [_rounded(W) for W in kept],
        "biases": [_rounded(b[own]) for b, own in zip(biases, units[1:], strict=True)],
        "columns": {
            "names": [network["inputs"][group[0]] for group in kept_groups],
            "parts": [np.searchsorted(units[0], group).tolist() for group in kept_groups],
            "weights": _rounded(merged(weights[0], kept_groups)[units[1]], 4),  # for lines alone
            "total": len(groups),
        },
        "first": [
            list(range(min(FIRST_COLUMNS, len(kept_groups)))),
            *(layer.tolist() for layer in first[1:]),
        ],
    }


def facing(layers: Sequence[tuple[Floats, Floats]], *, turn: bool) -> list[tuple[Floats, Floats]]:
    """The layers of a network, with the sign of its output changed if requested.

    The output for two classes is the log-odds of the last class. With the last weights and bias
    times -1, it is that of the other class.
    """
    (W, b), sign = layers[-1], -1 if turn else 1
    return [*layers[:-1], (sign * W, sign * b)]


def is_turned(model: "Model") -> bool:
    """Whether the positive class is not the one whose log-odds the network computes."""
    positive = getattr(model, "positive_", None)
    if positive is None or isinstance(positive, tuple):  # a number, or several labels
        return False
    return bool(model.classes_[1] != positive)


def are_bins(network: "NetworkData") -> list[bool]:
    """Which of the first inputs in the data of a report are bins."""
    return [low is not None for low in network["encoding"]["low"]]


def input_groups(
    columns: Sequence[int | None], is_bin: Sequence[bool] | NDArray[np.bool_]
) -> list[NDArray[np.intp]]:
    """The inputs that are drawn as one: a number with its bins, any other input alone.

    Parameters
    ----------
    columns : sequence of int or None, length n_inputs
        The column of each input; None for an indicator.
    is_bin : sequence of bool
        For the first inputs; the others are not bins.

    Returns
    -------
    list of ndarray
        The indices of the inputs: those of each column in the order of the columns, then the
        indicators.
    """
    cut = {j for j, is_one in zip(columns, is_bin, strict=False) if is_one}
    groups: dict[tuple[bool, int], list[int]] = {}
    for i, j in enumerate(columns):
        # Behind the scaled inputs are the parts of dates, which have no bins, and the indicators.
        alone = j is None or j not in cut or i >= len(is_bin)
        key = (False, i) if j is None or alone else (True, j)
        groups.setdefault(key, []).append(i)
    ends = [len(columns) if j is None else j for j in columns]
    in_order = sorted(groups.values(), key=lambda group: ends[group[0]])
    return [np.array(group, dtype=np.intp) for group in in_order]


def merged(W: Floats, groups: Sequence[NDArray[np.intp] | list[int]]) -> Floats:
    """The weight of inputs that are drawn as one: for each unit the largest in absolute value.

    A sum would grow with the number of inputs of a column, and a mean would hide the large ones.

    Parameters
    ----------
    W : ndarray of shape (n_out, n_in)
    groups : sequence of ndarray

    Returns
    -------
    ndarray of shape (n_out, n_groups)
    """
    largest = [
        np.take_along_axis(W[:, group], np.abs(W[:, group]).argmax(axis=1)[:, np.newaxis], axis=1)
        for group in groups
    ]
    return np.concatenate(largest, axis=1)


def _first_groups(groups: list[NDArray[np.intp]], most: int) -> list[NDArray[np.intp]]:
    """The first groups of inputs within the limits, with a limit of its own for bins."""
    total = np.cumsum([len(group) for group in groups[:most]])
    # The first group is always included.
    return groups[: max(1, int((total <= _MOST_BINNED * most).sum()))]


def _with_most(shares: Floats, most: int) -> NDArray[np.intp]:
    """The units with the largest path shares, in their order."""
    return np.sort(np.argsort(-shares, kind="stable")[:most])


def path_shares(weights: list[Floats]) -> list[NDArray[np.float64]]:
    """The share of all paths from the inputs to the outputs that goes through each unit.

    A path takes one unit of each layer and has the weight |w₁ w₂ …|; all paths of the network
    together have weight 1. With ReLU units, a rescaling of the weights that does not change the
    function does not change the shares. Biases are ignored.

    Parameters
    ----------
    weights : list of ndarray of shape (n_out, n_in)

    Returns
    -------
    list of ndarray
        For each layer, the inputs first; each sums to 1, or is 0 if every path has weight 0.
    """
    sizes = [np.abs(W) for W in weights]
    arriving = [np.ones(sizes[0].shape[1])]
    for W in sizes:
        arriving.append(_unit_sum(W @ arriving[-1]))
    leaving = [np.ones(len(sizes[-1]))]
    for W in reversed(sizes):
        leaving.append(_unit_sum(W.T @ leaving[-1]))
    return [_unit_sum(a * b) for a, b in zip(arriving, reversed(leaving), strict=True)]


def _unit_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    total = values.sum()
    return values / total if total > 0 else values


def _most_units(sizes: tuple[int, ...], n_weights: int) -> int:
    """How many units of a layer fit, so that the weights between them stay within the limit."""
    if sum(a * b for a, b in pairwise(sizes)) <= n_weights:
        return max(sizes)
    return max(_FEWEST_UNITS, isqrt(n_weights // (len(sizes) - 1)))


def unit_name(layer: int, unit: int, n_layers: int) -> str:
    """The name of a unit for readers: the output, ``unit 7``, or ``unit 7 of layer 2``."""
    if layer == n_layers:
        return "output"
    return f"unit {unit + 1}" + (f" of layer {layer}" if n_layers > 2 else "")


def _rounded(values: NDArray[np.floating], digits: int = _DIGITS) -> Any:
    if values.ndim > 1:
        return [_rounded(row, digits) for row in values]
    return [None if isnan(value) else float(f"{value:.{digits}g}") for value in values]
