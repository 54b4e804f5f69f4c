"""Forged files of trials, with seals in the study that fit them: none is believed."""

import hashlib
import io
import os
import pickle
import shutil

import numpy as np
import pytest

from thalweg import ThalwegClassifier, tune
from thalweg.errors import SettingsError, ThalwegWarning
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.persistence.model_file import model_bytes
from thalweg.sealed_container import seal, unseal
from thalweg.tuning.study_journal import Record
from thalweg.tuning.trial_fits import TrialTable
from thalweg.tuning.trial_store import TrialStore

SPACE = {"learning_rate_init": [0.03, 0.1], "n_bins": [0, 4]}


@pytest.fixture(autouse=True)
def without_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def rows():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 2))
    return X, (X[:, 0] + random.normal(size=60) > 0).astype(int)


def classifier():
    return ThalwegClassifier(
        hidden_layer_sizes=(2,), max_iter=5, n_folds=2, random_state=3, learning_rate_init=1e-4
    )


def searched(path, n_trials=3):
    given = {"space": SPACE, "random_state": 1, "keep": 2, "if_unclear": "tuned"}
    return tune(classifier(), *rows(), n_trials=n_trials, study=path, **given)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    path = tmp_path_factory.mktemp("studies") / "s.journal"
    return searched(path), path


@pytest.fixture
def study(finished, tmp_path):
    path = tmp_path / "s.journal"
    shutil.copy(finished[1], path)
    shutil.copytree(f"{finished[1]}.trials", f"{path}.trials")
    return path


@pytest.fixture
def trained(monkeypatch):
    """The settings of all trials that are trained."""
    found, run = [], TrialTable.run

    def counted(table, changes, *given):
        found.append(dict(changes))
        return run(table, changes, *given)

    monkeypatch.setattr(TrialTable, "run", counted)
    return found


def of_array(array, **more):
    buffer = io.BytesIO()
    np.save(buffer, array, **more)
    return buffer.getvalue()


def test_a_study_that_nobody_touched_trains_nothing(study, finished, trained):
    assert model_bytes(searched(study).model) == model_bytes(finished[0].model)
    assert trained == []


class Evil:
    def __reduce__(self):
        return os.mkdir, ("ran",)


def headed(text):
    """An array of NumPy whose header says something."""
    head = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + bytes(480)


