"""The tables of the columns of a trace: each one raw and encoded, and how it is encoded."""

from collections.abc import Mapping, Sequence
from typing import Any

from thalweg.reporting.trace.tables.digits import exact, number, scaling_numbers
from thalweg.reporting.trace.tables.trace_tables import ROWS, Section, shown_rows
from thalweg.wording import counted

Facts = Mapping[str, Any]

# The largest number of columns of a table.
COLUMNS = 24

# How a column is encoded: the formulas of docs/mathematics.md, "The encoder".
SCALED = (
    "u = s (x - m), and encoded is u / √(1 + (u/3)²), with the median m of the training rows. The "
    "scale s is 1 / (interquartile range), or 2 / (max - min) where that range is 0, or 0 where "
    "all values are equal."
)
# Of levels that have a column each, of two levels that share one, and of both kinds.
_RARE = "Where fewer than a quarter of the rows have a level, the interquartile range is 0 and s is"
LEVEL = f"The x of a level is 1 in a row that has it, else 0. {_RARE} 2 / (1 - 0) = 2."
PAIR = (
    "Of two levels, which share one column, the x of the named one is 1, and that of the other one "
    f"is -1. {_RARE} 2 / (1 - (-1)) = 1."
)
LEVEL_AND_PAIR = (
    "The x of a level is 1 in a row that has it, else 0; of two levels, which share one column, "
    f"the other one is -1. {_RARE} 2 / (1 - 0) = 2, or, of two levels, 2 / (1 - (-1)) = 1."
)
# What x is, or what is encoded, by `kind` of the columns.
KINDS = {
    "truth": "The x of a column of true and false is 1 for true, and 0 for false.",
    "days": "The x of a date is its days since 1970-01-01, with the time as part of a day.",
    "time": "The x of a time of day is its part of the day, 0.5 at noon.",
    "common": (
        "The x of a common column is ln of a share: of the training rows whose cell is not "
        "missing, the share that have the level of this row. A level that none of them has counts "
        "as the rarest one."
    ),
    "code": (
        "The x of a target code is the code of the level, from all training rows; it has m = 0 and "
        "s = 1."
    ),
    "year": (
        "The other parts of a date have no scale. Year sine and cosine are sin φ and cos φ with φ "
        "= 2π d / 365.2425 and d the days since 2000-01-01, with the time as part of a day."
    ),
    "hour": "Hour sine and cosine are sin φ and cos φ with φ = 2π h / 24 at the hour h of a day.",
    "late": "Day 28 or later is 1 or 0.",
    "weekday": "A weekday is 2 / √(1 + (2/3)²) = 1.664, as a rare level, or 0 on other days.",
}
BIN = (
    "In a bin from min to max, encoded is s (t(x) - t(m)), where t(x) = (x - min) / (max - min), "
    "clipped to between 0 and 1."
)


def column_sections(data: Facts) -> list[Section]:
    """Each column, raw and encoded, and how; with many those with the largest encoded values."""
    places = shown_rows(data)
    several = len(data["rows"]) > 1
    heads = ["", "column"]
    for row in (data["rows"][r] for r in places):
        at = f" {row['row']}" if several else ""
        heads += [f"raw{at}", f"encoded{at}"]
    lines = []
    # A category has an output for each level: nearly all are 0, and not worth a line.
    sizes = [-max(abs(column["encoded"][r]) for r in places) for column in data["columns"]]
    strongest = sorted(sorted(range(len(sizes)), key=sizes.__getitem__)[:COLUMNS])
    shown = [data["columns"][j] for j in strongest]
    for column in shown:
        cells = [f"X[{column['column']}]", column["name"]]
        for r in places:
            raw = column["raw"]
            cells.append("" if raw is None else _cell(raw[r]))
            cells.append(number(column["encoded"][r]))
        lines.append(tuple(cells))
    hidden = _more(len(data["columns"]) - COLUMNS, "column", ", which are the nearest to 0")
    words = hidden + _more(len(data["rows"]) - ROWS, "row")
    table = Section("The row, raw and encoded", words, tuple(heads), tuple(lines))
    how = _scaling_section(shown, f" of row {data['rows'][0]['row']}" if several else "")
    return [table, how] if how.words else [table]


def _scaling_section(columns: Sequence[Facts], of_row: str) -> Section:
    """The numbers from which each encoded number follows, and the formulas."""
    known = [(column, column["scaling"]) for column in columns if column["scaling"]]
    numbers = scaling_numbers([(scaling, column["encoded"][0]) for column, scaling in known])
    lines = [
        (f"X[{column['column']}]", *its, number(column["encoded"][0]))
        for (column, _), its in zip(known, numbers, strict=True)
    ]
    words = [f"{SCALED} A missing value becomes 0."] if known else []
    there = {column["kind"] for column in columns}
    if {"level", "pair"} <= there:
        words.append(LEVEL_AND_PAIR)
    elif there & {"level", "pair"}:
        words.append(LEVEL if "level" in there else PAIR)
    if any(scaling["is_bin"] for _, scaling in known):
        words.append(BIN)
    words += [said for kind, said in KINDS.items() if kind in there]
    heads = ("", "x", "m", "s", "min", "max", "encoded")
    return Section(f"How the columns{of_row} are encoded", tuple(words), heads, tuple(lines))


def _cell(raw: float | str | None) -> str:
    return "missing" if raw is None else raw if isinstance(raw, str) else exact(raw)


def _more(n: int, what: str, why: str = "") -> tuple[str, ...]:
    return (f"{counted(n, f'more {what}')} not shown{why}.",) if n > 0 else ()
