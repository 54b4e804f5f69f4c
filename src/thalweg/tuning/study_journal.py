"""A search as a standard study of Optuna: in memory, or in a journal file that survives a kill.

Only `create_study`, `ask`, `tell`, user attributes, constraints and the journal storage of Optuna
are used. Each trial has a *place* in the search, which is its number unless a process was killed
while it asked. The sampler of an ask is seeded by (seed, place), so a search that goes on in
another process asks what the first one would have asked.
"""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from thalweg.counter_based_random import generator, seed_from
from thalweg.errors import OutputError, SettingsError, ThalwegWarning, outer_level
from thalweg.tuning.search_spaces import Choice, Space, Values
from thalweg.wording import counted, shown

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

try:
    import fcntl
except ImportError:  # Windows
    _CAN_LOCK = False
else:
    _CAN_LOCK = True

NAME = "thalweg"
OWN = "thalweg"  # the user attribute of the study and of its trials
# How a line of a journal of Optuna begins.
_BEGINS = b'{"op_code"'
# After so many seconds the lock of a killed process is broken; a write holds it for milliseconds.
_GRACE = 5
# How often a trial whose process ended is run again before it counts as diverged: it may be what
# ended the process, by its memory. The default is always run.
MOST_ATTEMPTS = 10
# How often other values are asked for, where the sampler gives some that were tried.
MOST_ASKED = 50

Facts: TypeAlias = dict[str, Any]


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


class Asked(NamedTuple):
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

    def __post_init__(self) -> None:
        self._distributions = _distributions(self.space)

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

    def begin(self, facts: Facts) -> None:
        """Write down what this search is of, or go on with one that is of the same.

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
        changed = [name for name in {**known, **facts} if known.get(name) != facts.get(name)]
        if changed:
            said = (_difference(name, known.get(name), facts.get(name)) for name in changed)
            raise _other(self.path, "; ".join(said))
        self._take_over()

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

    def ask(self, place: int, values: Values | None = None) -> Asked | None:
        """The trial of a place, with the values given or those of the sampler.

        None if the sampler gives only values that were tried before.
        """
        tried = {_key(each.values) for each in self.records()}
        for attempt in range(MOST_ASKED):
            self.study.sampler = self._sampler_for(place, attempt, values)
            with _quiet():
                trial = self.study.ask(self._distributions)
            found = dict(trial.params)
            if values is None and _key(found) in tried:
                self._fail(trial.number)
                continue
            trial.set_user_attr(OWN, {"place": place, "attempts": 1, "process": os.getpid()})
            return Asked(place, trial.number, found)
        return None

    def tell(self, number: int, loss: float | None, facts: Facts, limits: Facts) -> None:
        """Say what a trial gave; without a loss it diverged."""
        from optuna.trial import Trial, TrialState

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
            return _fixed_sampler(values, self._distributions)
        if not isinstance(self.sampler, str):
            return self.sampler if not attempt else RandomSampler(seed=seed)
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
            folder = _folder_of(Path(path))
            done.enter_context(_alone(folder, path))
            storage = _journal(os.fspath(path))
        study = optuna.create_study(
            storage=storage, study_name=NAME, direction="minimize", load_if_exists=True
        )
        known = study.user_attrs.get(OWN)
        if known is None and study.get_trials(deepcopy=False):
            raise _other(os.fspath(path or ""), "it has trials that thalweg did not ask for")
        if seed is None:
            seed = seed_from(None) if known is None else known["seed"]
        yield SearchStudy(study, space, seed, sampler, folder, os.fspath(path or ""))


def cut_torn_tail(path: str | os.PathLike[str]) -> int:
    """Remove what a killed process or a full disk left of a last line; the number of bytes.

    Raises
    ------
    SettingsError
        If the file is no journal of Optuna, or is damaged before its end.
    """
    with open(path, "rb") as file:
        data = file.read()
    lines = data.split(b"\n")
    sound = data.startswith(_BEGINS[: len(data)]) and (len(lines) > 1 or len(data) < 2**16)
    if data and not sound:
        raise SettingsError(
            "The file is no study",
            where=os.fspath(path),
            why="A study is a journal of Optuna, and this file begins otherwise",
            fix="name another file for the study; a new one is made",
        )
    kept = data[: data.rfind(b"\n") + 1]
    for number, line in enumerate(kept.split(b"\n")[:-1], 1):
        try:
            json.loads(line)
        except ValueError:
            raise SettingsError(
                f"The study is damaged in line {number:,}",
                where=os.fspath(path),
                why="Another program appended to an incomplete line",
                fix=f"keep a copy, and remove line {number:,} and all lines after it",
            ) from None
    torn = len(data) - len(kept)
    if torn:
        with open(path, "rb+") as file:
            file.truncate(len(kept))
            os.fsync(file.fileno())
    return torn


def _journal(path: str) -> "optuna.storages.BaseStorage":
    """The storage of a journal, whose torn tail is cut off under its lock."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    lock = JournalFileOpenLock(path, grace_period=_GRACE)  # symbolic links need rights on Windows
    if os.path.exists(path):
        lock.acquire()
        try:
            torn = cut_torn_tail(path)
        finally:
            lock.release()
        if torn:
            warnings.warn(
                f"The last line of the study {path} was incomplete: {counted(torn, 'byte')} of it "
                "were removed. What the line said is done again.",
                ThalwegWarning,
                stacklevel=outer_level(),
            )
    return JournalStorage(JournalFileBackend(path, lock_obj=lock))


