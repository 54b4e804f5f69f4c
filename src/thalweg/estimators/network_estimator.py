"""The base class of both estimators: ``fit``, ``fit_more`` and reports about training.

What trains networks is loaded by the first method that trains: a process that only predicts, or
looks at a class, does without it.
"""

import os
from abc import abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from thalweg.data.canonical_rows import data_hash
from thalweg.data.typing import GroupsLike, TableLike, TargetLike, TimesLike, WeightsLike
from thalweg.errors import DataError
from thalweg.estimators.available_methods import Heard
from thalweg.estimators.from_others.named_tables import (
    EvalSet,
    Rows,
    TargetNames,
    held_out_rows,
    is_path,
    rows_with_target,
)
from thalweg.estimators.input_tables import TakesTables, labels_of_rows, read_for_predict
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.learning.interrupted_fit import all_or_nothing
from thalweg.estimators.offsets.rows_of_rates import require_rates
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.estimators.outputs.target_outputs import OutputsOf, TargetOutputs
from thalweg.estimators.parameters.parameter import CLASSIFIER, Setting
from thalweg.estimators.parameters.scikit_learn_constraints import (
    Constraints,
    with_checked_parameters,
)
from thalweg.estimators.parameters.simpler_model import SIMPLER, subject_of
from thalweg.estimators.targets.several_targets import SeveralTargets

if TYPE_CHECKING:
    from thalweg.estimators.larger.fit_of_file import MemoryLike, PathLike
    from thalweg.estimators.learning.fit_plan import CheckpointLike, GivenRows
    from thalweg.evaluation.any_estimator.row_origin import Origin
    from thalweg.training.checkpoint import Checkpoint


