"""Patterns of the sentences that the program writes, for texts of files that anybody may write.

A text of a file stands on a page as a sentence of the program only if the program writes such
sentences. Any other one is quoted, as what the file says.
"""

import re
from collections.abc import Callable, Container, Sequence
from functools import cached_property

from thalweg.wording import printable

# As `amount`, `count_text` and `date_text` write them.
NUMBER = r"[+-]?\d[\d,]{0,30}(?:\.\d{1,20})?(?:e-?\d{1,3})?"
VALUE = rf"(?:-?\d{{4}}-\d\d-\d\d(?:T[\d:]{{5,8}})?|{NUMBER}(?: days from 1970-01-01)?)"
# A text beyond it is none of the program's; matching takes time that grows with the length.
LONGEST = 4_000
_LONGEST_QUOTE, _LONGEST_NAME = 300, 1_100
_SAYS = "the file says: "
_QUOTED = re.compile(rf'{_SAYS}"[^"]{{0,{_LONGEST_QUOTE + 1}}}"\.?', re.IGNORECASE)


class Texts:
    """Texts that the program writes. They are compiled for the first text that is looked at.

    To compile all of them takes a third of a second, and most programs read no evaluation.

    Parameters
    ----------
    pattern : callable
        Makes the pattern.
    """

    def __init__(self, pattern: Callable[[], re.Pattern[str]]) -> None:
        self._pattern = pattern

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return self._pattern()

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match of a whole text."""
        return self._compiled.fullmatch(text)


def template(text: str) -> str:
    """The pattern of a sentence with slots.

    ``#`` is a number, ``@`` a number or a date, ``~`` a name, and "(s)" may be there.

    Parameters
    ----------
    text : str
        As in ``"# row(s) of # were used"``; words in ``{a|b}`` are alternatives.
    """
    parts = re.split(r"(#|@|~|\(s\)|\{[^{}]*\})", text)
    slots = {"#": NUMBER, "@": VALUE, "~": f"(.{{1,{_LONGEST_NAME}}}?)", "(s)": "s?"}
    return "".join(
        slots[part]
        if part in slots
        else f"(?:{'|'.join(map(re.escape, part[1:-1].split('|')))})"
        if part.startswith("{")
        else re.escape(part)
        for part in parts
    )


def sentence_of(templates: Sequence[str]) -> Texts:
    """One of these texts."""
    return Texts(lambda: re.compile("|".join(map(template, templates)), re.DOTALL))


def sentences_of(templates: Sequence[str]) -> Texts:
    """One or several of these sentences, with a space between them."""

    def pattern() -> re.Pattern[str]:
        each = f"(?:{'|'.join(map(template, templates))})"
        return re.compile(f"{each}(?: {each}){{0,9}}")

    return Texts(pattern)


def fits(pattern: Texts | re.Pattern[str], text: str, names: Container[str] = ()) -> bool:
    """Whether the program writes such a text, about these names; a quotation of a file is one."""
    if len(text) > LONGEST:
        return False
    found = pattern.fullmatch(text)
    own = found is not None and all(each is None or each in names for each in found.groups())
    return own or bool(_QUOTED.fullmatch(text))


def own_or_quoted(
    pattern: Texts | re.Pattern[str], text: str, names: Container[str] = (), end: str = ""
) -> str:
    """The text if the program writes such texts; else a quotation, which says whose words it is.

    Parameters
    ----------
    pattern : Texts or pattern
    text : str
    names : container of str
        What may stand where the pattern has a name.
    end : str
        Behind a quotation: "." where the text is a sentence.
    """
    return text if fits(pattern, text, names) else quoted(text, end)


def quoted(text: str, end: str = "") -> str:
    """A text as what the file says, in quotes, without its own quotes, and not too long."""
    short = printable(text[: 2 * _LONGEST_QUOTE]).replace('"', "'")
    if len(short) > _LONGEST_QUOTE:
        short = f"{short[:_LONGEST_QUOTE]}…"
    says = f"{_SAYS[:1].upper()}{_SAYS[1:]}" if end else _SAYS
    return f'{says}"{short}"{end}'
