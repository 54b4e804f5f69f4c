"""What looking at the cells of a table takes: not many times what the cells take."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from thalweg.data.cells import comma_numbers, plain_numbers
from thalweg.data.doctor.table_check import check_table


def peak_of(call):
    tracemalloc.start()
    try:
        found = call()
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("read", [plain_numbers, comma_numbers])
def test_equal_texts_are_not_joined_at_their_full_length(read):
    cells = np.array(["x" * 100_000, "y" * 100_000] * 100, dtype=object)
    found, peak = peak_of(lambda: read(cells))
    assert found is None
    assert peak < 1_000_000


def test_numbers_are_read_some_at_a_time(monkeypatch):
    monkeypatch.setattr("thalweg.data.cells._AT_ONCE", 2)
    cells = np.array(["1", "2.5", "", "4", "5"], dtype=object)
    np.testing.assert_equal(plain_numbers(cells), [1, 2.5, np.nan, 4, 5])
    commas = np.array(["1", "2,5", "", "4", "5"], dtype=object)
    np.testing.assert_equal(comma_numbers(commas), [1, 2.5, np.nan, 4, 5])
    assert plain_numbers(np.array(["1", "2", "3_0"], dtype=object)) is None
    assert comma_numbers(np.array(["1", "2", "3\0004"], dtype=object)) is None
    assert plain_numbers(np.array(["1", "2", None], dtype=object)) is None


def test_the_doctor_takes_a_few_times_the_memory_of_a_long_table():
    n = 200_000
    table = pd.DataFrame({"a": np.zeros(n, np.float32), "y": np.zeros(n, np.int8)})
    found, peak = peak_of(lambda: check_table(table))
    assert found.n_rows == n
    assert peak < 100 * n  # 25 bytes of each row are counted when it is read
