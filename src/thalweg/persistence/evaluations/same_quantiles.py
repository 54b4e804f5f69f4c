"""What the evaluation of several quantiles in a model file must agree with: its levels, itself."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Protocol

from thalweg.evaluation.judging.shapes import FanData, QuantilesData, QuantilesVerdict
from thalweg.evaluation.quantiles.level_metrics import MOST_GROUPS
from thalweg.evaluation.quantiles.levels_of_loss import central_pairs, levels_of_loss
from thalweg.evaluation.task_kinds import ONE_NUMBER, SEVERAL_QUANTILES, TaskKind

# Sums in another order, and weights that are rounded.
_NEARLY = 1e-6


class _Asked(Protocol):
    """What is known of the model."""

    @property
    def loss(self) -> str:
        """Its training loss."""


def kind_of_number(header: Mapping[str, Any]) -> TaskKind:
    """The task of a regressor, from its header, whose objective may be of any form."""
    objective = header.get("objective")
    text = objective.get("loss") if type(objective) is dict else None
    return SEVERAL_QUANTILES if levels_of_loss(str(text)) else ONE_NUMBER


def require_level_alone(header: Mapping[str, Any]) -> None:
    """Raise a ValueError unless what was trained together with other levels is a quantile."""
    of_level = header["objective"]["loss"].startswith("quantile:level=")
    if header["training"].get("also") == "levels" and not of_level:
        raise ValueError("only a quantile is trained together with those of other levels")


def require_several_quantiles(
    asked: _Asked, verdict: QuantilesVerdict, curves: FanData | None
) -> None:
    """Raise a ValueError if an evaluation of valid form contradicts itself or its model."""
    levels = [*levels_of_loss(asked.loss)]
    for judged in (verdict["network"], *verdict["baselines"].values()):
        _require_levels(judged, levels)
    sections: Any = verdict.get("sections")
    if sections is not None and any(
        sections[key] is not None for key in ("calibration", "coverage", "subgroups")
    ):
        raise ValueError("several quantiles have no calibration, intervals or groups")
    if curves is not None:
        _require_fan(curves, verdict["network"])


def _require_levels(judged: QuantilesData, levels: list[float]) -> None:
    if judged["levels"] != levels:
        raise ValueError("the judgement is about other levels than those of the loss")
    if {len(judged["pinball"]), len(judged["below"])} != {len(levels)}:
        raise ValueError("the judgement does not have a number for each level")
    if len(judged["between"]) != len(central_pairs(levels)):
        raise ValueError("the judgement does not have a share for each pair of levels")
    for each in (*judged["below"], *judged["between"]):
        ends = [each["low"], each["value"], each["high"]]
        known = [float(end) for end in ends if end is not None]
        if len(known) != len(ends) or not 0 <= known[0] <= known[1] <= known[2] <= 1 + _NEARLY:
            raise ValueError("a share of rows at a level is none")
    values = [each["value"] for each in judged["pinball"]]
    mean, numbers = judged["metrics"]["pinball"]["value"], [v for v in values if v is not None]
    if mean is None or len(numbers) != len(values):
        raise ValueError("a pinball loss is not defined")
    if not math.isclose(math.fsum(map(float, numbers)) / len(levels), float(mean),
                        rel_tol=_NEARLY):  # fmt: skip
        raise ValueError("the pinball loss is not the mean of those of the levels")


def _require_fan(fan: FanData, network: QuantilesData) -> None:
    n_groups = len(fan["rows"])
    if not 0 < n_groups <= MOST_GROUPS or len(fan["truth"]) != n_groups:
        raise ValueError(f"the picture of quantiles does not have 1 to {MOST_GROUPS} groups")
    if [len(each) for each in fan["predicted"]] != [n_groups] * len(network["levels"]):
        raise ValueError("the picture of quantiles does not have a line for each level")
    if not math.isclose(math.fsum(fan["rows"]), network["n_samples"], rel_tol=_NEARLY):
        raise ValueError("the picture of quantiles is about other rows than the judgement")
    for column in zip(*fan["predicted"], strict=True):
        slack = _NEARLY * max(map(abs, column))
        if any(high < low - slack for low, high in pairwise(column)):
            raise ValueError("the quantiles in a picture cross")
