"""Forms of estimates in a model file: a value with its interval, and a comparison of two models."""

import math

from thalweg.evaluation.judging.comparison_rule import RESULTS
from thalweg.evaluation.task_kinds import Metric
from thalweg.persistence.plain_data_checks import TEXT, FormRule, Plain, number, one_of

# Infinities are texts, because JSON has none.
_MEASURED = one_of("Infinity", "-Infinity") | number()
_ENDS = ("value", "low", "high")
# A mean of ones can be so much above 1.
_ROUNDING = 1e-9


def _is_interval(value: dict[str, Plain]) -> bool:
    if value["value"] is None:
        return value["low"] is None and value["high"] is None
    ends = [value[end] for end in _ENDS]
    if not all(map(_MEASURED.holds, ends)):
        return False
    middle, low, high = map(float, ends)
    slack = _ROUNDING * max(1.0, abs(middle)) if math.isfinite(middle) else 0.0
    return low <= high and low - slack <= middle <= high + slack


def _is_estimate(value: Plain) -> bool:
    return type(value) is dict and value.keys() == {*_ENDS} and _is_interval(value)


# With a value there must be an interval that contains it, and without a value there is none.
ESTIMATE = FormRule(
    "a value in an interval from low to high, or all three null",
    _is_estimate,
    keys=frozenset(_ENDS),
)


def estimate_of(metric: Metric) -> FormRule:
    """The form of an estimate of a metric, whose values all lie in its range."""
    low, high = metric.lowest - _ROUNDING, metric.highest + _ROUNDING

    def holds(value: Plain) -> bool:
        return _is_estimate(value) and all(
            value[end] is None or low <= float(value[end]) <= high for end in _ENDS
        )

    words = f"{ESTIMATE.words}, from {metric.lowest:g} to {metric.highest:g}"
    return FormRule(words, holds, keys=frozenset(_ENDS))


_RESULT = one_of(*RESULTS)
_MARGIN = one_of("Infinity") | number(0)


_COMPARISON_KEYS = frozenset((*_ENDS, "measure", "margin", "comparison"))


def _is_comparison(value: Plain) -> bool:
    return (
        type(value) is dict
        and value.keys() == _COMPARISON_KEYS
        and _is_interval(value)
        and TEXT.holds(value["measure"])
        and _MARGIN.holds(value["margin"])
        and _RESULT.holds(value["comparison"])
    )


COMPARISON = FormRule(
    "a measure, an interval, a margin and their result: " + " or ".join(RESULTS),
    _is_comparison,
    keys=_COMPARISON_KEYS,
)
