"""Calibration in words: what was found, on how many rows of which kind, and what is not known.

A test that does not reject is no evidence that predictions are calibrated, so no sentence says so.
"""

import math
from collections.abc import Sequence

import numpy as np

from thalweg.evaluation.answers import JUDGES, OF_FOLDS, OUT_OF_FOLD, UNKNOWN, How
from thalweg.evaluation.calibration.calibration_gate import LEVEL, Gate
from thalweg.evaluation.calibration.class_calibration import MulticlassCalibration
from thalweg.evaluation.calibration.regression_calibration import RegressionCalibration
from thalweg.evaluation.calibration.two_class_calibration import TwoClassCalibration
from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount, counted

_NONE_SHOWN = "No miscalibration shown"
_NO_PROOF = "This does not show that there is none."


def calibration_sentence(
    found: TwoClassCalibration | MulticlassCalibration | RegressionCalibration,
    classes: Sequence[str] = (),
) -> str:
    """What was found about the calibration of predictions.

    Parameters
    ----------
    found : TwoClassCalibration, MulticlassCalibration or RegressionCalibration
    classes : sequence of str, optional
        The names of several classes, in the order of the columns.
    """
    if isinstance(found, TwoClassCalibration):
        said = _two_classes(found)
    elif isinstance(found, MulticlassCalibration):
        said = _several_classes(found, classes)
    else:
        said = _numbers(found)
    return " ".join([*said, *_reservation(found.how)])


def gate_sentence(gate: Gate) -> str:
    """Whether predictions are corrected, and why."""
    if gate.calibration is None:
        return f"Predictions are not corrected: {gate.reason}."
    done = gate.calibration
    by = f"slope {amount(done.slope, 3)}"
    if done.kind == "affine":
        by += f" and intercept {amount(done.intercept, 3)}"
    where = "" if done.task == "regression" else " of the logits"
    return f"Predictions are corrected by the {by}{where}: {gate.reason}."


def _rows(n: float, how: How) -> str:
    """How many rows of which kind; an effective number is rounded down."""
    whole = int(n) == n
    kind = f"{how.replace(' ', '-')} row"
    return f"on {'' if whole else 'effectively '}{counted(int(n), kind)}"


def _reservation(how: How) -> list[str]:
    """What rows of this kind cannot say."""
    if how in JUDGES:
        return []
    if how == "training":
        return ["The model was trained on these rows, so they say nothing about new ones."]
    if how == UNKNOWN:
        return [
            "These are rows whose origin is not known: they say nothing about new ones if the "
            "model was trained on them."
        ]
    if how == OUT_OF_FOLD:
        return [OF_FOLDS]
    return ["Training was stopped on these rows, so they do not evaluate the model."]


def _interval(found: Estimate) -> str:
    ends = f"[{amount(found.low, 3)}, {amount(found.high, 3)}]"
    return f"{amount(found.value, 3)} {ends}"


def _p(p_value: float) -> str:
    return "p < 0.001" if p_value < 0.001 else f"p = {amount(p_value, 2)}"


def _no_proof(head: str) -> str:
    return f" {_NO_PROOF}" if head == _NONE_SHOWN else ""


def _sureness(slope: Estimate) -> list[str]:
    if slope.high < 1:
        return ["too sure"]
    return ["too unsure"] if slope.low > 1 else []


def _two_classes(found: TwoClassCalibration) -> list[str]:
    rows = _rows(found.n_rows, found.how)
    of = f"{rows} ({int(found.n_positive):,} positive, {int(found.n_negative):,} negative)"
    ratio = (
        f"observed by expected positives are {_interval(found.observed_by_expected)}"
        if math.isfinite(found.observed_by_expected.value)
        else "no positive row is expected"
    )
    weak, brier = found.weak, found.brier
    if found.refused is not None or weak is None or brier is None:
        return [f"Calibration {of}: {ratio}.", *([found.refused] if found.refused else [])]
    if weak.refused is not None:
        finding = f"No slope of the logits {of}, because {weak.refused}; {ratio}."
    else:
        head = _finding(found)
        finding = (
            f"{head} {of}: the slope of the truth on the logits is "
            f"{_interval(weak.slope)}, 1 if calibrated, and {ratio} (joint test of intercept and "
            f"slope: {_p(weak.p_value)}).{_no_proof(head)}"
        )
    return [finding, *([found.caution] if found.caution else [])]


