"""The XML parts of a workbook, unpacked and parsed as they are read, within a budget."""

import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from thalweg.data.formats.budget import Budget

# In so many bytes of XML at most, an element begins or ends: a cell of Excel has up to 32,767
# characters.
_QUIET = 1 << 20
# So little that the events of a block are gone before Python looks for garbage among them.
_BLOCK = 1 << 12
# The name of a name space is an address. Every element in it is called by it anew: behind as much
# as could be a long one, steps are short, so that few elements are met before it is.
_LONGEST_SPACE, _STEP = 1 << 10, 1 << 9


class Parts:
    """The parts of a workbook, each unpacked as it is read, from one budget."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive, self._budget = archive, budget

    @property
    def name(self) -> str:
        """What errors call the file."""
        return self._budget.name

    def filled(self, n: int, words: int = 0) -> None:
        """Tell that so many elements more were cells or texts, with so many characters of words.

        Equal texts are one object here, but whoever joins them meets the whole.
        """
        self._budget.n_filled += n
        self._budget.hold(words, "texts of cells")

    def elements(self, part: str, *tags: str) -> Iterator[ElementTree.Element]:
        """The elements of a part that have one of these tags, whatever their name space."""
        info = self._archive.getinfo(part)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{part} is packed as no workbook is")
        self._budget.unpack(info.file_size, part)
        parser: Any = ElementTree.XMLPullParser(("start", "end", "start-ns"))
        wanted: dict[str, bool] = {}  # a tag with its name space
        n_open = quiet = 0
        begin = b""
        with self._archive.open(part) as source:
            while True:
                block = source.read(_BLOCK if quiet < _BLOCK else _STEP)
                if n_open == 0:
                    begin = begin[-9:] + block.replace(b"\0", b"")
                    if b"<!DOCTYPE" in begin:
                        raise ValueError(f"{part} declares a type of its own, as no workbook does")
                parser.feed(block) if block else parser.close()
                before, n_spaces = n_open, 0
                quiet += len(block)
                for event, element in parser.read_events():
                    if event == "start-ns":
                        n_spaces += 1
                        if len(element[1]) > _LONGEST_SPACE:
                            raise ValueError(f"{part} has a name space of a very long name")
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
                self._budget.idle(n_idle, "elements that are no cells", self.name)
                if quiet > _QUIET:
                    raise ValueError(f"{part} holds a text as long as in no workbook")
                if not block:
                    return


def tag_of(element: ElementTree.Element) -> str:
    """The tag of an element without its name space."""
    return element.tag.rpartition("}")[2]
