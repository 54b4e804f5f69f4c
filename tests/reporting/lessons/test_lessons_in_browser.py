"""Lessons in a real browser: answers, links, hands and keys."""

import json
import random
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from browser import Browser, reloaded
from colours import CONTRAST
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.lessons.derivative_page import derivative_html, formulas_of_curves
from thalweg.reporting.lessons.derivative_tasks import derivative_lesson_tasks
from thalweg.reporting.lessons.drawn_by_seed import drawn
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.trace.difference_lesson import show_derivative_lesson
from thalweg.tracing.curves_of_lesson import CURVES, quotient

pytestmark = pytest.mark.browser

ENTRY = """\
import { compared, firstWrong, parseNumber, withoutUnit } from "./learn/check.js";
import { numberSaid } from "./learn/question.js";
import { drawn, linkOf, readLink } from "./learn/link_state.js";
import { CURVES } from "./learn/derivative_functions.js";
window.learn = { compared, firstWrong, parseNumber, withoutUnit, numberSaid };
Object.assign(window.learn, { drawn, linkOf, readLink, CURVES });
document.documentElement.dataset.drawn = "yes";
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    program = joined(DRAW, "entry.js", {"entry.js": ENTRY, "formulas.js": formulas_of_curves()})
    (folder / "parts.html").write_text(
        f'<!doctype html><meta charset="utf-8"><script type="module">{program}</script>', "utf-8"
    )
    page = derivative_html(show_derivative_lesson().data)
    (folder / "free.html").write_text(page, "utf-8")
    (folder / "lesson.html").write_text(lesson_html(derivative_lesson_tasks()), "utf-8")
    return folder


@pytest.fixture
def parts(browser, folder):
    browser.open(folder / "parts.html")
    return browser


def called(browser, expression, *given):
    arguments = ", ".join(json.dumps(each) for each in given)
    return browser.run(f"JSON.parse(JSON.stringify(learn.{expression}({arguments}) ?? null))")


# Each number in the ways in which people write it, and beside it a wrong digit.
WRITTEN = [
    ("{}", str), ("−{}", str), (" {} ", str), ("{}", lambda t: t.replace(".", ",")),
    ("= {}", str), ("≈{}", str),
]  # fmt: skip
TRUTHS = (3.999, 6.001, 0.006001, 1234.5, 0.0787, 25.1001, 2.451, 9.006001, 0.368, 100.25)


def answers():
    """Texts, the true number, and what is found."""
    found = []
    for truth in TRUTHS:
        text = f"{truth}"
        for form, spelled in WRITTEN:
            sign = -1 if form.startswith("−") else 1
            found.append((form.format(spelled(text)), sign * truth, "right"))
            found.append((form.format(spelled(text)), -sign * truth, "sign"))
        found += [
            (f"-{text}", -truth, "right"),
            (f"{truth * 1.02:.9g}", truth, "wrong"),
            (f"{truth * 0.98:.9g}", truth, "wrong"),
            (f"{truth * 1.009:.9g}", truth, "right"),
            (f"{truth * 1000:.12g}", truth, "power"),
            (f"{truth:.3e}", truth, "right"),
            (f"{truth:.2g}", truth, "right"),
            (f"{truth}0", truth, "right"),
            ("0", truth, "wrong"),
            ("", truth, "empty"),
            ("   ", truth, "empty"),
            ("a lot", truth, "unreadable"),
        ]
    return [
        *found,
        ("−4", -4, "right"), ("-4", -4, "right"), ("– 4", -4, "right"), ("4", -4, "sign"),
        ("3,999", 3.999, "right"), ("1 234,5", 1234.5, "right"), ("1,234.5", 1234.5, "right"),
        ("1.234,5", 1234.5, "right"), ("1'234.5", 1234.5, "right"), ("10⁻⁸", 1e-8, "right"),
        ("10^-8", 1e-8, "right"), ("2.5·10⁻⁸", 2.5e-8, "right"), ("2,5 × 10^-8", 2.5e-8, "right"),
        ("2.5e-8", 2.5e-8, "right"), ("1/101", 1 / 101, "right"), ("0.99 %", 0.0099, "right"),
        ("1e-7", 1e-8, "power"), (".5", 0.5, "right"), ("5.", 5, "right"),
        ("1..5", 1.5, "unreadable"),
        ("1/0", 1, "unreadable"), ("1/2/3", 1, "unreadable"), ("--4", -4, "unreadable"),
        ("1e999", 1, "unreadable"), ("0", 0, "right"), ("0.001", 0, "wrong"),
        ("4", 3.7, "right"), ("4.0", 3.7, "wrong"), ("3.7", 3.74, "right"), ("3.70", 3.74, "wrong"),
    ]  # fmt: skip


def test_two_hundred_answers_are_read_and_compared(parts):
    cases = answers()
    assert len(cases) >= 200
    given = json.dumps([[text, truth] for text, truth, _ in cases])
    found = parts.run(f"{given}.map(([text, truth]) => learn.compared(text, truth).kind)")
    wrong = [(case, kind) for case, kind in zip(cases, found, strict=True) if case[2] != kind]
    assert wrong == []


SIGNS = {
    **dict.fromkeys("−–—‐-", "-"), "+": "+", ",": ".", **dict.fromkeys("  \u202f\u2009'’", ""),
}  # fmt: skip
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def by_fractions(text):
    """The exact value of a number without groups of thousands, as a person reads it."""
    words = text.strip().lstrip("=≈~").strip()
    if words.endswith("%"):
        return by_fractions(words[:-1]) / 100
    if "/" in words:
        over, under = words.split("/")
        return by_fractions(over) / by_fractions(under)
    for mark in ("·10", "×10", "· 10", "× 10", "*10"):
        if mark in words:
            digits, power = words.split(mark)
            return by_fractions(digits) * Fraction(10) ** int(power.lstrip("^").translate(RAISED))
    if words.startswith("10^"):
        return Fraction(10) ** int(words[3:])
    return Fraction(Decimal("".join(SIGNS.get(sign, sign) for sign in words)))


def spelled(rng):
    """A number in one of the ways in which people write it."""
    digits = rng.choice([
        str(rng.randint(0, 99999)), f"{rng.uniform(0, 999):.{rng.randint(1, 6)}f}",
        f".{rng.randint(1, 999)}",
    ])  # fmt: skip
    sign = rng.choice(["", "", "−", "-", "–", "− ", "+"])
    text = sign + (digits.replace(".", ",") if rng.random() < 0.4 else digits)
    power = rng.randint(-12, 12)
    raised = str(power).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
    behind = rng.choice([
        "", "", f"e{power}", f"E{power}", f"·10{raised}", f" · 10{raised}", f"×10^{power}",
        f" × 10^{power}", f"*10^{power}", "%", " %", f"/{rng.randint(1, 99)}",
    ])  # fmt: skip
    return rng.choice(["", "", " ", "= ", "≈"]) + text + behind + rng.choice(["", " "])


def test_four_hundred_spellings_have_the_value_of_another_parser(parts):
    rng = random.Random(3)
    texts = sorted({spelled(rng) for _ in range(440)} | {"10^-8", "−4", "5 %", "1/101"})
    assert len(texts) >= 400
    found = parts.run(f"{json.dumps(texts)}.map((text) => learn.parseNumber(text)?.value ?? null)")
    for text, value in zip(texts, found, strict=True):
        expected = float(by_fractions(text))
        assert value == pytest.approx(expected, rel=1e-14, abs=0), text
    # Right as it is written, wrong with the other sign, and wrong by more than 1 %.
    truths = [float(by_fractions(text)) for text in texts]
    kinds = "(([texts, truths, f]) => texts.map((t, i) => learn.compared(t, truths[i] * f).kind))"
    for factor, kind in ((1, "right"), (-1, "sign"), (1000, "power")):
        given = json.dumps([texts, truths, factor])
        wrong = [
            (text, said)
            for text, truth, said in zip(texts, truths, parts.run(f"{kinds}({given})"), strict=True)
            if truth
            and said != kind
            and not is_coarse(text, truth, factor)
            and not (factor == 1000 and said == "right" and re.search(r"\d,\d{3}\s*$", text))
        ]
        assert wrong == []


def is_coarse(text, truth, factor):
    """Whether half of the last digit that is written reaches from the number to another truth."""
    head = re.split(r"[eE·×*%/]|\b10\^", text.strip().lstrip("=≈~"))[0]
    return factor != 1 and len(re.sub(r"\D", "", head).lstrip("0")) <= 1


def test_the_power_of_ten_is_said_of_the_right_digits_alone(parts):
    kind = lambda text, truth, **rule: called(parts, "compared", text, truth, rule)["kind"]  # noqa: E731
    for text in ("0.05", "0.1", "1", "4 %", "0.042"):
        assert kind(text, 78.4, within=1) == "wrong", text
    assert kind("0.784", 78.4, within=1) == "power"
    assert kind("7.8", 78.4) == "power"
    assert kind("40", 4) == "power"
    assert kind("30", 3.3) == "wrong"


def test_a_comma_before_three_digits_is_read_as_the_texts_write_it(parts):
    found = lambda text, truth, **rule: called(parts, "compared", text, truth, rule)  # noqa: E731
    assert found("33,000", 40000, thousands=True)["value"] == 33000
    assert found("33,000", 40000, thousands=True)["thousands"]
    assert found("1,312", 1312)["kind"] == "right"
    assert found("3,999", 3.999, thousands=True)["kind"] == "right"
    assert found("3,999", 4.2)["value"] == 3.999
    assert found("67,000", 67000, factor=1.4)["kind"] == "right"


def test_a_unit_beside_the_field_may_be_written_too(parts):
    for text in ("81 %", "81%", "81", " 81 percent "):
        assert called(parts, "withoutUnit", text, " %").strip() == "81"
    assert called(parts, "withoutUnit", "5 %", "") == "5 %"
    assert called(parts, "withoutUnit", "33,000 steps", " steps").strip() == "33,000"


def test_a_guess_that_cannot_be_is_refused(parts):
    rows = {"guess": True, "range": [0, 182], "whole": True, "answer": 92, "wrong": "It is 92."}

    def said(text):
        return parts.run(
            f"(() => {{ const q = {json.dumps(rows)}; return "
            f"learn.numberSaid(q, learn.compared({text!r}, 92, {{}}), {text!r}); }})()"
        )

    for text in ("-5", "1e9", "3.5"):
        assert said(text) == {
            "right": False, "say": "This cannot be: write a whole number from 0 to 182."
        }  # fmt: skip
    assert said("90") == {"right": True, "say": "It is 92.", "guessed": True}


def test_a_part_that_is_not_there_is_named(browser, folder):
    open_lesson(browser, folder, "#hide=foo,hints")
    reloaded(browser)
    said = browser.run("document.getElementById('notice').textContent")
    assert said.startswith("This page has no part foo: hide knows hints, ")
    assert "value" not in said


def test_rules_of_a_question(parts):
    kind = lambda text, truth, rule: called(parts, "compared", text, truth, rule)["kind"]  # noqa: E731
    assert kind("-4", -3.999, {"within": 1e-9}) == "wrong"
    assert kind("-3,999", -3.999, {"within": 1e-9}) == "right"
    assert kind("4e-8", 7e-8, {"factor": 10}) == "right"
    assert kind("4e-10", 7e-8, {"factor": 10}) == "wrong"
    assert kind("-7e-8", 7e-8, {"factor": 10}) == "sign"
    assert kind("5", 5.329, {"digits": 3}) == "coarse"
    assert kind("5.33", 5.329, {"digits": 3}) == "right"
    assert called(parts, "firstWrong", ["1", "2,0", "9", "8"], [1, 2, 3, 4], {}) == 2
    assert called(parts, "firstWrong", ["1", "2"], [1, 2], {}) == -1


def test_links_of_500_states_come_back(parts):
    keys = {
        "step": {"kind": "whole", "from": 1, "to": 7, "usual": 1},
        "done": {"kind": "bits", "length": 7, "usual": "0000000"},
        "seed": {"kind": "whole", "from": 0, "to": 2**32 - 1, "usual": 0},
        "hide": {"kind": "words", "usual": []},
        "fn": {"kind": "one", "of": ["square", "sigmoid", "relu"], "usual": "square"},
        "x": {"kind": "number", "from": -6, "to": 6, "usual": 3},
        "h": {"kind": "number", "from": 1e-16, "to": 2, "usual": 1},
    }
    rng = random.Random(1)
    states = [
        {
            "step": rng.randint(1, 7),
            "done": "".join(rng.choice("01") for _ in range(7)),
            "seed": rng.choice([0, 42, rng.randrange(2**32)]),
            "hide": rng.sample(["hints", "copy", "functions", "step"], rng.randint(0, 3)),
            "fn": rng.choice(["square", "sigmoid", "relu"]),
            "x": rng.choice([3, -2, rng.uniform(-6, 6)]),
            "h": rng.choice([1, 1e-15, 10 ** rng.uniform(-16, 0.3)]),
        }
        for _ in range(500)
    ]
    others = [["cam", "28,40"], ["note", "a b&c=d#é"]]
    given = json.dumps([keys, states, others])
    found = parts.run(
        f"(([keys, states, others]) => states.map((state) =>"
        f" learn.readLink(keys, learn.linkOf(keys, state, others))))({given})"
    )
    for state, each in zip(states, found, strict=True):
        assert each["state"] == state
        assert each["others"] == others
        assert each["wrong"] == []
    usual = {name: key["usual"] for name, key in keys.items()}
    assert called(parts, "linkOf", keys, usual) == ""
    for hash_ in ("#step=8", "#step=1.5", "#done=12", "#seed=-1", "#fn=cube", "#x=NaN", "#h=0",
                  "#hide=<b>", "#x=1e400"):  # fmt: skip
        read = called(parts, "readLink", keys, hash_)
        assert read["state"] == usual
        assert read["wrong"] == [hash_[1:].split("=")[0]]


def test_the_page_draws_the_same_numbers_as_python(parts):
    rng = random.Random(2)
    cases = [[rng.randrange(2**32), rng.randrange(7), rng.randint(1, 11)] for _ in range(1000)]
    found = parts.run(f"{json.dumps(cases)}.map((each) => learn.drawn(...each))")
    assert found == [drawn(*case) for case in cases]


def test_the_page_has_the_quotients_of_python(parts):
    cases = [
        (name, x, float(f"1e-{k}"), sides)
        for name in CURVES for x in (3.0, -2.0, 0.4) for k in range(16) for sides in (1, 2)
    ]  # fmt: skip
    found = parts.run(
        f"{json.dumps(cases)}.map(([n, x, h, s]) => learn.CURVES[n].quotient(x, h, s))"
    )
    for (name, x, h, sides), value in zip(cases, found, strict=True):
        expected = quotient(CURVES[name], x, h, sides)
        # The browser's exp may differ from NumPy's in the last place of f.
        slack = 0 if name != "sigmoid" else 2.0**-52 / h
        assert abs(value - expected) <= slack, (name, x, h, sides)


# ---------------------------------------------------------------- pages


def text(browser, name):
    return browser.run(f"document.getElementById({json.dumps(name)}).textContent")


def click(browser, selector):
    browser.run(f"document.querySelector({json.dumps(selector)}).click()")
    browser.settle()


def answer(browser, words, field="answer"):
    browser.run(
        f"(() => {{ const e = document.getElementById({json.dumps(field)});"
        f" e.value = {json.dumps(words)}; e.form.requestSubmit(); }})()"
    )
    browser.settle()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", ["free", "lesson"])
def test_pages_fit_are_silent_and_can_be_read(browser, folder, name, width, dark):
    path = folder / f"{name}.html"
    browser.open(path, width=width, dark=dark)
    assert browser.errors() == []
    assert browser.requests() == [path.absolute().as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    seen, found = browser.run(CONTRAST)
    assert found == []
    assert seen > 10
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    assert min(browser.run(f"[...document.querySelectorAll('svg text')].map({size})")) >= (
        12 if width > 760 else 10.5
    )
    assert browser.run("document.querySelectorAll('[style]').length") == 0


def test_the_article_stands_on_the_page(browser, folder):
    browser.open(folder / "free.html")
    browser.run("location.hash = '#x=3&h=0.001'")
    browser.settle()
    line = browser.run("document.querySelector('.formula').textContent")
    assert "(9.006001 − 9) / 0.001 = 6.001" in line
    assert "2x = 6" in line
    assert "6.000999999999479" in browser.run("document.querySelector('.digits').textContent")
    click(browser, "[data-x='-2']")
    line = browser.run("document.querySelector('.formula').textContent")
    assert "(3.996001 − 4) / 0.001 = −3.999" in line
    assert "2x = −4" in line
    count = "+document.querySelector('[data-differences]').dataset.differences"
    assert 300 <= browser.run(count) <= 340
    answer(browser, "−4", "guess")
    assert "−4 is what the rule says" in browser.run("document.querySelector('#ask p').textContent")


def test_the_glass_has_stairs_at_the_last_digits(browser, folder):
    browser.open(folder / "free.html")
    rises = (
        "new Set([...document.querySelector('.glass .curve').getAttribute('d')"
        ".matchAll(/V(-?[\\d.]+)/g)].map(m => m[1])).size"
    )
    browser.run("location.hash = '#x=3&h=1e-15'")
    browser.settle()
    # Neighbours of x in the glass, ± 1.45 · 10⁻¹⁵, and the different heights of f there.
    near = 3 + np.linspace(-1.05, 1.05, 481) * 1.45e-15
    assert browser.run(rises) == len(np.unique(near * near))
    browser.run("location.hash = '#x=3&h=0.01'")
    browser.settle()
    assert browser.run(rises) == 0


def test_points_and_step_move_by_keys_and_by_hand(browser, folder):
    browser.open(folder / "free.html")
    now = lambda: re.findall(r"[-\d.e]+", browser.run("location.hash"))  # noqa: E731
    browser.run("document.getElementById('first-point').focus()")
    browser.key("ArrowLeft")
    browser.settle()
    assert now() == ["2.95"]
    assert browser.run("document.activeElement.id") == "first-point"
    browser.run("document.getElementById('error-cursor').focus()")
    browser.key("PageDown")
    browser.settle()
    assert "h=0.1" in browser.run("location.hash")
    corner = "(e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })"
    x, y, width, height = browser.run(f"{corner}(document.querySelector('.errors'))")
    for kind, px in (("mousePressed", x + width * 0.5), ("mouseMoved", x + width * 0.5),
                     ("mouseReleased", x + width * 0.5)):  # fmt: skip
        browser.point(px, y + height / 2, kind)
    browser.settle()
    h = browser.run("parseFloat(new URLSearchParams(location.hash.slice(1)).get('h'))")
    assert 1e-9 < h < 1e-7  # the middle of the picture
    before = browser.run("document.querySelector('.slider-of-h output').textContent")
    click(browser, "[data-fn=sigmoid]")
    assert browser.run("document.querySelector('.slider-of-h output').textContent") == before


def open_lesson(browser, folder, link=""):
    browser.open(folder / "parts.html")
    browser.open(folder / "lesson.html")
    if link:
        browser.run(f"location.hash = {json.dumps(link)}")
        browser.settle()


def test_a_lesson_from_its_first_step_to_its_last(browser, folder):
    open_lesson(browser, folder)
    assert text(browser, "where").startswith("Step 1 of 7")
    browser.run(
        "(() => { const e = document.getElementById('step-h'); e.value = -1.5;"
        " e.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )
    browser.settle()
    assert "6.0" in text(browser, "feedback")
    assert "done=1000000" in browser.run("location.hash")
    click(browser, "#next")
    assert browser.run("document.querySelector('.formula').hidden")  # nothing gives the guess away
    answer(browser, "−4")
    assert text(browser, "feedback") == "−4 is what the rule says. Two points give −3.999."
    assert browser.run("document.querySelector('.plot.gap') !== null")
    click(browser, "#next")
    for place, words in enumerate(["9,006001", "9", "0.0061", "6.001"]):
        browser.run(f"document.getElementById('factor-{place}').value = {json.dumps(words)}")
    browser.run("document.getElementById('factor-0').form.requestSubmit()")
    browser.settle()
    assert text(browser, "feedback").startswith("The first 2 are right. Look at their difference")
    assert (
        browser.run("document.querySelector('.first-wrong label').textContent")
        == "their difference"
    )
    assert browser.run("document.activeElement.id") == "factor-2"
    browser.run("document.getElementById('factor-2').value = '0.006001'")
    browser.run("document.getElementById('factor-2').form.requestSubmit()")
    browser.settle()
    assert text(browser, "feedback").startswith("Right.")
    click(browser, "#next")
    assert browser.run("document.querySelector('[data-differences]')") is None
    browser.run(
        "[...document.querySelectorAll('#question button')]"
        ".find(e => e.textContent === 'falls all the way').click()"
    )
    click(browser, "#question .first-choice")
    assert "off by a factor of" in text(browser, "feedback")
    assert browser.run("document.querySelector('[data-differences]') !== null")
    click(browser, "#next")
    answer(browser, "5,33")
    assert text(browser, "feedback").startswith("Right: 5.329 instead of 6.")
    click(browser, "#next")
    click(browser, ".choice:nth-child(1)")
    assert "15 digits" in text(browser, "feedback")
    assert "done=1111100" in browser.run("location.hash")
    click(browser, ".choice:nth-child(2)")
    click(browser, "#next")
    for _ in range(3):
        click(browser, "#help button")
    assert browser.run("document.querySelectorAll('.hints li').length") == 3
    answer(browser, "1e-4")
    assert text(browser, "feedback").startswith("There the error is larger")
    answer(browser, "10⁻⁷")
    assert text(browser, "feedback").startswith("Right: about 7.0·10⁻⁸")
    assert "done=1111111" in browser.run("location.hash")
    assert browser.errors() == []


def test_a_link_restores_step_seed_and_hidden_parts(browser, folder):
    open_lesson(browser, folder, "#step=2&seed=42&done=1000000&hide=hints,copy")
    assert text(browser, "where").startswith("Step 2 of 7")
    assert browser.run("document.querySelectorAll('.steps .done').length") == 1
    assert browser.run("getComputedStyle(document.querySelector('#help > div')).display") == "none"
    assert browser.run("getComputedStyle(document.querySelector('.tools')).display") == "none"
    assert text(browser, "seed-shown") == "42"
    lesson = derivative_lesson_tasks()
    assert lesson.drawn_variant(1, 42).values["x"] in text(browser, "words")


def test_a_link_restores_the_picture_too(browser, folder):
    open_lesson(browser, folder, "#step=7&fn=sigmoid&x=-1&h=0.00001&sides=2")
    line = browser.run("document.querySelector('.formula').textContent")
    assert line.startswith("(f(−1 + h) − f(−1 − h)) / 2h")
    assert "2·10⁻⁵" in line
    open_lesson(browser, folder, "#step=9")
    assert text(browser, "where").startswith("Step 1 of 7")


def test_the_tour_by_keyboard_reaches_everything(browser, folder):
    open_lesson(browser, folder, "#step=2")
    browser.run("document.getElementById('aim').focus()")
    reached = []
    for _ in range(24):
        browser.key("Tab")
        reached.append(
            browser.run("document.activeElement.id || document.activeElement.textContent")
        )
    for name in ("answer", "That is my guess", "Hint 1 of 3", "back", "next", "first-point",
                 "step-h", "copy-answers", "copy-link"):  # fmt: skip
        assert name in reached, (name, reached)


def test_with_reduced_motion_h_shrinks_in_steps(browser, folder):
    browser.open(folder / "free.html")
    browser.send("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-reduced-motion", "value": "reduce"}])  # fmt: skip
    click(browser, "[data-part=shrink]")
    assert "h=0.1" in browser.run("location.hash")
    click(browser, "[data-part=shrink]")
    assert "h=0.01" in browser.run("location.hash")


def test_a_printed_lesson_has_no_second_sheet_with_a_footer_alone(browser, folder, tmp_path):
    browser.open(folder / "lesson.html")
    browser.pdf(tmp_path / "page.pdf")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes())) == 1
