import copy
import io
import json
import math
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from about_reports import about_two
from reports import (
    HOSTILE,
    REPORTS,
    SMALL,
    hostile,
    inputs_by_hand,
    make,
    plain_inputs,
    wisconsin,
)
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, Status
from thalweg.estimators.parameters import auto_by_width
from thalweg.evaluation.comparing.margin_rule import margin_of, rule
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.threshold_curves import curves
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.evaluation.task_kinds import LOG_LOSS
from thalweg.network.architecture import Architecture
from thalweg.reporting import network_drawing_data as drawing_module
from thalweg.reporting.html_pieces import compact, label, text
from thalweg.reporting.inline import DRAW, filled, joined, json_block, source_hash
from thalweg.reporting.model_sections.effects_in_order import MOST_COLUMNS
from thalweg.reporting.network_drawing_data import drawing, input_groups, merged, path_shares
from thalweg.reporting.page.report_page import column_facts, report_html
from thalweg.reporting.terminal_verdict import print_verdict
from thalweg.reporting.verdict_words import training_ended
from thalweg.wording import printable

LIMIT = 450_000
# Elements that have no end tag.
VOID = {"meta", "link", "br", "wbr", "input", "img", "path", "circle"}


class Page(HTMLParser):
    """The page as a browser reads it, as far as the tests need."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts = [], [], {}
        self.trail = []
        self.tables = []
        self.feed(html)
        self.close()
        assert self.trail == [], "elements left open"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        named = dict(attrs)
        if tag == "table":
            section = [name for each, name in self.trail if each == "section"]
            self.tables.append((section[-1], []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][1][-1].append("")
        if tag not in VOID:
            self.trail.append((tag, named.get("id", "")))

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.trail.pop()[0] == tag

    def handle_data(self, data):
        tag = self.trail[-1] if self.trail else ("", "")
        self.texts.setdefault(tag, []).append(data)
        if any(each in ("td", "th") for each, _ in self.trail):
            self.tables[-1][1][-1][-1] += data

    def text_of(self, tag, name=""):
        return "".join(self.texts[(tag, name)])

    def visible(self):
        hidden = ("script", "style")
        return "".join(
            part for (tag, _), parts in self.texts.items() if tag not in hidden for part in parts
        )

    def values(self, attribute):
        return [value for _, name, value in self.attributes if name == attribute]


@pytest.fixture(scope="module", params=REPORTS)
def made(request):
    return REPORTS[request.param]()


def page_data(html):
    return json.loads(Page(html).text_of("script", "report"))


# ---------------------------------------------------------------- one offline file


def test_a_page_is_one_small_file_that_asks_for_nothing(made):
    html = report_html(made.report)
    assert len(html.encode()) < LIMIT
    assert re.findall(r"[a-z][a-z0-9+.-]*://", html, re.IGNORECASE) == []
    assert re.findall(r"url\((?![`'\"]?#)", html) == []
    assert "@import" not in html
    page = Page(html)
    for attribute in ("src", "srcset", "action", "data", "poster", "background", "style"):
        assert page.values(attribute) == []
    assert page.values("href") == ["data:,"]
    assert not any(name.startswith("on") for _, name, _ in page.attributes)


def test_the_policy_allows_the_own_script_and_style_by_hash_and_nothing_else(made):
    html = report_html(made.report)
    page = Page(html)
    (policy,) = [value for value in page.values("content") if "default-src" in value]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    script = re.search(r'<script type="module">(.*?)</script>', html, re.DOTALL)[1]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    assert rules == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "img-src": "data:",
        "script-src": source_hash(script),
        "style-src": source_hash(style),
    }
    assert page.tags.count("script") == 2
    assert page.tags.index("meta") < page.tags.index("style")


def large_report():
    """300 columns, 256 units, 10,000 epochs."""
    made = wisconsin()
    random = np.random.default_rng(0)
    n_inputs, n_units = 300, 256
    names = [f"a_column_with_a_rather_long_name_number_{i}" for i in range(n_inputs)]
    arch = Architecture.dense(n_inputs, (n_units,), 1, "relu")
    report = copy.deepcopy(made.report)
    report["table"]["columns"] = [
        {
            "name": name,
            "kind": "number",
            "missing": 12345,
            "low": -1.23456e-7,
            "median": 123456.789,
            "high": 9.87654e12,
            "levels": None
            if place % 2
            else [{"name": f"{k}: a level with a long name", "rows": 12345} for k in range(5)],
            "n_levels": None if place % 2 else 99,
        }
        for place, name in enumerate(names)
    ]
    report["network"] |= {
        "sizes": list(arch.sizes),
        "activations": list(arch.activations),
        "theta": random.normal(size=arch.n_parameters).tolist(),
        **plain_inputs(n_inputs, names, n_inputs),
    }
    report["training"]["history"] = [
        {
            "epoch": i + 1,
            "steps": 100 * i,
            "train_loss": 1 / (i + 3),
            "valid_loss": 1 / (i + 7),
            "rate": 1e-3 / 7,
            "gradient_norm": 1 / 7,
        }
        for i in range(10_000)
    ]
    return report


def test_a_large_network_and_a_wide_table_stay_below_the_limit():
    html = report_html(large_report())
    assert len(html.encode()) < LIMIT
    network = page_data(html)["network"]
    assert network["sizes"] == [300, 256, 1]
    assert len(network["units"][1]) < 256


def test_such_a_page_with_all_that_is_about_the_model_stays_below_the_limit():
    report = large_report()
    about = copy.deepcopy(about_two()["sections"])
    lines, curves = about["importance"]["lines"], about["effects"]["curves"]
    long = "a_column_with_a_rather_long_name_number_{}".format
    many = [{**lines[-1], "name": long(k), "group": "", "value": 1 / (k + 3)} for k in range(300)]
    about["importance"]["lines"] = many
    random = np.random.default_rng(0)
    wide = [
        {**curves[0], "column": long(k), "supported": [True] * 41, "rows_in_bin": [12.3456] * 41,
         "members": random.normal(size=(5, 41)).tolist(), "missing": curves[0]["missing"],
         "x": np.sort(random.normal(size=41)).tolist(), "density": random.random(20).tolist(),
         **{end: random.normal(size=41).tolist() for end in ("mean", "low", "high")}}
        for k in range(MOST_COLUMNS)
    ]  # fmt: skip
    about["effects"]["curves"] = wide
    html = report_html({**report, "sections": about})
    assert len(html.encode()) < LIMIT


def test_equal_reports_are_equal_to_the_byte_and_hold_no_date(made):
    html = report_html(made.report)
    assert html == report_html(copy.deepcopy(made.report))
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", html)


# ---------------------------------------------------------------- the same numbers everywhere


def test_the_page_holds_the_verdict_and_the_curves_as_they_are(made):
    data = page_data(report_html(made.report))
    assert data["verdict"] == json.loads(json.dumps(made.verdict.as_dict()))
    assert data["curves"] == made.report["curves"]
    assert data["seed"] == made.model.seed_ == 0
    assert data["data_hash"] == made.model.data_hash_
    assert data["training"]["history"]["epoch"][-1] == len(made.model.history_)
    losses = [epoch["train_loss"] for epoch in made.model.history_]
    assert data["training"]["history"]["train_loss"] == losses


def test_page_and_terminal_show_the_same_numbers(made):
    html = report_html(made.report)
    console = Console(width=200, no_color=True, record=True, file=io.StringIO())
    print_verdict(console, made.verdict.as_dict())
    printed = console.export_text()
    (rows,) = [rows for section, rows in Page(html).tables if section == "metrics"]
    assert len(rows) == 9
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    for row in rows:
        whole = " ".join(row).strip()
        if "[" in whole:  # of four models, intervals are below the values
            parts = [cell.partition(" ")[::2] for cell in row[1:]]
            place = lines.index(" ".join([row[0], *(value for value, _ in parts)]))
            assert lines[place + 1] == " ".join(interval for _, interval in parts)
        else:
            assert whole in lines
    assert made.verdict.sentence in Page(html).visible()


def test_every_picture_has_its_numbers_in_a_table(made):
    page = Page(report_html(made.report))
    sections = [section for section, _ in page.tables]
    # The page shows the weight that is pointed at: a table of weights would rank columns.
    about = sections.index("table")
    assert sections[:about] == ["metrics", "confusion", "scores", "scores", "training"]
    names = [row[0] for _, rows in page.tables[about:] for row in rows[1:]]
    assert sorted(names) == sorted(made.frame.columns)
    # Not at the ROC curve, in half of the page's width, where its last columns would be cut.
    scores, thresholds = (rows for section, rows in page.tables if section == "scores")
    counts = {row[0]: row[1:] for row in thresholds[1:]}
    for threshold in (0.0, 0.25, 0.5, 0.95, 1.0):
        called = made.probability > threshold
        found = int((called & made.is_positive).sum())
        alarms = int((called & ~made.is_positive).sum())
        n_positive, n_negative = made.is_positive.sum(), (~made.is_positive).sum()
        expected = [found, n_positive - found, alarms, n_negative - alarms]
        assert counts[f"{threshold:.2f}"][:4] == [f"{n:,}" for n in expected]
        assert counts[f"{threshold:.2f}"][4] == f"{found / n_positive:.3f}"
    bars = np.array([[int(cell) for cell in row[1:]] for row in scores[1:]])
    assert bars.sum(axis=0).tolist() == [made.is_positive.sum(), (~made.is_positive).sum()]
    tables = dict(page.tables)
    matrix = [int(re.match(r"\d+", cell)[0]) for row in tables["confusion"][1:] for cell in row[1:]]
    confusion = made.verdict.network.confusion
    assert matrix == [
        confusion[key]
        for key in ("true_positive", "false_negative", "false_positive", "true_negative")
    ]


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("name", REPORTS)
def test_the_weights_on_the_page_are_the_model(name):
    made = REPORTS[name](**SMALL, n_bins=4)
    network = page_data(report_html(made.report))["network"]
    X = made.matrix[made.test]
    columns = made.report["network"]["columns"]
    assert len(network["inputs"]) == len(columns) > 2 * X.shape[1]  # bins, all of them here
    x = inputs_by_hand({**network, "columns": columns}, X)
    missing = np.isnan(X)[:, made.model.encoder_.missing.indicator]
    A = np.hstack([x, missing]).T
    layers = zip(network["weights"], network["biases"], network["activations"], strict=True)
    for W, b, activation in layers:
        Z = np.array(W) @ A + np.array(b)[:, None]
        A = {"relu": np.maximum(Z, 0), "identity": Z, "tanh": np.tanh(Z)}[activation]
    p = 1 / (1 + np.exp(-A[0]))
    assert network["logit_of"] == made.verdict.facts["positive"]
    np.testing.assert_allclose(p, made.probability, atol=1e-4)


def test_columns_in_short_are_those_of_pandas():
    frame = pd.DataFrame(
        {"a": [3.0, np.nan, 1.0, 2.0], "empty": [np.nan] * 4, "b": [1.0, 1.0, 0.0, np.nan]}
    )
    facts = column_facts(frame.columns, ["number", "number", "boolean"], frame.to_numpy())
    for each in facts:
        column = frame[each["name"]]
        assert each["missing"] == column.isna().sum()
        if column.isna().all():
            assert each["low"] is each["median"] is each["high"] is None
        else:
            ends = (column.min(), column.median(), column.max())
            assert (each["low"], each["median"], each["high"]) == ends
    assert [each["kind"] for each in facts] == ["number", "number", "boolean"]


def test_categories_are_reported_by_their_levels():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "town": rng.choice(["Bern", "Oslo", "Rome"], 200),
            "age": rng.normal(size=200),
            "sex": rng.choice(["f", "m"], 200),
        }
    )
    frame.loc[::9, "town"] = None
    y = np.where((frame["town"] == "Bern") + rng.normal(0, 0.5, 200) > 0.5, "yes", "no")
    made = make("towns", frame, y, target="t", positive="yes", max_iter=3, n_bins=0)
    network = made.report["network"]
    assert network["inputs"] == (
        ["age", "town=Bern", "town=Oslo", "town=Rome", "sex=m", "town missing"]
    )
    # The formulas as the page states them, on the outputs of the categories.
    town, sex = frame["town"].to_numpy(), frame["sex"].to_numpy()
    raw = np.column_stack(
        [frame["age"], town == "Bern", town == "Oslo", town == "Rome", np.where(sex == "m", 1, -1)]
    ).astype(float)
    raw[:, 1:4][frame["town"].isna()] = np.nan
    center, scale = (np.array(network["encoding"][key]) for key in ("center", "scale"))
    assert network["encoding"]["low"] == [None] * 5
    u = np.nan_to_num((raw - center) * scale)
    encoded = made.model.encoder_.encode(made.model.schema_.matrix(frame))
    np.testing.assert_allclose(encoded[:, :5], u / np.sqrt(1 + (u / 3) ** 2), atol=1e-12)
    assert np.array_equal(encoded[:, 5], frame["town"].isna())
    facts = {each["name"]: each for each in made.report["table"]["columns"]}
    assert (facts["town"]["kind"], facts["town"]["low"]) == ("category", None)
    assert facts["town"]["missing"] == 23
    html = report_html(made.report)
    assert "town=Bern" in html


def test_no_row_of_the_table_is_on_the_page():
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.uniform(1000, 9999, size=(200, 3)), columns=["a", "b", "c"])
    y = np.where(frame["a"] + random.normal(0, 2000, 200) > 5500, "yes", "no")
    made = make("secret", frame, y, target="t", positive="yes", max_iter=3)
    html = report_html(made.report)
    told = {end for each in made.report["table"]["columns"] for end in (each["low"], each["high"])}
    told |= {each["median"] for each in made.report["table"]["columns"]}
    # Medians of an even number of rows and centres of the encoder are no cells of the table.
    ends = made.model.encoder_.bins
    told = {f"{value:.6g}" for value in (*told, *ends.low, *ends.high)}
    secret = [cell for cell in made.matrix.ravel().tolist() if f"{cell:.6g}" not in told]
    assert len(secret) > 560
    for value in (*secret, *made.probability.tolist()):
        assert repr(value) not in html
        # A few digits alone may stand anywhere.
        assert len(digits := f"{value:.6g}") < 7 or digits not in html


def test_no_sentence_of_how_it_was_made_is_cut():
    report = REPORTS["breast_cancer"]().report
    network, training = report["network"], report["training"]
    long = network | {"optimizer": f"adam:lr=0.004,{','.join(f'lr.W{k}=0.5' for k in range(20))}"}
    for stopping in ("none", "hold-out", "validation", "folds", "cross-validation"):
        told = {**report, "network": long, "training": training | {"stopping": stopping}}
        said = Page(report_html(told)).text_of("dd")
        assert "…" not in said
        best, ran, status = training["best_epoch"], len(training["history"]), training["status"]
        assert training_ended(stopping, status, best, ran, network["max_iter"]) in said


# ---------------------------------------------------------------- hostile texts


def test_a_page_with_a_trace_does_not_say_that_it_holds_no_cells_but_ends():
    made = wisconsin()
    traced = made.model.trace(made.frame.iloc[[3]], [made.model.classes_[0]]).data
    for report, is_told in ((made.report, False), ({**made.report, "trace": traced}, True)):
        said = " ".join(Page(report_html(report)).visible().split())
        (cells,) = re.findall(r"the only cells on this page are [^.;]*", said)
        assert cells.endswith("names of levels, and the traced rows") == is_told


def test_hostile_texts_stay_text():
    sound, html = report_html(REPORTS["breast_cancer"]().report), report_html(hostile())
    page = Page(html)
    assert page.tags.count("script") == 2
    assert page.tags.count("style") == 1
    # A hostile page has the elements and attributes of a sound one, and the notes beside it.
    assert set(page.tags) - set(Page(sound).tags) <= {"ul", "li", "span"}
    allowed = {name for _, name, _ in Page(sound).attributes}
    assert {name for _, name, _ in page.attributes} <= allowed
    assert page.values("href") == ["data:,"]
    for payload in HOSTILE:
        clean = printable(payload)[:60]
        assert clean in page.visible()
    html.encode("utf-8")


def test_hostile_texts_reach_the_script_as_data():
    html = report_html(hostile())
    block = re.search(r'id="report">(.*?)</script>', html, re.DOTALL)[1]
    assert not re.search(r"[<>&\u2028\u2029]", block)
    data = json.loads(block)
    assert data["verdict"]["positive"] == HOSTILE[1]
    assert data["network"]["columns"]["names"][0] == HOSTILE[0] + " 0"


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.text() | NUMBERS,
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=12,
)


@given(JSON)
def test_a_json_block_is_the_data_and_no_markup(data):
    block = json_block(data)
    assert json.loads(block) == data
    assert block.isascii()
    assert not set("<>&") & set(block)


def test_what_json_does_not_know_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        json_block([float("nan")])


@given(st.text())
def test_text_has_no_markup_and_no_control_characters(value):
    shown = text(value)
    assert not set("<>\"'") & set(shown)
    assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", shown)
    shown.encode("utf-8")


# ---------------------------------------------------------------- words


def title_of(html, key):
    return "".join(
        part for (_, name), parts in Page(html).texts.items() if name == key for part in parts
    )


def words_of(html):
    body = re.sub(r"<.*?>", "", html[html.index("<body>") : html.index("<script")])
    return " ".join(unescape(body).split())


@pytest.mark.parametrize(
    ("alarms", "words"),
    [(0, "raised no false alarm"), (1, "raised 1 false alarm among"), (2, "raised 2 false alarms")],
)
def test_the_headline_counts(alarms, words):
    report = copy.deepcopy(wisconsin().report)
    report["verdict"]["network"]["confusion"]["false_positive"] = alarms
    html = report_html(report)
    headline = re.sub("<.*?>", "", re.search("<h1>(.*?)</h1>", html)[1])
    assert words in headline
    assert headline.startswith(
        "On 140 rows it had never seen, the network found 47 of 48 malignant"
    )


def test_a_caution_is_seen_without_colour():
    report = copy.deepcopy(wisconsin().report)
    assert "▲" not in report_html(report).split("<script")[0]
    report["verdict"]["sentence"] = "CAUTION: logistic regression is better."
    html = report_html(report)
    assert 'class="opinion caution"' in html
    assert "▲" in html


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (
            "all equal",
            "The scores do not tell malignant from benign: each score is as common among",
        ),
        ("tied", "row scores higher than the benign one; equal scores count one half"),
        ("distinct", "row scores higher than the benign one"),
    ],
)
def test_a_pair_of_equal_scores_is_not_called_in_order(scores, said):
    made = wisconsin()
    y = made.is_positive
    given = {
        "all equal": np.full(len(y), 0.5),
        "tied": np.where(y, 0.5, np.arange(len(y)) % 2 / 2),
        "distinct": (np.arange(len(y)) + 0.5) / len(y),
    }[scores]
    report = copy.deepcopy(made.report)
    report["curves"] = curves(y, given).as_dict()
    judged = judge(y, given)
    report["verdict"]["network"]["metrics"]["auc"]["value"] = judged.metrics["auc"].value
    (title,) = re.findall('<h2 id="roc-title">(.*?)</h2>', report_html(report))
    title = re.sub(r"</?bdi>", "", title)
    assert said in title
    assert ("equal scores" in title) == (scores == "tied")
    assert ("%" in title) == (scores != "all equal")


@pytest.mark.parametrize(("at_the_end", "said"), [(1, "scores lies"), (2, "scores lie")])
def test_one_score_lies_and_two_lie_at_the_ends(at_the_end, said):
    report = copy.deepcopy(wisconsin().report)
    bars = report["curves"]["histogram"]
    for side in bars.values():
        side[:] = [0] * len(side)
    bars["positive"][-1] = at_the_end
    assert f"{at_the_end} of 140 {said} within" in report_html(report)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "In network 1 of 5, the held-out loss was lowest after epoch"),
        ({"early_stopping": "cross-validation", "max_iter": 5}, "Cross-validation found"),
        ({"early_stopping": True}, "The held-out loss was lowest after epoch"),
        ({"early_stopping": False, "max_iter": 5}, "no row was held out"),
    ],
)
def test_the_title_of_the_losses_says_how_the_epoch_was_found(settings, words):
    made = wisconsin(**settings)
    html = report_html(made.report)
    assert words in title_of(html, "training-title")
    loss = made.model.history_[made.model.best_epoch_ - 1]
    watched = loss["train_loss"] if loss["valid_loss"] is None else loss["valid_loss"]
    assert f"{watched:.4g}" in title_of(html, "training-title")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "trained on 559 rows of wisconsin except its fold, which was for early stopping"),
        (
            {"early_stopping": True},
            "trained on 559 rows of wisconsin except the hold-out, which was for early stopping",
        ),
        (
            {"early_stopping": "cross-validation", "max_iter": 5},
            "trained on 559 rows of wisconsin",
        ),
        ({"early_stopping": False, "max_iter": 5}, "trained on 559 rows of wisconsin"),
    ],
)
def test_of_the_drawn_network_it_is_said_which_rows_it_learned_from(settings, words):
    said = re.sub(r"</?bdi>", "", report_html(wisconsin(**settings).report))
    assert words in said
    assert ("which was for early stopping" in said) == ("early stopping" in words)


def test_chart_and_table_have_the_baselines_in_one_order_the_strongest_first(made):
    html = report_html(made.report)
    losses = {name: each.metrics["log_loss"].value for name, each in made.verdict.baselines.items()}
    order = sorted(losses, key=losses.get)
    assert page_data(html)["order"] == ["network", *order]
    (rows,) = [rows for section, rows in Page(html).tables if section == "metrics"]
    assert rows[0][1:] == ["network", *order]


@pytest.mark.quick_each(3, 2)
@pytest.mark.parametrize(
    ("settings", "dropout"), [({}, 0.2), ({"dropout": 0.35}, 0.35), ({"dropout": 0}, None)]
)
def test_the_page_says_what_the_training_loss_has_in_it(settings, dropout):
    few = {"max_iter": 2, "hidden_layer_sizes": (4,), **settings} if settings else {}
    page = report_html(wisconsin(**few).report)
    words = " ".join(Page(page).visible().split())
    assert "The training loss includes the penalty on the weights" in words
    said = re.search(r"the noise of dropout \((.*?) of the units are 0", words)
    assert (said is None) if dropout is None else (float(said[1]) == dropout)
    assert f"dropout {dropout or 0:g}" in words
    if not settings:
        assert "<dd>the defaults, with the positive class <bdi>malignant</bdi></dd>" in page
    else:
        told = (
            "hidden layers 4 instead of 128, 128; epochs 2 instead of 48; patience 24 instead of 6"
        )
        assert f"{told}; dropout {settings['dropout']:g} instead of 0.2" in words


def test_the_page_says_how_many_epochs_a_large_table_was_allowed(monkeypatch):
    monkeypatch.setattr(auto_by_width, "SMALL_BELOW", 100)
    monkeypatch.setattr(auto_by_width, "ALL_EPOCHS_AT", 20)
    made = wisconsin.__wrapped__(early_stopping=True, hidden_layer_sizes=(128,))
    assert made.model.status_ is Status.MAX_EPOCHS
    epochs = len(made.model.history_)
    assert 6 < epochs < 20
    assert f"batches auto, at most {epochs} epochs" in Page(report_html(made.report)).visible()


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.2, -0.1, "The network is better than logistic regression"),
        (-0.2, 0.1, "These 140 rows do not show whether the network or logistic regression is"),
        (-0.002, 0.003, "the network and logistic regression are equally good"),
        (-0.004, -0.003, "The network is better than logistic regression, by less than matters"),
        (0.003, 0.004, "Logistic regression is better than the network, by less than matters"),
        (0.1, math.inf, "Logistic regression is better than the network"),
        (math.nan, math.nan, "These 140 rows do not show"),
    ],
)
def test_the_title_of_the_metrics_follows_the_comparison(low, high, words):
    report = copy.deepcopy(wisconsin().report)
    ends = PairedDifference.of_95(Estimate(high, low, high))
    found = rule(LOG_LOSS, ends, margin_of(LOG_LOSS, 0.1))
    report["verdict"]["differences"]["logistic regression"] = found.as_dict()
    html = report_html(report)
    assert words in title_of(html, "metrics-title")
    assert f"margin ±0.01: {found.verdict}" in words_of(html) or low != low
    assert not re.search(r"\bnan\b", words_of(html))


def test_what_stood_on_one_side_is_reported_as_it_was():
    report = copy.deepcopy(wisconsin().report)
    assert "equal rows are never on both sides" in words_of(report_html(report))
    # With groups, equal rows of two groups are two cases.
    how = "Trained on 9 rows of 3 groups, evaluated on 4 of 2 others"
    report["verdict"]["how"] = how
    assert f"{how}; rows of one group are never on both sides" in words_of(report_html(report))


def test_undefined_and_infinite_numbers_are_said():
    report = copy.deepcopy(wisconsin().report)
    metrics = report["verdict"]["network"]["metrics"]
    metrics["auc"] = {"value": None, "low": None, "high": None}
    metrics["log_loss"] = {"value": "Infinity", "low": 0.1, "high": "Infinity"}
    html = report_html(report)
    (rows,) = [rows for section, rows in Page(html).tables if section == "metrics"]
    shown = {head: cells for head, *cells in rows}
    assert shown["AUC"][0] == "undefined"
    assert shown["log-loss"][0] == "inf [0.100, inf]"
    assert "There is no ROC curve" in title_of(html, "roc-title")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (3.0, "3"),
        (1234567.0, "1,234,567"),
        (12345.678, "12,346"),
        (0.000123456, "0.00012346"),
        (-2.5, "-2.5"),
        (1e30, "1e30"),
    ],
)
def test_numbers_of_any_size_are_short(value, shown):
    assert compact(value) == shown


def test_a_class_that_is_no_plain_word_stands_in_quotes():
    assert label("malignant") == "<bdi>malignant</bdi>"
    assert label("1") == "<bdi>&quot;1&quot;</bdi>"
    assert label("not sure") == "<bdi>&quot;not sure&quot;</bdi>"


@pytest.mark.parametrize(
    ("place", "key"),
    [("", "verdict"), ("table", "columns"), ("network", "theta"), ("curves", "roc")],
)
def test_what_is_absent_is_named(place, key):
    report = copy.deepcopy(wisconsin().report)
    del (report[place] if place else report)[key]
    with pytest.raises(DataError, match=f"needs {key}"):
        report_html(report)


# ---------------------------------------------------------------- what is drawn of a network


def weights_strategy():
    sizes = st.lists(st.integers(1, 3), min_size=2, max_size=4)
    return sizes.flatmap(
        lambda sizes: st.tuples(*(
            st.lists(st.sampled_from([0.0, 0.5, -1.0, 2.0, -3.0]), min_size=a * b, max_size=a * b)
            .map(lambda flat, a=a, b=b: np.array(flat).reshape(b, a))
            for a, b in pairwise(sizes)
        ))
    )  # fmt: skip


@given(weights_strategy())
def test_path_shares_are_those_of_all_paths_one_by_one(weights):
    sizes = [weights[0].shape[1], *(len(W) for W in weights)]
    carried = [np.zeros(size) for size in sizes]
    for path in product(*(range(size) for size in sizes)):
        weight = np.prod([abs(W[b, a]) for W, a, b in zip(weights, path, path[1:], strict=False)])
        for layer, unit in enumerate(path):
            carried[layer][unit] += weight
    total = carried[0].sum()
    for share, own in zip(path_shares(list(weights)), carried, strict=True):
        np.testing.assert_allclose(share, own / total if total else own, atol=1e-12)


def test_path_shares_do_not_feel_the_rescaling_of_a_unit():
    random = np.random.default_rng(0)
    W1, W2 = random.normal(size=(5, 4)), random.normal(size=(1, 5))
    factor = np.array([1e-3, 0.5, 1, 7, 1e4])
    for a, b in zip(
        path_shares([W1, W2]), path_shares([W1 * factor[:, None], W2 / factor]), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_path_shares_of_a_very_deep_network_stay_finite():
    weights = [np.full((40, 40), 1e12) for _ in range(60)]
    for share in path_shares(weights):
        np.testing.assert_allclose(share, 1 / 40)


def test_an_input_that_is_0_in_every_row_carries_no_path(monkeypatch):
    """An identifier has weights like all columns, but its inputs are always 0."""
    monkeypatch.setattr(drawing_module, "FIRST_UNITS", 1)
    drawn = drawing(
        {
            "sizes": (3, 2, 1),
            "activations": ("relu", "identity"),
            "inputs": ["name", "age", "age missing"],
            "theta": [9.0, 1.0, 2.0, -99.0, 3.0, 1.0, 0.0, 0.0, 2.0, -1.0, 0.0],
            "logit_of": "x",
            "columns": [0, 1, None],
            "encoding": {
                "center": [0.0, 50.0],
                "scale": [0.0, 0.1],
                "low": [None, None],
                "high": [None, None],
            },
        }
    )
    # The units carry (1 + 2) · 2 and (3 + 1) · 1; with the name the second would carry more.
    assert drawn["first"] == [[0, 1, 2], [0], [0]]
    assert drawn["weights"][0] == [[9, 1, 2], [-99, 3, 1]]


def test_of_a_large_network_the_first_columns_are_kept_and_the_units_with_most_paths(monkeypatch):
    monkeypatch.setattr(drawing_module, "_MOST_WEIGHTS", 200)
    random = np.random.default_rng(0)
    arch = Architecture.dense(30, (20,), 1, "relu")
    theta = random.normal(size=arch.n_parameters)
    (W1, b1), (W2, _) = arch.layers(theta)
    drawn = drawing(
        {
            "sizes": arch.sizes,
            "activations": arch.activations,
            "theta": theta.tolist(),
            "logit_of": "x",
            **(plain := plain_inputs(30, [f"c{i}" for i in range(30)], 25)),
            "encoding": {**plain["encoding"], "center": list(range(25))},
        }
    )
    inputs, hidden, output = drawn["units"]
    assert inputs == list(range(10))
    carried = np.abs(W1).sum(axis=1) * np.abs(W2[0])
    assert hidden == sorted(np.argsort(-carried)[:10].tolist())
    assert output == [0]
    np.testing.assert_allclose(drawn["weights"][0], W1[np.ix_(hidden, inputs)], rtol=1e-5)
    np.testing.assert_allclose(drawn["biases"][0], b1[hidden, 0], rtol=1e-5, atol=1e-9)
    assert drawn["inputs"] == [f"c{i}" for i in inputs]
    assert drawn["encoding"]["center"] == [i for i in inputs if i < 25]
    columns = drawn["columns"]
    assert [drawn["inputs"][place] for [place] in columns["parts"]] == columns["names"]


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_a_number_and_its_bins_are_drawn_as_one(n_columns, seed):
    random = np.random.default_rng(seed)
    n_bins = random.integers(0, 5, n_columns)
    columns = [*range(n_columns), *np.repeat(np.arange(n_columns), n_bins).tolist(), None]
    is_bin = [i >= n_columns for i in range(len(columns) - 1)]
    groups = input_groups(columns, is_bin)
    assert np.sort(np.concatenate(groups)).tolist() == list(range(len(columns)))
    assert [int(group[0]) for group in groups] == [*range(n_columns), len(columns) - 1]
    for j, group in enumerate(groups[:-1]):
        assert [columns[i] for i in group] == [j] * (1 + n_bins[j])
    W = random.normal(size=(4, len(columns)))
    drawn = merged(W, groups)
    for unit, place in np.ndindex(4, len(groups)):
        # Every line is a weight of the network: the largest of the inputs that it stands for.
        assert drawn[unit, place] == max(W[unit, groups[place]].tolist(), key=abs)


def test_columns_are_drawn_in_the_order_of_the_table_and_levels_one_by_one():
    # Columns: a number, a category of three levels, another number with two bins. The encoder
    # gives numbers first, then bins, then levels, then what marks missing cells.
    columns, is_bin = [0, 2, 2, 2, 1, 1, 1, None], [False, False, True, True] + [False] * 3
    groups = input_groups(columns, is_bin)
    assert [group.tolist() for group in groups] == [[0], [4], [5], [6], [1, 2, 3], [7]]


def test_a_line_of_a_column_is_the_largest_of_its_weights():
    made = wisconsin()
    network = page_data(report_html(made.report))["network"]
    columns, names = network["columns"], made.report["network"]["inputs"]
    assert columns["names"] == [*made.frame.columns, "bare_nuclei missing"]
    assert columns["total"] == 10
    W1 = made.model.architecture_.layers(made.model.theta_)[0][0]
    for place, (name, parts) in enumerate(zip(columns["names"], columns["parts"], strict=True)):
        inputs = [network["inputs"][part] for part in parts]
        mine = [
            i for i, each in enumerate(names) if each == name or re.match(rf"{name} [\d.]+…", each)
        ]
        assert inputs == [names[i] for i in mine]
        for row, unit in zip(columns["weights"], network["units"][1], strict=True):
            assert row[place] == pytest.approx(max(W1[unit, mine].tolist(), key=abs), rel=6e-4)


# ---------------------------------------------------------------- no column is ranked by weights


def scrambled(report, seed):
    """A report with other first weights, and the same evaluation."""
    sizes = report["network"]["sizes"]
    theta = np.array(report["network"]["theta"])
    first = slice(0, sizes[0] * sizes[1])
    theta[first] = np.random.default_rng(seed).permutation(theta[first]) * 1.7
    return {**report, "network": {**report["network"], "theta": theta.tolist()}}


def test_no_word_on_the_page_depends_on_the_weights(made):
    """No sentence, order or size ranks columns by weights: other weights give the same page."""
    pages = [Page(report_html(report)) for report in (made.report, scrambled(made.report, 1))]
    for words in zip(*(page.visible().splitlines() for page in pages), strict=True):
        assert words[0] == words[1]
    assert pages[0].attributes == pages[1].attributes
    drawn = [page_data(report_html(r))["network"] for r in (made.report, scrambled(made.report, 1))]
    for key in ("inputs", "units", "first"):
        assert drawn[0][key][0] == drawn[1][key][0]
    for key in ("names", "parts", "total"):
        assert drawn[0]["columns"][key] == drawn[1]["columns"][key]


def test_the_page_goes_from_the_finding_to_the_network_which_is_folded(made):
    html = report_html(made.report)
    order = re.findall(r'<section id="(\w+)"', html)
    assert order == [
        "metrics", "roc", "confusion", "scores", "training", "table", "network", "made",
    ]  # fmt: skip
    start = html.index('<section id="network"')
    section = html[start : html.index("</section>", start)]
    assert section.index("<details>") < section.index('id="network-picture"')
    assert "how it computes, not which column matters" in title_of(html, "network-title")
    assert "of more than 40 inputs (a number with its bins is one, and so is each" in section
    assert "the first are drawn, in the order of the table's columns" in unescape(section)


def turned():
    """Two columns, and a positive class that is not the last one."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"])
    y = np.where(frame["a"] > 0.3, "ill", "well")
    return make("turned", frame, y, target="state", positive="ill", **SMALL)


