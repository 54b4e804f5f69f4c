"""The job of ``thalweg lesson``: the page of a lesson, or its sheets for a class."""

from dataclasses import dataclass, field, replace

from thalweg.endings import PAGE, check_ending
from thalweg.errors import SettingsError
from thalweg.interrupts import Cancellation
from thalweg.jobs.lessons.lesson_command import lesson_command
from thalweg.jobs.lessons.lesson_subject import SubjectRequest, refuse_row, subject_of
from thalweg.jobs.lessons.sheet_folder import check_sheet_folder, write_sheets
from thalweg.jobs.parts.summary_facts import Facts, Lines
from thalweg.jobs.parts.writing import check_outputs, write_shown
from thalweg.jobs.recipes.request_in_python import request_in_python
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.reporting.lessons.known_lessons import known_lesson, lesson_lines
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.lesson_sheets import sheets_of
from thalweg.reporting.lessons.lesson_texts import filled_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, right_answer
from thalweg.wording import counted, parameter

# More sheets than any class has students are a slip of the hand.
MOST_STUDENTS = 1000
_NO_SEED = -1
_UNSAID: tuple[object, ...] = (None, (), [], {})


@dataclass(frozen=True, kw_only=True)
class LessonRequest:
    """A lesson.

    Attributes
    ----------
    name : str, optional
        None lists the lessons that there are.
    subject : SubjectRequest
        What it is about, for a lesson about a table.
    seed : int
        Which numbers it has; of sheets, those of the first student.
    seed_of_fit : int
        Of the network that is trained for it: equal for all students of a class.
    students : int, optional
        How many sheets to write instead of the page; ``output`` is then a directory.
    output : str, optional
    overwrite : bool
    """

    name: str | None = None
    subject: SubjectRequest = field(default_factory=SubjectRequest)
    seed: int = 0
    seed_of_fit: int = 0
    students: int | None = None
    output: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class LessonOutcome(Outcome):
    """A lesson.

    Attributes
    ----------
    title : str
    lines : list of (str, str)
        The lessons that there are, or the steps of one: a subject, and a sentence.
    prepared : PreparedLesson, optional
        None for the list of lessons.
    """

    title: str
    lines: Lines
    prepared: PreparedLesson | None = None


def lesson(
    request: LessonRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> LessonOutcome:
    """Prepare a lesson, and write its page or its sheets if a file is named."""
    with JobRun("lesson", listener, cancellation, request.seed) as run:
        _check(request)
        if request.name is None:
            _refuse_subject("The list of lessons is", request.subject)
            lines = lesson_lines()
            run.tell(result={"lessons": [{"name": n, "about": about} for n, about in lines]})
            return run.settle(LessonOutcome, title="Lessons", lines=lines)
        known = known_lesson(request.name)
        about = request.subject
        if known.about == "nothing":
            _refuse_subject(f"The lesson {request.name} is", about)
            prepared = known.prepared(None)
        else:
            if known.about == "columns":
                refuse_row(about.row)
            about = replace(about, seed=request.seed_of_fit)
            subject = subject_of(
                run, about, known.settings, answers=known.about == "answers",
                columns=known.about == "columns", article=known.article,
            )  # fmt: skip
            prepared = known.prepared(subject)
            if prepared.made:
                run.say(prepared.made)
        run.require_wanted()
        written = _write(run, request, prepared)
        run.tell(result={**_facts(prepared, request.seed), **written})
        lines = [
            (f"{i}. {step['name']}", str(step["ask"]))
            for i, step in enumerate(_facts(prepared, request.seed)["steps"], 1)
        ]
        title = prepared.text.title
        return run.settle(LessonOutcome, title=title, lines=lines, prepared=prepared)


def _check(request: LessonRequest) -> None:
    """Refuse what does not fit together, before anything is computed."""
    if request.name is None:
        if request.output is not None or request.students is not None:
            raise SettingsError("No lesson is named", fix="name one, such as derivative")
        return
    if request.students is None:
        check_outputs({"output": request.output}, _inputs(request), overwrite=request.overwrite)
        if request.output is not None:
            check_ending(request.output, "A lesson", PAGE, flag=parameter("output"))
        return
    if not 1 <= request.students <= MOST_STUDENTS:
        raise SettingsError(
            f"{request.students:,} sheets cannot be written",
            where=parameter("students", request.students),
            fix=f"take 1 to {MOST_STUDENTS:,}",
        )
    if request.output is None:
        raise SettingsError(
            "Sheets need a directory", fix=f"name it with {parameter('output')}, such as sheets"
        )
    check_sheet_folder(request.output, _inputs(request), overwrite=request.overwrite)


def _inputs(request: LessonRequest) -> list[str]:
    """The files that are read, which no output may replace."""
    return [each for each in (request.subject.model, request.subject.table) if each]


def _refuse_subject(what: str, about: SubjectRequest) -> None:
    """Refuse a table, and what is said of one, where a lesson is about none."""
    files = [each for each in (about.model, about.table) if each is not None]
    said = {**vars(about.columns), **vars(about.reading), "row": about.row, "empty": about.empty,
            "missed": about.missed, "alarm": about.alarm}  # fmt: skip
    del said["stdin"]  # how one could be read, not that there is one
    given = [*files, *(parameter(name) for name, value in said.items() if value not in _UNSAID)]
    if given:
        listed = ", ".join(given)
        raise SettingsError(f"{what} about no table", where=listed, fix=f"leave out {listed}")


def _facts(prepared: PreparedLesson, seed: int) -> Facts:
    """The lesson as plain data."""
    steps = []
    for place, step in enumerate(prepared.text.steps):
        variant = prepared.drawn_variant(place, seed)
        steps.append(
            {
                "key": step.key,
                "name": step.name,
                "aim": filled_text(step.aim, variant.values),
                "ask": filled_text(step.question["ask"], variant.values),
                "answer": right_answer(step, variant) or None,
            }
        )
    return {"name": prepared.text.name, "title": prepared.text.title, "steps": steps}


def recipes_of_lesson(request: LessonRequest) -> dict[str, str]:
    """``command`` and ``python`` of the page, which writes the seed of its link into them, for the
    last ``{seed}``; nothing where the table is standard input.
    """
    if request.name is None or request.subject.table == "-":
        return {}
    command, to = lesson_command(request.name, request.subject), f"{request.name}.html"
    # A number that no seed is, so that it is written; replaced only once, behind all other texts.
    python = request_in_python(replace(request, seed=_NO_SEED), "lesson", output=to)
    before, _, after = python.rpartition(f"seed={_NO_SEED}")
    return {
        "command": f"{command} --seed {{seed}} -o {to}",
        "python": f"{before}seed={{seed}}{after}",
    }


def _write(run: JobRun, request: LessonRequest, prepared: PreparedLesson) -> Facts:
    """Write the page or the sheets; returns the names of the files."""
    if request.output is None:
        return {"file": None, "files": []}
    if request.students is None:
        page = lesson_html(prepared, request.seed, recipes_of_lesson(request))
        write_shown(run, request.output, page, overwrite=request.overwrite)
        return {"file": request.output, "files": [request.output]}
    command = lesson_command(prepared.text.name, request.subject)
    pages = sheets_of(prepared, request.students, request.seed, command)
    paths = write_sheets(run, request.output, pages, _inputs(request), overwrite=request.overwrite)
    run.say(
        f"Wrote {counted(request.students, 'sheet')} and the key to {request.output}: print them "
        "from a browser."
    )
    return {"file": request.output, "files": paths}
