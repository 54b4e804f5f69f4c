"""The lessons on features and on the article in a browser: they fit, are silent, and answer."""

import json

import pytest

from browser import Browser
from lesson_in_browser import at, require_steps_fit, text
from lesson_subjects import prepared_for_tests
from thalweg.reporting.lessons.lesson_page import lesson_html

pytestmark = pytest.mark.browser

NAMES = ("features", "article")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in NAMES:
        (folder / f"{name}.html").write_text(lesson_html(prepared_for_tests(name)), "utf-8")
    (folder / "empty.html").write_text("<!doctype html>", "utf-8")
    return folder


def answer(browser, *words):
    for place, each in enumerate(words):
        field = "answer" if len(words) == 1 else f"factor-{place}"
        browser.run(f"document.getElementById('{field}').value = {json.dumps(each)}")
    browser.run("document.querySelector('#question form').requestSubmit()")
    browser.settle()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", NAMES)
def test_each_step_fits_is_silent_and_can_be_read(browser, pages, name, width, dark):
    require_steps_fit(browser, pages, name, 7, width, dark)


def test_the_rate_breaks_the_raw_line_and_the_guess_shows_the_scaled_one(browser, pages):
    lesson = prepared_for_tests("features")
    at(browser, pages, "features", "#step=2")
    stable = lesson.facts["lines"]["raw"]["stable"]
    for rate in (stable, stable + 1):
        assert text(browser, "#feedback") == ""
        browser.run(
            f"(() => {{ const e = document.getElementById('rate'); e.value = {rate};"
            " e.dispatchEvent(new Event('input', { bubbles: true })); })()"
        )
        browser.settle()
    assert "The largest stable rate here is" in text(browser, "#feedback")
    assert "not stable" in text(browser, ".say")
    assert f"rate={stable + 1}" in browser.run("location.hash")
    browser.run("document.getElementById('next').click()")
    browser.settle()
    assert browser.run("document.querySelectorAll('.loss-name').length") == 1
    answer(browser, "7")
    assert browser.run("document.querySelectorAll('.loss-name').length") == 2
    assert "times" in text(browser, ".plot.gap")


def test_the_article_s_rows_and_losses_are_shown_after_the_guess(browser, pages):
    lesson = prepared_for_tests("article")
    at(browser, pages, "article", "#step=2")
    assert browser.run("document.querySelectorAll('.row-square').length") == 182
    assert browser.run("document.querySelectorAll('.row-square.empty').length") == 0
    answer(browser, "20")
    assert browser.run("document.querySelectorAll('.row-square.empty').length") == 90
    assert browser.run("document.querySelectorAll('.row-square.up').length") == 41
    browser.run("document.getElementById('next').click()")
    browser.settle()
    answer(browser, *(f"{each:.4g}" for each in lesson.variants["others"][0].answer))
    assert text(browser, "#feedback").startswith("Right.")
    at(browser, pages, "article", "#step=6")
    assert text(browser, ".calls tbody tr:last-child td") == "?"
    answer(browser, "20")
    missed = lesson.variants["threshold"][0].answer
    assert text(browser, ".calls tbody tr:last-child td") == str(missed)


def test_a_step_that_shows_a_result_waits(browser, pages):
    for name, step, before, done in (
        ("article", 3, 2, ""), ("article", 7, 6, ""), ("features", 3, 2, ""),
        ("features", 4, 3, "01"), ("features", 5, 3, "01"), ("features", 6, 5, "011"),
        ("features", 7, 6, "01101"),
        ("features", 7, 2, ""),
    ):  # fmt: skip
        at(browser, pages, name, f"#step={step}&done={done:0<7}")
        assert f"This step shows the result of step {before} (" in text(browser, "#words")
        assert "). Do that first." in text(browser, "#words")
        assert browser.run("getComputedStyle(document.getElementById('stage')).display") == "none"


def test_the_picture_of_features_names_its_loss_and_its_rate(browser, pages):
    at(browser, pages, "features", "#step=4&done=0110000")
    assert "↑ training loss, log scale" in text(browser, ".plot")
    assert "On raw columns at the learning rate " in text(browser, ".say")
    lesson = prepared_for_tests("features")
    answer(browser, *(f"{each:.4g}" for each in lesson.variants["why"][0].answer))
    times = lesson.variants["why"][0].values["times"]
    assert f"The stable rates were {times} times apart" in text(browser, "#feedback")
