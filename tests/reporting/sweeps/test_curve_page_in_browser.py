"""The page of a curve in a browser: silent, no sideways scroll, no text over another, keyboard."""

from dataclasses import replace

import numpy as np
import pytest

from browser import LAYOUT, Browser
from thalweg import ThalwegRegressor, load_table, sweep

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shown():
    table = load_table("wisconsin")
    model = ThalwegRegressor(
        hidden_layer_sizes=(3,), max_iter=3, n_folds=3, random_state=0, optimizer="sgd:lr=0.01"
    )
    y = (table.target == table.target[0]).astype(float)
    return sweep(model, table.frame, y, over={"learning_rate_init": (1e-3, 1e6)}, points=6)


@pytest.fixture(scope="module")
def page(shown, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "curve.html"
    path.write_text(shown.page(), encoding="utf-8")
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_silent_and_fits(browser, page, width, dark):
    browser.open(page, width=width, dark=dark)
    assert browser.errors() == []
    assert all(each.endswith("curve.html") for each in browser.requests())
    assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0
    assert browser.run(LAYOUT) == []
    sizes = "[...document.querySelectorAll('.chart text')].map(e => "
    least = browser.run(f"Math.min(...{sizes}parseFloat(getComputedStyle(e).fontSize)))")
    assert least >= (10.5 if width == 390 else 12)
    assert browser.run("document.querySelectorAll('.chart .lost').length") >= 1


def test_arrow_keys_read_the_values(browser, page):
    browser.open(page)
    browser.run("document.getElementById('curve-chart').focus()")
    reading = "document.querySelector('.reading').textContent"
    browser.key("Home")
    assert "learning_rate_init 0.001: squared error" in browser.run(reading)
    browser.key("End")
    assert "diverged" in browser.run(reading)
    assert browser.errors() == []


def test_no_loss_stands_on_the_mark_of_its_value(browser, shown, tmp_path):
    # The highest of losses that differ much is close to the top.
    points = tuple(
        replace(each, loss=loss, train_loss=loss, fold_losses=(loss,) * 3,
                fold_train_losses=(loss,) * 3, n_diverged=0)
        for each, loss in zip(shown.curve.points, np.geomspace(0.5, 40, 7).tolist(), strict=True)
    )  # fmt: skip
    path = tmp_path / "far.html"
    path.write_text(replace(shown, curve=replace(shown.curve, points=points)).page(), "utf-8")
    browser.open(path, width=1280)
    covered = browser.run("""
      (() => {
        const all = (css) => [...document.querySelectorAll(css)];
        const boxes = (css) => all(css).map((e) => e.getBoundingClientRect());
        const marks = boxes("#curve-chart .marker.blue");
        const words = boxes("#curve-chart text.note");
        return words.flatMap((w) => marks.filter((m) => w.left < m.right && m.left < w.right
          && w.top < m.bottom - 2 && m.top < w.bottom - 4)).length;
      })()""")
    assert browser.run("document.querySelectorAll('#curve-chart text.note').length") > 4
    assert covered == 0
