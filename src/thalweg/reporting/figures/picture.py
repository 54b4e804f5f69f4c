"""The common parts of all figures: title, subtitle, colours, source; and how to save them."""

import os
from collections.abc import Callable, Sequence
from importlib.metadata import version
from io import BytesIO
from os import PathLike
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

from matplotlib import rc_context, rcdefaults
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import Formatter
from PIL import Image

from thalweg.endings import check_ending
from thalweg.files import write_atomic
from thalweg.wording import apart, printable

# The command line wants no matplotlibrc, but matplotlib prefers one in the folder.
if os.environ.get("MATPLOTLIBRC") == os.devnull:
    rcdefaults()

WIDTH = 640  # pixels of a figure on a page; files and notebooks have twice as many
LEFT = 20
_DPI = 100


class Palette(NamedTuple):
    """The colours of one mode."""

    page: str
    ink: str
    soft: str
    grid: str
    blue: str
    orange: str


LIGHT = Palette("#ffffff", "#222222", "#5b6472", "#e4e7eb", "#0072b2", "#d55e00")
DARK = Palette("#0f1419", "#f2f2f2", "#a3adba", "#2a323c", "#2f95d8", "#e8792b")


class ApartFormatter(Formatter):
    """Writes the numbers of an axis, with more digits if two of its ticks would look alike.

    Parameters
    ----------
    write : callable
        Writes a number with so many significant digits.
    digits : int
        The smallest number of digits.
    """

    def __init__(self, write: Callable[[float, int], str], digits: int) -> None:
        self._write, self._digits = write, digits

    def __call__(self, x: float, pos: int | None = None) -> str:
        """One number by itself, as under a pointer."""
        return self._write(x, self._digits)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """All ticks of an axis."""
        return apart([float(each) for each in values], self._write, self._digits)


