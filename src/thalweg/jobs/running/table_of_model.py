"""`TableOfModel`: what requests about a saved model and a later table have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thalweg.data.notation.missing_words import MissingColumns
from thalweg.jobs.parts.table_options import Reading


@dataclass(frozen=True, kw_only=True)
class TableOfModel:
    """A saved model, a table, how it is read, and the file to write.

    Attributes
    ----------
    model, table : str
    empty : sequence of str
        Columns of the model that the table lacks: all of their values count as missing.
    number : mapping of str to str or None
        Columns of numbers, each with an example of how its numbers are written in the table.
    missing : list of str, or mapping, optional
        Words for a missing value besides those of the model.
    drop_row : sequence of str
        Rows to leave out, such as ``"3,17-19"``; rows keep their numbers in the file.
    reading : Reading
    output : str, optional
    overwrite : bool
    """

    model: str
    table: str
    empty: Sequence[str] = ()
    number: Mapping[str, str | None] = field(default_factory=dict)
    missing: MissingColumns = None
    drop_row: Sequence[str] = ()
    reading: Reading = field(default_factory=Reading)
    output: str | None = None
    overwrite: bool = False
