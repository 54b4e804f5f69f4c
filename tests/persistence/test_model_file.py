"""A model file gives back the saved model to the last bit; any other file is refused."""

import copy
import datetime
import errno
import hashlib
import importlib.metadata
import io
import itertools
import os
import pickle
import random
import subprocess
import sys
import zipfile
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

import faulty
import thalweg
import thalweg.files
from faulty import Faulty, os_error
from fitting import refitted
from places import MODELS
from plain import ONE
from thalweg.errors import DataError, ModelFileError, ModelVersionError, OutputError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.persistence.model_file import load_model, read_model, save_model
from thalweg.sealed_container import seal, unseal
from thalweg.training.callbacks import Callback

NEVER = 10**9
FITTED = [
    "classes_",
    "positive_",
    "threshold_",
    "theta_",
    "architecture_",
    "schema_",
    "history_",
    "best_epoch_",
    "stopping_",
    "status_",
    "seed_",
    "data_hash_",
    "n_features_in_",
]


def numbers(n_rows=24, n_columns=3):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, n_columns))
    X[::7, 0] = np.nan
    return X


def frame():
    return pd.DataFrame(numbers(), columns=["age", "größe", "x"]).assign(smoker=[True, False] * 12)


def labels(no="no", yes="yes"):
    return np.array([no, yes, yes] * 8)


def fitted(X=None, y=None, **given):
    quick = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0, **ONE, **given}
    return ThalwegClassifier(**quick).fit(frame() if X is None else X, labels() if y is None else y)


@pytest.fixture(scope="module")
def verdict():
    """A model of one network, and what a test part says of it."""
    model = ThalwegClassifier(hidden_layer_sizes=(3,), max_iter=3, random_state=0, **ONE)
    X, y = numbers(40), labels()[np.arange(40) % 24]
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    judged = judge_on_holdout(model, table, y, positive="yes", seed=0, matrix=X)
    return model, judged.as_dict()


@pytest.fixture(scope="module")
def content(verdict, tmp_path_factory):
    """The header and the arrays of a file with everything in it."""
    path = tmp_path_factory.mktemp("models") / "model"
    save_model(verdict[0], path, target="class", judgement=verdict[1])
    return unseal(path.read_bytes())


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return type(one) is type(other) and one == other


# ---------------------------------------------------------------------------- what comes back

KINDS_OF_LABELS = st.one_of(
    st.lists(st.text(max_size=5), min_size=2, max_size=2, unique=True),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=2, unique=True),
    st.lists(st.integers(-(2**50), 2**50).map(float), min_size=2, max_size=2, unique=True),
    st.just([False, True]),
)


@given(
    two=KINDS_OF_LABELS,
    as_objects=st.booleans(),
    with_names=st.booleans(),
    first_is_positive=st.booleans(),
    given=st.fixed_dictionaries(
        {
            "hidden_layer_sizes": st.sampled_from([(), (2,), (3, 2), 4]),
            "activation": st.sampled_from(["relu", "tanh"]),
            "dtype": st.sampled_from(["float32", "float64", "auto"]),
            "early_stopping": st.sampled_from([True, False, "auto", "cross-validation"]),
            "learning_rate_init": st.sampled_from([None, 0.01]),
            "alpha": st.sampled_from([0, 2.0, np.float64(0.1)]),
            "random_state": st.sampled_from([None, 7, np.int64(7)]),
        }
    ),
)
def test_a_model_comes_back_as_it_was(
    tmp_path_factory, two, as_objects, with_names, first_is_positive, given
):
    # scikit-learn takes an array of objects only if these are text.
    as_objects = as_objects and isinstance(two[0], str)
    y = np.array([two[0], two[1], two[1]] * 8, dtype=object if as_objects else None)
    X = frame() if with_names else numbers()
    positive = two[0] if first_is_positive else None
    model = ThalwegClassifier(max_iter=2, positive=positive, **given).fit(X, y)
    folder = tmp_path_factory.mktemp("models")
    save_model(model, folder / "a")
    loaded = load_model(folder / "a")

    for name in FITTED:
        assert same(getattr(model, name), getattr(loaded, name)), name
    assert hasattr(loaded, "feature_names_in_") == with_names
    assert same(model.predict(X), loaded.predict(X))
    assert model.predict_proba(X).tobytes() == loaded.predict_proba(X).tobytes()
    assert loaded.get_params() == {**model.get_params(), "random_state": model.seed_}
    save_model(loaded, folder / "b")
    assert (folder / "a").read_bytes() == (folder / "b").read_bytes()
    again = loaded.fit(X, y)
    assert same(again.theta_, model.theta_)


