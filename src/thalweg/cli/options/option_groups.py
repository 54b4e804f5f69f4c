"""Groups of command line options that several verbs share: each group is one parameter of a verb.

A verb has a parameter whose type is the group, a dataclass. `with_groups` shows typer the options
of the group instead, and gives the verb the group with their values.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thalweg.cli.console_listener import require_files
from thalweg.cli.escaped_names import Naming
from thalweg.cli.options import target_options, verb_options
from thalweg.cli.options.running.plain_numbers import with_own_numbers
from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.jobs.parts.table_options import Columns, Reading
    from thalweg.jobs.sections.asked_sections import AskedSections

SETS, USUAL_LEVEL = "--sets", "0.9"

MaxMemory = Annotated[
    str | None,
    typer.Option(
        "--max-memory",
        metavar="SIZE",
        help="Most memory that reading a table may use, such as 8GB; fit takes shards for a table "
        "that would need more.",
    ),
]
NoWhatIf = Annotated[
    bool, typer.Option("--no-what-if", help="Leave the model out of the report: no weights.")
]
Empty = Annotated[
    list[str] | None,
    typer.Option(
        "--empty",
        metavar="NAME",
        help="A column of the model that the table lacks: all missing; may be repeated.",
    ),
]

Threshold = Annotated[
    float | None,
    typer.Option(
        "--threshold",
        metavar="P",
        help="Call the positive class above this probability, instead of the model's own.",
    ),
]
HeldOutTo = Annotated[
    str | None,
    typer.Option(
        "--predictions",
        metavar="FILE",
        help="Write the predictions of the test rows, with the truth, to this CSV file.",
    ),
]
Ids = Annotated[
    list[str] | None,
    typer.Option(
        "--id",
        "--keep",
        metavar="NAME",
        help="A column to carry along, unchanged, to the predictions; may be repeated.",
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="CLASS=WORD",
        help="Write this word for a class, such as 1=malignant; may be repeated.",
    ),
]
Digits = Annotated[
    int | None,
    typer.Option(
        "--digits",
        metavar="N",
        help="Round to N decimals (probabilities) or N significant digits (numbers).",
    ),
]
Interval = Annotated[
    float | None,
    typer.Option(
        "--interval",
        metavar="LEVEL",
        help="Add an interval of this level, such as 0.9, to each predicted number.",
    ),
]
Sets = Annotated[
    float | None,
    typer.Option(
        SETS,
        metavar="[LEVEL]",
        help=f"Add the classes that a row may have, at this level (without one, {USUAL_LEVEL}).",
    ),
]
Abstain = Annotated[
    float | None,
    typer.Option(
        "--abstain",
        metavar="PRICE",
        help="Say cannot tell where a wrong answer is likelier than this, such as 0.2.",
    ),
]
Outside = Annotated[
    bool,
    typer.Option("--outside", help="Add a column of the cells that no training row was like."),
]
Unlike = Annotated[
    bool,
    typer.Option("--unlike", help="Add a column that says how unlike the training rows a row is."),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="A column whose groups of rows are evaluated, too; may be repeated.",
    ),
]
Missed = Annotated[
    float | None,
    typer.Option("--missed", metavar="COST", help="The cost of a missed positive row."),
]
Alarm = Annotated[
    float | None,
    typer.Option("--alarm", metavar="COST", help="The cost of a false alarm."),
]
First = Annotated[
    float | None,
    typer.Option("--from", metavar="P", help="The lowest threshold for net benefit; with --to."),
]
Last = Annotated[
    float | None,
    typer.Option("--to", metavar="P", help="The highest threshold for net benefit."),
]
Margin = Annotated[
    float | None,
    typer.Option(
        "--margin",
        metavar="X",
        help="The largest difference from another model that does not matter: nats of log-loss "
        "(default 0.01, of rare classes less); for numbers a share of the other model's loss "
        "(default 0.01). Choose it before you see the result.",
    ),
]
NoTrees = Annotated[bool, typer.Option("--no-trees", help="Do not compare with boosted trees.")]


@dataclass(frozen=True)
class ColumnOptions:
    """The roles of some columns of a table."""

    target: target_options.Targets = None
    positive: target_options.Positive = None
    drop: verb_options.Drop = None
    category: verb_options.Category = None
    number: verb_options.Number = None
    text: verb_options.FreeText = None
    date: verb_options.Date = None
    missing: verb_options.Missing = None
    drop_missing: verb_options.DropMissing = None
    drop_row: verb_options.DropRow = None

    def columns(
        self,
        named: Naming,
        group: str | None = None,
        time: str | None = None,
        ids: Sequence[str] | None = None,
        weight: str | None = None,
        sizes: "OffsetOptions | None" = None,
        *,
        several: bool = False,
    ) -> "Columns":
        """The columns as a job takes them.

        ``named`` is `escaped_names.names_of` the table; ``several``: whether the job takes several
        targets.
        """
        from thalweg.jobs.parts.table_options import Columns

        def each(names: Sequence[str] | None) -> list[str]:
            return [named(name) for name in names or ()]

        def one(name: str | None) -> str | None:
            return None if name is None else named(name)

        number = {named(name): example for name, example in self.number or ()}
        date = verb_options.named_forms("--date", self.date or [])
        date = {named(name): form for name, form in date.items()}
        missing = verb_options.missing_words(self.missing, named) if self.missing else None
        asked = target_options.targets_and_positives(
            each(self.target), self.positive or [], several=several
        )
        return Columns(
            asked.target, asked.positive, each(self.drop), each(self.category), one(group),
            number, tuple(each(self.text)), date, one(time), missing,
            tuple(each(self.drop_missing)), self.drop_row or (),
            tuple(each(ids)), one(weight),
            one(None if sizes is None else sizes.exposure),
            one(None if sizes is None else sizes.offset),
            asked.targets, asked.positives,
        )  # fmt: skip


@dataclass(frozen=True)
class OffsetOptions:
    """The column by which a row's answer is multiplied, or that is added to it."""

    exposure: verb_options.Exposure = None
    offset: Annotated[
        str | None,
        typer.Option(
            "--offset", metavar="NAME", help="Numbers that are added: log exposures, for rates."
        ),
    ] = None


