"""Plain and scaled intervals at 90 % on new rows, where noise grows with a column and where not.

    python -m bench.scaled_intervals [TABLES]

6 columns and a curved target. The noise grows sevenfold with the last column, or is the same for
all rows. Each line is the mean over the tables, and its standard error: the coverage of all rows,
of the fifth with the least of this column and of the fifth with the most, and the mean width.
"""

import sys
import warnings

import numpy as np

from thalweg import ThalwegRegressor

SIZES = (100, 200, 300, 1_000)
N_NEW = 4_000


def table(n: int, seed: int, growth: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows and numbers, whose noise grows by this factor with the last column."""
    random = np.random.default_rng(seed)
    X = random.uniform(-1, 1, size=(n, 6))
    noise = 0.9 * growth ** (X[:, 5] / 2)
    middle = X[:, 0] + np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3] / 2
    return X, middle + noise * random.normal(size=n)


def covered(n: int, seed: int, growth: float, kind: str) -> list[float]:
    """The coverage of all rows, of two fifths, and the mean width."""
    X, y = table(n + N_NEW, seed, growth)
    new, truth = X[n:], y[n:]
    model = ThalwegRegressor(random_state=seed, interval_kind=kind).fit(X[:n], y[:n])
    low, high = model.predict_interval(new).T
    inside = (low <= truth) & (truth <= high)
    by_noise = np.argsort(new[:, 5])
    fifths = [inside[by_noise[: N_NEW // 5]].mean(), inside[by_noise[-N_NEW // 5 :]].mean()]
    return [inside.mean(), *fifths, np.mean(high - low)]


def main(n_tables: int) -> None:
    """Print a line for each noise, number of rows and kind."""
    warnings.simplefilter("ignore")  # that there are few rows
    print("noise  rows  kind  tables  all  quiet fifth  noisy fifth  width")
    for growth in (7.0, 1.0):
        for n in SIZES:
            for kind in ("plain", "scaled"):
                rows = np.array([covered(n, seed, growth, kind) for seed in range(n_tables)])
                error = rows.std(axis=0, ddof=1) / np.sqrt(n_tables)
                told = "  ".join(
                    f"{m:.3f} ± {e:.3f}" for m, e in zip(rows.mean(axis=0), error, strict=True)
                )
                print(f"×{growth:g}  {n}  {kind}  {n_tables}  {told}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 16)
