"""The sections of the report that lead from a number to a decision: their HTML and their data."""

import copy
import html
import json
import math
import re

import numpy as np
import pytest

from reports import HOSTILE
from section_reports import (
    SECTION_REPORTS,
    five_classes,
    hostile_sections,
    numbers,
    rare,
    two_classes,
)
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.calibration.calibration_sentences import NONE_SHOWN, calibration_sentence
from thalweg.evaluation.calibration.regression_calibration import RegressionCalibration
from thalweg.evaluation.conformal.set_words import EITHER
from thalweg.evaluation.decisions.operating_point import at_threshold
from thalweg.evaluation.judging.intervals import Estimate, proportion
from thalweg.reporting.card import answers_of_results
from thalweg.reporting.page.report_page import report_html
from thalweg.reporting.page.section_data import drawn_sections, thinned, words_of

ORDER = {
    "wisconsin": ["roc", "confusion", "benefit", "scores", "calibration", "coverage", "abstention",
                  "groups", "metrics", "training", "table", "network", "made"],
    "five": ["classes", "confusion", "calibration", "coverage", "abstention", "groups", "metrics",
             "training", "table", "network", "made"],
    "numbers": ["residuals", "calibration", "coverage", "groups", "metrics", "training", "table",
                "network", "made"],
}  # fmt: skip
ORDER |= {"rare": ORDER["wisconsin"], "small": ORDER["wisconsin"]}


def _sections(page):
    return re.findall(r'<section id="([\w-]+)"', page)


def _title(page, key):
    found = re.search(rf'<h2 id="{key}-title">(.*?)</h2>', page).group(1)
    return html.unescape(re.sub("<[^>]+>", "", found)).replace("\u00a0", " ")


def _body(page):
    """The page without its program, which names all that it may draw."""
    return re.sub(r'<script type="module">.*?</script>', "", page, flags=re.DOTALL)


def _data(page):
    return json.loads(re.search(r'id="report">(.*?)</script>', page).group(1))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", SECTION_REPORTS)
def test_the_page_has_the_order_in_which_a_person_decides(name):
    report = SECTION_REPORTS[name]()
    page = report_html(report)
    assert _sections(page) == ORDER[name]
    assert len(page.encode()) <= 450_000
    # All that a section says stands on the page, as text.
    for section in report["sections"].values():
        if isinstance(section, dict):
            said = section["refused"] if section.get("refused") else section["sentence"]
            assert html.escape(said) in page
    # Each picture has its place, and each place its picture.
    drawn = _data(page)["sections"]
    for key in ("calibration", "benefit", "coverage", "abstention", "groups"):
        assert bool(drawn.get(key)) == (f'id="{key}-picture"' in page), key


@pytest.mark.parametrize("name", SECTION_REPORTS)
def test_without_sections_the_page_is_that_of_before(name):
    report = SECTION_REPORTS[name]()
    without = {key: value for key, value in report.items() if key != "sections"}
    page = report_html(without)
    assert page == report_html({**without, "sections": None})
    assert _sections(page)[0] == "metrics"
    assert "sections" not in _data(page)
    for key in ("calibration", "benefit", "coverage", "abstention", "groups"):
        assert f'id="{key}' not in _body(page)
    assert 'id="ratio"' not in _body(page)


@pytest.mark.parametrize("absent", ["threshold", "benefit", "abstention", "coverage", "subgroups"])
def test_a_section_may_be_absent(absent):
    report = two_classes()
    page = report_html({**report, "sections": {**report["sections"], absent: None}})
    key = {"subgroups": "groups", "threshold": "rug"}.get(absent, absent)
    assert f'id="{key}' not in _body(page)


def test_the_title_of_the_calibration_counts_rows():
    report = two_classes()
    page, curves = report_html(report), report["curves"]
    ratio = report["sections"]["calibration"]["found"]["observed_by_expected"]["value"]
    n_positive = curves["n_positive"]
    assert _title(page, "calibration") == (
        f"{n_positive} of 140 rows are malignant; the probabilities add up to "
        f"{n_positive / ratio:.1f}"
    )
    # Twelve rows between 0.3 and 0.4, five of them malignant.
    planted = copy.deepcopy(curves)
    planted["true_positive"] = [48] * 301 + [43] * 700
    planted["false_positive"] = [92] * 301 + [85] * 700
    title = _title(report_html({**report, "curves": planted}), "calibration")
    assert title == "Among the 12 rows given 30–40 %, 5 are malignant"


