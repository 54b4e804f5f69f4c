"""A joined script in fewer bytes: no comments and spaces, nothing unused, short names."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from thalweg.reporting.scripts.script_spaces import without_spaces
from thalweg.reporting.scripts.script_tokens import Token, bracket_depth, script_tokens
from thalweg.reporting.scripts.short_names import short_names

_DECLARES = ("function", "async", "class", "const")


@lru_cache(maxsize=16)
def small_script(text: str) -> str:
    r"""The same program in fewer bytes.

    Raises
    ------
    ValueError
        If the script has what is not read. That is a fault of the package.

    Examples
    --------
    >>> small_script("const one = 1; // 1\nfunction unused() {}\nshow(one + 1);")
    'const aa=1;show(aa+1);'
    """
    tokens = [each for each in script_tokens(text) if each.kind != "comment"]
    return without_spaces(short_names(_used(tokens)))


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


def _used(tokens: list[Token]) -> list[list[Token]]:
    """The statements, without declarations that nothing uses."""
    statements = list(_statements(tokens))
    declared = {each.declares: each for each in statements if each.declares}
    wanted: set[str] = set()
    new = set().union(*(each.uses for each in statements if not each.declares))
    while new:
        wanted |= new
        uses = (declared[name].uses for name in new if name in declared)
        new = set().union(*uses) - wanted
    return [each.tokens for each in statements if not each.declares or each.declares in wanted]


def _statements(tokens: list[Token]) -> Iterable[_Statement]:
    """The statements at the top of a script, one after the other."""
    here: list[Token] = []
    depth, block = 0, False
    for token in tokens:
        here.append(token)
        if token.kind == "space":
            continue
        first = next(each.text for each in here if each.kind != "space")
        depth += bracket_depth(token)
        block = first in ("function", "async", "class")
        closed = block and token.text == "}"
        if depth == 0 and (closed or token.text == ";"):
            yield _Statement(here, _declares(here))
            here = []
    if here:
        yield _Statement(here, "")


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
