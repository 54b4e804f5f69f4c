"""The gradient check of a fitted network: every block of θ, with and without each penalty."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.errors import DataError
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Engine, Objective, choose
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.losses import loss
from thalweg.network.gradcheck import STEP, above_rounding, block_errors, compare
from thalweg.tracing.planted_faults import plant, require_to_show
from thalweg.tracing.row_trace import trace

# The largest relative error that still counts as agreement.
TOLERANCE = 1e-6
# Rows in a batch: few, so that steps seldom cross a kink in one of them.
BATCH = 8
# Elements whose steps crossed kinks are checked on so many other batches.
BATCHES = 12
# In a larger network so many elements are checked, the same share of every block.
MOST_ELEMENTS = 3000


@dataclass(frozen=True)
class CheckedPart:
    """The check of one objective.

    Attributes
    ----------
    part : str
        ``"loss"``, ``"loss + squares"`` or ``"loss + squares + sizes"``.
    errors : dict of str to float
        The largest relative error of each block, beyond what rounding alone can do to a
        difference (`thalweg.network.gradcheck`); NaN if a loss or gradient is not finite.
    apart : dict of str to float
        The same including rounding: the difference of the two numbers.
    compared : int
        Elements of θ that were compared.
    shortened : int
        How many needed a shorter step to avoid a kink.
    redrawn : int
        How many were compared on other rows, because every step on the first crossed a kink.
    left_out : int
        Elements that could not be compared on any batch.
    unseen : tuple of str
        Blocks whose derivatives are 0, or no larger than the effect of rounding: their errors say
        nothing.
    absent : tuple of str
        Blocks of which no element could be compared: they have no error.
    """

    part: str
    errors: dict[str, float]
    apart: dict[str, float]
    compared: int
    shortened: int
    redrawn: int
    left_out: int
    unseen: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def compares(self) -> bool:
        """Whether there was a derivative to compare."""
        return len(self.unseen) < len(self.errors)

    @property
    def worst(self) -> float:
        """The largest error of all; NaN if there is none or one is NaN."""
        return float(np.max(list(self.errors.values()) or [np.nan]))

    @property
    def passes(self) -> bool:
        """Whether every block that was compared agrees."""
        return bool(self.worst <= TOLERANCE)


@dataclass(frozen=True)
class ModelCheck:
    """The gradient check of a network.

    Attributes
    ----------
    parts : tuple of CheckedPart
    n_parameters : int
    n_rows : int
        How many rows were available.
    drawn : bool
        Whether these rows are random.
    """

    parts: tuple[CheckedPart, ...]
    n_parameters: int
    n_rows: int
    drawn: bool

    @property
    def passes(self) -> bool:
        """Whether all parts agree, and there was something to compare."""
        return self.compares and all(part.passes for part in self.parts)

    @property
    def compares(self) -> bool:
        """Whether there was a derivative to compare; if not, the check says nothing."""
        return any(part.compares for part in self.parts)

    @property
    def worst(self) -> float:
        """The largest error of all."""
        return float(np.max([part.worst for part in self.parts]))


def check_model(
    architecture: Architecture,
    objective: Objective,
    theta: Array,
    data: Data | None = None,
    *,
    engine: Engine | None = None,
    fault: str | None = None,
    seed: int = 0,
) -> ModelCheck:
    """Compare a network's gradient with finite differences of its loss, block by block.

    It checks the loss alone, then with the penalty on squared weights, then also with the penalty
    on absolute weights, if the objective has them.

    Parameters
    ----------
    architecture : Architecture
    objective : Objective
        Without dropout, which a prediction does not use.
    theta : ndarray of shape (n_parameters,)
    data : Data, optional
        Encoded rows with targets. By default they are drawn: inputs N(0, 1), random targets.
    engine : Engine, optional
        The engine whose gradient is checked.
    fault : str, optional
        The name of a fault in `thalweg.tracing.planted_faults` to plant in the gradient, so that
        the check has to fail.
    seed : int, default 0
        The random seed of the rows, and of the elements of a network with more than 3,000.

    Returns
    -------
    ModelCheck

    Raises
    ------
    DataError
        If the data have no row.
    SettingsError
        If there is no such fault, or if it does not show in this network.
    """
    engine, drawn = engine or choose(), data is None
    rng = generator(seed, "gradcheck")
    if data is None:
        data = drawn_data(architecture, objective.loss, BATCH * BATCHES, rng)
    if not len(data.X):
        raise DataError("There is no row to check on", fix="give one row or more")
    elements = _elements(architecture, rng)
    order = rng.permutation(len(data.X))
    parts = _parts(objective)
    if fault is not None:
        engine = plant(fault, engine)
        first = Data.of(*(each[order[:BATCH]] for each in (data.X, data.Y, data.weights)))
        require_to_show(fault, [trace(architecture, each, theta, first) for _, each in parts])
    checked = tuple(
        _check(name, architecture, each, theta, data, order, elements, engine)
        for name, each in parts
    )
    return ModelCheck(checked, architecture.n_parameters, len(data.X), drawn)


def _parts(objective: Objective) -> list[tuple[str, Objective]]:
    """The loss alone, and with each penalty added in turn."""
    plain = replace(objective, penalty=0.0, l1=0.0, dropout=0.0)
    parts = [("loss", plain)]
    if objective.penalty:
        parts.append(("loss + squares", replace(plain, penalty=objective.penalty)))
    if objective.l1:
        parts.append((f"{parts[-1][0]} + sizes", replace(objective, dropout=0.0)))
    return parts


def _check(
    name: str,
    architecture: Architecture,
    objective: Objective,
    theta: Array,
    data: Data,
    order: NDArray[np.intp],
    elements: NDArray[np.intp],
    engine: Engine,
) -> CheckedPart:
    """Check one objective, batch after batch, until no element is left."""
    errors: dict[str, float] = {}
    apart: dict[str, float] = {}
    seen: set[str] = set()
    pending, compared, shortened, redrawn = elements, 0, 0, 0
    for batch in range(min(BATCHES, -(-len(order) // BATCH))):
        rows = order[batch * BATCH : (batch + 1) * BATCH]
        found = compare(architecture, objective, theta, data, rows, engine, pending)
        for worst, plain in ((errors, found), (apart, found._replace(doubt=0.0))):
            for block, error in block_errors(architecture, plain).items():
                worst[block] = float(np.maximum(worst.get(block, 0.0), error))
        seen |= above_rounding(architecture, found)
        there = int(np.count_nonzero(found.steps))
        compared += there
        shortened += there - int(np.count_nonzero(found.steps == STEP))
        redrawn += there if batch else 0
        pending = found.left_out
        if not len(pending):
            break
    blocks = [block.name for block in architecture.blocks]
    names = [each for each in blocks if each in errors]
    errors, apart = ({key: each[key] for key in names} for each in (errors, apart))
    unseen = tuple(each for each in names if each not in seen)
    absent = tuple(each for each in blocks if each not in errors)
    return CheckedPart(
        name, errors, apart, compared, shortened, redrawn, len(pending), unseen, absent
    )


def _elements(architecture: Architecture, rng: np.random.Generator) -> NDArray[np.intp]:
    """All elements of θ, or in a large network the same share of every block."""
    n = architecture.n_parameters
    if n <= MOST_ELEMENTS:
        return np.arange(n)
    picked = [
        block.offset + rng.choice(block.size, -(-block.size * MOST_ELEMENTS // n), replace=False)
        for block in architecture.blocks
    ]
    return np.sort(np.concatenate(picked))


def drawn_data(
    architecture: Architecture, text: str, n_rows: int, rng: np.random.Generator
) -> Data:
    """Random rows for a check without a table: inputs N(0, 1), targets that suit the loss."""
    n_out, formula = architecture.sizes[-1], loss(text)
    X = rng.normal(size=(n_rows, architecture.sizes[0]))
    if formula.coupled:
        Y = np.eye(n_out)[rng.integers(n_out, size=n_rows)]
    elif formula.name == "ordinal":
        # A grade ends at its own threshold, and begins at the one below: 1 and -1.
        ends = np.eye(n_out + 1)[rng.integers(n_out + 1, size=n_rows)]
        Y = ends[:, :-1] - ends[:, 1:]
    elif formula.name == "sigmoid_cross_entropy":
        Y = rng.integers(2, size=(n_rows, n_out)).astype(float)
    elif formula.name == "poisson":
        Y = rng.poisson(1.0, size=(n_rows, n_out)).astype(float)
    elif formula.of_logarithm:
        Y = rng.gamma(2.0, 0.5, size=(n_rows, n_out))
        if formula.name != "gamma":  # of Tweedie's amounts, some are 0
            Y[rng.uniform(size=Y.shape) < 0.3] = 0.0
    else:
        Y = rng.normal(size=(n_rows, n_out))
    return Data.of(X, Y)
