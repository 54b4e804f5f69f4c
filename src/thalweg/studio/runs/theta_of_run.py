"""``thalweg.theta_of_run``: the weights of a run of the studio at a step, from what the run is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from thalweg.data.read import Table
from thalweg.errors import SettingsError
from thalweg.landscape.given_values import (
    about_table,
    layers_given,
    require_known,
    table_given,
    whole_number,
)
from thalweg.network.formulas.activations import Array
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.runs.shared_start import OF_PRESETS, SharedStart, advance_to, all_settings
from thalweg.wording import parameter

# What says of the network and its training, as the studio's settings do.
OF_NETWORK = ("hidden", "activation", "alpha", "steps", "batch_size", "held_out", "task")
_EXAMPLE = [(40, "sgd:lr=0.01")]


def theta_of_run(
    table: Table | Any, rule: str, step: int, *, changes: Sequence[tuple[int, str]] = (),
    start: ArrayLike | None = None, rows_a_step: int | None = None, preset: str = "article",
    seed: int = 0, **network: Any,
) -> Array:  # fmt: skip
    """All weights of a run of the studio after a step, with the bits that the studio has.

    Parameters
    ----------
    table : Table, str, path or DataFrame
        As in ``race_landscape``.
    rule : str
        The text form of the optimizer that the run begins with, with its rate.
    step : int
        How many steps are made, those before a change included.
    changes : sequence of (int, str), optional
        Steps after which the run has another optimizer, each with its text form. The same rule with
        another rate keeps its memory; another rule begins with an empty one.
    start : array-like of shape (n_parameters,), optional
        Where the run begins; default: the starting point of the network.
    rows_a_step : int, optional
        Rows in a step of this run; default: those of the network.
    preset : {"article", "default"}, default "article"
        The network of the article, or that of a fit.
    seed : int, default 0
        Of the start, of the order of the rows, and of the held-out rows.
    **network
        ``hidden activation alpha steps batch_size held_out task``, as the studio has them; and what
        ``race_landscape`` takes about the table.

    Returns
    -------
    ndarray of shape (n_parameters,)
        θ after that step: the weights and biases of all layers.

    Raises
    ------
    SettingsError, DataError
        For a step that the run does not reach, and for rules, keywords or tables that are none.

    Examples
    --------
    >>> from thalweg import theta_of_run
    >>> theta = theta_of_run("wisconsin", "sgd:lr=0.1", 60, changes=[(40, "sgd:lr=0.5")])
    >>> theta.shape
    (181,)
    """
    require_known("theta_of_run", network, OF_NETWORK)
    step = whole_number("step", step, 0, 40)
    if rows_a_step is not None:
        rows_a_step = whole_number("rows_a_step", rows_a_step, 1, 32)
    definition = RunDefinition("", {}, {}, rule, rule, rows_a_step)
    for at, other in _changes_given(changes, step):
        definition = definition.changed(at, other)
    point = None if start is None else _point(start)
    run = start_given(table, preset, seed, network).stepped_run(definition, point)
    advance_to(run, step)
    theta: Array = run.theta.copy()
    run.leave()
    return theta


def _changes_given(given: Any, step: int) -> list[tuple[int, str]]:
    """Steps and rules, in the order of the steps, none after the last step."""
    is_list = isinstance(given, Sequence) and not isinstance(given, str)
    listed: list[Any] = list(given) if is_list else [None]
    steps = list[int]()
    for each in listed:
        is_pair = isinstance(each, Sequence) and not isinstance(each, str) and len(each) == 2
        if not is_pair or not isinstance(each[1], str):
            raise SettingsError(
                f"{parameter('changes')} is no list of steps with rules",
                fix=f"give a pair for each change, as in {parameter('changes', _EXAMPLE)}",
            )
        steps.append(whole_number("changes", each[0], 0, 40))
    if steps != sorted(steps) or max(steps, default=0) > step:
        raise SettingsError(
            f"{parameter('changes')} has the steps {', '.join(map(str, steps))}",
            why=f"They have to be in order, and none after {parameter('step', step)}",
            fix="sort them, and leave out those that come later",
        )
    return [(at, each[1]) for at, each in zip(steps, listed, strict=True)]


def _point(given: ArrayLike) -> Array:
    try:
        return np.asarray(given, np.float64)
    except (TypeError, ValueError) as why:
        raise SettingsError(
            f"{parameter('start')} is no array of numbers",
            fix="give the weights of a point, as theta_of_run gives them",
        ) from why


def start_given(table: Any, preset: str, seed: int, network: Mapping[str, Any]) -> SharedStart:
    """The network with its rows, which all runs share.

    Raises
    ------
    SettingsError, DataError
        For presets, layers or tables that are none.
    """
    if preset not in OF_PRESETS:
        raise SettingsError(
            f"There is no network {preset!r}",
            fix=f"take one of {', '.join(parameter('preset', each) for each in OF_PRESETS)}",
        )
    said, own = about_table(network)
    if "hidden" in own:
        own["hidden"] = list(layers_given(own["hidden"]))
    settings = all_settings({"preset": preset, "seed": seed, **own})
    return SharedStart.of(table_given(table, said), settings)
