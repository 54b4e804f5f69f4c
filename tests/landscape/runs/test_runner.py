"""What is said of a single run: where a diverged one is cut, and why."""

import json
from dataclasses import replace

import numpy as np
import pytest

from thalweg.data.read import load_table
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.race import RacePicture, race, race_on_hills
from thalweg.landscape.runs.runner import cut_of
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.train import train

QUICK = RacePicture(grid=11, profiles=(), sharp=False)


def test_a_diverged_run_says_at_which_step_it_was_cut_and_does_not_crush_the_other():
    member, _ = member_of(load_table("wisconsin"), steps=60)
    both = race(member, ["sgd:lr=300", "sgd"], QUICK)
    alone = race(member, ["sgd"], QUICK)
    wild, calm = both.runners
    assert wild.diverged
    assert calm.cut is None
    assert not calm.diverged
    # The losses of the run, from its own θ: the first above ten times the start's.
    true = both.terrain.losses(both.paths[0].thetas)
    at = int(np.argmax(true > 10 * true[0]))
    assert (wild.cut.after, wild.cut.at) == (at - 1, at)
    assert wild.cut.loss == pytest.approx(true[at])
    assert f"at step {at} its loss is " in wild.cut.why
    assert "more than 10 times that of the start" in wild.cut.why
    # Window, scale and figures are those of the other run alone.
    np.testing.assert_allclose(both.surface.a, alone.surface.a, rtol=1e-9)
    np.testing.assert_allclose(both.surface.losses, alone.surface.losses, rtol=1e-9)
    assert both.surface.badge.gap == pytest.approx(alone.surface.badge.gap)
    assert both.surface.cap == pytest.approx(alone.surface.cap)
    data = both.as_dict()["runners"][0]["cut"]
    assert (data["after"], data["at"]) == (at - 1, at)
    json.dumps(both.as_dict(), allow_nan=False)


def test_a_run_that_becomes_infinite_or_ends_high():
    found = race_on_hills(["sgd", "sgd:lr=1e200"], QUICK, steps=9)
    cut = found.runners[1].cut
    assert (cut.at, cut.loss) == (None, np.inf)
    assert cut.why == f"after step {cut.after} its loss is NaN or infinite"
    assert found.as_dict()["runners"][1]["cut"]["loss"] is None
    trail = found.surface.trails[0]
    high = cut_of(replace(trail, diverged=True, end=3 * float(trail.true[0])))
    assert (high.at, high.after) == (None, 9)
    assert high.why == "it ends above twice the loss of the start"


def test_names_in_words_and_rows_a_step():
    member, _ = member_of(load_table("wisconsin"), steps=30)
    found = race(member, ["nesterov", "adam", "adam:lr=0.01"], QUICK)
    assert [each.title for each in found.runners] == ["Nesterov", "Adam", "Adam at rate 0.01"]
    assert [each.rows_a_step for each in found.runners] == [463, 32, 32]
    # A text form is what training does with it, and no preset.
    theta = train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        replace(member.settings, optimizer=parse_optimizer("adam:lr=0.01"), stop_after=2),
    ).theta  # fmt: skip
    np.testing.assert_array_equal(found.paths[2].thetas[-1], theta)
