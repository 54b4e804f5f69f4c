"""What the sections of a file say in terms of the training loss of its model.

The loss says which quantile is calibrated, and which constant answer importance is beside. The
p-value of a quantile follows from the number of rows and the share below it, and the loss of the
constant answer is that of the verdict. A file in which they differ is refused.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from thalweg.evaluation.calibration.regression_calibration import clopper_pearson, p_of_share
from thalweg.evaluation.judging.regression_loss import Measure, measure_of_loss
from thalweg.evaluation.section_texts.reasons_left_out import CONSTANTS
from thalweg.evaluation.section_texts.text_patterns import sentence_of
from thalweg.evaluation.task_kinds import ONE_NUMBER, TASKS, TREES
from thalweg.wording import in_quotes

# Sums in another order; and a share below a quantile that is found again from its interval.
_NEARLY, _FOUND_AGAIN = 1e-6, 1e-4
_LEVEL_OF_TEST = 0.05
_HALVINGS = 100
_CONSTANT = sentence_of(CONSTANTS)
_OF_GROUPS = re.compile(r" of [\d,]{1,20} groups?\b")


def require_numbers_of_loss(
    verdict: Mapping[str, Any], loss: str, *, knows_constant: bool = False
) -> None:
    """Raise a ValueError if sections are of another loss than that of the model.

    Parameters
    ----------
    verdict : mapping
        Of valid form.
    loss : str
        The training loss of the model.
    knows_constant : bool
        Whether the model keeps the best constant answer of its training rows. Importance is beside
        that one; without it, in earlier files, it is beside the best one of the test rows.
    """
    if (sections := verdict.get("sections")) is None:
        return
    own = measure_of_loss(loss) if TASKS[verdict["task"]] is ONE_NUMBER else None
    if own is not None and (calibration := sections["calibration"]) is not None:
        found = calibration["found"]
        if "level" in found:
            _require_level(found["level"], own)
            _require_p_value(found, depend=bool(_OF_GROUPS.search(verdict["how"])))
    if (importance := sections.get("importance")) is not None:
        found = importance["found"]
        _require_constant(found["constant"], verdict)
        once = all(each["n_folds"] is None for each in verdict["differences"].values())
        if own is not None and once and found["n_rows"] == verdict["n_test"]:
            _require_constant_loss(found, verdict, own, strict=knows_constant)


def _require_level(level: float, own: Measure) -> None:
    if own.quantile is None:
        raise ValueError(
            f"its calibration is that of the {level:.10g} quantile, but the {own.name} of the "
            "model is of no quantile"
        )
    if not math.isclose(level, own.quantile, rel_tol=_NEARLY):
        raise ValueError(
            f"the level of its calibration is {level:.10g}, but that of the loss of the model is "
            f"{own.quantile:.10g}"
        )


def _require_p_value(found: Mapping[str, Any], *, depend: bool) -> None:
    """Raise a ValueError unless the p-value is that of the share and its interval.

    The test and the interval are one: below 5 %, the level is outside. Rows that depend on each
    other count as fewer, and the file does not say how many.
    """
    said, level, n = float(found["p_value"]), float(found["level"]), float(found["n_rows"])
    ends = [found["below"][end] for end in ("value", "low", "high")]
    if not all(type(end) in (int, float) and 0 <= end <= 1 for end in ends):
        raise ValueError("the share of true values below the quantile is none")
    share, low, high = map(float, ends)
    outside = level < low * (1 - _NEARLY) or level > high * (1 + _NEARLY)
    inside = low * (1 + _NEARLY) < level < high * (1 - _NEARLY)
    if (outside and said > _LEVEL_OF_TEST * (1 + _NEARLY)) or (
        inside and said < _LEVEL_OF_TEST * (1 - _NEARLY)
    ):
        raise ValueError(
            f"the p-value of its calibration is {said:.4g}, but the level {level:.10g} is "
            f"{'outside' if outside else 'in'} the 95 % interval {low:.4g} to {high:.4g}"
        )
    if depend:
        return
    under = _under(low, n)
    up_to = min(n, max(0.0, 2 * share * n - under))  # with true values that equal the prediction
    p = p_of_share(under, up_to, n, level)
    there = clopper_pearson(up_to, n)[1]
    if not math.isclose(there, high, rel_tol=_FOUND_AGAIN):
        raise ValueError(
            f"the interval of its calibration is {low:.4g} to {high:.4g}, but that of "
            f"{share:.4g} of {n:.10g} rows ends at {there:.4g}"
        )
    if not math.isclose(p, said, rel_tol=_FOUND_AGAIN, abs_tol=1e-12):
        raise ValueError(
            f"the p-value of its calibration is {said:.4g}, but that of {share:.4g} of "
            f"{n:.10g} rows at the level {level:.10g} is {p:.4g}"
        )


def _under(low: float, n: float) -> float:
    """The number of rows below a quantile, of n, whose exact interval begins at ``low``."""
    start, end = 0.0, n
    for _ in range(_HALVINGS):
        middle = (start + end) / 2
        if clopper_pearson(middle, n)[0] < low:
            start = middle
        else:
            end = middle
    return 0.0 if low == 0 else end


def _require_constant(name: str, verdict: Mapping[str, Any]) -> None:
    """Raise a ValueError unless this is the name of a constant answer."""
    task = TASKS[verdict["task"]]
    # Earlier files have other names for it, which are those of their verdicts.
    of_verdict = name in verdict["baselines"] and name not in (task.rival, TREES)
    if not of_verdict and not _CONSTANT.fullmatch(name[:200]):
        raise ValueError(
            f"its importance is beside {in_quotes(name[:80])}, which is no constant answer"
        )


def _require_constant_loss(
    found: Mapping[str, Any], verdict: Mapping[str, Any], own: Measure, *, strict: bool
) -> None:
    """Raise a ValueError unless the loss of the constant answer is that of the verdict.

    That of earlier files is the best one of the test rows, so its loss is not above. The R² of the
    network says it for squared errors.
    """
    constant, said = found["constant"], float(found["constant_loss"])
    if constant != own.best_constant()[0]:
        raise ValueError(
            f"its importance is beside {in_quotes(constant[:80])}, but the best constant answer "
            f"of the {own.name} is {in_quotes(own.best_constant()[0])}"
        )
    if constant not in verdict["baselines"]:
        return
    power = 2 if own.key == "rmse" else 1
    there = verdict["baselines"][constant]["metrics"][own.key]["value"]
    if type(there) not in (int, float) or math.isclose(said, there**power, rel_tol=_NEARLY):
        return
    if not strict and said < there**power:
        if power == 1:
            return
        metrics = verdict["network"]["metrics"]
        error, explained = (metrics[key]["value"] for key in ("rmse", "r2"))
        best = error**2 / (1 - explained) if None not in (error, explained) else math.nan
        if math.isclose(said, best, rel_tol=_FOUND_AGAIN):
            return
    raise ValueError(
        f"the {found['measure'][:60]} of {in_quotes(constant)} is {said:.10g} in its importance, "
        f"but {there**power:.10g} in the verdict"
    )
