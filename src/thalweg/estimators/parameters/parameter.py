"""What is said of one parameter of the estimators: what it may be, what it means, how it is kept.

The table itself is `thalweg.estimators.parameters.parameter_table`. Nothing here loads more than
NumPy, so that the command line can read the table before it knows what is asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.training.descent.schedules import Range

# What the arguments of the estimators may be, where that is more than one of Python's own types.
Sizes: TypeAlias = int | Sequence[int] | NDArray[np.integer]
Seed: TypeAlias = "int | np.random.RandomState | None"  # read late: NumPy loads it late, too
Scorer: TypeAlias = str | Callable[..., float] | None
Costs: TypeAlias = Mapping[Any, float] | str | None
# What any of them may be set to; which of these it is, its row says.
Setting: TypeAlias = Any
Settings: TypeAlias = Mapping[str, Setting]

CLASSIFIER, REGRESSOR = "classifier", "regressor"
BOTH = (CLASSIFIER, REGRESSOR)


@dataclass(frozen=True)
class Words:
    """Some words, each with a meaning of its own."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, *words: str) -> "Words":
        """These words."""
        return cls(words)

    def __str__(self) -> str:
        said = ", ".join(f'"{word}"' for word in self.words)
        return f"{{{said}}}" if len(self.words) > 1 else said


class Special(Enum):
    """What is neither words nor numbers."""

    SIZES = "sizes"
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
    COLUMNS = "columns"
    NOTATIONS = "notations"


# How a docstring calls it.
_TYPES = {
    Special.SIZES: "tuple of int",
    Special.SWITCH: "bool",
    Special.NONE: "None",
    Special.OPTIMIZER: "str",
    Special.LOSS: "str",
    Special.SEED: "int, RandomState instance",
    Special.VERBOSE: "int",
    Special.SCORER: "str, callable",
    Special.CALLBACKS: "list of thalweg.training.callbacks.Callback",
    Special.COSTS: "dict",
    Special.LABEL: "label",
    Special.COLUMNS: "list of str",
    Special.NOTATIONS: "dict",
}

Kind: TypeAlias = Words | Range | Special


class KeptAs(Enum):
    """How ``settings_`` and a model file keep a parameter."""

    AS_IT_IS = "as it is"
    SIZES = "as a list of whole numbers"
    COSTS = "as pairs of a label and a number: the keys of JSON are texts, and labels need not be"
    COLUMNS = "as names of columns as text, and only where some are named"
    SCORER = "by its name; a function cannot be kept, so that a loaded model has None"
    NOT = "not at all: it decides nothing of what a fit comes to, or stands elsewhere"


@dataclass(frozen=True)
class Option:
    """How the verbs that train take a parameter.

    Attributes
    ----------
    flag, metavar, help : str
    words : mapping of str to Setting
        Words of the command line for values; without them the parameter's own words are meant.
    default : str
        What the help says; empty for the parameter's own default.
    """

    flag: str
    metavar: str
    help: str
    words: tuple[tuple[str, Setting], ...] = ()
    default: str = ""


@dataclass(frozen=True)
class NoOption:
    """Why no verb that trains takes a parameter, and the flag that does its work, if there is one.

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
        For people, as numpydoc has it; lines may be of any length.
    option : Option or NoOption
    said : str
        What a summary calls it; empty where a summary says nothing of it.
    kept : KeptAs
    settled : bool
        Whether fitted networks have settled it: what goes on from them cannot heed a change.
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
    def type(self) -> str:
        """What it may be, as a docstring says it: ``int or "auto"``."""
        said = dict.fromkeys(type_of(kind) for kind in self.allowed)  # each once, in order
        *first, last = said
        return f"{', '.join(first)} or {last}" if first else last

    @property
    def range(self) -> str:
        """The numbers that it may be, in words; empty where it is none."""
        return ", or ".join(str(kind) for kind in self.allowed if isinstance(kind, Range))

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it may be."""
        return tuple(
            word for kind in self.allowed if isinstance(kind, Words) for word in kind.words
        )


def type_of(kind: Kind) -> str:
    """How a docstring calls a kind."""
    if isinstance(kind, Range):
        return "int" if kind.whole else "float"
    return str(kind) if isinstance(kind, Words) else _TYPES[kind]
