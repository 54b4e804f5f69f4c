"""The sections of the report that lead from a number to a decision: their HTML and their data."""

import copy
import html
import json
import re

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
from thalweg.evaluation.calibration.calibration_sentences import NONE_SHOWN
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


def _data(page):
    return json.loads(re.search(r'id="report">(.*?)</script>', page).group(1))


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
        assert f'id="{key}' not in page
    assert 'id="ratio"' not in page


@pytest.mark.parametrize("absent", ["threshold", "benefit", "abstention", "coverage", "subgroups"])
def test_a_section_may_be_absent(absent):
    report = two_classes()
    page = report_html({**report, "sections": {**report["sections"], absent: None}})
    key = {"subgroups": "groups", "threshold": "rug"}.get(absent, absent)
    assert f'id="{key}' not in page


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
        ((0.6, 0.4, 0.9), "too sure"),
        ((1.6, 1.2, 2.0), "not sure enough: too far"),
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
    assert says in _title(report_html(report), "calibration")


@pytest.mark.parametrize(
    ("bias", "says"),
    [
        ((0.5, -0.1, 1.1), "No sign that predicted numbers are too high or too low on average"),
        ((0.5, 0.1, 0.9), "True values are on average 0.5 above"),
        ((-0.5, -0.9, -0.1), "True values are on average 0.5 below"),
    ],
)
def test_the_title_of_numbers_follows_the_interval_of_the_bias(bias, says):
    report = copy.deepcopy(numbers())
    estimate = dict(zip(("value", "low", "high"), bias, strict=True))
    report["sections"]["calibration"]["found"]["bias"] = estimate
    assert says in _title(report_html(report), "calibration")


def test_the_title_of_net_benefit_counts_the_thresholds_where_it_is_more():
    report = copy.deepcopy(two_classes())
    curve = report["sections"]["benefit"]["curve"]
    assert _title(report_html(report), "benefit").startswith("At every threshold from 0.01 to 0.5")
    curve["all"][3:7] = [0.9] * 4
    n = len(curve["all"])
    assert f"At {n - 4} of {n} thresholds" in _title(report_html(report), "benefit")
    curve["all"] = [0.9] * n
    assert _title(report_html(report), "benefit").startswith("At no threshold")


def test_no_share_in_a_title_is_rounded_to_all_or_nothing():
    report = copy.deepcopy(numbers())
    report["sections"]["coverage"]["found"]["coverage"]["value"] = 0.999
    assert _title(report_html(report), "coverage").endswith("hold more than 99 %")


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
