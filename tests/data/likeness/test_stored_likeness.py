"""A likeness as arrays: it comes back to the bit, and what no fit gives is refused."""

import numpy as np
import pytest

from likenesses import KINDS, LEVELS, likeness, mixed_rows
from thalweg.data.likeness.stored_likeness import as_arrays, likeness_from
from thalweg.evaluation.answers import number_of_rows

N_LEVELS = tuple(LEVELS if kind == "category" else 0 for kind in KINDS)


@pytest.fixture(scope="module")
def rows():
    return mixed_rows(np.random.default_rng(0), 150)


@pytest.fixture
def arrays(rows):
    return {name: each.copy() for name, each in as_arrays(likeness(rows, KINDS)).items()}


def test_it_comes_back_to_the_bit(rows, arrays):
    before, after = likeness(rows, KINDS), likeness_from(arrays, KINDS, N_LEVELS)
    new = mixed_rows(np.random.default_rng(1), 100)
    np.testing.assert_array_equal(before.outlier_p(new), after.outlier_p(new))
    np.testing.assert_array_equal(before.typical, after.typical)
    for one, other in zip(before.columns, after.columns, strict=True):
        assert (one.kind, one.n, one.missing) == (other.kind, other.n, other.missing)
        np.testing.assert_array_equal(one.below, other.below)
        np.testing.assert_array_equal(one.shares, other.shares)
        assert one.rare == other.rare


def test_an_earlier_file_counts_rare_levels_by_their_shares(rows, arrays):
    before = likeness(rows, KINDS)
    del arrays["rare"]
    after = likeness_from(arrays, KINDS, N_LEVELS)
    assert "rare" not in as_arrays(after)
    assert [(each.once, each.twice) for each in after.columns] == [
        (each.once, each.twice) for each in before.columns
    ]
    assert before.columns[4].once > 0


@pytest.mark.parametrize("d", [1, 3, 201])
def test_so_do_numbers_alone(d):
    X = np.random.default_rng(d).normal(size=(40, d))
    found = likeness(X)
    after = likeness_from(as_arrays(found), ("number",) * d, (0,) * d)
    np.testing.assert_array_equal(found.outlier_p(X), after.outlier_p(X))


def test_columns_without_values_come_back():
    X = np.full((5, 2), np.nan)
    kinds = ("number", "category")
    after = likeness_from(as_arrays(likeness(X, kinds)), kinds, (0, 3))
    assert np.isnan(after.typical).all()


@pytest.mark.parametrize("seed", range(24))
def test_what_any_fit_gives_is_taken(seed):
    """With weights, groups, few rows and numbers of any size."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 90))
    X = mixed_rows(rng, n)
    X[:, 1] *= 10.0 ** rng.integers(-200, 200)
    X[:, 0] = rng.standard_cauchy(n) * 1e9
    weights = [np.ones(n), rng.integers(1, 9, n) * 1.0, rng.exponential(size=n) ** 9][seed % 3]
    rows = number_of_rows(weights)
    groups = rng.integers(0, max(1, n // 3), n) if seed % 2 else None
    found = likeness(X, KINDS, weights * (rows / weights.sum()), groups)
    likeness_from(as_arrays(found), KINDS, N_LEVELS, weighted=seed % 3 > 0)


def put(name, place, value):
    def change(arrays):
        arrays[name][place] = value

    return change


def cut(name):
    def change(arrays):
        arrays[name] = arrays[name][:-1]

    return change


def cast(name, kind):
    def change(arrays):
        arrays[name] = arrays[name].astype(kind)

    return change


FORGERIES = [
    (lambda a: a.pop("mean"), "other arrays"),
    (lambda a: a.update(more=np.zeros(1)), "other arrays"),
    *[(cast(name, np.float16), f"the form of {name}") for name in ("rows", "factor", "levels")],
    (put("rows", 0, 0.0), "counts"),
    (put("rows", 1, np.nan), "counts"),
    (put("rows", 0, np.inf), "counts"),
    (put("missing", 0, 1.5), "missing"),
    (put("missing", 0, np.nan), "missing"),
    (cut("missing"), "missing"),
    (put("missing", 0, 1.0), "quantiles"),
    (put("quantiles", (0, 3), np.nan), "rise"),
    (put("quantiles", (0, 0), np.inf), "rise"),
    (put("quantiles", (0, 20), -9.0), "rise"),
    (put("below", 0, 2.0), "edges"),
    (put("below", 3, 0.01), "edges"),
    (put("below", 0, np.nan), "edges"),
    (cut("below"), "edges"),
    (put("levels", (0, 0), 3), "number of its levels"),
    (put("levels", (0, 1), -1), "number of its levels"),
    (put("levels", (0, 0), 2**62), "number of its levels"),
    (put("levels", (1, 1), 5), "number of its levels"),
    (put("codes", 0, 7.0), "levels that the schema"),
    (put("codes", 0, 0.5), "levels that the schema"),
    (put("codes", 0, 1.0), "is repeated"),
    (put("shares", 0, -0.5), "shares of its levels"),
    (put("shares", 0, np.nan), "shares of its levels"),
    (put("shares", 0, 0.1), "shares of its levels"),
    (cut("rare"), "shape of its rare levels"),
    (cast("rare", np.float64), "the form of rare"),
    (put("rare", (0, 0), -1), "number of its rare levels"),
    (put("rare", (0, 0), 2**62), "number of its rare levels"),
    (put("rare", (1, 1), 1000), "number of its rare levels"),
    (put("mean", 0, 9.0), "spread"),
    (put("mean", 0, np.nan), "spread"),
    (cut("mean"), "shape of its numbers"),
    (cut("factor"), "shape of its numbers"),
    (put("factor", 0, np.nan), "spread"),
    (put("factor", 0, 1e30), "spread"),
    (put("scores", 1, -1e9), "rise"),
    (put("scores", 1, np.inf), "rise"),
    (cut("scores"), "number of its scores"),
    (put("above", 0, 0.5), "fall"),
    (put("above", 3, 0.0), "fall"),
    (put("above", 3, np.nan), "fall"),
    (put("target", 0, np.nan), "target"),
    (put("rows", slice(None), 0.5), "two counts"),
    (put("rows", 1, 1e9), "more rows have scores"),
    (put("rows", slice(None), 149.5), "whole numbers"),
    (put("rare", (0, 1), 20), "rare levels"),
    (put("factor", slice(None), 0.0), "spread"),
    (put("factor", slice(None), 13.0), "spread"),  # more than √151
    (put("scores", -1, 1e300), "too large"),
    (put("scores", 0, -50.0), "too large"),
]


@pytest.mark.parametrize(("forge", "says"), FORGERIES)
def test_what_no_fit_gives_is_refused(arrays, forge, says):
    forge(arrays)
    with pytest.raises(ValueError, match=says):
        likeness_from(arrays, KINDS, N_LEVELS, weighted=False)


def test_a_long_list_of_scores_is_refused(arrays):
    arrays["scores"] = np.arange(1001.0)
    arrays["above"] = np.linspace(1, 0.1, 1001)
    with pytest.raises(ValueError, match="number of its scores"):
        likeness_from(arrays, KINDS, N_LEVELS)
