import itertools

import numpy as np
import pytest
from matplotlib.colors import to_hex

from figures import words_of
from thalweg.errors import DataError
from thalweg.reporting.figures.rate_plot import rate_figure
from thalweg.training.lr_find import RateSearch


def search(losses, start=1.0, low=1e-5, high=1.0, exploded=True, suggestion=0.01):
    losses = np.array(losses, float)
    rates = np.geomspace(low, high, len(losses)) if len(losses) else losses
    return RateSearch(rates, losses, losses + 0.001, start, exploded, suggestion)


FALLING = [*np.ones(15), *np.linspace(0.95, 0.3, 10), 0.5, 9.0]
SEARCHES = {
    "usual": search(FALLING),
    "harmless": search(FALLING[:20], exploded=False),
    "narrow": search(FALLING, low=0.03, high=0.4),
    "rising": search([1, 1.001, 1.2, 5], suggestion=None),
    "flat": search([0, 0, 0, 0], start=0.0, exploded=False, suggestion=None),
    "one": search([7], suggestion=None),
    "short": search([7], suggestion=None, exploded=False),
    "negative": search([-2, -2.5, -3, -1, 8], start=-2.0),
    "beyond": search([1, 0.5, 0.2, 1e300]),
}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", SEARCHES)
def test_no_word_leaves_the_page_or_lies_on_another(kind, dark):
    figure = rate_figure(SEARCHES[kind], subtitle="wisconsin, adam, batches of 32", dark=dark)
    words = words_of(figure)
    assert len(words) > 7
    page = figure.bbox
    for text, box in words:
        assert min(box.x0, box.y0) >= -1, text
        assert max(box.x1 - page.x1, box.y1 - page.y1) <= 1, text
    for (a, box_a), (b, box_b) in itertools.combinations(words, 2):
        across = min(box_a.x1, box_b.x1) - max(box_a.x0, box_b.x0)
        along = min(box_a.y1, box_b.y1) - max(box_a.y0, box_b.y0)
        assert across <= 1 or along <= 3, f"{a!r} lies on {b!r}"


def test_it_draws_what_it_was_given():
    found = SEARCHES["usual"]
    figure = rate_figure(found)
    (axes,) = figure.axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_array_equal(lines["after each step"].get_xydata().T[0], found.rates)
    np.testing.assert_array_equal(lines["after each step"].get_ydata(), found.losses)
    np.testing.assert_array_equal(lines["median of three"].get_ydata(), found.smoothed)
    assert set(lines["suggested: 0.01"].get_xdata()) == {0.01}
    assert set(lines["before the first step"].get_ydata()) == {1.0}
    lowest = lines[f"lowest: {found.rates[24]:.2g}"].get_xydata()
    np.testing.assert_allclose(lowest, [[found.rates[24], 0.301]])
    assert axes.get_xscale() == "log"
    low, high = axes.get_ylim()
    assert low < 0.3 < 1 < high < 2, "the fall is to be seen, not the explosion"
    left, right = axes.get_xlim()
    assert left <= found.rates[0] < found.rates[-1] <= right


@pytest.mark.parametrize(
    ("kind", "title", "said"),
    [
        (
            "usual",
            "Loss is lowest near a rate of 0.41; a third of it, 0.01, is suggested",
            "27 steps from a rate of 1e-05 on, the loss explodes at 1; here",
        ),
        (
            "harmless",
            "Loss is still falling at the largest rate tried, 1; a third of it, 0.01, is suggested",
            "20 steps from a rate of 1e-05 to 1, without an explosion; here",
        ),
        (
            "rising",
            "No rate lowers the loss below where it began",
            "4 steps from a rate of 1e-05 on, the loss explodes at 1; here",
        ),
        (
            "short",
            "No rate lowers the loss below where it began",
            "1 step from a rate of 1e-05 to 1e-05, without an explosion; here",
        ),
        (
            "one",
            "No rate lowers the loss below where it began",
            "1 step from a rate of 1e-05 on, the loss explodes at 1e-05; here",
        ),
    ],
)
def test_it_says_what_was_found(kind, title, said):
    figure = rate_figure(SEARCHES[kind], quantity="squared metres", subtitle="here")
    assert figure.title == title
    words = [text for text, _ in words_of(figure)]
    assert said in " ".join(words)
    assert "squared metres" in words
    assert any("suggested:" in text for text in words) == (SEARCHES[kind].suggestion is not None)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", SEARCHES)
def test_the_legend_hides_nothing(kind):
    figure = rate_figure(SEARCHES[kind])
    words_of(figure)  # draws it
    (axes,) = figure.axes
    assert not axes.get_legend().get_window_extent().overlaps(axes.bbox)


def test_losses_above_the_axis_are_counted():
    """Without an explosion that ends the search, nothing else says that a curve leaves the axes."""
    wild = search([*np.ones(9), 0.9, 0.8, 1.84, 1.5, 0.85], exploded=False)
    for found, n, said in (
        (wild, 2, "here; 2 losses above the axis, up to 1.84"),
        (SEARCHES["usual"], 1, "here; 1 loss above the axis, 9"),
        (SEARCHES["harmless"], 0, ""),
    ):
        figure = rate_figure(found, subtitle="here")
        words = " ".join(text for text, _ in words_of(figure))
        assert said in words
        assert ("above the axis" in words) == bool(said)
        top = figure.axes[0].get_ylim()[1]
        assert (found.losses > top).sum() == n


def test_dark_is_dark():
    light, dark = (rate_figure(SEARCHES["usual"], dark=mode) for mode in (False, True))
    assert to_hex(light.get_facecolor()) == "#ffffff"
    assert to_hex(dark.get_facecolor()) == "#0f1419"


def test_nothing_cannot_be_drawn():
    with pytest.raises(DataError, match=r"no rate to draw.*a smaller rate"):
        rate_figure(search([], suggestion=None))
