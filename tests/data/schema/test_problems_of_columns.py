"""All columns that cannot be read in one error, and one fix for all of them that works."""

import ast
import re
import shlex

import pandas as pd
import pytest

from thalweg.data.dates.date_reading import DateReading
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.misfit_messages import no_date
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError

N = 40
BAD = pd.DataFrame(
    {
        "price": ["1,234", "2,500"] * 20,
        "seen": ["01/02/2024", "03/04/2024"] * 20,
        "count": [*map(str, range(39)), "-"],
        "mixed": [1.0, True] * 20,
        "both": [*(f"{k},{7 * k + 100}" for k in range(1, 39)), "-", "n/k"],
        "dose": ["5 kg", "6"] * 20,
        "x": range(N),
    }
)


def refusal(frame, said=None):
    with pytest.raises(DataError) as caught:
        infer_schema(frame, said=said)
    return caught.value


def python_of(way):
    """What a fix says for Python, as arguments, and the columns to drop."""
    said = {}
    for name, value in re.findall(r"(\w+)=(\{.*?\})(?=[, ])", way):
        said[name] = ast.literal_eval(value)
    dropped = re.search(r"X\.drop\(columns=(\[.*?\])\)", way)
    return said, ast.literal_eval(dropped[1]) if dropped else []


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize("columns", [list(BAD), ["both", "x"], ["price", "seen"]])
def test_each_printed_fix_reads_all_columns(columns, way):
    error = refusal(BAD[columns])
    ways = error.fix.split("; or ")
    assert len(ways) == 2
    said, dropped = python_of(ways[way])
    schema = infer_schema(BAD[columns].drop(columns=dropped), said=SaidColumns.of(**said))
    kinds = dict(zip(schema.names, schema.kinds, strict=True))
    assert kinds.pop("seen", "date") == "date"
    assert {*kinds.values()} == {"number"}
    flags = shlex.split(ways[way].partition("--")[2].partition(" on the")[0])
    assert flags[0] in ("number", "missing")


def test_at_most_ten_columns_are_named_and_the_fix_has_all():
    frame = pd.DataFrame({f"p{k}": ["1,234", "2,500"] * 20 for k in range(14)})
    error = refusal(frame)
    assert "and 4 more" in error.why
    assert '"p9"' in error.why
    assert '"p10"' not in error.why
    said, _ = python_of(error.fix.split("; or ")[1])
    assert len(said["number"]) == 14
    assert infer_schema(frame, said=SaidColumns.of(**said)).matrix(frame)[0, 0] == 1234.0


def test_a_word_among_numbers_has_its_option_first_and_it_works():
    error = refusal(BAD[["count"]])
    assert error.fix.startswith('if they mean "not known", say so: --missing count=- on the')
    schema = infer_schema(BAD[["count"]], said=SaidColumns.of(missing={"count": ["-"]}))
    assert schema.kinds == ("number",)
    many = BAD[["x"]].astype(str).assign(x=[*map(str, range(32)), *"abcdefgh"])
    assert "--missing" not in refusal(many).fix


def test_a_text_among_dates_of_a_later_table_names_options_that_its_verbs_have():
    # predict and explain have no --drop.
    error = no_date("day", 3, "TT.MM.JJJJ", DateReading("dmy", "day", "", False))
    assert "--missing day=TT.MM.JJJJ on the command line" in error.fix
    assert "--drop-row 3 on the command line" in error.fix
    assert "--drop " not in error.fix
