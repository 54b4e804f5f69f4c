"""``thalweg fit``: the options and the output of training and evaluation on held-out rows."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group

from thalweg.cli.console_listener import Talk, require_files
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import (
    ColumnOptions,
    ComparedOptions,
    HeldOutOptions,
    NoWhatIf,
    OffsetOptions,
    ReadingOptions,
    with_groups,
)
from thalweg.cli.options.running.checkpoint_options import CheckpointOptions
from thalweg.cli.options.training_options import TrainingOptions
from thalweg.cli.targets_in_terminal import targets_of_fit
from thalweg.cli.terminal_tables import history_page, page

if TYPE_CHECKING:
    from thalweg.jobs.fitting.fit_outcome import FitOutcome

WithRows = Annotated[
    bool, typer.Option("--rows", help="Explain three rows in the report, with their cells.")
]


@with_groups
def fit(
    table: verb_options.Table,
    *,
    columns: ColumnOptions,
    group: verb_options.Group = None,
    time_column: verb_options.TimeColumn = None,
    weight_column: verb_options.WeightColumn = None,
    sizes: OffsetOptions,
    reading: ReadingOptions,
    output: verb_options.ModelTo = None,
    report: verb_options.ReportTo = None,
    written: HeldOutOptions,
    sections: ComparedOptions,
    refit: verb_options.Refit = False,
    landscape: verb_options.WithLandscape = False,
    no_what_if: NoWhatIf = False,
    with_cells: WithRows = False,
    seed: verb_options.Seed = 0,
    task: verb_options.Task = None,
    estimator: verb_options.Estimator = None,
    training: TrainingOptions,
    kept: CheckpointOptions,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
    verbose: verb_options.Verbose = False,
) -> None:
    """Train a network on a table, and evaluate it on held-out rows.

    A fifth of the rows (with --group, or many equal rows, about a fifth) is held out. On them the
    network is compared with logistic regression (for numbers: ridge regression), with boosted trees
    and with the best constant prediction. Nothing is written without -o or --report.
    """
    kept_in = kept.checkpoint
    with Talk("fit", as_json=as_json, quiet=quiet, seed=seed, checkpoint=kept_in) as talk:
        from thalweg.jobs.fit import FitRequest
        from thalweg.jobs.fit import fit as job

        settings = training.settings()
        require_files(**{"-o": output, "--report": report})
        read = reading.reading()
        named = names_of(table, read)
        request = FitRequest(
            table=table,
            columns=columns.columns(
                named, group, time_column, written.ids, weight_column, sizes, several=True
            ),
            reading=read, task=task or "auto", settings=settings, seed=seed,
            estimator=estimator or "network", output=output, report=report, landscape=landscape,
            no_what_if=no_what_if, refit=refit, rows=with_cells, sections=sections.asked(named),
            checkpoint=kept.asked(), cache=kept.cache, **written.asked(),
        )  # fmt: skip

        def show(outcome: "FitOutcome") -> None:
            talk.show(_page(outcome))
            if verbose:
                model, ascii = outcome.model, not talk.unicode_talk
                talk.say(history_page(model.history_, model.best_epoch_, ascii=ascii))

        talk.when_settled(show)
        job(request, talk)


def _page(outcome: "FitOutcome") -> Group:
    from thalweg.jobs.fitting.larger_fit import larger_lines
    from thalweg.jobs.parts.summary_facts import model_lines, table_lines
    from thalweg.reporting.terminal_verdict import verdict_page

    assert outcome.data is not None
    assert outcome.result is not None
    if outcome.evaluated:
        return targets_of_fit(outcome)
    if (judgement := outcome.result["judgement"]) is None:
        of_model = outcome.result["model"]
        return Group(page([*larger_lines(outcome.data), *model_lines(of_model)]))
    grades = judgement.get("grades")
    lines = [*table_lines(outcome.data, grades), *model_lines(outcome.result["model"])]
    return Group(page(lines), "", verdict_page(judgement, outcome.data["unit"]))
