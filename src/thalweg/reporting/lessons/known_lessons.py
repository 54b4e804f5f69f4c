"""The lessons that there are, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from thalweg.errors import look_up
from thalweg.reporting.lessons.derivative_tasks import derivative_lesson_tasks
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson
from thalweg.reporting.lessons.subject import Subject


@dataclass(frozen=True)
class KnownLesson:
    """A lesson, and how it is prepared.

    Attributes
    ----------
    prepare : callable
        Subject -> PreparedLesson.
    needs_model : bool
        Whether it is about a fitted model and a table, or about neither.
    """

    prepare: Callable[[Subject | None], PreparedLesson]
    needs_model: bool = False


LESSONS = {"derivative": KnownLesson(lambda _: derivative_lesson_tasks())}


def known_lesson(name: str) -> KnownLesson:
    """The lesson of that name.

    Raises
    ------
    SettingsError
        If there is none; it names those that there are.
    """
    return look_up(LESSONS, "lesson", name)


def lesson_lines() -> list[tuple[str, str]]:
    """The name of each lesson, and what it is about."""
    return [(name, lesson_text(name).about) for name in LESSONS]
