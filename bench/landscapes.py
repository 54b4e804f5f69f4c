"""How long a surface takes, and how long a plain PyTorch loop takes for the same grid.

    python -m bench.landscapes

The article's network (9-15-1 over the 683 complete rows of Wisconsin), 41 × 41 points on one
thread, beside two loops in PyTorch; and 64-64 over 4,000 rows, 81 × 81 points on two threads. Both
sides get the same points and have to come to the same losses. The median of the rounds is given;
in a round each side does the grid once.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn.utils import vector_to_parameters
from torch.utils.data import DataLoader, TensorDataset

from bench.machine import facts
from thalweg import load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.landscape.ground.surface import Surface, landscape
from thalweg.landscape.ground.terrain import NetworkTerrain
from thalweg.landscape.planes.random_directions import random_plane
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Objective

ROUNDS = 9
LOSS = "sigmoid_cross_entropy"


def article(dtype: str) -> tuple[NetworkTerrain, np.ndarray]:
    """The article's table, scaled as in the article, and its starting point."""
    table = load_table("wisconsin")
    raw = infer_schema(table.frame).matrix(table.frame)
    whole = ~np.isnan(raw).any(axis=1)
    X = (raw[whole] - 1) / 9
    y = (table.target == "malignant").to_numpy(float)[whole]
    architecture = Architecture.dense(9, (15,), 1, "relu")
    theta = initial_theta(architecture, "article", np.random.RandomState(1))
    data = Data.of(X.astype(dtype), y[:, None])
    return NetworkTerrain.of(architecture, Objective(LOSS), data), theta


def wide(dtype: str) -> tuple[NetworkTerrain, np.ndarray]:
    """64-64 over 4,000 rows of 20 columns."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((4000, 20)).astype(dtype)
    y = (X[:, 0] * X[:, 1] + 0.3 * rng.standard_normal(4000) > 0).astype(dtype)
    architecture = Architecture.dense(20, (64, 64), 1, "relu")
    theta = initial_theta(architecture, "he", rng)
    return NetworkTerrain.of(architecture, Objective(LOSS), Data.of(X, y[:, None])), theta


def ours(terrain: NetworkTerrain, theta: np.ndarray, grid: int, threads: int) -> Surface:
    plane = random_plane(terrain.architecture, theta)
    return landscape(terrain, plane=plane, grid=grid, threads=threads)


class Torch:
    """Two loops over the grid: weights in, loss out.

    ``whole`` gives the model all rows as one tensor, the least that PyTorch can do; ``loader``
    goes through a ``DataLoader`` of batches of 128, as the published programs for landscapes do.
    """

    def __init__(self, terrain: NetworkTerrain, theta: np.ndarray, surface: Surface) -> None:
        modules: list[nn.Module] = []
        for n_in, n_out in pairwise(terrain.architecture.sizes):
            modules += [nn.Linear(n_in, n_out), nn.ReLU()]
        self.X, self.Y = torch.from_numpy(terrain.data.X), torch.from_numpy(terrain.data.Y)
        self.model = nn.Sequential(*modules[:-1]).to(self.X.dtype)
        self.start, *self.basis = (
            torch.from_numpy(each).to(self.X.dtype) for each in (theta, *surface.plane.basis)
        )
        self.surface, self.loss = surface, nn.BCEWithLogitsLoss()
        self.loader = DataLoader(TensorDataset(self.X, self.Y), batch_size=128)

    def whole_table(self) -> float:
        return self.loss(self.model(self.X), self.Y).item()

    def by_batches(self) -> float:
        total = sum(self.loss(self.model(x), y).item() * len(x) for x, y in self.loader)
        return total / len(self.X)

    def over_grid(self, height: Callable[[], float]) -> np.ndarray:
        found = np.empty(self.surface.losses.shape)
        one, two = self.basis
        with torch.no_grad():
            for j, b in enumerate(self.surface.b.tolist()):
                for i, a in enumerate(self.surface.a.tolist()):
                    vector_to_parameters(self.start + a * one + b * two, self.model.parameters())
                    found[j, i] = height()
        return found


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(dtype: str) -> None:
    """The article's network, beside both loops."""
    terrain, theta = article(dtype)
    surface = ours(terrain, theta, 41, 1)
    torch_side = Torch(terrain, theta, surface)
    places = 1e-9 if dtype == "float64" else 1e-4
    for height, rounds in ((torch_side.whole_table, ROUNDS), (torch_side.by_batches, 1)):
        theirs = partial(torch_side.over_grid, height)
        np.testing.assert_allclose(theirs(), surface.losses, rtol=places)
        pairs = [
            (seconds(partial(ours, terrain, theta, 41, 1)), seconds(theirs)) for _ in range(rounds)
        ]
        mine, other = (statistics.median(each) for each in zip(*pairs, strict=True))
        ratio = statistics.median(other / own for own, other in pairs)
        print(
            f"9-15-1, 683 rows, 41 × 41, one thread, {dtype}: {mine:.4f} s; PyTorch "
            f"{torch.__version__}, {height.__name__}: {other:.3f} s, {ratio:.1f} times as long"
        )


def main() -> None:
    torch.set_num_threads(1)
    print("; ".join(f"{name}: {value}" for name, value in facts().items()))
    for dtype in ("float64", "float32"):
        compare(dtype)
    for dtype in ("float64", "float32"):
        terrain, theta = wide(dtype)
        ours(terrain, theta, 11, 2)
        taken = statistics.median(seconds(partial(ours, terrain, theta, 81, 2)) for _ in range(3))
        print(f"20-64-64-1, 4,000 rows, 81 × 81, two threads, {dtype}: {taken:.2f} s")


if __name__ == "__main__":
    main()
