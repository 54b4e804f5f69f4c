"""The tables of the target of a trace: rows and predictions, the scale of a number, a softmax."""

from collections.abc import Mapping
from typing import Any

from thalweg.estimators.outputs.value_outputs import UNBOUNDED
from thalweg.reporting.trace.tables.digits import moved_words, number, precise, sum_lines
from thalweg.reporting.trace.tables.trace_tables import TERMS, Section, followed_row
from thalweg.wording import counted

Facts = Mapping[str, Any]


def rows_section(data: Facts) -> Section:
    """The rows of a batch: the target of each, the prediction, and its loss."""
    rows, other, classes = data["rows"], data["other"], data["target"]["classes"]
    target = "predicted as" if any(row["supposed"] for row in rows) else "target"
    if len(classes) > 2:
        is_graded = data["target"]["link"] == "at_most"
        return _rows_of_classes(rows, classes, target, "P" if is_graded else "Yh")
    words = f"Yh is the {data['output']}."
    if other:  # the network computes one class, and the other is the positive one
        words += f" The positive class is {other}: its probability is 1 - Yh."
    n_outputs = len(rows[0]["prediction"])
    outputs = ["Yh"] if n_outputs == 1 else [f"Yh[{k}]" for k in range(1, n_outputs + 1)]
    lines = [
        (str(row["row"]), row["target"], *map(number, row["prediction"]), number(row["loss"]))
        for row in rows
    ]
    return Section("The rows", (words,), ("row", target, *outputs, "loss"), tuple(lines))


def _rows_of_classes(rows: list[Facts], classes: list[str], target: str, name: str) -> Section:
    """Of several classes or grades: the probability of the target, and the largest one."""
    lines = []
    for row in rows:
        shares = row["probabilities"]
        best = max(range(len(shares)), key=shares.__getitem__)
        own = number(shares[row["class"] - 1])
        lines.append(
            (str(row["row"]), row["target"], own, classes[best], number(shares[best]),
             number(row["loss"]))
        )  # fmt: skip
    each = "grade" if name == "P" else "class"
    words = f"{name} has a probability for each {each}: that of the target, and the largest one."
    heads = ("row", target, f"its {name}", f"largest {name} of", "it is", "loss")
    return Section("The rows", (words,), heads, tuple(lines))


def scale_sections(data: Facts) -> list[Section]:
    """A number in its own unit, and as the network sees it."""
    scale = data["target"]["scale"]
    if scale is None:
        return []
    m, s = number(scale["center"]), number(scale["scale"])
    rows = data["rows"][:TERMS]
    clipped = any(row["answer"] != row["unclipped"] for row in rows)
    own = [f"{s} Yh" if scale["of_logarithm"] else f"{m} + {s} Yh"]
    own = [] if _as_it_is(scale) else own  # Yh itself
    heads = ("row", "target", "Y", "Yh", "Yh - Y", *own, *(["clipped"] if clipped else []))
    lines = [
        (
            str(row["row"]), row["target"], *map(number, (row["y"][0], row["prediction"][0])),
            number(row["prediction"][0] - row["y"][0]),
            *([number(row["unclipped"])] if own else []),
            *([number(row["answer"])] if clipped else []),
        )
        for row in rows
    ]  # fmt: skip
    more = len(data["rows"]) - len(rows)
    words = [*_scale_words(data["target"], data["network"]), _clip_words(scale)]
    if more:
        words.append(f"{counted(more, 'more row')} not shown.")
    title = "The target, in its own unit and as the network sees it"
    return [Section(title, tuple(words), heads, tuple(lines))]


def _as_it_is(scale: Facts) -> bool:
    """Whether the network sees the target in its own unit."""
    return (scale["center"], scale["scale"]) == (0, 1)


def _scale_words(target: Facts, network: Facts) -> list[str]:
    """How a number becomes Y, and in which unit the loss is."""
    scale, constant = target["scale"], target["constant"]
    m, s = number(scale["center"]), number(scale["scale"])
    of_logarithm, as_it_is = scale["of_logarithm"], _as_it_is(scale)
    taught = network["taught"]
    mean = "mean" if not taught or taught == int(taught) else "weighted mean"
    if as_it_is:  # also where another program fitted the weights, and no training row is known
        link = "Yh is the prediction."
        if of_logarithm:
            link = "Z is the logarithm of the mean, and the prediction is Yh = exp(Z)."
        found = [
            f"The target is taken as it is: Y = target. {link}",
            "The loss and all derivatives are in the unit of the target.",
        ]
    elif of_logarithm:
        found = [
            f"Y = target / s, with the {mean} s = {s} of the training rows. Z is the logarithm of "
            "the mean: Yh = exp(Z), and the prediction is s Yh.",
        ]
    else:
        found = [
            f"Y = (target - m) / s, with the mean m = {m} and the standard deviation s = {s} of "
            "the training rows. The prediction is m + s Yh.",
        ]
    if not as_it_is:
        found.append(
            "The loss and all derivatives are of Y and Yh: "
            f"an error of 1 there is {s} in the unit of the target. dLoss_Yh / s is the derivative "
            "with respect to the prediction in its own unit."
        )
    if str(target["loss"]).startswith("formula:"):
        found.append(f"The loss of a row is {target['formula']}.")
    if constant and constant["name"] == "delta":
        own = number(constant["value"] * scale["scale"])
        found.append(f"δ = {number(constant['value'])} is {own} in the unit of the target.")
    return found


