import csv
import io
import random
from functools import partial

import pytest

from thalweg.data.formats.budget import Budget
from thalweg.data.formats.delimited import read_text
from thalweg.data.formats.gzip_blocks import raw_blocks
from thalweg.errors import DataError


def read(text, **options):
    data = text if isinstance(text, bytes) else text.encode()
    budget = Budget("my.csv", len(data))
    frame, notes = read_text(partial(raw_blocks, data, budget), budget, **options)
    assert {str(kind) for kind in frame.dtypes} <= {"object"}
    return [list(frame.columns), *frame.to_numpy().tolist()], notes


ROWS = [["a", "b"], ["1.5", "x"], ["2.5", ""]]


def joined(separator, rows=ROWS):
    return "".join(separator.join(row) + "\n" for row in rows)


# --- how it was read is told ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (joined(","), None),
        ("\ufeff" + joined(","), None),
        (joined(";"), "text separated by ';'."),
        (joined("\t"), "text separated by tabs."),
        (joined("|"), "text separated by '|'."),
        (joined(",").encode("utf-16"), "text separated by ',', UTF-16."),
        (joined(";").encode("utf-16-be"), "text separated by ';', UTF-16."),
    ],
)
def test_how_a_text_was_read_is_reported_but_for_plain_csv(data, told):
    assert read(data) == (ROWS, [f"Read as {told}"] if told else [])


def test_windows_1252_with_all_the_rest():
    text = "größe;ort\n1,5;Köln\n2;Bad Tölz\n"
    assert read(text.encode("cp1252")) == (  # 1,5 is left to the column
        [["größe", "ort"], ["1,5", "Köln"], ["2", "Bad Tölz"]],
        ["Read as text separated by ';', Windows-1252."],
    )
    assert read(text.encode("cp1252"), decimal=",")[1] == [
        "Read as text separated by ';' with decimal commas, Windows-1252."
    ]


@pytest.mark.parametrize("line", ["sep=;\r\n", "SEP=;\n", '"sep=;"\n', "sep=; \r"])
def test_the_line_that_excel_writes_names_the_separator(line):
    text = "a,x;b,y\n1;2\n"
    assert read(line + text) == (
        [["a,x", "b,y"], ["1", "2"]],
        ["Read as text separated by ';'."],
    )
    # It is the first line: those below keep their numbers.
    with pytest.raises(DataError, match="line 4"):
        read(line + text + "1;2;3\n")


def test_the_line_of_excel_may_name_any_mark_and_what_is_said_is_stronger():
    assert read("sep=^\na^b\n1^2\n") == (
        [["a", "b"], ["1", "2"]],
        ["Read as text separated by '^'."],
    )
    assert read("sep=\t\na\tb\n1\t2\n")[0] == [["a", "b"], ["1", "2"]]
    assert read("sep=;\na,b\n1,2\n", separator=",") == ([["a", "b"], ["1", "2"]], [])
    # A column may be named like that, and a table may have nothing else.
    assert read("sep=x,b\n1,2\n")[0] == [["sep=x", "b"], ["1", "2"]]
    with pytest.raises(DataError, match="no filled cells"):
        read("sep=;")


# --- what is said -----------------------------------------------------------------------------


def test_a_separator_that_is_said():
    assert read("a;b,c\n1;2,3\n", separator=";")[0] == [["a", "b,c"], ["1", "2,3"]]
    assert read("a;b,c\n1;2,3\n", separator=",")[0] == [["a;b", "c"], ["1;2", "3"]]
    assert read("a b\n", separator=",")[0] == [["a b"]]
    assert read("a:b\n1:2\n", separator=":") == (
        [["a", "b"], ["1", "2"]],
        ["Read as text separated by ':'."],
    )


def test_a_decimal_sign_that_is_said():
    text = "a;b\n1,5;x\n2;y\n"
    assert read(text)[0][1] == ["1,5", "x"]
    assert read(text, decimal=".") == (
        [["a", "b"], ["1,5", "x"], ["2", "y"]],
        ["Read as text separated by ';'."],
    )
    # Between commas it needs quotes, and is never guessed.
    text = 'a,b\n"1,5",x\n2,y\n'
    assert read(text) == ([["a", "b"], ["1,5", "x"], ["2", "y"]], [])
    assert read(text, decimal=",") == (
        [["a", "b"], ["1.5", "x"], ["2", "y"]],
        ["Read as text separated by ',' with decimal commas."],
    )
    with pytest.raises(DataError, match="was set to a comma"):
        read("a;b\n1.5;x\n", decimal=",")


def test_an_encoding_that_is_said():
    assert read("a,ü\n1,2\n".encode("cp850"), encoding="cp850") == (
        [["a", "ü"], ["1", "2"]],
        ["Read as text separated by ',', cp850."],
    )
    assert read("a,ü\n1,2\n", encoding="utf-8")[1] == []


