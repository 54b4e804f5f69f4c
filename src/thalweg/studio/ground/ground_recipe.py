"""The Python that makes a ground again, by the library's own functions, with the same numbers."""

from collections.abc import Sequence

from thalweg.errors import SettingsError
from thalweg.studio.ground.held_grounds import HeldGround, TakenPath
from thalweg.studio.runs.live_run import most_points
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.runs.run_recipe import network_in_python

_IMPORTS = (
    "from dataclasses import replace",
    "from thalweg.errors import Status",
    "from thalweg.landscape.ground.surface import landscape",
    "from thalweg.landscape.runs.own_batches import with_own_batches",
    "from thalweg.landscape.runs.path import DescentPath, Recorder, evenly, terrain_of",
    "from thalweg.landscape.runs.presets import Preset",
    "from thalweg.training.stepping.stepped_run import SteppedRun",
)
_PATH = """
def path(name, rule, rows_a_step, step, points):
    run, last = with_own_batches(member, Preset(name, rule, "", rows_a_step=rows_a_step))
    recorder = Recorder({most})
    stepped = SteppedRun(run, last_step=last, callbacks=[recorder])
    stepped.advance(step)
    thetas, steps = recorder.so_far()
    kept = evenly(len(thetas), points)
    found = DescentPath.of(name, thetas[kept], steps[kept], rule)
    return replace(found, diverged=stepped.status is Status.DIVERGED)

"""


def ground_in_python(
    held: HeldGround, definitions: Sequence[RunDefinition], load: Sequence[str]
) -> str:
    """The Python that makes a ground with its runs.

    Parameters
    ----------
    held : HeldGround
    definitions : sequence of RunDefinition
        Of its runs, in their order.
    load : sequence of str
        Lines that read the table, with their imports; the last one names it ``table``.

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
    imports, network = network_in_python(definitions[0])
    seed, points = held.network.seed, len(held.surface.a)
    more = [*_IMPORTS]
    lines = [*load, *network]
    lines += [*_PATH.format(most=most_points(held.network.member.theta.nbytes)).splitlines(), ""]
    lines += [f"terrain = terrain_of(member, seed={seed})"]
    lines += _paths("laid", held.laid, by_id)
    made = f"landscape(terrain, laid, plane={held.method!r}, grid={points}, seed={seed})"
    lines += [f"surface = {made}"]
    if held.taken != held.laid:  # the runs have grown on the plane that was laid before
        more.append("from thalweg.landscape.ground.surface import on_same_ground")
        lines += _paths("now", held.taken, by_id)
        lines.append(f"surface = on_same_ground(surface, terrain, now, seed={seed})")
    return "\n".join([*_sorted([*imports, *more]), "", *lines]) + "\n"


def _paths(name: str, taken: Sequence[TakenPath], runs: dict[str, RunDefinition]) -> list[str]:
    said = []
    for each in taken:
        own = runs[each.run]
        words = (each.title, own.rule, own.rows_a_step, each.step, each.points)
        said.append(f"    path({', '.join(map(repr, words))}),")
    return [f"{name} = [", *said, "]"]


def _sorted(imports: Sequence[str]) -> list[str]:
    return sorted(set(imports), key=lambda line: ("thalweg" in line, line))
