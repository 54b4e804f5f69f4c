"""The rule for classes or a number, and that all code uses it."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.doctor.examined_table import look_at, target_of
from thalweg.data.notation.number_notation import notation_of
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table, load_table
from thalweg.data.schema.find_columns import find_columns
from thalweg.data.schema.given_table import table_of
from thalweg.data.target_kind import (
    is_number,
    number_target,
    numbers_by,
    numbers_of,
    require_classes,
    require_numbers,
    taken_for_a_number,
)
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.landscape.race_on_table import network_target

# Different values of a target, and whether they are a number.
TARGETS = [
    ([0, 1], False),
    (range(10), False),
    (range(11), True),
    ([*range(9), 1_000_000], False),
    (range(-20, 0), True),
    ([0.5, 1.0], False),
    ([0.5, 1.0, 1.5], True),
    ([1.0, 2.0, 3.0], False),
]


@pytest.mark.parametrize(("values", "number"), TARGETS)
def test_command_line_doctor_and_landscape_take_a_target_for_the_same(tmp_path, values, number):
    y = [*values] * 3
    assert is_number(np.array(y, dtype=float)) == number
    frame = pd.DataFrame({"x": np.arange(len(y)), "y": y})
    frame.to_csv(tmp_path / "t.csv", index=False)
    table = load_table(str(tmp_path / "t.csv"), target="y")
    assert (number_target(table.target_cells, "y") is not None) == number
    assert (target_of(_look(frame)).numbers is not None) == number
    assert (network_target(table).loss == "squared_error") == number


def _look(frame):
    table = table_of(frame)
    found = find_columns(table, np.ones(len(frame)), SaidColumns())
    return look_at("y", table, 1, found[1])


def _values(cells, said=None, **more):
    target = numbers_of(cells, "y", said, **more)
    return None if target is None else target.values.tolist()


def test_texts_are_numbers_only_if_all_of_them_are():
    assert _values(["1", " 2.5", "-3e2"]) == [1.0, 2.5, -300.0]
    for odd in ("one", "", "1_000"):
        assert _values(["1", "2", odd]) is None
    for odd in ("true", "inf"):
        with pytest.raises(DataError, match=r'in the target .* set task="classification"'):
            numbers_of(["1", "2", odd], "y")


def test_written_numbers_are_numbers_too():
    assert _values(["1.234,5 €", "2 €", "17,25 €"]) == [1234.5, 2, 17.25]
    said = SaidColumns.of({"y": "1,234.56", "x": "1.234,56"})
    assert _values(["1,234", "2", "3"], said) == [1234, 2, 3]
    with pytest.raises(DataError, match=r"1,234 may be 1234 or 1\.234") as caught:
        numbers_of(["7", "1,234", "3"], "y")
    assert caught.value.where == 'column "y", row 2'
    assert caught.value.fix.endswith('; if the values are classes, set task="classification"')
    # Levels that only look like it: units nobody knows, bounds, and codes.
    for labels in (["1st", "2nd", "3rd"], ["<50", "50", ">50"], ["01", "02", "10"]):
        assert _values(labels) is None


def test_a_mark_in_a_target_means_what_a_feature_proves():
    features = pd.DataFrame({"x": ["1.234,5", "2,5", "3"]})
    assert _values(["7", "1,234", "3"], features=features) == [7, 1.234, 3]


def test_numbers_that_came_as_numbers_have_no_thousands():
    cells = pd.Series([1.234, 2.345, 3.456] * 5)
    assert _values(cells) == cells.tolist()
    table = load_table(pd.DataFrame({"x": range(15), "y": cells}), target="y")
    assert network_target(table).loss == "squared_error"


def test_a_few_words_among_the_numbers_of_a_target_are_no_classes():
    cells = [str(k) for k in range(40)] + ["n.d."]
    with pytest.raises(
        DataError, match=r"Text instead of a number: 'n\.d\.', in the target"
    ) as told:
        number_target(cells, "y")
    assert told.value.where == 'column "y", row 41'
    assert "--drop" not in told.value.fix
    assert "leave these rows out" in told.value.fix
    assert number_target(cells, "y", task="classification") is None


def test_unit_and_bounds_of_a_target_are_said():
    target = number_target(["<0,5 mg/l", *(f"{k},5 mg/l" for k in range(20))], "crp")
    unit, bounds = target.notes("crp")
    assert 'predictions are in "mg/l"' in unit
    assert bounds.startswith("1 cell of the target is a bound, with < or >.")
    assert target.values[0] == 0.5
    assert number_target(range(20), "y").notes("y") == []


def test_a_later_target_is_read_in_the_notation_of_the_model():
    notation = notation_of("1.234,56 €")
    assert numbers_by(notation, ["1.234 €", "2,5", 3], "y").values.tolist() == [1234, 2.5, 3]
    with pytest.raises(DataError, match="another unit than the model knows: '5 kg'"):
        numbers_by(notation, ["2 €", "5 kg"], "y")
    with pytest.raises(DataError, match="A bound instead of a number"):
        numbers_by(notation, ["2 €", "<5 €"], "y")


def test_what_somebody_says_overrules_the_rule():
    many, few = [str(k) for k in range(30)], ["0", "1"] * 5
    assert number_target(many, "y", task="classification") is None
    assert number_target(many, "y", positive="3") is None
    assert number_target(many, "y", said=SaidColumns.of(category=["y"])) is None
    assert number_target(few, "y", task="regression").values.tolist() == [0.0, 1.0] * 5
    with pytest.raises(SettingsError, match='no positive class, but "1" is named'):
        number_target(few, "y", task="regression", positive="1")
    with pytest.raises(DataError, match=r'The target is not numeric .*column "y", such as "a"'):
        number_target(["a", "1"], "y", task="regression")


def test_a_positive_class_makes_classes_of_the_target_of_a_landscape():
    frame = pd.DataFrame({"x": np.arange(60)})
    target = pd.Series([str(k % 12) for k in range(60)])
    assert network_target(Table("t", frame, target, "y", None, ())).loss == "squared_error"
    assert "cross_entropy" in network_target(Table("t", frame, target, "y", "3", ())).loss


def test_a_note_says_what_a_target_is_taken_for():
    told = taken_for_a_number(np.arange(12) * 100.0)
    assert told == (
        "The target is taken for a number: 12 different values from 0 to 1,100. If "
        "they are classes, set --task classification."
    )


def test_a_classifier_takes_whole_numbers_however_many_and_refuses_fractions():
    for y in (np.arange(30), np.arange(30.0), np.array(["0.5", "1.5"])):
        require_classes(y)
    fractions = np.repeat([0.0, 1.0, 2.5, 4.0], 10)
    with pytest.raises(DataError, match=r"type: continuous \(row 21 is 2.5\)") as told:
        ThalwegClassifier(max_iter=1).fit(np.arange(40.0)[:, None], fractions)
    # The mend works as it is printed.
    y = fractions
    mended = eval(told.value.fix.split("y = ")[1], {"np": np, "y": y})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False)
    assert model.fit(np.arange(40.0)[:, None], mended).classes_.tolist() == [
        "0.0", "1.0", "2.5", "4.0",
    ]  # fmt: skip


def test_a_classifier_refuses_floats_that_are_no_integers_of_64_bits():
    require_classes(np.array([-(2.0**62), 2.0**62]))
    y = np.resize([2.0, 1e19], 40)
    X = np.arange(40.0)[:, None]
    with pytest.raises(DataError, match=r"floats from 9.2e18 on.*\(row 2 is 1e\+19\)") as told:
        ThalwegClassifier(max_iter=1).fit(X, y)
    mended = eval(told.value.fix.split("y = ")[1], {"np": np, "y": y})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False)
    assert model.fit(X, mended).classes_.tolist() == ["1e+19", "2.0"]
    huge = (y.astype(np.uint64), np.resize([2**63, 1], 40).astype(np.uint64))
    for whole in huge:
        assert len(model.fit(X, whole).classes_) == 2


def test_a_regressor_takes_what_has_a_number_as_its_value():
    assert require_numbers(np.array(["1", "2.5"])).tolist() == [1.0, 2.5]
    assert require_numbers(np.array([True, False])).tolist() == [1.0, 0.0]
    with pytest.raises(DataError, match=r"not numeric: .*'a'.*use ThalwegClassifier"):
        require_numbers(np.array(["a"]))


@pytest.mark.parametrize("unit", ["", " Tage"])
def test_load_table_gives_a_written_number_as_floats(unit):
    cells = [f"{k},5{unit}" for k in range(30)]
    whole = pd.DataFrame({"x": range(30), "y": cells})
    read = load_table(whole, target="y")
    assert read.target.tolist() == [k + 0.5 for k in range(30)]
    assert any("decimal comma" in note for note in read.notes)
    assert load_table(whole, target="y", labels=True).target.tolist() == cells


def test_load_table_leaves_classes_as_text():
    levels = ["1 mg", "2 mg", "3 mg"] * 10
    assert load_table(pd.DataFrame({"x": range(30), "y": levels}), target="y").target[0] == "1 mg"
    two = ["1,5 kg", "2,5 cm", "3,5 kg"] * 10
    assert load_table(pd.DataFrame({"x": range(30), "y": two}), target="y").target[0] == "1,5 kg"


def test_no_fix_for_a_target_of_two_units_begins_with_or():
    with pytest.raises(DataError, match="Two units in one column, in the target") as told:
        numbers_of(["1,5 kg", "2,5 cm", "3,5 kg"], "y")
    assert told.value.unspelled[3].startswith("write one unit throughout; ")
