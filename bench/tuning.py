"""What a search takes and what it claims: `python -m bench.tuning time|noise|samplers`.

``time`` compares the seconds used with those asked for. ``noise`` tunes on labels that no column
knows: the honest AUC is then 0.5, while that of the best trial is more. ``samplers`` compares TPE
with random at equal trials, on tables of a folder as `bench.tables` has it, with small networks.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from bench.tables import table as suite_table
from thalweg import ThalwegClassifier, ThalwegRegressor, tune

SPACE = {
    "hidden_layer_sizes": [[4], [8], [16], [8, 8]],
    "learning_rate_init": (0.002, 0.1, "log"),
    "alpha": (0.05, 20.0, "log"),
    "activation": ["relu", "tanh"],
    "max_iter": (2, 12),
    "dropout": (0.0, 0.5),
    "n_bins": [0, 4, 8],
}


def table(seed: int, n_rows: int, signal: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    X = random.normal(size=(n_rows, 5))
    return X, (signal * X[:, 0] + random.normal(size=n_rows) > 0).astype(int)


def estimator(**settings: object) -> ThalwegClassifier:
    small = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0, "n_jobs": 1}
    return ThalwegClassifier(**{**small, **settings})


def of_time(seconds: list[float], runs: int) -> None:
    X, y = table(0, 300, 1.0)
    tune(estimator(), X, y, n_trials=3, space=SPACE)  # the compiled code is loaded
    for limit in seconds:
        used, worked, trials = [], [], []
        for run in range(runs):
            began, of_processor = time.perf_counter(), time.process_time()
            found = tune(estimator(), X, y, time_limit=limit, random_state=run)
            used.append((time.perf_counter() - began) / limit)
            worked.append((time.process_time() - of_processor) / limit)
            trials.append(len(found.trials))
            first = found.trials.seconds[0]
            if used[-1] > 1.05 or first > limit / 4:
                print(
                    f"run {run}: {used[-1]:.3f} of {limit:g} s, {worked[-1]:.3f} of processor "
                    f"time; the default took {first:.2f} s",
                    flush=True,
                )
        print(
            f"{limit:g} s asked, {runs} runs: used {np.mean(used):.3f} of it, at most "
            f"{max(used):.3f} (processor time {np.mean(worked):.3f}, at most {max(worked):.3f}); "
            f"{min(trials)} to {max(trials)} trials; above 1.05 in "
            f"{sum(each > 1.05 for each in used)}",
            flush=True,
        )


def of_noise(tables: int, n_trials: int) -> None:
    honest, best, called = [], [], 0
    for seed in range(tables):
        X, _ = table(seed, 300, 0.0)
        y = np.random.default_rng(1000 + seed).permutation(np.arange(300) % 2)
        found = tune(estimator(), X, y, n_trials=n_trials, space=SPACE, random_state=seed)
        honest.append(found.honest.second)
        best.append(found.honest.best_trial_second)
        called += found.chosen == "tuned"
        print(f"table {seed}: {found}\n", flush=True)
    print(
        f"{tables} tables of noise, 300 rows, {n_trials} trials: mean honest AUC "
        f"{np.mean(honest):.3f} ({min(honest):.3f} to {max(honest):.3f}), mean highest AUC of a "
        f"trial {np.mean(best):.3f}; called better in {called}"
    )


def of_samplers(folder: Path, names: list[str], n_trials: int, seeds: int) -> None:
    for name in names:
        given = suite_table(folder, name)
        fit, test = given.parted(1)
        X, y, X_test, y_test = given.X.iloc[fit], given.y[fit], given.X.iloc[test], given.y[test]
        kind = ThalwegClassifier if given.has_classes else ThalwegRegressor
        best: dict[str, list[float]] = {"tpe": [], "random": []}
        unseen: dict[str, list[float]] = {"tpe": [], "random": []}
        for seed in range(seeds):
            for sampler in best:
                found = tune(
                    kind(hidden_layer_sizes=(16,), max_iter=12, random_state=0), X, y,
                    n_trials=n_trials, space=SPACE | {"max_iter": (6, 24)}, random_state=seed,
                    sampler=sampler, if_unclear="tuned", X_test=X_test, y_test=y_test,
                )  # fmt: skip
                assert found.unseen is not None
                best[sampler].append(float(found.trials.loss.min() / found.trials.loss[0]))
                unseen[sampler].append(found.unseen.tuned / found.unseen.default)
        said = "; ".join(
            f"{sampler}: best trial {np.mean(best[sampler]):.4f} ({min(best[sampler]):.4f} to "
            f"{max(best[sampler]):.4f}), test rows {np.mean(unseen[sampler]):.4f} "
            f"({min(unseen[sampler]):.4f} to {max(unseen[sampler]):.4f})"
            for sampler in best
        )
        print(
            f"{name}, {n_trials} trials, {seeds} seeds, losses as shares of the default's: {said}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("time", "noise", "samplers"))
    parser.add_argument("--seconds", nargs="+", type=float, default=[2.0, 10.0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", nargs="+", default=["pima", "ionosphere", "glass", "concrete"])
    given = parser.parse_args()
    if given.what == "samplers":
        of_samplers(given.folder, given.only, given.trials, given.runs)
    elif given.what == "time":
        of_time(given.seconds, given.runs)
    else:
        of_noise(given.tables, given.trials)


if __name__ == "__main__":
    main()
