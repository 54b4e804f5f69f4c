"""Numbers that occur twice in the evaluation of a file are the same in both places.

Counts give shares, two metrics give a difference, and the sections repeat what the verdict says. A
file in which they differ was not written by thalweg: the error names both places.

Repeated cross-validation has sections of its first repetition, and the verdict is a mean over all
of them. There only rows are compared.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from thalweg.evaluation.comparing.margin_rule import DEFAULT, margin_of
from thalweg.evaluation.decisions.chosen_threshold import RULES
from thalweg.evaluation.grades.grade_metrics import mean_distance, quadratic_kappa
from thalweg.evaluation.judging.regression_loss import measure_of_loss
from thalweg.evaluation.task_kinds import (
    LOG_LOSS,
    RMSE,
    SEVERAL_CLASSES,
    TWO_CLASSES,
    TaskKind,
    metric_of,
)
from thalweg.persistence.decision_forms import require_threshold

# Sums in another order, and weights that are rounded.
_NEARLY = 1e-6
# What importance calls the squared error, whose root is a metric.
_SQUARED = "squared error"
_USED = re.compile(r"([\d,]{1,20}) of (?:these )?([\d,]{1,20}) rows? (?:was|were) used")
_ROWS = re.compile(r"([\d,]{1,20}) rows?; ")
_CONFUSION = ("true_positive", "false_negative", "false_positive", "true_negative")


def require_same_numbers(
    task: TaskKind, loss: str, positive: str, verdict: Mapping[str, Any], curves: Any
) -> None:
    """Raise a ValueError if the evaluation of a file says two different things.

    Parameters
    ----------
    task : TaskKind
    loss : str
        The training loss of the model.
    positive : str
        The positive class of two.
    verdict : mapping
        Of valid form, with its sections.
    curves : mapping, optional
        The counts for the pictures of a report.
    """
    once = all(each["n_folds"] is None for each in verdict["differences"].values())
    for name, each in [("the network", verdict["network"]), *verdict["baselines"].items()]:
        _require_shares(task, each, name)
        if "grades" in verdict:
            _require_grades(verdict, each, name)
    if once:
        _require_differences(verdict)
    if curves is not None and task is TWO_CLASSES:
        _require_at_threshold(curves, verdict["network"])
    if (sections := verdict.get("sections")) is None:
        return
    _require_section_rows(task, verdict, sections)
    if (effects := sections.get("effects")) is not None:
        _require_effects(task, positive, effects, verdict["n_test"])
    if (importance := sections.get("importance")) is not None:
        found = importance["found"]
        _require_used(found["rows"], found["n_rows"], verdict["n_test"], "importance")
        if once:
            _require_loss(task, loss, found, verdict)
    if (threshold := sections["threshold"]) is not None:
        _require_threshold(threshold, verdict["network"], once=once)
    if once:
        _require_scores(verdict, sections)


def require_class_counts(verdict: Mapping[str, Any], counts: Mapping[str, float]) -> None:
    """Raise a ValueError unless the classes of a table have the rows that a verdict splits.

    Parameters
    ----------
    verdict : mapping
        Of valid form, of rows without weights: a weight may count a row several times.
    counts : mapping of str to int
        The rows of each class in the whole table.
    """
    _require_same(
        "the number of rows of all classes in the table", sum(counts.values()),
        "that of training and test rows", verdict["n_train"] + verdict["n_test"],
    )  # fmt: skip
    network = verdict["network"]
    if "classes" in verdict:
        tested = dict(zip(verdict["classes"], map(sum, network["confusion"]), strict=True))
    else:
        positive = network["n_positive"]
        tested = {verdict["positive"]: positive}
        tested[verdict["negative"]] = network["n_samples"] - positive
    for name, rows in tested.items():
        if rows > counts[name]:
            raise ValueError(
                f'the test rows of the class "{name[:80]}" are {_shown(rows)}, but the whole table '
                f"has {_shown(counts[name])}"
            )


def _require_same(first: str, one: Any, second: str, other: Any, slack: float = 0.0) -> None:
    """Raise a ValueError that names both places, unless two numbers are the same."""
    if one is None or other is None:
        same = one is other
    else:
        same = math.isclose(float(one), float(other), rel_tol=_NEARLY, abs_tol=slack + 1e-12)
    if not same:
        raise ValueError(f"{first} is {_shown(one)}, but {second} is {_shown(other)}")


def _shown(number: Any) -> str:
    return "not defined" if number is None else f"{float(number):.10g}"


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _require_shares(task: TaskKind, judged: Mapping[str, Any], name: str) -> None:
    """Raise a ValueError unless accuracy, sensitivity, specificity and recall are of the counts."""
    metrics, counts = judged["metrics"], judged["confusion"] if task.of_classes else {}
    own: dict[str, float | None] = {}
    if task is TWO_CLASSES:
        tp, fn, fp, tn = (counts[key] for key in _CONFUSION)
        own = {
            "accuracy": _share(tp + tn, tp + fn + fp + tn),
            "sensitivity": _share(tp, tp + fn),
            "specificity": _share(tn, fp + tn),
        }
    elif task is SEVERAL_CLASSES:
        right = [row[k] for k, row in enumerate(counts)]
        own = {"accuracy": _share(sum(right), math.fsum(map(sum, counts)))}
        for k, row in enumerate(counts):
            recall = _share(right[k], sum(row))
            _require_same(
                f"the recall of class {k + 1} of {name}", judged["recall"][k]["value"],
                "that of its confusion matrix", recall,
            )  # fmt: skip
    for key, share in own.items():
        _require_same(
            f"the {key} of {name}", metrics[key]["value"], "that of its confusion matrix", share
        )


def _require_grades(verdict: Mapping[str, Any], judged: Mapping[str, Any], name: str) -> None:
    """Raise a ValueError unless the metrics of called grades are those of the counts."""
    ranks = np.array([verdict["grades"].index(each) for each in verdict["classes"]])
    counts = np.array(judged["confusion"], np.float64)
    for key, of_counts in (("grade_mae", mean_distance), ("kappa", quadratic_kappa)):
        found = of_counts(counts, ranks)
        _require_same(
            f"the {key} of {name}", judged["metrics"][key]["value"],
            "that of its confusion matrix", None if math.isnan(found) else found,
        )  # fmt: skip


def _require_differences(verdict: Mapping[str, Any]) -> None:
    """Raise a ValueError unless a difference is that of two metrics, with the usual margin."""
    own = verdict["network"]["metrics"]
    for name, each in verdict["differences"].items():
        measure, key = each["measure"], metric_of(each["measure"])
        mine, other = own[key]["value"], verdict["baselines"][name]["metrics"][key]["value"]
        if not all(type(number) in (int, float) for number in (mine, other, each["value"])):
            continue  # infinities have no difference
        size = max(abs(mine), abs(other))
        _require_same(
            f"the difference of {measure} from {name}", each["value"],
            "that of the two metrics", mine - other, _NEARLY * size,
        )  # fmt: skip
        if each["margin_from"] != DEFAULT or each["low90"] is None:
            continue  # files without a 90 % interval do not say where the margin is from
        usual = margin_of(measure, other).value
        # That of a log-loss is less where a class is rare.
        if measure != LOG_LOSS or float(each["margin"]) > usual:
            _require_same(
                f"the margin of the difference from {name}", each["margin"],
                "the default margin", usual,
            )  # fmt: skip


def _require_at_threshold(curves: Mapping[str, Any], network: Mapping[str, Any]) -> None:
    """Raise a ValueError unless the counts of the pictures, at the threshold, are the verdict's."""
    steps, counts = curves["steps"], network["confusion"]
    at = network["threshold"] * steps
    for key in ("true_positive", "false_positive"):
        # More rows are above the threshold before, and fewer above the one behind.
        most, least = (curves[key][k] for k in (math.floor(at + 1e-9), math.ceil(at - 1e-9)))
        slack = _NEARLY * network["n_samples"]
        if not least - slack <= counts[key] <= most + slack:
            raise ValueError(
                f"the {key.replace('_', ' ')} rows of the confusion matrix are "
                f"{_shown(counts[key])}, but the curves count {_shown(least)} to {_shown(most)} at "
                "this threshold"
            )


