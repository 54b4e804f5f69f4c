"""The pictures of a search: its course, the settings that mattered, and losses over settings."""

import math
from collections.abc import Sequence
from dataclasses import replace

from thalweg.reporting.html_pieces import text
from thalweg.reporting.tuning.shown_search import ShownSearch, ShownSetting, ShownTrial, name_of
from thalweg.reporting.tuning.trial_marks import (
    LEFT,
    RADII,
    RIGHT,
    Axis,
    PlotFrame,
    axis_of_losses,
    axis_of_numbers,
    axis_of_setting,
    marks,
    spread,
)
from thalweg.wording import amount, counted, even

# In pixels. The narrow ones fit into 390 with the margins of a page.
NARROW, WIDE, HEIGHT = 360, 1000, 300
_BAR, _NAME = 30, 132


def course(shown: ShownSearch, width: int) -> str:
    """The loss of each trial in order, the lowest so far, and the default's line."""
    last = max(1, shown.trials[-1].number)
    across = axis_of_numbers(0, last, "trial", whole=True)
    if shown.trials[-1].number == 0:  # there is no trial 1
        across = replace(across, ticks=across.ticks[:1])
    frame = PlotFrame(width, HEIGHT, across, axis_of_losses(shown, shown.loss_name))
    best = shown.best_so_far()
    line, before = "", None
    for trial, lowest in zip(shown.trials, best, strict=True):
        if lowest is None or lowest == before:
            continue
        x, y = frame.x(trial.number), frame.y(lowest)
        line += f"M{x:.1f} {y:.1f}" if before is None else f"H{x:.1f}V{y:.1f}"
        before = lowest
    inside = f'<path class="best" d="{line}H{width - RIGHT}"/>' if line else ""
    inside += _line_of_default(frame, shown)
    high = frame.up.high
    where = [
        (each, float(each.number), high if each.loss is None else each.loss)
        for each in shown.trials
    ]
    inside += marks(frame, shown, where)
    kind = "t-wide" if width > NARROW else "t-narrow"
    return frame.drawing(inside, course_words(shown), kind)


def _line_of_default(frame: PlotFrame, shown: ShownSearch) -> str:
    """The loss of the default across a picture of losses; "" where it has none."""
    first = shown.trials[0].loss
    if first is None:
        return ""
    return f'<path class="t-even" d="M{LEFT} {frame.y(first):.1f}H{frame.width - RIGHT}"/>'


def course_words(shown: ShownSearch) -> str:
    """What the course of a search shows, in a sentence."""
    best, first = shown.best(), shown.trials[0].loss
    said = f"{counted(len(shown.trials), 'trial')} in their order"
    if first is not None:
        said += f"; the default has an out-of-fold {shown.loss_name} of {amount(first)}"
    if best is not None and best.loss is not None:
        said += f", the lowest is {amount(best.loss)}, of trial {best.number}"
    return said


def over_one(shown: ShownSearch, setting: ShownSetting, trials: Sequence[ShownTrial]) -> str:
    """The loss of some trials over one setting."""
    frame = PlotFrame(
        NARROW, HEIGHT, axis_of_setting(setting), axis_of_losses(shown, shown.loss_name)
    )
    where = [
        (each, spread(setting, each), frame.up.high if each.loss is None else each.loss)
        for each in trials
    ]
    inside = _line_of_default(frame, shown) + marks(frame, shown, where)
    return frame.drawing(inside, f"{shown.loss_name} over {setting.title}")


def over_two(
    shown: ShownSearch,
    across: ShownSetting,
    up: ShownSetting,
    trials: Sequence[ShownTrial],
    words: str = "",
) -> str:
    """Some trials over two settings."""
    frame = PlotFrame(NARROW, HEIGHT, axis_of_setting(across), axis_of_setting(up))
    where = [(each, spread(across, each), spread(up, each)) for each in trials]
    said = words or f"trials over {across.title} and {up.title}"
    return frame.drawing(marks(frame, shown, where), said)


