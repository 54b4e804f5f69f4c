"""The labels that are evaluated are those of the model's `predict`."""

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import thalweg
from thalweg import ThalwegClassifier
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.decided_labels import (
    certain,
    explaining,
    inner_models,
    own_positive,
)
from thalweg.evaluation.decisions.chosen_threshold import Threshold

RANDOM = np.random.default_rng(0)
X = pd.DataFrame({"a": RANDOM.normal(size=200), "b": RANDOM.normal(size=200)})
Y = np.where(X.a + RANDOM.normal(size=200) > 0, "sick", "well")
KINDS = np.where(X.a > 0.5, "low", np.where(X.b > 0.3, "mid", "top"))
SPLIT = [(np.arange(120), np.arange(120, 200))]
TESTED = slice(120, 200)
LOGISTIC = LogisticRegression()


def network(**settings):
    return ThalwegClassifier((4,), max_iter=6, random_state=0, n_ensemble=1, **settings)


class ByAnotherColumn(LogisticRegression):
    """Its labels do not follow from its probabilities."""

    def predict(self, X):
        return self.classes_[(np.asarray(X)[:, 1] > 0).astype(int)]


class ByACut(LogisticRegression):
    """Its labels follow from a threshold that it does not name."""

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.37).astype(int)]


def counts(labels, truth, positive):
    called, true = np.asarray(labels) == positive, np.asarray(truth) == positive
    return {
        "true_positive": int((called & true).sum()),
        "false_negative": int((~called & true).sum()),
        "false_positive": int((called & ~true).sum()),
        "true_negative": int((~called & ~true).sum()),
    }


def of_predict(found, positive):
    return counts(found.model.predict(X[TESTED]), Y[TESTED], positive)


TUNED = TunedThresholdClassifierCV(LOGISTIC, scoring="balanced_accuracy", cv=2)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("model", "more", "positive", "threshold"),
    [
        (network(positive="sick", threshold=0.1), {}, "sick", 0.1),
        (network(positive="sick", threshold=0.1), {"positive": "well"}, "well", 0.9),
        (network(positive="sick", class_weight={"sick": 4, "well": 1}), {}, "sick", 0.2),
        (make_pipeline(StandardScaler(), network(threshold=0.2)), {}, "well", 0.2),
        (GridSearchCV(network(threshold=0.2), {"alpha": [0.1]}, cv=2), {}, "well", 0.2),
        (FixedThresholdClassifier(LOGISTIC, threshold=0.3, pos_label="sick"), {}, "sick", 0.3),
        (FixedThresholdClassifier(LOGISTIC, threshold=0.2), {"positive": "sick"}, "sick", 0.8),
        (TUNED, {}, "well", None),
        (BaggingClassifier(network(threshold=0.2), 2, random_state=0), {}, "well", 0.5),
        (BaggingClassifier(FixedThresholdClassifier(LOGISTIC), 2, random_state=0), {}, "well", 0.5),
        (ByACut(), {}, "well", None),
        (LOGISTIC, {}, "well", 0.5),
    ],
)
def test_the_decision_is_that_of_predict_and_its_threshold_is_found(
    model, more, positive, threshold
):
    found = thalweg.evaluate(model, X, Y, how=SPLIT, baselines=None, **more)
    plain = found.as_dict()
    assert plain["judgement"]["positive"] == positive
    assert plain["judgement"]["network"]["confusion"] == of_predict(found, positive)
    point = plain["sections"]["threshold"]["point"]
    assert {key: point[key] for key in of_predict(found, positive)} == of_predict(found, positive)
    if threshold is not None:
        assert found.threshold.value == threshold
        assert found.decision == ""
    elif model is TUNED:
        assert found.threshold.value == pytest.approx(found.model.best_threshold_, abs=1e-7)
        assert found.decision == ""
    else:
        assert "The model names no threshold: on these rows, every one from 0.3" in found.text()
        assert abs(found.threshold.value - 0.37) < 0.1


def test_a_saved_model_decides_as_it_was_fitted(tmp_path):
    model = network(positive="sick", class_weight={"sick": 4, "well": 1}).fit(X[:120], Y[:120])
    model.save(tmp_path / "m.safetensors")
    loaded = thalweg.load_model(tmp_path / "m.safetensors")
    found = thalweg.evaluate(loaded, X[TESTED], Y[TESTED], how="given")
    assert found.classes == ("well", "sick")
    expected = counts(model.predict(X[TESTED]), Y[TESTED], "sick")
    assert found.verdict.network.confusion == expected
    assert (found.threshold.value, found.threshold.by) == (0.2, "costs")


