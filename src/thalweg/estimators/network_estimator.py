"""What both estimators have in common: fit, go on, and all that a fitted network shows."""

import warnings
from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils.validation import check_is_fitted

from thalweg.data.encoding.encoder import Encoder
from thalweg.data.numbers import stacked
from thalweg.data.rows import canonical_rows, row_groups
from thalweg.errors import (
    DataError,
    DivergenceError,
    DivergenceWarning,
    SettingsError,
    Status,
    outer_level,
)
from thalweg.estimators.learning import continuing
from thalweg.estimators.learning.epochs import Stopping, stopping
from thalweg.estimators.learning.learn import Learned, learn
from thalweg.estimators.learning.lesson import Lesson
from thalweg.estimators.learning.listeners import Heard, told_of_fit
from thalweg.estimators.learning.members import Network, outputs_of
from thalweg.estimators.learning.outputs import Classes, Floats, Values
from thalweg.estimators.learning.unfinished import (
    OF_FOLDS,
    all_or_nothing,
    report_interrupt,
    report_no_scores,
)
from thalweg.estimators.parameters.constraints import Constraints
from thalweg.estimators.parameters.recipe import recipe_of
from thalweg.estimators.tables import (
    Learnable,
    TakesTables,
    read_for_fit,
    read_for_predict,
    read_more,
)
from thalweg.interrupts import take_in
from thalweg.network.architecture import Architecture
from thalweg.random import seed_from
from thalweg.training.history import History
from thalweg.training.train import Descent


