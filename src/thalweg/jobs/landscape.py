"""Descents from one start, on the loss that they go down."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from thalweg.data.read import Table
from thalweg.endings import check_ending
from thalweg.errors import SettingsError
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.job_run import JobRun
from thalweg.jobs.listener import Listener
from thalweg.jobs.outcome import Outcome
from thalweg.jobs.parts.model_table import features_for, prepared, rows_of
from thalweg.jobs.parts.rows_of_fit import fitted_rows
from thalweg.jobs.parts.table_source import Columns, Reading
from thalweg.jobs.parts.writing import check_outputs
from thalweg.landscape.runs.presets import ARTICLE
from thalweg.reporting.landscape.shown_race import HILLS, VIEWS, Landscape, race_landscape

# What a file is, by its ending.
HOW = {
    ".gif": ": the balls roll when it is opened.",
    ".html": ": open it in a browser, turn it, and move the step.",
    ".png": ".",
    ".svg": ".",
}


@dataclass(frozen=True, kw_only=True)
class LandscapeRequest:
    """What descends, and what is drawn of it.

    Attributes
    ----------
    table : str
        A table; or "hills", a function of two parameters to learn on, if no file has this name.
    model : str, optional
        A saved model, whose own descent on the table is repeated.
    columns, reading
        Of the table.
    network : mapping
        Of ``hidden activation alpha batch_size steps`` those that are not at their defaults; a
        saved model has its own.
    rules : sequence of str
        Who runs; the article's four, or a model alone, if nobody is named.
    view : {"plane", "surface", "map", "profile"}, optional
    run : str, optional
        Whose profile.
    plane, grid, seed
        As `thalweg.reporting.landscape.shown_race.race_landscape` takes them.
    profiles : bool
        Whether to compute the profiles of all runs, also where no picture shows them.
    output : str, optional
        A file to write; its name says which kind.
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
    plane: str = "auto"
    grid: int | None = None
    seed: int = 0
    profiles: bool = False
    output: str | None = None
    dark: bool = False
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class LandscapeOutcome(Outcome):
    """A landscape, which shows itself.

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
    """Let descents run from one start, and draw the loss that they ran on.

    A cancellation ends it with what there is: fewer steps, a coarser grid.
    """
    with JobRun("landscape", listener, cancellation, request.seed) as run:
        form, output = _form(request), request.output
        named = [each for each in (request.model, request.table) if each is not None]
        check_outputs({"-o": output}, named, overwrite=request.overwrite)
        drawn = _drawn(run, request, None if _wants_profiles(request, form) else ())
        # What is not there is said before anything is drawn.
        drawn.sheet(request.view or "plane", request.run)
        run.tell(result={"file": output, "landscape": drawn.as_dict()})
        data = b""
        if output is not None:
            told = None if form != ".gif" else lambda done, of: run.stage("pictures", done, of)
            data = drawn.rendered(
                form, request.view, run=request.run, dark=request.dark, watch=told
            )
        outcome = run.settle(LandscapeOutcome, landscape=drawn)
        if output is not None:
            write_atomic(output, data, overwrite=request.overwrite)
            run.say(f"Wrote {output}{HOW[form]}")
        return outcome


def _form(request: LandscapeRequest) -> str:
    """The kind of file; it and the view are checked before anything is computed."""
    view = request.view
    if view not in (None, *VIEWS):
        raise SettingsError(
            f"There is no view {view!r} of a landscape", fix=f"take one of {', '.join(VIEWS)}"
        )
    if request.run is not None and view != "profile":
        raise SettingsError(
            "--run says whose profile is drawn, and no profile is asked for",
            fix="add --view profile",
        )
    if request.output is None:
        return ""
    return check_ending(request.output, "A landscape", tuple(HOW), flag="-o", bare=False)


def _wants_profiles(request: LandscapeRequest, form: str) -> bool:
    return request.profiles or request.view == "profile" or form == ".html"


def _drawn(run: JobRun, request: LandscapeRequest, profiles: Sequence[str] | None) -> Landscape:
    """The landscape of hills, of a table, or of a model."""
    columns, network = request.columns, request.network
    of_table = {
        "target": columns.target, "positive": columns.positive, "drop": columns.drop,
        "category": columns.category, "number": columns.number, "text": columns.text,
    }  # fmt: skip
    if request.model is not None:
        _none_of(network, "A saved model has its network and its settings")
        told = {key: value for key, value in of_table.items() if key not in ("target", "number")}
        _none_of(told, "A saved model knows its columns, its categories and its positive class")
        return _of_model(run, request, request.model, profiles)
    subject: Table | str = HILLS
    if request.table == HILLS and not os.path.exists(HILLS):
        unfit = {**network, **of_table, "steps": None}
        _none_of(unfit, "The hills are a function of two parameters, without table and network")
        run.tell(data={"name": HILLS})
    else:
        subject = _read(run, request, columns.target)
    return race_landscape(
        subject, request.rules or ARTICLE, plane=request.plane, grid=request.grid,
        profiles=profiles, seed=request.seed, watch=run.stage, **network,
    )  # fmt: skip


def _none_of(unfit: Mapping[str, Any], why: str) -> None:
    given = [key for key, value in unfit.items() if value is not None and value not in ([], (), {})]
    if given:
        named = ", ".join(f"--{each.replace('_', '-')}" for each in given)
        raise SettingsError(f"{named} cannot be had here", why=why, fix="leave it out")


def _read(run: JobRun, request: LandscapeRequest, target: str | None) -> Table:
    columns = request.columns
    table = request.reading.table(
        request.table, target=target, positive=columns.positive, drop=columns.drop
    )
    table = replace(table, said=columns.said.but(table.target_name))
    notes = list(table.notes)
    data = {
        "name": table.name,
        "rows": len(table.frame),
        "columns": list(table.frame.columns),
        "target": table.target_name,
        "notes": notes,
    }
    run.read(data, notes)
    return table


def _of_model(
    run: JobRun, request: LandscapeRequest, path: str, profiles: Sequence[str] | None
) -> Landscape:
    """A saved model over the rows that it was fitted on, if the table has them; else over all."""
    from thalweg.persistence.model_file import read_model
    from thalweg.reporting.landscape.model_landscape import model_landscape

    file = read_model(path)
    table = _read(run, request, request.columns.target or file.target)
    table = prepared(table, file.model, number=request.columns.number)
    X = features_for(file.model, table)
    rows = fitted_rows(file.model, table)
    if rows is None:
        run.say(
            "The model was not fitted on these rows, or on the part of them that thalweg fit "
            "would take: its descent cannot be repeated."
        )
        rows = np.arange(len(table.frame))
    y = np.asarray(table.target, dtype=object)
    return model_landscape(
        file.model, rows_of(X, rows), y[rows], rules=request.rules,
        plane=request.plane, grid=request.grid or 41, profiles=profiles,
        seed=request.seed, name=table.name, watch=run.stage,
    )  # fmt: skip
