"""The job of ``thalweg landscape``: draw the loss landscape of training runs."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.endings import check_ending
from thalweg.errors import SettingsError
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.parts.model_table import features_for, known_target, prepared, rows_of
from thalweg.jobs.parts.rows_of_fit import repeatable_rows
from thalweg.jobs.parts.table_options import Columns, Reading, column_notes
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.recipes.landscape_recipes import landscape_recipes
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.landscape.ground.teaching_function import GROUNDS
from thalweg.landscape.plain_data import rounded
from thalweg.landscape.runs.presets import ARTICLE
from thalweg.reporting.landscape.landscape_display import (
    FOLLOWED,
    VIEWS,
    Landscape,
    race_landscape,
    require_moving_ground,
)
from thalweg.wording import counted, parameter

# Significant digits of the numbers in JSON, as in `Race.as_dict`.
DIGITS = 6
# What to do with a written file, by its ending.
HOW = {
    ".gif": ": the balls roll when it is opened.",
    ".html": ": open it in a browser, turn it, and move through the steps.",
    ".png": ".",
    ".svg": ".",
}


@dataclass(frozen=True, kw_only=True)
class LandscapeRequest:
    """The training runs, and how they are drawn.

    Attributes
    ----------
    table : str
        A table; or "hills" or "hills-plain", functions of two parameters to learn from, if no file
        has this name.
    model : str, optional
        A saved model, whose own training run on the table is repeated.
    columns, reading
        For the table.
    network : mapping
        Those of ``hidden activation alpha batch_size steps`` that are not at their defaults; a
        saved model has its own.
    rules : sequence of str
        The optimizers of the runs; default: the article's four, or for a saved model its own run.
    view : {"plane", "surface", "map", "profile", "followed", "connection"}, optional
    run : str, optional
        The run whose profile is drawn, or which a plane follows.
    connect : sequence of str
        The names of two runs whose ends are connected by a straight line.
    plane, grid, seed
        As in `thalweg.reporting.landscape.landscape_display.race_landscape`.
    profiles : bool
        Whether to compute the profiles of all runs, even if no picture shows them.
    output : str, optional
        The file to write; the ending of its name decides the format.
    dark, overwrite : bool
    """

    table: str
    model: str | None = None
    columns: Columns = field(default_factory=Columns)
    reading: Reading = field(default_factory=Reading)
    network: Mapping[str, Any] = field(default_factory=dict)
    rules: Sequence[str] = ()
    view: str | None = None
    run: str | None = None
    connect: Sequence[str] = ()
    plane: str = "auto"
    grid: int | None = None
    seed: int = 0
    profiles: bool = False
    output: str | None = None
    dark: bool = False
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class LandscapeOutcome(Outcome):
    """A landscape.

    Attributes
    ----------
    landscape : Landscape
    """

    landscape: Landscape


def landscape(
    request: LandscapeRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> LandscapeOutcome:
    """Let training runs start at one point, and draw the loss landscape around them.

    A cancellation ends it with what is computed so far: fewer steps, a coarser grid.
    """
    with JobRun("landscape", listener, cancellation, request.seed) as run:
        form, output = _form(request), request.output
        named = [each for each in (request.model, request.table) if each is not None]
        check_outputs({"output": output}, named, overwrite=request.overwrite)
        drawn = _drawn(run, request, None if _wants_profiles(request, form) else ())
        recipes = landscape_recipes(request, is_ground=_is_ground(request))
        drawn = replace(drawn, recipes=recipes)
        # A run without a profile is an error before anything is drawn.
        drawn.sheet(request.view or "plane", request.run)
        if drawn.race.unconnected:
            run.say(drawn.race.unconnected)
        told = drawn.as_dict()
        if request.view == FOLLOWED:
            told["followed"] = rounded(drawn.followed(request.run).as_dict(), DIGITS)
        run.tell(result={"file": output, "landscape": told})
        data = b""
        if output is not None:
            watch = None if form != ".gif" else lambda done, of: run.stage("pictures", done, of)
            data = drawn.rendered(
                form, request.view, run=request.run, dark=request.dark, watch=watch
            )
        outcome = run.settle(LandscapeOutcome, landscape=drawn)
        if output is not None:
            write_atomic(output, data, overwrite=request.overwrite)
            run.say(f"Wrote {output}{HOW[form]}")
        return outcome


def _form(request: LandscapeRequest) -> str:
    """The ending of the file; it and the view are checked before anything is computed."""
    view = request.view
    if view not in (None, *VIEWS):
        raise SettingsError(
            f"There is no view {view!r} of a landscape", fix=f"take one of {', '.join(VIEWS)}"
        )
    if request.run is not None and view not in ("profile", FOLLOWED):
        raise SettingsError(
            f"{parameter('run')} says whose profile is drawn, or which run a plane follows, and "
            "neither is asked for",
            fix=f"add {parameter('view', 'profile')} or {parameter('view', FOLLOWED)}",
        )
    if request.output is None:
        return ""
    if view == FOLLOWED and not request.output.endswith(".html"):
        require_moving_ground(view, "a picture or a film")
    return check_ending(
        request.output, "A landscape", tuple(HOW), flag=parameter("output"), bare=False
    )


def _wants_profiles(request: LandscapeRequest, form: str) -> bool:
    return request.profiles or request.view == "profile" or form == ".html"


def _drawn(run: JobRun, request: LandscapeRequest, profiles: Sequence[str] | None) -> Landscape:
    """The landscape of hills, of a table, or of a model."""
    columns, network = request.columns, request.network
    of_table = {
        "target": columns.target, "positive": columns.positive, "drop": columns.drop,
        "category": columns.category, "number": columns.number, "text": columns.text,
        "missing": columns.missing, "drop_missing": columns.drop_missing,
        "drop_row": columns.drop_row,
    }  # fmt: skip
    if request.model is not None:
        _none_of(network, "A saved model has its own network and settings")
        shared = ("target", "number", "drop_missing", "drop_row")
        own = {key: value for key, value in of_table.items() if key not in shared}
        _none_of(own, "A saved model has its own columns, categories and positive class")
        return _of_model(run, request, request.model, profiles)
    subject: Table | str = request.table
    if _is_ground(request):
        unfit = {**network, **of_table, "steps": None}
        _none_of(unfit, "The hills are a function of two parameters, without a table and a network")
        run.tell(data={"name": request.table})
    else:
        subject = _read(run, request, columns.target)
    return race_landscape(
        subject, request.rules or ARTICLE, plane=request.plane, grid=request.grid,
        profiles=profiles, seed=request.seed, connect=request.connect, watch=run.stage, **network,
    )  # fmt: skip


def _is_ground(request: LandscapeRequest) -> bool:
    """Whether a function of two parameters is meant, and no file of its name."""
    return request.table in GROUNDS and not os.path.exists(request.table)


def _none_of(unfit: Mapping[str, Any], why: str) -> None:
    given = [key for key, value in unfit.items() if value is not None and value not in ([], (), {})]
    if given:
        named = ", ".join(map(parameter, given))
        raise SettingsError(f"{named} cannot be used here", why=why, fix="leave it out")


def _read(run: JobRun, request: LandscapeRequest, target: str | None) -> Table:
    columns = request.columns
    table = request.reading.table(
        request.table,
        target=target,
        positive=columns.positive,
        drop=columns.drop,
        missing=columns.missing,
        drop_missing=columns.drop_missing,
        drop_row=columns.drop_row,
    )
    table = replace(table, said=columns.said.but(table.target_name))
    data = {
        "name": table.name,
        "rows": len(table.frame),
        "columns": list(table.frame.columns),
        "target": table.target_name,
    }
    # A saved model reads the columns as at its fit.
    own = column_notes(table) if request.model is None else ()
    run.read(data, [*table.notes, *own])
    return table


def _of_model(
    run: JobRun, request: LandscapeRequest, path: str, profiles: Sequence[str] | None
) -> Landscape:
    """A saved model on the rows that it was fitted on; if the table lacks them, on all rows."""
    from thalweg.jobs.targets.opened_model import open_model
    from thalweg.reporting.landscape.model_landscape import model_landscape

    file = open_model(path, request.columns.target)
    table = _read(run, request, file.column(request.columns.target))
    table = prepared(table, file.model, number=request.columns.number)
    X = features_for(file.model, table)
    y = known_target(file, table, SaidColumns.of(request.columns.number))
    rows = repeatable_rows(file.model, table, y)
    if rows is None and file.other_targets:
        rows = np.arange(len(table.frame))
        run.say(
            f"The model was fitted with {counted(1 + len(file.other_targets), 'target')}, so the "
            f'training for "{file.target}" alone cannot be repeated.'
        )
    elif rows is None:
        run.say(
            "The model was fitted neither on these rows nor on the training part that thalweg fit "
            f"would take of them at random, so its training cannot be repeated. If "
            f"{parameter('group')}, {parameter('time_column')} or {parameter('weight_column')} was "
            "given, its rows cannot be found again: a model file does not contain groups, times "
            "and weights."
        )
        rows = np.arange(len(table.frame))
    # The rows of the table that the fit left out are test rows: no run is trained on them.
    others = np.setdiff1d(np.arange(len(table.frame)), rows)
    return model_landscape(
        file.model, rows_of(X, rows), y[rows], rules=request.rules,
        plane=request.plane, grid=request.grid or 41, profiles=profiles,
        seed=request.seed, name=table.name, connect=request.connect, watch=run.stage,
        spared=(rows_of(X, others), y[others]),
    )  # fmt: skip
