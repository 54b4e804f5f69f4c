"""The rounds of a search: ask for four trials, run them, tell them in the order of their numbers.

Four is a constant and not the number of threads, so a search asks for the same trials on every
machine. Trial 0 is the estimator as it is, and a round of its own. A trial that the time limit or
Ctrl-C ended stays open in the study; the next call with the same study runs it again.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from thalweg.errors import DivergenceError, SettingsError, Status, UnfinishedError
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.parameters.auto_by_width import hidden_units
from thalweg.estimators.parameters.parameter import Setting, Settings
from thalweg.interrupts import end_was_asked, take_in
from thalweg.persistence.forms.network_entries import network_arrays
from thalweg.tuning.greedy_ensemble import Limits
from thalweg.tuning.honest_score import CANDIDATES, Selection, n_resamples
from thalweg.tuning.running.resample_pace import ResamplePace
from thalweg.tuning.running.search_bounds import Bounds
from thalweg.tuning.running.study_differences import Facts
from thalweg.tuning.running.trial_runs import TrialRuns
from thalweg.tuning.search_spaces import Space, Values, variants
from thalweg.tuning.study_journal import AskedTrial, Record, SearchStudy
from thalweg.tuning.trial_fits import CutTrial, TrialFit, TrialPace, TrialTable
from thalweg.tuning.trial_store import TrialStore

ROUND = 4
# Resamples are short, so that other programs slow some of them more than those that were measured.
_SLACK_OF_RESAMPLES = 2.0
# What resamples take is measured anew when there are so many times the trials.
_GROWTH = 1.25
# A trial begins if this many times the median trial is left.
_SLACK = 1.3
# Rows that a prediction is timed on, and how often.
_TIMED_ROWS, _TIMES = 1_000, 5
# Processor time, because other programs may use the machine, too; where it is fine enough.
_FINE = time.get_clock_info("process_time").resolution < 1e-5
_clock = time.process_time if _FINE else time.perf_counter


class TrialDone(NamedTuple):
    """What a listener hears after a trial.

    Attributes
    ----------
    number, loss : int and float or None
        None if the trial diverged.
    best_number, best_loss : int and float
        Of the best trial so far.
    n_done : int
    n_trials : int or None
        How many there will be; None if the time limit says it.
    seconds_left : float or None
    default_loss : float
    """

    number: int
    loss: float | None
    best_number: int
    best_loss: float
    n_done: int
    n_trials: int | None
    seconds_left: float | None
    default_loss: float


@dataclass(eq=False)
class Search:
    """One search, from its first trial to its last.

    Attributes
    ----------
    table : TrialTable
    study : SearchStudy
    space : Space
    store : TrialStore
    bounds : Bounds
    runs : TrialRuns
    listener : callable or None
        Called with a `TrialDone` after each trial.
    began : float
        When the search began, by `time.monotonic`.
    rehearsal : callable or None
        Does with the default what is done with the chosen trials at the end, so that the time for
        it is known.
    ended_by : {"trials", "time", "interrupt", "space"}
        What ended it.
    """

    table: TrialTable
    study: SearchStudy
    space: Space
    store: TrialStore
    bounds: Bounds
    runs: TrialRuns
    listener: Callable[[TrialDone], None] | None
    began: float
    rehearsal: Callable[[TrialFit], object] | None = None
    ended_by: str = "trials"
    final_seconds: float = 0.0
    _resample_pace: ResamplePace | None = None
    _pace: TrialPace | None = None
    _seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Run all trials."""
        try:
            self._default()
            while self._round():
                pass
        except KeyboardInterrupt as sign:
            take_in(sign)
            self.ended_by = "interrupt"
        except CutTrial:  # of a trial without a limit of time
            self.ended_by = "interrupt"
        if not self.complete():
            raise UnfinishedError(
                "Interrupted before the default was finished",
                why="There is nothing to compare with it, or to return",
                fix="start it again; to end a program around it, too, press Ctrl-C twice within "
                "two seconds",
            )

    def complete(self) -> list[Record]:
        """The trials that have a loss, in their order; empty without the default."""
        found = [each for each in self.study.records() if each.loss is not None]
        return found if found and found[0].place == 0 else []

    def changes(self, record: "Record | AskedTrial") -> dict[str, Setting]:
        """The parameters that a trial sets; the first sets none."""
        if record.place == 0:
            return {}
        settings = self.table.estimator.get_params(deep=False)
        return self.space.changes(settings, record.values)

    def predicted(self, records: list[Record]) -> Floats:
        """The out-of-fold predictions of trials, shape (n_trials, n_rows, …)."""
        return np.stack([self._predicted(each).astype(np.float64) for each in records])

    def _predicted(self, record: Record) -> np.ndarray:
        found = self.store.predicted(record)
        return self.again(record).predicted if found is None else found

    def fit_of(self, record: Record) -> TrialFit:
        """The networks of a trial, made again if they are lost."""
        found = self.store.fit(record, self.table.with_settings(self.changes(record)))
        return self.again(record) if found is None else found

    def again(self, record: Record) -> TrialFit:
        """Run a trial whose results are lost."""
        changes = self.changes(record)
        (found,) = self.runs.run([changes])
        if isinstance(found, Status):  # Ctrl-C
            raise CutTrial(found)
        assert found is not None
        self.store.keep_again(record, found, self.table.with_settings(changes))
        return found

    def limits(self, records: list[Record]) -> Limits | None:
        """What the trials cost, and what a model may."""
        asked = {
            "microseconds": self.bounds.max_row_microseconds, "bytes": self.bounds.max_size
        }  # fmt: skip
        given = {name: most for name, most in asked.items() if most is not None}
        if not given:
            return None
        costs = [[each.facts[name] for each in records] for name in given]
        return Limits(np.array(costs, np.float64), np.array(list(given.values()), np.float64))

    def selection(self) -> Selection:
        """What selects among the trials that have a loss."""
        records = self.complete()
        predicted = self.predicted(records)
        return Selection(predicted, self.table.losses, self.bounds.keep, self.limits(records))

    def left(self) -> float | None:
        """The remaining seconds."""
        if self.bounds.time_limit is None:
            return None
        return self.bounds.time_limit - (time.monotonic() - self.began)

    def until(self) -> float | None:
        """The moment by which resamples must have ended."""
        if self.bounds.time_limit is None:
            return None
        n_trials = len(self.complete())
        after = self._resampling(n_trials).after
        return self.began + self.bounds.time_limit - _SLACK * (self.final_seconds + after)

    def resamples(self) -> int:
        """How many resamples there are, unless the time ends before."""
        return n_resamples(len(self.table.losses.y))

    def _default_settings(self) -> tuple[str, Settings, int]:
        """Kind and parameters of the estimator as it is, and its number of bins."""
        estimator = self.table.estimator
        return estimator._kind, estimator.get_params(deep=False), self.table.plan.recipe.cut.n_bins

    @property
    def shown_default(self) -> Values:
        """The values of the estimator as it is, as the table of trials shows them."""
        return self.space.shown_default(*self._default_settings())

    @cached_property
    def _has_default(self) -> bool:
        return self.space.has_default(*self._default_settings())

    def _default(self) -> None:
        """Trial 0: always finished, whatever the time limit."""
        records = self.study.records()
        if any(each.place == 0 and each.state != "running" for each in records):
            complete = self.complete()
            self._seconds += [each.facts["seconds"] for each in complete]
            if complete and self._has_time():
                self._prepare(self.fit_of(complete[0]), self._seconds[0])
            return
        values = self.space.values_of_default(*self._default_settings())
        asked = self._asked(0, records, values)
        assert asked is not None
        (fit,) = self.runs.run([{}])
        if isinstance(fit, Status):  # Ctrl-C
            raise CutTrial(fit)
        if fit is None:
            raise DivergenceError(
                "The estimator as it is diverged in its first epoch",
                why="A search compares everything with it",
                fix="give it a smaller learning rate, or leave its settings at the defaults",
            )
        self._tell(asked, fit)
        if self._has_time():
            self._prepare(fit, fit.seconds)

    def _prepare(self, fit: TrialFit, seconds: float) -> None:
        """Measure what comes after the last trial: only where another one may begin."""
        self._rehearse(fit, seconds)
        self._look_at_the_clock()

    def _rehearse(self, fit: TrialFit, seconds: float) -> None:
        """Measure how long the model takes to be made at the end, if time matters."""
        self._pace = TrialPace.of(fit, seconds)
        if self.bounds.time_limit is None or self.rehearsal is None:
            return
        began = time.monotonic()
        self.rehearsal(fit)
        self.final_seconds = (time.monotonic() - began) * (1 + self.bounds.keep / 4)

    def _round(self) -> bool:
        """Run the next round; False if the search has ended."""
        records = self.study.records()
        done = {each.place for each in records if each.state != "running"}
        first = next(place for place in range(len(done) + 1) if place not in done)
        start = 1 + (first - 1) // ROUND * ROUND
        most = self.bounds.n_trials
        places = [
            place for place in range(start, start + ROUND)
            if place not in done and (most is None or place < most)
        ]  # fmt: skip
        if not places:
            return False
        if not self._has_time():
            self.ended_by = "time"
            return False
        asked = []
        for place, values in zip(places, self._wanted(places), strict=True):
            each = self._asked(place, records, values)
            if each is None:
                self.ended_by = "space"
                break
            asked.append(each)
        goes_on = len(asked) == len(places)
        return self._run_round(asked) and goes_on

    def _run_round(self, asked: list[AskedTrial]) -> bool:
        """Run the trials of a round, and tell them in order; False if something cut one."""
        step = max(1, self.runs.at_once(len(asked)))
        for start in range(0, len(asked), step):
            trials = asked[start : start + step]
            if end_was_asked(self.began):
                self.ended_by = "interrupt"
                return False
            if not self._has_time(max(map(self._least_seconds, trials))):
                self.ended_by = "time"
                return False
            began = time.monotonic()
            try:
                fits = self.runs.run([self.changes(each) for each in trials], self._limit())
            except SettingsError:
                if self._has_time():
                    raise
                self.ended_by = "time"  # it ended a fold in its first epoch
                return False
            for each, fit in zip(trials, fits, strict=True):
                if isinstance(fit, Status):
                    self.ended_by = "interrupt" if fit is Status.INTERRUPTED else "time"
                    return False
                self._tell(each, fit)
                if fit is not None:  # with what was written of it
                    self._seconds[-1] = time.monotonic() - began
            self._look_at_the_clock()
        return True

    def _wanted(self, places: list[int]) -> list[Values | None]:
        """The values of the first trials after the default; None for the sampler's."""
        default = next(each.values for each in self.study.records() if each.place == 0)
        first = variants(self.space, default)
        return [first[place - 1] if place <= len(first) else None for place in places]

    def _asked(self, place: int, records: list[Record], values: Values | None) -> AskedTrial | None:
        for each in records:
            if each.place == place:
                return AskedTrial(place, each.number, each.values)
        return self.study.ask(place, values, self._has_default)

    def _tell(self, asked: AskedTrial, fit: TrialFit | None) -> None:
        """Keep what a trial gave, say it to the study, and to the listener."""
        if fit is None:
            self.study.tell(asked.number, None, {"seconds": 0.0}, {})
            self._say(asked.place, None)
            return
        model = self.table.with_settings(self.changes(asked))
        seals = self.store.keep(asked.place, fit, model)
        loss = self.table.losses.mean(fit.predicted.astype(np.float64))
        facts: Facts = {"seconds": round(fit.seconds, 4), "ended_earlier": fit.n_ended_earlier}
        facts |= self._costs(fit) | seals
        self.study.tell(asked.number, loss, facts, self.bounds.limits(facts))
        self._seconds.append(fit.seconds)
        self._drop()
        self._say(asked.place, loss)

    def _costs(self, fit: TrialFit) -> Facts:
        """What the networks of a trial take: bytes, and time for a row if there is a limit."""
        n_bytes = sum(each.nbytes for each in network_arrays(fit.networks).values())
        found: Facts = {"bytes": int(n_bytes)}
        if self.bounds.max_row_microseconds is not None:
            n_rows = min(_TIMED_ROWS, len(self.table.plan.lesson.X))
            found["microseconds"] = round(1e6 * self.seconds_of_rows(fit) / n_rows, 3)
        return found

    def seconds_of_rows(self, fit: TrialFit) -> float:
        """How long the networks of a trial take for up to 1,000 rows: the least of some times."""
        rows, taken = self.table.plan.lesson.X[:_TIMED_ROWS], []
        for _ in range(_TIMES):
            began = _clock()
            outputs_of(fit.networks, rows)
            taken.append(_clock() - began)
        return min(taken)

    def _drop(self) -> None:
        """Keep the networks of trials that may still enter the ensemble, and of the default."""
        records = self.complete()
        limits = self.limits(records)
        allowed = np.ones(len(records), bool) if limits is None else limits.allowed([])
        losses = sorted(
            (each.loss, each.place)
            for each, fits in zip(records, allowed, strict=True) if fits and each.loss is not None
        )  # fmt: skip
        self.store.drop_others(
            records, [0, *(place for _, place in losses[: CANDIDATES * self.bounds.keep])]
        )

    def _say(self, place: int, loss: float | None) -> None:
        if self.listener is None:
            return
        records = self.study.records()
        best = min(
            (each for each in records if each.loss is not None), key=lambda each: each.loss or 0.0
        )
        n_done = sum(each.state != "running" for each in records)
        assert best.loss is not None
        default = next(each.loss for each in records if each.place == 0)
        assert default is not None
        self.listener(
            TrialDone(
                place, loss, best.place, best.loss, n_done, self.bounds.n_trials, self.left(),
                default,
            )
        )  # fmt: skip

    def _has_time(self, least: float = 0.0) -> bool:
        left = self.left()
        if left is None:
            return True
        median = statistics.median(self._seconds)
        return left >= _SLACK * max(median, least) + self._reserve()

    def _least_seconds(self, asked: AskedTrial) -> float:
        """What a trial takes before it can be ended."""
        settings = self.table.estimator.get_params(deep=False) | self.changes(asked)
        hidden = hidden_units(settings["hidden_layer_sizes"])
        return 0.0 if self._pace is None else self._pace.least_seconds(hidden)

    def _limit(self) -> float | None:
        left = self.left()
        return None if left is None else max(1e-3, left - self._reserve())

    def _reserve(self) -> float:
        """The seconds for everything after the last trial."""
        resampling = self._resampling(len(self._seconds) + 1).seconds(self.resamples())
        return _SLACK * self.final_seconds + _SLACK_OF_RESAMPLES * resampling

    def _resampling(self, n_trials: int) -> ResamplePace:
        """What resamples of so many trials take."""
        return (self._resample_pace or ResamplePace()).with_trials(n_trials)

    def _look_at_the_clock(self) -> None:
        """Measure what resamples take, if time matters and there are more trials by some."""
        known, n_trials = self._resample_pace, len(self._seconds)
        if self.bounds.time_limit is None or (known and n_trials < _GROWTH * known.n_trials):
            return
        self._resample_pace = ResamplePace.of(self.selection, self.study.seed)