GOOD = np.full((60, 2), 0.5, np.float32)
HUGE = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s,), }"
PREDICTIONS = {
    "NaN": of_array(np.full_like(GOOD, np.nan)),
    "infinite": of_array(GOOD * np.inf),
    "rows": of_array(GOOD[:59]),
    "answers": of_array(np.hstack([GOOD, GOOD])),
    "depth": of_array(GOOD[:, 0]),
    "none": of_array(GOOD[:0]),
    "double": of_array(GOOD.astype(float)),
    "text": of_array(GOOD.astype(str)),
    "objects": of_array(np.array([[Evil()] * 2] * 60, object), allow_pickle=True),
    "pickle": pickle.dumps(Evil()),
    "zip": b"PK\x03\x04" + bytes(400),
    "huge": headed(HUGE % 10**18),
    "deep": headed("(" * 2000),
    "code": headed("__import__('os').mkdir('ran')"),
    "longer": of_array(GOOD) + b"more",
    "empty": b"",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A table, and the records of two trials of it with their models, in a folder."""
    folder = tmp_path_factory.mktemp("trials")
    table, found = TrialTable.of(classifier(), GivenRows(*rows())), []
    for place, changes in enumerate(({}, {"learning_rate_init": 0.1})):
        fit, model = table.run(changes, 1), table.with_settings(changes)
        facts = TrialStore(table, folder).keep(place, fit, model)
        loss = table.losses.mean(fit.predicted.astype(float))
        found.append((Record(place, place, "complete", {}, loss, facts), model))
    return table, folder, found


def forged(kept, tmp_path, ending, data):
    """A store in which the first trial has a file with these bytes, and the facts of them."""
    table, folder, ((record, model), _) = kept
    shutil.copytree(folder, tmp_path / "trials")
    (tmp_path / "trials" / f"00000{ending}").write_bytes(data)
    seals = {**record.facts["sha256"], ending: hashlib.sha256(data).hexdigest()}
    sizes = {**record.facts["sizes"], ending: len(data)}
    facts = {"sha256": seals, "sizes": sizes}
    return TrialStore(table, tmp_path / "trials"), record._replace(facts=facts), model


@pytest.mark.parametrize("kind", PREDICTIONS)
def test_forged_predictions_count_as_lost(kept, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    store, record, model = forged(kept, tmp_path, ".npy", PREDICTIONS[kind])
    assert store.predicted(record) is None
    assert store.fit(record, model) is None
    assert not (tmp_path / "ran").exists()


def test_predictions_of_another_loss_than_the_study_s_are_refused(kept, tmp_path):
    store, record, _ = forged(kept, tmp_path, ".npy", of_array(GOOD))
    with pytest.raises(SettingsError, match=r"trial 0 has the loss 0\.\d+ in it, and its predicti"):
        store.predicted(record)


def test_a_loss_that_a_lost_trial_does_not_have_counts_as_it_is_found(study, finished):
    text = study.read_text()
    loss = float(finished[0].trials.loss[1])
    assert text.count(repr(loss)) == 1
    study.write_text(text.replace(repr(loss), "1e-9"))
    with pytest.raises(SettingsError, match="trial 1 has the loss 1e-9 in it"):
        searched(study)
    (study.with_name("s.journal.trials") / "00001.npy").unlink()
    with pytest.warns(ThalwegWarning, match=r"Trial 1 has the loss 1e-9 in the study, and 0\."):
        found = searched(study)
    assert model_bytes(found.model) == model_bytes(finished[0].model)


def other_header(**changes):
    def forged(data, other):
        del other
        header, arrays = unseal(data)
        return seal({**header, **changes}, arrays)

    return forged


def other_array(name):
    def forged(data, other):
        del other
        header, arrays = unseal(data)
        return seal(header, {**arrays, name: arrays[name] * 3})

    return forged


NETWORKS = {
    "of another trial": lambda data, other: other,
    "other weights": other_array("theta.2"),  # of the networks that gave the predictions
    "another encoder": other_array("encoder/scale"),
    "other rows": other_header(data_hash="0" * 64),
    "no model": lambda data, other: seal({"a": 1}, {}),
    "pickle": lambda data, other: pickle.dumps(Evil()),
    "torn": lambda data, other: data[:-1],
    "empty": lambda data, other: b"",
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_forged_networks_count_as_lost(kept, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    data = [(kept[1] / f"{place:05}.safetensors").read_bytes() for place in range(2)]
    store, record, model = forged(kept, tmp_path, ".safetensors", data[0])
    assert store.fit(record, model).networks  # as it is
    shutil.rmtree(tmp_path / "trials")
    store, record, model = forged(kept, tmp_path, ".safetensors", NETWORKS[kind](*data))
    assert store.fit(record, model) is None
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("ending", [".npy", ".safetensors"])
def test_a_file_of_gigabytes_is_not_read(kept, tmp_path, ending):
    store, record, model = forged(kept, tmp_path, ending, b"")
    os.truncate(tmp_path / "trials" / f"00000{ending}", 2**36)  # it is nowhere on the disk
    record.facts["sizes"][ending] = 2**36
    assert store.fit(record, model) is None


def test_only_networks_of_the_study_are_dropped(study, finished, monkeypatch):
    assert finished[0].slots == (2, 0)  # so nothing needs the networks of trials 1 and 3
    monkeypatch.setattr("thalweg.tuning.search_rounds.CANDIDATES", 0)  # all but the default's
    folder = study.with_name("s.journal.trials")
    (folder / "00001.safetensors").write_bytes(b"precious")
    own = ["00777.safetensors", "\u00b2.safetensors", "mine.safetensors"]
    for name in own:
        (folder / name).write_bytes(b"precious")
    searched(study, n_trials=4)
    assert not (folder / "00003.safetensors").exists()
    for name in ["00001.safetensors", *own]:
        assert (folder / name).read_bytes() == b"precious"
