"""Counts what of a model card is filled, by whom: an item is filled if each of its facts is.

An item of which only some facts are there is *partly* filled, whoever gave them.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from thalweg.reporting.card.card_items import COLUMNS, ITEMS, PERSON, PROGRAM, AskedFact, Item
from thalweg.reporting.card.card_shapes import (
    FILLED,
    NOT_STATED,
    PARTLY,
    CountsData,
    FactAnswer,
    FactData,
    GridData,
    ItemData,
    PartData,
    Status,
)
from thalweg.reporting.card.person_texts import Persons


def filled_items(
    answers: Mapping[str, FactAnswer], persons: Persons, columns: Iterable[str]
) -> list[ItemData]:
    """The items with all answers.

    Parameters
    ----------
    answers : mapping of str to FactAnswer
        What the program knows, by the keys of its facts.
    persons : Persons
        What a person stated.
    columns : iterable of str
        The columns of the model, each of which a person may describe.
    """
    names = list(columns)
    return [_item(item, answers, persons, names) for item in ITEMS]


def _item(
    item: Item, answers: Mapping[str, FactAnswer], persons: Persons, columns: list[str]
) -> ItemData:
    parts: list[PartData] = []
    for part in item.parts:
        facts = [
            _program(asked, answers.get(asked.key, {}))
            if asked.by == PROGRAM
            else _person(asked, persons, columns)
            for asked in part.asked
        ]
        status = joined(fact["status"] for fact in facts)
        parts.append({"number": part.number, "title": part.title, "status": status, "facts": facts})
    status = joined(part["status"] for part in parts)
    by = {fact["by"] for part in parts for fact in part["facts"]}
    filled_by = ""
    if status == FILLED:
        filled_by = "both" if len(by) == 2 else "you" if by == {PERSON} else "program"
    return {
        "number": item.number, "heading": item.heading, "title": item.title, "status": status,
        "filled_by": filled_by, "parts": parts,
    }  # fmt: skip


def joined(each: Iterable[Status]) -> Status:
    """The status of a whole: filled if all of it is, not stated if nothing is."""
    found = set(each)
    return found.pop() if len(found) == 1 else PARTLY


def _program(asked: AskedFact, answer: FactAnswer) -> FactData:
    given = bool(answer.get("text") or answer.get("tables"))
    partly = answer.get("partly", "")
    status = NOT_STATED if not given else PARTLY if partly else FILLED
    why = partly if given else answer.get("why", "The model file does not tell it.")
    return {
        "by": PROGRAM, "key": asked.key, "asks": asked.words, "status": status, "why": why,
        "text": answer.get("text", []), "tables": answer.get("tables", []),
        "commands": answer.get("commands", []),
    }  # fmt: skip


def _person(asked: AskedFact, persons: Persons, columns: list[str]) -> FactData:
    text, tables, why = persons.paragraphs(asked.key), cast(list[GridData], []), ""
    status = FILLED if text else NOT_STATED
    if asked.key == COLUMNS:
        told = {name: persons.columns[name] for name in columns if name in persons.columns}
        status = NOT_STATED if not told else FILLED if len(told) == len(columns) else PARTLY
        rows = [[name, " ".join(said.split())] for name, said in told.items()]
        tables = [{"caption": "What the columns mean", "heads": ["column", "meaning"],
                   "rows": rows}] if rows else []  # fmt: skip
        absent = len(columns) - len(told)
        why = f"{absent:,} of {len(columns):,} columns are not described." if told else ""
    return {
        "by": PERSON, "key": asked.key, "asks": asked.words, "status": status,
        "why": "" if status == FILLED else why, "text": text, "tables": tables, "commands": [],
    }  # fmt: skip


def counts_of(items: Iterable[ItemData]) -> CountsData:
    """How many items are filled, and by whom; computed from their facts alone."""
    found = list(items)
    parts = [part for item in found for part in item["parts"]]
    return {
        "items": len(found),
        "program": sum(item["filled_by"] == "program" for item in found),
        "you": sum(item["filled_by"] == "you" for item in found),
        "both": sum(item["filled_by"] == "both" for item in found),
        "partly": sum(item["status"] == PARTLY for item in found),
        "not_stated": sum(item["status"] == NOT_STATED for item in found),
        "parts": len(parts),
        "parts_filled": sum(part["status"] == FILLED for part in parts),
    }


def counts_sentence(counts: CountsData) -> str:
    """The counts as the head of a card says them."""
    both = f", {counts['both']} by both" if counts["both"] else ""
    return (
        f"{counts['program']} of {counts['items']} items filled by the program, {counts['you']} by "
        f"you{both}; {counts['partly']} partly, {counts['not_stated']} not stated "
        f"({counts['parts_filled']} of {counts['parts']} parts are filled)."
    )
