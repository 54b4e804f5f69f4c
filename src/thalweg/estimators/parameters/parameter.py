"""The description of an estimator parameter: allowed values, meaning, option, storage.

The table itself is `thalweg.estimators.parameters.parameter_table`. This module imports nothing
larger than NumPy, so that the command line can read the table before it parses its arguments.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from thalweg.training.descent.schedules import Range

# Types of estimator arguments that are more than one of Python's own types.
Sizes: TypeAlias = int | Sequence[int] | NDArray[np.integer]
Seed: TypeAlias = "int | np.random.RandomState | None"  # a string: NumPy loads this lazily
Scorer: TypeAlias = str | Callable[..., float] | None
# A loss of (z, y) in the words of `thalweg.elementary_functions`; it is called with symbols.
LossFunction: TypeAlias = Callable[[Any, Any], Any]
# The words of arguments that have a fixed set of them: the table reads them here, and so do type
# checkers and editors.
Auto: TypeAlias = Literal["auto"]
Calibrating: TypeAlias = Literal["none", "auto", "temperature", "affine"]
Activation: TypeAlias = Literal[
    "identity", "relu", "leaky_relu", "elu", "selu", "sigmoid", "softplus", "tanh", "silu", "gelu",
    "mish",
]  # fmt: skip
# One name for all hidden layers, or one for each.
Activations: TypeAlias = Activation | Sequence[Activation]
Balanced: TypeAlias = Literal["balanced"]
DType: TypeAlias = Literal["auto", "float32", "float64"]
EarlyStopping: TypeAlias = Literal["auto", "cross-validation", "folds", "hold-out"]
IntervalKind: TypeAlias = Literal["plain", "scaled"]
NumberScaling: TypeAlias = Literal["robust", "none"]
Preset: TypeAlias = Literal["quick", "default", "best"]
Unknown: TypeAlias = Literal["warn", "error", "ignore"]
Costs: TypeAlias = Mapping[Any, float] | Balanced | None
Labels: TypeAlias = Sequence[Any] | NDArray[Any] | None
# The value of any parameter; its row in the table says which values are allowed.
Setting: TypeAlias = Any
Settings: TypeAlias = Mapping[str, Setting]

CLASSIFIER, REGRESSOR = "classifier", "regressor"
BOTH = (CLASSIFIER, REGRESSOR)


@dataclass(frozen=True)
class Words:
    """Allowed words."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, literal: Any) -> "Words":
        """The words of a ``Literal`` type."""
        return cls(get_args(literal))

    def __str__(self) -> str:
        said = ", ".join(f'"{word}"' for word in self.words)
        return f"{{{said}}}" if len(self.words) > 1 else said


class Special(Enum):
    """Allowed values that are neither words nor numbers."""

    SIZES = "sizes"
    ACTIVATIONS = "activations"
    SWITCH = "switch"
    NONE = "none"
    OPTIMIZER = "optimizer"
    LOSS = "loss"
    SEED = "seed"
    VERBOSE = "verbose"
    SCORER = "scorer"
    CALLBACKS = "callbacks"
    COSTS = "costs"
    LABEL = "label"
    LABELS = "labels"
    COLUMNS = "columns"
    NOTATIONS = "notations"


# Their types in docstrings.
_TYPES = {
    Special.SIZES: "tuple of int",
    Special.ACTIVATIONS: "tuple of str",
    Special.SWITCH: "bool",
    Special.NONE: "None",
    Special.OPTIMIZER: "str",
    Special.LOSS: "str, callable",
    Special.SEED: "int, RandomState instance",
    Special.VERBOSE: "int",
    Special.SCORER: "str, callable",
    Special.CALLBACKS: "list of thalweg.training.callbacks.Callback",
    Special.COSTS: "dict",
    Special.LABEL: "label",
    Special.LABELS: "list of labels",
    Special.COLUMNS: "str, list of str",
    Special.NOTATIONS: "dict",
}

