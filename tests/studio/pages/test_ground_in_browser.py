"""The place Ground in a browser: both pictures, both modes, three widths, keys, a point, a run."""

import time
from itertools import pairwise

import pytest

from axe import violations
from studio.pages import canned
from studio.pages.fake_runs import run_id
from studio.pages.test_studio_page_in_browser import SMALL, UNFOLD
from studio_browser import complaints, open_studio, press, text, wait
from thalweg.errors import SettingsError

pytestmark = pytest.mark.browser

GROUND = f"#p=ground&d={canned.ID}&t=40"
PAINTED = "document.querySelector('#ground-view').dataset.painted"
# How many different colours there are on a line through the middle: a picture has many.
COLOURS = """
(() => { const c = document.querySelector('#ground-view');
const copy = Object.assign(document.createElement('canvas'), { width: c.width, height: c.height });
const pen = copy.getContext('2d', { willReadFrequently: true });
pen.drawImage(c, 0, 0);
const { data } = pen.getImageData(0, c.height >> 1, c.width, 1);
return new Set(new Uint32Array(data.buffer)).size; })()
"""


def opened(browser, studio, hash_=GROUND, n=3, **more):
    studio.runs.open(n, 40)
    open_studio(browser, studio.server.link, hash_=hash_, **more)
    wait(browser, "document.querySelector('#ground-view')")
    wait(browser, f"({PAINTED} ?? '').startsWith('41 ')")
    browser.settle()


def asked(studio, name):
    return [args for each, args in studio.ground.asked if each == name]


@pytest.mark.parametrize("kind", ["two", "three", "number"])
def test_the_ground_is_silent_fits_and_breaks_no_rule(browser, studio, kind):
    studio.ground.kind = kind
    opened(browser, studio)
    browser.run("document.querySelector('#look-here').click()")
    wait(browser, "document.querySelector('#here-losses')")
    for width, dark, look in (
        (1280, False, "block"), (1280, True, "map"), (390, False, "block"), (360, True, "map"),
    ):  # fmt: skip
        browser.look(width, dark=dark)
        browser.run(f"document.querySelector('#look-{look}').click()")
        wait(browser, f"{PAINTED} === '41 {look}'")
        browser.run(UNFOLD)
        browser.settle()
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(browser) == [], (width, dark)
        assert browser.run(SMALL) == [], width
        assert browser.run(COLOURS) > 30
    calls = browser.run("document.querySelectorAll('.calls').length")
    assert calls == (0 if kind == "number" else 2)
    assert browser.run("document.querySelectorAll('#ground-numbers tbody tr').length") > 20
    assert complaints(browser) == []
    own = f"http://127.0.0.1:{studio.port}/"
    sent = [each for each in browser.requests() if not each.startswith(("data:", "about:"))]
    assert all(each.startswith(own) for each in sent if not each.startswith("ws:")), sent


def test_the_scripts_of_the_ground_come_when_it_is_opened(browser, studio):
    studio.runs.open(2, 40)
    open_studio(browser, studio.server.link, hash_=f"#p=train&d={canned.ID}")
    assert not any("/draw/ground/" in each for each in browser.requests())
    browser.run("document.activeElement.blur()")
    press(browser, "4")
    wait(browser, f"({PAINTED} ?? '').startsWith('41 ')")
    assert any("/draw/ground/grid.js" in each for each in browser.requests())
    assert complaints(browser) == []


def test_the_ground_gets_finer_while_it_is_seen(browser, studio):
    studio.ground.seconds = 1.5
    studio.runs.open(3, 40)
    open_studio(browser, studio.server.link, hash_=GROUND, settled=False)
    coarse = "document.querySelector('.subtitle')?.textContent.includes(' points; finer ones come')"
    busy = "document.querySelector('.pictures').getAttribute('aria-busy') === 'true'"
    wait(browser, f"{coarse} && {busy}")
    wait(browser, f"['11 block', '21 block'].includes({PAINTED})")
    wait(browser, f"{PAINTED} === '41 block'")
    wait(browser, "document.querySelector('.pictures').getAttribute('aria-busy') === 'false'")
    assert asked(studio, "ground") == [{"runs": [run_id(i) for i in range(3)], "plane": "auto"}]


