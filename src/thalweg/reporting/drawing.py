"""What of a network is drawn: its units with the paths that they carry, its weights in a budget."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isnan, isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.network.architecture import Architecture

# Weights that a page may hold; a larger network shows its strongest units alone.
_MOST_WEIGHTS = 10_000
_FEWEST_UNITS = 8
# Inputs for each of the columns that may stay, numbers having bins.
_MOST_BINNED = 6
_STRONGEST = 40
# Digits of a weight that a page keeps.
_DIGITS = 6

Floats = NDArray[np.floating]


def drawing(network: Mapping[str, Any]) -> dict[str, Any]:
    """Prepare a network for drawing.

    Parameters
    ----------
    network : mapping
        ``sizes activations inputs columns theta logit_of encoding``, as the report's contract has
        them.

    Returns
    -------
    dict
        ``sizes activations logit_of``; ``units``: the numbers (from 0) of the units of each
        layer that are in the file, the inputs being layer 0, a column's all or none;
        ``inputs``: their names; ``encoding``; ``weights`` and ``biases`` of each later layer,
        between those units;
        ``shares``: of each of those units, its share of the paths (`path_shares`), 0 for an
        input that is silenced (scale 0);
        ``columns``: what is drawn as the inputs, a number with its bins as one (`input_groups`):
        their ``names``; ``parts``: which of the inputs above they are; ``shares``; ``weights`` to
        the units of layer 1 (`merged`); the ``total`` of such columns, in the file or not;
        ``strongest``: ``[from, to, weight]`` of the strongest connections of all, by name.
    """
    sizes = tuple(network["sizes"])
    architecture = Architecture(sizes, tuple(network["activations"]))
    layers = architecture.layers(np.asarray(network["theta"], dtype=np.float64))
    weights, biases = [W for W, _ in layers], [b[:, 0] for _, b in layers]
    encoding = {key: np.array(values, float) for key, values in network["encoding"].items()}
    # What the encoder silences is 0 in every row, however large the weights behind it.
    heard = weights[0].copy()
    heard[:, np.flatnonzero(encoding["scale"] == 0)] = 0
    shares = path_shares([heard, *weights[1:]])
    most = _most_units(sizes)
    units = [np.sort(np.argsort(-share, kind="stable")[:most]) for share in shares]
    groups = input_groups(network["columns"], are_bins(network))
    kept_groups = _strongest_groups(groups, shares[0], most)
    units[0] = np.sort(np.concatenate(kept_groups))
    kept = [W[np.ix_(b, a)] for W, a, b in zip(weights, units, units[1:], strict=False)]
    encoded = units[0][units[0] < len(encoding["center"])]
    return {
        "sizes": list(sizes),
        "activations": list(network["activations"]),
        "logit_of": network["logit_of"],
        "units": [layer.tolist() for layer in units],
        "inputs": [network["inputs"][i] for i in units[0]],
        "encoding": {key: _rounded(values[encoded]) for key, values in encoding.items()},
        "weights": [_rounded(W) for W in kept],
        "biases": [_rounded(b[own]) for b, own in zip(biases, units[1:], strict=True)],
        "shares": [_rounded(share[own]) for share, own in zip(shares, units, strict=True)],
        "columns": {
            "names": [network["inputs"][group[0]] for group in kept_groups],
            "parts": [np.searchsorted(units[0], group).tolist() for group in kept_groups],
            "shares": _rounded(np.array([shares[0][group].sum() for group in kept_groups])),
            "weights": _rounded(merged(weights[0], kept_groups)[units[1]]),
            "total": len(groups),
        },
        "strongest": _strongest(weights, network["inputs"]),
    }


def are_bins(network: Mapping[str, Any]) -> list[bool]:
    """Which of the first inputs of a report's network are bins: those with ends."""
    return [low is not None for low in network["encoding"]["low"]]


