"""Sharpness of the minimum that a run reached, and whether its learning rate is stable there."""

from dataclasses import dataclass
from typing import Any

from thalweg.landscape.ground.curvature import spectrum
from thalweg.landscape.ground.jiggle import Jiggle, jiggle
from thalweg.landscape.ground.terrain import Terrain
from thalweg.landscape.phrases import written
from thalweg.landscape.plain import fields_of
from thalweg.network.formulas.activations import Array
from thalweg.training.descent.optimizer import Lbfgs, Optimizer


@dataclass(frozen=True)
class Sharpness:
    """Curvature at a point, and what it means for whoever descends there.

    Attributes
    ----------
    largest, smallest : float
        Eigenvalues of the Hessian.
    residual : float
        ‖H v - λ v‖ of the largest, as a part of it.
    stable : float or None
        The largest eigenvalue that the rule, at the rate of its last step, can settle at
        (`stable_curvature`); above it the ball jumps out. ``None`` for rules without such a bound.
    kinks : int
        Products with the Hessian that crossed a kink of the network (`curvature.Hessian`).
    jiggle : Jiggle or None
        ``None`` where θ is not the weights of a network.
    """

    largest: float
    smallest: float
    residual: float
    stable: float | None
    kinks: int
    jiggle: Jiggle | None

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data, and the sentences."""
        return {**fields_of(self), "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """As a person would say it."""
        said = [
            f"Here the loss bends by {written(self.largest)} where it bends most, "
            + (
                f"and downwards by {written(-self.smallest)} another way."
                if self.smallest < 0
                else "and nowhere downwards."
            )
        ]
        if self.stable is not None:
            more = self.largest > self.stable
            said.append(
                f"With its last rate the rule can settle where the loss bends by less than "
                f"{written(self.stable)}: {'it cannot stay here' if more else 'it can stay here'}."
            )
        if self.jiggle:
            said.append(self.jiggle.sentence())
        return said


def stable_curvature(optimizer: Optimizer | Lbfgs, rate: float) -> float | None:
    """The largest λ at which a rule settles on the parabola ½ λ θ².

    Below 2 (1 + μ) / η for the heavy ball, 2 / η without momentum; below
    2 (1 + μ) / (η (1 + 2 μ)) for Nesterov's (the roots of the recursion lie within the unit
    circle). Rules that divide by gradients of the past know no such bound.

    Parameters
    ----------
    optimizer : Optimizer or Lbfgs
    rate : float
        η.
    """
    if isinstance(optimizer, Lbfgs) or optimizer.rule not in ("sgd", "nesterov") or not rate > 0:
        return None
    (momentum,) = optimizer.constants
    ahead = 1 + 2 * momentum if optimizer.rule == "nesterov" else 1.0
    return 2 * (1 + momentum) / (rate * ahead)


def sharpness(
    terrain: Terrain,
    theta: Array,
    optimizer: Optimizer | Lbfgs,
    rate: float,
    *,
    weights: bool = True,
    seed: int = 0,
) -> Sharpness:
    """The sharpness at θ.

    Parameters
    ----------
    terrain : Terrain
    theta : ndarray of shape (n_parameters,)
    optimizer : Optimizer or Lbfgs
        Who descended to there.
    rate : float
        Of the last step.
    weights : bool, default True
        Whether θ is the weights of a network, so that a jiggle of each by a share of itself says
        something.
    seed : int, default 0

    Returns
    -------
    Sharpness

    Raises
    ------
    SettingsError
        Where loss or gradient is not finite.
    """
    found = spectrum(terrain, theta, top=1, seed=seed)
    return Sharpness(
        float(found.top[0]), found.bottom, float(found.residuals[0]),
        stable_curvature(optimizer, rate), found.kinks,
        jiggle(terrain, theta, seed=seed) if weights else None,
    )  # fmt: skip
