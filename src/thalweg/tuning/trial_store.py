"""Where the predictions and the networks of trials are: in memory, or beside a journal.

A file is written completely or not at all, and before the study says that its trial is complete.
Predictions are kept of all trials, networks of the best. What is missing can be made again: a trial
gives the same bits whenever it is run.
"""

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
from thalweg.persistence.model_file import load_model, model_bytes
from thalweg.tuning.trial_fits import Model, TrialFit, TrialTable


class TrialStore:
    """The results of trials, by their places.

    Parameters
    ----------
    table : TrialTable
    folder : Path or None
        None keeps everything in memory.
    """

    def __init__(self, table: TrialTable, folder: Path | None) -> None:
        self.table, self.folder = table, folder
        self._fits: dict[int, TrialFit] = {}
        self._predicted: dict[int, NDArray[np.float32]] = {}

    def keep(self, place: int, fit: TrialFit, model: Model) -> None:
        """Keep a trial; ``model`` is its estimator, unfitted."""
        self._fits[place], self._predicted[place] = fit, fit.predicted
        if self.folder is None:
            return
        buffer = BytesIO()
        np.save(buffer, fit.predicted)
        write_atomic(self.folder / f"{place:05}.npy", buffer.getvalue(), overwrite=True)
        held = clone(model)
        held._adopt(self._as_fitted(fit, model))
        write_atomic(self._file_of(place), model_bytes(held), overwrite=True)

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
        if place not in self._fits and self.folder is not None and predicted is not None:
            with suppress(ModelFileError):
                networks = load_model(self._file_of(place))._known.networks
                n = len(self.table.splits)
                if len(networks) in (n, 2 * n):
                    self._fits[place] = TrialFit(
                        networks[:n], networks[n:], ended_earlier, predicted, 0.0
                    )
        return self._fits.get(place)

    def drop_others(self, places: Iterable[int]) -> None:
        """Drop the networks of all other trials."""
        kept = set(places)
        for place in set(self._fits) - kept:
            del self._fits[place]
        if self.folder is not None:
            for path in self.folder.glob("*.safetensors"):
                if path.stem.isdigit() and int(path.stem) not in kept:
                    path.unlink(missing_ok=True)

    def _file_of(self, place: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{place:05}.safetensors"

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
