"""Every page by axe-core, in light and dark, on a screen and on a phone: no rule is broken.

And on paper, where nobody can unfold anything: what is folded is printed.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from about_reports import about_five, about_numbers, about_two
from axe import violations
from browser import Browser
from carded import fitted
from lesson_subjects import prepared_for_tests
from reports import wisconsin
from rows_reports import predictions
from thalweg import ThalwegClassifier, ThalwegRegressor, evaluate, load_table, race_landscape, sweep
from thalweg.cli.main import main
from thalweg.reporting.lessons.derivative_page import derivative_html
from thalweg.reporting.lessons.known_lessons import LESSONS
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.lesson_sheets import sheets_of
from thalweg.reporting.page.report_page import report_html
from thalweg.reporting.page.rows_report import evaluation_report
from thalweg.reporting.page.what_if_data import what_if_data
from thalweg.reporting.targets.overview_page import Overview, overview_html
from thalweg.reporting.trace.difference_lesson import show_derivative_lesson
from thalweg.reporting.trace.model_trace import check_model_gradient
from thalweg.shell_words import command_of

pytestmark = pytest.mark.browser

UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def report_with_what_if():
    return report_html({**about_two(), "what_if": what_if_data(wisconsin().model)})


def traced(kind):
    table, model = load_table("wisconsin"), wisconsin().model
    one = model.trace(table.frame.iloc[[100]], table.target[[100]])
    made = {
        "row": lambda: one, "chain": lambda: one.chain("W1[3,2]"),
        "update": lambda: one.update("W1[3,2]"), "check": lambda: check_model_gradient(model),
    }  # fmt: skip
    return made[kind]().to_html()


def overview():
    """Of two targets, with commands that can be copied, of which one is long."""
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(200, 2)), columns=["a", "b"])
    Y = pd.DataFrame({"größe": X.a + random.normal(size=200), "it's": X.b})
    model = ThalwegRegressor(hidden_layer_sizes=(8,), random_state=0, max_iter=20)
    found = evaluate(model, X, Y, baselines="simple")
    verdicts = {name: each.verdict.as_dict() for name, each in found.items()}
    commands = {name: command_of(["thalweg", "report", "m" * 300, name]) for name in verdicts}
    return overview_html(
        Overview("t.csv", verdicts, "0", together=found.together, reports=commands,
                 recipes={"command": "thalweg fit 'my t.csv' --target größe", "python": "1 < 2"})
    )  # fmt: skip


def curve(over):
    table = load_table("wisconsin")
    model = ThalwegClassifier(
        hidden_layer_sizes=(3,), max_iter=3, n_folds=3, random_state=0, optimizer="sgd:lr=0.1"
    )
    return sweep(model, table.frame, table.target, over=over, points=4).page()


PAGES = {
    "overview of targets": overview,
    "report": report_with_what_if,
    "report of classes": lambda: report_html(about_five()),
    "report of numbers": lambda: report_html(about_numbers()),
    "report of predictions": lambda: report_html(evaluation_report(predictions())),
    "sweep": lambda: sweep("wisconsin", [0.03, 0.3, 1000.0], [1, 4], seeds=2, steps=40).page(),
    "curve of numbers": lambda: curve({"learning_rate_init": (1e-3, 1e6)}),
    "curve of words": lambda: curve({"activation": ["relu", "mish", "tanh"]}),
    "landscape": lambda: race_landscape("hills", profiles=()).page(),
    "landscape of a table": lambda: race_landscape(
        "wisconsin", ["sgd", "large"], grid=11, profiles=(), steps=60, connect=("sgd", "large")
    ).page("followed", run="sgd"),
    **{
        f"trace: {kind}": lambda kind=kind: traced(kind)
        for kind in ("row", "chain", "update", "check")
    },
    "derivative": lambda: derivative_html(show_derivative_lesson().data),
}


def checked(browser, page):
    """What is found in both modes, at both widths."""
    found = []
    for width in (1280, 390):
        for dark in (False, True):
            browser.open(page, width=width, dark=dark)
            browser.run(UNFOLD)
            browser.settle()
            found += [f"{width}, dark {dark}: {each}" for each in violations(browser)]
    return found


@cache
def made(name):
    return PAGES[name]()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_breaks_no_rule(browser, tmp_path, name):
    page = tmp_path / "page.html"
    page.write_text(made(name), encoding="utf-8")
    assert checked(browser, page) == []


# How many words are seen only where all is unfolded; the folded parts that are not seen at all,
# without those of controls and keys; and titles that may stand alone at the foot of a sheet.
FOLDED = """
(() => {
  const folded = [...document.querySelectorAll('details')];
  const words = [...document.querySelectorAll('details :is(td, th, p, li, pre, text)')];
  const turn = (open) => folded.forEach((each) => { each.open = open; });
  turn(true);
  const all = words.filter((each) => each.checkVisibility());
  turn(false);
  const onScreenOnly = '.controls *, #keys';
  const alone = [...document.querySelectorAll('summary, h2, h3')]
    .filter((each) => each.checkVisibility() && getComputedStyle(each).breakAfter !== 'avoid');
  return [
    all.filter((each) => !each.checkVisibility()).length,
    folded.filter((each) => !each.matches(onScreenOnly) && !each.checkVisibility()).length,
    alone.length,
  ];
})()
"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_what_is_folded(browser, tmp_path, name):
    page = tmp_path / "page.html"
    page.write_text(made(name), encoding="utf-8")
    browser.open(page)
    has_folded = "<details" in page.read_text("utf-8")
    assert (browser.run(FOLDED)[0] > 0) == has_folded  # on a screen
    browser.look(684, media="print")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(FOLDED)[0] == 0
    absent, alone = browser.run(FOLDED)[1:]
    # A landscape along a line has no plane, and no figures of planes.
    assert absent == browser.run("document.querySelectorAll('details[hidden]').length")
    assert alone == 0
    assert browser.errors() == []