def test_the_drawn_network_speaks_of_the_class_that_is_looked_for():
    made = turned()
    assert made.model.classes_.tolist() == ["ill", "well"]
    html = report_html(made.report)
    network = page_data(html)["network"]
    assert network["logit_of"] == "ill"
    # Its drawn weights give p(ill), row by row; the model's own give p(well).
    A = inputs_by_hand({**network, "columns": made.report["network"]["columns"]},
                       made.matrix[made.test]).T  # fmt: skip
    layers = zip(network["weights"], network["biases"], network["activations"], strict=True)
    for W, b, activation in layers:
        Z = np.array(W) @ A + np.array(b)[:, None]
        A = np.maximum(Z, 0) if activation == "relu" else Z
    np.testing.assert_allclose(1 / (1 + np.exp(-A[0])), made.probability, atol=1e-4)
    assert made.probability[made.is_positive].mean() > 0.6
    assert "so that the output is the log-odds of ill." in words_of(html)
    assert "multiplied by −1" not in report_html(wisconsin().report)


# ---------------------------------------------------------------- the summary of the table


def column(name, **facts):
    return {
        "name": name, "kind": "number", "missing": 0, "low": 0.0, "median": 1.0, "high": 2.0,
        "levels": None, "n_levels": None, **facts,
    }  # fmt: skip


