"""Masked arrays of NumPy: a masked cell is a missing one, and never the number behind the mask."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MASKED = np.ma.masked


def unmasked(values: Any) -> Any:
    """Values in which what was masked is missing: NaN among floats, and None among others.

    Parameters
    ----------
    values : any
        A masked array; a list, a tuple or an array of objects that holds masked arrays or masked
        cells; all else is returned as it is.

    Returns
    -------
    ndarray, list or any
        ``values`` itself unless something in it is masked.
    """
    if isinstance(values, np.ma.MaskedArray):
        return None if values is _MASKED else _filled(values)
    if isinstance(values, list | tuple):
        if not any(map(_has_masked, values)):
            return values
        return [_of_row(each) for each in values]
    if isinstance(values, np.ndarray) and values.dtype == object:
        odd = [isinstance(each, np.ma.MaskedArray) for each in values.flat]
        if any(odd):
            values = values.copy()
            values[np.reshape(odd, values.shape)] = None
    return values


def _has_masked(cell: Any) -> bool:
    """Whether a cell, or a row, is masked or has a masked cell."""
    if isinstance(cell, list | tuple):
        return any(isinstance(each, np.ma.MaskedArray) for each in cell)
    return isinstance(cell, np.ma.MaskedArray)


def _of_row(row: Any) -> Any:
    """A cell, or a row of cells."""
    if isinstance(row, list | tuple):
        return [unmasked(each) for each in row]
    return unmasked(row)


def _filled(values: "np.ma.MaskedArray[Any, Any]") -> NDArray[Any]:
    """A masked array with missing values for the masked cells."""
    hidden = np.ma.getmaskarray(values)
    if values.dtype.names is not None or not hidden.any():
        return np.asarray(values.data)
    if values.dtype.kind == "f":
        return np.asarray(values.filled(np.nan))
    if values.dtype.kind in "mM":
        moments = np.array(values.data)
        moments[hidden] = np.array("NaT", values.dtype)
        return moments
    cells = np.asarray(values.data).astype(object)
    cells[hidden] = None
    return cells
