"""Five labels of one table by one network, against five networks: log-loss and time.

    NUMBA_NUM_THREADS=1 python -m bench.several_labels FOLDER [TABLES [ROWS [REPEATS]]]

FOLDER as in `bench.tables`; TABLES are names with commas. The labels are whether five numeric
columns, drawn by a fixed seed, are above their quantiles 0.5, 0.3, 0.7, 0.85 and 0.5; those columns
are not among the features. A third of ROWS random rows is held out. Both fits have one thread and
the same seed, one after the other. A line gives the mean log-loss of the labels on the rows held
out, and the seconds of the fits; the last line of a table, the medians of both ratios.
"""

import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from bench.tables import table
from thalweg import ThalwegClassifier

TABLES = "california,kc_house,abalone,magic,ames,adult"
QUANTILES = (0.5, 0.3, 0.7, 0.85, 0.5)
LEAST_VALUES = 15


def labelled(folder: Path, name: str, n_rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Features and five labels of some rows of a table."""
    known = table(folder, name)
    whole = known.X.assign(target=known.y)
    numbers = [
        each for each in known.numbers
        if whole[each].notna().all() and whole[each].nunique() >= LEAST_VALUES
    ]  # fmt: skip
    drawn = np.random.default_rng(7).choice(numbers, len(QUANTILES), replace=False).tolist()
    part = whole.sample(min(n_rows, len(whole)), random_state=seed)
    labels = [
        (part[each] > part[each].quantile(share)).astype(int)
        for each, share in zip(drawn, QUANTILES, strict=True)
    ]
    return part.drop(columns=drawn), np.column_stack(labels)


def mean_loss(probability: np.ndarray, labels: np.ndarray) -> float:
    """The mean log-loss of the labels."""
    pairs = zip(labels.T, probability.T, strict=True)
    return float(np.mean([log_loss(y, p, labels=[0, 1]) for y, p in pairs]))


def compared(X: pd.DataFrame, Y: np.ndarray, seed: int) -> tuple[float, float, float, float]:
    """The loss and the seconds of one network, and of five."""
    n = len(X) * 2 // 3
    started = time.perf_counter()
    one = ThalwegClassifier(random_state=seed, n_jobs=1).fit(X[:n], Y[:n])
    middle = time.perf_counter()
    five = [
        ThalwegClassifier(random_state=seed, n_jobs=1).fit(X[:n], Y[:n, k])
        for k in range(Y.shape[1])
    ]
    ended = time.perf_counter()
    by_five = np.column_stack([each.predict_proba(X[n:])[:, 1] for each in five])
    losses = mean_loss(one.predict_proba(X[n:]), Y[n:]), mean_loss(by_five, Y[n:])
    return losses[0], losses[1], middle - started, ended - middle


def main(folder: Path, names: list[str], n_rows: int, repeats: int) -> None:
    """Print a line for each repetition, and the medians of each table."""
    warnings.simplefilter("ignore")
    compared(*labelled(folder, names[0], 300, 0), 0)  # compiles the engine
    print("table  repeat  loss of one  of five  seconds of one  of five")
    for name in names:
        found = []
        for seed in range(repeats):
            found.append(compared(*labelled(folder, name, n_rows, seed), seed))
            print(name, seed, *(f"{each:.4f}" for each in found[-1]), sep="  ", flush=True)
        one, five, seconds, seconds_of_five = np.array(found).T
        loss, share = np.median(one / five), np.median(seconds / seconds_of_five)
        print(f"{name}: loss × {loss:.4f}, time × {share:.3f}", flush=True)


if __name__ == "__main__":
    given = sys.argv[2:]
    main(
        Path(sys.argv[1]),
        (given[0] if given else TABLES).split(","),
        int(given[1]) if len(given) > 1 else 3000,
        int(given[2]) if len(given) > 2 else 3,
    )
