"""The checkpoint of a whole fit: all its training runs in one file, from which it resumes.

A fit trains its networks in one race after another, such as the folds of a cross-validation and
then the networks on all rows. The file has a description of the fit in words and hashes, and of
each race every network: waiting, running with its standing, or done with its result. Networks do
not influence each other but through numbers that each of them computes again, so that the standings
need not be of the same moment. Encoders and rows are not stored: they follow from the table, for
which its hash vouches.
"""

import os
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from threading import Lock
from typing import Any

from thalweg.errors import CheckpointError, CheckpointWarning, ModelFileError, outer_level
from thalweg.network.engine import Engine, choose
from thalweg.sealed_container import seal
from thalweg.training.callbacks import Callback
from thalweg.training.checkpoint import (
    Arrays,
    Checkpoint,
    differences,
    refusal,
    require_words,
    surroundings,
)
from thalweg.training.descent_inputs import Member
from thalweg.training.keeping.race_keeper import RaceKeeper, fingerprint
from thalweg.training.keeping.run_parts import MOST_SECONDS, RunPart, require_part
from thalweg.training.keeping.two_generations import FoundFile, TwoGenerations
from thalweg.wording import counted

FORMAT = 1
KIND = "fit-checkpoint"
_KEYS = {"format", "kind", "thalweg", "fit", "surroundings", "seed", "is_finished", "races"}
_RACE_KEYS = {"title", "limit", "seconds", "networks"}
_SEED_LIMIT = 2**64


@dataclass
class KeptRace:
    """One race of a fit, as the file has it.

    Attributes
    ----------
    title : str
    limit : float or None
        The seconds that each of its networks may take, as they were at its first start.
    seconds : float
        How long it has taken.
    prints : list of str
        A hash of what defines each network.
    parts : list of RunPart or None
        None for a network that waits.
    """

    title: str
    limit: float | None
    seconds: float
    prints: list[str]
    parts: list[RunPart | None] = field(default_factory=list)


