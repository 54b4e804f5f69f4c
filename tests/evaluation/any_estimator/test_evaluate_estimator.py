"""`thalweg.evaluate` for estimators of other libraries, and for thalweg's own."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import thalweg
from thalweg import DataError, Evaluation, SettingsError, ThalwegClassifier
from thalweg.evaluation.decisions.cost_thresholds import by_costs


def two_classes(n=200, seed=0):
    random = np.random.default_rng(seed)
    X = pd.DataFrame({"a": random.normal(size=n), "b": random.normal(size=n)})
    X["sex"] = random.choice(["m", "f"], n)
    y = np.where(random.random(n) < 1 / (1 + np.exp(-2 * X["a"])), "ill", "well")
    return X, y


def numbers(n=120, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 2))
    return X, X[:, 0] + random.normal(size=n)


X, Y = two_classes()
ONLY = X[["a", "b"]]
PIPE = make_pipeline(StandardScaler(), LogisticRegression())
ASKED = {"positive": "ill"}


def as_plain(found):
    plain = found.as_dict()
    json.dumps(plain, allow_nan=False)
    return plain


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("how", ["holdout", "cross-validation", KFold(3)])
@pytest.mark.parametrize(
    "model", [PIPE, HistGradientBoostingClassifier(max_iter=5), DummyClassifier()]
)
def test_the_estimator_is_copied_and_stays_as_it_was(model, how):
    before = repr(model.get_params())
    found = thalweg.evaluate(model, ONLY, Y, how=how, **ASKED)
    assert repr(model.get_params()) == before
    assert not hasattr(model, "classes_")
    assert as_plain(found)["judgement"]["subject"] == "the model"


def test_the_log_loss_is_that_of_scikit_learn_on_the_same_rows():
    found = thalweg.evaluate(PIPE, ONLY, Y, how=KFold(4), **ASKED)
    p = np.empty(len(Y))
    for train, test in KFold(4).split(ONLY):
        fitted = LogisticRegression()
        scaler = StandardScaler().fit(ONLY.iloc[train])
        fitted.fit(scaler.transform(ONLY.iloc[train]), Y[train])
        p[test] = fitted.predict_proba(scaler.transform(ONLY.iloc[test]))[:, 0]
    expected = log_loss(Y == "ill", p)
    assert found.verdict.network.metrics["log_loss"].value == pytest.approx(expected, rel=1e-12)
    assert np.allclose(found.answers.answer, p, rtol=0, atol=1e-15)
    assert found.answers.how == "cross-validated"


@pytest.mark.parametrize(
    "table", [ONLY.to_numpy(), ONLY.to_numpy().tolist(), csr_matrix(ONLY.to_numpy())]
)
def test_a_table_reaches_the_estimator_in_its_own_type(table):
    found = thalweg.evaluate(LogisticRegression(), table, Y, **ASKED)
    same = thalweg.evaluate(LogisticRegression(), ONLY.to_numpy(), Y, **ASKED)
    assert found.answers.answer.tolist() == pytest.approx(same.answers.answer.tolist(), abs=1e-6)


def test_a_model_that_is_given_is_neither_copied_nor_fitted():
    fitted = LogisticRegression().fit(ONLY[:100], Y[:100])
    before = fitted.coef_.copy()
    found = thalweg.evaluate(fitted, ONLY[100:], Y[100:], how="given", **ASKED)
    assert np.array_equal(fitted.coef_, before)
    assert found.model is fitted
    assert found.answers.answer.tolist() == fitted.predict_proba(ONLY[100:])[:, 0].tolist()
    assert found.baselines == {}
    assert found.verdict.how == "A fitted model, evaluated on 100 rows"
    assert "logistic" not in found.text()


def test_repetitions_are_averaged_and_sections_are_from_the_first_and_say_so():
    found = thalweg.evaluate(PIPE, ONLY, Y, how="cross-validation", repeats=2, folds=3, **ASKED)
    assert len(found.verdict.answered) == 2
    assert "What follows is from the first of 2 repetitions, with 200 rows." in found.text()
    point = found.at(0.5)
    first = found.verdict.answered[0]["network"]
    assert point.true_positive == int((first.truth & (first.answer > 0.5)).sum())
    assert found.compare().chances is not None
    once = thalweg.evaluate(PIPE, ONLY, Y, how="cross-validation", folds=3, **ASKED)
    assert "repetitions" not in once.text()
    # One repetition of folds is compared over its folds, too.
    assert (found.compare().n_folds, once.compare().n_folds) == (6, 3)
    assert once.compare().chances is not None
    assert once.verdict.differences["logistic regression"] == once.compare()
    trees = once.compare("boosted trees")
    assert once.verdict.differences["boosted trees"] == trees


def test_splits_of_a_user():
    """Rows recur only in the next repetition; a single split gives test rows."""
    repeated = RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0)
    found = thalweg.evaluate(PIPE, ONLY, Y, how=repeated, baselines=None, **ASKED)
    assert len(found.verdict.answered) == 3
    assert found.verdict.how == "Evaluated by 6 given splits, in 3 repetitions"
    shuffled = ShuffleSplit(4, test_size=0.5, random_state=0)
    found = thalweg.evaluate(PIPE, ONLY, Y, how=shuffled, **ASKED)
    assert len(found.verdict.answered) == 4
    assert found.answers.how == "test"
    assert found.compare().chances is not None  # four scores of overlapping splits
    one = [(np.arange(100), np.arange(100, 200))]
    found = thalweg.evaluate(PIPE, ONLY, Y, how=one, **ASKED)
    assert found.verdict.how == "Evaluated on the test rows of the given split"
    assert found.answers.how == "test"
    assert found.answers.truth.tolist() == (Y[100:] == "ill").tolist()


def test_whole_number_weights_are_rows_and_columns_follow_them():
    weights = np.random.default_rng(1).integers(0, 3, len(Y))
    rows = np.repeat(np.arange(len(Y)), weights)
    split = [(np.arange(100), np.arange(100, 200))]
    found = thalweg.evaluate(
        PIPE, ONLY, Y, how=split, sample_weight=weights, by={"sex": X["sex"]}, **ASKED
    )
    twice = [(np.flatnonzero(rows < 100), np.flatnonzero(rows >= 100))]
    same = thalweg.evaluate(
        PIPE, ONLY.iloc[rows], Y[rows], how=twice, by={"sex": X["sex"].iloc[rows]}, **ASKED
    )
    assert np.allclose(found.answers.answer, same.answers.answer, atol=1e-6)
    mine, other = (each.sections().as_dict()["subgroups"]["tables"] for each in (found, same))
    assert [g["n"] for g in mine[0]["groups"]] == [g["n"] for g in other[0]["groups"]]


def test_groups_stay_together_and_reach_a_splitter():
    groups = np.repeat(np.arange(40), 5)
    found = thalweg.evaluate(PIPE, ONLY, Y, groups=groups, **ASKED)
    kept = set(groups[found.verdict.places].tolist())
    assert found.verdict.n_test == 5 * len(kept)
    by_splitter = thalweg.evaluate(PIPE, ONLY, Y, how=GroupKFold(4), groups=groups, **ASKED)
    assert np.array_equal(by_splitter.answers.groups, groups)


def test_costs_give_the_threshold_of_the_formula_for_the_model_and_its_baselines():
    found = thalweg.evaluate(PIPE, ONLY, Y, costs={"missed": 9, "alarm": 1}, **ASKED)
    assert found.threshold == by_costs(9, 1)
    assert found.verdict.network.threshold == 0.1
    assert {each.threshold for each in found.verdict.baselines.values()} == {0.1}
    assert found.thresholds(missed=9, alarm=1).value == 0.1
    plain = as_plain(found)["sections"]["threshold"]
    confusion = found.verdict.network.confusion
    assert plain["point"]["true_positive"] == confusion["true_positive"]
    assert plain["point"]["false_positive"] == confusion["false_positive"]


def test_a_margin_is_what_the_conclusion_goes_by():
    wide = thalweg.evaluate(PIPE, ONLY, Y, margin=5.0, **ASKED)
    assert wide.compare().verdict == "equivalent"
    assert "For practical purposes, the model and logistic regression are equally good" in (
        " ".join(wide.text().split())
    )
    of_trees = as_plain(wide)["judgement"]["differences"]["boosted trees"]
    assert (of_trees["margin"], of_trees["margin_from"]) == (5.0, "asked")
    plain = thalweg.evaluate(PIPE, ONLY, Y, **ASKED)
    assert as_plain(plain)["judgement"]["differences"]["boosted trees"]["margin"] == 0.01
    assert plain.compare(margin=5.0) == wide.compare()
    assert plain.compare() == plain.verdict.differences["logistic regression"]


def test_boosted_trees_can_be_left_out():
    found = thalweg.evaluate(PIPE, ONLY, Y, baselines="simple", **ASKED)
    assert [*found.baselines] == ["logistic regression", "always the commoner class"]
    assert "boosted" not in found.text()
    with pytest.raises(SettingsError, match="baselines is 'trees'"):
        thalweg.evaluate(PIPE, ONLY, Y, baselines="trees", **ASKED)


def test_two_evaluations_are_compared_on_the_same_rows_only():
    forest = HistGradientBoostingClassifier(max_iter=20, random_state=0)
    mine = thalweg.evaluate(PIPE, ONLY, Y, how=StratifiedKFold(3), **ASKED)
    other = thalweg.evaluate(forest, ONLY, Y, how=StratifiedKFold(3), **ASKED)
    there, back = mine.compare(other), other.compare(mine)
    assert there.difference.value == pytest.approx(-back.difference.value, abs=1e-12)
    assert mine.compare("always the commoner class").difference.value < 0
    with pytest.raises(DataError, match="not for the same rows"):
        mine.compare(thalweg.evaluate(forest, ONLY, Y, **ASKED))
    with pytest.raises(SettingsError, match='There is no baseline "x"'):
        mine.compare("x")


def test_numbers_of_any_regressor():
    table, y = numbers()
    found = thalweg.evaluate(
        Ridge(), table, y, how="cross-validation", by={"side": table[:, 1] > 0}
    )
    plain = as_plain(found)
    assert plain["sections"]["threshold"] is None
    coverage = found.intervals(0.8)
    assert coverage.coverage.low < 0.8 < coverage.coverage.high
    assert plain["sections"]["coverage"]["found"]["nominal"] == 0.9
    other = thalweg.evaluate(LinearRegression(), table, y, how="cross-validation")
    assert found.compare(other).measure == "RMSE"
    for ask in (found.sets, found.abstention, found.benefit, lambda: found.at(0.5)):
        with pytest.raises(SettingsError, match=r"Numbers|two classes"):
            ask()
    assert found.calibration().n_rows == 120


def test_the_intervals_and_sets_of_thalwegs_models_are_their_own():
    model = ThalwegClassifier((4,), max_iter=3, random_state=0, n_ensemble=1)
    found = thalweg.evaluate(model, X, Y, by="sex", **ASKED)
    assert not hasattr(model, "classes_")
    assert found.verdict.facts.get("subject") is None
    own = found.model.predict_set(X.iloc[found.verdict.places], confidence_level=0.8)
    assert [*found.model.classes_] == ["ill", "well"]
    held = own[np.arange(len(own)), np.where(found.answers.truth, 0, 1)]
    positive = found.answers.truth
    shares = [held[~positive].mean(), held[positive].mean()]  # the negative class is first
    assert [each.value for each in found.sets(0.8).coverage] == pytest.approx(shares)
    assert found.subgroups("sex").as_dict() == as_plain(found)["sections"]["subgroups"]
    judged = found.verdict
    assert judged.answers.how == "test"
    assert [*judged.others] == [*judged.baselines]


def test_several_classes():
    random = np.random.default_rng(0)
    table = random.normal(size=(150, 2))
    y = np.array(["c", "a", "b"])[np.digitize(table[:, 0], [-0.5, 0.5])]
    found = thalweg.evaluate(PIPE, table, y, how="cross-validation", folds=3)
    plain = as_plain(found)
    assert found.classes == ("a", "b", "c")
    assert len(plain["sections"]["calibration"]["found"]["classes"]) == 3
    assert found.sets().coverage[0].value > 0.7
    with pytest.raises(SettingsError, match="A threshold is for two classes"):
        found.thresholds(f1=True)


def test_a_threshold_follows_from_one_rule():
    found = thalweg.evaluate(PIPE, ONLY, Y, how="cross-validation", **ASKED)
    assert found.thresholds(sensitivity=0.8).by == "sensitivity"
    assert found.thresholds(specificity=0.8).confidence is None  # not untouched rows
    assert found.thresholds(f1=True).spread.folds
    for asked in ({}, {"f1": True, "sensitivity": 0.9}, {"missed": 9}):
        with pytest.raises(SettingsError, match=r"one rule|One of two costs"):
            found.thresholds(**asked)


def test_display_is_short():
    found = thalweg.evaluate(PIPE, ONLY, Y, **ASKED)
    assert repr(found).startswith("<Evaluation: 40 test rows; log-loss 0.")
    assert len(repr(found)) < 120
    assert found._repr_html_().startswith("<pre>Trained on 160 rows")
    assert "&quot;" in found._repr_html_() or '"' not in found._repr_html_()
    assert "logistic regression" in found._repr_html_()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"how": "other"}, "how is 'other'"),
        ({"how": 5}, "The way to evaluate is not known"),
        ({"how": []}, "There is no split"),
        ({"how": [([0, 1], [1, 2])]}, "A test row is a training row, too"),
        ({"how": [([0, 1], [300])]}, "not all in the table"),
        ({"how": [([0, 1], [2, 2])]}, "named twice"),
        ({"how": [([0.5], [2])]}, "not a list of row numbers"),
        ({"baselines": "all"}, "baselines is 'all'"),
        ({"repeats": 0}, "repeats is 0"),
        ({"folds": 1}, "folds is 1"),
        ({"seed": 1, "random_state": 2}, "two names of the same number"),
        ({"seed": -1}, "The seed is -1"),
        ({"costs": (9, 1)}, "not those of the two mistakes"),
        ({"positive": "none"}, 'The positive class "none" is not in the target'),
        ({"by": "age"}, 'The table has no column "age"'),
        ({"by": {"age": [1]}}, "do not match"),
        ({"margin": 0.0}, "The margin is 0.0"),
        ({"sample_weight": [1.0]}, "do not match"),
    ],
)
def test_what_cannot_be_evaluated_is_said(more, said):
    with pytest.raises((SettingsError, DataError), match=said):
        thalweg.evaluate(PIPE, ONLY, Y, **{**ASKED, **more}).text()


def test_a_model_without_probabilities_or_weights_is_refused():
    with pytest.raises(SettingsError, match="A LinearSVC gives no class probabilities"):
        thalweg.evaluate(LinearSVC(), ONLY, Y, **ASKED)
    with pytest.raises(SettingsError, match=r"is a class, not an estimator"):
        thalweg.evaluate(LogisticRegression, ONLY, Y, **ASKED)
    table, y = numbers()

    class Plain:
        def fit(self, X, y):
            return self

        def predict(self, X):
            return np.zeros(len(X))

        _estimator_type = "regressor"

    found = thalweg.evaluate(Plain(), table, y, baselines=None)
    assert found.verdict.network.metrics["rmse"].value > 0
    assert found.verdict.differences == {}
    with pytest.raises(SettingsError, match="takes no sample weights"):
        thalweg.evaluate(Plain(), table, y, baselines=None, sample_weight=np.full(len(y), 0.5))


def test_seed_and_random_state_are_one_number():
    one = thalweg.evaluate(PIPE, ONLY, Y, seed=3, **ASKED)
    assert as_plain(one) == as_plain(thalweg.evaluate(PIPE, ONLY, Y, random_state=3, **ASKED))
    assert isinstance(one, Evaluation)
