"""The place Train in a browser: each state, both modes, three widths; keys, forks, many points."""

import asyncio
import time
from urllib.parse import quote

import pytest

from axe import violations
from studio.pages import canned
from studio.pages.fake_runs import DIVERGED, run_id
from studio.pages.test_studio_page_in_browser import SMALL, UNFOLD
from studio_browser import complaints, open_studio, press, text, wait
from thalweg.errors import DataError
from thalweg.landscape.runs.own_batches import MOST_STEPS
from thalweg.landscape.runs.presets import ALL_ROWS, PRESETS
from thalweg.studio.wire.packets import Packet

pytestmark = pytest.mark.browser

TRAIN = f"#p=train&d={canned.ID}"
DRAWN = (
    "[...document.querySelectorAll('.pictures .line')]"
    ".some((e) => (e.getAttribute('d') ?? '').length > 40)"
)


def diverged(runs):
    runs.open(4, 120)
    runs.listed[2] |= {"state": "diverged", "why": "the loss became NaN", "divergence": DIVERGED}


def stuck(runs):
    runs.open(2, 30)
    runs.listed[0] |= {"why": "A worker ended three times"}


def waiting(runs):
    runs.open(4, 0, "running")
    for each, gate in zip(runs.listed, ("loaded", "loading", "loaded", "late"), strict=True):
        each["gate"] = gate


