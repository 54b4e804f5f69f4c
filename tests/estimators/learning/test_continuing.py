"""Continued training: partial_fit, fit_more, and a warm start."""

import pickle

import numpy as np
import pandas as pd
import pytest

from thalweg import (
    DataError,
    DivergenceError,
    SettingsError,
    ThalwegClassifier,
    ThalwegRegressor,
    load_model,
)
from thalweg.estimators.learning import continuing
from thalweg.estimators.learning.encoded_training_data import member_seed
from thalweg.estimators.repeated_descent import objective_of
from thalweg.training.progress import progress_told_to

QUICK = {"random_state": 0, "max_iter": 10, "hidden_layer_sizes": (5,), "n_folds": 2}
RULE = "sgd:lr=0.1,momentum=0.9"


def table(n_rows=120, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 3))
    return X, (X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=n_rows) > 0).astype(int)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_passes_over_all_rows_are_a_fit_of_as_many_epochs(smoothing):
    X, y = table()
    how = {**QUICK, "batch_size": 1000, "early_stopping": False, "optimizer": RULE, "dropout": 0}
    how["label_smoothing"] = smoothing
    whole = ThalwegClassifier(**how, dtype="float64").fit(X, y)
    model = ThalwegClassifier(**how, dtype="float64")
    for times in range(1, 11):
        # The penalty is divided by the weight of the rows of all calls so far.
        model.set_params(alpha=float(times)).partial_fit(X, y, classes=[0, 1])
    # Sums over rows in another order: all but the last bits.
    np.testing.assert_allclose(model.loss_curve_, whole.loss_curve_, rtol=1e-11)
    assert [epoch["epoch"] for epoch in model.history_] == list(range(1, 11))
    assert [epoch["steps"] for epoch in model.history_] == list(range(1, 11))
    assert (model.best_epoch_, model.stopping_) == (10, "none")
    assert model.encoder_.bins.n_outputs == whole.encoder_.bins.n_outputs > 0


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_batches_teach_in_their_order(kind):
    X, y = table(600)
    y = y if kind is ThalwegClassifier else X[:, 0] ** 2 + X[:, 1]
    more = {"classes": [0, 1]} if kind is ThalwegClassifier else {}
    model = kind(random_state=0, alpha=0.1, n_ensemble=2)
    first = None
    for _ in range(30):
        for rows in np.split(np.arange(600), 6):
            model.partial_fit(X[rows], y[rows], **more)
            first = model.score(X, y) if first is None else first
    assert model.score(X, y) > first + 0.1
    assert model.score(X, y) > 0.75
    assert len(model.members_) == 2
    turned = kind(random_state=0, alpha=0.1).partial_fit(X[::-1], y[::-1], **more)
    straight = kind(random_state=0, alpha=0.1).partial_fit(X, y, **more)
    assert turned.theta_.tobytes() != straight.theta_.tobytes()


def one_layer(**changes):
    """A model whose step is a closed form: linear in the encoded columns, plain descent."""
    how = {"hidden_layer_sizes": (), "optimizer": "sgd:lr=0.1", "n_bins": 0, "dtype": "float64"}
    return ThalwegClassifier(**{**how, "dropout": 0, "random_state": 0, **changes})


def step_of(model, X, y, weights, costs, total):
    """θ after one step of descent on these rows; the penalties are divided by ``total``."""
    Z, w = model.encoder_.encode(X), weights * np.where(y == 1, costs[1], costs[0])
    (W, b), settings = model.members_[0].layers[0], model.settings_
    slopes = (1 / (1 + np.exp(-(Z @ W.reshape(-1) + b[0]))) - y) * w / w.sum()
    slope_of_W = (
        Z.T @ slopes
        + (settings["alpha"] * W.reshape(-1) + settings["l1"] * np.sign(W.reshape(-1))) / total
    )
    return np.append(W.reshape(-1) - 0.1 * slope_of_W, b[0] - 0.1 * slopes.sum())


