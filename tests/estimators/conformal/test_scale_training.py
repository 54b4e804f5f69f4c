"""`interval_kind="scaled"`: intervals that are wide where errors are large, or a reason why not."""

import math

import numpy as np
import pytest
from sklearn.base import clone

from thalweg import ThalwegRegressor, interrupts, load_model
from thalweg.errors import SettingsError, ThalwegWarning, UnfinishedWarning
from thalweg.estimators.conformal import scale_training
from thalweg.estimators.learning.early_stopping_splits import Stopping
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.learning.fit_plan import GivenRows, fit_plan
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.learning.out_of_fold import networks_by_others
from thalweg.estimators.learning.train_networks import learn
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.training.callbacks import Callback


def noisy(n, seed):
    """Rows, numbers and their noise, which grows sevenfold with the last column."""
    random = np.random.default_rng(seed)
    X = random.uniform(-1, 1, size=(n, 6))
    noise = 0.3 * 7 ** ((X[:, 5] + 1) / 2)
    middle = X[:, 0] + np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3] / 2
    return X, middle + noise * random.normal(size=n), noise


X, Y, _ = noisy(300, 0)
NEW = noisy(40, 1)[0]
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 20, "random_state": 0}


def small(**settings):
    return ThalwegRegressor(**{**SMALL, "interval_kind": "scaled", **settings})


@pytest.fixture(scope="module")
def scaled():
    return small().fit(X, Y)


def values(network, rows):
    """What a network predicts, from its parts."""
    return network.outputs.values(outputs_of([network], rows)[0])


# --- the formula ------------------------------------------------------------------------------


def by_hand(model, corrected):
    """The intervals of NEW, from out-of-fold predictions, with networks that are trained here.

    ``corrected`` is what becomes of the predictions of the networks.
    """
    plan = fit_plan(small(), GivenRows(X, Y), model._target)
    errors = np.abs(Y - corrected(model.oof_prediction_))
    order = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in plan.lesson.X[:]]
    target = np.log(errors + Y.std() / 1000)[order]
    lesson = Lesson(plan.lesson.X, target, np.ones(300), Values("squared_error"), (0,) * 6)
    found = learn(lesson, plan.scale.recipe, Stopping("folds", plan.stopping.splits))
    ratios = []
    for network, (_, held_out) in zip(networks_by_others(found), plan.stopping.splits, strict=True):
        rows = np.array(order)[held_out]
        ratios += (errors[rows] / np.exp(values(network, X[rows]))).tolist()
    q = sorted(ratios)[math.ceil(0.9 * 301) - 1]
    sigma = np.exp(np.mean([values(network, NEW) for network in found.networks], axis=0))
    mean = corrected(np.mean([values(network, NEW) for network in model.members_], axis=0))
    return np.stack((mean - q * sigma, mean + q * sigma), axis=1)


def test_the_interval_is_the_prediction_and_a_quantile_times_the_scale(scaled):
    expected = by_hand(scaled, lambda numbers: numbers)
    assert scaled.predict_interval(NEW) == pytest.approx(expected, rel=1e-9)
    middle = scaled.predict_interval(NEW).mean(axis=1)
    assert scaled.predict(NEW) == pytest.approx(middle, rel=1e-9)


def test_with_a_calibration_errors_and_middles_are_those_of_corrected_numbers(tmp_path):
    model = small(calibration="affine").fit(X, Y)
    done = model.calibration_.map
    assert abs(done.slope - 1) > 0.02

    def corrected(numbers):
        return np.clip(done.intercept + done.slope * numbers, Y.min(), Y.max())

    found = model.predict_interval(NEW)
    assert found == pytest.approx(by_hand(model, corrected), rel=1e-9)
    assert found.mean(axis=1) == pytest.approx(model.predict(NEW), rel=1e-9)
    assert np.abs(found - by_hand(model, lambda numbers: numbers)).max() > 0.01
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.predict_interval(NEW).tobytes() == found.tobytes()
    assert again.calibration_.map == done
    assert again.interval_kind_ == "scaled"


def test_the_networks_of_the_model_are_those_of_a_plain_fit(scaled):
    plain = small(interval_kind="plain").fit(X, Y)
    assert (plain.interval_kind_, scaled.interval_kind_) == ("plain", "scaled")
    for one, other in zip(plain.members_, scaled.members_, strict=True):
        assert one.theta.tobytes() == other.theta.tobytes()
    assert plain.oof_loss_ == scaled.oof_loss_
    assert "interval_kind" not in plain.settings_
    assert scaled.settings_["interval_kind"] == "scaled"


def test_a_higher_level_is_wider_by_the_same_factor_in_each_row(scaled):
    narrow, wide = (np.ptp(scaled.predict_interval(NEW, level), axis=1) for level in (0.5, 0.95))
    assert wide / narrow == pytest.approx(np.full(40, wide[0] / narrow[0]))
    assert wide[0] > narrow[0]
    assert np.isinf(scaled.predict_interval(NEW, 0.999)).all()


