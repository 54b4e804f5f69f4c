"""Models of the studio: what a page may ask about those that are kept."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from thalweg.persistence.plain_data_checks import Form, require
from thalweg.studio.operations.asked_worker import answer_of
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.model_requests import (
    MODEL_ID,
    OF_BESIDE,
    OF_DECISION,
    OF_EXPLANATION,
    OF_MODEL,
    OF_PREDICTIONS,
    OF_REPORT,
    OF_TUNE,
    OF_WHAT_IF,
    asked_id,
)
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.wire.table_choices import all_choices
from thalweg.studio.wire.table_ids import OPEN
from thalweg.studio.worker.worker_process import ENDED, WorkerProcess
from thalweg.studio.workspace.file_state import state_of, table_of
from thalweg.studio.workspace.held_workspace import HeldWorkspace
from thalweg.studio.workspace.kept_files import KeptFile
from thalweg.studio.workspace.kept_studies import cut_off

Plain = dict[str, Any]
# With the longest names, so many are less than a packet holds.
_MOST_LISTED = 200
# Models that stand beside the runs of a table.
_MOST_BESIDE = 4
_DECIDED = "thalweg decide "
_OF_WORKER = ("re", "is")
_OF_PROGRESS = ("what", "done", "total", "unit", "words", "seconds_left")
_NO_ROW: Plain = {
    "against": None, "method": "path", "set": {}, "change": [], "to": None, "below": None,
    "above": None, "target": None,
}  # fmt: skip
_NO_DECISION: Plain = {
    "table": None, "missed": None, "alarm": None, "sensitivity": None, "specificity": None,
    "f1": False, "confidence": None, "seed": 0, "target": None,
}  # fmt: skip
_NO_PREDICTION: Plain = {
    "ids": [], "unknown": None, "threshold": None, "label": {}, "digits": None, "interval": None,
    "sets": None, "abstain": None, "outside": False, "unlike": False,
}  # fmt: skip
_BARE_REPORT: Plain = {
    "target": None, "table": None, "trace": None, "landscape": False, "no_what_if": False,
}  # fmt: skip


@dataclass(frozen=True)
class AskedOfModel:
    """An operation that asks a worker about a model.

    Attributes
    ----------
    form : dict
        The form of its arguments.
    task : str
    usual : dict
        The arguments that a page need not say.
    told : str
        The type of the answer.
    """

    form: dict[str, Form]
    task: str
    usual: Plain
    told: str


_ASKED = {
    "model": AskedOfModel(OF_MODEL, "model", {"target": None}, "model-facts"),
    "decide": AskedOfModel(OF_DECISION, "decide", {**_NO_DECISION, "keeps": False}, "decision"),
    "set-threshold": AskedOfModel(
        OF_DECISION, "decide", {**_NO_DECISION, "keeps": True}, "decided-model"
    ),
    "explain": AskedOfModel(OF_EXPLANATION, "explain", _NO_ROW, "explanation"),
    "what-if": AskedOfModel(OF_WHAT_IF, "explain", _NO_ROW, "explanation"),
    "predict": AskedOfModel(OF_PREDICTIONS, "predict", _NO_PREDICTION, "predictions"),
    "report": AskedOfModel(OF_REPORT, "report", _BARE_REPORT, "report"),
}


@dataclass
class ModelPlace:
    """The models of a studio, and who answers for them.

    Parameters
    ----------
    pages : OpenPages
        They hear of models that come and go.
    workspace : HeldWorkspace
    worker : WorkerProcess
    swept : coroutine function
        Removes what a killed worker has left behind.
    fits : callable
        The fits that wait or run, as plain data.
    first : str or None
        The id of the model that the command line named.
    file : str or None
        The table that the command line named.
    """

    pages: OpenPages
    workspace: HeldWorkspace
    worker: WorkerProcess
    swept: Callable[[], Awaitable[None]]
    fits: Callable[[], list[Plain]]
    first: str | None = None
    file: str | None = None
    _sweeps: asyncio.Lock = field(default_factory=asyncio.Lock)

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for here."""
        return {
            "models": PageOperation({}, self._models),
            "remove-model": PageOperation({"model": MODEL_ID}, self._remove),
            "beside": PageOperation(OF_BESIDE, self._beside),
            **{name: self._operation(asked) for name, asked in _ASKED.items()},
        }

    def changed(self) -> None:
        """Tell all pages which models there are now."""
        self.pages.happen("models", models=self._listed())

    def _operation(self, operation: AskedOfModel) -> PageOperation:
        async def does(message: PageMessage, outlet: PageOutlet) -> Packet:
            args = message.args
            self.workspace.models.about(args["model"])
            asked = {"choices": None, **operation.usual, **args, "task": operation.task}
            found = await self._answer(message, outlet, asked)
            if "document" not in found.head:
                return found
            if operation.told == "decided-model":
                self.changed()
            said = {key: value for key, value in found.head.items() if key not in _OF_WORKER}
            return Packet({"model": args["model"], **said, "type": operation.told})

        return PageOperation(operation.form, does)

    async def _answer(self, message: PageMessage, outlet: PageOutlet, asked: Plain) -> Packet:
        """What the worker answers to a page; what a process leaves that has died is removed."""
        number = message.number

        def tells(packet: Packet) -> None:
            said = {key: packet.head[key] for key in _OF_PROGRESS if key in packet.head}
            told = Packet({**said, "type": "progress", "re": number})
            outlet.put_picture(("progress", number), told)

        slot = f"{message.operation} {id(outlet)}"
        async with self._sweeps:  # a sweep that has begun, ends first
            pass
        found = await answer_of(self.worker, asked, slot, tells)
        if found.head.get("error") == ENDED.head["error"] and self.worker.is_idle:
            async with self._sweeps:  # else the next process sweeps when it begins
                await self.swept()
        return found

    async def _beside(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """What the models of a table say, and its searches that were cut off."""
        args = message.args
        state = state_of(self.file)
        of_table = [each for each in self.workspace.models.listed() if _is_of(each, args, state)]
        shown = of_table[:_MOST_BESIDE]
        asked = {"task": "beside", **args, "models": [each.id for each in shown]}
        found = await self._answer(message, outlet, asked)
        if "models" not in found.head:
            return found
        return Packet({
            "type": "beside", "table": args["table"], "models": found.head["models"],
            "more": len(of_table[_MOST_BESIDE:]), "scale": found.head["scale"],
            "cut_off": self._cut_off(args, state), "search": _search_of(shown),
        })  # fmt: skip

    def _cut_off(self, args: Mapping[str, Any], state: str | None) -> list[Plain]:
        """The searches of a table that have begun, and neither ended nor run now."""
        running, found = {each["model_run"] for each in self.fits()}, list[Plain]()
        for asked, trials in cut_off(self.workspace.folder):
            try:
                then = asked.pop("state", None)
                require(asked, OF_TUNE, "a search")
            except (ValueError, AttributeError):  # a file of the workspace may be changed
                continue
            is_here = args["table"] != OPEN or then == state
            if is_here and _is_same_table(asked, args) and asked_id(asked) not in running:
                found.append({"asked": asked, "trials": trials})
        return found

    async def _models(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Which models there are, and which are being trained."""
        return Packet(
            {"type": "models", "models": self._listed(), "fits": self.fits(), "open": self.first}
        )

    async def _remove(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Remove a model of the workspace."""
        self.workspace.models.remove(message.args["model"])
        self.changed()
        return Packet({"type": "removed", "model": message.args["model"]})

    def _listed(self) -> list[Plain]:
        return [
            {**each.as_dict(), "file": each.known["file"], "table": each.known["table"]}
            for each in self.workspace.models.listed()[:_MOST_LISTED]
        ]


def _is_of(kept: KeptFile, args: Mapping[str, Any], state: str | None) -> bool:
    """Whether a model is of this table with these choices; one that was only decided anew is not.

    Its evaluation is that of the model before.
    """
    choices, is_decided = kept.known["choices"], kept.known["command"].startswith(_DECIDED)
    said = {"table": table_of(kept, state), "choices": json.loads(choices) if choices else None}
    return not is_decided and choices is not None and _is_same_table(said, args)


def _search_of(models: list[KeptFile]) -> Any:
    """What a page shows of the first search of these models; None without one."""
    searches = [each.known["search"] for each in models if each.known.get("search")]
    return json.loads(searches[0]) if searches else None


def _is_same_table(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    same = all_choices(one["choices"]) == all_choices(other["choices"])
    return bool(same and one["table"] == other["table"])
