"""Signs at the edges of texts: which ones an export strips as a table is read, and which not."""

import unicodedata
from functools import cache

import numpy as np
import pandas as pd
import pytest

from parity import run_duckdb
from thalweg import ThalwegClassifier
from thalweg.data.cells import AROUND, level_of, trimmed
from thalweg.export.export_contract import code_points, contract_lines
from thalweg.export.running.export_runtimes import RUNTIMES
from thalweg.jobs.exports.written_export import WRITERS, carried

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
# Signs that show nothing, or no more than a gap, but are letters or marks by their category.
UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufe00\ufe0f"
KINDS = ("Cc", "Cf", "Zs", "Zl", "Zp")
ALL = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
CANDIDATES = [
    each
    for each in ALL
    if unicodedata.category(each) in KINDS or each.isspace() or each in AROUND + UNSEEN
]


@cache
def model_of_codes():
    """A model that tells a level, a missing one and an unknown one apart."""
    codes = np.array(["3", "A?", "b", None, "c"] * 30, object)
    model = ThalwegClassifier((4,), max_iter=5, early_stopping=False, random_state=0)
    return model.fit(pd.DataFrame({"code": codes}), np.where(codes == "3", "yes", "no"))


def forms(sign):
    """A level, a missing word and nothing, with a sign around."""
    return [f"{sign}3", f"3{sign}", f"{sign}3{sign}", f"{sign}Na{sign}", f"{sign}{sign}"]


def differing(ending, tmp_path, run=None):
    """The signs of which an export makes something else than the reader of tables."""
    made = carried(model_of_codes(), "")
    path = tmp_path / f"exported{ending}"
    path.write_bytes(WRITERS[ending](made))
    texts = [text for sign in CANDIDATES for text in forms(sign)]
    rows = [[text] for text in ("3", "", "nobody", *texts)]
    known, missing, unknown, *answers = (run or RUNTIMES[ending].run)(path, made, rows).values
    assert not np.array_equal(known, missing)
    assert not np.array_equal(known, unknown)
    assert not np.array_equal(missing, unknown)
    expected = [{"3": known, "": missing}.get(level_of(text), unknown) for text in texts]
    same = np.all(np.array(answers) == np.array(expected), axis=1).reshape(len(CANDIDATES), -1)
    return {sign for sign, each in zip(CANDIDATES, same, strict=True) if not each.all()}


def test_the_candidates_are_all_signs_that_a_table_strips():
    assert len(CANDIDATES) > 250
    assert {each for each in ALL if not trimmed(each)} == set(AROUND) <= set(CANDIDATES)


@pytest.mark.parametrize("ending", [".py", ".sql"])
def test_what_strips_as_a_table_is_read(ending, tmp_path):
    assert differing(ending, tmp_path) == set()


def test_duckdb_strips_as_sqlite_does(tmp_path):
    assert differing(".sql", tmp_path, run_duckdb) == set()


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "others"), [(".js", ""), (".c", "\0")])
def test_what_strips_in_other_languages(ending, others, tmp_path):
    assert differing(ending, tmp_path) == set(others)


def test_onnx_strips_nothing_and_the_contract_names_each_sign(tmp_path):
    assert differing(".onnx", tmp_path) == set(AROUND)
    said = " ".join(contract_lines(carried(model_of_codes(), "")))
    assert f"around it: {code_points(AROUND)}. Python," in said
    named = said.partition("around it: ")[2].partition(". Python")[0]
    found = set()
    for each in named.split(", "):
        first, _, last = each.replace("U+", "").partition(" to ")
        found |= {chr(code) for code in range(int(first, 16), int(last or first, 16) + 1)}
    assert found == set(AROUND)
