"""``thalweg evaluate``: options and output of cross-validation, or of testing a saved model."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group

from thalweg.cli.console_listener import Talk
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.evaluated_model import require_two
from thalweg.cli.options.option_groups import (
    OF_NEW_ROWS,
    ColumnOptions,
    ComparedOptions,
    Empty,
    HeldOutOptions,
    OffsetOptions,
    ReadingOptions,
    with_groups,
)
from thalweg.cli.options.running.cluster_options import Scheduler, require_fits
from thalweg.cli.options.training_options import TrainingOptions
from thalweg.cli.options.tuning_worth_options import TuningWorthOptions
from thalweg.cli.targets_in_terminal import targets_of_evaluation
from thalweg.cli.terminal_tables import page
from thalweg.cli.tuning_in_terminal import worth_of_tuning
from thalweg.wording import unescaped

if TYPE_CHECKING:
    from thalweg.jobs.evaluate import EvaluateModelRequest, EvaluateRequest
    from thalweg.jobs.parts.table_options import Columns
    from thalweg.tuning.nested.evaluate_tuning import EachSearch


@with_groups
def evaluate(
    what: verb_options.ModelAndTable,
    *,
    columns: ColumnOptions,
    group: verb_options.Group = None,
    time_column: verb_options.TimeColumn = None,
    weight: verb_options.WeightColumn = None,
    sizes: OffsetOptions,
    reading: ReadingOptions,
    empty: Empty = None,
    seed: verb_options.Seed = 0,
    folds: verb_options.Folds = 5,
    repeats: verb_options.Repeats = 3,
    written: HeldOutOptions,
    sections: ComparedOptions,
    task: verb_options.Task = None,
    estimator: verb_options.Estimator = None,
    tuning: TuningWorthOptions,
    training: TrainingOptions,
    scheduler: Scheduler = None,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Evaluate a saved model on a table, or training settings by cross-validation.

    With MODEL TABLE, the model is evaluated on all rows of the table: give rows that it was not
    trained on. With a TABLE alone, networks are trained and evaluated by cross-validation, of
    five folds and three times with new ones unless --folds and --repeats say otherwise, and
    compared with the same baselines as in `fit`; equal rows share a fold. With --tune, a search
    is run in each fold, and compared with the default.
    """
    with Talk("evaluate", as_json=as_json, quiet=quiet, seed=seed) as talk:
        from thalweg.jobs.evaluate import EvaluateRequest
        from thalweg.jobs.parts.model_table import refuse_empty

        require_fits(what, scheduler)
        settings = training.settings()
        read = reading.reading()
        named = names_of(what[-1], read)
        both = {"table": what[-1], "reading": read, "seed": seed, **written.asked()}
        both["sections"] = sections.asked(named)
        if len(what) == 1:
            refuse_empty(empty or [])
            request: EvaluateRequest | EvaluateModelRequest = EvaluateRequest(
                **both, task=task or "auto", settings=settings, estimator=estimator or "network",
                folds=folds, repeats=repeats, scheduler=scheduler,
                columns=columns.columns(
                    named, group, time_column, written.ids, weight, sizes, several=True
                ),
            )  # fmt: skip
        else:
            roles = {"task": task, "time_column": time_column, **vars(sizes), **vars(tuning)}
            require_two(what, vars(columns), roles | {"estimator": estimator}, settings)
            asked = columns.columns(named, group, ids=written.ids, weight=weight, several=True)
            request = _of_model(what[0], asked, empty, both)
        talk.show(_page(request, tuning.asked(), talk))


def _of_model(
    model: str, asked: "Columns", empty: list[str] | None, both: Mapping[str, Any]
) -> "EvaluateModelRequest":
    from thalweg.jobs.evaluate import EvaluateModelRequest

    said = {name: getattr(asked, name) for name in (*OF_NEW_ROWS, "targets")}
    return EvaluateModelRequest(model=model, empty=[*map(unescaped, empty or [])], **said, **both)


def _page(
    request: "EvaluateRequest | EvaluateModelRequest", search: "EachSearch | None", talk: Talk
) -> Group:
    from thalweg.jobs.evaluate import EvaluateRequest, evaluate
    from thalweg.jobs.parts.summary_facts import table_lines
    from thalweg.reporting.terminal_verdict import verdict_page

    if search is not None and isinstance(request, EvaluateRequest):
        return worth_of_tuning(request, search, talk)
    outcome = evaluate(request, talk)
    assert outcome.data is not None
    if outcome.evaluated:
        return targets_of_evaluation(outcome)
    assert outcome.judgement is not None
    verdict = verdict_page(outcome.judgement, outcome.data["unit"])
    return Group(page(table_lines(outcome.data)), "", verdict)
