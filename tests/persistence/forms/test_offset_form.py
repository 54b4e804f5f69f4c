"""What a file says of offsets: a forged entry is refused."""

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegRegressor
from thalweg.persistence.forms.offset_form import OFFSET, offset_entry, offset_of
from thalweg.persistence.plain_data_checks import require


@pytest.fixture(scope="module")
def entry():
    X = pd.DataFrame({"a": np.arange(30.0), "years": np.arange(30) + 0.5})
    model = ThalwegRegressor("poisson", hidden_layer_sizes=(), random_state=0)
    return offset_entry(model.fit(X, np.arange(30), exposure="years")._known.offset)["offset"]


def test_an_entry_comes_back(entry):
    require(entry, OFFSET, "offset")
    found = offset_of(entry, "poisson", ["a"], intervals=False)
    assert (found.kind, found.column, found.level) == ("exposure", "years", entry["level"])
    assert offset_entry(found)["offset"] == entry
    assert offset_of(None, None, ["a"], intervals=True) is None


@pytest.mark.parametrize(
    ("loss", "features", "intervals", "says"),
    [
        (None, ["a"], False, "a classifier has no offsets"),
        ("huber:delta=1.0", ["a"], False, "no rates"),
        ("gamma", ["a"], False, "level of its weights"),
        ("poisson", ["a", "years"], False, "beside the others"),
        ("poisson", ["a"], True, "it has intervals"),
    ],
)
def test_what_no_fit_gives_is_refused(entry, loss, features, intervals, says):
    with pytest.raises(ValueError, match=says):
        offset_of(entry, loss, features, intervals=intervals)


@pytest.mark.parametrize(
    "change", [{"kind": "weight"}, {"level": 0.0}, {"level": "1"}, {"more": 1}, {"column": []}]
)
def test_another_form_is_refused(entry, change):
    with pytest.raises(ValueError, match="offset"):
        require({**entry, **change}, OFFSET, "offset")
