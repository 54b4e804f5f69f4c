import errno
import io
import os
import pathlib
import signal
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from thalweg.data import read
from thalweg.data.formats.bundled_tables import bundled_tables
from thalweg.data.read import Table, load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError

SMALL = "age,dose,ill\n51,0.5,no\n62,,yes\n48,1.5,no\n"


@pytest.fixture
def write(tmp_path):
    def to(content, name="my.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to


def cells(table):
    return table.frame.to_numpy().tolist()


def check_small(table):
    assert list(table.frame.columns) == ["age", "dose"]
    assert cells(table) == [["51", "0.5"], ["62", ""], ["48", "1.5"]]
    assert table.target.tolist() == ["no", "yes", "no"]
    assert table.frame.index.tolist() == table.target.index.tolist() == [0, 1, 2]
    assert (table.target_name, table.positive, table.notes) == ("ill", None, ())


# --- what is read -----------------------------------------------------------------------------


def test_a_csv_file(write):
    path = write(SMALL)
    table = load_table(path, target="ill")
    check_small(table)
    assert table.name == "my.csv"
    check_small(load_table(str(path), target="ill"))


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + SMALL,
        SMALL.replace("\n", "\r\n"),
        SMALL.replace("\n", "\r"),
        SMALL.rstrip("\n"),
        SMALL + "\n\n",
        "\n" + SMALL.replace("62", "\n62"),
        SMALL.replace(",", ", ").replace("no", "no "),
        SMALL.replace("51", '"51"').replace("age", ' "age"'),
        SMALL.replace("yes", '"yes"').replace("62", ' "62"'),
    ],
    ids=[
        "byte order mark",
        "windows",
        "old mac",
        "no last newline",
        "blank end",
        "blank lines",
        "spaces",
        "quotes",
        "spaces before quotes",
    ],
)
def test_harmless_dress_makes_no_difference(write, text):
    check_small(load_table(write(text), target="ill"))


def test_cells_stay_the_text_they_are(write):
    path = write(
        'id,note,"a ""b"", c",y\n007,"two\nlines",NA,1\n9007199254740993,"x, y",1e5,0\n'
        "-0,größe,TRUE,1\n"
    )
    table = load_table(path, target="y")
    assert list(table.frame.columns) == ["id", "note", 'a "b", c']
    assert cells(table) == [
        ["007", "two\nlines", "NA"],
        ["9007199254740993", "x, y", "1e5"],
        ["-0", "größe", "TRUE"],
    ]
    assert table.target.tolist() == ["1", "0", "1"]


def test_standard_input(monkeypatch):
    table = load_table("-", target="ill", stdin=io.BytesIO(SMALL.encode()))
    check_small(table)
    assert table.name == "standard input"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SMALL.encode())))
    check_small(load_table(pathlib.Path("-"), target="ill"))


def test_a_frame_is_read_whatever_its_index_and_left_alone():
    frame = pd.DataFrame(
        {"age": [51, 62], 7: [0.5, None], "ill": ["no ", "yes"]}, index=pd.Index(["r", "r"])
    )
    copy = frame.copy(deep=True)
    table = load_table(frame, target="ill", drop=["7"])
    assert table.name == "DataFrame"
    assert list(table.frame.columns) == ["age"]
    assert table.frame.index.tolist() == [0, 1]
    assert table.target.tolist() == ["no", "yes"]
    table.frame.iloc[:] = 0
    pd.testing.assert_frame_equal(frame, copy)
    assert load_table(frame, target="ill").frame.columns.tolist() == ["age", "7"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pd.Series([0, 1, 0]), ["0", "1", "0"]),
        (pd.Series([0.0, 1.0, 0.0]), ["0.0", "1.0", "0.0"]),
        (pd.Series([True, False, True]), ["True", "False", "True"]),
        (pd.Series(["a", "b ", "a"], dtype="category"), ["a", "b", "a"]),
        (pd.Series(["a", "b", "a"], dtype="string"), ["a", "b", "a"]),
        (pd.Series([1, 2, 1], dtype="Int64"), ["1", "2", "1"]),
        (pd.Series([0.1, 2, 0.1], dtype="float32"), ["0.1", "2.0", "0.1"]),
    ],
)
def test_labels_of_a_frame_become_the_text_that_a_csv_would_hold(write, labels, expected):
    frame = pd.DataFrame({"x": [1, 2, 3], "y": labels})
    table = load_table(frame, target="y")
    assert table.target.tolist() == expected
    assert {type(label) for label in table.target} == {str}
    written = load_table(write(frame.to_csv(index=False)), target="y")
    assert written.target.tolist() == expected