@pytest.mark.parametrize("way", ["first", "after a fit", "from a file", "without its weight"])
@pytest.mark.parametrize("costs", [(1.0, 1.0), (2.0, 5.0)])
def test_penalties_are_divided_by_the_weight_of_the_rows_of_all_calls(way, costs, tmp_path):
    X, y = table(40)
    weights = np.random.default_rng(1).integers(1, 5, 40) / 2
    total_of = weights * np.where(y == 1, costs[1], costs[0])
    more = {"alpha": 2.0, "l1": 0.7, "class_weight": dict(enumerate(costs))}
    model, parts = one_layer(**more, early_stopping=False), (slice(0, 25), slice(25, 38), [38, 39])
    if way == "first":
        model.partial_fit(X[parts[0]], y[parts[0]], [0, 1], sample_weight=weights[parts[0]])
    else:
        model.set_params(max_iter=3)
        model.fit(X[parts[0]], y[parts[0]], sample_weight=weights[parts[0]])
    total = total_of[parts[0]].sum()
    if way == "from a file":
        model.save(tmp_path / "m")
        model = load_model(tmp_path / "m")
    if way == "without its weight":  # as in a pickle of before
        model = pickle.loads(pickle.dumps(model))
        del model.members_[0].__dict__["taught"]
        total = 0.0
    for rows in parts[1:]:
        total += total_of[rows].sum()
        wanted = step_of(model, X[rows], y[rows], weights[rows], costs, total)
        model.partial_fit(X[rows], y[rows], sample_weight=weights[rows])
        np.testing.assert_allclose(model.theta_, wanted, rtol=1e-10, atol=1e-12)
        assert model.members_[0].taught.weight == pytest.approx(total, rel=1e-14)
        assert objective_of(model).penalty == pytest.approx(2.0 / total, rel=1e-14)
        assert objective_of(model).l1 == pytest.approx(0.7 / total, rel=1e-14)


def test_each_network_of_folds_counts_its_own_rows():
    X, y = table(50)
    model = one_layer(early_stopping="folds", alpha=3.0, max_iter=2).fit(X, y)
    before = [network.taught.rows for network in model.members_]
    model.partial_fit(X[:1], y[:1])
    model.partial_fit(X[:2], y[:2])
    assert [network.taught.rows for network in model.members_] == [rows + 3 for rows in before]
    assert [objective_of(model, k).penalty for k in range(len(before))] == [
        3.0 / (rows + 3) for rows in before
    ]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_a_good_model_stays_good_through_many_calls_of_one_row(kind):
    X, y = table(700)
    y = y if kind is ThalwegClassifier else X[:, 0] + 0.1 * X[:, 1]
    model = kind(hidden_layer_sizes=(8,), random_state=0, max_iter=60, early_stopping=False)
    model.fit(X[:500], y[:500])
    good = model.score(X[:500], y[:500])
    for row in range(500, 700):
        model.partial_fit(X[row : row + 1], y[row : row + 1])
    assert good > 0.8
    # Steps of one row are noisy: without a penalty it is the same.
    assert model.score(X[:500], y[:500]) > good - 0.08


def test_what_was_pickled_goes_on_as_it_would_have():
    X, y = table()
    model = ThalwegClassifier(**QUICK).partial_fit(X, y, classes=[0, 1])
    again = pickle.loads(pickle.dumps(model))
    model.partial_fit(X, y)
    again.partial_fit(X, y)
    assert model.theta_.tobytes() == again.theta_.tobytes()


def test_a_batch_may_lack_a_class_and_widens_a_range():
    X, y = table()
    model = ThalwegClassifier(**QUICK).partial_fit(X[y == 0], y[y == 0], classes=[0, 1])
    assert model.predict_proba(X).shape == (120, 2)
    with pytest.raises(DataError, match="not the same as on the last call"):
        model.partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(DataError, match="not one of the classes"):
        model.partial_fit(X, y + 1)
    with pytest.raises(DataError, match="first call of partial_fit needs classes"):
        ThalwegClassifier(**QUICK).partial_fit(X, y)
    with pytest.raises(SettingsError, match="cannot be computed from one batch"):
        ThalwegClassifier(**QUICK, class_weight="balanced").partial_fit(X, y, classes=[0, 1])
    numbers = ThalwegRegressor(**QUICK).partial_fit(X, X[:, 0])
    low = numbers.members_[0].outputs.low
    high = numbers.members_[0].outputs.high
    numbers.partial_fit(X, X[:, 0] - 100)
    assert numbers.members_[0].outputs.low == pytest.approx(low - 100)
    assert numbers.members_[0].outputs.high == high
    numbers.partial_fit(X, X[:, 0] + 100)
    assert numbers.members_[0].outputs.low == pytest.approx(low - 100)
    assert numbers.members_[0].outputs.high == pytest.approx(high + 100)


