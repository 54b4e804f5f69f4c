"""One of several targets as a model of its own: the same networks with one row of their last layer.

The hidden layers, the encoder and the history are those of the network of all targets. An output
depends on its own row of W and b alone, so that a model of one target predicts what the model of
all targets predicts for it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.fitted import Fitted
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.network.architecture import Architecture


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


def network_of_target(network: Network, t: int) -> Network:
    """A network of several targets as one of one target."""
    outputs = network.outputs
    assert isinstance(outputs, SeveralOutputs)
    return replace(
        network,
        architecture=architecture_of_target(network.architecture),
        theta=theta_of_target(network.architecture, network.theta, t),
        outputs=outputs.parts[t],
    )


def fitted_of_target(fitted: Fitted, t: int) -> Fitted:
    """The result of a fit of several targets, for one of them."""
    networks = tuple(network_of_target(each, t) for each in fitted.networks)
    return replace(fitted.parts[t], networks=networks)


def decoders_of(fitted: Fitted) -> list[Fitted]:
    """The results of each target with all outputs of the networks, to decode raw outputs only.

    θ and architecture are those of all targets; nothing is copied.
    """
    found = []
    for t, part in enumerate(fitted.parts):
        found.append(replace(part, networks=_decoding(fitted.networks, t)))
    return found


def _decoding(networks: Sequence[Network], t: int) -> tuple[Network, ...]:
    made = []
    for each in networks:
        assert isinstance(each.outputs, SeveralOutputs)
        made.append(replace(each, outputs=each.outputs.parts[t]))
    return tuple(made)
