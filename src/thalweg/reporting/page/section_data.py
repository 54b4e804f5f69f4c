"""The sections of an evaluation for the page's script: only what is drawn, with six digits."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, isfinite
from typing import Any, cast

from thalweg.evaluation.computed_sections import PRICE
from thalweg.evaluation.conformal.conformal_shapes import SetCoverageData
from thalweg.evaluation.conformal.set_words import ANY, EITHER, NONE
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.evaluation.subgroups.group_shapes import GroupData, GroupTableData
from thalweg.evaluation.subgroups.group_tables import LEVEL
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.page.about_model_data import drawn_about
from thalweg.reporting.verdict_words import WIDEST_ON_A_PAGE, kind_of
from thalweg.wording import amount, apart, words_of_two

_DIGITS = 6
# The points of a line, and the groups of a column, that are drawn; the tables say how many more.
_MOST_POINTS = 400
MOST_GROUPS = 40
MOST_COLUMNS_OF_GROUPS = 6

# The names of the metrics of groups; those of several classes have keys of their own.
METRIC_NAMES = {
    "prevalence": "prevalence",
    "observed_expected": "observed / expected",
    "intercept": "calibration intercept",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "auc": "AUC",
    "brier": "Brier score",
    "accuracy": "accuracy",
    "rmse": "RMSE",
    "mae": "MAE",
    "mean_error": "mean of prediction − truth",
    "pinball": "pinball loss",
    "below": "share at or below the prediction",
}
# The metrics of groups that are drawn, in this order; the table has all of them.
_DRAWN = (
    "sensitivity",
    "specificity",
    "auc",
    "intercept",
    "accuracy",
    "mae",
    "pinball",
    "below",
    "mean_error",
    "rmse",
)


def class_names(verdict: VerdictData) -> list[str]:
    """The classes in the order of their probabilities; empty for a numeric target."""
    if "classes" in verdict:
        return [*verdict["classes"]]
    if "positive" in verdict:
        return [verdict["negative"], verdict["positive"]]
    return []


def with_names(verdict: VerdictData, parts: Sequence[Any]) -> list[tuple[str, Any]]:
    """What a section has for each class, with its name; grades in their order.

    Parameters
    ----------
    verdict : mapping
    parts : sequence
        In the order of `class_names`.
    """
    named = list(zip(class_names(verdict), parts, strict=False))
    grades: Sequence[str] = dict[str, Any](verdict).get("grades") or ()
    return sorted(named, key=lambda each: grades.index(each[0])) if grades else named


def drawn_sections(sections: SectionsData, verdict: VerdictData) -> dict[str, Any]:
    """The data of all pictures of the sections."""
    names = class_names(verdict)
    drawn: dict[str, Any] = {}
    if (calibration := sections["calibration"]) is not None:
        found: Mapping[str, Any] = calibration["found"]
        titled: list[tuple[str, Any]] = [(each, found) for each in names[1:]]
        if "classes" in found:
            titled = with_names(verdict, found["classes"])
        drawn["calibration"] = [
            {"name": clipped(name), "curve": _coarse(each["curve"])}
            for name, each in titled[:WIDEST_ON_A_PAGE]
            if each.get("curve") is not None
        ]
    if (threshold := sections["threshold"]) is not None:
        drawn["spread"] = _rounded(threshold["chosen"]["spread"])
    if (benefit := sections["benefit"]) is not None and benefit["curve"]["refused"] is None:
        kept_keys = ("thresholds", "model", "all", "other", "few")
        drawn["benefit"] = {
            key: _rounded(value) for key, value in benefit["curve"].items() if key in kept_keys
        }
        drawn["simpler"] = simpler_of(verdict)
    if (abstention := sections["abstention"]) is not None:
        line = abstention["line"]
        kept = thinned(len(line["coverage"]))
        drawn["abstention"] = {
            "coverage": [_rounded(line["coverage"][k]) for k in kept],
            "risk": [_rounded(line["risk"][k]) for k in kept],
            "answered": _rounded(abstention["at_price"]["answered"]),
            "wrong": _rounded(abstention["at_price"]["wrong"]),
            "priced": _priced(abstention["at_price"]["price"]),
        }
    if (coverage := sections["coverage"]) is not None and coverage["found"]["refused"] is None:
        drawn["coverage"] = _coverage(coverage["found"], verdict)
    if (subgroups := sections["subgroups"]) is not None and subgroups["refused"] is None:
        drawn["groups"] = [
            strip
            for table in subgroups["tables"][:MOST_COLUMNS_OF_GROUPS]
            for strip in group_strips(table, subgroups["overall"])
        ]
    return drawn | drawn_about(sections)


def _priced(price: float) -> str:
    """The price of no answer, for the legend; and that nobody named it."""
    by_default = " (a default)" if price == PRICE else ""
    return f"if no answer costs {amount(price, 3)} of an error{by_default}"


def simpler_of(verdict: VerdictData) -> str:
    """The name of the model whose net benefit is beside: the simpler one, or the one given."""
    rival = kind_of(verdict).rival
    return rival if rival in verdict["baselines"] else next(iter(verdict["baselines"]), rival)


def thinned(n_points: int) -> list[int]:
    """The places of at most so many points, with the first and the last."""
    every = max(1, -(-n_points // _MOST_POINTS))
    return [k for k in range(n_points) if k % every == 0 or k == n_points - 1]


def _coverage(found: Mapping[str, Any], verdict: VerdictData) -> dict[str, Any]:
    """The coverage by class or by width, as rows of dots, and the bar of words."""
    if "words" in found:
        rows = [
            {"name": clipped(name), **_rounded(each)}
            for name, each in with_names(verdict, found["coverage"])
        ][:MOST_GROUPS]
        return {
            "nominal": found["nominal"], "rows": rows,
            "words": words_of(cast(SetCoverageData, found), class_names(verdict)),
        }  # fmt: skip
    rows = [
        {"name": name, **_rounded(band["coverage"])}
        for name, band in zip(band_names(found), found["by_width"], strict=True)
    ]
    return {"nominal": found["nominal"], "rows": rows}


def band_names(found: Mapping[str, Any]) -> list[str]:
    """The bands of rows by the width of their intervals, in as many digits as tell them apart."""
    ends = [
        tuple(float(f"{float(band[end]):.{_DIGITS}g}") for end in ("narrowest", "widest"))
        for band in found["by_width"]
    ]
    finite = [each for both in ends for each in both if isfinite(each)]
    words = dict(zip(finite, apart(finite, digits=3), strict=True)) | {inf: "∞"}
    return [
        f"{words[low]} wide" if low == high else f"{words[low]} to {words[high]} wide"
        for low, high in ends
    ]


def words_of(found: SetCoverageData, names: Sequence[str]) -> list[dict[str, Any]]:
    """The shares of the rows by what their sets say: one class, several, all, none."""
    several = len(names) > 2
    shares = found["words"]
    single = [(name, shares.get(name, 0.0)) for name in names]
    either = ANY if several else EITHER
    if several:
        parts = [("one class", sum(share for _, share in single), "own")]
        rest = sum(v for k, v in shares.items() if k not in (*names, either, NONE))
        parts.append(("two classes or more, not all", rest, "some"))
    else:
        (negative, few), (positive, many) = single
        parts = [(positive, many, "positive"), (negative, few, "negative")]
    parts += [(either, shares.get(either, 0.0), "all"), (NONE, shares.get(NONE, 0.0), "none")]
    return [
        {"name": clipped(name), "share": _rounded(share), "kind": kind}
        for name, share, kind in parts
    ]


def group_strips(table: GroupTableData, overall: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One strip of dots for each metric of a column that is drawn."""
    if table["refused"] is not None:
        return []
    groups = table["groups"][:MOST_GROUPS]
    return [
        {
            "column": clipped(table["column"]),
            "metric": metric_name(key),
            "shares": key in ("sensitivity", "specificity", "auc", "accuracy", "below"),
            "overall": _rounded(overall[key]["value"]),
            "rows": [_dot(group, key) for group in groups if key in group["metrics"]],
        }
        for key in _DRAWN
        if key in overall and any(key in group["metrics"] for group in groups)
    ]