def test_the_view_is_turned_by_keys_and_is_in_the_link(browser, studio):
    opened(browser, studio)
    browser.run("document.querySelector('#ground-view').focus()")
    for key in ("ArrowLeft", "ArrowLeft", "+"):
        press(browser, key)
    wait(browser, "location.hash.includes('cam=20,40,1.15')")
    press(browser, "0")
    wait(browser, "!location.hash.includes('cam=')")
    press(browser, "l")
    wait(browser, "location.hash.includes('h=log')")
    assert browser.run("document.querySelector('#ground-log').checked")
    press(browser, "v")
    wait(browser, "location.hash.includes('look=map')")
    wait(browser, f"{PAINTED} === '41 map'")
    browser.run("history.back()")
    wait(browser, f"{PAINTED} === '41 block'")
    opened(browser, studio, f"{GROUND}&cam=-40,25,2&look=map")
    assert browser.run("document.querySelector('#look-map').checked")
    assert "cam=-40,25,2" in browser.run("location.hash")
    press(browser, "g")
    assert browser.run("document.querySelector('#ground-numbers').open")
    assert complaints(browser) == []


def test_the_step_of_the_picture_stands_beside_that_of_the_runs_and_does_not_flicker(
    browser, studio
):
    opened(browser, studio)
    reach = "document.querySelector('.reach').textContent"
    assert browser.run(reach) == "The picture has the steps up to 40."
    browser.run(
        f"window.said = [{reach}]; new MutationObserver(() => window.said.push({reach}))"
        ".observe(document.querySelector('.reach'), { childList: true, characterData: true,"
        " subtree: true })"
    )

    async def tell(step):
        for number in range(3):
            studio.runs.tell(run_id(number), "paused", step)

    studio.ground.steps = 41
    studio.call(tell(41))
    wait(browser, f"{reach} === 'The picture has the steps up to 41.'")
    studio.ground.steps, studio.ground.seconds_to_grow = 60, 5.0
    studio.call(tell(60))
    wait(browser, f"{reach} === 'The picture has the steps up to 41; the runs are at step 60.'")
    wait(browser, f"{reach} === 'The picture has the steps up to 60.'")
    for width, dark in ((390, False), (1280, True)):
        browser.look(width, dark=dark)
        browser.settle()
        assert violations(browser) == [], (width, dark)
    told = browser.run("window.said")
    studio.call(tell(60))
    browser.settle()
    assert browser.run("window.said") == told  # it is up to date, and is not written again
    assert all(each != after for each, after in pairwise(told))
    assert complaints(browser) == []


def test_the_picture_the_profile_and_the_program_are_taken_along(browser, studio, tmp_path):
    browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    opened(browser, studio)
    browser.run("document.querySelector('#ground-picture-svg').click()")
    wait(browser, "!document.querySelector('#ground-picture-svg').disabled")
    for _ in range(200):
        if (tmp_path / "landscape.svg").exists():
            break
        time.sleep(0.05)
    assert (tmp_path / "landscape.svg").read_bytes().startswith(b"<svg")
    [own] = asked(studio, "ground-picture")
    assert {key: own[key] for key in ("form", "look", "dark")} == {
        "form": "svg", "look": "block", "dark": False
    }  # fmt: skip
    assert "run" not in own
    browser.run("document.querySelector('#ground-profile-png').click()")
    wait(browser, "!document.querySelector('#ground-profile-png').disabled")
    assert asked(studio, "ground-picture")[-1]["run"] == run_id(0)
    browser.run("document.querySelector('#ground-recipe').open = true")
    wait(
        browser,
        "document.querySelector('#ground-recipe pre').textContent.includes('ground_of_runs(')",
    )
    assert browser.run("document.querySelector('#copy-ground').checkVisibility()")
    for width, dark in ((1280, True), (390, False)):
        browser.look(width, dark=dark)
        browser.settle()
        assert violations(browser) == [], (width, dark)
        assert browser.run(SMALL) == [], width
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
    studio.ground.refuse = SettingsError("The profile takes too long", fix="take fewer units")
    browser.run("document.querySelector('#ground-profile-png').click()")
    wait(browser, "document.querySelector('.take [role=status]').textContent.includes('too long')")
    assert complaints(browser) == []


