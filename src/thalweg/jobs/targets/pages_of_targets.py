"""The overview page of several targets, from a fit or from a model file."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from thalweg.data.column_names import listed
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.several.targets_together import Together
from thalweg.jobs.targets.facts_of_targets import lines_of_model, target_lines
from thalweg.jobs.targets.tables_of_targets import OF_POSITIVE
from thalweg.shell_words import command_of
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def overview_page(
    model: "Model",
    evaluated: Mapping[str, VerdictData],
    shown: Mapping[str, dict[str, Any]],
    together: Together | None,
    *,
    units: Mapping[str, str],
    model_file: str,
    recipes: Mapping[str, str],
) -> bytes:
    """The overview of an evaluated model.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Of several targets.
    evaluated, shown : mapping
        By target, the evaluation, and what a report shows besides.
    together : Together or None
    units : mapping of str to str
        Of numbers.
    model_file : str
        For the commands of single reports.
    recipes : mapping of str to str
        ``command`` and ``python`` make the page again.
    """
    from thalweg.reporting.targets.overview_page import Overview, overview_html

    table = next(iter(shown.values()))["table"]
    # Bounds such as "<0.6" are a column of the network, and none of the table.
    n_columns = sum(each["kind"] != "bound" for each in table["columns"])
    notes = [("Note", each) for each in _notes(shown)]
    facts = [
        ("Seed", str(model.seed_)), ("Columns", counted(n_columns, "column")), *target_lines(model),
        *lines_of_model(model), *notes, ("Data hash", model.data_hash_),
    ]  # fmt: skip
    reports = {
        name: command_of(
            ["thalweg", "report", model_file, "--target", name, "-o", f"target-{t}.html"]
        )
        for t, name in enumerate(evaluated, 1)
    }
    return overview_html(
        Overview(
            table["name"],
            dict(evaluated),
            version("thalweg"),
            dict(units),
            together,
            facts,
            reports,
            recipes,
        )
    ).encode()


def _notes(shown: Mapping[str, dict[str, Any]]) -> list[str]:
    """What is said of the table; what is not said for all targets, with the names of its targets.

    Of the positive class each target has its own line.
    """
    of: dict[str, list[str]] = {}
    for target, each in shown.items():
        for note in each["table"]["notes"]:
            if not note.startswith(OF_POSITIVE):
                of.setdefault(note, []).append(target)
    return [
        note if len(targets) == len(shown) else f"{listed(targets, 8)}: {note}"
        for note, targets in of.items()
    ]
