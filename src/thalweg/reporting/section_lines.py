"""The sections of an evaluation as short lines for a terminal: what each found, and no more.

The sentences in plain data and on a page say more: methods, rows, what is not shown. Counts at the
threshold stand in the tables above these lines.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from thalweg.evaluation.answers import OF_FOLDS
from thalweg.evaluation.comparing.rounded_limits import on_its_side
from thalweg.evaluation.computed_sections import PRICE
from thalweg.evaluation.decisions.chosen_threshold import Rule, Threshold
from thalweg.evaluation.decisions.decision_sentences import (
    advised_answers,
    answers_not_supported,
    call_of_baseline,
    more_cases,
    nearest_threshold,
    other_call,
    outside_of_curve,
    threshold_and_rule,
)
from thalweg.evaluation.decisions.decision_shapes import ThresholdData
from thalweg.evaluation.effects.curve_sentence import claims_something
from thalweg.evaluation.importance.importance_found import GROUP
from thalweg.evaluation.importance.importance_sentences import ImportanceSection
from thalweg.evaluation.judging.shapes import EstimateData
from thalweg.evaluation.section_shapes import (
    AbstentionSection,
    BenefitSection,
    CalibrationSection,
    CoverageSection,
    EffectsSection,
    SectionsData,
    ThresholdSection,
)
from thalweg.evaluation.subgroups.group_sentences import NOT_ALIKE, OTHERS_TOO
from thalweg.reporting.verdict_words import interval_of, rows_of_kind, with_interval
from thalweg.wording import amount, class_words, count_text, counted, even, words_of_two

_FEW_ROWS = "So few rows show only gross errors."
_UNCERTAIN = "So few rows leave its size uncertain."
_NO_PROOF = "This does not show that there is none."
_HEADS = {
    "calibration": "Calibration", "abstention": "No answer", "importance": "Leans on",
    "effects": "Effects",
}  # fmt: skip
# As many columns as a line names.
_MOST_NAMED = 3
# How a verdict says that there are several repetitions.
_REPEATED = re.compile(r", repeated \d+ times\b")
# What a sentence about calibration begins with, before the kind and the number of its rows.
_BEFORE_ROWS = re.compile(r"(.+?) on (?:effectively )?[\d,]+ [\w-]+ rows?\b")
_OF_THE_FIRST = " They are those of the first repetition."
_REST = {
    "training": " The model was trained on these rows, so new rows may be worse.",
    "out-of-fold": f" {OF_FOLDS}",
    "origin unknown": " If the model was trained on some of them, new rows may be worse.",
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
        lines.append(("Threshold", _threshold(threshold, classes)))
    if threshold is not None and benefit is not None:
        at = threshold["point"]["threshold"]
        at = 0.5 if at is None else at
        lines.append(("Net benefit", _benefit(benefit, at, words_of_two(classes)[1])))
    if (abstention := sections["abstention"]) is not None:
        lines.append(("No answer", _abstention(abstention)))
    if (coverage := sections["coverage"]) is not None:
        lines.append(("Sets" if classes else "Intervals", _coverage(coverage, classes)))
    if (groups := sections["subgroups"]) is not None:
        lines.append(("Groups", groups["refused"] or _groups(groups["sentence"])))
    covers, left_out = "Sets" if classes else "Intervals", dict(sections.get("left_out", {}))
    idle = left_out.pop("importance", None)
    lines += [
        (_HEADS.get(key, covers), why)
        for key, why in left_out.items()
        if key not in ("effects", "explained")  # the page has these
    ]
    if idle is not None:
        lines.append((_HEADS["importance"], idle))
    if (importance := sections.get("importance")) is not None:
        lines.append((_HEADS["importance"], _leans_on(importance)))
    if (effects := sections.get("effects")) is not None:
        lines.append((_HEADS["effects"], _effects(effects, importance)))
    return lines


def of_which_rows(sections: SectionsData, judged: str = "") -> str:
    """The rows that all sections are from, and what these cannot show.

    ``judged`` says how the rows were evaluated, as in a verdict.
    """
    how = sections["how"]
    rows = rows_of_kind(sections["n_samples"], how)
    first = _OF_THE_FIRST if _REPEATED.search(judged) else ""
    return f"For decisions, from {rows}.{_REST.get(how, first)}"


def p_text(p: float) -> str:
    """A p-value in words: ``p = 0.046``."""
    return "p < 0.001" if p < 0.001 else f"p = {amount(p, 2)}"


def head_of(sentence: str) -> str:
    """The finding that a sentence about calibration begins with; "" for another sentence."""
    begun = _BEFORE_ROWS.match(sentence)
    return begun[1] if begun else ""


def _calibration(section: CalibrationSection) -> str:
    found: dict[str, Any] = dict(section["found"])
    if "level" in found:
        return section["sentence"]
    test = found.get("temperature") or found.get("weak") or found
    if refused := found.get("refused") or test.get("refused"):
        said = str(refused)[:1].upper() + str(refused)[1:].rstrip(".") + "."
        ratio: EstimateData = found.get("observed_by_expected", {"value": None})
        there = ratio["value"] is not None
        return f"Observed by expected {_three(ratio, 1)}. {said}" if there else said
    head = head_of(section["sentence"])
    numbers, calibrated = [f"slope {_three(test['slope'], 1)}"], "1 if calibrated"
    if "observed_by_expected" in found:
        numbers.append(f"observed by expected {_three(found['observed_by_expected'], 1)}")
        calibrated = f"each {calibrated}"
    numbers.append(calibrated)
    if "bias" in found:
        numbers.append(f"true values exceed predictions by {_three(found['bias'], 0)}")
    p = test["p_value"]
    shown = ", ".join(numbers)
    # A file may have a sentence of another form; its numbers are checked, and stand alone.
    begun = f"{head}: {shown}" if head else shown[:1].upper() + shown[1:]
    said = f"{begun}; {'joint test' if 'classes' not in found else 'slope'} at 5 %: {p_text(p)}."
    if "classes" in found:
        _, each, rest = section["sentence"].partition("Each class against the rest")
        return f"{said} {each}{rest}"
    if found.get("caution"):
        return f"{said} {_FEW_ROWS if _NO_PROOF in section['sentence'] else _UNCERTAIN}"
    return f"{said} {_NO_PROOF}" if _NO_PROOF in section["sentence"] else said


def _threshold(section: ThresholdSection, classes: Sequence[str]) -> str:
    return threshold_and_rule(_chosen(section["chosen"]), classes)


def _chosen(data: ThresholdData) -> Threshold:
    """The threshold with its rule; how far it would move is not said here."""
    return Threshold(
        data["value"], cast(Rule, data["by"]), data["missed"], data["alarm"], data["floor"],
        data["beta"],
    )  # fmt: skip


def _benefit(section: BenefitSection, threshold: float, positive: str) -> str:
    curve = section["curve"]
    if curve["refused"] is not None:
        return curve["refused"]
    k = nearest_threshold(curve["thresholds"], threshold)
    at, ends = amount(curve["thresholds"][k], 4), interval_of(curve["gain"][k])
    if ends is None:
        return f"At {at} it is undefined."
    value, low, high = ends
    call = call_of_baseline(curve["all"][k])
    against = f"{call} {positive}"
    if value == 0 and curve["few"][k]:
        return f"At {at}, it decides as calling {against} does, but for fewer than 5 rows."
    more = more_cases(value, low, high)[0]
    _, least, most = on_its_side([round(100 * each, 9) for each in ends], 0, 3)
    said = (
        f"At {at}, as if {more} {positive} rows in 100 were found than by calling "
        f"{against}, or {other_call(call)} if that is better [{least}, {most}]."
    )
    said = " ".join([*outside_of_curve(curve["thresholds"], threshold), said])
    if curve["few"][k]:
        return f"{said} This rests on fewer than 5 rows."
    return f"{said} It may be none." if low <= 0 <= high else said


def _abstention(section: AbstentionSection) -> str:
    at = section["at_price"]
    rows = amount(1 / at["price"], 3) if at["price"] else "∞"
    costs = f"If an error costs {rows} unanswered row{'' if rows == '1' else 's'}"
    costs += " (a default)" if at["price"] == PRICE else ""
    answered = interval_of(at["answered"])
    if not at["n_answered"] or answered is None:
        return f"{costs}, no row is answered."
    wrong = interval_of(at["wrong"])
    share, high = (0.0, 1.0) if wrong is None else (wrong[0], wrong[2])
    return (
        f"{costs}, {advised_answers(high, at['price'])} {amount(100 * answered[0], 3)} %: "
        f"{count_text(at['n_wrong'])} of {count_text(at['n_answered'])} wrong, "
        f"{_percent(at['wrong'], beside=at['price'])}."
        f"{answers_not_supported(share, high, at['price'])}"
    )


def _coverage(section: CoverageSection, classes: Sequence[str]) -> str:
    found: dict[str, Any] = dict(section["found"])
    if found["refused"] is not None or not classes:
        return section["sentence"]
    words = class_words(classes)
    known = [
        (name, each)
        for name, each in zip(words, found["coverage"], strict=True)
        if each["value"] is not None
    ]
    known.sort(key=lambda each: float(each[1]["value"]))
    low, high = (f"{_percent(each)} of {name}" for name, each in (known[0], known[-1]))
    fewer = found.get("fewer") or [
        each["high"] is not None and float(each["high"]) < found["nominal"]
        for each in found["coverage"]
    ]
    few = [name for name, flag in zip(words, fewer, strict=True) if flag]
    flag = f" ({', '.join(few) if len(few) <= 3 else f'{len(few)} classes'}: fewer than asked for)"
    if few == [known[0][0]]:
        low, flag = f"{low} (fewer than asked for)", ""
    one = sum(share for word, share in found["words"].items() if word in classes)
    return (
        f"At {amount(100 * found['nominal'], 3)} %, they hold {low} to {high}"
        f"{flag if few else ''}; {amount(100 * one, 3)} % are one class."
    )


def _leans_on(section: ImportanceSection) -> str:
    """The groups and columns that are shown to matter, with their shares."""
    shown = [line for line in section["lines"] if line["shown"] and not line["group"]]
    if not shown:
        return f"{section['title']}."
    named = [
        f"{line['name']}{' together' if line['kind'] == GROUP else ''} "
        f"({amount(100 * line['share'], 3)} %)"
        for line in shown[:_MOST_NAMED]
    ]
    more = len(shown) - len(named)
    rest = f" and {counted(more, 'more', 'more')}" if more else ""
    worse = " Above 100 %, it would be worse than the constant." if shown[0]["share"] > 1 else ""
    return (
        f"{', '.join(named)}{rest}: so much of its gain over a constant is lost if their cells are "
        f"exchanged between rows.{worse}"
    )


def _effects(section: EffectsSection, importance: ImportanceSection | None) -> str:
    """What the first curves do that do something for sure, of columns that are shown to matter."""
    curves = section["curves"]
    several = len({each["output"] for each in curves}) > 1
    matter = {
        name
        for line in (importance or {"lines": []})["lines"]
        if line["shown"] and not line["group"]
        for name in line["members"]
    }
    said = [
        " ".join([each["column"], *([f"({each['output']})"] if several else []), each["sentence"]])
        for each in curves
        if claims_something(each["sentence"]) and (importance is None or each["column"] in matter)
    ]
    if not said:
        return f"{section['title']}."
    more = len(said) - _MOST_NAMED
    rest = f"; and {counted(more, 'more curve')}" if more > 0 else ""
    what = section["answer"]
    return f"On the {what}: {'; '.join(said[:_MOST_NAMED])}{rest}."


def _groups(sentence: str) -> str:
    """What is found, and that nothing else is shown; of which differences is on the page."""
    for opening in (NOT_ALIKE, OTHERS_TOO):
        found, there, _ = sentence.partition(opening)
        if there:
            return f"{found}{opening}."
    return sentence


def _percents(shares: Sequence[float], beside: float | None = None) -> list[str]:
    percents = [100 * share for share in shares]
    return even(percents, 3) if beside is None else on_its_side(percents, 100 * beside, 3)


def _percent(found: EstimateData, *, beside: float | None = None) -> str:
    """A share in percent, ``97.9 % [89.1, 99.6]``; ``beside`` is what it is compared with."""
    value, ends = with_interval(found, partial(_percents, beside=beside))
    return f"{value} % {ends}" if ends else value


def _three(found: EstimateData, calibrated: float) -> str:
    """A value and its interval with three digits, each on its side of the calibrated value."""
    write = partial(on_its_side, at=calibrated, digits=3)
    return " ".join(with_interval(found, write)).rstrip()
