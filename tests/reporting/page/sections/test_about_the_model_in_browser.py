"""What is about the model in a real browser: drawn, reachable, the numbers of the evaluation."""

import copy
import json
import re

import numpy as np
import pytest

from about_reports import ABOUT_REPORTS, hostile_about
from browser import LAYOUT, Browser
from colours import CONTRAST
from thalweg.reporting.page.report_page import report_html

pytestmark = pytest.mark.browser

LOOKS = {"light": (1280, False), "dark": (1280, True), "tablet": (760, False), "phone": (390, True)}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, make in ABOUT_REPORTS.items():
        (folder / f"{name}.html").write_text(report_html(make()), encoding="utf-8")
    return folder


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ABOUT_REPORTS)
def test_every_picture_is_drawn_and_fits(browser, pages, name, look):
    width, dark = LOOKS[look]
    path = pages / f"{name}.html"
    browser.open(path, width=width, dark=dark)
    assert browser.errors() == []
    assert browser.requests() == [path.absolute().as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(LAYOUT) == []
    drawn = browser.run(
        "['importance','effects','explained'].map(id => "
        "document.querySelectorAll(`#${id} svg.chart`).length)"
    )
    sections = ABOUT_REPORTS[name]()["sections"]
    n_curves = len({each["column"] for each in sections["effects"]["curves"]})
    assert drawn == [1, n_curves, len(sections["explained"]["rows"])]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ABOUT_REPORTS)
def test_every_text_can_be_read(browser, pages, name, dark):
    browser.open(pages / f"{name}.html", dark=dark)
    found = browser.run(CONTRAST)
    assert [each for each in found if "effect" in str(each) or "importance" in str(each)] == []


def test_bars_have_the_length_of_their_shares(browser, pages):
    browser.open(pages / "wisconsin.html")
    lines = ABOUT_REPORTS["wisconsin"]()["sections"]["importance"]["lines"]
    widths = browser.run(
        "[...document.querySelectorAll('#importance-chart rect.lean')]"
        ".map(b => b.getBoundingClientRect().width)"
    )
    assert len(widths) == len(lines)
    shares = [abs(line["share"]) for line in lines]
    for width, share in zip(widths, shares, strict=True):
        assert width == pytest.approx(max(1, widths[0] * share / shares[0]), abs=1)


@pytest.mark.parametrize("name", ABOUT_REPORTS)
def test_bars_of_a_row_go_from_the_base_to_the_answer(browser, pages, name):
    browser.open(pages / f"{name}.html")
    for k, row in enumerate(ABOUT_REPORTS[name]()["sections"]["explained"]["rows"]):
        places = browser.run(
            f"[...document.querySelectorAll('#explained-{k} .add, #explained-{k} .zero')]"
            ".map(b => b.getBoundingClientRect()).map(b => [b.left, b.right])"
        )
        assert len(places) == len(row["bars"]) + 2
        base, answer = places[0][0], places[-1][0]
        scale = (answer - base) / (row["answer"] - row["base"])
        start = row["base"]
        for bar, (left, right) in zip(row["bars"], places[1:-1], strict=True):
            ends = sorted(base + scale * (v - row["base"]) for v in (start, start + bar["value"]))
            assert left == pytest.approx(ends[0], abs=2.5)
            assert right == pytest.approx(max(ends[1], ends[0] + 1), abs=2.5)
            start += bar["value"]


def _focus(browser, selector):
    browser.run(f"document.querySelector('{selector}').focus({{focusVisible: true}})")


def test_arrow_keys_read_bars_curves_and_levels(browser, pages):
    browser.open(pages / "levels.html")
    reading = "document.querySelector('#{} .reading').textContent"
    _focus(browser, "#importance-chart")
    first = browser.run(reading.format("importance"))
    browser.key("ArrowDown")
    second = browser.run(reading.format("importance"))
    lines = ABOUT_REPORTS["levels"]()["sections"]["importance"]["lines"]
    assert first.startswith(lines[0]["name"])
    assert second.startswith(lines[1]["name"])
    assert re.search(r"% \[", first)
    section = ABOUT_REPORTS["levels"]()["sections"]["effects"]
    columns = list(dict.fromkeys(each["column"] for each in section["curves"]))
    for name, key in (("age", "ArrowRight"), ("city", "ArrowDown")):
        _focus(browser, f"#effect-{columns.index(name)}")
        browser.key(key)
        said = browser.run(reading.format("effects"))
        curve = next(each for each in section["curves"] if each["column"] == name)
        where = curve["texts"][1] if name == "city" else f"{curve['x'][1]:.4g}"
        assert said.startswith(f"{name} {where}: ")
        assert "% [" in said.replace("\u00a0", " ")
    _focus(browser, "#explained-1")
    browser.key("End")
    said = browser.run("document.querySelector('#explained-1-picture .reading').textContent")
    answer = ABOUT_REPORTS["levels"]()["sections"]["explained"]["rows"][1]["answer"]
    assert said.replace("\u00a0", " ") == f"this row: {100 * answer:.1f} %."


