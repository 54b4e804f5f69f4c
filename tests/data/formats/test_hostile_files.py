"""Hostile files: the right table, or a `DataError` that says where; nothing else, ever.

Some hundred files, each with what must come of it, and random damage to sound ones. The damage
by the thousand, in a process with little memory, is marked slow.
"""

import gzip
import io
import random
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from damage import (
    SOUND,
    bombs,
    check_damage,
    check_refusal,
    damaged,
    excel,
    parquet,
    random_csv,
    thousands_of_csv,
    thousands_of_excel,
    thousands_of_parquet,
)
from places import HELPERS
from thalweg.data.read import load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError
from thalweg.wording import counted

FILES = {}


def case(name, data, *, table=None, matrix=None, says=None):
    """A file, and what comes of it: its cells, its numbers, or what the refusal says.

    What takes long to make is given as a function, which only the test of this file calls.
    """
    assert name not in FILES, name
    assert sum(outcome is not None for outcome in (table, matrix, says)) == 1
    FILES[name] = (data, table, matrix, says)


def made(name):
    """The bytes of a file, and what comes of it."""
    data, *outcomes = (part() if callable(part) else part for part in FILES[name])
    return data if isinstance(data, bytes) else data.encode(), *outcomes


def nine(names, row):
    """A table of nine rows, numbered."""
    return "\n".join([names, *map(row.format, range(9)), ""])


# --- the same table in every dress ------------------------------------------------------------

PLAIN = [["größe", "dose", "ok"], ["1.5", "-3", "true"], ["", "1e3", "false"], ["0.25", "NA", ""]]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
for separator in ",;\t|":
    for break_ in ("\n", "\r\n", "\r"):
        for encoding in ENCODINGS:
            text = break_.join(map(separator.join, PLAIN))
            if separator != "," and encoding != "utf-8":
                text = text.replace(".", ",")
            cells = [[cell.replace(".", ",") for cell in row] for row in PLAIN]
            cells = cells if "," in text and separator != "," else PLAIN
            case(f"{separator!r} {break_!r} {encoding}", text.encode(encoding), table=cells)

# --- a row too short or too long --------------------------------------------------------------


def ragged(number):
    """A table with one row too long or too short, and what is said of it."""
    rng = random.Random(f"ragged {number}")
    separator, break_ = rng.choice(",;\t|"), rng.choice(["\n", "\r\n", "\r"])
    width = rng.randint(2, 9)
    n_rows = rng.choice([3, 40, 3000])
    rows = [[f"{rng.gauss(0, 1):.3f}" for _ in range(width)] for _ in range(n_rows)]
    for row in rows:
        if rng.random() < 0.01:
            row[0] = f'"two{break_}lines"'
    bad = rng.randrange(n_rows)
    if rng.random() < 0.5:
        rows[bad].append("7")
    else:
        rows[bad].pop()
    lines = [separator.join(f"c{j}" for j in range(width)), *map(separator.join, rows)]
    line = 2 + bad + sum(break_ in each for each in lines[1 : bad + 1])
    says = [f"{counted(len(rows[bad]), 'cell')} under a header of {width:,}", f"line {line},"]
    return break_.join(lines), says


for number in range(50):
    case(f"ragged {number}", lambda n=number: ragged(n)[0], says=lambda n=number: ragged(n)[1])

# --- text among numbers -----------------------------------------------------------------------


def numbers_around(row, text, separator, sign):
    """A table of numbers, with one text among them; long only where that is far down."""
    values = [f"{i}{sign}5" for i in range(max(row + 100, 2_000))]
    values[row - 1] = text
    return f"a{separator}b\n" + "".join(f'7{separator}"{value}"\n' for value in values)


TEXTS = {1: "n.d.", 2: "1.234,56", 49_999: "12:30", 50_000: "0x1F", 60_000: "1_000"}
for row, text in TEXTS.items():
    for separator, sign in ((",", "."), (";", ",")):
        told = {"says": [f"instead of a number: {text!r}", f'column "b", row {row}']}
        if row == 2:  # a number, in another notation or in that of the others
            numbers = [[7, 1234.56 if i == 1 else i + 0.5] for i in range(2_000)]
            other = {"says": ["Two ways", "row 1 holds '0.5', row 2 '1.234,56'"]}
            told = {"matrix": numbers} if separator == ";" else other
        given = (row, text, separator, sign)
        case(f"text in row {row} {separator}", lambda given=given: numbers_around(*given), **told)

