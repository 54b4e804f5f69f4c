"""``thalweg landscape``: descents from one start, on the loss that they go down."""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.text import Text

from thalweg.cli import options, training_options
from thalweg.cli.outcome import Outcome
from thalweg.cli.reading import (
    MaxMemory,
    Reading,
    check_outputs,
    features_for,
    reading_of,
    rows_of,
    with_categories,
)
from thalweg.endings import check_ending
from thalweg.errors import SettingsError
from thalweg.files import write_atomic
from thalweg.wording import printable

if TYPE_CHECKING:
    from thalweg.data.read import Table
    from thalweg.reporting.landscape.presented import Landscape

# The teaching function, if no file has this name.
HILLS = "hills"
_VIEWS = ("plane", "surface", "map", "profile")
_SECONDS_BETWEEN_LINES = 3.0


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
Hidden = Annotated[Any, training_options.option_of("hidden_layer_sizes", default="15")]
Activation = Annotated[Any, training_options.option_of("activation")]
Alpha = Annotated[Any, training_options.option_of("alpha", default="0")]
BatchSize = Annotated[Any, training_options.option_of("batch_size")]
Dark = Annotated[bool, typer.Option("--dark", help="Light signs on a dark page.")]


def landscape(
    what: What,
    target: options.Target = None,
    positive: options.Positive = None,
    drop: options.Drop = None,
    category: options.Category = None,
    separator: options.Separator = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    max_memory: MaxMemory = None,
    output: PictureTo = None,
    force: options.Force = False,
    rules: Rules = None,
    view: View = None,
    run: Run = None,
    plane: Plane = "auto",
    grid: Grid = None,
    steps: Steps = None,
    hidden: Hidden = None,
    activation: Activation = None,
    alpha: Alpha = None,
    batch_size: BatchSize = None,
    seed: options.Seed = 0,
    dark: Dark = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Let descents run from one start, and draw the loss that they ran on, and how honest that is.

    With a TABLE the article's network (15 hidden units, if nothing is said) runs on all of its
    rows. With MODEL TABLE the model's own descent is repeated. hills is a function of two
    parameters with names for its places.
    """
    reading = reading_of(locals())
    with Outcome("landscape", as_json=as_json, quiet=quiet) as outcome:
        outcome.seed, form = seed, _form(output, view, run)
        check_outputs({"-o": output}, what, force=force)
        rows = None if batch_size == "auto" else batch_size
        given = {"hidden": hidden, "activation": activation, "alpha": alpha, "batch_size": rows}
        network = training_options.settings_of({**given, "steps": steps})
        of_table: dict[str, Any] = {
            "target": target, "positive": positive, "drop": drop or [], "category": category or [],
        }  # fmt: skip
        profiles = None if as_json or view == "profile" or form == ".html" else ()
        asked = {
            "rules": _rules(rules), "plane": plane, "grid": grid, "seed": seed, "profiles": profiles
        }  # fmt: skip
        with _Stages(outcome, quiet=quiet) as stages:
            drawn = _drawn(outcome, what, of_table, reading, network, asked, stages)
            drawn.sheet(view or "plane", run)  # what is not there is said before anything is drawn
            outcome.result = {"file": output, "landscape": drawn.as_dict()}
            if output is not None:
                told = None if form != ".gif" else lambda done, of: stages("pictures", done, of)
                data = drawn.rendered(form, view, run=run, dark=dark, watch=told)
        outcome.show(Text("\n".join(printable(line) for line in drawn.lines())))
        if output is not None:
            write_atomic(output, data, overwrite=force)
            outcome.say(f"Wrote {output}{_HOW[form]}")


_HOW = {
    ".gif": ": the balls roll when it is opened.",
    ".html": ": open it in a browser, turn it, and move the step.",
    ".png": ".",
    ".svg": ".",
}


def _form(output: str | None, view: str | None, run: str | None) -> str:
    """The kind of file; it and the view are checked before anything is computed."""
    if view not in (None, *_VIEWS):
        raise SettingsError(
            f"There is no view {view!r} of a landscape", fix=f"take one of {', '.join(_VIEWS)}"
        )
    if run is not None and view != "profile":
        raise SettingsError(
            "--run says whose profile is drawn, and no profile is asked for",
            fix="add --view profile",
        )
    if output is None:
        return ""
    return check_ending(output, "A landscape", tuple(_HOW), flag="-o", bare=False)


def _rules(text: str | None) -> tuple[str, ...]:
    """``"sgd,adam:lr=0.01,beta_2=0.9"`` is ``("sgd", "adam:lr=0.01,beta_2=0.9")``."""
    found: list[str] = []
    for part in (text or "").split(","):
        name, equals, _ = part.partition("=")
        if equals and ":" not in name and found:  # a constant of the rule before
            found[-1] += f",{part.strip()}"
        elif part.strip():
            found.append(part.strip())
    if text is not None and not found:
        raise SettingsError("--rules names nobody", fix="give some, as in sgd,momentum")
    return tuple(found)


def _drawn(
    outcome: Outcome,
    what: list[str],
    of_table: dict[str, Any],
    reading: Reading,
    network: dict[str, Any],
    asked: dict[str, Any],
    stages: "_Stages",
) -> "Landscape":
    """The landscape of hills, of a table, or of a model."""
    from thalweg.landscape.runs.presets import ARTICLE
    from thalweg.reporting.landscape.presented import race_landscape

    rules = asked["rules"] or ARTICLE
    common = {
        "plane": asked["plane"], "grid": asked["grid"], "profiles": asked["profiles"],
        "seed": asked["seed"], "watch": stages,
    }  # fmt: skip
    if what == [HILLS] and not os.path.exists(HILLS):
        unfit = {
            key: value for key, value in {**network, **of_table}.items() if value not in (None, [])
        }
        steps = {"steps": unfit.pop("steps")} if "steps" in unfit else {}
        _none_of(unfit, "The hills are a function of two parameters, without table and network")
        outcome.data = {"name": HILLS}
        return race_landscape(HILLS, rules, **common, **steps)
    if len(what) == 1:
        table = _read(outcome, what[0], of_table, reading)
        return race_landscape(table, rules, **common, **network)
    if len(what) != 2:
        raise SettingsError(
            f"{len(what)} files are one too many, or more",
            fix="name MODEL and TABLE, or TABLE alone",
        )
    _none_of(network, "A saved model has its network and its settings")
    told = {key: value for key, value in of_table.items() if key != "target" and value}
    _none_of(told, "A saved model knows its columns, its categories and its positive class")
    return _of_model(outcome, what, of_table, reading, asked, stages)


def _none_of(unfit: dict[str, Any], why: str) -> None:
    if unfit:
        named = ", ".join(f"--{each.replace('_', '-')}" for each in unfit)
        raise SettingsError(f"{named} cannot be had here", why=why, fix="leave it out")


def _read(outcome: Outcome, source: str, of_table: dict[str, Any], reading: Reading) -> "Table":
    from thalweg.data.read import load_table

    said = {key: value for key, value in of_table.items() if key != "category"}
    table = load_table(source, **said, **reading)
    table = replace(table, frame=with_categories(table.frame, of_table["category"]))
    for note in table.notes:
        outcome.say(note)
    outcome.data = {
        "name": table.name,
        "rows": len(table.frame),
        "columns": list(table.frame.columns),
        "target": table.target_name,
        "notes": list(table.notes),
    }
    return table


def _of_model(
    outcome: Outcome,
    what: list[str],
    of_table: dict[str, Any],
    reading: Reading,
    asked: dict[str, Any],
    stages: "_Stages",
) -> "Landscape":
    """A saved model over the rows that it was fitted on, if the table has them; else over all."""
    from thalweg.persistence.model_file import read_model
    from thalweg.reporting.landscape.model_landscape import model_landscape

    file = read_model(what[0])
    target = of_table["target"] or file.target
    table = _read(outcome, what[1], {**of_table, "target": target}, reading)
    X = features_for(file.model, table)
    rows = fitted_rows(file.model, table)
    if rows is None:
        outcome.say(
            "The model was not fitted on these rows, or on the part of them that thalweg fit "
            "would take: its descent cannot be repeated."
        )
        rows = np.arange(len(table.frame))
    y = np.asarray(table.target, dtype=object)
    return model_landscape(
        file.model, rows_of(file.model, X, rows), y[rows], rules=asked["rules"],
        plane=asked["plane"], grid=asked["grid"] or 41, profiles=asked["profiles"],
        seed=asked["seed"], name=table.name, watch=stages,
    )  # fmt: skip


def fitted_rows(model: Any, table: "Table") -> np.ndarray | None:
    """All rows, or the training part that ``fit`` sets apart, whichever the model was fitted on."""
    from thalweg.data.rows import data_hash

    schema = model.schema_
    matrix = schema.matrix(features_for(model, table), unknown="ignore")
    labels = np.asarray(table.target, dtype=object)
    for rows in _parts(model, table, labels):
        texts = [str(label) for label in labels[rows]]
        if data_hash(schema.names, schema.codings, matrix[rows], texts) == model.data_hash_:
            return rows
    return None


def _parts(model: Any, table: "Table", labels: np.ndarray) -> Iterator[np.ndarray]:
    """The rows that a model can have been fitted on.

    ``fit`` parts a table by what its columns are over all rows, where there may be levels that
    the model has not seen; and by the categories that it was told of.
    """
    from thalweg.data.schema.schema import infer_schema
    from thalweg.evaluation.splits import holdout_split

    yield np.arange(len(labels))
    frame = table.frame[list(model.schema_.names)]
    found = infer_schema(frame)
    yield holdout_split(found.matrix(frame), labels, seed=model.seed_)[0]
    pairs = zip(model.schema_.columns, found.kinds, strict=True)
    told = [column.name for column, kind in pairs if column.kind == "category" != kind]
    if told:
        frame = with_categories(frame, told)
        matrix = infer_schema(frame).matrix(frame)
        yield holdout_split(matrix, labels, seed=model.seed_)[0]


class _Stages:
    """Says how far it is: a bar on a terminal, a line now and then in a log."""

    def __init__(self, outcome: Outcome, *, quiet: bool) -> None:
        self.outcome, self.quiet = outcome, quiet
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}
        self._said = time.monotonic()

    def __enter__(self) -> "_Stages":
        if not self.quiet and sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(),
                console=Console(file=sys.stderr), transient=True,
            )  # fmt: skip
            self._bar.start()
        return self

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Told of each stage; never asks for an end: Ctrl-C ends all."""
        if self._bar is not None:
            if stage not in self._tasks:
                self._tasks[stage] = self._bar.add_task(stage.capitalize(), total=total)
            self._bar.update(self._tasks[stage], completed=done, total=total)
        elif time.monotonic() - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            self.outcome.say(f"{stage.capitalize()}: {done:,} of {total:,}")

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