STATES = {
    "waiting at the start": (waiting, ".news .severe"),
    "no runs": (lambda runs: None, "#start-here"),
    "paused": (lambda runs: runs.open(4, 60), ".chip"),
    "playing": (lambda runs: runs.open(4, 60, "running"), ".chip"),
    "diverged": (diverged, ".news .severe"),
    "a run that rests": (stuck, ".news .severe"),
    "ended": (lambda runs: runs.open(4, 400, "ended"), ".chip"),
    "many": (lambda runs: runs.open(8, 60), ".chip"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_silent_fits_and_breaks_no_rule(browser, studio, state):
    prepare, sign = STATES[state]
    prepare(studio.runs)
    for width, dark in ((1280, False), (1280, True), (390, False), (390, True), (360, False)):
        browser.look(width, dark=dark)
        if (width, dark) == (1280, False):
            open_studio(browser, studio.server.link, hash_=TRAIN)
            wait(browser, f"document.querySelector({sign!r})")
            if state not in ("no runs", "waiting at the start"):
                wait(browser, DRAWN)
            browser.run(UNFOLD)
        browser.settle()
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(browser) == [], (width, dark)
        assert browser.run(SMALL) == [], width
    if state not in ("no runs", "waiting at the start"):
        assert browser.run("document.querySelectorAll('.pictures .numbers tbody tr').length") > 10
    assert complaints(browser) == []
    own = f"http://127.0.0.1:{studio.port}/"
    asked = [each for each in browser.requests() if not each.startswith(("data:", "about:"))]
    assert asked
    assert all(each.startswith(own) for each in asked)


def test_a_picture_without_points_that_comes_before_its_run_takes_no_layer(browser, studio):
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#start-here')")

    async def early():
        for run in map(run_id, range(4)):
            head = {"type": "curve", "run": run, "first": -1, "last": -1, "step": 0}
            studio.pages.show(("curve", run), Packet({**head, "total": 400, "left": None}))

    async def points():
        studio.runs.draw(0, 60)

    studio.call(early())
    browser.settle()
    browser.run("document.querySelector('#start-here').click()")
    wait(browser, "document.querySelectorAll('.chip').length === 4")
    studio.call(points())
    wait(browser, "document.querySelectorAll('.pictures .chart-box svg').length === 3")
    assert complaints(browser) == []


def test_one_click_starts_four_descents_and_plays_them(browser, studio):
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#start-here')")
    browser.run("document.querySelector('#start-here').click()")
    wait(browser, "document.querySelectorAll('.chip').length === 4")
    wait(browser, "document.querySelectorAll('.state[data-state=running]').length === 4")
    [start] = [args for name, args in studio.runs.asked if name == "start-runs"]
    assert start["rules"] == ["sgd", "anneal", "large", "momentum"]
    assert (start["settings"]["hidden"], start["settings"]["batch_size"]) == ([15], None)
    assert [name for name, _ in studio.runs.asked] == ["runs", "start-runs", "play"]
    assert text(browser, "#runs-play") == "Pause"
    assert complaints(browser) == []


def test_a_start_is_cancelled_while_its_workers_load(browser, studio):
    studio.runs.cancelled = asyncio.Event()
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#start-here')")
    assert not browser.run("document.querySelector('#cancel-start-here').checkVisibility()")
    browser.run("document.querySelector('#start-here').click()")
    for where in ("#cancel-start-here", "#cancel-start"):
        wait(browser, f"document.querySelector({where!r}).checkVisibility()")
        assert text(browser, where) == "Cancel the start"
    for width, dark in ((1280, True), (390, False)):
        browser.look(width, dark=dark)
        browser.settle()
        assert violations(browser) == [], (width, dark)
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
    browser.run("document.querySelector('#cancel-start-here').click()")
    wait(browser, "!document.querySelector('#start-here').disabled")
    assert not browser.run("document.querySelector('#cancel-start').checkVisibility()")
    (_, started), (name, asked) = studio.runs.asked[1:]
    assert (name, asked) == ("cancel-start", started)
    assert "The start was cancelled." in browser.run("document.body.textContent")
    assert complaints(browser) == []


def test_runs_that_wait_for_each_other_say_so_and_so_does_a_late_one(browser, studio):
    waiting(studio.runs)
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelectorAll('.chip').length === 4")
    states = "[...document.querySelectorAll('.chip .state')].map((e) => e.textContent)"
    assert browser.run(states) == ["waiting", "loading", "waiting", "late"]
    assert "momentum is late: its process does not answer yet." in text(browser, ".news")
    assert "2 of 3 runs are loaded. They begin together." in text(browser, ".news")
    assert text(browser, "#runs-play") == "Pause"

    async def go():
        for each in studio.runs.listed:
            studio.runs.tell(each["id"], "running", gate="")

    studio.call(go())
    wait(browser, "document.querySelector('.news').textContent === 'No run has diverged.'")
    assert {each.strip("▸") for each in browser.run(states)} == {"running"}
    assert complaints(browser) == []


def test_only_a_run_that_is_over_has_a_last_step(browser, studio):
    studio.runs.open(2, 185, "running")
    studio.runs.listed[1]["step"] = 200
    studio.runs.points = 185
    open_studio(browser, studio.server.link, hash_=f"{TRAIN}&t=200")
    wait(browser, "document.querySelector('.facts')?.textContent.includes('185')")
    assert "185, its newest one" in text(browser, ".facts")

    async def end():
        studio.runs.tell(run_id(0), "ended", 185)

    studio.call(end())
    wait(browser, "document.querySelector('.facts').textContent.includes('185, its last one')")


def test_one_click_in_an_open_table_starts_them_too(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#d={canned.ID}")
    wait(browser, "document.querySelector('#to-train')")
    browser.run("document.querySelector('#to-train').click()")
    wait(browser, "document.querySelectorAll('.state[data-state=running]').length === 4")
    assert "p=train" in browser.run("location.hash")
    assert complaints(browser) == []


def test_the_cursor_is_one_and_goes_by_keys(browser, studio):
    studio.runs.open(4, 100)
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, DRAWN)
    step = "Number(new URLSearchParams(location.hash.slice(1)).get('t') ?? 0)"
    wait(browser, f"{step} === 100")  # where the runs are
    browser.run("document.activeElement.blur()")
    for key, shift, at in (
        ("[", False, 99), ("{", True, 89), ("}", True, 99), ("Home", False, 0), ("]", False, 1),
        ("End", False, 100),
    ):  # fmt: skip
        press(browser, key, shift=shift)
        browser.settle()
        assert browser.run(step) == at, key
        assert browser.run("Number(document.querySelector('#step').value)") == at
    press(browser, "Home")
    assert "You look at step 0; the runs are at step 100." in text(browser, ".news")
    assert text(browser, "#go-on") == "Go on from step 0"
    press(browser, ".")
    press(browser, " ")
    wait(browser, "document.querySelectorAll('.state[data-state=running]').length === 4")
    asked = [(name, args.get("count")) for name, args in studio.runs.asked]
    assert asked == [("runs", None), ("step", 1), ("play", None)]
    # The curve, too, is a place to point at.
    box = "document.querySelector('.chart-box svg').getBoundingClientRect()"
    x, y, wide = (browser.run(f"{box}.{each}") for each in ("x", "y", "width"))
    for kind in ("mousePressed", "mouseReleased"):
        browser.point(x + wide / 4, y + 150, kind)
    assert 20 < browser.run(step) < 80
    assert complaints(browser) == []


def test_a_run_that_diverged_says_where_and_goes_on_with_a_smaller_rate(browser, studio):
    diverged(studio.runs)
    open_studio(browser, studio.server.link, hash_=TRAIN + "&t=40")
    wait(browser, "document.querySelector('.news .severe')")
    said = text(browser, ".news")
    assert "large steps diverged at step 95, in layer 1" in said
    assert "A smaller rate may hold: 0.3 in place of 0.5." in said
    assert browser.run("document.querySelectorAll('.of-run .lost').length") == 3  # loss, two layers
    assert "large steps diverged" in text(browser, "h1")
    browser.run("document.querySelector('.news button').click()")
    wait(browser, "true")
    browser.settle()
    assert ("fork", {"run": run_id(2), "step": 40, "rate": 0.3}) in studio.runs.asked


def test_the_title_follows_runs_that_play(browser, studio):
    studio.runs.open(2, 60, "running")
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, DRAWN)
    wait(browser, "document.querySelector('h1').textContent.includes('Lowest held-out loss')", 5)
    assert "699 rows" in text(browser, ".subtitle")


def test_a_fork_and_a_run_from_a_point_are_asked_at_the_cursor(browser, studio):
    studio.runs.open(2, 100)
    open_studio(browser, studio.server.link, hash_=TRAIN + "&t=40")
    wait(browser, DRAWN)
    change = "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }"
    browser.run("document.querySelector('#go-on').click()")
    assert "Nothing is changed" in text(browser, ".trouble")
    browser.run(f"({change})(document.querySelector('#new-rate'), 'fast')")
    browser.run("document.querySelector('#go-on').click()")
    assert "The rate fast cannot be used" in text(browser, ".trouble")
    browser.run(f"({change})(document.querySelector('#new-rate'), '0.05')")
    browser.run("document.querySelector('#go-on').click()")
    browser.settle()
    wait(browser, "document.querySelector('#go-on')")
    assert ("fork", {"run": run_id(0), "step": 40, "rate": 0.05}) in studio.runs.asked
    wait(browser, "document.querySelector('.state[data-state=running]')")  # what was made plays

    async def rest():
        for number in range(2):
            studio.runs.tell(run_id(number), "paused", 100)

    studio.call(rest())
    wait(browser, "!document.querySelector('.state[data-state=running]')")
    browser.run("document.querySelector('#run-recipe').open = true")
    wait(
        browser,
        "document.querySelector('#run-recipe pre').textContent.includes('theta_of_run(')",
    )
    browser.run("document.querySelector('#train-from').click()")
    for _ in range(100):
        if any("anew" in args for _, args in studio.runs.asked):
            break
        time.sleep(0.02)
    [made] = [args for _, args in studio.runs.asked if "anew" in args]
    assert {key: made[key] for key in ("run", "anew")} == {"run": run_id(0), "anew": True}
    assert isinstance(made["step"], int)


NEXT = """
import("/studio/train/rate_field.js").then(({ nextRate }) =>
  [0.001, 0.003, 0.5, 0.00995, 7, 1e-12, 1e6]
    .map((rate) => [nextRate(rate, false), nextRate(rate, true)]))
"""


def test_the_arrow_keys_of_the_rate_go_along_1_2_5_and_say_it(browser, studio):
    studio.runs.open(1, 100)
    open_studio(browser, studio.server.link, hash_=TRAIN + "&t=40")
    wait(browser, DRAWN)
    field = "document.querySelector('#new-rate')"
    said = f"['aria-valuenow', 'aria-valuetext'].map((e) => {field}.getAttribute(e))"
    assert browser.run(said) == ["0.5", "0.5, as it is"]
    browser.run(f"{field}.focus(); {field}.value = '0.001'")
    for key, expected in (
        ("ArrowUp", "0.002"), ("ArrowUp", "0.005"), ("ArrowUp", "0.01"), ("ArrowDown", "0.005"),
        ("ArrowDown", "0.002"), ("ArrowDown", "0.001"), ("ArrowDown", "0.0005"),
    ):  # fmt: skip
        press(browser, key)
        assert browser.run(f"{field}.value") == expected
        assert browser.run(said) == [expected, expected]
    browser.run(f"{field}.value = ''; {field}.dispatchEvent(new Event('input'))")
    press(browser, "ArrowDown")  # of the rate that there is
    assert browser.run(f"{field}.value") == "0.2"
    browser.run(f"{field}.value = 'fast'; {field}.dispatchEvent(new Event('input'))")
    press(browser, "ArrowUp")
    assert browser.run(f"{field}.value") == "fast"
    assert browser.run(said) == [None, None]
    assert browser.run(NEXT) == [
        [0.0005, 0.002], [0.002, 0.005], [0.2, 1], [0.005, 0.01], [5, 10], [1e-12, 2e-12],
        [500000, 1e6],
    ]  # fmt: skip
    assert violations(browser) == []
    assert complaints(browser) == []


def test_an_error_of_a_start_says_what_where_why_and_the_fix(browser, studio):
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#start-here')")
    set_ = (
        "(s, v) => { const e = document.querySelector(s); e.value = v;"
        " e.dispatchEvent(new Event('input')); }"
    )
    browser.run(f"({set_})('#hidden', '15,x')")
    browser.run("document.querySelector('#start-runs').click()")
    assert "Hidden units: x cannot be used" in text(browser, ".error")
    assert not any(name == "start-runs" for name, _ in studio.runs.asked)
    browser.run(f"({set_})('#hidden', '15')")
    studio.runs.refuse = DataError("There is no optimizer 'adm'", fix="take one of sgd, adam")
    browser.run(f"({set_})('#own-rules', 'adm')")
    browser.run("document.querySelector('#start-runs').click()")
    wait(browser, "document.querySelector('.error')?.textContent.includes('adm')")
    assert "To fix it: take one of sgd, adam" in text(browser, ".error")
    assert browser.run("document.querySelector('#own-rules').value") == "adm"  # nothing is lost


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("own-rules", "\\n".join(["adam:lr=0.01"] * 5), "9 runs cannot start at once"),
        ("own-rules", "sgd:lr=" + 394 * "1", "The rule sgd:lr=111"),
        ("hidden", ",".join(["4"] * 9), "Hidden units: 9 layers cannot be used"),
    ],
)
def test_more_than_the_server_takes_is_said_by_the_page(browser, studio, field, words, said):
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#start-here')")
    browser.run(
        f"(() => {{ const e = document.querySelector('#{field}'); e.value = '{words}';"
        " e.dispatchEvent(new Event('input')); })()"
    )
    browser.run("document.querySelector('#start-runs').click()")
    wait(browser, "document.querySelector('.error')")
    assert said in text(browser, ".error")
    assert browser.run("document.querySelectorAll('.error').length") == 1
    assert not any(name == "start-runs" for name, _ in studio.runs.asked)
    assert complaints(browser) == []