# --- numbers at the ends, and what looks like numbers -----------------------------------------

for cell, value in {
    "1e300": 1e300,
    "-1E+300": -1e300,
    "5e-324": 5e-324,
    "1e-400": 0.0,
    "0" * 400 + "1": 1.0,
    "9007199254740993": 9007199254740992.0,
    "+.5": 0.5,
    "5.": 5.0,
    "١٢": 12.0,
    "\u00a03 ": 3.0,
}.items():
    case(f"number {cell[:20]}", f"a,b\n{cell},1\n", matrix=[[value, 1.0]])
for cell in ("1e308", "1e400", "-1e400", "inf", "-Infinity", "1" + "0" * 301):
    case(f"number {cell[:20]}", f"a,b\n1,1\n{cell},1\n", says=["too large", 'column "a", row 2'])
NUMERALS = "a,b\n" + "".join(f"{i},1\n" for i in range(9))  # more than a category would have
for cell in (
    "0x10",
    "1_000",
    "1e",
    "e5",
    "--1",
    "1-",
    "1 2",
    "½",
    "1e5.5",
    "٫5",
):
    case(
        f"no number {cell}",
        NUMERALS + f'"{cell}",1\n',
        says=[f"instead of a number: {cell!r}", 'column "a", row 10'],
    )
case(
    "a comma among numerals", NUMERALS + '"1,5",1\n', matrix=[*[[i, 1] for i in range(9)], [1.5, 1]]
)
for cell in ("$5", "5%"):
    case(f"a unit {cell}", NUMERALS + f"{cell},1\n", says=["without", repr(cell), "row 10"])
for cell in ("NA", "N/A", "nan", "NaN", "null", "NULL", "?", "", " ", "na"):
    case(f"missing {cell!r}", f'a,b\n"{cell}",1\n2,3\n', matrix=[[np.nan, 1.0], [2.0, 3.0]])
for cell in ("None", "nil", "-", ".", "--", "N.A.", "#N/A", "missing", "<NA>", "#DIV/0!"):
    # Not taken for missing: a level of that name must not vanish.
    case(f"a word {cell}", NUMERALS + f"{cell},1\n", says=[repr(cell), 'column "a", row 10'])

# --- decimal commas and thousands -------------------------------------------------------------

case("thousands, American", "a;b\n1,234;1\n5,678;2\n", says=["1234 or 1.234", 'column "a", row 1'])
case("thousands, German", nine("a;b", "1.23{},5;1"), matrix=[[1230.5 + i, 1] for i in range(9)])
case("thousands, Swiss", nine("a;b", "1'23{}.5;1"), matrix=[[1230.5 + i, 1] for i in range(9)])
case(
    "thousands, French",
    nine("a;b", "1\u202f23{},5;1,5"),
    matrix=[[1230.5 + i, 1.5] for i in range(9)],
)
case("thousands, Indian", nine("a;b", "12,34,56{};1"), matrix=[[123456e1 + i, 1] for i in range(9)])
case("thousands in quotes", nine("a,b", '"1,23{}",1'), says=["1230 or 1.23", 'column "a", row 1'])
case("per cent", nine("a,b", "{} %,1"), matrix=[[i, 1] for i in range(9)])
case("money", nine("a,b", "$1{}.50,1"), matrix=[[10.5 + i, 1] for i in range(9)])
case("two decimal signs", "a;b\n1,5;1\n2.5;2\n", says=["2.5", 'column "a", row 1', "row 2"])
case("signs by column", "a;b\n1,5;1\n2;2.5\n", matrix=[[1.5, 1], [2, 2.5]])
case("a sign that none tells", "a;b\n1,5;1\n2;2.125\n", says=["2125 or 2.125", 'column "b", row 2'])
case(
    "decided far below",
    "a;b\n" + "1,234;1\n" * 9999 + "0,5;1\n",
    matrix=[[1.234, 1.0]] * 9999 + [[0.5, 1.0]],
)
case("words with commas", "a;b\nred, blue;1\n1,5;2\n", matrix=[[2.0, 1.0], [1.0, 2.0]])
case("units", nine("a;b", "1,{} mg;1"), matrix=[[1 + i / 10, 1] for i in range(9)])
case("two units", nine("a;b", "1,{} mg;1") + "2 g;1\n", says=["Two units", "'2 g'", "row 10"])