def _finding(found: TwoClassCalibration) -> str:
    """The finding about two classes, in a few words.

    The joint test decides at 5 %. It sees only lines in logits, so the MCB of the Brier score
    decides about the shape of the curve, at half the level.
    """
    weak, brier = found.weak, found.brier
    assert weak is not None
    assert brier is not None
    if weak.p_value < LEVEL:
        ways = _sureness(weak.slope)
        if weak.intercept.low > 0:
            ways.append("too low on the whole")
        elif weak.intercept.high < 0:
            ways.append("too high on the whole")
        return f"The probabilities are {' and '.join(ways) or 'miscalibrated'}"
    if brier.p_value < LEVEL / 2:
        return "The probabilities are miscalibrated in the shape of the curve"
    return _NONE_SHOWN


def _several_classes(found: MulticlassCalibration, classes: Sequence[str]) -> list[str]:
    rows, test = _rows(found.n_rows, found.how), found.temperature
    if test.refused is not None:
        said = [f"No temperature {rows}, because {test.refused}."]
    else:
        ways = _sureness(test.slope) if test.p_value < LEVEL else []
        head = f"The probabilities are {ways[0]}" if ways else _NONE_SHOWN
        if test.p_value < LEVEL and not ways:
            head = "The probabilities are miscalibrated"
        said = [
            f"{head} {rows}: the slope of the logits is {_interval(test.slope)}, 1 if calibrated "
            f"(temperature {amount(1 / test.slope.value, 3)}; {_p(test.p_value)}).{_no_proof(head)}"
        ]
    return [*said, _each_class(found, classes)]


def _each_class(found: MulticlassCalibration, classes: Sequence[str]) -> str:
    names = [*classes] or [str(k) for k in range(len(found.classes))]
    tested = [
        (each.weak.p_value, name)
        for each, name in zip(found.classes, names, strict=True)
        if each.weak is not None and not math.isnan(each.weak.p_value)
    ]
    if not tested:
        return "No class has enough rows for a curve of its own."
    adjusted = holm(np.array([p_value for p_value, _ in tested]))
    wrong = [name for p, (_, name) in zip(adjusted, tested, strict=True) if p <= LEVEL]
    rest = len(names) - len(tested)
    said = (
        f"Each class against the rest, at 5 % for all {len(tested)} together (Holm): "
        f"{'miscalibrated ' + ', '.join(wrong) if wrong else 'no miscalibration shown'}."
    )
    return f"{said} {counted(rest, 'class has', 'classes have')} no test." if rest else said


def _numbers(found: RegressionCalibration) -> list[str]:
    rows = _rows(found.n_rows, found.how)
    bias = f"true values exceed predictions by {_interval(found.bias)} on average"
    if found.refused is not None:
        return [f"No slope {rows}, because {found.refused}; {bias}."]
    ways = []
    if found.p_value < LEVEL:
        if found.slope.high < 1:
            ways.append("too far apart")
        elif found.slope.low > 1:
            ways.append("too near to each other")
        if found.bias.low > 0:
            ways.append("too low on the whole")
        elif found.bias.high < 0:
            ways.append("too high on the whole")
        head = f"The predictions are {' and '.join(ways) or 'miscalibrated'}"
    else:
        head = _NONE_SHOWN
    return [
        f"{head} {rows}: the slope of the truth on the predictions is {_interval(found.slope)}, "
        f"1 if calibrated, and {bias} (joint test of intercept and slope: {_p(found.p_value)})."
        f"{_no_proof(head)}"
    ]
