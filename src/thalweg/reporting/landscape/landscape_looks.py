"""Colours, dashes and markers of lines: of runs on a landscape, and of classes in curves.

Every line colour is hard to see somewhere on a ground, so runs get an outline in the colour of the
page, and after seven of them dashes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

# Colours of a picture with few of them, one less than a GIF allows.
MOST = 255

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
    """How one line is drawn."""

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
    "#23272b", "#0069a9", "#c8420a", "#2e6733", "#9c1aff", "#652d12", "#4112a7",
)  # fmt: skip
RUN_COLORS_DARK = (
    "#f4f4f0", "#4aadee", "#ff8a4c", "#35e5a1", "#e91db1", "#fdcf0b", "#8e63fe",
)  # fmt: skip


def run_look(number: int, *, dark: bool = False) -> RunLook:
    """The look of a run on a landscape; after seven the colours repeat, with other dashes."""
    colors = RUN_COLORS_DARK if dark else RUN_COLORS
    again, own = divmod(number, len(colors))
    return RunLook(colors[own], DASHES[again % len(DASHES)], MARKERS[again % len(MARKERS)])


def in_palette(
    images: Sequence[Image.Image], mode: Any, looks: Sequence[RunLook]
) -> list[Image.Image]:
    """Images in one palette of at most 255 colours, among them those of page, words and runs.

    A palette made from a picture alone would lose thin lines, which matter most. The colours of the
    ground come from the first image and the last one.

    Parameters
    ----------
    images : sequence of Image
        Of one size.
    mode : Ink or Palette
        With the colours ``page``, ``ink`` and ``soft``.
    looks : sequence of RunLook
    """
    signs = [mode.ink, mode.soft, *(its.color for its in looks)]
    exact = [to_rgb(mode.page), *(_between(mode.page, sign, share) for sign in signs
                                  for share in (1.0, 0.7, 0.45, 0.2))]  # fmt: skip
    own = list(dict.fromkeys(tuple(round(255 * part) for part in each) for each in exact))
    own = own[: MOST // 2]
    both = Image.new("RGB", (images[0].width, 2 * images[0].height))
    both.paste(images[0], (0, 0))
    both.paste(images[-1], (0, images[0].height))
    found: Any = both.quantize(MOST - len(own), dither=Image.Dither.NONE).getpalette()
    flat = [part for color in own for part in color] + list(found)
    palette = Image.new("P", (1, 1))
    palette.putpalette((flat + flat[-3:] * 256)[: 3 * 256])
    return [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in images]


def _between(page: str, sign: str, share: float) -> Any:
    return share * np.array(to_rgb(sign)) + (1 - share) * np.array(to_rgb(page))
