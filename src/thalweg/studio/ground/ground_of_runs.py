"""``thalweg.ground_of_runs``: the ground of the studio in Python, from what its runs are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from thalweg.data.read import Table
from thalweg.errors import SettingsError, Status
from thalweg.landscape.given_values import require_known, whole_number
from thalweg.landscape.ground.surface import Surface, landscape, on_same_ground
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.path import DescentPath, Recorder, evenly, terrain_of
from thalweg.landscape.runs.presets import Preset
from thalweg.studio.runs.live_run import most_points
from thalweg.studio.runs.theta_of_run import OF_NETWORK, start_given
from thalweg.training.descent_inputs import Member
from thalweg.training.stepping.stepped_run import SteppedRun
from thalweg.wording import parameter

_OF_RUN = ("rule", "step", "name", "rows_a_step", "points")
_EXAMPLE = [{"rule": "sgd:lr=0.1", "step": 40}]


def ground_of_runs(
    table: Table | Any, runs: Sequence[Mapping[str, Any]], *,
    drawn: Sequence[Mapping[str, Any]] | None = None, plane: str = "auto", grid: int = 41,
    preset: str = "article", seed: int = 0, **network: Any,
) -> Surface:  # fmt: skip
    """The ground that the studio shows: the loss of a network over a plane, and the runs on it.

    Parameters
    ----------
    table : Table, str, path or DataFrame
        As in ``race_landscape``.
    runs : sequence of mapping
        Each has ``rule``, the text form of an optimizer with its rate, and ``step``, the step at
        which it ends. It may have ``name``, ``rows_a_step`` (default: those of the network), and
        ``points``, how many points of it are drawn (default: all that are recorded).
    drawn : sequence of mapping, optional
        The runs that are drawn on the plane that was laid through ``runs``; default: those.
    plane : str, default "auto"
        As in ``race_landscape``.
    grid : {11, 21, 41, 81, 161}, default 41
        Points along each axis.
    preset : {"article", "default"}, default "article"
        The network of the article, or that of a fit.
    seed : int, default 0
        Of the start, of the order of the rows, of the held-out rows, and of the picture.
    **network
        ``hidden activation alpha steps batch_size held_out task``, as the studio has them; and what
        ``race_landscape`` takes about the table.

    Returns
    -------
    Surface
        ``a`` and ``b`` are the axes, ``losses`` the heights, ``trails`` the runs, and ``badge`` how
        far the picture can be trusted.

    Raises
    ------
    SettingsError, DataError
        For runs, keywords or tables that are none.

    Examples
    --------
    >>> from thalweg import ground_of_runs
    >>> runs = [{"rule": "sgd:lr=0.5", "step": 40}, {"rule": "adam:lr=0.02", "step": 40}]
    >>> ground_of_runs("wisconsin", runs, grid=11, steps=40).losses.shape
    (11, 11)
    """
    require_known("ground_of_runs", network, OF_NETWORK)
    laid, shown = _runs_given("runs", runs), _runs_given("drawn", runs if drawn is None else drawn)
    member = start_given(table, preset, seed, network).member
    terrain = terrain_of(member, seed=seed)
    paths = [_path(member, each) for each in laid]
    surface = landscape(terrain, paths, plane=plane, grid=grid, seed=seed)
    if shown == laid:
        return surface
    return on_same_ground(surface, terrain, [_path(member, each) for each in shown], seed=seed)


def _runs_given(name: str, given: Any) -> list[Mapping[str, Any]]:
    """The runs, each with what a run needs and nothing else."""
    listed = given if isinstance(given, Sequence) and not isinstance(given, str) else []
    for each in listed:
        if not isinstance(each, Mapping) or not {"rule", "step"} <= each.keys() <= {*_OF_RUN}:
            listed = []
            break
        for number in ("step", "points", "rows_a_step"):
            if each.get(number) is not None:
                whole_number(number, each[number], 0 if number == "step" else 1, 40)
    if not listed:
        raise SettingsError(
            f"{parameter(name)} is no list of runs",
            why=f"A run has a rule and a step, and may have {', '.join(_OF_RUN[2:])}",
            fix=f"give one for each run, as in {parameter(name, _EXAMPLE)}",
        )
    return list(listed)


def _path(member: Member, run: Mapping[str, Any]) -> DescentPath:
    """The way of a run through the space of its weights, as far as it is drawn."""
    name, rule = run.get("name", run["rule"]), run["rule"]
    entry = Preset(name, rule, "", rows_a_step=run.get("rows_a_step"))
    own, last = with_own_batches(member, entry)
    recorder = Recorder(most_points(member.theta.nbytes))
    stepped = SteppedRun(own, last_step=last, callbacks=[recorder])
    with np.errstate(all="ignore"):
        stepped.advance(run["step"])
    thetas, steps = recorder.so_far()
    kept = evenly(len(thetas), run.get("points") or len(thetas))
    found = DescentPath.of(name, thetas[kept], steps[kept], rule)
    return replace(found, diverged=stepped.status is Status.DIVERGED)
