"""`importance`: which columns a fitted model leans on, and `oof_importance` on the rows of its fit.

The networks of thalweg are asked faster than other estimators, and know which rows trained them.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Unpack

import numpy as np
import pandas as pd

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.column_names import require_different
from thalweg.data.typing import GroupsLike, TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.importance.asked_networks import AskedEnsemble
from thalweg.estimators.importance.folds_again import folds_of_fit, why_none_held_out
from thalweg.estimators.importance.importance_of_fit import (
    TITLE,
    UNIT,
    constant_of_fit,
    fold_importance,
    most_rows,
    owned_columns,
    said_of_constant,
)
from thalweg.estimators.importance.importance_settings import (
    ImportanceSettings,
    require_use_of_client,
)
from thalweg.estimators.importance.model_columns import TableView, WithoutColumns, rows_in
from thalweg.estimators.importance.network_inside import answering_network, final_network
from thalweg.estimators.importance.split_network import SplitNetwork
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.offsets.rows_of_rates import require_rates
from thalweg.estimators.outputs.target_outputs import one_answer
from thalweg.estimators.repeated_descent import as_fitted
from thalweg.evaluation.answers import STOPPED, How, checked_weights
from thalweg.evaluation.any_estimator.inputs.asked_rows import (
    checked_groups,
    checked_target,
    checked_task,
    require_fitted,
)
from thalweg.evaluation.any_estimator.inputs.given_inputs import weights_given
from thalweg.evaluation.any_estimator.row_origin import Origin, origin_for, which_rows
from thalweg.evaluation.any_estimator.wrapped_estimator import predicts_numbers, wrapping
from thalweg.evaluation.comparing.beside_constant import BesideConstant
from thalweg.evaluation.importance.asked_estimator import AskedEstimator
from thalweg.evaluation.importance.asked_items import (
    PERMUTATIONS,
    AskedItems,
    ColumnGroups,
    checked_number,
)
from thalweg.evaluation.importance.chosen_rows import MOST_ROWS, chosen_rows, said_of_weights
from thalweg.evaluation.importance.donor_rows import donor_rows
from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.importance.loss_rise import AsksMoved, UsedRows, require_rows, risen
from thalweg.evaluation.importance.moved_tables import AnyTable
from thalweg.evaluation.importance.refit_without import Refits
from thalweg.evaluation.importance.row_losses import RowLosses
from thalweg.evaluation.model_protocol import require_one_target
from thalweg.evaluation.splits import count_cases
from thalweg.evaluation.task_judging import Task
from thalweg.parallel_map import usable_threads
from thalweg.training.progress import counting
from thalweg.wording import counted


def importance(
    model: Any,
    X: TableLike,
    y: TargetLike,
    groups: ColumnGroups = "auto",
    refit: bool = False,
    n_permutations: int = PERMUTATIONS,
    *,
    sample_weight: WeightsLike = None,
    row_groups: GroupsLike = None,
    seed: int = 0,
    verbose: int = 0,
    client: Any = None,
) -> pd.DataFrame:
    """The columns that a fitted model leans on, as the rise of its loss; docs/importance.md.

    *alone*: the rise if the cells of one column are permuted; *group*: those of columns that tell
    the same, together; *without*: the rise for models that are fitted without the column.

    Parameters
    ----------
    model : estimator
        Fitted: of thalweg, or any with ``predict`` and, for classes, ``predict_proba``.
    X, y : table, shape (n_samples, n_features), and array-like, shape (n_samples,)
        Rows that trained a model of thalweg are left out. If all of them did, each network answers
        the rows that it held out (`oof_importance`).
    groups : {"auto", None} or list of lists of str or int, default "auto"
        Permuted together. "auto": columns with an association of 0.7 or more (average linkage).
    refit : bool, default False
        Whether copies are fitted without each column and group, in 5 folds of all given rows.
    n_permutations : int, default 10
    sample_weight, row_groups : array of shape (n_samples,), optional
        How much each row counts; rows of one group depend on each other, such as those of a person.
    seed : int, default 0
        Of the permutations and intervals.
    verbose : int, default 0
        1 shows the progress on standard error.
    client : Client of Dask, optional: with ``refit=True`` it fits the copies (docs/cluster.md)

    Returns
    -------
    DataFrame
        A row for each group and each column outside, the greatest rise first; the columns of a
        group follow it. ``column`` names it, ``value low high`` are the rise and its 95 % interval
        over the rows, ``kind`` is "alone" or "group", ``group`` is the group of a member,
        ``members`` are the columns, ``networks_low networks_high`` the least and the greatest rise
        of a single network, ``share`` the rise as a share of the way from the best constant answer
        to the model; with ``refit`` also ``without without_low without_high``. ``attrs`` says
        which rows were used, the loss of the model and of the constant, and the measure.

    Raises
    ------
    DataError
        Below 50 rows, or if the model is not shown to know more than a constant answer.
    """
    found = find_importance(
        model, X, y, groups=groups, refit=refit, n_permutations=n_permutations, client=client,
        sample_weight=sample_weight, row_groups=row_groups, seed=seed, verbose=verbose,
    )  # fmt: skip
    return found.frame()


def oof_importance(
    model: NetworkEstimator, X: TableLike, y: TargetLike, **settings: Unpack[ImportanceSettings]
) -> pd.DataFrame:
    """The same from the rows of the fit: each network answers the rows that it held out, alone.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted; its networks held rows out.
    X, y
        As they were given to `fit`; rows may have another order.
    **settings
        As in `importance`: ``sample_weight`` as it was given to `fit`, and ``row_groups`` as its
        ``groups``.

    Raises
    ------
    SettingsError
        If the networks held no row out.
    DataError
        If these are not the rows of the fit; and as in `importance`.
    """
    asked = _Asked.of(model, X, y, settings)
    return asked.refitted(asked.by_folds(model)).frame()


def find_importance(
    model: Any,
    X: TableLike,
    y: TargetLike,
    origin: Origin | None = None,
    beside: BesideConstant | None = None,
    **settings: Unpack[ImportanceSettings],
) -> Importance:
    """`importance` as an object.

    Parameters
    ----------
    model, X, y, **settings
        As in `importance`.
    origin : Origin, optional
        Which rows trained the model, where it is known.
    beside : BesideConstant, optional
        What a verdict on these rows found.
    """
    require_one_target(model)
    asked = replace(_Asked.of(model, X, y, settings), beside=beside)
    return asked.refitted(asked.found(origin))


def require_shown_knowledge(
    model: Any,
    X: TableLike,
    y: TargetLike,
    origin: Origin,
    *,
    sample_weight: WeightsLike = None,
    row_groups: GroupsLike = None,
    seed: int = 0,
) -> None:
    """Raise a DataError unless rows show that a model knows more than a constant answer.

    Parameters
    ----------
    model : estimator
        Fitted.
    X, y : table, shape (n_samples, n_features), and array-like, shape (n_samples,)
    origin : Origin
        Which of the rows trained the model: the others are asked.
    sample_weight, row_groups : array of shape (n_samples,), optional
    seed : int, default 0
        Of the interval.

    Raises
    ------
    DataError
        Below 50 other rows; or if the model is not shown to know more than a constant answer.
    """
    settings: ImportanceSettings = {
        "groups": None, "n_permutations": 1, "sample_weight": sample_weight,
        "row_groups": row_groups, "seed": seed,
    }  # fmt: skip
    asked = _Asked.of(model, X, y, settings)
    asks, used, _, _ = asked.asks(origin.left)
    risen(asks, [], used, seed)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A fitted model and a table, understood."""

    model: Any
    X: Any
    given_y: Any
    y: np.ndarray
    task: Task
    groups: ColumnGroups
    refit: bool
    n_permutations: int
    weights: np.ndarray | None
    row_groups: np.ndarray | None
    seed: int
    verbose: int
    client: Any = None
    beside: BesideConstant | None = None

    @classmethod
    def of(cls, model: Any, X: Any, y: Any, settings: ImportanceSettings) -> "_Asked":
        """The same, checked."""
        network = final_network(model)
        if network is not None and network._fitted is not None:
            one_answer(network._known.outputs, "Importance")
            require_rates(network, y)
        if not hasattr(model, "predict"):
            raise SettingsError(
                f"A {type(model).__name__} has no predict",
                fix="pass a fitted model first: thalweg.importance(model, X, y)",
            )
        if isinstance(X, pd.DataFrame):  # tables of other types have different names
            require_different([str(name) for name in X.columns])
        require_use_of_client(settings)
        n_permutations = checked_number("n_permutations", settings, PERMUTATIONS, 1, 1000)
        seed = checked_number("seed", settings, 0, 0, 2**32 - 1)
        regression = predicts_numbers(model)
        target = checked_target(np.asarray(unmasked(y)), rows_in(X), regression=regression)
        require_fitted(
            model, X, where="", why="Importance is that of a fitted model",
            fix="fit it first, as in model.fit(X_train, y_train)",
        )  # fmt: skip
        wrapping(model, of_classes=not regression, fitted=True)
        return cls(
            model,
            X,
            y,
            target,
            checked_task(model, target, None, regression=regression, given=True).of(
                network or model
            ),
            settings.get("groups", "auto"),
            bool(settings.get("refit", False)),
            n_permutations,
            _weights(settings.get("sample_weight"), len(target)),
            checked_groups(settings.get("row_groups"), len(target)),
            seed,
            int(settings.get("verbose", 0)),
            settings.get("client"),
        )

    @property
    def _network(self) -> NetworkEstimator | None:
        return answering_network(self.model)

    def found(self, origin: Origin | None = None) -> Importance:
        """From rows that did not train the model, as far as that is known."""
        n_rows = len(self.y)
        if origin is None:
            origin = origin_for(self.model, self.X, self.y) or Origin(n_rows, None)
        if len(origin.left):
            return self._on(origin.left, origin.how, which_rows(origin, "it"))
        network = self._network
        if network is not None and origin.exact:
            known = network._known
            if not why_none_held_out(known.stopping, known.also):
                return self.by_folds(network)
        raise DataError(
            "The rows trained the model, so they do not say what it leans on for new rows",
            where=counted(n_rows, "row"),
            why=which_rows(origin, "it"),
            fix="give rows that the model was not trained on",
        )

    def by_folds(self, network: NetworkEstimator) -> Importance:
        """From the rows of the fit, each answered by the network that held it out."""
        held = folds_of_fit(network, self.X, self.given_y, self.weights, self.row_groups)
        return fold_importance(
            network._known, held.lesson, held.networks, held.rows, STOPPED,
            groups=self.groups, n_permutations=self.n_permutations, seed=self.seed,
            threads=usable_threads(network.n_jobs), verbose=self.verbose,
        )  # fmt: skip

    def _on(self, left: np.ndarray, how: How, said: str) -> Importance:
        """From these rows, which the model answers as `predict` does."""
        asks, used, also, threads = self.asks(left)
        view = self._view
        # Groups of columns are found in all rows: they do not depend on the target.
        asked = AskedItems.of(
            view.names, self.groups, view.own, view.n_levels, UsedRows(len(self.y), self.weights),
            self.n_permutations, self.seed,
        )  # fmt: skip
        said = f"{said} {also}".strip()
        with counting(TITLE, len(asked.items), self.verbose, UNIT) as tell:
            return asked.found(asks, used, how, said, tell=tell, threads=threads)

    def asks(self, left: np.ndarray) -> tuple[AsksMoved, UsedRows, str, int]:
        """The model and these rows; what is said of the rows, and how many threads may ask."""
        view = self._view
        weights, row_groups = (
            None if mark is None else mark[left] for mark in (self.weights, self.row_groups)
        )
        network, most = self._network, MOST_ROWS
        if network is not None:
            most = most_rows(network.members_, each_has_all=True)
        truth = self.task.truth(self.y)
        chosen = chosen_rows(
            view.matrix[left], truth[left].astype(np.float64), self.seed,
            weights=weights, groups=row_groups, most=most,
        )  # fmt: skip
        require_rows(chosen.used)
        places = left[chosen.places]
        used = replace(
            chosen.used, n_different=count_cases(view.matrix[places], chosen.used.groups)
        )
        constant = self._constant
        losses = RowLosses(self.task, truth[places], constant, self.beside)
        donors = donor_rows(used.n, self.n_permutations, self.seed, used.weights)
        asks: AsksMoved
        threads = 1
        if network is None:
            asks = AskedEstimator(
                self.model, AnyTable(AnyTable(self.X).rows(places)), losses, donors
            )
        else:
            threads = usable_threads(network.n_jobs)
            matrix = view.matrix[places]
            splits = tuple(SplitNetwork(each, matrix) for each in network.members_)
            owns = owned_columns(network.schema_)
            asks = AskedEnsemble(network._known, splits, owns, losses, donors, used.weights)
        also = "" if final_network(self.model) is None else said_of_constant(constant)
        said = " ".join(filter(None, (said_of_weights(weights), chosen.said, also)))
        return asks, used, said, threads

    @property
    def _constant(self) -> np.ndarray | None:
        """The constant answer of the rows of the fit, or of a verdict on these rows."""
        network = final_network(self.model)
        found = None if network is None else constant_of_fit(network._known, self.task)
        return self.beside.answer[:1] if found is None and self.beside is not None else found

    def refitted(self, found: Importance) -> Importance:
        """With what copies lose that are fitted without each column and group, if that is asked."""
        if not self.refit:
            return found
        network, view = self._network, self._view
        if network is not None and network._known.also == "times":
            raise SettingsError(
                "A model whose rows have an order in time cannot be fitted again in folds",
                why="Its folds would not be later than their training rows",
                fix="leave out refit",
            )
        own = self.model if network is not self.model else as_fitted(network)
        copies = WithoutColumns(own, view.names)
        items = [rise.members for rise in found.rises]
        asked = AskedItems(
            view.names, [item for item in items if len(item) > 1], self.n_permutations, self.seed
        )
        weights = self.weights
        counted_rows = np.arange(len(self.y)) if weights is None else np.flatnonzero(weights > 0)
        refits = Refits(
            copies,
            AnyTable(AnyTable(self.X).rows(counted_rows)),
            view.places,
            self.y[counted_rows],
            view.matrix[counted_rows],
            RowLosses(self.task, self.task.truth(self.y[counted_rows])),
            UsedRows(
                len(counted_rows),
                None if weights is None else weights[counted_rows],
                None if self.row_groups is None else self.row_groups[counted_rows],
                of_folds=True,
            ),
            self.client,
        )
        with counting("Refits", 1 + len(items), self.verbose, "fit") as tell:
            return asked.with_refits(found, refits, tell)

    @cached_property
    def _view(self) -> TableView:
        if self._network is not None:
            return TableView.of_network(self._network, self.X)
        return TableView.of_table(self.X, needed=self.groups is not None)


def _weights(given: WeightsLike, n_rows: int) -> np.ndarray | None:
    found = weights_given(given)
    return None if found is None else checked_weights(found, n_rows)
