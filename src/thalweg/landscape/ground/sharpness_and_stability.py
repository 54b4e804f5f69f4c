"""Sharpness of the point that a run reached, and whether it can stay there."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.landscape.ground.curvature import TOLERANCE, spectrum
from thalweg.landscape.ground.jiggle import Jiggle, jiggle
from thalweg.landscape.ground.terrain import Terrain
from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.plain_data import fields_of
from thalweg.network.formulas.activations import Array
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer

# A gradient is 0 if a way as long as θ, straight along it, would change the loss by less than this
# share of it; an eigenvalue is below 0 if it is below 0 by more than this share of the largest |λ|.
NOTHING = 1e-6
# An eigenvalue is said to be found if its measured residual is at most this share of the largest
# |λ|; Lanczos' method stops at a tenth of it.
SETTLED = 10 * TOLERANCE


@dataclass(frozen=True)
class Extremes:
    """The largest and the smallest eigenvalue of a Hessian.

    Attributes
    ----------
    largest, smallest : float
    residual, smallest_residual : float
        ‖H v - λ v‖ of each, as a share of the largest |λ|: an eigenvalue is as close as that.
        Computed anew, so that it knows the rounding of the differences.
    products, kinks : int
        Hessian-vector products, and how many of them crossed a kink of the loss
        (`curvature.Hessian`).
    on_kink : bool
        Whether θ lies on a kink, where there is no Hessian.
    step : float
        The length of the differences of gradients.
    """

    largest: float
    smallest: float
    residual: float
    smallest_residual: float
    products: int
    kinks: int
    on_kink: bool = False
    step: float = 0.0

    @property
    def downwards(self) -> bool:
        """Whether the loss curves downwards in some direction, by more than the error."""
        share = max(NOTHING, self.smallest_residual)
        return self.smallest < -share * max(abs(self.largest), abs(self.smallest))

    @property
    def found(self) -> bool:
        """Whether both settled, and there is a Hessian at all."""
        return not self.on_kink and max(self.residual, self.smallest_residual) <= SETTLED

    def unsure(self) -> str:
        """Why nothing follows from them, in words; "" if they were found."""
        if self.on_kink:
            return (
                f"this is a difference over a step of {written(self.step)}, because the point lies "
                "on a kink of the loss, where it has no Hessian"
            )
        worst = max(self.residual, self.smallest_residual)
        return "" if self.found else (
            f"not settled, the stopping error is {written(worst, 2)} of the largest |λ|"
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {**fields_of(self), "downwards": self.downwards, "found": self.found}


def extremes(terrain: Terrain, theta: Array, seed: int = 0) -> Extremes:
    """The largest and the smallest eigenvalue of the Hessian at θ.

    Raises
    ------
    SettingsError
        If loss or gradient is not finite.
    """
    found = spectrum(terrain, theta, top=1, seed=seed, measured=True)
    return Extremes(
        float(found.top[0]), found.bottom, float(found.residuals[0]), found.bottom_residual,
        found.products, found.kinks, found.on_kink, found.step,
    )  # fmt: skip


@dataclass(frozen=True)
class Sharpness:
    """Gradient and curvature at a point, and what they say of an optimizer that reached it.

    Attributes
    ----------
    gradient : float
        The length of the gradient.
    flat : bool
        Whether it is 0, but for rounding: the point is one of rest.
    extremes : Extremes
        The ends of the Hessian's spectrum.
    stable : float or None
        The largest eigenvalue at which the optimizer is stable with the rate of its last step
        (`stable_curvature`); above it the ball jumps out. Below it the ball may still roll away,
        downhill. ``None`` for optimizers without such a bound.
    jiggle : Jiggle or None
        ``None`` if θ is not the weights of a network.
    """

    gradient: float
    flat: bool
    extremes: Extremes
    stable: float | None
    jiggle: Jiggle | None

    @property
    def largest(self) -> float:
        """The largest eigenvalue of the Hessian."""
        return self.extremes.largest

    @property
    def smallest(self) -> float:
        """The smallest one."""
        return self.extremes.smallest

    @property
    def downwards(self) -> bool:
        """Whether the loss curves downwards in some direction, by more than the error."""
        return self.extremes.downwards

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, and the sentences."""
        told = {**fields_of(self, "extremes"), **self.extremes.as_dict()}
        return {**told, "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """The figures as sentences."""
        curved = (
            f"in another direction it curves downwards by {written(-self.smallest)}"
            if self.downwards
            else "it curves downwards nowhere"
        )
        said = [f"The largest curvature of the loss here is {written(self.largest)}, and {curved}."]
        said += [*self.of_stability(), self.of_rest()]
        if self.jiggle:
            said.append(self.jiggle.sentence())
        return said

    def of_stability(self) -> list[str]:
        """Whether the largest curvature throws the optimizer out; that alone keeps no ball here."""
        if self.stable is None:
            return []
        out = self.largest > self.stable
        return [
            f"With its last learning rate the optimizer is stable up to a curvature of "
            f"{written(self.stable)}: "
            f"{'it cannot stay here' if out else 'the curvature here does not throw it out'}."
        ]

    def of_rest(self) -> str:
        """Whether the point is one of rest: no gradient, and no way down."""
        size = written(self.gradient)
        if not self.flat:
            said = f"The gradient here has the length {size}: no point of rest, there is a way down"
            if self.smallest > NOTHING * self.largest:
                # A parabola with curvatures of at least λ has its minimum at most |g|² / 2λ lower.
                most = written(self.gradient**2 / (2 * self.smallest))
                return f"{said}. If the curvature stays, a minimum is at most {most} lower."
            return f"{said}."
        if self.downwards:
            said = "but the loss curves downwards in some direction: no minimum"
        else:
            said = "and the loss curves downwards nowhere: a point of rest"
        return f"The gradient here is about 0 (its length is {size}), {said}."


def stable_curvature(optimizer: Optimizer | Lbfgs, rate: float) -> float | None:
    """The largest λ at which an update rule is stable on the parabola ½ λ θ².

    It is 2 (1 + μ) / η for momentum (the heavy ball), 2 / η without momentum, and
    2 (1 + μ) / (η (1 + 2 μ)) for Nesterov momentum (the roots of the recursion lie within the unit
    circle). Rules that divide by past gradients have no such bound. Nor have optimizers whose
    steps are not one η times the gradient: with scales of the inputs, or with factors of blocks.

    Parameters
    ----------
    optimizer : Optimizer or Lbfgs
    rate : float
        η.
    """
    if isinstance(optimizer, Lbfgs) or optimizer.rule not in ("sgd", "nesterov") or not rate > 0:
        return None
    if optimizer.scales or optimizer.factors:
        return None
    (momentum,) = optimizer.constants
    ahead = 1 + 2 * momentum if optimizer.rule == "nesterov" else 1.0
    return 2 * (1 + momentum) / (rate * ahead)


def stable_rate(optimizer: Optimizer | Lbfgs, curvature: float) -> float | None:
    """The largest rate at which an update rule is stable on a parabola with this curvature.

    2 / λ for plain gradient descent; ``None`` where `stable_curvature` has no bound, and for a λ
    that is not above 0.
    """
    stable = stable_curvature(optimizer, 1.0)
    return stable / curvature if stable is not None and curvature > 0 else None


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
    found = extremes(terrain, theta, seed)
    loss, slope = terrain.loss_and_gradient(np.asarray(theta, np.float64))
    gradient = float(np.linalg.norm(slope))
    reach = float(np.linalg.norm(theta)) or 1.0
    flat = bool(gradient * reach <= NOTHING * abs(loss))
    return Sharpness(
        gradient, flat, found, stable_curvature(optimizer, rate),
        jiggle(terrain, theta, seed=seed) if weights else None,
    )  # fmt: skip
