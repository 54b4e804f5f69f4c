"""The methods of an estimator about its several targets: their names, and a model of each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from thalweg.data.typing import Label
from thalweg.errors import SettingsError
from thalweg.estimators.fitted import ShowsFitted
from thalweg.estimators.targets.target_views import fitted_of_target
from thalweg.wording import shown


class SeveralTargets(ShowsFitted):
    """A mixin of both estimators.

    ``_positives`` has the positive class of single targets, where a command line names it.
    """

    _positives: Mapping[str, Label] = MappingProxyType({})

    @property
    def targets_(self) -> tuple[str, ...]:
        """The names of the targets; there if there are several."""
        several = self._known.several
        if several is None:
            raise self._lacks("targets_")
        return several.names

    def for_target(self, target: str | int) -> Self:
        """The model of one of several targets: an ordinary fitted estimator.

        It has the same parameters, encoder and hidden layers, and the row of the last layer that
        belongs to the target. Everything that one target has works on it: explanations, traces,
        reports, decisions, intervals. It predicts what this model predicts for the target, within
        1e-6. It is a copy: changes of it, such as another threshold, do not change this model.

        Parameters
        ----------
        target : str or int
            A name of ``targets_``, or its place, counted from 0.

        Returns
        -------
        ThalwegClassifier or ThalwegRegressor

        Raises
        ------
        SettingsError
            If there is no such target, or the model has one target only.
        """
        check_is_fitted(self)
        known = self._known
        if known.several is None:
            raise SettingsError(
                f"for_target({shown(target)}) needs a model of several targets, and this one has "
                "one",
                fix="ask the model itself",
            )
        place = _place(known.several.names, target)
        one: Self = clone(self)
        one._adopt(fitted_of_target(known, place))
        return one


def _place(names: tuple[str, ...], target: object) -> int:
    if isinstance(target, int | np.integer) and not isinstance(target, bool):
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
