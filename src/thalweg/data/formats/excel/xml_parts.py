"""Parse the XML parts of a workbook while they are decompressed, within a budget."""

import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from thalweg.data.formats.budget import Budget

# The most bytes of XML in which no element begins or ends: a cell of Excel has up to 32,767
# characters.
_QUIET = 1 << 20
# Small, so that the events of a block are freed before Python's garbage collector scans them.
_BLOCK = 1 << 12
# A name space is named by an address, and every element repeats its name. After as many bytes as
# could be a long name, blocks are short, so that few elements are parsed before it is refused.
_LONGEST_SPACE, _STEP = 1 << 10, 1 << 9


class Unsound(ValueError):
    """A workbook contradicts itself or lacks something; the text says what, for the user."""


class Parts:
    """The parts of a workbook, each decompressed while it is read, within one budget."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive, self._budget = archive, budget

    @property
    def name(self) -> str:
        """The file's name in errors."""
        return self._budget.name

    def filled(self, n: int, words: int = 0) -> None:
        """Count ``n`` more elements that are cells or texts, with ``words`` characters of text.

        Equal texts are one object here, but joined they take their full length.
        """
        self._budget.n_filled += n
        self._budget.hold(words, "texts of cells")

    def elements(self, part: str, *tags: str) -> Iterator[ElementTree.Element]:
        """The elements of a part with one of these tags, in any name space."""
        if part not in self._archive.NameToInfo:
            raise Unsound(f"it refers to the part {part[:200]!r}, which is not in it")
        info = self._archive.getinfo(part)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unsound(f"{part} has a compression method that workbooks do not use")
        self._budget.unpack(info.file_size, part)
        parser: Any = ElementTree.XMLPullParser(("start", "end", "start-ns"))
        wanted: dict[str, bool] = {}  # a tag with its name space
        n_open = quiet = n_read = 0
        begin = b""
        with self._archive.open(part) as source:
            while True:
                block = source.read(_BLOCK if quiet < _BLOCK else _STEP)
                n_read += len(block)
                if n_open == 0:
                    begin = begin[-9:] + block.replace(b"\0", b"")
                    if b"<!DOCTYPE" in begin:
                        raise Unsound(f"{part} has a DOCTYPE, which workbooks do not use")
                parser.feed(block) if block else parser.close()
                before, n_spaces = n_open, 0
                quiet += len(block)
                for event, element in _events(parser, part):
                    if event == "start-ns":
                        n_spaces += 1
                        if len(element[1]) > _LONGEST_SPACE:
                            raise Unsound(f"{part} has a name space with a very long name")
                        continue
                    quiet = 0
                    if event == "start":
                        n_open += 1
                        continue
                    tag = element.tag
                    is_wanted = wanted.get(tag)
                    if is_wanted is None:
                        is_wanted = wanted[tag] = tag.rpartition("}")[2] in tags
                    if is_wanted:
                        yield element
                        element.clear()
                n_idle = n_open - before + n_spaces
                self._budget.idle(n_idle, "elements that are not cells", self.name)
                if quiet > _QUIET:
                    raise Unsound(f"{part} has a longer text than a workbook can have")
                if not block:
                    break
        if n_read != info.file_size:  # zipfile itself finds only a part that is longer
            raise Unsound(f"{part} is not as long as its zip archive says")


def _events(parser: Any, part: str) -> Iterator[Any]:
    """What begins and ends in the bytes that were fed; errors of those come here, too."""
    events = parser.read_events()
    while True:
        try:
            event = next(events, None)
        except ElementTree.ParseError as error:
            raise Unsound(f"{part} is not valid XML ({error})") from error
        if event is None:
            return
        yield event


def whole_of(text: str, what: str) -> int:
    """A whole number that a workbook stores, such as that of a row."""
    try:
        return int(text)
    except ValueError as error:
        raise Unsound(f"{text[:40]!r} is not a number ({what})") from error


def attribute(element: ElementTree.Element, name: str, part: str) -> str:
    """An attribute that every such element has."""
    found = element.get(name)
    if found is None:
        raise Unsound(f"an element {tag_of(element)!r} of {part} has no {name!r}")
    return found


def tag_of(element: ElementTree.Element) -> str:
    """The tag of an element without its name space."""
    return element.tag.rpartition("}")[2]
