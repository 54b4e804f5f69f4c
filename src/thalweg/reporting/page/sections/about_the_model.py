"""The sections of the report about the model: which columns, how, and why a row has its answer."""

from collections.abc import Sequence
from itertools import groupby

from thalweg.evaluation.importance.importance_found import GROUP
from thalweg.evaluation.section_shapes import (
    EffectData,
    EffectsSection,
    ExplainedRowData,
    ExplainedSection,
)
from thalweg.evaluation.section_texts.reasons_left_out import HOW_TO_ASK
from thalweg.reporting.explaining.contribution_words import gain_text
from thalweg.reporting.html_pieces import (
    PICTURE,
    clipped,
    figure,
    folded,
    name,
    source,
    table,
    text,
)
from thalweg.reporting.model_sections.explained_section import answers_in_words, name_of_bar
from thalweg.reporting.page.about_model_data import drawn_lines, said_of_curves, unit_of
from thalweg.reporting.page.report_shapes import Report
from thalweg.reporting.page.sections.section_words import LONGEST, has_panel, said, sections_in
from thalweg.reporting.verdict_words import subject
from thalweg.wording import amount, count_text, counted

# Points of a curve in the folded table.
_MOST_POINTS = 9
_TITLE = 400


def importance(report: Report, tested: str) -> str:
    """Which columns the model leans on; without it, why it is not shown."""
    sections = sections_in(report)
    section, left_out = sections.get("importance"), sections.get("left_out", {})
    reasons = [left_out[key] for key in ("effects", "explained") if key in left_out]
    about = [why for why in reasons if why not in HOW_TO_ASK]
    if section is None:
        why = left_out.get("importance")
        if why is None:
            return ""
        return figure(
            "importance",
            f"Which columns {text(subject(report['verdict']))} leans on is not shown",
            tested,
            "".join(map(said, dict.fromkeys([why, *about]))),
        )
    found = section["found"]
    rows = [
        (
            f'<span class="indented">{name(line["name"])}</span>'
            if line["group"]
            else f"{name(line['name'])}{' together' if line['kind'] == GROUP else ''}",
            f"{amount(100 * line['share'], 3)}\u00a0%",
            f"<b>{amount(line['value'], 3)}</b> <span class=\"soft\">[{amount(line['low'], 3)}, "
            f"{amount(line['high'], 3)}]</span>",
            "" if line["networks"] is None else " to ".join(
                amount(each, 3) for each in line["networks"]
            ),
        )
        for line in drawn_lines(section)
    ]  # fmt: skip
    more = len(section["lines"]) - len(rows)
    notes = [*section["notes"], *about]
    if more:
        notes.append(f"{counted(more, 'smaller one is', 'smaller ones are')} not shown.")
    unit = found["unit"] or found["measure"]
    heads = ("column", "share", f"rise, {text(unit)}", "networks alone")
    return figure(
        "importance",
        text(section["title"], _TITLE),
        f"{text(section['scale'], LONGEST)} {tested}",
        PICTURE.format("importance-picture") + _notes(notes),
        behind=folded(
            "Table: what is lost by permuting each column",
            table(heads, rows, "Rise of the loss if the cells of a column are permuted"),
        ),
        source=source(report, "permutation of raw cells, missing ones too; intervals by bootstrap "
                      "over the rows"),
    )  # fmt: skip


def effects(report: Report, tested: str) -> str:
    """How the answers change with the columns."""
    section = sections_in(report).get("effects")
    if section is None:
        return ""
    notes = [*section["notes"]]
    for each in section["without"][:12]:
        notes.append(f"No curve for {clipped(each['column'])}: {each['why']}.")
    zero = (
        "The axis is the probability, from its mean of "
        f"{100 * section['mean_probability']:.3g}\u00a0% on, in steps of log-odds. "
        if section["mean_probability"] is not None
        else ""
    )
    points = ", in percentage points" if section["scale"] == "probability" else ""
    return figure(
        "effects",
        text(section["title"], _TITLE),
        f"Effect of a column on the {text(section['answer'])}{points}, all else as in the rows: "
        f"{text(section['rows'], 200)}. All pictures have one scale. {zero}{tested}",
        PICTURE.format("effects-picture") + _notes(notes),
        behind=folded("Tables: points of the curves", _curve_tables(section)),
        source=source(report, "accumulated local effects (Apley and Zhu 2020), centred over the "
                      "rows; intervals hold for a whole curve, by resampling the rows"),
    )  # fmt: skip


def _curve_tables(section: EffectsSection) -> str:
    """A table for each column, with a part of the points."""
    return "".join(
        _curve_table(section, column, list(curves))
        for column, curves in groupby(section["curves"], key=lambda each: each["column"])
    )


