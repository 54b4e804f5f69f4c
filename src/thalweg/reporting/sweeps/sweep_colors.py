"""The colours of a sweep: by the logarithm of the loss, from the lowest cell to a constant answer.

A cell that is no better than a constant answer has the colour of one, and is marked. The text in a
cell is black or white, whichever has more contrast.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.sweeps.swept_map import Sweep, SweepCell

Color = tuple[int, int, int]
# The lowest loss stands out on either page.
LOW_HIGH: dict[str, tuple[Color, Color]] = {
    "light": ((10, 61, 98), (242, 235, 219)),
    "dark": ((132, 208, 245), (35, 48, 60)),
}
MODES = tuple(LOW_HIGH)
BLACK, WHITE = "#000000", "#ffffff"


@dataclass(frozen=True)
class LossScale:
    """Shares of the logarithm between two losses.

    Attributes
    ----------
    low, high : float
        The lowest mean loss and that of a constant answer; if no cell is below it, the highest
        mean loss, or twice the lowest if there is no other.
    """

    low: float
    high: float

    @classmethod
    def of(cls, sweep: Sweep) -> "LossScale":
        """That of a sweep; without any mean, around the constant answer."""
        means = [each.loss for each in sweep.cells if each.loss is not None]
        low = max(min(means, default=sweep.constant), 1e-12)
        high = sweep.constant if sweep.constant > low else max([*means, low])
        return cls(low, high if high > low else 2 * low)

    def words(self, sweep: Sweep) -> str:
        """What its upper end is."""
        if self.high == sweep.constant:
            return f"{written(self.high)}: a constant answer"
        if any(each.loss == self.high for each in sweep.cells):
            return f"{written(self.high)}: the highest loss of a cell"
        return f"{written(self.high)}: twice {written(self.low)}"

    def share(self, loss: float) -> float:
        """0 at the lowest, 1 at the constant answer and above."""
        over = math.log(max(loss, self.low) / self.low) / math.log(self.high / self.low)
        return min(1.0, over)


def color_of(share: float, mode: str) -> Color:
    """The colour at a share of the scale."""
    low, high = LOW_HIGH[mode]
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(low, high, strict=True))
    return red, green, blue


def as_hex(color: Color) -> str:
    """``#rrggbb``."""
    return "#" + "".join(f"{each:02x}" for each in color)


def ink_on(color: Color) -> str:
    """Black or white, whichever has the larger contrast ratio (WCAG 2) on a colour."""
    light = _luminance(color)
    return WHITE if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else BLACK


def _luminance(color: Color) -> float:
    linear = [
        each / 255 / 12.92 if each <= 10 else ((each / 255 + 0.055) / 1.055) ** 2.4
        for each in color
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def rules_of(cells: Sequence[SweepCell], scale: LossScale) -> str:
    """A CSS rule a cell and mode, by its number: ``.map .cell-7``."""
    parts = {}
    for mode in MODES:
        found = []
        for number, cell in enumerate(cells):
            if cell.loss is not None:
                color = color_of(scale.share(cell.loss), mode)
                found.append(
                    f".map .cell-{number}{{background:{as_hex(color)};color:{ink_on(color)}}}\n"
                )
        ends = ",".join(as_hex(each) for each in LOW_HIGH[mode])
        found.append(f".scale{{background:linear-gradient(to right,{ends})}}\n")
        parts[mode] = "".join(found)
    return f"{parts['light']}@media screen and (prefers-color-scheme: dark){{\n{parts['dark']}}}\n"
