"""Number formats: openpyxl's reading of the same codes and numbers is the judge."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import from_excel

from thalweg.data.formats.excel.number_formats import BUILT_IN, sort_of, time_text

EPOCH = datetime(1899, 12, 30)


@pytest.mark.parametrize("number", BUILTIN_FORMATS)
def test_a_built_in_format_is_of_the_sort_that_its_code_says(number):
    code = BUILTIN_FORMATS[number]
    assert BUILT_IN.get(number, "") == sort_of(code)
    assert (sort_of(code) != "") == is_date_format(code)
    assert (sort_of(code) == "duration") == is_timedelta_format(code)


@given(st.integers(60 * 86_400, 2_958_465 * 86_400))
def test_a_date_is_that_of_openpyxl(seconds):
    days = seconds / 86_400
    told = from_excel(days)
    assert abs(datetime.fromisoformat(str(time_text(days, "date", EPOCH))) - told) <= timedelta(
        milliseconds=1
    )


@given(st.integers(0, 86_399))
def test_a_time_of_day_comes_back(seconds):
    hours, minutes, left = seconds // 3600, seconds // 60 % 60, seconds % 60
    assert time_text(seconds / 86_400, "time", EPOCH) == f"{hours:02}:{minutes:02}:{left:02}"


@given(st.integers(-(10**9), 10**9))
def test_the_parts_of_a_duration_add_up_to_it(seconds):
    text = str(time_text(seconds / 86_400, "duration", EPOCH))
    numbers = [int(part) for part in text.removeprefix("-").split()[::2]]
    units = text.split()[1::2]
    total = sum(n * {"h": 3600, "min": 60, "s": 1}[u] for n, u in zip(numbers, units, strict=True))
    assert (-total if text.startswith("-") else total) == seconds
