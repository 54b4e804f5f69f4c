"""Models as JavaScript modules: the text; in Node how cells are read."""

import base64
import json
import re

import numpy as np
import pandas as pd
import pytest

from parity import FACTORS, fitted_for, hostile_model, parity
from thalweg import ThalwegClassifier
from thalweg.data.cells import AROUND, MISSING
from thalweg.export.programs.javascript_module import javascript_module
from thalweg.export.running.export_runtimes import found_program, run_process
from thalweg.jobs.exports.written_export import carried

PLAIN = {name: values[0] for name, values in FACTORS.items()}
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")


def test_weights_are_the_bytes_of_theta_and_no_page_sees_a_tag():
    model, _ = hostile_model()
    text = javascript_module(carried(model, ""))
    assert text == javascript_module(carried(model, ""))
    assert text.isascii()
    assert "</" not in text
    assert "<!--" not in text
    (encoded,) = re.findall(r'const w0_1 = floats\("([^"]*)", 4\)', text)
    W = model.members_[0].layers[1][0]
    assert base64.b64decode(encoded) == np.ascontiguousarray(W.T).astype("<f4").tobytes()


@pytest.mark.slow
def test_names_of_strangers_are_data():
    model, frame = hostile_model()
    assert parity(model, ".js", frame).passed


@pytest.mark.slow
def test_cells_are_read_as_the_contract_says(tmp_path):
    model, _ = fitted_for({**PLAIN, "columns": "codes"})
    path = tmp_path / "exported.mjs"
    path.write_text(javascript_module(carried(model, "")), encoding="ascii")
    node = found_program("node")
    assert node, "node is not on the path, and this test needs it"

    def asked(*rows):
        script = (
            f"import {{ predict, label }} from {json.dumps(path.as_uri())};\n"
            f"const found = [{', '.join(rows)}].map((row) => {{\n"
            "  try { const p = predict(row); return [p, label(p)]; }\n"
            "  catch (error) { return error.message; } });\n"
            "console.log(JSON.stringify(found));"
        )
        return json.loads(run_process([node, "--input-type=module", "-e", script], b""))

    def code(cell):
        return f'{{age: 40, group: "2", code: {cell}}}'

    same = asked(
        *map(code, ('"3"', "3", '" 3 "', '"3.0"', *(json.dumps(f"{s}3{s}") for s in AROUND)))
    )
    assert all(each == same[0] for each in same)
    words = (json.dumps(word.upper()) for word in MISSING)
    missing = asked(*map(code, ("null", "undefined", "NaN", '""', *words)))
    assert all(each == missing[0] for each in missing)
    assert missing[0] != same[0]
    empty = asked(*(f'{{age: {cell}, group: "2", code: "3"}}' for cell in ("null", '""', "NaN")))
    assert all(each == empty[0] for each in empty)
    (far,) = asked('{age: Infinity, group: "2", code: "3"}')
    assert far == [[None, None], None]
    assert asked('{age: "4", group: "2", code: "3"}', "{age: 4}", code("1.5")) == [
        'column "age": give a number',
        'the row has no column "code"',
        'column "code": write the number as text',
    ]
    for odd in ("{}", '["3"]', "new Date(3)", "Symbol.iterator", "() => 3"):
        assert asked(code(odd)) == ['column "code": give a text']
    assert asked(code("3n")) == same[:1]


@pytest.mark.slow
def test_a_date_of_javascript_is_refused_with_what_the_column_takes(tmp_path):
    days = pd.date_range("2020-01-01", periods=60, freq="9D")
    frame = pd.DataFrame({"seen": days, "kept": np.arange(60) % 3 == 0})
    model = ThalwegClassifier((2,), early_stopping=False, max_iter=2, random_state=0)
    model.fit(frame, np.arange(60) < 30)
    path = tmp_path / "exported.mjs"
    path.write_text(javascript_module(carried(model, "")), encoding="ascii")
    node = found_program("node")
    assert node, "node is not on the path, and this test needs it"
    script = (
        f"import {{ predict }} from {json.dumps(path.as_uri())};\n"
        'for (const row of [{seen: new Date("2020-01-28"), kept: true}, {seen: 1, kept: "yes"}])\n'
        "  try { predict(row); } catch (error) { console.log(error.message); }"
    )
    said = run_process([node, "--input-type=module", "-e", script], b"").decode().splitlines()
    assert said == [
        'column "seen": give days since 1970-01-01',
        'column "kept": give 1, 0 or null',
    ]
