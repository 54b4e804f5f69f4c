"""Fixes in Python are in the words of the library whose table was given, and work as printed."""

import ast
import datetime
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, IdentifierWarning
from thalweg.estimators.classifier import ThalwegClassifier

NAMES = [f"name {k}" for k in range(60)]
Y = np.arange(60) % 2
HERE = {"np": np, "pd": pd, "pl": pl, "pa": pa}
TABLES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}


def quick():
    return ThalwegClassifier((2,), max_iter=1, early_stopping=False, n_bins=0, random_state=0)


def fixed(fix, X):
    """The table after the fix that a message prints."""
    code = re.findall(r"X = .*?\)(?=[.;,]| in |$)", fix)[-1]
    scope = {**HERE, "X": X}
    exec(code, scope)
    return scope["X"], code


@pytest.mark.parametrize("library", [*TABLES, "array"])
def test_columns_that_no_model_can_use_are_left_out_as_printed(library):
    lists = [[1, 2]] * 60
    if library == "array":
        X = np.empty((60, 3), dtype=object)
        X[:, 0], X[:, 1], X[:, 2] = lists[0][0], NAMES, 1
        for row in range(60):
            X[row, 1] = X[row, 2] = lists[row]
        X[:, 0] = np.arange(60)
    else:
        X = TABLES[library]({"a": np.arange(60.0), "b": lists, "it's": lists})
    with pytest.raises(DataError) as told:
        infer_schema(X)
    left, code = fixed(told.value.fix, X)
    assert infer_schema(left).names in (("a",), ("x0",))
    assert ("columns=" in code) == (library == "pandas")


@pytest.mark.parametrize("library", [*TABLES, "array"])
def test_identifiers_are_left_out_as_printed(library):
    X = (
        np.array([NAMES, ["1", "2"] * 30], dtype=object).T
        if library == "array"
        else TABLES[library]({"a": NAMES, "b": [1, 2] * 30})
    )
    with pytest.warns(IdentifierWarning) as told:
        quick().fit(X, Y)
    said = str(told[0].message)
    left, code = fixed(said, X)
    assert ("columns=" in code) == (library == "pandas")
    quick().fit(left, Y)
    declared = re.findall(r"category=(\[.*?\]) in Python", said)[0]
    quick().set_params(category=ast.literal_eval(declared)).fit(X, Y)


def python_in(fix):
    """The statement in Python that a fix prints at its end."""
    (code,) = re.findall(r"X(?:\[[^=]*?\])? = .*$", fix)
    return re.sub(r" in (pandas|polars|Arrow)$", "", code)


def ran(code, X):
    """The table after a statement of a fix."""
    scope = {**HERE, "X": X}
    exec(code, scope)
    return scope["X"]


@pytest.mark.parametrize("library", TABLES)
def test_a_missing_column_is_added_as_printed(library):
    X = TABLES[library]({"a": np.arange(60.0), "b": np.arange(60.0) % 7, "it's": np.arange(60.0)})
    model, less = quick().fit(X, Y), TABLES[library]({"a": np.arange(60.0)})
    with pytest.raises(DataError, match="--empty b") as told:
        model.predict(less)
    assert len(model.predict(ran(python_in(told.value.fix), less))) == 60


def test_a_missing_column_is_added_under_its_number():
    X = pd.DataFrame({0: np.arange(60.0), 1: np.arange(60.0) % 7})
    model, less = quick().fit(X, Y), X[[0]].copy()
    with pytest.raises(DataError, match="--empty 1") as told:
        model.predict(less)
    fixed_one = ran(python_in(told.value.fix), less)
    assert [*fixed_one.columns] == [0, 1]
    assert len(model.predict(fixed_one)) == 60


ZONE = "Asia/Tokyo"
TIMES = pd.Series(pd.date_range("2020-01-01 00:30", periods=60, freq="13h"))


