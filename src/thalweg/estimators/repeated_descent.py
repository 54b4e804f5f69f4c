"""The descent of a fitted model, described once more: to be run again, and looked at."""

from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
)

from thalweg.data.canonical_rows import Rows, canonical_rows, data_hash
from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.input_tables import read_for_predict, require_sound_weights
from thalweg.estimators.learning.held_out import stopping
from thalweg.estimators.learning.training_rows import Lesson, first_theta, seen_by
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.parameters.recipe import settings_of
from thalweg.network.engine import Objective
from thalweg.training.descent.optimizer_settings import Optimizer
from thalweg.training.descent_plan import Member

Estimator = TypeVar("Estimator", bound=NetworkEstimator)

# Ways that part the rows, and the number that the first network of each draws its start by.
_PARTED = {"hold-out": 0, "folds": 1}


class Retraced(NamedTuple):
    """A fit described again.

    Attributes
    ----------
    member : Member
        What ``train`` takes. With the rows of the fit, ``train`` returns ``theta_``, bit for bit.
    same : bool
        Whether it is the descent of the fit: the rows are those of the fit, by their hash (weights
        of rows are not in it), and nothing else had a say. Groups, later epochs and batches had;
        and so had rows or a score of one's own, where the rate followed them.
    """

    member: Member
    same: bool


def retraced(
    model: ThalwegClassifier, X: TableLike, y: TargetLike, sample_weight: WeightsLike = None
) -> Retraced:
    """The descent that the first network of a fitted model made, over these rows.

    Its start, its settings, and the epochs up to the one that was kept; columns are scaled as the
    model scales them, whatever rows these are.

    Parameters
    ----------
    model : ThalwegClassifier
        Fitted.
    X : DataFrame or array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Labels that the model knows.
    sample_weight : array of shape (n_samples,), optional

    Returns
    -------
    Retraced

    Raises
    ------
    DataError
        For a class that the model does not know.
    """
    require_two_classes(model)
    rows, same = _rows(model, X, y, sample_weight)
    fresh = as_fitted(model)
    settings = settings_of(fresh, len(rows.X), model.seed_)
    n_epochs = min(model.best_epoch_, settings.max_epochs)
    settings = replace(settings, stop_after=n_epochs, patience=None)
    training, held_out = None, None
    if same and model.stopping_ in _PARTED:
        # Other rows would be parted otherwise: then all of them train.
        training, held_out = stopping(
            model.stopping_, rows.y, fresh.validation_fraction, model.seed_
        ).splits[0]
    optimizer = settings.optimizer
    if not (isinstance(optimizer, Optimizer) and optimizer.schedule.answers):
        held_out = None  # who judged is not asked: it is known which epoch was kept
    elif model.stopping_ == "validation" or (held_out is not None and fresh.scoring is not None):
        same = False
    first, number = model.members_[0], _PARTED.get(model.stopping_, 0)
    outputs, dtype, alpha = first.outputs, first.theta.dtype, float(fresh.alpha)
    theta = first_theta(first.architecture, fresh.activation, model.seed_, number, dtype)
    lesson = Lesson(rows.X, rows.y, rows.weights, outputs)
    data = seen_by(first.encoder, outputs, lesson, dtype)
    data = replace(data, X=data.X[:])  # it is looked at again and again: no row is made each time
    return Retraced(
        Member(first.architecture, theta, data, outputs.loss, alpha, settings, training, held_out),
        same,
    )


def as_fitted(model: Estimator) -> Estimator:
    """An estimator as the fitted one was set, whatever was set since."""
    return type(model)(**{**model.get_params(), **model.settings_, "random_state": model.seed_})


def objective_of(model: NetworkEstimator, network: int = 0) -> Objective | None:
    """What a network of a fitted model descended on last.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    network : int, default 0
        Its place in ``members_``.

    Returns
    -------
    Objective or None
        Penalties are divided by the weight of the rows of this very network, those of its fold
        say. ``mean_weight`` is over the rows of the table; a descent takes equal rows for one
        that is as heavy as all of them. None where an older model file does not tell.
    """
    own, fitted = model.members_[network], as_fitted(model)
    if own.taught is None:
        return None
    rows, weight = own.taught
    settings = settings_of(fitted, max(1, round(rows)), model.seed_)
    return Objective.per(
        weight, own.outputs.loss, float(fitted.alpha), weight / rows, settings.l1, settings.dropout
    )


def require_two_classes(model: NetworkEstimator) -> None:
    """Raise where a model is not fitted, or tells anything but two classes apart."""
    check_is_fitted(model)
    if len(getattr(model, "classes_", ())) != 2:
        raise DataError(
            "Only networks that tell two classes apart can be followed and drawn so far",
            fix="give a ThalwegClassifier of two classes",
        )


def _rows(
    model: ThalwegClassifier, X: TableLike, y: TargetLike, sample_weight: WeightsLike
) -> tuple[Rows, bool]:
    """The canonical rows, and whether they are those of the fit."""
    matrix = np.asarray(read_for_predict(model, X), dtype=np.float64)
    labels = [str(label) for label in column_or_1d(y)]
    check_consistent_length(matrix, labels)
    known = [str(label) for label in model.classes_]
    strange = sorted({*labels} - {*known})
    if strange:
        raise DataError(
            f"The target has classes that the model does not know: {', '.join(strange[:5])}",
            fix=f"keep the rows of {known[0]} and {known[1]}",
        )
    codes = np.array([float(label == known[1]) for label in labels])
    weights = _check_sample_weight(
        sample_weight, np.empty((len(matrix), 0)), dtype=np.float64, ensure_non_negative=True
    )
    require_sound_weights(weights)
    schema = model.schema_
    same = data_hash(schema.names, schema.codings, matrix, labels) == model.data_hash_
    return canonical_rows(matrix, codes, weights), same and model._known.also is None
