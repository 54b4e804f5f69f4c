"""The cards of the columns of a table: what each is, how it is read, how it enters a network."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import level_of, missing_cells
from thalweg.data.dates.date_cells import moment_text
from thalweg.data.doctor.examined_table import Examined, Look
from thalweg.data.schema.column_floats import Distinct, distinct
from thalweg.data.schema.find_columns import notes_of
from thalweg.data.schema.schema import remark_of
from thalweg.reporting.html_pieces import clipped
from thalweg.studio.tasks.network_inputs import NetworkInputs
from thalweg.studio.tasks.value_histograms import Plain, of_levels, of_numbers

_EXAMPLES, _FIRST, _LETTERS = 5, 200, 60
_AS_LEVELS = ("category", "boolean", "")


@dataclass(frozen=True)
class CardSubject:
    """A table whose columns are shown.

    Attributes
    ----------
    seen : Examined
    frame : DataFrame
        All columns of the file, without the rows that are left out.
    roles : dict
        Of columns that are no features, why.
    """

    seen: Examined
    frame: pd.DataFrame
    roles: Mapping[str, str]

    def cards(self, names: Sequence[str]) -> list[Plain]:
        """The cards of some columns, without the findings that name them."""
        looks = {look.name: look for look in self.seen.looks}
        special = (self.seen.target_look, self.seen.groups)
        others = {look.name: look for look in special if look is not None}
        features = [looks[name] for name in names if name in looks and looks[name].column]
        enters, scaled = self._inputs(features)
        found = []
        for name in names:
            look = looks.get(name) or others.get(name)
            why_not = self.roles.get(name)
            if look is None:
                found.append(_of_dropped(name, self.frame[name], why_not or ""))
                continue
            if look.refusal is not None:
                why_not = why_not or look.refusal.what
            elif look.kind == "empty":
                why_not = why_not or "all of its cells are missing"
            card = _of_look(look)
            card["used"], card["why_not"] = why_not is None, why_not
            if name in enters and why_not is None:
                card["enters"] = enters[name]
                card["encoded"] = of_numbers(scaled[name]) if name in scaled else None
            found.append(card)
        return found

    def _inputs(self, features: Sequence[Look]) -> tuple[dict[str, str], dict[str, np.ndarray]]:
        """Of each feature how it enters, and its scaled numbers if it has some."""
        if not features:
            return {}, {}
        n_numbers = sum(look.kind not in ("category", "identifier") for look in self.seen.looks)
        inputs = NetworkInputs.of(features, self.seen.n_rows, n_numbers)
        names = [look.name for look in features]
        scaled = {names[place]: values for place, values in inputs.scaled.items()}
        return dict(zip(names, inputs.sentences(), strict=True)), scaled


def _of_look(look: Look) -> Plain:
    """What a column is that the doctor has read."""
    column = look.column
    missing = np.isnan(look.values).sum() if column else _n_missing(look.different)
    notes = notes_of([column]) if column else []
    read = f"{column.kind}{remark_of(column)}" if column else ""
    if look.refusal is not None:
        read = look.refusal.what
    return {
        "name": look.name,
        "kind": look.kind,
        "missing": int(missing),
        "distinct": _n_distinct(look),
        "examples": _moments(look) or _examples(look.different),
        "read": clipped(" ".join(notes) or read, 600),
        "enters": "",
        "raw": _raw(look),
        "encoded": None,
    }


def _of_dropped(name: str, cells: pd.Series, why_not: str) -> Plain:
    """The card of a column that is left out: its cells as they are."""
    different = distinct(cells.to_numpy())
    return {
        "name": name, "kind": "", "used": False, "why_not": why_not,
        "missing": _n_missing(different), "distinct": int((~_are_missing(different)).sum()),
        "examples": _examples(different), "read": "", "enters": "",
        "raw": of_levels(_counts(different)) if len(different.cells) <= _FIRST else None,
        "encoded": None,
    }  # fmt: skip


def _n_distinct(look: Look) -> int:
    if look.kind == "category" and look.column:
        return len(look.column.levels)
    if look.column and look.kind not in ("identifier", "date"):
        return len(np.unique(look.known))
    return int((~_are_missing(look.different)).sum())


def _are_missing(different: Distinct) -> NDArray[np.bool_]:
    """Which of the different cells are words for a missing value, or nothing but blanks."""
    return missing_cells(pd.Series(different.cells, dtype=object))


def _n_missing(different: Distinct) -> int:
    """The rows without a value."""
    words = np.flatnonzero(_are_missing(different))
    return int(((different.codes < 0) | np.isin(different.codes, words)).sum())


def _examples(different: Distinct) -> list[str]:
    """The first different cells, as text."""
    codes = dict.fromkeys(code for code in different.codes[:_FIRST].tolist() if code >= 0)
    texts = (_text(different.cells[code]) for code in codes)
    return [*dict.fromkeys(text for text in texts if text)][:_EXAMPLES]


def _moments(look: Look) -> list[str]:
    """The first different moments of a column of dates that are no texts, on its own clock.

    NumPy has those of a time zone in UTC, where midnight is an hour of the day before.
    """
    dates = look.column.dates if look.column else None
    first = next(iter(look.different.cells), None)
    if dates is None or not isinstance(first, np.datetime64 | datetime.date):
        return []
    there = look.values[:_FIRST]
    moments = dict.fromkeys(there[~np.isnan(there)].tolist())
    return [moment_text(dates, each) for each in moments][:_EXAMPLES]


def _text(cell: Any) -> str:
    text = level_of(cell)
    return clipped(cell if text is None else text, _LETTERS)


def _raw(look: Look) -> Plain | None:
    """How often which value is there; None where that says nothing."""
    column = look.column
    if look.kind in _AS_LEVELS:
        if column is None and len(look.different.cells) > _FIRST:
            return None
        return of_levels(_counts(look.different))
    if look.kind in ("identifier", "empty") or not len(look.known):
        return None
    dates = column.dates if column else None
    return of_numbers(look.values, partial(moment_text, dates) if dates else None)


def _counts(different: Distinct) -> dict[str, int]:
    """The rows of each text."""
    codes = different.codes
    n_rows = np.bincount(codes[codes >= 0], minlength=len(different.cells)).tolist()
    found: dict[str, int] = {}
    for cell, count in zip(different.cells, n_rows, strict=True):
        if text := _text(cell):
            found[text] = found.get(text, 0) + count
    return found
