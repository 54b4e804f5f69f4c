"""What it gains to fit the values of a sweep side by side instead of one after another.

``python -m bench.sweeps`` fits nine learning rates of a default network, alternately in both ways,
and prints the ratio of the times of each pair: above 1, side by side is faster. The losses are
equal, bit for bit.
"""

import statistics
import sys
import time

import numpy as np

from thalweg import ThalwegClassifier, load_table
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.parallel_map import spread, usable_cores
from thalweg.tuning.curves.fold_fits import FoldLosses, OwnFolds
from thalweg.tuning.trial_fits import TrialTable

_RATES = [float(each) for each in np.geomspace(1e-4, 1e-1, 9)]


def _after_another(folds: OwnFolds, threads: int) -> list[FoldLosses]:
    return [folds.fit({"learning_rate_init": each}, threads) for each in _RATES]


def _side_by_side(folds: OwnFolds, threads: int) -> list[FoldLosses]:
    return spread(lambda each: folds.fit({"learning_rate_init": each}, 1), _RATES, threads)


def main(pairs: int = 9) -> None:
    """Print the ratio of each pair and their median, for two widths."""
    threads = usable_cores()
    table = load_table("wisconsin")
    for hidden in ((128, 128), (8,)):
        model = ThalwegClassifier(hidden_layer_sizes=hidden, max_iter=8, random_state=0)
        given = GivenRows(table.frame, table.target)
        folds = OwnFolds(TrialTable.of(model, given, "sweep"))
        folds.fit({}, threads)  # compile
        ratios = []
        for k in range(pairs):
            seconds = {}
            ways = [_after_another, _side_by_side]
            found = []
            for way in ways if k % 2 else ways[::-1]:
                began = time.perf_counter()
                found.append(way(folds, threads))
                seconds[way] = time.perf_counter() - began
            assert found[0] == found[1]
            ratios.append(seconds[_after_another] / seconds[_side_by_side])
        said = " ".join(f"{each:.2f}" for each in ratios)
        print(f"{hidden}, {threads} threads: {said}; median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
