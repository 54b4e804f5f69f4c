"""What a fit with offsets knows of its rows, and what it cannot have."""

from dataclasses import dataclass

from thalweg.errors import SettingsError
from thalweg.estimators.conformal.error_scales import SCALED
from thalweg.estimators.offsets.offset_of_fit import Floats, OffsetOfFit, no_intervals, power_of
from thalweg.estimators.parameters.resolved_parameters import HasParameters
from thalweg.wording import parameter


@dataclass(frozen=True, eq=False)
class Rates:
    """What a fit with offsets knows of its rows.

    Attributes
    ----------
    offset : OffsetOfFit
    sizes : ndarray of float64, shape (n_samples,), or None
        The exposures, or offsets that are added; None if the targets came as rates.
    unit : float or None
        The mean rate, in which the lesson is until the networks are trained; None if added.
    """

    offset: OffsetOfFit
    sizes: Floats | None
    unit: float | None

    def of_rows(self, found: Floats, text: str) -> Floats:
        """Predicted rates as predictions of the rows."""
        if self.sizes is None:
            return found
        sizes = self.sizes if found.ndim == 1 else self.sizes[:, None]  # several quantiles
        return found + sizes if power_of(text) is None else found * sizes


def no_validation(name: str, said: str) -> SettingsError:
    """The error of held-out rows, as ``X_val`` or ``eval_set``, beside offsets."""
    return SettingsError(
        f"{name} does not go with {said}",
        why=f"The rows of {name} would need offsets of their own",
        fix=f"leave {name} out: {parameter('early_stopping', 'folds')} holds rows out",
        where="fit",
    )


def require_apt(
    estimator: HasParameters, rates: Rates | None, text: str, *, with_validation: bool
) -> None:
    """Refuse what a fit with offsets cannot have.

    Parameters
    ----------
    estimator : HasParameters
    rates : Rates or None
    text : str
        The loss.
    with_validation : bool
        Whether ``X_val`` was given.

    Raises
    ------
    SettingsError
    """
    if rates is None:
        return
    kind, asked = rates.offset.kind, getattr(estimator, "interval_kind", None)
    said = parameter(kind, rates.offset.column) if rates.offset.column else parameter(kind)
    if with_validation:
        raise no_validation("X_val", said)
    if estimator.scoring is not None:
        raise SettingsError(
            f"{parameter('scoring')} does not go with {said}",
            why="A score does not know how much a row counts by its exposure",
            fix="leave scoring out: the loss stops training",
            where="fit",
        )
    why = no_intervals(rates.offset, text)
    if asked == SCALED and why is not None:
        why, _, fix = why.partition(". Fix: ")
        raise SettingsError(
            f"{parameter('interval_kind', SCALED)} does not go with {said}",
            why=f"A model has no intervals if {why}",
            fix=f"leave out {parameter('interval_kind')}; or {fix}",
            where="fit",
        )
