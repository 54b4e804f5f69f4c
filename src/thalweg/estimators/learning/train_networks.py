"""Train the networks of a fit: which rows, how many networks, how many epochs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from thalweg.data.encoding.piecewise_linear import UNCUT, Cut
from thalweg.data.typing import Label
from thalweg.errors import Status
from thalweg.estimators.learning.early_stopping_splits import FOLDS, Rows, Split, Stopping
from thalweg.estimators.learning.encoded_training_data import (
    Lesson,
    Place,
    member_seed,
    place,
    starting_point,
)
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.learning.interrupted_fit import Clock, require_epochs
from thalweg.estimators.learning.scoring import BestByScore, jury_of
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.training.callbacks import Callback
from thalweg.training.descent.network_memory import (
    TrainingMemory,
    names_what_to_shrink,
    require_memory_for,
)
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.training.descent.others_epochs import ByOthers, KeepsOthersBest, by_others, keepers_of
from thalweg.training.descent.pooled_patience import Pooled
from thalweg.training.descent.training_settings import Settings
from thalweg.training.descent_inputs import Member
from thalweg.training.history import column
from thalweg.training.keeping.fit_keeper import FitKeeper
from thalweg.training.many import train_many
from thalweg.training.mean_of_networks import mean_curve, report_mean
from thalweg.training.progress import watch
from thalweg.training.train import Descent

# The folds' share of a time limit, if networks on all rows are trained after them.
SHARE_OF_FOLDS = 0.8
# The share of folds that callbacks do not hear of, before those that they hear of.
SHARE_OF_UNHEARD = 0.4

# Training rows, and held-out rows if there are some.
Part = tuple[Rows, Rows | None]
# A network: its training and held-out rows, and the number from which it draws its start.
Wanted = tuple[Part, int]


@dataclass(frozen=True, eq=False)
class Recipe:
    """How networks are trained.

    Attributes
    ----------
    hidden : tuple of int
    activation : str, or sequence of str
    dtype : {"float32", "float64"}
    alpha : float
    settings : Settings
    cut : Cut
        The bins of numbers.
    n_folds : int
        The number of folds, if early stopping has folds.
    n_networks : int
        The number of networks for each split; one for folds that are kept.
    scoring : str, callable or None
        The score that early stopping uses instead of the loss.
    positive : label or None
        The positive class, for scores that have one, if the user named it.
    threads : int
    time_limit : float or None
        Seconds for everything.
    callbacks : sequence of Callback
        Called for the networks that are kept, one after another.
    verbose, title : int and str
    keeper : FitKeeper or None
        The checkpoint of the fit.
    """

    hidden: tuple[int, ...]
    activation: str | Sequence[str]
    dtype: str
    alpha: float
    settings: Settings
    cut: Cut = UNCUT
    n_folds: int = FOLDS
    n_networks: int = 1
    scoring: str | Callable[..., float] | None = None
    positive: Label | None = None
    threads: int = 1
    time_limit: float | None = None
    callbacks: Sequence[Callback] = ()
    verbose: int = 0
    title: str = "Training"
    keeper: FitKeeper | None = None

    def memory(
        self, n_inputs: int, n_outputs: int, n_networks: int, n_folds: int
    ) -> TrainingMemory:
        """What these networks take while they are trained."""
        return TrainingMemory(
            sizes=(n_inputs, *self.hidden, n_outputs), dtype=self.dtype,
            optimizer=self.settings.optimizer, n_networks=n_networks, n_folds=n_folds,
            threads=1 if self.callbacks else self.threads,
            n_thetas=1 if self.scoring is None else 2, has_checkpoint=self.keeper is not None,
        )  # fmt: skip


class Trial(NamedTuple):
    """One training run: its encoded rows, its start, and what watches it, if anything does.

    That is the score that stops it, and what keeps the weights that the other folds find best.
    """

    place: Place
    member: Member
    jury: BestByScore | None
    keeper: KeepsOthersBest | None = None

    def network(self, descent: Descent) -> Network:
        """The trained network: the result of the run, with its encoder and outputs."""
        scores: tuple[float, ...] = ()
        where, jury = self.place, self.jury
        theta, best_epoch = descent.theta, descent.best_epoch
        if jury is not None and jury.theta is not None:
            theta, best_epoch, scores = jury.theta, jury.best_epoch, tuple(jury.scores)
        return Network(
            where.encoder, self.member.architecture, theta, where.outputs,
            descent.history, best_epoch, descent.status, scores, where.taught,
        )  # fmt: skip


class Learned(NamedTuple):
    """The result of training.

    ``way`` is how the number of epochs was found, and ``curve`` the held-out loss of each epoch, if
    folds found it; ``splits`` are those of the kept networks. ``unseen`` is each fold at the epoch
    that the other folds find best, if its weights there were kept.
    """

    networks: list[Network]
    descents: list[Descent]
    splits: list[Part]
    way: str
    curve: Floats | None = None
    unseen: ByOthers | None = None

    def ended(self, status: Status) -> "Learned":
        """The same for a fit that Ctrl-C or its time limit ended."""
        networks = [replace(each, status=status) for each in self.networks]
        descents = [replace(each, status=status) for each in self.descents]
        return self._replace(networks=networks, descents=descents)


def learn(lesson: Lesson, recipe: Recipe, plan: Stopping) -> Learned:
    """Train all networks of a fit.

    Parameters
    ----------
    lesson : Lesson
    recipe : Recipe
    plan : Stopping

    Returns
    -------
    Learned

    Raises
    ------
    DivergenceError
        If a fold of a cross-validation diverged in its first epoch.
    """
    clock, judges = Clock(recipe.time_limit, recipe.keeper), None
    if plan.way == "cross-validation":
        judges = by_folds(lesson, recipe, plan.splits, clock.share(SHARE_OF_FOLDS))
        if judges.curve is None:
            return judges
        best = int(np.argmin(judges.curve)) + 1
        settings = replace(recipe.settings, stop_after=best, patience=None)
        recipe = replace(recipe, settings=settings, scoring=None)
    wanted = _wanted(lesson, recipe, plan)
    together = plan.way == "folds" and not isinstance(recipe.settings.optimizer, Lbfgs)
    if together and recipe.callbacks:
        return _heard(lesson, recipe, wanted, clock)
    trials = _trials(lesson, _without_patience(recipe) if together else recipe, wanted)
    pooled = _pooled(trials, recipe) if together else None
    if plan.way == "folds":
        trials = _kept(trials, pooled)
    with race(trials, recipe, clock.left(), title=recipe.title, pooled=pooled) as (run, tell):
        descents = run()
        tell(descents)
    learned = learned_of(trials, descents, wanted, plan.way)
    return _cross_validated(judges, learned) if judges else learned


def _without_patience(recipe: Recipe) -> Recipe:
    """The same, where no network stops by itself."""
    return replace(recipe, settings=replace(recipe.settings, patience=None))


def _pooled(trials: Sequence[Trial], recipe: Recipe) -> Pooled | None:
    """How folds stop together; None with L-BFGS, which takes no turns."""
    settings = recipe.settings
    if settings.patience is None or isinstance(settings.optimizer, Lbfgs):
        return None
    scores = tuple(trial.jury.losses for trial in trials if trial.jury is not None)
    return Pooled(settings.patience, settings.tol, tuple(_shares(trials)), scores)


def _kept(
    trials: Sequence[Trial], pooled: Pooled | None, known: Sequence[Sequence[float]] | None = None
) -> list[Trial]:
    """The folds with what keeps their weights; ``known`` are the curves of all, if they are."""
    scores = [trial.jury.losses if trial.jury else None for trial in trials]
    members = [trial.member for trial in trials]
    keepers = keepers_of(members, _shares(trials), pooled, scores, known)
    return [trial._replace(keeper=each) for trial, each in zip(trials, keepers, strict=True)]


def _shares(trials: Sequence[Trial]) -> list[float]:
    """The weight of the held-out rows of each fold."""
    return [float(trial.place.data.weights[trial.member.held_out].sum()) for trial in trials]


def _heard(lesson: Lesson, recipe: Recipe, wanted: Sequence[Wanted], clock: Clock) -> Learned:
    """The networks of folds, with callbacks: they are trained twice.

    Callbacks hear of one network after another, but the epoch at which the first one stops depends
    on all. So it is found before, without callbacks. They change no number.
    """
    unheard = replace(recipe, callbacks=())
    trials = _trials(lesson, _without_patience(recipe), wanted)
    limit, pooled = clock.share(SHARE_OF_UNHEARD), _pooled(trials, recipe)
    trials = _kept(trials, pooled)
    with race(trials, unheard, limit, title="Early stopping", pooled=pooled) as (run, tell):
        before = run()
        tell(before)
    if any(each.status is Status.INTERRUPTED for each in before):
        return learned_of(trials, before, wanted, "folds")
    lasts = [each.trouble.epoch if each.trouble else len(each.history) for each in before]
    settings = replace(recipe.settings, stop_after=max(1, *lasts), patience=None)
    recipe = replace(recipe, settings=settings)
    known = [trial.keeper.curve for trial in trials if trial.keeper]
    trials = _trials(lesson, recipe, wanted)
    trials = _kept(trials, None, known) if known else trials
    with race(trials, recipe, clock.left(), title="Training") as (run, tell):
        descents = run()
        tell(descents)
    for number, (each, earlier) in enumerate(zip(descents, before, strict=True)):
        if each.status is Status.MAX_EPOCHS:  # it has come as far as before
            descents[number] = replace(each, status=earlier.status)
    return learned_of(trials, descents, wanted, "folds")


def _wanted(lesson: Lesson, recipe: Recipe, plan: Stopping) -> list[Wanted]:
    """The networks to keep: one per fold, or ``n_networks`` with the same training rows."""
    if plan.way == "folds":
        return _numbered(plan.splits)
    part: Part = np.arange(lesson.n_lessons), None
    if plan.splits and plan.way != "cross-validation":
        part = plan.splits[0]
    # Numbers that no fold has, so that every network on all rows has a starting point of its own.
    after = max(FOLDS, recipe.n_folds)
    return [(part, after + i if i else 0) for i in range(recipe.n_networks)]


def _cross_validated(judges: Learned, learned: Learned) -> Learned:
    """Networks on all rows, with the curve from which the folds found the number of epochs.

    If Ctrl-C comes before each of them has an epoch to keep, the networks of the folds are kept,
    each at the best epoch of its own fold, as with "folds".
    """
    assert judges.curve is not None
    cut = any(each.status is Status.INTERRUPTED for each in learned.descents)
    if cut and any(each.best_epoch == 0 for each in learned.descents):
        return judges.ended(Status.INTERRUPTED)
    for network in learned.networks:
        for epoch, valid in zip(network.history, judges.curve.tolist(), strict=False):
            epoch["valid_loss"] = valid
    late = any(each.status is Status.TIME_LIMIT for each in judges.descents)
    if late and all(each.status is Status.MAX_EPOCHS for each in learned.descents):
        learned = learned.ended(Status.TIME_LIMIT)  # the folds might have found a later epoch
    return learned._replace(curve=judges.curve, unseen=judges.unseen)


def by_folds(
    lesson: Lesson, recipe: Recipe, splits: Sequence[Split], time_limit: float | None = None
) -> Learned:
    """A network of each fold, trained until their mean stops improving, and what they found.

    Returns
    -------
    Learned
        The curve has shape (n_epochs,): the weighted mean over the folds, so that every row counts
        by its weight; inf from the epoch in which a fold diverged. With a score, it is minus the
        score. None after Ctrl-C.

    Raises
    ------
    DivergenceError
        If a fold diverged in its first epoch.
    SettingsError
        If the time limit ended a fold in its first epoch.
    """
    recipe = replace(recipe, callbacks=())
    wanted = _numbered(splits)
    trials = _trials(lesson, _without_patience(recipe), wanted)
    pooled = _pooled(trials, recipe)
    trials = _kept(trials, pooled)
    with race(trials, recipe, time_limit, title="Cross-validation", pooled=pooled) as (run, tell):
        runs = run()
        tell(runs)
    learned = learned_of(trials, runs, wanted, "folds")
    if any(run.status is Status.INTERRUPTED for run in runs):
        return learned
    require_epochs(runs)  # each fold has a say in how many epochs there are
    curves = [
        column(run.history, "valid_loss") if trial.jury is None else np.array(trial.jury.losses)
        for trial, run in zip(trials, runs, strict=True)
    ]
    return learned._replace(curve=mean_curve(runs, curves, _shares(trials)))


def _numbered(splits: Sequence[Split]) -> list[Wanted]:
    return [(split, number) for number, split in enumerate(splits, 1)]


def learned_of(
    trials: Sequence[Trial], descents: list[Descent], wanted: Sequence[Wanted], way: str
) -> Learned:
    """What finished runs have learned."""
    networks = [trial.network(each) for trial, each in zip(trials, descents, strict=True)]
    unseen = by_others([trial.keeper for trial in trials], descents) if way == "folds" else None
    return Learned(networks, descents, [split for split, _ in wanted], way, unseen=unseen)


def _trials(lesson: Lesson, recipe: Recipe, wanted: Sequence[Wanted]) -> list[Trial]:
    places: dict[int, Place] = {}
    trials: list[Trial] = []
    for split, number in wanted:
        rows, held_out = split
        if id(split) not in places:
            places[id(split)] = first = place(lesson, rows, recipe.dtype, recipe.cut)
        if not trials:  # now the number of inputs is known
            n_folds = min(recipe.n_folds, len({id(split) for split, _ in wanted}))
            ends = first.encoder.n_outputs, first.outputs.n_outputs
            require_memory_for(recipe.memory(*ends, len(wanted) // n_folds, n_folds))
        here, seed = places[id(split)], recipe.settings.seed
        network = starting_point(here, recipe.hidden, recipe.activation, seed, number)
        # Five folds and one refit have different rows; more networks need different batches.
        settings = replace(recipe.settings, seed=member_seed(seed, max(0, number - FOLDS)))
        jury = None
        if recipe.scoring is not None and held_out is not None:
            jury = jury_of(
                lesson, here, network[0], held_out, recipe.scoring, recipe.positive, settings
            )
            settings = replace(settings, patience=None)
        member = Member(
            *network, here.data, here.outputs.loss, recipe.alpha, settings, rows, held_out
        )
        trials.append(Trial(here, member, jury))
    return trials


@contextmanager
def race(
    trials: list[Trial],
    recipe: Recipe,
    time_limit: float | None,
    *,
    title: str,
    pooled: Pooled | None = None,
) -> Iterator[tuple[Callable[[], list[Descent]], Callable[[list[Descent]], None]]]:
    """The functions that train the networks at the same time, and that report what came of it.

    Networks with callbacks are trained one by one.
    """
    one_by_one = bool(recipe.callbacks)
    # Networks that take turns all have the whole time. One by one, or with L-BFGS, which takes no
    # turns, each has its share.
    threads = 1 if one_by_one else min(recipe.threads, len(trials))
    whole = one_by_one or isinstance(recipe.settings.optimizer, Lbfgs)
    share = time_limit and time_limit / (-(-len(trials) // threads) if whole else 1)
    callbacks = [_told(trial, recipe) for trial in trials]
    keeper = None
    if recipe.keeper:
        keeper = recipe.keeper.race(title, [each.member for each in trials], callbacks, share)
        share = keeper.limit
    members = [_within(each.member, share) for each in trials]
    total = sum(each.settings.stop_after or each.settings.max_epochs for each in members)
    several = len(members) if len(members) > 1 else 0
    penalty = recipe.alpha > 0 or recipe.settings.l1 > 0
    with watch(title, total, recipe.verbose, several, penalty=penalty) as progress:
        run = partial(
            train_many, members, recipe.threads, progress, callbacks=callbacks,
            one_by_one=one_by_one, pooled=pooled, keeper=keeper,
        )  # fmt: skip
        sizes = members[0].architecture.sizes
        needed = recipe.memory(sizes[0], sizes[-1], len(trials), 1)
        with names_what_to_shrink(needed, trials[0].place.data.X.nbytes):
            yield (
                run,
                partial(report_mean, progress, members, judges=[each.jury for each in trials]),
            )


def _within(member: Member, time_limit: float | None) -> Member:
    if time_limit is None:
        return member
    return replace(member, settings=replace(member.settings, time_limit=time_limit))


def _told(trial: Trial, recipe: Recipe) -> list[Callback]:
    return [*(each for each in (trial.jury, trial.keeper) if each is not None), *recipe.callbacks]