@pytest.mark.parametrize(
    ("slope", "says"),
    [
        ((0.6, 0.4, 0.9), "too sure: the likeliest class has more than it should"),
        ((1.6, 1.2, 2.0), "not sure enough: the likeliest class has less than it should"),
        ((1.1, 0.8, 1.4), "No sign that"),
        ((None, None, None), "is not known"),
        ((1.0, 0.9, 1.1), "some classes are miscalibrated"),
    ],
)
def test_the_title_of_several_classes_follows_the_interval_of_the_slope(slope, says):
    report = copy.deepcopy(five_classes())
    estimate = dict(zip(("value", "low", "high"), slope, strict=True))
    section = report["sections"]["calibration"]
    section["found"]["temperature"]["slope"] = estimate
    shown = "No sign" not in says and "is not known" not in says
    section["sentence"] = "The probabilities are" if shown else NONE_SHOWN
    page = report_html(report)
    assert says in _title(page, "calibration")
    assert "Up: the share of such rows that are of the class." in page
    assert "that it came true for" not in page


# bias with its ends, slope, p of the joint test or None for a refused slope, and the title.
NUMBERS_TITLES = [
    ((0.5, -0.1, 1.1), 1.0, None, "No sign that predicted numbers are too high or too low on"),
    ((0.5, 0.1, 0.9), 1.0, None, "True values are on average 0.5 above the predicted ones"),
    ((0.5, -0.1, 1.1), 1.0, 0.4, "No sign that predicted numbers are miscalibrated: the true ones"),
    ((0.5, 0.1, 0.9), 1.0, 0.4, "True values are on average 0.5 above the predicted ones, but the "
     "joint test of mean and slope shows no miscalibration"),
    ((-0.5, -0.9, 0.1), 0.8, 0.0068, "The predictions are too far apart: slope 0.8 (joint test "
     "at 5 %: p = 0.0068)"),
    ((0.5, 0.1, 0.9), 0.8, 0.0001, "The predictions are too far apart and too low on the whole: "
     "slope 0.8, and true values on average 0.5 above them (joint test at 5 %: p < 0.001)"),
]  # fmt: skip


@pytest.mark.parametrize(("bias", "slope", "p", "says"), NUMBERS_TITLES)
def test_the_title_of_numbers_is_the_finding_of_the_joint_test(bias, slope, p, says):
    ends = (Estimate(*bias), Estimate(0, -1, 1), Estimate(slope, slope - 0.1, slope + 0.1))
    refused = "there are too few rows" if p is None else None
    found = RegressionCalibration("test", 90, *ends, math.nan if p is None else p, refused)
    report = copy.deepcopy(numbers())
    section = report["sections"]["calibration"]
    section |= {"found": found.as_dict(), "sentence": calibration_sentence(found)}
    title = _title(report_html(report), "calibration")
    assert title.startswith(says)
    # The title and the sentence below it do not disagree.
    if p is not None:
        assert ("No " in title or "shows no" in title) == section["sentence"].startswith(NONE_SHOWN)


def test_the_title_of_two_classes_begins_with_what_the_tests_found():
    report = copy.deepcopy(two_classes())
    section = report["sections"]["calibration"]
    tail = section["sentence"][section["sentence"].index(" on 140") :]
    section["sentence"] = NONE_SHOWN + tail
    seen = _title(report_html(report), "calibration")
    assert re.match(r"Among the|\d+ of 140 rows", seen)
    found, head = section["found"], "The probabilities are too sure"
    section["sentence"], found["weak"]["p_value"] = head + tail, 0.046
    said = _title(report_html(report), "calibration")
    assert said == f"{head} (joint test at 5 %: p = 0.046). {seen}"
    found["weak"]["p_value"], found["brier"]["p_value"] = 0.4, 0.0123
    said = _title(report_html(report), "calibration")
    assert said == f"{head} (MCB of the Brier score, at 2.5 %: p = 0.012). {seen}"


