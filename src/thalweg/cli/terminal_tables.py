"""Tables on the terminal: lines in two columns, and the losses of a training run."""

from collections.abc import Iterable

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from thalweg.training.history import History, pass_name
from thalweg.wording import amount, printable


def page(lines: Iterable[tuple[str, str]]) -> Grid:
    """Lines as two columns: the subject, and the text."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")  # a long word, such as an optimizer, is not cut
    for head, words in lines:
        grid.add_row(Text(head), Text(printable(words)))
    return grid


def history_page(history: History, best_epoch: int, *, ascii: bool) -> Group:
    """The losses of a training run: as sparklines, and as a table of the epochs."""
    from thalweg.reporting.sparkline import history_sparklines

    curves = history_sparklines(history, best_epoch, ascii=ascii)
    return Group(page(curves), "", epochs_table(history))


def epochs_table(history: History) -> Grid:
    """One row for each epoch: losses, learning rate and gradient norm."""
    heads = {
        "epoch": pass_name(history),
        "train_loss": "training loss",
        "valid_loss": "held out",
        "rate": "rate",
        "gradient_norm": "gradient norm",
    }
    grid = Grid(box=None, pad_edge=False)
    for head in heads.values():
        grid.add_column(head, justify="right")
    for epoch in history:
        grid.add_row(*("" if epoch[key] is None else amount(epoch[key]) for key in heads))
    return grid
