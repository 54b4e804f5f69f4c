import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.tuning.search_spaces import TUNABLE, OneOf, Span, space_of, variants

DEFAULT = ThalwegClassifier().get_params()


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
@pytest.mark.parametrize("name", ["small", "wide", "article"])
def test_each_space_gives_parameters_that_a_fit_takes(kind, name):
    estimator = kind()
    space = space_of(name, estimator._kind)
    values = space.values_of_default(estimator._kind, estimator.get_params(), 16)
    changes = space.changes(estimator.get_params(), values)
    assert set(values) == set(space.dimensions)
    assert set(changes) <= set(TUNABLE)
    kind(**changes)._validate_params()


def test_the_values_of_the_default_are_what_auto_means():
    values = space_of("small", "classifier").values_of_default("classifier", DEFAULT, 16)
    assert values == {
        "layers": 2, "width": 128, "dropout": pytest.approx(0.2), "learning_rate_init": 0.004,
        "alpha": 1.0, "max_iter": 48, "activation": "relu", "n_bins": 16,
    }  # fmt: skip


def test_each_variant_changes_the_default_in_one_thing():
    space = space_of("small", "classifier")
    default = space.values_of_default("classifier", DEFAULT, 16)
    found = variants(space, default)
    assert len(found) == 5
    for each in found:
        assert {name for name in each if each[name] != default[name]} in (
            {"dropout"}, {"max_iter"}, {"alpha"}, {"n_bins"}, {"layers", "width"}
        )  # fmt: skip
    assert variants(space_of("article", "classifier"), default) == []


def test_beta_2_is_changed_in_the_text_of_the_optimizer():
    space = space_of("wide", "classifier")
    found = space.changes(DEFAULT, {"beta_2": 0.99, "width": 32, "layers": 1})
    assert found["hidden_layer_sizes"] == (32,)
    assert found["optimizer"].startswith("adam:lr=0.008,beta_2=0.99,schedule=cosine")


def test_a_space_of_ones_own():
    space = space_of(
        {
            "alpha": (0.1, 10.0, "log"), "max_iter": (10, 40), "dropout": [0.0, 0.5],
            "hidden_layer_sizes": [[8], [16, 8]], "l1": FloatDistribution(0.0, 1.0),
            "tol": CategoricalDistribution([0.0, 1e-4]), "n_bins": IntDistribution(2, 16),
        },
        "classifier",
    )  # fmt: skip
    assert space.dimensions["alpha"] == Span(0.1, 10.0, log=True)
    assert space.dimensions["max_iter"].whole
    assert space.dimensions["hidden_layer_sizes"] == OneOf(((8,), (16, 8)))
    assert space.dimensions["tol"] == OneOf((0.0, 1e-4))
    changes = space.changes(DEFAULT, {"hidden_layer_sizes": "(16, 8)", "alpha": 2.0})
    assert changes == {"hidden_layer_sizes": (16, 8), "alpha": 2.0}


def test_numbers_of_numpy_are_values_as_pythons_are():
    """They were refused with a message that showed the very list that it asked for."""
    space = space_of(
        {
            "alpha": np.array([0.1, 1.0]), "max_iter": (np.int64(10), np.int64(40)),
            "n_bins": [np.int64(2), np.int64(4)],
        },
        "classifier",
    )  # fmt: skip
    assert space.dimensions["alpha"] == OneOf((0.1, 1.0))
    assert space.dimensions["max_iter"].whole
    assert [type(each) for each in space.dimensions["n_bins"].values] == [int, int]