def input_groups(
    columns: Sequence[int | None], is_bin: Sequence[bool] | NDArray[np.bool_]
) -> list[NDArray[np.intp]]:
    """The inputs that are drawn as one: a number with its bins, any other by itself.

    Parameters
    ----------
    columns : sequence of int or None, length n_inputs
        The column that each input reads; None for an indicator.
    is_bin : sequence of bool
        Of the first inputs; the others are none.

    Returns
    -------
    list of ndarray
        The places of the inputs, in the order of the first of each.
    """
    cut = {j for j, is_one in zip(columns, is_bin, strict=False) if is_one}
    groups: dict[tuple[bool, int], list[int]] = {}
    for i, j in enumerate(columns):
        key = (False, i) if j is None or j not in cut else (True, j)
        groups.setdefault(key, []).append(i)
    return [np.array(group, dtype=np.intp) for group in groups.values()]


def merged(W: Floats, groups: Sequence[NDArray[np.intp]]) -> Floats:
    """The weights of inputs that are drawn as one: Σ|w|, with the sign of Σw.

    What it carries of all paths is what its inputs carry together.

    Parameters
    ----------
    W : ndarray of shape (n_out, n_in)
    groups : sequence of ndarray

    Returns
    -------
    ndarray of shape (n_out, n_groups)
    """
    sizes, sums = (
        np.stack([M[:, group].sum(axis=1) for group in groups], axis=1) for M in (np.abs(W), W)
    )
    return np.where(sums < 0, -sizes, sizes)


def _strongest_groups(
    groups: list[NDArray[np.intp]], shares: Floats, most: int
) -> list[NDArray[np.intp]]:
    """The groups of inputs that carry most, in their order, bins within a budget of their own."""
    order = np.argsort([-shares[group].sum() for group in groups], kind="stable")[:most]
    total = np.cumsum([len(groups[k]) for k in order])
    # The first is always there.
    n_kept = max(1, int((total <= _MOST_BINNED * most).sum()))
    return [groups[k] for k in np.sort(order[:n_kept])]


def path_shares(weights: list[Floats]) -> list[NDArray[np.float64]]:
    """The share of all paths from the inputs to the outputs that each unit carries.

    A path takes one unit of each layer and weighs |w₁ w₂ …|; all paths of the network together
    weigh 1. With ReLU units no rescaling of the weights that leaves the function as it is
    changes a share. The biases take no part.

    Parameters
    ----------
    weights : list of ndarray of shape (n_out, n_in)

    Returns
    -------
    list of ndarray
        For each layer, the inputs first; each sums to 1, or is 0 where every path is broken.
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


def _most_units(sizes: tuple[int, ...]) -> int:
    """How many units of a layer may stay so that the weights between them fit the budget."""
    if sum(a * b for a, b in pairwise(sizes)) <= _MOST_WEIGHTS:
        return max(sizes)
    return max(_FEWEST_UNITS, isqrt(_MOST_WEIGHTS // (len(sizes) - 1)))


def _strongest(weights: list[Floats], inputs: list[str]) -> list[tuple[str, str, float]]:
    found = []
    for layer, W in enumerate(weights):
        for flat in np.argsort(-np.abs(W), axis=None, kind="stable")[:_STRONGEST]:
            to, start = divmod(int(flat), W.shape[1])
            origin = inputs[start] if layer == 0 else unit_name(layer, start, len(weights))
            found.append((origin, unit_name(layer + 1, to, len(weights)), float(W[to, start])))
    return sorted(found, key=lambda connection: -abs(connection[2]))[:_STRONGEST]


def unit_name(layer: int, unit: int, n_layers: int) -> str:
    """What people call a unit: the output, ``unit 7``, or ``unit 7 of layer 2``."""
    if layer == n_layers:
        return "output"
    return f"unit {unit + 1}" + (f" of layer {layer}" if n_layers > 2 else "")


def _rounded(values: NDArray[np.floating]) -> Any:
    if values.ndim > 1:
        return [_rounded(row) for row in values]
    return [None if isnan(value) else float(f"{value:.{_DIGITS}g}") for value in values]