def test_the_interval_of_a_row_depends_on_that_row_alone(scaled):
    together = scaled.predict_interval(NEW)
    alone = np.concatenate([scaled.predict_interval(NEW[k : k + 1]) for k in range(40)])
    assert np.array_equal(alone, together)


def test_the_order_of_the_rows_does_not_matter(scaled):
    order = np.random.default_rng(0).permutation(300)
    again = small().fit(X[order], Y[order])
    assert np.array_equal(again.predict_interval(NEW), scaled.predict_interval(NEW))


def test_a_whole_weight_is_so_many_rows():
    weights = np.random.default_rng(0).integers(1, 3, 300).astype(float)
    rows = np.repeat(np.arange(300), weights.astype(int))
    weighted, repeated = small().fit(X, Y, weights), small().fit(X[rows], Y[rows])
    assert weighted._known.conformal.residuals.n == weights.sum()
    assert np.array_equal(weighted.predict_interval(NEW), repeated.predict_interval(NEW))


def test_fractional_weights_count_as_their_effective_number():
    weights = np.random.default_rng(0).uniform(0.5, 1.5, 300)
    model = small().fit(X, Y, weights)
    kish = weights.sum() ** 2 / np.sum(weights**2)
    assert model._known.conformal.residuals.n == pytest.approx(kish)


def test_groups_are_counted_instead_of_rows():
    model = small().fit(X, Y, groups=np.arange(300) // 4)
    assert model._known.conformal.residuals.n == 75
    assert np.isfinite(model.predict_interval(NEW)).all()
    assert np.isinf(model.predict_interval(NEW, 0.99)).all()


def test_with_an_ensemble_each_row_still_counts_once():
    found = small(n_ensemble=2).fit(X, Y)._known.conformal
    residuals = found.residuals
    assert (residuals.n, residuals.n_networks, residuals.repeats) == (300, 10, 2)
    assert (len(residuals.values), len(found.networks)) == (600, 10)


def test_the_rows_of_one_held_out_part_are_divided_into_folds():
    model = small(early_stopping="hold-out", validation_fraction=0.4, n_ensemble=2)
    with pytest.warns(ThalwegWarning, match="from 120 rows"):
        model.fit(X, Y)
    found = model._known.conformal
    assert (found.residuals.n, found.residuals.n_networks) == (120, 5)
    assert (len(found.networks), len(model.members_)) == (5, 2)
    # Only held-out rows taught the scale: four fifths of them each network.
    assert {network.taught.rows for network in found.networks} == {96.0}
    assert np.isfinite(model.predict_interval(NEW)).all()


@pytest.mark.parametrize("loss", ["absolute_error", "huber", "poisson"])
def test_any_loss_of_the_model_has_a_scale(loss):
    model = small(loss=loss).fit(X, np.abs(Y))
    assert {each.outputs.loss for each in model._known.conformal.networks} == {"squared_error"}
    assert np.isfinite(model.predict_interval(NEW)).all()


def test_a_model_without_hidden_layers_has_scaled_intervals():
    model = ThalwegRegressor.linear(
        interval_kind="scaled", early_stopping="folds", random_state=0
    ).fit(X, Y)
    widths = np.ptp(model.predict_interval(NEW), axis=1)
    # The logarithm of the noise is linear in the last column.
    assert np.corrcoef(np.log(widths), NEW[:, 5])[0, 1] > 0.8


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("unit", [1e299, 1e-300, 0.0])
def test_targets_of_any_size_have_an_interval(unit):
    model = small().fit(X, unit * Y / np.abs(Y).max())
    found = model.predict_interval(NEW)
    assert np.isfinite(found).all()
    assert (found[:, 0] <= model.predict(NEW)).all()
    assert (model.predict(NEW) <= found[:, 1]).all()


# --- what is refused, and ends ------------------------------------------------------------------


def in_time(model):
    return model.fit(X, Y, time_column=np.arange(300))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("fit", "says", "fixed"),
    [
        (lambda m: m.set_params(early_stopping=False).fit(X, Y), "held out from the networks",
         lambda m: m.set_params(early_stopping="folds").fit(X, Y)),
        (lambda m: m.set_params(early_stopping="cross-validation").fit(X, Y),
         "held out from the networks", lambda m: m.set_params(early_stopping="folds").fit(X, Y)),
        (lambda m: m.fit(X, Y, X_val=X, y_val=Y), "does not go with X_val", lambda m: m.fit(X, Y)),
        (in_time, "time order", lambda m: m.fit(X, Y)),
        (lambda m: m.fit(X[:99], Y[:99]), "needs 100 different rows, and there are 99",
         lambda m: m.set_params(interval_kind="plain").fit(X[:99], Y[:99])),
        (lambda m: m.set_params(early_stopping="hold-out").fit(X, Y),
         "needs 100 different held-out rows, and there are 30", lambda m: m.fit(X, Y)),
    ],
)  # fmt: skip
def test_what_has_no_scaled_intervals_is_refused_before_training(monkeypatch, fit, says, fixed):
    def trained(*_):
        raise AssertionError("it was trained")

    with monkeypatch.context() as patch:
        patch.setattr("thalweg.estimators.learning.train_networks.learn", trained)
        with pytest.raises(SettingsError, match="interval_kind") as caught:
            fit(small())
    assert says in str(caught.value)
    assert "leave out interval_kind" in str(caught.value)
    assert hasattr(fixed(small()), "predict_interval")


