"""The history of a descent: a list of plain dicts, one an epoch, JSON in and out.

Keys: ``epoch`` (from 1), ``steps`` (so far), ``train_loss`` (weighted mean over the epoch's
batches, each taken before its step, penalty included), ``valid_loss`` (data loss on the held-out
rows at the epoch's end; ``None`` without such rows), ``rate`` (of the last step; ``None`` for
L-BFGS) and ``gradient_norm`` (mean over the epoch's steps). No clock times, so that equal runs
are equal.
"""

from collections.abc import Mapping
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


def losses_in_words(record: Mapping[str, Any], *, penalty: bool = False) -> str:
    """The losses of an epoch, as a person reads them; whether a ``penalty`` is part of the first.

    A loss on held-out rows never has one in it, so the two are not to be compared as they stand.
    """
    text = f"loss {record['train_loss']:.4f}{' with its penalty' if penalty else ''}"
    if record["valid_loss"] is not None:
        text += f", held out {record['valid_loss']:.4f}"
    return text


def epochs(
    losses: NDArray[np.float64],
    norms: NDArray[np.float64],
    rates: NDArray[np.float64],
    shares: NDArray[np.float64],
    done: int,
) -> History:
    """The whole epochs that a run of steps made, ``valid_loss`` left open.

    Parameters
    ----------
    losses, norms, rates : ndarray of shape (n_epochs * n_batches,)
    shares : ndarray of shape (n_batches,)
        Each batch's share of an epoch's rows.
    done : int
        Epochs before the first of these.

    Returns
    -------
    list of dict
    """
    n_batches = len(shares)
    if n_batches > 1:
        # Sums along rows, and no product of matrices: an epoch's bits must not depend on how
        # many epochs stand beside it.
        losses = np.sum(losses.reshape(-1, n_batches) * shares, axis=1)
        norms = np.mean(norms.reshape(-1, n_batches), axis=1)
        rates = rates[n_batches - 1 :: n_batches]
    columns = zip(losses.tolist(), norms.tolist(), rates.tolist(), strict=True)
    return [
        {
            "epoch": epoch,
            "steps": epoch * n_batches,
            "train_loss": loss,
            "valid_loss": None,
            "rate": rate,
            "gradient_norm": norm,
        }
        for epoch, (loss, norm, rate) in enumerate(columns, done + 1)
    ]
