"""The curve of a setting: table, picture, page, and what a notebook displays."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from thalweg import ThalwegClassifier, sweep
from thalweg.evaluation.curves.curve_sentences import finding, sentences
from thalweg.reporting.sweeps.curve_page import value_lines
from thalweg.reporting.sweeps.curve_plot import curve_figure


@pytest.fixture(scope="module")
def shown():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 3))
    y = (X[:, 0] > 0).astype(int)
    model = ThalwegClassifier(hidden_layer_sizes=(3,), max_iter=3, n_folds=3, random_state=0)
    return sweep(model, X, y, over={"learning_rate_init": (1e-4, 1.0)}, points=4)


def data_of(shown):
    return json.loads(re.findall(r'id="of-curve">(.*?)</script>', shown.page())[0])


def test_table_page_and_json_have_the_same_numbers(shown):
    frame, page, plain = shown.frame, data_of(shown), shown.as_dict()
    assert frame.columns.tolist() == [
        "learning_rate_init", "train_loss", "loss", "standard_error", "seconds", "n_diverged",
        "is_default", "beside_lowest",
    ]  # fmt: skip
    assert len(frame) == 5
    for k, point in enumerate(plain["points"]):
        assert frame.loss[k] == point["loss"] == page["points"][k]["loss"]
        assert point["loss"] == pytest.approx(np.mean(point["fold_losses"]), rel=0.05)
        assert point["standard_error"] == pytest.approx(
            np.std(point["fold_losses"], ddof=1) / np.sqrt(3)
        )
    assert json.loads(shown.rendered(".json")) == json.loads(json.dumps(plain))
    assert frame.learning_rate_init.is_monotonic_increasing


def test_title_and_table_stand_in_the_page(shown):
    page = shown.page()
    title = re.findall("<h1>(.*?)</h1>", page)[0].replace("\N{NO-BREAK SPACE}", " ")
    assert title == finding(shown.curve)
    assert page.count('<tr><th scope="row">') == 5
    assert "(default)" in page
    assert shown.verdict.replace("'", "&#x27;") in page


def test_the_picture_is_a_figure_in_light_and_dark(shown):
    for dark in (False, True):
        picture = shown.plot(dark=dark)
        (axes,) = picture.axes
        assert axes.get_xscale() == "log"
        held = next(each for each in axes.lines if each.get_label() == "held-out rows")
        np.testing.assert_allclose(held.get_ydata(), shown.frame.loss)
        assert any(str(each.get_label()).startswith("default") for each in axes.lines)
    assert shown.rendered(".png").startswith(b"\x89PNG")


def test_a_notebook_shows_the_page_and_others_the_text(shown):
    assert "<iframe" in shown._repr_html_()
    bundle, _ = shown._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert bundle["text/plain"] == str(shown)


def test_the_lines_are_columns(shown):
    train = replace(shown.curve.points[1], train_loss=0.25)
    curve = replace(shown.curve, points=(shown.curve.points[0], train, *shown.curve.points[2:]))
    lines = value_lines(curve)
    assert "  0.2500" in lines[2]  # as many digits as beside it
    assert len(lines) == 6
    at = lines[0].index("± its error") + len("± its error")
    assert all(each[at : at + 2] == "  " for each in lines)


def test_it_is_saved_by_its_name(shown, tmp_path):
    for form in ("html", "svg", "json"):
        path = tmp_path / f"curve.{form}"
        shown.save(path)
        assert path.stat().st_size > 1_000


def test_the_picture_has_the_line_of_a_constant_answer_as_the_page_has(shown):
    def lines_at(constant):
        curve = replace(shown.curve, constant_losses=(constant,) * 3)
        (axes,) = curve_figure(curve).axes
        there = [e for e in axes.lines if str(e.get_label()).startswith("a constant answer: ")]
        return [each.get_ydata()[0] for each in there], axes.get_ylim()

    losses = shown.frame.loss
    middle = float(losses.min() + losses.max()) / 2
    at, ends = lines_at(middle)
    assert at == [pytest.approx(middle)]
    assert lines_at(100.0) == ([], ends)  # it is outside, and the losses decide the ends


@pytest.mark.parametrize("spread", [5.1, 9.9, 40.0, 1e6])
def test_a_logarithmic_picture_has_numbers_beside_its_losses(shown, spread):
    points = shown.curve.points
    losses = np.geomspace(0.12, 0.12 * spread, len(points))
    curve = replace(
        shown.curve,
        points=tuple(
            replace(
                each, loss=loss, train_loss=loss, fold_losses=(loss,), fold_train_losses=(loss,)
            )
            for each, loss in zip(points, map(float, losses), strict=True)
        ),
    )
    picture = curve_figure(curve)
    (axes,) = picture.axes
    assert axes.get_yscale() == "log"
    low, high = axes.get_ylim()
    ticks = [at for at in axes.get_yticks() if low <= at <= high]
    assert 2 <= len(ticks) <= 8  # within one power of ten there was none
    assert all(axes.yaxis.get_major_formatter()(at, 0) for at in ticks)


def test_long_words_below_the_picture_stand_upright_and_apart():
    random = np.random.default_rng(0)
    X = random.normal(size=(40, 2))
    model = ThalwegClassifier(hidden_layer_sizes=(3,), max_iter=1, n_folds=2, random_state=0)
    long = (4, 3, 4, 3, 4, 3, 4, 3)
    values = [(3,), (3, 3), long, long[1:], long[2:], long[3:]]
    shown = sweep(model, X, (X[:, 0] > 0).astype(int), over={"hidden_layer_sizes": values})
    picture = shown.plot()
    FigureCanvasAgg(picture).draw()
    (axes,) = picture.axes
    boxes = [each.get_window_extent() for each in axes.get_xticklabels() if each.get_text()]
    assert len(boxes) == len(values)
    assert all(a.x1 <= b.x0 for a, b in pairwise(boxes))
    assert min(each.y0 for each in boxes) > axes.get_legend().get_window_extent().y1
    assert axes.xaxis.label.get_window_extent().y1 <= min(each.y0 for each in boxes) + 1


def test_a_legend_of_three_rows_stands_below_the_name_of_the_setting(shown):
    points = list(shown.curve.points)
    points[-1] = replace(points[-1], loss=None, train_loss=None, n_diverged=3)
    worst = max(range(len(points) - 1), key=lambda k: points[k].loss)
    high = tuple(9.0 * each for each in points[worst].fold_losses)
    points[worst] = replace(points[worst], loss=9.0 * points[worst].loss, fold_losses=high)
    middle = float(np.mean([each.loss for each in points[:-1]]))
    curve = replace(shown.curve, points=tuple(points), constant_losses=(middle,) * 3)
    picture = curve_figure(curve)
    FigureCanvasAgg(picture).draw()
    (axes,) = picture.axes
    assert len(axes.get_legend().get_texts()) > 6
    legend = axes.get_legend().get_window_extent()
    assert legend.y1 <= axes.xaxis.label.get_window_extent().y0
    notes = [each.get_window_extent() for each in picture.texts]
    assert all(each.y1 <= legend.y0 for each in notes if each.y0 < legend.y0)


def test_a_constant_answer_has_as_many_digits_as_the_losses_beside_it(shown):
    curve = replace(shown.curve, constant_losses=(0.69,) * 3)
    assert any(each.startswith("A constant answer has 0.6900") for each in sentences(curve))
    assert replace(shown, curve=curve).page().count('"constant_text":"0.6900"') == 1
