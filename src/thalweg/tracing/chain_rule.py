"""The chain rule for one weight, factor by factor, summed over all paths to the loss.

A weight reaches the loss along paths through the units of the later layers. Along one path the
chain rule is a product; the derivative is the sum over all paths. In a network of two layers with
one output there is one path, and the derivative is a single product, as in the article::

    dLoss_W1[3,2] = dLoss_Yh · dYh_Z2 · dZ2_A1[3] · dA1[3]_Z1[3] · dZ1_W1[3,2]

Of many paths, the largest products are kept, and the number and the sum of the others.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from thalweg.errors import SettingsError
from thalweg.network.engine import Engine, choose
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.loss_bodies import as_it_is
from thalweg.network.formulas.losses import loss
from thalweg.network.gradcheck import Difference, difference
from thalweg.network.held_weights import is_held
from thalweg.tracing.row_trace import Trace, output_name

# The largest number of paths that are kept, which the text shows.
PATHS = 8

WEIGHT_NAME = re.compile(r"\s*([Wb])([1-9][0-9]{0,5})\s*\[(.*)\]\s*", re.DOTALL)


class Weight(NamedTuple):
    """A place in θ: ``W1[3,2]``, or ``b1[3]`` without a column. Counted from 1."""

    name: str
    layer: int
    unit: int
    column: int | None
    element: int


class Factor(NamedTuple):
    """One factor: its name, its text, and its value."""

    name: str
    text: str
    value: float


class ChainPath(NamedTuple):
    """One path from the loss to a unit.

    ``units`` are the units on the path, from the last layer on, counted from 1.
    """

    units: tuple[int, ...]
    factors: tuple[Factor, ...]

    @property
    def value(self) -> float:
        """The product of the factors."""
        return math.prod(factor.value for factor in self.factors)


def part_name(weight: str, row: int) -> str:
    """The derivative of one row's part of the loss: ``dLoss[17]_W1[3,2]``; see `Trace.parts`.

    That of the whole loss is ``dLoss_W1[3,2]``: two quantities, and two names.
    """
    return f"dLoss[{row}]_{weight}"


class RowChain(NamedTuple):
    """The derivative of the part of L that belongs to one row, ``dLoss[row]_W1[3,2]``.

    Attributes
    ----------
    row : int
        Counted from 1, among the rows of the trace.
    to : str
        Where the paths lead: ``dLoss_A1[3]``, or ``dLoss_Z2[1]`` in the last layer.
    paths : tuple of ChainPath
        Those with the largest products first.
    n_more : int
        How many other paths there are.
    rest : float
        Their sum.
    local : tuple of Factor
        The factors that all paths share: the slope of the unit, and the weight's input.
    """

    row: int
    to: str
    paths: tuple[ChainPath, ...]
    n_more: int
    rest: float
    local: tuple[Factor, ...]

    @property
    def value(self) -> float:
        """(Σ of the paths, and the rest) times the shared factors."""
        total = math.fsum([*(path.value for path in self.paths), self.rest])
        return total * math.prod(factor.value for factor in self.local)


@dataclass(frozen=True)
class Chain:
    """The derivative of L with respect to one element of θ, ``dLoss_W1[3,2]``.

    Attributes
    ----------
    weight : Weight
    rows : tuple of RowChain
    penalties : tuple of Factor
        The terms of the penalties: ``penalty · W`` and ``l1 · sign(W)``, if there are any.
    engine : float
        The gradient that the engine computes.
    difference : Difference
        The difference quotient of the engine's losses.
    """

    weight: Weight
    rows: tuple[RowChain, ...]
    penalties: tuple[Factor, ...]
    engine: float
    difference: Difference

    @property
    def value(self) -> float:
        """Σ over the rows, plus the penalties."""
        return math.fsum([*(row.value for row in self.rows), *(p.value for p in self.penalties)])


def find_weight(trace: Trace, name: str, inputs: Sequence[str] = ()) -> Weight:
    """The place in θ that a name refers to.

    Parameters
    ----------
    trace : Trace
    name : str
        ``W1[3,2]``: layer, unit and input, each from 1; in the first layer also by the name of
        the column, ``W1[3,age]``. ``b1[3]`` for a bias.
    inputs : sequence of str, optional
        The names of the encoded columns.

    Raises
    ------
    SettingsError
        If there is no such weight; the message says which there are.
    """
    sizes, match = trace.architecture.sizes, WEIGHT_NAME.fullmatch(name)
    where = repr(name)
    if match is None:
        raise SettingsError("This names no weight", where=where, fix="write W1[3,2], or b1[3]")
    kind, layer = match[1], int(match[2])
    if layer >= len(sizes):
        only = f"W1 to W{len(sizes) - 1}" if len(sizes) > 2 else "W1"
        raise SettingsError(f"There is no {kind}{layer}", where=where, fix=f"take {only}")
    unit, comma, column = (part.strip() for part in match[3].partition(","))
    row = _index(unit, sizes[layer], f"unit in {kind}{layer}", where)
    if kind == "b":
        if comma:
            raise SettingsError("A bias has no column", where=where, fix=f"write b{layer}[{row}]")
        block = trace.architecture.blocks[2 * layer - 1]
        return Weight(f"b{layer}[{row}]", layer, row, None, block.offset + row - 1)
    if not comma:
        raise SettingsError(
            "A weight has a unit and a column", where=where, fix=f"write W{layer}[{row},1]"
        )
    found = column.strip("\"'")
    if layer == 1 and found in inputs:
        column = str(list(inputs).index(found) + 1)
    elif layer == 1 and inputs and not column.isdecimal():
        raise _no_input(column, found, inputs, where)
    j = _index(column, sizes[layer - 1], f"column in W{layer}", where)
    block = trace.architecture.blocks[2 * layer - 2]
    element = block.offset + (row - 1) * block.shape[1] + j - 1
    return Weight(f"W{layer}[{row},{j}]", layer, row, j, element)


def _no_input(column: str, found: str, inputs: Sequence[str], where: str) -> SettingsError:
    """The error for a column, without its quotes in ``found``, that names no input."""
    own = [each for each in inputs if found and each.startswith(found)]
    stem, is_level, _ = found.partition("=")
    of_column = [each for each in inputs if is_level and each.startswith(f"{stem}=")]
    why = _why_several(found, own) if len(own) < len(inputs) else ""
    if not own and len(of_column) == 1:
        why = "A category of two levels has one input"
    listed = own or of_column or list(inputs)
    more = f" and {len(listed) - 20} more" if len(listed) > 20 else ""
    choice = f"one of {', '.join(listed[:20])}{more}" if len(listed) > 1 else listed[0]
    return SettingsError(
        f"There is no input {column!r}", where=where, why=why, fix=f"take {choice}"
    )


def _why_several(column: str, inputs: Sequence[str]) -> str:
    """Why a column is not one input, by the names of its inputs (`Encoder.output_names`)."""
    if any(each.startswith(f"{column}: ") for each in inputs):
        return "A date has an input for each of its parts"
    if any(each.startswith(f"{column}=") for each in inputs):
        return "A category has an input for each level"
    return ""


def _index(text: str, size: int, what: str, where: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= size):
        raise SettingsError(
            f"There is no {what} with number {text or 'nothing'}",
            where=where,
            fix=f"count from 1 to {size}" if size > 1 else "take 1, the only one",
        )
    return int(text)


def steepest(trace: Trace, layer: int = 1) -> str:
    """The weight of a layer with the largest gradient, by name.

    Penalties do not count: they could choose a weight that no row moves. The page says so.
    """
    block = trace.architecture.blocks[2 * layer - 2]
    i, j = divmod(int(np.argmax(np.abs(block.of(trace.back.gradient)))), block.shape[1])
    return f"W{layer}[{i + 1},{j + 1}]"


def chain(
    trace: Trace,
    weight: str,
    *,
    inputs: Sequence[str] = (),
    engine: Engine | None = None,
    n_paths: int = PATHS,
) -> Chain:
    """Every factor of the derivative of L with respect to one weight or bias.

    Parameters
    ----------
    trace : Trace
    weight : str
        A name for `find_weight`.
    inputs : sequence of str, optional
        The names of the encoded columns.
    engine : Engine, optional
        The engine to compare with; default: that of ``choose``.
    n_paths : int
        How many paths are kept one by one.

    Returns
    -------
    Chain
        Its ``value`` is computed from the factors alone, and the sum of the other paths.
    """
    found, engine = find_weight(trace, weight, inputs), engine or choose()
    problem = (trace.architecture, trace.objective, trace.theta, trace.data)
    _, gradient = engine.loss_and_gradient(*problem, noise=trace.noise)
    return Chain(
        found,
        tuple(_row(trace, found, r, n_paths, inputs) for r in range(trace.n_rows)),
        _penalties(trace, found),
        float(gradient[found.element]),
        difference(*problem, found.element, engine, trace.noise),
    )


def _penalties(trace: Trace, weight: Weight) -> tuple[Factor, ...]:
    """The terms that the penalties add to the derivative; biases and held weights have none."""
    if weight.column is None or _is_held(trace, weight):
        return ()
    w, objective = float(trace.theta[weight.element]), trace.objective
    parts = []
    if objective.penalty:
        text = f"{objective.penalty:.6g} · {weight.name}"
        parts.append(Factor("penalty of squares", text, objective.penalty * w))
    if objective.l1:
        text = f"{objective.l1:.6g} · sign({weight.name})"
        parts.append(Factor("penalty of sizes", text, objective.l1 * float(np.sign(w))))
    return tuple(parts)


def _row(trace: Trace, weight: Weight, r: int, n_paths: int, inputs: Sequence[str]) -> RowChain:
    """The paths of one row to the weight's unit, and the factors after it."""
    layer, unit, last = weight.layer, weight.unit, trace.architecture.n_layers
    if layer == last:
        factors = tuple(_start(trace, unit, r))
        paths: tuple[ChainPath, ...] = (ChainPath((unit,), factors),)
        n_more, rest = 0, 0.0
        to = f"dLoss_Z{last}[{unit}]"
    else:
        n_all = math.prod(trace.architecture.sizes[layer + 1 :])
        # The line "1 more" would take as much space as the path itself.
        routes = _routes(trace, weight, r, n_paths + (n_all == n_paths + 1))
        paths = tuple(ChainPath(route, _along(trace, route, weight, r)) for route in routes)
        n_more = n_all - len(paths)
        total = float(trace.back.dA[layer - 1][unit - 1, r])
        rest = math.fsum([total, *(-path.value for path in paths)]) if n_more else 0.0
        to = f"dLoss_A{layer}[{unit}]"
    local = [] if layer == last else _slope(trace, layer, unit, r)
    local.append(_input(trace, weight, r, inputs))
    if _is_held(trace, weight):
        local.append(Factor(f"held {weight.name}", "rows move no weight to this output", 0.0))
    return RowChain(r + 1, to, paths, n_more, rest, tuple(local))


