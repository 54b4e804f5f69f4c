"""The card of a model, for the command line and for Python: from what is known to plain data."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, NamedTuple, cast

import numpy as np
from sklearn.utils.validation import check_is_fitted

from thalweg.data.canonical_rows import data_hash
from thalweg.data.typing import GroupsLike, TableLike, TargetLike, WeightsLike
from thalweg.endings import JSON, MARKDOWN, PAGE, check_ending
from thalweg.errors import SettingsError
from thalweg.estimators.importance.network_inside import answering_network
from thalweg.evaluation.any_estimator.evaluate_estimator import evaluate
from thalweg.evaluation.any_estimator.evaluation import By, Evaluation
from thalweg.evaluation.any_estimator.row_origin import Origin, origin_for
from thalweg.files import write_atomic
from thalweg.jobs.decide import as_decided
from thalweg.jobs.evaluate import OnRows
from thalweg.jobs.parts.rows_of_fit import origin_of
from thalweg.jobs.parts.summary_facts import model_facts, model_lines
from thalweg.jobs.running.outcome import finite
from thalweg.persistence.model_file import ModelFile, model_bytes, read_model
from thalweg.persistence.rebuilt import Model
from thalweg.reporting.card.answers_of_data import columns_by_outcome
from thalweg.reporting.card.bound_card import card_json, card_of
from thalweg.reporting.card.card_markdown import card_markdown
from thalweg.reporting.card.card_page import card_page
from thalweg.reporting.card.card_shapes import (
    BoundData,
    BoundTable,
    CardData,
    Known,
    OtherRows,
)
from thalweg.reporting.card.hugging_face import yaml_head
from thalweg.reporting.card.person_texts import Persons, persons_of, read_persons
from thalweg.reporting.page.report_page import column_facts
from thalweg.wording import counted


def columns_of(model: Model) -> list[str]:
    """The columns of the user's table that the model takes."""
    return [each.name for each in model.schema_.columns if not each.source]