def _counted(
    task: TaskKind, verdict: Mapping[str, Any], sections: Mapping[str, Any]
) -> Iterator[tuple[str, Any, str, Any]]:
    """The numbers of rows that sections repeat: where, the number, and that of the verdict."""
    network = verdict["network"]
    rows = network.get("n_effective", verdict["n_test"])
    weighted = "n_effective" in network
    of = "that of the verdict"
    if (section := sections["calibration"]) is not None:
        found = section["found"]
        parts = found.get("classes", [])
        yield "the number of rows of the calibration", found["n_rows"], of, rows
        for k, each in enumerate(parts):
            yield (
                f"the number of rows of the calibration of class {k + 1}",
                each["n_rows"],
                of,
                rows,
            )
        if not weighted and task is TWO_CLASSES:
            there = found["n_positive"]
            yield "the number of positive rows of the calibration", there, of, network["n_positive"]
        if not weighted:
            for k, each in enumerate(parts):
                there, counted = each["n_positive"], sum(network["confusion"][k])
                yield f"the number of rows of class {k + 1} of the calibration", there, of, counted
    if (section := sections["benefit"]) is not None and not weighted:
        there = section["curve"]["n_positive"]
        yield "the number of positive rows of net benefit", there, of, network["n_positive"]
    if (section := sections["coverage"]) is not None:
        yield "the number of rows of the coverage", section["found"]["n_samples"], of, rows
    if (section := sections["subgroups"]) is not None:
        for table in section["tables"]:
            there = sum(each["n"] for each in table["groups"])
            name = f'the number of rows of the groups of "{table["column"][:80]}"'
            yield name, there, of, verdict["n_test"]


