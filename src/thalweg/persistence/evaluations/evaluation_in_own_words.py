"""The evaluation of a model file, in the words of the program.

A file is untrusted data, and whoever can write one can seal it. So its sentences are computed from
its numbers, compared with those that the program writes, or quoted.
"""

from collections.abc import Mapping
from typing import Any, cast

from thalweg.estimators.offsets.offset_of_fit import rate_name
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.evaluation.judging.regression_loss import statistic_of
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.model_protocol import subject_of
from thalweg.evaluation.section_texts import verdict_texts
from thalweg.evaluation.section_texts.sections_of_files import ModelNames, in_own_words
from thalweg.evaluation.verdict_sections import has_scaled_intervals
from thalweg.persistence.evaluations.numbers_of_loss import require_numbers_of_loss
from thalweg.persistence.rebuilt import Model


def with_own_words(
    model: Model, judgement: Mapping[str, Any] | None, target: str | None
) -> VerdictData | None:
    """The evaluation of a file, which says what the program says of its numbers.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        The model of the file.
    judgement : mapping, optional
        Of valid form.
    target : str, optional
        The name of the target.

    Raises
    ------
    ValueError
        The evaluation is of other columns, classes or numbers than it says.
    """
    if judgement is None:
        return None
    known = model._known
    require_numbers_of_loss(
        judgement, known.outputs.loss,
        # Besides the mean and its bins, of losses that are lowest elsewhere.
        knows_constant=known.likeness is not None and len(known.likeness.target) > 2,
    )  # fmt: skip
    found = verdict_texts.with_own_texts(judgement)
    if found.get("sections") is not None:
        found["sections"] = in_own_words(found["sections"], _names(model, target))
    return cast(VerdictData, found)


def _names(model: Model, target: str | None) -> ModelNames:
    """The names that texts about a model may have."""
    outputs, columns = model._known.outputs, model.schema_.columns
    classes = outputs.labels.tolist() if isinstance(outputs, Classes) else []
    if len(classes) == 2:
        classes.sort(key=lambda label: bool(label == model._known.positive))
    levels = frozenset(level for column in columns for level in column.levels or ())
    answer = rate_name(target, model._known.offset, outputs.loss) if target else ""
    return ModelNames(
        tuple(model.schema_.given_names), tuple(map(str, classes)), levels, answer,
        subject_of(model), statistic_of(model), has_scaled_intervals(model),
        tuple(map(str, outputs.order.tolist())) if isinstance(outputs, Grades) else (),
    )  # fmt: skip