class FitKeeper:
    """Resumes a fit from its checkpoint, and writes its state there.

    Parameters
    ----------
    checkpoint : Checkpoint
    clock : callable
        A clock in seconds, with any zero.

    Attributes
    ----------
    seed : int or None
        The seed of the fit in the file; None if there is no file.

    Raises
    ------
    CheckpointError
        The file is damaged, as is the one before it; or it is no checkpoint of a fit; or another
        process uses it.
    OutputError
        The file cannot be written.
    """

    def __init__(self, checkpoint: Checkpoint, clock: Callable[[], float] = time.monotonic) -> None:
        self.checkpoint, self.clock = checkpoint, clock
        self.file = TwoGenerations(checkpoint.path, require_fit_form)
        self.is_unfinished = False
        self._lock = Lock()
        self._words: dict[str, str] = {}
        self._races: list[KeptRace] = []
        self._begun: list[tuple[KeptRace, float]] = []
        self._said = clock()
        try:
            self._found = self.file.read()
        except BaseException:
            self.file.lock.release()
            raise
        self.seed: int | None = None if self._found is None else self._found.header["seed"]

    def begin(self, words: dict[str, str], seed: int) -> None:
        """Go on with the fit in the file if it is this one, or write the first file.

        Parameters
        ----------
        words : dict of str to str
            Everything that defines the fit, in words and hashes.
        seed : int

        Raises
        ------
        CheckpointError
            The file is of another fit; it is left as it is.

        Warns
        -----
        CheckpointWarning
            The newest file is damaged, and this is the one before; or the ``surroundings`` differ.
        """
        self._words, self.seed = words, seed
        found, path = self._found, self.file.path
        if found is None:
            self.write()
            return
        header = found.header
        begun = {"thalweg": header["thalweg"], **header["fit"]}
        if different := differences(begun, {"thalweg": version("thalweg"), **words}):
            why = f"It differs in {len(different)}: {'; '.join(different)}"
            raise refusal(path, "is one of another fit", why)
        self._races = _races_of(found)
        self._found = None
        _warn(self.file, found)

    def race(
        self,
        title: str,
        members: Sequence[Member],
        callbacks: Sequence[Sequence[Callback]],
        limit: float | None,
        engine: Engine | None = None,
    ) -> RaceKeeper:
        """The next race of the fit, with what the file has of it.

        Parameters
        ----------
        title : str
        members : sequence of Member
        callbacks : sequence of sequence of Callback
            Those of each member; what the ``Resumable`` ones know is stored, too.
        limit : float or None
            The seconds that each may take.
        engine : Engine, optional

        Raises
        ------
        CheckpointError
            The race in the file is another one; the file is left as it is.
        """
        engine, number = engine or choose(), len(self._begun)
        prints = [fingerprint(each, engine) for each in members]
        if number < len(self._races):
            race = self._races[number]
            if (race.title, race.prints) != (title, prints):
                why = f'Its networks of "{race.title}" are not those of "{title}" of this fit'
                raise refusal(self.file.path, "is one of another fit", why)
        else:
            race = KeptRace(title, limit, 0.0, prints, [None] * len(members))
            self._races.append(race)
        self._begun.append((race, race.seconds))
        try:
            return RaceKeeper(self, race, members, callbacks, engine)
        except ValueError as bad:
            raise refusal(self.file.path, "contradicts itself", str(bad)) from bad

    def seconds_before(self) -> float:
        """How long the races so far took in earlier processes."""
        return sum(seconds for _, seconds in self._begun)

    def is_due(self) -> bool:
        """Whether it is time to write; then it is so for one who asks."""
        now = self.clock()
        if now - self._said < self.checkpoint.every_seconds:
            return False
        self._said = now
        return True

    def write(self, *, is_finished: bool = False) -> None:
        """Write the file."""
        with self._lock:
            header, arrays = self._packed()
            header["is_finished"] = is_finished
            self.file.write(seal(header, arrays))
            self._said = self.clock()

    def finish(self) -> None:
        """The fit is finished: remove the file, or keep it as finished; unless Ctrl-C ended it."""
        if self.is_unfinished:
            return
        if self.checkpoint.keep:
            self.write(is_finished=True)
        else:
            self.file.remove()

    def release(self) -> None:
        """Let another fit use the file."""
        self.file.lock.release()

    def _packed(self) -> tuple[dict[str, Any], Arrays]:
        arrays: Arrays = {}
        races = []
        for i, race in enumerate(self._races):
            networks = []
            for k, (run, part) in enumerate(zip(race.prints, race.parts, strict=True)):
                networks.append({"run": run, "part": None if part is None else part.words})
                if part is not None:
                    arrays |= {f"{i}/{k}/{name}": each for name, each in part.arrays.items()}
            races.append({
                "title": race.title, "limit": race.limit, "seconds": race.seconds,
                "networks": networks,
            })  # fmt: skip
        header = {
            "format": FORMAT, "kind": KIND, "thalweg": version("thalweg"), "fit": self._words,
            "surroundings": surroundings(), "seed": self.seed, "races": races,
        }  # fmt: skip
        return header, arrays


def progress_in_words(path: str | os.PathLike[str]) -> str:
    """What is done of the fit in a file, such as "3 of 5 networks are trained".

    "" if there is no file, or if it cannot be read, for which `FitKeeper` has the words.
    """
    try:
        found = TwoGenerations.found(path, require_fit_form)
    except (OSError, CheckpointError, ModelFileError):
        return ""
    if found is None:
        return ""
    if found.header["is_finished"]:
        return "the fit is finished"
    races = _races_of(found)
    if not races:
        return "the fit has not begun to train"
    parts = races[-1].parts
    done, running = (
        sum(part is not None and part.is_done is is_done for part in parts)
        for is_done in (True, False)
    )
    title = f"{races[-1].title}: " if len(races) > 1 else ""
    under_way = f", and {running} begun" if running else ""
    return f"{title}{done} of {counted(len(parts), 'network')} trained{under_way}"