# --- headers ----------------------------------------------------------------------------------

case("a break in a name", 'a,"b\nc"\n1,2\n', table=[["a", "b\nc"], ["1", "2"]])
case("a break in a name, and an error", 'a,"b\r\nc"\n1,2\n3\n', says=["line 4"])
case("quotes in a name", 'a,"say ""b"""\n1,2\n', table=[["a", 'say "b"'], ["1", "2"]])
case("spaces around names", " a , b \n1,2\n", table=[["a", "b"], ["1", "2"]])
case("one name twice", "a,b,a\n1,2,3\n", says=["Duplicate", '"a"', "columns 1 and 3"])
case("names twice after stripping", "a;b;a \n1;2;3\n", says=["Duplicate", '"a"'])
case("no name", "a,,b\n1,2,3\n", says=["Column 2 of 3 has no name", "line 1"])
case("no name at the end", "a;b;\n1;2;3\n", says=["Column 3 of 3 has no name", "line 1"])
case("only nameless", ",,\n1,2,3\n", says=["Column 2 of 3 has no name"])
case("one name of a megabyte", f"{'x' * 10**6},b\n1,2\n", says=["131,072 characters", "line 1"])
case("a title", "My study 2021\na;b\n1;2\n", table=[["a", "b"], ["1", "2"]])
case("a title of two cells", "My study, 2021\na,b,c\n1,2,3\n", says=["line 2", "--header-row 2"])
case("a comment", "# made by hand\na,b\n1,2\n", table=[["a", "b"], ["1", "2"]])
case("a row of units", "a,b,c\n,%,(mg/dl)\nx,1,2\ny,3,4\n", matrix=[[1, 1, 2], [2, 3, 4]])
case("numbers as names", "1,2\n3,4\n", table=[["1", "2"], ["3", "4"]])
WIDE = 100_000


def wide():
    """The rows of a table of 100,000 columns."""
    return [[f"x{j}" for j in range(WIDE)], ["1"] * WIDE, ["1"] * WIDE]


case(
    "10,000 columns",
    lambda: "\n".join(",".join(row[:10_000]) for row in wide()),
    table=lambda: [row[:10_000] for row in wide()],
)
for separator in (",", ";"):
    case(
        f"100,000 columns {separator}",
        lambda separator=separator: "\n".join(map(separator.join, wide())),
        table=wide,
    )
case(
    "100,000 columns, one cell missing",
    lambda: ",".join(wide()[0]) + "\n" + ",".join("1" * (WIDE - 1)) + "\n",
    says=["99,999 cells under a header of 100,000", "line 2"],
)

# --- nothing, or nearly -----------------------------------------------------------------------

for name, data in {
    "empty": b"",
    "only a mark": b"\xef\xbb\xbf",
    "only a mark of UTF-16": b"\xff\xfe",
    "empty, packed": gzip.compress(b"", mtime=0),
}.items():
    case(name, data, says=["empty"])
case("one break", b"\n", says=["only blank lines"])
case("only breaks", b"\r\n\n\r" * 1000, says=["only blank lines"])
case("two marks and breaks", "\ufeff\n\n".encode("utf-16"), says=["only blank lines"])
case("a mark and breaks", "\n\n".encode("utf-16"), says=["only blank lines"])
case("only Excel's line", b"sep=;\n", says=["no filled cells"])
case("only a header", "a,b\n", says=["empty", "0 rows", "2 columns"])
case("only a header, no break", "a;b", says=["empty", "0 rows", "2 columns"])
case("only spaces", "   \n  \n", says=["no filled cells"])
case("only commas", ",\n,\n", says=["Column 2 of 2 has no name"])
case("one cell", "x", says=["empty", "1 column"])
case("one byte", b"\xff", says=["empty"])
case("blank lines within", "a,b\n\n1,2\n\n\n3,4\n\n", table=[["a", "b"], ["1", "2"], ["3", "4"]])
case("lines of spaces", "a,b\n1,2\n   \n", says=["1 cell ", "line 3"])
case("rows of separators", "a;b\n1;2\n;\n;\n", matrix=[[1, 2], [np.nan] * 2, [np.nan] * 2])