def test_rows_without_weight_do_not_teach():
    X, y = table()
    weights = np.ones(120)
    weights[::3] = 0
    one = ThalwegClassifier(**QUICK).partial_fit(X, y, classes=[0, 1], sample_weight=weights)
    other = ThalwegClassifier(**QUICK).partial_fit(X[weights > 0], y[weights > 0], classes=[0, 1])
    assert one.theta_.tobytes() == other.theta_.tobytes()
    with pytest.raises(ValueError, match="non-zero"):
        one.partial_fit(X, y, sample_weight=np.zeros(120))


def test_a_batch_that_diverges_leaves_the_model_as_it_was():
    X, y = table()
    model = ThalwegRegressor(**QUICK).partial_fit(X, X[:, 0])
    before = model.theta_.tobytes()
    model.set_params(learning_rate_init=1e300, optimizer="sgd")
    with pytest.raises(DivergenceError, match="smaller learning rate"):
        model.partial_fit(X, y * 1.0)
    assert model.theta_.tobytes() == before


def test_lbfgs_has_no_batches():
    assert not hasattr(ThalwegClassifier(optimizer="lbfgs"), "partial_fit")
    assert hasattr(ThalwegClassifier(), "partial_fit")


@pytest.mark.parametrize("early_stopping", ["auto", "folds"])
def test_more_epochs_go_on_from_where_it_was(early_stopping):
    X, y = table()
    model = ThalwegClassifier(**QUICK, alpha=0.01, early_stopping=early_stopping).fit(X, y)
    done, before = len(model.history_), model.history_[-1]["train_loss"]
    steps, centers = model.history_[-1]["steps"], [m.encoder for m in model.members_]
    assert model.fit_more(X, y, epochs=25) is model
    assert len(model.history_) == done + 25 == model.best_epoch_
    assert [epoch["epoch"] for epoch in model.history_] == list(range(1, done + 26))
    assert model.history_[done]["steps"] > steps
    assert model.history_[-1]["train_loss"] < before
    assert [m.encoder for m in model.members_] == centers
    assert model.stopping_ == "none"
    with pytest.raises(SettingsError, match="not a number of epochs"):
        model.fit_more(X, y, epochs=0)


def test_more_epochs_that_diverge_leave_the_model_as_it_was():
    X, _ = table()
    model = ThalwegRegressor(**QUICK).fit(X, X[:, 0])
    before = model.theta_.tobytes()
    model.set_params(learning_rate_init=1e300, optimizer="sgd")
    with pytest.raises(DivergenceError, match="as it was before"):
        model.fit_more(X, X[:, 0])
    assert model.theta_.tobytes() == before


def test_a_warm_start_goes_on_where_there_is_something_new():
    X, y = table()
    model = ThalwegClassifier(**QUICK, warm_start=True, early_stopping=False).fit(X, y)
    cold = ThalwegClassifier(**QUICK, early_stopping=False).fit(X, y)
    assert model.theta_.tobytes() == cold.theta_.tobytes()
    assert model.fit(X, y) is model
    assert model.theta_.tobytes() == cold.theta_.tobytes(), "nothing was new"
    other = table(seed=3)
    model.fit(*other)
    cold.fit_more(*other, epochs=10)
    assert len(model.history_) == 20
    assert model.theta_.tobytes() == cold.theta_.tobytes()
    model.fit(*other, sample_weight=np.full(120, 2.0))
    assert len(model.history_) == 30
    with pytest.raises(SettingsError, match="A warm start does not take"):
        model.fit(X, y, groups=np.arange(120))


def test_the_loss_of_a_pass_counts_every_row_once():
    # Batches of 50, 50 and 20 rows; at such a rate the weights stay where they are.
    X, y = table()
    how = {**QUICK, "optimizer": "sgd", "learning_rate_init": 1e-300, "dropout": 0}
    losses = [
        ThalwegClassifier(**how, batch_size=size, dtype="float64")
        .partial_fit(X, y, classes=[0, 1])
        .loss_curve_[0]
        for size in (50, 120)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)


def test_classes_named_for_batches_are_forgotten_by_a_fit():
    X, y = table()
    model = ThalwegClassifier(**QUICK).partial_fit(X, y, classes=[0, 1, 2])
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.fit(X, y).classes_.tolist() == [0, 1]
    with pytest.raises(ValueError, match="continuous"):
        ThalwegClassifier(**QUICK).partial_fit(X, y, classes=[0.0, 0.5, 1.0])


