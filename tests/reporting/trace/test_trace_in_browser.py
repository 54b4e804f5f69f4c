"""The pages of traces, checks and lessons in a real browser, on a screen and on a phone."""

import numpy as np
import pytest

from browser import Browser
from colours import CONTRAST
from thalweg import ThalwegClassifier, ThalwegRegressor, load_table
from thalweg.reporting.trace.difference_lesson import show_derivative_lesson
from thalweg.reporting.trace.model_trace import check_model_gradient

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning"),
]

KINDS = ("trace", "chain", "update", "check", "lesson", "long", "classes", "numbers")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def fitted(frame, target, hidden=(15,)):
    text = "adam:lr=0.004,beta_2=0.95,schedule=cosine"
    model = ThalwegClassifier(hidden, random_state=0, early_stopping=False, max_iter=2)
    return model.set_params(optimizer=text).fit(frame, target)


def opened(browser, path, **look):
    """The page with everything that is folded opened."""
    browser.open(path, **look)
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    browser.settle()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    table = load_table("wisconsin")
    model = fitted(table.frame, table.target)
    one = model.trace(table.frame.iloc[[1]], table.target[[1]])
    deep = fitted(table.frame, table.target, (5, 4))
    long = table.frame.rename(columns=lambda name: f"<b>Größe 数据</b> {name} {'w' * 60}")
    shown = {
        "trace": one,
        "batch": deep.trace(table.frame.iloc[[1, 4]], table.target[[1, 4]]),
        "chain": one.chain("W1[3,2]"),
        "update": one.update("W1[3,2]"),
        "check": check_model_gradient(model),
        "lesson": show_derivative_lesson(),
        "long": fitted(long, table.target).trace(long.iloc[[1, 8]], table.target[[1, 8]]),
    }
    ages = table.frame["clump_thickness"].astype(float).to_numpy()
    sizes = np.array(["a", "b", "c"])[(ages // 4).astype(int)]
    given = {"random_state": 0, "early_stopping": False, "max_iter": 2}
    for name, kind, target in (
        ("classes", ThalwegClassifier, sizes), ("numbers", ThalwegRegressor, ages * 12345.678)
    ):  # fmt: skip
        of_kind = kind(hidden_layer_sizes=(15,), **given).fit(table.frame, target)
        shown[name] = of_kind.trace(table.frame, target, largest=True)
    for name, each in shown.items():
        each.save(folder / f"{name}.html")
    return folder


@pytest.mark.parametrize("width", [1180, 390, 320])
@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_wider_than_the_window(browser, pages, name, width):
    path = pages / f"{name}.html"
    opened(browser, path, width=width)
    assert browser.errors() == []
    asked = [each for each in browser.requests() if not each.startswith("data:image/png")]
    assert asked == [path.absolute().as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run("window.innerWidth") == width


# The boxes that scroll sideways, so that some of their numbers are not seen at first.
CUT = """
[...document.querySelectorAll('.scroll:not(.formula)')]
  .filter(e => e.scrollWidth > e.clientWidth)
  .map(e => `${e.getAttribute('aria-label')}: ${e.scrollWidth} > ${e.clientWidth}`)
"""


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("name", ["trace", "batch", "chain", "update", "check"])
def test_no_number_of_a_table_is_cut_on_a_phone(browser, pages, name, width):
    opened(browser, pages / f"{name}.html", width=width)
    assert browser.run(CUT) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", KINDS)
def test_every_text_can_be_read(browser, pages, name, dark):
    opened(browser, pages / f"{name}.html", dark=dark)
    seen, found = browser.run(CONTRAST)
    assert found == []
    assert seen > 10


# Places where a line ends between two letters, in headings and sentences. A word of more than 30
# letters, such as the name of a column, may be broken.
BROKEN = """
[...document.querySelectorAll('h1, h2, h3, p, th, td')].flatMap(e => {
  const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), found = [];
  const range = document.createRange();
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent;
    for (const { 0: word, index } of text.matchAll(/\\w+/g)) {
      range.setStart(walk.currentNode, index);
      range.setEnd(walk.currentNode, index + word.length);
      const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
      if (word.length <= 30 && lines.size > 1) found.push(word);
    }
  }
  return found;
})
"""


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("name", KINDS)
def test_no_line_ends_inside_a_word(browser, pages, name, width):
    opened(browser, pages / f"{name}.html", width=width)
    assert browser.run(BROKEN) == []


def test_the_words_in_the_picture_of_the_lesson_can_be_read_on_a_phone(browser, pages):
    """They are drawn for 640 pixels: there the picture scrolls, it does not shrink."""
    box = "document.querySelector('picture')"
    shown = "document.querySelector('img').getBoundingClientRect().width"
    browser.open(pages / "lesson.html", width=390)
    assert browser.run(shown) == 640
    assert browser.run(f"{box}.scrollWidth > {box}.clientWidth")
    browser.look(390, media="print")
    assert browser.run(shown) <= 390
    browser.open(pages / "lesson.html", width=1180)
    assert browser.run(f"{box}.scrollWidth <= {box}.clientWidth")
