"""A model card as one offline HTML page, in the style of the report."""

from thalweg.reporting.card.bound_card import mark_of
from thalweg.reporting.card.card_items import PERSON
from thalweg.reporting.card.card_markdown import MEDICAL, NUMBERED, bound_rows, status_words
from thalweg.reporting.card.card_shapes import (
    FILLED,
    NOT_STATED,
    PARTLY,
    CardData,
    FactData,
    GridData,
    ItemData,
    Status,
)
from thalweg.reporting.card.person_texts import LONGEST
from thalweg.reporting.html_pieces import name, table, text
from thalweg.reporting.inline import filled

_SIGNS = {FILLED: "✔", PARTLY: "◐", NOT_STATED: "○"}
_CLASS = {FILLED: "filled", PARTLY: "partly", NOT_STATED: "absent"}


def card_page(card: CardData) -> str:
    """The HTML page of a card, for a UTF-8 file; it makes no request and has no script."""
    heading, sections = "", []
    for item in card["items"]:
        if item["heading"] != heading:
            heading = item["heading"]
            if heading != item["title"]:
                sections.append(f'<h2 class="part-of-card">{_long(heading)}</h2>')
        sections.append(_item(item))
    return filled(
        "card.html",
        styles=("marks.css", "report.css", "card.css"),
        mark=mark_of(card["bound"]),
        version=text(card["thalweg"]),
        title=_long(card["title"]),
        headline=_long(card["title"]),
        sentence=_head(card),
        overview=_overview(card["items"]),
        sections="\n".join(sections),
        made=_bound(card),
        numbered=_long(NUMBERED),
        footer=f"<b>{MEDICAL}</b> Made by thalweg {text(card['thalweg'])}; this page is one file, "
        "makes no network request and contains no row of a table.",
    )


def _long(words: str) -> str:
    return text(words, LONGEST)


def _head(card: CardData) -> str:
    use = card["intended_use"]
    said = " ".join(map(_long, use)) if use else f"{_badge(NOT_STATED)} not stated"
    by = f"<p>By {' '.join(map(_long, card['authors']))}</p>" if card["authors"] else ""
    return (
        f'<p class="opinion">{_long(card["sentence"])}</p>{by}'
        f'<p class="use{"" if use else " absent"}"><b>Intended use:</b> {said}</p>'
        f'<p class="use"><b>{MEDICAL}</b> No sentence on limits or interpretation is written by '
        "the program.</p>"
    )


def _badge(status: Status) -> str:
    return f'<span class="badge {_CLASS[status]}" aria-hidden="true">{_SIGNS[status]}</span>'


def _state(status: Status, words: str) -> str:
    return f'<span class="state {_CLASS[status]}">{_badge(status)} {text(words)}</span>'


def _overview(items: list[ItemData]) -> str:
    lines = "".join(
        f'<li><a href="#item-{item["number"]}">{item["number"]} {text(item["title"])}</a> '
        f"{_state(item['status'], status_words(item))}</li>"
        for item in items
    )
    return f'<ol class="overview">{lines}</ol>'


def _item(item: ItemData) -> str:
    key = f"item-{item['number']}"
    # An item that is a part of its own has no heading above it, so it is one step higher.
    level = 2 if item["heading"] == item["title"] else 3
    parts = []
    for part in item["parts"]:
        if len(item["parts"]) > 1:
            parts.append(f"<h{level + 1}>{part['number']} {text(part['title'])} "
                         f"{_state(part['status'], part['status'])}</h{level + 1}>")  # fmt: skip
        parts += map(_fact, part["facts"])
    return (
        f'<section class="item" id="{key}" aria-labelledby="{key}-title">'
        f'<h{level} id="{key}-title" class="item-title">{item["number"]}. {text(item["title"])} '
        f"{_state(item['status'], status_words(item))}</h{level}>\n{''.join(parts)}</section>"
    )


def _fact(fact: FactData) -> str:
    asks = _long(fact["asks"])
    if fact["status"] == NOT_STATED:
        return (
            f'<p class="fact absent"><b class="asks">{asks}:</b> <b class="told">not stated.</b> '
            f"{_long(fact['why'])}</p>"
        )
    by = ' <span class="soft">(stated by a person)</span>' if fact["by"] == PERSON else ""
    body = "".join(map(_grid, fact["tables"]))
    body += "".join(f"<p>{_long(each)}</p>" for each in fact["text"])
    if fact["commands"]:
        lines = "\n".join(map(_long, fact["commands"]))
        body += f"<pre>{lines}</pre>"
    if fact["status"] == PARTLY:
        body += f'<p class="absent"><b class="told">Partly.</b> {_long(fact["why"])}</p>'
    return f'<div class="fact"><p class="asks">{asks}{by}</p>{body}</div>'


def _grid(grid: GridData) -> str:
    rows = [[name(first), *map(_cell, rest)] for first, *rest in grid["rows"]]
    caption = _long(grid["caption"])
    return f'<p class="caption">{caption}</p>{table([*map(text, grid["heads"])], rows, caption)}'


def _cell(words: str) -> str:
    return f"<bdi>{text(words, 400)}</bdi>"


def _bound(card: CardData) -> str:
    rows = "".join(
        f'<div><dt>{head}</dt><dd class="hash">{_long(words)}</dd></div>'
        for head, words in bound_rows(card)
    )
    return f'<dl class="facts">{rows}</dl>'
