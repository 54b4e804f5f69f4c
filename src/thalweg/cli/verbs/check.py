"""``thalweg check``: the table doctor."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from thalweg.cli import options
from thalweg.cli.outcome import Outcome
from thalweg.cli.reading import MaxMemory, reading_of, with_categories
from thalweg.wording import printable

if TYPE_CHECKING:
    from thalweg.data.doctor.table_check import Diagnosis

_STYLES = {"severe": "bold red", "caution": "bold yellow", "note": "bold"}


def check(
    table: options.Table,
    target: options.CheckedTarget = None,
    group: options.Group = None,
    test: options.Test = None,
    drop: options.Drop = None,
    category: options.Category = None,
    separator: options.Separator = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    max_memory: MaxMemory = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Look for what makes models wrong that nobody notices.

    Identifiers, columns that give the target away, rows that stand twice or on both sides of a
    split, numbers stored as text, values that stand for missing ones, and more; each with the
    mend. The exit code is 3 where something severe was found.
    """
    reading = reading_of(locals())
    with Outcome("check", as_json=as_json, quiet=quiet) as outcome:
        from thalweg.data.doctor.table_check import check_table
        from thalweg.data.read import load_whole

        whole = load_whole(table, target=target, drop=drop or [], group=group, **reading)
        against = None if test is None else load_whole(test, **reading)
        notes = [*whole.notes, *(against.notes if against else ())]
        target = whole.target_name
        if target is None:
            notes.append("Without --target what concerns the target is not checked.")
        told = check_table(
            with_categories(whole.frame, category or []),
            target,
            group=group,
            test=None if against is None else against.frame,
        )
        outcome.data = {
            "name": whole.name,
            "rows": told.n_rows,
            "columns": list(whole.frame.columns),
            "target": target,
            "group": group,
            "test": None if against is None else against.name,
            "notes": notes,
        }
        for note in notes:
            outcome.say(note)
        outcome.result = told.as_dict()
        outcome.check_failed = told.is_severe
        outcome.show(_page(whole.name, told))


def _page(name: str, told: "Diagnosis") -> Group:
    """The findings, each with its severity on the left."""
    grid = Grid.grid(padding=(0, 2, 1, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for each in told.findings:
        words = Text(printable(f"{each.check}: {each.what} ({each.where})."))
        words.append(f"\n{printable(each.why)}.", "dim")
        words.append(f"\nMend: {printable(each.fix)}.")
        grid.add_row(Text(each.severity, _STYLES[each.severity]), words)
    head = Text(printable(f"{name}: {told.headline}"), "bold")
    return Group(head, "", grid) if told.findings else Group(head)
