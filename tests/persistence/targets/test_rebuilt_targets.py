"""Model files of several targets: what is saved comes back, and what no fit gives is refused."""

import copy
import json
import os
import random
import time

import numpy as np
import pandas as pd
import pytest

import forged
from forged import SECONDS
from measured_work import slowness
from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.errors import DataError, ModelFileError, SettingsError
from thalweg.persistence.model_file import read_model
from thalweg.sealed_container import HeaderTooLarge, seal, unseal

FORGERIES = int(os.environ.get("THALWEG_FORGERIES", "160"))
QUICK = {"random_state": 0, "max_iter": 12, "hidden_layer_sizes": (3,), "n_folds": 2}
RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(100, 3)), columns=["a", "b", "c"])
L = 3 * X.to_numpy() + RNG.normal(size=(100, 3))
FRAME = pd.DataFrame({"flood": np.where(L[:, 0] > 0, "yes", "no"), "frost": L[:, 1] > 0})


def fitted(kind):
    if kind == "labels":
        more = {"calibration": "temperature", "importance": True}
        return ThalwegClassifier(**QUICK, **more).fit(X, FRAME)
    if kind == "scored":
        more = {"early_stopping": True, "scoring": "accuracy", "n_ensemble": 2}
        return ThalwegClassifier(**QUICK, **more).fit(X, (L > 0).astype(int))
    return ThalwegRegressor(**QUICK).fit(X, L * [1, 100, 1e-3], groups=np.arange(100) // 2)


KINDS = ["labels", "scored", "numbers"]


@pytest.fixture(scope="module", params=KINDS)
def model(request):
    return fitted(request.param)


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("several")
    made = {}
    for kind in KINDS:
        fitted(kind).save(folder / kind)
        made[kind] = forged.Base(*unseal((folder / kind).read_bytes()), folder / "table.csv")
    return made


def answers(model):
    own = [model.predict_proba(X) if hasattr(model, "classes_") else model.predict(X)]
    for name in model.targets_:
        one = model.for_target(name)
        own.append(one.predict_proba(X) if hasattr(one, "classes_") else one.predict(X))
        ask = getattr(one, "predict_set", None) or getattr(one, "predict_interval", None)
        own.append(ask(X, confidence_level=0.5))
        own.append(one.unlike(X))
    return own


def test_what_is_saved_comes_back(model, tmp_path):
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    for one, other in zip(answers(model), answers(again), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.targets_ == model.targets_
    for t in range(len(model.targets_)):
        own, other = model.for_target(t), again.for_target(t)
        assert own.settings_ == other.settings_
        assert own._known.also == other._known.also
        assert own._known.calibration == other._known.calibration
        assert own.data_hash_ == other.data_hash_
        known, found = own._known.row_digests, other._known.row_digests
        assert (known.salt, known.checksum) == (found.salt, found.checksum)
        assert getattr(own, "oof_loss_", None) == getattr(other, "oof_loss_", None)
        if hasattr(own, "importance_"):
            pd.testing.assert_frame_equal(own.importance_, other.importance_)
    again.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


def test_the_model_of_one_target_is_a_file_as_any_other(model, tmp_path):
    own = model.for_target(1)
    own.save(tmp_path / "one")
    again = read_model(tmp_path / "one").model
    np.testing.assert_array_equal(again.predict(X), own.predict(X))
    assert again._known.also == own._known.also


def test_the_networks_are_stored_once(tmp_path):
    wide = QUICK | {"hidden_layer_sizes": (128, 128), "n_folds": 5}
    Y = (np.column_stack((L, L[:, :2] + RNG.normal(size=(100, 2)))) > 0).astype(int)
    ThalwegClassifier(**wide).fit(X, Y).save(tmp_path / "five")
    ThalwegClassifier(**wide).fit(X, Y[:, 0]).save(tmp_path / "one")
    five, one = ((tmp_path / name).stat().st_size for name in ("five", "one"))
    assert five < 1.3 * one


def test_later_thresholds_are_saved(tmp_path):
    model = fitted("labels")
    model.threshold_ = [0.25, 0.75]
    model.save(tmp_path / "model")
    assert load_model(tmp_path / "model").threshold_.tolist() == [0.25, 0.75]


def test_training_goes_on_and_is_saved(tmp_path):
    model = fitted("numbers").fit_more(X, L * [1, 100, 1e-3], 2)
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.for_target(0)._known.also == "epochs"


def test_the_command_line_asks_for_the_model_of_one_target(model, tmp_path):
    model.save(tmp_path / "model")
    with pytest.raises(SettingsError, match="targets, and the command line") as told:
        read_model(tmp_path / "model")
    assert ".for_target(" in told.value.fix


def _drop(key):
    return lambda header, arrays: header["targets"][1].pop(key)


def _set(key, value):
    return lambda header, arrays: header["targets"][1].update({key: value})


def _set_both(key, value, other, odd):
    return lambda header, arrays: header["targets"][1].update({key: value, other: odd})


def _one_more(header):
    header["targets"].append({**header["targets"][0], "name": "more", "also": 5})


def _numbered(header, arrays):
    header["targets"][0]["also"] = 5
    arrays["targets/01/likeness"] = arrays.pop("targets/1/likeness")


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("labels", _set("name", "flood"), "with a name each"),
        ("labels", _set("name", "f" * 2000), "longer than"),
        # Before anything costs more: each entry alone is read later.
        ("labels", _set_both("name", "flood", "also", 5), "with a name each"),
        ("numbers", lambda header, _: _one_more(header), "outputs of the network"),
        ("labels", lambda header, arrays: _numbered(header, arrays), "does not have"),
        ("labels", lambda header, _: header["targets"].pop(), "not two or more"),
        ("labels", lambda header, _: header.pop("targets"), "their format"),
        ("labels", lambda header, _: header.update(format=2), "their format"),
        ("labels", _set("classes", None), "no classes"),
        ("labels", _set("positive", "maybe"), "positive class"),
        ("labels", _set("threshold", None), "a threshold"),
        ("labels", _set("also", "groups"), "another way"),
        ("labels", _set("also", "nothing"), ""),
        ("labels", _drop("checksum"), "checksums"),
        ("labels", _drop("data_hash"), ""),
        ("labels", _drop("out_of_fold"), ""),
        ("labels", lambda header, _: header.update(positive="yes"), "only one target"),
        ("labels", lambda header, _: header["training"].update(also="targets"), "others"),
        ("labels", lambda _, arrays: arrays.pop("targets/1/likeness"), "likeness"),
        ("labels", lambda _, arrays: arrays.update({"targets/2/likeness": np.ones(2)}), "not have"),
        ("labels", lambda _, arrays: arrays.update({"targets/01/x": np.ones(2)}), "not have"),
        ("labels", lambda _, arrays: arrays.update({"targets/0/x": np.ones(2)}), "superfluous"),
        ("labels", lambda _, arrays: arrays.update({"values": np.ones((2, 4))}), "not have values"),
        ("numbers", lambda _, arrays: arrays.pop("values"), "no scale and range"),
        ("numbers", lambda _, arrays: arrays["values"].fill(np.nan), "not a number above 0"),
        ("numbers", lambda _, arrays: arrays["values"].fill(0), "not a number above 0"),
        ("numbers", lambda _, arrays: arrays["values"].fill(1.7e308), "above 1e+300"),
        ("numbers", _set("positive", "yes"), "no number has"),
        ("numbers", _set("threshold", 0.5), "no number has"),
        ("scored", _set("out_of_fold", {"loss": None, "score": 0.5}), "out-of-fold score"),
    ],
)
def test_what_no_fit_gives_is_refused(bases, tmp_path, kind, change, says):
    header = json.loads(bases[kind].text)
    arrays = {name: array.copy() for name, array in bases[kind].arrays.items()}
    change(header, arrays)
    (tmp_path / "model").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError, match="thalweg did not write this file") as told:
        load_model(tmp_path / "model")
    assert says in told.value.why


