"""One of several quantiles, by ``--target`` of a verb that opens a model."""

import json

import numpy as np
import pandas as pd
import pytest

from thalweg import load_model


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder, random = tmp_path_factory.mktemp("levels"), np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(240, 2)).round(3), columns=["a", "b"])
    frame["y"] = (2 * frame["a"] + random.gumbel(size=240)).round(3)
    frame.to_csv(folder / "t.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def model(place):
    from thalweg.jobs.fit import FitRequest
    from thalweg.jobs.fit import fit as job
    from thalweg.jobs.parts.table_options import Columns
    from thalweg.jobs.sections.asked_sections import AskedSections

    job(FitRequest(
        table=str(place / "t.csv"), columns=Columns(target="y"), task="regression",
        settings={"loss": "quantile:levels=0.1/0.9", "hidden_layer_sizes": (4,), "max_iter": 8},
        sections=AskedSections(no_trees=True), output=str(place / "m.safetensors"),
        report=str(place / "r.html"),
    ))  # fmt: skip
    return str(place / "m.safetensors")


@pytest.mark.parametrize(
    "words",
    [
        ["show", "M"], ["explain", "M", "T", "--row", "3"], ["trace", "M", "T", "--row", "3"],
        ["evaluate", "M", "T"], ["drift", "M", "T"], ["card", "M"],
        ["report", "M", "T", "--rows", "-o", "P"],
    ],
)  # fmt: skip
def test_a_verb_takes_one_level(words, model, place, cli):
    paths = {"M": model, "T": str(place / "t.csv"), "P": str(place / f"{words[0]}.html")}
    code, out, err = cli(*[paths.get(each, each) for each in words], "--target", "0.9")
    assert code in (0, 3), out + err


def test_the_level_predicts_and_is_evaluated_as_in_python(model, place, cli):
    table = pd.read_csv(place / "t.csv")
    code, out, _ = cli("predict", model, str(place / "t.csv"), "--target", "0.1", "--quiet")
    assert code == 0
    made = np.array([float(line.split(",")[0]) for line in out.splitlines()[1:]])
    alone = load_model(model).for_target(0.1)
    np.testing.assert_allclose(made, alone.predict(table[["a", "b"]]), rtol=1e-9)
    _, out, _ = cli("evaluate", model, str(place / "t.csv"), "--target", "0.9", "--json")
    found = json.loads(out)["result"]["judgement"]
    assert "pinball" in found["network"]["metrics"]
    assert "levels" not in found


def test_refusals_name_the_option_and_no_method_of_python(model, place, cli):
    table = str(place / "t.csv")
    for words in (["explain", model, table, "--row", "3"], ["drift", model, table]):
        _, out, err = cli(*words)
        text = " ".join((out + err).split())
        assert "--target 0.9" in text
        assert "model.for_target" not in text
    code, out, err = cli("report", model, table, "--rows", "-o", str(place / "x.html"))
    assert code == 2
    assert "--target 0.9" in " ".join((out + err).split())
    code, out, err = cli("report", model, "--target", "0.9", "-o", str(place / "x.html"))
    assert "needs rows" in " ".join((out + err).split())
    code, out, err = cli("show", model, "--target", "0.5")
    assert code == 2
    assert "give --target 0.1 or --target 0.9" in " ".join((out + err).split())


def test_the_page_recommends_no_rows_of_several_quantiles(model, place):
    page = (place / "r.html").read_text()
    assert "--rows" not in page
    assert "--target LEVEL" in page
