"""The lesson on descent: ground, runs, edge and map against the formulas written out."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lesson_subjects import prepared_for_tests
from thalweg.landscape.ground.teaching_function import RELIEF
from thalweg.reporting.lessons.tasks.descent_runs import (
    INSIDE,
    LOCAL,
    LOWEST,
    MOMENTA,
    NEITHER,
    OUTSIDE,
    RATES,
    SETTLED,
    STARTS,
    STEPS,
    Way,
    edge_of,
    ends_of,
    minima,
    outcomes,
    rule_of,
    way_of,
)
from thalweg.reporting.lessons.tasks.descent_tasks import EXAMPLE


@cache
def lesson():
    return prepared_for_tests("descent")


def f(x, y):
    """The ground and its gradient, bump by bump, from lengths, widths and turns."""
    loss, gx, gy = 1.3 + 0.03 * (x * x + y * y), 0.06 * x, 0.06 * y
    for height, cx, cy, length, width, turn in RELIEF.hills.bumps:
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        u, v = (x - cx) * c + (y - cy) * s, (y - cy) * c - (x - cx) * s
        value = height * math.exp(-0.5 * ((u / length) ** 2 + (v / width) ** 2))
        loss += value
        gx -= value * (u / length**2 * c - v / width**2 * s)
        gy -= value * (u / length**2 * s + v / width**2 * c)
    return loss, gx, gy


def rolled(start, rate, momentum=0.0, shrink=0.0, steps=STEPS):
    """Losses and last point of a heavy ball, step by step."""
    (x, y), vx, vy, losses = start, 0.0, 0.0, []
    for step in range(steps + 1):
        loss, gx, gy = f(x, y)
        losses.append(loss)
        if step < steps:
            part = rate * (1 - shrink + shrink * (1 + math.cos(math.pi * step / steps)) / 2)
            vx, vy = momentum * vx + gx, momentum * vy + gy
            x, y = x - part * vx, y - part * vy
    return np.array(losses), (x, y)


def test_the_numbers_for_the_page_are_those_of_the_ground():
    for x, y, loss, gx, gy in lesson().facts["checked"]:
        assert (loss, gx, gy) == pytest.approx(f(x, y), abs=1e-12)
    hills = lesson().facts["hills"]
    assert len(hills["bumps"]) == len(RELIEF.hills.bumps) == 8
    for (_, _, _, one, mixed, two), bump in zip(hills["bumps"], RELIEF.hills.bumps, strict=True):
        values = np.linalg.eigvalsh([[one, mixed], [mixed, two]])
        assert sorted(values**-0.5) == pytest.approx(sorted([bump.length, bump.width]))


@pytest.mark.parametrize("start", STARTS)
def test_small_steps_and_momentum_end_as_a_ball_written_out(start):
    for name, momentum, kind in (("sgd", 0.0, 1), ("momentum", 0.9, 0)):
        way = way_of(start, rule_of(name))
        losses, last = rolled(start, 0.06, momentum)
        assert way.losses == pytest.approx(losses, abs=1e-9)
        assert math.dist(last, (minima()[kind].a, minima()[kind].b)) < 0.05
        assert way.end is minima()[kind]


@pytest.mark.parametrize("number", range(len(STARTS)))
def test_no_last_digit_changes_an_answer(number):
    start, random = STARTS[number], np.random.default_rng(number)
    large, shrink = (lesson().variants[key][number] for key in ("large", "shrink"))
    for _ in range(6):
        moved = tuple(np.array(start) + random.normal(0, 1e-12, 2))
        losses, _ = rolled(moved, 2.0)
        assert (losses < INSIDE).any() == (large.answer > 0)
        assert not (losses[-20:] < INSIDE).all()
        _, last = rolled(moved, 2.0, shrink=1.0)
        place = minima()["lowest" not in shrink.values["ends"]]
        assert math.dist(last, (place.a, place.b)) < 0.05
    assert "lowest" in shrink.values["ends"] or "local" in shrink.values["ends"]


def test_the_answers_differ_between_starts():
    assert {each.answer for each in lesson().variants["large"]} == {0, 2}
    assert {each.values["ends"] for each in lesson().variants["shrink"]} == {
        "The run settles in the lowest minimum.", "The run settles in the local minimum.",
    }  # fmt: skip


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("place", [0, 1])
def test_above_the_edge_a_minimum_holds_no_ball(place, momentum):
    edge, bend = edge_of(minima()[place], momentum), minima()[place].bends[1]
    # (x, v) of one step on ½ λ x²: v ← μ v + λ x, x ← x - rate v.
    for factor, holds in ((0.99, True), (1.01, False)):
        rate = factor * edge
        matrix = [[1 - rate * bend, -rate * momentum], [bend, momentum]]
        assert (np.max(np.abs(np.linalg.eigvals(matrix))) < 1) == holds


def test_the_step_at_which_the_rate_is_small_enough():
    edge = 2 / minima()[0].bends[1]
    rates = [1 + math.cos(math.pi * t / STEPS) for t in range(STEPS)]
    first = next(t for t, rate in enumerate(rates) if rate < edge)
    assert {each.answer for each in lesson().variants["shrink"]} == {float(first)} == {76.0}


@pytest.mark.parametrize("number", range(len(STARTS)))
def test_the_pass_is_climbed_as_the_text_says(number):
    values = lesson().variants["momentum"][number].values
    losses, _ = rolled(STARTS[number], 0.06, 0.9)
    low, top = int(values["low_step"]), int(values["top_step"])
    assert 0 < low < top
    assert (f"{losses[low]:.2f}", f"{losses[top]:.2f}") == (values["before"], values["top"])
    assert losses[top] >= float(values["pass"]) - 0.01
    assert losses[low] < losses[top] - 0.1
    assert (np.diff(losses[: low + 1]) < 0).all()
    assert (np.diff(losses[low : top + 1]) > 0).all()


def test_the_map_is_many_balls():
    start, random = STARTS[1], np.random.default_rng(0)
    found = outcomes(start)
    for _ in range(25):
        j, i = random.integers(len(MOMENTA)), random.integers(len(RATES) - 8)
        losses, last = rolled(start, RATES[i], MOMENTA[j])
        assert found.ends[j, i] == ends_of(np.array([last]))[0]
        stays = len(losses) - int(np.argmax(losses[::-1] >= SETTLED))
        assert found.settled[j, i] == stays
    assert {NEITHER, LOWEST, LOCAL, OUTSIDE} == set(found.ends.ravel().tolist())
    share = lesson().variants["map"][1].answer
    assert share == pytest.approx(100 * np.sum(found.ends == LOWEST) / found.ends.size)


def test_hardly_any_cell_hangs_on_the_last_digit():
    one = outcomes(STARTS[0]).ends
    other = outcomes((STARTS[0][0] + 1e-10, STARTS[0][1])).ends
    assert np.mean(one == other) > 0.93
    assert abs(np.mean(one == LOWEST) - np.mean(other == LOWEST)) < 0.005


def test_the_best_setting_needs_so_many_steps():
    for number, start in enumerate(STARTS):
        values = lesson().variants["try"][number].values
        losses, _ = rolled(start, float(values["best_rate"]), float(values["best_momentum"]))
        best = int(values["best"])
        assert (losses[best:] < SETTLED).all()
        assert losses[best - 1] >= SETTLED
        own, _ = rolled(start, 0.06, 0.9)
        assert int(values["own"]) == int(np.flatnonzero(own >= SETTLED)[-1]) + 1
        assert best < int(values["own"])


def test_small_steps_win_from_the_example_and_around_it():
    values = lesson().variants["start"][0].values
    for dx, dy in ((0, 0), (0.15, 0), (-0.15, 0), (0, 0.15), (0, -0.15)):
        small, heavy = (
            int(np.flatnonzero(rolled((EXAMPLE[0] + dx, EXAMPLE[1] + dy), 0.06, mu)[0]
                               >= SETTLED)[-1]) + 1
            for mu in (0.0, 0.9)
        )  # fmt: skip
        assert small < heavy
        assert small < 76
        if dx == dy == 0:
            assert (values["small_settled"], values["momentum_settled"]) == (str(small), str(heavy))


def test_from_no_start_do_shrinking_steps_settle_much_before_their_rate_is_small_enough():
    random = np.random.default_rng(0)
    settled = []
    for start in random.uniform(-2.5, 2.5, (12, 2)):
        losses, _ = rolled(tuple(start), 2.0, shrink=1.0)
        settled.append(int(np.flatnonzero(losses >= SETTLED)[-1]) + 1)
    assert 70 < min(settled) < STEPS


def test_a_way_that_never_settles_says_so():
    points = np.zeros((3, 2))
    assert Way(points, np.array([1.0, 0.1, 0.5])).settled is None
    assert Way(points, np.array([1.0, 0.5, 0.1])).settled == 2
    assert Way(points, np.array([0.1, 0.1, 0.1])).settled == 0
    assert Way(points, np.array([1.0, np.inf, np.nan])).settled is None
    assert Way(points, np.array([1.0, 0.5, 0.1])).end is None


def test_on_paper_there_is_a_map_with_the_start_and_both_minima():
    paper = lesson().variants["small"][2].paper
    assert paper.count("<path") > 15
    for words in ("start", "local minimum 0.90", "global minimum 0.17", "pass", "hill"):
        assert words in paper
    low, high = RELIEF.seen[:2]
    across = 400 * (STARTS[2][0] - low) / (high - low)
    assert f'<circle cx="{across:.0f}"' in paper


def test_without_momentum_only_a_rate_beyond_the_edge_gets_over_the_pass():
    (step,) = (each for each in lesson().text.steps if each.key == "map")
    assert "only a rate that is too large for the lowest minimum" in step.question["hints"][0]
    large, (lowest, _) = rule_of("large"), minima()
    assert large.rate > edge_of(lowest)
    assert way_of(STARTS[0], large).reached
    for rate in (0.06, 0.3, 0.6):
        assert rate < edge_of(lowest)
        assert not way_of(STARTS[0], replace(large, rate=rate)).reached
