"""The options of ``thalweg landscape`` alone, and how their values are read."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from thalweg.cli.options import verb_options
from thalweg.cli.options.training_options import given, option_of
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Settings


def read_rules(text: str, option: str = "--rules") -> tuple[str, ...]:
    """``"sgd,adam:lr=0.01,beta_2=0.9"`` is ``("sgd", "adam:lr=0.01,beta_2=0.9")``."""
    found: list[str] = []
    for part in text.split(","):
        name, equals, _ = part.partition("=")
        if equals and ":" not in name and found:  # a constant of the preceding rule
            found[-1] += f",{part.strip()}"
        elif part.strip():
            found.append(part.strip())
    if not found:
        raise SettingsError(f"{option} names no optimizer", fix="give some, as in sgd,momentum")
    return tuple(found)


What = Annotated[
    list[str],
    typer.Argument(
        metavar="[MODEL] TABLE",
        help="A table, a saved model and a table, or hills (or hills-plain): a function to learn "
        "from.",
    ),
]
PictureTo = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help="Write to this file: .gif (moving), .html (interactive), .png or .svg.",
    ),
]  # fmt: skip
Rules = Annotated[
    str | None,
    typer.Option(
        "--rules", metavar="NAMES",
        help="The runs: sgd (small steps),anneal,large,momentum,nesterov,rmsprop,adam,one-row,"
        "32-rows,all-rows; article: the first four and the last three; or texts such as "
        "adam:lr=0.01,beta_2=0.9.  [default: the first four; for a model, its own run]",
    ),
]  # fmt: skip
View = Annotated[
    str | None,
    typer.Option(
        "--view", metavar="NAME",
        help="plane (surface and map), surface, map, profile (the loss along one run), "
        "followed (a plane that goes along with one run; .html), or connection (the line of "
        "--connect).",
    ),
]  # fmt: skip
Run = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="NAME",
        help="The run of the profile, or of the followed plane.  [default: the lowest end]",
    ),
]
Connect = Annotated[
    str | None,
    typer.Option(
        "--connect", metavar="NAMES",
        help="Two runs, as in sgd,momentum: the loss on the straight line between their ends, as "
        "they are and with the hidden units matched.",
    ),
]  # fmt: skip
Plane = Annotated[
    str,
    typer.Option(
        "--plane", metavar="NAME",
        help="auto measures all and takes the least distorted; start-to-end, through-start, "
        "scaled, centred, ends, three-points, random.",
    ),
]  # fmt: skip
Grid = Annotated[
    int | None,
    typer.Option(
        "--grid",
        metavar="N",
        help="Points on a side: 11, 21, 41, 81, 161.  [default: 41, for hills 81]",
    ),
]
Steps = Annotated[
    int | None,
    typer.Option(
        "--steps",
        metavar="N",
        min=1,
        help="Least steps of each run, which ends with its epoch.  [default: 400, for hills 120]",
    ),
]
Hidden = Annotated[Any, option_of("hidden_layer_sizes", default="15")]
Activation = Annotated[Any, option_of("activation")]
Alpha = Annotated[Any, option_of("alpha", default="0")]
BatchSize = Annotated[Any, option_of("batch_size")]
Dark = Annotated[bool, typer.Option("--dark", help="Light text on a dark page.")]


@dataclass(frozen=True)
class RaceOptions:
    """The length of the training runs, and their network."""

    steps: Steps = None
    hidden: Hidden = None
    activation: Activation = None
    alpha: Alpha = None
    batch_size: BatchSize = None
    task: verb_options.Task = None

    def network(self) -> Settings:
        """The options of the network that were given, in the order of an error about them."""
        alpha, rows = (None if each == "auto" else each for each in (self.alpha, self.batch_size))
        return given(
            {
                "hidden": self.hidden,
                "activation": self.activation,
                "alpha": alpha,
                "batch_size": rows,
                "steps": self.steps,
                "task": None if self.task in (None, "auto") else self.task,
            }
        )


@dataclass(frozen=True)
class ViewOptions:
    """What to draw."""

    view: View = None
    run: Run = None
    plane: Plane = "auto"
    grid: Grid = None
