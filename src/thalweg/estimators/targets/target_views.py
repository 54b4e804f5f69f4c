"""One of several targets or levels as a model of its own: the networks with one row of W and b.

The hidden layers, the encoder and the history are those of the network of all targets. An output
depends on its own row of W and b alone, so that a model of one target predicts what the model of
all targets predicts for it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.network.architecture import Architecture

if TYPE_CHECKING:
    from thalweg.estimators.fitted import Fitted
    from thalweg.estimators.learning.fitted_networks import Network


def architecture_of_target(architecture: Architecture) -> Architecture:
    """The layout of a network with the first of its outputs alone."""
    return Architecture((*architecture.sizes[:-1], 1), architecture.activations)


def theta_of_target(
    architecture: Architecture, theta: NDArray[np.floating], t: int
) -> NDArray[np.floating]:
    """θ with the row of W and b of one output, a copy."""
    whole = architecture.layers(theta)
    own = np.empty(architecture_of_target(architecture).n_parameters, theta.dtype)
    parts = architecture_of_target(architecture).layers(own)
    for number, ((W, b), (own_W, own_b)) in enumerate(zip(whole, parts, strict=True), 1):
        rows = slice(t, t + 1) if number == len(whole) else slice(None)
        own_W[:], own_b[:] = W[rows], b[rows]
    return own


def network_of_target(network: "Network", t: int) -> "Network":
    """A network of several targets as one of one target."""
    outputs = network.outputs
    assert isinstance(outputs, SeveralOutputs)
    return replace(
        network,
        architecture=architecture_of_target(network.architecture),
        theta=theta_of_target(network.architecture, network.theta, t),
        outputs=outputs.parts[t],
    )


def fitted_of_target(fitted: "Fitted", t: int) -> "Fitted":
    """The result of a fit of several targets, for one of them."""
    networks = tuple(network_of_target(each, t) for each in fitted.networks)
    return replace(fitted.parts[t], networks=networks)


def fitted_of_level(fitted: "Fitted", place: int) -> "Fitted":
    """The result of a fit of several quantiles, for one level.

    Out-of-fold results are not there, because they are those of all levels.
    """
    networks = []
    for each in fitted.networks:
        assert isinstance(each.outputs, Quantiles)
        networks.append(
            replace(
                each,
                architecture=architecture_of_target(each.architecture),
                theta=theta_of_target(each.architecture, each.theta, place),
                outputs=each.outputs.of_level(place),
                scores=(),
            )
        )
    settings = {**fitted.settings, "loss": networks[0].outputs.loss}
    return replace(
        fitted,
        networks=tuple(networks),
        settings=settings,
        out_of_fold=None,
        between=None,
        also=fitted.also or "levels",
    )


def decoders_of(fitted: "Fitted") -> list["Fitted"]:
    """The results of each target with all outputs of the networks, to decode raw outputs only.

    θ and architecture are those of all targets; nothing is copied.
    """
    found = []
    for t, part in enumerate(fitted.parts):
        found.append(replace(part, networks=_decoding(fitted.networks, t)))
    return found


def _decoding(networks: Sequence["Network"], t: int) -> tuple["Network", ...]:
    made = []
    for each in networks:
        assert isinstance(each.outputs, SeveralOutputs)
        made.append(replace(each, outputs=each.outputs.parts[t]))
    return tuple(made)
