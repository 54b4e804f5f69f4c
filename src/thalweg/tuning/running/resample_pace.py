"""How long the selections on drawn rows take, so that a search leaves time for all of them."""

import time
from collections.abc import Callable
from typing import NamedTuple

from thalweg.tuning.honest_score import CANDIDATES, Selection, select_and_score

# Of so many resamples the time of one is known.
_TIMED = 10
# What a resample takes of itself, as so many trials.
_ALONE = 4


class ResamplePace(NamedTuple):
    """What resamples of some trials take, in seconds.

    Attributes
    ----------
    one, after : float
        Of one resample, and of what comes before the first and after the last.
    n_trials, most : int
        How many there were, and how many may enter an ensemble.
    """

    one: float = 0.0
    after: float = 0.0
    n_trials: int = 1
    most: int = 1

    @classmethod
    def of(cls, prepared: Callable[[], Selection], seed: int) -> "ResamplePace":
        """That of a selection, which is prepared and made some times."""
        times: list[float] = []
        began = time.monotonic()
        selection = prepared()
        select_and_score(selection, seed, _TIMED, times=times)
        taken = sum(times) / _TIMED
        after = max(0.0, time.monotonic() - began - sum(times))
        return cls(taken, after, len(selection.losses), CANDIDATES * selection.keep)

    def with_trials(self, n_trials: int) -> "ResamplePace":
        """The same with other trials; a resample takes longer only by those that may enter."""
        grown = (_ALONE + min(n_trials, self.most)) / (_ALONE + min(self.n_trials, self.most))
        one, after = self.one * max(1.0, grown), self.after * max(1.0, n_trials / self.n_trials)
        return ResamplePace(one, after, n_trials, self.most)

    def seconds(self, resamples: int) -> float:
        """So many resamples, and what follows them."""
        return resamples * self.one + self.after
