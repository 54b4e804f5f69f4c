"""The functions that docs/serving.md gives to Dask and Spark, over the parts of a table.

`make serving` runs them, and the other recipes, with Dask, Spark and servers themselves.
"""

import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import serving_recipes
from thalweg import load_model


class Parts:
    """A table in parts, which has the two methods of Dask and Spark that the recipes use."""

    def __init__(self, parts):
        self.parts = parts

    def map_partitions(self, function, *given, meta):
        parts = [function(part, *given) for part in self.parts]
        assert [{k: str(v) for k, v in part.dtypes.items()} for part in parts] == [
            {k: str(np.dtype(v)) for k, v in meta.items()}
        ] * len(parts)
        return Parts(parts)

    def mapInPandas(self, function, schema):
        parts = [*function(iter(self.parts))]
        assert schema.replace(" long", "").replace(" double", "") == ", ".join(parts[0])
        return Parts(parts)

    @property
    def write(self):
        return self

    def to_parquet(self, name):
        pd.concat(self.parts).to_parquet(name)

    parquet = to_parquet


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("serving")
    serving_recipes.saved(path)
    return path


@pytest.mark.parametrize("kind", ["Dask", "Spark"])
def test_parts_have_the_bits_of_the_whole(folder, kind, monkeypatch):
    monkeypatch.chdir(folder)
    table = serving_recipes.rows(50)
    scoring = ModuleType("scoring")
    vars(scoring).update(serving_recipes.run("Parts of a large table"))
    monkeypatch.setitem(sys.modules, "scoring", scoring)
    serving_recipes.run(
        kind, frame=Parts([table[:0], table[:7], table[7:7], table[7:41], table[41:]])
    )
    found = pd.read_parquet("predictions")
    p = load_model("model.safetensors").predict_proba(table)
    assert found["p_yes"].to_numpy().tobytes() == p[:, 1].tobytes()
    assert found["id"].tolist() == table["id"].tolist()
    assert scoring.opened.cache_info().misses == 1  # for each worker
