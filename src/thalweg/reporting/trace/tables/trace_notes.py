"""The notes above the tables of a trace: the result, and what its numbers rest on."""

from collections.abc import Mapping
from typing import Any

from thalweg.network.formulas.losses import is_formula, leaves_out_a_term, own_text
from thalweg.reporting.trace.tables.digits import number
from thalweg.wording import counted

Facts = Mapping[str, Any]

# For at most so many rows, the share of each is shown.
TOLD = 2
# At most so many classes are named.
CLASSES = 12

# The note for models in files of an older thalweg, and for weights of another program.
NOT_KNOWN = (
    "The model does not say how many rows this network was trained on: another program fitted its "
    "weights, or an older thalweg wrote its file. So the loss here has no penalty and no class "
    "costs, which the training loss may have had. Fit the model again to include them."
)


# The note for categories with target codes; docs/tables.md says how training makes them.
CODED = (
    "The target codes of {} are those of a new row: all training rows of this network give them. "
    "In training, a training row had other codes, from rows other than itself (cross-fitting). So "
    "for training rows, the loss and the derivatives here are not those that training had."
)


def headline(data: Facts) -> str:
    """What was traced and the result, in one sentence."""
    rows, of = data["rows"], f" of {data['subject']}" if data["subject"] else ""
    if len(rows) == 1:
        (row,) = rows
        result = f"{_prediction(data, row)}, {_losses(data['network'])}"
        return f"Row {row['row']}{of}, {_target(row)}: {result}"
    numbers = ", ".join(str(row["row"]) for row in rows[:8])
    more = f" and {len(rows) - 8} more" if len(rows) > 8 else ""
    said = _losses(data["network"])
    return f"{counted(len(rows), 'row')}{of} ({numbers}{more}) as one batch: {said}"


def _prediction(data: Facts, row: Facts) -> str:
    """What the network predicts for a row."""
    shares = row["probabilities"] or row["prediction"]
    classes = data["target"]["classes"]
    if row["answer"] is not None:
        return f"predicted {number(row['answer'])}"
    if len(classes) > 2:
        own, best = row["class"] - 1, max(range(len(shares)), key=shares.__getitem__)
        said = f"probability of {classes[own]} {number(shares[own])}"
        if own == best:
            return f"{said} (the largest)"
        return f"{said}, of {classes[best]} {number(shares[best])} (the largest)"
    said = f"{data['output']} {', '.join(number(each) for each in shares)}"
    if data["other"]:  # the network computes one class, and the other is the positive one
        positive = f"probability of {data['other']} {number(1 - shares[0])}"
        return f"{positive} (the network computes the {said})"
    return said


def has_penalty(network: Facts) -> bool:
    """Whether the training loss has a penalty on the weights."""
    return bool(network["penalty"] or network["l1"])


def _losses(network: Facts) -> str:
    """The loss of the rows, and what is minimised if that is more."""
    said = f"loss {number(network['data_height'])}"
    if has_penalty(network):
        said += f", loss with penalty {number(network['height'])}"
    return said


def notes(data: Facts) -> list[str]:
    """The notes that are needed to read the numbers."""
    network, rows = data["network"], data["rows"]
    sizes, found = network["sizes"], []
    layers = [
        f"{size} {name}" if name != "identity" else f"{size}"
        for size, name in zip(sizes[1:], network["activations"], strict=True)
    ]
    found += _picked_words(data)
    taught, several = network["taught"], network["networks"]
    learned = "" if taught is None else f" It was trained on {_rows_that(network)}."
    if several > 1:
        corrected = ", corrected by its calibration" if data.get("calibration") else ""
        found.append(
            f"This is network 1 of {several:,}.{learned} The model's own prediction is the mean of "
            f"all {several:,}{corrected}, and differs from the one here."
        )
    loss = own_text(network["loss"])
    found.append(
        f"Network: {counted(sizes[0], 'input')} → {' → '.join(layers)}; loss {loss}. "
        "Units, columns and rows are counted from 1: W1[3,2] leads from column 2 to unit 3. "
        f"dLoss_V is the derivative of the loss{' with penalty' if has_penalty(network) else ''} "
        "with respect to V, dV_U that of V to U."
    )
    if any(row["supposed"] for row in rows):
        found.append(
            "The true labels of the rows are not known: the trace uses the classes that the model "
            "predicts."
        )
    return [*found, *_of_outputs(data["target"]), *_of_loss(data)]


