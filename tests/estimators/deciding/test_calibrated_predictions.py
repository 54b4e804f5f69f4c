"""A calibration corrects every prediction of a model: against mpmath, and a planted slope."""

import warnings

import mpmath
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from planted import rows
from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.errors import SettingsError, ThalwegWarning
from thalweg.estimators import network_estimator
from thalweg.estimators.conformal import held_out_errors, prediction_sets
from thalweg.estimators.learning import fitted_networks, out_of_fold
from thalweg.evaluation.calibration.probability_rows import expit, logit
from thalweg.evaluation.calibration.reliability_curve import reliability

SLOPE = 0.6


def table(n, seed, slope=1.0):
    """Rows whose true logit is a line of the columns."""
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(n, 3))
    y = draw.random(n) < expit(slope * (2 * X[:, 0] - X[:, 1] + 0.5))
    return X, np.where(y, "ill", "well")


def lines(calibration, **settings):
    """Logistic regression in folds: close to the truth of these tables."""
    return ThalwegClassifier.linear(
        early_stopping="folds", random_state=0, calibration=calibration, **settings
    )


@pytest.fixture
def too_sure(monkeypatch):
    """Networks whose logits are 1 / 0.6 times too large, in every place that computes them."""
    of_networks = fitted_networks.outputs_of

    def larger(networks, matrix):
        return of_networks(networks, matrix) / SLOPE

    for module in (network_estimator, out_of_fold, held_out_errors, fitted_networks):
        monkeypatch.setattr(module, "outputs_of", larger)


@pytest.fixture(scope="module")
def fitted():
    X, y = table(400, 1)
    return {kind: lines(kind).fit(X, y) for kind in ("none", "temperature", "affine")} | {
        "X": X,
        "y": y,
    }


@pytest.mark.parametrize("positive", ["ill", "well"])
def test_a_planted_slope_is_found_and_corrected(too_sure, positive):
    model = lines("auto", positive=positive).fit(*table(2000, 0))
    found = model.calibration_
    assert (found.map.task, found.map.kind, found.n_rows) == ("binary", "affine", 2000)
    assert found.map.slope == pytest.approx(SLOPE, abs=0.08)
    assert found.p_value < 1e-6
    X, y = table(3000, 5)
    raw = lines("none", positive=positive).fit(*table(2000, 0))
    place = int(model.classes_[1] == positive)
    before, after = (
        reliability(rows(y == positive, each.predict_proba(X)[:, place]), 0)[1]
        for each in (raw, model)
    )
    assert before.mcb > 2 * before.mcb_if_calibrated_at_most
    assert after.mcb < 1.2 * after.mcb_if_calibrated_at_most
    assert after.score < before.score


def test_no_map_is_fitted_where_nothing_is_wrong():
    X, y = table(1000, 3)
    gated, raw = lines("auto").fit(X, y), lines("none").fit(X, y)
    assert raw.calibration_ is None
    assert gated.calibration_.map is None
    assert "no miscalibration shown" in gated.calibration_.sentence
    np.testing.assert_array_equal(gated.predict_proba(X), raw.predict_proba(X))


@pytest.mark.parametrize("kind", ["temperature", "affine"])
def test_probabilities_are_those_of_the_moved_logit_of_the_mean(fitted, kind):
    raw, model, X = fitted["none"], fitted[kind], fitted["X"][:40]
    done, p = model.calibration_.map, model.predict_proba(X)
    # The positive class is the second, "well".
    for one, other in zip(raw.predict_proba(X)[:, 1].tolist(), p.tolist(), strict=True):
        with mpmath.workdps(40):
            z = mpmath.log(one) - mpmath.log(1 - mpmath.mpf(one))
            expected = 1 / (1 + mpmath.exp(-(done.intercept + done.slope * z)))
            assert other == pytest.approx([float(1 - expected), float(expected)], rel=1e-11)
    z = model.decision_function(X)
    np.testing.assert_allclose(z, logit(p[:, 1]), rtol=1e-9)
    np.testing.assert_allclose(model.predict_log_proba(X), np.log(p), rtol=1e-12)
    np.testing.assert_allclose(z, done.line(raw.decision_function(X)), rtol=1e-15)


