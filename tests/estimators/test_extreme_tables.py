"""Tables with extreme numbers: as good as at unit scale, or refused by name."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from slow_cases import slow_but
from thalweg import DataError, ThalwegClassifier, ThalwegRegressor, ThalwegWarning

N, HALF = 800, 400
CLOSE = 0.02  # in AUC, or R²


def plain():
    """Six columns, of which four say something; a class, and a number."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 6))
    signal = X[:, 0] + 0.7 * X[:, 1] * (X[:, 2] > 0) - np.abs(X[:, 3])
    label = (signal + 0.4 * rng.normal(size=N) > -0.6).astype(int)
    return X, label, signal + 0.3 * rng.normal(size=N)


X, LABEL, NUMBER = plain()
SMALL = np.random.default_rng(1).integers(-2, 3, N)


def with_cell(value, row=5, column=1):
    changed = X.copy()
    changed[row, column] = value
    return changed


def beside(*columns):
    return np.column_stack((X, *columns))


def one_differs(value, other):
    column = np.full(N, value)
    column[7] = other
    return column


def objects(make: Callable[[float], object]):
    cells = np.empty(X.shape, dtype=object)
    for place, cell in np.ndenumerate(X):
        cells[place] = make(cell)
    return cells


# Each is told apart from the plain table by its columns alone.
TABLES = {
    "times 1e30": X * 1e30,
    "times 1e-30": X * 1e-30,
    "times 1e299": X * 1e299,
    "times 1e-300": X * 1e-300,
    "times -1e30": X * -1e30,
    "each column of another scale": X * 10.0 ** np.array([-250, -30, -3, 3, 30, 250]),
    "one column times 1e9": X * np.array([1e9, 1, 1, 1, 1, 1]),
    "about 1e9": X + 1e9,
    "about -1e12": X - 1e12,
    "about 1e15": X * 100 + 1e15,
    "each column about another number": X + 10.0 ** np.array([0, 3, 6, 9, 11, 12]),
    "one giant outlier": with_cell(1e300),
    "an outlier in each column": np.where(np.arange(N)[:, None] == np.arange(6), -1e250, X),
    "float32 times 1e30": (X * 1e30).astype(np.float32),
    "float32 subnormals": (X * 1e-40).astype(np.float32),
    "float32 about 1e4": (X + 1e4).astype(np.float32),
    "float16": X.astype(np.float16),
    "a constant column": beside(np.full(N, 7.0)),
    "a constant column of 1e300": beside(np.full(N, 1e300)),
    "an almost constant column": beside(one_differs(3.0, 4.0)),
    "an almost constant column, 1e300": beside(one_differs(0.0, 1e300)),
    "an almost constant column, 1e-300": beside(one_differs(0.0, 1e-300)),
    "two columns that rounding tells apart": beside(X[:, 0], X[:, 0] * (1 + 1e-15)),
    "integers about 2^53": (X * 1e4).round().astype(np.int64) + 2**53,
    "integers about 9e18": (X * 1e12).round().astype(np.int64) + 9 * 10**18,
    "negative zeros": np.where(np.abs(X) < 0.01, -0.0, X),
    "booleans beside 1e30": pd.DataFrame(X * 1e30).assign(b=SMALL > 0),
    "a missing value in each column, times 1e30": np.where(
        np.arange(N)[:, None] == np.arange(6), np.nan, X
    )
    * 1e30,
    "an empty column": beside(np.full(N, np.nan)),
    "Python's integers of 40 digits": objects(lambda cell: int(cell * 1e6) * 10**34),
    "decimals of 1e-40": objects(lambda cell: Decimal(cell) * Decimal("1e-40")),
    "numerals as text": pd.DataFrame(objects(lambda cell: f"{cell}e30"), columns=list("abcdef")),
    "long doubles": X.astype(np.longdouble) * np.longdouble("1e200"),
}
# Weights that are all alike, with the penalty in their unit.
WEIGHTS = {"weights times 1e12": 1e12, "weights times 1e-12": 1e-12, "weights of 1e90": 1e90}
# The way from the plain target to this one, and back.
TARGETS = {
    "target times 1e12": (lambda y: y * 1e12, lambda y: y * 1e-12),
    "target times 1e-12": (lambda y: y * 1e-12, lambda y: y * 1e12),
    "target times 1e250": (lambda y: y * 1e250, lambda y: y * 1e-250),
    "target times 1e-300": (lambda y: y * 1e-300, lambda y: y * 1e300),
    "target about 1e9": (lambda y: y + 1e9, lambda y: y - 1e9),
    "target about -1e12": (lambda y: y - 1e12, lambda y: y + 1e12),
    "target times -1e30": (lambda y: y * -1e30, lambda y: y * -1e-30),
    "float32 target times 1e30": (
        lambda y: (y * 1e30).astype(np.float32), lambda y: np.float64(y) * 1e-30
    ),
    "integers about 2^53 as target": (
        lambda y: (y * 1e4).round().astype(np.int64) + 2**53, lambda y: (y - 2.0**53) / 1e4
    ),
}  # fmt: skip
REFUSED = {
    "an infinite cell": (with_cell(np.inf), LABEL, None, 'column "x1", row 6'),
    "minus an infinite cell": (with_cell(-np.inf), LABEL, None, 'column "x1", row 6'),
    "a cell of 1e301": (with_cell(1e301), LABEL, None, 'column "x1", row 6'),
    "float64 subnormals": (X * 1e-315, LABEL, None, 'column "x0"'),
    "a column of 0 and 1e-320": (beside(one_differs(0.0, 1e-320)), NUMBER, None, 'column "x6"'),
    "a weight of 1e150": (X, LABEL, one_differs(1.0, 1e150), "row 8"),
    "a weight of 1e-150": (X, LABEL, one_differs(1.0, 1e-150), "row 8"),
    "one class": (X, np.zeros(N, int), None, "one class"),
    "an infinite target": (X, one_differs(1.0, np.inf), None, "infinity.*row 8"),
    "a target that is no number": (X, one_differs(1.0, np.nan), None, "row 8"),
}


