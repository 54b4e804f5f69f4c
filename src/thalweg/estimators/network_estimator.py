"""What both estimators have in common: fit, go on, and all that a fitted network shows."""

import warnings
from abc import abstractmethod
from typing import Any, ClassVar, Self

from numpy.typing import NDArray
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils.validation import check_is_fitted

from thalweg.data.typing import GroupsLike, TableLike, TargetLike, TimesLike, WeightsLike
from thalweg.errors import DivergenceError, DivergenceWarning, outer_level
from thalweg.estimators.input_tables import TakesTables, read_for_predict
from thalweg.estimators.learning import continuing
from thalweg.estimators.learning.ensemble_members import outputs_of
from thalweg.estimators.learning.fit_plan import FitPlan, GivenRows, fit_plan
from thalweg.estimators.learning.interrupted_fit import OF_FOLDS, all_or_nothing, report_interrupt
from thalweg.estimators.learning.listeners import Heard, told_of_fit
from thalweg.estimators.learning.target_outputs import Floats, TargetOutputs
from thalweg.estimators.learning.train_networks import Learned, learn
from thalweg.estimators.parameters.constraints import Constraints
from thalweg.training.train import Descent


class NetworkEstimator(TakesTables, Heard, BaseEstimator):
    """A network, or several that are averaged, with scikit-learn's manners.

    What a fit came to is one `Fitted`, which `_adopt` alone sets. A subclass says what its target
    is: `_target`.
    """

    _parameter_constraints: ClassVar[Constraints]
    # What dropout="auto" is, but with L-BFGS.
    _usual_dropout: float = 0.0

    @abstractmethod
    def _target(self, y: NDArray[Any], weights: Floats) -> TargetOutputs:
        """What the target is, from all that is to be learned."""

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: TableLike,
        y: TargetLike,
        sample_weight: WeightsLike = None,
        *,
        X_val: TableLike | None = None,
        y_val: TargetLike | None = None,
        groups: GroupsLike = None,
        time_column: TimesLike = None,
    ) -> Self:
        """Learn from a table.

        Parameters
        ----------
        X : DataFrame (pandas, polars), Arrow table or array, shape (n_samples, n_features)
            Numbers, booleans and text; may have holes, and be sparse (SciPy).
        y : array of shape (n_samples,)
            The target.
        sample_weight : array of shape (n_samples,), optional
            A row of weight 2 counts as the row twice, exactly. So their scale counts, against
            ``alpha``: weights that sum to 1 stand for a table of one row.
        X_val, y_val : optional
            Rows that judge when to stop, and teach nothing; then no row of X is held out.
        groups : array of shape (n_samples,), optional
            Rows of one group are never parted between learning and judging.
        time_column : str, or array of shape (n_samples,), optional
            A column of ``X``, or the time of each row: dates or numbers. The rows that judge when
            to stop are then later than those that teach, and rows of one time stay together.

        Returns
        -------
        self

        Raises
        ------
        DataError, SettingsError
            Where table or parameters cannot be worked with.
        DivergenceError
            Where no epoch ended with finite numbers.
        UnfinishedError
            For Ctrl-C before each network had an epoch to keep. As after all errors, the model is
            what it was before.
        KeyboardInterrupt
            For a second Ctrl-C within two seconds of one that ended a fit.

        Warns
        -----
        UnfinishedWarning
            Ctrl-C ended the fit, and each network is that of its best epoch so far.
        """
        given = GivenRows(X, y, sample_weight, X_val, y_val, groups, time_column)
        with all_or_nothing(self):
            if self.warm_start and self._fitted:
                self._adopt(continuing.warm_fit(self, self._fitted, given))
                return self
            plan = fit_plan(self, given, self._target)
            with told_of_fit(self, plan) as recipe:
                learned = learn(plan.lesson, recipe, plan.stopping)
                report_descents(learned, plan)
                self._adopt(plan.outcome(learned))
        return self

    def fit_more(
        self, X: TableLike, y: TargetLike, epochs: int = 10, sample_weight: WeightsLike = None
    ) -> Self:
        """Go on from the fitted networks for some more epochs, over the rows of a table.

        The columns stay scaled as they are, the rule of descent and its schedule begin anew, no
        row is held out, and θ of the last epoch is kept (of the best so far, where Ctrl-C or a
        time limit ends it). ``history_`` goes on; out-of-fold results (``oof_score_``) go. A
        parameter that was changed and that these networks have settled, such as
        ``hidden_layer_sizes`` or ``class_weight``, is refused.

        Parameters
        ----------
        X, y, sample_weight
            As `fit` has them; the same columns, and no new class.
        epochs : int, default 10

        Returns
        -------
        self
        """
        check_is_fitted(self)
        with all_or_nothing(self):
            self._adopt(continuing.fit_more(self, self._known, X, y, epochs, sample_weight))
        return self

    def _raw(self, X: TableLike) -> Floats:
        """What each network gives for the rows of a table: networks × rows × outputs."""
        if self._fitted is None:
            check_is_fitted(self)
        return outputs_of(self._known.networks, read_for_predict(self, X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.sparse = True
        tags.input_tags.categorical = tags.input_tags.string = True
        return tags


def report_descents(learned: Learned, plan: FitPlan) -> None:
    """Warn of descents that diverged or were cut short; raise where nothing came of one."""
    for descent in learned.descents:
        report_divergence(descent)
    instead = learned.way != plan.stopping.way
    report_interrupt(learned.descents, " " + OF_FOLDS if instead else "")


def report_divergence(descent: Descent) -> None:
    """Raise where nothing came of the descent but infinity; warn where that came later."""
    if not descent.trouble:
        return
    what, fix = descent.trouble.what, descent.trouble.fix
    if descent.best_epoch == 0:
        raise DivergenceError(what, why="No epoch had come to finite numbers by then", fix=fix)
    warnings.warn(
        f"{what}. Epoch {descent.best_epoch}, the best before, was kept. Fix: {fix}.",
        DivergenceWarning,
        stacklevel=outer_level(),
    )