@pytest.mark.parametrize("n_rows", [60, 3])
@pytest.mark.parametrize("here", ["", ZONE], ids=["without a zone", "with a zone"])
@pytest.mark.parametrize("library", TABLES)
def test_times_of_another_zone_say_so_and_the_fix_works(library, here, n_rows):
    def table(zone):
        frame = pd.DataFrame({"a": np.arange(60.0), "d": TIMES.dt.tz_localize(zone or None)})
        if library == "pandas":
            return frame
        made = pa.Table.from_pandas(frame)
        return made if library == "arrow" else pl.from_arrow(made)

    model = quick().fit(table(here), Y)
    other = table("" if here else ZONE)[:n_rows]
    with pytest.raises(DataError) as told:
        model.predict(other)
    what = str(told.value)
    cell = "'2020-01-01T00:30:00'" if here else "'2020-01-01T00:30:00+09:00'"
    said = "A time without a time zone" if here else f"A time in the time zone {ZONE}"
    assert f'{said}: {cell} (column "d", row 1). The time zone does not go with' in what
    assert "time zone Asia/Tokyo. Fix" in what if here else "without a time zone. Fix" in what
    found = model.predict_proba(ran(python_in(told.value.fix), other))
    assert found.tobytes() == model.predict_proba(table(here)[:n_rows]).tobytes()


# The clocks go back on the first of these days, at 3:00 to 2:00, and forward on the other.
CHANGES = ["2023-10-29 01:00", "2023-10-29 02:00", "2023-10-29 03:00", "2024-03-31 02:30"]


@pytest.mark.parametrize("library", [*TABLES, "array"])
def test_the_fix_for_a_zone_works_in_the_hours_that_clocks_skip_or_repeat(library):
    zone, plain = "Europe/Berlin", TIMES.dt.tz_localize("Europe/Berlin", ambiguous=True)
    hours = pd.to_datetime(pd.Series([*CHANGES, None])).astype(TIMES.dtype)
    kept = hours.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    assert kept.isna().tolist() == [False, True, False, True, True]

    def table(times):
        if library == "array":
            return times.astype(object).to_numpy()[:, np.newaxis]
        frame = pd.DataFrame({"d": times})
        made = pa.Table.from_pandas(frame)
        return {"pandas": frame, "arrow": made, "polars": pl.from_arrow(made)}[library]

    model = quick().fit(table(plain), Y)
    with pytest.raises(DataError, match="hours that occur twice or never become missing") as told:
        model.predict(table(hours))
    found = model.predict_proba(ran(python_in(told.value.fix), table(hours)))
    assert found.tobytes() == model.predict_proba(table(kept)).tobytes()


@pytest.mark.parametrize("zone", ["UTC", "+03:00"])
def test_the_fix_for_a_zone_says_nothing_of_hours_where_clocks_never_change(zone):
    model = quick().fit(pd.DataFrame({"d": TIMES.dt.tz_localize(zone)}), Y)
    with pytest.raises(DataError) as told:
        model.predict(pd.DataFrame({"d": TIMES}))
    assert told.value.fix.endswith(
        f"this zone: X['d'] = pd.to_datetime(X['d']).dt.tz_localize({zone!r})"
    )


def as_given(kind, zones):
    """The times as objects, in one zone or in several by turns, or as datetime64 without one."""
    cells = [time.to_pydatetime() for time in TIMES]
    cells = [each.replace(tzinfo=zones[k % len(zones)]) for k, each in enumerate(cells)]
    if kind == "datetime64":
        return TIMES.to_numpy()[:, np.newaxis]
    if kind == "pandas":
        return pd.DataFrame({"d": pd.Series([*cells[:-1], None], dtype=object)})
    return [[each] for each in cells] if kind == "rows" else np.array(cells)[:, np.newaxis]


PLUS_1, PLUS_2 = (datetime.timezone(datetime.timedelta(hours=hours)) for hours in (1, 2))


