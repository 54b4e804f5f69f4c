"""Models of the studio: what a page may ask about those that are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from thalweg.persistence.plain_data_checks import Form
from thalweg.studio.operations.asked_worker import answer_of
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.model_requests import (
    MODEL_ID,
    OF_DECISION,
    OF_EXPLANATION,
    OF_PREDICTIONS,
    OF_REPORT,
    OF_WHAT_IF,
)
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.worker.worker_process import WorkerProcess
from thalweg.studio.workspace.held_workspace import HeldWorkspace

Plain = dict[str, Any]
# With the longest names, so many are less than a packet holds.
_MOST_LISTED = 200
_OF_WORKER = ("re", "is")
_OF_PROGRESS = ("what", "done", "total", "unit", "words", "seconds_left")
_NO_ROW: Plain = {
    "against": None, "method": "path", "set": {}, "change": [], "to": None, "below": None,
    "above": None,
}  # fmt: skip
_NO_DECISION: Plain = {
    "table": None, "missed": None, "alarm": None, "sensitivity": None, "specificity": None,
    "f1": False, "confidence": None, "seed": 0,
}  # fmt: skip
_NO_PREDICTION: Plain = {
    "ids": [], "unknown": None, "threshold": None, "label": {}, "digits": None, "interval": None,
    "sets": None, "abstain": None, "outside": False, "unlike": False,
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
    "model": AskedOfModel({"model": MODEL_ID}, "model", {}, "model-facts"),
    "decide": AskedOfModel(OF_DECISION, "decide", {**_NO_DECISION, "keeps": False}, "decision"),
    "set-threshold": AskedOfModel(
        OF_DECISION, "decide", {**_NO_DECISION, "keeps": True}, "decided-model"
    ),
    "explain": AskedOfModel(OF_EXPLANATION, "explain", _NO_ROW, "explanation"),
    "what-if": AskedOfModel(OF_WHAT_IF, "explain", _NO_ROW, "explanation"),
    "predict": AskedOfModel(OF_PREDICTIONS, "predict", _NO_PREDICTION, "predictions"),
    "report": AskedOfModel(OF_REPORT, "report", {"no_what_if": False}, "report"),
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
    fits : callable
        The fits that wait or run, as plain data.
    first : str or None
        The id of the model that the command line named.
    """

    pages: OpenPages
    workspace: HeldWorkspace
    worker: WorkerProcess
    fits: Callable[[], list[Plain]]
    first: str | None = None

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for here."""
        return {
            "models": PageOperation({}, self._models),
            "remove-model": PageOperation({"model": MODEL_ID}, self._remove),
            **{name: self._operation(asked) for name, asked in _ASKED.items()},
        }

    def changed(self) -> None:
        """Tell all pages which models there are now."""
        self.pages.happen("models", models=self._listed())

    def _operation(self, operation: AskedOfModel) -> PageOperation:
        async def does(message: PageMessage, outlet: PageOutlet) -> Packet:
            args, number = message.args, message.number
            self.workspace.models.about(args["model"])

            def tells(packet: Packet) -> None:
                said = {key: packet.head[key] for key in _OF_PROGRESS if key in packet.head}
                told = Packet({**said, "type": "progress", "re": number})
                outlet.put_picture(("progress", number), told)

            asked = {"choices": None, **operation.usual, **args, "task": operation.task}
            slot = f"{message.operation} {id(outlet)}"
            found = await answer_of(self.worker, asked, slot, tells)
            if "document" not in found.head:
                return found
            if operation.told == "decided-model":
                self.changed()
            said = {key: value for key, value in found.head.items() if key not in _OF_WORKER}
            return Packet({"model": args["model"], **said, "type": operation.told})

        return PageOperation(operation.form, does)

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
