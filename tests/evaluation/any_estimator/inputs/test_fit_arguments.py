"""Groups and weights reach the fit of a model, also inside another one."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV, GroupKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import thalweg
from thalweg import SettingsError, ThalwegClassifier
from thalweg.evaluation.any_estimator.inputs.fit_arguments import fit_arguments

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 2))
Y = (X[:, 0] + RANDOM.normal(size=120) > 0).astype(int)
WEIGHTS = RANDOM.integers(1, 4, 120) / 2
GROUPS = np.arange(120) % 12
SPLIT = [(np.flatnonzero(GROUPS < 9), np.flatnonzero(GROUPS >= 9))]
LOGISTIC = LogisticRegression()


class Grouped(ClassifierMixin, BaseEstimator):
    """Keeps the groups that its fit gets."""

    def __init__(self, c=1.0):
        self.c = c

    def fit(self, X, y, groups=None):
        self.classes_, self.groups_ = np.unique(y), groups
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)

    def predict(self, X):
        return self.classes_[np.zeros(len(X), dtype=int)]


def names(estimator, groups=None, weights=None):
    return sorted(fit_arguments(estimator, groups, weights))


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (LOGISTIC, ["sample_weight"]),
        (GridSearchCV(LOGISTIC, {"C": [1]}), ["sample_weight"]),
        (
            make_pipeline(StandardScaler(), make_pipeline(MinMaxScaler(), LOGISTIC)),
            ["pipeline__logisticregression__sample_weight", "standardscaler__sample_weight"],
        ),
        (
            GridSearchCV(make_pipeline(MinMaxScaler(), LOGISTIC), {}),
            ["logisticregression__sample_weight"],
        ),
        (TransformedTargetRegressor(Ridge()), ["sample_weight"]),
        (VotingClassifier([("a", LOGISTIC), ("b", GaussianNB())]), ["sample_weight"]),
    ],
)
def test_weights_have_the_names_that_a_fit_knows(estimator, expected):
    assert names(estimator, weights=WEIGHTS) == expected
    estimator.fit(X, Y, **fit_arguments(estimator, None, WEIGHTS))


@pytest.mark.parametrize(
    "estimator",
    [
        KNeighborsClassifier(),
        make_pipeline(StandardScaler(), KNeighborsClassifier()),
        VotingClassifier([("a", KNeighborsClassifier()), ("b", LOGISTIC)]),
        StackingClassifier([("a", KNeighborsClassifier())]),
        FixedThresholdClassifier(LOGISTIC),
    ],
)
def test_weights_that_a_fit_does_not_take_are_refused(estimator):
    with pytest.raises(SettingsError, match=r"takes no sample weights|do not reach the fit"):
        fit_arguments(estimator, None, WEIGHTS)


def test_the_weights_of_a_search_change_what_it_fits():
    model = GridSearchCV(LOGISTIC, {"C": [1]}, cv=2)
    found = thalweg.evaluate(model, X, Y, how=SPLIT, sample_weight=WEIGHTS)
    train, test = SPLIT[0]
    alone = LogisticRegression().fit(X[train], Y[train], sample_weight=WEIGHTS[train])
    assert np.allclose(found.answers.answer, alone.predict_proba(X[test])[:, 1], atol=1e-6)


def test_groups_reach_a_network_in_a_pipeline():
    pipe = make_pipeline(StandardScaler(), Grouped())
    for model in (pipe, GridSearchCV(pipe, {"grouped__c": [1]}, cv=2)):
        found = thalweg.evaluate(model, X, Y, how=SPLIT, groups=GROUPS)
        inside = getattr(found.model, "best_estimator_", found.model)
        assert inside[-1].groups_.tolist() == GROUPS[SPLIT[0][0]].tolist()
    network = ThalwegClassifier((4,), max_iter=4, random_state=0)
    found = thalweg.evaluate(make_pipeline("passthrough", network), X, Y, how=SPLIT, groups=GROUPS)
    train, test = SPLIT[0]
    same = network.fit(X[train], Y[train], groups=GROUPS[train]).predict_proba(X[test])
    assert np.array_equal(found.answers.answer, same[:, 1])
    assert not np.array_equal(same, network.fit(X[train], Y[train]).predict_proba(X[test]))


def test_the_groups_of_a_search_are_those_of_its_splitter():
    assert names(GridSearchCV(LOGISTIC, {}, cv=GroupKFold(2)), GROUPS) == ["groups"]
    assert names(GridSearchCV(LOGISTIC, {}, cv=3), GROUPS) == []
    assert names(GridSearchCV(LOGISTIC, {}), GROUPS) == []
    both = GridSearchCV(make_pipeline(Grouped()), {}, cv=GroupKFold(2))
    assert names(both, GROUPS) == ["grouped__groups", "groups"]


def test_groups_that_cannot_reach_a_network_are_refused_and_the_fix_works():
    for kind in (
        lambda inner: FixedThresholdClassifier(inner, threshold=0.4),
        lambda inner: GridSearchCV(inner, {"c": [1]}, cv=2),
    ):
        with pytest.raises(SettingsError, match="The groups do not reach the fit of the Grouped"):
            thalweg.evaluate(kind(Grouped()), X, Y, how=SPLIT, groups=GROUPS)
        with config_context(enable_metadata_routing=True):
            model = kind(Grouped().set_fit_request(groups=True))
            found = thalweg.evaluate(model, X, Y, how=SPLIT, groups=GROUPS)
            inside = getattr(found.model, "best_estimator_", None) or found.model.estimator_
            assert inside.groups_.tolist() == GROUPS[SPLIT[0][0]].tolist()


def test_with_metadata_routing_the_requests_decide():
    with config_context(enable_metadata_routing=True):
        asked = LogisticRegression().set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipe = make_pipeline(scaler, asked)
        assert names(pipe, weights=WEIGHTS) == ["sample_weight"]
        found = thalweg.evaluate(pipe, X, Y, how=SPLIT, sample_weight=WEIGHTS)
        assert found.verdict.network.metrics["log_loss"].value > 0
        assert names(LOGISTIC, weights=WEIGHTS) == ["sample_weight"]
        with pytest.raises(SettingsError, match=r"does not know what to do with sample_weight"):
            thalweg.evaluate(
                make_pipeline(StandardScaler(), asked), X, Y, how=SPLIT, sample_weight=WEIGHTS
            )
        with pytest.raises(SettingsError, match=r"LogisticRegression with set_fit_request"):
            thalweg.evaluate(
                FixedThresholdClassifier(LOGISTIC), X, Y, how=SPLIT, sample_weight=WEIGHTS
            )
