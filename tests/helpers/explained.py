"""Ten tables and twelve settings of models whose explanations have to add up."""

import warnings

import numpy as np
import pandas as pd

from mixed import mixed
from thalweg import ThalwegClassifier, ThalwegRegressor

FAST = {"hidden_layer_sizes": (12,), "max_iter": 12, "random_state": 0, "n_folds": 3}
SETTINGS = {
    "plain": {},
    "no bins": {"n_bins": 0},
    "many bins": {"n_bins": 24},
    "one layer": {"hidden_layer_sizes": (20,)},
    "three layers": {"hidden_layer_sizes": (16, 12, 8)},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "dropout": {"dropout": 0.3},
    "leaky": {"activation": "leaky_relu"},
    "float64": {"dtype": "float64"},
    "class weights": {"class_weight": "balanced"},
    "calibrated": {"calibration": "temperature", "early_stopping": "folds"},
    "one network": {"early_stopping": False},
}


def tables(n=90):
    """Ten tables by name: features and target, of classes or of numbers."""
    rng = np.random.default_rng(5)
    made = {}
    for name, width in (("two numbers", 2), ("nine numbers", 9), ("thirty numbers", 30)):
        X = pd.DataFrame(rng.standard_normal((n, width))).add_prefix("x")
        made[name] = X, np.where(X["x0"] + X["x1"] ** 2 + rng.normal(size=n) > 1, "b", "a")
    holes = made["nine numbers"][0].mask(rng.random((n, 9)) < 0.2)
    made["missing"] = holes, made["nine numbers"][1]
    made["mixed"] = mixed(n)
    heavy = pd.DataFrame({"x": np.exp(3 * rng.standard_normal(n)), "one": np.ones(n)})
    made["heavy tails"] = heavy, np.where(heavy["x"] > 1, "yes", "no")
    dates = pd.DataFrame(
        {"when": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D")}
    )
    made["dates"] = dates, np.where(dates["when"].dt.month > 6, "late", "early")
    X = made["nine numbers"][0]
    made["three classes"] = X, np.array(list("abc"))[np.digitize(X["x0"], [-0.5, 0.5])]
    made["a number"] = mixed(n)[0], rng.normal(size=n) + mixed(n)[0]["age"].fillna(0) * 100
    made["counts"] = X, rng.poisson(np.exp(0.5 * X["x0"]))
    return made


def fitted(table, setting, n=90, **more):
    """A model of a table and of a setting, quickly trained; None if they do not fit together."""
    X, y = tables(n)[table]
    said = {**FAST, **SETTINGS[setting], **more}
    is_number = np.asarray(y).dtype.kind in "if"
    if is_number:
        if "class_weight" in said:
            return None
        if "calibration" in said:
            said["calibration"] = "affine"
        said["loss"] = "poisson" if table == "counts" else "squared_error"
    kind = ThalwegRegressor if is_number else ThalwegClassifier
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(**said).fit(X, y)
