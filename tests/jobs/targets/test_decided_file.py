"""A model file of several targets with another threshold of one of them."""

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier
from thalweg.estimators.targets.decided_targets import decide_targets
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.jobs.targets.decided_file import save_with_threshold
from thalweg.persistence.model_file import read_model


@pytest.fixture(scope="module")
def model():
    random = np.random.default_rng(1)
    X = random.normal(size=(120, 2))
    Y = pd.DataFrame({"a": X[:, 0] + random.normal(size=120) > 0, "b": X[:, 1] > 0.3})
    settings = {"hidden_layer_sizes": (4,), "early_stopping": False, "max_iter": 2}
    return ThalwegClassifier(**settings, random_state=0).fit(X, Y), X


def test_the_file_has_the_threshold_of_one_target_and_all_else(model, tmp_path):
    fitted, X = model
    before, after = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    fitted.save(before)
    save_with_threshold(str(before), "b", Threshold(0.25, "given"), str(after), overwrite=False)
    read = read_model(after, several=True).model
    assert read.threshold_.tolist() == [0.5, 0.25]
    np.testing.assert_array_equal(read.predict_proba(X), fitted.predict_proba(X))


def test_decided_targets_call_by_their_threshold(model):
    fitted, X = model
    p, before = fitted.predict_proba(X), fitted._known
    middle = float(np.median(p[:, 0]))
    decide_targets(fitted, {"a": Threshold(middle, "given")})
    np.testing.assert_array_equal(fitted.predict(X)[:, 0], p[:, 0] > middle)
    np.testing.assert_array_equal(fitted.predict(X)[:, 1], p[:, 1] > 0.5)
    fitted._adopt(before)
