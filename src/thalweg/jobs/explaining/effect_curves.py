"""The work of ``thalweg explain --effects``: effect curves of a model on the rows of a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from thalweg.endings import TABLE_OF_TEXT, check_ending
from thalweg.errors import SettingsError
from thalweg.jobs.explaining.rows_of_curves import RowsOfCurves
from thalweg.reporting.effects.effect_words import effect_lines
from thalweg.reporting.effects.effects_of_model import effects
from thalweg.reporting.effects.shown_effects import Effects
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

_WIDTH = 80
PICTURES = (".png", ".svg")
EFFECT_ENDINGS = (*TABLE_OF_TEXT, ".json", *PICTURES)


@dataclass(frozen=True, kw_only=True)
class AskedEffects:
    """What is asked of effect curves.

    Attributes
    ----------
    columns : sequence of str
        Default: all.
    kind : {"ale", "pdp", "auto"}
    seed : int
        Of the resamples.
    """

    columns: Sequence[str] = ()
    kind: str = "ale"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class EffectCurvesOfTable:
    """Effect curves, and how they are written.

    Attributes
    ----------
    effects : Effects
    target : str
        The name of the target, and its unit.
    caution : str
        What a reader must know first; "" where there is nothing.
    """

    effects: Effects
    target: str
    caution: str = ""

    def text(self, *, ascii: bool = False) -> str:
        """All of it for a terminal of 80 columns."""
        first = [fill(self.caution, _WIDTH), ""] if self.caution else []
        return "\n".join([*first, *effect_lines(self.effects, self.target, ascii=ascii)])

    def frame(self) -> pd.DataFrame:
        """A line for each point of each curve; what has no number is an empty cell of a CSV."""
        found = self.effects.to_frame()
        found["x"] = found["x"].astype(object).where(found["x"].notna(), None)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"effects": self.effects.as_dict(), "caution": self.caution}

    def picture(self, ending: str) -> bytes:
        """The curves as PNG or SVG."""
        from io import BytesIO

        buffer = BytesIO()
        figure = self.effects.plot(target=self.target, caution=self.caution)
        figure.savefig(buffer, format=ending.removeprefix("."))
        return buffer.getvalue()


def effect_curves_of_table(
    model: "Model",
    rows: RowsOfCurves,
    asked: AskedEffects,
    target: tuple[str, str],
    on_column: Callable[[int, int], object] | None = None,
) -> EffectCurvesOfTable:
    """Compute effect curves of a saved model on the rows of a table.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    rows : RowsOfCurves
    asked : AskedEffects
    target : tuple of str
        The name of the target, and its unit; "" if not known.
    on_column : callable, optional
        Called with the number of columns done and of all.

    Raises
    ------
    DataError, SettingsError
        As `thalweg.effects`.
    """
    name, unit = target
    found = effects(
        model, rows.X, list(asked.columns) or None, asked.kind, sample_weight=rows.weights,
        groups=rows.groups, seed=asked.seed, target=name, on_column=on_column,
    )  # fmt: skip
    caution, notes = rows.said()
    words = f"{name} ({unit})" if unit else name
    return EffectCurvesOfTable(replace(found, notes=(*notes, *found.notes)), words, caution)


def require_effect_ending(path: str | None) -> None:
    """Raise a SettingsError unless a file name ends as curves are written."""
    if path is not None:
        flag = parameter("output")
        check_ending(path, "An effect curve", EFFECT_ENDINGS, flag=flag, bare=False)


def require_rows_or_effects(*, rows: bool, effects: bool) -> None:
    """Raise a SettingsError if both single rows and effect curves are asked for."""
    if rows and effects:
        raise SettingsError(
            f"{parameter('row')} is about single rows, and {parameter('effects')} about all",
            fix="give one of them",
        )
