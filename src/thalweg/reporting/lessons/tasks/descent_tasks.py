"""The lesson on descent: where small, large and shrinking steps and momentum end on one ground."""

from typing import Any

import numpy as np

from thalweg.landscape.ground.teaching_function import RELIEF
from thalweg.landscape.runs.race import RacePicture, race_on_hills
from thalweg.reporting.landscape.landscape_page import packed, page_data
from thalweg.reporting.landscape.landscape_sheet import race_sheets
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.paper_pictures import contour_map
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.reporting.lessons.tasks.descent_runs import (
    INSIDE,
    LOWEST,
    MOMENTA,
    NEAR,
    RATES,
    SETTLED,
    STARTS,
    STEPS,
    Way,
    edge_of,
    known_places,
    minima,
    outcomes,
    rule_of,
    way_of,
)

RULES = ("sgd", "anneal", "large", "momentum")
# From here small steps win, with room on all sides.
EXAMPLE = (1.6, -0.3)
_CHECKED = 24


def descent_lesson_tasks() -> PreparedLesson:
    """The lesson, for a page or for paper."""
    told = [_Story(number) for number in range(len(STARTS))]
    steps = ("small", "large", "shrink", "momentum", "try", "map", "start")
    return PreparedLesson(
        lesson_text("descent"),
        {key: [getattr(story, f"{key}_step")() for story in told] for key in steps},
        subtitle="No table is needed: the loss is a function of two weights, made so that the "
        "rules differ.",
        script="learn/descent_lesson.js",
        styles=("learn/relief.css",),
        facts=_facts(told),
    )


def _facts(told: "list[_Story]") -> dict[str, Any]:
    """The ground, the ways of the large rate, and numbers that the page's own formula must meet."""
    race = race_on_hills(RULES, RacePicture(grid=81, profiles=(), sharp=False))
    data = page_data(race_sheets(race)[:1])
    for line in data["sheets"][0]["lines"]:
        for key in ("x", "y", "loss"):  # each start has its own
            line.pop(key)
    hills, seen = RELIEF.hills, RELIEF.seen
    random = np.random.default_rng(0)
    points = random.uniform(seen[::2], seen[1::2], (_CHECKED, 2))
    values, slopes = hills.values_and_slopes(points)
    return {
        "relief": data,
        "hills": {
            "floor": hills.floor, "bowl": hills.bowl,
            "bumps": [
                [bump.height, bump.x, bump.y, *bump.shape[[0, 0, 1], [0, 1, 1]].tolist()]
                for bump in hills.bumps
            ],
        },
        "checked": np.column_stack([points, values, slopes]).tolist(),
        "steps": STEPS, "inside": INSIDE, "settled": SETTLED, "near": NEAR,
        "seen": list(seen),
        "minima": [{"x": each.a, "y": each.b, "loss": each.loss, "bend": each.bends[1]}
                   for each in minima()],
        "rates": list(RATES), "momenta": list(MOMENTA),
        "small": rule_of("sgd").rate, "momentum": rule_of("momentum").constants[0],
        "large": rule_of("large").rate,
        "fits": _fits(),
        "starts": [
            {"at": list(story.start), **{name: _packed(story.ways[name])
                                         for name in ("anneal", "large")}}
            for story in told
        ],
    }  # fmt: skip


def _packed(way: Way) -> dict[str, str]:
    return {
        "x": packed(way.points[:, 0]), "y": packed(way.points[:, 1]), "loss": packed(way.losses)
    }  # fmt: skip


def _fits() -> int:
    """The first step at which the shrinking rate is below the edge of the lowest minimum."""
    rates = rule_of("anneal").rates(0, STEPS, STEPS)
    return int(np.argmax(rates < edge_of(minima()[0])))


