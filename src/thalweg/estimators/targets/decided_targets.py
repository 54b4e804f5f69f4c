"""The thresholds of several labels, chosen on the models of single targets."""

from collections.abc import Mapping
from dataclasses import replace

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.evaluation.decisions.chosen_threshold import Threshold


def decide_targets(model: ThalwegClassifier, chosen: Mapping[str, Threshold | None]) -> None:
    """Use other thresholds for some of several labels from now on.

    Parameters
    ----------
    model : ThalwegClassifier
        Fitted, of several targets; it is changed.
    chosen : mapping of str to Threshold
        By the names of targets; the others keep theirs.
    """
    known = model._known
    pairs = zip(model.targets_, known.parts, strict=True)
    parts = tuple(
        replace(part, threshold=chosen[name]) if name in chosen else part for name, part in pairs
    )
    model.threshold = None
    model._adopt(replace(known, parts=parts))