def test_the_map_is_that_of_logistic_regression_on_the_out_of_fold_logits(fitted):
    model, y = fitted["affine"], fitted["y"]
    z = logit(model.oof_decision_function_[:, 1])
    other = LogisticRegression(C=np.inf, tol=1e-10).fit(z[:, None], y == "well")
    done = model.calibration_.map
    assert done.slope == pytest.approx(float(other.coef_[0, 0]), rel=1e-5)
    assert done.intercept == pytest.approx(float(other.intercept_[0]), abs=1e-5)


def test_the_order_of_the_labels_changes_nothing(fitted):
    X, y = fitted["X"], fitted["y"]
    turned = lines("affine", positive="ill").fit(X, y)
    assert turned.calibration_.map.intercept == pytest.approx(
        -fitted["affine"].calibration_.map.intercept, abs=1e-9
    )
    np.testing.assert_allclose(
        turned.predict_proba(X), fitted["affine"].predict_proba(X), rtol=1e-8
    )


def test_a_row_is_predicted_alone_as_among_others(fitted):
    model, X = fitted["affine"], fitted["X"]
    alone = np.concatenate([model.predict_proba(X[i : i + 1]) for i in range(40)])
    np.testing.assert_array_equal(alone, model.predict_proba(X)[:40])


def test_class_costs_are_divided_out_before_and_decide_after(too_sure):
    X, y = table(1500, 2)
    model = lines("auto", class_weight={"ill": 4, "well": 1}, positive="ill").fit(X, y)
    assert model.calibration_.map.slope == pytest.approx(SLOPE, abs=0.1)
    p = model.predict_proba(X)
    assert model.threshold_ == 0.2
    np.testing.assert_array_equal(model.predict(X) == "ill", p[:, 0] > 0.2)
    np.testing.assert_array_equal(model.called(p), model.predict(X))
    assert np.mean(y == "ill") == pytest.approx(p[:, 0].mean(), abs=0.03)


def test_several_classes_have_a_temperature(too_sure):
    draw = np.random.default_rng(0)
    X = draw.normal(size=(2000, 3))
    y = np.array(["a", "b", "c"])[np.argmax(2 * X + draw.gumbel(size=X.shape), axis=1)]
    raw, model = (lines(each).fit(X, y) for each in ("none", "auto"))
    done = model.calibration_.map
    assert (done.task, done.kind) == ("multiclass", "temperature")
    assert done.slope == pytest.approx(SLOPE, abs=0.05)
    p = model.predict_proba(X)
    np.testing.assert_allclose(p, done.apply(raw.predict_proba(X)), rtol=1e-9)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(np.log(p), model.predict_log_proba(X), rtol=1e-11)
    np.testing.assert_array_equal(model.decision_function(X), model.predict_log_proba(X))
    np.testing.assert_array_equal(model.predict(X), raw.predict(X))
    np.testing.assert_array_equal(model.predict_set(X, 0.9), raw.predict_set(X, 0.9))


def test_sets_of_two_classes_stay(fitted):
    X = fitted["X"]
    one, other = (fitted[kind].predict_set(X, 0.9) for kind in ("none", "affine"))
    np.testing.assert_array_equal(one, other)


def numbers(n, seed):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(n, 3))
    return X, 3 + 2 * X[:, 0] - X[:, 1] + draw.normal(size=n)


def test_a_line_corrects_numbers_and_their_intervals(monkeypatch):
    # Networks that shrink every number to 0.6 of its distance from 3.
    of_networks = fitted_networks.outputs_of
    monkeypatch.setattr(fitted_networks, "outputs_of", lambda *given: SLOPE * of_networks(*given))
    from thalweg.estimators import regressor

    for room in (network_estimator, prediction_sets):
        monkeypatch.setattr(room, "outputs_of", fitted_networks.outputs_of)
    assert regressor.predicted_values is fitted_networks.predicted_values
    X, y = numbers(600, 0)
    raw, model = (
        ThalwegRegressor.linear(early_stopping="folds", random_state=0, calibration=each).fit(X, y)
        for each in ("none", "auto")
    )
    done = model.calibration_.map
    assert done.slope == pytest.approx(1 / SLOPE, abs=0.1)
    fresh, truth = numbers(3000, 1)
    predicted = model.predict(fresh)
    moved = done.intercept + done.slope * raw.predict(fresh)
    np.testing.assert_allclose(predicted, np.clip(moved, y.min(), y.max()), rtol=1e-12)
    assert np.mean((predicted - truth) ** 2) < 0.8 * np.mean((raw.predict(fresh) - truth) ** 2)
    low, high = model.predict_interval(fresh, 0.9).T
    assert np.all((low <= predicted) & (predicted <= high))
    assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(0.9, abs=0.03)
    wide = np.diff(raw.predict_interval(fresh, 0.9), axis=1).mean()
    assert np.mean(high - low) < wide


