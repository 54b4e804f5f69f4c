"""Attributes of a fitted estimator by the names that scikit-learn's MLPs have for them."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.fitted import ShowsFitted
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.network.formulas.losses import loss

if TYPE_CHECKING:
    from thalweg.training.history import History


class LikeMLP(ShowsFitted):
    """A mixin of estimators: what scikit-learn's MLPs show, of the first network.

    Where there is nothing to show, the AttributeError says why.
    """

    @property
    def coefs_(self) -> list[NDArray[np.floating]]:
        """W of each layer, transposed as in scikit-learn: (n_in, n_out), views of θ."""
        return [W.T for W, _ in self._known.first.layers]

    @property
    def intercepts_(self) -> list[NDArray[np.floating]]:
        """b of each layer, (n_out,), views of θ."""
        return [b[:, 0] for _, b in self._known.first.layers]

    @property
    def loss_curve_(self) -> list[float]:
        """Training loss of each epoch, with the penalty."""
        return [epoch["train_loss"] for epoch in self.history_]

    @property
    def loss_(self) -> float:
        """The training loss of the last epoch, with the penalty."""
        return float(self._epochs("loss_")[-1]["train_loss"])

    @property
    def best_loss_(self) -> float:
        """The smallest training loss of an epoch, with the penalty."""
        losses = [each["train_loss"] for each in self._epochs("best_loss_")]
        return float(min(loss for loss in losses if not math.isnan(loss)))

    @property
    def best_validation_score_(self) -> float:
        """The score of the held-out rows at the epoch that was kept, if ``scoring`` was given."""
        first = self._known.first
        if not first.scores:
            raise self._lacks(
                "best_validation_score_",
                ": early stopping used the loss, because scoring was not given; held-out losses "
                "are in history_, out-of-fold scores in oof_score_",
            )
        return float(first.scores[first.best_epoch - 1])

    @property
    def out_activation_(self) -> str:
        """What follows the last layer: "logistic", "softmax", "identity", or "exp" for logarithms.

        Of grades "cumulative logistic".
        """
        outputs = self._known.first.outputs
        if isinstance(outputs, SeveralOutputs):
            outputs = outputs.parts[0]
        if isinstance(outputs, Grades):
            return "cumulative logistic"
        if isinstance(outputs, Classes):
            return "logistic" if outputs.n_outputs == 1 else "softmax"
        return "exp" if loss(outputs.loss).of_logarithm else "identity"

    @property
    def n_iter_(self) -> int:
        """The number of epochs that were run."""
        return len(self.history_)

    @property
    def n_layers_(self) -> int:
        """The number of layers including the input layer, as scikit-learn counts."""
        return len(self.architecture_.sizes)

    @property
    def n_outputs_(self) -> int:
        """Units of the last layer."""
        return self.architecture_.sizes[-1]

    def _epochs(self, name: str) -> "History":
        if not self.history_:
            raise self._lacks(name)
        return self.history_
