"""Upgrade the headers of older model files to the newest format, so that all can still be read.

Format 1 (thalweg 0.1): one network, two classes, no costs. Its arrays have the names that those of
the first network still have.

The first files had one difference (`_of_one_difference`), later ones comparisons by the 95 %
interval alone, with four results (`_of_comparisons`).
"""

from typing import Any

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.parameters.resolved_parameters import fit_settings
from thalweg.evaluation.comparing.margin_rule import (
    DEFAULT,
    UNDECIDED,
    margin_of,
    rule,
    verdict_of,
)
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.comparing.ruling_sentences import beside
from thalweg.evaluation.judging.informative_rows import rows_that_tell
from thalweg.evaluation.section_texts.verdict_texts import BEFORE_DIFFERENCES
from thalweg.evaluation.task_kinds import SEVERAL_CLASSES, TWO_CLASSES, TaskKind, metric_of
from thalweg.persistence.estimate_forms import COMPARISON, ESTIMATE, estimate_from
from thalweg.persistence.header_form import HEADER, KINDS, task_of
from thalweg.persistence.judgement_form import MOST_BASELINES, VERDICTS, evaluation_form
from thalweg.persistence.plain_data_checks import Each, Form, FormRule, one_of, require

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
    judgement = header.get("judgement")
    if type(judgement) is not dict or "differences" in judgement:
        return header
    if "comparisons" in judgement:
        return {**header, "judgement": _of_comparisons(judgement)}
    if "difference" not in judgement:
        return header
    about: dict[str, Form] = {"kind": one_of(*KINDS), "classes": HEADER["classes"]}
    require({key: header[key] for key in about if key in header}, about, "header")
    costs = header["classes"]["costs"] if header["classes"] else []
    return {**header, "judgement": _of_one_difference(task_of(header), judgement, costs)}


# What older files do not know of a difference.
_UNKNOWN = {
    "low90": None, "high90": None, "margin_from": DEFAULT, "rows_needed": None, "n_folds": None,
    "chances": None,
}  # fmt: skip


def _of_comparisons(judgement: Header) -> Header:
    """A judgement whose comparisons went by the 95 % interval alone.

    It stands for the 90 % interval. It is wider: what it shows to be equivalent is so.
    """
    compared = judgement["comparisons"]
    require(compared, Each(COMPARISON, MOST_BASELINES), "header.judgement.comparisons")
    differences = {}
    for name, each in compared.items():
        ends = PairedDifference.of_95(estimate_from(each))
        verdict = verdict_of(ends, float(each["margin"]))
        if each["comparison"] == "no difference shown":  # also by too few rows
            verdict = UNDECIDED
        kept = {key: value for key, value in each.items() if key != "comparison"}
        differences[name] = {**kept, **_UNKNOWN, "verdict": verdict}
    kept = {key: value for key, value in judgement.items() if key != "comparisons"}
    return {**kept, "differences": differences}


def _of_one_difference(task: TaskKind, judgement: Header, costs: list[float]) -> Header:
    """A judgement with one difference, as the first versions of thalweg wrote it.

    It is compared again, and the sentence is that of the new comparison, because the old one took
    an interval with 0 in it for equality. The difference from a constant prediction is not known.

    Raises
    ------
    ValueError
        It does not have the old form.
    """
    before = {
        **{key: form for key, form in VERDICTS[task].items() if key != "differences"},
        "difference": ESTIMATE,
    }
    if task is SEVERAL_CLASSES:
        evaluation = {key: form for key, form in evaluation_form(task).items() if key != "costs"}
        before |= {"network": evaluation, "baselines": Each(evaluation)}
    require(judgement, before, "header.judgement")
    network, baselines = judgement["network"], judgement["baselines"]
    simpler, measure, n_rows = task.rival, task.measure, network["n_samples"]
    if simpler not in baselines:
        raise ValueError(f"the judgement lacks {simpler}")
    loss = estimate_from(baselines[simpler]["metrics"][metric_of(measure)]).value
    counts = _class_counts(task, network)
    found = rule(
        measure,
        PairedDifference.of_95(estimate_from(judgement["difference"])),
        margin_of(measure, loss, counts),
        n_telling=min(n_rows, rows_that_tell(counts)) if counts else n_rows,
    )
    # The network predicted the class of least cost, the baselines the most probable class.
    if task is SEVERAL_CLASSES:
        network = {**network, "costs": costs}
        baselines = {
            name: {**each, "costs": [1.0] * len(costs)} for name, each in baselines.items()
        }
    return {
        **{key: value for key, value in judgement.items() if key != "difference"},
        "network": network,
        "baselines": baselines,
        "differences": {simpler: {**found.as_dict(), **_UNKNOWN}},
        "sentence": f"{beside(simpler, found, n_rows)} {BEFORE_DIFFERENCES}",
    }


def _class_counts(task: TaskKind, network: Header) -> list[float]:
    """The number of evaluated rows of each class; empty for a numeric target."""
    if not task.of_classes:
        return []
    if task is TWO_CLASSES:
        return [network["n_positive"], network["n_samples"] - network["n_positive"]]
    return [sum(row) for row in network["confusion"]]


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
