"""The section of the report for whom a model holds: its metrics in groups of rows."""

from collections.abc import Sequence

from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.subgroups.group_shapes import GroupTableData, SubgroupsData
from thalweg.evaluation.subgroups.group_tables import LEVEL
from thalweg.reporting import html_pieces as pieces
from thalweg.reporting.html_pieces import PICTURE, figure, label, name, source, text
from thalweg.reporting.page.report_shapes import Report
from thalweg.reporting.page.section_data import (
    MOST_COLUMNS_OF_GROUPS,
    MOST_GROUPS,
    class_names,
    group_strips,
    metric_keys,
    metric_name,
)
from thalweg.reporting.page.sections.section_words import LONGEST, said, sections_in
from thalweg.reporting.verdict_words import of_weights
from thalweg.wording import count_text, counted


def subgroups(report: Report, tested: str) -> str:
    """For whom: the metrics in the groups that a person named."""
    found = sections_in(report)["subgroups"]
    if found is None:
        return ""
    if found["refused"] is not None:
        return figure("groups", "Groups were not evaluated", tested, said(found["refused"]))
    notes = [*found["notes"]]
    refused = [table["refused"] for table in found["tables"] if table["refused"] is not None]
    notes += [each for each in refused if each not in found["sentence"]]
    if len(found["tables"]) > MOST_COLUMNS_OF_GROUPS:
        notes.append(f"Here are the first {MOST_COLUMNS_OF_GROUPS} columns of groups.")
    drawn = any(group_strips(table, found["overall"]) for table in found["tables"])
    listed = "".join(f"<li>{text(note, LONGEST)}</li>" for note in notes)
    return figure(
        "groups",
        _groups_title(found),
        f"{_DOTS if drawn else ''}{tested}",
        (PICTURE.format("groups-picture") if drawn else "") + said(found["sentence"])
        + (f'<ul class="notes">{listed}</ul>' if listed else ""),
        behind="".join(
            _group_table(
                each, found, report["verdict"],
                weighted=bool(of_weights(report["verdict"]["network"])),
            )
            for each in found["tables"][:MOST_COLUMNS_OF_GROUPS]
            if each["refused"] is None
        ),
        source=source(report, "each group against the rest, Holm's correction over all tests"),
    )  # fmt: skip


_DOTS = (
    "A line: the value of all rows. Dots: groups, with 95 % intervals. Grey and hollow: too few "
    "rows to tell. "
)


def _groups_title(found: SubgroupsData) -> str:
    differing = [
        (table["column"], group["name"])
        for table in found["tables"]
        for group in table["groups"]
        if any(
            metric["p_adjusted"] is not None and metric["p_adjusted"] < LEVEL
            for metric in group["metrics"].values()
        )
    ]
    if not found["n_tests"]:
        return "No group has enough rows to be compared with the rest"
    if not differing:
        return "No group was found to differ from the rest by more than random variation"
    column, group = differing[0]
    more = len(differing) - 1
    rest = f" and {counted(more, 'more group')}" if more else ""
    return f"{name(column)} {label(group)}{rest} {'differ' if more else 'differs'} from the rest"


def _group_table(
    table: GroupTableData, found: SubgroupsData, verdict: VerdictData, *, weighted: bool
) -> str:
    names = class_names(verdict)
    keys = metric_keys(
        (key for key in found["overall"] if any(key in g["metrics"] for g in table["groups"])),
        verdict,
    )
    of = ", sum of weights" if weighted else ""
    events = [f"{label(names[1])}{of}"] if len(names) == 2 else []
    heads = ["group", "rows", *events, *(text(metric_name(key, names)) for key in keys)]
    rows: list[Sequence[str]] = []
    for group in table["groups"][:MOST_GROUPS]:
        cells = [
            pieces.estimate(group["metrics"][key]) if key in group["metrics"] else ""
            for key in keys
        ]
        n = "" if group["events"] is None else count_text(group["events"])
        rows.append((name(group["name"]), f"{group['n']:,}", *[n for _ in events], *cells))
    if len(table["groups"]) > MOST_GROUPS:
        rows.append((f"{len(table['groups']) - MOST_GROUPS:,} more groups",))
    overall = [pieces.estimate(found["overall"][key]) for key in keys]
    rows.append(("all rows", "", *["" for _ in events], *overall))
    caption = f"Groups of {text(table['column'])}"
    return pieces.folded(f"Table: {name(table['column'])}", pieces.table(heads, rows, caption))
