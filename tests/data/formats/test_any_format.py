import gzip
import io
import random
import re

import numpy as np
import pandas as pd
import pytest

from thalweg.data.canonical_rows import data_hash
from thalweg.data.formats.any_format import Format, read_bytes
from thalweg.data.formats.budget import Budget
from thalweg.data.read import load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError

CSV = b"a,b\n1,x\n2,y\n"
ROWS = [["a", "b"], ["1", "x"], ["2", "y"]]
FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def parquet(frame=FRAME):
    return frame.to_parquet(index=False)


def excel(frame=FRAME):
    data = io.BytesIO()
    frame.to_excel(data, index=False)
    return data.getvalue()


def read(data, name="my", **said):
    frame, notes = read_bytes(data, name, Format(**said))
    return [list(frame.columns), *frame.to_numpy().tolist()], notes


# --- what is recognised -----------------------------------------------------------------------


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (CSV, []),
        (CSV.replace(b",", b";"), ["Read as text separated by ';'."]),
        (parquet(), ["Read as Parquet."]),
        (excel(), ['Read from the Excel sheet "Sheet1".']),
    ],
    ids=["csv", "semicolons", "parquet", "excel"],
)
def test_a_file_is_recognised_by_what_it_holds(pack, data, notes):
    rows, told = read(pack(data))
    assert [[str(cell) for cell in row] for row in rows] == ROWS
    assert told == notes


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        ("a.csv", CSV, None),
        ("a.csv.gz", gzip.compress(CSV, mtime=0), None),
        ("a.gz", gzip.compress(CSV, mtime=0), None),
        ("a.xlsx", excel(), None),
        ("a.parquet.gz", gzip.compress(parquet(), mtime=0), None),
        ("a.csv", gzip.compress(CSV, mtime=0), '".csv", but the content of the file is gzip.'),
        ("a.csv.gz", CSV, '".gz", but the content of the file is text.'),
        (
            "a.csv.gz",
            gzip.compress(parquet(), mtime=0),
            '".csv", but the content of the file is Parquet.',
        ),
        ("a.xlsx", CSV, '".xlsx", but the content of the file is text.'),
        ("a.parquet", excel(), '".parquet", but the content of the file is Excel.'),
    ],
)
def test_a_wrong_ending_is_reported_first(name, data, note):
    rows, told = read(data, name)
    assert [[str(cell) for cell in row] for row in rows] == ROWS
    assert [each for each in told if "ends in" in each] == told[:1] * bool(note)
    if note:
        assert told[0] == f"The name ends in {note}"


def test_a_gzip_file_may_consist_of_parts():
    assert (
        read(gzip.compress(CSV[:5], mtime=0) + gzip.compress(CSV[5:], mtime=0) + bytes(512))[0]
        == ROWS
    )


# --- one table, whatever it is stored in ------------------------------------------------------


def random_frame(rng, n_rows):
    """Numbers as people write them, integers, truth values, holes and labels."""
    columns = {}
    for j in range(rng.randint(1, 6)):
        draw = rng.choice(
            [
                lambda: float(f"{rng.gauss(0, 10 ** rng.randint(-9, 9)):.{rng.randint(1, 15)}g}"),
                lambda: rng.randint(-999, 999),
                lambda: rng.random() < 0.5,
            ]
        )
        cells = [draw() for _ in range(n_rows)]
        if rng.random() < 0.5:
            cells = [None if rng.random() < 0.2 else cell for cell in cells]
        columns[f"column {j}"] = pd.array(cells)
    labels = rng.choice([["no", "yes"], ["gesund", "kränk"], [0, 1]])
    columns["y"] = [*labels, *(rng.choice(labels) for _ in range(n_rows - 2))]
    return pd.DataFrame(columns)


