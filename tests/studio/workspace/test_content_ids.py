"""Names that people give, and ids of content."""

import pytest

from studio.hostile_names import hostile_names
from thalweg.studio.workspace.content_ids import MOST_LETTERS, is_content_id, plain_name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("churn.csv", "churn.csv"), ("../../x.csv", "x.csv"), ("C:\\d\\my own.csv", "my own.csv"),
        ("/etc/passwd", "passwd"), ("", "table"), ("..", "table"), ("a\x00b\n.csv", "ab.csv"),
        ("\u202egpj.csv", "gpj.csv"), ("x" * 400, "x" * 255), (" Größe  2.csv ", "Größe 2.csv"),
        ("\ud800.csv", ".csv"), ("<b>.csv", "<b>.csv"),
    ],
)  # fmt: skip
def test_a_name_is_what_a_person_sees_of_its_last_part(said: str, name: str) -> None:
    assert plain_name(said) == name


def test_no_hostile_name_is_an_id_or_a_path() -> None:
    for name in hostile_names():
        assert not is_content_id(name)
        assert 0 < len(plain_name(name)) <= MOST_LETTERS
        assert not {"/", "\\", "\x00", "\n"} & {*plain_name(name)}
    assert is_content_id("0" * 64)
