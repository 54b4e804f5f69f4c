"""The lessons forward and backward in a browser: each step by mouse and by keyboard."""

import json
import math
import re

import numpy as np
import pytest

from browser import Browser
from forward_by_hand import by_hand, cells_of
from lesson_in_browser import at, require_steps_fit, text
from lesson_subjects import article_subject, few_units_subject, wide_subject
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.tasks.row.backward_tasks import backward_lesson_tasks
from thalweg.reporting.lessons.tasks.row.forward_tasks import forward_lesson_tasks
from thalweg.reporting.lessons.tasks.row.one_cell import best_cell
from thalweg.reporting.lessons.tasks.row.traced_row import traced_row

pytestmark = pytest.mark.browser

MAKERS = {"forward": forward_lesson_tasks, "backward": backward_lesson_tasks}
STEPS = {"forward": 6, "backward": 7}
# A row, from 0, that several single cells turn; none turns the one with the largest loss.
TURNS = 605
SUBJECTS = {
    "": article_subject, "-turns": lambda: article_subject(TURNS),
    "-speaks": lambda: few_units_subject(silent=0), "-wide": wide_subject,
}  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, make in MAKERS.items():
        for end, subject in SUBJECTS.items():
            (folder / f"{name}{end}.html").write_text(lesson_html(make(subject())), "utf-8")
    (folder / "empty.html").write_text("<!doctype html>", "utf-8")
    return folder


def count(browser, selector):
    return browser.run(f"document.querySelectorAll({json.dumps(selector)}).length")


def feedback(browser):
    return text(browser, "#feedback")


def click(browser, selector):
    """Click with the mouse, at the middle of what is there."""
    x, y = browser.run(
        f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
        " e.scrollIntoView({ block: 'center' }); const b = e.getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        browser.point(x, y, kind)
    browser.settle()


def press(browser, selector):
    """Press with the keyboard."""
    browser.run(f"document.querySelector({json.dumps(selector)}).focus()")
    browser.key("Enter")
    browser.settle()


def key_press(browser, selector):
    """A button's own answer to Enter needs the text of the key, too."""
    browser.run(f"document.querySelector({json.dumps(selector)}).focus()")
    for kind, more in (("keyDown", {"text": "\r"}), ("keyUp", {})):
        browser.send("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter",
                     windowsVirtualKeyCode=13, **more)  # fmt: skip
    browser.settle()


HANDS = {"mouse": (click, click), "keyboard": (press, key_press)}


def answer(browser, *words):
    for place, each in enumerate(words):
        field = "answer" if len(words) == 1 else f"factor-{place}"
        browser.run(f"document.getElementById('{field}').value = {json.dumps(each)}")
    browser.run("document.querySelector('#question form').requestSubmit()")
    browser.settle()


def pill(key):
    return f'[id="pill-{key}"]'


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", MAKERS)
def test_each_step_fits_is_silent_and_can_be_read(browser, pages, name, width, dark):
    require_steps_fit(browser, pages, name, STEPS[name], width, dark)


@pytest.mark.parametrize("hand", HANDS)
def test_forward_is_done_from_its_first_step_to_its_last(browser, pages, hand):
    on_pill, on_button = HANDS[hand]
    row = traced_row(article_subject())
    at(browser, pages, "forward", "#seed=0")
    furthest = int(np.argmax(np.abs(row.X)))
    on_pill(browser, pill("x.1"))
    assert feedback(browser).startswith("clump_thickness is 0.949 above: another one is")
    on_pill(browser, pill(f"x.{furthest + 1}"))
    assert feedback(browser).startswith(f"Right: {row.inputs[furthest]} is 1.84 above the middle")
    assert count(browser, ".row-lens svg") == 1
    on_button(browser, "#next")
    unit = int(np.argmax(np.abs(row.Z1)))
    assert text(browser, f"{pill(f'u1.{unit + 1}')} text") == "?"  # the answer is covered
    answer(browser, "0.92", "4.5")
    assert feedback(browser).startswith("The first one is right. Look at the sum")
    answer(browser, "0.92", "4.56")
    assert feedback(browser).startswith("Right: ")
    assert text(browser, f"{pill(f'u1.{unit + 1}')} text") == "4.564"
    on_button(browser, "#next")
    on_pill(browser, pill("u1.5"))  # this one speaks
    on_pill(browser, pill(f"u1.{row.silent[0] + 1}"))
    on_button(browser, "#question .first-choice")
    said = feedback(browser)
    assert "8 silent ones are missing" in said
    assert "1 of yours speaks" in said
    words = browser.run("[...document.querySelectorAll('.ring-word')].map(e => e.textContent)")
    assert sorted(words) == ["missing"] * 8 + ["speaks"]
    on_pill(browser, pill("u1.5"))
    for silent in row.silent[1:]:
        on_pill(browser, pill(f"u1.{silent + 1}"))
    on_button(browser, "#question .first-choice")
    assert feedback(browser).startswith("Right: 9 of 15 are silent")
    on_button(browser, "#next")
    assert count(browser, ".graph") == 0  # no curve gives the guess away
    browser.run("document.getElementById('guess-yh').focus()")
    for _ in range(3):
        browser.key("PageUp")
    browser.settle()
    guess = float(browser.run("document.getElementById('guess-yh').value"))
    assert 0.5 < guess <= 1
    on_button(browser, "#question .first-choice")
    assert feedback(browser).startswith(f"You: {guess:g}, true: 0.988; the gap is")
    assert count(browser, ".graph") == count(browser, ".guess-gap") == 1
    on_button(browser, "#next")
    answer(browser, "0.368")
    assert feedback(browser).startswith("That belongs to the other class")
    answer(browser, "0.63")
    assert feedback(browser).startswith("Right: 0.632.")
    on_button(browser, "#next")
    assert text(browser, "#aim") == "No single cell makes the answer benign."
    on_pill(browser, pill("x.1"))
    browser.run("document.getElementById('what-if-cell').focus()")
    browser.key("ArrowLeft")
    browser.settle()
    assert feedback(browser) == ""
    assert "clump_thickness to 7" in text(browser, ".change-cell .say")
    browser.key("Home")
    browser.settle()
    # Of this row no two cells are enough either (0.523), so none are promised.
    assert feedback(browser) == (
        "Right: this is as near as one cell comes, Ŷ = 0.87. More than one would have to change."
    )
    assert "done=111111" in browser.run("location.hash")
    assert browser.errors() == []


def test_ŷ_is_dragged_in_the_picture(browser, pages):
    at(browser, pages, "forward", "#step=4&done=111000")
    browser.run("document.querySelector('.row-lens svg').scrollIntoView({ block: 'center' })")
    frame = "(() => { const b = document.querySelector('.row-lens svg').getBoundingClientRect();"
    x, y, width, height = browser.run(f"{frame} return [b.x, b.y, b.width, b.height]; }})()")
    browser.point(x + width / 2, y + height * 0.5, "mousePressed")
    browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=x + width / 2,
                 y=y + height * 0.3, button="left", buttons=1)  # fmt: skip
    browser.point(x + width / 2, y + height * 0.3, "mouseReleased")
    browser.settle()
    expected = (202 - 0.3 * 236) / (202 - 26)
    shown = float(browser.run("document.getElementById('guess-yh').value"))
    assert shown == pytest.approx(expected, abs=0.02)