def remove_finished(path: str | os.PathLike[str]) -> None:
    """Remove the checkpoint of a fit that is finished; any other file stays."""
    if not os.path.exists(path):
        return
    file = TwoGenerations(path, require_fit_form)
    try:
        found = file.read()
        if found is not None and found.header["is_finished"]:
            file.remove()
    finally:
        file.lock.release()


def require_fit_form(header: dict[str, Any], arrays: Arrays) -> None:
    """Raise a ValueError unless a file has the header and the arrays of a checkpoint of a fit."""
    if header.get("kind") != KIND:
        raise ValueError(f"It is a file of another kind: {str(header.get('kind'))[:40]}")
    if header.get("format") != FORMAT:
        raise ValueError(
            f"It has format {str(header.get('format'))[:20]}, and format {FORMAT} is known here; "
            f"thalweg {str(header.get('thalweg'))[:30]} wrote it"
        )
    if set(header) != _KEYS:
        raise ValueError("Its header lacks, or should not have, some keys")
    require_words(header, "fit", "surroundings")
    seed = header["seed"]
    if type(seed) is not int or not 0 <= seed < _SEED_LIMIT:
        raise ValueError("Its seed is not a whole number from 0 on")
    if type(header["is_finished"]) is not bool or type(header["races"]) is not list:
        raise ValueError("It does not say what is done")
    known = set()
    for i, race in enumerate(header["races"]):
        _require_race(race)
        known |= {f"{i}/{k}" for k, each in enumerate(race["networks"]) if each["part"]}
    names = [name.split("/", 2) for name in arrays]
    if not all(len(each) == 3 and "/".join(each[:2]) in known for each in names):
        raise ValueError("It has arrays of networks that it does not have")


def _require_race(race: Any) -> None:
    if type(race) is not dict or set(race) != _RACE_KEYS or type(race["title"]) is not str:
        raise ValueError("What it says of a race is not complete")
    for name in ("limit", "seconds"):
        value = race[name]
        if name == "limit" and value is None:
            continue
        if type(value) not in (int, float) or not 0 <= value < MOST_SECONDS:
            raise ValueError(f"The {name} of a race is not a number from 0 on")
    if type(race["networks"]) is not list:
        raise ValueError("It does not list the networks of a race")
    for network in race["networks"]:
        if type(network) is not dict or set(network) != {"run", "part"}:
            raise ValueError("What it says of a network is not complete")
        if type(network["run"]) is not str:
            raise ValueError("A network is not described")
        if network["part"] is not None:
            require_part(network["part"])


def _races_of(found: FoundFile) -> list[KeptRace]:
    """The races in a file."""
    arrays: dict[str, Arrays] = {}
    for name, array in found.arrays.items():
        race_number, number, own = name.split("/", 2)
        arrays.setdefault(f"{race_number}/{number}", {})[own] = array
    races = []
    for i, race in enumerate(found.header["races"]):
        parts = [
            None if each["part"] is None else RunPart(each["part"], arrays.get(f"{i}/{k}", {}))
            for k, each in enumerate(race["networks"])
        ]
        prints = [each["run"] for each in race["networks"]]
        races.append(KeptRace(race["title"], race["limit"], race["seconds"], prints, parts))
    return races


def _warn(file: TwoGenerations, found: FoundFile) -> None:
    """Warn of a damaged newest file, and of another machine."""
    if found.damage:
        warnings.warn(
            f"The checkpoint {file.path} is damaged ({found.damage}). The fit goes on from the one "
            f"before it, {file.before.name}; the result is the same. Fix: none is needed, but see "
            "whether the disk is sound.",
            CheckpointWarning,
            stacklevel=outer_level(),
        )
    if elsewhere := differences(found.header["surroundings"], surroundings()):
        warnings.warn(
            f"The checkpoint {file.path} was written elsewhere: {'; '.join(elsewhere)}. The fit "
            "goes on from it, but sums may be rounded differently here, so the result may differ "
            "in its last bits from a fit without a stop. Fix: go on where the fit was started, if "
            "the last digits matter.",
            CheckpointWarning,
            stacklevel=outer_level(),
        )
