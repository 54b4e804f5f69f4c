"""λ at both ends of a run, against dense Hessians, and what it says of a rate, against steps."""

import json
from dataclasses import replace

import numpy as np
import pytest

from grounds import dense_hessian, network, parabola
from thalweg import load_table
from thalweg.landscape.ground import sharpness_and_stability
from thalweg.landscape.ground.curvature_at_ends import EndCurvature, curvature_words
from thalweg.landscape.ground.sharpness_and_stability import Extremes, extremes, stable_rate
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.path import terrain_of
from thalweg.landscape.runs.race import RacePicture, race, race_on_hills
from thalweg.training.descent.training_settings import parse_optimizer


def race_member(activation):
    return member_of(load_table("wisconsin"), steps=60, hidden=(4,), activation=activation)[0]


SEEN = Extremes(4.0, -1.0, 1e-7, 1e-7, 20, 0)


def at(rule, rate, seen=SEEN, where="end", *, some_rows=False):
    return EndCurvature.of(where, 9, seen, parse_optimizer(rule), rate, some_rows=some_rows)


@pytest.mark.parametrize(("sizes", "activation"), [((3, 6, 1), "tanh"), ((4, 9, 1), "relu")])
def test_both_extremes_are_those_of_the_dense_hessian_within_the_stopping_error(sizes, activation):
    terrain, theta = network(sizes, activation, penalty=0.01)
    values, found = np.linalg.eigvalsh(dense_hessian(terrain, theta)), extremes(terrain, theta)
    scale = np.abs(values).max()
    assert abs(found.largest - values[-1]) <= (found.residual + 1e-9) * scale
    assert abs(found.smallest - values[0]) <= (found.smallest_residual + 1e-9) * scale
    assert found.found
    assert 0 < found.residual < 1e-4  # measured, so that it is never exactly 0
    assert found.downwards == (values[0] < -1e-6 * scale)


def test_too_few_products_are_said_not_to_have_settled(monkeypatch):
    terrain, theta = network((10, 16, 16, 1), "tanh", penalty=0.01)
    few = sharpness_and_stability.spectrum
    monkeypatch.setattr(sharpness_and_stability, "spectrum", lambda *a, **k: few(*a, **k, most=4))
    found = extremes(terrain, theta)
    assert not found.found
    said = at("sgd:lr=0.1", 0.1, found).sentence()
    assert "not settled, the stopping error is " in said
    assert "no bound of the rate follows" in said
    assert at("sgd:lr=0.1", 0.1, found).bound is None
    values = np.linalg.eigvalsh(dense_hessian(terrain, theta))
    near = np.abs(values - found.largest).min() / np.abs(values).max()
    assert near <= found.residual * 1.01  # an eigenvalue is as close as that


def test_a_point_on_a_kink_has_no_hessian_and_that_is_said():
    """Biases of 0 and a row of zeros: every unit of a ReLU network is exactly at its kink there."""
    kinked, smooth = (race_member(activation).theta for activation in ("relu", "tanh"))
    for activation, theta in (("relu", kinked), ("tanh", smooth)):
        found = extremes(terrain_of(race_member(activation)), theta)
        assert found.on_kink == (activation == "relu")
        assert found.found == (activation == "tanh")
        end = at("sgd:lr=0.1", 0.1, found, "start")
        assert (end.bound is None) == found.on_kink
        assert ("lies on a kink of the loss" in end.sentence()) == found.on_kink
    # A little beside it there is one.
    beside = np.asarray(kinked) + 1e-3 * np.random.default_rng(0).standard_normal(len(kinked))
    assert not extremes(terrain_of(race_member("relu")), beside).on_kink


@pytest.mark.parametrize("share", [0.97, 1.03])
def test_a_plain_step_above_the_bound_raises_a_parabola_and_one_below_lowers_it(share):
    ground, theta = parabola(np.diag([4.0, 1.0, 0.5])), np.array([0.3, 0.0, 0.0])
    rate = share * stable_rate(parse_optimizer("sgd"), extremes(ground, theta).largest)
    loss, gradient = ground.loss_and_gradient(theta)
    after, _ = ground.loss_and_gradient(theta - rate * gradient)
    assert (after > loss) == (share > 1)
    assert at("sgd:lr=1", rate, extremes(ground, theta)).above == (share > 1)


