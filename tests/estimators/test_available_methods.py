"""Methods that only some models have; for the others, the error says why not."""

import inspect

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from thalweg import ThalwegClassifier, ThalwegRegressor

TWO_ONLY = ("trace", "check_gradient", "landscape")


@pytest.fixture(scope="module")
def fitted():
    X = np.arange(90.0).reshape(-1, 1)
    how = {"hidden_layer_sizes": (2,), "max_iter": 1}
    return {
        2: ThalwegClassifier(**how).fit(X, X[:, 0] > 30),
        3: ThalwegClassifier(**how).fit(X, X[:, 0] // 30),
        0: ThalwegRegressor(**how).fit(X, X[:, 0]),
    }


@pytest.mark.parametrize("name", TWO_ONLY)
def test_what_follows_two_classes_is_there_for_two_classes_alone(name, fitted):
    assert hasattr(fitted[2], name)
    assert hasattr(ThalwegClassifier(), name)  # it may yet turn out to be of two
    for n_classes, words in ((3, "has 3"), (0, "predicts numbers")):
        model = fitted[n_classes]
        assert not hasattr(model, name)
        with pytest.raises(AttributeError, match=f"has no {name}: .*two classes.*{words}") as told:
            getattr(model, name)
        assert (told.value.name, told.value.obj) == (name, model)


@pytest.mark.parametrize("name", TWO_ONLY)
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
