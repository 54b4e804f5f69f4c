"""Both passes of a trace row by row, as plain data: what a page needs to draw the network.

``nodes`` of the trace has the same numbers quantity by quantity, for all rows. Here they are layer
by layer, for one row at a time. W and b, which no row changes, are in ``nodes`` alone.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from thalweg.network.formulas.loss_kind import cumulated
from thalweg.tracing.grade_steps import grade_steps
from thalweg.tracing.row_trace import Trace, output_name
from thalweg.tracing.softmax_jacobian import softmax_slope

Facts = dict[str, Any]

# The Jacobian of a softmax over more classes is left out: it follows from Yh.
MOST_CLASSES = 12


def layer_data(traced: Trace) -> list[Facts]:
    """The layers: sizes, the names of their quantities in ``nodes``, and the penalties' part.

    ``penalty_W`` is what the penalties add to dLoss_W; None where there is no penalty.
    """
    architecture, objective = traced.architecture, traced.objective
    punished = bool(objective.penalty or objective.l1)
    added = architecture.layers(traced.gradient - traced.back.gradient)
    found = []
    for layer in range(1, architecture.n_layers + 1):
        last = layer == architecture.n_layers
        has_A = not last or architecture.activations[layer - 1] != "identity"
        found.append(
            {
                "layer": layer,
                "inputs": architecture.sizes[layer - 1],
                "units": architecture.sizes[layer],
                "activation": architecture.activations[layer - 1],
                "from": "X" if layer == 1 else f"A{layer - 1}",
                "W": f"W{layer}",
                "b": f"b{layer}",
                "Z": f"Z{layer}",
                "A": f"A{layer}" if has_A else None,
                "penalty_W": added[layer - 1][0].tolist() if punished else None,
            }
        )
    return found


def pass_data(traced: Trace, rows: Sequence[int], unit: Sequence[int]) -> list[Facts]:
    """The passes of each row.

    Parameters
    ----------
    traced : Trace
    rows : sequence of int
        The numbers of the rows in their table.
    unit : sequence of int
        For each row the output, from 1, on the strongest path of the chain rule.

    Returns
    -------
    list of dict
        For each row ``row``, ``X``, ``layers`` (of each layer ``Z A slope kept dA dZ``), ``Yh``,
        ``dYh``, ``to`` (what the loss takes, Z or A of the last layer), ``loss share part``,
        ``softmax`` and ``grades``. ``slope`` is dA/dZ, ``kept`` the factor of dropout, None
        without. ``dYh`` is
        dLoss_Yh; None for a softmax and for grades, whose ``softmax`` or ``grades`` has it, and an
        element where the slope
        of the link is too small to divide by.
    """
    slopes = [
        formula.slope(z)
        for formula, z in zip(traced.architecture.formulas, traced.passed.Z, strict=True)
    ]
    per_prediction = traced.gradient_of_prediction
    return [
        {
            "row": row,
            "X": traced.passed.A[0][:, r].tolist(),
            "layers": [_layer(traced, slopes, k, r) for k in range(traced.architecture.n_layers)],
            "Yh": _plain(traced.prediction[:, r]),
            "dYh": None if per_prediction is None else _plain(per_prediction[:, r]),
            "to": output_name(traced.architecture),
            "loss": float(traced.losses[r]),
            "share": float(traced.shares[r]),
            "part": float(traced.parts[r]),
            "softmax": _softmax(traced, r, unit[r]),
            "grades": _grades(traced, r, unit[r]),
        }
        for r, row in enumerate(rows)
    ]


def _layer(traced: Trace, slopes: Sequence[np.ndarray], k: int, r: int) -> Facts:
    """One layer of one row, in the forward and in the backward pass."""
    kept = traced.passed.kept[k]
    return {
        "Z": _plain(traced.passed.Z[k][:, r]),
        "A": _plain(traced.passed.A[k + 1][:, r]),
        "slope": _plain(slopes[k][:, r]),
        "kept": kept[:, r].tolist() if isinstance(kept, np.ndarray) else None,
        "dA": _plain(traced.back.dA[k][:, r]),
        "dZ": _plain(traced.back.dZ[k][:, r]),
    }


def _softmax(traced: Trace, r: int, unit: int) -> Facts | None:
    """The two steps through a softmax, and the one step; None for another loss."""
    found = softmax_slope(traced, r)
    if found is None:
        return None
    j, n = unit - 1, len(found.slopes)
    small = n <= MOST_CLASSES
    return {
        "unit": unit,
        "slopes": _plain(found.slopes),
        "column": _plain(found.jacobian[:, j]),
        "products": _plain(found.products[:, j]),
        "at_once": _plain(found.at_once),
        "jacobian": [_plain(each) for each in found.jacobian] if small else None,
    }


def _grades(traced: Trace, r: int, unit: int) -> Facts | None:
    """The steps from the outputs to the probability of each grade, and back; None for others.

    ``C = thresholds + score``: the thresholds are of the biases alone, and the score, what the row
    adds to the first output, is the same at all of them.
    """
    found = grade_steps(traced, r)
    if found is None:
        return None
    j = unit - 1
    biases = traced.architecture.layers(traced.theta)[-1][1][:, 0]
    return {
        "unit": unit,
        "grade": found.grade + 1,
        "thresholds": _plain(cumulated(biases)[1]),
        "score": float(traced.passed.Z[-1][0, r] - biases[0]),
        "C": _plain(found.C),
        "P": _plain(found.probabilities),
        "slopes": _plain(found.slopes),
        "link": _plain(found.link),
        "column": _plain(found.risen[:, j]),
        "products": _plain(found.products[:, j]),
        "at_once": _plain(found.at_once),
    }


def _plain(values: np.ndarray) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]