def with_columns(columns):
    report = copy.deepcopy(wisconsin().report)
    report["table"]["columns"] = columns
    return report_html(report)


def tables_of(html):
    return [
        [row[0] for row in rows[1:]] for section, rows in Page(html).tables if section == "table"
    ]


@pytest.mark.parametrize("n_columns", [14, 15, 40])
def test_every_column_of_a_table_stands_on_the_page(n_columns):
    columns = [column(f"c{i}", missing=i) for i in range(n_columns)]
    html = with_columns(columns)
    assert tables_of(html) == [[f"c{i}" for i in range(n_columns)]]
    # The table has no scroll bar of its own.
    assert "#table .scroll{max-height:none}" in html


def test_of_many_columns_those_with_findings_come_first_and_the_rest_is_counted():
    columns = [column(f"c{i}") for i in range(70)]
    columns[55]["missing"] = 11
    columns[60] |= {"low": 3.0, "median": 3.0, "high": 3.0}
    columns[61] = column("c61", kind="identifier", low=None, median=None, high=None)
    columns[62] = column("c62", kind="category", low=None, n_levels=1,
                         levels=[{"name": "x", "rows": 9}])  # fmt: skip
    html = with_columns(columns)
    shown, more = tables_of(html)
    assert shown[:4] == ["c55", "c60", "c61", "c62"]
    assert shown[4:] == [f"c{i}" for i in range(36)]
    assert sorted([*shown, *more]) == sorted(f"c{i}" for i in range(70))
    assert "Here are 40 of 70 columns" in html
    assert "30 more can be unfolded" in html
    assert "<summary>30 more columns</summary>" in html