@pytest.mark.parametrize("of", [table, numbers])
def test_a_file_gives_back_every_bit(of, tmp_path):
    X, y = of(300, 4)
    kind = ThalwegClassifier if of is table else ThalwegRegressor
    model = kind.linear(early_stopping="folds", random_state=0, calibration="affine").fit(X, y)
    model.save(tmp_path / "m")
    back = load_model(tmp_path / "m")
    assert back.calibration_ == model.calibration_
    assert back.settings_ == model.settings_
    names = ["predict", "predict_proba", "decision_function", "predict_log_proba", "predict_set"]
    for name in names if of is table else ["predict", "predict_interval"]:
        np.testing.assert_array_equal(getattr(back, name)(X), getattr(model, name)(X))
    back.save(tmp_path / "again")
    assert (tmp_path / "m").read_bytes() == (tmp_path / "again").read_bytes()


@pytest.mark.parametrize("of", [table, numbers])
def test_whole_weights_are_so_many_rows(of):
    X, y = of(200, 6)
    times = np.random.default_rng(0).integers(1, 4, len(y))
    kind = ThalwegClassifier if of is table else ThalwegRegressor
    made = [
        kind.linear(early_stopping="folds", random_state=0, calibration="affine").fit(*each)
        for each in ((X, y, times), (np.repeat(X, times, axis=0), np.repeat(y, times)))
    ]
    assert made[0].calibration_ == made[1].calibration_
    assert made[0].calibration_.n_rows == times.sum()
    np.testing.assert_array_equal(made[0].predict(X), made[1].predict(X))


def test_further_training_drops_the_map_with_a_warning(fitted):
    X, y = fitted["X"], fitted["y"]
    model = ThalwegClassifier((4,), random_state=0, max_iter=4, calibration="affine").fit(X, y)
    assert model.calibration_.map is not None
    with pytest.warns(ThalwegWarning, match="The calibration of the fit is dropped"):
        model.fit_more(X, y, epochs=1)
    assert model.calibration_.map is None
    assert "holds no row out" in model.calibration_.sentence
    raw = network_estimator.outputs_of(model.members_, X)
    np.testing.assert_array_equal(model.predict_proba(X), model._classes.probabilities(raw))
    with warnings.catch_warnings():  # there is nothing left to drop
        warnings.simplefilter("error")
        model.partial_fit(X, y)


def test_a_warm_start_on_the_same_rows_keeps_the_map(fitted):
    X, y = fitted["X"], fitted["y"]
    model = ThalwegClassifier(
        (4,), random_state=0, max_iter=4, calibration="affine", warm_start=True
    ).fit(X, y)
    before = model.calibration_
    assert model.fit(X, y).calibration_ is before
    with pytest.warns(ThalwegWarning, match="is dropped"):
        model.fit(X[:300], y[:300])


def test_batches_have_none(fitted):
    X, y = fitted["X"], fitted["y"]
    model = ThalwegClassifier((4,), random_state=0, calibration="auto")
    model.partial_fit(X, y, classes=["ill", "well"])
    assert model.calibration_.map is None
    with pytest.raises(SettingsError, match="needs out-of-fold predictions"):
        ThalwegClassifier((4,), calibration="affine").partial_fit(X, y, classes=["ill", "well"])


def test_each_training_part_has_a_map_of_its_own(fitted):
    from sklearn.model_selection import cross_validate

    X, y = fitted["X"], fitted["y"]
    made = cross_validate(lines("affine"), X, y, cv=3, return_estimator=True, return_indices=True)
    for model, train in zip(made["estimator"], made["indices"]["train"], strict=True):
        assert model.calibration_.n_rows == len(train)
        assert model.calibration_ == lines("affine").fit(X[train], y[train]).calibration_
