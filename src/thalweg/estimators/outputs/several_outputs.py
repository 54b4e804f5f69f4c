"""The outputs of one network for several targets: one logit for each label, or one value each.

The loss of a row is the sum over the targets, as `network.formulas.losses` sums over outputs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError, SettingsError
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.wording import counted, shown

# One network and one model file have so many targets at most.
MOST_TARGETS = 1000

OneOutput: TypeAlias = Classes | Values


@contextmanager
def about_target(name: str, *, settings: bool = False) -> Iterator[None]:
    """Errors of data in the block name the target; with ``settings``, those of settings, too."""
    try:
        yield
    except (DataError, SettingsError) as error:
        if isinstance(error, SettingsError) and not settings:
            raise
        what, where, why, fix = error.unspelled
        place = f'target "{name}"'
        where = f"{place}, {where}" if where else place
        raise type(error)(what, where=where, why=why, fix=fix) from error


@dataclass(frozen=True, eq=False)
class SeveralOutputs:
    """Several targets of one task: labels of two classes each, or numbers.

    Parameters
    ----------
    parts : tuple of Classes, or tuple of Values
        What the output of each target means. All have the same loss.
    names : tuple of str
        The names of the targets, in the same order.
    """

    parts: tuple[OneOutput, ...]
    names: tuple[str, ...]

    @property
    def n_outputs(self) -> int:
        """One for each target."""
        return len(self.parts)

    @property
    def loss(self) -> str:
        """The loss of each target, which is summed over the targets."""
        return self.parts[0].loss

    @property
    def of_classes(self) -> bool:
        """Whether the targets are labels, and not numbers."""
        return isinstance(self.parts[0], Classes)

    def numbers(self, y: NDArray[Any]) -> Floats:
        """Codes of classes, or values, of each target; shape (n_samples, n_targets)."""
        self.require_columns(y)
        found = np.empty(y.shape)
        for t, (part, name) in enumerate(zip(self.parts, self.names, strict=True)):
            with about_target(name):
                found[:, t] = part.numbers(column_of(y, t))
        return found

    def require_columns(self, y: NDArray[Any]) -> None:
        """Raise unless there is a column for each target."""
        n_columns = y.shape[1] if y.ndim == 2 else 1
        if n_columns != len(self.parts):
            raise DataError(
                f"y has {counted(n_columns, 'column')}, and the model {len(self.parts)} targets",
                where=f"the targets are {', '.join(map(shown, self.names[:6]))}"
                + (" …" if len(self.names) > 6 else ""),
                fix="give a column for each target, in this order",
            )

    def require_taught(self, y: Floats) -> None:
        """Raise if a class of a target has no training row."""
        for part, name, own in zip(self.parts, self.names, y.T, strict=True):
            with about_target(name):
                part.require_taught(own)

    def fitted(self, y: Floats, weights: Floats) -> "SeveralOutputs":
        """Each target with center, scale and range of its own."""
        own = (part.fitted(of_one, weights) for part, of_one in zip(self.parts, y.T, strict=True))
        return SeveralOutputs(tuple(own), self.names)

    def targets(self, y: Floats) -> Floats:
        """What the outputs are compared with, shape (n_samples, n_targets)."""
        pairs = zip(self.parts, y.T, strict=True)
        return np.concatenate([part.targets(of_one) for part, of_one in pairs], axis=1)

    def costs_of(self, y: Floats) -> Floats:
        """All 1: the classes of several labels have equal costs."""
        return np.ones(len(y))

    @property
    def classes(self) -> Any:
        """``classes_`` of several labels.

        Of three or more indicators of 0 and 1 the numbers of the labels, as scikit-learn's
        ``MLPClassifier`` has them; of two a row with the classes of each, because scores would take
        0 and 1 for the classes of one target. Otherwise a list of the classes of each, as trees of
        scikit-learn have it.
        """
        labels = [_classes(part).labels for part in self.parts]
        if not all(np.array_equal(each, [0, 1]) for each in labels):
            return labels
        return np.arange(len(labels)) if len(labels) > len(labels[0]) else np.array(labels)

    def labels(self, codes: NDArray[np.intp]) -> NDArray[Any]:
        """The labels of codes of shape (n_samples, n_targets).

        In the type of the labels; of objects if the types of several targets differ.
        """
        pairs = zip(self.parts, codes.T, strict=True)
        columns = [_classes(part).labels[of_one] for part, of_one in pairs]
        alike = len({each.dtype.kind for each in columns}) == 1
        return np.column_stack(columns if alike else [each.astype(object) for each in columns])

    def probabilities(self, outputs: Floats, places: Sequence[int]) -> Floats:
        """The mean probability of one class of each label, shape (n_samples, n_targets).

        Parameters
        ----------
        outputs : ndarray of shape (n_networks, n_samples, n_targets)
        places : sequence of int
            The code of that class, for each label.
        """
        found = np.empty(outputs.shape[1:])
        for t, (part, place) in enumerate(zip(self.parts, places, strict=True)):
            found[:, t] = _classes(part).probabilities(outputs[:, :, t : t + 1])[:, place]
        return found

    def values(self, Z: Floats) -> Floats:
        """The predicted values of one network, shape (n_samples, n_targets)."""
        found = np.empty(Z.shape)
        for t, part in enumerate(self.parts):
            assert isinstance(part, Values)
            found[:, t] = part.values(Z[:, t : t + 1])
        return found


def _classes(part: OneOutput) -> Classes:
    assert isinstance(part, Classes)
    return part


def one_output(outputs: OneOutput | SeveralOutputs) -> OneOutput:
    """The outputs of a model of one target.

    Raises
    ------
    SettingsError
        For several targets.
    """
    if isinstance(outputs, SeveralOutputs):
        raise asks_one_target(outputs.names)
    return outputs


def asks_one_target(names: Sequence[str], asked: str = "") -> SettingsError:
    """The error for a question that only one of several targets can answer.

    Parameters
    ----------
    names : sequence of str
        Of all targets.
    asked : str, optional
        The method or attribute that was asked; the name of an attribute ends in "_".
    """
    called = f"model.for_target({shown(names[0])})"
    brackets = "(…)" if asked and not asked.endswith("_") else ""
    return SettingsError(
        f"{asked or 'This'} is for one target, and the model has {len(names)}",
        where=f"the targets are {', '.join(map(shown, names[:6]))}"
        + (" …" if len(names) > 6 else ""),
        why="Each target has an answer of its own",
        fix=f"ask the model of one target: {called}{f'.{asked}' if asked else ''}{brackets}",
    )


def column_of(y: NDArray[Any], t: int) -> NDArray[Any]:
    """One target, as an array of one type: columns of an array of objects may differ in theirs."""
    column = y[:, t]
    if column.dtype.kind != "O":
        return column
    kinds = {type(each) for each in column.tolist()}
    return np.array(column.tolist()) if len(kinds) == 1 else column
