"""The outputs of a network for a target: their number, the loss, encoding and decoding."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from numpy.typing import NDArray

from thalweg.data.typing import Label
from thalweg.errors import SettingsError
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.several_outputs import (
    OneOutput,
    OneTarget,
    SeveralOutputs,
    asks_one_target,
    single_target,
)
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.wording import parameter

# The outputs for a target, or for several. All four have n_outputs, loss, numbers,
# require_taught, fitted, targets and costs_of.
Outputs: TypeAlias = OneTarget | SeveralOutputs


def widened(outputs: Outputs, y: Floats) -> Outputs:
    """Values with a range that includes more targets; classes unchanged."""
    if isinstance(outputs, SeveralOutputs):
        wider = (_one_widened(part, own) for part, own in zip(outputs.parts, y.T, strict=True))
        return SeveralOutputs(tuple(wider), outputs.names)
    if isinstance(outputs, Quantiles):
        number = _one_widened(outputs.number, y)
        assert isinstance(number, Values)
        return Quantiles(number)
    return _one_widened(outputs, y)


def _one_widened(outputs: OneOutput, y: Floats) -> OneOutput:
    """The same for one output."""
    if isinstance(outputs, Classes):
        return outputs
    low, high = min(outputs.low, float(y.min())), max(outputs.high, float(y.max()))
    return replace(outputs, low=low, high=high)


def one_answer(outputs: Outputs, what: str) -> Classes | Values:
    """The outputs of a model with one answer.

    Parameters
    ----------
    outputs : Classes, Values, Quantiles or SeveralOutputs
    what : str
        What was asked, as the beginning of a sentence, such as "An explanation".

    Raises
    ------
    SettingsError
        If the model has several targets, or predicts several quantiles.
    """
    if isinstance(outputs, SeveralOutputs):
        raise asks_one_target(outputs.names, what=what)
    if isinstance(outputs, Quantiles):
        from thalweg.evaluation.section_texts.reasons_left_out import OF_ONE_ANSWER, WHY_ONE_ANSWER

        middle = outputs.levels[len(outputs.levels) // 2]
        raise SettingsError(
            f"{what} {OF_ONE_ANSWER}",
            why="Each level has derivatives of its own" if what == "A trace" else WHY_ONE_ANSWER,
            fix=f"take one level, such as {parameter('for_target', middle)}",
        )
    return outputs


class TargetOutputs(NamedTuple):
    """The outputs for a target, and the decision rule for two classes.

    Attributes
    ----------
    outputs : Classes, Values, Quantiles or SeveralOutputs
    positive : label or None
        The positive one of two classes.
    threshold : Threshold or None
        The probability of the positive class above which predicting it costs less.
    parts : tuple of TargetOutputs
        Of several targets, each by itself; empty for one.
    """

    outputs: Outputs
    positive: Label | None = None
    threshold: Threshold | None = None
    parts: tuple["TargetOutputs", ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of several targets; empty for one."""
        return self.outputs.names if isinstance(self.outputs, SeveralOutputs) else ()

    @property
    def first(self) -> OneTarget:
        """The outputs for the target; of several, for the first of them."""
        return single_target(self.parts[0].outputs if self.parts else self.outputs)


# From a target and the sample weights to the outputs.
OutputsOf: TypeAlias = Callable[[NDArray[Any], Floats], TargetOutputs]
