"""What ``thalweg evaluate --tune`` prints: what tuning is worth, and a line for each search."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from thalweg.cli.console_listener import Talk
from thalweg.cli.terminal_tables import page
from thalweg.wording import amount, printable

if TYPE_CHECKING:
    from thalweg.jobs.evaluate import EvaluateRequest
    from thalweg.tuning.nested.evaluate_tuning import EachSearch
    from thalweg.tuning.nested.tuning_worth import TuningWorth


def worth_of_tuning(request: "EvaluateRequest", search: "EachSearch", talk: Talk) -> Group:
    """Run the job; returns its text."""
    from thalweg.jobs.fitting.evaluated_tuning import evaluate_tuning
    from thalweg.jobs.parts.summary_facts import table_lines

    outcome = evaluate_tuning(request, search, talk)
    assert outcome.data is not None
    said = [Text(printable(each)) for each in outcome.worth.lines()]
    return Group(page(table_lines(outcome.data)), "", *said, "", _searches(outcome.worth))


def _searches(worth: "TuningWorth") -> Grid:
    """A row for each search."""
    grid = Grid(box=None, pad_edge=False)
    for head in ("repetition", "fold", "default", "tuned", "ensemble", "returned", "trials", "s"):
        grid.add_column(head, justify="right")
    for each in worth.folds.to_dict("records"):
        losses = (amount(each[name], in_column=True) for name in ("default", "tuned", "ensemble"))
        numbers = str(each["n_trials"]), f"{each['seconds']:.0f}"
        grid.add_row(str(each["repetition"]), str(each["fold"]), *losses, each["chosen"], *numbers)
    return grid
