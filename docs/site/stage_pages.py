"""What Sphinx reads: the Markdown of the project as it is, beside pages that are made here.

The tree keeps its form, so that a link from page to page means the same on GitHub and on the site.
A link to a file that is no page (a module, a picture's script) stays as its text.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import api_pages
import command_pages
import error_pages
import llms_text
import schema_pages
import version_files

import thalweg

SITE = Path(__file__).resolve().parent
ROOT = SITE.parents[1]
HEADS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
# A fence, code in a line, or a link: what stands in code is no link.
LINK = re.compile(
    r"(?P<code>^```.*?^```|`[^`\n]+`)|(?P<image>!?)\[(?P<text>(?:[^\[\]]|!?\[[^\]]*\](?:\([^)]*\))?)*)\]"
    r"\((?P<target>[^)\s]+)\)",
    re.MULTILINE | re.DOTALL,
)


def staged_files() -> Iterator[Path]:
    """The files of the project that are part of the site."""
    yield from (ROOT / name for name in HEADS)
    for path in sorted((ROOT / "docs").rglob("*")):
        inside = path.relative_to(ROOT / "docs").parts
        if (
            inside[0] != "site"
            and "golden" not in inside
            and path.suffix in {".md", ".png", ".svg"}
        ):
            yield path
    yield from sorted((ROOT / "notebooks").glob("*.ipynb"))


def mended(text: str, page: Path, staged: set[Path]) -> str:
    """The text of a page, without links to files that the site does not have."""

    def link(match: re.Match[str]) -> str:
        target = match["target"]
        if match["code"]:
            return match[0]
        # The text of a link may hold a link: a picture that leads somewhere, or code.
        inner = LINK.sub(link, match["text"])
        name = target.partition("#")[0]
        if re.match(r"[a-z]+:", target) or not name or (page.parent / name).resolve() in staged:
            return f"{match['image']}[{inner}]({target})"
        return inner

    return LINK.sub(link, text)


def stage(target: Path, beside: Path) -> None:
    """Write all that Sphinx reads into an empty folder, and what it copies into the other."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    files = list(staged_files())
    for path in files:
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            text = mended(path.read_text(encoding="utf-8"), path, set(files))
            copy.write_text(text, encoding="utf-8")
        else:
            shutil.copyfile(path, copy)
    shutil.copytree(SITE / "pages", target, dirs_exist_ok=True)
    made = {**api_pages.pages(), **command_pages.pages(), **error_pages.pages()}
    write({**made, **schema_pages.pages()}, target)
    shutil.rmtree(beside, ignore_errors=True)
    text = llms_text.llms_text(target, version_files.shown(thalweg.__version__))
    write({**schema_pages.files(), llms_text.NAME: text}, beside)


def write(texts: dict[str, str], folder: Path) -> None:
    """Write texts to their places in a folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
