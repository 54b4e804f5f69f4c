"""Traces of every kind for the tests of their page, each with its JSON."""

from functools import cache

import numpy as np
from sklearn.datasets import load_diabetes, load_iris

from mixed import mixed
from thalweg import ThalwegClassifier, ThalwegRegressor, load_table
from thalweg.estimators.article_network import ARTICLE_SETTINGS

PLAIN = {"n_bins": 0, "dropout": 0, "early_stopping": False, "random_state": 0}
LOSSES = (
    "quantile:level=0.9", "huber:delta=0.5", "absolute_error", "poisson", "gamma",
    "tweedie:power=1.4",
    "formula:where(z > y, z - y, 3 * (y - z) + sin(y / 9)**2) + 0 * y",
)  # fmt: skip


def complete():
    """The article's table, without the rows that have a missing cell."""
    table = load_table("wisconsin")
    kept = ~table.frame.isna().any(axis=1)
    return table.frame[kept].reset_index(drop=True), table.target[kept].reset_index(drop=True)


@cache
def two_classes():
    """A network of 9-15-1, and the table it was fitted on."""
    frame, target = complete()
    settings = {**PLAIN, "max_iter": 20, "positive": "malignant"}
    return ThalwegClassifier((15,), **settings).fit(frame, target), frame, target


def traced_two():
    model, frame, target = two_classes()
    return model.trace(frame, target, largest=True)


def traced_batch():
    frame, target = complete()
    settings = {**PLAIN, "max_iter": 5, "class_weight": "balanced"}
    model = ThalwegClassifier((6,), **settings).fit(frame, target)
    rows = [1, 4, 7, 100]
    return model.trace(frame.iloc[rows], target[rows], rows=None)


def traced_softmax(hidden=(8,), **more):
    flowers = load_iris(as_frame=True)
    kinds = flowers.target_names[flowers.target]
    model = ThalwegClassifier(hidden, **{**PLAIN, "max_iter": 20}, **more).fit(flowers.data, kinds)
    return model.trace(flowers.data, kinds, largest=True)


def traced_number(loss="squared_error"):
    patients = load_diabetes(as_frame=True, scaled=False)
    settings = {**PLAIN, "max_iter": 10, "loss": loss, "activation": "tanh"}
    model = ThalwegRegressor(hidden_layer_sizes=(5,), **settings)
    model.fit(patients.data, patients.target)
    return model.trace(patients.data, patients.target, largest=True)


def traced_grades(hidden=(5,), rows=None, **more):
    """Four grades of trees, by the quartiles of a number, with cells that are missing."""
    patients = load_diabetes(as_frame=True, scaled=False)
    grades = np.array(["low", "mid", "high", "top"])[np.searchsorted(
        np.quantile(patients.target, [0.25, 0.5, 0.75]), patients.target)]  # fmt: skip
    frame = patients.data.mask(np.random.default_rng(1).uniform(size=patients.data.shape) < 0.1)
    settings = {**PLAIN, "max_iter": 10, "loss": "ordinal", **more}
    model = ThalwegClassifier(hidden, grades=["low", "mid", "high", "top"], **settings)
    model.fit(frame, grades, sample_weight=1.0 + np.arange(len(grades)) % 3)
    if rows is None:
        return model.trace(frame, grades, largest=True)
    return model.trace(frame.iloc[rows], grades[rows], rows=[row + 1 for row in rows])


def traced_deep():
    """Two hidden layers, one of them too large to be drawn whole, and numbers in bins."""
    frame, target = complete()
    settings = {**PLAIN, "max_iter": 5, "n_bins": 8}
    model = ThalwegClassifier((30, 8), **settings).fit(frame, target)
    return model.trace(frame, target, largest=True)


def traced_categories():
    frame, target = mixed(120)
    model = ThalwegClassifier((7,), **{**PLAIN, "max_iter": 5, "n_bins": 4}).fit(frame, target)
    return model.trace(frame, target, largest=True)


def traced_article():
    frame, target = complete()
    settings = {**ARTICLE_SETTINGS, "batch_size": len(target), "max_iter": 60, "random_state": 0}
    model = ThalwegClassifier(**settings).fit(frame, target)
    return model.trace(frame, target, largest=True)


KINDS = {
    "two": traced_two,
    "batch": traced_batch,
    "softmax": traced_softmax,
    "number": traced_number,
    "deep": traced_deep,
    "categories": traced_categories,
    "article": traced_article,
    "four": lambda: traced_softmax((5, 4, 4, 3), activation="silu"),
    "grades": traced_grades,
    "grades batch": lambda: traced_grades((6, 4), [3, 8, 40], activation="tanh"),
    "grades linear": lambda: traced_grades(()),
    "linear": lambda: traced_softmax(()),
    **{text.partition(":")[0]: (lambda text=text: traced_number(text)) for text in LOSSES},
}


def numbers_of(data):
    """Every number that the page may show, by its place: JSON, products of the sums, and W · dZ."""
    found = []

    def gather(value):
        for each in value.values() if isinstance(value, dict) else value:
            if isinstance(each, dict | list):
                gather(each)
            elif isinstance(each, int | float):
                found.append(float(each))

    gather(data)
    nodes = {node["name"]: node for node in data["nodes"]}
    for one in data["passes"]:
        before = np.array(one["X"])
        for layer, passed in zip(data["layers"], one["layers"], strict=True):
            W = np.array(nodes[layer["W"]]["value"])
            dZ = np.array(passed["dZ"])
            for products in (W * before, W * dZ[:, None], np.outer(dZ, before)):
                found += products.ravel().tolist()
            before = np.array(passed["A"])
    return np.unique(np.array([*found, 0.5, 1.0]))