class NetworkEstimator(SeveralTargets, TakesTables, Heard, BaseEstimator):
    """A network, or the average of several, with scikit-learn's interface.

    The result of a fit is one `Fitted`, which only `_adopt` sets. A subclass defines its target:
    `_target`.
    """

    _parameter_constraints: ClassVar[Constraints]
    # "classifier" or "regressor".
    _kind: ClassVar[str]
    # What differs from the estimator of another program that it was translated from, if any.
    translation_notes: tuple[str, ...] = ()
    # Of the next fit alone, where who calls it cannot pass one on.
    _checkpoint: "Checkpoint | None" = None

    @classmethod
    @cache
    def _get_param_names(cls) -> list[str]:
        """Of scikit-learn; a fit asks dozens of times, and each reads the signature anew."""
        names: list[str] = super()._get_param_names()
        return names

    @classmethod
    def linear(cls, **parameters: Setting) -> Self:
        """Logistic regression, of a regressor ridge regression, as the same estimator.

        It has no hidden layers and no bins, and L-BFGS trains it on all rows. Its predictions are
        those of scikit-learn's ``LogisticRegression(C=1 / alpha)`` or ``Ridge(alpha)`` on the
        same encoded columns; numbers are clipped to the range of the training targets.

        Parameters
        ----------
        **parameters
            Of the estimator, such as ``alpha`` (1 by default) or ``positive``.
        """
        return cls(**{**SIMPLER, **parameters})

    @property
    def _subject(self) -> str:
        """What results call the model, such as "the network"."""
        return subject_of(self._kind, self.get_params(deep=False))

    @abstractmethod
    def _target(self, y: NDArray[Any], weights: Floats) -> TargetOutputs:
        """The outputs of the network for a target."""

    def _outputs_for(self, y: TargetLike) -> OutputsOf:
        """What maps the target, as an array, and the sample weights to the outputs."""
        del y
        return self._target

    @with_checked_parameters
    def fit(
        self,
        X: Rows,
        y: TargetLike | None = None,
        sample_weight: WeightsLike = None,
        *,
        target: TargetNames | None = None,
        X_val: Rows | None = None,
        y_val: TargetLike | None = None,
        eval_set: EvalSet = None,
        groups: GroupsLike = None,
        time_column: TimesLike = None,
        checkpoint: "CheckpointLike" = None,
        max_memory: "MemoryLike" = None,
        cache: "PathLike | None" = None,
    ) -> Self:
        """Train on a table.

        Parameters
        ----------
        X : DataFrame (pandas, polars), Arrow table or array, shape (n_samples, n_features)
            Numbers, booleans and text; may have missing values, and be sparse (SciPy). Or the path
            of a file, with ``target``; the labels of a file are texts, as on the command line.
        y : array of shape (n_samples,) or (n_samples, n_targets), or DataFrame
            The target, or several: labels of two classes each, or numbers (see `for_target`).
        sample_weight : array of shape (n_samples,), optional
            A row of weight 2 counts exactly as two such rows. Therefore the scale of the weights
            matters in relation to ``alpha``: weights that sum to 1 count as a table of one row.
        target : str or list of str, optional
            The column of ``X`` that is the target, or those of several, instead of ``y``.
        X_val, y_val, eval_set : optional
            Held-out rows, which decide when to stop; then no row of X is held out. As other
            libraries have it, ``eval_set`` is (X_val, y_val) or [(X_val, y_val)].
        groups, time_column : array of shape (n_samples,), optional
            Rows of one group are never split between training and held-out rows. By dates or
            numbers, or a column of ``X`` that has them, held-out rows are the later ones.
        checkpoint : str, path or Checkpoint, optional
            A file for the state of the fit, every 30 seconds. If it is there, the same call goes on
            from it, to the same bits. It is removed at the end; `thalweg.Checkpoint` can keep it.
        max_memory, cache : optional
            With a path: what the table may take, such as "8GB". One network is fitted to a larger
            table, or a folder of files, by shards on the disk; ``cache`` is a folder to keep these.

        Returns
        -------
        self

        Raises
        ------
        DataError, SettingsError, OutputError
            If table or parameters are not valid, or the shards cannot be written.
        CheckpointError, DivergenceError
            If the checkpoint is damaged, or of another fit; if no epoch ended with finite numbers.
        UnfinishedError, KeyboardInterrupt
            For Ctrl-C before each network had an epoch to keep: the model is as it was before; and
            for a second Ctrl-C within two seconds of one that ended a fit.
        """
        if self._fit_larger(given := {**locals()}):
            return self
        return self._fit(self._given(given)._replace(checkpoint=checkpoint))

    def _fit_larger(self, given: Mapping[str, Any]) -> bool:
        """Fit on shards if a table is larger than its budget, and return whether it was.

        ``given`` are the arguments of `fit` by their names.
        """
        X, max_memory, cache = given["X"], given["max_memory"], given["cache"]
        if not is_path(X) and max_memory is None and cache is None:
            return False
        from thalweg.estimators.larger.fit_of_file import (
            OF_LARGER,
            LargerTable,
            budget_of_fit,
            larger_than_memory,
            require_one_target,
            require_path,
        )
        from thalweg.estimators.larger.refused_settings import require_no_more

        require_path(X, max_memory, cache)
        if max_memory is None and not os.path.isdir(X):
            return False
        if larger_than_memory(X, max_memory) is None:
            return False
        require_no_more({name: value for name, value in given.items() if name not in OF_LARGER})
        target = require_one_target(given["target"])
        table = LargerTable(X, target, budget_of_fit(max_memory), cache)
        with all_or_nothing(self):
            self._adopt(table.fit(self, of_classes=self._kind == CLASSIFIER, typed=True)[0])
        return True

    def _given(self, given: Mapping[str, Any]) -> "GivenRows":
        """The rows that `fit` was given, each as a table with its target."""
        from thalweg.estimators.learning.fit_plan import GivenRows

        of_classes, target = self._kind == CLASSIFIER, given["target"]
        X_val, y_val = held_out_rows(given["X_val"], given["y_val"], given["eval_set"], target)
        X, y = rows_with_target(
            given["X"], given["y"], target, of_classes=of_classes, is_new=True,
            max_memory=given["max_memory"],
        )  # fmt: skip
        if X_val is not None and y_val is None and target is not None:
            X_val, y_val = rows_with_target(X_val, y_val, target, of_classes=of_classes)
        weights, groups, times = (
            given[name] for name in ("sample_weight", "groups", "time_column")
        )
        return GivenRows(X, y, weights, X_val, y_val, groups, times)  # type: ignore[arg-type]

    def _fit(self, given: "GivenRows") -> Self:
        """Train on what `fit` was given."""
        from thalweg.estimators.learning.continuing import warm_fit
        from thalweg.estimators.learning.fit_plan import fit_plan
        from thalweg.estimators.learning.scikit_learn_callbacks import told_of_fit
        from thalweg.estimators.learning.train_networks import learn
        from thalweg.estimators.resuming.kept_fit import kept_fit, report_descents

        with all_or_nothing(self), kept_fit(self, given) as kept:
            if self.warm_start and self._fitted:
                self._adopt(warm_fit(self, self._fitted, given))
                return self
            plan = kept.plan(fit_plan(self, given, self._outputs_for(given.y), kept.seed))
            with told_of_fit(self, plan) as recipe:
                learned = learn(plan.lesson, recipe, plan.stopping)
                report_descents(learned, plan)
                self._adopt(plan.outcome(learned))
            kept.finish()
        return self

    def fit_more(
        self,
        X: Rows,
        y: TargetLike | None = None,
        epochs: int = 10,
        sample_weight: WeightsLike = None,
        *,
        target: TargetNames | None = None,
    ) -> Self:
        """Continue training the fitted networks for some epochs, on the rows of a table.

        The scaling of the columns stays, optimizer and schedule start again, no row is held out,
        and θ of the last epoch is kept (of the best so far, if Ctrl-C or a time limit ends
        training). ``history_`` is extended; out-of-fold results (``oof_score_``) are removed. It
        is an error if a parameter was changed that is fixed for fitted networks, such as
        ``hidden_layer_sizes`` or ``class_weight``.

        Parameters
        ----------
        X, y, sample_weight, target
            As in `fit`; the same columns, and no new class.
        epochs : int, default 10

        Returns
        -------
        self
        """
        return self._fit_more(self._more(X, y, sample_weight, target), epochs)

    def _more(
        self,
        X: Rows,
        y: TargetLike | None,
        sample_weight: WeightsLike,
        target: TargetNames | None,
    ) -> "GivenRows":
        """The rows that `fit_more` or `partial_fit` was given, as a table with its target."""
        from thalweg.estimators.learning.fit_plan import GivenRows

        X, y = rows_with_target(X, y, target, of_classes=self._kind == CLASSIFIER)
        return GivenRows(X, y, sample_weight)  # type: ignore[arg-type]

    def _fit_more(self, given: "GivenRows", epochs: int) -> Self:
        """Continue training on what `fit_more` was given."""
        from thalweg.estimators.learning.continuing import fit_more

        check_is_fitted(self)
        X, y, weights = given[:3]
        with all_or_nothing(self):
            self._adopt(fit_more(self, self._known, X, y, epochs, weights, given.offset))
        return self

    def _origin_of(self, X: TableLike, y: NDArray[Any]) -> "Origin":
        """Which of these rows trained the model, by the hashes that it keeps of its rows."""
        from thalweg.evaluation.any_estimator.row_origin import Origin, origin_by_hashes

        require_rates(self, y)
        schema, digests = self._known.schema, self._known.row_digests
        try:
            matrix = schema.matrix(X, unknown="ignore")
        except DataError:  # a table that cannot be read as that of the fit is another one
            return Origin(len(y), None)
        labels = labels_of_rows(y)
        same = data_hash(schema.names, schema.codings, matrix, labels) == self._known.data_hash
        return origin_by_hashes(matrix, labels, digests, same=same)

    @property
    def _several(self) -> SeveralOutputs | None:
        """What several targets are; None for one, and before a fit."""
        return None if self._fitted is None else self._fitted.several

    def _raw(self, X: Rows) -> Floats:
        """The outputs of each network for the rows of a table: networks × rows × outputs."""
        if self._fitted is None:
            check_is_fitted(self)
        return outputs_of(self._known.networks, read_for_predict(self, X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.sparse = True
        tags.input_tags.categorical = tags.input_tags.string = True
        tags.target_tags.multi_output = True
        return tags
