"""What evaluations say about the models themselves: of a fit, of a saved model, of folds."""

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from thalweg.errors import DataError, SettingsError, ThalwegError, UnseenLevelWarning
from thalweg.estimators.importance.importance_of_folds import FoldModels
from thalweg.evaluation.answers import How
from thalweg.evaluation.comparing.beside_constant import BesideConstant
from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.model_protocol import subject_of
from thalweg.evaluation.section_shapes import AboutModel, SectionsData
from thalweg.evaluation.section_texts.reasons_left_out import MORE_ROWS, NOT_ASKED, NOT_KEPT
from thalweg.evaluation.verdict_sections import with_sections
from thalweg.jobs.parts.training_table import TrainingTable
from thalweg.jobs.predictions.predicted_rows import places_in_file

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def about_fitted_model(
    model: "Model", table: TrainingTable, verdict: Verdict, seed: int, *, with_cells: bool = False
) -> AboutModel:
    """About the model of a fit, by the rows that the fit held out.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        As it was evaluated.
    table : TrainingTable
    verdict : Verdict
    seed : int
    with_cells : bool
        Whether a person asked for explained rows, with their cells.
    """
    from thalweg.reporting.model_sections.about_model import about_model
    from thalweg.reporting.model_sections.described_rows import DescribedRows

    assert verdict.places is not None
    test = np.unique(verdict.places)  # a row of weight 2 has two answers
    asked = DescribedRows(
        model, table.table.frame.iloc[test], table.y[test], "test", seed,
        weights=None if table.weights is None else table.weights[test],
        groups=None if table.groups is None else table.groups[test],
        subject=subject_of(model), elsewhere=MORE_ROWS,
        target=str(table.facts.get("answer", table.table.target_name)),
        whole=table.table.frame, whole_weights=table.weights, how_to_ask=NOT_ASKED,
        beside=BesideConstant.of_verdict(verdict),
    )  # fmt: skip
    if with_cells:
        asked = replace(asked, numbers=places_in_file(table.table.kept, test) + 1)
    return about_model(asked)


def for_model_file(judged: VerdictData) -> VerdictData:
    """An evaluation without explained rows: beside the networks, they would tell their cells."""
    sections = cast(SectionsData | None, judged.get("sections"))
    if sections is None:
        return judged
    left_out = sections.get("left_out", {})
    if sections.get("explained") is None and left_out.get("explained") != NOT_ASKED:
        return judged
    left_out = {**left_out, "explained": NOT_KEPT}
    kept = cast(SectionsData, {**sections, "explained": None, "left_out": left_out})
    return with_sections(judged, kept)


def about_saved_model(
    model: "Model",
    X: pd.DataFrame,
    y: np.ndarray,
    used: np.ndarray,
    how: How,
    seed: int,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    of_file: np.ndarray | None = None,
    target: str = "",
) -> AboutModel:
    """About a saved model, by rows of a table that did not train it, as far as that is known.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    X, y : DataFrame and ndarray
        The table, and its labels or numbers.
    used : ndarray of int
        The rows that are asked.
    how : How
        What kind of rows they are.
    seed : int
    weights, groups : ndarray of shape (n_rows,), optional
        Of all rows.
    of_file : ndarray of int, shape (n_rows,), optional
        Their positions in the file, if a person asked for explained rows.
    target : str
        Its name.
    """
    from thalweg.reporting.model_sections.about_model import about_model
    from thalweg.reporting.model_sections.described_rows import DescribedRows

    def of_used(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[used]

    return about_model(
        DescribedRows(
            model, X.iloc[used], y[used], how, seed, weights=of_used(weights),
            groups=of_used(groups), subject=subject_of(model), target=target, whole=X,
            whole_weights=weights, numbers=None if of_file is None else of_file[used] + 1,
            how_to_ask=NOT_ASKED,
        )
    )  # fmt: skip


def about_fold_models(
    table: TrainingTable, models: FoldModels, verdict: Verdict, seed: int
) -> AboutModel:
    """About the models of the first repetition of a cross-validation."""
    from thalweg.reporting.model_sections.about_model import about_folds

    found: Importance | ThalwegError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnseenLevelWarning)  # said with the evaluation
            found = models.importance(
                table.schema, table.matrix, table.task.truth(table.y), table.task, seed,
                table.weights, table.groups, BesideConstant.of_verdict(verdict),
            )  # fmt: skip
    except (DataError, SettingsError) as error:
        found = error
    return about_folds(found, models.subject)
