"""The runs of the article's race do what their names say, each as a number of its own."""

import json
from dataclasses import replace

import numpy as np
import pytest

from thalweg.data.read import load_table
from thalweg.landscape.race_on_table import race_on_table
from thalweg.landscape.runs.presets import SETS
from thalweg.landscape.runs.race import RacePicture
from thalweg.landscape.runs.race_story import name_checks
from thalweg.landscape.runs.runner import Behaviour

QUICK = RacePicture(grid=11, profiles=(), sharp=False)


def article(seed):
    picture = replace(QUICK, seed=seed)
    return race_on_table(load_table("wisconsin"), ["article"], picture, seed=seed)


@pytest.fixture(scope="module")
def race():
    return article(0)


def losses(race, name):
    """The true losses of a run, from its recorded θ, past anything that measured them."""
    path = next(each for each in race.paths if each.name == name)
    assert path.steps.tolist() == list(range(406))
    return race.terrain.losses(path.thetas)


def test_small_steps_fall_in_every_step_and_are_slow(race):
    small = losses(race, "sgd")
    assert np.all(np.diff(small) < 0)
    for faster in ("momentum", "anneal", "all-rows"):
        assert losses(race, faster)[-1] < small[-1]


def test_large_steps_rise_and_fall(race):
    large = losses(race, "large")
    climbed = np.maximum(np.diff(large), 0).sum()
    assert climbed > large[0]
    assert large.max() > 2 * large[0]
    assert np.sum(np.diff(large) > 0) > 100


def test_shrinking_steps_begin_as_the_large_ones_and_end_below_them(race):
    shrinking, large = losses(race, "anneal"), losses(race, "large")
    assert shrinking[1] == large[1] > shrinking[0]
    assert shrinking[-1] < large[-len(large) // 4 :].mean()
    assert np.maximum(np.diff(shrinking[-50:]), 0).sum() < np.maximum(np.diff(large[-50:]), 0).sum()


def test_momentum_is_there_in_a_quarter_of_the_steps(race):
    small, momentum = losses(race, "sgd"), losses(race, "momentum")
    assert 10 < int(np.argmax(momentum <= small[-1])) < len(small) / 4
    assert momentum[-1] < small[-1]


def test_fewer_rows_a_step_are_noisier_at_the_same_number_of_steps(race):
    climbed = [
        np.maximum(np.diff(losses(race, name)), 0).sum()
        for name in ("one-row", "32-rows", "all-rows")
    ]
    assert climbed[0] > 10 * climbed[1] > 0
    assert climbed[2] == 0
    assert [each.rows_a_step for each in race.runners[4:]] == [1, 32, 463]


def test_all_runs_have_one_start_and_words_for_names(race):
    assert [each.name for each in race.runners] == list(SETS["article"])
    assert [each.title for each in race.runners] == [
        "small steps", "shrinking steps", "large steps", "momentum",
        "one row a step", "32 rows a step", "all rows a step",
    ]  # fmt: skip
    starts = np.array([path.thetas[0] for path in race.paths])
    assert np.all(starts == starts[0])
    assert len({each.steps for each in race.runners}) == 1


def test_the_race_says_so_itself_with_these_numbers(race):
    assert [(each.run, each.holds) for each in race.story] == [
        ("sgd", True), ("anneal", True), ("large", True), ("momentum", True), ("one-row", True),
    ]  # fmt: skip
    said = " ".join(each.sentence for each in race.story)
    assert "Small steps: the loss rises in 0 of 405 steps" in said
    step = int(np.argmax(losses(race, "momentum") <= losses(race, "sgd")[-1]))
    assert f"after {step} steps" in said
    assert "0 with all rows" in said
    data = race.as_dict()
    assert [each["run"] for each in data["story"]] == [each.run for each in race.story]
    assert data["rates"]["rates"]["small"] == race.rates.rates.small
    assert data["runners"][2]["behaviour"]["wanders"] is True
    json.dumps(data, allow_nan=False)


@pytest.mark.slow
def test_on_other_starts_too():
    held = np.array([[each.holds for each in article(seed).story] for seed in range(1, 5)])
    # A large rate is sometimes lucky: it then ends no higher than the shrinking one.
    assert held[:, [0, 2, 3, 4]].all()
    assert held[:, 1].sum() >= 3


def test_a_run_that_does_not_do_what_its_name_says_is_shown_as_such(race):
    # Each claim is turned round by a run that breaks it.
    def broken(name, **changes):
        way = changes.pop("behaviour", {})
        runners = [
            replace(each, **changes, behaviour=replace(each.behaviour, **way))
            if each.name == name else each
            for each in race.runners
        ]  # fmt: skip
        return [each.run for each in name_checks(runners, race.surface.trails) if not each.holds]

    assert broken("sgd", behaviour={"rises": 1}) == ["sgd"]
    assert broken("anneal", end_loss=1.0) == ["anneal"]
    assert broken("large", behaviour={"climbed": 0.1}) == ["large"]
    assert broken("sgd", end_loss=1e-9) == ["momentum"]
    assert broken("32-rows", behaviour={"climbed": 1e9}) == ["one-row"]
    assert broken("all-rows", behaviour={"climbed": 1.0}) == ["one-row"]


def test_runs_that_diverge_are_not_said_to_end_anywhere(race):
    def said(*lost):
        runners = [
            replace(each, diverged=each.name in lost, end_loss=5.84e20)
            if each.name in lost else each
            for each in race.runners
        ]  # fmt: skip
        checks = name_checks(runners, race.surface.trails)
        return {each.run: each.sentence for each in checks}

    both = said("anneal", "large")["anneal"]
    assert both.endswith("the large ones, and diverge; the large steps diverge, too.")
    alone = said("anneal")["anneal"]
    assert "and diverge; the large steps are at " in alone
    assert "10²⁰" not in both + alone
    other = said("large")
    assert other["anneal"].endswith("; the large steps diverge.")
    assert "and end at " in other["anneal"]
    assert other["large"] == "The run with large steps diverges."


def test_behaviour_by_hand():
    way = Behaviour.along(np.array([4.0, 2.0, 3.0, 1.0, 1.5, 1.0, 1.25, 1.0]))
    assert (way.rises, way.of, way.climbed, way.fall) == (3, 7, 1.75, 3.0)
    assert (way.late_low, way.late_high, way.late_mean, way.late_climbed) == (1, 1.25, 1.125, 0)
    assert not way.wanders
    assert Behaviour.along(np.array([4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0])).wanders
    rounding = Behaviour.along(np.array([1.0, 0.5, np.nextafter(0.5, 1), 0.5]))
    assert (rounding.rises, rounding.climbed) == (0, 0.0)
    assert not Behaviour.along(np.array([1.0])).wanders
