import datetime
import io
import random
import time
import zipfile

import openpyxl
import pandas as pd
import pytest

import bombs
from pace import seconds_when_quiet
from thalweg.data.formats import budget
from thalweg.data.formats.any_format import Format, read_bytes
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.excel import workbook
from thalweg.data.formats.excel.workbook import read_workbook
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError


def excel(sheets, **states):
    """A workbook as openpyxl writes it: the rows of each sheet by its name."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = states.get(name, "visible")
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"


def handmade(rows, *, strings="", styles="", main=MAIN, office=OFFICE, **changes):
    """The least that makes a workbook, of one sheet with this XML between <sheetData> tags."""

    def links(*targets):
        found = "".join(
            f'<Relationship Id="i{n}" Type="{office}/{sort}" Target="{target}"/>'
            for n, (sort, target) in enumerate(targets)
        )
        return f'<Relationships xmlns="{LINKS}">{found}</Relationships>'

    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="i0"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": links(
            ("worksheet", "worksheets/sheet1.xml"),
            ("sharedStrings", "/xl/strings.xml"),
            ("styles", "../xl/styles.xml"),
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>'
        "</worksheet>",
        "xl/strings.xml": f'<sst xmlns="{main}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | changes).items():
            if content is not None:
                archive.writestr(name, content)
    return data.getvalue()


def read(data, **options):
    frame, notes = read_workbook(data, Budget("my.xlsx", len(data)), **options)
    assert {str(kind) for kind in frame.dtypes} <= {"object"}
    return [list(frame.columns), *frame.to_numpy().tolist()], notes


def cells(rows, **options):
    return read(handmade(rows, **options))[0]


# --- values -----------------------------------------------------------------------------------


def test_values_are_read_as_they_were_stored():
    rows = [
        ["id", "x", "name", "ok", "ill"],
        ["007", 0.1, "größe", True, 1],
        [8, -1e-300, ' "a", b\nc ', False, 2],
        ["NA", 1e300, None, None, 3],
    ]
    got, notes = read(excel({"Data": rows}))
    assert got == rows
    assert [type(cell) for cell in got[1]] == [str, float, str, bool, int]
    assert notes == ['Read from the Excel sheet "Data".']


def test_an_independent_reader_finds_the_same():
    # openpyxl writes the file, and reads it again beside us.
    rng = random.Random(0)
    for _ in range(30):
        width, n_rows = rng.randint(2, 30), rng.randint(1, 20)
        draw = [
            lambda: rng.gauss(0, 10 ** rng.randint(-200, 200)),
            lambda: rng.randint(-(10**15) + 1, 10**15 - 1),
            lambda: "".join(rng.choices('aß€😀 <>&"_x0041_\t', k=rng.randint(1, 9))),
            lambda: rng.random() < 0.5,
            lambda: None,
        ]
        rows = [[f"c{j}" for j in range(width)]]
        rows += [[rng.choice(draw)() for _ in range(width)] for _ in range(n_rows)]
        data = excel({"s": rows})
        read_again = openpyxl.load_workbook(io.BytesIO(data)).active
        theirs = [list(row) for row in read_again.iter_rows(values_only=True)]
        ours = read(data)[0]
        filled = [row for row in theirs if any(cell is not None for cell in row)]
        assert ours == filled


def test_any_double_comes_back_to_the_last_bit():
    # Not written by openpyxl, which keeps 16 digits; Excel stores 17.
    rng = random.Random(1)
    numbers = [rng.uniform(-1, 1) * 10.0 ** rng.randint(-300, 299) for _ in range(2000)]
    rows = "".join(f"<row><c><v>{number!r}</v></c></row>" for number in numbers)
    assert cells('<row><c t="str"><v>x</v></c></row>' + rows) == [["x"], *([x] for x in numbers)]


DAYS = [
    (datetime.date(2021, 3, 14), "2021-03-14"),
    (datetime.datetime(1999, 12, 31, 23, 59, 58), "1999-12-31 23:59:58"),
    (datetime.datetime(1999, 12, 31, 23, 59, 58, 250_000), "1999-12-31 23:59:58.250000"),
    (datetime.date(1900, 1, 1), "1900-01-01"),
    (datetime.date(1900, 2, 28), "1900-02-28"),
    (datetime.date(1900, 3, 1), "1900-03-01"),
    (datetime.date(9999, 12, 31), "9999-12-31"),
    (datetime.time(10, 30), "10:30:00"),
    (datetime.timedelta(hours=36, seconds=5), "36 h 0 min 5 s"),
    (datetime.timedelta(minutes=20), "0 h 20 min"),
]


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_dates_and_times_become_text(epoch):
    days = [day for day in DAYS if epoch == 1900 or "1900" not in day[1]]
    made = openpyxl.Workbook()
    made.epoch = datetime.datetime(1904, 1, 1) if epoch == 1904 else made.epoch
    made.active.append(["when", "n"])
    for day, _ in days:
        made.active.append([day, 1])
    data = io.BytesIO()
    made.save(data)
    assert [row[0] for row in read(data.getvalue())[0][1:]] == [text for _, text in days]


# 44277 days after 1899-12-30.
DATE, TIME, PASSED = "2021-03-22", f"{44277 * 24}:00:00", f"{44277 * 24} h 0 min"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("yyyy-mm-dd", DATE),
        ("d/m/yy", DATE),
        ("mmm", DATE),
        ("[$-409]mmmm d;@", DATE),
        ("h:mm AM/PM", TIME),
        ("mm:ss", TIME),
        ("[h]:mm", PASSED),
        ("[HH]:MM:SS;@", PASSED),
        ("[mm]:ss", PASSED),
        ("[m]", PASSED),
        ("[$-F400][Blue][ss]", PASSED),
        ("General", 44277),
        ("0.00", 44277),
        ("0.00E+00", 44277),
        ("#,##0 &quot;days&quot;", 44277),
        ("#,##0\\d", 44277),
        ("[Red]-0_d;[Magenta]0*y", 44277),
        ("@", 44277),
    ],
)
def test_a_number_is_a_date_by_its_format_alone(code, value):
    styles = (
        f'<numFmts><numFmt numFmtId="164" formatCode="{code}"/></numFmts>'
        '<cellXfs><xf/><xf numFmtId="164"/></cellXfs>'
    )
    rows = '<row><c t="str"><v>x</v></c></row><row><c s="1"><v>44277</v></c></row>'
    assert cells(rows, styles=styles) == [["x"], [value]]


@pytest.mark.parametrize("number", ["-1", "2958466", "1e300"])
def test_a_date_that_excel_cannot_show_is_the_number_that_it_is(number):
    rows = f'<row><c t="str"><v>x</v></c></row><row><c s="0"><v>{number}</v></c></row>'
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    assert cells(rows, styles=styles) == [["x"], [float(number)]]


@pytest.mark.parametrize("code", ["[h]:mm", "[mm]:ss", None])
def test_short_durations_are_refused_as_durations_and_not_read_as_times_of_day(code):
    made = openpyxl.Workbook()
    made.active.append(["surgery", "age"])
    for minutes in range(20, 80):
        made.active.append([datetime.timedelta(minutes=minutes), 40])
        if code:
            made.active.cell(minutes - 18, 1).number_format = code
    made.active.append([-datetime.timedelta(minutes=90), 40])
    data = io.BytesIO()
    made.save(data)
    frame = read_workbook(data.getvalue(), Budget("x"))[0]
    assert frame["surgery"].iloc[-1] == "-1 h 30 min"
    with pytest.raises(DataError, match="A duration") as caught:
        infer_schema(frame)
    assert "one unit, here -1.5 for hours" in caught.value.fix


HEAD = '<row r="1"><c r="A1" t="str"><v>x</v></c><c r="B1" t="str"><v>y</v></c></row>'


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<v>1</v>", 1),
        ("<v>-12</v>", -12),
        ("<v>1.50</v>", 1.5),
        ("<v>1E-3</v>", 0.001),
        ("<v>9007199254740993</v>", 9007199254740992.0),
        ("<v>1e400</v>", float("inf")),  # which the schema refuses
        ("<v></v>", None),
        ("<v/>", None),
        ("", None),
        ("<f>1+1</f><v>2</v>", 2),
        ('<is t="x"/>', None),
    ],
)
def test_numbers(cell, value):
    rows = f'{HEAD}<row r="2"><c r="A2">{cell}</c><c r="B2"><v>0</v></c></row>'
    assert cells(rows) == [["x", "y"], [value, 0]]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c t="s"><v>0</v></c>', "plain"),
        ('<c t="s"><v>1</v></c>', "bold and not"),
        ('<c t="s"><v>2</v></c>', "東京"),  # and not the way to say it
        ('<c t="s"><v>3</v></c>', " a\r_x000D_b "),
        ('<c t="s"><v>4</v></c>', None),
        ('<c t="str"><f>A1</f><v>text</v></c>', "text"),
        ('<c t="str"><v>a_x000D_b</v></c>', "a\rb"),
        ('<c t="str"><f>IF(A1,"",1)</f><v></v></c>', None),
        ('<c t="inlineStr"><is><t>in</t><r><t>line</t></r></is></c>', "inline"),
        ('<c t="inlineStr"/>', None),
        ('<c t="b"><v>1</v></c>', True),
        ('<c t="b"><v>0</v></c>', False),
        ('<c t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c t="d"><v>2021-03-14</v></c>', "2021-03-14"),
    ],
)
def test_texts_truth_values_and_errors(cell, value):
    strings = (
        "<si><t>plain</t></si>"
        "<si><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space='preserve'> and not</t></r></si>"
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
        "<si><t xml:space='preserve'> a_x000D__x005F_x000D_b </t></si>"
        "<si><t/></si>"
    )
    got = cells(f'{HEAD}<row r="2">{cell}<c><v>0</v></c></row>', strings=strings)
    assert got == [["x", "y"], [value, 0]]
    assert type(got[1][0]) is type(value)


def test_the_strict_dialect_and_prefixes_are_read_too():
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    office = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    rows = f"{HEAD}<row><c><v>1</v></c><c><v>2</v></c></row>"
    assert cells(rows, main=strict, office=office) == [["x", "y"], [1, 2]]
    prefixed = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c t="str"><x:v>a</x:v></x:c>'
        "</x:row><x:row><x:c><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert cells("", **{"xl/worksheets/sheet1.xml": prefixed}) == [["a"], [5]]


# --- where the table is -----------------------------------------------------------------------


def test_the_table_may_begin_anywhere_and_have_holes():
    made = openpyxl.Workbook()
    sheet = made.active
    for place, value in {"C4": "a", "E4": "c", "D4": "b", "C5": 1, "E7": 3, "D7": " "}.items():
        sheet[place] = value
    sheet["ZZ9"].font = openpyxl.styles.Font(bold=True)  # empty, though it has a style
    data = io.BytesIO()
    made.save(data)
    assert read(data.getvalue())[0] == [["a", "b", "c"], [1, None, None], [None, " ", 3]]


def test_what_the_file_says_about_its_size_does_not_matter():
    for claim in ("A1:B2", "A1:XFD1048576", "A1", "nonsense"):
        sheet = (
            f'<worksheet xmlns="{MAIN}"><dimension ref="{claim}"/><sheetData>{HEAD}'
            + "".join(f"<row><c><v>{i}</v></c><c><v>0</v></c></row>" for i in range(5))
            + "</sheetData></worksheet>"
        )
        assert len(cells("", **{"xl/worksheets/sheet1.xml": sheet})) == 6


def test_row_labels_without_a_name_are_a_nameless_first_column():
    frame = pd.DataFrame({"x": [1, 2]}, index=["r", "s"])
    data = io.BytesIO()
    frame.to_excel(data)
    assert read(data.getvalue())[0] == [["", "x"], ["r", 1], ["s", 2]]


def test_headers_become_text():
    got = read(excel({"s": [[2020, 1.5, True, " name "], [1, 2, 3, 4]]}))[0]
    assert got[0] == ["2020", "1.5", "True", "name"]


TABLE = [["x", "y"], [1, 2]]


def test_the_first_visible_sheet_with_a_table_is_read():
    sheets = {
        "empty": [],
        "notes": [["About this table"], ["It was made by hand"]],
        "secret": [["a", "b"], [5, 6]],
        "head": [["a", "b", "c"]],
        "Data": TABLE,
        "more": [["u", "v"], [3, 4]],
    }
    data = excel(sheets, secret="hidden")
    told = 'Read from the Excel sheet "Data", the first of 2 with a table; there are also "more".'
    assert read(data) == (TABLE, [told])
    assert read(data, sheet="more") == ([["u", "v"], [3, 4]], ['Read from the Excel sheet "more".'])
    assert read(data, sheet="secret")[0] == [["a", "b"], [5, 6]]
    assert read(data, sheet="notes")[0] == [["About this table"], ["It was made by hand"]]
    with pytest.raises(DataError) as caught:
        read(data, sheet="data")
    for part in ['no sheet "data"', '"Data", "more"', 'mean "Data"']:
        assert part in str(caught.value)
    with pytest.raises(DataError, match="no filled cells"):
        read(data, sheet="empty")


def test_one_column_is_a_table_if_there_is_no_better():
    assert read(excel({"a": [], "b": [["x"], [1], [2]]}))[0] == [["x"], [1], [2]]
    assert read(excel({"a": [["x", "y"]]}))[0] == [["x", "y"]]


def test_a_chart_sheet_is_no_sheet_of_cells():
    made = openpyxl.Workbook()
    made.create_chartsheet("Chart", 0)
    for row in TABLE:
        made.active = 1
        made.worksheets[0].append(row)
    data = io.BytesIO()
    made.save(data)
    assert read(data.getvalue()) == (TABLE, ['Read from the Excel sheet "Sheet".'])


# --- what is refused --------------------------------------------------------------------------


def refusal(data, says, **options):
    with pytest.raises(DataError) as caught:
        read(data, **options)
    assert "my.xlsx" in caught.value.where
    assert caught.value.fix
    assert len(str(caught.value)) < 600
    for part in says:
        assert part in str(caught.value)


def test_all_cells_of_a_row_above_the_header_are_named():
    rows = [["Patient", None, "Mesures", None, "Issue"], ["id", "age", "kg", "cm", "ill"]]
    rows += [["P1", 40, 70, 170, "oui"], ["P2", 50, 60, 160, "non"]]
    _, notes = read_bytes(excel({"S": rows}), "my.xlsx", Format(header_row=2))
    told = "The header is in row 2; left out above it: 'Patient, Mesures, Issue'."
    assert told in notes
    rows[0] = ["word" * 40, None, "Mesures", None, "Issue"]
    _, notes = read_bytes(excel({"S": rows}), "my.xlsx", Format(header_row=2))
    assert max(map(len, notes)) < 200


def test_titles_above_the_header_and_units_below_are_left_out():
    rows = [["My table"], [], ["a", "b", "c"], [None, "mg/dl", "%"], ["x", 1, 2], ["y", 3, 4]]
    frame, notes = read_bytes(excel({"S": rows}), "my.xlsx", Format())
    assert frame.to_numpy().tolist() == [["x", 1, 2], ["y", 3, 4]]
    assert "The header is in row 3; left out above it: 'My table'." in notes
    assert '("mg/dl", "%")' in notes[-1]
    units = ["mg/dl", "%", "kg", "cm", "years", "mmol/l", "ml"]
    for n_units, more in ((6, ""), (7, " and 1 more")):
        rows = [[f"x{k}" for k in range(n_units)], units[:n_units], *[list(range(n_units))] * 3]
        _, notes = read_bytes(excel({"S": rows}), "my.xlsx", Format())
        assert f'"years", "mmol/l"{more}); it is left out' in notes[-1]
    rows = [["My table", 2021], ["a", "b", "c"], [1, 2, 3]]
    frame, _ = read_bytes(excel({"S": rows}), "my.xlsx", Format(header_row=2))
    assert list(frame.columns) == ["a", "b", "c"]
    with pytest.raises(DataError, match="row 9, which is empty"):
        read_bytes(excel({"S": rows}), "my.xlsx", Format(header_row=9))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["a", "b"], [1, 2, 3]], ["C2", "no column name", "column B", "row 1"]),
        ([["My table", 2021], ["a", "b", "c"], [1, 2, 3]], ["C2", "no column name", "row 1"]),
        ([["a", None, "b"], [1, 2, 3]], ["Column B has no name", "row 1"]),
        ([["a", "  ", "b"], [1, 2, 3]], ["Column B has no name"]),
        ([[None, None, "b"], [1, 2, 3]], ["Column B has no name"]),
        ([[]], ["no filled cells"]),
        ([["", None], [""]], ["no filled cells"]),
    ],
)
def test_a_sheet_without_a_clear_table_is_refused(rows, says):
    refusal(excel({"s": rows}), says)


def test_a_formula_that_was_never_calculated_is_refused():
    data = excel({"s": [["x", "y"], [1, "=A2+1"], [2, 3]]})  # openpyxl calculates nothing
    refusal(data, ['sheet "s", cell B2', "formula without a stored value", "save it again"])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ('<row r="3"/><row r="2"/>', ["row 2", "after row 3"]),
        ('<row r="2"/><row r="2"/>', ["row 2", "after row 2"]),
        ('<row r="1048577"/>', ["row 1048577"]),
        ('<row r="99999999999999"/>', ["row 99999999999999"]),
        ('<row r="0"/>', ["row 0"]),
        ('<row r="-5"/>', ["row -5"]),
        ('<row r="x"/>', ["'x' is not a number", "row"]),
        ('<row r="2"><c r="B2"/><c r="A2"/></row>', ["row 2", "out of order"]),
        ('<row r="2"><c r="B2"/><c r="B2"/></row>', ["out of order"]),
        ('<row r="2"><c r="XFE2"/></row>', ["out of order"]),
        ('<row r="2"><c r="B3"/></row>', ["cell B3 in row 2"]),
        ('<row r="2"><c r="2B"/></row>', ["cell 2B"]),
        ('<row r="2"><c r="AAAA2"/></row>', ["cell AAAA2"]),
        (
            '<row><c t="s"><v>7</v></c></row>',
            ["cell A2 of", "shared text 7, counted from 0,", "has 1"],
        ),
        ('<row><c t="s"><v>99999999999</v></c></row>', ["shared text 99999999999, counted"]),
        ('<row><c t="s"><v>-1</v></c></row>', ["not a value of type 's'", "cell A2"]),
        ('<row><c t="s"><v>x</v></c></row>', ["cannot be read"]),
        ('<row><c t="b"><v>2</v></c></row>', ["'2' is not a value of type 'b'", "cell A2"]),
        ('<row><c t="z"><v>2</v></c></row>', ["not a value of type 'z'", "cell A2"]),
        ("<row><c><v>NaN</v></c></row>", ["'NaN' is not a value", "cell A2"]),
        ("<row><c><v>INF</v></c></row>", ["not a value"]),
        ("<row><c><v>1,5</v></c></row>", ["not a value"]),
        ("<row><c><v>1_5</v></c></row>", ["not a value"]),
        ("<row><c><v> 1</v></c></row>", ["not a value"]),
        ("<row><c><v>0x1</v></c></row>", ["not a value"]),
        ("<row><c><v>١</v></c></row>", ["not a value"]),
        ('<row><c s="x"><v>1</v></c></row>', ["'x' is not a number", "style of cell A2"]),
        ("<row><c><v>1</c></v></row>", ["mismatched tag"]),
        ("<row>&nothing;</row>", ["undefined entity"]),
        ('<row><c t="str"><v>\x00</v></c></row>', ["cannot be read"]),
    ],
)
def test_a_sheet_that_excel_would_not_write_is_refused(rows, says):
    refusal(handmade(HEAD + rows, strings="<si><t>a</t></si>"), says)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"[Content_Types].xml": None}, ["zip archive", "unpack it"]),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, [".ods", "save"]),
        ({"xl/workbook.bin": "?"}, [".xlsb", "save"]),
        ({"_rels/.rels": None}, ["cannot be read", "_rels/.rels"]),
        ({"xl/workbook.xml": None}, ["refers to the part 'xl/workbook.xml', which is not in it"]),
        ({"xl/worksheets/sheet1.xml": None}, ["the part 'xl/worksheets/sheet1.xml', which"]),
        ({"xl/strings.xml": None}, ["the part 'xl/strings.xml', which is not in it"]),
        ({"xl/_rels/workbook.xml.rels": "<Relationships/>"}, ["which part is the sheet", "Data"]),
        ({"xl/_rels/workbook.xml.rels": "<R><Relationship/></R>"}, ["has no 'Target'"]),
        ({"xl/workbook.xml": "<workbook/>"}, ["no filled cells"]),
        ({"xl/workbook.xml": "no xml"}, ["cannot be read"]),
        ({"_rels/.rels": "<Relationships/>"}, ["officeDocument"]),
    ],
)
def test_a_workbook_without_its_parts_is_refused(changes, says):
    refusal(handmade(HEAD, **changes), says)


def test_a_link_that_leads_out_is_not_followed(tmp_path):
    outside = tmp_path / "secret.xml"
    outside.write_text(f'<worksheet xmlns="{MAIN}"><sheetData>{HEAD}</sheetData></worksheet>')
    for target, mode in [(outside, "External"), (f"../../../../{outside}", ""), (outside, "")]:
        mode = f'TargetMode="{mode}"' if mode else ""
        links = (
            f'<Relationships xmlns="{LINKS}"><Relationship Id="i0" Type="{OFFICE}/worksheet" '
            f'Target="{target}" {mode}/></Relationships>'
        )
        refusal(handmade(HEAD, **{"xl/_rels/workbook.xml.rels": links}), ["cannot be read"])


ENTITIES = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(9))


@pytest.mark.parametrize(
    "entities",
    ['<!ENTITY e9 SYSTEM "file:///etc/passwd">', f'<!ENTITY e0 "{"ha" * 100}">{ENTITIES}'],
    ids=["a file from outside", "a billion laughs"],
)
def test_entities_do_no_harm(entities):
    sheet = (
        f'<!DOCTYPE worksheet [{entities}]><worksheet xmlns="{MAIN}"><sheetData>{HEAD}'
        '<row><c t="str"><v>&e9;</v></c></row></sheetData></worksheet>'
    )
    refusal(handmade("", **{"xl/worksheets/sheet1.xml": sheet}), ["cannot be read"])


def test_a_part_that_unfolds_to_more_than_is_allowed_is_refused_unopened(monkeypatch):
    data = handmade(HEAD + " " * 100_000 + "<row><c><v>1</v></c></row>")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(archive.getinfo(part).file_size for part in archive.namelist()[1:])
    assert size > 20 * len(data)
    monkeypatch.setattr(budget, "UNPACKED", size - 32 * len(data))
    assert len(read(data)[0]) == 2
    monkeypatch.setattr(budget, "UNPACKED", size - 32 * len(data) - 1)
    refusal(data, ["unpack", "CSV", "sheet1.xml", "max_memory"])


def test_an_archive_that_lies_about_its_size_is_refused():
    data = handmade(HEAD + " " * 100_000 + "<row><c><v>1</v></c></row>")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    told = size.to_bytes(4, "little")
    assert data.count(told) == 2
    refusal(data.replace(told, (200).to_bytes(4, "little")), ["cannot be read"])
    more = (size + 1).to_bytes(4, "little")
    refusal(data.replace(told, more), "sheet1.xml is not as long as its zip archive says")


def test_a_table_of_hardly_any_filled_cells_is_refused(monkeypatch):
    data = excel({"s": [["x", "y", "z"], [1], [2]]})
    monkeypatch.setattr(workbook, "_SPARSE_TIMES", 0)
    monkeypatch.setattr(workbook, "_SPARSE", 9)
    assert len(read(data)[0]) == 3
    monkeypatch.setattr(workbook, "_SPARSE", 8)
    refusal(data, ["9 cells, of which 5 are filled", "3 rows, 3 columns", "CSV"])


def test_elements_that_are_no_cells_are_bounded_by_those_that_are(monkeypatch):
    monkeypatch.setattr(budget, "IDLE", 100)
    monkeypatch.setattr(budget, "IDLE_PER_BYTE", 0)
    row = '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
    many = f"{row * 500}{'<row/>' * 1000}"
    assert len(read(handmade(many))[0]) == 500
    refusal(handmade(f"{row}{'<row/>' * 200}"), ["elements that are not cells", "2 filled cells"])
    monkeypatch.setattr(budget, "IDLE", 300)
    assert read(handmade(f"{row}{'<row/>' * 200}"))[0] == [["a", "b"]]


def test_a_format_is_looked_at_once_and_from_its_start_to_its_end():
    start = time.process_time()
    styles = b"".join(bombs.formats(1, b"[" * 4096, 5_000))
    frame, _ = read_workbook(bombs.book([bombs.ROW], **{"xl/styles.xml": [styles]}), Budget("x"))
    assert frame.to_numpy().tolist() == [[1, 2]]
    many = b"".join(bombs.formats(200, b"[" * 4096, 1))
    read_workbook(bombs.book([bombs.ROW], **{"xl/styles.xml": [many]}), Budget("x", 10**6))
    assert time.process_time() - start < 1


def test_number_formats_of_more_letters_than_any_workbook_has_are_refused():
    styles = b"".join(bombs.formats(300, b"0" * 4000, 1))
    with pytest.raises(DataError, match="number formats of 1,200,000 characters"):
        read_workbook(bombs.book([bombs.ROW], **{"xl/styles.xml": [styles]}), Budget("x", 10**6))


@pytest.mark.parametrize(
    "which",
    [
        pytest.param("a long name space", marks=pytest.mark.slow),
        "a long name space of attributes",
    ],
)
def test_a_name_space_of_a_long_name_is_refused_at_once(which):
    data = bombs.BOMBS[f"Excel: {which}"][0]()

    def refuse():
        with pytest.raises(DataError, match=r"xl/sheet.xml has a name space with a very long name"):
            read_workbook(data, Budget("x", len(data)))

    assert seconds_when_quiet(refuse, times=1) < 1


def test_two_sheets_of_one_part_are_refused():
    two = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="a" r:id="i0"/>'
        '<sheet name="b" r:id="i0"/></sheets></workbook>'
    )
    refusal(handmade(HEAD, **{"xl/workbook.xml": two}), ["same part"])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused():
    data = io.BytesIO(excel({"S": [["a", "b"], [1, 2]]}))
    with zipfile.ZipFile(data, "a") as archive:
        part = archive.read("xl/worksheets/sheet1.xml").replace(b"<v>2</v>", b"<v>9</v>")
        archive.writestr("xl/worksheets/sheet1.xml", part)
    refusal(data.getvalue(), "two parts have the name xl/worksheets/sheet1.xml")


def test_a_damaged_byte_in_the_archive_is_noticed():
    data = bytearray(excel({"s": [["x", "y"], *([i, i / 3] for i in range(200))]}))
    place = data.index(b"sheet1.xml") + 100
    data[place] ^= 16
    refusal(bytes(data), ["cannot be read", "damaged"])


def test_a_locked_archive_is_refused():
    data = bytearray(handmade(HEAD))
    place = data.index(b"PK\x01\x02")
    while place >= 0:  # the bit that says that a part is encrypted
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 1)
    refusal(bytes(data), ["encrypted", "locked"])


def test_the_memory_at_its_end_is_no_damage(monkeypatch):
    def exhaust(*_):
        raise MemoryError

    monkeypatch.setattr(workbook, "rows_of", exhaust)
    with pytest.raises(MemoryError):
        read(handmade(HEAD))


def test_the_schema_reads_a_sheet_as_it_reads_a_frame():
    rows = [["x", "n", "t"], [0.5, 1, True], [None, 2, None], ["NA", "3", False]]
    frame, _ = read_workbook(excel({"s": rows}), Budget("x"))
    schema = infer_schema(frame)
    assert [column.kind for column in schema.columns] == ["number", "number", "boolean"]
    matrix = schema.matrix(frame)
    assert str(matrix.tolist()) == "[[0.5, 1.0, 1.0], [nan, 2.0, nan], [nan, 3.0, 0.0]]"


@pytest.mark.parametrize("groups", [[None, "Person", None, "Lab"], ["Person", None, "Lab", None]])
def test_names_of_groups_above_the_header_lead_to_the_option(groups):
    rows = [groups, ["id", "age", "sex", "crp"], [1, 50, "f", 2.5], [2, 61, "m", 3.5]]
    with pytest.raises(DataError) as caught:
        read_bytes(excel({"S": rows}), "my.xlsx", Format())
    assert "--header-row 2 on the command line" in caught.value.fix
    frame, _ = read_bytes(excel({"S": rows}), "my.xlsx", Format(header_row=2))
    assert list(frame.columns) == rows[1]


def test_group_names_above_names_that_come_twice_lead_to_the_option():
    groups, names = [None, "Avant", None, "Après", None, None], ["id", "TA", "FC", "TA", "FC", "y"]
    rows = [groups, names, *([row, 120, 70, 130, 80, "oui"] for row in range(9))]
    with pytest.raises(DataError) as caught:
        read_bytes(excel({"S": rows}), "my.xlsx", Format())
    assert str(caught.value).startswith('Column C has no name (my.xlsx, sheet "S", row 1)')
    assert "--header-row 2 on the command line" in caught.value.fix
    assert "extra" not in caught.value.fix
    assert "lines" not in caught.value.fix
    frame, _ = read_bytes(excel({"S": rows}), "my.xlsx", Format(header_row=2))
    assert list(frame.columns) == names
