"""`ErrorScales`: how large the errors are expected to be, row by row, for scaled intervals.

Networks learn log(|y - prediction| + sd / 1000) of held-out rows, where sd is the standard
deviation of the target. The scale σ of a row is the exponential of the mean of their predictions,
and the interval of a new row x is

    prediction(x) ± q σ(x),

where q is the ⌈(1-α)(n+1)⌉-th smallest of |y - prediction| / σ over the held-out rows. Both numbers
of a held-out row are from networks that were not trained on it.

Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018, "Distribution-free predictive inference for
regression", JASA 113:1094-1111, section 5.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.learning.fitted_networks import Network, predicted_values
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals

# The words of the parameter ``interval_kind``.
PLAIN: Final = "plain"
SCALED: Final = "scaled"
# What the networks of the scale are trained with, whatever the loss of the model is.
LOSS_OF_ERRORS = "squared_error"


@dataclass(frozen=True, eq=False)
class ErrorScales:
    """What scaled intervals need from a fit.

    Attributes
    ----------
    networks : tuple of Network
        They predict the logarithm of the scale; one for each fold.
    residuals : HeldOutResiduals
        The absolute errors of held-out rows, each divided by the scale of its row.
    """

    networks: tuple[Network, ...]
    residuals: HeldOutResiduals

    def sigma(self, matrix: NDArray[np.floating]) -> Floats:
        """The scale of each row, above 0, shape (n_samples,)."""
        return sigma_of(self.networks, matrix)

    def as_arrays(self) -> dict[str, np.ndarray]:
        """The arrays of the residuals for a file; the networks are stored like those of a model."""
        return self.residuals.as_arrays()


def sigma_of(networks: Sequence[Network], matrix: NDArray[np.floating]) -> Floats:
    """The exponential of the mean of what some networks predict."""
    return np.exp(predicted_values(networks, matrix))