def _folder_of(path: Path) -> Path:
    """The folder of the predictions and networks of a study."""
    folder = path.with_name(path.name + ".trials")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(
            "The study cannot be written", where=str(path), why=str(error),
            fix="name a file in a folder that exists and can be written to",
        ) from error  # fmt: skip
    return folder


@contextmanager
def _alone(folder: Path, path: str | os.PathLike[str]) -> Iterator[None]:
    """Keep other processes from the study; the system ends this when the process ends."""
    with ExitStack() as done:
        handle = os.open(folder / "in-use", os.O_RDWR | os.O_CREAT, 0o666)
        done.callback(os.close, handle)
        try:
            _lock(handle)
        except OSError as error:
            if isinstance(error, BlockingIOError | PermissionError):
                raise SettingsError(
                    "Another process works on the study",
                    where=os.fspath(path),
                    fix="wait until it has ended, or name another file",
                ) from None
        yield


def _lock(handle: int) -> None:
    if _CAN_LOCK:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:  # pragma: no cover
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]


def _difference(name: str, before: Any, now: Any) -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
        parts = [_difference(f"{name} {key}", before.get(key), now.get(key)) for key in keys]
        return "; ".join(parts)
    return f"{name} was {shown(before)} and is {shown(now)}"


def _other(path: str, why: str) -> SettingsError:
    return SettingsError(
        "The study is of another search",
        where=path,
        why=why,
        fix="name another file for this search, or search as before",
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


def _distributions(space: Space) -> "dict[str, BaseDistribution]":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    found: dict[str, BaseDistribution] = {}
    for name, each in space.dimensions.items():
        if isinstance(each, Choice):
            found[name] = CategoricalDistribution(list(each.stored))
        elif each.whole:
            step = int(each.step or 1)
            found[name] = IntDistribution(int(each.low), int(each.high), log=each.log, step=step)
        else:
            found[name] = FloatDistribution(each.low, each.high, log=each.log, step=each.step)
    return found


def _fixed_sampler(values: Values, space: "dict[str, BaseDistribution]") -> "BaseSampler":
    """A sampler that gives these values."""
    from optuna.samplers import BaseSampler

    class Fixed(BaseSampler):
        def infer_relative_search_space(
            self, study: Any, trial: Any
        ) -> "dict[str, BaseDistribution]":
            del study, trial
            return space

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            del study, trial, search_space
            return dict(values)

        def sample_independent(self, study: Any, trial: Any, name: str, distribution: Any) -> Any:
            raise AssertionError(f"{name} has a value outside of its distribution")

    return Fixed()


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
