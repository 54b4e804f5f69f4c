"""The settings of a fit that differ from the defaults, in words, for summaries.

The text of an optimizer replaces the default text completely: ``adam:lr=0.01`` has neither the
schedule nor the β₂ of the default. So the two parsed optimizers are compared, and not the texts.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from thalweg.estimators.learning.early_stopping_splits import STOP_TOGETHER
from thalweg.estimators.parameters.auto_by_width import (
    alpha_of,
    dropout_of,
    epochs_of,
    patience_of,
)
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer
from thalweg.estimators.parameters.parameter import Setting, Settings
from thalweg.estimators.parameters.parameter_presets import folds_of
from thalweg.estimators.parameters.parameter_table import parameters_of
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer, plan_text


def unlike_default(kind: str, settings: Settings, stopping: str) -> list[str]:
    """Each setting that is not the default: ``alpha 0.1 instead of 2``.

    Parameters
    ----------
    kind : {"classifier", "regressor"}
    settings : mapping
        From ``settings_``, a model file or JSON.
    stopping : str
        ``stopping_``, on which the usual patience depends.
    """
    parameters = parameters_of(kind)
    usually = {each.name: each.default for each in parameters}
    optimizer = fitted_optimizer(settings)
    found = list(_of_descents(optimizer, fitted_optimizer(usually)))
    # What "auto" means for this network, and for that of the defaults.
    together = stopping in STOP_TOGETHER and not isinstance(optimizer, Lbfgs)
    resolved: dict[str, Callable[[Settings], Setting]] = {
        "alpha": alpha_of,
        "max_iter": epochs_of,
        "n_iter_no_change": partial(patience_of, together=together),
        "n_folds": folds_of,
    }
    if not isinstance(optimizer, Lbfgs):  # which has no dropout
        resolved["dropout"] = partial(dropout_of, kind=kind)
    for parameter in parameters:
        if not parameter.said:
            continue
        values = settings.get(parameter.name, parameter.default), parameter.default
        if parameter.name in resolved:
            resolve = resolved[parameter.name]
            values = resolve(settings), resolve(usually)
        ours, usual = map(_written, values)
        if ours != usual:  # as text, because a tuple is a list in JSON
            found.append(_instead(parameter.said, ours, usual))
    return found


def _of_descents(ours: Optimizer | Lbfgs, usual: Optimizer | Lbfgs) -> Iterator[str]:
    """The differences in what an optimizer is made of, one after another."""
    assert isinstance(usual, Optimizer)
    if isinstance(ours, Lbfgs):
        yield _instead("rule", str(ours), usual.rule)
        return
    if ours.rule != usual.rule:
        yield _instead("rule", ours.rule, usual.rule)
    if ours.rate != usual.rate:
        yield _instead("learning rate", _written(ours.rate), _written(usual.rate))
    theirs = dict(zip(usual.formula.constants, usual.constants, strict=True))
    for (name, own_usual), value in zip(
        ours.formula.constants.items(), ours.constants, strict=True
    ):
        other = theirs.get(name, own_usual)  # a constant that the default rule does not have
        if value != other:
            yield _instead(name, _written(value), _written(other))
    if plan_text(ours.schedule) != plan_text(usual.schedule):
        yield _instead("schedule", plan_text(ours.schedule), plan_text(usual.schedule))
    if ours.schedule.warmup != usual.schedule.warmup:
        yield _instead("warm-up", _written(ours.schedule.warmup), _written(usual.schedule.warmup))
    if ours.decay != usual.decay:
        yield _instead("weight decay", _written(ours.decay), _written(usual.decay))
    if ours.clip != usual.clip:
        yield _instead("gradients clipped at", _written(ours.clip), _written(usual.clip))
    if ours.average != usual.average:
        yield _instead("average", _written(ours.average), _written(usual.average))
    if ours.scales != usual.scales:
        yield _instead(
            "rate of the input scales times", _written(ours.scales), _written(usual.scales)
        )
    for name, factor in ours.factors:
        yield _instead(f"rate of {name} times", _written(factor), "1")


def _instead(name: str, ours: str, usual: str) -> str:
    return f"{name} {ours} instead of {usual}"


def _written(value: Setting) -> str:
    """A setting in words."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or (isinstance(value, float) and math.isinf(value)):
        return "none"
    if isinstance(value, bool):  # early_stopping, the only switch in summaries
        return "hold-out" if value else "off"
    if isinstance(value, Mapping):
        return ", ".join(f"{label} = {cost:g}" for label, cost in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
