"""What is seen of a figure."""

from io import BytesIO

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from thalweg.reporting.figures.plots import history_figure


def words_of(figure):
    """Every text that is seen, and the box that it takes, in pixels."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    hidden = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            # A mark outside the axes is not drawn.
            hidden |= {
                label
                for label, place in zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
                if not low <= place <= high
            }
    return [
        (text.get_text(), text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


HISTORY = [{"epoch": i, "train_loss": 1 / i, "valid_loss": 1 / i + 0.01 * i} for i in range(1, 20)]


def figure(**settings):
    return history_figure(HISTORY, 10, subtitle="19 epochs, seed 0", **settings)


def drawn(picture, form):
    buffer = BytesIO()
    picture.savefig(buffer, format=form)
    return buffer.getvalue()