def test_a_made_column_of_bounds_is_none_of_the_table():
    bound = column("CRP: bound", kind="bound", missing=2)
    html = with_columns([column("CRP"), column("age"), bound])
    assert "rows, 2 columns: " in html
    assert [*tables_of(html)[0]] == ["CRP", "age"]
    assert "CRP: bound" not in html


def test_categories_and_booleans_show_levels_and_counts():
    frame = pd.DataFrame({
        "town": ["Oslo"] * 50 + ["Bern"] * 30 + ["Rome"] * 18 + [None] * 2,
        "fit": [True] * 60 + [False] * 39 + [None],
        "age": np.arange(100.0),
    })  # fmt: skip
    schema = infer_schema(frame)
    matrix = schema.matrix(frame)
    town, fit, age = column_facts(schema.names, schema.kinds, matrix, schema.levels)
    assert town["levels"] == [
        {"name": "Oslo", "rows": 50}, {"name": "Bern", "rows": 30}, {"name": "Rome", "rows": 18},
    ]  # fmt: skip
    assert (town["n_levels"], town["missing"]) == (3, 2)
    assert fit["levels"] == [{"name": "true", "rows": 60}, {"name": "false", "rows": 39}]
    assert (age["levels"], age["n_levels"]) == (None, None)
    town["n_levels"] = 9
    words = words_of(with_columns([town, fit, age]))
    assert "Oslo 50, Bern 30, Rome 18 and 6 more levels" in words
    assert "true 60, false 39" in words


