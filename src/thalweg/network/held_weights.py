"""Weights that no training moves: those of a loss whose outputs rise, but for the first output.

In a cumulative model the rows move all thresholds alike (proportional odds). So only the first
output sees the last hidden layer; the others have a bias alone. Their weights are 0 from the start,
and an engine gives them the slope 0, so that every optimizer leaves them there.
"""

import numpy as np

from thalweg.network.architecture import Architecture
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.losses import loss


def held(architecture: Architecture, of_loss: str) -> slice:
    """Which elements of θ are held at 0; an empty slice for most losses."""
    if not loss(of_loss).rising:
        return slice(0, 0)
    weights = architecture.blocks[-2]
    return slice(weights.offset + weights.shape[1], weights.offset + weights.size)


def is_held(architecture: Architecture, of_loss: str, element: int) -> bool:
    """Whether this element of θ is one of them."""
    found = held(architecture, of_loss)
    return found.start <= element < found.stop


def are_held(architecture: Architecture, of_loss: str, theta: Array) -> bool:
    """Whether these elements are 0."""
    return not np.any(theta[held(architecture, of_loss)])
