"""The line between two ends as a figure: losses before and after matching units."""

from matplotlib.ticker import FuncFormatter, MaxNLocator

from thalweg.landscape.connections.run_connection import Connection
from thalweg.reporting.figures.picture import LEFT, WIDTH, ApartFormatter, Picture, balanced
from thalweg.reporting.landscape.landscape_figures import LandscapePicture
from thalweg.reporting.landscape_sections.connection_section import (
    MATCHED,
    PLAIN,
    connection_sentences,
    loss_range,
)

_PANEL, _SAID, _LEGEND = 250, 13, 26


def connection_figure(found: Connection, *, subtitle: str = "", dark: bool = False) -> Picture:
    """A panel for the training rows and one for held-out rows, if there are any.

    Parameters
    ----------
    found : Connection
    subtitle : str
        Data, network, random seed.
    dark : bool, default False
    """
    said = [line for each in connection_sentences(found) for line in balanced(each, 104)]
    foot = 30 + _SAID * len(said)
    panels = [found.curves[k : k + 2] for k in range(0, len(found.curves), 2)]
    height = foot + _LEGEND + _PANEL * len(panels)
    picture = LandscapePicture(found.finding, subtitle, height, dark)
    ink = picture.palette
    for k, line in enumerate(reversed(said)):
        picture.write(LEFT, 26 + _SAID * k, line, size=7.2, color=ink.soft)
    for number, curves in enumerate(reversed(panels)):
        bottom = foot + _LEGEND + _PANEL * number
        axes = picture.axes_at(66, bottom + 40, WIDTH - 66 - 24, _PANEL - 72)
        plain = curves[0]
        higher = max(plain.losses[0], plain.losses[-1])
        axes.axhline(higher, color=ink.soft, linewidth=1, linestyle=":")
        if plain.barrier:
            axes.plot([plain.at] * 2, [higher, plain.peak], color=ink.soft, linewidth=1)
        for each in curves:
            style = (ink.orange, "--") if each.matched else (ink.blue, "-")
            axes.plot(found.t, each.losses, style[1], color=style[0], linewidth=2,
                      label=MATCHED if each.matched else PLAIN)  # fmt: skip
        axes.set_xlim(0, 1)
        axes.set_ylim(*loss_range(curves))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(ApartFormatter(lambda value, n: f"{value:.{n}g}", 4))
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        words = f"loss over {plain.n_rows:,} {plain.rows}"
        picture.write(LEFT, bottom + _PANEL - 24, words, size=9, color=ink.soft)
        ends = f"the way from {found.titles[0]} to {found.titles[1]} →"
        picture.write(WIDTH - 24, bottom + 6, ends, size=9, color=ink.soft, ha="right")
    _legend(picture, foot + 6)
    return picture


def _legend(picture: Picture, bottom: float) -> None:
    ink, x = picture.palette, LEFT + 42.0
    for name, color, pieces in ((PLAIN, ink.blue, 1), (MATCHED, ink.orange, 3)):
        for k in range(pieces):
            long = 26 / pieces
            picture.box(x + k * long, bottom + 5, long - (4 if pieces > 1 else 0), 2.4, color)
        picture.write(x + 34, bottom + 2, name, size=8.4)
        x += 190
    picture.write(x, bottom + 2, "dotted: the higher end", size=8.4, color=ink.soft)
