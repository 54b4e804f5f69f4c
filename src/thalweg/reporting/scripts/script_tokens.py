"""The tokens of a script: names, numbers, texts, patterns, marks, and what lies between them.

JavaScript has two signs with two meanings: ``/`` divides or begins a pattern, and a back quote
begins a text that may hold code, which may hold such a text. Published minifiers in Python read
texts inside texts as code, and would change them; so the tokens are found here.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["space", "comment", "name", "number", "text", "pattern", "mark"]

_SPACE = re.compile(r"\s+")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME = re.compile(r"[#]?[^\W\d][\w$]*|[$][\w$]*", re.UNICODE)
_NUMBER = re.compile(
    r"0[xX][\da-fA-F_]+n?|0[bB][01_]+n?|0[oO][0-7_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?"
)
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.DOTALL)
_PATTERN = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(`|\$\{)", re.DOTALL)
_MARK = re.compile(
    r">>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)"
    r"|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()\[\];,<>+\-*/%&|^!~?:=.]"
)
# Words after which no value ends, so that a slash begins a pattern.
_BEFORE_VALUE = {
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do",
    "await", "yield", "instanceof",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a script.

    Attributes
    ----------
    kind : {"space", "comment", "name", "number", "text", "pattern", "mark"}
        A template with code in it is several texts, with the tokens of the code between them.
    text : str
    """

    kind: Kind
    text: str


def script_tokens(text: str) -> list[Token]:
    """All tokens of a script: their texts, joined, are the script.

    Raises
    ------
    ValueError
        If a piece is none; it says which line.

    Examples
    --------
    >>> [token.text for token in script_tokens("a / b;") if token.kind != "space"]
    ['a', '/', 'b', ';']
    """
    tokens: list[Token] = []
    depths: list[int] = []  # of braces in the code inside each open template
    at, before = 0, Token("mark", ";")
    while at < len(text):
        if text[at] == "`" or (text[at] == "}" and depths and depths[-1] == 0):
            if text[at] == "}":
                depths.pop()
            found = _TEMPLATE.match(text, at + 1)
            if found is None:
                raise _unread(text, at)
            if found[1] == "${":
                depths.append(0)
            token = Token("text", text[at : found.end()])
        else:
            token = _plain(text, at, before)
            if depths and token.text in "{}":
                depths[-1] += 1 if token.text == "{" else -1
        tokens.append(token)
        at += len(token.text)
        if token.kind not in ("space", "comment"):
            before = token
    return tokens


def bracket_depth(token: Token) -> int:
    """How many brackets a token opens, less those that it closes."""
    if token.kind == "mark":
        return (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
    if token.kind == "text":
        return token.text.endswith("${") - token.text.startswith("}")
    return 0


def _plain(text: str, at: int, before: Token) -> Token:
    """The token at a place outside of a template."""
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("space", _SPACE), ("comment", _COMMENT), ("number", _NUMBER), ("name", _NAME),
        ("text", _QUOTED), *((("pattern", _PATTERN),) if not _ends_value(before) else ()),
        ("mark", _MARK),
    )  # fmt: skip
    for kind, pattern in kinds:
        if found := pattern.match(text, at):
            return Token(kind, found[0])
    raise _unread(text, at)


def _ends_value(token: Token) -> bool:
    """Whether a slash behind this token divides."""
    if token.kind == "name":
        return token.text not in _BEFORE_VALUE
    if token.kind == "text":
        return not token.text.endswith("${")
    return token.kind in ("number", "pattern") or token.text in (")", "]", "}")


def _unread(text: str, at: int) -> ValueError:
    line = text.count("\n", 0, at) + 1
    return ValueError(f"line {line} of a script is not read: {text[at : at + 40]!r}")
