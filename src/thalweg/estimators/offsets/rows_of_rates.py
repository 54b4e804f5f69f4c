"""Predicted rates as predictions of rows with their own exposures."""

from typing import Any

from thalweg.data.schema.given_table import GivenTable
from thalweg.data.typing import TableLike
from thalweg.errors import SettingsError
from thalweg.estimators.fitted import ShowsFitted
from thalweg.estimators.offsets.given_offsets import AskedOffset, sizes_of_more
from thalweg.estimators.offsets.offset_of_fit import Floats, power_of
from thalweg.wording import parameter


def of_rows(
    model: ShowsFitted, X: TableLike | GivenTable, rates: Floats, asked: AskedOffset | None
) -> Floats:
    """What a model predicts for rows, from what it predicts for one unit of exposure.

    Parameters
    ----------
    model : ThalwegRegressor
    X : table
    rates : ndarray of float64, shape (..., n_samples)
    asked : AskedOffset or None
        The offset or exposure that is given with the table.

    Returns
    -------
    ndarray of float64, shape (..., n_samples)
        ``rates`` itself without offsets, and of a model of rates.
    """
    known, of_rates = model._known.offset, getattr(model, "_rates_of", None)
    if asked is None and (known is None or of_rates is not None):
        return rates
    if of_rates is not None:
        assert asked is not None
        raise SettingsError(
            f"This model is one of rates, and takes no {parameter(asked.kind)}",
            fix=f"leave {asked.kind}= out, and multiply the rates; or take the model itself",
        )
    text = model._known.first.outputs.loss
    table: Any = X
    sizes = sizes_of_more(known, asked, table, text)
    return rates + sizes if power_of(text) is None else rates * sizes


def require_rates(model: ShowsFitted, y: object) -> None:
    """Raise a SettingsError if targets are given to a model that was fitted with offsets."""
    fitted, of_rates = model._fitted, getattr(model, "_rates_of", None) is not None
    if y is None or of_rates or fitted is None or fitted.offset is None:
        return
    kind, name = fitted.offset.kind, fitted.offset.column
    how = "y - offset"
    power = power_of(fitted.first.outputs.loss)
    if power is not None:
        how = "y / exposure (np.exp(offset)) as y"
        how += "" if power == 2 else ", and the exposures as sample_weight"
        how += f", to the power of {2 - power:g}" if 1 < power < 2 else ""
    raise SettingsError(
        f"The model was fitted with {parameter(kind, name) if name else parameter(kind)}, and "
        "these targets are not those of one unit",
        why="A model with offsets is evaluated, explained and traced per unit",
        fix=f"take the model of rates, model.per_unit(), with {how}",
    )
