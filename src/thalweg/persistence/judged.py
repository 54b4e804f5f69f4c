"""What a judgement in a model file must look like, for each kind of question."""

from typing import Any

from thalweg.evaluation.baselines import LOGISTIC, RIDGE
from thalweg.evaluation.comparison import LOG_LOSS, RESULTS, RMSE, compare
from thalweg.evaluation.intervals import Estimate
from thalweg.evaluation.sentences import beside
from thalweg.persistence.forms import (
    TEXT,
    Each,
    Form,
    Maybe,
    Perhaps,
    list_of,
    number,
    one_of,
    require,
    whole,
)

_COUNT = whole(0)
_SHARE = number(0, 1)
# Infinities as the metrics write them: JSON has none.
_ESTIMATE: dict[str, Form] = dict.fromkeys(
    ("value", "low", "high"), one_of(None, "Infinity", "-Infinity") | number()
)
_COMPARISON: Form = {
    **_ESTIMATE,
    "measure": one_of(LOG_LOSS, RMSE),
    "margin": one_of("Infinity") | number(0),
    "comparison": one_of(*RESULTS),
}
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
        "baselines": Each(judgement),
        "comparisons": Each(_COMPARISON),
        "sentence": TEXT,
    }


VERDICTS: dict[str, dict[str, Form]] = {
    "binary": _verdict("binary", _BINARY, positive=TEXT, negative=TEXT),
    "multiclass": _verdict("multiclass", _MULTICLASS, classes=list_of(TEXT)),
    "regression": _verdict("regression", _REGRESSION),
}

_COUNTS = list_of(_COUNT)
_ENDS: dict[str, Form] = dict.fromkeys(("low", "median", "high"), Maybe(number()))
_TABLE: dict[str, Form] = {
    "name": TEXT,
    "target": TEXT,
    "notes": [TEXT],
    "columns": [
        {
            "name": TEXT,
            "kind": TEXT,
            "missing": _COUNT,
            **_ENDS,
            # Not in files that were written before reports showed them.
            "levels": Perhaps(Maybe([{"name": TEXT, "rows": _COUNT}])),
            "n_levels": Perhaps(Maybe(_COUNT)),
        }
    ],
}
_CURVES: Form = {
    **dict.fromkeys(("n_positive", "n_negative", "steps"), _COUNT),
    **dict.fromkeys(("true_positive", "false_positive"), _COUNTS),
    "roc": dict.fromkeys(("true_positive", "false_positive"), _COUNTS),
    "histogram": dict.fromkeys(("positive", "negative"), _COUNTS),
}
_RESIDUALS: Form = {
    **dict.fromkeys(("low", "high", "reach"), number()),
    "counts": [_COUNTS],
    "residuals": _COUNTS,
}
REPORTS: dict[str, dict[str, Form]] = {
    "binary": {"table": {**_TABLE, "class_counts": Each(_COUNT)}, "curves": _CURVES},
    "multiclass": {"table": {**_TABLE, "class_counts": Each(_COUNT)}, "curves": one_of(None)},
    "regression": {"table": {**_TABLE, "target_range": _ENDS}, "curves": _RESIDUALS},
}


def is_of_before(verdict: Any) -> bool:
    """Whether a judgement has but one difference, as the first versions of thalweg wrote it."""
    return type(verdict) is dict and "difference" in verdict and "comparisons" not in verdict


def of_today(task: str, verdict: Any, costs: list[float]) -> Any:
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
    found = compare(measure, difference, loss, network["n_samples"])
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


def _rival(task: str) -> tuple[str, str, str]:
    """The simpler model that a judgement has, the measure of the difference, and its key."""
    if task == "regression":
        return RIDGE, RMSE, "rmse"
    return LOGISTIC, LOG_LOSS, "log_loss"


def _require_comparisons(task: str, verdict: Any) -> None:
    found, (rival, measure, _) = verdict["comparisons"], _rival(task)
    if rival not in found or not found.keys() <= verdict["baselines"].keys():
        raise ValueError("the judgement does not compare with what was judged")
    for each in found.values():
        if each["measure"] != measure:
            raise ValueError("the judgement compares by a measure of another task")
        if len({each[end] is None for end in ("value", "low", "high")}) > 1:
            raise ValueError("a difference is defined in part")


_OLD = (
    "An older thalweg judged this model: the difference from a constant answer was not kept. "
    "Train it again to have it."
)


def _estimate(plain: Any) -> Estimate:
    """An estimate of what `Estimate.as_dict` gave."""
    return Estimate(
        *(
            float("nan") if plain[end] is None else float(plain[end])
            for end in ("value", "low", "high")
        )
    )


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
    _require_comparisons(task, verdict)
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
        counts = report["curves"]["counts"]
        rows = [sum(map(sum, counts)), sum(report["curves"]["residuals"])]
        if rows != [verdict["n_test"]] * 2 or {len(row) for row in counts} != {len(counts)}:
            raise ValueError("the residuals are about other rows than the judgement")


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


def _require_curves(curves: Any, network: Any) -> None:
    n_positive, n_negative = curves["n_positive"], curves["n_negative"]
    if (n_positive, n_positive + n_negative) != (network["n_positive"], network["n_samples"]):
        raise ValueError("the curves are about other rows than the judgement")
    for kind, most in (("true_positive", n_positive), ("false_positive", n_negative)):
        grid, roc = curves[kind], curves["roc"][kind]
        falling, rising = sorted(grid, reverse=True), sorted(roc)
        if len(grid) != curves["steps"] + 1 or grid != falling or roc != rising:
            raise ValueError("the curves do not run in one direction")
        if max([*grid, *roc], default=0) > most or len(roc) != len(curves["roc"]["true_positive"]):
            raise ValueError("the curves count more rows than there are")
