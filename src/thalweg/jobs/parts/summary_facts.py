"""Summaries of a table and of a model: as plain data, and as lines of text."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from thalweg.data.canonical_rows import repeats
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.read import Table
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.several_outputs import single_target
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.auto_by_width import alpha_of, epochs_of
from thalweg.estimators.parameters.optimizer_of_fit import (
    fitted_optimizer_text,
    text_at_constant_rate,
)
from thalweg.estimators.parameters.simpler_model import subject_of
from thalweg.estimators.parameters.unlike_default import unlike_default
from thalweg.evaluation.answers import copies_of, effective_number, why_no_rows
from thalweg.evaluation.comparing.ruling_sentences import as_rows_of_equal_weight
from thalweg.evaluation.quantiles.levels_of_loss import levels_of_loss
from thalweg.evaluation.task_kinds import THE_NETWORK
from thalweg.reporting.verdict_words import batches_ended, passes_in_batches, training_ended
from thalweg.training.history import pass_name
from thalweg.wording import amount, counted, counted_classes

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

Facts = dict[str, Any]
# Settings without an effect on partial_fit, as `unlike_default` says them.
_NOT_IN_BATCHES = ("schedule ", "warm-up ", "average ", "epochs ", "patience ", "tolerance ")
# The subject of each line, and its text.
Lines = list[tuple[str, str]]


def table_facts(
    table: Table,
    matrix: np.ndarray,
    values: np.ndarray | None = None,
    notation: NumberNotation | None = None,
    weights: np.ndarray | None = None,
) -> Facts:
    """The summary of a table.

    Parameters
    ----------
    table : Table
        With its target.
    matrix : ndarray of float64, shape (n_samples, n_features)
        Its features as numbers, NaN for a missing value.
    values : ndarray of float64, shape (n_samples,), optional
        The target, if it is numeric.
    notation : NumberNotation, optional
        How the numbers of the target are written, unless they are plain.
    weights : ndarray of float64, shape (n_samples,), optional
        How much each row counts.

    Returns
    -------
    dict
        ``name rows columns missing target classes positive range unit equal_rows groups weights
        left_out``: ``missing`` counts the missing cells of each column that has some, ``classes``
        the rows of each class. A numeric target has a ``range`` instead: its lowest, median and
        highest value, in ``unit`` ("" if it has none; None for classes). ``groups`` is None, or the
        ``name`` of their column, their ``count``, and the rows of the ``largest``. ``weights`` is
        None, or the ``name`` of their column, their ``sum``, whether they are whole numbers and so
        ``are_rows``, and the ``effective`` number of rows. ``left_out`` counts the rows without a
        target, time, group or weight: the ``column``, its ``role``, the ``rows``, and whether their
        cells ``are_words`` for a missing value, instead of empty.
    """
    # A column of the schema that is read from another one stands behind those of the table.
    missing = np.isnan(matrix[:, : table.frame.shape[1]]).sum(axis=0).tolist()
    return {
        "name": table.name,
        "rows": len(matrix),
        "columns": list(table.frame.columns),
        "missing": {
            name: count for name, count in zip(table.frame.columns, missing, strict=True) if count
        },
        "target": table.target_name,
        "classes": dict(sorted(Counter(table.target).items())) if values is None else None,
        "positive": table.positive,
        "range": None if values is None else value_range(values),
        "unit": None if values is None else notation.unit if notation else "",
        "equal_rows": int(repeats(matrix).sum()),
        "groups": None if table.groups is None else _group_facts(table.groups),
        "weights": None
        if weights is None or table.weights is None
        else weight_facts(str(table.weights.name), weights),
        "left_out": _left_out_facts(table),
    }


def _left_out_facts(table: Table) -> list[Facts]:
    return [
        {
            "column": each.column,
            "role": each.role,
            "rows": len(each.rows),
            "are_words": each.are_words,
        }
        for each in table.left_out
    ]


def _group_facts(groups: pd.Series) -> Facts:
    """The column of the groups, the number of groups, and the rows of the largest one."""
    sizes = groups.value_counts()
    return {"name": groups.name, "count": len(sizes), "largest": int(sizes.max())}


def weight_facts(name: str, weights: np.ndarray) -> Facts:
    """The column of the weights, and as how many rows all rows count."""
    are_rows = copies_of(weights) is not None
    effective = float(weights.sum()) if are_rows else effective_number(weights)
    return {
        "name": name, "sum": float(weights.sum()), "are_rows": are_rows, "effective": effective,
        "why_no_rows": why_no_rows(weights) or None,
    }  # fmt: skip


def weight_notes(weights: Facts | None, *, split: bool = True) -> list[str]:
    """How the rows are weighted, a sentence or none; ``split``: whether they are split."""
    if weights is None:
        return []
    if weights["are_rows"]:
        return [
            f'Each row counts as "{weights["name"]}" says: {weights["sum"]:,.0f} rows in all'
            f"{', and equal ones are never split' if split else ''}."
        ]
    why = weights["why_no_rows"]
    why = "" if why is None else f" {why[0].upper()}{why[1:]}."
    return [
        f'The rows are weighted by "{weights["name"]}", and count '
        f"{as_rows_of_equal_weight(weights['effective'])} (Kish). Intervals are for so many rows"
        f"{'; the split counts each row once' if split else ''}.{why}"
    ]


def value_range(values: np.ndarray) -> Facts:
    """The lowest, the median and the highest of some values."""
    ends = {"low": values.min(), "median": np.median(values), "high": values.max()}
    return {name: float(value) for name, value in ends.items()}


def model_facts(model: "Model") -> Facts:
    """The summary of a fitted model."""
    target = _target_facts(model)
    return {
        **target,
        "subject": subject_of(target["kind"], model.settings_),
        "columns": model.schema_.to_header()["columns"],
        "coded": coded_columns(model),
        "networks": len(model.members_),
        "network": {
            "sizes": list(model.architecture_.sizes),
            "activations": list(model.architecture_.activations),
            "parameters": model.architecture_.n_parameters,
            "dtype": model.theta_.dtype.name,
        },
        "training": {
            "settings": _plain_settings(model.settings_),
            "unlike_default": unlike_default(target["kind"], model.settings_, model.stopping_),
            "seed": model.seed_,
            "best_epoch": model.best_epoch_,
            "epochs": len(model.history_),
            "stopping": model.stopping_,
            "status": model.status_.name.lower(),
            "history": model.history_,
            "in_batches": model._known.also == "batches",
            "continued": model._known.also == "epochs",
        },
        "calibration": calibration_facts(model),
        **_search_facts(model),
        "data_hash": model.data_hash_,
    }


def _search_facts(model: "Model") -> Facts:
    """Which trials of a search the networks are from; nothing of a model of a fit."""
    found = model._known.tuned
    if found is None:
        return {}
    # A trial that is in several slots has each of its networks as many times.
    number: dict[int, int] = {}
    order = [number.setdefault(id(each), len(number)) for each in model.members_]
    return {"tuned": {**found.as_dict(), **({"order": order} if len(number) < len(order) else {})}}


def calibration_facts(model: "Model") -> Facts | None:
    """The calibration of a model, with its sentence; None if none was asked for."""
    found = model.calibration_
    return None if found is None else {**found.as_dict(), "sentence": found.sentence}


def coded_columns(model: "Model") -> list[str]:
    """The categories of which a network has target codes, in the order of the columns."""
    places = {
        each.feature for network in model.members_ for each in network.encoder.codes.categories
    }
    return [name for j, name in enumerate(model.schema_.names) if j in places]


def _target_facts(model: "Model") -> Facts:
    """What the model predicts for a row: a class, or a number."""
    outputs = single_target(model.members_[0].outputs)
    if isinstance(outputs, Values | Quantiles):
        values = {name: getattr(outputs, name) for name in ("low", "high")}
        return {"kind": "regressor", "loss": outputs.own_loss, "range": values}
    labels = model.classes_.tolist()
    positive = None
    if model.positive_ is not None:
        positive = labels[int(model.classes_[1] == model.positive_)]
    return {
        "kind": "classifier",
        "classes": labels,
        "positive": positive,
        "threshold": model.threshold_,
        "threshold_from": model._chosen and model._chosen.as_dict(),
        "costs": outputs.costs.tolist(),
    }


def names_of_two(model: "Model") -> list[str]:
    """The names of the classes of a model, the negative one first; empty unless there are two."""
    facts = _target_facts(model)
    if facts["kind"] != "classifier" or facts["positive"] is None:
        return []
    others = [each for each in facts["classes"] if each != facts["positive"]]
    return [*map(str, others), str(facts["positive"])]


def _plain_settings(settings: Facts) -> Facts:
    """Settings for JSON; the keys of a dict of weights become text."""
    return {
        name: {str(label): weight for label, weight in value.items()}
        if isinstance(value, dict)
        else value
        for name, value in settings.items()
    }


def table_lines(facts: Facts, grades: Sequence[str] | None = None) -> Lines:
    """The summary of a table, as text; ``grades`` are its classes in their order."""
    cells = sum(facts["missing"].values())
    where = (
        ", ".join(facts["missing"])
        if len(facts["missing"]) <= 3
        else (f"{len(facts['missing'])} columns")
    )
    missing = (
        f"{counted(cells, 'cell is', 'cells are')} missing ({where})"
        if cells
        else "no cell is missing"
    )
    if facts["classes"] is None:
        ends = facts["range"]
        low, median, high = (amount(ends[end], 6) for end in ("low", "median", "high"))
        of_unit = f' (in "{facts["unit"]}")' if facts["unit"] else ""
        what = "a rate" if facts.get("answer", facts["target"]) != facts["target"] else "a number"
        said = f"{what} from {low} to {high}, median {median}{of_unit}, over all rows"
    else:
        order = [each for each in grades or () if each in facts["classes"]]
        said = counted_classes({each: facts["classes"][each] for each in order or facts["classes"]})
    return [
        (
            "Table",
            f"{facts['name']}: {counted(facts['rows'], 'row')}, "
            f"{counted(len(facts['columns']), 'column')}; {missing}",
        ),
        ("Target", f"{facts.get('answer', facts['target'])}: {said}"),
        *[("Left out", _left_out(facts["left_out"])) for _ in facts["left_out"][:1]],
    ]


def _left_out(parts: list[Facts]) -> str:
    """How many rows are left out, and why."""

    def why(each: Facts) -> str:
        if not each["column"]:
            return "by number"
        if each["are_words"]:
            return f"with a word for a missing value as the {each['role']} ({each['column']})"
        return f"without a {each['role']} ({each['column']})"

    return "; ".join(f"{counted(each['rows'], 'row')} {why(each)}" for each in parts)


def model_lines(facts: Facts) -> Lines:
    """How a network was built and trained, as text."""
    network, training = facts["network"], facts["training"]
    settings, unlike = training["settings"], training["unlike_default"]
    optimizer = fitted_optimizer_text(settings)
    in_batches = training["in_batches"]
    if in_batches and passes_in_batches(settings, training["history"]) == training["epochs"]:
        optimizer = text_at_constant_rate(settings)
        unlike = [each for each in unlike if not each.startswith(_NOT_IN_BATCHES)]
    hidden = "".join(
        f"{size} {activation} → "
        for size, activation in zip(network["sizes"][1:-1], network["activations"], strict=False)
    )
    is_network = facts["subject"] == THE_NETWORK
    what = "" if is_network else f"{facts['subject'].removeprefix('the ')}: "
    return [
        (
            "Network" if is_network else "Estimator",
            f"{what}{counted(network['sizes'][0], 'input')} → {hidden}{_outputs_in_words(facts)}; "
            f"{counted(network['parameters'], 'parameter')} in {network['dtype']}{_members(facts)}",
        ),
        *(
            [("Target codes", f"of the rarer levels of {', '.join(facts['coded'])}")]
            if facts["coded"]
            else []
        ),
        (
            "Optimizer",
            f"{optimizer}; batches {settings['batch_size']}, alpha {alpha_of(settings):g}",
        ),
        *([("Settings", "; ".join(unlike))] if unlike else []),
        *([("Calibration", facts["calibration"]["sentence"])] if facts["calibration"] else []),
        ("Training", f"{_ended(training)}; seed {training['seed']}"),
        *([("Tuning", _tuning(facts["tuned"], bool(unlike)))] if "tuned" in facts else []),
    ]


def _tuning(tuned: Facts, unlike: bool) -> str:
    """Which trials of a search the networks are from, as text."""
    counts: Counter[int] = Counter(tuned["networks"])
    others = "" if len(counts) == 1 else f"; the lines above are of trial {tuned['networks'][0]}"
    # Where trial 0 is of other settings, two defaults would be one word.
    others += "; Settings compares with a fit without options" if unlike else ""
    # A trial that was chosen twice has its networks twice, and counts twice.
    order = tuned.get("order", range(len(tuned["networks"])))
    once = Counter(dict(zip(order, tuned["networks"], strict=True)).values())
    times = {trial: n // once[trial] for trial, n in counts.items()}
    parts = [f"{once[trial]} of trial {trial}{f' (counts {n} times)' if n > 1 else ''}"
             for trial, n in times.items()]  # fmt: skip
    which = f"{counted(once.total(), 'network')}: {', '.join(parts)}"
    search = counted(tuned["trials"], "trial")
    return f"made by a search of {search}, of which trial 0 is the default. {which}{others}"


def _outputs_in_words(facts: Facts) -> str:
    n_outputs = facts["network"]["sizes"][-1]
    if facts["kind"] == "regressor":
        levels = levels_of_loss(str(facts["training"]["settings"].get("loss")))
        return counted(n_outputs, "quantile" if len(levels) > 1 else "value")
    return counted(n_outputs, "logit")


def _members(facts: Facts) -> str:
    n_networks = facts["networks"]
    if len(set(facts.get("tuned", {}).get("networks", ()))) > 1:
        return f"; the first of {n_networks} networks, whose mean is the answer"
    such = "networks" if facts["subject"] == THE_NETWORK else "models"
    return f"; the mean of {n_networks} such {such}" if n_networks > 1 else ""


def _ended(training: Facts) -> str:
    if training["in_batches"]:
        return batches_ended(training["settings"], training["history"])
    best, ran, limit = (
        training["best_epoch"], training["epochs"], epochs_of(training["settings"])
    )  # fmt: skip
    what = pass_name(training["history"])
    return training_ended(
        training["stopping"], training["status"], best, ran, limit, what,
        training["settings"]["scoring"], continued=training["continued"],
    )  # fmt: skip
