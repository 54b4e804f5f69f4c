"""Whether an evaluation shows that a model knows more than a constant answer, and what to say else.

Contributions and curves of a model that learned noise are computed right, and say nothing of the
world. So they carry one caution wherever an evaluation does not show more.
"""

from collections.abc import Mapping
from typing import Any

from thalweg.evaluation.importance.loss_rise import FEWEST_ROWS, KNOWS_NOTHING, TOO_FEW
from thalweg.evaluation.task_kinds import LOGISTIC, RIDGE, TREES

CAUTION = f"{KNOWS_NOTHING}: what follows is how it computes, and may be noise."
_MODELS = (LOGISTIC, RIDGE, TREES)


def is_refusal(why: str) -> bool:
    """Whether the importance of columns was refused because no knowledge is shown."""
    return why.startswith((KNOWS_NOTHING, TOO_FEW))


def not_shown_by(verdict: Mapping[str, Any] | None) -> bool:
    """Whether an evaluation does not show that the model knows more than a constant answer.

    Parameters
    ----------
    verdict : mapping or None
        From `Verdict.as_dict`, or of a model file; without one, nothing is known: False.
    """
    if verdict is None:
        return False
    sections = verdict.get("sections") or {}
    if sections.get("importance") is not None or sections.get("how") == "training":
        return False
    why = sections.get("left_out", {}).get("importance")
    if why is not None and is_refusal(why):
        return True
    return _by_losses(verdict)


def caution_of(verdict: Mapping[str, Any] | None) -> str:
    """The caution that contributions and curves begin with; "" where none is needed."""
    return CAUTION if not_shown_by(verdict) else ""


def _by_losses(verdict: Mapping[str, Any]) -> bool:
    """The same from the losses: few rows, or an interval of the difference that includes 0."""
    own = verdict["network"]
    if own.get("n_effective", own["n_samples"]) < FEWEST_ROWS:
        return True
    highs = [found["high"] for name, found in verdict["differences"].items() if name not in _MODELS]
    return any(not isinstance(high, int | float) or not high < 0 for high in highs)
