"""Small scripts: the same tokens by another lexer, in fewer bytes, and what may be left out."""

import re

import pytest
from pygments.lexers import JavascriptLexer
from pygments.token import Comment, String, Text, Whitespace

from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.scripts.script_spaces import without_spaces
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


def spaced_small(text):
    return without_spaces([each for each in script_tokens(text) if each.kind != "comment"])


@pytest.mark.parametrize("name", MODULES)
def test_without_spaces_another_lexer_reads_the_same(name):
    source = (DRAW / name).read_text(encoding="utf-8")
    small = spaced_small(source)
    if name in MISREAD:
        source = re.sub(
            r"^ *(?:/\*\*.*?\*/|//[^\n]*)\n", "", source, flags=re.MULTILINE | re.DOTALL
        )
        source = re.sub(r"(?<=[;,]) *// .*", "", source)
        assert uncommaed(re.sub(r"\s", "", source)) == uncommaed(re.sub(r"\s", "", small))
    else:
        assert uncommaed(by_pygments(small)) == uncommaed(by_pygments(source))
    assert len(small) < len(source)


def uncommaed(text):
    """Without the commas behind the last of several arguments or keys."""
    return re.sub(r",(?=[)}])", "", text)


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
        ("a = {\n  b,\n}\nc(d,)", "a={b}\nc(d)"),
        ("a = [b, ,];", "a=[b,,];"),
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
    assert spaced_small(text) == small


def test_what_nothing_uses_is_left_out():
    text = """\
const used = "used";
const unused = { a: "unused" };
const asked = ask("asked");
const pure = (a) => ask("pure", a);
const called = ((a) => ask("called", a))(1);
const two = () => "two", three = ask("three");
const worded = `${ask("worded")}`;
function helps() { return deep.lost + used; }
function lost() { return lost("lost"); }
async function waits() { return "waits"; }
class Lost { a() { return "Lost"; } }
const helper = (a) => helps("helper", a);
document.body.append(helper("end"));
"""
    small = small_script(text)
    for word in ("used", "asked", "called", "two", "three", "worded", "helper", "end"):
        assert f'"{word}"' in small, word
    # A property of the same name is no use, and a call of itself is none.
    for word in ("unused", "pure", "lost", "waits", "Lost"):
        assert f'"{word}"' not in small, word


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("const one = 1; f(one.one, { one, two: one });", "const aa=1;f(aa.one,{one:aa,two:aa});"),
        ("((one, { two, three: four = one }, [five] = []) => one + two + four + five)(one);",
         "((one,{two:c,three:b=one},[a]=[])=>one+c+b+a)(one);"),
        ("const a = (b) => `${b}b`; a(c);", "const aa=(a)=>`${a}b`;aa(c);"),
        ("f(({ a: { b } }) => { const { c, ...d } = b; return { d, c() { return c; } }; });",
         "f(({a:{b:a}})=>{const{c:b,...c}=a;return{d:c,c(){return b;}};});"),
        ("try { f(); } catch (error) { g(error.error); }", "try{f();}catch(a){g(a.error);}"),
        ("for (const [one, two] of f) { g(two, one); }", "for(const[a,b]of f){g(b,a);}"),
        ("switch (f) { case g: { const one = 1; h({ one }); } default: h(two ? { i } : j); }",
         "switch(f){case g:{const a=1;h({one:a});}default:h(two?{i}:j);}"),
        ("f(class Way { constructor(one) { this.one = one; } two() { return Way; } });",
         "f(class a{constructor(b){this.one=b;}two(){return a;}});"),
        # One that a browser may have stays, also where another function declares it.
        ("function one(name) { return name; }\none(name);", "function aa(a){return a;}aa(name);"),
    ],
)  # fmt: skip
def test_names_of_a_script_are_short_and_those_of_others_stay(text, small):
    assert small_script(text).replace("\n", "") == small


@pytest.mark.parametrize(
    "text", ["with (a) b;", "f({ get a() {} });", "eval(a);", "f(class { a = 1; });"]
)
def test_what_tokens_alone_do_not_show_gets_no_short_names(text):
    with pytest.raises(ValueError, match="no short names"):
        small_script(text)


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