def test_an_answer_that_comes_late_brings_no_run_back_from_its_end(browser, studio):
    studio.runs.open(1, 20, "running")
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, DRAWN)

    async def end():
        studio.runs.tell(run_id(0), "diverged", 20, divergence=DIVERGED)

    studio.call(end())
    wait(browser, "document.querySelector('.state[data-state=diverged]')")

    async def other():
        studio.runs.tell("9" * 64, "paused")  # an unknown run: the page asks for all

    studio.call(other())
    browser.settle()
    time.sleep(0.2)
    assert browser.run("document.querySelector('.state').dataset.state") == "diverged"


MEASURE = """
window.drawn = []; window.said = 0;
const note = () => setTimeout(() => window.drawn.push(Date.now()));
const box = document.querySelector('.chart-box');
new MutationObserver(() => requestAnimationFrame(note)).observe(box,
  { subtree: true, childList: true, attributeFilter: ['d'] });
new MutationObserver(() => { window.said += 1; })
  .observe(document.querySelector('#said'), { childList: true });
"""


def seconds_of_page(browser):
    """Processor time of the page's main thread, which no other process lengthens."""
    found = browser.send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] for each in found}["TaskDuration"]


@pytest.mark.slow
def test_five_runs_of_400_points_come_live_and_no_input_is_dropped(browser, studio):
    studio.runs.open(5, 12, "running")
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelectorAll('.chip').length === 5")
    wait(browser, DRAWN)
    browser.run(MEASURE)
    browser.send("Performance.enable", timeDomain="threadTicks")
    browser.run(
        "window.typed = 0; document.querySelector('#own-rules').addEventListener('input',"
        " () => { window.typed += 1; }); document.querySelector('#own-rules').focus()"
    )

    def draw(first, last):
        async def told():
            studio.runs.draw(first, last)

        studio.call(told())

    # From the server to pixels, one update after the other.
    waits = []
    for first in range(12, 22):
        drawn = browser.run("window.drawn.length")
        began = time.time()
        draw(first, first + 1)
        wait(browser, f"window.drawn.length > {drawn}")
        waits.append(browser.run(f"window.drawn[{drawn}]") - 1000 * began)
        time.sleep(0.15)
    waits.sort()
    # As fast as the server tells it, ten times a second, while somebody types.
    keys, began, before = 0, time.monotonic(), seconds_of_page(browser)
    drawn = browser.run("window.drawn.length")
    for first in range(22, 400, 10):
        draw(first, min(400, first + 10))
        browser.send("Input.insertText", text="a")
        keys += 1
        time.sleep(0.1)
    wait(browser, "document.querySelector('.transport').textContent.includes('400 of 400')")
    took = time.monotonic() - began
    frames = browser.run("window.drawn.length") - drawn
    each = 1000 * (seconds_of_page(browser) - before) / frames
    print(
        f"to pixels: median {waits[5]:.0f} ms, worst {waits[-1]:.0f} ms; {frames} drawings in "
        f"{took:.1f} s, {each:.1f} ms of processor time each, with typing"
    )
    assert browser.run("window.typed") == keys
    assert browser.run("document.querySelector('#own-rules').value.length") == keys
    assert browser.run("window.said") <= took + 3
    assert each < 33
    assert complaints(browser) == []


