"""The fits of a sweep: one value of a setting, and its loss in each fold.

Without ``cv`` a value is one fit of the estimator: its own folds are trained side by side, and each
row is evaluated by the networks that did not train it, each at the epoch that the other folds find
best. With ``cv`` a value is a whole fit of the estimator on the training rows of each fold, as in
scikit-learn's ``validation_curve``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import check_cv

from thalweg.errors import DivergenceError, SettingsError, Status
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.learning.out_of_fold import judged, networks_by_others
from thalweg.estimators.learning.train_networks import Recipe, learn
from thalweg.estimators.parameters.auto_by_width import hidden_units
from thalweg.estimators.parameters.parameter import CLASSIFIER, Setting
from thalweg.tuning.losses_of_trials import TrialLosses, class_shares
from thalweg.tuning.search_spaces import resolved_settings
from thalweg.tuning.trial_fits import CutTrial, Model, TrialTable
from thalweg.wording import shown

# What decides the weights of a fit; the rest of a recipe is the same for all values.
_DECIDES = ("hidden", "activation", "dtype", "alpha", "settings", "cut", "n_networks")
# Settings whose "auto" depends on the rows of a fold.
_BY_ROWS = ("batch_size", "max_iter", "n_bins", "n_iter_no_change", "layers", "width", "beta_2")
_LEAST = float(np.finfo(np.float64).eps)


def _of_values(settings: Mapping[str, Setting]) -> dict[str, Setting]:
    """Settings where "auto" is a number whatever the rows; layers as a tuple."""
    found = {name: each for name, each in settings.items() if name not in _BY_ROWS}
    if "hidden_layer_sizes" in found:
        found["hidden_layer_sizes"] = hidden_units(found["hidden_layer_sizes"])
    return found


class FoldLosses(NamedTuple):
    """The losses of one value.

    Attributes
    ----------
    losses, train_losses : tuple of float
        By fold, of its held-out and of its training rows; empty if a fold has no weights.
    n_diverged : int
    """

    losses: tuple[float, ...]
    train_losses: tuple[float, ...]
    n_diverged: int


class Folds(Protocol):
    """What a sweep fits and evaluates."""

    @property
    def weights(self) -> tuple[tuple[float, float], ...]:
        """The weight of the held-out and of the training rows of each fold."""

    @property
    def loss_name(self) -> str:
        """What the losses are."""

    def resolved(self) -> dict[str, Any]:
        """The settings of the estimator as it is, with their "auto" resolved."""

    def same(self, changes: Mapping[str, Setting]) -> bool:
        """Whether these settings give the fit of the estimator as it is."""

    def fit(self, changes: Mapping[str, Setting], threads: int) -> FoldLosses:
        """Fit one value; raises a CutTrial if Ctrl-C ended it."""

    def constant(self) -> tuple[float, ...]:
        """By fold, the held-out loss of the best constant answer of its training rows."""


@dataclass(frozen=True, eq=False)
class OwnFolds:
    """The estimator's own folds."""

    table: TrialTable

    @cached_property
    def weights(self) -> tuple[tuple[float, float], ...]:
        """The weight of the held-out and of the training rows of each fold."""
        of = self.table.plan.lesson.weights
        return tuple((float(of[held].sum()), float(of[rows].sum()))
                     for rows, held in self.table.splits)  # fmt: skip

    @property
    def loss_name(self) -> str:
        """What the losses are."""
        return self.table.losses.name

    def resolved(self) -> dict[str, Any]:
        """The settings of the estimator as it is, with their "auto" resolved."""
        recipe, estimator = self.table.plan.recipe, self.table.estimator
        found = resolved_settings(estimator._kind, estimator.get_params(), recipe.cut.n_bins)
        batch, patience = recipe.settings.batch_size, recipe.settings.patience
        return {**found, "batch_size": batch, "n_iter_no_change": patience,
                "max_iter": recipe.settings.max_epochs, "dtype": recipe.dtype}  # fmt: skip

    def same(self, changes: Mapping[str, Setting]) -> bool:
        """Whether these settings give the fit of the estimator as it is."""
        other = self._recipe(self.table.with_settings(changes))
        own = self._recipe(self.table.estimator)
        return all(getattr(own, name) == getattr(other, name) for name in _DECIDES)

    def _recipe(self, model: Model) -> Recipe:
        return self.table.plan_for(model).recipe

    def fit(self, changes: Mapping[str, Setting], threads: int) -> FoldLosses:
        """Train the folds side by side, and evaluate each on its rows."""
        plan = self.table.plan_for(self.table.with_settings(changes), threads)
        learned = learn(plan.lesson, plan.recipe, plan.stopping)
        if any(each.status is Status.INTERRUPTED for each in learned.descents):
            raise CutTrial(Status.INTERRUPTED)
        n_diverged = sum(each.status is Status.DIVERGED for each in learned.descents)
        if any(each.best_epoch == 0 for each in learned.descents):
            return FoldLosses((), (), n_diverged)
        networks = networks_by_others(learned)
        held = [
            self._loss(network, held_out)
            for network, (_, held_out) in zip(networks, self.table.splits, strict=True)
        ]
        trained = [
            self._loss(network, rows)
            for network, (rows, _) in zip(networks, self.table.splits, strict=True)
        ]
        return FoldLosses(tuple(held), tuple(trained), n_diverged)

    def constant(self) -> tuple[float, ...]:
        """By fold, the held-out loss of the best constant answer of its training rows."""
        found = []
        for rows, held_out in self.table.splits:
            trained, held = self._losses_of(rows), self._losses_of(held_out)
            answer = np.asarray(trained.constant_by(trained.y, trained.weights))
            found.append(held.mean(np.broadcast_to(answer, (len(held.y), *answer.shape))))
        return tuple(found)

    def _loss(self, network: Network, rows: NDArray[np.intp]) -> float:
        """The mean loss of a network on some rows."""
        predicted, _ = judged([network], [(rows, rows)], self.table.plan.lesson)
        return self._losses_of(rows).mean(predicted[rows])

    def _losses_of(self, rows: NDArray[np.intp]) -> TrialLosses:
        lesson = self.table.plan.lesson
        return replace(
            self.table.losses, y=lesson.y[rows], weights=lesson.weights[rows], groups=None
        )


