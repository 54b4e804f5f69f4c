"""Where the predictions and the networks of trials are: in memory, or in files.

The files are beside a journal, if there is one. Without it, networks for which memory has no room
are in a temporary folder. A file is written completely or not at all, and before the study says
that its trial is complete. Predictions are kept of all trials, networks of the best. What is
missing can be made again: a trial gives the same bits whenever it is run.
"""

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
from thalweg.files import write_atomic
from thalweg.persistence.forms.network_entries import network_arrays
from thalweg.persistence.model_file import load_model, model_bytes
from thalweg.tuning.trial_fits import Model, TrialFit, TrialTable

# The networks of trials that are kept in memory have at most so many bytes together.
_IN_MEMORY = 1 << 26


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
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> "TrialStore":
        return self

    def __exit__(self, *error: object) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()

    def keep(self, place: int, fit: TrialFit, model: Model) -> None:
        """Keep a trial; ``model`` is its estimator, unfitted."""
        self._predicted[place] = fit.predicted
        has_room = self._remember(place, fit)
        if self.folder is None and has_room:
            return
        if self.folder is not None:
            buffer = BytesIO()
            np.save(buffer, fit.predicted)
            write_atomic(self.folder / f"{place:05}.npy", buffer.getvalue(), overwrite=True)
        held = clone(model)
        held._adopt(self._as_fitted(fit, model))
        write_atomic(self._place_of_files() / _name(place), model_bytes(held), overwrite=True)

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

    def predicted(self, place: int) -> NDArray[np.float32] | None:
        """The out-of-fold predictions of a trial; None if they are lost."""
        if place not in self._predicted and self.folder is not None:
            with suppress(OSError, ValueError):
                found = np.load(self.folder / f"{place:05}.npy", allow_pickle=False)
                if found.dtype == np.float32 and len(found) == int(self.table.known.sum()):
                    self._predicted[place] = found
        return self._predicted.get(place)

    def fit(self, place: int, ended_earlier: int) -> TrialFit | None:
        """The networks of a trial; None if they are lost."""
        predicted = self.predicted(place)
        if place in self._fits or not self._has_files() or predicted is None:
            return self._fits.get(place)
        with suppress(ModelFileError):
            networks = load_model(self._place_of_files() / _name(place))._known.networks
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
            for path in self._place_of_files().glob("*.safetensors"):
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


def _name(place: int) -> str:
    return f"{place:05}.safetensors"
