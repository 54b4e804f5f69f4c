"""Checkpoints: the state of a training run in a file, from which it resumes bit for bit.

The file is a sealed container (``sealed_container``). It describes the run in words and hashes, and
contains its state and its arrays. It has no time of day and no code, and nothing in it is executed.
"""

import hashlib
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import CheckpointError, CheckpointWarning, ModelFileError, SettingsError
from thalweg.files import check_writable, write_atomic
from thalweg.network.engine import State
from thalweg.sealed_container import read_sealed, seal
from thalweg.shell_words import command_of
from thalweg.training.descent_inputs import Course
from thalweg.training.descent_state import Best, Kept, Standing
from thalweg.training.history import History, column

FORMAT = 1
_COLUMNS = ("epoch", "steps", "train_loss", "valid_loss", "rate", "gradient_norm")
_COUNTS = ("epochs", "within", "best_epoch", "ahead")

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often the state of a fit, or of one run of `train`, is saved.

    Attributes
    ----------
    path : str or path
        A file in an existing folder. If the file exists, training resumes from it. The ``fit`` of
        an estimator has a second file beside it, which ends with ``.before``.
    every_seconds : float, default 30
        The shortest time between two writes; a write happens only between slices of steps (0.1 s).
    every_epochs : int, optional
        Also write after every so many epochs; in a ``fit``, of one of its networks.
    keep : bool, default False
        Of a ``fit``, which removes its files at the end: keep them, for example until the model is
        saved. The same fit then ends at once with the same model.

    Examples
    --------
    >>> from thalweg import Checkpoint, ThalwegClassifier, load_table
    >>> table, often = load_table("wisconsin"), Checkpoint("fit.ckpt", every_seconds=5)
    >>> model = ThalwegClassifier(random_state=0, max_iter=3)
    >>> model.fit(table.frame, table.target, checkpoint=often).n_iter_
    3
    """

    path: str | os.PathLike[str]
    every_seconds: float = 30.0
    every_epochs: int | None = None
    keep: bool = False

    def __post_init__(self) -> None:
        if os.fspath(self.path) in ("", "."):
            raise SettingsError(f"checkpoint={self.path!r} names no file", fix="name a file")
        if not self.every_seconds >= 0:
            raise SettingsError(
                f"every_seconds={self.every_seconds} has no meaning", fix="give a number from 0 on"
            )
        if self.every_epochs is not None and self.every_epochs < 1:
            why = f"every_epochs={self.every_epochs} has no meaning"
            raise SettingsError(why, fix="give a whole number from 1 on")


class Keeper:
    """Resumes a run from its checkpoint, and saves its state there.

    Parameters
    ----------
    checkpoint : Checkpoint
    course : Course
    clock : callable
        A clock in seconds, with any zero.

    Raises
    ------
    OutputError
        The file cannot be written; raised at the start of the run.
    """

    def __init__(
        self, checkpoint: Checkpoint, course: Course, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.checkpoint, self.course, self.clock = checkpoint, course, clock
        self.run = run_in_words(course)
        self.kept: tuple[int, int] | None = None
        self.said = clock()
        check_writable(checkpoint.path, overwrite=True)

    def resume(self) -> Standing | None:
        """The state of the run in the file; None if there is no file.

        Raises
        ------
        CheckpointError
            The file is damaged or not a checkpoint; or the data, the network, the settings or the
            version of thalweg differ from those of the run. The file is left as it is.

        Warns
        -----
        CheckpointWarning
            Only the ``surroundings`` have changed.
        """
        path = self.checkpoint.path
        if not os.path.exists(path):
            return None
        try:
            header, arrays = read_sealed(path)
            _require_form(header)
        except ModelFileError as bad:
            raise refusal(path, "cannot be resumed", bad.why or bad.what, unusable(path)) from bad
        except ValueError as bad:
            raise refusal(path, "cannot be resumed", str(bad), unusable(path)) from bad
        begun = {"thalweg": header["thalweg"], **header["run"]}
        if different := differences(begun, {"thalweg": version("thalweg"), **self.run}):
            why = f"It differs in {len(different)}: {'; '.join(different)}"
            raise refusal(path, "is one of another run", why)
        try:
            standing = standing_of(self.course, header["place"], arrays)
        except ValueError as bad:
            raise refusal(path, "contradicts itself", str(bad)) from bad
        if elsewhere := differences(header["surroundings"], surroundings()):
            warnings.warn(
                f"The checkpoint {os.fspath(path)} was written elsewhere: {'; '.join(elsewhere)}. "
                "Training resumes from it, but sums may be rounded differently here, so the result "
                "may differ in its last bits from a run without a stop. Fix: resume where the run "
                "was started, if the last digits matter.",
                CheckpointWarning,
                stacklevel=4,
            )
        self.kept = len(standing.history), standing.within
        return standing

    def epochs_left(self, done: int) -> int:
        """Epochs until the next checkpoint is due."""
        every = self.checkpoint.every_epochs
        return sys.maxsize if every is None else every - done % every

    def keep(self, standing: Standing, *, ended: bool) -> None:
        """Write the file if it is due, and always at the end of training."""
        place = len(standing.history), standing.within
        if place == self.kept:
            return
        every = self.checkpoint.every_epochs
        whole = every is not None and not standing.within and place[0] % every == 0
        if ended or whole or self.clock() - self.said >= self.checkpoint.every_seconds:
            header, arrays = _packed(standing)
            header["run"], header["surroundings"] = self.run, surroundings()
            write_atomic(self.checkpoint.path, seal(header, arrays), overwrite=True)
            self.kept, self.said = place, self.clock()


def run_in_words(course: Course, *, with_data: bool = True) -> dict[str, str]:
    """Everything that defines a run, as words and hashes.

    With the same version of thalweg, two runs with equal descriptions are the same run. If their
    ``surroundings`` are equal too, they give the same bits. Without the data they are also the same
    only if the data are.
    """
    member = course.member
    data = {}
    if with_data:
        data["inputs"], data["targets"] = hashed(member.data.X), hashed(member.data.Y)
        data["sample weights"] = hashed(member.data.weights)
    run = {
        "loss": member.loss,
        "alpha": repr(float(member.alpha)),
        "engine": type(course.engine).__name__,
        "dtype": str(member.theta.dtype),
        "starting point": hashed(member.theta),
        **data,
        "training rows": hashed(course.rows.astype(np.int64)),
        "held-out rows": "none",
    }
    if member.held_out is not None:
        run["held-out rows"] = hashed(member.held_out.astype(np.int64))
    for described in (member.architecture, member.settings):
        for field in fields(described):
            run[field.name.replace("_", " ")] = str(getattr(described, field.name))
    # The time limit decides only when a run is cut, not what happens before.
    del run["time limit"]
    return run


@cache
def surroundings() -> dict[str, str]:
    """What rounding depends on: the numerical libraries, and the SIMD width of the processor."""
    vectors = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    try:
        numba, name = version("numba"), _processor()
    except PackageNotFoundError:
        numba, name = "none", platform.machine()
    return {
        "numpy": version("numpy"),
        "numba": numba,
        "processor": " ".join([name, *vectors]),
    }


def _processor() -> str:
    """The processor type that the compiler detects."""
    from llvmlite import binding

    return str(binding.get_host_cpu_name())


def hashed(array: NDArray[Any]) -> str:
    """The SHA-256 of an array, with its dtype and its shape."""
    digest = hashlib.sha256(f"{array.dtype.str} {array.shape} ".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def differences(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """What differs between two descriptions, each as ``name: old → new``."""
    names = [*old, *(name for name in new if name not in old)]
    return [
        f"{name}: {_short(old.get(name, 'not there'))} → {_short(new.get(name, 'not there'))}"
        for name in names
        if old.get(name) != new.get(name)
    ]


def _short(text: str) -> str:
    """The first digits of a hash; any other value as it is, shortened if very long."""
    if len(text) == 64 and set(text) <= set("0123456789abcdef"):
        return f"{text[:8]}…"
    return text[:100]


def unusable(path: str | os.PathLike[str]) -> str:
    """The fix for a file that no settings can resume."""
    return (
        f"name another file, or remove it ({command_of(['rm', os.fspath(path)])}) and begin again"
    )


def refusal(
    path: str | os.PathLike[str],
    what: str,
    why: str,
    fix: str = "repeat the original settings, or name another file, or delete it to start anew",
) -> CheckpointError:
    """The error that a checkpoint is not used; the file is left as it is."""
    return CheckpointError(
        f"The checkpoint {what}",
        where=os.fspath(path),
        why=why,
        fix=fix,
    )


def _packed(standing: Standing) -> tuple[dict[str, Any], Arrays]:
    """A standing as the header and the arrays of a file."""
    place, arrays = place_of(standing)
    header = {
        "format": FORMAT,
        "kind": "checkpoint",
        "thalweg": version("thalweg"),
        "place": place,
    }
    return header, arrays


def place_of(standing: Standing, *, with_history: bool = True) -> tuple[dict[str, Any], Arrays]:
    """The counts and the arrays of a standing; the arrays are its own, and not copies."""
    kept = standing.best.kept
    states = {"state": standing.state, "best": kept.state}
    if standing.within:
        states["start"] = standing.start
    within = standing.within
    place = {
        "epochs": len(standing.history),
        "within": within,
        "best_epoch": kept.epoch,
        "ahead": kept.ahead,
        "steps": {name: state.step for name, state in states.items()},
    }
    arrays: Arrays = {
        "best_loss": np.array([kept.loss]),
        **({"history": table_of(standing.history)} if with_history else {}),
        "losses": standing.losses[:within],
        "norms": standing.norms[:within],
    }
    if standing.average:
        arrays["average"] = standing.average.mean
    for name, state in states.items():
        arrays[f"{name}/theta"], arrays[f"{name}/slots"] = state.theta, state.slots
        if state.scales is not None:
            arrays[f"{name}/scales"] = state.scales
    return place, arrays


def table_of(history: History) -> NDArray[np.float64]:
    """A history as numbers, shape (n_epochs, 6)."""
    return np.array([column(history, key) for key in _COLUMNS]).T


def _require_form(header: dict[str, Any]) -> None:
    """Raise a ValueError if a header is not that of a checkpoint."""
    if header.get("kind") != "checkpoint":
        raise ValueError(f"It is a file of another kind: {str(header.get('kind'))[:40]}")
    if header.get("format") != FORMAT:
        raise ValueError(
            f"It has format {str(header.get('format'))[:20]}, and format {FORMAT} is known here; "
            f"thalweg {str(header.get('thalweg'))[:30]} wrote it"
        )
    if set(header) != {"format", "kind", "thalweg", "run", "surroundings", "place"}:
        raise ValueError("Its header lacks, or should not have, some keys")
    require_words(header, "run", "surroundings")
    require_place(header["place"])


def require_words(header: dict[str, Any], *names: str) -> None:
    """Raise a ValueError unless these parts of a header are words, and it says who wrote it."""
    for name in names:
        words = header[name]
        if type(words) is not dict or not all(type(text) is str for text in words.values()):
            raise ValueError(f"Its {name} is not described in words")
    if type(header["thalweg"]) is not str:
        raise ValueError("It does not say which thalweg wrote it")


def require_place(place: Any) -> None:
    """Raise a ValueError unless these are the counts of a standing."""
    if type(place) is not dict or set(place) != {*_COUNTS, "steps"}:
        raise ValueError("Its place is not complete")
    if type(place["steps"]) is not dict:
        raise ValueError("Its steps are not counted")
    counts = [place[name] for name in _COUNTS] + list(place["steps"].values())
    if not all(type(count) is int and 0 <= count < 2**53 for count in counts):
        raise ValueError("A count is not a whole number from 0 on")


def standing_of(course: Course, place: dict[str, Any], arrays: Arrays) -> Standing:
    """The standing that a file describes; raises a ValueError if the parts do not fit."""
    done, within = place["epochs"], place["within"]
    best_epoch, ahead = place["best_epoch"], place["ahead"]
    names = ["state", "best", *(["start"] if within else [])]
    if set(place["steps"]) != set(names):
        raise ValueError("Its states are not those of its place")
    if not (ahead <= best_epoch <= done <= course.end and within < course.n_batches):
        raise ValueError("Its counts of epochs do not fit together")
    expected: dict[str, tuple[tuple[int, ...], Any]] = {
        "best_loss": ((1,), np.float64),
        "history": ((done, len(_COLUMNS)), np.float64),
        "losses": ((within,), np.float64),
        "norms": ((within,), np.float64),
    }
    fresh = Standing.at_start(course)
    if average := fresh.average:
        expected["average"] = average.mean.shape, average.mean.dtype
    for name in names:
        for part in ("theta", "slots", "scales"):
            array = getattr(fresh.state, part)
            if array is None:
                continue
            expected[f"{name}/{part}"] = array.shape, array.dtype
    if {name: (each.shape, each.dtype) for name, each in arrays.items()} != expected:
        raise ValueError("Its arrays are not those of its place")
    states = {
        name: State(
            arrays[f"{name}/theta"],
            arrays[f"{name}/slots"],
            place["steps"][name],
            fresh.state.seed,
            arrays.get(f"{name}/scales"),
        )
        for name in names
    }
    if average:
        average.mean[:], average.count = arrays["average"], done
    kept = Kept(states["best"], float(arrays["best_loss"][0]), best_epoch, ahead)
    fresh.losses[:within], fresh.norms[:within] = arrays["losses"], arrays["norms"]
    return Standing(
        states["state"],
        Best(kept, states.get("start", fresh.state)),
        fresh.losses,
        fresh.norms,
        within,
        history_of(arrays["history"], done, course),
        average,
    )


def history_of(table: NDArray[np.float64], done: int, course: Course) -> History:
    """The history, from its numbers; raises a ValueError if it is none."""
    if not np.array_equal(table[:, 0], np.arange(1, done + 1)):
        raise ValueError("Its epochs are not numbered from 1 on")
    if not np.array_equal(table[:, 1], np.arange(1, done + 1) * course.n_batches):
        raise ValueError("Its steps do not follow from its epochs")
    judged = course.judge is not None
    return [
        {
            "epoch": int(epoch),
            "steps": int(steps),
            "train_loss": train_loss,
            "valid_loss": valid_loss if judged else None,
            "rate": None if course.by_lbfgs else rate,
            "gradient_norm": norm,
        }
        for epoch, steps, train_loss, valid_loss, rate, norm in table.tolist()
    ]
