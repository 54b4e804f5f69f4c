"""Joins scripts, styles and data into one offline HTML page, and escapes the data.

The files in ``draw/`` are ES modules that a browser can load directly. For a page in one file they
are joined without a bundler, without comments, and without functions that no part of the page names
(`thalweg.reporting.needed_code`); a page has the minified text that `make scripts` made of this
(`thalweg.reporting.scripts.small_text`). That is possible because they keep three rules:
every import is ``import { a, b } from "./other.js";`` at the start of a line, with a path that is
relative to the importing file (``"./ground/grid.js"``, ``"../numbers.js"``), and without ``as``:
the joined text knows a function by its own name alone; every export is the
word ``export`` before a ``function``, ``class`` or ``const``; no two modules use the same name at
their top level.
`joined` checks these rules.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from posixpath import basename, dirname, join, normpath, splitext
from string import Template
from types import MappingProxyType
from typing import Protocol, Self

from thalweg.reporting.needed_code import needed, unindented
from thalweg.reporting.scripts.small_text import small_text

_IMPORT = re.compile(
    r"^import \{(?:\s*[\w$]+,)*\s*[\w$]*\s*\} from "
    r'"(\.{1,2}/(?:\.\./)*(?:[\w-]+/)*[\w-]+\.js)";\n',
    re.MULTILINE,
)
_EXPORT = re.compile(r"^export (?=(?:async )?function |class |const )", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{2,}")
_STYLE_COMMENT = re.compile(r"^ */\*.*?\*/\n", re.MULTILINE | re.DOTALL)
# Whole lines only: what stands behind code may be a part of a text.
_COMMENT = re.compile(r"^ *(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_TOP_LEVEL = re.compile(
    r"^(?:export )?(?:async function|function|class|const|let|var)\b\*? *([\w$]+)", re.MULTILINE
)
_FORBIDDEN = (
    (re.compile(r"^\s*(?:import|export)\b", re.MULTILINE), "an import or export of another form"),
    (re.compile(r"</script|<!--", re.IGNORECASE), "text that ends or opens a script block"),
    (re.compile(r"^(?:const|let|var) *[\[{]", re.MULTILINE), "a destructuring at its top level"),
)
_USED = re.compile(r"var\((--[\w-]+)\s*\)")
_DEFINED = re.compile(r"(--[\w-]+)\s*:")


class Folder(Protocol):
    """A folder of text files, on disk or in a package."""

    def __truediv__(self, name: str, /) -> Self:
        """The file of that name."""

    def read_text(self, encoding: str) -> str:
        """Its content."""


DRAW = files("thalweg.reporting") / "draw"
# The style sheet that each page has behind its own.
PAPER = "paper.css"


def filled(
    template: str,
    *,
    styles: Sequence[str],
    script: str = "",
    more: Sequence[str] = (),
    modules: Mapping[str, str] = MappingProxyType({}),
    chosen: Mapping[str, str] = MappingProxyType({}),
    body: str = "",
    **parts: str,
) -> str:
    """A page of one file, which makes no request.

    Its policy forbids all of them, and allows its own script and styles by their hashes.

    Parameters
    ----------
    template : str
        A file in ``draw/`` with places for ``policy``, ``style``, ``script`` and the parts.
    styles : sequence of str
        Files in ``draw/``, joined in this order, with `PAPER` behind them.
    script : str
        The file in ``draw/`` that its script begins with; "" for a page without a script.
    more : sequence of str
        Further styles, which stand in a part.
    modules : mapping of str to str, optional
        Modules of the script that are no files: their names and texts.
    chosen : mapping of str to str, optional
        Modules of the script that stand for several files: their names, and the files to take.
    body : str, optional
        A further file in ``draw/``, with places as the template, for its place ``body``.
    **parts : str
        HTML.

    Raises
    ------
    ValueError
        If a style uses a variable that has no value. That is a fault of the package.
    """
    style = "".join(map(small_style, (*styles, PAPER)))
    program = page_script(script, modules, chosen) if script else ""
    _require_defined("".join((style, *more)), program)
    scripts = f"script-src {source_hash(program)}; " if script else ""
    allowed = " ".join(source_hash(each) for each in (style, *more))
    if body:
        inner = Template((DRAW / body).read_text(encoding="utf-8"))
        parts["body"] = inner.substitute(parts, script=program)
    return Template((DRAW / template).read_text(encoding="utf-8")).substitute(
        parts,
        policy="default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"{scripts}style-src {allowed}",
        style=style,
        script=program,
    )


def _require_defined(style: str, program: str) -> None:
    """Every variable of the styles has a value there, a fallback, or one from the script.

    Without it a browser says nothing and draws in black, also on a dark page.
    """
    used = set(_USED.findall(style)) - set(_DEFINED.findall(style))
    missing = sorted(name for name in used if name not in program)
    if missing:
        raise ValueError(f"no style of the page defines {', '.join(missing)}")


def page_script(
    entry: str,
    modules: Mapping[str, str] = MappingProxyType({}),
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The script of a page: its modules that are no files, and the minified text of its files.

    The minified names of the files are in a function of their own, and the names that the other
    modules export are not minified.

    Parameters
    ----------
    entry : str
        The file in ``draw/`` to start with.
    modules : mapping of str to str, optional
        Modules that are no files and import nothing: their names and texts.
    chosen : mapping of str to str, optional
        Modules that stand for several files: their names, and the files to take.
    """
    made = "".join(unindented(_plain(text, name)) for name, text in modules.items())
    return made + _small_script(entry, tuple(modules), tuple(chosen.items()))


