"""Dense networks of PyTorch from plain arrays; an own forward pass is the independent number."""

import itertools
import warnings

import numpy as np
import pytest
from scipy.special import erf, expit, log_expit, softmax

from thalweg import (
    DataError,
    SettingsError,
    ThalwegClassifier,
    ThalwegRegressor,
    ThalwegWarning,
    from_torch,
    load_model,
)

# As PyTorch's documentation writes them.
FORMULAS = {
    "identity": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: 1.0507009873554804934193349852946 * np.where(
        z > 0, z, 1.6732632423543772848170429916717 * np.expm1(np.minimum(z, 0))
    ),
    "sigmoid": expit,
    "softplus": lambda z: -log_expit(-z),
    "tanh": np.tanh,
    "silu": lambda z: z * expit(z),
    "gelu": lambda z: z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "mish": lambda z: z * np.tanh(-log_expit(-z)),
}  # fmt: skip
NAMES = ["{}", "fc{}", "net.{}", "module.layers.{}.linear", "_orig_mod.l{}"]


class Tensor:
    """What a tensor shows of itself, without PyTorch."""

    def __init__(self, values, step="detach"):
        self.values, self.step = values, step
        self.shape = values.shape

    def detach(self):
        return Tensor(self.values, "cpu")

    def cpu(self):
        return Tensor(self.values, "numpy")

    def numpy(self):
        if self.step != "numpy":
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.values


def state(sizes, names="{}", seed=0, wrap=np.asarray):
    rng, found = np.random.default_rng(seed), {}
    for number, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        at = names.format(2 * number)
        found[f"{at}.weight"] = wrap(rng.normal(size=(n_out, n_in)).astype(np.float32))
        found[f"{at}.bias"] = wrap(rng.normal(size=n_out).astype(np.float32))
    return found


def forward(found, X, activations):
    arrays = [np.asarray(getattr(v, "values", v), np.float64) for v in found.values()]
    pairs = list(zip(arrays[::2], arrays[1::2], strict=True))
    for (W, b), name in zip(pairs[:-1], activations, strict=True):
        X = FORMULAS[name](X @ W.T + b)
    W, b = pairs[-1]
    return X @ W.T + b


X = np.random.default_rng(9).normal(size=(40, 4)) * 3


@pytest.mark.quick_each(2)
@pytest.mark.filterwarnings("ignore:thalweg's gelu")
@pytest.mark.parametrize("activation", FORMULAS)
@pytest.mark.parametrize("hidden", [(), (6,), (6, 5), (3, 4, 5)])
def test_outputs_are_those_of_the_formulas(activation, hidden, tmp_path):
    names = (activation,) * len(hidden)
    for n_outputs, classes in ((1, None), (1, ["no", "yes"]), (2, ["a", "b"]), (3, [1, 2, 3])):
        found = state((4, *hidden, n_outputs))
        model = from_torch(found, activation, classes=classes)
        Z = forward(found, X, names)
        if classes is None:
            ours, theirs = model.predict(X), Z[:, 0]
        else:
            ours = model.predict_proba(X)
            p = expit(Z)
            theirs = np.hstack((1 - p, p)) if n_outputs == 1 else softmax(Z, axis=1)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    model.save(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(load_model(tmp_path / "m.safetensors").predict_proba(X), ours)


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("wrap", [np.asarray, Tensor, np.ndarray.tolist])
def test_keys_of_any_form_and_tensors(names, wrap):
    found = state((4, 5, 3, 1), names, wrap=wrap)
    model = from_torch(found, ("tanh", "ReLU"), feature_names=list("abcd"))
    assert model.architecture_.activations == ("tanh", "relu", "identity")
    assert model.feature_names_in_.tolist() == list("abcd")
    plain = state((4, 5, 3, 1))
    np.testing.assert_allclose(
        from_torch(plain, ["tanh", "relu"]).predict(X),
        forward(plain, X, ("tanh", "relu"))[:, 0],
        rtol=1e-9,
    )


def test_a_layer_without_bias_and_the_order_of_classes():
    found = state((4, 5, 3))
    found["0.bias"] = np.zeros(5)
    without = {key: value for key, value in found.items() if key != "0.bias"}
    np.testing.assert_array_equal(
        *(from_torch(each, classes=list("xyz")).predict_proba(X) for each in (found, without))
    )
    p = softmax(forward(state((4, 3)), X, ()), axis=1)
    model = from_torch(state((4, 3)), classes=["z", "x", "y"])
    np.testing.assert_allclose(model.predict_proba(X), p[:, [1, 2, 0]], rtol=1e-9)
    one = from_torch(state((4, 1)), classes=["yes", "no"])  # the logit is of "no"
    np.testing.assert_allclose(
        one.predict_proba(X)[:, 0], expit(forward(state((4, 1)), X, ()))[:, 0], rtol=1e-9
    )
    assert type(one) is ThalwegClassifier
    assert type(from_torch(state((4, 1)))) is ThalwegRegressor


def test_a_small_network_with_a_known_result():
    """torch 2: Linear(2, 2), Tanh, Linear(2, 1) with these weights gives 0.4621171 at (1, 1)."""
    found = {"0.weight": [[0.5, 0.0], [1.0, -1.0]], "0.bias": [0.0, 0.0],
             "2.weight": [[1.0, 3.0]], "2.bias": [0.0]}  # fmt: skip
    model = from_torch(found, "tanh")
    np.testing.assert_allclose(model.predict([[1.0, 1.0]]), [0.46211715726000975], rtol=1e-12)
    model.fit_more([[1.0, 1.0], [0.0, 1.0]], [1.0, 0.0], epochs=3)
    assert len(model.loss_curve_) == 3


def test_gelu_is_said_to_be_the_form_with_tanh():
    with pytest.warns(ThalwegWarning, match="form with tanh"):
        from_torch(state((4, 3, 1)), "GELU")
    z = np.linspace(-6, 6, 100001)
    apart = np.abs(FORMULAS["gelu"](z) - z / 2 * (1 + erf(z / np.sqrt(2)))).max()
    assert 0.0004 < apart < 0.0005


BASE = state((4, 3, 1))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({**BASE, "1.running_mean": np.zeros(3)}, "normalisation"),
        ({"0.weight": np.ones(3), "0.bias": np.ones(3)}, "normalisation"),
        ({"conv.weight": np.ones((3, 1, 2, 2)), "conv.bias": np.ones(3)}, "convolution"),
        ({"lstm.weight_ih_l0": np.ones((3, 2))}, "no dense layer"),
        ({"0.bias": np.ones(3)}, "a bias and no weight"),
        ({}, "has no layer"),
        ([1, 2], "A list is no state_dict"),
        ({f"{i}.weight": np.ones((1, 1)) for i in range(300)}, "more than 256 layers"),
    ],
)
def test_other_layers_are_refused(found, words):
    with pytest.raises(SettingsError, match=words) as caught:
        from_torch(found)
    assert "Fix: " in str(caught.value)


