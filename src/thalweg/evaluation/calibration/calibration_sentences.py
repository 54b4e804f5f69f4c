"""Calibration in words: what was found, on how many rows of which kind, and what is not known.

A test that does not reject is no evidence that predictions are calibrated, so no sentence says so.
"""

import math
from collections.abc import Sequence

import numpy as np

from thalweg.evaluation.answers import JUDGES, OF_FOLDS, OUT_OF_FOLD, UNKNOWN, How
from thalweg.evaluation.calibration.calibration_gate import LEVEL, Gate
from thalweg.evaluation.calibration.class_calibration import MulticlassCalibration
from thalweg.evaluation.calibration.regression_calibration import (
    QuantileCalibration,
    RegressionCalibration,
)
from thalweg.evaluation.calibration.two_class_calibration import TwoClassCalibration
from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.comparing.rounded_limits import on_its_side
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount, counted, whole_rows, words_of_two

_NAN = float("nan")
NONE_SHOWN = "No miscalibration shown"
_NO_PROOF = "This does not show that there is none."
_FEW = "With so few rows, how large the miscalibration is remains uncertain."
_ONE_END = (
    " The joint test at 5 % decides: an interval of one number may exclude the calibrated value by "
    "random variation."
)


def calibration_sentence(
    found: TwoClassCalibration
    | MulticlassCalibration
    | RegressionCalibration
    | QuantileCalibration,
    classes: Sequence[str] = (),
    grades: Sequence[str] = (),
) -> str:
    """What was found about the calibration of predictions.

    Parameters
    ----------
    found : TwoClassCalibration, MulticlassCalibration, RegressionCalibration or QuantileCalibration
    classes : sequence of str, optional
        Their names, in the order of the columns; of two, the negative one first.
    grades : sequence of str, optional
        The same names in the order in which they are written.
    """
    if isinstance(found, TwoClassCalibration):
        said = _two_classes(found, words_of_two(classes))
    elif isinstance(found, MulticlassCalibration):
        said = _several_classes(found, classes, grades)
    elif isinstance(found, QuantileCalibration):
        said = [_quantile(found)]
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
    """How many rows of which kind; an effective number is rounded down, and named as such."""
    whole = float(n).is_integer()
    kind = f"{how.replace(' ', '-')} row"
    return f"on {'' if whole else 'effectively '}{counted(whole_rows(n), kind)}"


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


def _interval(found: Estimate, calibrated: float) -> str:
    said, *ends = on_its_side((found.value, found.low, found.high), calibrated, 3)
    return f"{said} [{', '.join(ends)}]"


def _p(p_value: float) -> str:
    return "p < 0.001" if p_value < 0.001 else f"p = {amount(p_value, 2)}"


def _no_proof(head: str) -> str:
    return f" {_NO_PROOF}" if head == NONE_SHOWN else ""


def _sureness(slope: Estimate) -> list[str]:
    if slope.high < 1:
        return ["too sure"]
    return ["too unsure"] if slope.low > 1 else []


def _two_classes(found: TwoClassCalibration, words: tuple[str, str]) -> list[str]:
    negative, positive = words
    rows = _rows(found.n_rows, found.how)
    alike = "" if float(found.n_rows).is_integer() else "effectively "
    of = (
        f"{rows} ({alike}{whole_rows(found.n_positive):,} {positive}, "
        f"{alike}{whole_rows(found.n_negative):,} {negative})"
    )
    ratio = (
        f"observed by expected {positive} rows are {_interval(found.observed_by_expected, 1)}"
        if math.isfinite(found.observed_by_expected.value)
        else f"no {positive} row is expected"
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
            f"{_interval(weak.slope, 1)}, 1 if calibrated, and {ratio} (joint test of intercept "
            f"and slope at 5 %: {_p(weak.p_value)}).{_no_proof(head)}{_other_test(found, head)}"
        )
        if head != NONE_SHOWN and found.caution:
            return [finding, _FEW]
        alone = weak.slope.high < 1 or weak.slope.low > 1 or not _holds_0(weak.intercept)
        if head == NONE_SHOWN and alone:
            finding += _ONE_END
    return [finding, *([found.caution] if found.caution else [])]


def _other_test(found: TwoClassCalibration, head: str) -> str:
    """The test that speaks where the joint one does not."""
    weak, brier = found.weak, found.brier
    if weak is None or brier is None or head == NONE_SHOWN or weak.p_value < LEVEL:
        return ""
    return f" The shape was tested by the MCB of the Brier score, at 2.5 %: {_p(brier.p_value)}."


