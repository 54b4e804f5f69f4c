"""The job of ``thalweg card``: the card of a model, its template, and whether it still belongs."""

import os
from dataclasses import dataclass

from thalweg.endings import JSON, MARKDOWN, PAGE, check_ending
from thalweg.errors import SettingsError
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.cards.made_card import card_of_file, columns_of, file_hash, written
from thalweg.jobs.evaluate import EvaluateModelRequest, on_rows
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.targets.opened_model import open_model
from thalweg.persistence.rebuilt import Model
from thalweg.reporting.card.bound_card import belongs
from thalweg.reporting.card.card_markdown import card_markdown
from thalweg.reporting.card.hugging_face import yaml_head
from thalweg.reporting.card.person_texts import Persons, read_persons, template
from thalweg.wording import parameter

_TEMPLATE = (".toml",)


@dataclass(frozen=True, kw_only=True)
class CardRequest:
    """A saved model, and what its card says; or a question about a card.

    Attributes
    ----------
    model : str
    rows : EvaluateModelRequest, optional
        The rows of a table to evaluate it on, too.
    target : str, optional
        Which of several targets.
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
    target: str | None = None
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
        _check(request)
        if request.check is not None:
            return _checked(run, request, request.check)
        if request.write_about is not None:
            return _template(run, request, request.write_about)
        if request.rows is None:
            file, found = open_model(request.model, request.target, is_column=False), None
        else:
            found = on_rows(run, request.rows)
            run.require_wanted()
            file = found.file
        persons = _persons(request.about, file.model)
        made = card_of_file(
            file, file_hash(request.model), os.path.basename(request.model), found, persons
        )
        head = yaml_head(made) if request.hugging_face else ""
        run.tell(result={"model": request.model, "file": request.output, "card": made})
        run.say(made["sentence"])
        if request.output is not None:
            data = written(made, request.output, head)
            write_atomic(request.output, data, overwrite=request.overwrite)
            run.say(f"Wrote the card to {request.output}.")
        shown = card_markdown(made, head).encode()
        return run.settle(CardOutcome, text=shown, written=request.output is not None)


def _check(request: CardRequest) -> None:
    """Check that the request makes sense, and that the file can be written."""
    asked = {"write_about": request.write_about, "check": request.check, "output": request.output}
    given = [name for name, value in asked.items() if value is not None]
    if len(given) > 1 or (given and given != ["output"] and (request.rows or request.about)):
        raise SettingsError(
            f"{parameter(given[0])} is asked for alone: it makes no card",
            fix="name only the MODEL with it, and make the card in a second step",
        )
    inputs = [request.model, *(each for each in (request.about, request.check) if each)]
    inputs += [] if request.rows is None else [request.rows.table]
    files = {"output": request.output, "write_about": request.write_about}
    check_outputs(files, inputs, overwrite=request.overwrite)
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


def _checked(run: JobRun, request: CardRequest, path: str) -> CardOutcome:
    """Whether a card belongs to the model."""
    model = open_model(request.model, request.target, is_column=False).model
    found = belongs(path, file_hash(request.model), model.data_hash_)
    run.tell(
        result={"model": request.model, "card": path, "belongs": found.belongs,
                "sentence": found.sentence},
        passed=found.belongs,
    )  # fmt: skip
    return run.settle(CardOutcome, text=f"{found.sentence}\n".encode(), written=False)


def _template(run: JobRun, request: CardRequest, path: str) -> CardOutcome:
    """Write the file of a person's texts, all of them empty."""
    model = open_model(request.model, request.target, is_column=False).model
    text = template(columns_of(model), os.path.basename(request.model))
    run.tell(result={"model": request.model, "file": path, "card": None})
    write_atomic(path, text.encode(), overwrite=request.overwrite)
    run.say(f"Wrote {path}: fill in what you know, and give it to {parameter('about', path)}.")
    return run.settle(CardOutcome, text=b"", written=True)


def _persons(about: str | None, model: Model) -> Persons:
    return Persons() if about is None else read_persons(about, columns_of(model))
