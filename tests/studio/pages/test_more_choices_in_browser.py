"""Choices of a table that are said seldom: dates, missing values, kept columns, rates, rows."""

import json

import pytest

from axe import violations
from studio.pages import canned
from studio.pages.test_studio_page_in_browser import SMALL, UNFOLD
from studio_browser import complaints, open_studio, text, wait
from thalweg.persistence.plain_data_checks import require
from thalweg.studio.wire.table_choices import CHOICES

pytestmark = pytest.mark.browser


def last_choices(studio):
    return studio.asked[-1]["choices"]


def say(browser, script):
    browser.run(f"(() => {{ const by = (id) => document.getElementById(id); {script} }})()")


def add_word(browser, id_, column, word):
    say(
        browser,
        f"by('{id_}-column').value = {json.dumps(column)}; by('{id_}').value = {json.dumps(word)};"
        f" by('{id_}').parentNode.querySelector('button').click();",
    )


def pick(browser, id_, value):
    say(browser, f"by('{id_}').value = {json.dumps(value)};"
        f" by('{id_}').dispatchEvent(new Event('change', {{ bubbles: true }}));")  # fmt: skip


def test_each_choice_is_asked_as_the_command_line_has_it_and_taken_back(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#d={canned.ID}")
    wait(browser, "document.getElementById('drop_row')")
    first, second = [
        each["name"] for each in canned.table({"table": "", "choices": {}})["columns"]
    ][:2]
    said = {
        "date": {first: "%d.%m.%Y"}, "number": {second: "1.234,56"},
        "missing": {"*": ["k.A."], first: ["-999"]}, "ids": [first], "drop_missing": [second],
        "drop_row": ["3,17-19"], "exposure": first, "offset": second,
    }  # fmt: skip
    for id_, column, word in (
        ("date", first, "%d.%m.%Y"), ("number", second, "1.234,56"), ("missing", "*", "k.A."),
        ("missing", first, "-999"),
    ):  # fmt: skip
        add_word(browser, id_, column, word)
        wait(browser, f"document.querySelector('.chosen').textContent.includes({json.dumps(word)})")
        wait(browser, "document.getElementById('drop_row')")
    for id_, value in (
        ("ids", first), ("drop_missing", second), ("drop_row", "3,17-19"), ("exposure", first),
        ("offset", second),
    ):  # fmt: skip
        before = browser.run("document.querySelectorAll('.chosen li').length")
        pick(browser, id_, value)
        wait(browser, f"document.querySelectorAll('.chosen li').length === {before + 1}")
    wait(browser, "location.hash.includes('offset')")
    for _ in range(100):
        if last_choices(studio).get("offset"):
            break
        browser.settle()
    told = {key: each for key, each in last_choices(studio).items() if key in said}
    assert told == said
    require(last_choices(studio), CHOICES, "choices")
    chosen = text(browser, ".chosen")
    assert "missing in all columns: k.A." in chosen
    for width, dark in ((1280, False), (390, True)):
        browser.look(width, dark=dark)
        browser.run(UNFOLD)
        browser.settle()
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(browser) == [], (width, dark)
        assert browser.run(SMALL) == [], width
    n_chosen = browser.run("document.querySelectorAll('.chosen li').length")
    for left in range(n_chosen - 1, -1, -1):
        browser.run("document.querySelector('.chosen li button').click()")
        wait(browser, f"document.querySelectorAll('.chosen li').length === {left}")
    assert complaints(browser) == []
