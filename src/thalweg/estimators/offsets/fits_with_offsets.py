"""`FitsWithOffsets`: the methods of a regressor that train with an offset or an exposure."""

from copy import copy
from typing import TYPE_CHECKING, Self

from sklearn.utils.validation import check_is_fitted

from thalweg.data.typing import GroupsLike, TargetLike, TimesLike, WeightsLike
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.offsets.given_offsets import OffsetLike, asked_of
from thalweg.estimators.offsets.offset_of_fit import OffsetOfFit
from thalweg.estimators.offsets.rates_of_fit import no_validation
from thalweg.estimators.parameters.docstring import with_parameters_of
from thalweg.estimators.parameters.scikit_learn_constraints import with_checked_parameters
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.estimators.from_others.named_tables import EvalSet, Rows, TargetNames
    from thalweg.estimators.larger.fit_of_file import MemoryLike, PathLike
    from thalweg.estimators.learning.fit_plan import CheckpointLike


class FitsWithOffsets(NetworkEstimator):
    """A regressor that can be fitted to rates: rows have an offset or an exposure."""

    # Of a model of rates (`per_unit`): the offsets that whoever gives it rows knows.
    _rates_of: OffsetOfFit | None = None

    @with_parameters_of(NetworkEstimator.fit)
    @with_checked_parameters
    def fit(
        self,
        X: "Rows",
        y: TargetLike | None = None,
        sample_weight: WeightsLike = None,
        *,
        target: "TargetNames | None" = None,
        X_val: "Rows | None" = None,
        y_val: TargetLike | None = None,
        eval_set: "EvalSet" = None,
        groups: GroupsLike = None,
        time_column: TimesLike = None,
        checkpoint: "CheckpointLike" = None,
        max_memory: "MemoryLike" = None,
        cache: "PathLike | None" = None,
        offset: OffsetLike = None,
        exposure: OffsetLike = None,
    ) -> Self:
        """Train on a table.

        Parameters
        ----------
        {parameters}
        offset : array of shape (n_samples,), or str, optional
            What is added to the answer of each row; with "poisson", "gamma" and "tweedie" to its
            logarithm. A name is that of a column of ``X``, which is then no feature: the model
            finds it in later tables by itself.
        exposure : array of shape (n_samples,), or str, optional
            For these three losses: exp(offset), above 0, such as the years that a row was observed.
            The model learns the rate y / exposure, and a row counts by its exposure
            (`thalweg.estimators.offsets.offset_of_fit`).
        """
        rows = {**locals()}
        if self._fit_larger(rows):
            return self
        asked = asked_of(offset, exposure)
        if asked is not None and eval_set is not None:
            raise no_validation("eval_set", parameter(asked.kind))
        given = self._given(rows)
        return self._fit(given._replace(offset=asked, checkpoint=checkpoint))

    def fit_more(
        self,
        X: "Rows",
        y: TargetLike | None = None,
        epochs: int = 10,
        sample_weight: WeightsLike = None,
        *,
        target: "TargetNames | None" = None,
        offset: OffsetLike = None,
        exposure: OffsetLike = None,
    ) -> Self:
        """Continue training the fitted networks for some epochs; see `NetworkEstimator.fit_more`.

        Parameters
        ----------
        X, y, epochs, sample_weight, target
            As there.
        offset, exposure : optional
            As in `predict`.

        Returns
        -------
        self
        """
        more = self._more(X, y, sample_weight, target)
        return self._fit_more(more._replace(offset=asked_of(offset, exposure)), epochs)

    def per_unit(self) -> Self:
        """The same model of rates: for one unit of exposure, or with the offset 0.

        It predicts rates, and takes rates as ``y`` where it takes targets: y / exposure with the
        weights ``sample_weight * exposure ** (2 - p)``, or y - offset. p is 1 of "poisson", 2 of
        "gamma", and the power of "tweedie".

        Returns
        -------
        ThalwegRegressor
            It shares the networks, and cannot be saved with other targets than the model itself.
        """
        check_is_fitted(self)
        made = copy(self)
        made._rates_of = self._known.offset
        return made

    def _of_rates(self, level: float) -> Self:
        """The same model, fitted or not, for targets and weights that are those of rates.

        ``level`` is that of `OffsetOfFit`, unless a fit knows it.
        """
        made = copy(self)
        known = None if self._fitted is None else self._known.offset
        made._rates_of = OffsetOfFit("exposure", None, level) if known is None else known
        return made
