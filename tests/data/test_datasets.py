import csv
import hashlib
from collections import Counter
from importlib.resources import files

import numpy as np
import pytest

from thalweg.data.formats.bundled_tables import bundled_tables, table_card
from thalweg.data.read import load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError

FOLDER = files("thalweg.data") / "datasets"


@pytest.fixture(scope="module")
def raw():
    """The file, read by the plain csv module."""
    with (FOLDER / "wisconsin.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_table_has_a_card_and_every_card_a_table():
    names = {each.name for each in FOLDER.iterdir()}
    assert names == {f"{name}{end}" for name in bundled_tables() for end in (".csv", ".toml")}
    assert "wisconsin" in bundled_tables()


@pytest.mark.parametrize("name", bundled_tables())
def test_the_file_is_what_its_card_says(name):
    card = table_card(name)
    data = (FOLDER / f"{name}.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == card["sha256"]
    assert b"\r" not in data
    assert data.endswith(b"\n")
    rows = list(csv.DictReader(data.decode("ascii").splitlines()))
    assert list(rows[0]) == [column["name"] for column in card["columns"]]
    assert len(rows) == card["rows"]
    assert Counter(row[card["target"]] for row in rows) == card["classes"]
    assert card["positive"] in card["classes"]
    assert {column["role"] for column in card["columns"]} <= {"identifier", "feature", "target"}
    roles = {column["name"]: column["role"] for column in card["columns"]}
    assert [each for each, role in roles.items() if role == "target"] == [card["target"]]
    for column in card["columns"]:
        cells = [row[column["name"]] for row in rows]
        assert cells.count("") == card["missing"].get(column["name"], 0)
        if "range" in column:
            values = [int(cell) for cell in cells if cell]
            assert [min(values), max(values)] == column["range"]
    for part in ("citation", "license", "obtained", "checked"):
        assert card["source"][part]


def test_wisconsin_is_the_original_table():
    digest = hashlib.sha256((FOLDER / "wisconsin.csv").read_bytes()).hexdigest()
    assert digest == "bcbd5f38e18ae12a1024c846530ee1560a43ec7a7241db9f3e5acdb0778e0481"


def test_wisconsin_by_the_numbers(raw):
    features = [{k: v for k, v in row.items() if k != "sample_id"} for row in raw]
    ids = [row["sample_id"] for row in raw]
    assert len(raw) == 699
    assert Counter(row["class"] for row in raw) == {"benign": 458, "malignant": 241}
    assert sum(row["bare_nuclei"] == "" for row in raw) == 16
    assert len(ids) - len(set(ids)) == 54
    assert len(raw) - len({tuple(row.values()) for row in features}) == 236
    assert [ids[0], ids[-1]] == ["1000025", "897471"]


def test_the_traps_on_the_card_are_true(raw):
    classes = {}
    for row in raw:
        classes.setdefault(row["sample_id"], set()).add(row["class"])
    assert sum(len(each) == 2 for each in classes.values()) == 4
    holes = Counter(row["class"] for row in raw if not row["bare_nuclei"])
    assert holes == {"benign": 14, "malignant": 2}
    malignant = [row["class"] == "malignant" for row in raw]
    assert (sum(malignant[:367]), sum(malignant[367:])) == (167, 74)
    traps = " ".join(table_card("wisconsin")["traps"])
    for figure in ("54", "236", "16 rows, 14 benign and 2", "4 of those ids", "167", "only 74"):
        assert figure in traps


def test_wisconsin_as_it_is_loaded():
    table = load_table("wisconsin")
    assert (table.name, table.target_name, table.positive) == ("wisconsin", "class", "malignant")
    assert table.frame.shape == (699, 9)
    assert "sample_id" not in table.frame
    assert table.notes == ('Left out "sample_id": an identifier.',)
    assert table.target.value_counts().to_dict() == {"benign": 458, "malignant": 241}
    schema = infer_schema(table.frame)
    assert {column.kind for column in schema.columns} == {"number"}
    matrix = schema.matrix(table.frame)
    assert np.isnan(matrix).sum(axis=0).tolist() == [0, 0, 0, 0, 0, 16, 0, 0, 0]
    assert (np.nanmin(matrix), np.nanmax(matrix)) == (1.0, 10.0)


def test_an_unknown_card_is_a_data_error():
    with pytest.raises(DataError, match='Did you mean "wisconsin"'):
        table_card("wisconsn")
    with pytest.raises(DataError, match='bundled tables are "wisconsin"'):
        table_card("../somewhere/else")
