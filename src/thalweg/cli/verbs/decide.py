"""``thalweg decide``: the options and the output of choosing a threshold."""

from typing import Annotated, Any

import typer

from thalweg.cli.console_listener import Talk, require_files
from thalweg.cli.escaped_names import Naming, names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import Alarm, Empty, Missed, ReadingOptions, with_groups
from thalweg.cli.terminal_tables import page
from thalweg.wording import unescaped

MaybeTable = Annotated[
    str | None,
    typer.Argument(metavar="[TABLE]", help="Rows that the model was not trained on."),
]
Sensitivity = Annotated[
    float | None,
    typer.Option(
        "--sensitivity", metavar="SHARE", help="A floor: the share of positive rows to find."
    ),
]
Specificity = Annotated[
    float | None,
    typer.Option(
        "--specificity", metavar="SHARE", help="A floor: the share of negative rows to clear."
    ),
]
F1 = Annotated[bool, typer.Option("--f1", help="Take the threshold with the best expected F1.")]
Confidence = Annotated[
    float | None,
    typer.Option(
        "--confidence",
        metavar="SHARE",
        help="That new rows reach the floor.  [default: 0.95]",
    ),
]
DecidedTo = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Save the model with the threshold."),
]


@with_groups
def decide(
    model: verb_options.Model,
    table: MaybeTable = None,
    *,
    missed: Missed = None,
    alarm: Alarm = None,
    sensitivity: Sensitivity = None,
    specificity: Specificity = None,
    f1: F1 = False,
    confidence: Confidence = None,
    output: DecidedTo = None,
    force: verb_options.Force = False,
    target: verb_options.Target = None,
    group: verb_options.Group = None,
    weight_column: verb_options.WeightColumn = None,
    empty: Empty = None,
    number: verb_options.Number = None,
    missing: verb_options.Missing = None,
    drop_missing: verb_options.DropMissing = None,
    drop_row: verb_options.DropRow = None,
    reading: ReadingOptions,
    seed: verb_options.Seed = 0,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Choose the threshold of a model of two classes: by costs, by a floor, or by F1.

    By costs, nothing is tuned: the threshold is alarm / (alarm + missed), and a TABLE shows what it
    does. A floor is kept with a confidence on new rows if a TABLE chooses it; without one, held-out
    rows of the fit choose, and no confidence is claimed. -o saves the model with the threshold.
    """
    with Talk("decide", as_json=as_json, quiet=quiet, seed=seed) as talk:
        from thalweg.jobs.decide import DecideRequest
        from thalweg.jobs.decide import decide as job

        require_files(**{"-o": output})
        read = reading.reading()
        named = str if table is None else names_of(table, read)
        request = DecideRequest(
            model=model,
            table=table,
            missed=missed,
            alarm=alarm,
            sensitivity=sensitivity,
            specificity=specificity,
            f1=f1,
            confidence=confidence,
            **_columns(named, target=target, group=group, weight=weight_column),
            empty=[*map(unescaped, empty or [])],
            number={named(name): example for name, example in number or ()},
            missing=verb_options.missing_words(missing or [], named),
            drop_missing=[*map(named, drop_missing or [])],
            drop_row=drop_row or [],
            reading=read,
            seed=seed,
            output=output,
            overwrite=force,
        )
        talk.when_settled(lambda outcome: talk.show(page(outcome.lines)))
        job(request, talk)


def _columns(named: Naming, **roles: str | None) -> dict[str, Any]:
    """The columns of some roles, as the table names them."""
    return {role: None if name is None else named(name) for role, name in roles.items()}
