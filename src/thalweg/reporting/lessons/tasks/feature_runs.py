"""One small network on raw columns, on scaled ones and on encoded ones: its loss by step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.errors import DataError
from thalweg.evaluation.splits import holdout_split
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Method, Objective, Order, State, choose
from thalweg.network.formulas.losses import loss
from thalweg.network.formulas.rules import rule
from thalweg.network.reference_engine import forward
from thalweg.reporting.lessons.subject import Subject

Floats = NDArray[np.float64]
LOSS = "sigmoid_cross_entropy"
WAYS = ("raw", "scaled", "encoded")
STEPS, EVERY, UNITS = 200, 4, 6
# Four rates for each power of ten: neighbours differ by a factor of 1.8.
RATES = tuple(float(f"{10 ** (k / 4):.2g}") for k in range(-28, 9))
BELOW, ABOVE = 3, 2
MOST_ROWS, FEWEST_ROWS, MOST_COLUMNS, BINS = 2000, 40, 12, 8
HELD_OUT = 0.3


@dataclass(frozen=True, eq=False)
class FeatureRuns:
    """What happened with each way to give the columns to a network.

    Attributes
    ----------
    columns : list of str
        The columns with numbers that take part.
    means, deviations : ndarray, shape (n_columns,)
        Of the training rows; the deviation divides by n.
    rates : sequence of float
        From some below the smallest largest stable rate to some above the largest.
    n_inputs : dict of str to int
    losses : dict of str to list
        For each way, and each rate, the training loss at every fourth step; None from where it is
        not finite.
    held_out : dict of str to float
        The loss of held-out rows after the last step, at the largest stable rate.
    stable : dict of str to int
        The place of the largest rate at which no step raises the training loss.
    n_train, n_valid : int
    """

    columns: list[str]
    means: Floats
    deviations: Floats
    rates: Sequence[float]
    n_inputs: dict[str, int]
    losses: dict[str, list[list[float | None]]]
    held_out: dict[str, float]
    stable: dict[str, int]
    n_train: int
    n_valid: int

    def last(self, way: str) -> float:
        """The training loss after the last step, at the largest stable rate."""
        found = self.losses[way][self.stable[way]][-1]
        assert found is not None  # a stable run has a loss
        return found


def feature_runs(subject: Subject) -> FeatureRuns:
    """Train the network on the number columns of a table, in three ways.

    Equal rows are on one side of the split; all that scales or encodes is fitted on the training
    rows.

    Raises
    ------
    DataError
        If there is no column with numbers, or too few complete rows.
    """
    names, matrix, y = _numbers(subject)
    train, valid = holdout_split(matrix, y, fraction=HELD_OUT, seed=0)
    means, deviations = matrix[train].mean(axis=0), matrix[train].std(axis=0)
    ones = np.ones(len(train))
    encoder = fit_encoder(matrix[train], ones, cut=Cut(BINS))
    tables = {
        "raw": matrix,
        "scaled": (matrix - means) / deviations,
        "encoded": np.asarray(encoder.encode(matrix), float),
    }
    best = {
        way: _largest_stable(table[train], y[train], f"{way} columns of {subject.name}")
        for way, table in tables.items()
    }
    stable = {way: place for way, (place, _) in best.items()}
    rates = RATES[max(0, min(stable.values()) - BELOW) : max(stable.values()) + 1 + ABOVE]
    return FeatureRuns(
        columns=names, means=means, deviations=deviations, rates=rates,
        n_inputs={way: table.shape[1] for way, table in tables.items()},
        losses={
            way: [_Run(table[train], y[train], rate).seen for rate in rates]
            for way, table in tables.items()
        },
        held_out={
            way: run.loss_of(tables[way][valid], y[valid]) for way, (_, run) in best.items()
        },
        stable={way: rates.index(RATES[place]) for way, place in stable.items()},
        n_train=len(train), n_valid=len(valid),
    )  # fmt: skip


def _largest_stable(X: Floats, y: Floats, what: str) -> "tuple[int, _Run]":
    """The place of the largest rate at which no step raises the loss, and its run."""
    for place in reversed(range(len(RATES))):
        run = _Run(X, y, RATES[place])
        if run.is_stable:
            return place, run
    raise DataError(
        f"No rate from {RATES[0]:g} on lowers the loss of the network at every step",
        where=what,
        why="The numbers of a column are too large for this lesson",
        fix="leave such columns out with --drop (in Python: drop), or take another table",
    )


def _numbers(subject: Subject) -> tuple[list[str], Floats, Floats]:
    """The number columns of the complete rows, at most so many, and 1 for the positive class."""
    schema = subject.model.schema_
    matrix = schema.matrix(subject.rows)
    kept = [i for i, kind in enumerate(schema.kinds) if kind == "number"][:MOST_COLUMNS]
    whole = np.flatnonzero(~np.isnan(matrix[:, kept]).any(axis=1))
    whole = whole[np.unique(np.linspace(0, len(whole) - 1, MOST_ROWS).astype(int))]
    found = matrix[np.ix_(whole, kept)]
    moves = [k for k in range(len(kept)) if len(whole) and np.ptp(found[:, k]) > 0]
    y = (subject.labels[whole] == str(subject.model.positive_)).astype(float)
    n_classes = min(int(y.sum()), int((1 - y).sum()))
    if not moves or len(whole) < FEWEST_ROWS or n_classes < FEWEST_ROWS // 4:
        raise DataError(
            f"The table has {len(whole)} complete rows with {len(moves)} columns of numbers, "
            f"and {n_classes} rows of the rarer class",
            where=subject.name,
            why=f"The lesson needs {FEWEST_ROWS} rows, {FEWEST_ROWS // 4} of each class, and a "
            "column of numbers",
            fix="take a larger table",
        )
    names = [schema.names[kept[k]] for k in moves]
    return names, found[:, moves], y


class _Run:
    """A descent of the small network at one rate, from the start that all runs have."""

    def __init__(self, X: Floats, y: Floats, rate: float) -> None:
        self._architecture = Architecture.dense(X.shape[1], (UNITS,), 1, "tanh")
        theta = initial_theta(self._architecture, "glorot", generator(0, "weights"))
        self._state = State.at(theta, rule("sgd"))
        data = Data.of(np.ascontiguousarray(X), y[:, None])
        with np.errstate(all="ignore"):
            ran = choose().steps(
                self._architecture, Objective(LOSS), Method.of("sgd"), self._state, data,
                Order(np.arange(len(X)), len(X)), np.full(STEPS, rate), 0,
            )  # fmt: skip
            last = self.loss_of(X, y) if np.isfinite(self._state.theta).all() else np.nan
        losses = np.full(STEPS + 1, np.nan)
        losses[: len(ran.losses)] = ran.losses
        if len(ran.losses) == STEPS:
            losses[-1] = last
        finite = np.cumprod(np.isfinite(losses)).astype(bool)
        self.is_stable = bool(finite.all() and np.all(np.diff(losses) <= 1e-12))
        self.seen: list[float | None] = [
            float(f"{each:.4g}") if known else None
            for each, known in zip(losses[::EVERY], finite[::EVERY], strict=True)
        ]

    def loss_of(self, X: Floats, y: Floats) -> float:
        """The mean loss of rows."""
        z = forward(self._architecture, self._state.theta, X.T).Z[-1]
        return float(np.mean(loss(LOSS).value(z, y[None])))
