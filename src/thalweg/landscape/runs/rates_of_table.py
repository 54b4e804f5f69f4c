"""Learning rates that suit a loss: from its curvature, not from what suited another table.

Gradient descent on a parabola ½ λ θ² is stable up to the rate 2 / λ. λ is the largest eigenvalue of
the Hessian: at the start it bounds the small rates, and where the way is flattest the large one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.ground.curvature import Hessian, spectrum
from thalweg.landscape.ground.sharpness_and_stability import stable_rate
from thalweg.landscape.ground.terrain import KRYLOV, NetworkTerrain, draws
from thalweg.landscape.numbers_in_words import listed, written
from thalweg.landscape.plain_data import fields_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.path import DescentPath, record, terrain_of
from thalweg.landscape.runs.presets import NETWORK, Preset, RunRates, entries, title_of
from thalweg.network.engine import Engine
from thalweg.network.formulas.activations import Array
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.descent_inputs import Member

# The rates as shares of 2 / λ: of the λ at the start, at which one row a step still ends low, and
# of the least λ on the way of the small steps, so that the large ones are unstable all along it.
# Chosen on Wisconsin, Pima and Phoneme (docs/landscape.md).
SMALL, MEDIUM, LARGE = 0.1, 0.25, 1.5
# Where λ is measured: at these shares of the small steps.
WHERE = (0.0, 0.5, 1.0)
# Enough products for two digits of the largest eigenvalue, and often for many more.
PRODUCTS = 40
DIGITS = 3
# How far beside a kink the curvature is measured, as a share of ‖θ‖.
BESIDE = 1e-3


@dataclass(frozen=True, eq=False)
class TableRates:
    """Rates, and the curvatures that they come from.

    Attributes
    ----------
    rates : RunRates
    curvatures : tuple of float
        The largest eigenvalue of the Hessian at the start, in the middle and at the end of a run
        of small steps on all rows.
    steps : tuple of int
        After how many of them.
    pilot : DescentPath
        That run.
    kink : bool
        Whether a kink of the loss lies at the start: the first curvature is that beside it.
    """

    rates: RunRates
    curvatures: tuple[float, ...]
    steps: tuple[int, ...]
    pilot: DescentPath
    kink: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, without the path."""
        return fields_of(self, "pilot")

    def sentence(self, entered: Sequence[Preset]) -> str:
        """Where the rates of these runs come from, in words; of other runs it says nothing.

        Parameters
        ----------
        entered : sequence of Preset
            With the names of the rates in their rules, as `entries` gives them.
        """
        first, flattest = self.curvatures[0], min(self.curvatures)
        where = self.steps[self.curvatures.index(flattest)]
        at_start, at_least = f"{written(first)} at the start", f"{written(flattest)} where it is "
        if self.kink:
            at_start = f"{written(first)} beside the start (a kink lies at it)"
        at_least += f"least, after {where:,} small steps" if where else "least, at the start"
        shares = (
            ("small", SMALL, at_start),
            ("medium", MEDIUM, at_start),
            ("large", LARGE, at_least),
        )
        found: list[str] = []
        said: list[str] = []
        for name, share, place in shares:
            runs = [title_of(each.name, "") for each in entered if f"{{{name}}}" in each.rule]
            if runs:
                found.append(place)
                beginning = "beside the start" if self.kink else "at the start"
                at = beginning if place is at_start else "where λ is least"
                of = "that" if said else "The rate"
                said.append(f"{of} of {listed(runs)} is {share:g} times the 2 / λ {at}")
        measured = " and ".join(dict.fromkeys(found))
        return (
            "Rates are shares of 2 / λ, where λ is the largest curvature of this loss: "
            f"{measured}. {'; '.join(said)}."
        )


def rates_of(
    member: Member, terrain: NetworkTerrain | None = None, engine: Engine | None = None
) -> TableRates:
    """The small, the medium and the large rate of a training run.

    Parameters
    ----------
    member : thalweg.training.descent_inputs.Member
        Its optimizer is ignored.
    terrain : NetworkTerrain, optional
        The loss whose curvature is measured; default: that of the member.
    engine : Engine, optional

    Returns
    -------
    TableRates

    Raises
    ------
    SettingsError
        If the loss does not curve upwards anywhere that was measured.
    """
    terrain = terrain or terrain_of(member, engine=engine)
    first, kink = _curvature(terrain, member.theta)
    small = _short(SMALL * _bound(first))
    (entry,) = entries(["sgd"], NETWORK)
    entry = entry.at(RunRates(small, small, small))
    run, n_steps = with_own_batches(member, entry)
    pilot = record(run, entry.name, engine=engine, last_step=n_steps)
    places = [round(share * (len(pilot.thetas) - 1)) for share in WHERE]
    later = [_curvature(terrain, pilot.thetas[place])[0] for place in places[1:]]
    curvatures = (first, *later)
    rates = RunRates(small, _short(MEDIUM * _bound(first)), _short(LARGE * _bound(min(curvatures))))
    steps = tuple(int(pilot.steps[place]) for place in places)
    return TableRates(rates, curvatures, steps, replace(pilot, name=entry.name), kink)


def _bound(curvature: float) -> float:
    """2 / λ."""
    bound = stable_rate(parse_optimizer("sgd"), curvature)
    assert bound is not None  # `_curvature` is above 0
    return bound


def _short(rate: float) -> float:
    """The rate as its text form has it."""
    return float(f"{rate:.{DIGITS}g}")


def _curvature(terrain: NetworkTerrain, theta: Array) -> tuple[float, bool]:
    """The largest curvature at θ, or at a point beside it if a kink lies at θ; and whether it does.

    On a kink there is none: a difference of gradients depends on its step. Beside it there is one,
    and which point is taken matters little.
    """
    theta = np.asarray(theta, np.float64)
    kink = Hessian(terrain, theta).on_kink
    if kink:
        unit = draws(0, KRYLOV, 1).standard_normal(theta.size)
        theta = theta + BESIDE * np.linalg.norm(theta) / np.linalg.norm(unit) * unit
    found = float(spectrum(terrain, theta, top=1, most=PRODUCTS).top[0])
    if not found > 0:
        raise SettingsError(
            "No rate can be derived from this loss",
            why="it does not curve upwards in any direction, at the start or on the way of small "
            "steps",
            fix="give the rates, as in sgd:lr=0.1,sgd:lr=3",
        )
    return found, kink
