"""The task of a worker that prepares a lesson, as ``thalweg lesson NAME`` does for its page."""

from typing import Any

from thalweg.jobs.lessons.lesson import LessonRequest, lesson, recipes_of_lesson
from thalweg.reporting.lessons.lesson_page import lesson_data
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import TaskRun


class LessonTask:
    """Prepares lessons, each once: some train a network first.

    A lesson is about the bundled table, or about none, as that of the command without a table is.
    """

    def __init__(self) -> None:
        self._prepared: dict[str, dict[str, Any]] = {}

    def __call__(self, run: TaskRun) -> Packet:
        """The data of the lesson, and what it is about."""
        name = run.asked.head["lesson"]
        if name not in self._prepared:
            request = LessonRequest(name=name)
            prepared = lesson(request, cancellation=run.cancellation).prepared
            assert prepared is not None
            self._prepared[name] = {
                "lesson": lesson_data(prepared, recipes=recipes_of_lesson(request)),
                "subtitle": prepared.subtitle,
            }
        return Packet(self._prepared[name])
