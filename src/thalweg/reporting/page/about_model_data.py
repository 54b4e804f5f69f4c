"""What is about the model for the page's script: only what is drawn, with few digits."""

import re
from itertools import groupby
from typing import Any, cast

from thalweg.evaluation.effects.curve_sentence import UNLIKE_TRAINING, claims_something
from thalweg.evaluation.effects.effect_source import NO_UNIT, AnswerUnit, Scale
from thalweg.evaluation.importance.importance_found import GROUP
from thalweg.evaluation.importance.importance_sentences import ImportanceLine, ImportanceSection
from thalweg.evaluation.section_shapes import (
    EffectData,
    EffectsSection,
    ExplainedSection,
    SectionsData,
    ShownRowData,
)
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.model_sections.explained_section import name_of_bar
from thalweg.reporting.page.report_shapes import Report
from thalweg.wording import counted_rows

_DIGITS = 4
# Groups and columns that are drawn; a group is drawn with all of its members or not at all.
MOST_LINES = 30
# What stands before the name of a target in what a model answers.
_PREDICTED = re.compile(r"^predicted ((?:median|[0-9.e-]+ quantile)(?: of |$))?")
_LONGEST_SAID = 400
# Points of a curve that are drawn, with the first and the last.
_MOST_POINTS = 21


def drawn_about(sections: SectionsData) -> dict[str, Any]:
    """The data of the pictures about the model; nothing of sections that are not there."""
    drawn: dict[str, Any] = {}
    if (importance := sections.get("importance")) is not None:
        drawn["importance"] = _importance(importance)
    if (effects := sections.get("effects")) is not None:
        drawn["effects"] = _effects(effects)
    if (explained := sections.get("explained")) is not None:
        drawn["explained"] = _explained(explained)
    return drawn


def drawn_lines(section: ImportanceSection) -> list[ImportanceLine]:
    """The groups and columns that are drawn, the greatest first."""
    lines = section["lines"]
    kept = lines[:MOST_LINES]
    # The last group would lack members.
    while len(kept) < len(lines) and kept and lines[len(kept)]["group"]:
        last = kept.pop()
        if last["kind"] == GROUP:
            break
    return kept or lines[:MOST_LINES]


def share_of_rise(section: ImportanceSection, rise: float) -> float:
    """A rise in percent of what the model gains over the constant."""
    found = section["found"]
    return 100 * rise / (found["constant_loss"] - found["loss"])


def _importance(section: ImportanceSection) -> dict[str, Any]:
    def percent(rise: float) -> float:
        return _digits(share_of_rise(section, rise))

    return {
        "lines": [
            {
                "name": clipped(line["name"]),
                "member": bool(line["group"]),
                "group": line["kind"] == GROUP,
                "shown": line["shown"],
                "value": percent(line["value"]),
                "low": percent(line["low"]),
                "high": percent(line["high"]),
                "networks": None
                if line["networks"] is None
                else [percent(each) for each in line["networks"]],
            }
            for line in drawn_lines(section)
        ],
        "networks": section["found"]["n_networks"],
        "measure": section["found"]["measure"],
    }


def _effects(section: EffectsSection) -> dict[str, Any]:
    unit, mean = unit_of(section), section["mean_probability"]
    return {
        "axis": clipped(_axis(section)),
        "unit": "pt" if unit.scale == "probability" else "",
        "mean": None if mean is None else _digits(mean, 6),
        "zero": "0: the mean over the rows" if mean is None
        else f"the mean over the rows, {100 * mean:.3g}\u00a0%",
        "effects": [
            _effect(column, list(curves), unit)
            for column, curves in groupby(section["curves"], key=lambda each: each["column"])
        ],
    }  # fmt: skip


def unit_of(section: EffectsSection) -> AnswerUnit:
    """In what the effects of a section are counted."""
    named = _PREDICTED.sub("", section["answer"])
    scale = cast(Scale, section["scale"])
    target = "" if named == "number" else named
    return AnswerUnit(scale, target, unit=section.get("unit", ""))


def with_unit(report: Report) -> Report:
    """A report whose effect curves are counted in the unit of the target, if that is known.

    Files keep sentences with the name of the target ("units of price"), since a unit may be given
    for a page alone.
    """
    unit, sections = str(report["table"].get("unit") or ""), report.get("sections")
    effects = None if sections is None else sections.get("effects")
    if not unit or effects is None or effects["scale"] != "number" or sections is None:
        return report
    named: EffectsSection = {**effects, "unit": unit}
    old, new = f" {unit_of(effects).words}", f" {unit_of(named).words}"
    if old.strip():
        named["title"] = effects["title"].replace(old, new)
        named["curves"] = [
            {**each, "sentence": each["sentence"].replace(old, new)} for each in effects["curves"]
        ]
    return cast(Report, {**report, "sections": {**sections, "effects": named}})


