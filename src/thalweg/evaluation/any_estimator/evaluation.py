"""`Evaluation`: what an evaluation found, and all questions that can be asked of its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any, Literal, TypedDict

import numpy as np

from thalweg.data.typing import GroupsLike, Label, TargetLike, WeightsLike
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.decision_questions import Decidable
from thalweg.evaluation.any_estimator.evaluation_text import (
    filled,
    head_line,
    metric_lines,
    section_paragraphs,
    short_line,
)
from thalweg.evaluation.any_estimator.held_by_other_rows import held_by_others
from thalweg.evaluation.any_estimator.inputs.given_inputs import require_number
from thalweg.evaluation.any_estimator.reportable import Given, Reportable
from thalweg.evaluation.comparing.compared_answers import compare_answers, rounds_of
from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.computed_sections import (
    AnyCalibration,
    Covered,
    NotCovered,
    Sections,
    calibration_of,
    coverage_of,
    groups_of,
    sections_of,
)
from thalweg.evaluation.conformal.measured_coverage import IntervalCoverage, SetCoverage
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.judged_table import NETWORK
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.rates.given_exposures import RatesEvaluated
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.evaluation.subgroups.group_sentences import INDEPENDENT
from thalweg.evaluation.subgroups.group_tables import Subgroups
from thalweg.evaluation.task_judging import Task
from thalweg.evaluation.task_kinds import ONE_NUMBER, SEVERAL_QUANTILES, THE_NETWORK
from thalweg.evaluation.verdict_sections import (
    has_scaled_intervals,
    is_of_own_loss,
    quantile_of,
)
from thalweg.wording import parameter

Held = Callable[[float], np.ndarray]
By = str | Sequence[str] | Mapping[str, Any]
# What a person can say of given predictions.
HowGiven = Literal["test", "cross-validated", "out-of-fold", "training"]
LEVEL = 0.9


class EvaluationData(TypedDict):
    """An evaluation as plain data for JSON."""

    judgement: VerdictData
    sections: SectionsData
    decision: str


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(Decidable, Reportable):
    """An evaluation of a model, or of predictions.

    Make one with `thalweg.evaluate`, or with `Evaluation.from_predictions`.

    Parameters
    ----------
    verdict : Verdict
        The metrics of the model and of the baselines, with their comparison.
    task : Task
    classes : tuple of str
        The names of the classes, in the order of probabilities; of two, the negative one first.
    threshold : Threshold or None
        Of two classes: the decision rule of the model.
    costs : ndarray or None
        Of several classes: what a mistake on each class costs the model.
    seed : int
    margin : float or None
        The largest difference that does not matter, if a person said so.
    model : object or None
        The fitted copy that answered, if it was a single one.
    by : mapping of str to ndarray
        Columns beside the answers whose groups are evaluated.
    decision : str
        How the labels of the model come about, where no threshold that it names says it.
    """

    verdict: Verdict
    task: Task
    classes: tuple[str, ...] = ()
    threshold: Threshold | None = None
    costs: np.ndarray | None = None
    seed: int = 0
    margin: float | None = None
    model: Any = None
    by: Mapping[str, np.ndarray] = field(default_factory=dict)
    _columns: Callable[[By], Mapping[str, np.ndarray]] | None = None
    _held: Held | None = None
    decision: str = ""
    _given: Given | None = None
    _no_intervals: str = ""
    _rates: RatesEvaluated | None = None

    @classmethod
    def from_predictions(
        cls,
        y: TargetLike,
        p: Any,
        *,
        fold: GroupsLike = None,
        groups: GroupsLike = None,
        sample_weight: WeightsLike = None,
        how: HowGiven = "test",
        positive: Label | None = None,
        classes: Sequence[Label] | None = None,
        baseline: Any = None,
        costs: Mapping[str, float] | None = None,
        margin: float | None = None,
        loss: str | None = None,
        by: Mapping[str, Any] | None = None,
        seed: int = 0,
        task: str = "auto",
    ) -> "Evaluation":
        """An evaluation of predictions that some program made.

        Parameters
        ----------
        y : array-like, shape (n_samples,)
            The true labels or numbers.
        p : array-like, shape (n_samples,) or (n_samples, n_classes)
            Probabilities of the positive class if ``y`` has two values, a column of probabilities
            for each of ``classes`` (by default those of ``y``, sorted), or numbers. Columns of a
            DataFrame are found by the names of the classes.
        fold, groups, sample_weight : array-like, shape (n_samples,), optional
            Which model predicted each row (in cross-validation, trained on all rows of the others),
            which rows depend on each other, how much each counts.
        how : {"test", "cross-validated", "out-of-fold", "training"}, default "test"
            How the predictions came about: only the first two say something about new rows.
        baseline : array-like, optional
            Predictions of a simpler model for the same rows, to compare with.
        positive, costs, margin, loss, by, seed
            As in `thalweg.evaluate`; ``by`` is a mapping of names to values, or a DataFrame.
        task : {"auto", "classification", "regression"}, default "auto"
            Whether targets are classes or numbers. By default two values and texts are classes.

        Examples
        --------
        >>> from thalweg import Evaluation
        >>> found = Evaluation.from_predictions([0, 1, 1, 0] * 10, [0.2, 0.7, 0.6, 0.1] * 10)
        >>> found.at(0.5).sensitivity.value
        1.0
        """
        from thalweg.evaluation.any_estimator.given_predictions import of_predictions

        return of_predictions(
            y, p, fold=fold, groups=groups, sample_weight=sample_weight, how=how,
            positive=positive, classes=classes, baseline=baseline, costs=costs, margin=margin,
            loss=loss, by=by, seed=seed, task=task,
        )  # fmt: skip

    @property
    def answers(self) -> Answers:
        """The truth and the answer of each row; of the first repetition if there are several."""
        return self.verdict.answers

    @property
    def baselines(self) -> dict[str, Answers]:
        """The answers of each baseline for the same rows."""
        return self.verdict.others

    def sections(self) -> Sections:
        """All sections; intervals and sets only where there are enough rows for them."""
        return self._sections

    @cached_property
    def _sections(self) -> Sections:
        return self._sections_with((None, None))

    def _sections_with(self, benefit: tuple[float | None, float | None]) -> Sections:
        """All sections, with net benefit over a range of thresholds."""
        try:
            covered = NotCovered(why) if (why := self._no_intervals) else self._covered_at(LEVEL)
        except SettingsError:
            covered = None
        kind, chosen = self.task.kind, self.threshold
        found = sections_of(
            self.answers,
            kind=kind,
            classes=self.classes,
            threshold=0.5 if chosen is None else chosen,
            costs=self.costs,
            other=self._simpler(),
            covered=covered,
            by=self.by,
            benefit=benefit,
            quantile=quantile_of(self.task),
            own_loss=is_of_own_loss(self.task),
            seed=self.seed,
        )
        return replace(found, grades=tuple(self.task.facts().get("grades", ())))

    def text(self) -> str:
        """The whole evaluation as text: metrics, conclusion, and what each section says."""
        parts = [head_line(self.verdict), self._rate_lines(), metric_lines(self.verdict)]
        if self.threshold is None or self.threshold.refused is None:  # its section says it
            parts.append(filled(self.decision))
        parts += [filled(self._conclusion()), filled(self._which_rows())]
        sections = self.sections()
        said = sections.sentences()
        if sections.subgroups is not None and INDEPENDENT in sections.subgroups.notes:
            said["subgroups"] += f" {INDEPENDENT}"
        parts += section_paragraphs(said, self.answers, len(self.verdict.answered))
        return "\n\n".join(part for part in parts if part)

    def as_dict(self) -> EvaluationData:
        """The evaluation as plain data for JSON."""
        return {
            "judgement": self.verdict.as_dict(),
            "sections": self.sections().as_dict(),
            "decision": self.decision,
        }

    def calibration(self) -> AnyCalibration:
        """How far the predictions can be believed."""
        quantile = quantile_of(self.task)
        found = calibration_of(self.answers, self.task.kind, quantile, self.seed, self.classes)
        if found is None:
            raise SettingsError(
                "Several quantiles have no calibration beside the coverage of their levels",
                fix="see verdict.network: below, between",
            )
        return found

    def intervals(self, confidence_level: float = LEVEL) -> IntervalCoverage:
        """The measured coverage of intervals of numbers.

        They are the model's own, if it has ``predict_interval`` and a single one answered.
        Otherwise each is made from the errors on the rows of the other folds.
        """
        if self.task.kind.of_classes:
            raise SettingsError("Classes have no intervals", fix="ask for sets()")
        found = coverage_of(
            self.answers, self._covered_at(confidence_level),
            self.task.kind, self.classes,
        )  # fmt: skip
        assert isinstance(found, IntervalCoverage)
        return found

    def sets(self, confidence_level: float = LEVEL) -> SetCoverage:
        """The measured coverage of sets of classes, as in `intervals` (``predict_set``)."""
        if not self.task.kind.of_classes:
            raise SettingsError("Numbers have no sets of classes", fix="ask for intervals()")
        found = coverage_of(
            self.answers, self._covered_at(confidence_level),
            self.task.kind, self.classes,
        )  # fmt: skip
        assert isinstance(found, SetCoverage)
        return found

    def subgroups(self, by: By) -> Subgroups:
        """The metrics in groups of rows, and tests against the rest.

        Parameters
        ----------
        by : str, sequence of str, or mapping of str to array-like
            Columns of the table, or columns with a value for each of its rows.
        """
        if self._columns is None:
            raise SettingsError("There is no table", fix="pass by= a mapping of names to values")
        columns = self._columns(by)
        return groups_of(
            self.answers, columns, self.task.kind, self.classes, self._at, self.costs,
            quantile_of(self.task),
        )  # fmt: skip

    def compare(
        self, other: "Evaluation | str | None" = None, margin: float | None = None
    ) -> Ruling:
        """Compare with another evaluation on the same rows, or with a baseline.

        Parameters
        ----------
        other : Evaluation or str, optional
            Default: the simpler model among the baselines. "boosted trees" is another one.
        margin : float, optional
            The largest difference that does not matter: of a log-loss in nats, of another loss as
            a share of that of the other model.

        Returns
        -------
        Ruling
            In cross-validation over the folds of all repetitions, with the probabilities that the
            model is better, practically equal and worse.
        """
        margin = self.margin if margin is None else require_number("margin", margin, "0.01")
        if isinstance(other, Evaluation):
            theirs, name = other.verdict, NETWORK
            _require_same_task(self.verdict, theirs)
        else:
            theirs, name = self.verdict, self._name_of(other)
        rounds = rounds_of(self.verdict.answered, NETWORK, theirs.answered, name)
        verdict = self.verdict
        found = compare_answers(
            self.task, rounds, taught=verdict.taught, margin=margin, seed=self.seed,
            n_different=verdict.n_different,
        )  # fmt: skip
        subject = self.verdict.facts.get("subject", THE_NETWORK)
        return replace(found, subject=str(subject))

    def __repr__(self) -> str:
        return f"<Evaluation: {short_line(self.verdict)}>"

    def _repr_html_(self) -> str:
        parts = [head_line(self.verdict), self._rate_lines(), metric_lines(self.verdict)]
        parts += [filled(self.decision)]
        parts += [filled(self._conclusion()), filled(self._which_rows())]
        shown = "\n\n".join(part for part in parts if part)
        return f"<pre>{escape(shown)}</pre>"

    def _name_of(self, other: str | None) -> str:
        names = [*self.baselines]
        if other is None and names:
            return names[0]
        if isinstance(other, str) and other in names:
            return other
        if other is not None and not isinstance(other, str):
            raise SettingsError(
                f"A {type(other).__name__} cannot be compared with",
                where="compare",
                fix="pass Evaluation.from_predictions(y, predictions), or the name of a baseline",
            )
        raise SettingsError(
            "There is no baseline" if other is None else f'There is no baseline "{other}"',
            where=", ".join(names) if names else "evaluated without baselines",
            fix="pass another Evaluation of the same rows" if not names else f'"{names[0]}" is one',
        )

    def _rate_lines(self) -> str:
        """That the numbers are of rates; "" if they are not."""
        return "" if self._rates is None else filled(self._rates.note)

    def _conclusion(self) -> str:
        return self.verdict.sentence

    def _which_rows(self) -> str:
        """What the origin of given rows says about new rows, where the first line does not."""
        given = self._given
        return (
            ""
            if given is None or not (given.which or given.known == "not known")
            else given.caution
        )

    def _covered_at(self, level: float) -> Covered:
        if self.task.kind is SEVERAL_QUANTILES:
            raise SettingsError(
                "Several quantiles have no intervals beside them",
                why="Rows are between the quantiles themselves",
                fix="see the coverage of each level in verdict.network",
            )
        if self._no_intervals:
            raise SettingsError(
                "These rows have no intervals",
                why=f"The model has none: {self._no_intervals}",
                fix=f"take {parameter('loss', 'gamma')}, if all targets are above 0",
            )
        if self._held is not None:
            return Covered(self._held(level), level, scaled=has_scaled_intervals(self.model))
        labels = None if self.task.kind is ONE_NUMBER else [*self.classes]
        return Covered(held_by_others(self.answers, level, labels, self.seed), level)


def _require_same_task(mine: Verdict, theirs: Verdict) -> None:
    """Raise unless two evaluations are of the same classes, or both of numbers."""
    keys = ("positive", "negative", "classes")
    one, other = ({key: each.facts.get(key) for key in keys} for each in (mine, theirs))
    if (mine.task, one) == (theirs.task, other):
        return
    if mine.task == theirs.task and one["positive"] == other["negative"] is not None:
        raise DataError(
            "The two evaluations have different positive classes",
            where=f'"{one["positive"]}" and "{other["positive"]}"',
            fix=f"evaluate both with positive={one['positive']!r}",
        )
    raise DataError(
        "The two evaluations are not of the same classes",
        where=f"{_what(mine.task, one)}; {_what(theirs.task, other)}",
        fix="evaluate both with the same target and the same classes",
    )


def _what(task: str, facts: Mapping[str, object]) -> str:
    names = [f"{each}" for each in facts.values() if each is not None]
    return f"{task} ({', '.join(names)})" if names else task