def test_what_hardly_occurs_is_dotted(browser, pages):
    browser.open(pages / "wisconsin.html")
    section = ABOUT_REPORTS["wisconsin"]()["sections"]["effects"]
    columns = list(dict.fromkeys(each["column"] for each in section["curves"]))
    for k, column in enumerate(columns):
        (curve,) = (each for each in section["curves"] if each["column"] == column)
        dotted = browser.run(f"document.querySelectorAll('#effect-{k} .line.hardly').length")
        assert (dotted > 0) is (False in curve["supported"])


def test_without_its_script_the_numbers_are_in_tables(browser, pages):
    path = pages / "numbers.html"
    html = path.read_text("utf-8")
    bare = re.sub(r'<script type="module">.*?</script>', "", html, flags=re.DOTALL)
    (pages / "bare.html").write_text(bare, "utf-8")
    browser.open(pages / "bare.html")
    for key, least in (("importance", 3), ("effects", 10), ("explained", 5)):
        rows = browser.run(f"document.querySelectorAll('#{key} tbody tr').length")
        assert rows >= least


@pytest.mark.parametrize("name", ABOUT_REPORTS)
def test_on_paper_all_pictures_are_there(browser, pages, tmp_path, name):
    browser.open(pages / f"{name}.html")
    browser.pdf(tmp_path / "page.pdf")
    assert browser.errors() == []
    n_pages = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes()))
    assert n_pages <= 12


def test_hostile_texts_do_nothing(browser, tmp_path):
    page = report_html(hostile_about())
    (tmp_path / "page.html").write_text(page, "utf-8")
    browser.open(tmp_path / "page.html")
    assert browser.errors() == []
    assert browser.run("window.hacked") is None
    assert (
        browser.run("document.querySelectorAll('main img, main script, main iframe').length") == 0
    )
    data = json.loads(re.search(r'id="report">(.*?)</script>', page, re.DOTALL)[1])
    assert data["sections"]["effects"]["effects"]


def test_the_order_of_the_page_is_that_of_a_decision(pages):
    html = (pages / "wisconsin.html").read_text("utf-8")
    ids = re.findall(r'<section id="([\w-]+)"', html)
    order = ["calibration", "metrics", "importance", "effects", "explained", "training"]
    assert [each for each in ids if each in order] == order


def test_the_page_stays_within_its_size(pages):
    for name in ABOUT_REPORTS:
        assert len((pages / f"{name}.html").read_bytes()) < 450_000


def of_levels(n_levels):
    """A report of several classes in which one column has many levels with long names."""
    report = copy.deepcopy(ABOUT_REPORTS["five"]())
    curves = report["sections"]["effects"]["curves"]
    random = np.random.default_rng(0)
    texts = [f"a ward with a rather long name {k}" for k in range(n_levels)]
    shared = {
        "values": "category",
        "texts": texts,
        "x": list(map(float, range(n_levels))),
        "rows_in_bin": [30.0] * n_levels,
        "supported": [k != 3 for k in range(n_levels)],
        "density": [],
        "missing": None,
    }
    wide = []
    for each in [each for each in curves if each["column"] == curves[0]["column"]]:
        mean = random.normal(size=n_levels) / 10
        ends = {"low": (mean - 0.05).tolist(), "high": (mean + 0.05).tolist()}
        wide.append({**each, **shared, **ends, "mean": mean.tolist(), "members": [mean.tolist()]})
    report["sections"]["effects"]["curves"] = wide
    return report, wide


DOTS = """
[...document.querySelectorAll('#effect-0 .marker')].map((e) => {
  const box = e.getBoundingClientRect();
  return [box.left, box.right, (box.top + box.bottom) / 2];
})
"""


@pytest.mark.parametrize("width", [1280, 390])
def test_levels_of_several_classes_have_dots_that_do_not_lie_on_each_other(
    browser, tmp_path, width
):
    report, curves = of_levels(12)
    path = tmp_path / "levels.html"
    path.write_text(report_html(report), encoding="utf-8")
    browser.open(path, width=width)
    assert browser.errors() == []
    assert browser.run(LAYOUT) == []
    assert browser.run("document.documentElement.scrollWidth") <= width
    dots = browser.run(DOTS)
    assert len(dots) == 12 * len(curves)
    for k, (left, right, y) in enumerate(dots):
        for other, (a, b, at) in enumerate(dots):
            assert k == other or abs(y - at) > 8 or right <= a or b <= left
    # Within a class, dots are at their effects, on one scale for all classes.
    for k, curve in enumerate(curves):
        own = dots[12 * k : 12 * (k + 1)]
        middles = [(left + right) / 2 for left, right, _ in own]
        slope = np.polyfit(curve["mean"], middles, 1)[0]
        first = np.polyfit(curves[0]["mean"], [(a + b) / 2 for a, b, _ in dots[:12]], 1)[0]
        assert slope == pytest.approx(first, rel=0.02)
        assert np.corrcoef(curve["mean"], middles)[0, 1] > 0.999
    browser.run("document.getElementById('effect-0').focus()")
    browser.key("ArrowDown")
    said = browser.run("document.querySelector('#effects .reading').textContent")
    assert "name 1: " in said
    assert said.count("\N{NO-BREAK SPACE}pt") == len(curves)


