"""The estimators' `predict_interval` and `predict_set`, and why some models have none."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from thalweg.data.typing import TableLike
from thalweg.estimators.available_methods import there_unless
from thalweg.estimators.conformal.error_scales import PLAIN, SCALED, ErrorScales
from thalweg.estimators.deciding.calibrated_predictions import calibrated_values, map_of
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.learning.fitted_networks import outputs_of, predicted_values
from thalweg.estimators.offsets.given_offsets import OffsetLike, asked_of
from thalweg.estimators.offsets.offset_of_fit import no_intervals
from thalweg.estimators.offsets.rows_of_rates import of_rows
from thalweg.estimators.outputs.class_outputs import Classes, Floats, average
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.parameter import IntervalKind
from thalweg.evaluation.conformal.class_scores import ClassScores, Sets
from thalweg.evaluation.conformal.conformal_ranks import require_level
from thalweg.evaluation.conformal.cv_plus import cv_plus_intervals, pooled_intervals
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals
from thalweg.evaluation.task_kinds import THE_NETWORK
from thalweg.wording import parameter, shown

if TYPE_CHECKING:
    from thalweg.estimators.fitted import Fitted, ShowsFitted
    from thalweg.estimators.network_estimator import NetworkEstimator as _Estimator
else:
    _Estimator = object  # at run time these are mixins

_FOLDS = f"fit with {parameter('early_stopping', 'folds')}"
_WHY_NOT = {
    "cross-validation": f"its networks were trained on all rows, so it has no held-out rows. "
    f"Fix: {_FOLDS}",
    "validation": "its held-out rows are those of X_val, which are not rows of its table. "
    "Fix: fit without X_val",
    "none": f"no row was held out. Fix: {_FOLDS}, on a table with enough rows",
}


def no_held_out_rows(model: "ShowsFitted") -> str | None:
    """Why a model has no intervals or sets; None if it has, or is not fitted yet."""
    fitted = model._fitted
    if fitted is None or fitted.conformal is not None:
        return None
    if fitted.several is not None:
        first = shown(fitted.several.names[0])
        return f"each of its targets has its own. Fix: ask model.for_target({first})"
    if (why := no_intervals(fitted.offset, fitted.outputs.loss)) is not None:
        return why
    if isinstance(fitted.outputs, Quantiles):
        return (
            "it predicts quantiles, and rows are between them: predict gives them. "
            f"Fix: for intervals from held-out rows, fit with a {parameter('loss')} of one number"
        )
    if fitted.also in ("epochs", "batches"):
        return "its networks have learned from all rows since the fit. Fix: fit it again"
    if fitted.also == "weights":
        return (
            "another program fitted its weights, and no held-out row came along. Fix: fit a model "
            "of thalweg on the table"
        )
    if fitted.also == "levels":
        return (
            "it was trained together with other levels, and their held-out rows are not its own. "
            f"Fix: fit with {parameter('loss', fitted.outputs.loss)} alone"
        )
    if fitted.also == "times":
        return (
            "new rows are later than its rows, and need not be like them. "
            f"Fix: fit without {parameter('time_column')}, if the order of the rows does not matter"
        )
    return _WHY_NOT.get(
        fitted.stopping,
        "it does not have the results of its held-out rows: its file is of an earlier thalweg, "
        "or Ctrl-C ended the fit. Fix: fit it again",
    )


def _said_in_python(model: "ShowsFitted") -> str | None:
    """`no_held_out_rows`, with the call that makes a model without hidden layers."""
    why = no_held_out_rows(model)
    fitted = model._fitted
    layers = getattr(model, "_subject", THE_NETWORK) == THE_NETWORK
    if why is None or fitted is None or fitted.stopping != "none" or layers:
        return why
    return f'{why}: {type(model).__name__}.linear(early_stopping="folds")'


def intervals_of(
    fitted: "Fitted", matrix: NDArray[np.floating], confidence_level: float = 0.9
) -> Floats:
    """The interval of each row of a regression.

    Parameters
    ----------
    fitted : Fitted
        With ``conformal``.
    matrix : ndarray of float, shape (n_samples, n_features)
    confidence_level : float, default 0.9

    Returns
    -------
    ndarray of float64, shape (n_samples, 2)
    """
    residuals = fitted.conformal
    if isinstance(residuals, ErrorScales):
        mean = predicted_values(fitted.networks, matrix)
        mean = calibrated_values(fitted.networks, map_of(fitted), mean)
        sigma = residuals.sigma(matrix)
        return pooled_intervals(residuals.residuals, mean, sigma, confidence_level)
    assert isinstance(residuals, HeldOutResiduals)
    values = []
    for network, Z in zip(fitted.networks, outputs_of(fitted.networks, matrix), strict=True):
        assert isinstance(network.outputs, Values)
        values.append(network.outputs.values(Z))
    predictions = np.stack([average(values)] if residuals.n_networks == 1 else values)
    corrected = calibrated_values(fitted.networks, map_of(fitted), predictions)
    return cv_plus_intervals(residuals, corrected, confidence_level)


def sets_of(fitted: "Fitted", raw: Floats, confidence_level: float = 0.9) -> Sets:
    """Which classes each row may have; see `ClassScores.sets`.

    Parameters
    ----------
    fitted : Fitted
        With ``conformal``.
    raw : ndarray of shape (n_networks, n_samples, n_outputs)
        The outputs of all networks.
    confidence_level : float, default 0.9

    Returns
    -------
    ndarray of bool, shape (n_samples, n_classes)
    """
    scores, outputs = fitted.conformal, fitted.outputs
    assert isinstance(scores, ClassScores)
    assert isinstance(outputs, Classes)
    each = (
        outputs.probabilities(raw)
        if scores.n_networks == 1
        else np.stack([outputs.probabilities(Z[np.newaxis]) for Z in raw])
    )
    grouped = fitted.also == "groups"
    return scores.sets(each, confidence_level, outputs.labels, grouped=grouped)


class PredictsIntervals(_Estimator):
    """Intervals of a regression."""

    @there_unless(_said_in_python)
    def predict_interval(
        self,
        X: TableLike,
        confidence_level: float = 0.9,
        *,
        offset: OffsetLike = None,
        exposure: OffsetLike = None,
    ) -> Floats:
        """An interval for each row that contains the true value in about 90 % of the cases.

        CV+ (`thalweg.evaluation.conformal.cv_plus`): from the errors on held-out rows of the fit
        and the predictions of all networks. If a part of the rows was held out instead of folds,
        split conformal prediction, from the errors of their mean. The level is that of new rows
        that are like the rows of the table, and of all together: rows with more noise than others
        may be outside more often, unless the fit was with ``interval_kind="scaled"``
        (`thalweg.estimators.conformal.error_scales`). It is not exact, because the held-out rows
        also stopped training; measure the coverage on test rows. The map of ``calibration_``, if
        there is one, corrects what each network predicts, and its errors are those of corrected
        numbers.

        Parameters
        ----------
        X : as in `fit`
        confidence_level : float, default 0.9
            From 0.5 on and below 1.
        offset, exposure : optional
            As in `predict`: the ends are moved by the offset, or multiplied by the exposure.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            The lower and the upper end. Infinite if there were too few held-out rows: 9, 19 and 99
            are needed for 0.9, 0.95 and 0.99. The ends may be outside the range of the training
            targets, and of `predict`: below 0, too, where no training target is.

        Raises
        ------
        AttributeError
            If no row was held out from the networks (``early_stopping=False`` or
            "cross-validation", ``X_val``, ``time_column``, `fit_more`, `partial_fit`), or if the
            fit had exposures, and its loss is not "gamma".
        SettingsError
            If the level is not valid.
        """
        require_level(confidence_level)
        if self._fitted is None:
            check_is_fitted(self)
        known = self._known
        ends = intervals_of(known, read_for_predict(self, X), confidence_level)
        return of_rows(self, X, ends.T, asked_of(offset, exposure)).T

    @property
    def interval_kind_(self) -> IntervalKind:
        """What kind of intervals the model has; no such attribute if it has none."""
        found = self._known.conformal
        if found is None:
            raise self._lacks("interval_kind_")
        return SCALED if isinstance(found, ErrorScales) else PLAIN


class PredictsSets(_Estimator):
    """Sets of classes."""

    @there_unless(_said_in_python)
    def predict_set(self, X: TableLike, confidence_level: float = 0.9) -> NDArray[np.bool_]:
        """Which classes each row may have, so that about 90 % of the rows of each class are right.

        Class-wise cross-conformal prediction (`thalweg.evaluation.conformal.class_scores`): a class
        is in the set of a row unless fewer than 10 % of the held-out rows of this class had so low
        a probability of it, each in comparison with the row's probability from the same network. If
        a part of the rows was held out instead of folds, from the mean of the networks. Both of two
        classes: it cannot tell. None: each class is less probable here than for 90 % of its
        held-out rows. The level is that of new rows that are like those of the table. It is not
        exact, because the held-out rows also stopped training; measure it on test rows.
        ``calibration_`` does not change the sets: they compare the probabilities of the networks by
        rank.

        Parameters
        ----------
        X : as in `fit`
        confidence_level : float, default 0.9
            From 0.5 on and below 1.

        Returns
        -------
        ndarray of bool, shape (n_samples, n_classes), in the order of ``classes_``

        Raises
        ------
        AttributeError
            As in `PredictsIntervals.predict_interval`: if no row was held out from the networks.
        SettingsError
            If the level is not valid, or a class has too few held-out rows for it.
        """
        require_level(confidence_level)
        outputs = self._raw(X)  # raises if the model is not fitted
        return sets_of(self._known, outputs, confidence_level)
