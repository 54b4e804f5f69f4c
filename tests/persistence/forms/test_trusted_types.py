"""What a pickle of a fitted model names: types of thalweg that are listed, and those of arrays."""

import copy
import io
import pickle
from importlib import import_module

import joblib
import pytest

from every_kind import FRAME, LABELS, MODELS, SMALL, answers
from slow_cases import slow_but
from thalweg import ThalwegClassifier
from thalweg.errors import Status
from thalweg.persistence.forms.trusted_types import TRUSTED_TYPES

# Arrays of NumPy, which skops knows; the status of a run comes as a number there.
OF_ARRAYS = {
    "numpy.dtype", "numpy.ndarray", "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar", "numpy._core.numeric._frombuffer",
}  # fmt: skip
KNOWN = {*TRUSTED_TYPES, *OF_ARRAYS, "thalweg.errors.Status"}


def named_in(data):
    """All that a pickle names, by module and name, and the object."""
    found = set()

    class Noting(pickle.Unpickler):
        def find_class(self, module, name):
            found.add(f"{module}.{name}")
            return super().find_class(module, name)

    return found, Noting(io.BytesIO(data)).load()


@pytest.mark.filterwarnings("ignore::thalweg.ThalwegWarning")
@pytest.mark.parametrize("kind", slow_but(["classes"], MODELS))
def test_a_pickle_has_the_bits_of_the_model_and_names_only_known_types(kind, tmp_path):
    model = MODELS[kind]()
    before = answers(model)  # what predictions keep for the next ones is not stored
    named, loaded = named_in(pickle.dumps(model))
    assert named <= KNOWN
    assert answers(loaded).tobytes() == before.tobytes()
    joblib.dump(model, tmp_path / "model.joblib")
    assert answers(joblib.load(tmp_path / "model.joblib")).tobytes() == before.tobytes()
    model.save(tmp_path / "model.safetensors")
    loaded.save(tmp_path / "loaded.safetensors")
    saved = [(tmp_path / f"{name}.safetensors").read_bytes() for name in ("model", "loaded")]
    assert saved[0] == saved[1]


def test_each_listed_type_is_there_and_sorted():
    for name in TRUSTED_TYPES:
        module, _, kind = name.rpartition(".")
        assert isinstance(getattr(import_module(module), kind), type)
    assert list(TRUSTED_TYPES) == sorted(set(TRUSTED_TYPES))


def test_a_status_that_came_as_a_number_is_one_again():
    """As skops stores it: else a loaded model could not be saved."""
    network = ThalwegClassifier(**SMALL, early_stopping=False).fit(FRAME, LABELS).members_[0]
    other = copy.copy(network)
    other.__setstate__({**network.__getstate__(), "status": int(network.status)})
    assert other.status is network.status
    assert isinstance(other.status, Status)
