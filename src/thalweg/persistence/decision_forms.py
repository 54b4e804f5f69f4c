"""The forms of a threshold and of a calibration in a model file, with what they come from.

A threshold has its value, the rule and the rows that chose it. A calibration has the map that
corrects every prediction, or none, and what its test said.
"""

import math
from typing import Any, get_args

import numpy as np

from thalweg.estimators.deciding.fitted_calibration import (
    AUTO,
    FARTHEST,
    SLOPES,
    FittedCalibration,
    asked_of,
    is_moderate,
    task_of_outputs,
)
from thalweg.estimators.fitted import Fitted
from thalweg.evaluation.answers import How
from thalweg.evaluation.calibration.recalibration_map import KINDS, TASKS, Calibration
from thalweg.evaluation.decisions.chosen_threshold import RULES, Spread, Threshold
from thalweg.persistence.evaluations.calibration_reasons import own_reason
from thalweg.persistence.plain_data_checks import (
    Form,
    Maybe,
    list_of,
    number,
    one_of,
    text_of,
    whole,
)

_ENDS = ("low", "high")
_SHARE, _COST = number(0, 1), number(1e-300, 1e300)
# Effective numbers of rows need not be whole.
_ROWS = number(0, 2**53)
# More folds than a fit may have.
_MOST_FOLDS = 64

THRESHOLD: dict[str, Form] = {
    "value": Maybe(_SHARE),
    "by": one_of(*RULES),
    "missed": Maybe(_COST),
    "alarm": Maybe(_COST),
    "floor": Maybe(_SHARE),
    "beta": Maybe(number(1e-6, 1e6)),
    "confidence": Maybe(_SHARE),
    "how": one_of(*get_args(How), None),
    "n_samples": whole(0),
    "n_class": _ROWS,
    "not_met": _ROWS,
    "spread": Maybe({**dict.fromkeys(_ENDS, Maybe(_SHARE)), "folds": list_of(_SHARE)}),
    "refused": one_of(None),
}
# What each rule needs besides.
_NEEDS = {
    "costs": {"missed", "alarm"},
    "tuned costs": {"missed", "alarm"},
    "sensitivity": {"floor"},
    "specificity": {"floor"},
    "precision": {"floor"},
    "f": {"beta"},
}


def require_threshold(value: float | None, data: dict[str, Any] | None) -> None:
    """Raise a ValueError unless a threshold of valid form is that of the model."""
    if data is None:
        return
    if data["value"] != value:
        raise ValueError("the rule of its threshold gives another threshold")
    given = {name for name in ("missed", "alarm", "floor", "beta") if data[name] is not None}
    if given != _NEEDS.get(data["by"], set()):
        raise ValueError(f"its threshold is not one by {data['by']}")
    if data["confidence"] is not None and (data["floor"] is None or data["how"] != "test"):
        raise ValueError("its threshold claims a confidence that no test rows show")
    if data["spread"] is not None and len(data["spread"]["folds"]) > _MOST_FOLDS:
        raise ValueError(f"its threshold has more than {_MOST_FOLDS} folds")


def threshold_of(
    value: float | None, data: dict[str, Any] | None, by_costs: Threshold | None
) -> Threshold | None:
    """The threshold of a model, from data that are checked.

    Without data it is that of the costs of the classes; or a number in a file of before, which did
    not say where it came from.
    """
    if value is None or by_costs is None:
        return None
    if data is None:
        return by_costs if value == by_costs.value else Threshold(float(value), "given")
    spread = data["spread"]
    if spread is not None:
        low, high = (np.nan if spread[end] is None else float(spread[end]) for end in _ENDS)
        spread = Spread(low, high, tuple(map(float, spread["folds"])))
    return Threshold(**{**data, "value": float(value), "spread": spread})


def threshold_entry(chosen: Threshold | None, by_costs: Threshold | None) -> dict[str, Any]:
    """The keys of a header for a threshold, beside its value: none if it is that of the costs."""
    if chosen is None or chosen == by_costs:
        return {}
    return {"threshold_from": chosen.as_dict()}


_KINDS = sorted({kind for kinds in KINDS.values() for kind in kinds})
# In letters.
_LONGEST_REASON = 300

CALIBRATION: dict[str, Form] = {
    "asked": one_of(AUTO, *_KINDS),
    "map": Maybe(
        {
            "task": one_of(*TASKS),
            "kind": one_of(*_KINDS),
            "intercept": number(),
            "slope": number(*SLOPES),
        }
    ),
    "p_value": Maybe(_SHARE),
    "n_rows": _ROWS,
    "reason": text_of(_LONGEST_REASON),
}


def calibration_of(data: dict[str, Any] | None) -> FittedCalibration | None:
    """The calibration of a model, from data of valid form; a ValueError if it is no map."""
    if data is None:
        return None
    found = data["map"]
    if found is not None:
        kind = found["kind"]
        if kind not in KINDS[found["task"]]:
            raise ValueError("its calibration is not one for its task")
        found = Calibration(found["task"], kind, float(found["intercept"]), float(found["slope"]))
        if kind == "temperature" and found.intercept != 0:
            raise ValueError("its calibration is a temperature with an intercept")
        if not is_moderate(found):
            raise ValueError(f"its calibration has an intercept beyond {FARTHEST:g}")
    p_value = math.nan if data["p_value"] is None else float(data["p_value"])
    return FittedCalibration(
        data["asked"], found, p_value, float(data["n_rows"]), own_reason(data["reason"], p_value)
    )


def require_calibration_of(fitted: Fitted) -> None:
    """Raise a ValueError unless a fit of this kind gives this calibration."""
    found = fitted.calibration
    if found is None:
        return
    if found.asked != asked_of(fitted.settings):
        raise ValueError("its calibration is not the one of its settings")
    task = task_of_outputs(fitted.outputs)
    if found.asked not in (AUTO, *KINDS[task]):
        raise ValueError("its settings have a calibration for another task")
    if found.map is None:
        return
    wanted = KINDS[task][-1] if found.asked == AUTO else found.asked
    if (found.map.task, found.map.kind) != (task, wanted):
        raise ValueError("the map of its calibration is for another task, or of another kind")
    if fitted.stopping != "folds" or fitted.also in ("epochs", "batches"):
        raise ValueError("it has a calibration, but its networks have no out-of-fold predictions")
    if not found.n_rows > 0:
        raise ValueError("its calibration was fitted on no rows")
