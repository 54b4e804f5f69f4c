"""How landscape texts write shares, losses and optimizer settings in words."""

import math
from collections.abc import Sequence

from thalweg.network.formulas.losses import is_formula
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.training.descent.schedules import STEADY
from thalweg.training.descent.training_settings import parse_optimizer

# A larger factor is only called very large: its exact size says nothing more.
SENSE = 100.0
# Numbers in this range are written as plain decimals, others with a power of ten.
SMALLEST, LARGEST = 1e-4, 1e6
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NAMES = {
    "sgd": "plain descent",
    "nesterov": "Nesterov's momentum",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "NAdam",
    "lion": "Lion",
}


def percent(share: float, limits: Sequence[float] = ()) -> str:
    """A share as text with two digits; very small and very large ones are only bounded.

    A share above one of the ``limits`` that would be rounded to it has up to two more digits.
    """
    if not math.isfinite(share):
        return "an infinite amount"
    if share > SENSE:
        return f"more than {SENSE:.0f} times"
    if 0 < share < 0.0095:
        return "less than 1 %"
    below = max((limit for limit in limits if limit < share), default=-math.inf)
    for digits in range(3):
        said = f"{share:.{digits}%}"
        if float(said[:-1]) > float(f"{100 * below:.6g}"):
            return said.replace("%", " %")
    return f"just above {below:.0%}".replace("%", " %")


def times(factor: float) -> str:
    """A factor as text: "23 times"; very large ones are only bounded."""
    if not factor <= SENSE:
        return f"more than {SENSE:.0f} times"
    return f"{factor:.0f} times" if factor >= 9.95 else f"{factor:.2g} times"


def written(number: float, digits: int = 3) -> str:
    """A number to some significant digits: "0.0503", "12700", "1.27·10⁹"."""
    if not math.isfinite(number):
        return f"{number:g}"
    mantissa, _, power = f"{number:.{digits - 1}e}".partition("e")
    if number == 0 or SMALLEST <= abs(float(f"{mantissa}e{power}")) < LARGEST:
        # Six digits before the point need more than three; beyond 15 a float shows its binary form.
        return f"{float(f'{mantissa}e{power}'):.{min(digits + 4, max(digits, 15))}g}"
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}·10{str(int(power)).translate(_SUPERSCRIPT)}"


def loss_in_words(loss: str) -> str:
    """The loss that is a height; its name alone would say twice the number that is computed."""
    if is_formula(loss):
        return "own loss"
    return "half the squared error" if loss == "squared_error" else loss.replace("_", " ")


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def spoken(rule: str, *, settings: bool = True) -> str:
    """A training run in words, from the text form of its optimizer: "plain descent at rate 3".

    Without ``settings``, only the kind of the optimizer: "plain descent".
    """
    optimizer = parse_optimizer(rule)
    if isinstance(optimizer, Lbfgs):
        return "L-BFGS"
    name = _NAMES.get(optimizer.rule, optimizer.rule)
    if optimizer.rule == "sgd" and optimizer.constants[0]:
        name = f"momentum {optimizer.constants[0]:g}" if settings else "momentum"
    if not settings:
        return name
    steady = optimizer.schedule.name == STEADY.name
    schedule = "" if steady else f" with a {optimizer.schedule.name} schedule"
    return f"{name} at rate {written(optimizer.rate)}{schedule}"