class NetworkEstimator(TakesTables, Heard, BaseEstimator):
    """A network, or several that are averaged, with scikit-learn's manners.

    A subclass says what its target is: `_outputs`, `_numbers`, `_keep_outputs`,
    `_judge_folds`.
    """

    _parameter_constraints: ClassVar[Constraints]
    # What dropout="auto" is, but with L-BFGS.
    _usual_dropout: float = 0.0

    @abstractmethod
    def _outputs(self, y: NDArray[Any], weights: Floats) -> Classes | Values:
        """What the target is, from all that is to be learned."""

    @abstractmethod
    def _numbers(self, outputs: Classes | Values, y: NDArray[Any]) -> Floats:
        """A target as numbers: codes of classes, or values."""

    @abstractmethod
    def _keep_outputs(self, outputs: Classes | Values) -> None:
        """Set the attributes that a target alone decides."""

    @abstractmethod
    def _judge_folds(self, networks: Any, splits: Any, lesson: Lesson) -> tuple[Floats, float]:
        """What each row was predicted by those that had not seen it, and the score of that."""

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        groups: Any = None,
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
        if self.warm_start and hasattr(self, "members_"):
            if X_val is not None or y_val is not None or groups is not None:
                raise SettingsError(
                    "A warm start takes no X_val, y_val and groups",
                    why="It goes on, and holds no row out",
                    fix="leave them out, or set warm_start=False",
                )
            continuing.warm_fit(self, X, y, sample_weight)
            return self
        self._fit(X, y, sample_weight, X_val, y_val, groups)
        return self

    def _fit(self, X: Any, y: Any, sample_weight: Any, X_val: Any, y_val: Any, groups: Any) -> None:
        read = read_for_fit(self, X, y, sample_weight)
        seed = seed_from(self.random_state)
        lesson, given = self._lesson(read, groups, X_val, y_val)
        plan = self._plan(lesson, seed, given)
        recipe = recipe_of(self, lesson.n_lessons, lesson.n_numbers, seed)
        given_rows = (X, y, sample_weight)
        with told_of_fit(self, given_rows, read, lesson, recipe, plan) as watched:
            learned = learn(lesson, watched, plan)
            for descent in learned.descents:
                report_divergence(descent)
            instead = learned.way != plan.way
            report_interrupt(learned.descents, " " + OF_FOLDS if instead else "")
            self._keep(read, seed, learned)
            self._also = None if groups is None else "groups"
            try:
                self._keep_folds(read, lesson, learned, groups)
            except KeyboardInterrupt as sign:
                take_in(sign)
                report_no_scores()

    @all_or_nothing
    def fit_more(self, X: Any, y: Any, epochs: int = 10, sample_weight: Any = None) -> Self:
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
        continuing.fit_more(self, X, y, epochs, sample_weight)
        return self

    def _lesson(
        self, read: Learnable, groups: Any, X_val: Any, y_val: Any
    ) -> tuple[Lesson, Stopping | None]:
        """The table as what is to be learned, and rows that were given to judge by."""
        outputs = self._outputs(read.y, read.weights)
        numbers = self._numbers(outputs, read.y)
        if (X_val is None) != (y_val is None):
            raise SettingsError(
                "X_val and y_val go together", fix="give both, or neither", where="fit"
            )
        if groups is None:
            rows = canonical_rows(read.matrix, numbers, read.weights)
            y, codes = rows.y, None
        else:
            marks = _group_codes(groups, len(read.matrix))
            rows = canonical_rows(read.matrix, np.column_stack((numbers, marks)), read.weights)
            y, codes = rows.y[:, 0].copy(), np.unique(rows.y[:, 1], return_inverse=True)[1]
        lesson = Lesson(rows.X, y, rows.weights, outputs, read.schema.n_levels, codes)
        self._require_lesson(lesson)
        if X_val is None:
            return lesson, None
        self.schema_ = read.schema
        more = read_more(self, X_val, y_val)
        judge = canonical_rows(more.matrix, self._numbers(outputs, more.y), more.weights)
        n_rows, n_given = len(rows.X), len(judge.X)
        joined = Lesson(
            stacked((rows.X, judge.X)),
            np.concatenate((y, judge.y)),
            np.concatenate((rows.weights, judge.weights)),
            outputs,
            read.schema.n_levels,
            n_given=n_given,
        )
        split = np.arange(n_rows), np.arange(n_rows, n_rows + n_given)
        return joined, Stopping("validation", [split])

    def _require_lesson(self, lesson: Lesson) -> None:
        """Raise where what is left without rows of weight 0 cannot be learned from."""

    def _plan(self, lesson: Lesson, seed: int, given: Stopping | None) -> Stopping:
        if given is not None:
            return given
        switched_off = not isinstance(self.early_stopping, str) and not self.early_stopping
        if self.scoring is not None and switched_off:
            raise SettingsError(
                "scoring judges held-out rows, and early_stopping=False holds none out",
                fix="leave scoring out, or early_stopping at its default",
            )
        return stopping(
            self.early_stopping,
            lesson.codes,
            self.validation_fraction,
            seed,
            lesson.groups,
            int(self.n_ensemble),
        )

    def _keep(self, read: Learnable, seed: int, learned: Learned) -> None:
        self.schema_, self.seed_, self.stopping_ = read.schema, seed, learned.way
        continuing.keep_what_was_seen(self, read)
        self._keep_outputs(learned.networks[0].outputs)
        self.members_ = learned.networks
        self._state: continuing.State | None = None

    def _keep_folds(self, read: Learnable, lesson: Lesson, learned: Learned, groups: Any) -> None:
        """Out-of-fold numbers, where there were folds."""
        if learned.curve is not None:
            self.oof_loss_ = float(np.min(learned.curve))
        if learned.way != "folds":
            return
        share = [lesson.weights[held_out].sum() for _, held_out in learned.splits]
        losses = [each.history[each.best_epoch - 1]["valid_loss"] for each in learned.networks]
        self.oof_loss_ = float(np.average(losses, weights=share))
        predicted, score = self._judge_folds(learned.networks, learned.splits, lesson)
        numbers = self._numbers(lesson.outputs, read.y)
        setattr(self, self._OOF, _in_the_tables_order(predicted, lesson, read, numbers, groups))
        self.oof_score_ = score

    _OOF = "oof_prediction_"

    def _raw(self, X: Any) -> Floats:
        """What each network gives for the rows of a table: networks × rows × outputs."""
        if "members_" not in vars(self):
            check_is_fitted(self)
        return outputs_of(self.members_, read_for_predict(self, X))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "members_")

    @property
    def theta_(self) -> NDArray[np.floating]:
        """All weights and biases of the first network."""
        return self._first.theta

    @property
    def architecture_(self) -> Architecture:
        """What ``theta_`` means; networks of other folds may have more inputs, or fewer."""
        return self._first.architecture

    @property
    def encoder_(self) -> Encoder:
        """What stands in front of the first network."""
        return self._first.encoder

    @property
    def history_(self) -> History:
        """Of the first network, one dict an epoch (`thalweg.training.history`)."""
        return self._first.history

    @property
    def best_epoch_(self) -> int:
        """The epoch of the first network that was kept."""
        return self._first.best_epoch

    @property
    def status_(self) -> Status:
        """Why the first network's descent ended; ``INTERRUPTED`` where Ctrl-C ended any."""
        cut = any(network.status is Status.INTERRUPTED for network in self._networks)
        return Status.INTERRUPTED if cut else self._first.status

    @property
    def validation_scores_(self) -> list[float]:
        """Scores of the first network's held-out rows, epoch by epoch; empty without scoring."""
        return list(self._first.scores)

    @property
    def coefs_(self) -> list[NDArray[np.floating]]:
        """W of each layer, transposed as scikit-learn has it: (n_in, n_out), views of θ."""
        return [W.T for W, _ in self._first.layers]

    @property
    def intercepts_(self) -> list[NDArray[np.floating]]:
        """b of each layer, (n_out,), views of θ."""
        return [b[:, 0] for _, b in self._first.layers]

    @property
    def loss_curve_(self) -> list[float]:
        """Training loss of each epoch."""
        return [epoch["train_loss"] for epoch in self.history_]

    @property
    def n_iter_(self) -> int:
        """Epochs that were run."""
        return len(self.history_)

    @property
    def n_layers_(self) -> int:
        """Layers, that of the inputs among them, as scikit-learn counts."""
        return len(self.architecture_.sizes)

    @property
    def n_outputs_(self) -> int:
        """Units of the last layer."""
        return self.architecture_.sizes[-1]

    @property
    def _networks(self) -> list[Network]:
        if "members_" not in vars(self):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        networks: list[Network] = self.members_
        return networks

    @property
    def _first(self) -> Network:
        return self._networks[0]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.sparse = True
        tags.input_tags.categorical = tags.input_tags.string = True
        return tags


