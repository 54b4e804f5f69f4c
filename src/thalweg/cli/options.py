"""The arguments and options of the verbs, and how their texts are understood."""

from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.models import OptionInfo

from thalweg.data.notation.number_notation import notation_of
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Setting


def one_of(*allowed: str) -> Callable[[str], str]:
    """A reader of one of these words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise SettingsError(
                f'"{text}" is not known here', fix=f"take one of {', '.join(allowed)}"
            )
        return text

    return read


def number_column(text: str) -> tuple[str, str | None]:
    """``"price=1.234,56"`` is a name and an example; a name may hold an equals sign, too."""
    name, equals, example = text.rpartition("=")
    if not equals:
        return text, None
    try:
        notation_of(example)
    except SettingsError as told:
        if not any(map(str.isdecimal, example)):
            return text, None
        raise typer.BadParameter(str(told)) from told
    return name, example


def setting(
    flag: str, reader: Callable[[str], Setting], metavar: str, default: str, what: str
) -> OptionInfo:
    """An option that is None where it is not given: the estimator knows its own defaults."""

    def parser(text: str) -> Setting:
        try:
            return reader(text)
        except SettingsError as error:
            where = ", ".join(filter(None, (flag, error.where)))
            told = SettingsError(error.what, where=where, why=error.why, fix=error.fix)
            raise typer.BadParameter(str(told)) from told

    option: OptionInfo = typer.Option(
        flag, parser=parser, metavar=metavar, help=f"{what}  [default: {default}]"
    )
    return option


# --- what several verbs take ------------------------------------------------------------------

Table = Annotated[
    str, typer.Argument(metavar="TABLE", help="CSV, Excel or Parquet; - for stdin; or bundled.")
]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A file that fit -o has written.")]
Force = Annotated[bool, typer.Option("--force", help="Replace FILE if it is there already.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No talk but warnings and errors.")]

# --- how a table is read, where it is not as it is found to be ---------------------------------

Separator = Annotated[
    str | None, typer.Option("--separator", metavar="CHAR", help="Between cells: , ; | or tab.")
]
Decimal = Annotated[
    str | None, typer.Option("--decimal", metavar="CHAR", help="The decimal mark: . or ,")
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="Of the text, such as utf-8.")
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of an Excel workbook.")
]

HeaderRow = Annotated[
    int | None,
    typer.Option("--header-row", metavar="N", min=1, help="The row of the header, from 1."),
]

# --- what evaluate takes ----------------------------------------------------------------------

ModelAndTable = Annotated[
    list[str],
    typer.Argument(metavar="[MODEL] TABLE", help="A saved model and a table, or a table alone."),
]
Folds = Annotated[
    int, typer.Option("--folds", metavar="N", min=2, max=50, help="Parts of the table.")
]
Repeats = Annotated[
    int, typer.Option("--repeats", metavar="N", min=1, max=1000, help="Cross-validations.")
]

# --- which rows go together -------------------------------------------------------------------

Group = Annotated[
    str | None,
    typer.Option("--group", metavar="NAME", help="Which rows go together, as of one patient."),
]

# --- what check takes -------------------------------------------------------------------------

CheckedTarget = Annotated[
    str | None,
    typer.Option("--target", metavar="NAME", help="The column to predict: classes or a number."),
]
Test = Annotated[
    str | None,
    typer.Option("--test", metavar="TABLE", help="Rows to judge on: is any in TABLE, too?"),
]

# --- what predict takes -----------------------------------------------------------------------

Unknown = Annotated[
    Any,
    setting(
        "--unknown",
        one_of("warn", "error", "ignore"),
        "HOW",
        "what the model was fitted with: warn",
        "Levels that the model has not seen: warn, error or ignore.",
    ),
]
PredictionsTo = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write the predictions there.")
]

# --- what report takes ------------------------------------------------------------------------

PageTo = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write the page there.")
]

ReportTable = Annotated[
    str | None, typer.Option("--table", metavar="TABLE", help="Where --trace takes its rows from.")
]
ReportTrace = Annotated[
    str | None, typer.Option("--trace", metavar="ROWS", help="Rows to follow, from 1: 17, or 3,9.")
]

# --- what trace takes -------------------------------------------------------------------------

TraceWhat = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MODEL] TABLE", help="A saved model and a table, or a table alone."),
]
TraceRow = Annotated[
    str | None, typer.Option("--row", metavar="ROWS", help="From 1: 17, or 3,17-19.  [default: 1]")
]
TraceWeight = Annotated[
    str | None,
    typer.Option("--weight", metavar="NAME", help="Layer, unit, column: W1[3,2]; or b1[3]."),
]
TraceUpdate = Annotated[
    str | None,
    typer.Option("--update", metavar="TEXT", help="The rule of the update.  [default: as trained]"),
]
TraceSteps = Annotated[
    int, typer.Option("--steps", metavar="N", min=1, max=1000, help="Steps of the update.")
]
TraceCheck = Annotated[
    bool, typer.Option("--check", help="Check the gradient against differences of the loss.")
]
TracePlant = Annotated[
    str | None,
    typer.Option("--plant", metavar="NAME", help="Plant a fault, which the check has to see."),
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
        help="Draw the descent too: the table that the model was fitted on.",
    ),
]  # fmt: skip

# --- what fit takes ---------------------------------------------------------------------------

Target = Annotated[
    str | None,
    typer.Option("--target", metavar="NAME", help="The column to predict: classes, or a number."),
]
Positive = Annotated[
    str | None,
    typer.Option("--positive", metavar="LABEL", help="The class that is looked for."),
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
        help="A column of names of groups, also if these are numbers; may be repeated.",
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
    typer.Option("--output", "-o", metavar="FILE", help="Save the judged model there."),
]
ReportTo = Annotated[
    str | None,
    typer.Option("--report", metavar="FILE", help="Write the report there, one page of HTML."),
]
Seed = Annotated[
    int,
    typer.Option("--seed", metavar="N", min=0, max=2**32 - 1, help="One seed, one result."),
]
WithLandscape = Annotated[
    bool, typer.Option("--landscape", help="Draw the descent in the report, too.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also every epoch, as a table.")]
Task = Annotated[
    Any,
    setting(
        "--task",
        one_of("auto", "classification", "regression"),
        "WHICH",
        "auto",
        "What the target is: classification, regression or auto.",
    ),
]
