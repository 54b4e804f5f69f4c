"""The minified scripts and styles of the pages: made from today's sources, within the budgets."""

import pytest

from small_texts import MINIFIER, SMALL, minified, scripts, styles
from thalweg.reporting import inline
from thalweg.reporting.inline import page_script
from thalweg.reporting.scripts import small_text as module
from thalweg.reporting.scripts.small_text import head_line, is_of, small_text

SOURCES = {**scripts(), **styles()}
FIX = "run `make scripts`"
# Bytes that a script may have: a little more than today. The bars are 60 KB (landscape: held), 40
# (trace) and 20 (derivative: neither is held yet).
BUDGETS = {
    "landscape.js": 57_500,
    "trace.trace_page.two_class_words.one_row.js": 53_800,
    "trace.trace_page.number_words.mean_words.js": 59_300,
    "learn.derivative_page.js": 26_500,
    "report_with_what_if.js": 93_000,
    "sweep.sweep.js": 6_300,
    "sweep.curve.js": 13_100,
}


def test_each_source_has_its_text_and_each_text_its_source():
    assert {path.name for path in SMALL.iterdir()} == set(SOURCES), FIX


@pytest.mark.parametrize("name", SOURCES)
def test_each_text_is_made_from_todays_source(name):
    assert is_of((SMALL / name).read_text("utf-8"), SOURCES[name]), FIX


@pytest.mark.parametrize("name", BUDGETS)
def test_each_script_keeps_its_budget(name):
    assert (SMALL / name).stat().st_size <= BUDGETS[name]


@pytest.mark.slow
@pytest.mark.skipif(not (MINIFIER / "node_modules").exists(), reason="`make scripts` installs it")
def test_each_text_is_what_the_minifier_writes():
    for name, text in minified(SOURCES).items():
        assert (SMALL / name).read_text("utf-8") == text, f"{name}: {FIX}"


@pytest.mark.slow
@pytest.mark.skipif(not (MINIFIER / "node_modules").exists(), reason="`make scripts` installs it")
def test_a_name_that_nothing_defines_is_an_error():
    with pytest.raises(RuntimeError, match=r"a\.js names partOfPage, which nothing defines"):
        minified({"a.js": "const b = 1;\ndocument.title = partOfPage(b);\n"})


def test_a_text_of_another_source_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SMALL", tmp_path)
    with pytest.raises(ValueError, match=r"There is no small/a\.js.*make scripts"):
        small_text("a.js", "f();")
    (tmp_path / "a.js").write_text(f"{head_line('f();', 'f()')}\nf()\n", "utf-8")
    assert small_text("a.js", "f();") == "f()\n"
    with pytest.raises(ValueError, match=r"small/a\.js was made from another source.*make scripts"):
        small_text("a.js", "g();")
    (tmp_path / "a.js").write_text(f"{head_line('f();', 'f()')}\ng()\n", "utf-8")
    with pytest.raises(ValueError, match=r"changed since"):
        small_text("a.js", "f();")


def test_modules_that_are_no_files_stand_before_the_minified_ones():
    inline._small_script.cache_clear()
    formulas = "// Why.\nexport const FORMULAS = { f: (x) =>\n    x };\n"
    text = page_script("learn/derivative_page.js", {"formulas.js": formulas})
    assert text.startswith("const FORMULAS = { f: (x) =>\nx };\n{")
    assert text.endswith("}\n")
    assert text.count("FORMULAS") >= 2
    with pytest.raises(ValueError, match="ends or opens a script block"):
        page_script("learn/derivative_page.js", {"formulas.js": 'const a = "</script>";\n'})
