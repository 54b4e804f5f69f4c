"""The options that only ``thalweg landscape`` takes, and how their texts are understood."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from thalweg.cli import options
from thalweg.errors import SettingsError


def read_rows(text: str) -> int | str | None:
    """A number of rows, or None for "auto"."""
    rows = options.read_batch_size(text)
    return None if rows == "auto" else rows


def read_rules(text: str) -> tuple[str, ...]:
    """``"sgd,adam:lr=0.01,beta_2=0.9"`` is ``("sgd", "adam:lr=0.01,beta_2=0.9")``."""
    found: list[str] = []
    for part in text.split(","):
        name, equals, _ = part.partition("=")
        if equals and ":" not in name and found:  # a constant of the rule before
            found[-1] += f",{part.strip()}"
        elif part.strip():
            found.append(part.strip())
    if not found:
        raise SettingsError("--rules names nobody", fix="give some, as in sgd,momentum")
    return tuple(found)


What = Annotated[
    list[str],
    typer.Argument(
        metavar="[MODEL] TABLE",
        help="A table, a saved model and a table, or hills: a function to learn on.",
    ),
]
PictureTo = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help="Write it there: .gif rolls, .html turns, .png and .svg stand still.",
    ),
]  # fmt: skip
Rules = Annotated[
    str | None,
    typer.Option(
        "--rules", metavar="NAMES",
        help="Who runs: sgd,anneal,large,momentum,nesterov,rmsprop,adam, or texts such as "
        "adam:lr=0.01,beta_2=0.9.  [default: the first four; a model alone]",
    ),
]  # fmt: skip
View = Annotated[
    str | None,
    typer.Option(
        "--view", metavar="NAME",
        help="plane (surface and map), surface, map, or profile, the ground along one run.",
    ),
]  # fmt: skip
Run = Annotated[
    str | None,
    typer.Option("--run", metavar="NAME", help="Whose profile.  [default: who ends lowest]"),
]
Plane = Annotated[
    str,
    typer.Option(
        "--plane", metavar="NAME",
        help="auto measures all and takes the one that lies least; start-to-end, through-start, "
        "scaled, centred, ends, three-points, random.",
    ),
]  # fmt: skip
Grid = Annotated[
    int | None,
    typer.Option(
        "--grid",
        metavar="N",
        help="Points a side: 11, 21, 41, 81, 161.  [default: 41, for hills 81]",
    ),
]
Steps = Annotated[
    int | None,
    typer.Option(
        "--steps",
        metavar="N",
        min=1,
        help="Steps of each run, at least: whole epochs are run.  [default: 400, for hills 150]",
    ),
]
Hidden = Annotated[
    Any,
    options.setting(
        "--hidden", options.read_hidden, "SIZES", "15",
        "Units of the hidden layers: 64,32 or none.",
    ),
]  # fmt: skip
Alpha = Annotated[
    Any,
    options.setting("--alpha", options.read_alpha, "NUMBER", "0", "Weight of the penalty on ‖W‖²."),
]
BatchSize = Annotated[
    Any,
    options.setting("--batch-size", read_rows, "ROWS", "auto", "Rows a step, or auto."),
]
Dark = Annotated[bool, typer.Option("--dark", help="Light signs on a dark page.")]


@dataclass(frozen=True)
class RaceOptions:
    """How long descents run, and over which network."""

    steps: Steps = None
    hidden: Hidden = None
    activation: options.Activation = None
    alpha: Alpha = None
    batch_size: BatchSize = None

    def network(self) -> dict[str, Any]:
        """What was said of the network, in the order of the error that refuses it."""
        return options.given(
            hidden=self.hidden, activation=self.activation, alpha=self.alpha,
            batch_size=self.batch_size, steps=self.steps,
        )  # fmt: skip


@dataclass(frozen=True)
class ViewOptions:
    """What is drawn."""

    view: View = None
    run: Run = None
    plane: Plane = "auto"
    grid: Grid = None
