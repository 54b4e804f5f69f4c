"""The page of a sweep in a browser: silent, no sideways scroll, keyboard, link."""

from dataclasses import replace

import pytest

from browser import Browser, reloaded
from thalweg import sweep

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shown():
    rates = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0, 1000.0]
    return sweep("wisconsin", rates, [1, 2, 4, 8, 15, 32, 64], seeds=2, steps=40)


@pytest.fixture(scope="module")
def page(shown, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "sweep.html"
    path.write_text(
        replace(shown, recipes={"command": "thalweg sweep wisconsin"}).page(), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_silent_and_fits(browser, page, width, dark):
    browser.open(page, width=width, dark=dark)
    assert browser.errors() == []
    assert all(each.endswith("sweep.html") for each in browser.requests())
    assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0
    box = "document.querySelector('.map-box')"
    assert browser.run(f"{box}.scrollWidth - {box}.clientWidth") <= 0
    sizes = "[...document.querySelectorAll('.cell, .map th, .plot text')].map(e => "
    least = browser.run(f"Math.min(...{sizes}parseFloat(getComputedStyle(e).fontSize)))")
    assert least >= (10.5 if width == 390 else 12)
    # No number is wider than its cell.
    wide = "[...document.querySelectorAll('.cell')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    assert browser.run(f"{wide}.length") == 0
    # The chosen cell keeps the colours that its number can be read on.
    first = browser.run(
        "(() => { const e = document.querySelector('.lowest'); "
        "return [e.getAttribute('aria-pressed'), getComputedStyle(e).backgroundColor] })()"
    )
    assert first == ["true", "rgb(132, 208, 245)" if dark else "rgb(10, 61, 98)"]


def test_arrow_keys_go_from_cell_to_cell_and_the_link_keeps_it(browser, page, shown):
    browser.open(page)
    words = "document.getElementById('words').textContent"
    lowest = shown.sweep.lowest
    assert browser.run(words).startswith(f"{lowest.units} unit")
    assert browser.run("document.querySelectorAll('.cell[tabindex=\"0\"]').length") == 1
    browser.run("document.querySelector('[data-cell=\"0\"]').click()")
    assert "1 unit at rate 0.003" in browser.run(words)
    browser.run("document.querySelector('[data-cell=\"0\"]').focus()")
    browser.key("ArrowRight")
    browser.key("ArrowDown")
    assert "2 units at rate 0.01" in browser.run(words)
    assert browser.run("location.hash") == "#units=2&rate=0.01"
    assert browser.run("document.activeElement.dataset.cell") == "9"
    browser.key("ArrowUp")
    browser.key("ArrowUp")  # at the edge it stays
    assert "1 unit at rate 0.01" in browser.run(words)
    lost = browser.run("document.querySelector('.lost').dataset.cell")
    browser.run(f"document.querySelector('[data-cell=\"{lost}\"]').click()")
    assert "diverged, so there is no mean" in browser.run(words)
    assert browser.run("document.querySelectorAll('.networks-mean').length") == 0
    assert browser.errors() == []


def test_a_link_opens_its_cell_and_a_wrong_one_is_said(browser, page):
    browser.open(page)
    browser.run("location.hash = '#units=15&rate=0.3'")
    reloaded(browser)
    assert "15 units at rate 0.3" in browser.run("document.getElementById('words').textContent")
    browser.run("location.hash = '#units=16&rate=0.3'")
    reloaded(browser)
    assert "names a cell that is not here" in browser.run("document.body.textContent")


def test_moving_over_a_cell_shows_it_for_that_time(browser, page):
    browser.open(page)
    at = browser.run(
        "(() => { const b = document.querySelector('[data-cell=\"12\"]').getBoundingClientRect();"
        " return [b.x + 5, b.y + 5] })()"
    )
    before = browser.run("document.getElementById('words').textContent")
    browser.point(*at)
    assert "2 units at rate 0.3" in browser.run("document.getElementById('words').textContent")
    browser.point(2, 2)
    assert browser.run("document.getElementById('words').textContent") == before
    dots = browser.run("document.querySelectorAll('.networks-dot').length")
    assert dots == 2


def test_map_and_scale_keep_their_colours_on_paper(browser, page):
    browser.open(page)
    browser.look(684, media="print")
    kept = "[...document.querySelectorAll('.map .cell, .scale')].map(e => "
    kept += "getComputedStyle(e).printColorAdjust)"
    assert set(browser.run(kept)) == {"exact"}
    assert "gradient" in browser.run(
        "getComputedStyle(document.querySelector('.scale')).backgroundImage"
    )
    browser.send("Emulation.setEmulatedMedia", media="", features=[])
