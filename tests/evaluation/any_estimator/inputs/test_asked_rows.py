"""What `evaluate` refuses, with the cause and a fix, and what it says about unseen levels."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import StackingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GroupKFold, KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

import thalweg
from thalweg import DataError, SettingsError, ThalwegClassifier, UnseenLevelWarning

RANDOM = np.random.default_rng(0)
X = pd.DataFrame({"a": RANDOM.normal(size=100), "b": RANDOM.normal(size=100)})
Y = np.where(X.a + RANDOM.normal(size=100) > 0, "sick", "well")
NUMBERS = X.a.to_numpy()
SPLIT = [(np.arange(60), np.arange(60, 100))]
LOGISTIC = LogisticRegression()
DOCS = np.array([f"w{i % 7} v{i % 11}" for i in range(100)])
MISSING = np.where(np.arange(100) == 3, None, Y.astype(object))
GROUPS = np.arange(100) % 10
ONE_LACKS = np.where(np.arange(100) == 4, None, "g")
FITTED = LogisticRegression().fit(X, Y == "sick")


class OneColumn(LogisticRegression):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, :1]


class Flat(LogisticRegression):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, 1]


class Strange(LogisticRegression):
    def predict(self, X):
        return np.full(len(X), "other")


class Texts(Ridge):
    def predict(self, X):
        return np.full(len(X), "many")


class NoClasses:
    _estimator_type = "classifier"

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.full(len(X), "sick")

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


@pytest.mark.parametrize(
    ("model", "y", "more", "said", "fix"),
    [
        (LOGISTIC, Y, {"how": "given"}, "The LogisticRegression is not fitted", "fit it on other"),
        (Ridge(), NUMBERS, {"how": "given"}, "The Ridge is not fitted", 'how="holdout"'),
        (
            FixedThresholdClassifier(LOGISTIC), Y, {"how": "given"},
            "The FixedThresholdClassifier is not fitted", "fit it on other rows",
        ),
        (ThalwegClassifier(), Y, {"how": "given"}, "The ThalwegClassifier is not fitted", "fit it"),
        (LOGISTIC, Y, {"how": GroupKFold(5)}, "The splitter GroupKFold cannot", "pass groups="),
        (LOGISTIC, Y, {"how": KFold(500)}, "The splitter KFold cannot split", "give a splitter"),
        (LOGISTIC, MISSING, {}, "The target has 1 missing value", "leave those rows out"),
        (Ridge(), np.where(NUMBERS > 1, np.nan, NUMBERS), {}, "missing values", "leave those"),
        (LOGISTIC, NUMBERS, {}, "numbers with fractions, and the model is a cl", "a regressor"),
        (Texts(), NUMBERS, {}, "The predict of the Texts gives no numbers", "evaluate a reg"),
        (FITTED, Y, {"how": "given"}, 'the model does not know: "sick", "well"', "as the model"),
        (OneColumn(), Y, {}, r"does not have a column for each class \(shape \(40, 1\)", "give sh"),
        (Flat(), Y, {}, r"does not have a column for each class \(shape \(40,\)", "give shape"),
        (Strange(), Y, {}, "The predict of the Strange gives other values", "give a label"),
        (NoClasses(), Y, {}, "A NoClasses has no classes_", "self.classes_ ="),
        (SVC(), Y, {}, "A SVC gives no class probabilities", "CalibratedClassifierCV"),
        (LOGISTIC, Y, {"groups": np.ones(5)}, r"groups of shape \(5,\), 100 rows", "every row"),
        (LOGISTIC, Y, {"groups": np.ones(300)}, r"groups of shape \(300,\), 100", "every row"),
        (LOGISTIC, Y, {"groups": ONE_LACKS}, r"groups has 1 missing value .*row 5", "fill it in"),
        (LOGISTIC, Y, {"groups": GROUPS}, "split 1: 10 of 10 tested groups", "GroupKFold"),
        (
            LOGISTIC, Y, {"groups": GROUPS, "how": KFold(5)},
            "The split divides groups: 0 has training and test rows", "leave out groups",
        ),
        (
            LOGISTIC, Y, {"how": [(np.flatnonzero(Y == "sick"), np.flatnonzero(Y == "well"))]},
            "The training rows of a split are all of class 'sick'", "StratifiedKFold",
        ),
    ],
)  # fmt: skip
def test_an_error_names_the_cause_and_the_fix(model, y, more, said, fix):
    with pytest.raises((DataError, SettingsError), match=said) as caught:
        thalweg.evaluate(model, X, y, **{"how": SPLIT, "baselines": None, **more})
    assert fix in caught.value.fix
    assert str(caught.value).count("Fix:") == 1


def test_texts_are_evaluated_without_baselines_as_the_only_fix_says():
    model = make_pipeline(CountVectorizer(), LogisticRegression())
    for table in (DOCS, DOCS.tolist()):
        with pytest.raises(DataError, match="The baselines cannot read the table") as caught:
            thalweg.evaluate(model, table, Y)
        assert str(caught.value).count("Fix:") == 1
        assert caught.value.fix == "evaluate with baselines=None"
        found = thalweg.evaluate(model, table, Y, baselines=None)
        assert found.verdict.n_test == 20


def test_groups_that_a_splitter_keeps_together_are_taken():
    found = thalweg.evaluate(LOGISTIC, X, Y, how=GroupKFold(5), groups=GROUPS, baselines=None)
    assert found.verdict.n_test == 100


def test_what_only_a_fitted_estimator_has_is_found():
    model = StackingClassifier([("a", GaussianNB()), ("b", LogisticRegression())], cv=2)
    assert not hasattr(model, "predict_proba")
    found = thalweg.evaluate(model, X, Y, how=SPLIT)
    assert found.verdict.network.confusion["true_positive"] > 0


def test_unseen_levels_are_reported_once_with_the_rows_of_the_table():
    table = X.assign(c=np.where(np.isin(np.arange(100), [70, 90]), "new", "old"))
    model = ThalwegClassifier((4,), max_iter=4, random_state=0, n_ensemble=1)
    with pytest.warns(UnseenLevelWarning) as seen:
        thalweg.evaluate(model, table, Y, how=SPLIT)
    (warning,) = seen
    assert 'column "c": 2 rows ("new", first in row 71)' in str(warning.message)
    assert warning.filename == __file__
    three = X.assign(c=np.where(np.arange(100) % 40 == 0, np.arange(100).astype(str), "old"))
    with pytest.warns(UnseenLevelWarning, match="It is so of 2 other models") as seen:
        thalweg.evaluate(model, three, Y, how=KFold(5))
    assert len(seen) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet = ThalwegClassifier((4,), max_iter=4, random_state=0, unknown="ignore")
        thalweg.evaluate(quiet, table, Y, how=SPLIT).text()
