"""The rows that each network of a fitted model held out, found again from the table of the fit.

Folds depend on the content of the rows, the seed and the settings alone, so nothing else is kept of
them. That they are the right ones is checked: each network has the held-out loss of its best epoch
in its history, and must have it again.
"""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.utils.validation import check_is_fitted

from thalweg.data.typing import GroupsLike, TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.importance.split_network import Rows
from thalweg.estimators.input_tables import Learnable, read_more
from thalweg.estimators.learning.encoded_training_data import Lesson, seen_by
from thalweg.estimators.learning.fit_plan import (
    GivenRows,
    hashes,
    lesson_of,
    marks_of,
    stopping_of_fit,
)
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.offsets.offset_of_fit import OffsetOfFit, power_of
from thalweg.estimators.offsets.rows_in_rates import lesson_in_rates, unit_of
from thalweg.estimators.outputs.target_outputs import TargetOutputs
from thalweg.estimators.parameters.parameter_presets import folds_of
from thalweg.estimators.repeated_descent import as_fitted
from thalweg.evaluation.rates.rates_of_rows import rounded
from thalweg.network.engine import Objective, choose

# How far a held-out loss may be off: sums of other pieces round in another way.
_CLOSE = 1e-4
_WHY = (
    "Each network answers the rows that it held out, and its folds are found again from the whole "
    "table of the fit"
)
_NOT_HELD_OUT = {
    "cross-validation": "its folds only found the number of epochs, and its networks were trained "
    "on all rows",
    "none": "it held no row out",
    "validation": "the rows of X_val chose its epoch, and it was trained on all others",
}


@dataclass(frozen=True, eq=False)
class FoldsOfFit:
    """The canonical rows of a fit, and which of them each network held out.

    Parameters
    ----------
    lesson : Lesson
    networks : tuple of Network
    rows : tuple of ndarray of int
        The held-out rows of each network.
    """

    lesson: Lesson
    networks: tuple[Network, ...]
    rows: tuple[Rows, ...]


def why_none_held_out(stopping: str, also: str | None) -> str:
    """Why no network of a model held rows out; "" if they did."""
    if also == "batches":  # there may have been no fit before
        return "partial_fit trained it, which holds no row out"
    if also == "weights":
        return "another program fitted its weights, and no rows came along"
    if also == "epochs":
        return "it was trained further after its fit, on rows that were held out then"
    if also == "levels":
        return "it was trained together with other levels, and folds are found again by their loss"
    if also == "times":
        return "its rows have an order in time, so that most of them were never held out"
    if also == "targets":
        return "it learned other targets too, and its folds depend on all of them"
    return _NOT_HELD_OUT.get(stopping, "")


def folds_of_fit(
    model: NetworkEstimator,
    X: TableLike,
    y: TargetLike,
    sample_weight: WeightsLike = None,
    groups: GroupsLike = None,
) -> FoldsOfFit:
    """The rows that each network of a model held out.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    X, y, sample_weight, groups
        As they were given to `fit`; rows may be in another order.

    Raises
    ------
    SettingsError
        If the networks held no rows out.
    DataError
        If these are not the rows of the fit.
    """
    check_is_fitted(model)
    fitted = model._known
    if why := why_none_held_out(fitted.stopping, fitted.also):
        raise SettingsError(
            "No network of this model answers rows that it was not trained on",
            why=why if fitted.also == "batches" else f"{why[:1].upper()}{why[1:]}",
            fix="give rows that are not in the table of the fit; or fit with "
            + ("importance=True" if fitted.also == "targets" else 'early_stopping="folds"'),
        )
    fresh = as_fitted(model)
    given = GivenRows(X, y, sample_weight, groups=groups)
    read = read_more(fresh, fitted.schema, X, y, sample_weight)
    origin = model._origin_of(X, read.y)
    same = origin.exact and origin.n_trained == origin.n_rows
    read, of_rates = _with_weights_of_fit(fitted, read)
    known_weights = of_rates or fitted.weights_hash in (None, hashes(read)[1])
    if not same or not known_weights or (fitted.also == "groups") != (groups is not None):
        raise _other_rows(fitted, same=same)
    target = TargetOutputs(fitted.outputs)
    unit = unit_of(fitted.offset, fitted.outputs, read)
    lesson, _ = lesson_of(fresh, read, target, given, marks_of(given, read), unit)
    lesson = lesson_in_rates(lesson, unit)
    n_folds = folds_of(fresh.get_params(deep=False))
    splits = stopping_of_fit(fresh, lesson, fitted.seed, n_folds).splits
    parts = tuple(held_out for _, held_out in splits)
    if fitted.stopping == "hold-out" and parts:
        parts = (parts[0],) * len(fitted.networks)
    found = FoldsOfFit(lesson, fitted.networks, parts)
    if len(parts) != len(fitted.networks) or not _same_losses(found):
        raise _other_rows(fitted, same=True)
    return found