def _is_held(trace: Trace, weight: Weight) -> bool:
    """Whether the loss holds this weight at 0: the engine gives it the slope 0."""
    return is_held(trace.architecture, trace.objective.loss, weight.element)


def _routes(trace: Trace, weight: Weight, r: int, n_paths: int) -> list[tuple[int, ...]]:
    """The paths with the largest products to the weight's unit, found layer by layer."""
    layers = trace.architecture.layers(trace.theta)
    best: list[list[tuple[float, tuple[int, ...]]]] = [
        [(float(dZ), (k + 1,))] for k, dZ in enumerate(trace.back.dZ[-1][:, r])
    ]
    for layer in range(trace.architecture.n_layers - 1, weight.layer - 1, -1):
        W = layers[layer][0]
        hidden = layer > weight.layer
        wanted = range(W.shape[1]) if hidden else [weight.unit - 1]
        slope = _slopes(trace, layer, r) if hidden else np.ones(W.shape[1])
        values = np.array([value for each in best for value, _ in each])
        trails = [trail for each in best for _, trail in each]
        owner = np.repeat(np.arange(len(best)), [len(each) for each in best])
        best = []
        for v in wanted:
            products = values * W[owner, v] * slope[v]
            top = np.argsort(-np.abs(products), kind="stable")[:n_paths]
            best.append(
                [(float(products[k]), (*trails[k], v + 1) if hidden else trails[k]) for k in top]
            )
    return [trail for _, trail in best[0]]


