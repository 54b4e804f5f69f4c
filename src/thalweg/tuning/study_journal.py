"""A search as a standard study of Optuna: in memory, or in a journal file that survives a kill.

Only `create_study`, `ask`, `tell`, user attributes, constraints and the journal storage of Optuna
are used. Each trial has a *place* in the search, which is its number unless a process was killed
while it asked. The sampler of an ask is seeded by (seed, place), so a search that goes on in
another process asks what the first one would have asked.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from thalweg.counter_based_random import generator, seed_from
from thalweg.errors import SettingsError
from thalweg.tuning.journal_file import held_alone, journal_storage
from thalweg.tuning.running.asked_sampler import require_storable
from thalweg.tuning.running.optuna_space import distributions, fixed_sampler
from thalweg.tuning.running.study_differences import Facts, other_search, require_same
from thalweg.tuning.search_spaces import Space, Values
from thalweg.tuning.studies.journal_lines import NAME, OWN
from thalweg.tuning.studies.own_files import own_files
from thalweg.wording import shown

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

# How often a trial whose process ended is run again before it counts as diverged: it may be what
# ended the process, by its memory. The default is always run.
MOST_ATTEMPTS = 10
# How often other values are asked for, where the sampler gives some that were tried.
MOST_ASKED = 50


class Record(NamedTuple):
    """One trial of a study.

    Attributes
    ----------
    place : int
        Its number in the search.
    number : int
        Its number in the study.
    state : {"running", "complete", "diverged", "failed"}
    values : dict
    loss : float or None
    facts : dict
        What else the search keeps of it, such as ``seconds``.
    """

    place: int
    number: int
    state: str
    values: Values
    loss: float | None
    facts: Facts


class AskedTrial(NamedTuple):
    """A trial to be run."""

    place: int
    number: int
    values: Values


@dataclass(eq=False)
class SearchStudy:
    """A study, asked and told in one place only.

    Attributes
    ----------
    study : optuna.Study
    space : Space
    seed : int
    sampler : str or optuna sampler
        A sampler that a person gives has its own seed.
    folder : Path or None
        Where predictions and networks of trials are; None in memory.
    path : str
        Of the journal; "" in memory.
    """

    study: "optuna.Study"
    space: Space
    seed: int
    sampler: "str | BaseSampler"
    folder: Path | None = None
    path: str = ""
    _distributions: "dict[str, BaseDistribution]" = field(default_factory=dict)
    _asked_by: "dict[int, BaseSampler]" = field(default_factory=dict)
    _stopped: bool = False

    def __post_init__(self) -> None:
        self._distributions = distributions(self.space)
        # A sampler that has nothing left says so here, where Optuna knows only its own loop.
        self.study.stop = self._stop  # type: ignore[method-assign]

    def _is_exhausted(self) -> bool:
        """Whether all values of a grid were tried."""
        exhausted = getattr(self.sampler, "is_exhausted", None)
        return exhausted is not None and bool(exhausted(self.study))

    def _stop(self) -> None:
        self._stopped = True

    def records(self) -> list[Record]:
        """The trials of the search in their order, without those that failed."""
        found: dict[int, Record] = {}
        for trial in self.study.get_trials(deepcopy=False):
            own = trial.user_attrs.get(OWN)
            if isinstance(own, dict) and set(trial.params) == set(self._distributions):
                record = _record(trial, own)
                if record.state != "failed":
                    found[record.place] = record
        return [found[place] for place in sorted(found)]

    def begin(self, facts: Facts, of_trials: Sequence[str] = ()) -> None:
        """Write down what this search is of, or go on with one that is of the same.

        Parameters
        ----------
        facts : dict
        of_trials : sequence of str
            The facts that a complete trial has.

        Raises
        ------
        SettingsError
            If the study is of another search.
        """
        facts = {**facts, "seed": self.seed}
        known = self.study.user_attrs.get(OWN)
        if known is None:
            self.study.set_user_attr(OWN, facts)
            return
        require_same(self.path, known, facts)
        self._require_trials(of_trials)
        self._take_over()

    def _require_trials(self, facts: Sequence[str]) -> None:
        """Raise a SettingsError for a trial of another space, or one that lacks facts."""
        for trial in self.study.get_trials(deepcopy=False):
            own = trial.user_attrs.get(OWN)
            if own is not None and trial.distributions != self._distributions:
                raise other_search(
                    self.path, f"trial {own['place']} has other parameters or ranges"
                )
            lacking = [each for each in facts if each not in (own or {})]
            if trial.state.name == "COMPLETE" and lacking:
                raise SettingsError(
                    f"The study is damaged: trial {trial.number} lacks {', '.join(lacking)}",
                    where=self.path,
                    why="A search writes them before it says that a trial is complete",
                    fix="take a copy of the study from before, or name another file",
                )

    def _take_over(self) -> None:
        """Fail the trials that another process asked for and did not write down completely."""
        from optuna.trial import TrialState

        for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            own = trial.user_attrs.get(OWN)
            if not isinstance(own, dict) or set(trial.params) != set(self._distributions):
                self.study.tell(trial.number, state=TrialState.FAIL)
            elif (attempts := own.get("attempts", 1)) >= MOST_ATTEMPTS and own["place"]:
                self.study.tell(trial.number, state=TrialState.PRUNED)
            else:
                self._note(trial.number, {"attempts": attempts + 1})

    def ask(
        self, place: int, values: Values | None = None, has_default: bool = True
    ) -> AskedTrial | None:
        """The trial of a place, with the values given or those of the sampler.

        None if the sampler gives only values that were tried before, or has nothing left. Without
        ``has_default``, the values of trial 0 are only near to the default, and were not tried.
        """
        tried = {_key(each.values) for each in self.records() if each.place or has_default}
        for attempt in range(MOST_ASKED):
            if values is None and (self._stopped or self._is_exhausted()):
                return None
            sampler = self.study.sampler = self._sampler_for(place, attempt, values)
            trial = self._asked_trial(
                of_person=values is None and not isinstance(self.sampler, str)
            )
            found = dict(trial.params)
            if values is None and _key(found) in tried:
                self._fail(trial.number)
                continue
            self._asked_by[trial.number] = sampler
            trial.set_user_attr(OWN, {"place": place, "attempts": 1, "process": os.getpid()})
            return AskedTrial(place, trial.number, found)
        return None

    def _asked_trial(self, *, of_person: bool) -> "optuna.Trial":
        """A new trial; a SettingsError if a sampler of a person gives what is not in the space."""
        try:
            with _quiet():
                trial = self.study.ask(self._distributions)
            for name, each in self.space.dimensions.items():
                if not each.has(trial.params[name]):
                    self._fail(trial.number)
                    raise ValueError(f"{name} would be {shown(trial.params[name])}")
        except (ValueError, KeyError) as error:
            if not of_person:
                raise
            raise _values_outside(self.sampler, self.space, error) from error
        return trial

    def tell(self, number: int, loss: float | None, facts: Facts, limits: Facts) -> None:
        """Say what a trial gave; without a loss it diverged."""
        from optuna.trial import Trial, TrialState

        # A sampler hears of its own trials: others lack what it noted when it was asked.
        self.study.sampler = self._asked_by.pop(number, None) or fixed_sampler({}, {})
        self._note(number, facts)
        for name, above in limits.items():
            Trial(self.study, self._id(number)).set_constraint(name, above)
        if loss is None:
            self.study.tell(number, state=TrialState.PRUNED)
        else:
            self.study.tell(number, loss)

    def _note(self, number: int, facts: Facts) -> None:
        from optuna.trial import Trial

        trial = Trial(self.study, self._id(number))
        trial.set_user_attr(OWN, {**trial.user_attrs[OWN], **facts})

    def _id(self, number: int) -> int:
        found: int = self.study.get_trials(deepcopy=False)[number]._trial_id
        return found

    def _fail(self, number: int) -> None:
        from optuna.trial import TrialState

        self.study.tell(number, state=TrialState.FAIL)

    def _sampler_for(self, place: int, attempt: int, values: Values | None) -> "BaseSampler":
        from optuna.samplers import RandomSampler, TPESampler

        seed = int(generator(self.seed, "asked trials", place, attempt).integers(2**32))
        if values is not None:
            return fixed_sampler(values, self._distributions)
        if not isinstance(self.sampler, str):
            is_grid = hasattr(self.sampler, "is_exhausted")
            return self.sampler if is_grid or not attempt else RandomSampler(seed=seed)
        if self.sampler == "random" or attempt:
            return RandomSampler(seed=seed)
        return TPESampler(seed=seed)


@contextmanager
def open_study(
    path: str | os.PathLike[str] | None,
    space: Space,
    seed: int | None,
    sampler: "str | BaseSampler",
) -> Iterator[SearchStudy]:
    """Open a study, or make one; a journal is held until the block ends.

    Parameters
    ----------
    path : str, path or None
        Of the journal; None for a study in memory.
    space : Space
    seed : int or None
        None takes that of the study, or draws one.
    sampler : {"tpe", "random"} or optuna sampler

    Raises
    ------
    SettingsError
        If Optuna is not installed, the file is no study, or another process uses it.
    """
    optuna = _optuna()
    with ExitStack() as done:
        done.enter_context(_quiet())
        folder, storage = None, None
        if path is not None:
            require_storable(sampler)
            files = own_files(path)
            done.enter_context(held_alone(files, path))
            folder, storage = files.folder, journal_storage(files.journal)
        study = optuna.create_study(
            storage=storage, study_name=NAME, direction="minimize", load_if_exists=True
        )
        known = study.user_attrs.get(OWN)
        if known is None and study.get_trials(deepcopy=False):
            raise other_search(os.fspath(path or ""), "It has trials that thalweg did not ask for")
        if seed is None:
            seed = seed_from(None) if known is None else known["seed"]
        yield SearchStudy(study, space, seed, sampler, folder, os.fspath(path or ""))


def _values_outside(sampler: Any, space: Space, error: Exception) -> SettingsError:
    said = "; ".join(f"{name}: {each.text()}" for name, each in space.dimensions.items())
    return SettingsError(
        f"The sampler {type(sampler).__name__} gives values that are not in the space",
        where=str(error),
        why=f"The space has {said}",
        fix="give a sampler with values of the space; a list is there under its text, such as "
        "'(4,)'",
    )


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SettingsError(
            "tune needs Optuna, which is not installed",
            fix='install it: pip install "thalweg[tune]"',
        ) from None
    return optuna


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from printing a line for each study."""
    from optuna import logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        yield
    finally:
        with suppress(Exception):
            logging.set_verbosity(before)


def _record(trial: "optuna.trial.FrozenTrial", own: Facts) -> Record:
    from optuna.trial import TrialState

    states = {
        TrialState.COMPLETE: "complete", TrialState.RUNNING: "running",
        TrialState.PRUNED: "diverged",
    }  # fmt: skip
    state = states.get(trial.state, "failed")
    loss = trial.value if state == "complete" else None
    return Record(own["place"], trial.number, state, dict(trial.params), loss, own)


def _key(values: Values) -> str:
    return json.dumps(values, sort_keys=True)
