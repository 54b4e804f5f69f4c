"""The lesson on feature engineering: its numbers, and the losses that its picture shows."""

import numpy as np

from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.feature_runs import (
    BINS,
    EVERY,
    STEPS,
    UNITS,
    WAYS,
    FeatureRuns,
    feature_runs,
)

_LOOKS = {"raw": "orange", "scaled": "ink", "encoded": "blue"}
_MOST_COLUMNS_DRAWN = 6


def feature_lesson_tasks(subject: Subject) -> PreparedLesson:
    """The lesson, for a page or for paper.

    Raises
    ------
    DataError
        If the table has no numbers that a network could learn from.
    """
    runs = feature_runs(subject)
    values = _values(runs)
    raw, scaled = (runs.rates[runs.stable[way]] for way in ("raw", "scaled"))
    shown = {way: {"shown": [way], "rate": runs.stable[way]} for way in WAYS}
    places = range(min(len(runs.columns), _MOST_COLUMNS_DRAWN))
    own = {"shown": list(WAYS), "own": True}
    return PreparedLesson(
        lesson_text("features"),
        {
            "scale": [_scale(runs, place, values) for place in places],
            "break": [Variant(values, None, {"shown": ["raw"], "rate": 0})],
            "larger": [
                Variant(values, scaled / raw, shown["raw"],
                        {"shown": ["raw", "scaled"], "rate": runs.stable["scaled"]})
            ],
            "why": [_why(runs, place, values) for place in places],
            "loss": [
                # The steps before this one show the training losses of both.
                Variant(values, runs.held_out["scaled"], {"shown": ["raw", "scaled"], "own": True})
            ],
            "encode": [
                Variant(values, runs.last("encoded"),
                        {"shown": ["raw", "scaled"], "own": True}, own)
            ],
            "whose": [Variant(values, 1, own)],
        },
        subtitle=f"{subject.name}: {len(runs.columns)} columns of numbers, {runs.n_train:,} "
        f"training rows and {runs.n_valid:,} held-out rows. A network of {UNITS} tanh units.",
        script="learn/feature_lesson.js",
        styles=("learn/losses.css",),
        facts={
            "steps": list(range(0, STEPS + 1, EVERY)),
            "rates": list(runs.rates),
            "lines": {
                way: {"look": _LOOKS[way], "losses": runs.losses[way], "stable": runs.stable[way]}
                for way in WAYS
            },
        },
        made=f"Trained a network of {UNITS} tanh units on the raw, the scaled and the encoded "
        f"columns of {runs.n_train:,} rows of {subject.name}, at several learning rates; "
        f"{runs.n_valid:,} rows are held out. Rows with a missing cell take no part.",
        rows="It holds means and deviations of columns, losses, and no row of the table.",
    )  # fmt: skip


def _values(runs: FeatureRuns) -> dict[str, str]:
    """What all steps say."""
    rates = {way: runs.rates[runs.stable[way]] for way in WAYS}
    square = float(np.mean(runs.means**2 + runs.deviations**2))
    times = rates["scaled"] / rates["raw"]
    return {
        "units": str(UNITS), "n_columns": str(len(runs.columns)), "n_train": f"{runs.n_train:,}",
        "n_valid": f"{runs.n_valid:,}", "n_steps": str(STEPS), "bins": str(BINS),
        "n_encoded": str(runs.n_inputs["encoded"]),
        "times": _few(times), "apart": _few(max(times, 1 / times)), "square": _few(square),
        "beside": "" if square > 1 else " The biases and the last layer bend the loss, too.",
        "verdict": _verdict(runs), **_why_apart(runs),
        **{f"{way}_rate": _few(rates[way]) for way in WAYS},
        **{f"{way}_loss": _few(runs.last(way)) for way in WAYS},
        **{f"{way}_held_out": _few(runs.held_out[way]) for way in WAYS},
    }  # fmt: skip


def _why_apart(runs: FeatureRuns) -> dict[str, str]:
    """What sets the stable rate of the raw columns: their means, if these are what is large."""
    if float(np.mean(runs.means**2)) > float(np.mean(runs.deviations**2)):
        return {
            "steepest": "Raw columns are not centred: all of them push a weight into one "
            "direction.",
            "together": "and raw columns, whose means are far from 0, bend the loss more together "
            "than each alone",
        }
    return {
        "steepest": "The rate has to fit the steepest bend of the loss.",
        "together": "with the biases and the last layer, of which one column says nothing",
    }


def _verdict(runs: FeatureRuns) -> str:
    """Whether encoded columns have the smaller loss, on training rows and on held-out ones."""
    closer = runs.last("encoded") < runs.last("scaled")
    if runs.held_out["encoded"] < runs.held_out["scaled"]:
        return (
            "Here it is smaller on held-out rows, too."
            if closer
            else "Here only the loss of held-out rows is smaller."
        )
    if closer:
        return "Here the closer fit is worth nothing on held-out rows."
    return "Here neither of them is smaller."


def _column(runs: FeatureRuns, place: int) -> tuple[float, float, dict[str, str]]:
    """Mean and deviation of a column as the texts write them, and these texts."""
    mean, deviation = (float(f"{each[place]:.3g}") for each in (runs.means, runs.deviations))
    words = {
        "column": clipped(runs.columns[place], 40), "mean": _few(mean),
        "mean_term": _few(mean) if mean >= 0 else f"({_few(mean)})", "deviation": _few(deviation),
    }  # fmt: skip
    return mean, deviation, words


def _scale(runs: FeatureRuns, place: int, values: dict[str, str]) -> Variant:
    """A cell some deviations above the mean, or one below; a whole number where they are large."""
    mean, deviation, words = _column(runs, place)
    cell = float(f"{mean + (1.7 if place % 2 == 0 else -0.8) * deviation:.2g}")
    cell = float(round(cell)) if deviation >= 1 else cell
    answer = (cell - mean) / deviation
    values = {**values, **words, "cell": _few(cell), "scaled": _few(answer)}
    traps = {"only_divided": cell / deviation, "only_moved": cell - mean}
    return Variant(values, answer, {"shown": ["raw"], "rate": 0}, traps=traps)


def _why(runs: FeatureRuns, place: int, values: dict[str, str]) -> Variant:
    mean, deviation, words = _column(runs, place)
    square = mean**2 + deviation**2
    values = {**values, **words, "own_square": _few(square)}
    return Variant(values, [square, 1.0, square], {"shown": ["raw", "scaled"], "own": True})


def _few(value: float) -> str:
    """A number with three digits, and a true minus sign."""
    return f"{value:.3g}".replace("-", "−")
