"""The picture of a trace's page without its script: every number is that of the JSON."""

import re

import pytest

from thalweg.reporting.trace.page.trace_still import still
from thalweg.reporting.trace.page.traced_page_data import place_of
from traced_pages import KINDS

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")


@pytest.mark.parametrize("kind", ["two", "softmax", "deep", "number"])
def test_the_last_stop_is_drawn_with_the_numbers_of_the_json(kind):
    data = KINDS[kind]().data
    picture = still(data)
    texts = re.findall(r'<text y="4">(.*?)</text>', picture)
    one = data["passes"][0]
    values = [one["X"], *(layer["dZ"] for layer in one["layers"])]
    if kind == "deep":
        assert len(texts) < sum(map(len, values))  # a large layer has fewer pills
    else:
        for text, value in zip(texts, [v for each in values for v in each], strict=True):
            digits = len(text.partition(".")[2])
            assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.51 * 10**-digits)
    layer, unit, column = place_of(data["chain"]["name"])
    widths = [float(each) for each in re.findall(r'stroke-width="([\d.]+)"', picture)]
    assert max(widths) == 9.0
    assert len(widths) <= 60
    assert layer == 1
    assert unit >= 1
    assert column >= 1


def test_names_are_escaped():
    data = KINDS["two"]().data
    data["columns"][0]["name"] = "<b>&"
    assert "&lt;b&gt;&amp;" in still(data)
    assert "<b>" not in still(data)


def test_both_layers_have_one_scale():
    data = KINDS["two"]().data
    _, unit, column = place_of(data["chain"]["name"])
    one = data["passes"][0]
    first = one["X"][column - 1] * one["layers"][0]["dZ"][unit - 1]
    second = one["layers"][0]["A"][unit - 1] * one["layers"][1]["dZ"][0]
    widths = [float(each) for each in re.findall(r'stroke-width="([\d.]+)"', still(data))]
    top = max(abs(first), abs(second))
    assert widths[-1] == pytest.approx(9 * abs(second) / top, abs=0.006)
    assert max(widths[:-1]) == pytest.approx(9 * abs(first) / top, abs=0.006)
