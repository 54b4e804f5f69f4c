"""Hostile files of at most 1 MB: each would take seconds, or hundreds of megabytes, to be read.

Each is made by a function of its own, since together they are large. Run as a program with paths,
this reads each of these files and prints, a line of JSON each, what came of it: seconds of the
processor, and how far the peak of memory rose above that of an empty table.
"""

import gzip
import io
import json
import resource
import struct
import sys
import time
import zipfile
import zlib

from measured_work import slowness

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MB = 1 << 20

BOMBS = {}


def bomb(name, *, cheap=True):
    """Put a maker of a file into the list; cheap ones are made in a moment."""

    def put(make):
        assert name not in BOMBS
        BOMBS[name] = (make, cheap)
        return make

    return put


# --- texts, packed ----------------------------------------------------------------------------


def packed(head, unit, megabytes=800, tail=b""):
    """A gzip archive of several members: head, unit again and again, tail."""
    block = gzip.compress(unit * (MB // len(unit)), mtime=0)
    ends = [gzip.compress(end, mtime=0) if end else b"" for end in (head, tail)]
    return ends[0] + block * min(megabytes, 990_000 // len(block)) + ends[1]


def one_member(head, unit, megabytes):
    """The same in a single member."""
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = unit * (MB // len(unit))
    parts = [stream.compress(head), *(stream.compress(block) for _ in range(megabytes))]
    return b"".join(parts) + stream.flush()


HEAD = b"a,b\n1,2\n3,4\n"
for name, head, unit in [
    ("zeros", b"", b"\0"),
    ("zeros behind a table", HEAD, b"\0"),
    ("spaces", b"", b" "),
    ("spaces behind a table", HEAD, b" "),
    ("line feeds", b"", b"\n"),
    ("line feeds behind a table", HEAD, b"\n"),
    ("returns and line feeds", HEAD, b"\r\n"),
    ("returns", b"a\rb\r", b"\r"),
    ("commas", b"", b","),
    ("commas behind a table", HEAD, b","),
    ("rows of nothing", HEAD, b",\n"),
    ("wide rows of nothing", b"a" + b",a" * 999 + b"\n", b"," * 999 + b"\n"),
    ("rows of spaces", HEAD, b"  ,   \n"),
    ("rows of quotes", HEAD, b'"",""\n'),
    ("tabs", b"a\tb\n", b"\t\n"),
    ("one letter", HEAD, b"x"),
    ("a cell in quotes", HEAD + b'"', b"x"),
    ("a cell of lines", HEAD + b'"', b"1,2\n"),
    ("a cell of quotes", HEAD + b'"', b'""'),
    ("quotes", b"", b'"'),
    ("a row without end", HEAD, b"1,"),
    ("a header without end", b"a", b",a"),
    ("a quote that opens the file", b'"', b"1,2\n"),
    ("rows without end", HEAD, b"0,0\n"),
    ("a column without end", b"a\n", b"1\n"),
    ("semicolons", b"a;b;c\n", b";;\n"),
    ("a mark, and spaces", b"\xef\xbb\xbfa,b\n", b" "),
    ("marks", b"", b"\xef\xbb\xbf"),
    ("UTF-16, commas", b"\xff\xfea\0\n\0", b",\0"),
    ("UTF-16, lines", b"\xff\xfea\0\n\0", b"\n\0"),
    ("Windows-1252, a letter", b"a,b\n\xe4,1\n", b"x"),
    ("Windows-1252, lines", b"a,b\n\xe4,1\n", b"\n"),
    ("signs of four bytes", b"a,b\n", "\U0001f40d".encode()),
    ("a line that names the separator", b"sep=;\na;b\n", b";"),
    ("Parquet in gzip", b"PAR1\x15", b"\0"),
    ("Excel in gzip", b"PK\x03\x04", b"\0"),
]:
    bomb(f"gzip: {name}")(lambda head=head, unit=unit: packed(head, unit))


@bomb("gzip: many members")
def many_members():
    return gzip.compress(b"", mtime=0) * 50_000


@bomb("gzip: gzip of zeros")
def twice():
    return gzip.compress(packed(b"", b"\0", 900), mtime=0)


@bomb("gzip: a table, cut short")
def cut_short():
    return packed(HEAD, b"1,2\n", 100)[:-1]


@bomb("gzip: a table, and rubbish behind")
def rubbish_behind():
    return packed(HEAD, b"1,2\n", 100) + b"rubbish"


@bomb("gzip: zeros in one member", cheap=False)
def zeros_in_one():
    return one_member(b"", b"\0", 900)


@bomb("gzip: rows in one member", cheap=False)
def rows_in_one():
    return one_member(b"a,b,c\n", b"1,2,3\n", 600)


# --- texts, as they are -----------------------------------------------------------------------

for name, data in {
    "commas": b"," * 10**6,
    "quotes": b'"' * 999_999,
    "line feeds": b"\n" * 10**6,
    "a line": b"x" * 10**6,
    "zeros": bytes(10**6),
    "an open quote": b'"a,b\n1,2\n' * 110_000,
    "a cell": b'a,b\n"' + b"1,2\n" * 249_000 + b'",1\n',
    "a byte of no encoding": b"a,b\n" + b"\x81\x8d\x8f," * 240_000,
    "names without end": b"a," * 499_000 + b"a\n1\n",
}.items():
    bomb(f"text: {name}")(lambda data=data: data)


# --- workbooks --------------------------------------------------------------------------------


def part(head, unit, n, tail):
    """The XML of a part: head, so many units, tail, in blocks."""
    yield head
    each = max(MB // len(unit), 1)
    for start in range(0, n, each):
        yield unit * min(each, n - start)
    yield tail


def book(rows=(b"",), method=zipfile.ZIP_DEFLATED, n_sheets=1, **others):
    """A workbook with a sheet of these blocks of XML, and other parts in the place of its own."""
    sheets = "".join(f'<sheet name="s{i}" r:id="i0"/>' for i in range(n_sheets))
    links = "".join(
        f'<Relationship Id="i{i}" Type="{OFFICE}/{sort}" Target="{target}"/>'
        for i, (sort, target) in enumerate(
            [("worksheet", "sheet.xml"), ("sharedStrings", "strings.xml"), ("styles", "styles.xml")]
        )
    )
    parts = {
        "[Content_Types].xml": [b"<Types/>"],
        "_rels/.rels": [
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="i0" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode()
        ],
        "xl/workbook.xml": [
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets>'.encode(),
            b"</workbook>",
        ],
        "xl/_rels/workbook.xml.rels": [
            f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>'.encode()
        ],
        "xl/sheet.xml": [
            f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(),
            b'<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>',
            *rows,
            b"</sheetData></worksheet>",
        ],
        "xl/strings.xml": [b"<sst/>"],
        "xl/styles.xml": [b"<styleSheet/>"],
        **others,
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method, compresslevel=9) as archive:
        for name, blocks in parts.items():
            with archive.open(name, "w") as file:
                for block in blocks:
                    file.write(block)
    return data.getvalue()


ROW = b"<row><c><v>1</v></c><c><v>2</v></c></row>"
for name, head, unit, n, tail in [
    ("foreign elements", b"", b"<x/>", 10_000_000, b""),
    ("foreign elements in a row", b"<row>", b"<x/>", 10_000_000, b"</row>"),
    ("an element within another", b"", b"<x>", 10_000_000, b""),
    ("a text", b'<row><c t="str"><v>', b"x", 50_000_000, b"</v></c></row>"),
    (
        "a text in pieces",
        b'<row><c t="str"><v>',
        b"x" * 9999 + b"<!-- -->",
        5000,
        b"</v></c></row>",
    ),
    ("a text of marks", b'<row><c t="str"><v>', b"&amp;", 9_000_000, b"</v></c></row>"),
    ("an attribute", b'<row a="', b"x", 50_000_000, b'"/>'),
    ("a comment", b"<!--", b"x", 50_000_000, b"-->"),
    ("spaces", b"", b" ", 50_000_000, b""),
    ("rows of nothing", b"", b"<row/>", 1_000_000, b""),
    ("cells of nothing", b"", b"<row>" + b"<c/>" * 9999 + b"</row>", 200, b""),
    ("cells of styles", b"", b"<row>" + b'<c s="1"/>' * 999 + b"</row>", 3000, b""),
    ("elements in a cell", b"<row><c>", b"<f/>", 10_000_000, b"</c></row>"),
    ("runs of a text", b'<row><c t="inlineStr"><is>', b"<r/>", 10_000_000, b"</is></c></row>"),
]:
    bomb(f"Excel: {name}")(
        lambda head=head, unit=unit, n=n, tail=tail: book(part(head, unit, n, tail))
    )
for name, where, head, unit, n, tail in [
    ("shared texts of nothing", "strings", b"<sst>", b"<si/>", 9_000_000, b"</sst>"),
    ("equal shared texts", "strings", b"<sst>", b"<si><t>a</t></si>", 3_000_000, b"</sst>"),
    ("a shared text", "strings", b"<sst><si><t>", b"x", 50_000_000, b"</t></si></sst>"),
    ("styles", "styles", b"<styleSheet><cellXfs>", b"<xf/>", 9_000_000, b"</cellXfs></styleSheet>"),
    ("formats", "styles", b"<styles>", b'<numFmt numFmtId="9"/>', 2_000_000, b"</styles>"),
    (
        "brackets in a format", "styles", b'<styles><numFmt numFmtId="200" formatCode="',
        b"[", 1_000_000, b'"/><cellXfs><xf numFmtId="200"/></cellXfs></styles>',
    ),
    ("relations", "_rels/workbook.xml.rels", b"<a>", b"<x/>", 9_000_000, b"</a>"),
    ("a type of its own", "sheet", b"<!DOCTYPE a [<!ENTITY e '", b"x", 60_000, b"'>]><a>&e;</a>"),
]:  # fmt: skip
    bomb(f"Excel: {name}")(
        lambda where=where, head=head, unit=unit, n=n, tail=tail: book(
            [ROW], **{f"xl/{where}.xml".replace(".rels.xml", ".rels"): part(head, unit, n, tail)}
        )
    )


@bomb("Excel: many formats of brackets")
def many_formats():
    return book([ROW], **{"xl/styles.xml": formats(10_000, b"[" * 4000, 1)})


def formats(n, code, times):
    numbers = range(200, 200 + n)
    yield b"<styleSheet><numFmts>"
    for each in numbers:
        yield b'<numFmt numFmtId="%d" formatCode="%s"/>' % (each, code)
    yield b"</numFmts><cellXfs>"
    for each in numbers:
        yield b'<xf numFmtId="%d"/>' % each * times
    yield b"</cellXfs></styleSheet>"


for name, end, cell in [
    ("a long name space", b'"', b"<c><v>1</v></c>"),
    ("a long name space of attributes", b'" xmlns="u"', b'<c p:x=""><v>1</v></c>'),
]:

    @bomb(f"Excel: {name}")
    def space(end=end, cell=cell):
        prefix = b":p" if b"p:x" in cell else b""
        head = b"<worksheet xmlns" + prefix + b'="' + b"u" * 10**6 + end + b"><sheetData>"
        text = b'<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
        row = b"<row>" + cell * 2 + b"</row>"
        tail = b"</sheetData></worksheet>"
        return book([], **{"xl/sheet.xml": part(head + text, row, 10_000, tail)})


@bomb("Excel: 300 sheets over one part")
def sheets_over_one():
    return book(part(b"", b"<row><c><v>1</v></c></row>", 400_000, b""), n_sheets=300)


@bomb("Excel: a text of 500 MB", cheap=False)
def long_text():
    return book(part(b'<row><c t="str"><v>', b"x", 500_000_000, b"</v></c></row>"))


@bomb("Excel: 20 million foreign elements", cheap=False)
def twenty_million():
    return book(part(b"", b"<x/>", 20_000_000, b""))


@bomb("Excel: one long text in every cell")
def one_text_everywhere():
    strings = [b"<sst><si><t>", b"x" * 32_000, b"</t></si></sst>"]
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * 2 + b"</row>"
    return book(part(b"", row, 500_000, b""), **{"xl/strings.xml": strings})


@bomb("Excel: a cell far from the others")
def far_away():
    names = b"<row>" + b'<c t="str"><v>a</v></c>' * 16_384 + b"</row>"
    sheet = [f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), names]
    sheet += part(b"", b"<row><c><v>1</v></c></row>", 50_000, b"")
    return book(**{"xl/sheet.xml": [*sheet, b"</sheetData></worksheet>"]})


@bomb("Excel: packed by another method")
def other_method():
    return book(part(b"", b" ", 100_000_000, b""), zipfile.ZIP_BZIP2)


@bomb("Excel: twenty thousand parts")
def many_parts():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for i in range(9_000):
            archive.writestr(f"{i}", "")
    return data.getvalue()


# --- Parquet ----------------------------------------------------------------------------------


def parquet(table, **options):
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), data, **options)
    return data.getvalue()


@bomb("Parquet: one long word in every cell")
def long_word():
    import numpy as np
    import pyarrow as pa

    word = pa.DictionaryArray.from_arrays(np.zeros(10**6, dtype=np.int8), ["w" * 10**5])
    return parquet({"w": word})


@bomb("Parquet: a text of 200 MB")
def long_cell():
    return parquet({"w": ["x" * 200_000_000]}, compression="zstd", use_dictionary=False)


@bomb("Parquet: texts that share their beginnings", cheap=False)
def shared_beginnings():
    texts = ["x" * 100_000 + f"{i:05d}" for i in range(4_000)]
    how = {"use_dictionary": False, "column_encoding": {"w": "DELTA_BYTE_ARRAY"}}
    return parquet({"w": texts}, compression="zstd", data_page_size=1 << 29, **how)


@bomb("Parquet: rows of zeros", cheap=False)
def rows_of_zeros():
    import numpy as np
    import pyarrow as pa

    same = pa.chunked_array([pa.array(np.zeros(1 << 24, dtype=np.int64))] * 6)
    table = pa.Table.from_arrays([same] * 3, ["x", "y", "z"])
    return parquet(table, row_group_size=1 << 26, max_rows_per_page=1 << 26)


@bomb("Parquet: a list", cheap=False)
def long_list():
    import numpy as np
    import pyarrow as pa

    values = pa.array(np.zeros(80_000_000, dtype=np.int8))
    return parquet({"l": pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)})


LONG = "w" * 100_000
ONE_PAGE = {"data_page_size": 1 << 30, "write_batch_size": 1 << 20, "write_statistics": False}


def words(name, kind):
    """Ten thousand times one long word in a dictionary, in a column of this kind."""

    @bomb(f"Parquet: {name}")
    def make():
        import pyarrow as pa

        columns = kind(pa)
        columns = columns if isinstance(columns, list) else [columns]
        names = ["a", "a.b" if "dot" in name else "a"]
        table = pa.Table.from_arrays(columns, names[: len(columns)])
        return parquet(table, compression="zstd", dictionary_pagesize_limit=1 << 30, **ONE_PAGE)


N = 10_000
for name, kind in {
    "a long word in lists": lambda pa: pa.ListArray.from_arrays(
        pa.array(range(N + 1), pa.int32()), pa.array([LONG] * N)
    ),
    "a long word in structures": lambda pa: pa.StructArray.from_arrays(
        [pa.array([LONG] * N)], ["s"]
    ),
    "a long word of fixed width": lambda pa: pa.array([LONG.encode()] * N, pa.binary(len(LONG))),
    "a dictionary of words of fixed width": lambda pa: pa.DictionaryArray.from_arrays(
        pa.array([0] * N), pa.array([LONG.encode()], pa.binary(len(LONG)))
    ),
    "a long word of a kind of its own": lambda pa: pa.ExtensionArray.from_storage(
        pa.json_(), pa.array([LONG] * N)
    ),
    "two columns of one name": lambda pa: [pa.array([LONG] * N)] * 2,
    "a name with a dot, twice": lambda pa: [
        pa.StructArray.from_arrays([pa.array([LONG] * N)], ["b"]),
        pa.array([LONG] * N),
    ],
}.items():
    words(name, kind)


@bomb("Parquet: lists of words that share their beginnings", cheap=False)
def shared_in_lists():
    import pyarrow as pa

    lists = pa.ListArray.from_arrays(pa.array(range(N + 1), pa.int32()), pa.array([LONG] * N))
    how = {"use_dictionary": False, "column_encoding": {"l.list.element": "DELTA_BYTE_ARRAY"}}
    return parquet({"l": lists}, compression="zstd", **ONE_PAGE, **how)


@bomb("Parquet: structures in structures")
def structures():
    import pyarrow as pa

    deep = pa.array(bytes(200_000), pa.int8())
    for _ in range(60):
        deep = pa.StructArray.from_arrays([deep], ["s"])
    return parquet({"s": deep})


@bomb("Parquet: a structure of nothing")
def nothing():
    import pyarrow as pa

    fields = [f"{i}" for i in range(200)]
    return parquet({"s": pa.StructArray.from_arrays([pa.nulls(N)] * 200, fields)})


@bomb("Parquet: decimals", cheap=False)
def decimals():
    import decimal

    import pyarrow as pa

    same = pa.chunked_array([pa.array([decimal.Decimal("1.5")] * (1 << 20))] * 60)
    return parquet(pa.table({"d": same}))


def footer_of(data):
    """The footer of a Parquet file, and what stands before it."""
    length = int.from_bytes(data[-8:-4], "little")
    return data[-8 - length : -8], data[: -8 - length]


def with_footer(footer, before):
    return before + footer + struct.pack("<I", len(footer)) + b"PAR1"


def varint(number):
    """An integer as Thrift has it: zigzag, then 7 bits a byte."""
    number, digits = 2 * number, b""
    while number > 127:
        number, digits = number >> 7, digits + bytes([number & 127 | 128])
    return digits + bytes([number])


@bomb("Parquet: rows that are promised")
def promised():
    import numpy as np

    footer, before = footer_of(parquet({"x": np.arange(12_345.0)}))
    return with_footer(footer.replace(varint(12_345), varint(10**9)), before)


@bomb("Parquet: values of a column that are promised")
def promised_values():
    import numpy as np

    footer, before = footer_of(parquet({"x": np.arange(12_345.0)}))
    of_file, of_column, rest = footer.split(varint(12_345), 2)
    told = varint(12_345).join([of_file, varint(2**40).join([of_column, rest])])
    return with_footer(told, before)


@bomb("Parquet: a structure within another")
def deep():
    return with_footer(b"\x1c" * 900_000, b"PAR1\x15")


@bomb("Parquet: a list without end")
def endless_list():
    return with_footer(b"\x19\xfc" + b"\xff" * 4 + b"\x0f" + bytes(900_000), b"PAR1\x15")


@bomb("Parquet: a page whose header does not end")
def endless_header():
    import numpy as np

    plain = {"compression": None, "use_dictionary": False, "write_statistics": False}
    data = parquet({"x": np.arange(5.0)}, **plain)
    end = data.index(b"\0\0")  # of the header of the only page: two structures end there
    return data[: end + 1] + b"\x19\xf7" + b"\xff" * 5 + b"\x0f\0" + data[end + 2 :]


@bomb("Parquet: columns without number", cheap=False)
def many_columns():
    return parquet({f"{j}": [] for j in range(6_000)})


# --- reading them -----------------------------------------------------------------------------


def main(paths):
    """Read each file; print the seconds, the megabytes above the start, and what was said."""
    import pyarrow.parquet  # noqa: F401  (its own memory is none of the file's)

    from thalweg.data.read import load_table
    from thalweg.data.schema.schema import infer_schema
    from thalweg.errors import DataError

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    load_table("-", stdin=io.BytesIO(b"a,b\n1,2\n"), need_target=False)
    slow, before = slowness(), peak()
    for path in paths:
        start = time.process_time()
        try:
            infer_schema(load_table(path, need_target=False).frame)
            said = None
        except DataError as error:
            said = str(error)
        told = {"seconds": time.process_time() - start, "megabytes": (peak() - before) / 1e6}
        slow, earlier = slowness(), slow  # of the processor, after and before
        print(json.dumps({**told, "slowness": max(slow, earlier), "said": said}))


if __name__ == "__main__":
    main(sys.argv[1:])
