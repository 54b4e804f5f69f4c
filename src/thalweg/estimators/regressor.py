"""``ThalwegRegressor``: a table goes in, numbers come out, scikit-learn's manners."""

from collections.abc import Sequence
from typing import Any, ClassVar

from numpy.typing import NDArray
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils.validation import check_is_fitted

from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.errors import SettingsError
from thalweg.estimators.available_methods import there_unless
from thalweg.estimators.delegated_methods import RegressorDoors
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.learning import continuing
from thalweg.estimators.learning.ensemble_members import predicted_values
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.estimators.learning.interrupted_fit import all_or_nothing
from thalweg.estimators.learning.target_outputs import Floats, TargetOutputs, Values
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.parameters.constraints import Constraints, constraints_of
from thalweg.estimators.parameters.docstring import documented
from thalweg.estimators.parameters.parameter import REGRESSOR, Scorer, Seed, Sizes
from thalweg.estimators.parameters.parameter_table import LOSSES, OPTIMIZER
from thalweg.estimators.parameters.recipe import descends_at_once
from thalweg.network.formulas.losses import LOSSES as ALL_LOSSES
from thalweg.network.formulas.losses import loss as loss_of
from thalweg.training.callbacks import Callback
from thalweg.wording import parameter


@documented(REGRESSOR)
class ThalwegRegressor(RegressorMixin, RegressorDoors, NetworkEstimator):
    """A neural network that predicts a number, for any table.

    The table goes in raw: numbers are scaled, far outliers bent in, missing values filled and
    categories made numbers inside the model, from its training rows alone; the target is scaled
    there and back, too.
    Early stopping is on, and the best epoch is the one that is kept. Predictions stay within the
    range of the training targets.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
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
        With "folds": R² of the predictions for such rows.
    oof_prediction_ : ndarray of shape (n_samples,)
        With "folds": these predictions, NaN for rows of weight 0.
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
    >>> import numpy as np
    >>> from thalweg import ThalwegRegressor
    >>> X = np.linspace(-1, 1, 80)[:, None]
    >>> model = ThalwegRegressor(alpha=0.01, random_state=0).fit(X, X[:, 0] ** 2)
    >>> round(model.score(X, X[:, 0] ** 2), 1)
    1.0
    """

    _parameter_constraints: ClassVar[Constraints] = constraints_of(REGRESSOR)

    def __init__(
        self,
        loss: str = "squared_error",
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
        n_ensemble: int = 1,
        scoring: Scorer = None,
        callbacks: Sequence[Callback] | None = None,
        time_limit: float | None = None,
        n_jobs: int | None = None,
        dtype: str = "auto",
        n_bins: int | str = "auto",
        unknown: str = "warn",
    ) -> None:
        self.loss = loss
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
        self.n_ensemble = n_ensemble
        self.scoring = scoring
        self.callbacks = callbacks
        self.time_limit = time_limit
        self.n_jobs = n_jobs
        self.dtype = dtype
        self.n_bins = n_bins
        self.unknown = unknown

    def predict(self, X: TableLike) -> Floats:
        """The value of each row, shape (n_samples,).

        The mean of all networks, each behind its own encoder (`members_`). A row's
        number depends on that row alone, to the last bit.

        Parameters
        ----------
        X : as `fit` takes it
            A table with names is matched by column names; other columns are left aside.
        """
        if self._fitted is None:
            check_is_fitted(self)
        return predicted_values(self._known.networks, read_for_predict(self, X))

    @there_unless(descends_at_once)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: TableLike, y: TargetLike, sample_weight: WeightsLike = None
    ) -> "ThalwegRegressor":
        """Learn from one batch of rows, in one pass over them as they stand.

        The first call scales columns and target by its rows, for good; the range of predictions
        widens with every batch. The rate is that of ``optimizer``, without a schedule; nothing is
        held out.

        Parameters
        ----------
        X, y, sample_weight
            As `fit` has them.

        Returns
        -------
        self
        """
        given = GivenRows(X, y, sample_weight)
        with all_or_nothing(self):
            self._adopt(continuing.partial_fit(self, self._fitted, given, self._target))
        return self

    @property
    def oof_prediction_(self) -> Floats:
        """Predictions of rows that their networks had not learned from."""
        return self._oof_predictions("oof_prediction_")

    def _target(self, y: NDArray[Any], weights: Floats) -> TargetOutputs:
        """Values, whatever they are; the loss says what is learned of them."""
        del y, weights
        name = self.loss.partition(":")[0].strip()
        if name not in LOSSES:
            of_classes = name in ALL_LOSSES
            raise SettingsError(
                f"{parameter('loss', name)} is for classes"
                if of_classes
                else f"There is no loss {name!r}",
                fix=f"take one of {', '.join(LOSSES)}",
            )
        return TargetOutputs(Values(str(loss_of(self.loss))))
