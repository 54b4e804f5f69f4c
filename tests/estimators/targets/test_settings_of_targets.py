"""What "auto" means for several labels of a wide table; and that it runs, is kept and goes on."""

from pathlib import Path

import numpy as np
import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.estimators.learning.fit_plan import GivenRows, fit_plan
from thalweg.estimators.targets.settings_of_targets import with_settings_of_targets
from thalweg.training.descent.optimizer_settings import Optimizer

rng = np.random.default_rng(5)
X = rng.normal(size=(90, 3))
Y = (X[:, [0, 1, 2, 0]] + rng.normal(size=(90, 4)) > 0).astype(int)
RATE = "adam:lr={},beta_2=0.95,schedule=cosine,average=2,scales=6"


def resolved(
    n_targets: int, shape: tuple[int, int] = (90, 3), **given: object
) -> tuple[object, object]:
    model = ThalwegClassifier(**given)  # type: ignore[arg-type]
    found = with_settings_of_targets(model, n_targets, shape, with_folds=True)
    assert model.get_params() == ThalwegClassifier(**given).get_params()  # type: ignore[arg-type]
    return found.optimizer, found.n_folds


@pytest.mark.parametrize(
    ("n_targets", "rate", "n_folds"),
    [(2, 0.0057, "auto"), (3, 0.0069, "auto"), (4, 0.008, 7), (50, 0.008, 7)],
)
def test_rate_and_folds_grow_with_the_labels_up_to_a_limit(
    n_targets: int, rate: float, n_folds: object
) -> None:
    assert resolved(n_targets) == (RATE.format(rate), n_folds)


def test_what_is_given_is_kept() -> None:
    given = {"optimizer": "sgd:lr=0.1", "n_folds": 3}
    assert resolved(5, **given) == ("sgd:lr=0.1", 3)
    # A rate of its own takes the place of that of the text.
    model = ThalwegClassifier(learning_rate_init=0.003, hidden_layer_sizes=(8,), random_state=0)
    optimizer = fit_plan_of(model).recipe.settings.optimizer
    assert isinstance(optimizer, Optimizer)
    assert optimizer.rate == 0.003


def test_one_label_and_tables_that_are_not_wide_keep_the_settings_of_one() -> None:
    assert resolved(1) == ("auto", "auto")
    assert resolved(5, (500, 10)) == ("auto", "auto")
    assert resolved(5, (499, 10))[1] == 7


def test_few_networks_stay_few() -> None:
    assert resolved(5, preset="quick")[1] == "auto"
    assert resolved(5, early_stopping="hold-out")[1] == "auto"
    assert resolved(5, (200_000, 5_000))[1] == "auto"
    assert resolved(5, (200_000, 5_000), early_stopping="folds")[1] == 7


def test_no_rate_is_beyond_that_of_narrow_layers() -> None:
    # At 8 units, one label has 0.012 with two layers, and 0.016 with one.
    assert resolved(5, hidden_layer_sizes=(8, 8))[0] == RATE.format(0.012)
    assert resolved(5, hidden_layer_sizes=(8,))[0] == RATE.format(0.016)


def test_without_hidden_layers_the_settings_are_those_of_one() -> None:
    assert resolved(5, hidden_layer_sizes=()) == ("auto", "auto")
    model = ThalwegRegressor()
    found = with_settings_of_targets(model, 5, (90, 3), with_folds=True)
    assert found.get_params() == model.get_params()


def fit_plan_of(model: ThalwegClassifier, **rows: object):  # type: ignore[no-untyped-def]
    return fit_plan(model, GivenRows(X, Y, **rows), model._outputs_for(Y))  # type: ignore[arg-type]


def test_validation_rows_leave_the_number_of_folds() -> None:
    model = ThalwegClassifier(random_state=0)
    assert fit_plan_of(model).settings["n_folds"] == 7
    assert "n_folds" not in fit_plan_of(model, X_val=X[:20], y_val=Y[:20]).settings


def test_a_fit_runs_what_its_settings_say(tmp_path: Path) -> None:
    small = {"hidden_layer_sizes": (64,), "max_iter": 4, "importance": False, "random_state": 0}
    model = ThalwegClassifier(**small).fit(X, Y)  # type: ignore[arg-type]
    kept = model.settings_
    assert kept["n_folds"] == 7
    assert "lr=0.011," in str(kept["optimizer"])
    assert model.optimizer == "auto"
    asked = {name: kept[name] for name in ("optimizer", "n_folds")}
    same = ThalwegClassifier(**small, **asked).fit(X, Y)  # type: ignore[arg-type]
    expected = model.predict_proba(X)
    np.testing.assert_array_equal(same.predict_proba(X), expected)

    one = model.for_target(1)
    assert (one.optimizer, one.n_folds) == (kept["optimizer"], 7)
    one.fit_more(X, Y[:, 1], epochs=1)

    model.save(tmp_path / "model.safetensors")
    again = load_model(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), expected)
    for each in (model, again):
        each.fit_more(X, Y, epochs=1)
        assert each.settings_ == kept
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_a_warm_start_on_the_same_rows_changes_nothing() -> None:
    model = ThalwegClassifier((8,), max_iter=3, importance=False, warm_start=True, random_state=0)
    before = model.fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(model.fit(X, Y).predict_proba(X), before)
