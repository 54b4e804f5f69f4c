"""A trace as plain data, from which text, HTML and JSON are made.

`trace_data` makes it from a `thalweg.tracing.row_trace.Trace`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.network.formulas.loss_kind import grade_probabilities
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.trace.pass_data import layer_data, pass_data
from thalweg.reporting.trace.targets.traced_target import plain_target, row_answers
from thalweg.tracing.chain_rule import (
    Chain,
    Factor,
    chain,
    find_weight,
    part_name,
    steepest,
)
from thalweg.tracing.row_trace import Trace
from thalweg.tracing.update import MEMORY, Step, stretch_of, update
from thalweg.tracing.update_in_full import from_change_to_weight, in_full
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.training.descent.schedules import STEADY
from thalweg.training.descent.training_settings import parse_optimizer

Facts = dict[str, Any]


@dataclass(frozen=True)
class Names:
    """The names of the rows and columns of a trace.

    Attributes
    ----------
    inputs : sequence of str
        The encoded columns.
    rows : sequence of int
        The number of each row in its table, from 1.
    raw : sequence of sequence of float, str or None, or of None
        For each encoded column its raw cells, one for each row: numbers, or the text of a
        category; None where a value is missing. Outputs of one category share their cells;
        indicators have None instead of cells.
    targets : sequence of str
        The label of each row.
    scaling : sequence of mapping or None
        For each encoded column the numbers that enter it in the first row: ``x m s least most``,
        and ``is_bin``. None for an indicator or a part of a date.
    kinds : sequence of str
        What each encoded column is, where it needs a sentence: true and false, a level, a pair of
        levels, a target code, the days of a date, or another part of it.
    supposed : bool
        Whether the true labels are unknown, and these are the predicted classes.
    subject : str
        The name of the table.
    output : str
        What Yh is: the probability of which class.
    other : str
        The other one of two classes, if that is the positive one.
    networks : int
        How many networks are averaged, if this is the first of them.
    taught : float or None
        The number of training rows of this network, if it is known.
    taught_weight : float or None
        Their total weight with the costs of classes, by which the penalty is divided.
    weighted : bool
        Whether the fit had sample weights: ``taught`` is then their sum, and no number of rows.
    known : bool
        Whether its objective is known; else the loss is that of the rows alone.
    dropout, label_smoothing : float
        As in training. Nothing is dropped here.
    coded : sequence of str
        The categories with target codes of which a row has a level that shares an output. Training
        had other codes for such rows: cross-fitted ones.
    target : mapping or None
        What the outputs mean, from `target_of`; None without a model.
    values : sequence of float or None
        For each row the code of its class, or its number in its own unit; None without a model.
    own : sequence of mapping
        The columns of the user's table, and the inputs that each of them has (`own_inputs`).
    picked : mapping or None
        Why this row was taken, if none was named: ``row loss n_rows``.
    calibrated : mapping or None
        The map that corrects the model's predictions, and what it does in each row: ``of kind
        intercept slope rows``, with ``row mean z moved answer`` of each. None without a map.
    """

    inputs: Sequence[str]
    rows: Sequence[int]
    raw: Sequence[Sequence[float | str | None] | None]
    targets: Sequence[str]
    scaling: Sequence[Facts | None] = ()
    kinds: Sequence[str] = ()
    supposed: bool = False
    subject: str = ""
    output: str = "prediction"
    other: str = ""
    networks: int = 1
    taught: float | None = None
    taught_weight: float | None = None
    weighted: bool = False
    known: bool = True
    dropout: float = 0.0
    label_smoothing: float = 0.0
    coded: Sequence[str] = ()
    target: Facts | None = None
    values: Sequence[float] | None = None
    own: Sequence[Facts] = ()
    picked: Facts | None = None
    calibrated: Facts | None = None


def trace_data(
    traced: Trace,
    names: Names,
    *,
    weight: str | None = None,
    optimizer: str = "sgd",
    steps: int = 3,
) -> Facts:
    """Everything that a trace shows, as plain data for JSON.

    Parameters
    ----------
    traced : Trace
    names : Names
    weight : str, optional
        The weight for the chain rule; default: the one in W1 with the largest gradient,
        without the penalty.
    optimizer : str, default "sgd"
        The optimizer of the update, for `training.descent.training_settings.parse_optimizer`.
    steps : int, default 3
        How many update steps are shown.

    Returns
    -------
    dict
        ``rows target picked columns own_columns network layers nodes passes sums chain update
        calibration``; numbers are not rounded, and NaN becomes None. docs/trace.md describes each.
    """
    factors = chain(traced, weight or steepest(traced), inputs=names.inputs)
    units = [row.paths[0].units[0] for row in factors.rows]
    target = names.target or plain_target(traced.objective.loss)
    return {
        "subject": names.subject,
        "output": names.output,
        "other": names.other,
        "target": target,
        "picked": names.picked and {**names.picked, "loss": traced.data_height},
        "rows": _rows(traced, names, target),
        "columns": _columns(traced, names),
        "own_columns": list(names.own),
        "layers": layer_data(traced),
        "network": _network(traced, names),
        "nodes": [
            {
                "name": node.name,
                "formula": node.formula,
                "value": _plain(node.value),
                "derivative": node.derivative,
                "back": node.back,
                "gradient": None if node.gradient is None else _plain(node.gradient),
            }
            for node in traced.nodes()
        ],
        "passes": pass_data(traced, names.rows, units),
        "chosen": weight is None,
        "sums": _sums(traced, factors, names),
        "chain": chain_data(traced, factors, names),
        "update": update_data(traced, factors.weight.name, optimizer, steps),
        "calibration": names.calibrated,
    }


def _network(traced: Trace, names: Names) -> Facts:
    """The network, and the terms of the loss besides that of the rows."""
    architecture, objective = traced.architecture, traced.objective
    return {
        "networks": names.networks,
        "taught": names.taught,
        "taught_weight": names.taught_weight,
        "weighted": names.weighted,
        "objective_known": names.known,
        "dropout": names.dropout,
        "label_smoothing": names.label_smoothing,
        "coded": [clipped(name) for name in names.coded],
        "sizes": list(architecture.sizes),
        "activations": list(architecture.activations),
        "loss": objective.loss,
        "penalty": objective.penalty,
        "l1": objective.l1,
        "data_height": traced.data_height,
        "penalty_height": traced.penalty,
        "height": traced.height,
    }


def _rows(traced: Trace, names: Names, target: Facts) -> list[Facts]:
    """The label of each row, the prediction, and its loss."""
    said = traced.prediction.T.tolist()
    shares: list[Any] = [None] * len(said)  # of one output, Yh says it
    if target["link"] == "at_most":
        shares = grade_probabilities(traced.passed.A[-1]).T.tolist()
    elif target["link"] == "share":
        shares = said
    answers = row_answers(target, traced, names.values)
    return [
        {
            "row": row,
            "target": clipped(label),
            "supposed": names.supposed,
            **answers[r],
            "y": traced.data.Y[r].tolist(),
            "prediction": said[r],
            "probabilities": shares[r],
            "loss": float(traced.losses[r]),
            "share": float(traced.shares[r]),
            "part": float(traced.parts[r]),
        }
        for r, (row, label) in enumerate(zip(names.rows, names.targets, strict=True))
    ]


def _columns(traced: Trace, names: Names) -> list[Facts]:
    """Each encoded column, its cells raw and encoded."""
    return [
        {
            "column": j + 1,
            "name": clipped(name),
            "own_cell": raw is not None,
            "raw": None if raw is None else list(raw),
            "encoded": traced.data.X[:, j].tolist(),
            "scaling": scaling,
            "kind": kind,
        }
        for j, (name, raw, scaling, kind) in enumerate(
            zip(
                names.inputs, names.raw, names.scaling or [None] * len(names.raw),
                names.kinds or [""] * len(names.raw), strict=True,
            )
        )
    ]  # fmt: skip


def _sums(traced: Trace, factors: Chain, names: Names) -> list[Facts]:
    """The sums of the forward pass that contain the weight, for the first row."""
    weight, last = factors.weight, traced.architecture.n_layers
    path = factors.rows[0].paths[0]
    found = [_sum(traced, weight.layer, weight.unit, names)]
    if weight.layer < last:
        found.append(_sum(traced, last, path.units[0], names))
    return found


def _sum(traced: Trace, layer: int, unit: int, names: Names) -> Facts:
    """Z of one unit, term by term, in the order of its inputs."""
    W, b = traced.architecture.layers(traced.theta)[layer - 1]
    weights, inputs = W[unit - 1], traced.passed.A[layer - 1][:, 0]
    products = weights * inputs
    before = "X" if layer == 1 else f"A{layer - 1}"
    bias = {"name": f"b{layer}[{unit}]", "text": "bias", "value": float(b[unit - 1, 0])}
    terms = [
        {
            "name": f"W{layer}[{unit},{j + 1}] {before}[{j + 1}]",
            "text": clipped(names.inputs[j]) if layer == 1 else "",
            "weight": float(weights[j]),
            "input": float(inputs[j]),
            "value": float(products[j]),
        }
        for j in range(len(products))
    ]
    total = float(traced.passed.Z[layer - 1][unit - 1, 0])
    at = f"[{unit}]" if len(W) > 1 else ""
    return {
        "name": f"Z{layer}{at}",
        "row": names.rows[0],
        "terms": [bias, *terms],
        "total": total,
    }


def chain_data(traced: Trace, factors: Chain, names: Names) -> Facts:
    """The derivative of one weight, with all factors."""
    found, weight = factors.difference, factors.weight
    apart = abs(factors.value - factors.engine)
    per_step = abs(found.value - factors.engine) if found.step else None
    size = abs(factors.engine)
    return {
        "name": weight.name,
        "derivative": f"dLoss_{weight.name}",
        "column": clipped(names.inputs[weight.column - 1])
        if weight.layer == 1 and weight.column
        else "",
        "weight": float(traced.theta[weight.element]),
        "rows": [
            {
                "row": names.rows[row.row - 1],
                "derivative": part_name(weight.name, names.rows[row.row - 1]),
                "to": row.to,
                "paths": [
                    {
                        "units": list(path.units),
                        "factors": _factors(path.factors),
                        "value": path.value,
                    }
                    for path in row.paths
                ],
                "n_more": row.n_more,
                "rest": row.rest,
                "outer": math.fsum([*(path.value for path in row.paths), row.rest]),
                "local": _factors(row.local),
                "value": row.value,
            }
            for row in factors.rows
        ],
        "penalties": _factors(factors.penalties),
        "value": factors.value,
        "engine": factors.engine,
        "apart": _relative(apart, size),
        "difference": {
            "value": found.value if found.step else None,
            "step": found.step,
            "crossings": found.crossings,
            "heights": list(found.heights),
            "apart": None if per_step is None else _relative(per_step, size),
        },
    }


def _relative(apart: float, size: float) -> float:
    """The relative difference of two numbers; 0 if they are the same."""
    return apart / size if apart and size else apart


def _factors(factors: Sequence[Factor]) -> list[Facts]:
    return [
        {"name": factor.name, "text": clipped(factor.text), "value": factor.value}
        for factor in factors
    ]


def update_data(traced: Trace, weight: str, optimizer: str, steps: int) -> Facts:
    """The update steps of one weight, as plain data."""
    settings = parse_optimizer(optimizer)
    if isinstance(settings, Lbfgs):
        return {
            "optimizer": str(settings),
            "asked": steps,
            "steps": [],
            "why_not": "L-BFGS finds the length of a step by a line search over all of θ at once: "
            "there is no update rule for one weight.",
        }
    method = settings.method(traced.architecture)
    place = find_weight(traced, weight)
    taken = update(traced, place, method, settings.rate, steps=steps)
    factor = stretch_of(method, traced.architecture, place.element).factor
    constants = dict(zip(settings.formula.constants, method.constants, strict=False))
    rate = settings.rate * factor
    return {
        "optimizer": str(settings),
        "formula": settings.formula.formula,
        "rule": settings.rule,
        "has_penalty": bool(traced.objective.penalty or traced.objective.l1),
        "has_schedule": settings.schedule != STEADY,
        "factor": factor,
        "constants": constants,
        "rate": settings.rate,
        "memory": list(MEMORY[settings.rule]),
        "asked": steps,
        "scales": settings.scales,
        "steps": [
            {
                **_step_data(step),
                "in_full": [
                    each._asdict() for each in in_full(settings.rule, constants, rate, step)
                ],
                "to_weight": [each._asdict() for each in from_change_to_weight(step)],
            }
            for step in taken
        ],
        "why_not": "",
    }


def _step_data(step: Step) -> Facts:
    return {**step._asdict(), "scaled": step.scaled and step.scaled._asdict()}


def _plain(values: np.ndarray) -> list[list[float | None]]:
    return [[v if math.isfinite(v) else None for v in row] for row in values.tolist()]
