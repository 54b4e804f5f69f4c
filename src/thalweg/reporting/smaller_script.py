"""Makes a joined script smaller: no spaces, short names, no functions that nobody calls.

It reads tokens, not a grammar, and so it relies on what the modules of ``draw/`` keep: statements
end in semicolons, there are no classes, ``eval``, ``with``, labels and getters, and no name of a
module is written in a text. A name of the top level has one new name in the whole script; any other
one has one in each function or statement of the top level. So every use keeps its declaration.
Properties, and names that a browser has, stay.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, pairwise, product
from string import ascii_letters
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<sign>>{3}=?|\.\.\.|===|!==|\*\*=|<<=|>>=|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)
      |\+\+|--|\*\*|<<|>>|[-+*/%&|^]=|[{}()\[\];,<>+\-*/%&|^!~?:=.])""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEYWORDS = _words(
    "async await break case catch const continue default delete do else export false finally for "
    "function if import in instanceof let new null of return static super switch this throw true "
    "try typeof undefined var void while yield arguments"
)
# What a browser has under names that begin small; others begin with a capital.
_BROWSER = _words(
    "addEventListener alert atob blur btoa caches cancelAnimationFrame captureEvents chrome "
    "clearInterval clearTimeout close closed confirm console constructor crypto customElements "
    "decodeURI decodeURIComponent devicePixelRatio dispatchEvent document encodeURI "
    "encodeURIComponent escape eval event external fetch find focus frameElement frames "
    "getComputedStyle getSelection globalThis hasOwnProperty history indexedDB innerHeight "
    "innerWidth isFinite isNaN length localStorage location matchMedia moveBy moveTo name "
    "navigation navigator open opener origin outerHeight outerWidth pageXOffset pageYOffset parent "
    "parseFloat parseInt performance postMessage print prompt queueMicrotask removeEventListener "
    "requestAnimationFrame requestIdleCallback resizeBy resizeTo scheduler screen screenLeft "
    "screenTop screenX screenY scroll scrollBy scrollTo scrollX scrollY self sessionStorage "
    "setInterval setTimeout status stop structuredClone toString top trustedTypes unescape valueOf "
    "window CSS JSON NaN URL SVG"
)
_BEFORE_REGEX = _words("( , = : [ ! & | ? { } ; => && || ?? return typeof case")
_BEFORE_OBJECT = _words(
    "( , = : ? [ return ... && || ?? ??= ||= &&= + const let var of in case typeof default"
)


class _Token(NamedTuple):
    kind: str
    text: str


def smaller(program: str) -> str:
    """A script that does the same, in fewer characters.

    Parameters
    ----------
    program : str
        Of `thalweg.reporting.inline.joined`.

    Raises
    ------
    ValueError
        At a character that begins no token. That is a fault of the package.
    """
    tokens = _without_unused(list(_tokens(program)))
    roles = _roles(tokens)
    top, inner = _declared(tokens, roles)
    # Names of the top level leave single letters to others, which are used more.
    shared = _short_names(tokens, roles, top, 2, _kept(tokens, top | inner))
    taken = {*_kept(tokens, top | inner), *shared.values()}
    parts: list[str] = []
    for first, last in pairwise(_units(tokens)):
        unit = tokens[first:last]
        own = _short_names(unit, roles[first:last], inner, 1, taken)
        for place in range(first, last):
            said = _said(tokens, roles, place, {**own, **shared})
            if parts and said and _would_join(parts[-1], said):
                parts.append(" ")
            if said:
                parts.append(said)
    return f"{''.join(parts)}\n"


def _said(
    tokens: Sequence[_Token], roles: Sequence[str], place: int, names: Mapping[str, str]
) -> str:
    """What is written for a token."""
    text, role = tokens[place].text, roles[place]
    after = tokens[place + 1].text if place + 1 < len(tokens) else ""
    before = tokens[place - 1].text if place else ""
    # Without a value before it, a comma in a list stands for nothing there.
    if text == "," and after in ("}", ")", "]") and before not in (",", "["):
        return ""
    if text == ";" and after == "}":
        return ""
    if _around_one_parameter(tokens, place):
        return ""
    if role == "quoted":
        return text[1:-1]
    if tokens[place].kind == "number" and text.startswith("0."):
        return text[1:]
    said = names.get(text, text) if role in ("use", "both") else text
    return f"{text}:{said}" if role == "both" and said != text else said


def _around_one_parameter(tokens: Sequence[_Token], place: int) -> bool:
    """Whether a token is a bracket of ``(name) =>``."""
    for first in (place, place - 2):
        words = [each.text for each in tokens[first : first + 4]] if first >= 0 else []
        if (
            len(words) == 4
            and words[0] == "("
            and words[2:] == [")", "=>"]
            and tokens[first + 1].kind == "name"
        ):
            return True
    return False


def _kept(tokens: Sequence[_Token], declared: set[str]) -> set[str]:
    """Names that a new one must not be."""
    return ({each.text for each in tokens if each.kind == "name"} - declared) | _KEYWORDS | _BROWSER


def _units(tokens: Sequence[_Token]) -> list[int]:
    """Where functions and statements of the top level begin, and the end."""
    found, depth = [0], 0
    for place, token in enumerate(tokens):
        depth += _opens(token)
        if depth == 0 and token.text in (";", "}"):
            found.append(place + 1)
    return [*found, len(tokens)]


def _would_join(before: str, after: str) -> bool:
    one, other = before[-1:], after[:1]
    word = re.compile(r"[\w$]")
    return bool(word.match(one) and word.match(other)) or (one in "+-/" and one == other)


def _tokens(program: str) -> Iterator[_Token]:
    """Names, texts, numbers and signs; a template is its pieces, with what stands between them."""
    place, before = 0, ";"
    depths: list[int] = []  # of braces inside each open template
    while place < len(program):
        letter = program[place]
        ends = letter == "}" and depths and depths[-1] == 0
        if letter == "`" or ends:
            piece = _template_piece(program, place)
            if ends:
                depths.pop()
            if piece.endswith("${"):
                depths.append(0)
            token = _Token("template", piece)
        elif letter == "/" and before in _BEFORE_REGEX and (found := _REGEX.match(program, place)):
            token = _Token("text", found[0])
        elif (found := _TOKEN.match(program, place)) is not None:
            token = _Token(str(found.lastgroup), found[0])
        else:
            raise ValueError(f"no token begins with {program[place : place + 20]!r}")
        place += len(token.text)
        if token.kind == "space":
            continue
        if depths and token.text == "{":
            depths[-1] += 1
        if depths and token.text == "}":
            depths[-1] -= 1
        before = token.text
        yield token


def _template_piece(program: str, place: int) -> str:
    """From ` or } up to ${ or `."""
    end = place + 1
    while program[end] != "`" and program[end : end + 2] != "${":
        end += 2 if program[end] == "\\" else 1
    return program[place : end + (1 if program[end] == "`" else 2)]


def _without_unused(tokens: list[_Token]) -> list[_Token]:
    """Without functions of the top level that are named nowhere else."""
    while True:
        used = Counter(each.text for each in tokens if each.kind == "name")
        kept: list[_Token] = []
        place, depth = 0, 0
        while place < len(tokens):
            token = tokens[place]
            at = place + (token.text == "async")
            if depth == 0 and tokens[at].text == "function":
                end = _end_of_function(tokens, at)
                own = sum(each.text == tokens[at + 1].text for each in tokens[place:end])
                if own == used[tokens[at + 1].text]:
                    place = end
                    continue
            depth += _opens(token)
            kept.append(token)
            place += 1
        if len(kept) == len(tokens):
            return kept
        tokens = kept


def _opens(token: _Token) -> int:
    """How many brackets a token opens, less those that it closes."""
    if token.kind == "template":
        return token.text.endswith("${") - token.text.startswith("}")
    if token.kind != "sign":
        return 0
    return (token.text in "({[") - (token.text in ")}]")


def _end_of_function(tokens: Sequence[_Token], place: int) -> int:
    """The place behind a function's body, which is its second group of brackets."""
    depth, groups = 0, 0
    for end in range(place, len(tokens)):
        depth += _opens(tokens[end])
        if depth == 0 and tokens[end].text in (")", "}"):
            groups += 1
            if groups == 2:
                return end + 1
    raise ValueError("a function has no end")