def _require_section_rows(
    task: TaskKind, verdict: Mapping[str, Any], sections: Mapping[str, Any]
) -> None:
    """Raise a ValueError unless all sections are of the rows of the verdict."""
    for first, one, second, other in _counted(task, verdict, sections):
        _require_same(first, one, second, other)
    for key, names in (
        ("threshold", ("point",)), ("benefit", ("curve",)), ("abstention", ("at_price", "line"))
    ):  # fmt: skip
        for name in names if sections[key] is not None else ():
            if sections[key][name]["how"] != sections["how"]:
                raise ValueError(
                    f"the rows of {key} are {sections[key][name]['how'][:40]!r}, but those of the "
                    f"sections are {sections['how'][:40]!r}"
                )
    if (coverage := sections["coverage"]) is not None and coverage["found"].get("words"):
        shares = math.fsum(coverage["found"]["words"].values())
        _require_same("the sum of the shares of sets", shares, "that of all rows", 1.0)
    if (abstention := sections["abstention"]) is not None and "n_effective" not in verdict[
        "network"
    ]:
        found = abstention["at_price"]
        for key, part, whole in (
            ("answered", found["n_answered"], found["n_samples"]),
            ("wrong", found["n_wrong"], found["n_answered"]),
        ):
            _require_same(
                f"the share of {key} rows", found[key]["value"], "that of its counts",
                _share(part, whole),
            )  # fmt: skip


def _require_effects(
    task: TaskKind, positive: str, effects: Mapping[str, Any], n_test: float
) -> None:
    """Raise a ValueError if a curve is there twice, or of other rows or another class."""
    curves = effects["curves"]
    of = [(each["column"], each["output"]) for each in curves]
    if len({*of}) < len(of):
        twice = next(each for each in of if of.count(each) > 1)
        raise ValueError(
            f'there are two effect curves of the column "{twice[0][:80]}"'
            + (f' for the class "{twice[1][:80]}"' if twice[1] else "")
        )
    left = [each["column"] for each in effects["without"]]
    both = {each for each, _ in of} & {*left}
    if both or len({*left}) < len(left):
        raise ValueError(
            "a column has an effect curve and a reason why it has none, or two reasons"
        )
    for column, output in of:
        if task is TWO_CLASSES and output != positive:
            raise ValueError(
                f'the effect curve of "{column[:80]}" is for the class "{output[:80]}", but the '
                f'positive class of the model is "{positive[:80]}"'
            )
    bases = {each["output"]: each["base"] for each in curves}
    for each in curves:
        _require_same(
            "the mean answer of an effect curve", each["base"], "that of another one of its class",
            bases[each["output"]],
        )  # fmt: skip
    used = next((found for note in effects["notes"] if (found := _USED.match(note))), None)
    rows = _ROWS.match(effects["rows"])
    if rows is not None:  # effective numbers are those of weights
        whole = n_test if used is None else _number(used[1])
        _require_same("the number of rows of the effect curves", _number(rows[1]), "that of the "
                      "verdict" if used is None else "that of their note", whole)  # fmt: skip
    if used is not None:
        _require_same(
            "the number of rows of which effect curves use some", _number(used[2]),
            "that of the verdict", n_test,
        )  # fmt: skip


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _require_used(text: str, n_rows: float, n_test: float, name: str) -> None:
    """Raise a ValueError unless all rows of the verdict are used, or as many as a text says."""
    used = _USED.search(text)
    if used is None:
        _require_same(f"the number of rows of {name}", n_rows, "that of the verdict", n_test)
        return
    _require_same(f"the number of rows of {name}", n_rows, "that of its text", _number(used[1]))


