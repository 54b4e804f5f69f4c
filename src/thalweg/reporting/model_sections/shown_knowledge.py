"""Whether an evaluation shows that a model knows more than a constant answer, and what to say else.

Contributions and curves of a model that learned noise are computed right, and say nothing of the
world. So they carry one caution wherever an evaluation does not show more.
"""

from collections.abc import Mapping
from typing import Any

from thalweg.evaluation.comparing.beside_constant import KNOWS_NOTHING, constants_of, shows_more
from thalweg.evaluation.importance.loss_rise import FEWEST_ROWS, TOO_FEW

CAUTION = f"{KNOWS_NOTHING}: what follows is how it computes, and may be noise."
# Such rows may show that the model knows something, but not which columns it knows it from.
OF_FEW_ROWS = (
    f"Fewer than {FEWEST_ROWS} rows evaluated the model: what follows is how it computes, and much "
    "of it may be noise."
)


def caution_of_refusal(why: str) -> str:
    """The caution if the importance of columns was refused for this reason; "" for others."""
    if why.startswith(KNOWS_NOTHING):
        return CAUTION
    return OF_FEW_ROWS if why.startswith(TOO_FEW) else ""


def caution_of(verdict: Mapping[str, Any] | None) -> str:
    """The caution that contributions and curves begin with; "" where none is needed.

    Parameters
    ----------
    verdict : mapping or None
        From `Verdict.as_dict`, or of a model file; without one, nothing is known: "".
    """
    if verdict is None:
        return ""
    sections = verdict.get("sections") or {}
    if sections.get("importance") is not None or sections.get("how") == "training":
        return ""
    why = sections.get("left_out", {}).get("importance")
    own = verdict["network"]
    if (why is not None and why.startswith(KNOWS_NOTHING)) or _not_shown(verdict):
        return CAUTION
    few = own.get("n_effective", own["n_samples"]) < FEWEST_ROWS
    return OF_FEW_ROWS if few else "" if why is None else caution_of_refusal(why)


def _not_shown(verdict: Mapping[str, Any]) -> bool:
    """Whether a model is compared with a constant answer, and not called better."""
    found = verdict["differences"]
    return any(not shows_more(found[name]["verdict"]) for name in constants_of(found))
