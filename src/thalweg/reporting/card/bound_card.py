"""A card is made of a model, sealed, and bound to its file and data; and checked against a file.

A card does not outlive a new fit: the hash of the model file is in each form of a card, and
`belongs` compares it.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from thalweg.errors import DataError
from thalweg.reporting.card.answers_of_data import answers_of_data
from thalweg.reporting.card.answers_of_methods import answers_of_methods
from thalweg.reporting.card.answers_of_results import answers_of_results
from thalweg.reporting.card.card_shapes import BoundData, CardData, Known
from thalweg.reporting.card.counted_items import counts_of, counts_sentence, filled_items
from thalweg.reporting.card.person_texts import Persons

FORMAT = 1
MOST_BYTES = 20_000_000
_MARK = "thalweg-card model_sha256={} training_rows_sha256={}"
_MARKED = re.compile(_MARK.format("([0-9a-f]{64})", "([0-9a-f]{64})"))


def card_of(known: Known, persons: Persons, numbers: Mapping[str, Any], version: str) -> CardData:
    """A card, as plain data.

    Parameters
    ----------
    known : Known
    persons : Persons
    numbers : mapping
        The facts behind the texts, for JSON: without NaN and infinity.
    version : str
        That of thalweg that makes the card.
    """
    answers = {
        **answers_of_data(known, persons.r_squared),
        **answers_of_methods(known),
        **answers_of_results(known),
    }
    columns = [str(each["name"]) for each in known.predictors]
    items = filled_items(answers, persons, columns)
    counts = counts_of(items)
    title = persons.paragraphs("title")
    of = known.bound.get("file") or (f"a model of {known.target}" if known.target else "a model")
    card: CardData = {
        "format": FORMAT,
        "thalweg": version,
        "title": title[0] if title else f"Model card of {of}",
        "authors": persons.paragraphs("authors"),
        "licence": persons.texts.get("licence", "").strip(),
        "intended_use": persons.paragraphs("intended_use"),
        "sentence": counts_sentence(counts),
        "counts": counts,
        "bound": known.bound,
        "items": items,
        "numbers": dict(numbers),
        "seal": "",
    }
    return {**card, "seal": seal_of(card)}


def seal_of(card: Mapping[str, Any]) -> str:
    """The SHA-256 of all of a card but the seal itself."""
    rest = {key: value for key, value in card.items() if key != "seal"}
    data = json.dumps(rest, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()


def mark_of(bound: BoundData) -> str:
    """What binds a card of Markdown or HTML to its model: a line without a sign to escape."""
    return _MARK.format(bound["model_sha256"], bound["training_rows_sha256"])


def card_json(card: CardData) -> bytes:
    """A card as a JSON file."""
    return (json.dumps(card, indent=2, allow_nan=False) + "\n").encode()


class Belonging(NamedTuple):
    """Whether a card belongs to a model file, and the sentence that says so."""

    belongs: bool
    sentence: str


def belongs(path: str | os.PathLike[str], model_sha256: str, training_rows: str) -> Belonging:
    """Whether a card, as JSON, Markdown or HTML, belongs to a model.

    Parameters
    ----------
    path : str or path
        The card.
    model_sha256, training_rows : str
        The hash of the model file, and of the training rows that it names.

    Raises
    ------
    DataError
        The file cannot be read, or is no card.
    """
    where = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as why:
        raise DataError(
            "The card cannot be read", where=where, why=why.strerror or repr(why),
            fix="name a file that thalweg card wrote",
        ) from why  # fmt: skip
    text = data[:MOST_BYTES].decode("utf-8", "replace")
    card = _as_json(text) if len(data) <= MOST_BYTES else None
    found = _of_marks(text) if card is None else _of_card(card)
    if found is None:
        raise DataError(
            "The file is no card of a model", where=where,
            fix="name a file that thalweg card wrote, as JSON, Markdown or HTML",
        )  # fmt: skip
    if card is not None and seal_of(card) != card.get("seal"):
        return Belonging(False, "The card was changed after it was made: its seal does not fit.")
    if found[0] == model_sha256:
        unread = "" if card is not None else " Only its hashes were compared, not its text."
        return Belonging(True, f"The card belongs to this model file.{unread}")
    if found[1] == training_rows:
        return Belonging(
            False,
            "The card is of another file, whose model was trained on the same rows: so it is after "
            "another fit on them, or with another threshold.",
        )
    return Belonging(False, "The card is of another model, which was trained on other rows.")


def _as_json(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text, parse_constant=str)  # no seal is of NaN or infinity
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _of_card(card: Mapping[str, Any]) -> tuple[str, str] | None:
    bound = card.get("bound")
    if card.get("format") != FORMAT or not isinstance(bound, Mapping):
        return None
    hashes = bound.get("model_sha256"), bound.get("training_rows_sha256")
    return hashes if all(isinstance(each, str) for each in hashes) else None  # type: ignore[return-value]


def _of_marks(text: str) -> tuple[str, str] | None:
    found = {(each[0], each[1]) for each in _MARKED.findall(text)}
    return found.pop() if len(found) == 1 else None
