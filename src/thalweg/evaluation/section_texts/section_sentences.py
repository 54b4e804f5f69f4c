"""The sentences of the sections of a file, computed from its numbers.

They are those of calibration, threshold, net benefit, abstention, coverage and groups. What a file
says in their place counts for nothing. The reasons inside them, such as why there is no slope, are
compared with those of the program, or quoted.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, cast, get_args

import numpy as np

from thalweg.evaluation.answers import How
from thalweg.evaluation.calibration.class_calibration import MulticlassCalibration
from thalweg.evaluation.calibration.regression_calibration import (
    QuantileCalibration,
    RegressionCalibration,
)
from thalweg.evaluation.calibration.two_class_calibration import (
    TwoClassCalibration,
    with_reservations,
)
from thalweg.evaluation.computed_sections import AnyCalibration, Sections
from thalweg.evaluation.conformal.measured_coverage import IntervalCoverage, SetCoverage
from thalweg.evaluation.conformal.set_words import NONE, set_words
from thalweg.evaluation.decisions.abstention import Abstention
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.decision_curve import DecisionCurve
from thalweg.evaluation.decisions.operating_point import OperatingPoint
from thalweg.evaluation.section_texts import subgroup_texts
from thalweg.evaluation.section_texts.revived_data import revived
from thalweg.evaluation.section_texts.text_patterns import Texts, own_or_quoted, quoted, sentence_of
from thalweg.evaluation.subgroups.group_judging import names_of_metrics
from thalweg.evaluation.task_kinds import TWO_CLASSES, kind_of_labels
from thalweg.wording import words_of_two

# Why there is no slope, no temperature and no line: the end of a sentence.
NO_SLOPE = (
    "the rows belong to fewer than # groups",
    "all rows are of one class",
    "# of the predictions are exactly 0 or 1, and wrong: no intercept and no slope can explain "
    "that",
    "all predictions are exactly 0 or 1",
    "all predictions are equal, so there is no slope to measure",
    "a threshold on the predictions separates the classes without error, so the likeliest "
    "slope is infinite",
    "the likelihood has no optimum within the reach of rounding",
    "the likeliest slope is not above 0",
    "# of the rows have a probability of exactly 0 for their true class: no temperature can "
    "explain that",
    "all classes are equally probable in each row, so there is no slope to measure",
    "the true class has the largest probability in each row, so the likeliest slope is infinite",
    "a line needs # rows; there are #",
    "a line needs # groups of rows; there are #",
    "all predictions but one are equal, or differ by rounding alone",
)
_NO_SLOPE = sentence_of(NO_SLOPE)
_NO_CURVE = sentence_of(
    (
        "A decision curve needs # rows of each class, and there are {|effectively (by their "
        "weights) }# ~ ones. Give more rows.",
    )
)
_NO_COVERAGE = sentence_of(
    (
        "There is no row to measure the coverage on. Fix: give rows with known targets.",
        *(
            f"The coverage of {kind} says nothing about new rows. Fix: measure it on rows that the "
            "model has not seen."
            for kind in (
                "training rows",
                "rows whose origin is not known",
                "the rows that set the intervals",
            )
        ),
    )
)
# Sections whose sentence is computed, as they are in plain data.
_WITH_SENTENCE = ("calibration", "threshold", "benefit", "abstention", "coverage")
# What files of earlier versions call an empty set.
_NONE_EARLIER = ("unlike both classes", "unlike all classes")
# Sets of more classes are shown together.
_MOST_LISTED = 6


def with_own_sentences(
    sections: Mapping[str, Any],
    classes: Sequence[str],
    *,
    scaled: bool = False,
    grades: Sequence[str] = (),
) -> dict[str, Any]:
    """Sections of a file whose sentences follow from their numbers.

    Parameters
    ----------
    sections : mapping
        Of valid form.
    classes : sequence of str
        Of the model; of two, the negative one first. None of a numeric target.
    scaled : bool, default False
        Whether the intervals of the model are scaled.
    grades : sequence of str, optional
        Of classes in an order, their names in that order.

    Raises
    ------
    ValueError
        A section has words, metrics or tests that no evaluation of these classes has.
    """
    if sections["how"] not in get_args(How):
        raise ValueError("the sections are of rows of a kind that there is not")
    kind = kind_of_labels([*classes] or None)
    found = {**sections, **_with_own_reasons(sections, classes)}
    if (groups := found.get("subgroups")) is not None:
        metrics = names_of_metrics(kind, classes, _level_of(found.get("calibration")))
        words = words_of_two(classes) if kind is TWO_CLASSES else tuple(classes)
        found["subgroups"] = subgroup_texts.with_own_texts(groups, metrics, words)
    made = _made(found, cast(How, sections["how"]), classes, scaled=scaled)
    said = replace(made, grades=tuple(grades)).sentences()
    for key in _WITH_SENTENCE:
        if found.get(key) is not None:
            found[key] = {**found[key], "sentence": said[key]}
    return found


def _made(
    sections: Mapping[str, Any], how: How, classes: Sequence[str], *, scaled: bool
) -> Sections:
    """The results that sections of a file are the plain data of."""
    parts: dict[str, Any] = {}
    if (section := sections.get("calibration")) is not None:
        parts["calibration"] = _calibration(section["found"], how, classes)
    if (section := sections.get("threshold")) is not None:
        parts["threshold"] = revived(Threshold, section["chosen"])
        parts["point"] = revived(OperatingPoint, section["point"])
    if (section := sections.get("benefit")) is not None:
        parts["benefit"] = revived(DecisionCurve, section["curve"])
    if (section := sections.get("abstention")) is not None:
        parts["abstention"] = revived(Abstention, section["at_price"])
    if (section := sections.get("coverage")) is not None:
        parts["coverage"] = _coverage(section["found"], classes, scaled=scaled)
    return Sections(how, sections["n_samples"], tuple(classes), **parts)


def _calibration(found: Mapping[str, Any], how: How, classes: Sequence[str]) -> AnyCalibration:
    if "level" in found:
        return revived(QuantileCalibration, found, how=how)
    if "bias" in found:
        return revived(RegressionCalibration, found, how=how)
    if "classes" in found:
        return revived(MulticlassCalibration, found, how=how)
    return revived(TwoClassCalibration, found, how=how)


def _coverage(
    found: Mapping[str, Any], classes: Sequence[str], *, scaled: bool
) -> IntervalCoverage | SetCoverage:
    if "words" not in found:
        return revived(IntervalCoverage, found, scaled=scaled)
    _require_sets(found["words"], classes)
    return revived(SetCoverage, found, fewer=tuple(found.get("fewer", ())) or None)


def _require_sets(words: Mapping[str, float], classes: Sequence[str]) -> None:
    """Raise a ValueError if a share of rows is one of sets that there are not."""
    if len(classes) > _MOST_LISTED:  # too many sets; the words are not shown one by one
        return
    every = np.array([*product((False, True), repeat=len(classes))])
    if not words.keys() <= {*set_words(every, classes)}:
        raise ValueError("the coverage names sets of other classes")


def _level_of(calibration: Mapping[str, Any] | None) -> float | None:
    """The level of a predicted quantile; None of a mean, and of classes."""
    return None if calibration is None else calibration["found"].get("level")


def _with_own_reasons(sections: Mapping[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """The sections whose reasons are those of the program, or quoted."""
    names = frozenset((*classes, *words_of_two(classes), *(f'"{each}"' for each in classes)))
    found: dict[str, Any] = {}
    if (section := sections.get("calibration")) is not None:
        found["calibration"] = {**section, "found": _own_calibration(section["found"], classes)}
    if (section := sections.get("threshold")) is not None:
        why = section["chosen"]["refused"]
        chosen = {**section["chosen"], "refused": None if why is None else quoted(why, ".")}
        found["threshold"] = {**section, "chosen": chosen}
    for key, part, pattern in (
        ("benefit", "curve", _NO_CURVE), ("coverage", "found", _NO_COVERAGE)
    ):  # fmt: skip
        if (section := sections.get(key)) is not None:
            found[key] = {**section, part: _own_refusal(section[part], pattern, names, ".")}
    if (section := found.get("coverage")) is not None and "words" in section["found"]:
        words = {
            NONE if word in _NONE_EARLIER and word not in classes else word: share
            for word, share in section["found"]["words"].items()
        }
        found["coverage"] = {**section, "found": {**section["found"], "words": words}}
    return found


def _own_calibration(found: Mapping[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """A calibration with the reasons of the program."""
    if "classes" in found:
        return {
            **found,
            "temperature": _own_refusal(found["temperature"], _NO_SLOPE),
            "classes": [_own_calibration(each, ()) for each in found["classes"]],
        }
    if "n_positive" not in found:
        return _own_refusal(found, _NO_SLOPE) if "refused" in found else {**found}
    if found["weak"] is not None:
        found = {**found, "weak": _own_refusal(found["weak"], _NO_SLOPE)}
    own = with_reservations(revived(TwoClassCalibration, found, how="test"), classes)
    return {**found, "refused": own.refused, "caution": own.caution}


def _own_refusal(
    part: Mapping[str, Any],
    pattern: Texts,
    names: Container[str] = (),
    end: str = "",
) -> dict[str, Any]:
    """A part of a section; why it is not there is a text of the program, or quoted."""
    why = part["refused"]
    return {**part, "refused": None if why is None else own_or_quoted(pattern, why, names, end)}