LATE = """
(async () => {
  const { trainActs } = await import("/studio/train/train_acts.js");
  const state = { p: "train", known: [], d: "t", c: "", r: null, f: null, t: 0, live: false };
  const store = { get: () => state, set: (patch) => Object.assign(state, patch), follow() {} };
  const answers = [];
  const socket = { ask: () => ({ answer: new Promise((answer) => { answers.push(answer); }) }) };
  const acts = trainActs({ store, view: { go() {}, drag() {} }, socket,
    toasts: { say() {}, show() {} } });
  const run = { id: "a", name: "a", title: "a", table: "t", choices: {}, parent: null, layers: 2 };
  const listed = { head: { runs: [{ ...run, state: "paused", step: 0 }] } };
  const first = acts.all();
  answers[0](listed);
  await first;
  const states = [state.known[0].state];
  const second = acts.all();
  acts.heard({ type: "run", run: "a", state: "running", step: 0, why: "", divergence: null });
  answers[1](listed);
  await second;
  return [...states, state.known[0].state];
})()
"""


def test_an_answer_that_comes_after_a_later_event_does_not_pause_a_run(browser, studio):
    """Of runs that went on, the page showed Play, and Pause could not be pressed."""
    open_studio(browser, studio.server.link, hash_=TRAIN)
    assert browser.run(LATE) == ["paused", "running"]