def _clip_words(scale: Facts) -> str:
    if scale["high"] >= UNBOUNDED:
        return "No range of training targets is known, so predictions are not clipped."
    return (
        "Predictions are clipped to the range of the training targets, from "
        f"{number(scale['low'])} to {number(scale['high'])}; the loss is not."
    )


def softmax_sections(data: Facts) -> list[Section]:
    """The two steps through the softmax, for the row and the output that the chain follows."""
    followed = followed_row(data["chain"]["rows"])
    place = data["chain"]["rows"].index(followed)
    found, row = data["passes"][place]["softmax"], data["rows"][place]
    if found is None:
        return []
    to, j, classes = data["passes"][place]["to"], found["unit"], data["target"]["classes"]
    labels = classes or [f"class {k + 1}" for k in range(len(found["slopes"]))]
    at = f"dLoss_{to}[{j}]"
    share = "" if row["share"] == 1 else f"{number(row['share'])} · "
    difference = f"{share}(Yh[{j}] - Y[{j}])" if share else f"Yh[{j}] - Y[{j}]"
    words = (
        f"Loss = -Σ Y[k] log Yh[k], so dLoss_Yh[k] = {share}-Y[k] / Yh[k]. All Yh share one sum, "
        f"so each depends on every {to}: dYh[k]_{to}[j] is Yh[k] (1 - Yh[k]) where k = j, and "
        "-Yh[k] Yh[j] elsewhere. This is the Jacobian of the softmax.",
        f"The products add up to {difference} = {precise(found['at_once'][j - 1])}, "
        "since the Y add up to 1. The engine computes this difference at once.",
    )
    title = f"The softmax, spelled out: {at} of row {row['row']}"
    if any(each is None for each in found["products"]):
        small = "A Yh is too small to divide by, so that only the one step has a number."
        return [Section(title, (*words, small))]
    order = sorted(range(len(labels)), key=lambda k: (k != j - 1, -abs(found["products"][k]), k))
    terms = [
        {
            "name": f"{k + 1} {labels[k]}",
            "text": f"{number(found['slopes'][k])} · {number(found['column'][k])}",
            "value": found["products"][k],
        }
        for k in order
    ]
    lines, total = sum_lines(terms, found["at_once"][j - 1], TERMS)
    by_name = {f"{k + 1} {label}": k for k, label in enumerate(labels)}
    cells = [
        (
            line.name,
            *(map(number, (row["y"][by_name[line.name]], row["prediction"][by_name[line.name]]))
              if line.name in by_name else ("", "")),
            line.text,
            line.written,
        )
        for line in lines
    ]  # fmt: skip
    heads = ("class", "Y", "Yh", f"dLoss_Yh[k] · dYh[k]_{to}[{j}]", "product")
    rows = (*cells, (at, "", "", "", total))
    return [Section(title, (*words, *moved_words(lines)), heads, rows, 1)]


# What the calibration takes and gives, by the task.
_TAKES = {
    "binary": "the logit of the mean probability of {of} {over}, class costs divided out",
    "multiclass": (
        "the logarithm of the mean probability of each class {over}, class costs divided out"
    ),
    "regression": "the mean of the predictions {over}",
}
_GIVES = {
    "binary": "and the answer is σ(z')",
    "multiclass": "and the answer is softmax(z'). Shown is the class of the target",
    "regression": "clipped to the range of the training targets",
}


def calibration_sections(data: Facts) -> list[Section]:
    """The last step of the model's own prediction, if a calibration corrects it."""
    found = data.get("calibration")
    if found is None:
        return []
    task, a, b = found["task"], found["intercept"], found["slope"]
    moved = "b z" if found["kind"] == "temperature" else "a + b z"
    numbers = f"b = {number(b)}" if moved == "b z" else f"a = {number(a)} and b = {number(b)}"
    over = f"over {counted(data['network']['networks'], 'network')}"
    words = (
        f"The model's own prediction has one more step: z is "
        f"{_TAKES[task].format(of=found['of'], over=over)}. The calibration makes z' = {moved} of "
        f"it, with {numbers}, {_GIVES[task]}. It was fitted after training, on out-of-fold "
        "predictions: it is in no loss and in no derivative of this trace."
    )
    keys, heads = ["mean", "z", "moved", "answer"], ["mean", "z", f"z' = {moved}", "answer"]
    if task == "regression":  # there z is the mean itself
        keys, heads = keys[1:], heads[1:]
    lines = [
        (str(each["row"]), *(number(_of_target(each[key], row)) for key in keys))
        for each, row in zip(found["rows"], data["rows"], strict=True)
    ]
    return [Section("Calibration", (words,), ("row", *heads), tuple(lines))]


def _of_target(value: Any, row: Facts) -> float:
    """A number of a row; of several classes that of the target."""
    return float(value[row["class"] - 1] if isinstance(value, list) else value)
