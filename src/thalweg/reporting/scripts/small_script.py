"""A joined script without what a browser does not need: comments, spaces, unused declarations."""

from collections.abc import Iterable
from dataclasses import dataclass

from thalweg.reporting.scripts.script_tokens import Token, script_tokens

_WORDS = ("name", "number")
# A statement cannot end before or behind these, so that no line has to.
_OPENS = {
    "{", "(", "[", ",", ";", ":", "?", "=", "=>", "+", "-", "*", "/", "%", "&&", "||", "??", ".",
    "?.", "<", ">", "<=", ">=", "==", "===", "!=", "!==", "&", "|", "^", "!", "~", "+=", "-=",
    "*=", "/=", "%=", "**=", "**", "...", "??=", "||=", "&&=",
}  # fmt: skip
_GOES_ON = {
    ")", "]", "}", ",", ";", ".", "?.", "?", ":", "&&", "||", "??", "=", "*", "%", "=>", "==",
    "===", "!=", "!==", "<=", ">=", "<", ">", "+=", "-=", "*=", "/=", "**", "&", "|", "^",
}  # fmt: skip
_FUSES = {"+": "+", "-": "-", "/": "/", "<": "!", "++": "+", "--": "-"}
_DECLARES = ("function", "async", "class", "const")


def small_script(text: str) -> str:
    r"""The same program in fewer bytes. No name changes, so it can still be read.

    Examples
    --------
    >>> small_script("const a = 1; // one\nfunction unused() {}\nshow(a + 1);")
    'const a=1;show(a+1);'
    """
    tokens = [each for each in script_tokens(text) if each.kind != "comment"]
    return _tight(_used(tokens))


# ---------------------------------------------------------------- spaces


def _tight(tokens: list[Token]) -> str:
    """The tokens with no more space between them than they need."""
    parts: list[str] = []
    before, space = Token("mark", ";"), ""
    for token in tokens:
        if token.kind == "space":
            space += token.text
            continue
        if space and parts:
            parts.append(_gap(before, token, has_line="\n" in space))
        parts.append(token.text)
        before, space = token, ""
    return "".join(parts)


def _gap(before: Token, token: Token, *, has_line: bool) -> str:
    """What has to stay between two tokens."""
    if has_line and not _joins(before, token):
        return "\n"
    if before.kind in _WORDS and token.kind in _WORDS:
        return " "
    if before.kind == "pattern" and token.kind in _WORDS:
        return " "
    if before.kind == "number" and token.text.startswith("."):
        return " "
    fuses = before.kind == token.kind == "mark" and token.text[0] == _FUSES.get(before.text)
    divides = before.text == "/" and token.kind == "pattern"
    return " " if fuses or divides else ""


def _joins(before: Token, token: Token) -> bool:
    """Whether a statement cannot end between two tokens, or ends without a line."""
    opens = before.kind == "mark" and before.text in _OPENS
    inside = before.kind == "text" and before.text.endswith("${")
    goes_on = token.kind == "mark" and token.text in _GOES_ON
    leaves = token.kind == "text" and token.text.startswith("}")
    return opens or inside or goes_on or leaves


# ---------------------------------------------------------------- unused declarations


@dataclass(frozen=True)
class _Statement:
    """A statement at the top of a script.

    Attributes
    ----------
    tokens : list of Token
    declares : str
        The name that it declares, if it does nothing else; else "".
    """

    tokens: list[Token]
    declares: str

    @property
    def uses(self) -> set[str]:
        """The names that it reads, and more: those of its own variables."""
        known = [each for each in self.tokens if each.kind != "space"]
        pairs = zip([Token("mark", ";"), *known], known, strict=False)
        return {
            token.text for before, token in pairs
            if token.kind == "name" and before.text not in (".", "?.")
        }  # fmt: skip


def _used(tokens: list[Token]) -> list[Token]:
    """The tokens without declarations that nothing uses."""
    statements = list(_statements(tokens))
    declared = {each.declares: each for each in statements if each.declares}
    wanted: set[str] = set()
    new = set().union(*(each.uses for each in statements if not each.declares))
    while new:
        wanted |= new
        uses = (declared[name].uses for name in new if name in declared)
        new = set().union(*uses) - wanted
    kept = (each for each in statements if not each.declares or each.declares in wanted)
    return [token for each in kept for token in each.tokens]


def _statements(tokens: list[Token]) -> Iterable[_Statement]:
    """The statements at the top of a script, one after the other."""
    here: list[Token] = []
    depth, block = 0, False
    for token in tokens:
        here.append(token)
        if token.kind == "space":
            continue
        first = next(each.text for each in here if each.kind != "space")
        depth += _deeper(token)
        block = first in ("function", "async", "class")
        closed = block and token.text == "}"
        if depth == 0 and (closed or token.text == ";"):
            yield _Statement(here, _declares(here))
            here = []
    if here:
        yield _Statement(here, "")


def _deeper(token: Token) -> int:
    """How much deeper in brackets the next token is."""
    if token.kind == "mark":
        return (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
    if token.kind == "text":
        return token.text.endswith("${") - token.text.startswith("}")
    return 0


def _declares(tokens: list[Token]) -> str:
    """The name that a statement declares, if it does nothing else."""
    known = [each.text for each in tokens if each.kind != "space"]
    if known[0] not in _DECLARES:
        return ""
    if known[0] == "const":
        return known[1] if known[2] == "=" and _is_still(known[3:]) else ""
    while known[0] in ("function", "async", "class", "*"):
        known = known[1:]
    return known[0]


def _is_still(value: list[str]) -> bool:
    """Whether a value is computed without a call: a function, or numbers and texts."""
    if "," in _at_top(value):
        return False  # of a second declaration nothing is known
    rest = value[1:] if value[0] == "async" else value
    if rest[0] == "(":
        rest = rest[len(_bracketed(rest)) :]
        if rest[0] == "=>":
            return True
    elif rest[1] == "=>":
        return True
    return "(" not in value and "new" not in value and not any("`" in each for each in value)


def _bracketed(texts: list[str]) -> list[str]:
    """The texts from an opening bracket to the one that closes it."""
    depth = 0
    for place, each in enumerate(texts):
        depth += (each in ("(", "[", "{")) - (each in (")", "]", "}"))
        if depth == 0:
            return texts[: place + 1]
    return texts


def _at_top(texts: list[str]) -> Iterable[str]:
    """The texts outside of all brackets."""
    depth = 0
    for each in texts:
        depth += (each in ("(", "[", "{")) - (each in (")", "]", "}"))
        if depth == 0:
            yield each
