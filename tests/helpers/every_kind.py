"""A small fitted model of each kind that pickles and other formats must keep: a helper."""

import numpy as np
import pandas as pd

from thalweg import ThalwegClassifier, ThalwegRegressor

N = 120
RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "number": RANDOM.standard_normal(N).round(3),
        "few": RANDOM.choice(list("abc"), N),
        "many": [f"level {k % 60}" for k in range(N)],
        "weight": [f"{value:.2f} kg" for value in RANDOM.random(N)],
        "day": pd.date_range("2020-01-01", periods=N).astype(str),
        "rare": np.where(RANDOM.random(N) < 0.1, np.nan, RANDOM.random(N)),
    }
)
LABELS, NUMBERS = RANDOM.choice(["high", "low", "mid"], N), RANDOM.random(N) + 0.1
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}

MODELS = {
    "classes": lambda: ThalwegClassifier(**SMALL, n_folds=2).fit(FRAME, LABELS),
    "grades": lambda: ThalwegClassifier(
        **SMALL, loss="ordinal", grades=["low", "mid", "high"]
    ).fit(FRAME, LABELS),
    "labels": lambda: ThalwegClassifier(**SMALL).fit(
        FRAME, pd.DataFrame({"a": LABELS == "high", "b": LABELS == "low"})
    ),
    "calibrated": lambda: ThalwegClassifier(
        **SMALL, calibration="temperature", importance=True, early_stopping="folds"
    ).fit(FRAME, LABELS),
    "batches": lambda: ThalwegClassifier(**SMALL).partial_fit(
        FRAME, LABELS, classes=["high", "low", "mid"]
    ),
    "linear": lambda: ThalwegClassifier.linear().fit(FRAME, LABELS),
    "numbers": lambda: ThalwegRegressor(**SMALL).fit(FRAME, NUMBERS),
    "scaled": lambda: ThalwegRegressor(
        **SMALL, interval_kind="scaled", early_stopping="folds"
    ).fit(FRAME, NUMBERS),
    "rates": lambda: ThalwegRegressor(**SMALL, loss="poisson").fit(
        FRAME, NUMBERS, exposure=NUMBERS
    ),
    "levels": lambda: ThalwegRegressor(**SMALL, loss="quantile:levels=0.1/0.5/0.9").fit(
        FRAME, NUMBERS
    ),
}  # fmt: skip


def answers(model):
    """Its predictions for all rows."""
    rows = {"exposure": np.ones(N)} if model.get_params().get("loss") == "poisson" else {}
    return np.asarray(model.predict(FRAME, **rows))
