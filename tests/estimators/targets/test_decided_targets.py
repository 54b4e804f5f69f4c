"""Thresholds of several labels that are chosen on the models of single targets."""

import numpy as np
import pandas as pd
import pytest

from thalweg import DataError, SettingsError, ThalwegClassifier
from thalweg.estimators.targets.decided_targets import decide_targets


def test_the_threshold_of_a_view_is_that_of_its_target(tmp_path):
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
    # The fix of a wrong parameter works as printed, also that of a file.
    for odd in ([0.1], [0.1, 2], {"b": 0.1}, [0.25, 0.5]):
        model.set_params(threshold=odd)
        for call in (lambda: model.predict(X), lambda: model.save(tmp_path / "m.safetensors")):
            with pytest.raises(SettingsError, match="is not one number") as error:
                call()
            fix = str(error.value).split("Fix: ")
            assert len(fix) == 2
        model.threshold_ = eval(fix[1].partition("model.threshold_ = ")[2].rstrip("."))
        assert model.threshold_.tolist() == (odd if odd == [0.25, 0.5] else [0.1, 0.1])
        assert model.predict(X).shape == (90, 2)
    view.set_params(threshold=[0.1])
    with pytest.raises(SettingsError, match=r"Fix: give one number, as in threshold=0.1\.$"):
        view.predict(X)
    with pytest.raises(DataError, match=r"set y.columns = \['a', 'b'\]"):
        model.fit_more(X, Y.set_axis(["p", "q"], axis=1))
    with pytest.raises(DataError, match=r"y = y\[\['a', 'b'\]\]"):
        model.fit_more(X, Y[["b", "a"]])
