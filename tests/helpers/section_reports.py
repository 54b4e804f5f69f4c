"""Reports with all sections of an evaluation, for the tests of the page."""

from functools import cache

import numpy as np
import pandas as pd

from reports import HOSTILE, make, wisconsin
from sections_by_hand import multiclass_sections, regression_sections, two_class_sections
from thalweg import ThalwegClassifier, ThalwegRegressor, __version__
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.splits import holdout_split
from thalweg.evaluation.task_judging import OneNumber, task_of
from thalweg.reporting.page.report_page import column_facts, report_data

QUICK = {"max_iter": 4, "hidden_layer_sizes": (4,), "early_stopping": False, "n_ensemble": 1}
SITES = np.array(["north", "south", "a site with a name that is longer than the room for it"])


def _two(made, seed=0):
    """The sections of a report of two classes, beside a rival made by hand."""
    verdict, rng = made.report["verdict"], np.random.default_rng(seed)
    p = made.probability
    rival = np.clip(0.85 * p + 0.05 + 0.1 * rng.normal(size=len(p)), 0.001, 0.999)
    sections = two_class_sections(
        made.is_positive, p, other=rival, by={"site": SITES[rng.integers(0, 3, len(p))]},
        threshold=verdict["network"]["threshold"],
        names=(verdict["negative"], verdict["positive"]),
    )  # fmt: skip
    return {**made.report, "sections": sections}


@cache
def two_classes():
    return _two(wisconsin())


def _table(n_rows, shift):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 3))
    z = 1.5 * X[:, 0] + X[:, 1] + shift
    ill = rng.random(n_rows) < 1 / (1 + np.exp(-z))
    return pd.DataFrame(X, columns=list("abc")), np.where(ill, "ill", "well").astype(object)


@cache
def rare():
    """One ill row in fifty: of the test rows too few for a curve."""
    return _two(make("rare", *_table(2000, -5.0), target="state", positive="ill", **QUICK))


@cache
def small():
    """61 rows: no section of the twelve test rows is whole."""
    return _two(make("small", *_table(61, -0.5), target="state", positive="ill", **QUICK))


@cache
def _split(task):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(700, 3)), columns=list("abc"))
    X, matrix = frame.to_numpy(), frame.to_numpy()
    if task == "classes":
        names = np.array(["very low", "low", "middle", "high", "very high"], object)
        t = X[:, 0] + 0.6 * X[:, 1] + 0.5 * rng.normal(size=700)
        y = names[np.digitize(t, np.quantile(t, [0.1, 0.35, 0.65, 0.9]))]
        model, kind = ThalwegClassifier(random_state=0, **QUICK), task_of(y)
    else:
        y = 3 * X[:, 0] + rng.normal(size=700) * np.exp(0.8 * X[:, 1])
        model, kind = ThalwegRegressor(random_state=0, **QUICK), OneNumber()
    verdict = judge_on_holdout(model, frame, y, task=kind, seed=0, matrix=matrix)
    _, test = holdout_split(matrix, kind.kind.strata(y), fraction=0.2, seed=0)
    about = {
        "name": task, "target": "size", "notes": [],
        "columns": column_facts(list(frame), ["number"] * 3, matrix),
    }  # fmt: skip
    return model, verdict, frame.iloc[test], y[test], about, y


@cache
def five_classes():
    model, verdict, frame, y, about, all_y = _split("classes")
    names = [str(each) for each in model.classes_]
    sites = SITES[np.arange(len(y)) % 3]
    truth = np.array([names.index(each) for each in y])
    found = multiclass_sections(truth, model.predict_proba(frame), names, by={"site": sites})
    about = about | {"class_counts": {each: int((all_y == each).sum()) for each in names}}
    return report_data(model, about, verdict.as_dict(), None, version=__version__, sections=found)


@cache
def numbers():
    """Noise that grows with a column."""
    model, verdict, frame, y, about, all_y = _split("numbers")
    predicted, half = model.predict(frame), 1.7 * np.exp(0.6 * frame["b"].to_numpy())
    ends = np.stack([predicted - half, predicted + half], axis=1)
    found = regression_sections(y, predicted, ends, by={"site": SITES[np.arange(len(y)) % 3]})
    low, median, high = (float(each) for each in np.quantile(all_y, [0, 0.5, 1]))
    about = about | {"target_range": {"low": low, "median": median, "high": high}}
    shown = verdict.shown.as_dict()
    return report_data(model, about, verdict.as_dict(), shown, version=__version__, sections=found)


SECTION_REPORTS = {
    "wisconsin": two_classes, "rare": rare, "small": small, "five": five_classes,
    "numbers": numbers,
}  # fmt: skip


def hostile_sections():
    """A report whose sections bring every payload as a name or a sentence."""
    report = two_classes()
    positive, negative = HOSTILE[1], HOSTILE[2]
    verdict = {**report["verdict"], "positive": positive, "negative": negative}
    found = dict(report["sections"])
    for key in ("calibration", "threshold", "benefit", "abstention", "coverage"):
        found[key] = {**found[key], "sentence": " ".join(HOSTILE[:6])}
    sets = found["coverage"]["found"]
    words = {positive: 0.4, negative: 0.3, HOSTILE[0]: 0.3}
    found["coverage"] = {**found["coverage"], "found": {**sets, "words": words}}
    groups = found["subgroups"]
    tables = [
        {
            **table,
            "column": HOSTILE[5],
            "groups": [
                {**group, "name": HOSTILE[k % len(HOSTILE)]}
                for k, group in enumerate(table["groups"])
            ],
        }
        for table in groups["tables"]
    ]
    found["subgroups"] = {
        **groups, "tables": tables, "sentence": HOSTILE[7], "notes": list(HOSTILE),
    }  # fmt: skip
    return {**report, "verdict": verdict, "sections": found}
