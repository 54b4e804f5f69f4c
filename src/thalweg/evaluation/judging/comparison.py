"""What a paired difference between a network and a simpler model shows: one rule for all pages.

===================  ==========================================================================
comparison           where
===================  ==========================================================================
better               the whole 95 % interval of the difference lies below 0
worse                it lies above 0
as good              it holds 0, and lies within the margin on both sides of 0
no difference shown  else: an interval that merely holds 0 shows that rows are few, and no more
===================  ==========================================================================

*The margin* is 0.01 nats of log-loss. Of a number it is 1 % of the simpler model's loss, and the
loss is that which the network descended on (`evaluation.judging.compared_loss`): a model is worth
what it was asked for. A share needs no unit: 1 % of a pinball loss is 1 % of the distances that it
weighs. Of the squared error it is 1 % of an RMSE, which is the same as 0.01 nats: with errors of a
normal distribution whose width is fitted, the log-likelihood of a row is ``-ln RMSE`` and a
constant, and ln 1.01 is 0.01 nats. (A margin of 0.01 σ² of the target would be twice as narrow for
a model that explains nothing, and would call a network as good as a ridge regression of twice its
squared error where both explain 98 %.)

*Rare classes.* The margin of log-loss is never more than a twentieth of what there is to know of
the rows (`evaluation.judging.enough_rows`). Where the rarer class has less than 5 % of the rows
that is less than 0.01 nats: of 1 row in 667 there are 0.011 nats to know in all, and a model that
knows nearly nothing would be as good as one that knows nearly all.

*Few rows.* Of fewer than 6 rows that tell (`evaluation.judging.enough_rows`) nothing is shown,
neither a difference nor that there is none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from thalweg.evaluation.judging.enough_rows import FEWEST_ROWS, rows_that_tell, there_is_to_know
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.shapes import ComparisonData

BETTER, WORSE, AS_GOOD, NOT_SHOWN = "better", "worse", "as good", "no difference shown"
RESULTS = (BETTER, WORSE, AS_GOOD, NOT_SHOWN)
LOG_LOSS, RMSE, MAE = "log-loss", "RMSE", "MAE"

_NATS = 0.01
# The most that the margin may be of what there is to know.
MOST_OF_IT = 0.05


@dataclass(frozen=True)
class Comparison:
    """What the rows show of a network beside a simpler model.

    Parameters
    ----------
    measure : str
        "log-loss"; of a number the loss of the network in words, such as "RMSE".
    difference : Estimate
        The measure of the network minus that of the simpler model; below 0 the network is better.
    margin : float
        In the units of the measure.
    comparison : {"better", "worse", "as good", "no difference shown"}
        Of the network.
    n_telling : float
        Rows that tell something.
    """

    measure: str
    difference: Estimate
    margin: float
    comparison: str
    n_telling: float = math.inf

    @property
    def is_of_few(self) -> bool:
        """Whether too few rows tell something."""
        return self.n_telling < FEWEST_ROWS

    @property
    def is_narrow(self) -> bool:
        """Whether the margin is narrower than 0.01 nats, since there is little to know."""
        return self.measure == LOG_LOSS and self.margin < _NATS

    @property
    def is_within_margin(self) -> bool:
        """Whether the whole interval is."""
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
    rival: float,
    n_rows: int,
    counts: Sequence[float] = (),
) -> Comparison:
    """Compare a network with a simpler model, as the module's docstring has it.

    Parameters
    ----------
    measure : str
        As `Comparison` has it.
    difference : Estimate
        Of the measure: network minus rival, paired.
    rival : float
        The measure of the rival.
    n_rows : int
        That were judged.
    counts : sequence of float, optional
        The rows of each class among them; of a number there is none.

    Returns
    -------
    Comparison
    """
    margin = _NATS if measure == LOG_LOSS else _NATS * rival
    n_telling = float(n_rows)
    if len(counts):
        margin = min(margin, MOST_OF_IT * there_is_to_know(counts))
        n_telling = rows_that_tell(counts)
    unruled = Comparison(measure, difference, margin, NOT_SHOWN, n_telling)
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


def metric_of(measure: str) -> str:
    """What a measure is called among the metrics of a judgement: ``log_loss rmse mae pinball``."""
    return measure.split()[0].lower().replace("-", "_")