def test_classes_without_a_test_or_a_picture_are_named():
    report = copy.deepcopy(five_classes())
    parts = report["sections"]["calibration"]["found"]["classes"]
    names = report["verdict"]["classes"]
    full = next(part for part in parts if part["weak"] is not None and part["curve"] is not None)
    for each in parts:
        each |= {"weak": {**full["weak"], "refused": None}, "curve": full["curve"]}
    assert "Too few rows:" not in report_html(report)
    parts[0]["n_positive"], parts[0]["curve"] = 9, None
    parts[0]["weak"] = {**full["weak"], "refused": "there are too few rows"}
    parts[2]["n_positive"], parts[2]["weak"] = 1, None
    page = re.sub("</?bdi>", "", report_html(report))
    assert (
        f"Too few rows: {names[0]} (9 rows): no test and no picture; {names[2]} (1 row): no test."
    ) in page.replace("&quot;", "").replace('"', "")


def test_the_title_of_net_benefit_counts_the_thresholds_where_it_is_more():
    report = copy.deepcopy(two_classes())
    curve = report["sections"]["benefit"]["curve"]
    n = len(curve["gain"])

    def title(*gains):
        """The first gains are these, the rest is surely above 0."""
        rest = [(0.2, 0.1, 0.3)] * (n - len(gains))
        curve["gain"] = [dict(zip(("value", "low", "high"), e, strict=True))
                         for e in [*gains, *rest]]  # fmt: skip
        return _title(report_html(report), "benefit")

    every = "At every threshold from 0.01 to 0.5 the network has more net benefit than calling all"
    assert title().startswith(every)
    assert title().endswith("rows, or none")
    # What rounding leaves of equal net benefits is no gain.
    assert f"At {n - 4} of {n} thresholds" in title(*[(2.2e-16, 2.2e-16, 2.2e-16)] * 4)
    said = title(*[(0.01, -0.01, 0.03)] * 4)
    assert said.startswith(every)
    assert said.endswith(f"; at {n - 4} of them its 95 % interval excludes 0")
    said = title(*[(0.01, -0.01, 0.03)] * n)
    assert said.endswith("; all 95 % intervals of the gain include 0")
    assert title(*[(-0.1, -0.2, 0.0)] * n).startswith("At no threshold")


def test_net_benefit_says_where_the_simpler_model_has_more():
    report = copy.deepcopy(two_classes())
    curve = report["sections"]["benefit"]["curve"]
    n = len(curve["gain_over_other"])
    gains = [(0.1, 0.05, 0.2)] * 3 + [(0.1, -0.1, 0.2)] * 4 + [(-0.1, -0.2, -0.05)] * 2
    gains += [(1e-16, 1e-16, 1e-16)] * (n - 9)
    curve["gain_over_other"] = [dict(zip(("value", "low", "high"), e, strict=True)) for e in gains]
    assert (
        f"The network has more net benefit than logistic regression at 7 of {n} thresholds (shown "
        "at 3), and less at 2 (shown at 2). It is shown where the 95 % interval of the "
        "difference, for one threshold alone, excludes 0."
    ) in report_html(report)
    curve["gain_over_other"] = curve["other"] = None
    assert "more net benefit than logistic" not in report_html(report)


def test_a_title_about_sets_says_how_many_name_a_class():
    report = copy.deepcopy(two_classes())
    found = report["sections"]["coverage"]["found"]
    found["words"] = {EITHER: 1.0}
    assert _title(report_html(report), "coverage").endswith("; no set names a single class")
    found["words"] = {EITHER: 0.7, "malignant": 0.3}
    assert _title(report_html(report), "coverage").endswith(
        "; 30 % of the sets name a single class"
    )


