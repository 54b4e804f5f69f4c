"""The page of a card: one file without a script, in which no name is markup."""

from html.parser import HTMLParser

import pytest

from browser import Browser
from carded import HOSTILE, fitted
from thalweg import model_card

TEXTS = {"title": "<b>Title</b> & more", "ethics": "<img src=x onerror=alert(1)>\n\n</section>"}


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cards")
    model, table = fitted(folder, "two", "--by", "centre")
    from thalweg.cli.main import main

    page = folder / "card.html"
    said = folder / "about.toml"
    said.write_text("\n".join(f"{key} = {value!r}" for key, value in TEXTS.items()).replace(
        "\\n", "  "), encoding="utf-8")  # fmt: skip
    asked = [str(model), str(table), "--by", "centre", "--about", str(said), "-o", str(page), "-q"]
    assert main(["card", *asked]) == 0
    return folder


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.found, self.texts = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in ("meta", "link", "circle", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_the_page_is_well_formed_and_names_are_texts(cards):
    tags = Tags()
    tags.feed((cards / "card.html").read_text(encoding="utf-8"))
    assert tags.open == []
    assert not tags.found & {"script", "img", "i", "iframe", "object"}
    said = "".join(tags.texts)
    for name in HOSTILE:
        assert name.replace("\u202e", r"\u202e") in said
    for text in ("<b>Title</b> & more", "<img src=x onerror=alert(1)>", "</section>", "<b>yes</b>"):
        assert text in said
    assert "Not a medical device." in said
    assert said.count("not stated") > 20


def test_the_page_has_no_script_and_asks_for_nothing(cards):
    page = (cards / "card.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "script-src" not in page
    for sign in ("http://", "https://", "src="):
        assert sign not in page.replace("src=x onerror", "")


def test_the_head_has_the_counts_and_the_intended_use(cards):
    card = model_card(cards / "two.safetensors", about={"intended_use": "To learn <i>"})
    assert card.data["sentence"] in card.html()
    assert "<b>Intended use:</b> To learn &lt;i&gt;" in card.html()
    without = model_card(cards / "two.safetensors").html()
    assert '<p class="use absent"><b>Intended use:</b>' in without


@pytest.mark.slow
@pytest.mark.parametrize("look", [(1280, False), (1280, True), (390, False)])
def test_a_browser_shows_it_without_an_error(cards, tmp_path, look):
    browser, path = Browser(tmp_path / "profile"), cards / "card.html"
    try:
        width, dark = look
        browser.open(path, width=width, dark=dark)
        assert browser.errors() == []
        assert browser.requests() == [path.absolute().as_uri()]
        assert browser.run("document.documentElement.scrollWidth") <= width
        colours = "[document.body, ...document.querySelectorAll('.told')].map(e => "
        seen = browser.run(f"{colours}getComputedStyle(e).color)")
        assert len(seen) > 20
        assert len(set(seen)) == 1
    finally:
        browser.close()
