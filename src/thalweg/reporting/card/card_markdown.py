"""A model card as Markdown (CommonMark with tables), in which no text of a table is markup."""

import re
from collections.abc import Iterable

from thalweg.reporting.card.bound_card import mark_of
from thalweg.reporting.card.card_items import PERSON
from thalweg.reporting.card.card_shapes import (
    FILLED,
    PARTLY,
    CardData,
    FactData,
    GridData,
    ItemData,
)
from thalweg.wording import printable

NUMBERED = (
    "The items, their order and their numbers are those of TRIPOD+AI (checklist of 11 January "
    "2024; Collins et al. 2024, BMJ 385:e078378). The checklist says more of each. An item is "
    "filled if each of its facts is stated; that does not mean that it is stated well."
)
MEDICAL = "Not a medical device."
BY_YOU = {"program": "filled by the program", "you": "filled by you",
          "both": "filled by the program and by you"}  # fmt: skip

# Signs that are markup wherever they stand; those that are markup before some others; and what
# begins a block.
_ALWAYS = re.compile(r"[\\`*~|$]")
_SOMETIMES = re.compile(
    r"<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]+;)|!(?=\[)|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|\](?=[(\[:])"
)
_BEGINS = re.compile(
    r"#{1,6}(?=\s|$)|>|[-+](?=\s|$)|-(?=[-\s]*$)|=(?=[=\s]*$)|\d{1,9}(?=[.)](?:\s|$))"
)


def escaped(text: str) -> str:
    """Any text as Markdown that shows exactly this text, on one line."""
    plain = _ALWAYS.sub(r"\\\g<0>", printable(" ".join(text.split())))
    plain = _SOMETIMES.sub(r"\\\g<0>", plain)
    begun = _BEGINS.match(plain)
    if begun is None:
        return plain
    # A number that would begin a list is escaped behind it: ``1\. text``.
    at = begun.end() if begun[0].isdecimal() else 0
    return f"{plain[:at]}\\{plain[at:]}"


def card_markdown(card: CardData, head: str = "") -> str:
    """A card as Markdown.

    Parameters
    ----------
    card : CardData
    head : str
        YAML for the very beginning (`thalweg.reporting.card.hugging_face.yaml_head`).
    """
    lines = [
        f"# {escaped(card['title'])}",
        f"**{card['sentence']}**",
        f"Intended use: {_joined(card['intended_use']) or '**not stated**'}",
        f"**{MEDICAL}** Made by thalweg {escaped(card['thalweg'])}; no sentence on limits or "
        "interpretation is written by the program.",
        *([f"By {_joined(card['authors'])}"] if card["authors"] else []),
        _bound(card),
        NUMBERED,
        _overview(card["items"]),
    ]
    heading = ""
    for item in card["items"]:
        if item["heading"] != heading:
            heading = item["heading"]
            lines += [f"## {heading}"] if heading != item["title"] else []
        lines += _item(item)
    lines.append(f"<!-- {mark_of(card['bound'])} -->")
    return head + "\n\n".join(lines) + "\n"


def status_words(item: ItemData) -> str:
    """The status of an item in words: who filled it, or how far it is filled."""
    return BY_YOU[item["filled_by"]] if item["status"] == FILLED else item["status"]


def bound_rows(card: CardData) -> list[tuple[str, str]]:
    """What a card belongs to: a subject, and a text."""
    bound = card["bound"]
    file = f"{bound['file']}, " if "file" in bound else ""
    rows = [
        ("Model file", f"{file}SHA-256 {bound['model_sha256']}"),
        ("Training rows", f"SHA-256 {bound['training_rows_sha256']}"),
    ]
    if "table" in bound:
        table = bound["table"]
        rows.append(("Table", f"{table['name']}, {table['rows']:,} rows, SHA-256 "
                     f"{table['sha256']}"))  # fmt: skip
    return rows


def _joined(paragraphs: Iterable[str]) -> str:
    return " ".join(map(escaped, paragraphs))


def _bound(card: CardData) -> str:
    rows = [[name, escaped(words)] for name, words in bound_rows(card)]
    return _table(["this card is of", ""], rows)


def _overview(items: list[ItemData]) -> str:
    rows = [
        [str(item["number"]), item["title"], f"**{words}**" if item["status"] != FILLED else words]
        for item in items
        for words in (status_words(item),)
    ]
    return _table(["item", "", "status"], rows)


def _item(item: ItemData) -> list[str]:
    lines = [f"### {item['number']}. {item['title']} ({status_words(item)})"]
    for part in item["parts"]:
        if len(item["parts"]) > 1:
            lines.append(f"**{part['number']} {part['title']}** ({part['status']})")
        for fact in part["facts"]:
            lines += _fact(fact)
    return lines


def _fact(fact: FactData) -> list[str]:
    head = f"*{escaped(fact['asks'])}*" + (" (stated by a person)" if fact["by"] == PERSON else "")
    if fact["status"] not in (FILLED, PARTLY):
        return [f"*{escaped(fact['asks'])}*: **not stated**. {escaped(fact['why'])}".rstrip()]
    lines = [f"{head}:", *map(_grid, fact["tables"]), *map(escaped, fact["text"])]
    if fact["commands"]:
        lines.append("```console\n" + "\n".join(f"$ {each}" for each in fact["commands"]) + "\n```")
    return [*lines, *([f"**Partly**: {escaped(fact['why'])}"] if fact["status"] == PARTLY else [])]


def _grid(grid: GridData) -> str:
    rows = [[*map(escaped, row)] for row in grid["rows"]]
    return f"{escaped(grid['caption'])}:\n\n{_table([*map(escaped, grid['heads'])], rows)}"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
