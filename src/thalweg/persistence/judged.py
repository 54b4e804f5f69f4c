"""What a judgement in a model file must look like, for each kind of question."""

from typing import Any

from thalweg.evaluation.curves import BINS, STEPS
from thalweg.evaluation.values import CELLS
from thalweg.persistence.forms import TEXT, Each, Form, Rule, list_of, number, one_of, whole

_COUNT = whole(0)
_SHARE = number(0, 1)
# Far more than fit judges beside a network.
_MOST_BASELINES = 20
_NUMBER = number()
# Infinities as the metrics write them: JSON has none.
_MEASURED = one_of("Infinity", "-Infinity") | _NUMBER


def _is_estimate(value: Any) -> bool:
    if type(value) is not dict or value.keys() != {"value", "low", "high"}:
        return False
    if value["value"] is None:
        return value["low"] is None and value["high"] is None
    return all(map(_MEASURED.holds, value.values())) and float(value["low"]) <= float(value["high"])


# All of it or nothing: what has a value has an interval.
_ESTIMATE = Rule(
    "a value in an interval from low to high, or nothing in all three places", _is_estimate
)
_BINARY: Form = {
    "n_samples": _COUNT,
    "n_positive": _COUNT,
    "threshold": _SHARE,
    "confusion": dict.fromkeys(
        ("true_positive", "false_negative", "false_positive", "true_negative"), _COUNT
    ),
    "metrics": dict.fromkeys(
        ("accuracy", "sensitivity", "specificity", "auc", "log_loss", "brier"), _ESTIMATE
    ),
}
_MULTICLASS: Form = {
    "n_samples": _COUNT,
    "confusion": [list_of(_COUNT)],
    "metrics": dict.fromkeys(
        ("accuracy", "balanced_accuracy", "auc", "log_loss", "brier"), _ESTIMATE
    ),
    "recall": [_ESTIMATE],
    "precision": [_ESTIMATE],
}
_REGRESSION: Form = {
    "n_samples": _COUNT,
    "metrics": dict.fromkeys(("rmse", "mae", "r2"), _ESTIMATE),
}


def _verdict(task: str, judgement: Form, **facts: Form) -> dict[str, Form]:
    return {
        "task": one_of(task),
        "how": TEXT,
        "n_train": _COUNT,
        "n_test": _COUNT,
        **facts,
        "network": judgement,
        "baselines": Each(judgement, _MOST_BASELINES),
        "difference": _ESTIMATE,
        "sentence": TEXT,
    }


VERDICTS: dict[str, dict[str, Form]] = {
    "binary": _verdict("binary", _BINARY, positive=TEXT, negative=TEXT),
    "multiclass": _verdict("multiclass", _MULTICLASS, classes=list_of(TEXT)),
    "regression": _verdict("regression", _REGRESSION),
}

_COUNTS = list_of(_COUNT)


def _are_ends(value: Any) -> bool:
    low, median, high = (value[key] for key in ("low", "median", "high"))
    return all(map(_NUMBER.holds, (low, median, high))) and low <= median <= high


def _is_range(value: Any) -> bool:
    return type(value) is dict and value.keys() == {"low", "median", "high"} and _are_ends(value)


def _is_column(value: Any) -> bool:
    if type(value) is not dict or value.keys() != {
        "name", "kind", "missing", "low", "median", "high"
    }:  # fmt: skip
        return False
    if not (TEXT.hold_all([value["name"], value["kind"]]) and _COUNT.holds(value["missing"])):
        return False
    return value["low"] is value["median"] is value["high"] is None or _are_ends(value)


