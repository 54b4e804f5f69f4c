"""A lesson from Python is that of the command."""

import pytest

from thalweg.errors import SettingsError
from thalweg.jobs.lessons.lesson import LessonRequest
from thalweg.jobs.lessons.lesson import lesson as lesson_job
from thalweg.jobs.lessons.lesson_in_python import lesson


def test_a_lesson_from_python_is_that_of_the_command(tmp_path):
    to = tmp_path / "command.html"
    lesson_job(LessonRequest(name="derivative", seed=7, output=str(to)))
    lesson("derivative", seed=7).save(tmp_path / "python.html")
    assert (tmp_path / "python.html").read_bytes() == to.read_bytes()


def test_what_is_no_lesson_and_a_table_for_none_are_refused():
    with pytest.raises(SettingsError, match="lesson"):
        lesson("derivatives")
    with pytest.raises(SettingsError, match="about no table"):
        lesson("derivative", "wisconsin")


def test_recipes_have_the_seed_of_the_lesson():
    shown = lesson("derivative", seed=7)
    assert shown.recipes["command"] == "thalweg lesson derivative --seed 7 -o derivative.html"
    assert "seed=7" in shown.recipes["python"]
    # The page puts in the seed of its link, which a reader can change.
    assert "--seed {seed} -o derivative.html" in shown.page()
