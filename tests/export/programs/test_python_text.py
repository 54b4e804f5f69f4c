"""Models as Python modules: how cells are read, and what the text may hold."""

import ast
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from parity import FACTORS, fitted_for, hostile_model
from thalweg import ThalwegClassifier
from thalweg.data.cells import AROUND, MISSING
from thalweg.export.programs.python_text import python_text
from thalweg.jobs.exports.written_export import carried

PLAIN = {name: values[0] for name, values in FACTORS.items()}
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")


def module_of(model):
    names: dict = {}
    exec(compile(python_text(carried(model, "")), "exported", "exec"), names)
    return names


@pytest.fixture(scope="module")
def codes():
    return fitted_for({**PLAIN, "columns": "codes"})


def test_cells_are_read_as_the_model_reads_them(codes):
    model, frame = codes
    predict = module_of(model)["predict"]
    row = {"age": 40.0, "code": "3", "group": "2"}
    for given in (
        "3",
        " 3 ",
        "3.0",
        "3.000",
        3,
        3.0,
        "01",
        "a'b\"c\\",
        "None",
        "\u00e9",
        True,
        1.5,
        math.inf,
        -1e308,
    ):
        with_text = pd.DataFrame([{**row, "code": given}])
        expected = model.predict_proba(with_text)[0]
        np.testing.assert_allclose(predict({**row, "code": given}), expected, atol=2e-6)
    for sign in AROUND:
        assert predict({**row, "code": f"{sign}3{sign}"}) == predict(row)
    missing = predict({**row, "code": None})
    for word in MISSING:
        assert predict({**row, "code": f" {word.upper()} "}) == missing
    assert predict({**row, "code": math.nan}) == missing
    assert predict({**row, "age": None}) == predict({**row, "age": math.nan})
    assert predict({**row, "age": 40}) == predict(row)
    del frame


def test_cells_that_are_none_are_refused(codes):
    names = module_of(codes[0])
    row = {"age": 40.0, "code": "3", "group": "2"}
    with pytest.raises(TypeError, match=r"column 'age': give a number, and not 'forty'"):
        names["predict"]({**row, "age": "forty"})
    as_number = names["predict"]({**row, "age": np.float32(40)})
    assert as_number == names["predict"]({**row, "age": np.int64(40)}) == names["predict"](row)
    with pytest.raises(KeyError, match="code"):
        names["predict"]({"age": 40.0, "group": "2"})
    for odd in (math.inf, -1.1e300, 10**400):
        answers = names["predict"]({**row, "age": odd})
        assert all(map(math.isnan, answers))
        assert names["label"](answers) is None


def test_every_missing_cell_of_pandas_and_numpy_is_missing(codes):
    predict = module_of(codes[0])["predict"]
    row = {"age": 40.0, "code": "3", "group": "2"}
    for column in row:
        expected = predict({**row, column: None})
        for none in (pd.NA, pd.NaT, np.datetime64("NaT"), np.float32("nan"), math.nan, ""):
            assert predict({**row, column: none}) == expected


def test_what_only_looks_like_a_number_or_a_text_is_refused(codes):
    predict = module_of(codes[0])["predict"]
    row = {"age": 40.0, "code": "3", "group": "2"}
    moment = np.datetime64("2020-08-26", "ns")  # its float is 1.6e18: it was taken for an age
    for odd in (moment, np.timedelta64(3, "ns"), np.str_("40"), b"40", np.complex128(40), [40]):
        with pytest.raises(TypeError, match="column 'age': give a number, and not "):
            predict({**row, "age": odd})
    for odd in (b"3", ["3"], np.array(["3", "4"]), pd.Series(["3", "4"])):
        with pytest.raises(TypeError, match="column 'code': give a text, and not "):
            predict({**row, "code": odd})
    assert predict({**row, "age": np.array(40.0)}) == predict({**row, "age": np.int8(40)})


def test_a_cell_of_another_kind_is_refused_with_what_the_column_takes():
    days = pd.date_range("2020-01-01", periods=60, freq="9D")
    frame = pd.DataFrame({"seen": days, "kept": np.arange(60) % 3 == 0})
    model = ThalwegClassifier((2,), early_stopping=False, max_iter=2, random_state=0)
    predict = module_of(model.fit(frame, np.arange(60) < 30))["predict"]
    for odd in (days[3], days.to_numpy()[3], days[3].date(), "2020-01-28"):
        with pytest.raises(TypeError, match="column 'seen': give days since 1970-01-01, and not "):
            predict({"seen": odd, "kept": True})
    with pytest.raises(TypeError, match="column 'kept': give 1, 0 or None, and not 'yes'"):
        predict({"seen": 18262.0, "kept": "yes"})


def test_the_text_is_that_of_python_3_8_and_equal_for_equal_models(codes):
    text = python_text(carried(codes[0], ""))
    assert text == python_text(carried(codes[0], ""))
    assert text.isascii()
    tree = ast.parse(text, feature_version=(3, 8))
    loaded = {
        each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names
    }
    assert loaded == {"base64", "math", "re", "struct"}


def test_names_of_strangers_never_become_code(tmp_path):
    model, frame = hostile_model()
    text = python_text(carried(model, ""))
    tree = ast.parse(text)
    kinds = {type(node) for node in tree.body}
    assert kinds <= {ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef}
    names = module_of(model)
    assert names["COLUMNS"] == list(frame.columns)
    row = frame.iloc[3].to_dict()
    np.testing.assert_allclose(names["predict"](row), model.predict_proba(frame[3:4])[0], atol=2e-6)
    assert names["label"](names["predict"](row)) == model.predict(frame[3:4])[0]
    path = tmp_path / "exported.py"
    path.write_text(text, encoding="ascii")
    ended = subprocess.run([sys.executable, "-I", "-S", path], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_few_weights_are_printed_as_numbers():
    small, _ = fitted_for({**PLAIN, "columns": "numbers", "layers": 1})
    text = python_text(carried(small, ""))
    assert "_floats(\n" not in text
    theta = small.theta_
    names = module_of(small)
    W = np.array(names["w0_0"])
    np.testing.assert_array_equal(np.sort(W.ravel()), np.sort(theta[: W.size].astype(float)))
