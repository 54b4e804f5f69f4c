"""Which rows a report explains: one in the middle, and those whose answers are the least sure.

===============  ===================================  ==========================================
task             in the middle                        least sure
===============  ===================================  ==========================================
two classes      of the rows called the class that    nearest to the threshold
                 the typical row is not called
several classes  the same, of the most common of      the smallest lead of the most probable
                 these classes                        class over the next
a number         the median distance from the         the largest errors
                 answer for the typical row
===============  ===================================  ==========================================

Equal rows are taken once. The choice is the same for any order of the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.wording import amount, class_words

Floats = NDArray[np.float64]
N_UNSURE = 2


class RowToExplain(NamedTuple):
    """A row, why it was chosen (behind "the row"), and the class whose probability is explained."""

    place: int
    head: str
    label: str | None


@dataclass(frozen=True, eq=False)
class RowChoice:
    """What rows are chosen by.

    Parameters
    ----------
    answers : ndarray of float64, shape (n_rows, n_answers)
        The probability of the positive class, those of all classes, or the predicted number.
    base : ndarray of float64, shape (n_answers,)
        The same for the typical row.
    labels : list of str or None
        The classes of the answers; None for numbers.
    matrix : ndarray of float64, shape (n_rows, n_features)
        The rows, to tell equal ones apart and for an order of ties.
    threshold : float
        Of two classes.
    negative : str
        Of two classes, the other one.
    errors : ndarray of float64, shape (n_rows,), or None
        Of numbers, |truth - answer|.
    costs : ndarray of float64, shape (n_answers,), or None
        Of several classes, if a mistake on one costs more than on another: the class with the
        largest product of probability and cost is predicted.
    """

    answers: Floats
    base: Floats
    labels: list[str] | None
    matrix: NDArray[np.floating]
    threshold: float = 0.5
    negative: str = ""
    errors: Floats | None = None
    costs: Floats | None = None

    def rows(self) -> list[RowToExplain]:
        """The chosen rows: the one in the middle first."""
        if self.labels is None:
            return self._of_numbers()
        return self._of_two() if len(self.labels) == 1 else self._of_several()

    def _of_two(self) -> list[RowToExplain]:
        p, label = self.answers[:, 0], (self.labels or [""])[0]
        called, base_called = p > self.threshold, bool(self.base[0] > self.threshold)
        name = self.negative if base_called else label
        middle = self._middle(p, called != base_called, _those_called(name))
        heads = _ranked(f"nearest to the threshold of {amount(self.threshold, 4)}")
        unsure = self._first(np.abs(p - self.threshold), heads, [middle[0]])
        return [RowToExplain(*middle, label), *(RowToExplain(*each, label) for each in unsure)]

    def _of_several(self) -> list[RowToExplain]:
        labels = self.labels or []
        weighed, base = self._weighed(self.answers), self._weighed(self.base[None])[0]
        top = weighed.argmax(axis=1)
        others = np.bincount(top, minlength=len(labels))
        others[int(base.argmax())] = 0
        own = int(others.argmax())
        of_class = top == own if others.any() else np.zeros(len(top), np.bool_)
        middle = self._middle(self.answers[:, own], of_class, _those_called(labels[own]))
        leads = np.sort(weighed, axis=1)
        by_cost = "" if self.costs is None else ", as costs of mistakes weigh them"
        heads = _ranked(f"with the smallest lead of one class over the next{by_cost}")
        unsure = self._first(leads[:, -1] - leads[:, -2], heads, [middle[0]])
        return [RowToExplain(k, head, labels[top[k]]) for k, head in (middle, *unsure)]

    def _weighed(self, answers: Floats) -> Floats:
        """Probabilities times costs, with a sum of 1 in each row."""
        weighed = answers if self.costs is None else answers * self.costs
        return np.asarray(weighed / weighed.sum(axis=1, keepdims=True))

    def _of_numbers(self) -> list[RowToExplain]:
        away = np.abs(self.answers[:, 0] - self.base[0])
        middle = self._middle(away, np.zeros(len(away), np.bool_), "")
        middle = middle[0], "at the median distance from the answer for a typical row"
        heads = _ranked("whose truth is farthest from the answer")
        found = [middle]
        if self.errors is not None:
            found += self._first(-self.errors, heads, [middle[0]])
        return [RowToExplain(*each, None) for each in found]

    def _order(self, values: Floats) -> list[int]:
        """The rows by a value; of equal ones by their cells."""
        order: list[int] = np.lexsort((*self.matrix.T[::-1], values)).tolist()
        return order

    def _middle(self, values: Floats, wanted: NDArray[np.bool_], name: str) -> tuple[int, str]:
        """The row with the median value of the wanted ones; of all, if there are none."""
        every = not wanted.any()
        order = [k for k in self._order(values) if every or wanted[k]]
        return order[(len(order) - 1) // 2], f"in the middle of {'all rows' if every else name}"

    def _first(
        self, values: Floats, heads: Sequence[str], taken: list[int]
    ) -> list[tuple[int, str]]:
        """The rows with the least values, none of which equals another or one that is taken."""
        found: list[tuple[int, str]] = []
        for k in self._order(values):
            known = [*taken, *(each for each, _ in found)]
            if any(np.array_equal(self.matrix[k], self.matrix[j], equal_nan=True) for j in known):
                continue
            found.append((k, heads[len(found)]))
            if len(found) == len(heads):
                break
        return found


def _those_called(label: str) -> str:
    return f"the rows called {class_words([label])[0]}"


def _ranked(head: str) -> list[str]:
    """``nearest to …``, ``second nearest to …``."""
    for word in ("nearest", "smallest", "farthest"):
        if word in head:
            return [head, head.replace(word, f"second {word}", 1)][:N_UNSURE]
    return [head]