def auc(table, stopping, alpha=2.0, weights=None):
    model = ThalwegClassifier(random_state=0, alpha=alpha, early_stopping=stopping)
    model.fit(table[:HALF], LABEL[:HALF], sample_weight=weights)
    return roc_auc_score(LABEL[HALF:], model.predict_proba(table[HALF:])[:, 1])


def r2(table, stopping, y=NUMBER, back=lambda y: y, alpha=2.0, weights=None):
    model = ThalwegRegressor(random_state=0, alpha=alpha, early_stopping=stopping)
    model.fit(table[:HALF], y[:HALF], sample_weight=weights)
    return r2_score(NUMBER[HALF:], back(model.predict(table[HALF:])))


@cache
def at_unit_scale(stopping):
    scores = auc(X, stopping), r2(X, stopping)
    assert scores[0] > 0.9
    assert scores[1] > 0.75
    return scores


def test_forty_variants_at_least():
    assert len(TABLES) + len(WEIGHTS) + len(TARGETS) + len(REFUSED) >= 40


def every_other(first):
    """Every other table; the rest, which the other kind of target has, in `make test-all`."""
    return [
        pytest.param(name, marks=[] if place % 2 == first else pytest.mark.slow)
        for place, name in enumerate(TABLES)
    ]


# One network of all rows; and those of the default, a fold each, in `make test-all`.
each_stopping = pytest.mark.parametrize("stopping", slow_but((False,), (False, "auto")))


@pytest.mark.quick_each(4)
@each_stopping
@pytest.mark.parametrize("name", every_other(0))
def test_classes(name, stopping):
    assert auc(TABLES[name], stopping) == pytest.approx(at_unit_scale(stopping)[0], abs=CLOSE)


@pytest.mark.quick_each(3)
@each_stopping
@pytest.mark.parametrize("name", every_other(1))
def test_numbers(name, stopping):
    assert r2(TABLES[name], stopping) == pytest.approx(at_unit_scale(stopping)[1], abs=CLOSE)


@each_stopping
@pytest.mark.parametrize("name", WEIGHTS)
def test_weights(name, stopping):
    unit = WEIGHTS[name]
    heavy = {"alpha": 2.0 * unit, "weights": np.full(HALF, unit)}
    found = [score(X, stopping, **heavy) for score in (auc, r2)]
    assert found == pytest.approx(at_unit_scale(stopping), abs=CLOSE)


def test_weights_that_the_penalty_outweighs_are_reported():
    for estimator, y in ((ThalwegClassifier, LABEL), (ThalwegRegressor, NUMBER)):
        model = estimator(random_state=0, max_iter=2, early_stopping=False)
        with pytest.warns(ThalwegWarning, match=r"sum to 8e-10.*alpha.*mean is 1"):
            model.fit(X, y, sample_weight=np.full(N, 1e-12))
        # As AdaBoost gives them; their sum is 1 but for rounding.
        for total in (1 - 1e-15, 1.0, 1 + 1e-15):
            with pytest.warns(ThalwegWarning, match=r"sum to 1, .*penalty alpha=1(\.0)? outweighs"):
                model.fit(X, y, sample_weight=np.full(N, total / N))
        # Neither light rows without a penalty, nor two rows' worth of weight.
        model.fit(X, y, sample_weight=np.full(N, 2.1 / N))
        model.set_params(alpha=0.0).fit(X, y, sample_weight=np.full(N, 1e-12))


@each_stopping
@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", TARGETS)
def test_targets(name, stopping):
    there, back = TARGETS[name]
    found = r2(X, stopping, there(NUMBER), back)
    assert found == pytest.approx(at_unit_scale(stopping)[1], abs=CLOSE)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name):
    table, y, weights, where = REFUSED[name]
    estimator = ThalwegRegressor if y.dtype.kind == "f" else ThalwegClassifier
    with pytest.raises(DataError, match=where):
        estimator(random_state=0).fit(table, y, sample_weight=weights)
