"""The checkpoint of an estimator's fit: what defines the fit in words, and where there can be none.

Not a parameter of the estimator: it is no hyperparameter, and must not be cloned into a search.
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any, cast

import numpy as np

from thalweg.errors import SettingsError
from thalweg.estimators.fitted import ShowsFitted
from thalweg.estimators.learning.fit_plan import CheckpointLike, FitPlan, GivenRows
from thalweg.estimators.learning.interrupted_fit import (
    OF_FOLDS,
    report_divergence,
    report_interrupt,
    require_epochs,
)
from thalweg.estimators.learning.train_networks import Learned
from thalweg.network.engine import choose
from thalweg.training.checkpoint import Checkpoint, hashed
from thalweg.training.keeping.fit_keeper import FitKeeper
from thalweg.wording import parameter, printable

# A longer text is there as its hash.
_LONGEST = 500
_ROWS = 4096


class KeptFit:
    """A fit with a checkpoint, or without one.

    Parameters
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
    keeper : FitKeeper or None
    """

    def __init__(self, estimator: Any, keeper: FitKeeper | None) -> None:
        self.estimator, self.keeper = estimator, keeper

    @property
    def seed(self) -> int | None:
        """The seed of the fit that resumes, if the estimator names none."""
        if self.keeper is None or self.estimator.random_state is not None:
            return None
        return self.keeper.seed

    def plan(self, plan: FitPlan) -> FitPlan:
        """The plan with the checkpoint, which is read; raises if it is of another fit."""
        keeper, scale = self.keeper, plan.scale
        if keeper is None:
            return plan
        if scale is not None:
            scale = replace(scale, recipe=replace(scale.recipe, keeper=keeper))
        kept = replace(plan, recipe=replace(plan.recipe, keeper=keeper), scale=scale)
        keeper.begin(fit_in_words(self.estimator, kept), plan.recipe.settings.seed)
        return kept

    def finish(self) -> None:
        """The fit is finished, and its checkpoint not needed any more."""
        if self.keeper is not None:
            self.keeper.finish()


@contextmanager
def kept_fit(estimator: ShowsFitted, given: GivenRows) -> Iterator[KeptFit]:
    """The checkpoint of a fit, locked while it goes on.

    Raises
    ------
    SettingsError
        Inside a search, with ``warm_start``, and with callbacks of scikit-learn.
    CheckpointError, OutputError
        The checkpoint is damaged, or another process uses it, or it cannot be written.
    """
    asked, model = _checkpoint(given.checkpoint), cast(Any, estimator)
    if model._checkpoint is not None:
        asked, model._checkpoint = asked or model._checkpoint, None
    if asked is None:
        yield KeptFit(estimator, None)
        return
    _require_apt(estimator)
    keeper = FitKeeper(asked)
    try:
        yield KeptFit(estimator, keeper)
    finally:
        keeper.release()


def report_descents(learned: Learned, plan: FitPlan) -> None:
    """Warn if a training run diverged or was interrupted; raise if it has no epoch to keep."""
    for descent in learned.descents:
        report_divergence(descent)
    require_epochs(learned.descents)
    instead = " " + OF_FOLDS if learned.way != plan.stopping.way else ""
    report_interrupt(learned.descents, instead + goes_on_from(plan.recipe.keeper))


def goes_on_from(keeper: FitKeeper | None) -> str:
    """A further sentence for a fit that was interrupted; "" without a checkpoint."""
    if keeper is None:
        return ""
    return f" The same fit goes on from its checkpoint, {printable(str(keeper.checkpoint.path))}."


def fit_in_words(estimator: Any, plan: FitPlan) -> dict[str, str]:
    """Everything that defines a fit, but for the version of thalweg, in words and hashes.

    Threads and messages are left out: they change no result.
    """
    given, lesson, seed = plan.given, plan.lesson, plan.recipe.settings.seed
    words = {
        "estimator": type(estimator).__name__,
        "data": plan.rows["data_hash"],
        "sample weights": plan.rows["weights_hash"] or "none",
        "seed": str(seed),
        "engine": type(choose()).__name__,
    }
    words |= {name: _in_words(value) for name, value in sorted(plan.settings.items())}
    for name, value in (("groups", given.groups), ("time_column", given.time_column)):
        there = value is not None and plan.marks is not None
        words[name] = hashed(plan.marks.values) if there and plan.marks else "none"
    words["offset"] = "none"
    if plan.rates is not None:
        words["offset"] = plan.rates.offset.kind
        if plan.rates.sizes is not None:
            words["offset"] = hashed(plan.rates.sizes)
    words["X_val"] = "none"
    if lesson.n_given:
        words["X_val"] = _hash_of_rows(plan, lesson.n_lessons)
    words["callbacks"] = "some" if plan.recipe.callbacks else "none"
    return words


def _in_words(value: object) -> str:
    text = printable(repr(value))
    return text if len(text) <= _LONGEST else hashlib.sha256(text.encode()).hexdigest()


def _hash_of_rows(plan: FitPlan, first: int) -> str:
    """The hash of the rows of a lesson from one on, with their targets."""
    lesson, digest = plan.lesson, hashlib.sha256()
    for start in range(first, len(lesson.X), _ROWS):
        block = lesson.X[np.arange(start, min(start + _ROWS, len(lesson.X)))]
        digest.update(np.ascontiguousarray(block).data)
    digest.update(np.ascontiguousarray(lesson.y[first:]).data)
    return digest.hexdigest()


def _checkpoint(asked: CheckpointLike) -> Checkpoint | None:
    if asked is None or isinstance(asked, Checkpoint):
        return asked
    return Checkpoint(asked)


def _require_apt(estimator: Any) -> None:
    """Refuse a checkpoint where it could not do what it promises."""
    said = parameter("checkpoint")
    if _is_in_search():
        raise SettingsError(
            f"{said} is for one fit, and a search or a cross-validation of scikit-learn makes many",
            why="All of them would use the same file, each for other rows or settings",
            fix=f"leave {said} out of the search, and give it to the fit of the best settings",
        )
    if estimator.warm_start:
        raise SettingsError(
            f"{said} does not go with warm_start=True",
            why="Later calls continue from the networks of the earlier ones, which no checkpoint "
            "has",
            fix="fit with warm_start=False; to continue a finished model, save it, and call "
            "fit_more on what load_model returns",
        )
    if getattr(estimator, "_skl_callbacks", ()):
        raise SettingsError(
            f"{said} does not go with callbacks of scikit-learn (set_callbacks)",
            why="What they have heard of a fit cannot be resumed",
            fix="leave one of the two out; callbacks=[...] of thalweg go with it",
        )


def _is_in_search() -> bool:
    """Whether scikit-learn's model selection has called the fit, in this process or in a worker."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if str(frame.f_globals.get("__name__")).startswith("sklearn.model_selection."):
            return True
        frame = frame.f_back
    return False
