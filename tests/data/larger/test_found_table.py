"""What a table is that is read in batches: as for the whole table, whatever the order."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.formats.any_format import Format
from thalweg.data.larger.column_cells import ColumnCells
from thalweg.data.larger.found_table import FoundTable, LargerColumns, find_table
from thalweg.data.larger.table_files import TableFiles
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError

RNG = np.random.default_rng(1)
N = 4000
COLUMNS = {
    "numerals": [f"{x:.3f}" for x in RNG.normal(size=N)],
    "comma": [f"{x:.2f}".replace(".", ",") for x in RNG.normal(size=N)],
    "units": [f"{x} mg" for x in RNG.integers(1, 400, N)],
    "bounds": RNG.choice(["<5", "7", "8", "9.5", "11"], N),
    "codes": RNG.choice(["0123", "0456", "7890"], N),
    "yes": RNG.choice(["Yes", "no", "YES"], N),
    "truth": RNG.choice(["true", "false", ""], N),
    "nothing": [""] * N,
    "levels": RNG.choice([f"l{k}" for k in range(300)], N),
    "names": [f"n{k}" for k in range(N)],
    "grouped": [f"{x:,}" for x in RNG.integers(1, 10**7, N)],
}


def found(frame: pd.DataFrame, path, said: SaidColumns | None = None, rows=700) -> FoundTable:
    frame.assign(y=np.arange(len(frame)) % 2).to_csv(path, index=False)
    files = TableFiles(path, Format(separator=","), 10**8)
    return find_table(files, LargerColumns("y", said=said or SaidColumns()), rows, 10**8)


@pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")
def test_the_schema_is_that_of_the_whole_table_in_any_order(tmp_path):
    frame = pd.DataFrame(COLUMNS)
    known = infer_schema(frame.astype(object))
    one = found(frame, tmp_path / "one.csv")
    assert one.schema == known
    assert {"number", "category", "identifier", "boolean", "empty", "bound"} <= set(known.kinds)
    mixed = frame.sample(frac=1.0, random_state=2)
    other = found(mixed, tmp_path / "two.csv", rows=333)
    assert other.schema == known
    assert other.counts == one.counts == {"0": N // 2, "1": N // 2}


def test_what_is_said_of_a_column_holds(tmp_path):
    frame = pd.DataFrame({"zip": RNG.integers(10_000, 20_000, N), "a": RNG.normal(size=N)})
    said = SaidColumns.of(category="zip", missing={"a": "-9"})
    there = found(frame, tmp_path / "t.csv", said)
    assert there.schema == infer_schema(frame.astype(str).astype(object), said=said)
    assert len(there.schema.levels[0]) == frame["zip"].nunique() > 3000


def test_columns_of_parquet_have_the_kinds_that_they_have_in_memory(tmp_path):
    truth = RNG.random(60) < 0.5
    frame = pd.DataFrame(
        {
            "whole": np.arange(60),
            "truth": truth,
            "seldom": pd.Series(truth, dtype="boolean").mask(RNG.random(60) < 0.3),
            "never": np.zeros(60, bool),
            "word": np.where(truth, "a", "b"),
        }
    )
    for path in (tmp_path / "one.parquet", tmp_path / "two.parquet"):
        frame.assign(y=np.arange(60) % 2).to_parquet(path)
    files = TableFiles(tmp_path, Format(), 10**8)
    there = find_table(files, LargerColumns("y"), 20, 10**8)
    assert there.schema == infer_schema(frame)
    assert [each.kind for each in there.schema.columns][1:4] == ["boolean"] * 3
    # Beside numbers in another file, true and false are 1 and 0.
    frame.assign(truth=2.5, y=0).to_parquet(tmp_path / "two.parquet")
    mixed = find_table(TableFiles(tmp_path, Format(), 10**8), LargerColumns("y"), 20, 10**8)
    assert mixed.schema.columns[1].kind == "number"


def of_folder(folder, **parts):
    """The error for a folder of these tables, read 10 rows at a time."""
    folder.mkdir(exist_ok=True)
    for name, frame in parts.items():
        frame.assign(y=np.arange(len(frame)) % 2).to_parquet(folder / f"{name}.parquet")
    with pytest.raises(DataError) as raised:
        find_table(TableFiles(folder, Format(), 10**8), LargerColumns("y"), 10, 10**8)
    return str(raised.value)


def test_words_among_numbers_are_refused_as_in_memory(tmp_path):
    frame = pd.DataFrame({"a": [*COLUMNS["numerals"][:-1], "broken"]})
    with pytest.raises(DataError, match="Text instead of a number: 'broken'") as raised:
        found(frame, tmp_path / "t.csv")
    assert raised.value.where == f'column "a", row {N:,} of t.csv'
    assert "--missing a=broken" in raised.value.fix


def test_a_cell_that_does_not_fit_is_named_with_its_file_and_row(tmp_path):
    numbers = pd.DataFrame({"row 5": [f"{k}" for k in range(100)], "b": np.arange(100)})
    lists = numbers.assign(b=[[1]] * 100)
    said = of_folder(tmp_path / "lists", one=numbers, two=lists)
    assert '(column "b", row 1 of two.parquet)' in said
    units = numbers.assign(**{"row 5": ["7 kg", *["8 mg"] * 99]})
    word = numbers.assign(**{"row 5": [*map(str, range(57)), "oops", *map(str, range(42))]})
    word = word.assign(b=[*["3"] * 57, "odd", *["9"] * 42])
    said = of_folder(tmp_path / "units", one=units, two=units)
    assert "row 1 of one.parquet holds '7 kg', row 2 of one.parquet '8 mg'" in said
    said = of_folder(tmp_path / "words", one=numbers.astype(str), two=word)
    assert '(column "row 5", row 58 of two.parquet)' in said
    assert "Also: Text instead of a number: 'odd' (column \"b\", row 58 of two.parquet)" in said
    assert "--drop-row" not in said  # a fit on shards leaves no row out
    days = numbers.assign(b=pd.Timestamp("2024-01-01"))
    assert '(column "b" of two.parquet)' in of_folder(tmp_path / "days", one=numbers, two=days)


def test_numerals_beside_many_words_are_not_lost(tmp_path):
    texts = [f"{k}" if k % 2 else f"w{k % 40}" for k in range(2 * N)]
    frame = pd.DataFrame({"a": texts, "b": 1.5})
    with pytest.raises(DataError, match="very many different"):
        found(frame, tmp_path / "t.csv")
    said = SaidColumns.of(category="a")
    assert len(found(frame, tmp_path / "t.csv", said).schema.levels[0]) == N + 20


def test_a_column_of_too_many_texts_is_an_identifier():
    cells = ColumnCells("a", most_texts=50)
    cells.see(pd.Series([f"t{k}" for k in range(60)] * 10))
    assert cells.is_identifier
    assert cells.held == 0


def test_what_is_kept_of_numerals_does_not_depend_on_the_order():
    texts = [f"{x:.4f}" for x in RNG.normal(size=3000)]
    kept = []
    for order in (texts, texts[::-1], sorted(texts)):
        cells = ColumnCells("a", kept=100)
        for start in range(0, 3000, 77):
            cells.see(pd.Series(order[start : start + 77]))
        values, counts = cells.found()
        kept.append((values.values.tolist(), counts.sum()))
    assert kept[0] == kept[1] == kept[2]
    assert 100 <= len(kept[0][0]) < 140
    assert kept[0][1] == 3000


def test_a_class_alone_and_too_many_classes_are_refused(tmp_path):
    frame = pd.DataFrame({"a": np.arange(N), "y": "same"})
    frame.to_parquet(tmp_path / "t.parquet")
    files = TableFiles(tmp_path / "t.parquet", Format(), 10**8)
    with pytest.raises(DataError, match="only one class"):
        find_table(files, LargerColumns("y"), 500, 10**8)
    frame.assign(y=[f"c{k}" for k in range(N)]).to_parquet(tmp_path / "t.parquet")
    files = TableFiles(tmp_path / "t.parquet", Format(), 10**8)
    with pytest.raises(DataError, match="do not fit into"):
        find_table(files, LargerColumns("y"), 500, 1000)


def labels_of_parts(folder, *targets):
    """The labels of a folder of which each part gives the target in another type, both ways."""
    found = []
    for order in (targets, targets[::-1]):
        for number, each in enumerate(order):
            frame = pd.DataFrame({"a": np.arange(float(len(each))), "y": each})
            for old in folder.glob(f"{number}.*"):
                old.unlink()
            if frame["y"].dtype == object:
                frame.to_csv(folder / f"{number}.csv", index=False)
            else:
                frame.to_parquet(folder / f"{number}.parquet")
        files = TableFiles(folder, Format(separator=","), 10**8)
        table = find_table(files, LargerColumns("y", typed=True), 2, 10**8)
        codes = [table.numbers(batch)[1] for batch in files.batches(table.needed, 2)]
        labels = table.labels_of_type
        found.append((labels.tolist(), sorted(labels[np.concatenate(codes).astype(int)].tolist())))
    assert found[0] == found[1]
    return found[0]


def test_a_target_is_one_whatever_number_type_each_file_has(tmp_path):
    """It was a KeyError, or four classes where there are two."""
    whole, floats = np.array([0, 1, 1]), np.array([1.0, 0.0, -0.0, 2.0])
    classes, rows = labels_of_parts(tmp_path, whole, floats)
    assert classes == [0.0, 1.0, 2.0]
    assert isinstance(classes[0], float)
    assert rows == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0]
    texts = np.array(["1", "0", "1.0"], dtype=object)
    assert labels_of_parts(tmp_path, floats, texts) == (list("012"), list("0001112"))
    assert labels_of_parts(tmp_path, floats[2:], texts[:2])[0] == list("012")
    assert labels_of_parts(tmp_path, whole, texts[:2]) == (list("01"), list("00111"))
    with pytest.raises(DataError, match="true and false in one file, and a number in another"):
        labels_of_parts(tmp_path, whole, np.array([True, False]))


def test_an_error_counts_rows_and_not_different_texts(tmp_path):
    cells = np.array([f"{x:.1f}" for x in RNG.normal(size=N)], dtype=object)
    cells[100:130], cells[200:203] = "broken", "lost"
    with pytest.raises(DataError) as whole:
        infer_schema(pd.DataFrame({"a": cells}))
    with pytest.raises(DataError) as batches:
        found(pd.DataFrame({"a": cells}), tmp_path / "t.csv")
    counts = f"{N - 33:,} cells are numbers, and 33 are other text"
    assert counts in str(whole.value)
    assert counts in str(batches.value)
    assert "in 30 rows" in str(batches.value)
