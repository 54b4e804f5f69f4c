"""The notes above the tables of a trace: the result, and what its numbers rest on."""

from collections.abc import Mapping
from typing import Any

from thalweg.reporting.trace.digits import number
from thalweg.wording import counted

Facts = Mapping[str, Any]

# Of so many rows it is told how much each counts.
TOLD = 2

# Said of models in files that an older thalweg wrote.
NOT_KNOWN = (
    "The model file does not say how many rows this network learned from: an older thalweg wrote "
    "it. So the loss here has no penalty and no costs of classes in it, with which the network may "
    "have descended. Fit the model again to have them."
)


def headline(data: Facts) -> str:
    """What was traced and what came out, in one sentence."""
    rows, of = data["rows"], f" of {data['subject']}" if data["subject"] else ""
    if len(rows) == 1:
        (row,) = rows
        said = ", ".join(number(each) for each in row["prediction"])
        loss = number(row["loss"])
        if data["other"]:  # the network computes the one, and the other is what is asked
            said += f" (of {data['other']} {number(1 - row['prediction'][0])})"
        return f"Row {row['row']}{of}, {_target(row)}: {data['output']} {said}, loss {loss}"
    numbers = ", ".join(str(row["row"]) for row in rows[:8])
    more = f" and {len(rows) - 8} more" if len(rows) > 8 else ""
    height = number(data["network"]["height"])
    return f"{counted(len(rows), 'row')}{of} ({numbers}{more}) as one batch: loss {height}"


def notes(data: Facts) -> list[str]:
    """What has to be known to read the numbers."""
    network, rows = data["network"], data["rows"]
    sizes, found = network["sizes"], []
    layers = [
        f"{size} {name}" if name != "identity" else f"{size}"
        for size, name in zip(sizes[1:], network["activations"], strict=True)
    ]
    taught, several = network["taught"], network["networks"]
    learned = "" if taught is None else f" It learned from {_rows_that(taught)}."
    if several > 1:
        found.append(
            f"This is network 1 of {several:,}.{learned} The model's own answer is the mean of all "
            f"{several:,}, and differs from the one here."
        )
    found.append(
        f"Network: {counted(sizes[0], 'input')} → {' → '.join(layers)}; loss {network['loss']}. "
        "Units, columns and rows are counted from 1: W1[3,2] leads from column 2 to unit 3. "
        "dLoss_V is the derivative of the loss by V, dV_U that of V by U."
    )
    if any(row["supposed"] for row in rows):
        found.append(
            "What the rows truly are is not known: it is supposed that they are what the model "
            "calls them."
        )
    return [*found, *_of_loss(data)]


def _rows_that(taught: float) -> str:
    """How many rows teach; with weights of rows that need not be a whole number."""
    return counted(int(taught), "row") if taught == int(taught) else f"rows of weight {taught:,.6g}"


def _of_loss(data: Facts) -> list[str]:
    """What the loss is made of beside that of the rows, and what is not in it."""
    network, rows, found = data["network"], data["rows"], []
    counts = [row["share"] * len(rows) for row in rows]
    if any(abs(count - 1) > 1e-9 for count in counts):
        told = ", ".join(
            f"row {row['row']} {number(count)}"
            for row, count in zip(rows[:TOLD], counts, strict=False)
        )
        found.append(
            "In the loss a row counts by the cost of its class, over the mean cost of the rows "
            f"that the network learned from: {told}{', …' if len(rows) > TOLD else ''}. These "
            "costs are in Yh; the model's own answer has them divided out."
        )
    elif len(rows) > 1:
        found.append("The loss is the mean over these rows: each counts 1/n in every derivative.")
    if network["label_smoothing"]:
        found.append(
            f"Targets are smoothed by {number(network['label_smoothing'])}, as in training."
        )
    if network["penalty"] or network["l1"]:
        found.append(
            f"The loss has a penalty on the weights in it, {number(network['penalty_height'])} "
            f"of {number(network['height'])}."
        )
    if network["dropout"]:
        found.append(
            f"In training a share of {number(network['dropout'])} of the hidden outputs was "
            "dropped, others in each step. Nothing is dropped here."
        )
    if not network["objective_known"]:
        found.append(NOT_KNOWN)
    return found


def _target(row: Facts) -> str:
    return f"supposed to be {row['target']}" if row["supposed"] else str(row["target"])
