"""Sound files that are damaged at random: each is read, or refused with a `DataError`.

The work by the thousand is done in a process with little memory.
"""

import gzip
import io
import random
import struct
import zipfile

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from thalweg.data.fixes.column_errors import ColumnError
from thalweg.data.read import load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import CellTypeError, DataError


def parquet(table, **options):
    data = io.BytesIO()
    pq.write_table(pa.table(table), data, **options)
    return data.getvalue()


SOUND = {
    "x": np.arange(500) / 3,
    "n": pa.array([None if i % 7 == 0 else i for i in range(500)]),
    "s": [["red", "green", "größe"][i % 3] for i in range(500)],
    "t": [i % 2 == 0 for i in range(500)],
}


def excel(rows, **parts):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    data = io.BytesIO()
    made.save(data)
    if not parts:
        return data.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(changed, "w") as new:
        for each in old.namelist():
            new.writestr(each, parts.get(each, old.read(each)))
    return changed.getvalue()


def check_refusal(error, says=()):
    assert type(error) in (DataError, CellTypeError, ColumnError)
    assert error.what
    assert error.fix
    assert len(str(error)) < 1000
    for part in says:
        assert part in str(error)


def damaged(data, rng):
    """The bytes with something flipped, lost, moved, put in or repeated."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        start, length = rng.randrange(len(data) + 1), rng.choice([1, 1, 2, 7, 30])
        match rng.randrange(6):
            case 0:
                data[start : start + 1] = bytes([rng.randrange(256)])
            case 1 if start < len(data):
                data[start] ^= 1 << rng.randrange(8)
            case 2:
                del data[start : start + length]
            case 3:
                data[start:start] = rng.choice(
                    [b'"', b",", b";", b"\n", b"\r", b"\0", b"\xe9", b"\t"]
                )
            case 4:
                other = rng.randrange(len(data) + 1)
                data[start : start + length] = data[other : other + length]
            case _ if rng.random() < 0.3:
                del data[start:]
    return bytes(data)


def random_csv(rng):
    width = rng.randint(1, 6)
    words = ["1", "2.5", "-3e4", "", "NA", "true", "0.1", "red", "größe", '"a, b"', '"c ""d"""']
    rows = [[f"c{j}" for j in range(width)]]
    rows += [[rng.choice(words) for _ in range(width)] for _ in range(rng.randint(0, 20))]
    return "\n".join(map(",".join, rows)).encode()


def check_damage(data, path):
    """Read it; what comes of it is a table or a `DataError`."""
    path.write_bytes(data)
    try:
        table = load_table(path, need_target=False)
    except DataError as error:
        check_refusal(error)
        return None
    try:
        matrix = infer_schema(table.frame).matrix(table.frame)
    except DataError as error:
        check_refusal(error)
    else:
        assert matrix.shape == table.frame.shape
    return table


def thousands_of_csv(folder):
    rng = random.Random(21)
    for number in range(2000):
        check_damage(damaged(random_csv(rng), rng), folder / f"my{number % 3}.csv")


def thousands_of_parquet(folder):
    rng = random.Random(22)
    kinds = [{}, {"compression": "gzip"}, {"compression": "none", "use_dictionary": False}]
    kinds += [{"data_page_version": "2.0", "compression": "zstd"}, {"row_group_size": 100}]
    nested = {"l": [[1, 2], [3]] * 250, "d": [{"a": 1}, None] * 250, "w": [b"ab", b"\xff"] * 250}
    sound = [parquet(SOUND | nested, **options) for options in kinds]
    for _ in range(2000):
        data = rng.choice(sound)
        if rng.random() < 0.5:  # the footer alone: what it says governs all the rest
            length = int.from_bytes(data[-8:-4], "little")
            foot = damaged(data[-8 - length : -8], rng)
            data = data[: -8 - length] + foot + struct.pack("<I", len(foot)) + b"PAR1"
        else:
            data = damaged(data, rng)
        check_damage(data, folder / "my.parquet")


def thousands_of_excel(folder):
    # The XML is damaged, and packed again with checksums that are right.
    rng = random.Random(23)
    with zipfile.ZipFile(
        io.BytesIO(excel([["a", "b"], *[[i, f"w{i}"] for i in range(20)]]))
    ) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    for _ in range(2000):
        name = rng.choice(sorted(parts))
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for each, content in parts.items():
                archive.writestr(each, damaged(content, rng) if each == name else content)
        check_damage(data.getvalue(), folder / "my.xlsx")


def bombs(folder):
    """Files of some megabytes at most that unfold to gigabytes."""
    zeros = io.BytesIO()
    with gzip.GzipFile(fileobj=zeros, mode="wb", compresslevel=1) as archive:
        for _ in range(2200):
            archive.write(bytes(1 << 20))
    assert check_damage(zeros.getvalue(), folder / "my.csv.gz") is None
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(2200):
                part.write(b" " * (1 << 20))
    assert check_damage(data.getvalue(), folder / "my.xlsx") is None
    word = pa.DictionaryArray.from_arrays(np.zeros(10**6, dtype=np.int8), ["w" * 10**5])
    # 93 GiB, if somebody joins them.
    assert check_damage(parquet({"w": word}), folder / "my.parquet") is None
    same = pa.array(np.zeros(10**8, dtype=np.int8))
    many = parquet(pa.Table.from_arrays([same] * 12, [f"x{j}" for j in range(12)]))
    assert check_damage(many, folder / "my.parquet") is None
