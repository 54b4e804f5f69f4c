"""The estimators' defaults on two tables that scikit-learn bundles, against its linear models.

    python bench/scikit_tables.py [N_REPEATS]

Breast cancer (Wisconsin Diagnostic, malignant is positive): `RepeatedStratifiedKFold(5, 10,
random_state=0)`, mean fold log-loss and the share of the malignant that are missed, beside logistic
regression on standardised columns. Diabetes: R² of `RepeatedKFold(5, 10, random_state=0)` beside
ridge regression. The tables go in raw.
"""

import sys
import time

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import log_loss, r2_score
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg import ThalwegClassifier, ThalwegRegressor


def breast_cancer(n_repeats: int) -> None:
    X, benign = load_breast_cancer(return_X_y=True)
    malignant = benign == 0
    contenders = {
        "thalweg": lambda: ThalwegClassifier(random_state=0),
        "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    }
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
    for name, made in contenders.items():
        losses, missed, seconds = [], 0, []
        for train, test in folds.split(X, malignant):
            began = time.perf_counter()
            model = made().fit(X[train], malignant[train])
            seconds.append(time.perf_counter() - began)
            p = model.predict_proba(X[test])[:, 1]
            losses.append(log_loss(malignant[test], p))
            missed += int(np.sum(malignant[test] & (p <= 0.5)))
        share = missed / (malignant.sum() * n_repeats)
        print(
            f"breast cancer  {name:10s} log-loss {np.mean(losses):.4f}  missed {share:.2%}"
            f"  {np.median(seconds):.2f} s a fit"
        )


def diabetes(n_repeats: int) -> None:
    X, y = load_diabetes(return_X_y=True)
    contenders = {
        "thalweg": lambda: ThalwegRegressor(random_state=0),
        "ridge": lambda: make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 3, 13))),
    }
    folds = RepeatedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
    for name, made in contenders.items():
        scores = [
            r2_score(y[test], made().fit(X[train], y[train]).predict(X[test]))
            for train, test in folds.split(X)
        ]
        print(f"diabetes       {name:10s} R² {np.mean(scores):.4f}")


if __name__ == "__main__":
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    breast_cancer(repeats)
    diabetes(repeats)
