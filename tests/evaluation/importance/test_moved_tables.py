"""Tables of any type with exchanged cells, and without some columns."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

import thalweg
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.importance.moved_tables import AnyTable

DONORS = np.array([2, 0, 1])
NUMBERS = np.array([[1.0, 10.0, 0.0], [2.0, 20.0, 5.0], [3.0, 30.0, 0.0]])
MOVED = np.array([[3.0, 10.0, 0.0], [1.0, 20.0, 0.0], [2.0, 30.0, 5.0]])


def dense(table):
    return np.asarray(table.todense() if sparse.issparse(table) else table)


@pytest.mark.parametrize("kind", ["array", "pandas", "polars", "csr", "csc"])
def test_cells_come_from_the_donor_and_others_stay(kind):
    made = {
        "array": lambda: NUMBERS.copy(),
        "pandas": lambda: pd.DataFrame(NUMBERS, index=[7, 7, 1], columns=["a", "a", "b"]),
        "polars": lambda: pytest.importorskip("polars").DataFrame(NUMBERS, ["a", "b", "c"]),
        "csr": lambda: sparse.csr_array(NUMBERS),
        "csc": lambda: sparse.csc_matrix(NUMBERS),
    }[kind]()
    table = AnyTable(made)
    found = table.moved((0, 2), DONORS)
    assert type(found) is type(made)
    np.testing.assert_array_equal(dense(found), MOVED)
    np.testing.assert_array_equal(dense(made), NUMBERS)
    np.testing.assert_array_equal(dense(table.without((1,))), NUMBERS[:, [0, 2]])
    assert table.moved((), DONORS) is made
    np.testing.assert_array_equal(dense(table.rows(np.array([1, 1]))), NUMBERS[[1, 1]])


def test_types_of_columns_stay():
    frame = pd.DataFrame(
        {"c": pd.Categorical(["x", "y", None]), "n": pd.array([1, None, 3], "Int64"), "t": "a"}
    )
    found = AnyTable(frame).moved((0, 1, 2), DONORS)
    pd.testing.assert_series_equal(found.dtypes, frame.dtypes)
    assert found["n"].tolist() == [3, 1, pd.NA]
    assert found["c"].isna().tolist() == [True, False, False]


def test_a_sparse_table_has_an_importance():
    random = np.random.default_rng(0)
    X = sparse.random_array((300, 5), density=0.3, rng=random, format="csr")
    y = 3 * X.toarray()[:, 2] + 0.1 * random.normal(size=300)
    found = thalweg.importance(Ridge(0.1).fit(X, y), X, y, groups=None, n_permutations=2)
    assert found["column"][0] == "x2"


def test_other_types_are_refused():
    with pytest.raises(DataError, match="cells of a dict cannot be permuted"):
        AnyTable({"a": [1, 2]})
    with pytest.raises(DataError, match="two dimensions"):
        AnyTable(np.arange(3.0))


def test_a_pipeline_that_names_a_column_cannot_be_fitted_without_it():
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline

    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(100, 2)), columns=["a", "b"])
    y = X["a"] + 0.1 * random.normal(size=100)
    model = make_pipeline(make_column_transformer(("passthrough", ["a", "b"])), Ridge())
    with pytest.raises(SettingsError, match="could not be fitted again without a"):
        thalweg.importance(model.fit(X, y), X, y, groups=None, refit=True, n_permutations=1)
