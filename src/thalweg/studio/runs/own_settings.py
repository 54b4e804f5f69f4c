"""The training of the first network of a fit, as a run that can be stepped and looked into."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from thalweg.data.canonical_rows import Rows as MergedRows
from thalweg.data.read import Table
from thalweg.data.target_kind import number_target
from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.learning.encoded_training_data import member_seed, place, starting_point
from thalweg.estimators.learning.fit_plan import FitPlan, GivenRows, fit_plan
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.landscape.race_on_table import (
    NUMBERS,
    EncodedTable,
    NetworkTarget,
    network_target,
)
from thalweg.training.descent_inputs import Member

# One network, which stops by rows that are held out: what a run can show.
_OF_RUN = {"early_stopping": "hold-out", "n_ensemble": 1}


def own_member(
    table: Table, *, hidden: Sequence[int] | None = None, activation: str | None = None,
    alpha: float | None = None, batch_size: int | None = None, held_out: float | None = None,
    task: str = "auto", seed: int = 0,
) -> Member:  # fmt: skip
    """What ``train`` takes for the network of a fit with ``early_stopping="hold-out"``.

    It gives the weights of the network of the fitted estimator.

    Parameters
    ----------
    table : Table
        With its target.
    hidden, activation, alpha, batch_size : optional
        As of the estimators; default: theirs.
    held_out : float, optional
        ``validation_fraction`` of the estimators.
    task : {"auto", "classification", "regression"}
    seed : int
        ``random_state`` of the estimators.

    """
    plan = _own_plan(
        table, hidden=hidden, activation=activation, alpha=alpha, batch_size=batch_size,
        held_out=held_out, task=task, seed=seed,
    )  # fmt: skip
    rows, held = plan.stopping.splits[0]
    recipe = plan.recipe
    here = place(plan.lesson, rows, recipe.dtype, recipe.cut)
    network = starting_point(here, recipe.hidden, recipe.activation, seed, 0)
    own = replace(recipe.settings, seed=member_seed(seed, 0))
    data = here.data
    if not data.in_bins:  # encoded once, because rows are read again and again
        data = replace(data, X=data.X[:])
    return Member(*network, data, here.outputs.loss, recipe.alpha, own, rows, held)


def own_encoded(table: Table, **settings: Any) -> EncodedTable:
    """The table as that network takes it; the arguments are those of `own_member`.

    A row is encoded as a new one. Where a category has target codes, training has others for its
    own rows.

    Raises
    ------
    SettingsError
        The target is none of those that can be looked into.
    """
    plan = _own_plan(table, **settings)
    rows, held = plan.stopping.splits[0]
    here = place(plan.lesson, rows, plan.recipe.dtype, plan.recipe.cut)
    lesson, outputs = plan.lesson, here.outputs
    if not isinstance(outputs, Classes | Values):
        raise SettingsError(
            "The network of this fit cannot be looked into here",
            why="Its outputs are neither classes nor one number",
            fix="use thalweg trace with the fitted model",
        )
    Y = outputs.targets(lesson.y)
    told: dict[str, Any] = {}
    if isinstance(outputs, Classes):
        told["classes"] = tuple(str(each) for each in outputs.labels.tolist())
    else:
        told |= {"center": float(outputs.center), "scale": float(outputs.scale)}
    target = NetworkTarget(Y[plan.places], str(outputs.loss), "", **told)
    merged = MergedRows(lesson.X, Y, lesson.weights)
    return EncodedTable(target, plan.read.schema, merged, rows, held, here.encoder)


def _own_plan(
    table: Table, *, hidden: Sequence[int] | None = None, activation: str | None = None,
    alpha: float | None = None, batch_size: int | None = None, held_out: float | None = None,
    task: str = "auto", seed: int = 0,
) -> FitPlan:  # fmt: skip
    """The plan of the fit of one network that stops by held-out rows."""
    given = {
        "hidden_layer_sizes": None if hidden is None else tuple(hidden), "activation": activation,
        "alpha": alpha, "batch_size": batch_size, "validation_fraction": held_out,
    }  # fmt: skip
    settings: dict[str, Any] = {key: each for key, each in given.items() if each is not None}
    settings |= {**table.said.as_settings(), **_OF_RUN, "random_state": seed}
    estimator: ThalwegClassifier | ThalwegRegressor
    y: Any = table.target
    if network_target(table, task).loss == NUMBERS:
        assert table.target is not None
        cells = table.target.astype(str) if table.target_cells is None else table.target_cells
        numbers = number_target(
            cells, str(table.target_name), task=task, positive=table.positive, features=table.frame
        )
        assert numbers is not None
        estimator, y = ThalwegRegressor(**settings), numbers.values
    else:
        estimator = ThalwegClassifier(**settings)
    return fit_plan(estimator, GivenRows(table.frame, y), estimator._outputs_for(y))
