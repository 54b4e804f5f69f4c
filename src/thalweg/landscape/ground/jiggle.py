"""Sharpness in plain words: how much the loss rises when every weight is perturbed."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.ground.terrain import JIGGLE, Terrain, draws, heights_at
from thalweg.landscape.numbers_in_words import SENSE, percent, times
from thalweg.landscape.plain_data import fields_of
from thalweg.network.formulas.activations import Array

# More than the rounding error of a mean loss over 4,000 rows, as a share of it.
ROUNDING = 1e4 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Jiggle:
    """The effect of small random changes of all weights on the loss.

    Attributes
    ----------
    share : float
        Each weight is changed by a normal number of this standard deviation times itself.
    draws : int
    loss : float
        The loss without changes.
    rise : float
        Mean of (L(jiggled) - L) / L; infinite if a changed network has no finite loss.
    error : float
        Its standard error.
    seed : int
    """

    share: float
    draws: int
    loss: float
    rise: float
    error: float
    seed: int

    @property
    def is_rounding(self) -> bool:
        """Whether rounding alone explains the rise."""
        return abs(self.rise) <= ROUNDING and self.error <= ROUNDING

    def sentence(self) -> str:
        """The result as a sentence."""
        said = f"Jiggle every weight by {percent(self.share)}: the loss"
        if not np.isfinite(self.rise):
            return f"{said} becomes NaN or infinite."
        if self.is_rounding:
            return f"{said} rises by 0 % (no rise beyond rounding)."
        if self.rise > SENSE:
            return f"{said} rises by {times(self.rise)} itself."
        # As many digits as the error needs for one digit.
        places = max(0, -int(np.floor(np.log10(100 * self.error)))) if self.error > 0 else 1
        rise, error = f"{100 * abs(self.rise):.{places}f}", f"{100 * self.error:.{places}f}"
        way = "changes" if not float(rise) else "falls" if self.rise < 0 else "rises"
        return f"{said} {way} by {rise} % ± {error} %."

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, and the sentence."""
        return {**fields_of(self), "sentence": self.sentence()}


def jiggle(
    terrain: Terrain, theta: Array, *, share: float = 0.05, count: int = 32, seed: int = 0
) -> Jiggle:
    """Jiggle every weight: mean_r (L(θ ⊙ (1 + s n_r)) - L(θ)) / L(θ), n normal.

    Each weight changes by a share of itself. So networks that compute the same and differ only in
    the scale of their ReLU units get the same number, which is not true for the largest eigenvalues
    (Dinh, Pascanu, Bengio & Bengio 2017, arXiv 1703.04933). Whether such a number predicts the loss
    on new rows is another question: in a wide study it did not (Andriushchenko, Croce, Müller, Hein
    & Flammarion 2023, arXiv 2302.07011).

    Parameters
    ----------
    terrain : Terrain
    theta : ndarray of shape (n_parameters,)
    share : float, default 0.05
    count : int, default 32
        How many times; at least 2.
    seed : int, default 0

    Returns
    -------
    Jiggle

    Raises
    ------
    SettingsError
        For a share that is not above 0, or fewer than two draws.
    """
    if not share > 0 or count < 2:
        raise SettingsError(
            f"A jiggle by {share} in {count} draws says nothing",
            fix="take a share above 0 and at least two draws",
        )
    theta = np.asarray(theta, np.float64)
    noise = draws(seed, JIGGLE).standard_normal((count, theta.size))
    loss, *jiggled = heights_at(terrain, np.concatenate([theta[None], theta * (1 + share * noise)]))
    rises = (np.array(jiggled) - loss) / max(abs(loss), np.finfo(float).tiny)
    if not np.isfinite(rises).all():
        return Jiggle(share, count, float(loss), float("inf"), float("nan"), seed)
    error = float(rises.std(ddof=1) / np.sqrt(count))
    return Jiggle(share, count, float(loss), float(rises.mean()), error, seed)
