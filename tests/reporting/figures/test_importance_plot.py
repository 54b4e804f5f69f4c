"""The figure of the importance of columns."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from sklearn.linear_model import LinearRegression

import thalweg
from figures import words_of
from thalweg.errors import DataError
from thalweg.reporting.figures.importance_plot import importance_figure, section_of


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(300, 35)), columns=[f"column_{j}" for j in range(35)])
    X["column_1"] = X["column_0"] + 0.1 * random.normal(size=300)
    X = X.rename(columns={"column_2": "a very long name $x^2$ of a column\nwith a line break"})
    y = X.iloc[:, 0] + X.iloc[:, 1] + X.iloc[:, 2] + random.normal(size=300)
    found = thalweg.importance(LinearRegression().fit(X, y), X, y)
    found["networks_low"], found["networks_high"] = found["value"] - 0.1, found["value"] + 0.2
    found.attrs["n_networks"] = 5
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_every_word_is_inside_and_none_lies_on_another(found, dark):
    figure = importance_figure(found, subtitle="300 rows", dark=dark)
    seen = words_of(figure)
    width, height = figure.bbox.width, figure.bbox.height
    for words, box in seen:
        assert min(box.x0, box.y0) >= -0.5, words
        assert box.x1 <= width + 0.5, words
        assert box.y1 <= height + 0.5, words
    for place, (words, box) in enumerate(seen):
        for other, its_box in seen[place + 1 :]:
            assert not box.overlaps(its_box) or not words.strip(), (words, other)
    assert any("column_0, column_1" in words for words, _ in seen)
    assert any("Thin line" in words for words, _ in seen)
    assert any("6 smaller ones not drawn" in words for words, _ in seen)


def test_bars_and_intervals_are_the_numbers(found):
    figure = importance_figure(found)
    [axes] = figure.axes
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    np.testing.assert_allclose([bar.get_width() for bar in bars], found["value"][:30])
    lines = [line.get_xdata() for line in axes.get_lines() if len(line.get_xdata()) == 2]
    of_networks, of_rows = (np.array(lines[k:60:2], dtype=float) for k in (0, 1))
    np.testing.assert_array_equal(of_rows, found[["low", "high"]].to_numpy()[:30])
    np.testing.assert_array_equal(
        of_networks, found[["networks_low", "networks_high"]].to_numpy()[:30]
    )


def test_a_frame_that_lost_its_attrs_is_refused(found):
    lost = pd.DataFrame(found.to_dict("records"))
    with pytest.raises(DataError, match="lost its attrs"):
        importance_figure(lost)


def test_a_frame_and_its_section_are_the_same(found):
    section = section_of(found)
    assert [line["value"] for line in section["lines"]] == found["value"].tolist()
    assert [line["name"] for line in section["lines"]] == found["column"].tolist()
