"""The coverage of `predict_interval` and `predict_set` on new rows, over tables with known truth.

    python -m bench.conformal_coverage [TABLES]

8 columns; for numbers, a curved target with equal noise; for classes, its sign with a random part.
Each line is the mean over the tables, and its standard error.
"""

import sys

import numpy as np

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.conformal.measured_coverage import interval_coverage, set_coverage

SIZES = (100, 300, 1_000)
N_NEW = 2_000


def table(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, numbers and two classes."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 8))
    middle = X[:, 0] + np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3] / 2
    y = middle + random.normal(size=n)
    classes = random.random(n) < 1 / (1 + np.exp(1.5 - 1.5 * middle))
    return X, y, classes


def covered(n: int, seed: int) -> list[float]:
    """The coverage and mean width of intervals, and the coverage of both classes and "either"."""
    X, y, classes = table(n + N_NEW, seed)
    new = X[n:]
    numbers = ThalwegRegressor(random_state=seed).fit(X[:n], y[:n])
    intervals = numbers.predict_interval(new)
    found = interval_coverage(Answers(y[n:], numbers.predict(new)), intervals)
    model = ThalwegClassifier(random_state=seed).fit(X[:n], classes[:n])
    p = model.predict_proba(new)[:, 1]
    sets = set_coverage(Answers(classes[n:], p), model.predict_set(new), ["no", "yes"])
    of_class = [each.value for each in sets.coverage]
    either = sets.words.get("cannot tell (either)", 0.0)
    return [found.coverage.value, found.mean_width, *of_class, either]


def main(n_tables: int) -> None:
    """Print a line for each number of rows."""
    print("rows  tables  intervals  width  class no  class yes  either")
    for n in SIZES:
        rows = np.array([covered(n, seed) for seed in range(n_tables)])
        error = rows.std(axis=0, ddof=1) / np.sqrt(n_tables)
        told = "  ".join(
            f"{m:.3f} ± {e:.3f}" for m, e in zip(rows.mean(axis=0), error, strict=True)
        )
        print(f"{n}  {n_tables}  {told}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 16)
