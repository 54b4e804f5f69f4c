"""How sure predictions are: intervals of numbers, sets of classes, and "cannot tell".

These are options of ``thalweg predict``. `HowSure.require` refuses what the model cannot give,
before the table is read. `HowSure.added` adds the columns, and `HowSure.told`
says what they promise.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.conformal.error_scales import PLAIN, SCALED, ErrorScales
from thalweg.estimators.conformal.prediction_sets import no_held_out_rows
from thalweg.estimators.parameters.parameter import CLASSIFIER, REGRESSOR
from thalweg.estimators.parameters.simpler_model import KIND_OF, NAMES, subject_of
from thalweg.evaluation.conformal.class_scores import ClassScores
from thalweg.evaluation.conformal.conformal_ranks import require_level
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals
from thalweg.evaluation.conformal.set_words import set_words
from thalweg.jobs.predictions.predicted_columns import Cells, PredictedColumns
from thalweg.jobs.predictions.predicted_rows import CANNOT_TELL, PREDICTION, rounded_outward
from thalweg.wording import counted, parameter

if TYPE_CHECKING:
    from thalweg.jobs.parts.model_table import Features
    from thalweg.persistence.rebuilt import Model

LOW, HIGH, SET = "low", "high", "set"
# For JSON, under the names of the options; null what was not asked for.
SureFacts: TypeAlias = dict[str, dict[str, Any] | None]
# Different sets in a note.
_MOST_WORDS = 6


@dataclass(frozen=True)
class HowSure:
    """What is asked for besides the predictions.

    Attributes
    ----------
    interval, sets : float or None
        The level of intervals, or of sets of classes.
    abstain : float or None
        The price of no answer.
    """

    interval: float | None = None
    sets: float | None = None
    abstain: float | None = None

    def require(self, model: "Model", words: Mapping[str, str]) -> None:
        """Raise a SettingsError if the model does not have what is asked for.

        ``words`` is what is written for classes.
        """
        numbers = not isinstance(model, ThalwegClassifier)
        if self.interval is not None:
            if not numbers:
                _wrong_kind("interval", "numbers", "classes", f"give {parameter('sets', 0.9)}")
            require_level(self.interval, "interval")
            _require_enough(model, "interval", self.interval)
        if self.sets is not None:
            if numbers:
                _wrong_kind("sets", "classes", "numbers", f"give {parameter('interval', 0.9)}")
            require_level(self.sets, "sets")
            _require_enough(model, "sets", self.sets, words)
        if self.abstain is not None:
            if numbers:
                _wrong_kind("abstain", "classes", "numbers", f"give {parameter('interval', 0.9)}")
            _require_price(model, self.abstain, words)

    def added(
        self,
        made: PredictedColumns,
        model: "Model",
        X: "Features",
        *,
        digits: int | None = None,
        words: Mapping[str, str] | None = None,
    ) -> tuple[PredictedColumns, "SureCounts"]:
        """The predictions with the columns that are asked for, and what is counted of them.

        Parameters
        ----------
        made : PredictedColumns
            As `predicted_columns` makes them with this price.
        model : ThalwegClassifier or ThalwegRegressor
        X : DataFrame or ndarray
        digits, words
            As in `predicted_columns`.
        """
        counts = SureCounts(n_rows=made.n_rows)
        if self.interval is not None:
            ends = np.asarray(model.predict_interval(X, self.interval))
            lows: Cells = ends[:, 0]
            highs: Cells = ends[:, 1]
            if digits is not None:
                rounded = [rounded_outward(low, high, digits) for low, high in ends.tolist()]
                lows, highs = [low for low, _ in rounded], [high for _, high in rounded]
            made = made.with_last(LOW, lows).with_last(HIGH, highs)
        if self.sets is not None:
            labels = _words_of_labels(model, words)
            held = model.predict_set(X, self.sets)
            written = set_words(held, labels).tolist()
            made = made.with_last(SET, written)
            counts.sets = Counter(written)
            counts.n_outside = _outside_of_sets(made, held, labels)
        if self.abstain is not None:
            counts.n_unsure = sum(cell == CANNOT_TELL for cell in made.of(PREDICTION))
        return made, counts

    def told(
        self, counts: "SureCounts", model: "Model", words: Mapping[str, str] | None = None
    ) -> tuple[SureFacts, list[str]]:
        """The facts of these columns, and notes for people.

        Parameters
        ----------
        counts : SureCounts
            Of all rows.
        model, words
            As in `added`.
        """
        facts: SureFacts = {"interval": None, "sets": None, "abstain": None}
        notes: list[str] = []
        if self.interval is not None:
            facts["interval"], note = _promised_intervals(model, self.interval)
            notes.append(note)
        if self.sets is not None:
            labels = _words_of_labels(model, words)
            facts["sets"], note = _promised_sets(model, self.sets, labels, counts.sets)
            notes.append(note)
            if counts.n_outside:
                notes.append(
                    f"{counted(counts.n_outside, 'row has', 'rows have')} a prediction outside the "
                    "set: a prediction follows the threshold or the costs, and a set follows how "
                    "sure held-out rows of each class were."
                )
        if self.abstain is not None:
            facts["abstain"] = {"price": self.abstain, "n_without_answer": counts.n_unsure}
            notes.append(
                f"Cannot tell: {counts.n_unsure:,} of {counted(counts.n_rows, 'row')}, whose "
                f"answer would be wrong with a probability above {self.abstain:g} by the model's "
                "own probabilities."
            )
        return facts, notes


@dataclass
class SureCounts:
    """What is counted of the columns of `HowSure`.

    Attributes
    ----------
    n_rows : int
    sets : Counter of str
        How many rows have each set.
    n_outside : int
        Rows whose prediction is not in their own set.
    n_unsure : int
        Rows without an answer.
    """

    n_rows: int = 0
    sets: Counter[str] = field(default_factory=Counter)
    n_outside: int = 0
    n_unsure: int = 0

    def add(self, more: "SureCounts") -> None:
        """Count further rows."""
        self.n_rows += more.n_rows
        self.sets.update(more.sets)
        self.n_outside += more.n_outside
        self.n_unsure += more.n_unsure


def _words_of_labels(model: "Model", words: Mapping[str, str] | None) -> list[str]:
    said = words or {}
    return [said.get(str(each), str(each)) for each in model.classes_.tolist()]


def _wrong_kind(name: str, its: str, found: str, instead: str) -> None:
    raise SettingsError(
        f"{parameter(name)} is for {its}, and the model predicts {found}", fix=f"{instead} instead"
    )


def _require_enough(
    model: "Model", name: str, level: float, words: Mapping[str, str] | None = None
) -> None:
    """Raise a SettingsError if too few rows were held out from the networks, or none."""
    why = no_held_out_rows(model)
    if why is not None:
        reason, _, fix = why.partition(" Fix: ")
        kind = CLASSIFIER if isinstance(model, ThalwegClassifier) else REGRESSOR
        simpler = subject_of(kind, model.settings_) in NAMES.values()
        if model.stopping_ == "none" and simpler:
            estimator = next(each for each, its in KIND_OF.items() if its == kind)
            fix = (
                f"fit with {parameter('hidden_layer_sizes', ())} and "
                f"{parameter('early_stopping', 'folds')} instead of "
                f"{parameter('estimator', estimator)}"
            )
        what = "intervals" if name == "interval" else "sets of classes"
        raise SettingsError(f"The model has no {what}", why=_sentence(reason), fix=fix)
    grouped = model._known.also == "groups"
    known = model._known.conformal
    known = known.residuals if isinstance(known, ErrorScales) else known
    if isinstance(known, ClassScores):
        labels = [(words or {}).get(str(each), str(each)) for each in model.classes_.tolist()]
        refused = known.refusal(level, labels, name=name, grouped=grouped)
    else:
        assert isinstance(known, HeldOutResiduals)
        refused = known.refusal(level, name=name, grouped=grouped)
    if refused is not None:
        raise refused


def _require_price(model: "Model", price: float, words: Mapping[str, str]) -> None:
    """Raise a SettingsError unless Chow's rule holds for this price and model."""
    assert isinstance(model, ThalwegClassifier)
    if not 0 <= price <= 1:
        raise SettingsError(
            f"{parameter('abstain', price)} is not a price from 0 to 1",
            why="A wrong answer costs 1, and no answer costs no more than that",
            fix=f"give {parameter('abstain', 0.2)}, for example: five rows without an answer cost "
            "as much as one wrong answer",
        )
    threshold, costs = model.threshold_, model._classes.costs
    if threshold is not None and threshold != 0.5:
        raise SettingsError(
            f"{parameter('abstain')} counts every wrong answer as 1, but at the threshold "
            f"{threshold:g} a missed case and a false alarm count differently",
            fix=f"leave out {parameter('abstain')}, or give {parameter('threshold', 0.5)} as well",
        )
    if threshold is None and (costs != costs[0]).any():
        raise SettingsError(
            f"{parameter('abstain')} counts every wrong answer as 1, but to the model the classes "
            "have different costs",
            fix=f"leave out {parameter('abstain')}, or fit without {parameter('class_weight')}",
        )
    for label in map(str, model.classes_.tolist()):
        if words.get(label, label) == CANNOT_TELL:
            raise SettingsError(
                f'{parameter("abstain")} writes "{CANNOT_TELL}", which is a class, too',
                fix=f"give this class another word: {parameter('label', {label: 'unclear'})}",
            )


