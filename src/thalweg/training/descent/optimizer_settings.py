"""The ``Optimizer``: an update rule with its learning rate, schedule and penalties.

The printed text leaves out all defaults and always has the same order;
`thalweg.training.descent.training_settings` reads it back.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture, Block
from thalweg.network.engine import Method
from thalweg.network.formulas.rules import Rule, rule
from thalweg.training.descent.schedules import STEADY, WARMUP, Plan, Range, Shares

RATE = Range(0, ends="()")
DECAY = Range(0)
CLIP = Range(0, ends="()")
# In epochs. A longer average than the longest training is a plain mean of all θ.
AVERAGE = Range(0, 1000, "[]")
# So wide that nobody needs more, while the product of all that apply stays finite.
FACTOR = Range(0, 1e6, "[]")
RULE_CONSTANT = Range(0, 1)
# In float32 the square of a gradient below about 1e-19 is 0 (a moment with a share of a thousandth:
# below 4e-18), and then ε is the only divisor: an ε of 0 gives 0 / 0, and a much smaller ε gives
# huge steps. Every other constant may be 0.
CONSTANTS = {"epsilon": Range(1e-17, 1)}
HISTORY = Range(1, 1000, "[]", whole=True)

# Names for several blocks of θ; a single block has its own name.
GROUPS = ("biases", "first", "last")
BLOCK = re.compile(r"[Wb][1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Optimizer:
    """An update rule with its learning rate, constants, schedule and further settings.

    Attributes
    ----------
    rule : str
    rate : float
        The learning rate η, > 0.
    constants : tuple of float
        The constants of the rule, in its order.
    schedule : Plan
        The learning rate schedule, warm-up included.
    decay : float
        Decoupled weight decay, as in `thalweg.network.engine.Method`.
    clip : float
        The largest norm of a gradient; infinite for no limit.
    factors : tuple of (str, float)
        Factors of the rate in some blocks of θ: in all ``biases``, in the ``first`` or the
        ``last`` layer, in a block by its name, such as ``W2``. Where several apply, they are
        multiplied. They are in this order, and none is 1.
    scales : float
        The factor of the rate for the scales of the inputs; 0 for none
        (`thalweg.network.formulas.input_scales`).
    average : float
        The time constant of the average of the weights, in epochs; 0 for no average
        (`thalweg.training.descent.weight_average`).
    """

    rule: str
    rate: float
    constants: tuple[float, ...]
    schedule: Plan = STEADY
    decay: float = 0.0
    clip: float = math.inf
    factors: tuple[tuple[str, float], ...] = ()
    average: float = 0.0
    scales: float = 0.0

    @property
    def formula(self) -> Rule:
        """The update rule."""
        return rule(self.rule)

    def at_rate(self, rate: float) -> "Optimizer":
        """The same with another learning rate; a SettingsError if it is not valid."""
        return replace(self, rate=RATE.require("lr", float(rate), repr(float(rate)), str(self)))

    def rates(self, first: int, count: int, total: int, watched: Sequence[float] = ()) -> Shares:
        """The learning rates of ``count`` steps: the rate times `schedules.Plan.shares`."""
        return self.rate * self.schedule.shares(first, count, total, watched)

    def method(self, architecture: Architecture) -> Method:
        """The method by which an engine moves θ.

        Raises
        ------
        SettingsError
            If a factor is for a block that this network does not have.
        """
        blocks = architecture.blocks
        names = [*GROUPS, *(block.name for block in blocks)]
        for name, _ in self.factors:
            if name not in names:
                raise SettingsError(
                    f"There is no block {name} in this network",
                    where=str(self),
                    fix=f"take one of {', '.join(names)}",
                )
        factors = tuple(
            math.prod(factor for name, factor in self.factors if name in _names(block, blocks))
            for block in blocks
        )
        return Method(
            self.formula,
            self.constants,
            self.decay,
            factors if self.factors else (),
            self.clip,
            self.scales,
        )

    def __str__(self) -> str:
        """The text that ``parse_optimizer`` reads, without defaults."""
        formula, plan = self.formula, self.schedule
        constants = zip(formula.constants, self.constants, formula.constants.values(), strict=True)
        parts = [
            *_said(("lr", self.rate, formula.rate), *constants),
            *([] if plan.name == STEADY.name else [f"schedule={plan_text(plan)}"]),
            *_said(
                ("warmup", plan.warmup, WARMUP.default),
                ("decay", self.decay, formula.decay),
                ("clip", self.clip, math.inf),
                ("average", self.average, 0.0),
                ("scales", self.scales, 0.0),
                *((name, factor, 1.0) for name, factor in self.factors),
            ),
        ]
        return f"{self.rule}:{','.join(parts)}" if parts else self.rule


@dataclass(frozen=True)
class Lbfgs:
    """L-BFGS (Liu & Nocedal 1989, Math. Programming 45), over all rows, by SciPy.

    It is not an update rule for single steps: a line search finds the length of a step, so there
    is no learning rate, and nothing that would scale one.

    Attributes
    ----------
    history : int
        How many pairs of steps and gradient changes approximate the curvature.
    """

    history: int = 10

    def __str__(self) -> str:
        """The text that ``parse_optimizer`` reads, without defaults."""
        return "lbfgs" if self == Lbfgs() else f"lbfgs:history={self.history}"

    def at_rate(self, rate: float) -> "Lbfgs":
        """A SettingsError: there is no rate."""
        raise no_setting_of_lbfgs("lr", f"{self}, and a learning rate of {rate}")


def no_setting_of_lbfgs(name: str, where: str) -> SettingsError:
    """The error for any L-BFGS setting other than its history."""
    return SettingsError(
        f"There is no setting of lbfgs {name!r}",
        where=where,
        why="Its line search finds the length of every step, so it has no learning rate and "
        "none of the settings that change one or average its steps",
        fix="leave it out; the only setting is history",
    )


def _said(*settings: tuple[str, float, float]) -> list[str]:
    """The ``name=value`` of all (name, value, default) that differ from the default."""
    return [
        f"{name}={repr(value).removesuffix('.0')}"
        for name, value, usual in settings
        if value != usual
    ]


def plan_text(plan: Plan) -> str:
    """A schedule as the text of an optimizer says it, its warm-up aside."""
    constants = zip(plan.formula.constants.items(), plan.constants, strict=True)
    said = _said(*((name, value, each.default) for (name, each), value in constants))
    return f"{plan.name}({','.join(said)})" if said else plan.name


def _names(block: Block, blocks: tuple[Block, ...]) -> set[str]:
    """The names of a block of θ in factors, such as ``first``, ``W1`` and ``biases``."""
    names = {block.name}
    if block.kind == "biases":
        names.add("biases")
    layer = block.name[1:]
    if layer == blocks[0].name[1:]:
        names.add("first")
    if layer == blocks[-1].name[1:]:
        names.add("last")
    return names
