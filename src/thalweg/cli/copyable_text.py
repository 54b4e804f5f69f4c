"""Text whose lines end between options, so that what a message prints can be copied."""

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

# A word, or what stands in quotes; a quote inside of a word is an apostrophe.
_WORD = r"""(?:(?<!\w)'[^'\n]*'|(?<!\w)"[^"\n]*"|\S)+"""
_OPTION = re.compile(rf"--[a-z][a-z-]* (?={_WORD})")
_PART = re.compile(rf"(?:--[a-z][a-z-]* )?{_WORD}")


class CopyableText:
    """A text that is broken into lines, but not in quotes, nor between an option and its value.

    Parameters
    ----------
    text : Text
    """

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """The width, as of any other text."""
        return Measurement.get(console, options, self._text)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The text with its lines."""
        told = self._text.copy()
        told.plain = broken(told.plain, options.max_width)  # as long as before: styles stay
        yield told


def broken(text: str, width: int) -> str:
    """The text with line feeds instead of spaces, so that no line is wider.

    What is wider in itself begins a line of its own.
    """
    return "\n".join(_broken_line(line, width) for line in text.split("\n"))


def _broken_line(line: str, width: int) -> str:
    told, begin, end = line, 0, 0
    for start, stop in _parts(line, width):
        if end and cell_len(line[begin:stop]) > width:
            told = f"{told[: start - 1]}\n{told[start:]}"
            begin = start
        end = stop
    return told


def _parts(line: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each part that stays in one line begins and ends."""
    for part in _PART.finditer(line):
        start, stop = part.span()
        option = _OPTION.match(line, start)
        if option and cell_len(part[0]) > width:
            yield start, option.end() - 1
            start = option.end()
        yield start, stop
