"""`from_torch` beside PyTorch itself: `make torch-networks` runs it where PyTorch is installed."""

import itertools

import numpy as np
import pytest
import torch
from scipy.special import expit, softmax

from thalweg import from_torch


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("classes", [None, ["no", "yes"], ["c", "a", "b"]])
def test_the_answers_are_those_of_pytorch(dtype, depth, classes):
    n_outputs = 1 if classes is None or len(classes) == 2 else len(classes)
    sizes = [4, 7, 6, 5][: depth + 1]
    layers = []
    for pair in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(*pair), torch.nn.Tanh()]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], n_outputs))
    net = net.to(getattr(torch, dtype))
    X = np.random.default_rng(depth).normal(size=(20, 4))
    of_parallel = {f"module.{name}": each for name, each in net.named_parameters()}
    model = from_torch(of_parallel, "tanh", classes=classes)
    z = net.double()(torch.tensor(X)).detach().numpy()
    if classes is None:
        np.testing.assert_allclose(model.predict(X), z[:, 0], atol=1e-12)
        return
    found = model.predict_proba(X)
    expected = softmax(z, axis=1)[:, np.argsort(classes)] if n_outputs > 1 else expit(z[:, 0])
    np.testing.assert_allclose(found if n_outputs > 1 else found[:, 1], expected, atol=1e-12)