# What of `Columns` a saved model that is evaluated on new rows takes.
OF_NEW_ROWS = ("target", "number", "missing", "drop_missing", "drop_row", "group", "ids", "weight")


@dataclass(frozen=True)
class PredictionOptions:
    """What the rows of predictions show."""

    threshold: Threshold = None
    ids: Ids = None
    label: Labels = None
    digits: Digits = None
    interval: Interval = None
    sets: Sets = None
    abstain: Abstain = None
    outside: Outside = False
    unlike: Unlike = False

    def asked(self, named: Naming) -> dict[str, Any]:
        """The same as a job takes them; ``named`` is `escaped_names.names_of` the table."""
        ids, label = [*map(named, self.ids or [])], named_words(self.label or [])
        return {**vars(self), "ids": ids, "label": label}


def named_words(texts: Sequence[str]) -> dict[str, str]:
    """``["1=malignant"]`` as a dict.

    Raises
    ------
    SettingsError
        For a text without a word, or a class that is named twice.
    """
    words: dict[str, str] = {}
    for text in texts:
        name, _, word = text.rpartition("=")
        if not (name and word) or name in words:
            raise SettingsError(
                f'"{text}" names a class twice'
                if name in words
                else f'"{text}" does not say what is written for a class',
                where="--label",
                fix="write a class and its word once, as in --label 1=malignant",
            )
        words[name] = word
    return words


def with_usual_level(arguments: Sequence[str]) -> list[str]:
    """The arguments with a level for every ``--sets`` that no number follows."""
    filled: list[str] = []
    for place, each in enumerate(arguments):
        if each == "--":
            return [*filled, *arguments[place:]]
        follows = arguments[place + 1] if place + 1 < len(arguments) else ""
        usual = each == SETS and not _is_number(follows)
        filled.append(f"{SETS}={USUAL_LEVEL}" if usual else each)
    return filled


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class HeldOutOptions:
    """The file with the predictions of test rows."""

    predictions: HeldOutTo = None
    ids: Ids = None
    force: verb_options.Force = False

    def asked(self) -> dict[str, Any]:
        """The same as a job takes them, except the columns that are carried along."""
        require_files(**{"--predictions": self.predictions})
        return {"predictions": self.predictions, "overwrite": self.force}


