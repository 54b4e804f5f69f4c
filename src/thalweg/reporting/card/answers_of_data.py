"""What the program answers about the data: predictors, rows, missing cells, the split."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thalweg.data.dates.date_numbers import plain_texts
from thalweg.data.schema.ranges import without_row_numbers
from thalweg.reporting.card.card_shapes import FactAnswer, GridData, Known
from thalweg.reporting.card.least_rows import least_rows_in_words
from thalweg.wording import amount, count_text, counted, printable

NO_EVALUATION = "The model was saved without an evaluation on held-out rows."
NO_TABLE = "The model file has no summary of the table of the fit."
_LONGEST = 80
_MOST_LEVELS = 6
_UNKNOWN = "other levels, which the model does not know"
# The values of fewer rows would be those of single ones.
FEWEST_SHOWN = 5


def answers_of_data(known: Known, r_squared: float | None) -> dict[str, FactAnswer]:
    """The answers about the data.

    Parameters
    ----------
    known : Known
    r_squared : float or None
        What a person expects, for the sample size.
    """
    return {
        "reading": _reading(known),
        "predictors_used": _used(known),
        "predictors": {"text": [], "tables": [_predictors(known)]},
        "least_rows": _least_rows(known, r_squared),
        "missing": _missing(known),
        "rows_flow": _flow(known),
        "characteristics": _characteristics(known),
        "compared_columns": _compared(known),
        "analyses": _analyses(known),
    }


def short(name: object) -> str:
    """A name from a table or a file, in printable characters and with a limit."""
    clean = printable(str(name))
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"


def long(sentence: object, longest: int = 2_000) -> str:
    """A sentence from a file, in printable characters and with a limit."""
    clean = printable(str(sentence))
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def _reading(known: Known) -> FactAnswer:
    notes = [] if known.table is None else known.table["notes"]
    own = [f"Read as: {long(note)}" for note in known.model.schema_.notes if note not in notes]
    other = known.other
    said = [long(note) for note in notes] + own
    if other is not None and not (known.on_own_table and notes):
        said += [f"{short(other.name)}: {long(without_row_numbers(note))}" for note in other.notes]
    if known.table is None and not said:
        return {"why": NO_TABLE}
    return {"text": said or ["Nothing of the table had to be explained, left out or converted."]}


def _used(known: Known) -> FactAnswer:
    kinds = {kind: [short(each["name"]) for each in known.predictors if each["kind"] == kind]
             for kind in ("identifier", "empty")}  # fmt: skip
    n_all, n_empty = len(known.predictors), len(kinds["empty"])
    takes = f"{n_all - n_empty} of {n_all} columns" if n_empty else counted(n_all, "column")
    said = f"The model takes {takes}. The program selected none of them by the outcome."
    if kinds["identifier"]:
        said += f" Of {', '.join(kinds['identifier'])} it takes only whether a cell is filled."
    if kinds["empty"]:
        said += f" In the training rows, no cell was filled of {', '.join(kinds['empty'])}."
    return {"text": [said]}


def _predictors(known: Known) -> GridData:
    units = {column.name: getattr(column.notation, "unit", "") or ""
             for column in known.model.schema_.columns}  # fmt: skip
    table = {each["name"]: each for each in (known.table or {}).get("columns", ())}
    rows = []
    for each in known.predictors:
        name, found = each["name"], table.get(each["name"])
        n_levels = len(each.get("levels", ()))
        values = counted(n_levels, "level") if found is None and n_levels else ""
        rows.append([short(name), each["kind"], short(units.get(name, "")),
                     values if found is None else spread(found)])  # fmt: skip
    whose = "" if known.table is None else f", with the values of {_of_fit(known)}"
    heads = ["column", "kind", "unit", "values"]
    return {"caption": f"The predictors{whose}", "heads": heads, "rows": rows}


def _of_fit(known: Known) -> str:
    name = "the table" if known.table is None else short(known.table["name"])
    return f"all rows of {name} (training and test)"


def spread(column: Mapping[str, Any]) -> str:
    """The values of a column: median and range, or its most common levels with their rows."""
    levels, n_levels = column.get("levels"), column.get("n_levels")
    if levels and n_levels is not None:
        said = ", ".join(f"{short(each['name'])}: {each['rows']:,}" for each in levels)
        if unknown := column.get("unknown"):
            said += f", {_UNKNOWN}: {unknown:,}"
        more = n_levels - len(levels)
        return said + (f" and {counted(more, 'more level')}" if more > 0 else "")
    ends = [column[key] for key in ("low", "median", "high")]
    if any(end is None for end in ends):
        return ""
    if column["kind"] == "date":
        low, median, high = plain_texts(ends)
    else:
        low, median, high = (amount(value, 5) for value in ends)
    return f"median {median}, from {low} to {high}"


# --- rows and events ----------------------------------------------------------------------------


def rows_of_fit(known: Known) -> dict[str, tuple[float, list[float] | None]]:
    """Of training, of the test and of a refit: how many rows, and of each class; None: not known.

    The classes are those of `Known.classes`. The numbers of the training rows are those of the
    table without the test rows, and are only known where these add up.
    """
    judged = known.judgement
    if judged is None:
        return {}
    test = classes_of(judged, known.classes)
    n_train, n_test = judged["n_train"], judged["n_test"]
    whole: list[float] | None = None
    counts = None if known.table is None else known.table.get("class_counts")
    if counts is not None:
        whole = [float(counts.get(name, 0)) for name in known.classes]
    adds_up = whole is not None and sum(whole) == n_train + n_test
    weighted = "n_effective" in judged["network"]
    train = None
    if adds_up and whole is not None and test is not None and not weighted:
        train = [all_of - of_test for all_of, of_test in zip(whole, test, strict=True)]
    found: dict[str, tuple[float, list[float] | None]] = {
        "training": (n_train, train),
        "test": (n_test, test),
    }
    if "refit" in judged:
        n_rows = judged["refit"]["n_rows"]
        found["refit"] = (n_rows, whole if whole is not None and sum(whole) == n_rows else None)
    return found


def classes_of(judged: Mapping[str, Any], classes: Sequence[str]) -> list[float] | None:
    """The rows of each class in an evaluation, in this order; None for a number."""
    network = judged["network"]
    if "n_positive" in network:
        counts = network["confusion"]
        negative = counts["false_positive"] + counts["true_negative"]
        return [negative, network["n_positive"]]
    if "confusion" not in network:
        return None
    rows = dict(zip(judged["classes"], map(sum, network["confusion"]), strict=True))
    return [rows[name] for name in classes]


def _least_rows(known: Known, r_squared: float | None) -> FactAnswer:
    found = rows_of_fit(known)
    if not found:
        return {"why": NO_EVALUATION}
    n_train, train = found["training"]
    trained = f"The model that was evaluated was trained on {counted(n_train, 'row')}"
    has = f"The first network has {counted(known.inputs, 'input')}"
    if train is not None:
        rarest = min(range(len(train)), key=lambda k: train[k])
        each = ", ".join(
            f"{count_text(n)} {short(name)}" for n, name in zip(train, known.classes, strict=True)
        )
        ratio = amount(train[rarest] / known.inputs, 3)
        trained += f" ({each})"
        has += f": for each there are {ratio} rows of the rarest class"
    said = [f"{trained}. {has}."]
    enough, why = least_rows_in_words(known, train, r_squared)
    return {"text": [*said, *enough], **({"partly": why} if why else {})}


def _grid_of_rows(known: Known, caption: str) -> GridData:
    found = rows_of_fit(known)
    words = {
        "training": "training of the evaluated model", "test": "evaluation of the fit (test rows)",
        "refit": "training of the saved model, after the evaluation",
    }  # fmt: skip
    own = {} if known.judgement is None else known.judgement["network"]
    lines: list[tuple[str, float, list[float] | None, bool]] = [
        (words[key], *values, key == "test" and "n_effective" in own)
        for key, values in found.items()
    ]
    if known.other is not None and not (known.on_own_table and found):
        network = known.other.judgement["network"]
        classes = classes_of(known.other.judgement, known.classes)
        name = f"evaluation on {short(known.other.name)}"
        lines.append((name, network["n_samples"], classes, "n_effective" in network))
    heads = ["analysis", "rows", *map(short, known.classes)]
    rows = []
    for name, n_rows, classes, weighted in lines:
        cells = ["not known"] * len(known.classes)
        if classes is not None:
            cells = [f"{'weight ' if weighted else ''}{count_text(n)}" for n in classes]
        rows.append([name, count_text(n_rows), *cells])
    return {"caption": caption, "heads": heads, "rows": rows}


def _flow(known: Known) -> FactAnswer:
    if known.judgement is None and known.other is None:
        return {"why": NO_EVALUATION}
    said = []
    if known.table is not None:
        counts = known.table.get("class_counts")
        if counts is not None:
            each = ", ".join(f"{n:,} {short(name)}" for name, n in counts.items())
            said.append(
                f"{short(known.table['name'])}: {counted(sum(counts.values()), 'row')} with a "
                f"known outcome ({each})."
            )
        said += [long(note) for note in known.table["notes"] if "row" in note]
    if known.other is not None:
        other = known.other
        used = other.judgement["network"]["n_samples"]
        words = f"{short(other.name)}: {counted(other.n_rows, 'row')}, of which {used:,} were " \
            "evaluated"  # fmt: skip
        if other.n_trained:
            about = "" if known.on_own_table else "about "
            words += f"; {about}{other.n_trained:,} of the others trained the model"
        said.append(f"{words}.")
    return {"text": said, "tables": [_grid_of_rows(known, "From the table to the analyses")]}


def _analyses(known: Known) -> FactAnswer:
    if known.judgement is None and known.other is None:
        return {"why": NO_EVALUATION}
    said = []
    stopping = known.facts["training"]["stopping"]
    networks = known.facts["networks"]
    if stopping == "folds" and networks > 1:
        said.append(
            f"Of the training rows, each of {networks:,} networks left out one part, which chose "
            "its number of epochs. Every row is in the training of the others."
        )
    return {"text": said, "tables": [_grid_of_rows(known, "Rows and events of each analysis")]}


# --- columns ------------------------------------------------------------------------------------


def _missing(known: Known) -> FactAnswer:
    indicator = known.model.encoder_.missing.indicator
    names = known.model.schema_.names
    marked = [short(name) for name, has in zip(names, indicator, strict=True) if has]
    kept = ", ".join(marked) if marked else "no column"
    does = (
        "A missing number counts as the median of the training rows, and a missing level as none. "
        f"A further input says that the cell is missing ({kept}: where training rows had missing "
        "cells). No row is left out for a missing predictor, and nothing is imputed several times."
    )
    if known.table is None:
        return {"text": [does], "partly": f"{NO_TABLE} So the missing cells are not counted."}
    columns = [each for each in known.table["columns"] if each["kind"] != "bound"]
    absent = [each for each in columns if each["missing"]]
    if not absent:
        return {"text": [f"No cell was missing in {_of_fit(known)}. {does}"]}
    grid: GridData = {
        "caption": f"Missing cells in {_of_fit(known)}",
        "heads": ["column", "missing cells"],
        "rows": [[short(each["name"]), f"{each['missing']:,}"] for each in absent],
    }
    return {"text": [does], "tables": [grid]}


def _characteristics(known: Known) -> FactAnswer:
    if known.other is not None:
        return {"text": [], "tables": [known.other.by_outcome]}
    if known.table is None:
        return {"why": f"{NO_TABLE} Name a TABLE."}
    rows = [
        [short(each["name"]), spread(each), f"{each['missing']:,}"]
        for each in known.table["columns"] if each["kind"] != "bound"
    ]  # fmt: skip
    grid: GridData = {
        "caption": f"The columns of {_of_fit(known)}",
        "heads": ["column", "values", "missing cells"], "rows": rows,
    }  # fmt: skip
    return {"text": [], "tables": [grid]}


def _compared(known: Known) -> FactAnswer:
    other = known.other
    if other is None:
        return {"why": "The file has no columns of the test rows alone; name a TABLE."}
    before, n_used = other.before, other.judgement["network"]["n_samples"]
    if n_used < FEWEST_SHOWN:
        return {"why": f"The evaluated rows are fewer than {FEWEST_SHOWN}."}
    if before is None and known.table is None:
        return {"why": NO_TABLE}
    if before is not None:
        fit, now = "training rows", "evaluated rows"
    else:
        fit, now = _of_fit(known), f"evaluated rows of {short(other.name)}"
        before = [] if known.table is None else known.table["columns"]
    then = {each["name"]: each for each in before}
    rows = [
        [short(each["name"]), *_values(then.get(each["name"])), *_values(each)]
        for each in other.columns
        if each["kind"] != "bound"
    ]
    grid: GridData = {
        "caption": f"{fit[:1].upper()}{fit[1:]} beside {now}",
        "heads": ["column", "at the fit", "missing", "evaluated", "missing"],
        "rows": rows,
    }  # fmt: skip
    return {"text": [], "tables": [grid]}


def _values(column: Mapping[str, Any] | None) -> tuple[str, str]:
    """The values and the missing cells of a column; empty if the table does not have it."""
    return ("", "") if column is None else (spread(column), f"{column['missing']:,}")


def columns_by_outcome(
    columns: Sequence[tuple[str, str, Sequence[str]]],
    matrix: np.ndarray,
    outcome: Mapping[str, np.ndarray],
    caption: str,
) -> GridData:
    """The columns of some rows, in each class: median with quartiles, or the shares of levels.

    Parameters
    ----------
    columns : sequence of (str, str, sequence of str), length n_features
        The name, the kind and the levels of each column.
    matrix : ndarray of float64, shape (n_samples, n_features)
        NaN for a missing value; for a category the number of its level, from 1.
    outcome : mapping of str to ndarray of bool, shape (n_samples,)
        Which rows each column of the grid is about.
    caption : str
    """
    rows = [["rows", *(f"{int(own.sum()):,}" for own in outcome.values())]]
    hidden = [int(own.sum()) < FEWEST_SHOWN for own in outcome.values()]
    for (name, kind, levels), values in zip(columns, matrix.T, strict=True):
        if kind == "bound":
            continue
        parts = [values[own] for own in outcome.values()]
        shown = [each[~np.isnan(each)] for each in parts]
        named = dict(enumerate(levels, start=1)) if kind == "category" else {}
        named = {1: "true", 0: "false"} if kind == "boolean" else named
        if named:
            rows += _level_lines(name, named, shown)
            unknown = [0 if kind == "boolean" else int((each == 0).sum()) for each in shown]
            if any(unknown):
                rows.append([f"{short(name)}, {_UNKNOWN}", *_with_shares(unknown, shown)])
        elif kind in ("number", "date"):
            rows.append([short(name), *(_quartiles(each, kind) for each in shown)])
        absent = [int(np.isnan(each).sum()) for each in parts]
        if any(absent):
            rows.append([f"{short(name)}, missing", *(f"{n:,}" for n in absent)])
    heads = ["column: median [quartiles], or rows (%)", *map(short, outcome)]
    if any(hidden):
        caption += f"; of fewer than {FEWEST_SHOWN} rows nothing else is shown"
        rows = [rows[0], *(
            [words, *("" if no else cell for no, cell in zip(hidden, cells, strict=True))]
            for words, *cells in rows[1:]
        )]  # fmt: skip
    return {"caption": caption, "heads": heads, "rows": rows}


def _level_lines(
    name: str, named: Mapping[int, str], parts: Sequence[np.ndarray]
) -> list[list[str]]:
    """A line for each of the most common levels, and one for all others."""
    counts = {code: [int((each == code).sum()) for each in parts] for code in named}
    order = sorted(counts, key=lambda code: (-sum(counts[code]), code))
    lines = [(f"{short(name)} = {short(named[code])}", counts[code])
             for code in order[:_MOST_LEVELS]]  # fmt: skip
    if len(order) > _MOST_LEVELS:
        rest = [sum(each) for each in zip(*(counts[code] for code in order[_MOST_LEVELS:]),
                                          strict=True)]  # fmt: skip
        lines.append((f"{short(name)}, {len(order) - _MOST_LEVELS:,} other levels", rest))
    return [[words, *_with_shares(each, parts)] for words, each in lines]


def _with_shares(rows: Sequence[int], parts: Sequence[np.ndarray]) -> list[str]:
    """Rows of each part, with their share of it."""
    return [
        f"{n:,} ({100 * n / len(part):.1f} %)" if len(part) else "0"
        for n, part in zip(rows, parts, strict=True)
    ]


def _quartiles(values: np.ndarray, kind: str) -> str:
    if not len(values):
        return ""
    quartiles = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    if kind == "date":
        whole = bool((values == np.floor(values)).all())
        low, median, high = plain_texts(quartiles, days=whole)
    else:
        low, median, high = (amount(value, 4) for value in quartiles)
    return f"{median} [{low}, {high}]"