def test_each_network_goes_on_with_a_seed_drawn_from_its_own(monkeypatch):
    X, y = table()
    model = ThalwegClassifier(**QUICK, early_stopping=False, n_ensemble=2).fit(X, y)
    seeds, run = [], continuing.train_many

    def spy(members, *given, **named):
        seeds.extend(member.settings.seed for member in members)
        return run(members, *given, **named)

    monkeypatch.setattr(continuing, "train_many", spy)
    model.fit_more(X, y, epochs=3).fit_more(X, y, epochs=1)
    first = [member_seed(member_seed(0, number), 10) for number in (0, 1)]
    assert seeds == [*first, *(member_seed(member_seed(0, number), 13) for number in (0, 1))]
    assert len({0, *seeds}) == 5


SETTLED = [
    {"hidden_layer_sizes": (6,)}, {"activation": "tanh"}, {"n_bins": 3}, {"dtype": "float64"},
    {"n_ensemble": 2}, {"class_weight": {0: 1, 1: 9}}, {"positive": 0}, {"early_stopping": False},
    {"validation_fraction": 0.3}, {"scoring": "accuracy"}, {"n_iter_no_change": 3}, {"tol": 0.1},
]  # fmt: skip


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(
    "change", [*SETTLED, {"random_state": 4}], ids=lambda change: next(iter(change))
)
@pytest.mark.parametrize("way", ["fit", "fit_more", "partial_fit"])
def test_what_networks_have_settled_cannot_be_changed(way, change):
    X, y = table()
    model = ThalwegClassifier((5,), max_iter=1, random_state=0, warm_start=True).fit(X, y)
    settings, theta = model.settings_, model.theta_
    (name,) = change
    before = model.get_params()[name]
    model.set_params(**change)
    with pytest.raises(SettingsError, match="cannot be changed after the fit") as refused:
        getattr(model, way)(X[:100], y[:100])
    assert refused.value.what.startswith(f"{name}={next(iter(change.values()))!r}")
    assert f"model.set_params({name}={before!r})" in refused.value.fix
    assert model.settings_ is settings
    assert model.theta_ is theta
    model.set_params(**{name: before})  # the mend
    getattr(model, way)(X[:100], y[:100])


COLUMNS = {
    "category": ["b", "a"], "number": {"a": None, "b": None}, "text": ["a"], "date": {"a": "unix"},
    "missing": {"a": ["-999", "k.A."]},
}  # fmt: skip


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("name", COLUMNS)
def test_what_columns_hold_is_settled_and_naming_none_is_no_change(name, loaded, tmp_path):
    X, y = table()
    X = pd.DataFrame(X[:, :2].round(1), columns=["a", "b"])
    how = {**QUICK, "max_iter": 1, "early_stopping": False, "warm_start": True}
    value, none = COLUMNS[name], type(COLUMNS[name])()

    def fitted(given):
        model = ThalwegClassifier(**how, **{name: given}).fit(X, y)
        if not loaded:
            return model
        model.save(tmp_path / "model", overwrite=True)
        return load_model(tmp_path / "model").set_params(warm_start=True)

    for before, now in ((None, value), (none, value), (value, None), (value, none)):
        model = fitted(before)
        for way in ("fit", "fit_more", "partial_fit"):
            model.set_params(**{name: now})
            with pytest.raises(SettingsError, match=f"{name}=.*cannot be changed after") as refused:
                getattr(model, way)(X, y)
            assert f"{name}={now or None!r}" in refused.value.what
            eval(refused.value.fix.partition("as in ")[2].partition(";")[0], {"model": model})
            getattr(model, way)(X, y)
    for before, now in ((None, none), (none, None)):
        model = fitted(before)
        theta = model.theta_
        # A file has no hash of the sample weights, so that a fit goes on there.
        assert model.set_params(**{name: now}).fit(X, y).theta_ is theta or loaded
        model.fit_more(X, y, epochs=1).partial_fit(X, y)
    same = [*reversed(value)] if isinstance(value, list) else dict(reversed(value.items()))
    same = [*value] if name == "number" else same
    fitted(value).set_params(**{name: same}).fit_more(X, y, epochs=1)


def test_the_fix_names_every_column_that_was_named():
    X, y = table()
    X = pd.DataFrame(np.tile(X, (1, 4)).round(), columns=list("abcdefghijkl"))
    model = ThalwegClassifier(**QUICK, category=list(X.columns)).fit(X, y)
    with pytest.raises(SettingsError, match="cannot be changed after the fit") as refused:
        model.set_params(category=None).fit_more(X, y)
    assert f"model.set_params(category={list(X.columns)!r})" in refused.value.fix


