"""A plane that follows a run, as a sheet of the landscape page."""

from dataclasses import replace

import numpy as np

from thalweg.landscape.planes.followed_plane import FollowedPlane
from thalweg.reporting.landscape.drawn_run import in_words
from thalweg.reporting.landscape.landscape_sheet import Sheet, counted_sheet

VERDICT = "exact in the middle"


def followed_sheet(found: FollowedPlane, plane: Sheet) -> Sheet:
    """The sheet of the slices along a run.

    Parameters
    ----------
    found : FollowedPlane
    plane : Sheet
        That of the fixed plane, which has the run by the name that readers see.
    """
    (line,) = (each for each in plane.lines if each.name == found.name)
    trail, n = found.trail, len(found.frames)
    run = replace(
        line, steps=trail.steps, x=trail.a, y=trail.b, true=trail.true, drawn=trail.true,
        off=np.zeros(len(trail.steps)), verdict="exact", misfit=0.0,
    )  # fmt: skip
    said = tuple(in_words(each, plane.lines) for each in found.sentences())
    finding = f"A plane that goes along with {line.words}: {n} slices, each true in its middle"
    return counted_sheet(
        Sheet(
            "followed", f"Plane along: {line.words}", finding, found.a, found.b,
            found.frames[-1].losses, plane.axes, (run,), VERDICT, said, plane.height,
            frames=found.frames,
        )
    )  # fmt: skip
