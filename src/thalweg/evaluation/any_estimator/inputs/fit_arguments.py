"""Which arguments give the groups and the weights of rows to the ``fit`` of any estimator.

An estimator takes them itself, or passes them to a part: a pipeline to its steps (``step__name``),
a search to the estimator that it searches. With scikit-learn's metadata routing, the requests that
the user set decide.
"""

import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn import get_config
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils.metadata_routing import MetadataRouter, get_routing_for_object

from thalweg.errors import SettingsError

_GROUPS, _WEIGHTS = "groups", "sample_weight"


class _Way(NamedTuple):
    """An argument of ``fit``, and whether it reaches the fit of a model (or a splitter only)."""

    argument: str
    reaches_fit: bool = True


def fit_arguments(
    estimator: Any, groups: np.ndarray | None, weights: np.ndarray | None
) -> dict[str, np.ndarray]:
    """The arguments for the ``fit`` of an estimator.

    Parameters
    ----------
    estimator : object
    groups, weights : ndarray, shape (n_samples,), or None
        Of the training rows.

    Raises
    ------
    SettingsError
        If a part takes groups, and they cannot reach it; or if nothing takes weights.
    """
    given: dict[str, np.ndarray] = {}
    if groups is not None:
        ways = _ways(estimator, _GROUPS)
        reached = any(way.reaches_fit for way in ways)
        part = next((each for each in _parts(estimator) if _takes(each, _GROUPS)), None)
        if part is not None and not reached:
            raise _unreachable(estimator, _GROUPS, part)
        given |= {way.argument: groups for way in ways}
    if weights is not None:
        ways = _ways(estimator, _WEIGHTS)
        if not ways and (lacking := _without_weights(estimator)) is not None:
            raise _unreachable(lacking, _WEIGHTS, None)
        if not ways:
            parts = [each for each in _parts(estimator) if _takes(each, _WEIGHTS)]
            part = parts[-1] if parts else None
            raise _unreachable(estimator, _WEIGHTS, part)
        given |= {way.argument: weights for way in ways}
    return given


def _ways(estimator: Any, name: str) -> list[_Way]:
    if get_config()["enable_metadata_routing"] and (found := _routed(estimator, name)):
        return found
    if _takes(estimator, name):
        return [_Way(name)]
    if get_config()["enable_metadata_routing"]:
        return []
    if steps := getattr(estimator, "steps", None):
        return _of_steps(steps, name)
    if isinstance(estimator, BaseSearchCV):
        ways = _ways(estimator.estimator, name)
        if name != _GROUPS:
            return ways
        # A search keeps `groups` for its splitter.
        to_splitter = [_Way(name, False)] if _splits_by_groups(estimator.cv) else []
        return [*(way for way in ways if way.argument != name), *to_splitter]
    if _transforms_target(estimator) and estimator.regressor is not None:
        return _ways(estimator.regressor, name)
    if _asks_several(estimator) and name == _WEIGHTS:
        members = [each for _, each in estimator.estimators if hasattr(each, "fit")]
        return [_Way(name)] if members and all(_takes(each, name) for each in members) else []
    return []


def _of_steps(steps: Any, name: str) -> list[_Way]:
    """Those of a pipeline: of weights none, if its last step takes none."""
    ways = {
        step: [_Way(f"{step}__{way.argument}", way.reaches_fit) for way in _ways(each, name)]
        for step, each in steps
        if hasattr(each, "fit")
    }
    if name == _WEIGHTS and not ways.get(steps[-1][0]):
        return []
    return [way for each in ways.values() for way in each]


def _routed(estimator: Any, name: str) -> list[_Way]:
    """What the requests of the parts of an estimator ask for."""
    if not hasattr(estimator, "get_metadata_routing"):
        return []
    routing = get_routing_for_object(estimator)
    if not isinstance(routing, MetadataRouter) or name not in routing.consumes("fit", [name]):
        return []
    return [_Way(name)]


def ignores_groups(splitter: Any) -> bool:
    """Whether a splitter of scikit-learn would not heed groups, and warn of them."""
    return hasattr(splitter, "get_metadata_routing") and not _splits_by_groups(splitter)


def _splits_by_groups(cv: Any) -> bool:
    splitter = check_cv(cv) if cv is None or isinstance(cv, int) else cv
    if not hasattr(splitter, "get_metadata_routing"):
        return False
    return _GROUPS in get_routing_for_object(splitter).consumes("split", [_GROUPS])


def _parts(estimator: Any) -> Iterator[Any]:
    """The estimators inside an estimator."""
    if not hasattr(estimator, "get_params") or inspect.isclass(estimator):
        return
    for part in estimator.get_params(deep=True).values():
        if hasattr(part, "fit") and not inspect.isclass(part):
            yield part


def _without_weights(estimator: Any) -> Any | None:
    """The model inside an estimator whose fit takes no weights; None if all take them."""
    if isinstance(estimator, BaseSearchCV):
        return _without_weights(estimator.estimator)
    if _transforms_target(estimator) and estimator.regressor is not None:
        return _without_weights(estimator.regressor)
    if steps := getattr(estimator, "steps", None):
        return _without_weights(steps[-1][1])
    if _asks_several(estimator):
        members = [each for _, each in estimator.estimators if hasattr(each, "fit")]
        lacking = (_without_weights(each) for each in members)
        return next((each for each in lacking if each is not None), None)
    known = [estimator, *_parts(estimator)]
    return None if any(_takes(each, _WEIGHTS) for each in known) else estimator


def _transforms_target(estimator: Any) -> bool:
    from sklearn.compose import TransformedTargetRegressor  # its import takes as long as thalweg's

    return isinstance(estimator, TransformedTargetRegressor)


def _asks_several(estimator: Any) -> bool:
    """Whether it is an ensemble that a person put together."""
    from sklearn.ensemble import (
        StackingClassifier,
        StackingRegressor,
        VotingClassifier,
        VotingRegressor,
    )

    kinds = (StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor)
    return isinstance(estimator, kinds)


def _takes(estimator: Any, name: str) -> bool:
    return name in inspect.signature(estimator.fit).parameters


def _unreachable(estimator: Any, name: str, part: Any) -> SettingsError:
    kind = type(estimator).__name__
    if part is None:
        return SettingsError(
            f"The fit of a {kind} takes no sample weights",
            fix="leave out sample_weight, or evaluate an estimator that takes them",
        )
    inside, said = type(part).__name__, "groups" if name == _GROUPS else "sample weights"
    why = "Its early stopping would divide groups" if name == _GROUPS else ""
    ask = f"set_fit_request({name}=True)"
    return SettingsError(
        f"The {said} do not reach the fit of the {inside} inside the {kind}",
        why=why,
        fix=f"switch on sklearn.set_config(enable_metadata_routing=True), and give the {kind} a "
        f"{inside} with {ask}",
    )
