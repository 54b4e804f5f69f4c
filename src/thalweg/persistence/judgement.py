"""What a judgement in a model file must look like, for each kind of question."""

from thalweg.evaluation.judging.baselines import LOGISTIC, RIDGE
from thalweg.evaluation.judging.comparison import LOG_LOSS, RESULTS, RMSE, compare, metric_of
from thalweg.evaluation.judging.curves import BINS, STEPS
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.measures import measure_of_loss
from thalweg.evaluation.judging.sentences import beside
from thalweg.evaluation.judging.values import CELLS
from thalweg.persistence.forms import (
    TEXT,
    Each,
    Form,
    Perhaps,
    Plain,
    Rule,
    list_of,
    number,
    one_of,
    require,
    whole,
)

_COUNT = whole(0)
_SHARE = number(0, 1)
# Far more than fit judges beside a network.
_MOST_BASELINES = 20
_NUMBER = number()
# Infinities as the metrics write them: JSON has none.
_MEASURED = one_of("Infinity", "-Infinity") | _NUMBER
_ENDS = ("value", "low", "high")


def _is_interval(value: dict[str, Plain]) -> bool:
    if value["value"] is None:
        return value["low"] is None and value["high"] is None
    ends = [value[end] for end in _ENDS]
    return all(map(_MEASURED.holds, ends)) and float(value["low"]) <= float(value["high"])


def _is_estimate(value: Plain) -> bool:
    return type(value) is dict and value.keys() == {*_ENDS} and _is_interval(value)


# All of it or nothing: what has a value has an interval.
_ESTIMATE = Rule(
    "a value in an interval from low to high, or nothing in all three places",
    _is_estimate,
    keys=frozenset(_ENDS),
)
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


