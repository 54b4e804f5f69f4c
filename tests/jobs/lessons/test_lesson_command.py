"""The command on a sheet: read by a shell it gives the same files and options."""

import shlex

from thalweg.jobs.lessons.lesson import LessonRequest, lesson
from thalweg.jobs.lessons.lesson_command import lesson_command
from thalweg.jobs.lessons.lesson_subject import SubjectRequest
from thalweg.jobs.parts.table_options import Columns, Reading


def test_every_option_of_the_subject_stands_in_the_command():
    columns = Columns(
        target="il l", positive="yes", drop=["a", "b"], number={"c": None, "d": "1,5"},
        date={"e": "dmy"}, missing={"*": ["-"], "f": ["-9", "x"]}, drop_row=("3",),
    )  # fmt: skip
    about = SubjectRequest(
        model="m.safetensors", table="my table.csv", row="30", columns=columns,
        reading=Reading(separator=";", header_row=2, stdin=lambda: None), empty=["g"],
    )  # fmt: skip
    words = shlex.split(lesson_command("fault", about))
    assert words[:5] == ["thalweg", "lesson", "fault", "m.safetensors", "my table.csv"]
    options = {*zip(words[5::2], words[6::2], strict=True)}
    assert options == {
        ("--target", "il l"), ("--positive", "yes"), ("--drop", "a"), ("--drop", "b"),
        ("--number", "c"), ("--number", "d=1,5"), ("--date", "e=dmy"), ("--missing", "-"),
        ("--missing", "f=-9"), ("--missing", "f=x"), ("--drop-row", "3"), ("--separator", ";"),
        ("--header-row", "2"), ("--row", "30"), ("--empty", "g"),
    }  # fmt: skip


def test_sheets_have_the_command_of_their_request(tmp_path):
    lesson(LessonRequest(name="derivative", students=1, seed=3, output=str(tmp_path)))
    sheet = (tmp_path / "student-01.html").read_text("utf-8")
    assert "thalweg lesson derivative --seed 3 -o derivative.html" in sheet
