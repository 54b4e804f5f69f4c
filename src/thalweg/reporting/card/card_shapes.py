"""The types of a model card as plain data, in JSON and on its pages."""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

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
    """What a card belongs to; without a ``file``, the model was in memory and the hash is that of
    the bytes that ``save`` writes."""

    model_sha256: str
    training_rows_sha256: str
    file: NotRequired[str]
    table: NotRequired[BoundTable]


class CardData(TypedDict):
    """A model card.

    ``numbers`` are the facts that the texts are written from: ``model``, ``judgement`` (that of the
    fit), ``table`` and ``evaluation`` (of the rows of a table). ``seal`` is the SHA-256 of all else.
    """

    format: int
    thalweg: str
    title: str
    sentence: str
    counts: CountsData
    bound: BoundData
    items: list[ItemData]
    numbers: dict[str, Any]
    seal: str


class Answer(TypedDict, total=False):
    """What the program answers to one fact; without a text and a table there is no answer."""

    text: list[str]
    tables: list[GridData]
    commands: list[str]
    partly: str
    why: str
