"""The job of ``thalweg card``: the card of a model, its template, and whether it still belongs."""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from thalweg.data.canonical_rows import data_hash
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.endings import JSON, MARKDOWN, PAGE, check_ending
from thalweg.errors import SettingsError
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.decide import as_decided
from thalweg.jobs.evaluate import EvaluateModelRequest, OnRows, on_rows, target_and_task
from thalweg.jobs.parts.rows_of_fit import origin_of
from thalweg.jobs.parts.summary_facts import model_facts, model_lines
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome, finite
from thalweg.persistence.model_file import ModelFile, read_model
from thalweg.persistence.rebuilt import Model
from thalweg.reporting.card.answers_of_data import columns_by_outcome
from thalweg.reporting.card.bound_card import belongs, card_json, card_of
from thalweg.reporting.card.card_markdown import card_markdown
from thalweg.reporting.card.card_page import card_page
from thalweg.reporting.card.card_shapes import BoundData, CardData, Known, OtherRows
from thalweg.reporting.card.hugging_face import yaml_head
from thalweg.reporting.card.person_texts import Persons, read_persons, template
from thalweg.reporting.page.report_page import column_facts
from thalweg.wording import counted, parameter

_TEMPLATE = (".toml",)


@dataclass(frozen=True, kw_only=True)
class CardRequest:
    """A saved model, and what its card says; or a question about a card.

    Attributes
    ----------
    model : str
    rows : EvaluateModelRequest, optional
        The rows of a table to evaluate it on, too.
    about : str, optional
        The TOML file with what only a person knows.
    write_about : str, optional
        The TOML file to write with all keys, empty, instead of a card.
    check : str, optional
        A card, of which only is asked whether it belongs to the model.
    hugging_face : bool
        Whether the Markdown has a head in YAML.
    output : str, optional
        The file to write: Markdown, JSON or HTML by its ending. None: Markdown, in the outcome.
    overwrite : bool
    """

    model: str
    rows: EvaluateModelRequest | None = None
    about: str | None = None
    write_about: str | None = None
    check: str | None = None
    hugging_face: bool = False
    output: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class CardOutcome(Outcome):
    """A card, or an answer about one.

    Attributes
    ----------
    text : bytes
        The card as Markdown, or one sentence.
    written : bool
        Whether a file was written.
    """

    text: bytes
    written: bool


