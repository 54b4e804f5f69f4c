"""What a reader of the trace page sees: one place, the words of the field, numbers that fit."""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest

from browser import Browser
from thalweg import ThalwegClassifier
from traced_pages import KINDS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning"),
]

ONE_ROW = ("two", "softmax", "number", "poisson", "deep", "linear")
STOPS = "document.querySelectorAll('#stops button').length"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    folder, found = tmp_path_factory.mktemp("pages"), {}
    for name in (*ONE_ROW, "batch"):
        traced = KINDS[name]()
        path = folder / f"{name}.html"
        path.write_text(traced.to_html(), "utf-8")
        found[name] = (json.loads(traced.to_json()), path)
    return found


def at(page, link):
    page.run(f"location.hash = {json.dumps(link)}")
    page.settle()


def text(page, selector):
    return page.run(f"document.querySelector({json.dumps(selector)}).textContent")


def place(page):
    """What says where the reader is: the words, the slider, the lit button, the heading."""
    head = text(page, "#said h2").split(".")[0]
    return (text(page, "#number"), page.run("Number(document.getElementById('slide').value)"),
            page.run("document.querySelector('#stops .now').id"), head)  # fmt: skip


def test_before_the_guess_all_say_one_place(browser, traces):
    browser.open(traces["two"][1])
    at(browser, "stop=10")
    assert place(browser) == ("7 of 10", 7, "stop-7", "7")
    assert text(browser, "[data-guess=shown]") == "Show me, and go to 10"
    browser.run("document.querySelector('[data-guess=shown]').click()")
    browser.settle()
    assert place(browser) == ("10 of 10", 10, "stop-10", "10")
    at(browser, "stop=9&guess=no")
    assert place(browser)[0] == "7 of 10"
    browser.key("ArrowLeft")
    browser.settle()
    assert place(browser) == ("6 of 10", 6, "stop-6", "6")
    at(browser, "stop=9&guess=no")
    browser.run("document.querySelector('[data-guess=up]').click()")
    browser.settle()
    assert place(browser) == ("7 of 10", 7, "stop-7", "7")
    assert text(browser, ".verdict")


@pytest.mark.parametrize("kind", ONE_ROW)
def test_the_words_of_the_field_stand_where_it_happens(browser, traces, kind):
    browser.open(traces[kind][1])
    said = {}
    for stop in range(1, browser.run(STOPS) + 1):
        at(browser, f"guess=shown&stop={stop}")
        symbol = re.sub(r"^\d+ |[₀-₉]", "", text(browser, "#stops .now span"))
        said.setdefault(symbol, []).append(text(browser, "#said"))
    assert "function" in said["X"][0]
    assert "forward pass" in said["X"][0]
    assert "The loss" in said["Loss"][0]
    if "Ŷ" in said:
        assert "The prediction" in said["Ŷ"][0]
        assert "forward pass ends" in said["Ŷ"][0]
    back = [*said.get("∂A", []), *said.get("∂Z", [])]
    (first,) = (each for each in back if "The derivative of the loss" in each)
    assert "backward pass begins" in first
    assert all("Chain rule" in each for each in back if each != first)
    assert "The chain rule" in said["∂W"][0]
    assert ("learning rate" in text(browser, "#update")) == (kind != "linear")  # L-BFGS has none


LINES = """[...document.querySelectorAll('#formula p')].map(p => [p.textContent,
  [...p.querySelectorAll('b')].map(b => b.textContent)])"""


def printed(words):
    mantissa, dot, power = words.replace("−", "-").partition("·10")
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    return float(mantissa) * 10.0 ** int(power.translate(raised)) if dot else float(mantissa)


def unit_of(words):
    mantissa = words.replace("−", "-").partition("·10")[0]
    scale = abs(printed(words) / float(mantissa)) if float(mantissa) else 1.0
    return scale * 10.0 ** -len(mantissa.partition(".")[2])


