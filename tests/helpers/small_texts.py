"""The minified scripts and styles of the pages, from their sources in ``reporting/draw/``.

``make scripts`` writes them to ``reporting/small/``. The minifier is tdewolff-minify, a Go library. It
is needed for development only, and no process of thalweg loads it but this one.
"""

import re
import sys
from itertools import product
from pathlib import Path
from posixpath import dirname, join, normpath

from places import SOURCE

DRAW, SMALL = SOURCE / "reporting" / "draw", SOURCE / "reporting" / "small"
# Modules that stand for several files: their names, and what they may be in a page.
CHOICES = {
    "trace/own_loss.js": ("two_class_words", "softmax_words", "number_words"),
    "trace/all_rows.js": ("one_row", "mean_words"),
}
MADE = "formulas.js"  # written anew for each page
_IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";$', re.MULTILINE)


def imports(file: str) -> list[str]:
    text = (DRAW / file).read_text("utf-8")
    return [normpath(join(dirname(file), other)) for other in _IMPORT.findall(text)]


def all_imports(file: str) -> set[str]:
    found, open_ = set(), [file]
    while open_:
        for other in imports(open_.pop()):
            if other not in found:
                found.add(other)
                if (DRAW / other).exists():
                    open_.append(other)
    return found


def scripts() -> dict[str, str]:
    """The joined source of each page's script, by the name of its minified text.

    A script begins with a file that no other one imports, and that is not chosen by a page.
    """
    from thalweg.reporting.inline import small_name, source_of

    files = sorted(path.relative_to(DRAW).as_posix() for path in DRAW.rglob("*.js"))
    imported = {other for file in files for other in imports(file)}
    variants = {f"{dirname(name)}/{one}.js" for name, these in CHOICES.items() for one in these}
    found = {}
    for entry in files:
        if entry in imported or entry in variants:
            continue
        needs = all_imports(entry)
        asked = [name for name in CHOICES if name in needs]
        for each in product(*(CHOICES[name] for name in asked)):
            chosen = {
                name: f"{dirname(name)}/{one}.js" for name, one in zip(asked, each, strict=True)
            }
            made = [MADE] if MADE in needs else []
            found[small_name(entry, list(chosen.values()))] = source_of(entry, made, chosen)
    return found


def styles() -> dict[str, str]:
    """The source of each style sheet, by the name of its minified text."""
    from thalweg.reporting.inline import small_name

    return {
        small_name(path.relative_to(DRAW).as_posix()): path.read_text("utf-8")
        for path in sorted(DRAW.rglob("*.css"))
    }


def minified(name: str, source: str) -> str:
    """The text of a page, with the hash of its source in its first line."""
    import minify

    from thalweg.reporting.scripts.small_text import head_line

    if name.endswith(".css"):
        text = minify.string("text/css", source)
    else:
        # In a function all names of the top level are its own, and get short ones.
        text = minify.string("application/javascript", f"(()=>{{{source}}})();")
    if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
        raise ValueError(f"{name} has a text that ends or opens a block")
    return f"{head_line(source)}\n{text}\n"


def written() -> list[str]:
    """Writes what has changed, removes what nothing makes, and returns these names."""
    wanted = {name: minified(name, source) for name, source in {**scripts(), **styles()}.items()}
    SMALL.mkdir(exist_ok=True)
    there = {path.name: path.read_text("utf-8") for path in SMALL.iterdir()}
    for name in there.keys() - wanted.keys():
        (SMALL / name).unlink()
    for name, text in wanted.items():
        if there.get(name) != text:
            (SMALL / name).write_text(text, "utf-8")
    return sorted(
        name for name in there.keys() | wanted.keys() if there.get(name) != wanted.get(name)
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(SOURCE).parent))
    for name in written():
        print(name)
