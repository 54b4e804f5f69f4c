"""The YAML head of a card for a collection of models: `model-index`, with the numbers of a card.

Every text is a double-quoted scalar with the escapes of JSON, which YAML shares; so no name of a
table is YAML. (huggingface.co/docs/hub/model-cards)
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from thalweg.reporting.card.answers_of_results import estimate_text, writer_of
from thalweg.reporting.card.card_shapes import CardData
from thalweg.reporting.verdict_words import kind_of, metrics_of
from thalweg.wording import printable

# Names of metrics there, by those in plain data.
_METRICS = {
    "auc": "roc_auc", "accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy",
    "log_loss": "log_loss", "brier": "brier_score", "sensitivity": "recall",
    "specificity": "specificity", "rmse": "rmse", "mae": "mae", "r2": "r_squared",
}  # fmt: skip
# Other ones keep their name.
_LICENCE = re.compile(r"[a-z0-9][a-z0-9.-]{0,40}")


def yaml_head(card: CardData) -> str:
    """The head of a card in YAML, between two lines of ``---``."""
    numbers = card["numbers"]
    of_classes = numbers["model"]["kind"] == "classifier"
    task = "tabular-classification" if of_classes else "tabular-regression"
    lines = ["---", f"library_name: {_text('thalweg')}", f"pipeline_tag: {_text(task)}"]
    lines.append(f"tags: [{_text('tabular')}, {_text('thalweg')}]")
    if _LICENCE.fullmatch(card["licence"]):
        lines.append(f"license: {_text(card['licence'])}")
    lines += ["model-index:", f"- name: {_text(card['title'])}", *_results(numbers, task)]
    return "\n".join([*lines, "---", ""])


def _results(numbers: Mapping[str, Any], task: str) -> list[str]:
    """The results of each evaluation; an empty list if there is none."""
    found = []
    if numbers["judgement"] is not None:
        name = "the table of the fit" if numbers["table"] is None else numbers["table"]["name"]
        found.append((f"{name}, test rows", numbers["judgement"]))
    if numbers["evaluation"] is not None:
        found.append((numbers["evaluation"]["name"], numbers["evaluation"]["judgement"]))
    if not found:
        return ["  results: []"]
    lines = ["  results:"]
    for name, judged in found:
        network = judged["network"]
        lines += ["  - task:", f"      type: {_text(task)}", "    dataset:"]
        rows = f"{name}: {network['n_samples']} rows"
        lines += [f"      name: {_text(rows)}", f"      type: {_text(name)}", "    metrics:"]
        for metric in metrics_of(judged):
            measured = network["metrics"][metric.key]
            value = _number(measured["value"])
            if value is not None:
                # Its name has the interval, so that no number stands alone.
                ends = estimate_text(measured, writer_of(kind_of(judged), metric.key))
                shown = f"{metric.name} {ends} (95 % interval)"
                kind = _METRICS.get(metric.key, metric.key)
                lines += [f"    - type: {_text(kind)}", f"      value: {value}",
                          f"      name: {_text(shown)}"]  # fmt: skip
    return lines


def _text(value: object) -> str:
    return json.dumps(printable(str(value)), ensure_ascii=False)


def _number(value: float | str | None) -> str | None:
    """A number that YAML reads as one, in its versions 1.1 and 1.2; None for an undefined one."""
    if value is None:
        return None
    if math.isinf(number := float(value)):
        return ".inf" if number > 0 else "-.inf"
    shown = repr(number)
    mantissa, e, power = shown.partition("e")
    if not e:
        return shown
    sign = "" if power[0] in "+-" else "+"
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}e{sign}{power}"
