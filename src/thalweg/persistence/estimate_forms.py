"""Forms of estimates in a model file: a value with its interval, and a difference of two models.

The importance of columns consists of such values, too.
"""

import math
from collections.abc import Sequence
from typing import Any, get_args

from thalweg.evaluation.answers import How
from thalweg.evaluation.comparing.margin_rule import (
    ASKED,
    DEFAULT,
    UNDECIDED,
    VERDICTS,
    verdict_of,
)
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.section_texts.importance_texts import with_own_texts
from thalweg.evaluation.task_kinds import Metric
from thalweg.persistence.plain_data_checks import (
    TEXT,
    Form,
    FormRule,
    Maybe,
    Plain,
    list_of,
    number,
    one_of,
    text_of,
    whole,
)

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
    like=dict.fromkeys(_ENDS, Maybe(_MEASURED)),
)


def estimate_of(metric: Metric) -> FormRule:
    """The form of an estimate of a metric, whose values all lie in its range."""
    low, high = metric.lowest - _ROUNDING, metric.highest + _ROUNDING

    def holds(value: Plain) -> bool:
        return _is_estimate(value) and all(
            value[end] is None or low <= float(value[end]) <= high for end in _ENDS
        )

    words = f"{ESTIMATE.words}, from {metric.lowest:g} to {metric.highest:g}"
    return FormRule(words, holds, keys=frozenset(_ENDS), like=ESTIMATE)


_MARGIN = one_of("Infinity") | number(0)
_VERDICT = one_of(*VERDICTS)
_SOURCE = one_of(DEFAULT, ASKED)
_MANY = one_of(None) | whole(1, 10**15)
_SHARE = number(0, 1)
_INNER = ("low90", "high90")
_CHANCES = ("worse", "equal", "better")
_DIFFERENCE_KEYS = frozenset(
    (
        *_ENDS, *_INNER, "measure", "margin", "margin_from", "verdict", "rows_needed", "n_folds",
        "chances",
    )
)  # fmt: skip


def _is_difference(value: Plain) -> bool:
    return (
        type(value) is dict
        and value.keys() == _DIFFERENCE_KEYS
        and _is_interval(value)
        and _is_inner(value)
        and TEXT.holds(value["measure"])
        and _MARGIN.holds(value["margin"])
        and _SOURCE.holds(value["margin_from"])
        and _VERDICT.holds(value["verdict"])
        and _MANY.holds(value["rows_needed"])
        and _MANY.holds(value["n_folds"])
        and _are_chances(value["chances"])
        and value["verdict"] in (UNDECIDED, _verdict_of(value))
    )


def _is_inner(value: dict[str, Plain]) -> bool:
    """Whether the 90 % interval lies in the 95 % interval, or is not known."""
    inner = [value[end] for end in _INNER]
    if inner == [None, None]:
        return True
    if value["value"] is None or not all(map(_MEASURED.holds, inner)):
        return False
    low, low90, high90, high = map(float, (value["low"], *inner, value["high"]))
    return low <= low90 <= high90 <= high


def _are_chances(value: Plain) -> bool:
    return value is None or (
        type(value) is dict
        and value.keys() == {*_CHANCES}
        and all(_SHARE.holds(value[key]) for key in _CHANCES)
        and math.isclose(sum(value.values()), 1, rel_tol=_ROUNDING)
    )


def _verdict_of(value: dict[str, Plain]) -> str:
    """What follows from the numbers; with few rows nothing does."""
    at_95 = estimate_from(value)
    inner = at_95
    if value["low90"] is not None:
        inner = Estimate(at_95.value, *(float(value[end]) for end in _INNER))
    return verdict_of(PairedDifference(at_95, inner), float(value["margin"]))


def estimate_from(plain: dict[str, Plain]) -> Estimate:
    """Rebuild an estimate from what `Estimate.as_dict` gave."""
    return Estimate(*(math.nan if plain[end] is None else float(plain[end]) for end in _ENDS))


