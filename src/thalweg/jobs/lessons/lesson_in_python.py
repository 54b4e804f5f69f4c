"""`thalweg.lesson`: a lesson from Python, which a notebook shows as its page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath

from thalweg.endings import PAGE, check_ending
from thalweg.files import write_atomic
from thalweg.jobs.lessons.lesson import LessonRequest, recipes_of_lesson
from thalweg.jobs.lessons.lesson import lesson as job
from thalweg.jobs.lessons.lesson_subject import SubjectRequest
from thalweg.jobs.parts.table_options import Columns
from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson
from thalweg.reporting.notebook.framed_page import FramedPage, ShownAsPage
from thalweg.reporting.notebook.lesson_still import lesson_still

# Of the page inside a notebook, in pixels.
_HEIGHT = 900


@dataclass(frozen=True, eq=False)
class ShownLessonPage(ShownAsPage):
    """A lesson that is ready; a notebook displays its page. `lesson` makes one.

    Attributes
    ----------
    prepared : PreparedLesson
        Its texts, and the numbers of all seeds.
    seed : int
        Whose numbers it has.
    templates : mapping of str to str
        How to make it again with ``{seed}``, which the page fills in with the seed of its link.
    """

    prepared: PreparedLesson
    seed: int = 0
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def recipes(self) -> dict[str, str]:
        """How to make it again: ``command`` and ``python``, which its page offers to copy."""
        seed = str(self.seed)
        return {key: each.replace("{seed}", seed) for key, each in self.templates.items()}

    def page(self) -> str:
        """The page: one offline file of HTML."""
        return lesson_html(self.prepared, self.seed, self.templates)

    def picture(self, *, dark: bool = False) -> Picture:
        """A still picture: what the page shows at its end, or its steps."""
        return lesson_still(self.prepared, self.seed, dark=dark)

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write the page to a file, completely or not at all."""
        check_ending(path, "A lesson", PAGE, bare=False)
        write_atomic(path, self.page().encode(), overwrite=overwrite)

    def __str__(self) -> str:
        """Title, subject and the names of the steps."""
        text = self.prepared.text
        names = (f"{place}. {step.name}" for place, step in enumerate(text.steps, 1))
        return "\n".join((text.title, self.prepared.subtitle, *names))

    __repr__ = __str__

    def _framed(self) -> FramedPage:
        return FramedPage(self.page(), self.picture(), height=_HEIGHT, words=str(self))


def lesson(
    name: str,
    table: str | PathLike[str] | None = None,
    *,
    model: str | PathLike[str] | None = None,
    target: str | None = None,
    row: int | None = None,
    missed: float | None = None,
    alarm: float | None = None,
    seed: int = 0,
) -> ShownLessonPage:
    """A lesson: a page in which a reader guesses, tries and has answers checked.

    Parameters
    ----------
    name : str
        Such as ``"derivative"``; ``thalweg lesson --list`` names all.
    table : str, optional
        The file of a table, or the name of a bundled one, which is the default. A lesson about
        nothing takes none.
    model : str, optional
        A saved model; without one, a network is trained.
    target : str, optional
        The column of the classes.
    row : int, optional
        The row, from 1, of a lesson about one.
    missed, alarm : float, optional
        What a missed positive row and a false alarm cost in the lesson on thresholds: both or
        none, for costs of the lesson.
    seed : int, default 0
        Which numbers its tasks have.

    Returns
    -------
    ShownLessonPage

    Raises
    ------
    SettingsError, DataError
        If there is no such lesson, or it cannot be about this table.

    Examples
    --------
    >>> from thalweg import lesson
    >>> lesson("derivative").save("derivative.html")
    """
    subject = SubjectRequest(
        model=None if model is None else fspath(model),
        table=None if table is None else fspath(table),
        row=None if row is None else str(row),
        missed=missed,
        alarm=alarm,
        columns=Columns(target=target),
    )
    request = LessonRequest(name=name, subject=subject, seed=seed)
    prepared = job(request).prepared
    assert prepared is not None  # a lesson was named
    return ShownLessonPage(prepared, seed, recipes_of_lesson(request))
