"""The header of a model file: what it must look like, written as a table."""

from importlib.metadata import version
from typing import Any

from thalweg.errors import ModelVersionError
from thalweg.estimators.classifier import LOSS, ThalwegClassifier, fit_settings
from thalweg.network.activations import ACTIVATIONS
from thalweg.persistence.forms import (
    LABEL,
    TEXT,
    Each,
    Form,
    Maybe,
    Perhaps,
    list_of,
    matching,
    number,
    one_of,
    whole,
)

# 1: numbers and booleans. 2: categories, and the ends of the numbers that were seen.
FORMAT = 2
HISTORY = ("epoch", "steps", "train_loss", "valid_loss", "rate", "gradient_norm")

Header = dict[str, Any]

_COUNT = whole(0)
_SHARE = number(0, 1)
# Infinities as the metrics write them: JSON has none.
_ESTIMATE: Form = dict.fromkeys(
    ("value", "low", "high"), one_of(None, "Infinity", "-Infinity") | number()
)
_JUDGEMENT: Form = {
    "n_samples": _COUNT,
    "n_positive": _COUNT,
    "threshold": _SHARE,
    "confusion": dict.fromkeys(
        ("true_positive", "false_negative", "false_positive", "true_negative"), _COUNT
    ),
    "metrics": dict.fromkeys(
        ("accuracy", "sensitivity", "specificity", "auc", "log_loss", "brier"), _ESTIMATE
    ),
}
_VERDICT: Form = {
    "how": TEXT,
    "n_train": _COUNT,
    "n_test": _COUNT,
    "positive": TEXT,
    "negative": TEXT,
    "network": _JUDGEMENT,
    "baselines": Each(_JUDGEMENT),
    "difference": _ESTIMATE,
    "sentence": TEXT,
}
_COUNTS = list_of(_COUNT)
_REPORT: Form = {
    "table": {
        "name": TEXT,
        "target": TEXT,
        "class_counts": Each(_COUNT),
        "notes": [TEXT],
        "columns": [
            {
                "name": TEXT,
                "kind": TEXT,
                "missing": _COUNT,
                **dict.fromkeys(("low", "median", "high"), Maybe(number())),
            }
        ],
    },
    "curves": {
        **dict.fromkeys(("n_positive", "n_negative", "steps"), _COUNT),
        **dict.fromkeys(("true_positive", "false_positive"), _COUNTS),
        "roc": dict.fromkeys(("true_positive", "false_positive"), _COUNTS),
        "histogram": dict.fromkeys(("positive", "negative"), _COUNTS),
    },
}
_TRAINING: Form = {
    # The constructor's own rules decide whether a value is legal.
    "settings": {
        name: whole(1) | list_of(whole(1)) if name == "hidden_layer_sizes" else Maybe(LABEL)
        for name in fit_settings(ThalwegClassifier().get_params())
    },
    "seed": whole(0, 2**32 - 1),
    "best_epoch": whole(1),
    "stopping": one_of("cross-validation", "hold-out", "none"),
    "status": one_of("max_epochs", "patience", "interrupted", "diverged"),
    "history": one_of(list(HISTORY)),
}
_COLUMN: Form = {"name": TEXT, "kind": TEXT, "levels": Perhaps(list_of(TEXT))}
HEADER: Form = {
    "format": one_of(FORMAT),
    "kind": one_of("classifier"),
    "thalweg": TEXT,
    "architecture": {"sizes": [whole(1)], "activations": [one_of(*ACTIVATIONS)]},
    "objective": {"loss": one_of(LOSS), "alpha": number(0)},
    "schema": {"columns": [_COLUMN]},
    "named_columns": one_of(True, False),
    "encoder": {"kind": one_of("robust")},
    "classes": {
        "dtype": matching("a type of labels", r"O|b1|[iu][1248]|f[248]|U[1-9][0-9]{0,5}"),
        "labels": [LABEL],
    },
    "positive": LABEL,
    "threshold": _SHARE,
    "calibration": one_of(None),
    "training": _TRAINING,
    "data_hash": matching("64 hexadecimal digits", r"[0-9a-f]{64}"),
    "target": Maybe(TEXT),
    "judgement": Maybe(_VERDICT),
    "report": Maybe(_REPORT),
}


def require_known_format(header: Header, where: str) -> None:
    """Raise a ModelVersionError for a format that a later thalweg has introduced."""
    found = header.get("format")
    if type(found) is int and found > FORMAT:
        writer = f"thalweg {str(header.get('thalweg'))[:30]}"
        raise ModelVersionError(
            f"The model file has format {found}, and formats up to {FORMAT} are known here",
            where=where,
            why=f"{writer} wrote it, and this is thalweg {version('thalweg')}",
            fix=f"install {writer} or a newer one",
        )


def upgraded(header: Header) -> Header:
    """A header of an earlier format as one of today's; any other as it is."""
    found = header.get("format")
    if type(found) is not int or found != 1:
        return header
    try:
        training = header["training"]
        settings = {**training["settings"], "unknown": "warn"}  # no category, so nothing unknown
        return {**header, "format": FORMAT, "training": {**training, "settings": settings}}
    except (KeyError, TypeError):  # no header of ours: its form will not hold
        return header


def require_agreement(header: Header) -> None:
    """Raise a ValueError where two places of a header, each of its form, contradict each other."""
    if header["objective"]["alpha"] != header["training"]["settings"]["alpha"]:
        raise ValueError("the penalty of the objective is not that of the settings")
    verdict = header["judgement"]
    if verdict is None:
        if header["report"] is not None:
            raise ValueError("what a report shows is there, and no judgement")
        return
    names = sorted(str(label) for label in header["classes"]["labels"])
    if verdict["positive"] != str(header["positive"]) or names != sorted(
        (verdict["positive"], verdict["negative"])
    ):
        raise ValueError("the judgement is about other classes")
    for judged in (verdict["network"], *verdict["baselines"].values()):
        counts = judged["confusion"]
        n_positive = counts["true_positive"] + counts["false_negative"]
        n_samples = sum(counts.values())
        if (n_positive, n_samples) != (judged["n_positive"], judged["n_samples"]):
            raise ValueError("the judgement's rows do not add up")
        if n_samples != verdict["n_test"]:
            raise ValueError("the judgement's rows do not add up")
    if header["report"] is not None:
        _require_curves(header["report"]["curves"], verdict["network"])


def _require_curves(curves: Header, network: Header) -> None:
    n_positive, n_negative = curves["n_positive"], curves["n_negative"]
    if (n_positive, n_positive + n_negative) != (network["n_positive"], network["n_samples"]):
        raise ValueError("the curves are about other rows than the judgement")
    for kind, most in (("true_positive", n_positive), ("false_positive", n_negative)):
        grid, roc = curves[kind], curves["roc"][kind]
        falling, rising = sorted(grid, reverse=True), sorted(roc)
        if len(grid) != curves["steps"] + 1 or grid != falling or roc != rising:
            raise ValueError("the curves do not run in one direction")
        if max([*grid, *roc], default=0) > most or len(roc) != len(curves["roc"]["true_positive"]):
            raise ValueError("the curves count more rows than there are")
