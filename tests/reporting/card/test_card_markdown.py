"""A card as Markdown: a renderer shows every text as it is, and finds no markup in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from carded import HOSTILE
from thalweg.reporting.card.card_markdown import escaped
from thalweg.wording import printable

RENDERER = MarkdownIt("gfm-like", {"linkify": False, "html": True})
PLAIN = {"paragraph_open", "inline", "paragraph_close"}


def shown(markdown):
    """The text that a reader sees, and the kinds of markup."""
    kinds, texts = set(), []
    for token in RENDERER.parse(markdown):
        kinds.add(token.type)
        for child in token.children or ():
            kinds.add(child.type)
            texts.append(child.content)
    return "".join(texts), kinds


@pytest.mark.parametrize(
    "text",
    [
        *HOSTILE, "# head", "> quote", "- list", "+ list", "1. list", "2) list", "---", "===", "=",
        "***", "* * *", "- - -", "| a | b |", "```", "~~~", "    code", "a  \nb", "<!-- x -->",
        "![a](b)", "[a]: http://x", "[a][b]", "&lt;", "&#60;", "_a_", "__a__", "a_b_c", "**b**",
        "`c`", "\\", "\\*", "<http://a.b>", "1986. A year", "-0.5 [-1, 0]", "p < 0.001", "R&D",
        "[^1]: note", "$x$", "a\\", "#hash", "=cmd()", "<?php ?>", "</b>",
    ],
)  # fmt: skip
def test_a_text_is_shown_as_it_is(text):
    said, kinds = shown(escaped(text))
    assert said == printable(" ".join(text.split()))
    assert kinds <= PLAIN | {"text", "text_special"}


@given(st.text(alphabet=st.sampled_from("ab1 \\`*_{}[]()#+-.!|<>&~$:=\"'/\n;xlt"), max_size=30))
def test_no_text_is_markup(text):
    said, kinds = shown(escaped(text))
    assert said == printable(" ".join(text.split()))
    assert kinds <= PLAIN | {"text", "text_special"}


@given(st.text(alphabet=st.sampled_from("a|\\`* \n<"), max_size=12) | st.text(max_size=20))
def test_no_text_leaves_its_cell(text):
    table = f"| a | b |\n| --- | --- |\n| {escaped(text) or ' '} | end |\n"
    tokens = RENDERER.parse(table)
    cells = [
        "".join(child.content for child in tokens[k + 1].children)
        for k, token in enumerate(tokens) if token.type == "td_open"
    ]  # fmt: skip
    assert cells == [printable(" ".join(text.split())), "end"]


def test_numbers_and_names_stay_readable():
    # People read the file itself, too: signs that are no markup are not escaped.
    for text in ("0.964 [0.919, 0.985]", "-0.5", "clump_thickness", "a (b) - c", "95 % of 1,234"):
        assert escaped(text) == text
    assert not re.search(r"\\", escaped("thalweg 0.1.0"))
