"""Small scripts: the same tokens by another lexer, in fewer bytes, and what may be left out."""

import re

import pytest
from pygments.lexers import JavascriptLexer
from pygments.token import Comment, String, Text, Whitespace

from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.scripts.script_tokens import script_tokens
from thalweg.reporting.scripts.small_script import small_script

MODULES = sorted(
    f"{folder}{path.name}"
    for folder in ("", "learn/", "ground/")
    for path in (DRAW / folder).iterdir()
    if path.name.endswith(".js")
)
ENTRIES = [
    name
    for name in MODULES
    if not re.search(r"^export ", (DRAW / name).read_text("utf-8"), re.MULTILINE)
]
# Pygments ends the code in a template at its first closing brace, also at that of an object.
MISREAD = {"ground/raster.js", "learn/error_plot.js", "learn/threshold_stage.js", "what_if.js"}
SPACES = (Comment, Text, Whitespace)


def by_pygments(text):
    """What another lexer reads: texts in one piece, and no spaces."""
    parts, in_text = [], False
    for kind, value in JavascriptLexer(ensurenl=False).get_tokens(text):
        if any(kind in each for each in SPACES):
            continue
        if kind in String and in_text and parts:
            parts[-1] += value
        else:
            parts.append(value)
        in_text = kind in String
    # It groups marks in other ways than a browser does.
    return "\x00".join(parts).replace("\x00", "")


@pytest.mark.parametrize("name", MODULES)
def test_no_token_of_a_module_is_changed(name):
    # The only change is the space between: Pygments reads the same marks, names and texts.
    source = (DRAW / name).read_text(encoding="utf-8")
    used = re.sub(r"^import .*?;\n", "", source, flags=re.MULTILINE | re.DOTALL)
    used = re.sub(r"^export ", "", used, flags=re.MULTILINE)
    names = re.findall(
        r"^(?:async function\*?|function\*?|class|const|let) +([\w$]+)", used, re.MULTILINE
    )
    used += f"\nkeep({', '.join(names)});\n"  # so that nothing is left out
    small = small_script(used)
    if name in MISREAD:
        used = re.sub(r"^ *(?:/\*\*.*?\*/|//[^\n]*)\n", "", used, flags=re.MULTILINE | re.DOTALL)
        used = re.sub(r"(?<=[;,]) *// .*", "", used)
        assert re.sub(r"\s", "", used) == re.sub(r"\s", "", small)
    else:
        assert by_pygments(small) == by_pygments(used)
    assert len(small) < len(used)


def test_tokens_joined_are_the_script():
    for name in MODULES:
        source = (DRAW / name).read_text(encoding="utf-8")
        assert "".join(token.text for token in script_tokens(source)) == source


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ('f("a  // b",  `c  ${ d ? ` e  ` : "" }  f`);', 'f("a  // b",`c  ${d?` e  `:""}  f`);'),
        ("a = b / c / d;", "a=b/c/d;"),
        ("a = /[/ ]  x/g.test(b);", "a=/[/ ]  x/g.test(b);"),
        ("return /  /.test(a)", "return/  /.test(a)"),
        ("a = b + +c - -d;", "a=b+ +c- -d;"),
        ("a = b + ++c;", "a=b+ ++c;"),
        ("a\n++b", "a\n++b"),
        ("a\n(b)", "a\n(b)"),
        ("a\n[b]", "a\n[b]"),
        ("a = {\n  b,\n}\nc()", "a={b,}\nc()"),
        ("a\n  .b()\n  ?.c()", "a.b()?.c()"),
        ("if (a) {\n  b();\n}\nc();", "if(a){b();}\nc();"),
        ("a = 1 .toFixed();", "a=1 .toFixed();"),
        ("a = b ? .5 : 1.;", "a=b?.5:1.;"),
        ("for (const a of b) c in d;", "for(const a of b)c in d;"),
        ("a = b /* c */ - 1; // d", "a=b-1;"),
        ("return\na", "return\na"),
        ("class A { #b = 1; c() { this.#b; } }\nA;", "class A{#b=1;c(){this.#b;}}\nA;"),
        ("a = `\n  b\n`;", "a=`\n  b\n`;"),
        ("a = b < !--c;", "a=b< !--c;"),
    ],
)  # fmt: skip
def test_spaces_that_mean_something_stay(text, small):
    assert small_script(text) == small


def test_what_nothing_uses_is_left_out():
    text = """\
const USED = 1;
const UNUSED = { a: 1 };
const asked = ask();
const pure = (a) => ask(a);
const called = ((a) => ask(a))(1);
const two = () => 1, three = ask();
const worded = `${ask()}`;
function used() { return deep.lost + USED; }
function lost() { return lost(); }
async function waits() {}
class Lost {}
const helper = (a) => used(a);
document.body.append(helper(1));
"""
    small = small_script(text)
    for name in ("USED", "asked", "called", "three", "worded", "used", "helper"):
        assert re.search(rf"(?:const |function |,){name}\b", small), name
    # A property of the same name is no use, and a call of itself is none.
    for name in ("UNUSED", "pure", "waits", "Lost"):
        assert not re.search(rf"\b{name}\b", small), name
    assert "function lost" not in small


def test_what_is_not_read_is_refused():
    with pytest.raises(ValueError, match="line 2 of a script is not read: '\"open"):
        script_tokens('a;\nb = "open\n')
    with pytest.raises(ValueError, match="not read"):
        script_tokens("a = `open ${b}")


def test_pages_begin_with_entries_that_stay_whole():
    assert {"landscape.js", "report_alone.js", "learn/fault_lesson.js"} <= set(ENTRIES)
    for name in ENTRIES:
        small = small_script(joined(DRAW, name, {"formulas.js": ""}))
        assert 'document.documentElement.dataset.drawn="yes"' in small, name
