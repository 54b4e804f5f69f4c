"""The lesson on feature engineering: scaled cells and descents against NumPy written out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lesson_subjects import small_subject
from thalweg import DataError, ThalwegClassifier
from thalweg.counter_based_random import generator
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.reporting.lessons.lesson_texts import filled_text
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.feature_runs import (
    EVERY,
    RATES,
    STEPS,
    UNITS,
    WAYS,
    _Run,
    feature_runs,
)
from thalweg.reporting.lessons.tasks.feature_tasks import _scale, _values, feature_lesson_tasks


def table(n=80, seed=0):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": random.normal(20, 5, n), "b": random.normal(0, 1, n)})
    labels = np.where(frame["a"] + 4 * frame["b"] + random.normal(0, 2, n) > 20, "yes", "no")
    model = ThalwegClassifier(
        (2,), max_iter=1, early_stopping=False, positive="yes", random_state=0
    )
    return Subject(model.fit(frame, labels), frame, labels, "made up")


@pytest.fixture(scope="module")
def small():
    subject = table()
    return subject, feature_runs(subject)


def by_hand(X, y, rate):
    """Gradient descent of the network with tanh units, formula by formula."""
    architecture = Architecture.dense(X.shape[1], (UNITS,), 1, "tanh")
    theta = initial_theta(architecture, "glorot", generator(0, "weights"))
    W1, b1, W2, b2 = (block.of(theta).copy() for block in architecture.blocks)
    losses = []
    for _ in range(STEPS + 1):
        A = np.tanh(W1 @ X.T + b1)
        z = (W2 @ A + b2)[0]
        losses.append(np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))))
        dZ2 = ((1 / (1 + np.exp(-z)) - y) / len(y))[None]
        dZ1 = (W2.T @ dZ2) * (1 - A**2)
        W2, b2 = W2 - rate * dZ2 @ A.T, b2 - rate * dZ2.sum(axis=1, keepdims=True)
        W1, b1 = W1 - rate * dZ1 @ X, b1 - rate * dZ1.sum(axis=1, keepdims=True)
    return np.array(losses)


def test_a_run_is_gradient_descent_and_stable_if_no_step_raises_the_loss(small):
    subject, _ = small
    X = subject.rows.to_numpy()
    y = (subject.labels == "yes").astype(float)
    seen = set()
    for rate in (0.001, 0.01, 0.1, 1.0):
        run, losses = _Run(X, y, rate), by_hand(X, y, rate)
        assert run.is_stable == bool((np.diff(losses) <= 1e-12).all())
        seen.add(run.is_stable)
        if run.is_stable:
            assert run.seen == pytest.approx(losses[::EVERY], rel=1e-3)
    assert seen == {True, False}


def test_no_larger_rate_is_stable_and_the_held_out_rows_take_no_part(small):
    _, runs = small
    assert (runs.n_train, runs.n_valid) == (56, 24)
    assert list(runs.rates) == list(RATES)[RATES.index(runs.rates[0]) :][: len(runs.rates)]
    for way in WAYS:
        assert 0 <= runs.stable[way] < len(runs.rates) - 2
        losses = runs.losses[way][runs.stable[way]]
        assert losses == sorted(losses, reverse=True)
        assert len(losses) == STEPS // EVERY + 1
    # Of a column of large numbers the raw one needs the smaller rate.
    assert runs.stable["raw"] < runs.stable["scaled"]
    assert runs.n_inputs["raw"] == runs.n_inputs["scaled"] == 2 < runs.n_inputs["encoded"]


def test_scaled_cells_and_squares_follow_from_the_numbers_in_the_text(small):
    lesson = feature_lesson_tasks(small[0])
    number = lambda text: float(text.replace("−", "-"))  # noqa: E731
    for variant in lesson.variants["scale"]:
        cell, mean, deviation = (number(variant.values[k]) for k in ("cell", "mean", "deviation"))
        assert variant.answer == pytest.approx((cell - mean) / deviation, rel=1e-6)
        assert variant.traps["only_moved"] == pytest.approx(cell - mean)
    for variant in lesson.variants["why"]:
        mean, deviation = (number(variant.values[k]) for k in ("mean", "deviation"))
        assert variant.answer == pytest.approx([mean**2 + deviation**2, 1, mean**2 + deviation**2])
    (larger,) = lesson.variants["larger"]
    rates = [number(larger.values[k]) for k in ("scaled_rate", "raw_rate")]
    assert larger.answer == pytest.approx(rates[0] / rates[1], rel=1e-2)
    for seed in range(20):
        drawn = {lesson.drawn_variant(place, seed).values["column"] for place in (0, 3)}
        assert len(drawn) == 1  # both steps are about one column


def test_no_step_asks_for_a_loss_that_a_picture_before_it_shows(small):
    lesson, runs = feature_lesson_tasks(small[0]), small[1]
    shown = set()
    for step in lesson.text.steps:
        for variant in lesson.variants[step.key]:
            assert variant.answer not in [runs.last(way) for way in shown], step.key
        for variant in lesson.variants[step.key]:
            shown |= {*variant.stage.get("shown", ()), *variant.revealed.get("shown", ())}
    assert lesson.variants["loss"][0].answer == runs.held_out["scaled"]


def test_what_is_said_of_the_columns_holds_for_these_columns(small):
    runs = small[1]  # one column of large numbers, with a mean far from 0
    words = _values(runs)
    assert "not centred" in words["steepest"]
    assert "far from 0" in words["together"]
    assert words["beside"] == ""
    little = replace(runs, means=np.array([-0.006, 0.002]), deviations=np.array([0.05, 0.05]))
    words = _values(little)
    assert "not centred" not in words["steepest"]
    assert "far from 0" not in words["together"]
    assert "biases" in words["beside"]
    ask = feature_lesson_tasks(small[0]).text.steps[0].question
    scaled = _scale(little, 0, words).values
    assert " − (−0.006)." in filled_text(ask["hints"][0], scaled)
    # Rates the other way round are still so many times apart.
    little = replace(little, stable={**runs.stable, "raw": 3, "scaled": 0})
    rates = [little.rates[little.stable[way]] for way in ("raw", "scaled")]
    assert _values(little)["apart"] == f"{rates[0] / rates[1]:.3g}"


@pytest.mark.parametrize("closer", [True, False])
@pytest.mark.parametrize("better", [True, False])
def test_the_verdict_on_encoded_columns_is_about_both_losses(small, closer, better):
    runs = small[1]
    losses = {**runs.losses, "scaled": [[1.0]], "encoded": [[0.5 if closer else 2.0]]}
    held_out = {**runs.held_out, "scaled": 1.0, "encoded": 0.5 if better else 2.0}
    stable = {**runs.stable, "scaled": 0, "encoded": 0}
    said = _values(replace(runs, losses=losses, held_out=held_out, stable=stable))["verdict"]
    assert (
        said
        == {
            (True, True): "Here it is smaller on held-out rows, too.",
            (True, False): "Here the closer fit is worth nothing on held-out rows.",
            (False, True): "Here only the loss of held-out rows is smaller.",
            (False, False): "Here neither of them is smaller.",
        }[closer, better]
    )


def test_the_lesson_says_nothing_of_a_table_that_it_cannot_learn_from(monkeypatch):
    words = table()
    frame = words.rows.assign(a="x", b="y")
    labels = words.labels
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, positive="yes")
    fitted = model.fit(frame.assign(c=labels), labels)
    with pytest.raises(DataError, match=r"0 columns of numbers.*take a larger table"):
        feature_runs(Subject(fitted, frame.assign(c=labels), labels, "made up"))
    monkeypatch.setattr("thalweg.reporting.lessons.tasks.feature_runs.RATES", (100.0,))
    with pytest.raises(DataError, match=r"raw columns of made up.*--drop"):
        feature_runs(words)


@pytest.mark.slow
def test_the_bundled_table_shows_all_three_ways():
    runs = feature_runs(small_subject())
    rates = {way: runs.rates[runs.stable[way]] for way in WAYS}
    assert rates["raw"] < rates["encoded"] < rates["scaled"]
    assert runs.last("encoded") < runs.last("scaled") < runs.last("raw")
    assert runs.held_out["scaled"] < runs.held_out["raw"]