def changes_that_turn(subject):
    """Each single cell that turns the answer, by the pass of the tests: distance, column, value."""
    cells, now = cells_of(subject)[0], by_hand(subject, cells_of(subject))
    for place, name in enumerate(subject.rows.columns):
        for value in range(1, 11):
            then = by_hand(subject, [[*cells[:place], float(value), *cells[place + 1 :]]])
            if (then["Yh"] > 0.5) != (now["Yh"] > 0.5):
                yield math.dist(then["X"], now["X"]), place, name, value


def test_the_smallest_change_wins(browser, pages):
    found = sorted(changes_that_turn(article_subject(TURNS)))
    moved, place, name, value = found[0]
    at(browser, pages, "forward-turns", "#step=6&done=111110")
    assert text(browser, "#aim") == "Change one cell, so that the answer is benign."

    def change(place, value):
        press(browser, pill(f"x.{place + 1}"))
        browser.run(
            f"(() => {{ const e = document.getElementById('what-if-cell'); e.value = {value};"
            " e.dispatchEvent(new Event('input', { bubbles: true })); })()"
        )
        browser.settle()

    longer = next(each for each in reversed(found) if each[1] != place)
    change(longer[1], longer[3])
    assert feedback(browser) == (
        f"It is benign now, with X moved by {longer[0]:.3g}. Of all single cells, the best single "
        f"cell is {name} to {value}, by {moved:.3g}."
    )
    click(browser, ".change-cell > p button")  # back to the row
    assert text(browser, ".change-cell .say") == ""
    change(place, value)
    assert feedback(browser) == "It is benign now, and no single cell does it with less."
    assert text(browser, f":has(> {pill(f'x.{place + 1}')}) > .raw") == str(value)


