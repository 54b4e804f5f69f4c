"""ALE agrees with closed forms, with loops over rows, and does not depend on what it should not."""

import numpy as np
import pytest

from moved_rows import Members, accumulated_by_loops, at, curves_of, effect_of, normal_pair
from thalweg import DataError
from thalweg.evaluation.effects import accumulated_effects
from thalweg.evaluation.effects.quantile_bins import quantile_bins


def product(X):
    return X[:, 0] * X[:, 1]


def sum_of_parts(X):
    return X[:, 0] + X[:, 1] ** 2


def test_of_a_product_it_is_half_the_correlation_times_x_squared_minus_1():
    # E[x2 | x1] = ρ x1, so ALE' = ρ x1 and ALE = ρ (x1² - 1) / 2; the PDP is x1 E[x2] = 0.
    found = effect_of(product, normal_pair())
    assert at(found, 1.5, 1.0, 0.0) == pytest.approx([0.4375, 0.0, -0.35], abs=0.02)
    flat = effect_of(product, normal_pair(), kind="pdp")
    assert np.all((flat.low <= 0) & (flat.high >= 0))
    assert np.abs(at(flat, 1.5, 1.0, 0.0)).max() < 0.1


def test_the_whole_curve_of_a_product_lies_within_its_interval():
    found = effect_of(product, normal_pair())
    true = 0.7 * (found.x**2 - 1) / 2
    # Chords of a parabola lie above it by at most ρ width² / 8.
    bend = 0.7 * np.max(np.diff(found.x)) ** 2 / 8
    assert np.all((true >= found.low - bend) & (true <= found.high + bend))


def test_the_outer_bins_do_not_shift_the_curve():
    # Centred by the middles of bins, this curve is about 0.04 too low everywhere (outer bins are
    # wide, and their middles far out): over 20 tables the mean shows it.
    shifts = [
        np.mean(found.mean - 0.7 * (found.x**2 - 1) / 2)
        for found in (effect_of(product, normal_pair(4000, seed=seed)) for seed in range(20))
    ]
    assert abs(np.mean(shifts)) < 0.012


@pytest.mark.parametrize("rho", [0.0, 0.7, -0.9])
def test_of_a_sum_it_is_each_part_whatever_the_correlation(rho):
    X = normal_pair(3000, rho)
    first, second = curves_of(sum_of_parts, X, columns=["x0", "x1"])
    assert first.mean - first.mean[0] == pytest.approx(first.x - first.x[0], abs=1e-10)
    part = second.x**2 - second.x[1] ** 2
    assert second.mean - second.mean[1] == pytest.approx(part, abs=1e-10)
    assert first.mean == pytest.approx(first.x - X[:, 0].mean(), abs=1e-10)


@pytest.mark.parametrize("kind", ["ale", "pdp"])
@pytest.mark.parametrize("n", [50, 90, 400, 799, 1000])
def test_the_model_is_asked_at_the_ends_that_are_drawn(n, kind):
    rng = np.random.default_rng(0)
    X = np.column_stack((rng.lognormal(0, 1, n), rng.normal(size=n)))
    found = effect_of(lambda X: np.exp(X[:, 0] / 4) + X[:, 1], X, kind=kind, bands=True)
    ends = np.quantile(X[:, 0], [0.025, 0.975], method="inverted_cdf")
    assert [found.x[0], found.x[-1]] == ends.tolist()
    true = np.exp(found.x / 4)
    assert found.mean - found.mean[0] == pytest.approx(true - true[0], abs=1e-10)
    # All rows had the same curve but for a constant, which is taken out: so have the bands.
    assert found.bands == pytest.approx(np.tile(found.mean, (3, 1)), abs=1e-10)
    assert found.rows_in_bin.min() >= 20
    assert found.rows_in_bin[0] == found.rows_in_bin[1]


def test_a_column_without_20_rows_between_its_ends_is_drawn_whole():
    # 376 of 400 rows are 0, and 14 of the others are not above the 97.5 % quantile.
    x = np.concatenate((np.zeros(376), np.arange(1.0, 25.0)))
    found = effect_of(lambda X: X[:, 0] ** 2, np.column_stack((x, np.arange(400) % 7)))
    assert found.x.tolist() == [0, 24]
    assert np.diff(found.mean) == pytest.approx([576])
    x[377:] = np.nan  # 1 row of 377 is not 0
    with pytest.raises(DataError, match="no effect curve"):
        effect_of(lambda X: X[:, 1], np.column_stack((x, np.arange(400) % 7)))


def test_of_a_line_it_is_the_line_and_its_interval_that_of_the_mean():
    X = normal_pair(2000)
    found = effect_of(lambda X: 3 * X[:, 0] - X[:, 1], X)
    assert found.mean == pytest.approx(3 * (found.x - X[:, 0].mean()), abs=1e-9)
    half = found.high - found.mean
    assert half == pytest.approx(np.full(len(half), half[0]), rel=1e-3)
    # The rows decide only where 0 is: 1.96 standard errors of the mean of 3 x.
    assert half[0] == pytest.approx(1.96 * 3 * X[:, 0].std() / np.sqrt(2000), rel=0.15)


