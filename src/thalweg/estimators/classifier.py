"""``ThalwegClassifier``: a table goes in, probabilities come out, scikit-learn's manners."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, _fit_context

from thalweg.data.typing import Label, TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.available_methods import there_unless
from thalweg.estimators.delegated_methods import ClassifierDoors
from thalweg.estimators.labelled_output import Labelled
from thalweg.estimators.learning import continuing
from thalweg.estimators.learning.class_codes import (
    class_costs,
    classes_of,
    codes_of,
    positive_class,
)
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.estimators.learning.interrupted_fit import all_or_nothing
from thalweg.estimators.learning.target_outputs import Classes, Floats, TargetOutputs
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.parameters.constraints import Constraints, constraints_of
from thalweg.estimators.parameters.docstring import documented
from thalweg.estimators.parameters.parameter import CLASSIFIER, Costs, Scorer, Seed, Sizes
from thalweg.estimators.parameters.parameter_table import OPTIMIZER
from thalweg.estimators.parameters.recipe import descends_at_once
from thalweg.training.callbacks import Callback
from thalweg.wording import shown


@documented(CLASSIFIER)
class ThalwegClassifier(ClassifierMixin, Labelled, ClassifierDoors, NetworkEstimator):
    """A neural network that tells classes apart, for any table.

    The table goes in raw: numbers are scaled, far outliers bent in, missing values filled and
    categories made numbers inside the model, from its training rows alone. Early stopping is on,
    and the best epoch is the one that is kept.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    positive_ : label or None
        None for more than two classes.
    threshold_ : float or None
        Of two classes: a row is called positive where its probability is above this, 0.5 where
        both cost the same. None for more: the class with the largest product of probability and
        cost is called.
    members_ : tuple of thalweg.estimators.learning.ensemble_members.Network
        The networks, each with its encoder, θ, history, best epoch and status. All that follows
        and is of one network is of the first.
    theta_ : ndarray of shape (n_parameters,)
        The network: all weights and biases.
    architecture_ : thalweg.network.architecture.Architecture
        What ``theta_`` means.
    encoder_ : thalweg.data.encoding.encoder.Encoder
    schema_ : thalweg.data.schema.schema.Schema
    history_ : list of dict
        One dict an epoch (`thalweg.training.history`). With cross-validated epochs
        ``valid_loss`` is the mean over the folds.
    best_epoch_ : int
        The epoch that was kept.
    stopping_ : str
        How ``best_epoch_`` was found: "cross-validation", "folds", "hold-out", "validation"
        (rows that were given) or "none".
    status_ : thalweg.errors.Status
        Why the first network's descent ended; ``INTERRUPTED`` where Ctrl-C cut any of them short
        (``members_`` has the status of each).
    validation_scores_ : list of float
        With ``scoring``: the score of each epoch.
    oof_loss_ : float
        Where there were folds: the mean loss on rows at the kept epoch that their network had
        not learned from.
    oof_score_ : float
        With "folds": the accuracy of the predictions for such rows.
    oof_decision_function_ : ndarray of shape (n_samples, n_classes)
        With "folds": these probabilities; NaN for rows of weight 0, and for the only row of a
        class.
    seed_ : int
        With ``random_state=seed_`` the fit repeats itself bit for bit.
    settings_ : dict
        The parameters of the fit, but for ``random_state``, which ``seed_`` stands for,
        ``verbose``, ``n_jobs`` and ``callbacks``: equal runs are equal, however they were watched.
    data_hash_ : str
        SHA-256 of the training table.
    coefs_, intercepts_ : list of ndarray
        W and b of each layer as scikit-learn has them: (n_in, n_out) and (n_out,), views.
    loss_curve_ : list of float
        Training loss of each epoch.
    n_iter_ : int
        Epochs that were run.
    n_layers_, n_outputs_ : int
        Layers, that of the inputs among them, and units of the last one.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where the table had column names.

    Examples
    --------
    >>> from thalweg import ThalwegClassifier, load_table
    >>> table = load_table("wisconsin")
    >>> model = ThalwegClassifier(random_state=0, positive="malignant")
    >>> model.fit(table.frame, table.target).predict(table.frame[:2]).tolist()
    ['benign', 'malignant']
    """

    _parameter_constraints: ClassVar[Constraints] = constraints_of(CLASSIFIER)
    _usual_dropout = 0.2

    def __init__(
        self,
        hidden_layer_sizes: Sizes = (128, 128),
        activation: str = "relu",
        *,
        alpha: float = 2.0,
        batch_size: int | str = "auto",
        learning_rate_init: float | None = None,
        max_iter: int = 48,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 6,
        tol: float = 1e-4,
        random_state: Seed = None,
        verbose: int = 0,
        warm_start: bool = False,
        optimizer: str = OPTIMIZER,
        weight_decay: float | None = None,
        l1: float = 0.0,
        dropout: float | str = "auto",
        label_smoothing: float = 0.0,
        n_ensemble: int = 1,
        scoring: Scorer = None,
        callbacks: Sequence[Callback] | None = None,
        time_limit: float | None = None,
        n_jobs: int | None = None,
        class_weight: Costs = None,
        positive: Label | None = None,
        dtype: str = "auto",
        n_bins: int | str = "auto",
        unknown: str = "warn",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.random_state = random_state
        self.verbose = verbose
        self.warm_start = warm_start
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.l1 = l1
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.n_ensemble = n_ensemble
        self.scoring = scoring
        self.callbacks = callbacks
        self.time_limit = time_limit
        self.n_jobs = n_jobs
        self.class_weight = class_weight
        self.positive = positive
        self.dtype = dtype
        self.n_bins = n_bins
        self.unknown = unknown

    def predict_proba(self, X: TableLike) -> Any:
        """Probability of each class.

        The mean of all networks, each behind its own encoder (`members_`). A row's
        numbers depend on that row alone, to the last bit.

        Parameters
        ----------
        X : as `fit` takes it
            A table with names is matched by column names; other columns are left aside.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), in the order of ``classes_``
            Or a frame, see `set_output`.
        """
        probability = self._probabilities(X)
        if self._given_as == "default":
            return probability
        return self._labelled(probability, self.classes_, X)

    def decision_function(self, X: TableLike) -> Floats:
        """The logit of ``classes_[1]``, shape (n_samples,), for two classes.

        For more the logarithm of each probability, shape (n_samples, n_classes).
        """
        raw = self._raw(X)  # first, for it says where nothing is fitted
        return self._classes.decision(raw)

    def predict(self, X: TableLike) -> NDArray[Any]:
        """The label of each row.

        Of two classes the positive one where its probability is above ``threshold_``; of more the
        one with the largest product of probability and cost.
        """
        return self.called(self._probabilities(X))

    def called(self, probability: ArrayLike) -> NDArray[Any]:
        """The labels that go with what `predict_proba` gave."""
        if self.threshold_ is None:
            return self.classes_[self._classes.call(np.asarray(probability))]
        place = int(self.classes_[1] == self.positive_)
        called = np.asarray(probability)[:, place] > self.threshold_
        return self.classes_[np.where(called, place, 1 - place)]

    @there_unless(descends_at_once)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: TableLike,
        y: TargetLike,
        classes: TargetLike | None = None,
        sample_weight: WeightsLike = None,
    ) -> "ThalwegClassifier":
        """Learn from one batch of rows, in one pass over them as they stand.

        The first call scales the columns by its rows, for good, and must name all classes. The
        rate is that of ``optimizer``, without a schedule; nothing is held out.

        Parameters
        ----------
        X, y, sample_weight
            As `fit` has them.
        classes : array of shape (n_classes,), optional
            All labels that will ever come; needed in the first call.

        Returns
        -------
        self
        """
        given = GivenRows(X, y, sample_weight)
        with all_or_nothing(self):
            labels = self._labels_to_come(classes)
            outputs_of = partial(self._target, labels=labels)
            self._adopt(continuing.partial_fit(self, self._fitted, given, outputs_of))
        return self

    def _labels_to_come(self, classes: TargetLike | None) -> NDArray[Any]:
        """All labels that batches will ever have."""
        if self._fitted is None:
            if classes is None:
                raise DataError(
                    "classes must be named in the first call of partial_fit",
                    why="A batch may lack a class",
                    fix="give classes=numpy.unique(y) of the whole table",
                )
            if len(set(np.ravel(np.asarray(classes)).tolist())) < 2:
                raise DataError(
                    f"classes={shown(classes)} names fewer than two classes",
                    why="It names all labels that will ever come",
                    fix="give classes=numpy.unique(y) of the whole table",
                )
            return classes_of(np.asarray(classes))
        if classes is not None and not np.array_equal(
            np.unique(np.asarray(classes)), self.classes_
        ):
            raise DataError(
                f"classes={shown(classes)} is not the same as on the last call to partial_fit",
                where=f"then {self.classes_.tolist()}",
                fix="leave it out, or begin anew with fit",
            )
        return self.classes_

    def _probabilities(self, X: TableLike) -> Floats:
        raw = self._raw(X)
        return self._classes.probabilities(raw)

    @property
    def _classes(self) -> Classes:
        outputs = self._known.networks[0].outputs
        assert isinstance(outputs, Classes)
        return outputs

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, sorted."""
        return self._classes.labels

    @property
    def positive_(self) -> Label | None:
        """Of two classes the positive one."""
        return self._known.positive

    @property
    def threshold_(self) -> float | None:
        """The probability of the positive class above which a row is called positive."""
        return self._known.threshold

    @threshold_.setter
    def threshold_(self, threshold: float | None) -> None:
        self._adopt(replace(self._known, threshold=threshold))

    @property
    def oof_decision_function_(self) -> Floats:
        """Probabilities of rows that their networks had not learned from."""
        return self._oof_predictions("oof_decision_function_")

    def _target(
        self, y: NDArray[Any], weights: Floats, labels: NDArray[Any] | None = None
    ) -> TargetOutputs:
        """Classes: those of the target, or of all batches to come."""
        batchwise = labels is not None
        if labels is None:
            labels = classes_of(y)
        positive = positive_class(self.positive, labels)
        if batchwise and self.class_weight == "balanced":
            raise SettingsError(
                'class_weight="balanced" cannot be known from one batch of rows',
                fix="give a dict of weights to partial_fit, or use fit",
            )
        codes = codes_of(y, labels)
        outputs = Classes(labels, class_costs(self.class_weight, labels, codes, weights))
        if len(labels) > 2:
            return TargetOutputs(outputs)
        return TargetOutputs(outputs, positive, outputs.threshold_of(int(labels[1] == positive)))