SPARSE = """
(async () => {
  const { makeRunNumbers, lossColumns } = await import("/studio/train/run_numbers.js");
  const { lossWords } = await import("/studio/train/runs_now.js");
  const all = Array.from({ length: 100 }, (_, i) => i);
  const some = all.filter((step) => step % 3 === 0);
  const series = (steps) => ({ steps, values: steps });
  const run = (id, steps) => ({ id, title: id, state: "ended", step: 100,
    curve: { last: 99, train: series(all), whole: series(steps), valid: series(steps),
      gradient: [] } });
  const runs = [run("each", all), run("third", some)];
  const { node, update } = makeRunNumbers("Losses", lossColumns);
  node.open = true;
  update(runs);
  const rows = [...node.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map((cell) => cell.textContent));
  return { rows, words: [lossWords(runs[1], 60), lossWords(runs[1], 100)] };
})()
"""


def test_a_number_that_was_measured_at_an_earlier_step_is_not_that_of_a_step(browser, studio):
    open_studio(browser, studio.server.link, hash_=TRAIN)
    found = browser.run(SPARSE)
    assert 20 <= len(found["rows"]) <= 24
    for step, *cells in found["rows"]:
        assert set(cells) <= {step, ""}, step
    assert sum("" not in cells for cells in found["rows"]) >= len(found["rows"]) - 1
    assert found["words"] == ["loss 60, held out 60", "loss 99 (step 99), held out 99 (step 99)"]


