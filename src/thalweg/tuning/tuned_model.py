"""``Tuned``: the result of a search, with its model, its trials and what tuning was worth."""

import html
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import clone

from thalweg.endings import PAGE, check_ending
from thalweg.estimators.parameters.parameter import Setting
from thalweg.estimators.parameters.resolved_parameters import COLUMNS, fit_settings
from thalweg.files import write_atomic
from thalweg.reporting.tuning.search_page import search_html
from thalweg.reporting.tuning.shown_search import ShownSearch, name_of
from thalweg.tuning.honest_score import HonestScore
from thalweg.tuning.running.search_bounds import Bounds
from thalweg.tuning.search_spaces import Space
from thalweg.tuning.shares.search_as_shown import own_value, shares_of_trials, shown_search
from thalweg.tuning.shares.setting_shares import SettingShares
from thalweg.tuning.trial_fits import Model
from thalweg.tuning.unseen_score import UnseenScore
from thalweg.wording import (
    Spelling,
    amount,
    counted,
    even,
    in_python,
    parameter,
    shown,
    spelled,
)

# Parameters that say what the columns and classes of a table are, and not how a network learns.
_OF_TABLE = {*COLUMNS, "positive"}
_ENDED = {
    "trials": "",
    "time": "The time limit ended the search.",
    "interrupt": "The search was interrupted.",
    "space": "All settings of the space that the sampler gives were tried.",
}


def _plain(value: object) -> str:
    return amount(value) if isinstance(value, float) else str(value)


