"""Tables and models for streams of predictions, and a listener that keeps what it hears."""

from pathlib import Path

import numpy as np
import pandas as pd

from mixed import mixed
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.jobs.predict import PredictRequest, predict
from thalweg.jobs.running.listener import Nobody


class Heard(Nobody):
    """Keeps notes and warnings."""

    def __init__(self):
        self.said, self.warned = [], []

    def say(self, line):
        self.said.append(line)

    def warn(self, warning):
        self.warned.append((warning.code, warning.text, warning.fix))


def later_table(n=200, seed=9):
    """Rows with unknown levels, numbers outside the range, missing cells, integers and an id."""
    frame, _ = mixed(n, seed)
    frame["age"] = frame["age"].round(1)
    frame.loc[[3, n // 2, n - 40], "age"] = [140.0, 250.5, 1.0]
    frame.loc[[5, n - 30], "town"] = ["Lima", "Quito"]
    frame.insert(0, "key", np.arange(n) * 7 + 1_000)
    frame["note"] = [f"{k}, '=x" if k % 5 else None for k in range(n)]
    return frame


def saved(folder: Path, kind="classes"):
    """A small model in a file."""
    frame, labels = mixed()
    small = {
        "hidden_layer_sizes": (5,),
        "max_iter": 3,
        "random_state": 0,
        "text": ["name"],
        "category": ["code"],
    }
    if kind == "classes":
        model = ThalwegClassifier(**small).fit(frame, labels)
    elif kind == "numbers":
        model = ThalwegRegressor(**small).fit(frame, (labels == "ill") * 2.0 + 0.1)
    else:
        Y = pd.DataFrame({"a": labels, "b": np.where(frame["age"] > 50, "old", "young")})
        model = ThalwegClassifier(**small).fit(frame, Y)
    path = folder / f"{kind}.safetensors"
    model.save(path, overwrite=True)
    return str(path)


def asked(model, table, output, **more):
    """The outcome of a prediction, and what was heard."""
    heard = Heard()
    request = PredictRequest(model=str(model), table=str(table), output=str(output), **more)
    return predict(request, heard), heard
