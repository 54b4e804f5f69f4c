"""The directory of sheets: one set at a time, whole or not at all, and no input is replaced."""

import os
from pathlib import Path

import pytest

from thalweg import SettingsError
from thalweg.errors import OutputError
from thalweg.interrupts import Cancellation
from thalweg.jobs.lessons import lesson as lesson_job
from thalweg.jobs.lessons import sheet_folder
from thalweg.jobs.lessons.lesson import LessonRequest, lesson
from thalweg.jobs.lessons.lesson_subject import SubjectRequest

TABLE = "x,ill\n" + "".join(f"{i},{'yes' if i % 3 else 'no'}\n" for i in range(60))


def sheets(folder, students=2, **more):
    return LessonRequest(name="derivative", students=students, output=str(folder), **more)


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.fixture
def untrained(monkeypatch):
    """Training would be too late for what is refused here."""

    def train(*_, **__):
        raise AssertionError("A network was trained before the directory was checked")

    monkeypatch.setattr(lesson_job, "subject_of", train)


def about(table, folder, model=None, **more):
    subject = SubjectRequest(model=model, table=str(table))
    return LessonRequest(
        name="fault", subject=subject, students=2, output=str(folder), overwrite=True, **more
    )


@pytest.mark.parametrize("name", ["key.html", "student-01.html", "student-77.html"])
def test_sheets_never_replace_the_table(tmp_path, untrained, name):
    table = tmp_path / name
    table.write_text(TABLE)
    with pytest.raises(SettingsError, match=r"would replace what is read.*another directory"):
        lesson(about(table, tmp_path))
    assert table.read_text() == TABLE


def test_sheets_never_replace_table_or_model_through_links(tmp_path, untrained):
    folder, table, model = tmp_path / "s", tmp_path / "t.csv", tmp_path / "m.safetensors"
    folder.mkdir()
    table.write_text(TABLE)
    model.write_text("a model")
    for name, target in (("key.html", table), ("student-01.html", model)):
        (folder / name).symlink_to(target)
        with pytest.raises(SettingsError, match="would replace what is read"):
            lesson(about(table, folder, str(model)))
        (folder / name).unlink()
    (folder / "key.html").hardlink_to(table)
    with pytest.raises(OutputError, match="none that thalweg wrote"):
        lesson(about("other.csv", folder))
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(SettingsError, match="would replace what is read"):
        lesson(about(folder / "key.html", tmp_path / "link"))
    assert (table.read_text(), model.read_text()) == (TABLE, "a model")


def test_a_file_or_a_link_of_somebody_else_is_kept(tmp_path):
    folder, other = tmp_path / "s", tmp_path / "other.html"
    folder.mkdir()
    other.write_text("mine")
    (folder / "student-01.html").symlink_to(other)
    with pytest.raises(OutputError, match=r"student-01.*none that thalweg wrote.*move it"):
        lesson(sheets(folder, overwrite=True))
    assert other.read_text() == "mine"


def test_a_smaller_set_leaves_no_sheet_of_the_larger_one(tmp_path):
    folder = tmp_path / "s"
    lesson(sheets(folder, 3))
    (folder / "notes.txt").write_text("mine")
    lesson(sheets(folder, 2, seed=5, overwrite=True))
    assert names(folder) == ["key.html", "notes.txt", "student-01.html", "student-02.html"]
    assert "seed 6" in (folder / "student-02.html").read_text("utf-8")


def test_a_sheet_of_another_set_is_refused_without_force(tmp_path):
    lesson(sheets(tmp_path, 3))
    for name in ("key.html", "student-01.html", "student-02.html"):
        (tmp_path / name).unlink()
    with pytest.raises(OutputError, match=r"student-03.*exists.*--force"):
        lesson(sheets(tmp_path, 2))


def test_sheets_that_exist_are_refused_before_training(tmp_path, untrained):
    lesson(sheets(tmp_path))
    request = LessonRequest(name="fault", students=2, output=str(tmp_path))
    with pytest.raises(OutputError, match="A file of that name exists"):
        lesson(request)


@pytest.mark.parametrize("there", [False, True])
def test_an_interrupted_set_leaves_what_was_there(tmp_path, monkeypatch, there):
    folder = tmp_path / "a" / "s"
    if there:
        lesson(sheets(folder, 3))
    before = {path.name: path.read_bytes() for path in folder.iterdir()} if there else None
    cancellation, written = Cancellation(), []

    def write(path, data, **more):
        written.append(path)
        if len(written) == 2:
            cancellation.ask()
        Path(path).write_bytes(data)

    monkeypatch.setattr(sheet_folder, "write_atomic", write)
    with pytest.raises(KeyboardInterrupt):
        lesson(sheets(folder, 5, seed=9, overwrite=True), cancellation=cancellation)
    assert len(written) == 2
    if there:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    else:
        assert list(tmp_path.iterdir()) == []


def test_a_move_that_fails_is_taken_back(tmp_path, monkeypatch):
    lesson(sheets(tmp_path, 3))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    moved, rename = [], os.rename

    def failing(here, there):
        moved.append(here)
        if len(moved) == 6:
            raise OSError(28, "No space left on device")
        rename(here, there)

    monkeypatch.setattr(sheet_folder.os, "rename", failing)
    with pytest.raises(OutputError, match="No space left"):
        lesson(sheets(tmp_path, 3, seed=9, overwrite=True))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_sheets_that_appear_while_a_set_is_made_are_kept(tmp_path, monkeypatch):
    def write(path, data, **more):
        Path(path).write_bytes(data)
        (tmp_path / "key.html").write_text("another run")

    monkeypatch.setattr(sheet_folder, "write_atomic", write)
    with pytest.raises(OutputError, match="A file of that name exists"):
        lesson(sheets(tmp_path))
    assert names(tmp_path) == ["key.html"]


def test_a_file_above_the_directory_is_refused(tmp_path, untrained):
    (tmp_path / "taken").write_text("mine")
    request = LessonRequest(name="fault", students=1, output=str(tmp_path / "taken" / "s"))
    with pytest.raises(OutputError, match=r"no directory.*taken"):
        lesson(request)


def test_the_name_of_a_page_is_no_directory(tmp_path):
    with pytest.raises(SettingsError, match="several files"):
        lesson(sheets(tmp_path / "xx.html"))
    assert list(tmp_path.iterdir()) == []
