"""The parameter ``importance``: what a fit finds at its end, keeps in a file, and gives others."""

import inspect

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.pipeline import make_pipeline

import thalweg
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import ModelFileError, SettingsError, ThalwegWarning
from thalweg.sealed_container import read_sealed, seal

SMALL = {"hidden_layer_sizes": (16,), "preset": "quick", "random_state": 0}


def table(n: int = 400, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Two columns that matter, among four of noise."""
    random = np.random.default_rng(seed)
    X = pd.DataFrame(random.normal(size=(n, 6)), columns=[f"c{j}" for j in range(6)])
    z = 2 * X["c1"] - 1.5 * X["c4"]
    return X, np.where(random.random(n) < 1 / (1 + np.exp(-z)), "yes", "no")


@pytest.fixture(scope="module")
def fitted() -> ThalwegClassifier:
    return ThalwegClassifier(**SMALL, importance=True).fit(*table())


def test_what_a_fit_gives_otherwise_does_not_change_a_bit(fitted):
    X, y = table()
    plain = ThalwegClassifier(**SMALL).fit(X, y)
    for one, other in zip(fitted.members_, plain.members_, strict=True):
        np.testing.assert_array_equal(one.theta, other.theta)
        assert one.history == other.history
    np.testing.assert_array_equal(fitted.predict_proba(X), plain.predict_proba(X))
    assert "importance" not in plain.settings_
    with pytest.raises(AttributeError, match="after fit with importance=True"):
        _ = plain.feature_importances_
    assert not hasattr(plain, "importance_")


def test_the_epochs_are_those_that_other_folds_chose(fitted):
    found = fitted.importance_
    assert found.attrs["how"] == "out-of-fold"
    # `oof_loss_` is the mean over the same rows, by the same networks.
    assert found.attrs["loss"] == pytest.approx(fitted.oof_loss_, abs=1e-6)
    assert found.attrs["n_rows"] == 400


def test_feature_importances_are_clipped_at_0_in_the_order_of_the_table(fitted):
    importances = fitted.feature_importances_
    assert importances.shape == (6,)
    assert importances.min() >= 0
    assert set(np.argsort(importances)[-2:]) == {1, 4}
    values = fitted.importance_.set_index("column")["value"]
    for name, value in zip(fitted.feature_names_in_, importances, strict=True):
        assert value == max(0.0, values[name])


def test_rfe_and_select_from_model_keep_what_matters():
    X, y = table()
    model = ThalwegClassifier(**SMALL, importance=True)
    kept = RFE(model, n_features_to_select=2, step=2).fit(X, y)
    assert kept.support_.tolist() == [False, True, False, False, True, False]
    kept = SelectFromModel(model).fit(X, y)
    assert kept.get_support().tolist() == [False, True, False, False, True, False]
    numbers = X["c1"] + X["c4"] + 0.1 * X["c0"]
    regressor = ThalwegRegressor(**SMALL, importance=True)
    kept = SelectFromModel(regressor, max_features=2, threshold=-np.inf).fit(X.to_numpy(), numbers)
    assert kept.get_support().tolist() == [False, True, False, False, True, False]


def test_a_file_keeps_it(fitted, tmp_path):
    fitted.save(tmp_path / "m")
    loaded = thalweg.load_model(tmp_path / "m")
    np.testing.assert_array_equal(loaded.feature_importances_, fitted.feature_importances_)
    pd.testing.assert_frame_equal(loaded.importance_, fitted.importance_)
    assert loaded.importance_.attrs == fitted.importance_.attrs
    assert loaded.importance


def rise(j, **changed):
    return {"members": [j], "value": 0.1, "low": 0.0, "high": 0.2, "networks": None, **changed}


WRONG = {
    "not that of each of its columns": {"rises": [rise(j) for j in range(5)]},
    "not that of each of its columns ": {"rises": [rise(0), *(rise(j) for j in range(6))]},
    "outside its interval": {"rises": [rise(0, low=0.15), *(rise(j) for j in range(1, 6))]},
    "groups of its importance": {"rises": [*map(rise, range(6)), rise(0, members=[0, 9])]},
    "groups of its importance ": {"rises": [*map(rise, range(6)), rise(0, members=[2, 1])]},
    "networks is no interval": {"rises": [*map(rise, range(5)), rise(5, networks=[2.0, 1.0])]},
    "networks is no interval ": {"rises": [*map(rise, range(5)), rise(5, networks=[2.0])]},
    "knows nothing": {"loss": 5.0, "constant_loss": 5.0},
    "more than its arrays can have": {"rises": [*map(rise, range(6))] * 40},
    "value is None": {"rises": [rise(0, value=None), *map(rise, range(1, 6))]},
    "value is 'x'": {"rises": [rise(0, value="x"), *map(rise, range(1, 6))]},
    "value is True": {"rises": [rise(0, value=True), *map(rise, range(1, 6))]},
    "n_rows is 0": {"n_rows": 0},
    "unit is 'm'": {"unit": "m"},
    "how is 'luck'": {"how": "luck"},
    "at most 600 letters": {"rows": "x" * 601},
    "should not have, the keys": {"more": 1},
}


@pytest.mark.parametrize("says", WRONG)
def test_a_forged_importance_is_refused(fitted, tmp_path, says):
    fitted.save(tmp_path / "m")
    header, arrays = read_sealed(tmp_path / "m")
    forged = {**header, "importance": {**header["importance"], **WRONG[says]}}
    (tmp_path / "forged").write_bytes(seal(forged, arrays))
    with pytest.raises(ModelFileError) as found:
        thalweg.load_model(tmp_path / "forged")
    assert says.strip() in str(found.value)


def test_an_importance_that_was_not_asked_for_is_refused(fitted, tmp_path):
    fitted.save(tmp_path / "m")
    header, arrays = read_sealed(tmp_path / "m")
    settings = {k: v for k, v in header["training"]["settings"].items() if k != "importance"}
    forged = {**header, "training": {**header["training"], "settings": settings}}
    (tmp_path / "forged").write_bytes(seal(forged, arrays))
    with pytest.raises(ModelFileError, match="its fit was not asked for"):
        thalweg.load_model(tmp_path / "forged")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"early_stopping": False}, "No row is held out.*Fix: fit with early_stopping"),
        ({"early_stopping": "cross-validation"}, "networks are trained on all rows"),
    ],
)
def test_a_fit_that_holds_no_row_out_is_refused_before_it_trains(settings, said):
    with pytest.raises(SettingsError, match=said):
        ThalwegClassifier(**SMALL, importance=True, **settings).fit(*table(60))


def test_the_fix_is_not_what_was_given_already():
    X, y = table(60)
    model = ThalwegClassifier(**SMALL, importance=True, early_stopping="folds")
    with pytest.raises(SettingsError, match=r"choose the epoch.*Fix: leave out X_val and y_val"):
        model.fit(X, y, X_val=X[:20], y_val=y[:20])


def test_rows_in_time_order_are_refused():
    X, y = table(100)
    X["day"] = np.arange(100)
    said = "time order are mostly never held out.*Fix: leave time_column out"
    with pytest.raises(SettingsError, match=said):
        ThalwegClassifier(**SMALL, importance=True, early_stopping="folds").fit(
            X, y, time_column="day"
        )


@pytest.mark.parametrize("n", [40, 200])
def test_too_few_rows_and_a_model_that_knows_nothing_are_warned_of(n):
    X, _ = table(n)
    y = np.random.default_rng(1).integers(0, 2, n)
    said = "at least 50 are needed" if n < 50 else "not shown to know more than a constant"
    with pytest.warns(ThalwegWarning, match=f"{said}.*no feature_importances_"):
        model = ThalwegClassifier(**SMALL, importance=True).fit(X, y)
    with pytest.raises(AttributeError, match=f"no feature_importances_.*{said}"):
        _ = model.feature_importances_
    assert not hasattr(model, "importance_")
    assert model.oof_loss_ > 0
    # What lists all attributes does not meet the error.
    assert "feature_importances_" not in dict(inspect.getmembers(model))
    assert make_pipeline(model)._repr_html_()


def test_a_fit_warns_why_a_selector_has_no_columns_and_a_file_knows_it(tmp_path):
    X, _ = table(200)
    y = np.random.default_rng(1).integers(0, 2, 200)
    model = ThalwegClassifier(**SMALL, importance=True)
    for selector in (RFE(model), SelectFromModel(model)):
        with (
            pytest.warns(ThalwegWarning, match="not shown to know more than a constant answer"),
            pytest.raises(ValueError, match="feature_importances_"),
        ):
            selector.fit(X, y).transform(X)
    with pytest.warns(ThalwegWarning, match="no feature_importances_"):
        model.fit(X, y)
    model.save(tmp_path / "m")
    loaded = thalweg.load_model(tmp_path / "m")
    assert not hasattr(loaded, "feature_importances_")
    with pytest.raises(AttributeError, match="held-out rows of its fit did not show it"):
        _ = loaded.feature_importances_


def test_partial_fit_refuses_importance_and_says_that_there_is_none():
    X, y = table(100)
    model = ThalwegClassifier(**SMALL, importance=True)
    with pytest.raises(SettingsError, match="partial_fit holds no row out"):
        model.partial_fit(X, y, classes=np.unique(y))
    model.set_params(importance=False).partial_fit(X, y, classes=np.unique(y))
    with pytest.raises(AttributeError, match="partial_fit holds no row out"):
        _ = model.feature_importances_
    with pytest.raises(SettingsError, match="partial_fit trained it") as caught:
        model.oof_importance(X, y)
    assert "after its fit" not in str(caught.value)


def test_a_hold_out_set_answers_at_the_epoch_that_it_chose():
    X, y = table(1200)
    model = ThalwegClassifier(**SMALL, importance=True, early_stopping="hold-out").fit(X, y)
    found = model.importance_
    assert found.attrs["how"] == "stopped on these rows"
    assert found.attrs["n_rows"] == 120
    assert set(np.argsort(model.feature_importances_)[-2:]) == {1, 4}


def test_training_further_drops_it(tmp_path):
    X, y = table(100)
    model = ThalwegClassifier(**SMALL, importance=True).fit(X, y)
    assert hasattr(model, "feature_importances_")
    model.fit_more(X, y, epochs=1)
    assert not hasattr(model, "feature_importances_")
    model.save(tmp_path / "m")
    assert not hasattr(thalweg.load_model(tmp_path / "m"), "importance_")