@pytest.mark.parametrize("look", ["map", "block"])
def test_a_point_is_moved_and_looked_at_by_keys_and_a_run_starts_there(browser, studio, look):
    opened(browser, studio, f"{GROUND}&look={look}")
    browser.run("document.querySelector('#ground-view').focus()")
    press(browser, "Enter")
    wait(browser, "document.querySelector('#here-losses')")
    first = asked(studio, "here")[-1]
    if look == "block":
        press(browser, "p")  # from now on the arrow keys move the point here, too
    for _ in range(3):
        press(browser, "ArrowRight")
    wait(browser, "document.querySelector('.here-box').parentElement.ariaBusy === 'false'")
    last = asked(studio, "here")[-1]
    assert last["a"] > first["a"]
    assert last["b"] == first["b"]
    wait(browser, "document.querySelector('.said').textContent.includes('training rows: loss')")
    assert "held-out rows: loss" in text(browser, ".said")
    browser.run("document.querySelector('#start-from-point').click()")
    wait(browser, "document.querySelector('#start-from-point')")
    time.sleep(0.5)
    [begun] = asked(studio, "begin-here")
    assert begun == {**last, "run": run_id(0), "rule": "sgd:lr=0.5"}
    wait(browser, "document.querySelectorAll('.chip').length === 4")
    press(browser, "Escape")
    wait(browser, "!document.querySelector('#here-losses')")
    assert complaints(browser) == []


def test_a_click_looks_at_what_is_below_it_and_a_drag_turns(browser, studio):
    opened(browser, studio)
    canvas = "document.querySelector('#ground-view')"
    held = studio.ground._held.surface
    a, b = float(held.a[20]), float(held.b[16])
    browser.run(f"{canvas}.scrollIntoView({{ block: 'start' }})")
    browser.settle()
    box = browser.run(f"(({{x, y}}) => [x, y])({canvas}.getBoundingClientRect())")
    x, y = (p + q for p, q in zip(box, browser.run(f"{canvas}.pixelOf([{a}, {b}])"), strict=True))

    def mouse(kind, x, y):
        browser.send(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1
        )

    mouse("mousePressed", x, y)
    mouse("mouseReleased", x, y)
    wait(browser, "document.querySelector('#here-losses')")
    found = asked(studio, "here")[-1]
    side = held.a[-1] - held.a[0]
    assert abs(found["a"] - a) < 0.02 * side
    assert abs(found["b"] - b) < 0.02 * side
    mouse("mousePressed", x, y)
    mouse("mouseMoved", x + 60, y)
    mouse("mouseReleased", x + 60, y)
    wait(browser, "location.hash.includes('cam=')")
    assert len(asked(studio, "here")) == 1


