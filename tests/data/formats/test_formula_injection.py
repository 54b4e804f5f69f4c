"""No cell of a written CSV is calculated, however it is opened; all come back as they were."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thalweg.data.formats.formula_injection import guarded, may_be_guarded, unguard, unguarded
from thalweg.data.read import load_table
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.jobs.predictions.predicted_rows import csv_bytes

STARTS = "=+-@＝＋－＠"
LABELS = st.text(st.sampled_from("=+-@＝＠\t\r\n;|,01.e a'\"\0"), max_size=9)
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def calculated(cell):
    """Whether a spreadsheet would calculate a cell: what it strips stands before."""
    bare = cell.lstrip('\t\r\n\0 "')
    return bare[:1] in set(STARTS) and not NUMBER.fullmatch(cell)


@given(LABELS)
@example("x;=1+1")
@example("x\t=1+1")
@example("＝1+1")
@example("'=1+1")
@example('x;"=1+1')
@example("\n=1+1")
def test_no_cell_is_calculated_however_the_file_is_parted(label):
    text = csv_bytes(["prediction", f"p_{label}"], [(label, 0.5)]).decode()
    # As we write it, and as a program reads it that parts cells otherwise and respects no quotes.
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(map(calculated, row)), row
    for part in (";", "\t", "|"):
        for line in re.split("[\r\n\0]", text):
            assert not any(map(calculated, line.split(part))), (part, line)


@given(LABELS)
def test_every_text_comes_back(label):
    assert unguarded(guarded(label)) == label
    assert may_be_guarded(guarded(label)) or guarded(label) == label
    if not set(label) & set("'"):
        assert unguarded(label) == label


@pytest.mark.parametrize("label", ["benign", "-1", "+2.5", "a=b", "'x", "'-5", "O'Neill", "5'", ""])
def test_what_is_harmless_is_left_alone(label):
    assert unguarded(label) == label
    if label != "'-5":
        assert guarded(label) == label


def test_only_cells_that_were_guarded_are_counted():
    cells = ["'=1+1", "it's", "-1", "x;'@a"]
    assert unguard(cells) == 2
    assert cells == ["=1+1", "it's", "-1", "x;@a"]


RISKY = ["x;=1+1", "x\t=1+1", "＝1+1", "＋1", "－x", "＠SUM(A1)", "'=1+1", "=1+1", "\t=1", "a|-b"]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("label", RISKY)
def test_a_label_goes_out_guarded_and_comes_in_as_it_was(cli, label):
    X = pd.DataFrame({"x": np.arange(20.0)})
    y = np.repeat([label, "zzz"], 10)
    model = ThalwegClassifier((4,), max_iter=60, early_stopping=False, random_state=0).fit(X, y)
    model.save("m")
    X.to_csv("t.csv", index=False)
    assert cli("predict", "m", "t.csv", "-o", "p.csv", "-q")[0] == 0
    written = Path("p.csv").read_bytes().decode()
    assert not any(calculated(cell) for cell in re.split("[;|\t\n]", written))
    again = load_table("p.csv", need_target=False)
    assert set(again.frame["prediction"]) == {label, "zzz"}
    assert f"p_{label}" in again.frame.columns
    assert any("guards against formulas was removed from" in note for note in again.notes)


def test_a_table_without_such_cells_is_read_without_a_note(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("name,x\nO'Neill,1\n'x,-2\n5',3\n")
    assert load_table("t.csv", need_target=False).notes == ()