@dataclass(frozen=True, eq=False)
class Tuned:
    """The result of `tune`.

    Attributes
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
        The estimator that was tuned, unfitted; its ``random_state`` is the seed of the fits.
    model : ThalwegClassifier or ThalwegRegressor
        Fitted on all rows. It is an ordinary model: it predicts, explains itself and is saved like
        any other.
    chosen : {"default", "tuned"}
        Which of the two it is: the estimator as it was given, or the ensemble of trials.
    honest : HonestScore
        The loss of the tuned model and of the default on rows that chose nothing, and their
        difference with its 95 % interval.
    slots : tuple of int
        The trials in the ensemble, also if the model is the default; a trial that is there twice
        counts twice.
    trials : DataFrame
        A row for each trial: ``number``, ``state``, ``loss`` (out-of-fold), ``seconds``, ``weight``
        in the ensemble, and its parameters. Trial 0 is the default; of its parameters the table
        has the nearest values in the space.
    best_params : dict
        The parameters that the best trial changed; empty if that is the default.
    seed : int
        The same search again is ``random_state=seed``.
    times_default : float
        The multiplications that the model needs to predict a row over those that the default needs,
        encoders aside: n_in · n_out of each layer, summed over all networks.
    seconds : float
    ended_by : {"trials", "time", "interrupt", "space"}
    unseen : UnseenScore or None
        The tuned model and the default on test rows, if there were some.
    space : Space
    bounds : Bounds
        What the search and its model were allowed.
    n_before : int
        The trials that the study had before; 0 for a new search.
    """

    estimator: Model
    model: Model
    chosen: Literal["default", "tuned"]
    honest: HonestScore
    slots: tuple[int, ...]
    trials: pd.DataFrame
    best_params: dict[str, Setting]
    seed: int
    times_default: float
    seconds: float
    ended_by: str
    unseen: UnseenScore | None = None
    space: Space = field(kw_only=True)
    bounds: Bounds = field(kw_only=True)
    n_before: int = field(default=0, kw_only=True)

    @property
    def is_default_alone(self) -> bool:
        """Whether the ensemble is the default, so that there is no tuned model."""
        return self.slots == (0,)

    def best_estimator(self) -> Model:
        """An unfitted estimator with the parameters of the best trial."""
        found: Model = clone(self.estimator).set_params(**self.best_params)
        return found

    def lines(self, spelling: Spelling = in_python) -> list[str]:
        """The result in sentences; ``spelling`` is how settings are called where it is read."""
        honest = self.honest
        best = int(self.trials.loss.argmin())
        done = counted(len(self.trials), "trial")
        alone = self.is_default_alone
        said = [self._finding_sentence(done)]
        if self.chosen == "tuned":
            said.append(
                f"The model is the tuned one: {self._slots_text()}. A prediction takes about "
                f"{self._times_text()}."
            )
        elif not alone:
            said.append("The model is the default.")
        if self.unseen is not None:
            said.append(self.unseen.of_default() if alone else self.unseen.sentence())
        number = int(self.trials.number.iloc[best])
        said.append(f"{done} in {self.seconds:.0f} s; {self._lost()}{self._best_in_words(best)}")
        if honest.second_name and np.isfinite(honest.default_second):
            said.append(self._second_sentence())
        # As a call or a command takes them, because they are copied.
        together = (", " if spelling is in_python else " ").join
        if number:
            said.append(f"The best trial has {together(self._settings(self.trials.iloc[best]))}.")
        elif (other := self._best_other()) is not None:
            words = together(self._settings(other))
            loss = amount(other.loss)
            said.append(f"Of the others trial {other.number} is the best, with {loss}: {words}.")
        if given := self._given():
            said.append(f"The default is trial 0, with the settings given: {together(given)}.")
        said += filter(None, (self._none_added(), self._end_in_words(), honest.sentence_of_cut()))
        return [spelled(each, spelling) for each in said]

    def _none_added(self) -> str:
        """That a study was resumed and has no new trial; "" if it has some, or is new."""
        n, asked = len(self.trials), self.bounds.n_trials
        if asked is not None and n > asked:
            said = f"The study already had {n} trials, more than the {asked} that were asked for."
        elif n > self.n_before:
            return ""
        elif n == asked:
            said = f"The study already had the {counted(n, 'trial')} that were asked for."
        else:
            return f"No trial was added to the {counted(n, 'trial')} that the study already had."
        more = parameter("n_trials", n + 10)
        return f"{said} All of them count, and none was added; {more} adds 10."

    def _end_in_words(self) -> str:
        """What ended the search; "" if all trials are done."""
        limit = self.bounds.time_limit
        if self.ended_by == "time" and limit is not None and len(self.trials) == 1:
            return (
                f"Trial 0, the default, took {amount(self.trials.seconds.iloc[0], 2)} of "
                f"{amount(limit, 2)} s, and is always finished: no other trial had time to begin."
            )
        return _ENDED[self.ended_by]

    @cached_property
    def shares(self) -> SettingShares | None:
        """Which settings mattered among the trials; None if there are too few."""
        return shares_of_trials(self.trials, self.space, self.seed)

    def shown(self, name: str = "") -> ShownSearch:
        """The search as its page shows it; ``name`` is that of the table."""
        alone = self.is_default_alone
        finding = "The search selects the default alone" if alone else self.honest.finding()
        of_table = f" of {name}" if name else ""
        about = (
            f"{counted(len(self.trials), 'trial')} of the space {self.space.name!r}, on "
            f"{counted(self.honest.n_rows, 'different row')}{of_table}, in {self.seconds:,.0f} s; "
            f"seed {self.seed}."
        )
        words = finding, about, self.lines()
        return shown_search(self.trials, self.space, self.bounds, self.honest, self.shares, words)

    def page(self, name: str = "") -> str:
        """The page of the search, as `report` saves it."""
        return search_html(self.shown(name))

    def report(self, path: str | PathLike[str], *, name: str = "", overwrite: bool = False) -> None:
        """Save the page of the search: one HTML file that works offline.

        It shows what the search was worth, its trials in their order, which settings mattered among
        them, and the losses over these. It has no row of the table. The report of the model is
        ``found.model.report(path, X, y)``.

        Parameters
        ----------
        path : str or path
            Its ending is ``.html``, or none.
        name : str, optional
            Of the table.
        overwrite : bool, default False

        Raises
        ------
        SettingsError, OutputError
            For another ending, and for a file that cannot be written.
        """
        check_ending(path, "A report", PAGE)
        write_atomic(path, self.page(name).encode(), overwrite=overwrite)

    def _repr_html_(self) -> str:
        """The page in a frame for a notebook; without frames, the sentences are left."""
        page = html.escape(self.page(), quote=True)
        said = "".join(f"<p>{html.escape(each)}</p>" for each in self.lines())
        return (
            f'<iframe title="The page of the search" sandbox="" srcdoc="{page}" width="100%" '
            f'height="900" style="border:0"></iframe><details><summary>As text</summary>{said}'
            "</details>"
        )

    def _given(self) -> list[str]:
        """The settings of trial 0 that the estimators do not have by themselves."""
        usual = fit_settings(type(self.estimator)().get_params())
        own = fit_settings(self.estimator.get_params())
        return [
            parameter(name, value)
            for name, value in own.items()
            if name not in _OF_TABLE and shown(value) != shown(usual.get(name))
        ]

    def _best_other(self) -> pd.Series | None:
        """The best trial besides the default; None if no other has a loss."""
        found = self.trials["loss"].to_numpy(dtype=float, na_value=np.nan)[1:]
        if not np.isfinite(found).any():
            return None
        return self.trials.iloc[1 + int(np.nanargmin(found))]

    def _settings(self, trial: pd.Series) -> list[str]:
        """The settings of a trial that the space changes, as parameters of the estimator.

        Those of the article have the names of its pictures: who reads them learns what they do.
        """
        if self.space.name == "article":
            named = [f"{name_of(name)} {_plain(trial[name])}" for name in self.space.dimensions]
            return [", ".join(named)]
        values = {
            name: own_value(each, trial[name]) for name, each in self.space.dimensions.items()
        }
        settings = self.estimator.get_params(deep=False)
        changed = self.space.changes(settings, values)
        return [
            parameter(name, value)
            for name, value in changed.items()
            if name not in self.space.fixed
        ]

    def _finding_sentence(self, done: str = "") -> str:
        if not self.is_default_alone:
            return self.honest.sentence()
        said = f"The search selects the default alone{done and f', of {done}'}."
        return f"{said} {self.honest.sentence_of_default()}"

    def _times_text(self) -> str:
        times = amount(self.times_default, 2)
        if times == "1":
            return "as many multiplications as the default's"
        return f"{times} times the multiplications of the default's"

    def _lost(self) -> str:
        """How many trials have no loss, and why; "" if all have one."""
        lost = Counter(self.trials.state[self.trials.loss.isna()])
        if not lost:
            return ""
        each = " and ".join(f"{n} {state}" for state, n in sorted(lost.items()))
        return f"{each}, without a loss; "

    def _best_in_words(self, best: int) -> str:
        """The best trial beside the default; of one trial nothing was chosen."""
        number, loss = int(self.trials.number.iloc[best]), self.trials.loss
        lowest, default = even((float(loss.iloc[best]), float(loss.iloc[0])))
        name = f"out-of-fold {self.honest.loss_name}"
        if loss.notna().sum() == 1:
            which = "it is the default, with" if len(loss) == 1 else "the default alone has a loss,"
            return f"{which} an {name} of {default}."
        which, beside = f"trial {number}", f" (the default's is {default})"
        if number == 0:
            which, beside = "the default", ""
        return (
            f"the best is {which} with an {name} of {lowest}{beside}, on the rows that chose it, "
            "which is too good."
        )

    def _second_sentence(self) -> str:
        """The second measure, of what there is: no tuned model beside a default alone."""
        honest = self.honest
        mine, default, best = even((honest.second, honest.default_second, honest.best_trial_second))
        tuned = f"{mine} of the tuned model and "
        said = f"{honest.second_name}: {'' if self.is_default_alone else tuned}"
        said += f"{default} of the default on rows that chose nothing"
        if self.trials.loss.notna().sum() > 1:
            said += f"; the highest of a trial is {best}"
        return f"{said}."

    def _slots_text(self) -> str:
        # A trial that is there twice has its networks twice.
        n_networks = len(self.model.members_) * len(set(self.slots)) // len(self.slots)
        counts = Counter(self.slots)
        several = "trials" if len(counts) > 1 else "trial"
        each = (f"{trial} (counts {n} times)" if n > 1 < len(counts) else str(trial)
                for trial, n in counts.items())  # fmt: skip
        return f"{counted(n_networks, 'network')} of {several} {', '.join(each)}"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """Everything but the model as plain data for JSON."""
        frame = self.trials.astype(object).where(self.trials.notna(), None)
        return {
            "chosen": self.chosen,
            "honest": {**self.honest.as_dict(), "sentence": self._finding_sentence()},
            "slots": list(self.slots),
            "best_params": {
                name: list(each) if isinstance(each, tuple) else each
                for name, each in self.best_params.items()
            },
            "unseen": None if self.unseen is None else self.unseen.as_dict(),
            "seed": self.seed,
            "times_default": round(self.times_default, 3),
            "seconds": round(self.seconds, 3),
            "ended_by": self.ended_by,
            "trials": frame.to_dict("records"),
        }
