"""Cards of single columns, of every kind and of odd ones."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.doctor.examined_table import Examined
from thalweg.data.doctor.table_check import check_table
from thalweg.data.doctor.watched_check import check_watched_by
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.number_formulas import FARTHEST
from thalweg.data.schema.schema import infer_schema
from thalweg.estimators.parameters.resolved_parameters import cut_of
from thalweg.studio.tasks.column_cards import CardSubject
from thalweg.studio.tasks.value_histograms import Plain, of_levels, of_numbers

N = 60


class _Seen:
    """Keeps what a check has read."""

    def reading(self, done: int, total: int) -> None:
        self.columns = total

    def examined(self, seen: Examined, columns: object, notes: object) -> None:
        self.seen = seen

    def checking(self, name: str, done: int, total: int) -> None:
        assert done < total


def cards(frame: pd.DataFrame, **roles: str) -> dict[str, Plain]:
    watch = _Seen()
    with check_watched_by(watch):
        check_table(frame)
    assert watch.columns == frame.shape[1]
    found = CardSubject(watch.seen, frame, roles).cards([*frame.columns])
    return {each["name"]: each for each in found}


def odd_table() -> pd.DataFrame:
    rows = np.arange(N)
    return pd.DataFrame(
        {
            "number": rows % 7,
            "truth": rows % 2 == 0,
            "empty": [None] * N,
            "free": [f"a remark {row} of its own" for row in rows],
            "same": ["x"] * N,
            "mixed": [*map(str, rows[:-2]), "oops", "[]"],
            "huge": np.where(rows == 3, 1e300, -1e300),
            "long": ["y" * 10_000 if row % 2 else "z\u202e\n" for row in rows],
            "many": [f"level {row % 29}" for row in rows],
        }
    )


def test_every_kind_has_a_card() -> None:
    found = cards(odd_table(), many="left out, as chosen")
    assert {name: (card["kind"], card["used"]) for name, card in found.items()} == {
        "number": ("number", True), "truth": ("boolean", True), "empty": ("empty", False),
        "free": ("identifier", True), "same": ("category", True), "mixed": ("", False),
        "huge": ("number", True), "long": ("category", True), "many": ("category", False),
    }  # fmt: skip
    assert found["empty"]["why_not"] == "all of its cells are missing"
    assert found["many"]["why_not"] == "left out, as chosen"
    assert found["mixed"]["why_not"].startswith("Text instead of a number")
    assert found["free"]["raw"] is None
    assert "only whether a cell is filled" in found["free"]["read"]
    assert found["truth"]["raw"] == {"levels": ["False", "True"], "counts": [30, 30], "others": 0}
    assert sum(found["huge"]["raw"]["counts"]) == N
    assert found["long"]["examples"][0] == "z"  # without what no person sees
    assert max(map(len, found["long"]["examples"])) <= 60
    assert found["many"]["raw"]["others"] == N - sum(found["many"]["raw"]["counts"])
    for card in found.values():
        assert card["used"] is (card["why_not"] is None)
        assert not card["enters"] or card["used"]


def test_the_inputs_are_those_of_the_encoder_of_a_fit() -> None:
    frame = pd.DataFrame({"age": np.arange(N) % 37, "town": [f"t{row % 3}" for row in range(N)]})
    found = cards(frame)
    schema = infer_schema(frame)
    matrix = schema.matrix(frame)
    encoder = fit_encoder(matrix, np.ones(N), schema.n_levels, cut_of("auto", N, 1))
    names = encoder.output_names(schema.names, schema.levels)
    of_age = [name for name in names if name.startswith("age")]
    assert found["age"]["enters"].startswith(f"{len(of_age)} inputs: {', '.join(of_age[:6])}")
    assert found["town"]["enters"].startswith("3 inputs: town=t0, town=t1, town=t2. ")
    encoded = encoder.encode(matrix)[:, names.index("age")]
    assert found["age"]["encoded"] == of_numbers(encoded)
    assert abs(encoded).max() <= FARTHEST


@pytest.mark.parametrize(
    "values", [[3.0] * 5, [1e300, -1e300], [0.0, np.nan], [5e-324, 0.0], [1e300] * 3]
)
def test_histograms_count_every_known_number(values: list[float]) -> None:
    found = of_numbers(np.array(values))
    assert found is not None
    assert sum(found["counts"]) == np.isfinite(values).sum()
    assert len(found["edges"]) == len(found["counts"]) + 1
    assert np.isfinite(found["edges"]).all()


def test_histograms_of_nothing_are_none() -> None:
    assert of_numbers(np.array([np.nan])) is None
    assert of_levels({}) is None
    assert of_levels({"b": 1, "a": 2}) == {"levels": ["a", "b"], "counts": [2, 1], "others": 0}


def test_examples_of_moments_are_those_of_the_clock_of_the_column() -> None:
    days = pd.Series(pd.date_range("2021-03-01", periods=N, tz="Europe/Berlin"))
    days[0] = pd.NaT
    hours = pd.date_range("2021-03-01 23:30", periods=N, freq="h", tz="America/New_York")
    texts = [f"{1 + row % 28:02d}.03.2021" for row in range(N)]
    found = cards(pd.DataFrame({"day": days, "hour": hours, "text": texts}))
    assert found["day"]["examples"] == [f"2021-03-{day:02d}" for day in range(2, 7)]
    assert found["hour"]["examples"][:2] == ["2021-03-01T23:30:00", "2021-03-02T00:30:00"]
    assert found["text"]["examples"][0] == "01.03.2021"  # as it is written
