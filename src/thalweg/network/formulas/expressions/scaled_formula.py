"""A loss that a person wrote in units of the target, for a network that predicts a scaled target.

A network learns (y - center) / scale, and a person thinks of y. So the loss of an output z is

    ℓ(center + scale z, center + scale y) / size

and its slope is scale / size times that of ℓ, by the chain rule. All of it is computed in float64,
whatever the dtype of the network: center + scale z of float32 would lose the digits in which z and
y differ. ``size`` is a number that makes losses alike in size (`checked_loss`): only with it do the
penalty and the learning rate mean what they mean for other losses.

A target is rounded when it is scaled, and 0 may come back as 1e-9. So where a comparison, ``sign``
or ``floor`` has y but not z, its operands are rounded to multiples of ``grain``: a target of 0 is
not above 0.
"""

from collections.abc import Sequence
from typing import NamedTuple

from thalweg.network.formulas.expressions.derivative import product, quotient, slope_of
from thalweg.network.formulas.expressions.formula_text import COMPARISONS
from thalweg.network.formulas.expressions.symbols import (
    ARGUMENT,
    CONSTANT,
    Formula,
    FormulaStep,
    Notes,
    Operand,
)

JUMPS = (*COMPARISONS, "sign", "floor")


class Units(NamedTuple):
    """What lies between the target of a person and that of a network.

    Attributes
    ----------
    center, scale : float
        The network's target is (y - center) / scale.
    size : float
        The loss is divided by it.
    grain : float
        A power of 2, above the rounding of a target that was scaled.
    """

    center: float = 0.0
    scale: float = 1.0
    size: float = 1.0
    grain: float = 2.0**-40


# The target itself, without a network.
OF_TARGET = Units()
_OF_NETWORK = ("z", "y", *Units._fields)


def scaled_value(formula: Formula) -> Formula:
    """The loss of a network's output, with the arguments ``z y center scale size grain``."""
    notes = Notes()
    return notes.formula(_OF_NETWORK, quotient(_at_units(notes, formula), _argument(notes, "size")))


def scaled_slope(formula: Formula) -> Formula:
    """Its slope in z, with the same arguments."""
    notes = Notes()
    slope = _at_units(notes, slope_of(formula))
    per = _argument(notes, "scale") / _argument(notes, "size")
    return notes.formula(_OF_NETWORK, product(slope, per))


def sides_of(formula: Formula) -> Formula | None:
    """What jumps where the slope of a loss may jump, in units of the target; None if nothing does.

    The results are numbers that do not change as long as z and y cross no kink.
    """
    notes = Notes()
    values = at(notes, formula, [_named(notes, "z", ("z", "y")), _named(notes, "y", ("z", "y"))])
    found: list[Operand] = []
    for step in formula.steps:
        operands = [] if step.operation == ARGUMENT else [values[each] for each in step.operands]
        if step.operation in COMPARISONS:
            found += [notes.step(each, *operands) for each in ("<", ">")]
        elif step.operation in ("maximum", "minimum"):
            found += [notes.step("<", *operands)]
        elif step.operation in ("abs", "sign"):
            found += [notes.step("<", *operands, 0.0), notes.step(">", *operands, 0.0)]
        elif step.operation == "floor":
            found += [notes.step("floor", *operands)]
    numbers = [each if _is_floor(notes, each) else notes.step("where", each, 1.0, 0.0)
               for each in found]  # fmt: skip
    return notes.formula(("z", "y"), tuple(numbers)) if numbers else None


def _is_floor(notes: Notes, each: Operand) -> bool:
    return not isinstance(each, float) and notes.steps[each.place].operation == "floor"


def bound(formula: Formula, numbers: Sequence[float]) -> Formula:
    """The formula with numbers in the place of its last arguments."""
    notes, kept = Notes(), formula.arguments[: len(formula.arguments) - len(numbers)]
    given: list[Operand] = [_named(notes, each, kept) for each in kept]
    values = at(notes, formula, [*given, *map(float, numbers)])
    return notes.formula(kept, tuple(values[each] for each in formula.results))


def at(notes: Notes, formula: Formula, arguments: Sequence[Operand]) -> list[Operand]:
    """Every step of a formula, with these arguments, in the notes."""
    values: list[Operand] = []
    for step in formula.steps:
        values.append(_one(notes, step, values, arguments))
    return values


def _one(
    notes: Notes, step: FormulaStep, values: Sequence[Operand], arguments: Sequence[Operand]
) -> Operand:
    if step.operation == CONSTANT:
        return step.value
    if step.operation == ARGUMENT:
        return arguments[step.operands[0]]
    return notes.step(step.operation, *(values[each] for each in step.operands))


def _at_units(notes: Notes, formula: Formula) -> Operand:
    """The value of a formula in units of the target, from what a network sees."""
    center, scale = _argument(notes, "center"), _argument(notes, "scale")
    arguments = [center + scale * _argument(notes, each) for each in ("z", "y")]
    of_z: list[bool] = []
    values: list[Operand] = []
    for step in formula.steps:
        if step.operation in (ARGUMENT, CONSTANT):
            of_z.append(step.operation == ARGUMENT and step.operands == (0,))
            values.append(_one(notes, step, values, arguments))
            continue
        of_z.append(any(of_z[each] for each in step.operands))
        if step.operation in JUMPS and not of_z[-1]:
            rounded = [_rounded(notes, values[each]) for each in step.operands]
            values.append(notes.step(step.operation, *rounded))
        else:
            values.append(_one(notes, step, values, arguments))
    return values[formula.results[0]]


def _rounded(notes: Notes, operand: Operand) -> Operand:
    """The next multiple of the grain."""
    grain = _argument(notes, "grain")
    return grain * notes.step("floor", operand / grain + 0.5)


def _argument(notes: Notes, name: str) -> "Operand":
    return _named(notes, name, _OF_NETWORK)


def _named(notes: Notes, name: str, names: Sequence[str]) -> "Operand":
    return notes.symbol(FormulaStep(ARGUMENT, (names.index(name),)))