@pytest.mark.parametrize("hand", HANDS)
def test_backward_is_done_from_its_first_step_to_its_last(browser, pages, hand):
    on_pill, on_button = HANDS[hand]
    row = traced_row(article_subject())
    at(browser, pages, "backward", "#seed=0")
    on_button(browser, ".choice:nth-child(1)")
    assert feedback(browser).startswith("It is the other way. The row was benign.")
    on_button(browser, ".choice:nth-child(2)")
    assert feedback(browser).startswith("Right. The row was benign. A smaller Z₂")
    on_button(browser, "#next")
    heaviest = int(np.argmax(np.abs(row.W2)))
    assert heaviest in row.silent  # the largest weight of all is not the answer
    on_pill(browser, pill(f"u1.{heaviest + 1}"))
    assert "was silent: nothing of the error comes back" in feedback(browser)
    blamed = int(np.argmax(np.abs(row.dZ1)))
    on_pill(browser, pill("u1.15"))
    assert "Another unit gets more." in feedback(browser)
    on_pill(browser, pill(f"u1.{blamed + 1}"))
    assert feedback(browser).startswith("Right: 1.0933 · 0.98756 = 1.08.")
    assert "is the loudest, too" in feedback(browser)
    on_button(browser, "#next")
    on_button(browser, ".choice:nth-child(1)")
    assert feedback(browser).startswith("Unit 4 has the weight −1.853 in W₂.")
    on_button(browser, ".choice:nth-child(2)")
    assert feedback(browser).startswith("Right.")
    on_button(browser, "#next")
    for factor in (0, 1, 3, 2, 4):
        on_button(browser, f"#chip-{factor}")
    assert feedback(browser).startswith("Place 3 is the first that does not fit.")
    assert count(browser, ".slot.first-wrong") == 1
    if hand == "keyboard":
        browser.run("document.getElementById('chip-2').focus()")
        browser.key("ArrowUp")
        browser.settle()
    else:
        for factor in (3, 2):
            on_button(browser, f"#chip-{factor}")
        for factor in (2, 3):
            on_button(browser, f"#chip-{factor}")
    assert feedback(browser).startswith("Right: each running product is a derivative")
    last = text(browser, ".slot:nth-child(5) small")
    assert last == "∂Loss/∂W₁[9,8] = 1.989"
    on_button(browser, "#next")
    assert text(browser, ".row-under .formula").count("?") == 1
    assert "1.989" not in text(browser, "#stage")
    answer(browser, "1,99")
    assert feedback(browser).startswith("Right: 1.9887.")
    on_button(browser, ".row-more .first-choice")
    cells = browser.run("[...document.querySelectorAll('.row-more td')].map(e => e.textContent)")
    more, less, difference, product = map(float, cells)
    assert difference == pytest.approx((more - less) / 0.002, abs=1e-5)
    assert product == pytest.approx(float(row.dZ1[8] * row.X[7]), rel=1e-8)
    digits = int(re.search(r"The first (\d) digits are the same", text(browser, ".row-more"))[1])
    assert 6 <= digits <= 9
    assert f"{difference:.{digits}g}" == f"{product:.{digits}g}"
    on_button(browser, "#next")
    on_button(browser, ".choice:nth-child(1)")
    on_button(browser, ".choice:nth-child(2)")
    assert "done=111111" in browser.run("location.hash")
    on_button(browser, "#next")
    on_button(browser, ".reasons .choice:nth-child(4)")
    assert feedback(browser).startswith("The ∂ of this weight is 1.989: choose another weight.")
    on_pill(browser, pill(f"u1.{row.silent[0] + 1}"))
    on_pill(browser, pill("x.2"))
    assert f"Chosen: W₁[{row.silent[0] + 1},2]" in text(browser, "#question")
    on_button(browser, ".reasons .choice:nth-child(1)")
    assert feedback(browser) == "∂Loss/∂Ŷ is a factor of every weight's ∂, and not 0."
    on_button(browser, ".reasons .choice:nth-child(5)")
    assert feedback(browser).startswith("X is 0.728 here. Another factor makes the product 0.")
    on_button(browser, ".reasons .choice:nth-child(4)")
    assert feedback(browser).startswith("Right: relu′(Z₁) is 0 on the way to this weight")
    assert "done=1111111" in browser.run("location.hash")
    assert browser.errors() == []


