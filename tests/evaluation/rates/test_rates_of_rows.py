"""The deviance of counts with exposures is that of rates with weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_tweedie_deviance

from thalweg.evaluation.rates.rates_of_rows import in_rates, rounded


@settings(deadline=None, max_examples=30)
@given(power=st.floats(1, 2), seed=st.integers(0, 10**6))
def test_deviances_of_counts_and_rates_are_one(power, seed):
    rng = np.random.default_rng(seed)
    y, mean, sizes, weights = (rng.gamma(2.0, size=20) + 0.01 for _ in range(4))
    rates, own, level = in_rates(y, weights, sizes, power)
    of_counts = mean_tweedie_deviance(y, sizes * mean, power=power, sample_weight=weights)
    of_rates = mean_tweedie_deviance(rates, mean, power=power, sample_weight=own)
    # Σ w d(y, e m) = Σ w e^(2-p) d(y / e, m).
    assert of_counts * level == pytest.approx(of_rates, rel=1e-7)
    assert own.sum() == pytest.approx(weights.sum(), rel=1e-8)


@pytest.mark.parametrize("power", [1.0, 1.5, 1.9])
def test_the_unit_of_exposures_changes_nothing_but_rates(power):
    rng = np.random.default_rng(0)
    y, sizes, weights = rng.poisson(3, 500).astype(float), rng.gamma(2.0, size=500), np.ones(500)
    years, days = in_rates(y, weights, sizes, power), in_rates(y, weights, 365.25 * sizes, power)
    assert days[1].tobytes() == years[1].tobytes()
    np.testing.assert_allclose(days[0] * 365.25, years[0], rtol=1e-15)
    again = in_rates(y, weights, sizes, power, years[2])
    assert again[1].tobytes() == years[1].tobytes()


def test_gamma_counts_each_row_as_before_and_offsets_are_taken_away():
    y, sizes, weights = np.array([1.0, 6.0]), np.array([2.0, 3.0]), np.array([1.0, 5.0])
    rates, own, level = in_rates(y, weights, sizes, 2.0)
    assert (rates.tolist(), own.tolist(), level) == ([0.5, 2.0], [1.0, 5.0], 1.0)
    left, own, level = in_rates(y, weights, sizes, None)
    assert (left.tolist(), own.tolist(), level) == ([-1.0, 3.0], [1.0, 5.0], 1.0)


def test_rounding_keeps_nine_digits_and_forgets_the_last_bit():
    values = np.random.default_rng(1).lognormal(0, 20, 1000)
    assert np.max(np.abs(rounded(values) / values - 1)) < 1e-9
    beside = rounded(np.nextafter(values, np.inf))
    assert np.mean(beside == rounded(values)) > 0.999
    assert rounded(np.array([0.0, 1.0, 0.5])).tolist() == [0.0, 1.0, 0.5]
