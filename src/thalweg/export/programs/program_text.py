"""Prints the statements of a program in a language, of which a `Syntax` says how it writes them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from thalweg.export.programs.program import (
    Assign,
    Call,
    Declare,
    Dense,
    Encode,
    Expression,
    Function,
    Give,
    Index,
    Literal,
    Loop,
    Operation,
    Room,
    Statement,
    Variable,
    When,
)


@dataclass(frozen=True, eq=False)
class Syntax:
    """How a language writes statements; a place in braces is filled.

    Attributes
    ----------
    words : mapping of str to str
        Each operation, with places for its operands.
    number : function
        Writes a float.
    function, argument : str
        The head of a function, and each of its arguments.
    declare, assign, loop, when, room, give, end : str
        Statements; ``end`` is what closes a block, on a line of its own unless it is empty.
    dense : function
        The lines of a layer.
    """

    words: Mapping[str, str]
    number: Callable[[float], str]
    function: str
    argument: str
    declare: str
    assign: str
    loop: str
    when: str
    room: str
    give: str
    end: str
    dense: Callable[[Dense], list[str]]


_WIDTH = 100


def number_text(value: float, nan: str, infinity: str) -> str:
    """A float that is read back to the last bit; in brackets if it is negative."""
    if value != value:
        return nan
    if value in (float("inf"), float("-inf")):
        return infinity if value > 0 else f"(-{infinity})"
    text = repr(float(value))
    return f"({text})" if text.startswith("-") else text


def wrapped(head: str, texts: Iterable[str], end: str, gap: str = " ") -> list[str]:
    """A list as lines: what begins it, its parts with gaps between them, and what ends it."""
    begin = " " * (4 - len(gap))
    lines, line = [head], begin
    for text in texts:
        if len(line) + len(text) >= _WIDTH:
            lines.append(line)
            line = begin
        line += gap + text
    return [*lines, line, end]


def function_lines(function: Function, syntax: Syntax) -> list[str]:
    """A function of the program."""
    arguments = ", ".join(syntax.argument.format(each) for each in function.arguments)
    inner = list(lines_of(function.body, syntax))
    inner.append(syntax.give.format(text_of_expression(function.result, syntax)))
    head = syntax.function.format(name=f"f_{function.name}", arguments=arguments)
    return [head, *_indented(inner), *_end(syntax), ""]


def lines_of(statements: Iterable[Statement], syntax: Syntax) -> Iterator[str]:
    """The lines of some statements."""
    for each in statements:
        if isinstance(each, Declare):
            yield syntax.declare.format(each.name, text_of_expression(each.value, syntax))
        elif isinstance(each, Assign):
            target = text_of_expression(each.target, syntax)
            yield syntax.assign.format(target, text_of_expression(each.value, syntax))
        elif isinstance(each, Loop):
            yield syntax.loop.format(index=each.index, start=each.start, stop=each.stop)
            yield from _block(each.body, syntax)
        elif isinstance(each, When):
            yield syntax.when.format(text_of_expression(each.condition, syntax))
            yield from _block(each.body, syntax)
        elif isinstance(each, Room):
            yield syntax.room.format(name=each.name, size=each.size)
        elif isinstance(each, Dense):
            yield from syntax.dense(each)
        elif isinstance(each, Encode):
            yield from lines_of(each.body, syntax)
        else:
            assert isinstance(each, Give)
            yield syntax.give.format(text_of_expression(each.value, syntax))


def text_of_expression(expression: Expression, syntax: Syntax) -> str:
    """An expression, without brackets around all of it."""
    text = _written(expression, syntax)
    if isinstance(expression, Operation) and text.startswith("(") and _closes_last(text):
        return text[1:-1]
    return text


def _written(expression: Expression, syntax: Syntax) -> str:
    if isinstance(expression, Literal):
        return syntax.number(expression.value)
    if isinstance(expression, Index):
        return str(expression.value)
    if isinstance(expression, Variable):
        if expression.at is None:
            return expression.name
        return f"{expression.name}[{text_of_expression(expression.at, syntax)}]"
    if isinstance(expression, Call):
        operands = (text_of_expression(each, syntax) for each in expression.operands)
        return f"f_{expression.function}({', '.join(operands)})"
    operands = (_written(each, syntax) for each in expression.operands)
    return syntax.words[expression.name].format(*operands)


def _closes_last(text: str) -> bool:
    """Whether the bracket that begins a text is closed by its last sign."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _block(statements: Iterable[Statement], syntax: Syntax) -> Iterator[str]:
    yield from _indented(lines_of(statements, syntax))
    yield from _end(syntax)


def _end(syntax: Syntax) -> list[str]:
    return [syntax.end] if syntax.end else []


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]
