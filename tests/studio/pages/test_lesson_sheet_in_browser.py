"""Lessons in the studio: all of them open and fit; answers, links, keys, closing, themes."""

import pytest

from axe import violations
from studio.pages import canned
from studio.pages.test_studio_page_in_browser import SMALL
from studio_browser import complaints, open_studio, press, text, wait
from thalweg.errors import SettingsError
from thalweg.studio.wire.lesson_requests import LESSON_NAMES

pytestmark = pytest.mark.browser

TWICE = """
[...document.querySelectorAll('[id]')].map(({ id }) => id)
  .filter((each, i, all) => all.indexOf(each) !== i)
"""
THEME = """
[...document.querySelectorAll('#line button')]
  .find((each) => /^(Dark|Light)$/.test(each.textContent)).click()
"""
# The corner of a relief has the colour of the page.
CORNER = """
(() => { const copy = Object.assign(document.createElement('canvas'), { width: 9, height: 9 });
const pen = copy.getContext('2d', { willReadFrequently: true });
pen.drawImage(document.querySelector('.relief'), 0, 0);
return Math.max(...pen.getImageData(3, 3, 1, 1).data.slice(0, 3)); })()
""".strip()
HERE = "document.querySelector('.where')?.textContent"


def opened(browser, studio, name, more="", **look):
    open_studio(browser, studio.server.link, hash_=f"#les={name}{more}", **look)
    wait(browser, "document.querySelector('.lesson-frame #aim')?.textContent")
    browser.settle()


def answered(browser, value):
    browser.run(f"document.querySelector('.sheet input').value = {value!r}")
    browser.run("document.querySelector('.sheet form').requestSubmit()")


@pytest.mark.parametrize("name", LESSON_NAMES)
def test_each_lesson_is_silent_fits_and_breaks_no_rule(browser, studio, name):
    for width, dark in ((1280, False), (390, True)):
        opened(browser, studio, name, width=width, dark=dark)
        assert text(browser, ".where").startswith("Step 1 of ")
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(browser) == [], (width, dark)
        assert browser.run(TWICE) == []
        assert browser.run(SMALL) == []
        assert browser.run("document.querySelector('.picture-of-lesson').childElementCount") > 0
        sheet, picture = (
            browser.run(f"(({{x, y}}) => [x, y])(document.querySelector('{each}')"
                        ".getBoundingClientRect())")
            for each in (".lesson .sheet", ".picture-of-lesson")
        )  # fmt: skip
        assert sheet[0] > picture[0] + 300 if width > 700 else sheet[1] > picture[1]
        assert complaints(browser) == []
    own = f"http://127.0.0.1:{studio.port}/"
    sent = [each for each in browser.requests() if not each.startswith(("data:", "about:", "ws:"))]
    assert all(each.startswith(own) for each in sent), sent


def test_the_scripts_of_lessons_come_when_one_is_opened_and_the_way_there_is_by_keys(
    browser, studio
):
    open_studio(browser, studio.server.link, hash_=f"#d={canned.ID}&p=table")
    wait(browser, "document.querySelector('.card')")
    assert not any("/draw/learn/step.js" in each for each in browser.requests())
    browser.run("[...document.querySelectorAll('#line button')][0].focus()")
    press(browser, "Enter")
    wait(browser, "document.querySelectorAll('.lessons button').length === 9")
    assert violations(browser) == []
    assert browser.run("document.activeElement.tagName") in ("H1", "BUTTON")
    browser.run("document.querySelector('.lessons button').focus()")
    press(browser, "Enter")
    wait(browser, "document.querySelector('.lesson-frame')")
    assert any("/draw/learn/derivative_lesson.js" in each for each in browser.requests())
    assert "les=derivative" in browser.run("location.hash")
    assert studio.lessons.asked == ["derivative"]
    assert browser.run("document.querySelector('#strip').hidden")
    # Closing restores the place, and its link.
    browser.run("document.querySelector('.close-lesson').focus()")
    press(browser, "Enter")
    wait(browser, "document.querySelector('.card')")
    assert browser.run("location.hash") == f"#d={canned.ID}"
    assert not browser.run("document.querySelector('#strip').hidden")
    browser.run("history.back()")
    wait(browser, "document.querySelector('.lesson-frame')")
    browser.run("document.activeElement.blur()")
    press(browser, "2")  # a place leaves the lesson
    wait(browser, "!document.querySelector('.lesson-frame') && location.hash.includes('p=train')")
    assert "les=" not in browser.run("location.hash")
    assert complaints(browser) == []


