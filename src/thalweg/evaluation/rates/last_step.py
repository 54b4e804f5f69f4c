"""The estimator that predicts, inside a pipeline or a search: it has the loss and the rates."""

from collections.abc import Collection, Iterator, Mapping
from copy import copy
from typing import Any

from thalweg.errors import SettingsError


def last_step(model: Any) -> Any:
    """The estimator at the end of a pipeline, or the one that a search chose or chooses for.

    Also of one inside another. Others are returned as they are: a `TransformedTargetRegressor` and
    a bagging, for example, predict something else than the estimator in them.
    """
    steps = _steps(model)
    if steps:
        return last_step(steps[-1][1])
    if _is_search(model):
        return last_step(getattr(model, "best_estimator_", model.estimator))
    return model


def with_last_step(model: Any, last: Any) -> Any:
    """The model with another estimator that predicts; all else in it are the same objects."""
    if last_step(model) is model:
        return last
    made = copy(model)
    if _is_search(model):
        inner = "best_estimator_" if hasattr(model, "best_estimator_") else "estimator"
        setattr(made, inner, with_last_step(getattr(model, inner), last))
        return made
    name, step = model.steps[-1]
    made.steps = [*model.steps[:-1], (name, with_last_step(step, last))]
    return made


def chooses_loss(model: Any) -> bool:
    """Whether a search chooses between losses, so that copies of it may have different ones."""
    if steps := _steps(model):
        return chooses_loss(steps[-1][1])
    if not _is_search(model):
        return False
    names = {name.rpartition("__")[2] for name in _searched(model)}
    return "loss" in names or chooses_loss(model.estimator)


def require_one_loss(names: Collection[str]) -> None:
    """Raise a SettingsError if the models of folds have different losses."""
    if len(names) > 1:
        raise SettingsError(
            "The models of the folds were trained with different losses",
            where=" and ".join(sorted(names)),
            why="A comparison needs one loss for all rows",
            fix='name it: loss="squared_error", for example',
        )


def _searched(search: Any) -> Iterator[str]:
    """The names of the parameters that a search chooses."""
    for name in ("param_grid", "param_distributions"):
        grids = getattr(search, name, None) or ()
        for grid in [grids] if isinstance(grids, Mapping) else grids:
            yield from map(str, grid)


def _steps(model: Any) -> Any:
    steps = getattr(model, "steps", None)
    return steps if isinstance(steps, list) and hasattr(model, "named_steps") else None


def _is_search(model: Any) -> bool:
    """Whether a model is a search of scikit-learn, or of others with the same names."""
    chosen = hasattr(model, "best_estimator_") or hasattr(model, "refit")
    return chosen and hasattr(getattr(model, "estimator", None), "fit")
