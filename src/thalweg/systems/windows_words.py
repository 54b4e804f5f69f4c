"""One word of a command for the shells of Windows: cmd and PowerShell."""

import re
import subprocess
import unicodedata

# Words that both shells pass on as they are; PowerShell makes a list of a word with a comma.
_PLAIN = re.compile(r"[A-Za-z0-9_\-./\\:+=]+")
# In double quotes, cmd reads %, and PowerShell $ and `; a quote ends the word in both.
_READ = frozenset('"$`%')


def windows_word(text: str, unseen: frozenset[str]) -> str:
    r"""One word of a command, in quotes where it needs them.

    Double quotes mean the same to cmd and PowerShell, with the backslashes as the programs
    themselves read them (``subprocess.list2cmdline``). A text with a character that one of the two
    would read, or that no person sees, is written for PowerShell, which has escapes.

    Parameters
    ----------
    text : str
    unseen : frozenset of str
        The Unicode categories of characters that no person sees.

    Examples
    --------
    >>> print(windows_word(r"C:\my tables\new.csv", frozenset()))
    "C:\my tables\new.csv"
    >>> print(windows_word("50 %", frozenset()))
    '50 %'
    """
    hidden = any(unicodedata.category(each) in unseen for each in text)
    if not hidden and _PLAIN.fullmatch(text):
        return text
    if not hidden and not _READ.intersection(text):
        quoted = subprocess.list2cmdline([text])
        return quoted if quoted.startswith('"') else f'"{text}{_last_backslashes(text)}"'
    if not hidden:
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(each, unseen) for each in text) + '"'


def _last_backslashes(text: str) -> str:
    """As many backslashes as the text ends with: before a quote, each must be doubled."""
    return text[len(text.rstrip("\\")) :]


def _escaped(character: str, unseen: frozenset[str]) -> str:
    if unicodedata.category(character) in unseen:
        return f"`u{{{ord(character):x}}}"
    return f"`{character}" if character in '"$`' else character
