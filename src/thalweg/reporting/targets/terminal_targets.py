"""The evaluations of several targets on a terminal: a table, and a verdict for each."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from thalweg.reporting.targets.target_rows import Evaluated, evaluations_table, target_rows
from thalweg.wording import printable

_DISCLAIMER = "Not a medical device."


def targets_page(
    evaluated: Evaluated,
    together: Sequence[str] = (),
    more: str = "",
    units: Mapping[str, str] | None = None,
) -> RenderableType:
    """The evaluations of all targets.

    Parameters
    ----------
    evaluated : mapping of str to verdict
        By the names of the targets.
    together : sequence of str
        Sentences on how the targets go together.
    more : str
        How to see more.
    units : mapping of str to str, optional
    """
    rows = target_rows(evaluated, units)
    table = evaluations_table(rows, evaluated)
    how = next(iter(evaluated.values()))["how"]
    said: RenderableType
    if len({row.sentence for row in rows}) == 1:
        all_of = "Each target: " if len(rows) > 1 else ""
        said = Text(printable(all_of + rows[0].sentence))
    else:
        said = Table.grid(padding=(0, 2, 0, 0))
        said.add_column(style="bold", overflow="fold")
        said.add_column()
        for row in rows:
            said.add_row(Text(printable(row.name)), Text(printable(row.sentence)))
    parts: list[RenderableType] = [
        Text(printable(f"{how}; the same rows for all targets.")), "", table, "", said, "",
    ]  # fmt: skip
    if together:
        parts += [Text(printable(" ".join(together))), ""]
    if more:
        parts += [Text(printable(more)), ""]
    return Group(*parts, Text(_DISCLAIMER, style="dim"))