def test_costs_of_the_model_turn_with_the_positive_class():
    model = network(positive="sick", class_weight={"sick": 4, "well": 1})
    chosen = thalweg.evaluate(model, X, Y, how=SPLIT, positive="well").threshold
    assert (chosen.value, chosen.missed / chosen.alarm) == (0.8, 0.25)


def test_costs_of_a_person_are_the_rule_whatever_predict_says():
    found = thalweg.evaluate(ByAnotherColumn(), X, Y, how=SPLIT, costs={"missed": 3, "alarm": 1})
    assert found.threshold.value == 0.25
    called = np.where(found.answers.answer > 0.25, "well", "sick")
    assert found.verdict.network.confusion == counts(called, Y[TESTED], "well")
    assert found.decision == ""


def test_labels_that_no_threshold_explains_are_counted_themselves():
    by = {"upper": X.b > 0}
    found = thalweg.evaluate(ByAnotherColumn(), X, Y, how=SPLIT, by=by)
    plain, expected = found.as_dict(), of_predict(found, "well")
    json.dumps(plain, allow_nan=False)
    network = plain["judgement"]["network"]
    assert network["confusion"] == expected
    right = (expected["true_positive"] + expected["true_negative"]) / 80
    assert network["metrics"]["accuracy"]["value"] == pytest.approx(right)
    usual = thalweg.evaluate(LOGISTIC, X, Y, how=SPLIT).verdict.network.metrics["log_loss"]
    assert found.verdict.network.metrics["log_loss"] == usual
    section = plain["sections"]["threshold"]
    assert section["chosen"]["value"] is None
    assert section["point"]["threshold"] is None
    assert section["point"]["true_positive"] == expected["true_positive"]
    said = "The labels are those of the model's predict, which no threshold of its probabilities"
    assert section["sentence"].startswith(f"No threshold. {said} explains; the baselines are")
    assert plain["decision"] in section["sentence"]
    assert " ".join(found.text().split()).count(said) == 1
    assert said in found._repr_html_().replace("\n", " ").replace("&#x27;", "'")
    assert plain["sections"]["abstention"] is None  # it answers with the most probable class
    groups = plain["sections"]["subgroups"]["tables"][0]["groups"]
    shares = {g["name"]: g["metrics"]["predicted_positive"]["value"] for g in groups}
    assert sorted(shares.values()) == [0.0, 1.0]
    assert found.subgroups(by).as_dict() == plain["sections"]["subgroups"]


def test_each_fold_may_have_a_threshold_of_its_own():
    model = TunedThresholdClassifierCV(LOGISTIC, scoring="balanced_accuracy", cv=2)
    folds = StratifiedKFold(3)
    found = thalweg.evaluate(model, X, Y, how=folds)
    labels, thresholds = np.empty(len(Y), dtype=object), []
    for train, test in folds.split(X, Y):
        fitted = clone(model).fit(X.iloc[train], Y[train])
        labels[test] = fitted.predict(X.iloc[test])
        thresholds.append(fitted.best_threshold_)
    assert found.verdict.network.confusion == counts(labels, Y, "well")
    assert found.threshold.value is None
    assert "Each of the 3 models has a threshold of its own, from" in found.threshold.refused
    baseline = found.verdict.baselines["logistic regression"]
    assert baseline.threshold == pytest.approx(np.mean(thresholds), abs=1e-6)


def test_whole_number_weights_keep_labels_beside_their_rows():
    weights = np.arange(200) % 3
    found = thalweg.evaluate(ByAnotherColumn(), X, Y, how=SPLIT, sample_weight=weights)
    rows = np.repeat(np.arange(120, 200), weights[120:])
    labels = found.model.predict(X.iloc[rows])
    assert found.verdict.network.confusion == counts(labels, Y[rows], "well")