def _axis(section: EffectsSection) -> str:
    """What the axis of the answers is."""
    if section["mean_probability"] is not None:
        return section["answer"].replace("log-odds of", "probability of", 1)
    points = ", percentage points" if section["scale"] == "probability" else ""
    return f"change of the {section['answer']}{points}"


def _effect(column: str, curves: list[EffectData], unit: AnswerUnit) -> dict[str, Any]:
    first, n = curves[0], len(curves[0]["x"])
    most = n if first["texts"] else _MOST_POINTS
    kept = sorted({round(k * (n - 1) / max(1, most - 1)) for k in range(most)})
    bars = bool(first["texts"]) and first["values"] != "date"
    return {
        "column": clipped(column),
        "x": [_digits(first["x"][k], 9) for k in kept],
        "texts": [clipped(first["texts"][k], 40) for k in kept if first["texts"]],
        "bars": bars,
        "density": [_digits(each, 2) for each in first["density"]],
        "curves": [
            _curve(each, kept, unit.factor, bars=bars, alone=len(curves) == 1) for each in curves
        ],
        "said": said_of_curves(curves, unit),
    }


def _curve(
    curve: EffectData, kept: list[int], factor: float, *, bars: bool, alone: bool
) -> dict[str, Any]:
    def short(values: list[float], digits: int = _DIGITS) -> list[float]:
        return [_digits(factor * values[k], digits) for k in kept]

    drawn = {
        "output": clipped(curve["output"], 40),
        "mean": short(curve["mean"]),
        "supported": [curve["supported"][k] for k in kept],
    }
    # The bands and the networks of several curves would hide each other.
    if bars or alone:
        drawn |= {"low": short(curve["low"]), "high": short(curve["high"])}
    if alone:
        drawn["members"] = [short(each, 3) for each in curve["members"]]
    return drawn


def said_of_curves(curves: list[EffectData], unit: AnswerUnit = NO_UNIT) -> list[str]:
    """What is said of a column: of each class, of a missing value, and notes."""
    several = len(curves) > 1
    said = _of_classes(curves) if several else [curves[0]["sentence"]]
    missing = curves[0]["missing"]
    if missing is not None and not several:
        ends = unit.interval(missing["mean"], missing["low"], missing["high"])
        said.append(f"missing: {ends}, {counted_rows(missing['rows'])}")
    return [clipped(each, _LONGEST_SAID) for each in [*said, *curves[0]["notes"]]]


def _of_classes(curves: list[EffectData]) -> list[str]:
    """What is claimed of single classes; the rest in one sentence, and once where nothing is."""
    claimed, nothing = [], ""
    others: dict[str, list[str]] = {}
    for each in curves:
        said, _, behind = each["sentence"].rpartition("; ")
        if said and behind.endswith(UNLIKE_TRAINING):
            nothing = behind
        else:
            said = each["sentence"]
        if claims_something(said):
            claimed.append(f"{each['output']}: {said}")
        else:
            others.setdefault(_without_details(said), []).append(each["output"])
    for said, outputs in others.items():
        every = len(outputs) == len(curves)
        claimed.append(f"{'all classes' if every else ', '.join(outputs)}: {said}")
    return [*claimed, *([nothing] if nothing else [])]


def _without_details(said: str) -> str:
    """A sentence that claims nothing, without its numbers; networks and few rows are a reason."""
    has_reason = ": the networks" in said or ": the model learned" in said
    return said if has_reason else said.partition(":")[0]


def _explained(section: ExplainedSection) -> list[dict[str, Any]]:
    return [
        {"head": clipped(row["head"]), **drawn_row(row, section["n_networks"])}
        for row in section["rows"]
    ]


def drawn_row(row: ShownRowData, n_networks: int) -> dict[str, Any]:
    """The bars of an explained row, for the script that draws them."""
    return {
        "decimals": row["decimals"],
        "base": row["base"],
        "answer": row["answer"],
        "probability": row["label"] is not None,
        "networks": n_networks,
        "bars": [
            {
                "name": clipped(name_of_bar(bar)),
                "value": bar["value"],
                "low": bar["low"],
                "high": bar["high"],
            }
            for bar in row["bars"]
        ],
    }


def _digits(value: float, digits: int = _DIGITS) -> float:
    return float(f"{value:.{digits}g}")
