"""Where the predictions and the networks of trials are: in memory, or in files.

The files are beside a journal, if there is one. Without it, networks for which memory has no room
are in a temporary folder. A file is written completely or not at all, and before the study says
that its trial is complete. Predictions are kept of all trials, networks of the best. What is
missing can be made again: a trial gives the same bits whenever it is run. The study has the SHA-256
of each file of a trial, and a file that does not fit it counts as missing.
"""

import hashlib
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from thalweg.errors import ModelFileError
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.parameters.resolved_parameters import fit_settings
from thalweg.files import open_file, write_atomic
from thalweg.persistence.forms.network_entries import network_arrays
from thalweg.persistence.model_file import model_bytes
from thalweg.persistence.rebuilt import rebuilt
from thalweg.sealed_container import unseal
from thalweg.tuning.running.study_differences import Facts
from thalweg.tuning.trial_fits import Model, TrialFit, TrialTable

# The networks of trials that are kept in memory have at most so many bytes together.
_IN_MEMORY = 1 << 26
# The endings of the two files of a trial, and where their seals are among its facts.
_PREDICTED, _NETWORKS, _SEALS = ".npy", ".safetensors", "sha256"


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
        self._seals: dict[int, Facts] = {}
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> "TrialStore":
        return self

    def __exit__(self, *error: object) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()

    def keep(self, place: int, fit: TrialFit, model: Model) -> Facts:
        """Keep a trial, whose unfitted estimator is ``model``; the seals of its files by ending."""
        self._predicted[place] = fit.predicted
        has_room = self._remember(place, fit)
        if self.folder is None and has_room:
            return {}
        seals: Facts = {}
        self._seals[place] = seals
        if self.folder is not None:
            buffer = BytesIO()
            np.save(buffer, fit.predicted)
            seals[_PREDICTED] = self._write(place, _PREDICTED, buffer.getvalue())
        held = clone(model)
        held._adopt(self._as_fitted(fit, model))
        seals[_NETWORKS] = self._write(place, _NETWORKS, model_bytes(held))
        return {_SEALS: seals}

    def _write(self, place: int, ending: str, data: bytes) -> str:
        """Write a file of a trial; its seal."""
        write_atomic(
            self._place_of_files() / f"{place:05}{ending}", data, overwrite=True, follow=False
        )
        return hashlib.sha256(data).hexdigest()

    def _read(self, place: int, ending: str, facts: Facts) -> bytes:
        """A file of a trial, as it was written; else an OSError."""
        with open_file(self._place_of_files() / f"{place:05}{ending}") as file:
            data = file.read()
        seals = self._seals.get(place) or facts.get(_SEALS, {})
        if hashlib.sha256(data).hexdigest() != seals.get(ending):
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

    def predicted(self, place: int, facts: Facts) -> NDArray[np.float32] | None:
        """The out-of-fold predictions of a trial; None if they are lost or changed."""
        if place not in self._predicted and self.folder is not None:
            with suppress(OSError, ValueError):
                data = self._read(place, _PREDICTED, facts)
                found = np.load(BytesIO(data), allow_pickle=False)
                if found.dtype == np.float32 and len(found) == int(self.table.known.sum()):
                    self._predicted[place] = found
        return self._predicted.get(place)

    def fit(self, place: int, facts: Facts) -> TrialFit | None:
        """The networks of a trial; None if they are lost or changed."""
        predicted = self.predicted(place, facts)
        if place in self._fits or not self._has_files() or predicted is None:
            return self._fits.get(place)
        with suppress(OSError, ModelFileError):
            data = self._read(place, _NETWORKS, facts)
            networks = rebuilt(*unseal(data))._known.networks
            ended_earlier = facts.get("ended_earlier", 0)
            n = len(self.table.splits)
            if len(networks) in (n, 2 * n):
                # The same object for each slot of the ensemble: what slots share is saved once.
                self._fits[place] = TrialFit(
                    networks[:n], networks[n:], ended_earlier, predicted, 0.0
                )
        return self._fits.get(place)

    def drop_others(self, places: Iterable[int]) -> None:
        """Drop the networks of all other trials."""
        kept = set(places)
        for place in set(self._fits) - kept:
            del self._fits[place]
        if self._has_files():
            for path in self._place_of_files().glob(f"*{_NETWORKS}"):
                if path.stem.isdigit() and int(path.stem) not in kept:
                    path.unlink(missing_ok=True)

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
