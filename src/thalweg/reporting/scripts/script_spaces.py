"""The spaces between the tokens of a script that a browser needs, and no others."""

from thalweg.reporting.scripts.script_tokens import Token

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


def without_spaces(tokens: list[Token]) -> str:
    """The tokens as a text with no more space between them than they need."""
    parts: list[str] = []
    before, space = Token("mark", ";"), ""
    for token in tokens:
        if token.kind == "space":
            space += token.text
            continue
        if before.text == "," and token.text in (")", "}") and parts:
            parts.pop()  # a list that ends in a comma; in [a, ,] it would count
        elif space and parts:
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