class _Story:
    """What happens from one start, and the step of the lesson about each part of it."""

    def __init__(self, number: int) -> None:
        self.number, self.start = number, STARTS[number]
        self.ways = {name: way_of(self.start, rule_of(name)) for name in RULES}
        lowest, local = minima()
        self.values = {
            "x": _few(self.start[0], 4), "y": _few(self.start[1], 4), "steps": str(STEPS),
            "small": _few(rule_of("sgd").rate), "large": _few(rule_of("large").rate),
            "times": f"{rule_of('large').rate / rule_of('sgd').rate:.0f}",
            "mu": _few(rule_of("momentum").constants[0]),
            "low": f"{lowest.loss:.2f}", "local": f"{local.loss:.2f}",
            "local_x": _few(local.a), "local_y": _few(local.b), "inside": _few(INSIDE),
            "limit": _few(SETTLED), "near": _few(NEAR), "bend": _few(lowest.bends[1]),
            "edge": f"{edge_of(lowest):.2f}", "local_edge": f"{edge_of(local):.2f}",
            "fits": str(_fits()), "n": f"{len(RATES) * len(MOMENTA):,}",
        }  # fmt: skip

    def _variant(self, answer: Any = None, **more: Any) -> Variant:
        values = {**self.values, **more.pop("values", {})}
        return Variant(values, answer, {"start": self.number}, **more)

    def small_step(self) -> Variant:
        """Where small steps end."""
        end = self.ways["sgd"].end
        assert end is minima()[1]  # what the starts were chosen for
        key = f"({self.values['local_x']}, {self.values['local_y']}), the local minimum"
        return self._variant(key=key, paper=contour_map(RELIEF, self.start, known_places()))

    def large_step(self) -> Variant:
        """Whether the large rate reaches the lowest minimum, and whether it stays."""
        way, limit = self.ways["large"], self.values["inside"]
        answer = 0 if not way.reached else 1 if way.stayed else 2
        says = (
            f"No step of this run is below {limit}: it leaps to and fro around the local minimum.",
            f"It comes below {limit} and stays there.",
            f"It comes below {limit}, and the next steps throw it out: a long step from one wall "
            "ends on the other. Its way is chaotic: another last digit of the start leads "
            "elsewhere.",
        )
        texts = ("It does not get there.", "It gets there and stays.",
                 "It gets there and leaves again.")  # fmt: skip
        choices = [
            {"text": text, "say": f"Right. {says[answer]}" if i == answer
             else f"Look at the run, and at its losses below. {says[answer]}"}
            for i, text in enumerate(texts)
        ]  # fmt: skip
        return self._variant(answer, choices=choices, values={"said": says[answer]})

    def shrink_step(self) -> Variant:
        """From which step on the shrinking rate is small enough."""
        end = self.ways["anneal"].end
        ends = "The run settles in neither minimum." if end is None else (
            f"The run settles in the {'lowest' if end is minima()[0] else 'local'} minimum."
        )  # fmt: skip
        return self._variant(float(_fits()), values={"ends": ends})

    def momentum_step(self) -> Variant:
        """Over the pass."""
        way = self.ways["momentum"]
        near = next(each for each in known_places() if each.kind == "pass" and each.a > -1)
        at = int(np.argmin(np.hypot(way.points[:, 0] - near.a, way.points[:, 1] - near.b)))
        low = int(np.argmin(way.losses[:at]))
        top = low + int(np.argmax(way.losses[low : at + 4]))
        assert way.end is minima()[0]  # what the starts were chosen for
        values = {
            "pass": f"{near.loss:.2f}", "low_step": str(low), "before": f"{way.losses[low]:.2f}",
            "top_step": str(top), "top": f"{way.losses[top]:.2f}", "end": f"{way.losses[-1]:.2f}",
        }  # fmt: skip
        return self._variant(1, values=values)

    def try_step(self) -> Variant:
        """Own settings."""
        best = outcomes(self.start).settled
        momentum, rate = np.unravel_index(np.argmin(best), best.shape)
        values = {
            "own": str(self.ways["momentum"].settled), "best": str(best.min()),
            "best_rate": _few(RATES[rate]), "best_momentum": _few(MOMENTA[momentum]),
        }  # fmt: skip
        return self._variant(values=values)

    def map_step(self) -> Variant:
        """The share of settings that end in the lowest minimum, in percent."""
        ends = outcomes(self.start).ends
        share = 100 * float(np.mean(ends == LOWEST))
        return self._variant(share, values={"share": f"{share:.0f}"})

    def start_step(self) -> Variant:
        """A start from which small steps win."""
        settled = {name: way_of(EXAMPLE, rule_of(name)).settled for name in ("sgd", "momentum")}
        values = {
            "example_x": _few(EXAMPLE[0]), "example_y": _few(EXAMPLE[1]),
            "small_settled": str(settled["sgd"]), "momentum_settled": str(settled["momentum"]),
        }  # fmt: skip
        return self._variant(values=values, key=f"For instance ({_few(EXAMPLE[0])}, "
                             f"{_few(EXAMPLE[1])})")  # fmt: skip


def _few(value: float, digits: int = 3) -> str:
    """A number with so many digits, and a true minus sign."""
    return f"{value:.{digits}g}".replace("-", "−")
