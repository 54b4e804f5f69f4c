"""Files of several targets: their evaluations and correlations agree, or the file is refused."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from thalweg.cli.main import main
from thalweg.errors import ModelFileError
from thalweg.persistence.model_file import read_model
from thalweg.sealed_container import read_sealed, seal

QUICK = ["--preset", "quick", "--epochs", "3", "--no-trees", "--quiet"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("evaluated")


@pytest.fixture(scope="module")
def table(folder):
    random = np.random.default_rng(0)
    X = random.normal(size=(120, 2)).round(3)
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "w": random.integers(1, 9, 120) / 2})
    frame["who"] = [f"p{k // 2}" for k in range(120)]
    for k, name in enumerate(("t", "u", "v")):
        frame[name] = (X @ [1, k] + random.normal(size=120)).round(3)
    frame.to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


@pytest.fixture(scope="module", params=["rows", "weights", "groups"])
def sealed(request, table, folder):
    """The header and arrays of a model file, and which rows its evaluation has."""
    more = {
        "rows": ["--drop", "w", "--drop", "who"],
        "weights": ["--weight-column", "w", "--drop", "who"],
        "groups": ["--group", "who", "--drop", "w"],
    }
    names = [word for name in "tuv" for word in ("--target", name)]
    path = folder / request.param
    assert main(["fit", str(table), *names, *more[request.param], *QUICK, "-o", str(path)]) == 0
    header, arrays = read_sealed(path)
    return json.dumps(header), arrays, request.param


def changed(sealed, folder, change):
    header = json.loads(sealed[0])
    change(header)
    (folder / "forged").write_bytes(seal(header, sealed[1]))
    return folder / "forged"


def test_what_was_saved_is_read(sealed, folder):
    file = read_model(changed(sealed, folder, lambda header: None), several=True)
    assert file.together is not None
    assert len(file.evaluations) == 3


def _rows(value):
    return lambda header: header["together"].update(rows=value(header["together"]["rows"]))


def _cell(key, i, j, value, both=True):
    def change(header):
        header["together"][key][i][j] = value
        if both:
            header["together"][key][j][i] = value

    return change


def _contradiction(header):
    for (i, j), r in {(0, 1): 0.9, (1, 2): 0.9, (0, 2): -0.9}.items():
        _cell("targets", i, j, r)(header)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_rows(lambda rows: 7777), "rows"),
        (_rows(lambda rows: rows - 0.5), "rows"),
        (_rows(lambda rows: 0), "rows"),
        (_rows(lambda rows: 1e300), "rows"),
        (_cell("targets", 0, 1, 0.99, both=False), "not symmetric"),
        (_cell("errors", 2, 1, None, both=False), "lack numbers"),
        (_cell("errors", 0, 1, None), "lack numbers"),
        (_cell("errors", 1, 1, -1), "with itself"),
        (_cell("targets", 1, 1, None), "lack numbers"),
        (_cell("targets", 0, 1, 1.5), "a number from -1 to 1"),
        (_contradiction, "contradict each other"),
        (lambda header: header["targets"][2].pop("judgement"), "no judgement"),
        (lambda header: header["targets"][2].pop("report"), "do not have the data of a report"),
        (
            lambda header: header["targets"][2].update(judgement=None, report=None),
            "1 of its 3 targets do not have an evaluation",
        ),
        (
            lambda header: [each.update(judgement=None, report=None) for each in header["targets"]],
            "not evaluated",
        ),
    ],
)
def test_what_no_evaluation_gives_is_refused(sealed, folder, change, says):
    with pytest.raises(ModelFileError) as refused:
        read_model(changed(sealed, folder, change), several=True)
    assert re.search(says, refused.value.why)


def test_a_target_of_one_value_has_no_correlation(sealed, folder):
    def change(header):
        for k in range(3):
            _cell("errors", 1, k, None)(header)

    assert read_model(changed(sealed, folder, change), several=True).together is not None
