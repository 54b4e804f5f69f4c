"""`predict_interval` and `predict_set`: from the held-out rows of a fit, or not at all."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from thalweg import ThalwegClassifier, ThalwegRegressor, interrupts, load_model
from thalweg.errors import SettingsError, ThalwegWarning, UnfinishedWarning
from thalweg.estimators.conformal import held_out_errors
from thalweg.estimators.learning.fit_plan import GivenRows, fit_plan
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.evaluation.conformal.class_scores import ClassScores
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 3))
Y = X[:, 0] + 0.5 * RANDOM.normal(size=120)
LABELS = np.where(Y > 0.3, "yes", "no")
NEW = RANDOM.normal(size=(40, 3))


def small(kind, **settings):
    return kind(hidden_layer_sizes=(4,), max_iter=20, random_state=0, **settings)


@pytest.fixture(scope="module")
def regressor():
    return small(ThalwegRegressor).fit(X, Y)


@pytest.fixture(scope="module")
def classifier():
    return small(ThalwegClassifier).fit(X, LABELS)


def test_intervals_are_cv_plus_of_members_and_out_of_fold_predictions(regressor):
    # The definition, from what a person sees of the model.
    errors = np.abs(Y - regressor.oof_prediction_)
    members = [
        net.outputs.values(Z) for net, Z in
        zip(regressor.members_, outputs_of(regressor.members_, NEW), strict=True)
    ]  # fmt: skip
    plan = fit_plan(small(ThalwegRegressor), GivenRows(X, Y), regressor._target)
    fold = np.empty(len(X), dtype=int)
    for number, (_, held_out) in enumerate(plan.stopping.splits):
        fold[np.isin(Y, plan.lesson.y[held_out])] = number
    found = regressor.predict_interval(NEW)
    high = np.sort(np.array(members)[fold] + errors[:, None], axis=0)[109 - 1]
    low = np.sort(np.array(members)[fold] - errors[:, None], axis=0)[12 - 1]
    assert found == pytest.approx(np.stack((low, high), axis=1), rel=1e-9)
    assert (found[:, 0] <= regressor.predict(NEW)).all()
    assert (regressor.predict(NEW) <= found[:, 1]).all()


def test_a_higher_level_is_wider(regressor):
    widths = [np.ptp(regressor.predict_interval(NEW, level), axis=1) for level in (0.5, 0.9, 0.99)]
    assert (widths[0] < widths[1]).all()
    assert (widths[1] < widths[2]).all()
    assert np.isinf(regressor.predict_interval(NEW, confidence_level=0.999)).all()


def test_sets_are_cross_conformal_with_each_network_against_itself(classifier):
    # The definition, from what a person sees of the model.
    known, members = classifier.oof_decision_function_, classifier.members_
    new = [
        net.outputs.probabilities(outputs_of([net], classifier._known.schema.matrix(NEW)))
        for net in members
    ]
    plan = fit_plan(small(ThalwegClassifier), GivenRows(X, LABELS), classifier._target)
    fold = np.empty(len(X), dtype=int)
    for number, (_, held_out) in enumerate(plan.stopping.splits):
        fold[np.isin(X[:, 0], plan.lesson.X[held_out][:, 0])] = number
    sets = classifier.predict_set(NEW)
    assert sets.shape == (40, 2)
    assert sets.dtype == bool
    for y, label in enumerate(classifier.classes_):
        lower = sum(
            (known[(label == LABELS) & (fold == k), y] <= p[:, y, None]).sum(axis=1)
            for k, p in enumerate(new)
        )
        assert np.array_equal(sets[:, y], 10 * (1 + lower) > np.sum(label == LABELS) + 1)
    assert (classifier.predict_set(NEW, 0.95) >= sets).all()


def test_each_of_several_classes_has_a_column():
    labels = np.digitize(Y, [-0.5, 0.5])
    model = small(ThalwegClassifier).fit(X, labels)
    assert model.predict_set(NEW, confidence_level=0.8).shape == (40, 3)


def test_the_labels_and_the_positive_class_do_not_change_the_columns(classifier):
    other = small(ThalwegClassifier, positive="no").fit(X, LABELS)
    assert np.array_equal(other.predict_set(NEW), classifier.predict_set(NEW))


def test_the_order_of_the_rows_does_not_matter(regressor):
    order = RANDOM.permutation(len(X))
    again = small(ThalwegRegressor).fit(X[order], Y[order])
    assert np.array_equal(again.predict_interval(NEW), regressor.predict_interval(NEW))


def test_a_whole_weight_is_so_many_rows():
    weights = RANDOM.integers(1, 3, len(X)).astype(float)
    rows = np.repeat(np.arange(len(X)), weights.astype(int))
    weighted = small(ThalwegRegressor).fit(X, Y, weights)
    repeated = small(ThalwegRegressor).fit(X[rows], Y[rows])
    assert weighted._known.conformal.n == weights.sum()
    assert np.array_equal(weighted.predict_interval(NEW), repeated.predict_interval(NEW))


def test_groups_are_counted_instead_of_rows():
    groups = np.arange(len(X)) // 4
    model = small(ThalwegRegressor).fit(X, Y, groups=groups)
    assert model._known.conformal.n == 30
    assert np.isfinite(model.predict_interval(NEW)).all()
    assert np.isinf(model.predict_interval(NEW, 0.97)).all()


def test_with_an_ensemble_each_row_still_counts_once():
    model = small(ThalwegRegressor, n_ensemble=2).fit(X, Y)
    found = model._known.conformal
    assert (found.n, found.n_networks, found.repeats) == (120, 10, 2)
    assert len(found.values) == 240
    assert np.isfinite(model.predict_interval(NEW)).all()
    labelled = small(ThalwegClassifier, n_ensemble=2).fit(X, LABELS)
    scores = labelled._known.conformal
    assert (scores.n.sum(), scores.n_networks, scores.repeats) == (120, 10, 2)
    assert (len(scores.values), sum(map(len, scores.of_all_rows()))) == (240, 120)
    assert labelled.predict_set(NEW).shape == (40, 2)


def test_one_held_out_part_gives_split_conformal_prediction():
    model = small(
        ThalwegRegressor, early_stopping="hold-out", validation_fraction=0.3, n_ensemble=2
    )
    model.fit(X, Y)
    found = model._known.conformal
    assert (found.n_networks, found.repeats) == (1, 1)
    half = found.values[int(0.1 * (found.n + 1)) - 1]
    mean = model.predict(NEW)
    assert model.predict_interval(NEW) == pytest.approx(
        np.stack((mean - half, mean + half), axis=1)
    )
    labelled = small(ThalwegClassifier, early_stopping="hold-out", validation_fraction=0.3)
    scores = labelled.set_params(n_ensemble=2).fit(X, LABELS)._known.conformal
    assert (scores.n_networks, scores.repeats) == (1, 1)
    mean = scores.sets(labelled.predict_proba(NEW))
    assert np.array_equal(labelled.predict_set(NEW), mean)


def in_time(model, way):
    return model.set_params(early_stopping=way).fit(X, Y, time_column=np.arange(120))


def later(model):
    return model.fit(X, Y).fit_more(X, Y, epochs=1)


@pytest.mark.parametrize(
    ("fit", "says"),
    [
        (lambda m: m.set_params(early_stopping=False).fit(X, Y), "no row was held out"),
        (lambda m: m.set_params(early_stopping="cross-validation").fit(X, Y), "on all rows"),
        (lambda m: m.fit(X, Y, X_val=X, y_val=Y), "fit without X_val"),
        (lambda m: m.fit(X, Y, time_column=np.arange(120)), "later than its rows"),
        (lambda m: in_time(m, "folds"), "later than its rows"),
        (lambda m: in_time(m, "hold-out"), "later than its rows"),
        (later, "Fix: fit it again"),
        (lambda m: m.partial_fit(X, Y), "Fix: fit it again"),
    ],
)
def test_a_model_without_held_out_rows_has_no_intervals_and_says_why(fit, says):
    model = fit(small(ThalwegRegressor))
    assert not hasattr(model, "predict_interval")
    with pytest.raises(AttributeError, match="has no predict_interval: ") as caught:
        model.predict_interval(NEW)
    assert says in str(caught.value)
    assert "Fix: " in str(caught.value)


def test_the_fix_for_a_model_without_held_out_rows_works():
    model = small(ThalwegClassifier, early_stopping=False).fit(X, LABELS)
    with pytest.raises(AttributeError, match='Fix: fit with early_stopping="folds"'):
        model.predict_set(NEW)
    assert model.set_params(early_stopping="folds").fit(X, LABELS).predict_set(NEW).any()


def test_a_model_without_hidden_layers_says_how_it_is_made_with_folds():
    linear = ThalwegRegressor.linear().fit(X, Y)
    with pytest.raises(AttributeError) as caught:
        linear.predict_interval(NEW)
    said = 'ThalwegRegressor.linear(early_stopping="folds")'
    assert str(caught.value).endswith(f"on a table with enough rows: {said}")
    assert np.isfinite(eval(said).fit(X, Y).predict_interval(NEW)).all()
    with pytest.raises(AttributeError) as caught:
        small(ThalwegClassifier, early_stopping=False).fit(X, LABELS).predict_set(NEW)
    assert "linear" not in str(caught.value)


def test_too_few_rows_to_hold_some_out_are_said():
    with pytest.warns(ThalwegWarning, match="hold some out"):
        model = small(ThalwegClassifier).fit(X[:6], np.array([0, 1, 1, 1, 1, 1]))
    with pytest.raises(AttributeError, match="a table with enough rows"):
        model.predict_set(NEW)


def test_ctrl_c_while_held_out_rows_are_predicted_keeps_the_fit(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(interrupts, "_last_taken", -np.inf)
    monkeypatch.setattr(held_out_errors, "predicted_values", interrupted)
    with pytest.warns(UnfinishedWarning, match="the model has no intervals"):
        model = small(ThalwegRegressor).fit(X, Y)
    assert model.predict(NEW).shape == (40,)
    with pytest.raises(AttributeError, match="Ctrl-C ended the fit"):
        model.predict_interval(NEW)


def test_a_level_or_class_that_is_impossible_is_refused(regressor, classifier):
    for call in (regressor.predict_interval, classifier.predict_set):
        with pytest.raises(SettingsError, match=r"confidence_level=90 is not a number from 0\.5"):
            call(NEW, 90)
    with pytest.raises(
        SettingsError, match="held-out rows of class yes are needed for sets at 99 %"
    ):
        classifier.predict_set(NEW, 0.99)


def test_a_model_that_is_not_fitted_says_so():
    with pytest.raises(NotFittedError):
        ThalwegRegressor().predict_interval(NEW)
    with pytest.raises(NotFittedError):
        ThalwegClassifier().predict_set(NEW)


def test_a_model_file_gives_the_same_intervals_and_sets(regressor, classifier, tmp_path):
    regressor.save(tmp_path / "r.thalweg")
    again = load_model(tmp_path / "r.thalweg")
    assert isinstance(again._known.conformal, HeldOutResiduals)
    assert np.array_equal(again.predict_interval(NEW), regressor.predict_interval(NEW))
    classifier.save(tmp_path / "c.thalweg")
    labelled = load_model(tmp_path / "c.thalweg")
    assert isinstance(labelled._known.conformal, ClassScores)
    assert np.array_equal(labelled.predict_set(NEW), classifier.predict_set(NEW))
