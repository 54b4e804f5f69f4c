import contextlib
import csv
import random
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.formats import sniff
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.gzip_blocks import raw_blocks
from thalweg.data.formats.sniff import Kind, csv_rows, kind_of, name_notes
from thalweg.data.formats.text_encoding import Text
from thalweg.errors import DataError


def decode(data, name, encoding=None):
    """The whole text, the empty lines at its beginning too, and its encoding."""
    text = Text(partial(raw_blocks, data, Budget(name, len(data))), name, encoding)
    return "".join(text.pieces()), text.encoding


def find_separator(text):
    return sniff.find_separator(lambda size: text)


# --- the kind of a file -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PAR1\x15\x04\x15", Kind.PARQUET),
        (b"PK\x03\x04\x14\x00", Kind.WORKBOOK),
        (b"\x1f\x8b\x08\x00", Kind.GZIP),
        (b"", Kind.TEXT),
        (b"a,b\n1,2\n", Kind.TEXT),
        # Names of columns that look like the beginnings of other files.
        (b"PAR1,PAR2\n1,2\n", Kind.TEXT),
        (b"PAR1\n1\n", Kind.TEXT),
        (b"PK,y\n1,2\n", Kind.TEXT),
        (b"BZh,y\n1,2\n", Kind.TEXT),
        (b"ARROW1,y\n1,2\n", Kind.TEXT),
        (b"[mg],{y}\n1,2\n", Kind.TEXT),
        (b"<5,y\n1,2\n", Kind.TEXT),
        (b"<header>,y\n1,2\n", Kind.TEXT),
    ],
)
def test_the_kind_is_seen_from_the_first_bytes(data, kind):
    assert kind_of(data, "x") is kind


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", [".xls workbook", "locked", "save the table"]),
        (b"ARROW1\0\0\xff", ["Feather", "Parquet"]),
        (b"PARE\x15\0\n\x80PARE", ["encrypted Parquet", "without encryption"]),
        (b"\xfd7zXZ\0", ["xz", "unpack"]),
        (b"\x28\xb5\x2f\xfd\x04", ["Zstandard", "unpack"]),
        (b"BZh91AY&SY\x00", ["bzip2", "unpack"]),
        (b"7z\xbc\xaf\x27\x1c", ["7-Zip", "unpack"]),
        (b"PK\x05\x06" + bytes(18), ["empty zip"]),
        (b"%PDF-1.7\n", ["PDF", "export"]),
        (b'\x50\xdd\0\0\0\0\0\0{"__metadata__":{', ["model file", "thalweg studio"]),
        (b"SQLite format 3\0", ["SQLite"]),
        (b"\x89HDF\r\n\x1a\n", ["HDF5"]),
        (b"\x93NUMPY\x01", ["NumPy"]),
        (b"$FL2@(#) SPSS", ["SPSS"]),
        (b"\r\n<!DOCTYPE html><html>", ["web page", "download"]),
        (b'<HTML lang="en">', ["web page"]),
        (b"\xef\xbb\xbf<?xml version", ["XML"]),
        (b'[\n {"a": 1}]', ["JSON"]),
        (b'{ "a": [1, 2]}', ["JSON"]),
        (b"[[1, 2], [3, 4]]", ["JSON"]),
    ],
)
def test_what_is_known_to_be_no_table_is_refused_by_name(data, says):
    with pytest.raises(DataError) as caught:
        kind_of(data, "my.csv")
    assert "my.csv" in caught.value.where
    for part in [*says, "delimited text, Parquet and Excel"]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("name", "kind", "ending"),
    [
        ("a.csv", Kind.TEXT, None),
        ("a.CSV", Kind.TEXT, None),
        ("a.tsv", Kind.TEXT, None),
        ("a.data", Kind.PARQUET, None),
        ("a", Kind.GZIP, None),
        ("standard input", Kind.WORKBOOK, None),
        ("a.xls", Kind.WORKBOOK, None),
        ("a.csv", Kind.PARQUET, ".csv"),
        ("a.XLSX", Kind.TEXT, ".xlsx"),
        ("a.xls", Kind.TEXT, ".xls"),
        ("a.parquet", Kind.GZIP, ".parquet"),
        ("a.csv.gz", Kind.TEXT, ".gz"),
    ],
)
def test_a_wrong_ending_is_reported(name, kind, ending):
    told = (
        [f'The name ends in "{ending}", but the content of the file is {kind}.'] if ending else []
    )
    assert name_notes(name, kind) == told


# --- the encoding -----------------------------------------------------------------------------

