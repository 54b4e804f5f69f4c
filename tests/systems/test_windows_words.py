"""Words of commands for cmd and PowerShell: what the program gets is the word."""

import subprocess
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg import shell_words
from thalweg.shell_words import command_of, in_shell


@pytest.fixture
def on_windows(monkeypatch):
    monkeypatch.setattr(shell_words, "IS_WINDOWS", True)


def received(command):
    """The words that a program gets, by the rules of `CommandLineToArgvW`: two backslashes before
    a quote are one, and a backslash and a quote are a quote."""
    words, word, at, inside, begun = [], "", 0, False, False
    while at < len(command):
        slashes = len(command[at:]) - len(command[at:].lstrip("\\"))
        quote = command[at + slashes : at + slashes + 1] == '"'
        if slashes and not quote:
            word, at, begun = word + "\\" * slashes, at + slashes, True
        elif quote:
            word, at, begun = word + "\\" * (slashes // 2), at + slashes + 1, True
            if slashes % 2:
                word += '"'
            else:
                inside = not inside
        elif command[at] == " " and not inside:
            words, word, begun, at = words + [word] * begun, "", False, at + 1
        else:
            word, at, begun = word + command[at], at + 1, True
    return words + [word] * begun


def in_powershell(text):
    """A quoted word as PowerShell reads it."""
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    inner, at, out = text[1:-1], 0, ""
    while at < len(inner):
        if inner.startswith("`u{", at):
            end = inner.index("}", at)
            out, at = out + chr(int(inner[at + 3 : end], 16)), end + 1
        elif inner[at] == "`":
            out, at = out + inner[at + 1], at + 2
        else:
            assert inner[at] not in '"$'
            out, at = out + inner[at], at + 1
    return out


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("fit", "fit"), ("--seed", "--seed"), (r"C:\tables\my.csv", r"C:\tables\my.csv"),
        ("my table.csv", '"my table.csv"'), ("", '""'), ("a&b", '"a&b"'), ("a,b", '"a,b"'),
        ("C:\\my tables\\", '"C:\\my tables\\\\"'), ("it's", '"it\'s"'), ("Größe", '"Größe"'),
        ("$HOME", "'$HOME'"), ("50%", "'50%'"), ('say "it\'s"', "'say \"it''s\"'"),
        ("a\nb", '"a`u{a}b"'), ("\u202e$x`", '"`u{202e}`$x``"'),
    ],
)  # fmt: skip
def test_words_are_written_for_the_shells_of_windows(on_windows, word, written):
    assert in_shell(word) == written
    assert written.isprintable()


@given(st.lists(st.text(st.sampled_from("ab. \\'&,é-"), max_size=8), min_size=1, max_size=4))
def test_every_word_in_double_quotes_arrives(words):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shell_words, "IS_WINDOWS", True)
        command = command_of(words)
    assert received(command) == words
    assert received(subprocess.list2cmdline(words)) == words  # the rules are those of Python, too


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_every_other_word_arrives_in_powershell(text):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shell_words, "IS_WINDOWS", True)
        written = in_shell(f"{text}$")
    assert in_powershell(written) == f"{text}$"
    assert all(not (a == " " and b == "\n") for a, b in pairwise(written))


def test_elsewhere_words_are_those_of_a_posix_shell():
    assert in_shell("my table.csv") == "'my table.csv'"