def test_what_is_said_beside_the_model_comes_back(tmp_path, verdict):
    model, judged = verdict
    save_model(model, tmp_path / "model", target="class", judgement=judged)
    file = read_model(tmp_path / "model")
    assert (file.target, file.judgement, file.thalweg) == ("class", judged, thalweg.__version__)
    save_model(model, tmp_path / "bare")
    assert (read_model(tmp_path / "bare").target, read_model(tmp_path / "bare").judgement) == (
        None,
        None,
    )


def test_the_version_is_said_in_one_way():
    assert importlib.metadata.version("thalweg") == thalweg.__version__


def test_infinities_of_a_history_come_back(tmp_path):
    model = fitted(early_stopping=True)
    model.history_[1]["valid_loss"] = np.inf
    save_model(model, tmp_path / "model")
    assert load_model(tmp_path / "model").history_ == model.history_


PROGRAM = """
import hashlib, sys
import numpy as np
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.persistence.model_file import load_model
X = np.random.default_rng(0).normal(size=(24, 3))
model = ThalwegClassifier((3,), max_iter=3, random_state=5)
model.fit(X, np.array(["no", "yes", "yes"] * 8)).save(sys.argv[2])
for path in sys.argv[1:]:
    print(hashlib.sha256(load_model(path).predict_proba(X).tobytes()).hexdigest())
events = []
sys.addaudithook(lambda event, arguments: events.append((event, arguments)))
load_model(sys.argv[1])
watched = [*events]
quiet = {"object.__getattr__", "builtins.id"}  # asked of objects that are there already
print(sorted({event for event, _ in watched} - quiet))
print([arguments[0] for event, arguments in watched if event == "open"] == [sys.argv[1]])
"""


# In this process: test_a_model_comes_back_as_it_was.
@pytest.mark.slow
def test_another_process_writes_the_same_bytes_and_loads_by_opening_the_file_alone(tmp_path):
    X = np.random.default_rng(0).normal(size=(24, 3))
    ThalwegClassifier((3,), max_iter=3, random_state=5).fit(X, labels()).save(tmp_path / "here")
    there = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "here", tmp_path / "there"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"},
    ).stdout.splitlines()
    assert there[2:] == ["['open']", "True"]
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()
    probabilities = load_model(tmp_path / "there").predict_proba(X)
    assert set(there[:2]) == {hashlib.sha256(probabilities.tobytes()).hexdigest()}


# ---------------------------------------------------------------------------- what is not saved


def test_an_unfitted_model_is_not_saved(tmp_path):
    with pytest.raises(NotFittedError):
        ThalwegClassifier().save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


class Own(ThalwegClassifier):
    pass


