"""Text that compares the network with simpler models: titles, differences, decision rules."""

import math
from collections.abc import Mapping
from typing import Any

from thalweg.evaluation.judging.baselines import COMMONER, COMMONEST, LOGISTIC, RIDGE
from thalweg.evaluation.judging.comparison import AS_GOOD, BETTER, WORSE, metric_of
from thalweg.evaluation.judging.sentences import number, only_called
from thalweg.reporting.pieces import text

Facts = Mapping[str, Any]

_MOST_COSTS = 8


def title(verdict: Facts) -> str:
    """The verdict on the network, compared with the strongest of the simpler models."""
    rival = _rival(verdict)
    found = verdict["comparisons"][rival]["comparison"]
    name = rival[0].upper() + rival[1:]
    if found == BETTER:
        return f"The network is better than {rival}"
    if found == WORSE:
        return f"{name} is better than the network"
    if found == AS_GOOD:
        return f"{name} is as good as the network"
    n_rows = verdict["network"]["n_samples"]
    rows = f"these {n_rows:,} rows" if n_rows != 1 else "this row"
    return f"No difference shown by {rows} between the network and {rival}"


def strongest_first(verdict: Facts) -> dict[str, Facts]:
    """The baselines by increasing loss of the comparison: a file does not keep their order."""
    baselines = verdict["baselines"]

    def height(name: str) -> float:
        metric = metric_of(verdict["comparisons"][name]["measure"])
        value = baselines[name]["metrics"][metric]["value"]
        return math.inf if value is None else float(value)

    compared = [name for name in baselines if name in verdict["comparisons"]]
    order = [*sorted(compared, key=height), *sorted(baselines.keys() - set(compared))]
    return {name: baselines[name] for name in order}


def differences(verdict: Facts) -> str:
    """HTML: the difference from each simpler model, with its interval and the margin."""
    found = verdict["comparisons"]
    order = sorted(found, key=lambda name: (name != _rival(verdict), name))
    [measure] = {each["measure"] for each in found.values()}
    said = "; ".join(f"{text(name)} {_difference(found[name])}" for name in order)
    return f"{measure[0].upper()}{measure[1:]} of the network minus that of {said}."


def rule(verdict: Facts) -> str:
    """The decision rule of all models as a sentence, and whether it is the same for all."""
    if verdict["task"] == "regression":
        return ""
    if verdict["task"] == "binary":
        key, words = "threshold", f"a row {verdict['positive']} above a probability of"
        how = {name: f"{words} {each[key]:.4g}" for name, each in _all(verdict).items()}
    else:
        how = {name: _by_costs(each, verdict["classes"]) for name, each in _all(verdict).items()}
    if not verdict["baselines"]:
        return f"The network calls {how['network']}."
    if len(set(how.values())) == 1:
        return f"Network and baselines call {how['network']}.{_constant(verdict)}"
    others = " and ".join(sorted({how[name] for name in verdict["baselines"]}))
    return (
        f"The network calls {how['network']}, the baselines call {others}: what they call cannot "
        "be compared."
    )


def _rival(verdict: Facts) -> str:
    """The strongest of the simpler models, which the network has to beat."""
    return RIDGE if verdict["task"] == "regression" else LOGISTIC


def _constant(verdict: Facts) -> str:
    """Which class the constant baseline predicts with costs: not always the commoner one."""
    for name in {COMMONER, COMMONEST} & verdict["baselines"].keys():
        judged = verdict["baselines"][name]
        if verdict["task"] == "binary":
            plain, classes = judged["threshold"] == 0.5, (verdict["positive"], verdict["negative"])
        else:
            plain, classes = len(set(judged["costs"])) == 1, verdict["classes"]
        called = only_called(judged, classes)
        if called is not None and not plain:
            return f' So "{name}" calls every row {called}.'
    return ""


def _all(verdict: Facts) -> dict[str, Facts]:
    return {"network": verdict["network"], **verdict["baselines"]}


def _by_costs(judged: Facts, classes: list[str]) -> str:
    costs = judged["costs"]
    if len(set(costs)) == 1:
        return "the likeliest class"
    said = [f"{name} {cost:.4g}" for name, cost in zip(classes, costs, strict=True)]
    more = f" and {len(said) - _MOST_COSTS} more" if len(said) > _MOST_COSTS else ""
    return (
        "the class with the largest product of cost and probability "
        f"(costs: {', '.join(said[:_MOST_COSTS])}{more})"
    )


def _difference(found: Facts) -> str:
    if found["value"] is None:
        return "undefined"
    value, low, high = (_signed(found, end) for end in ("value", "low", "high"))
    return f"<b>{value}</b> [{low}, {high}], margin ±{float(found['margin']):.4g}"


def _signed(found: Facts, end: str) -> str:
    value = float(found[end])
    return f"{'-' if value < 0 else '+'}{number(found['measure'], abs(value))}"
