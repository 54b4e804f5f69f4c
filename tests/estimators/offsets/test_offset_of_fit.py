"""Fits with exposures and offsets, against linear models of scikit-learn and a known truth."""

import re

import numpy as np
import pandas as pd
import polars
import pytest
from sklearn.linear_model import TweedieRegressor
from sklearn.metrics import mean_poisson_deviance

from thalweg import ThalwegClassifier, ThalwegRegressor, evaluate, importance, load_model
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.offsets.offset_of_fit import rate_name
from thalweg.reporting.page.rows_report import evaluation_report

LINEAR = {
    "hidden_layer_sizes": (), "n_bins": 0, "alpha": 0, "optimizer": "lbfgs", "random_state": 0,
    "early_stopping": False,
}  # fmt: skip
QUICK = {"hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0}


def claims(n=400, seed=0):
    """Counts whose rate is known, with exposures."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    rate = np.exp(0.3 + 0.5 * X["a"] - 0.4 * X["b"]).to_numpy()
    years = rng.uniform(0.05, 4, n).round(3)
    return X, years, rate, rng.poisson(years * rate).astype(float)


@pytest.mark.parametrize("power", [1, 1.5, 2])
def test_without_a_hidden_layer_it_is_the_linear_model_of_rates(power):
    X, years, rate, y = claims()
    loss = {1: "poisson", 2: "gamma"}.get(power, "tweedie:power=1.5")
    if power > 1:
        rng = np.random.default_rng(1)
        y = years * rate * rng.gamma(2.0, 0.5, len(y)) * (rng.random(len(y)) < 0.8)
        y += 0.01 * (power == 2)
    model = ThalwegRegressor(loss, **LINEAR).fit(X, y, exposure=years)
    exact = TweedieRegressor(power=power, alpha=0, link="log", tol=1e-9, max_iter=10_000)
    encoded = model.encoder_.encode(X.to_numpy())
    exact.fit(encoded, y / years, sample_weight=years ** (2 - power))
    np.testing.assert_allclose(model.coefs_[0][:, 0], exact.coef_, atol=1e-4)
    rates = np.clip(exact.predict(encoded), (y / years).min(), (y / years).max())
    np.testing.assert_allclose(model.predict(X, exposure=1), rates, rtol=1e-4)
    np.testing.assert_allclose(model.predict(X, exposure=years), rates * years, rtol=1e-4)
    offset = ThalwegRegressor(loss, **LINEAR).fit(X, y, offset=np.log(years))
    np.testing.assert_allclose(offset.predict(X, offset=0), rates, rtol=1e-4)


def test_the_truth_of_a_simulation_is_found():
    X, years, rate, y = claims(4000)
    model = ThalwegRegressor("poisson", **LINEAR).fit(X.assign(years=years), y, exposure="years")
    apart = np.log(model.predict(X, exposure=1) / rate)
    assert np.sqrt(np.mean(apart**2)) < 0.05
    # Without exposures, the same counts say another thing.
    naive = ThalwegRegressor("poisson", **LINEAR).fit(X, y).predict(X)
    assert np.sqrt(np.mean(np.log(naive / rate) ** 2)) > 0.4


@pytest.mark.parametrize("loss", ["poisson", "tweedie:power=1.3", "gamma"])
def test_days_and_years_are_one_network(loss):
    X, years, _, y = claims(200)
    fits = [
        ThalwegRegressor(loss, **QUICK).fit(X, y + 0.5, exposure=unit * years)
        for unit in (1.0, 365.25)
    ]
    in_years, in_days = fits
    for one, other in zip(in_years.members_, in_days.members_, strict=True):
        assert one.theta.tobytes() == other.theta.tobytes()
    rates = in_years.predict(X, exposure=1)
    np.testing.assert_allclose(in_days.predict(X, exposure=365.25), rates, rtol=1e-9)
    np.testing.assert_allclose(in_days.oof_prediction_, in_years.oof_prediction_, rtol=1e-9)


def test_a_row_of_weight_2_is_two_rows_with_exposures_too():
    X, years, _, y = claims(120)
    double = np.where(np.arange(120) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(120), double.astype(int))
    one = ThalwegRegressor("poisson", **QUICK).fit(X, y, double, exposure=years)
    two = ThalwegRegressor("poisson", **QUICK).fit(X.iloc[twice], y[twice], exposure=years[twice])
    np.testing.assert_allclose(one.predict(X, exposure=1), two.predict(X, exposure=1), rtol=1e-5)


def test_exposures_of_1_change_nothing():
    X, _, _, y = claims(100)
    plain = ThalwegRegressor("poisson", **LINEAR).fit(X, y)
    ones = ThalwegRegressor("poisson", **LINEAR).fit(X, y, exposure=np.ones(100))
    np.testing.assert_allclose(ones.predict(X, exposure=1), plain.predict(X), rtol=1e-6)


@pytest.mark.parametrize("frame", [pd.DataFrame, polars.DataFrame])
def test_a_column_is_no_feature_and_found_again_by_its_name(frame, tmp_path):
    X, years, _, y = claims(150)
    table = frame({"years": years, "a": X["a"].to_numpy(), "b": X["b"].to_numpy()})
    model = ThalwegRegressor("poisson", **QUICK).fit(table, y, exposure="years")
    assert model.feature_names_in_.tolist() == ["a", "b"]
    model.save(tmp_path / "m")
    found = load_model(tmp_path / "m")
    for each in (model, found):
        predicted = each.predict(table)
        np.testing.assert_array_equal(predicted, each.predict(X, exposure=years))
        np.testing.assert_array_equal(predicted, years * each.per_unit().predict(X))
    array = ThalwegRegressor("poisson", **QUICK).fit(X, y, exposure=years)
    np.testing.assert_array_equal(array.predict(X, exposure=years), predicted)
    oof = array.oof_prediction_
    assert np.corrcoef(oof, y)[0, 1] > 0.5
    assert oof.max() > years.max()  # they are counts, not rates


def test_an_offset_is_added_where_the_link_is_the_identity():
    X, years, _, y = claims(150)
    table = X.assign(known=10 * years)
    model = ThalwegRegressor(**QUICK).fit(table, y + 10 * years, offset="known")
    plain = ThalwegRegressor(**QUICK).fit(X, y + 10 * years - 10 * years)
    np.testing.assert_allclose(model.predict(table), plain.predict(X) + 10 * years, rtol=1e-9)
    ends = plain.predict_interval(X) + 10 * years[:, None]
    np.testing.assert_allclose(model.predict_interval(table), ends, rtol=1e-9)
    assert model.score(table, y + 10 * years) > 0.9


def test_intervals_of_gamma_are_those_of_the_row_and_of_counts_there_are_none():
    X, years, _, y = claims(150)
    gamma = ThalwegRegressor("gamma", **QUICK).fit(X, y + 0.1, exposure=years)
    ends = gamma.per_unit().predict_interval(X) * years[:, None]
    np.testing.assert_allclose(gamma.predict_interval(X, exposure=years), ends)
    counts = ThalwegRegressor("poisson", **QUICK).fit(X, y, exposure=years)
    with pytest.raises(AttributeError, match="a rate has the more noise"):
        counts.predict_interval(X)


def test_further_training_keeps_the_column(tmp_path):
    X, years, _, y = claims(150)
    table, optimizer = X.assign(years=years), {"optimizer": "adam"}
    model = ThalwegRegressor("poisson", **QUICK, **optimizer).partial_fit(
        table, y, exposure="years"
    )
    before = model.predict(table)
    model.partial_fit(table, y).fit_more(table, y, 3)
    assert (model.predict(table) != before).any()
    warm = ThalwegRegressor("poisson", warm_start=True, **QUICK).fit(table, y, exposure="years")
    theta = warm.theta_.copy()
    assert warm.fit(table, y, exposure="years").theta_.tobytes() == theta.tobytes()


CALLS = {
    "exposure of 0": ({"exposure": "zero"}, {}, "exposure is 0, and .* above 0.*row 4"),
    "missing": ({"exposure": "gap"}, {}, "exposure is missing.*row 4"),
    "no column": ({"exposure": "jears"}, {}, 'Did you mean "years"'),
    "too short": ({"exposure": [1.0]}, {}, "does not belong to 50 rows"),
    "both": ({"exposure": "years", "offset": "years"}, {}, "two ways to say the same"),
    "far": ({"offset": np.full(50, 900.0)}, {}, "offset is 900"),
    "texts": ({"exposure": ["a"] * 50}, {}, "not numbers"),
    "identity": ({"exposure": "years"}, {"loss": "huber"}, "none of them"),
    "scaled": ({"exposure": "years"}, {"interval_kind": "scaled"}, "does not go with"),
    "scoring": ({"exposure": "years"}, {"scoring": "r2"}, "does not go with"),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_cannot_be_an_offset_is_refused(name):
    given, settings, says = CALLS[name]
    X, years, _, y = claims(50)
    places = np.arange(50)
    table = X.assign(
        years=years, zero=np.where(places == 3, 0, years), gap=np.where(places == 3, np.nan, years)
    )
    model = ThalwegRegressor(**{"loss": "poisson", **QUICK, **settings})
    with pytest.raises((DataError, SettingsError), match=f"(?s){says}"):
        model.fit(table, y, **given)


def test_what_a_later_table_lacks_is_said_with_its_fix():
    X, years, _, y = claims(60)
    model = ThalwegRegressor("poisson", **QUICK).fit(X.assign(years=years), y, exposure="years")
    with pytest.raises(DataError, match=r'exposure="years".*no such column.*exposure=1'):
        model.predict(X)
    array = ThalwegRegressor("poisson", **QUICK).fit(X, y, exposure=years)
    with pytest.raises(DataError, match=r"none is given here.*exposure=1 for one unit"):
        array.predict(X)
    plain = ThalwegRegressor("poisson", **QUICK).fit(X, y)
    with pytest.raises(SettingsError, match="fitted without exposure"):
        plain.predict(X, exposure=1)
    with pytest.raises(SettingsError, match=re.escape("model.per_unit()")):
        model.trace(X, y)
    with pytest.raises(TypeError, match="exposure"):
        ThalwegClassifier().fit(X, y > 1, exposure=years)


def test_an_evaluation_of_rates_is_that_of_rates_with_weights():
    X, years, _, y = claims(200)
    model = ThalwegRegressor("poisson", **LINEAR)
    asked = {"baselines": None, "how": "holdout"}
    found = evaluate(model, X.assign(years=years), y, exposure="years", **asked)
    by_hand = evaluate(model, X, y / years, sample_weight=years * 200 / years.sum(), **asked)
    key = "poisson"
    assert found.verdict.network.metrics[key].value == pytest.approx(
        by_hand.verdict.network.metrics[key].value, rel=1e-6
    )
    fitted = ThalwegRegressor("poisson", **LINEAR).fit(X[:100], y[:100], exposure=years[:100])
    given = evaluate(fitted, X[100:], y[100:], exposure=years[100:], how="given")
    rates = fitted.predict(X[100:], exposure=years[100:])
    y, years = y[100:], years[100:]
    of_counts = mean_poisson_deviance(y, rates) * len(y)
    # Of a mean unit of exposure.
    assert given.verdict.network.metrics[key].value == pytest.approx(
        of_counts / years.sum(), rel=1e-5
    )
    with pytest.raises(SettingsError, match="name one of them"):
        evaluate(ThalwegRegressor(**LINEAR), X[100:], y, exposure=years)


@pytest.mark.parametrize(("loss", "power"), [("poisson", 1), ("tweedie:power=1.5", 1.5)])
def test_the_unit_of_the_exposures_changes_no_evaluation_but_by_a_factor(loss, power):
    """A copy was fitted with exposures as weights of rates, whose size depends on the unit."""
    X, years, _, y = claims(200)
    model = ThalwegRegressor(loss, hidden_layer_sizes=(4,), max_iter=8, random_state=0)
    found = [
        evaluate(model, X.assign(time=k * years), y, exposure="time", baselines=None)
        for k in (1, 365.25)
    ]
    value, of_days = (each.verdict.network.metrics[loss.partition(":")[0]].value for each in found)
    assert of_days * 365.25 ** (2 - power) == pytest.approx(value, rel=1e-9)
    rates, of_days = (each.model.predict(X) for each in found)
    np.testing.assert_allclose(365.25 * of_days, rates, rtol=1e-9)


def test_an_evaluation_of_rates_has_no_intervals_and_says_why():
    X, years, _, y = claims(200)
    model = ThalwegRegressor("poisson", **LINEAR)
    for how in ("holdout", "cross-validation"):
        found = evaluate(model, X, y, exposure=years, baselines=None, how=how)
        assert found.sections().coverage is None
        assert "Intervals are not given: it was fitted with exposures" in found.text()
        with pytest.raises(SettingsError, match="the more noise the smaller its exposure"):
            found.intervals()
    model = ThalwegRegressor("gamma", **LINEAR)
    assert evaluate(model, X, y + 1, exposure=years, baselines=None).intervals().nominal == 0.9


def test_out_of_fold_quantiles_have_the_offset_added():
    """Each level of a row is moved by the offset of the row; this crashed after training."""
    rng = np.random.default_rng(0)
    X, offset = rng.normal(size=(120, 2)), rng.normal(size=120) * 50
    y = X[:, 0] + offset + rng.normal(size=120)
    settings = {"hidden_layer_sizes": (), "max_iter": 5, "random_state": 0}
    model = ThalwegRegressor("quantile:levels=0.1/0.9", **settings).fit(X, y, offset=offset)
    plain = ThalwegRegressor("quantile:levels=0.1/0.9", **settings).fit(X, y - offset)
    expected = plain.oof_prediction_ + offset[:, None]
    np.testing.assert_allclose(model.oof_prediction_, expected, rtol=0, atol=1e-3)
    found = model.predict(X, offset=offset)
    np.testing.assert_allclose(found, plain.predict(X) + offset[:, None], rtol=0, atol=1e-3)


@pytest.mark.parametrize("how", ["holdout", "cross-validation", "given"])
def test_an_evaluation_without_the_exposure_of_the_fit_is_refused_and_the_fix_works(how):
    """A copy would be fitted to counts, with the exposure as a feature."""
    X, years, _, y = claims(120)
    table = X.assign(years=years)
    model = ThalwegRegressor("poisson", **LINEAR).fit(table, y, exposure="years")
    asked = {"how": how, "baselines": None}
    with pytest.raises(SettingsError, match="fitted with exposure, and none") as caught:
        evaluate(model, table, y, **asked)
    assert "give the sizes of the rows: exposure='years'" in str(caught.value)
    if how == "holdout":
        assert evaluate(model, table, y, exposure="years", **asked).verdict.network.metrics
        rates = model.per_unit()
        assert evaluate(rates, X, y / years, sample_weight=years, **asked) is not None
        moved = ThalwegRegressor(**LINEAR).fit(X, y, offset=years)
        with pytest.raises(SettingsError, match=r"fitted with offset,.*per_unit"):
            evaluate(moved, X, y, **asked)


def test_held_out_rows_are_refused_in_the_words_of_who_gave_them():
    X, years, _, y = claims(60)
    for name, given in (
        ("eval_set", {"eval_set": (X, y)}), ("X_val", {"X_val": X, "y_val": y}),
    ):  # fmt: skip
        with pytest.raises(SettingsError, match=f"{name} does not go .* leave {name} out"):
            ThalwegRegressor("poisson", **QUICK).fit(X, y, exposure=years, **given)


@pytest.mark.parametrize("loss", ["poisson", "tweedie:power=1.5"])
def test_importance_on_the_rows_of_the_fit_is_that_of_the_rates(loss):
    """Each fix that an error prints is followed, from the model itself to the numbers."""
    X, years, _, y = claims(120)
    settings = {**QUICK, "max_iter": 30, "alpha": 0.01, "importance": True}
    model = ThalwegRegressor(loss, **settings).fit(X, y, exposure=years)
    with pytest.raises(SettingsError, match=r"take the model of rates, model.per_unit\(\)"):
        importance(model, X, y)
    rates, weights = model.per_unit(), years ** (1 if loss == "poisson" else 0.5)
    size = "exposure;" if loss == "poisson" else r"exposure \*\* 0.5;"
    with pytest.raises(DataError, match=f"not the rates of the fit.*sample_weight={size}"):
        importance(rates, X, y / years)
    found = importance(rates, X, y / years, sample_weight=weights)
    assert found.attrs["how"] == "stopped on these rows"
    # The fit asked its held-out rows itself, with other donors.
    own = model.importance_.set_index("column")["value"]
    np.testing.assert_allclose(found.set_index("column")["value"], own[found["column"]], atol=0.15)
    order = np.random.default_rng(0).permutation(len(X))
    moved = rates.oof_importance(X.iloc[order], (y / years)[order], sample_weight=weights[order])
    np.testing.assert_allclose(moved["value"], found["value"], rtol=1e-9)


def test_the_text_and_the_page_of_an_evaluation_say_that_numbers_are_rates():
    X, years, _, y = claims(60)
    model, asked = ThalwegRegressor("poisson", **LINEAR), {"baselines": None}
    counts = pd.Series(y, name="claims")
    found = evaluate(model, X.assign(years=years), counts, exposure="years", **asked)
    said = 'The target is evaluated as a rate, per unit of "years", and a row counts by'
    for text in (found.text(), found._repr_html_().replace("&quot;", '"')):
        assert said in " ".join(text.split())
    about = evaluation_report(found)["table"]
    assert (about["target"], "unit" in about) == ("claims per unit of years", False)
    assert about["notes"][0].startswith(said)
    found = evaluate(ThalwegRegressor("gamma", **LINEAR), X, y + 1, exposure=years, **asked)
    assert "per unit of exposure: the deviance" in " ".join(found.text().split())
    about = evaluation_report(found, target="cost", unit="euro")["table"]
    assert (about["target"], about["unit"]) == (
        "cost per unit of exposure", "euro per unit of exposure"
    )  # fmt: skip
    assert "as a rate" not in evaluate(model, X, y, **asked).text()


def test_rates_of_a_target_without_a_name_are_numbers_per_unit():
    X, years, _, y = claims(60)
    X["years"] = years
    named = ThalwegRegressor("poisson", **QUICK).fit(X, y, exposure="years")
    offset = named._known.offset
    assert rate_name("claims", offset, "poisson") == "claims per unit of years"
    assert rate_name("", offset, "poisson") == "number per unit of years"
    assert rate_name("", offset, "squared_error") == ""
