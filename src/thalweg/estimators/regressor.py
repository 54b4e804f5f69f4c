"""``ThalwegRegressor``: a neural network for regression, with scikit-learn's interface."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.said_columns import DateColumns, NamedColumns, NumberColumns
from thalweg.data.typing import TargetLike, WeightsLike
from thalweg.errors import SettingsError
from thalweg.estimators.available_methods import there_unless
from thalweg.estimators.conformal.prediction_sets import PredictsIntervals
from thalweg.estimators.deciding.calibrated_predictions import calibrated_values, map_of
from thalweg.estimators.deciding.predicts_levels import PredictsLevels, levels_asked
from thalweg.estimators.delegated_methods import RegressorDoors
from thalweg.estimators.from_others.named_tables import (
    Rows,
    TargetNames,
    features_of,
    rows_with_target,
)
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.learning.fitted_networks import predicted_values
from thalweg.estimators.learning.interrupted_fit import all_or_nothing
from thalweg.estimators.learning.scoring import d2_of_levels, r2_at_any_scale
from thalweg.estimators.offsets.fits_with_offsets import FitsWithOffsets
from thalweg.estimators.offsets.given_offsets import OffsetLike, asked_of
from thalweg.estimators.offsets.rows_of_rates import of_rows
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.number_target import number_target
from thalweg.estimators.outputs.target_outputs import TargetOutputs
from thalweg.estimators.parameters.docstring import documented
from thalweg.estimators.parameters.parameter import (
    REGRESSOR,
    Activations,
    Auto,
    Calibrating,
    DType,
    EarlyStopping,
    IntervalKind,
    LossFunction,
    NumberScaling,
    Preset,
    Scorer,
    Seed,
    Sizes,
    Unknown,
)
from thalweg.estimators.parameters.resolved_parameters import descends_at_once
from thalweg.estimators.parameters.scikit_learn_constraints import (
    Constraints,
    constraints_of,
    with_checked_parameters,
)
from thalweg.estimators.targets.answers_of_targets import values_of_targets
from thalweg.estimators.targets.read_targets import read_target, refuse_several
from thalweg.training.callbacks import Callback
from thalweg.wording import shown


@documented(REGRESSOR)
class ThalwegRegressor(
    RegressorMixin, PredictsIntervals, PredictsLevels, RegressorDoors, FitsWithOffsets
):
    """A neural network for regression of any table.

    The table needs no preparation: inside the model, numbers are scaled, far outliers are clipped
    smoothly, missing values are filled, categories are encoded and the target is scaled, with
    statistics of the training rows only. Early stopping is on, and the best epoch is kept.
    Predictions stay within the range of the training targets.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes of networks}
    oof_loss_ : float
        If there were folds: the out-of-fold loss, of each fold at the epoch that the other folds
        find best: on rows that did not train the network or choose its epoch. It is the mean over
        the folds, by their numbers of rows (sums of ``sample_weight``).
    oof_score_ : float
        With "folds": R² of the out-of-fold predictions, and of several quantiles the mean D² as in
        `score`.
    oof_prediction_ : ndarray of shape (n_samples,), or (n_samples, n_levels)
        With "folds": the out-of-fold predictions; NaN for rows of weight 0. With ``time_column``,
        also NaN for rows before the first held-out window (about the earlier half of the rows): no
        network is trained on earlier rows.
    {attributes of folds}
    levels_ : ndarray of shape (n_levels,)
        With ``loss="quantile:levels=…"``: the levels of the columns of `predict`.
    interval_kind_ : {"plain", "scaled"}
        What kind of intervals `predict_interval` gives; there unless the model has none.
    seed_ : int
        A fit with ``random_state=seed_`` gives the same model, bit for bit.
    settings_ : dict
        The parameters of the fit without ``random_state`` (see ``seed_``), ``verbose``, ``n_jobs``
        and ``callbacks``, which do not change the result. ``preset``, ``n_folds``, ``scaling``,
        ``importance``, ``calibration`` and ``interval_kind`` are there only if they are not the
        default; ``number``, ``category``, ``text``, ``date`` and ``missing`` only if they name
        something. A function as ``scoring`` is there by its name.
    {attributes of layers}

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg import ThalwegRegressor
    >>> X = np.linspace(-1, 1, 80)[:, None]
    >>> model = ThalwegRegressor(alpha=0.01, random_state=0).fit(X, X[:, 0] ** 2)
    >>> round(model.score(X, X[:, 0] ** 2), 1)
    1.0
    """

    _parameter_constraints: ClassVar[Constraints] = constraints_of(REGRESSOR)
    _kind = REGRESSOR

    def __init__(
        self,
        loss: str | LossFunction = "squared_error",
        hidden_layer_sizes: Sizes = (128, 128),
        activation: Activations = "relu",
        *,
        preset: Preset = "default",
        alpha: float | Auto = "auto",
        batch_size: int | Auto = "auto",
        learning_rate_init: float | None = None,
        max_iter: int | Auto = "auto",
        early_stopping: bool | EarlyStopping = "auto",
        n_folds: int | Auto = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int | Auto = "auto",
        tol: float = 1e-4,
        random_state: Seed = None,
        verbose: int = 0,
        warm_start: bool = False,
        optimizer: str = "auto",
        weight_decay: float | None = None,
        l1: float = 0.0,
        dropout: float | Auto = "auto",
        n_ensemble: int = 1,
        scoring: Scorer = None,
        callbacks: Sequence[Callback] | None = None,
        time_limit: float | None = None,
        n_jobs: int | None = None,
        calibration: Calibrating = "none",
        interval_kind: IntervalKind = "plain",
        importance: bool = False,
        dtype: DType = "auto",
        n_bins: int | Auto = "auto",
        scaling: NumberScaling = "robust",
        unknown: Unknown = "warn",
        number: NumberColumns = None,
        category: NamedColumns = None,
        text: NamedColumns = None,
        date: DateColumns = None,
        missing: MissingColumns = None,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation, self.preset, self.alpha = activation, preset, alpha
        self.batch_size, self.max_iter, self.tol = batch_size, max_iter, tol
        self.learning_rate_init, self.n_folds = learning_rate_init, n_folds
        self.early_stopping, self.n_iter_no_change = early_stopping, n_iter_no_change
        self.validation_fraction = validation_fraction
        self.random_state, self.verbose, self.warm_start = random_state, verbose, warm_start
        self.optimizer, self.weight_decay = optimizer, weight_decay
        self.l1, self.dropout = l1, dropout
        self.n_ensemble, self.scoring, self.callbacks = n_ensemble, scoring, callbacks
        self.time_limit, self.n_jobs = time_limit, n_jobs
        self.calibration, self.interval_kind = calibration, interval_kind
        self.importance = importance
        self.dtype, self.n_bins, self.unknown = dtype, n_bins, unknown
        self.number, self.category, self.text, self.date = number, category, text, date
        self.missing, self.scaling = missing, scaling

    def _validate_params(self) -> None:
        """Check all parameters; the first one is the loss, as in scikit-learn's MLPRegressor."""
        first: object = self.loss
        if isinstance(first, int | tuple | list):
            given = shown(first)
            raise SettingsError(
                f"The loss of a {type(self).__name__} is a text, and not {given}",
                why="It is the first argument, as in scikit-learn's MLPRegressor",
                fix=f"name the layers: hidden_layer_sizes={given}",
            )
        super()._validate_params()

    def predict(self, X: Rows, *, offset: OffsetLike = None, exposure: OffsetLike = None) -> Any:
        """The value of each row, shape (n_samples,); of several quantiles (n_samples, n_levels).

        The mean over all networks, each with its own encoder (`members_`), corrected by the map of
        ``calibration_``, if there is one. The prediction for a row depends on that row only, to the
        last bit. Several quantiles are put in ascending order after the mean, so that they never
        cross; they are an array or a frame (`set_output`).

        Parameters
        ----------
        X : as in `fit`
            A table with names is matched by column names; other columns are ignored. Or a path.
        offset, exposure : array of shape (n_samples,), number or str, optional
            Of a model that was fitted with one of them: that of each row, or one for all;
            ``exposure=1`` gives the answer for one unit. Not needed if the fit had the name of a
            column: it is found in ``X``.
        """
        if self._fitted is None:
            check_is_fitted(self)
        known = self._known
        table = features_of(X, known.schema)
        asked = asked_of(offset, exposure)
        if known.several is not None:
            values = values_of_targets(known, self._raw(table))
            found = of_rows(self, table, values.T, asked).T
            return self._labelled(found, np.array(known.several.names), table)
        values = predicted_values(known.networks, read_for_predict(self, table))
        if isinstance(known.outputs, Quantiles):
            return self._named_levels(of_rows(self, table, values.T, asked).T, table)
        values = calibrated_values(known.networks, map_of(known), values)
        return of_rows(self, table, values, asked)

    def score(
        self,
        X: Rows,
        y: TargetLike | None = None,
        sample_weight: WeightsLike = None,
        *,
        target: TargetNames | None = None,
        offset: OffsetLike = None,
        exposure: OffsetLike = None,
    ) -> float:
        """R² of the predictions, at any scale of the target; of several quantiles their mean D².

        D² of a level is ``sklearn.metrics.d2_pinball_score``: 1 minus the pinball loss of the
        predictions divided by that of the quantile of these targets. 1 is the best; 0 is that of
        the constant answers.

        Parameters
        ----------
        X, y, sample_weight, target
            As in `fit`.
        offset, exposure : optional
            As in `predict`.
        """
        X, y = rows_with_target(X, y, target, of_classes=False)
        sample_weight = unmasked(sample_weight)
        predicted = np.asarray(self.predict(X, offset=offset, exposure=exposure))
        if (several := self._several) is not None:
            y = several.numbers(read_target(self, y, several.names)[0])
        levels = levels_asked(self)
        if levels:
            return d2_of_levels(y, predicted, levels, sample_weight)
        return r2_at_any_scale(y, predicted, sample_weight)

    @there_unless(descends_at_once)
    @with_checked_parameters
    def partial_fit(
        self,
        X: Rows,
        y: TargetLike | None = None,
        sample_weight: WeightsLike = None,
        *,
        target: TargetNames | None = None,
        offset: OffsetLike = None,
        exposure: OffsetLike = None,
    ) -> Self:
        """Train on one batch of rows, in one pass over them in the given order.

        The first call fixes the scaling of columns and target; the range of predictions widens
        with every batch. The learning rate is that of ``optimizer``, without a schedule; no row is
        held out.

        Parameters
        ----------
        X, y, sample_weight, target, offset, exposure
            As in `fit`. The mean exposure of the first batch is that by which later rows count.

        Returns
        -------
        self
        """
        from thalweg.estimators.learning.continuing import partial_fit

        given = self._more(X, y, sample_weight, target)
        refuse_several(given.y)
        given = given._replace(offset=asked_of(offset, exposure))
        with all_or_nothing(self):
            self._adopt(partial_fit(self, self._fitted, given, self._target))
        return self

    @property
    def oof_prediction_(self) -> Floats:
        """Out-of-fold predictions, of rows that did not train the network or choose its epoch.

        With ``time_column``, they are NaN for about the earlier half of the rows, which are never
        held out.
        """
        return self._oof_predictions("oof_prediction_")

    def _target(self, y: NDArray[Any], weights: Floats) -> TargetOutputs:
        """The outputs for any values; the loss decides what is learned about them."""
        del weights
        return number_target(self, y)
