"""The options of ``thalweg sweep`` alone, and how their values are read."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from thalweg.cli.options import verb_options
from thalweg.cli.options.training_options import given, option_of
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Settings


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
        help="Learning rates, growing.  [default: 0.03 to 100 times that of the optimizer]",
    ),
]  # fmt: skip
Units = Annotated[
    str | None,
    typer.Option(
        "--units", metavar="N,N,...",
        help="Units of the hidden layer, growing.  [default: 1,2,4,8,15,32,64]",
    ),
]  # fmt: skip
Seeds = Annotated[
    int | None,
    typer.Option("--seeds", metavar="N", help="Networks of each cell.  [default: 5]"),
]
Steps = Annotated[
    int | None,
    typer.Option(
        "--steps", metavar="N", min=1,
        help="Least steps of each network, in whole epochs.  [default: 1000]",
    ),
]  # fmt: skip
Optimizer = Annotated[Any, option_of("optimizer", default="sgd")]
Activation = Annotated[Any, option_of("activation")]
Alpha = Annotated[Any, option_of("alpha", default="0")]
BatchSize = Annotated[Any, option_of("batch_size")]


@dataclass(frozen=True)
class SweepOptions:
    """The map, and the training of its networks."""

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