@pytest.mark.parametrize("digits", [8, 0])
def test_it_is_the_same_row_by_row(digits):
    rng = np.random.default_rng(1)
    X = np.round(rng.normal(size=(240, 3)) * 2, digits)

    def bent(X):
        return np.sin(X[:, 0]) * X[:, 1] + np.abs(X[:, 2] - X[:, 0])

    found = effect_of(bent, X)
    edges = quantile_bins(X[:, 0], np.ones(240)).edges
    if digits:
        share = np.concatenate(([0], 0.025 + 0.95 * np.arange(12) / 11, [1]))
        assert edges == pytest.approx(np.quantile(X[:, 0], share, method="inverted_cdf"))
    curve = accumulated_by_loops(bent, X, 0, edges)
    assert found.mean == pytest.approx(np.interp(found.x, edges, curve), abs=1e-12)


def test_equal_values_at_an_edge_count_in_both_of_its_bins():
    # Three values: the step from 0 to 1 is averaged over the rows of 0 and of 1.
    x = np.repeat([0.0, 1.0, 2.0], [100, 60, 40])
    z = np.concatenate((np.full(100, 1.0), np.full(60, 4.0), np.full(40, 7.0)))
    found = effect_of(lambda X: X[:, 0] * X[:, 1], np.column_stack((x, z)))
    assert found.x.tolist() == [0, 1, 2]
    steps = [(100 * 1 + 60 * 4) / 160, (60 * 4 + 40 * 7) / 100]
    assert np.diff(found.mean) == pytest.approx(steps)
    assert found.mean @ [100, 60, 40] == pytest.approx(0, abs=1e-9)


def test_the_curve_is_centred_over_all_rows_and_not_over_those_that_are_drawn():
    rng = np.random.default_rng(2)
    X = np.column_stack((rng.exponential(size=4000) ** 3, rng.normal(size=4000)))
    found = effect_of(lambda X: X[:, 0] ** 0.5, X)
    # Its mean over all rows is 0, so that over the drawn part is not: the tail is cut off.
    assert found.x[-1] < X[:, 0].max() / 4
    inside = (X[:, 0] >= found.x[0]) & (X[:, 0] <= found.x[-1])
    drawn = np.interp(X[inside, 0], found.x, found.mean).mean()
    assert drawn == pytest.approx(np.sqrt(X[inside, 0]).mean() - np.sqrt(X[:, 0]).mean(), abs=0.03)
    assert drawn < -0.05


def test_only_from_the_lowest_to_the_highest_40th_is_drawn():
    X = normal_pair(5000)
    found = effect_of(product, X)
    ends = np.quantile(X[:, 0], [0.025, 0.975], method="inverted_cdf")
    assert [found.x[0], found.x[-1]] == pytest.approx(ends)
    assert len(found.x) <= 41
    assert found.density.sum() == pytest.approx(1)
    assert found.rows_in_bin.min() >= 20


def test_weights_are_rows_that_stand_several_times():
    rng = np.random.default_rng(3)
    X = np.round(np.column_stack((rng.normal(size=300), rng.normal(size=300))), 2)
    weights = rng.integers(1, 4, size=300)
    weighted = curves_of(product, X, weights)
    repeated = curves_of(product, np.repeat(X, weights, axis=0))
    for one, other in zip(weighted, repeated, strict=True):
        assert one.x == pytest.approx(other.x)
        for name in ("mean", "low", "high", "rows_in_bin", "density", "size", "base"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=2e-6), name


def test_the_scale_of_other_weights_does_not_matter_and_they_are_worth_fewer_rows():
    X = normal_pair(2000)
    weights = np.where(np.arange(2000) % 2, 0.11, 1.3)
    one, other = (effect_of(product, X, weights=factor * weights) for factor in (1, 1000))
    assert one.mean == pytest.approx(other.mean)
    assert one.low == pytest.approx(other.low, abs=1e-5)
    n = weights.sum() ** 2 / np.sum(weights**2)
    assert len(one.x) <= n / 20 + 1
    counted = effect_of(product, X[weights > 1])
    assert (one.high - one.low).mean() == pytest.approx(
        (counted.high - counted.low).mean(), rel=0.25
    )


def test_a_missing_value_is_a_point_of_its_own():
    rng = np.random.default_rng(4)
    x, z = rng.normal(size=(2, 1000))
    x[:150] = np.nan

    def filled(X):  # a missing value is as good as 2
        return np.where(np.isnan(X[:, 0]), 2.0, X[:, 0]) + X[:, 1]

    X = np.column_stack((x, z))
    for kind in ("ale", "pdp"):
        found = effect_of(filled, X, kind=kind)
        assert found.missing.rows == 150
        assert found.missing.mean == pytest.approx(2 - np.nanmean(x), abs=1e-9)
        assert found.missing.low < found.missing.mean < found.missing.high
        assert np.isfinite(found.mean).all()
    few = effect_of(filled, X[140:])
    assert few.missing is None
    assert few.notes == ("10 rows have no value: too few for a point",)


