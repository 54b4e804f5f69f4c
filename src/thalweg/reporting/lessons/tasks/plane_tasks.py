"""The lesson on planes: how much of a run a picture of the loss shows, and what it must say."""

from typing import Any

import numpy as np

from thalweg.landscape.ground.terrain import NetworkTerrain
from thalweg.landscape.numbers_in_words import percent, written
from thalweg.landscape.planes.distortion import Trail, off_by
from thalweg.landscape.runs.presets import title_of
from thalweg.reporting.landscape.landscape_page import page_data
from thalweg.reporting.landscape.landscape_sheet import Sheet, profile_sheet, surface_sheet
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.plane_runs import PlaneRuns, gap_of, plane_runs
from thalweg.wording import counted

_NAMES = "ABC"
_WORDS = {
    "centred": "the two directions of the largest spread of all runs, through their mean",
    "random": "two random directions",
    "through-start": "the two directions in which all runs move most, through the start",
}
# Steps of the way, as shares of it, whose gap is asked for; seed 0 has the start.
_ASKED = (0.0, 1.0, 0.5, 0.25)
# How many standard deviations of the random walks are a difference.
_FAR = 2.0


def plane_lesson_tasks(subject: Subject) -> PreparedLesson:
    """The lesson, for a page or for paper.

    Raises
    ------
    DataError
        If the runs on the table cannot be followed through three planes.
    """
    runs = plane_runs(subject)
    sheets = [surface_sheet(each) for each in runs.surfaces.values()]
    numbers = {line.name: line.look for line in sheets[0].lines}
    profile = profile_sheet(runs.profile, numbers[runs.path.name])
    followed = list(runs.surfaces).index(runs.followed[0])
    slice_: dict[str, object] = {"sheet": followed, "laid": True}
    values = _values(runs)
    return PreparedLesson(
        lesson_text("plane"),
        {
            "share": [Variant(values, 100 * runs.share(runs.followed[1].plane), slice_)],
            "curtain": [_curtain(runs, share, values, slice_) for share in _ASKED],
            "walk": [_walk(runs, values, {**slice_, "laid": False})],
            "choose": [_choose(runs, order, values) for order in _orders(len(sheets))],
            "profile": [Variant(values, 1, {"sheet": len(sheets)})],
            "caption": [_caption(runs, values)],
        },
        subtitle=f"{subject.name}: {values['layers']} units, {values['weights']} weights, "
        f"{counted(len(runs.race.paths), 'run')} of about {values['steps']} steps from one start.",
        script="learn/plane_lesson.js",
        styles=("learn/relief.css",),
        facts={
            "relief": _drawn([*sheets, profile], runs.path.name), "chosen": numbers[runs.path.name],
            "planes": len(sheets),
        },
        rows="It holds losses over slices, the places of runs on them, and no row of the table.",
    )  # fmt: skip


def _drawn(sheets: list[Sheet], chosen: str) -> dict[str, Any]:
    """The data of the pictures, as high as the followed run; nothing here shows drawn losses."""
    data = page_data(sheets)
    for sheet, shown in zip(sheets, data["sheets"], strict=True):
        for line in shown["lines"]:
            line.pop("drawn", None)
        if sheet.kind == "plane":
            top = max(float(line.true.max()) for line in sheet.lines if line.name == chosen)
            # A ground that lies below the run would else cut the curtain that it is about.
            shown["relief"]["highest"] = top
            shown["relief"]["whole"] = top > float(np.nanmax(sheet.losses))
    return data


def _name(runs: PlaneRuns) -> str:
    return title_of(runs.path.name, runs.path.rule)


def _values(runs: PlaneRuns) -> dict[str, str]:
    """What all steps say."""
    terrain = runs.race.terrain
    assert isinstance(terrain, NetworkTerrain)  # the race is on a network's loss
    method, surface = runs.followed
    along = runs.profile
    return {
        "run": _name(runs), "weights": f"{terrain.n_parameters:,}",
        "layers": "-".join(map(str, terrain.architecture.sizes)),
        "steps": str(int(runs.path.steps[-1])),
        "laid": _WORDS[method], "share": percent(runs.share(surface.plane)),
        "walk": percent(runs.walk.mean), "deviation": f"{100 * runs.walk.deviation:.0f}",
        "start_off": off_by(float(runs.trail(surface).gap[0])),
        "cuts": str(len(along.along)), "points": f"{len(along.run.steps):,}",
        "between": off_by(float(along.run.gap.max())), "turned": counted(along.turned, "cut"),
        "least_off": off_by(gap_of(runs.surfaces[runs.least])),
        "least_share": percent(runs.share(runs.surfaces[runs.least].plane)),
    }  # fmt: skip


