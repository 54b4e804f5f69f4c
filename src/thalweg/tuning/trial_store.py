"""Where the predictions and the networks of trials are: in memory, or in files.

The files are beside a journal, if there is one. Without it, networks for which memory has no room
are in a temporary folder. A file is written completely or not at all, and before the study says
that its trial is complete. Predictions are kept of all trials, networks of the best. What is
missing can be made again: a trial gives the same bits whenever it is run. The study has size and
SHA-256 of each file of a trial, and a file that does not fit them counts as missing. So does one
that fits them and is not what this trial writes, because the study may be changed, too.
"""

import hashlib
import math
import os
import tempfile
import warnings
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from thalweg.errors import SettingsError, ThalwegWarning, outer_level
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.parameters.resolved_parameters import fit_settings
from thalweg.files import open_file, write_atomic
from thalweg.persistence.forms.network_entries import network_arrays
from thalweg.persistence.model_file import model_bytes
from thalweg.persistence.rebuilt import rebuilt
from thalweg.sealed_container import unseal
from thalweg.tuning.running.study_differences import Facts
from thalweg.tuning.studies.journal_lines import MOST_BYTES, NETWORKS, PREDICTED
from thalweg.tuning.study_journal import Record
from thalweg.tuning.trial_fits import Model, TrialFit, TrialTable
from thalweg.wording import amount

# The networks of trials that are kept in memory have at most so many bytes together.
_IN_MEMORY = 1 << 26
# Where the seals and the sizes of the files of a trial are among its facts.
_SEALS, _SIZES = "sha256", "sizes"


