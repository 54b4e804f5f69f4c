"""Describe the training run of a fitted model, so that it can be repeated and traced."""

from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
)

from thalweg.data.canonical_rows import Rows, canonical_rows, data_hash
from thalweg.data.column_names import listed
from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.checked_target import checked_target, labels_of_target
from thalweg.estimators.input_tables import read_for_predict, require_sound_weights
from thalweg.estimators.learning.early_stopping_splits import stopping
from thalweg.estimators.learning.encoded_training_data import Lesson, first_theta, seen_by
from thalweg.estimators.learning.fit_plan import weights_hash
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.parameters.auto_by_width import alpha_of
from thalweg.estimators.parameters.parameter_presets import folds_of
from thalweg.estimators.parameters.resolved_parameters import settings_of
from thalweg.network.engine import Data, Objective
from thalweg.training.descent.optimizer_settings import Optimizer
from thalweg.training.descent_inputs import Member

Places = NDArray[np.intp]
Estimator = TypeVar("Estimator", bound=NetworkEstimator)

# Ways that split the rows, and the number from which the first network of each draws its start.
_SPLIT = {"hold-out": 0, "folds": 1}


class Retraced(NamedTuple):
    """The training run of a fit, ready to be repeated.

    Attributes
    ----------
    member : Member
        What ``train`` takes. With the rows of the fit, ``train`` returns ``theta_``, bit for bit.
    same : bool
        Whether it repeats the fit: the rows have the same hash as in the fit (which does not
        include sample weights), and the fit depended on nothing else. Groups, later epochs and
        batches are such dependencies; so are the user's validation rows or score, if the learning
        rate followed them.
    spared : ndarray of int or None
        The rows of ``member.data`` that did not train this network, such as those of another fold;
        ``None`` if all did, or if it is not known.
    reweighted : bool
        Whether these are the rows of the fit, with other sample weights than it had.
    """

    member: Member
    same: bool
    spared: Places | None = None
    reweighted: bool = False


def retraced(
    model: NetworkEstimator, X: TableLike, y: TargetLike, sample_weight: WeightsLike = None
) -> Retraced:
    """The training run of the first network of a fitted model, on these rows.

    It has the same start and settings, and ends at the kept epoch; columns are scaled as in the
    model, whatever the rows.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    X : DataFrame or array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Labels of the classes of the model, or numbers.
    sample_weight : array of shape (n_samples,), optional

    Returns
    -------
    Retraced

    Raises
    ------
    DataError
        For a class that the model does not know, or a target that is no number.
    """
    check_is_fitted(model)
    rows, same, reweighted = _rows(model, X, y, sample_weight)
    fresh = as_fitted(model)
    settings = settings_of(fresh, len(rows.X), model.seed_)
    n_epochs = min(model.best_epoch_, settings.max_epochs)
    settings = replace(settings, stop_after=n_epochs, patience=None)
    first, number = model.members_[0], _SPLIT.get(model.stopping_, 0)
    lesson = Lesson(rows.X, rows.y, rows.weights, first.outputs)
    training, held_out = None, None
    if same and model.stopping_ in _SPLIT:
        # Other rows would be split in another way, so all of them are training rows.
        training, held_out = stopping(
            model.stopping_, lesson.codes, fresh.validation_fraction, model.seed_,
            n_folds=folds_of(model.settings_),
        ).splits[0]  # fmt: skip
    optimizer, spared = settings.optimizer, held_out
    if not (isinstance(optimizer, Optimizer) and optimizer.schedule.answers):
        held_out = None  # not needed: the kept epoch is known
    elif model.stopping_ == "validation" or (held_out is not None and fresh.scoring is not None):
        same = False
    outputs, dtype, alpha = first.outputs, first.theta.dtype, alpha_of(model.settings_)
    theta = first_theta(first.architecture, fresh.activation, model.seed_, number, dtype)
    taught = np.arange(len(rows.X)) if training is None else training
    if isinstance(outputs, Grades):
        outputs.fitted(rows.y[taught], rows.weights[taught]).start(first.architecture, theta)
    data = seen_by(first.encoder, outputs, lesson, dtype, taught)
    if not data.in_bins:  # encoded once, because rows are read again and again
        data = replace(data, X=data.X[:])
    return Retraced(
        Member(first.architecture, theta, data, outputs.loss, alpha, settings, training, held_out),
        same, spared if same else None, reweighted,
    )  # fmt: skip


