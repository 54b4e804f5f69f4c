"""The Python that makes a ground again, by public functions alone, with the same numbers."""

from collections.abc import Mapping, Sequence

from thalweg.errors import SettingsError
from thalweg.studio.ground.held_grounds import HeldGround, TakenPath
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.runs.run_recipe import ReadTable, network_words


def ground_in_python(
    held: HeldGround, definitions: Sequence[RunDefinition], table: ReadTable
) -> str:
    """The Python that makes a ground with its runs.

    Parameters
    ----------
    held : HeldGround
    definitions : sequence of RunDefinition
        Of its runs, in their order.
    table : ReadTable

    Returns
    -------
    str
        It ends with ``surface``.

    Raises
    ------
    SettingsError
        For runs that began at a step of another run, or at a point.
    """
    if any(each.changes or each.theta for each in definitions):
        raise SettingsError(
            "The program of this ground would need the other runs before it",
            why="One of its runs began at a step of another run, or at a point",
            fix="show only runs that began together, and take a new plane",
        )
    by_id = {each.id: each for each in definitions}
    given = {"plane": held.method, "grid": len(held.surface.a), "seed": held.network.seed}
    words = {**network_words(definitions[0]), **given, **table.said}
    lines = ["import thalweg", "", table.line, *_runs("runs", held.laid, by_id)]
    if held.taken != held.laid:  # the runs have grown on the plane that was laid before
        lines += _runs("drawn", held.taken, by_id)
        words = {**words, "drawn": None}
    said = [f"{key}=drawn" if key == "drawn" else f"{key}={each!r}" for key, each in words.items()]
    lines += [f"surface = thalweg.ground_of_runs(table, runs, {', '.join(said)})"]
    return "\n".join(lines) + "\n"


def _runs(name: str, taken: Sequence[TakenPath], runs: Mapping[str, RunDefinition]) -> list[str]:
    said = []
    for each in taken:
        own = runs[each.run]
        told = {"name": each.title, "rule": own.rule, "step": each.step, "points": each.points}
        if own.rows_a_step is not None:
            told["rows_a_step"] = own.rows_a_step
        said.append(f"    {told!r},")
    return [f"{name} = [", *said, "]"]
