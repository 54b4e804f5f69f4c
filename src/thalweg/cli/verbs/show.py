"""``thalweg show``: what is in a model file."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from thalweg.cli import options
from thalweg.cli.facts import model_facts, model_lines, page
from thalweg.cli.outcome import Outcome
from thalweg.wording import amount, counted

if TYPE_CHECKING:
    from thalweg.cli.facts import Facts, Lines

_PLURALS = {
    "number": "numbers",
    "boolean": "booleans",
    "category": "categories",
    "identifier": "identifiers",
    "empty": "empty",
}


def show(model: options.Model, as_json: options.Json = False) -> None:
    """Show what is in a model file.

    Its columns and classes, the network, how that was trained, and how it was judged.
    """
    with Outcome("show", as_json=as_json) as outcome:
        from thalweg.persistence.model_file import read_model

        file = read_model(model)
        outcome.result = {
            "file": model,
            "written_by": file.thalweg,
            "target": file.target,
            "model": model_facts(file.model),
            "judgement": file.judgement,
        }
        outcome.show(_page(outcome.result))


def _page(facts: "Facts") -> Group:
    from thalweg.reporting.display import verdict_page

    verdict = facts["judgement"]
    judged: RenderableType = "It was saved without a judgement on a test part."
    if verdict is not None:
        judged = verdict_page(verdict)
    return Group(page([*_lines(facts), *model_lines(facts["model"])]), "", judged)


def _lines(facts: "Facts") -> "Lines":
    """What a model takes and gives, in words."""
    model = facts["model"]
    kinds: dict[str, list[str]] = {}
    for column in model["columns"]:
        kinds.setdefault(column["kind"], []).append(column["name"])
    return [
        ("Model", f"{facts['file']}: a {model['kind']}, written by thalweg {facts['written_by']}"),
        *(
            ("Columns", f"{len(names)} {_PLURALS[kind] if names[1:] else kind}: {', '.join(names)}")
            for kind, names in kinds.items()
        ),
        ("Target", f"{facts['target'] or 'not named'}: {_said(model)}"),
        ("Data hash", model["data_hash"]),
    ]


def _said(model: "Facts") -> str:
    """What the model says of a row, in words."""
    if model["kind"] == "regressor":
        low, high = (amount(model["range"][end], 6) for end in ("low", "high"))
        return f"a number from {low} to {high}"
    labels = [str(label) for label in model["classes"]]
    if model["positive"] is None:
        shown = ", ".join(labels[:8])
        more = len(labels) - 8
        return f"{shown} and {counted(more, 'more class', 'more classes')}" if more > 0 else shown
    (negative,) = (label for label in model["classes"] if label != model["positive"])
    return f"{negative}, or {model['positive']} above a probability of {model['threshold']:.3g}"
