"""The arguments and options of the verbs, with their help and how their values are read."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from typer.models import OptionInfo

from thalweg.cli.escaped_names import Naming
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Setting


def one_of(*allowed: str) -> Callable[[str], str]:
    """A reader that accepts one of these words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise SettingsError(
                f'"{text}" is not a known value', fix=f"take one of {', '.join(allowed)}"
            )
        return text

    return read


def number_column(text: str) -> tuple[str, str | None]:
    """``"price=1.234,56"`` is a name and an example; a name may hold an equals sign, too."""
    name, equals, example = text.rpartition("=")
    if not equals:
        return text, None
    from thalweg.data.notation.number_notation import notation_of  # which imports pandas

    try:
        notation_of(example)
    except SettingsError as told:
        if not any(map(str.isdecimal, example)):
            return text, None
        raise typer.BadParameter(str(told)) from told
    return name, example


def missing_words(texts: Sequence[str], named: Naming = str) -> dict[str, list[str]]:
    """``["-", "age=-999"]`` as words of all columns and of one, as the estimators take them."""
    from thalweg.data.notation.missing_words import EVERY  # which imports pandas

    words: dict[str, list[str]] = {}
    for text in texts:
        name, _, word = text.rpartition("=")
        column = named(name) if name and word else EVERY
        words.setdefault(column, []).append(word if name else text)
    return words


def setting(
    flag: str, reader: Callable[[str], Setting], metavar: str, default: str, what: str
) -> OptionInfo:
    """An option that is None if it is not given: the estimator has its own defaults."""

    def parser(text: str) -> Setting:
        try:
            return reader(text)
        except SettingsError as error:
            where = ", ".join(filter(None, (flag, error.where)))
            refused = SettingsError(error.what, where=where, why=error.why, fix=error.fix)
            raise typer.BadParameter(str(refused)) from refused

    option: OptionInfo = typer.Option(
        flag, parser=parser, metavar=metavar, help=f"{what}  [default: {default}]"
    )
    return option


def named_forms(flag: str, texts: Sequence[str]) -> dict[str, str]:
    """``["admitted=dmy"]`` as a dict.

    Raises
    ------
    SettingsError
        For a text without a form, or a column that is named twice.
    """
    forms: dict[str, str] = {}
    for text in texts:
        name, _, form = text.rpartition("=")
        if not (name and form):
            raise SettingsError(
                f'"{text}" does not say how a column is read',
                where=flag,
                fix=f"write a column and a form, as in {flag} admitted=dmy",
            )
        if forms.setdefault(name, form) != form:
            raise SettingsError(
                f'The column "{name}" is said to be read in two forms, {forms[name]} and {form}',
                where=flag,
                fix="leave one of them out",
            )
    return forms


# --- of several verbs -------------------------------------------------------------------------

Table = Annotated[
    str, typer.Argument(metavar="TABLE", help="CSV, Excel or Parquet; - for stdin; or bundled.")
]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A file that fit -o wrote.")]
Force = Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Print no notes and no progress; results, warnings and errors are still printed.",
    ),
]

# --- how to read a table; what is not given is detected ----------------------------------------

Separator = Annotated[
    str | None, typer.Option("--separator", metavar="CHAR", help="The separator: , ; | or tab.")
]
Decimal = Annotated[
    str | None, typer.Option("--decimal", metavar="CHAR", help="The decimal mark: . or ,")
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="The encoding of the text, such as utf-8."),
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of an Excel workbook.")
]

HeaderRow = Annotated[
    int | None,
    typer.Option("--header-row", metavar="N", min=1, help="The row of the header, from 1."),
]

# --- of evaluate ------------------------------------------------------------------------------

ModelAndTable = Annotated[
    list[str],
    typer.Argument(metavar="[MODEL] TABLE", help="A saved model and a table, or a table alone."),
]
Folds = Annotated[
    int, typer.Option("--folds", metavar="N", min=2, max=50, help="Folds of the cross-validation.")
]
Repeats = Annotated[
    int,
    typer.Option(
        "--repeats", metavar="N", min=1, max=1000, help="Repetitions of the cross-validation."
    ),
]

# --- which rows belong together ---------------------------------------------------------------

Group = Annotated[
    str | None,
    typer.Option(
        "--group", metavar="NAME", help="The column that says which rows belong together."
    ),
]

TimeColumn = Annotated[
    str | None,
    typer.Option(
        "--time-column",
        metavar="NAME",
        help="Dates or numbers: what judges is later than it learns.",
    ),
]

WeightColumn = Annotated[
    str | None,
    typer.Option(
        "--weight-column",
        metavar="NAME",
        help="Numbers from 0 on: as how many rows each row counts.",
    ),
]

# --- of check ---------------------------------------------------------------------------------

Test = Annotated[
    str | None,
    typer.Option("--test", metavar="TABLE", help="The test rows: are any of them in TABLE, too?"),
]

# --- of predict -------------------------------------------------------------------------------

Unknown = Annotated[
    Any,
    setting(
        "--unknown",
        one_of("warn", "error", "ignore"),
        "HOW",
        "the setting of the model",
        "For levels that the model was not fitted on: warn, error or ignore.",
    ),
]
PredictionsTo = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write the predictions to this file.")
]

# --- of drift ---------------------------------------------------------------------------------

DriftLevel = Annotated[
    float,
    typer.Option(
        "--level", metavar="P", help="How often a table without drift may fail, all tests together."
    ),
]
DriftLeast = Annotated[
    float,
    typer.Option(
        "--least",
        metavar="X",
        help="The smallest difference that matters: of a PSI beyond chance, or of a share.",
    ),
]
DriftTo = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write a line for each column to this CSV file."
    ),
]