TEXT = "größe,ok\n1,nö\n2,ja\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("latin-1"), "Windows-1252"),
    ],
)
def test_an_encoding_is_recognised(data, name):
    assert decode(data, "x") == (TEXT, name)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("возраст,доза\n1,2\n", "cp1251"),
        ("ηλικία,δόση\n1,2\n", "cp1253"),
        ("年龄,剂量,结果\n1,2,好\n", "gb18030"),
        ("なまえ,ねんれい\n1,2\n", "shift-jis"),
    ],
)
def test_another_script_is_not_taken_for_windows_1252(text, encoding):
    data = text.encode(encoding)
    with pytest.raises(DataError, match="set encoding"):
        decode(data, "x")
    assert decode(data, "x", encoding)[0] == text


def test_windows_1252_is_more_than_latin_1():
    assert decode("preis\n5 €\n–\n".encode("cp1252"), "x") == ("preis\n5 €\n–\n", "Windows-1252")


def test_the_first_bytes_do_not_decide_for_the_whole():
    late = "x\n" + "1\n" * 200_000 + "größe\n"
    assert decode(late.encode(), "x") == (late, "UTF-8")
    assert decode(late.encode("latin-1"), "x") == (late, "Windows-1252")
    assert decode(late.encode("utf-16-le"), "x") == (late, "UTF-16")


def test_utf_16_without_a_mark_may_hold_any_script():
    text = "名前,年齢,結果\n" + "一二,34,良い\n一,5,\u0100\n" * 50  # 一 has a zero as its low byte
    assert decode(text.encode("utf-16-le"), "x") == (text, "UTF-16")
    assert decode(text.encode("utf-16-be"), "x") == (text, "UTF-16")
    text = "一,一,5\n" * 9
    assert decode(text.encode("utf-16-le"), "x") == (text, "UTF-16")
    assert decode(text.encode("utf-16-be"), "x") == (text, "UTF-16")


def test_an_encoding_that_is_said_is_used():
    assert decode(TEXT.encode("cp850"), "x", "cp850") == (TEXT, "cp850")
    # As UTF-8 this would be "é"; whoever says Latin-1 gets it.
    assert decode("é".encode(), "x", "latin-1") == ("Ã©", "latin-1")
    assert decode(TEXT.encode("utf-8-sig"), "x", "utf-8") == (TEXT, "utf-8")
    assert decode(TEXT.encode("utf-16"), "x", "utf-16") == (TEXT, "utf-16")
    assert decode(b"\xff\xfe" + TEXT.encode("utf-16-le"), "x", "utf-16-le")[0] == TEXT


SURROGATE = b"x,y\n1,\xed\xa0\x80\n"