def _holds_0(found: Estimate) -> bool:
    return not (found.low > 0 or found.high < 0)


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
    return NONE_SHOWN


# So many classes without a test are named.
_MOST_NAMED = 5


def several_classes_tested(found: MulticlassCalibration) -> tuple[float, list[float]]:
    """The p-values of the temperature and of each class, by Holm's correction over all of them.

    NaN where there is no test. Together they find something in 5 % of calibrated predictions.
    """
    p_values = [found.temperature.p_value]
    p_values += [_NAN if each.weak is None else each.weak.p_value for each in found.classes]
    adjusted = holm(np.array(p_values)).tolist()
    return adjusted[0], adjusted[1:]


def _several_classes(
    found: MulticlassCalibration, classes: Sequence[str], grades: Sequence[str]
) -> list[str]:
    """One finding for all classes: the temperature alone can be right while each class is wrong."""
    rows, test = _rows(found.n_rows, found.how), found.temperature
    of_all, of_classes = several_classes_tested(found)
    names = [*classes] or [str(k) for k in range(len(found.classes))]
    p_of = dict(zip(names, of_classes, strict=True))
    wrong = [name for name in grades or names if p_of[name] <= LEVEL]
    head = NONE_SHOWN
    if of_all <= LEVEL or wrong:
        ways = _sureness(test.slope) if of_all <= LEVEL else []
        head = f"The probabilities are {' and '.join(ways) or 'miscalibrated'}"
    if test.refused is not None:
        begun = f"{head} {rows}; no temperature, because {test.refused}."
    else:
        begun = (
            f"{head} {rows}: the slope of the logits is {_interval(test.slope, 1)}, 1 if "
            f"calibrated (temperature {amount(1 / test.slope.value, 3)}; {_p(test.p_value)})."
        )
    untested = [name for name in grades or names if math.isnan(p_of[name])]
    each = _each_class(wrong, untested, len(names))
    return [f"{begun} {each}{_no_proof(head)}"]


def _each_class(wrong: Sequence[str], untested: Sequence[str], n_classes: int) -> str:
    n_tested = n_classes - len(untested)
    if not n_tested:
        return "No class has enough rows for a test of its own."
    said = (
        f"Each class against the rest, at 5 % for all {n_tested} and the slope together (Holm): "
        f"{'miscalibrated ' + ', '.join(wrong) if wrong else 'no miscalibration shown'}."
    )
    if not untested:
        return said
    rest = counted(len(untested), "class has", "classes have")
    named = "" if len(untested) > _MOST_NAMED else f" ({', '.join(untested)})"
    return f"{said} {rest} no test{named}."


def _quantile(found: QuantileCalibration) -> str:
    rows, level = _rows(found.n_rows, found.how), amount(100 * found.level, 3)
    what = "medians" if found.level == 0.5 else f"{amount(found.level, 4)} quantiles"
    head = f"No error of the level of the predicted {what} shown"
    if found.p_value < LEVEL:
        head = (
            f"The predicted {what} are too {'low' if found.below.value < found.level else 'high'}"
        )
    below = found.below
    percents = [100 * each for each in (below.value, below.low, below.high)]
    share, low, high = on_its_side(percents, 100 * found.level, 3)
    said = (
        f"{head} {rows}: {share} % of the true values are below the "
        f"prediction [{low}, {high}], and {level} % should be (exact test at 5 %: "
        f"{_p(found.p_value)})."
    )
    return said if found.p_value < LEVEL else f"{said} {_NO_PROOF}"


def _numbers(found: RegressionCalibration) -> list[str]:
    rows = _rows(found.n_rows, found.how)
    bias = f"true values exceed predictions by {_interval(found.bias, 0)} on average"
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
        head = NONE_SHOWN
    apart = not _holds_0(found.bias) or found.slope.high < 1 or found.slope.low > 1
    alone = _ONE_END if head == NONE_SHOWN and apart else ""
    return [
        f"{head} {rows}: the slope of the truth on the predictions is {_interval(found.slope, 1)}, "
        f"1 if calibrated, and {bias} (joint test of intercept and slope at 5 %: "
        f"{_p(found.p_value)}).{_no_proof(head)}{alone}"
    ]
