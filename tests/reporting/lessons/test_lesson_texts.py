"""The texts of the lessons: short, complete, and in the words of the project."""

import re

import pytest

from thalweg.reporting.lessons import lesson_texts
from thalweg.reporting.lessons.lesson_texts import TEXTS, filled_text, lesson_text

NAMES = sorted(path.name.removesuffix(".toml") for path in TEXTS.iterdir())
PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("name", NAMES)
def test_a_step_is_short_and_has_help(name):
    text = lesson_text(name)
    assert 4 <= len(text.steps) <= 7
    assert len({step.key for step in text.steps}) == len(text.steps)
    for step in text.steps:
        assert step.n_words <= 80
        assert step.aim[-1] in ".?", step.aim
        if step.question["kind"] in ("number", "factors", "choice"):
            assert len(step.question["hints"]) == 3
            assert step.question["solution"]
        if step.question["kind"] == "number":
            assert step.question["right"]
            assert step.question["wrong"]


@pytest.mark.parametrize("name", NAMES)
def test_texts_use_plain_words(name):
    text = (TEXTS / f"{name}.toml").read_text(encoding="utf-8")
    words = re.findall(r"\b(?:told|mend|mended|judged|by chance|commonest)\b", text, re.IGNORECASE)
    assert words == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('kind = "essay"\nask = "x"\nhints = []', "no question of the kind essay"),
        ('kind = "number"\nask = "x"\nhints = ["a", "b"]', "three hints and a solution"),
        ('kind = "do"\nask = "' + "word " * 81 + '"\nhints = []', "83 words, at most 80"),
    ],
)
def test_a_text_that_breaks_the_rules_is_refused(tmp_path, monkeypatch, more, says):
    head = 'title = "t"\nabout = "a"\ntable = "none"\n[[steps]]\nkey = "k"\nname = "n"\n'
    step = f'aim = "One."\ntext = "Two."\n[steps.question]\n{more}\n'
    (tmp_path / "bad.toml").write_text(head + step, encoding="utf-8")
    monkeypatch.setattr(lesson_texts, "TEXTS", tmp_path)
    with pytest.raises(ValueError, match=says):
        lesson_text("bad")


def test_a_step_waits_for_an_earlier_one(tmp_path, monkeypatch):
    head = 'title = "t"\nabout = "a"\ntable = "none"\n[[steps]]\nkey = "k"\nname = "n"\n'
    step = 'after = "k"\naim = "One."\ntext = "Two."\n[steps.question]\nkind = "do"\nask = "x"\n'
    (tmp_path / "bad.toml").write_text(f"{head}{step}hints = []\n", encoding="utf-8")
    monkeypatch.setattr(lesson_texts, "TEXTS", tmp_path)
    with pytest.raises(ValueError, match="no earlier step is k"):
        lesson_text("bad")


def test_a_place_without_a_value_stays():
    assert filled_text("{a} and {b}", {"a": "1"}) == "1 and {b}"
