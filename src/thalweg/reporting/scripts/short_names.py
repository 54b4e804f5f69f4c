"""Short names for what a script declares: the same program, with other names.

A name of the top level has one new name in the whole script; any other one has one in each function
or statement of the top level. New names differ from each other and from all names that stay. So a
use and its declaration keep together. Properties stay, and so does a name that is used where it is
not declared: it belongs to the browser.

What tokens alone do not show is refused: ``with``, ``eval``, ``var``, getters, fields.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, product
from string import ascii_letters

from thalweg.reporting.scripts.script_tokens import Token, bracket_depth

KEYWORDS = frozenset(
    {
        "arguments", "async", "await", "break", "case", "catch", "class", "const", "continue",
        "debugger", "default", "delete", "do", "else", "enum", "eval", "export", "extends", "false",
        "finally", "for", "function", "if", "implements", "import", "in", "instanceof", "interface",
        "let", "new", "null", "of", "package", "private", "protected", "public", "return", "static",
        "super", "switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void",
        "while", "with", "yield",
    }
)  # fmt: skip
_REFUSED = {"with", "eval", "var", "arguments"}
# A brace behind one of these opens an object or a pattern, and no block.
_BEFORE_OBJECT = {
    "(", ",", "=", ":", "?", "[", "return", "...", "&&", "||", "??", "??=", "||=", "&&=", "const",
    "let", "of", "in", "typeof", "+", "===", "!==", "await", "yield", "!", "throw",
}  # fmt: skip


def short_names(statements: Sequence[list[Token]]) -> list[Token]:
    """The tokens of the statements of a script, with short names.

    Parameters
    ----------
    statements : sequence of list of Token
        The functions and statements of the top level, in order.

    Raises
    ------
    ValueError
        If a script has what is refused. That is a fault of the package.
    """
    parts = [_Part(tokens) for tokens in statements]
    top = set().union(*(part.top for part in parts))
    declared = top.union(*(part.inner for part in parts))
    stay = {name for part in parts for name in part.uses if name not in declared}
    # Those of the top level leave single letters to others, which are used more often.
    uses = Counter[str]()
    for part in parts:
        uses.update(part.uses)
    taken = KEYWORDS | stay | (declared - top)
    shared = dict(zip(_by_use(uses, top), _fresh(2, taken), strict=False))
    found: list[Token] = []
    for part in parts:
        here = part.inner - top
        # A name that another part declares is the browser's in this one.
        taken = KEYWORDS | set(shared.values()) | (set(part.uses) - here - top)
        own = dict(zip(_by_use(part.uses, here), _fresh(1, taken), strict=False))
        found += part.renamed({**own, **shared})
    return found


def _by_use(uses: Counter[str], names: set[str]) -> list[str]:
    """Names, the most used first."""
    return sorted(names, key=lambda name: (-uses[name], name))


def _fresh(shortest: int, taken: set[str] | frozenset[str]) -> Iterator[str]:
    """Names that are free, by length."""
    for length in count(shortest):
        for letters in product(ascii_letters, repeat=length):
            if (name := "".join(letters)) not in taken:
                yield name


class _Part:
    """A function or statement of the top level: what it declares and what it uses.

    Attributes
    ----------
    top, inner : set of str
        Names that it declares at the top level, and inside.
    uses : Counter
        How often each name stands for a variable.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._places = [i for i, each in enumerate(tokens) if each.kind != "space"]
        self._known = [tokens[i] for i in self._places]
        self._texts = [each.text for each in self._known]
        self._roles = self._find_roles()
        pairs = zip(self._known, self._roles, strict=True)
        if refused := _REFUSED & {e.text for e, role in pairs if e.kind == "name" and not role}:
            raise ValueError(f"a script with {min(refused)} gets no short names")
        self.uses = Counter(
            text for text, role in zip(self._texts, self._roles, strict=True)
            if role in ("use", "both")
        )  # fmt: skip
        self.top: set[str] = set()
        self._ends = self._matched()
        self._declare()

    def renamed(self, names: dict[str, str]) -> list[Token]:
        """The tokens with other names; ``{ name }`` becomes ``{ name: other }``."""
        found = list(self._tokens)
        for place, token, role in zip(self._places, self._known, self._roles, strict=True):
            new = names.get(token.text, token.text)
            if new != token.text and role in ("use", "both"):
                said = f"{token.text}:{new}" if role == "both" else new
                found[place] = replace(token, text=said)
        return found

    def _text(self, place: int) -> str:
        return self._texts[place] if 0 <= place < len(self._texts) else ";"

    def _find_roles(self) -> list[str]:
        """What each token is: the "use" of a name, a "property", "both" in ``{ name }``, or ""."""
        found, stack = [], ["{"]
        labels: list[int] = []  # how deep each open label of a case is
        is_label = is_class = False
        for place, (kind, text) in enumerate((each.kind, each.text) for each in self._known):
            role = self._role(place, stack[-1]) if kind == "name" else ""
            found.append(role)
            if kind == "name" and not role:
                is_class |= text == "class"
                labels += [len(stack)] if text in ("case", "default") else []
            closes, opens = _closes_and_opens(self._known[place])
            if closes:
                stack.pop()
            if opens and kind == "text":
                stack.append("template")
            elif opens:
                is_object = self._text(place - 1) in _BEFORE_OBJECT and not is_label
                inside = "class" if is_class else "object" if is_object else "{"
                stack.append(inside if text == "{" else text)
                is_class &= text != "{"
            is_label = text == ":" and bool(labels) and labels[-1] == len(stack)
            if is_label:
                labels.pop()
        return found

    def _role(self, place: int, inside: str) -> str:
        """What a name is, inside of a bracket of that kind."""
        text, before, after = (self._text(place + k) for k in (0, -1, 1))
        if before in (".", "?.") or text.startswith("#"):
            return "property"
        if before in ("async", "*", "static") and self._text(place - 2) in ("{", "}", ","):
            before = "{"
        if inside == "object" and before in ("{", ","):
            if after in (",", "}", "="):
                return "both"
            if after in (":", "("):
                return "property"
            if text != "async":
                raise ValueError(f"a script with {{ {text} {after} }} gets no short names")
        if inside == "class" and text not in ("async", "static"):
            if after != "(":
                raise ValueError(f"a class with {text} {after} gets no short names")
            return "property"
        return "" if text in KEYWORDS else "use"

    def _declare(self) -> None:
        """Find what is declared, and where in the part each of it is known."""
        known: dict[str, list[tuple[int, int]]] = {}
        for names, first, last in self._declarations():
            if first == 0 and last == len(self._known):
                self.top |= names
            for name in names:
                known.setdefault(name, []).append((first, last))
        # A name that is also used outside is one of the browser there: it stays.
        pairs = enumerate(zip(self._texts, self._roles, strict=True))
        uses = [(place, text) for place, (text, role) in pairs if role in ("use", "both")]
        outside = {
            text for place, text in uses
            if not any(first <= place < last for first, last in known.get(text, ()))
        }  # fmt: skip
        self.inner = set(known) - self.top - outside

    def _declarations(self) -> Iterator[tuple[set[str], int, int]]:
        """Names with the first place at which they are known, and the one behind the last."""
        opened: list[int] = []
        for place, token in enumerate(self._known):
            text, role = token.text, self._roles[place]
            block = self._block(opened)
            if token.kind == "name" and not role and text in ("const", "let"):
                yield self._bound(place + 1, {";", "of", "in"}), *block
            elif token.kind == "name" and not role and text in ("class", "function"):
                named = place + 1 + (self._text(place + 1) == "*")
                if self._roles[named] == "use":
                    yield {self._text(named)}, *block
            elif text == "=>" and self._roles[place - 1] == "use":
                yield {self._text(place - 1)}, place - 1, self._end_of_body(place + 1)
            elif text == "(" and self._has_parameters(place, self._ends[place]):
                body = self._ends[place] + 1 + (self._text(self._ends[place] + 1) == "=>")
                yield self._bound(place + 1, {")"}), place, self._end_of_body(body)
            closes, opens = _closes_and_opens(token)
            if closes:
                opened.pop()
            if opens:
                opened.append(place)

    def _block(self, opened: list[int]) -> tuple[int, int]:
        """From where to where a declaration in these brackets is known."""
        if not opened:
            return 0, len(self._known)
        last = self._ends[opened[-1]]
        if self._text(opened[-1]) == "(":  # the head of a loop: its body, too
            last = self._end_of_body(last + 1)
        return opened[-1], last

    def _end_of_body(self, place: int) -> int:
        """The place behind a block or an expression that begins at a place."""
        if self._text(place) == "{":
            return self._ends[place] + 1
        while place < len(self._known):
            closes, opens = _closes_and_opens(self._known[place])
            if closes or (self._known[place].kind == "mark" and self._text(place) in (",", ";")):
                return place
            place = self._ends[place] + 1 if opens else place + 1
            # The end of the code in a template may open the next piece of it.
            while place <= len(self._known) and _closes_and_opens(self._known[place - 1]) == (
                True,
                True,
            ):
                place = self._ends[place - 1] + 1
        return place

    def _matched(self) -> dict[int, int]:
        """For each opening bracket the place of the one that closes it."""
        found: dict[int, int] = {}
        opened: list[int] = []
        for place, token in enumerate(self._known):
            closes, opens = _closes_and_opens(token)
            if closes:
                found[opened.pop()] = place
            if opens:
                opened.append(place)
        return found

    def _has_parameters(self, first: int, last: int) -> bool:
        """Whether brackets hold the parameters of a function, or the error of a catch."""
        if self._text(last + 1) == "=>":
            return True
        if self._text(last + 1) != "{":
            return False
        head = [self._text(first - k) for k in (1, 2, 3)]
        is_method = (
            first > 0 and self._roles[first - 1] == "property" and head[1] not in (".", "?.")
        )
        return is_method or head[0] in ("catch", "function") or "function" in head[1:]

    def _bound(self, place: int, ends: set[str]) -> set[str]:
        """The names of a list of patterns: without keys, and without default values."""
        found: set[str] = set()
        depth, value_depth = 0, -1
        for at in range(place, len(self._known)):
            text, is_mark = self._texts[at], self._known[at].kind == "mark"
            if depth == 0 and text in ends:
                break
            if text == "," and depth == value_depth:
                value_depth = -1
            if value_depth < 0 and self._roles[at] in ("use", "both"):
                found.add(text)
            if text == "=" and is_mark and value_depth < 0:
                value_depth = depth
            depth += bracket_depth(self._known[at])
            if depth < value_depth:
                value_depth = -1
            if depth < 0:
                break
        return found


def _closes_and_opens(token: Token) -> tuple[bool, bool]:
    """Whether a token closes a bracket, and whether it opens one; in a template it may do both."""
    if token.kind == "text":
        return token.text.startswith("}"), token.text.endswith("${")
    depth = bracket_depth(token)
    return depth < 0, depth > 0
