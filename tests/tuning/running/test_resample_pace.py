"""The time that a search leaves for its selections on drawn rows."""

import time
from types import SimpleNamespace

import numpy as np
import pytest

from thalweg import ThalwegClassifier, tune
from thalweg.tuning import honest_score, search_rounds, tune_estimator
from thalweg.tuning.running import resample_pace
from thalweg.tuning.running.resample_pace import ResamplePace
from thalweg.tuning.trial_fits import TrialTable


class Clock:
    """A clock that only trials and selections on drawn rows move."""

    def __init__(self, monkeypatch, trial, resample):
        self.began = self.now = time.monotonic()
        run, chosen = TrialTable.run, honest_score.Selection.chosen

        def timed_run(*given):
            self.now += trial
            return run(*given)

        def timed_chosen(selection, weights):
            # On all rows it takes no time: what is measured has to be like what is made.
            self.now += resample if (weights == 0).any() else 0.0
            return chosen(selection, weights)

        monkeypatch.setattr(TrialTable, "run", timed_run)
        monkeypatch.setattr(honest_score.Selection, "chosen", timed_chosen)
        for module in (honest_score, resample_pace, search_rounds, tune_estimator):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))


def search(time_limit):
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 2))
    y = (X[:, 0] + random.normal(size=60) > 0).astype(int)
    model = ThalwegClassifier(hidden_layer_sizes=(3,), max_iter=2, n_folds=2, random_state=0)
    space = {"alpha": (0.1, 10.0, "log"), "learning_rate_init": (1e-3, 1e-1, "log")}
    return tune(model, X, y, time_limit=time_limit, space=space, random_state=0)


@pytest.mark.parametrize(("trial", "resample"), [(0.4, 2e-3), (0.1, 4e-3)])
def test_a_search_leaves_time_for_all_of_its_selections(monkeypatch, trial, resample):
    clock = Clock(monkeypatch, trial, resample)
    found = search(3.0)
    assert (found.ended_by, found.honest.n_resamples) == ("time", honest_score.RESAMPLES)
    assert len(found.trials) > 1
    assert clock.now - clock.began <= 3.0
    assert not any("left time for" in each for each in found.lines())


def test_where_time_is_short_the_result_says_how_many_selections_were_made(monkeypatch):
    clock = Clock(monkeypatch, 0.1, 4e-3)
    # What is measured before the last trial is too little: another program has the machine then.
    monkeypatch.setattr(search_rounds.Search, "_reserve", lambda search: 0.1)
    found = search(1.0)
    made = found.honest.n_resamples
    assert honest_score.FEWEST_IN_TIME <= made < honest_score.RESAMPLES
    assert clock.now - clock.began <= 1.0 + 1e-9 + 4e-3
    said = f"The time limit left time for {made} of 200 selections of trials; "
    assert any(each.startswith(said) for each in found.lines())
    assert any(each.startswith(said) for each in found.shown().sentences)


def test_more_trials_take_longer_up_to_those_that_may_enter():
    pace = ResamplePace(1e-3, 0.1, 4, 32)
    assert pace.seconds(200) == pytest.approx(0.3)
    assert pace.with_trials(8).seconds(200) == pytest.approx(0.3 + 0.2)
    assert pace.with_trials(64).one == pytest.approx(36e-3 / 8)
    assert pace.with_trials(2) == ResamplePace(1e-3, 0.1, 2, 32)
    assert ResamplePace().with_trials(9).seconds(200) == 0


def test_a_pace_is_measured_on_resamples_as_they_are(monkeypatch):
    times = []

    def scored(selection, seed, resamples, times):
        times += [2e-3] * resamples
        return selection, seed

    monkeypatch.setattr("thalweg.tuning.running.resample_pace.select_and_score", scored)
    selection = SimpleNamespace(losses=np.zeros((5, 9)), keep=2)
    pace = ResamplePace.of(lambda: selection, 0)
    assert (pace.one, pace.n_trials, pace.most) == (pytest.approx(2e-3), 5, 8)
    assert not times
