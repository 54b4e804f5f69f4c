"""Schedules: the learning rate as a share of its first value, over the course of a descent."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Course = NDArray[np.float64]


def constant(course: Course) -> Course:
    """1 all the way."""
    return np.ones_like(course)


def cosine(course: Course) -> Course:
    """½ (1 + cos πt): from 1 down to 0 (Loshchilov & Hutter 2017, arXiv 1608.03983)."""
    return (1 + np.cos(np.pi * course)) / 2


# name -> share of the rate, at the share t of all steps that is already done (0 ≤ t < 1)
SCHEDULES: dict[str, Callable[[Course], Course]] = {
    each.__name__: each for each in (constant, cosine)
}


def rates(schedule: str, rate: float, first: int, count: int, total: int) -> Course:
    """The learning rates of ``count`` steps, from step ``first`` of ``total`` on.

    Parameters
    ----------
    schedule : {"constant", "cosine"}
    rate : float
        The rate that the schedule scales.
    first, count, total : int
        Steps, counted from 0.

    Returns
    -------
    ndarray of shape (count,)
    """
    return rate * SCHEDULES[schedule](np.arange(first, first + count) / total)
