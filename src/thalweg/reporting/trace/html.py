"""A trace as HTML: tables, and the chain rule as MathML.

It has no script, makes no request, and has one style for light and dark. A page is one file.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from thalweg.reporting.html_pieces import breakable, text
from thalweg.reporting.inline import PAPER, small_style, source_hash
from thalweg.reporting.trace.tables.network_check_tables import SECTIONS, verdict
from thalweg.reporting.trace.tables.trace_notes import headline, notes
from thalweg.reporting.trace.tables.trace_tables import Section

Facts = Mapping[str, Any]

_LIGHT = "--ink:#1b1f24;--soft:#57606a;--rule:#d8dde3;--panel:#f5f7f9;--mark:#0072b2"
_DARK = "--ink:#e9ecef;--soft:#a7b1bc;--rule:#303944;--panel:#171e26;--mark:#5bb4e8"
# The content security policy of a page with a trace has to allow this style.
STYLE = "".join(
    (
        f".trace{{{_LIGHT};color:var(--ink);font:14px/1.5 system-ui,sans-serif;max-width:960px}}",
        f"@media(prefers-color-scheme:dark){{.trace{{{_DARK}}}}}",
        f"[data-jp-theme-light=true] .trace,.vscode-light .trace{{{_LIGHT}}}",
        f"[data-jp-theme-light=false] .trace,.vscode-dark .trace{{{_DARK}}}",
        f"@media print{{.trace{{{_LIGHT}}}}}",
        # In a report it stands among sections and tables with other styles.
        ".trace section{margin:0}.trace table{width:auto;min-width:0}",
        ".trace .scroll.scroll{max-height:none}",
        ".trace .head{font-size:1.35em;line-height:1.3;margin:0 0 .5em;letter-spacing:0}",
        ".trace .part{font-size:1.05em;margin:2em 0 .3em}",
        ".trace .head,.trace .part,.trace p{overflow-wrap:anywhere}",
        ".trace p{margin:.2em 0;color:var(--soft);max-width:46em}",
        ".trace .scroll{overflow-x:auto;margin:.5em 0}",
        ".trace picture{display:block;overflow-x:auto}.trace img{max-width:100%}",
        # Its text is drawn for this width: a smaller one would be unreadable.
        "@media screen and (max-width:620px){.trace img{max-width:none}}",
        ".trace table{border-collapse:collapse;border:0;margin:0;"
        "font-variant-numeric:tabular-nums}",
        ".trace th,.trace td{padding:.2em .9em .2em 0;border:0;border-bottom:1px solid var(--rule);"
        "text-align:left;vertical-align:top;background:none;color:inherit;font-weight:400;"
        "font-size:1em;max-width:34em;white-space:normal;overflow-wrap:break-word}",
        ".trace thead th{color:var(--soft);border-bottom:1px solid var(--soft)}",
        ".trace .n{text-align:right;white-space:nowrap}.trace .product{white-space:normal}",
        # On a phone a table of four columns has room for all of its digits.
        "@media screen and (max-width:620px){.trace table{font-size:11.5px;line-height:1.4}"
        ".trace th,.trace td{padding-right:.45em}.trace thead .n{white-space:normal}"
        ".trace math{font-size:1em}.trace .formula{padding:.7em .5em}}",
        "@media screen and (max-width:340px){.trace table{font-size:9.6px}"
        ".trace th,.trace td{padding-right:.3em}}",
        ".trace tr.total th,.trace tr.total td{font-weight:650;border-top:2px solid var(--mark)}",
        ".trace math{font-size:1.15em;color:var(--ink)}",
        ".trace mtd{padding:.25em .22em}",
        ".trace .formula{background:var(--panel);padding:.7em 1em;border-radius:6px}",
    )
)
_PAGE_STYLE = (
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}"
    f":root{{color-scheme:light dark;{_LIGHT}}}body{{margin:0;padding:32px 24px 48px;"
    f"background:#fff}}@media(prefers-color-scheme:dark){{:root{{{_DARK}}}"
    f"body{{background:#0f1419}}}}@media print{{:root{{color-scheme:light;{_LIGHT}}}"
    "body{background:#fff}}"
    "main{max-width:960px;margin:0 auto}"
    "details{margin-top:2em;color:var(--soft);font:14px/1.5 system-ui,sans-serif}"
    "summary{cursor:pointer}pre{font-size:13px;white-space:pre-wrap;overflow-wrap:anywhere}"
    "@media(max-width:620px){body{padding:24px 12px 36px}}"
    "footer{font:12px system-ui,sans-serif;color:var(--soft);max-width:960px;margin:3em auto 0}"
)


def piece(kind: str, data: Facts) -> str:
    """A piece of HTML for a notebook or a report, with headings below those around it."""
    return _piece(kind, data, headline(data) if kind == "trace" else "", 2)


def _again(copies: Mapping[str, str]) -> str:
    """What makes the page again, to be selected and copied: the page has no script."""
    lines = ["\n".join(map(_text, each.splitlines())) for each in copies.values()]
    texts = "".join(f"<pre>{each}</pre>" for each in lines)
    return f"<details><summary>Make this page again</summary>{texts}</details>" if texts else ""


def piece_of_tables(data: Facts) -> str:
    """The notes and tables of a trace without its title."""
    return _piece("trace", data, "", 2)


def _piece(kind: str, data: Facts, title: str, level: int, picture: str = "") -> str:
    """Title, picture, notes and sections; ``level`` is that of the title's heading."""
    head = f'<h{level} class="head">{_title(title)}</h{level}>' if title else ""
    said = notes(data) if kind == "trace" else []
    words = "".join(f"<p>{_text(note)}</p>" for note in said)
    parts = "".join(_section(section, title, level + 1) for section in SECTIONS[kind](data))
    return f'<div class="trace"><style>{STYLE}</style>{head}{picture}{words}{parts}</div>'


