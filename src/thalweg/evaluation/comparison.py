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
loss is that which the network descended on (`evaluation.measures`): a model is worth what it was
asked for. A share needs no unit: 1 % of a pinball loss is 1 % of the distances that it weighs. Of
the squared error it is 1 % of an RMSE, which is the same as 0.01 nats: with errors of a normal
distribution whose width is fitted, the log-likelihood of a row is ``-ln RMSE`` and a constant, and
ln 1.01 is 0.01 nats. (A margin of 0.01 σ² of the target would be twice as narrow for a model that
explains nothing, and would call a network as good as a ridge regression of twice its squared error
where both explain 98 %.)

*Few rows.* Of fewer than 6 rows nothing is shown, neither a difference nor that there is none: if
either model were better with even odds in each row, all of 5 would agree once in 16 times, which
is more than the 5 % that the interval allows.
"""

from dataclasses import dataclass

from thalweg.evaluation.intervals import Estimate

BETTER, WORSE, AS_GOOD, NOT_SHOWN = "better", "worse", "as good", "no difference shown"
RESULTS = (BETTER, WORSE, AS_GOOD, NOT_SHOWN)
LOG_LOSS, RMSE, MAE = "log-loss", "RMSE", "MAE"

FEWEST_ROWS = 6
_NATS = 0.01


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
    """

    measure: str
    difference: Estimate
    margin: float
    comparison: str

    @property
    def is_within_margin(self) -> bool:
        """Whether the whole interval is."""
        return -self.margin <= self.difference.low and self.difference.high <= self.margin

    def as_dict(self) -> dict[str, float | str | None]:
        """The comparison as plain data, fit for JSON."""
        return {
            "comparison": self.comparison,
            "measure": self.measure,
            **self.difference.as_dict(),
            "margin": self.margin,
        }


def compare(measure: str, difference: Estimate, rival: float, n_rows: int) -> Comparison:
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

    Returns
    -------
    Comparison
    """
    margin = _NATS if measure == LOG_LOSS else _NATS * rival
    unruled = Comparison(measure, difference, margin, NOT_SHOWN)
    if n_rows < FEWEST_ROWS:
        return unruled
    if difference.high < 0:
        result = BETTER
    elif difference.low > 0:
        result = WORSE
    elif unruled.is_within_margin:
        result = AS_GOOD
    else:
        result = NOT_SHOWN
    return Comparison(measure, difference, margin, result)


def metric_of(measure: str) -> str:
    """What a measure is called among the metrics of a judgement: ``log_loss rmse mae pinball``."""
    return measure.split()[0].lower().replace("-", "_")
