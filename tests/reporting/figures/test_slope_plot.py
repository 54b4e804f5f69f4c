"""Two points make a slope: the lines of the figure have the slopes of the formula."""

import numpy as np
import pytest

from thalweg.reporting.figures.slope_plot import slope_figure


@pytest.mark.parametrize("dark", [False, True])
def test_the_lines_have_their_slopes(dark):
    figure = slope_figure(
        lambda x: x**3, lambda x: 3 * x**2, (1.0, -1.0), 0.5, name="x³", dark=dark
    )
    curve, *lines = [each for each in figure.axes[0].get_lines() if each.get_linestyle() != "None"]
    assert np.allclose(curve.get_ydata(), curve.get_xdata() ** 3)
    found = [np.diff(each.get_ydata())[0] / np.diff(each.get_xdata())[0] for each in lines]
    # (1.5³ - 1) / 0.5 = 4.75 and 3; (-0.125 + 1) / 0.5 = 1.75 and 3
    assert found == pytest.approx([4.75, 3.0, 1.75, 3.0])
    assert "the slope 4.75 at x = 1; the tangent there has the slope 3" in figure.title
