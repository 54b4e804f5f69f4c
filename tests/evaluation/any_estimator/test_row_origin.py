"""`thalweg.evaluate` of a fitted model finds the rows that trained it, in any order and in part."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg import DataError, ThalwegClassifier, ThalwegRegressor, evaluate

RNG = np.random.default_rng(0)
X = pd.DataFrame({"a": RNG.normal(size=400).round(3), "b": RNG.normal(size=400).round(3)})
Y = np.where(X["a"] + RNG.normal(size=400) > 0, "sick", "well")
FAST = {"hidden_layer_sizes": (8,), "max_iter": 6, "random_state": 0}
SHUFFLED = RNG.permutation(300)
NEW_ROWS_ONLY = "only if the model was not trained on these rows"


def models():
    network = ThalwegClassifier(**FAST)
    return {
        "alone": ThalwegClassifier(positive="sick", **FAST),
        "pipeline": make_pipeline(StandardScaler(), network),
        "search": GridSearchCV(network, {"alpha": [1e-3]}, cv=2),
        "searched pipeline": GridSearchCV(
            make_pipeline(StandardScaler(), network), {"standardscaler__with_mean": [True]}, cv=2
        ),
    }


@pytest.fixture(scope="module")
def fitted():
    return {name: model.fit(X[:300], Y[:300]) for name, model in models().items()}


def given(model, rows):
    return evaluate(model, X.iloc[rows], Y[rows], how="given", positive="sick")


def words(found):
    return " ".join(found.text().split())


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", models())
@pytest.mark.parametrize(
    "rows", [np.arange(300), SHUFFLED, np.arange(299), np.arange(150)],
    ids=["all", "shuffled", "but one", "half"],
)  # fmt: skip
def test_training_rows_are_no_test_rows(fitted, name, rows):
    found = given(fitted[name], rows)
    assert found.answers.how == "training"
    assert f"{len(rows)} rows that it was trained on" in words(found)
    assert found.thresholds(sensitivity=0.5).confidence is None


@pytest.mark.parametrize("name", models())
def test_training_rows_among_new_ones_are_left_out(fitted, name):
    found = given(fitted[name], np.arange(400))
    places = found.verdict.places
    assert found.answers.how == "test"
    assert (places >= 300).all()
    assert 60 < len(places) < 95  # 78 of 100 new rows share no remainder with a training row
    assert f"Only the other {len(places)} are used" in words(found)
    own = fitted[name].predict_proba(X.iloc[places])[:, 0]
    np.testing.assert_allclose(found.answers.answer, own)


def test_new_rows_are_all_used_and_the_bound_is_printed(fitted):
    found = given(fitted["alone"], np.arange(300, 400))
    assert (found.answers.how, len(found.answers)) == ("test", 100)
    assert (
        "no sign that the model was trained on some of these 100 rows: the short hashes"
        in words(found)
    )
    assert NEW_ROWS_ONLY not in words(found)


def test_a_pipeline_cannot_show_that_rows_are_new(fitted):
    assert NEW_ROWS_ONLY in words(given(fitted["pipeline"], np.arange(300, 400)))


def test_of_few_training_rows_the_origin_is_unknown(fitted):
    found = given(fitted["alone"], np.r_[0:5, 5:9])
    assert found.answers.how == "origin unknown"
    assert NEW_ROWS_ONLY in words(found)


@pytest.mark.parametrize("rows", [np.arange(300), np.arange(300, 400)])
def test_another_librarys_model_is_evaluated_with_a_condition(rows):
    model = LogisticRegression().fit(X[:300], Y[:300])
    assert NEW_ROWS_ONLY in words(given(model, rows))
    assert NEW_ROWS_ONLY not in words(evaluate(model, X, Y, how="holdout", baselines=None))


def test_training_rows_of_a_regressor(tmp_path):
    y = X["a"] + RNG.normal(size=400)
    model = ThalwegRegressor(**FAST).fit(X[:300], y[:300])
    found = evaluate(model, X.iloc[SHUFFLED], y[SHUFFLED], how="given")
    assert found.answers.how == "training"
    model.report(tmp_path / "page.html", X[:150], y[:150])
    assert "takes each of these 150 rows" in (tmp_path / "page.html").read_text()


def test_rows_left_over_of_one_class_are_refused(fitted):
    rows = np.r_[0:300, 300 + np.flatnonzero(Y[300:] == "sick")]
    with pytest.raises(DataError, match="cannot evaluate it"):
        given(fitted["alone"], rows)
