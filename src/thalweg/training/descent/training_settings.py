"""The text form of an optimizer, such as ``"adam:lr=0.01,schedule=cosine"``: parse and print.

The grammar, with spaces allowed anywhere::

    RULE                       all defaults
    RULE:name=value,…          in any order, each name once
    schedule=NAME              the schedule with its default constants
    schedule=NAME(name=value,…)

The printed text leaves out all defaults, has one fixed order, and means the same when it is read.
"""

import math
import re
from dataclasses import dataclass, replace

from thalweg.errors import SettingsError
from thalweg.network.formulas.rules import RULES, Rule
from thalweg.training.descent.optimizer_settings import (
    AVERAGE,
    BLOCK,
    CLIP,
    CONSTANTS,
    DECAY,
    FACTOR,
    GROUPS,
    HISTORY,
    RATE,
    RULE_CONSTANT,
    Lbfgs,
    Optimizer,
    no_setting_of_lbfgs,
)
from thalweg.training.descent.schedules import SCHEDULES, WARMUP, Plan, Range
from thalweg.wording import parameter, shown

# More than any fit ends in; schedules compute with epochs in 64 bits.
MOST_EPOCHS = 10**9

# The allowed values of the numbers in ``Settings``.
RANGES = {
    "batch_size": Range(1, whole=True),
    "max_epochs": Range(1, MOST_EPOCHS, "[]", whole=True),
    "stop_after": Range(1, MOST_EPOCHS, "[]", whole=True),
    "patience": Range(1, whole=True),
    "tol": Range(0),
    "seed": Range(0, 2**64, whole=True),
    "l1": Range(0),
    "dropout": Range(0, 1),
    "label_smoothing": Range(0, 1),
    "time_limit": Range(0),
}
_MAY_BE_NONE = ("batch_size", "stop_after", "patience", "time_limit")

_EXAMPLE = 'write for example "sgd:lr=0.1,momentum=0.9,schedule=cosine"'


@dataclass(frozen=True)
class Settings:
    """All settings of ``train`` besides the network and the data.

    Attributes
    ----------
    optimizer : Optimizer or Lbfgs
    batch_size : int or None
        Rows in a batch; ``None`` uses all rows in every step, which L-BFGS requires.
    max_epochs : int
        The length of the schedule, and the largest number of epochs.
    stop_after : int or None
        Stop after this epoch, within a longer schedule; without held-out rows it is returned.
    patience : int or None
        Early stopping: stop after so many epochs in a row in which the best loss did not fall by
        more than ``tol``.
    tol : float
    seed : int
        The random seed of the order of the rows, and of dropout.
    l1 : float
        The other penalty: l1 / Σ w · Σ |W| is added to the loss.
    dropout : float
        The share of every hidden layer's outputs that a step sets to 0 (``engine.Objective``).
    label_smoothing : float
        How far the training targets are moved towards the middle; held-out rows are unchanged.
    time_limit : float or None
        Stop after so many seconds, at the next check between two slices of steps.

    Raises
    ------
    SettingsError
        For an invalid number (``RANGES``); for a ``stop_after`` beyond the schedule; for L-BFGS
        with batches or with dropout.
    """

    optimizer: Optimizer | Lbfgs
    batch_size: int | None
    max_epochs: int
    stop_after: int | None = None
    patience: int | None = None
    tol: float = 0.0
    seed: int = 0
    l1: float = 0.0
    dropout: float = 0.0
    label_smoothing: float = 0.0
    time_limit: float | None = None

    def __post_init__(self) -> None:
        for name, span in RANGES.items():
            value, may_be_none = getattr(self, name), name in _MAY_BE_NONE
            if not (may_be_none if value is None else span.is_of(value)):
                raise SettingsError(
                    f"{name}={shown(value)} has no meaning",
                    fix=f"give {span}{', or None' if may_be_none else ''}",
                )
        if self.stop_after is not None and self.stop_after > self.max_epochs:
            raise SettingsError(
                f"stop_after={self.stop_after} is larger than the {self.max_epochs} epochs of the "
                "schedule",
                why="The schedule has no learning rates after its end",
                fix="raise max_epochs, or lower stop_after",
            )
        if isinstance(self.optimizer, Lbfgs):
            why = "Its line search and its curvature need the same loss at every evaluation"
            if self.batch_size is not None:
                raise SettingsError(
                    f"L-BFGS cannot train on batches of {self.batch_size} rows",
                    why=why,
                    fix="use all rows in every step, or take another optimizer",
                )
            if self.dropout:
                raise SettingsError(
                    f"L-BFGS cannot train with a dropout of {self.dropout:g}",
                    why=why,
                    fix="set dropout to 0, or take another optimizer",
                )


