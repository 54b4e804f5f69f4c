"""`model.explain`: the interface, the base, the words, the pictures."""

import json
import re
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explained import fitted, tables
from fitting import refitted
from thalweg import DataError, SettingsError, ThalwegRegressor
from thalweg.estimators.explaining.cell_texts import column_with_cell
from thalweg.jobs.running.outcome import finite
from thalweg.reporting.explaining.contribution_bars import Bar, Waterfall
from thalweg.reporting.explaining.contribution_words import (
    answer_text,
    explanation_text,
    waterfall_lines,
)
from thalweg.reporting.explaining.waterfall_html import waterfall_svg
from thalweg.reporting.figures.waterfall_plot import waterfall_figure


@pytest.fixture(scope="module")
def model():
    return fitted("mixed", "plain", early_stopping="folds", positive="ill")


@pytest.fixture(scope="module")
def frame():
    return tables()["mixed"][0]


def test_the_names_that_plots_of_shap_read(model, frame):
    found = model.explain(frame[:3])
    n_columns = len(frame.columns)
    assert found.values.shape == found.data.shape == (3, n_columns)
    assert found.base_values.shape == found.answers.shape == (3,)
    assert found.members.shape == (len(model.members_), 3, n_columns)
    assert found.feature_names == list(frame.columns)
    assert found.data[1].tolist()[2:] == frame.iloc[1].tolist()[2:]
    np.testing.assert_allclose(
        found.base_values + found.values.sum(axis=1), found.answers, atol=1e-12
    )
    assert found.sum_error <= 1e-12
    with pytest.raises(AttributeError, match="cannot assign"):
        found.method = "other"


def test_numbers_in_data_are_floats_also_where_the_table_has_texts(model, frame):
    data = model.explain(frame[:1].astype({"age": object})).data
    assert data.dtype == object
    assert isinstance(data[0, 1], float)
    X = tables()["nine numbers"][0]
    texts = X[:2].map(str)
    data = fitted("nine numbers", "plain").explain(texts).data
    assert data.dtype == np.float64
    np.testing.assert_array_equal(data, X[:2])


def test_several_classes_are_a_third_axis():
    model = fitted("three classes", "plain")
    X = tables()["three classes"][0]
    found = model.explain(X[:4])
    assert found.values.shape == (4, 9, 3)
    assert found.base_values.shape == (4, 3)
    np.testing.assert_allclose(found.values.sum(axis=2), 0, atol=1e-8)
    frame = found.to_frame()
    assert len(frame) == 4 * 9 * 3
    sums = (
        frame.groupby(["row", "class"])["contribution"].sum()
        + frame.groupby(["row", "class"])["base"].first()
    )
    answers = frame.groupby(["row", "class"])["answer"].first()
    np.testing.assert_allclose(sums, answers, atol=1e-8)
    assert found.waterfall(0).label == model.predict(X[:1])[0]
    assert found.waterfall(0, "c").label == "c"
    with pytest.raises(
        SettingsError, match=r'label="d" is no class.*take label="a", label="b" or label="c"'
    ):
        found.waterfall(0, "d")


def test_a_frame_has_a_line_for_each_row_and_column(model, frame):
    found = model.explain(frame[:2])
    lines = found.to_frame()
    assert list(lines.columns) == [
        "row", "column", "cell", "contribution", "low", "high", "base", "answer"
    ]  # fmt: skip
    assert lines["contribution"].tolist() == found.values.ravel().tolist()
    assert (lines["low"] <= lines["contribution"]).all()
    assert (lines["contribution"] <= lines["high"]).all()


def test_the_base_is_a_typical_row_a_background_or_another_row(model, frame):
    typical = model.explain(frame[:1])
    other = model.explain(frame[:1], against=frame[5:6])
    mean = model.explain(frame[:1], background=frame[5:8])
    assert typical.base == "a typical row"
    assert other.base == "the other row"
    assert mean.base == "the mean of 3 rows"
    answers = model.predict_proba(frame[5:8])[:, model.classes_.tolist().index("ill")]
    np.testing.assert_allclose(other.base_values, answers[0], atol=1e-6)
    np.testing.assert_allclose(mean.base_values, answers.mean(), atol=1e-6)


def test_errors_about_the_base(model, frame):
    with pytest.raises(SettingsError, match="both given"):
        model.explain(frame[:1], against=frame[5:6], background=frame[5:6])
    with pytest.raises(DataError, match="has 2 rows"):
        model.explain(frame[:1], against=frame[5:7])
    with pytest.raises(DataError, match="at most 100"):
        model.explain(frame[:1], background=pd.concat([frame] * 2))
    with pytest.raises(SettingsError, match="path, shapley"):
        model.explain(frame[:1], method="lime")
    old = refitted(fitted("two numbers", "plain"), likeness=None)
    X = tables()["two numbers"][0]
    with pytest.raises(SettingsError, match=r"keeps no typical row.*background or against"):
        old.explain(X[:1])
    found = old.explain(X[:1], against=X[1:2])  # as the message says
    assert found.outlier_p is None


