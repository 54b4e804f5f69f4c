"""What a fit decides before its first step."""

import numpy as np
import pytest

from thalweg import ThalwegClassifier
from thalweg.estimators.learning import early_stopping_splits
from thalweg.estimators.learning.fit_plan import GivenRows, fit_plan

N = 40
X, Y, TIMES = np.arange(float(N))[:, None], np.arange(N) % 2, np.arange(float(N))


@pytest.mark.parametrize(
    ("early_stopping", "times", "large_from", "way", "n_networks"),
    [
        ("auto", TIMES, 100, "cross-validation", 5),
        ("cross-validation", TIMES, 100, "cross-validation", 1),
        ("cross-validation", None, 100, "cross-validation", 1),
        ("auto", TIMES, N, "hold-out", 1),
        ("auto", None, 100, "folds", 1),
    ],
)
def test_only_auto_in_time_has_as_many_networks_as_folds_would_be(
    early_stopping, times, large_from, way, n_networks, monkeypatch
):
    monkeypatch.setattr(early_stopping_splits, "SMALL_BELOW", large_from)
    model = ThalwegClassifier((2,), early_stopping=early_stopping, random_state=0, n_bins=0)
    plan = fit_plan(model, GivenRows(X, Y, time_column=times), model._target)
    assert (plan.stopping.way, plan.recipe.n_networks) == (way, n_networks)