def test_100_rows_are_enough_and_below_300_a_warning_says_that_they_are_few():
    with pytest.warns(ThalwegWarning, match="from 100 rows, which is little: below 300"):
        small().fit(X[:100], Y[:100])


def test_more_training_drops_the_scale_and_says_so(scaled):
    later = clone(scaled).fit(X, Y).fit_more(X, Y, epochs=1)
    batch = small().partial_fit(X, Y)
    for model in (later, batch):
        assert not hasattr(model, "interval_kind_")
        with pytest.raises(AttributeError, match=r"learned from all rows .* Fix: fit it again"):
            model.predict_interval(NEW)
        assert model.fit(X, Y).interval_kind_ == "scaled"


@pytest.mark.parametrize("where", ["learn", "predicted_values"])
def test_ctrl_c_in_the_training_of_the_scale_keeps_the_networks(monkeypatch, scaled, where):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(interrupts, "_last_taken", -np.inf)
    monkeypatch.setattr(scale_training, where, interrupted)
    with pytest.warns(UnfinishedWarning, match="the model has no intervals"):
        model = small().fit(X, Y)
    assert np.array_equal(model.predict(NEW), scaled.predict(NEW))
    with pytest.raises(AttributeError, match="Ctrl-C ended the fit"):
        model.predict_interval(NEW)


class Heard(Callback):
    """Counts networks."""

    def __init__(self):
        self.begun = 0

    def train_begin(self, moment):
        """Count."""
        del moment
        self.begun += 1


def test_callbacks_and_scores_are_for_the_networks_of_the_model_alone(scaled):
    heard = Heard()
    model = small(callbacks=[heard]).fit(X, Y)
    plain = Heard()
    small(callbacks=[plain], interval_kind="plain").fit(X, Y)
    assert heard.begun == plain.begun
    assert np.array_equal(model.predict_interval(NEW), scaled.predict_interval(NEW))
    assert np.isfinite(small(scoring="r2").fit(X, Y).predict_interval(NEW)).all()


def test_half_of_a_time_limit_is_for_the_scale(scaled):
    model = small(time_limit=1000.0)
    plan = fit_plan(model, GivenRows(X, Y), scaled._target)
    assert (plan.recipe.time_limit, plan.scale.recipe.time_limit) == (500, 500)
    part = small(time_limit=1000.0, early_stopping="hold-out", validation_fraction=0.4)
    with pytest.warns(ThalwegWarning, match="from 120 rows"):
        plan = fit_plan(part, GivenRows(X, Y), scaled._target)
    assert (plan.recipe.time_limit, plan.scale.recipe.time_limit) == (500, 500)
    assert np.array_equal(model.fit(X, Y).predict_interval(NEW), scaled.predict_interval(NEW))


# --- what they are for --------------------------------------------------------------------------


@pytest.mark.slow
def test_rows_with_much_noise_and_with_little_are_inside_about_as_often():
    coverage, widths = [], []
    for seed in range(6):
        table, y, noise = noisy(1_000 + 4_000, seed)
        new, truth, by_noise = table[1_000:], y[1_000:], np.argsort(noise[1_000:])
        for kind in ("plain", "scaled"):
            model = ThalwegRegressor(random_state=seed, interval_kind=kind)
            low, high = model.fit(table[:1_000], y[:1_000]).predict_interval(new).T
            inside = (low <= truth) & (truth <= high)
            quiet, loud = inside[by_noise[:800]].mean(), inside[by_noise[-800:]].mean()
            coverage.append((kind == "scaled", inside.mean(), quiet, loud))
            widths.append((kind == "scaled", np.mean(high - low)))
    rows, wide = np.array(coverage), np.array(widths)
    scaled, plain = rows[rows[:, 0] == 1, 1:], rows[rows[:, 0] == 0, 1:]
    assert 0.88 <= scaled[:, 0].mean() <= 0.93
    assert (scaled[:, 1].mean() >= 0.85) & (scaled[:, 1].mean() <= 0.97)
    assert (scaled[:, 2].mean() >= 0.85) & (scaled[:, 2].mean() <= 0.97)
    # Plain intervals hold all of the quiet rows and 70 % of the loud ones, and are wider.
    assert plain[:, 1].mean() > 0.99
    assert plain[:, 2].mean() < 0.75
    assert wide[wide[:, 0] == 1, 1].mean() < wide[wide[:, 0] == 0, 1].mean()