# --- of report --------------------------------------------------------------------------------

PageTo = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write the page to this file.")
]

SeedOfRows = Annotated[
    int | None,
    typer.Option(
        "--seed", metavar="N", min=0, max=2**32 - 1, help="Of the intervals.  [default: 0]"
    ),
]
RowsOfReport = Annotated[
    str | None,
    typer.Argument(metavar="TABLE", help="Rows to evaluate the model on; else those of its fit."),
]
ReportTable = Annotated[
    str | None,
    typer.Option(
        "--table", metavar="TABLE", help="The table with the rows of --trace, if it is not TABLE."
    ),
]
ReportTrace = Annotated[
    str | None, typer.Option("--trace", metavar="ROWS", help="Rows to trace, from 1: 17, or 3,9.")
]

# --- of trace ---------------------------------------------------------------------------------

TraceWhat = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MODEL] TABLE", help="A saved model and a table, or a table alone."),
]
TraceRow = Annotated[
    str | None,
    typer.Option("--row", metavar="ROWS", help="17, or 3,17-19; else the one of largest loss."),
]
TraceWeight = Annotated[
    str | None,
    typer.Option(
        "--weight", metavar="NAME", help="A weight W1[3,2] (layer, unit, input) or bias b1[3]."
    ),
]
TraceUpdate = Annotated[
    str | None,
    typer.Option(
        "--update", metavar="TEXT", help="The optimizer of the update.  [default: the model's]"
    ),
]
TraceSteps = Annotated[
    int, typer.Option("--steps", metavar="N", min=1, max=1000, help="Steps of the update.")
]
TraceCheck = Annotated[
    bool, typer.Option("--check", help="Check the gradient against finite differences.")
]
TracePlant = Annotated[
    str | None,
    typer.Option("--plant", metavar="NAME", help="Plant a fault that the check has to detect."),
]
TraceLesson = Annotated[
    Any,
    typer.Option(
        "--lesson", parser=one_of("derivative"), metavar="NAME", help="A lesson: derivative."
    ),
]
LandscapeOf = Annotated[
    str | None,
    typer.Option(
        "--landscape", metavar="TABLE",
        help="Also draw the training run: the table that the model was fitted on.",
    ),
]  # fmt: skip

# --- of fit -----------------------------------------------------------------------------------

Target = Annotated[
    str | None,
    typer.Option("--target", metavar="NAME", help="The target's column; of several: which one."),
]
Drop = Annotated[
    list[str] | None,
    typer.Option("--drop", metavar="NAME", help="A column to leave out; may be repeated."),
]
Category = Annotated[
    list[str] | None,
    typer.Option(
        "--category",
        metavar="NAME",
        help="A column to read as a category, even if it has numbers; may be repeated.",
    ),
]
Date = Annotated[
    list[str] | None,
    typer.Option(
        "--date",
        metavar="NAME=FORM",
        help="How dates are read: dmy, mdy, ymd, %d.%m.%Y, excel or unix; may be repeated.",
    ),
]
Number = Annotated[
    list[Any] | None,
    typer.Option(
        "--number",
        parser=number_column,
        metavar="NAME[=EXAMPLE]",
        help="A column of numbers, and how they are written: price=1.234,56; may be repeated.",
    ),
]
Missing = Annotated[
    list[str] | None,
    typer.Option(
        "--missing",
        metavar="[NAME=]WORD",
        help="A further word for a missing value, such as k.A. or -999, in all columns or in one; "
        "may be repeated.",
    ),
]
Exposure = Annotated[
    str | None,
    typer.Option(
        "--exposure",
        metavar="NAME",
        help="Numbers above 0, such as years: with poisson, gamma and tweedie, learn the rate.",
    ),
]
DropMissing = Annotated[
    list[str] | None,
    typer.Option(
        "--drop-missing",
        metavar="NAME",
        help="Leave out the rows in which this target, time, group, weight or exposure is missing; "
        "may be repeated.",
    ),
]
DropRow = Annotated[
    list[str] | None,
    typer.Option(
        "--drop-row",
        metavar="ROWS",
        help="Rows to leave out, from 1: 17, or 3,17-19; may be repeated.",
    ),
]
FreeText = Annotated[
    list[str] | None,
    typer.Option(
        "--text",
        metavar="NAME",
        help="A column of free text: only whether a cell is filled counts; may be repeated.",
    ),
]
ModelTo = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Save the evaluated model in this file."),
]
Refit = Annotated[
    bool,
    typer.Option("--refit", help="After the evaluation, train again on all rows; that is saved."),
]
ReportTo = Annotated[
    str | None,
    typer.Option(
        "--report", metavar="FILE", help="Write the report to this file, one page of HTML."
    ),
]
Estimator = Annotated[
    Any,
    setting(
        "--estimator",
        one_of("network", "logistic", "ridge"),
        "NAME",
        "network",
        "What is trained: a network, logistic (regression) for classes, or ridge for a number.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed", metavar="N", min=0, max=2**32 - 1, help="Equal seeds give equal results."
    ),
]
WithLandscape = Annotated[
    bool, typer.Option("--landscape", help="Also draw the training run in the report.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also print a table of the epochs.")]
Task = Annotated[
    Any,
    setting(
        "--task",
        one_of("auto", "classification", "regression"),
        "WHICH",
        "auto",
        "The task: classification, regression or auto.",
    ),
]