def test_narrow_intervals_of_levels_are_higher_than_their_dots(browser, tmp_path):
    report, curves = of_levels(3)
    for each in curves:
        each["low"], each["high"] = (
            [value + side * 0.005 for value in each["mean"]] for side in (-1, 1)
        )
    path = tmp_path / "narrow.html"
    path.write_text(report_html(report), encoding="utf-8")
    browser.open(path, width=1280)
    heights = browser.run(
        "['.whisker', '.marker'].map((name) => [...document.querySelectorAll("
        "`#effect-0 ${name}`)].map((e) => e.getBBox().height))"
    )
    whiskers, dots = heights
    assert len(whiskers) == len(dots) == 3 * len(curves)
    assert min(whiskers) > 1.3 * max(dots)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_dates_at_the_ends_of_an_axis_are_not_cut(browser, tmp_path, width):
    report = copy.deepcopy(ABOUT_REPORTS["numbers"]())
    section = report["sections"]["effects"]
    dates = [f"20{year}-01-16" for year in (20, 21, 22)]
    own = {
        "values": "date", "texts": dates, "x": [18277.0, 18643.0, 19008.0], "missing": None,
        "rows_in_bin": [30.0] * 3, "supported": [True] * 3, "density": [0.05] * 20, "members": [],
        "mean": [-2.0, 0.0, 2.0], "low": [-3.0, -1.0, 1.0], "high": [-1.0, 1.0, 3.0],
    }  # fmt: skip
    section["curves"] = [{**section["curves"][0], **own}]
    path = tmp_path / "dates.html"
    path.write_text(report_html(report), encoding="utf-8")
    browser.open(path, width=width)
    assert browser.errors() == []
    assert browser.run(LAYOUT) == []
    shown = browser.run("document.querySelector('#effect-0 .ticks').textContent")
    assert dates[0] in shown


@pytest.mark.parametrize("width", [1280, 390])
def test_axes_of_levels_have_two_ticks_and_a_whole_title(browser, tmp_path, width):
    report = copy.deepcopy(ABOUT_REPORTS["numbers"]())
    section = report["sections"]["effects"]
    section["answer"] = "predicted cost of the whole treatment in the first year, in francs"
    n = 3
    own = {
        "values": "category", "texts": [f"a treatment with a long name {k}" for k in range(n)],
        "x": [0.0, 1.0, 2.0], "rows_in_bin": [30.0] * n, "supported": [True] * n, "density": [],
        "missing": None, "mean": [-1600.0, -1200.0, 3400.0], "low": [-1700.0, -1300.0, 3300.0],
        "high": [-1500.0, -1100.0, 3500.0], "members": [],
    }  # fmt: skip
    small = {**own, "mean": [-2.0, 0.0, 3.0], "low": [-3.0, -1.0, 2.0], "high": [-1.0, 1.0, 4.0]}
    first = section["curves"][0]
    section["curves"] = [{**first, **own, "column": "a"}, {**first, **small, "column": "b"}]
    path = tmp_path / "ticks.html"
    path.write_text(report_html(report), encoding="utf-8")
    browser.open(path, width=width)
    assert browser.errors() == []
    assert browser.run(LAYOUT) == []
    for k in range(2):
        titles = browser.run(
            f"[...document.querySelectorAll('#effect-{k} text.quantity')]"
            ".map((e) => e.textContent).join(' ').trim()"
        )
        assert titles == f"change of the {section['answer']}"
        words = browser.run(
            f"[...document.querySelectorAll('#effect-{k} .ticks text:not(.quantity)')].length"
        )
        assert words >= 2


def test_a_member_of_a_group_does_not_look_as_if_it_were_shown_not_to_matter(browser, tmp_path):
    report = copy.deepcopy(ABOUT_REPORTS["wisconsin"]())
    lines = report["sections"]["importance"]["lines"]
    members = [line for line in lines if line["group"]]
    assert members
    for line in members:
        line["shown"] = False
    path = tmp_path / "members.html"
    path.write_text(report_html(report), encoding="utf-8")
    browser.open(path)
    looks = browser.run(
        "[...document.querySelectorAll('#importance-chart rect.lean')].map((e) => e.classList[1])"
    )
    assert looks.count("member") == len(members)
    assert "column of a group, alone: not tested" in browser.run(
        "document.getElementById('importance').textContent"
    )