def parse_optimizer(text: str) -> Optimizer | Lbfgs:
    """Read the text form of an optimizer.

    Parameters
    ----------
    text : str
        ``RULE`` or ``RULE:name=value,…``. The names are ``lr``, the rule's constants,
        ``schedule``, ``warmup``, ``decay``, ``clip``, ``average``, ``scales``, and for factors of
        the rate ``biases``, ``first``, ``last`` and blocks of θ such as ``W2``; ``lbfgs`` has
        ``history`` alone.

    Returns
    -------
    Optimizer or Lbfgs

    Raises
    ------
    SettingsError
        If the text is not valid; the message says which part, and what is possible.

    Examples
    --------
    >>> str(parse_optimizer("adam: schedule=step(every=0.25, factor=0.1), beta_2=0.95, lr=1e-2"))
    'adam:lr=0.01,beta_2=0.95,schedule=step(factor=0.1)'
    """
    name, _, rest = text.partition(":")
    name, given = name.strip(), _assignments(rest, text)
    if name == "lbfgs":
        return _lbfgs(given, text)
    if name not in RULES:
        raise _unknown("optimizer", name, text, [*RULES, "lbfgs"])
    formula = RULES[name]

    def take(setting: str, usual: float, span: Range) -> float:
        return span.read(setting, given.pop(setting), repr(text)) if setting in given else usual

    plan = _plan(given.pop("schedule", "constant"), text)
    return Optimizer(
        name,
        take("lr", formula.rate, RATE),
        tuple(
            take(key, usual, CONSTANTS.get(key, RULE_CONSTANT))
            for key, usual in formula.constants.items()
        ),
        replace(plan, warmup=take("warmup", WARMUP.default, WARMUP.range)),
        take("decay", formula.decay, DECAY),
        take("clip", math.inf, CLIP),
        average=take("average", 0.0, AVERAGE),
        scales=take("scales", 0.0, FACTOR),
        factors=_factors(given, formula, plan, text),
    )


def optimizer_from(text: str, rate: float | None, decay: float | None) -> Optimizer | Lbfgs:
    """The optimizer of a text, with another rate and another decay where they are given.

    Raises
    ------
    SettingsError
        Where one of them has no meaning, or no meaning for L-BFGS.
    """
    optimizer = parse_optimizer(text)
    if rate is not None:
        optimizer = optimizer.at_rate(float(rate))
    if decay is not None:
        if isinstance(optimizer, Lbfgs):
            raise SettingsError(
                f"L-BFGS cannot descend with {parameter('weight_decay', decay)}",
                why="Decoupled decay moves θ off the line that is searched",
                fix=f"leave it out and set {parameter('alpha')}, or take another rule",
            )
        optimizer = replace(optimizer, decay=float(decay))
    return optimizer


def _assignments(rest: str, text: str) -> dict[str, str]:
    """The ``name=value`` pairs of a list; a comma inside brackets belongs to the value."""
    parts, depth = [""], 0
    for sign in rest:
        depth = max(0, depth + (sign == "(") - (sign == ")"))
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    given: dict[str, str] = {}
    for part in parts if rest.strip() else []:
        name, equals, value = (each.strip() for each in part.partition("="))
        if not (name and equals and value):
            raise SettingsError(
                f"{part.strip()!r} is not name=value", where=repr(text), fix=_EXAMPLE
            )
        if name in given:
            raise SettingsError(f"{name} is given twice", where=repr(text), fix="give it once")
        given[name] = value
    return given


def _plan(form: str, text: str) -> Plan:
    """A schedule: its name, and the constants that are given in brackets."""
    match = re.fullmatch(r"([^()]*)(?:\(([^()]*)\))?", form)
    if match is None:
        raise SettingsError(
            f"schedule={form} cannot be read: its brackets do not match",
            where=repr(text),
            fix="write for example schedule=step(factor=0.1,every=0.3)",
        )
    name, given = match[1].strip(), _assignments(match[2] or "", text)
    if name not in SCHEDULES:
        raise _unknown("schedule", name, text, list(SCHEDULES))
    constants = SCHEDULES[name].constants
    for constant in given:
        if not constants:
            raise SettingsError(
                f"The schedule {name} has no constants", where=repr(text), fix=f"write {name} alone"
            )
        if constant not in constants:
            raise _unknown(f"constant of the schedule {name}", constant, text, list(constants))
    return Plan(
        name,
        tuple(
            each.range.read(key, given[key], repr(text)) if key in given else each.default
            for key, each in constants.items()
        ),
    )


def _factors(
    given: dict[str, str], formula: Rule, plan: Plan, text: str
) -> tuple[tuple[str, float], ...]:
    """The remaining settings: factors of the rate, in their order."""
    for name in given:
        if name in plan.formula.constants:
            raise SettingsError(
                f"{name} is a constant of the schedule",
                where=repr(text),
                fix=f"write schedule={plan.name}({name}={given[name]})",
            )
        if name not in GROUPS and not BLOCK.fullmatch(name):
            known = [
                "lr",
                *formula.constants,
                "schedule",
                "warmup",
                "decay",
                "clip",
                "average",
                "scales",
                *GROUPS,
            ]
            raise _unknown(
                f"setting of {formula.name}", name, text, [*known, "or a block of θ such as W2"]
            )
    order = sorted(
        given,
        key=lambda name: (
            (0, GROUPS.index(name), "") if name in GROUPS else (1, int(name[1:]), name)
        ),
    )
    factors = ((name, FACTOR.read(name, given[name], repr(text))) for name in order)
    return tuple((name, factor) for name, factor in factors if factor != 1)


def _lbfgs(given: dict[str, str], text: str) -> Lbfgs:
    for name in given:
        if name != "history":
            raise no_setting_of_lbfgs(name, repr(text))
    if "history" not in given:
        return Lbfgs()
    return Lbfgs(int(HISTORY.read("history", given["history"], repr(text))))


def _unknown(kind: str, name: str, text: str, known: list[str]) -> SettingsError:
    return SettingsError(
        f"There is no {kind} {name!r}", where=repr(text), fix=f"take one of {', '.join(known)}"
    )
