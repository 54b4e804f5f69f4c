"""The model of thalweg that a search has found, or that a pipeline ends with."""

from typing import Any

from thalweg.estimators.network_estimator import NetworkEstimator


def answering_network(model: Any) -> NetworkEstimator | None:
    """The model of thalweg that answers the given rows: the model, or the one of its search.

    Parameters
    ----------
    model : object
        Fitted: a model of thalweg, a search that refitted one such as GridSearchCV, or any other.
    """
    if isinstance(model, NetworkEstimator):
        return model
    best = getattr(model, "best_estimator_", None)
    return None if best is None else answering_network(best)


def final_network(model: Any) -> NetworkEstimator | None:
    """The same, also behind the steps of a Pipeline: it sees other columns, and the same target."""
    found = answering_network(model)
    if found is not None:
        return found
    best = getattr(model, "best_estimator_", None)
    if best is not None:
        return final_network(best)
    steps = getattr(model, "steps", None)
    if not isinstance(steps, list) or not hasattr(model, "named_steps"):
        return None
    return final_network(steps[-1][1])
