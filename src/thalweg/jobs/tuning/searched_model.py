"""A model that is fitted by a search: what a job evaluates in the place of an estimator."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from thalweg.errors import UnfinishedError
from thalweg.jobs.running.job_run import JobRun
from thalweg.persistence.rebuilt import Model
from thalweg.training.progress import ProgressStep, progress_told_to
from thalweg.tuning.search_rounds import TrialDone
from thalweg.tuning.tune_estimator import tune
from thalweg.tuning.tuned_model import Tuned
from thalweg.tuning.unseen_score import UnseenRows
from thalweg.wording import amount, counted

# The title of a search of which the seconds are counted.
OF_SECONDS = "Search, s"


@dataclass(frozen=True, kw_only=True)
class SearchAsked:
    """What is asked of a search: parameters of `thalweg.tune`, with the same meaning.

    Attributes
    ----------
    time_limit : float, optional
        Seconds for the search; the evaluation on the test rows comes after it.
    n_trials : int, optional
    space : {"small", "wide", "article"}
    keep : int
    study : str, optional
    sampler : {"tpe", "random"}
    n_jobs : int, optional
    max_row_microseconds, max_size : float, optional
    if_unclear : {"default", "tuned"}
    """

    time_limit: float | None = None
    n_trials: int | None = None
    space: str = "small"
    keep: int = 8
    study: str | None = None
    sampler: str = "tpe"
    n_jobs: int | None = None
    max_row_microseconds: float | None = None
    max_size: float | None = None
    if_unclear: str = "default"


class SearchedModel:
    """An estimator whose ``fit`` is a search.

    Parameters
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
        Trial 0.
    asked : SearchAsked
    seed : int
    unseen : UnseenRows
        The rows that are held out.
    run : JobRun
        Hears of the progress.
    client : Client of Dask, optional
        Its workers run the trials.
    """

    def __init__(
        self, estimator: Model, asked: SearchAsked, seed: int, unseen: UnseenRows, run: JobRun,
        client: Any = None,
    ) -> None:  # fmt: skip
        self.estimator, self.asked, self.seed = estimator, asked, seed
        self.unseen, self.run, self.client = unseen, run, client
        self._found: Tuned | None = None

    def fit(self, X: pd.DataFrame, y: np.ndarray, **more: Any) -> "SearchedModel":
        """Search on some rows; ``more`` are groups, times or weights of them."""
        shown = SearchProgress(self.run, self.asked)
        rows = self.unseen
        with progress_told_to(shown.passed):
            self._found = tune(
                self.estimator, X, y, random_state=self.seed, listener=shown.heard,
                X_test=rows.X, y_test=rows.y, sample_weight_test=rows.sample_weight,
                groups_test=rows.groups, client=self.client, **vars(self.asked), **more,
            )  # fmt: skip
        return self

    @property
    def found(self) -> Tuned:
        """The result of the search."""
        if self._found is None:
            raise UnfinishedError("The search has not been made", fix="call fit first")
        return self._found

    @property
    def found_model(self) -> Model:
        """The fitted model."""
        return self.found.model

    def predict(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """What the fitted model predicts."""
        return np.asarray(self.found_model.predict(X))


class SearchProgress:
    """Says how far a search is: trials done, the best beside the default, the time left."""

    def __init__(self, run: JobRun, asked: SearchAsked) -> None:
        self.run, self.asked = run, asked
        self.began, self.done = time.monotonic(), 0
        self.words = "trains the default"

    def heard(self, done: TrialDone) -> None:
        """A trial is done."""
        self.done = done.n_done
        best = "best is the default"
        if done.best_number:
            best = f"best {amount(done.best_loss)} (trial {done.best_number})"
        self.words = f"{best}, default {amount(done.default_loss)}"
        self._show((done.number, done.loss))

    def passed(self, step: ProgressStep) -> None:
        """An epoch of a trial has passed, and time with it."""
        del step
        self._show()

    def _show(self, trial: tuple[int, float | None] | None = None) -> None:
        words, limit, n_trials = self.words, self.asked.time_limit, self.asked.n_trials
        title, done, total = "Search", self.done, n_trials or 0
        if limit is not None:
            spent = time.monotonic() - self.began
            if n_trials is None:
                title, done, total = OF_SECONDS, min(int(limit), int(spent)), int(limit)
                words = f"{counted(self.done, 'trial')}, {words}"
            else:
                words = f"{words}, {max(0.0, limit - spent):.0f} s left"
        if self.run.cancellation.asked:
            words = f"{words}; ends"
        step = ProgressStep(title, done, total, words=words, in_log=False, trial=trial)
        self.run.listener.progress(step)
