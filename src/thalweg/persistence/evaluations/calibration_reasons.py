"""Why the predictions of a model from a file are corrected, or not: a reason of the program."""

import re

from thalweg.estimators.deciding.fitted_calibration import NOT_FITTED
from thalweg.evaluation.section_texts.section_sentences import NO_SLOPE
from thalweg.evaluation.section_texts.text_patterns import NUMBER, own_or_quoted, sentence_of
from thalweg.wording import amount

_TEST = "the test of calibration gives p = #"
_P_VALUE = re.compile(rf"the test of calibration gives p = ({NUMBER})")
_NO_MAP = (
    *NO_SLOPE,
    "the likeliest slope is not above 0: it would turn the order of rows around",
)
_REASON = sentence_of(
    (
        *_NO_MAP,
        _TEST,
        f"no miscalibration shown: {_TEST}",
        *(f"{_TEST}, but {why}" for why in _NO_MAP),
        "this was asked for",
        f"this was asked for; {_TEST}",
        "the model was trained on these rows",
        "the model may have been trained on these rows",
        "a correction is fitted from # rows on, and there are #",
        "a correction is fitted from # rows on that are not of the most common class, and there "
        "are #",
        "the likeliest map is so steep, so flat or so far off that it is none",
        *(f"no map was fitted, because {why}" for why in NOT_FITTED),
    )
)


def own_reason(reason: str, p_value: float) -> str:
    """The reason, if the program writes such reasons; else a quotation of the file.

    Raises
    ------
    ValueError
        It names another p-value than that of the test.
    """
    said = _P_VALUE.search(reason)
    if said is not None and said[1] != amount(p_value, 2):
        raise ValueError(
            f"the p-value of its calibration is {amount(p_value, 2)}, but its reason names "
            f"{said[1]}"
        )
    return own_or_quoted(_REASON, reason)
