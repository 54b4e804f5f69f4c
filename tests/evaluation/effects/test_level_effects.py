"""Bars of levels: exact for sums, local for products, in order of frequency."""

import numpy as np
import pandas as pd
import pytest

from moved_rows import curves_of, effect_of
from thalweg.evaluation.effects.level_effects import levels_of

HEIGHTS = {"a": 0.0, "b": 3.0, "c": -1.0}


def table(n=600, seed=0):
    rng = np.random.default_rng(seed)
    level = rng.choice(["b", "a", "c"], n, p=[0.2, 0.5, 0.3])
    # z depends on the level.
    z = rng.normal(size=n) + pd.Series(level).map({"a": 0, "b": 2, "c": -2}).to_numpy()
    return pd.DataFrame({"level": level, "z": z})


def heights(X):
    return X["level"].map(HEIGHTS).to_numpy()


@pytest.mark.parametrize("kind", ["ale", "pdp"])
def test_of_a_sum_bars_are_the_part_whatever_the_dependence(kind):
    X = table()
    found = effect_of(lambda X: heights(X) + X["z"].to_numpy() ** 2, X, "level", kind=kind)
    assert found.levels == ("a", "c", "b")
    true = np.array([HEIGHTS[each] for each in found.levels]) - heights(X).mean()
    assert found.mean == pytest.approx(true)
    assert found.rows_in_bin.tolist() == X["level"].value_counts().tolist()
    assert found.sentence == "higher for b than for c, the others are between"


def test_of_a_product_only_rows_of_the_two_levels_count_and_both_groups_the_same():
    X = table()
    found = effect_of(lambda X: heights(X) * X["z"].to_numpy(), X, "level")
    means = X.groupby("level")["z"].mean()
    c_a, b_a = (HEIGHTS[k] * (means[k] + means["a"]) / 2 for k in "cb")
    bars = np.array([0, c_a, b_a])
    shares = found.rows_in_bin / len(X)
    assert found.mean == pytest.approx(bars - bars @ shares)
    # Asked of all rows, the answer is about rows of other levels, too.
    all_rows = effect_of(lambda X: heights(X) * X["z"].to_numpy(), X, "level", kind="pdp")
    assert all_rows.mean[2] - all_rows.mean[0] == pytest.approx(3 * X["z"].mean())


def test_two_numbers_have_bars_as_true_and_false_have():
    rng = np.random.default_rng(1)
    z = rng.normal(size=400)
    flag = z + rng.normal(size=400) > 0.5
    number = effect_of(lambda X: X[:, 0] * X[:, 1], np.column_stack((flag * 1.0, z)))
    frame = pd.DataFrame({"flag": flag, "z": z})
    truth = effect_of(lambda X: X["flag"].to_numpy() * X["z"].to_numpy(), frame, "flag")
    assert number.mean == pytest.approx(truth.mean)
    assert (number.levels, truth.levels) == (("0", "1"), ("False", "True"))


def test_weights_are_rows_that_stand_several_times():
    X, weights = table(200), np.random.default_rng(2).integers(1, 4, 200)

    def product(X):
        return heights(X) * X["z"].to_numpy()

    one, other = (
        effect_of(product, X, "level", weights=weights),
        effect_of(product, X.loc[np.repeat(X.index, weights)], "level"),
    )
    for name in ("mean", "low", "high", "rows_in_bin"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=2e-6)


def test_a_missing_level_is_a_point_of_its_own():
    X = table()
    X.loc[:59, "level"] = None

    def filled(X):
        return X["level"].map(HEIGHTS).fillna(5.0).to_numpy() + X["z"].to_numpy()

    for kind in ("ale", "pdp"):
        found = effect_of(filled, X, "level", kind=kind)
        known = X["level"].map(HEIGHTS).dropna().mean()
        assert found.missing.mean == pytest.approx(5 - known)
        assert len(found.levels) == 3


def test_levels_of_few_rows_have_no_bar_and_that_is_said():
    X = table()
    X.loc[:9, "level"] = "rare"
    found = effect_of(lambda X: X["z"].to_numpy(), X, "level")
    assert "rare" not in found.levels
    assert "1 level has no bar (10 rows)" in found.notes[0]
    assert levels_of(np.array([0.0] * 90 + [1.0] * 19), np.ones(109)) is None
    many = levels_of(np.repeat(np.arange(30.0), 25), np.ones(750))
    assert (len(many.values), many.n_left_out, many.rows_left_out) == (20, 10, 250)


def test_levels_without_an_effect_have_no_claim():
    rng = np.random.default_rng(5)
    X = table()
    noise = {level: rng.normal(size=600) for level in "abc"}

    def random(X):  # of each row another number, at any level
        return X["z"].to_numpy() + sum(
            0.3 * (X["level"] == k).to_numpy() * noise[k][X.index] for k in "abc"
        )

    assert "no clear difference" in effect_of(random, X, "level").sentence or (
        "hardly matters" in effect_of(random, X, "level").sentence
    )
    [flat] = [e for e in curves_of(lambda X: X["z"].to_numpy(), X) if e.column == "level"]
    assert flat.sentence == "hardly matters: it moves the answer by 0 or less"