@dataclass(frozen=True)
class SectionOptions:
    """What is asked of an evaluation, also of one of a saved model."""

    by: By = None
    missed: Missed = None
    alarm: Alarm = None
    first: First = None
    last: Last = None

    def asked(self, named: Naming) -> "AskedSections":
        """The same as a job takes it; ``named`` is `escaped_names.names_of` the table."""
        from thalweg.jobs.sections.asked_sections import AskedSections

        return AskedSections(**{**vars(self), "by": [*map(named, self.by or [])]})

    def given(self) -> list[str]:
        """The options that were given."""
        spelled = {"first": "from", "last": "to"}
        return _flags({spelled.get(name, name): value for name, value in vars(self).items()})


@dataclass(frozen=True)
class ComparedOptions(SectionOptions):
    """The same, with what is asked of the baselines; a saved model has none on other rows."""

    margin: Margin = None
    no_trees: NoTrees = False


@dataclass(frozen=True)
class NewRowOptions:
    """What is said of the rows of a table that a saved model is evaluated on."""

    target: verb_options.Target = None
    number: verb_options.Number = None
    missing: verb_options.Missing = None
    drop_missing: verb_options.DropMissing = None
    group: verb_options.Group = None
    weight_column: verb_options.WeightColumn = None
    seed: verb_options.SeedOfRows = None

    def asked(self, named: Naming, drop_row: Sequence[str] | None) -> dict[str, Any]:
        """The same as `EvaluateModelRequest` takes it."""
        said = ColumnOptions(
            target=[self.target] if self.target is not None else None, number=self.number,
            missing=self.missing, drop_missing=self.drop_missing, drop_row=list(drop_row or ()),
        ).columns(named, self.group, weight=self.weight_column)  # fmt: skip
        return {name: getattr(said, name) for name in OF_NEW_ROWS} | {"seed": self.seed or 0}

    def given(self) -> list[str]:
        """The options that were given."""
        return _flags({name.replace("_", "-"): value for name, value in vars(self).items()})


@dataclass(frozen=True)
class ReadingOptions:
    """How to read a table."""

    separator: verb_options.Separator = None
    decimal: verb_options.Decimal = None
    encoding: verb_options.Encoding = None
    sheet: verb_options.Sheet = None
    header_row: verb_options.HeaderRow = None
    max_memory: MaxMemory = None

    def reading(self) -> "Reading":
        """The same as a job takes it; "-" is standard input."""
        from thalweg.data.formats.any_format import standard_input
        from thalweg.jobs.parts.table_options import Reading

        return Reading(**vars(self), stdin=standard_input)


def _flags(said: Mapping[str, object]) -> list[str]:
    """The options that have a value."""
    return [
        f"--{name}"
        for name, value in said.items()
        if value is not False and value not in (None, [])
    ]


def with_groups(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb as typer sees it: with the single options instead of the groups."""
    groups: dict[str, type] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(verb).parameters.values():
        kind = parameter.annotation
        if not (isinstance(kind, type) and is_dataclass(kind)):
            parameters.append(parameter)
            continue
        groups[parameter.name] = kind
        parameters += [
            inspect.Parameter(each.name, parameter.kind, default=each.default, annotation=each.type)
            for each in fields(kind)
        ]
    parameters = [each.replace(annotation=with_own_numbers(each.annotation)) for each in parameters]

    @wraps(verb)
    def shown(**said: Any) -> None:
        for name, kind in groups.items():
            said[name] = kind(**{each.name: said.pop(each.name) for each in fields(kind)})
        verb(**said)

    signature = inspect.Signature(parameters)
    shown.__signature__ = signature  # type: ignore[attr-defined]
    shown.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
    return shown
