"""The place Inside in a browser: several networks, both modes, three widths, keys."""

import time
from decimal import Decimal

import pytest

from axe import violations
from studio.pages import canned
from studio.pages.fake_runs import inside_of, run_id
from studio.pages.test_studio_page_in_browser import SMALL, UNFOLD
from studio_browser import complaints, open_studio, press, text, wait

pytestmark = pytest.mark.browser

INSIDE = f"#p=inside&d={canned.ID}&t=40"
MOVED = ("before", "change", "after")
KINDS = {
    "two classes": ((15,), "two", 1),
    "the last stop": ((15,), "two", 10),
    "three classes, two large layers": ((40, 30), "three", 12),
    "a number, no hidden layer": ((), "number", 3),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_is_silent_fits_and_breaks_no_rule(browser, studio, kind):
    hidden, target, stop = KINDS[kind]
    studio.runs.open(2, 100)
    studio.runs.inside = lambda args: inside_of(args, hidden, target)
    for width, dark in ((1280, False), (1280, True), (390, False), (360, True)):
        browser.look(width, dark=dark)
        if (width, dark) == (1280, False):
            open_studio(browser, studio.server.link, hash_=f"{INSIDE}&stop={stop}")
            wait(browser, "document.querySelector('.net')")
            browser.run(UNFOLD)
        browser.settle()
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(browser) == [], (width, dark)
        assert browser.run(SMALL) == [], width
    assert browser.run("document.querySelector('.trouble').hidden")  # the page computes the same
    assert browser.run("document.querySelectorAll('.inside .numbers tbody tr').length") > 5
    assert complaints(browser) == []


def test_stops_rows_and_steps_go_by_keys_and_buttons(browser, studio):
    studio.runs.open(2, 100)
    open_studio(browser, studio.server.link, hash_=INSIDE)
    wait(browser, "document.querySelector('.net')")
    first = next(args for name, args in studio.runs.asked if name == "inside")
    assert first == {"run": run_id(0), "step": 40, "pick": "worst"}
    browser.run("document.activeElement.blur()")
    for at in range(2, 11):
        press(browser, "ArrowRight")
        browser.settle()
        assert text(browser, ".stop-said h2").startswith(f"{at}. ")
    press(browser, "ArrowLeft")
    wait(browser, "location.hash.includes('stop=9')")
    browser.run("document.querySelector('#row-after').click()")
    wait(browser, "document.querySelector('h1').textContent.startsWith('Row 6 ')")
    assert studio.runs.asked[-1][1]["row"] == 6
    browser.run("document.querySelector('#play-step').click()")
    wait(browser, "document.querySelector('.subtitle').textContent.includes('step 41.')")
    assert "t=41" in browser.run("location.hash")
    browser.run("document.activeElement.blur()")
    press(browser, "[")
    wait(browser, "document.querySelector('.subtitle').textContent.includes('step 40.')")
    table = text(browser, "#update-table")
    for part in ("before", "this row alone", "the rows of the step", "change", "after"):
        assert part in table
    assert complaints(browser) == []


def test_buttons_that_can_do_nothing_are_off(browser, studio):
    studio.runs.open(1, 400, "done")
    open_studio(browser, studio.server.link, hash_=INSIDE.replace("t=40", "t=400"))
    wait(browser, "document.querySelector('.net')")
    assert "All steps of this run were made." in text(browser, ".inside .left")
    buttons = "['#play-step', '#runs-play', '#runs-step']"
    off = f"{buttons}.map((id) => document.querySelector(id).disabled)"
    assert browser.run(off) == [True, True, True]
    press(browser, "[")
    wait(browser, "!document.querySelector('#play-step').disabled")
    assert "was not made yet is made" in text(browser, ".inside .left")


def test_a_row_that_is_not_there_is_an_error_that_says_so(browser, studio):
    studio.runs.open(1, 100)
    open_studio(browser, studio.server.link, hash_=f"{INSIDE}&row=5")
    wait(browser, "document.querySelector('.net')")
    write = "(e, v) => { e.value = v; e.dispatchEvent(new Event('change')); }"
    browser.run(f"({write})(document.querySelector('#row-number'), '999')")
    wait(browser, "document.querySelector('.error')")
    assert "There is no row 999" in text(browser, ".error")
    assert "name one from 1 to 60" in text(browser, ".error")
    assert browser.run(
        "Boolean(document.querySelector('.net'))"
    )  # the row of before is still there
    browser.run(f"({write})(document.querySelector('#row-number'), '7')")
    wait(browser, "!document.querySelector('.error')")
    wait(browser, "document.querySelector('h1').textContent.startsWith('Row 7 ')")


def test_scrubbing_asks_one_question_at_a_time_and_the_last_one_for_sure(browser, studio):
    studio.runs.open(1, 100)
    open_studio(browser, studio.server.link, hash_=f"{INSIDE}&row=5")
    wait(browser, "document.querySelector('.net')")
    before = len(studio.runs.asked)
    slide = "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }"
    browser.run(
        "(() => { for (let k = 0; k < 60; k += 1)"
        f" ({slide})(document.querySelector('#step'), k); }})()"
    )
    wait(browser, "document.querySelector('.subtitle').textContent.includes('step 59.')")
    time.sleep(0.2)
    asked = [args["step"] for name, args in studio.runs.asked[before:] if name == "inside"]
    assert asked[-1] == 59
    assert len(asked) < 10


def test_names_of_bars_are_whole_and_what_was_left_watches_nothing(browser, studio):
    studio.runs.open(2, 100)
    open_studio(browser, studio.server.link, hash_=INSIDE)
    wait(browser, "document.querySelector('.lens .bar')")
    browser.run(
        "window.ended = 0; const abort = AbortController.prototype.abort;"
        "AbortController.prototype.abort = function () { window.ended += 1; abort.call(this); };"
    )
    cut = (
        "[...document.querySelectorAll('.lens .bar .end')].filter((e) =>"
        " e.getBoundingClientRect().left < e.closest('svg').getBoundingClientRect().left - 0.5)"
        ".map((e) => e.textContent)"
    )
    for width in (1280, 390):
        browser.look(width)
        browser.settle()
        assert browser.run(cut) == [], width
    assert browser.run("window.ended") == 0
    browser.run("document.querySelector('[data-place=train]').click()")
    wait(browser, "window.ended >= 2")
    assert complaints(browser) == []


def test_the_truth_is_not_hidden_behind_the_last_hidden_layer(browser, studio):
    def inside(args):
        told = inside_of(args, (40, 30), "two")
        for row in told.head["trace"]["rows"]:
            row["target"] = "malignant"
        return told

    studio.runs.open(2, 100)
    studio.runs.inside = inside
    open_studio(browser, studio.server.link, width=390, hash_=INSIDE)
    wait(browser, "document.querySelector('.net')")
    browser.settle()
    boxes = (
        "[...document.querySelectorAll('.net {}')]{}"
        ".map((each) => each.getBoundingClientRect().toJSON())"
    )
    of_truth = ".filter(({ textContent }) => /truth|malignant/.test(textContent))"
    truths = browser.run(boxes.format("text", of_truth))
    pills = browser.run(boxes.format(".pill rect", ""))
    assert truths
    for truth in truths:
        for pill in pills:
            apart = truth["left"] >= pill["right"] or truth["right"] <= pill["left"]
            assert apart or truth["top"] >= pill["bottom"] or truth["bottom"] <= pill["top"]


def test_a_printed_weight_and_its_printed_change_add_up(browser, studio):
    open_studio(browser, studio.server.link, hash_=INSIDE)
    found = browser.run(
        'import("/studio/inside/step_update.js").then(({ movedWords }) => '
        "[[0.34690012, 0.34690478], [-3.1, -3.2], [0, 2.5e-9], [1234.5, 1234.5], [1e-7, 3e-7]]"
        ".map(([before, after]) => movedWords(before, after)))"
    )
    assert [each["change"] for each in found] == [
        "0.00000466", "−0.1000", "0.00000000250", "0.0", "0.00000020000",
    ]  # fmt: skip
    for each in found:
        before, change, after = (Decimal(each[k].replace("−", "-")) for k in MOVED)
        assert before + change == after


def test_a_link_holds_each_stop_of_eight_hidden_layers(browser, studio):
    studio.runs.open(2, 100)
    studio.runs.inside = lambda args: inside_of(args, (3,) * 8)
    open_studio(browser, studio.server.link, hash_=f"{INSIDE}&stop=38")
    wait(browser, "document.querySelector('.net')")
    browser.settle()
    assert text(browser, ".stop-said h2") == "38. The chain rule for one weight"
    assert "stop=38" in browser.run("location.hash")
    assert text(browser, "#toasts") == ""
    # The unit beside its row of the field is not cut.
    names = "[...document.querySelectorAll('.lens .value')].map((each) => each.textContent)"
    assert any(each.startswith("unit ") for each in browser.run(names))
    assert not [each for each in browser.run(names) if "…" in each]


def test_what_the_network_says_of_a_number_has_the_unit_of_the_target(browser, studio):
    studio.runs.open(2, 100)
    studio.runs.inside = lambda args: inside_of(args, (4,), "number")
    open_studio(browser, studio.server.link, hash_=INSIDE)
    wait(browser, "document.querySelector('.net')")
    told = inside_of({"run": run_id(0), "step": 40}, (4,), "number").head["trace"]
    scale, [told_loss] = told["target"]["scale"], [each["loss"] for each in told["passes"]]
    answer = scale["center"] + scale["scale"] * told["passes"][0]["Yh"][0]
    assert text(browser, "h1") == (
        f"Row 5 is 4.0: the network says {answer:.3g}, loss {told_loss:.3g}"
    )


def test_one_silent_unit_is_not_called_them(browser, studio):
    studio.runs.open(2, 100)
    for hidden, said in (((2,), "Nothing of it goes on"), ((3,), "Nothing of them goes on")):
        studio.runs.inside = lambda args, hidden=hidden: inside_of(args, hidden)
        open_studio(browser, studio.server.link, hash_=f"{INSIDE}&stop=3")
        wait(browser, "document.querySelector('.net')")
        browser.settle()
        assert said in text(browser, ".stop-said p")
