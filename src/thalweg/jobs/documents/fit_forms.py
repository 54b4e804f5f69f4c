"""The documents of fits, searches, evaluations and model files."""

from thalweg.jobs.documents.shared_forms import (
    ANYTHING,
    COUNT,
    FILE,
    JUDGEMENT,
    JUDGEMENTS,
    MEASURED,
    MODEL,
    NUMBER,
    TEXTS,
    TOGETHER_OR_NOT,
    TRUTH,
    Fields,
)
from thalweg.persistence.estimate_forms import DIFFERENCE, ESTIMATE
from thalweg.persistence.plain_data_checks import TEXT, Each, Form, Maybe, Perhaps, number, one_of

_FILES: Fields = dict.fromkeys(("file", "report", "predictions"), FILE)
_FIT: Fields = {**_FILES, "refit": Maybe({"n_rows": COUNT}), "model": MODEL}
FITS: tuple[Fields, ...] = (
    # Of a table larger than memory nothing is evaluated.
    {**_FIT, "judgement": Maybe(JUDGEMENT)},
    {**_FIT, "judgements": JUDGEMENTS, "together": TOGETHER_OR_NOT},
)

_HONEST: Form = {
    **dict.fromkeys(("loss_name", "second_name", "sentence"), TEXT),
    **dict.fromkeys(("best_trial_loss", "second", "default_second", "best_trial_second"), MEASURED),
    **dict.fromkeys(("n_trials", "n_rows", "n_resamples"), COUNT),
    **dict.fromkeys(("loss", "default_loss", "difference"), ESTIMATE),
    "default_share": number(0, 1),
}
_UNSEEN: Form = {
    "loss_name": TEXT,
    "tuned": MEASURED,
    "default": MEASURED,
    "difference": DIFFERENCE,
    "n_rows": COUNT,
    "sentence": TEXT,
}
_SEARCH: Form = {
    "chosen": TEXT,
    "honest": _HONEST,
    "slots": [COUNT],
    # By the names of settings, which are those of the space.
    "best_params": Each(ANYTHING),
    "unseen": Maybe(_UNSEEN),
    "seed": COUNT,
    "times_default": NUMBER,
    "seconds": NUMBER,
    "ended_by": one_of("trials", "time", "interrupt", "space"),
    "trials": [Each(ANYTHING)],
}
TUNED: Fields = {**_FILES, "model": MODEL, "judgement": Maybe(JUDGEMENT), "search": _SEARCH}

_WORTH: Form = {
    "measure": TEXT,
    "losses": dict.fromkeys(("tuned", "ensemble", "default"), NUMBER),
    "tuned": DIFFERENCE,
    "ensemble": DIFFERENCE,
    "sentence": TEXT,
    "n_rows": COUNT,
    "how": TEXT,
    "seed": COUNT,
    "folds": [
        {
            **dict.fromkeys(("repetition", "fold", "n_trials", "n_train", "n_test"), COUNT),
            "n_resamples": COUNT,
            "is_cut": TRUTH,
            **dict.fromkeys(("default", "tuned", "ensemble", "expected", "seconds"), MEASURED),
            "chosen": TEXT,
        }
    ],
}
EVALUATIONS: tuple[Fields, ...] = (
    {"judgement": JUDGEMENT, "predictions": FILE},
    {"judgements": JUDGEMENTS, "together": TOGETHER_OR_NOT, "predictions": FILE},
    {"tuning": _WORTH},
)

_OF_FILE: Fields = {"file": TEXT, "written_by": TEXT, "model": MODEL, "notations": TEXTS}
SHOWN: tuple[Fields, ...] = (
    {
        **_OF_FILE,
        **dict.fromkeys(("target", "target_notation", "unit"), Maybe(TEXT)),
        "judgement": Maybe(JUDGEMENT),
        # Of a model of several quantiles, the level that is asked for.
        "level": Perhaps(NUMBER),
        # Of a model of rates.
        "answer": Perhaps(TEXT),
        "offset_kind": Perhaps(one_of("offset", "exposure")),
        "offset_column": Perhaps(Maybe(TEXT)),
    },
    {**_OF_FILE, "targets": TEXTS, "judgements": JUDGEMENTS, "together": TOGETHER_OR_NOT},
)
REPORTS_MADE: Fields = {
    "model": TEXT,
    "file": FILE,
    "judgement": Perhaps(JUDGEMENT),
    "page": Perhaps(TEXT),
}
