import io

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console

from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.task_judging import OneNumber
from thalweg.reporting.terminal_verdict import (
    confusion_table,
    mistakes_table,
    print_verdict,
    verdict_table,
)
from thalweg.reporting.verdict_words import in_order_of_grades


class Guess:
    """A model that leans on the first column."""

    def fit(self, X, y):
        self.classes_ = np.array(["benign", "malignant"], dtype=object)

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-3 * X["a"].to_numpy()))
        return np.column_stack([1 - p, p])


@pytest.fixture
def verdict():
    random = np.random.default_rng(0)
    matrix = random.normal(size=(400, 2))
    y = np.where(matrix[:, 0] + 0.5 * random.normal(size=400) > 0.3, "malignant", "benign")
    X = pd.DataFrame(matrix, columns=["a", "b"])
    return judge_on_holdout(
        Guess(), X, y.astype(object), positive="malignant", seed=0, matrix=matrix
    ).as_dict()


def rendered(thing, width=80):
    console = Console(width=width, no_color=True, file=io.StringIO())
    if isinstance(thing, dict):
        print_verdict(console, thing)
    else:
        console.print(thing)
    return console.file.getvalue()


def row(text, name):
    (line,) = (line for line in text.splitlines() if line.startswith(name))
    return line


def line_below(text, name):
    lines = text.splitlines()
    return lines[lines.index(row(text, name)) + 1]


def ends(line, cells):
    """Where each of the cells of a line ends."""
    places, start = [], 0
    for cell in cells:
        start = line.index(cell, start) + len(cell)
        places.append(start)
    return places


def test_every_number_of_the_verdict_stands_in_its_row_and_column(verdict):
    baselines = verdict["baselines"]
    # As a model file gives them: by name, and the weaker one comes first then.
    verdict = verdict | {"baselines": {name: baselines[name] for name in sorted(baselines)}}
    text = rendered(verdict_table(verdict))
    strongest_first = ("logistic regression", "boosted trees", "always the commoner class")
    judged = [verdict["network"], *(baselines[name] for name in strongest_first)]
    places = set()
    for metric, name in (
        ("accuracy", "accuracy"),
        ("sensitivity", "sensitivity"),
        ("specificity", "specificity"),
        ("auc", "AUC"),
        ("log_loss", "log-loss"),
        ("brier", "Brier score"),
    ):
        # Of four models, intervals are below the values.
        values, intervals = (
            [form.format(**each["metrics"][metric]) for each in judged]
            for form in ("{value:.3f}", "[{low:.3f}, {high:.3f}]")
        )
        line, below = row(text, name), line_below(text, name)
        assert " ".join(line.split()) == " ".join([name, *values])
        assert " ".join(below.split()) == " ".join(intervals)
        places |= {tuple(ends(line, values)), tuple(ends(below, intervals))}
    for name, wrong, right in (
        ("missed", "false_negative", "true_positive"),
        ("false alarms", "false_positive", "true_negative"),
    ):
        counts = [each["confusion"] for each in judged]
        wanted = [f"{c[wrong]} of {c[wrong] + c[right]}" for c in counts]
        assert " ".join(row(text, name).split()) == " ".join([name, *wanted])
        places.add(tuple(ends(row(text, name), wanted)))
    assert len(places) == 1, "right-aligned, cells of a column end at one place"
    assert "network" in text
    head = " ".join(text.splitlines()[0].split())
    assert head == "logistic always the"
    assert (
        " ".join(text.splitlines()[1].split()) == "network regression boosted trees commoner class"
    )


def test_confusion_is_said_in_plain_words(verdict):
    network = verdict["network"]
    network["confusion"] = {
        "true_positive": 1047,
        "false_negative": 1,
        "false_positive": 2,
        "true_negative": 90,
    }
    lines = rendered(confusion_table(network, "malignant", "benign")).splitlines()
    assert " ".join(lines[0].split()) == "in truth called malignant called benign"
    assert " ".join(lines[2].split()) == "malignant 1,047 found 1 missed malignant"
    assert " ".join(lines[3].split()) == "benign 2 false alarms 90 cleared"
    assert lines[4].strip() == "network: malignant above a probability of 0.5"
    # Counts are right-aligned above each other.
    assert lines[2].index("1,047") + 5 == lines[3].index("2 false") + 1
    assert lines[2].index("1 missed") + 1 == lines[3].index("90 cleared") + 2


def test_counts_that_are_means_are_said_to_be(verdict):
    network = verdict["network"]
    assert "means" not in rendered(confusion_table(network, "malignant", "benign"))
    network["confusion"]["false_positive"] = 2.5
    network["confusion"]["true_negative"] = 89.5
    said = rendered(confusion_table(network, "malignant", "benign"))
    assert "counts are means over the repetitions" in " ".join(said.split())