def card(
    request: CardRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> CardOutcome:
    """Make the card of a model, write the template of a person's texts, or check a card."""
    seed = None if request.rows is None else request.rows.seed
    with JobRun("card", listener, cancellation, seed) as run:
        ending = _check(request)
        if request.check is not None:
            return _checked(run, request, request.check)
        if request.write_about is not None:
            return _template(run, request, request.write_about)
        if request.rows is None:
            file, found = read_model(request.model), None
        else:
            found = on_rows(run, request.rows)
            run.require_wanted()
            file = found.file
        persons = _persons(request.about, file.model)
        made = _card(
            file, file_hash(request.model), os.path.basename(request.model), found, persons
        )
        head = yaml_head(made) if request.hugging_face else ""
        shown = card_markdown(made, head).encode()
        run.tell(result={"model": request.model, "file": request.output, "card": made})
        run.say(made["sentence"])
        if request.output is not None:
            data = _FORMS[ending](made) if ending not in MARKDOWN else shown
            write_atomic(request.output, data, overwrite=request.overwrite)
            run.say(f"Wrote the card to {request.output}.")
        return run.settle(CardOutcome, text=shown, written=request.output is not None)


_FORMS: dict[str, Callable[[CardData], bytes]] = {
    **dict.fromkeys(JSON, card_json),
    **dict.fromkeys(PAGE, lambda made: card_page(made).encode()),
}


def _check(request: CardRequest) -> str:
    """Check that the request makes sense; returns the ending of the file to write."""
    asked = {"write_about": request.write_about, "check": request.check, "output": request.output}
    given = [name for name, value in asked.items() if value is not None]
    if len(given) > 1 or (given and given != ["output"] and (request.rows or request.about)):
        raise SettingsError(
            f"{parameter(given[0])} is asked for alone: it makes no card",
            fix="name only the MODEL with it, and make the card in a second step",
        )
    inputs = [request.model, *(each for each in (request.about, request.check) if each)]
    inputs += [] if request.rows is None else [request.rows.table]
    written = {"output": request.output, "write_about": request.write_about}
    check_outputs(written, inputs, overwrite=request.overwrite)
    if request.write_about is not None:
        check_ending(request.write_about, "A file of texts", _TEMPLATE,
                     flag=parameter("write_about"))  # fmt: skip
    ending = MARKDOWN[0]
    if request.output is not None:
        endings = (*MARKDOWN, *JSON, *PAGE)
        ending = check_ending(request.output, "A card", endings, flag=parameter("output"),
                              bare=False)  # fmt: skip
    if request.hugging_face and ending not in MARKDOWN:
        raise SettingsError(
            f"{parameter('hugging_face')} is about Markdown, and {request.output} is none",
            fix=f"write {parameter('output', 'card.md')}, or leave it out",
        )
    return ending


def _checked(run: JobRun, request: CardRequest, path: str) -> CardOutcome:
    """Whether a card belongs to the model."""
    model = read_model(request.model).model
    found = belongs(path, file_hash(request.model), model.data_hash_)
    run.tell(
        result={"model": request.model, "card": path, "belongs": found.belongs,
                "sentence": found.sentence},
        passed=found.belongs,
    )  # fmt: skip
    return run.settle(CardOutcome, text=f"{found.sentence}\n".encode(), written=False)


def _template(run: JobRun, request: CardRequest, path: str) -> CardOutcome:
    """Write the file of a person's texts, all of them empty."""
    text = template(_columns(read_model(request.model).model), os.path.basename(request.model))
    run.tell(result={"model": request.model, "file": path, "card": None})
    write_atomic(path, text.encode(), overwrite=request.overwrite)
    run.say(f"Wrote {path}: fill in what you know, and give it to {parameter('about', path)}.")
    return run.settle(CardOutcome, text=b"", written=True)


def _columns(model: Model) -> list[str]:
    """The columns of the user's table that the model takes."""
    return [each.name for each in model.schema_.columns if not each.source]


def _persons(about: str | None, model: Model) -> Persons:
    return Persons() if about is None else read_persons(about, _columns(model))


def file_hash(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- from a model file to a card ----------------------------------------------------------------


def _card(
    file: ModelFile, model_sha256: str, name: str, found: OnRows | None, persons: Persons
) -> CardData:
    """The card of a model file; the evaluation on the rows of a table may be beside it."""
    bound: BoundData = {
        "model_sha256": model_sha256, "training_rows_sha256": file.model.data_hash_,
    }  # fmt: skip
    if name:
        bound["file"] = name
    other = None
    if found is not None:
        other, bound["table"] = _of_rows(found)
    return card_of(known_of(file, bound, other), persons, _numbers(file, other), version("thalweg"))


def known_of(file: ModelFile, bound: BoundData, other: OtherRows | None = None) -> Known:
    """What is known of a model file, for the texts of a card."""
    facts = model_facts(file.model)
    unit = file.target_notation.unit if file.target_notation else ""
    return Known(
        model=file.model,
        facts=facts,
        lines=model_lines(facts),
        bound=bound,
        version=file.thalweg,
        target=file.target or "",
        unit=unit,
        roles=file.roles,
        judgement=as_decided(file),
        table=None if file.report is None else file.report["table"],
        other=other,
    )


def _numbers(file: ModelFile, other: OtherRows | None) -> dict[str, Any]:
    """The numbers behind the texts, as JSON can have them."""
    facts = model_facts(file.model)
    training = {key: each for key, each in facts["training"].items() if key != "history"}
    evaluation = None
    if other is not None:
        evaluation = {"name": other.name, "rows": other.n_rows, "judgement": other.judgement,
                      "columns": list(other.columns)}  # fmt: skip
    plain: dict[str, Any] = finite({
        "model": {**facts, "training": training},
        "judgement": as_decided(file),
        "table": None if file.report is None else file.report["table"],
        "evaluation": evaluation,
    })  # fmt: skip
    return plain


def _of_rows(found: OnRows) -> tuple[OtherRows, Any]:
    """The evaluation on the rows of a table, and what binds a card to this table."""
    model, facts = found.file.model, found.facts
    y, _ = target_and_task(found.file, found.table, SaidColumns())
    labels = [str(label) for label in y.tolist()]
    other = other_rows(
        model, facts["name"], found.matrix, np.array(labels, dtype=object), found.judgement,
        trained=facts["trained_on"], notes=tuple(facts["notes"]),
    )  # fmt: skip
    return other, bound_table(found.file, found.table, found.matrix, y, labels)


def bound_table(
    file: ModelFile, table: Table, matrix: np.ndarray, y: np.ndarray, labels: list[str]
) -> dict[str, Any]:
    """What binds a card to a table: the hash of its rows as the model reads them."""
    schema = file.model.schema_
    return {
        "name": table.name,
        "rows": len(labels),
        "sha256": data_hash(schema.names, schema.codings, matrix, labels),
        "is_of_fit": origin_of(file, table, y).exact,
    }


def other_rows(
    model: Model,
    name: str,
    matrix: np.ndarray,
    labels: np.ndarray,
    judgement: Mapping[str, Any],
    *,
    trained: int | None = None,
    notes: tuple[str, ...] = (),
) -> OtherRows:
    """An evaluation on other rows, with their columns overall and in each class."""
    schema = model.schema_
    columns = [*zip(schema.names, schema.kinds, schema.levels, strict=True)]
    parts = {"all rows": np.ones(len(labels), np.bool_)}
    if hasattr(model, "classes_"):
        parts |= {str(label): labels == str(label) for label in model.classes_.tolist()}
    caption = f"The columns of {name}: {counted(len(labels), 'row')}"
    return OtherRows(
        judgement=judgement,
        name=name,
        n_rows=len(labels),
        n_trained=trained,
        columns=column_facts(schema.names, schema.kinds, matrix, schema.levels),
        by_outcome=columns_by_outcome(columns, matrix, parts, caption),
        notes=notes,
    )
