"""Every document of ``--json``, also for models from Python with labels of any type."""

import json

import numpy as np
import pandas as pd
import pytest

from thalweg.estimators.classifier import ThalwegClassifier

LABELS = {
    "int": [0, 1, 2],
    "int8": np.array([1, 2, 3], np.int8),
    "bool": [False, True],
    "float": [0.0, 1.0, 2.0],
    "text": ["no", "yes", "zz"],
}
KINDS = [(kind, n) for kind in LABELS for n in (2, 3) if n <= len(LABELS[kind])]
OF_TABLE = ("t.csv", "--target", "target")
QUICK = ("--no-trees", "--hidden", "3", "--epochs", "2", "--early-stopping", "off", "--bins", "0")


def table(labels):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": np.round(rng.normal(size=60), 3)})
    frame["target"] = labels[rng.integers(0, len(labels), 60)]
    frame.to_csv("t.csv", index=False)
    return frame


def document(cli, *said):
    code, out, err = cli(*said, "--json")
    assert code in (0, 3), (said, err)
    assert json.loads(out)["error"] is None
    return json.loads(out)


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(("kind", "n_classes"), KINDS)
@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_verbs_of_a_model_from_python(cli, kind, n_classes):
    labels = np.asarray(LABELS[kind])[:n_classes]
    frame = table(labels)
    settings = {"positive": labels[0] if n_classes == 2 else None, "random_state": np.int64(0)}
    costs = {label: np.float32(2) for label in labels}
    model = ThalwegClassifier(
        (3,), max_iter=2, early_stopping=False, n_bins=0, class_weight=costs, **settings
    )
    model.fit(frame[["dose"]], frame["target"]).save("m")
    document(cli, "show", "m")
    document(cli, "predict", "m", "t.csv")
    judged = document(cli, "evaluate", "m", *OF_TABLE)
    assert judged["data"]["positive"] == (str(labels[0]) if n_classes == 2 else None)
    assert judged["result"]["judgement"].get("positive") == judged["data"]["positive"]
    if n_classes == 2:
        document(cli, "trace", "m", "t.csv")


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", ["int", "bool", "float", "text"])
def test_verbs_of_a_table(cli, kind):
    table(np.asarray(LABELS[kind])[:2])
    document(cli, "check", *OF_TABLE)
    document(cli, "fit", *OF_TABLE, *QUICK, "--task", "classification", "-o", "m", "--report", "r")
    document(cli, "report", "m", "-o", "s.html")
    document(cli, "evaluate", "m", *OF_TABLE)
    document(cli, "evaluate", *OF_TABLE, *QUICK, "--folds", "2", "--repeats", "1")


def test_a_landscape_of_a_model_from_python(cli):
    frame = table(np.array([0, 1]))
    model = ThalwegClassifier((2,), max_iter=2, early_stopping=False, n_bins=0, random_state=0)
    model.fit(frame[["dose"]], frame["target"]).save("m")
    document(cli, "landscape", "m", *OF_TABLE, "--grid", "11", "-o", "l.html")
