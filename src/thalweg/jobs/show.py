"""The job of ``thalweg show``: what a model file contains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.decision_sentences import threshold_sentence, threshold_text
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.interrupts import Cancellation
from thalweg.jobs.decide import as_decided
from thalweg.jobs.offsets.table_offsets import answer_name
from thalweg.jobs.parts.summary_facts import Facts, Lines, model_facts, model_lines, names_of_two
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.targets.facts_of_targets import facts_of_model, lines_of_model, target_lines
from thalweg.jobs.targets.opened_model import open_model
from thalweg.persistence.model_file import ModelFile, read_model
from thalweg.wording import amount, counted

_PLURALS = {
    "number": "numbers",
    "boolean": "booleans",
    "date": "dates",
    "category": "categories",
    "identifier": "identifiers",
    "bound": "bounds",
    "empty": "empty",
}


@dataclass(frozen=True, kw_only=True)
class ShowRequest:
    """A model file to describe.

    Attributes
    ----------
    model : str
    target : str, optional
        Which of several targets; None: all of them.
    """

    model: str
    target: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class ShowOutcome(Outcome):
    """The content of a model file.

    Attributes
    ----------
    lines : list of (str, str)
        Everything but the evaluation, as text: the subject of each line, and the line.
    judgement : dict or None
        As in `thalweg.evaluation.judged_test_set.Verdict.as_dict`.
    targets : sequence of str
        The names of several targets.
    evaluated : mapping of str to verdict
        Of several targets, that of each.
    units : mapping of str to str
        Of several targets, the units of their numbers.
    together : tuple of str
        How several targets go together, in sentences.
    """

    lines: Lines
    judgement: VerdictData | None
    targets: Sequence[str] = ()
    evaluated: Mapping[str, VerdictData] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    together: tuple[str, ...] = ()


def show(
    request: ShowRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> ShowOutcome:
    """Describe a model file."""
    with JobRun("show", listener, cancellation) as run:
        file = read_model(request.model, several=True)
        if file.targets and request.target is None:
            return _of_targets(run, request, file)
        file = open_model(request.model, request.target, is_column=False)
        model = model_facts(file.model)
        result = {
            "file": request.model,
            "written_by": file.thalweg,
            "target": file.target,
            "target_notation": file.target_notation and file.target_notation.words,
            "unit": file.target_notation and file.target_notation.unit,
            "model": model,
            "notations": file.model.schema_.notes,
            "judgement": (judged := as_decided(file)),
            **({} if file.level is None else {"level": file.level}),
            **_offset_facts(file),
        }
        run.tell(result=result)
        chosen = getattr(file.model, "_chosen", None)
        lines = [
            *_lines({**result, "names": names_of_two(file.model)}, chosen),
            *model_lines(model),
        ]
        return run.settle(ShowOutcome, lines=lines, judgement=judged)


def _of_targets(run: JobRun, request: ShowRequest, file: ModelFile) -> ShowOutcome:
    """Describe a model file of several targets."""
    found = {name: as_decided(file.of_target(name)) for name in file.targets}
    evaluated = {name: each for name, each in found.items() if each is not None}
    facts, together = facts_of_model(file.model), file.together
    run.tell(result={
        "file": request.model,
        "written_by": file.thalweg,
        "targets": list(file.targets),
        "model": facts,
        "notations": file.model.schema_.notes,
        "judgements": [{"target": name, **each} for name, each in evaluated.items()],
        "together": together and together.as_dict(),
    })  # fmt: skip
    about = {"file": request.model, "written_by": file.thalweg, "model": facts}
    lines = [
        *_columns({**about, "notations": file.model.schema_.notes}),
        *target_lines(file.model),
        ("Data hash", file.model.data_hash_),
        *lines_of_model(file.model),
    ]
    pairs = zip(file.targets, file.evaluations, strict=True)
    units = {name: each.target_notation.unit for name, each in pairs if each.target_notation}
    said = tuple(together.sentences()) if together else ()
    return run.settle(
        ShowOutcome, lines=lines, judgement=None, targets=file.targets, evaluated=evaluated,
        units=units, together=said,
    )  # fmt: skip


def _columns(facts: Facts) -> Lines:
    """The kind and the columns of a model, as text."""
    model = facts["model"]
    kinds: dict[str, list[str]] = {}
    for column in model["columns"]:
        kinds.setdefault(column["kind"], []).append(column["name"])
    return [
        ("Model", f"{facts['file']}: a {model['kind']}, written by thalweg {facts['written_by']}"),
        *(
            ("Columns", f"{len(names)} {_PLURALS[kind] if names[1:] else kind}: {', '.join(names)}")
            for kind, names in kinds.items()
        ),
        *(("Read as", note) for note in facts["notations"]),
    ]


def _lines(facts: Facts, chosen: Threshold | None) -> Lines:
    """The columns and the target of a model, as text."""
    model = facts["model"]
    return [
        *_columns(facts),
        (
            "Target",
            f"{facts.get('answer') or facts['target'] or 'not named'}: "
            f"{_predicts(model, facts['unit'], chosen, of_rate=_is_rate(facts))}",
        ),
        *(
            [(str(facts["offset_kind"]).capitalize(), _of_column(facts))]
            if "offset_kind" in facts
            else []
        ),
        *(
            [("Threshold", threshold_sentence(chosen, classes=facts["names"]))]
            if chosen and _is_told(chosen)
            else []
        ),
        ("Data hash", model["data_hash"]),
    ]


def _offset_facts(file: ModelFile) -> Facts:
    """What a model of rates answers, and which column has its exposures; nothing of others."""
    offset = file.model._known.offset
    if offset is None:
        return {}
    answer = answer_name(file.model, file.target or "target")
    return {"answer": answer, "offset_kind": offset.kind, "offset_column": offset.column}


def _of_column(facts: Facts) -> str:
    """Where the exposures of rows are, as text."""
    if facts["offset_column"] is None:
        return "an array beside the table"
    return f"the column {facts['offset_column']}; predict reads it in a later table"


def _is_told(chosen: Threshold) -> bool:
    """Whether anybody said anything of a threshold, or of costs."""
    return chosen.by != "costs" or chosen.missed != chosen.alarm


def _is_rate(facts: Facts) -> bool:
    """Whether the model learned a rate, and not the target itself."""
    return bool(facts.get("answer", facts["target"]) != facts["target"])


def _predicts(
    model: Facts, unit: str | None, chosen: Threshold | None, *, of_rate: bool = False
) -> str:
    """What the model predicts for a row, as text."""
    if model["kind"] == "regressor":
        low, high = (amount(model["range"][end], 6) for end in ("low", "high"))
        in_unit = f' (in "{unit}")' if unit else ""
        what = "a rate" if of_rate else "a number"
        return f"{what} from {low} to {high}{in_unit}, the range of the rows it was trained on"
    labels = [str(label) for label in model["classes"]]
    if chosen is None:
        shown = ", ".join(labels[:8])
        more = len(labels) - 8
        return f"{shown} and {counted(more, 'more class', 'more classes')}" if more > 0 else shown
    (negative,) = (label for label in model["classes"] if label != model["positive"])
    return f"{negative}, or {model['positive']} above a probability of {threshold_text(chosen)}"
