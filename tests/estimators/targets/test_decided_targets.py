"""Thresholds of several labels that are chosen on the models of single targets."""

import numpy as np
import pandas as pd

from thalweg import ThalwegClassifier
from thalweg.estimators.targets.decided_targets import decide_targets


def test_the_threshold_of_a_view_is_that_of_its_target():
    random = np.random.default_rng(2)
    X = random.normal(size=(90, 2))
    Y = pd.DataFrame({"a": X[:, 0] > 0, "b": X[:, 1] + random.normal(size=90) > 0.3})
    settings = {"hidden_layer_sizes": (3,), "early_stopping": False, "max_iter": 2}
    model = ThalwegClassifier(**settings, random_state=0).fit(X, Y)
    view = model.for_target("b")
    view.threshold_ = 0.125
    decide_targets(model, {"b": view._known.threshold})
    assert model.threshold_.tolist() == [0.5, 0.125]
    np.testing.assert_array_equal(model.predict(X)[:, 1], view.predict(X))
