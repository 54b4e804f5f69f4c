"""The what-if panel in a real browser: what it answers, by which hands, and how it looks."""

import json
import math
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from browser import LAYOUT, Browser
from in_page import cell_of, classifier, made_up, mixed_table, regressor
from reports import wisconsin
from thalweg.export.javascript import module_text
from thalweg.export.stages import stages_of
from thalweg.reporting.inline import DRAW, joined, json_block
from thalweg.reporting.page.report_page import report_html
from thalweg.reporting.page.what_if_data import what_if_data

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning"),
]

N = 300
FRAME = mixed_table(N, seed=0, n_levels=6)
NOISE = np.random.default_rng(0).normal(size=N)
SIZE = np.nan_to_num(FRAME["age"].to_numpy()) + 10 * (FRAME["sex"] == "m") + 5 * NOISE
TWO = np.where(SIZE > 50, "yes", "no")
THREE = np.array(["a", "b", "c"])[np.clip((SIZE - 30) // 15, 0, 2).astype(int)]
SMALL = {"hidden_layer_sizes": (12,), "max_iter": 6}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The report of Wisconsin, with the panel."""
    made = wisconsin()
    report = {**made.report, "what_if": what_if_data(made.model)}
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report_html(report), encoding="utf-8")
    return path


def answer(browser) -> float:
    """The probability that the panel shows, in percent."""
    text = browser.run("document.querySelector('#what-if .now').textContent")
    return float(re.search(r": (?:under |over )?([\d.]+) %", text)[1])


def after(browser, script: str) -> None:
    browser.run(script)
    browser.run("new Promise((done) => setTimeout(done, 250))")


def set_slider(place: int, value: float) -> str:
    return (
        f"(() => {{ const e = document.getElementById('what-if-{place}');"
        f" e.value = {value}; e.dispatchEvent(new Event('input')); }})()"
    )


def python_says(**changes) -> float:
    """The probability of the typical row with some cells changed, in percent."""
    made = wisconsin()
    row = made.model._known.likeness.typical.copy()
    for name, value in changes.items():
        row[made.model.schema_.names.index(name)] = value
    frame = made.frame.iloc[:1].astype(object)
    frame.iloc[0] = [None if math.isnan(each) else each for each in row]
    place = made.model.classes_.tolist().index("malignant")
    return 100 * made.model.predict_proba(frame)[0, place]


def test_it_begins_at_the_typical_row_without_errors_or_requests(browser, page):
    browser.open(page)
    assert browser.errors() == []
    assert browser.requests() == [page.absolute().as_uri()]
    assert answer(browser) == pytest.approx(python_says(), abs=0.051)
    said = browser.run("document.querySelector('#what-if .what-moves').textContent")
    assert "This is the typical row" in said


def test_a_slider_changes_the_answer_and_its_contributions_add_up(browser, page):
    browser.open(page)
    base = answer(browser)
    after(browser, set_slider(0, 7) + ";" + set_slider(2, 6))  # the slider begins at 1
    expected = python_says(clump_thickness=8, cell_shape_uniformity=7)
    assert answer(browser) == pytest.approx(expected, abs=0.051)
    gains = browser.run(
        "[...document.querySelectorAll('#what-if .what-moves .count')].map((e) => e.textContent)"
    )
    numbers = [float(re.sub("−", "-", re.search(r"[+−\d.]+", each)[0])) for each in gains]
    assert numbers[0] == pytest.approx(base, abs=0.11)
    assert numbers[-1] == pytest.approx(answer(browser), abs=0.11)
    for at in range(6):  # as they are printed
        after(browser, set_slider(1, at))
        gains = browser.run(
            "[...document.querySelectorAll('#what-if .what-moves .count')]"
            ".map((e) => e.textContent)"
        )
        exact = [Decimal(re.sub("−", "-", re.search(r"[+−\d.]+", each)[0])) for each in gains]
        assert sum(exact[:-1]) == exact[-1]
    after(browser, "document.getElementById('what-if-reset').click()")
    assert answer(browser) == base
    assert browser.run("document.getElementById('what-if-0-number').value") != "8"


def test_a_missing_cell_is_missing_and_comes_back(browser, page):
    browser.open(page)
    place = wisconsin().model.schema_.names.index("bare_nuclei")
    after(browser, set_slider(place, 9))
    filled = answer(browser)
    assert filled == pytest.approx(python_says(bare_nuclei=10), abs=0.051)
    after(browser, f"document.getElementById('what-if-{place}-empty').click()")
    assert answer(browser) == pytest.approx(python_says(bare_nuclei=math.nan), abs=0.051)
    assert browser.run(f"document.getElementById('what-if-{place}').disabled")
    assert browser.run(
        f"document.getElementById('what-if-{place}').getAttribute('aria-valuetext')"
    ) == "missing"  # fmt: skip
    after(browser, f"document.getElementById('what-if-{place}-empty').click()")
    assert answer(browser) == filled


def typed(place: int, words: str) -> str:
    return (
        f"(() => {{ const e = document.getElementById('what-if-{place}-number'); e.focus();"
        f" e.value = '{words}'; e.dispatchEvent(new Event('input'));"
        " e.dispatchEvent(new Event('change')); e.blur(); })()"
    )


BEYOND = "document.querySelector('#what-if .beyond').textContent"


def test_a_typed_number_is_kept_and_beyond_the_training_rows_it_is_said(browser, page):
    browser.open(page)
    field = "document.getElementById('what-if-0-number').value"
    after(browser, typed(0, "7.1234567"))
    assert (browser.run(field), browser.run(BEYOND)) == ("7.1234567", "")
    after(browser, typed(0, "99"))
    assert browser.run(field) == "99"
    assert browser.run(BEYOND) == "99 is above all training rows: the model extrapolates."
    assert answer(browser) == pytest.approx(python_says(clump_thickness=99), abs=0.051)
    after(browser, typed(0, "-3"))
    assert browser.run(BEYOND) == "−3 is below all training rows: the model extrapolates."
    for words in ("", "1e999", "nine"):  # no number that the model takes: the last one comes back
        after(browser, typed(0, words))
        assert browser.run(field) == "-3"
        assert answer(browser) == pytest.approx(python_says(clump_thickness=-3), abs=0.06)
    after(browser, set_slider(0, 9))
    assert browser.run(BEYOND) == ""


def test_it_says_whether_the_row_is_unlike_the_training_rows_as_python_does(browser, page):
    browser.open(page)
    said = "document.getElementById('what-if-like').textContent"
    assert browser.run(said).startswith("The row is not unlike the training rows (outlier p ")
    likeness = wisconsin().model._known.likeness
    for value in (3, 10, 40):
        after(browser, typed(0, str(value)) + ";" + typed(8, str(value)))
        row = likeness.typical.copy()
        row[[0, 8]] = value
        [p] = likeness.outlier_p(row[None])
        word = "is unlike" if p <= 0.05 else "is not unlike"
        assert f"The row {word} the training rows (outlier p {p:.2g})." in browser.run(said)
    assert p < 0.05
    assert "hardly tested" in browser.run(said)


def test_keys_move_it(browser, page):
    browser.open(page)
    browser.run("document.getElementById('what-if-0').focus()")
    before = browser.run("document.getElementById('what-if-0').value")
    browser.key("ArrowRight")
    browser.run("new Promise((done) => setTimeout(done, 250))")
    assert int(browser.run("document.getElementById('what-if-0').value")) == int(before) + 1
    assert browser.run("document.activeElement.id") == "what-if-0"
    browser.key("Tab")
    assert browser.run("document.activeElement.id") == "what-if-0-number"


NAMELESS = """
[...document.querySelectorAll('#what-if input, #what-if select, #what-if button')].filter((e) =>
  !(e.labels?.length && e.labels[0].textContent.trim()) && !e.getAttribute('aria-label')
  && !e.textContent.trim()).map((e) => e.id)
"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 760, 390, 320])
def test_nothing_is_cut_nothing_overlaps_and_all_is_named(browser, page, width, dark):
    browser.open(page, width=width, dark=dark)
    after(browser, set_slider(0, 7) + ";" + set_slider(5, 9))
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(LAYOUT) == []
    assert browser.run(NAMELESS) == []
    ids = browser.run("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


_NUMBER_LINE = """
import { numberLine } from "./what_if_pictures.js";
document.body.append(numberLine({ answer: 12, alone: [-40, 11, 70], low: 0, high: 20,
  ends: [5, 19], text: (value) => `${value}` }, 300));
document.documentElement.dataset.drawn = "yes";
"""


def test_the_answer_of_each_network_is_on_the_line_of_a_number(browser, tmp_path):
    program = joined(DRAW, "entry.js", {"entry.js": _NUMBER_LINE})
    path = tmp_path / "line.html"
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><body><script type="module">{program}</script>',
        encoding="utf-8",
    )
    browser.open(path, width=390)
    ticks = browser.run(
        "[...document.querySelectorAll('svg .each')].map((e) => Number(e.getAttribute('d')"
        ".match(/^M([-\\d.]+) /)[1]))"
    )
    assert ticks == [8, pytest.approx(8 + 284 * 51 / 110), 292]


def test_paper_has_the_row_in_words_and_no_control(browser, page):
    browser.open(page)
    after(browser, set_slider(0, 7))
    browser.look(1280, media="print")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("getComputedStyle(document.querySelector('.controls')).display") == "none"
    paper = browser.run("document.querySelector('#what-if .paper').textContent")
    assert "clump_thickness = 8" in paper
    assert "mitoses = 1" in paper
    assert browser.run("getComputedStyle(document.querySelector('#what-if .paper')).display") == (
        "block"
    )
    # Where nothing was set, the answer for the typical row says nothing: a sentence is there.
    browser.look(1280)
    after(browser, "document.getElementById('what-if-reset').click()")
    browser.look(1280, media="print")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    paper = browser.run("document.querySelector('#what-if .paper').textContent")
    assert paper.startswith("On a screen, a reader sets the cells of a row here")
    assert browser.run("getComputedStyle(document.querySelector('.what-if')).display") == "none"
    browser.look(1280)


# --- sets and intervals ---------------------------------------------------------------------------

_ENTRY = """\
import { FORMULAS } from "./formulas.js";
import { answerOf, modelFrom, rowOf } from "./page_network.js";
import { heldOut, intervalOf, setOf } from "./what_if.js";

const panel = JSON.parse(document.getElementById("panel").textContent);
const model = modelFrom(panel.model, FORMULAS);
const held = heldOut(panel);
const state = (cells) => {
  const row = rowOf(model, cells);
  return { model, held, row, found: answerOf(model, row) };
};
window.sets = (rows) => rows.map((cells) => setOf(state(cells)));
window.intervals = (rows) => rows.map((cells) => intervalOf(state(cells)));
document.documentElement.dataset.drawn = "yes";
"""


def opened(browser, model, path):
    formulas = module_text(stages_of(model._known).formulas)
    program = joined(DRAW, "entry.js", {"entry.js": _ENTRY, "formulas.js": formulas})
    path.write_text(
        '<!doctype html><meta charset="utf-8"><script type="application/json" id="panel">'
        f"{json_block(what_if_data(model)['panel'])}</script>"
        f'<script type="module">{program}</script>',
        encoding="utf-8",
    )
    browser.open(path)
    assert browser.errors() == []


@pytest.mark.parametrize("target", ["two", "three", "hold-out"])
def test_sets_are_pythons(browser, tmp_path, target):
    y = THREE if target == "three" else TWO
    how = {"early_stopping": "hold-out"} if target == "hold-out" else {}
    model = classifier(**SMALL, **how).fit(FRAME, y)
    opened(browser, model, tmp_path / "sets.html")
    rows, cells = made_up(FRAME, 200, seed=3)
    found = browser.run(f"window.sets({json.dumps(cells)})")
    expected = model.predict_set(rows)
    if what_if_data(model)["panel"].get("scores") is None:
        assert found == [None] * 200
        return
    assert np.mean(np.array(found) == expected) >= 0.998  # float32 beside a held-out score
    assert 0 < expected.mean() < 1


@pytest.mark.parametrize("kind", ["plain", "scaled", "a map", "one"])
def test_intervals_are_pythons(browser, tmp_path, kind):
    how = {
        "plain": {}, "scaled": {"interval_kind": "scaled"}, "a map": {"calibration": "affine"},
        "one": {"early_stopping": "hold-out"},
    }[kind]  # fmt: skip
    model = regressor(**SMALL, **how).fit(FRAME, SIZE)
    opened(browser, model, tmp_path / "intervals.html")
    rows, cells = made_up(FRAME, 100, seed=3)
    found = browser.run(f"window.intervals({json.dumps(cells)})")
    expected = model.predict_interval(rows)
    np.testing.assert_allclose(
        np.array(found), expected, atol=1e-4 * model.members_[0].outputs.scale
    )


def test_cells_of_a_date_and_a_category_change_the_answer(browser, tmp_path):
    model = classifier(**SMALL, positive="yes").fit(FRAME, TWO)
    panel = what_if_data(model)["panel"]
    path = tmp_path / "panel.html"
    entry = (
        'import { FORMULAS } from "./formulas.js";\nimport { whatIfPanel } from "./what_if.js";\n'
        'whatIfPanel(document.getElementById("box"),'
        ' JSON.parse(document.getElementById("panel").textContent), FORMULAS);\n'
        'document.documentElement.dataset.drawn = "yes";\n'
    )
    formulas = module_text(stages_of(model._known).formulas)
    program = joined(DRAW, "entry.js", {"entry.js": entry, "formulas.js": formulas})
    data = json_block({**panel, "unit": "", "target": "y"})
    path.write_text(
        '<!doctype html><meta charset="utf-8"><div id="what-if"><div id="box"></div></div>'
        f'<script type="application/json" id="panel">{data}</script>'
        f'<script type="module">{program}</script>',
        encoding="utf-8",
    )
    browser.open(path)
    base = model._known.likeness.typical
    names = list(model.schema_.given_names)
    cells = [
        column.levels[int(value) - 1] if column.levels else value
        for column, value in zip(model.schema_.given, base.tolist(), strict=False)
    ]
    row = dict(zip(names, map(cell_of, cells), strict=True))
    row |= {"smoker": bool(row["smoker"]), "ward": "w003", "seen": "2022-07-15T06:00"}
    for name, value in (("ward", "w003"), ("seen", "2022-07-15T06:00")):
        field = f"document.getElementById('what-if-{names.index(name)}')"
        after(
            browser,
            f"(({{ e }}) => {{ e.value = '{value}'; e.dispatchEvent(new Event('change')); }})"
            f"({{ e: {field} }})",
        )
    frame = pd.DataFrame([row])
    expected = 100 * model.predict_proba(frame)[0, 1]
    assert answer(browser) == pytest.approx(expected, abs=0.051)
    # An emptied date changes nothing, says so, and comes back.
    field = f"document.getElementById('what-if-{names.index('seen')}')"
    note = f"{field}.closest('.control').querySelector('.beyond').textContent"
    after(browser, f"{field}.value = ''; {field}.dispatchEvent(new Event('change'))")
    assert browser.run(note) == "No date: the answer is that for 2022-07-15 06:00."
    assert answer(browser) == pytest.approx(expected, abs=0.051)
    after(browser, f"{field}.dispatchEvent(new Event('blur'))")
    assert browser.run(f"{field}.value") == "2022-07-15T06:00"
    assert browser.run(note) == ""
    far = "2031-02-03T04:00"
    after(browser, f"{field}.value = '{far}'; {field}.dispatchEvent(new Event('change'))")
    assert browser.run(f"{field}.value") == far
    assert browser.run(note).startswith("2031-02-03 04:00 is above all training rows")
    expected = 100 * model.predict_proba(pd.DataFrame([{**row, "seen": far}]))[0, 1]
    assert answer(browser) == pytest.approx(expected, abs=0.051)


_WHY = """\
import { whyCalled } from "./what_if.js";

window.why = whyCalled;
document.documentElement.dataset.drawn = "yes";
"""


def test_costs_that_decide_are_said_with_the_order_that_they_give(browser, tmp_path):
    page = tmp_path / "why.html"
    code = joined(DRAW, "entry.js", {"entry.js": _WHY, "formulas.js": ""})
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><script type="module">{code}</script>',
        encoding="utf-8",
    )
    browser.open(page)
    model = {"kind": "several classes", "labels": ["a", "b", "c"], "costs": [1, 1, 3]}
    said = browser.run(f"window.why({json.dumps(model)}, [0.5, 0.25, 0.25], 2)")
    # 0.5, 0.25 and 0.75 of 1.5
    assert "The costs of mistakes decide" in said
    assert "c 50.0 %, a 33.3 %, b 16.7 %, so the answer is " in said
    plain = json.dumps({**model, "costs": [1, 1, 1]})
    assert browser.run(f"window.why({plain}, [0.5, 0.25, 0.25], 0)") == ", so the answer is "
