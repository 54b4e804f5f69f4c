"""Columns of numbers with so many texts among them that they are read as something else."""

from collections.abc import Iterator

import numpy as np

from thalweg.data.doctor.examined_table import Examined, Look, dropping
from thalweg.data.doctor.findings import Finding, FixByOptions
from thalweg.data.doctor.texts_among import TextsAmongNumbers
from thalweg.data.notation.missing_words import few_words, perhaps_missing, say_missing
from thalweg.data.notation.said_columns import say_category
from thalweg.data.schema.kinds import FEW_NUMERALS
from thalweg.data.schema.misfit_messages import counted_texts
from thalweg.wording import counted, row_numbers


def mixed(seen: Examined) -> Iterator[Finding]:
    """Columns that hold more numbers than texts, and are not read as numbers."""
    for look in seen.looks:
        found = look.texts_among_numbers
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