WAYS = {
    "comma": lambda f: f.to_csv(index=False).encode(),
    "comma, windows": lambda f: f.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"),
    "semicolon": lambda f: f.to_csv(index=False, sep=";", decimal=",").encode(),
    "tab, utf-16": lambda f: f.to_csv(index=False, sep="\t", decimal=",").encode("utf-16"),
    "bar, cp1252": lambda f: f.to_csv(index=False, sep="|").encode("cp1252"),
    "quotes": lambda f: f.to_csv(index=False, quoting=1).encode(),
    "excel's line": lambda f: b"sep=;\r\n" + f.to_csv(index=False, sep=";").encode(),
    "gzip": lambda f: gzip.compress(f.to_csv(index=False).encode()),
    "parquet": parquet,
    "excel": excel,
}


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("seed", range(12))
def test_every_copy_of_a_table_has_the_same_matrix_and_hash(tmp_path, seed):
    rng = random.Random(seed)
    frame = random_frame(rng, rng.randint(10, 60))
    expected = load_table(frame, target="y")
    schema = infer_schema(expected.frame)
    kinds = [column.kind for column in schema.columns]
    matrix = schema.matrix(expected.frame)
    digest = data_hash(schema.names, kinds, matrix, expected.target.tolist())
    for way, write in WAYS.items():
        path = tmp_path / "copy"
        path.write_bytes(write(frame))
        decimal = None
        if way in ("semicolon", "tab, utf-16"):
            decimal = ","  # whether there are any, or may be thousands, is left to chance here
        table = load_table(path, target="y", decimal=decimal)
        assert infer_schema(table.frame) == schema, way
        again = schema.matrix(table.frame)
        np.testing.assert_array_equal(again, matrix, err_msg=way)
        labels = table.target.tolist()
        assert data_hash(schema.names, kinds, again, labels) == digest, way


# --- what is said -----------------------------------------------------------------------------


def test_what_is_said_is_passed_on():
    text = "ä;b\n1,5;x\n".encode("cp850")
    said = {"separator": ";", "decimal": ",", "encoding": "cp850"}
    assert read(text, **said)[0] == [["ä", "b"], ["1.5", "x"]]
    for tab in ("tab", "\\t", "\t"):
        assert read(b"a\tb,c\n1\t2,3\n", separator=tab)[0] == [["a", "b,c"], ["1", "2,3"]]
    assert read(excel(), sheet="Sheet1")[0] == [["a", "b"], [1, "x"], [2, "y"]]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"separator": ""}, ["'' cannot be the separator", "one character"]),
        ({"separator": ";;"}, ["separator"]),
        ({"separator": "x"}, ["separator"]),
        ({"separator": "1"}, ["separator"]),
        ({"separator": '"'}, ["separator"]),
        ({"separator": "\n"}, ["separator"]),
        ({"separator": " "}, ["separator"]),
        ({"separator": 5}, ["separator"]),
        ({"decimal": ";"}, ["decimal", '"." or ","']),
        ({"decimal": ""}, ["decimal"]),
        ({"encoding": "klingon"}, ["'klingon'", "utf-8"]),
        ({"encoding": "hex"}, ["encoding"]),
        ({"encoding": ""}, ["encoding"]),
        ({"encoding": "a\0b"}, ["encoding"]),
        ({"encoding": 8}, ["encoding"]),
        ({"sheet": 1}, ["sheet"]),
    ],
)
def test_what_has_no_meaning_is_refused(said, says):
    with pytest.raises(SettingsError) as caught:
        Format(**said)
    assert "recognised" in caught.value.fix
    for part in says:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said", "holds"),
    [
        (parquet(), {"separator": ","}, "Parquet"),
        (parquet(), {"sheet": "a"}, "Parquet"),
        (excel(), {"decimal": ","}, "Excel"),
        (gzip.compress(excel(), mtime=0), {"encoding": "utf-8"}, "Excel"),
        (CSV, {"sheet": "a"}, "text"),
        (gzip.compress(CSV, mtime=0), {"separator": ";", "sheet": "a"}, "text"),
    ],
)
def test_what_does_not_suit_the_file_is_refused(data, said, holds):
    with pytest.raises(DataError) as caught:
        read(data, "my.file", **said)
    word = "sheet" if "sheet" in said else next(iter(said))
    assert str(caught.value).startswith(
        f"The {word} is set, but the content of the file is {holds}"
    )
    assert "my.file" in caught.value.where


def test_columns_that_are_not_needed_are_passed_on():
    frame, _ = read_bytes(parquet(), "my", Format(), skip={"b"})
    assert frame.to_numpy().tolist() == [[1, None], [2, None]]
    frame, _ = read_bytes(b"a;b\n1;1,234\n", "my", Format(), skip={"b"})
    assert frame.to_numpy().tolist() == [["1", "1,234"]]


# --- gzip -------------------------------------------------------------------------------------


def test_a_damaged_gzip_file_is_refused():
    whole = gzip.compress(CSV * 50, mtime=0)
    damaged = [
        whole[:-1],
        whole[:-8],
        whole[: len(whole) // 2],
        whole[:2],
        whole + b"more",
        whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:],  # its checksum
        whole[:-1] + b"\x01",  # its size
        whole[:20] + b"\xff" * 8 + whole[28:],
        b"\x1f\x8b\x07" + whole[3:],
        whole[:10] + b"\xff" * 20,  # no block of this type
    ]
    for data in damaged:
        with pytest.raises(DataError, match="cannot be decompressed") as caught:
            read(data, "my.csv.gz")
        assert caught.value.fix
        assert caught.value.where


