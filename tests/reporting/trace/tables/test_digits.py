"""The digits of a trace: cells as they are, and numbers from which others can be recomputed."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from thalweg import ThalwegClassifier
from thalweg.reporting.trace.tables.network_check_tables import SECTIONS
from thalweg.reporting.trace.text import TEXT

SETTINGS = {"random_state": 0, "early_stopping": False, "max_iter": 1}
N = 240


def tables():
    """Columns whose numbers are equal in their first six digits, and ordinary ones."""
    rng = np.random.default_rng(4)
    clock = pd.Timestamp("2024-04-28 10:00") + pd.to_timedelta(rng.integers(0, 120, N), "min")
    return {
        "clock": pd.DataFrame({"at": clock.strftime("%Y-%m-%d %H:%M")}),
        "people": pd.DataFrame({"pop": rng.integers(1_234_000, 1_235_000, N)}),
        "ordinary": pd.DataFrame(
            {
                "age": rng.integers(18, 90, N),
                "dose": rng.normal(5, 2, N).round(2),
                "tiny": rng.lognormal(-20, 2, N),
                "sex": rng.choice(["f", "m"], N, p=[0.8, 0.2]),
            }
        ),
    }


@pytest.fixture(scope="module", params=["clock", "people", "ordinary"])
def fitted(request):
    frame = tables()[request.param]
    model = ThalwegClassifier((2,), **SETTINGS).fit(frame, np.arange(N) % 3 == 0)
    return request.param, model, frame


def encoded_from(x, m, s, low, high, formula):
    """The formulas that the page prints, with the numbers that it prints."""
    if formula == "bin":
        t_x, t_m = (min(max((each - low) / (high - low), 0.0), 1.0) for each in (x, m))
        return s * (t_x - t_m)
    u = s * (x - m)
    return u / math.sqrt(1 + (u / 3) ** 2)


def test_encoded_numbers_can_be_recomputed_from_the_printed_ones(fitted):
    _, model, frame = fitted
    checked = 0
    for row in range(0, N, 20):
        data = model.trace(frame.iloc[[row]]).data
        columns = {f"X[{column['column']}]": column for column in data["columns"]}
        (how,) = (s for s in SECTIONS["trace"](data) if s.title == "How the columns are encoded")
        for name, *cells in how.rows:
            *numbers, encoded = map(float, cells)
            formula = "bin" if columns[name]["scaling"]["is_bin"] else "scaled"
            again = encoded_from(*numbers, formula)
            assert f"{again:.6g}" == f"{float(encoded):.6g}" or abs(again) < 1e-15, (name, cells)
            x, m, _, low, high = numbers
            true = [columns[name]["scaling"][key] for key in ("x", "m", "least", "most")]
            assert np.array_equal(np.argsort([x, m, low, high]), np.argsort(true)), cells
            assert len({x, m, low, high}) == len({*true}), cells
            checked += 1
    assert checked > 90


def test_ordinary_numbers_keep_few_digits(fitted):
    name, model, frame = fitted
    if name == "ordinary":
        data = model.trace(frame.iloc[[3]]).data
        (how,) = (s for s in SECTIONS["trace"](data) if s.title == "How the columns are encoded")
        cells = [cell for row in how.rows if row[0] == "X[1]" for cell in row[1:4]]
        assert max(map(len, cells)) <= 9, cells


def test_the_column_raw_shows_the_cell():
    cells = [1234425.0, 12345678901.5, 0.1, 3.0, 1e-7]
    frame = pd.DataFrame({"v": np.resize(cells, 50)})
    model = ThalwegClassifier((2,), **SETTINGS, n_bins=0).fit(frame, np.arange(50) % 3 == 0)
    section = SECTIONS["trace"](model.trace(frame.iloc[:2]).data)
    row = next(s for s in section if s.title == "The row, raw and encoded").rows[0]
    assert (row[2], row[4]) == ("1234425", "12345678901.5")
    for k, wanted in ((2, "0.1"), (3, "3"), (4, "1e-07")):
        row = SECTIONS["trace"](model.trace(frame.iloc[[k]]).data)[0].rows[0]
        assert row[2] == wanted


def test_a_number_at_the_end_of_a_bin_leaves_no_rounding_dust():
    """(max - min) · (1 / (max - min)) may be 1 - 1e-16, which is no number of the table."""
    frame = pd.DataFrame({"v": np.random.default_rng(2).lognormal(3, 2, 400).round(1)})
    model = ThalwegClassifier((2,), **SETTINGS, n_bins=12).fit(frame, np.arange(400) % 3 == 0)
    dust = 0
    for value in np.unique([*frame["v"], *model.encoder_.bins.low, *model.encoder_.bins.high]):
        row = pd.DataFrame({"v": [value]})
        raw = model.encoder_.encode(row.to_numpy())
        if not ((raw != 0) & (np.abs(raw) < 1e-12)).any():
            continue
        dust += 1
        found = model.trace(row)
        for column in found.data["columns"]:
            (encoded,) = column["encoded"]
            assert encoded == 0 or abs(encoded) > 1e-12, column
        assert "e-17" not in str(found).split("Forward and backward")[0]
    assert dust  # the encoder has some, or this test shows nothing


def test_the_output_of_shared_levels_is_explained():
    """Its x is ln of a share of the filled cells: ln(2/300) of 320 rows, and that is said."""
    wards = np.concatenate([np.repeat(np.arange(20), 12), np.repeat(np.arange(20, 50), 2)])
    frame = pd.DataFrame({"ward": [*(f"W{k:02}" for k in wards), *[None] * 20]})
    model = ThalwegClassifier((2,), **SETTINGS).fit(frame, np.arange(320) % 3 == 0)
    one = model.trace(frame.iloc[[299]])
    (column,) = (c for c in one.data["columns"] if c["name"] == "ward common")
    assert column["scaling"]["x"] == pytest.approx(math.log(2 / 300))
    assert column["kind"] == "common"
    for said in (str(one), re.sub(r"<[^>]*>", "", one.to_html())):
        wanted = "of the training rows whose cell is not missing, the share that have the level"
        assert wanted in " ".join(said.split())


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("width", [44, 60, 80, 200])
def test_no_number_is_broken_or_lost_on_a_narrow_terminal(fitted, width):
    _, model, frame = fitted
    data = model.trace(frame.iloc[[5]]).data
    (how,) = (s for s in SECTIONS["trace"](data) if s.title == "How the columns are encoded")
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(TEXT["trace"](data))
    words = capture.get().split("are encoded")[1].split("Forward and")[0].split()
    for row in how.rows:
        for cell in row:
            assert cell in words, (cell, width)
