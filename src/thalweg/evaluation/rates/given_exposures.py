"""The argument ``exposure`` of `thalweg.evaluate`: targets become rates, and rows count by them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.column_names import listed
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.judging.regression_loss import measure_of_named
from thalweg.evaluation.rates.last_step import last_step, with_last_step
from thalweg.evaluation.rates.rates_of_rows import (
    NO_INTERVALS,
    Floats,
    in_rates,
    note_of_rates,
    rate_of,
)
from thalweg.wording import parameter

_POWERS = {"poisson": 1.0, "gamma": 2.0}


def per_exposure(
    model: Any, X: Any, y: Any, weights: Any, exposure: Any, loss: str | None
) -> tuple[Any, Any, Any, Any]:
    """The model, the table, its target and weights, per unit of exposure.

    Parameters
    ----------
    model, X, y, weights
        As in `thalweg.evaluate`.
    exposure : str, array-like of shape (n_samples,), or None
        A column of ``X``, which is then no feature, or numbers above 0; None changes nothing.
    loss : str or None
        What models are compared by; by default that of the model.

    Raises
    ------
    SettingsError, DataError
        If the loss has no rates, an exposure is none, or a fit had offsets that are not given.
    """
    if exposure is None:
        _require_no_offsets(model)
        return model, X, y, weights
    last = last_step(model)
    text = loss or getattr(last, "loss", None)
    name = str(text).partition(":")[0].strip()
    if name not in (*_POWERS, "tweedie"):
        raise SettingsError(
            "exposure is for the losses poisson, gamma and tweedie",
            where=f"the loss is {text!r}",
            why="They are of rates, by which the exposure is multiplied",
            fix='name one of them: loss="poisson"',
        )
    if isinstance(exposure, str):
        X, exposure = _apart(X, exposure)
    sizes = np.asarray(unmasked(exposure), dtype=np.float64)
    counts = np.asarray(y, dtype=np.float64)
    odd = np.atleast_1d(~((sizes > 0) & np.isfinite(sizes)))
    if sizes.shape != counts.shape or odd.any():
        row = "" if sizes.shape != counts.shape else f", row {int(np.argmax(odd)) + 1:,}"
        raise DataError(
            "The exposures are not one number above 0 for each row",
            where=f"shape {sizes.shape}{row}",
            fix="correct them, or leave such rows out",
        )
    measure = measure_of_named(str(text), counts)  # refuses targets that are no amounts
    own: Floats = np.ones(len(counts)) if weights is None else np.asarray(weights, np.float64)
    power = _POWERS.get(name, measure.constant)
    rates, own, level = in_rates(counts, own, sizes, power)
    of_rates = getattr(last, "_of_rates", None)  # of thalweg's regressor
    if of_rates is not None:
        model = with_last_step(model, of_rates(level))
    called = getattr(y, "name", None)
    return model, X, rates if called is None else pd.Series(rates, name=called), own


def loss_of_rates(model: Any, exposure: Any, loss: str | None) -> str | None:
    """What is compared by: with exposures also the own loss of the last step of a pipeline."""
    last = last_step(model)
    if exposure is None or loss is not None or last is model:
        return loss
    own = getattr(last, "loss", None)
    return own if isinstance(own, str) else None


def why_no_intervals(model: Any, exposure: Any, loss: str | None) -> str:
    """Why an evaluation with exposures has no intervals, as the end of a sentence; or nothing.

    A gamma target has the same relative noise for all exposures.
    """
    name = str(loss or getattr(last_step(model), "loss", None)).partition(":")[0].strip()
    return "" if exposure is None or _POWERS.get(name) == 2.0 else NO_INTERVALS


@dataclass(frozen=True)
class RatesEvaluated:
    """That an evaluation is of rates.

    Parameters
    ----------
    column : str or None
        That of the exposures; None if they were given as values.
    note : str
        How the target is evaluated, in sentences.
    """

    column: str | None
    note: str

    def name(self, target: str) -> str:
        """What is predicted, by the name or the unit of the target; "" of no name."""
        return rate_of(target, self.column)


def rates_evaluated(model: Any, exposure: Any, loss: str | None) -> RatesEvaluated | None:
    """That an evaluation is of rates; None without an exposure."""
    if exposure is None:
        return None
    text = str(loss or getattr(last_step(model), "loss", None))
    measure = measure_of_named(text, np.ones(1))
    column = exposure if isinstance(exposure, str) else None
    unit = f'per unit of "{column}"' if column else "per unit of exposure"
    return RatesEvaluated(
        column, f"{note_of_rates(unit, _POWERS.get(measure.key, measure.constant))}."
    )


def _require_no_offsets(model: Any) -> None:
    """Refuse a model that was fitted with offsets: a copy would be fitted without them."""
    last = last_step(model)
    offset = getattr(getattr(last, "_fitted", None), "offset", None)
    # A model of rates takes rates, and has no offsets to give.
    if offset is None or getattr(last, "_rates_of", None) is not None:
        return
    column = offset.column
    if offset.kind == "exposure":
        fix = "give the sizes of the rows: " + (
            f"exposure={column!r}" if column is not None else "exposure=values"
        )
    else:
        fix = "of counts, give exposure=np.exp(offset); otherwise evaluate model.per_unit() on "
        fix += 'y - offset, with how="given"'
    raise SettingsError(
        f"The model was fitted with {parameter(offset.kind)}, and none is given",
        where="evaluate",
        why="A copy would be fitted without, and what makes rows differ in size would be lost",
        fix=fix,
    )


def _apart(X: Any, name: str) -> tuple[Any, Any]:
    """The table without a column, and its cells."""
    names = [str(each) for each in getattr(X, "columns", ())]
    if name not in names:
        raise DataError(
            f'There is no column "{name}" for exposure',
            where=f"the table has {listed(names)}" if names else "the table has no column names",
            fix="give the exposures as an array: exposure=values",
        )
    cells = X[name]
    return X[[each for each in X.columns if str(each) != name]], cells


def require_no_exposure(exposure: object) -> None:
    """Raise a SettingsError if an exposure is given with several targets."""
    if exposure is not None:
        raise SettingsError(
            f"{parameter('exposure')} is for one target, and y has several columns",
            why="Each target would have rates and weights of its own",
            fix="evaluate a model of its own for each column",
        )