def _of_outputs(target: Facts) -> list[str]:
    """Which output is which of several classes, or between which grades it is."""
    classes = target["classes"]
    if len(classes) < 3:
        return []
    named = ", ".join(f"{k} {label}" for k, label in enumerate(classes[:CLASSES], start=1))
    more = len(classes) - CLASSES
    rest = f" and {more:,} more" if more > 0 else ""
    if target["link"] == "at_most":
        return [
            f"The grades, from the lowest to the highest: {named}{rest}. Output k is the threshold "
            "between grade k and grade k + 1. Rows move only the first output, and with it all "
            "thresholds alike (proportional odds). The weights of the other outputs are held at 0, "
            "so a path through one of them has the product 0."
        ]
    return [f"The outputs are the classes: {named}{rest}."]


def _picked_words(data: Facts) -> list[str]:
    """Why this row is traced, if none was named."""
    picked = data.get("picked")
    if picked is None or picked["n_rows"] < 2:
        return []
    rows, loss = f"{picked['n_rows']:,} rows", number(picked["loss"])
    if any(row["supposed"] for row in data["rows"]):
        return [
            f"No row was named, and no true label is known: of the {rows}, this is the one of "
            f"whose predicted class this network is least sure, loss {loss}."
        ]
    if leaves_out_a_term(data["network"]["loss"]):
        lowest, above = number(picked["lowest"]), number(picked["loss"] - picked["lowest"])
        return [
            f"No row was named: of the {rows}, this is the one whose loss in this network, {loss}, "
            f"is furthest above the lowest loss of its target, {lowest}: by {above}. The lowest is "
            "that of Yh = Y; a row near it would show little."
        ]
    if not picked["loss"]:
        return [f"No row was named: the loss of all {rows} is 0, and the first of them was taken."]
    return [
        f"No row was named: of the {rows}, this one has the largest loss in this network, {loss}."
        # What a right answer of a loss that a person wrote has, is not known.
        + (
            ""
            if is_formula(data["network"]["loss"])
            else " A row with a loss near 0 would show little."
        )
    ]


def _rows_that(network: Facts) -> str:
    """How many training rows; with sample weights only their total weight is known."""
    taught = network["taught"]
    if network.get("weighted") or taught != int(taught):
        return f"rows of total weight {taught:,.6g}"
    return counted(int(taught), "row")


def _of_loss(data: Facts) -> list[str]:
    """What the loss contains besides that of the rows, and what it does not contain."""
    network, rows, found = data["network"], data["rows"], []
    counts = [row["share"] * len(rows) for row in rows]
    if any(abs(count - 1) > 1e-9 for count in counts):
        told = ", ".join(
            f"row {row['row']} {number(count)}"
            for row, count in zip(rows[:TOLD], counts, strict=False)
        )
        found.append(
            "In the loss a row counts by the cost of its class, divided by the mean cost of the "
            f"training rows: {told}{', …' if len(rows) > TOLD else ''}. These costs are in Yh; the "
            "model's own prediction has them divided out."
        )
    elif len(rows) > 1:
        found.append("The loss is the mean over these rows: each counts 1/n in every derivative.")
    if network["label_smoothing"]:
        found.append(f"Label smoothing is {number(network['label_smoothing'])}, as in training.")
    if has_penalty(network):
        found.append(f"The penalty on the weights is {number(network['penalty_height'])}.")
    if network["dropout"]:
        found.append(
            f"In training, dropout set a share of {number(network['dropout'])} of the hidden "
            "outputs to 0 in each step. Nothing is dropped here."
        )
    if network["coded"]:
        found.append(CODED.format(", ".join(network["coded"])))
    if not network["objective_known"]:
        found.append(NOT_KNOWN)
    return found


def _target(row: Facts) -> str:
    return f"predicted as {row['target']}" if row["supposed"] else str(row["target"])
