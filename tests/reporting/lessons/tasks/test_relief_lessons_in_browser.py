"""The lessons on a relief in a browser: each step, taps and keys, own runs, and the map."""

import json

import numpy as np
import pytest

from browser import Browser
from lesson_in_browser import at, require_steps_fit, text
from lesson_subjects import prepared_for_tests
from pace import QUIET_IN_PAGE, WORK_IN_PAGE
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.tasks.descent_runs import (
    LOWEST,
    MOMENTA,
    RATES,
    STARTS,
    STEPS,
    minima,
    outcomes,
    rule_of,
    way_of,
)
from thalweg.training.descent.training_settings import parse_optimizer

pytestmark = pytest.mark.browser

STEPS_OF = {"descent": 7, "plane": 6}
FRAME = 33.0  # milliseconds
ENTRY = """\
import { distanceOfHills, endsOfAll, hillsOf, rollOn, runOf, settledFrom } from "./learn/hills.js";
window.learn = { distanceOfHills, endsOfAll, hillsOf, rollOn, runOf, settledFrom };
document.documentElement.dataset.drawn = "yes";
"""
PART = "document.querySelector"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in STEPS_OF:
        (folder / f"{name}.html").write_text(lesson_html(prepared_for_tests(name)), "utf-8")
    (folder / "empty.html").write_text("<!doctype html>", "utf-8")
    program = joined(DRAW, "entry.js", {"entry.js": ENTRY})
    (folder / "parts.html").write_text(
        f'<!doctype html><meta charset="utf-8"><script type="module">{program}</script>', "utf-8"
    )
    return folder


def click(browser, selector):
    browser.run(f"{PART}({json.dumps(selector)}).click()")
    browser.settle()


