"""The options of ``thalweg sweep`` alone, and how their values are read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thalweg.cli.options import verb_options
from thalweg.cli.options.training_options import OF_BOTH_SWEEPS, given, option_of
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Parameter, Setting, Settings, Special
from thalweg.estimators.parameters.parameter_table import BY_NAME, PARAMETERS, flag_of
from thalweg.estimators.parameters.setting_texts import reader_of

if TYPE_CHECKING:
    from thalweg.cli.options.training_options import CurveOptions

_EXAMPLE = "learning_rate_init=1e-4..1e-1 or hidden_layer_sizes=8,16,32"


def read_numbers(text: str, flag: str, *, whole: bool) -> tuple[float, ...]:
    """``"0.01,0.1,1"`` is ``(0.01, 0.1, 1.0)``; units have to be whole."""
    try:
        return tuple((int if whole else float)(each) for each in text.split(","))
    except ValueError:
        example = "2,8,32" if whole else "0.01,0.1,1"
        raise SettingsError(
            f'"{text}" is no list of {"whole numbers" if whole else "numbers"}',
            where=flag,
            fix=f"give them with commas, as in {example}",
        ) from None


Rates = Annotated[
    str | None,
    typer.Option(
        "--rates", metavar="R,R,...",
        help="Of the map: learning rates, growing.  [default: 0.03 to 100 times that of the "
        "optimizer]",
    ),
]  # fmt: skip
Units = Annotated[
    str | None,
    typer.Option(
        "--units", metavar="N,N,...",
        help="Of the map: units of the hidden layer, growing.  [default: 1,2,4,8,15,32,64]",
    ),
]  # fmt: skip
Seeds = Annotated[
    int | None,
    typer.Option("--seeds", metavar="N", help="Of the map: networks of each cell.  [default: 5]"),
]
Steps = Annotated[
    int | None,
    typer.Option(
        "--steps", metavar="N", min=1,
        help="Of the map: least steps of each network, in whole epochs.  [default: 1000]",
    ),
]  # fmt: skip
Over = Annotated[
    str | None,
    typer.Option(
        "--over", metavar="NAME=VALUES",
        help="One setting of the estimator, over a range or a list: " + _EXAMPLE + ".",
    ),
]  # fmt: skip
Points = Annotated[
    int | None,
    typer.Option("--points", metavar="N", help="Values of the range of --over.  [default: 9]"),
]
Optimizer = Annotated[Any, option_of("optimizer", default="of the map sgd, with --over auto")]
Activation = Annotated[Any, option_of("activation")]
Alpha = Annotated[Any, option_of("alpha", default="of the map 0, with --over auto")]
BatchSize = Annotated[Any, option_of("batch_size")]


@dataclass(frozen=True)
class SweepOptions:
    """The map or the curve, and the training of its networks."""

    over: Over = None
    points: Points = None
    rates: Rates = None
    units: Units = None
    seeds: Seeds = None
    steps: Steps = None
    optimizer: Optimizer = None
    activation: Activation = None
    alpha: Alpha = None
    batch_size: BatchSize = None
    task: verb_options.Task = None

    def settings(self) -> Settings:
        """The options that were given."""
        optimizer, alpha, rows = (
            None if each == "auto" else each
            for each in (self.optimizer, self.alpha, self.batch_size)
        )
        rates, units = self.rates, self.units
        return given(
            {
                "rates": None if rates is None else read_numbers(rates, "--rates", whole=False),
                "units": None if units is None else read_numbers(units, "--units", whole=True),
                "seeds": self.seeds,
                "steps": self.steps,
                "optimizer": optimizer,
                "activation": self.activation,
                "alpha": alpha,
                "batch_size": rows,
                "task": None if self.task in (None, "auto") else self.task,
            }
        )

    def of_map(self, curve: "CurveOptions", **roles: str | None) -> Settings:
        """The settings of the map; raises for options that only a curve has."""
        asked = [flag_of(name) for name in curve.settings()]
        asked += [f"--{name.replace('_', '-')}" for name, each in roles.items() if each is not None]
        asked += ["--points"] if self.points is not None else []
        if asked:
            raise SettingsError(
                f"{asked[0]} is for a sweep over one setting, and the map of rate and units has it "
                "not",
                fix=f"leave it out, or say which setting, as in --over {_EXAMPLE.split()[0]}",
            )
        return self.settings()

    def of_curve(self, curve: "CurveOptions") -> Settings:
        """The settings of the estimator; raises for options that only the map has."""
        for flag, value in (
            ("--rates", self.rates), ("--units", self.units), ("--seeds", self.seeds),
            ("--steps", self.steps),
        ):  # fmt: skip
            if value is not None:
                raise SettingsError(
                    f"{flag} is for the map of rate and units, and --over asks for a curve",
                    fix="leave out one of the two",
                )
        both = {name: getattr(self, name) for name in OF_BOTH_SWEEPS}
        return {**curve.settings(), **given(both)}


def read_over(text: str) -> dict[str, Any]:
    """``"alpha=0.1..10"`` is ``{"alpha": (0.1, 10.0)}``, ``"alpha=0.1,1"`` has a list.

    A setting may be named as its option is: ``hidden=8,16``, ``learning-rate-init=1e-4..1e-1``.
    """
    name, equals, values = text.partition("=")
    row = _row(name.strip())
    if not equals or not values.strip():
        raise SettingsError(f'"{text}" names no values', where="--over", fix=f"give {_EXAMPLE}")
    low, dots, high = values.partition("..")
    if dots:
        return {row.name: (_number(row, low), _number(row, high))}
    if Special.OPTIMIZER in row.allowed:
        raise SettingsError(
            "Texts of optimizers contain commas, and a list of --over is divided by them",
            where="--over",
            fix='go over optimizers in Python: thalweg.sweep(…, over={"optimizer": […]})',
        )
    return {row.name: [_value(row, each.strip()) for each in values.split(",")]}


def _row(name: str) -> Parameter:
    for row in PARAMETERS:
        if name in (row.name, flag_of(row.name).removeprefix("--")):
            return BY_NAME[row.name]
    raise SettingsError(f'There is no setting "{name}"', where="--over", fix=f"give {_EXAMPLE}")


def _number(row: Parameter, text: str) -> float:
    """An end of a range."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise SettingsError(
            f'"{text}" is no number', where="--over", fix=f"give {row.name}=LOW..HIGH"
        ) from None


def _value(row: Parameter, text: str) -> Setting:
    """A value of a list; several layers are written as 64x32."""
    is_layers = Special.SIZES in row.allowed and "x" in text
    try:
        found = reader_of(row)(text.replace("x", ",") if is_layers else text)
    except SettingsError as error:
        what, fix = error.what, error.fix
        if is_layers:
            what = f'"{text}" is not a list of hidden layers'
            fix = f"give the units of each layer, as in {row.name}=64x32"
        raise SettingsError(what, where="--over", fix=fix) from None
    if row.name == "activation" and isinstance(found, tuple):
        return found[0]
    return found