class Hostile:
    """It answers nothing that it is asked."""

    def __array__(self, *args, **kwargs):
        raise ValueError("no")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"2.weight": np.ones((1, 4))}, "gives 3 outputs, and layer 2 takes 4 inputs"),
        ({"0.bias": np.ones(2)}, "3 units and 2 biases"),
        ({"0.weight": np.full((3, 4), np.nan)}, "NaN, infinite"),
        ({"0.weight": np.full((3, 4), "a")}, "no array of numbers"),
        ({"0.weight": np.full((3, 4), 1j)}, "no array of numbers"),
        ({"0.weight": [[1.0], [1.0, 2.0]]}, "no array of numbers"),
        ({"0.weight": Hostile()}, "no array of numbers"),
        ({"0.weight": None}, "no array of numbers"),
        ({"0.weight": np.ones((3, 0))}, "shape"),
    ],
)
def test_odd_arrays_are_refused(change, words):
    with pytest.raises(DataError, match=words):
        from_torch({**BASE, **change})


def test_settings_that_do_not_fit_the_layers_are_refused():
    with pytest.raises(SettingsError, match=r"2 activations.*1 hidden layer"):
        from_torch(BASE, ("relu", "tanh"))
    with pytest.raises(SettingsError, match="There is no activation 'prelu'"):
        from_torch(BASE, "prelu")
    with pytest.raises(SettingsError, match="has 1 output, and classes names 3"):
        from_torch(BASE, classes=[1, 2, 3])
    with pytest.raises(DataError, match="different labels"):
        from_torch(BASE, classes=[1, 1])
    for names in (["a"], ["a", "a", "b", "c"], ["a", "b", "c", 4]):
        with pytest.raises(SettingsError, match=r"names? of columns"):
            from_torch(BASE, feature_names=names)

    class Module:
        def state_dict(self):
            return BASE

    with pytest.raises(SettingsError, match=r"give model.state_dict\(\)"):
        from_torch(Module())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from_torch(Module().state_dict())


class NoRepr:
    def __repr__(self):
        raise ValueError("no repr")

    __str__ = __repr__


@pytest.mark.parametrize(
    ("changed", "more", "says"),
    [
        ({"0.weight": np.ma.masked_all((3, 2))}, {}, "masked"),
        ({"0.weight": np.ma.array(np.ones((3, 2)), mask=np.eye(3, 2))}, {}, "masked"),
        ({"0.weight": np.broadcast_to(1.0, (10**6, 10**5))}, {}, "too many numbers"),
        ({"0.weight": np.broadcast_to(np.float32(1), (10**5, 10**5))}, {}, "too many numbers"),
        ({}, {"classes": [NoRepr(), 1]}, "labels of one type"),
        ({}, {"classes": ["a", None]}, "labels of one type"),
        ({}, {"feature_names": ["a", NoRepr()]}, "names of columns"),
        ({}, {"activation": object()}, "activation is not a name"),
        ({}, {"activation": [NoRepr()]}, "activation is not a name"),
        ({}, {"activation": None}, "activation is not a name"),
    ],
)
def test_odd_values_have_clear_errors(changed, more, says):
    given = {"0.weight": np.ones((3, 2)), "0.bias": np.zeros(3)}
    given |= {"2.weight": np.ones((1, 3)), "2.bias": np.zeros(1)}
    with pytest.raises((DataError, SettingsError)) as refused:
        from_torch(given | changed, **more)
    assert says in str(refused.value)


