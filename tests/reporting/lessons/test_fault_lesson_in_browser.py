"""The lesson on faults in a browser: its engine against Python's, and the lesson done."""

import json

import numpy as np
import pytest

from browser import Browser
from colours import CONTRAST
from lesson_subjects import small_subject
from thalweg.export.javascript import module_text
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.lessons.fault_tasks import fault_lesson_tasks
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.trace.page.traced_page_data import formulas_of
from thalweg.tracing.planted_faults import FAULTS
from thalweg.tracing.row_trace import trace

pytestmark = pytest.mark.browser

ENTRY = """\
import { checkRatios, gradientOf, lossOf, netFrom } from "./learn/net.js";
const flat = (layers) => layers.flatMap(({ W, b }) => [...W.flat(), ...b]);
window.net = {
  gradient: (spec, X, Y, forms) => flat(gradientOf(netFrom(spec), X, Y, forms)),
  loss: (spec, X, Y) => lossOf(netFrom(spec), X, Y),
  ratios: (spec, X, Y, forms) => flat(checkRatios(netFrom(spec), X, Y, forms)),
};
document.documentElement.dataset.drawn = "yes";
"""
WORDS = lesson_text("fault").more
FORMS = {name: each["forms"] for name, each in {**WORDS["faults"], **WORDS["second"]}.items()}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    formulas = formulas_of([*ACTIVATIONS], "sigmoid_cross_entropy")
    program = joined(DRAW, "entry.js", {"entry.js": ENTRY, "formulas.js": module_text(formulas)})
    (folder / "net.html").write_text(
        f'<!doctype html><meta charset="utf-8"><script type="module">{program}</script>', "utf-8"
    )
    page = lesson_html(fault_lesson_tasks(small_subject()))
    (folder / "lesson.html").write_text(page, "utf-8")
    return folder


def network(hidden, activation, n_rows, seed):
    random = np.random.default_rng(seed)
    architecture = Architecture.dense(5, hidden, 1, activation)
    theta = random.normal(0, 0.8, architecture.n_parameters)
    X = random.normal(0, 1, (n_rows, 5))
    Y = (random.random((n_rows, 1)) < 0.5).astype(float)
    right = trace(architecture, Objective("sigmoid_cross_entropy", 0.05), theta, Data.of(X, Y))
    spec = {
        "sizes": list(architecture.sizes), "activation": activation, "theta": theta.tolist(),
        "penalty": 0.05,
    }  # fmt: skip
    return right, spec, X.tolist(), Y[:, 0].tolist()


def asked(browser, name, *given):
    return browser.run(f"net.{name}({', '.join(json.dumps(each) for each in given)})")


def apart(found, expected):
    return np.max(np.abs(np.array(found) - expected)) / np.max(np.abs(expected))


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softplus"])
def test_the_engine_of_the_page_is_the_trace_of_python(browser, folder, activation):
    browser.open(folder / "net.html")
    for seed, hidden in enumerate([(4,), (3,), (6, 4), (3, 3, 2), ()]):
        for n_rows in (1, 2, 7):
            right, spec, X, Y = network(hidden, activation, n_rows, seed)
            assert apart(asked(browser, "gradient", spec, X, Y), right.gradient) <= 1e-12
            assert asked(browser, "loss", spec, X, Y) == pytest.approx(right.height, rel=1e-12)


@pytest.mark.parametrize("fault", FORMS)
def test_a_planted_fault_is_the_one_of_python(browser, folder, fault):
    browser.open(folder / "net.html")
    for seed in range(4):
        for n_rows in (1, 2, 5):
            right, spec, X, Y = network((4,), "tanh", n_rows, seed)
            expected = FAULTS[fault].gradient(right)
            found = asked(browser, "gradient", spec, X, Y, FORMS[fault])
            assert apart(found, expected) <= 1e-12, (seed, n_rows)


def test_the_check_finds_right_lines_right_and_wrong_ones_wrong(browser, folder):
    browser.open(folder / "net.html")
    _, spec, X, Y = network((4,), "tanh", 1, 3)
    ratios = asked(browser, "ratios", spec, X, Y, {})
    assert np.max(np.abs(np.array(ratios) - 1)) < 1e-5
    for name, forms in FORMS.items():
        ratios = np.array(asked(browser, "ratios", spec, X, Y, forms))
        one_row_shows = name not in WORDS["second"]
        assert bool(np.max(np.abs(ratios - 1)) > 1e-3) is one_row_shows, name
    _, spec, X, Y = network((4,), "tanh", 2, 3)
    ratios = np.array(asked(browser, "ratios", spec, X, Y, FORMS["missing_1_over_n"]))
    biases = [*range(20, 24), 28]
    np.testing.assert_allclose(ratios[biases], 2, rtol=1e-5)  # the biases have no penalty


def text(browser, name):
    return browser.run(f"document.getElementById({json.dumps(name)}).textContent")


def click(browser, script):
    browser.run(f"{script}.click()")
    browser.settle()