def _dot(group: GroupData, key: str) -> dict[str, Any]:
    metric = group["metrics"][key]
    return {
        "name": clipped(group["name"]),
        "hollow": not metric["judged"],
        "differs": metric["p_adjusted"] is not None and metric["p_adjusted"] < LEVEL,
        **{end: _rounded(metric[end]) for end in ("value", "low", "high")},
    }


def metric_keys(keys: Iterable[str], verdict: Mapping[str, Any]) -> list[str]:
    """The keys of metrics of groups; the recall of each grade in the order of the grades."""
    recalls = {f"recall {grade}": k for k, grade in enumerate(verdict.get("grades") or ())}
    given = list(keys)
    ordered = iter(sorted((key for key in given if key in recalls), key=recalls.__getitem__))
    return [next(ordered) if key in recalls else key for key in given]


def metric_name(key: str, names: Sequence[str] = ()) -> str:
    """The name of a metric of groups; ``recall x`` is that of a class x.

    ``names`` are those of the classes; of two, the negative one first.
    """
    if key == "predicted_positive":
        return clipped(f"share called {words_of_two(names)[1]}")
    return METRIC_NAMES.get(key) or clipped(key)


def _coarse(curve: Mapping[str, Any]) -> dict[str, Any]:
    """A calibration curve with three decimals: the probabilities of single rows stay unknown."""
    return {key: [round(each, 3) for each in values] for key, values in curve.items()}


def _rounded(value: Any) -> Any:
    """The same with at most six digits: a picture shows no more."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