# --- the rules of CSV -------------------------------------------------------------------------


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
def test_whatever_a_strict_writer_writes_is_read_back(separator, break_):
    rng = random.Random(f"{separator}{break_}")
    alphabet = ["a", "ß", "1", "0", ".", "-", " ", ",", ";", "\t", "|", '"', "\n", "\r", "\r\n"]
    for _ in range(100):
        width = rng.randint(2, 6)
        rows = [
            ["".join(rng.choices(alphabet, k=rng.randint(0, 6))).lstrip(" ") for _ in range(width)]
            for _ in range(rng.randint(1, 12))
        ]
        header = [f"name {j}" for j in range(width)]
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=separator, lineterminator=break_, quoting=csv.QUOTE_ALL)
        writer.writerows([header, *rows])
        assert read(text.getvalue(), separator=separator, decimal=".")[0] == [header, *rows]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ["empty", "my.csv"]),
        ("\n\r\n\r", ["only blank lines"]),
        ("a;b;c\n1;2;3\n4;5\n", ["2 cells", "header of 3", "line 3", "';'", "missing"]),
        ("a\tb\n1\t2\t3\n", ["3 cells", "line 2", "tabs", "contain a tab without quotes"]),
        ("a\n1,2\n", ["2 cells", "header of 1", "line 2", "title"]),
        ("Table 1; 2021\na;b;c\n1;2;3\n", ["3 cells", "header of 2", "line 2", "--header-row 2"]),
        ("a,b\r\r1,2\r3\r", ["1 cell ", "line 4"]),
        ('a,b\n"1\n\n1",2\n3\n', ["1 cell ", "line 5"]),
        ('a;b\n1;"2\n3;4\n', ["not valid CSV", "line 2", "close each quoted cell"]),
        ('a|b\n1|"2"x\n', ["not valid CSV", "line 2"]),
        ("a;;c\n1;2;3\n", ["Column 2 of 3 has no name", "line 1"]),
        ("\n\na;b;\n1;2;\n", ["Column 3 of 3 has no name", "line 3"]),
        ("a,b\n1," + "x" * 140_000 + "\n", ["more than 131,072 characters", "line 2", "shorten"]),
    ],
)
def test_what_breaks_the_rules_is_refused_with_its_line(text, says):
    with pytest.raises(DataError) as caught:
        read(text)
    assert caught.value.fix
    for part in says:
        assert part in str(caught.value)


HEADER_OF_TWO_LINES = '"Alter\n(Jahre)";Dosis;krank\n'
CASES = "40;1,5;ja\n50;2,5;nein\n60;3,5;ja\n"


@pytest.mark.parametrize(
    ("title", "row"),
    [
        ("Export Klinik\n", 2), ("Export Klinik;;\n", 2), ('"Export\nKlinik"\n', 3),
        ('"Export\nKlinik";;\n\n', 4), ("Export\n\n;;\nStand 2024\n", 5),
    ],
)  # fmt: skip
@pytest.mark.parametrize("header", [HEADER_OF_TWO_LINES, "Alter;Dosis;krank\n"])
def test_titles_are_left_out_whatever_line_breaks_are_in_cells(title, row, header):
    rows, notes = read(title + header + CASES)
    assert rows[0][1:] == ["Dosis", "krank"]
    assert len(rows) == 1 + 3
    assert any(note.startswith(f"The header is in row {row}; left out above it") for note in notes)
    assert read(title + header + CASES, header_row=row)[0] == rows  # it counts lines


def test_an_error_below_a_title_names_the_line_of_a_header_of_two_lines():
    for title, row in (("Export\n", 2), ('"Export\n2024";Klinik\n\n', 4)):
        text = title + HEADER_OF_TWO_LINES + CASES + "70;4,5\n" + CASES
        with pytest.raises(DataError) as caught:
            read(text)
        assert f"--header-row {row} on the command line" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "The file is empty"),
        ("\ufeff", "The file is empty"),
        ("\n" * 99_999, "The file has only blank lines"),
        ("\r\n\r\n", "The file has only blank lines"),
        ("\n", "The file has only blank lines"),
        ("sep=;\n\n", "There are no filled cells"),
        ("   \n \n\n  \n", "There are no filled cells"),
        ('""\n""\n', "There are no filled cells"),
        ("  ", "There are no filled cells"),
    ],
)
def test_a_file_without_a_table_is_called_what_it_is(text, says):
    with pytest.raises(DataError, match=f"^{says} .*Fix: give a table with a header and rows"):
        read(text)
    if says.startswith("The file"):
        with pytest.raises(DataError, match=f"^{says} "):
            read(text, header_row=2)


def test_duplicate_names_of_groups_name_the_row_of_names_below():
    rows = "Before,Before,After\na,b,c\n1,2,3\n4,5,6\n"
    with pytest.raises(
        DataError, match=r"Duplicate column names.*header is in row 2.*--header-row 2"
    ):
        read(rows)
    assert read(rows, header_row=2)[0][0] == ["a", "b", "c"]
