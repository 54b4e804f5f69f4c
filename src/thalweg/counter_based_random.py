"""Counter-based random numbers: the same (seed, purpose, epoch, …) gives the same numbers.

No generator state is carried from one draw to the next. So a resumed run, a second thread or a
skipped step changes nothing (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3",
SC'11; Philox 4x64).
"""

import secrets
from typing import Any

import numpy as np

# The number of a purpose must never change: it is part of the promise "one seed, one result".
_PURPOSES = {
    "weights": 1,
    "order": 2,
    "holdout": 3,
    "folds": 4,
    "bootstrap": 5,
    "gradcheck": 6,
    "landscape": 7,
    "member": 8,
    "inner parts": 9,
    "one of a group": 14,
    "scale of errors": 16,
    "permuted cells": 21,
    "some of the rows": 22,
    "effect rows": 31,
    "asked trials": 35,
    "rows of trials": 36,
    "order in windows": 40,
    "shares of settings": 41,
}

_SEED_LIMIT = 2**32


def generator(seed: int, purpose: str, *counter: int) -> np.random.Generator:
    """The generator of one draw.

    Parameters
    ----------
    seed : int
        The seed of the run, 0 … 2⁶⁴ - 1.
    purpose : {"weights", "order", "holdout", "folds", "bootstrap", "gradcheck", "landscape", \
            "member", "inner parts", "one of a group", "scale of errors", "permuted cells", \
            "some of the rows", "effect rows", "asked trials", "rows of trials", \
            "order in windows", "shares of settings"}
        What the numbers are for; two purposes never share numbers.
    *counter : int
        At most two numbers that distinguish draws of the same purpose (member, epoch).

    Returns
    -------
    numpy.random.Generator
    """
    words = [0, 0, *counter] if len(counter) == 2 else [0, 0, 0, *(counter or (0,))]
    # Philox counts upwards in its first two words; the number of the draw is in the words above.
    return np.random.Generator(np.random.Philox(key=[seed, _PURPOSES[purpose]], counter=words))


def seed_from(random_state: Any) -> int:
    """One integer seed from any value that scikit-learn allows as ``random_state``.

    Parameters
    ----------
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator
        ``None`` draws a seed from the operating system; a generator is advanced by one draw.

    Returns
    -------
    int
        0 … 2³² - 1.
    """
    if random_state is None:
        return secrets.randbelow(_SEED_LIMIT)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(0, _SEED_LIMIT, dtype=np.uint64))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(_SEED_LIMIT))
    return int(random_state)