def _curtain(
    runs: PlaneRuns, share: float, values: dict[str, str], stage: dict[str, object]
) -> Variant:
    """The gap between slice and run at one step, from the losses as the text writes them."""
    trail: Trail = runs.trail(runs.followed[1])
    place = round(share * (len(trail.steps) - 1))
    drawn, true = (written(float(each[place]), 4) for each in (trail.drawn, trail.true))
    truth = float(trail.true[place])
    answer = 100 * abs(float(trail.drawn[place]) - truth) / truth
    of_drawn = answer * truth / float(trail.drawn[place])
    step = int(trail.steps[place])
    more = {
        "step": str(step), "drawn": drawn, "true": true, "off": off_by(answer / 100),
        "side": "too low" if trail.drawn[place] < truth else "too high",
    }  # fmt: skip
    own = {**stage, "step": step}
    return Variant(
        {**values, **more}, answer, own, {**own, "laid": False}, traps={"of_drawn": of_drawn}
    )


def _walk(runs: PlaneRuns, values: dict[str, str], stage: dict[str, object]) -> Variant:
    """Whether the share of the run is more than that of random walks."""
    above = runs.share(runs.followed[1].plane) - runs.walk.mean
    spread = _FAR * runs.walk.deviation
    answer = 1 if abs(above) <= spread else 0 if above > 0 else 2
    known = f"{values['share']} here, {values['walk']} ± {values['deviation']} for random walks."
    says = (
        f"{known} That is more than two standard deviations above them.",
        f"{known} The difference is less than two standard deviations of the walks. So the share "
        "says nothing.",
        f"{known} That is more than two standard deviations below them: this plane was not laid "
        "for this run alone.",
    )
    texts = ("Yes, it is more than random walks give.", "No, random walks give about as much.",
             "No, it is even less than random walks give.")  # fmt: skip
    choices = [
        {"text": text, "say": f"Right. {says[answer]}" if i == answer else f"No. {says[answer]}"}
        for i, text in enumerate(texts)
    ]
    return Variant({**values, "said": says[answer]}, answer, stage, choices=choices)


def _orders(count: int) -> list[list[int]]:
    """The orders in which a seed shows the planes: by turns."""
    return [[(first + i) % count for i in range(count)] for first in (1, 2, 0)]


def _choose(runs: PlaneRuns, order: list[int], values: dict[str, str]) -> Variant:
    """Which plane distorts least."""
    methods = list(runs.surfaces)
    shown = [methods[place] for place in order]
    off = {method: off_by(gap_of(runs.surfaces[method])) for method in methods}
    numbers = "; ".join(
        f"{name} {off[method]}" for name, method in zip(_NAMES, shown, strict=False)
    )
    answer = shown.index(runs.least)
    hidden = percent(runs.share(runs.surfaces[runs.least].plane))
    said = (
        f"Off by, on average over the runs: {numbers}. In the two directions of plane "
        f"{_NAMES[answer]} lie {hidden} of the way of {values['run']}."
    )
    choices = [
        {"text": f"Plane {_NAMES[i]}", "say": f"Right. {said}" if i == answer
         else f"Look at its curtains again. {said}"}
        for i in range(len(shown))
    ]  # fmt: skip
    stage = {"sheet": order[0], "planes": order, "laid": False}
    return Variant({**values, "said": said, "letter": _NAMES[answer]}, answer, stage,
                   {**stage, "sheet": order[answer]}, choices=choices)  # fmt: skip


def _caption(runs: PlaneRuns, values: dict[str, str]) -> Variant:
    """The three numbers without which the picture of the least distorting plane says too much."""
    gap = 100 * gap_of(runs.surfaces[runs.least])
    place = list(runs.surfaces).index(runs.least)
    return Variant(
        values, [float(runs.race.terrain.n_parameters), 2.0, gap],
        {"sheet": place, "laid": False},
        key=f"{values['weights']}; 2; {np.format_float_positional(gap, 3, fractional=False)}",
    )  # fmt: skip
