"""What the page of an `Evaluation` says about the fitted model that answered, if there is one."""

import numpy as np
from sklearn.utils import _safe_indexing

from thalweg.evaluation.any_estimator.evaluation import Evaluation
from thalweg.evaluation.comparing.beside_constant import BesideConstant
from thalweg.evaluation.section_shapes import AboutModel
from thalweg.evaluation.task_kinds import THE_NETWORK
from thalweg.reporting.model_sections.about_model import about_model
from thalweg.reporting.model_sections.described_rows import DescribedRows


def about_evaluation(found: Evaluation, target: str, *, rows: bool) -> AboutModel | None:
    """The sections about the model of an evaluation; None if no single fitted model answered.

    Parameters
    ----------
    found : Evaluation
    target : str
        The name of the target, or "".
    rows : bool
        Whether some rows are explained, with their cells.
    """
    given, places = found._given, found.verdict.places
    if found.model is None or given is None or given.X is None or places is None:
        return None
    answers = found.answers
    asked = DescribedRows(
        found.model,
        _safe_indexing(given.X, places),
        np.asarray(given.y)[places],
        answers.how,
        found.seed,
        weights=answers.weights,
        groups=answers.groups,
        subject=str(found.verdict.facts.get("subject", THE_NETWORK)),
        target=target,
        whole=given.X,
        whole_weights=given.weights,
        numbers=places + 1 if rows else None,
        beside=BesideConstant.of_verdict(found.verdict),
    )
    return about_model(asked)
