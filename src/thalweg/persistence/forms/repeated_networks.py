"""Networks that are several times in an ensemble: a file holds each once, and their order."""

from collections.abc import Sequence
from typing import Any

from thalweg.estimators.fitted import OfTrials
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.persistence.plain_data_checks import FormRule, list_of, whole

# How many times as many places as networks an order may have: predictions have a place for each.
MOST_TIMES = 64
ORDER: FormRule = list_of(whole(0))


def single(networks: Sequence[Network]) -> list[Network]:
    """Each network once, by its first place; all places if they are too many for an order."""
    found = list({id(each): each for each in networks}.values())
    return found if len(networks) <= MOST_TIMES * len(found) else list(networks)


def tuned_entry(tuned: OfTrials, networks: Sequence[Network]) -> dict[str, object]:
    """Of each network of a file the trial that it is from, and the order if some are repeated."""
    kept = single(networks)
    if len(kept) == len(networks):
        return tuned.as_dict()
    number = {id(each): k for k, each in enumerate(kept)}
    order = [number[id(each)] for each in networks]
    places = [tuned.networks[order.index(k)] for k in range(len(kept))]
    return {"trials": tuned.trials, "networks": places, "order": order}


def repeated(
    header: dict[str, Any], networks: list[Network]
) -> tuple[OfTrials | None, list[Network]]:
    """The trials of the networks, and the networks in their order, each perhaps several times.

    Raises
    ------
    ValueError
        If no file has such trials or such an order.
    """
    entry: dict[str, Any] | None = header.get("tuned")
    if entry is None:
        return None, networks
    places = entry["networks"]
    if (
        header["training"]["stopping"] != "folds"
        or len(places) != len(networks)
        or max(places) >= entry["trials"]
    ):
        raise ValueError("its networks are not those of the trials of a search")
    order = entry.get("order")
    if order is None:
        return OfTrials(entry["trials"], tuple(places)), networks
    firsts = list(dict.fromkeys(order))
    if firsts != list(range(len(networks))) or len(order) == len(firsts):
        raise ValueError("the order of its networks is not that of networks that are repeated")
    tuned = OfTrials(entry["trials"], tuple(places[k] for k in order))
    return tuned, [networks[k] for k in order]