@pytest.mark.parametrize(
    ("data", "encoding", "says"),
    [
        (TEXT.encode() + b"\xff", None, ["0xff", "line 4", "UTF-8", "set encoding"]),
        ("ö\n".encode() + b"\r\n\r\n\xe9", None, ["0xe9", "line 4"]),
        (b"a\rb\r\xe9\xc3\xa9", None, ["0xe9", "line 3"]),
        ("größ".encode()[:-1], None, ["UTF-8", "line 1"]),
        ("x\n€".encode()[:-1], None, ["UTF-8", "line 2"]),  # could be "â‚" in Windows-1252
        (SURROGATE, None, ["0xed", "line 2", "UTF-8"]),
        (b"a\n\x81", None, ["0x81", "line 2", "UTF-8 or Windows-1252"]),
        (b"a\n\xe9\x01", None, ["0xe9", "line 2"]),
        (TEXT.encode("utf-16")[:-1], None, ["UTF-16", "line 3"]),
        (TEXT.encode("utf-16-le")[:-1], None, ["UTF-16", "line 3"]),
        ("a\n".encode("utf-16") + b"\x00\xd8x\x00", None, ["UTF-16", "line 2"]),
        (b"a,b\n1,\0", None, ["zero byte", "line 2"]),
        (b"a,b\r\n\r\nb\0", None, ["zero byte", "line 3"]),
        (TEXT.encode("utf-32"), None, ["zero byte", "line 1"]),
        ("a\n\0".encode("utf-16"), None, ["zero byte", "line 2"]),
        (b"\0" * 64, None, ["zero byte"]),
        (TEXT.encode("latin-1"), "utf-8", ["0xf6", "utf-8", "line 1"]),
        (b"ab\ncd\xe9", "ascii", ["0xe9", "ascii", "line 2"]),
        (b"\xff", "idna", ["idna"]),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(data, encoding, says):
    with pytest.raises(DataError) as caught:
        decode(data, "my.csv", encoding)
    assert "my.csv" in caught.value.where
    assert caught.value.fix
    for part in says:
        assert part in str(caught.value)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_every_text_in_utf_8_is_read_as_it_is(text):
    # The beginnings of other files are not the business of decode.
    if "\0" not in text:
        expected = text.lstrip("\r\n")  # empty lines at the beginning are left out
        assert decode(text.encode(), "x") == (expected, "UTF-8")
        assert decode(text.encode("utf-16"), "x") == (expected, "UTF-16")


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data):
    try:
        text, encoding = decode(data, "x")
    except DataError as error:
        where = error.where
        text = encoding = None
    if text is None:
        assert "x, line " in where
        return
    assert "\0" not in text
    # What was read is the file in that encoding, but for empty lines at the beginning.
    codecs = {
        "UTF-8": ["utf-8", "utf-8-sig"],
        "UTF-16": ["utf-16-le", "utf-16-be"],
        "Windows-1252": ["cp1252"],
    }[encoding]
    found = []
    for codec in codecs:
        with contextlib.suppress(UnicodeError):
            found.append(data.decode(codec).removeprefix("\ufeff").lstrip("\r\n"))
    assert text in found


# --- the separator ----------------------------------------------------------------------------

TABLE = [["age", "dose", "ill"], ["51", "0.5", "no"], ["62", "", "yes"], ["48", "1.5", "no"]]


@pytest.mark.parametrize("separator", ",;\t|")
@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
def test_a_separator_is_found(separator, break_):
    text = break_.join(map(separator.join, TABLE))
    assert find_separator(text) == separator
    assert find_separator(break_ * 2 + text + break_) == separator
    assert list(csv_rows([text], separator)) == TABLE


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("", ","),
        ("\n\n", ","),
        ("x\n1\n2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        # Commas in every line, and as many; but then nearly all cells would be words.
        ("size, cm;weight, kg\n1,80;75,5\n1,70;65,0\n", ";"),
        ("name, first\tage\nDoe, Joe\t5\nRoe, Ann\t6\n", "\t"),
        ("id,one|two,x\n1,a|b,2\n2,c|d,3\n", ","),
        ('"a;b",c\n"1;2",3\n', ","),
        ('a;"b;c"\n1;"2,3;4"\n', ";"),
        # With semicolons, the third line would be no valid CSV.
        ('a;b,c\n1;2,3\n"x;y",4\n', ","),
        ("a,b\n1;2,3\n", ","),
        # No separator fits: the one that the header names most columns with.
        ("a;b;c\n1;2\n", ";"),
        ("a,b;c,d\n1,2\n", ","),
        ("a,,c\n1,2,3\n", ","),
        # A title above the table.
        ("My table\na;b\n1;2\n", ";"),
        ("a;b\n" + "1;2\n" * 50_000, ";"),
        ("a;b\n" + "1,5;2\n" * 50_000 + "1,2\n", ";"),
    ],
)
def test_the_separator_of(text, separator):
    assert find_separator(text) == separator


def test_a_long_header_is_looked_at_whole():
    names = [f"column, {i}" for i in range(20_000)]
    text = ";".join(names) + "\n" + ";".join("1,5" for _ in names) + "\n"
    assert len(text) > 2 * sniff._PREFIX
    assert find_separator(text) == ";"


def test_a_quoted_cell_may_be_cut_by_the_end_of_the_look():
    text = 'a;b\n1;"x,y"\n' + '2;"' + "word, " * 15_000 + '"\n'
    assert find_separator(text) == ";"


def test_the_look_is_bounded(monkeypatch):
    looked = []
    really = csv.reader

    def spy(lines, **options):
        lines = list(lines)
        looked.append(sum(map(len, lines)))
        return really(lines, **options)

    monkeypatch.setattr(csv, "reader", spy)
    find_separator("a,b\n" + "1,2\n" * 500_000)
    assert looked == [sniff._PREFIX] * len(sniff.SEPARATORS)


def test_a_separator_is_found_in_any_table():
    # Cells of every sort, quoted where they must be, by the library's own writer.
    rng = random.Random(0)
    words = ["1", "2.5", "", "NA", "-3e5", "yes", "no", "a b", "x-ray", "größe"]
    for _ in range(300):
        separator = rng.choice(",;\t|")
        width, n_rows = rng.randint(2, 8), rng.randint(1, 40)
        mean = rng.random() < 0.5
        others = [f"{a}{s}{a}" for a in "ab" for s in ",;\t|"] if mean else []
        rows = [[f"name {i}" for i in range(width)]]
        rows += [[rng.choice(words + others) for _ in range(width)] for _ in range(n_rows)]
        text = "\r\n".join(
            separator.join(f'"{c}"' if set(c) & set(",;\t|") else c for c in row) for row in rows
        )
        assert find_separator(text) == separator, text
        assert [row for row in csv_rows([text], separator) if row] == rows


def test_marks_of_parquet_at_both_ends_make_a_text_only_with_lines():
    assert kind_of(b"PAR1aaaaaaaaPAR1", "t") is Kind.PARQUET
    assert kind_of(b"PAR1aa\n\0aaPAR1", "t") is Kind.PARQUET
    assert kind_of(b"PAR1\n1\nPAR1", "t") is Kind.TEXT
