"""The lessons of a studio that trains nothing: real lessons, about small networks."""

import asyncio
from functools import cache
from typing import Any

from lesson_subjects import prepared_for_tests
from thalweg.errors import ThalwegError
from thalweg.reporting.lessons.lesson_page import lesson_data
from thalweg.studio.server.open_pages import PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.lesson_requests import LESSON
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage


@cache
def told_lesson(name: str) -> dict[str, Any]:
    """What is told of a lesson."""
    prepared = prepared_for_tests(name)
    data = lesson_data(prepared, recipes={"command": f"thalweg lesson {name}"})
    return {"lesson": data, "subtitle": prepared.subtitle}


class FakeLessons:
    """What is answered about lessons.

    Attributes
    ----------
    asked : list of str
    seconds : float
        Until an answer.
    refuse : ThalwegError or None
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.seconds = 0.0
        self.refuse: ThalwegError | None = None

    def operations(self) -> dict[str, PageOperation]:
        return {"lesson": PageOperation(LESSON, self._lesson)}

    async def _lesson(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        name = message.args["lesson"]
        self.asked.append(name)
        await asyncio.sleep(self.seconds)
        if self.refuse is not None:
            raise self.refuse
        return Packet({"type": "lesson", **told_lesson(name)})
