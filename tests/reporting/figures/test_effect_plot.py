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


@pytest.mark.quick_each(2)
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


def overlaps(figure):
    """Pairs of straight words that lie on each other."""
    straight = [(w, b) for w, b in words_of(figure) if w]
    return [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(straight, 2)
        if a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1
    ]


def test_long_names_are_whole_and_in_their_panel():
    names = [
        "age of the patient at admission",
        "C-reactive protein on the first day (mg/l)",
        "Verweildauer_im_Krankenhaus_in_Tagen",
        "days since the last hospital admission",
        "W" * 40,
    ]
    X = pd.DataFrame(np.random.default_rng(5).normal(size=(200, 5)), columns=names)
    figure = effects_figure(thalweg.effects(lambda X: X.to_numpy() @ np.arange(1.0, 6), X))
    assert overlaps(figure) == []
    heads = [
        t.get_text() for t in figure.texts if t.get_fontsize() == 9 and t.get_weight() == "bold"
    ]
    whole = "".join(heads).replace(" ", "")
    for name in names:
        assert name.replace(" ", "") in whole
    for words, box in words_of(figure):
        for axes in figure.axes:
            left, right = axes.get_position().x0 * 640, axes.get_position().x1 * 640
            if words in heads and abs(box.x0 - left) < 3:
                assert box.x1 <= right + 2, words


class Five:
    """Five classes, whose probabilities depend on a ward and whether a number is missing."""

    classes_ = np.array(["awful", "bad", "fair", "good", "great"])
    _estimator_type = "classifier"

    def __init__(self, n_wards):
        self.n_wards = n_wards

    def predict_proba(self, X):
        ward = X["ward"].str[5:].astype(float).fillna(-1).to_numpy()
        z = np.column_stack([np.sin(ward + k) for k in range(5)])
        p = np.exp(z + X["x"].fillna(0).to_numpy()[:, None] * np.arange(5) / 5)
        return p / p.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def wards(n_wards, n=900):
    rng = np.random.default_rng(6)
    ward = pd.Series([f"ward {k}" for k in np.arange(n) % n_wards])
    X = pd.DataFrame({"ward": ward, "x": rng.normal(size=n)})
    X.loc[:60, "x"] = np.nan
    X.loc[50:110, "ward"] = None
    return X


def test_levels_of_five_classes_have_a_column_of_dots_for_each_class():
    X = wards(12)
    found = thalweg.effects(Five(12), X)
    figure = effects_figure(found)
    assert overlaps(figure) == []
    dots = [axes for axes in figure.axes if axes.get_ylim()[0] > axes.get_ylim()[1]]
    own = [each for each in found if each.column == "ward"]
    assert len(dots) == len(own) == 5
    assert len({axes.get_xlim() for axes in dots}) == 1
    boxes = sorted((axes.get_position().x0, axes.get_position().x1) for axes in dots)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(boxes))
    for axes, effect in zip(dots, own, strict=True):
        lines = [line for line in axes.get_lines() if line.get_markersize() == 3.5]
        places = [(line.get_xdata()[0], line.get_ydata()[0]) for line in lines]
        expected = [*effect.mean.tolist(), effect.missing.mean]
        assert places == [(mean, row) for row, mean in enumerate(expected)]
        # The caps of the intervals are higher than the dots.
        caps = [line for line in axes.get_lines() if line.get_markersize() == 9]
        ends = [
            *zip(effect.low, effect.high, strict=True),
            (effect.missing.low, effect.missing.high),
        ]
        assert [tuple(line.get_xdata()) for line in caps] == ends
    words = said(figure)
    assert {"awful", "bad", "fair", "good", "great", "ward 11"} <= {*words}
    # Probabilities are in percentage points: the numbers of the axis, and what it is.
    assert any("percentage points" in each for each in words)
    assert {"0", "20"} <= {*words}


def test_all_levels_of_one_answer_are_drawn():
    X = wards(18)[["ward"]].fillna("ward 3")
    figure = effects_figure(thalweg.effects(lambda X: X["ward"].str[5:].astype(float), X))
    assert {f"ward {k}" for k in range(18)} <= {*said(figure)}
    assert len(figure.axes[0].patches) >= 18