def _group_codes(groups: Any, n_rows: int) -> Floats:
    marks = np.asarray(groups)
    if marks.ndim != 1 or len(marks) != n_rows:
        raise DataError(
            f"groups of shape {marks.shape} do not belong to {n_rows} rows",
            fix="give the group of each row",
        )
    return np.unique(marks.astype(str), return_inverse=True)[1].astype(np.float64)


def _in_the_tables_order(
    predicted: Floats, lesson: Lesson, read: Learnable, numbers: Floats, groups: Any
) -> Floats:
    """Numbers of canonical rows for each row of the table; NaN where its weight is 0."""
    canonical, table = [lesson.X[:], lesson.y], [read.matrix[:], numbers]
    if lesson.groups is not None:
        # Equal rows of two groups are two: one may have taught the network that judges the other.
        marks = _group_codes(groups, len(numbers))
        present = np.unique(marks[read.weights > 0])
        known = np.isin(marks, present)
        canonical.append(lesson.groups.astype(np.float64))
        table.append(np.where(known, np.searchsorted(present, marks), -1.0))
    rows = [np.column_stack(each) for each in (canonical, table)]
    both = row_groups(np.concatenate(rows))
    places = np.full(int(both.max()) + 1, -1)
    places[both[: len(rows[0])]] = np.arange(len(rows[0]))
    of_row = places[both[len(rows[0]) :]]
    found = np.full((len(numbers), *predicted.shape[1:]), np.nan)
    found[of_row >= 0] = predicted[of_row[of_row >= 0]]
    return found


def report_divergence(descent: Descent) -> None:
    """Raise where nothing came of the descent but infinity; warn where that came later."""
    if not descent.trouble:
        return
    what, fix = descent.trouble.what, descent.trouble.fix
    if descent.best_epoch == 0:
        raise DivergenceError(what, why="No epoch had come to finite numbers by then", fix=fix)
    warnings.warn(
        f"{what}. Epoch {descent.best_epoch}, the best before, was kept. Mend: {fix}.",
        DivergenceWarning,
        stacklevel=outer_level(),
    )