Kind: TypeAlias = Words | Range | Special


class KeptAs(Enum):
    """How ``settings_`` and a model file keep a parameter."""

    AS_IT_IS = "as it is"
    SIZES = "as a list of whole numbers"
    ACTIVATIONS = "as one name, or a list of names"
    COSTS = "as pairs of a label and a number, because JSON keys are texts and labels need not be"
    COLUMNS = "as names of columns as text, and only if some are named"
    CHANGED = "as it is, and only if it is not the default: older model files do not have it"
    LABELS = "as a list of labels, and only if it is not the default"
    SCORER = "by its name; a function cannot be stored, so that a loaded model has None"
    NOT = "not at all: it does not change the result of a fit, or is stored elsewhere"


@dataclass(frozen=True)
class Option:
    """The command line option of a parameter, for the verbs that train.

    Attributes
    ----------
    flag, metavar, help : str
    words : mapping of str to Setting
        Words of the command line for values; empty: the parameter's own words.
    default : str
        The default in the help text; empty: the parameter's own default.
    """

    flag: str
    metavar: str
    help: str
    words: tuple[tuple[str, Setting], ...] = ()
    default: str = ""


@dataclass(frozen=True)
class NoOption:
    """Why no verb that trains has an option for a parameter, and the flag that replaces it, if any.

    Attributes
    ----------
    why : str
    flag : str
    """

    why: str
    flag: str = ""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes
    ----------
    name : str
    allowed : tuple of Words, Range or Special
        It may be any of these.
    default : Setting
        The same for both estimators.
    meaning : str
        For the docstring, in numpydoc format; a line may have any length.
    option : Option or NoOption
    said : str
        Its name in summaries; empty if summaries leave it out.
    kept : KeptAs
    settled : bool
        Whether it is fixed for fitted networks: it cannot be changed when their training continues.
    of : tuple of str
        The estimators that have it.
    """

    name: str
    allowed: tuple[Kind, ...]
    default: Setting
    meaning: str
    option: Option | NoOption
    said: str = ""
    kept: KeptAs = KeptAs.AS_IT_IS
    settled: bool = False
    of: tuple[str, ...] = BOTH

    @property
    def has_switch(self) -> bool:
        """Whether true and false are values of their own, and not the numbers 1 and 0."""
        return not {Special.SWITCH, Special.LABEL}.isdisjoint(self.allowed)

    @property
    def type(self) -> str:
        """Its type in a docstring: ``int or "auto"``."""
        said = dict.fromkeys(type_of(kind) for kind in self.allowed)  # each once, in order
        *first, last = said
        return f"{', '.join(first)} or {last}" if first else last

    @property
    def range(self) -> str:
        """The allowed numbers in words; empty if none are allowed."""
        return ", or ".join(str(kind) for kind in self.allowed if isinstance(kind, Range))

    @property
    def words(self) -> tuple[str, ...]:
        """The allowed words."""
        return tuple(
            word for kind in self.allowed if isinstance(kind, Words) for word in kind.words
        )


def type_of(kind: Kind) -> str:
    """The type of a kind of values in a docstring."""
    if isinstance(kind, Range):
        return "int" if kind.whole else "float"
    return str(kind) if isinstance(kind, Words) else _TYPES[kind]


def spelled(parameter: Parameter, value: Setting) -> str:
    """A value of a parameter, as it is written on the command line."""
    words = parameter.option.words if isinstance(parameter.option, Option) else ()
    for word, meant in words:
        if meant == value and type(meant) is type(value):
            return word
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return ",".join(f"{label}={_number_text(cost)}" for label, cost in value.items())
    if isinstance(value, tuple | list):
        return ",".join(map(str, value))
    return _number_text(value) if isinstance(value, float) else str(value)


def _number_text(value: float) -> str:
    """The shortest text that is read as the same number."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))
