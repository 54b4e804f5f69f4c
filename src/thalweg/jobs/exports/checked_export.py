"""Compare an exported file with its model on the rows of a table."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thalweg.export.carried_model import CarriedModel
from thalweg.export.running.export_runtimes import ExportAnswers, ExportRuntime
from thalweg.jobs.exports.rows_for_export import rows_for_export
from thalweg.jobs.parts.model_table import Features, rows_of
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# Rows that are compared; of more, so many that are evenly spread.
MOST_ROWS = 10_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ExportCheck:
    """How far the answers of an exported file are from those of its model.

    Attributes
    ----------
    runtime : str
        What ran the file.
    rows, rows_of_table : int
    largest : float
        The largest difference: of probabilities; of numbers relative to the answer or to the scale
        of the target, whichever is larger.
    tolerance : float
    labels : int or None
        How many labels differ; None of numbers.
    excused : int or None
        How many of these are of rows where two answers are nearer than the tolerance.
    """

    runtime: str
    rows: int
    rows_of_table: int
    largest: float
    tolerance: float
    labels: int | None
    excused: int | None

    @property
    def passed(self) -> bool:
        """Whether no difference is above the tolerance, and no label differs without reason."""
        return self.largest <= self.tolerance and self.labels == self.excused

    def sentences(self) -> list[str]:
        """What was found."""
        some = "" if self.rows == self.rows_of_table else f" of {self.rows_of_table:,}"
        kind = "of numbers, relative to their size" if self.labels is None else "of probabilities"
        within = "within" if self.largest <= self.tolerance else "above"
        name = self.runtime[:1].upper() + self.runtime[1:]
        found = [
            f"{name} ran the file on {counted(self.rows, 'row')}{some}: the largest difference "
            f"{kind} is {self.largest:.2g}, {within} the tolerance of "
            f"{self.tolerance:g}."
        ]
        if self.labels is not None:
            near = f", {self.excused} of them at the threshold itself" if self.excused else ""
            found.append(f"{counted(self.labels, 'label')} of {self.rows:,} differ{near}.")
        return found


def check_export(
    runtime: ExportRuntime, data: bytes, ending: str, model: "Model", carried: CarriedModel,
    X: Features,
) -> ExportCheck:  # fmt: skip
    """Run an exported file on rows, and compare its answers with those of the model.

    Parameters
    ----------
    runtime : ExportRuntime
    data : bytes
        The file.
    ending : str
        Of its name.
    model : ThalwegClassifier or ThalwegRegressor
    carried : CarriedModel
    X : DataFrame or ndarray
        Rows as the model takes them.
    """
    n_rows = len(X)
    if n_rows > MOST_ROWS:
        X = rows_of(X, np.linspace(0, n_rows - 1, MOST_ROWS).astype(np.intp))
    rows = rows_for_export(model, carried, X)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"exported{ending}"
        path.write_bytes(data)
        found = runtime.run(path, carried, rows)
    return compared(runtime.name, found, model, carried, X, n_rows)


def compared(
    name: str, found: ExportAnswers, model: "Model", carried: CarriedModel, X: Features, n_rows: int
) -> ExportCheck:
    """The differences of answers from those of the model; parameters as in `check_export`."""
    tolerance = carried.tolerance
    if not carried.is_classifier:
        expected = np.asarray(model.predict(X), np.float64).reshape(len(found.values), -1)
        unit = max(network.scale for network in carried.stages.single)
        off = np.abs(found.values - expected) / np.maximum(np.abs(expected), unit)
        return ExportCheck(name, len(X), n_rows, largest_of(off), tolerance, None, None)
    probabilities = np.asarray(model.predict_proba(X), np.float64)
    off = np.abs(found.values - probabilities)
    assert found.places is not None
    names = np.array([*carried.labels, None], dtype=object)
    other = names[found.places] != np.asarray(model.predict(X)).astype(object)
    near = _margins(carried, probabilities) <= tolerance
    return ExportCheck(
        name, len(X), n_rows, largest_of(off), tolerance, int(other.sum()),
        int((other & near).sum()),
    )  # fmt: skip


def largest_of(differences: Floats) -> float:
    """The largest one; infinite if one is NaN."""
    return float(np.nan_to_num(differences, nan=np.inf).max(initial=0.0))


def _margins(carried: CarriedModel, probabilities: Floats) -> Floats:
    """How far each row is from another label."""
    answer = carried.stages.answer
    if answer.threshold is not None and answer.kind == "two classes":
        margins: Floats = np.abs(probabilities[:, answer.positive] - answer.threshold)
        return margins
    costs = np.ones(len(carried.labels)) if answer.costs is None else answer.costs
    products = np.sort(probabilities * (costs / costs.max()), axis=1)
    return np.asarray(products[:, -1] - products[:, -2])
