"""The page of a search in a browser: silent, no sideways scroll, large letters, by axe's rules."""

import math

import pytest

from axe import violations
from browser import Browser
from simulated_search import simulated

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def loss(values):
    far = 3 if values["learning_rate_init"] > 9 else 0
    return 0.2 + 0.03 * math.log(values["learning_rate_init"]) ** 2 + 0.1 / values["width"] + far


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "search.html"
    simulated(loss, 60, "article", max_size=6500, lost=(5,)).report(path)
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_silent_fits_and_breaks_no_rule(browser, page, width, dark):
    browser.open(page, width=width, dark=dark)
    browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    browser.settle()
    assert browser.errors() == []
    assert all(each.endswith("search.html") for each in browser.requests())
    assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0
    sizes = "[...document.querySelectorAll('svg text')].map(e => "
    assert browser.run(f"Math.min(...{sizes}parseFloat(getComputedStyle(e).fontSize)))") >= 12
    wide = "[...document.querySelectorAll('svg.trials')].filter(e => e.checkVisibility())"
    ends = f"Math.max(...{wide}.map(e => e.getBoundingClientRect().right))"
    assert browser.run(ends) <= width
    assert browser.run(f"{wide}.length") >= 7
    assert violations(browser) == []


def test_no_two_words_of_a_picture_lie_on_each_other(browser, page):
    browser.open(page, width=390)
    found = browser.run("""
      [...document.querySelectorAll('svg.trials')].filter(e => e.checkVisibility()).flatMap(svg => {
        const texts = [...svg.querySelectorAll('text')];
        const boxes = texts.map(t => t.getBoundingClientRect());
        return boxes.flatMap((a, i) => boxes.slice(i + 1).flatMap((b, j) =>
          Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5
            ? [texts[i].textContent + ' | ' + texts[i + 1 + j].textContent] : []));
      })
    """)
    assert found == []


def test_paper_has_the_table_of_all_trials_and_cuts_nothing_in_two(browser, page, tmp_path):
    browser.open(page)
    rows = "[...document.querySelectorAll('#course tbody tr')]"
    seen = f"{rows}.filter(e => e.checkVisibility()).length"
    assert browser.run(seen) == 0  # it is folded
    browser.pdf(tmp_path / "page.pdf")
    browser.look(684, media="print")
    assert browser.run(seen) == browser.run(f"{rows}.length") == 60
    style = "[...new Set([...document.querySelectorAll('{}')].map(e => getComputedStyle(e).{}))]"
    assert browser.run(style.format("h1, h2, summary, figcaption, thead", "breakAfter")) == [
        "avoid"
    ]
    assert browser.run(style.format("tr, svg, figure, .keys", "breakInside")) == ["avoid"]
    assert browser.run("document.documentElement.scrollWidth") <= 684