@pytest.mark.filterwarnings("ignore")
def test_a_forged_file_is_refused_or_predicts(bases, tmp_path):
    refused, path = 0, tmp_path / "forged"
    for seed in range(FORGERIES):
        data, _ = forged.forgery(random.Random(seed), list(bases.values()))
        path.write_bytes(data)
        try:
            model = load_model(path)
        except ModelFileError:
            refused += 1
            continue
        if not hasattr(model, "targets_"):
            continue
        try:
            for each in answers_of_any(model):
                assert np.isfinite(np.asarray(each, float)).all(), seed
        except DataError:  # it asks for other columns
            pass
        model.save(tmp_path / "again", overwrite=True)
        for t in range(len(model.targets_)):
            model.for_target(t).save(tmp_path / "one", overwrite=True)
    assert 0.5 * FORGERIES < refused < FORGERIES


def answers_of_any(model):
    labels = hasattr(model, "classes_")
    yield model.predict_proba(X) if labels else model.predict(X)
    for name in model.targets_:
        one = model.for_target(name)
        yield one.predict_proba(X) if labels else one.predict(X)


@pytest.mark.parametrize("n", [100, 500])
@pytest.mark.parametrize("what", ["targets", "labels", "names", "arrays"])
def test_a_header_with_very_many_targets_costs_nothing(bases, tmp_path, n, what):
    header, arrays = json.loads(bases["scored"].text), dict(bases["scored"].arrays)
    entry = header["targets"][0]
    if what == "targets":
        header["targets"] = [entry] * n
    elif what == "labels":
        entry["classes"].update(labels=[f"c{k:06}" for k in range(n)], costs=[1.0] * n)
    elif what == "names":
        entry["name"] = "n" * n * 100
    else:
        arrays |= {f"targets/{k}/x": np.zeros(1) for k in range(n)}
    try:
        data = seal(copy.deepcopy(header), arrays)
    except HeaderTooLarge:  # and so would every reader of it say
        assert (what, n) == ("targets", 1500)
        return
    (tmp_path / "bomb").write_bytes(data)
    started = time.process_time()
    unseal(data)
    opened = time.process_time() - started
    slow = slowness()
    started = time.process_time()
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "bomb")
    took = time.process_time() - started
    assert took < SECONDS * max(slow, slowness()) + 2 * opened


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_a_model_of_one_target_is_saved_with_the_target_codes_of_all(kind, tmp_path):
    rng = np.random.default_rng(1)
    level = rng.permutation(np.arange(600) % 150)
    table = pd.DataFrame({"x": rng.normal(size=600), "ward": [f"w{k}" for k in level]})
    scores = np.column_stack([level % 7 + table["x"], level % 5 - table["x"]])
    Y = pd.DataFrame(
        scores if kind is ThalwegRegressor else scores > 2, columns=["first", "second"]
    )
    model = kind(**QUICK).fit(table, Y)
    encoder = model.members_[0].encoder
    assert [each.n_outputs for each in encoder.codes.categories] == [2]
    ask = "predict" if kind is ThalwegRegressor else "predict_proba"
    for name in Y:
        one = model.for_target(name)
        one.save(tmp_path / f"{name}.safetensors")
        again = load_model(tmp_path / f"{name}.safetensors")
        np.testing.assert_array_equal(getattr(again, ask)(table), getattr(one, ask)(table))
        one.export(tmp_path / f"{name}.py")
        runs: dict[str, object] = {}
        exec((tmp_path / f"{name}.py").read_text(), runs)
        answer, expected = runs["predict"](table.iloc[0].to_dict()), getattr(one, ask)(table[:1])[0]
        np.testing.assert_allclose(answer, expected, rtol=2e-6)
