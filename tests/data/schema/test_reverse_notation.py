"""Later tables in the reverse notation of a model: refused where other columns prove it."""

import numpy as np
import pandas as pd
import pytest

from thalweg import DataError
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import infer_schema

N = 60
LEUKO = [f"{4 + place % 6}.{100 + place}" for place in range(N)]
CRP = [f"{10 + place},{place % 9 + 1}" for place in range(N)]
GERMAN = pd.DataFrame({"leuko": LEUKO, "crp": CRP})
SCHEMA = infer_schema(GERMAN, said=SaidColumns.of(number={"leuko": "1.234,56"}))


def swapped(frame):
    return frame.apply(lambda cells: cells.str.translate(str.maketrans(",.", ".,")))


@pytest.mark.parametrize("n_rows", [1, 5, N])
def test_cells_of_two_readings_are_refused_where_another_column_proves_the_reverse(n_rows):
    with pytest.raises(DataError) as told:
        SCHEMA.matrix(swapped(GERMAN[:n_rows]))
    said = str(told.value)
    assert '4,100 may be 4100 or 4.1 (column "leuko", row 1)' in said
    assert "'10.1' in the column \"crp\"" in said
    assert "for 4100 --number leuko=1,234.56 on the command line" in said
    assert "for 4.1 --number leuko=1.234,56" in said


def test_the_notation_of_the_model_decides_otherwise():
    right = SCHEMA.matrix(GERMAN)
    assert right[0].tolist() == [4100.0, 10.1]
    # No other column says anything.
    mixed = pd.DataFrame({"leuko": swapped(GERMAN)["leuko"], "crp": ["7"] * N})
    assert SCHEMA.matrix(mixed)[0, 0] == 4.1
    # Other columns disagree with each other.
    three = GERMAN.assign(cost=[f"1.{100 + place},5" for place in range(N)])
    schema = infer_schema(three, said=SaidColumns.of(number={"leuko": "1.234,56"}))
    one = three.assign(crp=swapped(GERMAN)["crp"])
    assert schema.matrix(one)[0].tolist() == [4100.0, 10.1, 1100.5]
    # Its own cells prove the notation.
    own = GERMAN.assign(leuko=["4.100,5", *LEUKO[1:]], crp=swapped(GERMAN)["crp"])
    assert SCHEMA.matrix(own)[1].tolist() == [5101.0, 11.2]
    # Numbers are no texts.
    numbers = GERMAN.assign(crp=np.arange(N) + 0.5)
    assert SCHEMA.matrix(numbers)[0].tolist() == [4100.0, 0.5]
