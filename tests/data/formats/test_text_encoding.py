import gzip
import random
import time

import pytest

from thalweg import load_table
from thalweg.data.formats import gzip_blocks, text_encoding
from thalweg.data.formats.any_format import Format, read_bytes
from thalweg.data.formats.budget import Budget
from thalweg.errors import DataError


def read(data):
    """The cells and notes, or what was said instead."""
    try:
        frame, notes = read_bytes(data, "my", Format())
    except DataError as error:
        return str(error)
    return [list(frame.columns), *frame.to_numpy().tolist()], notes


PIECES = ["a", "ä", "€", "\U0001f40d", "1", ",", ";", '"', "\n", "\r", "\r\n", "1,5", "x,y\n", " "]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("block", [1, 2, 3, 7, 64])
def test_it_does_not_matter_where_a_text_is_cut(monkeypatch, block):
    rng = random.Random(block)
    for _ in range(50):
        text = "".join(rng.choices(PIECES, k=rng.randint(0, 12)))
        text += rng.choice(["", "a,b\n" * 3, "a;b\r\n1;2\r\n"])
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "cp850"):
            data = text.encode(encoding, "replace")
            # The marks and the kind of a file are in its first bytes, which are one block.
            first = max(block, 64) if encoding == "utf-16-le" else max(block, 3)
            whole = read(data)
            monkeypatch.setattr(gzip_blocks, "BLOCK", first)
            assert read(data) == whole, data
            monkeypatch.undo()


def test_members_and_blocks_of_an_archive_do_not_matter(monkeypatch):
    rng = random.Random(5)
    data = b"a,b\n" + b"".join(b"%d,x\n" % rng.randrange(10**6) for _ in range(5000))
    whole = read(data)
    for size in (1, 99, 10_000):
        parts = [data[i : i + size] for i in range(0, len(data), size)][
            : 2000 if size == 1 else None
        ]
        archive = b"".join(gzip.compress(part, mtime=0) for part in parts)
        for block in (1000, 1 << 20):
            monkeypatch.setattr(gzip_blocks, "BLOCK", block)
            assert read(archive) == (whole if size > 1000 else read(b"".join(parts)))


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("breaks", [b"\n", b"\r\n", b"\r"])
def test_empty_lines_are_counted(breaks):
    n = 300_000
    for head in (b"", b"a,b" + breaks + b"1,2" + breaks):
        told = read(head + breaks * n + b"1,2" + breaks + b"3" + breaks)
        assert f"line {n + 2 + 2 * bool(head)}," in told


def test_empty_lines_above_a_table_cost_next_to_nothing():
    start = time.process_time()
    told = read(b"\n" * 20_000_000 + b"a,b\n1,2\n")
    assert told == ([["a", "b"], ["1", "2"]], [])
    assert time.process_time() - start < 1  # it took 6 s to try four separators on them


def test_a_line_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr(text_encoding, "LONGEST_LINE", 100_000)
    monkeypatch.setattr(gzip_blocks, "BLOCK", 1000)
    assert "line 2" in read(b"a,b\n" + b"1," * 60_000)
    assert "more than 100,000 bytes" in read(b"a,b\n" + b"1," * 60_000)
    assert isinstance(read(b"a,b\n" + b"1,2\n" * 60_000), tuple)


def test_a_row_of_more_cells_than_any_table_has_is_refused(monkeypatch):
    monkeypatch.setattr(text_encoding, "MOST_COLUMNS", 1000)
    monkeypatch.setattr(gzip_blocks, "BLOCK", 1000)
    assert "line of more than 1,000 cells" in read(b"," * 10_000)
    assert isinstance(read(b"a,b\n" + b"1,2\n" * 10_000), tuple)


def test_a_long_cell_is_reported_as_what_it_is():
    told = read(b'a,b\n1,"' + b"x" * 140_000 + b'"\n')
    assert "A cell of more than 131,072 characters" in told
    assert "shorten the cell" in told
    assert "not valid CSV" not in told
    open_quote = read(b'a,b\n1,"' + b"1,2\n" * 40_000)
    assert "close the open quote" in open_quote
    assert "line 2" in open_quote


def test_a_repetitive_archive_is_looked_over_before_it_is_read(monkeypatch):
    data = gzip.compress(b"a,b\n" + b"10,20\n" * 2_000_000, mtime=0)
    account = Budget("my", len(data), "100MB")
    monkeypatch.setattr("thalweg.data.formats.delimited.csv_rows", None)  # nothing is parsed
    with pytest.raises(DataError, match="100 MB are allowed"):
        read_bytes(data, "my", Format(separator=","), budget=account)


def test_two_byte_order_marks_are_no_part_of_a_name(tmp_path):
    path = tmp_path / "two.csv"
    path.write_bytes("\ufeff\ufeffx,y\n1,2\n3,4\n".encode())
    assert list(load_table(path, target="y").frame.columns) == ["x"]