def test_page_says_all_and_fits_into_80_columns_of_a_log(verdict):
    text = rendered(verdict)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    flat = " ".join(text.split())
    n_positive = verdict["network"]["n_positive"]
    assert (
        f"Trained on {verdict['n_train']} rows, evaluated on {verdict['n_test']} held out" in flat
    )
    assert f"{n_positive} malignant, {verdict['n_test'] - n_positive} benign." in flat
    assert verdict["sentence"] in flat
    assert text.rstrip().endswith("Not a medical device.")
    # No end was torn from its interval.
    assert line_below(text, "accuracy").count("]") == 4


def test_three_models_have_their_intervals_beside_the_values(verdict):
    for part in ("baselines", "differences"):
        del verdict[part]["boosted trees"]
    text = rendered(verdict)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    wanted = "{value:.3f} [{low:.3f}, {high:.3f}]".format(**verdict["network"]["metrics"]["auc"])
    assert wanted in row(text, "AUC")
    assert row(text, "accuracy").count("]") == 3


def test_undefined_and_infinite_metrics_are_said(verdict):
    metrics = verdict["network"]["metrics"]
    metrics["auc"] = {"value": None, "low": None, "high": None}
    metrics["log_loss"] = {"value": "Infinity", "low": 0.05, "high": "Infinity"}
    text = rendered(verdict)
    assert "undefined" in row(text, "AUC")
    assert "inf" in row(text, "log-loss")
    assert "[0.050, inf]" in line_below(text, "log-loss")


def test_class_names_are_shown_as_they_are(verdict):
    verdict["positive"], verdict["negative"] = "[red]x", "[i]y"
    text = rendered(verdict)
    # In the first line, in the rule, as a heading and as a row; missed, and above the threshold.
    assert (text.count("[red]x"), text.count("[i]y")) == (6, 3)


def test_long_names_are_folded_not_cut(verdict):
    long = "[red]a very long class name[/red] that nobody would ever choose, or would they"
    verdict["positive"], verdict["sentence"] = long, "[bold]as it stands[/bold]"
    text = rendered(verdict)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert long in " ".join(text.split())
    assert "[bold]as it stands[/bold]" in text


def test_nothing_but_ascii_where_the_stream_knows_no_more(verdict):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_verdict(Console(width=80, file=stream), verdict)
    stream.flush()
    assert b"Not a medical device." in stream.buffer.getvalue()


def test_an_auc_that_may_be_anything_has_a_reason(verdict):
    reason = "where a class has fewer than 6 rows"
    assert reason not in " ".join(rendered(verdict).split())
    verdict["network"]["metrics"]["auc"] = {"value": 0.7, "low": 0.0, "high": 1.0}
    assert reason in " ".join(rendered(verdict).split())


def graded(grades):
    """A verdict of three classes; the row of ``confusion`` of each begins with its own number."""
    network = {
        "costs": [1.0, 2.0, 3.0],
        "confusion": [[50, 1, 2], [3, 60, 4], [5, 6, 70]],
        "recall": ["of high", "of low", "of mid"],
        "precision": ["for high", "for low", "for mid"],
    }
    order = {"grades": grades} if grades else {}
    return {"classes": ["high", "low", "mid"], **order, "network": network, "baselines": {}}


def test_grades_are_shown_in_their_order():
    verdict = graded(["low", "mid", "high"])
    shown = in_order_of_grades(verdict)
    assert shown["classes"] == ["low", "mid", "high"]
    assert shown["network"]["confusion"] == [[60, 4, 3], [6, 70, 5], [1, 2, 50]]
    assert shown["network"]["recall"] == ["of low", "of mid", "of high"]
    assert shown["network"]["precision"] == ["for low", "for mid", "for high"]
    assert shown["network"]["costs"] == [2, 3, 1]
    assert verdict == graded(["low", "mid", "high"])
    text = rendered(mistakes_table(shown["network"], shown["classes"]))
    assert [line.split() for line in text.splitlines()[2:5]] == [
        ["low", "60", "4", "3"], ["mid", "6", "70", "5"], ["high", "1", "2", "50"],
    ]  # fmt: skip
    assert in_order_of_grades(graded([])) == graded([])


def test_r2_has_three_decimals_also_where_an_end_lies_just_below_0():
    class Slope(Guess):
        def fit(self, X, y):
            return self

        def predict(self, X):
            return X["a"].to_numpy()

    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(60, 1)), columns=["a"])
    y = X["a"].to_numpy() + random.normal(size=60)
    found = judge_on_holdout(Slope(), X, y, task=OneNumber(), seed=0, matrix=X.to_numpy()).as_dict()
    found["network"]["metrics"]["r2"] = {"value": 0.3, "low": -0.000003, "high": 0.5}
    console = Console(width=120, file=io.StringIO())
    console.print(verdict_table(found))
    assert "[-0.000, 0.500]" in console.file.getvalue()