def _require_loss(
    task: TaskKind, loss: str, found: Mapping[str, Any], verdict: Mapping[str, Any]
) -> None:
    """Raise a ValueError unless importance of all test rows has the loss of the verdict."""
    measure, metrics = found["measure"], verdict["network"]["metrics"]
    own = task.measure if task.of_classes else measure_of_loss(loss).name
    if not measure.startswith(_SQUARED if own == RMSE else own):
        raise ValueError(
            f"the importance of columns is by {measure[:60]!r}, but the measure of the model is "
            f"{own!r}"
        )
    there = metrics[metric_of(own)]["value"]
    if found["n_rows"] != verdict["n_test"] or type(there) not in (int, float):
        return
    there = there**2 if own == RMSE else there
    slack = _NEARLY * abs(found["constant_loss"])  # predictions are rounded
    _require_same(
        f"the {measure[:60]} of the importance of columns", found["loss"], "that of the verdict",
        there, slack,
    )  # fmt: skip


def _require_threshold(
    section: Mapping[str, Any], network: Mapping[str, Any], *, once: bool
) -> None:
    """Raise a ValueError unless a threshold, its counts and its shares are those of the verdict."""
    chosen, point = section["chosen"], section["point"]
    if chosen["by"] not in RULES:
        raise ValueError("the threshold of the evaluation is by a rule that there is not")
    require_threshold(chosen["value"], chosen)
    if chosen["refused"] is None:
        _require_same("the chosen threshold", chosen["value"], "the evaluated one",
                      point["threshold"])  # fmt: skip
    if point["threshold"] is not None:
        _require_same("the evaluated threshold", point["threshold"], "that of the verdict",
                      network["threshold"])  # fmt: skip
    for key in ("missed", "alarm"):
        _require_same(f"the cost of {key} of the threshold", chosen[key], "that of its rows",
                      point[key])  # fmt: skip
    if not once:
        return
    for key in _CONFUSION:
        _require_same(
            f"the {key.replace('_', ' ')} rows at the threshold", point[key],
            "those of the verdict", network["confusion"][key],
        )  # fmt: skip
    for key in ("sensitivity", "specificity", "accuracy"):
        _require_same(f"the {key} at the threshold", point[key]["value"], "that of the verdict",
                      network["metrics"][key]["value"])  # fmt: skip


def _scores(sections: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """The metrics that sections repeat: where, the key, and the number."""
    found = {} if sections["calibration"] is None else sections["calibration"]["found"]
    for key in ("brier", "log_loss"):
        if found.get(key) is not None:
            yield "the calibration", key, found[key]["score"]
    groups = sections["subgroups"]
    for key, each in ({} if groups is None else groups["overall"]).items():
        yield "the groups of rows", key, each["value"]


def _require_scores(verdict: Mapping[str, Any], sections: Mapping[str, Any]) -> None:
    """Raise a ValueError unless the metrics of sections are those of the verdict."""
    network = verdict["network"]
    metrics = {key: each["value"] for key, each in network["metrics"].items()}
    if "n_positive" in network:
        metrics["prevalence"] = _share(network["n_positive"], network["n_samples"])
    for k, name in enumerate(verdict.get("classes", ())):
        metrics[f"recall {name}"] = network["recall"][k]["value"]
    for where, key, score in _scores(sections):
        if key in metrics:
            _require_same(f"the {key.replace('_', ' ')} of {where}", score, "that of the verdict",
                          metrics[key])  # fmt: skip
