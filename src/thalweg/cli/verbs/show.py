"""``thalweg show``: the output that describes a model file."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from thalweg.cli.console_listener import Talk
from thalweg.cli.options import target_options, verb_options
from thalweg.cli.targets_in_terminal import targets_of_file
from thalweg.cli.terminal_tables import page
from thalweg.wording import unescaped

if TYPE_CHECKING:
    from thalweg.jobs.show import ShowOutcome


def show(
    model: verb_options.Model,
    target: target_options.TargetOfModel = None,
    as_json: verb_options.Json = False,
) -> None:
    """Show what a model file contains.

    Its columns and classes, the network, how it was trained, and how it was evaluated.
    """
    with Talk("show", as_json=as_json) as talk:
        from thalweg.jobs.show import ShowRequest
        from thalweg.jobs.show import show as job

        said = None if target is None else unescaped(target)
        talk.show(_page(job(ShowRequest(model=model, target=said), talk)))


_NO_EVALUATION = "It was saved without an evaluation on held-out rows."
_OF_LEVELS = (
    "The evaluation in the file is of all levels together; thalweg evaluate MODEL TABLE, with this "
    "--target, evaluates one."
)


def _page(outcome: "ShowOutcome") -> Group:
    from thalweg.reporting.terminal_verdict import verdict_page

    if outcome.targets:
        return targets_of_file(outcome)
    verdict = outcome.judgement
    of_level = (outcome.result or {}).get("level") is not None
    judged: RenderableType = _OF_LEVELS if of_level else _NO_EVALUATION
    if verdict is not None:
        assert outcome.result is not None
        judged = verdict_page(verdict, outcome.result["unit"])
    return Group(page(outcome.lines), "", judged)
