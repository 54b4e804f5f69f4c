"""``thalweg check``: the options and the output of the table doctor."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from thalweg.cli.console_listener import Talk
from thalweg.cli.copyable_text import CopyableText
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import target_options, verb_options
from thalweg.cli.options.option_groups import (
    ColumnOptions,
    OffsetOptions,
    ReadingOptions,
    with_groups,
)
from thalweg.wording import printable

if TYPE_CHECKING:
    from thalweg.jobs.check import CheckOutcome

_STYLES = {"severe": "bold red", "caution": "bold yellow", "note": "bold"}


@with_groups
def check(
    table: verb_options.Table,
    *,
    target: target_options.CheckedTargets = None,
    group: verb_options.Group = None,
    weight_column: verb_options.WeightColumn = None,
    exposure: verb_options.Exposure = None,
    test: verb_options.Test = None,
    drop: verb_options.Drop = None,
    category: verb_options.Category = None,
    number: verb_options.Number = None,
    text: verb_options.FreeText = None,
    date: verb_options.Date = None,
    missing: verb_options.Missing = None,
    drop_missing: verb_options.DropMissing = None,
    drop_row: verb_options.DropRow = None,
    task: verb_options.Task = None,
    reading: ReadingOptions,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Check a table for problems that silently spoil models.

    Identifiers, columns that give the target away, duplicate rows, rows on both sides of a split,
    numbers stored as text, codes for missing values, and more; each finding comes with its fix.
    The exit code is 3 if a finding is severe.
    """
    with Talk("check", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.check import CheckRequest
        from thalweg.jobs.check import check as job

        read = reading.reading()
        sizes = OffsetOptions(exposure=exposure)
        columns = ColumnOptions(
            target=target, drop=drop, category=category, number=number, text=text, date=date,
            missing=missing, drop_missing=drop_missing, drop_row=drop_row,
        ).columns(
            names_of(table, read), group, weight=weight_column, sizes=sizes, several=True
        )  # fmt: skip
        request = CheckRequest(
            table=table,
            target=columns.target,
            group=columns.group,
            test=test,
            columns=columns,
            task=task or "auto",
            reading=read,
        )
        talk.show(_page(job(request, talk)))


def _page(outcome: "CheckOutcome") -> Group:
    """The findings, each with its severity on the left."""
    found = outcome.diagnosis
    grid = Grid.grid(padding=(0, 2, 1, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")  # a word that is cut off could not be copied
    for each in found.findings:
        words = Text(printable(f"{each.check}: {each.what} ({each.where})."))
        words.append(f"\n{printable(each.why)}.", "dim")
        words.append(f"\nFix: {printable(each.fix)}.")
        grid.add_row(Text(each.severity, _STYLES[each.severity]), CopyableText(words))
    head = Text(printable(f"{outcome.name}: {found.headline}"), "bold")
    return Group(head, "", grid) if found.findings else Group(head)
