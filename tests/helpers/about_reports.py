"""Reports with what is about the model, for the tests of the page."""

from functools import cache

import numpy as np
import pandas as pd

from reports import HOSTILE, make, wisconsin
from section_reports import _split, _two, five_classes, numbers, two_classes
from thalweg.evaluation.section_shapes import with_model
from thalweg.reporting.model_sections.about_model import about_model
from thalweg.reporting.model_sections.described_rows import DescribedRows


def described(made, **more):
    """The test rows of a fit of `reports`."""
    verdict = made.report["verdict"]
    labels = np.where(made.is_positive, verdict["positive"], verdict["negative"])
    return DescribedRows(
        made.model, made.frame.iloc[made.test], labels.astype(object), "test", 0,
        **{"numbers": np.arange(1, len(made.test) + 1), **more},
    )  # fmt: skip


def _with_about(report, asked):
    return {**report, "sections": with_model(report["sections"], about_model(asked))}


@cache
def about_two():
    return _with_about(two_classes(), described(wisconsin()))


def _of_split(report, task):
    model, _, frame, y, _, _ = _split(task)
    return _with_about(
        report,
        DescribedRows(model, frame, y, "test", 0, target="size", numbers=np.arange(1, len(y) + 1)),
    )


@cache
def about_five():
    return _of_split(five_classes(), "classes")


@cache
def about_numbers():
    return _of_split(numbers(), "numbers")


@cache
def levels():
    """A category of 40 levels, another one with long names, dates, and missing cells."""
    rng = np.random.default_rng(2)
    n = 1200
    city = np.where(rng.random(n) < 0.8, rng.integers(0, 5, n) * 9, rng.integers(0, 40, n))
    X = pd.DataFrame({"city": [f"city {k:02d}" for k in city]})
    X["a column with a name that is longer than the room beside its bars"] = rng.choice(
        ["short", "a level with a name that is longer than the room for it", "x"], n
    )
    X["since"] = pd.Timestamp("2019-03-01") + pd.to_timedelta(rng.integers(0, 1500, n), unit="D")
    X["age"] = np.where(rng.random(n) < 0.2, np.nan, rng.integers(18, 90, n))
    z = 0.1 * (city - 20) + 0.04 * (X["age"].fillna(40) - 50) + rng.normal(size=n)
    y = np.where(z > 0, "ill", "well").astype(object)
    made = make("levels", X, y, target="state", positive="ill", max_iter=40, n_ensemble=2,
                hidden_layer_sizes=(16,))  # fmt: skip
    return _with_about(_two(made), described(made))


ABOUT_REPORTS = {
    "wisconsin": about_two, "five": about_five, "numbers": about_numbers, "levels": levels,
}  # fmt: skip


def hostile_about():
    """Names and sentences that try to be markup."""
    report = about_two()
    found = report["sections"]
    importance, effects = found["importance"], found["effects"]
    lines = [
        {**line, "name": HOSTILE[k % len(HOSTILE)]} for k, line in enumerate(importance["lines"])
    ]
    curves = [
        {**curve, "column": HOSTILE[k % len(HOSTILE)], "output": HOSTILE[3],
         "sentence": HOSTILE[4], "notes": [*HOSTILE]}
        for k, curve in enumerate(effects["curves"])
    ]  # fmt: skip
    rows = [
        {
            **row, "head": HOSTILE[1], "label": HOSTILE[2], "sentence": HOSTILE[5],
            "notes": [*HOSTILE],
            "bars": [{**bar, "column": HOSTILE[k % len(HOSTILE)]}
                     for k, bar in enumerate(row["bars"])],
        }
        for row in found["explained"]["rows"]
    ]  # fmt: skip
    sections = {
        **found,
        "importance": {**importance, "title": HOSTILE[0], "notes": [*HOSTILE], "lines": lines},
        "effects": {**effects, "title": HOSTILE[1], "answer": HOSTILE[2], "curves": curves,
                    "without": [{"column": HOSTILE[3], "why": HOSTILE[4]}]},
        "explained": {**found["explained"], "title": HOSTILE[5], "rows": rows},
        "left_out": {**found["left_out"], "effects": HOSTILE[1]},
    }  # fmt: skip
    return {**report, "sections": sections}
