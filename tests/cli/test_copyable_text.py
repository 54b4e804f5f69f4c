"""Lines of a terminal: what they break, and that what a message prints can be copied."""

import shlex

import pandas as pd
import pytest

from thalweg.cli.copyable_text import broken


@pytest.mark.parametrize("width", range(30, 90))
def test_a_line_ends_neither_in_quotes_nor_behind_an_option(width):
    said = (
        "Fix: say how they are written: --date 'Date of visit=mdy' --drop-row 81, or "
        "--missing 'it is'\"'\"'s no one' on the user's line, date={'Date of visit': 'mdy'} here."
    )
    lines = broken(said, width).split("\n")
    assert " ".join(lines) == said
    assert max(map(len, lines)) <= width
    for whole in ("--date 'Date of visit=mdy'", "--drop-row 81", "'it is'\"'\"'s no one'"):
        assert sum(whole in line for line in lines) == 1


def test_what_is_wider_than_a_line_has_lines_of_its_own():
    said = f"say --drop '{'very ' * 9}long' now"
    assert broken(said, 20).split("\n") == ["say --drop", f"'{'very ' * 9}long'", "now"]
    assert broken("a\n\nb c", 3) == "a\n\nb c"
    assert broken("", 3) == ""


def test_check_prints_options_that_can_be_copied(cli):
    names = [f"Date of the visit {'x' * k}" for k in range(1, 12)]
    cells = [f"{k % 11 + 1:02}/{k % 12 + 1:02}/2024" for k in range(60)]
    frame = pd.DataFrame(dict.fromkeys(names, cells)).assign(y=["a", "b"] * 30)
    frame.to_csv("t.csv", index=False)
    _, out, _ = cli("check", "t.csv", "--target", "y")
    lines = [line.strip() for line in out.splitlines()]
    for name in names:
        option = f"--date {shlex.quote(f'{name}=mdy')}"
        assert sum(option in line for line in lines) >= 1, out
