"""The outputs of a regressor: a number, or several quantiles of it, by its loss."""

from collections.abc import Callable
from typing import Any, Protocol

from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.estimators.conformal.error_scales import SCALED
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.target_outputs import TargetOutputs
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.parameter import IntervalKind, Scorer
from thalweg.estimators.parameters.rows.loss_parameters import LOSSES
from thalweg.network.formulas.expressions.checked_loss import require_trainable
from thalweg.network.formulas.losses import LOSSES as ALL_LOSSES
from thalweg.network.formulas.losses import is_formula, standard_text
from thalweg.network.formulas.losses import loss as loss_of
from thalweg.wording import parameter


class HasLoss(Protocol):
    """The parameters of a regressor that its outputs depend on."""

    loss: str | Callable[..., Any]
    importance: bool
    interval_kind: IntervalKind
    scoring: Scorer


def number_target(model: HasLoss, y: NDArray[Any]) -> TargetOutputs:
    """The outputs for any values; the loss decides what is learned about them."""
    if isinstance(model.loss, str) and not is_formula(model.loss):
        _require_of_numbers(model.loss.partition(":")[0])
    text = standard_text(model.loss)
    if (written := loss_of(text).written) is not None:
        require_trainable(written, Values(text).numbers(y))
        return TargetOutputs(Values(text))
    number = Values(text)
    if not loss_of(text).constants:
        return TargetOutputs(number)
    _require_several_levels(model)
    return TargetOutputs(Quantiles(number))


def _require_of_numbers(name: str) -> None:
    """Raise a SettingsError unless a loss of this name is one of numbers."""
    if name in LOSSES:
        return
    of_classes = name in ALL_LOSSES
    raise SettingsError(
        f"{parameter('loss', name)} is for classification"
        if of_classes
        else f"There is no loss {name!r}",
        fix=f"take one of {', '.join(LOSSES)}"
        + (f"; or say {parameter('task', 'classification')}" if of_classes else ""),
    )


def _require_several_levels(model: HasLoss) -> None:
    """Refuse what a fit cannot do for several quantiles together."""
    one = f"or take the loss of one level, such as {parameter('loss', 'quantile:level=0.9')}"
    several = f"{parameter('loss', model.loss)}, which has several quantiles"
    if model.importance:
        raise SettingsError(
            f"{parameter('importance', True)} does not go with {several}",
            why="A column may matter for one level and not for another",
            fix=f"leave it out and ask thalweg.importance of one level (for_target); {one}",
        )
    if model.interval_kind == SCALED:
        raise SettingsError(
            f"{parameter('interval_kind', SCALED)} does not go with {several}",
            why="Quantiles are what rows are between: there are no intervals beside them",
            fix=f"leave it out; {one}",
        )
    if isinstance(model.scoring, str):
        raise SettingsError(
            f"{parameter('scoring', model.scoring)} does not go with {several}",
            why="scikit-learn's scores of numbers compare one prediction of a row with the target",
            fix=f"leave it out: the pinball loss of all levels then stops training; {one}",
        )