@pytest.mark.parametrize("rule", ["sgd:lr=1,momentum=0.9", "nesterov:lr=1"])
@pytest.mark.parametrize("share", [0.97, 1.03])
def test_momentum_above_its_bound_leaves_a_parabola_and_below_it_comes_to_rest(rule, share):
    optimizer, bend = parse_optimizer(rule), 4.0
    rate, (mu,) = share * stable_rate(optimizer, bend), optimizer.constants
    place, speed = 1.0, 0.0
    for _ in range(2000):  # the recursion, written anew
        speed = mu * speed + bend * place
        step = bend * place + mu * speed if optimizer.rule == "nesterov" else speed
        place -= rate * step
        if abs(place) > 1e9:
            break
    assert (abs(place) > 1e3) == (share > 1)
    assert at(rule, rate).above == (share > 1)


def test_nothing_is_said_of_the_rate_of_adam():
    found = at("adam:lr=0.01", 0.01)
    assert (found.kind, found.rate, found.bound, found.above) == ("", None, None, False)
    assert "rate" not in found.sentence()
    words = curvature_words([("Adam", (found,))])
    assert any("of the rate of Adam nothing is said" in each for each in words)
    assert not any("2 / λ" in each for each in words)


def test_sentences():
    assert at("sgd:lr=1", 1.0).sentence() == (
        "λ is 4 at the end; the rate there, 1, is above 2 / λ = 0.5; in another direction the loss "
        "curves downwards, by 1, so this is no minimum."
    )
    # At the start nobody expects a minimum.
    assert at("sgd:lr=0.1", 0.1, where="start").sentence() == (
        "λ is 4 at the start; the rate there, 0.1, is not above 2 / λ = 0.5."
    )
    up = replace(SEEN, smallest=0.1)
    assert at("sgd:lr=0.1,momentum=0.9", 0.1, up).sentence() == (
        "λ is 4 at the end; the rate there, 0.1, is not above 2 (1 + μ) / λ = 0.95."
    )
    down = replace(SEEN, largest=-0.5)
    assert at("sgd:lr=0.1", 0.1, down, "start").sentence() == (
        "λ is -0.5 at the start: no direction curves upwards."
    )
    # An eigenvalue below 0 by less than its error is none.
    near = replace(SEEN, smallest=-1e-3, smallest_residual=1e-2)
    assert not near.downwards
    words = curvature_words([("one row a step", (at("sgd:lr=1", 1.0, some_rows=True),))])
    assert any("only some of them" in each for each in words)
    assert not any("momentum" in each for each in words)


def test_each_run_of_a_race_has_both_ends_and_one_that_diverged_its_start():
    member, _ = member_of(load_table("wisconsin"), steps=60, hidden=(4,), activation="tanh")
    picture = RacePicture(grid=11, profiles=())
    found = race(member, ["sgd", "large", "adam", "sgd:lr=300"], picture)
    small, large, adam, lost = (each.curvatures for each in found.runners)
    assert [each.where for each in small] == ["start", "end"]
    assert [each.where for each in lost] == ["start"]
    assert small[0].extremes == large[0].extremes  # they share it
    assert (small[0].some_rows, large[0].some_rows) == (False, True)
    assert adam[1].bound is None
    for at_end, path in ((small[1], found.paths[0]), (large[1], found.paths[1])):
        terrain, h = found.terrain, 1e-5
        H = np.array([
            terrain.loss_and_gradient(path.end + h * e)[1]
            - terrain.loss_and_gradient(path.end - h * e)[1]
            for e in np.eye(len(path.end))
        ]) / (2 * h)  # fmt: skip
        values = np.linalg.eigvalsh((H + H.T) / 2)
        assert at_end.extremes.largest == pytest.approx(values[-1], rel=1e-5)
        assert at_end.extremes.smallest == pytest.approx(values[0], abs=1e-5 * values[-1])
        assert at_end.bound == pytest.approx(2 / values[-1], rel=1e-5)
    assert small[0].rate == found.rates.rates.small
    assert small[0].rate == pytest.approx(0.1 * small[0].bound, rel=5e-3)
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["runners"][0]["curvatures"][1]["extremes"]["found"]
    assert told["runners"][0]["curvatures"][1]["formula"] == "2 / λ"
    quiet = race(member, ["sgd"], replace(picture, sharp=False))
    assert quiet.runners[0].curvatures == ()


def test_the_rates_of_a_schedule_are_those_of_its_first_and_last_step():
    found = race_on_hills(["anneal"], RacePicture(grid=11, profiles=()))
    first, last = found.runners[0].curvatures
    assert first.rate == pytest.approx(2)
    assert 0 <= last.rate < 0.01
