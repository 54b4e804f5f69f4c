"""A regression and its baselines are compared by the training loss of the model."""

import io
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from sklearn import metrics as sk
from sklearn.linear_model import LinearRegression

from fitting import refitted
from thalweg import ThalwegRegressor, load_model
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.comparing.margin_rule import BETTER
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.baselines import TrainingPart
from thalweg.evaluation.judging.regression_loss import (
    Measure,
    measure_of,
    measure_of_loss,
    measure_of_named,
)
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.splits import fold_splits
from thalweg.evaluation.task_judging import OneNumber
from thalweg.evaluation.task_kinds import metric_of
from thalweg.network.formulas.losses import loss
from thalweg.persistence.model_file import save_model
from thalweg.reporting.terminal_verdict import verdict_page

LOSSES = {
    "squared_error": ("RMSE", "always the mean"),
    "absolute_error": ("MAE", "always the median"),
    "quantile:level=0.9": ("pinball loss at 0.9", "always the 0.9 quantile"),
    "huber:delta=0.5": ("Huber loss with delta 0.5", "always the best constant"),
    "poisson": ("Poisson deviance", "always the mean"),
    "gamma": ("gamma deviance", "always the mean"),
    "tweedie:power=1.2": ("Tweedie deviance with power 1.2", "always the mean"),
}
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 8, "early_stopping": False, "random_state": 0}


