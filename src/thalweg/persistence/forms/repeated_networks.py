"""Networks that are several times in an ensemble: a file holds each once, and their order."""

from collections.abc import Sequence

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
    tuned: OfTrials | None, networks: list[Network], order: Sequence[int] | None
) -> tuple[OfTrials | None, list[Network]]:
    """The networks in their order, each perhaps several times, with the trials that they are from.

    Raises
    ------
    ValueError
        If no file has such an order.
    """
    if order is None or tuned is None:
        return tuned, networks
    firsts = list(dict.fromkeys(order))
    if firsts != list(range(len(networks))) or len(order) == len(firsts):
        raise ValueError("the order of its networks is not that of networks that are repeated")
    places = tuple(tuned.networks[k] for k in order)
    return OfTrials(tuned.trials, places), [networks[k] for k in order]
