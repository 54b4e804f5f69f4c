"""Wrong arguments of `evaluate`, `from_predictions` and `report` give errors with a fix."""

import inspect
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg import DataError, Evaluation, SettingsError, ThalwegClassifier, evaluate

RANDOM = np.random.default_rng(0)
X = pd.DataFrame({"a": RANDOM.normal(size=200)})
Z = X["a"] + RANDOM.normal(size=200)
Y = np.where(Z > 0, "sick", "well")
P = RANDOM.uniform(size=200)
ONES = np.ones(200)
VOTES = VotingClassifier([("a", LogisticRegression())])


def search():
    return GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=GroupKFold(3))


@pytest.mark.parametrize(
    ("model", "y", "more", "says"),
    [
        (Ridge(), Z, {"loss": 3}, "loss is 3, not the name"),
        (Ridge(), Z, {"margin": "x"}, "not a number above 0"),
        (Ridge(), Z, {"sample_weight": "w"}, "weights of the rows are not numbers"),
        (None, Y, {}, "A NoneType is no estimator"),
        (VOTES, Y, {}, 'Fix: give it voting="soft"'),
        (search(), Y, {"sample_weight": ONES}, "need groups of rows"),
    ],
)
def test_wrong_arguments_of_evaluate(model, y, more, says):
    with pytest.raises((DataError, SettingsError), match=says):
        evaluate(model, X, y, baselines=None, **more)


def test_the_printed_fixes_work():
    assert evaluate(VOTES.set_params(voting="soft"), X, Y, baselines=None).text()
    groups = np.arange(200) // 2
    assert evaluate(search(), X, Y, baselines=None, groups=groups).text()


@pytest.mark.parametrize("more", [{"loss": 3}, {"margin": "x"}, {"sample_weight": "w"}])
def test_wrong_arguments_of_predictions(more):
    with pytest.raises((DataError, SettingsError)):
        Evaluation.from_predictions(Z, Z, **more)


def test_wrong_arguments_of_a_report(tmp_path):
    found = Evaluation.from_predictions(Y, P)
    with pytest.raises(SettingsError, match=r"benefit is 0\.3, not two thresholds"):
        found.report(tmp_path / "page.html", benefit=0.3)
    with pytest.raises(SettingsError, match="3 is no path"):
        found.report(3)
    model = ThalwegClassifier(hidden_layer_sizes=(4,), max_iter=2).fit(X, Y)
    with pytest.raises(DataError, match="There is no row to evaluate"):
        model.report(tmp_path / "page.html", X[:0], Y[:0])


@pytest.mark.parametrize("wrap", [lambda each: each, lambda each: GridSearchCV(each, {}, cv=2)])
def test_a_last_step_without_weights_is_named(wrap):
    model = wrap(make_pipeline(StandardScaler(), KNeighborsClassifier()))
    with pytest.raises(SettingsError, match="fit of a KNeighborsClassifier takes no") as caught:
        evaluate(model, X, Y, baselines=None, sample_weight=ONES + (Y == "sick"))
    assert "set_fit_request" not in str(caught.value)


def test_the_signature_offers_what_is_taken():
    offered = get_args(inspect.signature(Evaluation.from_predictions).parameters["how"].annotation)
    assert set(offered) == {"test", "cross-validated", "out-of-fold", "training"}
    for how in offered:
        assert Evaluation.from_predictions(Y, P, how=how).answers.how == how
