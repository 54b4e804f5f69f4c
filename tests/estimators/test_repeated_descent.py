"""A repeated training run gives the same weights, or says that it may not."""

import itertools

import numpy as np
import pytest

from mixed import mixed
from slow_cases import slow_but
from thalweg.data.encoding import lazy_encoded
from thalweg.errors import DataError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.estimators.repeated_descent import objective_of, retraced, spared_data
from thalweg.landscape.runs.path import terrain_of
from thalweg.network.engine import choose
from thalweg.persistence.model_file import load_model
from thalweg.training.descent_inputs import Course
from thalweg.training.train import train

# Some tables here have a column of names; test_identifiers is about what is said of it.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")

PLATEAU = "adam:lr=0.05,schedule=plateau(patience=1)"


def doubt(model, X, y):
    """A score of one's own: highest where a network has hardly learned."""
    return -float(np.abs(model.predict_proba(X)[:, 1] - 0.5).mean())


def fitted(**settings):
    frame, y = mixed(300)
    given = {"hidden_layer_sizes": (5,), "max_iter": 9, "random_state": 3, **settings}
    return ThalwegClassifier(**given), frame, y


def theta(member):
    return train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        member.settings, rows=member.rows, held_out=member.held_out,
    ).theta  # fmt: skip


SETTINGS = {
    "defaults": {},
    "noise": {"n_ensemble": 2, "dropout": 0.4, "n_bins": 5, "label_smoothing": 0.1},
    "impatient": {
        "n_iter_no_change": 1, "learning_rate_init": 0.05, "max_iter": 40, "alpha": 0.0
    },
    "plateau": {"optimizer": PLATEAU, "max_iter": 30},
    "lbfgs": {"optimizer": "lbfgs", "dropout": 0, "class_weight": "balanced"},
    "average": {"optimizer": "adam:lr=0.05,schedule=cosine,average=1", "n_iter_no_change": 6},
    "averages": {"optimizer": f"{PLATEAU},average=0.5", "max_iter": 30, "n_iter_no_change": 4},
    "linear": {"hidden_layer_sizes": (), "max_iter": "auto"},
}  # fmt: skip
WAYS = ["auto", "folds", "cross-validation", "hold-out", False]
# The defaults in every way, and each of the other settings in two of them.
TURNS = {("defaults", way) for way in WAYS} | {
    (name, WAYS[(place + turn) % 5]) for place, name in enumerate(SETTINGS) for turn in (1, 3)
}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(("name", "way"), slow_but(TURNS, itertools.product(SETTINGS, WAYS)))
def test_it_descends_to_the_weights_of_the_first_network(name, way):
    model, frame, y = fitted(early_stopping=way, **SETTINGS[name])
    model.fit(frame, y)
    member, same, *_ = retraced(model, frame, y)
    assert same
    assert np.array_equal(theta(member), model.theta_)
    assert member.settings.stop_after == model.best_epoch_


def of_task(task, n=200):
    """A table with another target than two classes, and an estimator for it."""
    frame, _ = mixed(n)
    rng = np.random.default_rng(5)
    if task == "three":
        return ThalwegClassifier, frame, np.array(["a", "b", "c"])[rng.integers(3, size=n)]
    y = rng.poisson(4.0, n) if task == "poisson" else 50 + 9 * rng.normal(size=n)
    return ThalwegRegressor, frame, y


TASKS = ("three", "squared_error", "absolute_error", "huber:delta=0.5", "quantile:level=0.2",
         "poisson")  # fmt: skip
QUICK = {("three", "folds"), ("squared_error", "hold-out"), ("poisson", "folds")}


@pytest.mark.parametrize(("task", "way"), slow_but(QUICK, itertools.product(TASKS, WAYS[1:])))
def test_several_classes_and_numbers_descend_to_their_weights(task, way):
    kind, frame, y = of_task(task)
    given = {"hidden_layer_sizes": (5,), "max_iter": 5, "random_state": 3, "early_stopping": way}
    model = kind(**given, **({} if task == "three" else {"loss": task})).fit(frame, y)
    member, same, *_ = retraced(model, frame, y)
    assert same
    assert np.array_equal(theta(member), model.theta_)
    assert member.loss == model.members_[0].outputs.loss
    order = np.random.default_rng(0).permutation(len(y))
    assert not retraced(model, frame.iloc[order], y[order]).same


