"""Riley's number: the rows that a regression needs, against its own shrinkage."""

import math

import mpmath
import numpy as np
import pytest

from thalweg.reporting.card.least_rows import least_rows, usual_r_squared


def test_the_published_example():
    # 30 parameters, R² of Cox and Snell 0.05, a shrinkage of 0.9 (Riley et al. 2019).
    assert least_rows(30, 0.05) == 5249


@pytest.mark.parametrize("r_squared", [0.001, 0.05, 0.1087, 0.5, 0.89])
@pytest.mark.parametrize("n_parameters", [1, 7, 82])
@pytest.mark.parametrize("shrinkage", [0.9, 0.95])
def test_it_is_the_least_number_whose_heuristic_shrinkage_suffices(
    n_parameters, r_squared, shrinkage
):
    # van Houwelingen and le Cessie: S = 1 - P / LR, with LR = -n ln(1 - R²_app) and the apparent
    # R²_app = R² / S.
    found = least_rows(n_parameters, r_squared, shrinkage)

    def reached(n):
        with mpmath.workdps(40):
            apparent = mpmath.mpf(r_squared) / mpmath.mpf(shrinkage)
            return 1 + n_parameters / (n * mpmath.log(1 - apparent))

    assert reached(found) >= mpmath.mpf(shrinkage) - mpmath.mpf(10) ** -12
    assert found == 1 or reached(found - 1) < shrinkage


def test_the_usual_r_squared_is_15_percent_of_that_of_a_perfect_model():
    # Of a perfect model the log-likelihood is 0: R² = 1 - exp(2 ℓ₀ / n), ℓ₀ of the share alone.
    y = np.array([1.0] * 193 + [0.0] * 366)
    share = y.mean()
    null = float(np.sum(np.where(y == 1, np.log(share), np.log(1 - share))))
    assert usual_r_squared(share) == pytest.approx(0.15 * (1 - math.exp(2 * null / len(y))))
    assert usual_r_squared(0.5) == pytest.approx(0.15 * 0.75)  # Cox and Snell's largest is 3/4


@pytest.mark.parametrize("wrong", [(0, 0.1, 0.9), (3, 0.0, 0.9), (3, 0.9, 0.9), (3, 0.1, 1.0)])
def test_numbers_outside_their_range_are_refused(wrong):
    with pytest.raises(ValueError, match="least_rows needs"):
        least_rows(*wrong)
