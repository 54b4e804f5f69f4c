"""A fit, and later commands on its held-out rows, compare the model with one constant answer."""

import warnings

import numpy as np
import pandas as pd
import pytest

from thalweg.jobs.evaluate import EvaluateModelRequest
from thalweg.jobs.evaluate import evaluate as evaluate_job
from thalweg.jobs.explain import ExplainRequest
from thalweg.jobs.explain import explain as explain_job
from thalweg.jobs.fit import FitRequest
from thalweg.jobs.fit import fit as fit_job
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.persistence.model_file import read_model

QUICK = {"hidden_layer_sizes": (8,), "max_iter": 20, "n_ensemble": 2}
LOSSES = [
    "squared_error", "absolute_error", "quantile:level=0.9", "huber:delta=1", "poisson",
    "tweedie:power=1.5",
]  # fmt: skip
OF_MEANS = ("squared_error", "poisson", "tweedie:power=1.5")


def frame_of(kind, n=340):
    random = np.random.default_rng(7)
    X = pd.DataFrame(random.normal(size=(n, 2)).round(4), columns=["a", "b"])
    z = X["a"] + 0.4 * random.standard_t(3, size=n)
    if kind in LOSSES:
        X["y"] = random.poisson(np.exp(X["a"])) if kind in OF_MEANS[1:] else (z + 50).round(4)
    else:
        ends = [0.3] if kind == "two" else [-1.0, -0.3, 0.3, 1.0]
        X["y"] = np.array(list("vwxyz"))[np.digitize(z, ends)]
    X["weight"] = random.integers(4, 12, size=n) / 8
    return X


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("kind", [*LOSSES, "two", "five"])
def test_later_commands_decide_as_the_fit_did(kind, tmp_path):
    table, file = str(tmp_path / "t.csv"), str(tmp_path / "m.safetensors")
    frame = frame_of(kind)
    frame.to_csv(table, index=False)
    weights = None if kind == "huber:delta=1" else "weight"
    drop = () if weights else ("weight",)
    loss = {"loss": kind} if kind in LOSSES else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = fit_job(FitRequest(
            table=table, columns=Columns(target="y", drop=drop, weight=weights), seed=0,
            settings=QUICK | loss, output=file, 
            sections=AskedSections(no_trees=True),
        ))  # fmt: skip
        later = evaluate_job(EvaluateModelRequest(model=file, table=table))
        explained = explain_job(ExplainRequest(model=file, table=table))
    first = fitted.result["judgement"]["sections"]["importance"]
    assert first is not None
    assert any(line["shown"] for line in first["lines"])
    second, third = (
        later.result["judgement"]["sections"]["importance"],
        explained.result["importance"],
    )
    for other in (second, third):
        assert other["lines"] == first["lines"]
        assert other["found"]["constant_loss"] == first["found"]["constant_loss"]
        assert other["found"]["constant"] == first["found"]["constant"]
    kept = read_model(file).model._known.likeness.target
    if kind in LOSSES:
        assert len(kept) == (2 if kind in OF_MEANS else 3)
