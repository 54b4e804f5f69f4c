"""Some forty fits of every kind, small and quick: what `make same` does by two commits."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

import thalweg

N_ROWS, N_LATER = 240, 60
QUICK = {"hidden_layer_sizes": (12,), "max_iter": 6, "random_state": 5, "n_jobs": 1}
LBFGS = {"optimizer": "lbfgs", "max_iter": 15, "early_stopping": False}


class Kind(NamedTuple):
    """A way to fit, and rows that the fit has not seen."""

    fit: Callable[[], Any]
    later: Callable[[], Any]


def table(seed: int = 0, *, plain: bool = False) -> pd.DataFrame:
    """Rows of numbers, and unless ``plain`` of categories, booleans and holes, too."""
    rng = np.random.default_rng(seed)
    n = N_ROWS + N_LATER
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n).astype(float),
            "dose": np.exp(rng.normal(0, 1.2, n)).round(3),
            "visits": rng.integers(0, 6, n),
        }
    )
    if plain:
        return frame
    frame["town"] = rng.choice(["Bern", "Oslo", "Rome"], n).astype(object)
    frame["smoker"] = rng.random(n) < 0.3
    frame["ward"] = np.array(
        [f"W{k:02}" for k in np.minimum(rng.geometric(0.1, n), 14)], dtype=object
    )
    frame.loc[::9, "age"] = np.nan
    frame.loc[1::11, "town"] = None
    return frame


def height(frame: pd.DataFrame) -> np.ndarray:
    """What the targets depend on."""
    rng = np.random.default_rng(1)
    town = 0.0 if "town" not in frame else (frame["town"] == "Bern").to_numpy() * 1.0
    bent = np.sin(frame["age"].fillna(50).to_numpy() / 12) + np.log(frame["dose"].to_numpy())
    return bent + town + rng.normal(0, 0.5, len(frame))


def two(frame: pd.DataFrame) -> np.ndarray:
    return np.where(height(frame) > 0.4, "ill", "well").astype(object)


def several(frame: pd.DataFrame) -> np.ndarray:
    return np.digitize(height(frame), [-0.5, 0.3, 1.2])


def number(frame: pd.DataFrame) -> np.ndarray:
    return 10 + 3 * height(frame)


def counts(frame: pd.DataFrame) -> np.ndarray:
    return np.floor(np.exp(np.clip(height(frame), -2, 2))).astype(float)


def weights(seed: int = 2) -> np.ndarray:
    """0, 1, 2 and parts of a row."""
    return np.random.default_rng(seed).choice([0.0, 0.5, 1.0, 2.0], N_ROWS)


def groups() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 40, N_ROWS)


C, R = thalweg.ThalwegClassifier, thalweg.ThalwegRegressor
Target = Callable[[pd.DataFrame], np.ndarray]


def later(*, plain: bool = False) -> pd.DataFrame:
    return table(plain=plain)[N_ROWS:]


def in_an_unseen_town() -> pd.DataFrame:
    return later().assign(town="Paris")


def fitted(
    estimator: type, target: Target, *, plain: bool = False,
    given: Callable[[], dict[str, Any]] = dict, **parameters: Any,
) -> Kind:  # fmt: skip
    """A model of the first rows of `table`; ``given`` are arguments of `fit` beside the table."""

    def fit() -> Any:
        frame = table(plain=plain)
        X, y = frame[:N_ROWS], target(frame)[:N_ROWS]
        return estimator(**{**QUICK, **parameters}).fit(X, y, **given())

    return Kind(fit, lambda: later(plain=plain))


def with_more_rows(estimator: type, target: Target) -> Kind:
    """X_val and y_val judge when to stop."""
    more = table(7)
    return fitted(estimator, target, given=lambda: {"X_val": more, "y_val": target(more)})


def batches(estimator: type, target: Target) -> Kind:
    """`partial_fit`, five batches."""

    def fit() -> Any:
        frame = table(plain=True)
        y = target(frame)
        model = estimator(**QUICK)
        for start in range(0, N_ROWS, 48):
            rows = slice(start, start + 48)
            named = {} if target is number or start else {"classes": np.unique(y)}
            model.partial_fit(frame[rows], y[rows], **named)
        return model

    return Kind(fit, lambda: later(plain=True))


def going_on(estimator: type, target: Target) -> Kind:
    """`fit_more`, and then a warm start."""
    begun = fitted(estimator, target, early_stopping=False)

    def fit() -> Any:
        frame = table()
        X, y = frame[:N_ROWS], target(frame)[:N_ROWS]
        model = begun.fit().fit_more(X, y, epochs=2)
        return model.set_params(warm_start=True, max_iter=3).fit(X, y)

    return Kind(fit, later)


def sparse_rows() -> Any:
    rng = np.random.default_rng(4)
    return sparse.random(N_ROWS, 12, density=0.2, random_state=rng, format="csr")


def of_sparse_rows() -> Any:
    X = sparse_rows()
    return C(**QUICK).fit(X, np.asarray(X.sum(axis=1)).ravel() > 1.2)


def of_the_bundled_table() -> Any:
    """With the defaults, but for size and number of epochs."""
    read = thalweg.load_table("wisconsin")
    model = C((32, 32), random_state=0, positive="malignant", max_iter=4, n_jobs=2)
    return model.fit(read.frame, read.target)


KINDS: dict[str, Kind] = {
    "two-classes": fitted(C, two),
    "two-classes-of-numbers": fitted(C, two, plain=True),
    "hold-out": fitted(C, two, early_stopping="hold-out"),
    "cross-validation": fitted(C, two, early_stopping="cross-validation"),
    "no-stopping": fitted(C, two, early_stopping=False),
    "lbfgs": fitted(C, two, **LBFGS),
    "several-classes": fitted(C, several),
    "several-classes-hold-out": fitted(C, several, early_stopping="hold-out"),
    "several-classes-balanced": fitted(C, several, class_weight="balanced"),
    "costs": fitted(C, two, class_weight={"ill": 5, "well": 1}, positive="ill"),
    "label-smoothing": fitted(C, two, label_smoothing=0.1, early_stopping="hold-out"),
    "weights": fitted(C, two, given=lambda: {"sample_weight": weights()}),
    "groups": fitted(C, two, given=lambda: {"groups": groups()}),
    "rows-to-judge": with_more_rows(C, two),
    "scoring": fitted(C, two, scoring="roc_auc"),
    "scoring-several-classes": fitted(C, several, scoring="balanced_accuracy"),
    "two-deals-of-folds": fitted(C, two, n_ensemble=2, max_iter=3),
    "three-networks": fitted(C, two, n_ensemble=3, early_stopping=False),
    "threads": fitted(C, two, n_jobs=2),
    "deep-gelu": fitted(C, two, hidden_layer_sizes=(8, 6, 4), activation="gelu"),
    "tanh-momentum": fitted(
        C, two, activation="tanh", optimizer="sgd:lr=0.05,momentum=0.9,schedule=cosine"
    ),
    "decay-and-l1": fitted(C, two, weight_decay=0.02, l1=0.1, dropout=0.0),
    "all-rows-a-step": fitted(C, two, batch_size=N_ROWS, learning_rate_init=0.03),
    "float64": fitted(C, two, dtype="float64"),
    "no-bins": fitted(C, two, n_bins=0),
    "many-bins": fitted(C, two, n_bins=20),
    "logistic-regression": fitted(C, two, hidden_layer_sizes=()),
    "batches": batches(C, two),
    "going-on": going_on(C, two),
    "sparse": Kind(of_sparse_rows, lambda: sparse_rows()[:N_LATER]),
    "bundled-table": Kind(of_the_bundled_table, lambda: thalweg.load_table("wisconsin").frame),
    "unseen-levels": fitted(C, two, unknown="ignore")._replace(later=in_an_unseen_town),
    "number": fitted(R, number),
    "number-hold-out": fitted(R, number, early_stopping="hold-out"),
    "number-cross-validation": fitted(R, number, early_stopping="cross-validation"),
    "number-lbfgs": fitted(R, number, **LBFGS),
    "number-weights-and-groups": fitted(
        R, number, given=lambda: {"sample_weight": weights(), "groups": groups()}
    ),
    "number-rows-to-judge": with_more_rows(R, number),
    "number-scoring": fitted(R, number, scoring="neg_mean_absolute_error"),
    "number-float64": fitted(R, number, dtype="float64"),
    "number-batches": batches(R, number),
    "number-going-on": going_on(R, number),
    "huber": fitted(R, number, loss="huber"),
    "absolute-error": fitted(R, number, loss="absolute_error"),
    "quantile": fitted(R, number, loss="quantile:level=0.8"),
    "poisson": fitted(R, counts, loss="poisson"),
}  # fmt: skip
