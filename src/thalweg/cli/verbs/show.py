"""``thalweg show``: the output that describes a model file."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from thalweg.cli.console_listener import Talk
from thalweg.cli.options import verb_options
from thalweg.cli.terminal_tables import page

if TYPE_CHECKING:
    from thalweg.jobs.show import ShowOutcome


def show(model: verb_options.Model, as_json: verb_options.Json = False) -> None:
    """Show what a model file contains.

    Its columns and classes, the network, how it was trained, and how it was evaluated.
    """
    with Talk("show", as_json=as_json) as talk:
        from thalweg.jobs.show import ShowRequest
        from thalweg.jobs.show import show as job

        talk.show(_page(job(ShowRequest(model=model), talk)))


def _page(outcome: "ShowOutcome") -> Group:
    from thalweg.reporting.terminal_verdict import verdict_page

    verdict = outcome.judgement
    judged: RenderableType = "It was saved without an evaluation on held-out rows."
    if verdict is not None:
        assert outcome.result is not None
        judged = verdict_page(verdict, outcome.result["unit"])
    return Group(page(outcome.lines), "", judged)