def test_a_csv_and_its_frame_give_one_matrix(write):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(50, 3)) * 10.0 ** rng.integers(-20, 20, (50, 3)))
    frame = frame.mask(rng.random(frame.shape) < 0.2).assign(y=np.arange(50) % 2)
    one = load_table(frame, target="y").frame
    other = load_table(write(frame.to_csv(index=False)), target="y").frame
    assert infer_schema(one) == infer_schema(other)
    matrices = [infer_schema(each).matrix(each) for each in (one, other)]
    assert matrices[0].tobytes() == matrices[1].tobytes()


def test_row_labels_without_a_name_are_left_out_and_that_is_said(write):
    frame = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    table = load_table(write(frame.to_csv()), target="y")
    assert list(table.frame.columns) == ["x"]
    assert table.notes == ("Left out the first column, which has no name: row labels.",)


def test_dropped_columns_are_not_there(write):
    path = write(SMALL)
    assert list(load_table(path, target="ill", drop=["age"]).frame.columns) == ["dose"]
    assert list(load_table(path, target="ill", drop="age").frame.columns) == ["dose"]


def test_for_prediction_no_target_is_needed(write):
    path = write(SMALL)
    table = load_table(path, need_target=False)
    assert list(table.frame.columns) == ["age", "dose", "ill"]
    assert table.target is None
    aside = load_table(path, target="ill", need_target=False)
    assert list(aside.frame.columns) == ["age", "dose"]
    assert aside.target is None
    # A target that could not be learned from is no matter here, nor one that is not there.
    holes = write(SMALL.replace("yes", ""), "holes.csv")
    assert len(load_table(holes, target="ill", need_target=False).frame) == 3
    assert len(load_table(path, target="other", need_target=False).frame.columns) == 3


def test_the_positive_class():
    assert load_table("wisconsin").positive == "malignant"
    assert load_table("wisconsin", positive="benign").positive == "benign"
    frame = pd.DataFrame({"x": [1, 2], "y": [0, 1]})
    assert load_table(frame, target="y").positive is None
    assert load_table(frame, target="y", positive=" 1").positive == "1"


def test_the_positive_class_of_a_card_belongs_to_the_target_of_that_card(monkeypatch):
    card = {"target": "mitoses", "positive": "10", "columns": []}
    monkeypatch.setattr(read, "table_card", lambda name: card)
    assert load_table("wisconsin", target="class").positive is None


def test_an_identifier_that_is_dropped_or_made_the_target_is_not_noted():
    assert load_table("wisconsin", drop=["sample_id"]).notes == ()
    table = load_table("wisconsin", target="sample_id")
    assert table.notes == ()
    assert len(set(table.target)) == 645