# --- quotes -----------------------------------------------------------------------------------

case("open at the end", 'a,b\n1,2\n"3,4\n', says=["not valid CSV", "line 3"])
case("open from the start", '"a,b\n1,2\n' * 999, says=["not valid CSV", "line"])
case("text behind a quote", 'a,b\n"1"2,3\n', says=["not valid CSV", "line 2"])
case("a quote within", 'a,b\n1"2,3\n', table=[["a", "b"], ['1"2', "3"]])
case("single quotes", "a,b\n'1,2'\n3,4,5\n", says=["3 cells", "line 3"])
case("curly quotes", NUMERALS + "\u201c1\u201d,2\n", says=["\u201c1\u201d", "row 10"])
case("nothing but quotes", '"' * 9999, says=["not valid CSV", "line 1"])
case("quotes of ten megabytes", 'a,b\n"' + "x" * 10**7 + '",1\n', says=["line 2", "limit"])
case("a cell of ten megabytes", "a,b\n1,2\n" + "9" * 10**7 + ",1\n", says=["line 3", "limit"])
case("a line of ten megabytes", "x" * 10**7, says=["line 1", "limit"])
case("the longest cell", f"a,b\n{'9' * 131072},1\n", says=["too large", 'column "a", row 1'])
case("a cell too long", f"a,b\n{'9' * 131073},1\n", says=["line 2", "limit"])
case("formulas", NUMERALS + '"=1+1",2\n', says=["'=1+1'", 'column "a", row 10'])

# --- bytes that are no text -------------------------------------------------------------------

