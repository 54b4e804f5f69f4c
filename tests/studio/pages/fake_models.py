"""Models of a studio with answers that a test gives."""

import asyncio
from typing import Any

from thalweg.errors import DataError
from thalweg.persistence.plain_data_checks import FormRule
from thalweg.studio.operations.model_place import _ASKED
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.model_requests import FIT_ID, MODEL_ID, OF_BESIDE, OF_FIT, OF_TUNE
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage

Plain = dict[str, Any]
RUN = "5" * 64
_ANY = FormRule("anything", lambda value: True)


class FakeModels:
    """What a test may set.

    Attributes
    ----------
    listed : list of dict
        The models that are kept.
    answers : dict
        By the id of a model, the answer to each operation, or an error that it raises.
    asked : list
        What pages have asked, with the arguments.
    seconds : float
        How long an answer takes, but that to ``model``.
    beside : dict
        What stands beside the runs of every table.
    """

    def __init__(self) -> None:
        self.pages: OpenPages | None = None
        self.listed: list[Plain] = []
        self.fits: list[Plain] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, Plain]] = []
        self.seconds = 0.0
        self.beside: Plain = {}

    def keep(self, answers: dict[str, Plain]) -> str:
        """Keep a model of `made_models`; its id."""
        facts = answers["model"]
        id_: str = facts["model"]
        self.answers[id_] = answers
        names = ("name", "file", "bytes", "table")
        self.listed.insert(0, {"id": id_, **{name: facts[name] for name in names}})
        return id_

    def operations(self) -> dict[str, PageOperation]:
        """What a page may ask for."""
        return {
            "models": PageOperation({}, self._models),
            "fit": PageOperation(OF_FIT, self._fit),
            "tune": PageOperation(OF_TUNE, self._tune),
            "beside": PageOperation(OF_BESIDE, self._beside),
            "cancel": PageOperation({"model_run": FIT_ID}, self._cancel),
            "finish": PageOperation({"model_run": FIT_ID}, self._finish),
            "remove-model": PageOperation({"model": MODEL_ID}, self._remove),
            **{name: PageOperation(each.form, self._answer) for name, each in _ASKED.items()},
        }

    def tell(self, **told: Any) -> None:
        """Say how far the fit is."""
        assert self.pages
        packet = Packet({"type": "progress", "model_run": RUN, **told})
        self.pages.show(("fit", RUN), packet)

    def draw(self, course: list[Any]) -> None:
        """Say which trials a search has so far."""
        assert self.pages
        packet = Packet({"type": "course", "model_run": RUN, "course": course})
        self.pages.show(("course", RUN), packet)

    def end(self, model: str | None, error: Plain | None = None) -> None:
        """End the fit."""
        assert self.pages
        self.fits = []
        more = {} if error is None else {"error": error}
        self.pages.happen("model", model_run=RUN, model=model, **more)
        self.pages.happen("models", models=self.listed)

    async def _models(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        return Packet({"type": "models", "models": self.listed, "fits": self.fits, "open": None})

    async def _fit(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self.asked.append(("fit", message.args))
        self.fits = [{"model_run": RUN, "table": message.args["table"], "what": "Waiting"}]
        return Packet({"type": "fit", "model_run": RUN})

    async def _tune(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self.asked.append(("tune", message.args))
        of_table = {"table": message.args["table"], "what": "Waiting", "is_search": True}
        self.fits = [{"model_run": RUN, **of_table}]
        return Packet({"type": "tune", "model_run": RUN, "is_search": True})

    async def _beside(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        found = {"models": [], "more": 0, "scale": None, "cut_off": [], "search": None}
        told = {**found, **self.beside}
        return Packet({"type": "beside", "table": message.args["table"], **told})

    async def _cancel(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self.asked.append(("cancel", message.args))
        error = {
            "code": "cancelled", "what": "The fit was cancelled", "where": "",
            "why": "Somebody asked for its end; nothing of it is kept", "fix": "start it again",
        }  # fmt: skip
        self.end(None, error)
        return Packet({"type": "cancelled", "model_run": RUN, "was_running": True})

    async def _finish(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self.asked.append(("finish", message.args))
        self.tell(what="Search", done=3, total=9, finishing=True)
        return Packet({"type": "finishing", "model_run": RUN, "was_running": True})

    async def _remove(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        assert self.pages
        self.listed = [each for each in self.listed if each["id"] != message.args["model"]]
        self.pages.happen("models", models=self.listed)
        return Packet({"type": "removed", **message.args})

    async def _answer(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self.asked.append((message.operation, message.args))
        if self.seconds and message.operation != "model":
            told = Packet({"type": "progress", "re": message.number, "what": "Reading the table"})
            outlet.put_picture(("progress", message.number), told)
            await asyncio.sleep(self.seconds)
        found = self.answers.get(message.args["model"], {}).get(message.operation)
        if found is None:
            raise DataError("There is no such model", fix="open another one")
        if isinstance(found, Exception):
            raise found
        return Packet(found)
