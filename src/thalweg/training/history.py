"""The history of a training run: one plain dict for each epoch, to and from JSON.

Keys: ``epoch`` (from 1), ``steps`` (so far), ``train_loss`` (weighted mean over the epoch's
batches, each measured before its step, penalty included), ``valid_loss`` (loss on the held-out
rows at the end of the epoch, without penalty, of the average of the weights if there is one;
``None`` without held-out rows), ``rate`` (of the
last step; ``None`` for L-BFGS) and ``gradient_norm`` (mean over the epoch's steps). There are no
times of day, so that equal runs have equal histories.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.wording import amount

Epoch = dict[str, Any]
History = list[Epoch]


def pass_name(records: Sequence[Epoch]) -> str:
    """What a record is of: an epoch, or an iteration of L-BFGS, which has no learning rate."""
    return "iteration" if records and records[0].get("rate", 0) is None else "epoch"


def watched(record: Epoch) -> float:
    """The loss that evaluates an epoch: on the held-out rows if there are any, else in training."""
    loss = record["train_loss"] if record["valid_loss"] is None else record["valid_loss"]
    return float(loss)


def column(history: History, key: str) -> NDArray[np.float64]:
    """One key of every epoch as numbers, with NaN for None."""
    return np.array([np.nan if epoch[key] is None else epoch[key] for epoch in history], float)


def losses_in_words(record: Mapping[str, Any], *, penalty: bool = False) -> str:
    """The losses of an epoch as text, and whether a ``penalty`` is part of the training loss.

    A held-out loss never includes a penalty, so the two are not directly comparable.
    """
    text = f"loss {_written(record['train_loss'])}{' with its penalty' if penalty else ''}"
    if record["valid_loss"] is not None:
        text += f", held out {_written(record['valid_loss'])}"
    return text


def _written(loss: float) -> str:
    """A loss with four decimals, beyond a million with four digits."""
    return f"{loss:.4f}" if abs(loss) < 1e6 else amount(loss)


def epochs(
    losses: NDArray[np.float64],
    norms: NDArray[np.float64],
    rates: NDArray[np.float64],
    shares: NDArray[np.float64],
    done: int,
) -> History:
    """The records of whole epochs from the numbers of their steps, without ``valid_loss``.

    Parameters
    ----------
    losses, norms, rates : ndarray of shape (n_epochs * n_batches,)
    shares : ndarray of shape (n_batches,)
        Each batch's share of an epoch's rows.
    done : int
        The number of epochs before these.

    Returns
    -------
    list of dict
    """
    n_batches = len(shares)
    if n_batches > 1:
        # Sum along rows instead of a matrix product: the bits of an epoch must not depend on how
        # many epochs are summed together.
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
