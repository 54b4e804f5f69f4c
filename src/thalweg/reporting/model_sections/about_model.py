"""What a report says about a fitted model itself: which columns, how, and why a row's answer.

A section that the rows cannot give is left out, with the reason as a sentence.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from thalweg.errors import DataError, SettingsError, ThalwegError, UnseenLevelWarning
from thalweg.estimators.importance.importance_of_fit import constant_of_fit, task_of_networks
from thalweg.estimators.importance.importance_of_model import find_importance
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.any_estimator.row_origin import Origin
from thalweg.evaluation.comparing.beside_constant import KNOWS_NOTHING, BesideConstant
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.importance.chosen_rows import MOST_ROWS
from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.importance.importance_sentences import importance_section, shown_above_0
from thalweg.evaluation.importance.row_losses import RowLosses
from thalweg.evaluation.section_shapes import AboutModel
from thalweg.evaluation.section_texts.reasons_left_out import (
    CURVES_OF_FOLDS,
    OF_NOISE,
    OF_ONE_ANSWER,
    OWN,
    ROWS_OF_FOLDS,
    ROWS_OF_NOISE,
    TRAINED,
)
from thalweg.evaluation.splits import count_cases
from thalweg.reporting.model_sections.described_rows import DescribedRows
from thalweg.reporting.model_sections.effects_in_order import effects_section_of
from thalweg.reporting.model_sections.explained_section import explained_section
from thalweg.reporting.model_sections.shown_knowledge import caution_of_refusal

IMPORTANCE, EFFECTS, EXPLAINED = "importance", "effects", "explained"
_OF_FOLDS = {EFFECTS: CURVES_OF_FOLDS, EXPLAINED: ROWS_OF_FOLDS}


def about_model(asked: DescribedRows) -> AboutModel:
    """The sections about a model, or why they are not there.

    Parameters
    ----------
    asked : DescribedRows
        A fitted model, and rows that it was not trained on (else the importance is left out).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenLevelWarning)  # said with the evaluation
        return _about(asked)


def about_folds(found: Importance | ThalwegError, subject: str, elsewhere: str = "") -> AboutModel:
    """The same in cross-validation: the importance over the rows of all folds, or why not.

    Parameters
    ----------
    found : Importance or ThalwegError
    subject : str
        What the models are called.
    elsewhere : str
        As in `DescribedRows`.
    """
    left_out = dict(_OF_FOLDS)
    section = None
    if isinstance(found, Importance):
        section = importance_section(found, subject)
    else:
        left_out = {IMPORTANCE: _refused(found, elsewhere), **left_out}
    return {"importance": section, "effects": None, "explained": None, "left_out": left_out}


def _about(asked: DescribedRows) -> AboutModel:
    found: AboutModel = {"importance": None, "effects": None, "explained": None, "left_out": {}}
    left_out, order, matter, is_noise, caution = found["left_out"], None, None, False, ""
    if asked.how == "training":
        left_out[IMPORTANCE] = TRAINED
    else:
        try:
            importance = _importance(asked)
            found["importance"] = importance_section(importance, asked.subject)
            order = _order(importance)
            heads = shown_above_0(importance)
            matter = [importance.columns[j] for rise in heads for j in rise.members]
        except (DataError, SettingsError) as error:
            left_out[IMPORTANCE] = _refused(error, asked.elsewhere)
            is_noise = error.what.startswith(KNOWS_NOTHING)
            caution = caution_of_refusal(error.what)
    if is_noise:
        left_out[EFFECTS] = OF_NOISE
    else:
        try:
            found["effects"] = effects_section_of(asked, order, matter)
        except (DataError, SettingsError) as error:
            left_out[EFFECTS] = _refused(error)
    if asked.network is None:
        left_out[EXPLAINED] = OWN
    elif isinstance(asked.network._known.outputs, Quantiles):
        left_out[EXPLAINED] = f"An explanation {OF_ONE_ANSWER}."
    elif is_noise:
        left_out[EXPLAINED] = ROWS_OF_NOISE
    elif asked.numbers is None:
        left_out[EXPLAINED] = asked.how_to_ask
    else:
        try:
            found["explained"] = explained_section(asked, caution)
        except (DataError, SettingsError) as error:
            left_out[EXPLAINED] = _refused(error)
    return found


def _importance(asked: DescribedRows) -> Importance:
    """The importance on these rows, or on some of many."""
    most, n_permutations = asked.effort()
    few, many = asked.few(most), asked.few(MOST_ROWS)
    beside = few.beside
    if beside is None and asked.network is not None and len(few) < len(many):
        beside = _beside_constant(many, asked.network)
    none = np.empty(0, np.intp) if asked.how != "origin unknown" else None
    found = find_importance(
        few.model, few.X, few.y, groups=few.column_groups(), n_permutations=n_permutations,
        sample_weight=few.weights, row_groups=few.groups, origin=Origin(len(few), none),
        seed=few.seed, beside=beside,
    )  # fmt: skip
    return replace(found, rows=f"{found.rows} {few.drawn}".strip())


def _beside_constant(asked: DescribedRows, network: NetworkEstimator) -> BesideConstant | None:
    """The model compared with a constant answer on all of these rows; None if it keeps none.

    Columns are permuted in fewer rows. What those are too few to show, these may show.
    """
    task = task_of_networks(network._known, network.members_)
    constant = constant_of_fit(network._known, task)
    if constant is None:
        return None
    truth = task.truth(asked.y)
    name, answer = RowLosses(task, truth, constant).constant_answer(asked.weights)
    own = answers_of(truth, task.ask(asked.model, asked.X), asked.weights, groups=asked.groups)
    ruling = compare_answers(
        task, [(own, replace(own, answer=answer))], margin=None, seed=asked.seed,
        n_different=count_cases(asked.matrix(), asked.groups),
    )  # fmt: skip
    return BesideConstant(name, ruling, len(asked), np.arange(len(asked)), answer)


def _order(found: Importance) -> Sequence[str]:
    """Columns for their curves: by the size of their group, then by their own."""
    heads = shown_above_0(found)
    above = [rise for rise, group in found.ordered() if rise in heads or group in heads]
    rest = [rise for rise, _ in found.ordered() if rise not in above]
    names = [found.columns[rise.members[0]] for rise in (*above, *rest) if len(rise.members) == 1]
    return list(dict.fromkeys(names))


def _refused(error: ThalwegError, elsewhere: str = "") -> str:
    """Why something is not there, in sentences."""
    what, where, why, _ = error.unspelled
    said = f"{what}{f' ({where})' if where else ''}."
    more = f" {why}." if why else ""
    if OF_ONE_ANSWER in what:  # nothing else shows it; the first says what to do
        elsewhere, more = "", more if what.startswith("Importance") else ""
    return f"{said}{more}{f' {elsewhere}' if elsewhere else ''}"
