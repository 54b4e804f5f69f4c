"""What a judgement in a model file must look like, for each kind of question."""

from typing import Any

from thalweg.persistence.forms import TEXT, Each, Form, Maybe, list_of, number, one_of, whole

_COUNT = whole(0)
_SHARE = number(0, 1)
# Infinities as the metrics write them: JSON has none.
_ESTIMATE: Form = dict.fromkeys(
    ("value", "low", "high"), one_of(None, "Infinity", "-Infinity") | number()
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
        "baselines": Each(judgement),
        "difference": _ESTIMATE,
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
    "columns": [{"name": TEXT, "kind": TEXT, "missing": _COUNT, **_ENDS}],
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
