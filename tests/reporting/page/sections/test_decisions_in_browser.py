"""The sections of the report in a real browser: they fit, they follow, they can be reached."""

import copy
import re

import numpy as np
import pytest
from scipy.stats import binomtest

from browser import LAYOUT, Browser
from reports import wisconsin
from rows_reports import ROWS_REPORTS
from section_reports import SECTION_REPORTS, five_classes, hostile_sections, rare, two_classes
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.decisions.operating_point import at_threshold
from thalweg.evaluation.dependent_rows import rows_of_mean
from thalweg.evaluation.judging.intervals import proportion
from thalweg.evaluation.judging.threshold_curves import curves
from thalweg.evaluation.judging.two_class_metrics import judge
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
    for name, make in (SECTION_REPORTS | ROWS_REPORTS).items():
        (folder / f"{name}.html").write_text(report_html(make()), encoding="utf-8")
    return folder


@pytest.fixture
def page(browser, pages):
    browser.open(pages / "wisconsin.html")
    return browser


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", [*SECTION_REPORTS, *ROWS_REPORTS])
def test_every_picture_is_drawn_and_fits(browser, pages, name, look):
    width, dark = LOOKS[look]
    path = pages / f"{name}.html"
    browser.open(path, width=width, dark=dark)
    assert browser.errors() == []
    assert browser.requests() == [path.absolute().as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    still = "[...document.querySelectorAll('svg.still text')]"
    boxes = (
        f"{still}.map(t => [t.getBoundingClientRect(), t.ownerSVGElement.getBoundingClientRect()])"
    )
    outside = f"{boxes}.filter(([a, b]) => a.left < b.left - 1 || a.right > b.right + 1).length"
    assert browser.run(outside) == 0
    empty = (
        "[...document.querySelectorAll('.picture:not(#network-picture)')]"
        ".filter(b => !b.querySelector('svg')).map(b => b.id)"
    )
    assert browser.run(empty) == []
    assert browser.run(LAYOUT) == []


def test_the_costs_and_the_threshold_are_tied(page):
    field = "document.getElementById('ratio')"
    assert page.run(f"{field}.value") == "1"

    def write(text):
        page.run(f"{field}.value = '{text}'; {field}.dispatchEvent(new Event('input'))")

    for ratio, shown in ((9, "0.1"), (99, "0.01"), (0.25, "0.8"), (2, "0.333")):
        write(ratio)
        assert page.run("document.getElementById('threshold-shown').textContent") == shown
        said = page.run("document.getElementById('ratio-said').textContent")
        assert said.startswith(f"threshold 1 / (1 + {ratio}) = ")
        assert float(said.split("= ")[1]) == pytest.approx(1 / (1 + ratio), abs=1e-6)
    for wrong in ("", "0", "-3"):
        write(wrong)
        assert "above 0" in page.run("document.getElementById('ratio-said').textContent")
        assert page.run(f"{field}.getAttribute('aria-invalid')") == "true"
        assert page.run("document.getElementById('threshold-shown').textContent") == "0.333"
    # And back: the slider sets the field.
    slider = "document.getElementById('threshold')"
    page.run(f"{slider}.value = 200; {slider}.dispatchEvent(new Event('input'))")
    assert page.run(f"{field}.value") == "4"
    assert page.run(f"{field}.getAttribute('aria-invalid')") == "false"
    # A step stands for the shortest number whose threshold it is: 1 / (1 + 5) is nearest to 0.167.
    for step, ratio in ((167, "5"), (143, "6"), (333, "2"), (501, "0.996"), (1000, "0")):
        page.run(f"{slider}.value = {step}; {slider}.dispatchEvent(new Event('input'))")
        assert page.run(f"{field}.value") == ratio
        assert round(1000 / (1 + float(ratio))) == step
    page.run(f"{slider}.value = 0; {slider}.dispatchEvent(new Event('input'))")
    assert page.run(f"{field}.value") == ""


def test_net_benefit_at_the_slider_equals_the_formula(page):
    curves = two_classes()["curves"]
    n = curves["n_positive"] + curves["n_negative"]
    slider = "document.getElementById('threshold')"
    for step in (20, 100, 333, 500, 900):
        page.run(f"{slider}.value = {step}; {slider}.dispatchEvent(new Event('input'))")
        said = page.run("document.querySelector('#benefit .reading').textContent")
        t, found = step / 1000, curves["true_positive"][step]
        alarms = curves["false_positive"][step]
        benefit = (found - alarms * t / (1 - t)) / n
        everyone = (curves["n_positive"] - curves["n_negative"] * t / (1 - t)) / n
        numbers = [float(each.replace("−", "-")) for each in re.findall(r"[−\d]?\d*\.\d+", said)]
        assert numbers[:3] == pytest.approx([t, benefit, everyone], abs=6e-4)
        spot = page.run(
            "getComputedStyle(document.querySelector('#benefit .plot .marker.orange')).display"
        )
        assert (spot != "none") == (t <= 0.5)


def _slide(page, step):
    slider = "document.getElementById('threshold')"
    page.run(f"{slider}.value = {step}; {slider}.dispatchEvent(new Event('input'))")
    return page.run("document.getElementById('confusion-said').textContent")


def test_a_share_of_few_rows_is_no_number_in_a_hundred(page):
    curves = two_classes()["curves"]
    n_called = np.add(curves["true_positive"], curves["false_positive"])
    for step in range(0, 1001, 50):
        said, called = _slide(page, step), int(n_called[step])
        if not called:
            assert said.startswith("No row is called malignant.")
            continue
        found = curves["true_positive"][step]
        low, high = np.multiply(100, binomtest(found, called).proportion_ci(method="wilson"))
        ends = f"{np.floor(low + 1e-9):.0f} to {np.ceil(high - 1e-9):.0f}"
        if called < 10:
            assert said.startswith(f"Only {called} row")
            assert f"too few to say more than {ends} in 100" in said
        else:
            assert re.match(rf"Of 100 rows called malignant, .*? \(95 % interval: {ends}\)", said)


def test_of_two_called_rows_no_hundred_is_promised(browser, pages):
    """Two rows, both right: by Wilson 34 to 100 in 100."""
    report = copy.deepcopy(two_classes())
    report["curves"]["true_positive"][900:] = [2] * 101
    report["curves"]["false_positive"][900:] = [0] * 101
    path = pages / "two-called.html"
    path.write_text(report_html(report), encoding="utf-8")
    browser.open(path)
    said = _slide(browser, 950)
    assert said.startswith(
        "Only 2 rows are called malignant and 2 of them are malignant: too few to say more than 34 "
        "to 100 in 100"
    )
    assert "about 100" not in said
    found = report["verdict"]["network"]["confusion"]["true_positive"]
    few = proportion(4 * found / report["curves"]["n_positive"], 4)
    report["verdict"]["network"]["metrics"]["sensitivity"] = few.as_dict()
    path.write_text(report_html(report), encoding="utf-8")
    browser.open(path)
    said = _slide(browser, 500)
    assert "too few to say more than" in said.split(". ")[-1]


@pytest.mark.parametrize(("grouped", "weighted"), [(True, False), (False, True), (True, True)])
def test_the_intervals_below_the_matrix_are_those_of_the_evaluation(
    browser, tmp_path, grouped, weighted
):
    made, rng = wisconsin(), np.random.default_rng(5)
    n, at = len(made.probability), 0.5
    # Persons with all rows right or all wrong: the design effect is large.
    called = made.is_positive ^ np.repeat(rng.random(-(-n // 5)) < 0.3, 5)[:n]
    p = np.where(called, 0.7, 0.2)
    p[rng.permutation(n)[:12]] = 0.55
    weights = rng.uniform(0.2, 3, n) if weighted else None
    if weighted:
        weights *= n / weights.sum()
    groups = np.arange(n) // 5 if grouped else None
    judged = judge(made.is_positive, p, weights, threshold=at, groups=groups)
    point = at_threshold(answers_of(made.is_positive, p, weights=weights, groups=groups), at)
    sections = two_classes()["sections"]
    report = {
        **made.report, "curves": curves(made.is_positive, p, weights).as_dict(),
        "verdict": {**made.report["verdict"], "network": judged.as_dict()},
        "sections": {**sections, "threshold": {**sections["threshold"], "point": point.as_dict()}},
    }  # fmt: skip
    (tmp_path / "matrix.html").write_text(report_html(report), encoding="utf-8")
    browser.open(tmp_path / "matrix.html")
    _slide(browser, 300)  # the same rows are called as at 0.5
    for key in ("sensitivity", "specificity", "accuracy"):
        e = judged.metrics[key]
        assert _rate(browser, key) == f"{e.value:.3f} [{e.low:.3f}, {e.high:.3f}]"
    low, high = np.floor(100 * point.ppv.low), np.ceil(100 * point.ppv.high)
    said = browser.run("document.getElementById('confusion-said').textContent")
    assert f" are malignant (95 % interval: {low:.0f} to {high:.0f})" in said
    # Elsewhere: the design effect of the evaluated threshold.
    w = np.ones(n) if weights is None else weights
    _slide(browser, 600)
    for key, of in (("sensitivity", made.is_positive), ("specificity", ~made.is_positive)):
        codes = None if groups is None else groups[of]
        rows = rows_of_mean((p > at)[of], w[of], codes)
        share = np.average((p > 0.6)[of] == made.is_positive[of], weights=w[of])
        e = proportion(share * rows, rows)
        assert _rate(browser, key) == f"{e.value:.3f} [{e.low:.3f}, {e.high:.3f}]"
    source = browser.run("document.querySelector('#confusion .source').textContent")
    assert "elsewhere they take its design effects" in source


def _rate(browser, key):
    return browser.run(f"document.querySelector('[data-rate={key}]').textContent")


def test_a_button_leads_to_the_threshold_of_now(browser, pages):
    path = pages / "decided.html"
    path.write_text(report_html({**two_classes(), "threshold_now": 0.1}), encoding="utf-8")
    browser.open(path)
    browser.run("document.getElementById('threshold-now').click()")
    assert browser.run("document.getElementById('threshold-shown').textContent") == "0.1"
    browser.run("document.getElementById('threshold-own').click()")
    assert browser.run("document.getElementById('threshold-shown').textContent") == "0.5"
    legends = browser.run("document.getElementById('decide').textContent")
    assert "as evaluated" in legends
    assert "own" not in legends.split()


def test_the_line_of_the_threshold_lies_below_the_numbers_of_the_bars(page):
    above = page.run(
        "(([line], counts) => counts.length && counts.every(c => line.compareDocumentPosition(c)"
        " & Node.DOCUMENT_POSITION_FOLLOWING))("
        "[document.querySelector('#scores-chart .threshold')],"
        " [...document.querySelectorAll('#scores-chart .count')])"
    )
    assert above
    halo = "getComputedStyle(document.querySelector('#scores-chart .count')).paintOrder"
    assert page.run(halo).startswith("stroke")


@pytest.mark.parametrize("name", SECTION_REPORTS)
def test_on_a_phone_names_are_whole_and_axes_have_a_scale(browser, pages, name):
    browser.open(pages / f"{name}.html", width=390)
    cut = browser.run(
        "[...document.querySelectorAll('#groups svg.chart text.row-name, #groups svg.chart "
        "text.aside')].map(t => t.textContent).filter(t => t.endsWith('…'))"
    )
    assert cut == []
    alone = browser.run(
        "[...document.querySelectorAll('svg.chart')].filter(c => c.querySelector('.ticks'))"
        ".map(c => [c.id || c.ariaLabel, [...c.querySelectorAll('.ticks text')]"
        ".filter(t => t.getAttribute('text-anchor') === 'middle').length])"
        ".filter(([, n]) => n === 1).map(([id]) => id)"
    )
    assert alone == []


TITLES = "[...document.querySelectorAll('svg.chart .quantity')].map(t => t.textContent)"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", [*SECTION_REPORTS, *ROWS_REPORTS])
def test_no_title_of_an_axis_is_shortened(browser, pages, name, width):
    browser.open(pages / f"{name}.html", width=width)
    titles = browser.run(TITLES)
    assert titles
    assert [each for each in titles if each.endswith("…")] == []


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (1280, "called (from left to right, as in truth from top to bottom)"),
        (390, "called, in the same order"),
    ],
)
def test_below_a_matrix_of_several_classes_stands_what_its_columns_are(browser, pages, width, said):
    browser.open(pages / "five.html", width=width)
    assert said in browser.run(TITLES)


CROSSED = """
[...document.querySelectorAll('#groups svg')].flatMap(chart => {
  const names = [...chart.querySelectorAll('.row-name, .aside')]
    .map(n => n.getBoundingClientRect());
  return [...chart.querySelectorAll('path.level')].flatMap(line => {
    const [matrix, crossed] = [line.getScreenCTM(), []];
    // Only what is drawn: a length goes over the parts of a path and not over their gaps.
    for (let at = 0; at <= line.getTotalLength(); at += 0.5) {
      const { x, y } = line.getPointAtLength(at).matrixTransform(matrix);
      for (const n of names) {
        if (x > n.left && x < n.right && y > n.top && y < n.bottom) crossed.push([x, y]);
      }
    }
    return crossed;
  });
})
"""


def test_on_a_phone_the_line_of_all_rows_crosses_no_name(browser, pages):
    browser.open(pages / "wisconsin.html", width=390)
    assert browser.run("document.querySelectorAll('#groups path.level').length") > 0
    assert browser.run(CROSSED) == []


def test_no_percent_sign_begins_a_line(page):
    said = page.run("document.querySelector('#coverage-picture').textContent")
    assert re.search(r"\d\u00a0%", said)
    assert not re.search(r"\d %", said)


def test_a_table_that_goes_on_has_a_shade_at_its_edge(browser, pages):
    browser.open(pages / "wisconsin.html", width=390)
    look = browser.run("getComputedStyle(document.querySelector('#table .scroll')).backgroundImage")
    assert look.count("linear-gradient") == 4


def test_arrow_keys_move_the_threshold_on_the_curve_of_net_benefit(page):
    page.run("document.getElementById('benefit-chart').focus()")
    page.key("ArrowLeft")
    assert page.run("document.getElementById('threshold-shown').textContent") == "0.49"
    told = page.run("document.getElementById('benefit-chart').getAttribute('aria-valuetext')")
    assert told.startswith("0.49: ")


def test_the_optima_of_the_folds_stand_below_the_slider(page):
    folds = two_classes()["sections"]["threshold"]["chosen"]["spread"]["folds"]
    places = page.run(
        "[...document.querySelectorAll('#rug .fold')].map(f => f.getBoundingClientRect().left)"
    )
    box = page.run("(b => [b.left, b.width])(document.getElementById('threshold')"
                   ".getBoundingClientRect())")  # fmt: skip
    expected = [box[0] + 12 + fold * (box[1] - 24) for fold in folds]
    assert places == pytest.approx(expected, abs=2.5)


def test_the_keyboard_reads_the_confusion_matrix_of_several_classes(browser, pages):
    browser.open(pages / "five.html")
    report = five_classes()["verdict"]
    names, confusion = report["classes"], report["network"]["confusion"]
    browser.run("document.getElementById('classes-chart').focus()")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        browser.key(key)
    assert browser.run("document.querySelector('#confusion .reading').textContent") == (
        f"{confusion[2][1]} of {sum(confusion[2])} rows of {names[2]} are called {names[1]}."
    )
    counts = browser.run(
        "[...document.querySelectorAll('#classes-chart .count')].map(t => +t.textContent)"
    )
    assert counts == [count for row in confusion for count in row]


def test_the_keyboard_reads_the_errors_among_the_surest_rows(page):
    page.run("document.getElementById('abstention-chart').focus()")
    page.key("Home")
    page.key("End")
    risk = two_classes()["sections"]["abstention"]["line"]["risk"][-1]
    assert page.run("document.querySelector('#abstention .reading').textContent") == (
        f"The surest 100.0 %: wrong {risk['value']:.3f} [{risk['low']:.3f}, {risk['high']:.3f}]."
    )


def test_groups_with_too_few_rows_are_hollow_and_grey(browser, pages):
    browser.open(pages / "rare.html")
    table = rare()["sections"]["subgroups"]["tables"][0]
    drawn = ("sensitivity", "specificity", "auc", "intercept")
    few = [
        group["metrics"][key]["value"] is not None
        for key in drawn
        for group in table["groups"]
        if not group["metrics"][key]["judged"]
    ]
    assert sum(few) > 0
    assert browser.run("document.querySelectorAll('#groups .plot circle.few').length") == sum(few)


def test_a_ring_stands_for_every_step(page):
    curve = two_classes()["sections"]["calibration"]["found"]["curve"]
    rings = page.run(
        "[...document.querySelectorAll('#calibration .ring title')].map(t => t.textContent)"
    )
    assert len(rings) == len(curve["observed"])
    assert rings[0].endswith(f"of which {curve['observed'][0]:.3f}")


def test_print_has_the_sections_without_their_controls(browser, pages, tmp_path):
    browser.open(pages / "wisconsin.html", dark=True)
    browser.pdf(tmp_path / "page.pdf")
    pdf = (tmp_path / "page.pdf").read_bytes()
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 9
    browser.look(684, dark=True, media="print")
    hidden = "['.costs', '#rug', '#benefit .reading'].map(s => getComputedStyle("
    hidden += "document.querySelector(s)).display)"
    assert browser.run(hidden) == ["none"] * 3
    assert browser.run("document.querySelectorAll('#calibration svg.chart').length") == 1


def test_hostile_names_do_nothing(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(report_html(hostile_sections()), encoding="utf-8")
    browser.open(path, width=390)
    assert browser.run("window.hacked") is None
    assert browser.errors() == []
    assert browser.requests() == [path.absolute().as_uri()]
    assert browser.run("document.querySelectorAll('main img, main iframe').length") == 0
    assert browser.run("document.documentElement.scrollWidth") <= 390
