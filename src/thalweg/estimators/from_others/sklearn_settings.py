"""The settings of scikit-learn's MLPs and linear models as settings of thalweg's estimators.

Every difference of meaning becomes a note, a sentence for the reader. Read in scikit-learn 1.9.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

from thalweg.errors import SettingsError
from thalweg.estimators.from_others.given_weights import PLAIN
from thalweg.estimators.parameters.auto_by_width import hidden_units
from thalweg.estimators.parameters.parameter import Setting
from thalweg.wording import shown

# Rows of a batch for "auto" of scikit-learn, or all if there are fewer.
BATCH = 200
_ACTIVATIONS = {"logistic": "sigmoid", "identity": "identity", "tanh": "tanh", "relu": "relu"}
_LOSSES = {"squared_error": "squared_error", "poisson": "poisson"}
_NOTE_OF_CLASS_WEIGHT = (
    "class_weight weights the rows of a fit, and of fit_more, as in scikit-learn, but does not "
    "shift predict_proba: probabilities are those of the rows as they are, and the weights act in "
    "predict, as threshold_. Probabilities of a fitted LogisticRegression that comes over are "
    "shifted, as scikit-learn has them, until fit_more."
)


class Translated(NamedTuple):
    """Parameters of a thalweg estimator, and what differs from the estimator that they are of."""

    parameters: dict[str, Setting]
    notes: list[str]


def translated_mlp(mlp: MLPClassifier | MLPRegressor, n_rows: int | None) -> Translated:
    """The settings of a multi-layer perceptron.

    Parameters
    ----------
    mlp : MLPClassifier or MLPRegressor
    n_rows : int, optional
        The rows of its training: with them the penalty is translated exactly.
    """
    of_classes = isinstance(mlp, MLPClassifier)
    by_steps = mlp.solver != "lbfgs"
    found: dict[str, Setting] = {
        **PLAIN,
        "hidden_layer_sizes": hidden_units(mlp.hidden_layer_sizes),
        "activation": _looked_up(_ACTIVATIONS, "activation", mlp.activation),
        "optimizer": _optimizer(mlp),
        "max_iter": int(mlp.max_iter),
        "tol": float(mlp.tol),
        "random_state": mlp.random_state,
        "verbose": int(mlp.verbose),
        "warm_start": bool(mlp.warm_start),
    }
    notes = [
        "The same random_state gives other numbers: scikit-learn begins with uniform weights "
        "(Glorot), thalweg with normal ones (He for relu, Glorot for tanh and sigmoid).",
        "thalweg keeps the best epoch; scikit-learn keeps the last one, unless early_stopping is "
        "set.",
    ]
    found["alpha"], note = _alpha(mlp, n_rows)
    notes += [note] if note else []
    if not of_classes:
        found["loss"] = _looked_up(_LOSSES, "loss", getattr(mlp, "loss", "squared_error"))
        notes.append(
            "A fit of thalweg scales the target by its mean and standard deviation, so learning "
            "rate and tol are in units of it; predictions stay in the range of the training "
            "targets."
        )
    if by_steps:
        found |= _of_steps(mlp, n_rows)
        notes += _notes_of_steps(mlp)
    else:
        notes.append(
            "tol is the smallest improvement of the loss that counts, in scikit-learn's lbfgs a "
            "bound on the gradient; max_fun has no counterpart."
        )
    return Translated(found, notes)


def _optimizer(mlp: MLPClassifier | MLPRegressor) -> str:
    """The text of the optimizer; the learning rate is constant."""
    rate = float(mlp.learning_rate_init)
    if mlp.solver == "lbfgs":
        return "lbfgs"
    if mlp.solver == "adam":
        betas = f"beta_1={float(mlp.beta_1)!r},beta_2={float(mlp.beta_2)!r}"
        return f"adam:lr={rate!r},{betas},epsilon={float(mlp.epsilon)!r}"
    if mlp.solver != "sgd":
        raise _unknown("solver", mlp.solver, ("adam", "sgd", "lbfgs"))
    rule = "nesterov" if mlp.nesterovs_momentum and mlp.momentum > 0 else "sgd"
    return f"{rule}:lr={rate!r},momentum={float(mlp.momentum)!r}"


def _alpha(mlp: MLPClassifier | MLPRegressor, n_rows: int | None) -> tuple[float, str]:
    """The penalty, and what has to be said of it.

    scikit-learn adds α / (2 b) ‖W‖² to the mean loss of a batch of b rows, thalweg α / (2 n) ‖W‖²
    with all n rows, whatever the batch.
    """
    alpha = float(mlp.alpha)
    if mlp.solver == "lbfgs" or alpha == 0:
        return alpha, ""
    if n_rows is not None:
        return alpha * n_rows / min(n_rows, _rows_of_batch(mlp)), ""
    return alpha, (
        f"alpha is {alpha:g} as it was, which is weaker: scikit-learn divides the penalty by the "
        "rows of a batch, thalweg by all rows. Multiply alpha by rows / batch_size; "
        "from_sklearn(mlp, n_rows=len(X)) does."
    )


def _rows_of_batch(mlp: MLPClassifier | MLPRegressor) -> int:
    return BATCH if mlp.batch_size == "auto" else int(mlp.batch_size)


def _of_steps(mlp: MLPClassifier | MLPRegressor, n_rows: int | None) -> dict[str, Setting]:
    """The settings of the solvers that take steps: adam and sgd."""
    batch = _rows_of_batch(mlp)
    found: dict[str, Setting] = {
        "batch_size": batch if n_rows is None else min(batch, n_rows),
        # scikit-learn ends after more than so many epochs without an improvement.
        "n_iter_no_change": int(mlp.n_iter_no_change) + 1,
    }
    if mlp.early_stopping:
        found |= {
            "early_stopping": True,
            "validation_fraction": float(mlp.validation_fraction),
            "scoring": "accuracy" if isinstance(mlp, MLPClassifier) else "r2",
        }
    return found


def _notes_of_steps(mlp: MLPClassifier | MLPRegressor) -> list[str]:
    notes = [
        "n_iter_no_change is one more, because scikit-learn ends a fit after one epoch more than "
        "it says."
    ]
    if mlp.solver == "sgd" and mlp.learning_rate != "constant":
        near = "schedule=plateau" if mlp.learning_rate == "adaptive" else "schedule=cosine"
        notes.append(
            f"learning_rate={shown(mlp.learning_rate)} is not translated: the rate is constant. "
            f"A schedule is part of optimizer, such as {near}."
        )
    if not mlp.shuffle:
        notes.append("shuffle=False is not translated: thalweg takes the rows in a random order.")
    return notes


def translated_linear(model: LogisticRegression | Ridge | LinearRegression) -> Translated:
    """The settings of a linear model: a network without hidden layers, at its only minimum."""
    found: dict[str, Setting] = {**PLAIN, "hidden_layer_sizes": (), "optimizer": "lbfgs"}
    notes: list[str] = []
    if isinstance(model, LogisticRegression):
        found |= {
            "alpha": _alpha_of_logistic(model),
            "max_iter": int(model.max_iter),
            "class_weight": model.class_weight,
            "random_state": model.random_state,
        }
        if model.class_weight is not None:
            notes.append(_NOTE_OF_CLASS_WEIGHT)
        if model.solver != "lbfgs":
            notes.append(
                f"solver={shown(model.solver)} is L-BFGS here: the minimum is the same one."
            )
    elif isinstance(model, Ridge):
        found |= {"alpha": _scalar_alpha(model.alpha), "random_state": model.random_state}
    else:
        found["alpha"] = 0.0
    if getattr(model, "positive", False):
        raise SettingsError(
            "positive=True cannot be brought over", why="Weights of networks may be of either sign",
            fix="leave it out",
        )  # fmt: skip
    if not model.fit_intercept:
        notes.append("fit_intercept=False is not translated: training also learns an intercept.")
    return Translated(found, notes)


def _alpha_of_logistic(model: LogisticRegression) -> float:
    """1 / C: both minimise Σ loss + ‖W‖² / (2 C)."""
    of_l1: Any = getattr(model, "l1_ratio", None)
    penalty: Any = getattr(model, "penalty", "deprecated")
    if penalty in ("l1", "elasticnet") or (of_l1 not in (None, 0) and penalty == "deprecated"):
        raise SettingsError(
            "An L1 penalty of LogisticRegression cannot be brought over",
            why="Its minimum has a kink, which L-BFGS does not find",
            fix="take l1_ratio=0, or fit a ThalwegClassifier with l1 and hidden_layer_sizes=()",
        )
    C = float(model.C)
    return 0.0 if penalty is None or math.isinf(C) else 1.0 / C


def _scalar_alpha(alpha: Any) -> float:
    if isinstance(alpha, int | float) and not isinstance(alpha, bool):
        return float(alpha)
    raise SettingsError(
        "alpha of Ridge is not one number",
        why="The penalty of a network is one number for all weights",
        fix="give one number as alpha",
    )


def _looked_up(table: dict[str, str], name: str, value: object) -> str:
    if not isinstance(value, str) or value not in table:
        raise _unknown(name, value, tuple(table))
    return table[value]


def _unknown(name: str, value: object, known: Sequence[str]) -> SettingsError:
    return SettingsError(
        f"{name}={shown(value)} is none that can be brought over",
        fix=f"take one of {', '.join(known)}",
    )