def shares_picture(shown: ShownSearch) -> str:
    """The share of each setting, with its range."""
    height = _BAR * len(shown.shares) + 40
    wide = NARROW - _NAME - 16

    def x(share: float) -> float:
        return _NAME + wide * min(1.0, max(0.0, share))

    foot = height - 34
    parts = [
        f'<path class="grid" d="{"".join(f"M{x(k / 4):.1f} 4V{foot}" for k in range(5))}"/>',
        *(
            f'<text x="{x(k / 4):.1f}" y="{foot + 16}" class="mid">{25 * k}</text>'
            for k in range(5)
        ),
        f'<text x="{NARROW - 4}" y="{foot + 32}" class="t-end name">% of the variation →</text>',
    ]
    for k, each in enumerate(shown.shares):
        y = 8 + _BAR * k
        kind = "t-share" if each.matters else "t-share unshown"
        name = name_of(each.name)
        name = name if len(name) <= 18 else name[:17] + "…"
        parts.append(
            f'<text x="{_NAME - 8}" y="{y + 14}" class="t-end{" strong" if each.matters else ""}">'
            f"{text(name)}</text>"
        )
        long, low, high = max(1.0, x(each.share) - _NAME), x(each.low), x(each.high)
        parts.append(
            f'<rect class="{kind}" x="{_NAME}" y="{y}" width="{long:.1f}" height="18"/>'
            f'<path class="t-range" d="M{low:.1f} {y + 9}H{high:.1f}M{low:.1f} {y + 5}v8'
            f'M{high:.1f} {y + 5}v8"/>'
        )
    return (
        f'<svg class="trials" role="img" aria-label="The share of each setting; the table has all '
        f'numbers" width="{NARROW}" height="{height}" viewBox="0 0 {NARROW} {height}">'
        f"{''.join(parts)}</svg>"
    )


def legend(shown: ShownSearch, trials: Sequence[ShownTrial], *, up_is_loss: bool = True) -> str:
    """What the marks of some trials mean, of those that there are."""
    dots = "".join(f'<path class="fifth-{k}" d="M{10 + 16 * k} 10h0"/>' for k in range(len(RADII)))
    rows = []
    if any(each.number and each.loss is not None for each in trials):
        rows.append((f'<svg class="key" width="84" height="20" aria-hidden="true">{dots}</svg>',
                     "the lowest to the highest fifth of the losses"))  # fmt: skip
    key = (
        '<svg class="key" width="22" height="20" aria-hidden="true"><path class="{}" d="{}"/></svg>'
    )
    if any(each.number == 0 for each in trials):
        rows.append((key.format("default", "M11 1l9 9-9 9-9-9z"), "the default"))
    if up_is_loss and shown.trials[0].loss is not None:
        rows.append((key.format("t-even", "M1 10h20"), "the loss of the default"))
    if any(each.weight for each in trials):
        rows.append(
            (key.format("t-ring", "M2 10a9 9 0 1 0 18 0a9 9 0 1 0-18 0"), "in the ensemble")
        )
    if any(each.loss is not None and not each.within for each in trials):
        rows.append((key.format("without", "M7.5 6.5h7v7h-7z"), "outside of the limits"))
    losses = axis_of_losses(shown, "")
    too_high = (each.loss is not None and each.loss > losses.high for each in trials)
    if up_is_loss and any(too_high):
        rows.append((key.format("above", "M11 6l4 7h-8z"), "above the picture"))
    lost = sorted({each.state for each in trials if each.loss is None})
    if lost:
        rows.append((key.format("lost", "M7.5 6.5l7 7m0-7l-7 7"), f"no loss: {', '.join(lost)}"))
    said = "".join(f"<li>{drawn}{text(words, 120)}</li>" for drawn, words in rows)
    return f'<ul class="keys">{said}</ul>'


def difference_picture(shown: ShownSearch) -> str:
    """The difference from the default, with its interval; "" where that is unknown."""
    found = shown.difference
    if not (math.isfinite(found.low) and math.isfinite(found.high)) or found.low == found.high:
        return ""
    room = 0.12 * (max(found.high, 0.0) - min(found.low, 0.0))
    axis = axis_of_numbers(
        min(found.low, 0.0) - room, max(found.high, 0.0) + room, f"difference in {shown.loss_name}"
    )
    frame = PlotFrame(NARROW, 124, axis, Axis(0.0, 1.0, (), "← the tuned model is better"))
    y = frame.y(0.5)
    zero, low, high, at = map(frame.x, (0.0, found.low, found.high, found.value))
    inside = (
        f'<path class="span-zero" d="M{zero:.1f} 20V{124 - 42}"/>'
        f'<path class="span-line" d="M{low:.1f} {y:.1f}H{high:.1f}M{low:.1f} {y - 6:.1f}v12'
        f'M{high:.1f} {y - 6:.1f}v12"/><circle class="span-dot" cx="{at:.1f}" cy="{y:.1f}" r="5"/>'
    )
    value, *ends = even((found.value, found.low, found.high), 3)
    said = (
        f"The difference in {shown.loss_name}, tuned minus default, is {value} "
        f"with a 95 % interval from {ends[0]} to {ends[1]}"
    )
    return frame.drawing(inside, said)
