"""What is to be learned, and how a network sees it: rows encoded by what they themselves tell."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.lazy_encoded import inputs_of
from thalweg.data.encoding.piecewise_linear import UNCUT, Cut
from thalweg.data.matrix_view import Numbers
from thalweg.estimators.learning.ensemble_members import Taught
from thalweg.estimators.learning.held_out import Rows
from thalweg.estimators.learning.target_outputs import Classes, Floats, Outputs
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.random import generator


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is to be learned: canonical rows, and what their target is to a network.

    Attributes
    ----------
    X : Numbers, or ndarray of float, shape (n_rows, n_features)
    y : ndarray of float64, shape (n_rows,)
        Codes of classes, or values.
    weights : ndarray of float64, shape (n_rows,)
        The rows' own; costs of classes come on top, in the loss alone.
    outputs : Classes or Values
    n_levels : tuple of int, length n_features
        How many levels each column has: 0 where it is no category.
    groups : ndarray of int, shape (n_rows,), or None
    times : ndarray of float64, shape (n_rows,), or None
        What rows are ordered by.
    n_given : int
        How many rows, the last ones, were given to judge by, and teach nothing.
    """

    X: Numbers | Floats
    y: Floats
    weights: Floats
    outputs: Outputs
    n_levels: tuple[int, ...] = ()
    groups: NDArray[np.intp] | None = None
    n_given: int = 0
    times: Floats | None = None

    @property
    def n_lessons(self) -> int:
        """How many rows may be learned from."""
        return len(self.X) - self.n_given

    @property
    def n_numbers(self) -> int:
        """How many columns are no categories."""
        return int(self.X.shape[1]) - sum(n > 0 for n in self.n_levels)

    @property
    def codes(self) -> Floats:
        """The classes by which splits are kept even; numbers have none."""
        y = self.y[: self.n_lessons]
        return y if isinstance(self.outputs, Classes) else np.zeros(len(y))


class Place(NamedTuple):
    """Rows as a network sees them, encoded by what the training rows alone can tell."""

    encoder: Encoder
    outputs: Outputs
    data: Data
    taught: Taught


def place(lesson: Lesson, training: Rows, dtype: str, cut: Cut = UNCUT) -> Place:
    """Encode canonical rows, with the statistics of the training rows alone.

    Parameters
    ----------
    lesson : Lesson
    training : ndarray of int
        The rows that may be learned from.
    dtype : {"float32", "float64"}
        Of θ, and of rows as the network has them.
    cut : Cut, default none
        What numbers are cut into.

    Returns
    -------
    Place
    """
    X = Numbers.of(lesson.X).pick(training)
    encoder = fit_encoder(X, lesson.weights[training], lesson.n_levels, cut)
    outputs = lesson.outputs.fitted(lesson.y[training], lesson.weights[training])
    data = seen_by(encoder, outputs, lesson, np.dtype(dtype))
    return Place(encoder, outputs, data, taught_by(lesson, data, training))


def seen_by(encoder: Encoder, outputs: Outputs, lesson: Lesson, dtype: np.dtype[Any]) -> Data:
    """The rows of a lesson as an encoder, and the outputs behind it, have them."""
    return Data.of(
        inputs_of(encoder, lesson.X, dtype),
        outputs.targets(lesson.y),
        lesson.weights * outputs.costs_of(lesson.y),
    )


def taught_by(lesson: Lesson, data: Data, training: Rows | None = None) -> Taught:
    """How much the training rows (all, if not given) teach who sees a lesson as these data."""
    rows = np.arange(len(data.weights)) if training is None else training
    rows_weight, weight = (
        float(np.sum(each[rows], dtype=np.float64)) for each in (lesson.weights, data.weights)
    )
    return Taught(rows_weight, weight)


def starting_point(
    where: Place, hidden: tuple[int, ...], activation: str, seed: int, member: int = 0
) -> tuple[Architecture, NDArray[np.floating]]:
    """The network for a place, and θ₀; two members of one seed start from different points."""
    n_outputs = where.outputs.n_outputs
    architecture = Architecture.dense(where.encoder.n_outputs, hidden, n_outputs, activation)
    return architecture, first_theta(architecture, activation, seed, member, where.data.X.dtype)


def first_theta(
    architecture: Architecture, activation: str, seed: int, member: int, dtype: DTypeLike
) -> NDArray[np.floating]:
    """θ₀ of one network of a fit."""
    initialiser = ACTIVATIONS[activation].initialiser
    drawn = initial_theta(architecture, initialiser, generator(seed, "weights", member))
    return drawn.astype(dtype)


def member_seed(seed: int, member: int) -> int:
    """The seed of one network among several that learn from the same rows; the first has it."""
    return int(generator(seed, "member", member).integers(2**32)) if member else seed
