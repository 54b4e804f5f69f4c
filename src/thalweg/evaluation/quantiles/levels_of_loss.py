"""The levels that a loss such as ``quantile:levels=0.1/0.5/0.9`` names, as evaluations read it."""

import math
from collections.abc import Sequence

from thalweg.errors import SettingsError
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.rates.last_step import chooses_loss, last_step

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


def require_levels_at_end(model: object) -> None:
    """Raise a SettingsError if several quantiles are predicted by a model inside another one.

    At the end of a pipeline or in a search, `last_step` finds it, unless the search chooses its
    loss: others answer a row with several numbers, and nobody knows of which levels.
    """
    last = last_step(model)
    known = bool(levels_of_loss(str(getattr(last, "loss", ""))))
    inside = last.get_params() if hasattr(last, "get_params") else {}
    losses = (inside.get(f"{name}__loss") for name in ("estimator", "regressor"))
    if chooses_loss(model) if known else any(levels_of_loss(str(each)) for each in losses):
        raise SettingsError(
            "The levels of several quantiles are not known",
            where=f"a model of them inside the {type(model).__name__}",
            why="They are found at the end of a pipeline, and in a search that does not choose "
            "the loss",
            fix="evaluate that model itself",
        )


def central_pairs(levels: Sequence[float]) -> list[tuple[int, int]]:
    """The places of levels τ and 1 - τ, the widest pair first: between them are 1 - 2τ."""
    last = len(levels) - 1
    return [
        (low, high)
        for low in range(len(levels))
        for high in range(last, low, -1)
        if math.isclose(levels[low], 1 - levels[high], rel_tol=_NEARLY)
    ]
