"""The evaluation of each of several targets, in the file of their model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from thalweg.data.notation.number_notation import NumberNotation
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_texts.sections_of_files import without_computed
from thalweg.evaluation.several.targets_together import Together
from thalweg.persistence.evaluations.evaluation_in_own_words import with_own_words
from thalweg.persistence.rebuilt import Model
from thalweg.persistence.targets.target_forms import headers_of_targets

Header = dict[str, Any]


@dataclass(frozen=True)
class EvaluatedTarget:
    """What a model file has of one of several targets, besides its model.

    Attributes
    ----------
    judgement : dict or None
        The results on held-out rows, as `Verdict.as_dict` gives them.
    report : dict or None
        The other data of a report: ``{"table": …, "curves": …}``.
    target_notation : NumberNotation or None
        How the numbers of the target were written, unless they were plain; with their unit.
    """

    judgement: VerdictData | None = None
    report: dict[str, Any] | None = None
    target_notation: NumberNotation | None = None


def kept_judgement(judgement: VerdictData | None) -> Any:
    """An evaluation as a file keeps it, without sentences that are computed."""
    kept: Any = judgement
    if kept is not None and kept.get("sections") is not None:
        kept = {**kept, "sections": without_computed(kept["sections"])}
    return kept


def with_evaluations(header: Header, found: Sequence[EvaluatedTarget]) -> Header:
    """A header of several targets with the evaluation of each, if there are some."""
    if not found:
        return header
    entries = []
    for entry, each in zip(header["targets"], found, strict=True):
        notation = each.target_notation
        more = {"judgement": kept_judgement(each.judgement), "report": each.report}
        written = {} if notation is None else {"target_notation": notation.as_data()}
        entries.append({**entry, **more, **written})
    return {**header, "targets": entries}


def together_in(header: Header) -> Together | None:
    """How the targets of a header of valid form go together, if it says so."""
    found = header.get("together")
    return None if found is None else Together.from_dict(found)


def evaluations_in(header: Header, model: Model) -> tuple[EvaluatedTarget, ...]:
    """The evaluations of a header of several targets, in the words of the program.

    Raises
    ------
    ValueError
        As in `with_own_words`; or a label has a notation of numbers.
    """
    if "targets" not in header:
        return ()
    found = []
    for t, one in enumerate(headers_of_targets(header)):
        notation = one.get("target_notation")
        if notation is not None and header["kind"] != "regressor":
            raise ValueError("a classifier has no notation for the numbers of its target")
        judged = one["judgement"]
        if judged is not None:
            judged = with_own_words(model.for_target(t), judged, one["target"])
        read = None if notation is None else NumberNotation.from_data(notation)
        found.append(EvaluatedTarget(judged, one["report"], read))
    return tuple(found)
