"""Evaluations of several targets: of a saved model on rows, or of settings by cross-validation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.several.joint_fits import JointFits
from thalweg.evaluation.several.targets_together import Together, together_of
from thalweg.jobs.fitting.evaluated_folds import judged_by_folds
from thalweg.jobs.parts.summary_facts import Facts
from thalweg.jobs.predictions.predicted_rows import PredictedRows
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.targets.joint_estimator import joint_estimator
from thalweg.jobs.targets.predicted_targets import joined
from thalweg.jobs.targets.tables_of_targets import facts_together, quiet_run, read_target_tables

if TYPE_CHECKING:
    from thalweg.jobs.evaluate import EvaluateRequest
    from thalweg.persistence.model_file import ModelFile


@dataclass(frozen=True, eq=False)
class OneEvaluated:
    """The evaluation of one target.

    Attributes
    ----------
    judgement : dict
    predicted : PredictedRows
    facts : dict
        The summary of the table.
    answers : Answers
    """

    judgement: VerdictData
    predicted: PredictedRows
    facts: Facts
    answers: Answers


@dataclass(frozen=True, eq=False)
class AllEvaluated:
    """The evaluations of all targets.

    Attributes
    ----------
    evaluated : mapping of str to verdict
    predicted : mapping of str to PredictedRows
    together : Together or None
        Where the same rows answered for all targets.
    """

    evaluated: Mapping[str, VerdictData]
    predicted: Mapping[str, PredictedRows]
    together: Together | None

    def as_dict(self) -> dict[str, Any]:
        """As plain data: a list of judgements, and how the targets go together."""
        return {
            "judgements": [{"target": name, **each} for name, each in self.evaluated.items()],
            "together": None if self.together is None else self.together.as_dict(),
        }

    @property
    def sentences(self) -> tuple[str, ...]:
        """How the targets go together, in sentences."""
        return () if self.together is None else tuple(self.together.sentences())

    def joined(self, ids: Sequence[str]) -> PredictedRows:
        """The predictions of all targets side by side."""
        return joined(list(self.predicted), list(self.predicted.values()), ids)


def evaluated_on_rows(
    run: JobRun,
    files: "Sequence[ModelFile]",
    on_one: "Callable[[JobRun, ModelFile], OneEvaluated]",
) -> AllEvaluated:
    """A saved model of several targets, evaluated on the rows of a table.

    Parameters
    ----------
    run : JobRun
    files : sequence of ModelFile
        One for each target.
    on_one : callable
        The evaluation of one of them.
    """
    quiet = quiet_run(run)
    found: dict[str, OneEvaluated] = {}
    for file in files:
        found[str(file.target)] = on_one(quiet, file)
        run.require_wanted()
    run.read(*facts_together({name: each.facts for name, each in found.items()}))
    return AllEvaluated(
        {name: each.judgement for name, each in found.items()},
        {name: each.predicted for name, each in found.items()},
        _together({name: each.answers for name, each in found.items()}),
    )


def _together(answered: Mapping[str, Answers]) -> Together | None:
    """How the targets go together; None if other rows answered for another target."""
    if len({len(each) for each in answered.values()}) != 1:
        return None
    of_labels = all(each.truth.dtype.kind == "b" for each in answered.values())
    return together_of(answered, of_labels=of_labels)


def evaluated_by_folds(run: JobRun, request: "EvaluateRequest") -> AllEvaluated:
    """Training settings for several targets, evaluated by cross-validation on the same folds."""
    tables = read_target_tables(run, request, "evaluate")
    run.require_wanted()
    settings: dict[str, Any] = {**request.settings, "unknown": "ignore"}
    fits = JointFits(
        lambda member: joint_estimator(tables, settings, member, request.estimator), tables.Y
    )
    strata = tables.strata
    evaluated, predicted, answered = {}, {}, {}
    for t, (name, table) in enumerate(zip(tables.names, tables.tables, strict=True)):

        def make(member: int, name: str = name) -> Any:
            return fits.one(name, member)

        # The first target fits the networks of all folds, and says how far it is.
        found = judged_by_folds(run, request, table, cast(Any, make), strata, says=t == 0)
        evaluated[name], predicted[name] = found.judgement, found.predicted
        answered[name] = found.verdict.answers
    return AllEvaluated(evaluated, predicted, _together(answered))
