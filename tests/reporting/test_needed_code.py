"""Functions that a page does not name are left out of its script."""

import re

import pytest

from thalweg.reporting.inline import DRAW
from thalweg.reporting.needed_code import needed

MODULE = """\
const used = (x) => {
  return helper(x);
};

const unused = (x) => helper(x) + only(x);
function only(x) {
  return x;
}
async function helper(x) {
  return x;
}
class Apart {
  go() {}
}
const kept = start();
const changed = (kept.size = 3);
const table = {
  used,
};
const numbers = { unmeant: 1, text: "a; b" };
const words = new Map([
  ["a", 1],
]);
const late = { text: "a; b", at: start() };
const spread = [...listed];
const listed = [1, 2];
addEventListener("load", () => table.used(1));
"""


def test_what_nothing_names_goes_and_what_does_something_stays():
    text = needed([MODULE])
    for name in ("used", "helper", "kept", "changed", "table", "late"):
        assert re.search(rf"\b{name}\b", text), name
    for name in ("unused", "only", "Apart", "numbers", "words", "spread", "listed"):
        assert not re.search(rf"\b{name}\b", text), name
    assert "\n " not in text


def test_a_name_in_a_text_counts():
    assert "function later" in needed(['function later() {\n}\nrun("later");\n'])


def test_a_property_is_no_name_and_a_spread_list_is_one():
    text = needed(["const size = 3;\nconst all = [1];\nconst at = 2;\nrun(it.size, ...all, at);\n"])
    assert text == "const all = [1];\nconst at = 2;\nrun(it.size, ...all, at);\n"


def test_a_name_in_another_module_counts():
    assert "function first" in needed(["function first() {\n}\n", "first();\n"])


@pytest.mark.parametrize("path", sorted(DRAW.rglob("*.js")), ids=lambda path: path.name)
def test_no_text_of_a_module_runs_over_several_lines(path):
    """Else its indentation would be lost: a line may only end inside of an inserted expression."""
    depth = 0
    text = re.sub(r"^ *(?:/\*\*.*?\*/|//[^\n]*)\n", "", path.read_text("utf-8"), flags=re.M | re.S)
    stack = []
    for place, sign in enumerate(text):
        if text[place - 1] == "\\":
            continue
        if sign == "`":
            if stack and stack[-1] == "`":
                stack.pop()
            else:
                stack.append("`")
        elif text.startswith("${", place) and stack and stack[-1] == "`":
            stack.append("{")
        elif sign == "{" and stack and stack[-1] == "{" and text[place - 1] != "$":
            depth += 1
        elif sign == "}" and stack and stack[-1] == "{":
            if depth:
                depth -= 1
            else:
                stack.pop()
        elif sign == "\n":
            assert not stack or stack[-1] == "{", text[place - 60 : place]
    assert stack == []
