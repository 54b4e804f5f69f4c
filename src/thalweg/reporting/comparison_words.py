"""Text that compares the network with simpler models: titles, differences, decision rules."""

import math
from collections.abc import Callable

from thalweg.evaluation.comparing.margin_rule import (
    BETTER,
    BETTER_LITTLE,
    EQUIVALENT,
    WORSE,
    WORSE_LITTLE,
)
from thalweg.evaluation.comparing.ruling_sentences import capital, signed
from thalweg.evaluation.judging.conclusion_sentences import only_called
from thalweg.evaluation.judging.shapes import (
    ClassesData,
    ClassesVerdict,
    DifferenceData,
    QuantilesVerdict,
    TwoClassesVerdict,
    ValuesVerdict,
    VerdictData,
)
from thalweg.evaluation.task_kinds import (
    ONE_NUMBER,
    SEVERAL_CLASSES,
    SEVERAL_QUANTILES,
    TREES,
    TWO_CLASSES,
    TaskKind,
    metric_of,
)
from thalweg.reporting.html_pieces import text
from thalweg.reporting.verdict_words import column_of, interval_of, kind_of, subject
from thalweg.wording import amount

_MOST_COSTS = 8


def title(verdict: VerdictData) -> str:
    """The verdict on the network, compared with the simpler model; and that trees are better."""
    rival = _rival(verdict)
    found = verdict["differences"][rival]["verdict"]
    name, who = capital(rival), subject(verdict)
    said = {
        BETTER: f"{capital(who)} is better than {rival}",
        BETTER_LITTLE: f"{capital(who)} is better than {rival}, by less than matters",
        WORSE: f"{name} is better than {who}",
        WORSE_LITTLE: f"{name} is better than {who}, by less than matters",
        EQUIVALENT: f"For practical purposes, {who} and {rival} are equally good",
    }.get(found)
    if who == rival:
        said = f"{name}, and no network"
    if said is None:
        n_rows = verdict["network"]["n_samples"]
        rows = f"These {n_rows:,} rows do" if n_rows != 1 else "This row does"
        said = f"{rows} not show whether {who} or {rival} is better"
    trees = verdict["differences"].get(TREES)
    if trees is not None and trees["verdict"] == WORSE:
        said += f"; {TREES} are better than {'both' if found == WORSE else who}"
    return said


def strongest_first(verdict: VerdictData) -> list[str]:
    """The baselines by increasing loss of the comparison: a file does not keep their order."""
    baselines = verdict["baselines"]

    def height(name: str) -> float:
        metric = metric_of(verdict["differences"][name]["measure"])
        value = baselines[name]["metrics"][metric]["value"]
        return math.inf if value is None else float(value)

    compared = [name for name in baselines if name in verdict["differences"]]
    return [*sorted(compared, key=height), *sorted(baselines.keys() - set(compared))]


def differences(verdict: VerdictData) -> str:
    """HTML: the difference from each baseline, with its interval, the margin and the verdict."""
    found = verdict["differences"]
    order = sorted(found, key=lambda name: (name != _rival(verdict), name))
    [measure] = {each["measure"] for each in found.values()}
    said = "; ".join(f"{text(name)} {_difference(found[name])}" for name in order)
    return f"{measure[0].upper()}{measure[1:]} of {_own(verdict)} minus that of {said}."


def rule(verdict: VerdictData) -> str:
    """The decision rule of all models, and whether it is the same for all; the order of grades."""
    return " ".join(part for part in (_called(verdict), _grades(verdict)) if part)


def _grades(verdict: VerdictData) -> str:
    """That the classes are grades, and what their metrics are; "" for others."""
    grades: list[str] = dict(verdict).get("grades", [])  # type: ignore[assignment]
    if not grades:
        return ""
    return (
        f"The classes are grades, from the lowest: {', '.join(grades)}. RPS is the ranked "
        "probability score, the mean Brier score of all thresholds between grades; MAE is in steps "
        "of this order; kappa has quadratic weights, and is 0 for a constant answer."
    )


def _called(verdict: VerdictData) -> str:
    """The decision rule as a sentence."""
    how = CALLED[kind_of(verdict)](verdict)
    if not how:
        return ""
    if not verdict["baselines"]:
        return f"{_own(verdict).capitalize()} calls {how['network']}."
    if len(set(how.values())) == 1:
        own = column_of(verdict).capitalize()
        return f"{own} and baselines call {how['network']}.{_constant(verdict)}"
    others = " and ".join(sorted({how[name] for name in verdict["baselines"]}))
    return (
        f"{_own(verdict).capitalize()} calls {how['network']}, the baselines call {others}: what "
        "they call cannot be compared."
    )


def _own(verdict: VerdictData) -> str:
    """The model, where baselines that may have its name are beside it."""
    return "the network" if column_of(verdict) == "network" else "this model"


def _by_threshold(verdict: TwoClassesVerdict) -> dict[str, str]:
    words = f"a row {verdict['positive']} above a probability of"
    judged = {"network": verdict["network"], **verdict["baselines"]}
    return {name: f"{words} {each['threshold']:.4g}" for name, each in judged.items()}


def _by_costs(verdict: ClassesVerdict) -> dict[str, str]:
    judged = {"network": verdict["network"], **verdict["baselines"]}
    return {name: _costs(each, verdict["classes"]) for name, each in judged.items()}


def _not_called(verdict: ValuesVerdict | QuantilesVerdict) -> dict[str, str]:
    del verdict
    return {}


# How each model called rows, in words, for each task.
CALLED: dict[TaskKind, Callable[..., dict[str, str]]] = {
    TWO_CLASSES: _by_threshold,
    SEVERAL_CLASSES: _by_costs,
    ONE_NUMBER: _not_called,
    SEVERAL_QUANTILES: _not_called,
}


def _rival(verdict: VerdictData) -> str:
    """The strongest of the simpler models, which the network has to beat, or the one given."""
    found, rival = verdict["differences"], kind_of(verdict).rival
    return rival if rival in found else next(iter(found), rival)


def _constant(verdict: VerdictData) -> str:
    """Which class the constant baseline predicts with costs: not always the most common one."""
    name = kind_of(verdict).constant
    called = None
    if name not in verdict["baselines"]:
        return ""
    if "classes" in verdict:
        several = verdict["baselines"][name]
        if len(set(several["costs"])) > 1:
            called = only_called(several, verdict["classes"])
    elif "positive" in verdict:
        two = verdict["baselines"][name]
        if two["threshold"] != 0.5:
            called = only_called(two, (verdict["positive"], verdict["negative"]))
    if called is None:
        return ""
    return (
        f' So "{name}" calls every row {called}; it gives all rows one probability, and the losses '
        "compare that."
    )


def _costs(judged: ClassesData, classes: list[str]) -> str:
    costs = judged["costs"]
    if len(set(costs)) == 1:
        return "the likeliest class"
    said = [f"{name} {cost:.4g}" for name, cost in zip(classes, costs, strict=True)]
    more = f" and {len(said) - _MOST_COSTS} more" if len(said) > _MOST_COSTS else ""
    return (
        "the class with the largest product of cost and probability "
        f"(costs: {', '.join(said[:_MOST_COSTS])}{more})"
    )


def _difference(found: DifferenceData) -> str:
    ends = interval_of(found)
    if ends is None:
        return "undefined"
    value, low, high = signed(found["measure"], ends)
    limit = f"margin ±{amount(float(found['margin']), 4)}"
    return f"<b>{value}</b> [{low}, {high}], {limit}: {found['verdict']}"
