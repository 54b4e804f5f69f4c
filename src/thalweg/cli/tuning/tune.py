"""``thalweg tune``: the options and the output of a search for settings."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from thalweg.cli.console_listener import Talk, require_files
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import (
    ColumnOptions,
    ComparedOptions,
    NoWhatIf,
    ReadingOptions,
    with_groups,
)
from thalweg.cli.options.search_options import SearchedRowOptions, SearchOptions
from thalweg.cli.options.training_options import TrainingOptions
from thalweg.cli.signals import Stopped, first_asks
from thalweg.cli.terminal_tables import page
from thalweg.errors import UnfinishedError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.interrupts import Cancellation
from thalweg.shell_words import command_of
from thalweg.wording import printable

if TYPE_CHECKING:
    from thalweg.jobs.tuning.tune import TuneOutcome

_ENDS = (
    "Ctrl-C: the search ends with the trials so far, and their model is evaluated; before trial 0 "
    "is complete there is none. Ctrl-C again ends the program."
)


@with_groups
def tune(
    table: verb_options.Table,
    *,
    columns: ColumnOptions,
    group: verb_options.Group = None,
    time_column: verb_options.TimeColumn = None,
    weight_column: verb_options.WeightColumn = None,
    reading: ReadingOptions,
    search: SearchOptions,
    output: verb_options.ModelTo = None,
    report: verb_options.ReportTo = None,
    written: SearchedRowOptions,
    sections: ComparedOptions,
    no_what_if: NoWhatIf = False,
    seed: verb_options.Seed = 0,
    task: verb_options.Task = None,
    training: TrainingOptions,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Search settings of a network, and evaluate the best ensemble on held-out rows.

    A fifth of the rows is held out, as in fit; the search does not get them. The model is the
    default, trial 0, unless the tuned one is shown to be better on rows that chose nothing. It
    needs Optuna: pip install "thalweg[tune]". Nothing is written without -o, --report or --study.
    """
    with Talk(
        "tune", as_json=as_json, quiet=quiet, seed=seed, checkpoint=search.study,
        outputs=(output, report, written.predictions),
    ) as talk:  # fmt: skip
        from thalweg.jobs.tuning.tune import TuneRequest
        from thalweg.jobs.tuning.tune import tune as job

        settings, asked = training.settings(), search.asked()
        require_files(**{"-o": output, "--report": report})
        read = reading.reading()
        named = names_of(table, read)
        request = TuneRequest(
            table=table,
            columns=columns.columns(named, group, time_column, written.ids, weight_column),
            reading=read, task=task or "auto", settings=settings, seed=seed, search=asked,
            output=output, report=report, no_what_if=no_what_if, sections=sections.asked(named),
            scheduler=search.scheduler, **written.asked(),
        )  # fmt: skip
        talk.when_settled(lambda outcome: talk.show(_page(outcome, output, talk.going_on())))
        cancellation = Cancellation()
        with first_asks(cancellation, _ENDS), _ended_as_asked(cancellation):
            job(request, talk, cancellation)


@contextmanager
def _ended_as_asked(cancellation: Cancellation) -> Iterator[None]:
    """End the program as Ctrl-C does, once everything is written, if that asked for the end."""
    try:
        yield
    except UnfinishedError as error:
        if not cancellation.asked:
            raise
        raise Stopped(signal.SIGINT, why=error.what) from error
    if cancellation.asked:
        raise Stopped(signal.SIGINT)


def _page(outcome: "TuneOutcome", output: str | None, goes_on: str) -> Group:
    from thalweg.jobs.parts.summary_facts import model_lines, table_lines
    from thalweg.reporting.terminal_verdict import verdict_page

    assert outcome.data is not None
    assert outcome.result is not None
    judged = outcome.result["judgement"]
    lines = [*table_lines(outcome.data, judged.get("grades"))]
    lines += model_lines(outcome.result["model"])
    said = outcome.found.lines(as_option)
    if output is not None:
        said.append(f"Use it: {command_of(['thalweg', 'predict', output, 'new.csv'])}")
    if outcome.found.ended_by == "time" and goes_on:
        said.append(f"To go on for as long again: {goes_on}")
    of_search = Text("\n".join(map(printable, said)))
    return Group(page(lines), "", of_search, "", verdict_page(judged, outcome.data["unit"]))
