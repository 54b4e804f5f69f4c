"""The last step of a pipeline, which is the one that predicts: it has the loss and the rates."""

from copy import copy
from typing import Any


def last_step(model: Any) -> Any:
    """The estimator at the end of a pipeline, also of one inside another; others as they are."""
    steps = getattr(model, "steps", None)
    if not isinstance(steps, list) or not steps or not hasattr(model, "named_steps"):
        return model
    return last_step(steps[-1][1])


def with_last_step(model: Any, last: Any) -> Any:
    """A pipeline with another estimator at its end, whose other steps are the same objects."""
    if last_step(model) is model:
        return last
    made = copy(model)
    name, step = model.steps[-1]
    made.steps = [*model.steps[:-1], (name, with_last_step(step, last))]
    return made
