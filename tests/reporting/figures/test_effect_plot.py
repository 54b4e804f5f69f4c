"""The figure of effect curves draws their numbers on one scale, and hides none of its words."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import thalweg
from figures import words_of
from thalweg.reporting.figures.effect_plot import effects_figure


def mixed(n=600):
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    x[:60] = np.nan
    cities = [f"city number {k}" for k in range(12)]
    return pd.DataFrame(
        {
            "age": rng.normal(50, 10, n).round(),
            "$x_{": x,
            "a city with a long name, and more": rng.choice(cities, n),
            "day": pd.to_datetime(rng.integers(18_000, 19_000, n), unit="D"),
            "flag": rng.random(n) < 0.5,
        }
    )  # fmt: skip


def answers(X):
    x = np.nan_to_num(X["$x_{"].to_numpy(), nan=2.0)
    return x**2 + X["age"].to_numpy() / 10 + X["flag"].to_numpy()


def said(figure):
    """Every text that is seen."""
    return [words for words, _ in words_of(figure)]


def test_words_stay_on_the_page_and_apart():
    found = thalweg.effects(answers, mixed())
    figure = effects_figure(found, target="weight (kg)")
    everything = words_of(figure)
    width, height = figure.get_size_inches() * figure.dpi
    for words, box in everything:
        assert box.x0 >= 0, words
        assert box.x1 <= width, words
        assert box.y0 >= 0, words
        assert box.y1 <= height, words
    straight = [(w, b) for w, b in everything if "number" not in w and "…" not in w]
    for (one, a), (other, b) in itertools.combinations(straight, 2):
        clear = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
        assert clear, (one, other)


def test_panels_share_a_scale_and_show_the_curves():
    X = mixed()
    found = thalweg.effects(answers, X, ["age", "$x_{", "flag"])
    figure = effects_figure(found)
    panels = figure.axes
    assert len(panels) == 3
    assert len({axes.get_ylim() for axes in panels}) == 1
    bold = [line for line in panels[0].get_lines() if line.get_linewidth() == 2.0]
    assert bold[0].get_ydata().tolist() == found["age"].mean.tolist()
    assert bold[0].get_xdata().tolist() == found["age"].x.tolist()
    marks = [line for line in panels[1].get_lines() if line.get_marker() == "D"]
    assert marks[0].get_ydata().tolist() == [found["$x_{"].missing.mean]
    words = said(figure)
    assert any("missing" in each for each in words)
    assert any("change of the predicted number" in each for each in words)


def test_log_odds_have_percents_at_the_mean_probability():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 2))
    model = LogisticRegression().fit(X, X[:, 0] + rng.normal(size=300) > 1)
    found = thalweg.effects(model, X)
    figure = effects_figure(found)
    right = [axes for axes in figure.axes if axes.yaxis.get_ticks_position() == "right"]
    assert len(right) == 1
    ticks, labels = right[0].get_yticks(), [t.get_text() for t in right[0].get_yticklabels()]
    zero = labels[int(np.argmin(np.abs(ticks)))]
    assert zero == f"{100 * found.mean_probability:.0f} %"
    assert any("at the mean of" in each for each in said(figure))


def test_unsupported_stretches_are_dotted():
    X = np.random.default_rng(2).normal(size=(400, 1))
    found = thalweg.effects(lambda X: X[:, 0], X)
    [effect] = found
    found = replace(found, effects=(replace(effect, supported=effect.x < 1),))
    [axes] = effects_figure(found).axes
    solid, dotted = (line for line in axes.get_lines() if line.get_linewidth() == 2.0)
    assert solid.get_linestyle() == "-"
    assert dotted.get_linestyle() != "-"
    assert dotted.get_xdata()[0] == solid.get_xdata()[-1] == effect.x[effect.x < 1][-1]
    lines = " ".join(reversed(said(effects_figure(found))))  # the lowest is written first
    assert "dotted or pale: most moved rows are unlike the training rows" in lines


@pytest.mark.parametrize("dark", [False, True])
def test_of_many_columns_twelve_are_drawn_and_the_rest_is_counted(dark):
    X = np.random.default_rng(3).normal(size=(120, 15))
    found = thalweg.effects(lambda X: X @ np.arange(15.0), X)
    figure = effects_figure(found, dark=dark)
    assert len(figure.axes) == 12
    assert any("3 more columns not drawn" in each for each in said(figure))
    assert figure.title == "The predicted number varies the most with x14 and x13"


def test_several_classes_have_a_line_and_a_name_each():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(300, 2))
    y = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [-0.5, 0.5])]
    model = LogisticRegression().fit(X, y)
    found = thalweg.effects(model, X)
    figure = effects_figure(found)
    bold = [line for line in figure.axes[0].get_lines() if line.get_linewidth() == 2.0]
    assert len({line.get_color() for line in bold}) == 3
    assert {"a", "b", "c"} <= set(said(figure))
