"""How much of the sky each point of a ground sees: soft shadow, the same from every side.

The light of a clear sky shows forms better than most lamps; see Farmakis-Serebryakova and Hurni,
Comparison of relief shading techniques, 2020.
"""

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.relief.relief_looks import ground_looks


def open_sky(h: Floats, X: Floats, Y: Floats) -> Floats:
    """The mean over directions of 1 / (1 + m²), where m is the steepest rise that is seen.

    That is cos² of the height of the horizon. It is computed at every second point, and linear
    between. Beyond the edge of the ground nothing rises.

    Parameters
    ----------
    h : ndarray of shape (n_rows, n_columns)
        Heights; NaN rises nowhere.
    X, Y : ndarray of shape (n_columns,), (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        From 0 to 1; 1 on a plane that is level.
    """
    looks = ground_looks()["sky"]
    count: int = looks["table"]
    wide, deep = float(X[-1] - X[0]), float(Y[-1] - Y[0])
    near_x, near_y = _nearest(X, wide, count), _nearest(Y, deep, count)
    i, j = (_strided(len(axis), looks["stride"]) for axis in (X, Y))
    x, y = X[i][None, :], Y[j][:, None]
    tops = h[np.ix_(j, i)]
    total = np.zeros_like(tops)
    for direction in range(looks["directions"]):
        angle = 2 * np.pi * direction / looks["directions"]
        steepest = np.zeros_like(tops)
        r = looks["first"]
        while r < looks["reach"]:
            s, t = (x + r * np.cos(angle)) / wide + 0.5, (y + r * np.sin(angle)) / deep + 0.5
            inside = (s >= 0) & (s <= 1) & (t >= 0) & (t <= 1)
            # As JavaScript rounds: halves upwards.
            p = near_x[np.floor(np.clip(s, 0, 1) * count + 0.5).astype(np.intp)]
            q = near_y[np.floor(np.clip(t, 0, 1) * count + 0.5).astype(np.intp)]
            rise = h[q, p] - tops
            with np.errstate(invalid="ignore", divide="ignore"):
                slope = rise**2 / ((X[p] - x) ** 2 + (Y[q] - y) ** 2)
            steepest = np.where(inside & (rise > 0), np.fmax(steepest, slope), steepest)
            r *= looks["growth"]
        total += 1 / (1 + steepest)
    rows = _spread(total / looks["directions"], i, len(X))
    return _spread(rows.T, j, len(Y)).T


def _nearest(axis: Floats, side: float, count: int) -> NDArray[np.intp]:
    """For even places along an axis the index of the nearest coordinate."""
    places = (np.arange(count + 1) / count - 0.5) * side
    after = np.clip(np.searchsorted(axis, places), 1, len(axis) - 1)
    return np.where(axis[after] - places <= places - axis[after - 1], after, after - 1)


def _strided(count: int, stride: int) -> NDArray[np.intp]:
    return np.append(np.arange(0, count - 1, stride), count - 1)


def _spread(values: Floats, at: NDArray[np.intp], count: int) -> Floats:
    """Values at some indices of the last axis, linear between them."""
    step = np.clip(np.searchsorted(at, np.arange(count), side="right") - 1, 0, len(at) - 2)
    share = (np.arange(count) - at[step]) / (at[step + 1] - at[step])
    return np.asarray(values[:, step] + (values[:, step + 1] - values[:, step]) * share)
