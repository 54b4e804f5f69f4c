"""What a network is at one point of a ground: its loss, its accuracy, its calls."""

from typing import Any

import numpy as np

from thalweg.landscape.ground.terrain import Heights, NetworkTerrain
from thalweg.network.formulas.losses import loss

Facts = dict[str, Any]
# Classes of a table of calls; of more of them it cannot be read.
MOST_CLASSES = 12


def judged(terrain: NetworkTerrain, theta: Heights, classes: tuple[str, ...]) -> Facts:
    """The network at θ, over the rows of a terrain.

    Parameters
    ----------
    terrain : NetworkTerrain
    theta : ndarray of shape (n_parameters,)
    classes : tuple of str
        Of the target, in the order of the outputs; none of numbers.

    Returns
    -------
    dict
        "loss" (None if it is not finite), how many rows, and of classes "accuracy" and "calls",
        whose entry [i][j] counts the rows of class i that are called j; of numbers "fit", R².
    """
    data, rows = terrain.data, terrain.rows
    at = np.asarray(theta, data.X.dtype)
    with np.errstate(all="ignore"):
        height = float(terrain.losses(at[None])[0])
        out = terrain.engine.predict(terrain.architecture, at, data, rows)
    chosen = slice(None) if rows is None else rows
    Y, weights = np.asarray(data.Y[chosen], np.float64), data.weights[chosen]
    told: Facts = {
        "loss": height if np.isfinite(height) else None,
        "rows": terrain.n_rows, "of": terrain.of_rows, "height": terrain.facts.height,
    }  # fmt: skip
    if not np.isfinite(out).all():
        return told
    if not classes:
        return told | {"fit": _explained(np.asarray(out, np.float64), Y, weights)}
    shares = loss(terrain.objective.loss).predict(out.T)
    if len(classes) == 2:
        truth, called = Y[:, 0].astype(np.intp), (shares[0] > 0.5).astype(np.intp)
    else:
        truth, called = np.argmax(Y, axis=1), np.argmax(shares, axis=0)
    calls = np.zeros((len(classes), len(classes)))
    np.add.at(calls, (truth, called), weights)
    told["accuracy"] = float(np.trace(calls) / calls.sum())
    told["counted"] = float(calls.sum())
    return told | ({"calls": calls.tolist()} if len(classes) <= MOST_CLASSES else {})


def _explained(out: Heights, Y: Heights, weights: Heights) -> float | None:
    """R²: the share of the spread of the target that is explained."""
    left = np.average((Y - out) ** 2, axis=0, weights=weights).sum()
    spread = np.average((Y - np.average(Y, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    return float(1 - left / spread.sum()) if spread.sum() > 0 else None
