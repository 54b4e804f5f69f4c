"""HTML of our own as plain data."""

import pytest

from thalweg.reporting.html_pieces import figure, folded, name, table
from thalweg.reporting.page.page_tree import tree_of


def test_elements_attributes_and_texts_are_kept_in_their_order():
    markup = '<p class="said" id="a">one <b>two</b>&nbsp;&lt;i&gt;<br>three</p>four'
    assert tree_of(markup) == [
        ["p", {"class": "said", "id": "a"},
         ["one ", ["b", {}, ["two"]], "\u00a0<i>", ["br", {}, []], "three"]],
        "four",
    ]  # fmt: skip


def test_names_of_pictures_keep_their_capitals_and_what_has_no_content_is_closed():
    markup = (
        '<svg viewBox="0 0 1 1"><clipPath id="c"><rect x="0"/></clipPath><g/><path d="M0 0"/></svg>'
    )
    assert tree_of(markup) == [
        ["svg", {"viewBox": "0 0 1 1"},
         [["clipPath", {"id": "c"}, [["rect", {"x": "0"}, []]]], ["g", {}, []],
          ["path", {"d": "M0 0"}, []]]],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hostile", ["<script>x</script>", "</section><img src=x onerror=y>", '"><b>']
)
def test_words_of_a_table_stay_words(hostile):
    markup = figure("k", name(hostile), "", table(("", "a"), [(name(hostile), "1")], "Numbers"),
                    behind=folded("Table", "x"))  # fmt: skip
    [section, *rest] = tree_of(markup)
    assert "".join(map(str, rest)).strip() == ""
    tags, words = set(), []

    def walk(nodes):
        for node in nodes:
            if isinstance(node, str):
                words.append(node)
            else:
                tags.add(node[0])
                walk(node[2])

    walk([section])
    assert not tags & {"script", "img", "b"}
    assert words.count(hostile) == 2