def _section(section: Section, said: str, level: int) -> str:
    """A title unless it repeats ``said``, sentences, the formula if there is one, and a table."""
    words = "".join(f"<p>{_text(each)}</p>" for each in section.words)
    title = _title(section.title)
    head = "" if section.title == said else f'<h{level} class="part">{title}</h{level}>'
    return f"<section>{head}{words}{_formula(section)}{_table(section)}</section>"


def _table(section: Section) -> str:
    if not section.rows:
        return ""
    numeric = [
        j > 0 and all(not row[j] or row[j][-1] in "0123456789‖–" for row in section.rows)
        for j in range(len(section.heads))
    ]
    # A product of many numbers may be broken behind a factor, and no number inside.
    products = [any(" · " in row[j] for row in section.rows) for j in range(len(section.heads))]
    looks = [
        f' class="n{" product" if product else ""}"' if each else ""
        for each, product in zip(numeric, products, strict=True)
    ]
    heads = "".join(
        f'<th scope="col"{look}>{_text(head)}</th>' if head else "<td></td>"
        for head, look in zip(section.heads, looks, strict=True)
    )
    rows = []
    for i, (first, *rest) in enumerate(section.rows):
        total = ' class="total"' if i >= len(section.rows) - section.totals else ""
        cells = "".join(
            f"<td{look}>{_words(cell)}</td>" for cell, look in zip(rest, looks[1:], strict=True)
        )
        rows.append(f'<tr{total}><th scope="row">{_words(first)}</th>{cells}</tr>')
    name = _text(section.title)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _words(cell: str) -> str:
    """A cell, whose names may be broken behind an underscore."""
    return _text(cell).replace("_", "_<wbr/>")


