"""The figure of the importance of columns: horizontal bars with two intervals."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from thalweg.errors import DataError
from thalweg.evaluation.importance.importance_found import GROUP, Importance, ImportanceData, Rise
from thalweg.evaluation.importance.importance_sentences import (
    ImportanceLine,
    ImportanceSection,
    importance_section,
)
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.reporting.figures.picture import LEFT, WIDTH, ApartFormatter, Palette, Picture
from thalweg.reporting.html_pieces import clipped
from thalweg.wording import counted

# Pixels: of a bar with its space, of the names, of what stands above and below the bars.
_ROW, _NAMES, _ABOVE, _BELOW = 24, 210, 30, 112
# Letters of a name, and bars of a figure.
_LETTERS, _MOST_BARS = 30, 30


def importance_figure(
    found: pd.DataFrame | ImportanceSection, *, subtitle: str = "", dark: bool = False
) -> Picture:
    """How far the loss rises for each group and column, with its intervals.

    Parameters
    ----------
    found : DataFrame or ImportanceSection
        From `thalweg.importance`, or plain data.
    subtitle : str
        Data and model.
    dark : bool, default False

    Returns
    -------
    Picture
        Bars of groups are dark, those of columns outside groups, too; the members of a group stand
        below it, indented and light. The thick line is the interval over rows, the thin one the
        range of the networks. Of more than 30 bars, the rest is counted.
    """
    section = section_of(found) if isinstance(found, pd.DataFrame) else found
    lines, about = section["lines"], section["found"]
    if not lines:
        raise DataError("There is no column to draw", fix="ask for the importance of a table")
    shown = lines[:_MOST_BARS]
    left_out = len(lines) - len(shown)
    rows = f"{counted(about['n_rows'], 'row')}, {counted(about['n_permutations'], 'permutation')}"
    rest = f"{counted(left_out, 'smaller one')} not drawn" if left_out else ""
    said = "; ".join(filter(None, (subtitle, rows, rest)))
    height = _BELOW + _ROW * len(shown) + _ABOVE
    picture = Picture(section["title"], said, height, dark)
    colors, in_bars = picture.palette, _ROW * len(shown)
    axes = picture.axes_at(LEFT + _NAMES, _BELOW, WIDTH - LEFT - _NAMES - 74, in_bars)
    _bars(axes, shown, colors)
    unit = about["unit"] or "in units of the target's loss"
    picture.write(
        LEFT + _NAMES, _BELOW + in_bars + 10, f"rise of the {about['measure']}, {unit}",
        color=colors.soft, size=9,
    )  # fmt: skip
    for place, line in enumerate(shown):
        y = _BELOW + in_bars - _ROW * (place + 0.5) - 4
        inset = 14 if line["group"] else 0
        weight = "bold" if line["kind"] == GROUP else "normal"
        picture.write(LEFT + inset, y, clipped(line["name"], _LETTERS), size=9, weight=weight)
        share = f"{round(100 * line['share']) + 0:,} %"
        picture.write(WIDTH - 66, y, share, size=9, color=colors.soft)
    for place, words in enumerate(_words(section)):
        picture.write(LEFT, 62 - 16 * place, words, color=colors.soft, size=8.5)
    return picture


def _words(section: ImportanceSection) -> list[str]:
    """What the marks are, below the bars."""
    thin = " Thin line: range of the networks, each alone." if section["spread"] else ""
    return [
        f"Thick line: 95 % interval over the rows.{thin}",
        "%: share of the way from the best constant answer to the model.",
        "Permuted alone, a column can look idle because another column says the same.",
    ]


def _bars(axes: Axes, lines: list[ImportanceLine], colors: Palette) -> None:
    """The bars from above to below, with both intervals."""
    places = [-place for place in range(len(lines))]
    for place, line in zip(places, lines, strict=True):
        axes.barh(
            place, line["value"], height=0.62, color=colors.blue,
            alpha=0.45 if line["group"] else 0.9, linewidth=0,
        )  # fmt: skip
        if line["networks"] is not None:
            axes.plot(line["networks"], [place - 0.16] * 2, color=colors.ink, linewidth=0.8)
        axes.plot(
            [line["low"], line["high"]], [place] * 2, color=colors.ink, linewidth=2.4,
            solid_capstyle="butt",
        )  # fmt: skip
    axes.axvline(0, color=colors.soft, linewidth=1)
    axes.set_ylim(places[-1] - 0.5, 0.5)
    axes.set_yticks([])
    axes.grid(False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(ApartFormatter(lambda value, n: f"{value:.{n}g}", 3))


def section_of(frame: pd.DataFrame) -> ImportanceSection:
    """The section of what `thalweg.importance` gave.

    Raises
    ------
    DataError
        If it is another data frame, or what it says of its rows is lost.
    """
    lacking = {*ImportanceData.__annotations__} - {"rises", *frame.attrs}
    if lacking or "members" not in frame.columns:
        raise DataError(
            "This data frame is not one of thalweg.importance, or has lost its attrs",
            why="They say which rows were used, and the losses that bars are measured by",
            fix="pass the data frame as thalweg.importance gave it",
        )
    columns = tuple(frame.attrs["columns"])
    places = {name: j for j, name in enumerate(columns)}
    rises = tuple(
        Rise(
            tuple(sorted(places[name] for name in line["members"])),
            Estimate(line["value"], line["low"], line["high"]),
            None
            if math.isnan(line["networks_low"])
            else (line["networks_low"], line["networks_high"]),
        )
        for line in frame.to_dict("records")
    )
    return importance_section(
        Importance(
            columns=columns,
            rises=rises,
            **{
                key: frame.attrs[key]
                for key in ImportanceData.__annotations__
                if key not in ("rises", "columns", "refit_loss")
            },
        )
    )
