"""Without a table four runs play, until nobody sees them, a reader stops them, or a table opens."""

import pytest

from axe import violations
from studio.pages import canned
from studio.pages.test_studio_page_in_browser import SMALL
from studio_browser import complaints, open_studio, wait

pytestmark = pytest.mark.browser

CANVAS = "document.querySelector('.playing-hills canvas')"
HIDDEN = """
Object.defineProperty(document, 'hidden', { configurable: true, value: %s });
document.dispatchEvent(new Event('visibilitychange'))
"""


def opened(browser, studio, **look):
    open_studio(browser, studio.server.link, **look)
    wait(browser, f"{CANVAS}?.state.sheet")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_empty_state_plays_is_silent_and_breaks_no_rule(browser, studio, width, dark):
    opened(browser, studio, width=width, dark=dark)
    browser.run(f"{CANVAS}.scrollIntoView()")
    wait(browser, f"{CANVAS}.state.playing && {CANVAS}.state.step > 1")
    assert violations(browser) == []
    assert browser.run(SMALL) == []
    assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0
    assert complaints(browser) == []


def test_nothing_is_computed_while_the_page_is_hidden(browser, studio):
    opened(browser, studio)
    wait(browser, f"{CANVAS}.state.playing && {CANVAS}.state.step > 1")
    browser.run(HIDDEN % "true")
    at = browser.run(f"{CANVAS}.state.step")
    browser.run("new Promise((done) => setTimeout(done, 300))")
    assert browser.run(f"{CANVAS}.state.step") == at
    assert not browser.run(f"{CANVAS}.state.playing")
    browser.run(HIDDEN % "false")
    wait(browser, f"{CANVAS}.state.playing && {CANVAS}.state.step > {at}")
    # A reader who has paused is not played to when the page is seen again.
    browser.run("document.querySelector('.playing-hills .player button').click()")
    browser.run(HIDDEN % "true")
    browser.run(HIDDEN % "false")
    assert not browser.run(f"{CANVAS}.state.playing")
    assert complaints(browser) == []


def test_it_ends_when_a_table_opens(browser, studio):
    opened(browser, studio)
    browser.run(f"window.relief = {CANVAS}")
    wait(browser, "relief.state.playing")
    browser.run("document.querySelector('.samples button').click()")
    wait(browser, "document.querySelector('.card')")
    assert not browser.run("relief.isConnected || relief.state.playing")
    assert complaints(browser) == []


def test_who_wants_little_motion_sees_a_still_picture(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#d={canned.ID}")
    still = {"name": "prefers-reduced-motion", "value": "reduce"}
    browser.send("Emulation.setEmulatedMedia", features=[still])
    browser.run("location.hash = '#v=1'")
    wait(browser, f"{CANVAS}?.state.sheet")
    assert not browser.run(f"{CANVAS}.state.playing")
    assert browser.run(f"{CANVAS}.state.step") == 120
    assert complaints(browser) == []


def test_the_three_buttons(browser, studio):
    opened(browser, studio)
    browser.run("[...document.querySelectorAll('.samples button')].at(-1).click()")
    wait(browser, "document.querySelector('.lesson-frame')")
    assert "les=descent" in browser.run("location.hash")
    browser.run("document.querySelector('.close-lesson').click()")
    wait(browser, CANVAS)
    assert browser.run("document.querySelector('.zone button').textContent") == "My table"
    assert complaints(browser) == []
