"""The levels that a loss such as ``quantile:levels=0.1/0.5/0.9`` names, as evaluations read it."""

import math
from collections.abc import Sequence

from thalweg.evaluation.model_protocol import JudgedModel

_BEGINS = "quantile:levels="
# 1 - 0.9 is not 0.1 in binary.
_NEARLY = 1e-9


def levels_of_loss(loss: str) -> tuple[float, ...]:
    """The levels, ascending; none of a loss of one number, and of a text that is no loss."""
    if not loss.startswith(_BEGINS):
        return ()
    try:
        return tuple(float(each) for each in loss.removeprefix(_BEGINS).split("/"))
    except ValueError:
        return ()


def levels_of_model(model: JudgedModel | object) -> tuple[float, ...]:
    """The levels that a fitted model predicts; none of one that does not predict several."""
    members = getattr(model, "members_", None)
    return levels_of_loss(str(members[0].outputs.loss)) if members else ()


def central_pairs(levels: Sequence[float]) -> list[tuple[int, int]]:
    """The places of levels τ and 1 - τ, the widest pair first: between them are 1 - 2τ."""
    last = len(levels) - 1
    return [
        (low, high)
        for low in range(len(levels))
        for high in range(last, low, -1)
        if math.isclose(levels[low], 1 - levels[high], rel_tol=_NEARLY)
    ]