def spared_data(model: NetworkEstimator, found: Retraced, X: TableLike, y: TargetLike) -> Data:
    """Rows that trained the first network in no way, encoded as for it.

    Those that its split spares, and others that the fit did not get.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    found : Retraced
        Its training run, on the rows of the fit.
    X, y
        Rows that the fit did not get, such as the test rows; there may be none.

    Returns
    -------
    Data
        Without a row if there are none.
    """
    data = found.member.data.part(np.zeros(0, np.intp) if found.spared is None else found.spared)
    if not len(np.asarray(y)):
        return data
    rows, *_ = _rows(model, X, y, None)
    first = model.members_[0]
    lesson = Lesson(rows.X, rows.y, rows.weights, first.outputs)
    new = seen_by(first.encoder, first.outputs, lesson, first.theta.dtype, None)
    return Data(
        np.concatenate([data.X, new.X[:]]),
        np.concatenate([data.Y, new.Y]),
        np.concatenate([data.weights, new.weights]),
    )


def as_fitted(model: Estimator) -> Estimator:
    """An estimator with the parameters of the fit, even if they were changed since."""
    return type(model)(**{**model.get_params(), **model.settings_, "random_state": model.seed_})


def objective_of(model: NetworkEstimator, network: int = 0) -> Objective | None:
    """The objective that a network of a fitted model was last trained on.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    network : int, default 0
        Its index in ``members_``.

    Returns
    -------
    Objective or None
        Penalties are divided by the weight of the training rows of this network, such as those of
        its fold; after ``partial_fit``, of the rows of all calls and of the fit before them.
        ``mean_weight`` is over the rows of the table; training merges equal rows into one with
        their total weight. None if an older model file does not have these weights.
    """
    own, fitted = model.members_[network], as_fitted(model)
    if own.taught is None:
        return None
    rows, weight = own.taught
    settings = settings_of(fitted, max(1, round(rows)), model.seed_)
    return Objective.per(
        weight,
        own.outputs.loss,
        alpha_of(model.settings_),
        weight / rows,
        settings.l1,
        settings.dropout,
    )


def _rows(
    model: NetworkEstimator, X: TableLike, y: TargetLike, sample_weight: WeightsLike
) -> tuple[Rows, bool, bool]:
    """The canonical rows; whether they are those of the fit; and whether only weights differ."""
    if model._known.also == "weights":
        raise SettingsError(
            "This model has no training run",
            why="Another program fitted its weights",
            fix="fit a model of thalweg on the table, and look at its run",
        )
    matrix = np.asarray(read_for_predict(model, X), dtype=np.float64)
    numbers, labels = _target(model, y)
    check_consistent_length(matrix, labels)
    weights = _check_sample_weight(
        sample_weight, np.empty((len(matrix), 0)), dtype=np.float64, ensure_non_negative=True
    )
    require_sound_weights(weights)
    schema = model.schema_
    same = data_hash(schema.names, schema.codings, matrix, labels) == model.data_hash_
    weighted = model._known.weights_hash in (None, weights_hash(weights))
    alone = same and model._known.also is None
    return canonical_rows(matrix, numbers, weights), alone and weighted, alone and not weighted


def _target(model: NetworkEstimator, y: TargetLike) -> tuple[Floats, list[str]]:
    """The target as the network is taught it, before it is scaled; and as the hash has it."""
    outputs = model.members_[0].outputs
    if not isinstance(outputs, Classes):
        values = labels_of_target(model, checked_target(y, of_classes=False))
        return outputs.numbers(values), [str(value) for value in values]
    labels = [str(label) for label in column_or_1d(y)]
    known = [str(label) for label in outputs.labels]
    strange = sorted({*labels} - {*known})
    if strange:
        raise DataError(
            f"The target has classes that the model does not know: {', '.join(strange[:5])}",
            fix=f"keep the rows of {listed(known)}",
        )
    place = {label: float(code) for code, label in enumerate(known)}
    return np.array([place[label] for label in labels]), labels
