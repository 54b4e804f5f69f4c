"""The texts of an importance from a file that cannot be computed are compared, or quoted."""

from dataclasses import replace

from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.section_texts.reasons_left_out import CONSTANTS, MEASURES
from thalweg.evaluation.section_texts.text_patterns import (
    own_or_quoted,
    sentence_of,
    sentences_of,
)

_WIDE = (
    " Intervals are wider than those of new rows, since each row trained the networks that answer "
    "other rows."
)
_HELD_OUT = "The rows that were held out are used"
_EACH = "Each row of the fit is answered by the network that held it out"
_STOPPED = "These rows stopped the training, so that the loss on them is a little too low."
# What importance of a fit, of folds and of a table say of their rows.
_ROWS = sentences_of(
    (
        "The model was trained on none of these rows.",
        "Each row is answered by the model of the fold that held it out.",
        "Each row trained the models of the other folds, so the intervals are √2 as wide as those "
        "of independent rows.",
        *(f"{rows}, at an epoch that the other folds chose." for rows in (_HELD_OUT, _EACH)),
        *(f"{rows}. {_STOPPED}" for rows in (_HELD_OUT, _EACH)),
        _WIDE.strip(),
        "# of {these |}# row(s) were used, drawn at random.",
        "By their weights, the # row(s) of the table that are used count as # {rows|effective rows "
        "(Kish)}.",
        "The refits are # folds of all # given rows.",
    )
)
_MEASURE, _CONSTANT = sentence_of(MEASURES), sentence_of(CONSTANTS)


def with_own_texts(found: Importance) -> Importance:
    """An importance of a file: texts that the program does not write are quoted."""
    return replace(
        found,
        measure=own_or_quoted(_MEASURE, found.measure),
        constant=own_or_quoted(_CONSTANT, found.constant),
        rows=own_or_quoted(_ROWS, found.rows, end="."),
    )
