"""The page of a plane that follows a run: the ball is on the slice, and what stays stays."""

from dataclasses import replace

import numpy as np
import pytest

from browser import Browser
from landscapes import line, sheet
from thalweg import load_table, race_landscape
from thalweg.landscape.planes.followed_plane import Frame
from thalweg.reporting.landscape.landscape_page import landscape_html

pytestmark = pytest.mark.browser

# For every step of the slider: the slice, and how high the ball is above its ground.
WALK = """
(() => {
  const it = document.documentElement;
  const slider = document.getElementById("step");
  const found = [];
  for (let step = 0; step <= +slider.max; step += 1) {
    slider.value = String(step);
    slider.dispatchEvent(new Event("input"));
    it.paintFrom(30);
    const { seen, ground } = it.seen();
    const { x, y, h, g } = seen[0].course;
    const k = h.length - 1;
    found.push([document.getElementById("step-now").textContent, x[k], y[k],
      ground.lossOf(h[k]), ground.lossOf(g[k]), ground.low, ground.high, ground.tall]);
  }
  return found;
})()
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def shown():
    return race_landscape(
        load_table("wisconsin"), ["sgd", "large", "momentum"], grid=11, profiles=(), steps=60,
        seed=3,
    )  # fmt: skip


@pytest.fixture
def page(browser, shown, tmp_path):
    file = tmp_path / "followed.html"
    file.write_text(shown.page("followed", run="momentum"), encoding="utf-8")
    browser.open(file)
    return browser


def test_the_ball_lies_on_the_slice_at_every_step(page, shown):
    found = page.run(WALK)
    frames = shown.followed("momentum").frames
    words = list(dict.fromkeys(each[0] for each in found))
    last = shown.race.paths[2].steps[-1]
    assert words == [
        f"step {each.step} of {last} · slice {k + 1} of {len(frames)}"
        for k, each in enumerate(frames)
    ]
    true = {text: each.true for text, each in zip(words, frames, strict=True)}
    for text, x, y, ball, ground, *_ in found:
        assert (x, y) == pytest.approx((0, 0), abs=1e-6)
        assert ball == pytest.approx(true[text], rel=1e-6)
        assert ground == pytest.approx(true[text], rel=1e-6)  # gap 0
    # Heights stay from slice to slice.
    assert len({tuple(np.round(each[5:], 6)) for each in found}) == 1


def test_keys_go_from_slice_to_slice(page, shown):
    frames = shown.followed("momentum").frames
    press = (
        "document.getElementById('view').dispatchEvent(new KeyboardEvent('keydown', {key: '%s'}))"
    )
    at = "+document.getElementById('step').value"
    page.run(press % "Home")
    assert page.run(at) == 0
    page.run(press % "]")
    assert page.run(at) == frames[1].step
    page.run(press % "End")
    assert page.run(at) == frames[-1].step
    page.run(press % "[")
    assert page.run(at) == frames[-2].step


def test_the_link_says_seed_and_plane_and_warns_of_another_picture(page, shown):
    link = page.run("document.documentElement.linkNow()")
    assert "seed=3" in link
    assert f"plane={shown.race.surface.plane.method}" in link
    said = "document.getElementById('said').textContent"
    page.run(f"document.documentElement.follow({link!r})")
    assert "another picture" not in page.run(said)
    page.run(f"document.documentElement.follow({link.replace('seed=3', 'seed=4')!r})")
    assert page.run(said) == "The link is of another picture: seed 4."


def test_a_run_that_wanders_has_no_last_loss_on_the_page(browser, tmp_path):
    shown = race_landscape("wisconsin", ["sgd", "large"], grid=11, profiles=(), steps=150)
    file = tmp_path / "wanders.html"
    file.write_text(shown.page(), encoding="utf-8")
    browser.open(file)
    large = shown.sheets[0].lines[1]
    assert large.wanders
    chip = "document.querySelector('[data-shows=\"1\"] small').textContent"
    labels = "document.documentElement.seen().labels.map((each) => each.words)"
    assert browser.run(chip) == large.late
    assert "large steps wander" in browser.run(labels)
    browser.run("document.getElementById('step').value = '9'")
    browser.run("document.getElementById('step').dispatchEvent(new Event('input'))")
    browser.run("document.documentElement.paintFrom(30)")
    assert browser.run(chip) == f"{large.true[9]:.4g}"
    assert "large steps wander" not in browser.run(labels)


@pytest.mark.parametrize("height", [844, 740])
def test_on_a_phone_the_picture_is_in_the_first_screen_and_labels_are_names(
    browser, tmp_path, height
):
    shown = race_landscape("wisconsin", ["article"], grid=11, profiles=(), steps=60)
    file = tmp_path / "phone.html"
    file.write_text(shown.page(), encoding="utf-8")
    browser.open(file, width=390, height=height)
    box = "document.getElementById('view').getBoundingClientRect()"
    assert browser.run(f"{box}.bottom") < height
    assert browser.run("document.documentElement.scrollWidth") == 390
    for words in browser.run("document.documentElement.seen().labels.map((each) => each.words)"):
        assert not any(sign.isdigit() for sign in words.replace("32", ""))


def test_a_steep_slice_is_as_tall_as_the_first_one(browser, tmp_path):
    x = np.linspace(-1, 1, 21)
    level = np.broadcast_to(2 + x, (21, 21))
    grids = [level, 2 + np.sin(40 * x) * np.ones((21, 1))]
    frames = tuple(Frame(k, k, float(each[10, 10]), each, 0.0) for k, each in enumerate(grids))
    run = line([0, 0.1], [0, 0.1], [each.true for each in frames])
    plane = sheet(lambda u, v: 2 + u, x=(-1, 1), y=(-1, 1), n=(21, 21), lines=[run])
    made = replace(plane, kind="followed", frames=frames)
    file = tmp_path / "steep.html"
    file.write_text(landscape_html([plane, made], first=1), encoding="utf-8")
    browser.open(file)
    first, steep = (each[7] for each in browser.run(WALK))
    assert steep == first