def test_gzip_within_gzip_is_refused():
    with pytest.raises(DataError, match="inside a gzip archive"):
        read(gzip.compress(gzip.compress(CSV), mtime=0))


def test_what_unfolds_to_more_than_is_allowed_is_refused():
    # A cell of "1" or "x" has two places of eight bytes.
    data = gzip.compress(b"a,b\n" + b"1,x\n" * 1_000_000, mtime=0)
    with pytest.raises(DataError, match="would take") as caught:
        read_bytes(data, "my.csv.gz", Format(), budget=Budget("my.csv.gz", len(data), "16MB"))
    assert "16 MB are allowed" in str(caught.value)
    assert "cells" in caught.value.where
    mended = re.search('max_memory="(.*?)"', caught.value.fix)[1]
    frame, _ = read_bytes(data, "my", Format(), budget=Budget("my", len(data), mended))
    assert len(frame) == 1_000_000


@pytest.mark.parametrize("start", [b"PAR1\x15", b"PK\x03\x04"])
def test_what_is_no_text_is_unpacked_within_bounds(start):
    import tracemalloc

    bomb = gzip.compress(start + bytes(1 << 26), mtime=0)
    assert len(bomb) < 1 << 17
    tracemalloc.start()
    with pytest.raises(DataError, match="would unpack to"):
        read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80 << 20


def test_zeros_are_refused_where_they_begin():
    import tracemalloc

    bomb = gzip.compress(b"a,b\n1,2\n" + bytes(1 << 26), mtime=0)
    tracemalloc.start()
    with pytest.raises(DataError):
        read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


NO_TEXT = "idna punycode unicode_escape raw_unicode_escape Unicode-Escape rot13 hex zlib base64 bz2"


@pytest.mark.parametrize("name", [*NO_TEXT.split(), "uu", "quopri", "undefined", "nonsense"])
def test_codecs_that_are_not_for_tables_are_refused(name):
    with pytest.raises(SettingsError, match="cannot be the encoding of a table") as caught:
        Format(encoding=name)
    assert 'such as "utf-8"' in caught.value.fix


@pytest.mark.parametrize("name", ["UTF8", "latin-1", "cp850", "utf_16", "macroman", "gb18030"])
def test_encodings_of_text_are_taken_by_any_of_their_names(name):
    assert Format(encoding=name).encoding == name


def test_a_similar_name_is_suggested_with_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "table.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError) as error:
        load_table("d/tabel.csv", need_target=False)
    assert error.value.why == 'Did you mean "d/table.csv"?'
    with pytest.raises(DataError) as error:
        load_table("nowhere/wiscosnin", need_target=False)
    assert error.value.why == 'Did you mean "wisconsin"?'


def test_a_link_that_leads_nowhere_is_called_so_and_not_suggested(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dangle.csv").symlink_to("nowhere.csv")
    with pytest.raises(DataError, match="link leads nowhere") as error:
        load_table("dangle.csv", need_target=False)
    assert (error.value.where, error.value.why) == ("'dangle.csv' leads to 'nowhere.csv'", "")
    with pytest.raises(DataError, match="no such file") as error:
        load_table("dangel.csv", need_target=False)
    assert error.value.why == ""


def test_a_slash_at_the_end_says_folder_and_an_empty_name_says_nothing(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="Not a directory"):
        load_table(f"{tmp_path}/t.csv/", need_target=False)
    with pytest.raises(DataError, match="The name of the table is empty"):
        load_table("", need_target=False)


@pytest.mark.parametrize(
    ("at", "words"),
    [(-8, "does not fit its checksum"), (-4, "the length that it gives"), (10, "contradict")],
)
def test_damage_of_gzip_is_said_in_plain_words(at, words):
    data = bytearray(gzip.compress(b"a,b\n1,2\n"))
    data[at] = data[at] ^ 255 if at < 0 else 7  # 7: a kind of block that does not exist
    with pytest.raises(DataError) as error:
        read_bytes(bytes(data), "t.gz", Format())
    assert words in error.value.what
    assert "Error -" not in error.value.what


def test_what_follows_an_archive_is_called_no_archive():
    with pytest.raises(DataError, match="something that is no archive follows it"):
        read_bytes(gzip.compress(b"a,b\n1,2\n") + b"junk and more", "t.gz", Format())
