"""Columns of numbers with so many texts among them that they are read as something else."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from thalweg.data.cells import number_of, trimmed
from thalweg.data.doctor.examined_table import Examined, Look, dropping
from thalweg.data.doctor.findings import Finding, FixByOptions
from thalweg.data.notation.column_notation import CODES, is_yes_no
from thalweg.data.notation.missing_words import few_words, perhaps_missing, say_missing
from thalweg.data.notation.said_columns import say_category
from thalweg.data.schema.kinds import FEW_NUMERALS, is_numeral
from thalweg.data.schema.misfit_messages import counted_texts
from thalweg.wording import counted, row_numbers

# Fewer different numbers beside texts are levels, such as 1 and 2 beside "both".
_FEW_LEVELS = 3


class TextsAmongNumbers(NamedTuple):
    """The cells of a column that is neither numbers nor texts.

    Attributes
    ----------
    texts : list of str
        The different ones.
    counts : list of int
        How many rows have each.
    places : list of int
        Of each the place among the different cells.
    n_numbers, n_different : int
        How many rows have numbers, and how many numbers differ.
    """

    texts: list[str]
    counts: list[int]
    places: list[int]
    n_numbers: int
    n_different: int


def texts_among_numbers(look: Look) -> TextsAmongNumbers | None:
    """The texts among the numbers of a column that is read as levels; None if it has none."""
    column = look.column
    if column is None or look.kind not in ("category", "identifier"):
        return None
    if column.notation == CODES or is_yes_no(column.notation):
        return None
    cells, counts = look.different.cells, look.counts.tolist()
    values = [number_of(cell) for cell in cells]
    is_number = [is_numeral(*each) for each in zip(cells, values, strict=True)]
    places = [
        k for k, value in enumerate(values)
        if not is_number[k] and value is None and isinstance(cells[k], str)
    ]  # fmt: skip
    n_numbers = sum(n for n, holds in zip(counts, is_number, strict=True) if holds)
    found = TextsAmongNumbers(
        [trimmed(str(cells[k])) for k in places], [counts[k] for k in places], places, n_numbers,
        sum(is_number),
    )  # fmt: skip
    is_mixed = places and found.n_different >= _FEW_LEVELS and n_numbers >= sum(found.counts)
    return found if is_mixed else None


def mixed(seen: Examined) -> Iterator[Finding]:
    """Columns that hold more numbers than texts, and are not read as numbers."""
    for look in seen.looks:
        found = texts_among_numbers(look)
        if found is None or look.name in seen.text or seen.is_declared(look.name):
            continue
        few = found.n_different <= FEW_NUMERALS
        if few and set(perhaps_missing(look.texts)) >= set(found.texts):
            continue  # `word for missing` says so
        rows = row_numbers(np.array([*_holds(look, found.places), False])[look.different.codes])
        n_levels = len(look.column.levels) if look.column else 0
        read = (
            f"a category of {counted(n_levels, 'level')}, and its numbers have no order"
            if look.kind == "category"
            else "free text, of which only whether a cell is filled counts"
        )
        yield Finding(
            "mixed types", "note" if few else "caution",
            f"Texts among numbers: {counted_texts(found.texts, found.counts)}",
            f"{look.where}, first row {rows[0]:,}",
            f"{counted(found.n_numbers, 'cell is a number', 'cells are numbers')}, and "
            f"{counted(sum(found.counts), 'is', 'are')} text; so the column is read as {read}",
            _fix(look, found), (look.name,), rows, _fixes(look, found),
        )  # fmt: skip


def _fix(look: Look, found: TextsAmongNumbers) -> str:
    words = few_words(found.texts)
    known = (
        f"say so: {say_missing(look.name, words)}"
        if words
        else "empty these cells, or name each text with --missing on the command line, missing= in "
        "Python"
    )
    kept = "keep the column as it is" if look.kind == "category" else say_category(look.name)
    return (
        f'if the texts mean "not known", {known}; if they stand for numbers, write these; if '
        f"numbers and texts are names of groups, {kept}; or {dropping([look.name])}"
    )


def _fixes(look: Look, found: TextsAmongNumbers) -> tuple[FixByOptions, ...]:
    """The ways that `_fix` names by options."""
    words = few_words(found.texts)
    ways = [FixByOptions({"missing": {look.name: list(words)}})] if words else []
    ways += [] if look.kind == "category" else [FixByOptions({"category": [look.name]})]
    return (*ways, FixByOptions.without(look.name))


def _holds(look: Look, places: list[int]) -> list[bool]:
    found = np.zeros(len(look.different.cells), np.bool_)
    found[places] = True
    return found.tolist()
