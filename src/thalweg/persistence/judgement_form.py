"""Validate the judgement (test results) in a model file, for each task."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from thalweg.data.schema.kinds import KINDS
from thalweg.estimators.parameters.simpler_model import WITHOUT_LAYERS
from thalweg.evaluation.grades.grade_metrics import GRADE_METRICS
from thalweg.evaluation.judging.regression_loss import measure_of_loss
from thalweg.evaluation.judging.regression_metrics import CELLS
from thalweg.evaluation.judging.shapes import (
    ClassesVerdict,
    Count,
    CurvesData,
    DifferenceData,
    EstimateData,
    ResidualsData,
    Rows,
    Share,
    Size,
    Steps,
    TwoClassesData,
    TwoClassesVerdict,
    ValuesData,
    ValuesVerdict,
)
from thalweg.evaluation.judging.threshold_curves import BINS, STEPS
from thalweg.evaluation.task_kinds import (
    ONE_NUMBER,
    SEVERAL_CLASSES,
    SEVERAL_QUANTILES,
    TASKS,
    TWO_CLASSES,
    TaskKind,
    metric_of,
)
from thalweg.persistence.estimate_forms import DIFFERENCE, ESTIMATE, estimate_of
from thalweg.persistence.evaluations.same_numbers import require_class_counts, require_same_numbers
from thalweg.persistence.evaluations.same_quantiles import require_several_quantiles
from thalweg.persistence.plain_data_checks import (
    TEXT,
    Each,
    Form,
    FormRule,
    Maybe,
    Perhaps,
    Plain,
    list_of,
    number,
    numbers_in,
    one_of,
    whole,
)
from thalweg.persistence.section_forms import require_sections, sections_form

Counts = list[Count]
# How a judgement on held-out rows begins.
_TRAINED_ON = re.compile(r"Trained on (?:([\d,]{1,30}) rows?\b)?", re.ASCII)

_COUNT = whole(0)
_SHARE = number(0, 1)
# Far more baselines than fit compares with a network.
MOST_BASELINES = 20
_NUMBER = number()
# The forms of basic types of plain data; `form_of` builds the forms of compound types from them.
_FORMS: dict[object, Form] = {
    str: TEXT,
    float: _NUMBER,
    Count: number(0),  # a whole one, unless rows have weights: `_require_whole`
    Rows: _COUNT,
    Share: _SHARE,
    Size: number(0),
    Steps: one_of(STEPS),
    EstimateData: ESTIMATE,
    DifferenceData: DIFFERENCE,
}


def form_of(shape: type) -> Form:
    """The form of plain data of a type in `thalweg.evaluation.judging.shapes`."""
    if shape in _FORMS:
        return _FORMS[shape]
    if is_typeddict(shape):
        hints = get_type_hints(shape, include_extras=True)
        return {key: form_of(inner) for key, inner in hints.items()}
    kind, inner = get_origin(shape), form_of(get_args(shape)[-1])
    if kind is NotRequired:
        return Perhaps(inner)
    if kind is dict:
        return Each(inner, MOST_BASELINES)
    assert kind is list
    if (
        isinstance(inner, FormRule)
        and not inner.keys
        and get_origin(get_args(shape)[0]) is not list
    ):
        return list_of(inner)
    return [inner]


def evaluation_form(task: TaskKind) -> dict[str, Form]:
    """The form of the evaluation of one model."""
    form = form_of(task.judgement)
    assert isinstance(form, dict)
    metrics: dict[str, Form] = {
        metric.key: estimate_of(metric) if metric.always else Perhaps(estimate_of(metric))
        for metric in task.metrics
    }
    return {**form, "metrics": metrics}


def _verdict_form(task: TaskKind) -> dict[str, Form]:
    form, judgement = form_of(task.verdict), evaluation_form(task)
    assert isinstance(form, dict)
    baselines = Each(judgement, MOST_BASELINES)
    subject = Perhaps(one_of(WITHOUT_LAYERS, task.rival))
    return {
        **form, "task": one_of(task.name), "network": judgement, "baselines": baselines,
        "subject": subject, "sections": Perhaps(sections_form(task)),
    }  # fmt: skip


VERDICTS: dict[TaskKind, dict[str, Form]] = {task: _verdict_form(task) for task in TASKS.values()}


_ENDS = ("low", "median", "high")


def _are_ends(value: Plain) -> bool:
    low, median, high = (value[key] for key in _ENDS)
    return all(map(_NUMBER.holds, (low, median, high))) and low <= median <= high


def _is_range(value: Plain) -> bool:
    return type(value) is dict and value.keys() == {*_ENDS} and _are_ends(value)


_KIND = one_of(*KINDS)
_COLUMN_KEYS = {"name", "kind", "missing", "low", "median", "high"}
# Files that were written before reports showed levels do not have these keys.
_LEVEL_KEYS = {"levels", "n_levels"}


def _is_column(value: Plain) -> bool:
    if type(value) is not dict or not _COLUMN_KEYS <= value.keys() <= _COLUMN_KEYS | _LEVEL_KEYS:
        return False
    if not (TEXT.holds(value["name"]) and _KIND.holds(value["kind"])):
        return False
    if not _COUNT.holds(value["missing"]):
        return False
    if not _are_levels(value.get("levels"), value.get("n_levels")):
        return False
    return value["low"] is value["median"] is value["high"] is None or _are_ends(value)


def _are_levels(levels: Plain, n_levels: Plain) -> bool:
    if levels is None or n_levels is None:
        return levels is n_levels
    return (
        type(levels) is list
        and all(type(each) is dict and each.keys() == {"name", "rows"} for each in levels)
        and TEXT.hold_all([each["name"] for each in levels])
        and _COUNT.hold_all([each["rows"] for each in levels])
        and _COUNT.holds(n_levels)
        and len(levels) <= n_levels
    )


_COLUMN = FormRule(
    "a name, a kind and a count; low, median and high, or none of them; levels and their number, "
    "or neither",
    _is_column,
    like={
        "name": TEXT,
        "kind": _KIND,
        "missing": _COUNT,
        **dict.fromkeys(_ENDS, Maybe(_NUMBER)),
        "levels": Perhaps(Maybe([{"name": TEXT, "rows": _COUNT}])),
        "n_levels": Perhaps(Maybe(_COUNT)),
    },
)
_RANGE = FormRule(
    "a low, a median and a high, in that order", _is_range, like=dict.fromkeys(_ENDS, _NUMBER)
)
_TABLE: dict[str, Form] = {
    "name": TEXT,
    "target": TEXT,
    "notes": [TEXT],
    "columns": [_COLUMN],
}
_TOLD: dict[str, Form] = {"class_counts": Each(_COUNT), "target_range": _RANGE}


def _report_form(task: TaskKind) -> dict[str, Form]:
    return {
        "table": {**_TABLE, task.told_of_target: _TOLD[task.told_of_target]},
        "curves": one_of(None) if task.pictures is None else form_of(task.pictures),
    }


REPORTS: dict[TaskKind, dict[str, Form]] = {task: _report_form(task) for task in TASKS.values()}


def _require_differences(task: TaskKind, verdict: Plain, loss: str) -> None:
    found, measure = verdict["differences"], task.measure
    own = measure_of_loss(loss).name if task is ONE_NUMBER else measure
    if task.rival not in found or not found.keys() <= verdict["baselines"].keys():
        raise ValueError("the judgement's differences do not fit its baselines")
    compared = {each["measure"] for each in found.values()}
    # Older versions compared all regression models by RMSE.
    if compared not in ({own}, {measure}):
        raise ValueError("the judgement compares by another measure than that of the model")
    keys = {*(each.key for each in task.metrics if each.always), *map(metric_of, compared)}
    keys |= set(GRADE_METRICS) if "grades" in verdict else set()
    for each in (verdict["network"], *verdict["baselines"].values()):
        if each["metrics"].keys() != keys:
            raise ValueError("the judgement's metrics are not those of its measure")
    for each in found.values():
        if len({each[end] is None for end in ("value", "low", "high")}) > 1:
            raise ValueError("a difference is only partly defined")


@dataclass(frozen=True)
class Asked:
    """The facts about a model that its judgement must agree with.

    Parameters
    ----------
    task : TaskKind
    labels : list of str
        Its classes.
    positive : str
    loss : str
        Its training loss.
    weighted : bool
        Whether its training rows have weights.
    grades : list of str, optional
        Its classes in the order of the grades, if they have one.
    """

    task: TaskKind
    labels: list[str]
    positive: str
    loss: str
    weighted: bool = False
    grades: list[str] | None = None


def require_verdict(asked: Asked, verdict: Plain, report: Plain) -> None:
    """Raise a ValueError if a judgement of valid form contradicts itself or its model.

    Parameters
    ----------
    asked : Asked
    verdict : dict
    report : dict or None
    """
    judged = (verdict["network"], *verdict["baselines"].values())
    said = _TRAINED_ON.match(verdict["how"])
    if said and (said[1] or "").replace(",", "") != str(verdict["n_train"]):
        raise ValueError("the judgement names another number of training rows than it counts")
    if "refit" in verdict and verdict["refit"]["n_rows"] < verdict["n_train"]:
        raise ValueError("the model was trained again on fewer rows than before")
    if any(each["n_samples"] != verdict["n_test"] for each in judged):
        raise ValueError("the judgement's rows do not add up")
    if len({each.get("n_effective") for each in judged}) > 1:
        raise ValueError("the judgement's models have rows of different weights")
    curves = None if report is None else report["curves"]
    if "n_effective" not in verdict["network"]:
        _require_whole(judged, curves)
    elif not 0 < verdict["network"]["n_effective"] <= verdict["n_test"] * _NEARLY:
        raise ValueError("the judgement's effective number of rows is above that of the rows")
    _require_differences(asked.task, verdict, asked.loss)
    if verdict.get("sections") is not None:
        require_sections(verdict["sections"], len(asked.labels), verdict["n_test"])
    AGREE[asked.task](asked, verdict, curves)
    require_same_numbers(asked.task, asked.loss, asked.positive, verdict, curves)
    counts = None if report is None else report["table"].get("class_counts")
    if counts is not None and not asked.weighted:
        require_class_counts(verdict, counts)


# What pictures have besides counts.
_NO_COUNTS = ("low", "high", "reach", "predicted", "truth")
# Weights are rounded so that their mean is 1 to nine digits.
_NEARLY = 1 + 1e-6


def _require_whole(judged: tuple[Plain, ...], curves: Plain) -> None:
    """Raise a ValueError if rows without weights are counted in parts."""
    counts = [each[key] for each in judged for key in ("n_positive", "confusion") if key in each]
    shown = {} if curves is None else curves
    counts += [each for key, each in shown.items() if key not in _NO_COUNTS]
    if any(type(number) is not int for number in numbers_in(counts)):
        raise ValueError("the judgement counts parts of rows, and the rows have no weights")


def _are_all(counted: float, n_rows: float, judged: Plain) -> bool:
    """Whether counts add up to a number of rows, with weights nearly."""
    if "n_effective" in judged:
        return math.isclose(counted, n_rows, rel_tol=_NEARLY - 1)
    return counted == n_rows


def _require_two_classes(
    asked: Asked, verdict: TwoClassesVerdict, curves: CurvesData | None
) -> None:
    both = sorted((verdict["positive"], verdict["negative"]))
    if verdict["positive"] != asked.positive or sorted(asked.labels) != both:
        raise ValueError("the judgement is about other classes")
    for each in (verdict["network"], *verdict["baselines"].values()):
        counts = each["confusion"]
        n_positive = counts["true_positive"] + counts["false_negative"]
        n_rows = n_positive + counts["false_positive"] + counts["true_negative"]
        if n_positive != each["n_positive"] or not _are_all(n_rows, each["n_samples"], each):
            raise ValueError("the judgement's rows do not add up")
    if curves is not None:
        _require_curves(curves, verdict["network"])


def _require_several_classes(asked: Asked, verdict: ClassesVerdict, curves: None) -> None:
    del curves
    if verdict["classes"] != asked.labels:
        raise ValueError("the judgement is about other classes")
    if verdict.get("grades") != asked.grades:
        raise ValueError("the judgement is about another order of the classes")
    for each in (verdict["network"], *verdict["baselines"].values()):
        shapes = {len(row) for row in each["confusion"]} | {len(each["confusion"])}
        shapes |= {len(each[key]) for key in ("costs", "recall", "precision")}
        if shapes != {len(asked.labels)}:
            raise ValueError("the judgement is about another number of classes")
        if not _are_all(sum(map(sum, each["confusion"])), each["n_samples"], each):
            raise ValueError("the judgement's rows do not add up")


def _require_one_number(asked: Asked, verdict: ValuesVerdict, curves: ResidualsData | None) -> None:
    del asked
    if curves is not None:
        _require_residuals(curves, verdict["network"])


# The checks of a judgement against its model and its curves, by task.
AGREE: dict[TaskKind, Callable[..., None]] = {
    TWO_CLASSES: _require_two_classes,
    SEVERAL_CLASSES: _require_several_classes,
    ONE_NUMBER: _require_one_number,
    SEVERAL_QUANTILES: require_several_quantiles,
}


def _require_residuals(residuals: ResidualsData, network: ValuesData) -> None:
    counts = residuals["counts"]
    if {len(counts), len(residuals["residuals"]), *map(len, counts)} != {CELLS}:
        raise ValueError(f"the residuals are not counted in {CELLS} bins")
    sums, n_rows = (sum(map(sum, counts)), sum(residuals["residuals"])), network["n_samples"]
    if not all(_are_all(each, n_rows, network) for each in sums):
        raise ValueError("the residuals are about other rows than the judgement")
    if residuals["low"] > residuals["high"]:
        raise ValueError("the low end of the residuals is above the high end")


def _require_curves(curves: CurvesData, network: TwoClassesData) -> None:
    n_positive, n_negative = curves["n_positive"], curves["n_negative"]
    n_rows = n_positive + n_negative
    if n_positive != network["n_positive"] or not _are_all(n_rows, network["n_samples"], network):
        raise ValueError("the curves are about other rows than the judgement")
    roc, bars = curves["roc"], curves["histogram"]
    _require_curve(curves["true_positive"], roc["true_positive"], bars["positive"], n_positive)
    _require_curve(curves["false_positive"], roc["false_positive"], bars["negative"], n_negative)
    if len(roc["true_positive"]) != len(roc["false_positive"]):
        raise ValueError("the curves have different lengths")


def _require_curve(grid: Counts, roc: Counts, bars: Counts, most: float) -> None:
    """Raise a ValueError if the counts of one class are not from no row to all of its rows."""
    if len(grid) != STEPS + 1 or grid != sorted(grid, reverse=True) or roc != sorted(roc):
        raise ValueError("the curves are not monotone")
    if len(bars) != BINS or sum(bars) != most:
        raise ValueError(f"a histogram does not count the rows of a class in {BINS} bins")
    if grid[0] > most or [*roc[:1], *roc[-1:]] != [0, most]:
        raise ValueError("the curves do not count from no row to all rows")
