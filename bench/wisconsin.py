"""The estimator's defaults on the raw Wisconsin table, against logistic regression.

    python bench/wisconsin.py [N_REPEATS]

`RepeatedStratifiedKFold(5, 10, random_state=0)`: mean fold log-loss, and the share of the
malignant that are missed at threshold 0.5, pooled over all folds. Logistic regression stands
behind the same encoder, fitted on the training folds alone.
"""

import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import RepeatedStratifiedKFold

from thalweg import ThalwegClassifier, load_table
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.schema.schema import infer_schema


def main(n_repeats: int = 10) -> None:
    table = load_table("wisconsin")
    X, y = table.frame, table.target.to_numpy()
    matrix, malignant = infer_schema(X).matrix(X), y == "malignant"
    losses: dict[str, list[float]] = {}
    missed: dict[str, int] = {}
    seconds: list[float] = []
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
    for train, test in folds.split(matrix, y):
        began = time.perf_counter()
        model = ThalwegClassifier(random_state=0, positive="malignant")
        model.fit(X.iloc[train], y[train])
        seconds.append(time.perf_counter() - began)
        encoder = fit_encoder(matrix[train], np.ones(len(train)))
        logistic = LogisticRegression(max_iter=1000)
        logistic.fit(encoder.encode(matrix[train]), malignant[train])
        probability = {
            "thalweg": model.predict_proba(X.iloc[test])[:, 1],
            "logistic regression": logistic.predict_proba(encoder.encode(matrix[test]))[:, 1],
        }
        for name, p in probability.items():
            losses.setdefault(name, []).append(log_loss(malignant[test], p))
            missed[name] = missed.get(name, 0) + int(np.sum(malignant[test] & (p <= 0.5)))
    for name, fold_losses in losses.items():
        share = missed[name] / (malignant.sum() * n_repeats)
        print(
            f"{name:20s} log-loss {np.mean(fold_losses):.4f}  worst fold {max(fold_losses):.3f}"
            f"  malignant missed {share:.2%}"
        )
    print(f"median fit {np.median(seconds):.2f} s")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
