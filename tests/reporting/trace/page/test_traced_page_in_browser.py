"""The trace page in a browser: its numbers, its stops, its link, and what can be changed."""

import json
import re
from decimal import Decimal

import numpy as np
import pytest

from browser import Browser
from colours import CONTRAST
from thalweg.export.javascript import module_text
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.held_weights import held
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.trace.page.traced_page_data import page_formulas
from thalweg.reporting.trace.trace_data import Names, trace_data
from thalweg.tracing.row_trace import trace
from traced_pages import KINDS, numbers_of, two_classes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """Each kind of trace with its page."""
    folder, found = tmp_path_factory.mktemp("pages"), {}
    for name, make in KINDS.items():
        traced = make()
        path = folder / f"{name}.html"
        path.write_text(traced.to_html(), "utf-8")
        found[name] = (json.loads(traced.to_json()), path)
    return found


def opened(browser, path, link="", **look):
    browser.open(path, **look)
    if link:
        browser.run(f"location.hash = {json.dumps(link)}")
        browser.settle()
    return browser


def number_of(text):
    """A number as the page writes it; powers of ten, too."""
    text = text.replace("−", "-")
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    mantissa, dot, power = text.partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(raised)) if dot else float(mantissa)


def unit_of(text):
    """One unit of the last digit of a written number."""
    mantissa, dot, _ = text.replace("−", "-").partition("·10")
    places = len(mantissa.partition(".")[2])
    scale = abs(number_of(text)) / abs(float(mantissa)) if dot else 1.0
    return scale * 10.0**-places


PLACES = """[...document.querySelectorAll('#net .pill[id]')].map(e =>
  [e.dataset.k, e.querySelector('text').textContent])"""
STOPS = "document.querySelectorAll('#stops button').length"
KIND = "document.querySelector('#stops .now span').textContent"


