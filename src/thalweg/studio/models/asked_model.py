"""What the tasks about a kept model have in common: the model, a later table, a bounded answer."""

import json
from collections.abc import Mapping
from typing import Any

from thalweg.errors import DataError
from thalweg.jobs.running.outcome import Outcome
from thalweg.studio.models.worker_desk import Desk, LaidTable
from thalweg.studio.wire.model_requests import usual_later
from thalweg.studio.wire.packets import MOST_HEAD, Packet
from thalweg.studio.wire.table_choices import OF_READING
from thalweg.studio.workspace.kept_files import KeptFile

Plain = dict[str, Any]
_AS_FOR_THE_FIT = (*OF_READING, "drop_row")
# Bytes of an answer; the rest of a packet is for what the server adds.
MOST_ANSWER = MOST_HEAD - (1 << 14)


def later_choices(desk: Desk, kept: KeptFile, asked: Mapping[str, Any]) -> Plain:
    """What is said of a table that a model sees later.

    The table of its fit is read as it was for the fit, without the rows that were left out then,
    unless the page says how.
    """
    said = asked["choices"]
    if said is None:
        own = kept.known["choices"] if asked["table"] == desk.table_of(kept) else None
        of_fit = {} if own is None else json.loads(own)
        said = {key: value for key, value in of_fit.items() if key in _AS_FOR_THE_FIT}
    return {**usual_later(), **said}


def of_later_table(table: LaidTable, choices: Mapping[str, Any]) -> Plain:
    """The fields of a request about a later table."""
    return {
        "table": table.word, "reading": table.reading, "number": choices["number"],
        "missing": choices["missing"] or None, "drop_row": choices["drop_row"],
        "empty": choices["empty"],
    }  # fmt: skip


def laid_table(desk: Desk, kept: KeptFile, asked: Mapping[str, Any]) -> Plain:
    """The same for the table that a page names; it lies on the desk then."""
    choices = later_choices(desk, kept, asked)
    return of_later_table(desk.table(asked["table"], choices), choices)


def kept_beside(kept: KeptFile, laid: Mapping[str, Any]) -> list[str]:
    """The columns of a table that were kept beside predictions when the model was fitted."""
    choices = json.loads(kept.known["choices"] or "{}")
    columns = laid["reading"].known[laid["table"]].frame.columns
    return [each for each in choices.get("ids", []) if each in columns]


def told(outcome: Outcome, recipes: Mapping[str, str], **more: Any) -> Packet:
    """The document of a job with its recipes, as an answer of bounded size.

    Raises
    ------
    DataError
        It is too large for a page.
    """
    answer = {"document": outcome.plain(), **recipes, **more}
    if size_of(answer) > MOST_ANSWER:
        raise DataError(
            "The answer is too large for a page",
            fix=f"ask for less; or in a terminal: {recipes.get('command', 'thalweg')} --json",
        )
    return Packet(answer)


def size_of(answer: Plain) -> int:
    """The bytes of an answer."""
    return len(json.dumps(answer, allow_nan=False, separators=(",", ":")).encode())
