"""Which columns have curves, what is refused, and what a report gets."""

import json

import numpy as np
import pandas as pd
import pytest

from moved_rows import Members, curves_of, effect_of, normal_pair
from thalweg import DataError, SettingsError
from thalweg.evaluation.effects.any_model_source import TableSource
from thalweg.evaluation.effects.curves_of_columns import WantedCurves, effect_curves
from thalweg.evaluation.effects.effect import effects_section
from thalweg.evaluation.effects.row_counts import RowCounts


def first(X):
    return X[:, 0]


def test_fewer_than_50_rows_are_refused():
    with pytest.raises(DataError, match=r"49 rows are too few.*give a table of 50 rows"):
        curves_of(first, normal_pair(49))
    with pytest.raises(DataError, match="too few"):
        curves_of(first, normal_pair(60), np.where(np.arange(60) < 5, 1.0, 1e-4))
    assert len(curves_of(first, normal_pair(50))) == 2
    assert len(curves_of(first, normal_pair(25), np.full(25, 2.0))) == 2


def test_a_column_of_one_value_is_listed_and_not_dropped():
    X = np.column_stack((normal_pair(200), np.where(np.arange(200) < 190, 7.0, np.arange(200))))
    found = effect_curves(TableSource(first, X), RowCounts(np.ones(200)), WantedCurves())
    assert [each.column for each in found.effects] == ["x0", "x1"]
    assert found.left_out == (("x2", "95 % of the rows have the value 7"),)
    X[185:190, 2] = 8.0
    assert (
        len(effect_curves(TableSource(first, X), RowCounts(np.ones(200)), WantedCurves()).effects)
        == 2
    )
    with pytest.raises(DataError, match=r"1 column has no effect curve.*x2: "):
        curves_of(first, X, columns=["x2"])
    X[:160, 2] = np.nan
    with pytest.raises(DataError, match="only 40 rows have a value"):
        curves_of(first, X, columns=["x2"])


def test_few_rows_of_each_value_are_counted_in_all_rows():
    X = np.column_stack((normal_pair(61), np.where(np.arange(61) < 9, 7.0, 8.0)))
    found = effect_curves(TableSource(first, X), RowCounts(np.ones(61)), WantedCurves())
    assert found.left_out == (("x2", "fewer than two of its values have 20 of the 61 rows"),)


def test_unknown_columns_and_kinds_are_refused():
    X = normal_pair(100)
    with pytest.raises(SettingsError, match='no column "y"'):
        curves_of(first, X, columns=["y"])
    with pytest.raises(SettingsError, match='give "ale", "pdp" or "auto"'):
        curves_of(first, X, kind="ice")


def test_auto_takes_pdp_only_where_a_column_depends_on_no_other():
    X = np.column_stack((normal_pair(1000), np.random.default_rng(5).normal(size=1000)))
    kinds = {each.column: each.kind for each in curves_of(first, X, kind="auto")}
    assert kinds == {"x0": "ale", "x1": "ale", "x2": "pdp"}
    assert {each.kind for each in curves_of(first, X)} == {"ale"}


def test_columns_come_by_the_size_of_their_effect_unless_they_are_named():
    X = normal_pair(300)
    assert [e.column for e in curves_of(lambda X: X[:, 0] + 3 * X[:, 1], X)] == ["x1", "x0"]
    named = curves_of(lambda X: X[:, 0] + 3 * X[:, 1], X, columns=["x0", "x1"])
    assert [e.column for e in named] == ["x0", "x1"]
    assert named[0].size == pytest.approx(X[:, 0].std(), rel=0.05)


def test_rows_of_a_group_are_drawn_together():
    rng = np.random.default_rng(6)
    groups = np.repeat(np.arange(40), 25)
    X = np.column_stack((np.repeat(rng.normal(size=40), 25), rng.normal(size=1000)))
    X[:, 0] += 1e-3 * rng.normal(size=1000)
    alone = effect_of(first, X)
    together = effect_of(first, X, groups=groups)
    width, wider = ((e.high - e.low).mean() for e in (alone, together))
    # A column that is the same in a group has a mean of 40 values, not of 1,000.
    assert wider / width == pytest.approx(5, rel=0.35)


def test_dates_are_numbers_and_are_written_as_dates():
    rng = np.random.default_rng(7)
    days = rng.integers(18_000, 19_000, 500)
    X = pd.DataFrame({"day": pd.to_datetime(days, unit="D"), "z": rng.normal(size=500)})

    def of_day(X):
        return np.asarray(X["day"].to_numpy("datetime64[D]").astype(int) / 100.0)

    found = effect_of(of_day, X, "day")
    assert found.values == "date"
    assert found.mean == pytest.approx((found.x - days.mean()) / 100, abs=1e-9)
    assert all(text.startswith("20") for text in found.as_dict()["x"])
    assert found.sentence == "rises throughout"


def test_a_section_is_small_has_six_digits_and_no_row():
    rng = np.random.default_rng(8)
    X = rng.normal(size=(2000, 15))
    effects = curves_of(lambda X: X @ np.arange(15), X, kind="pdp")
    section = effects_section(effects)
    assert [each["column"] for each in section] == [f"x{j}" for j in range(14, 2, -1)]
    assert effects_section(effects, ["x0", "x3"])[0]["column"] == "x0"
    assert all(len(each["x"]) <= 41 for each in section)
    assert "bands" not in section[0]
    text = json.dumps(section)
    assert len(text) < 12 * 41 * 70
    values = [value for each in section for value in each["mean"] + each["low"] + each["x"]]
    assert all(value == float(f"{value:.6g}") for value in values)
    keys = {"column", "kind", "x", "mean", "members", "low", "high", "rows_in_bin", "supported"}
    assert keys <= {*section[0]}


def test_sections_of_several_classes_are_bounded():
    source = Members([lambda X: X[:, 0]], normal_pair(100))
    source.outputs = tuple("abcdefgh")
    source.too_few_taught = ("",) * 8
    wide = np.repeat(source.own, 8, axis=2)
    source.__class__ = type("Wide", (Members,), {
        "own": property(lambda self: wide),
        "answers": lambda self, c, r, v: np.repeat(Members.answers(self, c, r, v), 8, axis=2),
    })  # fmt: skip
    found = curves_of(None, None, source=source)
    assert len(found) == 16
    assert len(effects_section(found)) == 12


@pytest.mark.parametrize("n_groups", [1, 2, 5])
def test_rows_of_few_groups_have_no_interval_and_claim_nothing(n_groups):
    # Resamples of one group are equal: intervals had no width, and directions were claimed.
    X = np.random.default_rng(0).normal(size=(120, 2))
    X[:30, 1] = np.nan
    source = TableSource(lambda B: B[:, 0] + np.isnan(B[:, 1]), X)
    codes = np.arange(120) % n_groups
    for effect in effect_curves(source, RowCounts(np.ones(120), 0, codes), WantedCurves()).effects:
        assert effect.sentence.startswith("no statement: the rows count as")
        assert np.isnan(effect.low).all()
        assert np.isnan(effect.high).all()
        assert np.isfinite(effect.mean).all()
        assert not effect.has_interval
        json.dumps(effect.as_dict(), allow_nan=False)
        if effect.missing is not None:
            assert effect.as_dict()["missing"]["high"] is None
    six = effect_curves(
        source, RowCounts(np.ones(120), 0, np.arange(120) % 6), WantedCurves(["x0"])
    )
    assert six.effects[0].has_interval
    assert six.effects[0].sentence == "rises throughout"
