"""Compare two models with a margin in both directions: four verdicts, and two finer ones.

==============================  ================================================================
verdict                         where
==============================  ================================================================
better                          the 95 % interval of the difference is on the better side of 0
better, by less than matters    so it is, and the 90 % interval is within the margin
worse                           the 95 % interval is on the worse side of 0
worse, by less than matters     so it is, and the 90 % interval is within the margin
as good                         the 95 % interval contains 0, and the 90 % interval is within
                                the margin
no difference shown             otherwise: rows may only be too few
==============================  ================================================================

This is the rule of `judging.comparison_rule` with two additions. A difference that is shown may be
too small to matter, which that rule does not say. And "as good" asks for the 90 % interval: it is
within the margin if two one-sided tests at 5 % exclude a difference of the margin, whereas the
95 % interval excludes it at 2.5 %, and needs 1.23 times as many rows. Where only the 95 % interval
is known, it stands for both, and the rule is the same as that one apart from the finer words.

*The margin* is that of `judging.comparison_rule` unless a person gives another one: 0.01 nats of
log-loss, at most a twentieth of the entropy of the classes; 1 % of the loss of the simpler model in
regression, which is 0.01 nats, too; and 0.01 of an AUC. A person's margin is in the unit of the
measure, in regression a share of the loss of the simpler model. It should be chosen before the
result is seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from thalweg.errors import SettingsError
from thalweg.evaluation.comparing.corrected_resampling import Chances
from thalweg.evaluation.comparing.difference_shapes import RulingData
from thalweg.evaluation.comparing.paired_differences import PairedDifference, rows_for_equivalence
from thalweg.evaluation.judging.comparison_rule import (
    AS_GOOD,
    BETTER,
    LOG_LOSS,
    NOT_SHOWN,
    WORSE,
    default_margin,
)
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS
from thalweg.wording import parameter, shown

_LITTLE = "by less than matters"
BETTER_LITTLE, WORSE_LITTLE = f"{BETTER}, {_LITTLE}", f"{WORSE}, {_LITTLE}"
VERDICTS = (BETTER, BETTER_LITTLE, AS_GOOD, WORSE_LITTLE, WORSE, NOT_SHOWN)
AUC = "AUC"
_AUC_MARGIN = 0.01
# Measures of which more is better; all others are losses.
_MORE_IS_BETTER = (AUC,)
# Measures without a unit, of which a margin is a number of their own.
_OWN_SCALE = (LOG_LOSS, AUC)


@dataclass(frozen=True)
class Margin:
    """The largest difference that does not matter.

    Parameters
    ----------
    value : float
        In the units of the measure.
    source : {"default", "asked"}
    """

    value: float
    source: str = "default"


@dataclass(frozen=True)
class Ruling:
    """A model compared with a simpler one, with a margin.

    Parameters
    ----------
    measure : str
        "log-loss", "AUC", or the loss of a regression in words, such as "RMSE".
    difference : PairedDifference
        The measure of the model minus that of the simpler model.
    margin : Margin
    verdict : str
        One of `VERDICTS`, about the model.
    is_of_few : bool
        Whether there are too few informative or different rows for any verdict.
    chances : Chances, optional
        Of repeated cross-validation.
    """

    measure: str
    difference: PairedDifference
    margin: Margin
    verdict: str
    is_of_few: bool = False
    chances: Chances | None = None

    @property
    def more_is_better(self) -> bool:
        """Whether a difference above 0 speaks for the model."""
        return self.measure in _MORE_IS_BETTER

    @property
    def rows_needed(self) -> int | None:
        """The rows that would show two equally good models to be as good, with 80 % power.

        None if the spread of a row's difference is unknown.
        """
        return rows_for_equivalence(self.difference.sd, self.margin.value)

    def as_dict(self) -> RulingData:
        """The comparison as plain data, fit for JSON."""
        inner = self.difference.at_90.as_dict()
        return {
            **self.difference.at_95.as_dict(),
            "low90": inner["low"],
            "high90": inner["high"],
            "measure": self.measure,
            "margin": self.margin.value,
            "margin_from": self.margin.source,
            "verdict": self.verdict,
            "rows_needed": self.rows_needed,
            "chances": None if self.chances is None else self.chances.as_dict(),
        }


def margin_of(
    measure: str, simpler: float, counts: Sequence[float] = (), asked: float | None = None
) -> Margin:
    """The margin of a measure.

    Parameters
    ----------
    measure : str
        As in `Ruling`.
    simpler : float
        The measure of the simpler model.
    counts : sequence of float, optional
        The test rows of each class; none in regression.
    asked : float, optional
        A person's margin: of a log-loss or an AUC in their units, of another loss as a share of
        ``simpler``.

    Returns
    -------
    Margin

    Raises
    ------
    SettingsError
        If the margin asked for is not a finite number above 0.
    """
    if asked is not None:
        if not (math.isfinite(asked) and asked > 0):
            raise SettingsError(
                f"The margin is {shown(asked)}, not a number above 0",
                why="No number of rows can show that two models do not differ at all",
                fix=f"give {parameter('margin', 0.01)}, for example",
            )
        return Margin(asked if measure in _OWN_SCALE else asked * simpler, "asked")
    return Margin(_AUC_MARGIN if measure == AUC else default_margin(measure, simpler, counts))


def verdict_of(difference: PairedDifference, margin: float, *, more_is_better: bool = False) -> str:
    """The verdict about the first model of a difference, by the table of the module's docstring.

    Parameters
    ----------
    difference : PairedDifference
    margin : float
    more_is_better : bool, default False
        Whether a difference above 0 speaks for the model.

    Returns
    -------
    str
        One of `VERDICTS`; "no difference shown" if an end is NaN.
    """
    losses = difference.mirrored() if more_is_better else difference
    matters_not = -margin <= losses.at_90.low and losses.at_90.high <= margin
    if losses.at_95.high < 0:
        return BETTER_LITTLE if matters_not else BETTER
    if losses.at_95.low > 0:
        return WORSE_LITTLE if matters_not else WORSE
    return AS_GOOD if matters_not else NOT_SHOWN


def rule(
    measure: str,
    difference: PairedDifference,
    margin: Margin,
    *,
    n_telling: float = math.inf,
    n_different: float = math.inf,
    chances: Chances | None = None,
) -> Ruling:
    """Compare a model with a simpler one, by the rule of the module's docstring.

    Parameters
    ----------
    measure, difference, margin, chances
        As in `Ruling`.
    n_telling, n_different : float, optional
        The informative and the different test rows (`judging.informative_rows`): fewer than 6 show
        nothing.

    Returns
    -------
    Ruling
    """
    if min(n_telling, n_different) < FEWEST_ROWS:
        return Ruling(measure, difference, margin, NOT_SHOWN, is_of_few=True, chances=chances)
    verdict = verdict_of(difference, margin.value, more_is_better=measure in _MORE_IS_BETTER)
    return Ruling(measure, difference, margin, verdict, chances=chances)
