"""Colours, dashes and markers of runs on a landscape, and the colours of heights.

Every line colour is hard to see somewhere on a surface, so lines get an outline in the colour of
the page and a dash pattern of their own, and every run has a marker.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, to_rgb
from PIL import Image

from thalweg.reporting.figures.picture import Palette

RGB = tuple[int, ...]

# Shades of the surface in a picture with few colours; all colours, one less than a GIF allows.
SHADES, MOST = 64, 255

# In the order of the runs; chosen so that protan, deutan and tritan readers can distinguish them:
# the five of Okabe & Ito that are visible on the page, and three more.
COLORS = (
    "#222222", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#6b2e00", "#961eff", "#c2003f",
)  # fmt: skip
COLORS_DARK = (
    "#f2f2f2", "#0080c8", "#d55e00", "#3ddc97", "#d98bb8", "#8a5a2b", "#962dff", "#f0e442",
)  # fmt: skip
# On, off, on, off … in line widths; empty means a solid line. No pattern has dots alone, because
# dots mean that a run is hidden, or off the plane.
DASHES: tuple[tuple[float, ...], ...] = (
    (), (3, 1.3), (6, 1.2, 2.5, 1.2), (3.4, 1, 1, 1), (5, 1.3), (2.5, 2.5), (3, 1, 1, 1, 1, 1),
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "p", "<", ">")


class RunLook(NamedTuple):
    """How one run is drawn."""

    color: str
    dash: tuple[float, ...]
    marker: str

    @property
    def linestyle(self) -> Any:
        """The dash pattern in Matplotlib's form."""
        return (0, self.dash) if self.dash else "-"


def look(number: int, *, dark: bool = False) -> RunLook:
    """The look of the run with that number.

    After eight runs the colours repeat, with other dashes and markers: the numbers of these have
    no common factor.
    """
    colors = COLORS_DARK if dark else COLORS
    return RunLook(
        colors[number % len(colors)],
        DASHES[number % len(DASHES)],
        MARKERS[number % len(MARKERS)],
    )


class Ink(NamedTuple):
    """The colours of the page of a landscape in one mode."""

    page: str
    ink: str
    soft: str


INKS = {
    "light": Ink("#fbfaf7", "#1c2024", "#59616a"), "dark": Ink("#0f1419", "#e9ecef", "#a5afba"),
}  # fmt: skip
# In the order of a race's runs; names are set in them, so that each can be read on the page.
RUN_COLORS = (
    "#23272b", "#0067a8", "#c8420a", "#00805d", "#9c1aff", "#652d12", "#3d0fa9",
)  # fmt: skip
RUN_COLORS_DARK = (
    "#f4f4f0", "#4fb0ee", "#ff8a4c", "#2fd0a0", "#e919ae", "#fdcf0b", "#8e63fe",
)  # fmt: skip


def run_look(number: int, *, dark: bool = False) -> RunLook:
    """The look of a run on a landscape; after seven the colours repeat, with other dashes."""
    colors = RUN_COLORS_DARK if dark else RUN_COLORS
    again, own = divmod(number, len(colors))
    return RunLook(colors[own], DASHES[again % len(DASHES)], MARKERS[again % len(MARKERS)])


def ground() -> Colormap:
    """The colour map of heights: cividis, which all readers see alike, without its darkest part."""
    whole = matplotlib.colormaps["cividis"]
    colors = whole(np.linspace(0.12, 1.0, 256))
    return matplotlib.colors.ListedColormap(colors, name="ground")


def ground_hex(count: int = 32) -> list[str]:
    """The same as texts, for a page."""
    return [matplotlib.colors.to_hex(color) for color in ground()(np.linspace(0, 1, count))]


def few_colors(mode: Palette, looks: Sequence[RunLook], shades: int = SHADES) -> list[RGB]:
    """The palette: page, text, runs with their outlines, and shades of the surface.

    A palette made from the picture would lose the thin lines, which matter most.
    """
    signs = [mode.ink, mode.soft, *(its.color for its in looks)]
    found: list[Any] = [mode.page, mode.grid]
    found += [_between(mode.page, sign, share) for sign in signs for share in (1.0, 0.7, 0.45, 0.2)]
    colors = ground()(np.linspace(0, 1, shades))[:, :3]
    found += [*colors, *(0.86 * colors[::2]), *(0.55 * colors[::3])]
    exact = [tuple(round(255 * part) for part in to_rgb(color)) for color in found]
    return list(dict.fromkeys(exact))[:MOST]


def palette_image(colors: Sequence[RGB]) -> Image.Image:
    """The palette in the form of Pillow's ``quantize``."""
    palette = Image.new("P", (1, 1))
    flat = [part for color in colors for part in color]
    palette.putpalette(flat + flat[-3:] * (256 - len(colors)))
    return palette


def _between(page: str, sign: str, share: float) -> Any:
    return share * np.array(to_rgb(sign)) + (1 - share) * np.array(to_rgb(page))
