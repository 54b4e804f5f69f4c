"""What tuning is worth on a table: the result of nested cross-validation, with its sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.comparing.ruling_sentences import beside_another
from thalweg.wording import amount, counted, even

TUNED, ENSEMBLE, DEFAULT = "tuned", "ensemble", "default"


@dataclass(frozen=True, eq=False)
class TuningWorth:
    """Tuning and the default, evaluated on rows that no search has seen.

    Attributes
    ----------
    measure : str
        The loss in words.
    losses : dict of float
        The mean over the folds: "tuned" is what `tune` returns, "default" the estimator as it is,
        "ensemble" what the search selected, also where that was not shown to be better.
    tuned, ensemble : Ruling
        Each compared with the default, over the folds.
    folds : DataFrame
        A row for each search: ``repetition``, ``fold``, ``default``, ``tuned`` and ``ensemble``
        (losses), ``chosen``, ``expected`` (the difference that the search itself expected),
        ``n_trials``, ``n_resamples`` (its selections of trials), ``is_cut`` (whether the time
        limit left too little time for all of them), ``n_train``, ``n_test`` and ``seconds``.
    n_rows : int
        That were evaluated.
    how : str
    seed : int
    """

    measure: str
    losses: dict[str, float]
    tuned: Ruling
    ensemble: Ruling
    folds: pd.DataFrame
    n_rows: int
    how: str
    seed: int

    def sentence(self) -> str:
        """What tuning was worth, in a sentence that also holds where nothing is shown."""
        n = len(self.folds)
        if not (self.folds.chosen == TUNED).any():
            return (
                f"Tuning changed nothing: in all {counted(n, 'fold')}, the search did not show its "
                "ensemble to be better, and returned the default."
            )
        found = replace(self.tuned, subject="the tuned model")
        return beside_another("the default", found, self.n_rows)

    def lines(self) -> list[str]:
        """The result in sentences."""
        folds, losses = self.folds, self.losses
        n, chosen = len(folds), int((folds.chosen == TUNED).sum())
        mine, default = even((losses[TUNED], losses[DEFAULT]))
        means = f"The mean {self.measure} is {default} of the default"
        if chosen:
            means = f"The mean {self.measure} is {mine} of what the searches returned, and "
            means += f"{default} of the default"
        said = [
            self.sentence(),
            f"{self.how}. {means}. {_returned(chosen, n)}; "
            f"{'a search' if n > 1 else 'it'} had {_span(folds.n_trials)}.",
        ]
        if cut := int(folds.is_cut.sum()):
            said.append(
                f"The time limit left {'a search' if cut == 1 else f'{cut} searches'} too little "
                f"time for all selections of trials: {_listed_resamples(folds)}."
            )
        if chosen < n:
            found = _finding(self.ensemble, self.n_rows)
            said.append(f"The ensemble of each search in any case: {found}")
        both = float(folds.expected.mean()), losses[ENSEMBLE] - losses[DEFAULT]
        expected, came = even(both, 3, signed=True)
        said.append(
            f"The searches expected a mean difference of {expected}, of the mean over all their "
            f"selections; on the rows that they did not see, their ensembles have one of {came}."
        )
        return said

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        frame = self.folds.astype(object).where(self.folds.notna(), None)
        return {
            "measure": self.measure,
            "losses": dict(self.losses),
            "tuned": self.tuned.as_dict(),
            "ensemble": self.ensemble.as_dict(),
            "sentence": self.sentence(),
            "n_rows": self.n_rows,
            "how": self.how,
            "seed": self.seed,
            "folds": frame.to_dict("records"),
        }


def _finding(found: Ruling, n_rows: int) -> str:
    if found.difference.at_95.low == found.difference.at_95.high == 0:
        return "it is the default alone."
    said = beside_another("the default", replace(found, subject="the ensemble"), n_rows)
    return said[:1].lower() + said[1:]


def _returned(chosen: int, n: int) -> str:
    if not chosen:
        return "No search returned a tuned model" if n > 1 else "The search returned the default"
    return f"{counted(chosen, 'search', 'searches')} of {n} returned a tuned model"


def _listed_resamples(folds: pd.DataFrame) -> str:
    made = folds.n_resamples[folds.is_cut]
    low, high = int(made.min()), int(made.max())
    span = str(low) if low == high else f"{low} to {high}"
    return f"{'it' if len(made) == 1 else 'they'} made {span}"


def _span(numbers: "pd.Series[Any]") -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return counted(low, "trial") if low == high else f"{low:,} to {high:,} trials"


def announced(
    n_searches: int, time_limit: float | None, n_trials: int | None, of_folds: str = ""
) -> str:
    """What a nested evaluation will take, before it begins."""
    searches = counted(n_searches, "search", "searches")
    if time_limit is None:
        fits = n_searches * (n_trials or 0)
        return (
            f"{searches} of {n_trials:,} trials each{of_folds}: about as long as {fits:,} fits, "
            f"and {counted(n_searches, 'fit')} of the default."
        )
    most = "" if n_trials is None else "at most "
    return (
        f"{searches} of {duration(time_limit)} each{of_folds}: {most}about "
        f"{duration(n_searches * time_limit)}, and {counted(n_searches, 'fit')} of the default."
    )


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, to two digits."""
    if seconds < 120:
        return f"{amount(seconds, 2)} s"
    return f"{amount(seconds / 60, 2)} min" if seconds < 7200 else f"{amount(seconds / 3600, 2)} h"


def mean_losses(folds: pd.DataFrame, names: Sequence[str]) -> dict[str, float]:
    """The mean over the folds, by name."""
    return {name: float(folds[name].mean()) for name in names}
