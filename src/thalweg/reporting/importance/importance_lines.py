"""The importance of columns as lines of text with bars, for a terminal of 80 columns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size

from thalweg.evaluation.importance.importance_found import GROUP
from thalweg.evaluation.importance.importance_sentences import ImportanceLine, ImportanceSection
from thalweg.wording import even, printable

# Widths in cells: of a name, of one beside refits, of the longest bar, of an interval.
_NAME, _NAME_BESIDE, _BAR, _ENDS = 30, 22, 16, 23
_WIDTH, _NAME_LEAST = 80, 16
_WHOLE, _PARTS = "█", " ▏▎▍▌▋▊▉"
_ASCII = "#"
_INSIDE, _TOGETHER = "  ", " together"
# As many lines as a terminal shows at most; the rest is in the JSON document.
_MOST_LINES = 40


def importance_lines(section: ImportanceSection, *, ascii: bool = False) -> list[str]:
    """A line for each group and column, the greatest first, members indented below their group.

    Parameters
    ----------
    section : ImportanceSection
    ascii : bool, default False
        Whether to use ASCII characters only.

    Returns
    -------
    list of str
        A head, and lines of at most 80 cells: the name, a bar from 0 on, the share, and the rise of
        the loss with its interval.
    """
    lines, found = section["lines"], section["found"]
    layout = _Layout.of(lines, without=found["refit_loss"] is not None, ascii=ascii)
    rise = f"rise, {found['unit'] or found['measure']}"
    head = layout.row("", "", "share", f"{rise:<{_ENDS}}", "without")
    if cell_len(head) > _WIDTH:  # the sentence below names the measure
        head = layout.row("", "", "share", f"{'rise of the loss':<{_ENDS}}", "without")
    made = [head, *map(layout.line, lines)]
    if len(made) <= _MOST_LINES:
        return made
    return [*made[:_MOST_LINES], f"… and {len(made) - _MOST_LINES} more, all with --json"]


@dataclass(frozen=True)
class _Layout:
    """How wide the names are, whether refits take the place of bars, and how numbers are rounded.

    Parameters
    ----------
    name, decimals : int
    longest : float
        The greatest share.
    without, ascii : bool
    """

    name: int
    decimals: int
    longest: float
    without: bool
    ascii: bool

    @classmethod
    def of(cls, lines: Sequence[ImportanceLine], *, without: bool, ascii: bool) -> "_Layout":
        sizes = [abs(each[end]) for each in lines for end in ("low", "high")]
        largest = max(sizes, default=0.0)
        digits = 2 - math.floor(math.log10(largest)) if largest > 0 else 0
        longest = max((line["share"] for line in lines), default=0.0)
        name = _NAME_BESIDE if without else _NAME
        made = cls(name, digits, longest, without, ascii)
        widest = max((cell_len(made.line({**line, "name": ""})) for line in lines), default=0)
        return replace(made, name=max(_NAME_LEAST, name - max(0, widest - _WIDTH)))

    def line(self, line: ImportanceLine) -> str:
        """The line of a group or column."""
        mark = "." if self.ascii else "…"
        name = f"{_INSIDE if line['group'] else ''}{printable(line['name'])}"
        if line["kind"] == GROUP:
            name = f"{_shortened(name, self.name - cell_len(_TOGETHER), mark)}{_TOGETHER}"
        bar = _bar(line["share"], self.longest, ascii=self.ascii)
        ends = self._ends(line["value"], line["low"], line["high"])
        refit, lost = line["without"], "-"
        if refit is not None and refit["value"] is not None:
            lost = self._ends(*(float(refit[end] or 0) for end in ("value", "low", "high")))
        share = f"{_no_minus_0(100 * line['share'], 0)} %"
        return self.row(_shortened(name, self.name, mark), bar, share, ends, lost)

    def row(self, name: str, bar: str, share: str, ends: str, lost: str) -> str:
        """The parts of a line at their places."""
        bar = "" if self.without else f"{bar:<{_BAR}} "
        lost = f"  {lost}" if self.without else ""
        return f"{set_cell_size(name, self.name)} {bar}{share:>6}  {ends:<{_ENDS}}{lost}".rstrip()

    def _ends(self, value: float, low: float, high: float) -> str:
        three = (value, low, high)
        said = even(three, 3)
        if -3 <= self.decimals <= 6:
            said = [_no_minus_0(each, max(0, self.decimals)) for each in three]
        return f"{said[0]} ({said[1]} to {said[2]})"


def _no_minus_0(value: float, decimals: int) -> str:
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"


def _shortened(name: str, cells: int, mark: str) -> str:
    """The name in so many cells at most."""
    if cell_len(name) <= cells:
        return name
    return f"{set_cell_size(name, cells - 1).rstrip()}{mark}"


def _bar(share: float, longest: float, *, ascii: bool) -> str:
    """A bar in eighths of a cell; none below 0."""
    if not longest > 0 or not share > 0:
        return ""
    eighths = round(8 * _BAR * share / longest)
    if ascii:
        return _ASCII * round(eighths / 8)
    whole, part = divmod(eighths, 8)
    return f"{_WHOLE * whole}{_PARTS[part]}".rstrip()
