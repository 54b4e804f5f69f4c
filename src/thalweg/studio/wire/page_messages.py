"""What a page may say over its socket: short JSON texts, each with a form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thalweg.persistence.plain_data_checks import Form, matching, require, whole

MOST_TEXT = 1 << 16
OPERATION = matching("the name of an operation", r"[a-z][a-z-]{0,39}")
_OUTER: dict[str, Form] = {"op": OPERATION, "id": whole(0, 2**31)}


class MessageError(ValueError):
    """A text that is no message of a page; the message says what is wrong with it."""


@dataclass(frozen=True)
class PageMessage:
    """What a page asks.

    Attributes
    ----------
    operation : str
    number : int
        The page's own number for it; the answer has it, too.
    args : dict
    """

    operation: str
    number: int
    args: dict[str, Any]


def page_message(text: str, forms: Mapping[str, dict[str, Form]]) -> PageMessage:
    """Read a text of a page.

    Parameters
    ----------
    text : str
    forms : dict
        The form of the arguments of each operation.

    Raises
    ------
    MessageError
    """
    if len(text) > MOST_TEXT:
        raise MessageError(f"A message has at most {MOST_TEXT:,} letters")
    try:
        said = json.loads(text, parse_constant=_no_number)
        if type(said) is not dict:
            raise MessageError("A message is an object of JSON")
        outer: dict[str, Any] = {key: said.get(key) for key in _OUTER}
        require(outer, _OUTER, "message")
        form = forms.get(outer["op"])
        if form is None:
            raise MessageError(f"There is no operation {outer['op']!r}")
        args = {key: value for key, value in said.items() if key not in _OUTER}
        require(args, form, outer["op"])
    except MessageError:
        raise
    except (ValueError, RecursionError) as why:
        raise MessageError(f"This is no message: {why}") from why
    return PageMessage(outer["op"], outer["id"], args)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")
