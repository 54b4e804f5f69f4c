"""The job of a lesson: pages, sheets, and what is refused."""

import pytest

from thalweg import SettingsError
from thalweg.errors import OutputError
from thalweg.jobs.lessons.lesson import LessonRequest, lesson
from thalweg.jobs.lessons.lesson_subject import SubjectRequest
from thalweg.jobs.parts.table_options import Columns, Reading


def test_all_lessons_are_listed():
    outcome = lesson(LessonRequest())
    assert "derivative" in [name for name, _ in outcome.lines]


def test_a_page_is_written(tmp_path):
    path = tmp_path / "page.html"
    outcome = lesson(LessonRequest(name="derivative", seed=7, output=str(path)))
    assert '"seed":7' in path.read_text("utf-8")
    assert outcome.result["file"] == str(path)
    assert outcome.result["steps"][0]["key"] == "nearer"


def test_sheets_are_written_into_a_directory_and_not_replaced(tmp_path):
    folder = tmp_path / "sheets"
    request = LessonRequest(name="derivative", seed=42, students=3, output=str(folder))
    lesson(request)
    names = ["key.html", "student-01.html", "student-02.html", "student-03.html"]
    assert sorted(path.name for path in folder.iterdir()) == names
    before = (folder / "key.html").read_bytes()
    with pytest.raises(OutputError, match="A file of that name exists"):
        lesson(request)
    assert (folder / "key.html").read_bytes() == before


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (LessonRequest(name="calculus"), "no lesson 'calculus'.*derivative"),
        (LessonRequest(name="derivative", students=0, output="x"), "0 sheets.*1 to 1,000"),
        (LessonRequest(name="derivative", students=3), "need a directory.*output"),
        (LessonRequest(name="derivative", output="x.png"), "not written as .png"),
        (LessonRequest(output="x.html"), "No lesson is named.*derivative"),
    ],
)
def test_wrong_requests_say_how_to_fix_them(tmp_path, monkeypatch, request_, says):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=says):
        lesson(request_)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        (SubjectRequest(columns=Columns(positive="nonsense")), "positive"),
        (SubjectRequest(columns=Columns(drop=["a"], date={"b": "dmy"})), "drop.*date"),
        (SubjectRequest(reading=Reading(separator=";", stdin=lambda: None)), "separator"),
        (SubjectRequest(empty=["a"]), "empty"),
        (SubjectRequest(row="3"), "row"),
        (SubjectRequest(table="x.csv"), "x.csv"),
    ],
)
@pytest.mark.parametrize("name", ["derivative", None])
def test_what_is_said_of_a_table_is_refused_where_there_is_none(name, subject, says):
    with pytest.raises(SettingsError, match=rf"about no table.*{says}.*leave out.*{says}"):
        lesson(LessonRequest(name=name, subject=subject))
    lesson(LessonRequest(name=name, subject=SubjectRequest(reading=Reading(stdin=lambda: None))))


def test_a_lesson_about_columns_takes_no_row():
    with pytest.raises(SettingsError, match="about all rows"):
        lesson(LessonRequest(name="features", subject=SubjectRequest(row="3")))


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(OutputError, match="no directory"):
        lesson(LessonRequest(name="derivative", students=1, output=str(tmp_path / "taken")))
    assert (tmp_path / "taken").read_text() == "mine"