@pytest.mark.parametrize("n_rows", [60, 3])
@pytest.mark.parametrize(
    ("kind", "known", "zones"),
    [
        ("pandas", None, [datetime.UTC]),
        ("pandas", None, [PLUS_1, PLUS_2]),
        ("pandas", datetime.UTC, [None]),
        ("array", None, [PLUS_1]),
        ("rows", None, [PLUS_1, PLUS_2]),
        ("array", datetime.UTC, [None]),
        ("datetime64", datetime.UTC, [None]),
    ],
)
def test_the_fix_for_a_zone_works_on_objects(kind, known, zones, n_rows):
    fitted_on = as_given("pandas" if kind == "pandas" else "array", [known])
    model, other = quick().fit(fitted_on, Y), as_given(kind, zones)[:n_rows]
    with pytest.raises(DataError, match="The time zone does not go with") as told:
        model.predict(other)
    found = model.predict_proba(ran(python_in(told.value.fix), other))
    assert found.tobytes() == model.predict_proba(fitted_on[:n_rows]).tobytes()


@pytest.mark.parametrize("library", [*TABLES, "array", "rows"])
def test_durations_become_seconds_as_printed(library):
    spans = [datetime.timedelta(minutes=k) for k in range(60)]
    X = (
        TABLES[library]({"d": spans})
        if library in TABLES
        else np.array(spans, dtype="m8[s]")[:, np.newaxis]
        if library == "array"
        else [[each] for each in spans]
    )
    with pytest.raises(DataError, match="A duration is a number only") as told:
        quick().fit(X, Y)
    (code,) = re.findall(r"such as (pd\..*?\(\)); or", told.value.fix)
    assert [*eval(code, {**HERE, "X": X})] == [60.0 * k for k in range(60)]


def numbers_as(library, one, other):
    """A table of two columns; of an array and of rows without names."""
    if library in TABLES:
        return TABLES[library]({"it's": one, "b": other})
    rows = [[*pair] for pair in zip(one, other, strict=True)]
    return rows if library == "rows" else np.array(rows, dtype=object)


@pytest.mark.parametrize("n_rows", [60, 3])
@pytest.mark.parametrize("library", [*TABLES, "array", "rows"])
def test_words_among_numbers_are_emptied_as_printed(library, n_rows):
    numbers = np.arange(60.0)
    model = quick().fit(numbers_as(library, numbers, numbers % 7), Y)
    texts = [f"{each}" for each in numbers[:n_rows]]
    one, both = [*texts[:-1], " abc "], ["x", *texts[1:]]
    empty = [*numbers[: n_rows - 1], np.nan], [np.nan, *numbers[1:n_rows]]
    for other, wanted in ((numbers[:n_rows], numbers[:n_rows]), (both, empty[1])):
        for verb in (model.predict, model.out_of_range):
            X = numbers_as(library, one, other)
            with pytest.raises(DataError, match=r"abc.*on the command line, .* in Python") as told:
                verb(X)
            code = told.value.fix.partition("command line, ")[2].removesuffix(" in Python")
            exec(code, scope := {**HERE, "X": X})
            found = model.predict_proba(scope["X"])
            expected = model.predict_proba(numbers_as(library, empty[0], wanted))
            assert found.tobytes() == expected.tobytes()


@pytest.mark.filterwarnings("ignore:X (has|does not have valid) feature names")
@pytest.mark.parametrize("n_rows", [60, 3])
@pytest.mark.parametrize("library", [*TABLES, "array"])
def test_fixes_name_columns_that_are_matched_by_position(library, n_rows):
    names_of_the_fit = "array" if library in TABLES else "pandas"
    numbers = np.arange(60.0)
    model = quick().fit(numbers_as(names_of_the_fit, numbers, numbers % 7), Y)
    X = numbers_as(library, [f"{each}" for each in numbers[:n_rows]], ["abc"] * n_rows)
    with pytest.raises(DataError, match="abc") as told:
        model.predict(X)
    code = told.value.fix.partition("command line, ")[2].removesuffix(" in Python")
    exec(code, scope := {**HERE, "X": X})
    assert len(model.predict(scope["X"])) == n_rows


