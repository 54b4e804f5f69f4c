"""The lesson on thresholds in a browser, from its first step to its last."""

import json

import numpy as np
import pytest

from browser import Browser
from colours import CONTRAST
from thalweg.evaluation.answers import Answers
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.threshold_tasks import threshold_lesson_tasks

pytestmark = pytest.mark.browser


class Model:
    classes_ = np.array(["<b>ill</b>", "well"])
    positive_ = "<b>ill</b>"


def answers(n, seed):
    random = np.random.default_rng(seed)
    truth = random.random(n) < 0.3
    z = np.where(truth, 2.0, -2.0) + random.normal(0, 1.5, n)
    return Answers(truth, 1 / (1 + np.exp(-z)))


LESSON = threshold_lesson_tasks(
    Subject(Model(), None, np.array([]), "made up", choosing=answers(400, 1), test=answers(200, 2))
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "lesson.html"
    path.write_text(lesson_html(LESSON), "utf-8")
    return path


def text(browser, selector):
    return browser.run(f"document.querySelector({json.dumps(selector)}).textContent")


def click(browser, selector):
    browser.run(f"document.querySelector({json.dumps(selector)}).click()")
    browser.settle()


def to(browser, p):
    z = np.log(p / (1 - p))
    browser.run(
        f"(() => {{ const e = document.getElementById('own-line'); e.value = {z};"
        " e.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )
    browser.settle()


def fill(browser, field, words):
    browser.run(f"document.getElementById('{field}').value = {json.dumps(words)}")


def submit(browser, field):
    browser.run(f"document.getElementById('{field}').form.requestSubmit()")
    browser.settle()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("step", [1, 3])
def test_the_page_fits_is_silent_and_can_be_read(browser, page, width, dark, step):
    browser.open(page, width=width, dark=dark)
    browser.run(f"location.hash = '#step={step}&thr=0.2'")
    browser.settle()
    assert browser.errors() == []
    assert browser.requests() == [page.absolute().as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    seen, found = browser.run(CONTRAST)
    assert found == []
    assert seen > 15


def test_the_lesson_is_done(browser, page, tmp_path):
    (tmp_path / "empty.html").write_text("<!doctype html>", "utf-8")
    browser.open(tmp_path / "empty.html")
    browser.open(page)
    choosing, test = answers(400, 1), answers(200, 2)
    to(browser, 0.5)
    called = choosing.answer > 0.5
    fn, fp = (~called & choosing.truth).sum(), (called & ~choosing.truth).sum()
    assert f"Missed: {fn} of {choosing.truth.sum()} <b>ill</b>." in text(browser, ".say")
    assert f"False alarms: {fp} of" in text(browser, ".say")
    assert text(browser, "#feedback") == ""
    to(browser, choosing.answer[choosing.truth].min() * 0.9)
    assert text(browser, "#feedback").startswith(f"All {choosing.truth.sum()} are found")
    click(browser, "#next")
    assert browser.run("document.querySelector('.cost-line')") is None
    to(browser, 0.05)
    click(browser, "#question .first-choice")
    said = text(browser, "#feedback")
    lowest = LESSON.facts["lowest"][0]
    assert "0.0099" not in said  # the next step asks for it
    assert f"is {lowest['cost']:.3g}, at {lowest['line']:.3g}." in said
    assert browser.run("document.querySelector('.cost-line') !== null")
    click(browser, "#next")
    fill(browser, "answer", "1/101")
    submit(browser, "answer")
    assert text(browser, "#feedback").startswith("Right: 1 / (1 + 100)\u00a0=\u00a00.0099.")
    assert "at a line between two rows" in text(browser, "#feedback")
    assert "thr=0.0099" not in browser.run(
        "location.hash"
    )  # the page moved the line, not the reader
    click(browser, "#next")
    fill(browser, "answer", "80")
    submit(browser, "answer")
    expected = round(LESSON.variants["rare"][0].answer)
    filled = browser.run("document.querySelectorAll('.alarm-right').length")
    assert filled == expected
    assert "you: 80 of 100" in text(browser, ".plot.gap")
    click(browser, "#next")
    to(browser, 0.02)
    click(browser, "#question .first-choice")
    assert text(browser, "#stage h3") == "The test set: 200 rows, opened"
    called = test.answer > 0.02
    assert f"Missed: {(~called & test.truth).sum()} of" in text(browser, ".say")
    assert browser.run("document.getElementById('own-line').disabled")
    before = text(browser, ".say")
    to(browser, 0.5)
    assert text(browser, ".say") == before  # the line stays where it was
    click(browser, "#next")
    click(browser, "#back")
    assert browser.run("document.querySelector('#question .first-choice').disabled")
    click(browser, "#next")
    for place, answer in enumerate(LESSON.variants["cost"][0].answer):
        fill(browser, f"factor-{place}", f"{answer:.6g}")
    submit(browser, "factor-0")
    assert text(browser, "#feedback").startswith("Right.")
    assert "done=111111" in browser.run("location.hash")
    assert browser.errors() == []


def at(browser, page, folder, link):
    """The page as it begins with a link, which a change of the link alone would not load anew."""
    (folder / "empty.html").write_text("<!doctype html>", "utf-8")
    browser.open(folder / "empty.html")
    browser.open(page)
    browser.run(f"location.hash = {json.dumps(link)}")
    browser.settle()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("0.99", "the two costs have changed places"),
        ("100/101", "the two costs have changed places"),
        ("100", "A probability is at most 1"),
        ("0.01", "the odds, and not p. Solve for p, and write two digits or more"),
        ("1/100", "the odds, and not p"),
        ("0.099", "Look at the power of ten"),
        ("0.5", "and solve it for p"),
        (f"{LESSON.facts['lowest'][0]['line']:.2g}", "There the curve is lowest, on these"),
    ],
)
def test_slips_of_the_theory_get_their_word(browser, page, tmp_path, given, says):
    at(browser, page, tmp_path, "#step=3")
    fill(browser, "answer", given)
    submit(browser, "answer")
    assert says in text(browser, "#feedback")
    assert "done" not in browser.run("location.hash")


def test_the_result_is_closed_until_the_test_set_is_opened(browser, page, tmp_path):
    at(browser, page, tmp_path, "#step=6&done=111101")
    missed = LESSON.variants["cost"][0].values["test_alarms"]
    assert text(browser, "#words") == (
        "This step shows the result of step 5 (one look). Do that first."
    )
    seen = browser.run("document.querySelector('main').innerText")
    assert f"{missed} false alarms" not in seen
    assert text(browser, "#help") == ""
    click(browser, "#question .first-choice")
    assert browser.run("location.hash").startswith("#step=5")
    click(browser, "#question .first-choice")
    click(browser, "#next")
    assert f"{missed} false alarms" in text(browser, "#words")
    assert browser.errors() == []


def test_an_opened_test_set_stays_opened_with_its_line(browser, page, tmp_path):
    at(browser, page, tmp_path, "#step=5")
    to(browser, 0.2)
    click(browser, "#question .first-choice")
    link, said = browser.run("location.hash"), text(browser, ".say")
    assert "done=000010" in link
    at(browser, page, tmp_path, link)
    assert browser.run("document.getElementById('own-line').disabled")
    assert browser.run("document.querySelector('#question .first-choice').disabled")
    assert text(browser, "#stage h3") == "The test set: 200 rows, opened"
    assert text(browser, ".say") == said
    to(browser, 0.5)
    assert (browser.run("location.hash"), text(browser, ".say")) == (link, said)


def test_the_rare_class_waits_for_the_formula_and_begins_at_its_line(browser, page, tmp_path):
    at(browser, page, tmp_path, "#step=4")
    assert text(browser, "#words") == (
        "This step shows the result of step 3 (the theory). Do that first."
    )
    seen = browser.run("document.querySelector('main').innerText")
    assert "0.0099" not in seen
    assert browser.run("getComputedStyle(document.getElementById('stage')).display") == "none"
    at(browser, page, tmp_path, "#step=4&done=001000")
    assert "Take the line of the formula" in text(browser, "#words")
    assert text(browser, "output") == "0.0099"
    assert "line at 0.0099" in text(browser, ".line-plot")
    assert browser.run("document.querySelector('.line-plot').clientWidth") > 0
    at(browser, page, tmp_path, "#step=6&done=000010")  # the last one prints the line, too
    assert "the result of step 3" in text(browser, "#words")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_picture_names_its_parts(browser, page, tmp_path, width):
    browser.open(page, width=width)
    browser.run("location.hash = '#step=3&thr=0.2'")
    browser.settle()
    words = text(browser, ".line-plot")
    assert "blue area: called <b>ill</b>" in words
    lowest = LESSON.facts["lowest"][0]
    assert f"{lowest['cost']:.3g}" in browser.run(
        "[...document.querySelectorAll('.line-plot .strong')].map(e => e.textContent).join('|')"
    )
    z = np.log(answers(400, 1).answer / (1 - answers(400, 1).answer))
    beyond = int((np.abs(z) > 8).sum())
    assert (f"{beyond} dots at the very edge" in words) == (beyond > 1)
    # No label leaves the picture, none lies on dots, and the slider is as wide as the axis.
    boxes = browser.run("""(() => {
      const all = document.querySelector('.line-plot').getBoundingClientRect();
      return [...document.querySelectorAll('.line-plot text')].map(e => e.getBoundingClientRect())
        .map(box => [box.left - all.left, all.right - box.right]);
    })()""")
    assert min(map(min, boxes)) >= -1
    line = "[...document.querySelectorAll('.line-plot .strong')].at(-1)"
    assert browser.run(f"{line}.getBBox().y + {line}.getBBox().height") <= 40
    ends = browser.run("""(() => {
      const line = document.getElementById('own-line').getBoundingClientRect();
      const all = document.querySelector('.line-plot').getBoundingClientRect();
      return [line.left - all.left, all.right - line.right];
    })()""")
    assert all(0 <= each <= 10 for each in ends)
