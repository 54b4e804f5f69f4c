"""The overview page of evaluations that were made in Python."""

import os
from importlib.metadata import version

from thalweg.endings import PAGE, check_ending
from thalweg.evaluation.several.evaluations import Evaluations
from thalweg.files import write_atomic
from thalweg.reporting.targets.overview_page import Overview, overview_html


def save_overview(
    found: Evaluations, path: str | os.PathLike[str], *, name: str = "", overwrite: bool = False
) -> None:
    """Write the overview of several targets to one HTML file.

    Parameters
    ----------
    found : Evaluations
    path : str or path
    name : str
        What the page calls the table.
    overwrite : bool
    """
    check_ending(os.fspath(path), "A report", PAGE)
    first = next(iter(found.values()))
    page = overview_html(
        Overview(
            name or "The table",
            {target: each.verdict.as_dict() for target, each in found.items()},
            version("thalweg"),
            together=found.together,
            facts=[("Seed", str(first.seed))],
        )
    )
    write_atomic(path, page.encode(), overwrite=overwrite)
