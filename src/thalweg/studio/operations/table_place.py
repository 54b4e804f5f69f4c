"""The place Table of the studio: what a page may ask about tables."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from thalweg.data.formats.absent_file import absent_file
from thalweg.data.formats.bundled_tables import bundled_tables, table_card
from thalweg.errors import SettingsError
from thalweg.persistence.plain_data_checks import Form, Perhaps, whole
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.studio.operations.asked_worker import answer_of
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.lesson_requests import LESSON_NAMES
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.wire.table_choices import CHOICES
from thalweg.studio.wire.table_ids import OPEN, TABLE_ID, sample_id
from thalweg.studio.worker.worker_process import WorkerProcess
from thalweg.studio.workspace.content_ids import CONTENT_ID, is_content_id
from thalweg.studio.workspace.kept_files import KeptFiles

MOST_UPLOAD = 200_000_000
MODEL_ENDING = ".safetensors"
_MOST_CARDS = 100
_TABLE: dict[str, Form] = {
    "table": TABLE_ID,
    "choices": Perhaps(CHOICES),
    "from": Perhaps(whole(0, 2**31)),
    "count": Perhaps(whole(1, _MOST_CARDS)),
}


@dataclass
class TablePlace:
    """The tables of a studio, and who reads them.

    Parameters
    ----------
    pages : OpenPages
        They hear of tables that come and go.
    tables : KeptFiles
    worker : WorkerProcess
    first : str or None
        The id of the table that the command line named.
    most_upload : int
        The most bytes of a table that a page sends.
    is_read : callable
        Is called after each table that was read and checked.
    """

    pages: OpenPages
    tables: KeptFiles
    worker: WorkerProcess
    first: str | None = None
    most_upload: int = MOST_UPLOAD
    is_read: Callable[[], None] = lambda: None

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for here."""
        return {
            "snapshot": PageOperation({}, self._snapshot),
            "table": PageOperation(_TABLE, self._table),
            "remove-table": PageOperation({"table": CONTENT_ID}, self._remove),
        }

    def changed(self) -> None:
        """Tell all pages which tables there are now."""
        self.pages.happen("tables", tables=self._listed())

    async def _snapshot(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """What there is, for a page that has just opened."""
        return Packet(
            {
                "type": "snapshot",
                "version": version("thalweg"),
                "limits": {"upload": self.most_upload},
                "samples": _samples(),
                "lessons": _lessons(),
                "tables": self._listed(),
                "open": self.first,
            }
        )

    async def _table(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """A table as a worker reads it: first its columns, at the end with the findings."""
        args, number = message.args, message.number
        if is_content_id(args["table"]):
            self.tables.about(args["table"])

        def tells(packet: Packet) -> None:
            if "table" in packet.head:
                head = _table_head(packet)
            else:
                head = {"type": "progress", "what": str(packet.head.get("what", ""))}
            outlet.put_picture((head["type"], number), Packet({**head, "re": number}))

        asked = {
            "task": "table", "table": args["table"], "choices": args.get("choices", {}),
            "from": args.get("from", 0), "count": args.get("count", _MOST_CARDS),
        }  # fmt: skip
        found = await answer_of(self.worker, asked, f"table {id(outlet)}", tells)
        if "table" not in found.head:
            return found
        self.is_read()
        return Packet(_table_head(found))

    async def _remove(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Remove a table of the workspace."""
        self.tables.remove(message.args["table"])
        self.changed()
        return Packet({"type": "removed", "table": message.args["table"]})

    def _listed(self) -> list[dict[str, Any]]:
        return [each.as_dict() for each in self.tables.listed()]


def _table_head(packet: Packet) -> dict[str, Any]:
    """What a worker says of a table, as a page gets it."""
    said = packet.head["table"]
    return {**said, "type": "table"} if isinstance(said, dict) else {"type": "table"}


def _samples() -> list[dict[str, Any]]:
    """The bundled tables."""
    cards = {name: table_card(name) for name in bundled_tables()}
    return [
        {"id": sample_id(name), "title": card["title"], "rows": card["rows"],
         "columns": len(card["columns"])}
        for name, card in cards.items()
    ]  # fmt: skip


def _lessons() -> list[dict[str, str]]:
    """The lessons, and what each is about."""
    return [{"name": name, "about": lesson_text(name).about} for name in LESSON_NAMES]


def first_table(source: str | None) -> str | None:
    """The id of the table that a command line names; None if it names a model, or nothing.

    Raises
    ------
    DataError, SettingsError
        It is no file and no bundled table, or not a table.
    """
    if source is None or os.path.isfile(source):
        if source is not None and source.endswith(MODEL_ENDING):
            return None
        return None if source is None else OPEN
    if source == "-":
        raise SettingsError("The studio has no standard input", where='"-"', fix="name a file")
    if source in bundled_tables():
        return sample_id(source)
    raise absent_file(source, bundled_tables())
