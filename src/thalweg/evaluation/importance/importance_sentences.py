"""The importance of columns in words, and as a section of a report: plain data with its sentences.

The title names the columns whose rise is above 0 beyond chance, by Holm's correction for all groups
and columns outside groups, with the standard error that the lower half of the interval shows. So it
does not name one of many columns of noise, of which every twentieth interval excludes 0.
"""

from typing import TypedDict

import numpy as np
from scipy.special import ndtr

from thalweg.data.column_names import listed
from thalweg.evaluation.answers import OUT_OF_FOLD, STOPPED
from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.importance.importance_found import (
    GROUP,
    Importance,
    ImportanceData,
    Rise,
)
from thalweg.evaluation.judging.shapes import EstimateData
from thalweg.evaluation.task_kinds import THE_NETWORK
from thalweg.wording import amount, counted

# The level of all tests together.
_LEVEL = 0.05
_Z = 1.959963984540054
# As many groups and columns as a title names.
_MOST_NAMED = 3

IDLE = (
    "Permuted alone, a column can look idle because another column says the same. Groups are "
    "columns that say much the same, and are permuted together."
)
NO_CAUSE = "This is how the model computes, not what causes what."


class ImportanceLine(TypedDict):
    """A column or a group, in the order of the bars."""

    name: str
    kind: str
    group: str
    members: list[str]
    value: float
    low: float
    high: float
    networks: list[float] | None
    share: float
    without: EstimateData | None
    shown: bool


class ImportanceSection(TypedDict):
    """The importance of columns for a report, a terminal and JSON."""

    title: str
    scale: str
    notes: list[str]
    spread: str
    lines: list[ImportanceLine]
    found: ImportanceData


def importance_section(found: Importance, subject: str = THE_NETWORK) -> ImportanceSection:
    """The importance of columns as plain data with its sentences.

    Parameters
    ----------
    found : Importance
    subject : str
        What the model is called.
    """
    above = {rise.members for rise in shown_above_0(found)}
    lines: list[ImportanceLine] = [
        {
            "name": found.name(rise),
            "kind": rise.kind,
            "group": "" if group is None else found.name(group),
            "members": [found.columns[j] for j in rise.members],
            "value": rise.loss.value,
            "low": rise.loss.low,
            "high": rise.loss.high,
            "networks": None if rise.networks is None else list(rise.networks),
            "share": found.share(rise.loss.value),
            "without": None if rise.without is None else rise.without.as_dict(),
            "shown": rise.members in above,
        }
        for rise, group in found.ordered()
    ]
    return {
        "title": title(found, subject),
        "scale": scale(found, subject),
        "notes": notes(found),
        "spread": spread(found),
        "lines": lines,
        "found": found.as_dict(),
    }


def shown_above_0(found: Importance) -> list[Rise]:
    """The groups and columns outside them whose rise is above 0 beyond chance, greatest first."""
    heads = [rise for rise, group in found.ordered() if group is None]
    halves = np.array([(rise.loss.value - rise.loss.low) / _Z for rise in heads])
    values = np.array([rise.loss.value for rise in heads])
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(halves > 0, values / halves, np.where(values > 0, np.inf, 0.0))
    adjusted = holm(2 * ndtr(-np.abs(z)))
    return [
        rise for rise, p in zip(heads, adjusted, strict=True) if rise.loss.value > 0 and p <= _LEVEL
    ]


def title(found: Importance, subject: str = THE_NETWORK) -> str:
    """What the model leans on: the columns whose rise is above 0 beyond chance."""
    heads = shown_above_0(found)
    if not heads:
        return (
            f"No column of {subject} is shown to matter when it is permuted, alone or with its "
            "group"
        )
    named = [
        f"{found.name(rise)}{' together' if rise.kind == GROUP else ''}"
        for rise in heads[:_MOST_NAMED]
    ]
    more = len(heads) - len(named)
    rest = (
        f"; and {counted(more, 'more group or column', 'more groups or columns')}" if more else ""
    )
    return f"What {subject} leans on: {'; '.join(named)}{rest}"


def scale(found: Importance, subject: str = THE_NETWORK) -> str:
    """What the numbers mean: the measure, and the two losses between which it is shared."""
    unit = f" {found.unit}" if found.unit else ""
    return (
        f"How far the {found.measure} rises when the cells of a column are exchanged between rows, "
        f'as a share of the way from the answer "{found.constant}" '
        f"({amount(found.constant_loss, 3)}{unit}) to {subject} ({amount(found.loss, 3)}{unit}). "
        "Above 100 %, the answers would be worse than that answer."
    )


def notes(found: Importance) -> list[str]:
    """Which rows, what the intervals hold for, and what the numbers do not say."""
    said = [
        f"{counted(found.n_rows, 'row')}, {counted(found.n_permutations, 'permutation')}. "
        f"{found.rows}",
        "Intervals of 95 % are over the rows, for this model.",
        _by_holm(found),
        IDLE,
    ]
    if found.refit_loss is not None:
        said.append(
            '"Without" is another question: what models lose that are fitted without the column. '
            "It is about 0 where another column says the same."
        )
    return [*said, NO_CAUSE]


def _by_holm(found: Importance) -> str:
    """How many are tested together, and which have an interval above 0 that does not suffice."""
    heads = [rise for rise, group in found.ordered() if group is None]
    tested = counted(len(heads), "column or group", "columns and groups")
    said = f"Shown to matter is what is above 0 by Holm's correction for {tested} together, at 5 %."
    if any(rise.kind == GROUP for rise in found.rises):
        said += " A column of a group is not tested alone."
    above = {rise.members for rise in shown_above_0(found)}
    lost = [found.name(rise) for rise in heads if rise.loss.low > 0 and rise.members not in above]
    if not lost:
        return said
    return (
        f"{said} Not shown after the correction for {tested}, though an interval of its own "
        f"excludes 0: {listed(lost, 6)}."
    )


def spread(found: Importance) -> str:
    """What the range of the networks is; "" without several."""
    if found.n_networks < 2:
        return ""
    rows = ", on the rows that it held out" if found.how in (OUT_OF_FOLD, STOPPED) else ""
    return (
        f"The range of the {counted(found.n_networks, 'network')} is from the least to the "
        f"greatest rise of one alone{rows}."
    )


def nothing_shown(found: Importance) -> list[str]:
    """The groups and columns outside them that are not shown to matter, by name."""
    above = {rise.members for rise in shown_above_0(found)}
    return [
        found.name(rise)
        for rise, group in found.ordered()
        if group is None and rise.members not in above
    ]


def idle_sentence(found: Importance) -> str:
    """Which columns are not shown to matter; "" if all are."""
    idle = nothing_shown(found)
    if not idle:
        return ""
    return f"Not shown to matter by these rows: {listed(idle, 6)}."