def test_a_target_may_have_many_classes_or_be_a_number(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text(SMALL + "1,2,No\n")
    table = load_table(path, target="ill", positive="YES")  # capitals of yes and no do not count
    assert sorted(set(table.target)) == ["no", "yes"]
    assert table.positive == "yes"
    assert (
        'read as yes and no, whatever the capitals: "No", "no", "yes" are "no", "yes"'
        in (table.notes[-1])
    )
    path.write_text(SMALL + "1,2,perhaps\n3,4,Perhaps\n")
    assert len(set(load_table(path, target="ill").target)) == 4
    assert load_table(path, target="age").target.tolist()[:3] == ["51", "62", "48"]


def test_an_existing_file_beats_a_bundled_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wisconsin").mkdir()
    assert len(load_table("wisconsin").frame) == 699  # a folder is not a table
    (tmp_path / "wisconsin").rmdir()
    (tmp_path / "wisconsin").write_text(SMALL)
    check_small(load_table("wisconsin", target="ill"))
    with pytest.raises(DataError, match="The target column is not named"):
        load_table("wisconsin")


def test_bundled_names_are_sorted():
    assert bundled_tables() == sorted(bundled_tables())
    assert isinstance(load_table(pathlib.Path("wisconsin")), Table)


# --- what is refused --------------------------------------------------------------------------

ROWS = "".join(f"{i},{i % 2}\n" for i in range(3000))
# name: (content, arguments, what the error must say)
HOSTILE = {
    "empty": ("", {}, ["empty"]),
    "blank": (" \n\n"[1:], {}, ["only blank lines"]),
    "only a byte order mark": ("\ufeff", {}, ["empty"]),
    "header only": ("a,b,y\n", {}, ["empty", "0 rows", "3 columns"]),
    "short row": ("a,b,y\n1,2,no\n1,yes\n", {}, ["2 cells", "header of 3", "line 3"]),
    "long row": ("a,b,y\n1,2,no\n1,2,3,yes\n", {}, ["4 cells", "line 3", "separator"]),
    "long first row": ("a,y\n7,1,no\n8,2,yes\n", {}, ["3 cells", "line 2"]),
    "trailing commas": ("a,y\n1,no,\n2,yes,\n", {}, ["3 cells", "line 2"]),
    "ragged after a long cell": ('a,y\n"1\n1",no\n2\n', {}, ["1 cell ", "line 4"]),
    "ragged after a blank line": ("a,y\n\n1,no\n\n2\n", {}, ["line 5"]),
    "a title of two cells": ("My table, 2021\na,b,y\n1,2,no\n", {}, ["3 cells", "--header-row 2"]),
    "ragged far down": ("x,y\n" + ROWS + "1\n", {}, ["line 3002"]),
    "open quote": ('a,y\n1,no\n"2,yes\n3,no\n', {}, ["not valid CSV", "line 3", "quote"]),
    "text behind a quote": ('a,y\n1,no\n"2"x,yes\n', {}, ["not valid CSV", "line 3"]),
    "a cell without end": ("a,y\n1,no\n" + "9" * 200_000 + ",yes\n", {}, ["line 3", "limit"]),
    "repeated name": ("a,b,a,y\n1,2,3,no\n", {}, ["duplicate", '"a"', "rename"]),
    "names repeated but for spaces": ("a, a,y\n1,2,no\n", {}, ["duplicate", '"a"']),
    "nameless column": ("a,,y\n1,2,no\n", {}, ["Column 2 of 3 has no name", "line 1"]),
    "comma behind the header": ("a,y,\n1,no,\n", {}, ["Column 3 of 3", "extra separator"]),
    "two nameless columns": (",,y\n1,2,no\n", {}, ["Column 2 of 3"]),
    "two encodings": ("a,ü\n1,no\n".encode() + b"2,gro\xdf\n", {}, ["0xdf", "line 3", "UTF-8"]),
    "half a character": ("a,y\n1,größ".encode()[:-1], {}, ["UTF-8", "line 2"]),
    "utf-16, cut": ("a,y\n1,no\n".encode("utf-16")[:-1], {}, ["UTF-16", "line 2", "encoding"]),
    "utf-32": ("a,y\n1,no\n".encode("utf-32-le"), {}, ["zero byte", "line 1"]),
    "zero byte": (b"a,y\n1,no\n2,\0yes\n", {}, ["zero byte", "line 3", "export"]),
    "parquet": (b"PAR1\x15\x04\x15\x10", {}, ["Parquet"]),
    "excel": (b"PK\x03\x04\x14\x00", {}, ["Excel"]),
    "gzip": (b"\x1f\x8b\x08\x00", {}, ["gzip"]),
    "noise": (bytes(range(128, 256)), {}, ["UTF-8", "line 1"]),
    "no target said": (SMALL, {"target": None}, ['"age", "dose", "ill"', 'target="NAME"']),
    "target not there": (SMALL, {"target": "Ill "}, ['did you mean "ill"', '"age", "dose"']),
    "target far from all": (SMALL, {"target": "diagnosis"}, ["target column", '"ill"']),
    "empty target name": (SMALL, {"target": ""}, ['target column ""', '"ill"']),
    "holes in the target": (SMALL + "1,2,\n3,4, NA \n", {}, ["missing in 2 of 5", "row 4"]),
    "no target at all": (SMALL.replace("no", "?").replace("yes", ""), {}, ["in 3 of 3", "row 1"]),
    "one class": (SMALL.replace("yes", " no "), {}, ["only one class", '"no"', "3 rows"]),
    "one number": (
        SMALL.replace("yes", "0.5").replace("no", "0.5"),
        {},
        ["is a number that never changes: 0.5", "add rows with others"],
    ),
    "positive not there": (SMALL, {"positive": "Yess"}, ['did you mean "yes"', '"no", "yes"']),
    "positive far from all": (SMALL, {"positive": "1"}, ["positive class", '"no", "yes"']),
    "drop not there": (SMALL, {"drop": ["dosis"]}, ["column to drop", 'did you mean "dose"']),
    "drop the target": (SMALL, {"drop": ["age", "ill"]}, ["target cannot be dropped", '"ill"']),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_with_place_and_fix(write, case):
    content, arguments, says = HOSTILE[case]
    last = "y" if isinstance(content, bytes) or "ill" not in content else "ill"
    path = write(content)
    with pytest.raises(DataError) as caught:
        load_table(path, **({"target": last} | arguments))
    check_refusal(caught.value, says)


def check_refusal(error, says):
    assert type(error) is DataError
    assert error.what
    assert error.where
    assert error.fix
    assert len(str(error)) < 600
    for part in says:
        assert part.casefold() in str(error).casefold()


def test_the_hostile_files_are_many():
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("data", ["zero byte", "short row", "open quote", "two encodings", "empty"])
def test_standard_input_is_refused_alike(data):
    content, _, says = HOSTILE[data]
    stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        load_table("-", target="y", stdin=stream)
    check_refusal(caught.value, [*says, "standard input"])


PAIR = {"x": [1, 2], "y": ["a", "b"]}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (pd.DataFrame(), ["empty", "0 rows, 0 columns"]),
        (pd.DataFrame(index=range(3)), ["3 rows, 0 columns"]),
        (pd.DataFrame({"x": [], "y": []}), ["0 rows, 2 columns"]),
        (pd.DataFrame([[1, 2, "a"]], columns=["x", "x", "y"]), ["duplicate", '"x"']),
        (pd.DataFrame([[1, 2, "a"]], columns=[1, "1", "y"]), ["duplicate", '"1"']),
        (pd.concat({"g": pd.DataFrame(PAIR)}, axis=1), ["2 levels", "join"]),
        (pd.DataFrame(PAIR | {"y": ["a", None]}), ["missing in 1 of 2", "row 2"]),
        (pd.DataFrame(PAIR | {"y": [np.nan, 1.0]}), ["missing in 1 of 2", "row 1"]),
        (pd.DataFrame(PAIR | {"y": [True, True]}), ["only one class", '"True"']),
        (pd.DataFrame({"x": [1], "z": [2]}), ["target column", '"x", "z"']),
        (np.eye(3), ["ndarray", "path of a file"]),
        (pd.Series([1, 2]), ["Series"]),
        (None, ["NoneType"]),
        (3, ["int"]),
        (b"my.csv", ["bytes"]),
        (["a.csv"], ["list"]),
    ],
)
def test_a_hostile_object_is_refused(source, says):
    with pytest.raises(DataError) as caught:
        load_table(source, target="y")
    check_refusal(caught.value, says)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("none.csv", ["no such file", "none.csv", '"wisconsin"']),
        ("wisconsn", ['Did you mean "wisconsin"']),
        ("mine.csv", ['Did you mean "my.csv"']),
        ("no/such/folder/my.csv", ["no such file"]),
        ("", ["The name of the table is empty", "- for standard input"]),
        (".", ["This is a folder", "name one file in it"]),
        ("my.csv/deeper", ["cannot be read"]),
        ("a\0b", ["cannot be read", "\\x00"]),
        ("\udcff", ["\\udcff"]),
        ("x" * 5000, ["cannot be read"]),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(write, monkeypatch, name, says):
    monkeypatch.chdir(write(SMALL).parent)
    with pytest.raises(DataError) as caught:
        load_table(name, target="ill")
    shown = str(caught.value).encode("ascii", "backslashreplace").decode()
    assert caught.value.where
    assert caught.value.fix
    for part in says:
        assert part in shown


