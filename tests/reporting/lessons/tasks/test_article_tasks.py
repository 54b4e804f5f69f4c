"""The lesson on the article: every count by hand from the table, and the article's own numbers."""

import contextlib
import io

import numpy as np
import pandas as pd
import pytest

from thalweg import load_table
from thalweg.estimators.article_network import dlnet
from thalweg.evaluation.judging.intervals import proportion
from thalweg.reporting.lessons.tasks.article_run import (
    article_rows,
    article_run,
    held_out_probabilities,
)
from thalweg.reporting.lessons.tasks.article_tasks import article_lesson_tasks


@pytest.fixture(scope="module")
def by_hand():
    """The complete rows by pandas alone, scaled over all of them as the article does."""
    table = load_table("wisconsin")
    frame = table.frame.apply(pd.to_numeric, errors="coerce")
    frame["ill"] = np.asarray(table.target) == "malignant"
    frame = frame.dropna()
    raw, ill = frame.drop(columns="ill").to_numpy(float), frame["ill"].to_numpy(bool)
    return raw, (raw - raw.min(0)) / (raw.max(0) - raw.min(0)), ill


@pytest.fixture(scope="module")
def short():
    return article_lesson_tasks(1000)


def test_twins_are_counted_pair_by_pair(by_hand, short):
    raw, _, ill = by_hand
    equal = (raw[501:, None, :] == raw[None, :500, :]).all(axis=2).any(axis=1)
    assert (article_rows().twins == equal).all()
    (twins,) = short.variants["twins"]
    assert twins.answer == equal.sum() == 90
    assert twins.values["malignant_twins"] == "none"
    assert (equal & ill[501:]).sum() == 0
    assert twins.values["malignant_others"] == str((~equal & ill[501:]).sum())


def test_the_run_is_that_of_the_article_s_program(by_hand):
    _, scaled, ill = by_hand
    run = article_run(1000)
    program = dlnet(scaled[:500].T, ill[None, :500])
    program.lr, program.dims = 0.07, [9, 15, 1]
    with contextlib.redirect_stdout(io.StringIO()):
        program.gd(program.X, program.Y, iter=1001)
        assert run.train_loss[:2] == pytest.approx(program.loss[:2], rel=1e-12)
        program.gd(program.X, program.Y, iter=1000)
    W1, b1, W2, b2 = (program.param[name] for name in ("W1", "b1", "W2", "b2"))
    p = 1 / (1 + np.exp(-(W2 @ np.maximum(0, W1 @ scaled[501:].T + b1) + b2)))[0]
    truth = ill[501:]
    assert run.valid_loss[-1] == pytest.approx(-np.log(np.where(truth, p, 1 - p)).mean(), rel=1e-9)
    assert run.right[-1] == ((p > 0.5) == truth).sum()
    assert (run.wrong == ((p > 0.5) != truth)).all()


def test_rows_without_a_twin_add_up(short):
    (others,) = short.variants["others"]
    n, right, share, malignant = others.answer
    values = {name: int(text) for name, text in others.values.items() if text.isdigit()}
    assert n == values["n_valid"] - values["n_twins"] == 92
    wrong_twins = 0 if others.values["wrong_twins"] == "none" else values["wrong_twins"]
    assert right == n - (values["n_wrong"] - wrong_twins)
    assert share == pytest.approx(100 * right / n)
    assert malignant == pytest.approx(100 * values["malignant_others"] / n)


def test_the_interval_is_wilson_s(short):
    (right,) = short.variants["right"]
    k, n = int(right.values["right"]), int(right.values["n_valid"])
    z, p = 1.959963984540054, k / n
    low = (p + z * z / (2 * n) - z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (
        1 + z * z / n
    )
    assert right.answer == pytest.approx(100 * low)
    assert 100 * proportion(k, n).low == pytest.approx(right.answer)
    assert right.values["gap"] == "no error above rounding"


def test_no_network_answers_for_a_row_that_it_saw(by_hand):
    _, _, ill = by_hand
    p = held_out_probabilities()
    lesson = article_lesson_tasks(1000)
    for call in lesson.facts["calls"]:
        called = p > call["threshold"]
        assert (call["missed"], call["found"]) == ((ill & ~called).sum(), (ill & called).sum())
        assert (call["alarms"], call["cleared"]) == ((~ill & called).sum(), (~ill & ~called).sum())
    missed = [call["missed"] for call in lesson.facts["calls"]]
    assert missed == sorted(missed)
    assert missed[-1] > missed[2]  # the article's 0.9 misses more than 0.5
    # Equal rows have one answer: they were in one fold.
    raw = article_rows().raw
    _, first, same = np.unique(raw, axis=0, return_index=True, return_inverse=True)
    assert np.allclose(p, p[first][same], rtol=0, atol=1e-12)


def test_costs_are_misses_times_cost_plus_alarms(short):
    for variant in short.variants["cost"]:
        values = variant.values
        cost = int(values["missed_cost"])
        expected = [
            cost * int(values[f"missed_{each}"]) + int(values[f"alarms_{each}"])
            for each in ("least", "low", "high")
        ]
        assert variant.answer == expected
    for seed in range(20):  # the step says what the one before it has shown
        drawn = {short.drawn_variant(place, seed).values["high_threshold"] for place in (5, 6)}
        assert len(drawn) == 1


@pytest.mark.slow
def test_the_whole_run_has_the_numbers_of_the_documentation():
    run = article_run()
    found = {
        int(step): (round(float(train), 4), round(float(valid), 4), int(right))
        for step, train, valid, right in zip(
            run.steps, run.train_loss, run.valid_loss, run.right, strict=True
        )
    }
    assert found[500] == (0.1221, 0.0459, 182)
    assert found[30_000] == (0.0481, 0.0181, 181)
    assert found[67_000] == (0.0148, 0.0261, 181)
    (steps,) = article_lesson_tasks().variants["steps"]
    assert steps.answer == run.steps[np.argmin(run.valid_loss)] == 33_000
