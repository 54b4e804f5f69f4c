"""Models of every task with hostile names, their files and tables, for the tests of cards."""

import numpy as np
import pandas as pd

from thalweg.cli.main import main

HOSTILE = [
    "<script>alert(1)</script>", "a|b*c_d`e`", "[x](javascript:alert(1))", "q\"u'o: #te",
    "=cmd()", "- level\u202etxt", "&amp; $x$ ~~s~~ ![i](j)",
]  # fmt: skip
TARGETS = {"two": "tar<get>|two", "three": "three", "number": "num"}


def hostile_table(n_rows=240, seed=0):
    """A table whose names, levels and classes are markup of Markdown, HTML, YAML."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n_rows, 5)).round(3)
    frame = pd.DataFrame(numbers, columns=HOSTILE[:5])
    frame[HOSTILE[5]] = rng.choice(["<i>l1</i>", "l|2", "- l3"], n_rows)
    frame[HOSTILE[6]] = rng.choice(["x", "", "*y*"], n_rows)
    score = numbers[:, 0] + numbers[:, 1] + rng.normal(size=n_rows)
    frame[TARGETS["two"]] = np.where(score > 0, "<b>yes</b>", "no|*")
    frame[TARGETS["three"]] = np.array(["a", "b", "c"])[np.clip(score + 1, 0, 2).astype(int)]
    frame[TARGETS["number"]] = score.round(3)
    frame["centre"] = rng.choice([*"ABCDEFGHIJKL"], n_rows)
    return frame


def fitted(folder, task, *more, seed=0):
    """The paths of a model file of a task, and of its table."""
    table, model = folder / "table.csv", folder / f"{task}.safetensors"
    hostile_table(seed=seed).to_csv(table, index=False)
    drops = [each for key, each in TARGETS.items() if key != task]
    options = [part for each in drops for part in ("--drop", each)]
    options += [] if "--group" in more else ["--drop", "centre"]
    quick = ["--hidden", "4", "--epochs", "5", "--no-trees", "-q", "--force"]
    named = ["--target", TARGETS[task]]
    assert main(["fit", str(table), *named, "-o", str(model), *options, *quick, *more]) == 0
    return model, table


def every_text(value):
    """All texts in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from every_text(each)
    elif isinstance(value, list):
        for each in value:
            yield from every_text(each)
