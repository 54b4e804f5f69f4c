"""The parameter ``calibration``: the map that a fit finds for its own predictions, and why not.

A map is fitted on out-of-fold predictions of rows that neither trained a network nor chose its
epoch. Each is that of one network, and the model answers with the mean of all. That mean is less
sure than one network, so a map may be too soft for it: docs/decisions.md has the measurement.
"""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from thalweg.errors import SettingsError, ThalwegWarning, outer_level
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.target_outputs import Outputs
from thalweg.evaluation.answers import OUT_OF_FOLD, Answers
from thalweg.evaluation.calibration.calibration_gate import (
    Gate,
    calibration_gate,
    named_calibration,
)
from thalweg.evaluation.calibration.calibration_sentences import gate_sentence
from thalweg.evaluation.calibration.calibration_shapes import CalibrationMapData
from thalweg.evaluation.calibration.recalibration_map import KINDS, Calibration, Task
from thalweg.network.formulas.losses import loss
from thalweg.wording import counted, parameter

if TYPE_CHECKING:
    from thalweg.estimators.fitted import OutOfFold

NONE, AUTO = "none", "auto"
# The slopes of maps, and the largest intercept of logits.
SLOPES, FARTHEST = (1e-6, 1e6), 1e6
# The losses that predict means, whose line a least squares fit corrects.
_OF_MEANS = ("squared_error", "poisson", "gamma", "tweedie")
_NO_ANSWERS = {
    "cross-validation": "the folds only found the number of epochs, and their networks are not "
    "kept",
    "hold-out": "the held-out rows chose the epoch",
    "validation": "the rows of X_val chose the epoch",
    "none": "no row was held out",
}
_CHOSE_THEMSELVES = (
    "the held-out rows chose the epochs themselves: other weights would have been too much memory"
)
_LATER = "training in batches or after a fit holds no row out"
_ENDED = "Ctrl-C ended the fit before its out-of-fold predictions"
# Why a fit has no map, as the ends of sentences.
NOT_FITTED = (*_NO_ANSWERS.values(), _CHOSE_THEMSELVES, _LATER, _ENDED)


class FittedCalibrationData(TypedDict):
    """What a fit found about a correction of its predictions, for JSON and model files."""

    asked: str
    map: CalibrationMapData | None
    p_value: float | None
    n_rows: float
    reason: str


@dataclass(frozen=True)
class FittedCalibration:
    """What a fit found about a correction of its predictions.

    Attributes
    ----------
    asked : {"auto", "temperature", "affine"}
        The parameter.
    map : Calibration or None
        None: predictions stay as they are. For two classes, its logits are those of ``positive_``.
    p_value : float
        Of the test of calibration; NaN if there was none.
    n_rows : float
        The (effective) number of out-of-fold rows; 0 if there were none that may be used.
    reason : str
        Why predictions are corrected, or not; as a sentence without a full stop.
    """

    asked: str
    map: Calibration | None
    p_value: float
    n_rows: float
    reason: str

    @property
    def sentence(self) -> str:
        """Whether predictions are corrected, why, and on how many rows that was found."""
        said = gate_sentence(Gate(self.map, self.p_value, self.reason))
        if not self.n_rows:
            return said
        whole = int(self.n_rows) == self.n_rows
        rows = counted(int(self.n_rows), "out-of-fold row")
        return f"{said.removesuffix('.')} (on {'' if whole else 'effectively '}{rows})."

    def as_dict(self) -> FittedCalibrationData:
        """Plain data for JSON and model files."""
        return {
            "asked": self.asked,
            "map": None if self.map is None else self.map.as_dict(),
            "p_value": None if math.isnan(self.p_value) else self.p_value,
            "n_rows": self.n_rows,
            "reason": self.reason,
        }


def no_calibration(asked: str, reason: str) -> FittedCalibration | None:
    """None if no calibration was asked for; else one without a map, for this reason."""
    return None if asked == NONE else FittedCalibration(asked, None, math.nan, 0.0, reason)


def asked_of(settings: Mapping[str, Any]) -> str:
    """The parameter, from the settings of a fit."""
    return str(settings.get("calibration", NONE))


def task_of_outputs(outputs: Outputs) -> Task:
    """The task of a model, by its outputs."""
    if not isinstance(outputs, Classes):
        return "regression"
    return "binary" if len(outputs.labels) == 2 else "multiclass"