def test_a_file_that_may_not_be_read_is_refused(write, monkeypatch):
    def refuse(path, flags):
        raise PermissionError(13, os.strerror(13), str(path))

    path = write(SMALL)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DataError, match=os.strerror(13)):
        load_table(path, target="ill")


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device"])
def test_what_is_no_file_is_refused_at_once(tmp_path, kind):
    path = tmp_path / "my.csv"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = pathlib.Path("/dev/zero")
    else:
        path.symlink_to("/dev/zero")
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(20)  # rather interrupted than waiting for ever
    try:
        with pytest.raises(DataError) as caught:
            load_table(path, target="ill")
    finally:
        signal.alarm(0)
    check_refusal(caught.value, ["device or a pipe", "standard input"])


def test_a_link_to_itself_is_refused(tmp_path):
    path = tmp_path / "my.csv"
    path.symlink_to(path)
    with pytest.raises(DataError) as caught:
        load_table(path, target="ill")
    check_refusal(caught.value, [os.strerror(errno.ELOOP)])


def test_a_file_that_vanishes_between_two_looks_is_refused(write, monkeypatch):
    path = write(SMALL, "wisconsin")
    monkeypatch.chdir(path.parent)
    really = os.open

    def vanish(name, flags):
        path.unlink()
        return really(name, flags)

    monkeypatch.setattr(os, "open", vanish)
    with pytest.raises(DataError, match="no such file"):
        load_table("wisconsin", target="ill")


