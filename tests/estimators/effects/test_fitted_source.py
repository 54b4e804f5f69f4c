"""A fitted model gives the answers of its own predictions on tables in which a column was moved."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

import thalweg
from thalweg import SettingsError, ThalwegClassifier, ThalwegRegressor
from thalweg.estimators.effects.fitted_source import FittedSource

QUICK = {
    "hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0, "text": ["note"], "n_folds": 2,
}  # fmt: skip


def table(n=300):
    """A column of each kind, each with a missing cell; a number with bounds."""
    rng = np.random.default_rng(0)
    day = pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 700, n), "D")
    frame = pd.DataFrame(
        {
            "dose": np.round(rng.normal(50, 9, n), 1),
            "city": rng.choice(["Bern", "Graz", "Linz", "Wien"], n),
            "ill": rng.random(n) < 0.4,
            "day": day,
            "level": [f"{x:.1f}" if x > 0.5 else "<0.5" for x in rng.exponential(size=n)],
            "note": [f"text {k}" for k in range(n)],
        }
    )
    frame["ill"] = frame["ill"].astype(object)
    for j, name in enumerate(frame.columns):
        frame.loc[frame.index[3 * j : 3 * j + 30 : 3], name] = None
    return frame


@pytest.fixture(scope="module")
def models():
    frame, rng = table(), np.random.default_rng(1)
    u = frame["dose"].fillna(50).to_numpy() - 50 + 5 * (frame["city"] == "Wien").to_numpy()
    u = u + 3 * rng.normal(size=len(u))
    two = np.where(u > 3, "a", "b")
    return frame, {
        "two": ThalwegClassifier(**QUICK, positive="a", class_weight={"a": 3, "b": 1}).fit(
            frame, two
        ),
        "calibrated": ThalwegClassifier(**QUICK, calibration="affine").fit(frame, two),
        "three": ThalwegClassifier(**QUICK).fit(frame, np.digitize(u, [-4, 4])),
        "number": ThalwegRegressor(**QUICK).fit(frame, u),
    }


def source_of(model, frame, **more):
    return FittedSource(model._known, model.schema_.matrix(frame, unknown="ignore"), **more)


def answers_of(model, frame):
    if isinstance(model, ThalwegRegressor):
        return model.predict(frame)[:, None]
    if len(model.classes_) > 2:
        return model.predict_proba(frame)
    side = 1 if model.classes_[1] == model.positive_ else -1
    return side * model.decision_function(frame)[:, None]


@pytest.mark.parametrize("name", ["two", "calibrated", "three", "number"])
def test_moved_rows_have_the_answers_of_predictions_bit_for_bit(models, name):
    frame, its = models
    model = its[name]
    source = source_of(model, frame)
    assert np.array_equal(source.own[0], answers_of(model, frame))
    assert [each.name for each in source.columns] == list(frame.columns)
    rng = np.random.default_rng(2)
    for j, column in enumerate(frame.columns):
        rows, donors = rng.integers(0, len(frame), (2, 60))
        donors[:2] = np.flatnonzero(frame[column].isna())[0]
        if column == "level":  # bounds are not moved: what is set is a number
            donors = donors[frame["level"].iloc[donors] != "<0.5"]
            rows = rows[: len(donors)]
        values = source.columns[j].values[donors]
        moved = frame.iloc[rows].reset_index(drop=True)
        moved[column] = frame[column].iloc[donors].to_numpy()
        found = source.answers(j, rows, values)
        assert np.array_equal(found[0], answers_of(model, moved)), column


def test_a_number_that_is_set_is_no_bound(models):
    frame, its = models
    model = its["number"]
    source = source_of(model, frame)
    bounded = np.flatnonzero(frame["level"] == "<0.5")[:5]
    moved = frame.iloc[bounded].copy()
    moved["level"] = "0.5"
    found = source.answers(4, bounded, np.full(5, 0.5))
    assert np.array_equal(found[0], answers_of(model, moved))


def test_of_a_class_of_few_training_rows_nothing_is_claimed():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=160)})
    y = np.where(X["x"] + 0.3 * rng.normal(size=160) > 0, "high", "low").astype(object)
    few = np.argsort(-X["x"].to_numpy())[:12]
    y[few] = "top"
    quick = {"hidden_layer_sizes": (6,), "max_iter": 40, "random_state": 0}
    found = {
        each.output: each.sentence
        for each in thalweg.effects(ThalwegClassifier(**quick).fit(X, y), X)
    }
    assert found["top"] == (
        "no statement: the model learned this class from 12 rows, and fewer than 20 show no "
        "direction"
    )
    assert "falls" in found["low"]
    of_two = ThalwegClassifier(**quick).fit(X, y == "top")
    [only] = thalweg.effects(of_two, X)
    assert "learned the rarer class from 12 rows" in only.sentence
    assert not np.isnan(only.low).any()  # how the answer varies over the rows is known
    enough = y.copy()
    enough[np.argsort(-X["x"].to_numpy())[:20]] = "top"
    of_two = ThalwegClassifier(**quick).fit(X, enough == "top")
    [only] = thalweg.effects(of_two, X)
    assert "rises" in only.sentence


def test_the_own_answer_is_the_mean_of_the_networks(models):
    frame, its = models
    for name in ("three", "number"):
        own = source_of(its[name], frame).own
        assert len(own) == 1 + len(its[name].members_)
        assert own[0] == pytest.approx(own[1:].mean(axis=0))
    own = source_of(its["two"], frame).own
    assert logit((1 / (1 + np.exp(-own[1:]))).mean(axis=0)) == pytest.approx(own[0])


def test_sides_and_scales(models):
    frame, its = models
    model = its["two"]
    a, b = (source_of(model, frame, positive=each) for each in "ab")
    assert (a.outputs, b.outputs) == (("a",), ("b",))
    assert np.array_equal(a.own, -b.own)
    assert np.array_equal(source_of(model, frame).own, a.own)
    p = source_of(model, frame, scale="probability")
    assert p.own[0, :, 0] == pytest.approx(model.predict_proba(frame)[:, 0])
    with pytest.raises(SettingsError, match="no class of the model"):
        source_of(model, frame, positive="c")
    with pytest.raises(SettingsError, match="for two classes"):
        source_of(its["three"], frame, scale="log-odds")


def test_classes_sum_to_0_and_two_classes_mirror_each_other(models):
    frame, its = models
    found = thalweg.effects(its["three"], frame)
    for column in {each.column for each in found}:
        own = [each for each in found if each.column == column]
        assert len(own) == 3
        assert sum(each.mean for each in own) == pytest.approx(0, abs=1e-12)
    a, b = (thalweg.effects(its["two"], frame, positive=each) for each in "ab")
    for one, other in zip(a, b, strict=True):
        assert one.mean == pytest.approx(-other.mean)


def test_outliers_are_asked_of_what_the_model_keeps(models):
    frame, its = models
    model = its["number"]
    source = source_of(model, frame)
    rows = np.arange(20)
    p = source.outlier_p(0, rows, np.full(20, 50.0))
    moved = model.schema_.matrix(frame.iloc[:20], unknown="ignore")
    moved[:, 0] = 50.0
    # The score of a training row may round to either side of its own.
    assert p == pytest.approx(model._known.likeness.outlier_p(moved), abs=1.5 / 300)
    assert source.outlier_p(0, rows, np.full(20, 500.0)).max() < 0.05


def test_texts_and_empty_columns_are_listed(models):
    frame, its = models
    found = thalweg.effects(its["number"], frame)
    assert dict(found.left_out)["note"].startswith("it is free text")
    assert {each.column for each in found} == {"dose", "city", "ill", "day", "level"}


def test_grades_stand_in_their_order():
    X = np.arange(60.0)[:, None]
    y = np.array(["low", "high", "alarming"])[np.arange(60) // 20]
    order = ["low", "high", "alarming"]
    model = ThalwegClassifier.linear(loss="ordinal", grades=order, random_state=0).fit(X, y)
    source = FittedSource(model._known, X)
    assert source.outputs == ("low", "high", "alarming")
    places = [model.classes_.tolist().index(each) for each in order]
    assert source.own[0] == pytest.approx(model.predict_proba(X)[:, places])