# ---------------------------------------------------------------- one script from many modules


def test_modules_are_joined_in_the_order_of_their_need(tmp_path):
    (tmp_path / "a.js").write_text(
        'import { b } from "./b.js";\nimport { c } from "./c.js";\n\nb(c);\n'
    )
    (tmp_path / "b.js").write_text('import { c } from "./c.js";\nexport function b() {}\n')
    (tmp_path / "c.js").write_text("export const c = 1;\nexport class D {}\n")
    # `D` is left out: nothing names it.
    expected = "const c = 1;\nfunction b() {}\nb(c);\n"
    assert joined(tmp_path, "a.js") == expected


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ('import x from "./b.js";\n', "another form"),
        ('import { y as x } from "./b.js";\n', "another form"),
        ("export default 1;\n", "another form"),
        ("export { a };\n", "another form"),
        ('const a = "</script>";\n', "script block"),
        ("const { a } = b;\n", "destructuring"),
        ('import { b } from "./b.js";\nconst b = 1;\n', "both define b"),
        ('import { x } from "./a.js";\n', "import each other"),
    ],
)
def test_a_module_that_breaks_the_rules_is_refused(tmp_path, module, message):
    (tmp_path / "a.js").write_text(module)
    (tmp_path / "b.js").write_text("export const b = 1;\n")
    with pytest.raises(ValueError, match=message):
        joined(tmp_path, "a.js")


