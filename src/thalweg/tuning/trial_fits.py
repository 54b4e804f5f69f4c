"""One trial: the estimator's own folds with other settings, and its out-of-fold predictions.

The table is read once, and divided into folds once, so all trials answer the same rows in the same
folds. A trial gives the networks that a fit with its settings gives, bit for bit.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from thalweg.errors import DivergenceError, SettingsError, Status
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.learning.fit_plan import FitPlan, GivenRows, fit_plan
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.learning.out_of_fold import held_out_of, judged, networks_by_others
from thalweg.estimators.learning.train_networks import Learned, Part, learn
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.parameters.parameter import Setting
from thalweg.estimators.parameters.resolved_parameters import (
    fit_settings,
    recipe_of,
    stopping_together,
)
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.training.descent.others_epochs import ByOthers
from thalweg.tuning.losses_of_trials import TrialLosses, row_losses
from thalweg.tuning.search_spaces import OneOf, Space
from thalweg.wording import parameter, shown

# What a step of any network takes besides its weights, as so many of them.
_STEP_IN_WEIGHTS = 50_000
Model = ThalwegClassifier | ThalwegRegressor


class TrialFit(NamedTuple):
    """What a trial gave.

    Attributes
    ----------
    networks : tuple of Network
        Those of a fit.
    by_others : tuple of Network
        Each at the epoch that the other folds find best; empty if their weights were not kept.
    n_ended_earlier : int
        As in `OutOfFold`.
    predicted : ndarray of float32, shape (n_rows,) or (n_rows, n_answers)
        Of the canonical rows that were held out, by networks that they did not train.
    seconds : float
    """

    networks: tuple[Network, ...]
    by_others: tuple[Network, ...]
    n_ended_earlier: int
    predicted: NDArray[np.float32]
    seconds: float

    @property
    def multiplications(self) -> int:
        """How many its networks need for a row, encoders and activations aside."""
        return sum(_n_weights(each.architecture.sizes) for each in self.networks)


class TrialPace(NamedTuple):
    """How fast the default was trained, to know what a wider network takes at least.

    Attributes
    ----------
    seconds_of_weight : float
        For one weight in one epoch.
    n_inputs, n_outputs, n_networks : int
    """

    seconds_of_weight: float
    n_inputs: int
    n_outputs: int
    n_networks: int

    @classmethod
    def of(cls, fit: TrialFit, seconds: float) -> "TrialPace":
        """That of a fit which took so many seconds."""
        sizes = fit.networks[0].architecture.sizes
        n_epochs = sum(len(each.history) for each in fit.networks)
        work = n_epochs * (_STEP_IN_WEIGHTS + _n_weights(sizes))
        return cls(seconds / work, sizes[0], sizes[-1], len(fit.networks))

    def least_seconds(self, hidden: Sequence[int]) -> float:
        """What networks with these hidden layers take before any of them can be ended.

        That is about four epochs of each: its start, its first slice, and what is kept of it.
        """
        n_weights = _n_weights((self.n_inputs, *hidden, self.n_outputs))
        return 4 * self.n_networks * self.seconds_of_weight * (_STEP_IN_WEIGHTS + n_weights)


def _n_weights(sizes: Sequence[int]) -> int:
    return sum(a * b for a, b in pairwise(sizes))


class CutTrial(Exception):
    """Ctrl-C or the time limit ended a trial; ``status`` says which."""

    def __init__(self, status: Status) -> None:
        self.status = status
        super().__init__(status.name)


@dataclass(frozen=True, eq=False)
class TrialTable:
    """The table of a search with its folds.

    Attributes
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
        Unfitted, with a whole number as ``random_state``.
    plan : FitPlan
        That of its fit.
    """

    estimator: Model
    plan: FitPlan

    @classmethod
    def of(cls, estimator: Model, given: GivenRows, verb: str = "tune") -> "TrialTable":
        """Read the table for a verb; raises where no folds of one target are trained."""
        require_plain(estimator, verb)
        plan = fit_plan(estimator, given, estimator._outputs_for(given.y))
        if plan.target.parts:
            raise SettingsError(
                f"{verb} takes one target",
                why="Several targets would need one decision for all of them",
                fix=f"{verb} the estimator of each target by itself",
            )
        if plan.stopping.way != "folds":
            raise SettingsError(
                f"{verb} compares settings on held-out rows of folds, and this fit has "
                f"{plan.stopping.way!r}",
                fix=f"take {parameter('early_stopping', 'folds')}",
            )
        return cls(estimator, plan)

    @cached_property
    def splits(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """The training and the held-out rows of each network of a trial."""
        parts: list[Part] = [*self.plan.stopping.splits]
        return held_out_of(Learned([], [], parts, "folds"))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which canonical rows are held out from some network."""
        found = np.zeros(len(self.plan.lesson.y), np.bool_)
        for _, held_out in self.splits:
            found[held_out] = True
        return found

    @cached_property
    def losses(self) -> TrialLosses:
        """How predictions are evaluated."""
        return row_losses(self.plan.lesson, self.known)

    @property
    def shape_of_predicted(self) -> tuple[int, ...]:
        """The shape of the out-of-fold predictions of a trial."""
        n_rows, outputs = int(self.known.sum()), self.plan.lesson.outputs
        if isinstance(outputs, Classes):
            return n_rows, len(outputs.labels)
        return (n_rows, outputs.n_outputs) if isinstance(outputs, Quantiles) else (n_rows,)

    def gives(self, fit: TrialFit) -> bool:
        """Whether the networks of a trial give the predictions that it has."""
        networks = fit.by_others or fit.networks
        found = judged(networks, self.splits, self.plan.lesson)[0][self.known]
        return np.allclose(found, fit.predicted, 1e-3, 1e-4 * float(np.std(fit.predicted)))

    def with_settings(self, changes: Mapping[str, Setting]) -> Model:
        """The estimator of a trial, unfitted."""
        model: Model = clone(self.estimator).set_params(**changes)
        model._validate_params()
        return model

    def plan_for(self, model: Model, threads: int = 1, time_limit: float | None = None) -> FitPlan:
        """The plan of the fit of a trial, on the rows and folds of all."""
        plan, lesson = self.plan, self.plan.lesson
        recipe = recipe_of(model, lesson.n_lessons, lesson.n_numbers, plan.recipe.settings.seed)
        recipe = replace(
            stopping_together(model, recipe), threads=threads, time_limit=time_limit, verbose=0
        )
        return replace(plan, recipe=recipe, settings=fit_settings(model.get_params()))

    def run(
        self, changes: Mapping[str, Setting], threads: int, time_limit: float | None = None
    ) -> TrialFit | None:
        """Train the folds of a trial; None if one diverged in its first epoch.

        Raises
        ------
        CutTrial
            If Ctrl-C or the time limit ended it.
        """
        began = time.monotonic()
        plan = self.plan_for(self.with_settings(changes), threads, time_limit)
        try:
            learned = learn(plan.lesson, plan.recipe, plan.stopping)
        except DivergenceError:
            return None
        for status in (Status.INTERRUPTED, Status.TIME_LIMIT):
            if any(each.status is status for each in learned.descents):
                raise CutTrial(status)
        if any(each.best_epoch == 0 for each in learned.descents):
            return None
        by_others = networks_by_others(learned)
        predicted, _ = judged(by_others, self.splits, plan.lesson)
        unseen = learned.unseen
        return TrialFit(
            tuple(learned.networks),
            () if unseen is None else tuple(by_others),
            0 if unseen is None else unseen.n_ended_earlier,
            predicted[self.known].astype(np.float32),
            time.monotonic() - began,
        )

    def fitted(self, trials: Sequence[TrialFit], changes: Mapping[str, Setting]) -> Fitted:
        """The result of a fit whose networks are those of some trials.

        Parameters
        ----------
        trials : sequence of TrialFit
            A trial that counts more than once is there more than once.
        changes : mapping
            The settings of the first.
        """
        plan = self.plan_for(self.with_settings(changes))
        networks = [each for trial in trials for each in trial.networks]
        unseen = None
        if all(trial.by_others for trial in trials):
            others = [each for trial in trials for each in trial.by_others]
            unseen = ByOthers(
                tuple(each.best_epoch for each in others),
                tuple(_valid_loss(each) for each in others),
                tuple(each.theta for each in others),
                tuple(plan.lesson.weights[held].sum() for _ in trials for _, held in self.splits),
                sum(trial.n_ended_earlier for trial in trials),
            )
        splits: list[Part] = [*plan.stopping.splits] * len(trials)
        return plan.outcome(Learned(networks, [], splits, "folds", unseen=unseen))


