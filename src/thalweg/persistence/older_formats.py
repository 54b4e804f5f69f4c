"""Upgrade the headers of older model files to the newest format, so that all can still be read.

Format 1 (thalweg 0.1): one network, two classes, no costs. Its arrays have the names that those of
the first network still have.
"""

from typing import Any

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.parameters.resolved_parameters import fit_settings
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.persistence.header_form import HEADER, KINDS, task_of
from thalweg.persistence.judgement_form import is_of_before, of_today
from thalweg.persistence.plain_data_checks import Form, FormRule, one_of, require

Header = dict[str, Any]

_ANY = FormRule("anything", lambda value: True)
_SETTINGS_1 = (
    "hidden_layer_sizes", "activation", "alpha", "batch_size", "learning_rate_init", "max_iter",
    "early_stopping", "validation_fraction", "n_iter_no_change", "tol", "optimizer", "positive",
    "dtype",
)  # fmt: skip
# Only the parts that are changed here; all else is checked against the newest form.
_HEADER_1: Form = {
    **dict.fromkeys(
        (
            "format", "kind", "thalweg", "architecture", "objective", "schema", "named_columns",
            "positive", "threshold", "calibration", "data_hash", "target", "report",
        ),
        _ANY,
    ),
    "encoder": {"kind": _ANY},
    "classes": {"dtype": _ANY, "labels": FormRule("a list", lambda value: type(value) is list)},
    "training": {
        "settings": dict.fromkeys(_SETTINGS_1, _ANY),
        **dict.fromkeys(("seed", "best_epoch", "stopping", "status", "history"), _ANY),
    },
    "judgement": _ANY,
}  # fmt: skip


def _of_format_1() -> ThalwegClassifier:
    """An estimator whose newer parameters have the values that format 1 implied."""
    return ThalwegClassifier(n_bins=0, dropout=0.0)


def upgraded(header: Header) -> Header:
    """A header and its judgement in the newest form; a header of an unknown format unchanged.

    Raises
    ------
    ValueError
        A header of an older format does not have the form of that format.
    """
    if type(header.get("format")) is int and header["format"] == 1:
        header = _of_today(header)
    if not is_of_before(header.get("judgement")):
        return header
    about: dict[str, Form] = {"kind": one_of(*KINDS), "classes": HEADER["classes"]}
    require({key: header[key] for key in about if key in header}, about, "header")
    costs = header["classes"]["costs"] if header["classes"] else []
    return {**header, "judgement": of_today(task_of(header), header["judgement"], costs)}


def _of_today(header: Header) -> Header:
    """A header of format 1, upgraded to the newest format."""
    require(header, _HEADER_1, "header")
    training, judgement = header["training"], header["judgement"]
    if type(judgement) is dict:
        if "task" in judgement:
            raise ValueError("its judgement has a task, which format 1 does not have")
        judgement = {"task": TWO_CLASSES.name, **judgement}
    return {
        **header,
        "format": 2,
        "encoder": {**header["encoder"], "count": 1},
        "classes": {**header["classes"], "costs": [1.0] * len(header["classes"]["labels"])},
        "members": [
            {
                "encoder": 0,
                "best_epoch": training["best_epoch"],
                "status": training["status"],
                "values": None,
            }
        ],
        "training": {
            "settings": {**fit_settings(_of_format_1().get_params()), **training["settings"]},
            "seed": training["seed"],
            "stopping": training["stopping"],
            "history": training["history"],
            "out_of_fold": {"loss": None, "score": None},
        },
        "judgement": judgement,
    }