def test_an_answer_is_checked_and_what_is_done_is_in_the_link(browser, studio):
    opened(browser, studio, "derivative", "&s=2")
    assert text(browser, ".where").startswith("Step 2 of 7")
    answered(browser, "-3.999")
    wait(browser, "location.hash.includes('done')")
    assert "s=2" in browser.run("location.hash")
    browser.run("document.querySelector('#next').click()")
    wait(browser, "location.hash.includes('s=3')")
    link = browser.run("location.hash")
    browser.run("window.isBefore = true; location.reload()")
    wait(browser, f"!window.isBefore && {HERE}?.startsWith('Step 3')")
    assert browser.run("location.hash") == link
    assert "done" in browser.run("document.querySelectorAll('.steps button')[1].ariaLabel")
    assert complaints(browser) == []


def test_what_an_answer_and_the_picture_say_stays(browser, studio):
    opened(browser, studio, "derivative", "&s=2")
    browser.run("window.field = document.querySelector('.sheet input')")
    answered(browser, "-3.99")
    wait(browser, "location.hash.includes('done')")
    browser.settle()
    assert browser.run("field.isConnected && field.value") == "-3.99"
    assert text(browser, ".feedback").startswith("The two points give")
    # A change of the picture, which the link has too, leaves a half-written answer as it is.
    opened(browser, studio, "derivative", "&s=7")
    browser.run(
        "field = document.querySelector('.sheet input'); field.value = '10'; const e ="
        "document.querySelector('#step-h'); e.value = -2; e.dispatchEvent(new Event('input'))"
    )
    wait(browser, "location.hash.includes('h%3D')")
    browser.settle()
    assert browser.run("field.isConnected && field.value") == "10"
    assert complaints(browser) == []


def test_the_numbers_of_a_lesson_follow_its_slider_into_the_link_and_back(browser, studio):
    opened(browser, studio, "features", "&lk=rate%3D5")
    assert browser.run("document.querySelector('#rate').value") == "5"
    browser.run(
        "(e => { e.value = 7; e.dispatchEvent(new Event('input')); })"
        "(document.querySelector('#rate'))"
    )
    wait(browser, "decodeURIComponent(location.hash).includes('rate=7')")
    browser.run("location.hash = '#les=features&lk=rate%3D2'")
    wait(browser, "document.querySelector('#rate').value === '2'")
    # The studio's own h and thr are not those of a lesson.
    opened(browser, studio, "threshold", "&h=log&thr=0.2&lk=thr%3D0.3")
    assert text(browser, ".slider-of-h output") == "0.3"
    assert "thr=0.2" in browser.run("location.hash")
    assert complaints(browser) == []


def test_a_teachers_link_hides_parts_and_says_which_there_are_not(browser, studio):
    opened(browser, studio, "derivative", "&s=2&hide=hints,copy,functions&lk=seed%3D42")
    for part in ("hints", "copy", "functions"):
        assert browser.run(f"document.querySelector('.lesson-frame [data-part={part}]').hidden"), (
            part
        )
    assert browser.run("document.querySelector('.notice').hidden")
    opened(browser, studio, "derivative", "&hide=clock")
    assert "clock" in text(browser, ".lesson-frame .notice")
    assert complaints(browser) == []


def test_a_lesson_that_is_refused_and_one_that_is_not_there(browser, studio):
    studio.lessons.refuse = SettingsError("This lesson cannot be prepared", fix="try another one")
    open_studio(browser, studio.server.link, hash_="#les=plane", settled=False)
    wait(browser, "document.querySelector('.error')")
    assert "cannot be prepared" in text(browser, ".error")
    assert len(studio.lessons.asked) == 1
    studio.lessons.refuse = None
    browser.run("location.hash = '#les=nothing'")
    wait(browser, "document.querySelectorAll('.lessons button').length === 9")
    assert "no lesson of this name" in text(browser, ".error")
    assert complaints(browser) == []


def test_a_player_ends_when_its_lesson_is_closed(browser, studio):
    opened(browser, studio, "descent", "&s=4&lk=done%3D1110000")
    browser.run("window.relief = document.querySelector('canvas.relief')")
    browser.run("document.querySelector('.player button').click()")
    wait(browser, "relief.state.playing && relief.state.step > 0")
    browser.run("document.querySelector('.close-lesson').click()")
    wait(browser, "!relief.isConnected && !relief.state.playing")
    assert complaints(browser) == []


def test_the_picture_has_the_theme_of_the_studio(browser, studio):
    opened(browser, studio, "descent")
    assert browser.run(CORNER) > 200
    browser.run(THEME)
    wait(browser, f"{CORNER} < 60")
    browser.run(THEME)
    wait(browser, f"{CORNER} > 200")
    assert complaints(browser) == []