def _slopes(trace: Trace, layer: int, r: int) -> Array:
    """dA/dZ of a hidden layer in one row, including dropout."""
    slope = trace.architecture.formulas[layer - 1].slope(trace.passed.Z[layer - 1][:, r])
    kept = trace.passed.kept[layer - 1]
    return slope * kept[:, r] if isinstance(kept, np.ndarray) else slope * kept


def _along(trace: Trace, route: tuple[int, ...], weight: Weight, r: int) -> tuple[Factor, ...]:
    """The factors on the path from the loss to the output of the weight's unit."""
    layers, layer = trace.architecture.layers(trace.theta), trace.architecture.n_layers
    factors, places = _start(trace, route[0], r), [*route, weight.unit]
    for k, (behind, unit) in enumerate(pairwise(places)):
        w = float(layers[layer - 1][0][behind - 1, unit - 1])
        name = f"dZ{layer}{_at(trace, layer, behind)}_A{layer - 1}[{unit}]"
        factors.append(Factor(name, f"W{layer}[{behind},{unit}]", w))
        layer -= 1
        if k < len(route) - 1:
            factors += _slope(trace, layer, unit, r)
    return tuple(factors)


def _start(trace: Trace, unit: int, r: int) -> list[Factor]:
    """The factors from the loss to the last layer's Z."""
    architecture, last = trace.architecture, trace.architecture.n_layers
    at, out = _at(trace, last, unit), output_name(architecture)
    per_prediction, slope = trace.gradient_of_prediction, trace.link_slope
    direct = float(trace.back.dA[-1][unit - 1, r])
    if per_prediction is None or slope is None or np.isnan(per_prediction[unit - 1, r]):
        factors = [Factor(f"dLoss_{out}{at}", "the loss's slope, in one step", direct)]
    else:
        factors = [
            Factor(f"dLoss_Yh{at}", "the loss's slope", float(per_prediction[unit - 1, r])),
            Factor(f"dYh{at}_{out}{at}", _link_text(trace, out, at), float(slope[unit - 1, r])),
        ]
    if architecture.activations[-1] != "identity":
        factors += _slope(trace, last, unit, r)
    return factors


