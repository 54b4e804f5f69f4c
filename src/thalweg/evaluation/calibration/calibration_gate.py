"""Fit a map that corrects predictions, and the gate that decides whether one is applied.

A map that is fitted on few rows, or where nothing is wrong, makes predictions worse: fitted on n
rows, an affine map of calibrated predictions costs about 1 / n nats of log-loss, and a temperature
half of it. So ``"auto"`` fits one only if a test at 5 % shows that predictions are not calibrated,
and only from at least 200 rows, 50 of them not of the most common class. If rows of one group
depend on each other, its tests count groups, as those of an evaluation do; the map is the same, as
groups do not change what is likeliest.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers, effective_number
from thalweg.evaluation.calibration.class_calibration import temperature_test
from thalweg.evaluation.calibration.logistic_newton import newton
from thalweg.evaluation.calibration.probability_rows import ProbabilityRows, probability_rows
from thalweg.evaluation.calibration.recalibration_map import KINDS, Calibration, Task
from thalweg.evaluation.calibration.regression_calibration import regression_calibration
from thalweg.evaluation.calibration.weak_calibration import (
    WeakCalibration,
    weak_calibration,
    why_no_slope,
)
from thalweg.evaluation.judging.informative_rows import rows_that_tell
from thalweg.wording import amount, parameter

LEVEL = 0.05
FEWEST_OF_A_CLASS, FEWEST_IN_ALL = 50, 200


@dataclass(frozen=True)
class Gate:
    """Whether predictions are corrected, and why.

    Parameters
    ----------
    calibration : Calibration, optional
        None: predictions stay as they are.
    p_value : float
        Of the test; NaN if there was none.
    reason : str
        As a sentence without a full stop.
    """

    calibration: Calibration | None
    p_value: float
    reason: str


def task_of(answers: Answers) -> Task:
    """The task that answers are for, by their types, as `Answers` says."""
    if answers.answer.ndim == 2:
        return "multiclass"
    return "binary" if answers.truth.dtype == np.bool_ else "regression"


def fit_calibration(answers: Answers, kind: str = "auto") -> Calibration | None:
    """A map that corrects predictions, fitted on rows that the model was not trained on.

    Parameters
    ----------
    answers : Answers
        Truths of two classes are bool.
    kind : {"auto", "none", "temperature", "affine"}, default "auto"
        ``"auto"``: affine for two classes and for numbers, a temperature for several classes, but
        only through the gate. A temperature is for classes, and affine not for several.

    Returns
    -------
    Calibration or None
        None: predictions stay as they are. `calibration_gate` says why.

    Raises
    ------
    SettingsError
        If the task has no such kind.
    DataError
        If a map was asked for by its name and these rows do not determine it.
    """
    task = task_of(answers)
    if kind in ("auto", "none"):
        return calibration_gate(answers).calibration if kind == "auto" else None
    if kind not in KINDS[task]:
        raise SettingsError(
            f"There is no calibration {kind!r} for this target",
            where=parameter("calibration"),
            fix=f"write one of {', '.join(map(repr, ('auto', 'none', *KINDS[task])))}",
        )
    found = (
        "it would be fitted on rows that the model was trained on"
        if answers.how == "training"
        else _map(answers, task, kind)
    )
    if isinstance(found, str):
        raise DataError(
            "The predictions cannot be calibrated",
            where=f"{len(answers):,} rows",
            why=found,
            fix=f"leave them as they are by {parameter('calibration', 'none')}, or give more rows "
            "that the model was not trained on",
        )
    return found


def calibration_gate(answers: Answers) -> Gate:
    """Whether the predictions of these rows show that they should be corrected, and the map."""
    task = task_of(answers)
    if answers.how == "training":
        return Gate(None, math.nan, "the model was trained on these rows")
    if answers.how == "origin unknown":
        return Gate(None, math.nan, "the model may have been trained on these rows")
    few = _too_few(answers, task)
    p_value, refused = _tested(answers, task)
    if refused is not None:
        return Gate(None, p_value, refused)
    if few is not None:
        return Gate(None, p_value, few)
    test = _test_in_words(p_value)
    if p_value >= LEVEL:
        return Gate(None, p_value, f"no miscalibration shown: {test}")
    found = _map(answers, task, KINDS[task][-1])
    if isinstance(found, str):
        return Gate(None, p_value, f"{test}, but {found}")
    return Gate(found, p_value, test)


def named_calibration(answers: Answers, kind: str) -> Gate:
    """The map of a kind that was asked for by its name, with what the test of the gate says.

    Parameters
    ----------
    answers : Answers
    kind : {"temperature", "affine"}
        One that the task has.
    """
    task = task_of(answers)
    p_value = _tested(answers, task)[0]
    found = _map(answers, task, kind)
    if isinstance(found, str):
        return Gate(None, p_value, found)
    test = "" if math.isnan(p_value) else f"; {_test_in_words(p_value)}"
    return Gate(found, p_value, f"this was asked for{test}")


def _test_in_words(p_value: float) -> str:
    return f"the test of calibration gives p = {amount(p_value, 2)}"


def _tested(answers: Answers, task: Task) -> tuple[float, str | None]:
    """The p-value of the test of this task, and why there is none."""
    if task == "multiclass":
        temperature = temperature_test(answers)
        return temperature.p_value, temperature.refused
    if task == "regression":
        line = regression_calibration(answers)
        return line.p_value, line.refused
    weak = weak_calibration(probability_rows(answers))
    return weak.p_value, weak.refused


def _too_few(answers: Answers, task: Task) -> str | None:
    """What is missing, if the rows are too few for the gate; a count of classes if there are."""
    counts = answers.counts()
    n = effective_number(counts)
    if n < FEWEST_IN_ALL:
        return f"a correction is fitted from {FEWEST_IN_ALL} rows on, and there are {int(n):,}"
    if task == "regression":
        return None
    of_classes = [
        effective_number(counts[answers.truth == each]) for each in np.unique(answers.truth)
    ]
    others = rows_that_tell(of_classes)
    if others < FEWEST_OF_A_CLASS:
        return (
            f"a correction is fitted from {FEWEST_OF_A_CLASS} rows on that are not of the most "
            f"common class, and there are {int(others):,}"
        )
    return None


def _map(answers: Answers, task: Task, kind: str) -> Calibration | str:
    """The fitted map, or why there is none."""
    answers = replace(answers, groups=None)  # they change a test, and no likeliest map
    if task == "binary":
        rows = probability_rows(answers)
        refused = why_no_slope(rows)
        if refused is not None:
            return refused
        found = _affine(weak_calibration(rows)) if kind == "affine" else (0.0, _tempered(rows))
    elif task == "multiclass":
        test = temperature_test(answers)
        if test.refused is not None:
            return test.refused
        found = (0.0, test.slope.value)
    else:
        line = regression_calibration(answers)
        if line.refused is not None:
            return line.refused
        found = (line.intercept.value, line.slope.value)
    intercept, slope = found
    if not (slope > 0 and math.isfinite(intercept) and math.isfinite(slope)):
        return "the likeliest slope is not above 0: it would turn the order of rows around"
    return Calibration(task, kind, intercept, slope)


def _affine(weak: WeakCalibration) -> tuple[float, float]:
    return weak.intercept_at_slope, weak.slope.value


def _tempered(rows: ProbabilityRows) -> float:
    """The slope of the logits without an intercept; NaN if none is finite."""
    z, y, weights = (each[rows.finite] for each in (rows.z, rows.y, rows.weights))
    size = float(np.sqrt(np.sum(weights * z * z) / weights.sum()))
    right = np.where(y > 0, z, -z)
    if not (right.min() < 0 < right.max()):
        return math.nan
    fit = newton((z / size)[:, np.newaxis], y, weights, np.array([size]))
    return math.nan if fit is None else float(fit.beta[0]) / size
