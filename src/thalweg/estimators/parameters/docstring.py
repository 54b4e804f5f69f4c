"""What the docstrings of both estimators share: the parameters, and attributes of any fit.

The parameters are written from the parameter table. The source has the line `HERE` in their place,
and a line of `ATTRIBUTES` in the place of the attributes. They are filled in when the class is
created, so that ``help``, notebooks and editors show all of them.
"""

import inspect
import textwrap
from collections.abc import Callable
from typing import TypeVar

from thalweg.estimators.parameters.parameter import Parameter, Setting
from thalweg.estimators.parameters.parameter_table import parameters_of

Estimator = TypeVar("Estimator", bound=type)
Method = TypeVar("Method", bound=Callable[..., object])

HERE = "{parameters}"
_WIDTH = 100
# Attributes that both estimators have.
ATTRIBUTES = {
    "{attributes of networks}": """\
calibration_ : thalweg.estimators.deciding.fitted_calibration.FittedCalibration or None
    None if ``calibration`` is "none". Otherwise the ``map`` that corrects every prediction, or
    None for ``map``; with the ``reason``, the ``p_value`` of the test, and the number of
    out-of-fold rows.
members_ : tuple of thalweg.estimators.learning.fitted_networks.Network
    The networks, each with its encoder, θ, history, best epoch and status. Attributes below
    that are about a single network are about the first.
targets_ : tuple of str
    With several targets: their names, of columns or counted from 0. `for_target` gives a model
    of each.
theta_ : ndarray of shape (n_parameters,)
    All weights and biases of the network.
architecture_ : thalweg.network.architecture.Architecture
    The layout of ``theta_``.
encoder_ : thalweg.data.encoding.encoder.Encoder
schema_ : thalweg.data.schema.schema.Schema
history_ : list of dict
    One dict per epoch (`thalweg.training.history`). With "cross-validation",
    ``valid_loss`` is the mean over the folds. Of several targets, losses are means over them.
best_epoch_ : int
    The epoch whose weights are kept.
stopping_ : str
    How ``best_epoch_`` was found: "cross-validation", "folds", "hold-out", "validation"
    (``X_val`` of `fit`) or "none".
status_ : thalweg.errors.Status
    Why training of the first network ended; ``INTERRUPTED`` if Ctrl-C ended any of them
    (``members_`` has the status of each).
validation_scores_ : list of float
    With ``scoring``: the score of each epoch.""",
    "{attributes of folds}": """\
oof_rows_ : str
    What the three above are of; ``calibration_`` corrects none of them, because its map was
    fitted on them. Where the weights of those epochs would have been too much memory, or are
    not known, it is "stopped on these rows": then they are of the epochs that these rows chose,
    and too good.
importance_, feature_importances_ : DataFrame, and ndarray of shape (n_features_in_,)
    With ``importance=True``: which columns the networks lean on (docs/importance.md).""",
    "{attributes of layers}": """\
data_hash_ : str
    SHA-256 of the training table.
coefs_, intercepts_ : list of ndarray
    W and b of each layer as in scikit-learn: (n_in, n_out) and (n_out,), views.
loss_curve_ : list of float
    Training loss of each epoch.
loss_, best_loss_ : float
    The training loss of the last epoch, and the smallest of all, with the penalty.
best_validation_score_ : float
    With ``scoring``: the score of the held-out rows at the epoch that is kept.
out_activation_ : str
    What follows the last layer: "logistic", "softmax", "cumulative logistic", "identity" or
    "exp".
n_iter_ : int
    The number of epochs that were run.
n_layers_, n_outputs_ : int
    The number of layers including the input layer, and of units in the last one.
n_features_in_ : int
feature_names_in_ : ndarray of str
    If the table had column names.""",
}


def documented(kind: str) -> Callable[[Estimator], Estimator]:
    """A decorator that writes the parameters of a kind of estimator into a class's docstring."""

    def fill(estimator: Estimator) -> Estimator:
        if estimator.__doc__:  # python -OO removes docstrings
            estimator.__doc__ = filled(estimator.__doc__, kind)
        return estimator

    return fill


def with_parameters_of(other: Callable[..., object]) -> Callable[[Method], Method]:
    """A decorator that takes over the docstring of another method, from its parameters on.

    Its parameters stand in the place of `HERE`, and what it returns and raises at the end.
    """

    def fill(method: Method) -> Method:
        if method.__doc__ and other.__doc__:
            _, _, after = inspect.cleandoc(other.__doc__).partition("Parameters\n----------\n")
            parameters, returns, rest = after.partition("\n\nReturns\n")
            text = inspect.cleandoc(method.__doc__)
            method.__doc__ = text.replace(HERE, parameters) + returns + rest
        return method

    return fill


def filled(text: str, kind: str) -> str:
    """The text with parameters and attributes of a kind in their places, with their indentation."""
    if text.count(HERE) != 1:
        raise ValueError(f"the docstring must contain {HERE} once, in place of its parameters")
    (line,) = (line for line in text.splitlines() if HERE in line)
    indent = line[: len(line) - len(line.lstrip())]
    said = "\n".join(described(parameter, indent) for parameter in parameters_of(kind))
    text = text.replace(indent + HERE, said)
    for place, attributes in ATTRIBUTES.items():
        text = text.replace(indent + place, textwrap.indent(attributes, indent))
    return text


def described(parameter: Parameter, indent: str = "") -> str:
    """A parameter in numpydoc format."""
    head = f"{indent}{parameter.name} : {parameter.type}, default {written(parameter.default)}"
    body = textwrap.fill(
        parameter.meaning,
        _WIDTH,
        initial_indent=f"{indent}    ",
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{head}\n{body}"


def written(value: Setting) -> str:
    """A default as Python writes it, texts in double quotes."""
    return f'"{value}"' if isinstance(value, str) else repr(value)
