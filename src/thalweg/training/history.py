"""The history of a descent: a list of plain dicts, one an epoch, JSON in and out.

Keys: ``epoch`` (from 1), ``steps`` (so far), ``train_loss`` (weighted mean over the epoch's
batches, each taken before its step, penalty included), ``valid_loss`` (data loss on the held-out
rows at the epoch's end; ``None`` without such rows), ``rate`` (of the last step) and
``gradient_norm`` (mean over the epoch's steps). No clock times, so that equal runs are equal.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Epoch = dict[str, Any]
History = list[Epoch]


def watched(record: Epoch) -> float:
    """The loss that an epoch is judged by: of the held-out rows where there are such."""
    loss = record["train_loss"] if record["valid_loss"] is None else record["valid_loss"]
    return float(loss)


def column(history: History, key: str) -> NDArray[np.float64]:
    """One key of every epoch as numbers, NaN where there is none."""
    return np.array([np.nan if epoch[key] is None else epoch[key] for epoch in history], float)


def epochs(
    losses: NDArray[np.float64],
    norms: NDArray[np.float64],
    rates: NDArray[np.float64],
    batch_rows: Sequence[int],
    done: int,
) -> History:
    """The whole epochs that a run of steps made, ``valid_loss`` left open.

    Parameters
    ----------
    losses, norms, rates : ndarray of shape (n_epochs * n_batches,)
    batch_rows : sequence of int, length n_batches
        How many rows each batch of an epoch has.
    done : int
        Epochs before the first of these.

    Returns
    -------
    list of dict
    """
    n_batches = len(batch_rows)
    by_epoch = losses.reshape(-1, n_batches)
    train = by_epoch @ (np.asarray(batch_rows) / sum(batch_rows))
    norm = norms.reshape(-1, n_batches).mean(axis=1)
    last_rate = rates.reshape(-1, n_batches)[:, -1]
    return [
        {
            "epoch": done + i + 1,
            "steps": (done + i + 1) * n_batches,
            "train_loss": float(train[i]),
            "valid_loss": None,
            "rate": float(last_rate[i]),
            "gradient_norm": float(norm[i]),
        }
        for i in range(len(by_epoch))
    ]
