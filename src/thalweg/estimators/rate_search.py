"""Learning rate search for an estimator and a table."""

from typing import Unpack

import numpy as np

from thalweg.counter_based_random import seed_from
from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.estimators.learning.encoded_training_data import place, starting_point
from thalweg.estimators.learning.fit_plan import GivenRows, lesson_of
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.offsets.given_offsets import AskedOffset
from thalweg.estimators.offsets.rows_in_rates import read_rows, unit_of
from thalweg.estimators.parameters.resolved_parameters import recipe_of, text_in_batches
from thalweg.estimators.targets.settings_of_targets import with_settings_of_targets
from thalweg.training.descent_inputs import Member
from thalweg.training.lr_find import RateRange, RateSearch, lr_find


def find_rate(
    estimator: NetworkEstimator,
    X: TableLike,
    y: TargetLike,
    sample_weight: WeightsLike = None,
    offset: AskedOffset | None = None,
    **settings: Unpack[RateRange],
) -> RateSearch:
    """Train on a table with a rate that grows from step to step, and watch the loss.

    Network, penalties, batches and update rule are those of the estimator. Its rate, its schedule
    and all settings that end training are ignored, and no row is held out. The estimator is not
    changed, whether it is fitted or not.

    Parameters
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
    X, y, sample_weight
        As in `fit`.
    offset : AskedOffset, optional
        The offset or the exposure of the rows: the rate is sought for what `fit` learns from them.
    **settings
        ``low``, ``high`` and ``n_steps`` of `thalweg.training.lr_find.lr_find`: the first rate,
        1e-7, the last, 10, and the number of steps, 100.

    Returns
    -------
    RateSearch
        Set ``learning_rate_init`` to its ``suggestion``, which is None if no rate lowered the
        loss. If it is ``still_falling`` at the largest rate tried, try a larger ``high``.

    Raises
    ------
    DataError, SettingsError
        As in `fit`; SettingsError for L-BFGS, which has no rate, and for rates that do not grow.
    """
    fresh = type(estimator)(**estimator.get_params(deep=False))
    fresh._validate_params()
    # A learning rate is for Adam, also where "auto" is L-BFGS as long as no rate is given.
    fresh.optimizer = text_in_batches(fresh)
    given = GivenRows(X, y, sample_weight, offset=offset)
    outputs_of = fresh._outputs_for(y)
    read, target, rates, _ = read_rows(fresh, X, y, sample_weight, offset, outputs_of)
    unit = unit_of(rates, target.outputs, read)
    lesson, _ = lesson_of(fresh, read, target, given, unit=unit)
    seed = seed_from(fresh.random_state)
    n_targets, shape = len(target.parts) or 1, (lesson.n_lessons, lesson.X.shape[1])
    ours = with_settings_of_targets(fresh, n_targets, shape, with_folds=False)
    recipe = recipe_of(ours, lesson.n_lessons, lesson.n_numbers, seed)
    here = place(lesson, np.arange(lesson.n_lessons), recipe.dtype, recipe.cut)
    network = starting_point(here, recipe.hidden, recipe.activation, seed)
    member = Member(*network, here.data, here.outputs.loss, recipe.alpha, recipe.settings)
    return lr_find(member, **settings)
