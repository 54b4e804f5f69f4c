"""The axes of a picture of trials, and the marks of trials on it, as SVG.

Pictures are not scaled, so their letters are as large on a phone as on a desk. A trial is a dot:
the lower its loss, the larger and darker (on a dark page lighter) it is. So colour is not the only
sign.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from thalweg.reporting.html_pieces import text
from thalweg.reporting.tuning.shown_search import ShownSearch, ShownSetting, ShownTrial
from thalweg.wording import amount

LEFT, RIGHT, TOP, BOTTOM = 62, 14, 30, 42
_TICKS = 5
# Radii of the fifths of the trials, the lowest losses first.
RADII = (6.5, 5.5, 4.5, 3.5, 2.5)
# From an axis to its numbers: a ring around the first trial, of 9 pixels, covers none.
_BESIDE = 11
# From this ratio on, losses are drawn by their logarithm.
_WIDE = 3
# Of a picture, in pixels, in which a trial of a choice may stand beside the middle.
_SPREAD = 0.3


class Tick(NamedTuple):
    """A mark of an axis: where, and what stands there."""

    at: float
    words: str


@dataclass(frozen=True)
class Axis:
    """From places to shares of a side, 0 to 1.

    Attributes
    ----------
    low, high : float
    ticks : sequence of Tick
    name : str
    log : bool
        Whether equal factors are equal lengths; places are then above 0.
    """

    low: float
    high: float
    ticks: Sequence[Tick]
    name: str
    log: bool = False

    def share(self, place: float) -> float:
        """Where a place is; at an end if it is outside."""
        low, high = self.low, self.high
        if self.log:
            low, high, place = math.log(low), math.log(high), math.log(max(place, low))
        return min(1.0, max(0.0, (place - low) / (high - low)))


def axis_of_numbers(low: float, high: float, name: str, *, whole: bool = False) -> Axis:
    """An axis with round numbers, which may have to be whole."""
    if not high > low:
        low, high = low - (abs(low) or 1) * 0.05, high + (abs(high) or 1) * 0.05
    step = _round_step((high - low) / _TICKS)
    step = max(1.0, step) if whole else step
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    ticks = [Tick(k * step, amount(k * step, 4)) for k in range(first, last + 1)]
    return Axis(low, high, ticks, name)


def axis_of_setting(setting: ShownSetting, longest: int = 9) -> Axis:
    """The axis of a setting; logarithmic where the space is."""
    low, high = setting.ends
    if setting.choices:
        every = math.ceil(len(setting.choices) / 6)
        ticks = [
            Tick(k, each if len(each) <= longest else each[: longest - 1] + "…")
            for k, each in enumerate(setting.choices) if k % every == 0
        ]  # fmt: skip
        return Axis(low, high, ticks, setting.title)
    if not setting.log:
        return axis_of_numbers(low, high, setting.title)
    powers = range(math.floor(low / math.log(10)), math.ceil(high / math.log(10)) + 1)
    wide = high - low > math.log(10) * 2.5
    values = [m * 10.0**p for p in powers for m in ((1,) if wide else (1, 2, 5))]
    ticks = [Tick(math.log(v), amount(v, 2)) for v in values if low <= math.log(v) <= high]
    return Axis(low, high, ticks, f"{setting.title} (log)")


def axis_of_losses(shown: ShownSearch, name: str) -> Axis:
    """From the lowest loss to those of most trials: a trial far above them is drawn at the rim."""
    losses = sorted(each.loss for each in shown.trials if each.loss is not None)
    low, high = losses[0], losses[-1]
    quarter, three = losses[len(losses) // 4], losses[3 * len(losses) // 4]
    first = shown.trials[0].loss
    usual = max(three + 1.5 * (three - quarter), low if first is None else first)
    high = min(high, usual)
    if low > 0 and high > _WIDE * low:
        return _axis_of_factors(low, high, name)
    room = 0.06 * (high - low)
    return axis_of_numbers(low - room, high + room, name)


def _axis_of_factors(low: float, high: float, name: str) -> Axis:
    """A logarithmic axis, so that losses far below others are apart, too."""
    room = (high / low) ** 0.06
    low, high = low / room, high * room
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1,) if len(powers) > _TICKS else (1, 2, 5)
    ticks = [Tick(m * 10.0**p, amount(m * 10.0**p, 2)) for p in powers for m in steps
             if low <= m * 10.0**p <= high]  # fmt: skip
    return Axis(low, high, ticks, f"{name} (log)", log=True)


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= least * (1 - 1e-9))


@dataclass(frozen=True)
class PlotFrame:
    """The inner part of a picture."""

    width: int
    height: int
    across: Axis
    up: Axis

    def x(self, place: float) -> float:
        """The pixel of a place across."""
        return LEFT + self.across.share(place) * (self.width - LEFT - RIGHT)

    def y(self, place: float) -> float:
        """The pixel of a place upwards."""
        return self.height - BOTTOM - self.up.share(place) * (self.height - TOP - BOTTOM)

    def drawing(self, inside: str, said: str, kind: str = "") -> str:
        """The picture, with its axes."""
        w, foot = self.width, self.height - BOTTOM
        grid = "".join(f"M{LEFT} {self.y(each.at):.1f}H{w - RIGHT}" for each in self.up.ticks)
        grid += "".join(f"M{self.x(each.at):.1f} {TOP}V{foot}" for each in self.across.ticks)
        words = "".join(
            f'<text x="{self.x(each.at):.1f}" y="{foot + 17}" class="mid">{text(each.words)}</text>'
            for each in _apart(self.across.ticks, self.x)
        ) + "".join(
            f'<text x="{LEFT - _BESIDE}" y="{self.y(each.at) + 4:.1f}" class="t-end">'
            f"{text(each.words)}</text>"
            for each in self.up.ticks
        )
        up = f"↑ {self.up.name}" if self.up.ticks else self.up.name
        words += (
            f'<text x="{w - RIGHT}" y="{foot + 35}" class="t-end name">'
            f"{text(self.across.name)} →</text>"
            f'<text x="2" y="13" class="name">{text(up)}</text>'
        )
        also = f" {kind}" if kind else ""
        return (
            f'<svg class="trials{also}" role="img" aria-label="{text(said, 400)}" '
            f'width="{w}" height="{self.height}" viewBox="0 0 {w} {self.height}">'
            f'<path class="grid" d="{grid}"/>{words}{inside}</svg>'
        )


def _apart(ticks: Sequence[Tick], x: Callable[[float], float]) -> list[Tick]:
    """The ticks whose words do not touch those before."""
    found: list[Tick] = []
    free = -math.inf
    for each in ticks:
        half = 3.6 * len(each.words) + 3
        if x(each.at) - half >= free:
            found.append(each)
            free = x(each.at) + half
    return found


def marks(
    frame: PlotFrame,
    shown: ShownSearch,
    places: Iterable[tuple[ShownTrial, float, float]],
) -> str:
    """The trials at their places: (trial, across, upwards).

    A cross has no loss; a hollow square is outside of the limits; a triangle at the rim is above
    the picture; a ring is in the ensemble; a diamond is the default.
    """
    fifths = shown.fifths()
    dots: dict[str, list[str]] = {}
    for trial, across, upwards in places:
        x, y = frame.x(across), frame.y(upwards)
        spot = f"M{x:.1f} {y:.1f}"
        if trial.loss is None:
            kind, drawn = "lost", f"M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0-7l-7 7"
        elif upwards > frame.up.high:
            kind, drawn = "above", f"M{x:.1f} {y - 4:.1f}l4 7h-8z"
        elif not trial.within:
            kind, drawn = "without", f"M{x - 3.5:.1f} {y - 3.5:.1f}h7v7h-7z"
        else:
            kind, drawn = f"fifth-{fifths[trial.number]}", spot + "h0"
        dots.setdefault(kind, []).append(drawn)
        if trial.weight > 0:
            dots.setdefault("t-ring", []).append(
                f"M{x - 9:.1f} {y:.1f}a9 9 0 1 0 18 0a9 9 0 1 0-18 0"
            )
        if trial.number == 0:
            dots.setdefault("default", []).append(f"M{x:.1f} {y - 9:.1f}l9 9-9 9-9-9z")
    # The lowest losses lie on top of the others, and the default on all.
    order = (
        "lost",
        "above",
        "without",
        *(f"fifth-{k}" for k in range(4, -1, -1)),
        "t-ring",
        "default",
    )
    return "".join(
        f'<path class="{kind}" d="{"".join(dots[kind])}"/>' for kind in order if kind in dots
    )


def spread(setting: ShownSetting, trial: ShownTrial) -> float:
    """Where a trial stands on the axis of a setting: of a choice, beside its middle.

    Trials of one choice would hide each other. The golden ratio spreads their numbers evenly.
    """
    place = trial.places[setting.name]
    if not setting.choices or trial.number == 0:
        return place
    return place + _SPREAD * (2 * (trial.number * 0.6180339887 % 1) - 1)