@pytest.mark.parametrize("kind", ONE_ROW)
def test_printed_factors_multiply_to_the_printed_product(browser, traces, kind):
    data, path = traces[kind]
    browser.open(path)
    units, checked = data["network"]["sizes"][1], 0
    for unit in range(1, min(units, 5) + 1):
        for stop in range(1, browser.run(STOPS) + 1):
            at(browser, f"guess=shown&stop={stop}&unit={unit}&input=2")
            for words, numbers in browser.run(LINES):
                inner = re.sub(r"(?<!\S)−?[\d.]+(·10[⁰-⁹⁻]+)?(?!\S)|\s", "", words)
                if len(numbers) > 2 and re.fullmatch(r"=·+", inner):
                    total, *factors = numbers
                    product = math.prod(map(printed, factors))
                    half = 0.5 * unit_of(total) * (1 + 1e-9)
                    assert abs(product - printed(total)) <= half, (stop, words)
                    checked += 1
    assert checked >= 3 or kind == "linear"


def test_the_printed_loss_is_that_of_the_printed_prediction(browser, traces):
    browser.open(traces["two"][1])
    at(browser, "stop=6")
    words, (loss, p) = browser.run(LINES)[1]
    given = 1 - printed(p) if "1 − " in words else printed(p)
    assert round(-math.log(given), 3) == printed(loss) or unit_of(loss) < 1e-3


def slopes(data):
    """∂Loss/∂W of each layer, of all rows."""
    found = []
    for place in range(len(data["layers"])):
        total = 0.0
        for one in data["passes"]:
            before = one["X"] if place == 0 else one["layers"][place - 1]["A"]
            total = total + np.outer(one["layers"][place]["dZ"], before)
        found.append(total)
    return found


LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@pytest.mark.parametrize("kind", [*ONE_ROW, "batch"])
def test_the_last_stop_says_which_derivative_is_largest(browser, traces, kind):
    data, path = traces[kind]
    browser.open(path)
    at(browser, f"guess=shown&stop={browser.run(STOPS)}&row={0 if kind == 'batch' else 1}")
    all_slopes = slopes(data)
    sizes = [np.abs(each).max() for each in all_slopes]
    layer = int(np.argmax(sizes))
    unit, column = np.unravel_index(np.abs(all_slopes[layer]).argmax(), all_slopes[layer].shape)
    said = text(browser, "#said")
    name = f"W{str(layer + 1).translate(LOWERED)}[{unit + 1},{column + 1}]"
    if layer == 0 and data["chain"]["name"] == f"W1[{unit + 1},{column + 1}]":
        assert "No weight has a larger derivative." in said
    else:
        value = re.search(re.escape(f"that of {name}, ") + r"(\S+?)\.(?:\s|$)", said)[1]
        gap = abs(printed(value) - all_slopes[layer][unit, column])
        assert gap <= 0.5001 * unit_of(value)


WIDTHS = """[...document.querySelectorAll('#net .line[data-k]')].map(e =>
  [e.dataset.k, Number(e.getAttribute('stroke-width'))])"""


@pytest.mark.parametrize("kind", ["two", "number"])
def test_the_derivatives_of_all_layers_have_one_scale(browser, traces, kind):
    data, path = traces[kind]
    browser.open(path)
    at(browser, f"guess=shown&stop={browser.run(STOPS)}")
    all_slopes = slopes(data)
    top = max(np.abs(each).max() for each in all_slopes)
    found = dict(browser.run(WIDTHS))
    assert {key[:2] for key in found} == {"w1", "w2"}
    for key, width in found.items():
        layer, unit, column = map(int, key[1:].split("."))
        size = abs(all_slopes[layer - 1][unit - 1, column - 1])
        assert width == pytest.approx(max(0.6, 9 * size / top), abs=0.006)


def test_another_weight_has_no_update_of_the_first(browser, traces):
    data, path = traces["two"]
    browser.open(path)
    at(browser, "guess=shown&stop=10")
    name = data["chain"]["name"].replace("W1", "W₁")
    assert text(browser, "#update h3") == f"The update of {name}"
    browser.run("document.querySelector('#layers button:last-child').click()")
    browser.settle()
    assert text(browser, "#update h3").startswith("The update of W₂[1,")
    assert browser.run("document.querySelector('#update table')") is None
    n = data["network"]["sizes"][1]
    assert f"1 output × {n} units" in text(browser, "#lens")
    browser.run("document.querySelector('#update button').click()")
    browser.settle()
    assert text(browser, "#update h3") == f"The update of {name}"
    assert browser.run("document.querySelector('#update table') !== null")


