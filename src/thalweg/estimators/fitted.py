"""`Fitted`: the complete result of a fit, and the estimator attributes that show it.

An estimator has one `Fitted`, or none. A fit makes a new one and the estimator adopts it; a model
file stores it. Later decisions about the networks, such as a threshold, belong here, too.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from thalweg.data.typing import Label
from thalweg.errors import Status
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.outputs.several_outputs import (
    OneTarget,
    SeveralOutputs,
    asks_one_target,
    single_target,
)
from thalweg.estimators.parameters.parameter import Setting
from thalweg.evaluation.answers import STOPPED, Answers, How

if TYPE_CHECKING:
    from thalweg.data.canonical_rows import RowDigests
    from thalweg.data.encoding.encoder import Encoder
    from thalweg.data.likeness.table_likeness import Likeness
    from thalweg.data.schema.schema import Schema
    from thalweg.estimators.conformal.error_scales import ErrorScales
    from thalweg.estimators.deciding.fitted_calibration import FittedCalibration
    from thalweg.estimators.learning.fitted_networks import Network
    from thalweg.estimators.offsets.offset_of_fit import OffsetOfFit
    from thalweg.evaluation.conformal.class_scores import ClassScores
    from thalweg.evaluation.conformal.residual_store import HeldOutResiduals
    from thalweg.evaluation.decisions.chosen_threshold import Threshold
    from thalweg.evaluation.importance.importance_found import Importance
    from thalweg.network import engine
    from thalweg.network.architecture import Architecture
    from thalweg.training.history import History

_NOT_ASKED = "it is there after fit with importance=True"
_NO_IMPORTANCE = {
    "epochs": f"{_NOT_ASKED}, until the networks are trained further",
    "batches": f"{_NOT_ASKED}, and partial_fit holds no row out",
    "weights": f"{_NOT_ASKED}; another program fitted these weights, and no row came along",
}
_NOT_FOUND = "the held-out rows of its fit did not show it, or Ctrl-C ended the fit before"

# The parameters of a fit by their names: numbers, texts, truth values and lists of them.
FitSettings: TypeAlias = dict[str, Setting]
# What else the weights depend on, besides the table, its sample weights and the settings.
Also: TypeAlias = Literal["groups", "times", "epochs", "batches", "weights", "targets", "levels"]


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Results of the networks of folds on rows that they were not trained on.

    The network of a fold is the one of the epoch that the other folds find best (of the same
    division of the rows), so its held-out rows had no part in the choice. If the weights of that
    epoch were not kept, it is the epoch that these very rows chose, and results are too good.

    Attributes
    ----------
    loss : float
    score : float or None
        Accuracy or R², if the networks of the folds are kept.
    predictions : ndarray or None
        Probabilities, shape (n_samples, n_classes), or values, shape (n_samples,); model files do
        not store them.
    answers : Answers or None
        The same of canonical rows, with their targets; model files do not store them.
    how : How
        Which of the two epochs it is: `OUT_OF_FOLD` or `STOPPED`.
    n_ended_earlier : int
        How many folds had ended before the epoch that the others find best: of these it is the
        last epoch.
    """

    loss: float
    score: float | None = None
    predictions: Floats | None = None
    answers: Answers | None = None
    how: How = STOPPED
    n_ended_earlier: int = 0


@dataclass(frozen=True, eq=False)
class BetweenBatches:
    """The state of the optimizer between two batches of `partial_fit`.

    Attributes
    ----------
    rule : str
    states : tuple of engine.State
        One per network.
    """

    rule: str
    states: tuple["engine.State", ...]