class Picture(Figure):
    """A figure that a notebook shows by itself, and that always saves the same bytes.

    (A plain matplotlib Figure is shown only if pyplot was imported.) The font is the user's.

    Parameters
    ----------
    title : str
        The finding; it may contain line breaks.
    subtitle : str
        Data, rows, seed.
    height : int
        Pixels for everything below the subtitle.
    dark : bool
        Light text on a dark page.

    Attributes
    ----------
    title : str
    palette : Palette
    notebook_dpi : int
        The resolution of the image in a notebook.
    modes : (Palette, Palette)
        Light and dark.
    """

    notebook_dpi = 2 * _DPI
    modes = (LIGHT, DARK)

    def __init__(self, title: str, subtitle: str, height: int, dark: bool) -> None:
        self.title, self.palette = printable(title.replace("\n", " ")), self.modes[dark]
        titles = [line for part in title.split("\n") for line in balanced(part, 66)]
        subtitles = balanced(subtitle, 96)
        self._height = height + 16 + 22 * len(titles) + 17 * len(subtitles)
        super().__init__(
            figsize=(WIDTH / _DPI, self._height / _DPI),
            dpi=_DPI,
            facecolor=self.palette.page,
            edgecolor=self.palette.page,
        )
        top = self._height - 14
        for line in titles:
            self.write(LEFT, top, line, size=11, weight="bold", va="top")
            top -= 22
        for line in subtitles:
            self.write(LEFT, top - 3, line, size=9, color=self.palette.soft, va="top")
            top -= 17
        self.write(LEFT, 10, f"thalweg {version('thalweg')}", size=7.5, color=self.palette.soft)

    def write(self, x: float, y: float, words: str, **style: Any) -> None:
        """Write text at a place given in pixels from the lower left corner."""
        style = {"color": self.palette.ink, "transform": self.dpi_scale_trans, **style}
        # A name may contain $, which would otherwise start a formula.
        self.text(x / _DPI, y / _DPI, words, parse_math=False, **style)

    def box(self, x: float, y: float, width: float, height: float, color: Any) -> None:
        """Draw a filled box given in pixels."""
        corner = (x / _DPI, y / _DPI)
        style = {"facecolor": color, "edgecolor": "none", "transform": self.dpi_scale_trans}
        self.add_artist(Rectangle(corner, width / _DPI, height / _DPI, **style))

    def axes_at(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Add axes in a box given in pixels, in the colours of the palette."""
        page, ink, soft, grid = self.palette[:4]
        box = (left / WIDTH, bottom / self._height, width / WIDTH, height / self._height)
        axes = self.add_axes(box, facecolor=page)
        axes.set_axisbelow(True)
        axes.grid(True, color=grid, linewidth=0.8, linestyle="-", alpha=1)
        axes.tick_params(colors=soft, labelcolor=ink, labelsize=9, length=0, pad=5)
        for side in ("left", "right", "top", "bottom"):
            axes.spines[side].set(visible=side == "bottom", color=soft, linewidth=0.8)
        return axes

    def draw(self, renderer: Any) -> None:
        """Draw all; names with control characters are escaped, which an SVG must not have."""
        for part in self.findobj(Text):
            assert isinstance(part, Text)
            part.set_text("\n".join(map(printable, part.get_text().split("\n"))))
        super().draw(renderer)

    def savefig(self, fname: Any, **settings: Any) -> None:
        """Save as `matplotlib.figure.Figure.savefig` does, by default at 200 dpi.

        An SVG gets its title, no date, and ids that depend only on its content.
        """
        form = settings.get("format") or Path(str(fname)).suffix.removeprefix(".")
        usual: dict[str, Any] = {"dpi": 2 * _DPI, "facecolor": self.palette.page}
        if form == "svg":
            usual["metadata"] = {"Date": None, "Title": self.title}
        # The hash salt can only be set here; afterwards the user's is restored.
        with rc_context({"svg.hashsalt": "thalweg"}):
            super().savefig(fname, **{**usual, **settings})

    def _repr_png_(self) -> tuple[bytes, dict[str, object]]:
        """The image for a notebook: 640 pixels wide, and sharp on a high-resolution screen.

        It has few colours, which is not visible and makes notebooks a third of the size.
        """
        return self.small_png(self.notebook_dpi), self.shown()

    def shown(self) -> dict[str, object]:
        """How a notebook shows the image: its size in pixels, and its words."""
        return {"width": WIDTH, "height": round(self._height), "alt": self.title}

    def small_png(self, dpi: int) -> bytes:
        """A PNG with few colours."""
        whole, small = BytesIO(), BytesIO()
        self.savefig(whole, format="png", dpi=dpi)
        self.in_few_colors(Image.open(whole).convert("RGB")).save(small, "PNG", optimize=True)
        return small.getvalue()

    def in_few_colors(self, image: Image.Image) -> Image.Image:
        """The image with a palette: 128 colours of its own."""
        return image.quantize(128, dither=Image.Dither.NONE)


def balanced(words: str, most: int) -> list[str]:
    """The text in as few lines as possible, of similar length."""
    lines = wrap(words, most)
    for width in range(most // 2, most):
        narrower = wrap(words, width, break_long_words=False)
        if len(narrower) == len(lines) and max(map(len, narrower), default=0) <= most:
            return narrower
    return lines


def save_figure(figure: Figure, path: str | PathLike[str], *, overwrite: bool = False) -> None:
    """Write a figure to a file, completely or not at all.

    Parameters
    ----------
    figure : Figure
    path : path
        Ends in ``.png`` or ``.svg``.
    overwrite : bool, default False

    Raises
    ------
    SettingsError
        If the name has another ending.
    OutputError
        If the file cannot be written, as in `thalweg.files.write_atomic`.
    """
    form = check_ending(path, "A figure", (".png", ".svg"), bare=False).removeprefix(".")
    write_atomic(path, _drawn(figure, form), overwrite=overwrite)


def _drawn(figure: Figure, form: str) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format=form)
    return buffer.getvalue()
