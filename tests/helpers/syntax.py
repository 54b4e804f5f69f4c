"""The statements of a source file, found without a look at its expressions."""

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return parsed(path.read_text(encoding="utf-8"))


@cache
def parsed(text: str) -> ast.Module:
    """The syntax tree of a text, which no test changes: all rules read the one of each file.

    Without a search for garbage, of which its nodes are none.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if was_on:
            gc.enable()


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement, whatever it stands in, and the parts of ``try`` and ``match``.

    ``ast.walk`` finds them too, among ten times as many nodes.
    """
    left = [tree]
    while left:
        node = left.pop()
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, field, ())
            left += inner
            yield from inner
