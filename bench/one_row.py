"""How long `predict_proba` of one row takes, with the estimator's defaults, against scikit-learn's.

    python -m bench.one_row [ROUNDS]

The default classifier (five networks, numbers in bins) asked for one row of an array and of a
frame of the Wisconsin table, and of a frame of 14 mixed columns; beside it what scikit-learn's
users ask: a network, a linear model and boosted trees, each in a pipeline that takes the same row.
The contenders are asked in turns; a line gives the median over the rounds of the mean of 300 calls.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bench.machine import processor
from thalweg import ThalwegClassifier, load_table

CALLS = 300


def mixed(n_rows: int = 1000) -> tuple[pd.DataFrame, np.ndarray]:
    """Seven columns of numbers, seven of texts, and classes that follow from some of them."""
    draw = np.random.default_rng(0)
    numbers = {f"number {i}": draw.normal(size=n_rows) for i in range(7)}
    texts = {f"text {i}": draw.choice(["low", "mean", "high"], n_rows) for i in range(7)}
    X = pd.DataFrame(numbers | texts)
    score = X["number 0"] * X["number 1"] + (X["text 0"] == "low") + draw.normal(size=n_rows)
    return X, np.where(score > 0.3, "yes", "no")


def contenders(X: Any, y: np.ndarray) -> dict[str, Any]:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    ready: Any = numbers
    if isinstance(X, pd.DataFrame) and not all(map(pd.api.types.is_numeric_dtype, X.dtypes)):
        ready = make_column_transformer(
            (numbers, make_column_selector(dtype_include="number")),
            (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
            sparse_threshold=0,
        )
    models = {
        "thalweg": ThalwegClassifier(random_state=0),
        "MLPClassifier": make_pipeline(ready, MLPClassifier(random_state=0, max_iter=1000)),
        "LogisticRegression": make_pipeline(ready, LogisticRegression(max_iter=1000)),
        "HistGradientBoosting": make_pipeline(ready, HistGradientBoostingClassifier()),
    }
    return {name: model.fit(X, y) for name, model in models.items()}


def microseconds(ask: Callable[[], Any]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        ask()
    return (time.perf_counter() - began) / CALLS * 1e6


def main(rounds: int = 15) -> None:
    table = load_table("wisconsin")
    frame, y = table.frame.apply(pd.to_numeric), table.target.to_numpy()
    whole, classes = mixed()
    print(f"one row, µs, {processor()}")
    for what, X, labels, row in (
        ("array, 9 numbers", frame.to_numpy(float), y, frame.to_numpy(float)[:1]),
        ("frame, 9 numbers", frame, y, frame.iloc[:1]),
        ("frame, 14 mixed columns", whole, classes, whole.iloc[:1]),
    ):
        models = contenders(X, labels)
        taken: dict[str, list[float]] = {name: [] for name in models}
        for _ in range(rounds):
            for name, model in models.items():
                taken[name].append(
                    microseconds(lambda model=model, row=row: model.predict_proba(row))
                )
        for name, times in taken.items():
            ratio = np.median(times) / np.median(taken["thalweg"])
            print(f"{what:24s} {name:22s} {np.median(times):8.0f}   {ratio:6.1f} × thalweg")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
