"""The minified scripts and styles of the pages, from their sources in ``reporting/draw/``.

``make scripts`` writes them to ``reporting/small/``, by terser and clean-css, which need Node. Only
who changes a script or a style needs them: what is written is a part of the package.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from posixpath import dirname, join, normpath

from places import SOURCE

MINIFIER = Path(__file__).parent / "minifier"
DRAW, SMALL = SOURCE / "reporting" / "draw", SOURCE / "reporting" / "small"
# Modules that stand for several files: their names, and what they may be in a page.
CHOICES = {
    "trace/own_loss.js": ("two_class_words", "softmax_words", "number_words", "grade_words"),
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
        # Lessons are about two classes.
        most = 1 if entry.startswith("learn/") else None
        for each in product(*(CHOICES[name][:most] for name in asked)):
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


def minified(sources: Mapping[str, str]) -> dict[str, str]:
    """The files of these names, each with a first line that says what it was made of."""
    from thalweg.reporting.scripts.small_text import head_line

    made = subprocess.run(
        ["node", MINIFIER / "minify.js"],
        input=json.dumps(dict(sources)), capture_output=True, text=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"The minifier failed; `make scripts` installs it.\n{made.stderr}")
    texts = json.loads(made.stdout)
    for name, text in texts.items():
        if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
            raise ValueError(f"{name} has a text that ends or opens a block")
    return {name: f"{head_line(sources[name], text)}\n{text}\n" for name, text in texts.items()}


def written() -> list[str]:
    """Writes what has changed, removes what nothing makes, and returns these names."""
    from thalweg.reporting.scripts.small_text import is_of

    wanted = {**scripts(), **styles()}
    SMALL.mkdir(exist_ok=True)
    there = {path.name: path.read_text("utf-8") for path in SMALL.iterdir()}
    gone = there.keys() - wanted.keys()
    for name in gone:
        (SMALL / name).unlink()
    stale = {
        name: source for name, source in wanted.items() if not is_of(there.get(name, ""), source)
    }
    for name, text in minified(stale).items() if stale else ():
        (SMALL / name).write_text(text, "utf-8")
    return sorted(gone | stale.keys())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(SOURCE).parent))
    for name in written():
        print(name)