def test_runs_grow_on_their_ground_and_a_new_plane_is_a_button(browser, studio):
    opened(browser, studio)
    studio.ground.steps = 60
    studio.ground.more = {"left": "momentum has left this ground."}
    for each in studio.runs.listed:
        each["step"] = 60

    async def draw():
        studio.runs.draw(40, 60)

    studio.call(draw())
    wait(browser, "!document.querySelector('#plane-now').parentElement.hidden")
    assert asked(studio, "ground-runs")
    assert len(asked(studio, "ground")) == 1
    assert "momentum has left this ground." in text(browser, ".ground .note")
    wait(browser, "document.querySelector('.reach').textContent.includes('up to 60')")
    studio.ground.more = {}
    browser.run("document.querySelector('#plane-now').click()")
    wait(browser, "document.querySelector('#plane-now').parentElement.hidden")
    assert len(asked(studio, "ground")) == 2
    browser.run(
        "(e => { e.value = 'centred'; e.dispatchEvent(new Event('change')); })"
        "(document.querySelector('#ground-plane'))"
    )
    wait(browser, "location.hash.includes('pl=centred')")
    wait(browser, f"{PAINTED} === '41 block'")
    time.sleep(0.2)
    assert asked(studio, "ground")[-1]["plane"] == "centred"
    # A run that is switched off is no longer in the figures.
    browser.run("document.querySelectorAll('.chip .on-off')[2].click()")
    deadline = time.monotonic() + 10
    while len(asked(studio, "ground-runs")[-1]["runs"]) != 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert asked(studio, "ground-runs")[-1]["runs"] == [run_id(0), run_id(1)]
    assert complaints(browser) == []


def test_what_is_refused_is_said_with_a_way_out(browser, studio):
    words = "The ground has 21 × 21 points: a loss takes 10 ms, so 81 × 81 would take about 66 s."
    studio.ground.more = {"refused": {"words": words, "can": True}}
    opened(browser, studio)
    assert words in text(browser, ".pictures")
    studio.ground.more = {}
    browser.run("document.querySelector('#finer').click()")
    wait(
        browser,
        f"!document.querySelector('.pictures').textContent.includes({words[:30]!r})"
        " || document.querySelector('#finer').parentElement.hidden",
    )
    assert asked(studio, "ground")[-1]["finer"] is True
    studio.ground.refuse = SettingsError("This network has too many weights", fix="take fewer")
    browser.run("document.querySelector('#new-plane').click()")
    wait(browser, "document.querySelector('.error')")
    assert "too many weights" in text(browser, ".error")
    asked_before = len(studio.ground.asked)
    time.sleep(0.5)
    assert len(studio.ground.asked) == asked_before  # it is not asked again and again


def test_runs_at_their_start_have_no_ground_yet(browser, studio):
    studio.runs.open(2, 0)
    open_studio(browser, studio.server.link, hash_=f"#p=ground&d={canned.ID}")
    wait(browser, "document.querySelector('#ground-play')?.checkVisibility()")
    assert text(browser, "h1") == "Ground: the runs have not begun"
    assert not studio.ground.asked
    assert violations(browser) == []
    browser.run("document.querySelector('#ground-play').click()")
    wait(browser, "document.querySelector('#runs-play').ariaLabel === 'Pause'")
    assert complaints(browser) == []


def test_without_a_run_it_says_where_one_is_started(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#p=ground&d={canned.ID}")
    wait(browser, "document.querySelector('h1').textContent === 'Ground needs a run'")
    assert complaints(browser) == []


def test_scripts_that_cannot_be_loaded_are_an_error_and_not_a_storm(browser, studio):
    # A test before may have left them in the memory of the browser.
    browser.send("Network.setBlockedURLs", urls=["*/ground_acts.js*"])
    studio.runs.open(2, 40)
    open_studio(browser, studio.server.link, hash_=f"#p=train&d={canned.ID}")
    studio.stop()
    wait(browser, "document.querySelector('.gone')")
    browser.run("document.querySelectorAll('#rail a')[3].click()")
    wait(browser, "document.querySelector('.error')")
    assert "could not be loaded" in text(browser, ".error")
    time.sleep(1)
    asked = [each for each in browser.requests() if "ground_acts" in each]
    assert len(asked) <= 2
    browser.send("Network.setBlockedURLs", urls=[])
    studio.start()
    browser.run("[...document.querySelectorAll('.gone button')][0].click()")
    wait(browser, "!document.querySelector('.gone')")
    assert complaints(browser, network=True) == []