_COMPARISON = Rule(
    "a measure, an interval, a margin and what they show: " + " or ".join(RESULTS),
    _is_comparison,
    keys=_COMPARISON_KEYS,
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
_MULTICLASS: dict[str, Form] = {
    "n_samples": _COUNT,
    "costs": list_of(number(0)),
    "confusion": [list_of(_COUNT)],
    "metrics": dict.fromkeys(
        ("accuracy", "balanced_accuracy", "auc", "log_loss", "brier"), _ESTIMATE
    ),
    "recall": [_ESTIMATE],
    "precision": [_ESTIMATE],
}
_REGRESSION: Form = {
    "n_samples": _COUNT,
    "metrics": {
        **dict.fromkeys(("rmse", "mae", "r2"), _ESTIMATE),
        # The loss that the network descended on, where it is none of these.
        **dict.fromkeys(("pinball", "huber", "poisson"), Perhaps(_ESTIMATE)),
    },
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
        "comparisons": Each(_COMPARISON, _MOST_BASELINES),
        "sentence": TEXT,
    }


VERDICTS: dict[str, dict[str, Form]] = {
    "binary": _verdict("binary", _BINARY, positive=TEXT, negative=TEXT),
    "multiclass": _verdict("multiclass", _MULTICLASS, classes=list_of(TEXT)),
    "regression": _verdict("regression", _REGRESSION),
}

_COUNTS = list_of(_COUNT)


def _are_ends(value: Plain) -> bool:
    low, median, high = (value[key] for key in ("low", "median", "high"))
    return all(map(_NUMBER.holds, (low, median, high))) and low <= median <= high


def _is_range(value: Plain) -> bool:
    return type(value) is dict and value.keys() == {"low", "median", "high"} and _are_ends(value)


_COLUMN_KEYS = {"name", "kind", "missing", "low", "median", "high"}
# Not in files that were written before reports showed them.
_LEVEL_KEYS = {"levels", "n_levels"}


def _is_column(value: Plain) -> bool:
    if type(value) is not dict or not _COLUMN_KEYS <= value.keys() <= _COLUMN_KEYS | _LEVEL_KEYS:
        return False
    if not (TEXT.hold_all([value["name"], value["kind"]]) and _COUNT.holds(value["missing"])):
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


_COLUMN = Rule(
    "a name, a kind, a count and, together or not at all, low, median and high, and levels with "
    "their number",
    _is_column,
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


def is_of_before(verdict: Plain) -> bool:
    """Whether a judgement has but one difference, as the first versions of thalweg wrote it."""
    return type(verdict) is dict and "difference" in verdict and "comparisons" not in verdict


def of_today(task: str, verdict: Plain, costs: list[float]) -> Plain:
    """A judgement of before (`is_of_before`), as far as it goes in the words of today.

    Its one difference is compared anew, and the sentence is that of the comparison: the old one
    took an interval that held 0 for equality. Beside a constant answer nothing is known.

    Raises
    ------
    ValueError
        Where it has not the form that it had.
    """
    before = {
        **{key: form for key, form in VERDICTS[task].items() if key != "comparisons"},
        "difference": _ESTIMATE,
    }
    if task == "multiclass":
        judgement = {key: form for key, form in _MULTICLASS.items() if key != "costs"}
        before |= {"network": judgement, "baselines": Each(judgement)}
    require(verdict, before, "header.judgement")
    network, baselines = verdict["network"], verdict["baselines"]
    rival, measure, key = _rival(task)
    if rival not in baselines:
        raise ValueError(f"the judgement lacks {rival}")
    difference = _estimate(verdict["difference"])
    loss = _estimate(baselines[rival]["metrics"][key]).value
    found = compare(measure, difference, loss, network["n_samples"], _class_counts(task, network))
    if task == "multiclass":  # the network was called by costs, the others by the likeliest class
        network = {**network, "costs": costs}
        baselines = {
            name: {**each, "costs": [1.0] * len(costs)} for name, each in baselines.items()
        }
    return {
        **{key: value for key, value in verdict.items() if key != "difference"},
        "network": network,
        "baselines": baselines,
        "comparisons": {rival: found.as_dict()},
        "sentence": f"{beside(rival, found, network['n_samples'])} {_OLD}",
    }


def _class_counts(task: str, network: dict[str, Plain]) -> list[float]:
    """The judged rows of each class; none of a number."""
    if task == "regression":
        return []
    if task == "binary":
        return [network["n_positive"], network["n_samples"] - network["n_positive"]]
    return [sum(row) for row in network["confusion"]]


def _rival(task: str) -> tuple[str, str, str]:
    """The simpler model that a judgement has, the measure of the difference, and its key."""
    if task == "regression":
        return RIDGE, RMSE, "rmse"
    return LOGISTIC, LOG_LOSS, "log_loss"


def _require_comparisons(task: str, verdict: Plain, loss: str) -> None:
    found, (rival, measure, _) = verdict["comparisons"], _rival(task)
    own = measure_of_loss(loss).name if task == "regression" else measure
    if rival not in found or not found.keys() <= verdict["baselines"].keys():
        raise ValueError("the judgement does not compare with what was judged")
    compared = {each["measure"] for each in found.values()}
    # Older versions compared all models of numbers by RMSE.
    if compared not in ({own}, {measure}):
        raise ValueError("the judgement compares by another measure than the model's own")
    keys = {"rmse", "mae", "r2", *map(metric_of, compared)}
    for each in (verdict["network"], *verdict["baselines"].values()):
        if task == "regression" and each["metrics"].keys() != keys:
            raise ValueError("the judgement's metrics are not those of its measure")
    for each in found.values():
        if len({each[end] is None for end in ("value", "low", "high")}) > 1:
            raise ValueError("a difference is defined in part")


_OLD = (
    "An older thalweg judged this model: the difference from a constant answer was not kept. "
    "Train it again to have it."
)


def _estimate(plain: Plain) -> Estimate:
    """An estimate of what `Estimate.as_dict` gave."""
    return Estimate(
        *(
            float("nan") if plain[end] is None else float(plain[end])
            for end in ("value", "low", "high")
        )
    )


def require_verdict(
    task: str, verdict: Plain, report: Plain, labels: list[str], positive: str, loss: str
) -> None:
    """Raise a ValueError where a judgement, of its form, contradicts itself or its model.

    Parameters
    ----------
    task : str
    verdict : dict
    report : dict or None
    labels : list of str
        The model's classes.
    positive : str
    loss : str
        That the model descended on.
    """
    judged = (verdict["network"], *verdict["baselines"].values())
    if any(each["n_samples"] != verdict["n_test"] for each in judged):
        raise ValueError("the judgement's rows do not add up")
    _require_comparisons(task, verdict, loss)
    if task == "binary":
        _require_binary(verdict, report, labels, positive, judged)
    elif task == "multiclass":
        if verdict["classes"] != labels:
            raise ValueError("the judgement is about other classes")
        for each in judged:
            shapes = {len(row) for row in each["confusion"]} | {len(each["confusion"])}
            shapes |= {len(each[key]) for key in ("costs", "recall", "precision")}
            if shapes != {len(labels)}:
                raise ValueError("the judgement is about another number of classes")
            if sum(map(sum, each["confusion"])) != each["n_samples"]:
                raise ValueError("the judgement's rows do not add up")
    elif report is not None:
        _require_residuals(report["curves"], verdict["n_test"])


def _require_binary(
    verdict: Plain, report: Plain, labels: list[str], positive: str, judged: tuple[Plain, ...]
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


def _require_residuals(residuals: Plain, n_rows: int) -> None:
    counts = residuals["counts"]
    if {len(counts), len(residuals["residuals"]), *map(len, counts)} != {CELLS}:
        raise ValueError(f"the residuals are not counted in {CELLS} bins")
    if [sum(map(sum, counts)), sum(residuals["residuals"])] != [n_rows] * 2:
        raise ValueError("the residuals are about other rows than the judgement")
    if residuals["low"] > residuals["high"]:
        raise ValueError("the residuals run from a high end to a low one")


def _require_curves(curves: Plain, network: Plain) -> None:
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
