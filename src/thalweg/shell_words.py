"""Words of a command as a shell reads them: what a person copies from a message or a page."""

import shlex
import unicodedata
from collections.abc import Iterable

from thalweg.systems.held_files import IS_WINDOWS

# Kinds of characters that no person sees: controls, format characters (marks of direction, those
# without width), halves of surrogate pairs, private and unassigned ones, ends of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}
# An exclamation mark may repeat an earlier command, a quote ends the word.
_OCTAL = frozenset("'!")


def in_shell(text: str) -> str:
    r"""One word of a command, in quotes where it needs them.

    A word with a character that cannot be seen is written with escapes (ANSI-C quoting, which
    bash, zsh, ksh and POSIX.1-2024 have): a control character that is pasted into a terminal acts
    on the terminal, and may end the command. On Windows it is a word of cmd and PowerShell.

    Examples
    --------
    >>> in_shell("my table.csv")
    "'my table.csv'"
    >>> print(in_shell("yes\x03\nls"))
    $'yes\003\nls'
    """
    if IS_WINDOWS:
        from thalweg.systems.windows_words import windows_word  # it imports subprocess

        return windows_word(text, _UNSEEN)
    if not any(map(_is_unseen, text)):
        word = shlex.quote(text)
        # In zsh, a word that begins with = names the file of a command.
        return f"'{text}'" if word == text and text.startswith("=") else word
    return f"$'{''.join(map(_escaped, text))}'"


def command_of(words: Iterable[str]) -> str:
    """A command of these words, each as `in_shell` writes it."""
    return " ".join(map(in_shell, words))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character not in _OCTAL and not _is_unseen(character):
        return character
    # A byte of a file's name that is no text stands in Python's text as one of these surrogates.
    is_byte = "\udc80" <= character <= "\udcff"
    data = character.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass")
    return "".join(f"\\{byte:03o}" for byte in data)