def _promised_intervals(model: "Model", level: float) -> tuple[dict[str, Any], str]:
    """What intervals promise, as plain data and as a sentence."""
    residuals = model._known.conformal
    if isinstance(residuals, ErrorScales):
        return _promised_scaled(model, residuals.residuals, level)
    assert isinstance(residuals, HeldOutResiduals)
    floor = residuals.floor(level)
    facts = {
        "kind": PLAIN, "confidence_level": level, "n_held_out": residuals.n, "floor": floor
    }  # fmt: skip
    method = "CV+" if residuals.n_networks > 1 else "Split conformal prediction"
    least = math.floor(100 * floor * (1 + 1e-12))
    return facts, (
        f"Intervals at {100 * level:g} %: {_new_rows(model, level)} should have their true number "
        f"inside. {method} guarantees {f'{least} %' if least else 'nothing with so few rows'} for "
        "networks whose held-out rows did not end their training; here they did, so measure it on "
        "test rows."
    )


def _promised_scaled(
    model: "Model", residuals: HeldOutResiduals, level: float
) -> tuple[dict[str, Any], str]:
    """What scaled intervals promise; no theorem gives them a floor."""
    facts = {
        "kind": SCALED, "confidence_level": level, "n_held_out": residuals.n, "floor": None
    }  # fmt: skip
    return facts, (
        f"Scaled intervals at {100 * level:g} %, wide where held-out rows had large errors: "
        f"{_new_rows(model, level)} should have their true number inside, and about as many of "
        "those with much noise as of those with little. Nothing guarantees it: measure it on test "
        "rows."
    )