@dataclass(frozen=True, eq=False)
class FoldsAround:
    """A cross-validation around the estimator: each fold is a fit of its own.

    Attributes
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
    X, y : DataFrame or ndarray, and ndarray
    sample_weight : ndarray or None
    splits : sequence of (ndarray, ndarray)
        Training and test rows.
    """

    estimator: Model
    X: Any
    y: NDArray[Any]
    sample_weight: NDArray[np.float64] | None
    splits: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]

    @classmethod
    def of(cls, estimator: Model, given: GivenRows, cv: Any) -> "FoldsAround":
        """From the arguments of a sweep; raises where the loss is none that scikit-learn has."""
        if given.groups is not None or given.time_column is not None:
            raise SettingsError(
                "cv and groups, or a time column, exclude each other",
                why="cv says which rows are held out",
                fix="leave cv out; or give cv as pairs of training and test rows",
            )
        loss = estimator.get_params().get("loss")
        if estimator._kind != CLASSIFIER and loss not in (None, "squared_error"):
            raise SettingsError(
                f"cv evaluates by the squared error, and the estimator has loss={shown(loss)}",
                fix="leave cv out: the estimator's own folds are evaluated by its loss",
            )
        X = given.X if hasattr(given.X, "iloc") else np.asarray(given.X)
        y = np.asarray(given.y)
        weights = None if given.sample_weight is None else np.asarray(given.sample_weight, float)
        splitter = check_cv(cv, y, classifier=estimator._kind == CLASSIFIER)
        return cls(estimator, X, y, weights, list(splitter.split(X, y)))

    @cached_property
    def weights(self) -> tuple[tuple[float, float], ...]:
        """The weight of the held-out and of the training rows of each fold."""
        of = np.ones(len(self.y)) if self.sample_weight is None else self.sample_weight
        return tuple((float(of[test].sum()), float(of[train].sum())) for train, test in self.splits)

    @property
    def loss_name(self) -> str:
        """What the losses are."""
        return "log-loss" if self.estimator._kind == CLASSIFIER else "squared error"

    def resolved(self) -> dict[str, Any]:
        """The settings of the estimator as it is, with "auto" resolved where that is known."""
        settings = self.estimator.get_params()
        return resolved_settings(self.estimator._kind, settings, settings["n_bins"])

    def same(self, changes: Mapping[str, Setting]) -> bool:
        """Whether these settings give the fit of the estimator as it is."""
        own = {**self.estimator.get_params(), **_of_values(self.resolved())}
        return all(own[name] == value for name, value in _of_values(changes).items())

    def fit(self, changes: Mapping[str, Setting], threads: int) -> FoldLosses:
        """Fit the estimator on the training rows of each fold."""
        held, trained, n_diverged, has_all = [], [], 0, True
        for train, test in self.splits:
            model: Model = clone(self.estimator).set_params(**changes, n_jobs=threads)
            weights = None if self.sample_weight is None else self.sample_weight[train]
            try:
                model.fit(self._of(train), self.y[train], weights)
            except DivergenceError:
                n_diverged, has_all = n_diverged + 1, False
                continue
            if any(each.status is Status.INTERRUPTED for each in model.members_):
                raise CutTrial(Status.INTERRUPTED)
            n_diverged += any(each.status is Status.DIVERGED for each in model.members_)
            held.append(self._loss(model, test))
            trained.append(self._loss(model, train))
        if not has_all:
            return FoldLosses((), (), n_diverged)
        return FoldLosses(tuple(held), tuple(trained), n_diverged)

    def constant(self) -> tuple[float, ...]:
        """By fold, the held-out loss of the best constant answer of its training rows."""
        y, found = self.y, []
        every = np.ones(len(y)) if self.sample_weight is None else self.sample_weight
        if self.estimator._kind == CLASSIFIER:
            places = np.unique(y, return_inverse=True)[1]
        for train, test in self.splits:
            if self.estimator._kind == CLASSIFIER:
                shares = class_shares(places[train], every[train], int(places.max()) + 1)
                losses = -np.log(np.clip(shares[places[test]], _LEAST, 1 - _LEAST))
            else:
                losses = (np.average(y[train], weights=every[train]) - y[test]) ** 2
            found.append(float(np.average(losses, weights=every[test])))
        return tuple(found)

    def _of(self, rows: NDArray[np.intp]) -> Any:
        return self.X.iloc[rows] if hasattr(self.X, "iloc") else self.X[rows]

    def _loss(self, model: Model, rows: NDArray[np.intp]) -> float:
        """The mean loss of a model on some rows, as scikit-learn has it."""
        weights = None if self.sample_weight is None else self.sample_weight[rows]
        if self.estimator._kind != CLASSIFIER:
            errors = (np.asarray(model.predict(self._of(rows))) - self.y[rows]) ** 2
        else:
            known = {label: place for place, label in enumerate(model.classes_.tolist())}
            places = np.array([known.get(each, -1) for each in self.y[rows].tolist()])
            shares = model.predict_proba(self._of(rows))
            right = np.where(places < 0, 0.0, shares[np.arange(len(rows)), places])
            errors = -np.log(np.clip(right, _LEAST, 1 - _LEAST))
        return float(np.average(errors, weights=weights))
