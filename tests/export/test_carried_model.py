"""What is exported of a model: its inputs with their places, labels, and offsets."""

import numpy as np
import pandas as pd
import pytest

from parity import FACTORS, fitted_for, parity
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import SettingsError
from thalweg.export.export_contract import head_lines
from thalweg.jobs.exports.written_export import carried

PLAIN = {name: values[0] for name, values in FACTORS.items()}
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")


def test_inputs_are_the_columns_and_have_the_texts_of_levels():
    model, _ = fitted_for({**PLAIN, "columns": "codes"})
    made = carried(model, "")
    assert [(each.name, each.kind, each.place) for each in made.inputs] == [
        ("age", "number", 0), ("code", "category", 1), ("group", "category", 2)
    ]  # fmt: skip
    codes = dict(made.inputs[1].codes)
    assert codes["e\u0301"] != codes["\u00e9"]
    assert made.inputs[2].codes == (("1", 1), ("2", 2), ("3", 3), ("4", 4))
    assert made.labels == ("no", "yes")
    assert made.answer_names == ("no", "yes")
    assert (made.dtype, made.tolerance) == ("float32", 2e-6)


def test_an_empty_column_is_no_input_and_a_bound_is_one():
    model, _ = fitted_for({**PLAIN, "columns": "nothing"})
    assert [each.name for each in carried(model, "").inputs] == ["age", "sex"]
    model, _ = fitted_for({**PLAIN, "columns": "bounds"})
    assert [each.kind for each in carried(model, "").inputs] == ["number", "number", "bound"]


def test_a_date_has_the_clock_of_its_zone():
    seen = pd.date_range("2024-01-01", periods=60, freq="7h", tz="Europe/Zurich")
    frame = pd.DataFrame({"seen": seen, "x": np.arange(60.0)})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    made = carried(model.fit(frame, np.arange(60) % 2), "")
    assert made.inputs[0].zone == "Europe/Zurich"
    assert 'on the clock of "Europe\\u002fZurich"' in "\n".join(head_lines(made))
    assert parity(model, ".py", frame[:9]).passed


def test_words_of_yes_and_no_have_their_usual_capitals():
    model, _ = fitted_for({**PLAIN, "columns": "yes and no"})
    codes = dict(carried(model, "").inputs[1].codes)
    assert codes["JA"] == codes["ja"] == codes["Ja"] != codes["nein"]


@pytest.mark.parametrize(
    ("labels", "endings"),
    [
        ((-(2**62), 1), (".js", ".d.ts")),
        ((2**53, 1), (".mjs", ".d.mts")),
        ((np.uint64(2**63 + 5), np.uint64(1)), (".onnx", ".mjs", ".sql")),
        ((-(2**63), 1), (".onnx",)),  # the mark of a row without an answer
    ],
)
def test_labels_that_a_format_cannot_hold_are_refused(labels, endings, tmp_path):
    """JavaScript read -4611686018427387904 as -4611686018427388000: another label."""
    X = np.arange(40.0)[:, None]
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    model.fit(X, np.array(labels)[np.arange(40) % 2])
    for ending in (*endings, ".c", ".py"):
        path = tmp_path / f"m{ending}"
        if ending in endings:
            with pytest.raises(SettingsError, match=f"cannot hold the label {labels[0]}.*as.*str"):
                model.export(path)
        else:
            model.export(path)
        assert path.exists() == (ending not in endings)


@pytest.mark.parametrize("kind", ["exposure", "offset"])
def test_an_offset_is_one_more_input(kind):
    frame = pd.DataFrame({"x": np.linspace(0, 1, 60), kind: np.linspace(1, 2, 60)})
    y = np.arange(60) % 5 + 0.5
    model = ThalwegRegressor(loss="poisson", max_iter=1, early_stopping=False, random_state=0)
    model.fit(frame, y, **{kind: np.linspace(0.5, 1.5, 60)})
    made = carried(model, "")
    assert [each.name for each in made.inputs] == ["x", kind, f"{kind}_"]
    assert made.offset is not None
    assert made.offset.multiplies
    assert made.offset.is_log == (kind == "offset")
    assert made.n_values == 3
    assert carried(model.per_unit(), "").offset is None
    named = ThalwegRegressor(loss="squared_error", max_iter=1, early_stopping=False, random_state=0)
    if kind == "offset":
        named.fit(frame, y, offset="offset")
        assert not carried(named, "").offset.multiplies
        assert [each.name for each in carried(named, "").inputs] == ["x", "offset"]


def test_several_targets_are_refused_with_the_model_of_one():
    frame = pd.DataFrame({"x": np.linspace(0, 1, 60)})
    y = pd.DataFrame({"a": np.arange(60) % 2, "b": np.arange(60) // 30})
    model = ThalwegClassifier(max_iter=1, early_stopping=False, random_state=0).fit(frame, y)
    with pytest.raises(SettingsError, match=r"An export is for one target.*for_target"):
        carried(model, "")
    assert carried(model.for_target("a"), "").labels == (0, 1)
