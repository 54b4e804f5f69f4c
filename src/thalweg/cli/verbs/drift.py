"""``thalweg drift``: the options and the output of comparing a table with the training rows."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from thalweg.cli.console_listener import Talk, require_files
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import Empty, ReadingOptions, with_groups
from thalweg.wording import printable, unescaped

if TYPE_CHECKING:
    from thalweg.jobs.drift import DriftOutcome

_WORST = 10
_LONGEST_NAME = 26


@with_groups
def drift(
    model: verb_options.Model,
    table: verb_options.Table,
    *,
    target: verb_options.Target = None,
    level: verb_options.DriftLevel = 0.05,
    least: verb_options.DriftLeast = 0.05,
    reading: ReadingOptions,
    empty: Empty = None,
    number: verb_options.Number = None,
    missing: verb_options.Missing = None,
    drop_row: verb_options.DropRow = None,
    output: verb_options.DriftTo = None,
    force: verb_options.Force = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Compare a table with the one that a model was fitted on.

    Each column, the rows as a whole, and the predictions, beside the summaries in the model file;
    with the target in the table also the loss. A column has drifted if the difference is
    significant and not small. The exit code is 3 if a check fails.
    """
    with Talk("drift", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.drift import DriftRequest
        from thalweg.jobs.drift import drift as job

        require_files(**{"--output": output})
        read = reading.reading()
        named = names_of(table, read)
        request = DriftRequest(
            model=model,
            table=table,
            target=None if target is None else named(target),
            level=level,
            least=least,
            empty=[*map(unescaped, empty or [])],
            number={named(name): example for name, example in number or ()},
            missing=verb_options.missing_words(missing or [], named),
            drop_row=drop_row or [],
            reading=read,
            output=output,
            overwrite=force,
        )
        talk.show(_page(job(request, talk)))


def _page(outcome: "DriftOutcome") -> Group:
    """The worst columns, and what was found in words."""
    from thalweg.evaluation.drift.table_drift import HEADS, cells_of

    found = outcome.drift
    grid = Grid(box=None, pad_edge=False)
    longest = max((len(each.label) for each in found.details[:_WORST]), default=0)
    for place, head in enumerate(HEADS):
        # A name stands in one line, unless it is long.
        width = len(head) if place else min(longest + 2, _LONGEST_NAME)
        grid.add_column(head, overflow="fold", min_width=width)
    for each in found.details[:_WORST]:
        style = "bold" if each.drifted else ""
        grid.add_row(*(Text(printable(cell), style) for cell in cells_of(each)))
    left = len(found.details) - _WORST
    lines = ["", *found.sentences()]
    if left > 0:
        lines.insert(0, f"… and {left:,} more, with less or no drift (all of them: --output).")
    return Group(grid, *(Text(printable(line)) for line in lines))
