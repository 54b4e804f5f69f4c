"""What the verbs print of several targets: a line for each, and how to see more."""

from typing import TYPE_CHECKING

from rich.console import Group

from thalweg.cli.terminal_tables import page

if TYPE_CHECKING:
    from thalweg.jobs.evaluate import EvaluateOutcome
    from thalweg.jobs.fitting.fit_outcome import FitOutcome
    from thalweg.jobs.show import ShowOutcome

_WHOLE = "With --target NAME, evaluate MODEL TABLE shows the whole evaluation of one target."


def targets_of_fit(outcome: "FitOutcome") -> Group:
    """The evaluated network of several targets."""
    from thalweg.jobs.targets.facts_of_targets import lines_of_model, lines_of_table
    from thalweg.jobs.targets.opened_model import how_to_see_one
    from thalweg.reporting.targets.terminal_targets import targets_page

    data = outcome.data or {}
    lines = [*lines_of_table(data), *lines_of_model(outcome.model)]
    more = how_to_see_one(list(outcome.evaluated), (outcome.result or {}).get("asked") or "MODEL")
    found = targets_page(outcome.evaluated, outcome.together, more, _units(data))
    return Group(page(lines), "", found)


def targets_of_evaluation(outcome: "EvaluateOutcome") -> Group:
    """The evaluation of several targets on a table."""
    from thalweg.jobs.targets.facts_of_targets import lines_of_table
    from thalweg.reporting.targets.terminal_targets import targets_page

    data = outcome.data or {}
    found = targets_page(outcome.evaluated, outcome.together, _WHOLE, _units(data))
    return Group(page(lines_of_table(data)), "", found)


def targets_of_file(outcome: "ShowOutcome") -> Group:
    """The content of a model file of several targets."""
    from thalweg.jobs.targets.opened_model import how_to_see_one
    from thalweg.reporting.targets.terminal_targets import targets_page

    more = how_to_see_one(outcome.targets, (outcome.result or {})["file"])
    if not outcome.evaluated:
        said = "It was saved without an evaluation on held-out rows."
        return Group(page(outcome.lines), "", said, "", more)
    found = targets_page(outcome.evaluated, outcome.together, more, outcome.units)
    return Group(page(outcome.lines), "", found)


def _units(data: dict[str, object]) -> dict[str, str]:
    targets = data.get("targets")
    assert isinstance(targets, list)
    return {each["target"]: each["unit"] or "" for each in targets}
