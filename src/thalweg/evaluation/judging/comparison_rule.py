"""Compare a network with a simpler model: better, worse, as good, or no difference shown.

===================  ==========================================================================
comparison           where
===================  ==========================================================================
better               the whole 95 % interval of the paired difference is below 0
worse                it is above 0
as good              it contains 0, and is within the margin on both sides of 0
no difference shown  otherwise: an interval that contains 0 may only show that rows are few
===================  ==========================================================================

*The margin* is 0.01 nats of log-loss. In regression it is 1 % of the loss of the simpler model, and
the loss is the training loss of the network (`judging.regression_loss`). A percentage
needs no unit: 1 % of a pinball loss is 1 % of the distances that it weights. For the squared error
it is 1 % of the RMSE, which equals 0.01 nats: if errors are normally distributed with a fitted
width, the log-likelihood of a row is ``-ln RMSE`` plus a constant, and ln 1.01 is 0.01 nats. (A
margin of 0.01 σ² of the target would be half as wide for a model that explains nothing. Where both
models explain 98 %, it would call a network as good as a ridge regression with twice its squared
error.)

*Rare classes.* The margin of log-loss is at most a twentieth of the entropy of the classes
(`judging.informative_rows`). If the rarer class has less than 5 % of the rows, that is less
than 0.01 nats. With 1 row in 667, the entropy is 0.011 nats: with a margin of 0.01, a model that
knows almost nothing would be as good as one that knows almost everything.

*Few rows.* Fewer than 6 informative rows, or fewer than 6 different ones
(`judging.informative_rows`), show neither a difference nor that there is none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from thalweg.evaluation.judging.informative_rows import (
    FEWEST_ROWS,
    rows_that_tell,
    there_is_to_know,
)
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.shapes import ComparisonData

BETTER, WORSE, AS_GOOD, NOT_SHOWN = "better", "worse", "as good", "no difference shown"
RESULTS = (BETTER, WORSE, AS_GOOD, NOT_SHOWN)
LOG_LOSS, RMSE, MAE = "log-loss", "RMSE", "MAE"

# What a model is called, unless it says what it is (`model_protocol.subject_of`).
THE_NETWORK = "the network"

_NATS = 0.01
# The largest margin, as a share of the entropy of the classes.
MOST_OF_IT = 0.05


@dataclass(frozen=True)
class Comparison:
    """A network compared with a simpler model on the same rows.

    Parameters
    ----------
    measure : str
        "log-loss"; in regression the loss of the network in words, such as "RMSE".
    difference : Estimate
        The measure of the network minus that of the simpler model; below 0 the network is better.
    margin : float
        In the units of the measure.
    comparison : {"better", "worse", "as good", "no difference shown"}
        Of the network.
    n_telling : float
        The number of informative rows.
    n_different : float
        The number of different rows, where equal ones are never split.
    subject : str
        What the compared model is called: ``the network``, or what it is without hidden layers.
    n_effective : float
        Kish's effective number of the rows, where they have weights.
    """

    measure: str
    difference: Estimate
    margin: float
    comparison: str
    n_telling: float = math.inf
    n_different: float = math.inf
    subject: str = THE_NETWORK
    n_effective: float = math.inf

    @property
    def is_of_few(self) -> bool:
        """Whether there are too few informative or different rows."""
        return min(self.n_telling, self.n_different, self.n_effective) < FEWEST_ROWS

    @property
    def is_narrow(self) -> bool:
        """Whether the margin is narrower than 0.01 nats, because the entropy is small."""
        return self.measure == LOG_LOSS and self.margin < _NATS

    @property
    def is_within_margin(self) -> bool:
        """Whether the whole interval is within the margin."""
        return -self.margin <= self.difference.low and self.difference.high <= self.margin

    def as_dict(self) -> ComparisonData:
        """The comparison as plain data, fit for JSON."""
        return {
            "comparison": self.comparison,
            "measure": self.measure,
            **self.difference.as_dict(),
            "margin": self.margin,
        }


def compare(
    measure: str,
    difference: Estimate,
    simpler: float,
    n_rows: int,
    counts: Sequence[float] = (),
    n_different: float = math.inf,
    weighted: tuple[float, float] | None = None,
) -> Comparison:
    """Compare a network with a simpler model, by the rule of the module's docstring.

    Parameters
    ----------
    measure : str
        As in `Comparison`.
    difference : Estimate
        Of the measure: network minus simpler model, paired.
    simpler : float
        The measure of the simpler model.
    n_rows : int
        The number of test rows.
    counts : sequence of float, optional
        The test rows of each class (or the sums of their weights); none in regression.
    n_different : float, optional
        As in `Comparison`.
    weighted : tuple of float, optional
        Where rows have weights: the effective number of informative rows, and of all rows.

    Returns
    -------
    Comparison
    """
    margin = default_margin(measure, simpler, counts)
    n_telling = rows_that_tell(counts) if len(counts) else float(n_rows)
    n_telling, n_effective = weighted or (n_telling, math.inf)
    unruled = Comparison(
        measure, difference, margin, NOT_SHOWN, n_telling, n_different, n_effective=n_effective
    )
    if unruled.is_of_few:
        return unruled
    if difference.high < 0:
        result = BETTER
    elif difference.low > 0:
        result = WORSE
    elif unruled.is_within_margin:
        result = AS_GOOD
    else:
        result = NOT_SHOWN
    return replace(unruled, comparison=result)


def default_margin(measure: str, simpler: float, counts: Sequence[float] = ()) -> float:
    """The margin of the module's docstring; parameters as in `compare`."""
    margin = _NATS if measure == LOG_LOSS else _NATS * simpler
    return min(margin, MOST_OF_IT * there_is_to_know(counts)) if len(counts) else margin


def metric_of(measure: str) -> str:
    """The key of a measure among the metrics: ``log_loss rmse mae pinball``."""
    return measure.split()[0].lower().replace("-", "_")