@pytest.mark.parametrize("model", [LogisticRegression(), Own(), None])
def test_only_a_thalweg_classifier_is_saved(tmp_path, model):
    with pytest.raises(SettingsError, match="cannot be saved in a model file"):
        save_model(model, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


DAY = datetime.date(2000, 1, 1)


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("classes_", np.array([DAY, DAY + datetime.timedelta(1)], object), "cannot hold a date"),
        ("classes_", np.array([DAY], "datetime64[D]"), "cannot hold a date"),
        ("classes_", np.array(["yes", "no"]), "not labels of one type in sorted order"),
        ("classes_", np.array([2**70, 2**71], object), r"labels\[0\] is 1180"),
        ("positive_", "maybe", "positive class is not one of its classes"),
        ("threshold_", Threshold(7.0, "given"), "header.threshold is 7.0"),
        (
            "threshold_",
            Threshold(np.nan, "given"),
            "two classes must have a positive class and a threshold",
        ),
        ("theta_", np.array([1.0, np.nan]), "finite"),
        ("best_epoch_", 4, "best epoch"),
        ("seed_", -1, "header.training.seed is -1"),
        ("alpha", np.inf, "header.objective.alpha is None"),
        ("optimizer", "sgdd", "There is no optimizer 'sgdd'"),
        ("hidden_layer_sizes", (3, 0), "hidden_layer_sizes="),
        ("dtype", {}, "header.training.settings.dtype is {}"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(tmp_path, attribute, value, message):
    model = fitted()
    [network] = model.members_
    if attribute in model.settings_:
        model.settings_[attribute] = value
    elif attribute == "classes_":
        refitted(model, networks=(replace(network, outputs=Classes.equal(value)),))
    elif attribute in ("theta_", "best_epoch_"):
        refitted(model, networks=(replace(network, **{attribute.removesuffix("_"): value}),))
    else:
        refitted(model, **{attribute.removesuffix("_"): value})
    with pytest.raises(SettingsError, match=message):
        save_model(model, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_file_tells_the_settings_of_the_fit_and_not_later_ones(tmp_path):
    model = fitted()
    before = dict(model.settings_)
    model.set_params(alpha=7.0, hidden_layer_sizes=(3, 3), max_iter=999)
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert again.settings_ == before
    assert {name: again.get_params()[name] for name in before} == before


def test_true_for_a_number_is_stored_as_the_number_that_it_is(tmp_path):
    model = fitted(n_ensemble=True)
    model.save(tmp_path / "m")
    stored = load_model(tmp_path / "m").settings_["n_ensemble"]
    assert (stored, type(stored)) == (1, int)


def test_a_file_is_replaced_only_when_asked(tmp_path):
    path = tmp_path / "model"
    model = fitted()
    model.save(path)
    old = path.read_bytes()
    with pytest.raises(OutputError, match="exists"):
        model.save(path)
    assert path.read_bytes() == old
    fitted(random_state=1).save(path, overwrite=True)
    assert path.read_bytes() != old


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("for_ever", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_save_that_fails_leaves_the_old_model(tmp_path, monkeypatch, code, for_ever):
    old, new = fitted(random_state=1), fitted(random_state=2)
    path = tmp_path / "model"
    old.save(path)
    before = path.read_bytes()
    for k in itertools.count(1):
        monkeypatch.setattr(
            thalweg.files, "filesystem", Faulty(k, os_error(code), for_ever=for_ever)
        )
        try:
            new.save(path, overwrite=True)
        except OutputError:
            # With a disk that refuses the undoing as well, the old bytes may have another name.
            intact = [each for each in tmp_path.iterdir() if each.read_bytes() == before]
            assert path in intact or (for_ever and intact), f"operation {k}"
            for each in tmp_path.iterdir():
                path.write_bytes(before) if each == path else each.unlink()
        else:
            break
    assert k > len(faulty.OPERATIONS)
    assert path.read_bytes() != before
    assert same(load_model(path).theta_, new.theta_)


# ---------------------------------------------------------------------------- what is refused


def damaged(data, rng):
    """A random damage: flipped bits, a cut, something appended, swapped or repeated bytes."""
    data = bytearray(data)
    kind = rng.choice(["flip", "cut", "append", "swap", "repeat", "zero"])
    first, second = sorted(rng.sample(range(len(data)), 2))
    if kind == "flip":
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == "cut":
        del data[first:second]
    elif kind == "append":
        data += rng.randbytes(rng.randint(1, 100))
    elif kind == "swap":
        data[first], data[second] = data[second], data[first]
    elif kind == "repeat":
        data[first:first] = data[first:second]
    else:
        data[first:second] = bytes(second - first)
    return bytes(data)


def test_four_hundred_damaged_files_are_refused(tmp_path, content):
    whole, rng, seen = seal(*content), random.Random(0), set()
    path = tmp_path / "model"
    while len(seen) < 400:
        data = damaged(whole, rng)
        if data == whole:  # two equal bytes were swapped
            continue
        path.write_bytes(data)
        with pytest.raises(ModelFileError) as refused:
            load_model(path)
        assert str(path) in str(refused.value)
        seen.add(data)


def places(value, trail=()):
    """Every place of a header, as the keys that lead to it."""
    yield trail
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*trail, key))


def changed(header, trail, change):
    header = copy.deepcopy(header)
    *way, last = trail
    parent = header
    for key in way:
        parent = parent[key]
    change(parent, last)
    return header


NONSENSE = [
    None, True, False, 0, 1, -1, 2, 2**31, 2**63, 2**64, -(2**64), 10**300, 0.0, 0.5, 1.0, -0.5,
    1e308, 5e-324, "", "x", "no", "yes", "relu", "float32", "auto", "O", "i8", "U1", "U999999",
    "sgd:lr=-1", "\x1b[31m", "\ud800", "9" * 5000, [], [1], [0], [None], ["no", "yes"],
    [[]], [1, 1], {}, {"x": 1}, {"columns": []},
]  # fmt: skip


def read(path, header, arrays):
    path.write_bytes(seal(header, arrays))
    return read_model(path)


def consequence(path, header, arrays):
    """Nothing but ModelFileError may come of reading; what was read must predict."""
    try:
        file = read(path, header, arrays)
    except ModelFileError:
        return "refused"
    rows = np.eye(3)
    if hasattr(file.model, "feature_names_in_"):
        rows = pd.DataFrame(rows, columns=file.model.feature_names_in_)
    probabilities = file.model.predict_proba(rows)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert set(file.model.predict(rows).tolist()) <= set(file.model.classes_.tolist())
    return "read"


# Every 21st of the values at each place, others at the next; and all of them.
@pytest.mark.parametrize("every", [21, pytest.param(1, marks=pytest.mark.slow)])
def test_nonsense_in_a_sealed_header_is_refused(tmp_path, content, every):
    header, arrays = content
    path = tmp_path / "model"
    seen = {"refused": 0, "read": 0}
    for number, trail in enumerate(places(header)):
        # A baseline has the form of the network's judgement, which is tried.
        if not trail or (trail[:2] == ("judgement", "baselines") and len(trail) > 3):
            continue
        for value in NONSENSE[number % every :: every]:
            told = changed(header, trail, lambda inner, key, v=value: inner.__setitem__(key, v))
            seen[consequence(path, told, arrays)] += 1
        told = changed(header, trail, lambda inner, key: inner.pop(key))
        # Files of before compare with the simpler model alone, and do not tell how much taught a
        # network, which dropout and optimizer ran, or that held-out rows chose no epoch. All else
        # is needed.
        optional = trail in {
            ("judgement", "differences", name)
            for name in ("always the commoner class", "boosted trees")
        }
        optional |= trail[0] == "members" and trail[-1] == "taught"
        optional |= trail in {("training", "dropout"), ("training", "optimizer")}
        optional |= trail == ("training", "out_of_fold", "ended_earlier")
        assert consequence(path, told, arrays) == ("read" if optional else "refused"), trail
    assert seen["refused"] > 4000 / every
    # What is read is another model, but a whole one: another seed, threshold, name or number.
    assert 0 < seen["read"] < 0.2 * seen["refused"]


def test_an_unknown_key_anywhere_is_refused(tmp_path, content):
    header, arrays = content
    for trail in places(header):
        told = copy.deepcopy(header)
        inner = told
        for key in trail:
            inner = inner[key]
        if isinstance(inner, dict):
            inner["surprise"] = 1
            with pytest.raises(ModelFileError, match="surprise"):
                read(tmp_path / "model", told, arrays)


@given(
    name=st.sampled_from(
        ["theta", "history", "encoder/center", "encoder/scale", "encoder/indicator"]
    ),
    kind=st.sampled_from(["value", "shape", "dtype", "missing", "extra"]),
    data=st.data(),
)
@settings(max_examples=5 * settings().max_examples)  # 100; and in `make test-all` 500
def test_nonsense_in_sealed_arrays_is_refused(tmp_path_factory, content, name, kind, data):
    header, arrays = content
    array = arrays[name].copy()
    if kind == "value" and array.dtype == np.float64:
        array.flat[data.draw(st.integers(0, array.size - 1))] = data.draw(st.floats())
    elif kind == "shape":
        shape = data.draw(st.sampled_from([(-1,), (1, -1), (-1, 1), (0,), (0, 6), ()]))
        array = np.resize(array, 1 if shape == () else 0 if 0 in shape else 7).reshape(shape)
    elif kind == "dtype":
        array = array.astype(data.draw(st.sampled_from(["f4", "i8", "i4", "u1"])))
    told = {**arrays, name: array} | ({"surprise": array} if kind == "extra" else {})
    if kind == "missing":
        del told[name]
    try:
        file = read(tmp_path_factory.getbasetemp() / "mutant", header, told)
    except ModelFileError:
        return
    # Another value, or θ in float32: another model, but a whole one.
    assert kind == "value" or (kind == "dtype" and array.dtype in (np.float32, arrays[name].dtype))
    with np.errstate(all="ignore"):
        file.model.predict(pd.DataFrame(numbers(), columns=["a", "b", "c"]))


def put(*trail):
    *way, value = trail

    def change(header, arrays):
        inner = header
        for key in way[:-1]:
            inner = inner[key]
        inner[way[-1]] = value

    return change


def put_array(name, change):
    def apply(header, arrays):
        arrays[name] = change(arrays[name].copy())

    return apply


def set_at(place, value):
    def change(array):
        array[place] = value
        return array

    return change


REFUSED = {
    "format is 0, not 2": put("format", 0),
    "format is 2.0, not 2": put("format", 2.0),
    "format is True, not 2": put("format", True),
    "should not have, the keys ['class_weight', 'label_smoothing', 'loss'": put(
        "kind", "regressor"
    ),
    "kind is 'transformer'": put("kind", "transformer"),
    "a network cannot have the layers (3,)": put("architecture", "sizes", [3]),
    "activations do not fit": put("architecture", "activations", ["identity"]),
    "number of parameters of the network": put("architecture", "sizes", [4, 4, 1]),
    "θ does not have the number of parameters": put("architecture", "sizes", [10**9, 10**9, 1]),
    "numbers of network inputs and encoder outputs differ": put_array(
        "encoder/indicator", set_at(0, 0)
    ),
    "outputs of the network do not fit its target": put(
        "architecture", "activations", ["relu", "relu"]
    ),
    "penalty of the objective": put("objective", "alpha", 0.0),
    "columns[0].kind is 7": put("schema", "columns", [{"name": "a", "kind": 7}]),
    "a schema has duplicate column names": put(
        "schema", "columns", [{"name": "a", "kind": "number"}] * 3
    ),
    "numbers of columns of encoder and schema differ": put(
        "schema", "columns", [{"name": "a", "kind": "number"}]
    ),
    "encoder.kind is 'quantile'": put("encoder", "kind", "quantile"),
    "not labels of one type in sorted order": put("classes", "labels", ["yes", "no"]),
    "classes are not valid labels": put(
        "classes", {"dtype": "O", "labels": ["yes", 1], "costs": [1.0, 1.0]}
    ),
    "not labels of one type": put("classes", "labels", ["yes", 1]),
    "classes.dtype is 'M8[D]'": put("classes", "dtype", "M8[D]"),
    "classes.dtype is 'U9\\n'": put("classes", "dtype", "U9\n"),
    "its classes are not labels": put("classes", "dtype", "U1"),
    "numbers of its labels and costs differ": put("classes", "costs", [1.0]),
    "costs is [1.0, 0.0]": put("classes", "costs", [1.0, 0.0]),
    "a classifier must have classes": put("classes", None),
    "two classes must have a positive class": put("positive", None),
    "an encoder that does not exist": put("members", 0, "encoder", 1),
    "a classifier must not have values": put(
        "members", 0, "values", {"center": 0.0, "scale": 1.0, "low": 0.0, "high": 1.0}
    ),
    "no array 'theta.1'": put(
        "members", [{"encoder": 0, "best_epoch": 1, "status": "patience", "values": None}] * 2
    ),
    "names 1000 encoders": put("encoder", "count", 1000),
    "loss of the objective": put("objective", "loss", "softmax_cross_entropy"),
    "status is 'luck'": put("members", 0, "status", "luck"),
    "task is 'regression'": put("judgement", "task", "regression"),
    "positive class is not one": put("positive", "maybe"),
    "threshold is 1.5": put("threshold", 1.5),
    "calibration is 'beta'": put("calibration", "beta"),
    "'alpha' parameter": put("training", "settings", "alpha", "x"),
    "max_iter is True": put("training", "settings", "max_iter", True),
    "n_bins is True": put("training", "settings", "n_bins", True),
    "'tol' parameter": put("training", "settings", "tol", -1),
    "no optimizer 'evil'": put("training", "settings", "optimizer", "evil"),
    "seed is 4294967296": put("training", "seed", 2**32),
    "best epoch is not in its history": put("members", 0, "best_epoch", 10**6),
    "stopping is 'luck'": put("training", "stopping", "luck"),
    "status is 'running'": put("members", 0, "status", "running"),
    "data_hash is 'ABC'": put("data_hash", "ABC"),
    "the judgement is about other classes": put("judgement", "negative", "maybe"),
    "rows do not add up": put("judgement", "n_test", 10**6),
    "auc is {'high': 1.0, 'low'": put("judgement", "network", "metrics", "auc", "value", "NaN"),
    "θ has values that are not finite floats": put_array("theta", set_at(0, np.inf)),
    "its history does not count": put_array("history", set_at((0, 0), 2.0)),
    "its history has shape (6,)": put_array("history", lambda array: array[0]),
    "centres are too large": put_array("encoder/center", set_at(0, 1.7e308)),
    'array "scale"': put_array("encoder/scale", set_at(0, -1.0)),
    "an array of the encoder is absent": lambda header, arrays: arrays.pop("encoder/scale"),
    "it has superfluous arrays: theta.1": lambda header, arrays: arrays.update(
        {"theta.1": arrays["theta"]}
    ),
    "its scores are not a vector": lambda header, arrays: arrays.update(scores=np.array([np.nan])),
    "numbers of its scores and epochs differ": lambda header, arrays: arrays.update(
        scores=np.ones(999)
    ),
}


@pytest.mark.parametrize("complaint", REFUSED)
def test_what_does_not_fit_together_is_said(tmp_path, content, complaint):
    header, arrays = copy.deepcopy(content[0]), dict(content[1])
    REFUSED[complaint](header, arrays)
    with pytest.raises(ModelFileError) as refused:
        read(tmp_path / "model", header, arrays)
    assert refused.value.what == "The model file is not valid"
    assert complaint.casefold() in refused.value.why.casefold()


def test_a_newer_format_asks_for_a_newer_thalweg(tmp_path, content):
    header = {"format": 4, "thalweg": "9.1.0", "kind": "transformer"}
    with pytest.raises(ModelVersionError) as refused:
        read(tmp_path / "model", header, {})
    assert "9.1.0" in refused.value.why
    assert thalweg.__version__ in refused.value.why
    assert refused.value.fix == "install thalweg 9.1.0 or a newer version"


# ---------------------------------------------------------------------------- several networks


def several(kind):
    X, more = numbers(60), {"hidden_layer_sizes": (3,), "max_iter": 4, "random_state": 0}
    if kind == "three classes":
        y = np.array(["a", "b", "c"])[np.arange(60) % 3]
        costs = {"class_weight": {"a": 2, "c": 0.5}, "label_smoothing": 0.1}
        return X, y, ThalwegClassifier(**more, **costs)
    if kind == "folds":
        return X, np.arange(60) % 2, ThalwegClassifier(**more, early_stopping="folds")
    if kind == "scores":
        how = {"early_stopping": True, "scoring": "roc_auc", "n_ensemble": 2}
        return X, np.arange(60) % 2, ThalwegClassifier(**more, **how)
    if kind == "counts":
        y = np.random.default_rng(1).poisson(3.0, 60)
        return X, y, ThalwegRegressor("poisson", n_ensemble=3, dropout=0.1, **more)
    y = np.random.default_rng(1).normal(5.0, 1e6, 60)
    return X, y, ThalwegRegressor("quantile:level=0.9", early_stopping="folds", **more)


@pytest.mark.parametrize("kind", ["three classes", "folds", "scores", "counts", "numbers"])
def test_several_networks_and_classes_and_numbers_come_back(tmp_path, kind):
    X, y, model = several(kind)
    model.fit(X, y).save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert type(loaded) is type(model)
    assert loaded.predict(X).tobytes() == model.predict(X).tobytes()
    if hasattr(model, "classes_"):
        assert loaded.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()
        assert loaded.positive_ == model.positive_
        assert loaded.threshold_ == model.threshold_
    assert len(loaded.members_) == len(model.members_)
    for one, other in zip(model.members_, loaded.members_, strict=True):
        assert one.history == other.history
        assert (one.best_epoch, one.status, one.scores) == (
            other.best_epoch, other.status, other.scores
        )  # fmt: skip
    assert loaded.settings_ == model.settings_
    for name in ("oof_loss_", "oof_score_"):
        assert getattr(loaded, name, None) == getattr(model, name, None)
    encoders = [len({id(each.encoder) for each in both.members_}) for both in (model, loaded)]
    assert encoders[0] == encoders[1]
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


def test_an_encoder_that_no_network_uses_is_refused(tmp_path):
    X, y, model = several("folds")
    model.fit(X, y).save(tmp_path / "model")
    header, arrays = unseal((tmp_path / "model").read_bytes())
    assert [entry["encoder"] for entry in header["members"]] == [0, 1, 2, 3, 4]
    header["members"][4]["encoder"] = 0
    with pytest.raises(ModelFileError, match="is not valid") as refused:
        read(tmp_path / "changed", header, arrays)
    assert "encoders that no network uses" in refused.value.why


def test_a_function_that_scored_is_kept_by_its_name(tmp_path):
    X, y, model = several("scores")

    def far_off(estimator, X, y):
        return float(estimator.score(X, y))

    model.set_params(scoring=far_off).fit(X, y).save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert loaded.settings_["scoring"] == "far_off (a function)"
    assert loaded.scoring is None
    assert loaded.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_callbacks_and_threads_are_in_no_file(tmp_path):
    X, y, model = several("folds")
    model.set_params(n_jobs=1, callbacks=[Callback()]).fit(X, y).save(tmp_path / "a")
    model.set_params(n_jobs=2, callbacks=None).fit(X, y).save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_of_format_1_is_read_for_ever():
    model = load_model(MODELS / "wisconsin-format-1.safetensors")
    table = thalweg.load_table("wisconsin").frame[:20]
    expected = np.loadtxt(MODELS / "wisconsin-format-1.txt")
    np.testing.assert_allclose(model.predict_proba(table), expected, rtol=1e-6)
    assert model.positive_ == "malignant"
    assert model.settings_["alpha"] == 2.0
    assert model.settings_["n_ensemble"] == 1
    header, _ = unseal((MODELS / "wisconsin-format-1.safetensors").read_bytes())
    assert header["format"] == 1


@pytest.mark.parametrize(
    ("trail", "complaint"),
    [
        (("training", "settings", {}), "settings lacks"),
        (("classes", "labels", 7), "not a list"),
        (("members", []), "members"),
        (("encoder", "kind", "other"), "encoder.kind is 'other'"),
        (("training", "best_epoch", 0), "best epoch is not in its history"),
    ],
)
def test_a_damaged_file_of_format_1_is_refused(tmp_path, trail, complaint):
    header, arrays = unseal((MODELS / "wisconsin-format-1.safetensors").read_bytes())
    put(*trail)(header, arrays)
    with pytest.raises(ModelFileError, match="is not valid") as refused:
        read(tmp_path / "model", header, arrays)
    assert complaint in refused.value.why


class Trap:
    """A pickle that leaves a mark when it is opened."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


def foreign_files(mark):
    trap = pickle.dumps(Trap(mark))
    objects, compressed, archive = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.savez(objects, a=np.array([Trap(mark)], dtype=object))
    joblib.dump(Trap(mark), compressed, compress=3)
    with zipfile.ZipFile(archive, "w") as torch:  # as torch.save lays it out
        torch.writestr("model/data.pkl", trap)
    return {
        "pickle": trap,
        "joblib": compressed.getvalue(),
        "npz": objects.getvalue(),
        "torch": archive.getvalue(),
        "safetensors": safetensors.numpy.save({"theta": np.zeros(3)}),
        "CSV": b"a,b\n1,2\n",
        "JSON": b'{"format": 1}',
        "empty": b"",
    }


def test_foreign_files_are_refused_and_nothing_in_them_runs(tmp_path):
    mark = tmp_path / "mark"
    for name, data in foreign_files(mark).items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ModelFileError, match="not a model file of thalweg"):
            load_model(path)
    assert not mark.exists()
    pickle.loads(foreign_files(mark)["pickle"]).close()
    assert mark.exists()  # the trap works


def test_a_policy_that_is_set_after_the_fit_is_saved(tmp_path):
    table = pd.DataFrame({"c": ["x", "y"] * 20, "n": np.arange(40.0)})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    model.fit(table, np.tile(["a", "b"], 20))
    model.set_params(unknown="error").save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert loaded.unknown == "error"
    with pytest.raises(DataError, match="z"):
        loaded.predict(table.assign(c="z"))