def test_sums_of_weights_have_few_digits_and_are_called_so():
    report = copy.deepcopy(two_classes())
    network, curves = report["verdict"]["network"], report["curves"]
    network["n_effective"] = 120.5
    third = 1.0 / 3
    for key in ("true_positive", "false_positive"):
        curves[key] = [0.7 * n + third for n in curves[key]]
        network["confusion"][key] += third
    for key in ("true_negative", "false_negative"):
        network["confusion"][key] += third
    for table in report["sections"]["subgroups"]["tables"]:
        for group in table["groups"]:
            group["events"] = (group["events"] or 0) + third
    abstained = report["sections"]["abstention"]["at_price"]
    abstained["n_wrong"] += third
    page = report_html(report)
    assert " by weight are " in _title(page, "calibration") or _title(
        page, "calibration"
    ).startswith("By weight, malignant rows are ")
    assert "(sums of weights)." in re.search("<h1>(.*?)</h1>", page, re.S)[1]
    assert ">malignant</bdi>, sum of weights</th>" in page
    (grid,) = answers_of_results._groups("these rows", report["verdict"] | {
        "sections": report["sections"]
    })  # fmt: skip
    assert grid["heads"][2] == "events, sum of weights"
    assert "% of the scores by weight lie within" in page
    shown = re.sub("<[^>]+>", " ", page[page.index("<body") : page.index('id="report">')])
    assert re.findall(r"\d\.\d{7,}", shown) == []


def test_the_three_counts_of_weighted_rows_are_explained():
    report = copy.deepcopy(two_classes())
    report["verdict"] |= {"positive": "ja", "negative": "nein"}
    assert "effectively" not in _words(report_html(report))
    network = report["verdict"]["network"]
    network |= {"n_effective": 120.5, "n_positive": 25.77}
    report["curves"]["effective"] = {"positive": 14.79, "negative": 104.2, "all": 120.5}
    report["sections"]["benefit"]["curve"]["n_positive"] = 20
    said = _words(report_html(report))
    assert (
        'Rows have weights. "ja": 20 rows of the table, 25.8 as the sum of their weights (the '
        "counts of the pictures and of the matrix), and effectively 14 rows of equal weight (for "
        "intervals and least numbers of rows)."
    ) in said
    # Without a curve of net benefit nobody counted the rows of the table.
    report["sections"]["benefit"] = None
    assert '"ja": 25.8 as the sum of their weights' in _words(report_html(report))


def _words(page):
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page)))


@pytest.mark.parametrize("section", ["coverage", "abstention"])
def test_intervals_are_called_wilsons_of_the_effective_number_of_rows(section):
    answers = answers_of(
        np.repeat([True, False], 40), np.repeat([0.9, 0.2, 0.9, 0.2], 20), groups=np.arange(80) // 8
    )
    point = at_threshold(answers, 0.5)
    plain = proportion(point.true_positive, 40)
    assert point.sensitivity.high - point.sensitivity.low > 1.5 * (plain.high - plain.low)
    page = report_html(two_classes())
    (part,) = re.findall(rf'<section id="{section}".*?</section>', page, re.S)
    assert "Wilson's 95 % intervals; with weights or groups of rows, for the effective" in (
        html.unescape(part)
    )


def test_a_group_table_of_numbers_has_no_column_of_positive_rows():
    for make in (numbers, five_classes):
        head, row = re.search(
            r'aria-label="Groups of.*?<tr>(.*?)</tr>.*?<tbody>(.*?)</tr>', report_html(make()), re.S
        ).groups()
        assert '<th scope="col"></th>' not in head
        assert head.count("<th") == row.count("<th") + row.count("<td")


def test_a_picture_of_abstention_names_the_price():
    report = copy.deepcopy(two_classes())
    at = report["sections"]["abstention"]["at_price"]
    for price, says in ((0.1, "0.1 of an error (a default)"), (0.25, "0.25 of an error")):
        at["price"] = price
        drawn = drawn_sections(report["sections"], report["verdict"])["abstention"]
        assert drawn["priced"] == f"if no answer costs {says}"


def test_the_sentence_of_the_evaluated_threshold_is_marked():
    page = report_html(two_classes())
    said = html.escape(two_classes()["sections"]["threshold"]["sentence"])
    marked = '<p class="said" id="evaluated-said"><b>As evaluated, wherever the slider is.</b> '
    assert f"{marked}{said}</p>" in page


def test_a_threshold_of_after_the_evaluation_has_a_button():
    report = two_classes()
    evaluated = report["verdict"]["network"]["threshold"]
    assert "threshold-now" not in re.sub(r"<script.*", "", report_html(report), flags=re.S)
    page = report_html({**report, "threshold_now": evaluated})
    assert 'id="threshold-now"' not in page
    page = report_html({**report, "threshold_now": 0.1})
    assert 'data-threshold="0.1">as the model decides now, 0.1</button>' in page
    assert f">as evaluated, {evaluated:.4g}</button>" in page


