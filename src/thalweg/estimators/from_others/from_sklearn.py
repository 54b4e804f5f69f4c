"""`from_sklearn`: an MLP or a linear model of scikit-learn as an estimator of thalweg."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    Ridge,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor

from thalweg.errors import DataError, SettingsError, ThalwegWarning, outer_level
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.from_others.folded_scalers import folded, parts_of
from thalweg.estimators.from_others.given_weights import (
    Layers,
    Model,
    as_classes_of,
    as_values,
    checked_layers,
    several_of,
    with_weights,
)
from thalweg.estimators.from_others.sklearn_settings import (
    Translated,
    translated_linear,
    translated_mlp,
)
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.several_outputs import OneOutput, SeveralOutputs
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.training.descent.training_settings import RANGES
from thalweg.wording import counted, printable, shown

_KNOWN = (MLPClassifier, MLPRegressor, LogisticRegression, Ridge, LinearRegression)
_NAMES = ", ".join(kind.__name__ for kind in _KNOWN)


def from_sklearn(estimator: object, *, n_rows: int | None = None) -> Model:
    """Bring a network of scikit-learn over: its fitted weights, or its settings.

    A fitted estimator becomes a fitted one with the same weights: predictions are equal, but for
    rounding. Numbers enter it as they are; scalers of a pipeline are folded into the first layer.
    No training row comes along, so there are no out-of-fold results, intervals or summaries of
    rows. Several targets have the names 0, 1, …. One that is not fitted gets its settings
    translated; a warning says what differs.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, LogisticRegression, Ridge or LinearRegression
        Or a ``Pipeline`` of scalers (StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler) and
        one of them.
    n_rows : int, optional
        For an estimator that is not fitted: the rows that it will be fitted on. scikit-learn's
        penalty is α / (2 b) ‖W‖² for batches of b rows, thalweg's α / (2 n) ‖W‖² for all n rows.

    Returns
    -------
    ThalwegClassifier or ThalwegRegressor
        Its ``translation_notes`` has each difference of meaning, a sentence each.

    Raises
    ------
    SettingsError, DataError
        If it is another estimator, a pipeline with other steps, or has weights that are no finite
        numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neural_network import MLPClassifier
    >>> from thalweg import from_sklearn
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, y)
    >>> model = from_sklearn(mlp)
    >>> bool(np.allclose(model.predict_proba(X), mlp.predict_proba(X), rtol=0, atol=1e-6))
    True
    """
    scalers, last = parts_of(estimator)
    _require_known(last, n_rows)
    weights = _weights_of(last)
    if weights is None:
        return _with_settings(last, scalers, n_rows)
    found = _translated(last, _rows_of_fit(last))
    found.notes.extend(_of_one_column(last))
    layers = folded(checked_layers(weights.layers, type(last).__name__), scalers)
    if scalers:
        found.notes.append(
            "The scalers of the pipeline are part of the first layer. A new fit, as in "
            "thalweg.evaluate(model, X, y), has none and takes numbers as they are; set "
            'scaling="robust" before it.'
        )
    model = _made(last, found)
    return with_weights(model, layers, weights.outputs, _names_of(estimator, last, scalers))


def _of_one_column(last: Any) -> list[str]:
    """A note on the shape of predictions, of a linear model of a target of shape (n, 1)."""
    if not isinstance(last, LinearRegression | Ridge) or np.shape(last.coef_)[:-1] != (1,):
        return []
    return [
        "y had one column, so scikit-learn predicts the shape (n_samples, 1); predictions here "
        "have the shape (n_samples,)."
    ]


def _require_known(last: object, n_rows: object) -> None:
    """Raise a SettingsError for an estimator, or a number of rows, that has no meaning here."""
    if isinstance(last, LogisticRegressionCV):
        values = set(np.ravel(getattr(last, "C_", ())).tolist())
        best = f"C={values.pop():.10g}" if len(values) == 1 else "C=…"
        raise SettingsError(
            "A LogisticRegressionCV cannot be brought over",
            why="It is a search for C, and a network has one penalty",
            fix=f"fit a LogisticRegression({best}) with the C that it found, and give that",
        )
    if not isinstance(last, _KNOWN):
        name = printable(type(last).__name__)
        if name.endswith("SearchCV"):
            raise SettingsError(
                f"A {name} cannot be brought over",
                why="It is a search, and what it found is an estimator of its own",
                fix="give what it found: thalweg.from_sklearn(search.best_estimator_)",
            )
        raise SettingsError(
            f"{'An' if name[:1] in 'AEIOU' else 'A'} {name} cannot be brought over",
            why=f"Only dense networks and linear models can: {_NAMES}, and a Pipeline of scalers "
            "and one of them",
            fix="give one of these; a network of PyTorch comes over with thalweg.from_torch",
        )
    if n_rows is not None and not RANGES["batch_size"].is_of(n_rows):
        raise SettingsError(
            f"n_rows={shown(n_rows)} is no number of rows", fix="give n_rows=len(X), or leave it"
        )


def _with_settings(last: object, scalers: Sequence[object], n_rows: int | None) -> Model:
    """An estimator that is not fitted, with translated settings; warns of what differs."""
    found = _translated(last, n_rows)
    if scalers:
        found.parameters["scaling"] = "robust"
        found.notes.append(
            "The scalers of the pipeline are not fitted: numbers are scaled by median and "
            "interquartile range instead."
        )
    else:
        found.notes.append(
            'Numbers enter as they are (scaling="none"), as in scikit-learn. Most tables are '
            'learned better with scaling="robust".'
        )
    _warn(type(last).__name__, found.notes)
    return _made(last, found)


@dataclass(frozen=True)
class _Weights:
    """The layers of a fitted estimator, and what its outputs mean."""

    layers: Sequence[tuple[object, object]]
    outputs: OneOutput | SeveralOutputs


def _weights_of(last: Any) -> _Weights | None:
    """The weights of a fitted estimator; None if it is not fitted."""
    if isinstance(last, MLPClassifier | MLPRegressor):
        if not hasattr(last, "coefs_"):
            return None
        layers: Layers = _layers_of_mlp(last)
    else:
        if not hasattr(last, "coef_"):
            return None
        W = np.atleast_2d(np.asarray(last.coef_))
        layers = [(W, np.broadcast_to(np.ravel(last.intercept_), len(W)))]
    if isinstance(last, MLPClassifier | LogisticRegression):
        return _Weights(layers, _classes_of(last, len(layers[-1][0])))
    n_outputs = len(layers[-1][0])
    number = as_values(getattr(last, "loss", "squared_error"))
    return _Weights(layers, number if n_outputs == 1 else several_of([number] * n_outputs))


def _layers_of_mlp(last: Any) -> Layers:
    """W and b of each layer of a fitted MLP; an error if its attributes contradict each other."""
    coefs, intercepts = last.coefs_, getattr(last, "intercepts_", None)
    if not isinstance(coefs, list | tuple) or not isinstance(intercepts, list | tuple):
        raise _spoilt("coefs_ and intercepts_ are not lists of arrays")
    if not coefs or len(coefs) != len(intercepts):
        raise _spoilt(f"{len(coefs)} arrays in coefs_ and {len(intercepts)} in intercepts_")
    pairs = [(np.asanyarray(W).T, b) for W, b in zip(coefs, intercepts, strict=True)]
    layers = checked_layers(pairs, type(last).__name__)
    n_inputs, n_outputs = layers[0][0].shape[1], len(layers[-1][0])
    if getattr(last, "n_features_in_", n_inputs) != n_inputs:
        raise _spoilt(f"the first layer takes {counted(n_inputs, 'input')}, not n_features_in_")
    usual: tuple[str, ...] = ("exp",) if getattr(last, "loss", "") == "poisson" else ("identity",)
    if isinstance(last, MLPClassifier):
        usual = ("logistic",) if n_outputs == 1 else ("softmax", "logistic")
    if getattr(last, "out_activation_", None) not in usual:
        raise _spoilt(f"out_activation_ is not {' or '.join(usual)}")
    return layers


def _spoilt(why: str) -> DataError:
    return DataError(
        "The attributes of the estimator are not those of a fitted one",
        why=f"Something changed them after the fit: {why}",
        fix="fit the estimator again, and leave its attributes as they are",
    )


def _classes_of(last: Any, n_outputs: int) -> Classes | SeveralOutputs:
    """The classes of a fitted classifier, whose outputs are logits of a softmax or of two."""
    labels = np.asarray(last.classes_)
    if isinstance(last, MLPClassifier):
        if last.out_activation_ == "logistic" and n_outputs > 1:
            # The columns of an indicator: each label is 0 or 1.
            return several_of([as_classes_of([0, 1])] * n_outputs)
    elif len(labels) > 2 and (
        last.solver == "liblinear" or getattr(last, "multi_class", "auto") == "ovr"
    ):
        raise SettingsError(
            "A LogisticRegression of one class against the rest cannot be brought over",
            why="Its probabilities are not those of a softmax",
            fix='fit it with solver="lbfgs"',
        )
    classes = as_classes_of(labels)
    if classes.n_outputs != n_outputs:
        raise SettingsError(
            f"{counted(len(labels), 'class', 'classes')} and {counted(n_outputs, 'output')} do not "
            "belong to each other",
            fix="fit the estimator again",
        )
    return classes


def _rows_of_fit(last: Any) -> int | None:
    """The training rows of a fitted MLP, from its count of samples; None if it has none."""
    if not isinstance(last, MLPClassifier | MLPRegressor):
        return None
    seen, epochs = getattr(last, "t_", 0), getattr(last, "n_iter_", 0)
    if not all(isinstance(each, int | float | np.number) for each in (seen, epochs)):
        raise _spoilt("t_ or n_iter_ is no number")
    return max(1, round(seen / epochs)) if seen and epochs else None


def _require_valid(last: Any) -> None:
    """Raise a SettingsError for a setting that scikit-learn itself refuses in a fit."""
    try:
        last._validate_params()
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"A setting of the {type(last).__name__} is none that it can be fitted with",
            why=str(error)[:300],
            fix="set it to a value that scikit-learn takes",
        ) from error


def _translated(last: Any, n_rows: int | None) -> Translated:
    if isinstance(last, MLPClassifier | MLPRegressor):
        try:
            found = translated_mlp(last, n_rows)
        except SettingsError:
            raise
        except (TypeError, ValueError, ArithmeticError):
            _require_valid(last)
            raise
        _require_valid(last)
        return found
    return translated_linear(last)


def _made(last: Any, found: Translated) -> Model:
    of_classes = isinstance(last, MLPClassifier | LogisticRegression)
    kind = ThalwegClassifier if of_classes else ThalwegRegressor
    model: Model = kind(**found.parameters)
    model.translation_notes = tuple(found.notes)
    return model


def _names_of(estimator: Any, last: Any, scalers: Sequence[object]) -> Sequence[str] | None:
    """The names of the columns, as the first step saw them; None if it saw none."""
    first: Any = scalers[0] if scalers else last
    names = getattr(first, "feature_names_in_", getattr(estimator, "feature_names_in_", None))
    return None if names is None else np.asarray(names).tolist()


def _warn(name: str, notes: Sequence[str]) -> None:
    said = "\n".join(f"- {note}" for note in notes)
    warnings.warn(
        f"The settings of this {name} are translated. What differs in meaning:\n{said}\n"
        "They stand in translation_notes, too.",
        ThalwegWarning,
        stacklevel=outer_level(),
    )
