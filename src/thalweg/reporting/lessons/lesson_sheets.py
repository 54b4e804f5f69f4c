"""Sheets of a lesson for paper: one for each student, and the key apart."""

from importlib.metadata import version

from thalweg.reporting.html_pieces import text
from thalweg.reporting.inline import filled
from thalweg.reporting.lessons.lesson_texts import LessonStep, filled_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant, right_answer

_LETTERS = "ABCDEFGH"
NEEDS_SCREEN = "-"
_STYLES = ("learn/sheet.css",)


def seed_of_student(seed: int, number: int) -> int:
    """The seed of the student with that number, from 1: each has another one."""
    return int((seed + number - 1) % 2**32)


def sheets_of(
    lesson: PreparedLesson, students: int, seed: int, command: str = ""
) -> dict[str, str]:
    """The sheets and their key.

    Parameters
    ----------
    lesson : PreparedLesson
    students : int
    seed : int
        Of the first student; the next one has the next seed.
    command : str, optional
        What makes the lesson, with its model, table and options; without it the lesson alone.

    Returns
    -------
    dict of str to str
        The names of the files, and their HTML: ``student-01.html`` … and ``key.html``.
    """
    command = command or f"thalweg lesson {lesson.text.name}"
    digits = max(2, len(str(students)))
    pages = {
        f"student-{number:0{digits}}.html": sheet_html(
            lesson, number, seed_of_student(seed, number), command
        )
        for number in range(1, students + 1)
    }
    return {**pages, "key.html": key_html(lesson, students, seed, command)}


def sheet_html(lesson: PreparedLesson, number: int, seed: int, command: str) -> str:
    """The sheet of one student."""
    name = lesson.text.name
    tasks = "".join(
        _task(place, step, lesson.drawn_variant(place, seed))
        for place, step in enumerate(lesson.text.steps)
        if step.paper != NEEDS_SCREEN
    )
    head = (
        f'<p class="who">Sheet {number} · seed {seed}<span class="line">Name:</span></p>'
        f"<h1>{_said(lesson.text.title)}</h1>"
        f'<p class="note">{_said(lesson.subtitle)} On a screen, the page of the lesson with '
        f"#seed={seed} at the end of its address has the same numbers, and checks answers: "
        f"{_said(command)} --seed {seed} -o {name}.html</p>"
    )
    return _page(f"{lesson.text.title}, sheet {number}", f"{head}<ol>{tasks}</ol>")


def _task(place: int, step: LessonStep, variant: Variant) -> str:
    """A step as a task on paper."""
    question = step.question
    ask = step.paper or question["ask"]
    parts = [
        f"<h2>{_said(filled_text(step.aim, variant.values))}</h2>",
        f"<p>{_said(filled_text(step.text, variant.values))}</p>",
        f"<p><b>{_said(filled_text(ask, variant.values))}</b></p>",
        variant.paper,
    ]
    if question["kind"] == "factors":
        names = (_said(filled_text(each, variant.values)) for each in question["factors"])
        parts.append("".join(f'<p class="fill">{each} = <span></span></p>' for each in names))
    elif question["kind"] == "choice":
        choices = variant.choices or question["choices"]
        rows = (
            f"<li>{_LETTERS[i]} &#9633; {_said(filled_text(each['text'], variant.values))}</li>"
            for i, each in enumerate(choices)
        )
        parts.append(f'<ul class="choices">{"".join(rows)}</ul>')
    elif question["kind"] == "number" or not variant.paper:
        parts.append('<p class="fill wide"><span></span></p>')
    return f'<li value="{place + 1}">{"".join(parts)}</li>'


def key_html(lesson: PreparedLesson, students: int, seed: int, command: str) -> str:
    """The right answers of all sheets, for the teacher."""
    steps = lesson.text.steps
    heads = "".join(
        f"<th>{i + 1}. {_said(step.name)}"
        f"{' (on the screen only)' if step.paper == NEEDS_SCREEN else ''}</th>"
        for i, step in enumerate(steps)
    )
    rows = []
    for number in range(1, students + 1):
        own = seed_of_student(seed, number)
        cells = "".join(
            f"<td>{_key_of(step, lesson.drawn_variant(place, own))}</td>"
            for place, step in enumerate(steps)
        )
        rows.append(f'<tr><th scope="row">{number}</th><td>{own}</td>{cells}</tr>')
    made = f"{command} --students {students} --seed {seed} -o DIRECTORY"
    body = (
        f"<h1>Key: {_said(lesson.text.title)}</h1>"
        f'<p class="note">For the teacher. {_said(lesson.subtitle)} Made by {_said(made)}. A '
        "dash is a step without one right answer.</p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Answers of all sheets">'
        f"<table><thead><tr><th>sheet</th><th>seed</th>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
    return _page(f"Key: {lesson.text.title}", body)


def _key_of(step: LessonStep, variant: Variant) -> str:
    """The right answer of a step, of a choice with its letter."""
    right = right_answer(step, variant)
    if step.question["kind"] == "choice":
        right = f"{_LETTERS[variant.choice]}: {right}"
    return _said(right) if right else "–"


def _page(title: str, body: str) -> str:
    return filled(
        "learn/page.html",
        body="learn/sheet_body.html",
        styles=_STYLES,
        version=version("thalweg"),
        title=_said(title),
        content=body,
    )


def _said(words: str) -> str:
    return text(words, 2000)
