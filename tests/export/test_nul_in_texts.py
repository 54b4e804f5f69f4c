"""Formats whose texts end at a NUL refuse a model that has one; the others answer as it does."""

import numpy as np
import pandas as pd
import pytest

from parity import parity
from thalweg import ThalwegClassifier
from thalweg.errors import SettingsError
from thalweg.export.programs.c_text import c_text
from thalweg.export.queries.sql_text import sql_text
from thalweg.jobs.exports.written_export import carried

WRITERS = {"A query": sql_text, "A text of C": c_text}
PLAIN = {"column": "where", "level": ("u", "w"), "class": ("yes", "no")}
ENDED = {"column": "w\0x", "level": ("u\0v", "u\0w"), "class": ("a\0b", "a\0c")}


def model_of(column, level, classes):
    """A model of one category, and its rows."""
    X = pd.DataFrame({column: [*level] * 20})
    model = ThalwegClassifier((2,), max_iter=5, early_stopping=False, random_state=0)
    return model.fit(X, np.where(X[column] == level[0], *classes)), X


@pytest.mark.parametrize("what", list(WRITERS))
@pytest.mark.parametrize("kind", list(ENDED))
def test_a_nul_is_refused_where_a_text_ends_there(kind, what):
    model, X = model_of(*{**PLAIN, kind: ENDED[kind]}.values())
    said = rf"{what} cannot have the {kind} '\w\\x00\w'.*rename the {kind}.*\.onnx, \.mjs or \.py"
    with pytest.raises(SettingsError, match=said):
        WRITERS[what](carried(model, ""))
    for ending in (".py", ".onnx"):
        assert parity(model, ending, X).passed


def test_plain_texts_are_written():
    made = carried(model_of(*PLAIN.values())[0], "")
    assert all(writer(made) for writer in WRITERS.values())
