"""The faults that can be planted in a source, each as a splice of its text.

A fault is what a tired hand writes: `<` for `<=`, one too many, two arguments swapped, a statement
left out. Texts, annotations, decorators, and what stands in a `raise`, are no arithmetic.
"""

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass

Splice = tuple[int, int, str]

COMPARISONS = {
    ast.Lt: ("<", ["<=", ">="]),
    ast.LtE: ("<=", ["<", ">"]),
    ast.Gt: (">", [">=", "<="]),
    ast.GtE: (">=", [">", "<"]),
    ast.Eq: ("==", ["!="]),
    ast.NotEq: ("!=", ["=="]),
    ast.Is: ("is", ["is not"]),
    ast.IsNot: ("is not", ["is"]),
    ast.In: ("in", ["not in"]),
    ast.NotIn: ("not in", ["in"]),
}
OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "//"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
OTHER_NAMES = {
    one: other
    for pair in (
        "min max", "minimum maximum", "argmin argmax", "any all", "floor ceil", "zeros ones",
        "fmin fmax", "nanmin nanmax", "sum prod", "isfinite isnan", "cumsum cumprod",
        "log1p log", "expm1 exp", "floor_divide divide",
    )
    for one, other in (pair.split(), pair.split()[::-1])
}  # fmt: skip
# What these are given first and second may be swapped, or has types that differ.
SYMMETRIC = {"min", "max", "minimum", "maximum", "isinstance", "issubclass", "getattr", "hasattr"}
SYMMETRIC |= {"setattr", "array_equal", "allclose", "isclose", "cast", "print"}
# These keywords guard or tell, and say nothing of what is computed.
GUARDS = {"strict", "stacklevel", "repr"}


@dataclass(frozen=True)
class Fault:
    """One fault: where it is, what it makes of which text, and which lines run through it."""

    path: str
    function: str
    line: int
    start: int
    end: int
    text: str
    was: str
    becomes: str
    number: int
    lines: range
    whole_body: bool

    @property
    def key(self) -> str:
        """What names the fault for good: no number of a line, so that it outlives other changes."""
        again = f" #{self.number}" if self.number > 1 else ""
        return _key(self.path, self.function, self.was, self.becomes) + again

    def drawn(self, seed: int) -> str:
        """Its place in the order of a sample."""
        return hashlib.sha256(f"{seed} {self.key}".encode()).hexdigest()

    def planted(self, source: bytes) -> bytes:
        """The source with the fault in it."""
        return source[: self.start] + self.text.encode() + source[self.end :]


def _key(path: str, function: str, was: str, becomes: str) -> str:
    return f"{path} {function or 'module'}: {was} -> {becomes}"


def faults_of(path: str, source: bytes, keys: Container[str] | None = None) -> list[Fault]:
    """All faults of a file, in the order of the text; none that cannot be compiled.

    With ``keys``, those of these names: only they are compiled, which is what takes the time.
    """
    text, seen, count, found = _Text(source), set(), Counter(), []
    for part, function, statement, lines, whole_body, node in _places(ast.parse(source)):
        for start, end, new in _Changes(text, function, statement).of(node):
            planted = source[:start] + new.encode() + source[end:]
            if planted in seen:
                continue
            was, becomes = text.line(start, end), text.line(start, end, new)
            name = ".".join(each.name for each in function)
            # Its number, if it has one, counts those of the same text.
            if keys is not None and _key(path, name, was, becomes) not in keys:
                continue
            if not _differs(part, text, planted):
                continue
            seen.add(planted)
            count[name, was, becomes] += 1
            found.append(
                Fault(
                    path,
                    name,
                    text.number(start),
                    start,
                    end,
                    new,
                    was,
                    becomes,
                    count[name, was, becomes],
                    lines,
                    whole_body,
                )
            )
    return sorted(found, key=lambda fault: (fault.start, fault.end, fault.text))