def _link_text(trace: Trace, out: str, at: str) -> str:
    """What the step from the last output to the prediction is."""
    is_itself = loss(trace.objective.loss).link is as_it_is
    return f"Yh{at} is {out}{at} itself" if is_itself else "the link's slope"


def _slope(trace: Trace, layer: int, unit: int, r: int) -> list[Factor]:
    """The factors from a unit's output to its Z: the activation's slope, and dropout."""
    formula, z = trace.architecture.formulas[layer - 1], trace.passed.Z[layer - 1]
    slope = float(formula.slope(z)[unit - 1, r])
    name = f"dA{layer}[{unit}]_Z{layer}[{unit}]"
    at = f"slope of {formula.name} at {z[unit - 1, r]:.6g}"
    factors = [Factor(name, at, slope)]
    kept = trace.passed.kept[layer - 1]
    if isinstance(kept, np.ndarray):
        factors.append(Factor(f"kept A{layer}[{unit}]", "dropout", float(kept[unit - 1, r])))
    return factors


def _input(trace: Trace, weight: Weight, r: int, inputs: Sequence[str]) -> Factor:
    """The factor from the unit's Z to the weight: the input of the weight."""
    layer, unit, j = weight.layer, weight.unit, weight.column
    name = f"dZ{layer}{_at(trace, layer, unit)}_{weight.name}"
    if j is None:
        return Factor(name, "a bias is added as it is", 1.0)
    value = float(trace.passed.A[layer - 1][j - 1, r])
    if layer > 1:
        return Factor(name, f"A{layer - 1}[{j}]", value)
    return Factor(name, f"X[{j}]{f', {inputs[j - 1]}' if inputs else ''}", value)


def _at(trace: Trace, layer: int, unit: int) -> str:
    """``[3]``; empty if a layer has one unit, such as the last one of the article's network."""
    return f"[{unit}]" if trace.architecture.sizes[layer] > 1 else ""
