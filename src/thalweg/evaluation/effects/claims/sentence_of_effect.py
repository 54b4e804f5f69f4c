"""The sentence of one effect curve: of the part that is supported, and of a missing value."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from thalweg.evaluation.effects.curve_sentence import (
    NO_STATEMENT,
    THROUGHOUT,
    Evidence,
    MissingEvidence,
    bars_sentence,
    curve_sentence,
    ends_of_statement,
    hardly_matters,
    little,
    no_statement,
    with_missing,
)
from thalweg.evaluation.effects.effect import rounded_text, text_of
from thalweg.evaluation.effects.effect_source import NO_UNIT, AnswerUnit, Floats
from thalweg.evaluation.effects.profile import Asking, EffectProfile
from thalweg.evaluation.effects.quantile_bins import wide_step

# A point is supported if at most this share of the rows moved to it is unlike the training rows.
MOST_UNLIKE = 0.5


def missing_evidence(
    found: EffectProfile, output: int, unit: AnswerUnit = NO_UNIT
) -> MissingEvidence | None:
    """A missing value beside the mean over the rows that have one; None if it has no point."""
    if found.missing is None:
        return None
    its = found.missing
    mean, drawn = its.curves[0, output], its.resampled[:, output]
    pair = np.zeros(2), np.zeros((len(drawn), 2)), np.zeros((len(its.curves) - 1, 2))
    for each, values in zip(pair, (mean, drawn, its.curves[1:, output]), strict=True):
        each[..., 1] = values
    half = float(np.quantile(np.abs(drawn - mean), 0.95))
    is_supported = its.unlike is None or its.unlike <= MOST_UNLIKE
    return MissingEvidence(Evidence(*pair), half, is_supported, unit)


class Sentences(NamedTuple):
    """What is said of a curve that is larger than noise, and of the same one if it is not."""

    real: str
    noise: str


def sentences_of(
    asking: Asking,
    evidence: Evidence,
    x: Floats,
    supported: np.ndarray,
    half: Floats,
    texts: tuple[str, ...],
    spread: float,
    missing: MissingEvidence | None,
    unit: AnswerUnit,
) -> Sentences:
    """What is claimed of the supported part of a curve: of the one with the most points."""
    places = np.flatnonzero(supported) if texts else _longest(supported)
    known = Evidence(
        evidence.mean[places], evidence.resampled[:, places], evidence.members[:, places]
    )

    def said(known: Evidence, missing: MissingEvidence | None) -> str:
        return _sentence(asking, known, x, places, half, texts, spread, missing, unit)

    real = said(known, missing)
    if not asking.source.n_folds:
        return Sentences(real, real)
    noise = None if missing is None else replace(missing, change=missing.change.as_noise())
    return Sentences(real, said(known.as_noise(), noise))


def _sentence(
    asking: Asking,
    evidence: Evidence,
    x: Floats,
    places: np.ndarray,
    half: Floats,
    texts: tuple[str, ...],
    spread: float,
    missing: MissingEvidence | None,
    unit: AnswerUnit,
) -> str:
    text = text_of(asking.source.columns[asking.column])
    if len(places) < 2:
        return with_missing(NO_STATEMENT, missing, spread)
    low, high = evidence.mean - half[places], evidence.mean + half[places]
    bound = float(
        max(np.abs(low).max(), np.abs(high).max(), np.abs(evidence.members).max(initial=0))
    )
    if little(bound, spread):
        found = hardly_matters(bound, missing, spread, unit)
    else:
        own = x[places]
        found = (
            bars_sentence(evidence, [texts[k] for k in places])
            if texts
            else curve_sentence(evidence, own, rounded_text(text, own), low, high)
        )
        found = with_missing(found, missing, spread)
    if texts:
        return found
    rows = asking.values, asking.counts.counts
    ends = ends_of_statement(rows, x, int(places[0]), int(places[-1]), text)
    step = wide_step(asking.values, x[places])
    if ends or step:
        within = f"for values from {text(x[places[0]])} to {text(x[places[-1]])}"
        if step:
            within += f", with no point between {text(step[0])} and {text(step[1])}"
        found = found.replace(THROUGHOUT, within, 1)
    return f"{found}; {no_statement(ends)}" if ends else found


def _longest(supported: np.ndarray) -> np.ndarray:
    """The longest run of supported points."""
    runs = np.split(np.arange(len(supported)), np.flatnonzero(np.diff(supported)) + 1)
    return max((run for run in runs if supported[run[0]]), key=len, default=np.empty(0, np.intp))
