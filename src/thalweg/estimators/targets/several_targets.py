"""The methods of an estimator about its several targets: their names, and a model of each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from thalweg.data.column_names import listed
from thalweg.data.typing import Label
from thalweg.errors import SettingsError
from thalweg.estimators.available_methods import there_unless
from thalweg.estimators.fitted import Fitted, ShowsFitted
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.targets.settings_of_targets import RESOLVED, with_settings_that_ran
from thalweg.estimators.targets.target_views import fitted_of_level, fitted_of_target
from thalweg.wording import parameter, shown


def _has_one_answer(model: Any) -> str | None:
    """Why a fitted model has no single targets; None if it has several, or is not fitted."""
    known: Fitted | None = model._fitted
    if known is None or known.several is not None or isinstance(known.outputs, Quantiles):
        return None
    levels = parameter("loss", "quantile:levels=0.1/0.5/0.9")
    return (
        "it has one target. Fix: ask the model itself; for several targets, fit with a column of y "
        f"for each; for several quantiles of a number, with {levels}"
    )


class SeveralTargets(ShowsFitted):
    """A mixin of both estimators.

    ``_positives`` has the positive class of single targets, where a command line names it.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg import ThalwegRegressor
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> both = ThalwegRegressor(hidden_layer_sizes=(), random_state=0).fit(X, np.c_[X, 1 - X])
    >>> both.for_target("1").predict(X).shape
    (60,)
    >>> model = ThalwegRegressor("quantile:levels=0.1/0.9", (), random_state=0)
    >>> high = model.fit(X, X[:, 0]).for_target(0.9)
    >>> high.loss, high.predict(X).shape
    ('quantile:level=0.9', (60,))
    """

    _positives: Mapping[str, Label] = MappingProxyType({})

    @property
    def targets_(self) -> tuple[str, ...]:
        """The names of the targets; there if there are several."""
        several = self._known.several
        if several is None:
            raise self._lacks("targets_")
        return several.names

    @there_unless(_has_one_answer)
    def for_target(self, target: str | int | float) -> Self:
        """One of several targets, or one level of several quantiles, as a fitted estimator.

        It has the same encoder and hidden layers, and the row of the last layer that belongs to the
        target. What one target has works on it: explanations, traces, effect curves, importance,
        reports, decisions, `save`. It is a copy: changes of it, such as another threshold, do not
        change this model. ``history_`` is that of all targets together.

        - Of several targets it predicts what this model predicts for the target, within 1e-6, and
          has the intervals and out-of-fold results of the target.
        - Of several quantiles it has ``loss="quantile:level=τ"``, and predicts the mean of the
          networks for this level. `predict` of all levels puts these means in order: where levels
          cross in a row, its answer for this level is another one. Out-of-fold results and
          intervals are not there, because they are those of all levels.

        Parameters
        ----------
        target : str, int or float
            A name of ``targets_``, which is a text, or its place, counted from 0. A number that is
            the name of a target at another place is refused. Of several quantiles one of
            ``levels_``.

        Returns
        -------
        ThalwegClassifier or ThalwegRegressor

        Raises
        ------
        SettingsError
            If the model has no such target or level.
        AttributeError
            If the model has one target.
        """
        check_is_fitted(self)
        known = self._known
        one: Self = clone(self)
        if known.several is not None:
            own = fitted_of_target(known, _place(known.several.names, target))
            given: Any = self
            if isinstance(getattr(given, "positive", None), Mapping):
                one.set_params(positive=own.positive)  # type: ignore[attr-defined]
            ran = with_settings_that_ran(given, known).get_params(deep=False)
            one.set_params(**{name: ran[name] for name in RESOLVED})  # type: ignore[attr-defined]
            one._adopt(own)
            return one
        assert isinstance(known.outputs, Quantiles)
        found = fitted_of_level(known, _place_of_level(known.outputs.levels, target))
        one.set_params(loss=found.settings["loss"])  # type: ignore[attr-defined]
        one._adopt(found)
        return one


def _place(names: tuple[str, ...], target: object) -> int:
    if isinstance(target, int | np.integer) and not isinstance(target, bool):
        # Columns that are named by numbers, as in a frame of some of several columns.
        if str(target) in names and names.index(str(target)) != target:
            raise SettingsError(
                f"for_target({target}) may be the target of that name, or the one at that place",
                where=f"the targets are {listed(names, 6)}",
                fix=f"give the name as a text: for_target({str(target)!r})",
            )
        if 0 <= target < len(names):
            return int(target)
    elif isinstance(target, str) and target in names:
        return names.index(target)
    raise SettingsError(
        f"There is no target {shown(target)}",
        where=f"the targets are {', '.join(map(shown, names[:6]))}"
        + (" …" if len(names) > 6 else ""),
        fix=f"give one of these names, or a place from 0 to {len(names) - 1}",
    )


def _place_of_level(levels: tuple[float, ...], target: Any) -> int:
    try:
        level = float(target)
    except (TypeError, ValueError):
        level = np.nan
    if level not in levels:
        raise SettingsError(
            f"The model has no level {shown(target)}",
            fix=f"take one of {', '.join(map(repr, levels))}",
        )
    return levels.index(level)
