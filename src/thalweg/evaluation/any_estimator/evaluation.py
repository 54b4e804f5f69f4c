"""`Evaluation`: what an evaluation found, and all questions that can be asked of its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any, TypedDict

import numpy as np

from thalweg.data.typing import GroupsLike, Label, TargetLike, WeightsLike
from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.any_estimator.evaluation_text import (
    filled,
    head_line,
    metric_lines,
    section_paragraphs,
    short_line,
)
from thalweg.evaluation.any_estimator.held_by_other_rows import held_by_others
from thalweg.evaluation.comparing.compared_answers import compare_answers, rounds_of
from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.computed_sections import (
    PRICE,
    AnyCalibration,
    Covered,
    Sections,
    coverage_of,
    groups_of,
    sections_of,
)
from thalweg.evaluation.conformal.measured_coverage import IntervalCoverage, SetCoverage
from thalweg.evaluation.decisions.abstention import Abstention, abstain
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_curve import DecisionCurve, decision_curve
from thalweg.evaluation.decisions.f_thresholds import by_f
from thalweg.evaluation.decisions.floor_thresholds import by_sensitivity, by_specificity
from thalweg.evaluation.decisions.operating_point import OperatingPoint, at_threshold
from thalweg.evaluation.decisions.threshold_spread import with_spread
from thalweg.evaluation.judged_table import NETWORK
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.evaluation.subgroups.group_tables import Subgroups
from thalweg.evaluation.task_judging import Task
from thalweg.evaluation.task_kinds import ONE_NUMBER, THE_NETWORK, TWO_CLASSES

Held = Callable[[float], np.ndarray]
By = str | Sequence[str] | Mapping[str, Any]
LEVEL = 0.9


class EvaluationData(TypedDict):
    """An evaluation as plain data for JSON."""

    judgement: VerdictData
    sections: SectionsData


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
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

    @classmethod
    def from_predictions(
        cls,
        y: TargetLike,
        p: Any,
        *,
        fold: GroupsLike = None,
        groups: GroupsLike = None,
        sample_weight: WeightsLike = None,
        how: How = "test",
        positive: Label | None = None,
        classes: Sequence[Label] | None = None,
        baseline: Any = None,
        costs: Mapping[str, float] | None = None,
        margin: float | None = None,
        by: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> "Evaluation":
        """An evaluation of predictions that some program made.

        Parameters
        ----------
        y : array-like, shape (n_samples,)
            The true labels or numbers.
        p : array-like, shape (n_samples,) or (n_samples, n_classes)
            Probabilities of the positive class if ``y`` has two values, a column of probabilities
            for each of ``classes`` (by default those of ``y``, sorted), or numbers.
        fold, groups, sample_weight : array-like, shape (n_samples,), optional
            Which model predicted each row, which rows depend on each other, how much each counts.
        how : {"test", "cross-validated", "out-of-fold", "training"}, default "test"
            How the predictions came about: only the first two say something about new rows.
        baseline : array-like, optional
            Predictions of a simpler model for the same rows, to compare with.
        positive, costs, margin, by, seed
            As in `thalweg.evaluate`; ``by`` is a mapping of names to values.

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
            by=by, seed=seed,
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
        try:
            covered = Covered(self._held_at(LEVEL), LEVEL)
        except SettingsError:
            covered = None
        kind, chosen = self.task.kind, self.threshold
        return sections_of(
            self.answers,
            kind=kind,
            classes=self.classes,
            threshold=0.5 if chosen is None else chosen,
            costs=self.costs,
            other=self._simpler(),
            covered=covered,
            by=self.by,
            seed=self.seed,
        )

    def text(self) -> str:
        """The whole evaluation as text: metrics, conclusion, and what each section says."""
        parts = [head_line(self.verdict), metric_lines(self.verdict), self._conclusion()]
        said = self.sections().sentences()
        parts += section_paragraphs(said, self.answers, len(self.verdict.answered))
        return "\n\n".join(part for part in parts if part)

    def as_dict(self) -> EvaluationData:
        """The evaluation as plain data for JSON."""
        return {"judgement": self.verdict.as_dict(), "sections": self.sections().as_dict()}

    def calibration(self) -> AnyCalibration:
        """How far the predictions can be believed."""
        return sections_of(self.answers, kind=self.task.kind, seed=self.seed).calibration

    def thresholds(
        self,
        *,
        missed: float | None = None,
        alarm: float | None = None,
        sensitivity: float | None = None,
        specificity: float | None = None,
        f1: bool = False,
        confidence: float = 0.95,
    ) -> Threshold:
        """The threshold of one rule, with how far it would move on other rows.

        Parameters
        ----------
        missed, alarm : float, optional
            The costs of a missed positive row and of a false alarm: nothing is tuned.
        sensitivity, specificity : float, optional
            A floor, for new rows with ``confidence`` if these are test rows.
        f1 : bool, default False
            The best expected F1.
        confidence : float, default 0.95
        """
        self._require_two_classes("A threshold")
        rules: dict[str, Callable[[], Threshold]] = {}
        if missed is not None or alarm is not None:
            if missed is None or alarm is None:
                raise SettingsError("One of two costs is given", fix="give both: missed=9, alarm=1")
            rules["missed and alarm"] = lambda: by_costs(missed, alarm)
        if sensitivity is not None:
            rules["sensitivity"] = lambda: by_sensitivity(self.answers, sensitivity, confidence)
        if specificity is not None:
            rules["specificity"] = lambda: by_specificity(self.answers, specificity, confidence)
        if f1:
            rules["f1"] = lambda: by_f(self.answers)
        if len(rules) != 1:
            raise SettingsError(
                "A threshold follows from one rule",
                where=", ".join(rules) or "no rule is given",
                fix="give missed= and alarm=, or sensitivity=, or specificity=, or f1=True",
            )
        (choose,) = rules.values()
        return with_spread(self.answers, choose(), self.seed)

    def at(
        self, threshold: float, *, missed: float | None = None, alarm: float | None = None
    ) -> OperatingPoint:
        """What a threshold does on these rows; with costs, also what a row costs."""
        self._require_two_classes("A threshold")
        return at_threshold(self.answers, threshold, missed=missed, alarm=alarm)

    def benefit(self, low: float | None = None, high: float | None = None) -> DecisionCurve:
        """Net benefit at the thresholds from ``low`` to ``high``, beside the simpler model's."""
        self._require_two_classes("Net benefit")
        return decision_curve(self.answers, low, high, other=self._simpler(), seed=self.seed)

    def intervals(self, confidence_level: float = LEVEL) -> IntervalCoverage:
        """The measured coverage of intervals of numbers.

        They are the model's own, if it has ``predict_interval`` and a single one answered.
        Otherwise each is made from the errors on the rows of the other folds.
        """
        if self.task.kind is not ONE_NUMBER:
            raise SettingsError("Classes have no intervals", fix="ask for sets()")
        found = coverage_of(
            self.answers, Covered(self._held_at(confidence_level), confidence_level),
            self.task.kind, self.classes,
        )  # fmt: skip
        assert isinstance(found, IntervalCoverage)
        return found

    def sets(self, confidence_level: float = LEVEL) -> SetCoverage:
        """The measured coverage of sets of classes, as in `intervals` (``predict_set``)."""
        if self.task.kind is ONE_NUMBER:
            raise SettingsError("Numbers have no sets of classes", fix="ask for intervals()")
        found = coverage_of(
            self.answers, Covered(self._held_at(confidence_level), confidence_level),
            self.task.kind, self.classes,
        )  # fmt: skip
        assert isinstance(found, SetCoverage)
        return found

    def abstention(self, price: float = PRICE) -> Abstention:
        """What is answered and what is wrong, if no answer costs ``price`` and an error 1."""
        if self.task.kind is ONE_NUMBER:
            raise SettingsError(
                "Numbers are always answered", fix="see intervals() for how sure they are"
            )
        return abstain(self.answers, price)

    def subgroups(self, by: By) -> Subgroups:
        """The metrics in groups of rows, and tests against the rest.

        Parameters
        ----------
        by : str, sequence of str, or mapping of str to array-like
            Columns of the table, or columns with a value for each of its rows.
        """
        if self._columns is None:
            raise SettingsError("There is no table", fix="pass by= a mapping of names to values")
        columns, chosen = self._columns(by), self.threshold
        at = 0.5 if chosen is None or chosen.value is None else chosen.value
        return groups_of(self.answers, columns, self.task.kind, self.classes, at, self.costs)

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
        margin = self.margin if margin is None else margin
        if isinstance(other, Evaluation):
            theirs, name = other.verdict, NETWORK
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
        parts = [head_line(self.verdict), metric_lines(self.verdict), self._conclusion()]
        shown = "\n\n".join(part for part in parts if part)
        return f"<pre>{escape(shown)}</pre>"

    def _name_of(self, other: str | None) -> str:
        names = [*self.baselines]
        if other is None and names:
            return names[0]
        if other in names:
            return str(other)
        raise SettingsError(
            "There is no baseline" if other is None else f'There is no baseline "{other}"',
            where=", ".join(names) if names else "evaluated without baselines",
            fix="pass another Evaluation of the same rows" if not names else f'"{names[0]}" is one',
        )

    def _simpler(self) -> Answers | None:
        return next(iter(self.baselines.values()), None)

    def _conclusion(self) -> str:
        return filled(self.verdict.sentence)

    def _held_at(self, level: float) -> np.ndarray:
        if self._held is not None:
            return self._held(level)
        labels = None if self.task.kind is ONE_NUMBER else [*self.classes]
        return held_by_others(self.answers, level, labels, self.seed)

    def _require_two_classes(self, what: str) -> None:
        if self.task.kind is not TWO_CLASSES:
            raise SettingsError(
                f"{what} is for two classes",
                where=f"the task is {self.task.kind.name}",
                fix="make a target of two classes, such as one class against the rest",
            )