# The order of the layers.


@pytest.mark.parametrize("names", [*NAMES, "block{}.lin.weight_of"])
def test_sorted_names_are_in_the_order_of_their_numbers(names):
    """As safetensors stores them: "10.weight" before "2.weight"."""
    found = state([3] * 8 + [1], names)
    texts = dict(sorted(found.items()))
    assert [*texts] != [*found]
    x = np.random.default_rng(1).normal(size=(50, 3))
    expected = forward(found, x, ["relu"] * 7)[:, 0]
    np.testing.assert_allclose(from_torch(texts).predict(x), expected, rtol=1e-9, atol=1e-12)


def test_names_without_numbers_do_if_one_order_fits_the_shapes():
    found = dict(zip(["body.weight", "body.bias", "end.weight", "end.bias"],
                     state([4, 5, 1]).values(), strict=True))  # fmt: skip
    backwards = {key: found[key] for key in reversed(found)}
    expected = forward(found, X, ["relu"])[:, 0]
    for each in (found, backwards):
        np.testing.assert_allclose(from_torch(each).predict(X), expected, rtol=1e-9)


def test_an_order_that_nothing_says_is_refused_and_the_fix_works():
    values = list(state([4, 4, 4, 1]).values())
    names = ["a.weight", "a.bias", "b.weight", "b.bias", "c.weight", "c.bias"]
    found = dict(zip(names, values, strict=True))
    with pytest.raises(SettingsError, match=r"order of the layers is not known.*0\.weight"):
        from_torch(found)
    numbered = {f"{'abc'.index(key[0])}{key[1:]}": value for key, value in found.items()}
    expected = forward(found, X, ["relu"] * 2)[:, 0]
    np.testing.assert_allclose(from_torch(numbered).predict(X), expected, rtol=1e-9)


def test_two_runs_of_numbers_are_in_the_only_order_with_apt_outputs():
    """Decoder before encoder fits the shapes, too, but has two outputs."""
    keys = [f"{run}.{k}.{w}" for run in ("enc", "dec") for k in (0, 2) for w in ("weight", "bias")]
    found = dict(zip(keys, state([4, 3, 2, 3, 4]).values(), strict=True))
    model = from_torch({key: found[key] for key in sorted(found)}, classes=list("wxyz"))
    expected = softmax(forward(found, X, ["relu"] * 3), axis=1)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-6, atol=1e-12)


def test_many_unnamed_layers_are_refused_soon_and_equal_numbers_too():
    many = {f"{chr(97 + k)}x.weight": np.eye(3) for k in range(20)}
    with pytest.raises(SettingsError, match="order of the layers is not known"):
        from_torch(many, classes=[0, 1, 2])
    with pytest.raises(SettingsError, match="same number"):
        from_torch({"1.weight": np.eye(3), "01.weight": np.eye(3)}, classes=[0, 1, 2])


class BrainFloats(Tensor):
    """A tensor of a type that NumPy does not have, such as bfloat16."""

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        raise TypeError("Got unsupported ScalarType BFloat16")

    def double(self):
        return Tensor(np.asarray(self.values, np.float64), "numpy")


def test_a_tensor_of_a_type_that_numpy_lacks_is_taken_as_float64():
    given = state((3, 4, 1))
    plain, brain = from_torch(given), from_torch({k: BrainFloats(v) for k, v in given.items()})
    np.testing.assert_array_equal(brain.theta_, plain.theta_)


def test_a_checkpoint_says_where_its_state_dict_is():
    with pytest.raises(SettingsError, match=r"checkpoint\['model_state_dict'\]"):
        from_torch({"epoch": 3, "model_state_dict": state((3, 1)), "optimizer": {}})


def test_several_outputs_without_classes_are_targets():
    given = state([4, 5, 3], seed=3)
    X = np.random.default_rng(1).normal(size=(6, 4))
    model = from_torch(given, "tanh")
    assert isinstance(model, ThalwegRegressor)
    assert list(model.targets_) == ["0", "1", "2"]
    W, b, V, c = given.values()
    np.testing.assert_allclose(model.predict(X), np.tanh(X @ W.T + b) @ V.T + c, rtol=1e-12)
    with pytest.raises(SettingsError, match=r"2 names of columns are .a."):
        from_torch(given, "tanh", feature_names=list("aacd"))
