"""What the program answers about results: performance with intervals, and how to use the model."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from thalweg.evaluation.judging.shapes import EstimateData
from thalweg.evaluation.subgroups.group_shapes import GroupMetricData
from thalweg.evaluation.task_kinds import TASKS, TaskKind
from thalweg.reporting.card.answers_of_data import NO_EVALUATION, long, short
from thalweg.reporting.card.answers_of_methods import evaluations, groups_of
from thalweg.reporting.card.card_shapes import FactAnswer, GridData, Known
from thalweg.reporting.page.section_data import MOST_GROUPS, metric_keys, metric_name
from thalweg.reporting.terminal_verdict import TERMINAL
from thalweg.reporting.verdict_words import (
    column_of,
    in_order_of_grades,
    kind_of,
    less_is_better,
    metrics_of,
    of_weights,
    row_name,
    rows_of_kind,
    with_interval,
)
from thalweg.wording import Writer, count_text, counted, even, fixed

# Rows that say nothing about new ones: the performance on them is not the performance.
_NO_TEST = {
    "training": "The model was trained on these rows, so this is no performance on new rows.",
    "origin unknown": "The model may have been trained on some of these rows.",
    "out-of-fold": "Networks of the fit were stopped on these rows.",
}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def answers_of_results(known: Known) -> dict[str, FactAnswer]:
    """The answers about results."""
    return {
        "use": _use(known),
        "performance": _performance(known),
        "by_cluster": _by_cluster(known),
        "recalibration": _recalibration(known),
        "poor_input": _poor_input(known),
    }


def estimate_text(measured: EstimateData, write: Writer = fixed) -> str:
    """A value with its 95 % interval, as in ``0.979 [0.891, 0.996]``."""
    return " ".join(with_interval(measured, write)).rstrip()


def writer_of(task: TaskKind, key: str) -> Writer:
    """How a metric is written, as on a terminal: a share with three decimals, a loss of numbers
    with four digits.
    """
    return fixed if task.of_classes or key == "r2" else partial(even, in_column=True)


def _performance(known: Known) -> FactAnswer:
    found = evaluations(known)
    if not found:
        return {"why": NO_EVALUATION}
    said: list[str] = []
    tables: list[GridData] = []
    doubts: list[str] = []
    for name, judged in found:
        how = (judged.get("sections") or {}).get("how", "test")
        tables += [_metrics(known, name, judged, how), *_classes(name, judged)]
        if judged["sentence"]:
            said.append(f"Evaluation of {name}: {long(judged['sentence'])}")
        said += _section_sentences(judged)
        tables += _groups(name, judged)
        if how in _NO_TEST and judged is found[-1][1]:
            doubts.append(_NO_TEST[how])
    return {"text": said, "tables": tables, **({"partly": " ".join(doubts)} if doubts else {})}


def _metrics(known: Known, name: str, judged: Any, how: str) -> GridData:
    """The metrics of the model and of its baselines, with the mistakes, in rows."""
    models = [judged["network"], *judged["baselines"].values()]
    n_rows = judged["network"]["n_samples"]
    events, weighted = "", of_weights(judged["network"])
    if "n_positive" in judged["network"]:
        n_positive = count_text(judged["network"]["n_positive"])
        events = f", a weight of {n_positive} of them" if weighted else f", {n_positive} of them"
        events += f" {short(judged['positive'])}"
    rows = [
        [row_name(metric, short(known.unit) if known.unit else ""),
         *(estimate_text(each["metrics"][metric.key], writer_of(kind_of(judged), metric.key))
           for each in models)]
        for metric in metrics_of(judged)
    ]  # fmt: skip
    for words, counts in TERMINAL[kind_of(judged)].mistakes(models).items():
        words = f"{words}, sum of weights" if weighted else words
        rows.append([words, *(f"{count_text(n)} of {count_text(of)}" for n, of in counts)])
    return {
        "caption": f"Evaluation of {name}: {rows_of_kind(n_rows, how)}{events}{weighted}; value "
        f"[95 % interval]; {less_is_better(judged)}",
        "heads": ["metric", column_of(judged), *map(short, judged["baselines"])],
        "rows": rows,
    }


def _classes(name: str, judged: Any) -> list[GridData]:
    """Recall and precision of each of several classes."""
    if "recall" not in judged["network"]:
        return []
    judged = in_order_of_grades(judged)
    network = judged["network"]
    rows = [
        [short(label), count_text(sum(network["confusion"][k])),
         estimate_text(network["recall"][k]), estimate_text(network["precision"][k])]
        for k, label in enumerate(judged["classes"])
    ]  # fmt: skip
    caption = f"Evaluation of {name}: each class, {count_text(network['n_samples'])} rows in all"
    return [{"caption": caption, "heads": ["class", "rows", "recall", "precision"], "rows": rows}]


def _section_sentences(judged: Mapping[str, Any]) -> list[str]:
    """What the sections say of the same rows, each in its own sentence."""
    sections = judged.get("sections") or {}
    return [
        long(section["sentence"])
        for key in ("calibration", "threshold", "benefit", "abstention", "coverage", "subgroups")
        if (section := sections.get(key)) is not None and section["sentence"]
    ] + [long(refused) for refused in [(sections.get("subgroups") or {}).get("refused")] if refused]


def _groups(name: str, judged: Mapping[str, Any], columns: Sequence[str] = ()) -> list[GridData]:
    """The metrics in the groups of each column that was named."""
    found = groups_of(judged)
    if found is None:
        return []
    grids: list[GridData] = []
    weighted = "n_effective" in judged["network"]
    two = [judged["negative"], judged["positive"]] if "positive" in judged else []
    for table in found["tables"]:
        if table["refused"] is not None or (columns and table["column"] not in columns):
            continue
        there = dict.fromkeys(key for group in table["groups"] for key in group["metrics"])
        keys = metric_keys(there, judged)
        rows = [
            [short(group["name"]), count_text(group["n"]),
             "" if group["events"] is None else count_text(group["events"]),
             *(_of_group(group["metrics"].get(key), writer_of(TASKS[judged["task"]], key))
               for key in keys)]
            for group in table["groups"][:MOST_GROUPS]
        ]  # fmt: skip
        events = "events, sum of weights" if weighted else "events"
        heads = ["group", "rows", events, *(metric_name(key, two) for key in keys)]
        grids.append({"caption": f"Evaluation of {name}, by {short(table['column'])}",
                      "heads": heads, "rows": rows})  # fmt: skip
    return grids


def _of_group(metric: GroupMetricData | None, write: Writer) -> str:
    """A metric of a group, or why it is not shown."""
    if metric is None:
        return ""
    if metric["judged"]:
        return estimate_text(metric, write)
    return f"not shown: {long(metric['why'], 200)}"


def _by_cluster(known: Known) -> FactAnswer:
    group = known.roles.get("group")
    tables = [
        grid for name, judged in evaluations(known) if group
        for grid in _groups(name, judged, [group])
    ]  # fmt: skip
    if tables:
        return {"text": [], "tables": tables}
    return {"text": ["The performance in clusters, such as centres, was not examined."]}


def _recalibration(known: Known) -> FactAnswer:
    found = known.facts["calibration"]
    said = [long(found["sentence"])] if found else ["The predictions are not recalibrated."]
    if known.judgement is not None and "refit" in known.judgement:
        said.append("The saved model was trained again, and its performance was not measured.")
    elif known.judgement is not None:
        said.append("The performance (23a) is that of the predictions as the model gives them.")
    return {"text": said}


def _use(known: Known) -> FactAnswer:
    name = known.bound.get("file", "")
    model = name if _PLAIN_NAME.fullmatch(name) else "MODEL"
    said = [
        f"The whole model, with its encoders, is one file{f' ({short(name)})' if name else ''}: "
        f"SHA-256 {known.bound['model_sha256']}. Reading it runs no code of it. It takes these "
        f"columns by name: {_names(known)}."
    ]
    return {
        "text": said,
        "commands": [
            f"thalweg predict {model} new.csv -o predictions.csv",
            f"python -c \"import thalweg; model = thalweg.load_model('{model}')\"",
        ],
    }


def _names(known: Known) -> str:
    names = [short(each["name"]) for each in known.predictors]
    more = len(names) - 30
    return ", ".join(names[:30]) + (f" and {counted(more, 'more column')}" if more > 0 else "")


def _poor_input(known: Known) -> FactAnswer:
    unknown = known.facts["training"]["settings"].get("unknown", "warn")
    levels = {
        "warn": "counts as some other level, and a warning gives the number of such cells",
        "ignore": "counts as some other level",
        "error": "is refused",
    }[unknown]
    return {
        "text": [
            "A missing cell is taken (11). A column that is missing altogether is refused, unless "
            "the user says that it is empty (--empty).",
            f"A level that the model was not fitted on {levels}. A cell that does not fit the kind "
            "of its column, such as a text among numbers, is refused, with its row.",
            "A number outside the range of the training rows is taken, where the model has learned "
            "nothing; predict reports it, and --outside writes a column of such cells.",
        ]
    }
