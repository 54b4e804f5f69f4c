"""The outputs of a network for a target: their number, the loss, encoding and decoding."""

from dataclasses import replace
from typing import NamedTuple, TypeAlias

from thalweg.data.typing import Label
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.several_outputs import OneOutput, SeveralOutputs, one_output
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.evaluation.decisions.chosen_threshold import Threshold

# The outputs for a target, or for several. All three have n_outputs, loss, numbers,
# require_taught, fitted, targets and costs_of.
Outputs: TypeAlias = Classes | Values | SeveralOutputs


def widened(outputs: Outputs, y: Floats) -> Outputs:
    """Values with a range that includes more targets; classes unchanged."""
    if isinstance(outputs, SeveralOutputs):
        wider = (_one_widened(part, own) for part, own in zip(outputs.parts, y.T, strict=True))
        return SeveralOutputs(tuple(wider), outputs.names)
    return _one_widened(outputs, y)


def _one_widened(outputs: OneOutput, y: Floats) -> OneOutput:
    if isinstance(outputs, Classes):
        return outputs
    low, high = min(outputs.low, float(y.min())), max(outputs.high, float(y.max()))
    return replace(outputs, low=low, high=high)


class TargetOutputs(NamedTuple):
    """The outputs for a target, and the decision rule for two classes.

    Attributes
    ----------
    outputs : Classes, Values or SeveralOutputs
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
    def first(self) -> OneOutput:
        """The outputs for the target; of several, for the first of them."""
        return one_output(self.parts[0].outputs if self.parts else self.outputs)
