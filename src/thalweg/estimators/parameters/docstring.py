"""The parameters section of an estimator's docstring, written from the parameter table.

The source has the line `HERE` in its place. It is filled in when the class is created, so that
``help``, notebooks and editors show all parameters.
"""

import textwrap
from collections.abc import Callable
from typing import TypeVar

from thalweg.estimators.parameters.parameter import Parameter, Setting
from thalweg.estimators.parameters.parameter_table import parameters_of

Estimator = TypeVar("Estimator", bound=type)

HERE = "{parameters}"
_WIDTH = 100


def documented(kind: str) -> Callable[[Estimator], Estimator]:
    """A decorator that writes the parameters of a kind of estimator into a class's docstring."""

    def fill(estimator: Estimator) -> Estimator:
        if estimator.__doc__:  # python -OO removes docstrings
            estimator.__doc__ = filled(estimator.__doc__, kind)
        return estimator

    return fill


def filled(text: str, kind: str) -> str:
    """The text with all parameters of a kind in place of `HERE`, with its indentation."""
    if text.count(HERE) != 1:
        raise ValueError(f"the docstring must contain {HERE} once, in place of its parameters")
    (line,) = (line for line in text.splitlines() if HERE in line)
    indent = line[: len(line) - len(line.lstrip())]
    said = "\n".join(described(parameter, indent) for parameter in parameters_of(kind))
    return text.replace(indent + HERE, said)


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