def _curve_table(section: EffectsSection, column: str, curves: Sequence[EffectData]) -> str:
    first, n, unit = curves[0], len(curves[0]["x"]), unit_of(section)
    most = n if first["texts"] else _MOST_POINTS
    kept = sorted({round(k * (n - 1) / max(1, most - 1)) for k in range(most)})
    words = first["texts"] or [amount(each, 5) for each in first["x"]]
    several = len(curves) > 1
    of_unit = f", {text(unit.words)}" if unit.words else ""
    weighted = any(each != round(each) for each in first["rows_in_bin"])
    heads = (
        (text(column), *(text(each["output"]) for each in curves))
        if several
        else (
            text(column),
            f"effect{of_unit}",
            "95 % interval",
            "effective rows" if weighted else "rows",
        )
    )
    rows = []
    for k in kept:
        signed = [unit.number(each["mean"][k]) for each in curves]
        own = f"{text(words[k])}{'' if first['supported'][k] else ' (moved rows unlike)'}"
        if several:
            rows.append((own, *signed))
        else:
            ends = (unit.number(first[end][k]) for end in ("low", "high"))
            rows.append(
                (own, f"<b>{signed[0]}</b>", f"[{', '.join(ends)}]",
                 count_text(first["rows_in_bin"][k]))
            )  # fmt: skip
    words_of = "; ".join(said_of_curves(list(curves), unit))
    return f'<p class="said"><bdi>{text(column)}</bdi>: {text(words_of, LONGEST)}</p>' + table(
        heads, rows, f"Effect of {text(column)} on the {text(section['answer'])}{of_unit}"
    )


def explained(report: Report, tested: str) -> str:
    """Why some rows have their answers: contributions of the columns."""
    section = sections_in(report).get("explained")
    if section is None:
        return _how_to_explain(report)
    parts = [_explained_row(section, k, row) for k, row in enumerate(section["rows"])]
    tables = [_bars_table(section, row) for row in section["rows"]]
    return figure(
        "explained",
        text(section["title"], _TITLE),
        "From the answer for a typical row to the answer for the row, what each column adds. "
        + (f"Thin lines: from the start of its bar, the least and the most that one of the "
           f"{section['n_networks']:,} networks adds. "
           if section["n_networks"] > 1 else "")
        + tested,
        "".join(parts) + _notes(section["notes"]),
        behind=folded("Tables: contributions of the columns", "".join(tables)),
        source=source(report, "contributions along the straight way from the typical row to the "
                      "row; they are rounded so that they add up as shown"),
    )  # fmt: skip


def _how_to_explain(report: Report) -> str:
    """How a reader gets explained rows, or explains one of their own; nothing if that cannot be."""
    why = sections_in(report).get("left_out", {}).get("explained")
    if why not in HOW_TO_ASK:
        return ""
    panel = (
        "To explain a row here, type its cells into the panel below. It begins at the typical row, "
        "and shows what each column adds from there."
    )
    body = said(why) + (said(panel) if has_panel(report) else "")
    return figure("explained", "Why single rows have their answers", "", body)


def _explained_row(section: ExplainedSection, k: int, row: ExplainedRowData) -> str:
    of = "" if row["label"] is None else f"probability of {text(row['label'])} "
    words = "".join(map(said, [row["sentence"], *row["notes"], f"In truth: {row['truth']}."]))
    return (
        f'<div class="why"><h3>The row {text(row["head"], 200)}, row {row["row"]:,} of the table '
        f"<span>{of}{answers_in_words(row)}</span></h3>"
        f"{PICTURE.format(f'explained-{k}-picture')}<div>{words}</div></div>"
    )


def _bars_table(section: ExplainedSection, row: ExplainedRowData) -> str:
    label, decimals = row["label"], row["decimals"]

    def gain(value: float) -> str:
        return gain_text(value, label, decimals).removesuffix(" pt")

    n_cells = 3 if section["n_networks"] > 1 else 2
    rows = [
        (
            name(name_of_bar(bar)),
            f"<b>{gain(bar['value'])}</b>",
            f"{gain(bar['low'])} to {gain(bar['high'])}",
        )
        for bar in row["bars"]
    ]
    unit = "" if label is None else ", points"
    heads = ("column", f"adds{unit}", "networks alone")
    head = f"The row {text(row['head'], 200)}: {answers_in_words(row)}"
    cut = [each[:n_cells] for each in rows]
    return f'<p class="said">{head}</p>' + table(heads[:n_cells], cut, head)


def _notes(notes: Sequence[str]) -> str:
    return '<ul class="notes">' + "".join(
        f"<li>{text(each, LONGEST)}</li>" for each in notes
    ) + "</ul>"  # fmt: skip
