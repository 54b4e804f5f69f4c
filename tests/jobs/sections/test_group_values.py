"""Groups of a column are those of its values as the model reads them, and dates name none."""

import numpy as np
import pandas as pd
import pytest

from thalweg.errors import DataError
from thalweg.jobs.evaluate import EvaluateModelRequest, EvaluateRequest, evaluate
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.sections.asked_sections import AskedSections

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "n_folds": 2}


def frame_of(seed, n):
    rng = np.random.default_rng(seed)
    count = rng.integers(1000, 9999, n)
    frame = pd.DataFrame({"a": rng.normal(size=n).round(5)})
    frame["cells"] = [f"{each // 1000}.{each % 1000:03d}" for each in count]
    frame["crp"] = [f"{each:.1f}".replace(".", ",") for each in rng.uniform(0.5, 30, n)]
    frame.loc[::9, "crp"] = "<0,5"
    frame.loc[::10, "crp"] = "k.A."
    frame["smoker"] = rng.choice(["Ja", "ja", "nein", "k.A."], n)
    frame["ward"] = rng.choice(["A", "B"], n)
    frame["extra"] = frame["cells"]
    frame["day"] = pd.date_range("2024-01-01", periods=n).strftime("%d.%m.%Y")
    frame["y"] = np.where(frame["a"] + rng.normal(size=n) > 0.3, "ill", "well")
    return frame, count


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("values")
    for name, seed, n in (("old", 0, 300), ("new", 1, 260)):
        frame_of(seed, n)[0].to_csv(folder / f"{name}.csv", index=False, sep=";")
    return folder


COLUMNS = Columns(target="y", drop=("extra", "day"), missing=["k.A."], number={"cells": "1.234,56"})


@pytest.fixture(scope="module")
def model(here):
    fit(FitRequest(
        table=str(here / "old.csv"), columns=COLUMNS, settings=SMALL, output=str(here / "m"),
    ))  # fmt: skip
    return str(here / "m")


def tables(judgement):
    found = judgement["sections"]["subgroups"]["tables"]
    return {each["column"]: [group["name"] for group in each["groups"]] for each in found}


def thirds(count):
    cuts = np.sort(count)[[len(count) // 3, 2 * len(count) // 3]]
    return [pytest.approx(float(each), rel=0.02) for each in cuts]


def numbers(name):
    return [float(part.strip(" ≤>").replace(",", "")) for part in name.split(", ≤")]


def test_groups_of_a_saved_model_are_those_of_its_notation(here, model):
    asked = AskedSections(by=("cells", "crp", "smoker", "ward"))
    found = tables(evaluate(
        EvaluateModelRequest(model=model, table=str(here / "new.csv"), sections=asked)
    ).judgement)  # fmt: skip
    assert found["smoker"] == ["ja", "nein", "missing"]
    assert found["ward"] == ["A", "B"]
    assert len(found["crp"]) == 4
    assert found["crp"][-1] == "missing"
    assert numbers(found["cells"][1]) == thirds(frame_of(1, 260)[1])


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("verb", [fit, evaluate])
def test_groups_of_a_fit_are_those_of_what_was_said(here, verb):
    kind = FitRequest if verb is fit else EvaluateRequest
    more = {} if verb is fit else {"folds": 2, "repeats": 1}
    asked = AskedSections(by=("cells", "smoker"))
    made = verb(kind(
        table=str(here / "old.csv"), columns=COLUMNS, settings=SMALL, sections=asked, **more
    ))  # fmt: skip
    found = tables(made.result["judgement"])
    assert found["smoker"][:2] == ["ja", "nein"]
    assert all(value > 1000 for name in found["cells"][:3] for value in numbers(name))


@pytest.mark.parametrize("dropped", [True, False])
def test_dates_name_no_groups_in_text_either(here, model, dropped):
    drop = ("extra", "day") if dropped else ("extra",)
    columns = Columns(target="y", drop=drop, missing=["k.A."], number={"cells": "1.234,56"})
    asked = AskedSections(by=("day",))
    with pytest.raises(DataError, match="dates names no groups"):
        fit(FitRequest(table=str(here / "old.csv"), columns=columns, sections=asked))
    with pytest.raises(DataError, match="dates names no groups"):
        evaluate(EvaluateModelRequest(model=model, table=str(here / "new.csv"), sections=asked))


def test_a_column_beside_the_model_is_read_as_a_feature_would_be(here, model):
    asked = AskedSections(by=("extra",))
    found = tables(evaluate(
        EvaluateModelRequest(
            model=model, table=str(here / "new.csv"), sections=asked, number={"extra": "1.234,56"},
        )
    ).judgement)  # fmt: skip
    assert all(value > 1000 for name in found["extra"][:3] for value in numbers(name))
