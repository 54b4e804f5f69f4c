"""Networks in a model file: what the header says of them, and their arrays."""

from collections.abc import Sequence

import numpy as np

from thalweg.data.encoding.encoder import Encoder
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network.architecture import Architecture
from thalweg.persistence.header_form import (
    AS_THEY_ARE,
    HISTORY,
    Header,
)
from thalweg.persistence.rebuilt import Arrays, array_name
from thalweg.persistence.rebuilt_parts import values_entry
from thalweg.persistence.targets.target_entries import (
    SCALES,
    values_array,
)


def _member(network: Network, encoders: list[Encoder], first: Network) -> Header:
    values, own = network.outputs, network.architecture
    return {
        "encoder": next(i for i, each in enumerate(encoders) if each is network.encoder),
        "best_epoch": network.best_epoch,
        "status": network.status.name.lower(),
        "values": values_entry(values) if isinstance(values, Values | Quantiles) else None,
        **({"taught": network.taught._asdict()} if network.taught else {}),
        # Networks of several trials of a search.
        **({} if _is_like(own, first.architecture) else {"architecture": _architecture(own)}),
    }


def _is_like(one: Architecture, other: Architecture) -> bool:
    """Whether two networks have the same layers, with any number of inputs."""
    return (one.sizes[1:], one.activations) == (other.sizes[1:], other.activations)


def _architecture(architecture: Architecture) -> Header:
    return {"sizes": list(architecture.sizes), "activations": list(architecture.activations)}


def encoders_of(networks: Sequence[Network]) -> list[Encoder]:
    """The distinct encoders, in the order of the networks."""
    return list({id(each.encoder): each.encoder for each in networks}.values())


def networks_entry(networks: Sequence[Network]) -> Header:
    """What the header says of some networks: of the model, or of the scale of its errors."""
    encoders = encoders_of(networks)
    return {
        "architecture": _architecture(networks[0].architecture),
        "encoder": {
            "kind": AS_THEY_ARE if encoders[0].scaling.as_they_are else "robust",
            "count": len(encoders),
        },
        "members": [_member(network, encoders, networks[0]) for network in networks],
    }


def network_arrays(networks: Sequence[Network]) -> Arrays:
    """θ and history (a row for each epoch, NaN for None) of each network, and the encoders.

    The names of the first network's and encoder's arrays have no number.
    """
    arrays: Arrays = {}
    for k, network in enumerate(networks):
        history = [[epoch[key] for key in HISTORY] for epoch in network.history]
        arrays[array_name("theta", k)] = network.theta
        # None becomes NaN; weights of another program have no epoch.
        told = np.array(history, dtype=np.float64).reshape(-1, len(HISTORY))
        arrays[array_name("history", k)] = told
        if isinstance(network.outputs, SeveralOutputs) and not network.outputs.of_classes:
            arrays[array_name(SCALES, k)] = values_array(network.outputs)
        if network.scores:
            arrays[array_name("scores", k)] = np.array(network.scores)
    for k, encoder in enumerate(encoders_of(networks)):
        for name, array in encoder.arrays().items():
            arrays[f"{array_name('encoder', k)}/{name}"] = array
    return arrays
