"""The lessons of the studio: what a page may ask about them."""

from collections.abc import Mapping

from thalweg.studio.operations.asked_worker import answer_of, passes
from thalweg.studio.server.open_pages import PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.lesson_requests import LESSON
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.worker.worker_process import WorkerProcess


class LessonPlace:
    """Who prepares the lessons that pages open.

    Parameters
    ----------
    worker : WorkerProcess
        One of its own, which begins with the first lesson: a lesson may train for seconds.
    """

    def __init__(self, worker: WorkerProcess) -> None:
        self.worker = worker

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for here."""
        return {"lesson": PageOperation(LESSON, self._lesson)}

    async def _lesson(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """A lesson, as the script of its page needs it."""
        asked = {"task": "lesson", **message.args}
        # A newer lesson of the page makes this one useless.
        found = await answer_of(self.worker, asked, f"lesson {id(outlet)}", passes)
        if "lesson" not in found.head:
            return found
        told = {key: found.head.get(key) for key in ("lesson", "subtitle")}
        return Packet({"type": "lesson", **told})

    async def end(self) -> None:
        """End the worker."""
        await self.worker.end()
