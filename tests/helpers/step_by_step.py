"""Computes traced formulas, and whole stages, with Python's `math`: no array, no NumPy function."""

import math

from thalweg.data.encoding.calendar_parts import CALENDAR_BODIES, WEEKDAY, CalendarForm
from thalweg.data.encoding.few_row_encoding import Lookups, Marks, Ramps
from thalweg.export.stages import NetworkStages, Stages
from thalweg.network.formulas.expressions.symbols import ARGUMENT, CONSTANT, Formula


def _over(function):
    """Infinity where Python's function raises."""

    def found(x):
        try:
            return function(x)
        except OverflowError:
            return math.inf

    return found


def _divided(a, b):
    return a / b if b else math.copysign(math.inf, a) if a else math.nan


MEANINGS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "negative": lambda a: -a,
    "abs": abs,
    "exp": _over(math.exp),
    "expm1": _over(math.expm1),
    "log1p": math.log1p,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "floor": lambda a: float(math.floor(a)),
    "sign": lambda a: math.copysign(1.0, a) if a else a,
    "maximum": lambda a, b: b if a < b else a,
    "minimum": lambda a, b: b if b < a else a,
    "where": lambda condition, a, b: a if condition else b,
}


def evaluated(formula: Formula, *arguments: float):
    """The result of a formula, a tuple if there are several."""
    found: list = []
    for step in formula.steps:
        if step.operation == ARGUMENT:
            found.append(arguments[step.operands[0]])
        elif step.operation == CONSTANT:
            found.append(step.value)
        else:
            found.append(MEANINGS[step.operation](*(found[each] for each in step.operands)))
    results = tuple(found[place] for place in formula.results)
    return results if len(results) > 1 else results[0]


def answer_by_stages(stages: Stages, row: list[float]) -> list[float]:
    """The answer for a row of the schema's matrix, stage by stage."""
    F, answer = stages.formulas, stages.answer
    outputs = [outputs_by_stages(stages, each, row) for each in stages.networks]
    if answer.kind == "number":
        values = [
            _within(each.center + each.scale * evaluated(F["link"], z[0]), each.low, each.high)
            for each, z in zip(stages.networks, outputs, strict=True)
        ]
        value = sum(values) / len(values)
        if answer.line:
            value = _within(answer.line[0] + answer.line[1] * value, answer.low, answer.high)
        return [value]
    if answer.kind == "two classes":
        sign = 1.0 if answer.positive else -1.0
        logits = [sign * z[0] for z in outputs]
        if not answer.line:
            return [sum(evaluated(F["link"], z) for z in logits) / len(logits)]
        likely, unlikely = (
            log_sum(F, [-evaluated(F[name], z) for z in logits])
            for name in ("minus_log_likely", "minus_log_unlikely")
        )
        return [evaluated(F["link"], answer.line[0] + answer.line[1] * (likely - unlikely))]
    if not answer.line:
        ranks = answer.ranks
        each = [softmax(F, z) if ranks is None else graded(F, z, ranks) for z in outputs]
        return [sum(column) / len(each) for column in zip(*each, strict=True)]
    logs = [softmax(F, z, "log_share") for z in outputs]
    means = [log_sum(F, column) for column in zip(*logs, strict=True)]
    return softmax(F, [answer.line[0] + answer.line[1] * each for each in means])


def outputs_by_stages(stages: Stages, network: NetworkStages, row: list[float]) -> list[float]:
    F, found = stages.formulas, []
    for form in network.panel.forms:
        found += _ENCODED[type(form)](form, row, F)
    a = [found[place] for place in network.panel.order.tolist()]
    for layer in network.layers:
        a = [
            evaluated(F[layer.activation], math.fsum(map(_times, W, a)) + b)
            for W, b in zip(layer.W.tolist(), layer.b.tolist(), strict=True)
        ]
    return [z - shift for z, shift in zip(a, network.shift.tolist(), strict=True)]


def _times(w: float, a: float) -> float:
    return w * a


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def normaliser(F, numbers):
    top, others = numbers[0], 0.0
    for z in numbers[1:]:
        top, others = evaluated(F["joined"], top, others, z)
    return top, others


def log_sum(F, numbers):
    return evaluated(F["log_of_sum"], *normaliser(F, numbers))


def graded(F, z, ranks):
    """The differences of P(grade ≤ k), from 0 to 1, in the order of the classes."""
    c = [z[0]]
    for each in z[1:]:
        c.append(evaluated(F["risen"], c[-1], each))
    below = [0.0, *(evaluated(F["link"], each) for each in c), 1.0]
    return [below[rank + 1] - below[rank] for rank in ranks.tolist()]


def softmax(F, z, name="share"):
    top, others = normaliser(F, z)
    return [evaluated(F[name], each - top, others) for each in z]


def _ramps(form: Ramps, row, F):
    found = []
    vectors = zip(
        form.column.tolist(), form.median.tolist(), form.start.tolist(), form.per_unit.tolist(),
        form.least.tolist(), form.most.tolist(), strict=True,
    )  # fmt: skip
    for i, (column, median, *ramp) in enumerate(vectors):
        value = median if math.isnan(row[column]) else row[column]
        part = evaluated(F["ramp"], value, *ramp)
        k = i - form.n_clipped
        rest = ("smooth",) if k < 0 else ("from_median", float(form.shift[k]), float(form.scale[k]))
        found.append(evaluated(F[rest[0]], part, *rest[1:]))
    return found


def _lookups(form: Lookups, row, F):
    found = []
    for i, column in enumerate(form.column.tolist()):
        level = form.of_missing[i] if math.isnan(row[column]) else row[column]
        found.append(float(form.table[form.first[i] + form.step[i] * int(level)]))
    return found


def _marks(form: Marks, row, F):
    return [float(math.isnan(row[column])) for column in form.column.tolist()]


def _dates(form: CalendarForm, row, F):
    found = []
    for column, kind in zip(form.column.tolist(), form.kind.tolist(), strict=True):
        if math.isnan(row[column]):
            found.append(0.0)
            continue
        days = evaluated(F["within_years"], row[column])
        found.append(
            evaluated(F["weekday_mark"], days, float(kind - WEEKDAY))
            if kind >= WEEKDAY
            else evaluated(F[CALENDAR_BODIES[kind].__name__], days)
        )
    return found


_ENCODED = {Ramps: _ramps, Lookups: _lookups, Marks: _marks, CalendarForm: _dates}
