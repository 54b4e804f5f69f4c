"""`Effects`: effect curves of a model, and every way to show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from thalweg.evaluation.effects.curves_of_columns import WithoutCurve
from thalweg.evaluation.effects.effect import Effect, effects_section
from thalweg.evaluation.effects.effect_source import AnswerUnit, Floats, Scale
from thalweg.reporting.effects.effect_words import effect_lines, effects_html
from thalweg.wording import plain_count

if TYPE_CHECKING:
    from thalweg.reporting.figures.picture import Picture


@dataclass(frozen=True, eq=False)
class Effects:
    """Effect curves of a model; iterating gives each `Effect`. A notebook draws them.

    Attributes
    ----------
    effects : tuple of thalweg.evaluation.effects.effect.Effect
        The curve of each column, and of several classes one for each class; the column with the
        greatest effect first, unless columns were named.
    left_out : tuple of (column, why)
        Columns without a curve.
    scale : {"log-odds", "probability", "number"}
        Of two classes the log-odds of the positive one, unless a probability is exactly 0 or 1; of
        more classes the probability of each; else the predicted number.
    n_rows : float
        The rows that the curves are computed on; weights count as rows.
    mean_probability : float or None
        Of the positive one of two classes, over the rows.
    centered : bool
    notes : tuple of str
        What a reader must know of all curves.
    target : str
        The name of a predicted number, "" if it is not known.
    statistic : str
        What of the target is predicted, such as "0.9 quantile"; "" for its mean.
    """

    effects: tuple[Effect, ...]
    left_out: tuple[WithoutCurve, ...]
    scale: Scale
    n_rows: float
    mean_probability: float | None
    centered: bool
    notes: tuple[str, ...] = ()
    target: str = ""
    statistic: str = ""

    @property
    def unit(self) -> AnswerUnit:
        """In what the curves are counted."""
        return AnswerUnit(self.scale, self.target, self.centered)

    def __iter__(self) -> Iterator[Effect]:
        return iter(self.effects)

    def __len__(self) -> int:
        return len(self.effects)

    def __getitem__(self, column: str | int) -> Effect:
        """The effect of a column; of several classes that of the first."""
        for each in self.effects:
            if each.column == str(column):
                return each
        raise KeyError(column)

    def percent(self, values: Floats) -> Floats:
        """Centred log-odds as probabilities in %, from the mean probability of the rows.

        100 / (1 + exp(-(log p̄/(1 - p̄) + value))), with the mean probability p̄.
        """
        assert self.mean_probability is not None
        found: Floats = 100 * expit(logit(self.mean_probability) + values)
        return found

    def to_frame(self) -> pd.DataFrame:
        """A line for each point of each curve.

        Returns
        -------
        DataFrame
            ``column``; ``class`` for several classes; ``kind``; ``x`` (a number, or a date as days
            since 1970-01-01; NaN for levels and a missing value); ``text`` (the level, or the date;
            None for numbers and a missing value); ``mean``, ``low``, ``high``; ``rows_in_bin``;
            ``supported``; and ``network_1`` and so on. Each column has one type, so that the frame
            can be written as Parquet.
        """
        several = len({each.output for each in self.effects}) > 1
        n_networks = max((len(each.members) for each in self.effects), default=0)
        networks = [f"network_{m + 1}" for m in range(n_networks)]
        lines = [line for each in self.effects for line in _lines(each, several=several)]
        heads = ["column", *(["class"] if several else []), "kind", "x", "text"]
        heads += ["mean", "low", "high"]
        found = pd.DataFrame(lines, columns=[*heads, "rows_in_bin", "supported", *networks])
        text = found["text"].astype(object)
        return found.assign(x=found["x"].astype(float), text=text.where(text.notna(), None))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: numbers are not rounded."""
        return {
            "scale": self.scale,
            "unit": self.unit.words,
            "rows": plain_count(self.n_rows),
            "mean_probability": self.mean_probability,
            "centered": self.centered,
            "effects": [each.as_dict() for each in self.effects],
            "left_out": [{"column": each.column, "why": each.why} for each in self.left_out],
            "notes": list(self.notes),
        }

    def section(self, order: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """The curves for a page (`thalweg.evaluation.effects.effect.effects_section`)."""
        return effects_section(self.effects, order)

    def plot(self, *, target: str = "", caution: str = "", dark: bool = False) -> "Picture":
        """Draw the curves as small multiples (`thalweg.reporting.figures.effect_plot`)."""
        from thalweg.reporting.figures.effect_plot import effects_figure

        return effects_figure(self, target=target, caution=caution, dark=dark)

    def __str__(self) -> str:
        return "\n".join(effect_lines(self))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The curves for a notebook: a picture and what it says, without a script."""
        return effects_html(self)


def _lines(effect: Effect, *, several: bool) -> list[tuple[Any, ...]]:
    of = (effect.column, *((effect.output,) if several else ()), effect.kind)
    x = np.full(len(effect.mean), np.nan) if effect.levels else effect.x
    whole = bool(effect.levels) or effect.values == "date"
    found = [
        (
            *of, float(x[k]), effect.text(k) if whole else None,
            *(float(each[k]) for each in (effect.mean, effect.low, effect.high)),
            float(effect.rows_in_bin[k]), bool(effect.supported[k]), *effect.members[:, k].tolist(),
        )
        for k in range(len(x))
    ]  # fmt: skip
    its = effect.missing
    if its is not None:
        found.append(
            (
                *of,
                np.nan,
                None,
                its.mean,
                its.low,
                its.high,
                its.rows,
                its.supported,
                *its.members.tolist(),
            )
        )
    return found
