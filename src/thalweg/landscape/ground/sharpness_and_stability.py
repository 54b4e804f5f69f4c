"""Sharpness of the minimum that a run reached, and whether its learning rate is stable there."""

from dataclasses import dataclass
from typing import Any

from thalweg.landscape.ground.curvature import spectrum
from thalweg.landscape.ground.jiggle import Jiggle, jiggle
from thalweg.landscape.ground.terrain import Terrain
from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.plain_data import fields_of
from thalweg.network.formulas.activations import Array
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer


@dataclass(frozen=True)
class Sharpness:
    """Curvature at a point, and whether an optimizer can stay there.

    Attributes
    ----------
    largest, smallest : float
        Eigenvalues of the Hessian.
    residual : float
        ‖H v - λ v‖ of the largest, as a share of it.
    stable : float or None
        The largest eigenvalue at which the optimizer is stable with the rate of its last step
        (`stable_curvature`); above it the ball jumps out. ``None`` for rules without such a bound.
    kinks : int
        Hessian-vector products that crossed a kink of the network (`curvature.Hessian`).
    jiggle : Jiggle or None
        ``None`` if θ is not the weights of a network.
    """

    largest: float
    smallest: float
    residual: float
    stable: float | None
    kinks: int
    jiggle: Jiggle | None

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, and the sentences."""
        return {**fields_of(self), "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """The figures as sentences."""
        said = [
            f"The largest curvature of the loss here is {written(self.largest)}, "
            + (
                f"and in another direction it curves downwards by {written(-self.smallest)}."
                if self.smallest < 0
                else "and it curves downwards nowhere."
            )
        ]
        if self.stable is not None:
            more = self.largest > self.stable
            said.append(
                f"With its last learning rate the optimizer is stable up to a curvature of "
                f"{written(self.stable)}: {'it cannot stay here' if more else 'it can stay here'}."
            )
        if self.jiggle:
            said.append(self.jiggle.sentence())
        return said


def stable_curvature(optimizer: Optimizer | Lbfgs, rate: float) -> float | None:
    """The largest λ at which an update rule is stable on the parabola ½ λ θ².

    It is 2 (1 + μ) / η for momentum (the heavy ball), 2 / η without momentum, and
    2 (1 + μ) / (η (1 + 2 μ)) for Nesterov momentum (the roots of the recursion lie within the unit
    circle). Rules that divide by past gradients have no such bound.

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
        The optimizer that reached this point.
    rate : float
        The learning rate of the last step.
    weights : bool, default True
        Whether θ is the weights of a network, so that a change of each by a share of itself makes
        sense.
    seed : int, default 0

    Returns
    -------
    Sharpness

    Raises
    ------
    SettingsError
        If loss or gradient is not finite.
    """
    found = spectrum(terrain, theta, top=1, seed=seed)
    return Sharpness(
        float(found.top[0]), found.bottom, float(found.residuals[0]),
        stable_curvature(optimizer, rate), found.kinks,
        jiggle(terrain, theta, seed=seed) if weights else None,
    )  # fmt: skip
