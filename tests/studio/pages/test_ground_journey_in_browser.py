"""A student's journey over the ground of the real studio, by keys alone, and its bits."""

from dataclasses import replace

import numpy as np
import pytest

from studio.pages.test_students_journey_in_browser import LONG, listed, real, rest
from studio_browser import complaints, open_studio, press, text, wait
from thalweg.data.read import load_table
from thalweg.landscape.ground.surface import landscape
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.path import record, terrain_of
from thalweg.landscape.runs.presets import PRESETS, Preset

__all__ = ["real"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAINTED = "document.querySelector('#ground-view')?.dataset.painted"


def focus(browser, selector):
    browser.run(f"document.querySelector({selector!r}).focus()")


def as_started(run):
    """A listed run as the library makes it: some presets take all rows in a step."""
    return Preset(run["name"], run["rule"], "", rows_a_step=PRESETS[run["name"]].rows_a_step)


def test_a_point_of_the_ground_becomes_a_run(browser, real):
    open_studio(browser, real.server.link, hash_="#p=train&d=sample:wisconsin", settled=False)
    wait(browser, "document.querySelector('#start-here')", LONG)
    wait(browser, "!document.querySelector('#start-here').disabled", LONG)
    focus(browser, "#start-here")
    press(browser, "Enter")
    rest(browser, 4, ("ended",))
    browser.run("document.activeElement.blur()")
    press(browser, "4")
    wait(browser, f"{PAINTED} === '81 block'", LONG)
    wait(browser, "document.querySelector('.pictures').getAttribute('aria-busy') === 'false'", LONG)
    assert "81 × 81 points" in text(browser, ".subtitle")
    assert "random walks" in text(browser, ".ground .right")
    # To a point of the map, by keys.
    focus(browser, "#ground-view")
    press(browser, "v")
    press(browser, "Enter")
    for _ in range(5):
        press(browser, "ArrowLeft")
    wait(browser, "document.querySelector('#here-losses')", LONG)
    wait(browser, "document.querySelector('.here-box').parentElement.ariaBusy === 'false'", LONG)
    point = browser.run("document.querySelector('#ground-view').point()")
    told = text(browser, "#here-losses tbody tr td")
    focus(browser, "#start-from-point")
    press(browser, "Enter")
    rest(browser, 5, ("ended",))
    wait(browser, "document.querySelector('.chip.focus .name').textContent.endsWith('a point')")
    # The library: the same runs, the same plane, the same point, the same run from there.
    member, _ = member_of(load_table("wisconsin"), held_out=0.2)
    paths = []
    for each in listed(real)[:4]:
        run, last = with_own_batches(member, as_started(each))
        paths.append(record(run, each["id"], last_step=last))
    surface = landscape(terrain_of(member), paths, grid=81)
    theta = surface.plane.at(*(np.array([each]) for each in point))[0]
    assert float(told) == pytest.approx(terrain_of(member).losses(theta[None])[0], rel=1e-3)
    made = listed(real)[4]
    assert np.array_equal(real.theta(made["id"], 0), theta)
    run, last = with_own_batches(replace(member, theta=theta), as_started(made))
    path = record(run, last_step=last)
    assert np.array_equal(real.theta(made["id"], int(path.steps[-1])), path.thetas[-1])
    assert complaints(browser) == []