def require_calibration(asked: str, outputs: Outputs, way: str) -> None:
    """Refuse, before anything is trained, a calibration that the fit cannot have.

    Parameters
    ----------
    asked : str
        The parameter.
    outputs : Classes or Values
    way : str
        How the number of epochs is found, as in ``stopping_``.

    Raises
    ------
    SettingsError
        If the target has no such map, or if it is named and the fit has no out-of-fold predictions.
    """
    if asked == NONE:
        return
    task, said = task_of_outputs(outputs), parameter("calibration", asked)
    if isinstance(outputs, Grades):
        raise SettingsError(
            f"{said} is not for {parameter('loss', outputs.loss)}",
            why="A map of single classes knows no order, and its answers would not be those of a "
            "cumulative model",
            fix=f"leave {parameter('calibration')} out",
        )
    if asked not in (AUTO, *KINDS[task]):
        what = {"binary": "two classes", "multiclass": "several classes", "regression": "numbers"}
        raise SettingsError(
            f"{said} is not for {what[task]}",
            fix=f"write one of {', '.join(map(repr, (NONE, AUTO, *KINDS[task])))}",
        )
    if not isinstance(outputs, Classes) and loss(outputs.loss).name not in _OF_MEANS:
        raise SettingsError(
            f"{said} is for losses that predict the mean, and {parameter('loss', outputs.loss)} "
            "does not",
            why="The line of the true values on the predictions is that of their mean",
            fix=f"leave it out, or take one of {', '.join(_OF_MEANS)} as loss",
        )
    if asked != AUTO and way != "folds":
        raise SettingsError(
            f"{said} needs out-of-fold predictions, and this fit has none",
            why=f"{_NO_ANSWERS[way][:1].upper()}{_NO_ANSWERS[way][1:]}",
            fix=f"fit with {parameter('early_stopping', 'folds')}, or leave the calibration out",
        )


def calibration_of_fit(asked: str, found: "OutOfFold | None", way: str) -> FittedCalibration | None:
    """The calibration that a fit finds.

    Parameters
    ----------
    asked : str
        The parameter.
    found : OutOfFold or None
    way : str
        As in ``stopping_``.

    Returns
    -------
    FittedCalibration or None
        None if none was asked for.

    Warns
    -----
    ThalwegWarning
        If the fit has no predictions on which a map could be fitted, or if a map was asked for by
        its name and the rows do not determine it. Predictions then stay as they are.
    """
    if asked == NONE:
        return None
    answers = None if found is None else found.answers
    if found is None or answers is None or found.how != OUT_OF_FOLD:
        why, fix = _ENDED, "fit again"
        if way != "folds":
            why, fix = _NO_ANSWERS[way], f"fit with {parameter('early_stopping', 'folds')}"
        elif answers is not None:
            why, fix = _CHOSE_THEMSELVES, "fit a smaller network"
        made = FittedCalibration(asked, None, math.nan, 0.0, f"no map was fitted, because {why}")
        _warn_of(made, fix)
        return made
    made = _on(answers, asked)
    if made.map is None and asked != AUTO:
        _warn_of(made, "give more rows")
    return made


def _on(answers: Answers, asked: str) -> FittedCalibration:
    gate = calibration_gate(answers) if asked == AUTO else named_calibration(answers, asked)
    found, reason = gate.calibration, gate.reason
    if found is not None and not is_moderate(found):
        found, reason = None, "the likeliest map is so steep, so flat or so far off that it is none"
    return FittedCalibration(asked, found, gate.p_value, float(answers.effective_n), reason)


def is_moderate(found: Calibration) -> bool:
    """Whether a map keeps finite numbers finite; those of model files are checked, too."""
    flattest, steepest = SLOPES
    return flattest <= found.slope <= steepest and (
        found.task == "regression" or abs(found.intercept) <= FARTHEST
    )


def _warn_of(made: FittedCalibration, fix: str) -> None:
    warnings.warn(
        f"{parameter('calibration', made.asked)}: {made.sentence} Fix: {fix}, or leave predictions "
        f"as they are by {parameter('calibration', NONE)}.",
        ThalwegWarning,
        stacklevel=outer_level(),
    )


def dropped(
    before: FittedCalibration | None, settings: Mapping[str, Any]
) -> FittedCalibration | None:
    """The calibration after training in batches or after a fit: no map, and a warning if one was.

    Parameters
    ----------
    before : FittedCalibration or None
    settings : mapping
        The settings from now on.
    """
    if before is not None and before.map is not None:
        warnings.warn(
            "The calibration of the fit is dropped: it belongs to the networks as they were before "
            "this training. Predictions are no longer corrected. Fix: fit again, to calibrate "
            "again.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )
    return no_calibration(asked_of(settings), f"no map was fitted, because {_LATER}")