BIG = "a,b\n" + "1,2\n" * 50_000
case("a zero byte", b"a,b\n1,\x002\n", says=["zero byte", "line 2"])
case("a zero byte far down", BIG.encode() + b"3,\0\n", says=["zero byte", "line 50002"])
case("a hole of zeros", BIG.encode() + bytes(4096), says=["zero byte", "line 50002"])
case("only zeros", bytes(4096), says=["zero byte", "line 1"])
case("two encodings", "ä,b\n1,2\n".encode() + b"3,\xe4\n", says=["0xe4", "line 3"])
case("two encodings far apart", "ä,b\n".encode() + BIG.encode() + b"\xe4", says=["line 50003"])
case("a lone surrogate", b"a,b\n1,\xed\xb2\x80\n", says=["0xed", "line 2"])
case("a surrogate in UTF-16", b"\xff\xfea\0,\0b\0\n\0\0\xd8,\0001\0", says=["UTF-16", "line 2"])
case("UTF-16, cut", "a,b\n1,2\n3,4".encode("utf-16")[:-1], says=["UTF-16", "line 3"])
case("UTF-16 without a mark, cut", "a,b\n1,2\n3,4".encode("utf-16-le")[:-1], says=["UTF-16"])
case(
    "UTF-16, a byte lost",
    "a,b\n1,2\n".encode("utf-16-le")[:8] + b"," + "1,2\n".encode("utf-16-le"),
    says=["line"],
)
case("UTF-16, the wrong mark", b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-be"), says=["empty"])
case("UTF-16 after UTF-8", BIG.encode() + "3,4\n".encode("utf-16"), says=["line 50002"])
case("UTF-32", "a,b\n1,2\n".encode("utf-32"), says=["zero byte"])
case("half a character at the end", "a,b\n1,ü".encode()[:-1], says=["UTF-8", "line 2"])
case("overlong", b"a,b\n1,\xc0\x80\x81\n", says=["line 2"])
case(
    "DOS umlauts",
    "stra\u00dfe,gr\u00f6\u00dfe,\u00fc\n1,2,3\n".encode("cp850"),
    says=["line 1", "encoding"],
)
case(
    "Shift-JIS",
    "なまえ,ねんれい\nはな,5\n".encode("shift-jis"),
    says=["line 1", "set encoding"],
)
case("an old Mac's", "\u00fc,b\n1,2\n".encode("mac-roman") + b"\x8d,1\n", says=["line"])
for number in range(20):
    noise = random.Random(number)
    data = noise.randbytes(noise.choice([1, 2, 3, 10, 100, 1000, 10_000, 1_000_000]) + 1)
    case(f"noise {number}", b"\x81" + data, says=["line 1"])
for name, start in {
    "an image (PNG)": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "an image (JPEG)": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "a program": b"\x7fELF\x02\x01\x01\0",
    "a pickle": b"\x80\x04\x95\x10\0\0\0\0\0\0\0",
    "a tar archive": b"data.csv\0\0\0\0\0\0",
    "an R data file": b"RDX3\nX\n\0\0\0\x03\0",
}.items():
    case(name, start + random.Random(name).randbytes(500), says=["line"])
case("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), says=[".xls", ".xlsx"])
case("a web page", "<!DOCTYPE html>\n<html><body>404</body></html>", says=["web page"])
case("JSON", '[{"a": 1, "b": 2}]', says=["JSON"])
case("XML", "<?xml version='1.0'?><a/>", says=["XML"])
case("HTML called .xls", "\r\n<html xmlns:x='urn:schemas'><table><tr>", says=["web page"])

# --- packed -----------------------------------------------------------------------------------

PACKED = gzip.compress(BIG.encode() + b"3.5,4\n", mtime=0)
for share in (0.001, 0.1, 0.5, 0.9, 0.999):
    cut = PACKED[: max(2, int(share * len(PACKED)))]
    case(f"gzip, cut at {share}", cut, says=["cannot be decompressed"])
for place in (2, 3, len(PACKED) // 3, len(PACKED) // 2, len(PACKED) - 7, len(PACKED) - 3):
    broken = bytearray(PACKED)
    broken[place] ^= 0xFF
    case(f"gzip, broken at {place}", bytes(broken), says=["cannot be decompressed"])
case("gzip and more", PACKED + b"rubbish", says=["cannot be decompressed"])
case("gzip in gzip", gzip.compress(PACKED, mtime=0), says=["inside a gzip archive"])
case("gzip of noise", gzip.compress(b"\x81" + random.Random(5).randbytes(999)), says=["line 1"])
case("gzip of a ragged table", gzip.compress(b"a;b\n1;2\n3\n", mtime=0), says=["line 3"])

# --- Parquet ----------------------------------------------------------------------------------


NUMBERS = {"x": SOUND["x"], "n": SOUND["n"], "t": SOUND["t"]}
WHOLE = parquet(NUMBERS)
case(
    "Parquet", WHOLE, matrix=[[i / 3, np.nan if i % 7 == 0 else i, i % 2 == 0] for i in range(500)]
)
for share in (0.01, 0.3, 0.6, 0.9, 0.999):
    case(
        f"Parquet, cut at {share}",
        WHOLE[: max(5, int(share * len(WHOLE)))],
        says=["cannot be read"],
    )
case("Parquet without its middle", WHOLE[:200] + WHOLE[-200:], says=["cannot be read"])
case("Parquet, zeros at the end", WHOLE + bytes(100), says=["cannot be read"])
case("Parquet, only its mark", b"PAR1\x15PAR1", says=["cannot be read"])
case("Parquet, nothing between its marks", b"PAR1aaaaaaaaPAR1", says=["Parquet", "damaged"])
case(
    "Parquet, endless footer",
    WHOLE[:-8] + struct.pack("<I", 2**31) + b"PAR1",
    says=["cannot be read"],
)
case("Parquet without rows", parquet({"x": np.zeros(0)}), says=["empty", "0 rows"])
case("Parquet without columns", parquet({}), says=["empty"])
case(
    "Parquet, words", parquet({"s": ["red", "blue", None, "red"]}), matrix=[[2], [1], [np.nan], [2]]
)
case("Parquet, infinite", parquet({"x": [1.0, np.inf]}), says=["too large", 'column "x", row 2'])
case(
    "Parquet, a list", parquet({"x": [1], "l": [[1, 2]]}), says=["cell of type list", 'column "l"']
)
case("Parquet, a structure", parquet({"x": [{"a": 1}]}), says=["cell of type struct", 'column "x"'])
case(
    "Parquet, a year of 75,000",
    parquet({"x": pa.array([2**61], pa.timestamp("us"))}),
    says=["outside the years", 'column "x"'],
)
case(
    "Parquet, one name twice",
    parquet(pa.Table.from_arrays([pa.array([1])] * 2, ["a", "a"])),
    says=["Duplicate"],
)
for n_columns in (1_000, 10_000):
    case(
        f"Parquet, {n_columns:,} columns",
        lambda n=n_columns: parquet({f"x{j}": [1.0, 2.0] for j in range(n)}),
        matrix=[[1.0] * n_columns, [2.0] * n_columns],
    )
case("Parquet, no text", parquet({"x": [b"\xff"]}), says=["bytes", 'column "x", row 1'])
case(
    "Parquet, wide integers",
    parquet({"x": pa.array([2**64 - 1], pa.uint64())}),
    matrix=[[float(2**64)]],
)
case(
    "Parquet, all missing",
    parquet({"x": pa.nulls(2), "y": [1, 2]}),
    matrix=[[np.nan, 1], [np.nan, 2]],
)

# --- Excel ------------------------------------------------------------------------------------


SHEET = [["x", "n", "t"], *[[i / 4, i, i % 2 == 0] for i in range(200)]]
BOOK = excel(SHEET)
SHEET1 = "xl/worksheets/sheet1.xml"
case("Excel", BOOK, matrix=[[i / 4, i, i % 2 == 0] for i in range(200)])
for share in (0.01, 0.3, 0.6, 0.9, 0.999):
    case(f"Excel, cut at {share}", BOOK[: max(5, int(share * len(BOOK)))], says=["cannot be read"])
case("Excel, nothing in it", excel([]), says=["no filled cells"])
case("Excel, only a header", excel([["a", "b"]]), says=["empty", "0 rows"])
case("Excel, a title", excel([["My study"], ["a", "b"], [1, 2]]), matrix=[[1, 2]])
case("Excel, one cell beside", excel([["a", "b"], [1, 2], [3, 4, 5]]), says=["C3", "column B"])
case("Excel, a name missing", excel([["a", None, "c"], [1, 2, 3]]), says=["Column B"])
case("Excel, one name twice", excel([["a", "a"], [1, 2]]), says=["Duplicate"])
case("Excel, words", excel([["a", "b"], [1, "high"], [2, "low"]]), matrix=[[1.0, 1.0], [2.0, 2.0]])
case(
    "Excel, an error",
    excel([["a"], *([i] for i in range(9)), ["#DIV/0!"]]),
    says=["'#DIV/0!'", 'column "a", row 10'],
)
case("Excel, a formula", excel([["a", "b"], [1, "=A2*2"]]), says=["formula", "B2"])
case("Excel, true and 1", excel([["a"], [True], [1]]), says=["Numbers and true", "row 2"])
case("Excel, no XML", excel(SHEET, **{SHEET1: "x"}), says=["cannot be read"])
case(
    "Excel, half a sheet",
    excel(SHEET, **{SHEET1: "<worksheet><sheetData><row>"}),
    says=["cannot be read"],
)
case(
    "Excel, deep",
    excel(SHEET, **{SHEET1: "<a>" * 10**5 + "</a>" * 10**5}),
    says=["no filled cells"],
)
case(
    "Excel, no workbook in it",
    excel(SHEET, **{"xl/workbook.xml": "<workbook/>"}),
    says=["no filled cells"],
)
case(
    "Excel, packed again",
    gzip.compress(BOOK, mtime=0),
    matrix=[[i / 4, i, i % 2 == 0] for i in range(200)],
)
ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w") as archive:
    archive.writestr("table.csv", "a,b\n1,2\n")
case("a zip archive of a CSV", ZIP.getvalue(), says=["zip archive", "unpack it"])


# --- each of them -----------------------------------------------------------------------------


def read(path):
    """The table with all its columns, and the numbers that the schema makes of them."""
    table = load_table(path, need_target=False)
    return table, infer_schema(table.frame).matrix(table.frame)


# The rows beside the one up to which a column is looked at differ in a cell alone.
LONG = {f"text in row {row} {sep}" for row in (49_999, 50_000, 60_000) for sep in ",;"}
LONG -= {"text in row 50000 ;"}
LONG |= {"100,000 columns ,", "100,000 columns ;", "Parquet, 10,000 columns"}
# Of the encodings each has every separator and every break, and of what is drawn at random a third
# is enough.
LONG |= {
    f"{separator!r} {break_!r} {encoding}"
    for i, separator in enumerate(",;\t|")
    for j, break_ in enumerate(("\n", "\r\n", "\r"))
    for k, encoding in enumerate(ENCODINGS)
    if (i + j + k) % 3
}
LONG |= {f"{what} {k}" for what, n in (("ragged", 50), ("noise", 20)) for k in range(n) if k % 3}
assert FILES.keys() >= LONG
EACH = [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in FILES]


@pytest.mark.parametrize("name", EACH)
def test_a_hostile_file_is_read_right_or_refused(tmp_path, name):
    data, cells, matrix, says = made(name)
    path = tmp_path / "file"
    path.write_bytes(data)
    if says is not None:
        with pytest.raises(DataError) as caught:
            read(path)
        check_refusal(caught.value, says)
    elif matrix is not None:
        np.testing.assert_array_equal(read(path)[1], matrix)
    else:
        frame = load_table(path, need_target=False).frame
        assert [list(frame.columns), *frame.to_numpy().tolist()] == cells


def test_the_hostile_files_are_many():
    assert len(FILES) >= 300
    assert sum(says is not None for _, _, _, says in FILES.values()) >= 200


def test_what_is_missing_among_labels_and_what_is_a_label(tmp_path):
    path = tmp_path / "my.csv"
    path.write_text("x,y\n1,None\n2,-\n3,None\n")
    assert load_table(path, target="y").target.tolist() == ["None", "-", "None"]
    path.write_text("x,y\n1,NA\n2,yes\n3,no\n")
    with pytest.raises(DataError, match=r"missing in 1 of 3.*row 1"):
        load_table(path, target="y")


# --- random damage ----------------------------------------------------------------------------


def check_like_pandas(data, table):
    """A plain CSV that was accepted is what pandas reads, which forgives more than we do."""
    theirs = pd.read_csv(
        io.BytesIO(data), dtype=str, header=None, keep_default_na=False, skipinitialspace=True
    )
    header, *rows = theirs.to_numpy().tolist()
    names = [name.strip() for name in header]
    own = [name for name in names if name]  # a nameless first column is left out
    assert list(table.frame.columns) == own
    assert table.frame.to_numpy().tolist() == [row[len(names) - len(own) :] for row in rows]


def test_damaged_csv(tmp_path):
    rng = random.Random(11)
    read_right = 0
    for _ in range(400):
        data = damaged(random_csv(rng), rng)
        table = check_damage(data, tmp_path / "my.csv")
        if table is not None and not any(note.startswith("Read as") for note in table.notes):
            check_like_pandas(data, table)
            read_right += 1
    assert read_right > 50


@pytest.mark.parametrize("sound", ["plain", "checked", "words"])
def test_damaged_parquet(tmp_path, sound):
    options = {"write_page_checksum": True} if sound == "checked" else {}
    data = parquet(SOUND if sound == "words" else NUMBERS, **options)
    rng = random.Random(sound)
    for _ in range(60):
        check_damage(damaged(data, rng), tmp_path / "my.parquet")


def test_damaged_excel(tmp_path):
    # A zip archive holds a checksum of each part: damage is found, or does not matter.
    rng = random.Random(12)
    expected = load_table(io_path(tmp_path, BOOK), need_target=False).frame
    refused = 0
    for _ in range(150):
        table = check_damage(damaged(BOOK, rng), tmp_path / "my.xlsx")
        if table is None:
            refused += 1
        else:
            pd.testing.assert_frame_equal(table.frame, expected)
    assert refused > 100


def io_path(folder, data):
    path = folder / "sound"
    path.write_bytes(data)
    return path


# --- by the thousand, in little memory --------------------------------------------------------

CHILD = """
import faulthandler, resource, sys
from pathlib import Path
faulthandler.enable()
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
import damage
getattr(damage, sys.argv[1])(Path(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "work", [thousands_of_csv, thousands_of_parquet, thousands_of_excel, bombs]
)
def test_in_a_process_with_little_memory(tmp_path, work):
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, work.__name__, tmp_path],
        cwd=HELPERS,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
