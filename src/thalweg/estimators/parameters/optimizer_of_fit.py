"""The optimizer that a fit ran with: its text, with the learning rate and decay that replace it."""

from dataclasses import replace

from thalweg.estimators.parameters.auto_by_width import optimizer_text
from thalweg.estimators.parameters.parameter import Settings
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import optimizer_from


def fitted_optimizer(settings: Settings) -> Optimizer | Lbfgs:
    """The optimizer of a fit.

    Parameters
    ----------
    settings : mapping
        ``settings_`` of a fitted model, or the settings in a model file or in JSON.
    """
    return optimizer_from(
        optimizer_text(settings), settings["learning_rate_init"], settings["weight_decay"]
    )


def fitted_optimizer_text(settings: Settings) -> str:
    """The text of this optimizer, as it was given unless another setting replaced part of it."""
    if settings["learning_rate_init"] is None and settings["weight_decay"] is None:
        return optimizer_text(settings)
    return str(fitted_optimizer(settings))


def text_at_constant_rate(settings: Settings) -> str:
    """The text of what `partial_fit` runs: no schedule, and no average of the weights."""
    optimizer = fitted_optimizer(settings)
    assert isinstance(optimizer, Optimizer)  # L-BFGS has no partial_fit
    plain = optimizer_from("sgd", None, None)
    assert isinstance(plain, Optimizer)
    return str(replace(optimizer, schedule=plain.schedule, average=0.0))
