"""Colours, dashes and markers of runs on a landscape, and the colours of heights.

Every colour of a line fades somewhere on a surface, so lines get a casing in the colour of the
page and a dash of their own; and every run has a marker.
"""

from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, to_rgb

# In the order of the runs; chosen so that protan, deutan and tritan readers can part them.
COLORS = ("#222222", "#0072b2", "#d55e00", "#009e73", "#cc79a7")
COLORS_DARK = ("#f2f2f2", "#0080c8", "#d55e00", "#009e73", "#cc79a7")
# On, off, on, off … in widths of a line; nothing is a solid line.
DASHES: tuple[tuple[float, ...], ...] = (
    (), (3, 1.3), (1.2, 1.0), (3.4, 1, 1, 1), (5, 1.3), (2, 1), (3, 1, 1, 1, 1, 1),
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "p")


class Look(NamedTuple):
    """How one run is drawn."""

    color: str
    dash: tuple[float, ...]
    marker: str

    @property
    def linestyle(self) -> Any:
        """As Matplotlib takes it."""
        return (0, self.dash) if self.dash else "-"


def look(number: int, *, dark: bool = False) -> Look:
    """The look of the run of that number: after five the colours come again, with other dashes."""
    colors = COLORS_DARK if dark else COLORS
    return Look(
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


def darker(color: Any, share: float) -> tuple[float, float, float]:
    """A colour on its way to black."""
    red, green, blue = to_rgb(color)
    return red * (1 - share), green * (1 - share), blue * (1 - share)
