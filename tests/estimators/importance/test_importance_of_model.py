"""The importance of columns for models of thalweg: new rows, rows of the fit, and tables."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import thalweg
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.importance.importance_of_fit import OF_THESE_ROWS
from thalweg.estimators.importance.importance_of_model import find_importance
from thalweg.evaluation.importance.chosen_rows import chosen_rows
from thalweg.evaluation.importance.donor_rows import donor_rows
from thalweg.wording import amount


class Sum(LinearRegression):
    """The sum of the columns."""

    def predict(self, X):
        return np.asarray(X, dtype=np.float64).sum(axis=1)


SMALL = {"hidden_layer_sizes": (16,), "preset": "quick", "random_state": 0}


def mixed(n: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """A table with a category, a date, missing cells that matter, and noise."""
    random = np.random.default_rng(seed)
    ward = random.choice(["north", "south", "east"], n)
    dose = random.normal(size=n)
    gone = random.random(n) < 0.3
    lab = np.where(gone, np.nan, random.normal(size=n))
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, n), unit="D")
    X = pd.DataFrame(
        {"ward": ward, "dose": dose, "lab": lab, "day": day, "noise": random.normal(size=n)}
    )
    z = 2 * (ward == "north") + dose + 2 * gone - 1 + 0.002 * (day - day.min()).days
    return X, np.where(random.random(n) < 1 / (1 + np.exp(-z)), "ill", "well")


@pytest.fixture(scope="module")
def fitted() -> ThalwegClassifier:
    X, y = mixed(800)
    return ThalwegClassifier(**SMALL, positive="ill").fit(X, y)


def by_hand(model, X, y, column, n_permutations, seed=0):
    """Permutation importance by `predict_proba` alone, with the same donors."""
    matrix = model.schema_.matrix(X)
    truth = (np.asarray(y) == model.positive_).astype(float)
    places = chosen_rows(matrix, truth, seed).places
    X, truth = X.iloc[places].reset_index(drop=True), truth[places] > 0
    place = model.classes_.tolist().index(model.positive_)

    def losses(table):
        p = model.predict_proba(table)[:, place]
        return -np.log(np.where(truth, p, 1 - p))

    rise = np.zeros(len(X))
    for donors in donor_rows(len(X), n_permutations, seed):
        moved = X.copy()
        moved[column] = X[column].to_numpy()[donors]
        rise += losses(moved) - losses(X)
    return float(rise.mean() / n_permutations)


def test_new_rows_are_answered_as_predict_answers_them(fitted):
    X, y = mixed(300, seed=1)
    found = thalweg.importance(fitted, X, y, groups=None, n_permutations=4)
    values = dict(zip(found["column"], found["value"], strict=True))
    for column in X.columns:
        assert values[column] == pytest.approx(by_hand(fitted, X, y, column, 4), abs=2e-6), column
    assert found.attrs["how"] == "test"
    p = fitted.predict_proba(X)[np.arange(300), np.searchsorted(fitted.classes_, y)]
    assert found.attrs["loss"] == pytest.approx(-np.log(p).mean(), abs=1e-6)


def test_a_missing_cell_is_permuted_as_it_is(fitted):
    # Of `lab`, only whether it is there matters.
    X, y = mixed(400, seed=2)
    found = thalweg.importance(fitted, X, y, groups=None).set_index("column")
    assert found.loc["lab", "low"] > 0.05
    assert found.loc["noise", "low"] < 0 < found.loc["ward", "low"]


def test_rows_of_the_fit_are_answered_by_the_network_that_held_them_out(fitted):
    X, y = mixed(800)
    found = thalweg.importance(fitted, X, y)
    pd.testing.assert_frame_equal(found, fitted.oof_importance(X, y))
    order = np.random.default_rng(0).permutation(800)
    pd.testing.assert_frame_equal(found, fitted.oof_importance(X.iloc[order], y[order]))
    assert found.attrs["how"] == "stopped on these rows"
    assert "the network that held it out" in found.attrs["rows"]
    assert found.attrs["n_networks"] == 3
    assert (found["networks_low"] <= found["networks_high"]).all()
    # The mean held-out loss at the kept epochs, weighted by rows.
    losses = [each.history[each.best_epoch - 1]["valid_loss"] for each in fitted.members_]
    assert found.attrs["loss"] == pytest.approx(np.mean(losses), abs=2e-3)


def test_rows_that_trained_the_model_are_left_out(fitted):
    X, y = mixed(800)
    more, of_more = mixed(400, seed=3)
    both, of_both = pd.concat([X, more]), np.concatenate([y, of_more])
    found = thalweg.importance(fitted, both, of_both)
    assert found.attrs["how"] == "test"
    assert found.attrs["n_rows"] < 400
    assert "Only the other" in found.attrs["rows"]


def test_a_loaded_model_finds_its_folds_again(fitted, tmp_path):
    X, y = mixed(800)
    fitted.save(tmp_path / "model.safetensors")
    loaded = thalweg.load_model(tmp_path / "model.safetensors")
    pd.testing.assert_frame_equal(loaded.oof_importance(X, y), fitted.oof_importance(X, y))


def test_other_rows_or_weights_than_those_of_the_fit_are_refused(fitted):
    X, y = mixed(800)
    with pytest.raises(DataError, match="not the rows of the fit"):
        fitted.oof_importance(X.iloc[:700], y[:700])
    with pytest.raises(
        DataError, match="as they were given to fit, without row_groups and sample_weight"
    ):
        fitted.oof_importance(X, y, sample_weight=np.arange(1.0, 801.0))
    with pytest.raises(DataError, match="not known"):
        fitted.oof_importance(X, y, row_groups=np.arange(800))


def test_groups_of_the_fit_are_needed_and_checked():
    X, y = mixed(600)
    persons = np.arange(600) // 2
    model = ThalwegClassifier(**SMALL).fit(X, y, groups=persons)
    found = model.oof_importance(X, y, row_groups=persons)
    assert found.attrs["n_rows"] == 600
    with pytest.raises(DataError, match="X, y and row_groups as X, y and groups were given"):
        model.oof_importance(X, y)
    with pytest.raises(DataError, match="folds of the fit are not known"):
        model.oof_importance(X, y, row_groups=np.random.default_rng(0).permutation(persons))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"early_stopping": False}, "held no row out"),
        ({"early_stopping": "cross-validation"}, "trained on all rows"),
    ],
)
def test_a_model_without_held_out_rows_has_no_oof_importance(settings, said):
    X, y = mixed(300)
    model = ThalwegClassifier(**SMALL, **settings).fit(X, y)
    with pytest.raises(SettingsError, match=said):
        model.oof_importance(X, y)
    with pytest.raises(DataError, match="The rows trained the model"):
        thalweg.importance(model, X, y)


def test_a_model_that_was_trained_further_has_none(fitted, tmp_path):
    X, y = mixed(300)
    model = ThalwegClassifier(**SMALL).fit(X, y)
    model.fit_more(X, y, epochs=1)
    with pytest.raises(SettingsError, match="trained further"):
        model.oof_importance(X, y)


@pytest.mark.parametrize("way", ["hold-out", "folds"])
def test_several_networks_of_one_hold_out_and_repeated_folds(way):
    X, y = mixed(700)
    model = ThalwegClassifier(**SMALL, early_stopping=way, n_ensemble=2).fit(X, y)
    found = model.oof_importance(X, y).set_index("column")
    assert found.attrs["n_rows"] == (700 if way == "folds" else 70)
    assert found.attrs["n_networks"] == (6 if way == "folds" else 2)
    assert found.loc["ward", "low"] > 0


def test_weights_of_the_fit_count_rows():
    X, y = mixed(400)
    weights = np.where(np.arange(400) % 2, 1.0, 3.0)
    model = ThalwegClassifier(**SMALL).fit(X, y, sample_weight=weights)
    assert model.oof_importance(X, y, sample_weight=weights).attrs["n_rows"] == 800
    halves = ThalwegClassifier(**SMALL).fit(X, y, sample_weight=weights / 2)
    found = halves.oof_importance(X, y, sample_weight=weights / 2)
    assert found.attrs["n_rows"] == 400
    assert found.set_index("column").loc["ward", "low"] > 0


def test_near_twins_are_idle_neither_alone_nor_together():
    # b = a + 0.2 noise: of the true function a 2, b 2.08, the group 8.08, c 2.
    random = np.random.default_rng(0)
    a, c, noise = random.normal(size=(3, 1200))
    X = pd.DataFrame({"a": a, "b": a + 0.2 * random.normal(size=1200), "c": c, "noise": noise})
    y = X["a"] + X["b"] + X["c"] + 0.5 * random.normal(size=1200)
    model = ThalwegRegressor(random_state=0).fit(X, y)
    found = model.oof_importance(X, y).set_index("column")
    values, low, high = found["value"], found["low"], found["high"]
    assert found.index[0] == "a, b"
    assert values["a, b"] == pytest.approx(8.08, rel=0.15)
    assert values["a"] + values["b"] == pytest.approx(4.08, rel=0.25)
    assert min(low["a"], low["b"]) > 1
    assert values["c"] == pytest.approx(2.0, rel=0.15)
    assert values["noise"] == pytest.approx(0.0, abs=0.02)
    assert low["noise"] < 0.005 < high["noise"] + 0.01
    assert found.attrs["measure"] == "squared error"


def test_a_regression_is_measured_by_its_own_loss():
    random = np.random.default_rng(1)
    X = pd.DataFrame({"x": random.normal(size=500), "z": random.normal(size=500)})
    y = X["x"] + random.normal(size=500) * np.exp(X["z"] / 2)
    model = ThalwegRegressor(loss="quantile:level=0.9", **SMALL).fit(X, y)
    new = pd.DataFrame({"x": random.normal(size=500), "z": random.normal(size=500)})
    of_new = new["x"] + random.normal(size=500) * np.exp(new["z"] / 2)
    found = thalweg.importance(model, new, of_new)
    assert found.attrs["measure"] == "pinball loss at 0.9"
    lacking = of_new - model.predict(new)
    assert found.attrs["loss"] == pytest.approx(
        np.maximum(0.9 * lacking, -0.1 * lacking).mean(), rel=1e-5
    )
    best = np.quantile(y, 0.9, method="inverted_cdf")
    away = of_new - best
    assert found.attrs["constant_loss"] == pytest.approx(
        np.maximum(0.9 * away, -0.1 * away).mean(), rel=1e-9
    )
    assert OF_THESE_ROWS not in found.attrs["rows"]
    for whole in (search_with(model, X, y), search_with(make_pipeline("passthrough", model), X, y)):
        searched = thalweg.importance(whole, new, of_new)
        assert searched.attrs["measure"] == found.attrs["measure"]
        for name in ("loss", "constant_loss"):
            assert searched.attrs[name] == pytest.approx(found.attrs[name], rel=1e-5), name
    assert thalweg.importance(search_with(model, X, y), new, of_new).equals(found)
    # As a file of an earlier version: the mean and the standard deviation alone.
    likeness = replace(model._known.likeness, target=model._known.likeness.target[:2])
    model._fitted = replace(model._known, likeness=likeness)
    found = thalweg.importance(model, new, of_new)
    assert OF_THESE_ROWS in found.attrs["rows"]
    away = of_new - np.quantile(of_new, 0.9, method="inverted_cdf")
    assert found.attrs["constant_loss"] == pytest.approx(
        np.maximum(0.9 * away, -0.1 * away).mean(), rel=1e-9
    )


def search_with(found, X, y):
    """A fitted search that has found this very estimator."""
    search = GridSearchCV(found, {}, cv=2)
    search.best_estimator_, search.refit, search.scorer_ = found, True, None
    search.multimetric_ = False
    return search


def test_several_classes_and_a_column_that_is_not_used():
    random = np.random.default_rng(2)
    X = pd.DataFrame({"x": random.normal(size=600), "same": 1.0, "noise": random.random(600)})
    y = np.array(["low", "middle", "high"])[np.digitize(X["x"], [-0.5, 0.5])]
    model = ThalwegClassifier(**SMALL).fit(X.iloc[:400], y[:400])
    found = thalweg.importance(model, X.iloc[400:], y[400:]).set_index("column")
    assert found.index[0] == "x"
    assert found.loc["same", ["value", "low", "high"]].tolist() == [0.0, 0.0, 0.0]
    assert found.loc["x", "share"] > 0.9


def test_calibration_and_costs_are_part_of_the_answers():
    X, y = mixed(800)
    settings = {"calibration": "affine", "class_weight": {"ill": 3.0, "well": 1.0}}
    model = ThalwegClassifier(**SMALL, positive="ill", **settings).fit(X, y)
    assert model.calibration_.map is not None
    new, of_new = mixed(300, seed=1)
    found = thalweg.importance(model, new, of_new, groups=None, n_permutations=2)
    values = dict(zip(found["column"], found["value"], strict=True))
    assert values["dose"] == pytest.approx(by_hand(model, new, of_new, "dose", 2), abs=2e-6)


def test_no_hidden_layer_and_float64():
    X, y = mixed(600)
    model = ThalwegClassifier.linear(random_state=0).fit(X, y)
    new, of_new = mixed(200, seed=4)
    found = thalweg.importance(model, new, of_new, groups=None, n_permutations=2)
    values = dict(zip(found["column"], found["value"], strict=True))
    assert values["ward"] == pytest.approx(by_hand(model, new, of_new, "ward", 2), abs=1e-10)


def test_threads_change_no_bit(fitted):
    X, y = mixed(300, seed=1)
    found = []
    for n_jobs in (1, 2):
        fitted.set_params(n_jobs=n_jobs)
        found.append(thalweg.importance(fitted, X, y, n_permutations=3))
    fitted.set_params(n_jobs=None)
    pd.testing.assert_frame_equal(*found, check_exact=True)


def test_a_refit_forgets_what_was_said_of_the_column_that_is_left_out():
    X, y = mixed(300)
    X["code"] = np.random.default_rng(0).integers(1, 4, 300)
    model = ThalwegClassifier(
        **{**SMALL, "max_iter": 4}, category=["code"], n_folds=2, early_stopping="folds"
    ).fit(X, y)
    found = find_importance(model, X, y, groups=None, refit=True, n_permutations=1)
    assert len(found.rises) == 6
    assert all(each.without is not None for each in found.rises)


def test_more_than_20_000_rows_are_sampled():
    random = np.random.default_rng(0)
    X = pd.DataFrame({"x": random.normal(size=21_000)})
    y = X["x"] > 0
    model = ThalwegClassifier(**SMALL).fit(X.iloc[:300], y.iloc[:300])
    found = thalweg.importance(model, X, y, n_permutations=1)
    assert found.attrs["n_rows"] < 21_000 * 0.8  # some seem known
    found = thalweg.importance(Sum().fit(X, X["x"]), X, X["x"], n_permutations=1)
    assert found.attrs["n_rows"] == 20_000
    assert "20,000 of these 21,000 rows were used, drawn at random." in found.attrs["rows"]
    assert found["value"][0] == pytest.approx(2 * X["x"].var(), rel=0.05)


def test_polars_arrow_arrays_and_lists_are_tables():
    polars = pytest.importorskip("polars")
    X, y = mixed(400)
    X = X[["ward", "dose", "noise"]]
    model = ThalwegClassifier(**SMALL).fit(X.iloc[:200], y[:200])
    found = thalweg.importance(model, X.iloc[200:], y[200:])
    other = thalweg.importance(model, polars.from_pandas(X.iloc[200:]), y[200:])
    pd.testing.assert_frame_equal(found, other)
    numbers = X[["dose", "noise"]].to_numpy()
    model = ThalwegClassifier(**SMALL).fit(numbers[:200], y[:200])
    one = thalweg.importance(model, numbers[200:], y[200:])
    assert sorted(one["column"]) == ["x0", "x1"]
    pd.testing.assert_frame_equal(one, thalweg.importance(model, numbers[200:].tolist(), y[200:]))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"n_permutations": 0}, "n_permutations is 0"),
        ({"n_permutations": True}, "n_permutations is True"),
        ({"seed": -1}, "seed is -1"),
        ({"client": object()}, "client is given without refit=True"),
        ({"groups": "all"}, "groups='all' does not say"),
        ({"groups": [["dose", "nosie"]]}, "no column 'nosie'"),
        ({"sample_weight": np.ones(99)}, r"weights do not match the rows.*shape \(99,\), 100 rows"),
    ],
)
def test_arguments_that_have_no_meaning_are_refused(fitted, settings, said):
    X, y = mixed(100, seed=1)
    with pytest.raises((DataError, SettingsError), match=said):
        thalweg.importance(fitted, X, y, **settings)


def test_what_is_no_model_is_refused(fitted):
    X, y = mixed(100, seed=1)
    with pytest.raises(SettingsError, match="A DataFrame has no predict"):
        thalweg.importance(X, fitted, y)
    with pytest.raises(SettingsError, match="is not fitted"):
        thalweg.importance(ThalwegClassifier(), X, y)


def test_the_progress_is_shown_where_it_is_asked_for(fitted, capsys):
    X, y = mixed(100, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        thalweg.importance(fitted, X, y, verbose=1, n_permutations=1)
    assert "Importance: 5 columns" in capsys.readouterr().err
    thalweg.importance(fitted, X, y, n_permutations=1)
    assert not capsys.readouterr().err


def test_a_huber_loss_names_its_unit():
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(400, 2)), columns=["a", "b"])
    y = 30 * X["a"].to_numpy() + random.normal(size=400)
    model = ThalwegRegressor("huber:delta=0.5", hidden_layer_sizes=(8,), random_state=0)
    model.fit(X[:300], y[:300])
    about = thalweg.importance(model, X[300:], y[300:]).attrs
    sigma = np.mean([each.outputs.scale for each in model.members_])
    assert about["measure"] == (
        "Huber loss with delta 0.5 (of errors in standard deviations of the target: "
        f"{amount(sigma)})"
    )
    off = np.abs(y[300:] - model.predict(X[300:])) / sigma
    by_hand = np.where(off < 0.5, off**2 / 2, 0.5 * (off - 0.25)).mean()
    assert about["loss"] == pytest.approx(by_hand, rel=1e-6)


def test_the_fix_for_other_rows_names_all_that_the_fit_was_given():
    X, y = mixed(600)
    persons, weights = np.arange(600) // 2, 1.0 + np.arange(600) % 2
    model = ThalwegClassifier(**SMALL).fit(X, y, groups=persons, sample_weight=weights)
    said = "give X, y, row_groups and sample_weight as X, y, groups and sample_weight were given"
    with pytest.raises(DataError, match=said):
        model.oof_importance(X, y, row_groups=persons)
    found = model.oof_importance(X, y, row_groups=persons, sample_weight=weights)
    assert found.attrs["how"] == "stopped on these rows"


def test_the_fix_for_a_model_that_is_not_fitted_works():
    X, y = mixed(600)
    model = ThalwegClassifier(**SMALL)
    for ask in (lambda: thalweg.importance(model, X, y), lambda: model.oof_importance(X, y)):
        with pytest.raises(SettingsError, match="fit it first") as caught:
            ask()
        assert "how=" not in str(caught.value)
    model.fit(X, y)
    assert len(thalweg.importance(model, X, y)) == len(X.columns)


def test_weights_say_how_many_rows_they_stand_for(fitted):
    X, y = mixed(200, seed=5)
    weights = 1.0 + np.arange(200) % 3
    about = thalweg.importance(fitted, X, y, sample_weight=weights).attrs
    n = int(weights.sum()) if "left out" not in about["rows"] else about["n_rows"]
    assert about["n_rows"] == n
    assert f"count as {n} rows." in about["rows"]
    about = thalweg.importance(fitted, X, y, sample_weight=weights + 0.5).attrs
    assert "effective rows (Kish)" in about["rows"]
    assert "By their weights" not in thalweg.importance(fitted, X, y).attrs["rows"]


def test_a_pipeline_says_why_new_rows_are_not_known_to_be_new():
    random = np.random.default_rng(0)
    X = random.normal(size=(600, 3))
    y = np.where(X[:, 0] + 0.5 * random.normal(size=600) > 0, "ill", "well")
    model = make_pipeline(StandardScaler(), ThalwegClassifier(**SMALL)).fit(X[:400], y[:400])
    new = thalweg.importance(model, X[400:], y[400:]).attrs
    assert new["how"] == "origin unknown"
    assert "what a step computes can depend on the other rows" in new["rows"]
    assert thalweg.importance(model, X, y).attrs["how"] == "test"
