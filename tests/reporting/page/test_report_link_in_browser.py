"""The link of a report keeps the threshold and the made-up row, and buttons copy how it is made."""

import json
from urllib.parse import quote

import numpy as np
import pytest

from browser import Browser
from in_page import classifier, mixed_table
from reports import wisconsin
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.page.report_page import report_html
from thalweg.reporting.page.what_if_data import what_if_data

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning"),
]
RECIPES = {"command": "thalweg report m.safetensors", "python": "report(…)"}
NOW = "document.querySelector('#what-if .now').textContent"
SHOWN = "document.getElementById('threshold-shown').textContent"
SAID = "document.getElementById('link-said').textContent"
PAUSE = "new Promise((done) => setTimeout(done, 250))"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def written(folder, report, name="report.html"):
    path = folder / name
    path.write_text(report_html(report), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    made = wisconsin()
    report = {**made.report, "what_if": what_if_data(made.model), "recipes": RECIPES}
    return written(tmp_path_factory.mktemp("page"), report)


def at(browser, page, link):
    """Open a page anew with a link."""
    browser.open(page)
    browser.run(f"location.hash = {json.dumps(link)}")
    browser.run(PAUSE)
    return browser.run(SHOWN), browser.run(NOW), browser.run(SAID)


def test_threshold_and_row_are_in_the_link_and_come_back(browser, page):
    browser.open(page)
    assert browser.run("location.hash") == ""
    own = browser.run(SHOWN), browser.run(NOW)
    browser.run(
        "(() => { const s = document.getElementById('threshold'); s.value = 300;"
        "s.dispatchEvent(new Event('input'));"
        "const n = document.getElementById('what-if-0-number'); n.value = '9';"
        "n.dispatchEvent(new Event('input')); })()"
    )
    browser.run(PAUSE)
    link = browser.run("location.hash")
    assert link == "#thr=0.3&row=" + quote('{"0":9}')
    shown, now = browser.run(SHOWN), browser.run(NOW)
    assert (shown, now) != own
    assert at(browser, page, link) == (shown, now, "")
    # The way back takes both out of the link.
    browser.run("document.getElementById('threshold-own').click()")
    browser.run("document.getElementById('what-if-reset').click()")
    assert browser.run("location.hash") == ""
    assert (browser.run(SHOWN), browser.run(NOW)) == own
    assert browser.errors() == []


@pytest.mark.parametrize(
    "link", ["#thr=2", "#thr=x", "#row=[1]", "#row={", '#row={"0":"9"}', '#row={"99":1}',
             '#row={"0":1e999}', '#row={"-1":1}', "#row=null"],
)  # fmt: skip
def test_what_cannot_be_is_left_out_and_said(browser, page, link):
    browser.open(page)
    own = browser.run(SHOWN), browser.run(NOW)
    shown, now, said = at(browser, page, link)
    assert (shown, now) == own
    assert "it is left out" in said
    assert browser.errors() == []


def test_a_missing_cell_and_keys_of_others_are_kept(browser, page):
    _, _, said = at(browser, page, '#row={"5":null}&mine=7')
    assert said == ""
    assert browser.run("document.getElementById('what-if-5-empty').checked")
    browser.run("document.getElementById('threshold-own').click()")
    assert browser.run("location.hash").endswith("&mine=7")


def test_link_command_and_python_are_copied(browser, page):
    browser.open(page)
    browser.run(
        "window.got = []; Object.defineProperty(navigator, 'clipboard',"
        "{ value: { writeText: async (text) => { window.got.push(text); } } })"
    )
    words = browser.run(
        "[...document.querySelectorAll('#copies button')].map((b) => { b.click();"
        "return b.textContent; })"
    )
    assert words == ["Copy link", "Copy as command", "Copy as Python"]
    link, command, python = browser.run("window.got")
    assert link == page.absolute().as_uri()
    assert {"command": command, "python": python} == RECIPES
    browser.look(684, media="print")
    assert browser.run("getComputedStyle(document.getElementById('copies')).display") == "none"
    browser.look(1280)


def test_a_page_without_recipes_and_slider_copies_its_link(browser, tmp_path):
    browser.open(written(tmp_path, wisconsin().report))
    assert browser.run("document.querySelectorAll('#copies button').length") == 1
    assert browser.errors() == []


def test_categories_truths_and_dates_come_back(browser, tmp_path):
    frame = mixed_table(200, seed=0, n_levels=4)
    y = np.where(np.nan_to_num(frame["age"].to_numpy()) > 40, "yes", "no")
    model = classifier(hidden_layer_sizes=(4,), max_iter=2).fit(frame, y)
    report = {**wisconsin().report, "what_if": what_if_data(model)}
    page = written(tmp_path, report)
    controls = what_if_data(model)["panel"]["controls"]
    for place, control in enumerate(controls):
        if control["as"] in ("list", "truth", "date", "moment", "time"):
            cell = {
                "list": "\u0000", "truth": not control["typical"],
            }.get(control["as"], control.get("low"))  # fmt: skip
            link = "#row=" + quote(json.dumps({place: cell}))
            assert at(browser, page, link)[2] == "", control
            assert browser.errors() == []


def test_the_address_changes_no_more_often_than_browsers_allow(browser, tmp_path):
    """Safari raises an error at 100 changes in 30 s, and Chrome ignores more than 200 in 10 s."""
    used = 'import { keepLink } from "./learn/link_state.js";\nwindow.keepLink = keepLink;\n'
    script = joined(DRAW, "used.js", {"used.js": used})
    path = tmp_path / "page.html"
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><body><script type="module">{script}\n'
        "document.documentElement.dataset.drawn = 'yes';</script>"
    )
    browser.open(path)
    browser.run(
        "const write = history.replaceState.bind(history); window.changes = 0;"
        "history.replaceState = (...given) => { window.changes += 1; write(...given); };"
        "window.late = [];"
        "window.setTimeout = (call, wait, ...given) => late.push([call, wait, given]);"
        "for (let n = 0; n < 500; n += 1) keepLink(`#thr=${n}`);"
    )
    assert browser.run("[changes, location.hash]") == [90, "#thr=89"]
    # The last one comes when the browser allows it again.
    assert 0 < browser.run("late.at(-1)[1]") <= 30_000
    browser.run(
        "const [call, wait, given] = late.at(-1); const now = Date.now();"
        "Date.now = () => now + wait + 1; call(...given);"
    )
    assert browser.run("[changes, location.hash]") == [91, "#thr=499"]
    assert browser.errors() == []
