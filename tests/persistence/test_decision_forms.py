"""The threshold and the calibration of a model file, and where they came from."""

import numpy as np
import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import ModelFileError, ThalwegWarning
from thalweg.evaluation.decisions.chosen_threshold import Spread, Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.persistence.model_file import load_model
from thalweg.sealed_container import read_sealed, seal

X = np.arange(40.0)[:, None]
Y = np.arange(40) % 2
FLOOR = Threshold(
    0.25, "sensitivity", floor=0.9, confidence=0.95, how="test", n_samples=80, n_class=48,
    not_met=1, spread=Spread(0.1, np.nextafter(0.5, 0), (0.2, 0.3)),
)  # fmt: skip
CHOSEN = [
    FLOOR,
    by_costs(9, 1),
    Threshold(0.3, "given"),
    Threshold(0.4, "f", beta=1.0, how="out-of-fold", n_samples=7, n_class=3.5),
    Threshold(0.5, "costs", missed=2.0, alarm=2.0),
]


@pytest.fixture(scope="module")
def model():
    return ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0).fit(X, Y)


def header_of(path):
    return read_sealed(path)[0]


@pytest.mark.parametrize("chosen", CHOSEN, ids=lambda each: each.by)
def test_a_file_gives_back_where_the_threshold_came_from(model, tmp_path, chosen):
    model._decide(chosen)
    model.save(tmp_path / "m")
    assert header_of(tmp_path / "m")["threshold_from"] == chosen.as_dict()
    assert load_model(tmp_path / "m")._chosen == chosen


def test_files_of_before_are_read(model, tmp_path):
    model._decide(by_costs(1, 1))  # as after the fit: the file says nothing more
    model.save(tmp_path / "m")
    header, arrays = read_sealed(tmp_path / "m")
    assert "threshold_from" not in header
    assert load_model(tmp_path / "m")._chosen == by_costs(1, 1)
    (tmp_path / "set").write_bytes(seal({**header, "threshold": 0.3}, arrays))
    assert load_model(tmp_path / "set")._chosen == Threshold(0.3, "given")


WRONG = {
    "gives another threshold": {"value": 0.3},
    "threshold_from.by is 'luck'": {"by": "luck"},
    "not one by sensitivity": {"floor": None},
    "is not one by costs": {"by": "costs"},
    "claims a confidence": {"how": "out-of-fold"},
    "confidence is 1.5": {"confidence": 1.5},
    "n_samples is -1": {"n_samples": -1},
    "refused is 'no'": {"refused": "no"},
    "more than 64 folds": {"spread": {"low": 0.1, "high": 0.2, "folds": [0.1] * 65}},
    "should not have, the keys": {"more": 1},
}


@pytest.mark.parametrize("says", WRONG)
def test_a_forged_threshold_is_refused(model, tmp_path, says):
    model._decide(FLOOR)
    model.save(tmp_path / "m")
    header, arrays = read_sealed(tmp_path / "m")
    header["threshold_from"] = {**header["threshold_from"], **WRONG[says]}
    (tmp_path / "forged").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError) as told:
        load_model(tmp_path / "forged")
    assert says in str(told.value)


def test_several_classes_have_neither(tmp_path):
    kinds = np.arange(40) % 3
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False).fit(X, kinds)
    model.save(tmp_path / "m")
    header, arrays = read_sealed(tmp_path / "m")
    settings = {**header["training"]["settings"], "threshold": 0.3}
    forged = {**header, "training": {**header["training"], "settings": settings}}
    (tmp_path / "forged").write_bytes(seal(forged, arrays))
    with pytest.raises(ModelFileError, match="only two classes may have a threshold"):
        load_model(tmp_path / "forged")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """The header and the arrays of a model whose probabilities are corrected."""
    noise = np.random.default_rng(0).normal(size=40)
    model = ThalwegClassifier((2,), max_iter=3, random_state=0, calibration="affine")
    path = tmp_path_factory.mktemp("calibrated") / "m"
    model.fit(X, (np.arange(40) - 20 + 15 * noise > 0).astype(int)).save(path)
    assert model.calibration_.map is not None
    return read_sealed(path)


def test_a_model_without_a_calibration_has_null(model, tmp_path):
    model.save(tmp_path / "m")
    assert header_of(tmp_path / "m")["calibration"] is None
    assert "calibration" not in header_of(tmp_path / "m")["training"]["settings"]
    assert load_model(tmp_path / "m").calibration_ is None


MAP = {"task": "binary", "kind": "affine", "intercept": 0.0, "slope": 0.5}
FORGED = {
    "is 'none', not 'auto'": {"asked": "none"},
    "not the one of its settings": {"asked": "auto"},
    "slope is 0": {"map": {**MAP, "slope": 0}},
    "slope is -1.0": {"map": {**MAP, "slope": -1.0}},
    "slope is 1e+300": {"map": {**MAP, "slope": 1e300}},
    "slope is True": {"map": {**MAP, "slope": True}},
    "intercept is None": {"map": {**MAP, "intercept": None}},
    "an intercept beyond 1e+06": {"map": {**MAP, "intercept": 1e7}},
    "of another kind": {"map": {**MAP, "kind": "temperature"}},
    "with an intercept": {"map": {**MAP, "kind": "temperature", "intercept": 1.0}},
    "not one for its task": {"map": {**MAP, "task": "multiclass"}},
    "for another task": {"map": {**MAP, "task": "regression"}},
    "task is 'ranking'": {"map": {**MAP, "task": "ranking"}},
    "should not have, the keys": {"map": {**MAP, "more": 1}},
    "p_value is 2": {"p_value": 2},
    "n_rows is -1": {"n_rows": -1},
    "fitted on no rows": {"n_rows": 0},
    "at most 300 letters": {"reason": "x" * 301},
    "reason is 5": {"reason": 5},
}


@pytest.mark.parametrize("says", FORGED)
def test_a_forged_calibration_is_refused(calibrated, tmp_path, says):
    header, arrays = calibrated
    forged = {**header, "calibration": {**header["calibration"], **FORGED[says]}}
    (tmp_path / "forged").write_bytes(seal(forged, arrays))
    with pytest.raises(ModelFileError) as told:
        load_model(tmp_path / "forged")
    assert says in str(told.value)


def test_a_calibration_needs_networks_of_folds(calibrated, tmp_path):
    header, arrays = calibrated
    training = {**header["training"], "also": "epochs"}
    left = {name: each for name, each in arrays.items() if not name.startswith("conformal/")}
    (tmp_path / "forged").write_bytes(seal({**header, "training": training}, left))
    with pytest.raises(ModelFileError, match="its networks have no out-of-fold predictions"):
        load_model(tmp_path / "forged")


def test_settings_cannot_name_the_calibration_of_another_task(calibrated, tmp_path):
    header, arrays = calibrated
    settings = {**header["training"]["settings"], "calibration": "isotonic"}
    forged = {**header, "training": {**header["training"], "settings": settings}}
    (tmp_path / "forged").write_bytes(seal(forged, arrays))
    with pytest.raises(ModelFileError, match="calibration"):
        load_model(tmp_path / "forged")


def test_a_file_says_why_there_is_no_map(tmp_path):
    with pytest.warns(ThalwegWarning, match="no row was held out"):
        model = ThalwegRegressor(
            hidden_layer_sizes=(2,), max_iter=1, early_stopping=False, calibration="auto",
            random_state=0,
        ).fit(X, Y)  # fmt: skip
    model.save(tmp_path / "m")
    assert load_model(tmp_path / "m").calibration_.as_dict() == model.calibration_.as_dict()
