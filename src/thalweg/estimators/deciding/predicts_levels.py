"""What a regressor of several quantiles has besides: its levels, and frames of predictions."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from thalweg.data.typing import TableLike
from thalweg.errors import SettingsError
from thalweg.estimators.available_methods import there_unless
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.labelled_output import Container, Labelled
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.outputs.level_outputs import Quantiles, names_of_levels
from thalweg.network.formulas.losses import loss
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator as _Estimator
else:
    _Estimator = object  # at run time it is a mixin


def levels_asked(model: Any) -> tuple[float, ...]:
    """The levels of a model of several quantiles, fitted or not; else none."""
    known: Fitted | None = model._fitted
    if known is not None:
        outputs = known.first.outputs
        return outputs.levels if isinstance(outputs, Quantiles) else ()
    asked = getattr(model, "loss", None)
    try:
        return loss(asked).constants if isinstance(asked, str) else ()
    except SettingsError:
        return ()


def _has_no_levels(model: Any) -> str | None:
    """Why a model has no columns of predictions to name; None if it has."""
    known: Fitted | None = model._fitted
    # Before a fit nobody knows whether there will be several targets.
    if known is None or known.several is not None or levels_asked(model):
        return None
    levels = parameter("loss", "quantile:levels=0.1/0.5/0.9")
    return (
        "it predicts one number for each row, as an array. Fix: to predict several quantiles, take "
        f"{levels}; to predict several targets, fit with a y of several columns"
    )


class PredictsLevels(Labelled, _Estimator):
    """Several quantiles of a number."""

    @property
    def levels_(self) -> Floats:
        """The levels of the columns of `predict`, shape (n_levels,)."""
        outputs = self._known.first.outputs
        if not isinstance(outputs, Quantiles):
            raise self._lacks("levels_")
        return np.array(outputs.levels)

    @there_unless(_has_no_levels)
    def set_output(self, *, transform: Container | None = None) -> Self:
        """Choose what `predict` returns for several quantiles, or several targets.

        It may be chosen before the fit, whose target decides whether there are several: of one
        number for each row predictions are an array, and a fitted model then has no such method.
        As in `ThalwegClassifier.set_output`; the columns of a frame are called ``q0.1`` and so on,
        or have the names of the targets.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None

        Returns
        -------
        self
        """
        return super().set_output(transform=transform)

    def _named_levels(self, values: Floats, X: TableLike) -> Any:
        """Predictions of several levels as they are, or as a frame of the requested kind."""
        names = np.array(names_of_levels(self.levels_.tolist()))
        return self._labelled(values, names, X)
