"""The section of the what-if panel: its words, its size, its switch."""

import copy
import json
import re

import pytest

from in_page import classifier
from reports import wisconsin
from thalweg import evaluate, load_table
from thalweg.reporting.page.report_page import report_html
from thalweg.reporting.page.what_if_data import what_if_data


@pytest.fixture(scope="module")
def with_panel():
    made = wisconsin()
    return {**copy.deepcopy(made.report), "what_if": what_if_data(made.model)}


def block(page: str, key: str) -> dict:
    (text,) = re.findall(rf'<script type="application/json" id="{key}">(.*?)</script>', page)
    return json.loads(text)


def test_the_page_holds_the_model_and_says_how_large_it_is(with_panel):
    page = report_html(with_panel)
    n = with_panel["what_if"]["n_weights"]
    assert f"{n:,} weights: about {round(5.34 * n / 1e3)} kB of this file" in page
    assert "not what causes what" in page
    assert "quantiles of each number" in page
    data = block(page, "what-if-model")
    assert len(data["controls"]) == 9
    assert len(page) <= 450_000 + 5.5 * n
    assert '"what-if-panel"' in page


def test_without_it_the_page_has_neither_model_nor_code():
    page = report_html(wisconsin().report)
    assert 'id="what-if' not in page
    assert '"what-if-panel"' not in page
    assert "quantiles of each number" not in page
    assert len(page) <= 450_000


def test_a_reason_stands_in_the_place_of_the_panel(with_panel):
    reason = {"why_not": "it is <too> large", "n_weights": 2_000_000}
    page = report_html({**with_panel, "what_if": reason})
    assert "No what-if panel" in page
    assert "it is &lt;too&gt; large." in page
    assert 'id="what-if-model"' not in page


def test_hostile_names_end_no_block(with_panel):
    report = copy.deepcopy(with_panel)
    report["what_if"]["panel"]["controls"][0]["name"] = "</script><script>window.hacked=1</script>"
    page = report_html(report)
    assert "window.hacked=1</script>" not in page
    assert block(page, "what-if-model")["controls"][0]["name"].startswith("</script>")


def test_python_has_a_switch(tmp_path):
    table = load_table("wisconsin")
    model = classifier(hidden_layer_sizes=(3,), max_iter=2, positive="malignant")
    model.fit(table.frame[:400], table.target[:400])
    found = evaluate(model, table.frame[400:], table.target[400:], positive="malignant")
    for n, settings in enumerate(({}, {"what_if": False})):
        path = tmp_path / f"{n}.html"
        found.report(path, **settings)
        assert ('id="what-if-model"' in path.read_text(encoding="utf-8")) == (n == 0)
        model.report(tmp_path / f"m{n}.html", **settings)
        own = (tmp_path / f"m{n}.html").read_text(encoding="utf-8")
        assert ('id="what-if-model"' in own) == (n == 0)
