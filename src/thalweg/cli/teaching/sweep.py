"""``thalweg sweep``: the options and the output of a map of learning rate × units."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from thalweg.cli.console_listener import Talk
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.landscape_options import Dark
from thalweg.cli.options.option_groups import ColumnOptions, ReadingOptions, with_groups
from thalweg.cli.options.sweep_options import SweepOptions
from thalweg.wording import printable

if TYPE_CHECKING:
    from thalweg.jobs.sweeps.sweep import SweepOutcome

_What = Annotated[str, typer.Argument(metavar="TABLE", help="A table.")]
_To = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help="Write to this file: .html (interactive), .png, .svg or .json.",
    ),
]  # fmt: skip


@with_groups
def sweep(
    table: _What,
    *,
    sweeping: SweepOptions,
    columns: ColumnOptions,
    reading: ReadingOptions,
    output: _To = None,
    force: verb_options.Force = False,
    seed: verb_options.Seed = 0,
    dark: Dark = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Map the held-out loss over learning rate and number of units.

    Each cell is the mean of five networks, trained on three quarters of the rows and evaluated on
    the others. The output says what is lowest, and whether it is shown to be lower than beside it.
    """
    with Talk("sweep", as_json=as_json, quiet=quiet, seed=seed) as talk:
        from thalweg.jobs.sweeps.sweep import SweepRequest
        from thalweg.jobs.sweeps.sweep import sweep as job

        read = reading.reading()
        request = SweepRequest(
            table=table,
            columns=columns.columns(names_of(table, read)),
            reading=read,
            settings=sweeping.settings(),
            seed=seed,
            output=output,
            dark=dark,
            overwrite=force,
        )

        def show(outcome: "SweepOutcome") -> None:
            talk.show(Text("\n".join(printable(line) for line in outcome.shown.lines())))

        talk.when_settled(show)
        job(request, talk)
