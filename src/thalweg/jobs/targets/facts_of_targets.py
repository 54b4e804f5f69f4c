"""What a model of several targets is, as plain data and as text."""

from typing import TYPE_CHECKING

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.jobs.parts.summary_facts import (
    Facts,
    Lines,
    calibration_facts,
    model_facts,
    model_lines,
    table_lines,
)
from thalweg.wording import amount

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# What `model_facts` says of one target.
_OF_TARGET = (
    "kind", "loss", "range", "classes", "positive", "threshold", "threshold_from", "costs",
    "calibration", "data_hash",
)  # fmt: skip


def facts_of_model(model: "Model") -> Facts:
    """The summary of a model of several targets: as of one, with ``targets`` in a list."""
    names = model.targets_
    first = model_facts(model.for_target(0))
    shared = {name: value for name, value in first.items() if name not in _OF_TARGET}
    architecture = model.architecture_
    network = {
        **first["network"],
        "sizes": list(architecture.sizes),
        "parameters": architecture.n_parameters,
    }
    targets = []
    for t, name in enumerate(names):
        facts = first if t == 0 else model_facts(model.for_target(t))
        own = {key: facts[key] for key in _OF_TARGET if key in facts}
        targets.append({"name": name, **own})
    return {
        "kind": "classifier" if isinstance(model, ThalwegClassifier) else "regressor",
        **shared,
        "network": network,
        "targets": targets,
        "data_hash": model.data_hash_,
    }


def lines_of_model(model: "Model") -> Lines:
    """How the network of several targets was built and trained, as text."""
    facts = model_facts(model.for_target(0))
    architecture = model.architecture_
    facts["network"] |= {
        "sizes": list(architecture.sizes), "parameters": architecture.n_parameters,
    }  # fmt: skip
    facts["calibration"] = None  # each target has its own
    return model_lines(facts)


def target_lines(model: "Model") -> Lines:
    """A line for each target: its classes with the threshold, or its range."""
    lines = []
    for t, name in enumerate(model.targets_):
        one = model.for_target(t)
        facts = model_facts(one)
        lines.append(("Target", f"{name}: {_predicted(facts)}"))
        if found := calibration_facts(one):
            lines.append(("", str(found["sentence"])))
    return lines


def _predicted(facts: Facts) -> str:
    if facts["kind"] == "regressor":
        low, high = (amount(facts["range"][end], 6) for end in ("low", "high"))
        return f"a number from {low} to {high} in the training rows"
    (other,) = (each for each in facts["classes"] if each != facts["positive"])
    return f"{other}, or {facts['positive']} above a probability of {facts['threshold']:.4g}"


def lines_of_table(facts: Facts) -> Lines:
    """The summary of a table with several targets, as text."""
    lines: Lines = []
    for each in facts["targets"]:
        said = table_lines({**facts, **each})
        lines += [line for line in said if line not in lines]
    order = ("Table", "Target", "Left out")
    return sorted(lines, key=lambda line: order.index(line[0]))
