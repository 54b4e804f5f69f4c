"""PDP agrees with scikit-learn's; ICE bands are quantiles of centred curves."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import partial_dependence

from moved_rows import curves_of, effect_of, normal_pair


@pytest.fixture(scope="module")
def trees():
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(400, 3)), 2)
    X[:, 2] = rng.integers(0, 3, 400)
    y = X[:, 0] * X[:, 1] + X[:, 2]
    return HistGradientBoostingRegressor(max_iter=20, random_state=0).fit(X, y), X


def test_it_is_that_of_scikit_learn(trees):
    model, X = trees
    for found in curves_of(model, X, kind="pdp", centered=False, columns=["x0", "x2"]):
        j = int(found.column[1])
        points = found.x
        its = partial_dependence(
            model, X, [j], method="brute", kind="both", custom_values={j: np.append(points, 9.0)}
        )
        assert found.mean == pytest.approx(its["average"][0][:-1])
        curves = its["individual"][0][:, :-1]
        # Each row's curve minus its mean over the values of the rows, plus the mean answer.
        if j == 2:
            shares = np.bincount(X[:, 2].astype(int)) / 400
            own = curves - (curves @ shares)[:, None] + its["average"][0][:-1] @ shares
            its_bands = np.quantile(own, [0.1, 0.5, 0.9], axis=0, method="inverted_cdf")
            assert found.bands == pytest.approx(its_bands)


def test_bands_of_rows_show_what_the_mean_hides():
    X = normal_pair(2000, rho=0.0)
    flat = effect_of(lambda X: X[:, 0] * X[:, 1], X, kind="pdp")
    assert np.abs(flat.mean).max() < 0.2
    low, middle, high = flat.bands
    assert high[-1] > 2
    assert low[-1] < -2
    assert abs(middle[-1]) < 0.3
    asked = effect_of(lambda X: X[:, 0] * X[:, 1], X, bands=True)
    assert asked.kind == "ale"
    assert asked.bands[2][-1] > 2
    assert effect_of(lambda X: X[:, 0] * X[:, 1], X).bands is None


def test_of_many_rows_some_are_drawn_and_that_is_said():
    X = normal_pair(3000)
    found = effect_of(lambda X: X[:, 0] + X[:, 1], X, kind="pdp")
    assert found.notes == ("computed on 1,000 rows, drawn at random",)
    assert found.mean == pytest.approx(found.x - X[:, 0].mean())
