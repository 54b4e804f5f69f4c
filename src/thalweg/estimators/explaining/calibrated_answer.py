"""The answer of several networks whose mean is corrected by a map, with its slopes.

The map moves the logit of the mean probability, so the answer is no mean of the networks' answers,
and what a network contributes depends on where the others are on their ways. With the networks'
logits zₘ at one α, pₘ = σ(zₘ), and softmaxₘ over the networks,

    ℓ = log Σₘ pₘ - log Σₘ (1 - pₘ),      answer = h = σ(a + b ℓ),
    ∂h/∂zₘ = b h (1 - h) · [softmaxₘ(log p)·(1 - pₘ) + softmaxₘ(log(1 - p))·pₘ].

For several classes, with rₘₖ = pₘₖ / Σₘ pₘₖ and F = softmax(b log p̄),

    ∂Fₖ/∂zₘⱼ = b Σ_c Fₖ (δₖ_c - F_c) · rₘ_c (δ_cⱼ - pₘⱼ).

All networks go their ways at the same time, from α = 0 to 1, so the integral of these slopes adds
up to the difference of the corrected answers (`thalweg.network.explaining.path_rule`).
"""

from dataclasses import dataclass

import numpy as np

from thalweg.evaluation.calibration.recalibration_map import Calibration
from thalweg.network.explaining.answer_links import shares_slopes
from thalweg.network.explaining.straight_way import Floats
from thalweg.network.formulas.activations import sigmoid, softplus
from thalweg.network.formulas.loss_bodies import normaliser
from thalweg.network.formulas.losses import loss


@dataclass(frozen=True)
class CalibratedOfTwo:
    """The corrected probability of the positive class, from the logits of all networks.

    Attributes
    ----------
    calibration : Calibration
        Of the logit of the positive class, whose logits the outputs are.
    """

    calibration: Calibration

    unit = 1.0

    def value(self, Z: Floats) -> Floats:
        """The answer (n, 1) of outputs (n_networks, n, 1)."""
        logit = _log_sum(_log_sigmoid(Z)) - _log_sum(_log_sigmoid(-Z))
        return np.asarray(sigmoid(self.calibration.line(logit)), np.float64)

    def slopes(self, Z: Floats) -> Floats:
        """Its slopes, shape (n_networks, n, 1, 1)."""
        likely, unlikely = _log_sigmoid(Z), _log_sigmoid(-Z)
        of_logit = _shares(likely) * sigmoid(-Z) + _shares(unlikely) * sigmoid(Z)
        moved = self.calibration.line(_log_sum(likely) - _log_sum(unlikely))
        steep = self.calibration.slope * sigmoid(moved) * sigmoid(-moved) * of_logit
        return np.asarray(steep, np.float64)[..., None]

    def mean_slopes(self, left: Floats, right: Floats) -> None:
        """None: there is no closed form."""


@dataclass(frozen=True)
class CalibratedOfSeveral:
    """The corrected probabilities of several classes, from the logits of all networks.

    Attributes
    ----------
    calibration : Calibration
        A temperature.
    """

    calibration: Calibration

    unit = 1.0

    def value(self, Z: Floats) -> Floats:
        """The answers (n, n_classes) of outputs (n_networks, n, n_classes)."""
        return _softmax(self.calibration.slope * _log_sum(_log_softmax(Z)))

    def slopes(self, Z: Floats) -> Floats:
        """Their slopes, shape (n_networks, n, n_classes, n_classes)."""
        logs = _log_softmax(Z)
        of_map = self.calibration.slope * shares_slopes(self.value(Z))
        own = np.eye(Z.shape[-1])
        of_log = _shares(logs)[..., None] * (own - np.exp(logs)[..., None, :])
        return np.asarray(of_map @ of_log)

    def mean_slopes(self, left: Floats, right: Floats) -> None:
        """None: there is no closed form."""


def _log_sigmoid(z: Floats) -> Floats:
    """log σ(z), without the rounding of a probability."""
    return np.asarray(-softplus(-z), np.float64)


def _log_sum(logs: Floats) -> Floats:
    """log Σ exp over the networks, the first axis."""
    top, others = normaliser(logs)
    return np.asarray(top + np.log1p(others), np.float64)


def _shares(logs: Floats) -> Floats:
    """The softmax over the networks, the first axis."""
    return np.asarray(np.exp(logs - _log_sum(logs)))


def _log_softmax(Z: Floats) -> Floats:
    """The log softmax over the classes, the last axis."""
    return np.asarray(Z - _log_sum(np.moveaxis(Z, -1, 0))[..., None])


def _softmax(Z: Floats) -> Floats:
    return np.asarray(loss("softmax_cross_entropy").predict(np.moveaxis(Z, -1, 0)).T, np.float64)