def test_an_array_without_names():
    X, y = tables()["two numbers"]
    model = fitted("two numbers", "plain")
    from thalweg import ThalwegClassifier

    model = ThalwegClassifier(**{**model.get_params(), "max_iter": 3}).fit(X.to_numpy(), y)
    found = model.explain(X.to_numpy()[:2])
    assert found.feature_names == ["x0", "x1"]
    assert found.data.dtype == np.float64
    assert model.what_if(X.to_numpy()[:1], {"x0": 1.5}).changes == {"x0": "1.5"}


def test_sentences_hold(model, frame):
    found = model.explain(frame[:6])
    for row in range(6):
        text, fall = str(model.explain(frame[row : row + 1])), found.waterfall(row)
        largest = fall.bars[0]
        said = f"{largest.name} adds" if largest.value > 0 else f"{largest.name} takes"
        if largest.cell == "missing":
            said = said.replace(largest.name, f"the missing {largest.column}")
        assert said in text.replace("\n", " ")
        told = f"{abs(100 * fall.printed.bars[0].value):.1f}"
        assert f"{told} points" in text.replace("\n", " ")
        assert "not what causes what" in text
        ends = [bar.end for bar in fall.bars]
        assert ends[-1] == pytest.approx(fall.answer, abs=1e-12)
        assert max(map(len, text.split("\n"))) <= 80


def test_quotes_show_where_a_name_with_an_equals_sign_ends(model, frame):
    found = model.explain(frame[:1])
    names = ['a = "b" =' if name == "age" else name for name in found.feature_names]
    text = explanation_text(replace(found, feature_names=names), 0)
    cell = found.texts[0][names.index('a = "b" =')]
    assert column_with_cell('a = "b" =', cell) in text
    assert """'a = "b" ='""" in text
    assert column_with_cell("a = b", "63") == '"a = b" = 63'
    assert column_with_cell("age", "63") == "age = 63"
    assert column_with_cell("a=b", "missing") == '"a=b" missing'
    assert column_with_cell("note", 'x = "y"') == """note = 'x = "y"'"""


