"""The questions of an `Evaluation` about decisions: thresholds, net benefit, no answer."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.inputs.given_inputs import require_number
from thalweg.evaluation.computed_sections import PRICE
from thalweg.evaluation.decisions.abstention import Abstention, abstain
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_curve import DecisionCurve, decision_curve
from thalweg.evaluation.decisions.f_thresholds import by_f
from thalweg.evaluation.decisions.floor_thresholds import by_sensitivity, by_specificity
from thalweg.evaluation.decisions.operating_point import OperatingPoint, at_threshold
from thalweg.evaluation.decisions.threshold_spread import with_spread
from thalweg.evaluation.task_judging import Task
from thalweg.evaluation.task_kinds import TWO_CLASSES


class Decidable:
    """A base of `Evaluation`, which has these attributes."""

    if TYPE_CHECKING:
        task: Task
        classes: tuple[str, ...]
        threshold: Threshold | None
        costs: np.ndarray | None
        seed: int

        @property
        def answers(self) -> Answers:
            """The answers of the model."""

        @property
        def baselines(self) -> Mapping[str, Answers]:
            """Those of each baseline."""

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

    def abstention(self, price: float = PRICE) -> Abstention:
        """What is answered and what is wrong, if no answer costs ``price`` and an error 1.

        Refused where the decision rule counts the mistakes of two classes differently.
        """
        if not self.task.kind.of_classes:
            raise SettingsError(
                "Numbers are always answered", fix="see intervals() for how sure they are"
            )
        self._require_equal_costs()
        return abstain(self.answers, require_number("price", price, "a number, such as 0.1"))

    @property
    def _at(self) -> float:
        """The threshold in force."""
        chosen = self.threshold
        return 0.5 if chosen is None or chosen.value is None else chosen.value

    def _simpler(self) -> Answers | None:
        return next(iter(self.baselines.values()), None)

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
