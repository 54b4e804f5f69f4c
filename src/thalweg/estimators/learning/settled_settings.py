"""Parameters that are fixed for fitted networks: they stay the same when training continues."""

import numpy as np
from sklearn.metrics import get_scorer_names

from thalweg.data.notation.said_columns import SaidColumns
from thalweg.errors import SettingsError
from thalweg.estimators.fitted import FitSettings, Fitted
from thalweg.estimators.parameters.auto_by_width import hidden_units
from thalweg.estimators.parameters.parameter import Setting
from thalweg.estimators.parameters.parameter_table import PARAMETERS
from thalweg.estimators.parameters.resolved_parameters import (
    COLUMNS,
    IF_ABSENT,
    HasParameters,
    fit_settings,
)
from thalweg.wording import printable, shown

# Parameters that are fixed for fitted networks: their architecture, their target, and how early
# stopping was done.
_SETTLED = tuple(parameter.name for parameter in PARAMETERS if parameter.settled)


def same_settings(estimator: HasParameters, fitted: Fitted) -> FitSettings:
    """The current settings; raises if a changed one is fixed for the fitted networks."""
    if fitted.tuned is not None and len(set(fitted.tuned.networks)) > 1:
        raise SettingsError(
            "The networks of a tuned model cannot be trained further",
            why="They are from several trials, each with settings of its own",
            fix="fit an estimator with the best settings, which is best_estimator() of the result "
            "of tune, and train that one further; or tune with keep=1",
        )
    before, settings = fitted.settings, fit_settings(estimator.get_params())
    now = dict(settings)
    if now["scoring"] is None and before["scoring"] not in get_scorer_names():
        now["scoring"] = before["scoring"]  # a function, which no model file holds
    before, now = {**IF_ABSENT, **before}, {**IF_ABSENT, **now}
    changed = [
        name for name in _SETTLED if name in now and not _is_same(name, before[name], now[name])
    ]
    seed = estimator.random_state
    if isinstance(seed, int | np.integer) and int(seed) != fitted.seed:
        # A generator draws other seeds in each call, and None asks for no certain one.
        changed.append("random_state")
        before, now = {**before, "random_state": fitted.seed}, {**now, "random_state": int(seed)}
    if changed:
        one = len(changed) == 1
        changes, back = (
            ", ".join(f"{name}={_as_python(name, values[name])}" for name in changed)
            for values in (now, before)
        )
        raise SettingsError(
            f"{changes} cannot be changed after the fit",
            where=f"the networks were fitted with {back}",
            why="warm_start, fit_more and partial_fit continue from these networks, for which "
            f"{'it is' if one else 'they are'} fixed",
            fix=f"set {'it' if one else 'them'} back, as in model.set_params({back}); or start "
            "again: fit with warm_start=False",
        )
    return settings


def _is_same(name: str, one: Setting, other: Setting) -> bool:
    if name == "hidden_layer_sizes":
        return hidden_units(one) == hidden_units(other)
    if name == "activation":  # a tuple is a list in JSON
        one, other = (each if isinstance(each, str) else list(each) for each in (one, other))
    if name in COLUMNS:  # in any order, and as a list or a dict
        said = [SaidColumns.of(**{name: each}).as_settings() for each in (one, other)]
        return said[0] == said[1]
    return bool(one == other)


def _as_python(name: str, value: Setting) -> str:
    """A value as a reader copies it: names of columns are not shortened."""
    return printable(repr(value)) if name in COLUMNS else shown(value)
