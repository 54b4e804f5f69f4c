"""``ThalwegClassifier``: a table goes in, probabilities come out, scikit-learn's manners."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from thalweg.data.matching import POLICIES
from thalweg.data.rows import Rows, canonical_rows, data_hash
from thalweg.data.schema import Schema
from thalweg.errors import SettingsError
from thalweg.estimators.base import (
    Start,
    positive_class,
    report_ending,
    require_both_classes,
    starting_point,
    two_classes,
)
from thalweg.estimators.doors import Doors
from thalweg.estimators.epochs import Split, cross_validated_curve, stopping
from thalweg.estimators.tables import TakesTables, read_for_fit, read_for_predict
from thalweg.network.activations import ACTIVATIONS
from thalweg.network.engine import Data, choose
from thalweg.network.losses import loss
from thalweg.random import seed_from
from thalweg.training.course import Member
from thalweg.training.optimizer import Lbfgs
from thalweg.training.progress import watch
from thalweg.training.settings import Settings, parse_optimizer
from thalweg.training.train import Descent, train

LOSS = "sigmoid_cross_entropy"


@dataclass(frozen=True)
class _Task:
    """A table and a target, understood."""

    schema: Schema
    classes: NDArray[Any]
    positive: Any
    rows: Rows
    seed: int
    data_hash: str


class ThalwegClassifier(ClassifierMixin, TakesTables, Doors, BaseEstimator):
    """A neural network that tells two classes apart, for any table.

    The table goes in raw: numbers are scaled, far outliers bent in, missing values filled and
    categories made numbers inside the model, from its training rows alone. Early stopping is on,
    and the best epoch is the one that is kept.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default (64,)
        Units of each hidden layer; ``()`` is logistic regression.
    activation : {"relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "tanh", "sigmoid", \
            "softplus", "identity"}, default "relu"
        Of the hidden layers.
    alpha : float, default 2.0
        Weight of the penalty: α / (2 Σ w) ‖W‖² is added to the mean loss, whatever the batch.
    batch_size : int or "auto", default "auto"
        Rows a step; as many as there are rows or more is gradient descent over all rows, 1 is
        stochastic gradient descent. "auto": 32 below 5,000 rows, 128 below 50,000, else 256;
        all for L-BFGS.
    learning_rate_init : float or None, default None
        A number takes the place of the learning rate in ``optimizer``.
    max_iter : int, default 60
        Length of the schedule in epochs, and the limit.
    early_stopping : bool or "auto", default "auto"
        "auto": below 2,000 different rows the number of epochs that five-fold cross-validation
        finds best, then one network on all rows with the same schedule, cut there; from 2,000
        rows a hold-out. True: hold-out. False: no row is held out, and the training loss ends it.
    validation_fraction : float, default 0.1
        Share of the rows in the hold-out (at least 10 rows).
    n_iter_no_change : int, default 20
        End when so many epochs in a row did not lower the loss by ``tol``: that of the hold-out,
        or the training loss where no row is held out. Cross-validated epochs are run to
        the one that was found best.
    tol : float, default 1e-4
    random_state : int, RandomState instance or None, default None
        ``None`` draws a seed and keeps it in ``seed_``.
    verbose : int, default 0
        1: a progress bar on a terminal, plain lines in a log, both on standard error.
    optimizer : str, default "adam:lr=0.005,beta_2=0.95,schedule=cosine"
        Rule of descent, its constants, its schedule and what stands around them, as text:
        ``training.settings.parse_optimizer``.
    positive : label or None, default None
        The class that sensitivity is about and whose probability is compared with the
        threshold; ``None`` is the second in sorted order.
    dtype : {"auto", "float32", "float64"}, default "auto"
        "auto": float64 below 20,000 training rows.
    unknown : {"warn", "error", "ignore"}, default "warn"
        What becomes of levels, in a table to predict, that the fit has not seen. With "warn" and
        "ignore" they count as some other level; "warn" says how many they are in each column.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels, sorted.
    positive_ : label
    threshold_ : float
        A row is called positive where its probability is above this, 0.5.
    theta_ : ndarray of shape (n_parameters,)
        The network: all weights and biases.
    architecture_ : thalweg.network.architecture.Architecture
        What ``theta_`` means.
    encoder_ : thalweg.data.encode.Encoder
    schema_ : thalweg.data.schema.Schema
    history_ : list of dict
        One dict an epoch (`thalweg.training.history`). With cross-validated epochs
        ``valid_loss`` is the mean over the folds.
    best_epoch_ : int
        The epoch that was kept.
    stopping_ : str
        How ``best_epoch_`` was found: "cross-validation", "hold-out" or "none".
    status_ : thalweg.errors.Status
        Why the descent ended.
    seed_ : int
        With ``random_state=seed_`` the fit repeats itself bit for bit.
    settings_ : dict
        The parameters of the fit, but for ``random_state``, which ``seed_`` stands for, and
        ``verbose``: equal runs are equal, however much was said.
    data_hash_ : str
        SHA-256 of the training table.
    coefs_, intercepts_ : list of ndarray
        W and b of each layer as scikit-learn has them: (n_in, n_out) and (n_out,), views.
    loss_curve_ : list of float
        Training loss of each epoch.
    n_iter_ : int
        Epochs that were run.
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

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate_init": [None, Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": [StrOptions({"auto"}), "boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "optimizer": [str],
        "positive": "no_validation",
        "dtype": [StrOptions({"auto", "float32", "float64"})],
        "unknown": [StrOptions(set(POLICIES))],
    }

    def __init__(
        self,
        hidden_layer_sizes: Any = (64,),
        activation: str = "relu",
        *,
        alpha: float = 2.0,
        batch_size: int | str = "auto",
        learning_rate_init: float | None = None,
        max_iter: int = 60,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 20,
        tol: float = 1e-4,
        random_state: Any = None,
        verbose: int = 0,
        optimizer: str = "adam:lr=0.005,beta_2=0.95,schedule=cosine",
        positive: Any = None,
        dtype: str = "auto",
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
        self.optimizer = optimizer
        self.positive = positive
        self.dtype = dtype
        self.unknown = unknown

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ThalwegClassifier":
        """Learn from a table.

        Parameters
        ----------
        X : DataFrame (pandas, polars), Arrow table or array, shape (n_samples, n_features)
            Numbers, booleans and text; may have holes, and be sparse (SciPy).
        y : array of shape (n_samples,)
            Two different labels of any type.
        sample_weight : array of shape (n_samples,), optional
            A row of weight 2 counts as the row twice, exactly. So their scale counts, against
            ``alpha``: weights that sum to 1 stand for a table of one row.

        Returns
        -------
        self

        Raises
        ------
        DataError, SettingsError
            Where table or parameters cannot be worked with.
        DivergenceError
            Where no epoch ended with finite numbers.
        """
        task = self._understand(X, y, sample_weight)
        settings = self._settings(len(task.rows.X), task.seed)
        way, splits = stopping(
            self.early_stopping, task.rows.y, self.validation_fraction, task.seed
        )
        curve = None
        training, held_out = np.arange(len(task.rows.X)), None
        if way == "cross-validation":
            curve = self._curve(task, splits, settings)
            settings = replace(settings, stop_after=int(np.argmin(curve)) + 1, patience=None)
        elif way == "hold-out":
            training, held_out = splits[0]
        start = self._start(task, training)
        with watch("Training", settings.stop_after or self.max_iter, self.verbose) as progress:
            descent = train(
                start.architecture, start.theta, start.data, LOSS, float(self.alpha), settings,
                rows=training, held_out=held_out, progress=progress,
            )  # fmt: skip
        report_ending(descent)
        self._keep(task, way, start, descent, curve)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probability of each class.

        A row's numbers depend on that row alone, to the last bit.

        Parameters
        ----------
        X : as `fit` takes it
            A table with names is matched by column names; other columns are left aside.

        Returns
        -------
        ndarray of shape (n_samples, 2), in the order of ``classes_``
        """
        logit = self.decision_function(X)
        # Both from the logit: 1 - p would round the small one of the two away.
        predict = loss(LOSS).predict
        return np.column_stack((predict(-logit), predict(logit)))

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """The logit of ``classes_[1]``, shape (n_samples,)."""
        check_is_fitted(self)
        data = Data.of(self.encoder_.encode(read_for_predict(self, X)).astype(self.theta_.dtype))
        logit = choose().predict(self.architecture_, self.theta_, data)
        return logit[:, 0].astype(np.float64)

    def predict(self, X: Any) -> NDArray[Any]:
        """The label of each row: positive where its probability is above ``threshold_``."""
        return self.called(self.predict_proba(X))

    def called(self, probability: NDArray[np.float64]) -> NDArray[Any]:
        """The labels that go with what `predict_proba` gave."""
        place = int(self.classes_[1] == self.positive_)
        called = probability[:, place] > self.threshold_
        return self.classes_[np.where(called, place, 1 - place)]

    def _understand(self, X: Any, y: Any, sample_weight: Any) -> _Task:
        read = read_for_fit(self, X, y, sample_weight)
        classes, codes = two_classes(read.y)
        rows = canonical_rows(read.matrix, codes, read.weights)
        require_both_classes(rows, classes)
        schema = read.schema
        return _Task(
            schema,
            classes,
            positive_class(self.positive, classes),
            rows,
            seed_from(self.random_state),
            data_hash(schema.names, schema.codings, read.matrix, [str(label) for label in read.y]),
        )

    def _settings(self, n_rows: int, seed: int) -> Settings:
        optimizer = parse_optimizer(self.optimizer)
        if self.learning_rate_init is not None:
            optimizer = optimizer.at_rate(float(self.learning_rate_init))
        if self.batch_size != "auto":
            batch_size: int | None = int(self.batch_size)
        elif isinstance(optimizer, Lbfgs):
            batch_size = None
        else:
            batch_size = 32 if n_rows < 5_000 else 128 if n_rows < 50_000 else 256
        return Settings(
            optimizer,
            batch_size,
            self.max_iter,
            patience=self.n_iter_no_change,
            tol=self.tol,
            seed=seed,
        )

    def _start(self, task: _Task, training: NDArray[np.intp], member: int = 0) -> Start:
        return starting_point(
            task.rows,
            training,
            task.schema.n_levels,
            hidden=hidden_units(self.hidden_layer_sizes),
            activation=self.activation,
            dtype=self.dtype,
            seed=task.seed,
            member=member,
        )

    def _curve(self, task: _Task, splits: list[Split], settings: Settings) -> NDArray[np.float64]:
        """The cross-validated loss, epoch by epoch, over the whole schedule."""
        settings = replace(settings, patience=None)
        members = []
        for number, (rows, held_out) in enumerate(splits, 1):
            start = self._start(task, rows, member=number)
            members.append(
                Member(
                    start.architecture, start.theta, start.data, LOSS, float(self.alpha), settings,
                    rows, held_out,
                )
            )  # fmt: skip
        total = len(members) * self.max_iter
        with watch("Cross-validation", total, self.verbose, networks=len(members)) as progress:
            return cross_validated_curve(members, task.rows.weights, progress)

    def _keep(
        self,
        task: _Task,
        way: str,
        start: Start,
        descent: Descent,
        curve: NDArray[np.float64] | None,
    ) -> None:
        self.classes_, self.positive_, self.threshold_ = task.classes, task.positive, 0.5
        self.schema_, self.data_hash_, self.seed_ = task.schema, task.data_hash, task.seed
        self.encoder_, self.architecture_ = start.encoder, start.architecture
        self.theta_, self.best_epoch_ = descent.theta, descent.best_epoch
        self.status_, self.stopping_, self.history_ = descent.status, way, descent.history
        self.settings_ = fit_settings(self.get_params())
        if curve is not None:
            for epoch, valid in zip(self.history_, curve.tolist(), strict=False):
                epoch["valid_loss"] = valid

    @property
    def coefs_(self) -> list[NDArray[np.floating]]:
        """W of each layer, transposed as scikit-learn has it: (n_in, n_out), views of θ."""
        return [W.T for W, _ in self.architecture_.layers(self.theta_)]

    @property
    def intercepts_(self) -> list[NDArray[np.floating]]:
        """b of each layer, (n_out,), views of θ."""
        return [b[:, 0] for _, b in self.architecture_.layers(self.theta_)]

    @property
    def loss_curve_(self) -> list[float]:
        """Training loss of each epoch."""
        return [epoch["train_loss"] for epoch in self.history_]

    @property
    def n_iter_(self) -> int:
        """Epochs that were run."""
        return len(self.history_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = tags.input_tags.sparse = True
        tags.input_tags.categorical = tags.input_tags.string = True
        return tags


def fit_settings(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that decide what a fit comes to, beside its seed."""
    left_out = ("random_state", "verbose")
    return {name: value for name, value in parameters.items() if name not in left_out}


def hidden_units(sizes: Any) -> tuple[int, ...]:
    """Hidden layer sizes as a tuple of whole numbers above zero."""
    sizes = sizes if isinstance(sizes, Sequence | np.ndarray) else (sizes,)
    if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
        raise SettingsError(
            f"hidden_layer_sizes={sizes!r} has no meaning",
            why="Each hidden layer has a whole number of units above 0",
            fix="write for example (64,) or (64, 32)",
        )
    return tuple(int(size) for size in sizes)
