"""What is measured: a table of works, and the same synthetic numbers for everybody.

Rivals must not learn anything of thalweg, so data and starting points are made here from NumPy
alone.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Work:
    """One thing to do, the same for whoever does it.

    Attributes
    ----------
    key, title : str
    sizes : tuple of int
        Units of each layer, the inputs first.
    rows : int
    batch : int or None
        Rows a step; ``None`` takes all of them.
    rule : {"sgd", "adam"}
    rate : float
    epochs : int
        In one pass, which is what a clock is held to.
    activation : str
        Of the hidden layers.
    members : int
        Networks of this kind, from different starting points.
    kind : {"train", "predict"}
    calls : int
        How many predictions a pass makes.
    """

    key: str
    title: str
    sizes: tuple[int, ...]
    rows: int
    batch: int | None = None
    rule: str = "adam"
    rate: float = 1e-3
    epochs: int = 1
    activation: str = "relu"
    members: int = 1
    kind: str = "train"
    calls: int = 1

    @property
    def steps(self) -> int:
        """Steps of one pass, those of all members together; of predictions the calls."""
        if self.kind == "predict":
            return self.calls
        return self.members * self.epochs * -(-self.rows // (self.batch or self.rows))

    @property
    def layers(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of each layer."""
        return list(zip(self.sizes, self.sizes[1:], strict=False))

    @property
    def n_parameters(self) -> int:
        return sum(n_in * n_out + n_out for n_in, n_out in self.layers)

    @property
    def flops(self) -> int:
        """Operations in the matrix products of one step; a multiply-add counts as two.

        Forward and dW for every layer, dA for all but the first: nobody asks for dX.
        """
        products = [n_in * n_out for n_in, n_out in self.layers]
        if self.kind == "predict":
            return 2 * self.rows * sum(products)
        return 2 * (self.batch or self.rows) * (3 * sum(products) - products[0])


# 99,840 rows are 1,560 batches of 64 and 390 of 256: nobody has to handle a short last batch.
ROWS = 99_840

ARTICLE = Work(
    "article", "9-15-1, 500 rows, full batch, GD", (9, 15, 1), 500, None, "sgd", 0.07, 3000
)
SMALL = Work("small", "50-32-32-1, batch 64, Adam", (50, 32, 32, 1), ROWS, 64, epochs=5)
MIDDLE = Work("middle", "50-64-64-1, batch 256, Adam", (50, 64, 64, 1), ROWS, 256, epochs=10)
LARGE = Work("large", "50-256-256-1, batch 256, Adam", (50, 256, 256, 1), ROWS, 256, epochs=10)
# Weights that fill the second cache. 400 steps take as long as thousands of the others.
WIDE = Work("wide", "50-1024-1024-1, batch 256, Adam", (50, 1024, 1024, 1), 5_120, 256, epochs=20)
SMOOTH = [
    replace(
        work, key=f"{work.key}-{name}", title=f"{work.title}, {label}", activation=name, epochs=5
    )
    for work in (SMALL, MIDDLE, LARGE)
    for name, label in (("silu", "SiLU"), ("gelu", "GELU (tanh form)"), ("tanh", "tanh"))
]
MEMBERS = replace(
    ARTICLE, key="members", title="64 networks 9-15-1, each as above", members=64, epochs=1000
)
ONE_ROW = Work(
    "one-row", "predict one row, 50-64-64-1", (50, 64, 64, 1), 1, kind="predict", calls=2000
)
MILLION = replace(
    ONE_ROW, key="million", title="predict 10⁶ rows, 50-64-64-1", rows=1_000_000, calls=1
)
# More rows than stay in any cache; what happens around the epoch is measured as well.
EPOCH = Work(
    "epoch", "one epoch of 10⁶ rows, 50-64-64-1, batch 1,024, Adam", (50, 64, 64, 1), 1_000_000,
    1024,
)  # fmt: skip
# Apart, since the wall's clock is only asked where it must be.
MILLION_BY_TWO = replace(MILLION, key="million-by-two", title=f"{MILLION.title}, two threads")

# Rows that those who predict in pieces take at a time; 1,000 to 16,000 were tried.
PIECE = 4_000


class Table(NamedTuple):
    """Rows of numbers and what is to be learned of them.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features), float32
    y : ndarray of shape (n_samples, 1), float32
        0 or 1.
    """

    X: Array
    y: Array


def table(work: Work, seed: int = 0) -> Table:
    """Normal columns; the odds of a 1 are a bent function of them, so there is noise as well."""
    generator = np.random.default_rng(seed)
    X = generator.standard_normal((work.rows, work.sizes[0]), dtype=np.float32)
    bent = np.sin(X[:, 0]) * X[:, 1] + X[:, 2] - np.abs(X[:, 3])
    odds = 1 / (1 + np.exp(-3 * bent))
    y = generator.random(work.rows) < odds
    return Table(X, y[:, None].astype(np.float32))


def starts(work: Work) -> list[list[tuple[Array, Array]]]:
    """(W, b) of each layer of each member, float32; W is (n_out, n_in), b (n_out,)."""
    generator = np.random.default_rng(1)
    return [
        [
            (
                generator.standard_normal((n_out, n_in), dtype=np.float32)
                * np.float32(np.sqrt(2 / n_in)),
                np.zeros(n_out, np.float32),
            )
            for n_in, n_out in work.layers
        ]
        for _ in range(work.members)
    ]


def start(work: Work) -> list[tuple[Array, Array]]:
    """The starting point of a work's only (or first) member."""
    return starts(work)[0]
