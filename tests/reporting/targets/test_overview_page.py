"""The overview of several targets: one page, in which no name is markup."""

import re

import numpy as np
import pandas as pd
import pytest

import thalweg
from thalweg.errors import SettingsError
from thalweg.jobs.targets.pages_of_targets import overview_page
from thalweg.reporting.targets.overview_page import Overview, overview_html
from thalweg.reporting.targets.saved_overview import save_overview
from thalweg.reporting.targets.target_rows import target_rows

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def found():
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 2))
    Y = pd.DataFrame({HOSTILE: X[:, 0] + random.normal(size=200), "b": 50 * X[:, 1]})
    model = thalweg.ThalwegRegressor(hidden_layer_sizes=(8,), random_state=0, max_iter=20)
    return thalweg.evaluate(model, X, Y, baselines="simple")


def _page(found):
    verdicts = {name: each.verdict.as_dict() for name, each in found.items()}
    return overview_html(Overview("t.csv", verdicts, "0", together=found.together))


def test_no_name_is_markup(found):
    page = _page(found)
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_dots_and_lines_are_where_the_numbers_are(found):
    page = _page(found)
    verdicts = {name: each.verdict.as_dict() for name, each in found.items()}
    rows = target_rows(verdicts)
    drawn = [float(x) for x in re.findall(r'<circle cx="([0-9.]+)%"', page)]
    values = [each["value"] for row in rows for each in (row.model, *row.baselines.values())]
    assert len(drawn) == len(values)
    expected = []
    for row in rows:  # each number has its own axis
        models = [row.model, *row.baselines.values()]
        low, high = min(each["low"] for each in models), max(each["high"] for each in models)
        expected += [3 + 94 * (each["value"] - low) / (high - low) for each in models]
    np.testing.assert_allclose(drawn, expected, atol=0.006)


def test_the_headline_counts_the_rulings(found):
    rulings = [each.verdict.differences["ridge regression"].verdict for each in found.values()]
    page = _page(found)
    (head,) = re.findall(r"<h1>(.*?)</h1>", page)
    counts = [int(n) for n in re.findall(r"for (\d+)(?: targets)?", head)]
    assert counts[0] == 2
    assert sum(counts[1:]) == len(rulings)


def test_a_frame_has_a_row_for_each_target(found):
    frame = found.frame()
    for name, each in found.items():
        assert frame.loc[name, "value"] == each.verdict.network.metrics["rmse"].value
        truth, answer = each.verdict.answers.truth, each.verdict.answers.answer
        assert frame.loc[name, "value"] == pytest.approx(np.sqrt(np.mean((truth - answer) ** 2)))


def test_the_page_is_saved_and_another_ending_refused(found, tmp_path):
    save_overview(found, tmp_path / "a.html", name="T")
    assert "T: one network for 2 targets" in (tmp_path / "a.html").read_text()
    with pytest.raises(SettingsError, match="html"):
        found.report(tmp_path / "a.csv")


def test_the_commands_of_single_reports_are_quoted(found):
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 2))
    Y = pd.DataFrame({"a b": X[:, 0], "b": X[:, 1]})
    settings = {"hidden_layer_sizes": (2,), "early_stopping": False, "max_iter": 1}
    model = thalweg.ThalwegRegressor(**settings, random_state=0).fit(X, Y)
    verdicts = dict(zip(["a b", "b"], (e.verdict.as_dict() for e in found.values()), strict=True))
    about = {"name": "t.csv", "columns": [{"kind": "number"}, {"kind": "bound"}], "notes": []}
    page = overview_page(
        model, verdicts, {"a b": {"table": about}}, None, units={}, model_file="m.safetensors",
        recipes={},
    ).decode()  # fmt: skip
    assert "<dt>Columns</dt><dd>1 column</dd>" in page  # a bound is none of the table
    shown = re.sub(r"</?span>", "", page)
    assert "thalweg report m.safetensors --target &#x27;a b&#x27; -o target-1.html" in shown
