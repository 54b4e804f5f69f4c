"""The title of a trace's page: what the network said of the row, and how that compares."""

from collections.abc import Mapping
from typing import Any

from thalweg.reporting.trace.tables.digits import number
from thalweg.wording import counted

Facts = Mapping[str, Any]

# A probability above this says the class.
_HALF = 0.5


def story(data: Facts) -> str:
    """The title: the finding, and the question that the page answers."""
    rows = data["rows"]
    if len(rows) > 1:
        worst = max(rows, key=lambda row: float(row["part"]))
        mean = number(data["network"]["data_height"], 4)
        return (
            f"{counted(len(rows), 'row')} as one batch: the mean loss is {mean}, and row "
            f"{worst['row']} has most of it. What does each row ask of the weights?"
        )
    (row,) = rows
    name = f"Row {row['row']}"
    if row["answer"] is not None or data["target"]["task"] is None:
        return _of_number(name, row, data["target"])
    return _of_classes(name, data, row)


def _of_number(name: str, row: Facts, target: Facts) -> str:
    said = number(row["answer"] if row["answer"] is not None else row["prediction"][0], 4)
    if row["answer"] is None:
        return f"{name}: the network gives {said}. Which weights made it, and what would it learn?"
    what = "The network said"
    if str(target["loss"]).startswith("quantile"):
        what = f"The network's {number(target['constant']['value'])} quantile is"
    return f"{name} has {row['target']}. {what} {said}. Which weights are to blame?"


def _of_classes(name: str, data: Facts, row: Facts) -> str:
    labels = data["target"]["classes"]
    shares = row["probabilities"] or row["prediction"]
    shares = [1 - shares[0], shares[0]] if len(shares) == 1 else shares
    own = row["class"] - 1
    best = max(range(len(shares)), key=shares.__getitem__)
    share = _percent(shares[own])
    if row["supposed"]:
        return (
            f"{name}: the network calls it {labels[own]}, with {share}. What would it learn if "
            "that is right?"
        )
    if best == own:
        return (
            f"{name} was {labels[own]}, and the network gave {labels[own]} {share}. What is left "
            "to learn from it?"
        )
    rival = "" if len(labels) == 2 else f" and {labels[best]} {_percent(shares[best])}"
    return (
        f"{name} was {labels[own]}. The network gave {labels[own]} {share}{rival}. Which weights "
        "are to blame?"
    )


def _percent(share: float) -> str:
    """``8.6 %``; with as many digits as a small share needs."""
    points = 100 * share
    if points >= 99.95 and share < 1:
        return "nearly 100\u00a0%"
    return f"{points:.1f}\u00a0%" if points >= 0.1 else f"{points:.1g}\u00a0%"