@pytest.mark.parametrize("preset", ["quick", "best"])
def test_folds_of_a_preset_are_those_of_its_fit(preset):
    model, frame, y = fitted(preset=preset)
    model.fit(frame, y)
    member, same, *_ = retraced(model, frame, y)
    assert same
    assert np.array_equal(theta(member), model.theta_)


def test_a_target_that_is_no_number_is_refused():
    kind, frame, y = of_task("squared_error")
    model = kind(hidden_layer_sizes=(2,), max_iter=1, early_stopping=False).fit(frame, y)
    with pytest.raises(DataError, match="not numeric"):
        retraced(model, frame, ["many"] * len(y))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("way", ["folds", "cross-validation", "hold-out", False])
def test_the_objective_of_a_network_is_that_of_its_descent(tmp_path, way):
    more = {
        "unknown": "ignore",
        "alpha": 3.0,
        "l1": 0.1,
        "dropout": 0.3,
        "class_weight": {"ill": 7, "well": 1},
    }
    model, frame, y = fitted(early_stopping=way, n_ensemble=2, **more)
    weights = np.random.default_rng(0).integers(0, 4, len(y)) / 2
    model.fit(frame, y, sample_weight=weights)
    member, *_ = retraced(model, frame, y, weights)
    descended = Course(member, choose()).objective
    model.save(tmp_path / "m")
    for each in (model, load_model(tmp_path / "m")):
        found = objective_of(each)
        assert (found.penalty, found.l1) == (descended.penalty, descended.l1)
        assert (found.loss, found.dropout) == (descended.loss, descended.dropout)
    if way == "folds":
        others = [objective_of(model, k).penalty for k in range(5)]
        assert len(set(others)) > 1, "each fold leaves rows of another weight"
        taught = [network.taught.rows for network in model.members_]
        assert sum(taught) == 2 * 4 * weights.sum(), "two networks a fold"


def test_the_objective_of_a_network_that_went_on_is_that_of_the_rows_it_went_on_with():
    model, frame, y = fitted(early_stopping="folds", alpha=3.0)
    model.fit(frame, y)
    model.fit_more(frame, y, 1)
    assert {objective_of(model, k).penalty for k in range(5)} == {3.0 / 300}
    batches, frame, y = fitted(unknown="ignore", alpha=3.0, class_weight={"ill": 1, "well": 2})
    for rows in (slice(0, 200), slice(200, 250)):
        batches.partial_fit(frame[rows], y[rows], classes=["ill", "well"])
    weight = 250 + np.count_nonzero(y[:250] == "well")  # of the rows of all calls
    assert objective_of(batches).penalty == 3.0 / weight


@pytest.mark.parametrize("compact_below", [0, lazy_encoded.COMPACT_BELOW])
def test_a_table_that_is_too_large_to_be_kept_encoded_is_there_to_be_looked_at(
    monkeypatch, compact_below
):
    monkeypatch.setattr(lazy_encoded, "KEPT_BELOW", 0)
    monkeypatch.setattr(lazy_encoded, "COMPACT_BELOW", compact_below)
    model, frame, y = fitted(early_stopping="folds")
    model.fit(frame, y)
    member, same, *_ = retraced(model, frame, y)
    assert same
    assert member.data.is_made == member.data.in_bins == (compact_below > 0)
    assert np.array_equal(theta(member), model.theta_)
    height, slope = terrain_of(member).loss_and_gradient(model.theta_)
    assert np.isfinite(height)
    assert np.isfinite(slope).all()


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("way", ["folds", "hold-out"])
@pytest.mark.parametrize("scoring", ["accuracy", doubt])
def test_an_epoch_that_a_score_chose_is_known(way, scoring):
    how = "adam:lr=0.05,beta_2=0.95,schedule=cosine,average=2"  # with it, score and loss differ
    model, frame, y = fitted(early_stopping=way, scoring=scoring, optimizer=how, alpha=2)
    model.fit(frame, y)
    losses = [epoch["valid_loss"] for epoch in model.history_]
    if scoring is doubt:
        assert model.best_epoch_ < 1 + int(np.argmin(losses)), "the loss would choose another"
    member, same, *_ = retraced(model, frame, y)
    assert same
    assert np.array_equal(theta(member), model.theta_)
    # With a rate that follows the loss, rows must judge; then another epoch would be returned.
    model.set_params(optimizer=PLATEAU).fit(frame, y)
    assert not retraced(model, frame, y).same