def test_factors_are_dragged_into_places(browser, pages):
    at(browser, pages, "backward", "#step=4&done=1110000")
    middle = (
        "(() => {{ const b = document.querySelector({}).getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2]; }})()"
    )
    browser.run("document.querySelector('.slots').scrollIntoView({ block: 'center' })")
    for factor in (4, 1, 0, 3, 2):
        start = browser.run(middle.format(json.dumps(f"#chip-{factor}")))
        end = browser.run(middle.format(json.dumps(f".slot:nth-child({factor + 1})")))
        browser.point(*start, "mousePressed")
        for x, y in ([(a + b) / 2 for a, b in zip(start, end, strict=True)], end):
            browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, button="left",
                         buttons=1)  # fmt: skip
        browser.point(*end, "mouseReleased")
        browser.settle()
        browser.run("new Promise((done) => setTimeout(done, 5))")
    assert feedback(browser).startswith("Right: each running product is a derivative")


def test_a_cell_of_the_field_chooses_a_weight(browser, pages):
    at(browser, pages, "backward", "#step=7&done=1111110")
    click(browser, '.cell[data-k="w1.3.2"]')
    assert "Chosen: W₁[3,2], from cell_size_uniformity to unit 3; its ∂ is 0." in text(
        browser, "#question"
    )


def test_multiplying_waits_for_the_order(browser, pages):
    at(browser, pages, "backward", "#step=5&done=1110000")
    assert "This step shows the result of step 4" in text(browser, "#words")


def test_a_row_whose_units_all_speak_has_its_own_questions(browser, pages):
    at(browser, pages, "forward-speaks", "#step=3&done=110000")
    click(browser, "#question .first-choice")
    assert feedback(browser) == "Right: for this row, every unit speaks."
    at(browser, pages, "backward-speaks", "#step=3&done=1100000")
    assert text(browser, "#aim") == "Here no unit is without blame."
    row = traced_row(few_units_subject(silent=0))
    sizes = np.abs(np.outer(row.dZ1, row.X))
    unit, column = divmod(int(sizes.argmin()), sizes.shape[1])
    at(browser, pages, "backward-speaks", "#step=7&done=1111110")
    assert text(browser, "#aim") == "Every weight learns something from this row."
    click(browser, pill(f"u1.{unit + 1}"))
    click(browser, pill(f"x.{column + 1}"))
    shares = [abs(row.W2[unit]) / np.abs(row.W2).max(), abs(row.X[column]) / np.abs(row.X).max()]
    click(browser, f".reasons .choice:nth-child({3 if shares[0] < shares[1] else 5})")
    assert feedback(browser).startswith("Right: ")


def test_of_many_inputs_the_one_that_is_asked_for_is_drawn(browser, pages):
    row = traced_row(wide_subject(), changing=True)
    furthest = int(np.argmax(np.abs(row.X)))
    at(browser, pages, "forward-wide", "#step=1")
    assert count(browser, ".pill[role=button]") == 15
    click(browser, pill(f"x.{furthest + 1}"))
    assert feedback(browser).startswith(f"Right: c{furthest + 1}")
    name = best_cell(row, wide_subject().model.members_[0].encoder.encode).name
    at(browser, pages, "forward-wide", "#step=6&done=111110")
    click(browser, pill(f"x.{row.inputs.index(name) + 1}"))
    assert f"The cell {name}" in text(browser, ".change-cell")


def test_pills_that_cannot_be_pressed_are_no_buttons(browser, pages):
    at(browser, pages, "forward", "#step=1")
    assert count(browser, ".pill[role=button]") == 9
    at(browser, pages, "forward", "#step=3&done=110000")
    assert count(browser, ".pill[role=button]") == 15
    at(browser, pages, "forward", "#step=5&done=111100")
    assert count(browser, ".pill[role=button]") == 0


@pytest.mark.parametrize("name", MAKERS)
def test_a_page_that_computes_something_else_says_so_and_asks_nothing(
    browser, pages, name, tmp_path
):
    page = (pages / f"{name}.html").read_text("utf-8")
    for key in ('"Z":[', *(['"median":'] if name == "forward" else [])):
        begin = page.index(key) + len(key)
        number = re.compile(r"-?[\d.e-]+").match(page, begin)
        if number is None:  # packed: the first numbers of the row instead
            begin = page.index('"rows":[[') + len('"rows":[[')
            number = re.compile(r"-?[\d.e-]+").match(page, begin)
        changed = f"{page[:begin]}{float(number[0]) + 1e-6!r}{page[number.end() :]}"
        (tmp_path / "changed.html").write_text(changed, "utf-8")
        browser.open(tmp_path / "changed.html")
        assert "with other numbers than Python" in text(browser, "#notice"), key
        assert count(browser, "#question *") == 0
