"""`thalweg.drift`: predictions and losses beside the fit, and tables that do not fit the model."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV

import thalweg
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.drift.drift_sentences import sentences
from thalweg.reporting.effects.effect_words import answer_words, effect_lines
from thalweg.reporting.explaining.contribution_words import quantity_of
from thalweg.reporting.page.what_if_data import what_if_data


def table(n, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "a": rng.normal(size=n) + shift,
            "b": rng.normal(size=n),
            "k": rng.choice(list("xyz"), n, p=[0.5, 0.3, 0.2]),
        }
    )
    return X, np.where(X["a"] + rng.normal(size=n) > 0, "ill", "well")


@pytest.fixture(scope="module")
def model():
    return ThalwegClassifier((4,), max_iter=60, random_state=0, positive="ill").fit(*table(400, 0))


@pytest.fixture(scope="module")
def regressor():
    X, _ = table(300, 0)
    return ThalwegRegressor(hidden_layer_sizes=(4,), max_iter=60, random_state=0).fit(X, X["a"])


def test_a_search_answers_by_the_model_that_it_found():
    X, y = table(120, 0)
    search = GridSearchCV(
        ThalwegClassifier((2,), max_iter=5, random_state=0), {"alpha": [1e-4]}, cv=2
    ).fit(X, y)
    now = table(90, 1)
    assert thalweg.drift(search, *now).as_dict() == (
        thalweg.drift(search.best_estimator_, *now).as_dict()
    )
    assert thalweg.model_card(search).data == (thalweg.model_card(search.best_estimator_).data)


def test_without_drift_it_passes_and_says_the_predictions(model):
    X, y = table(300, 1)
    found = thalweg.drift(model, X, y)
    assert found.passed
    p = model.predict_proba(X)[:, model.classes_.tolist().index("ill")]
    (share,) = found.predictions
    assert share.now.value == pytest.approx(p.mean())
    assert share.then == pytest.approx(np.mean(table(400, 0)[1] == "ill"))
    assert share.observed_by_expected.value == pytest.approx(np.mean(y == "ill") / p.mean())
    assert found.expected_accuracy == pytest.approx(np.maximum(p, 1 - p).mean())
    assert "if the probabilities are still calibrated; true accuracy: " in found.text()
    right, n, z = np.mean(np.where(p > 0.5, "ill", "well") == y), 300, 1.959963984540054
    assert found.accuracy.value == pytest.approx(right)
    # Wilson's ends are the shares that differ from it by z standard errors of their own.
    for end in (found.accuracy.low, found.accuracy.high):
        assert abs(right - end) == pytest.approx(z * np.sqrt(end * (1 - end) / n))
    assert thalweg.drift(model, X).accuracy is None


def test_counts_of_rows_in_json_are_integers(model):
    data = thalweg.drift(model, table(300, 1)[0]).as_dict()
    assert (data["training_rows"], type(data["training_rows"])) == (400, int)


@pytest.mark.parametrize(
    ("loss", "name", "power"),
    [
        ("squared_error", "half the squared error, in squared standard deviations", 2),
        ("absolute_error", "absolute error, in standard deviations", 1),
        ("quantile:level=0.5", "pinball loss at 0.5, in standard deviations", 1),
        ("huber", "Huber loss with delta 1, in squared standard deviations", 2),
    ],
)
def test_the_loss_names_its_measure_and_unit(loss, name, power):
    X, _ = table(300, 0)
    y = 40 * X["a"].to_numpy() + 10 * X["b"].to_numpy()
    model = ThalwegRegressor(
        loss, hidden_layer_sizes=(4,), max_iter=30, early_stopping="folds", random_state=0
    ).fit(X, y)
    spread = y.std()
    X, _ = table(300, 1)
    y = 40 * X["a"].to_numpy() + 10 * X["b"].to_numpy()
    found = thalweg.drift(model, X, y)
    assert f"Loss ({name} of the target; the standard deviation is " in found.text()
    data = found.as_dict()["loss"]
    assert data["scale"] == pytest.approx(spread, rel=0.05)
    kept = model._origin_of(X, y).left
    X, y = X.iloc[kept], y[kept]
    # By hand, from the errors of each network in the target's unit.
    means = []
    for network, raw in zip(model.members_, model._raw(X), strict=True):
        sigma = network.outputs.scale
        off = np.abs(y - network.outputs.center - sigma * raw[:, 0])
        losses = {
            "half the": off**2 / 2,
            "absolute": off,
            "pinball ": off / 2,
            "Huber lo": np.where(off < sigma, off**2 / 2, sigma * (off - sigma / 2)),
        }[name[:8]]
        means.append(losses.mean() / sigma**power)
    assert data["now"]["value"] == pytest.approx(np.mean(means), rel=1e-4)


def test_a_weighted_fit_is_said_to_be_compared_without_weights(model):
    X, y = table(200, 0)
    weighted = ThalwegClassifier((4,), max_iter=20, random_state=0)
    weighted.fit(X, y, sample_weight=1.0 + np.arange(200) % 2)
    found = thalweg.drift(weighted, table(100, 1)[0])
    assert "The rows of this table count once each, without weights" in found.text()
    assert found.as_dict()["weighted"]
    assert "weights" not in thalweg.drift(model, table(100, 1)[0]).text()
    alarm = sentences(thalweg.drift(weighted, table(100, 1, shift=2.0)[0]))
    assert "has drifted" in alarm[0]
    assert "a difference can be one of the weights, without any drift" in alarm[1]


def test_without_a_fit_no_message_speaks_of_one():
    X, y = table(200, 0)
    model = ThalwegClassifier((4,), random_state=0)
    for rows in (slice(0, 100), slice(100, 200)):
        model.partial_fit(X[rows], y[rows], classes=["ill", "well"])
    with pytest.raises(SettingsError, match="partial_fit trained it on several batches"):
        thalweg.drift(model, X)


def test_the_loss_is_the_mean_loss_of_the_networks(model):
    X, y = table(300, 1)
    found = thalweg.drift(model, X, y).loss
    losses = []
    for network in model.members_:
        alone = ThalwegClassifier((4,), random_state=0, positive="ill")
        alone._adopt(type(model._known)(**{**vars(model._known), "networks": (network,)}))
        losses.append(log_loss(y, alone.predict_proba(X), labels=alone.classes_))
    assert found.now.value == pytest.approx(np.mean(losses), rel=1e-5)
    assert found.then == model.oof_loss_
    assert found.change.value == pytest.approx(np.mean(losses) - model.oof_loss_, rel=1e-4)


def test_a_changed_truth_is_found_by_the_loss_alone(model):
    X, y = table(300, 1)
    found = thalweg.drift(model, X, np.where(y == "ill", "well", "ill"))
    assert found.drifted == ()
    assert not found.passed
    assert "higher than then" in found.text()


def test_a_shifted_column_is_named_with_what_the_predictions_became(model):
    X, _ = table(300, 2, shift=1.0)
    found = thalweg.drift(model, X)
    assert found.drifted == ("a",)
    assert not found.passed
    assert found.loss is None
    assert "needs the true target" in found.text()


def test_the_loss_of_a_regressor_is_in_the_units_of_the_fit(regressor):
    X, _ = table(300, 1)
    found = thalweg.drift(regressor, X, X["a"])
    (mean,) = found.predictions
    assert mean.now.value == pytest.approx(regressor.predict(X).mean())
    assert mean.then == pytest.approx(table(300, 0)[0]["a"].mean())
    assert mean.observed_by_expected.value == pytest.approx((X["a"] - regressor.predict(X)).mean())
    assert 0.2 < found.loss.now.value / found.loss.then < 5
    assert found.expected_accuracy is None


def test_several_classes_have_a_share_each():
    X, _ = table(200, 0)
    y = np.random.default_rng(0).integers(0, 3, 200)
    model = ThalwegClassifier((2,), max_iter=3, random_state=0).fit(X, y)
    found = thalweg.drift(model, table(200, 1)[0], y)
    assert [each.then for each in found.predictions] == pytest.approx(
        [np.mean(y == code) for code in range(3)]
    )
    assert all(each.observed_by_expected is not None for each in found.predictions)


def test_class_weights_leave_the_loss_out():
    X, y = table(200, 0)
    model = ThalwegClassifier((2,), max_iter=3, random_state=0, class_weight="balanced").fit(X, y)
    found = thalweg.drift(model, *table(200, 1))
    assert found.loss is None
    assert "class weights" in found.text()


def test_rows_that_trained_the_model_have_no_loss(model):
    X, y = table(400, 0)
    found = thalweg.drift(model, X, y)
    assert found.loss is None
    assert found.predictions[0].observed_by_expected is None
    assert "the model was trained on all of these 400 rows" in found.text()


def test_the_loss_is_that_of_the_other_rows(model):
    old, new = table(400, 0), table(300, 1)
    both = pd.concat([old[0][:200], new[0]]), np.concatenate([old[1][:200], new[1]])
    found = thalweg.drift(model, *both)
    origin = model._origin_of(*both)
    rows = origin.left
    assert rows.min() >= 200
    assert len(rows) > 200
    alone = thalweg.drift(model, both[0].iloc[rows], both[1][rows])
    assert found.loss.now.value == pytest.approx(alone.loss.now.value, rel=1e-12)
    (one,), (other,) = found.predictions, alone.predictions
    assert one.observed_by_expected == other.observed_by_expected
    # Columns and rows are those of the others, too.
    assert found.columns.equals(alone.columns)
    assert found.rows == alone.rows
    assert one.now == other.now
    assert f"Only the other {len(rows)} are used" in found.which_rows
    assert (found.n_rows, found.n_given, found.loss_rows) == (len(rows), 500, "")


def test_training_rows_do_not_hide_drift_and_nothing_but_them_is_no_test(model):
    """Half of the rows are those of the fit; without the target they are known as well."""
    shifted = pd.concat([table(400, 0)[0][:200], table(200, 1, shift=0.6)[0]])
    found = thalweg.drift(model, shifted)
    assert found.drifted == ("a",)
    assert "a" in found.columns["column"][0]
    same = thalweg.drift(model, table(400, 0)[0])
    assert (same.passed, same.tested, same.rows, same.n_rows) == (True, False, None, 400)
    assert same.columns["p_adjusted"].isna().all()
    assert set(same.columns["column"]) == {"a", "b", "k"}
    assert same.sentences()[0].startswith(
        "No drift can be found: the model takes for training rows all of these 400 rows"
    )
    assert "No drift was found" not in same.text()
    assert same.as_dict()["tested"] is False


def test_a_missing_loss_has_the_true_reason_and_a_fix(model):
    X, y = table(100, 1)
    X["a"] = X["a"].astype(object)
    X.loc[3, "a"] = "unbek."
    found = thalweg.drift(model, X, y)
    assert 'There is no loss to compare: "a" cannot be compared.' in found.sentences()
    assert any("unbek." in each and each.startswith('Fix of "a"') for each in found.sentences())
    assert "needs the true target" not in found.text()


def test_lacking_unreadable_and_new_columns_are_reported(model):
    X, _ = table(100, 1)
    X = X.drop(columns="a").assign(b="many", more=1.0)
    found = thalweg.drift(model, X)
    assert set(found.drifted) == {"a", "b"}
    reasons = {each.column: each.unread for each in found.details}
    assert reasons["a"] == "not in the table"
    assert reasons["b"].startswith("cannot be read: ")
    assert reasons["k"] == ""
    assert found.ignored == ("more",)
    assert (found.rows, found.predictions, found.expected_accuracy) == (None, (), None)
    assert not found.passed


def test_the_columns_may_have_any_order_and_any_type(model):
    X, _ = table(100, 1)
    texts = X.astype(object).map(str)[["k", "b", "a"]]
    np.testing.assert_equal(
        thalweg.drift(model, texts).as_dict(), thalweg.drift(model, X).as_dict()
    )


def test_unseen_levels_are_drift_and_no_warning(model, recwarn):
    X, _ = table(100, 1)
    found = thalweg.drift(model, X.assign(k=["new"] * 40 + X["k"][40:].tolist()))
    assert found.drifted == ("k",)
    assert "levels never seen" in found.text()
    assert not [each for each in recwarn if "seen" in str(each.message)]


def test_dates_and_groups_are_said_to_depend():
    X, y = table(100, 0)
    X = X.assign(day=pd.date_range("2020-01-01", periods=100))
    groups = np.arange(100) // 2
    model = ThalwegClassifier((2,), max_iter=2, random_state=0).fit(X, y, groups=groups)
    later, _ = table(100, 1)
    found = thalweg.drift(model, later.assign(day=pd.date_range("2023-01-01", periods=100)))
    assert found.passed
    assert found.dates == ("day",)
    assert "Rows of one time can depend on each other" in found.text()
    assert "Rows of one group depend on each other" in found.text()


def test_an_array_is_compared_by_place():
    X = np.random.default_rng(0).normal(size=(200, 3))
    y = (X[:, 0] > 0).astype(int)
    model = ThalwegClassifier((2,), max_iter=2, random_state=0).fit(X, y)
    assert thalweg.drift(model, X, y).passed
    assert thalweg.drift(model, X + np.array([0, 2, 0])).drifted == ("x1",)
    with pytest.raises(DataError):
        thalweg.drift(model, X[:, :2])


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda m: thalweg.drift(m, table(29, 1)[0]), DataError, "29 rows are too few"),
        (lambda m: thalweg.drift(m, pd.DataFrame({"u": range(50)})), DataError, "not in the table"),
        (lambda m: thalweg.drift(m, *table(50, 1), level=0), SettingsError, "not between"),
        (lambda m: thalweg.drift(m, *table(50, 1), least=1.0), SettingsError, "not between"),
        (lambda m: thalweg.drift(object(), table(50, 1)[0]), SettingsError, "no summaries"),
        (
            lambda m: thalweg.drift(m, table(50, 1)[0], ["ill"] * 49),
            DataError,
            "do not match",
        ),
        (lambda m: thalweg.drift(m, table(50, 1)[0], ["dead"] * 50), DataError, "dead"),
    ],
)
def test_what_cannot_be_compared_is_an_error(model, call, error, says):
    with pytest.raises(error, match=says):
        call(model)


def test_a_loaded_model_finds_the_same(model, tmp_path):
    X, y = table(200, 3, shift=0.7)
    model.save(tmp_path / "model.safetensors")
    again = thalweg.load_model(tmp_path / "model.safetensors")
    assert thalweg.drift(again, X, y).as_dict() == thalweg.drift(model, X, y).as_dict()


def test_the_weights_of_a_fit_do_not_depend_on_it(monkeypatch):
    from thalweg.estimators.learning import fit_plan

    X, y = table(120, 0)
    settings = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0}
    one = ThalwegClassifier(**settings).fit(X, y)
    monkeypatch.setattr(fit_plan, "likeness_of_lesson", lambda *_: None)
    other = ThalwegClassifier(**settings).fit(X, y)
    assert other._known.likeness is None
    for a, b in zip(one.members_, other.members_, strict=True):
        np.testing.assert_array_equal(a.theta, b.theta)


@pytest.fixture(scope="module")
def quantile():
    X, _ = table(300, 0)
    model = ThalwegRegressor("quantile:level=0.9", hidden_layer_sizes=(4,), max_iter=40)
    return model.set_params(random_state=0).fit(X, X["a"] + X["b"])


def test_a_quantile_is_compared_with_the_share_of_truths_below_it(quantile):
    """Its distance from the mean of the truths is no bias."""
    X, _ = table(300, 1)
    y = X["a"] + X["b"]
    found = thalweg.drift(quantile, X, y)
    (own,) = found.predictions
    assert own.observed_by_expected is None
    below = np.mean(y <= quantile.predict(X))
    assert own.at_or_below.value == pytest.approx(below)
    assert own.as_dict()["level"] == 0.9
    said = " ".join(found.text().split())
    assert "Mean predicted 0.9 quantile: " in said
    assert "not their quantile" in said
    assert f"at or below the prediction: {100 * below:.3g} % (95 %" in said
    assert "90 % are where the quantile is right" in said
    assert "truth less prediction" not in said


def test_a_quantile_is_named_as_such_by_explanations_and_effects(quantile):
    X, _ = table(100, 1)
    assert "predicted 0.9 quantile" in str(quantile.explain(X.head(1)))
    assert "The predicted 0.9 quantile " in str(quantile.what_if(X.head(1), {"a": 2.0}))
    effects = thalweg.effects(quantile, X, target="sum")
    assert answer_words(effects) == "0.9 quantile of sum"
    assert "units of sum" in "\n".join(effect_lines(effects))
    assert quantity_of("sum", quantile) == "predicted 0.9 quantile of sum"
    panel = what_if_data(quantile)["panel"]
    assert panel["statistic"] == "0.9 quantile"