def test_a_run_that_ended_early_made_all_steps_and_the_strip_draws_measured_ones(browser, studio):
    studio.runs.open(1, 100, "ended")  # of 400
    open_studio(browser, studio.server.link, height=1300, hash_=TRAIN)
    wait(browser, DRAWN)
    browser.settle()
    said = text(browser, "#strip")
    assert "100 of 100 made" in said
    assert "at the steps that were measured" in said
    assert "true at every step" not in said


def test_what_runs_do_not_use_is_said(browser, studio):
    said = "document.querySelector('.desk .subtitle').textContent"
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#start-here')")
    assert "Not used" not in browser.run(said)
    chosen = '{"group":"Patient","target":"churn","weight":"W"}'
    open_studio(browser, studio.server.link, hash_=f"{TRAIN}&c={quote(chosen)}")
    wait(browser, "document.querySelector('#start-here')")
    words = 'Not used by these runs, only by the default model: groups by "Patient", weights "W".'
    assert words in browser.run(said)
    browser.run("document.querySelector('#start-here').click()")
    wait(browser, f"{said}.includes('181 weights')")
    assert "181 weights. " + words in browser.run(said)
    assert complaints(browser) == []


def test_the_last_step_of_a_run_is_no_place_to_go_on_from(browser, studio):
    studio.runs.open(2, 400, "ended")
    open_studio(browser, studio.server.link, hash_=TRAIN + "&t=400")
    wait(browser, DRAWN)
    change = "((e) => { e.value = '0.05'; e.dispatchEvent(new Event('input')); })"
    browser.run(f"{change}(document.querySelector('#new-rate'))")
    browser.run("document.querySelector('#go-on').click()")
    assert text(browser, ".trouble").startswith("Step 400 is the last one of this run")
    browser.settle()
    assert "fork" not in dict(studio.runs.asked)
    press(browser, "Escape")
    browser.run("document.activeElement.blur()")
    press(browser, "[")
    wait(browser, "document.querySelector('#go-on').textContent === 'Go on from step 399'")
    browser.run("document.querySelector('#go-on').click()")
    wait(browser, "document.querySelector('.trouble').hidden")
    browser.settle()
    assert ("fork", {"run": run_id(0), "step": 399, "rate": 0.05}) in studio.runs.asked


def test_a_start_by_the_keyboard_keeps_the_focus(browser, studio):
    studio.runs.open(2, 60)
    studio.runs.cancelled = asyncio.Event()
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#start-runs:not(:disabled)')")
    browser.run("document.querySelector('#start-runs').focus()")
    press(browser, "Enter")
    wait(browser, "document.querySelector('#cancel-start').checkVisibility()")
    wait(browser, "document.activeElement.id === 'cancel-start'")
    press(browser, "Enter")
    wait(browser, "document.querySelector('#start-runs:not(:disabled)')")
    wait(browser, "document.activeElement.id === 'start-runs'")
    assert complaints(browser) == []


def test_the_form_names_the_runs_that_take_all_rows(browser, studio):
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#batch-hint')")
    said = text(browser, "#batch-hint").lower()
    named = [each for each in PRESETS.values() if not each.on_rows]
    for each in named:
        assert (each.title.lower() in said) == (each.rows_a_step == ALL_ROWS), each.title
    assert f"{ALL_ROWS:,}" in said
    assert f"{MOST_STEPS:,}" in text(browser, "#steps-hint")
    assert "not of that of rows held out" in text(browser, "#alpha-hint")
