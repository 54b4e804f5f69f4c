"""The derivative lesson: quotients, where they are best, and the picture."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.reporting.trace.difference_lesson import lesson_figure, show_derivative_lesson
from thalweg.tracing.derivative_limit import derivative_lesson


def test_quotients_of_the_square_are_those_of_exact_arithmetic_and_rounding():
    lesson = derivative_lesson()
    assert [point.at for point in lesson.points] == [3.0, -2.0]
    assert [point.slope for point in lesson.points] == [6.0, -4.0]
    assert lesson.steps.tolist() == [float(f"1e-{k}") for k in range(16)]
    for point in lesson.points:
        x = Fraction(point.at)
        for h, forward, central in zip(
            lesson.steps.tolist(), point.forward, point.central, strict=True
        ):
            # Exactly 2 x + h and 2 x; a square is known to half a unit of 16, so is x + h.
            rounding = 4 * np.finfo(float).eps * float((abs(x) + 1) ** 2) / h
            assert abs(forward - float(2 * x + Fraction(h))) <= rounding
            assert abs(central - float(2 * x)) <= rounding


def test_truncation_falls_with_h_and_with_its_square():
    lesson = derivative_lesson(np.exp, np.exp, (0.5,), name="exp(x)")
    (point,) = lesson.points
    forward, central = point.error("forward")[2:5], point.error("central")[2:4]
    np.testing.assert_allclose(forward[:-1] / forward[1:], 10, rtol=0.01)
    np.testing.assert_allclose(central[:-1] / central[1:], 100, rtol=0.01)
    np.testing.assert_allclose(forward / lesson.steps[2:5], np.exp(0.5) / 2, rtol=0.01)
    np.testing.assert_allclose(central / lesson.steps[2:4] ** 2, np.exp(0.5) / 6, rtol=0.01)


def test_the_turn_is_where_truncation_meets_rounding():
    # About √ε for a step forward, and the third root of ε for one to both sides.
    lesson = derivative_lesson(lambda x: x**3, lambda x: 3 * x**2, name="x³")
    assert 1e-9 <= lesson.turn("forward") <= 1e-7
    assert 1e-6 <= lesson.turn("central") <= 1e-4
    assert derivative_lesson().turn("central") >= 0.1  # of x² nothing is cut off


def test_steps_are_put_in_order():
    lesson = derivative_lesson(steps=[0.01, 1.0, 0.1])
    assert lesson.steps.tolist() == [1.0, 0.1, 0.01]
    np.testing.assert_allclose(lesson.points[0].forward, [7.0, 6.1, 6.01])


@pytest.mark.parametrize("wrong", [{"points": ()}, {"steps": [0.1, 0.0]}, {"steps": []}])
def test_a_lesson_without_points_or_steps_is_refused(wrong):
    with pytest.raises(SettingsError, match=r"a point and steps above 0.*\(3, -2\)"):
        derivative_lesson(**wrong)


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_holds_every_error(dark):
    lesson = derivative_lesson()
    figure = lesson_figure(lesson, dark=dark)
    (axes,) = figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert "best at h = 1e-08" in figure.title
    curves = {line.get_label(): line.get_xydata() for line in axes.get_lines()}
    for kind in ("forward", "central"):
        for point in lesson.points:
            error = point.error(kind)
            expected = np.column_stack([lesson.steps, error])[error > 0]
            assert curves[f"{kind}, x = {point.at:g}"].tolist() == expected.tolist()
    exact = [
        line for line in axes.get_lines() if line.get_marker() == "v" and len(line.get_xdata())
    ]
    assert sum(len(line.get_xdata()) for line in exact) == sum(
        int(np.sum(point.error(kind) == 0)) for point in lesson.points
        for kind in ("forward", "central")
    )  # fmt: skip


def test_the_lesson_shows_itself():
    shown = show_derivative_lesson()
    html = shown._repr_html_()
    assert html.count("data:image/png;base64,") == 2  # one for the dark
    assert "<script" not in html
    assert "4 x h" in str(shown)
    assert "4 x h" not in str(show_derivative_lesson(lambda x: x**3, lambda x: 3 * x**2, name="x³"))
    page = shown.to_html()
    assert "img-src data:" in page


@pytest.mark.parametrize(
    "lesson",
    [derivative_lesson(), derivative_lesson(lambda x: x / 4096, lambda _: 1 / 4096, (0.3, 0.7))],
)
def test_no_mark_is_on_a_word_of_the_picture(lesson):
    figure = lesson_figure(lesson)
    figure.canvas.draw()
    (axes,) = figure.axes
    marks = [
        axes.transData.transform(point)
        for line in axes.get_lines()
        if line.get_marker() not in ("None", "", None)
        for point in line.get_xydata()
    ]
    assert len(marks) > 50
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) >= 2
    for box in boxes:
        for x, y in marks:
            inside = box.x0 - 6 < x < box.x1 + 6 and box.y0 - 6 < y < box.y1 + 6
            assert not inside, (box, x, y)
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other) or np.allclose(one.extents, other.extents)