def _roles(tokens: Sequence[_Token]) -> list[str]:
    """What each token is: the "use" of a name, a property, "both" in `{ name }`, a quoted key."""
    found, stack = [], ["block"]
    for place, (kind, text) in enumerate(tokens):
        before = tokens[place - 1].text if place else ";"
        after = tokens[place + 1].text if place + 1 < len(tokens) else ";"
        role = ""
        key = stack[-1] == "object" and before in ("{", ",") and after == ":"
        if kind == "text" and key and re.fullmatch(r'"[A-Za-z_$][\w$]*"', text):
            role = "quoted"
        if kind == "name" and before in (".", "?."):
            role = "property"
        elif kind == "name" and text not in _KEYWORDS:
            role = "use"
            if stack[-1] == "object" and before in ("{", ","):
                role = "both" if after in (",", "}", "=") else "use"
                if after in (":", "("):
                    role = "property"
        found.append(role)
        if kind == "template":
            if text.startswith("}"):
                stack.pop()
            if text.endswith("${"):
                stack.append("template")
        elif kind == "sign" and text in "({[":
            is_object = text == "{" and before in _BEFORE_OBJECT
            stack.append("object" if is_object else "block" if text == "{" else text)
        elif kind == "sign" and text in ")}]":
            stack.pop()
    return found


