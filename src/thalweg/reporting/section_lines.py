"""The sections of an evaluation as short lines for a terminal: the findings of their sentences."""

import re
from collections.abc import Sequence
from typing import Any

from thalweg.evaluation.answers import OF_FOLDS
from thalweg.evaluation.decisions.decision_sentences import (
    more_cases,
    nearest_threshold,
    outside_of_curve,
)
from thalweg.evaluation.judging.shapes import EstimateData
from thalweg.evaluation.section_shapes import (
    AbstentionSection,
    BenefitSection,
    CalibrationSection,
    CoverageSection,
    SectionsData,
    ThresholdSection,
)
from thalweg.wording import amount, count_text

_FEW_ROWS = "With so few rows only gross miscalibration can be seen."
_NO_PROOF = "This does not show that there is none."
# What a sentence about calibration begins with, before the kind and the number of its rows.
_BEFORE_ROWS = re.compile(r"(.+?) on (?:effectively )?[\d,]+ [\w-]+ rows?\b")
_REST = {
    "training": " The model was trained on these rows, so new rows will be worse.",
    "out-of-fold": f" {OF_FOLDS}",
    "origin unknown": " Their origin is not known: if the model was trained on some of them, new "
    "rows will be worse.",
    "cross-validated": " They are those of the first repetition.",
}


def section_lines(sections: SectionsData, classes: Sequence[str]) -> list[tuple[str, str]]:
    """The subject of each section, and what it found.

    Parameters
    ----------
    sections : mapping
        From `Sections.as_dict`.
    classes : sequence of str
        Their names; of two, the negative one first. Empty for a numeric target.
    """
    lines: list[tuple[str, str]] = []
    if (calibration := sections["calibration"]) is not None:
        lines.append(("Calibration", _calibration(calibration)))
    threshold, benefit = sections["threshold"], sections["benefit"]
    if threshold is not None:
        lines.append(("Threshold", _threshold(threshold)))
    if threshold is not None and benefit is not None:
        lines.append(("Net benefit", _benefit(benefit, threshold["point"]["threshold"])))
    if (abstention := sections["abstention"]) is not None:
        lines.append(("No answer", _abstention(abstention)))
    if (coverage := sections["coverage"]) is not None:
        lines.append(("Sets" if classes else "Intervals", _coverage(coverage, classes)))
    if (groups := sections["subgroups"]) is not None:
        lines.append(("Groups", groups["refused"] or groups["sentence"]))
    for key, why in sections.get("left_out", {}).items():
        covers = "Sets" if classes else "Intervals"
        lines.append((covers if key == "coverage" else "No answer", why))
    return lines


def of_which_rows(sections: SectionsData) -> str:
    """The rows that all sections are from, and what these cannot show."""
    how = sections["how"]
    rows = f"{sections['n_samples']:,} {how} rows"
    return f"For decisions, from {rows}.{_REST.get(how, '')}"


def _calibration(section: CalibrationSection) -> str:
    found: dict[str, Any] = dict(section["found"])
    test = found.get("temperature") or found.get("weak") or found
    if refused := found.get("refused") or test.get("refused"):
        said = str(refused)[:1].upper() + str(refused)[1:].rstrip(".") + "."
        ratio: EstimateData = found.get("observed_by_expected", {"value": None})
        there = ratio["value"] is not None
        return f"Observed by expected {_ends(ratio)}. {said}" if there else said
    begun = _BEFORE_ROWS.match(section["sentence"])
    assert begun is not None, section["sentence"]
    numbers = [f"slope {_ends(test['slope'])}, 1 if calibrated"]
    if "observed_by_expected" in found:
        numbers.append(f"observed by expected {_ends(found['observed_by_expected'])}")
    if "bias" in found:
        numbers.append(f"true values exceed predictions by {_ends(found['bias'])}")
    p = test["p_value"]
    said = (
        f"{begun[1]}: {'; '.join(numbers)}; {'p < 0.001' if p < 0.001 else f'p = {amount(p, 2)}'}."
    )
    if "classes" in found:
        _, each, rest = section["sentence"].partition("Each class against the rest")
        said += f" {each}{rest}"
    if found.get("caution"):
        return f"{said} {_FEW_ROWS}"
    return f"{said} {_NO_PROOF}" if _NO_PROOF in section["sentence"] else said


def _threshold(section: ThresholdSection) -> str:
    point = section["point"]
    rule = section["sentence"].removeprefix("Threshold ").split(". ")[0]
    positive = point["true_positive"] + point["false_negative"]
    negative = point["false_positive"] + point["true_negative"]
    return (
        f"{rule}. {count_text(point['true_positive'])} of {count_text(positive)} positive rows are "
        f"found, and {count_text(point['false_positive'])} of {count_text(negative)} negative ones "
        "are false alarms."
    )


def _benefit(section: BenefitSection, threshold: float) -> str:
    curve = section["curve"]
    if curve["refused"] is not None:
        return curve["refused"]
    k = nearest_threshold(curve["thresholds"], threshold)
    gain = curve["gain"][k]
    value, low, high = (float(gain[end] or 0) for end in ("value", "low", "high"))
    against = "all rows" if curve["all"][k] > 0 else "no row"
    at = amount(curve["thresholds"][k], 4)
    if value == 0 and curve["few"][k]:
        return f"At {at}, it decides as calling {against} positive does, but for fewer than 5 rows."
    said = (
        f"At {at}, as if {more_cases(value)} cases were found in 100 "
        f"rows than by calling {against} positive ({more_cases(low)} to {more_cases(high)})."
    )
    said = " ".join([*outside_of_curve(curve["thresholds"], threshold), said])
    if curve["few"][k]:
        return f"{said} This rests on fewer than 5 rows."
    return f"{said} It may be none." if low <= 0 <= high else said


def _abstention(section: AbstentionSection) -> str:
    said, price = section["sentence"], section["at_price"]["price"]
    costs = f"If an error costs as much as {amount(1 / price, 3)} rows without an answer: "
    return costs + said[:1].lower() + said[1:].split(" The model was trained")[0]


def _coverage(section: CoverageSection, classes: Sequence[str]) -> str:
    found: dict[str, Any] = dict(section["found"])
    if found["refused"] is not None or not classes:
        return section["sentence"]
    known = [
        (name, each)
        for name, each in zip(classes, found["coverage"], strict=True)
        if each["value"] is not None
    ]
    known.sort(key=lambda each: float(each[1]["value"]))
    ends = [f"{_percent(each)} of {name}" for name, each in (known[0], known[-1])]
    few = [name for name, each in known if float(each["high"]) < found["nominal"]]
    fewer = ", ".join(few) if len(few) <= 3 else f"{len(few)} classes"
    one = sum(share for word, share in found["words"].items() if word in classes)
    return (
        f"At {amount(100 * found['nominal'], 3)} %, they hold the true class in "
        f"{' to '.join(ends)}{f' (fewer than asked for: {fewer})' if few else ''}; "
        f"{amount(100 * one, 3)} % of the rows have a set of one class."
    )


def _percent(found: EstimateData) -> str:
    value, low, high = (amount(100 * float(found[end] or 0), 3) for end in ("value", "low", "high"))
    return f"{value} % [{low}, {high}]"


def _ends(found: EstimateData) -> str:
    value, low, high = (
        "undefined" if found[end] is None else amount(float(found[end] or 0), 3)
        for end in ("value", "low", "high")
    )
    return f"{value} [{low}, {high}]"
