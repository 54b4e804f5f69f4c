"""``llms.txt``: a list of all pages with a line for each, for programs that read text.

It is made from the pages as Sphinx reads them: sections and order are those of the navigation.
"""

import re
from pathlib import Path

from api_pages import first_sentence, public_names

NAME = "llms.txt"
_TOC = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)
_RST_TOC = re.compile(r"^\.\. toctree::\n((?:   .*\n|\n)+)", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|:{3,}).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)")
# A sentence ends before a capital letter, and not within a name such as `a.b`.
_SENTENCE = re.compile(r"^(.*?[.!?:])(?=\s+[A-Z`“\"]|\s*$)", re.DOTALL)


def entries(text: str, *, rst: bool = False) -> list[str]:
    """The pages that the toctrees of a page name."""
    found = []
    for body in (_RST_TOC if rst else _TOC).findall(text):
        for line in body.splitlines():
            line = line.strip()
            if line and not line.startswith(":"):
                found.append(line.partition("<")[2].rstrip(">") or line)
    return found


def plain(text: str) -> str:
    """Markdown as text: links by their words, without emphasis."""
    text = _LINK.sub(r"\1", re.sub(r"\{\w+\}`([^`<]*?)\s*(?:<[^`]*>)?`", r"\1", text))
    return " ".join(re.sub(r"(?<!\w)[*_]{1,2}(\S(?:.*?\S)?)[*_]{1,2}(?!\w)", r"\1", text).split())


def told(page: Path) -> tuple[str, str]:
    """The title of a page, and what its first paragraph says first."""
    if page.suffix == ".rst":
        title, name = page.read_text(encoding="utf-8").partition("\n")[0].strip(), page.stem
        about = f"{first_sentence(name)}." if name in public_names() else ""
        return title, about or "Every public name by its task, with an example."
    text = page.read_text(encoding="utf-8")
    title = re.search(r"^# (.*)$", text, re.MULTILINE)
    assert title is not None, f"{page.name} has no title"
    rest = _FENCE.sub("", text[title.end() :])
    # A table, a list, a heading or a comment is no sentence.
    prose = (each for each in re.split(r"\n\s*\n", rest) if each.strip() and each[0] not in "#|-<!")
    first = plain(next((each.strip() for each in prose), ""))
    sentence = _SENTENCE.match(first)
    return plain(title[1]), sentence[1].rstrip(":") if sentence else ""


def found_page(staged: Path, name: str) -> Path | None:
    """The file of a page, if it is written before the build (a gallery is not)."""
    for ending in (".md", ".rst"):
        path = staged / f"{name}{ending}"
        if path.is_file():
            return path
    return None


def lines_of(staged: Path, name: str, seen: set[str]) -> list[str]:
    """The line of a page, and of those below it."""
    page = found_page(staged, name)
    if page is None or name in seen:
        return []
    seen.add(name)
    title, about = told(page)
    lines = [f"- [{title}]({name}.html)" + (f": {about}" if about else "")]
    text = page.read_text(encoding="utf-8")
    folder = name.rpartition("/")[0]
    for inner in entries(text, rst=page.suffix == ".rst"):
        lines += lines_of(staged, f"{folder}/{inner}" if folder else inner, seen)
    return lines


def llms_text(staged: Path, version: str) -> str:
    """The text of the list."""
    front = (staged / "index.md").read_text(encoding="utf-8")
    title, about = told(staged / "index.md")
    seen = {"index"}
    lines = [
        f"# thalweg {version}",
        "",
        f"> {title}. {about}",
        "",
        f"- [The first page](index.html): {about}",
        "",
    ]
    for part in entries(front):
        page = found_page(staged, part)
        if page is None:  # the gallery, which Sphinx writes
            lines += [
                "## Gallery",
                "",
                f"- [Gallery]({part}.html): Pictures with their scripts.",
                "",
            ]
            continue
        seen.add(part)
        heading, said = told(page)
        lines += [f"## {heading}", ""]
        lines += [f"- [{heading}: all pages]({part}.html)" + (f": {said}" if said else "")]
        for name in entries(page.read_text(encoding="utf-8")):
            lines += lines_of(staged, name, seen)
        lines.append("")
    return "\n".join(lines)
