"""A sweep over one setting: the bits of single fits, scikit-learn's numbers, Ctrl-C, divergence."""

import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, validation_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg import ThalwegClassifier, ThalwegRegressor, sweep
from thalweg.errors import SettingsError, UnfinishedError
from thalweg.evaluation.curves.curve_sentences import finding, sentences
from thalweg.evaluation.curves.setting_curve import CurvePoint, SettingCurve
from thalweg.tuning.curves import fold_fits
from thalweg.tuning.curves.asked_values import asked_values
from thalweg.tuning.curves.setting_sweep import spread_ranks

SMALL = {"hidden_layer_sizes": (3,), "max_iter": 3, "n_folds": 3, "random_state": 3}


def rows(n=60, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    return X, (X[:, 0] - X[:, 1] ** 2 + random.normal(size=n) > 0).astype(int)


def classifier(**settings):
    return ThalwegClassifier(**{**SMALL, **settings})


def regressor(**settings):
    return ThalwegRegressor(**{**SMALL, "optimizer": "sgd:lr=0.01", **settings})


def losses(shown):
    return [each.fold_losses for each in shown.curve.points]


@pytest.mark.parametrize(
    ("name", "values"),
    [("learning_rate_init", [0.003, 0.03]), ("hidden_layer_sizes", [2, (3, 2)]),
     ("dropout", [0.1, 0.3]), ("activation", ["tanh", "mish"]), ("n_bins", [0, 4])],
)  # fmt: skip
def test_each_value_has_the_bits_of_a_fit_with_it(monkeypatch, name, values):
    made = []

    def learn(*asked):
        found = fit(*asked)
        made.append(found)
        return found

    fit = fold_fits.learn
    monkeypatch.setattr(fold_fits, "learn", learn)
    X, y = rows()
    shown = sweep(classifier(), X, y, over={name: values}, n_jobs=1)
    assert len(made) == len(shown.curve.points) == len(values) + 1
    for value in values:
        model = classifier(**{name: value}).fit(X, y)
        thetas = [each.theta for each in model.members_]
        same = [
            each for each in made
            if all(np.array_equal(a, b.theta) for a, b in zip(thetas, each.networks, strict=True))
        ]  # fmt: skip
        assert len(same) == 1
        point = next(each for each in shown.curve.points if each.value == value)
        expected = log_loss(y, model.oof_decision_function_)
        assert point.loss == pytest.approx(expected, rel=1e-7)


def test_threads_and_order_change_no_bit():
    X, y = rows()
    over = {"learning_rate_init": (1e-3, 1e-1)}
    one, two = (sweep(classifier(), X, y, over=over, points=3, n_jobs=n) for n in (1, 2))
    assert losses(one) == losses(two)
    assert one.frame.drop(columns="seconds").equals(two.frame.drop(columns="seconds"))


@pytest.mark.parametrize("model", [classifier, regressor])
def test_with_cv_the_losses_are_those_of_validation_curve(model):
    X, y = rows(40)
    folds = KFold(2, shuffle=True, random_state=0)
    plain = model(early_stopping=False)
    values = [0.1, 3.0]
    kind = "neg_log_loss" if model is classifier else "neg_mean_squared_error"
    train, test = validation_curve(
        plain, X, y, param_name="alpha", param_range=values, cv=folds, scoring=kind
    )
    shown = sweep(plain, X, y, over={"alpha": values}, cv=folds)
    points = [each for each in shown.curve.points if each.is_asked]
    for point, held, trained in zip(points, -test, -train, strict=True):
        np.testing.assert_allclose(point.fold_losses, held, rtol=1e-12)
        np.testing.assert_allclose(point.fold_train_losses, trained, rtol=1e-12)
        assert point.error == pytest.approx(held.std(ddof=1) / np.sqrt(2), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [("alpha", 1.0), ("dropout", 0.0), ("hidden_layer_sizes", 3), ("batch_size", 32),
     ("max_iter", 3)],
)  # fmt: skip
def test_a_value_that_the_default_has_is_fitted_once_and_marked(name, value):
    X, y = rows()
    other = {"dropout": 0.5}.get(name, 2 * value)
    shown = sweep(classifier(), X, y, over={name: [value, other]})
    assert [each.is_default for each in shown.curve.points] == [True, False]
    assert shown.curve.default.value == value
    assert "default" in shown.verdict


def test_a_value_that_diverges_is_shown_as_such():
    X, y = rows()
    y = y + X[:, 0]
    over = {"learning_rate_init": [0.1, 10.0, 1e6]}
    shown = sweep(regressor(), X, y, over=over)
    frame = shown.frame
    assert frame.n_diverged.tolist() == [0, 0, 3, 3]
    assert frame.beside_lowest.tolist()[2:] == ["diverged", "diverged"]
    assert frame.loss.notna().tolist() == [True, True, True, False]
    text = str(shown)
    assert "Diverged in the first epoch of a fold, so without a loss: 1e+06." in text
    assert (
        "Diverged later, so the loss is that of an epoch before, and is not compared: 10." in text
    )
    page = shown.page()
    assert "learning_rate_init 1e+06: 3 of 3 folds diverged, so it has no loss." in page


def test_if_the_lowest_is_at_an_end_the_range_that_is_suggested_is_taken():
    X, y = rows()
    shown = sweep(classifier(), X, y, over={"learning_rate_init": (1e-5, 1e-3)}, points=2)
    assert shown.curve.lowest is shown.curve.points[-1]
    if shown.curve.further:
        again = sweep(classifier(), X, y, points=2, **eval(f"dict({shown.curve.further})"))
        assert max(each.place for each in again.curve.points) > 1e-3


def test_ctrl_c_keeps_the_values_that_are_done():
    X, y = rows()
    heard = []

    def hear(done):
        heard.append(done)
        if done.done == 2:
            raise KeyboardInterrupt

    over = {"learning_rate_init": (1e-3, 1e-1)}
    part = sweep(classifier(), X, y, over=over, points=3, n_jobs=1, listener=hear)
    whole = sweep(classifier(), X, y, over=over, points=3, n_jobs=1)
    assert part.curve.ended_by == "interrupt"
    assert [each.done for each in heard] == [1, 2]
    assert len(part.curve.points) == 2
    assert set(losses(part)) < set(losses(whole))
    assert "Ctrl-C ended the sweep: 2 values of 4 are missing." in str(part)


def test_ctrl_c_before_the_first_value_is_an_error(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(fold_fits.OwnFolds, "fit", interrupted)
    X, y = rows()
    monkeypatch.setattr("thalweg.interrupts._last_taken", -float("inf"))
    with pytest.raises(UnfinishedError, match="before the first value was finished"):
        sweep(classifier(), X, y, over={"alpha": [1.0, 2.0]})


def test_a_sweep_that_ends_early_has_values_of_the_whole_range():
    ranks = spread_ranks(9)
    assert sorted(ranks) == list(range(9))
    assert [ranks.index(k) for k in range(5)] == [0, 8, 4, 2, 6]
    assert spread_ranks(1) == [0]


def test_a_verbose_estimator_prints_a_line_for_each_value(capsys):
    X, y = rows()
    sweep(classifier(verbose=1), X, y, over={"alpha": [1.0, 2.0]})
    lines = [each for each in capsys.readouterr().err.splitlines() if " values done" in each]
    assert [each.partition(":")[0] for each in lines] == ["1", "2"]
    assert "1 of 2 values done, " in lines[0]


def test_what_is_refused():
    X, y = rows()
    over = {"alpha": [1.0, 2.0]}
    with pytest.raises(SettingsError, match=r"this is a pipeline.*takes the raw table"):
        sweep(make_pipeline(StandardScaler(), classifier()), X, y, over=over)
    with pytest.raises(SettingsError, match=r"early_stopping=False.*or give cv=5"):
        sweep(classifier(early_stopping=False), X, y, over=over)
    with pytest.raises(SettingsError, match=r"does not know the setting.*over="):
        sweep(classifier(), X, y)
    with pytest.raises(SettingsError, match="ThalwegRegressor has no setting label_smoothing"):
        sweep(regressor(), X, y, over={"label_smoothing": [0.0, 0.1]})
    with pytest.raises(SettingsError, match="sweep takes one target"):
        sweep(regressor(), X, np.column_stack([y, X[:, 0]]), over=over)
    with pytest.raises(SettingsError, match="cv and groups"):
        sweep(classifier(), X, y, over=over, cv=3, groups=np.arange(len(y)))
    with pytest.raises(TypeError, match="lacks X"):
        sweep(classifier(), over=over)


def test_weights_count_in_the_losses():
    X, y = rows()
    weights = np.where(np.arange(len(y)) % 2, 3.0, 1.0)
    shown = sweep(classifier(), X, y, weights, over={"alpha": [1.0, 4.0]})
    model = classifier(alpha=4.0).fit(X, y, weights)
    expected = log_loss(y, model.oof_decision_function_, sample_weight=weights)
    assert shown.curve.points[1].loss == pytest.approx(expected, rel=1e-7)


def test_the_constant_answer_is_that_of_the_training_rows_of_each_fold():
    random = np.random.default_rng(4)
    X = random.normal(size=(40, 2))
    y = np.arange(40) % 4 // 3  # 10 of 40
    model = ThalwegClassifier(hidden_layer_sizes=(2,), max_iter=1, random_state=0, n_folds=2)
    split = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    curve = sweep(model, X, y, over={"learning_rate_init": [0.01, 0.1]}, cv=split).curve
    entropy = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert curve.constant == pytest.approx(entropy)
    own = sweep(model, X, y, over={"learning_rate_init": [0.01]}).curve
    assert own.constant == pytest.approx(entropy, rel=0.02)


def test_a_constant_answer_is_shown_to_be_worse_only_beyond_its_limit():
    points = [
        CurvePoint(k, str(k), float(k), k == 1, True, losses, losses, float(np.mean(losses)), 1.0,
                   0, 1.0)
        for k, losses in enumerate([(0.1, 0.11, 0.1), (0.12, 0.11, 0.13)])
    ]  # fmt: skip
    folds = ((10.0, 20.0),) * 3
    for constant, word in (
        ((0.7, 0.69, 0.7), "it is shown to be worse than the lowest (at least"),
        ((0.1, 0.2, 0.12), "no value is shown to be better, so it is not shown that anything is"),
    ):
        curve = SettingCurve("alpha", tuple(points), "log", "log-loss", folds, 30, "", 0, True, 2,
                             "points", 1.0, constant_losses=constant)  # fmt: skip
        assert word in " ".join(sentences(curve))


@pytest.mark.parametrize(
    ("label", "title"),
    [("default", "Only the default did not diverge"),
     ("1", "Only the default, alpha 1, did not diverge")],
)  # fmt: skip
def test_where_the_default_alone_did_not_diverge(label, title):
    only = CurvePoint(1, label, 1.0, True, True, (0.1,) * 3, (0.1,) * 3, 0.1, 0.1, 0, 1.0)
    gone = CurvePoint(9, "9", 9.0, False, True, (), (), None, None, 3, 1.0)
    curve = SettingCurve("alpha", (only, gone), "log", "log-loss", ((10.0, 20.0),) * 3, 30, "", 0,
                         True, 2, "points", 1.0, constant_losses=(0.7,) * 3)  # fmt: skip
    assert finding(curve) == title


@pytest.mark.parametrize(
    ("over", "fix"),
    [
        ({"activation": ("relu", "mish")}, "over={'activation': ['relu', 'mish']}"),
        ({"alpha": []}, "give 1 to 50, beside which the default is fitted"),
    ],
)
def test_what_a_setting_takes_is_said_so_that_it_works(over, fix):
    with pytest.raises(SettingsError) as said:
        asked_values(over)
    assert fix in str(said.value)
    if "mish" in fix:
        assert asked_values(eval(fix.removeprefix("over="))).values == ("relu", "mish")
