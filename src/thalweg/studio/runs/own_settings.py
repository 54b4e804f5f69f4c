"""The training of the first network of a fit, as a run that can be stepped."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from thalweg.data.read import Table
from thalweg.data.target_kind import number_target
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.learning.encoded_training_data import member_seed, place, starting_point
from thalweg.estimators.learning.fit_plan import GivenRows, fit_plan
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.landscape.race_on_table import NUMBERS, network_target
from thalweg.training.descent_inputs import Member

# One network, which stops by rows that are held out: what a run can show.
_OF_RUN = {"early_stopping": "hold-out", "n_ensemble": 1}


def own_member(
    table: Table, *, hidden: Sequence[int] | None = None, activation: str | None = None,
    alpha: float | None = None, batch_size: int | None = None, held_out: float | None = None,
    task: str = "auto", seed: int = 0,
) -> Member:  # fmt: skip
    """What ``train`` takes for the network of a fit with ``early_stopping="hold-out"``.

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

    Returns
    -------
    Member
        ``train`` gives the weights of the network of the fitted estimator.
    """
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
    plan = fit_plan(estimator, GivenRows(table.frame, y), estimator._outputs_for(y))
    rows, held = plan.stopping.splits[0]
    recipe = plan.recipe
    here = place(plan.lesson, rows, recipe.dtype, recipe.cut)
    network = starting_point(here, recipe.hidden, recipe.activation, seed, 0)
    own = replace(recipe.settings, seed=member_seed(seed, 0))
    data = here.data
    if not data.in_bins:  # encoded once, because rows are read again and again
        data = replace(data, X=data.X[:])
    return Member(*network, data, here.outputs.loss, recipe.alpha, own, rows, held)
