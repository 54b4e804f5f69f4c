"""Small HTML fragments, and how the report writes numbers and names.

All text from a user's table is escaped by `text`.
"""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypedDict

from thalweg.evaluation.judging.shapes import EstimateData
from thalweg.reporting.verdict_words import with_interval
from thalweg.wording import Writer, amount, fixed, in_quotes, is_plain_word, printable

# Longer names would push everything else off a page; nobody reads them to the end.
_LONGEST = 80
# Where settings such as ``adam:lr=0.004,schedule=cosine`` may be broken into lines.
_BREAKS = re.compile(r"[,:](?=\w)")
# The page's script draws a picture into an empty box of this class.
PICTURE = '<div class="picture" id="{}"></div>'


def clipped(value: object, longest: int = _LONGEST) -> str:
    """Any text in printable characters, with a limit on its length."""
    clean = printable(str(value))
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def text(value: object, longest: int = _LONGEST) -> str:
    """Any text as HTML without markup of its own."""
    return html.escape(clipped(value, longest))


def breakable(value: object, longest: int = _LONGEST) -> str:
    """Settings as HTML that may be broken behind a comma or a colon, not inside a word."""
    return _BREAKS.sub(r"\g<0><wbr/>", text(value, longest))


def whole(value: object, longest: int, write: Callable[[object, int], str] = text) -> str:
    """The whole text; a longer one is folded behind its beginning, which ends with "…"."""
    said = printable(str(value))
    every = write(said, max(longest, len(said)))
    return every if len(said) <= longest else folded(write(said, longest), every)


def name(value: object) -> str:
    """A name from the table, isolated from the direction of the surrounding text."""
    return f"<bdi>{text(value)}</bdi>"


def of_unit(unit: str | None) -> str:
    """The unit behind a number, which a line break does not separate; empty if there is none."""
    return f"\u00a0<bdi>{text(unit)}</bdi>" if unit else ""


def label(value: object) -> str:
    """A class name inside a sentence: in quotes unless it is a plain word."""
    word = str(value)
    return name(word) if is_plain_word(word) else quoted(word)


def quoted(value: object) -> str:
    """A name in quotes, which no line break parts from it."""
    return f"<bdi>{html.escape(in_quotes(clipped(value, _LONGEST)))}</bdi>"


def labels(*names: object) -> tuple[str, ...]:
    """Class names inside one sentence: all of them in quotes if one of them needs quotes."""
    plain_ones = all(is_plain_word(str(each)) for each in names)
    return tuple(name(each) if plain_ones else quoted(each) for each in names)


def plain(value: float | str | None, digits: int = 3) -> str:
    """A measured number as on the terminal: ``0.979``, ``inf``, ``undefined``."""
    return "undefined" if value is None else f"{float(value):.{digits}f}"


def compact(value: float | None) -> str:
    """A number of any size with five significant digits; empty for None."""
    return "" if value is None else amount(value, 5)


def estimate(measured: EstimateData, write: Writer = fixed) -> str:
    """A value and its 95 % interval, ``0.979 [0.891, 0.996]``."""
    value, ends = with_interval(measured, write)
    if not ends:
        return f'<span class="soft">{value}</span>'
    return f'<b>{value}</b> <span class="soft">{ends}</span>'


def network_title(n_networks: int) -> str:
    """The title of a network drawing: what it shows, and what it does not."""
    which = f"network 1 of {n_networks:,} that are averaged" if n_networks > 1 else "the network"
    return f"The weights of {which}: how it computes, not which column matters"


def not_what_matters(*, bins: bool, categories: bool) -> str:
    """The note below it: what holds for a network whose numbers have bins, or with categories."""
    if not (bins or categories):
        return (
            "Columns share information. So the width of a line does not say how useful a column is."
        )
    reasons = ["a numeric column has many inputs"] if bins else []
    if categories:
        reasons.append("a category has one input for each of its levels")
    said = f"{', '.join(reasons)}, and columns share information"
    return (
        f"{said[0].upper()}{said[1:]}. So neither the width of a line nor the number of lines says "
        "how useful a column is."
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """A table in a box of its own that scrolls; the first cell of a row is its head."""
    # A head without words is a cell: a screen reader would announce an empty heading.
    top = "".join(f'<th scope="col">{head}</th>' if head else "<td></td>" for head in heads)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><thead><tr>{top}</tr></thead>\n"
        f"<tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, content: str) -> str:
    """The folded table of a picture's numbers."""
    return f"<details><summary>{summary}</summary>{content}</details>"


def figure(
    key: str, title: str, subtitle: str, body: str, *, behind: str = "", source: str = ""
) -> str:
    """A picture with its title, subtitle, table and source.

    Parameters
    ----------
    key : str
        The id by which the page's script finds it.
    title : str
        HTML: the finding.
    subtitle : str
        HTML: data, rows, seed.
    body : str
        HTML: the place of the picture.
    behind : str
        HTML: the table of its numbers.
    source : str
        HTML: what drew it, and how.
    """
    foot = f'<p class="source">{source}</p>' if source else ""
    return (
        f'<section id="{key}" aria-labelledby="{key}-title">\n<h2 id="{key}-title">{title}</h2>\n'
        f'<p class="subtitle">{subtitle}</p>\n{body}\n{behind}\n{foot}</section>\n'
    )


class VersionedData(TypedDict):
    """Plain data that tells which version made it."""

    thalweg: str


def source(report: VersionedData, method: str) -> str:
    """What drew a picture, and how."""
    return f"thalweg {text(report['thalweg'])}; {method}."
