"""`Evaluation`: what an evaluation found, and all questions that can be asked of its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any, TypedDict

import numpy as np

from thalweg.data.typing import GroupsLike, Label, TargetLike, WeightsLike
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.any_estimator.evaluation_text import (
    filled,
    head_line,
    metric_lines,
    section_paragraphs,
    short_line,
)
from thalweg.evaluation.any_estimator.given_inputs import require_number
from thalweg.evaluation.any_estimator.held_by_other_rows import held_by_others
from thalweg.evaluation.any_estimator.reportable import Given, Reportable
from thalweg.evaluation.comparing.compared_answers import compare_answers, rounds_of
from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.computed_sections import (
    PRICE,
    AnyCalibration,
    Covered,
    Sections,
    calibration_of,
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
from thalweg.evaluation.verdict_sections import has_scaled_intervals, quantile_of

Held = Callable[[float], np.ndarray]
By = str | Sequence[str] | Mapping[str, Any]
LEVEL = 0.9


class EvaluationData(TypedDict):
    """An evaluation as plain data for JSON."""

    judgement: VerdictData
    sections: SectionsData
    decision: str


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(Reportable):
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
            Which model predicted each row, which rows depend on each other, how much each counts.
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
            covered = self._covered_at(LEVEL)
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
            benefit=benefit,
            quantile=quantile_of(self.task),
            seed=self.seed,
        )

    def text(self) -> str:
        """The whole evaluation as text: metrics, conclusion, and what each section says."""
        parts = [head_line(self.verdict), metric_lines(self.verdict)]
        if self.threshold is None or self.threshold.refused is None:  # its section says it
            parts.append(filled(self.decision))
        parts.append(filled(self._conclusion()))
        said = self.sections().sentences()
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
        return calibration_of(self.answers, self.task.kind, quantile, self.seed, self.classes)

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
            rules["sensitivity"] = lambda: by_sensitivity(
                self.answers, sensitivity, confidence, self.classes
            )
        if specificity is not None:
            rules["specificity"] = lambda: by_specificity(
                self.answers, specificity, confidence, self.classes
            )
        if f1:
            rules["f1"] = lambda: by_f(self.answers, classes=self.classes)
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
        """What a threshold does on these rows; with costs, also what a row costs.

        The costs are those of the evaluation, if none are given.
        """
        self._require_two_classes("A threshold")
        threshold = require_number("The threshold", threshold, "a number from 0 to 1, such as 0.1")
        if missed is None and alarm is None and self.threshold is not None:
            missed, alarm = self.threshold.missed, self.threshold.alarm
        return at_threshold(self.answers, threshold, missed=missed, alarm=alarm)

    def benefit(self, low: float | None = None, high: float | None = None) -> DecisionCurve:
        """Net benefit at the thresholds from ``low`` to ``high``, beside the simpler model's."""
        self._require_two_classes("Net benefit")
        return decision_curve(
            self.answers, low, high, at=self._at, other=self._simpler(), seed=self.seed,
            classes=self.classes,
        )  # fmt: skip

    def intervals(self, confidence_level: float = LEVEL) -> IntervalCoverage:
        """The measured coverage of intervals of numbers.

        They are the model's own, if it has ``predict_interval`` and a single one answered.
        Otherwise each is made from the errors on the rows of the other folds.
        """
        if self.task.kind is not ONE_NUMBER:
            raise SettingsError("Classes have no intervals", fix="ask for sets()")
        found = coverage_of(
            self.answers, self._covered_at(confidence_level),
            self.task.kind, self.classes,
        )  # fmt: skip
        assert isinstance(found, IntervalCoverage)
        return found

    def sets(self, confidence_level: float = LEVEL) -> SetCoverage:
        """The measured coverage of sets of classes, as in `intervals` (``predict_set``)."""
        if self.task.kind is ONE_NUMBER:
            raise SettingsError("Numbers have no sets of classes", fix="ask for intervals()")
        found = coverage_of(
            self.answers, self._covered_at(confidence_level),
            self.task.kind, self.classes,
        )  # fmt: skip
        assert isinstance(found, SetCoverage)
        return found

    def abstention(self, price: float = PRICE) -> Abstention:
        """What is answered and what is wrong, if no answer costs ``price`` and an error 1.

        Refused where the decision rule counts the mistakes of two classes differently.
        """
        if self.task.kind is ONE_NUMBER:
            raise SettingsError(
                "Numbers are always answered", fix="see intervals() for how sure they are"
            )
        self._require_equal_costs()
        return abstain(self.answers, require_number("price", price, "a number, such as 0.1"))

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
        return groups_of(self.answers, columns, self.task.kind, self.classes, self._at, self.costs)

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
        parts = [head_line(self.verdict), metric_lines(self.verdict), filled(self.decision)]
        parts.append(filled(self._conclusion()))
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

    @property
    def _at(self) -> float:
        """The threshold in force."""
        chosen = self.threshold
        return 0.5 if chosen is None or chosen.value is None else chosen.value

    def _simpler(self) -> Answers | None:
        return next(iter(self.baselines.values()), None)

    def _conclusion(self) -> str:
        return self.verdict.sentence

    def _covered_at(self, level: float) -> Covered:
        if self._held is not None:
            return Covered(self._held(level), level, scaled=has_scaled_intervals(self.model))
        labels = None if self.task.kind is ONE_NUMBER else [*self.classes]
        return Covered(held_by_others(self.answers, level, labels, self.seed), level)

    def _require_equal_costs(self) -> None:
        """Abstention counts each wrong answer as 1, and so must the decision rule."""
        at = None if self.threshold is None else self.threshold.value
        if at not in (None, 0.5):
            raise SettingsError(
                f"Abstention counts every wrong answer as 1, but at the threshold {at:.4g} a "
                "missed case and a false alarm count differently",
                fix="evaluate with the threshold 0.5, and without costs",
            )
        if self.costs is not None and len(np.unique(self.costs)) > 1:
            raise SettingsError(
                "Abstention counts every wrong answer as 1, but to the model the classes have "
                "different costs",
                fix="evaluate a model without class_weight",
            )

    def _require_two_classes(self, what: str) -> None:
        if self.task.kind is not TWO_CLASSES:
            raise SettingsError(
                f"{what} is for two classes",
                where=f"the task is {self.task.kind.name}",
                fix="make a target of two classes, such as one class against the rest",
            )


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
