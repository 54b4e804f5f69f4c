"""How wide words are in the font of a figure, and lines of them that fit into a width."""

from collections.abc import Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from thalweg.wording import printable

_PIXELS_PER_POINT = 100 / 72


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """The width in pixels of a figure on a page, in the user's font."""
    font = FontProperties(size=size, weight="bold" if bold else "normal")
    found = text_to_path.get_text_width_height_descent(words, font, False)[0]
    return float(found) * _PIXELS_PER_POINT


def widest(words: Sequence[str], size: float) -> float:
    """The width of the widest of some texts; 0 without one."""
    return max((width_of(each, size) for each in words), default=0.0)


def shortened(words: str, room: float, size: float, *, bold: bool = False) -> str:
    """The beginning of a text that fits into a width, with an ellipsis if it is not all."""
    words = printable(words)
    if width_of(words, size, bold=bold) <= room:
        return words
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        fits = width_of(f"{words[:middle].rstrip()}…", size, bold=bold) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return f"{words[:low].rstrip()}…"


def lines_of(words: str, room: float, size: float, most: int, *, bold: bool = False) -> list[str]:
    """A text in lines that fit into a width; a word that does not is broken.

    Parameters
    ----------
    words : str
    room : float
        Pixels.
    size : float
        Of the font, in points.
    most : int
        Lines; what does not fit into them ends with an ellipsis.
    bold : bool, default False
    """
    words = printable(words)
    of_word = lru_cache(lambda word: width_of(word, size, bold=bold))
    space = of_word("n n") - of_word("nn")
    lines: list[str] = []
    rest, line, used = words.split(" "), "", 0.0
    for k, word in enumerate(rest):
        wide = of_word(word)
        if line and used + space + wide <= room:
            line, used = f"{line} {word}", used + space + wide
            continue
        if line:
            lines.append(line)
            if len(lines) == most:
                return [*lines[:-1], _ended(f"{line} {' '.join(rest[k:])}", room, size, bold)]
        line, used = word, wide
        while used > room:
            if len(lines) == most - 1:
                return [*lines, _ended(" ".join([line, *rest[k + 1 :]]), room, size, bold)]
            first = shortened(line, room, size, bold=bold)[:-1] or line[:1]
            lines.append(first)
            line = line[len(first) :]
            used = of_word(line)
    return [*lines, line]


def _ended(words: str, room: float, size: float, bold: bool) -> str:
    return shortened(words, room, size, bold=bold)
