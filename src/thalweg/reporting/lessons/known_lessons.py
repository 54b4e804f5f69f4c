"""The lessons that there are, by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, cast

from thalweg.errors import look_up
from thalweg.estimators.parameters.parameter import Settings
from thalweg.reporting.lessons.derivative_tasks import derivative_lesson_tasks
from thalweg.reporting.lessons.fault_tasks import fault_lesson_tasks
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.article_tasks import article_lesson_tasks
from thalweg.reporting.lessons.tasks.descent_tasks import descent_lesson_tasks
from thalweg.reporting.lessons.tasks.feature_tasks import feature_lesson_tasks
from thalweg.reporting.lessons.tasks.plane_tasks import plane_lesson_tasks
from thalweg.reporting.lessons.tasks.row.backward_tasks import backward_lesson_tasks
from thalweg.reporting.lessons.tasks.row.forward_tasks import forward_lesson_tasks
from thalweg.reporting.lessons.threshold_tasks import threshold_lesson_tasks


@dataclass(frozen=True)
class KnownLesson:
    """A lesson, and how it is prepared.

    Attributes
    ----------
    prepare : callable
        Subject -> PreparedLesson; or without a subject.
    about : {"nothing", "row", "columns", "answers"}
        Whether it is about no table, a row of one, its columns, or the answers for rows that a
        model was not trained on.
    settings : mapping
        Of the network that is trained for it on a table.
    article : bool
        Whether that is the article's network, on the rows without a missing cell.
    """

    prepare: Callable[[Subject], PreparedLesson] | Callable[[], PreparedLesson]
    about: Literal["nothing", "row", "columns", "answers"] = "nothing"
    settings: Settings = field(default_factory=dict)
    article: bool = False

    def prepared(self, subject: Subject | None) -> PreparedLesson:
        """The lesson about a subject, or about none."""
        if subject is None:
            return cast(Callable[[], PreparedLesson], self.prepare)()
        return cast(Callable[[Subject], PreparedLesson], self.prepare)(subject)


# Small enough for fourteen lines and a table of ratios, and with a slope that Z and A disagree on.
_SMALL: Settings = {
    "hidden_layer_sizes": (4,), "activation": "tanh", "n_bins": 0, "dropout": 0.0,
    "early_stopping": False, "max_iter": 30,
}  # fmt: skip
# The lesson trains it anew from its start: a fit of one epoch is enough to have that.
_ARTICLE_LIKE: Settings = {
    "hidden_layer_sizes": (15,), "activation": "relu", "n_bins": 0, "dropout": 0.0,
    "early_stopping": False, "max_iter": 1,
}  # fmt: skip

LESSONS = {
    "derivative": KnownLesson(derivative_lesson_tasks),
    "forward": KnownLesson(forward_lesson_tasks, "row", article=True),
    "backward": KnownLesson(backward_lesson_tasks, "row", article=True),
    "fault": KnownLesson(fault_lesson_tasks, "row", _SMALL),
    "threshold": KnownLesson(threshold_lesson_tasks, "answers"),
    "features": KnownLesson(feature_lesson_tasks, "columns", _SMALL),
    "article": KnownLesson(article_lesson_tasks),
    "descent": KnownLesson(descent_lesson_tasks),
    "plane": KnownLesson(plane_lesson_tasks, "columns", _ARTICLE_LIKE),
}


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
