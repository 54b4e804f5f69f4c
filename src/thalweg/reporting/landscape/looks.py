"""Colours, dashes and markers of runs on a landscape, and the colours of heights.

Every colour of a line fades somewhere on a surface, so lines get a casing in the colour of the
page and a dash of their own; and every run has a marker.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, to_rgb
from PIL import Image

from thalweg.reporting.figures.picture import Palette

RGB = tuple[int, ...]

# Shades of the ground in a picture of few colours; colours in all, one less than a GIF holds.
SHADES, MOST = 64, 255

# In the order of the runs; chosen so that protan, deutan and tritan readers can part them: the five
# of Okabe & Ito that can be seen on the page, and three more.
COLORS = (
    "#222222", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#6b2e00", "#961eff", "#c2003f",
)  # fmt: skip
COLORS_DARK = (
    "#f2f2f2", "#0080c8", "#d55e00", "#3ddc97", "#d98bb8", "#8a5a2b", "#962dff", "#f0e442",
)  # fmt: skip
# On, off, on, off … in widths of a line; nothing is a solid line. None is of dots alone, which mean
# that a run is hidden, or beside the plane.
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
        """As Matplotlib takes it."""
        return (0, self.dash) if self.dash else "-"


def look(number: int, *, dark: bool = False) -> RunLook:
    """The look of the run of that number.

    After eight the colours come again, with other dashes and other markers: their numbers have no
    common factor.
    """
    colors = COLORS_DARK if dark else COLORS
    return RunLook(
        colors[number % len(colors)],
        DASHES[number % len(DASHES)],
        MARKERS[number % len(MARKERS)],
    )


def ground() -> Colormap:
    """Of heights: cividis, which all readers see alike, without its darkest part."""
    whole = matplotlib.colormaps["cividis"]
    colors = whole(np.linspace(0.12, 1.0, 256))
    return matplotlib.colors.ListedColormap(colors, name="ground")


def ground_hex(count: int = 32) -> list[str]:
    """The same as texts, for a page."""
    return [matplotlib.colors.to_hex(color) for color in ground()(np.linspace(0, 1, count))]


def few_colors(mode: Palette, looks: Sequence[RunLook], shades: int = SHADES) -> list[RGB]:
    """The page, its signs, the runs and their rims, and the ground in shades.

    A palette made from the picture would drop the thin lines, which are what one looks for.
    """
    signs = [mode.ink, mode.soft, *(its.color for its in looks)]
    found: list[Any] = [mode.page, mode.grid]
    found += [_between(mode.page, sign, share) for sign in signs for share in (1.0, 0.7, 0.45, 0.2)]
    colors = ground()(np.linspace(0, 1, shades))[:, :3]
    found += [*colors, *(0.86 * colors[::2]), *(0.55 * colors[::3])]
    exact = [tuple(round(255 * part) for part in to_rgb(color)) for color in found]
    return list(dict.fromkeys(exact))[:MOST]


def palette_image(colors: Sequence[RGB]) -> Image.Image:
    """The colours as Pillow's ``quantize`` takes them."""
    palette = Image.new("P", (1, 1))
    flat = [part for color in colors for part in color]
    palette.putpalette(flat + flat[-3:] * (256 - len(colors)))
    return palette


def _between(page: str, sign: str, share: float) -> Any:
    return share * np.array(to_rgb(sign)) + (1 - share) * np.array(to_rgb(page))
