"""The arguments and options of the verbs, and how their texts are understood."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from thalweg.errors import SettingsError
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import loss as loss_of
from thalweg.training.descent.settings import parse_optimizer


def one_of(*allowed: str) -> Callable[[str], str]:
    """A reader of one of these words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise SettingsError(
                f'"{text}" is not known here', fix=f"take one of {', '.join(allowed)}"
            )
        return text

    return read


def read_hidden(text: str) -> tuple[int, ...]:
    """``"64,32"`` is ``(64, 32)``, ``"none"`` is ``()``."""
    if text == "none":
        return ()
    sizes = [size.strip() for size in text.split(",")]
    if not all(size.isdecimal() and int(size) > 0 for size in sizes):
        raise SettingsError(
            f'"{text}" names no hidden layers', fix="give the units of each, as in 64,32; or none"
        )
    return tuple(int(size) for size in sizes)


def read_batch_size(text: str) -> int | str:
    """``"auto"``, or a whole number above 0."""
    if text == "auto":
        return text
    if not (text.isdecimal() and int(text) > 0):
        raise SettingsError(f'"{text}" is no number of rows', fix="give 1 or more, or auto")
    return int(text)


def read_early_stopping(text: str) -> bool | str:
    """``"auto"`` and ``"folds"`` are themselves, ``"holdout"`` is True, ``"off"`` is False."""
    meanings: dict[str, bool | str] = {
        "auto": "auto",
        "cv": "cross-validation",
        "folds": "folds",
        "holdout": True,
        "off": False,
    }
    return meanings[one_of(*meanings)(text)]


def read_alpha(text: str) -> float:
    """A finite number from 0 on."""
    value = _number(text)
    if not 0 <= value < float("inf"):
        raise SettingsError(f'"{text}" is no weight of a penalty', fix="give a number from 0 on")
    return value


def read_loss(text: str) -> str:
    """The text form of a loss, if it has a meaning."""
    return str(loss_of(text))


def read_class_weight(text: str) -> str | dict[str, float]:
    """``"balanced"``, or ``"ill=5,well=1"``."""
    if text == "balanced":
        return text
    costs: dict[str, float] = {}
    for part in text.split(","):
        label, equals, number = part.rpartition("=")
        try:
            costs[label.strip()] = float(number)
        except ValueError:
            equals = ""
        if not equals:
            raise SettingsError(
                f'"{text}" names no weights of classes', fix="write balanced, or ill=5,well=1"
            )
    return costs


def read_share(text: str) -> float | str:
    """A number from 0 up to, not with, 1; or auto."""
    if text == "auto":
        return text
    value = _number(text)
    if not 0 <= value < 1:
        raise SettingsError(f'"{text}" is no share', fix="give a number from 0 to below 1, or auto")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def read_bins(text: str) -> int | str:
    """How many bins a number has, or auto."""
    if text != "auto" and not text.isdecimal():
        raise SettingsError(f'"{text}" is no number of bins', fix="give a whole number, or auto")
    return text if text == "auto" else int(text)


def read_optimizer(text: str) -> str:
    """The text form of an optimizer, if it has a meaning."""
    parse_optimizer(text)
    return text


def setting(flag: str, reader: Callable[[str], Any], metavar: str, default: str, what: str) -> Any:
    """An option that is None where it is not given: the estimator knows its own defaults."""

    def parser(text: str) -> Any:
        try:
            return reader(text)
        except SettingsError as error:
            where = ", ".join(filter(None, (flag, error.where)))
            told = SettingsError(error.what, where=where, why=error.why, fix=error.fix)
            raise typer.BadParameter(str(told)) from told

    return typer.Option(flag, parser=parser, metavar=metavar, help=f"{what}  [default: {default}]")


# What the estimators call what an option of a verb is called here.
SETTINGS = {
    "hidden": "hidden_layer_sizes",
    "activation": "activation",
    "optimizer": "optimizer",
    "alpha": "alpha",
    "epochs": "max_iter",
    "batch_size": "batch_size",
    "early_stopping": "early_stopping",
    "dtype": "dtype",
    "loss": "loss",
    "ensemble": "n_ensemble",
    "class_weight": "class_weight",
    "dropout": "dropout",
    "bins": "n_bins",
}


def given(**settings: Any) -> dict[str, Any]:
    """The settings that were asked for: the estimator knows its own defaults."""
    return {name: value for name, value in settings.items() if value is not None}


def settings_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Of the options of a verb, by name, the settings of an estimator that were asked for."""
    return given(**{name: options.get(option) for option, name in SETTINGS.items()})


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
Hidden = Annotated[
    Any,
    setting(
        "--hidden", read_hidden, "SIZES", "128,128", "Units of the hidden layers: 64,32 or none."
    ),
]
Activation = Annotated[
    Any,
    setting(
        "--activation",
        one_of(*ACTIVATIONS),
        "NAME",
        "relu",
        f"Of the hidden layers: {', '.join(ACTIVATIONS)}.",
    ),
]
Optimizer = Annotated[
    Any,
    setting(
        "--optimizer",
        read_optimizer,
        "TEXT",
        "adam:lr=0.004,beta_2=0.95,schedule=cosine",
        "The rule of descent, its constants and its schedule.",
    ),
]
Alpha = Annotated[
    Any, setting("--alpha", read_alpha, "NUMBER", "2.0", "Weight of the penalty on ‖W‖².")
]
Epochs = Annotated[
    int | None,
    typer.Option(
        "--epochs", metavar="N", min=1, help="Length of the schedule, and limit.  [default: 48]"
    ),
]
BatchSize = Annotated[
    Any, setting("--batch-size", read_batch_size, "ROWS", "auto", "Rows a step, or auto.")
]
EarlyStopping = Annotated[
    Any,
    setting(
        "--early-stopping", read_early_stopping, "HOW", "auto", "auto, cv, folds, holdout or off."
    ),
]
Dtype = Annotated[
    Any,
    setting(
        "--dtype", one_of("auto", "float32", "float64"), "NAME", "auto", "float32, float64 or auto."
    ),
]
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
Loss = Annotated[
    Any,
    setting(
        "--loss",
        read_loss,
        "NAME",
        "squared_error",
        "Of a number: squared_error, absolute_error, huber, quantile:level=0.9 or poisson.",
    ),
]
Ensemble = Annotated[
    int | None,
    typer.Option(
        "--ensemble", metavar="N", min=1, help="Networks to average; rounds of folds.  [default: 1]"
    ),
]
Bins = Annotated[
    Any,
    setting("--bins", read_bins, "N", "auto", "Bins of a number beside itself: N, 0 or auto."),
]
ClassWeight = Annotated[
    Any,
    setting(
        "--class-weight",
        read_class_weight,
        "COSTS",
        "none",
        "What a mistake on each class costs: balanced, or ill=5,well=1.",
    ),
]
Dropout = Annotated[
    Any,
    setting("--dropout", read_share, "SHARE", "auto", "Of hidden outputs; auto is 0.2, or 0."),
]