def test_a_seed_that_is_not_asked_for_does_not_differ():
    X, y = table()
    for drawn in (None, np.random.RandomState(1)):
        model = ThalwegClassifier((5,), max_iter=1, random_state=drawn, warm_start=True).fit(X, y)
        theta = model.theta_
        assert model.fit(X, y).theta_ is theta
        assert model.set_params(random_state=np.int64(model.seed_)).fit(X, y).theta_ is theta
        model.set_params(random_state=None).fit_more(X, y, epochs=1)


def test_the_loss_of_a_regressor_cannot_be_changed():
    X, _ = table()
    model = ThalwegRegressor(**QUICK).fit(X, X[:, 0]).set_params(loss="poisson")
    with pytest.raises(SettingsError, match="loss='poisson' cannot be changed after the fit"):
        model.fit_more(X, X[:, 0])
    model.set_params(loss="squared_error").fit_more(X, X[:, 0], epochs=1)


def test_how_to_descend_may_change_on_the_way(tmp_path):
    X, y = table()
    scoring = {"scoring": lambda model, X, y: float(np.mean(model.predict(X) == y))}
    model = ThalwegClassifier(**QUICK, **scoring).fit(X, y)
    model.set_params(alpha=3.0, optimizer=RULE, dropout=0.1, hidden_layer_sizes=[5], batch_size=9)
    model.fit_more(X, y, epochs=1)
    assert model.settings_["alpha"] == 3.0
    # A model file holds no function, so what is read from one has none to compare with.
    model.save(tmp_path / "model.thalweg")
    load_model(tmp_path / "model.thalweg").fit_more(X, y, epochs=1)


@pytest.mark.parametrize("way", ["fit", "fit_more", "partial_fit"])
def test_a_column_that_comes_later_is_refused(way):
    X, y = table()
    first = pd.DataFrame(X, columns=["a", "b", "c"])
    model = ThalwegClassifier(**QUICK, warm_start=True).fit(first, y)
    with pytest.raises(DataError, match=r'not fitted on: "d".*leave them out'):
        getattr(model, way)(first.assign(d=1.0), y)
    assert len(model.predict(first.assign(d=1.0))) == 120


@pytest.mark.parametrize("way", ["fit", "fit_more", "partial_fit"])
def test_out_of_fold_results_go_with_the_networks_that_they_described(way):
    X, y = table()
    model = ThalwegClassifier(**QUICK, warm_start=True).fit(X, y)
    told = ("oof_loss_", "oof_score_", "oof_decision_function_")
    assert all(hasattr(model, name) for name in told)
    getattr(model, way)(X[:100], y[:100])
    assert not any(hasattr(model, name) for name in told)


@pytest.mark.parametrize("epochs", ["3", 2.5, True, None, 0, -1, 10**9 + 1])
def test_no_number_of_epochs_is_refused(epochs):
    X, y = table()
    model = ThalwegClassifier((5,), max_iter=1, random_state=0).fit(X, y)
    with pytest.raises(
        SettingsError, match=r"epochs=.* is not a number of.*1 to 1000000000.*epochs=10"
    ):
        model.fit_more(X, y, epochs=epochs)
    model.fit_more(X, y, epochs=np.int64(1))


def test_a_pass_whose_last_step_leaves_no_finite_weights_is_not_kept():
    """One batch: its loss is that before the step, and finite."""
    X, _ = table()
    model = ThalwegRegressor(**QUICK, batch_size=1000, dtype="float32").partial_fit(X, X[:, 0])
    before = model.theta_.tobytes()
    model.set_params(learning_rate_init=3e38, optimizer="sgd", weight_decay=0.0)
    with pytest.raises(DivergenceError, match="The model has the weights that it had before"):
        model.partial_fit(X, 9 * X[:, 0])
    assert model.theta_.tobytes() == before


def test_progress_counts_the_epochs_of_all_networks():
    X, y = table()
    model = ThalwegClassifier(**QUICK, early_stopping=False, n_ensemble=2).fit(X, y)
    steps = []
    with progress_told_to(steps.append):
        model.fit_more(X, y, epochs=3)
    assert {step.total for step in steps} == {6}
    assert (steps[-1].done, steps[-1].finished, steps[-1].networks) == (6, 2, 2)