def test_texts_of_another_zone_are_shown_how_to_write_a_time():
    texts = TIMES.dt.strftime("%Y-%m-%dT%H:%M:%S")
    local, zoned = pd.DataFrame({"d": texts}), pd.DataFrame({"d": texts + "+09:00"})
    with pytest.raises(DataError, match=r"time zone \+09:00: '2020.*as in 2024-12-31T13:45:00, or"):
        quick().fit(local, Y).predict(zoned)
    with pytest.raises(DataError, match=r"without a time zone: '2020.*2024-12-31T13:45:00Z, or"):
        quick().fit(zoned, Y).predict(local)
    # Nothing but the zone may be wrong, or the zone is not the problem.
    wrong = pd.DataFrame({"d": ["2020-02-31T00:30:00+09:00"]})
    with pytest.raises(DataError, match="A date that does not exist"):
        quick().fit(local, Y).predict(wrong)
    days = pd.DataFrame({"d": TIMES.dt.strftime("%Y-%m-%d")})
    with pytest.raises(DataError, match="as in 2024-12-31, or"):
        quick().fit(days, Y).predict(pd.DataFrame({"d": ["2020-02-31"]}))


def test_fixes_name_columns_by_their_numbers():
    X = pd.DataFrame({0: np.arange(60.0), 2: NAMES})
    with pytest.warns(IdentifierWarning) as told:
        quick().fit(X, Y)
    left, _ = fixed(str(told[0].message), X)
    assert [*left.columns] == [0]
    spans = pd.DataFrame({0: np.arange(60.0), 4: pd.to_timedelta(np.arange(60), unit="h")})
    with pytest.raises(DataError, match="A duration is a number only") as told:
        quick().fit(spans, Y)
    (code,) = re.findall(r"such as (pd\..*?\(\)); or", told.value.fix)
    assert eval(code, {**HERE, "X": spans})[1] == 3600
    array = np.array([np.arange(60).astype("timedelta64[s]"), np.arange(60)], dtype=object).T
    with pytest.raises(DataError, match="A duration is a number only") as told:
        quick().fit(array, Y)
    assert "[row[0] for row in X]" in told.value.fix


@pytest.mark.parametrize("library", ["pandas", "polars", "arrow", "array"])
def test_a_column_of_numbers_and_words_is_declared_a_category_as_printed(library):
    cells = [*map(str, range(59)), "abc"]
    X = (
        np.array([cells, [0, 1] * 30], dtype=object).T
        if library == "array"
        else TABLES[library]({"a": cells, "b": [0, 1] * 30})
    )
    with pytest.raises(DataError, match="Text instead of a number") as told:
        quick().fit(X, Y)
    (names,) = re.findall(r"category=(\[.*?\]) in Python", told.value.fix)
    model = quick().set_params(category=ast.literal_eval(names)).fit(X, Y)
    assert model.schema_.kinds[0] == "category"
    assert ".astype" not in told.value.fix


def test_an_array_of_bytes_is_refused_with_a_fix_that_works():
    X = np.random.default_rng(0).normal(size=(60, 2)).astype(str).astype("S")
    with pytest.raises(DataError, match="array of bytes") as told:
        quick().fit(X, Y)
    scope = {**HERE, "X": X}
    exec(told.value.fix.split("; ")[0].removeprefix("give text: "), scope)
    model = quick().fit(scope["X"], Y)
    with pytest.raises(DataError, match="array of bytes"):
        model.predict(X)
    exec(told.value.fix.split("ASCII, ")[1], scope := {**HERE, "X": X})
    assert len(model.predict(scope["X"])) == 60


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (10**400, r"large: 1000.*\.\.\..*0 \("),
        (-(10**6000), "large: a whole number of 6000 digits"),
        (1e301, r"large: 1e\+301"),
        ("1e400", "large: '1e400'"),
    ],
    ids=["hundreds of digits", "thousands of digits", "float", "text"],
)
def test_a_number_that_is_too_large_is_quoted(cell, said):
    for n_rows in (2, 50):
        X = pd.DataFrame({"b": pd.Series([5, cell] * n_rows, dtype=object)})
        with pytest.raises(DataError, match=said) as told:
            infer_schema(X)
        assert len(str(told.value)) < 300
        model = quick().fit(pd.DataFrame({"b": np.arange(60.0)}), Y)
        with pytest.raises(DataError, match=said):
            model.predict(X)