def _formula(section: Section) -> str:
    """The product as mathematics: symbols above, numbers below."""
    if not section.formula:
        return ""
    name, value = section.product
    symbols, numbers = [_cell(_derivative(name)), _cell("<mo>=</mo>")], [_cell(""), _cell("")]
    for k, (factor, written) in enumerate(section.formula):
        dot = _cell("<mo>·</mo>") if k else ""
        symbols.append(dot + _cell(_derivative(factor)))
        numbers.append(dot + _cell(_number(written)))
    numbers[0] = _cell(_number(value))
    numbers[1] = _cell("<mo>=</mo>")
    return (
        '<div class="scroll formula" tabindex="0" role="region" aria-label="The formula">'
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline">'
        '<mtable displaystyle="true">'
        f"<mtr>{''.join(symbols)}</mtr><mtr>{''.join(numbers)}</mtr></mtable></math></div>"
    )


def _cell(content: str) -> str:
    return f"<mtd>{content}</mtd>"


def _derivative(name: str) -> str:
    """``dYh_Z2`` as a fraction of differentials; any other name as a word."""
    over, bar, under = name.removeprefix("d").partition("_")
    if not (name.startswith("d") and bar):
        return f"<mtext>{_text(name)}</mtext>"
    sides = "".join(f"<mrow><mo>∂</mo>{_symbol(each)}</mrow>" for each in (over, under))
    return f"<mfrac>{sides}</mfrac>"


def _symbol(name: str) -> str:
    """``W1[3,2]`` with the layer and the position as indices."""
    word, _, place = name.partition("[")
    letter = word.rstrip("0123456789")
    layer = word[len(letter) :]
    base = f"<mi>{_text(letter)}</mi>"
    at = place.rstrip("]")
    if layer and at:
        low, high = f"<mn>{_text(at)}</mn>", f"<mrow><mo>(</mo><mn>{layer}</mn><mo>)</mo></mrow>"
        return f"<msubsup>{base}{low}{high}</msubsup>"
    if layer:
        return f"<msup>{base}<mrow><mo>(</mo><mn>{layer}</mn><mo>)</mo></mrow></msup>"
    return f"<msub>{base}<mn>{_text(at)}</mn></msub>" if at else base


def _number(written: str) -> str:
    """A number; in MathML its sign is an operator, and its power of ten an exponent."""
    mantissa, e, power = written.partition("e")
    sign = "<mo>-</mo>" if mantissa.startswith("-") else ""
    base = f"{sign}<mn>{_text(mantissa.removeprefix('-'))}</mn>"
    if not e:
        return f"<mrow>{base}</mrow>"
    ten = f"<mo>·</mo><msup><mn>10</mn><mn>{int(power)}</mn></msup>"
    return f"<mrow>{base}{ten}</mrow>"


def _title(words: str) -> str:
    """A heading, which a narrow page breaks between words."""
    return breakable(words, longest=2000)


def _text(words: str) -> str:
    """Any text as HTML; a sentence may be longer than a name."""
    return text(words, longest=2000)


_TITLES: dict[str, Callable[[Facts], str]] = {
    "chain": lambda data: f"The chain rule for {data['name']}",
    "update": lambda data: f"The update of {data['name']}",
    "check": verdict,
    "lesson": lambda data: f"The slope of {data['name']}, by differences",
}


def page(kind: str, data: Facts, picture: str = "", copies: Mapping[str, str] | None = None) -> str:
    """A whole page: one file that makes no request.

    Parameters
    ----------
    kind : str
    data : mapping
    picture : str
        HTML below the title.
    copies : mapping, optional
        ``command`` and ``python`` that make it again, folded below.
    """
    title = _TITLES[kind](data)
    body = _piece(kind, data, title, 1, picture)
    page_style = _PAGE_STYLE + small_style(PAPER)
    styles = f"{source_hash(page_style)} {source_hash(STYLE)}"
    rows = "It contains the rows that it shows." if kind == "chain" else ""
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src {styles}"
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{page_style}</style></head>\n"
        f"<body><main>{body}{_again(copies or {})}</main>\n<footer>Made by thalweg "
        f"{version('thalweg')}; this page is one file and loads nothing from the network. {rows}"
        "</footer>"
        "</body></html>\n"
    )