def _differs(part: ast.stmt, text: "_Text", planted: bytes) -> bool:
    """Whether this part of the file can be read and says something else now."""
    start, end = text.span(part)
    end += len(planted) - len(text.source)
    try:
        return ast.dump(ast.parse(planted[start:end])) != ast.dump(ast.parse(text.of(part)))
    except SyntaxError:
        return False


class _Text:
    """A source, looked at by nodes."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.begins = [0]
        for line in source.splitlines(keepends=True):
            self.begins.append(self.begins[-1] + len(line))

    def span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self.begins[node.lineno - 1] + node.col_offset,
            self.begins[node.end_lineno - 1] + node.end_col_offset,
        )

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode()

    def number(self, place: int) -> int:
        return self.source.count(b"\n", 0, place) + 1

    def line(self, start: int, end: int, new: str | None = None) -> str:
        """The lines around a splice, as they are or as they become, in one."""
        first = self.source.rfind(b"\n", 0, start) + 1
        last = self.source.find(b"\n", end)
        middle = self.source[start:end] if new is None else new.encode()
        whole = self.source[first:start] + middle + self.source[end : last % (len(self.source) + 1)]
        return " ".join(whole.decode().split())


def _places(tree: ast.Module) -> Iterator[tuple[ast.stmt, list, ast.stmt, range, bool, ast.AST]]:
    """Each node that can go wrong, with the part of the file, its functions and its statement."""

    def walk(node: ast.AST, function: list, statement: ast.stmt) -> Iterator:
        if _is_no_arithmetic(node):
            return
        if isinstance(node, ast.stmt):
            statement = node
        inside = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = [*function, node]
        yield (function, statement, *_lines(statement, function), node)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "bases", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from walk(child, inside if name == "body" else function, statement)

    for part in tree.body:
        for place in walk(part, [], part):
            yield part, *place


def _is_no_arithmetic(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.keyword) and node.arg in GUARDS:
        return True
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _lines(statement: ast.stmt, function: list) -> tuple[range, bool]:
    """Which lines run where the statement does, and whether it runs when its file is read.

    Then all that stands in the file, or, for a default value, in the function, hangs on it.
    """
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return range(statement.body[0].lineno, statement.end_lineno + 1), False
    if not any(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in function):
        return range(0), True
    last = statement.end_lineno
    if body := getattr(statement, "body", None):
        last = max(statement.lineno, body[0].lineno - 1)
    return range(statement.lineno, last + 1), False


class _Changes:
    """What may go wrong in one node: splices of the text."""

    def __init__(self, text: _Text, function: list, statement: ast.stmt) -> None:
        self.text, self.function, self.statement = text, function, statement

    def of(self, node: ast.AST) -> Iterator[Splice]:
        if change := getattr(self, f"_{type(node).__name__.lower()}", None):
            yield from change(node)
        test = getattr(node, "test", None)
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            yield from self._negated(test)
        for test in getattr(node, "ifs", ()):
            yield from self._negated(test)

    def _between(self, left: ast.AST, right: ast.AST, old: str, new: str) -> Iterator[Splice]:
        start, end = self.text.span(left)[1], self.text.span(right)[0]
        between = self.text.source[start:end].decode()
        pattern = r"\s+".join(map(re.escape, old.split()))
        if found := re.search(pattern, between):
            before = start + len(between[: found.start()].encode())
            yield before, before + len(found.group().encode()), new

    def _negated(self, test: ast.AST) -> Iterator[Splice]:
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return  # the comparison turns itself round
        if not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            yield (*self.text.span(test), f"(not ({self.text.of(test)}))")

    def _compare(self, node: ast.Compare) -> Iterator[Splice]:
        sides = [node.left, *node.comparators]
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
            old, others = COMPARISONS[type(op)]
            for new in others:
                yield from self._between(left, right, old, new)

    def _binop(self, node: ast.BinOp) -> Iterator[Splice]:
        texts = ast.List | ast.Tuple | ast.JoinedStr | ast.ListComp
        for side in (node.left, node.right):
            if isinstance(side, texts):
                return
            if isinstance(side, ast.Constant) and isinstance(side.value, str | bytes):
                return
        if type(node.op) in OPERATORS:
            old, new = OPERATORS[type(node.op)]
            yield from self._between(node.left, node.right, old, new)

    def _augassign(self, node: ast.AugAssign) -> Iterator[Splice]:
        if type(node.op) in OPERATORS:
            old, new = OPERATORS[type(node.op)]
            yield from self._between(node.target, node.value, f"{old}=", f"{new}=")
        yield from self._dropped(node)

    def _dropped(self, node: ast.stmt) -> Iterator[Splice]:
        yield (*self.text.span(node), "pass")

    def _assign(self, node: ast.Assign) -> Iterator[Splice]:
        if all(isinstance(each, ast.Attribute | ast.Subscript) for each in node.targets):
            yield from self._dropped(node)

    def _expr(self, node: ast.Expr) -> Iterator[Splice]:
        if isinstance(node.value, ast.Call):
            yield from self._dropped(node)

    def _break(self, node: ast.Break) -> Iterator[Splice]:
        yield (*self.text.span(node), "continue")

    def _continue(self, node: ast.Continue) -> Iterator[Splice]:
        yield (*self.text.span(node), "break")

    def _constant(self, node: ast.Constant) -> Iterator[Splice]:
        value, span = node.value, self.text.span(node)
        if isinstance(value, bool):
            yield (*span, str(not value))
        elif isinstance(value, int):
            yield (*span, str(value + 1))
            if value > 0:
                yield (*span, str(value - 1))
        elif isinstance(value, float):
            yield (*span, repr(2 * value) if value else "1.0")

    def _unaryop(self, node: ast.UnaryOp) -> Iterator[Splice]:
        if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
            yield (*self.text.span(node), f"({self.text.of(node.operand)})")

    def _boolop(self, node: ast.BoolOp) -> Iterator[Splice]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from self._between(left, right, old, new)
        if len(node.values) == 2:
            for value in node.values:
                yield (*self.text.span(node), f"({self.text.of(value)})")

    def _call(self, node: ast.Call) -> Iterator[Splice]:
        called = node.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        end = self.text.span(called)[1]
        if name in OTHER_NAMES:
            yield end - len(name.encode()), end, OTHER_NAMES[name]
        if name == "abs" and len(node.args) == 1:
            yield (*self.text.span(node), f"({self.text.of(node.args[0])})")
        if name == "range":
            yield from self._off_by_one(node.args[1 if len(node.args) > 1 else 0])
        if len(node.args) >= 2 and name not in SYMMETRIC:
            first, second = node.args[:2]
            if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
                (start, _), (_, end) = self.text.span(first), self.text.span(second)
                middle = self.text.source[self.text.span(first)[1] : self.text.span(second)[0]]
                swapped = self.text.of(second) + middle.decode() + self.text.of(first)
                yield start, end, swapped

    def _off_by_one(self, node: ast.AST | None) -> Iterator[Splice]:
        """Numbers that are written out change by themselves."""
        if node is None or isinstance(node, ast.Constant | ast.UnaryOp | ast.Starred):
            return
        for step in ("+ 1", "- 1"):
            yield (*self.text.span(node), f"({self.text.of(node)}) {step}")

    def _slice(self, node: ast.Slice) -> Iterator[Splice]:
        yield from self._off_by_one(node.lower)
        yield from self._off_by_one(node.upper)

    def _return(self, node: ast.Return) -> Iterator[Splice]:
        """Another variable that there is by then: the one bound last."""
        if not isinstance(node.value, ast.Name) or not self.function:
            return
        names: dict[str, int] = {}
        for each in ast.walk(self.function[-1]):
            if isinstance(each, ast.arg):
                names[each.arg] = each.lineno
            elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                names[each.id] = each.lineno
        others = {
            name: line
            for name, line in names.items()
            if name not in (node.value.id, "self", "cls") and line < node.lineno
        }
        if others:
            yield (*self.text.span(node.value), max(others, key=lambda name: (others[name], name)))