def set_slider(browser, name, value):
    browser.run(
        f"(() => {{ const e = document.getElementById({json.dumps(name)}); e.value = {value};"
        " e.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )
    browser.settle()


def answer(browser, *words):
    for place, each in enumerate(words):
        field = "answer" if len(words) == 1 else f"factor-{place}"
        browser.run(f"document.getElementById('{field}').value = {json.dumps(each)}")
    click(browser, "#question form button")


def state(browser, expression):
    return browser.run(f"(() => {{ const s = {PART}('canvas').state; return {expression}; }})()")


def tap(browser, x, y):
    """A tap on the ground at these coordinates."""
    browser.run(f"{PART}('canvas').scrollIntoView()")
    browser.settle()
    px, py = browser.run(
        f"(() => {{ const c = {PART}('canvas'), b = c.getBoundingClientRect();"
        f" const [x, y] = c.pixelOf([{x}, {y}]); return [b.left + x, b.top + y]; }})()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        browser.point(px, py, kind)
    browser.settle()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", STEPS_OF)
def test_each_step_fits_is_silent_and_can_be_read(browser, pages, name, width, dark):
    require_steps_fit(browser, pages, name, STEPS_OF[name], width, dark)


# ---------------------------------------------------------------- the ground of the page


def test_runs_of_the_page_are_those_of_python(browser, pages):
    facts = prepared_for_tests("descent").facts
    browser.open(pages / "parts.html")
    browser.run(
        f"window.facts = {json.dumps(dict(facts))}; window.hills = learn.hillsOf(facts.hills)"
    )
    assert browser.run("learn.distanceOfHills(hills, facts.checked)") <= 1e-12
    for start in STARTS:
        for rule, given in (
            ("sgd:lr=0.06", {"rate": 0.06}),
            ("sgd:lr=0.06,momentum=0.9", {"rate": 0.06, "momentum": 0.9}),
            ("sgd:lr=0.4,schedule=cosine(end=0.3)", {"rate": 0.4, "shrink": 0.7}),
        ):
            way = browser.run(
                f"learn.rollOn(hills, {json.dumps(start)}, {json.dumps(given)}, {STEPS})"
            )
            python = way_of(start, parse_optimizer(rule))
            found = np.column_stack([way["x"], way["y"]])
            assert found == pytest.approx(python.points, abs=1e-9)
            assert way["loss"] == pytest.approx(python.losses, abs=1e-9)
            settled = browser.run(
                f"learn.settledFrom({json.dumps(way)}, {facts['settled']}, {STEPS})"
            )
            assert settled == python.settled


@pytest.mark.parametrize("number", [0, 1])
def test_the_map_of_the_page_is_that_of_python_where_no_digit_decides(browser, pages, number):
    facts = prepared_for_tests("descent").facts
    browser.open(pages / "parts.html")
    browser.run(
        f"window.facts = {json.dumps(dict(facts))}; window.hills = learn.hillsOf(facts.hills)"
    )
    start = STARTS[number]
    page = np.array(browser.run(f"learn.endsOfAll(hills, {json.dumps(start)}, facts)"))
    here, beside = outcomes(start), outcomes((start[0] + 1e-10, start[1]))
    calm = np.linalg.norm(here.last - beside.last, axis=2) < 1e-3
    assert page.shape == (len(MOMENTA), len(RATES))
    assert calm.mean() > 0.85
    assert (page == here.ends)[calm].all()
    assert 100 * np.mean(page == LOWEST) == pytest.approx(
        prepared_for_tests("descent").variants["map"][number].answer, abs=0.7
    )


def test_another_ground_does_not_start_the_lesson(browser, pages, tmp_path):
    page = (pages / "descent.html").read_text("utf-8")
    floor = f'"floor":{json.dumps(1.3)}'
    assert floor in page
    (tmp_path / "other.html").write_text(page.replace(floor, '"floor":1.3000001'), "utf-8")
    browser.open(tmp_path / "other.html")
    assert "computes another ground than Python" in text(browser, "#notice")
    assert text(browser, "#aim") == ""


# ---------------------------------------------------------------- descent, step by step


def test_a_tap_is_a_guess_and_the_gap_is_drawn(browser, pages):
    at(browser, pages, "descent", "#step=1")
    assert state(browser, "s.quiet && s.flat")
    click(browser, "#question .first-choice")
    assert "Set a place on the picture first." in text(browser, "#question")
    tap(browser, 0.5, 1.0)
    assert state(browser, "s.cursor") == pytest.approx([0.5, 1.0], abs=0.02)
    click(browser, "#question .first-choice")
    away = np.hypot(0.5 - minima()[1].a, 1.0 - minima()[1].b)
    assert f"Your place is {away:.1f} away: they end at (−0.871, 0.446)" in text(
        browser, "#feedback"
    )
    assert "done=1000000" in browser.run("location.hash")
    (mark,) = state(browser, "s.marks")
    assert mark["points"][1] == pytest.approx([minima()[1].a, minima()[1].b], abs=0.01)
    assert state(browser, "s.playing && !s.quiet && !s.flat")


def test_keys_set_the_place_as_a_tap_does(browser, pages):
    at(browser, pages, "descent", "#step=1&seed=2")
    browser.run(f"{PART}('canvas').focus()")
    for key, times in (("ArrowLeft", 12), ("ArrowUp", 6)):
        for _ in range(times):
            browser.key(key)
    place = state(browser, "s.cursor")
    assert place == pytest.approx([-12 * 5.6 / 80, 6 * 5.6 / 80])
    assert text(browser, ".cursor-said").startswith("You are at (−0.84, 0.42): loss 0.9")
    click(browser, "#question .first-choice")
    assert text(browser, "#feedback").startswith("Right: they end at (−0.871, 0.446)")


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_large_run_is_python_s_and_its_end_is_not_quoted(browser, pages, seed):
    lesson = prepared_for_tests("descent")
    variant = lesson.drawn_variant(1, seed)
    at(browser, pages, "descent", f"#step=2&seed={seed}")
    click(browser, f".choice:nth-child({variant.answer + 1})")
    assert text(browser, "#feedback").startswith("Right. ")
    way = way_of(STARTS[variant.stage["start"]], rule_of("large"))
    shown = np.array(
        state(browser, "[Array.from(s.sheet.runs[0].x), Array.from(s.sheet.runs[0].y)]")
    )
    assert pytest.approx(way.points, abs=1e-6) == shown.T
    assert state(browser, "s.sheet.runs[0].last") == "large steps"  # its loss is not said
    assert text(browser, ".losses-by-step figcaption").startswith("↑ loss by step")


def test_shrinking_steps_wait_for_the_guess(browser, pages):
    at(browser, pages, "descent", "#step=3&done=1100000")
    assert state(browser, "s.quiet && s.sheet.runs[0].words") == "large steps"
    answer(browser, "40")
    assert "At step 76 it falls below 2 / 3.26" in text(browser, "#feedback")
    assert state(browser, "s.sheet.runs[0].words") == "shrinking steps"
    assert browser.run(f"{PART}('.plot.gap') !== null")


def test_momentum_plays_beside_the_small_steps(browser, pages):
    at(browser, pages, "descent", "#step=4&done=1110000")
    click(browser, ".choice:nth-child(1)")
    assert "It does not stop there." in text(browser, "#feedback")
    click(browser, ".choice:nth-child(2)")
    assert state(browser, "s.sheet.runs.map(({ words }) => words)") == ["small steps", "momentum"]
    assert "climbs to 1.07" in text(browser, "#feedback")


def test_own_settings_run_and_leave_dots(browser, pages):
    at(browser, pages, "descent", "#step=5&done=1111000&rate=0.5&mom=0")
    assert text(browser, "output[for=own-rate]") == "0.5"
    click(browser, "#question .first-choice")
    assert "does not stay below 0.2" in text(browser, "#feedback")
    assert "done=1111000" in browser.run("location.hash")
    set_slider(browser, "own-rate", np.log10(0.8))
    set_slider(browser, "own-mom", 0.575)
    click(browser, "#question .first-choice")
    said = text(browser, "#feedback")
    step = way_of(STARTS[0], parse_optimizer("sgd:lr=0.8,momentum=0.575")).settled
    assert f"It stays below 0.2 from step {step} on. Your best so far." in said
    assert "rate=0.8" in browser.run("location.hash")
    assert "done=1111100" in browser.run("location.hash")
    (dots,) = state(browser, "s.marks")
    assert len(dots["points"]) == STEPS + 1
    # The map has the attempts, too.
    browser.run(f"{PART}('#next').click()")
    answer(browser, "30")
    assert browser.run("document.querySelectorAll('.settings .attempt').length") == 2


def test_the_map_is_hidden_until_the_guess_and_its_cells_run(browser, pages):
    at(browser, pages, "descent", "#step=6&done=1111100")
    assert browser.run(f"{PART}('.settings .end-1[d]')") is None
    answer(browser, "14")
    assert text(browser, "#feedback").startswith("Right: about 14 %.")
    ends = outcomes(STARTS[0]).ends
    label = browser.run(f"{PART}('#settings').getAttribute('aria-label')")
    assert label.startswith("1600 settings by where they end: the lowest minimum ")
    browser.run(f"{PART}('#settings').focus()")
    browser.key("ArrowRight")
    assert text(browser, ".picture-said") == (
        f"Rate {RATES[21]:g}, momentum {MOMENTA[20]:g}: the run ends in the local minimum."
    )
    assert ends[20, 21] == 2
    assert browser.run("document.activeElement.id") == "settings"
    assert f"mom={MOMENTA[20]:g}" in browser.run("location.hash")
    # A tap on a cell chooses it, wherever the keys have gone since.
    px, py = browser.run(
        "(() => { const e = document.querySelector('.settings .here'); e.scrollIntoView();"
        " const b = e.getBoundingClientRect();"
        " return [b.left + 0.75 * b.width, b.top + 0.75 * b.height]; })()"
    )
    before = text(browser, ".picture-said")
    for key in ("ArrowUp", "ArrowRight"):
        browser.key(key)
    assert text(browser, ".picture-said") != before
    for kind in ("mousePressed", "mouseReleased"):
        browser.point(px, py, kind)
    browser.settle()
    assert text(browser, ".picture-said") == before
    way = way_of(STARTS[0], parse_optimizer(f"sgd:lr={RATES[21]},momentum={MOMENTA[20]}"))
    assert state(browser, "Array.from(s.sheet.runs[0].loss)") == pytest.approx(way.losses, abs=1e-9)


def test_the_start_is_moved_until_small_steps_win(browser, pages):
    at(browser, pages, "descent", "#step=7&done=1111110")
    assert text(browser, "#feedback") == ""
    tap(browser, -2.0, 1.2)
    assert "Small steps do not settle there; momentum at step" in text(browser, "#feedback")
    tap(browser, 1.6, -0.3)
    assert "Small steps win." in text(browser, "#feedback")
    assert "done=1111111" in browser.run("location.hash")
    link = browser.run("location.hash")
    at(browser, pages, "descent", link)
    assert state(browser, "s.cursor") == pytest.approx([1.6, -0.3], abs=0.02)
    browser.run(f"{PART}('canvas').focus()")
    browser.key("ArrowRight")
    assert "Small steps settle at step" in text(browser, "#feedback")


# ---------------------------------------------------------------- planes


def test_the_curtain_appears_with_the_answer(browser, pages):
    lesson = prepared_for_tests("plane")
    at(browser, pages, "plane", "#step=2")
    assert "Do that first." in text(browser, "#words")
    at(browser, pages, "plane", "#step=2&done=100000&seed=3")
    variant = lesson.drawn_variant(1, 3)
    assert state(browser, "s.laid")
    assert state(browser, "s.step") == int(variant.values["step"])
    answer(browser, f"{variant.traps['of_drawn']:.0f}")
    assert "share of the drawn loss" in text(browser, "#feedback")
    answer(browser, f"{variant.answer:.0f}")
    assert text(browser, "#feedback").startswith("Right: ")
    assert not state(browser, "s.laid")
    # The followed run is nowhere cut at the top.
    top = state(browser, "s.sheet.relief.highest")
    run = state(browser, "Array.from(s.sheet.runs.find(({ look }) => look === s.focus).loss)")
    assert max(run) <= top * (1 + 1e-6)


def test_three_planes_are_looked_at_and_one_is_chosen(browser, pages):
    lesson = prepared_for_tests("plane")
    at(browser, pages, "plane", "#step=4&done=110000")
    variant = lesson.drawn_variant(3, 0)
    seen = []
    for place in (1, 2, 3):
        click(browser, f".plane-choice button:nth-child({place})")
        seen.append(state(browser, "s.sheet.name"))
        assert browser.run("document.activeElement.textContent") == f"Plane {'ABC'[place - 1]}"
    assert len(set(seen)) == 3
    assert "plane=2" in browser.run("location.hash")
    link = browser.run("location.hash")
    at(browser, pages, "plane", link)
    assert text(browser, "#stage h3") == "Plane C"
    wrong = (variant.answer + 1) % 3
    click(browser, f".choice:nth-child({wrong + 1})")
    assert text(browser, "#feedback").startswith("Look at its curtains again.")
    click(browser, f".choice:nth-child({variant.answer + 1})")
    assert text(browser, "#feedback").startswith("Right. ")
    assert text(browser, "#stage h3") == f"Plane {variant.values['letter']}"


def test_the_caption_has_three_blanks(browser, pages):
    lesson = prepared_for_tests("plane")
    at(browser, pages, "plane", "#step=6&done=111110")
    weights, two, gap = lesson.variants["caption"][0].answer
    answer(browser, f"{weights:.0f}", "3", f"{gap:.0f}")
    assert "Look at directions again" in text(browser, "#feedback")
    answer(browser, f"{weights:.0f}", f"{two:.0f}", f"{gap:.0f}")
    assert text(browser, "#feedback").startswith("Right. ")


def test_the_shares_and_walks_are_chosen(browser, pages):
    lesson = prepared_for_tests("plane")
    at(browser, pages, "plane", "#step=1")
    answer(browser, "50")
    assert lesson.variants["share"][0].values["share"] in text(browser, "#feedback")
    for step, key in ((3, "walk"), (5, "profile")):
        at(browser, pages, "plane", f"#step={step}&done=100000")
        right = lesson.variants[key][0].answer
        click(browser, f".choice:nth-child({right + 1})")
        assert text(browser, "#feedback").startswith("Right")


# ---------------------------------------------------------------- the stage itself


@pytest.mark.parametrize(("name", "link"), [
    ("descent", "#step=4&done=1111111"), ("plane", "#step=4&done=111111"),
])  # fmt: skip
def test_a_frame_is_ready_in_time(browser, pages, name, link):
    at(browser, pages, name, link)
    script = """
      (() => {
        const canvas = document.querySelector('canvas');
        return Array.from({ length: 30 }, (_, i) => {
          const from = performance.now();
          canvas.paintFrom(-180 + 12 * i);
          canvas.getContext('2d').getImageData(0, 0, 1, 1);
          return performance.now() - from;
        });
      })()
    """
    slow = min(browser.run(WORK_IN_PAGE)) / QUIET_IN_PAGE
    browser.run(script)
    assert min(browser.run(script)) <= FRAME * max(1.0, slow)


def test_with_reduced_motion_the_run_goes_in_jumps(browser, pages):
    at(browser, pages, "descent", "#step=4&done=1111111")
    browser.send("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-reduced-motion", "value": "reduce"}])  # fmt: skip
    click(browser, ".player button")
    browser.run("new Promise((done) => setTimeout(done, 100))")
    steps = {state(browser, "s.step") for _ in range(5)}
    assert len(steps) == 1
    assert steps.pop() == int(state(browser, "s.step"))
    assert text(browser, ".player button") == "Pause"
    click(browser, ".player button")
    assert text(browser, ".player button") == "Play"