def test_at_most_eight_bars_and_the_others():
    X, _ = tables()["thirty numbers"]
    model = fitted("thirty numbers", "plain")
    fall = model.explain(X[:1]).waterfall()
    assert len(fall.bars) == 9
    assert fall.bars[-1].name == "22 others"
    sizes = [abs(bar.value) for bar in fall.bars[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    assert fall.bars[-1].end == pytest.approx(fall.answer, abs=1e-12)
    lines = waterfall_lines(fall)
    assert len(lines) == 1 + 1 + 9 + 1 + 1
    assert max(map(len, lines)) <= 80
    assert all(line.isascii() for line in waterfall_lines(fall, ascii=True))


def test_networks_that_disagree_are_named(model, frame):
    for row in range(len(frame)):
        found = model.explain(frame[row : row + 1])
        bars = found.waterfall().bars[:3]
        several = [bar for bar in bars if bar.column and bar.n_up and bar.n_down]
        said = [note for note in found.notes() if "disagree" in note]
        assert bool(said) == bool(several)
        if several:
            bar = several[0]
            assert f"{bar.column} ({bar.n_up} up, {bar.n_down} down)" in said[0]
            break
    else:
        pytest.fail("no two networks disagree in any row")


def test_a_clip_is_said():
    X = pd.DataFrame({"x": np.linspace(0, 1, 60)})
    model = ThalwegRegressor(random_state=0, alpha=0.01, n_folds=2).fit(X, X["x"] ** 2)
    far = pd.DataFrame({"x": [1.4]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.explain(far)
        (note,) = [each for each in found.notes() if "clips" in each]
    assert found.answers[0] > 1
    assert found.predicted[0] == model.predict(far)[0] < 1
    assert f"the model answers {found.predicted[0]:.4f}"[:-1] in note
    assert not [each for each in model.explain(X[30:31]).notes() if "clips" in each]


def test_an_unlike_row_is_named(model, frame):
    far = frame.iloc[[0]].assign(age=500.0, ward="W99")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.explain(far)
    assert found.outlier_p[0] <= 0.05
    assert any("unlike the training rows" in note for note in found.notes())


def test_half_categories_are_named_where_a_category_changes(model, frame):
    row, other = frame.iloc[[0]], frame.iloc[[0]].assign(age=70)

    def said(X, **base):
        text = str(model.explain(X, **base)).replace("\n", " ")
        html = model.explain(X, **base)._repr_html_()
        assert ("half-categories" in html) == ("half-categories" in text)
        return text.rpartition("not what causes what.")[2].strip()

    assert said(row, against=row) == said(other, against=row) == ""
    two = "On the straight way between the two rows lie half-categories that no row has."
    towns = {each: row.assign(town=each) for each in ("Bern", "Oslo")}
    assert said(towns["Bern"], against=towns["Oslo"]) == two
    assert said(row.assign(town=None), against=row) == two
    assert said(row.assign(town=None), against=row.assign(town=None)) == ""
    many = "On the straight ways from the 4 rows to this one lie half-categories that no row has."
    assert said(towns["Bern"], background=pd.concat([towns["Bern"]] * 3 + [towns["Oslo"]])) == many
    assert said(row, background=pd.concat([row] * 4)) == ""
    assert said(towns["Bern"], against=towns["Oslo"], method="shapley") == ""
    numbers = tables()["nine numbers"][0]
    assert "half-cat" not in str(fitted("nine numbers", "plain").explain(numbers[:1]))


def test_a_share_of_rows_has_the_notation_of_percentages(model, frame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        far = model.explain(frame.iloc[[0]].assign(age=500.0, ward="W99"))
    p = float(far.outlier_p[0])
    (note,) = [each for each in far.notes() if "unlike the training" in each]
    assert f"at most {100 * p:.2g} % of them" in note


def test_plain_data_and_displays(model, frame):
    found = model.explain(frame[:2])
    data = json.loads(json.dumps(finite(found.as_dict()), allow_nan=False))
    assert data["rows"][1]["contributions"] == found.values[1].tolist()
    html = found._repr_html_()
    assert "<script" not in html
    assert "1 more row is in it" in html
    hostile = frame.iloc[[0]].assign(town="<b>x</b>")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "<b>x" not in model.explain(hostile)._repr_html_()


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("dark", [False, True])
def test_the_figure(model, frame, dark):
    figure = model.explain(frame[:1]).plot(dark=dark)
    (axes,) = figure.axes
    assert len(axes.patches) == len(model.explain(frame[:1]).waterfall().bars)
    assert axes.get_yticklabels()[0].get_text() == "a typical row"
    assert figure.title.startswith("Compared with a typical row")
    assert figure._repr_png_()[0].startswith(b"\x89PNG")


def test_no_axis_of_probabilities_passes_100_percent_and_thin_lines_say_what_they_are():
    bars = (
        Bar("age = 63", "age", "63", 0.7, 0.2, 0.5, 0.95, 5, 0),
        Bar("dose = 2", "dose", "2", -0.1, 0.9, -0.3, 0.25, 3, 2),
    )
    beyond = Waterfall(0.2, 0.8, "a typical row", 1, "ill", 5, bars, "number", 1)
    figure = waterfall_figure(beyond)
    (axes,) = figure.axes
    assert axes.get_xlim()[1] > 1.1
    assert max(axes.get_xticks()) == pytest.approx(1.0)
    said = " ".join(each.get_text() for each in figure.texts)
    assert "above 100 % are no probabilities" in said
    assert "lines: what one of 5 networks adds" in said
    assert "what one of 5 networks adds" in waterfall_lines(beyond)[-1]
    small = replace(beyond, answer=0.5, bars=(replace(bars[0], value=0.3, low=0.1, high=0.4),))
    said = " ".join(each.get_text() for each in waterfall_figure(small).texts)
    assert "are no probabilities" not in said
    number = replace(beyond, label=None)
    assert waterfall_figure(number).axes[0].get_xticks().max() > 1


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.00486, "0.5 %"), (0.7174, "71.7 %"), (0.0001, "under 0.1 %"), (0.99999, "over 99.9 %"),
     (0.0, "0.0 %"), (1.0, "100.0 %")],
)  # fmt: skip
def test_probabilities_in_words(value, said):
    assert answer_text(value, "ill") == said


def test_large_numbers_are_not_cut_in_the_waterfall_of_a_notebook():
    bar = Bar("income = 1", "income", "1", 2e6, 15e6, 1e6, 3e6, 5, 0)
    drawn = Waterfall(15e6, 17e6, "a typical row", 1, None, 5, (bar,), "number", 0)
    found = re.findall(r'<text x="([\d.]+)" y="[\d.]+"[^>]*>([+\d,]+)</text>', waterfall_svg(drawn))
    assert [words for _, words in found] == ["15,000,000", "+2,000,000", "17,000,000"]
    for left, words in found:
        assert float(left) + 6.7 * len(words) <= 640  # of bold digits of 12 pixels
