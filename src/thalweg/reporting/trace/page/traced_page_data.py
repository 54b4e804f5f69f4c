"""The data of a trace's page: the network, both passes of each row, and what is said of them.

The numbers are those of the JSON (`thalweg.reporting.trace.trace_data`). θ is packed as one vector.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thalweg.export.packed_stages import packed
from thalweg.network.formulas.activations import activation
from thalweg.network.formulas.expressions.scaled_formula import (
    Units,
    bound,
    scaled_slope,
    scaled_value,
)
from thalweg.network.formulas.expressions.symbols import Formula, traced
from thalweg.network.formulas.expressions.written_loss import WrittenLoss
from thalweg.network.formulas.loss_bodies import as_it_is, as_it_is_slope, joined
from thalweg.network.formulas.loss_kind import Loss
from thalweg.network.formulas.losses import loss
from thalweg.network.formulas.rising_bodies import own_slope, risen, slope_above
from thalweg.tracing.chain_rule import WEIGHT_NAME

Facts = Mapping[str, Any]

_NETWORK = ("sizes", "activations", "penalty", "l1", "data_height", "penalty_height", "height")
_TARGET = ("task", "classes", "scale", "loss", "link", "constant")
_UPDATE = ("optimizer", "rule", "rate", "factor", "constants", "has_penalty", "has_schedule")
_STEP = ("step", "loss", "theta", "moved", "in_full", "to_weight")
_PASS = ("X", "layers", "Yh", "dYh", "loss", "share", "part")


def page_data(data: Facts, changed: Facts | None, copies: Facts) -> dict[str, Any]:
    """Plain data for the script of the page.

    Parameters
    ----------
    data : mapping
        From `thalweg.reporting.trace.trace_data.trace_data`.
    changed : mapping or None
        From `thalweg.reporting.trace.page.changeable_row.changeable_row`; None without a model.
    copies : mapping
        ``command`` and ``python``: what can be copied.
    """
    chain, update = data["chain"], data["update"]
    layer, unit, column = place_of(chain["name"])
    steps = [{key: each[key] for key in _STEP} for each in update["steps"]]
    return {
        "subject": data["subject"],
        "output": data["output"],
        "network": {key: data["network"][key] for key in _NETWORK},
        "theta": _theta(data),
        "target": {key: data["target"][key] for key in _TARGET},
        "inputs": [column["name"] for column in data["columns"]],
        "own": _own(data),
        "rows": [
            {key: row[key] for key in ("row", "target", "supposed", "y", "class", "answer")}
            for row in data["rows"]
        ],
        "passes": [
            {**{key: one[key] for key in _PASS}, "layers": [_layer(each) for each in one["layers"]]}
            for one in data["passes"]
        ],
        "chain": {
            "layer": layer, "unit": unit, "input": column, "value": chain["value"],
            "difference": chain["difference"]["value"],
        },
        "update": {**{key: update.get(key) for key in _UPDATE}, "steps": steps,
            "why_not": update["why_not"]},
        "changed": changed,
        "copies": copies,
    }  # fmt: skip


def place_of(name: str) -> tuple[int, int, int]:
    """Layer, unit and input of ``W1[3,2]``, from 1; the input of a bias is 0."""
    found = WEIGHT_NAME.fullmatch(name)
    assert found is not None
    unit, _, column = found[3].partition(",")
    return int(found[2]), int(unit), int(column or 0)


def _layer(layer: Facts) -> dict[str, Any]:
    return {key: layer[key] for key in ("Z", "A", "slope", "dA", "dZ")}


def _theta(data: Facts) -> dict[str, Any]:
    """W and b of each layer in a row; in float32 if that keeps them."""
    values = {node["name"]: node["value"] for node in data["nodes"]}
    names = [layer[key] for layer in data["layers"] for key in ("W", "b")]
    theta = np.concatenate([np.ravel(values[name]) for name in names]).astype(np.float64)
    exact = bool((theta.astype(np.float32) == theta).all())
    return packed(theta, "<f4" if exact else "<f8")


def _own(data: Facts) -> list[dict[str, Any]]:
    """The columns of the user's table with the inputs that they have, and their cells."""
    own = [
        {"name": each["name"], "inputs": each["inputs"], "raw": each["raw"]}
        for each in data["own_columns"]
        if each["inputs"]
    ]
    if own:
        return own
    return [
        {"name": each["name"], "inputs": [each["column"]], "raw": each["raw"]}
        for each in data["columns"]
    ]


def page_formulas(data: Facts) -> dict[str, Formula]:
    """The formulas of the network: its activations, and the loss with its link."""
    return formulas_of(data["network"]["activations"], data["network"]["loss"])


def _of_written(written: WrittenLoss, units: Units) -> dict[str, Formula]:
    """The same of a loss that a person wrote, with the units of the network as numbers."""
    return {
        "loss": bound(scaled_value(written.formula), units),
        "loss_slope": bound(scaled_slope(written.formula), units),
        "link": traced(as_it_is, "z", 0.0),
        "link_slope": traced(as_it_is_slope, "z", 0.0),
    }


def _of_rising(formula: Loss) -> dict[str, Formula]:
    """The same of grades: the slope of an output takes the sum of those above it along."""
    return {
        "risen": traced(risen, "below", "z"),
        "loss": traced(formula.element, "gap", "y", "c"),
        "loss_slope": traced(own_slope, "gap", "y", "c", "above"),
        "slope_above": traced(slope_above, "y", "c", "above"),
        "link": traced(formula.link, "gap", "c"),
    }


def formulas_of(activations: Sequence[str], loss_name: str) -> dict[str, Formula]:
    """What ``draw/trace/passes.js`` computes with, for these names of activations and of a loss."""
    formula = loss(loss_name)
    found = {}
    for name in sorted(set(activations)):
        each = activation(name)
        found[name], found[f"{name}_slope"] = traced(each.value, "z"), traced(each.slope, "z")
    if formula.written is not None:
        return {**found, **_of_written(formula.written, formula.units)}
    if formula.rising:
        return {**found, **_of_rising(formula)}
    constant: str | float = "others" if formula.coupled else formula.constant
    found["loss"] = traced(formula.element, "z", "y", constant)
    found["loss_slope"] = traced(formula.element_slope, "z", "y", constant)
    found["link"] = traced(formula.link, "z", constant)
    if formula.coupled:
        return {**found, "joined": traced(joined, "top", "others", "z")}
    return {**found, "link_slope": traced(formula.link_slope, "z", constant)}