class OfTrials(NamedTuple):
    """Which trials of a search the networks of a model are from.

    Attributes
    ----------
    trials : int
        How many trials there were, the default among them.
    networks : tuple of int
        The number of the trial of each network; 0 is the default.
    """

    trials: int
    networks: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as a model file has it."""
        return {"trials": self.trials, "networks": list(self.networks)}


@dataclass(frozen=True, eq=False)
class Fitted:
    """The result of a fit, and later decisions about it.

    Attributes
    ----------
    networks : tuple of Network
        Each with its encoder and its outputs; at least one.
    schema : Schema
        The columns of the table.
    seed : int
        Of all random numbers.
    settings : dict
        The parameters of the fit that its result depends on.
    stopping : {"cross-validation", "folds", "hold-out", "validation", "none"}
        How the number of epochs was found.
    data_hash : str
        SHA-256 of the last table.
    weights_hash : str or None
        SHA-256 of its sample weights, "" if all are 1; None if it is from a model file, which keeps
        only that of weights.
    positive : label or None
        The positive one of two classes.
    threshold : Threshold or None
        For two classes: a row is predicted positive if its probability is above this, unless the
        parameter ``threshold`` says another number (`estimators.deciding.decision_rule`).
    also : str or None
        What else the weights depend on, besides table, sample weights and settings: "groups",
        "times", "epochs" of `fit_more`, "batches" of `partial_fit`, other "targets" or "levels" of
        the same network; "weights" if another program fitted them.
    out_of_fold : OutOfFold or None
        If there were folds.
    between : BetweenBatches or None
        After `partial_fit`.
    conformal : HeldOutResiduals, ErrorScales, ClassScores or None
        How wrong held-out rows were, for intervals (plain or scaled) and sets of classes; None if
        there are none from networks that are kept.
    calibration : FittedCalibration or None
        The map that corrects every prediction, or why there is none; None if none was asked for.
    importance : Importance or None
        Which columns the networks lean on, from rows that they held out; None if it was not asked
        for, could not be found, or if they were trained further.
    row_digests : RowDigests or None
        Of all rows that the networks were fitted on; None if there are too many, or rows of
        validation, or if it is from an earlier model file.
    why_no_importance : str
        Why a fit with ``importance=True`` found none; "" if it did, and in a model from a file.
    offset : OffsetOfFit or None
        If rows had offsets or exposures: all numbers here are then those of one unit.
    likeness : Likeness or None
        Summaries of the rows of the fit; None after training on further rows, or if it is from an
        earlier model file.
    parts : tuple of Fitted
        Of several targets, the results of each, without networks: `estimators.targets.target_views`
        makes those. Empty for one target.
    tuned : OfTrials or None
        If `thalweg.tune` made the model: settings are then those of the trial of its first network.
    """

    networks: tuple["Network", ...]
    schema: "Schema"
    seed: int
    settings: FitSettings
    stopping: str
    data_hash: str
    weights_hash: str | None = None
    positive: Label | None = None
    threshold: "Threshold | None" = None
    also: Also | None = None
    out_of_fold: OutOfFold | None = None
    between: BetweenBatches | None = None
    conformal: "HeldOutResiduals | ErrorScales | ClassScores | None" = None
    calibration: "FittedCalibration | None" = None
    row_digests: "RowDigests | None" = None
    importance: "Importance | None" = None
    likeness: "Likeness | None" = None
    why_no_importance: str = ""
    offset: "OffsetOfFit | None" = None
    parts: tuple["Fitted", ...] = ()
    tuned: OfTrials | None = None

    @property
    def first(self) -> "Network":
        """The network that attributes of a single network refer to."""
        return self.networks[0]

    @property
    def outputs(self) -> OneTarget:
        """What the outputs of the first network mean: labels and costs, or a scale.

        Raises
        ------
        SettingsError
            For several targets, which `several` describes.
        """
        return single_target(self.first.outputs)

    @property
    def several(self) -> SeveralOutputs | None:
        """What the outputs of the first network mean for several targets; None for one."""
        outputs = self.first.outputs
        return outputs if isinstance(outputs, SeveralOutputs) else None

    @property
    def lacks_importance(self) -> str:
        """Why there is no importance though the fit was asked for it; "" if it was not."""
        further = self.also in ("epochs", "batches")
        if self.importance is not None or further or not self.settings.get("importance"):
            return ""
        return self.why_no_importance or _NOT_FOUND

    @property
    def feature_names(self) -> NDArray[Any] | None:
        """The names of the columns, if the table had some."""
        return np.array(self.schema.given_names, dtype=object) if self.schema.named else None

    @property
    def status(self) -> Status:
        """Why the first training run ended; ``INTERRUPTED`` if Ctrl-C ended any."""
        cut = any(network.status is Status.INTERRUPTED for network in self.networks)
        return Status.INTERRUPTED if cut else self.first.status


class ShowsFitted:
    """A mixin: the attributes of an estimator whose names end in ``_``, read from its `Fitted`.

    Without a `Fitted`, or if it has nothing to show, the attribute does not exist.
    """

    _fitted: Fitted | None = None

    def _adopt(self, fitted: Fitted | None) -> None:
        """Take over the result of a fit, or None for not fitted; nothing else sets it."""
        if fitted is None:
            vars(self).pop("_fitted", None)
        else:
            self._fitted = fitted

    def __sklearn_is_fitted__(self) -> bool:
        return self._fitted is not None

    @property
    def _known(self) -> Fitted:
        if self._fitted is None:
            # It is an AttributeError, too, so that hasattr is false.
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet; call fit first")
        return self._fitted

    def _require_one_target(self, name: str) -> None:
        """Raise an AttributeError for an attribute that each of several targets has."""
        if self._known.several is not None:
            error = asks_one_target(self._known.several.names, name)
            raise AttributeError(str(error), name=name, obj=self)

    def _lacks(self, name: str, why: str = "") -> AttributeError:
        known = self._fitted
        if not why and known is not None and known.also == "weights":
            why = ": another program fitted its weights, and no row came along"
        said = f"this {type(self).__name__} has no {name}{why}"
        return AttributeError(said, name=name, obj=self)

    @property
    def members_(self) -> tuple["Network", ...]:
        """The networks."""
        return self._known.networks

    @property
    def schema_(self) -> "Schema":
        """The columns of the table."""
        return self._known.schema

    @property
    def seed_(self) -> int:
        """The seed of all random numbers."""
        return self._known.seed

    @property
    def settings_(self) -> FitSettings:
        """The parameters of the fit."""
        return self._known.settings

    @property
    def stopping_(self) -> str:
        """How the number of epochs was found."""
        return self._known.stopping

    @property
    def data_hash_(self) -> str:
        """SHA-256 of the training table."""
        return self._known.data_hash

    @property
    def calibration_(self) -> "FittedCalibration | None":
        """The map that corrects every prediction, or why there is none."""
        self._require_one_target("calibration_")
        return self._known.calibration

    @property
    def importance_(self) -> pd.DataFrame:
        """What `oof_importance` gives, from the rows of the fit, if ``importance=True``."""
        return self._importance("importance_").frame()

    @property
    def feature_importances_(self) -> Floats:
        """The rise of the out-of-fold loss if each column is permuted, shape (n_features_in_,).

        At least 0; if ``importance=True``. Where there is none, the AttributeError says why.
        """
        rises = self._importance("feature_importances_").alone()
        return np.array([max(0.0, rise.loss.value) for rise in rises])

    def _importance(self, name: str) -> "Importance":
        known = self._known
        self._require_one_target(name)
        if known.importance is not None:
            return known.importance
        why = _NO_IMPORTANCE.get(known.also or "") or known.lacks_importance or _NOT_ASKED
        raise self._lacks(name, f": {why}")

    @property
    def n_features_in_(self) -> int:
        """The number of columns of the table."""
        return len(self._known.schema.given)

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """The names of the columns, if the table had names."""
        names = self._known.feature_names
        if names is None:
            raise self._lacks("feature_names_in_")
        return names

    @property
    def oof_loss_(self) -> float:
        """The out-of-fold loss: of each fold at the epoch that the other folds find best."""
        return self._out_of_fold("oof_loss_").loss

    @property
    def oof_score_(self) -> float:
        """The out-of-fold score, if the networks of the folds are kept."""
        score = self._out_of_fold("oof_score_").score
        if score is None:
            raise self._lacks("oof_score_")
        return score

    @property
    def oof_rows_(self) -> str:
        """Which rows out-of-fold results are of: "stopped on these rows" if they are too good."""
        return self._out_of_fold("oof_rows_").how

    def _out_of_fold(self, name: str) -> OutOfFold:
        found = self._known.out_of_fold
        if found is None:
            raise self._lacks(name)
        return found

    def _oof_predictions(self, name: str) -> Floats:
        found = self._out_of_fold(name).predictions
        if found is None:
            raise self._lacks(name)
        return found

    @property
    def theta_(self) -> NDArray[np.floating]:
        """All weights and biases of the first network."""
        return self._known.first.theta

    @property
    def architecture_(self) -> "Architecture":
        """The layout of ``theta_``; networks of other folds may have more inputs, or fewer."""
        return self._known.first.architecture

    @property
    def encoder_(self) -> "Encoder":
        """The encoder of the first network."""
        return self._known.first.encoder

    @property
    def history_(self) -> "History":
        """The history of the first network, one dict per epoch (`thalweg.training.history`)."""
        return self._known.first.history

    @property
    def best_epoch_(self) -> int:
        """The epoch whose weights the first network keeps."""
        return self._known.first.best_epoch

    @property
    def status_(self) -> Status:
        """Why training of the first network ended; ``INTERRUPTED`` if Ctrl-C ended any."""
        return self._known.status

    @property
    def validation_scores_(self) -> list[float]:
        """Scores of the first network's held-out rows, epoch by epoch; empty without scoring."""
        return list(self._known.first.scores)
