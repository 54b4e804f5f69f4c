"""Leaves out the functions of a page's script that nothing in it names, and the indentation.

Modules are shared by pages, and a page needs a part of each. A definition is left out if its name
stands nowhere in what is kept, not even in a text: too much may stay, but never too little. A
property of that name (``it.name``) does not count. Only functions, classes, arrow functions and
constants that call nothing are left out, whose definition does nothing by itself.
"""

import re
from collections.abc import Iterator, Sequence

_DEFINITION = re.compile(
    r"(?:async )?(?:function\*?|class) +([\w$]+)"
    r"|const ([\w$]+) = (?:async )?(?:\([^()]*\)|[\w$]+) =>"
    # Numbers, texts, tables: nothing is called, made or counted on.
    r"|const ([\w$]+) = (?:new (?:Map|Set)\()?(?!.*(?:[(`]|\+\+|--|\bnew\b|[^=<>!]=[^=>]))",
    re.DOTALL,
)
# A name behind a dot is a property, but behind three dots it is spread.
_NAME = re.compile(r"(?:(?<![\w$.])|(?<=\.\.\.))[\w$]+")
# A line that begins so belongs to the part before it.
_WITHIN = (" ", "\n", "}", ")", "]")
_INDENTATION = re.compile(r"^ +", re.MULTILINE)
_EMPTY = re.compile(r"\n{2,}")


def needed(modules: Sequence[str]) -> str:
    r"""The modules, without comments, imports and exports, as one script of what is needed.

    Parameters
    ----------
    modules : sequence of str
        In their order. No text of theirs may run over several lines, as indentation goes, too.

    Examples
    --------
    >>> needed(["function f() {\n  return 1;\n}\nconst g = (x) => f(x);\nf();\n"])
    'function f() {\nreturn 1;\n}\nf();\n'
    """
    parts = [part for module in modules for part in _parts(module)]
    names = [_defined(part) for part in parts]
    kept = [name is None for name in names]
    asked = {name for part, keep in zip(parts, kept, strict=True) if keep for name in _names(part)}
    found = True
    while found:
        found = False
        for place, (part, name) in enumerate(zip(parts, names, strict=True)):
            if not kept[place] and name in asked:
                kept[place] = found = True
                asked.update(_names(part))
    text = "".join(part for part, keep in zip(parts, kept, strict=True) if keep)
    return _EMPTY.sub("\n", unindented(text))


def unindented(text: str) -> str:
    """The same lines, each from its first sign on."""
    return _INDENTATION.sub("", text)


def _parts(module: str) -> Iterator[str]:
    """Definitions and statements: each begins at the start of a line."""
    part = ""
    for line in module.splitlines(keepends=True):
        if part and not line.startswith(_WITHIN):
            yield part
            part = ""
        part += line
    yield part


def _defined(part: str) -> str | None:
    """The name of a definition that may be left out; None for all else."""
    found = _DEFINITION.match(part)
    return None if found is None else found[1] or found[2] or found[3]


def _names(part: str) -> set[str]:
    return set(_NAME.findall(part))
