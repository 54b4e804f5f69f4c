"""``ThalwegClassifier``: a neural network for classification, with scikit-learn's interface."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.label_types import plain_texts
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.said_columns import DateColumns, NamedColumns, NumberColumns
from thalweg.data.typing import Label, TargetLike, WeightsLike
from thalweg.estimators.available_methods import there_unless
from thalweg.estimators.conformal.prediction_sets import PredictsSets
from thalweg.estimators.deciding.calibrated_predictions import (
    decision_of,
    log_probabilities_of,
    probabilities_of,
)
from thalweg.estimators.deciding.decision_rule import (
    CallsClasses,
)
from thalweg.estimators.delegated_methods import ClassifierDoors
from thalweg.estimators.from_others.named_tables import Rows, TargetNames, rows_with_target
from thalweg.estimators.labelled_output import Labelled
from thalweg.estimators.learning.class_codes import (
    as_classes,
)
from thalweg.estimators.learning.interrupted_fit import all_or_nothing
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.class_target import class_target, labels_to_come
from thalweg.estimators.outputs.grade_order import (
    order_of_column,
)
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.target_outputs import OutputsOf, TargetOutputs
from thalweg.estimators.parameters.docstring import documented
from thalweg.estimators.parameters.parameter import (
    CLASSIFIER,
    Activations,
    Auto,
    Calibrating,
    Costs,
    DType,
    EarlyStopping,
    Labels,
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
from thalweg.estimators.targets.answers_of_targets import (
    decisions_of_targets,
    log_probabilities_of_targets,
    probabilities_of_targets,
    share_all_right,
)
from thalweg.estimators.targets.read_targets import read_target, refuse_several
from thalweg.training.callbacks import Callback


@documented(CLASSIFIER)
class ThalwegClassifier(
    ClassifierMixin, Labelled, CallsClasses, PredictsSets, ClassifierDoors, NetworkEstimator
):
    """A neural network for classification of any table.

    The table needs no preparation: inside the model, numbers are scaled, far outliers are clipped
    smoothly, missing values are filled and categories are encoded, with statistics of the training
    rows only. Early stopping is on, and the best epoch is kept.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    grades_ : ndarray of shape (n_classes,)
        With ``loss="ordinal"`` and three labels or more: the labels from the lowest grade to the
        highest.
    positive_ : label or None
        None for more than two classes.
    threshold_ : float or None
        For two classes: a row is predicted positive if its probability is above this. It is the
        parameter ``threshold``, if given; otherwise what `thalweg decide` stored in the model file;
        otherwise the formula of the costs in ``class_weight``, which is 0.5 if both cost the same.
        None for more classes: the class with the largest product of probability and cost is
        predicted. Setting it replaces the parameter, too.
    {attributes of networks}
    oof_loss_ : float
        If there were folds: the out-of-fold loss, of each fold at the epoch that the other folds
        find best: on rows that did not train the network or choose its epoch. It is the mean over
        the folds, by their numbers of rows (sums of ``sample_weight``). With ``class_weight``, the
        loss of a fold is itself a mean in which each row counts by the cost of its class. Of
        fewer than 200 rows it may be 0.03 nats too low.
    oof_score_ : float
        With "folds": the accuracy of the out-of-fold predictions.
    oof_decision_function_ : ndarray of shape (n_samples, n_classes)
        With "folds": the out-of-fold probabilities; NaN for rows of weight 0, and for the only row
        of a class. With ``time_column``, also NaN for rows before the first held-out window (about
        the earlier half of the rows): no network is trained on earlier rows.
    {attributes of folds}
    seed_ : int
        A fit with ``random_state=seed_`` gives the same model, bit for bit.
    settings_ : dict
        The parameters of the fit without ``random_state`` (see ``seed_``), ``verbose``, ``n_jobs``
        and ``callbacks``, which do not change the result. ``preset``, ``n_folds``, ``scaling``,
        ``importance``, ``calibration``, ``threshold``, ``loss`` and ``grades`` are there only if
        they are not the default; ``number``, ``category``, ``text``, ``date`` and ``missing`` only
        if they name something. A function as ``scoring`` is there by its name.
    {attributes of layers}

    Examples
    --------
    >>> from thalweg import ThalwegClassifier, load_table
    >>> table = load_table("wisconsin")
    >>> model = ThalwegClassifier(random_state=0, positive="malignant")
    >>> model.fit(table.frame, table.target).predict(table.frame[:2]).tolist()
    ['benign', 'malignant']
    """

    _parameter_constraints: ClassVar[Constraints] = constraints_of(CLASSIFIER)
    _kind = CLASSIFIER

    def __init__(
        self,
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
        label_smoothing: float = 0.0,
        n_ensemble: int = 1,
        scoring: Scorer = None,
        callbacks: Sequence[Callback] | None = None,
        time_limit: float | None = None,
        n_jobs: int | None = None,
        calibration: Calibrating = "none",
        importance: bool = False,
        loss: str = "cross_entropy",
        grades: Labels = None,
        class_weight: Costs = None,
        threshold: float | None = None,
        positive: Label | Mapping[str, Label] | None = None,
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
        self.hidden_layer_sizes, self.activation = hidden_layer_sizes, activation
        self.preset, self.alpha, self.scaling = preset, alpha, scaling
        self.batch_size, self.learning_rate_init = batch_size, learning_rate_init
        self.early_stopping, self.n_folds = early_stopping, n_folds
        self.validation_fraction, self.max_iter = validation_fraction, max_iter
        self.n_iter_no_change, self.tol = n_iter_no_change, tol
        self.random_state, self.verbose, self.warm_start = random_state, verbose, warm_start
        self.optimizer, self.weight_decay = optimizer, weight_decay
        self.l1, self.dropout, self.label_smoothing = l1, dropout, label_smoothing
        self.n_ensemble, self.scoring, self.callbacks = n_ensemble, scoring, callbacks
        self.loss, self.grades, self.positive = loss, grades, positive
        self.class_weight, self.threshold, self.n_jobs = class_weight, threshold, n_jobs
        self.calibration, self.importance, self.time_limit = calibration, importance, time_limit
        self.dtype, self.n_bins, self.unknown, self.missing = dtype, n_bins, unknown, missing
        self.number, self.category, self.text, self.date = number, category, text, date

    def predict_proba(self, X: Rows) -> Any:
        """Probability of each class.

        The mean over all networks, each with its own encoder (`members_`), corrected by the map of
        ``calibration_``, if there is one. The prediction for a row depends on that row only, to the
        last bit.

        Parameters
        ----------
        X : as in `fit`
            A table with names is matched by column names; other columns are ignored. Or a path.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), in the order of ``classes_``
            Or a frame, see `set_output`.
        """
        if self._several is not None:
            return self._of_targets(probabilities_of_targets(self._known, self._raw(X)), X)
        return self._labelled(self._probabilities(X), self.classes_, X)

    def predict_log_proba(self, X: Rows) -> Any:
        """The logarithm of the probability of each class.

        From the logits, and not from a rounded probability: a class of probability 1e-400 has
        -921, not minus infinity, and one of probability 1 - 1e-20 has -1e-20, not 0. With several
        networks, it is the logarithm of the mean probability: the log softmax of
        lₖ = log Σₘ exp(log pₘₖ), where pₘₖ is the probability of class k from network m. A map of
        ``calibration_`` moves that logarithm, and not a rounded probability.

        Parameters
        ----------
        X : as in `predict_proba`

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or a frame, as `predict_proba` gives
        """
        raw = self._raw(X)  # first, because it raises if the model is not fitted
        if self._several is not None:
            return self._of_targets(log_probabilities_of_targets(self._known, raw), X)
        return self._labelled(log_probabilities_of(self._known, raw), self.classes_, X)

    def decision_function(self, X: Rows) -> Floats:
        """The logit of ``classes_[1]``, shape (n_samples,), for two classes.

        For more classes, the logarithm of each probability, shape (n_samples, n_classes), as in
        `predict_log_proba`, but always as an array.
        """
        raw = self._raw(X)  # first, because it raises if the model is not fitted
        if self._several is not None:
            return decisions_of_targets(self._known, raw)
        return decision_of(self._known, raw)

    def predict(self, X: Rows) -> NDArray[Any]:
        """The label of each row.

        For two classes, the positive one if its probability is above ``threshold_``; for more, the
        class with the largest product of probability and cost.
        """
        if self._several is not None:
            return self._labels_of_all(probabilities_of_targets(self._known, self._raw(X)))
        return self._called(self._probabilities(X))

    def score(
        self,
        X: Rows,
        y: TargetLike | None = None,
        sample_weight: WeightsLike = None,
        *,
        target: TargetNames | None = None,
    ) -> float:
        """The accuracy of the predictions.

        Parameters
        ----------
        X, y, sample_weight, target
            As in `fit`.
        """
        # scikit-learn cannot read NumPy's StringDType.
        check_is_fitted(self)
        sample_weight = unmasked(sample_weight)
        if (several := self._several) is not None:
            X, y = rows_with_target(X, y, target, of_classes=True)
            known = read_target(self, y, several.names)[0]
            several.require_columns(known)
            return share_all_right(self.predict(X), known, sample_weight)
        X, y = rows_with_target(X, y, target, of_classes=True)
        labels = plain_texts(y) if isinstance(y, np.ndarray) else y
        if (told := np.asarray(labels)).ndim == 1:
            labels = as_classes(told, self.classes_)
        return float(super().score(X, labels, sample_weight))

    @there_unless(descends_at_once)
    @with_checked_parameters
    def partial_fit(
        self,
        X: Rows,
        y: TargetLike | None = None,
        classes: TargetLike | None = None,
        sample_weight: WeightsLike = None,
        *,
        target: TargetNames | None = None,
    ) -> Self:
        """Train on one batch of rows, in one pass over them in the given order.

        The first call fixes the scaling of the columns, and has to name all classes. The learning
        rate is that of ``optimizer``, without a schedule; no row is held out.

        Parameters
        ----------
        X, y, sample_weight, target
            As in `fit`.
        classes : array of shape (n_classes,), optional
            All labels of all batches; needed in the first call.

        Returns
        -------
        self
        """
        from thalweg.estimators.learning.continuing import partial_fit

        given = self._more(X, y, sample_weight, target)
        refuse_several(given.y)
        with all_or_nothing(self):
            labels = labels_to_come(self, classes)
            outputs_of = partial(self._target, labels=labels, order=order_of_column(given.y))
            self._adopt(partial_fit(self, self._fitted, given, outputs_of))
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _of_targets(self, found: Floats, X: Rows) -> Any:
        """A column for each of several targets, as it is or as a frame of the requested kind."""
        return self._labelled(found, np.array(self.targets_, dtype=object), X)

    def _probabilities(self, X: Rows) -> Floats:
        raw = self._raw(X)  # first, because it raises if the model is not fitted
        return probabilities_of(self._known, raw)

    @property
    def _classes(self) -> Classes:
        self._require_one_target("classes_")
        outputs = self._known.networks[0].outputs
        assert isinstance(outputs, Classes)
        return outputs

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, sorted; for several targets see `SeveralOutputs.classes`."""
        if (several := self._known.several) is not None:
            found: NDArray[Any] = several.classes
            return found
        return self._classes.labels

    @property
    def positive_(self) -> Label | None:
        """The positive one of two classes; for several targets a tuple with that of each."""
        if self._known.several is not None:
            return tuple(part.positive for part in self._known.parts)
        return self._known.positive

    @property
    def oof_decision_function_(self) -> Floats:
        """Out-of-fold probabilities, of rows that did not train the network or choose its epoch.

        With ``time_column``, they are NaN for about the earlier half of the rows, which are never
        held out.
        """
        return self._oof_predictions("oof_decision_function_")

    @property
    def grades_(self) -> NDArray[Any]:
        """The labels from the lowest grade to the highest, of three or more grades."""
        outputs = self._classes
        if not isinstance(outputs, Grades):
            raise AttributeError("grades_ is of a fit with loss='ordinal' and three labels or more")
        return outputs.order

    def _outputs_for(self, y: TargetLike) -> OutputsOf:
        """What maps the target to the outputs: an ordered column says its order."""
        return partial(self._target, order=order_of_column(y))

    def _target(
        self,
        y: NDArray[Any],
        weights: Floats,
        labels: NDArray[Any] | None = None,
        order: list[Label] | None = None,
    ) -> TargetOutputs:
        """The classes of the target, or of all batches; ``order`` is that of an ordered column."""
        return class_target(self, y, weights, labels, order)
