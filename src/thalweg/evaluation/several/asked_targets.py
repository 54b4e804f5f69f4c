"""What `thalweg.evaluate` asks of a model of several targets: each target, on the same rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import infer_schema
from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.any_estimator.wrapped_estimator import (
    WrappedEstimator,
    copy_of,
    places_table,
    predicts_numbers,
)
from thalweg.evaluation.several.joint_fits import JointFits
from thalweg.evaluation.several.joint_strata import joint_strata
from thalweg.wording import counted


def targets_given(y: Any) -> pd.DataFrame | None:
    """The columns of several targets by their names; None for one target."""
    if isinstance(y, pd.DataFrame):
        found = y
    elif hasattr(y, "get_columns"):  # of polars
        found = pd.DataFrame({str(each.name): each.to_list() for each in y.get_columns()})
    elif isinstance(y, np.ndarray) and y.ndim == 2:
        found = pd.DataFrame(y)
    else:
        return None
    if found.shape[1] < 2:
        return None
    found = found.set_axis([str(name) for name in found.columns], axis="columns")
    if found.columns.has_duplicates:
        twice = found.columns[found.columns.duplicated()][0]
        raise DataError(
            f'Two columns of y have the name "{twice}"',
            why="A target is asked for by its name",
            fix="give each column of y a name of its own",
        )
    return found.reset_index(drop=True)


class _JointWrapped:
    """A model of several targets that is fitted by the numbers of rows, and gives its views."""

    def __init__(self, model: Any, X: Any, asked: "Mapping[str, Any]") -> None:
        self._base, self._asked = WrappedEstimator(copy_of(model), X), asked

    def fit(self, X: pd.DataFrame, Y: pd.DataFrame, **more: Any) -> None:
        """Fit all targets on the rows with these numbers."""
        self._base.fit(X, Y, **more)  # type: ignore[arg-type]  # a frame keeps the names

    def for_target(self, name: str) -> WrappedEstimator:
        """The model of one target, as the evaluation asks it."""
        found: WrappedEstimator = self._asked[name].wrapped(self._base.estimator.for_target(name))
        return found


def asked_targets(
    model: Any,
    X: Any,
    Y: pd.DataFrame,
    how: Any,
    positive: Label | Mapping[str, Label] | None,
    ask: Callable[..., Any],
) -> dict[str, Any]:
    """What is asked of each target.

    Parameters
    ----------
    model : estimator
        With ``for_target`` when it is fitted, such as those of thalweg.
    X : table
    Y : DataFrame
    how : str, splitter or pairs of row numbers
    positive : label, or mapping of labels by target, optional
    ask : callable
        Understands a model with one target.

    Raises
    ------
    SettingsError
        For a model that has no views of single targets.
    """
    if not hasattr(model, "for_target"):
        raise SettingsError(
            f"A {type(model).__name__} gives no model of one of several targets",
            where=f"y has {counted(Y.shape[1], 'column')}",
            fix="evaluate one column at a time, or a ThalwegClassifier or ThalwegRegressor",
        )
    names = [str(name) for name in Y]
    if positive is None and isinstance(named := getattr(model, "positive", None), Mapping):
        positive = named  # which a thalweg model has for each label
    owns = {
        name: positive.get(name) if isinstance(positive, Mapping) else positive for name in names
    }
    if isinstance(how, str) and how == "given":
        return {name: ask(model.for_target(name), y=Y[name], positive=owns[name]) for name in names}
    fresh = copy_of(model)
    asked = {name: ask(fresh, y=Y[name], positive=owns[name]) for name in names}
    fits = JointFits(lambda seed: _JointWrapped(model, X, asked), _typed(Y, asked))
    strata = _strata(model, X, Y, next(iter(asked.values())).groups)

    def maker(name: str) -> Callable[[int], Any]:
        return lambda seed: fits.one(name, seed)

    return {name: replace(each, make=maker(name), strata=strata) for name, each in asked.items()}


def _typed(Y: pd.DataFrame, asked: Mapping[str, Any]) -> pd.DataFrame:
    """The targets as they were understood, under the numbers of the rows."""
    return pd.DataFrame({name: each.y for name, each in asked.items()}, places_table(len(Y)).index)


def _strata(model: Any, X: Any, Y: pd.DataFrame, groups: np.ndarray | None) -> np.ndarray | None:
    if predicts_numbers(model):
        return None
    try:
        table = table_of(X)
        matrix = infer_schema(table).matrix(table)
    except DataError:  # said where the table is needed as numbers
        matrix = np.arange(len(Y), dtype=np.float64)[:, np.newaxis]
    names = [str(name) for name in Y]
    codes = np.column_stack([Y[name].to_numpy() == Y[name].min() for name in names])
    return joint_strata(codes, names, matrix, None if groups is None else groups.astype(str))