def button(words):
    return (
        f"[...document.querySelectorAll('button')].find(e => e.textContent === {json.dumps(words)})"
    )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_fits_is_silent_and_can_be_read(browser, folder, width, dark):
    path = folder / "lesson.html"
    browser.open(path, width=width, dark=dark)
    assert browser.errors() == []
    assert browser.requests() == [path.absolute().as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    seen, found = browser.run(CONTRAST)
    assert found == []
    assert seen > 40


def test_wrong_ratios_are_marked_on_paper_too(browser, folder):
    browser.open(folder / "lesson.html")
    browser.look(684, media="print")
    marked = "[...document.querySelectorAll('.ratios td.off')].map(e => "
    assert set(browser.run(f"{marked}getComputedStyle(e).printColorAdjust)")) == {"exact"}
    browser.send("Emulation.setEmulatedMedia", media="", features=[])


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5])
def test_the_lesson_is_done_from_its_first_step_to_its_last(browser, folder, seed):
    lesson = fault_lesson_tasks(small_subject())
    browser.open(folder / "net.html")
    browser.open(folder / "lesson.html")
    browser.run(f"location.hash = '#seed={seed}'")
    browser.settle()
    variant = lesson.drawn_variant(0, seed)
    assert text(browser, "notice") == ""
    click(browser, button(variant.values["pattern"]))
    assert text(browser, "feedback") == "Right."
    click(browser, "document.getElementById('next')")
    click(browser, "document.querySelector('.code li:nth-child(2) button')")
    assert text(browser, "feedback").startswith("Line 2 is on the way there")
    click(
        browser, f"document.querySelector('.code li:nth-child({variant.values['number']}) button')"
    )
    assert text(browser, "feedback").startswith(f"Right: line {variant.values['number']}.")
    assert browser.run("document.querySelectorAll('.wrong-line').length") >= 1
    click(browser, "document.getElementById('next')")
    choice = lesson.drawn_variant(2, seed)
    click(browser, f"document.querySelector('.choice:nth-child({choice.answer + 1})')")
    assert text(browser, "feedback").startswith("Right.")
    click(browser, "document.getElementById('next')")
    assert "are not 1" in browser.run("document.querySelector('.say').textContent")
    fix = WORDS["faults"][variant.values["fault"]]["fix"]
    for place, form in enumerate(fix):
        click(browser, f"document.querySelector('#question .choice:nth-child({place + 1})')")
        said = browser.run("document.querySelector('.say').textContent")
        assert said.startswith("All 49 ratios are 1") is (form == "right"), (form, said)
    click(browser, button(variant.values["right_line"]))
    click(browser, "document.getElementById('next')")
    assert browser.run("document.querySelector('.say').textContent").startswith("All 49")
    second = lesson.drawn_variant(4, seed)
    assert second.values["wrong_line"] not in browser.run(
        "document.querySelector('.code').textContent"
    )
    click(browser, button("Ask for a second row"))
    assert "are not 1, with 2 rows" in browser.run("document.querySelector('.say').textContent")
    click(browser, f"document.querySelector('.choice:nth-child({second.answer + 1})')")
    assert text(browser, "feedback").startswith("Right.")
    click(browser, "document.getElementById('next')")
    for place, number in enumerate(lesson.drawn_variant(5, seed).answer):
        browser.run(f"document.getElementById('factor-{place}').value = '{number:.3g}'")
    browser.run("document.getElementById('factor-0').form.requestSubmit()")
    browser.settle()
    assert text(browser, "feedback").startswith("Right.")
    assert "done=111111" in browser.run("location.hash")
    assert browser.errors() == []


def test_a_page_that_computes_something_else_says_so_and_asks_nothing(browser, folder, tmp_path):
    page = (folder / "lesson.html").read_text("utf-8")
    begin = page.index('"gradient":[') + len('"gradient":[')
    end = page.index(",", begin)
    changed = f"{page[:begin]}{float(page[begin:end]) + 1e-6!r}{page[end:]}"
    (tmp_path / "changed.html").write_text(changed, "utf-8")
    browser.open(tmp_path / "changed.html")
    assert "another gradient than Python" in text(browser, "notice")
    assert browser.run("document.querySelectorAll('#question *').length") == 0


def test_a_right_line_with_the_same_pattern_gets_another_reason(browser, folder):
    lesson = fault_lesson_tasks(small_subject())
    same = {"dA1": "dZ1", "dZ1": "dA1", "dYh": "dZ2", "dZ2": "dYh"}
    keys = [line["key"] for line in WORDS["lines"]]
    seen = set()
    for seed in range(30):
        values = lesson.drawn_variant(1, seed).values
        key = keys[int(values["number"]) - 1]
        if key not in same or key in seen:
            continue
        seen.add(key)
        browser.open(folder / "net.html")
        browser.open(folder / "lesson.html")
        browser.run(f"location.hash = '#seed={seed}&step=2'")
        browser.settle()
        other = keys.index(same[key]) + 1
        click(browser, f"document.querySelector('.code li:nth-child({other}) button')")
        said = text(browser, "feedback")
        assert "the place of the ratios does not tell these lines apart" in said, key
        assert "would be wrong: the" in said
        click(
            browser, f"document.querySelector('.code li:nth-child({keys.index('dW1') + 1}) button')"
        )
        assert text(browser, "feedback").endswith("W1 alone would be wrong.")
    assert {"dA1", "dZ1"} <= seen