def test_a_file_that_grows_while_it_is_read_is_refused(write, monkeypatch):
    path = write(SMALL)
    really = os.fstat
    looks = []

    def grow(number):
        if looks:  # after it was read, and before the last look
            path.write_text(SMALL * 2)
        looks.append(number)
        return really(number)

    monkeypatch.setattr(os, "fstat", grow)
    with pytest.raises(DataError) as caught:
        load_table(path, target="ill")
    check_refusal(caught.value, ["changed while it was read"])


def test_standard_input_that_cannot_be_read_is_refused(tmp_path):
    class Folder(io.BytesIO):
        def read(self, *_):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))

    with pytest.raises(DataError) as caught:
        load_table("-", target="ill", stdin=Folder())
    check_refusal(caught.value, ["standard input", os.strerror(errno.EISDIR)])


def test_a_table_beyond_the_memory_is_refused(write, monkeypatch):
    def exhaust(*_, **__):
        raise MemoryError

    monkeypatch.setattr(read, "read_bytes", exhaust)
    with pytest.raises(DataError) as caught:
        load_table(write(SMALL), target="ill")
    check_refusal(caught.value, ["does not fit into memory", "my.csv"])


# --- how it is to be read, said outright ------------------------------------------------------


def test_what_is_said_reaches_the_reader(write):
    check_said = load_table(
        write("a;b;y\n1;2,5;gro\xdf\n2;3,5;klein\n".encode("latin-1")),
        target="y",
        separator=";",
        decimal=",",
        encoding="latin-1",
    )
    assert cells(check_said) == [["1", "2.5"], ["2", "3.5"]]
    assert check_said.target.tolist() == ["groß", "klein"]
    assert check_said.notes == ("Read as text separated by ';' with decimal commas, latin-1.",)