def test_each_network_has_its_curve_and_the_model_that_of_its_answer():
    X = normal_pair(1000)
    source = Members([lambda X: X[:, 0], lambda X: 3 * X[:, 0]], X)
    found = effect_of(None, X, source=source)
    assert found.mean == pytest.approx(2 * (found.x - X[:, 0].mean()))
    assert found.members == pytest.approx(np.stack((found.mean / 2, found.mean * 1.5)))


def test_not_centred_a_curve_is_around_the_mean_answer():
    X = normal_pair(1000)
    centred, level = (effect_of(sum_of_parts, X, centered=each) for each in (True, False))
    assert level.mean - centred.mean == pytest.approx(sum_of_parts(X).mean())
    assert level.low - centred.low == pytest.approx(sum_of_parts(X).mean())
    assert centred.sentence == level.sentence
    level = effect_of(sum_of_parts, X, centered=False, kind="pdp")
    moved = X.copy()
    moved[:, 0] = level.x[3]
    assert level.mean[3] == pytest.approx(sum_of_parts(moved).mean())


def test_dotted_where_more_than_half_of_the_moved_rows_are_unlike_the_training_rows():
    X = normal_pair(4000, rho=0.0)

    def p(column, rows, values):
        return np.where(values > 1.0, np.where(rows % 10 < 6, 0.01, 0.9), 0.9)

    found = effect_of(None, X, source=Members([product], X, p))
    assert np.array_equal(found.supported[:-1], found.x[:-1] <= 1.0)
    assert not found.supported[-1]
    last, then = found.x[found.supported][-1], found.x[~found.supported][0]
    assert found.sentence.endswith(
        f"; no statement above {last:.4g} ({100 * np.mean(X[:, 0] > last):.0f} % of the rows): "
        f"most rows moved to {then:.4g} are unlike the training rows"
    )
    # Masked after centring: the numbers are those without a mask.
    assert found.mean == pytest.approx(effect_of(product, X).mean)


@pytest.mark.parametrize("kind", ["ale", "pdp"])
def test_an_end_is_supported_by_rows_moved_to_it_and_not_to_the_extreme_value(kind):
    X = normal_pair(400, rho=0.0)
    end = np.quantile(X[:, 0], 0.975, method="inverted_cdf")

    def p(column, rows, values):
        return np.where(values > end, 0.01, 0.9)

    found = effect_of(None, X, source=Members([lambda X: X[:, 0]], X, p), kind=kind)
    assert found.x[-1] == end
    assert found.supported.all()
    assert found.sentence == "rises throughout"

    def q(column, rows, values):
        return np.where(np.abs(values) >= 1.5, 0.01, 0.9)

    # The title must not say "throughout" where rows are outside of what is spoken about.
    found = effect_of(None, X, source=Members([lambda X: X[:, 0]], X, q), kind=kind)
    own = np.flatnonzero(found.supported)
    assert found.supported.tolist() == (np.abs(found.x) < 1.5).tolist()
    low, first, last, high = (
        f"{found.x[k]:.4g}" for k in (own[0] - 1, own[0], own[-1], own[-1] + 1)
    )
    below, above = (
        f"{100 * np.mean(beyond):.0f} %"
        for beyond in (X[:, 0] < found.x[own[0]], X[:, 0] > found.x[own[-1]])
    )
    assert found.sentence == (
        f"rises for values from {first} to {last}; no statement below {first} ({below} of the "
        f"rows) and above {last} ({above} of the rows): "
        f"most rows moved to {low} and to {high} are unlike the training rows"
    )
    small = [lambda X: X[:, 0] / 100 + X[:, 1]]
    found = effect_of(None, X, source=Members(small, X, q), kind=kind)
    assert found.sentence.startswith("hardly matters")
    assert "no statement below" in found.sentence


def test_a_bin_that_no_resampled_row_is_in_keeps_its_mean():
    steps = np.array([[1.0], [2.0]])
    assert steps.shape == (2, 1)
    assert accumulated_effects.centred(np.array([[1.0], [3.0]]), np.array([0.5, 0.5])).tolist() == [
        [-1.0], [1.0],
    ]  # fmt: skip


@pytest.mark.slow
def test_the_interval_holds_the_curve_of_all_points_in_95_percent_of_the_tables():
    held = 0
    for seed in range(200):
        found = effect_of(product, normal_pair(1000, seed=seed))
        true = 0.7 * (found.x**2 - 1) / 2
        bend = 0.7 * np.concatenate(([0], np.diff(found.x))) ** 2 / 8
        held += bool(np.all((true >= found.low - bend) & (true <= found.high + bend)))
    assert held >= 180
