"""A search for the learning rate, on the descent that an estimator would make of a table."""

from typing import Unpack

import numpy as np

from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.estimators.input_tables import read_for_fit
from thalweg.estimators.learning.fit_plan import GivenRows, lesson_of
from thalweg.estimators.learning.training_rows import place, starting_point
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.parameters.recipe import recipe_of
from thalweg.random import seed_from
from thalweg.training.descent_plan import Member
from thalweg.training.lr_find import RateRange, RateSearch, lr_find


def find_rate(
    estimator: NetworkEstimator,
    X: TableLike,
    y: TargetLike,
    sample_weight: WeightsLike = None,
    **settings: Unpack[RateRange],
) -> RateSearch:
    """Descend on a table with a rate that grows from step to step, and watch the loss.

    Network, penalties, batches and rule are those of the estimator; its rate, its schedule and all
    that ends a descent have no say, and no row is held out. The estimator stays as it is, fitted
    or not.

    Parameters
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
    X, y, sample_weight
        As `fit` has them.
    **settings
        ``low``, ``high`` and ``n_steps``, as `thalweg.training.lr_find.lr_find` has them: the first
        rate, 1e-7, the last, 10, and the number of steps, 100.

    Returns
    -------
    RateSearch
        ``suggestion`` is what to set ``learning_rate_init`` to; None where no rate lowered the
        loss.

    Raises
    ------
    DataError, SettingsError
        As `fit` does; SettingsError for L-BFGS, which has no rate, and rates that do not grow.
    """
    fresh = type(estimator)(**estimator.get_params(deep=False))
    fresh._validate_params()
    given = GivenRows(X, y, sample_weight)
    read = read_for_fit(fresh, X, y, sample_weight)
    lesson, _ = lesson_of(fresh, read, fresh._target(read.y, read.weights), given)
    seed = seed_from(fresh.random_state)
    recipe = recipe_of(fresh, lesson.n_lessons, lesson.n_numbers, seed)
    here = place(lesson, np.arange(lesson.n_lessons), recipe.dtype, recipe.cut)
    network = starting_point(here, recipe.hidden, recipe.activation, seed)
    member = Member(*network, here.data, here.outputs.loss, recipe.alpha, recipe.settings)
    return lr_find(member, **settings)
