"""``thalweg sweep``: options and output of a curve of one setting, or a map of rate × units."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from thalweg.cli.console_listener import Talk
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.landscape_options import Dark
from thalweg.cli.options.option_groups import ColumnOptions, ReadingOptions, with_groups
from thalweg.cli.options.sweep_options import SweepOptions, read_over
from thalweg.cli.options.training_options import CurveOptions
from thalweg.wording import printable

if TYPE_CHECKING:
    from thalweg.jobs.sweeps.setting_sweep_job import SettingSweepOutcome
    from thalweg.jobs.sweeps.sweep import SweepOutcome

_To = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help="Write to this file: .html (interactive), .png, .svg or .json.",
    ),
]  # fmt: skip


@with_groups
def sweep(
    table: verb_options.Table,
    *,
    sweeping: SweepOptions,
    columns: ColumnOptions,
    group: verb_options.Group = None,
    time_column: verb_options.TimeColumn = None,
    weight: verb_options.WeightColumn = None,
    reading: ReadingOptions,
    output: _To = None,
    force: verb_options.Force = False,
    seed: verb_options.Seed = 0,
    dark: Dark = False,
    training: CurveOptions,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Show the loss over one setting, or map it over learning rate and number of units.

    With --over, the estimator of `fit` is fitted for each value of one setting, on the same folds;
    the output says which values are not shown to be worse than the lowest, and where the default
    stands. Without it, a map: each cell is the mean of five networks with one hidden layer, trained
    on three quarters of the rows and evaluated on the others.
    """
    with Talk("sweep", as_json=as_json, quiet=quiet, seed=seed) as talk:
        read = reading.reading()
        named = names_of(table, read)
        both: dict[str, Any] = {
            "table": table, "reading": read, "seed": seed, "output": output, "dark": dark,
            "overwrite": force,
        }  # fmt: skip

        def show(outcome: "SettingSweepOutcome | SweepOutcome") -> None:
            talk.show(Text("\n".join(printable(line) for line in outcome.shown.lines())))

        talk.when_settled(show)
        if sweeping.over is None:
            from thalweg.jobs.sweeps.sweep import SweepRequest
            from thalweg.jobs.sweeps.sweep import sweep as job

            roles = {"group": group, "time_column": time_column, "weight_column": weight}
            settings = sweeping.of_map(training, **roles)
            job(SweepRequest(columns=columns.columns(named), settings=settings, **both), talk)
            return
        from thalweg.jobs.sweeps.setting_sweep_job import SettingSweepRequest, setting_sweep_job

        points: dict[str, Any] = {} if sweeping.points is None else {"points": sweeping.points}
        request = SettingSweepRequest(
            columns=columns.columns(named, group, time_column, weight=weight),
            settings=sweeping.of_curve(training), over=read_over(sweeping.over), **points, **both,
            task=sweeping.task or "auto",
        )  # fmt: skip
        setting_sweep_job(request, talk)