def _promised_sets(
    model: "Model", level: float, labels: Sequence[str], found: Mapping[str, int]
) -> tuple[dict[str, Any], str]:
    """What sets promise, and how often each is there, as plain data and as a sentence."""
    scores = model._known.conformal
    assert isinstance(scores, ClassScores)
    counts = dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
    facts = {
        "confidence_level": level,
        "n_held_out": dict(zip(labels, scores.n.tolist(), strict=True)),
        "words": counts,
    }
    told = [f"{n:,} × {word}" for word, n in [*counts.items()][:_MOST_WORDS]]
    if len(counts) > _MOST_WORDS:
        told.append(f"{counted(len(counts) - _MOST_WORDS, 'other set')}")
    return facts, (
        f"Sets at {100 * level:g} %: {_new_rows(model, level, ' of each class')} should have their "
        f"true class inside. It is not exact, because held-out rows also ended the training: "
        f"measure it on test rows. Here: {'; '.join(told) or 'no rows'}."
    )


def _outside_of_sets(made: PredictedColumns, held: NDArray[np.bool_], labels: Sequence[str]) -> int:
    """How many rows have a prediction that is not in their own set."""
    return sum(
        label in labels and not inside[labels.index(label)] and inside.any()
        for label, inside in zip(made.of(PREDICTION), held, strict=True)
    )


def _new_rows(model: "Model", level: float, of: str = "") -> str:
    apart = " and each of another group" if model._known.also == "groups" else ""
    return f"about {100 * level:g} % of new rows{of}, if they are like the training rows{apart},"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")