def _with_weights_of_fit(fitted: Fitted, read: Learnable) -> tuple[Learnable, bool]:
    """The rows of a model of rates by the weights of the fit, and whether it is such a model.

    The fit multiplied exposures by one number, and rounded them. Rows may be in another order, so
    held-out losses alone say whether these are the rows. Own weights were multiplied after that:
    the last bits of such products are not known, and folds depend on them.
    """
    offset, text = fitted.offset, fitted.outputs.loss
    if offset is None or power_of(text) in (None, 2.0):
        return read, False
    return replace(read, weights=rounded(read.weights * offset.level)), True


def _same_losses(found: FoldsOfFit) -> bool:
    """Whether each network has its held-out loss on these rows."""
    for network, rows in zip(found.networks, found.rows, strict=True):
        known = network.history[network.best_epoch - 1]["valid_loss"]
        if known is None:
            return False
        data = seen_by(
            network.encoder, network.outputs, _part(found.lesson, rows), network.theta.dtype, None
        )
        objective = Objective.over(network.outputs.loss, 0.0, data.weights)
        again = choose().losses(network.architecture, objective, network.theta[None], data)[0]
        if not np.isclose(again, known, rtol=_CLOSE, atol=1e-9):
            return False
    return True


def _part(lesson: Lesson, rows: Rows) -> Lesson:
    return Lesson(
        lesson.X[rows], lesson.y[rows], lesson.weights[rows], lesson.outputs, lesson.n_levels
    )


def _other_rows(fitted: Fitted, *, same: bool) -> DataError:
    """The error names all that the fit was given beside the table: any of it may be the reason."""
    beside = {"row_groups": fitted.also == "groups", "sample_weight": bool(fitted.weights_hash)}
    if fitted.offset is not None:
        return _other_rates(fitted.offset, fitted.outputs.loss, beside["row_groups"])
    given = ["X", "y", *(name for name, was_given in beside.items() if was_given)]
    lacking = [name for name, was_given in beside.items() if not was_given]
    of_fit = [name.replace("row_groups", "groups") for name in given]
    as_given = "they" if given == of_fit else _and(of_fit)
    without = f", without {' and '.join(lacking)}" if lacking else ""
    what = "These are not the rows of the fit" if not same else "The folds of the fit are not known"
    return DataError(
        what,
        why=_WHY,
        fix=f"give {_and(given)} as {as_given} were given to fit{without}; or give rows "
        "that the model was not trained on to thalweg.importance",
    )


def _other_rates(offset: OffsetOfFit, text: str, grouped: bool) -> DataError:
    """The same of a model of rates, which takes other targets and weights than its fit."""
    weights, why, last = "sample_weight as it was given to fit", _WHY, ""
    if (power := power_of(text)) not in (None, 2.0):
        e = offset.kind if offset.kind == "exposure" else "exp(offset)"
        size = e if power == 1 else f"{e} ** {2 - power:g}"
        weights = f"sample_weight={size}"
        why += ". A fit with weights of its own beside its exposures is not found again"
        last = "; or fit with importance=True"
    y = "y - offset" if power is None else "y / exposure (exp(offset))"
    return DataError(
        "These are not the rates of the fit",
        why=why,
        fix=f"give X as it was given to fit, {y} as y, {weights}"
        f"{', and row_groups' if grouped else ''}; or give rows that the model was not trained on "
        f"to thalweg.importance{last}",
    )


def _and(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