@cache
def _small_script(entry: str, made: tuple[str, ...], chosen: tuple[tuple[str, str], ...]) -> str:
    source = source_of(entry, made, dict(chosen))
    return small_text(small_name(entry, [file for _, file in chosen]), source)


@cache
def small_style(file: str) -> str:
    """The minified text of a style sheet in ``draw/``."""
    return small_text(small_name(file), (DRAW / file).read_text(encoding="utf-8"))


def source_of(entry: str, made: Sequence[str], chosen: Mapping[str, str]) -> str:
    """What the minified text of a script is made of; ``made`` are its modules that are no files."""
    files = {name: (DRAW / file).read_text(encoding="utf-8") for name, file in chosen.items()}
    return joined(DRAW, entry, {**dict.fromkeys(made, ""), **files})


def small_name(file: str, chosen: Sequence[str] = ()) -> str:
    """The name of the minified text of a file in ``draw/``: ``trace.trace_page.one_row.js``."""
    start, ending = splitext(file.replace("/", "."))
    return ".".join((start, *(splitext(basename(each))[0] for each in chosen))) + ending


def joined(folder: Folder, entry: str, modules: Mapping[str, str] = MappingProxyType({})) -> str:
    """A module and all that it imports, each once, as one script.

    Parameters
    ----------
    folder : path
    entry : str
        The file to start with.
    modules : mapping of str to str, optional
        Modules that are no files: their names and texts.

    Returns
    -------
    str
        For a ``<script type="module">``; each module comes after those that it imports.

    Raises
    ------
    ValueError
        If a module breaks the rules at the top of this file. That is a fault of the package.
    """
    parts: dict[str, str] = {}
    names: dict[str, str] = {}

    def add(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            raise ValueError(f"modules import each other: {' -> '.join((*trail, name))}")
        if name in parts:
            return
        text = modules[name] if name in modules else (folder / name).read_text(encoding="utf-8")
        for other in _IMPORT.findall(text):
            add(normpath(join(dirname(name), other)), (*trail, name))
        for defined in _TOP_LEVEL.findall(text):
            if defined in names:
                raise ValueError(f"{name} and {names[defined]} both define {defined}")
            names[defined] = name
        parts[name] = _plain(text, name)

    add(entry, ())
    return needed(list(parts.values()))


def _plain(text: str, name: str) -> str:
    plain = _COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub("", text)))
    for pattern, what in _FORBIDDEN:
        if pattern.search(plain):
            raise ValueError(f"{name} has {what}")
    return plain


def lean_module(text: str) -> str:
    """A module for a server: without comments, indentation and empty lines, and else as it is."""
    return _EMPTY_LINES.sub("\n", unindented(_COMMENT.sub("", text)))


def lean_style(text: str) -> str:
    """A style for a server: without the lines of its comments, and without its indentation."""
    return unindented(_STYLE_COMMENT.sub("", text))


def json_block(data: Mapping[str, object]) -> str:
    """Data as JSON that is safe inside ``<script type="application/json">``.

    It is ASCII only; ``<``, ``>`` and ``&`` are escaped, so no text can end the block, open a
    comment or become an entity.

    Raises
    ------
    ValueError
        For NaN and infinity, which JSON does not have.
    """
    text = json.dumps(data, allow_nan=False, sort_keys=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def source_hash(text: str) -> str:
    """The hash of an inline script or style for a Content-Security-Policy: ``'sha256-…'``."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