def skewed(n_rows=240, seed=0, signal=0.7):
    """A target whose mean, median and 0.9 quantile are far apart."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 3))
    y = np.exp(signal * X[:, 0] + rng.normal(size=n_rows))
    return pd.DataFrame(X, columns=["a", "b", "c"]), X, y


def verdict_of(text):
    frame, X, y = skewed()
    model = ThalwegRegressor(loss=text, **QUICK)
    return model, judge_on_holdout(model, frame, y, task=OneNumber(), seed=0, matrix=X)


# ---------------------------------------------------------------- the formulas


@pytest.mark.parametrize("size", [1e-100, 1.0, 1e100])
def test_measures_are_those_of_scikit_learn(size):
    rng = np.random.default_rng(1)
    y, predicted = rng.gamma(2, size=50), rng.gamma(2, size=50)
    y[:5] = 0.0
    for text, theirs in (
        ("absolute_error", sk.mean_absolute_error(y, predicted)),
        ("quantile:level=0.9", sk.mean_pinball_loss(y, predicted, alpha=0.9)),
        ("quantile:level=0.2", sk.mean_pinball_loss(y, predicted, alpha=0.2)),
        ("poisson", sk.mean_poisson_deviance(y, predicted)),
    ):
        ours = measure_of_loss(text, size).value(size * y, size * predicted, 0)
        assert ours.value / size == pytest.approx(theirs)
        assert ours.low < ours.value < ours.high


@pytest.mark.parametrize("text", [each for each in LOSSES if each != "squared_error"])
def test_a_difference_is_that_of_the_loss_that_was_descended_on(text):
    """In units of the target for MAE and pinball, of σ for Huber; a deviance is twice the loss."""
    rng = np.random.default_rng(2)
    y, a, b = (rng.gamma(2, size=60) for _ in range(3))
    formula, unit = loss(text), 2.5 if text.startswith("huber") else 1.0
    if text.partition(":")[0] in ("poisson", "gamma", "tweedie"):
        of_a, of_b = (2 * formula.value(np.log(each)[None], y[None]) for each in (a, b))
    else:
        of_a, of_b = (formula.value(each[None] / unit, y[None] / unit) for each in (a, b))
    found = measure_of_loss(text, unit).difference(y, a, b, 0)
    assert found.value == pytest.approx(np.mean(of_a - of_b))
    assert found.at_95.low < found.value < found.at_95.high
    again = np.random.default_rng(3).permutation(60)
    assert measure_of_loss(text, unit).difference(y[again], a[again], b[again], 0) == found


@pytest.mark.parametrize("text", LOSSES)
def test_no_other_constant_has_a_lower_loss(text):
    _, _, y = skewed()
    weights = np.random.default_rng(4).integers(1, 4, len(y)).astype(float)
    measure = measure_of_loss(text, float(y.std()))
    _, baseline = measure.best_constant()
    best = baseline(TrainingPart(y[:, None], y, weights))(y[:1, None])[0]

    def mean_loss(constant):
        each = np.repeat(y, weights.astype(int))
        if measure.key == "rmse":
            return np.mean((each - constant) ** 2)
        return measure.value(each, np.full(len(each), constant), 0).value

    lowest = mean_loss(best)
    for shift in (1e-3, 0.05, 0.5):
        assert min(mean_loss(best + shift), mean_loss(best - shift)) >= lowest - 1e-12
    equal = baseline(TrainingPart(y[:3, None], np.full(3, 7.0), weights[:3]))
    assert equal(y[:1, None]) == 7.0


@pytest.mark.parametrize("size", [1e-6, 1e6])
def test_the_constant_of_the_lowest_huber_loss_follows_the_unit(size):
    _, _, y = skewed()
    weights = np.ones(len(y))
    best = [
        measure_of_loss("huber:delta=0.5", unit).best_constant()[1](
            TrainingPart(y[:, None], unit * y, weights)
        )(y[:1, None])[0]
        for unit in (1.0, size)
    ]
    assert best[1] / size == pytest.approx(best[0], rel=1e-12)


@pytest.mark.parametrize("power", [1.001, 1.3, 1.5, 1.9, 1.999, 2])
def test_deviances_of_amounts_are_those_of_scikit_learn(power):
    rng = np.random.default_rng(1)
    y, predicted, weights = rng.gamma(2, size=50), rng.gamma(2, size=50), rng.uniform(1, 3, 50)
    y[:5] = 0.0 if power < 2 else 0.1
    text = "gamma" if power == 2 else f"tweedie:power={power}"
    measure = measure_of_loss(text, 1.0)
    theirs = sk.mean_tweedie_deviance(y, predicted, power=power, sample_weight=weights)
    assert measure.alone(y, predicted, weights) == pytest.approx(theirs, rel=1e-9)
    # Of a prediction that is right it is 0, and next to it the parabola (y - p)² / p^power.
    assert measure.alone(y[5:], y[5:]) == pytest.approx(0, abs=1e-15)
    near = measure.losses(np.array([3.0]), np.array([3.0 * (1 + 1e-6)]))
    assert near == pytest.approx((3e-6) ** 2 / 3**power, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "y", "says"),
    [
        ("gamma", [1.0, 0.0], "amounts above 0, and the target has a value of 0"),
        ("tweedie", [1.0, -1.0], "amounts from 0 on, and the target has a value below 0"),
        ("poisson", [1.0, -1.0], "counts, and the target has a value below 0"),
        ("tweedie:power=2", [1.0, 1.0], "no loss 'tweedie:power=2'"),
    ],
)
def test_a_loss_of_other_targets_is_refused(text, y, says):
    with pytest.raises(SettingsError, match=says):
        measure_of_named(text, np.array(y))


def test_a_mean_of_nothing_counts_as_a_thousandth_of_the_mean():
    """Ridge regression may predict a mean below 0; its deviance stays finite."""
    y, measure = np.array([1.0, 0.0, 4.0]), Measure("poisson", unit=5.0)
    for low in (-3.0, 0.0, 0.004):
        found = measure.value(y, np.array([low, 1.0, 4.0]), 0).value
        assert found == measure.value(y, np.array([0.005, 1.0, 4.0]), 0).value
    # 2 (y ln(y / p) - y + p) of y = 1 and p = 0.005, of 0 and 1, and of 4 and 4.
    assert found == pytest.approx((2 * (np.log(200) - 1 + 0.005) + 2) / 3, rel=1e-12)
    assert np.isnan(measure.value(np.array([-1.0, 2.0]), np.array([1.0, 2.0]), 0).value)
    with pytest.raises(DataError, match="predicted value is nan"):
        measure.value(y, np.array([np.nan, 1.0, 4.0]), 0)


@pytest.mark.parametrize("text", LOSSES)
def test_a_measure_has_one_name_and_one_key(text):
    measure = measure_of_loss(text)
    assert measure.name == LOSSES[text][0]
    assert metric_of(measure.name) == measure.key
    assert measure.best_constant()[0] == LOSSES[text][1]


def test_what_is_no_network_is_judged_by_rmse():
    frame, _, y = skewed()
    assert measure_of(LinearRegression().fit(frame, y)) == Measure()
    assert measure_of_loss("squared_error") == Measure()


# ---------------------------------------------------------------- verdicts


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("text", LOSSES)
def test_a_network_is_compared_by_its_own_loss(text):
    measure, constant = LOSSES[text]
    _, verdict = verdict_of(text)
    assert set(verdict.differences) == {"ridge regression", "boosted trees", constant}
    for name, each in verdict.differences.items():
        assert each.measure == measure
        theirs = verdict.baselines[name].metrics[metric_of(measure)].value
        ours = verdict.network.metrics[metric_of(measure)].value
        assert each.difference.value == pytest.approx(ours - theirs)
        assert each.margin.value == pytest.approx(0.01 * theirs)
    assert {"rmse", "mae", "r2"} <= set(verdict.network.metrics)
    assert f"its {measure} is lower" in verdict.sentence or f"'s {measure} is" in verdict.sentence
    assert constant.replace("always", "always answering") in verdict.sentence


def test_a_model_of_a_quantile_is_not_thrown_away_for_its_rmse():
    """It has to predict above the mean: by RMSE, ridge regression would be better."""
    frame, X, y = skewed(600)
    y = np.log(y) + X[:, 0] * 2
    settings = {**QUICK, "hidden_layer_sizes": (), "max_iter": 60}
    model = ThalwegRegressor(loss="quantile:level=0.9", alpha=0.01, n_bins=0, **settings)
    verdict = judge_on_holdout(model, frame, y, task=OneNumber(), seed=0, matrix=X)
    ridge = verdict.baselines["ridge regression"].metrics
    assert verdict.network.metrics["rmse"].value > ridge["rmse"].value
    assert verdict.differences["ridge regression"].verdict == BETTER
    assert "CAUTION" not in verdict.sentence


def test_a_way_of_training_is_judged_by_its_own_loss_too():
    frame, X, y = skewed(120)
    verdict = judge_by_folds(
        lambda seed: ThalwegRegressor(loss="huber", **{**QUICK, "random_state": seed}),
        frame, y, task=OneNumber(), seed=0, matrix=X, n_folds=3, n_repeats=2,
    )  # fmt: skip
    for name, each in verdict.differences.items():
        assert each.measure == "Huber loss with delta 1"
        ours, theirs = verdict.network.metrics, verdict.baselines[name].metrics
        assert each.difference.value == pytest.approx(ours["huber"].value - theirs["huber"].value)


# ---------------------------------------------------------------- files and pages


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("text", LOSSES)
def test_a_file_keeps_the_judgement(text, tmp_path, cli):
    model, verdict = verdict_of(text)
    plain = json.loads(json.dumps(verdict.as_dict(), allow_nan=False))
    save_model(model, tmp_path / "m", target="size", judgement=plain)
    assert load_model(tmp_path / "m").loss == text
    code, out, _ = cli("show", str(tmp_path / "m"), "--json")
    assert (code, json.loads(out)["result"]["judgement"]) == (0, plain)
    _, out, _ = cli("show", str(tmp_path / "m"))
    words = {
        "quantile": "pinball loss", "huber": "Huber loss", "poisson": "Poisson deviance",
        "gamma": "gamma deviance", "tweedie": "Tweedie deviance",
    }  # fmt: skip
    for name, row in words.items():
        # Beside four models, a long name is in two lines.
        assert (f"\n{row.split()[0]} " in out) == text.startswith(name)


def saved(tmp_path, change):
    model, verdict = verdict_of("quantile:level=0.9")
    plain = json.loads(json.dumps(verdict.as_dict()))
    change(plain)
    save_model(model, tmp_path / "m", target="size", judgement=plain)


def by_rmse(plain):
    """As files were written before."""
    for judged in (plain["network"], *plain["baselines"].values()):
        del judged["metrics"]["pinball"]
    own = plain["network"]["metrics"]["rmse"]["value"]
    for name, each in plain["differences"].items():
        other = plain["baselines"][name]["metrics"]["rmse"]["value"]
        moved = own - other - each["value"]
        ends = ("value", "low", "high", "low90", "high90")
        each |= {"measure": "RMSE", "margin": other / 100} | {
            end: each[end] + moved for end in ends if each[end] is not None
        }


def test_a_file_of_before_that_compared_by_rmse_is_read(tmp_path, cli):
    saved(tmp_path, by_rmse)
    load_model(tmp_path / "m")
    code, out, _ = cli("show", str(tmp_path / "m"))
    assert code == 0
    assert "of RMSE and MAE, less is better" in " ".join(out.split())


@pytest.mark.quick_each(3, 2)
@pytest.mark.parametrize("measure", ["pinball loss at 0.8", "log-loss", "MAE", "", " ", "\n"])
def test_another_measure_than_the_models_own_is_refused(measure, tmp_path):
    def change(plain):
        for each in plain["differences"].values():
            each["measure"] = measure

    with pytest.raises(ValueError, match="another measure than that of the model"):
        saved(tmp_path, change)


def test_a_judgement_without_the_metric_of_its_measure_is_refused(tmp_path):
    def change(plain):
        del plain["baselines"]["ridge regression"]["metrics"]["pinball"]

    with pytest.raises(ValueError, match="metrics are not those of its measure"):
        saved(tmp_path, change)


def test_the_loss_of_a_regressor_is_no_loss_of_classes(tmp_path):
    model, verdict = verdict_of("squared_error")
    model.set_params(loss="sigmoid_cross_entropy")
    model.settings_["loss"] = "sigmoid_cross_entropy"
    networks = [
        replace(each, outputs=replace(each.outputs, loss="sigmoid_cross_entropy"))
        for each in model.members_
    ]
    refitted(model, networks=tuple(networks))
    with pytest.raises(ValueError, match="the loss of the objective is for classes"):
        save_model(model, tmp_path / "m", target="size", judgement=verdict.as_dict())


def test_the_strongest_rival_by_that_loss_stands_first():
    frame, X, y = skewed(signal=0)
    model = ThalwegRegressor(loss="quantile:level=0.9", **QUICK)
    verdict = judge_on_holdout(model, frame, y, task=OneNumber(), seed=0, matrix=X)
    console = Console(width=120, record=True, no_color=True, file=io.StringIO())
    console.print(verdict_page(verdict.as_dict()))
    pinball = {name: each.metrics["pinball"].value for name, each in verdict.baselines.items()}
    shown = console.export_text()
    order = sorted(pinball, key=shown.index)
    assert order == sorted(pinball, key=pinball.get)
    rmse = {name: each.metrics["rmse"].value for name, each in verdict.baselines.items()}
    assert order != sorted(rmse, key=rmse.get)


# ---------------------------------------------------------------- the unit


@pytest.mark.parametrize("text", ["huber:delta=0.5", "poisson", "gamma"])
def test_the_unit_is_the_mean_of_that_of_all_networks(text, tmp_path):
    frame, _, y = skewed(150)
    settings = {**QUICK, "early_stopping": "folds"}
    model = ThalwegRegressor(loss=text, **settings).fit(frame, y)
    scales = [member.outputs.scale for member in model.members_]
    assert len(set(scales)) > 1
    expected = pytest.approx(np.mean(scales), rel=1e-12)
    assert measure_of(model).unit == expected
    save_model(model, tmp_path / "m", target="size")
    assert measure_of(load_model(tmp_path / "m")) == measure_of(model)
    turned = SimpleNamespace(members_=model.members_[::-1])
    assert measure_of(turned).unit == expected  # the order of the networks says nothing


def test_equal_units_give_this_very_number():
    members = [SimpleNamespace(outputs=SimpleNamespace(loss="huber:delta=1", scale=0.1))] * 3
    assert measure_of(SimpleNamespace(members_=members)).unit == 0.1


def test_folds_are_judged_in_the_mean_unit_of_their_models():
    frame, X, y = skewed(120)
    models = []

    def make(seed):
        models.append(ThalwegRegressor(loss="huber", **{**QUICK, "random_state": seed}))
        return models[-1]

    verdict = judge_by_folds(
        make, frame, y, task=OneNumber(), seed=0, matrix=X, n_folds=3, n_repeats=1
    )
    unit = np.mean([measure_of(model).unit for model in models])
    predicted = np.full(len(y), np.nan)
    for model, (_, test) in zip(
        models, fold_splits(X, np.zeros(len(y)), n_folds=3, seed=0), strict=True
    ):
        predicted[test] = model.predict(frame.iloc[test])
    expected = measure_of_loss("huber:delta=1", unit).value(y, predicted, 0).value
    assert verdict.network.metrics["huber"].value == pytest.approx(expected, rel=1e-12)
