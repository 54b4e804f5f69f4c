"""All columns of a table at once: what each is, and what one proves of the notation of others."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import number_of
from thalweg.data.column_names import listed
from thalweg.data.fixes.column_errors import and_then, remedies_of
from thalweg.data.notation.codes import proves_point
from thalweg.data.notation.column_notation import YES_NO
from thalweg.data.notation.decide_number import in_doubt
from thalweg.data.notation.missing_words import WordsOfColumn, perhaps_missing, say_missing
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import SaidColumns, say_categories
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.emptied_table import emptied_cells
from thalweg.data.schema.given_table import Cells, GivenTable
from thalweg.data.schema.kinds import FoundKind, find_kind
from thalweg.errors import DataError
from thalweg.wording import parameter

# So many different whole numbers may be codes: answers, stages, days of a week. Two are no choice:
# numbers and groups of two are read alike.
_FEWEST_CODES, _MOST_CODES = 3, 7
_LOOKED_AT, _MOST_TOLD = 1000, 8
# The weight of each row of a table; or for each column those of the cells that stand for it.
Weights = NDArray[np.float64] | Sequence[NDArray[np.float64]]


def find_columns(
    table: GivenTable, weights: Weights, said: SaidColumns
) -> list[Column | DataError]:
    """What each column of a table is, or why no model can be fitted on it.

    A mark that a column leaves open, as all cells like ``1,234`` do, is what other columns prove of
    this mark, if they agree.

    Parameters
    ----------
    table : GivenTable
    weights : ndarray of float64, shape (n_rows,), or a sequence of them
        All above zero. A sequence has those of each column, whose cells stand for many rows.
    said : SaidColumns
    """
    names = table.all_names()
    found: list[FoundKind | DataError] = []
    for place, name in enumerate(names):
        try:
            found.append(_find(name, table.column(place), _of_column(weights, place), said))
        except DataError as problem:
            found.append(problem)
    later = _without_words(table, weights, said, found)
    both = [*found, *later.values()]
    if any(isinstance(each, FoundKind) and each.doubt for each in both):
        proofs = _of_one_unit(table, weights, said, found)
        _settle(table, [*names, *(names[place] for place in later)], both, proofs)
    found = both[: len(names)]
    for place, each in zip(later, both[len(names) :], strict=True):
        if isinstance(each, DataError):
            first = found[place]
            assert isinstance(first, DataError)
            words = remedies_of(first)[0].said["missing"]
            found[place] = and_then(names[place], first, each, say_missing(names[place], words))
    return [
        each if isinstance(each, DataError) else Column(name, each.kind, each.levels, each.notation)
        for name, each in zip(names, found, strict=True)
    ]


def _of_column(weights: Weights, place: int) -> NDArray[np.float64]:
    return weights if isinstance(weights, np.ndarray) else weights[place]


def _find(
    name: str, cells: Cells, weights: NDArray[np.float64], said: SaidColumns
) -> FoundKind | DataError:
    """What a column is without its words for a missing value.

    What a number means is known only when its column is. So a cell that is such a word in any
    reading says nothing of a column of numbers; in another column, it is a level.
    """
    words = said.missing.words(name)
    plain = emptied_cells(cells, words)
    few = emptied_cells(cells, words, words.perhaps)
    if few is plain or few is cells:
        return find_kind(name, plain, weights, said)
    try:
        found: FoundKind | DataError = find_kind(name, few, weights, said)
    except DataError as problem:
        found = problem
    if isinstance(found, FoundKind) and found.kind in ("number", "empty"):
        return found
    try:
        return find_kind(name, plain, weights, said)
    except DataError as problem:
        return found if isinstance(found, DataError) else problem


def _without_words(
    table: GivenTable,
    weights: Weights,
    said: SaidColumns,
    found: Sequence[FoundKind | DataError],
) -> dict[int, FoundKind | DataError]:
    """What each column is whose words among numbers may be missing, if they are: by its place.

    The fix of an error must not lead to another error.
    """
    later: dict[int, FoundKind | DataError] = {}
    for place, each in enumerate(found):
        words = remedies_of(each)[0].said.get("missing") if isinstance(each, DataError) else None
        if words:
            cells = emptied_cells(table.column(place), WordsOfColumn.of(words))
            name = table.all_names()[place]
            try:
                later[place] = find_kind(name, cells, _of_column(weights, place), said)
            except DataError as problem:
                later[place] = problem
    return later


def _of_one_unit(
    table: GivenTable,
    weights: Weights,
    said: SaidColumns,
    found: Sequence[FoundKind | DataError],
) -> list[FoundKind]:
    """What the columns are that cannot be read for a cell without a unit, if it has that of others.

    Whatever its unit, the others prove what their marks mean.
    """
    kinds = []
    for place, each in enumerate(found):
        if isinstance(each, DataError) and dict(remedies_of(each)[0].said) == {"number": None}:
            name = table.all_names()[place]
            of_one = replace(said, number={**said.number, name: None})
            with suppress(DataError):
                own = _of_column(weights, place)
                kinds.append(find_kind(name, table.column(place), own, of_one))
    return kinds


def _settle(
    table: GivenTable,
    names: Sequence[str],
    found: list[FoundKind | DataError],
    proofs: Sequence[FoundKind],
) -> None:
    """Settle in place what single columns leave open; ``proofs`` are further columns that tell."""
    decimals, thousands = set(), set()
    all_read = not any(isinstance(each, DataError) for each in found)
    for place, each in enumerate([*found, *proofs]):
        if isinstance(each, DataError) or each.doubt or each.kind != "number":
            continue
        if isinstance(each.notation, NumberNotation):
            decimals.add(each.notation.decimal)
            thousands.add(each.notation.thousands)
        elif place < table.n_columns and proves_point(table.column(place).values):
            decimals.add(".")
    for place, each in enumerate(found):
        if isinstance(each, DataError) or not each.doubt:
            continue
        settled = each.doubt.settled(frozenset(decimals), frozenset(thousands))
        if settled.doubt:
            found[place] = in_doubt(names[place], settled, all_read=all_read)
        else:
            found[place] = FoundKind.of_notation(settled.notation)


def notes_of(columns: Sequence[Column]) -> list[str]:
    """How each column is read whose texts are not plain numbers or levels, a sentence each."""
    notes = [
        f'"{column.name}" is read as {column.notation.words}.'
        for column in columns
        if column.notation not in (None, YES_NO)  # which nobody reads in another way
    ]
    return notes + [
        f'"{column.name}" has {listed(words)} among its levels. If '
        f'{"they mean" if len(words) > 1 else "it means"} "not known", '
        f"say so: {say_missing(column.name, words)}."
        for column in columns
        if (words := perhaps_missing(column.levels))
    ]


def notes_of_choices(
    columns: Iterable[tuple[Column, NDArray[np.float64]]], said: SaidColumns
) -> list[str]:
    """How columns are read that may be either numbers or names of groups, unless it is said.

    Parameters
    ----------
    columns : iterable of (Column, ndarray of float64)
        With the values of their rows, NaN if missing.
    said : SaidColumns
    """
    numbers: dict[str, str] = {}
    groups: dict[str, str] = {}
    for column, values in columns:
        if column.notation is not None or column.name in {*said.number, *said.category}:
            continue
        if column.kind == "number" and (few := _few_whole(values)):
            numbers[column.name] = ", ".join(f"{each:.0f}" for each in few)
        elif column.kind == "category" and not perhaps_missing(column.levels):
            texts = [level for level in column.levels if number_of(level) is None]
            if texts and len(column.levels) - len(texts) >= max(_FEWEST_CODES, len(texts)):
                groups[column.name] = f"with {listed(texts, 3)}"
    found = []
    if numbers:
        found.append(
            f"Read as numbers, which may be codes of groups: {_told(numbers)}. If so, "
            f"{say_categories([*numbers][:_MOST_TOLD])}."
        )
    if groups:
        found.append(
            f"Read as groups, though most of their levels are numbers: {_told(groups)}. If the "
            f'texts mean "not known", {parameter("missing")} names them, and the rest are numbers.'
        )
    return found


def _told(columns: Mapping[str, str]) -> str:
    said = [f'"{name}" ({words})' for name, words in columns.items()]
    more = len(said) - _MOST_TOLD
    return ", ".join(said[:_MOST_TOLD]) + (f" and {more:,} more" if more > 0 else "")


def _few_whole(values: NDArray[np.float64]) -> list[float]:
    """The different values of a column, if they are few whole numbers; two are no choice."""
    known = np.unique(values[~np.isnan(values)][:_LOOKED_AT])
    if len(known) > _MOST_CODES:
        return []
    known = np.unique(values[~np.isnan(values)])
    are_codes = _FEWEST_CODES <= len(known) <= _MOST_CODES and (known == np.floor(known)).all()
    return known.tolist() if are_codes else []


def with_bounds(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns, and at their end one more for each whose cells may be bounds."""
    names = {column.name for column in columns}
    bounds = []
    for column in columns:
        if isinstance(column.notation, NumberNotation) and column.notation.bounded:
            name = f"{column.name}: bound"
            while name in names:
                name += "'"
            names.add(name)
            bounds.append(Column(name, "bound", source=column.name))
    return (*columns, *bounds)