def _short_names(
    tokens: Sequence[_Token], roles: Sequence[str], declared: set[str], shortest: int,
    taken: set[str],
) -> dict[str, str]:  # fmt: skip
    """For names of a part of the script new ones, the shortest for those that are used most."""
    uses = Counter(
        token.text
        for token, role in zip(tokens, roles, strict=True)
        if role in ("use", "both") and token.text in declared
    )
    fresh = (name for name in _all_names(shortest) if name not in taken)
    return dict(zip((name for name, _ in uses.most_common()), fresh, strict=False))


def _all_names(shortest: int) -> Iterator[str]:
    for length in count(shortest):
        for letters in product(ascii_letters, repeat=length):
            yield "".join(letters)


def _declared(tokens: Sequence[_Token], roles: Sequence[str]) -> tuple[set[str], set[str]]:
    """Names of functions, constants, variables and parameters: of the top level, and others."""
    top: set[str] = set()
    inner: set[str] = set()
    opened: list[int] = []
    depth = 0
    for place, token in enumerate(tokens):
        found = top if depth == 0 else inner
        before = tokens[place - 1].text if place else ";"
        if token.text in ("const", "let", "var") and token.kind == "name":
            found |= _bound(tokens, roles, place + 1, {";", "of", "in"})
        elif token.text == "function":
            found.add(tokens[place + 1].text)
        elif token.text == "=>" and tokens[place - 1].kind == "name":
            inner.add(before)
        if token.kind == "sign" and token.text == "(":
            opened.append(place)
        if token.kind == "sign" and token.text == ")":
            first = opened.pop()
            head = tokens[max(0, first - 2) : first]
            after = tokens[place + 1].text if place + 1 < len(tokens) else ";"
            is_function = "function" in [each.text for each in head] or (
                after == "{" and roles[first - 1] == "property" and tokens[first - 2].text != "."
            )
            if after == "=>" or is_function or (head and head[-1].text == "catch"):
                inner |= _bound(tokens, roles, first + 1, {")"})
        depth += _opens(token)
    blocked = _BROWSER | _KEYWORDS
    return top - blocked, inner - top - blocked


def _bound(tokens: Sequence[_Token], roles: Sequence[str], place: int, ends: set[str]) -> set[str]:
    """The names of a list of patterns: without keys, and without the default values."""
    found: set[str] = set()
    depth, value_depth = 0, -1
    for at in range(place, len(tokens)):
        text = tokens[at].text
        if depth == 0 and text in ends:
            break
        if text == "," and depth == value_depth:
            value_depth = -1
        if value_depth < 0 and roles[at] in ("use", "both"):
            found.add(text)
        if text == "=" and tokens[at].kind == "sign" and value_depth < 0:
            value_depth = depth
        depth += _opens(tokens[at])
        if depth < value_depth:
            value_depth = -1
        if depth < 0:
            break
    return found