@pytest.mark.parametrize("kind", KINDS)
def test_every_pill_has_the_number_of_the_json_at_every_stop(browser, traces, kind):
    data, path = traces[kind]
    page = opened(browser, path, "guess=shown")
    keys = {"Z": "Z", "A": "A", "∂A": "dA", "∂Z": "dZ"}
    last, shown, checked = len(data["layers"]), {}, 0
    for stop in range(1, page.run(STOPS) + 1):
        page.run(f"location.hash = 'guess=shown&stop={stop}'")
        page.settle()
        symbol = re.fullmatch(r"\d+ (\D+?)([₀-₉]*)", page.run(KIND))
        if symbol[1] in keys:
            shown[int(symbol[2].translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")))] = keys[
                symbol[1]
            ]
        if symbol[1] == "Ŷ" and len(data["passes"][0]["Yh"]) > 1:
            shown[last] = "Yh"
        for key, text in page.run(PLACES):
            if not key or "▾" in text or "▴" in text or text[0] in "+·":
                continue
            kind_of, _, unit = key.partition(".")
            if kind_of == "x":
                wanted = data["passes"][0]["X"][int(unit) - 1]
            elif kind_of[0] == "u":
                layer = int(kind_of[1:])
                what = shown[layer]
                one = data["passes"][0]
                wanted = (one["Yh"] if what == "Yh" else one["layers"][layer - 1][what])[
                    int(unit) - 1
                ]
            else:
                continue
            assert abs(number_of(text) - wanted) <= 0.5001 * unit_of(text), (stop, key, text)
            checked += 1
    assert checked > 20
    assert page.errors() == []


TOKENS = """[...document.querySelectorAll('#formula p')].map(p =>
  [...p.querySelectorAll('b')].map(b => [b.dataset.k, b.textContent, Number(b.title)]))"""


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_a_formula_is_of_the_json_and_sums_add_up(browser, traces, kind):
    data, path = traces[kind]
    known = numbers_of(data)
    page = opened(browser, path, "guess=shown")
    sums = 0
    for stop in range(1, page.run(STOPS) + 1):
        page.run(f"location.hash = 'guess=shown&stop={stop}'")
        page.settle()
        for line in page.run(TOKENS):
            for key, text, value in line:
                # The rest is a sum of written terms, each of which is off by less than a unit.
                most = 3.0 if key == "rest" else 1.0001
                assert abs(number_of(text) - value) <= most * unit_of(text), (stop, key)
                if key == "rest" or key.startswith(("total", "penalty")):
                    continue
                near = known[max(0, np.searchsorted(known, value) - 1) :][:3]
                gap = np.min(np.abs(near - value))
                assert gap <= 1e-11 * max(1e-3, abs(value)), (stop, key, value)
            texts = page.run("document.querySelector('#formula').textContent")
            if " + " in texts and "bias" in texts and len(line) > 2:
                total, *terms = (Decimal(text.replace("−", "-")) for _, text, _ in line)
                assert sum(terms) == total, (stop, line)
                sums += 1
    assert sums >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_silent_fits_a_phone_and_opens_with_the_picture(browser, traces, kind):
    _, path = traces[kind]
    for width in (1280, 390):
        page = opened(browser, path, width=width)
        assert page.requests() == [path.absolute().as_uri()]
        for stop in range(1, page.run(STOPS) + 1):
            page.run(f"location.hash = 'guess=shown&stop={stop}'")
            page.settle()
            assert page.run("document.documentElement.scrollWidth") <= width, stop
        assert page.errors() == []
    page = opened(browser, path)
    tops = page.run("['net', 'formula'].map(id => document.getElementById(id)"
                    ".getBoundingClientRect().top)")  # fmt: skip
    assert tops[0] <= 250
    assert tops[1] <= 900


N_STOPS = {
    "two": 10,
    "softmax": 10,
    "number": 9,
    "poisson": 10,
    "deep": 14,
    "linear": 6,
    "grades": 10,
    "grades linear": 6,
}


@pytest.mark.parametrize(("kind", "stops"), N_STOPS.items())
def test_a_tour_with_the_keys_passes_all_stops(browser, traces, kind, stops):
    _, path = traces[kind]
    page = opened(browser, path)
    heads = []
    for stop in range(1, stops + 1):
        heads.append(page.run("document.querySelector('#said h2').textContent"))
        assert heads[-1].startswith(f"{stop}. "), heads
        if "Guess first" in heads[-1]:
            assert page.run("document.getElementById('formula').hidden")
            page.run("document.querySelector('[data-guess=shown]').click()")
            page.settle()
            assert not page.run("document.getElementById('formula').hidden")
        words = page.run("document.querySelector('#said p:last-child').textContent")
        assert 3 <= len(words.split()) <= 70, words
        page.key("ArrowRight")
        page.settle()
    assert page.run("document.getElementById('number').textContent") == f"{stops} of {stops}"
    page.key("ArrowLeft")
    page.settle()
    assert page.run("document.getElementById('number').textContent") == f"{stops - 1} of {stops}"
    assert sum("Guess first" in head for head in heads) == 1


def test_an_output_of_grades_that_rows_do_not_move_is_its_bias(browser, traces):
    """Softplus of its sum is the distance of two thresholds; a reader begins at another."""
    data, path = traces["grades"]
    page = opened(browser, path, "stop=4&unit2=3")
    said, formula = (page.run(f"document.getElementById('{each}').textContent")
                     for each in ("said", "formula"))  # fmt: skip
    assert "opinions become one; 2 outputs are biases" in said
    assert "Z₂[3] = b₂[3] = " in formula
    gap, of_z = re.search(r": ([\d.−]+) = softplus\(([\d.−]+)\)", formula).groups()
    z = data["passes"][0]["layers"][-1]["Z"][2]
    assert float(of_z.replace("−", "-")) == pytest.approx(z, abs=1e-3)
    assert float(gap) == pytest.approx(np.log1p(np.exp(z)), abs=1e-3)
    names = page.run("document.getElementById('net').textContent")
    assert "Z₂[2]" in names
    page = opened(browser, path, "stop=7")
    assert "should Z₂[1] go up" in page.run("document.getElementById('said').textContent")


def test_what_comes_after_the_guess_is_covered_until_then(browser, traces):
    data, path = traces["two"]
    page = opened(browser, path, "stop=9")
    said = page.run("document.querySelector('#said').textContent")
    assert "should Z₂ go up or down?" in said
    assert page.run("document.querySelector('[data-k=\"u2.1\"] text').textContent") == "·"
    assert page.run("document.querySelector('#net').textContent.includes('∂Z₁')") is False
    wrong = "up" if data["passes"][0]["layers"][-1]["dZ"][0] > 0 else "down"
    page.run("location.hash = 'stop=7'")
    page.settle()
    page.run(f"document.querySelector('[data-guess={wrong}]').click()")
    page.settle()
    assert "It is the other way" in page.run("document.querySelector('#said').textContent")
    assert f"guess={wrong}" in page.run("location.hash")


def test_the_link_keeps_every_state(browser, traces):
    data, path = traces["deep"]
    page = opened(browser, path)
    rng = np.random.default_rng(0)
    n_inputs = data["network"]["sizes"][0]
    for _ in range(30):
        state = {
            "stop": rng.integers(2, 15), "unit": rng.integers(1, 31), "unit2": rng.integers(1, 9),
            "input": rng.integers(1, n_inputs + 1), "layer": rng.integers(1, 4),
            "open": rng.integers(1, 10), "guess": rng.choice(["up", "down", "shown"]),
        }  # fmt: skip
        page.run(f"location.hash = {json.dumps('&'.join(f'{k}={v}' for k, v in state.items()))}")
        page.settle()
        page.run("document.querySelector('#stops .now').click()")
        link = dict(each.split("=") for each in page.run("location.hash")[1:].split("&"))
        usual = {key: value for key, value in state.items() if key not in link}
        assert {**link, **{k: str(v) for k, v in usual.items()}} == {
            key: str(value) for key, value in state.items()
        }
        assert set(usual) <= {"unit", "unit2", "input", "layer"}  # where it begins
    page.run("location.hash = 'stop=900'")
    page.settle()
    assert "not allowed for stop" in page.run("document.getElementById('notice').textContent")
    assert page.errors() == []


ENTRY = """\
import { largestGap, layeredNet, passOf } from "./trace/passes.js";
window.gap = (sizes, activations, theta, rows) => Math.max(...rows.map(({ y, share, pass }) =>
  largestGap(passOf(layeredNet(sizes, activations, theta), pass.X, y, share), pass)));
document.documentElement.dataset.drawn = "yes";
"""
ALL_LOSSES = ("sigmoid_cross_entropy", "softmax_cross_entropy", "squared_error", "absolute_error",
              "huber:delta=0.7", "quantile:level=0.2", "poisson", "ordinal",
              "formula:where(y > 3, exp(z - y) - min(z, y)**3, floor(z) * abs(z) + sqrt(1 + z * z)"
              " - sin(z)) @ 2.5 1.5 3 1e-6")  # fmt: skip


@pytest.mark.parametrize("text", ALL_LOSSES)
def test_the_engine_of_the_page_computes_what_python_computes(browser, tmp_path, text):
    """Random networks with every activation, one after the other, against the trace."""
    rng = np.random.default_rng(len(text))
    outputs = 3 if text.startswith("softmax") or text == "ordinal" else 1
    for case, f in enumerate(ACTIVATIONS):
        sizes = (4, 5, 3, outputs)
        architecture = Architecture(sizes, (f, "tanh", "identity"))
        theta = rng.normal(size=architecture.n_parameters)
        Y = rng.integers(0, 2, (2, outputs)).astype(float)
        if outputs > 1:
            Y = np.eye(outputs)[rng.integers(0, outputs, 2)]
        if text == "ordinal":
            ends = np.eye(4)[[case % 4, (case + 1) % 4]]
            Y = ends[:, :-1] - ends[:, 1:]
            theta[held(architecture, text)] = 0
        data = Data.of(rng.normal(size=(2, 4)), Y, np.array([1.0, 3.0]))
        traced = trace(architecture, Objective(text), theta, data)
        facts = trace_data(traced, Names([*"abcd"], [1, 2], [None] * 4, ["", ""]))
        formulas = module_text(page_formulas(facts))
        program = joined(DRAW, "entry.js", {"entry.js": ENTRY, "formulas.js": formulas})
        path = tmp_path / f"{case}.html"
        path.write_text(
            f'<!doctype html><meta charset="utf-8"><script type="module">{program}</script>',
            "utf-8",
        )
        rows = [
            {"y": row["y"], "share": row["share"], "pass": one}
            for row, one in zip(facts["rows"], facts["passes"], strict=True)
        ]
        browser.open(path)
        given = ", ".join(json.dumps(each) for each in (
            sizes, [f, "tanh", "identity"], theta.tolist(), rows))  # fmt: skip
        assert browser.run(f"window.gap({given})") <= 1e-12, f
        rows[1]["pass"]["layers"][0]["dZ"][2] += 1e-9
        given = ", ".join(json.dumps(each) for each in (
            sizes, [f, "tanh", "identity"], theta.tolist(), rows))  # fmt: skip
        assert browser.run(f"window.gap({given})") > 1e-12


SLIDE = """(id, value) => {
  const range = document.getElementById(id);
  range.value = value;
  range.dispatchEvent(new Event('input', { bubbles: true }));
}"""
LOSS = "document.querySelector('[data-k=loss] text').textContent"


def test_a_changed_cell_gives_what_python_gives(browser, traces):
    data, path = traces["two"]
    model, frame, target = two_classes()
    row = data["rows"][0]["row"] - 1
    page = opened(browser, path, "stop=6&input=6")
    label = page.run("document.querySelector('label[for=what-if-cell]').textContent")
    assert label == "The cell bare_nuclei"
    for value in (1, 10):
        page.run(f"({SLIDE})('what-if-cell', {value})")
        page.settle()
        changed = frame.iloc[[row]].assign(bare_nuclei=float(value))
        wanted = model.trace(changed, target[[row]]).data
        text = page.run(LOSS)
        assert abs(number_of(text) - wanted["rows"][0]["loss"]) <= 0.5001 * unit_of(text)
        pills = dict(page.run(PLACES))
        for j, a in enumerate(wanted["passes"][0]["layers"][0]["A"], start=1):
            text = pills[f"u1.{j}"]
            assert abs(number_of(text) - a) <= 0.5001 * unit_of(text)
    page.run("document.getElementById('what-if-back').click()")
    page.settle()
    assert number_of(page.run(LOSS)) == pytest.approx(data["rows"][0]["loss"], abs=1e-3)


def test_a_changed_weight_gives_what_python_gives(browser, traces):
    data, path = traces["number"]
    page = opened(browser, path, "stop=5&unit=3&input=2&layer=1")
    traced = KINDS["number"]().trace
    theta = traced.theta.copy()
    page.run(f"({SLIDE})('what-if-weight', 0.75)")
    page.settle()
    theta[2 * data["network"]["sizes"][0] + 1] = float(
        page.run("document.getElementById('what-if-weight').value")
    )
    again = trace(traced.architecture, traced.objective, theta, traced.data)
    text = page.run(LOSS)
    assert abs(number_of(text) - again.losses[0]) <= 0.5001 * unit_of(text)


def test_a_page_that_computes_otherwise_says_so(browser, traces, tmp_path):
    _, path = traces["two"]
    page = path.read_text("utf-8")
    place = re.search(r'"Z":\[(-?[0-9.]+)', page)
    wrong = page[: place.start(1)] + repr(float(place[1]) + 1e-6) + page[place.end(1) :]
    (tmp_path / "wrong.html").write_text(wrong, "utf-8")
    shown = opened(browser, tmp_path / "wrong.html")
    assert "differs from Python's" in shown.run("document.getElementById('what-if').textContent")
    assert shown.run("document.querySelectorAll('#what-if input').length") == 0
    place = re.search(r'"changed":\{.*?"rows":\[\[([0-9.]+)', page)
    wrong = page[: place.start(1)] + "2.5" + page[place.end(1) :]
    (tmp_path / "cells.html").write_text(wrong, "utf-8")
    shown = opened(browser, tmp_path / "cells.html")
    assert "Cells cannot be changed" in shown.run("document.getElementById('what-if').textContent")
    assert shown.run("document.querySelectorAll('#what-if input').length") == 1  # the weight


def test_a_category_opens_with_enter(browser, traces):
    data, path = traces["categories"]
    page = opened(browser, path, "stop=2")
    place = next(i for i, own in enumerate(data["own_columns"]) if own["name"] == "town")
    before = len(page.run(PLACES))
    page.run(f"document.getElementById('pill-g.{place + 1}').focus()")
    page.key("Enter")
    page.settle()
    assert len(page.run(PLACES)) == before + len(data["own_columns"][place]["inputs"])
    assert "town=" in page.run("document.getElementById('net').textContent")
    assert f"open={place + 1}" in page.run("location.hash")
    assert page.run("document.activeElement.id") == f"pill-g.{place + 1}"
    page.key("Enter")
    page.settle()
    assert len(page.run(PLACES)) == before


def test_a_batch_is_stepped_through_and_has_a_mean(browser, traces):
    data, path = traces["batch"]
    page = opened(browser, path, "stop=6&row=2")
    text = page.run(LOSS)
    assert abs(number_of(text) - data["rows"][1]["loss"]) <= 0.5001 * unit_of(text)
    page.run("[...document.querySelectorAll('#rows button')].at(-1).click()")
    assert "row=3" in page.run("location.hash")
    page.run("location.hash = 'stop=6&row=0'")
    page.settle()
    text = page.run(LOSS)
    assert abs(number_of(text) - data["network"]["data_height"]) <= 0.5001 * unit_of(text)
    page.run("location.hash = 'stop=10&row=0'")
    page.settle()
    ((_, text, value), *_) = page.run(TOKENS)[1]
    chain = data["chain"]
    rows = sum(row["value"] for row in chain["rows"])
    assert value == pytest.approx(rows, rel=1e-12)
    assert number_of(text) == pytest.approx(rows, abs=unit_of(text))


def test_twins_light_up_together_and_nothing_moves_for_those_who_ask(browser, traces):
    _, path = traces["two"]
    page = opened(browser, path, "stop=2")
    page.run("document.querySelectorAll('#formula b')[2].focus()")
    hot = page.run("[...document.querySelectorAll('.hot')].map(e => e.tagName)")
    assert {"B", "path", "g"} <= set(hot)  # the formula, the line, and the lens
    name = "getComputedStyle(document.querySelector('.flows')).animationName"
    page.key("ArrowRight")
    page.key("ArrowLeft")
    assert page.run(name) == "there"
    calm = {"name": "prefers-reduced-motion", "value": "reduce"}
    page.send("Emulation.setEmulatedMedia", media="", features=[calm])
    assert page.run(name) == "none"


NAMELESS = """[...document.querySelectorAll('button, select, input, svg, summary')].filter(e =>
  !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))
  .map(e => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["two", "softmax", "number", "batch"])
def test_everything_can_be_read_and_has_a_name(browser, traces, kind, dark):
    _, path = traces[kind]
    page = opened(browser, path, "stop=4&guess=shown", dark=dark)
    for stop in (4, page.run(STOPS)):
        page.run(f"location.hash = 'guess=shown&stop={stop}'")
        page.settle()
        seen, found = page.run(CONTRAST)
        assert found == []
        assert seen > 20
        assert page.run(NAMELESS) == []
    assert page.run("document.getElementById('said').getAttribute('aria-live')") == "polite"


def test_the_page_of_9_15_1_keeps_its_size(traces):
    """What it may grow to; the folded tables are not counted."""
    page = traces["two"][1].read_text("utf-8")
    script = page[page.index('<script type="module">') : page.rindex("</script>")]
    tables = page[page.index('<details id="all-numbers">') : page.index("</details>")]
    assert len(script.encode()) < 54_500
    assert len(page.encode()) - len(tables.encode()) < 82_000
