"""The path rule: what each encoded input contributes to the difference of two answers.

Along the straight way e(α) from e₀ to e₁, input i contributes

    φᵢ = (e₁ - e₀)ᵢ ∫₀¹ ∂f/∂eᵢ (e(α)) dα,        Σᵢ φᵢ = f(e₁) - f(e₀)

(integrated gradients: Sundararajan, Taly & Yan 2017, arXiv 1703.01365). In a piecewise linear
network with one output, ∂z/∂e is constant on each piece, and the integral of the link's slope has a
closed form (`answer_links`): then φ is exact. Otherwise each piece is integrated with 8
Gauss-Legendre nodes, and is halved until its sum agrees with the difference of the answers at its
ends. The sum is compared each time; a contribution that does not add up is never returned.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thalweg.errors import SettingsError
from thalweg.network.explaining.answer_links import Answer
from thalweg.network.explaining.straight_way import DenseNetwork, Floats, StraightWay
from thalweg.wording import parameter

# How far a sum may be from the difference of answers, in units of the answer.
EXACT, BY_QUADRATURE = 1e-12, 1e-8
# What quadrature aims at, over the whole way; and rounding, which no halving lowers.
_AIM, _ROUNDING = 1e-10, 1e-14
_NODES, _WEIGHTS = (each / 2 for each in np.polynomial.legendre.leggauss(8))
_MOST_HALVINGS, _MOST_NODES = 40, 400_000
# Nodes that go through a network at a time.
_BLOCK = 4096


class PathContributions(NamedTuple):
    """The contributions along one way.

    Attributes
    ----------
    inputs : list of ndarray
        Of each network: the contribution of each of its inputs, shape (n_answers, n_inputs).
    base, value : ndarray of float64, shape (n_answers,)
        The answers at both ends.
    error : float
        How far the sums are from value - base, at most.
    is_exact : bool
        False if by quadrature.
    """

    inputs: list[Floats]
    base: Floats
    value: Floats
    error: float
    is_exact: bool


def path_contributions(
    networks: Sequence[DenseNetwork],
    starts: Sequence[Floats],
    ends: Sequence[Floats],
    answer: Answer,
) -> PathContributions:
    """The contributions of encoded inputs to an answer of one network, or of several together.

    The inputs of several networks move along their ways at the same time. With start and end
    swapped, every contribution changes its sign, and nothing else.

    Parameters
    ----------
    networks : sequence of DenseNetwork
    starts, ends : sequence of ndarray of float64, shape (n_inputs of the network,)
        The two rows, as each network encodes them.
    answer : Answer

    Raises
    ------
    SettingsError
        If the contributions do not add up, or an answer is not finite.
    """
    base, value = (
        answer.value(_outputs(networks, [each[None] for each in rows]))[0]
        for rows in (starts, ends)
    )
    if not (np.isfinite(base).all() and np.isfinite(value).all()):
        raise _refusal("an answer is not a finite number")
    turned = _is_after(np.concatenate(starts), np.concatenate(ends))
    first, last = (ends, starts) if turned else (starts, ends)
    ways = [StraightWay(*each) for each in zip(networks, first, last, strict=True)]
    inputs, is_exact = _closed_form(ways, answer), True
    if inputs is None:
        inputs, is_exact = _by_quadrature(ways, answer), False
    if turned:
        inputs = [0.0 - each for each in inputs]
    total = np.sum([each.sum(axis=1) for each in inputs], axis=0)
    error = float(np.max(np.abs(total - (value - base))))
    size = max(answer.unit, float(np.abs(base).max()), float(np.abs(value).max()))
    if not error <= (EXACT if is_exact else BY_QUADRATURE) * size:
        raise _refusal(f"they add up to {error:.1e} beside the difference of the answers")
    return PathContributions(inputs, base, value, error, is_exact)


def _outputs(networks: Sequence[DenseNetwork], encoded: Sequence[Floats]) -> Floats:
    """Outputs of all networks: (n_networks, n, n_outputs)."""
    return np.stack([net.outputs(rows) for net, rows in zip(networks, encoded, strict=True)])


def _is_after(one: Floats, other: Floats) -> bool:
    """Whether a row comes after another in a fixed order, which both directions share."""
    differ = np.flatnonzero(one != other)
    return bool(len(differ) and one[differ[0]] > other[differ[0]])


def _closed_form(ways: Sequence[StraightWay], answer: Answer) -> list[Floats] | None:
    """The contributions in closed form; None if there is none."""
    if len(ways) > 1 or not ways[0].network.is_piecewise_linear:
        return None
    (way,) = ways
    z, breaks = way.at_breaks, way.breaks
    mean_slopes = answer.mean_slopes(z[:-1], z[1:])
    if mean_slopes is None:
        return None
    middles, widths = (breaks[:-1] + breaks[1:]) / 2, np.diff(breaks)
    return [way.contributions(middles, mean_slopes * widths[:, None, None])]


def _by_quadrature(ways: Sequence[StraightWay], answer: Answer) -> list[Floats]:
    """The contributions by Gauss-Legendre nodes on pieces that are halved until they add up."""
    breaks = np.unique(np.concatenate([way.breaks for way in ways]))
    left, right = breaks[:-1], breaks[1:]
    found = [np.zeros((1, 1)) for _ in ways]
    n_nodes = 0
    for _ in range(_MOST_HALVINGS):
        n_nodes += len(left) * len(_NODES)
        if n_nodes > _MOST_NODES:
            raise _refusal(f"{n_nodes:,} nodes of quadrature are too few for them")
        good = np.zeros(len(left), dtype=bool)
        for start in range(0, len(left), _BLOCK // len(_NODES)):
            some = slice(start, start + _BLOCK // len(_NODES))
            good[some], parts = _some_pieces(ways, answer, left[some], right[some])
            found = [each + part for each, part in zip(found, parts, strict=True)]
        if good.all():
            return found
        middle = (left[~good] + right[~good]) / 2
        left, right = (
            np.concatenate(both) for both in ((left[~good], middle), (middle, right[~good]))
        )
    raise _refusal(f"pieces of the way do not add up after {_MOST_HALVINGS} halvings")


def _some_pieces(
    ways: Sequence[StraightWay], answer: Answer, left: Floats, right: Floats
) -> tuple[np.ndarray, list[Floats]]:
    """Which pieces add up, and the contributions of these."""
    widths = right - left
    nodes = ((left + right) / 2)[:, None] + widths[:, None] * _NODES
    alphas, weights = nodes.ravel(), (widths[:, None] * _WEIGHTS).ravel()
    slopes = answer.slopes(np.stack([way.z(alphas) for way in ways])) * weights[:, None, None]
    speeds = np.stack([way.speed(alphas) for way in ways])
    gains = np.einsum("mnko,mno->nk", slopes, speeds).reshape(len(left), len(_NODES), -1)
    at_left, at_right = (
        answer.value(np.stack([way.z(ends) for way in ways])) for ends in (left, right)
    )
    errors = np.abs(gains.sum(axis=1) - (at_right - at_left)).max(axis=1)
    size = np.maximum(answer.unit, np.abs(at_left).max(axis=1))
    good = errors <= np.maximum(_AIM * widths, _ROUNDING) * size
    of_good = np.repeat(good, len(_NODES))
    parts = [
        way.contributions(alphas[of_good], steep[of_good])
        for way, steep in zip(ways, slopes, strict=True)
    ]
    return good, parts


def _refusal(why: str) -> SettingsError:
    return SettingsError(
        "The contributions of this row cannot be computed by the path rule",
        why=f"Contributions have to add up, and {why}",
        fix=f"take another base ({parameter('background')} or {parameter('against')}), or "
        f"{parameter('method', 'shapley')} for few columns",
    )
