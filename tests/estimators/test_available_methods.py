"""Methods that only some models have; for the others, the error says why not."""

import inspect

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from thalweg import ThalwegClassifier, ThalwegRegressor

FOR_ALL = ("trace", "check_gradient", "landscape")


@pytest.fixture(scope="module")
def fitted():
    X = np.arange(90.0).reshape(-1, 1)
    how = {"hidden_layer_sizes": (2,), "max_iter": 1}
    return {
        2: ThalwegClassifier(**how).fit(X, X[:, 0] > 30),
        3: ThalwegClassifier(**how).fit(X, X[:, 0] // 30),
        0: ThalwegRegressor(**how).fit(X, X[:, 0]),
    }


@pytest.mark.parametrize("name", FOR_ALL)
def test_what_follows_a_row_is_there_for_every_task(name, fitted):
    for model in fitted.values():
        assert hasattr(model, name)


@pytest.mark.parametrize("name", FOR_ALL)
def test_its_documentation_stands_in_the_class(name):
    method = getattr(ThalwegClassifier, name)
    assert "thalweg.reporting" in inspect.getdoc(method)
    assert "self" in inspect.signature(method).parameters


def test_who_is_not_fitted_says_so():
    with pytest.raises(NotFittedError):
        ThalwegClassifier().trace([[1.0]])


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_batches_cannot_teach_lbfgs_and_it_says_why(kind):
    with pytest.raises(AttributeError, match="L-BFGS needs all rows at once; take another rule"):
        kind(optimizer="lbfgs").partial_fit  # noqa: B018