_MEASURED_ENDS: dict[str, Form] = dict.fromkeys(_ENDS, Maybe(_MEASURED))
DIFFERENCE = FormRule(
    "a measure, intervals, a margin and the verdict that follows: " + " or ".join(VERDICTS),
    _is_difference,
    keys=_DIFFERENCE_KEYS,
    like=_MEASURED_ENDS
    | dict.fromkeys(_INNER, Maybe(_MEASURED))
    | {
        "measure": TEXT,
        "margin": _MARGIN,
        "margin_from": _SOURCE,
        "verdict": _VERDICT,
        "rows_needed": _MANY,
        "n_folds": _MANY,
        "chances": Maybe(dict.fromkeys(_CHANCES, _SHARE)),
    },
)
# What the first files with comparisons had: the 95 % interval alone, and a rule of four results.
RESULTS_OF_BEFORE = ("better", "worse", "as good", "no difference shown")
_KEYS_OF_BEFORE = frozenset((*_ENDS, "measure", "margin", "comparison"))
_RESULT = one_of(*RESULTS_OF_BEFORE)


def _is_comparison(value: Plain) -> bool:
    return (
        type(value) is dict
        and value.keys() == _KEYS_OF_BEFORE
        and _is_interval(value)
        and TEXT.holds(value["measure"])
        and _MARGIN.holds(value["margin"])
        and _RESULT.holds(value["comparison"])
    )


COMPARISON = FormRule(
    "a measure, an interval, a margin and their result: " + " or ".join(RESULTS_OF_BEFORE),
    _is_comparison,
    keys=_KEYS_OF_BEFORE,
)


# In letters.
_LONGEST_SENTENCES, _LONGEST_NAME = 600, 200
_MOST_NETWORKS = 10_000
_COUNT = whole(1)
# The columns are those of the schema, and refits are not kept.
_NOT_KEPT = ("columns", "refit_loss")
IMPORTANCE: dict[str, Form] = {
    "measure": text_of(_LONGEST_NAME),
    "unit": one_of("nats", ""),
    "how": one_of(*get_args(How)),
    "rows": text_of(_LONGEST_SENTENCES),
    "n_rows": _COUNT,
    "n_permutations": _COUNT,
    "n_networks": whole(0, _MOST_NETWORKS),
    "loss": number(),
    "constant": text_of(_LONGEST_NAME),
    "constant_loss": number(),
    "rises": [
        {
            "members": list_of(whole(0)),
            "value": number(),
            "low": number(),
            "high": number(),
            "networks": Maybe(list_of(number())),
        }
    ],
}


def importance_entry(found: Importance | None) -> dict[str, Any]:
    """The key of a header for the importance of columns, if the fit found it."""
    if found is None:
        return {}
    data: dict[str, Any] = {**found.as_dict()}
    rises = [{key: each[key] for key in each if key != "without"} for each in data["rises"]]
    kept = {key: value for key, value in data.items() if key not in _NOT_KEPT}
    return {"importance": {**kept, "rises": rises}}


def importance_of(data: dict[str, Any] | None, columns: Sequence[str]) -> Importance | None:
    """The importance of these columns, from data of valid form; a ValueError if it is none."""
    if data is None:
        return None
    members = [tuple(each["members"]) for each in data["rises"]]
    alone = [each[0] for each in members if len(each) == 1]
    grouped = [j for each in members if len(each) > 1 for j in each]
    of_table = set(range(len(columns)))
    rules = {
        "its importance is not that of each of its columns": sorted(alone) == sorted(of_table)
        and all(members),
        "the groups of its importance are none of its columns": set(grouped) <= of_table
        and len({*grouped}) == len(grouped)
        and all(list(each) == sorted(each) for each in members),
        "an importance is outside its interval": all(
            each["low"] <= each["value"] <= each["high"] for each in data["rises"]
        ),
        "the importance of networks is no interval": all(
            each["networks"] is None
            or (len(each["networks"]) == 2 and each["networks"][0] <= each["networks"][1])
            for each in data["rises"]
        ),
        "its importance is of a model that knows nothing": data["loss"] < data["constant_loss"],
    }
    for complaint, holds in rules.items():
        if not holds:
            raise ValueError(complaint)
    return with_own_texts(Importance.from_dict({**data, "columns": columns}))
