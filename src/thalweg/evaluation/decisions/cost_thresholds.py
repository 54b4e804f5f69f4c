"""Decide by costs: the threshold of two classes, and the cheapest of several classes.

*Two classes.* A row is called positive if that costs less, p C_missed > (1 - p) C_alarm, which is

p > t* = C_alarm / (C_alarm + C_missed)

Nothing is tuned: it is right if the probabilities are calibrated. Elkan 2001, "The foundations of
cost-sensitive learning", IJCAI 17:973-978.

*Several classes.* The answer a with the least expected cost Σₖ pₖ C(k, a). If a mistake costs cₖ by
the true class alone, this is the largest cₖ pₖ.
"""

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.wording import parameter

Floats = NDArray[np.float64]
# As for class weights: products and sums of such costs are normal numbers.
_LEAST, _MOST = 1e-50, 1e50


def by_costs(missed: float, alarm: float) -> Threshold:
    """The threshold of two classes by the costs of the two mistakes.

    Parameters
    ----------
    missed : float
        What a missed positive row costs.
    alarm : float
        What a false alarm costs.

    Returns
    -------
    Threshold
        Its value is ``alarm / (alarm + missed)``, to the bit that of a model with these costs as
        ``class_weight``.

    Raises
    ------
    SettingsError
        If a cost is not a number from 1e-50 to 1e50.
    """
    return by_formula(*checked_costs(missed, alarm))


def by_formula(missed: float, alarm: float) -> Threshold:
    """The same for costs that are checked, such as the class weights of a fit."""
    return Threshold(alarm / (alarm + missed), "costs", missed=missed, alarm=alarm)


def checked_costs(missed: float, alarm: float) -> tuple[float, float]:
    """The two costs as floats."""
    for name, cost in (("missed positive row", missed), ("false alarm", alarm)):
        if not _LEAST <= cost <= _MOST:
            ends = f"from {_LEAST:g} to {_MOST:g}"
            why = "Without a cost of each mistake, all rows or none would be called positive"
            if 0 < cost < np.inf:
                why = f"Sums and products of costs that are not {ends} are not exact"
            raise SettingsError(
                f"The cost of a {name} is {cost}",
                why=why,
                fix=f"give numbers {ends}; only their ratio matters: "
                f"{parameter('missed', 9)} {parameter('alarm', 1)}",
            )
    return float(missed), float(alarm)


def cheapest_class(probability: Floats, costs: Floats) -> NDArray[np.intp]:
    """The class whose answer has the least expected cost; of equal ones the first.

    Parameters
    ----------
    probability : ndarray of float, shape (n_samples, n_classes)
    costs : ndarray of float, shape (n_classes,) or (n_classes, n_classes)
        What a mistake on each true class costs; or in row k and column a, what the answer a costs
        if k is true.

    Returns
    -------
    ndarray of int, shape (n_samples,)

    Raises
    ------
    DataError
        If the shapes do not match.
    SettingsError
        If a cost is negative or not finite.
    """
    probability, costs = np.asarray(probability, np.float64), np.asarray(costs, np.float64)
    n_classes = probability.shape[-1]
    if probability.ndim != 2 or costs.shape not in ((n_classes,), (n_classes, n_classes)):
        raise DataError(
            "The probabilities and the costs do not match",
            where=f"shapes {probability.shape} and {costs.shape}",
            fix="give a cost for each class, or a matrix with a row for each true class",
        )
    if not np.all((costs >= 0) & (costs <= _MOST)):
        raise SettingsError("A cost is negative or not finite", fix="give numbers from 0 on")
    if costs.ndim == 1:
        return largest_cost(probability, costs)
    # Not a matrix product: BLAS may sum in another order with another number of threads.
    return np.asarray(np.argmin(np.einsum("ik,ka->ia", probability, costs), axis=1))


def largest_cost(probability: Floats, costs: Floats) -> NDArray[np.intp]:
    """The class with the largest cost times probability; of equal ones the first.

    `cheapest_class` for costs by the true class alone that are checked, such as those of a fit.

    Parameters
    ----------
    probability : ndarray of float, shape (n_samples, n_classes)
    costs : ndarray of float, shape (n_classes,)

    Returns
    -------
    ndarray of int, shape (n_samples,)
    """
    return np.asarray(np.argmax(probability * costs, axis=1))
