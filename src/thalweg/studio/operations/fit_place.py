"""Fits and searches of the studio: each kind one after another in a process of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from thalweg.document import error_parts
from thalweg.errors import SettingsError
from thalweg.persistence.plain_data_checks import Form
from thalweg.studio.operations.asked_worker import asked_once
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.model_requests import (
    FIT_ID,
    OF_FIT,
    OF_TUNE,
    all_of_fit,
    all_of_tune,
    asked_id,
)
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.worker.serving_loop import DONE, DROPPED
from thalweg.studio.worker.worker_process import ENDED, WorkerProcess
from thalweg.studio.workspace.content_ids import is_content_id
from thalweg.studio.workspace.kept_files import KeptFiles

Plain = dict[str, Any]
# Seconds between a cancellation and the end of the process, if the fit goes on.
PATIENCE = 2.0
MOST_FITS = 8
_PROGRESS = ("what", "done", "total", "unit", "words", "seconds_left", "losses")


@dataclass(frozen=True)
class FitKind:
    """What a place trains.

    Attributes
    ----------
    task : str
        The operation of pages, and the task of the worker.
    word : str
        What several are called.
    form : dict
        The form of what a page says.
    all_of : callable
        Adds what a page need not say.
    told : dict
        What pages hear of each one, beside how far it is.
    cancelled : dict
        The parts of the error of one that was cancelled.
    """

    task: str
    word: str
    form: Mapping[str, Form]
    all_of: Callable[[Mapping[str, Any]], Plain]
    told: Plain
    cancelled: Plain


FITS = FitKind(
    "fit", "fits", OF_FIT, all_of_fit, {},
    error_parts(
        "cancelled", "The fit was cancelled",
        why="Somebody asked for its end; nothing of it is kept", fix="start it again",
    ),
)  # fmt: skip
SEARCHES = FitKind(
    "tune", "searches", OF_TUNE, all_of_tune, {"is_search": True},
    error_parts(
        "cancelled", "The search was cancelled",
        why="Somebody asked for its end; there is no model, but the trials so far are kept",
        fix="start the same search again: it goes on from there",
    ),
)  # fmt: skip


@dataclass
class RunningFit:
    """A fit that waits or runs.

    Attributes
    ----------
    asked : dict
        What the page has asked for.
    told : dict
        How far it is.
    number : int
        Its number in the worker.
    cancelled : bool
    finishing : bool
        Whether a search was asked to end with the trials so far.
    course : list or None
        The picture of the trials of a search so far, as `page_tree` gives it.
    """

    asked: Plain
    told: Plain = field(default_factory=lambda: {"what": "Waiting"})
    number: int | None = None
    cancelled: bool = False
    finishing: bool = False
    course: list[Any] | None = None


@dataclass
class FitPlace:
    """The fits of a studio, or its searches.

    Parameters
    ----------
    pages : OpenPages
        They hear of the progress of fits, and of their ends.
    tables : KeptFiles
    worker : WorkerProcess
    swept : coroutine function
        Removes what a killed worker has left behind.
    changed : callable
        Is called when there is a new model.
    kind : FitKind
    """

    pages: OpenPages
    tables: KeptFiles
    worker: WorkerProcess
    swept: Callable[[], Awaitable[None]]
    changed: Callable[[], None]
    kind: FitKind = FITS
    running: dict[str, RunningFit] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _sweeps: asyncio.Lock = field(default_factory=asyncio.Lock)

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for here."""
        return {
            self.kind.task: PageOperation(dict(self.kind.form), self._fit),
            "cancel": PageOperation({"model_run": FIT_ID}, self._cancel),
            "finish": PageOperation({"model_run": FIT_ID}, self._finish),
        }

    def listed(self) -> list[Plain]:
        """The fits that wait or run."""
        return [
            {
                "model_run": id_,
                "table": fit.asked["table"],
                **self.kind.told,
                **fit.told,
                **({"finishing": True} if fit.finishing else {}),
                **({} if fit.course is None else {"course": fit.course}),
            }
            for id_, fit in self.running.items()
        ]

    async def end(self) -> None:
        """End all fits."""
        for each in self._tasks:
            each.cancel()
        await self.worker.end()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fit(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Begin a fit; one of the same request that runs already is the same."""
        asked = self.kind.all_of(message.args)
        if is_content_id(asked["table"]):
            self.tables.about(asked["table"])
        id_ = asked_id(asked)
        if id_ not in self.running:
            if len(self.running) >= MOST_FITS:
                raise SettingsError(
                    f"{MOST_FITS} {self.kind.word} are waiting already",
                    fix="wait for one, or cancel one",
                )
            self.running[id_] = RunningFit(asked)
            self._goes_on(self._run(id_, self.running[id_]))
        return Packet({"type": self.kind.task, "model_run": id_, **self.kind.told})

    async def _cancel(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """End a fit. Its end is an event, as that of every fit."""
        id_ = message.args["model_run"]
        fit = self.running.get(id_)
        if fit is not None and not fit.cancelled:
            fit.cancelled = True
            if fit.number is not None:
                await self.worker.cancel(fit.number)
        return Packet({"type": "cancelled", "model_run": id_, "was_running": fit is not None})

    async def _finish(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """End a search with the trials so far; then it is evaluated as ever."""
        id_ = message.args["model_run"]
        fit = self.running.get(id_)
        if fit is not None and fit.number is not None and not fit.finishing:
            fit.finishing = True
            await self.worker.finish(fit.number)
            self._show(id_, fit)
        return Packet({"type": "finishing", "model_run": id_, "was_running": fit is not None})

    async def _run(self, id_: str, fit: RunningFit) -> None:
        """Do a fit, and tell all pages how it ended."""
        model, error = None, None
        try:
            last = await self._last_answer(id_, fit)
            if last.head["is"] == DONE and is_content_id(last.head.get("model")):
                model = last.head["model"]
            elif fit.cancelled or last.head["is"] == DROPPED:
                error = self.kind.cancelled
            else:
                error = last.head.get("error")
        finally:
            del self.running[id_]
        if last is ENDED and not self.running:  # else the next process sweeps when it begins
            async with self._sweeps:
                await self.swept()
        more = {} if model is not None else {"error": error}
        self.pages.happen("model", model_run=id_, model=model, **self.kind.told, **more)
        if model is not None:
            self.changed()

    async def _last_answer(self, id_: str, fit: RunningFit) -> Packet:
        """What the worker said last; another process begins a fit that had not begun in one."""
        last = ENDED
        for _ in range(MOST_FITS):
            if fit.cancelled:
                break
            has_begun, last = await self._asked(id_, fit)
            if has_begun or last is not ENDED:
                break
        return last

    async def _asked(self, id_: str, fit: RunningFit) -> tuple[bool, Packet]:
        """Whether the worker has begun a fit, and what it said last."""

        def numbered(number: int) -> None:
            fit.number = number
            if fit.cancelled:  # while the worker started
                self._goes_on(self.worker.cancel(number))

        async with self._sweeps:  # a sweep that has begun, ends first
            pass
        asked = {"task": self.kind.task, **fit.asked}
        return await asked_once(
            self.worker, asked, "", lambda packet: self._tell(id_, fit, packet), numbered
        )

    def _goes_on(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on in the background, until the end of the studio."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, id_: str, fit: RunningFit, packet: Packet) -> None:
        """Show all pages how far a fit is, and the picture of its trials if it has one."""
        if "course" in packet.head:
            fit.course = packet.head["course"]
            drawn = Packet({"type": "course", "model_run": id_, "course": fit.course})
            self.pages.show(("course", id_), drawn)
            return
        fit.told = {key: packet.head[key] for key in _PROGRESS if key in packet.head}
        self._show(id_, fit)

    def _show(self, id_: str, fit: RunningFit) -> None:
        told = {**fit.told, "finishing": fit.finishing}
        self.pages.show(("fit", id_), Packet({"type": "progress", "model_run": id_, **told}))