def test_a_page_without_the_styles_of_its_variables_is_refused():
    parts = dict.fromkeys(("version", "title", "body"), "")
    with pytest.raises(ValueError, match=r"no style of the page defines --grid, --page$"):
        filled("learn/page.html", styles=(), more=(".a { color: var(--page); "
               "fill: var(--grid); stroke: var(--soft, #777777) }",), **parts)  # fmt: skip


def test_modules_in_folders_are_joined_each_once(tmp_path):
    (tmp_path / "deep").mkdir()
    imported = 'import { b } from "./b.js";\nimport { c } from "../c.js";\n'
    for name, source in (
        ("entry.js", 'import { a } from "./deep/a.js";\nimport { c } from "./c.js";\na + c;\n'),
        ("c.js", "export const c = 1;\n"),
        ("deep/a.js", f"{imported}export const a = b + c;\n"),
        ("deep/b.js", "export const b = 2;\n"),
    ):
        (tmp_path / name).write_text(source)
    assert joined(tmp_path, "entry.js") == (
        "const b = 2;\nconst c = 1;\nconst a = b + c;\na + c;\n"
    )


def test_every_drawing_module_is_on_the_page_and_within_its_budget():
    # Each module serves the report, with the what-if panel or without, or the page of a landscape.
    script = joined(DRAW, "report_with_what_if.js", {"formulas.js": ""})
    others = joined(DRAW, "landscape.js")
    alone = joined(DRAW, "report_alone.js")
    modules = [each for each in DRAW.iterdir() if each.name.endswith(".js")]
    assert len(modules) >= 6
    for module in modules:
        source = module.read_text(encoding="utf-8")
        lines = source.splitlines()
        assert len(lines) <= 420, module.name
        assert max(map(len, lines)) <= 100, module.name
        assert lines[-1] in script + others + alone
        for exported in re.findall(r"^export (?:function|const|class) (\w+)", source, re.MULTILINE):
            assert re.search(rf"\*/\n+export \w+ {exported}\b", source), f"{exported}: no JSDoc"
    # Nothing is parsed as markup.
    for each in (script, others, alone):
        assert "parseFromString" not in each
        assert "innerHTML" not in each
        assert not re.search(r"\b(eval\(|Function\(|document\.write|fetch|XMLHttp|import\()", each)


def test_parts_of_a_date_are_drawn_apart_from_its_days_and_bins():
    # days, x, two bins of the days, season, indicator of the days
    groups = input_groups([0, 1, 0, 0, 0, None], [False, False, True, True])
    assert [group.tolist() for group in groups] == [[0, 2, 3], [4], [1], [5]]


# Of the command line: test_what_is_not_used_is_not_imported.
@pytest.mark.slow
def test_no_fit_imports_matplotlib_and_a_report_only_where_it_has_a_landscape():
    # On its import Matplotlib may write about its folders to standard error, also with -q.
    line = (
        "import sys, numpy as np; from thalweg import ThalwegClassifier as C;"
        "X = np.arange(40.0)[:, None];"
        "C((2,), max_iter=1, early_stopping=False).fit(X, X[:, 0] > 9)._repr_html_();"
        "print('matplotlib' in sys.modules);"
        "import thalweg.jobs.fit, thalweg.jobs.report, thalweg.reporting.page.report_page;"
        "print('matplotlib' in sys.modules)"
    )
    words = [sys.executable, "-c", line]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60).stdout
    assert said.split() == ["False", "False"]