def _valid_loss(network: Network) -> float:
    found = network.history[network.best_epoch - 1]["valid_loss"]
    assert found is not None
    return float(found)


def require_taken(space: Space, estimator: Model) -> None:
    """Raise a SettingsError for a space with a value that the estimator does not take."""
    names = estimator.get_params()
    for name, each in space.dimensions.items():
        if name not in names:  # such as layers and width, of a ready-made space
            continue
        for value in each.values if isinstance(each, OneOf) else (each.low, each.high):
            try:
                clone(estimator).set_params(**{name: value})._validate_params()
            except ValueError as error:
                raise SettingsError(
                    f"The space has {shown(value)} of {name}, which the estimator does not take",
                    why=str(error),
                    fix=f"give other values of {name}; whole numbers without a point",
                ) from error


def require_plain(estimator: Any, verb: str = "tune") -> None:
    """Raise a SettingsError for an estimator that a search cannot fit again and again."""
    if not isinstance(estimator, ThalwegClassifier | ThalwegRegressor):
        raise SettingsError(
            f"{verb} takes a ThalwegClassifier or ThalwegRegressor, not {shown(estimator)}",
            fix=f"give one of them, unfitted, as in {verb}(ThalwegClassifier(), X, y)",
        )
    asked = {
        "warm_start": (estimator.warm_start, False), "importance": (estimator.importance, False),
        "callbacks": (estimator.callbacks or None, None),
        "time_limit": (estimator.time_limit, None),
        "interval_kind": (getattr(estimator, "interval_kind", "plain"), "plain"),
    }  # fmt: skip
    for name, (value, plain) in asked.items():
        if value != plain:
            raise SettingsError(
                f"{verb} does not take an estimator with {parameter(name, value)}",
                why="Many settings are tried, and at most one model is kept",
                fix=f"leave it at {parameter(name, plain)}, and ask for it afterwards"
                if name != "time_limit" or verb != "tune"
                else "set time_limit=None, and give tune(time_limit=…)",
            )
