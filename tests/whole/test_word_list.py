"""The words of the project: documentation and messages use the terms that CONTRIBUTING.md lists."""

import ast
import io
import json
import re
import tokenize
from pathlib import Path

import pytest

import thalweg
from syntax import parsed

ROOT = Path(__file__).parents[2]
SOURCE = Path(thalweg.__file__).parent
# (where, word): what a rule forbids elsewhere and is right there, with the reason.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("evaluation/task_kinds.py", "commonest"): "a key of verdicts in model files and JSON",
    (
        "reporting/page/sections/every_task.py",
        "judged on",
    ): "the text of model files of earlier versions",
    ("evaluation/task_kinds.py", "rival"): "a field of TaskKind, which other rooms read",
}
PAGES = [
    path
    for kind in (
        "*.md",
        "docs/*.md",
        "docs/tutorials/*.md",
        "docs/how-to/*.md",
        "docs/site/pages/*.md",
        "notebooks/*.ipynb",
    )
    for path in sorted(ROOT.glob(kind))
]
FENCE = re.compile(r"^```text[^\n]*\n.*?^```", re.MULTILINE | re.DOTALL)


def table():
    """The forbidden words of CONTRIBUTING.md, each with the term to write instead."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("\n## Words\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return {
        word.strip(): write.strip() for write, words, _ in rows[1:] for word in words.split(",")
    }


WORDS = table()
PATTERN = re.compile(
    r"(?<![\w-])("
    + "|".join(r"[\s#*]+".join(map(re.escape, w.split())) for w in WORDS)
    + r")(?![\w-])",
    re.IGNORECASE,
)


FIRST = {re.match(r"\w+", word)[0].lower() for word in WORDS}


def found(text):
    """The forbidden words of a text, in the form of the table."""
    lowered = text.lower()
    if not any(word in lowered for word in FIRST):  # in almost every text, and soon known
        return []
    return [re.sub(r"[\s#*]+", " ", match[1]).lower() for match in PATTERN.finditer(text)]


def prose(path):
    """Strings, docstrings and comments of a module; code has names of its own."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return [text]
    strings = [
        node.value
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    # Only tokens tell comments from strings, but to find them takes long: most files have no word
    # behind any "#".
    behind = " ".join(line[line.index("#") :] for line in text.splitlines() if "#" in line)
    if not found(behind):
        return strings
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [*strings, " ".join(each.string for each in tokens if each.type == tokenize.COMMENT)]


def page(path):
    """A page without the output of programs, which is checked where it is written."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    if path.name == "CHANGELOG.md":
        text = "\n## ".join(text.split("\n## ")[:2])
    if path.name == "CONTRIBUTING.md":
        head, _, rest = text.partition("\n## Words\n")
        text = head + "\n## " + rest.partition("\n## ")[2]
    return FENCE.sub("", text)


def modules():
    files = [path for kind in ("*.py", "*.js", "*.html") for path in SOURCE.rglob(kind)]
    return {path.relative_to(SOURCE).as_posix(): path for path in sorted(files)}


def test_the_table_is_read():
    assert len(set(WORDS.values())) >= 25
    assert WORDS["hole"] == "missing value"
    assert found("the whole table has a hole, or\n    # holes; a loophole is none") == [
        "hole",
        "holes",
    ]
    assert found("A rule of\n    descent.") == ["rule of descent"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_documentation_uses_the_words_of_the_table(path):
    assert allowed(path.name, found(page(path))) == []


def test_the_source_uses_the_words_of_the_table():
    used = {
        name: [word for text in prose(path) for word in found(text)]
        for name, path in modules().items()
    }
    wrong = {name: allowed(name, words) for name, words in used.items()}
    assert {name: words for name, words in wrong.items() if words} == {}


def allowed(where, words):
    """The words that no exception allows there, each with what to write instead."""
    return [f"{word}: write {WORDS[word]}" for word in words if (where, word) not in EXCEPTIONS]


def test_every_exception_is_needed():
    for (where, word), reason in EXCEPTIONS.items():
        assert reason
        path = (
            SOURCE / where
            if (SOURCE / where).exists()
            else next(p for p in PAGES if p.name == where)
        )
        text = page(path) if path.suffix == ".md" else " ".join(prose(path))
        assert word in found(text), f"{where} does not say {word} any more"


def test_names_of_tests_use_the_words_of_the_table_too():
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    names = [
        name for path in files for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    ]
    assert len(names) > 1000
    assert [
        name for name in names if {"mend", "mends", "mended", "told"} & {*name.split("_")}
    ] == []