def file_hash(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def card_of_file(
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
    return _made(file, bound, other, persons)


def _made(file: ModelFile, bound: BoundData, other: OtherRows | None, persons: Persons) -> CardData:
    return card_of(_known(file, bound, other), persons, _numbers(file, other), version("thalweg"))


def _known(file: ModelFile, bound: BoundData, other: OtherRows | None = None) -> Known:
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


def _of_rows(found: OnRows) -> tuple[OtherRows, BoundTable]:
    """The evaluation on the rows of a table, and what binds a card to this table."""
    y = found.y
    origin, facts = origin_of(found.file, found.table, y), found.facts
    rows = _Rows(facts["name"], found.matrix, [str(label) for label in y.tolist()])
    other = _other_rows(
        found.file.model, rows, found.judgement, origin, facts["trained_on"], facts["notes"]
    )
    return other, _bound_table(found.file.model, rows, origin)


class _Rows(NamedTuple):
    """The rows of a table: its name, its numbers as the model reads them, its targets as text."""

    name: str
    matrix: np.ndarray
    labels: list[str]


def _bound_table(model: Model, rows: _Rows, origin: Origin) -> BoundTable:
    """What binds a card to a table: the hash of its rows as the model reads them."""
    schema = model.schema_
    return {
        "name": rows.name,
        "rows": len(rows.labels),
        "sha256": data_hash(schema.names, schema.codings, rows.matrix, rows.labels),
        "is_of_fit": origin.exact and bool(len(origin.left)),
    }


def _other_rows(
    model: Model,
    rows: _Rows,
    judgement: Mapping[str, Any],
    origin: Origin,
    n_trained: int | None,
    notes: Sequence[str],
) -> OtherRows:
    """An evaluation on other rows, with their columns overall and in each class."""
    schema, labels = model.schema_, np.array(rows.labels, dtype=object)
    columns = [*zip(schema.names, schema.kinds, schema.levels, strict=True)]
    parts = {"all rows": np.ones(len(labels), np.bool_)}
    if hasattr(model, "classes_"):
        parts |= {str(label): labels == str(label) for label in model.classes_.tolist()}
    caption = f"The columns of {rows.name}: {counted(len(labels), 'row')}, each counted once"

    def summary(matrix: np.ndarray) -> Sequence[Mapping[str, Any]]:
        found = column_facts(schema.names, schema.kinds, matrix, schema.levels)
        unknown = {
            name: int((values == 0).sum())
            for name, kind, values in zip(schema.names, schema.kinds, matrix.T, strict=True)
            if kind == "category"
        }
        counted_too = [
            {**each, "unknown": unknown[each["name"]]} if unknown.get(each["name"]) else each
            for each in found
        ]
        return cast(Sequence[Mapping[str, Any]], counted_too)

    own = origin.exact and len(origin.left) > 0 and origin.away is not None
    return OtherRows(
        judgement=judgement,
        name=rows.name,
        n_rows=len(labels),
        n_trained=n_trained,
        columns=summary(rows.matrix[origin.used]),
        before=summary(rows.matrix[origin.away]) if own else None,
        by_outcome=columns_by_outcome(columns, rows.matrix, parts, caption),
        notes=notes,
    )


# --- in Python ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ModelCard:
    """The card of a model; make one with `model_card`, or with ``card`` of a fitted estimator.

    Attributes
    ----------
    data : CardData
        As in a JSON file.
    """

    data: CardData

    def markdown(self, *, hugging_face: bool = False) -> str:
        """The card as Markdown; ``hugging_face`` begins it with ``model-index`` in YAML."""
        return card_markdown(self.data, yaml_head(self.data) if hugging_face else "")

    def html(self) -> str:
        """The card as an offline page."""
        return card_page(self.data)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the card as Markdown, JSON or HTML, by the ending of the name."""
        write_atomic(path, written(self.data, path), overwrite=overwrite)

    def __repr__(self) -> str:
        return f"<ModelCard: {self.data['sentence']}>"

    def _repr_markdown_(self) -> str:
        return self.markdown()


def written(card: CardData, path: str | os.PathLike[str], head: str = "", flag: str = "") -> bytes:
    """A card in the form that the ending of a name asks for; ``head`` is only for Markdown."""
    ending = check_ending(path, "A card", (*MARKDOWN, *JSON, *PAGE), flag=flag, bare=False)
    if ending in JSON:
        return card_json(card)
    return (card_page(card) if ending in PAGE else card_markdown(card, head)).encode()


def model_card(
    model: Model | str | os.PathLike[str],
    X: TableLike | None = None,
    y: TargetLike | None = None,
    *,
    about: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    sample_weight: WeightsLike = None,
    groups: GroupsLike = None,
    by: By | None = None,
    name: str = "the given rows",
    seed: int = 0,
) -> ModelCard:
    """The card of a model: what the program knows, and what a person states.

    Parameters
    ----------
    model : str, path, ThalwegClassifier or ThalwegRegressor
        A model file, which may have the evaluation of its fit; or a fitted estimator, or a search
        that refitted one, such as GridSearchCV.
    X, y : table and array-like, optional
        Rows to evaluate it on, too. Those that trained it are left out.
    about : str, path or mapping, optional
        What only a person knows: a TOML file (``thalweg card --write-about``), or the same keys.
    sample_weight, groups, by
        As in `thalweg.evaluate`; only with rows.
    name : str
        What the rows are called.
    seed : int, default 0
        Of the intervals.

    Returns
    -------
    ModelCard

    Raises
    ------
    SettingsError
        Rows without targets, or a key of ``about`` that no card has.
    """
    if (X is None) != (y is None):
        raise SettingsError("Rows need their targets to be evaluated", fix="pass both, X and y")
    file, bound = _bound_file(model)
    columns, persons = columns_of(file.model), Persons()
    if isinstance(about, Mapping):
        persons = persons_of(about, columns)
    elif about is not None:
        persons = read_persons(about, columns)
    other = None
    if X is not None and y is not None:
        found = evaluate(
            file.model, X, y, how="given", positive=getattr(file.model, "positive_", None),
            seed=seed, sample_weight=sample_weight, groups=groups, by=by,
        )  # fmt: skip
        matrix = file.model.schema_.matrix(X, unknown="ignore")
        rows = _Rows(name, matrix, [str(label) for label in np.asarray(y, dtype=object)])
        origin = origin_for(file.model, X, np.asarray(y)) or Origin(len(rows.labels), None)
        other = _other_rows(file.model, rows, _judgement(found), origin, origin.n_trained, ())
        bound["table"] = _bound_table(file.model, rows, origin)
    return ModelCard(_made(file, bound, other, persons))


def _bound_file(model: Model | str | os.PathLike[str]) -> tuple[ModelFile, BoundData]:
    """A model file, or a model in memory as one; and what binds a card to it."""
    if isinstance(model, str | os.PathLike):
        file, sha256 = read_model(model), file_hash(model)
        name: BoundData = {
            "model_sha256": sha256, "training_rows_sha256": file.model.data_hash_,
            "file": os.path.basename(os.fspath(model)),
        }  # fmt: skip
        return file, name
    model = answering_network(model) or model
    check_is_fitted(model)
    sha256 = hashlib.sha256(model_bytes(model)).hexdigest()
    file = ModelFile(model, version("thalweg"), None, None, None)
    return file, {"model_sha256": sha256, "training_rows_sha256": model.data_hash_}


def _judgement(found: Evaluation) -> dict[str, Any]:
    """An evaluation as the judgement of a model file, with what the origin of its rows says."""
    data = found.as_dict()
    caution = found._given.caution if found._given else ""
    said = [str(data["judgement"]["sentence"]), caution]
    return {**data["judgement"], "sections": data["sections"],
            "sentence": " ".join(each for each in said if each)}  # fmt: skip
