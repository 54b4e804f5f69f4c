"""What the site is made of: the reference names everything, and links lead somewhere."""

import ast
import inspect
import json
import re
import tomllib
import typing
from pathlib import Path

import pytest

import thalweg
from places import ROOT, SOURCE
from site_code import (
    SITE,
    api_pages,
    command_pages,
    error_pages,
    llms_text,
    schema_pages,
    stage_pages,
    version_files,
)
from thalweg import errors

DOCS = ROOT / "docs"
FENCE = re.compile(r"^```[^\n`]*\n.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)
NAMED_PAGE = re.compile(r"(?<![\w/.-])docs/([\w/-]+\.md)(?:#([\w-]+))?")


def anchors(page: Path) -> set[str]:
    """Those of the headings, as GitHub and MyST name them; none of these pages has one twice."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.strip().lower()).replace(" ", "-") for each in headings}


def leads_nowhere(name: str, anchor: str, folder: Path = DOCS) -> bool:
    page = folder / name
    return not page.is_file() or bool(anchor and anchor not in anchors(page))


# Python


def test_every_public_name_is_in_one_group_and_has_a_page():
    grouped = [name for _, names in api_pages.GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(thalweg.__all__) == api_pages.public_names()
    made = api_pages.pages()
    assert set(made) == {f"api/{name}.rst" for name in (*grouped, "index")}
    for name in grouped:
        assert f":: {name}\n" in made[f"api/{name}.rst"], name


def test_every_public_name_has_an_example_that_is_run():
    page = (DOCS / "examples.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    for name in thalweg.__all__:
        in_docstring = ">>>" in (inspect.getdoc(getattr(thalweg, name)) or "")
        in_page = name in sections and "```python" in sections[name]
        assert in_docstring or in_page, f"{name} has no example: write one into docs/examples.md"
        if in_page:
            assert re.search(rf"\b{name}\b", sections[name].replace(f"## {name}", "")), name
    assert set(sections) <= set(thalweg.__all__)


def test_every_guide_that_a_page_names_is_there():
    assert set(api_pages.GUIDES) <= set(thalweg.__all__)
    assert [each for each in api_pages.GUIDES.values() if not (DOCS / f"{each}.md").is_file()] == []


# The command line


def test_the_pages_of_the_command_line_say_all_that_its_help_says():
    made, found = command_pages.pages(), command_pages.verbs()
    assert set(made) == {f"commands/{verb}.md" for verb in (*found, "index")}
    for verb, command in found.items():
        text = re.sub(r"\\(.)", r"\1", made[f"commands/{verb}.md"])
        for parameter in command.params:
            flags = [*parameter.opts, *parameter.secondary_opts]
            if parameter.param_type_name == "option":
                assert [flag for flag in flags if flag not in text] == [], verb
            told = " ".join((getattr(parameter, "help", "") or "").split())
            assert told in text, f"{verb}: {told}"
        assert f"$ thalweg {verb}" in text


# Errors


def test_the_page_of_errors_has_each_class_and_its_code():
    (page,) = error_pages.pages().values()
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.ThalwegError | errors.ThalwegWarning):
            (section,) = re.findall(
                rf"^### {name}\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL
            )
            assert f"`{kind.code}`" in section


# JSON Schemas


def test_every_schema_is_a_file_and_the_page_leads_to_it():
    (page,), files = schema_pages.pages().values(), schema_pages.files()
    assert set(re.findall(r'href="\.\./([^"]+)"', page)) == set(files)
    verbs = command_pages.verbs().keys() - {"studio"}  # which serves, and prints no document
    verbs = {f"schemas/{verb}.schema.json" for verb in verbs}
    assert verbs < set(files)
    for text in files.values():
        assert json.loads(text)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


# The list of all pages


def staged_texts(folder: Path) -> Path:
    """The pages as Sphinx reads them, without pictures and schemas."""
    texts = {**api_pages.pages(), **command_pages.pages(), **error_pages.pages()}
    texts |= schema_pages.pages()
    for path in stage_pages.staged_files():
        if path.suffix == ".md":
            texts[str(path.relative_to(ROOT))] = path.read_text("utf-8")
    for path in (SITE / "pages").glob("*.md"):
        texts[path.name] = path.read_text("utf-8")
    stage_pages.write(texts, folder)
    return folder


def test_the_list_for_programs_has_every_page_once_with_a_line(tmp_path):
    text = llms_text.llms_text(staged_texts(tmp_path), "9.9")
    assert text.startswith("# thalweg 9.9\n\n> Neural networks for tables. ")
    links = re.findall(r"^- \[(?:[^\[\]]|\[[^\]]*\])+\]\((\S+)\.html\)(.*)$", text, re.MULTILINE)
    assert len(links) == sum(line.startswith("- ") for line in text.splitlines())
    pages = [str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.*")]
    assert sorted(name for name, _ in links) == sorted([*pages, "gallery/index"])
    told = {name: about.removeprefix(": ") for name, about in links}
    assert sum(not about for about in told.values()) < 10
    assert told["api/load_table"].startswith("Read a ")
    assert told["docs/how-to/threshold"] == "A missed case often costs more than a false alarm."
    assert not re.search(r"[*`]{3}|\]\(docs", "".join(told.values()))


# Versions


def test_versions_are_listed_from_each_folder_without_an_absolute_address(tmp_path):
    newest, target, earlier = thalweg.__version__, tmp_path / "site", tmp_path / "earlier"
    target.mkdir()
    version_files.add_versions(target, None)
    (only,) = json.loads((target / "switcher.json").read_text("utf-8"))
    assert only == {
        "name": version_files.shown(newest), "version": newest, "url": "index.html",
        "preferred": True,
    }  # fmt: skip
    for name in ("0.0.9", "0.0.10"):
        (earlier / name).mkdir(parents=True)
        (earlier / name / "index.html").write_text(name)
    (target / "index.html").write_text(newest)
    version_files.add_versions(target, earlier)
    for here in ("", "0.0.9", "0.0.10"):
        folder = target / here
        entries = json.loads((folder / "switcher.json").read_text("utf-8"))
        assert [each["version"] for each in entries] == [newest, "0.0.10", "0.0.9"]
        assert [each.get("preferred", False) for each in entries] == [True, False, False]
        for each in entries:
            assert (folder / each["url"]).read_text() == each["version"]
        script = (folder / "switcher.js").read_text("utf-8")
        assert json.loads(script.removeprefix("window.siteVersions = ").rstrip(";\n")) == entries


@pytest.mark.parametrize("name", ["notes", thalweg.__version__, "99.0", "0.0.1"])
def test_a_folder_that_is_no_site_of_an_earlier_version_is_refused(name, tmp_path):
    (tmp_path / name).mkdir()
    if name != "0.0.1":  # which has no page
        (tmp_path / name / "index.html").write_text("")
    with pytest.raises(ValueError, match=re.escape(name)):
        version_files.older(tmp_path)


def test_a_version_without_a_date_in_the_changelog_is_shown_as_unreleased():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version, date = re.findall(r"^## \[([^\]]+)\] - (\S+)$", changelog, re.MULTILINE)[0]
    assert version_files.released(version) is (date != "unreleased")
    assert version_files.shown("0.0.1") == "0.0.1, unreleased"
    assert version_files.parts("1.10.0") > version_files.parts("1.9.2")


# Links and words


def test_links_of_the_pages_that_only_the_site_has():
    made = {*api_pages.pages(), *command_pages.pages(), *error_pages.pages(), "gallery/index.rst"}
    made |= {*schema_pages.pages()}
    broken = []
    for page in sorted((SITE / "pages").glob("*.md")):
        text = FENCE.sub("", page.read_text("utf-8"))
        for name, anchor in re.findall(r"\]\(([^)#\s]+)#?([\w-]*)\)", text):
            here = SITE / "pages" if (SITE / "pages" / name).exists() else ROOT
            if name not in made and leads_nowhere(name, anchor, here):
                broken.append(f"{page.name}: {name}#{anchor}")
    assert broken == []


def texts_of_the_source():
    for path in SOURCE.rglob("*.py"):
        text = path.read_text("utf-8")
        if "docs/" in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield path.name, node.value


def test_pages_that_docstrings_and_messages_name_are_there():
    named = [
        (where, *found)
        for where, text in texts_of_the_source()
        for found in NAMED_PAGE.findall(text)
    ]
    assert len(named) >= 10
    assert [each for each in named if leads_nowhere(each[1], each[2])] == []


def test_every_picture_has_a_text_for_those_who_do_not_see_it():
    pages = [path for path in stage_pages.staged_files() if path.suffix == ".md"]
    for page in (*pages, *(SITE / "pages").glob("*.md")):
        text = page.read_text("utf-8")
        assert "![](" not in FENCE.sub("", text), page.name
        assert text.count(":img-top:") == text.count(":img-alt:"), page.name


def test_a_link_to_what_the_site_does_not_have_stays_as_its_text():
    page = DOCS / "page.md"
    mended = stage_pages.mended(
        "[`a`](../src/a.py) [b](tables.md#dates) `[c](../src/c.py)` [d](https://example.org)\n"
        "[![e](e.png)](../src/e.py)\n```\n[f](../src/f.py)\n```\n",
        page,
        {DOCS / "tables.md", DOCS / "e.png"},
    )
    assert mended == (
        "`a` [b](tables.md#dates) `[c](../src/c.py)` [d](https://example.org)\n"
        "![e](e.png)\n```\n[f](../src/f.py)\n```\n"
    )


# What pages say of the project


def test_the_dependencies_on_the_page_of_versions_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = (DOCS / "versions.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| (`.*>=.*) \|$", page, re.MULTILINE))
    said = {key: re.findall(r"`([^`]+)`", value) for key, value in rows.items()}
    more = project["optional-dependencies"]
    dependencies = [each.partition(";")[0] for each in project["dependencies"]]
    assert list(said.values()) == [
        dependencies,
        more["parquet"],
        more["tune"],
        more["dask"],
        more["onnx"],
    ]
    assert project["requires-python"] == ">=3.11"
    assert "| Python | 3.11 |" in page


def test_the_page_of_environment_variables_has_those_of_the_source():
    page = (DOCS / "environment.md").read_text("utf-8")
    used = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"\bTHALWEG_[A-Z]+\b", path.read_text("utf-8"))
    }
    assert used == set(re.findall(r"`(THALWEG_[A-Z]+)", page))


def test_the_versions_of_the_site_are_pinned_and_no_other_file_pins_them():
    def pinned(path: Path) -> typing.Iterator[str]:
        for line in path.read_text("utf-8").splitlines():
            if not line.startswith("#"):
                name, equal, _ = line.partition("==")
                assert equal, line
                yield name.lower().replace("_", "-")

    site, rest = (
        set(pinned(path)) for path in (SITE / "requirements.txt", ROOT / "constraints.txt")
    )
    assert {"sphinx", "pydata-sphinx-theme", "myst-parser", "numpydoc", "sphinx-gallery"} <= site
    assert not site & rest


@pytest.mark.parametrize(
    "script", sorted((SITE / "gallery").glob("plot_*.py")), ids=lambda p: p.stem
)
def test_a_picture_of_the_gallery_claims_what_its_script_checks(script):
    tree = ast.parse(script.read_text("utf-8"))
    title, line, *_ = (ast.get_docstring(tree) or "").splitlines()
    assert set(line) == {"="}
    assert len(line) >= len(title)
    assert any(isinstance(node, ast.Assert) for node in ast.walk(tree)), "nothing checks the title"


def test_the_gallery_has_at_least_eight_pictures():
    assert len(list((SITE / "gallery").glob("plot_*.py"))) >= 8


def test_the_glossary_has_the_metrics_that_the_first_page_prints():
    demo = (ROOT / "README.md").read_text("utf-8")
    printed = {
        *re.findall(r"^([A-Za-z-]+(?: score)?) {3,}0\.\d{3} ", demo, re.MULTILINE),
        *re.findall(r"higher by 0\.01 (nat)s", demo),
    }
    assert {"accuracy", "AUC", "Brier score", "nat"} <= printed
    entries = re.findall(
        r"^\*\*(.+?)\.\*\*", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE
    )
    for name in printed:
        found = [each for each in entries if each.lower().split(" (")[0] == name.lower()]
        assert len(found) == 1, name
    plain = [each.replace("θ (theta)", "theta").replace("-", "").lower() for each in entries]
    assert plain == sorted(plain, key=lambda each: each.replace(" ", ""))
