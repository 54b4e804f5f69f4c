"""`CarriedModel`: what an exported file needs of a fitted model: its stages, inputs and labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.number_formulas import FARTHEST_AS_IS
from thalweg.data.notation.column_notation import is_yes_no
from thalweg.data.schema.column_floats import Column, level_codes
from thalweg.errors import SettingsError
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.offsets.given_offsets import FARTHEST
from thalweg.estimators.offsets.offset_of_fit import OffsetOfFit, power_of
from thalweg.export.stages import Stages, stages_of

# What a cell is given as.
InputKind: TypeAlias = Literal[
    "number", "boolean", "date", "bound", "category", "identifier", "offset"
]
_KINDS: dict[str, InputKind] = {
    "number": "number", "boolean": "boolean", "date": "date", "bound": "bound",
    "category": "category", "identifier": "identifier",
}  # fmt: skip
# A cell is a number, NaN if it is missing, or a text, empty if it is missing.
ExportCell: TypeAlias = float | str
# The cells of the inputs, in their order.
ExportRow: TypeAlias = list[ExportCell]
# How far an exported model may be from the model itself: by the type of θ.
TOLERANCES = {"float32": 2e-6, "float64": 1e-12}


@dataclass(frozen=True)
class CarriedInput:
    """One input of an exported model.

    Attributes
    ----------
    name : str
        The column of the table.
    kind : str
    place : int
        Among the values of a row.
    codes : tuple of (str, int)
        Of a category, the level that each text stands for, 1 … K, sorted by the text.
    levels : tuple of str
    zone : str
        Of a date, the time zone of its clock; "" if the table has none.
    missing : tuple of str
        Further texts that stood for a missing value in the table of the fit.
    as_it_is : bool
        Whether the network takes the number as it is: then it must not be missing, nor be larger
        than `thalweg.data.encoding.number_formulas.FARTHEST_AS_IS`.
    """

    name: str
    kind: InputKind
    place: int
    codes: tuple[tuple[str, int], ...] = ()
    levels: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    as_it_is: bool = False
    zone: str = ""

    @property
    def largest(self) -> float:
        """The largest size of a number; above it there is no answer."""
        return FARTHEST_AS_IS if self.as_it_is else LARGEST

    @property
    def is_text(self) -> bool:
        """Whether cells are given as text."""
        return self.kind in ("category", "identifier")


@dataclass(frozen=True)
class CarriedOffset:
    """How answers depend on the offset or exposure of a row.

    Attributes
    ----------
    multiplies : bool
        Whether the answer is multiplied by it, or else it is added.
    is_log : bool
        Whether it is given as a logarithm.
    low, high : float
        The least and the largest one; without it there is no answer.
    """

    multiplies: bool
    is_log: bool
    low: float
    high: float


@dataclass(frozen=True, eq=False, repr=False)
class CarriedModel:
    """A model as it is exported.

    Attributes
    ----------
    stages : Stages
    inputs : tuple of CarriedInput
        In the order of the table; that of an offset is the last one.
    n_values : int
        The length of the values of a row: a place for each column of the schema, and the offset.
    labels : tuple
        The classes as texts, whole numbers, numbers or truth values; none of a regression.
    offset : CarriedOffset or None
    dtype : {"float32", "float64"}
        Of θ.
    version : str
        Of thalweg.
    seal : str
        The last 32 bytes of the model file as hexadecimal digits: its SHA-256.
    data_hash : str
        Of the training table.
    target : str
        The name of what is predicted; "" if it is not known.
    """

    stages: Stages
    inputs: tuple[CarriedInput, ...]
    n_values: int
    labels: tuple[str | int | float | bool, ...]
    offset: CarriedOffset | None
    dtype: str
    version: str
    seal: str
    data_hash: str
    target: str = ""

    def __repr__(self) -> str:
        """What goes in and comes out, without the weights."""
        names = ", ".join(each.name for each in self.inputs)
        return f"<exported model: inputs {names}; answers {', '.join(self.answer_names)}>"

    @property
    def n_answers(self) -> int:
        """The probabilities of all classes, the levels, or one number."""
        answer = self.stages.answer
        return 1 if answer.kind == "number" else len(answer.labels)

    def require_labels_up_to(self, most: int, where: str) -> None:
        """Raise a SettingsError if a whole number among the labels is larger in size than this.

        Parameters
        ----------
        most : int
            The largest one that a format can hold.
        where : str
            What holds it.
        """
        far = [each for each in self.labels if isinstance(each, int) and abs(each) > most]
        if far:
            raise SettingsError(
                f"{where} cannot hold the label {far[0]}",
                why=f"Its whole numbers are exact up to {most:,} in size",
                fix="fit on labels that are texts, as in y = np.asarray(y).astype(str)",
            )

    def require_no_nul(self, what: str, fix: str) -> None:
        """Raise a SettingsError if a column, a level or a class has a NUL, U+0000.

        A format whose texts end there would read another column, another level or another class.

        Parameters
        ----------
        what : str
            What cannot hold it, such as "A query".
        fix : str
            The formats that can.
        """
        levels = [text for each in self.inputs for text, _ in each.codes]
        named = {
            "column": [each.name for each in self.inputs],
            "level": levels,
            "class": [each for each in self.labels if isinstance(each, str)],
        }
        for kind, texts in named.items():
            ended = [each for each in texts if "\0" in each]
            if ended:
                raise SettingsError(
                    f"{what} cannot have the {kind} {ended[0][:60]!r}",
                    why="It has a NUL, which ends a text there or is left out of it",
                    fix=f"rename the {kind} before the fit, or export the model as {fix}",
                )

    @property
    def is_classifier(self) -> bool:
        """Whether it gives a label."""
        return bool(self.labels)

    @property
    def answer_names(self) -> tuple[str, ...]:
        """The classes, the levels, or "value"."""
        answer = self.stages.answer
        return ("value",) if answer.kind == "number" else answer.labels

    @property
    def n_weights(self) -> int:
        """The weights and biases that a file holds: a repeated network counts once."""
        return sum(each.n_weights for each in self.stages.single)

    @property
    def tolerance(self) -> float:
        """How far an answer may be off: of probabilities; of numbers in units of their size."""
        return TOLERANCES[self.dtype]


def carried_model(
    fitted: Fitted,
    *,
    version: str,
    seal: str,
    threshold: float | None = None,
    target: str = "",
    per_unit: bool = False,
) -> CarriedModel:
    """What is exported of a fitted model of one target.

    Parameters
    ----------
    fitted : Fitted
    version, seal, target : str
        See `CarriedModel`.
    threshold : float, optional
        Of two classes, if it is not that of ``fitted``.
    per_unit : bool
        Of a model with offsets: whether its answers are those of one unit, without an offset.

    Raises
    ------
    SettingsError
        If the model has several targets.
    """
    stages = stages_of(fitted, threshold, what="An export", levels=True)
    offset = None if per_unit else fitted.offset
    inputs, n_values = _inputs(fitted, offset)
    labels: Sequence[Any] = getattr(fitted.outputs, "labels", np.empty(0)).tolist()
    dtypes = {str(layer.W.dtype) for each in stages.networks for layer in each.layers}
    return CarriedModel(
        stages,
        inputs,
        n_values,
        tuple(each if isinstance(each, bool | int | float) else str(each) for each in labels),
        None if offset is None else _offset(offset, fitted.first.outputs.loss),
        "float32" if "float32" in dtypes else "float64",
        version,
        seal,
        fitted.data_hash,
        target,
    )


def _inputs(fitted: Fitted, offset: OffsetOfFit | None) -> tuple[tuple[CarriedInput, ...], int]:
    schema, found = fitted.schema, []
    plain = fitted.first.encoder.scaling.as_they_are
    for place, column in enumerate(schema.columns):
        if column.kind == "empty":
            continue
        missing = tuple(sorted(schema.missing.all_of(column.source or column.name)))
        name, kind = column.name, column.kind
        codes = _codes(column) if kind == "category" else ()
        as_it_is = plain and kind != "category"
        zone = column.dates.zone if column.dates is not None else ""
        given = CarriedInput(name, _KINDS[kind], place, codes, column.levels, missing)
        found.append(replace(given, as_it_is=as_it_is, zone=zone))
    n_values = len(schema.columns)
    if offset is None:
        return tuple(found), n_values
    name = offset.column or offset.kind
    taken = {each.name for each in found}
    while name in taken:
        name += "_"
    return (*found, CarriedInput(name, "offset", n_values)), n_values + 1


def _codes(column: Column) -> tuple[tuple[str, int], ...]:
    """The texts of a category; of yes and no also with the usual capitals."""
    codes = level_codes(column)
    if is_yes_no(column.notation):
        known = {}
        for text, code in codes.items():
            for written in (text.lower(), text.upper(), text.title(), text.casefold()):
                known[written] = code
        codes = known | codes
    return tuple(sorted((text, int(code)) for text, code in codes.items()))


def _offset(offset: OffsetOfFit, loss: str) -> CarriedOffset:
    if offset.kind == "exposure":
        return CarriedOffset(True, False, float(np.exp(-FARTHEST)), float(np.exp(FARTHEST)))
    if power_of(loss) is None:
        return CarriedOffset(False, False, -1e300, 1e300)
    return CarriedOffset(True, True, -FARTHEST, FARTHEST)