def test_keys_turn_the_block_and_play(browser, pages):
    at(browser, pages, "descent", "#step=4&done=1111111")
    before = state(browser, "s.camera.azimuth")
    browser.run(f"{PART}('canvas').focus()")
    browser.key("ArrowRight", shift=True)
    assert (state(browser, "s.camera.azimuth") - before) % 360 == pytest.approx(25)
    click(browser, ".relief-bar > button")
    assert state(browser, "s.flat")
    assert browser.run(f"{PART}('canvas').getAttribute('aria-label')").startswith("Map of the loss")


def test_a_teacher_hides_the_player_and_the_losses(browser, pages):
    at(browser, pages, "descent", "#step=4&done=1110000&hide=player,losses")
    for part in (".relief-bar", ".losses-by-step"):
        assert browser.run(f"{PART}('{part}').offsetHeight") == 0
    at(browser, pages, "descent", "#step=4&done=1110000")
    for part in (".relief-bar", ".losses-by-step"):
        assert browser.run(f"{PART}('{part}').offsetHeight") > 20


def test_the_tour_by_keyboard_reaches_everything(browser, pages):
    at(browser, pages, "descent", "#step=5&done=1111111")
    click(browser, "#question .first-choice")
    browser.run("document.getElementById('aim').focus()")
    reached = []
    for _ in range(16):
        browser.key("Tab")
        reached.append(browser.run(
            "document.activeElement.id || document.activeElement.className"
            " || document.activeElement.textContent"
        ))  # fmt: skip
    for name in ("own-rate", "own-mom", "own-shrink", "first-choice", "relief", "at-step", "Pause",
                 "Show the map", "copy-link"):  # fmt: skip
        assert name in reached, (name, reached)
