"""What paired differences between a network and its baselines mean for a person, in words."""

from collections.abc import Sequence

import numpy as np

from thalweg.evaluation.classes import ClassesJudgement
from thalweg.evaluation.intervals import Estimate
from thalweg.evaluation.metrics import Judgement
from thalweg.evaluation.values import ValuesJudgement


def conclusion(network: Judgement, logistic: Estimate, commonest: Estimate, commoner: str) -> str:
    """What the paired differences of log-loss (network minus baseline) mean for the user."""
    return _on_probabilities(network, logistic, commonest, commoner)


def _on_probabilities(
    network: Judgement | ClassesJudgement, logistic: Estimate, commonest: Estimate, commoner: str
) -> str:
    said = _beside_logistic(network, logistic)
    if commonest.high < 0:
        said.append(f'The network beats always answering "{commoner}".')
    else:
        said.append(f'CAUTION: the network is not shown to beat always answering "{commoner}".')
    return " ".join(said)


def conclusion_on_classes(
    network: ClassesJudgement,
    logistic: Estimate,
    commonest: Estimate,
    names: Sequence[str],
    place: int,
) -> str:
    """The same for several classes, with the class that is found worst.

    ``place`` is that of the commonest class among the names.
    """
    said = [_on_probabilities(network, logistic, commonest, names[place])]
    recalls = [each.value for each in network.recall]
    lowest = int(np.nanargmin(recalls))
    if recalls[lowest] < 1:
        counts = network.confusion[lowest]
        said.append(
            f'Worst recognised is "{names[lowest]}": {counts[lowest]:,.4g} of '
            f"{sum(counts):,.4g} rows."
        )
    return " ".join(said)


def conclusion_on_values(network: ValuesJudgement, ridge: Estimate, mean: Estimate) -> str:
    """What the paired differences of RMSE (network minus baseline) mean for the user."""
    rows = f"on these {network.n_samples} test rows"
    value, low, high = ridge.value, ridge.low, ridge.high
    if high < 0:
        said = (
            f"The network is better than ridge regression {rows}: its RMSE is lower by "
            f"{-value:.4g} (95 % interval {-high:.4g} to {-low:.4g})."
        )
    elif low > 0:
        said = (
            f"CAUTION: ridge regression is better than the network {rows}: its RMSE is lower by "
            f"{value:.4g} (95 % interval {low:.4g} to {high:.4g}). Use ridge regression, or find "
            "out what went wrong."
        )
    else:
        side = "higher" if value > 0 else "lower"
        said = (
            f"Ridge regression is as good {rows}: the network's RMSE is {abs(value):.4g} {side}, "
            f"and the 95 % interval of that difference, {low:+.4g} to {high:+.4g}, includes 0. "
            "Prefer the simpler model."
        )
    beats = (
        "The network beats always answering the mean."
        if mean.high < 0
        else "CAUTION: the network is not shown to beat always answering the mean."
    )
    return f"{said} {beats}"


def _beside_logistic(network: Judgement | ClassesJudgement, logistic: Estimate) -> list[str]:
    """The network beside logistic regression, and what is odd about it."""
    rows = f"on these {network.n_samples} test rows"
    if np.isnan(logistic.value):
        said = [
            f"Log-loss cannot tell the network from logistic regression {rows}: both were "
            "certain of a wrong answer. Prefer logistic regression, the simpler model."
        ]
    elif logistic.high < 0:
        said = [
            f"The network is better than logistic regression {rows}: its log-loss is lower by "
            f"{-logistic.value:.4f} (95 % interval {-logistic.high:.4f} to {-logistic.low:.4f})."
        ]
    elif logistic.low > 0:
        said = [
            f"CAUTION: logistic regression is better than the network {rows}: its log-loss is "
            f"lower by {logistic.value:.4f} (95 % interval {logistic.low:.4f} to "
            f"{logistic.high:.4f}). Use logistic regression, or find out what went wrong."
        ]
    else:
        side = "higher" if logistic.value > 0 else "lower"
        said = [
            f"Logistic regression is as good {rows}: the network's log-loss is "
            f"{abs(logistic.value):.4f} {side}, and the 95 % interval of that difference, "
            f"{logistic.low:+.4f} to {logistic.high:+.4f}, includes 0. Prefer the simpler model."
        ]
    if np.isinf(network.metrics["log_loss"].value):
        said.append(
            "CAUTION: the network gave a wrong answer with certainty (a probability of exactly "
            "0 or 1), so its log-loss is infinite."
        )
    return said
