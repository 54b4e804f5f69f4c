"""How many cells of new rows have a level that no training row has, if nothing has changed.

The more levels occurred in one training row only, the more levels there are that none has: the
share of new rows with such a level is about the share of training rows whose level is alone (Good
1953, "The population frequencies of species and the estimation of population parameters",
Biometrika 40; Turing's idea).
"""

from dataclasses import dataclass

import numpy as np

from thalweg.data.likeness.column_summary import ColumnSummary


@dataclass(frozen=True)
class UnseenShare:
    """The share of cells with a level never seen that is to be expected of new rows.

    With f₁ levels in one of n training rows and f₂ in two, the share has about the mean
    μ = (f₁ + 1) / (n + 2) and the variance ((f₁ + 1)(1 - μ) + 2 f₂) / n² (Esty 1983, "A normal
    limit law for a nonparametric estimator of the coverage of a random sample", Annals of
    Statistics 11).
    The one further level in one row is that of a new row: without a level that is alone, the
    probability that a level of a share above x was not seen is (1 - x)ⁿ, about. A beta distribution
    has this mean and variance.

    Attributes
    ----------
    mean, concentration : float
        Of the beta distribution: a = mean · concentration, b = (1 - mean) · concentration.
    """

    mean: float
    concentration: float

    def p_value(self, unseen: int, n_rows: int) -> float:
        """The probability of so many or more cells with a level never seen, of ``n_rows`` cells."""
        from scipy.stats import betabinom  # SciPy's statistics take long to import

        a, b = self.mean * self.concentration, (1.0 - self.mean) * self.concentration
        return float(np.clip(betabinom.sf(unseen - 1, n_rows, a, b), 0.0, 1.0))


def unseen_share(summary: ColumnSummary) -> UnseenShare:
    """What is to be expected of new rows of a column with levels, or of a constant one."""
    n = max(summary.n_present, 1.0)
    once, twice = summary.once, summary.twice
    mean = (min(once, n) + 1.0) / (n + 2.0)
    variance = ((once + 1.0) * (1.0 - mean) + 2.0 * twice) / n**2
    return UnseenShare(mean, max(mean * (1.0 - mean) / variance - 1.0, 1.0))
