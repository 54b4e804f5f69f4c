"""The types of a model card as plain data, in JSON and on its pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

Status: TypeAlias = Literal["filled", "partly", "not stated"]
FILLED: Status = "filled"
PARTLY: Status = "partly"
NOT_STATED: Status = "not stated"


class GridData(TypedDict):
    """A table of texts; the first cell of a row is its head."""

    caption: str
    heads: list[str]
    rows: list[list[str]]


class FactData(TypedDict):
    """The answer to one fact that a part asks for.

    ``why`` says why there is no answer, or only a part of one; else "". ``text`` are paragraphs.
    """

    by: str
    key: str
    asks: str
    status: Status
    why: str
    text: list[str]
    tables: list[GridData]
    commands: list[str]


class PartData(TypedDict):
    """A part of an item, with the facts that it asks for."""

    number: str
    title: str
    status: Status
    facts: list[FactData]


class ItemData(TypedDict):
    """An item; ``filled_by`` is "program", "you" or "both" if all of it is filled, else ""."""

    number: int
    heading: str
    title: str
    status: Status
    filled_by: str
    parts: list[PartData]


class CountsData(TypedDict):
    """How many items are filled by whom, partly, or not; and parts that are filled."""

    items: int
    program: int
    you: int
    both: int
    partly: int
    not_stated: int
    parts: int
    parts_filled: int


class BoundTable(TypedDict):
    """A table that a card describes, by its content."""

    name: str
    rows: int
    sha256: str
    is_of_fit: bool


class BoundData(TypedDict):
    """What a card belongs to.

    Without a ``file``, the model was in memory, and its hash is that of what ``save`` writes.
    """

    model_sha256: str
    training_rows_sha256: str
    file: NotRequired[str]
    table: NotRequired[BoundTable]


class CardData(TypedDict):
    """A model card.

    ``numbers`` are the facts that the texts are written from: ``model``, ``judgement`` (that of the
    fit), ``table`` and ``evaluation`` (of the rows of a table). ``intended_use`` is what a person
    stated, or empty. ``seal`` is the SHA-256 of all else.
    """

    format: int
    thalweg: str
    title: str
    authors: list[str]
    licence: str
    intended_use: list[str]
    sentence: str
    counts: CountsData
    bound: BoundData
    items: list[ItemData]
    numbers: dict[str, Any]
    seal: str


class FactAnswer(TypedDict, total=False):
    """What the program answers to one fact; without a text and a table there is no answer."""

    text: list[str]
    tables: list[GridData]
    commands: list[str]
    partly: str
    why: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """All that the program knows of a model, of which a card is written.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    facts : mapping
        Its summary as plain data (that of ``thalweg show --json``).
    lines : sequence of (str, str)
        The same in words: a subject, and a line.
    bound : BoundData
        What the card belongs to.
    version : str
        That of thalweg that wrote the model.
    target, unit : str
        "" if they are not known.
    roles : mapping of str to str
        The names of the columns ``group``, ``time`` and ``weight``, of those that there were.
    judgement : mapping or None
        Of the fit, with its sections.
    table : mapping or None
        The summary of the table of the fit.
    other : OtherRows or None
        The evaluation on the rows of another table.
    """

    model: "Model"
    facts: Mapping[str, Any]
    lines: Sequence[tuple[str, str]]
    bound: BoundData
    version: str
    target: str = ""
    unit: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    judgement: Mapping[str, Any] | None = None
    table: Mapping[str, Any] | None = None
    other: "OtherRows | None" = None

    @property
    def classes(self) -> list[str]:
        """The names of the classes; of two, the negative one first. Empty for a number.

        Grades stand in their order.
        """
        if self.facts["kind"] == "regressor":
            return []
        labels = [str(label) for label in self.facts["classes"]]
        positive = self.facts["positive"]
        if positive is None:
            grades = list((self.judgement or {}).get("grades") or ())
            return grades if sorted(grades) == sorted(labels) else labels
        return [*(each for each in labels if each != str(positive)), str(positive)]

    @property
    def on_own_table(self) -> bool:
        """Whether the other rows are the test rows of the very table that the fit was given."""
        return self.other is not None and self.bound["table"]["is_of_fit"]

    @property
    def inputs(self) -> int:
        """The inputs of the first network."""
        return int(self.facts["network"]["sizes"][0])

    @property
    def predictors(self) -> list[Mapping[str, Any]]:
        """The columns of the user's table that the model takes."""
        return [each for each in self.facts["columns"] if each["kind"] != "bound"]


@dataclass(frozen=True, kw_only=True, eq=False)
class OtherRows:
    """An evaluation on the rows of a table.

    Parameters
    ----------
    judgement : mapping
        With its sections.
    name : str
    n_rows : int
        Of the table; the judgement may be of fewer.
    n_trained : int or None
        How many of them trained the model, or about how many; None if it is not known.
    columns : sequence of mapping
        Those of the evaluated rows, as `thalweg.reporting.page.report_page.column_facts` sums
        them up.
    before : sequence of mapping, optional
        The same of its training rows, if it is the table of the fit.
    by_outcome : GridData
        The columns in each class.
    notes : sequence of str
        How the table was read.
    """

    judgement: Mapping[str, Any]
    name: str
    n_rows: int
    n_trained: int | None
    columns: Sequence[Mapping[str, Any]]
    by_outcome: GridData
    before: Sequence[Mapping[str, Any]] | None = None
    notes: Sequence[str] = ()