def test_both_classes_stand_in_quotes_or_none():
    report = copy.deepcopy(two_classes())
    report["verdict"] |= {"positive": "yes", "negative": "no"}
    page = report_html(report)
    assert "<bdi>&quot;yes&quot;</bdi>" in page
    headline = re.search("<h1>(.*?)</h1>", page, re.S)[1]
    assert headline.count("&quot;") == 4
    assert not re.search("[“”‘’]", page)


def test_no_share_in_a_title_is_rounded_to_all_or_nothing():
    report = copy.deepcopy(numbers())
    report["sections"]["coverage"]["found"]["coverage"]["value"] = 0.9999
    assert _title(report_html(report), "coverage").endswith("hold more than 99.9 %")


def test_a_share_of_sets_has_one_rounding():
    report = copy.deepcopy(two_classes())
    found = report["sections"]["coverage"]["found"]
    found["words"] = {**dict.fromkeys(found["words"], 0.0), "malignant": 0.0746, EITHER: 0.9254}
    page = report_html(report)
    assert "; 7.46 % of the sets name a single class" in _title(page, "coverage")
    shown = re.search(r'<section id="coverage".*?</section>', page, re.S)[0]
    assert "<td>7.46\u00a0%</td>" in shown
    assert not re.search(r"(?<![\d.])(7|8|7\.5)\W?%", shown)


def test_a_refusal_is_shown_instead_of_a_picture():
    report = copy.deepcopy(two_classes())
    for key, inner in (("benefit", "curve"), ("coverage", "found")):
        report["sections"][key][inner]["refused"] = f"No {key}. Why and what to do."
    report["sections"]["subgroups"]["refused"] = "No groups. Why and what to do."
    page = report_html(report)
    for key in ("benefit", "coverage", "groups"):
        assert f"No {key}. Why and what to do." in page
        assert f'id="{key}-picture"' not in page


def test_the_words_of_sets_add_up_to_all_rows():
    for make in (two_classes, five_classes):
        report = make()
        verdict, found = report["verdict"], report["sections"]["coverage"]["found"]
        names = verdict.get("classes") or [verdict["negative"], verdict["positive"]]
        assert sum(each["share"] for each in words_of(found, names)) == pytest.approx(1, abs=1e-5)


def test_the_data_of_the_pictures_are_few_and_rounded():
    report = two_classes()
    drawn = drawn_sections(report["sections"], report["verdict"])
    assert thinned(3) == [0, 1, 2]
    assert thinned(1001)[:2] == [0, 3]
    assert (len(thinned(1001)) <= 401, thinned(1001)[-1]) == (True, 1000)
    text = json.dumps(drawn)
    assert len(text) < 60_000
    assert max(len(each.replace(".", "")) for each in re.findall(r"\d+\.\d+", text)) <= 12
    curve = report["sections"]["calibration"]["found"]["curve"]
    coarse = drawn["calibration"][0]["curve"]
    for key, values in curve.items():
        assert coarse[key] == pytest.approx(values, abs=5.1e-4)
        assert all(each == round(each, 3) for each in coarse[key])


def test_groups_with_too_few_rows_are_hollow():
    report = rare()
    table = report["sections"]["subgroups"]["tables"][0]
    drawn = drawn_sections(report["sections"], report["verdict"])["groups"]
    strips = {each["metric"]: each for each in drawn}
    assert {"sensitivity", "specificity", "AUC"} <= strips.keys()
    hollow = set()
    for key in ("sensitivity", "specificity"):
        for group, dot in zip(table["groups"], strips[key]["rows"], strict=True):
            assert dot["hollow"] == (not group["metrics"][key]["judged"])
            assert dot["value"] == pytest.approx(group["metrics"][key]["value"], 1e-5)
            hollow.add(dot["hollow"])
    assert hollow == {True, False}


def test_names_and_sentences_are_only_text():
    page = report_html(hostile_sections())
    body = page[page.index("<body") : page.index('<script type="application/json"')]
    for payload in HOSTILE:
        if re.search("<[a-z]", payload[:40]):
            assert payload[:40] not in body
    assert "window.hacked" in html.unescape(body)
