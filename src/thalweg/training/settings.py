"""How to descend, as plain values and as text: ``"adam:lr=0.01,beta_2=0.95,schedule=cosine"``."""

import math
from dataclasses import dataclass

from thalweg.errors import SettingsError
from thalweg.network.rules import RULES, Rule, rule
from thalweg.training.schedules import SCHEDULES

_EXAMPLE = 'write for example "sgd:lr=0.1,momentum=0.9,schedule=cosine"'


@dataclass(frozen=True)
class Optimizer:
    """A rule of descent with its rate, its constants and its schedule.

    Attributes
    ----------
    rule : str
    rate : float
        The learning rate η, > 0.
    constants : tuple of float
        The rule's own, in its order.
    schedule : str
    """

    rule: str
    rate: float
    constants: tuple[float, ...]
    schedule: str = "constant"

    @property
    def formula(self) -> Rule:
        """The rule itself."""
        return rule(self.rule)

    def __str__(self) -> str:
        """The text that ``parse_optimizer`` reads, with what is not the rule's default."""
        parts = [f"lr={self.rate!r}"] if self.rate != self.formula.rate else []
        for (name, default), value in zip(
            self.formula.constants.items(), self.constants, strict=True
        ):
            if value != default:
                parts.append(f"{name}={value!r}")
        if self.schedule != "constant":
            parts.append(f"schedule={self.schedule}")
        return f"{self.rule}:{','.join(parts)}" if parts else self.rule


@dataclass(frozen=True)
class Settings:
    """All that ``train`` wants to know beside the network and the data.

    Attributes
    ----------
    optimizer : Optimizer
    batch_size : int or None
        Rows a step; ``None`` takes all rows in every step.
    max_epochs : int
        Length of the schedule in epochs, and the limit.
    stop_after : int or None
        End after this epoch though the schedule is longer; without held-out rows it is returned.
    patience : int or None
        End when so many epochs in a row did not lower the best loss by more than ``tol``.
    tol : float
    seed : int
        Of the order of the rows, and of dropout.
    l1 : float
        Weight of the other penalty: l1 / Σ w · Σ |W| is added to the loss.
    dropout : float
        The share of every hidden layer's outputs that a step sets to 0 (``engine.Objective``).
    label_smoothing : float
        How far the targets of training are moved towards the middle; held-out rows keep theirs.
    time_limit : float or None
        End after so many seconds, at the next look between two slices of steps.
    """

    optimizer: Optimizer
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


def parse_optimizer(text: str, rate: float | None = None) -> Optimizer:
    """Read the text form of an optimizer.

    Parameters
    ----------
    text : str
        ``RULE`` or ``RULE:name=value,…``; the names are ``lr``, ``schedule`` and the rule's
        constants.
    rate : float, optional
        The learning rate, where it is said apart from the text.

    Returns
    -------
    Optimizer

    Raises
    ------
    SettingsError
        Where the text has no meaning; it says which part.

    Examples
    --------
    >>> str(parse_optimizer("adam: beta_2=0.95, lr=1e-2"))
    'adam:lr=0.01,beta_2=0.95'
    """
    name, _, rest = text.partition(":")
    formula = RULES.get(name.strip())
    if formula is None:
        raise _unknown("rule of descent", name.strip(), text, list(RULES))
    given = _assignments(rest, text)
    schedule = given.pop("schedule", "constant")
    if schedule not in SCHEDULES:
        raise _unknown("schedule", schedule, text, list(SCHEDULES))
    if "lr" in given and rate is not None:
        raise SettingsError(
            "The learning rate is given twice",
            where=f"lr={given['lr']} in {text!r}, and {rate}",
            fix="give it once",
        )
    if "lr" in given:
        rate = _number("lr", given.pop("lr"), text)
    chosen = dict(formula.constants)
    for constant, value in given.items():
        if constant not in chosen:
            names = ["lr", "schedule", *chosen]
            raise _unknown(f"setting of {formula.name}", constant, text, names)
        chosen[constant] = _number(constant, value, text, below=1.0)
    rate = formula.rate if rate is None else rate
    if not (math.isfinite(rate) and rate > 0):
        raise SettingsError(
            f"A learning rate of {rate} leads nowhere", where=repr(text), fix="give one above 0"
        )
    return Optimizer(formula.name, float(rate), tuple(chosen.values()), schedule)


def _assignments(rest: str, text: str) -> dict[str, str]:
    """The ``name=value`` pairs behind the colon."""
    given: dict[str, str] = {}
    for part in rest.split(",") if rest.strip() else []:
        name, equals, value = (each.strip() for each in part.partition("="))
        if not (name and equals and value):
            raise SettingsError(
                f"{part.strip()!r} is not name=value", where=repr(text), fix=_EXAMPLE
            )
        if name in given:
            raise SettingsError(f"{name} is given twice", where=repr(text), fix="give it once")
        given[name] = value
    return given


def _number(name: str, value: str, text: str, below: float = math.inf) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < below:
        limit = f"from 0 to below {below:g}" if below < math.inf else "from 0 on"
        raise SettingsError(
            f"{name}={value} has no meaning", where=repr(text), fix=f"give a number {limit}"
        )
    return number


def _unknown(kind: str, name: str, text: str, known: list[str]) -> SettingsError:
    return SettingsError(
        f"There is no {kind} {name!r}", where=repr(text), fix=f"take one of {', '.join(known)}"
    )
