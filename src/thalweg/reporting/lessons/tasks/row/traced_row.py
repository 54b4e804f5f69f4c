"""The row of the lessons forward and backward: its numbers there and back, and which row it is."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.several_outputs import one_output
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.export.javascript import module_text
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.trace.model_trace import trace_model
from thalweg.reporting.trace.page.changeable_row import changeable_row, row_formulas
from thalweg.reporting.trace.page.traced_page import own_loss_module
from thalweg.reporting.trace.page.traced_page_data import page_data, page_formulas
from thalweg.reporting.trace.table_rows import table_rows, whole_matrix
from thalweg.wording import rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

Floats = NDArray[np.float64]
Facts = dict[str, Any]

# As many pills as one column of the picture has, and as many inputs as a page can hold.
MOST_UNITS, MOST_INPUTS = 18, 200
# A row with a larger loss has a slope of the sigmoid that is nearly 0.
LARGEST_LOSS = 7.0
# Beyond these, Yh cannot be told from 0 or 1 in the digits of a picture.
_SUREST = 1e-5
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NEEDED = ("network", "theta", "target", "inputs", "rows", "passes", "chain", "subject", "output")


@dataclass(frozen=True, eq=False)
class TracedRow:
    """A row and the numbers of both passes, of a network with one hidden layer of relu.

    Attributes
    ----------
    number : int
        Of the row in its file, from 1.
    label : str
        Its true class.
    classes : list of str
        Yh is the probability of the second one.
    inputs : list of str
        The names of what the network sees.
    X, Z1, A1, dZ1, dA1 : ndarray
        Of shape (n_inputs,) or (n_units,).
    W1, b1, W2 : ndarray
        (n_units, n_inputs), (n_units,), (n_units,).
    y, b2, Z2, Yh, loss, dYh, slope, dZ2 : float
        ``slope`` is dYh/dZ2.
    penalty : float
        That of the network's training; 0 for none.
    share : float
        Of this row in the mean loss of the training rows.
    n_rows : int
        How many training rows there are.
    facts : dict
        What the page draws.
    formulas : dict of str to str
        The modules of the page's script that are no files.
    chosen : dict of str to str
        Those that stand for several files, and the files to take.
    matrix : ndarray of shape (1, n_columns)
        The cells as numbers.
    raw : list
        For each input its raw cell; None where it has none.
    """

    number: int
    label: str
    classes: list[str]
    inputs: list[str]
    X: Floats
    W1: Floats
    b1: Floats
    W2: Floats
    b2: float
    Z1: Floats
    A1: Floats
    Z2: float
    Yh: float
    y: float
    loss: float
    dYh: float
    slope: float
    dZ2: float
    dA1: Floats
    dZ1: Floats
    penalty: float
    share: float
    n_rows: int
    facts: Facts
    modules: dict[str, str]
    chosen: dict[str, str]
    matrix: Floats
    raw: list[Any]

    @property
    def silent(self) -> list[int]:
        """The units that put out 0, from 0."""
        return np.flatnonzero(self.A1 == 0).tolist()


def row_with_large_loss(model: "Model", rows: Any, labels: NDArray[np.str_]) -> int:
    """The row with the largest loss in the first network that is not huge, from 0.

    Parameters
    ----------
    model : ThalwegClassifier
        Fitted, of two classes.
    rows : DataFrame or array
    labels : ndarray of str, shape (n_rows,)

    Raises
    ------
    DataError
        If the network is not for these lessons, or is sure of every row.
    """
    _check_network(model)
    Z1, Z2 = _sums(model, whole_matrix(model, rows))
    positive = labels == str(model.classes_.tolist()[1])
    losses = np.logaddexp(0, np.where(positive, -Z2, Z2))
    usable = (losses <= LARGEST_LOSS) & (losses >= 2 * _SUREST) & (Z1 > 0).any(axis=1)
    if not usable.any():
        raise DataError(
            "No row has factors that can be read",
            why=f"Each has a loss above {LARGEST_LOSS:g} or near 0, or no unit that is on",
            fix="name another TABLE",
        )
    return int(np.argmax(np.where(usable, losses, -1.0)))


def _sums(model: "Model", matrix: Floats) -> tuple[Floats, Floats]:
    """The sums of the hidden units and of the output, (n_rows, n_units) and (n_rows,)."""
    (W1, b1), (W2, b2) = model.architecture_.layers(np.asarray(model.theta_, np.float64))
    X = np.asarray(model.members_[0].encoder.encode(matrix), np.float64)
    Z1 = X @ W1.T + b1.ravel()
    return Z1, (np.maximum(Z1, 0) @ W2.T + b2.ravel())[:, 0]


def _check_network(model: "Model") -> None:
    """Refuse a network that the picture of these lessons does not fit."""
    architecture = model.architecture_
    sizes, first = architecture.sizes, model.members_[0]
    layers = "-".join(map(str, sizes))
    alone = "name TABLE alone: the article's network of 15 units is then trained on it"
    why = f"It follows one hidden layer of at most {MOST_UNITS} units of relu to one output"
    if len(sizes) != 3 or sizes[1] > MOST_UNITS or sizes[2] != 1:
        raise DataError(
            f"A network of the layers {layers} is not for this lesson", why=why, fix=alone
        )
    if architecture.activations[0] != "relu":
        raise DataError(
            f"A network with {architecture.activations[0]} is not for this lesson",
            why=why,
            fix=alone,
        )
    if sizes[0] > MOST_INPUTS:
        raise DataError(
            f"{sizes[0]:,} inputs are too many for this lesson",
            why=f"Its page holds at most {MOST_INPUTS}",
            fix="leave out columns with --drop (in Python: drop)",
        )
    if first.outputs.loss != "sigmoid_cross_entropy":
        raise DataError(
            "The loss of this network is not for this lesson",
            why=f"It is about the cross-entropy of two classes, and this is {first.outputs.loss}",
            fix=alone,
        )


def traced_row(subject: Subject, *, changing: bool = False) -> TracedRow:
    """The row of a subject, there and back.

    Parameters
    ----------
    subject : Subject
    changing : bool
        Whether a reader changes its cells.

    Raises
    ------
    DataError
        If the network or the row is not for these lessons.
    """
    model = subject.model
    _check_network(model)
    with rows_counted_as_in_file(subject.kept):
        taken = table_rows(model, subject.rows, [subject.row])
        traced = trace_model(
            model, taken, subject.labels[[subject.row]].tolist(), subject=subject.name
        )
    data, trace = traced.data, traced.trace
    number = int(taken.rows[0])
    _check_training(data, one_output(model.members_[0].outputs))
    _check_row(number, float(trace.prediction[0, 0]), subject)
    changed = changeable_row(model, taken.matrix) if changing else None
    if changed is not None and "why_not" in changed:
        raise DataError(
            "The cells of this model's rows cannot be changed", why=changed["why_not"],
            fix="name TABLE alone: a network is then trained on it",
        )  # fmt: skip
    facts = _facts(data, changed)
    (W1, b1), (W2, b2) = trace.architecture.layers(trace.theta)
    one, taught = data["passes"][0], model.members_[0].taught
    hidden, last = one["layers"]
    n_rows = int(taught.rows) if taught else len(subject.labels)
    formulas = page_formulas(data)
    if changing:
        formulas = {**row_formulas(model), **formulas}
    Yh = float(one["Yh"][0])
    return TracedRow(
        number=number, label=clipped(str(subject.labels[subject.row])),
        classes=[clipped(str(each)) for each in data["target"]["classes"]],
        inputs=facts["inputs"], X=np.array(one["X"]),
        W1=np.asarray(W1), b1=np.ravel(b1), W2=np.ravel(W2), b2=float(np.ravel(b2)[0]),
        Z1=np.array(hidden["Z"]), A1=np.array(hidden["A"]), Z2=float(last["Z"][0]), Yh=Yh,
        y=float(data["rows"][0]["y"][0]), loss=float(one["loss"]), dYh=float(one["dYh"][0]),
        slope=Yh * (1 - Yh), dZ2=float(last["dZ"][0]),
        dA1=np.array(hidden["dA"]), dZ1=np.array(hidden["dZ"]),
        penalty=float(data["network"]["penalty"]), share=1 / n_rows, n_rows=n_rows, facts=facts,
        modules={"formulas.js": module_text(formulas)},
        chosen={"trace/own_loss.js": own_loss_module(data["target"]["loss"])},
        matrix=np.asarray(taken.matrix, np.float64),
        raw=[each["raw"][0] if each["raw"] else None for each in data["columns"]],
    )  # fmt: skip


def _facts(data: Facts, changed: Facts | None) -> Facts:
    """What the page draws; each input is a column of its own."""
    shown = page_data(data, changed, {})
    return {
        **{key: shown[key] for key in _NEEDED},
        "own": [
            {"name": each["name"], "inputs": [each["column"]], "raw": each["raw"]}
            for each in data["columns"]
        ],
        "changed": changed,
        "inputs_of": [each["inputs"] for each in data["own_columns"]],
    }


def _check_training(data: Facts, outputs: Classes | Values) -> None:
    """Refuse a network whose loss of a row is another one than these lessons compute."""
    network = data["network"]
    found = [
        what
        for what, there in (
            ("smoothed labels", network["label_smoothing"]),
            ("an L1 penalty", network["l1"]),
            ("costs of classes", isinstance(outputs, Classes) and (outputs.costs != 1).any()),
        )
        if there
    ]
    if found:
        raise DataError(
            f"A network that was trained with {found[0]} is not for this lesson",
            why="It follows the loss of plain labels, with a penalty of squares or none",
            fix="name TABLE alone: the article's network is then trained on it",
        )


def _check_row(number: int, Yh: float, subject: Subject) -> None:
    """Refuse a row whose numbers cannot be followed."""
    if min(Yh, 1 - Yh) < _SUREST:
        raise DataError(
            f"The network is too sure of row {number:,}: its probability is {Yh:.3g}",
            where=subject.name,
            why="The slope of the sigmoid is nearly 0 there",
            fix="leave out --row (in Python: row): a row with a large loss is then taken",
        )


def written(value: float, digits: int = 4) -> str:
    """A number with so many digits, and a true minus sign: ``−0.25``, ``1.464·10⁻⁵``."""
    digits_of, _, power = f"{value:.{digits}g}".partition("e")
    raised = f"·10{str(int(power)).translate(_RAISED)}" if power else ""
    return digits_of.replace("-", "−") + raised


# So many digits a number of a formula has at most.
FINEST = 12


def agreeing(
    result: float,
    parts: Sequence[float],
    compute: Callable[..., float],
    *,
    digits: int = 4,
    fewest: int = 4,
) -> list[str]:
    """Numbers of a formula with so many digits that, as written, they give its written result.

    The rule of ``draw/trace/formula_parts.js``.

    Parameters
    ----------
    result : float
        Written with ``digits`` digits.
    parts : sequence of float
    compute : callable
        The numbers of ``parts`` -> the result.
    digits : int, default 4
        Of the result.
    fewest : int, default 4
        Digits of the parts.

    Examples
    --------
    >>> agreeing(-0.7717 * 1.21849, [-0.7717, 1.21849], lambda w, x: w * x)
    ['−0.7717', '1.2185']
    """
    for more in range(fewest, FINEST + 1):
        rounded = [float(f"{part:.{more}g}") for part in parts]
        if written(compute(*rounded), digits) == written(result, digits):
            return [written(part, more) for part in parts]
    return [written(part, FINEST) for part in parts]


def product_of(*factors: float) -> float:
    """The product of numbers."""
    return math.prod(factors)


def digits_of(text: str) -> int:
    """How many digits a number that was written has, as `written` counts them."""
    return max(1, len(re.sub(r"\D", "", text.split("·")[0]).lstrip("0")))


def listed(numbers: list[int]) -> str:
    """``1, 2 and 5``."""
    words = [str(each) for each in numbers]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def subtitle(row: TracedRow, subject: Subject) -> str:
    """What the lesson is about."""
    n_inputs, n_units = len(row.X), len(row.Z1)
    networks = len(subject.model.members_)
    first = f", the first of {networks} networks" if networks > 1 else ""
    return (
        f"Row {row.number:,} of {clipped(subject.name)} was {row.label}. The network {n_inputs}-"
        f"{n_units}-1{first} gives the probability of {row.classes[1]}."
    )
