"""Who is measured on many tables: thalweg, and rivals as their users call them, with defaults."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bench.tables import Table
from thalweg import ThalwegClassifier, ThalwegRegressor

_MISSING = "(missing)"
# What HistGradientBoosting takes as a category.
_MOST_LEVELS = 254

Contender = tuple[Any, pd.DataFrame]


def thalweg(given: Table, split: int, change: dict[str, Any]) -> Contender:
    """The estimator on the raw table, with changes to its defaults."""
    kind = ThalwegClassifier if given.has_classes else ThalwegRegressor
    return kind(random_state=split, n_jobs=1, **change), given.X


def linear(given: Table, split: int, fit: np.ndarray) -> Contender:
    model = (
        LogisticRegression(max_iter=2000) if given.has_classes else RidgeCV(np.logspace(-3, 3, 13))
    )
    return make_pipeline(_scaled(given), model), given.X


def sk_mlp(given: Table, split: int, fit: np.ndarray) -> Contender:
    kind = MLPClassifier if given.has_classes else MLPRegressor
    return make_pipeline(_scaled(given), kind(random_state=split)), given.X


def hist_gradient_boosting(given: Table, split: int, fit: np.ndarray) -> Contender:
    kind = HistGradientBoostingClassifier if given.has_classes else HistGradientBoostingRegressor
    X = _as_categories(given)
    for name in given.categories:
        if X[name].nunique() > _MOST_LEVELS:
            X[name] = X[name].cat.codes
    return kind(categorical_features="from_dtype", random_state=split), X


def xgboost(given: Table, split: int, fit: np.ndarray) -> Contender:
    from xgboost import XGBClassifier, XGBRegressor

    kind = XGBClassifier if given.has_classes else XGBRegressor
    model = kind(enable_categorical=True, n_jobs=1, random_state=split)
    return model, _as_categories(given)


def lightgbm(given: Table, split: int, fit: np.ndarray) -> Contender:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if given.has_classes else LGBMRegressor
    return kind(n_jobs=1, random_state=split, verbose=-1), _as_categories(given)


def catboost(given: Table, split: int, fit: np.ndarray) -> Contender:
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostClassifier if given.has_classes else CatBoostRegressor
    model = kind(
        thread_count=1, random_seed=split, verbose=0, cat_features=given.categories,
        allow_writing_files=False,
    )  # fmt: skip
    X = given.X.copy()
    for name in given.categories:
        X[name] = X[name].fillna(_MISSING).astype(str)
    return model, X


def realmlp(given: Table, split: int, fit: np.ndarray) -> Contender:
    import torch
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    torch.set_num_threads(1)
    kind = RealMLP_TD_Classifier if given.has_classes else RealMLP_TD_Regressor
    X = _as_categories(given)
    for name in given.numbers:
        X[name] = X[name].fillna(X[name].iloc[fit].mean())
    return kind(device="cpu", random_state=split, n_threads=1, verbosity=0), X


def realmlp_of_folds(given: Table, split: int, fit: np.ndarray) -> Contender:
    """Five networks on folds, stopped by cross-entropy and with a fitted temperature."""
    model, X = realmlp(given, split, fit)
    if given.has_classes:
        how = {"val_metric_name": "ref-ll-ts", "calibration_method": "ts-mix", "use_ls": False}
        return model.set_params(n_cv=5, **how), X
    return model.set_params(n_cv=5), X


RIVALS = {
    "linear": linear,
    "sk-mlp": sk_mlp,
    "hgb": hist_gradient_boosting,
    "xgboost": xgboost,
    "lightgbm": lightgbm,
    "catboost": catboost,
    "realmlp": realmlp,
    "realmlp-folds": realmlp_of_folds,
}


def _scaled(given: Table) -> Any:
    numbers = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    )
    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=_MISSING),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False, max_categories=100),
    )
    return make_column_transformer((numbers, given.numbers), (texts, given.categories))


def _as_categories(given: Table) -> pd.DataFrame:
    X = given.X.copy()
    for name in given.categories:
        X[name] = X[name].fillna(_MISSING).astype("category")
    return X