@pytest.mark.parametrize(("optimizer", "known"), [("adam:lr=0.05", True), (PLATEAU, False)])
def test_rows_of_ones_own_judged(optimizer, known):
    model, frame, y = fitted(optimizer=optimizer, max_iter=30, unknown="ignore")
    model.fit(frame[:200], y[:200], X_val=frame[200:], y_val=y[200:])
    assert model.stopping_ == "validation"
    assert model.best_epoch_ < model.n_iter_
    member, same, *_ = retraced(model, frame[:200], y[:200])
    assert same is known
    assert not known or np.array_equal(theta(member), model.theta_)


def by_groups(model, X, y):
    model.fit(X, y, groups=np.arange(len(X)) // 2)


def some_more_epochs(model, X, y):
    model.fit(X, y).fit_more(X, y, epochs=2)


def two_batches(model, X, y):
    model.partial_fit(X, y, classes=np.unique(y)).partial_fit(X, y)


@pytest.mark.parametrize("learn", [by_groups, some_more_epochs, two_batches])
def test_what_the_table_alone_does_not_tell_is_not_said_to_be_repeated(tmp_path, learn):
    model, frame, y = fitted(early_stopping=False, max_iter=3)
    learn(model, frame, y)
    model.save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    for each in (model, loaded):
        member, same, *_ = retraced(each, frame, y)
        assert not same
        assert not np.array_equal(theta(member), model.theta_)
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()
    # None of it stays when the table alone teaches.
    model.fit(frame, y).save(tmp_path / "plain")
    for each in (model, load_model(tmp_path / "plain")):
        member, same, *_ = retraced(each, frame, y)
        assert same
        assert np.array_equal(theta(member), model.theta_)


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_a_score_that_judged_no_row_leaves_the_descent_known():
    """With one row of a class none is held out, so the rate followed the training loss."""
    model, frame, _ = fitted(optimizer=PLATEAU, max_iter=30, scoring="accuracy", unknown="ignore")
    y = np.where(np.arange(len(frame)) == 7, "ill", "well")
    model.set_params(early_stopping="hold-out").fit(frame, y)
    assert model.stopping_ == "none"
    member, same, *_ = retraced(model, frame, y)
    assert same
    assert np.array_equal(theta(member), model.theta_)


def test_rows_that_no_fit_takes_are_not_retraced_either():
    model, frame, y = fitted(early_stopping=False, max_iter=1)
    model.fit(frame, y)
    for some in (y[:-1], [*y, y[0]]):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            retraced(model, frame, some)
    with pytest.raises(DataError, match=r"A sample weight is 1e-200 \(row 4\)"):
        retraced(model, frame, y, np.where(np.arange(len(y)) == 3, 1e-200, 1.0))


@pytest.mark.filterwarnings("ignore::thalweg.errors.UnseenLevelWarning")
@pytest.mark.parametrize("way", ["folds", True, False])
def test_rows_that_the_first_network_was_spared_are_known(way):
    model, frame, y = fitted(early_stopping=way)
    rows = np.arange(len(y)) % 5 > 0
    model.fit(frame[rows], y[rows])
    found = retraced(model, frame[rows], y[rows])
    if way is False:
        assert found.spared is None
    else:
        assert not {*found.spared} & {*found.member.rows}
        assert len(found.spared) + len(found.member.rows) == len(found.member.data.X)
    own = 0 if found.spared is None else len(found.spared)
    assert len(spared_data(model, found, [], []).X) == own
    data = spared_data(model, found, frame[~rows], y[~rows])
    assert data.weights[own:].sum() == (~rows).sum()
    assert not retraced(model, frame, y).same
    assert retraced(model, frame, y).spared is None


def test_rows_of_the_fit_without_its_weights_are_known():
    model, frame, y = fitted(early_stopping=False)
    weights = np.where(np.arange(len(y)) % 2, 2.0, 1.0)
    model.fit(frame, y, sample_weight=weights)
    for given, same, reweighted in ((weights, True, False), (None, False, True)):
        found = retraced(model, frame, y, given)
        assert (found.same, found.reweighted) == (same, reweighted)
    assert not retraced(model, frame[:20], y[:20]).reweighted