class TrialStore:
    """The results of trials, by their places.

    Parameters
    ----------
    table : TrialTable
    folder : Path or None
        None keeps nothing when the search has ended.
    """

    def __init__(self, table: TrialTable, folder: Path | None) -> None:
        self.table, self.folder = table, folder
        self._fits: dict[int, TrialFit] = {}
        self._sizes: dict[int, int] = {}
        self._predicted: dict[int, NDArray[np.float32]] = {}
        # Of what was written here; the study has those of what was written earlier.
        self._own_facts: dict[int, Facts] = {}
        self._dropped: set[int] = set()
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> "TrialStore":
        return self

    def __exit__(self, *error: object) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()

    def keep(self, place: int, fit: TrialFit, model: Model) -> Facts:
        """Keep a trial, whose unfitted estimator is ``model``; seals and sizes of its files."""
        self._predicted[place] = fit.predicted
        has_room = self._remember(place, fit)
        if self.folder is None and has_room:
            return {}
        files: dict[str, bytes] = {}
        if self.folder is not None:
            buffer = BytesIO()
            np.save(buffer, np.ascontiguousarray(fit.predicted))
            files[PREDICTED] = buffer.getvalue()
        files[NETWORKS] = self._bytes_of(fit, model)
        for ending, data in files.items():
            write_atomic(self._path(place, ending), data, overwrite=True, follow=False)
        self._dropped.discard(place)
        self._own_facts[place] = {
            _SEALS: {each: hashlib.sha256(data).hexdigest() for each, data in files.items()},
            _SIZES: {each: len(data) for each, data in files.items()},
        }
        return self._own_facts[place]

    def keep_again(self, record: Record, fit: TrialFit, model: Model) -> None:
        """Keep a trial that was run again; a warning if the study has another loss of it."""
        self.keep(record.place, fit, model)
        loss = self.table.losses.mean(fit.predicted.astype(np.float64))
        if record.loss is not None and not _are_equal(record.loss, loss):
            warnings.warn(
                f"Trial {record.place} has the loss {amount(record.loss)} in the study, and "
                f"{amount(loss)} when it is run again, which counts: the study was changed, or is "
                "of another machine.",
                ThalwegWarning,
                stacklevel=outer_level(),
            )

    def _path(self, place: int, ending: str) -> Path:
        return self._place_of_files() / f"{place:05}{ending}"

    def _bytes_of(self, fit: TrialFit, model: Model) -> bytes:
        held = clone(model)
        held._adopt(self._as_fitted(fit, model))
        return model_bytes(held)

    def _read(self, place: int, ending: str, facts: Facts, most: int) -> bytes:
        """A file of a trial, as it was written; else an OSError."""
        facts = self._own_facts.get(place) or facts
        size = facts.get(_SIZES, {}).get(ending, -1)
        with open_file(self._path(place, ending)) as file:
            # The size first: a file that somebody put there may have any.
            if not os.fstat(file.fileno()).st_size == size <= most:
                raise OSError("It has changed")
            data = file.read(size)
        if hashlib.sha256(data).hexdigest() != facts.get(_SEALS, {}).get(ending):
            raise OSError("It has changed")
        return data

    def _remember(self, place: int, fit: TrialFit) -> bool:
        """Keep networks in memory, if it has room for them."""
        networks = (*fit.networks, *fit.by_others)
        size = sum(each.nbytes for each in network_arrays(networks).values())
        others = sum(each for at, each in self._sizes.items() if at in self._fits and at != place)
        if others + size > _IN_MEMORY:
            return False
        self._fits[place], self._sizes[place] = fit, size
        return True

    def _place_of_files(self) -> Path:
        """The folder of the study, or a temporary one, which only this user can read."""
        if self.folder is not None:
            return self.folder
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(
                prefix="thalweg-trials-", ignore_cleanup_errors=True
            )
        return Path(self._scratch.name)

    def _has_files(self) -> bool:
        return self.folder is not None or self._scratch is not None

    def predicted(self, record: Record) -> NDArray[np.float32] | None:
        """The out-of-fold predictions of a trial; None if they are lost or changed.

        Raises
        ------
        SettingsError
            If the study has another loss than that of the predictions whose seal it has.
        """
        if record.place not in self._predicted and self.folder is not None:
            shape = self.table.shape_of_predicted
            most = 4 * math.prod(shape) + _LONGEST_HEAD
            found = None
            with suppress(OSError, ValueError):
                found = _numbers(self._read(record.place, PREDICTED, record.facts, most), shape)
            if found is not None:
                self._require_loss(record, found)
                self._predicted[record.place] = found
        return self._predicted.get(record.place)

    def _require_loss(self, record: Record, predicted: NDArray[np.float32]) -> None:
        loss = self.table.losses.mean(predicted.astype(np.float64))
        if record.loss is not None and not _are_equal(record.loss, loss):
            raise SettingsError(
                f"The study is damaged: trial {record.place} has the loss {amount(record.loss)} in "
                f"it, and its predictions have {amount(loss)}",
                where=str(self.folder),
                why="A search writes both at once, so somebody changed the study",
                fix="take a copy of the study from before, or name another file",
            )

    def fit(self, record: Record, model: Model) -> TrialFit | None:
        """The networks of a trial, whose unfitted estimator is ``model``; None if not there."""
        place, predicted = record.place, self.predicted(record)
        if place in self._fits or not self._has_files() or predicted is None:
            return self._fits.get(place)
        with suppress(OSError, ValueError):
            data = self._read(place, NETWORKS, record.facts, MOST_BYTES)
            networks = rebuilt(*unseal(data))._known.networks
            ended_earlier = record.facts.get("ended_earlier", 0)
            n = len(self.table.splits)
            # The same object for each slot of the ensemble: what slots share is saved once.
            found = TrialFit(networks[:n], networks[n:], ended_earlier, predicted, 0.0)
            is_whole = len(networks) in (n, 2 * n)
            if is_whole and self._bytes_of(found, model) == data and self.table.gives(found):
                self._fits[place] = found
        return self._fits.get(place)

    def drop_others(self, records: Iterable[Record], places: Iterable[int]) -> None:
        """Drop the networks of all trials but those of some places."""
        kept = set(places)
        for place in set(self._fits) - kept:
            del self._fits[place]
        if not self._has_files():
            return
        for each in records:
            if each.place in kept or each.place in self._dropped:
                continue
            self._dropped.add(each.place)
            with suppress(OSError):  # what is not as it was written may be another's
                self._read(each.place, NETWORKS, each.facts, MOST_BYTES)
                self._path(each.place, NETWORKS).unlink()

    def _as_fitted(self, fit: TrialFit, model: Model) -> Fitted:
        """A model of all networks of the trial: those of its fit, and those of other epochs."""
        plan = self.table.plan
        return Fitted(
            (*fit.networks, *fit.by_others),
            plan.read.schema,
            plan.recipe.settings.seed,
            fit_settings(model.get_params()),
            "folds",
            plan.rows["data_hash"],
            positive=plan.target.positive,
            threshold=plan.target.threshold,
            also=None if plan.marks is None else plan.marks.of,
        )


# A header of NumPy is shorter.
_LONGEST_HEAD = 1024
_FLOATS = np.dtype("<f4")


def _are_equal(one: float, other: float) -> bool:
    """Whether two losses are equal, but for rounding."""
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-12)


def _numbers(data: bytes, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The array of a file that has this shape; a ValueError for any other."""
    file = BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another version")
    found = np.lib.format.read_array_header_1_0(file, max_header_size=_LONGEST_HEAD)
    if found != (shape, False, _FLOATS) or len(data) - file.tell() != 4 * math.prod(shape):
        raise ValueError("another array")
    values = np.frombuffer(data, _FLOATS, offset=file.tell()).reshape(shape).astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("NaN or infinite")
    return values
