"""The importance of columns as lines of text with bars, for a terminal of 80 columns."""

from rich.cells import cell_len, set_cell_size

from thalweg.evaluation.importance.importance_found import GROUP
from thalweg.evaluation.importance.importance_sentences import ImportanceLine, ImportanceSection
from thalweg.wording import amount, printable

# Widths in cells: of a name, and of the longest bar.
_NAME, _BAR = 30, 16
_WHOLE, _PARTS = "█", " ▏▎▍▌▋▊▉"
_ASCII = "#"
_INSIDE = "  "
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
    lines, without = section["lines"], section["found"]["refit_loss"] is not None
    longest = max((line["share"] for line in lines), default=0.0)
    unit = section["found"]["unit"] or section["found"]["measure"]
    head = f"{'':<{_NAME}} {'':<{_BAR}} {'share':>6}  {'rise, ' + unit:<24}".rstrip()
    if without:
        head = f"{'':<{_NAME}} {'share':>6}  {'rise, ' + unit:<22}  without"
    found = [head, *(_line(line, longest, without=without, ascii=ascii) for line in lines)]
    if len(found) <= _MOST_LINES:
        return found
    return [*found[:_MOST_LINES], f"… and {len(found) - _MOST_LINES} more, all with --json"]


def _line(line: ImportanceLine, longest: float, *, without: bool, ascii: bool) -> str:
    mark = "…" if not ascii else "."
    name = f"{_INSIDE if line['group'] else ''}{printable(line['name'])}"
    if line["kind"] == GROUP:
        name = f"{_shortened(name, _NAME - len(' together'), mark)} together"
    name = set_cell_size(_shortened(name, _NAME, mark), _NAME)
    share = f"{100 * line['share']:>5.0f} %" if abs(line["share"]) < 100 else ">99,99 %"
    ends = f"{amount(line['value'], 3)} ({amount(line['low'], 2)} to {amount(line['high'], 2)})"
    if not without:
        bar = _bar(line["share"], longest, ascii=ascii)
        return f"{name} {bar:<{_BAR}} {share}  {ends}".rstrip()
    refit = line["without"]
    if refit is None or refit["value"] is None:
        return f"{name} {share}  {ends:<22}  -"
    value, low, high = (refit[end] for end in ("value", "low", "high"))
    lost = f"{_number(value)} ({_number(low)} to {_number(high)})"
    return f"{name} {share}  {ends:<22}  {lost}"


def _number(value: object) -> str:
    return amount(value, 2) if isinstance(value, float) else str(value)


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
