"""The one rule by which a model is called better or worse than another one: six verdicts.

==============================  ================================================================
verdict                         where
==============================  ================================================================
better                          the 95 % interval of the difference is on the better side of 0
better, by less than matters    so it is, and the 90 % interval is within the margin
worse                           the 95 % interval is on the worse side of 0
worse, by less than matters     so it is, and the 90 % interval is within the margin
equivalent                      the 95 % interval contains 0, and the 90 % interval is within
                                the margin
undecided                       otherwise: rows may only be too few
==============================  ================================================================

The 90 % interval is within the margin if, and only if, two one-sided tests at 5 % exclude a
difference of the margin in both directions (`comparing.paired_differences`). The 95 % interval
would exclude it at 2.5 %, and needs 1.23 times as many rows. Where only the 95 % interval is known
(older model files), it stands for both.

*The margin* is 0.01 nats of log-loss, 0.01 of an AUC, and in regression 1 % of the loss of the
other model, unless a person gives another one: in the unit of the measure, in regression a share of
the loss of the other model. It should be chosen before the result is seen. The loss of a regression
is the training loss of the network (`judging.regression_loss`). A percentage needs no unit: 1 % of
a pinball loss is 1 % of the distances that it weights. For the squared error it is 1 % of the RMSE,
which equals 0.01 nats: if errors are normally distributed with a fitted width, the log-likelihood
of a row is ``-ln RMSE`` plus a constant, and ln 1.01 is 0.01 nats. (A margin of 0.01 σ² of the
target would be half as wide for a model that explains nothing. Where both models explain 98 %, a
network and a ridge regression with twice its squared error would be equivalent.)

*Rare classes.* The default margin of log-loss is at most a twentieth of the entropy of the classes
(`judging.informative_rows`). If the rarer class has less than 5 % of the rows, that is less than
0.01 nats. With 1 row in 667, the entropy is 0.011 nats: with a margin of 0.01, a model that knows
almost nothing would be equivalent to one that knows almost everything.

*Few rows.* Fewer than 6 informative rows, or fewer than 6 different ones
(`judging.informative_rows`), show neither a difference nor that there is none. Nor do fewer than 6
groups of rows that depend on each other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import How
from thalweg.evaluation.comparing.corrected_resampling import Chances
from thalweg.evaluation.comparing.paired_differences import PairedDifference, rows_for_equivalence
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS, there_is_to_know
from thalweg.evaluation.judging.shapes import DifferenceData
from thalweg.evaluation.task_kinds import LOG_LOSS, THE_NETWORK
from thalweg.wording import parameter, shown

BETTER, WORSE, EQUIVALENT, UNDECIDED = "better", "worse", "equivalent", "undecided"
_LITTLE = "by less than matters"
BETTER_LITTLE, WORSE_LITTLE = f"{BETTER}, {_LITTLE}", f"{WORSE}, {_LITTLE}"
VERDICTS = (BETTER, BETTER_LITTLE, EQUIVALENT, WORSE_LITTLE, WORSE, UNDECIDED)
AUC = "AUC"
# 0.01 nats, 0.01 of an AUC, and 1 % of another loss.
_USUAL = 0.01
# The largest default margin, as a share of the entropy of the classes.
MOST_OF_IT = 0.05
# Measures of which more is better; all others are losses.
_MORE_IS_BETTER = (AUC,)
# Measures of which a margin is a number of their own, and no share of a loss.
_OWN_SCALE = (LOG_LOSS, AUC)
DEFAULT, ASKED = "default", "asked"


@dataclass(frozen=True)
class Margin:
    """The largest difference that does not matter.

    Parameters
    ----------
    value : float
        In the units of the measure.
    source : {"default", "asked"}
    share : float, optional
        In regression, the share of the loss of the other model.
    """

    value: float
    source: str = DEFAULT
    share: float | None = None


@dataclass(frozen=True)
class Ruling:
    """A model compared with another one, with a margin.

    Parameters
    ----------
    measure : str
        "log-loss", "AUC", or the loss of a regression in words, such as "RMSE".
    difference : PairedDifference
        The measure of the model minus that of the other one.
    margin : Margin
    verdict : str
        One of `VERDICTS`, about the model.
    n_telling, n_different : float
        The informative and the different test rows (`judging.informative_rows`).
    n_effective : float
        Kish's effective number of the rows, where they have weights.
    n_groups : float
        That of groups of rows, where rows of one group depend on each other.
    chances : Chances, optional
        Of cross-validation.
    n_folds : int, optional
        The folds of all repetitions, if the intervals are those of the corrected resampled t.
    subject : str
        What the model is called: ``the network``, unless it is none.
    how : How, default "test"
        Which rows they are.
    """

    measure: str
    difference: PairedDifference
    margin: Margin
    verdict: str
    n_telling: float = math.inf
    n_different: float = math.inf
    n_effective: float = math.inf
    n_groups: float = math.inf
    chances: Chances | None = None
    n_folds: int | None = None
    subject: str = THE_NETWORK
    how: How = "test"

    @property
    def is_of_few(self) -> bool:
        """Whether there are too few informative or different rows, or groups, for any verdict."""
        numbers = self.n_telling, self.n_different, self.n_effective, self.n_groups
        return min(numbers) < FEWEST_ROWS

    @property
    def is_narrow(self) -> bool:
        """Whether the margin is narrower than 0.01 nats, because the entropy is small."""
        is_default = self.margin.source == DEFAULT
        return self.measure == LOG_LOSS and is_default and self.margin.value < _USUAL

    @property
    def more_is_better(self) -> bool:
        """Whether a difference above 0 speaks for the model."""
        return self.measure in _MORE_IS_BETTER

    @property
    def rows_needed(self) -> int | None:
        """The rows that would show two equally good models to be equivalent, with 80 % power.

        None if the spread of a row's difference is unknown.
        """
        return rows_for_equivalence(self.difference.sd, self.margin.value)

    def as_dict(self) -> DifferenceData:
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
            "n_folds": self.n_folds,
            "chances": None if self.chances is None else self.chances.as_dict(),
        }


def _is_number(asked: object) -> bool:
    return isinstance(asked, int | float | np.integer | np.floating) and not isinstance(asked, bool)


def require_margin(asked: float | None) -> None:
    """Raise a SettingsError if the margin that a person asked for is no finite number above 0."""
    if asked is not None and not (_is_number(asked) and math.isfinite(asked) and asked > 0):
        raise SettingsError(
            f"The margin is {shown(asked)}, not a number above 0",
            why="No number of rows can show that two models do not differ at all",
            fix=f"give {parameter('margin', 0.01)}, for example",
        )


def margin_of(
    measure: str, other: float, counts: Sequence[float] = (), asked: float | None = None
) -> Margin:
    """The margin of a measure.

    Parameters
    ----------
    measure : str
        As in `Ruling`.
    other : float
        The measure of the other model.
    counts : sequence of float, optional
        The test rows of each class, or the sums of their weights; none in regression.
    asked : float, optional
        A person's margin: of a log-loss or an AUC in their units, of another loss as a share of
        ``other``.

    Returns
    -------
    Margin

    Raises
    ------
    SettingsError
        As in `require_margin`.
    """
    require_margin(asked)
    source, size = (DEFAULT, _USUAL) if asked is None else (ASKED, asked)
    if measure not in _OWN_SCALE:
        return Margin(size * abs(other), source, size)
    if measure == LOG_LOSS and asked is None and len(counts):
        size = min(size, MOST_OF_IT * there_is_to_know(counts))
    return Margin(size, source)


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
        One of `VERDICTS`; "undecided" if an end is NaN.
    """
    losses = difference.mirrored() if more_is_better else difference
    matters_not = -margin <= losses.at_90.low and losses.at_90.high <= margin
    if losses.at_95.high < 0:
        return BETTER_LITTLE if matters_not else BETTER
    if losses.at_95.low > 0:
        return WORSE_LITTLE if matters_not else WORSE
    return EQUIVALENT if matters_not else UNDECIDED


def rule(
    measure: str,
    difference: PairedDifference,
    margin: Margin,
    *,
    n_telling: float = math.inf,
    n_different: float = math.inf,
    n_effective: float = math.inf,
    n_groups: float = math.inf,
    chances: Chances | None = None,
    n_folds: int | None = None,
) -> Ruling:
    """Compare a model with another one, by the rule of the module's docstring.

    Parameters
    ----------
    measure, difference, margin, n_telling, n_different, n_effective, n_groups, chances, n_folds
        As in `Ruling`. Fewer than 6 of any of the four numbers show nothing.

    Returns
    -------
    Ruling
    """
    verdict = verdict_of(difference, margin.value, more_is_better=measure in _MORE_IS_BETTER)
    found = Ruling(
        measure, difference, margin, verdict, n_telling, n_different, n_effective, n_groups,
        chances, n_folds,
    )  # fmt: skip
    return replace(found, verdict=UNDECIDED) if found.is_of_few else found