@pytest.mark.parametrize("task", ["two", "number"])
def test_a_card_breaks_no_rule(browser, tmp_path, task):
    model, table = fitted(tmp_path, task)
    page = tmp_path / "card.html"
    assert main(["card", str(model), str(table), "-o", str(page), "-q"]) == 0
    assert checked(browser, page) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", LESSONS)
def test_no_step_of_a_lesson_breaks_a_rule(browser, tmp_path, name, dark):
    lesson = prepared_for_tests(name)
    page = tmp_path / "lesson.html"
    page.write_text(lesson_html(lesson), encoding="utf-8")
    found, n = [], len(lesson.text.steps)
    browser.open(page, dark=dark)
    for step in range(1, n + 1):
        browser.look(390 if step % 2 else 1280, dark=dark)
        browser.run(f"location.hash = '#step={step}&done={'1' * n}'")
        browser.settle()
        found += [f"step {step}: {each}" for each in violations(browser)]
        for _ in range(4):  # the hints, and the solution
            browser.run("document.querySelector('#help button')?.click()")
        browser.settle()
        found += [f"step {step}, solved: {each}" for each in violations(browser)]
    assert found == []


@pytest.mark.parametrize("name", LESSONS)
def test_sheets_and_their_key_break_no_rule(browser, tmp_path, name):
    for file, text in sheets_of(prepared_for_tests(name), 1, 42).items():
        (tmp_path / file).write_text(text, encoding="utf-8")
        assert checked(browser, tmp_path / file) == [], file


def test_a_broken_rule_is_found_despite_the_policy_of_the_page(browser, tmp_path):
    page = tmp_path / "page.html"
    made = derivative_html(show_derivative_lesson().data)
    assert "script-src 'sha256-" in made
    page.write_text(made.replace("</main>", "<button></button></main>"), encoding="utf-8")
    (found,) = checked(browser, page)[:1]
    assert "button-name" in found
