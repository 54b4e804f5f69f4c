"""Titles of the calibration of quantiles, and of several classes."""

from collections.abc import Mapping
from typing import Any

from thalweg.evaluation.calibration.calibration_sentences import NONE_SHOWN
from thalweg.evaluation.section_shapes import CalibrationSection
from thalweg.reporting.verdict_words import interval_of
from thalweg.wording import amount

OF_QUANTILES = "exact interval of the share of true values below the prediction"


def title_of(section: CalibrationSection) -> str:
    """The title that agrees with the sentence; "" for what has a title of its own."""
    found: Mapping[str, Any] = section["found"]
    none_shown = section["sentence"].startswith(NONE_SHOWN)
    if "level" in found:
        share, level = (amount(100 * each, 3) for each in (found["below"]["value"], found["level"]))
        return (
            f"{share}\u00a0% of the true values are below the prediction; {level}\u00a0% should be"
        )
    if "classes" in found:
        return _of_classes(interval_of(found["temperature"]["slope"]), none_shown)
    return ""


def _of_classes(slope: tuple[float, float, float] | None, none_shown: bool) -> str:
    if none_shown and slope is None:
        return "Whether the probabilities can be believed is not known"
    if none_shown and slope is not None:
        return f"No sign that the probabilities are miscalibrated (slope {slope[0]:.2f})"
    if slope is not None and slope[2] < 1:
        return "The probabilities are too sure: nearer to 0 and 1 than they should be"
    if slope is not None and slope[1] > 1:
        return "The probabilities are not sure enough: too far from 0 and 1"
    return "The probabilities of some classes are miscalibrated"
