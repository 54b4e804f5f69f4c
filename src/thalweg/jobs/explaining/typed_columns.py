"""Columns as a person types them, several in a text with commas between them."""

from collections.abc import Iterator, Sequence

from thalweg.evaluation.importance.asked_items import ColumnGroups
from thalweg.wording import as_printed


def columns_of(texts: Sequence[str], known: Sequence[str]) -> list[str]:
    """Names of columns, of which a text may have several with commas between them."""
    return [*dict.fromkeys(name for text in texts for name in _names(text, known))]


def groups_of_columns(texts: Sequence[str] | None, known: Sequence[str]) -> ColumnGroups:
    """Groups of columns from a command line: ``["height,weight"]``, ``["0,3"]``, or ``["none"]``.

    Parameters
    ----------
    texts : sequence of str or None
        None: they are found. A number that is no name is the place of a column, from 0 on.
    known : sequence of str
        The columns of the model.
    """
    if not texts:
        return "auto"
    if [*texts] == ["none"]:
        return None
    return [
        [int(name) if _is_place(name, known) else name for name in _names(text, known)]
        for text in texts
    ]


def _is_place(name: str, known: Sequence[str]) -> bool:
    return name not in known and name.isascii() and name.isdecimal()


def _names(text: str, known: Sequence[str]) -> Iterator[str]:
    """The names between commas; a known name may hold commas, and the longest one counts."""
    parts = text.split(",")
    start = 0
    while start < len(parts):
        end = next(
            (
                end
                for end in range(len(parts), start, -1)
                if _name(parts[start:end], known) in known
            ),
            start + 1,
        )
        if name := _name(parts[start:end], known):
            yield name
        start = end


def _name(parts: Sequence[str], known: Sequence[str]) -> str:
    name = ",".join(parts)
    return as_printed(name if name in known else name.strip(), known)
