"""`for_target`: one of the answers of a model as a fitted estimator of its own.

A model of several quantiles predicts all of them. What looks at one answer (an explanation, a
trace, effect curves, importance) takes the estimator of one level, which has the same networks but
for the rows of the other levels in their last layers.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from thalweg.data.typing import TableLike
from thalweg.errors import SettingsError
from thalweg.estimators.available_methods import there_unless
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.labelled_output import Container, Labelled
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.outputs.level_outputs import Quantiles, names_of_levels
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.losses import loss
from thalweg.wording import parameter, shown

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator as _Estimator
else:
    _Estimator = object  # at run time it is a mixin


def levels_asked(model: Any) -> tuple[float, ...]:
    """The levels of a model of several quantiles, fitted or not; else none."""
    known: Fitted | None = model._fitted
    if known is not None:
        return known.outputs.levels if isinstance(known.outputs, Quantiles) else ()
    asked = getattr(model, "loss", None)
    try:
        return loss(asked).constants if isinstance(asked, str) else ()
    except SettingsError:
        return ()


def _has_one_answer(model: Any) -> str | None:
    """Why a model has no single targets; None if it has several."""
    if levels_asked(model):
        return None
    levels = parameter("loss", "quantile:levels=0.1/0.5/0.9")
    return f"it has one target. Fix: to predict several quantiles, fit with {levels}"


class PredictsLevels(Labelled, _Estimator):
    """Several quantiles of a number."""

    @property
    def levels_(self) -> Floats:
        """The levels of the columns of `predict`, shape (n_levels,)."""
        outputs = self._known.outputs
        if not isinstance(outputs, Quantiles):
            raise self._lacks("levels_")
        return np.array(outputs.levels)

    @there_unless(_has_one_answer)
    def set_output(self, *, transform: Container | None = None) -> Self:
        """Choose what `predict` returns for several quantiles.

        As in `ThalwegClassifier.set_output`; the columns of a frame are called ``q0.1`` and so on.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None

        Returns
        -------
        self
        """
        return super().set_output(transform=transform)

    @there_unless(_has_one_answer)
    def for_target(self, name: float) -> Self:
        """One level of several quantiles, as a fitted estimator of its own.

        It has ``loss="quantile:level=τ"`` and the same networks, of whose last layers it keeps the
        row of this level. Explanations, traces, effect curves and importance can be asked of it,
        and it can be saved. ``history_`` is that of all levels together. Out-of-fold results and
        intervals are not there, because they are those of all levels.

        Its prediction is the mean of the networks for this level. `predict` of all levels puts
        these means in order: where levels cross in a row, its answer for this level is another one.

        Parameters
        ----------
        name : float
            One of ``levels_``.

        Returns
        -------
        ThalwegRegressor

        Raises
        ------
        SettingsError
            If the model has no such level.
        AttributeError
            If the model has one target.
        """
        check_is_fitted(self)
        known = self._known
        place = place_of(known, name)
        alone: Self = clone(self)
        networks = tuple(_one_output(each, place) for each in known.networks)
        text = networks[0].outputs.loss
        alone.set_params(loss=text)
        alone._adopt(
            replace(
                known, networks=networks, settings={**known.settings, "loss": text},
                out_of_fold=None, between=None, also=known.also or "levels",
            )
        )  # fmt: skip
        return alone

    def _named_levels(self, values: Floats, X: TableLike) -> Any:
        """Predictions of several levels as they are, or as a frame of the requested kind."""
        names = np.array(names_of_levels(self.levels_.tolist()))
        return self._labelled(values, names, X)


def place_of(fitted: Fitted, name: float) -> int:
    """The output of a level; a SettingsError if the model has no such level."""
    outputs = fitted.outputs
    assert isinstance(outputs, Quantiles)
    try:
        level = float(name)
    except (TypeError, ValueError):
        level = np.nan
    if level not in outputs.levels:
        raise SettingsError(
            f"The model has no level {shown(name)}",
            fix=f"take one of {', '.join(map(repr, outputs.levels))}",
        )
    return outputs.levels.index(level)


def _one_output(network: Network, place: int) -> Network:
    """A network with the row of one output in its last layer."""
    outputs, whole = network.outputs, network.architecture
    assert isinstance(outputs, Quantiles)
    one = Architecture((*whole.sizes[:-1], 1), whole.activations)
    theta: NDArray[np.floating] = np.empty(one.n_parameters, network.theta.dtype)
    *hidden, last = zip(one.layers(theta), network.layers, strict=True)
    for (W, b), (known_W, known_b) in hidden:
        W[:], b[:] = known_W, known_b
    (W, b), (known_W, known_b) = last
    W[:], b[:] = known_W[place : place + 1], known_b[place : place + 1]
    return replace(
        network, architecture=one, theta=theta, outputs=outputs.of_level(place), scores=()
    )