def test_several_classes_are_counted_by_predict_too():
    costly = make_pipeline(StandardScaler(), network(class_weight={"low": 1, "mid": 9, "top": 1}))
    for model, explained in ((costly, True), (LOGISTIC, True), (ByAnotherColumn(), False)):
        found = thalweg.evaluate(model, X, KINDS, how=SPLIT, by={"upper": X.b > 0})
        right = found.model.predict(X[TESTED]) == KINDS[TESTED]
        judged = found.verdict.network
        assert judged.metrics["accuracy"].value == pytest.approx(right.mean())
        assert (found.decision == "") == explained
        confusion = np.array(judged.confusion)
        assert np.trace(confusion) == right.sum()
        assert [each.value for each in judged.recall] == pytest.approx(
            [right[KINDS[TESTED] == kind].mean() for kind in ("low", "mid", "top")]
        )
        assert (found.as_dict()["sections"]["abstention"] is None) == (model is not LOGISTIC)
    assert "of 80 rows do not get the most probable class." in found.text().replace("\n", " ")


def test_the_classes_of_a_given_model_are_its_own():
    fitted = LogisticRegression().fit(X[:120], KINDS[:120])
    rows = np.flatnonzero((np.arange(200) >= 120) & (KINDS != "mid"))
    found = thalweg.evaluate(fitted, X.iloc[rows], KINDS[rows], how="given")
    assert found.classes == ("low", "mid", "top")
    right = fitted.predict(X.iloc[rows]) == KINDS[rows]
    assert found.verdict.network.metrics["accuracy"].value == pytest.approx(right.mean())
    p = fitted.predict_proba(X.iloc[rows])
    loss = -np.log(p[np.arange(len(rows)), np.searchsorted(fitted.classes_, KINDS[rows])])
    assert found.verdict.network.metrics["log_loss"].value == pytest.approx(loss.mean())
    found.text()
    two = network(positive="sick", threshold=0.2).fit(X[:120], Y[:120])
    sick = np.flatnonzero((np.arange(200) >= 120) & (Y == "sick"))
    found = thalweg.evaluate(two, X.iloc[sick], Y[sick], how="given")
    assert found.classes == ("well", "sick")
    assert found.verdict.network.confusion == counts(two.predict(X.iloc[sick]), Y[sick], "sick")


def test_an_evaluation_can_be_pickled_and_copied():
    for model in (network(), LOGISTIC):
        found = thalweg.evaluate(model, X, Y, how=SPLIT)
        again = pickle.loads(pickle.dumps(found))
        assert again.text() == copy.deepcopy(found).text() == found.text()
        assert again.sets(0.8).as_dict() == found.sets(0.8).as_dict()
        assert again.subgroups({"upper": X.b > 0}) == found.subgroups({"upper": X.b > 0})


@pytest.mark.parametrize(
    ("answer", "called", "asked", "value"),
    [
        ([0.1, 0.2, 0.3], [0, 1, 1], 0.2, np.nextafter(0.2, 0)),  # positive from 0.2 on
        ([0.1, 0.2, 0.3], [0, 0, 1], 0.2, 0.2),
        ([0.1, 0.2, 0.3], [0, 0, 1], 0.5, None),
        ([0.1, 0.2, 0.3], [0, 0, 0], 0.5, 0.5),
        ([0.1, 0.3, 0.2], [0, 0, 1], 0.2, None),  # no threshold at all
        ([0.0, 0.3], [1, 1], 0.0, None),  # below 0
        ([0.1, 0.2 + 1e-8], [0, 0], 0.2, 0.2 + 1e-8),  # float32
    ],
)
def test_a_threshold_explains_labels_or_not(answer, called, asked, value):
    found = explaining(
        Threshold(asked, "given"), np.array(answer), np.array(called, dtype=np.bool_)
    )
    assert (None if found is None else found.value) == value


def test_the_positive_class_is_looked_for_inside_a_model():
    inside = make_pipeline(StandardScaler(), network(positive="sick"))
    assert own_positive(GridSearchCV(inside, {})) == "sick"
    assert own_positive(FixedThresholdClassifier(inside, pos_label="well")) == "well"
    assert own_positive(LOGISTIC) is None
    assert [type(each).__name__ for each in inner_models(GridSearchCV(inside, {}))] == [
        "GridSearchCV", "Pipeline", "ThalwegClassifier",
    ]  # fmt: skip


def test_labels_as_certain_probabilities():
    two = Answers(np.array([True, False]), np.array([0.2, 0.3]), predicted=np.array([True, False]))
    assert certain(two).tolist() == [1.0, 0.0]
    several = Answers(np.array([0, 2]), np.full((2, 3), 1 / 3), predicted=np.array([2, 1]))
    assert certain(several).tolist() == [[0, 0, 1], [0, 1, 0]]
