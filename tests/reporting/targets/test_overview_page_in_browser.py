"""The overview of several targets in a browser: its commands are whole, and can be copied."""

import numpy as np
import pandas as pd
import pytest

from browser import Browser
from thalweg import ThalwegRegressor, evaluate
from thalweg.reporting.targets.overview_page import Overview, overview_html
from thalweg.shell_words import command_of

pytestmark = pytest.mark.browser

FILE = "a folder/" + "m" * 300 + ".safetensors"
NAMES = ["größe", "it's", "-x y", '<b> & "q"']
RECIPES = {"command": command_of(["thalweg", "fit", "my 'x'.csv"]), "python": 'fit("<a> & b")\n'}
KEEP_COPIED = """
window.copied = [];
navigator.clipboard.writeText = (text) => { window.copied.push(text); return Promise.resolve(); };
"""
COPY_ALL = "document.querySelectorAll('button').forEach((each) => each.click()); window.copied"
CUT = """
[...document.querySelectorAll('.command, .command code')]
  .filter((each) => each.scrollWidth > each.clientWidth + 1
    || each.getBoundingClientRect().right > innerWidth).length
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def commands():
    return {name: command_of(["thalweg", "report", FILE, "--target", name]) for name in NAMES}


@pytest.fixture(scope="module")
def page(commands, tmp_path_factory):
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(100, 2)), columns=["a", "b"])
    Y = pd.DataFrame(random.normal(size=(100, 4)), columns=NAMES)
    model = ThalwegRegressor(hidden_layer_sizes=(2,), random_state=0, max_iter=2)
    found = evaluate(model, X, Y, baselines="simple")
    verdicts = {name: each.verdict.as_dict() for name, each in found.items()}
    file = tmp_path_factory.mktemp("page") / "overview.html"
    overview = Overview("t.csv", verdicts, "0", reports=commands, recipes=RECIPES)
    file.write_text(overview_html(overview), encoding="utf-8")
    return file


@pytest.mark.parametrize("width", [1280, 390])
def test_each_button_copies_the_command_as_it_was_made(browser, page, commands, width):
    browser.open(page, width=width)
    browser.run(KEEP_COPIED)
    assert browser.run(COPY_ALL) == [*commands.values(), *RECIPES.values()]


def test_no_command_is_cut_on_a_phone(browser, page):
    browser.open(page, width=390)
    browser.settle()
    assert browser.run("document.querySelectorAll('.command').length") == len(NAMES) + 1
    assert browser.run(CUT) == 0
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")


def test_each_link_leads_to_a_part(browser, page):
    browser.open(page)
    missing = (
        "[...document.querySelectorAll('nav a')].filter((a) => !document.querySelector(a.hash))"
    )
    assert browser.run(f"{missing}.length") == 0
    assert browser.run("document.querySelectorAll('nav a').length") == 4 + len(NAMES)