def test_a_frame_is_no_file():
    with pytest.raises(DataError) as caught:
        load_table(pd.DataFrame(PAIR), target="y", separator=";")
    check_refusal(caught.value, ["separator", "DataFrame"])


@pytest.mark.parametrize("need_target", [True, False])
def test_columns_that_are_not_looked_at_are_not_refused(write, need_target):
    # A point where the comma is named does not matter in a column that is not used.
    path = write("id;x;y\n1.5;2;a\n2,345;3;b\n")
    with pytest.raises(DataError, match="another decimal mark"):
        load_table(path, target="y", decimal=",", need_target=need_target)
    table = load_table(path, target="y", decimal=",", drop=["id"], need_target=need_target)
    assert cells(table) == [["2"], ["3"]]
    aside = write("x;y\n2;1.5\n3;2,345\n")
    table = load_table(aside, target="y", decimal=",", need_target=False)
    assert cells(table) == [["2"], ["3"]]


def test_what_was_recognised_stands_before_what_was_left_out(write):
    table = load_table(write(";x;y\n1;2,5;a\n2;3,5;b\n", "my.parquet"), target="y")
    assert table.notes == (
        'The name ends in ".parquet", but the content of the file is text.',
        "Read as text separated by ';'.",
        "Left out the first column, which has no name: row labels.",
    )


def test_names_of_a_dataframe_may_be_numbers():
    rows = pd.DataFrame({0: [1, 2, 3, 4], 1: [5, 6, 7, 8], 2: [1, 1, 2, None], 3: [*"abab"]})
    given = {"target": 3, "group": 2, "drop": [0], "drop_missing": 2}
    table = load_table(rows, **given)
    assert [*table.frame.columns] in (["1"], [1])
    assert len(table.frame) == 3
    assert [*load_table(rows, target=3, drop=(0, 2), time_column=1).times] == [5, 6, 7, 8]
    with pytest.raises(DataError, match='There is no column of groups "7"'):
        load_table(rows, target=3, group=7)


@pytest.mark.parametrize("library", [pl.from_arrow, lambda table: table], ids=["polars", "arrow"])
def test_tables_of_polars_and_arrow_are_read_as_those_of_pandas(library):
    """Also what a plain conversion would lose: large integers beside a missing one, zones."""
    large = 2**53 + 1
    times = pd.date_range("2024-01-01", periods=4, freq="h", tz="Asia/Tokyo")
    given = library(
        pa.table(
            {
                "n": pa.array([1, None, 3, 4]),
                "large": pa.array([large, None, large + 1, 5]),
                "level": pa.array(["a", "b", None, "a"]).dictionary_encode(),
                "on": pa.array([True, None, False, True]),
                "time": pa.array(times),
                "day": pa.array([times[0].date()] * 3 + [None]),
                "y": ["p", "q", "p", "q"],
            }
        )
    )
    table = load_table(given, target="y")
    assert table.target.tolist() == ["p", "q", "p", "q"]
    assert table.name == "DataFrame"
    assert [*table.frame.columns] == ["n", "large", "level", "on", "time", "day"]
    assert table.frame["large"].tolist()[::2] == [large, large + 1]
    features = given.drop("y") if isinstance(given, pl.DataFrame) else given.drop(["y"])
    assert infer_schema(table.frame) == infer_schema(features)
    one, other = infer_schema(table.frame).matrix(table.frame), infer_schema(features)
    assert one.tobytes() == other.matrix(features).tobytes()
    with pytest.raises(DataError, match="not a file"):
        load_table(given, target="y", separator=";")


def test_other_objects_of_polars_say_what_to_give():
    with pytest.raises(DataError, match=r"X.collect\(\)"):
        load_table(pl.LazyFrame({"a": [1]}), target="a")
    with pytest.raises(DataError, match="a DataFrame of pandas or polars, or an Arrow Table"):
        load_table(np.ones((3, 2)), target="a")
