"""The outputs for the target of a table, or for several, and what several cannot have."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from sklearn.base import is_classifier

from thalweg.errors import DataError, SettingsError
from thalweg.estimators.conformal.error_scales import SCALED
from thalweg.estimators.input_tables import Learnable
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.several_outputs import (
    OneOutput,
    SeveralOutputs,
    about_target,
    column_of,
)
from thalweg.estimators.outputs.target_outputs import OutputsOf, TargetOutputs
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.resolved_parameters import HasParameters
from thalweg.estimators.parameters.rows.class_parameters import ORDINAL
from thalweg.estimators.targets.positives_of_targets import require_positives, with_own_positive
from thalweg.network.formulas.losses import loss, standard_text
from thalweg.wording import counted, parameter


def target_of(estimator: HasParameters, read: Learnable, outputs_of: OutputsOf) -> TargetOutputs:
    """The outputs for the target of a table, or for several targets.

    Parameters
    ----------
    estimator : HasParameters
    read : Learnable
    outputs_of : callable
        Of one target.
    """
    if not read.names:
        require_positives(estimator, read.y, ())
        return outputs_of(read.y, read.weights)
    _require_loss_for(estimator, len(read.names))
    parts, of_classes = [], is_classifier(estimator)
    columns = [column_of(read.y, t) for t in range(len(read.names))]
    if of_classes:
        for column, name in zip(columns, read.names, strict=True):
            require_two_classes(column, name)
        require_positives(estimator, read.y, read.names)
    for column, name in zip(columns, read.names, strict=True):
        with about_target(name, settings=of_classes):
            part = outputs_of(column, read.weights)
            parts.append(with_own_positive(part, estimator, name))
    return outputs_together(parts, read.names)


def _require_loss_for(estimator: HasParameters, n_targets: int) -> None:
    """Refuse a loss whose outputs or units would differ from target to target."""
    given: Any = getattr(estimator, "loss", None)
    if is_classifier(estimator):
        if given != ORDINAL:
            return
        why = "Each of several labels has two classes, and two classes have no order"
        fix = f"leave it out; or fit a model of its own with {parameter('loss', ORDINAL)} for each "
        said = parameter("loss", ORDINAL)
    else:
        try:
            found = loss(text := standard_text(given))
        except SettingsError:  # `number_target` says which losses there are
            return
        if found.written is not None:
            said, why = "A loss of one's own", "Its units are those of one target"
            fix = "take a named loss, such as squared_error; or fit a model of its own for each "
        elif found.constants:
            said = parameter("loss", text)
            why = "One network has one output for each target, and here one for each level"
            fix = "take one level, such as quantile:level=0.5; or fit a model of its own for each "
        else:
            return
    raise SettingsError(
        f"{said} is for one target, and y has {n_targets} columns", why=why, fix=f"{fix}column"
    )


def require_one_for_scales(target: TargetOutputs) -> None:
    """Refuse scaled intervals of several targets: each would need networks of its own."""
    if target.parts:
        raise SettingsError(
            f"{parameter('interval_kind', SCALED)} is for one target, and y has "
            f"{len(target.parts)} columns",
            why="The scale of the errors has networks of its own, and each target would need some",
            fix="leave it out: model.for_target(…).predict_interval then gives plain intervals; or "
            "fit a model of its own for each column",
        )


def outputs_together(parts: Sequence[TargetOutputs], names: tuple[str, ...]) -> TargetOutputs:
    """The outputs of one network for several targets.

    Raises
    ------
    SettingsError
        If a parameter is for one target only.
    """
    outputs: list[OneOutput] = []
    for part, *_ in parts:
        assert isinstance(part, Classes | Values)  # `target_of` refuses other losses
        if isinstance(part, Classes) and not (part.costs == 1).all():
            raise SettingsError(
                f"{parameter('class_weight')} is for one target, and y has "
                f"{counted(len(names), 'column')}",
                why="A row has one weight, and the classes of several labels would each ask for "
                "another",
                fix="leave it out, and decide with a threshold for each label: model.threshold_ = "
                "[…]; or fit a model of its own for each column",
            )
        outputs.append(part)
    return TargetOutputs(SeveralOutputs(tuple(outputs), names), parts=tuple(parts))


def require_two_classes(y: NDArray[Any], name: str) -> None:
    """Raise unless a label has exactly two classes."""
    different = set(y.tolist())
    if len(different) == 2:
        return
    with about_target(name):
        raise DataError(
            "The target has one class only"
            if len(different) < 2
            else f"The target has {len(different):,} different values",
            why="Each of several labels has two classes: one network has one logit for each",
            fix="leave this column out of y"
            + ("" if len(different) < 2 else ", and fit a model of its own for it"),
        )