ENDS = """[...document.querySelectorAll('#net .number')].map(e => e.getBBox()).map(box =>
  [box.x, box.x + box.width, Math.max(...[...document.querySelectorAll('#net .line')]
    .map(line => line.getPointAtLength(line.getTotalLength()))
    .filter(end => Math.abs(end.y - (box.y + box.height / 2)) < 8 && end.x < box.x + box.width + 9)
    .map(end => end.x), 0)])"""


@pytest.mark.parametrize("width", [1280, 390])
def test_no_line_goes_through_the_number_of_a_unit(browser, traces, width):
    browser.open(traces["two"][1], width=width)
    at(browser, "stop=2")
    found = browser.run(ENDS)
    assert len(found) == len(traces["two"][0]["passes"][0]["layers"][0]["Z"])
    assert sum(end > 0 for _, _, end in found) > 5
    assert all(end <= left for left, _, end in found)


def test_lines_of_the_forward_pass_are_seen_in_the_dark(browser, traces):
    look = "Number(getComputedStyle(document.querySelector('#net .line')).opacity)"
    for stop, least in ((1, 0.15), (2, 0.25), (6, 0.25)):
        browser.open(traces["two"][1], dark=True)
        at(browser, f"stop={stop}")
        assert browser.run(look) >= least


def test_a_phone_shows_whole_names_and_raw_cells(browser, traces):
    data, path = traces["two"]
    browser.open(path, width=390)
    names = browser.run("""[...document.querySelectorAll('#net .name')].map(e =>
      e.firstChild.textContent).join('')""")
    for each in data["own_columns"]:
        if each["raw"]:
            assert each["name"] in names
    raw = browser.run("[...document.querySelectorAll('#net .raw')].map(e => e.textContent)")
    cells = [each["raw"][0] for each in data["own_columns"] if each["inputs"] and each["raw"]]
    assert len(raw) >= len(cells) + 1


def test_a_page_with_a_date_as_the_strongest_input_offers_another_cell_and_fits_its_texts(
    browser, tmp_path
):
    rng = np.random.default_rng(0)
    n = 300
    days = pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D")
    frame = pd.DataFrame({
        "Aufnahmedatum im Krankenhaus": days.strftime("%Y-%m-%d"), "a": rng.normal(size=n) / 1e3,
    })  # fmt: skip
    target = np.where(days.day_of_week >= 5, "ja", "nein")
    model = ThalwegClassifier((6,), random_state=0, max_iter=20).fit(frame, target)
    traced = model.trace(frame, target, largest=True)
    assert traced.data["picked"]["loss"] == traced.data["network"]["data_height"]
    path = tmp_path / "date.html"
    traced.save(path)
    browser.open(path, width=1280)
    for stop in range(1, browser.run(STOPS) + 1):
        at(browser, f"guess=shown&stop={stop}")
        assert browser.run(CUT_TEXTS) == []
        assert " of Row " not in text(browser, "#said")
    said = text(browser, "#what-if")
    if "cannot be changed here" in said:
        assert "The next strongest one that can:" in said
        assert browser.run("document.querySelector('#what-if #what-if-cell') !== null")


# Texts that leave their lens, and numbers that are wider than their pill.
CUT_TEXTS = """
[...document.querySelectorAll('svg.lens text')].filter(t => {
  const [a, b] = [t.getBoundingClientRect(), t.closest('svg').getBoundingClientRect()];
  return a.width && (a.left < b.left - 1 || a.right > b.right + 1);
}).map(t => t.textContent).concat(
  [...document.querySelectorAll('.net .pill')].filter(p => {
    const [a, b] = [...p.children].filter(e => ['text', 'rect'].includes(e.tagName))
      .map(e => e.getBoundingClientRect());
    return b.width > a.width - 2;
  }).map(p => p.textContent))
"""
