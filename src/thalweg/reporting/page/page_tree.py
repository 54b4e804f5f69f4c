"""HTML of our own as plain data, for a page that may parse no markup: the studio.

A page whose policy requires trusted types builds elements one by one. It gets what a report says as
nested lists, and decides itself which elements and attributes it makes.
"""

from html.parser import HTMLParser
from typing import TypeAlias

# A text, or a tag with its attributes and what is inside.
Node: TypeAlias = "str | list[str | dict[str, str] | list[Node]]"

_VOID = frozenset(("br", "circle", "ellipse", "hr", "img", "input", "line", "path", "rect"))
# `HTMLParser` writes all names in small letters; SVG has names with capitals.
_CAPITALS = {"viewbox": "viewBox", "clippath": "clipPath", "textlength": "textLength"}


def tree_of(markup: str) -> list[Node]:
    """What a piece of HTML contains.

    Parameters
    ----------
    markup : str
        Written by thalweg: every element that is opened is closed.

    Returns
    -------
    list
        Texts, and elements as ``[tag, attributes, content]``.
    """
    parser = _Tree()
    parser.feed(markup)
    parser.close()
    return parser.content


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.content: list[Node] = []
        self._open = [self.content]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins; those that have no content are not open."""
        inside: list[Node] = []
        said = {_CAPITALS.get(name, name): value or "" for name, value in attrs}
        self._open[-1].append([_CAPITALS.get(tag, tag), said, inside])
        if tag not in _VOID:
            self._open.append(inside)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """A text, with its character references replaced."""
        self._open[-1].append(data)
