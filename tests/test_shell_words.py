"""What is copied into a shell arrives as it is, and no character of it acts on the terminal."""

import os
import shlex
import subprocess
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from thalweg.shell_words import command_of, in_shell

# What ends a quote in a terminal, hides, or turns the direction of reading.
HOSTILE = (
    "yes\x03\ntouch X\n", "a\u202eb", "it's\u200b!", "\x1b[31m", "tab\there", "back\\slash\r",
    "\x7f1", "\x0123", "\ufeffé", "line\u2028end", "'\n'", "$(ls)\n`ls`",
)  # fmt: skip


def arrived(words: list[str]) -> list[str]:
    """The arguments that bash makes of a copied command."""
    command = f"printf '%s\\0' {command_of(words)}"
    done = subprocess.run(
        ["bash", "--norc", "-c", command], capture_output=True, check=True, timeout=20
    )
    return [os.fsdecode(each) for each in done.stdout.split(b"\0")[:-1]]


def test_hostile_words_arrive_and_are_printable():
    assert arrived(list(HOSTILE)) == list(HOSTILE)
    for word in HOSTILE:
        assert in_shell(word).isprintable(), word


def test_a_word_that_begins_with_an_equals_sign_names_no_command_in_zsh():
    assert [in_shell(each) for each in ("=ls", "=it's", "a=b")] == ["'=ls'", "'=it'\"'\"'s'", "a=b"]
    assert arrived(["=ls", "=it's"]) == ["=ls", "=it's"]


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
@example(["\udcff.csv", "caf\udce9\n"])
@settings(max_examples=60, deadline=None)
def test_every_text_arrives(words):
    assert arrived(words) == words
    # A space that is no break of a line may stay.
    kinds = {unicodedata.category(each) for each in command_of(words) if not each.isprintable()}
    assert kinds <= {"Zs"}


@pytest.mark.parametrize(
    "word", ["plain", "my table.csv", "it's", "", "Größe/m²", "a\xa0b", "$HOME"]
)
def test_other_words_are_as_before(word):
    assert in_shell(word) == shlex.quote(word)


def test_interactive_bash_runs_nothing_of_a_word(tmp_path):
    # Typed into a terminal, a control character acts at once; escapes do not.
    said = (
        f"printf '<%s>' {command_of(['yes' + chr(3) + chr(10) + 'touch made' + chr(10)])}\nexit\n"
    )
    master, slave = os.openpty()
    shell = subprocess.Popen(
        ["bash", "--norc", "--noediting", "-i"], stdin=slave, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, cwd=tmp_path, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        os.write(master, said.encode())
        assert shell.wait(timeout=10) == 0
    finally:
        shell.kill()
        os.close(master)
    assert not list(tmp_path.iterdir())