_COLUMN = Rule(
    "a name, a kind, a count and, together or not at all, low, median and high", _is_column
)
_RANGE = Rule("a low, a median and a high, in that order", _is_range)
_TABLE: dict[str, Form] = {
    "name": TEXT,
    "target": TEXT,
    "notes": [TEXT],
    "columns": [_COLUMN],
}
_CURVES: Form = {
    **dict.fromkeys(("n_positive", "n_negative"), _COUNT),
    "steps": one_of(STEPS),
    **dict.fromkeys(("true_positive", "false_positive"), _COUNTS),
    "roc": dict.fromkeys(("true_positive", "false_positive"), _COUNTS),
    "histogram": dict.fromkeys(("positive", "negative"), _COUNTS),
}
_RESIDUALS: Form = {
    **dict.fromkeys(("low", "high"), _NUMBER),
    "reach": number(0),
    "counts": [_COUNTS],
    "residuals": _COUNTS,
}
REPORTS: dict[str, dict[str, Form]] = {
    "binary": {"table": {**_TABLE, "class_counts": Each(_COUNT)}, "curves": _CURVES},
    "multiclass": {"table": {**_TABLE, "class_counts": Each(_COUNT)}, "curves": one_of(None)},
    "regression": {"table": {**_TABLE, "target_range": _RANGE}, "curves": _RESIDUALS},
}


def require_verdict(task: str, verdict: Any, report: Any, labels: list[str], positive: str) -> None:
    """Raise a ValueError where a judgement, of its form, contradicts itself or its model.

    Parameters
    ----------
    task : str
    verdict : dict
    report : dict or None
    labels : list of str
        The model's classes.
    positive : str
    """
    judged = (verdict["network"], *verdict["baselines"].values())
    if any(each["n_samples"] != verdict["n_test"] for each in judged):
        raise ValueError("the judgement's rows do not add up")
    if task == "binary":
        _require_binary(verdict, report, labels, positive, judged)
    elif task == "multiclass":
        if verdict["classes"] != labels:
            raise ValueError("the judgement is about other classes")
        for each in judged:
            shapes = {len(row) for row in each["confusion"]} | {len(each["confusion"])}
            if shapes | {len(each["recall"]), len(each["precision"])} != {len(labels)}:
                raise ValueError("the judgement is about another number of classes")
            if sum(map(sum, each["confusion"])) != each["n_samples"]:
                raise ValueError("the judgement's rows do not add up")
    elif report is not None:
        _require_residuals(report["curves"], verdict["n_test"])


def _require_binary(
    verdict: Any, report: Any, labels: list[str], positive: str, judged: tuple[Any, ...]
) -> None:
    both = sorted((verdict["positive"], verdict["negative"]))
    if verdict["positive"] != positive or sorted(labels) != both:
        raise ValueError("the judgement is about other classes")
    for each in judged:
        counts = each["confusion"]
        n_positive = counts["true_positive"] + counts["false_negative"]
        if (n_positive, sum(counts.values())) != (each["n_positive"], each["n_samples"]):
            raise ValueError("the judgement's rows do not add up")
    if report is not None:
        _require_curves(report["curves"], verdict["network"])


def _require_residuals(residuals: Any, n_rows: int) -> None:
    counts = residuals["counts"]
    if {len(counts), len(residuals["residuals"]), *map(len, counts)} != {CELLS}:
        raise ValueError(f"the residuals are not counted in {CELLS} bins")
    if [sum(map(sum, counts)), sum(residuals["residuals"])] != [n_rows] * 2:
        raise ValueError("the residuals are about other rows than the judgement")
    if residuals["low"] > residuals["high"]:
        raise ValueError("the residuals run from a high end to a low one")


def _require_curves(curves: Any, network: Any) -> None:
    n_positive, n_negative = curves["n_positive"], curves["n_negative"]
    if (n_positive, n_positive + n_negative) != (network["n_positive"], network["n_samples"]):
        raise ValueError("the curves are about other rows than the judgement")
    sides = (("positive", "true_positive", n_positive), ("negative", "false_positive", n_negative))
    for side, kind, most in sides:
        grid, roc, bars = curves[kind], curves["roc"][kind], curves["histogram"][side]
        if len(grid) != STEPS + 1 or grid != sorted(grid, reverse=True) or roc != sorted(roc):
            raise ValueError("the curves do not run in one direction")
        if len(bars) != BINS or sum(bars) != most:
            raise ValueError(f"a histogram does not count the rows of a class in {BINS} bins")
        if grid[0] > most or [*roc[:1], *roc[-1:]] != [0, most]:
            raise ValueError("the curves do not count from no row to all there are")
    if len(curves["roc"]["true_positive"]) != len(curves["roc"]["false_positive"]):
        raise ValueError("the curves do not run in one direction")
